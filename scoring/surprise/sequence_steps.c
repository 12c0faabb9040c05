/* sequence_steps.c - what a user did, and when since the time before. */
#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_rng.h"
#include "sequence_int.h"

#define EDGES_A_TASK 4096
#define SECOND INT64_C(1000000)

uint64_t rf_hash_two(uint64_t a, uint64_t b)
{
    return rf_mix64(a + b * UINT64_C(0x9E3779B97F4A7C15));
}

int rf_gap_class(int64_t gap_us)
{
    static const int64_t from[] = {0, 1, 60 * SECOND, 3600 * SECOND, 86400 * SECOND, 7 * 86400 * SECOND};
    int number = 0;
    while (number < (int)(sizeof from / sizeof *from) && gap_us >= from[number])
        number++;
    return number;
}

int rf_gap_fine(int64_t gap_us)
{
    return gap_us < 0 ? 0 : 1 + (int)floor(2 * log2((double)gap_us / (double)SECOND + 1));
}

/* ---- which columns say what was done ---- */

typedef struct action_columns {
    int n;
    int *column;   /* [n] */
    int *category; /* [n] columns of one category have one number; RF_YES_OR_NO */
    int64_t n_e;
    const rf_graph_side *edges;
    uint64_t *popularity; /* [n_v], where n is 0; else NULL */
    const rf_adj *adj;
    uint64_t *out; /* [n_e] */
} action_columns;

#define RF_YES_OR_NO (-1)

/* Two different values, and maybe rows without data. Columns of many values end at their third. */
static bool is_two_valued(const rf_graph_side *edges, int column)
{
    rf_real seen[2];
    int n = 0;
    for (int64_t i = 0; i < edges->n; i++) {
        const rf_real x = edges->x[i * edges->d + column];
        if ((x == 0 && signbit(x)) || (n > 0 && x == seen[0]) || (n > 1 && x == seen[1]))
            continue;
        if (n == 2)
            return false;
        seen[n++] = x;
    }
    return n == 2;
}

/* The calendar and the history give two-valued columns, too, but nothing that the user did. */
static bool is_of_graph(const char *name)
{
    static const char *const others[] = {"night", "weekend", "hours_", "peak_", "pair_new", "share_of_"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strncmp(name, others[i], strlen(others[i])) == 0)
            return true;
    }
    return false;
}

static rf_status find_columns(action_columns *out, const rf_graph_side *edges, rf_err *err)
{
    rf_status st = RF_OK;
    const char *before = NULL;
    size_t before_len = 0;
    int categories = 0;
    RF_NEW(out->column, edges->d, err);
    RF_NEW(out->category, edges->d, err);
    for (int j = 0; j < edges->d && edges->feature_names.n > 0; j++) {
        const char *name = rf_texts_get(&edges->feature_names, j), *end = strchr(name, '=');
        if (end != NULL) {
            const size_t len = (size_t)(end - name);
            if (before == NULL || len != before_len || strncmp(name, before, len) != 0)
                categories++;
            before = name;
            before_len = len;
        } else if (is_of_graph(name) || !is_two_valued(edges, j)) {
            continue;
        }
        out->column[out->n] = j;
        out->category[out->n++] = end != NULL ? categories : RF_YES_OR_NO;
    }
done:
    return st;
}

/* log2 of the number of different users of each entity, from 1. */
static rf_status find_popularity(uint64_t **out, const rf_adj *adj, rf_err *err)
{
    rf_status st = RF_OK;
    RF_NEW(*out, adj->n_v, err);
    for (int64_t v = 0; v < adj->n_v; v++) {
        int64_t users = 0;
        for (int64_t i = adj->v_ptr[v]; i < adj->v_ptr[v + 1]; i++)
            users += i == adj->v_ptr[v] || adj->e_u[adj->v_edge[i]] != adj->e_u[adj->v_edge[i - 1]];
        uint64_t doublings = 0;
        while (users >> doublings > 1)
            doublings++;
        (*out)[v] = doublings + 1;
    }
done:
    return st;
}

/* A category's value is its largest share (the first of equal ones), if it has any. */
static uint64_t hash_columns(const action_columns *columns, int64_t row)
{
    const rf_graph_side *edges = columns->edges;
    const rf_real *x = edges->x + row * edges->d;
    uint64_t hash = 0;
    for (int k = 0; k < columns->n;) {
        const int category = columns->category[k];
        double most = 0;
        uint64_t value = 0;
        do {
            const int j = columns->column[k++];
            if (category == RF_YES_OR_NO) {
                value = x[j] > 0 ? 1 : x[j] == 0 && signbit(x[j]) ? 2 : 0;
                break;
            }
            const double share = rf_graph_raw(edges, j, x[j]);
            if (share > most) {
                most = share;
                value = (uint64_t)j + 1;
            }
        } while (k < columns->n && columns->category[k] == category);
        hash = rf_hash_two(hash, value);
    }
    return hash;
}

static void hash_actions(void *context, int64_t index, int worker)
{
    (void)worker;
    const action_columns *columns = context;
    for (int64_t i = index * EDGES_A_TASK; i < (index + 1) * EDGES_A_TASK && i < columns->n_e; i++)
        columns->out[i] = columns->popularity != NULL ? columns->popularity[columns->adj->e_v[i]]
                                                      : hash_columns(columns, i);
}

/* action[edges] */
static rf_status find_actions(uint64_t *action, const rf_graph *graph, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    action_columns columns = {
        .n_e = graph->adj.n_e, .edges = &graph->side[RF_EDGE], .adj = &graph->adj, .out = action};
    RF_TRY(find_columns(&columns, columns.edges, err));
    if (columns.n == 0)
        RF_TRY(find_popularity(&columns.popularity, &graph->adj, err));
    rf_pool_run(pool, (columns.n_e + EDGES_A_TASK - 1) / EDGES_A_TASK, hash_actions, &columns);
done:
    rf_mem_free(columns.column);
    rf_mem_free(columns.category);
    rf_mem_free(columns.popularity);
    return st;
}

rf_status rf_steps_init(rf_steps *steps, const rf_graph *graph, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &graph->adj;
    rf_occurrence *order = NULL;
    uint64_t *action = NULL;
    *steps = (rf_steps){.n_u = adj->n_u, .n = adj->n_e, .u_ptr = adj->u_ptr};
    RF_NEW(steps->at, adj->n_e, err);
    RF_NEW(action, adj->n_e, err);
    RF_TRY(find_actions(action, graph, pool, err));
    RF_TRY(rf_occurrences(&order, graph, err));
    rf_occurrences_sort(order, adj->u_ptr, adj->n_u, pool);
    for (int64_t u = 0; u < adj->n_u; u++) {
        const int64_t from = adj->u_ptr[u], to = adj->u_ptr[u + 1];
        steps->longest = to - from > steps->longest ? to - from : steps->longest;
        for (int64_t i = from; i < to; i++) {
            const uint64_t did = action[order[i].edge];
            const int64_t gap = i > from ? order[i].time - order[i - 1].time : RF_FIRST_STEP;
            steps->at[i] = (rf_step){.action = did,
                                     .token = rf_hash_two(did, (uint64_t)rf_gap_class(gap)),
                                     .gap_us = gap,
                                     .edge = order[i].edge};
        }
    }
done:
    rf_mem_free(order);
    rf_mem_free(action);
    if (st < 0)
        rf_steps_clear(steps);
    return st;
}

void rf_steps_clear(rf_steps *steps)
{
    rf_mem_free(steps->at);
    *steps = (rf_steps){0};
}
