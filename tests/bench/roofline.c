/* roofline.c - see roofline.h. */
#include "roofline.h"

#include <time.h>

#include "bench_shape.h"
#include "rf_hot.h"
#include "rf_linalg.h"
#include "rf_mem.h"
#include "rf_real.h"
#include "rf_time.h"

#define TRIAD (INT64_C(24) << 20) /* elements of each array: several times what caches hold */
#define SLICE (INT64_C(1) << 16)  /* elements of a task */
#define TRIAD_TRIES 8
#define SIDE 384
#define PRODUCTS 12 /* one after the other in a task */
#define PRODUCT_TRIES 6

typedef struct arrays {
    float *a, *b, *c;
} arrays;

RF_HOT static void triad(float *restrict a, const float *restrict b, const float *restrict c, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        a[i] = b[i] + 3 * c[i];
}

static void triad_task(void *context, int64_t index, int worker)
{
    const arrays *x = context;
    const int64_t at = index * SLICE;
    (void)worker;
    triad(x->a + at, x->b + at, x->c + at, SLICE);
}

static void product_task(void *context, int64_t index, int worker)
{
    const arrays *x = context;
    const int64_t at = (int64_t)worker * SIDE * SIDE;
    (void)index;
    for (int i = 0; i < PRODUCTS; i++)
        rf_gemm_nn(x->a + at, SIDE, x->b + at, SIDE, x->c + at, SIDE, SIDE, SIDE, SIDE, 0);
}

double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void raise_rate(double *best, double rate)
{
    *best = rate > *best ? rate : *best;
}

/* `work`: what all tasks do together. */
static void measure(roofline_rate *best, rf_pool *pool, int tries, int64_t tasks,
                    void (*task)(void *, int64_t, int), arrays *data, double work)
{
    for (int i = 0; i <= tries; i++) { /* the first one touches the pages */
        double clock = rf_monotonic_s(), cpu = cpu_seconds();
        rf_pool_run(pool, tasks, task, data);
        clock = rf_monotonic_s() - clock;
        cpu = cpu_seconds() - cpu;
        if (i > 0) {
            raise_rate(&best->by_clock, work / clock);
            raise_rate(&best->by_cpu, work / cpu);
        }
    }
}

static float *array(void)
{
    rf_err err = {0};
    float *out = rf_mem_new((size_t)TRIAD, sizeof *out, &err);
    if (out == NULL)
        bench_die(&err);
    for (int64_t i = 0; i < TRIAD; i++)
        out[i] = (float)(i % 7);
    return out;
}

void roofline_raise(roofline *best, rf_pool *pool)
{
    rf_err err = {0};
    const int threads = rf_pool_threads(pool);
    arrays data = {array(), array(), array()};
    if (rf_linalg_reserve(threads, &err) < 0)
        bench_die(&err);
    measure(&best->bytes, pool, TRIAD_TRIES, TRIAD / SLICE, triad_task, &data,
            3.0 * sizeof(float) * (double)TRIAD);
    measure(&best->flops, pool, PRODUCT_TRIES, threads, product_task, &data,
            2.0 * SIDE * SIDE * SIDE * PRODUCTS * threads);
    rf_mem_free(data.a);
    rf_mem_free(data.b);
    rf_mem_free(data.c);
}
