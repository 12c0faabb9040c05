/* made_messages.c - messages of edges whose rows are nowhere: a run of a side's list of edges is made while
 * it is in the cache, in the order of the list, and goes into its nodes' means and maxima at once.
 *
 * To make a row again takes a product as tall as the run and the rows of both ends; to keep it would take
 * memory for all edges.
 */
#include "aggregate_int.h"
#include "bean_conv_int.h"

#define AT_ONCE RF_BLOCK /* edges of a run: the scratch has room for them, and a second cache */

typedef struct run_of_edges {
    int64_t first, n; /* places in the side's list */
    uint32_t self[AT_ONCE], other[AT_ONCE];
} run_of_edges;

static void fetch_row(const rf_real *row, int64_t d)
{
    for (int64_t j = 0; j < d; j += RF_LANES)
        __builtin_prefetch(row + j);
}

/* Both ends of each edge, and the way to the tables' rows of those at the other end. *node: the one that the
 * edge before belongs to. */
static void find_ends(run_of_edges *run, const conv_side *s, int64_t *node)
{
    const int64_t *ptr = s->edges.ptr, end = ptr[s->edges.n];
    const uint32_t *row = s->neighbours.row;
    for (int64_t i = 0; i < run->n; i++) {
        const int64_t k = run->first + i;
        if (k + 2 * AGGREGATE_AHEAD < end)
            __builtin_prefetch(row + spoke_edge(&s->edges, k + 2 * AGGREGATE_AHEAD));
        while (ptr[*node + 1] <= k)
            ++*node;
        run->self[i] = (uint32_t)*node;
        run->other[i] = row[spoke_edge(&s->edges, k)];
        fetch_row(s->t_other + (int64_t)run->other[i] * s->d_e, s->d_e);
    }
}

RF_INLINE void copy_row(rf_real *to, const rf_real *from, int64_t d)
{
    int64_t j = 0;
    for (rf_vec x; j + RF_LANES <= d; j += RF_LANES) {
        RF_LOAD(x, from + j);
        RF_STORE(to + j, x);
    }
    for (; j < d; j++)
        to[j] = from[j];
}

/* What the layer below reads of the edges: in place where they follow each other, or in room. */
RF_HOT static const rf_real *read_edges(rf_real *room, const conv_side *s, const run_of_edges *run)
{
    const rf_edge_rows *rows = s->rows;
    const int64_t d = rows->below->d_e, end = s->edges.ptr[s->edges.n];
    if (rows->narrow == NULL && s->edges.edge == NULL)
        return rows->x + run->first * d;
    for (int64_t i = 0; i < run->n; i++) {
        const int64_t k = run->first + i, e = spoke_edge(&s->edges, k);
        if (rows->narrow != NULL) {
            rf_widen(room + i * d, rows->narrow + e * d, d);
            continue;
        }
        if (k + AGGREGATE_AHEAD < end)
            fetch_row(rows->x + spoke_edge(&s->edges, k + AGGREGATE_AHEAD) * d, d);
        copy_row(room + i * d, rows->x + e * d, d);
    }
    return room;
}

void made_messages(rf_real *msg, uint32_t *arg, const conv_side *s, const rf_bean_scratch *scratch,
                   int worker)
{
    const rf_bean_conv *below = s->rows->below;
    const int64_t to = s->edges.ptr[s->edges.n], ld_arg = s->d_other + s->d_e;
    rf_real *x = scratch->edge_x + (int64_t)worker * RF_BLOCK * below->d_e;
    rf_real *y = scratch->edge_y + (int64_t)worker * RF_BLOCK * s->d_e;
    int64_t node = 0, made = 0;
    run_of_edges run = {.first = s->edges.ptr[0]};
    do {
        run.n = to - run.first < AT_ONCE ? to - run.first : AT_ONCE;
        find_ends(&run, s, &node);
        rf_bean_conv_edge_rows(y, below, run.self, run.other, s->t_self, s->t_other, read_edges(x, s, &run),
                               run.n);
        made = rf_aggregate_part(msg + mean_edge_at(s), msg + max_edge_at(s), s->k,
                                 arg == NULL ? NULL : arg + s->d_other, ld_arg, &s->edges, y, s->rows->norm,
                                 run.first, run.n, made);
        run.first += run.n;
    } while (run.first < to);
}
