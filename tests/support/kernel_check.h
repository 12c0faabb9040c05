/* kernel_check.h - seeded numbers for tests of kernels, and how near results must be.
 */
#ifndef RF_KERNEL_CHECK_H
#define RF_KERNEL_CHECK_H

#include "made_input.h"
#include "naive.h"
#include "rf_kernels.h"

#define CLOSE (RF_REAL_IS_DOUBLE ? 1e-11 : 2e-5)

static inline void near_to(const char *what, double got, double want, double tolerance)
{
    ck_assert_msg(fabs(got - want) <= tolerance * (1 + fabs(want)), "%s: %.9g, not %.9g", what, got, want);
}

static inline rf_real *normals(uint64_t seed, int64_t n)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 99);
    return made_normals(&rng, n);
}

static inline rf_real *zeros(int64_t n)
{
    return calloc((size_t)n + 1, sizeof(rf_real));
}

static inline double dot(const rf_real *a, const rf_real *b, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static inline rf_pool *new_pool(int threads)
{
    rf_err err = {0};
    rf_pool *pool = NULL;
    RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    return pool;
}

#endif
