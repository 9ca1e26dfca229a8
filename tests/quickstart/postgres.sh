# quickstart: its PostgreSQL.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

# The newest PostgreSQL server here.
find_pg() {
	local d
	d=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
	[ -x "$d" ] || d=$(command -v initdb) || return
	dirname "$d"
}

# PostgreSQL refuses to run as root.
as_pg() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && setpriv --reuid=postgres --regid=postgres \
		    --init-groups "$@")
	else
		"$@"
	fi
}

# The folder of the database: in $dir, unless its user cannot get there or
# the path is too long for a socket.
place_pg() {
	if [ -n "${pg_dir:-}" ] && [ -d "$pg_dir/data" ]; then
		return
	fi
	pg_dir=$dir/pg
	mkdir -p "$pg_dir" || die "cannot make $pg_dir"
	[ "$(id -u)" -ne 0 ] || chown postgres: "$pg_dir"
	chmod 700 "$pg_dir"
	if [ ${#pg_dir} -gt 80 ] || ! as_pg test -w "$pg_dir"; then
		rmdir "$pg_dir"
		pg_dir=$(mktemp -d /var/tmp/b3scale-XXXXXX) ||
		    die "cannot write in /var/tmp"
		[ "$(id -u)" -ne 0 ] || chown postgres: "$pg_dir"
	fi
}

init_pg() {
	rm -rf "$pg_dir/data"
	as_pg sh -c 'umask 077; echo "$1" >"$2/pw" &&
	    "$3/initdb" -D "$2/data" -U postgres --auth=scram-sha-256 \
	    --pwfile="$2/pw" --encoding=UTF8 --locale=C.UTF-8; s=$?
	    rm -f "$2/pw"; exit $s' sh "$pg_password" "$pg_dir" "$pg_bin"
}

pg_conf() {
	local max=200
	[ $((workers + 100)) -le $max ] || max=$((workers + 100))
	cat <<-END
	listen_addresses = '127.0.0.1'
	port = $pg_port
	unix_socket_directories = '$pg_dir'
	max_connections = $max
	shared_preload_libraries = 'pg_stat_statements'
	fsync = on
	END
}

pg_ctl() { as_pg "$pg_bin/pg_ctl" -D "$pg_dir/data" -s "$@"; }

pg_alive() { [ -n "${pg_dir:-}" ] && pg_ctl status >/dev/null 2>&1; }

start_pg() {
	local try
	place_pg
	save_settings
	[ -f "$pg_dir/data/PG_VERSION" ] ||
	    run "Making a database cluster in $pg_dir" \
	    "$dir/log/postgres-init.log" init_pg
	for try in 1 2 3; do
		port_again pg_port
		pg_conf | as_pg tee "$pg_dir/data/b3scale.conf" >/dev/null
		as_pg grep -q '^include.*b3scale' "$pg_dir/data/postgresql.conf" ||
		    echo "include 'b3scale.conf'" |
		    as_pg tee -a "$pg_dir/data/postgresql.conf" >/dev/null
		# 8 and 9 are our locks.
		if pg_ctl -w -t 60 -l "$pg_dir/postgres.log" start 8>&- 9>&-; then
			return
		fi
		pg_port=
	done
	die "PostgreSQL does not start" "$pg_dir/postgres.log"
}

admin_sql() {
	PGPASSWORD=$pg_password "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -A -t \
	    -h 127.0.0.1 -p "$pg_port" -U postgres "$@"
}

sql() {
	PGPASSWORD=$db_password "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -A -t \
	    -h 127.0.0.1 -p "$pg_port" -U b3scale "$@" b3scale
}

quote() { printf "'%s'" "${1//\'/\'\'}"; }

make_database() {
	admin_sql postgres <<-END || return
	SELECT 'CREATE ROLE b3scale LOGIN CREATEDB' WHERE NOT EXISTS
	    (SELECT FROM pg_roles WHERE rolname = 'b3scale') \gexec
	ALTER ROLE b3scale PASSWORD $(quote "$db_password");
	GRANT pg_monitor TO b3scale;
	SELECT 'CREATE DATABASE b3scale OWNER b3scale' WHERE NOT EXISTS
	    (SELECT FROM pg_database WHERE datname = 'b3scale') \gexec
	END
	admin_sql b3scale <<-END || return
	SET client_min_messages = warning;
	CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
	GRANT EXECUTE ON FUNCTION pg_stat_statements_reset TO b3scale;
	END
	"$build/sql/b3scale-schema" -s "$src/sql" -f "$dir/b3scale.conf" apply
}
