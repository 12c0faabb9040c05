/* aggregate.c - mean and maximum over a node's edges in one pass; aggregate_sums.c has their gradients.
 *
 * Rows are handled a vector of columns at a time, with the running sum, maximum and winner in registers.
 * Edges come in ascending order and only a strictly greater value wins, so equal maxima go to the lowest
 * edge: ReLU makes ties common, and the winner decides the gradient.
 *
 * Rows may be made as they are read: a hidden edge layer is kept as its linear output, or not at all where it
 * is a sum of two nodes' rows. Each row is normalised and activated in registers, with the operations of
 * rf_gather_pairs and rf_norm_rows in their order: the bits are those of the finished matrix.
 *
 * Or they come in parts, as they lie in the order of a side's list of edges: a node whose list a part cuts
 * goes on from the sum, the maximum and the winner that stand in its outputs.
 */
#include "aggregate_int.h"

#define MOST 6 /* vectors of columns at once */
#define MOST_MADE 4

typedef struct reading { /* constants where a walk is inlined: it has only the code for these rows */
    bool is_made, is_sum, keeps_winner;
    bool has_shares, is_narrow, is_part;
} reading;

/* Edges of a node: those of its list in [from, to), which begin it, end it, or both. */
typedef struct stretch {
    int64_t from, to;
    bool begins, ends;
} stretch;

/* Where the row of x is that the k-th edge, e, is read from. A made row that is no sum is the edge's own. */
RF_INLINE int64_t row_of_edge(const aggregate_job *job, int64_t k, int64_t e, reading how)
{
    if (how.is_part)
        return (k - job->first) * job->d;
    return (how.is_made && !how.is_sum ? e : spoke_row(job->spokes, e)) * job->d;
}

RF_INLINE void load_columns(rf_vec *x, const aggregate_job *job, int64_t at, reading how)
{
    if (!how.is_narrow) {
        RF_LOAD(*x, job->x + at);
        return;
    }
    rf_narrow_vec narrow;
    RF_LOAD(narrow, job->narrow + at);
    *x = RF_FROM_NARROW(narrow);
}

RF_INLINE void fetch_columns(const aggregate_job *job, int64_t at, reading how)
{
    if (how.is_narrow)
        __builtin_prefetch(job->narrow + at);
    else
        __builtin_prefetch(job->x + at);
}

typedef struct making { /* of columns of one node */
    rf_vec self[MOST], mean[MOST], scale[MOST], bias[MOST];
} making;

RF_INLINE void load_making(making *of, const aggregate_job *job, int64_t node, int column, int i, reading how)
{
    if (!how.is_made)
        return;
    RF_LOAD(of->mean[i], job->norm->mean + column);
    RF_LOAD(of->scale[i], job->norm->scale + column);
    RF_LOAD(of->bias[i], job->norm->bias + column);
    if (how.is_sum)
        RF_LOAD(of->self[i], job->self + node * job->d + column);
}

RF_INLINE void make(rf_vec *x, const making *of, int i, reading how)
{
    if (!how.is_made)
        return;
    const rf_vec y = ((how.is_sum ? of->self[i] + *x : *x) - of->mean[i]) * of->scale[i] + of->bias[i];
    const rf_mask below = y < 0;
    *x = (rf_vec)((rf_mask)y & ~below); /* NaN stays NaN */
}

/* What a part before has left. */
RF_INLINE void load_running(rf_vec *sum, rf_vec *max, rf_mask *winner, const aggregate_job *job, int64_t node,
                            int column, reading how)
{
    RF_LOAD(*sum, job->mean + node * job->ld + column);
    RF_LOAD(*max, job->max + node * job->ld + column);
    if (how.keeps_winner)
        load_winner(winner, job->arg + node * job->ld_arg + column);
}

/* n_vec vectors of columns of one node that has edges, from `first` on. The last one may overlap the one
 * before it. */
