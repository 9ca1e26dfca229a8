# quickstart: simulated BBB servers, each with its Redis and its agent.
#
# Copyright (c) 2026 the b3scale authors
# SPDX-License-Identifier: ISC

# In the order in which they end.
sim_parts="agent0 agent1 sim redis0 redis1"

sim_url() { echo "http://127.0.0.1:$((${2:-$sim_port} + $1))"; }

sim_answers() { curl -s -o /dev/null -m 5 "$(sim_url "$1")/bigbluebutton/api/"; }

redis_answers() { [ "$(redis-cli -p "$1" ping 2>/dev/null)" = PONG ]; }

# An agent believes all that it hears: no two servers may share a Redis.
start_redis() {
	local i port
	ports_again redis_port
	for i in 0 1; do
		port=$((redis_port + i))
		mkdir -p "$dir/redis$i"
		spawn redis$i redis-server --port $port --bind 127.0.0.1 \
		    --save '' --appendonly no --dir "$dir/redis$i"
		until_true 15 redis_answers $port ||
		    die "Redis does not answer" "$dir/log/redis$i.log"
	done
}

start_sim() {
	local i
	old_sim_port=${sim_port:-}
	start_redis
	ports_again sim_port
	spawn sim "$build/tests/bbbsim/bbbsim" -q -n 2 -p "$sim_port" \
	    -r "$redis_port" -s "$sim_secret"
	simulated=yes
	for i in 0 1; do
		bbb+=("$(sim_url $i),$sim_secret")
		until_true 5 sim_answers $i ||
		    die "the simulated BBB servers do not answer" "$dir/log/sim.log"
	done
	save_settings
}

# ---- Agents

agent_conf() {
	cat <<-END
	api_url = $url
	api_access_token_file = $dir/agent$1/token
	bbb_properties = $dir/agent$1/bbb-web.properties
	bbb_defaults = $dir/agent$1/none
	bbb_release = $dir/agent$1/release
	bbb_api_url = ""
	register_host = on
	END
}

bbb_properties() {
	cat <<-END
	bigbluebutton.web.serverURL=$(sim_url "$1")
	securitySalt=$sim_secret
	redisHost=127.0.0.1
	redisPort=$((redis_port + $1))
	END
}

# Simulated servers of another start, unless the agents still speak for them.
forget_servers() {
	local i old
	for i in 0 1; do
		old=$(sim_url $i "${old_sim_port:-$sim_port}")/bigbluebutton/api/
		ctl show backend -o keyvalue "$old" >"$dir/agent$i/backend" || continue
		[ "${old_sim_port:-$sim_port}" = "$sim_port" ] &&
		    grep -q "^agent_ref=sim$i\$" "$dir/agent$i/backend" ||
		    ctl delete backend -f -y "$old" || return
	done
}

make_agents() {
	local i
	umask 077
	for i in 0 1; do
		mkdir -p "$dir/agent$i" &&
		    ctl auth authorize_node_agent --ref sim$i \
		    >"$dir/agent$i/token" || return
		agent_conf $i >"$dir/agent$i/agent.conf"
		bbb_properties $i >"$dir/agent$i/bbb-web.properties"
		echo BIGBLUEBUTTON_RELEASE=3.0.0 >"$dir/agent$i/release"
	done
	forget_servers
}

# They add their servers to the cluster.
start_agents() {
	local i
	run "Preparing the agents" "$dir/log/cluster.log" make_agents
	for i in 0 1; do
		spawn agent$i "$build/agent/b3scaleagent" \
		    -f "$dir/agent$i/agent.conf"
	done
}

all_registered() {
	[ "$(ctl show backends -o keyvalue | grep -c '^agent_ref=sim[01]$')" -eq 2 ]
}
