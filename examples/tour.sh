#!/bin/sh
# Needs WORKPORT_URL and WORKPORT_TOKEN of a host that offers the profile javascript.
set -eu
# #region tour
api=$WORKPORT_URL/api/v1/runtimes/local
call() { curl -sS -H "Authorization: Bearer $WORKPORT_TOKEN" -H 'Content-Type: application/json' "$@" && echo; }
field() { sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
idle() { until call "$worker" | grep -q '"status":"idle"'; do sleep 1; done; }

id=$(call -d '{"profile":"javascript","input":{"text":"const a = 6; a * 7"}}' "$api/workers" | field workerId)
worker=$api/workers/$id
idle && call "$worker/transcript"                                # … 42
call -d '{"text":"a + 1"}' "$worker/inputs"
idle && call "$worker/transcript"                                # … 7: variables live on
call -d '{"text":"while (true) {}"}' "$worker/inputs"
busy=$(call -d '{"text":"a"}' "$worker/inputs") && echo "$busy"  # 409 busy, with the input that is open
call -X POST "$worker/inputs/$(echo "$busy" | field inputId)/cancel"
call -N --max-time 1 "$worker/observations/stream?after=start" || true   # all of it again, then live
call -X POST "$worker/stop"
# #endregion tour
