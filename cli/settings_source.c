/* settings_source.c - where events come from: the configuration as ingest/ wants it, with what is missing or
 * does not go together said before anything is opened.
 */
#include "settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rf_rng.h"

rf_status rf_settings_missing(const char *key, const char *example, rf_err *err)
{
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s is not set; say it in a configuration (--config FILE) or with --set %s=%s", key,
                      key, example);
}

/* ---- fields ---- */

static void fill_fields(rf_fields *out, const rf_config *config)
{
    static const char *const words[] = {"iso8601", "s", "ms", "us"};
    static const rf_time_notation notations[] = {RF_TIME_ISO8601, RF_TIME_S, RF_TIME_MS, RF_TIME_US};
    *out = (rf_fields){.user = config->fields.user,
                       .entity = config->fields.entity,
                       .time = config->fields.time_field,
                       .time_format = RF_TIME_STRPTIME,
                       .zone = config->fields.time_zone,
                       .event_id = config->fields.event_id,
                       .label = config->fields.label,
                       .fraud_type = config->fields.fraud_type,
                       .schema = &config->fields.schema};
    for (int i = 0; i < 4; i++) {
        if (strcmp(config->fields.time_format, words[i]) == 0)
            out->time_format = notations[i];
    }
    if (out->time_format == RF_TIME_STRPTIME)
        out->time_pattern = config->fields.time_format;
}

static rf_status check_fields(const rf_config *config, rf_err *err)
{
    if (config->fields.user == NULL)
        return rf_settings_missing("fields.user", "COLUMN", err);
    if (config->fields.entity == NULL)
        return rf_settings_missing("fields.entity", "COLUMN", err);
    if (config->fields.time_field == NULL)
        return rf_settings_missing("fields.time.field", "COLUMN", err);
    return RF_OK;
}

/* ---- files ---- */

static rf_status fill_files(rf_source_options *out, const rf_config *config, rf_err *err)
{
    rf_status st = RF_OK;
    char where[160];
    out->type = config->source.type == RF_CONFIG_STDIN ? RF_SOURCE_STDIN : RF_SOURCE_FILES;
    out->paths = config->source.paths.items;
    out->n_paths = config->source.paths.n;
    if (out->type == RF_SOURCE_FILES && out->n_paths == 0)
        return rf_settings_missing("source.paths", "FILE", err);
    if (config->source.format == RF_CONFIG_PROTOBUF)
        RF_FAIL(err, RF_E_INVALID,
                "source.format is protobuf (%s), which only messages can be (source.type kafka); files are "
                "csv or jsonl",
                rf_config_where(config, "source.format", where));
    if (config->graph.shards != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "graph.shards is set (%s), but the source is %s: shards are the partitions of Kafka topics; "
                "leave graph.shards out (--set graph.shards=null), or set source.type to kafka",
                rf_config_where(config, "graph.shards", where),
                out->type == RF_SOURCE_STDIN ? "standard input" : "files");
done:
    return st;
}

/* ---- Kafka ---- */

static const char *client_setting(const rf_config *config, const char *key)
{
    for (int i = config->n_kafka - 1; i >= 0; i--) {
        if (strcmp(config->kafka[i].key, key) == 0)
            return config->kafka[i].value;
    }
    return NULL;
}

static rf_status check_required(const rf_config *config, rf_err *err)
{
    if (config->source.topics.n == 0)
        return rf_settings_missing("source.topics", "TOPIC", err);
    if (client_setting(config, "bootstrap.servers") == NULL &&
        client_setting(config, "metadata.broker.list") == NULL)
        return rf_settings_missing("kafka.bootstrap.servers", "HOST:9092", err);
    if (client_setting(config, "group.id") == NULL)
        return rf_settings_missing("kafka.group.id", "NAME", err);
    return RF_OK;
}

static rf_status check_format(const rf_config *config, rf_err *err)
{
    if (config->source.format == RF_CONFIG_CSV && config->source.columns.n == 0)
        return rf_settings_missing("source.columns", "\"[COLUMN, COLUMN]\"", err);
    if (config->source.format == RF_CONFIG_PROTOBUF && config->source.descriptors == NULL)
        return rf_settings_missing("source.descriptors", "FILE", err);
    if (config->source.format == RF_CONFIG_PROTOBUF && config->source.message_type == NULL)
        return rf_settings_missing("source.message_type", "PACKAGE.MESSAGE", err);
    return RF_OK;
}

