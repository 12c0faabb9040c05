/* aggregate_sums.c - sums over a node's edges, and the gradients of aggregate.c's means and maxima: what a
 * node receives through its edges, and what it gives to their rows.
 */
#include "aggregate_int.h"

/* ---- plain sums ---- */

/* Sum of n_vec vectors of columns over the edges [from, to), added to out if add. */
RF_INLINE void sum_vectors(const aggregate_job *job, rf_real *out, int64_t from, int64_t to, int column,
                           bool add, int n_vec)
{
    const rf_spokes *spokes = job->spokes;
    const int64_t end = spokes->ptr[spokes->n];
    const rf_real *x = job->x + column;
    rf_vec sum[2] = {{0}}, row;
    for (int64_t k = from; k < to; k++) {
        if (k + AGGREGATE_AHEAD < end) {
            const rf_real *ahead = x + spoke_row(spokes, spoke_edge(spokes, k + AGGREGATE_AHEAD)) * job->ld;
            for (int i = 0; i < n_vec; i++)
                __builtin_prefetch(ahead + i * RF_LANES);
        }
        const int64_t at = spoke_row(spokes, spoke_edge(spokes, k));
        for (int i = 0; i < n_vec; i++) {
            RF_LOAD(row, x + at * job->ld + i * RF_LANES);
            sum[i] += row;
        }
    }
    for (int i = 0; i < n_vec; i++) {
        if (add) {
            RF_LOAD(row, out + column + i * RF_LANES);
            sum[i] += row;
        }
        RF_STORE(out + column + i * RF_LANES, sum[i]);
    }
}

RF_INLINE void sum_node(const aggregate_job *job, int64_t node, bool add)
{
    const rf_spokes *spokes = job->spokes;
    const int64_t from = spokes->ptr[node], to = spokes->ptr[node + 1];
    rf_real *out = job->mean + node * job->d;
    int j = 0;
    for (; j + 2 * RF_LANES <= job->d; j += 2 * RF_LANES)
        sum_vectors(job, out, from, to, j, add, 2);
    for (; j + RF_LANES <= job->d; j += RF_LANES)
        sum_vectors(job, out, from, to, j, add, 1);
    for (; j < job->d; j++) {
        rf_real sum = 0;
        for (int64_t k = from; k < to; k++)
            sum += job->x[spoke_row(spokes, spoke_edge(spokes, k)) * job->ld + j];
        out[j] = add ? out[j] + sum : sum;
    }
}

RF_HOT static void sum_nodes(const aggregate_job *job, int64_t first, int64_t end)
{
    for (int64_t node = first; node < end; node++)
        sum_node(job, node, false);
}

RF_HOT static void add_to_nodes(const aggregate_job *job, int64_t first, int64_t end)
{
    for (int64_t node = first; node < end; node++)
        sum_node(job, node, true);
}

static void sum_task(void *context, int64_t task, int worker)
{
    const aggregate_job *job = context;
    (void)worker;
    sum_nodes(job, task * AGGREGATE_NODES, aggregate_task_end(task, job->spokes->n));
}

static void add_task(void *context, int64_t task, int worker)
{
    const aggregate_job *job = context;
    (void)worker;
    add_to_nodes(job, task * AGGREGATE_NODES, aggregate_task_end(task, job->spokes->n));
}

void rf_aggregate_sum(rf_real *sum, bool add, const rf_spokes *spokes, const rf_real *x, int64_t ld, int d,
                      rf_pool *pool)
{
    aggregate_job job = {.mean = sum, .ld = ld, .spokes = spokes, .x = x, .d = d};
    rf_pool_run(pool, aggregate_tasks(spokes->n), add ? add_task : sum_task, &job);
}

/* ---- gradients ---- */

RF_INLINE rf_real share_of(const int64_t *ptr, int64_t node)
{
    return (rf_real)1 / (rf_real)(ptr[node + 1] - ptr[node]);
}

typedef struct weighing { /* what a row counts in a mean: its share, or (NULL) 1 / the degree of ptr_row */
    const rf_real *share;
    const int64_t *ptr_row;
} weighing;

RF_INLINE rf_real weight_of(weighing by, int64_t e, int64_t row)
{
    return by.share != NULL ? by.share[e] : share_of(by.ptr_row, row);
}

