#!/bin/sh
# Knowledge goes one way: base, proto, store, core, programs; SQL stays in
# lib/store, and what runs without a database never sees libpq.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC
#
# usage: layers.sh [source folder]; prints file:line of each offence.

root=${1:-${srcdir:-$(dirname "$0")}/../..}
cd "$root" || exit 1
if [ ! -d lib/base ]; then
	echo "$root: no lib/base: not our source" >&2
	exit 1
fi

dirs=
for dir in lib/base lib/proto lib/store lib/core fcgi cron agent ctl \
    tests/bbbsim; do
	[ -d $dir ] && dirs="$dirs $dir"
done

# Our paths hold no blanks.
exec awk '
BEGIN {
	allow["lib/base"] = " base "
	allow["lib/proto"] = " base proto "
	allow["lib/store"] = " base proto store "
	allow["lib/core"] = " base proto store core "
	allow["fcgi"] = " base proto store core fcgi "
	allow["cron"] = " base proto store core cron "
	# these two run where there is no libpq
	allow["agent"] = " base proto agent "
	allow["ctl"] = " base proto ctl "
	# an error of ours must not hide in what judges us
	allow["tests/bbbsim"] = " "
	ours = " base proto store core fcgi cron agent ctl "
	without_pq = " lib/base lib/proto agent ctl tests/bbbsim "
}

function offence(text) {
	print FILENAME ":" FNR ": " text
	bad = 1
}

function is_in(list, word) {
	return index(list, " " word " ") > 0
}

function check_include(quoted, path,	top) {
	top = path
	sub(/\/.*/, "", top)
	if (path ~ /(^|\/)\.\.?\//)
		offence(path " is included by its place, not its layer")
	else if (path ~ /^(libpq|postgres_ext|postgresql\/|pg_config)/) {
		if (is_in(without_pq, dir))
			offence(dir " must not need libpq")
	} else if (index(path, "/") > 0 && is_in(ours, top)) {
		if (!is_in(allow[dir], top))
			offence(dir " must not include " path)
	} else if (quoted && index(path, "/") > 0)
		offence(path " belongs to no layer")
	else if (quoted && dir ~ /^lib\// && path != "config.h")
		offence(path " is included without its layer")
}

# Upper case needs little more than the keyword, lower case a whole clause:
# English selects, updates and deletes, too.
function is_sql(s) {
	if (s ~ /(^|[^A-Za-z_])SELECT +([A-Za-z0-9_*($]|$)/ ||
	    s ~ /(^|[^A-Za-z_])SELECT .* FROM/ ||
	    s ~ /(^|[^A-Za-z_])(INSERT INTO|DELETE FROM)/ ||
	    s ~ /(^|[^A-Za-z_])UPDATE +[A-Za-z_]/)
		return 1
	s = " " tolower(s)
	return s ~ /[^a-z_]select .* from +[a-z_.]+ +(where|order by|limit) / ||
	    s ~ /[^a-z_]select .* from +[a-z_.]+ .*join / ||
	    s ~ /[^a-z_]insert into +[a-z_.]+ *(\(|values|select)/ ||
	    s ~ /[^a-z_]update +[a-z_.]+ +set +[a-z_]+ *=/ ||
	    s ~ /[^a-z_]delete from +[a-z_.]+ +where /
}

FNR == 1 {
	dir = FILENAME
	if (dir ~ /^(lib|tests)\//)
		match(dir, /^[^\/]*\/[^\/]*/)
	else
		match(dir, /^[^\/]*/)
	dir = substr(dir, RSTART, RLENGTH)
}

/^[ \t]*#[ \t]*include/ {
	line = $0
	sub(/^[ \t]*#[ \t]*include[ \t]*/, "", line)
	if (match(line, /^("[^"]*"|<[^>]*>)/))
		check_include(substr(line, 1, 1) == "\"",
		    substr(line, 2, RLENGTH - 2))
	else
		offence("the include cannot be read")
	next
}

# lines of a comment
/^[ \t]*(\/\*|\*)/ { next }

dir != "lib/store" {
	line = $0
	gsub(/\047\\?"\047/, "", line)		# the character, no text
	while (match(line, /"([^"\\]|\\.)*"/)) {
		if (is_sql(substr(line, RSTART + 1, RLENGTH - 2))) {
			offence("SQL outside lib/store")
			break
		}
		line = substr(line, RSTART + RLENGTH)
	}
}

END { exit bad }
' $(find $dirs -name '*.[ch]' | LC_ALL=C sort) /dev/null
