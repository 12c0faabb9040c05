/* made_input.h - seeded random graphs as a model reads them: long tails, isolated nodes, parallel edges where
 * asked for. */
#ifndef RF_MADE_INPUT_H
#define RF_MADE_INPUT_H

#include "rf_check.h"
#include "rf_adj.h"
#include "rf_graphbean.h"
#include "rf_rng.h"

typedef struct made_input {
    rf_adj adj;
    rf_real *xu, *xv, *xe;
    rf_graphbean_input input;
} made_input;

static inline rf_real *made_normals(rf_rng *rng, int64_t n)
{
    rf_real *x = malloc(sizeof *x * (size_t)(n + 1));
    for (int64_t i = 0; i < n; i++)
        x[i] = (rf_real)rf_rng_normal(rng);
    return x;
}

static inline int made_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* n_e edges, the last user and the last entity without any; repeated pairs stay if parallel. */
static inline void made_input_new(made_input *m, int64_t n_u, int64_t n_v, int64_t n_e, const int d[3],
                                  uint64_t seed, bool parallel)
{
    rf_err err = {0};
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    uint64_t *pairs = malloc(sizeof *pairs * (size_t)n_e);
    uint32_t *e_u = malloc(sizeof *e_u * (size_t)n_e), *e_v = malloc(sizeof *e_v * (size_t)n_e);
    for (int64_t e = 0; e < n_e; e++) {
        double tail = rf_rng_uniform(&rng);
        uint64_t u = rf_rng_below(&rng, (uint32_t)n_u - 1), v = (uint64_t)(tail * tail * (double)(n_v - 1));
        pairs[e] = u << 32 | v;
    }
    qsort(pairs, (size_t)n_e, sizeof *pairs, made_compare);
    int64_t n = 0;
    for (int64_t e = 0; e < n_e; e++) {
        if (!parallel && e > 0 && pairs[e] == pairs[e - 1])
            continue;
        e_u[n] = (uint32_t)(pairs[e] >> 32);
        e_v[n++] = (uint32_t)pairs[e];
    }
    RF_CHECK_OK(err, rf_adj_init(&m->adj, n_u, n_v, n, e_u, e_v, &err));
    m->xu = made_normals(&rng, n_u * d[0]);
    m->xv = made_normals(&rng, n_v * d[1]);
    m->xe = made_normals(&rng, n * d[2]);
    m->input = (rf_graphbean_input){.adj = {&m->adj}, .x = {m->xu, m->xv, m->xe}};
    free(pairs);
    free(e_u);
    free(e_v);
}

static inline void made_input_free(made_input *m)
{
    rf_adj_clear(&m->adj);
    free(m->xu);
    free(m->xv);
    free(m->xe);
}

#endif
