/* cmd_erase.c - a user or an entity disappears from everything that ringfence has written.
 *
 * The states come first, so that nothing is computed from them again that names the subject, the texts last,
 * so that what the steps between wrote is seen. Each file is replaced whole. After a kill the next call
 * finishes.
 */
#include <stdio.h>
#include <string.h>

#include "cli_int.h"
#include "rf_count.h"
#include "erase_int.h"
#include "rf_file.h"
#include "rf_h5.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_secret.h"
#include "rf_signal.h"
#include "rf_stop.h"
#include "rf_time.h"

const rf_opt rf_opts_erase[] = {
    {"user", "ID", NULL, "A user to be erased; may be given several times."},
    {"entity", "ID", NULL, "An entity to be erased, of whatever kind; may be given several times."},
    {"output", "FOLDER", "output", NULL},
    {"graph", "FILE", "graph.file", NULL},
    {"shards", "FOLDER", "graph.shards", NULL},
    {"model", "FILE", "train.model", NULL},
    {"scores", "FILE", "score.output", NULL},
    {"key", "FILE", "erase.key_file", NULL},
    {"keep-categories", NULL, NULL,
     "Leaves values of categories alone that are called like an erased id, as \"1\" can be; else they get "
     "another name."},
    RF_OPT_NO_CPU_SWITCH,
    {0},
};

/* ---- who ---- */

/* Under its pseudonym, too: files of before ids.pseudonymise was set, and inputs, have the id itself. */
static rf_status add_id(rf_erase *e, rf_side side, const char *id, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    char pseudonym[RF_PSEUDONYM];
    rf_hash_key *key = e->job->settings->pseudonym_key;
    RF_TRY(rf_subjects_add(&e->subjects, side, id, len, err));
    if (key == NULL)
        goto done;
    RF_TRY(rf_pseudonym(pseudonym, key, rf_side_name(side), id, len, err));
    RF_TRY(rf_subjects_add(&e->subjects, side, pseudonym, strlen(pseudonym), err));
done:
    return st;
}

/* As the graph has it where the words of `normalise` hash it: nobody could say that name of somebody. */
static rf_status add_spelt(rf_erase *e, rf_side of, const char *id, rf_err *err)
{
    rf_status st = RF_OK;
    rf_span spelt = {id, strlen(id)};
    rf_speller *speller = NULL;
    const rf_fields *fields = &e->job->settings->source.fields;
    if (!rf_fields_hide_ids(fields, of))
        goto done;
    RF_TRY(rf_speller_new(&speller, fields, of, err));
    RF_TRY(rf_speller_spell(speller, &spelt, err));
    if (st == RF_OK)
        RF_TRY(add_id(e, rf_side_role(of), spelt.ptr, spelt.len, err));
    st = RF_OK; /* what the words refuse is in no graph */
done:
    rf_speller_free(speller);
    return st;
}

/* An entity is one of any kind. */
static rf_status add_subject(rf_erase *e, rf_side side, const char *id, rf_err *err)
{
    rf_status st = RF_OK;
    const int kinds = side == RF_USER ? 1 : rf_fields_kinds(&e->job->settings->source.fields);
    RF_TRY(add_id(e, side, id, strlen(id), err));
    for (int k = 0; k < kinds; k++)
        RF_TRY(add_spelt(e, side == RF_USER ? RF_USER : rf_entity_side(k), id, err));
done:
    return st;
}

static rf_status take_arguments(rf_erase *e, const rf_args *args, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < args->n_given; i++) {
        const rf_given *given = &args->given[i];
        bool user = strcmp(given->opt->name, "user") == 0;
        if (user || strcmp(given->opt->name, "entity") == 0)
            RF_TRY(add_subject(e, user ? RF_USER : RF_ENTITY, given->value, err));
    }
    e->keep_categories = rf_args_has(args, "keep-categories");
done:
    return st;
}

static rf_status new_key(rf_erase *e, rf_err *err)
{
    const char *path = e->job->settings->files.erase_key;
    e->one_time_key = path == NULL;
    rf_status st = path == NULL ? rf_hash_key_random(&e->key, err) : rf_hash_key_load(&e->key, path, err);
    e->subjects.key = e->key;
    return st;
}

/* In the folder of results. */
static rf_status name_files(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path;
    RF_TRY(rf_settings_in_output(e->job->settings, RF_ERASE_PENDING, &path, err));
    e->pending = rf_mem_text(path, strlen(path), err);
    if (e->pending == NULL)
        st = RF_E_NOMEM;
done:
    return st;
}

/* "erased-20260131T000000Z-0123abcd.json": when, and the first digits of a subject's hash. */
static rf_status name_certificate(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    char name[64], time[RF_TIME_TEXT];
    const char *path;
    size_t n = 0;
    rf_time_format(e->began_at, rf_time_now_us());
    for (const char *c = e->began_at; *c != '\0' && *c != '.'; c++) {
        if (*c != '-' && *c != ':' && *c != 'Z')
            time[n++] = *c;
    }
    snprintf(name, sizeof name, "erased-%.*sZ-%.8s.json", (int)n, time, e->subjects.at[0].hash);
    RF_TRY(rf_settings_in_output(e->job->settings, name, &path, err));
    e->certificate = rf_mem_text(path, strlen(path), err);
    if (e->certificate == NULL)
        st = RF_E_NOMEM;
done:
    return st;
}

