. "$CASES/lib.sh"
# what a Kafka job lacks, or what does not go together, is said before anything is opened
cat > job.yaml <<'END'
source: {type: kafka, topics: [orders], broker_timeout: 1s}
kafka: {bootstrap.servers: "127.0.0.1:1", group.id: ringfence}
fields: {user: u, entity: v, time: t}
END
try() {
    echo "$@"
    status ringfence "$@" --log-level error 2>&1 | sed 's/librdkafka [0-9.]*/librdkafka/'
}
try build --config job.yaml --set source.topics=null
try build --config job.yaml --topics '[]'
try build --config job.yaml --set source.format=csv
try build --config job.yaml --set source.format=protobuf
try build --config job.yaml --set source.format=protobuf --set source.descriptors=x.pb
try build --config job.yaml --shards shards
try build --config job.yaml --shards shards --set ingest.dead_letter_topic=bad --rebuild
try build --config job.yaml --until yesterday
try build --config job.yaml --from 2026-13-01
try build --config job.yaml --shards shards events.jsonl
try build --config job.yaml --set source.format=protobuf events.jsonl
try run --config job.yaml --shards shards
try run --config job.yaml --set graph.shards=shards --set ingest.dead_letter_topic=bad
try run --config job.yaml --until never
try inspect lag --set source.paths='[a.csv]' --set fields.user=u --set fields.entity=v --set fields.time=t
sed '/^kafka/d' job.yaml > bare.yaml
try build --config bare.yaml
try build --config bare.yaml --set kafka.bootstrap.servers=127.0.0.1:1
# and what the client has to say of its settings, and of a broker that is not there
try build --config job.yaml --set kafka.grup.id=x
try build --config job.yaml --set kafka.enable.auto.commit=true
try build --config job.yaml --set kafka.sasl.password='${env:NO_SUCH_VARIABLE}'
try build --config job.yaml
try inspect lag --config job.yaml --set graph.file=none.h5
ls
