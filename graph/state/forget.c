/* forget.c - what is older than the retention leaves a state for good, and so do the ids that only it used.
 *
 * Pruning for the window alone leaves ids behind until the graph is sorted, which a shard never is.
 */
#include "bigraph_int.h"
#include "rf_mem.h"

/* The ids that are still used, in their new order. */
static rf_status shrink(rf_idmap **map, const rf_renumber_ids *ids, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *fresh = NULL;
    uint32_t id;
    if (*map == NULL)
        return RF_OK;
    RF_TRY(rf_idmap_new(&fresh, err));
    for (uint32_t i = 0; i < ids->n; i++) {
        size_t len;
        const char *text = rf_idmap_text(*map, ids->order[i], &len);
        RF_TRY(rf_idmap_intern(fresh, text, len, &id, NULL, err));
    }
    rf_idmap_free(*map);
    *map = fresh;
    fresh = NULL;
done:
    rf_idmap_free(fresh);
    return st;
}

rf_status rf_bigraph_forget(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_renumber renumber = {0};
    uint32_t floor_slot;
    if (graph->options.forget_before_us == 0 || graph->options.forget_before_us <= RF_TIME_MIN)
        return RF_OK;
    floor_slot = rf_bigraph_slot(graph, graph->options.forget_before_us);
    for (size_t c = 0; c < graph->store.n_cells; c++)
        graph->forgotten += graph->store.cells[c].slot < floor_slot ? graph->store.cells[c].count : 0;
    if (graph->forgotten == 0)
        return RF_OK;
    RF_TRY(rf_renumber_init(&renumber, &graph->store, floor_slot, graph->ids, graph->category, err));
    RF_TRY(rf_store_keep(&graph->store, floor_slot, NULL, &renumber, err));
    for (rf_side s = 0; s < RF_SIDES; s++)
        RF_TRY(shrink(&graph->ids[s], &renumber.side[s], err));
    for (int i = 0; i < graph->store.codec.n_codes; i++)
        RF_TRY(shrink(&graph->category[i], &renumber.category[i], err));
    graph->cells_checked = graph->store.n_cells;
done:
    rf_renumber_clear(&renumber);
    return st;
}
