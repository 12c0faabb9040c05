#!/usr/bin/env bash
# A short soak: members killed by SIGKILL, a broker that is killed and restarted, two members that come and go; the merged graph is that
# of a file (scripts/soak-kafka.sh has the long one).
EVENTS=50000 KILLS=5 RESTARTS=1 PACE=1 MODE=shards exec "$(dirname "$0")/../../scripts/soak-kafka.sh" "$1"