/* Each process of several writes only its partitions' states; a file of dead letters would belong to none. */
static rf_status check_shards(const rf_config *config, rf_err *err)
{
    rf_status st = RF_OK;
    char where[160];
    if (config->graph.shards != NULL && config->ingest.dead_letter_topic == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "graph.shards is set (%s), but ingest.dead_letter_topic is not: several processes cannot "
                "share the file ingest.dead_letters; name a topic for bad messages with --set "
                "ingest.dead_letter_topic=TOPIC",
                rf_config_where(config, "graph.shards", where));
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
 * and has its partitions back at once, where a new member would wait for the old one's session to end. */
static void name_instance(rf_cli *cli, const char *graph)
{
    char host[256] = "", folder[4096] = "";
    (void)gethostname(host, sizeof host - 1);
    if (graph[0] != '/' && getcwd(folder, sizeof folder) == NULL)
        folder[0] = '\0';
    uint64_t hash = hash_text(0x72696e6766656e63, host);
    hash = hash_text(hash_text(hash, folder), "/");
    snprintf(cli->instance_id, sizeof cli->instance_id, "ringfence-%016llx",
             (unsigned long long)hash_text(hash, graph));
}

static rf_status fill_member(rf_kafka_source_options *out, rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    const char *graph;
    if (cli->config->graph.shards != NULL || client_setting(cli->config, "group.instance.id") != NULL)
        return RF_OK;
    RF_TRY(rf_cli_path(cli, "graph.file", cli->config->graph.file, &graph, err));
    name_instance(cli, graph);
    out->instance_id = cli->instance_id;
done:
    return st;
}

static rf_status fill_kafka(rf_source_options *out, rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_config *config = cli->config;
    RF_TRY(check_required(config, err));
    RF_TRY(check_format(config, err));
    RF_TRY(check_shards(config, err));
    out->type = RF_SOURCE_KAFKA;
    out->kafka = (rf_kafka_source_options){.settings = config->kafka,
                                           .n_settings = config->n_kafka,
                                           .topics = config->source.topics.items,
                                           .n_topics = config->source.topics.n,
                                           .from_us = config->source.from_us,
                                           .until_us = config->source.until_us,
                                           .skip_gaps = config->source.gaps == RF_CONFIG_GAPS_SKIP,
                                           .broker_timeout_us = config->source.broker_timeout_us,
                                           .queue_messages = (int)config->source.queue_messages,
                                           .columns = config->source.columns.items,
                                           .n_columns = config->source.columns.n,
                                           .descriptors = config->source.descriptors,
                                           .message_type = config->source.message_type,
                                           .dead_letter_topic = config->ingest.dead_letter_topic};
    RF_TRY(fill_member(&out->kafka, cli, err));
done:
    return st;
}

/* ---- both ---- */

static rf_source_format format_of(int format)
{
    switch (format) {
    case RF_CONFIG_CSV:
        return RF_FORMAT_CSV;
    case RF_CONFIG_JSONL:
    case RF_CONFIG_JSON:
        return RF_FORMAT_JSONL;
    case RF_CONFIG_PROTOBUF:
        return RF_FORMAT_PROTOBUF;
    default:
        return RF_FORMAT_AUTO;
    }
}

rf_status rf_settings_source(rf_source_options *out, rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_config *config = cli->config;
    rf_source_options options = {.format = format_of(config->source.format),
                                 .max_rejects = config->ingest.max_rejects};
    if (config->source.type == RF_CONFIG_KAFKA)
        RF_TRY(fill_kafka(&options, cli, err));
    else
        RF_TRY(fill_files(&options, config, err));
    RF_TRY(check_fields(config, err));
    fill_fields(&options.fields, config);
    if (options.kafka.dead_letter_topic == NULL)
        RF_TRY(
            rf_cli_path(cli, "ingest.dead_letters", config->ingest.dead_letters, &options.dead_letters, err));
    *out = options;
done:
    return st;
}
