#!/bin/sh
# Every command and option of b3scalectl stands in its manual.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC
#
# usage: ctldocs.sh [source folder]; prints what is missing.

root=${1:-${srcdir:-$(dirname "$0")}/../..}
cd "$root" || exit 1
page=man/b3scalectl.1

commands=$(sed -n '/ commands\[\]/,/^};/s/^	{ "\([a-z_ -]*\)", ".*/\1/p' ctl/table.c)
options=$(sed -n 's/^	\[OPT_[A-Z_]*\] = { "\([a-z-]*\)".*/\1/p' ctl/opt.c)
if [ -z "$commands" ] || [ -z "$options" ]; then
	echo "$root: no commands and options found" >&2
	exit 1
fi

bad=0
missing() {
	echo "$page: no $1"
	bad=1
}

# Our names hold no blanks but one.
IFS='
'
for c in $commands; do
	grep -q "^\.It Cm $c\( \|\$\)" $page || missing "command $c"
done
for o in $options; do
	grep -q "^\.It Fl.* -$o\( \|\$\)" $page || missing "option --$o"
done
exit $bad
