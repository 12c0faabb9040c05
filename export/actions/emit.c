/* emit.c - picks who is flagged and hands their messages to a sink, worst first, then the manifest. The sink
 * decides where they go, and makes all of them visible together.
 */
#include "message_int.h"

#include <math.h>

#include "emit_audit_int.h"
#include "findings_check_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_rank.h"

void rf_emit_options_default(rf_emit_options *options)
{
    *options = (rf_emit_options){
        .to = RF_EMIT_JSONL,
        .path = "-",
        .kafka = {.partitions = 6, .broker_timeout_us = RF_MINUTE_US, .ask_us = 5 * RF_SECOND_US},
        .threshold_type = RF_THRESHOLD_PERCENTILE,
        .threshold = 0.999,
        .tag_confidence = (double)NAN,
        .clusters = true,
        .source = "/ringfence",
        .max_reasons = 5,
        .envelope = false};
}

typedef struct emit_run {
    rf_emission emission;
    rf_identity identity;
    rf_json *json;
    rf_emit_sink *sink;
    rf_emit_record *record;
    bool *ringed;  /* [clusters] it holds a user or an entity that is flagged */
    bool counting; /* the run is there already: its messages are counted, not made */
} emit_run;

/* ---- messages ---- */

/* The value that was made in run->json, about whom run->identity names. */
static rf_status put(emit_run *run, bool manifest, rf_err *err)
{
    rf_status st = RF_OK;
    rf_message message;
    rf_message_of(&message, &run->identity, &run->emission, manifest ? RF_MANIFEST_TYPE : RF_ACTION_TYPE);
    message.manifest = manifest;
    RF_TRY(rf_json_end(run->json, &message.value, &message.value_len, err));
    RF_TRY(run->sink->ops->put(run->sink, &message, err));
done:
    return st;
}

static rf_status put_action(emit_run *run, const rf_action *action, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_emit_options *options = run->emission.options;
    if (run->counting)
        return RF_OK;
    if (options->stop != NULL && *options->stop != 0)
        RF_FAIL(err, RF_E_INTERRUPTED, "interrupted; %s", run->sink->unfinished);
    RF_TRY(rf_identity_of_action(&run->identity, &run->emission, action, err));
    rf_json_reset(run->json);
    rf_action_json(run->json, &run->emission, action, run->identity.id);
    RF_TRY(put(run, false, err));
    RF_TRY(rf_emit_record_note(run->record, action, run->identity.id, false, err));
done:
    return st;
}

/* ---- picking ---- */

/* How many of a group of `size` equal scores are flagged when `before` subjects score higher. */
static int64_t flagged_of_group(const rf_emit_options *options, double score, float percentile,
                                int64_t before, int64_t size)
{
    int64_t room;
    switch (options->threshold_type) {
    case RF_THRESHOLD_PERCENTILE:
        return percentile >= (float)options->threshold ? size : 0;
    case RF_THRESHOLD_SCORE:
        return score >= options->threshold ? size : 0;
    case RF_THRESHOLD_TOP:
        room = options->threshold < (double)(before + size) ? (int64_t)options->threshold - before : size;
        return room < 0 ? 0 : room;
    }
    return 0;
}

/* It has a tag of options->tag_confidence or more that no suppression takes. */
static bool is_tagged(const rf_emission *emission, rf_side side, int64_t row)
{
    const rf_findings *findings = emission->findings;
    const rf_tag_side *tags = &findings->tags->side[side];
    for (int64_t i = tags->ptr[row]; i < tags->ptr[row + 1]; i++) {
        if ((double)tags->tags[i].confidence >= emission->options->tag_confidence &&
            !rf_suppression_takes(findings->suppressed, findings->graph, side, row,
                                  rf_tag_type(findings->tags, &tags->tags[i])))
            return true;
    }
    return false;
}

/* A subject that is worth a message gets one, unless it is suppressed. */
static rf_status flag(emit_run *run, const rf_action *action, rf_emit_result *result, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_cluster *cluster = rf_clusters_of(run->emission.findings->clusters, &run->emission.graph->adj,
                                               action->side, action->row);
    if (rf_emit_silenced(&run->emission, action->side, action->row)) {
        result->suppressed++;
        if (run->counting)
            goto done;
        RF_TRY(rf_identity_of_action(&run->identity, &run->emission, action, err));
        RF_TRY(rf_emit_record_note(run->record, action, run->identity.id, true, err));
        run->sink->ops->silenced(run->sink, run->identity.subject.ptr, run->identity.subject.len);
        goto done;
    }
    RF_TRY(put_action(run, action, err));
    result->flagged[action->side]++;
    if (cluster != NULL && action->side != RF_EDGE)
        run->ringed[cluster - run->emission.findings->clusters->at] = true;
done:
    return st;
}

/* Groups of equal scores from the highest down; below the threshold only those that a tag flags. */
static rf_status emit_side(emit_run *run, rf_side side, rf_emit_result *result, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_score_side *scores = &run->emission.scores->side[side];
    rf_ranked *sorted = NULL;
    bool by_tag = run->emission.findings->tags != NULL && !isnan(run->emission.options->tag_confidence);
    RF_TRY(rf_rank_sort(&sorted, scores->n, scores->score, err));
    for (int64_t to = scores->n; to > 0;) {
        int64_t from = rf_rank_tie_start(sorted, to);
        uint32_t first = sorted[from].row;
        int64_t flagged = flagged_of_group(run->emission.options, (double)sorted[from].score,
                                           scores->percentile[first], scores->n - to, to - from);
        for (int64_t i = from; i < (by_tag ? to : from + flagged); i++) {
            rf_action action = {.side = side, .row = sorted[i].row, .rank = scores->n - to + 1};
            if (i < from + flagged || is_tagged(&run->emission, side, action.row))
                RF_TRY(flag(run, &action, result, err));
        }
        if (flagged < to - from && !by_tag)
            break;
        to = from;
    }
done:
    rf_mem_free(sorted);
    return st;
}

