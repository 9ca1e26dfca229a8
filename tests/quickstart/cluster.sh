# quickstart: its frontend and servers, and how to try them.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

ctl() {
	B3SCALE_API_URL=$url B3SCALE_API_JWT_SECRET=$jwt_secret \
	    B3SCALE_DB_URL=$db_url "$build/ctl/b3scalectl" "$@"
}

json() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }

frontends_json() {
	printf '{"frontends": [{"bbb": {"key": "demo", "secret": %s},' \
	    "$(json "$frontend_secret")"
	printf '"bare_path": true}]}'
}

backends_json() {
	local b comma=
	printf '{"backends": ['
	for b in "${bbb[@]}"; do
		printf '%s{"bbb": {"host": %s, "secret": %s},' "$comma" \
		    "$(json "${b%%,*}")" "$(json "${b#*,}")"
		printf '"admin_state": "ready"}'
		comma=,
	done
	printf ']}'
}

# 64: it is so already.
apply() { ctl apply -f - "$@" || [ $? -eq 64 ]; }

make_cluster() {
	[ -z "$simulated" ] || until_true 30 all_registered || return
	# What an admin made of the frontend stays.
	ctl show frontend demo >/dev/null 2>&1 ||
	    frontends_json | apply || return
	# Who is not named this time goes as soon as it is empty.
	backends_json | apply --prune -y
}

# Those that were polled and take meetings, so their agents speak, too.
ready_count() {
	ctl show backends -o keyvalue |
	    awk '/^node_state=/ { node = $0 }
		$0 == "state=placeable" && node == "node_state=ready" { n++ }
		END { print n + 0 }'
}

all_ready() { [ "$(ready_count)" -ge ${#bbb[@]} ]; }

# ---- Trying it

# link CALL QUERY
link() {
	local sum
	sum=$(printf '%s%s%s' "$1" "$2" "$frontend_secret" |
	    sha256sum | cut -d' ' -f1)
	printf '%s/%s?%s&checksum=%s' "$frontend_url" "$1" "$2" "$sum"
}

links() {
	create_link=$(link create "name=Demo&meetingID=demo&attendeePW=ap&moderatorPW=mp")
	join_link=$(link join "fullName=Ada&meetingID=demo&password=mp&redirect=true")
}

try_links() {
	curl -s -m 30 "$create_link" >"$dir/log/create.xml"
	grep -q '<returncode>SUCCESS' "$dir/log/create.xml" ||
	    die "create did not succeed" "$dir/log/create.xml"
	[ "$(curl -s -m 30 -o "$dir/log/join.html" -w '%{http_code}' \
	    "$join_link")" = 302 ] ||
	    die "join did not lead to a server" "$dir/log/join.html"
}

addresses() {
	url=http://127.0.0.1:$port
	frontend_url=$url/bbb/demo/bigbluebutton/api
}

write_env() {
	(umask 077; cat >"$dir/env") <<-END
	B3SCALE_URL='$url'
	B3SCALE_FRONTEND_URL='$frontend_url'
	B3SCALE_FRONTEND_SECRET='$frontend_secret'
	B3SCALE_DB_URL='$db_url'
	B3SCALE_API_URL='$url'
	B3SCALE_API_JWT_SECRET='$jwt_secret'
	END
}

again() { printf '%q ' "$0" --dir "$dir"; }

servers_told() {
	if [ -n "$simulated" ]; then
		echo "two simulated ones, each with its agent"
	else
		echo "yours, without agents: they are polled every 10 s"
	fi
}

print_summary() {
	cat <<-END

	b3scale runs behind $web at $url
	  a frontend's address  $frontend_url/
	  as on a BBB server    $url/bigbluebutton/api/
	  its secret            $frontend_secret
	  its BBB servers       $(servers_told)

	To try: create a meeting, then open its join link in a browser
	  create  curl '$create_link'
	  join    $join_link

	To manage it, after  set -a; eval "\$($(again)env)"; set +a
	  $build/ctl/b3scalectl show backends
	  $build/ctl/b3scalectl set frontend --secret S moodle
	  $build/ctl/b3scalectl top

	Logs are in $dir/log
	To stop: $(again)stop
	END
}
