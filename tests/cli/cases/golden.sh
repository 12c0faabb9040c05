. "$CASES/lib.sh"
# the reference's scores on its own graphs and models, through the command line
golden=${RF_GOLDEN:-}
for folder in "$golden" "$CASES/../../golden" "${RF_SHARED_DATA:-/nowhere}/../golden" "$CASES/../../../../shared/golden"; do
    [ -n "$folder" ] && [ -r "$folder/golden_G1.h5" ] && golden=$folder && break
done
[ -r "$golden/golden_G1.h5" ] || { echo "SKIPPED golden: no golden_G1.h5" >&2; exit 77; }
for python in python3 /usr/bin/python3 ''; do
    [ -z "$python" ] || "$python" -c 'import h5py, numpy' 2>/dev/null && break
done
[ -n "$python" ] || { echo "SKIPPED golden: no Python with h5py (Debian: python3-h5py)" >&2; exit 77; }
cat > compare.py <<'PY'
import sys
import h5py
import numpy as np
graph, by_max, by_mean = (h5py.File(name) for name in sys.argv[1:])
want = graph["score"]
pairs = [("/u/x_error", "xu_error"), ("/v/x_error", "xv_error"), ("/e/x_error", "xe_error"), ("/e/ce", "edge_ce"),
         ("/e/score", "e_score"), ("/u/score", "u_score_edge_max"), ("/v/score", "v_score_edge_max")]
for ours, theirs in pairs:
    worst = np.abs(by_max[ours][:] - want[theirs][:]).max()
    if not worst <= 2e-5:
        print(ours, worst)
for side in "uv":
    worst = np.abs(by_mean[f"/{side}/score"][:] - want[f"{side}_score_edge_mean"][:]).max()
    if not worst <= 2e-5:
        print(side, "mean", worst)
PY
for n in 1 2 3 4; do
    file=$golden/golden_G$n.h5
    ringfence score --method graphbean --graph "$file" --model "$file" --output max.h5 --quiet || exit 1
    ringfence score --method graphbean --graph "$file" --model "$file" --output mean.h5 --agg mean --quiet || exit 1
    "$python" compare.py "$file" max.h5 mean.h5 && echo "G$n compared"
done
