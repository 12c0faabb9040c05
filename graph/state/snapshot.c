/* snapshot.c - saves a graph in the middle of a build, and continues from the state of an earlier build.
 *
 * Positions in the inputs travel with the state they belong to, in one file, written beside and renamed: a
 * reader finds the old pair or the new pair, never a mixture. publish.c writes graph.h5 itself.
 */
#include <string.h>
#include <unistd.h>

#include "bigraph_int.h"
#include "rf_file.h"
#include "rf_mem.h"

char *rf_building_path(const char *path, rf_err *err)
{
    size_t len = strlen(path);
    char *out = rf_mem_new(len + sizeof ".building", 1, err);
    if (out != NULL) {
        memcpy(out, path, len);
        memcpy(out + len, ".building", sizeof ".building");
    }
    return out;
}

rf_status rf_building_write(rf_bigraph *graph, const char *building, const rf_positions *positions,
                            rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(rf_h5_create_beside(&file, building, err));
    rf_h5_use_threads(file, graph->pool);
    RF_TRY(rf_h5_write_format(file, RF_BUILDING_FORMAT, 1, err));
    RF_TRY(rf_state_write_dedup(file, graph, err));
    RF_TRY(rf_state_write(file, graph, positions, false, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_bigraph_checkpoint(rf_bigraph *graph, const char *path, const rf_positions *positions,
                                rf_err *err)
{
    rf_status st = RF_OK;
    char *building = rf_building_path(path, err);
    if (building == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_bigraph_check_unspent(graph, err));
    RF_TRY(rf_bigraph_flush(graph, err));
    RF_TRY(rf_building_write(graph, building, positions, err));
done:
    rf_mem_free(building);
    return st;
}

/* ---- resuming ---- */

rf_status rf_bigraph_check_window(const rf_bigraph *graph, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t from, to;
    char needed[RF_TIME_TEXT] = "the first event", kept[RF_TIME_TEXT];
    if (graph->kept_from_us == INT64_MIN || !rf_bigraph_window(graph, &from, &to))
        return RF_OK;
    if (from != INT64_MIN)
        from -= graph->history_us;
    if (from < graph->options.forget_before_us && graph->options.forget_before_us != 0)
        from = graph->options.forget_before_us; /* what is older is to be gone */
    if (from >= graph->kept_from_us)
        return RF_OK;
    if (from != INT64_MIN)
        rf_time_format(needed, from);
    RF_FAIL(err, RF_E_INVALID,
            "%s keeps events from %s on, but the window (and its history) now begins at %s: graph.as_of and "
            "graph.window only move forward; to go back, start again with --rebuild",
            path, rf_time_format(kept, graph->kept_from_us), needed);
done:
    return st;
}

rf_status rf_state_check(rf_h5 *file, const char *format, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_h5_check_format(file, format, 1, NULL, err));
    if (!rf_h5_exists(file, "/state"))
        RF_FAIL(
            err, RF_E_FORMAT,
            "%s has no /state, so `build` cannot continue it; choose another graph.file, or replace it with "
            "--rebuild",
            rf_h5_path(file));
done:
    return st;
}

rf_status rf_state_open(rf_h5 **out, const char *path, const char *format, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(rf_h5_open(&file, path, err));
    RF_TRY(rf_state_check(file, format, err));
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_bigraph_resume_from(rf_bigraph *graph, const char *path, const char *format,
                                 rf_positions *positions, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(rf_state_open(&file, path, format, err));
    rf_h5_use_threads(file, graph->pool);
    RF_TRY(rf_state_read(graph, positions, file, err));
    st = rf_bigraph_check_window(graph, path, err);
    if (st >= 0)
        st = rf_bigraph_forget(graph, err);
    if (st < 0)
        rf_positions_clear(positions);
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_bigraph_resume(rf_bigraph *graph, const char *path, rf_positions *positions, int *resumed,
                            rf_err *err)
{
    rf_status st = RF_OK;
    char *building = rf_building_path(path, err);
    if (building == NULL)
        return RF_E_NOMEM;
    int found = rf_path_exists(building) ? 2 : rf_path_exists(path) ? 1 : 0;
    if (found == 2)
        RF_TRY(rf_bigraph_resume_from(graph, building, RF_BUILDING_FORMAT, positions, err));
    else if (found == 1)
        RF_TRY(rf_bigraph_resume_from(graph, path, RF_GRAPH_FORMAT, positions, err));
    const rf_store *store = rf_main_store(graph);
    for (size_t c = 0; c < store->n_cells; c++)
        RF_TRY(rf_timeline_count(&graph->resumed, store->cells[c].slot, store->cells[c].count, err));
    rf_timeline_sort(&graph->resumed);
    if (found == 1)
        graph->late_before_us = graph->kept_from_us;
    *resumed = found;
done:
    rf_mem_free(building);
    return st;
}
