/* overlap_parts.c - turns a graph's edges to distinct pairs, the way round that the voice asks for, and back.
 */
#include "overlap_parts_int.h"

#include "rf_mem.h"

#define WORST 3

static const double weight_of_worst[WORST] = {0.5, 0.3, 0.2};

/* node[i] out of nats[pair] of its pairs, which are list[ptr[i]] and on, or ptr[i] and on themselves. */
static void nodes_of_pairs(float *node, int64_t n, const int64_t *ptr, const uint32_t *list,
                           const float *nats)
{
    for (int64_t i = 0; i < n; i++) {
        float worst[WORST] = {0};
        double sum = 0;
        for (int64_t k = ptr[i]; k < ptr[i + 1]; k++) {
            float x = nats[list != NULL ? list[k] : k];
            for (int w = 0; w < WORST; w++) {
                if (x > worst[w]) {
                    float smaller = worst[w];
                    worst[w] = x;
                    x = smaller;
                }
            }
        }
        for (int w = 0; w < WORST; w++)
            sum += weight_of_worst[w] * (double)worst[w];
        node[i] = (float)sum;
    }
}

/* The nats of distinct pairs whose anchors are entities, or users. */
static rf_status nats_of_pairs(float *nats, const rf_adj *pairs, bool anchors_are_users, rf_pool *pool,
                               rf_err *err)
{
    rf_status st = RF_OK;
    rf_adj swapped = {0};
    float *of_swapped = NULL;
    if (!anchors_are_users)
        return rf_overlap_nats(nats, pairs, true, pool, err);
    RF_TRY(rf_adj_swapped(&swapped, pairs, err));
    RF_NEW(of_swapped, pairs->n_e, err);
    RF_TRY(rf_overlap_nats(of_swapped, &swapped, false, pool, err));
    for (int64_t i = 0; i < pairs->n_e; i++)
        nats[pairs->v_edge[i]] = of_swapped[i];
done:
    rf_mem_free(of_swapped);
    rf_adj_clear(&swapped);
    return st;
}

static rf_status spread(float *edge, float *user, float *entity, const rf_adj *adj, bool anchors_are_users,
                        rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_adj pairs = {0};
    uint32_t *pair_of = NULL;
    float *nats = NULL;
    RF_NEW(pair_of, adj->n_e, err);
    RF_TRY(rf_adj_distinct(&pairs, pair_of, adj, err));
    RF_NEW(nats, pairs.n_e, err);
    RF_TRY(nats_of_pairs(nats, &pairs, anchors_are_users, pool, err));
    for (int64_t e = 0; e < adj->n_e; e++)
        edge[e] = nats[pair_of[e]];
    nodes_of_pairs(user, pairs.n_u, pairs.u_ptr, NULL, nats);
    nodes_of_pairs(entity, pairs.n_v, pairs.v_ptr, pairs.v_edge, nats);
done:
    rf_mem_free(nats);
    rf_mem_free(pair_of);
    rf_adj_clear(&pairs);
    return st;
}

rf_status rf_part_overlap(float *edge, float *user, float *entity, const rf_graph *graph, rf_pool *pool,
                          rf_err *err)
{
    return spread(edge, user, entity, &graph->adj, false, pool, err);
}

rf_status rf_part_copied(float *edge, float *user, float *entity, const rf_graph *graph, rf_pool *pool,
                         rf_err *err)
{
    return spread(edge, user, entity, &graph->adj, true, pool, err);
}