/* ---- before ---- */

static rf_status look_at_scores(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    const char *path = e->job->settings->files.scores;
    if (!rf_path_exists(path))
        return RF_OK;
    RF_TRY(rf_h5_open(&file, path, err));
    e->had_tags = rf_h5_exists(file, "/tags");
    e->had_clusters = rf_h5_exists(file, "/clusters");
done:
    rf_h5_close(&file);
    return st;
}

static rf_status lock_all(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_settings *settings = e->job->settings;
    const char *const guarded[] = {settings->files.graph, settings->files.scores, settings->emit.alerts};
    for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++)
        RF_TRY(rf_job_lock(e->job, guarded[i], err));
done:
    return st;
}

/* ---- the work ---- */

static rf_status erase_topic(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    rf_topic_erased topic;
    rf_emit_options options = e->job->settings->emit;
    e->has_topic = options.to == RF_EMIT_KAFKA && options.kafka.score_topic != NULL;
    if (!e->has_topic)
        return RF_OK;
    options.stop = rf_stop_flag();
    RF_TRY(rf_settings_check_emit(e->job->settings, err));
    rf_signal_hold(true); /* a transaction is ended, not left */
    st = rf_topic_erase(&topic, &options, &e->subjects, err);
    rf_signal_hold(false);
    RF_TRY(st);
    e->tombstones = topic.tombstones;
    e->rewritten = topic.rewritten;
done:
    return st;
}

static rf_status erase_files(rf_erase *e, rf_err *err)
{
    static const struct step {
        rf_status (*run)(rf_erase *e, rf_err *err);
    } steps[] = {{rf_erase_inputs}, {rf_erase_states}, {rf_erase_tables},
                 {rf_erase_scores}, {rf_erase_list},   {rf_erase_texts}};
    rf_status st = RF_OK;
    RF_TRY(rf_erase_list(e, err));
    e->graph_changed = rf_journal_has(e, e->job->settings->files.graph);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        RF_TRY(steps[i].run(e, err));
done:
    return st;
}

static rf_status report(const rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t i = 0; i < e->left.n; i++)
        rf_log(RF_LOG_WARN, "%s", e->left.at[i]);
    if (e->has_topic)
        rf_log(RF_LOG_INFO, "topic %s: %s, %s written again", e->job->settings->emit.kafka.score_topic,
               RF_THINGS(e->tombstones, "tombstone"), RF_THINGS(e->rewritten, "value"));
    rf_log(RF_LOG_INFO, "%s erased from %s; %s read once more; %s",
           RF_THINGS((int64_t)e->subjects.n, "subject"), RF_THINGS((int64_t)e->n_entries, "file"),
           RF_THINGS(e->checked_files, "file"), e->certificate);
    if (e->left_ours > 0)
        RF_FAIL(
            err, RF_E_IO,
            "%s of ringfence could not be cleaned (%s says which): correct what is wrong there, or remove "
            "what cannot be corrected, and erase again",
            RF_THINGS(e->left_ours, "file"), e->certificate);
done:
    return st;
}

static rf_status erase(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(erase_files(e, err));
    RF_TRY(erase_topic(e, err));
    RF_TRY(rf_erase_audit(e, err));
    RF_TRY(rf_erase_check(e, err));
    RF_TRY(rf_certificate_write(e, err));
    RF_TRY(rf_journal_end(e, err));
    RF_TRY(report(e, err));
done:
    return st;
}

/* What a kill has left comes first, with its own subjects and certificate. */
static rf_status finish_earlier(rf_cli *cli, bool *found, rf_err *err)
{
    rf_status st = RF_OK;
    rf_erase e = {.job = &cli->job, .fd = -1};
    RF_TRY(name_files(&e, err));
    if (!rf_path_exists(e.pending))
        goto done;
    RF_TRY(new_key(&e, err));
    RF_TRY(lock_all(&e, err));
    RF_TRY(rf_journal_resume(&e, found, err));
    if (!*found)
        goto done;
    rf_log(RF_LOG_INFO, "%s: finishing the erasure that began at %s", e.pending, e.began_at);
    RF_TRY(erase(&e, err));
done:
    rf_erase_clear(&e);
    return st;
}

rf_status rf_cmd_erase(rf_cli *cli, rf_err *err)
{
    rf_status st = RF_OK;
    rf_erase e = {.job = &cli->job, .fd = -1};
    bool earlier = false;
    rf_cli_choose_core(cli);
    rf_secret_no_dumps();
    RF_TRY(finish_earlier(cli, &earlier, err));
    RF_TRY(name_files(&e, err));
    RF_TRY(new_key(&e, err));
    RF_TRY(take_arguments(&e, &cli->args, err));
    if (e.subjects.n == 0 && earlier)
        goto done;
    if (e.subjects.n == 0)
        RF_FAIL(err, RF_E_INVALID, "nobody is named: --user ID or --entity ID says who is to be erased");
    RF_TRY(name_certificate(&e, err));
    RF_TRY(lock_all(&e, err));
    RF_TRY(look_at_scores(&e, err));
    RF_TRY(rf_journal_begin(&e, err));
    RF_TRY(erase(&e, err));
done:
    rf_erase_clear(&e);
    return st;
}
