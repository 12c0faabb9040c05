/* features_edge.c - the rows of pairs: what a user and an entity did together, compared with what each does
 * otherwise.
 *
 * Pair granularity only. An edge's cells are already in order of time. The node rows must be computed first.
 * There are so many rows that all of them are never held: they are made and added up in blocks that a thread
 * does not let out of its processor's cache, left with the sink, and fetched again once their moments are
 * known. A sink that keeps nothing has them made again.
 */
#include "feature_cells_int.h"
#include "features_int.h"
#include "rf_mem.h"

#define PAIRS_A_TASK 512
#define PAIRS_AHEAD 8

typedef struct pair_task {
    float *x; /* rows of edges [from, from + n) */
    const rf_columns *columns;
    rf_features *f;
    int64_t from, n;
} pair_task;

/* The pair is the i-th of those that are kept. */
static void put_pair(rf_row *row, int64_t i, const rf_time_sums *time, const rf_attr_sums *attrs,
                     const rf_attr_context *context, rf_scratch *scratch)
{
    const rf_features *f = row->f;
    int64_t of_user = 0, of_entity = 0;
    double through = 0.0, paths = 0.0;

    if (row->x) {
        const rf_adj *adj = f->view->kept;
        uint32_t u = adj->e_u[i], v = adj->e_v[i];
        of_user = f->node[RF_USER].events[u];
        of_entity = f->node[RF_ENTITY].events[v];
        if (f->groups & RF_GROUP_STRUCTURE)
            through = (double)f->butterflies[i];
        paths =
            (double)(adj->u_ptr[u + 1] - adj->u_ptr[u] - 1) * (double)(adj->v_ptr[v + 1] - adj->v_ptr[v] - 1);
    }
    rf_put(row, RF_F_EVENTS, (double)time->events);
    rf_put(row, RF_F_SHARE_OF_USER, rf_share(time->events, of_user));
    rf_put(row, RF_F_SHARE_OF_ENTITY, rf_share(time->events, of_entity));
    if (f->groups & RF_GROUP_TIME)
        rf_put_time(row, time, false);
    if (f->groups & RF_GROUP_ATTRIBUTES)
        rf_put_attrs(row, attrs, time->events, context, scratch);
    if (f->groups & RF_GROUP_STRUCTURE) {
        rf_put(row, RF_F_BUTTERFLIES, through);
        rf_put(row, RF_F_CLUSTERING, paths > 0 ? through / paths : 0.0);
    }
}

static void make_pair(const pair_task *task, int64_t i, rf_scratch *scratch)
{
    rf_features *f = task->f;
    const rf_window_view *view = f->view;
    const int64_t e = rf_view_edge(view, i);
    rf_cell_list list = {.first = view->e_cell[e], .n = view->e_cell[e + 1] - view->e_cell[e]};
    rf_attr_context context = {
        .user_mean = f->node[RF_USER].mean + (int64_t)view->adj.e_u[e] * f->n_numbers,
        .entity_mean = f->node[RF_ENTITY].mean + (int64_t)view->adj.e_v[e] * f->n_numbers,
    };
    rf_row row = {
        .f = f, .columns = task->columns, .x = task->x + (i - task->from) * (int64_t)task->columns->n};
    rf_attr_sums attrs[RF_MAX_ATTRS];
    rf_time_sums time;

    rf_time_sums_collect(&time, f, &list);
    if (f->groups & RF_GROUP_ATTRIBUTES)
        rf_attrs_collect(attrs, scratch, f, &list);
    put_pair(&row, i, &time, attrs, &context, scratch);
}

/* Users come in order, entities do not: what a later pair is compared with is fetched. */
static void prefetch_pair(const rf_features *f, int64_t i)
{
    const rf_adj *adj = f->view->kept;
    if (i >= adj->n_e)
        return;
    const uint32_t v = adj->e_v[i];
    __builtin_prefetch(&f->node[RF_ENTITY].events[v]);
    __builtin_prefetch(f->node[RF_ENTITY].mean + (int64_t)v * f->n_numbers);
    __builtin_prefetch(&adj->v_ptr[v]);
}

static void make_pairs(void *context, int64_t index, int worker)
{
    const pair_task *task = context;
    int64_t begin = index * PAIRS_A_TASK,
            end = begin + PAIRS_A_TASK < task->n ? begin + PAIRS_A_TASK : task->n;
    for (int64_t i = begin; i < end; i++) {
        prefetch_pair(task->f, task->from + i + PAIRS_AHEAD);
        make_pair(task, task->from + i, &task->f->scratch[worker]);
    }
}

rf_status rf_pairs_plan(rf_columns *columns, rf_features *f, rf_err *err)
{
    rf_row row = {.f = f, .plan = columns, .err = err};
    rf_attr_sums attrs[RF_MAX_ATTRS] = {0};
    rf_time_sums time = {0};

    put_pair(&row, 0, &time, attrs, &(rf_attr_context){0}, NULL);
    return row.st;
}

