# quickstart: what it says, what has to be installed, how it is built.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

say() { printf '%s\n' "$*"; }

# die TEXT [LOG]
die() {
	printf 'quickstart: %s\n' "$1" >&2
	if [ -n "${2:-}" ]; then
		printf 'The end of %s:\n' "$2" >&2
		tail -n 15 "$2" 2>/dev/null | sed 's/^/    /' >&2
	fi
	exit 1
}

# run TEXT LOG COMMAND...: shows that time passes, and the log on failure.
run() {
	local text=$1 log=$2 pid status=0
	shift 2
	printf '%s ' "$text"
	SECONDS=0
	"$@" >>"$log" 2>&1 </dev/null 9>&- &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		sleep 0.2
		[ $((SECONDS / 2)) -le ${dots:-0} ] || { printf .; dots=$((SECONDS / 2)); }
	done
	wait $pid || status=$?
	unset dots
	if [ $status -ne 0 ]; then
		say "failed"
		die "\"$*\" failed" "$log"
	fi
	say "done (${SECONDS} s)"
}

# until_true SECONDS COMMAND...
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# ---- What must be installed

# shellcheck source=tests/packages.sh
. "$src/tests/packages.sh"

check_programs() {
	local c
	for c in cc make autoconf automake pkg-config spawn-fcgi multiwatch \
	    redis-server curl openssl perl "$web"; do
		PATH=$PATH:/usr/sbin command -v "$c" >/dev/null ||
		    die "$c is not installed (README.md names all that is needed)"
	done
}

install_packages() {
	local missing
	if ! command -v dpkg-query >/dev/null; then
		check_programs
		return
	fi
	# shellcheck disable=SC2086
	missing=$(packages_missing $packages_run $packages_build "$web")
	[ -n "$missing" ] || return 0
	packages_root >/dev/null ||
	    die "please install as root: apt-get install $missing"
	# shellcheck disable=SC2086
	run "Installing ${missing% }" "$dir/log/install.log" \
	    packages_install $missing
}

# ---- Building

build_all() {
	local d
	cd "$src" || return
	if [ ! -x configure ] || [ configure.ac -nt configure ]; then
		./bootstrap || return
	fi
	mkdir -p "$build" && cd "$build" || return
	[ -f config.status ] || "$src/configure" -q || return
	# Neither the manual nor the other tests are needed.
	for d in lib/base lib/proto lib/store lib/core fcgi cron agent ctl \
	    sql tests/bbbsim
	do
		make -C $d -j"$(nproc)" || return
	done
}

build() {
	mkdir -p "$build" || die "cannot make $build"
	# Another quickstart may be building in the same tree.
	exec 8>"$build/.quickstart.lock"
	flock 8
	run "Building" "$dir/log/build.log" build_all
	exec 8>&-
}
