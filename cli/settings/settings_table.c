/* settings_table.c - every key: type, range, unit, words, description, and the field that its value goes to.
 * Nothing but the table; the order is that of docs/CONFIGURATION.md.
 */
#include "settings_int.h"

#include <string.h>

/* The member's offset and C type; an enum is as wide as an int. */
#define TYPE_OF(expression)                                                                                  \
    _Generic((expression),                                                                                   \
        bool: RF_FIELD_BOOL,                                                                                 \
        int: RF_FIELD_INT,                                                                                   \
        unsigned: RF_FIELD_INT,                                                                              \
        int64_t: RF_FIELD_INT64,                                                                             \
        uint64_t: RF_FIELD_UINT64,                                                                           \
        double: RF_FIELD_DOUBLE,                                                                             \
        const char *: RF_FIELD_TEXT,                                                                         \
        const char *const *: RF_FIELD_TEXTS)
#define MEMBER(member) (((rf_settings *)NULL)->member)
#define AT(member) .offset = offsetof(rf_settings, member), .field = TYPE_OF(MEMBER(member))
#define ATTR(member) .offset = offsetof(rf_attr, member), .field = TYPE_OF(((rf_attr *)NULL)->member)
#define BESIDE(member) .beside = offsetof(rf_settings, member)
#define KIND(member)                                                                                         \
    .offset = offsetof(rf_kind_setting, member), .field = TYPE_OF(((rf_kind_setting *)NULL)->member)
#define KIND_BESIDE(member) .beside = offsetof(rf_kind_setting, member)
#define ATTR_BESIDE(member) .beside = offsetof(rf_attr, member)
#define ARRAY(member)                                                                                        \
    .offset = offsetof(rf_settings, member), .field = TYPE_OF(MEMBER(member)[0]),                            \
    .most = sizeof MEMBER(member) / sizeof MEMBER(member)[0]
#define RANGE(low, high) .min = (low), .max = (high)
#define ABOVE(low, high) .min = (low), .max = (high), .above_min = true
#define WORDS(...)                                                                                           \
    .words = (const rf_word[])                                                                               \
    {                                                                                                        \
        __VA_ARGS__,                                                                                         \
        {                                                                                                    \
            NULL, 0                                                                                          \
        }                                                                                                    \
    }
#define YEARS 3.1536e15          /* 100 years in microseconds */
#define EXACT 9007199254740992.0 /* 2^53: larger whole numbers are not all a double */

const rf_key_group rf_key_groups[] = {
    {"", "Of the whole job."},
    {"source", "Where events come from."},
    {"source.csv", "How CSV is written: RFC 4180, unless these keys say otherwise."},
    {"source.avro",
     "Where the schemas of Avro messages come from: one of `registry`, `schemas`, `schema`. Avro "
     "files need none of these keys."},
    {"kafka",
     "Settings of the Kafka client. They are passed to librdkafka unchanged, for example "
     "`bootstrap.servers`, `group.id`, `security.protocol`. In a value, `${env:NAME}` is replaced by "
     "an environment variable and `${file:PATH}` by the content of a file; neither is ever logged. The "
     "same settings serve reading and emitting."},
    {"fields", "Which column (CSV) or key (JSON; `a.b` for nested objects) holds which part of an event."},
    {"fields.time", "When the event happened; a table without times leaves it out. `time: NAME` is short for "
                    "`time: {field: NAME}`."},
    {"fields.numbers",
     "How texts say numbers: CSV fields and JSON strings. JSON's own numbers are always 1234.5."},
    {RF_ENTITIES,
     "In place of `fields.entity`: all kinds of entity that an event names, such as its merchant, its device "
     "and its card, by name; at most 16. The first is the main kind, which every event has. `NAME: FIELD` is "
     "short for `NAME: {field: FIELD}`."},
    {RF_ATTRIBUTES, "Typed attributes of an event, by name, in the order of the columns that they make. "
                    "`NAME: TYPE` is short for `NAME: {type: TYPE}`. At most 64."},
    {"graph", "What the graph is made of."},
    {"ingest", "How events are read."},
    {"train", "Shape and training of the GraphBEAN autoencoder. The flags of `ringfence train` have the same "
              "names, with `-` for `_`."},
    {"score", "How surprising each user, entity and edge is."},
    {"tag", "Which types of fraud a subject looks like (docs/RULES.md)."},
    {"cluster", "Groups of suspicious users and entities that belong together (docs/CLUSTERS.md)."},
    {"evaluate", "How scores are compared with known labels."},
    {"suppress", "Subjects that must not become actions (docs/ACTIONS.md)."},
    {"audit", "The append-only record of what was decided."},
    {"ids", "What stands for users and entities (docs/PRIVACY.md)."},
    {"ids.pseudonymise", "Pseudonyms in place of ids."},
    {"erase", "What `ringfence erase` leaves of those whom it erases (docs/PRIVACY.md)."},
    {"emit", "Which subjects become action messages, and where these go."},
    {"emit.threshold",
     "Which subjects get a message: one of the four at most. A flag or `--set` replaces what the file gives; "
     "two of them in the file, or two on the command line, are an error."},
    {"simulate", "Synthetic, labelled events (`ringfence simulate`)."},
    {0},
};

