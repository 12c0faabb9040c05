. "$CASES/lib.sh"
# a first configuration for files that nobody has described: what it proposes is what a build reads
payments() { # a table of transfers whose time is a step
    echo 'step,type,amount,nameOrig,oldbalanceOrg,nameDest,isFraud'
    i=0
    while [ $i -lt 400 ]; do
        case $((i % 3)) in 0) type=PAYMENT ;; 1) type=TRANSFER ;; *) type=CASH_OUT ;; esac
        echo "$((1 + i / 20)),$type,$((i * 37 % 900 + 10)).50,C$((100000 + i * 7919 % 61)),$((i * 53)).25,M$((200000 + i * 104729 % 23)),$((i % 50 == 7))"
        i=$((i + 1))
    done
}
charges() { # objects of an API, some without customer
    i=0
    while [ $i -lt 300 ]; do
        customer="\"cus_$((i * 31 % 41))\""
        [ $((i % 9)) -ne 0 ] || customer=null
        echo "{\"id\":\"ch_$((10000 + i))\",\"amount\":$((i * 97 % 5000 + 100)),\"created\":$((1700000000 + i * 3600)),\"currency\":\"usd\",\"customer\":$customer,\"receipt_email\":\"c$((i * 31 % 41))@example.org\",\"payment_method_details\":{\"card\":{\"brand\":\"visa\",\"fingerprint\":\"fp$((i * 31 % 41 / 2 + 100))\"}},\"refunded\":$([ $((i % 20)) -eq 3 ] && echo true || echo false)}"
        i=$((i + 1))
    done
}
payments > payments.csv
charges > charges.jsonl
status ringfence init payments.csv -o payments.yaml
cat payments.yaml
status ringfence build --config payments.yaml --quiet
status ringfence init charges.jsonl -o charges.yaml
cat charges.yaml
status ringfence build --config charges.yaml --quiet
echo "== not over what is there"
status ringfence init payments.csv -o payments.yaml 2>&1
status ringfence init payments.csv -o payments.yaml --force > said
tail -3 said
echo "== told"
status ringfence init payments.csv -o - --time-format d --time-since 2024-01-01 --label - --user nameDest --entity nameOrig |
    sed -n '/^fields/,/attributes:/p'
status ringfence init payments.csv -o other.yaml --user nameOrg 2>&1
echo "== standard input"
ringfence init - -o - < charges.jsonl | sed -n '/^source/,/user/p'
echo "== nothing in it"
: > empty.csv
status ringfence init empty.csv 2>&1
status ringfence init nowhere.csv 2>&1
ls
echo "== times in no order, and one for all"
awk 'BEGIN { print "user,shop,paid_at,day"; for (i = 0; i < 200; i++)
    printf "u%d,m%d,2026-01-%02dT%02d:00:00Z,2026-02-01\n", i * 7 % 61, i * 5 % 23, 1 + i * 37 % 28, i * 11 % 24 }' > times.csv
cut -d, -f1,2,4 times.csv > day.csv
ringfence init times.csv -o - | grep -o 'time: .*'
ringfence init day.csv -o day.yaml | sed -n '/^Not sure/,/^$/p'
