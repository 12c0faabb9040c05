/* export_note.c - what an export says of itself: selection, counts, what was cut, and whose scores these are.
 */
#include "extract_int.h"

#include <inttypes.h>

static rf_status say_cut(rf_text *note, const rf_extract *extract, rf_err *err)
{
    const rf_export_result *counts = &extract->counts;
    if (counts->nodes_cut == 0 && counts->edges_cut == 0)
        return RF_OK;
    return rf_text_printf(
        note, err,
        " Cut by score: %" PRId64 " nodes and %" PRId64
        " edges that belong here were left out (at most %" PRId64 " nodes, %" PRId64 " edges).",
        counts->nodes_cut, counts->edges_cut, extract->options->max_nodes, extract->options->max_edges);
}

static rf_status say_origin(rf_text *note, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    char from[RF_TIME_TEXT], to[RF_TIME_TEXT];
    RF_TRY(rf_text_printf(note, err, " Scores of run %s, model %s.", extract->scores->run_id,
                          extract->scores->model_id));
    if (graph->window_from_us != 0 || graph->window_to_us != 0)
        RF_TRY(rf_text_printf(note, err, " Events from %s to %s.",
                              rf_time_format(from, graph->window_from_us),
                              rf_time_format(to, graph->window_to_us)));
done:
    return st;
}

rf_status rf_extract_describe(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_export_result *counts = &extract->counts;
    RF_TRY(rf_text_printf(&extract->title, err, "ringfence: %s", extract->options->select.text));
    RF_TRY(rf_text_printf(&extract->note, err,
                          "%" PRId64 " subjects, %" PRId64 " neighbours, %" PRId64
                          " ordinary nodes for comparison; %" PRId64 " edges.",
                          counts->subjects, counts->neighbours, counts->context, counts->edges));
    RF_TRY(say_cut(&extract->note, extract, err));
    RF_TRY(say_origin(&extract->note, extract, err));
done:
    return st;
}
