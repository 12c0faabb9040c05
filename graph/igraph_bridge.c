/* igraph_bridge.c - core numbers, component sizes and places in a picture, computed by igraph; no other file
 * knows igraph.
 *
 * igraph reports errors through a process-wide handler that by default ends the program: it is replaced for
 * the time of the call, and errors come back as a status. igraph's own memory (about 80 bytes a pair) is not
 * counted by rf_mem.
 */
#include "graph_int.h"

#include <igraph.h>
#include <math.h>

#include "rf_layout.h"
#include "rf_rng.h"

static rf_status report(igraph_error_t code, const char *what, const char *advice, rf_err *err)
{
    rf_status st = RF_OK;
    if (code != IGRAPH_SUCCESS)
        RF_FAIL(err, code == IGRAPH_ENOMEM ? RF_E_NOMEM : RF_E_INTERNAL, "igraph: %s failed: %s; %s", what,
                igraph_strerror(code), advice);
done:
    return st;
}

static rf_status check(igraph_error_t code, const char *what, rf_err *err)
{
    return report(code, what, "graph.features without structure does not need igraph", err);
}

static rf_status build(igraph_t *graph, const rf_adj *adj, rf_err *err)
{
    rf_status st = RF_OK;
    igraph_vector_int_t ends;
    igraph_integer_t n = 0;

    st = check(igraph_vector_int_init(&ends, 2 * adj->n_e), "the edge list", err);
    if (st < 0)
        return st;
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (e > 0 && adj->e_u[e] == adj->e_u[e - 1] && adj->e_v[e] == adj->e_v[e - 1])
            continue; /* one more event of the same pair */
        VECTOR(ends)[n++] = adj->e_u[e];
        VECTOR(ends)[n++] = adj->n_u + (igraph_integer_t)adj->e_v[e];
    }
    RF_TRY(check(igraph_vector_int_resize(&ends, n), "the edge list", err));
    RF_TRY(check(igraph_create(graph, &ends, adj->n_u + adj->n_v, IGRAPH_UNDIRECTED), "the graph", err));
done:
    igraph_vector_int_destroy(&ends);
    return st;
}

static int32_t narrow(igraph_integer_t value)
{
    return value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

static rf_status cores(int32_t *core, const igraph_t *graph, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    igraph_vector_int_t found;

    st = check(igraph_vector_int_init(&found, 0), "core numbers", err);
    if (st < 0)
        return st;
    RF_TRY(check(igraph_coreness(graph, &found, IGRAPH_ALL), "core numbers", err));
    for (int64_t i = 0; i < n; i++)
        core[i] = narrow(VECTOR(found)[i]);
done:
    igraph_vector_int_destroy(&found);
    return st;
}

static rf_status components(int32_t *component, const igraph_t *graph, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    igraph_vector_int_t member, size;

    st = check(igraph_vector_int_init(&member, 0), "components", err);
    if (st < 0)
        return st;
    st = check(igraph_vector_int_init(&size, 0), "components", err);
    if (st < 0) {
        igraph_vector_int_destroy(&member);
        return st;
    }
    RF_TRY(check(igraph_connected_components(graph, &member, &size, NULL, IGRAPH_WEAK), "components", err));
    for (int64_t i = 0; i < n; i++)
        component[i] = narrow(VECTOR(size)[VECTOR(member)[i]]);
done:
    igraph_vector_int_destroy(&size);
    igraph_vector_int_destroy(&member);
    return st;
}

rf_status rf_igraph_structure(int32_t *core, int32_t *component, const rf_adj *adj, rf_err *err)
{
    rf_status st = RF_OK;
    igraph_error_handler_t *before = igraph_set_error_handler(igraph_error_handler_ignore);
    int64_t n = adj->n_u + adj->n_v;
    igraph_t graph;

    st = build(&graph, adj, err);
    if (st >= 0) {
        st = cores(core, &graph, n, err);
        if (st >= 0)
            st = components(component, &graph, n, err);
        igraph_destroy(&graph);
    }
    igraph_set_error_handler(before);
    return st;
}

/* ---- places of nodes ---- */

#define LAYOUT_ROUNDS 500

static rf_status check_layout(igraph_error_t code, rf_err *err)
{
    return report(code, "the layout", "fewer nodes need less", err);
}

static rf_status build_links(igraph_t *graph, int64_t n, const uint32_t *from, const uint32_t *to,
                             int64_t n_links, rf_err *err)
{
    rf_status st = RF_OK;
    igraph_vector_int_t ends;

    st = check_layout(igraph_vector_int_init(&ends, 2 * n_links), err);
    if (st < 0)
        return st;
    for (int64_t i = 0; i < n_links; i++) {
        VECTOR(ends)[2 * i] = from[i];
        VECTOR(ends)[2 * i + 1] = to[i];
    }
    RF_TRY(check_layout(igraph_create(graph, &ends, n, IGRAPH_UNDIRECTED), err));
done:
    igraph_vector_int_destroy(&ends);
    return st;
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

    st = build_links(&graph, n, from, to, n_links, err);
    if (st >= 0) {
        st = force_layout(xy, &graph, n, seed, err);
        igraph_destroy(&graph);
    }
    igraph_set_error_handler(before);
    return st;
}
