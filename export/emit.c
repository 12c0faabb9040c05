/* emit.c - picks who is flagged and writes their messages, worst first, then the manifest. */
#include "export_int.h"

#include <math.h>

#include "rf_file.h"
#include "rf_mem.h"
#include "rf_rank.h"

void rf_emit_options_default(rf_emit_options *options)
{
    *options = (rf_emit_options){.path = "-",
                                 .threshold_type = RF_THRESHOLD_PERCENTILE,
                                 .threshold = 0.999,
                                 .source = "/ringfence",
                                 .max_reasons = 5,
                                 .envelope = false};
}

typedef struct emit_run {
    rf_emission emission;
    rf_identity identity;
    rf_json *json;
    rf_file *file;
} emit_run;

/* ---- writing ---- */

static rf_status write_line(emit_run *emitter, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text;
    size_t len;
    RF_TRY(rf_json_end(emitter->json, &text, &len, err));
    RF_TRY(rf_file_write(emitter->file, text, len, err));
    RF_TRY(rf_file_write(emitter->file, "\n", 1, err));
done:
    return st;
}

static void open_envelope(emit_run *emitter, const char *type)
{
    rf_json *json = emitter->json;
    rf_json_reset(json);
    if (!emitter->emission.options->envelope)
        return;
    rf_json_map_open(json);
    rf_json_key(json, "key");
    rf_json_text(json, emitter->identity.key.ptr, emitter->identity.key.len);
    rf_json_key(json, "headers");
    rf_cloud_event_headers(json, &emitter->identity, &emitter->emission, type);
    rf_json_key(json, "value");
}

static void close_envelope(emit_run *emitter)
{
    if (emitter->emission.options->envelope)
        rf_json_map_close(emitter->json);
}

static rf_status write_action(emit_run *emitter, const rf_action *action, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_identity_of_action(&emitter->identity, &emitter->emission, action, err));
    open_envelope(emitter, RF_ACTION_TYPE);
    rf_action_json(emitter->json, &emitter->emission, action, emitter->identity.id);
    close_envelope(emitter);
    RF_TRY(write_line(emitter, err));
done:
    return st;
}

static rf_status write_manifest(emit_run *emitter, const rf_emit_result *result, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_identity_of_run(&emitter->identity, &emitter->emission, err));
    open_envelope(emitter, RF_MANIFEST_TYPE);
    rf_manifest_json(emitter->json, &emitter->emission, result, emitter->identity.id);
    close_envelope(emitter);
    RF_TRY(write_line(emitter, err));
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

/* Groups of equal scores from the highest down, until one is not flagged whole. */
static rf_status emit_kind(emit_run *emitter, rf_action_kind kind, const rf_score_side *side, int64_t *count,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *sorted = NULL;
    RF_TRY(rf_rank_sort(&sorted, side->n, side->score, err));
    for (int64_t to = side->n; to > 0;) {
        int64_t from = rf_rank_tie_start(sorted, to);
        uint32_t first = sorted[from].row;
        int64_t flagged = flagged_of_group(emitter->emission.options, (double)sorted[from].score,
                                           side->percentile[first], side->n - to, to - from);
        for (int64_t i = from; i < from + flagged; i++) {
            rf_action action = {.kind = kind, .row = sorted[i].row, .rank = side->n - to + 1};
            RF_TRY(write_action(emitter, &action, err));
        }
        *count += flagged;
        if (flagged < to - from)
            break;
        to = from;
    }
done:
    rf_mem_free(sorted);
    return st;
}

/* ---- checks ---- */

static rf_status check_threshold(const rf_emit_options *options, rf_err *err)
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
    if (options->source == NULL || options->source[0] == '\0')
        RF_FAIL(err, RF_E_INVALID,
                "emit: source is empty; messages need one, for example \"/ringfence/orders\"");
done:
    return st;
}

static rf_status check_side(const char *kind, const rf_graph_side *side, const rf_score_side *scores,
                            rf_err *err)
{
    rf_status st = RF_OK;
    if (side->n != scores->n)
        RF_FAIL(err, RF_E_FORMAT, "emit: the graph has %lld %s, but the scores are of %lld",
                (long long)side->n, kind, (long long)scores->n);
    if (side->x == NULL && side->n > 0 && scores->n_reasons > 0)
        RF_FAIL(err, RF_E_INVALID, "emit: the graph was loaded without the features of its %s", kind);
    for (int64_t i = 0; i < scores->n * scores->n_reasons; i++) {
        if (scores->reason_feature[i] >= side->d)
            RF_FAIL(err, RF_E_FORMAT, "emit: a reason names column %d, but the %s have %d",
                    scores->reason_feature[i], kind, side->d);
    }
done:
    return st;
}

static rf_status check_all(const rf_graph *graph, const rf_scores *scores, const rf_emit_options *options,
                           rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(check_threshold(options, err));
    RF_TRY(check_side("users", &graph->u, &scores->u, err));
    RF_TRY(check_side("entities", &graph->v, &scores->v, err));
    RF_TRY(check_side("edges", &graph->e, &scores->e, err));
done:
    return st;
}

rf_status rf_emit_jsonl(rf_emit_result *result, const rf_graph *graph, const rf_scores *scores,
                        const rf_emit_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_emit_result counts = {0};
    emit_run emitter = {.emission = {.graph = graph, .scores = scores, .options = options}};

    RF_TRY(check_all(graph, scores, options, err));
    rf_time_format(emitter.emission.emitted_at, rf_time_now_us());
    RF_TRY(rf_identity_init(&emitter.identity, err));
    RF_TRY(rf_json_new(&emitter.json, err));
    RF_TRY(rf_file_create_beside(&emitter.file, options->path, err));
    RF_TRY(emit_kind(&emitter, RF_ACTION_USER, &scores->u, &counts.users, err));
    RF_TRY(emit_kind(&emitter, RF_ACTION_ENTITY, &scores->v, &counts.entities, err));
    RF_TRY(emit_kind(&emitter, RF_ACTION_EDGE, &scores->e, &counts.edges, err));
    RF_TRY(write_manifest(&emitter, &counts, err));
    RF_TRY(rf_file_commit(emitter.file, err));
    *result = counts;
done:
    rf_file_close(&emitter.file);
    rf_json_free(emitter.json);
    rf_identity_clear(&emitter.identity);
    return st;
}
