#!/usr/bin/env bash
# A real Apache Kafka broker for tests, benchmarks and the demo: one node, KRaft, loopback only, data in a temporary folder.
#
#   scripts/kafka.sh start [--port P] [--dir D] [--secure] [--set key=value]… [--while PID]
#   scripts/kafka.sh stop | kill | restart | status      [--port P] [--dir D]
#   scripts/kafka.sh topic NAME PARTITIONS [key=value]…  [--port P] [--dir D]
#   scripts/kafka.sh tool NAME ARGUMENT…                 [--port P] [--dir D]
#   scripts/kafka.sh fetch
#
#   start    fetches Kafka if it is missing, starts a broker, waits until it answers, and prints its address (the last line)
#   stop     ends it and removes all its data; without a broker it does nothing
#   kill     ends it by SIGKILL and keeps its data;  restart  ends it if it runs, and starts it again on the same address
#   status   prints one line; exit status 0 if it runs, 3 if not
#   topic    creates a topic, with settings of the topic
#   tool     runs a tool of Kafka's with --bootstrap-server (and, for a secure broker, the administrator's login):
#            acls, configs, delete-records, groups, topics, transactions, or a class by its name
#   fetch    only fetches Kafka
#
# Several brokers can run side by side. Name one by its folder (--dir, or KAFKA_HOME_DIR; it must not exist at the start) or by
# its port. Without a name the only running broker is used. Without --port a free port is used. --set adds a server property,
# for example message.max.bytes=2000. --while removes the broker when that process has ended.
#
# --secure: SASL_SSL with SCRAM-SHA-512 and OAUTHBEARER (unsecured tokens), a certificate authority of its own, and ACLs. Users
# are admin (may do everything), ringfence and stranger (may do nothing without an ACL), each with the password
# NAME-secret. The folder has ca.pem, and NAME.conf and NAME-oauth.conf: settings for librdkafka, one key=value a line.
#
# KAFKA_VERSION is 4.1.0, and 3.9.1 for --secure: librdkafka before 2.6.1, Debian 12's among them, fails at SCRAM with a broker from
# 4.0 on. KAFKA_HEAP (512m); KAFKA_JARS, the folder in which the fetched Kafka is kept (build).
# Exit status 77, with a line "SKIP: …": Java, Maven or the artifacts are not available.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/.." && pwd)
jars=${KAFKA_JARS:-$source_dir/build}
root=${TMPDIR:-/tmp}/ringfence-kafka-$(id -u)
attempts=5     # to find a port that nobody takes in between
start_within=60 # seconds; a broker is up in 2 to 5 where the machine is not busy

fail() {
    echo "kafka.sh: $*" >&2
    exit 1
}

usage() {
    sed -n '4,8p' "$0" | cut -c 5- >&2
    exit 2
}

skip() {
    echo "SKIP: no Kafka broker here: $*" >&2
    exit 77
}

# ---- the jars

# Sets version and lib: those of the broker, if it is there.
choose_version() {
    if [ -n "$dir" ] && [ -s "$dir/version" ]; then
        version=$(cat "$dir/version")
    elif [ -n "$secure" ]; then
        version=${KAFKA_VERSION:-3.9.1}
    else
        version=${KAFKA_VERSION:-$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$source_dir/tests/kafka/pom.xml")}
    fi
    lib=$jars/kafka-$version
}

fetch() {
    choose_version
    command -v java >/dev/null 2>&1 || skip "java is not installed (Debian: openjdk-17-jdk-headless)"
    [ ! -e "$lib/complete" ] || return 0
    command -v mvn >/dev/null 2>&1 || skip "mvn is not installed (Debian: maven), and $lib does not have Kafka yet"
    mkdir -p "$(dirname "$lib")"
    fetched=$(mktemp -d "$lib.XXXXXX")
    echo "kafka.sh: fetching Apache Kafka $version (55 MB) into $lib" >&2
    if ! mvn --batch-mode --quiet -Dstyle.color=never --file "$source_dir/tests/kafka/pom.xml" -Dkafka.version="$version" \
        dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$fetched" >"$fetched/maven.log" 2>&1; then
        grep -m 1 -e ERROR "$fetched/maven.log" >&2 || tail -n 3 "$fetched/maven.log" >&2
        skip "Maven could not fetch org.apache.kafka:kafka_2.13:$version (its words are above)"
    fi
    rm -f "$fetched/maven.log"
    # 3.9 brings a writer of logs of its own; it looks for this file
    [ "${version%%.*}" -ge 4 ] || rm -f "$fetched"/slf4j-simple-*.jar
    printf 'log4j.rootLogger=OFF\n' >"$fetched/log4j.properties"
    touch "$fetched/complete"
    # somebody may have been faster, or had been interrupted
    if ! mv -T "$fetched" "$lib" 2>/dev/null; then
        [ -e "$lib/complete" ] || { rm -rf "$lib" && mv -T "$fetched" "$lib"; }
    fi
    rm -rf "$fetched"
    fetched=
}

java_tool() {
    java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=off \
        -cp "$lib/*:$lib" "$@"
}

# ---- which broker

# Sets dir to the broker that was named, or to the only one there is.
find_dir() {
    if [ -n "$dir" ]; then
        [ ! -d "$dir" ] || dir=$(cd "$dir" && pwd)
        return 0
    fi
    if [ -n "$port" ]; then
        dir=$root/$port
        return 0
    fi
    local all=()
    if [ -d "$root" ]; then
        mapfile -t all < <(find "$root" -mindepth 1 -maxdepth 1 -type d)
    fi
    case ${#all[@]} in
    0) [ "$1" = optional ] || fail "no broker runs; scripts/kafka.sh start begins one" ;;
    1) dir=${all[0]} ;;
    *) fail "several brokers run (${all[*]##*/}); say which with --port or --dir" ;;
    esac
}

