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
    const rf_store *events = rf_main_store(graph);
    for (size_t c = 0; c < events->n_cells; c++)
        graph->forgotten += events->cells[c].slot < floor_slot ? events->cells[c].count : 0;
    if (graph->forgotten == 0)
        return RF_OK;
    RF_TRY(rf_bigraph_renumber(&renumber, graph, floor_slot, err));
    for (int k = 0; k < graph->n_kinds; k++) {
        rf_relation *relation = &graph->relation[k];
        const rf_store_numbers numbers = rf_renumber_of_kind(&renumber, relation, k);
        RF_TRY(rf_store_keep(&relation->store, floor_slot, NULL, &numbers, err));
        RF_TRY(shrink(&relation->entities, &renumber.entity[k], err));
        relation->cells_checked = relation->store.n_cells;
    }
    RF_TRY(shrink(&graph->users, &renumber.user, err));
    for (int i = 0; i < graph->n_categories; i++)
        RF_TRY(shrink(&graph->category[graph->category_codes[i]],
                      &renumber.category[graph->category_codes[i]], err));
done:
    rf_renumber_clear(&renumber);
    return st;
}
