/* kafka_idle.c - nothing is there to be read: is that the end, a failure, or a pause? Also looked at now and
 * then while messages come.
 */
#include "kafka_int.h"

#include <inttypes.h>

#include "rf_log.h"

#define SECOND_US INT64_C(1000000)
#define DOUBT_US (10 * SECOND_US)  /* before a topic that is reported missing is looked for */
#define TELL_US (20 * SECOND_US)   /* before partitions that are not given to us are mentioned */
#define RENEW_US (5 * SECOND_US)   /* before a static member has the group look at its partitions again */
#define STUCK_US (180 * SECOND_US) /* before one that shares them does */

/* A topic was reported missing a while ago: is it? */
static rf_status check_doubt(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    if (source->doubt_us == 0 || rf_kafka_now_us() - source->doubt_us < DOUBT_US)
        return RF_OK;
    source->doubt_us = 0;
    for (size_t i = 0; i < source->parts.n; i++) {
        int n;
        if (source->parts.topics[i].read)
            RF_TRY(rf_kafka_partitions(&n, source->client, source->watch, source->parts.topics[i].name,
                                       source->options.broker_timeout_us, err));
    }
done:
    return st;
}

/* A partition that is still to be read and not this member's. */
static const rf_part *find_lacking(const rf_kafka_source *source)
{
    rf_part_walk at = {0};
    for (rf_part *part; (part = rf_parts_next(&source->parts, &at)) != NULL;) {
        if (part->state == RF_PART_AWAY && !rf_target_reached(part) && part->elsewhere < part->target)
            return part;
    }
    return NULL;
}

static rf_status renew(rf_kafka_source *source, const rf_part *lacking, int64_t now, rf_err *err)
{
    source->away_since_us = now;
    rf_log(RF_LOG_DEBUG, "%s[%" PRId32 "]: is given to nobody; joining the group anew", lacking->topic,
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

/* One state for all partitions: another member may have what is not given to us, for good. */
static rf_status check_alone(rf_kafka_source *source, const rf_part *lacking, int64_t now, rf_err *err)
{
    int64_t lacks = now - source->away_since_us, limit = source->options.broker_timeout_us + TELL_US;
    if (source->is_static && source->rebalances > 0 && !source->renewed && lacks > RENEW_US) {
        source->renewed = true;
        return renew(source, lacking, now, err);
    }
    if (lacks > limit)
        return rf_err_set(err, RF_E_KAFKA, __FILE__, __LINE__,
                          "%s[%" PRId32 "]: the group \"%s\" has not given it to this process for %" PRId64
                          " s, so another member reads it; stop that one, choose another kafka.group.id, or "
                          "set graph.shards to share the partitions",
                          lacking->topic, lacking->partition, source->group, limit / SECOND_US);
    if (lacks > TELL_US && now - source->told_us > TELL_US) {
        source->told_us = now;
        rf_log(RF_LOG_INFO, "%s[%" PRId32 "]: waiting for the group \"%s\" to give it to this process",
               lacking->topic, lacking->partition, source->group);
    }
    return RF_OK;
}

static rf_status check_lacking(rf_kafka_source *source, rf_err *err)
{
    int64_t now = rf_kafka_now_us();
    const rf_part *lacking = find_lacking(source);
    if (lacking == NULL || rf_kafka_down_s(source->watch, NULL) > 0) {
        source->away_since_us = 0;
        return RF_OK;
    }
    if (source->away_since_us == 0)
        source->away_since_us = now;
    return source->options.owner != NULL ? check_others(source, lacking, now, err)
                                         : check_alone(source, lacking, now, err);
}

rf_status rf_kafka_idle(rf_kafka_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_targets_end(source, err));
    if (st == RF_EOF) {
        RF_TRY(rf_intake_end(source->intake, source->kept_in, err));
        return RF_EOF;
    }
    RF_TRY(rf_kafka_check_fatal(source->client, source->watch, err));
    RF_TRY(rf_kafka_check_down(source->client, source->watch, source->options.broker_timeout_us, err));
    RF_TRY(check_doubt(source, err));
    RF_TRY(check_lacking(source, err));
done:
    return st;
}