/* What a node receives through its edges, in n_vec vectors of columns from `column` on. */
RF_INLINE void receive_vectors(const aggregate_job *job, int64_t node, int column, weighing by, int n_vec)
{
    const rf_spokes *spokes = job->spokes;
    const int64_t to = spokes->ptr[node + 1], end = spokes->ptr[spokes->n];
    rf_real *dx = job->mean + node * job->d + column;
    rf_vec sum[2] = {{0}}, mean, max;
    rf_mask won;
    for (int i = 0; i < n_vec; i++)
        RF_LOAD(sum[i], dx + i * RF_LANES);
    for (int64_t k = spokes->ptr[node]; k < to; k++) {
        if (k + AGGREGATE_AHEAD < end) {
            const int64_t ahead = spoke_row(spokes, spoke_edge(spokes, k + AGGREGATE_AHEAD));
            for (int i = 0; i < n_vec; i++) {
                __builtin_prefetch(job->dmean + ahead * job->ld + column + i * RF_LANES);
                __builtin_prefetch(job->dmax + ahead * job->ld + column + i * RF_LANES);
                __builtin_prefetch(job->winner + ahead * job->ld_arg + column + i * RF_LANES);
            }
        }
        const int64_t e = spoke_edge(spokes, k), at = spoke_row(spokes, e);
        const rf_real share = weight_of(by, e, at);
        const rf_mask edge = (rf_mask){0} + (rf_lane)e;
        for (int i = 0; i < n_vec; i++) {
            RF_LOAD(mean, job->dmean + at * job->ld + column + i * RF_LANES);
            RF_LOAD(max, job->dmax + at * job->ld + column + i * RF_LANES);
            load_winner(&won, job->winner + at * job->ld_arg + column + i * RF_LANES);
            won = won == edge;
            sum[i] += mean * share + (rf_vec)((rf_mask)max & won);
        }
    }
    for (int i = 0; i < n_vec; i++)
        RF_STORE(dx + i * RF_LANES, sum[i]);
}

RF_INLINE void receive_rest(const aggregate_job *job, int64_t node, int column, weighing by)
{
    const rf_spokes *spokes = job->spokes;
    for (int64_t k = spokes->ptr[node]; k < spokes->ptr[node + 1]; k++) {
        const int64_t e = spoke_edge(spokes, k), at = spoke_row(spokes, e);
        const rf_real share = weight_of(by, e, at);
        for (int j = column; j < job->d; j++)
            job->mean[node * job->d + j] +=
                job->dmean[at * job->ld + j] * share +
                (job->winner[at * job->ld_arg + j] == (uint32_t)e ? job->dmax[at * job->ld + j] : 0);
    }
}

RF_INLINE void receive(const aggregate_job *job, int64_t first, int64_t end, weighing by)
{
    for (int64_t node = first; node < end; node++) {
        int j = 0;
        for (; j + 2 * RF_LANES <= job->d; j += 2 * RF_LANES)
            receive_vectors(job, node, j, by, 2);
        for (; j + RF_LANES <= job->d; j += RF_LANES)
            receive_vectors(job, node, j, by, 1);
        if (j < job->d)
            receive_rest(job, node, j, by);
    }
}

RF_HOT static void backward_nodes(const aggregate_job *job, int64_t first, int64_t end)
{
    if (job->share != NULL)
        receive(job, first, end, (weighing){.share = job->share});
    else
        receive(job, first, end, (weighing){.ptr_row = job->ptr_row});
}

static void backward_nodes_task(void *context, int64_t task, int worker)
{
    const aggregate_job *job = context;
    (void)worker;
    backward_nodes(job, task * AGGREGATE_NODES, aggregate_task_end(task, job->spokes->n));
}

void rf_aggregate_backward_nodes(rf_real *dx, const rf_spokes *spokes, const int64_t *ptr_row,
                                 const rf_real *share, const rf_real *dmean, const rf_real *dmax, int64_t ld,
                                 const uint32_t *arg, int64_t ld_arg, int d, rf_pool *pool)
{
    aggregate_job job = {
        .mean = dx, .spokes = spokes, .ptr_row = ptr_row, .dmean = dmean, .dmax = dmax, .ld = ld};
    job.share = share;
    job.winner = arg;
    job.ld_arg = ld_arg;
    job.d = d;
    rf_pool_run(pool, aggregate_tasks(spokes->n), backward_nodes_task, &job);
}