void rf_pairs_make(float *x, const rf_columns *columns, rf_features *f, int64_t from, int64_t n)
{
    pair_task task = {.x = x, .columns = columns, .f = f, .from = from, .n = n};
    rf_pool_run(f->pool, (n + PAIRS_A_TASK - 1) / PAIRS_A_TASK, make_pairs, &task);
}

/* ---- without a matrix ---- */

#define BLOCKS_A_ROUND 4 /* for each thread */

typedef struct pair_blocks {
    rf_features *f;
    const rf_columns *columns;
    rf_moments moments;
    const rf_feature_sink *sink;
    float *rows;         /* [threads or a round's blocks, RF_MOMENT_ROWS, columns] */
    int64_t first, last; /* blocks of a round */
} pair_blocks;

static float *rows_at(const pair_blocks *b, int64_t i)
{
    return b->rows + i * RF_MOMENT_ROWS * b->moments.d;
}

/* Makes the rows of a block, the thread's until it makes others. */
static float *make_block(const pair_blocks *b, int64_t from, int64_t n, int worker)
{
    float *rows = rows_at(b, worker);
    const pair_task task = {.x = rows, .columns = b->columns, .f = b->f, .from = from, .n = n};
    for (int64_t i = from; i < from + n; i++) {
        prefetch_pair(b->f, i + PAIRS_AHEAD);
        make_pair(&task, i, &b->f->scratch[worker]);
    }
    return rows;
}

static int64_t rows_of(const pair_blocks *b, int64_t block)
{
    const int64_t left = b->moments.n - block * RF_MOMENT_ROWS;
    return left < RF_MOMENT_ROWS ? left : RF_MOMENT_ROWS;
}

static void sum_block(void *context, int64_t block, int worker)
{
    const pair_blocks *b = context;
    const int64_t from = block * RF_MOMENT_ROWS, n = rows_of(b, block);
    const float *rows = make_block(b, from, n, worker);
    rf_moments_add(&b->moments, rows, from, n);
    if (b->sink->leave != NULL)
        b->sink->leave(b->sink->context, from, n, rows);
}

static void make_again(void *context, int64_t block, int worker)
{
    const pair_blocks *b = context;
    const int64_t from = block * RF_MOMENT_ROWS, n = rows_of(b, block);
    float *rows = make_block(b, from, n, worker);
    rf_moments_apply(&b->moments, rows, n);
    b->sink->put(b->sink->context, from, n, rows);
}

static void fetch_block(void *context, int64_t i, int worker)
{
    const pair_blocks *b = context;
    const int64_t block = b->first + i, n = rows_of(b, block);
    (void)worker;
    b->sink->fetch(b->sink->context, block * RF_MOMENT_ROWS, n, rows_at(b, i));
    rf_moments_apply(&b->moments, rows_at(b, i), n);
}

static void put_block(void *context, int64_t i, int worker)
{
    const pair_blocks *b = context;
    const int64_t block = b->first + i;
    (void)worker;
    b->sink->put(b->sink->context, block * RF_MOMENT_ROWS, rows_of(b, block), rows_at(b, i));
}

/* What is put may take the place of rows that were fetched, so that a round of blocks is fetched before any
 * of them is put. */
static void hand_over(pair_blocks *b)
{
    const int64_t round = BLOCKS_A_ROUND * (int64_t)rf_pool_threads(b->f->pool);
    if (b->sink->fetch == NULL) {
        rf_pool_run(b->f->pool, b->moments.n_blocks, make_again, b);
        return;
    }
    for (b->first = 0; b->first < b->moments.n_blocks; b->first = b->last) {
        b->last = b->first + round < b->moments.n_blocks ? b->first + round : b->moments.n_blocks;
        rf_pool_run(b->f->pool, b->last - b->first, fetch_block, b);
        rf_pool_run(b->f->pool, b->last - b->first, put_block, b);
    }
}

rf_status rf_pairs_stream(rf_feature_matrix *e, rf_features *f, const rf_feature_sink *sink, rf_err *err)
{
    rf_status st = RF_OK;
    rf_columns columns = {0};
    pair_blocks b = {.f = f, .columns = &columns, .sink = sink};
    const int64_t n = f->view->side[RF_EDGE].n;
    const int64_t held = (int64_t)rf_pool_threads(f->pool) * (sink->fetch != NULL ? BLOCKS_A_ROUND : 1);

    RF_TRY(rf_pairs_plan(&columns, f, err));
    RF_TRY(rf_feature_matrix_init(e, n, 0, &columns, err));
    RF_TRY(rf_moments_init(&b.moments, n, e->d, err));
    RF_NEW(b.rows, held * RF_MOMENT_ROWS * e->d, err);
    if (sink->park != NULL)
        RF_TRY(sink->park(sink->context, e->d, err));
    rf_pool_run(f->pool, b.moments.n_blocks, sum_block, &b);
    rf_moments_finish(&b.moments);
    RF_TRY(rf_moments_columns(e, &b.moments, err));
    RF_TRY(sink->begin(sink->context, e, err));
    hand_over(&b);
    RF_TRY(sink->end(sink->context, err));
done:
    rf_mem_free(b.rows);
    rf_moments_clear(&b.moments);
    rf_columns_clear(&columns);
    return st;
}
