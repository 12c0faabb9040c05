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
echo "== kinds"
awk 'BEGIN {
    print "u,s,ip,t"
    for (i = 0; i < 240; i++)
        printf "u%02d,s%d,%s,2026-01-%02dT%02d:00:00Z\n", i % 80, i % 7, i % 3 ? "nat" : "ip" i % 11, 1 + i % 28, i % 24
}' >e.csv
cat >kinds.yaml <<'END'
source: {paths: [e.csv]}
fields: {user: u, entities: {shop: s, ip: {field: ip, hub_degree: 60}}, time: t}
output: out
END
ringfence build --config kinds.yaml --rebuild --quiet || exit 1
ringfence inspect out/graph.h5 | grep -E '^  (kinds|users|entities|edges|ip_(hubs|entities|edges)) |^(dropped )?ip .*features' | sed 's/ ([0-9]*)$//'
ringfence inspect --json out/graph.h5 | grep -o '"ip_hubs":[0-9]*'
echo "== hubs"
ringfence inspect --hubs out/graph.h5 || exit 1
ringfence inspect --hubs --json out/graph.h5 || exit 1
ringfence inspect --hub nat out/graph.h5 > users || exit 1
cut -d, -f1,3 e.csv | sed -n 's/,nat$//p' | sort -u | cmp - users && echo "the users that met it"
ringfence inspect --hub nat --json out/graph.h5 | cut -c1-72
status ringfence inspect --hub nobody out/graph.h5
rm out/model.h5
ringfence train --config kinds.yaml $quick --quiet > /dev/null || exit 1
ringfence inspect out/model.h5 > text || exit 1
grep -A 2 '^/model$' text | awk '/in_channels/ { print "  in_channels: " NF - 1 " numbers"; next } { print }'
