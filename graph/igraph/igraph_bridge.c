/* igraph_bridge.c - core numbers and component sizes of the whole graph, by igraph; and what all calls to
 * igraph share.
 *
 * igraph needs about 80 bytes a pair.
 */
#include "igraph_int.h"
#include "structure_int.h"

rf_status rf_igraph_check(igraph_error_t code, const char *what, const char *advice, rf_err *err)
{
    rf_status st = RF_OK;
    if (code != IGRAPH_SUCCESS)
        RF_FAIL(err, code == IGRAPH_ENOMEM ? RF_E_NOMEM : RF_E_INTERNAL, "igraph: %s failed: %s; %s", what,
                igraph_strerror(code), advice);
done:
    return st;
}

rf_status rf_igraph_links(igraph_t *graph, int64_t n, const uint32_t *from, const uint32_t *to,
                          int64_t n_links, const char *what, rf_err *err)
{
    static const char advice[] = "fewer nodes need less";
    rf_status st = RF_OK;
    igraph_vector_int_t ends;

    st = rf_igraph_check(igraph_vector_int_init(&ends, 2 * n_links), what, advice, err);
    if (st < 0)
        return st;
    for (int64_t i = 0; i < n_links; i++) {
        VECTOR(ends)[2 * i] = from[i];
        VECTOR(ends)[2 * i + 1] = to[i];
    }
    RF_TRY(rf_igraph_check(igraph_create(graph, &ends, n, IGRAPH_UNDIRECTED), what, advice, err));
done:
    igraph_vector_int_destroy(&ends);
    return st;
}

/* ---- structure ---- */

static rf_status check(igraph_error_t code, const char *what, rf_err *err)
{
    return rf_igraph_check(code, what, "graph.features without structure does not need igraph", err);
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
