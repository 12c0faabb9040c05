/* fraudar.c - dense blocks of a bipartite graph by greedy peeling: FRAUDAR (Hooi, Song, Beutel, Shah, Shin,
 * Faloutsos: FRAUDAR: Bounding Graph Fraud in the Face of Camouflage, KDD 2016).
 *
 *   g(S) = (sum over the pairs inside S of 1 / log(d_v + 5)) / |S|,    d_v the distinct users of entity v
 *
 * The node whose pairs weigh least is taken off, again and again; of the sets on the way the one with the
 * highest g is the block. Entities that everybody meets weigh little, so that meeting them hides nobody. Its
 * pairs are then taken away, and the rest is searched again, until g has fallen to half of what it was.
 *
 * The highest g of a market belongs to its busy customers and its popular shops, which is no finding: there g
 * only falls as the set shrinks. A block stands out. So a set counts as one only if no set on the way that is
 * up to twice as large has a higher g, if a quarter of all its possible pairs are there, and if a person can
 * look at it (max_members). The densest set that does not count is taken away likewise, but not told. That
 * the degrees of its members let one expect so many pairs is no excuse: camouflage buys degrees.
 *
 * Weights are whole numbers (2^28 is one), so that no sum depends on its order. Ties go to the lower node.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_int.h"
#include "rf_mem.h"

#define ONE 268435456.0 /* 2^28: 2^32 pairs of weight 1 / log(6) stay below 2^63 */
#define ARY 4           /* children of a heap's node: shallow, and they share a cache line */
#define TAKEN UINT32_MAX
#define STANDS_OUT 2 /* g is compared with that of sets up to so many times as large */
#define LEAST_DENSITY 0.25
#define FALL_OFF 0.5 /* of the first g */

typedef struct heap_item {
    int64_t key;
    uint32_t node;
} heap_item;

/* Nodes are users [0, n_u), then entities. */
typedef struct peeling {
    const rf_adj *adj; /* parallel edges are one pair: the first of them stands for it */
    int64_t n_u, n_v;
    uint8_t *gone;   /* [n_e] pairs of earlier blocks, and edges that repeat the one before */
    int64_t *weight; /* [n_v] of each pair of the entity */
    heap_item *heap;
    int64_t n_heap;
    uint32_t *place;  /* [n_u + n_v] in the heap, or TAKEN */
    uint32_t *order;  /* [n_u + n_v] nodes as they were taken off */
    int64_t *key;     /* [n_u + n_v] while the heap is filled */
    double *g;        /* [n_u + n_v + 1] by size of the set */
    uint8_t *block;   /* [n_u + n_v + 1] it counts as a block */
    uint32_t *inside; /* [n_u + n_v] pairs with nodes that are still there */
} peeling;

/* ---- the heap: least key first, then the lower node; keys only fall ---- */

static bool before(const heap_item *a, const heap_item *b)
{
    return a->key < b->key || (a->key == b->key && a->node < b->node);
}

static void put(peeling *p, int64_t at, heap_item item)
{
    p->heap[at] = item;
    p->place[item.node] = (uint32_t)at;
}

static void sift_up(peeling *p, int64_t at, heap_item item)
{
    while (at > 0) {
        int64_t parent = (at - 1) / ARY;
        if (!before(&item, &p->heap[parent]))
            break;
        put(p, at, p->heap[parent]);
        at = parent;
    }
    put(p, at, item);
}

static void sift_down(peeling *p, int64_t at, heap_item item)
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

static heap_item pop(peeling *p)
{
    heap_item top = p->heap[0];
    p->place[top.node] = TAKEN;
    p->n_heap--;
    if (p->n_heap > 0)
        sift_down(p, 0, p->heap[p->n_heap]);
    return top;
}

static void lighten(peeling *p, int64_t node, int64_t weight)
{
    uint32_t at = p->place[node];
    if (at == TAKEN)
        return;
    heap_item item = p->heap[at];
    item.key -= weight;
    p->inside[node]--;
    sift_up(p, at, item);
}

/* ---- one block ---- */

/* The set that is left while a peeling goes on. */
typedef struct rest {
    int64_t weight, pairs; /* inside */
    int64_t n_users, n_entities;
} rest;

static void count_pairs(peeling *p)
{
    const rf_adj *adj = p->adj;
    memset(p->inside, 0, (size_t)(p->n_u + p->n_v) * sizeof *p->inside);
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (p->gone[e])
            continue;
        p->inside[adj->e_u[e]]++;
        p->inside[p->n_u + adj->e_v[e]]++;
    }
}

