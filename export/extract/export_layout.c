/* export_layout.c - places for all nodes, by igraph's force layout, in points around 0, 0. */
#include "extract_int.h"

#include <math.h>

#include "rf_layout.h"
#include "rf_mem.h"

#define LAYOUT_SEED 1
#define NODE_ROOM 90 /* points between neighbours, about: a large node and its label */

/* One link a pair: parallel edges lie side by side. */
static int64_t collect_links(uint32_t *from, uint32_t *to, const rf_extract *extract)
{
    int64_t n = 0;
    for (int64_t i = 0; i < extract->counts.edges; i++) {
        const rf_extract_edge *edge = &extract->edges[i];
        if (i > 0 && edge->from == edge[-1].from && edge->to == edge[-1].to)
            continue;
        from[n] = edge->from;
        to[n++] = edge->to;
    }
    return n;
}

/* Centred; whole tenths of a point. */
static void set_places(rf_extract *extract, const double *xy)
{
    int64_t n = extract->counts.nodes;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int64_t i = 0; i < 2 * n; i++) {
        low[i % 2] = fmin(low[i % 2], xy[i]);
        high[i % 2] = fmax(high[i % 2], xy[i]);
    }
    for (int64_t i = 0; i < n; i++) {
        /* adding 0: no minus before a zero */
        extract->nodes[i].x = (float)(round(10 * (xy[2 * i] - (low[0] + high[0]) / 2)) / 10 + 0.0);
        extract->nodes[i].y = (float)(round(10 * (xy[2 * i + 1] - (low[1] + high[1]) / 2)) / 10 + 0.0);
    }
}

rf_status rf_extract_layout(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n_edges = (size_t)extract->counts.edges;
    uint32_t *from = rf_mem_new(n_edges, sizeof *from, err), *to = rf_mem_new(n_edges, sizeof *to, err);
    double *xy = rf_mem_new((size_t)extract->counts.nodes, 2 * sizeof *xy, err);
    if (from == NULL || to == NULL || xy == NULL)
        RF_FAIL(err, RF_E_NOMEM, "export: the layout");
    int64_t n_links = collect_links(from, to, extract);
    RF_TRY(rf_layout_places(xy, extract->counts.nodes, from, to, n_links, LAYOUT_SEED, err));
    RF_TRY(rf_extract_pack(xy, extract, NODE_ROOM, err));
    set_places(extract, xy);
done:
    rf_mem_free(xy);
    rf_mem_free(to);
    rf_mem_free(from);
    return st;
}
