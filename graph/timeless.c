/* timeless.c - graphs of events without times: a build has all of them happen at the epoch, one moment that
 * says nothing of anybody.
 */
#include "rf_graph.h"
#include "rf_mem.h"

static bool is_timeless(const rf_graph_side *edges)
{
    bool timeless = edges->first_us != NULL && edges->n > 0;
    for (int64_t i = 0; i < edges->n && timeless; i++)
        timeless = edges->first_us[i] == 0 && edges->last_us[i] == 0;
    return timeless;
}

void rf_graph_forget_epoch(rf_graph *graph)
{
    if (!is_timeless(&graph->side[RF_EDGE])) /* the main kind has all events */
        return;
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        rf_graph_side *side = &graph->side[s];
        rf_mem_free(side->first_us);
        rf_mem_free(side->last_us);
        side->first_us = side->last_us = NULL;
    }
    graph->window_from_us = graph->window_to_us = 0;
}