/* Entities weigh by how many pairs they have left; nodes by what their pairs weigh. */
static int64_t weigh(peeling *p)
{
    const rf_adj *adj = p->adj;
    int64_t sum = 0;
    for (int64_t v = 0; v < p->n_v; v++)
        p->weight[v] = llround(ONE / log((double)p->inside[p->n_u + v] + 5));
    memset(p->key, 0, (size_t)(p->n_u + p->n_v) * sizeof *p->key);
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (p->gone[e])
            continue;
        int64_t weight = p->weight[adj->e_v[e]];
        p->key[adj->e_u[e]] += weight;
        p->key[p->n_u + adj->e_v[e]] += weight;
        sum += weight;
    }
    return sum;
}

static void count_in(rest *r, const peeling *p, uint32_t node, int sign)
{
    if (node < p->n_u)
        r->n_users += sign;
    else
        r->n_entities += sign;
}

/* All nodes that have a pair. */
static rest fill(peeling *p)
{
    rest r = {0};
    count_pairs(p);
    r.weight = weigh(p);
    p->n_heap = 0;
    for (int64_t i = 0; i < p->n_u + p->n_v; i++) {
        p->place[i] = TAKEN;
        if (p->key[i] == 0)
            continue;
        put(p, p->n_heap++, (heap_item){p->key[i], (uint32_t)i});
        count_in(&r, p, (uint32_t)i, 1);
        r.pairs += i < p->n_u ? p->inside[i] : 0;
    }
    for (int64_t at = (p->n_heap - 2) / ARY; at >= 0 && p->n_heap > 1; at--)
        sift_down(p, at, p->heap[at]);
    return r;
}

static bool is_block(const rest *r)
{
    return r->n_users > 1 && r->n_entities > 1 &&
           (double)r->pairs >= LEAST_DENSITY * (double)r->n_users * (double)r->n_entities;
}

static void take_off(peeling *p, int64_t node)
{
    const rf_adj *adj = p->adj;
    if (node < p->n_u) {
        for (int64_t e = adj->u_ptr[node]; e < adj->u_ptr[node + 1]; e++) {
            if (!p->gone[e])
                lighten(p, p->n_u + adj->e_v[e], p->weight[adj->e_v[e]]);
        }
        return;
    }
    int64_t v = node - p->n_u;
    for (int64_t k = adj->v_ptr[v]; k < adj->v_ptr[v + 1]; k++) {
        if (!p->gone[adj->v_edge[k]])
            lighten(p, adj->e_u[adj->v_edge[k]], p->weight[v]);
    }
}

/* Takes all nodes off: g[n] and block[n] of the set of n nodes on the way. Returns the number of nodes that
 * there were. */
static int64_t peel(peeling *p)
{
    int64_t taken = 0;
    rest r = fill(p);
    while (p->n_heap > 0) {
        p->g[p->n_heap] = (double)r.weight / ONE / (double)p->n_heap;
        p->block[p->n_heap] = is_block(&r);
        heap_item least = pop(p);
        p->order[taken++] = least.node;
        r.weight -= least.key;
        r.pairs -= p->inside[least.node];
        count_in(&r, p, least.node, -1);
        take_off(p, least.node);
    }
    return taken;
}

/* block[n] stays 1 only where g[n] is the highest of g[n .. 2n]. The window slides from the end; the sets
 * that may yet be the highest wait in a row, the highest last. */
static void keep_those_that_stand_out(peeling *p, int64_t n)
{
    uint32_t *row = p->inside; /* no longer needed */
    int64_t first = n, end = n;
    for (int64_t size = n; size > 0; size--) {
        while (first < end && row[end - 1] > STANDS_OUT * size)
            end--;
        while (first < end && p->g[row[first]] <= p->g[size])
            first++;
        if (first == end)
            first = end = size; /* an empty row may stand anywhere */
        row[--first] = (uint32_t)size;
        p->block[size] = p->block[size] && end - first == 1;
    }
}

/* The sizes of the best block and of the best set of max_members; 0: none. */
static void choose(const peeling *p, int64_t n, int64_t max_members, int64_t *block, int64_t *any)
{
    *block = *any = 0;
    for (int64_t size = n < max_members ? n : max_members; size > 0; size--) {
        if (*any == 0 || p->g[size] > p->g[*any])
            *any = size;
        if (p->block[size] && (*block == 0 || p->g[size] > p->g[*block]))
            *block = size;
    }
}

/* ---- blocks ---- */

