# Installs what is missing: Debian's names of what we need.  Sourced by
# quickstart and runtests, which have bash.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

packages_build="gcc make autoconf automake pkg-config libfcgi-dev libpq-dev
    libjansson-dev libcurl4-openssl-dev libexpat1-dev libssl-dev
    libjwt-dev libhiredis-dev libmicrohttpd-dev"
packages_run="postgresql redis-server spawn-fcgi multiwatch curl procps openssl"
packages_test="check clang libclang-rt-dev mandoc nginx lighttpd
    python3-pytest python3-requests python3-psycopg2 python3-jsonschema
    zsh fish"

# packages_missing NAME...: those of them that are not installed.
packages_missing() {
	local p
	for p; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
		    grep -q '^install ok installed$' || printf '%s ' "$p"
	done
}

# packages_root: what makes a command run as root; fails if nothing does.
packages_root() {
	if [ "$(id -u)" -ne 0 ]; then
		sudo -n true 2>/dev/null || return 1
		echo "sudo -n"
	fi
}

# packages_install NAME...: the servers that they bring are not started, for
# they are not ours to run.
packages_install() {
	local policy=/usr/sbin/policy-rc.d ours='' status=0 root
	root=$(packages_root) || return
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | $root tee $policy >/dev/null
		$root chmod 755 $policy
		ours=yes
	fi
	$root env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
	    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
	    --no-install-recommends "$@" || status=$?
	[ -z "$ours" ] || $root rm -f $policy
	return $status
}