running() {
    [ -s "$dir/pid" ] || return 1
    local pid
    pid=$(cat "$dir/pid")
    # a process of that number that is no broker of this folder is somebody else's
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "kafka.Kafka $dir/server.properties"
}

address() {
    echo "127.0.0.1:$(cat "$dir/port")"
}

# ---- start

taken() {
    local hex
    hex=$(printf ':%04X ' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | cut -d ' ' -f 1-6 | grep -qF "$hex"
}

# Ports of listeners lie below those that the system hands out for connections.
free_port() {
    local p
    for _ in $(seq 200); do
        p=$((20000 + (RANDOM << 15 | RANDOM) % 12000))
        taken $p || {
            echo $p
            return
        }
    done
    fail "no free port between 20000 and 31999"
}

certificates() {
    local days=3650
    openssl req -x509 -newkey rsa:2048 -nodes -days $days -subj "/CN=ringfence test authority" \
        -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout "$dir/server.key" -out "$dir/server.csr" 2>/dev/null
    openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days $days \
        -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$dir/server.crt" 2>/dev/null
    cat "$dir/server.key" "$dir/server.crt" "$dir/ca.pem" >"$dir/server.pem"
}

secure_properties() {
    local scram="org.apache.kafka.common.security.scram.ScramLoginModule"
    local oauth="org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
    cat <<END
sasl.enabled.mechanisms=SCRAM-SHA-512,OAUTHBEARER
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=$scram required username="admin" password="admin-secret";
listener.name.clients.oauthbearer.sasl.jaas.config=$oauth required unsecuredLoginStringClaim_sub="admin";
ssl.keystore.type=PEM
ssl.keystore.location=$dir/server.pem
ssl.truststore.type=PEM
ssl.truststore.location=$dir/ca.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
END
    # ANONYMOUS is the node itself on its controller's listener; clients always have a name
}

user_files() {
    local user
    for user in admin ringfence stranger; do
        cat >"$dir/$user.conf" <<END
security.protocol=SASL_SSL
ssl.ca.location=$dir/ca.pem
sasl.mechanisms=SCRAM-SHA-512
sasl.username=$user
sasl.password=$user-secret
END
        cat >"$dir/$user-oauth.conf" <<END
security.protocol=SASL_SSL
ssl.ca.location=$dir/ca.pem
sasl.mechanisms=OAUTHBEARER
enable.sasl.oauthbearer.unsecure.jwt=true
sasl.oauthbearer.config=principal=$user
END
    done
    cat >"$dir/admin.properties" <<END
security.protocol=SASL_SSL
ssl.truststore.type=PEM
ssl.truststore.location=$dir/ca.pem
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="admin-secret";
END
}

# Short waits, small caches, one replica: what a broker on a desk needs.
properties() {
    local protocol=PLAINTEXT
    [ -z "$secure" ] || protocol=SASL_SSL
    cat <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=CLIENTS://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=CLIENTS://127.0.0.1:$port
listener.security.protocol.map=CLIENTS:$protocol,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
log.dirs=$dir/data
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=100
log.cleaner.threads=1
log.cleaner.backoff.ms=1000
log.cleaner.dedupe.buffer.size=16777216
END
    [ -z "$secure" ] || secure_properties
    local setting
    for setting in ${sets[@]+"${sets[@]}"}; do
        echo "$setting"
    done
}

prepare() {
    local options=()
    echo "$port" >"$dir/port"
    echo "$version" >"$dir/version"
    if [ -n "$secure" ]; then
        command -v openssl >/dev/null 2>&1 || skip "openssl is not installed, which --secure needs"
        certificates
        user_files
        local user
        for user in admin ringfence stranger; do
            options+=(--add-scram "SCRAM-SHA-512=[name=$user,password=$user-secret]")
        done
    fi
    properties >"$dir/server.properties"
    log_settings >"$dir/log4j.properties"
    local id
    id=$(head -c 15 /dev/urandom | base64 | tr '+/' 'AB')AA
    java_tool kafka.tools.StorageTool format --cluster-id "$id" --config "$dir/server.properties" \
        ${options[@]+"${options[@]}"} >"$dir/format.log" 2>&1 ||
        fail "could not prepare $dir/data: $(grep -m 1 -E 'Exception|Error' "$dir/format.log" || tail -n 1 "$dir/format.log")"
}

# Kafka 4 logs through slf4j-simple, set up on the command line; 3.9 brings log4j, set up by a file.
log_settings() {
    cat <<END
log4j.rootLogger=WARN,out
log4j.logger.kafka.server.KafkaRaftServer=INFO
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d [%t] %p %c - %m%n
END
}

# Starts the process and waits for its word that it answers. Returns 1 when its port was taken meanwhile.
launch() {
    : >"$dir/broker.log"
    local heap=${KAFKA_HEAP:-512m} log4j=()
    [ "${version%%.*}" -ge 4 ] || log4j=("-Dlog4j.configuration=file:$dir/log4j.properties")
    # a session of its own: an interrupt at the terminal is for the tests, not for their broker
    setsid java -Xmx"$heap" -Xms128m -XX:+ExitOnOutOfMemoryError -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
        -Dorg.slf4j.simpleLogger.showDateTime=true -Dorg.slf4j.simpleLogger.dateTimeFormat='HH:mm:ss.SSS' \
        -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info ${log4j[@]+"${log4j[@]}"} \
        -cp "$lib/*" kafka.Kafka "$dir/server.properties" </dev/null >>"$dir/broker.log" 2>&1 &
    local pid=$!
    echo $pid >"$dir/pid"
    disown
    local waited=0
    until grep -qF 'Kafka Server started' "$dir/broker.log"; do
        if ! kill -0 $pid 2>/dev/null; then
            rm -f "$dir/pid"
            ! grep -q 'Address already in use' "$dir/broker.log" || return 1
            fail "the broker ended at its start: $(grep -m 1 -E 'ERROR|Exception' "$dir/broker.log" || tail -n 1 "$dir/broker.log")"
        fi
        [ $waited -lt $((start_within * 10)) ] || fail "the broker did not answer within $start_within s: $(tail -n 1 "$dir/broker.log")"
        waited=$((waited + 1))
        sleep 0.1
    done
}

watch_process() {
    setsid "$0" watch "$1" --dir "$dir" </dev/null >/dev/null 2>&1 &
}

start() {
    local setting
    for setting in ${sets[@]+"${sets[@]}"}; do
        [[ $setting = ?*=* ]] || fail "--set $setting: a setting is key=value"
    done
    fetch
    local named_port=$port named_dir=$dir attempt
    for attempt in $(seq $attempts); do
        port=${named_port:-$(free_port)}
        [ -z "$named_port" ] || ! taken "$port" || fail "port $port is in use; another --port, or none, to have one found"
        controller_port=$port
        while [ "$controller_port" = "$port" ]; do controller_port=$(free_port); done
        dir=${named_dir:-$root/$port}
        mkdir -p "$(dirname "$dir")"
        # making the folder is taking the name
        if ! mkdir "$dir" 2>/dev/null; then
            [ -z "$named_port$named_dir" ] || fail "$dir is there already: a broker runs in it, or ended without stop"
            continue
        fi
        dir=$(cd "$dir" && pwd)
        began=$dir
        chmod 700 "$dir"
        prepare
        if launch; then
            [ -z "$while_pid" ] || watch_process "$while_pid"
            began=
            address
            return 0
        fi
        [ "$attempt" != $attempts ] || break
        rm -rf "$dir"
    done
    fail "no port could be had in $attempts attempts"
}

# ---- the rest

end_process() {
    local pid signal=$1
    running || return 0
    pid=$(cat "$dir/pid")
    kill -"$signal" "$pid" 2>/dev/null || true
    local waited=0
    while running; do
        waited=$((waited + 1))
        [ $waited -ne 200 ] || kill -KILL "$pid" 2>/dev/null || true
        sleep 0.05
    done
    rm -f "$dir/pid"
}

remove() {
    end_process KILL
    rm -rf "$dir"
    rmdir "$root" 2>/dev/null || true
}

stop() {
    find_dir optional
    [ -n "$dir" ] && [ -d "$dir" ] || return 0
    [ -e "$dir/server.properties" ] || [ -z "$(ls -A "$dir")" ] || fail "$dir is no broker's folder"
    remove
}

restart() {
    find_dir needed
    [ -e "$dir/server.properties" ] || fail "$dir holds no broker"
    fetch
    end_process TERM
    launch || fail "port $(cat "$dir/port") is in use by somebody else"
    address
}

status() {
    find_dir optional
    if [ -n "$dir" ] && running; then
        echo "running at $(address), process $(cat "$dir/pid"), folder $dir"
    else
        echo "not running"
        exit 3
    fi
}

tool() {
    find_dir needed
    [ -e "$dir/port" ] || fail "$dir holds no broker"
    fetch
    local name=$1 login=()
    shift
    [ ! -e "$dir/admin.properties" ] || login=(--command-config "$dir/admin.properties")
    case $name in
    acls) if [ "${version%%.*}" -lt 4 ]; then name=kafka.admin.AclCommand; else name=org.apache.kafka.tools.AclCommand; fi ;;
    configs) name=kafka.admin.ConfigCommand ;;
    delete-records) name=org.apache.kafka.tools.DeleteRecordsCommand ;;
    groups) name=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
    topics) name=org.apache.kafka.tools.TopicCommand ;;
    transactions) name=org.apache.kafka.tools.TransactionsCommand ;;
    *.*) ;;
    *) fail "no tool \"$name\"" ;;
    esac
    java_tool "$name" --bootstrap-server "$(address)" ${login[@]+"${login[@]}"} "$@"
}