static int by_row(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The block's users and entities, ascending. */
static rf_status keep(rf_dense_block *block, peeling *p, int64_t from, int64_t n, rf_err *err)
{
    uint32_t *nodes = rf_mem_new((size_t)(n - from), sizeof *nodes, err);
    int64_t n_users = 0;
    if (nodes == NULL)
        return RF_E_NOMEM;
    memcpy(nodes, p->order + from, (size_t)(n - from) * sizeof *nodes);
    qsort(nodes, (size_t)(n - from), sizeof *nodes, by_row);
    while (n_users < n - from && nodes[n_users] < p->n_u)
        n_users++;
    for (int64_t i = n_users; i < n - from; i++)
        nodes[i] -= (uint32_t)p->n_u;
    block->users = nodes;
    block->n_users = n_users;
    block->entities = nodes + n_users;
    block->n_entities = n - from - n_users;
    return RF_OK;
}

/* The pairs inside a block are done with. */
static void take_pairs(peeling *p, const rf_dense_block *block)
{
    const rf_adj *adj = p->adj;
    memset(p->key, 0, (size_t)(p->n_u + p->n_v) * sizeof *p->key);
    for (int64_t i = 0; i < block->n_entities; i++)
        p->key[p->n_u + block->entities[i]] = 1;
    for (int64_t i = 0; i < block->n_users; i++) {
        uint32_t u = block->users[i];
        for (int64_t e = adj->u_ptr[u]; e < adj->u_ptr[u + 1]; e++)
            p->gone[e] |= (uint8_t)(p->key[p->n_u + adj->e_v[e]] != 0);
    }
}

static rf_status begin(peeling *p, const rf_adj *adj, rf_err *err)
{
    size_t n = (size_t)(adj->n_u + adj->n_v);
    *p = (peeling){.adj = adj, .n_u = adj->n_u, .n_v = adj->n_v};
    p->gone = rf_mem_zero((size_t)adj->n_e, sizeof *p->gone, err);
    p->weight = rf_mem_new((size_t)adj->n_v, sizeof *p->weight, err);
    p->heap = rf_mem_new(n, sizeof *p->heap, err);
    p->place = rf_mem_new(n, sizeof *p->place, err);
    p->order = rf_mem_new(n, sizeof *p->order, err);
    p->key = rf_mem_new(n, sizeof *p->key, err);
    p->inside = rf_mem_new(n, sizeof *p->inside, err);
    p->g = rf_mem_new(n + 1, sizeof *p->g, err);
    p->block = rf_mem_new(n + 1, sizeof *p->block, err);
    if (p->gone == NULL || p->weight == NULL || p->heap == NULL || p->place == NULL || p->order == NULL ||
        p->key == NULL || p->inside == NULL || p->g == NULL || p->block == NULL)
        return RF_E_NOMEM;
    for (int64_t e = 1; e < adj->n_e; e++)
        p->gone[e] = adj->e_u[e] == adj->e_u[e - 1] && adj->e_v[e] == adj->e_v[e - 1];
    return RF_OK;
}

static void end(peeling *p)
{
    rf_mem_free(p->gone);
    rf_mem_free(p->weight);
    rf_mem_free(p->heap);
    rf_mem_free(p->place);
    rf_mem_free(p->order);
    rf_mem_free(p->key);
    rf_mem_free(p->inside);
    rf_mem_free(p->g);
    rf_mem_free(p->block);
}

/* One search. *done: nothing that is dense enough is left. */
static rf_status search(peeling *p, rf_dense_block *block, bool *is_found, bool *done, double *first_g,
                        int64_t max_members, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t best, any, size, n = peel(p);
    keep_those_that_stand_out(p, n);
    choose(p, n, max_members, &best, &any);
    if (*first_g == 0 && any > 0)
        *first_g = p->g[any];
    *done = any == 0 || p->g[any] < FALL_OFF * *first_g;
    *is_found = !*done && best > 0 && p->g[best] >= FALL_OFF * *first_g;
    if (*done)
        goto done;
    size = *is_found ? best : any;
    RF_TRY(keep(block, p, n - size, n, err));
    block->suspiciousness = p->g[size];
    take_pairs(p, block);
    if (!*is_found)
        rf_dense_blocks_clear(block, 1);
done:
    return st;
}

rf_status rf_fraudar(rf_dense_block *blocks, int64_t *n_found, const rf_adj *adj, int64_t n_blocks,
                     int64_t max_members, rf_err *err)
{
    rf_status st = RF_OK;
    peeling p;
    int64_t n = 0;
    bool done = false;
    double first_g = 0;
    RF_TRY(begin(&p, adj, err));
    for (int64_t round = 0; !done && n < n_blocks && round < 2 * n_blocks; round++) {
        bool is_found = false;
        RF_TRY(search(&p, &blocks[n], &is_found, &done, &first_g, max_members, err));
        n += is_found;
    }
    *n_found = n;
done:
    end(&p);
    if (st < 0)
        rf_dense_blocks_clear(blocks, n);
    return st;
}

void rf_dense_blocks_clear(rf_dense_block *blocks, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        rf_mem_free(blocks[i].users);
        blocks[i] = (rf_dense_block){0};
    }
}
