-- wrk: every thread walks through a file of signed URLs, from a place of its
-- own; at the end one line of JSON.  Run as: wrk ... -s urls.lua URL FILE
--
-- Copyright (c) 2026 the b3scale authors
-- SPDX-License-Identifier: ISC

local threads = 0

function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

function init(args)
	requests = {}
	for target in io.lines(args[1]) do
		requests[#requests + 1] = wrk.format("GET", target)
	end
	at = math.floor(number * #requests / 2)
end

function request()
	at = at % #requests + 1
	return requests[at]
end

function done(summary, latency, _)
	local e = summary.errors
	io.write(string.format('{"requests": %d, "seconds": %.6f, ' ..
	    '"rate": %.1f, "failed": %d, "refused": %d, ' ..
	    '"ms": {"p50": %.3f, "p90": %.3f, "p99": %.3f, "max": %.3f}}\n',
	    summary.requests, summary.duration / 1e6,
	    summary.requests / summary.duration * 1e6,
	    e.connect + e.read + e.write + e.timeout, e.status,
	    latency:percentile(50) / 1e3, latency:percentile(90) / 1e3,
	    latency:percentile(99) / 1e3, latency.max / 1e3))
end
