/* kafka_open.c - opening topics: what must be configured, the consumer, what was read before, the dead
 * letters.
 */
#include "kafka_source_int.h"

#include "kafka_poll_int.h"
#include "kafka_rebalance_int.h"
#include "kafka_targets_int.h"
#include "rf_mem.h"

static const rf_setting consumer_must[] = {
    {"enable.auto.commit", "false"},       {"enable.auto.offset.store", "false"},
    {"isolation.level", "read_committed"}, {"partition.assignment.strategy", "cooperative-sticky"},
    {"auto.offset.reset", "error"},        {"enable.partition.eof", "true"},
    {"allow.auto.create.topics", "false"}, {NULL, NULL},
};

static rf_status open_client(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kafka_source_options *options = &source->options;
    const rf_setting defaults[] = {
        {"client.id", "ringfence"},
        {"topic.metadata.refresh.interval.ms", "30000"}, /* new partitions show soon */
        {"queued.min.messages", "100000"},
        {"queued.max.messages.kbytes", "65536"},
        {"group.instance.id", options->instance_id}, /* last: may be NULL */
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf = NULL;
    RF_TRY(rf_kafka_watch_new(&source->watch, "consumer", err));
    RF_TRY(rf_kafka_conf(&conf, source->watch, options->settings, options->n_settings, consumer_must,
                         defaults, err));
    rf_poll_callbacks(conf);
    RF_TRY(rf_kafka_client(&source->client, RD_KAFKA_CONSUMER, conf, source->watch, err));
done:
    return st;
}

static rf_status check_options(rf_kafka_source *source, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kafka_source_options *kafka = &options->kafka;
    source->group = rf_kafka_setting(kafka->settings, kafka->n_settings, "group.id");
    source->is_static = kafka->instance_id != NULL ||
                        rf_kafka_setting(kafka->settings, kafka->n_settings, "group.instance.id") != NULL;
    if (source->group == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "kafka.group.id is not set: reading needs the name of a consumer group, one for each graph");
    if (kafka->n_topics == 0)
        RF_FAIL(err, RF_E_INVALID, "source.topics is not set: name the topics to read");
    for (int i = 0; i < kafka->n_topics; i++) {
        if (kafka->topics[i][0] == '^')
            RF_FAIL(err, RF_E_INVALID, "source.topics: \"%s\" is a pattern; name each topic",
                    kafka->topics[i]);
    }
    if (kafka->owner != NULL && kafka->dead_letter_topic == NULL && options->dead_letters != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "ingest.dead_letters: several processes cannot share one file; set ingest.dead_letter_topic");
done:
    return st;
}

/* What was read before: positions of partitions go into the table, those of files are kept. */
static rf_status load_positions(rf_kafka_source *source, const rf_positions *resume, rf_err *err)
{
    rf_status st = RF_OK;
    if (resume == NULL || source->options.owner != NULL)
        return RF_OK;
    RF_ZERO(source->others.items, resume->n, err);
    for (size_t i = 0; i < resume->n; i++) {
        const rf_input_position *position = &resume->items[i];
        rf_part_topic *topic = NULL;
        if (position->partition < 0) {
            RF_TRY(rf_positions_add(&source->others, position, err));
            continue;
        }
        RF_TRY(rf_parts_topic(&source->parts, position->name, &topic, err));
        RF_TRY(rf_parts_grow(topic, (size_t)position->partition + 1, err));
        rf_part *part = &topic->parts[position->partition];
        part->position = position->offset;
        part->records = position->records;
        RF_TRY(rf_topic_origin_copy(&part->origin, &position->origin, err));
        topic->known = true;
    }
done:
    return st;
}

rf_status rf_kafka_open(rf_kafka_source *source, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kafka_source_options *kafka = &options->kafka;
    source->options = *kafka;
    source->format = rf_decoder_message_format(options);
    RF_TRY(check_options(source, options, err));
    RF_TRY(load_positions(source, options->resume, err));
    RF_TRY(open_client(source, err));
    RF_TRY(rf_targets_open(source, err));

    if (kafka->dead_letter_topic != NULL) {
        source->kept_in = kafka->dead_letter_topic;
        RF_TRY(rf_letters_open(&source->letters, &source->options, err));
    } else if (options->dead_letters != NULL) {
        source->kept_in = options->dead_letters;
        RF_TRY(rf_deadletter_open(&source->file, options, err));
    }
    RF_TRY(rf_fetch_start(&source->fetch, source->client, source->watch, source->decoder, source->format,
                          kafka->queue_messages, err));

    /* a member that has nothing to read does not disturb the group */
    RF_TRY(rf_targets_end(source, err));
    if (st == RF_EOF)
        return RF_OK;
    rd_kafka_topic_partition_list_t *topics = rf_rebalance_topics(source);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(source->client, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        RF_KAFKA_FAIL(err, code, "subscribing", NULL, -1, -1);
done:
    return st;
}
