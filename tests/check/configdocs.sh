#!/bin/sh
# Compares the keys of lib/core/config.c with the sample file and the manual.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC
set -eu
export LC_ALL=C

top=${srcdir:-$(dirname "$0")}/../..
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# One row a line: KEY(name, ...
sed -n 's/^[[:blank:]]*KEY(\([a-z0-9_]*\),.*/\1/p' "$top/lib/core/config.c" |
    sort >"$tmp/code"
sed -n 's/^#\([a-z0-9_]*\) = .*/\1/p' "$top/conf/b3scale.conf" |
    sort >"$tmp/sample"
sed -n 's/^\.It Ic \([a-z0-9_]*\).*/\1/p' "$top/man/b3scale.conf.5" |
    sort >"$tmp/manual"

if [ ! -s "$tmp/code" ]; then
	echo "no rows found in lib/core/config.c"
	exit 1
fi
if [ "$(uniq -d "$tmp/sample" | wc -l)" -ne 0 ]; then
	echo "twice in conf/b3scale.conf: $(uniq -d "$tmp/sample")"
	exit 1
fi

# compare FILE NAME
compare() {
	if ! diff "$tmp/code" "$tmp/$1" >"$tmp/diff"; then
		sed -n -e "s|^< |missing in $2: |p" \
		    -e "s|^> |not a key, but in $2: |p" "$tmp/diff"
		return 1
	fi
}

status=0
compare sample conf/b3scale.conf || status=1
compare manual man/b3scale.conf.5 || status=1
[ $status -ne 0 ] || echo "$(wc -l <"$tmp/code") keys are documented"
exit $status
