/* narrow.c - the edges' features in bfloat16. */
#include "rf_graph.h"
#include "rf_mem.h"

#define PIECE ((int64_t)1 << 22) /* numbers */

/* From the first number on: one in its own place never reaches one that is still to be read. */
static void narrow_values(char *narrow, const char *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        rf_real value;
        memcpy(&value, x + i * (int64_t)sizeof value, sizeof value);
        const rf_bf16 near = rf_bf16_of((float)value);
        memcpy(narrow + i * (int64_t)sizeof near, &near, sizeof near);
    }
}

/* What was read goes as the narrow ones come. */
static rf_status narrow_mapped(rf_graph_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n = side->n * side->d;
    RF_NEW(side->narrow, n, err);
    for (int64_t from = 0; from < n; from += PIECE) {
        const int64_t some = n - from < PIECE ? n - from : PIECE;
        narrow_values((char *)(side->narrow + from), (const char *)(side->x + from), some);
        rf_h5_mapping_drop(side->x + from, (size_t)some * sizeof *side->x);
    }
    side->x = NULL;
    rf_h5_unmap(&side->mapped);
done:
    return st;
}

static rf_status narrow_in_place(rf_graph_side *side, rf_err *err)
{
    char *place = (char *)side->x;
    narrow_values(place, place, side->n * side->d);
    side->x = NULL;
    side->narrow = (rf_bf16 *)(void *)place;
    rf_bf16 *cut = rf_mem_grow(place, (size_t)(side->n * side->d), sizeof *cut, err);
    if (cut == NULL)
        return RF_E_NOMEM;
    side->narrow = cut;
    return RF_OK;
}

rf_status rf_graph_narrow_edges(rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        rf_graph_side *side = &graph->side[rf_edge_side(k)];
        if (side->x != NULL)
            RF_TRY(side->mapped.start != NULL ? narrow_mapped(side, err) : narrow_in_place(side, err));
    }
done:
    return st;
}
