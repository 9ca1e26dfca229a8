# quickstart: workers, jobs and the web server before them.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

write_conf() {
	(umask 077; cat >"$dir/b3scale.conf") <<-END
	db_url = $db_url
	run_dir = $run_dir
	pages_dir = $src/www/pages
	spool_dir = $dir/spool
	log_target = stderr
	log_level = info
	api_jwt_secret = $jwt_secret
	END
	# Only simulated servers reach us here, and frontends beside us.
	[ ${#bbb[@]} -gt 0 ] || cat >>"$dir/b3scale.conf" <<-END
	api_url = $url
	callback_loopback = on
	END
}

# start_pool NAME WORKERS
start_pool() {
	! alive "$1" || return 0
	rm -f "$run_dir/$1.sock"
	spawn "$1" spawn-fcgi -n -s "$run_dir/$1.sock" -M 0600 -b 4096 -- \
	    "$(command -v multiwatch)" -f "$2" -r 1000000 -t 1000 -- \
	    "$build/fcgi/b3scale-fcgi" -f "$dir/b3scale.conf"
	pid_of "$1" >"$run_dir/$1.pid"
	until_true 5 test -S "$run_dir/$1.sock" && alive "$1" ||
	    die "the $1 pool does not start" "$dir/log/$1.log"
}

# The lines of the crontab, one process a job.
jobs="poll callbacks commands sweep"

start_jobs() {
	local job
	for job in $jobs; do
		! alive "$job" || continue
		spawn "$job" sh -c \
		    'while :; do "$0" -f "$1" -j "$2" -t 60 || sleep 2; done' \
		    "$build/cron/b3scale-cron" "$dir/b3scale.conf" "$job"
	done
}

# What cron, an init system and an admin would do with the files in conf/.
web_conf() {
	sed -e "s|@RUN_DIR@|$run_dir|g" -e "s|@LOG_DIR@|$dir/log|g" \
	    -e "s|@AWAY_DIR@|$src/www/away|g" \
	    "$src/conf/$1.in" >"$dir/web/${1##*/}"
}

nginx_conf() {
	web_conf nginx/b3scale-http.conf
	web_conf nginx/b3scale.conf
	{
		[ "$(id -u)" -ne 0 ] || echo "user root;"
		cat <<-END
		daemon off;
		worker_processes auto;
		worker_rlimit_nofile 16384;
		pid $dir/web/nginx.pid;
		error_log $dir/log/web.log warn;
		events { worker_connections 4096; }
		http {
			access_log off;
			client_body_temp_path $dir/web/tmp;
			proxy_temp_path $dir/web/tmp;
			fastcgi_temp_path $dir/web/tmp;
			uwsgi_temp_path $dir/web/tmp;
			scgi_temp_path $dir/web/tmp;
			include $dir/web/b3scale-http.conf;
			server {
				listen 127.0.0.1:$port backlog=4096;
				include $dir/web/b3scale.conf;
				location / { return 404; }
			}
		}
		END
	} >"$dir/web/nginx.conf"
}

lighttpd_conf() {
	web_conf lighttpd/50-b3scale.conf
	cat >"$dir/web/lighttpd.conf" <<-END
	server.bind = "127.0.0.1"
	server.port = $port
	server.document-root = "$dir/web/tmp"
	server.upload-dirs = ( "$dir/web/tmp" )
	server.errorlog = "$dir/log/web.log"
	server.max-fds = 16384
	server.listen-backlog = 4096
	include "$dir/web/50-b3scale.conf"
	END
}

web_answers() {
	[ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' \
	    "http://127.0.0.1:$port/bigbluebutton/api")" != 000 ]
}

start_web() {
	local server
	! alive web || return 0
	mkdir -p "$dir/web/tmp"
	server=$(PATH=$PATH:/usr/sbin command -v "$web") || die "there is no $web"
	"${web}_conf"
	if [ "$web" = nginx ]; then
		spawn web "$server" -p "$dir/web" -c "$dir/web/nginx.conf" \
		    -e "$dir/log/web.log"
	else
		spawn web "$server" -D -f "$dir/web/lighttpd.conf"
	fi
	until_true 15 web_answers || die "$web does not answer" "$dir/log/web.log"
}
