/* config_table.c - every configuration key: type, range, default, unit, description. Nothing but the table.
 *
 * The order is the order of docs/CONFIGURATION.md. Paths are relative to the current directory unless a
 * description says otherwise.
 */
#include "config_int.h"

#include <string.h>

#define AT(member) offsetof(rf_config, member)
#define ATTR(member) offsetof(rf_config_attr, member)
#define RANGE(low, high) .min = (low), .max = (high)
#define ABOVE(low, high) .min = (low), .max = (high), .above_min = true
#define YEARS 3.1536e15 /* 100 years in microseconds */

static const rf_config_group groups[] = {
    {"", "Of the whole job."},
    {"source", "Where events come from."},
    {"kafka", "Settings of the Kafka client, passed through as they stand, for example "
              "`bootstrap.servers`, `group.id`, `security.protocol`. `${env:NAME}` and `${file:PATH}` in a "
              "value stand for an "
              "environment variable and the content of a file; what they hold is never logged. The same "
              "settings serve "
              "reading and emitting."},
    {"fields", "Which column (CSV) or key (JSON; `a.b` for nested objects) means what."},
    {"fields.time", "When the event happened. A plain name is short for `{field: NAME}`."},
    {RF_ATTRIBUTES, "Typed attributes of an event, by name, in the order of the columns they make; "
                    "`NAME: TYPE` is short for `NAME: {type: TYPE}`. At most 64."},
    {"graph", "What the graph is made of."},
    {"ingest", "How events are taken in."},
    {"train", "GraphBEAN's shape and training; the flags of `ringfence train`, with `_` for `-`."},
    {"score", "How reconstruction errors become scores."},
    {"tag", "Which types of fraud subjects look like (docs/RULES.md)."},
    {"cluster", "Groups of suspicious users and entities that belong together (docs/CLUSTERS.md)."},
    {"evaluate", "How scores are compared with known labels."},
    {"suppress", "Subjects that must not become actions (docs/ACTIONS.md)."},
    {"audit", "The append-only record of what was decided."},
    {"emit", "Which subjects become action messages, and where to."},
    {"emit.threshold", "What is worth a message: exactly one of the three."},
    {"simulate", "Synthetic, labelled events (`ringfence simulate`)."},
};

