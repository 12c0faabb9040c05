/* aggregate_made.c - mean and maximum over a node's edges, of rows that are made as they are read.
 *
 * A hidden edge layer is kept as its linear output, or not at all where it is a sum of two nodes' rows. Each
 * row is normalised and activated in registers, with the operations of rf_gather_pairs and rf_norm_rows in
 * their order: the bits are those of rf_aggregate_forward over the finished matrix.
 */
#include "rf_kernels.h"

#include "gnn_int.h"

#define NODES 256 /* of one task */
#define AHEAD 6   /* edges between a row's prefetch and its use */
#define MOST 4    /* vectors of columns at once */

typedef struct made_job {
    rf_real *mean, *max;
    int64_t ld;
    const rf_spokes *spokes; /* row: the node at the other end */
    const rf_real *self;     /* rows of these nodes, NULL: x has rows of edges */
    const rf_real *x;        /* rows of edges, or of the nodes at the other end */
    const rf_norm *norm;
} made_job;

typedef struct columns { /* of one node */
    rf_vec self[MOST], mean[MOST], scale[MOST], bias[MOST];
} columns;

RF_INLINE const rf_real *row_at(const made_job *job, int64_t k)
{
    const rf_spokes *spokes = job->spokes;
    const int64_t e = spokes->edge != NULL ? (int64_t)spokes->edge[k] : k;
    return job->x + (job->self != NULL ? (int64_t)spokes->row[e] : e) * job->norm->d;
}

RF_INLINE void make(rf_vec *x, const columns *c, int i, bool is_sum)
{
    const rf_vec y = ((is_sum ? c->self[i] + *x : *x) - c->mean[i]) * c->scale[i] + c->bias[i];
    const rf_mask below = y < 0;
    *x = (rf_vec)((rf_mask)y & ~below); /* NaN stays NaN */
}

/* n_vec vectors of columns of one node that has edges. The last one may overlap the one before it. */
RF_INLINE void node_vectors(const made_job *job, int64_t node, int64_t from, int64_t to, int first, int n_vec,
                            bool is_sum)
{
    const rf_norm *norm = job->norm;
    const int last = norm->d - RF_LANES;
    int at[MOST];
    columns c;
    rf_vec sum[MOST], max[MOST], x;
    for (int i = 0; i < n_vec; i++) {
        at[i] = first + i * RF_LANES < last ? first + i * RF_LANES : last;
        RF_LOAD(c.mean[i], norm->mean + at[i]);
        RF_LOAD(c.scale[i], norm->scale + at[i]);
        RF_LOAD(c.bias[i], norm->bias + at[i]);
        if (is_sum)
            RF_LOAD(c.self[i], job->self + node * norm->d + at[i]);
        RF_LOAD(x, row_at(job, from) + at[i]);
        make(&x, &c, i, is_sum);
        sum[i] = max[i] = x;
    }
    for (int64_t k = from + 1; k < to; k++) {
        if (k + AHEAD < to) {
            const rf_real *ahead = row_at(job, k + AHEAD);
            for (int i = 0; i < n_vec; i++)
                __builtin_prefetch(ahead + at[i]);
        }
        const rf_real *row = row_at(job, k);
        for (int i = 0; i < n_vec; i++) {
            RF_LOAD(x, row + at[i]);
            make(&x, &c, i, is_sum);
            sum[i] += x;
            const rf_mask greater = x > max[i];
            max[i] = (rf_vec)(((rf_mask)x & greater) | ((rf_mask)max[i] & ~greater));
        }
    }
    for (int i = 0; i < n_vec; i++) {
        sum[i] /= (rf_real)(to - from);
        RF_STORE(job->mean + node * job->ld + at[i], sum[i]);
        RF_STORE(job->max + node * job->ld + at[i], max[i]);
    }
}

RF_INLINE rf_real make_one(const made_job *job, int64_t node, int64_t k, int j)
{
    const rf_norm *norm = job->norm;
    rf_real y = row_at(job, k)[j];
    if (job->self != NULL)
        y = job->self[node * norm->d + j] + y;
    y = (y - norm->mean[j]) * norm->scale[j] + norm->bias[j];
    return y < 0 ? 0 : y;
}

/* Fewer columns than a vector has. */
static void node_scalars(const made_job *job, int64_t node, int64_t from, int64_t to)
{
    for (int j = 0; j < job->norm->d; j++) {
        rf_real sum = make_one(job, node, from, j), max = sum;
        for (int64_t k = from + 1; k < to; k++) {
            const rf_real x = make_one(job, node, k, j);
            sum += x;
            max = x > max ? x : max;
        }
        job->mean[node * job->ld + j] = sum / (rf_real)(to - from);
        job->max[node * job->ld + j] = max;
    }
}

RF_INLINE void node_columns(const made_job *job, int64_t node, int64_t from, int64_t to, bool is_sum)
{
    int left = (job->norm->d + RF_LANES - 1) / RF_LANES, column = 0;
    for (; left > MOST; left -= MOST, column += MOST * RF_LANES)
        node_vectors(job, node, from, to, column, MOST, is_sum);
    switch (left) {
    case 1:
        node_vectors(job, node, from, to, column, 1, is_sum);
        break;
    case 2:
        node_vectors(job, node, from, to, column, 2, is_sum);
        break;
    case 3:
        node_vectors(job, node, from, to, column, 3, is_sum);
        break;
    default:
        node_vectors(job, node, from, to, column, MOST, is_sum);
    }
}

RF_HOT static void forward_nodes(const made_job *job, int64_t first, int64_t end)
{
    for (int64_t node = first; node < end; node++) {
        const int64_t from = job->spokes->ptr[node], to = job->spokes->ptr[node + 1];
        for (int j = 0; from == to && j < job->norm->d; j++)
            job->mean[node * job->ld + j] = job->max[node * job->ld + j] = 0;
        if (from == to)
            continue;
        if (job->norm->d < RF_LANES)
            node_scalars(job, node, from, to);
        else if (job->self != NULL)
            node_columns(job, node, from, to, true);
        else
            node_columns(job, node, from, to, false);
    }
}

static void forward_task(void *context, int64_t task, int worker)
{
    const made_job *job = context;
    const int64_t end = (task + 1) * NODES;
    (void)worker;
    forward_nodes(job, task * NODES, end < job->spokes->n ? end : job->spokes->n);
}

void rf_aggregate_made(rf_real *mean, rf_real *max, int64_t ld, const rf_spokes *spokes, const rf_real *self,
                       const rf_real *x, const rf_norm *norm, rf_pool *pool)
{
    made_job job = {.mean = mean, .max = max, .ld = ld, .spokes = spokes, .self = self, .x = x, .norm = norm};
    rf_pool_run(pool, (spokes->n + NODES - 1) / NODES, forward_task, &job);
}
