/* emit.c - hands the messages of a run's alerts to a sink, worst first, then the manifest. The sink decides
 * where they go, and makes all of them visible together; alert_find.c and alert_budget.c decide whose they
 * are.
 */
#include "message_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alert_life_int.h"
#include "emit_audit_int.h"
#include "findings_check_int.h"
#include "rf_log.h"

void rf_emit_options_default(rf_emit_options *options)
{
    *options = (rf_emit_options){
        .to = RF_EMIT_JSONL,
        .path = "-",
        .kafka = {.partitions = 6, .broker_timeout_us = RF_MINUTE_US, .ask_us = 5 * RF_SECOND_US},
        .threshold_type = RF_THRESHOLD_PERCENTILE,
        .threshold = 0.999,
        .tag_confidence = 0.9,
        .budget = 200,
        .repeat = RF_REPEAT_CHANGED,
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
    rf_alert_plan plan;
    rf_alert_life life;
    bool counting; /* the run is there already: its messages are counted, not made */
} emit_run;

/* ---- messages ---- */

/* The value that was made in run->json, about whom run->identity names. */
static rf_status put(emit_run *run, rf_message_for who, const char *type, rf_err *err)
{
    rf_status st = RF_OK;
    rf_message message;
    rf_message_of(&message, &run->identity, &run->emission, type);
    message.who = who;
    RF_TRY(rf_json_end(run->json, &message.value, &message.value_len, err));
    RF_TRY(run->sink->ops->put(run->sink, &message, err));
done:
    return st;
}

static rf_status check_stop(const emit_run *run, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_emit_options *options = run->emission.options;
    if (options->stop != NULL && *options->stop != 0)
        RF_FAIL(err, RF_E_INTERRUPTED, "interrupted; %s", run->sink->unfinished);
done:
    return st;
}

/* An alert for everybody, or only for those who ask who is flagged now. */
static rf_status put_alert(emit_run *run, const rf_alert *alert, rf_message_for who, rf_err *err)
{
    rf_status st = RF_OK;
    if (run->counting || (who == RF_FOR_FLAGGED && !run->sink->keeps_flagged))
        return RF_OK;
    RF_TRY(check_stop(run, err));
    RF_TRY(rf_identity_of_action(&run->identity, &run->emission, &alert->action, err));
    rf_json_reset(run->json);
    rf_action_json(run->json, &run->emission, alert, run->identity.id);
    RF_TRY(put(run, who, RF_ACTION_TYPE, err));
    if (who == RF_FOR_ALL)
        RF_TRY(rf_emit_record_note(run->record, &alert->action, run->identity.id, false, err));
done:
    return st;
}

/* A subject that deserved a message, but is suppressed. */
static rf_status put_suppressed(emit_run *run, const rf_action *action, rf_err *err)
{
    rf_status st = RF_OK;
    if (run->counting)
        return RF_OK;
    RF_TRY(rf_identity_of_action(&run->identity, &run->emission, action, err));
    RF_TRY(rf_emit_record_note(run->record, action, run->identity.id, true, err));
    run->sink->ops->silenced(run->sink, run->identity.subject.ptr, run->identity.subject.len);
done:
    return st;
}

static const char *type_of(const rf_emission *emission, const rf_action *action)
{
    int64_t n;
    const rf_tags *tags = emission->findings->tags;
    const rf_tag *tag = rf_tags_of(&n, tags, action->side, action->row);
    for (int64_t i = 0; i < n; i++) {
        if (!rf_emit_takes(emission, action->side, action->row, &tag[i]))
            return rf_tag_type(tags, &tag[i]);
    }
    return action->side == RF_NO_SIDE ? "cluster" : "score";
}

static void count_type(rf_alert_types *types, const char *type)
{
    int i = 0;
    while (i < types->n && strcmp(types->of[i].type, type) != 0)
        i++;
    if (i == RF_ALERT_TYPES || strlen(type) >= sizeof types->of[i].type)
        return;
    if (i == types->n) {
        (void)snprintf(types->of[i].type, sizeof types->of[i].type, "%s", type);
        types->n++;
    }
    types->of[i].n++;
}

/* An emitted alert has a message where it is new or changed, or where all are wanted. */
static rf_status put_emitted(emit_run *run, const rf_alert *alert, rf_emit_result *result, rf_err *err)
{
    result->by_change[alert->change]++;
    if (alert->change == RF_ALERT_SAME && run->emission.options->repeat == RF_REPEAT_CHANGED)
        return put_alert(run, alert, RF_FOR_FLAGGED, err);
    count_type(&result->types, type_of(&run->emission, &alert->action));
    if (alert->action.side == RF_NO_SIDE)
        result->clusters++;
    else {
        result->flagged[rf_side_role(alert->action.side)]++;
        result->flagged_of[alert->action.side]++;
    }
    return put_alert(run, alert, RF_FOR_ALL, err);
}

/* What the plan decided, in its order. */
static rf_status put_alerts(emit_run *run, rf_emit_result *result, rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t i = 0; i < run->plan.n; i++) {
        const rf_alert *alert = &run->plan.at[i];
        switch (alert->fate) {
        case RF_ALERT_EMITTED:
            RF_TRY(put_emitted(run, alert, result, err));
            break;
        case RF_ALERT_SUPPRESSED:
            RF_TRY(put_suppressed(run, &alert->action, err));
            result->suppressed++;
            break;
        case RF_ALERT_INSIDE:
            RF_TRY(put_alert(run, alert, RF_FOR_FLAGGED, err));
            result->inside++;
            break;
        case RF_ALERT_OVER_BUDGET:
            result->over_budget++;
            break;
        case RF_ALERT_PASSED_OVER:
            result->passed_over++;
            break;
        case RF_ALERT_FATES:
            break;
        }
    }
done:
    return st;
}

