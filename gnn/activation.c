/* activation.c - ReLU and dropout where no normalisation comes before them.
 *
 * A dropout mask is a function of (seed, stream, entry): it is computed again wherever it is needed, and is
 * the same for any number of threads and after a restart.
 */
#include "rf_kernels.h"

#include "gnn_int.h"
#include "rf_rng.h"

#define COINS_PER_DRAW 2

rf_activation rf_activation_make(bool relu, double p, uint64_t seed, uint64_t stream)
{
    rf_activation act = {.relu = relu, .keep_scale = 1};
    if (p > 0) {
        act.drop_below = (uint32_t)(p * 4294967296.0);
        act.keep_scale = (rf_real)(1.0 / (1.0 - p));
        act.coin_key = rf_mix64(seed + UINT64_C(0x9e3779b97f4a7c15)) ^ rf_mix64(~stream);
    }
    return act;
}

void rf_dropout_rows(rf_real *h, int64_t first_entry, int64_t n, const rf_activation *act)
{
    for (int64_t i = 0; i < n; i++) {
        uint64_t entry = (uint64_t)(first_entry + i);
        uint64_t draw = rf_mix64(act->coin_key + (entry / COINS_PER_DRAW) * UINT64_C(0x9e3779b97f4a7c15));
        uint32_t coin = (uint32_t)(entry % COINS_PER_DRAW == 0 ? draw : draw >> 32);
        h[i] = coin < act->drop_below ? 0 : h[i] * act->keep_scale;
    }
}

typedef struct activation_job {
    rf_real *out;
    const rf_real *y;
    int64_t n;
    int d;
    const rf_activation *act;
} activation_job;

static int64_t entries_in_block(const activation_job *job, int64_t block)
{
    int64_t left = job->n - block * RF_BLOCK;
    return (left < RF_BLOCK ? left : RF_BLOCK) * job->d;
}

static void forward_task(void *context, int64_t block, int worker)
{
    const activation_job *job = context;
    (void)worker;
    int64_t at = block * RF_BLOCK * job->d, n = entries_in_block(job, block);
    for (int64_t i = 0; i < n; i++) {
        rf_real y = job->y[at + i];
        job->out[at + i] = job->act->relu && y < 0 ? 0 : y;
    }
    if (job->act->drop_below != 0)
        rf_dropout_rows(job->out + at, at, n, job->act);
}

void rf_activation_forward(rf_real *h, const rf_real *y, int64_t n, int d, const rf_activation *act,
                           rf_pool *pool)
{
    activation_job job = {.out = h, .y = y, .n = n, .d = d, .act = act};
    rf_pool_run(pool, rf_blocks(n), forward_task, &job);
}

static void backward_task(void *context, int64_t block, int worker)
{
    const activation_job *job = context;
    (void)worker;
    int64_t at = block * RF_BLOCK * job->d, n = entries_in_block(job, block);
    if (job->act->drop_below != 0)
        rf_dropout_rows(job->out + at, at, n, job->act);
    for (int64_t i = 0; i < n; i++) {
        if (job->act->relu && !(job->y[at + i] > 0))
            job->out[at + i] = 0;
    }
}

void rf_activation_backward(rf_real *dh, const rf_real *y, int64_t n, int d, const rf_activation *act,
                            rf_pool *pool)
{
    activation_job job = {.out = dh, .y = y, .n = n, .d = d, .act = act};
    rf_pool_run(pool, rf_blocks(n), backward_task, &job);
}
