. "$CASES/lib.sh"
# the same events by file and by pipe, on one thread and on two
small_events 3000
ringfence build --config job.yaml --graph a.h5 --threads 1 --quiet || exit 1
ringfence build --config job.yaml --graph b.h5 --threads 2 --quiet || exit 1
same a.h5 b.h5
ringfence build --config job.yaml --graph c.h5 --quiet - < events.jsonl || exit 1
for file in a c; do
    ringfence inspect $file.h5 | grep -E '^  (format|users|entities|edges)' > $file.txt
done
same a.txt c.txt
ringfence inspect c.h5 | sed -n 's/^  stdin: byte [0-9]*/stdin/p'
for n in 1 2; do
    ringfence train --graph a.h5 --model m$n.h5 --epochs 3 --hidden 8 --latent 8 --threads $n --quiet || exit 1
    ringfence score --graph a.h5 --model m$n.h5 --output s$n.h5 --threads $n --quiet || exit 1
done
same m1.h5 m2.h5
same s1.h5 s2.h5
