/* butterflies.c - counts the 4-cycles through every pair: two users who both meet the same two entities.
 *
 * Nodes are ranked by degree. A 4-cycle is found once, from its highest-ranked node: walk to lower-ranked
 * neighbours and on to their lower-ranked neighbours, and count how often each far end was reached. The work
 * is bounded by the sum over pairs of the smaller degree, so that hubs cost little. Counts are integers:
 * threads may add in any order. Idea: Wang et al., "Vertex Priority Based Butterfly Counting", PVLDB 2019.
 */
#include "butterflies_int.h"

#include <stdbool.h>

#include "rf_mem.h"

#define NODES_A_TASK 64

typedef struct neighbour {
    uint32_t rank, pair;
} neighbour;

typedef struct ranked { /* the graph with ranks for node numbers */
    int64_t n;
    int64_t *start;   /* [n + 1] */
    neighbour *list;  /* ascending ranks */
    uint64_t *count;  /* borrowed */
    uint32_t **reach; /* [threads] of [n], zero between uses */
    int n_reach;
} ranked;

static int64_t degree_of(const rf_adj *pairs, int64_t node)
{
    return node < pairs->n_u ? pairs->u_ptr[node + 1] - pairs->u_ptr[node]
                             : pairs->v_ptr[node - pairs->n_u + 1] - pairs->v_ptr[node - pairs->n_u];
}

/* order[rank] = node, rank[node] = rank: by degree, then number. */
static rf_status rank_nodes(uint32_t *order, uint32_t *rank, const rf_adj *pairs, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = pairs->n_u + pairs->n_v, largest = 0, *at = NULL;
    for (int64_t node = 0; node < n; node++)
        largest = degree_of(pairs, node) > largest ? degree_of(pairs, node) : largest;

    RF_ZERO(at, largest + 2, err);
    for (int64_t node = 0; node < n; node++)
        at[degree_of(pairs, node) + 1]++;
    for (int64_t d = 0; d <= largest; d++)
        at[d + 1] += at[d];
    for (int64_t node = 0; node < n; node++) {
        rank[node] = (uint32_t)at[degree_of(pairs, node)]++;
        order[rank[node]] = (uint32_t)node;
    }
done:
    rf_mem_free(at);
    return st;
}

static rf_status rank_graph(ranked *g, const rf_adj *pairs, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = g->n;
    uint32_t *order = NULL, *rank = NULL;
    int64_t *next = NULL;

    RF_NEW(order, n, err);
    RF_NEW(rank, n, err);
    RF_NEW(next, n, err);
    RF_NEW(g->start, n + 1, err);
    RF_NEW(g->list, 2 * pairs->n_e, err);
    RF_TRY(rank_nodes(order, rank, pairs, err));
    g->start[0] = 0;
    for (int64_t r = 0; r < n; r++) {
        next[r] = g->start[r];
        g->start[r + 1] = g->start[r] + degree_of(pairs, order[r]);
    }
    for (int64_t r = 0; r < n; r++) { /* rank r joins its neighbours' lists, which therefore become sorted */
        bool user = order[r] < pairs->n_u;
        int64_t own = user ? order[r] : order[r] - pairs->n_u;
        const int64_t *ptr = user ? pairs->u_ptr : pairs->v_ptr;
        for (int64_t i = ptr[own]; i < ptr[own + 1]; i++) {
            uint32_t pair = user ? (uint32_t)i : pairs->v_edge[i];
            int64_t other = user ? pairs->n_u + pairs->e_v[pair] : pairs->e_u[pair];
            g->list[next[rank[other]]++] = (neighbour){.rank = (uint32_t)r, .pair = pair};
        }
    }
done:
    rf_mem_free(order);
    rf_mem_free(rank);
    rf_mem_free(next);
    return st;
}

static void add(const ranked *g, uint32_t pair, uint64_t n)
{
    if (g->n_reach > 1)
        __atomic_fetch_add(&g->count[pair], n, __ATOMIC_RELAXED);
    else
        g->count[pair] += n;
}

/* All 4-cycles whose highest-ranked node is `top`. */
static void count_from(const ranked *g, uint32_t *reach, uint32_t top)
{
    const neighbour *end = g->list + g->start[top + 1];
    bool again = false; /* was a far end reached twice? */

    for (const neighbour *mid = g->list + g->start[top]; mid < end && mid->rank < top; mid++)
        for (const neighbour *far = g->list + g->start[mid->rank]; far->rank < top; far++)
            again |= ++reach[far->rank] > 1;
    for (const neighbour *mid = g->list + g->start[top]; again && mid < end && mid->rank < top; mid++) {
        uint64_t sum = 0;
        for (const neighbour *far = g->list + g->start[mid->rank]; far->rank < top; far++) {
            uint64_t others = reach[far->rank] - 1;
            if (others > 0)
                add(g, far->pair, others);
            sum += others;
        }
        if (sum > 0)
            add(g, mid->pair, sum);
    }
    for (const neighbour *mid = g->list + g->start[top]; mid < end && mid->rank < top; mid++)
        for (const neighbour *far = g->list + g->start[mid->rank]; far->rank < top; far++)
            reach[far->rank] = 0;
}

static void count_task(void *context, int64_t index, int worker)
{
    const ranked *g = context;
    int64_t last = g->n - index * NODES_A_TASK; /* the busiest nodes first */
    int64_t first = last > NODES_A_TASK ? last - NODES_A_TASK : 0;
    for (int64_t top = last - 1; top >= first; top--)
        count_from(g, g->reach[worker], (uint32_t)top);
}

rf_status rf_butterflies(uint64_t *count, const rf_adj *pairs, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    ranked g = {.n = pairs->n_u + pairs->n_v, .count = count, .n_reach = rf_pool_threads(pool)};

    for (int64_t p = 0; p < pairs->n_e; p++)
        count[p] = 0;
    RF_ZERO(g.reach, g.n_reach, err);
    for (int i = 0; i < g.n_reach; i++)
        RF_ZERO(g.reach[i], g.n, err);
    RF_TRY(rank_graph(&g, pairs, err));
    rf_pool_run(pool, (g.n + NODES_A_TASK - 1) / NODES_A_TASK, count_task, &g);
done:
    for (int i = 0; g.reach && i < g.n_reach; i++)
        rf_mem_free(g.reach[i]);
    rf_mem_free(g.reach);
    rf_mem_free(g.start);
    rf_mem_free(g.list);
    return st;
}
