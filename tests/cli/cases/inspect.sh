. "$CASES/lib.sh"
small_events 2000
ringfence run --config job.yaml $quick > /dev/null || exit 1
for file in graph model scores; do
    echo "== $file"
    ringfence inspect out/$file.h5 > text || exit 1
    grep -E '^  (format|version|created_at|granularity|window_|agg|frozen|in_channels|hidden|latent|n_layers|epoch)' text |
        sed 's/in_channels .*/in_channels/'
    ringfence inspect --json out/$file.h5 > json || exit 1
    wc -l < json | tr -d ' '
    grep -o '"\(format\|users\|entities\|edges\|datasets\)":' json
done
