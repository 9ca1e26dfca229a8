#!/bin/sh
# Each manual page is free of mandoc's warnings.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC
#
# usage: mandoc.sh [source folder]; 77 (skipped) where mandoc is missing.

root=${1:-${srcdir:-$(dirname "$0")}/../..}
mandoc=${MANDOC:-mandoc}

if ! command -v "$mandoc" >/dev/null 2>&1; then
	echo "no mandoc here"
	exit 77
fi
cd "$root" || exit 1
rc=0
for page in man/*.[1-8]; do
	if [ ! -f "$page" ]; then
		echo "$root/man: no manual pages" >&2
		exit 1
	fi
	said=$("$mandoc" -Tlint -Wwarning "$page" 2>&1) || rc=1
	if [ -n "$said" ]; then
		printf '%s\n' "$said"
		rc=1
	fi
done
exit $rc
