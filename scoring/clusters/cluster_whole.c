/* cluster_whole.c - a graph of several kinds as one of users and entities: what groups are found in. */
#include <string.h>

#include "cluster_int.h"
#include "rf_mem.h"

/* The edges of all kinds, user by user. */
static rf_status join_kinds(rf_whole *whole, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *e_u = NULL, *e_v = NULL;
    int64_t n_e = 0, at = 0;
    for (int k = 0; k < whole->n_kinds; k++)
        n_e += rf_graph_adj(whole->graph, k)->n_e;
    RF_NEW(e_u, n_e, err);
    RF_NEW(e_v, n_e, err);
    for (int64_t u = 0; u < whole->n_u; u++) {
        for (int k = 0; k < whole->n_kinds; k++) {
            const rf_adj *adj = rf_graph_adj(whole->graph, k);
            for (int64_t e = adj->u_ptr[u]; e < adj->u_ptr[u + 1]; e++, at++) {
                e_u[at] = (uint32_t)u;
                e_v[at] = (uint32_t)(whole->first[k] + adj->e_v[e]);
            }
        }
    }
    st = rf_adj_adopt(&whole->joined, whole->n_u, whole->first[whole->n_kinds], n_e, e_u, e_v, err);
    e_u = e_v = NULL;
done:
    rf_mem_free(e_u);
    rf_mem_free(e_v);
    return st;
}

rf_status rf_whole_init(rf_whole *whole, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    *whole = (rf_whole){.graph = graph,
                        .n_kinds = rf_kinds_n(&graph->kinds),
                        .n_u = graph->side[RF_USER].n,
                        .adj = &graph->adj};
    for (int k = 0; k < whole->n_kinds; k++)
        whole->first[k + 1] = whole->first[k] + graph->side[rf_entity_side(k)].n;
    if (whole->n_u + whole->first[whole->n_kinds] >= UINT32_MAX)
        RF_FAIL(err, RF_E_INVALID,
                "the graph has %lld users and %lld entities; clusters are found among less than 2^32 of both",
                (long long)whole->n_u, (long long)whole->first[whole->n_kinds]);
    if (whole->n_kinds > 1) {
        RF_TRY(join_kinds(whole, err));
        whole->adj = &whole->joined;
    }
done:
    return st;
}

void rf_whole_clear(rf_whole *whole)
{
    rf_adj_clear(&whole->joined);
    *whole = (rf_whole){0};
}

void rf_whole_line_up(void *out, const rf_whole *whole, const void *const of_kind[], size_t size)
{
    char *to = out;
    for (int64_t u = 0; u < whole->n_u; u++) {
        for (int k = 0; k < whole->n_kinds; k++) {
            const int64_t *ptr = &rf_graph_adj(whole->graph, k)->u_ptr[u];
            size_t bytes = (size_t)(ptr[1] - ptr[0]) * size;
            if (bytes > 0)
                memcpy(to, (const char *)of_kind[k] + (size_t)ptr[0] * size, bytes);
            to += bytes;
        }
    }
}

int rf_whole_kind(const rf_whole *whole, int64_t entity)
{
    int k = 0;
    while (entity >= whole->first[k + 1])
        k++;
    return k;
}

rf_side rf_whole_place(uint32_t *row, const rf_whole *whole, int64_t node)
{
    int64_t entity = node - whole->n_u;
    *row = (uint32_t)node;
    if (entity < 0)
        return RF_USER;
    int k = rf_whole_kind(whole, entity);
    *row = (uint32_t)(entity - whole->first[k]);
    return rf_entity_side(k);
}