RF_INLINE void node_vectors(const aggregate_job *job, int64_t node, stretch edges, int first, int n_vec,
                            reading how)
{
    const rf_spokes *spokes = job->spokes;
    const int64_t end = spokes->ptr[spokes->n];
    const int last = job->d - RF_LANES;
    int64_t e = spoke_edge(spokes, edges.from);
    int64_t row = row_of_edge(job, edges.from, e, how);
    int column[MOST];
    making of;
    rf_vec sum[MOST], max[MOST], x;
    rf_mask winner[MOST], edge = (rf_mask){0} + (rf_lane)e;
    for (int i = 0; i < n_vec; i++) {
        column[i] = first + i * RF_LANES < last ? first + i * RF_LANES : last;
        load_making(&of, job, node, column[i], i, how);
        if (how.is_part && !edges.begins) {
            load_running(&sum[i], &max[i], &winner[i], job, node, column[i], how);
            continue;
        }
        load_columns(&sum[i], job, row + column[i], how);
        make(&sum[i], &of, i, how);
        max[i] = sum[i];
        if (how.has_shares)
            sum[i] *= spokes->share[e];
        winner[i] = edge;
    }
    for (int64_t k = how.is_part && !edges.begins ? edges.from - 1 : edges.from;;) {
        if (!how.is_part && k + AGGREGATE_AHEAD < end) {
            row = row_of_edge(job, k + AGGREGATE_AHEAD, spoke_edge(spokes, k + AGGREGATE_AHEAD), how);
            for (int i = 0; i < n_vec; i++)
                fetch_columns(job, row + column[i], how);
        }
        if (++k >= edges.to)
            break;
        e = spoke_edge(spokes, k);
        row = row_of_edge(job, k, e, how);
        edge = (rf_mask){0} + (rf_lane)e;
        for (int i = 0; i < n_vec; i++) {
            load_columns(&x, job, row + column[i], how);
            make(&x, &of, i, how);
            sum[i] += how.has_shares ? x * spokes->share[e] : x;
            const rf_mask greater = x > max[i];
            max[i] = (rf_vec)(((rf_mask)x & greater) | ((rf_mask)max[i] & ~greater));
            if (how.keeps_winner)
                winner[i] = (edge & greater) | (winner[i] & ~greater);
        }
    }
    for (int i = 0; i < n_vec; i++) {
        if (!how.has_shares && edges.ends)
            sum[i] /= (rf_real)(spokes->ptr[node + 1] - spokes->ptr[node]);
        RF_STORE(job->mean + node * job->ld + column[i], sum[i]);
        RF_STORE(job->max + node * job->ld + column[i], max[i]);
        if (how.keeps_winner)
            store_winner(job->arg + node * job->ld_arg + column[i], &winner[i]);
    }
}

/* A row that is far away is called once for all its columns, if they are not too many. */
RF_INLINE void node_columns(const aggregate_job *job, int64_t node, stretch edges, reading how)
{
    const int most = how.is_made ? MOST_MADE : MOST;
    int left = (job->d + RF_LANES - 1) / RF_LANES, column = 0;
    while (left > most) {
        /* none is left alone: the columns that it shares with the one before it are read before they are
         * written */
        const int taken = left == most + 1 ? most - 1 : most;
        if (taken == most)
            node_vectors(job, node, edges, column, most, how);
        else
            node_vectors(job, node, edges, column, most - 1, how);
        left -= taken;
        column += taken * RF_LANES;
    }
    switch (left) {
    case 1:
        node_vectors(job, node, edges, column, 1, how);
        break;
    case 2:
        node_vectors(job, node, edges, column, 2, how);
        break;
    case 3:
        node_vectors(job, node, edges, column, 3, how);
        break;
    case 4:
        node_vectors(job, node, edges, column, 4, how);
        break;
    case 5:
        if (!how.is_made)
            node_vectors(job, node, edges, column, 5, how);
        break;
    default:
        if (!how.is_made)
            node_vectors(job, node, edges, column, MOST, how);
    }
}

