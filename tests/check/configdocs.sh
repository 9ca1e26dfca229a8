#!/bin/sh
# Compares the tables of keys with the sample files and the manual.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC
set -eu
export LC_ALL=C

top=${srcdir:-$(dirname "$0")}/../..
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

# compare FILE NAME
compare() {
	if ! diff "$tmp/code" "$tmp/$1" >"$tmp/diff"; then
		sed -n -e "s|^< |missing in $2: |p" \
		    -e "s|^> |not a key, but in $2: |p" "$tmp/diff"
		return 1
	fi
}

# check TABLE FILE: the sample is conf/FILE, the manual man/FILE.5
check() {
	# One row a line: KEY(name, ...
	sed -n 's/^[[:blank:]]*KEY(\([a-z0-9_]*\),.*/\1/p' "$top/$1" |
	    sort >"$tmp/code"
	sed -n 's/^#\([a-z0-9_]*\) = .*/\1/p' "$top/conf/$2" |
	    sort >"$tmp/sample"
	sed -n 's/^\.It Ic \([a-z0-9_]*\).*/\1/p' "$top/man/$2.5" |
	    sort >"$tmp/manual"
	if [ ! -s "$tmp/code" ]; then
		echo "no rows found in $1"
		exit 1
	fi
	if [ "$(uniq -d "$tmp/sample" | wc -l)" -ne 0 ]; then
		echo "twice in conf/$2: $(uniq -d "$tmp/sample")"
		exit 1
	fi
	compare sample "conf/$2" || status=1
	compare manual "man/$2.5" || status=1
	[ $status -ne 0 ] ||
		echo "$2: $(wc -l <"$tmp/code") keys are documented"
}

check lib/core/config.c b3scale.conf
check agent/settings.c agent.conf
exit $status
