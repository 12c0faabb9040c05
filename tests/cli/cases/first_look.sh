. "$CASES/lib.sh"
# what the first records show to be wrong: units of time, keys that no record has; labels of one kind; ** in globs
build() {
    ringfence build --no-progress --quiet --graph g.h5 --rebuild "$@" 2>&1 | sed 's/^[0-9:]* //'
}
csv="--set fields.user=u --set fields.entity=v"
stamps() { # FACTOR
    awk -v factor="$1" 'BEGIN { print "u,v,t"; for (i = 0; i < 40; i++) printf "u%d,m%d,%.0f\n", i % 7, i % 3, (1709251200 + i * 3600) * factor }'
}
stamps 1 >s.csv
stamps 1000 >ms.csv
stamps 1000000 >us.csv
echo "== units"
for file in s ms us; do
    for format in s ms us iso8601; do
        echo "$file.csv as $format"
        build $csv --set "fields.time={field: t, format: $format}" $file.csv
    done
done
sed '1!s/[0-9]*$/12/' s.csv >steps.csv
build $csv --set "fields.time={field: t, format: s}" steps.csv
echo "== keys"
json() { # RECORDS
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
        printf "{\"u\":\"u%d\",\"v\":\"m%d\",\"t\":\"2024-03-%02dT10:00:00Z\",\"is_fraud\":%d,\"meta\":{\"channel\":\"web\",\"n\":[1,{\"x\":2}]}%s}\n",
            i % 7, i % 3, 1 + i % 20, i % 5 == 0, i == 10001 ? ",\"late\":1" : "" }'
}
json 30 >few.jsonl
json 10100 >many.jsonl
keys="--set fields.user=u --set fields.entity=v --set fields.time=t"
for file in few many; do
    build $keys --set fields.label=isfraud $file.jsonl
    build $keys --set "fields.attributes={c: {field: meta.chanel, type: category, required: false}}" $file.jsonl
    build $keys --set "fields.attributes={c: {field: channel, type: category, required: false}}" $file.jsonl
    build $keys --set "fields.attributes={c: {field: late, type: number, required: false}}" $file.jsonl
    build $keys --set fields.label=isfraud --set ingest.absent_keys=warn $file.jsonl
    build --set fields.user=user_id --set fields.entity=v --set fields.time=t $file.jsonl
done
ringfence build $keys --set "fields.attributes={c: {field: rare, type: number, required: false}}" --graph g.h5 --quiet --rebuild --set ingest.absent_keys=warn few.jsonl 2>/dev/null
json 3 >next.jsonl
echo "a build that goes on:"
ringfence build $keys --set "fields.attributes={c: {field: rare, type: number, required: false}}" --graph g.h5 --quiet next.jsonl 2>&1 | sed 's/^[0-9:]* //'
echo "== labels"
sed 's/"is_fraud":./"is_fraud":0/' few.jsonl >none.jsonl
sed 's/"is_fraud":./"is_fraud":1/' few.jsonl >all.jsonl
build $keys --set fields.label=is_fraud none.jsonl
build $keys --set fields.label=is_fraud all.jsonl
build $keys --set fields.label=is_fraud few.jsonl
echo "== globs"
mkdir -p in/a/b/c in/.hidden "in/x[1]"
for place in . a a/b a/b/c .hidden "x[1]"; do
    { echo u,v,t; for i in 1 2 3; do echo "$place,m$i,2024-03-0${i}T00:00:00Z"; done; } >"in/$place/e.csv"
done
ln -s ../../a in/a/b/up
cp in/e.csv in/other.txt
for glob in 'in/**/e.csv' '**/e.csv' 'in/**' 'in/**/b/**/*.csv' 'in/*/e.csv' 'in/a**/e.csv' 'in/**/none.csv'; do
    echo "$glob"
    ringfence build --graph g.h5 --rebuild --no-progress $keys --set source.format=csv "$glob" 2>&1 | sed 's/^[0-9:]* //' | grep -o '[0-9]* records* read\|ringfence: .*\|.*skipped.*'
done
echo "results are no inputs of **"
mkdir -p in/out/night
sed 's/,m/,n/' in/e.csv >in/out/night/e.csv
for where in '--graph g.h5' '--set output=in/out' '--set output=in'; do
    for glob in 'in/**/e.csv' 'in/**/out/night/*.csv'; do
        ringfence build $where --rebuild --no-progress $keys --set source.format=csv "$glob" 2>&1 | sed 's/^[0-9:]* //' |
            grep -o '[0-9]* records* read\|ringfence: .*'
    done
done
rm -r in/out
echo "its files are gone later"
ringfence build --graph g.h5 --rebuild --quiet $keys 'in/**/e.csv'
rm -r in/a in/e.csv "in/x[1]"
status ringfence build --graph g.h5 --quiet $keys 'in/**/e.csv'
