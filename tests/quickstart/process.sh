# quickstart: processes, what is remembered of them, and ports.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

# ---- Processes: each in a session of its own, known by id and start time

# When a process began; nothing if it has ended, waited for or not.
started_at() {
	[ -r "/proc/$1/stat" ] &&
	    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null |
	    awk '$1 != "Z" { print $20 }'
}

# spawn NAME COMMAND...
spawn() {
	local name=$1 file=$dir/pids/$1
	shift
	rm -f "$file"
	setsid sh -c 'echo $$ >"$0"; exec "$@"' "$file" "$@" \
	    </dev/null >>"$dir/log/$name.log" 2>&1 8>&- 9>&- &
	until_true 5 test -s "$file" || die "$name does not start" "$dir/log/$name.log"
	started_at "$(cat "$file")" >>"$file"
}

alive() {
	local lines
	[ -s "$dir/pids/$1" ] || return 1
	mapfile -t lines <"$dir/pids/$1"
	[ "$(started_at "${lines[0]}")" = "${lines[1]:-ended}" ]
}

pid_of() { head -n 1 "$dir/pids/$1"; }

session_ended() { ! ps -s "$1" -o stat= | grep -qv '^Z'; }

# end NAME SECONDS: all of its session; what does not end is killed.  Of a
# pool the leader is told first: a multiwatch whose workers end before it knows
# why starts new ones, and their TERM can get lost while they start.
end() {
	local pid
	if alive "$1"; then
		pid=$(pid_of "$1")
		case $1 in
		state | forward)
			kill -TERM "$pid" 2>/dev/null
			until_true 1 session_ended "$pid" || :
			;;
		esac
		kill -TERM -- "-$pid" 2>/dev/null
		if ! until_true "$2" session_ended "$pid"; then
			kill -KILL -- "-$pid" 2>/dev/null
			until_true 5 session_ended "$pid" || say "$1: $pid does not end"
		fi
		say "$1 stopped"
	fi
	rm -f "$dir/pids/$1"
}

# ---- Settings that last from one start to the next

save_settings() {
	local v
	for v in port web workers pg_dir pg_port run_dir simulated sim_port \
	    redis_port pg_password db_password frontend_secret sim_secret \
	    jwt_secret; do
		printf '%s=%q\n' "$v" "${!v:-}"
	done >"$dir/settings.tmp" && mv "$dir/settings.tmp" "$dir/settings"
}

load_settings() {
	# shellcheck disable=SC1091
	[ ! -f "$dir/settings" ] || . "$dir/settings"
}

random() { openssl rand -hex "$1"; }

# free_port [WANTED]: that one or none; without it one that is free now.
free_port() {
	perl -MSocket -e '
		socket(my $s, PF_INET, SOCK_STREAM, 0) or exit 1;
		setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
		bind($s, sockaddr_in($ARGV[0] || 0, INADDR_LOOPBACK)) or exit 1;
		listen($s, 1) or exit 1;
		print((sockaddr_in(getsockname($s)))[0], "\n");' "${1:-0}"
}

# port_again NAME: the one used last time if it is free, else another one.
port_again() {
	local -n again=$1
	[ -n "${again:-}" ] && free_port "$again" >/dev/null ||
	    again=$(free_port) || die "no free port"
}

# ports_again NAME: the same for two in a row.
ports_again() {
	local -n first=$1
	local try
	if [ -n "${first:-}" ] && free_port "$first" >/dev/null &&
	    free_port $((first + 1)) >/dev/null; then
		return
	fi
	for try in 1 2 3 4 5 6 7 8 9; do
		first=$(free_port) && [ "$first" -lt 65535 ] &&
		    free_port $((first + 1)) >/dev/null && return
	done
	die "no two free ports in a row"
}

# A path for UNIX sockets may have 107 bytes.
short_dir() { mktemp -d "/tmp/b3scale-XXXXXX" || die "cannot write in /tmp"; }
