/* settings_source.c - checks that everything is set that reading events needs, and that it fits together,
 * before anything is opened.
 */
#include "settings_int.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rf_rng.h"

/* The first key of source.avro that is set and has no default; NULL: none. */
static const char *avro_key(const rf_avro_options *avro)
{
    const struct {
        const char *key, *value;
    } keys[] = {{"source.avro.registry", avro->registry}, {"source.avro.schemas", avro->schemas},
                {"source.avro.schema", avro->schema},     {"source.avro.user", avro->user},
                {"source.avro.password", avro->password}, {"source.avro.ca", avro->ca}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].value != NULL)
            return keys[i].key;
    }
    return NULL;
}

/* Keys of messages are not those of files. */
static rf_status check_avro_files(const rf_settings *settings, rf_err *err)
{
    const char *key = avro_key(&settings->source.kafka.avro);
    char where[160];
    if (key == NULL)
        return RF_OK;
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s is set (%s), which is for messages (source.type kafka); an Avro file has its "
                      "schema in it",
                      key, rf_settings_where(settings, key, where));
}

static rf_status check_files(const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    char where[160];
    RF_TRY(check_avro_files(settings, err));
    if (settings->source.type == RF_SOURCE_FILES && settings->source.n_paths == 0)
        return rf_settings_missing("source.paths", "FILE", err);
    if (settings->source.format == RF_FORMAT_PROTOBUF)
        RF_FAIL(err, RF_E_INVALID,
                "source.format is protobuf (%s), which is for messages only (source.type kafka); files are "
                "csv or jsonl",
                rf_settings_where(settings, "source.format", where));
    if (settings->files.shards != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "graph.shards is set (%s), but the source is %s: shards are the partitions of Kafka topics; "
                "leave graph.shards out (--set graph.shards=null), or set source.type to kafka",
                rf_settings_where(settings, "graph.shards", where),
                settings->source.type == RF_SOURCE_STDIN ? "standard input" : "files");
done:
    return st;
}

static rf_status check_encoding(const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    const char *encoding = settings->source.encoding;
    char where[160], shown[96];
    if (encoding == NULL)
        return RF_OK;
    if (settings->source.format == RF_FORMAT_PROTOBUF || settings->source.format == RF_FORMAT_AVRO)
        RF_FAIL(err, RF_E_INVALID,
                "source.encoding (%s) is for JSON and CSV; texts of Protobuf and Avro are UTF-8",
                rf_settings_where(settings, "source.encoding", where));
    if (!rf_encoding_is_known(encoding))
        RF_FAIL(
            err, RF_E_INVALID,
            "source.encoding (%s): \"%s\" is not known; give utf-8, utf-16, latin-1, windows-1252, or a name "
            "that `iconv -l` lists",
            rf_settings_where(settings, "source.encoding", where), rf_settings_shown(shown, encoding));
done:
    return st;
}

static rf_status check_csv(const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_csv_dialect *csv = &settings->source.csv;
    int quote = csv->quote == RF_CSV_DOUBLE_QUOTE ? '"' : csv->quote;
    char where[160];
    if (csv->delimiter != RF_CSV_AUTO &&
        (csv->delimiter == quote || csv->delimiter == csv->escape || csv->delimiter == csv->comment))
        RF_FAIL(
            err, RF_E_INVALID,
            "source.csv.delimiter (%s) is the same character as source.csv.quote, escape or comment; change "
            "one of them",
            rf_settings_where(settings, "source.csv.delimiter", where));
    if (csv->comment != 0 && csv->comment == quote)
        RF_FAIL(err, RF_E_INVALID,
                "source.csv.comment (%s) is the same character as source.csv.quote; change one of them",
                rf_settings_where(settings, "source.csv.comment", where));
done:
    return st;
}

static rf_status check_numbers(const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_number_style *numbers = &settings->source.fields.numbers;
    char where[160];
    if ((numbers->decimal == 0 ? '.' : numbers->decimal) == numbers->thousands)
        RF_FAIL(
            err, RF_E_INVALID,
            "fields.numbers.thousands (%s) is the same mark as fields.numbers.decimal; change one of them",
            rf_settings_where(settings, "fields.numbers.thousands", where));
done:
    return st;
}

static const char *client_setting(const rf_settings *settings, const char *key)
{
    return rf_kafka_setting(settings->source.kafka.settings, settings->source.kafka.n_settings, key);
}

static rf_status check_avro_messages(const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_avro_options *avro = &settings->source.kafka.avro;
    bool is_set = avro_key(avro) != NULL;
    rf_source_format format = settings->source.format;
    char where[160];
    if (is_set && format != RF_FORMAT_AVRO && format != RF_FORMAT_AUTO)
        RF_FAIL(err, RF_E_INVALID,
                "source.avro is set, but source.format (%s) is another format; leave one out",
                rf_settings_where(settings, "source.format", where));
    if (is_set || format == RF_FORMAT_AVRO)
        RF_TRY(rf_avro_options_check(avro, err));
done:
    return st;
}

