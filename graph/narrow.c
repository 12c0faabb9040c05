/* narrow.c - the edges' features in bfloat16. */
#include "rf_graph.h"
#include "rf_mem.h"

/* In its own place, from the first number on: a narrow one never reaches one that is still to be read. */
static rf_status narrow_side(rf_graph_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n = side->n * side->d;
    char *place = (char *)side->x;
    if (side->x == NULL)
        goto done;
    for (int64_t i = 0; i < n; i++) {
        rf_real x;
        memcpy(&x, place + i * (int64_t)sizeof x, sizeof x);
        const rf_bf16 near = rf_bf16_of((float)x);
        memcpy(place + i * (int64_t)sizeof near, &near, sizeof near);
    }
    side->x = NULL;
    side->narrow = (rf_bf16 *)(void *)place;
    void *cut = rf_mem_grow(place, (size_t)n, sizeof *side->narrow, err);
    if (cut == NULL)
        st = RF_E_NOMEM;
    else
        side->narrow = cut;
done:
    return st;
}

rf_status rf_graph_narrow_edges(rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++)
        RF_TRY(narrow_side(&graph->side[rf_edge_side(k)], err));
done:
    return st;
}
