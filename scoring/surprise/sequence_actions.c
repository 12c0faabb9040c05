/* sequence_actions.c - what was done in an event, as its attributes say. */
#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "sequence_int.h"

#define YES_OR_NO (-1)
#define LEAST_SHARE 1e-3 /* what rounding leaves of a share of 0 is none */

static bool is_missing(rf_real x)
{
    return x == 0 && signbit(x);
}

/* Two different values, and maybe rows without data. Columns of many values end at their third. */
static bool is_two_valued(const rf_graph_side *edges, int column)
{
    rf_real seen[2];
    int n = 0;
    for (int64_t i = 0; i < edges->n; i++) {
        const rf_real x = edges->x[i * edges->d + column];
        if (is_missing(x) || (n > 0 && x == seen[0]) || (n > 1 && x == seen[1]))
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

/* A standardised value up to which the column's share is none: halfway to the least one, so that rounding
 * does not matter. */
static rf_real none_up_to(const rf_graph_side *edges, int column)
{
    const double scale = edges->scale != NULL ? (double)edges->scale[column] : 1,
                 mean = edges->mean != NULL ? (double)edges->mean[column] : 0;
    const bool is_tamed = edges->transform != NULL && edges->transform[column] == RF_TAME_LOG1P;
    const double half = is_tamed ? log1p(LEAST_SHARE / 2) : LEAST_SHARE / 2;
    return scale > 0 ? (rf_real)((half - mean) / scale) : -(rf_real)INFINITY;
}

rf_status rf_actions_init(rf_actions *actions, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *edges = &graph->side[RF_EDGE];
    const char *before = NULL;
    size_t before_len = 0;
    int categories = 0;
    *actions = (rf_actions){.graph = graph};
    RF_NEW(actions->column, edges->d, err);
    RF_NEW(actions->category, edges->d, err);
    RF_NEW(actions->none, edges->d, err);
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
        actions->column[actions->n] = j;
        actions->none[actions->n] = none_up_to(edges, j);
        actions->category[actions->n++] = end != NULL ? categories : YES_OR_NO;
    }
done:
    if (st < 0)
        rf_actions_clear(actions);
    return st;
}

void rf_actions_clear(rf_actions *actions)
{
    rf_mem_free(actions->column);
    rf_mem_free(actions->category);
    rf_mem_free(actions->none);
    *actions = (rf_actions){0};
}

/* The place in column[] of the largest share of the category that begins at *at (the first of equal ones), or
 * -1 where it has none; *at moves on to the next category. */
static int category_value(const rf_actions *actions, int *at, const rf_real *x)
{
    const int *column = actions->column, *of = actions->category, n = actions->n, category = of[*at];
    const rf_real *none = actions->none;
    double most = LEAST_SHARE;
    int value = -1, i = *at;
    for (; i < n && of[i] == category; i++) {
        const int j = column[i];
        if (!(x[j] > none[i]) || is_missing(x[j]))
            continue;
        const double share = rf_graph_raw(&actions->graph->side[RF_EDGE], j, x[j]);
        if (share > most) {
            most = share;
            value = j;
        }
    }
    *at = i;
    return value;
}

void rf_actions_fetch(const rf_actions *actions, int64_t edge)
{
    enum { EACH = 8 }; /* columns that mostly stand together */
    const rf_graph_side *edges = &actions->graph->side[RF_EDGE];
    for (int k = 0; k < actions->n; k += EACH)
        __builtin_prefetch(edges->x + edge * edges->d + actions->column[k]);
}

uint64_t rf_actions_hash(const rf_actions *actions, int64_t edge)
{
    const rf_graph_side *edges = &actions->graph->side[RF_EDGE];
    const rf_real *x = edges->x + edge * edges->d;
    uint64_t hash = 1;
    for (int at = 0; at < actions->n;) {
        uint64_t value = 0;
        if (actions->category[at] == YES_OR_NO) {
            const rf_real said = x[actions->column[at++]];
            value = said > 0 ? 1 : is_missing(said) ? 2 : 0;
        } else {
            value = 1 + (uint64_t)category_value(actions, &at, x);
        }
        hash = rf_hash_two(hash, value);
    }
    return hash;
}

int rf_actions_list(int *out, int most, const rf_actions *actions, int64_t edge)
{
    const rf_graph_side *edges = &actions->graph->side[RF_EDGE];
    const rf_real *x = edges->x + edge * edges->d;
    int n = 0;
    for (int at = 0; at < actions->n && n < most;) {
        int value = -1;
        if (actions->category[at] != YES_OR_NO) {
            value = category_value(actions, &at, x);
        } else {
            const int j = actions->column[at++];
            value = x[j] > 0 ? j : -1;
        }
        if (value >= 0)
            out[n++] = value;
    }
    return n;
}