/* The communities that hold somebody flagged, the worst first; a dense block says nothing of its members'
 * scores. */
static rf_status emit_clusters(emit_run *run, int64_t *count, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_clusters *clusters = run->emission.findings->clusters;
    if (clusters == NULL || !run->emission.options->clusters)
        return RF_OK;
    for (int64_t i = 0, rank = 1; i < clusters->n; i++) {
        if (clusters->at[i].method != RF_CLUSTER_COMMUNITY || clusters->at[i].change == RF_CLUSTER_GONE)
            continue;
        rf_action action = {.side = RF_NO_SIDE, .row = i, .rank = rank++};
        if (!run->ringed[i])
            continue;
        RF_TRY(put_action(run, &action, err));
        ++*count;
    }
done:
    return st;
}

/* ---- checks ---- */

rf_status rf_emit_check(const rf_emit_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    double threshold = options->threshold;
    if (!isfinite(threshold))
        RF_FAIL(err, RF_E_INVALID, "emit: the threshold is %g; it must be a finite number", threshold);
    if (options->threshold_type == RF_THRESHOLD_PERCENTILE && (threshold < 0 || threshold > 1))
        RF_FAIL(err, RF_E_INVALID,
                "emit: threshold percentile is %g; it must be from 0 to 1 (0.999 flags the top 0.1 %%)",
                threshold);
    if (options->threshold_type == RF_THRESHOLD_TOP &&
        (threshold < 0 || threshold > (double)UINT32_MAX || threshold != floor(threshold)))
        RF_FAIL(err, RF_E_INVALID, "emit: threshold top is %g; it must be a whole number, 0 or more",
                threshold);
    if (!isnan(options->tag_confidence) && !(options->tag_confidence >= 0 && options->tag_confidence <= 1))
        RF_FAIL(err, RF_E_INVALID, "emit: tag_confidence is %g; it must be from 0 to 1",
                options->tag_confidence);
    if (options->source == NULL || options->source[0] == '\0')
        RF_FAIL(err, RF_E_INVALID,
                "emit: source is empty; messages need one, for example \"/ringfence/orders\"");
    if (options->to == RF_EMIT_KAFKA)
        RF_TRY(rf_kafka_sink_check(options, err));
done:
    return st;
}

/* ---- the run ---- */

static rf_status emit_all(emit_run *run, rf_emit_result *result, rf_err *err)
{
    rf_status st = RF_OK;
    *result = (rf_emit_result){0};
    RF_TRY(run->sink->ops->begin(run->sink, err));
    run->counting = st == RF_EOF;
    if (!run->counting)
        RF_TRY(rf_emit_record_begin(run->record, err));
    for (rf_side side = 0; side < RF_SIDES; side++)
        RF_TRY(emit_side(run, side, result, err));
    RF_TRY(emit_clusters(run, &result->clusters, err));
    if (run->counting)
        goto done;
    RF_TRY(rf_identity_of_run(&run->identity, &run->emission, err));
    rf_json_reset(run->json);
    rf_manifest_json(run->json, &run->emission, result, run->identity.id);
    RF_TRY(put(run, true, err));
    RF_TRY(run->sink->ops->end(run->sink, err));
done:
    return st;
}

/* Until it succeeds, or the sink says that trying again is no use. */
static rf_status emit_until_done(emit_run *run, rf_emit_result *result, rf_err *err)
{
    for (;;) {
        rf_err failure = {0};
        rf_status st = emit_all(run, result, &failure);
        if (st >= 0)
            return RF_OK;
        bool again = run->sink->ops->abort(run->sink, &failure);
        rf_emit_record_failed(run->record, failure.msg);
        if (!again)
            return rf_err_set(err, failure.code < 0 ? failure.code : st, failure.file, failure.line, "%s",
                              failure.msg);
        rf_log(RF_LOG_WARN, "%s; the run is sent again", failure.msg);
    }
}

rf_status rf_emit(rf_emit_result *result, const rf_findings *findings, const rf_emit_options *options,
                  rf_err *err)
{
    rf_status st = RF_OK;
    rf_emit_result figures = {0};
    emit_run run = {
        .emission = {
            .findings = findings, .graph = findings->graph, .scores = findings->scores, .options = options}};

    RF_TRY(rf_emit_check(options, err));
    RF_TRY(rf_findings_check(findings, "emit", false, err));
    rf_time_format(run.emission.emitted_at, rf_time_now_us());
    RF_TRY(rf_identity_init(&run.identity, err));
    RF_TRY(rf_json_new(&run.json, err));
    RF_TRY(rf_emit_record_new(&run.record, &run.emission, err));
    RF_ZERO(run.ringed, findings->clusters == NULL ? 1 : findings->clusters->n + 1, err);
    if (options->to == RF_EMIT_KAFKA)
        RF_TRY(rf_kafka_sink_open(&run.sink, &run.emission, err));
    else
        RF_TRY(rf_jsonl_sink_open(&run.sink, &run.emission, err));
    RF_TRY(emit_until_done(&run, &figures, err));
    run.sink->ops->figures(run.sink, &figures);
    if (run.counting)
        RF_TRY(rf_emit_record_found(run.record, &figures, err));
    else
        RF_TRY(rf_emit_record_end(run.record, &figures, err));
    *result = figures;
done:
    if (run.sink != NULL)
        run.sink->ops->close(run.sink);
    rf_emit_record_free(run.record);
    rf_mem_free(run.ringed);
    rf_json_free(run.json);
    rf_identity_clear(&run.identity);
    return st;
}
