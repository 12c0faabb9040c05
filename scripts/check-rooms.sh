#!/bin/sh
# Fails when a file includes against the one-way street of rooms or of a room's sub-folders, when an outside header is
# included away from its home, when two source files share a name, or when a file is made or a thread started elsewhere
# than in its one place. Reads the sources next to it, or those of the
# folder given.
#
#   scripts/check-rooms.sh [FOLDER]
set -eu
cd "${1:-$(dirname "$0")/..}"

# room: rooms whose headers it may include (its own always)
streets='
base:
ingest: base
graph: base
gnn: base graph
scoring: base graph gnn
export: base graph scoring
cli: base ingest graph gnn scoring export
'

# sub-folder: what it may include beside itself: folders of its own room ("graph" is the files of graph/ outside
# sub-folders) and whole other rooms. A sub-folder without a line may include all that its room may.
inner='
base/h5: base
base/kafka: base
export/actions: export base graph scoring
export/extract: export base graph scoring
export/files: export export/extract base graph scoring
export/page: export/extract export/files base graph scoring
ingest/formats: ingest ingest/registry base
ingest/registry: ingest base
ingest/files: ingest ingest/formats base
ingest/kafka: ingest ingest/formats base base/kafka
ingest/sample: ingest ingest/formats ingest/files ingest/kafka base
ingest/simulate: base
graph/igraph: base graph
graph/state: base graph
graph/window: base graph graph/state
graph/features: base graph graph/window
graph/shards: base graph graph/state
graph/erase: base graph graph/state graph/shards
cli/settings: base ingest graph gnn scoring export
cli/job: base ingest graph gnn scoring export cli/settings cli/terminal
cli/library: base ingest graph gnn scoring export cli/settings cli/job
cli/erase: base ingest graph gnn scoring export cli/settings cli/job cli/terminal
cli/verbs: base ingest graph gnn scoring export cli cli/settings cli/job cli/terminal cli/erase
cli: cli/settings cli/job cli/terminal base ingest graph gnn scoring export
scoring/surprise: base graph gnn
scoring/scores: scoring scoring/surprise base graph gnn
scoring/tags: scoring/scores scoring/surprise base graph
scoring/why: scoring/scores scoring/surprise scoring/tags scoring/clusters base graph
scoring/rules: scoring scoring/scores scoring/surprise scoring/tags base graph
scoring/clusters: scoring scoring/scores scoring/surprise scoring/tags base graph
'

# outside header: the files that may include it; tests may include what they need to judge a result
homes='
hdf5.h: base/h5/h5_int.h base/h5/h5_disk.h
yaml.h: base/yaml.c
sys/file.h: base/append.c
openssl/evp.h: base/keyed_hash.c
openssl/params.h: base/keyed_hash.c
iconv.h: ingest/encoding.c
avro.h: ingest/formats/avro_schema.c
curl/curl.h: ingest/registry/schema_registry.c
lzma.h: ingest/files/avro_codec.c
snappy-c.h: ingest/files/avro_codec.c
utf8proc.h: ingest/formats/spell_text.c
zlib.h: ingest/input_stream.c ingest/packed_output.c ingest/files/avro_codec.c base/h5/h5_filters.c
zstd.h: ingest/input_stream.c ingest/packed_output.c ingest/files/avro_codec.c
xxhash.h: base/idmap.c base/h5/h5_seal.c ingest/files/record_buffer_int.h ingest/formats/spell_fingerprint.c ingest/formats/spell_text.c ingest/kafka/kafka_batch.c graph/state/dedup.c scoring/fingerprint.c
emmintrin.h: base/rf_block.h
immintrin.h: ingest/formats/json_marks.c
xxh_x86dispatch.h: ingest/files/record_buffer_int.h
igraph.h: graph/igraph/igraph_int.h
cblas.h: gnn/linalg.c
lapacke.h: gnn/linalg.c
librdkafka/rdkafka.h: base/kafka/rf_kafka.h
google/protobuf/descriptor.pb-c.h: ingest/formats/descriptor_set.c
check.h: -
'

# everything else in <> is C11, POSIX or Linux
system=' assert.h ctype.h dirent.h dlfcn.h errno.h fcntl.h fnmatch.h ftw.h glob.h inttypes.h limits.h locale.h
math.h pthread.h sched.h setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h
stdlib.h string.h strings.h sys/ioctl.h sys/mman.h sys/random.h sys/resource.h sys/socket.h sys/stat.h sys/time.h
sys/types.h sys/wait.h termios.h time.h unistd.h wchar.h wctype.h poll.h netinet/in.h arpa/inet.h netdb.h
cpuid.h '