topic() {
    [ $# -ge 2 ] || usage
    local name=$1 partitions=$2 settings=() setting
    shift 2
    for setting in "$@"; do
        settings+=(--config "$setting")
    done
    tool topics --create --topic "$name" --partitions "$partitions" ${settings[@]+"${settings[@]}"} >/dev/null
}

watch() {
    while kill -0 "$1" 2>/dev/null && [ -d "$dir" ]; do sleep 1; done
    [ ! -d "$dir" ] || remove
}

fetched='' began=''
clean_up() {
    [ -z "$fetched" ] || rm -rf "$fetched"
    if [ -n "$began" ]; then
        dir=$began
        [ -z "${KAFKA_KEEP_LOG:-}" ] || cp "$dir/broker.log" "$KAFKA_KEEP_LOG" 2>/dev/null || true
        remove
    fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

verb=${1:-}
[ -n "$verb" ] || usage
shift
port='' dir=${KAFKA_HOME_DIR:-} secure='' while_pid='' sets=() words=()
while [ $# -gt 0 ]; do
    case $1 in
    --port) [ $# -ge 2 ] || usage; port=$2; shift ;;
    --dir) [ $# -ge 2 ] || usage; dir=$2; shift ;;
    --secure) secure=yes ;;
    --set) [ $# -ge 2 ] || usage; sets+=("$2"); shift ;;
    --while) [ $# -ge 2 ] || usage; while_pid=$2; shift ;;
    *) words+=("$1") ;;
    esac
    shift
done

case $verb in
start | stop | restart | status | fetch) [ ${#words[@]} -eq 0 ] || usage; $verb ;;
kill) find_dir needed; end_process KILL ;;
topic | watch) $verb ${words[@]+"${words[@]}"} ;;
tool) [ ${#words[@]} -ge 1 ] || usage; tool "${words[@]}" ;;
*) usage ;;
esac
