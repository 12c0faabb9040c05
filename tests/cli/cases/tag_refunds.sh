. "$CASES/lib.sh"
# the money back at two shops where others get it back, too: of three orders that is a habit, of a busy customer's sixty it is none
awk 'BEGIN {
    print "t,u,s,amount,refund"
    for (i = 0; i < 900; i++) {
        u = i % 15 == 0 ? "busy" : i % 300 == 7 ? "keen" : "u" i * 7 % 50
        s = u == "busy" && i < 60 ? "refunder" i % 2 : u == "keen" ? "refunder" int(i / 300) % 2 : "m" i * 3 % 20
        printf "2026-01-%02dT%02d:00:00Z,%s,%s,%d,%d\n", 1 + i % 28, i % 24, u, s, 20 + i % 30, s ~ /refunder/ && (u == "keen" || i < 30)
    }
}' >e.csv
cat >job.yaml <<'E2'
source: {paths: [e.csv]}
fields: {user: u, entity: s, time: t, attributes: {amount: number, refund: boolean}}
output: out
E2
ringfence run --config job.yaml $quick --quiet >/dev/null 2>&1 || exit 1
for user in busy keen; do
    echo "== $user"
    ringfence tag --graph out/graph.h5 --scores out/scores.h5 --explain $user --quiet 2>/dev/null |
        sed -n '/several merchants/,/^$/p' | sed -n 's/^    missing: .*rate.*/too few of all orders/p; s/^    \(rate\|refunds\) *\([^ ]*\) .*/\1 \2/p'
done