RF_INLINE rf_real value_of(const aggregate_job *job, int64_t node, int64_t k, int column, reading how)
{
    const rf_norm *norm = job->norm;
    const int64_t at = row_of_edge(job, k, spoke_edge(job->spokes, k), how) + column;
    rf_real y = how.is_narrow ? (rf_real)rf_bf16_float(job->narrow[at]) : job->x[at];
    if (!how.is_made)
        return y;
    if (how.is_sum)
        y = job->self[node * job->d + column] + y;
    y = (y - norm->mean[column]) * norm->scale[column] + norm->bias[column];
    return y < 0 ? 0 : y;
}

/* Where there are fewer columns than a vector has. */
RF_INLINE void node_scalar(const aggregate_job *job, int64_t node, stretch edges, int column, reading how)
{
    const rf_spokes *spokes = job->spokes;
    rf_real *mean = job->mean + node * job->ld + column, *most = job->max + node * job->ld + column;
    uint32_t *winner = how.keeps_winner ? job->arg + node * job->ld_arg + column : NULL;
    rf_real sum = edges.begins ? 0 : *mean, max = edges.begins ? 0 : *most;
    int64_t won = -1;
    for (int64_t k = edges.from; k < edges.to; k++) {
        const bool is_first = k == edges.from && edges.begins;
        const int64_t e = spoke_edge(spokes, k);
        const rf_real x = value_of(job, node, k, column, how),
                      part = how.has_shares ? x * spokes->share[e] : x;
        sum = is_first ? part : sum + part;
        if (is_first || x > max) {
            max = x;
            won = e;
        }
    }
    *mean = how.has_shares || !edges.ends ? sum : sum / (rf_real)(spokes->ptr[node + 1] - spokes->ptr[node]);
    *most = max;
    if (how.keeps_winner && won >= 0)
        *winner = (uint32_t)won;
}

RF_INLINE void node_edges(const aggregate_job *job, int64_t node, stretch edges, reading how)
{
    if (job->d >= RF_LANES)
        node_columns(job, node, edges, how);
    for (int column = 0; column < job->d && job->d < RF_LANES; column++)
        node_scalar(job, node, edges, column, how);
}

static void empty_node(const aggregate_job *job, int64_t node)
{
    for (int j = 0; j < job->d; j++) {
        job->mean[node * job->ld + j] = 0;
        job->max[node * job->ld + j] = 0;
        if (job->arg != NULL)
            job->arg[node * job->ld_arg + j] = RF_NO_EDGE;
    }
}

RF_INLINE void read_nodes(const aggregate_job *job, int64_t first, int64_t end, reading how)
{
    for (int64_t node = first; node < end; node++) {
        const stretch edges = {job->spokes->ptr[node], job->spokes->ptr[node + 1], true, true};
        if (edges.from == edges.to)
            empty_node(job, node);
        else
            node_edges(job, node, edges, how);
    }
}

RF_INLINE void read_rows(const aggregate_job *job, int64_t first, int64_t end, bool has_shares)
{
    const bool is_made = job->norm != NULL;
    if (job->self != NULL && job->arg != NULL)
        read_nodes(
            job, first, end,
            (reading){.is_made = true, .is_sum = true, .keeps_winner = true, .has_shares = has_shares});
    else if (job->self != NULL)
        read_nodes(job, first, end, (reading){.is_made = true, .is_sum = true, .has_shares = has_shares});
    else if (is_made && job->arg != NULL)
        read_nodes(job, first, end,
                   (reading){.is_made = true, .keeps_winner = true, .has_shares = has_shares});
    else if (is_made)
        read_nodes(job, first, end, (reading){.is_made = true, .has_shares = has_shares});
    else if (job->narrow != NULL)
        read_nodes(job, first, end, (reading){.is_narrow = true, .has_shares = has_shares});
    else if (job->arg != NULL)
        read_nodes(job, first, end, (reading){.keeps_winner = true, .has_shares = has_shares});
    else
        read_nodes(job, first, end, (reading){.has_shares = has_shares});
}

RF_HOT static void forward_nodes(const aggregate_job *job, int64_t first, int64_t end)
{
    read_rows(job, first, end, false);
}

RF_HOT static void forward_shared_nodes(const aggregate_job *job, int64_t first, int64_t end)
{
    read_rows(job, first, end, true);
}

