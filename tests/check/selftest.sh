#!/bin/sh
# The checks of this folder refuse what they are there to refuse.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

here=$(cd "${srcdir:-$(dirname "$0")}" && pwd) || exit 1
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

fail() {
	printf '%s\n' "FAILED: $1" "$2"
	failed=1
}

# A tree with one file, whose second line is given.
plant() {	# file, line
	rm -rf "$tree"/*
	mkdir -p "$tree/lib/base" "$tree/$(dirname "$1")"
	printf '%s\n' '/* on the first line */' "$2" >"$tree/$1"
}

refused() {	# file, line, what is said of it
	plant "$1" "$2"
	if said=$(sh "$here/layers.sh" "$tree" 2>&1); then
		fail "$1: $2" "was taken"
	elif [ "$said" != "$1:2: $3" ]; then
		fail "$1: $2" "said '$said'"
	fi
}

taken() {	# file, line
	plant "$1" "$2"
	said=$(sh "$here/layers.sh" "$tree" 2>&1) || fail "$1: $2" "$said"
}

inc() {
	printf '#include "%s"' "$1"
}

# a lower layer includes a higher one, a program another
for pair in base:proto base:store base:core proto:store proto:core \
    store:core base:fcgi core:fcgi core:cron store:ctl proto:agent; do
	from=lib/${pair%:*} to=${pair#*:}
	refused "$from/a.c" "$(inc "$to/b.h")" "$from must not include $to/b.h"
	refused "$from/a.h" "$(inc "$to/b.h")" "$from must not include $to/b.h"
done
for pair in fcgi:cron fcgi:agent fcgi:ctl cron:fcgi cron:ctl agent:fcgi \
    ctl:agent agent:store agent:core ctl:store ctl:core; do
	from=${pair%:*} to=${pair#*:}
	refused "$from/a.c" "$(inc "$to/b.h")" "$from must not include $to/b.h"
done
refused lib/core/gateway/a.c "$(inc fcgi/b.h)" \
    'lib/core must not include fcgi/b.h'
refused tests/bbbsim/a.c "$(inc base/buf.h)" \
    'tests/bbbsim must not include base/buf.h'

# ways round it
refused lib/base/a.c '#include <store/db.h>' \
    'lib/base must not include store/db.h'
refused lib/base/a.c '  #  include	"store/db.h"' \
    'lib/base must not include store/db.h'
refused lib/base/a.c "$(inc ../store/db.h)" \
    '../store/db.h is included by its place, not its layer'
refused lib/base/a.c "$(inc base/../store/db.h)" \
    'base/../store/db.h is included by its place, not its layer'
refused lib/base/a.c "$(inc lib/store/db.h)" \
    'lib/store/db.h belongs to no layer'
refused lib/base/a.c "$(inc arena.h)" 'arena.h is included without its layer'
refused lib/base/a.c '#include DB_H' 'the include cannot be read'

# libpq
for dir in lib/base lib/proto agent ctl tests/bbbsim; do
	refused $dir/a.c '#include <libpq-fe.h>' "$dir must not need libpq"
	refused $dir/a.c "$(inc postgresql/libpq-fe.h)" \
	    "$dir must not need libpq"
done

# SQL, in whatever case and wherever the literal ends
sql='SQL outside lib/store'
for dir in lib/base lib/proto lib/core fcgi cron agent ctl; do
	refused $dir/a.c '	run("SELECT id FROM meetings");' "$sql"
done
for text in 'SELECT 1' 'SELECT ' ' (SELECT $1' 'SELECT %s FROM meetings' \
    'INSERT INTO meetings' 'UPDATE meetings' 'WITH x AS (DELETE FROM y' \
    'select id from meetings where id = $1' \
    'select a.id from a left join b on a.id = b.id' \
    'insert into meetings (id)' 'update meetings set id = $1' \
    'delete from meetings where id = 1' \
    'a \" quote, SELECT id'; do
	refused fcgi/a.c "	run(\"$text\");" "$sql"
done
refused fcgi/a.c "	run('\"', \"SELECT id\");" "$sql"
refused fcgi/a.c '	run("first", "SELECT id", "SELECT id");' "$sql"

# what is no offence
taken lib/core/a.c "$(inc store/db.h)"
taken lib/core/gateway/a.c "$(inc core/gateway/call.h)"
taken lib/store/a.c '#include <libpq-fe.h>'
taken lib/store/a.c '	"SELECT id FROM meetings",'
taken lib/base/a.c '#include <sys/mman.h>'
taken lib/base/a.c "$(inc config.h)"
taken fcgi/a.c "$(inc io.h)"
taken fcgi/a.c "$(inc fcgi/io.h)"
taken fcgi/a.c "$(inc core/call.h)"
taken fcgi/a.c '	{ "DELETE", "/api/v1/frontends", "UPDATE" },'
taken fcgi/a.c '	log_info("select a server from the list");'
taken fcgi/a.c '	log_info("could not update the set = %d", SELECT);'
taken fcgi/a.c ' * "SELECT id FROM meetings" would be wrong here'
taken agent/a.c '	redisCommand(c, "SELECT %d", n);'
taken tests/bbbsim/a.c "$(inc create.h)"
taken tests/store/a.c '	"SELECT id FROM meetings"'

# several offences, each told
plant lib/base/a.c "$(inc core/b.h)"
printf '%s\n' "$(inc store/db.h)" >"$tree/lib/base/b.c"
said=$(sh "$here/layers.sh" "$tree" 2>&1) && fail 'two offences' 'were taken'
[ "$said" = "lib/base/a.c:2: lib/base must not include core/b.h
lib/base/b.c:1: lib/base must not include store/db.h" ] ||
    fail 'two offences' "$said"

# somewhere else altogether
rm -rf "$tree"/*
said=$(sh "$here/layers.sh" "$tree" 2>&1) && fail 'no source' 'was taken'
[ "$said" = "$tree: no lib/base: not our source" ] || fail 'no source' "$said"

# Manual pages: the status is wanted, and a word on what is wrong.
page() {	# status, word, what it is about
	said=$(sh "$here/mandoc.sh" "$tree" 2>&1)
	rc=$?
	[ $rc -eq "$1" ] || fail "$3" "status $rc: $said"
	case $said in
	*"$2"*) ;;
	*) fail "$3" "said '$said'" ;;
	esac
}

good='.Dd January 5, 2026
.Dt TEST 8
.Os
.Sh NAME
.Nm test
.Nd is a test
.Sh DESCRIPTION
Text.'

saved=$MANDOC
MANDOC=$tree/none
export MANDOC
page 77 'no mandoc here' 'a missing mandoc'
MANDOC=${saved:-mandoc}
if command -v "$MANDOC" >/dev/null 2>&1; then
	page 1 'man: no manual pages' 'no pages'
	mkdir "$tree/man"
	printf '%s\n' "$good" >"$tree/man/a.8"
	page 0 '' 'a good page'
	printf '%s\n' "$good" '.Xx' >"$tree/man/b.8"
	printf '%s\n' "$good" >"$tree/man/c.8"
	page 1 'b.8:9:2: ERROR: skipping unknown macro: .Xx' 'a bad page'
	printf '%s\n' "$good" '.Sh NAME' >"$tree/man/b.8"
	page 1 'b.8:9:2: WARNING: ' 'a page with a warning'
fi

exit $failed
