#!/usr/bin/env bash
# The same for one process without shards.
EVENTS=30000 KILLS=4 RESTARTS=1 PACE=1 MODE=one exec "$(dirname "$0")/../../scripts/soak-kafka.sh" "$1"
