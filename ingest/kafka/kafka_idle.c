/* kafka_idle.c - when no message comes, or an error comes in its place: is that the end, a failure, or a
 * pause? Also looked at now and then while messages come.
 *
 * Conditions that pass by themselves are logged. All others are errors, even where librdkafka would continue:
 * continuing could skip messages.
 */
#include "kafka_idle_int.h"

#include <inttypes.h>

#include "kafka_rebalance_int.h"
#include "kafka_targets_int.h"
#include "rf_log.h"
#include "rf_time.h"

#define DOUBT_US (10 * RF_SECOND_US)  /* before a topic that is reported missing is looked for */
#define TELL_US (20 * RF_SECOND_US)   /* before partitions that are not given to us are mentioned */
#define RENEW_US (5 * RF_SECOND_US)   /* before a static member has the group look at its partitions again */
#define STUCK_US (180 * RF_SECOND_US) /* before one that shares them does */

/* ---- an error ---- */

rf_status rf_idle_error(rf_kafka_source *source, const rd_kafka_message_t *message, rf_part *part,
                        rf_err *err)
{
    rf_status st = RF_OK;
    char text[256];
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) { /* the broker has no message there */
        if (part == NULL || part->state != RF_PART_HELD)
            return RF_OK;
        RF_TRY(rf_targets_gap(source, part, err));
        return st == RF_OK ? rf_rebalance_restart(source, part, err) : st;
    }
    rf_kafka_clean(source->watch, text, sizeof text, rd_kafka_message_errstr(message));
    if (rf_kafka_is_missing(message->err)) { /* perhaps a broker that has just come up */
        source->doubt_us = source->doubt_us == 0 ? rf_monotonic_us() : source->doubt_us;
        rf_log(RF_LOG_WARN, "consumer: %s", text);
        return RF_OK;
    }
    if (rf_kafka_is_retriable(message->err)) {
        rf_log(RF_LOG_DEBUG, "consumer: %s", text);
        return RF_OK;
    }
    RF_TRY(rf_kafka_check_fatal(source->client, source->watch, err));
    RF_KAFKA_FAIL(err, message->err, "reading",
                  message->rkt == NULL ? NULL : rd_kafka_topic_name(message->rkt),
                  message->rkt == NULL ? -1 : message->partition, part == NULL ? -1 : part->position);
done:
    return st;
}

/* ---- partitions that are still to be read and not this member's ---- */

static rf_status renew(rf_kafka_source *source, const rf_part *lacking, int64_t now, rf_err *err)
{
    source->away_since_us = now;
    rf_log(RF_LOG_DEBUG, "%s[%" PRId32 "]: no member has it; joining the group again", lacking->topic,
           lacking->partition);
    return rf_rebalance_renew(source, err);
}

/* Several members: others have the rest, unless what they have saved does not move. */
static rf_status check_others(rf_kafka_source *source, const rf_part *lacking, int64_t now, rf_err *err)
{
    if (lacking->elsewhere != source->lacking_at || lacking != source->lacking) {
        source->lacking = lacking;
        source->lacking_at = lacking->elsewhere;
        source->away_since_us = now;
    }
    if (source->ends && source->is_static && now - source->away_since_us > STUCK_US)
        return renew(source, lacking, now, err);
    return RF_OK;
}

/* With one state for all partitions, another member may keep the partitions that are not assigned to us. */
static rf_status check_alone(rf_kafka_source *source, const rf_part *lacking, int64_t now, rf_err *err)
{
    int64_t lacks = now - source->away_since_us, limit = source->options.broker_timeout_us + TELL_US;
    if (source->is_static && source->rebalances > 0 && !source->renewed && lacks > RENEW_US) {
        source->renewed = true;
        return renew(source, lacking, now, err);
    }
    if (lacks > limit)
        return rf_err_set(err, RF_E_KAFKA, __FILE__, __LINE__,
                          "%s[%" PRId32 "]: the group \"%s\" has not assigned it to this process for %" PRId64
                          " s: another member reads it. Stop that member, choose another kafka.group.id, or "
                          "set graph.shards to share the partitions",
                          lacking->topic, lacking->partition, source->group, limit / RF_SECOND_US);
    if (lacks > TELL_US && now - source->told_us > TELL_US) {
        source->told_us = now;
        rf_log(RF_LOG_INFO, "%s[%" PRId32 "]: waiting for the group \"%s\" to give it to this process",
               lacking->topic, lacking->partition, source->group);
    }
    return RF_OK;
}

static rf_status check_lacking(rf_kafka_source *source, rf_err *err)
{
    int64_t now = rf_monotonic_us();
    const rf_part *lacking = NULL;
    rf_part_walk at = {0};
    for (rf_part *part; lacking == NULL && (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        if (part->state == RF_PART_AWAY && !rf_target_reached(part) && part->elsewhere < part->target)
            lacking = part;
    }
    if (lacking == NULL || rf_kafka_down_s(source->watch, NULL) > 0) {
        source->away_since_us = 0;
        return RF_OK;
    }
    if (source->away_since_us == 0)
        source->away_since_us = now;
    return source->options.owner != NULL ? check_others(source, lacking, now, err)
                                         : check_alone(source, lacking, now, err);
}

/* ---- no message ---- */

rf_status rf_idle_check(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_targets_end(source, err));
    if (st == RF_EOF) {
        RF_TRY(rf_decoder_end(source->decoder, err));
        RF_TRY(rf_intake_end(source->intake, source->kept_in, err));
        return RF_EOF;
    }
    RF_TRY(rf_kafka_check_fatal(source->client, source->watch, err));
    RF_TRY(rf_kafka_check_down(source->client, source->watch, source->options.broker_timeout_us, err));
    if (source->doubt_us != 0 && rf_monotonic_us() - source->doubt_us >= DOUBT_US) {
        source->doubt_us = 0; /* a topic was reported missing a while ago: is it? */
        for (size_t i = 0; i < source->parts.n; i++) {
            int n;
            if (source->parts.topics[i].read)
                RF_TRY(rf_kafka_partitions(&n, source->client, source->watch, source->parts.topics[i].name,
                                           source->options.broker_timeout_us, err));
        }
    }
    RF_TRY(check_lacking(source, err));
done:
    return st;
}
