/* erase_states.c - graphs, half-built graphs and shards of an erasure. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "erase_int.h"
#include "rf_erase_state.h"
#include "rf_file.h"
#include "rf_lines.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_progress.h"

/* An input whose lines were blanked begins with other bytes now. */
static rf_status reposition(void *context, rf_positions *positions, bool *changed, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_erase *e = context;
    for (size_t i = 0; i < positions->n; i++) {
        rf_input_position *at = &positions->items[i];
        uint64_t before = at->fingerprint;
        if (at->partition >= 0 || at->offset == 0 || !rf_paths_have(&e->inputs, at->name) ||
            !rf_journal_has(e, at->name))
            continue;
        RF_TRY(rf_position_refresh(at, err));
        *changed = *changed || at->fingerprint != before;
    }
done:
    return st;
}

static const char *kind_of(const char *path)
{
    size_t len = strlen(path);
    return len > 9 && strcmp(path + len - 9, ".building") == 0 ? "half-built graph" : "graph or shard";
}

static rf_status before(void *context, const char *path, const rf_erased *erased, rf_err *err)
{
    const rf_figure removed[] = {{"users", erased->users},
                                 {"entities", erased->entities},
                                 {"cells", erased->cells},
                                 {"events", erased->events},
                                 {"categories renamed", erased->categories},
                                 {NULL, 0}};
    return rf_journal_note(context, path, kind_of(path), "written again without them", removed, err);
}

static bool is_state(const char *format)
{
    return strcmp(format, "ringfence-graph") == 0 || strcmp(format, "ringfence-graph-building") == 0 ||
           strcmp(format, "ringfence-shard") == 0;
}

static rf_status erase_one(rf_erase *e, const char *path, const rf_erase_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    rf_erased erased;
    bool emptied = false, is_graph = rf_path_same_file(path, e->job->settings->files.graph);
    rf_err why = {0};
    st = rf_erase_state(&erased, &emptied, path, work, &why);
    if (st == RF_E_FORMAT || st == RF_E_INVALID) /* of other settings: the rest can be done nevertheless */
        return rf_erase_left(e, path, true, why.msg, err);
    if (st < 0)
        RF_FAIL(err, st, "%s", why.msg);
    bool found = erased.users > 0 || erased.entities > 0 || erased.categories > 0;
    e->graph_changed = e->graph_changed || (found && is_graph);
    if (emptied)
        rf_log(RF_LOG_WARN, "%s: nothing is left in its window; what was read is kept in %s.building", path,
               path);
done:
    return st;
}

rf_status rf_erase_states(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    rf_erase_work work = {.subjects = &e->subjects,
                          .options = &e->job->settings->graph,
                          .keep_categories = e->keep_categories,
                          .owner = "erase",
                          .reposition = reposition,
                          .before = before,
                          .context = e};
    char *format = NULL;
    RF_TRY(rf_job_pool(e->job, &work.pool, err));
    rf_progress_begin("erase", "files");
    for (size_t i = 0; i < e->files.n; i++) {
        rf_mem_free(format);
        format = NULL;
        if (!rf_path_exists(e->files.at[i])) /* a shard's new owner removes what an old one left */
            continue;
        RF_TRY(rf_erase_format(&format, e->files.at[i], err));
        if (format != NULL && is_state(format))
            RF_TRY(erase_one(e, e->files.at[i], &work, err));
        rf_progress_update((int64_t)i + 1, (int64_t)e->files.n, (int64_t)i + 1);
    }
done:
    rf_progress_end();
    rf_mem_free(format);
    return st;
}
