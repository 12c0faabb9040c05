/* peel.c - greedy peeling with a heap: see peel_int.h.
 *
 * Weights are whole numbers, so that no sum depends on its order. Ties go to the lower node.
 */
#include "peel_int.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"

#define ARY 4 /* children of a heap's node: shallow, and they share a cache line */
#define TAKEN UINT32_MAX
#define STANDS_OUT 2 /* g is compared with that of sets up to this many times as large */

/* ---- the heap: least key first, then the lower node; keys only fall ---- */

static bool before(const rf_peel_item *a, const rf_peel_item *b)
{
    return a->key < b->key || (a->key == b->key && a->node < b->node);
}

static void put(rf_peeling *p, int64_t at, rf_peel_item item)
{
    p->heap[at] = item;
    p->place[item.node] = (uint32_t)at;
}

static void sift_down(rf_peeling *p, int64_t at, rf_peel_item item)
{
    for (;;) {
        int64_t first = ARY * at + 1, least = -1;
        for (int64_t child = first; child < first + ARY && child < p->n_heap; child++) {
            if (least < 0 || before(&p->heap[child], &p->heap[least]))
                least = child;
        }
        if (least < 0 || !before(&p->heap[least], &item))
            break;
        put(p, at, p->heap[least]);
        at = least;
    }
    put(p, at, item);
}

static void lighten(rf_peeling *p, int64_t node, int64_t weight)
{
    int64_t at = p->place[node];
    if (at == TAKEN)
        return;
    rf_peel_item item = p->heap[at];
    item.key -= weight;
    while (at > 0) { /* towards the root */
        int64_t parent = (at - 1) / ARY;
        if (!before(&item, &p->heap[parent]))
            break;
        put(p, at, p->heap[parent]);
        at = parent;
    }
    put(p, at, item);
}

/* ---- one block ---- */

/* All nodes that have a pair, each by what its pairs weigh; a pair weighs by how many pairs its entity has
 * left. Returns what all pairs weigh. */
static int64_t fill(rf_peeling *p)
{
    const rf_adj *adj = p->adj;
    int64_t n = p->n_u + p->n_v, sum = 0;
    memset(p->count, 0, (size_t)n * sizeof *p->count);
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (p->gone[e])
            continue;
        p->count[adj->e_u[e]]++;
        p->count[p->n_u + adj->e_v[e]]++;
    }
    p->meshed = false;
    for (int64_t e = 0; e < adj->n_e && !p->meshed; e++)
        p->meshed = !p->gone[e] && p->count[adj->e_u[e]] > 1 && p->count[p->n_u + adj->e_v[e]] > 1;
    for (int64_t v = 0; v < p->n_v; v++)
        p->weight[v] = llround(RF_PEEL_ONE / log((double)p->count[p->n_u + v] + 5));
    memset(p->key, 0, (size_t)n * sizeof *p->key);
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (p->gone[e])
            continue;
        int64_t weight = p->weight[adj->e_v[e]];
        p->key[adj->e_u[e]] += weight;
        p->key[p->n_u + adj->e_v[e]] += weight;
        sum += weight;
    }
    p->n_heap = 0;
    for (int64_t i = 0; i < n; i++) {
        p->place[i] = TAKEN;
        if (p->key[i] > 0)
            put(p, p->n_heap++, (rf_peel_item){p->key[i], (uint32_t)i});
    }
    for (int64_t at = (p->n_heap - 2) / ARY; at >= 0 && p->n_heap > 1; at--)
        sift_down(p, at, p->heap[at]);
    return sum;
}

/* stands_out[n] is 1 where g[n] is the highest of g[n .. 2n]. The window slides from the end; the sets that
 * may yet be the highest wait in a row, the highest last. */
static void find_those_that_stand_out(rf_peeling *p, int64_t n)
{
    uint32_t *row = p->count; /* no longer needed */
    int64_t first = n, end = n;
    for (int64_t size = n; size > 0; size--) {
        while (first < end && row[end - 1] > STANDS_OUT * size)
            end--;
        while (first < end && p->g[row[first]] <= p->g[size])
            first++;
        if (first == end)
            first = end = size; /* an empty row may be anywhere */
        row[--first] = (uint32_t)size;
        p->stands_out[size] = end - first == 1;
    }
}

int64_t rf_peel(rf_peeling *p)
{
    const rf_adj *adj = p->adj;
    int64_t taken = 0, weight = fill(p);
    while (p->n_heap > 0) {
        p->g[p->n_heap] = (double)weight / RF_PEEL_ONE / (double)p->n_heap;
        rf_peel_item least = p->heap[0];
        p->place[least.node] = TAKEN;
        if (--p->n_heap > 0)
            sift_down(p, 0, p->heap[p->n_heap]);
        p->order[taken++] = least.node;
        weight -= least.key;
        if (least.node < p->n_u) { /* the other ends lose its pairs, too */
            for (int64_t e = adj->u_ptr[least.node]; e < adj->u_ptr[least.node + 1]; e++) {
                if (!p->gone[e])
                    lighten(p, p->n_u + adj->e_v[e], p->weight[adj->e_v[e]]);
            }
        } else {
            int64_t v = least.node - p->n_u;
            for (int64_t k = adj->v_ptr[v]; k < adj->v_ptr[v + 1]; k++) {
                if (!p->gone[adj->v_edge[k]])
                    lighten(p, adj->e_u[adj->v_edge[k]], p->weight[v]);
            }
        }
    }
    find_those_that_stand_out(p, taken);
    return taken;
}

/* ---- lifetime ---- */

rf_status rf_peeling_begin(rf_peeling *p, const rf_adj *adj, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = adj->n_u + adj->n_v;
    *p = (rf_peeling){.adj = adj, .n_u = adj->n_u, .n_v = adj->n_v};
    RF_ZERO(p->gone, adj->n_e, err);
    RF_NEW(p->weight, adj->n_v, err);
    RF_NEW(p->heap, n, err);
    RF_NEW(p->place, n, err);
    RF_NEW(p->order, n, err);
    RF_NEW(p->key, n, err);
    RF_NEW(p->count, n, err);
    RF_NEW(p->g, n + 1, err);
    RF_NEW(p->stands_out, n + 1, err);
    for (int64_t e = 1; e < adj->n_e; e++)
        p->gone[e] = adj->e_u[e] == adj->e_u[e - 1] && adj->e_v[e] == adj->e_v[e - 1];
done:
    return st;
}

void rf_peeling_end(rf_peeling *p)
{
    rf_mem_free(p->gone);
    rf_mem_free(p->weight);
    rf_mem_free(p->heap);
    rf_mem_free(p->place);
    rf_mem_free(p->order);
    rf_mem_free(p->key);
    rf_mem_free(p->count);
    rf_mem_free(p->g);
    rf_mem_free(p->stands_out);
}