rooms='base ingest graph gnn scoring export cli'
files=$(find $rooms tests/unit tests/support tests/fuzz tests/bench -name '*.[ch]' 2>/dev/null | sort)

# shellcheck disable=SC2086
awk -v streets="$streets" -v inner="$inner" -v homes="$homes" -v standard="$system" -v files="$files" '
function complain(text) { print text; bad = 1 }
BEGIN {
    n = split(streets, lines, "\n")
    for (i = 1; i <= n; i++) {
        m = split(lines[i], words, /[: ]+/)
        if (words[1] == "") continue
        may[words[1], words[1]] = 1
        for (j = 2; j <= m; j++) may[words[1], words[j]] = 1
    }
    n = split(inner, lines, "\n")
    for (i = 1; i <= n; i++) {
        m = split(lines[i], words, /[: ]+/)
        if (words[1] == "") continue
        has_line[words[1]] = 1
        for (j = 2; j <= m; j++) inside[words[1], words[j]] = 1
    }
    n = split(homes, lines, "\n")
    for (i = 1; i <= n; i++) {
        m = split(lines[i], words, /:? +/)
        if (words[1] == "") continue
        homely[words[1]] = 1
        for (j = 2; j <= m; j++) home[words[1], words[j]] = 1
    }
    n = split(standard, words, /[ \n]+/)
    for (i = 1; i <= n; i++) system_header[words[i]] = 1

    n_files = split(files, names, "\n")
    for (i = 1; i <= n_files; i++) {
        m = split(names[i], parts, "/")
        name = parts[m]
        if (parts[1] == "tests") continue
        if (m > 3) complain(names[i] ": a sub-folder of a room is flat")
        if (name in room_of) complain(names[i] ": another file is called " name)
        room_of[name] = parts[1]
        folder_of[name] = m == 3 ? parts[1] "/" parts[2] : parts[1]
    }
    for (i = 1; i <= n_files; i++) check_file(names[i])
    exit bad
}
function may_inside(folder, room, name,    other) {
    other = folder_of[name]
    return !(folder in has_line) || other == folder || (folder, other) in inside ||
           (room != room_of[name] && (folder, room_of[name]) in inside)
}
function check_file(path,    line, number, parts, room, name, folder) {
    folder = split(path, parts, "/") == 3 ? parts[1] "/" parts[2] : parts[1]
    room = parts[1]
    while ((getline line < path) > 0) {
        number++
        if (line !~ /^[ \t]*#[ \t]*include/) continue
        name = line
        if (line ~ /</) {
            sub(/.*</, "", name); sub(/>.*/, "", name)
            if (name in system_header || room == "tests" || (name, path) in home) continue
            if (name in homely) complain(path ":" number ": <" name "> has its home elsewhere")
            else complain(path ":" number ": <" name "> has no home yet; name one in scripts/check-rooms.sh")
        } else {
            sub(/[^"]*"/, "", name); sub(/".*/, "", name)
            if (room == "tests") continue
            if (!(name in room_of)) complain(path ":" number ": no room has \"" name "\"")
            else if (!((room, room_of[name]) in may))
                complain(path ":" number ": " room "/ may not include \"" name "\" of " room_of[name] "/")
            else if (!may_inside(folder, room, name))
                complain(path ":" number ": " folder "/ may not include \"" name "\" of " folder_of[name] "/")
            else if (room == "gnn" && room_of[name] == "graph" && name != "rf_adj.h" && name != "rf_graph.h")
                complain(path ":" number ": gnn/ takes only the frozen rf_adj.h and rf_graph.h from graph/")
            else if (name ~ /_int\.h$/ && room_of[name] != room)
                complain(path ":" number ": \"" name "\" is private to " room_of[name] "/")
        }
    }
    close(path)
}'

# Files are made in one place, which knows temporary names, modes and links; threads in one, which knows signals.
# shellcheck disable=SC2086
strays=$({
    grep -nE 'O_CREAT|\bcreat\(|mkstemp|freopen\(|\bfopen\([^)]*"[wa]' $(printf '%s\n' $files | grep -v '^tests/\|^base/beside\.c$') |
        grep -v '"/proc/self/' | sed 's/$/: only base\/beside.c makes files/'
    grep -n 'pthread_create(' $(printf '%s\n' $files | grep -v '^tests/\|^base/thread\.c$') |
        sed 's/$/: only base\/thread.c starts threads/'
} || true)
[ -z "$strays" ] || { printf '%s\n' "$strays"; exit 1; }
