/* igraph_bridge.c - what all calls to igraph share: its errors as a status, and graphs of links. */
#include "igraph_int.h"

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