static void forward_task(void *context, int64_t task, int worker)
{
    const aggregate_job *job = context;
    (void)worker;
    const int64_t first = task * AGGREGATE_NODES, end = aggregate_task_end(task, job->spokes->n);
    if (job->spokes->share != NULL)
        forward_shared_nodes(job, first, end);
    else
        forward_nodes(job, first, end);
}

void rf_aggregate_forward(rf_real *mean, rf_real *max, int64_t ld, uint32_t *arg, int64_t ld_arg,
                          const rf_spokes *spokes, const rf_real *x, int d, rf_pool *pool)
{
    aggregate_job job = {.mean = mean, .max = max, .ld = ld, .arg = arg, .ld_arg = ld_arg, .spokes = spokes};
    job.x = x;
    job.d = d;
    rf_pool_run(pool, aggregate_tasks(spokes->n), forward_task, &job);
}

void rf_aggregate_narrow(rf_real *mean, rf_real *max, int64_t ld, const rf_spokes *spokes, const rf_bf16 *x,
                         int d, rf_pool *pool)
{
    aggregate_job job = {.mean = mean, .max = max, .ld = ld, .spokes = spokes, .narrow = x, .d = d};
    rf_pool_run(pool, aggregate_tasks(spokes->n), forward_task, &job);
}

void rf_aggregate_made(rf_real *mean, rf_real *max, int64_t ld, uint32_t *arg, int64_t ld_arg,
                       const rf_spokes *spokes, const rf_real *self, const rf_real *x, const rf_norm *norm,
                       rf_pool *pool)
{
    aggregate_job job = {.mean = mean, .max = max, .ld = ld, .arg = arg, .ld_arg = ld_arg, .spokes = spokes};
    job.self = self;
    job.x = x;
    job.norm = norm;
    job.d = norm->d;
    rf_pool_run(pool, aggregate_tasks(spokes->n), forward_task, &job);
}

/* ---- in parts ---- */

/* The nodes from `node` on whose edges are in [first, to), up to one that has more of them: it is returned.
 */
RF_INLINE int64_t read_part(const aggregate_job *job, int64_t node, int64_t to, reading how)
{
    const int64_t *ptr = job->spokes->ptr;
    for (; node < job->spokes->n; node++) {
        const bool is_empty = ptr[node] == ptr[node + 1], begins = ptr[node] >= job->first;
        if (is_empty) {
            empty_node(job, node);
            continue;
        }
        if (ptr[node] >= to)
            break;
        const bool ends = ptr[node + 1] <= to;
        node_edges(job, node,
                   (stretch){begins ? ptr[node] : job->first, ends ? ptr[node + 1] : to, begins, ends}, how);
        if (!ends)
            break;
    }
    return node;
}

RF_INLINE int64_t read_part_rows(const aggregate_job *job, int64_t node, int64_t to, bool has_shares)
{
    if (job->arg != NULL)
        return read_part(
            job, node, to,
            (reading){.is_made = true, .is_part = true, .keeps_winner = true, .has_shares = has_shares});
    return read_part(job, node, to, (reading){.is_made = true, .is_part = true, .has_shares = has_shares});
}

RF_HOT static int64_t part_nodes(const aggregate_job *job, int64_t node, int64_t to)
{
    return read_part_rows(job, node, to, false);
}

RF_HOT static int64_t shared_part_nodes(const aggregate_job *job, int64_t node, int64_t to)
{
    return read_part_rows(job, node, to, true);
}

int64_t rf_aggregate_part(rf_real *mean, rf_real *max, int64_t ld, uint32_t *arg, int64_t ld_arg,
                          const rf_spokes *spokes, const rf_real *x, const rf_norm *norm, int64_t first,
                          int64_t n, int64_t node)
{
    aggregate_job job = {.mean = mean, .max = max, .ld = ld, .arg = arg, .ld_arg = ld_arg, .spokes = spokes};
    job.x = x;
    job.first = first;
    job.norm = norm;
    job.d = norm->d;
    return spokes->share != NULL ? shared_part_nodes(&job, node, first + n)
                                 : part_nodes(&job, node, first + n);
}
