/* settings.c - the settings' defaults, their life, and whether a key was set. */
#include "settings_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_file.h"
#include "rf_mem.h"
#include "rf_secret.h"
#include "rf_time.h"

void rf_settings_default(rf_settings *settings)
{
    *settings = (rf_settings){.output = ".",
                              .files = {.graph = "graph.h5", .model = "model.h5", .scores = "scores.h5"},
                              .checkpoint_events = 10000000,
                              .checkpoint_interval_us = RF_MINUTE_US,
                              .simulated_format = RF_FORMAT_AUTO};
    rf_source_options_default(&settings->source);
    rf_bigraph_options_default(&settings->graph);
    rf_train_options_default(&settings->train);
    rf_score_options_default(&settings->score);
    rf_cluster_options_default(&settings->cluster);
    rf_evaluate_options_default(&settings->evaluate);
    rf_emit_options_default(&settings->emit);
    rf_simulate_options_default(&settings->simulate);
    settings->source.dead_letters = "rejects.jsonl"; /* a job keeps what a library call need not */
    settings->emit.path = "actions.jsonl";
    settings->score.eta = (double)NAN;
}

rf_status rf_settings_new(rf_settings **out, rf_err *err)
{
    rf_status st = RF_OK;
    rf_settings *settings = NULL;
    RF_ZERO(settings, 1, err);
    rf_settings_default(settings);
    RF_ZERO(settings->own, 1, err);
    settings->own->schema.attrs = settings->own->attrs;
    settings->source.fields.schema = settings->graph.schema = &settings->own->schema;
    *out = settings;
    settings = NULL;
done:
    rf_settings_free(settings);
    return st;
}

void rf_settings_free(rf_settings *settings)
{
    if (settings == NULL)
        return;
    for (int i = 0; i < settings->source.kafka.n_settings; i++) { /* passwords can be among them */
        const char *value = settings->source.kafka.settings[i].value;
        rf_wipe((char *)(uintptr_t)value, strlen(value));
    }
    const char *password = settings->source.kafka.avro.password;
    if (password != NULL)
        rf_wipe((char *)(uintptr_t)password, strlen(password));
    if (settings->own != NULL)
        rf_keep_clear(&settings->own->keep);
    rf_hash_key_free(settings->pseudonym_key);
    rf_mem_free(settings->own);
    rf_mem_free(settings);
}

rf_settings_origin rf_settings_origin_of(const rf_settings *settings, const char *path)
{
    const rf_key *key = rf_key_find(path);
    return key == NULL ? RF_FROM_DEFAULT : settings->own->origins[key - rf_keys].source;
}

rf_status rf_settings_in_output(rf_settings *settings, const char *name, const char **out, rf_err *err)
{
    const char *folder = settings->output;
    char *path =
        strcmp(folder, ".") == 0 ? rf_mem_text(name, strlen(name), err) : rf_path_join(folder, name, err);
    if (path == NULL)
        return RF_E_NOMEM;
    *out = rf_keep_text(&settings->own->keep, path, strlen(path), err);
    rf_mem_free(path);
    return *out == NULL ? RF_E_NOMEM : RF_OK;
}
