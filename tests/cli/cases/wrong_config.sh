. "$CASES/lib.sh"
printf 'source:\n  paths: [a.csv]\ntrain:\n  epohs: 3\n' > a.yaml
printf 'train:\n  lr: fast\n' > b.yaml
printf 'output: a\noutput: b\n' > c.yaml
printf 'source: {type: kafka}\n' > d.yaml
printf 'x: [\n' > e.yaml
printf 'source: {paths: [a.csv]}\nfields: {user: u, entity: v, time: t}\nemit: {to: kafka}\n' > f.yaml
printf 'source: {paths: [a-*.csv]}\nfields: {user: u, entity: v, time: t}\n' > g.yaml
for name in a b c d e f g; do
    status ringfence run --config $name.yaml
done
