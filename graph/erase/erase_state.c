/* erase_state.c - a file with a state is read, its subjects are taken out, and it is written again.
 *
 * What kind of file it is says how it is written: a graph with its features, for the window that it has; a
 * half-built graph as it is; a shard under a claim, so that an owner that wakes up late cannot bring the old
 * state back.
 */
#include "rf_erase_state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bigraph_int.h"
#include "rf_mem.h"
#include "rf_shard.h"
#include "rf_time.h"
#include "shard_int.h"

#define OWNER_WAIT_US (10 * RF_SECOND_US)

typedef struct erasing {
    const char *path;
    const rf_erase_work *work;
    rf_bigraph_options options;
    rf_bigraph *graph;
    rf_positions positions;
    rf_erased *erased;
} erasing;

/* What the file is, and the window that a graph has. */
static rf_status look(erasing *e, char **format, rf_shard_head *head, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(rf_h5_open(&file, e->path, err));
    RF_TRY(rf_h5_read_attr_text(file, "/", "format", format, err));
    if (strcmp(*format, RF_SHARD_FORMAT) == 0)
        RF_TRY(rf_shard_head_read(head, file, err));
    if (strcmp(*format, RF_GRAPH_FORMAT) != 0)
        goto done;
    int64_t from, to;
    RF_TRY(rf_h5_read_attr_int(file, "/", "window_from", &from, 1, err));
    RF_TRY(rf_h5_read_attr_int(file, "/", "window_to", &to, 1, err));
    e->options.as_of_us = to;
    if (e->options.window_us != 0)
        e->options.window_us = to - from;
done:
    rf_h5_close(&file);
    return st;
}

/* Whether there is anything to write; the hook hears of it first. */
static rf_status take_out(bool *any, erasing *e, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_erase_work *work = e->work;
    bool moved = false;
    RF_TRY(rf_bigraph_erase(e->graph, work->subjects, work->keep_categories, e->erased, err));
    if (work->reposition != NULL)
        RF_TRY(work->reposition(work->context, &e->positions, &moved, err));
    const rf_erased *erased = e->erased;
    bool found = erased->users > 0 || erased->entities > 0 || erased->categories > 0;
    if (found && work->before != NULL)
        RF_TRY(work->before(work->context, e->path, erased, err));
    *any = found || moved;
done:
    return st;
}

/* Whether an event is left in the window. */
static bool has_window(const rf_bigraph *graph)
{
    int64_t from, to;
    if (!rf_bigraph_window(graph, &from, &to))
        return false;
    const rf_store *store = rf_main_store(graph);
    for (size_t c = 0; c < store->n_cells; c++) {
        int64_t at = rf_slot_us(&store->codec, store->cells[c].slot);
        if (at >= from && at < to)
            return true;
    }
    return false;
}

/* The unused ids go when the graph is sorted. */
static rf_status write_state(erasing *e, const char *building, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph_sort_dedup(e->graph);
    RF_TRY(rf_bigraph_sort(e->graph, err));
    RF_TRY(rf_building_write(e->graph, building, &e->positions, err));
done:
    return st;
}

/* Nothing of the graph is left: what was read stays known, in the half-built graph of the next build. */
static rf_status empty_graph(erasing *e, rf_err *err)
{
    rf_status st = RF_OK;
    char *building = rf_building_path(e->path, err);
    if (building == NULL)
        return RF_E_NOMEM;
    if (access(building, F_OK) != 0)
        RF_TRY(write_state(e, building, err));
    if (unlink(e->path) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be removed: %s", e->path, strerror(errno));
done:
    rf_mem_free(building);
    return st;
}

static rf_status erase_graph(erasing *e, bool *emptied, rf_err *err)
{
    rf_status st = RF_OK;
    rf_published published;
    bool any = false;
    RF_TRY(rf_bigraph_resume_from(e->graph, e->path, RF_GRAPH_FORMAT, &e->positions, err));
    RF_TRY(take_out(&any, e, err));
    if (!any)
        goto done;
    *emptied = !has_window(e->graph);
    if (*emptied)
        RF_TRY(empty_graph(e, err));
    else
        RF_TRY(rf_bigraph_write(e->graph, e->path, &e->positions, e->work->pool, &published, err));
done:
    return st;
}

static rf_status erase_building(erasing *e, rf_err *err)
{
    rf_status st = RF_OK;
    bool any = false;
    RF_TRY(rf_bigraph_resume_from(e->graph, e->path, RF_BUILDING_FORMAT, &e->positions, err));
    RF_TRY(take_out(&any, e, err));
    if (any)
        RF_TRY(write_state(e, e->path, err));
done:
    return st;
}

static rf_status erase_shard(erasing *e, const rf_shard_head *head, rf_err *err)
{
    rf_status st = RF_OK;
    rf_shard *shard = NULL;
    int64_t next;
    bool any = false;
    char *folder = rf_path_folder(e->path, err);
    if (folder == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_shard_claim(&shard, e->graph, folder, head->topic, head->partition, e->work->owner,
                          OWNER_WAIT_US, &next, err));
    RF_TRY(take_out(&any, e, err));
    if (!any)
        goto done;
    rf_bigraph_sort_dedup(e->graph);
    RF_TRY(rf_bigraph_sort(e->graph, err));
    RF_TRY(rf_shard_rewrite(shard, e->graph, err));
done:
    rf_shard_release(&shard);
    rf_mem_free(folder);
    return st;
}

rf_status rf_erase_state(rf_erased *erased, bool *emptied, const char *path, const rf_erase_work *work,
                         rf_err *err)
{
    rf_status st = RF_OK;
    erasing e = {.path = path, .work = work, .options = *work->options, .erased = erased};
    rf_shard_head head = {0};
    char *format = NULL;
    *erased = (rf_erased){0};
    *emptied = false;
    RF_TRY(look(&e, &format, &head, err));
    RF_TRY(rf_bigraph_new(&e.graph, &e.options, err));
    if (strcmp(format, RF_GRAPH_FORMAT) == 0)
        RF_TRY(erase_graph(&e, emptied, err));
    else if (strcmp(format, RF_BUILDING_FORMAT) == 0)
        RF_TRY(erase_building(&e, err));
    else if (strcmp(format, RF_SHARD_FORMAT) == 0)
        RF_TRY(erase_shard(&e, &head, err));
    else
        RF_FAIL(err, RF_E_FORMAT, "%s: has no state, but is of format \"%.60s\"", path, format);
done:
    rf_bigraph_free(e.graph);
    rf_positions_clear(&e.positions);
    rf_shard_head_clear(&head);
    rf_mem_free(format);
    return st;
}
