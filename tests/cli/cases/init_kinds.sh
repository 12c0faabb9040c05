. "$CASES/lib.sh"
# kinds of entity that a file could have: as comments beside the one that is proposed, or as they were told
awk 'BEGIN {
    print "order_id,customer_id,merchant_id,created_at,amount,device_id,device_os,client_ip,card_fingerprint,email,street,zip,phone,review,fraud"
    for (i = 0; i < 400; i++) {
        c = i * 7 % 60
        review = ""
        for (w = 0; w < 12; w++)
            review = review sprintf("w%d ", (i * i + 1) * (w * w + 7) % 997)
        printf "o-%05d,cu-%03d,m-%02d,2026-01-%02dT%02d:%02d:00Z,%d.50,d-%02d,%s,10.0.%d.%d,f%06x,c%d@mail.example,%d Main Street,%05d,+49170%07d,%s,%d\n",
            i, c, i * 3 % 14, 1 + i % 28, i % 24, i % 60, i % 97, c % 41, i % 2 ? "ios" : "android", c % 7, c, c * 31, c, c, 10000 + c, c, review, i % 50 == 0
    }
}' >orders.csv
ringfence init orders.csv --yes -o job.yaml --quiet >/dev/null 2>&1
sed -n '/^  user/,/^  time/p' job.yaml
echo "== the other way"
sed -e '/^  entity:/d' -e '/^  # entities:/,/^  time:/s/^  # /  /' job.yaml >kinds.yaml
status ringfence check --config kinds.yaml --quiet 2>/dev/null | sed -n '/^user/,/^time/p; /^kind/,/^$/p; /^status/p'
echo "== told"
ringfence init orders.csv --yes -o told.yaml --quiet --set fields.entities.shop=merchant_id \
    --set 'fields.entities.home={fields: [street, zip], normalise: [lower], required: true}' \
    --set 'fields.entities.device={field: device_id, hub_percentile: 0.99, hub_degree: 40}' >/dev/null 2>&1
sed -n '/^  user/,/^  time/p' told.yaml
status ringfence check --config told.yaml --quiet | sed -n '/^user/,/^time/p; /^status/p'
echo "== longer texts"
awk -F, -v OFS=, 'NR > 1 {$14 = $14 $14 $14} 1' orders.csv >long.csv
ringfence init long.csv --yes -o long.yaml --quiet >/dev/null 2>&1
grep -o 'text: {.*}' long.yaml
