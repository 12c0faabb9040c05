/* settings_finish.c - what spans several keys: which value replaces a missing one, what does not fit
 * together, and which files are in `output`. What the state is called by is settings_identity.c's.
 */
#include "settings_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_secret.h"
#include "rf_time.h"

static rf_status whole_buckets(const rf_settings *settings, const char *path, int64_t value, rf_err *err)
{
    char where[160], bucket[160];
    if (settings->graph.bucket_us == 0 || value % settings->graph.bucket_us == 0)
        return RF_OK;
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s (%s) is not a multiple of graph.bucket (%s); change one of them", path,
                      rf_settings_where(settings, path, where),
                      rf_settings_where(settings, "graph.bucket", bucket));
}

/* A file of this name in the folder of the scores. */
static rf_status beside_scores(rf_settings *settings, const char *name, const char **out, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text path = {0};
    const char *scores = settings->files.scores, *slash = strrchr(scores, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash + 1 - scores);
    RF_TRY(rf_text_add(&path, scores, folder, err));
    RF_TRY(rf_text_add(&path, name, strlen(name), err));
    *out = rf_keep_text(&settings->own->keep, path.ptr, path.len, err);
    if (*out == NULL)
        st = RF_E_NOMEM;
done:
    rf_text_clear(&path);
    return st;
}

/* The moment before which nothing is kept, in whole buckets. Events without times have no age. */
static void set_retention(rf_settings *settings)
{
    int64_t bucket = settings->graph.bucket_us;
    if (settings->retention_us == 0)
        return;
    int64_t before = rf_time_now_us() - settings->retention_us;
    settings->graph.forget_before_us = settings->graph.timeless || bucket <= 0 ? 0 : before - before % bucket;
    settings->source.forget_before_us = before;
    settings->cluster.forget_before_us = before;
    settings->emit.forget_before_us = before;
}

/* How far the newest events may lie from all others and still move the window, however few they are. Who says
 * --as-of latest means it. */
static void set_jump(rf_settings *settings)
{
    rf_bigraph_options *graph = &settings->graph;
    int64_t tolerance = settings->source.future_tolerance_us;
    bool told = rf_settings_origin_of(settings, "graph.as_of") == RF_FROM_COMMAND_LINE;
    if (tolerance == RF_ANY_FUTURE || graph->window_us == 0 || graph->timeless || told)
        return;
    graph->jump_us = tolerance > graph->window_us ? tolerance : graph->window_us;
}

rf_status rf_settings_finish(rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_kinds_finish(settings, err));
    RF_TRY(rf_attr_finish(settings, err));
    RF_TRY(whole_buckets(settings, "graph.window", settings->graph.window_us, err));
    if (settings->graph.as_of_us != RF_AS_OF_LATEST)
        RF_TRY(whole_buckets(settings, "graph.as_of", settings->graph.as_of_us, err));
    if (settings->graph.zone == NULL)
        settings->graph.zone = settings->source.fields.zone;
    RF_TRY(rf_kinds_check_near(settings, err));
    settings->graph.near_bits = settings->source.fields.near_bits;
    settings->graph.timeless = settings->source.fields.time == NULL;
    if (isnan(settings->score.eta))
        settings->score.eta = settings->train.eta;
    settings->emit.kafka.settings = settings->source.kafka.settings; /* one client's settings for both ends */
    settings->emit.kafka.n_settings = settings->source.kafka.n_settings;
    settings->emit.kafka.broker_timeout_us = settings->source.kafka.broker_timeout_us;
    if (settings->source.kafka.n_settings > 0 ||
        settings->source.kafka.avro.password != NULL) /* passwords can be among them */
        rf_secret_no_dumps();
    if (settings->files.pseudonym_key != NULL)
        RF_TRY(rf_hash_key_load(&settings->pseudonym_key, settings->files.pseudonym_key, err));
    settings->source.pseudonym_key = settings->pseudonym_key;
    settings->source.results = settings->output;
    RF_TRY(rf_settings_name_state(settings, err));
    set_retention(settings);
    set_jump(settings);

    /* result files are in `output`, but for absolute names, "-", and names from the command line */
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        const char **name = (const char **)(void *)((char *)settings + key->offset);
        if (!key->in_output || *name == NULL || (*name)[0] == '/' || strcmp(*name, "-") == 0 ||
            settings->own->origins[key - rf_keys].source == RF_FROM_COMMAND_LINE)
            continue;
        RF_TRY(rf_settings_in_output(settings, *name, name, err));
    }
    if (settings->emit.alerts == NULL)
        RF_TRY(beside_scores(settings, "alerts.h5", &settings->emit.alerts, err));
    if (settings->files.clusters == NULL)
        RF_TRY(beside_scores(settings, "clusters.h5", &settings->files.clusters, err));
done:
    return st;
}

rf_status rf_settings_check_emit(const rf_settings *settings, rf_err *err)
{
    if (settings->emit.to == RF_EMIT_KAFKA && settings->emit.kafka.topic == NULL)
        return rf_settings_missing("emit.topic", "TOPIC", err);
    return RF_OK;
}