/* The rows of a node's edges, in n_vec vectors of columns from `column` on. */
RF_INLINE void give_vectors(const aggregate_job *job, int64_t node, int column, bool begins, int n_vec)
{
    const rf_spokes *spokes = job->spokes;
    const int64_t from = spokes->ptr[node], to = spokes->ptr[node + 1], end = spokes->ptr[spokes->n];
    const rf_real each = (rf_real)1 / (rf_real)(to - from);
    rf_vec mean[2] = {{0}}, max[2] = {{0}}, out;
    rf_mask winner[2] = {{0}};
    for (int i = 0; i < n_vec; i++) {
        RF_LOAD(mean[i], job->dmean + node * job->ld + column + i * RF_LANES);
        RF_LOAD(max[i], job->dmax + node * job->ld + column + i * RF_LANES);
        load_winner(&winner[i], job->winner + node * job->ld_arg + column + i * RF_LANES);
    }
    for (int64_t k = from; k < to; k++) {
        const int64_t e = spoke_edge(spokes, k);
        const rf_real share = spokes->share != NULL ? spokes->share[e] : each;
        rf_real *dx = job->mean + e * job->d + column;
        if (k + AGGREGATE_AHEAD < end && !begins) {
            for (int i = 0; i < n_vec; i++)
                __builtin_prefetch(
                    job->mean + spoke_edge(spokes, k + AGGREGATE_AHEAD) * job->d + column + i * RF_LANES, 1);
        }
        for (int i = 0; i < n_vec; i++) {
            const rf_mask won = winner[i] == (rf_mask){0} + (rf_lane)e;
            const rf_vec part = mean[i] * share + (rf_vec)((rf_mask)max[i] & won);
            if (begins) {
                RF_STORE(dx + i * RF_LANES, part);
            } else {
                RF_LOAD(out, dx + i * RF_LANES);
                out += part;
                RF_STORE(dx + i * RF_LANES, out);
            }
        }
    }
}

RF_INLINE void give_rest(const aggregate_job *job, int64_t node, int column, bool begins)
{
    const rf_spokes *spokes = job->spokes;
    const int64_t from = spokes->ptr[node], to = spokes->ptr[node + 1];
    const rf_real each = (rf_real)1 / (rf_real)(to - from);
    for (int64_t k = from; k < to; k++) {
        const int64_t e = spoke_edge(spokes, k);
        const rf_real share = spokes->share != NULL ? spokes->share[e] : each;
        for (int j = column; j < job->d; j++) {
            const bool has_won = job->winner[node * job->ld_arg + j] == (uint32_t)e;
            const rf_real part =
                job->dmean[node * job->ld + j] * share + (has_won ? job->dmax[node * job->ld + j] : 0);
            job->mean[e * job->d + j] = begins ? part : job->mean[e * job->d + j] + part;
        }
    }
}

RF_INLINE void give(const aggregate_job *job, bool begins)
{
    for (int64_t node = 0; node < job->spokes->n; node++) {
        int j = 0;
        for (; j + 2 * RF_LANES <= job->d; j += 2 * RF_LANES)
            give_vectors(job, node, j, begins, 2);
        for (; j + RF_LANES <= job->d; j += RF_LANES)
            give_vectors(job, node, j, begins, 1);
        if (j < job->d)
            give_rest(job, node, j, begins);
    }
}

RF_HOT static void set_edges(const aggregate_job *job)
{
    give(job, true);
}

RF_HOT static void add_to_edges(const aggregate_job *job)
{
    give(job, false);
}

void rf_aggregate_backward_edges(rf_real *dx, bool begins, const rf_spokes *spokes, const rf_real *dmean,
                                 const rf_real *dmax, int64_t ld, const uint32_t *arg, int64_t ld_arg, int d)
{
    aggregate_job job = {.mean = dx, .spokes = spokes, .dmean = dmean, .dmax = dmax, .ld = ld};
    job.winner = arg;
    job.ld_arg = ld_arg;
    job.d = d;
    if (begins)
        set_edges(&job);
    else
        add_to_edges(&job);
}
