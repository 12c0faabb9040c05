#!/usr/bin/env bash
# bench.sh - measures everything that has to be fast in one run: epochs of training and scoring by shape of graph, beside what this
# machine can do at the same moment; memory of a whole training; a graph's life from events to features; and a peer in PyTorch.
#
#   scripts/bench.sh [OPTION…] [SHAPE…]     shapes: wiki fdh million foods (default: all); docs/PERFORMANCE.md explains the figures
#
#   --kinds "1 2 3"     numbers of kinds of entity that share a shape's edges (default 1, and 3 for the shape million)
#   --rounds N          rounds over everything, medians are taken over them (default 3); --epochs N: of each round (default 5)
#   --threads N         (default 2)
#   --events N          of the graph's life (default 1000000; 0 leaves it out)
#   --month             200 epochs of RF_SHARED_DATA/fdh/fdh_2018-04.h5 (default folder ../shared/data), too
#   --growth            epochs of a graph of 1 to 30 million edges, which take 16 GB, and the memory that 100 million would take
#   --whole             whole commands: `build` of ten million orders, the same with a hundredth new, `run`; events read a second
#   --kafka             `build` of ten million messages beside kcat (scripts/bench-kafka.sh, three runs of each)
#   --hundred           `train` and `score` of 100 million edges, which take 22 GB of memory and some minutes
#   --peer PYTHON       runs scripts/peer beside it, by turns; PYTHON has scripts/peer/requirements.txt
#   --output FILE       JSON lines of this run (default build/bench/latest.jsonl)
#   --from FILE         measures nothing: what an earlier run wrote
#   --compare FILE      compares with an earlier run; status 1 where something became slower or larger than the spread explains
#   --docs              writes the tables into docs/PERFORMANCE.md
#
# RINGFENCE and BENCH (a folder) name programs that are built already; else the release preset is built. Prints the tables.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
# OpenBLAS chooses its kernels as it does for users
unset OPENBLAS_CORETYPE
export OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
case " $* " in
    *' --from '* | *' --help '* | *' -h '*) ;;
    *)
        if [ -z "${RINGFENCE:-}" ] || [ -z "${BENCH:-}" ]; then
            (cd "$here" && cmake --preset release && cmake --build --preset release --target ringfence bench_epoch bench_graph bench_features bench_ingest \
                -- -j 2) >/dev/null
        fi
        ;;
esac
export RINGFENCE=${RINGFENCE:-$here/build/release/cli/ringfence} BENCH=${BENCH:-$here/build/release/tests}
exec python3 "$here/scripts/bench/run.py" "$@"