static rf_status check_kafka(const rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    char where[160];
    const rf_kafka_source_options *kafka = &settings->source.kafka;
    rf_source_format format = settings->source.format;
    if (kafka->n_topics == 0)
        return rf_settings_missing("source.topics", "TOPIC", err);
    if (client_setting(settings, "bootstrap.servers") == NULL &&
        client_setting(settings, "metadata.broker.list") == NULL)
        return rf_settings_missing("kafka.bootstrap.servers", "HOST:9092", err);
    if (client_setting(settings, "group.id") == NULL)
        return rf_settings_missing("kafka.group.id", "NAME", err);
    if (format == RF_FORMAT_CSV && settings->source.n_columns == 0)
        return rf_settings_missing("source.columns", "\"[COLUMN, COLUMN]\"", err);
    if (format == RF_FORMAT_PROTOBUF && kafka->descriptors == NULL)
        return rf_settings_missing("source.descriptors", "FILE", err);
    if (format == RF_FORMAT_PROTOBUF && kafka->message_type == NULL)
        return rf_settings_missing("source.message_type", "PACKAGE.MESSAGE", err);
    RF_TRY(check_avro_messages(settings, err));
    /* each process of several writes only its partitions' states; a file of dead letters would belong to none
     */
    if (settings->files.shards != NULL && kafka->dead_letter_topic == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "graph.shards is set (%s), but ingest.dead_letter_topic is not: several processes cannot "
                "share the file ingest.dead_letters; name a topic for bad messages with --set "
                "ingest.dead_letter_topic=TOPIC",
                rf_settings_where(settings, "graph.shards", where));
done:
    return st;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = rf_mix64(hash ^ (unsigned char)*text) + 1;
    return hash;
}

/* One name for this host and graph file: whoever starts the killed job again is the same member of the group
 * and has its partitions back at once, where a new member would wait for the old one's session to end. A
 * process of several is a member like any other, and so is one whose settings name it. */
static void name_member(rf_settings *settings)
{
    char host[256] = "", folder[4096] = "";
    const char *graph = settings->files.graph;
    struct rf_settings_own *own = settings->own;
    if (settings->files.shards != NULL || client_setting(settings, "group.instance.id") != NULL)
        return;
    (void)gethostname(host, sizeof host - 1);
    if (graph[0] != '/' && getcwd(folder, sizeof folder) == NULL)
        folder[0] = '\0';
    uint64_t hash = hash_text(0x72696e6766656e63, host);
    hash = hash_text(hash_text(hash, folder), "/");
    snprintf(own->instance_id, sizeof own->instance_id, "ringfence-%016llx",
             (unsigned long long)hash_text(hash, graph));
    settings->source.kafka.instance_id = own->instance_id;
}

rf_status rf_settings_check_source(rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    if (settings->source.type == RF_SOURCE_KAFKA)
        RF_TRY(check_kafka(settings, err));
    else
        RF_TRY(check_files(settings, err));
    RF_TRY(check_encoding(settings, err));
    RF_TRY(check_csv(settings, err));
    RF_TRY(check_numbers(settings, err));
    if (settings->source.fields.time_since_us != 0 && settings->source.fields.time_format == RF_TIME_ISO8601)
        RF_FAIL(err, RF_E_INVALID,
                "fields.time.since is set, but fields.time.format is iso8601, which says the whole date; set "
                "fields.time.format to the unit of the numbers: s, ms, us, ns, min, h or d");
    if (settings->source.fields.user == NULL)
        return rf_settings_missing("fields.user", "COLUMN", err);
    if (settings->source.fields.entity == NULL)
        return rf_settings_missing("fields.entity", "COLUMN", err);
    if (settings->source.fields.time == NULL && settings->source.type == RF_SOURCE_KAFKA)
        return rf_settings_missing("fields.time.field", "\\$timestamp", err);
    if (settings->source.fields.time == NULL && settings->graph.as_of_us != RF_AS_OF_LATEST)
        RF_FAIL(
            err, RF_E_INVALID,
            "graph.as_of is set, but fields.time.field is not: events without times are all in the window; "
            "set fields.time.field, or leave graph.as_of out");
    if (rf_source_hides_ids(&settings->source) && settings->source.type == RF_SOURCE_KAFKA &&
        settings->source.kafka.dead_letter_topic != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "ingest.dead_letter_topic would get records with their ids, but %s is set; leave it out "
                "(ingest.dead_letters keeps the place and kind of each bad record)",
                settings->pseudonym_key != NULL ? "ids.pseudonymise" : "sha256 of normalise");
    if (settings->source.type == RF_SOURCE_KAFKA)
        name_member(settings);
done:
    return st;
}
