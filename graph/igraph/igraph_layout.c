/* igraph_layout.c - places of nodes in a picture: see rf_layout.h. */
#include <math.h>

#include "igraph_int.h"
#include "rf_layout.h"
#include "rf_rng.h"

#define LAYOUT_ROUNDS 500

static rf_status check_layout(igraph_error_t code, rf_err *err)
{
    return rf_igraph_check(code, "the layout", "fewer nodes need less", err);
}

/* igraph's own start and its shaking of coinciding nodes draw from its generator: both are fixed here. */
static rf_status force_layout(double *xy, const igraph_t *graph, int64_t n, uint64_t seed, rf_err *err)
{
    rf_status st = RF_OK;
    igraph_matrix_t places;
    rf_rng rng;

    st = check_layout(igraph_matrix_init(&places, n, 2), err);
    if (st < 0)
        return st;
    rf_rng_init(&rng, seed, 0);
    for (int64_t i = 0; i < n; i++) {
        MATRIX(places, i, 0) = (rf_rng_uniform(&rng) - 0.5) * sqrt((double)n);
        MATRIX(places, i, 1) = (rf_rng_uniform(&rng) - 0.5) * sqrt((double)n);
    }
    RF_TRY(check_layout(igraph_rng_seed(igraph_rng_default(), (igraph_uint_t)seed), err));
    RF_TRY(
        check_layout(igraph_layout_fruchterman_reingold(graph, &places, true, LAYOUT_ROUNDS, sqrt((double)n),
                                                        IGRAPH_LAYOUT_GRID, NULL, NULL, NULL, NULL, NULL),
                     err));
    for (int64_t i = 0; i < n; i++) {
        xy[2 * i] = MATRIX(places, i, 0);
        xy[2 * i + 1] = MATRIX(places, i, 1);
    }
done:
    igraph_matrix_destroy(&places);
    return st;
}

rf_status rf_layout_places(double *xy, int64_t n, const uint32_t *from, const uint32_t *to, int64_t n_links,
                           uint64_t seed, rf_err *err)
{
    rf_status st = RF_OK;
    igraph_error_handler_t *before = igraph_set_error_handler(igraph_error_handler_ignore);
    igraph_t graph;

    st = rf_igraph_links(&graph, n, from, to, n_links, "the layout", err);
    if (st >= 0) {
        st = force_layout(xy, &graph, n, seed, err);
        igraph_destroy(&graph);
    }
    igraph_set_error_handler(before);
    return st;
}