const rf_key rf_keys[] = {
    {"threads", RF_KEY_INT, AT(threads), RANGE(0, 1024), .unit = "threads",
     .about = "Number of threads; 0 uses every CPU available. Results do not depend on it."},
    {"output", RF_KEY_PATH, AT(output),
     .about = "Folder of the results, created if it does not exist. Relative names of result files are "
              "relative to it, unless they are given on the command line."},

    {"retention", RF_KEY_DURATION, AT(retention_us), RANGE(24 * 3600 * 1e6, YEARS), WORDS({"forever", 0}),
     .about = "How old events of the graph's state, dead letters, clusters, alerts and audit lines may get. "
              "What is "
              "older at the start of a run is dropped (docs/PRIVACY.md)."},

    {"source.type", RF_KEY_CHOICE, AT(source.type),
     WORDS({"files", RF_SOURCE_FILES}, {"stdin", RF_SOURCE_STDIN}, {"kafka", RF_SOURCE_KAFKA}),
     .about = "Files, standard input, or Kafka topics."},
    {"source.paths", RF_KEY_TEXTS, AT(source.paths), BESIDE(source.n_paths),
     .otherwise = "required for files",
     .about =
         "Event files, read in the order given. Each may be a glob, whose matches are sorted. Plain, gzip "
         "or zstd."},
    {"source.format", RF_KEY_CHOICE, AT(source.format),
     WORDS({"auto", RF_FORMAT_AUTO}, {"csv", RF_FORMAT_CSV}, {"jsonl", RF_FORMAT_JSONL},
           {"json", RF_FORMAT_JSONL}, {"protobuf", RF_FORMAT_PROTOBUF}, {"avro", RF_FORMAT_AVRO}),
     .about =
         "Format of the records. `auto` looks at the file's name, then at its content, and means `json` "
         "for Kafka, or `avro` where `source.avro` says where schemas come from. `json` is JSON Lines, or "
         "one JSON object in each message. `protobuf` is for Kafka only."},
    {"source.encoding", RF_KEY_TEXT, AT(source.encoding),
     .otherwise = "UTF-8, or what a byte order mark says",
     .about = "Encoding of files, standard input, and the values of messages: `utf-8`, `utf-16` (`utf-16le`, "
              "`utf-16be` where there is no byte order mark), `latin-1`, `windows-1252`, or any name that "
              "`iconv -l` "
              "lists."},
    {"source.columns", RF_KEY_TEXTS, AT(source.columns), BESIDE(source.n_columns),
     .otherwise = "the header; required for CSV messages",
     .about = "CSV without a header (a file's, or a message): its columns, in order. A file whose first line "
              "consists of these names has a header all the same."},
    {"source.csv.delimiter", RF_KEY_MARK, AT(source.csv.delimiter),
     WORDS({"auto", RF_CSV_AUTO}, {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"pipe", '|'},
           {"space", ' '}),
     .about =
         "What separates columns. `auto` is the comma, unless a file begins with a line such as `sep=;`, or "
         "only another delimiter gives all columns that `fields` name; in messages it is the comma."},
    {"source.csv.quote", RF_KEY_MARK, AT(source.csv.quote),
     WORDS({"double", RF_CSV_DOUBLE_QUOTE}, {"single", '\''}, {"none", RF_CSV_NO_QUOTE}),
     .about = "What stands around a field that may hold delimiters and line ends. Doubled, it is text."},
    {"source.csv.escape", RF_KEY_MARK, AT(source.csv.escape), WORDS({"none", 0}, {"backslash", '\\'}),
     .about = "What stands before a quote, a delimiter or a line end that is text. After a backslash, `n`, "
              "`r` and "
              "`t` are line end, return and tab."},
    {"source.csv.comment", RF_KEY_MARK, AT(source.csv.comment), WORDS({"none", 0}, {"hash", '#'}),
     .about = "Lines of a file that begin with it are passed over."},
    {"source.csv.skip", RF_KEY_INT, AT(source.csv.skip), RANGE(0, 1e6), .unit = "lines",
     .about = "Lines of a file before its header (or its first record) that are no part of the table."},
    {"source.csv.trim", RF_KEY_BOOL, AT(source.csv.trim),
     .about =
         "Whether spaces and tabs at both ends of every field are taken away, and may stand before a quote. "
         "Numbers, times and the names in a header are read so in any case."},
    {"source.csv.header", RF_KEY_CHOICE, AT(source.csv.header),
     WORDS({"auto", RF_CSV_HEADER_AUTO}, {"true", RF_CSV_HEADER_FIRST}, {"false", RF_CSV_HEADER_NONE}),
     .about =
         "Whether a file begins with the names of its columns. `auto`: yes, unless `source.columns` is set. "
         "Without names, `fields` name columns by position: `\"#1\"` is the first."},
    {"source.csv.short_rows", RF_KEY_CHOICE, AT(source.csv.short_rows),
     WORDS({"reject", false}, {"fill", true}),
     .about = "Records with fewer fields than there are columns: rejected, or filled up with empty fields."},
    {"source.where", RF_KEY_TEXTS, AT(source.fields.where), BESIDE(source.fields.n_where), .otherwise = "all",
     .about =
         "Conditions that a record must meet, all of them: `FIELD = VALUE`, with `=`, `!=`, `<`, `<=`, `>`, "
         "`>=`, `in`, `not in` (`status in paid, refunded`), or `FIELD exists`, `FIELD missing`. Of a "
         "message "
         "also `$key`, `$header.NAME`, `$timestamp` and `$value` (`$value exists`). Others are counted as "
         "filtered."},
    {"source.descriptors", RF_KEY_PATH, AT(source.kafka.descriptors), .otherwise = "required for protobuf",
     .about = "Protobuf: file of the descriptor set (`protoc --include_imports --descriptor_set_out=FILE`)."},
    {"source.message_type", RF_KEY_TEXT, AT(source.kafka.message_type), .otherwise = "required for protobuf",
     .about = "Protobuf: full name of the messages' type, for example `shop.v1.Order`."},
    {"source.avro.registry", RF_KEY_TEXT, AT(source.kafka.avro.registry), .otherwise = "none",
     .about = "Avro messages with a schema registry's prefix: the registry's URL, which is asked for each "
              "schema once "
              "(GET /schemas/ids/ID). While it is away, the job waits, as `source.broker_timeout` says."},
    {"source.avro.schemas", RF_KEY_PATH, AT(source.kafka.avro.schemas), .otherwise = "none",
     .about = "The same from a folder: files `ID.avsc`, one a schema."},
    {"source.avro.schema", RF_KEY_PATH, AT(source.kafka.avro.schema), .otherwise = "none",
     .about = "Avro messages without a prefix: file of the schema that all of them have."},
    {"source.avro.user", RF_KEY_TEXT, AT(source.kafka.avro.user), .otherwise = "none",
     .about =
         "User of the registry (basic authentication). `${env:NAME}` and `${file:PATH}` in it are replaced."},
    {"source.avro.password", RF_KEY_TEXT, AT(source.kafka.avro.password), .otherwise = "none",
     .about = "Its password, likewise: `${file:/run/secrets/registry}`. It is never printed."},
    {"source.avro.ca", RF_KEY_PATH, AT(source.kafka.avro.ca), .otherwise = "the system's",
     .about = "File of the certificates (PEM) that the registry's is checked with."},
    {"source.avro.timeout", RF_KEY_DURATION, AT(source.kafka.avro.timeout_us), RANGE(1e5, 600 * 1e6),
     .about = "How long one request to the registry may take."},
    {"source.topics", RF_KEY_TEXTS, AT(source.kafka.topics), BESIDE(source.kafka.n_topics),
     .otherwise = "none", .about = "Kafka topics."},
    {"source.from", RF_KEY_TIME, AT(source.kafka.from_us),
     WORDS({"earliest", RF_FROM_EARLIEST}, {"latest", RF_FROM_LATEST}),
     .about = "Kafka, first start only: where reading begins."},
    {"source.until", RF_KEY_TIME, AT(source.kafka.until_us),
     WORDS({"now", RF_UNTIL_NOW}, {"never", RF_UNTIL_NEVER}),
     .about = "Kafka: where reading ends. `now` is the end of the topic at the start of the job; a time "
              "stops before the first message at or after it; `never` follows the topic until interrupted."},
    {"source.gaps", RF_KEY_CHOICE, AT(source.kafka.skip_gaps), WORDS({"fail", false}, {"skip", true}),
     .about = "Kafka: what to do when retention has deleted messages before they were read. `fail` stops and "
              "names them, `skip` continues after them with a warning."},
    {"source.changed", RF_KEY_CHOICE, AT(source.kafka.changed),
     WORDS({"fail", RF_CHANGED_FAIL}, {"same", RF_CHANGED_SAME}, {"new", RF_CHANGED_NEW}),
     .about = "Kafka: what to do when a topic is not the one that the state was read from, by the ids of "
              "cluster and topic, its ends, and the last messages read. `fail` stops and says what differs. "
              "`same` does not compare ids: the topic has moved with its offsets. `new` reads it from "
              "`source.from` on, into the state."},
    {"source.broker_timeout", RF_KEY_DURATION, AT(source.kafka.broker_timeout_us), ABOVE(0, YEARS),
     .about = "Kafka: the job gives up when no broker has answered for this long."},
    {"source.queue_messages", RF_KEY_INT, AT(source.kafka.queue_messages), RANGE(1000, 1e8),
     .unit = "messages",
     .about = "Kafka: number of messages fetched ahead of the graph. Fetching pauses when there are more."},

    {"fields.user", RF_KEY_FIELD, AT(source.fields.user), BESIDE(source.fields.user_more),
     .otherwise = "required",
     .about = "Who acts. Of a list the first field that has a value counts; `{join: [bank, account]}` makes "
              "one id of several, with `|` between them."},
    {"fields.user.normalise", RF_KEY_TEXTS, AT(source.fields.user_normalise.words),
     BESIDE(source.fields.user_normalise.n), .otherwise = "`fields.normalise`",
     .about = "What is done to users, in place of `fields.normalise` and in the same words; `[]` is nothing. "
              "In a file it stands beside the names: `user: {field: mail, normalise: [lower]}`, or `{fields: "
              "[bank, account], normalise: [trim]}`, which joins them."},
    {"fields.entity", RF_KEY_FIELD, AT(source.fields.entity), BESIDE(source.fields.entity_more),
     .otherwise = "required, or `fields.entities`",
     .about = "What is acted on: a merchant, a terminal, a page."},
    {"fields.entity.normalise", RF_KEY_TEXTS, AT(source.fields.entity_normalise.words),
     BESIDE(source.fields.entity_normalise.n), .otherwise = "`fields.normalise`",
     .about = "The same for entities."},
    {"fields.entity.near", RF_KEY_INT, AT(source.fields.near_bits), RANGE(RF_NEAR_LEAST, RF_NEAR_MOST),
     WORDS({"none", 0}), .unit = "bits",
     .about =
         "Entities that are 64-bit hashes of 16 hex digits, as `minhash 64` and hashes of pictures are, and "
         "differ in at most so many bits are one, and what such pairs chain. In a file it stands beside "
         "the names: `entity: {field: about, normalise: [minhash 64], near: 8}` (docs/INGEST.md)."},
    {"fields.event_id", RF_KEY_FIELD, AT(source.fields.event_id), BESIDE(source.fields.event_id_more),
     .otherwise = "none", .about = "The event's own id. Repeats inside the window are dropped and counted."},
    {"fields.label", RF_KEY_TEXT, AT(source.fields.label), .otherwise = "none",
     .about = "Label: 0/1 or true/false, empty if unknown. An event whose label nobody can read counts as "
              "unlabelled, with a warning. Used by `evaluate` only."},
    {"fields.normalise", RF_KEY_TEXTS, AT(source.fields.normalise), BESIDE(source.fields.n_normalise),
     .otherwise = "none",
     .about =
         "What is done to users and entities, in this order, so that other spellings are no other ids: "
         "`trim` "
         "(no spaces at both ends, no invisible characters), `lower`, `squeeze` (trim, and one space for "
         "several), `digits` (nothing else stays), `whole` (`100.0` is `100`), `email_domain`, "
         "`email_canonical` (the mailbox), `phone 49` (digits with the country, 49 where there is none), "
         "`ip_prefix 24/56` (the network of an address), `ascii` (letters without marks), `minhash 64` (the "
         "fingerprint of a text's words, for copies), `wordhash 64` (the same for short texts), `simhash 64` "
         "(another one), `sha256 ${file:PATH}` or "
         "`sha256 ${env:NAME}` (a hash by the key "
         "that "
         "is there, docs/PRIVACY.md). What a word cannot take is a reject "
         "(docs/INGEST.md)."},
    {"fields.true_values", RF_KEY_TEXTS, AT(source.fields.label_words.yes),
     BESIDE(source.fields.label_words.n_yes), .otherwise = "none",
     .about =
         "Labels that mean a known fraud, such as `[chargeback]` or `[\"1\"]`, in any case. They come before "
         "the usual words: true, t, yes, y, 1."},
    {"fields.false_values", RF_KEY_TEXTS, AT(source.fields.label_words.no),
     BESIDE(source.fields.label_words.n_no), .otherwise = "none",
     .about = "Labels that mean innocent, such as `[\"2\"]`. They come before the usual words: false, f, no, "
              "n, 0."},
    {"fields.fraud_type", RF_KEY_TEXT, AT(source.fields.fraud_type), .otherwise = "none",
     .about = "Type of the known fraud, by name. Used by `evaluate` only."},

    {"fields.null_values", RF_KEY_TEXTS, AT(source.fields.null_values), BESIDE(source.fields.n_null_values),
     .about =
         "Texts that mean that there is no value; an empty field is one always. A record that has one for an "
         "id "
         "is rejected (`null_id`), with a warning. As a label it is unknown, as an optional attribute "
         "missing; "
         "categories and fraud types of JSON keep the texts of the default. With a list of your own they are "
         "missing everywhere; `[]` is none."},
    {"fields.numbers.decimal", RF_KEY_MARK, AT(source.fields.numbers.decimal),
     WORDS({"point", 0}, {"comma", ','}), .about = "What begins the decimals."},
    {"fields.numbers.thousands", RF_KEY_MARK, AT(source.fields.numbers.thousands),
     WORDS({"none", 0}, {"comma", ','}, {"point", '.'}, {"space", ' '}, {"apostrophe", '\''}),
     .about =
         "What parts thousands: three digits follow, or two in front of another such group. `space` is any "
         "kind of space."},
    {"fields.numbers.currency", RF_KEY_TEXTS, AT(source.fields.numbers.currency),
     BESIDE(source.fields.numbers.n_currency), .otherwise = "none",
     .about =
         "Signs that may stand before or behind a number and say nothing, such as `[\"$\", EUR]`. All are of "
         "one currency: values are not converted."},

    {"fields.time.field", RF_KEY_FIELD, AT(source.fields.time), BESIDE(source.fields.time_more),
     .alternative = 1, .otherwise = "none",
     .about = "Column or key of the time; of a list all, with spaces between them. Required for Kafka "
              "(`$timestamp` is the message's own). Without it "
              "all events count as one moment, and there are no features of times and histories."},
    {"fields.time.format", RF_KEY_TIME_FORMAT, AT(source.fields.time_format),
     BESIDE(source.fields.time_pattern), .alternative = RF_TIME_STRPTIME,
     WORDS({"iso8601", RF_TIME_ISO8601}, {"s", RF_TIME_S}, {"ms", RF_TIME_MS}, {"us", RF_TIME_US},
           {"ns", RF_TIME_NS}, {"min", RF_TIME_MINUTES}, {"h", RF_TIME_HOURS}, {"d", RF_TIME_DAYS}),
     .about = "ISO 8601 (`T` or a space between date and time); a number of seconds, milliseconds, "
              "microseconds, nanoseconds, minutes, hours or days since `fields.time.since`; or a strptime "
              "pattern such as `%d/%m/%Y %H:%M`. Of a list the first that reads the time counts."},
    {"fields.time.since", RF_KEY_ORIGIN, AT(source.fields.time_since_us),
     .about =
         "What times that are numbers count from: a date or a moment, UTC without an offset. For tables that "
         "count hours or days from their own beginning, and for days of spreadsheets (`1899-12-30`)."},
    {"fields.time.zone", RF_KEY_ZONE, AT(source.fields.zone),
     .about = "Time zone of times without an offset: `UTC`, an offset like `+05:30`, or a name like "
              "`Asia/Singapore`."},

    {RF_ENTITIES ".*", RF_KEY_FIELD, KIND(field), KIND_BESIDE(more), .otherwise = "required",
     .about = "Where the kind's entity is found, as of `fields.user`. Names of kinds are a-z, 0-9 and _, a "
              "letter first."},
    {RF_ENTITIES ".*.normalise", RF_KEY_TEXTS, KIND(normalise.words), KIND_BESIDE(normalise.n),
     .otherwise = "`fields.normalise`", .about = "What is done to its ids, in place of `fields.normalise`."},
    {RF_ENTITIES ".*.near", RF_KEY_INT, KIND(kind.near_bits), RANGE(RF_NEAR_LEAST, RF_NEAR_MOST),
     WORDS({"none", 0}), .unit = "bits", .about = "As `fields.entity.near`."},
    {RF_ENTITIES ".*.required", RF_KEY_BOOL, KIND(kind.required),
     .about =
         "Whether an event without one is rejected. If false, it has none of this kind. The main kind is "
         "always required."},
    {RF_ENTITIES ".*.hub_percentile", RF_KEY_REAL, KIND(kind.hub_percentile), ABOVE(0, 1),
     .otherwise = "none",
     .about =
         "Entities with more users than this share of the kind's entities are hubs, such as the address "
         "of a mobile network, and so are those with more than one user in a hundred; fewer than 50 users "
         "are none. Hubs and their counts stay in the graph, but their edges carry no messages and join "
         "no rings and clusters. The main kind has no hubs."},
    {RF_ENTITIES ".*.hub_degree", RF_KEY_INT, KIND(kind.hub_degree), RANGE(2, 4e9), WORDS({"none", 0}),
     .unit = "users", .about = "Entities with at least so many users are hubs, too."},

    {RF_ATTRIBUTES ".*.type", RF_KEY_CHOICE, ATTR(type),
     WORDS({"number", RF_ATTR_NUMBER}, {"category", RF_ATTR_CATEGORY}, {"boolean", RF_ATTR_BOOLEAN},
           {"time_of_day", RF_ATTR_TIME_OF_DAY}, {"time_of_week", RF_ATTR_TIME_OF_WEEK}, {"age", RF_TYPE_AGE},
           {"duration", RF_TYPE_AGE}),
     .otherwise = "required",
     .about = "A number; a category, whose most frequent values get columns; a boolean; a cyclic time, as "
              "sine and cosine; or an age, the days between the moment in `from` and the event."},
    {RF_ATTRIBUTES ".*.from", RF_KEY_FIELD, ATTR(from), ATTR_BESIDE(more), .alternative = 1,
     .otherwise = "none",
     .about = "Age: column or key of the moment that it counts from, such as when the account was made."},
    {RF_ATTRIBUTES ".*.field", RF_KEY_FIELD, ATTR(field), ATTR_BESIDE(more),
     .otherwise = "the attribute's name",
     .about = "Column or key. A `time_of_day` or `time_of_week` without a field is the event's own time."},
    {RF_ATTRIBUTES ".*.log1p", RF_KEY_BOOL, ATTR(log1p),
     .about = "Number: its features are transformed by sign(x)·log(1 + |x|)."},
    {RF_ATTRIBUTES ".*.decimals", RF_KEY_INT, ATTR(decimals), RANGE(0, RF_MOST_PLACES), .unit = "places",
     WORDS({"auto", RF_PLACES_FREE}),
     .about =
         "Number: decimal places that are kept, exactly; digits behind them are rounded. Numbers may be "
         "as large as 10^(18 - decimals). `auto` is 6, or with a smaller `scale` as many as that has, at "
         "most 9, and warns of numbers that have more."},
    {RF_ATTRIBUTES ".*.scale", RF_KEY_REAL, ATTR(scale), RANGE(1e-80, 1e18),
     .about =
         "Number: a power of ten that each one is multiplied by, exactly: 1e-18 makes ethers of wei, 0.01 "
         "euros of cents."},
    {RF_ATTRIBUTES ".*.top", RF_KEY_INT, ATTR(top), RANGE(1, 1000), .unit = "values",
     .about = "Category: number of most frequent values that get a column of their own. The rest share "
              "`other`."},
    {RF_ATTRIBUTES ".*.true_values", RF_KEY_TEXTS, ATTR(truth.yes), ATTR_BESIDE(truth.n_yes),
     .otherwise = "none", .about = "Boolean: texts that mean true, before the usual ones."},
    {RF_ATTRIBUTES ".*.false_values", RF_KEY_TEXTS, ATTR(truth.no), ATTR_BESIDE(truth.n_no),
     .otherwise = "none", .about = "Boolean: texts that mean false, before the usual ones."},
    {RF_ATTRIBUTES ".*.required", RF_KEY_BOOL, ATTR(required),
     .about = "If true, an event without the attribute is rejected; otherwise the value counts as missing."},
    {RF_ATTRIBUTES ".*.of", RF_KEY_TEXTS, ATTR(of), ATTR_BESIDE(n_of), .otherwise = "the main kind",
     .about = "The kinds of `fields.entities` whose edges carry the attribute."},

    {"graph.file", RF_KEY_PATH, AT(files.graph), .in_output = true, .about = "The graph and its state."},
    {"graph.shards", RF_KEY_PATH, AT(files.shards), .in_output = true,
     .otherwise = "one process builds `graph.file`",
     .about = "Kafka: folder that the processes of one group share, with one state file for each partition. "
              "`merge` joins them into `graph.file`."},
    {"graph.granularity", RF_KEY_CHOICE, AT(graph.granularity),
     WORDS({"pair", RF_GRANULARITY_PAIR}, {"event", RF_GRANULARITY_EVENT}),
     .about = "What an edge is: a (user, entity) pair with aggregated attributes, or one event."},
    {"graph.window", RF_KEY_DURATION, AT(graph.window_us), ABOVE(0, YEARS), WORDS({"all", 0}),
     .about = "Length of the window that ends at `graph.as_of`, a multiple of `graph.bucket`. `all` has no "
              "beginning."},
    {"graph.as_of", RF_KEY_TIME, AT(graph.as_of_us), WORDS({"latest", RF_AS_OF_LATEST}),
     .about = "Exclusive end of the window, a multiple of `graph.bucket`. `latest` is the end of the newest "
              "event's bucket. Nothing at or after it leaks in."},
    {"graph.bucket", RF_KEY_DURATION, AT(graph.bucket_us), ABOVE(0, YEARS),
     .about = "The window moves in steps of this length."},
    {"graph.history", RF_KEY_DURATION, AT(graph.history_us), RANGE(0, YEARS),
     .about = "Event granularity: events this long before the window are kept, as history of those inside."},
    {"graph.zone", RF_KEY_ZONE, AT(graph.zone), .otherwise = "`fields.time.zone`",
     .about = "Time zone of hours, nights, days and weekends."},
    {"graph.features", RF_KEY_TEXT, AT(graph.features),
     .about = "Feature groups to compute: `all`, or a comma list of `time`, `attributes`, `structure`, "
              "`history`. Fewer cost less time and memory."},
    {"graph.label_share", RF_KEY_REAL, AT(graph.label_share), RANGE(0, 1),
     .about = "A user, entity or pair is labelled when more than this share of its events is."},

    {"ingest.max_rejects", RF_KEY_REAL, AT(source.max_rejects), RANGE(0, 1e15),
     .about = "Bad records allowed: below 1 a share of those read, else a count. Beyond it the job stops "
              "with status 3 and leaves the graph unchanged."},
    {"ingest.future_tolerance", RF_KEY_DURATION, AT(source.future_tolerance_us), ABOVE(0, YEARS),
     WORDS({"any", RF_ANY_FUTURE}),
     .about = "Events this long after the moment of reading come from a wrong clock. They go to the dead "
              "letters as `time_in_future`, and `ingest.max_rejects` does not count them. `any` takes them, "
              "and lets the newest event move `graph.as_of: latest` however far it lies from all others."},
    {"ingest.absent_keys", RF_KEY_CHOICE, AT(source.absent_keys),
     WORDS({"refuse", RF_ABSENT_KEYS_REFUSE}, {"warn", RF_ABSENT_KEYS_WARN}),
     .about = "What to do when none of the first 10,000 JSON records has a key that `fields` name: it is "
              "mistyped, or only rare. A build that goes on with a state, and reads fewer, only warns."},
    {"ingest.max_record", RF_KEY_INT, AT(source.max_record), RANGE(1024, 1 << 30), .unit = "bytes",
     .about =
         "The longest record. Of a longer one the beginning goes to the dead letters, and reading goes on "
         "behind it; it takes no memory."},
    {"ingest.dead_letters", RF_KEY_PATH, AT(source.dead_letters), .in_output = true,
     .about = "File that gets each bad record with its place and reason."},
    {"ingest.checkpoint_events", RF_KEY_INT, AT(checkpoint_events), RANGE(1000, 1e15), .unit = "events",
     .about =
         "A long build saves its state after this many events; if it is killed, it continues from there."},
    {"ingest.checkpoint_interval", RF_KEY_DURATION, AT(checkpoint_interval_us), ABOVE(0, YEARS),
     .about = "Kafka: new events are saved after this time at the latest."},
    {"ingest.dead_letter_topic", RF_KEY_TEXT, AT(source.kafka.dead_letter_topic),
     .otherwise = "`ingest.dead_letters`",
     .about =
         "Kafka topic that gets each bad message unchanged, with its place and reason in headers, instead "
         "of the file."},

    {"train.model", RF_KEY_PATH, AT(files.model), .in_output = true, .about = "The trained model."},
    {"train.epochs", RF_KEY_INT, AT(train.epochs), RANGE(1, 1e6), .unit = "epochs",
     WORDS({"auto", RF_EPOCHS_AUTO}),
     .about = "Training steps; each uses the whole graph. `auto` stops soon after the model begins to learn "
              "odd nodes, too, at 200 at the latest."},
    {"train.lr", RF_KEY_REAL, AT(train.lr), ABOVE(0, 1e3), .about = "Learning rate of Adam."},
    {"train.eta", RF_KEY_REAL, AT(train.eta), RANGE(0, 1e6),
     .about = "Weight of the structure decoder's loss relative to that of the features."},
    {"train.seed", RF_KEY_INT, AT(train.seed), RANGE(0, EXACT),
     .about = "Seed of all random numbers: the same seed gives the same bytes."},
    {"train.hidden", RF_KEY_INTS, ARRAY(train.hidden), .least = 3, .each = "users, entities, edges",
     RANGE(1, 4096), .unit = "channels",
     .about = "Hidden width: one number, or one each for users, entities and edges."},
    {"train.latent", RF_KEY_INTS, ARRAY(train.latent), .least = 2,
     .each = "users, entities, structure decoder", RANGE(1, 4096), .unit = "channels",
     .about = "Latent width: one number, or one each for users and entities. A third number is the width of "
              "the structure decoder."},
    {"train.layers_encoder", RF_KEY_INT, AT(train.layers_encoder), RANGE(1, 16), .unit = "layers",
     .about = "Depth of the encoder."},
    {"train.layers_decoder", RF_KEY_INT, AT(train.layers_decoder), RANGE(1, 16), .unit = "layers",
     .about = "Depth of the feature decoder."},
    {"train.layers_mlp", RF_KEY_INT, AT(train.layers_mlp), RANGE(1, 16), .unit = "layers",
     .about = "Depth of the structure decoder."},
    {"train.gate", RF_KEY_CHOICE, AT(train.gate), WORDS({"off", RF_GATE_OFF}, {"degree", RF_GATE_DEGREE}),
     .about =
         "How neighbours count in means: `off` all alike, `degree` with 1 / log(1 + degree), so that what "
         "everybody meets says less."},
    {"train.dropout", RF_KEY_REAL, AT(train.dropout), RANGE(0, 0.99),
     .about = "Probability of dropping a channel in training."},
    {"train.negatives", RF_KEY_REAL, AT(train.negatives), RANGE(0, 1000),
     .about = "Random pairs drawn in each epoch, as a multiple of the number of edges."},
    {"train.kind_weight", RF_KEY_REALS, ARRAY(train.kind_weight), BESIDE(train.n_kind_weights),
     RANGE(0, 1000), .otherwise = "1 / the number of kinds, each",
     .about = "Weight in the loss of each kind of entity, of its entities, edges and structure, in the order "
              "of `fields.entities`; users have 1."},
    {"train.milestones", RF_KEY_INTS, ARRAY(train.milestones), BESIDE(train.n_milestones), RANGE(1, 1e6),
     .otherwise = "none", .unit = "epochs",
     .about = "Epochs at which the learning rate is multiplied by `train.gamma`."},
    {"train.gamma", RF_KEY_REAL, AT(train.gamma), ABOVE(0, 1),
     .about = "Factor of the learning rate at each milestone."},
    {"train.init", RF_KEY_CHOICE, AT(train.init),
     WORDS({"kaiming-uniform", RF_INIT_KAIMING_UNIFORM}, {"orthogonal", RF_INIT_ORTHOGONAL}),
     .about = "Initial weights."},
    {"train.patience", RF_KEY_INT, AT(train.patience), RANGE(0, 1e6), .unit = "epochs",
     .about = "Training stops when the loss has not improved for this many epochs; 0 never stops early."},
    {"train.min_delta", RF_KEY_REAL, AT(train.min_delta), RANGE(0, 1),
     .about = "The smallest decrease that counts as an improvement, relative to the loss."},
    {"train.checkpoint_every", RF_KEY_INT, AT(train.checkpoint_every), RANGE(0, 1e6), .unit = "epochs",
     .about = "Training is saved each time this many epochs are done; 0 saves at the end only."},
    {"train.warm_start", RF_KEY_CHOICE, AT(train.warm_start),
     WORDS({"never", RF_WARM_NEVER}, {"auto", RF_WARM_AUTO}, {"always", RF_WARM_ALWAYS}),
     .about = "Where a training begins that replaces the model of another graph, as each night's does. "
              "`never`: with "
              "random parameters. `auto`: where that model's training ended, if options and columns are the "
              "same and "
              "`train.epochs` is auto. `always`: so with any `train.epochs`, or not at all."},
    {"train.precision", RF_KEY_CHOICE, AT(train.precision),
     WORDS({"float32", RF_PRECISION_FLOAT32}, {"bf16", RF_PRECISION_BF16}),
     .about = "How training keeps the features of edges: `bf16` (bfloat16) takes half their memory and 2 to "
              "3 decimal "
              "digits of each. All is computed in float32, and scoring reads float32."},
    {"train.hidden_edges", RF_KEY_CHOICE, AT(train.hidden_edges),
     WORDS({"auto", RF_HIDDEN_EDGES_AUTO}, {"kept", RF_HIDDEN_EDGES_KEPT},
           {"remade", RF_HIDDEN_EDGES_REMADE}),
     .about =
         "The first layer's outputs of edges are kept during training, which takes 128 bytes an edge at the "
         "default width, or made again wherever they are read, which takes longer. `auto` makes them again "
         "where "
         "they would take 512 MB or more and are no narrower than the features."},
    {"train.restart", RF_KEY_BOOL, AT(restart),
     .about = "Train from scratch even if the model file holds other work."},
    {"train.log", RF_KEY_PATH, AT(files.epochs), .in_output = true, .otherwise = "none",
     .about = "File that gets one JSON object for each epoch: `epoch`, `loss`, its four terms, "
              "`concentration` of the nodes' errors, `lr`, `seconds`."},

    {"score.output", RF_KEY_PATH, AT(files.scores), .in_output = true, .about = "The scores."},
    {"score.method", RF_KEY_CHOICE, AT(score.method),
     WORDS({"surprise", RF_METHOD_SURPRISE}, {"graphbean", RF_METHOD_GRAPHBEAN}),
     .about = "surprise: a sum of parts in nats that holds on any kind of events. graphbean: the paper's "
              "score, of the reconstruction error and the improbability of edges."},
    {"score.agg", RF_KEY_CHOICE, AT(score.agg), WORDS({"max", RF_AGG_MAX}, {"mean", RF_AGG_MEAN}),
     .about = "With graphbean: how a node's edge scores are added to its own error."},
    {"score.eta", RF_KEY_REAL, AT(score.eta), RANGE(0, 1e6), .otherwise = "`train.eta`",
     .about = "With graphbean: weight of an edge's improbability in its score."},
    {"score.frozen", RF_KEY_BOOL, AT(score.frozen),
     .about = "Normalise by the statistics kept from training instead of this graph's own."},
    {"score.calibration", RF_KEY_PATH, AT(files.calibration), .otherwise = "these scores' own",
     .about = "With surprise: scores of an earlier window (scores.h5). A score keeps the p-value that it had "
              "there, so that one window's threshold holds in the next."},
    {"score.reasons", RF_KEY_INT, AT(score.reasons), RANGE(0, RF_MAX_REASONS), .unit = "features",
     .about = "Number of largest feature residuals kept for each subject."},

    {"tag.rules", RF_KEY_PATH, AT(files.rules), .otherwise = "the shipped rules",
     .about = "File of the rules that give tags."},

    {"cluster.registry", RF_KEY_PATH, AT(files.clusters), .in_output = true,
     .otherwise = "`clusters.h5` beside `score.output`",
     .about = "File that remembers who was in which cluster, so that a cluster keeps its id from run to run. "
              "Created if it does not exist."},
    {"cluster.seed_percentile", RF_KEY_REAL, AT(cluster.seed_percentile), RANGE(0, 1),
     .about = "Users and entities at or above this percentile start a cluster; so do those with a tag of a "
              "known type."},
    {"cluster.grow_percentile", RF_KEY_REAL, AT(cluster.grow_percentile), RANGE(0, 1),
     .about =
         "A cluster grows along edges at or above this percentile, and along those with a tag of a known "
         "type."},
    {"cluster.excess", RF_KEY_REAL, AT(cluster.excess), RANGE(0, 1e6), .unit = "standard deviations",
     .about = "A cluster grows only through users and entities with more such edges than chance gives to one "
              "with as many partners."},
    {"cluster.hops", RF_KEY_INT, AT(cluster.hops), RANGE(1, 10), .unit = "hops",
     .about = "How far a cluster grows from where it started."},
    {"cluster.hub_percentile", RF_KEY_REAL, AT(cluster.hub_percentile), RANGE(0, 1),
     .about =
         "A cluster does not grow through entities with more users than this share of entities have, and "
         "at least 50."},
    {"cluster.resolution", RF_KEY_REAL, AT(cluster.resolution), ABOVE(0, 1e6),
     .about = "Resolution of the community detection: a higher value gives more and smaller clusters."},
    {"cluster.min_members", RF_KEY_INT, AT(cluster.min_members), RANGE(2, 1e9), .unit = "members",
     .about = "Smaller clusters are dropped."},
    {"cluster.max_members", RF_KEY_INT, AT(cluster.max_members), RANGE(2, 1e9), .unit = "members",
     .about = "Larger clusters are split further."},
    {"cluster.max_clusters", RF_KEY_INT, AT(cluster.max_clusters), RANGE(0, 1e9), .unit = "clusters",
     .about = "Number of clusters kept, the worst first."},
    {"cluster.dense_blocks", RF_KEY_INT, AT(cluster.dense_blocks), RANGE(0, 10000), .unit = "blocks",
     .about = "Number of dense blocks to look for as a second opinion that does not use scores; 0 looks for "
              "none."},
    {"cluster.seed", RF_KEY_INT, AT(cluster.seed), RANGE(0, 4294967295.0),
     .about = "Seed of the community detection: the same seed gives the same clusters."},

    {"evaluate.k", RF_KEY_INTS, ARRAY(evaluate.k), BESIDE(evaluate.n_k), RANGE(1, 1e12), .otherwise = "none",
     .unit = "subjects", .about = "Precision and recall among this number of highest scores."},
    {"evaluate.percentile", RF_KEY_REALS, ARRAY(evaluate.percentile), BESIDE(evaluate.n_percentile),
     RANGE(0, 1), .otherwise = "none", .about = "Precision and recall at or above these percentiles."},

    {"suppress.lists", RF_KEY_TEXTS, AT(suppress), BESIDE(n_suppress), .otherwise = "nothing is suppressed",
     .about =
         "Suppression lists (YAML); each may be a glob. A subject in a list stays visible in exports and "
         "is never emitted."},
    {"audit.path", RF_KEY_PATH, AT(files.audit), .in_output = true,
     .otherwise = "`audit.jsonl` in `run` and wherever `output` is set",
     .about = "JSON Lines: every run, rule version, threshold, suppression and emission. Lines are only ever "
              "appended."},

    {"ids.pseudonymise.key_file", RF_KEY_PATH, AT(files.pseudonym_key),
     .otherwise = "ids stay as events have them",
     .about =
         "Key with which ids of users and entities become pseudonyms when they are read, before anything is "
         "stored. Only its owner may read the file (mode 0600). Every verb that works with the configuration "
         "needs it."},
    {"erase.key_file", RF_KEY_PATH, AT(files.erase_key),
     .otherwise = "a key is made for each erasure and forgotten: nobody can tell who was erased",
     .about =
         "Key of the hashes that `ringfence erase` leaves in the audit log and in its certificate. Who has "
         "the key can tell whether an id is meant. Only its owner may read the file (mode 0600)."},

    {"emit.to", RF_KEY_CHOICE, AT(emit.to), WORDS({"jsonl", RF_EMIT_JSONL}, {"kafka", RF_EMIT_KAFKA}),
     .about = "JSON Lines, or a Kafka topic, where a run is one transaction."},
    {"emit.path", RF_KEY_PATH, AT(emit.path), .in_output = true,
     .about = "File of the messages; `-` is standard output."},
    {"emit.topic", RF_KEY_TEXT, AT(emit.kafka.topic), .otherwise = "none",
     .about = "Kafka topic of the messages."},
    {"emit.score_topic", RF_KEY_TEXT, AT(emit.kafka.score_topic), .otherwise = "none",
     .about = "Kafka: compacted topic of the subjects that are flagged now, keyed by `user/ID`, `entity/ID`, "
              "`edge/ID`. A subject that is no longer flagged gets a tombstone."},
    {"emit.create_topics", RF_KEY_BOOL, AT(emit.kafka.create_topics),
     .about = "Kafka: create `emit.topic` and `emit.score_topic` if they do not exist."},
    {"emit.partitions", RF_KEY_INT, AT(emit.kafka.partitions), RANGE(1, 10000), .unit = "partitions",
     .about = "Number of partitions of created topics."},
    {"emit.replication", RF_KEY_INT, AT(emit.kafka.replication), RANGE(0, 100), .unit = "replicas",
     .about = "Number of replicas of created topics; 0 is the broker's default."},
    {"emit.force", RF_KEY_BOOL, AT(emit.kafka.force),
     .about = "Kafka: emit a run again that is in the topic already, with the same `ce_id`s."},
    {"emit.source", RF_KEY_TEXT, AT(emit.source), .about = "`ce_source` of the messages: who sends them."},
    {"emit.max_reasons", RF_KEY_INT, AT(emit.max_reasons), RANGE(0, 64), .unit = "reasons",
     .about = "Number of reasons in a message, at most `score.reasons`."},
    {"emit.envelope", RF_KEY_BOOL, AT(emit.envelope),
     .about = "Each line is the whole message as a topic would carry it: `key`, `headers` and `value`."},
    {"emit.picture", RF_KEY_PATH, AT(files.picture), .in_output = true,
     .otherwise = "`ring.svg` in `run`, none in `emit`", .about = "SVG picture of the worst ring."},

    {"emit.clusters", RF_KEY_BOOL, AT(emit.clusters),
     .about =
         "Also emit a message for every cluster that holds a flagged user or entity. Members that it names "
         "have no message of their own."},
    {"emit.tag_confidence", RF_KEY_REAL, AT(emit.tag_confidence), RANGE(0, 2),
     .about =
         "A subject with a tag of a known type and at least this confidence is flagged whatever its score; "
         "above 1, the threshold alone decides."},
    {"emit.budget", RF_KEY_INT, AT(emit.budget), RANGE(0, 1e9), .unit = "messages",
     .about = "The most messages of a run; 0 is no limit. Clusters speak for their members, known types come "
              "first, and each kind of anomaly keeps a share."},
    {"emit.repeat", RF_KEY_CHOICE, AT(emit.repeat),
     WORDS({"changed", RF_REPEAT_CHANGED}, {"all", RF_REPEAT_ALL}),
     .about = "Which alerts of the last run have a message again: those that got worse, or all."},
    {"emit.alerts", RF_KEY_PATH, AT(emit.alerts), .in_output = true,
     .otherwise = "`alerts.h5` beside the scores",
     .about = "File that remembers the alerts from run to run. Created if it does not exist."},
    {"emit.threshold.percentile", RF_KEY_REAL, AT(emit.threshold), BESIDE(emit.threshold_type),
     .alternative = RF_THRESHOLD_PERCENTILE, RANGE(0, 1), .otherwise = "none",
     .about = "Subjects at or above this percentile of their kind."},
    {"emit.threshold.score", RF_KEY_REAL, AT(emit.threshold), BESIDE(emit.threshold_type),
     .alternative = RF_THRESHOLD_SCORE, RANGE(-1e30, 1e30), .otherwise = "none",
     .about = "Subjects with at least this score."},
    {"emit.threshold.fdr", RF_KEY_REAL, AT(emit.threshold), BESIDE(emit.threshold_type),
     .alternative = RF_THRESHOLD_FDR, RANGE(0, 1), .otherwise = "none",
     .about = "As many subjects of each kind as can be flagged with about this share of false alerts: few on "
              "a clean night, many on a bad one. Needs `score.method: surprise`."},
    {"emit.threshold.top", RF_KEY_INT, AT(emit.threshold), BESIDE(emit.threshold_type),
     .alternative = RF_THRESHOLD_TOP, RANGE(0, 1e12), .otherwise = "none", .unit = "subjects",
     .about = "This number of subjects of each kind, the worst first."},

    {"simulate.output", RF_KEY_PATH, AT(files.simulated), .otherwise = "required",
     .about = "File of the events; `-` is standard output."},
    {"simulate.format", RF_KEY_CHOICE, AT(simulated_format),
     WORDS({"auto", RF_FORMAT_AUTO}, {"csv", RF_FORMAT_CSV}, {"jsonl", RF_FORMAT_JSONL}),
     .about = "`auto` is CSV for a name that ends in .csv, else JSON Lines."},
    {"simulate.write_config", RF_KEY_PATH, AT(files.simulated_config), .otherwise = "none",
     .about = "File for the configuration that reads these events and does the whole `run`."},
    {"simulate.kinds", RF_KEY_CHOICE, AT(simulate.five_kinds), WORDS({"one", false}, {"five", true}),
     .about = "The kinds of entity that the written configuration reads: merchants alone, or merchant, "
              "device, card, "
              "address and IP. The events are the same."},
    {"simulate.events", RF_KEY_INT, AT(simulate.events), RANGE(1, 1e12), .unit = "events",
     .about = "Exact number of events, frauds included."},
    {"simulate.seed", RF_KEY_INT, AT(simulate.seed), RANGE(0, EXACT),
     .about = "The same seed and options give the same bytes."},
    {"simulate.start", RF_KEY_TIME, AT(simulate.start_us), .about = "Start of the simulated period."},
    {"simulate.days", RF_KEY_INT, AT(simulate.days), RANGE(1, 3650), .unit = "days",
     .about = "Length of the simulated period."},
    {"simulate.users", RF_KEY_INT, AT(simulate.users), RANGE(0, 4e9), .unit = "users",
     .about = "0 derives it from the number of events."},
    {"simulate.entities", RF_KEY_INT, AT(simulate.entities), RANGE(0, 4e9), .unit = "entities",
     .about = "0 derives it from the number of events."},
    {"simulate.fraud_share", RF_KEY_REAL, AT(simulate.fraud_share), RANGE(0, 0.5),
     .about = "Share of the events that is planted fraud."},
    {"simulate.look_alike_share", RF_KEY_REAL, AT(simulate.look_alike_share), RANGE(0, 0.5),
     .otherwise = "`simulate.fraud_share`",
     .about = "Share of the events that belongs to innocent look-alikes of frauds."},
    {"simulate.fraud_types", RF_KEY_TEXT, AT(simulate.fraud_types),
     .about = "Types to plant, separated by commas."},
    {"simulate.resold_phones", RF_KEY_REAL, AT(simulate.resold_phones), RANGE(0, 0.5),
     .about = "Share of the users who buy a phone that was another user's."},
    {0},
};

_Static_assert(sizeof rf_keys / sizeof rf_keys[0] <= RF_KEYS_MOST, "raise RF_KEYS_MOST");
_Static_assert(sizeof rf_key_groups / sizeof rf_key_groups[0] <= RF_KEY_GROUPS_MOST,
               "raise RF_KEY_GROUPS_MOST");

const rf_key *rf_key_find(const char *path)
{
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        if (strcmp(key->path, path) == 0)
            return key;
    }
    return NULL;
}

bool rf_key_is_named(const rf_key *key)
{
    return strchr(key->path, '*') != NULL;
}