/* Those of the last run that are no longer flagged. */
static rf_status put_gone(emit_run *run, rf_emit_result *result, rf_err *err)
{
    rf_status st = RF_OK;
    char word[RF_MEMORY_WORD];
    for (int64_t i = 0; i < run->life.n_gone; i++) {
        const rf_memory_entry *entry = run->life.gone[i];
        result->by_change[RF_ALERT_GONE]++;
        if (run->counting)
            continue;
        RF_TRY(check_stop(run, err));
        RF_TRY(rf_identity_of_gone(&run->identity, &run->emission,
                                   rf_memory_word(word, entry, &run->emission.graph->kinds), entry->key,
                                   err));
        rf_json_reset(run->json);
        rf_gone_json(run->json, &run->emission, entry, run->identity.id);
        RF_TRY(put(run, RF_FOR_TOPIC, RF_CLEARED_TYPE, err));
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
    if (options->threshold_type == RF_THRESHOLD_FDR && (threshold < 0 || threshold > 1))
        RF_FAIL(err, RF_E_INVALID,
                "emit: threshold fdr is %g; it must be from 0 to 1 (0.2: one alert in five may be false)",
                threshold);
    if (options->threshold_type == RF_THRESHOLD_TOP &&
        (threshold < 0 || threshold > (double)UINT32_MAX || threshold != floor(threshold)))
        RF_FAIL(err, RF_E_INVALID, "emit: threshold top is %g; it must be a whole number, 0 or more",
                threshold);
    if (!(options->tag_confidence >= 0 && options->tag_confidence <= 2))
        RF_FAIL(err, RF_E_INVALID, "emit: tag_confidence is %g; it must be from 0 to 2 (above 1: off)",
                options->tag_confidence);
    if (options->budget < 0)
        RF_FAIL(err, RF_E_INVALID, "emit: budget is %lld; it must be 0 (no limit) or more",
                (long long)options->budget);
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
    RF_TRY(put_alerts(run, result, err));
    RF_TRY(put_gone(run, result, err));
    if (run->counting)
        goto done;
    RF_TRY(rf_identity_of_run(&run->identity, &run->emission, err));
    rf_json_reset(run->json);
    rf_manifest_json(run->json, &run->emission, result, run->identity.id);
    RF_TRY(put(run, RF_FOR_TOPIC, RF_MANIFEST_TYPE, err));
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
    if (options->threshold_type == RF_THRESHOLD_FDR && findings->scores->method != RF_METHOD_SURPRISE)
        RF_FAIL(err, RF_E_INVALID,
                "emit: threshold fdr needs scores by surprise, and these are by graphbean; score again with "
                "score.method surprise, or give another threshold");
    run.emission.emitted_us = rf_time_now_us();
    rf_time_format(run.emission.emitted_at, run.emission.emitted_us);
    RF_TRY(rf_identity_init(&run.identity, err));
    RF_TRY(rf_json_new(&run.json, err));
    RF_TRY(rf_emit_record_new(&run.record, &run.emission, err));
    run.emission.plan = &run.plan;
    RF_TRY(rf_alerts_find(&run.plan, &run.emission, err));
    RF_TRY(rf_alerts_spend(&run.plan, &run.emission, err));
    RF_TRY(rf_alerts_compare(&run.life, &run.plan, &run.emission, err));
    RF_TRY(rf_alerts_say(&run.plan, &run.emission, err));
    if (options->to == RF_EMIT_KAFKA)
        RF_TRY(rf_kafka_sink_open(&run.sink, &run.emission, err));
    else
        RF_TRY(rf_jsonl_sink_open(&run.sink, &run.emission, err));
    RF_TRY(emit_until_done(&run, &figures, err));
    if (!run.counting || !run.life.older) /* an older run that is there already is no news */
        RF_TRY(rf_alert_life_save(&run.life, &run.emission, err));
    run.sink->ops->figures(run.sink, &figures);
    if (run.counting)
        RF_TRY(rf_emit_record_found(run.record, &figures, err));
    else
        RF_TRY(rf_emit_record_end(run.record, &figures, err));
    figures.forgotten = run.life.forgotten;
    *result = figures;
done:
    if (run.sink != NULL)
        run.sink->ops->close(run.sink);
    rf_emit_record_free(run.record);
    rf_alert_life_clear(&run.life);
    rf_alerts_clear(&run.plan);
    rf_json_free(run.json);
    rf_identity_clear(&run.identity);
    return st;
}
