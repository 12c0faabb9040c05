#!/bin/sh
# examples/prometheus-rules.yml as Prometheus's own promtool evaluates it (Debian: prometheus), over the series of alert_rules.yml.
cd "$(dirname "$0")" || exit 1
command -v promtool >/dev/null || { echo "SKIP: promtool is not installed (Debian: prometheus)"; exit 77; }
promtool check rules ../../examples/prometheus-rules.yml && promtool test rules alert_rules.yml
