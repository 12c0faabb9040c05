#!/usr/bin/env bash
# coverage.sh - which lines of the parsers and readers the tests run: what meets bytes that others wrote.
#
#   scripts/coverage.sh
#
# Builds the coverage preset, runs the unit tests, those of the command line and the replayed corpus of the fuzz targets, and prints
# the share of lines of each folder, and of each file below LEAST (85) percent. Exit status 1 if all of them together are below LEAST.
# Needs gcovr (Debian: gcovr). JOBS at once (2).
set -euo pipefail
cd "$(dirname "$0")/.."
least=${LEAST:-85} jobs=${JOBS:-2}
command -v gcovr >/dev/null || { echo "coverage.sh: gcovr is missing; install the Debian package gcovr" >&2; exit 2; }

cmake --preset coverage >/dev/null
cmake --build --preset coverage --parallel "$jobs" >/dev/null
find build/coverage -name '*.gcda' -delete
CK_FORK=no OPENBLAS_NUM_THREADS=1 ctest --test-dir build/coverage --parallel "$jobs" -L 'unit|cli|fuzz' --output-log \
  build/coverage/tests.log >/dev/null || echo "coverage.sh: some tests fail there; see build/coverage/tests.log" >&2

gcovr --root . --object-directory build/coverage --json-summary build/coverage/coverage.json --gcov-ignore-parse-errors \
  --filter 'base/h5/' --filter 'base/(beside|event|file|json|json_scan|text|time|yaml)\.c' --filter 'ingest/' --filter 'cli/settings/' \
  --filter 'cli/terminal/opt\.c' --filter 'graph/state/' --filter 'graph/shards/' --filter 'graph/(graph|rows)\.c' \
  --filter 'gnn/(checkpoint|columns|model)\.c' --filter 'scoring/.*_(file|parse|read)\.c' \
  --filter 'export/actions/(kafka_read_back|alert_memory)\.c' --filter 'cli/verbs/cmd_inspect\.c'
python3 - build/coverage/coverage.json "$least" <<'END'
import collections, json, os, sys

summary, least = json.load(open(sys.argv[1])), float(sys.argv[2])
folders = collections.defaultdict(lambda: [0, 0])
for file in summary["files"]:
    for name in (os.path.dirname(file["filename"]), "all"):
        folders[name][0] += file["line_covered"]
        folders[name][1] += file["line_total"]
print(f"{'folder':<24}{'lines':>8}{'run':>8}{'%':>7}")
for name, (run, lines) in sorted(folders.items(), key=lambda item: (item[0] == "all", item[0])):
    print(f"{name:<24}{lines:>8}{run:>8}{100 * run / max(1, lines):>7.1f}")
for file in sorted(summary["files"], key=lambda file: file["line_percent"] or 0):
    if file["line_total"] and file["line_percent"] < least:
        print(f"below {least:g} %: {file['filename']} {file['line_percent']:.1f} % of {file['line_total']}")
run, lines = folders["all"]
sys.exit(100 * run / max(1, lines) < least)
END
