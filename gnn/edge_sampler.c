/* edge_sampler.c - draws the structure decoder's pairs user by user; a bit an entity removes duplicates.
 *
 * True pairs are marked first, so a random pair that is a true one is dropped like any repetition. The marks
 * are wiped by walking the same pairs a second time, which costs less than clearing a bit for every entity.
 */
#include "rf_edge_sampler.h"

#include <string.h>

#define COUNT_STREAM UINT64_C(0x636f756e74730000) /* tells the counters' stream from the users' */

void rf_edge_sampler_start(rf_edge_sampler *sampler, const rf_adj *adj, uint64_t seed, int64_t epoch,
                           int64_t n_random, uint32_t *drawn)
{
    rf_rng rng;
    *sampler = (rf_edge_sampler){.adj = adj, .seed = seed, .n_random = n_random, .drawn = drawn};
    sampler->stream = rf_mix64((uint64_t)epoch + UINT64_C(0x9e3779b97f4a7c15));
    memset(drawn, 0, (size_t)adj->n_u * sizeof *drawn);
    if (adj->n_u == 0 || adj->n_v == 0)
        return;
    rf_rng_init(&rng, seed, sampler->stream ^ COUNT_STREAM);
    for (int64_t i = 0; i < n_random; i++)
        drawn[rf_rng_below(&rng, (uint32_t)adj->n_u)]++;
}

void rf_edge_draw_start(rf_edge_draw *draw, const rf_edge_sampler *sampler, int64_t user, uint64_t *seen)
{
    *draw = (rf_edge_draw){.sampler = sampler, .user = user, .seen = seen};
    if (sampler->list_ptr != NULL) {
        draw->edge = sampler->list_ptr[user];
        draw->edges_end = sampler->list_ptr[user + 1];
        return;
    }
    draw->edge = sampler->adj->u_ptr[user];
    draw->edges_end = sampler->adj->u_ptr[user + 1];
    draw->left = sampler->drawn[user];
    rf_rng_init(&draw->rng, sampler->seed, sampler->stream + (uint64_t)user);
    draw->again = draw->rng;
}

static int mark(uint64_t *seen, uint32_t v)
{
    uint64_t bit = UINT64_C(1) << (v & 63);
    int is_new = (seen[v >> 6] & bit) == 0;
    seen[v >> 6] |= bit;
    return is_new;
}

static void wipe(rf_edge_draw *draw)
{
    const rf_edge_sampler *sampler = draw->sampler;
    const rf_adj *adj = sampler->adj;
    for (int64_t e = adj->u_ptr[draw->user]; e < adj->u_ptr[draw->user + 1]; e++)
        draw->seen[adj->e_v[e] >> 6] = 0;
    for (uint32_t i = 0; i < sampler->drawn[draw->user]; i++)
        draw->seen[rf_rng_below(&draw->again, (uint32_t)adj->n_v) >> 6] = 0;
}

static int64_t next_listed(rf_edge_draw *draw, uint32_t *v, uint8_t *y, int64_t cap)
{
    int64_t n = draw->edges_end - draw->edge;
    n = n < cap ? n : cap;
    for (int64_t k = 0; k < n; k++) {
        v[k] = draw->sampler->list_v[draw->edge + k];
        y[k] = draw->sampler->list_y[draw->edge + k];
    }
    draw->edge += n;
    return n;
}

int64_t rf_edge_draw_next(rf_edge_draw *draw, uint32_t *v, uint8_t *y, int64_t cap)
{
    if (draw->sampler->list_ptr != NULL)
        return next_listed(draw, v, y, cap);
    const rf_adj *adj = draw->sampler->adj;
    int64_t n = 0;
    for (; n < cap && draw->edge < draw->edges_end; draw->edge++) {
        v[n] = adj->e_v[draw->edge];
        y[n] = 1;
        n += mark(draw->seen, v[n]);
    }
    for (; n < cap && draw->left > 0; draw->left--) {
        v[n] = rf_rng_below(&draw->rng, (uint32_t)adj->n_v);
        y[n] = 0;
        n += mark(draw->seen, v[n]);
    }
    if (n == 0)
        wipe(draw);
    return n;
}
