/* overlap_parts.c - what the pairs share, the way round that the voice asks for, as nats of edges and nodes.
 */
#include "overlap_parts_int.h"

#include "rf_mem.h"
#include "rf_surprise.h"

/* node[i] out of nats[pair] of its pairs, which are list[ptr[i]] and on, or ptr[i] and on themselves. */
static void nodes_of_pairs(float *node, int64_t n, const int64_t *ptr, const uint32_t *list,
                           const float *nats)
{
    for (int64_t i = 0; i < n; i++) {
        float worst[RF_SURPRISE_WORST] = {0};
        double sum = 0;
        for (int64_t k = ptr[i]; k < ptr[i + 1]; k++) {
            float x = nats[list != NULL ? list[k] : k];
            for (int w = 0; w < RF_SURPRISE_WORST; w++) {
                if (x > worst[w]) {
                    float smaller = worst[w];
                    worst[w] = x;
                    x = smaller;
                }
            }
        }
        for (int w = 0; w < RF_SURPRISE_WORST; w++)
            sum += rf_surprise_worst[w] * (double)worst[w];
        node[i] = (float)sum;
    }
}

static rf_status spread(float *edge, float *user, float *entity, const rf_arranged *arranged, rf_side anchors,
                        rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *pairs = &arranged->pairs;
    const int64_t n_edges = arranged->order.ptr[RF_USER][pairs->n_u];
    float *nats = NULL;
    RF_NEW(nats, pairs->n_e, err);
    RF_TRY(rf_overlap_nats(nats, pairs, anchors, anchors == RF_ENTITY, pool, err));
    for (int64_t e = 0; e < n_edges; e++)
        edge[e] = nats[arranged->pair_of[e]];
    nodes_of_pairs(user, pairs->n_u, pairs->u_ptr, NULL, nats);
    nodes_of_pairs(entity, pairs->n_v, pairs->v_ptr, pairs->v_edge, nats);
done:
    rf_mem_free(nats);
    return st;
}

rf_status rf_part_overlap(float *edge, float *user, float *entity, const rf_arranged *arranged, rf_pool *pool,
                          rf_err *err)
{
    return spread(edge, user, entity, arranged, RF_ENTITY, pool, err);
}

rf_status rf_part_copied(float *edge, float *user, float *entity, const rf_arranged *arranged, rf_pool *pool,
                         rf_err *err)
{
    return spread(edge, user, entity, arranged, RF_USER, pool, err);
}