static const rf_config_key keys[] = {
    {"threads", RF_KEY_INT, AT(threads), RANGE(0, 1024), .preset = "0", .unit = "threads",
     .about = "Threads to work with; 0 takes every CPU available. Results do not depend on it."},
    {"output", RF_KEY_PATH, AT(output), .preset = ".",
     .about = "Folder of the results, made if absent. Relative names in `graph.file`, `train.model`, "
              "`graph.shards`, `train.log`, `score.output`, `cluster.registry`, `audit.path`, `emit.path`, "
              "`emit.picture` and "
              "`ingest.dead_letters` lie in it, "
              "unless "
              "they are given on the command line."},

    {"source.type", RF_KEY_CHOICE, AT(source.type), .choices = "files stdin kafka", .preset = "files",
     .about = "Files, standard input, or Kafka topics."},
    {"source.paths", RF_KEY_TEXTS, AT(source.paths), .otherwise = "required for files",
     .about =
         "Event files, read in the order given; each may be a glob, whose matches are sorted. Plain, gzip "
         "or zstd."},
    {"source.format", RF_KEY_CHOICE, AT(source.format), .choices = "auto csv jsonl json protobuf",
     .preset = "auto",
     .about = "Of the records; `auto` goes by the file's name, then by its content, and is `json` for Kafka. "
              "`json` is "
              "JSON Lines, or one JSON object a message; `protobuf` is for Kafka."},
    {"source.columns", RF_KEY_TEXTS, AT(source.columns), .otherwise = "required for CSV messages",
     .about = "Kafka, `csv`: the columns of a message, in order; a file's header says them itself."},
    {"source.descriptors", RF_KEY_PATH, AT(source.descriptors), .otherwise = "required for protobuf",
     .about = "Protobuf: file of the descriptor set (`protoc --include_imports --descriptor_set_out=FILE`)."},
    {"source.message_type", RF_KEY_TEXT, AT(source.message_type), .otherwise = "required for protobuf",
     .about = "Protobuf: full name of the messages' type, for example `shop.v1.Order`."},
    {"source.topics", RF_KEY_TEXTS, AT(source.topics), .otherwise = "none", .about = "Kafka topics."},
    {"source.from", RF_KEY_TIME, AT(source.from_us), .choices = "earliest latest", .preset = "earliest",
     .about = "Kafka, first start only: where reading begins."},
    {"source.until", RF_KEY_TIME, AT(source.until_us), .choices = "now never", .preset = "now",
     .about = "Kafka: where reading ends; `now` is the end of the topic as seen at the start, a time the "
              "first message of "
              "that time or later, `never` follows the topic until interrupted."},
    {"source.gaps", RF_KEY_CHOICE, AT(source.gaps), .choices = "fail skip", .preset = "fail",
     .about = "Kafka: what to do when messages that were not read yet have been deleted by retention: stop "
              "and say which, "
              "or go on behind them with a warning."},
    {"source.broker_timeout", RF_KEY_DURATION, AT(source.broker_timeout_us), ABOVE(0, YEARS), .preset = "2m",
     .about = "Kafka: how long no broker may answer before the job gives up."},
    {"source.queue_messages", RF_KEY_INT, AT(source.queue_messages), RANGE(1000, 1e8), .preset = "50000",
     .unit = "messages", .about = "Kafka: messages fetched ahead of the graph; past it fetching pauses."},

    {"fields.user", RF_KEY_TEXT, AT(fields.user), .otherwise = "required", .about = "Who acts."},
    {"fields.entity", RF_KEY_TEXT, AT(fields.entity), .otherwise = "required",
     .about = "What is acted on: a merchant, terminal, page."},
    {"fields.event_id", RF_KEY_TEXT, AT(fields.event_id), .otherwise = "none",
     .about = "The event's own id; repeats inside the window are dropped and counted."},
    {"fields.label", RF_KEY_TEXT, AT(fields.label), .otherwise = "none",
     .about = "Known truth, 0/1 or true/false, empty for unknown; used by `evaluate` only."},
    {"fields.fraud_type", RF_KEY_TEXT, AT(fields.fraud_type), .otherwise = "none",
     .about = "Name of the known fraud's type; used by `evaluate` only."},

    {"fields.time.field", RF_KEY_TEXT, AT(fields.time_field), .otherwise = "required",
     .about = "Column or key of the time."},
    {"fields.time.format", RF_KEY_TIME_FORMAT, AT(fields.time_format), .preset = "iso8601",
     .about =
         "ISO 8601 (`T` or a space between date and time), seconds, milliseconds or microseconds since the "
         "epoch, or a strptime pattern such as `%d/%m/%Y %H:%M`."},
    {"fields.time.zone", RF_KEY_ZONE, AT(fields.time_zone), .preset = "UTC",
     .about = "Zone of times that carry no offset: `UTC`, an offset like `+05:30`, or a name like "
              "`Asia/Singapore`."},

    {RF_ATTRIBUTES ".*.type", RF_KEY_CHOICE, ATTR(type),
     .choices = "number category boolean time_of_day time_of_week", .otherwise = "required",
     .about = "A number; a category, whose most frequent values get columns; a boolean; or a cyclic time, as "
              "sine and cosine."},
    {RF_ATTRIBUTES ".*.field", RF_KEY_TEXT, ATTR(field), .otherwise = "the attribute's name",
     .about = "Column or key. A `time_of_day` or `time_of_week` without it is the event's own time."},
    {RF_ATTRIBUTES ".*.log1p", RF_KEY_BOOL, ATTR(log1p), .preset = "false",
     .about = "Number: its features pass through sign(x)·log(1 + |x|)."},
    {RF_ATTRIBUTES ".*.top", RF_KEY_INT, ATTR(top), RANGE(1, 1000), .preset = "20", .unit = "values",
     .about = "Category: how many of the most frequent values get a column; the rest share `other`."},
    {RF_ATTRIBUTES ".*.required", RF_KEY_BOOL, ATTR(required), .preset = "true",
     .about = "An event without it is rejected; else it counts as missing."},

    {"graph.file", RF_KEY_PATH, AT(graph.file), .preset = "graph.h5", .about = "The graph and its state."},
    {"graph.shards", RF_KEY_PATH, AT(graph.shards), .otherwise = "one process builds `graph.file`",
     .about = "Kafka: folder that the processes of one group share, with one state file a partition. `merge` "
              "joins them "
              "into `graph.file`."},
    {"graph.granularity", RF_KEY_CHOICE, AT(graph.granularity), .choices = "pair event", .preset = "pair",
     .about = "What an edge is: a (user, entity) pair with aggregated attributes, or one event."},
    {"graph.window", RF_KEY_DURATION, AT(graph.window_us), ABOVE(0, YEARS), .choices = "all", .preset = "30d",
     .about = "Length of the window that ends at `graph.as_of`, a multiple of `graph.bucket`; `all` has no "
              "beginning."},
    {"graph.as_of", RF_KEY_TIME, AT(graph.as_of_us), .choices = "latest", .preset = "latest",
     .about = "The window's exclusive end, a multiple of `graph.bucket`; `latest` is the end of the newest "
              "event's bucket. Nothing at or after it leaks in."},
    {"graph.bucket", RF_KEY_DURATION, AT(graph.bucket_us), ABOVE(0, YEARS), .preset = "1h",
     .about = "The window moves in such steps."},
    {"graph.history", RF_KEY_DURATION, AT(graph.history_us), RANGE(0, YEARS), .preset = "30d",
     .about = "Event granularity: how long before the window events are kept, as history of those inside."},
    {"graph.zone", RF_KEY_ZONE, AT(graph.zone), .otherwise = "`fields.time.zone`",
     .about = "Zone of hours, nights, days and weekends."},
    {"graph.features", RF_KEY_TEXT, AT(graph.features), .preset = "all",
     .about = "Feature groups to compute: `all`, or a comma list of `time`, `attributes`, `structure`, "
              "`history`. Fewer cost less time and memory."},
    {"graph.label_share", RF_KEY_REAL, AT(graph.label_share), RANGE(0, 1), .preset = "0",
     .about = "A user, entity or pair is labelled when more than this share of its events is."},

    {"ingest.max_rejects", RF_KEY_REAL, AT(ingest.max_rejects), RANGE(0, 1e15), .preset = "0.01",
     .about = "Bad records allowed: below 1 a share of those read, else a count. Past it the job stops with "
              "status 3 and the graph stays as it was."},
    {"ingest.dead_letters", RF_KEY_PATH, AT(ingest.dead_letters), .preset = "rejects.jsonl",
     .about = "File that takes each bad record with its place and reason."},
    {"ingest.checkpoint_events", RF_KEY_INT, AT(ingest.checkpoint_events), RANGE(1000, 1e15),
     .preset = "10000000", .unit = "events",
     .about = "How often a long build saves its state, so that a killed one can go on."},
    {"ingest.checkpoint_interval", RF_KEY_DURATION, AT(ingest.checkpoint_interval_us), ABOVE(0, YEARS),
     .preset = "1m", .about = "Kafka: how long new events may go without being saved."},
    {"ingest.dead_letter_topic", RF_KEY_TEXT, AT(ingest.dead_letter_topic),
     .otherwise = "`ingest.dead_letters`",
     .about = "Kafka topic that takes each bad message as it was, with its place and reason in headers, in "
              "place of "
              "the file."},

    {"train.model", RF_KEY_PATH, AT(train.model), .preset = "model.h5", .about = "The trained model."},
    {"train.epochs", RF_KEY_INT, AT(train.epochs), RANGE(1, 1e6), .preset = "200", .unit = "epochs",
     .about = "Steps over the whole graph."},
    {"train.lr", RF_KEY_REAL, AT(train.lr), ABOVE(0, 1e3), .preset = "0.01",
     .about = "Adam's learning rate."},
    {"train.eta", RF_KEY_REAL, AT(train.eta), RANGE(0, 1e6), .preset = "0.2",
     .about = "Weight of the structure decoder's loss beside the features'."},
    {"train.seed", RF_KEY_INT, AT(train.seed), RANGE(0, 9007199254740992.0), .preset = "0",
     .about = "Of everything random: the same seed gives the same bytes."},
    {"train.hidden", RF_KEY_INTS, AT(train.hidden), RANGE(1, 4096), .preset = "32", .unit = "channels",
     .about = "Hidden width: one number, or one each for users, entities, edges."},
    {"train.latent", RF_KEY_INTS, AT(train.latent), RANGE(1, 4096), .preset = "32", .unit = "channels",
     .about =
         "Latent width: one number, or one each for users, entities; a third is the structure decoder's."},
    {"train.layers_encoder", RF_KEY_INT, AT(train.layers_encoder), RANGE(1, 16), .preset = "2",
     .unit = "layers", .about = "Encoder depth."},
    {"train.layers_decoder", RF_KEY_INT, AT(train.layers_decoder), RANGE(1, 16), .preset = "2",
     .unit = "layers", .about = "Feature decoder depth."},
    {"train.layers_mlp", RF_KEY_INT, AT(train.layers_mlp), RANGE(1, 16), .preset = "2", .unit = "layers",
     .about = "Structure decoder depth."},
    {"train.dropout", RF_KEY_REAL, AT(train.dropout), RANGE(0, 0.99), .preset = "0",
     .about = "Probability of dropping a channel while training."},
    {"train.negatives", RF_KEY_REAL, AT(train.negatives), RANGE(0, 1000), .preset = "5",
     .about = "Random pairs drawn in an epoch, as a multiple of the number of edges."},
    {"train.milestones", RF_KEY_INTS, AT(train.milestones), RANGE(1, 1e6), .otherwise = "none",
     .unit = "epochs", .about = "Epochs at which the learning rate is multiplied by `train.gamma`."},
    {"train.gamma", RF_KEY_REAL, AT(train.gamma), ABOVE(0, 1), .preset = "0.2",
     .about = "Factor of the learning rate at each milestone."},
    {"train.init", RF_KEY_CHOICE, AT(train.init), .choices = "kaiming-uniform orthogonal",
     .preset = "kaiming-uniform", .about = "Initial weights."},
    {"train.patience", RF_KEY_INT, AT(train.patience), RANGE(0, 1e6), .preset = "0", .unit = "epochs",
     .about = "Stop when the loss has not improved for so long; 0 never stops early."},
    {"train.min_delta", RF_KEY_REAL, AT(train.min_delta), RANGE(0, 1), .preset = "0.0001",
     .about = "What counts as an improvement, relative to the loss."},
    {"train.checkpoint_every", RF_KEY_INT, AT(train.checkpoint_every), RANGE(0, 1e6), .preset = "10",
     .unit = "epochs", .about = "How often training is saved; 0 saves at the end only."},
    {"train.restart", RF_KEY_BOOL, AT(train.restart), .preset = "false",
     .about = "Train from scratch even if the model file holds other work."},
    {"train.log", RF_KEY_PATH, AT(train.log), .otherwise = "none",
     .about = "File that gets one JSON object an epoch: `epoch`, `loss`, its four terms, `seconds`."},

    {"score.output", RF_KEY_PATH, AT(score.output), .preset = "scores.h5", .about = "The scores."},
    {"score.agg", RF_KEY_CHOICE, AT(score.agg), .choices = "max mean", .preset = "max",
     .about = "How a node's edge scores are added to its own error."},
    {"score.eta", RF_KEY_REAL, AT(score.eta), RANGE(0, 1e6), .otherwise = "`train.eta`",
     .about = "Weight of an edge's improbability in its score."},
    {"score.frozen", RF_KEY_BOOL, AT(score.frozen), .preset = "false",
     .about = "Normalise by the statistics kept from training instead of this graph's own."},
    {"score.reasons", RF_KEY_INT, AT(score.reasons), RANGE(0, 64), .preset = "5", .unit = "features",
     .about = "Largest feature residuals kept for each subject."},

    {"tag.rules", RF_KEY_PATH, AT(tag.rules), .otherwise = "the shipped rules",
     .about = "File of rules that tag what is scored."},

    {"cluster.registry", RF_KEY_PATH, AT(cluster.registry), .preset = "clusters.h5",
     .about = "Remembers who was in which cluster, so that a cluster keeps its id from run to run; made if "
              "absent."},
    {"cluster.seed_percentile", RF_KEY_REAL, AT(cluster.seed_percentile), RANGE(0, 1), .preset = "0.99",
     .about = "Users and entities at or above it start a cluster, and those with a tag of a known type."},
    {"cluster.grow_percentile", RF_KEY_REAL, AT(cluster.grow_percentile), RANGE(0, 1), .preset = "0.99",
     .about = "Edges at or above it let a cluster grow, and those with a tag of a known type."},
    {"cluster.excess", RF_KEY_REAL, AT(cluster.excess), RANGE(0, 1e6), .preset = "2",
     .unit = "standard deviations",
     .about = "A cluster grows only through users and entities with more such edges than chance gives to one "
              "with as many partners."},
    {"cluster.hops", RF_KEY_INT, AT(cluster.hops), RANGE(1, 10), .preset = "1", .unit = "hops",
     .about = "How far a cluster grows from where it started."},
    {"cluster.hub_percentile", RF_KEY_REAL, AT(cluster.hub_percentile), RANGE(0, 1), .preset = "0.999",
     .about = "Entities with more users than this share of entities have, and at least 50, are not grown "
              "through."},
    {"cluster.resolution", RF_KEY_REAL, AT(cluster.resolution), ABOVE(0, 1e6), .preset = "2",
     .about = "Of the communities that split what hangs together: more makes more and smaller clusters."},
    {"cluster.min_members", RF_KEY_INT, AT(cluster.min_members), RANGE(2, 1e9), .preset = "3",
     .unit = "members", .about = "Smaller clusters are dropped."},
    {"cluster.max_members", RF_KEY_INT, AT(cluster.max_members), RANGE(2, 1e9), .preset = "2000",
     .unit = "members", .about = "Larger ones are split further."},
    {"cluster.max_clusters", RF_KEY_INT, AT(cluster.max_clusters), RANGE(0, 1e9), .preset = "500",
     .unit = "clusters", .about = "The worst so many are kept."},
    {"cluster.dense_blocks", RF_KEY_INT, AT(cluster.dense_blocks), RANGE(0, 10000), .preset = "10",
     .unit = "blocks",
     .about = "Most dense blocks that are looked for as a second opinion, which knows no scores; 0 looks for "
              "none."},
    {"cluster.seed", RF_KEY_INT, AT(cluster.seed), RANGE(0, 4294967295.0), .preset = "0",
     .about = "Of the communities: the same seed gives the same clusters."},

    {"evaluate.k", RF_KEY_INTS, AT(evaluate.k), RANGE(1, 1e12), .preset = "10, 100, 1000", .unit = "subjects",
     .about = "Precision and recall among so many highest scores; at most 8."},
    {"evaluate.percentile", RF_KEY_REALS, AT(evaluate.percentile), RANGE(0, 1), .preset = "0.99, 0.999",
     .about = "Precision and recall at or above these percentiles; at most 8."},

    {"suppress.lists", RF_KEY_TEXTS, AT(suppress.lists), .otherwise = "nothing is suppressed",
     .about =
         "Suppression lists (YAML), each may be a glob. Who stands there stays visible in exports and is "
         "never emitted."},
    {"audit.path", RF_KEY_PATH, AT(audit.path),
     .otherwise = "`audit.jsonl` in `run` and wherever `output` is set",
     .about =
         "JSON Lines: every run, rule version, threshold, suppression and emission. Only ever added to."},

    {"emit.to", RF_KEY_CHOICE, AT(emit.to), .choices = "jsonl kafka", .preset = "jsonl",
     .about = "JSON Lines, or a Kafka topic, all of a run in one transaction."},
    {"emit.path", RF_KEY_PATH, AT(emit.path), .preset = "actions.jsonl",
     .about = "File of the messages; `-` is standard output."},
    {"emit.topic", RF_KEY_TEXT, AT(emit.topic), .otherwise = "none", .about = "Kafka topic of the messages."},
    {"emit.score_topic", RF_KEY_TEXT, AT(emit.score_topic), .otherwise = "none",
     .about = "Kafka: compacted topic of the subjects flagged now, keyed by `user/ID`, `entity/ID`, "
              "`edge/ID`; who is no "
              "longer flagged gets a tombstone."},
    {"emit.create_topics", RF_KEY_BOOL, AT(emit.create_topics), .preset = "false",
     .about = "Kafka: creates `emit.topic` and `emit.score_topic` where they are missing."},
    {"emit.partitions", RF_KEY_INT, AT(emit.partitions), RANGE(1, 10000), .preset = "6", .unit = "partitions",
     .about = "Of topics created."},
    {"emit.replication", RF_KEY_INT, AT(emit.replication), RANGE(0, 100), .preset = "0", .unit = "replicas",
     .about = "Of topics created; 0 is the broker's default."},
    {"emit.force", RF_KEY_BOOL, AT(emit.force), .preset = "false",
     .about = "Kafka: emits a run again that is in the topic already, with the same `ce_id`s."},
    {"emit.source", RF_KEY_TEXT, AT(emit.source), .preset = "/ringfence",
     .about = "`ce_source` of the messages: who says so."},
    {"emit.max_reasons", RF_KEY_INT, AT(emit.max_reasons), RANGE(0, 64), .preset = "5", .unit = "reasons",
     .about = "Reasons in a message, at most `score.reasons`."},
    {"emit.envelope", RF_KEY_BOOL, AT(emit.envelope), .preset = "false",
     .about = "Each line is the whole message, `key`, `headers` and `value`, as a topic would carry it."},
    {"emit.picture", RF_KEY_PATH, AT(emit.picture), .otherwise = "`ring.svg` in `run`, none in `emit`",
     .about = "SVG picture of the worst ring."},

    {"emit.clusters", RF_KEY_BOOL, AT(emit.clusters), .preset = "true",
     .about = "A message for every cluster that holds a flagged user or entity, too."},
    {"emit.tag_confidence", RF_KEY_REAL, AT(emit.tag_confidence), RANGE(0, 1),
     .otherwise = "the threshold alone decides",
     .about = "Whatever its score, a subject with a tag as sure as this is flagged, too."},
    {"emit.threshold.percentile", RF_KEY_REAL, AT(emit.percentile), RANGE(0, 1), .preset = "0.999",
     .about = "Subjects at or above this percentile of their kind."},
    {"emit.threshold.score", RF_KEY_REAL, AT(emit.score), RANGE(-1e30, 1e30), .otherwise = "none",
     .about = "Subjects with at least this score."},
    {"emit.threshold.top", RF_KEY_REAL, AT(emit.top), RANGE(0, 1e12), .otherwise = "none", .unit = "subjects",
     .about = "So many of each kind, the worst."},

    {"simulate.output", RF_KEY_PATH, AT(simulate.output), .otherwise = "required",
     .about = "File of the events; `-` is standard output."},
    {"simulate.format", RF_KEY_CHOICE, AT(simulate.format), .choices = "auto csv jsonl", .preset = "auto",
     .about = "`auto` is CSV for a name that ends in .csv, else JSON Lines."},
    {"simulate.write_config", RF_KEY_PATH, AT(simulate.write_config), .otherwise = "none",
     .about = "File for the configuration that reads these events and does the whole `run`."},
    {"simulate.events", RF_KEY_INT, AT(simulate.events), RANGE(1, 1e12), .preset = "200000", .unit = "events",
     .about = "Exactly so many, frauds included."},
    {"simulate.seed", RF_KEY_INT, AT(simulate.seed), RANGE(0, 9007199254740992.0), .preset = "0",
     .about = "The same seed and options give the same bytes."},
    {"simulate.start", RF_KEY_TIME, AT(simulate.start_us), .preset = "2026-01-01T00:00:00Z",
     .about = "First moment."},
    {"simulate.days", RF_KEY_INT, AT(simulate.days), RANGE(1, 3650), .preset = "30", .unit = "days",
     .about = "Length of the simulated period."},
    {"simulate.users", RF_KEY_INT, AT(simulate.users), RANGE(0, 4e9), .preset = "0", .unit = "users",
     .about = "0 derives it from the number of events."},
    {"simulate.entities", RF_KEY_INT, AT(simulate.entities), RANGE(0, 4e9), .preset = "0", .unit = "entities",
     .about = "0 derives it from the number of events."},
    {"simulate.fraud_share", RF_KEY_REAL, AT(simulate.fraud_share), RANGE(0, 0.5), .preset = "0.01",
     .about = "Share of the events that is planted fraud."},
    {"simulate.fraud_types", RF_KEY_TEXT, AT(simulate.fraud_types), .preset = "all",
     .about = "Types to plant, separated by commas."},
};

_Static_assert(sizeof keys / sizeof keys[0] <= RF_CONFIG_MAX_KEYS, "raise RF_CONFIG_MAX_KEYS");
_Static_assert(sizeof groups / sizeof groups[0] <= RF_CONFIG_MAX_GROUPS, "raise RF_CONFIG_MAX_GROUPS");

const rf_config_key *rf_config_keys(int *n)
{
    *n = (int)(sizeof keys / sizeof keys[0]);
    return keys;
}

const rf_config_group *rf_config_groups(int *n)
{
    *n = (int)(sizeof groups / sizeof groups[0]);
    return groups;
}

const rf_config_key *rf_config_find(const char *path)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(keys[i].path, path) == 0)
            return &keys[i];
    }
    return NULL;
}

rf_span rf_config_choice(const rf_config_key *key, int n)
{
    const char *p = key->choices == NULL ? "" : key->choices;
    for (int i = 0; i < n && *p != '\0'; i++) {
        p += strcspn(p, " ");
        p += *p == ' ';
    }
    return (rf_span){p, strcspn(p, " ")};
}
