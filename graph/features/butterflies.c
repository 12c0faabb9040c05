/* butterflies.c - counts the 4-cycles through every pair: two users who both meet the same two entities.
 *
 * In general nodes are ranked by degree. A 4-cycle is found once, from its highest-ranked node: walk to
 * lower-ranked neighbours and on to their lower-ranked neighbours, and count how often each far end was
 * reached. The work is bounded by the sum over pairs of the smaller degree, so that hubs cost little. Counts
 * are integers: threads may add in any order. Idea: Wang et al., "Vertex Priority Based Butterfly Counting",
 * PVLDB 2019.
 *
 * Mostly users meet few entities, and entities many users. Then each entity walks to its users and on to all
 * of theirs. That finds a 4-cycle from both its entities, but all that is written are the entity's own pairs,
 * and what is counted in fits a cache.
 */
#include "butterflies_int.h"

#include <stdbool.h>

#include "rf_mem.h"

/* ---- counters, one set a thread ---- */

static rf_status new_reach(uint32_t ***reach, int n, int64_t n_nodes, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(*reach, n, err);
    for (int i = 0; i < n; i++)
        RF_ZERO((*reach)[i], n_nodes, err);
done:
    return st;
}

static void free_reach(uint32_t **reach, int n)
{
    for (int i = 0; reach != NULL && i < n; i++)
        rf_mem_free(reach[i]);
    rf_mem_free(reach);
}

/* ---- by rank ---- */

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

static rf_status count_ranked(uint64_t *count, const rf_adj *pairs, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    ranked g = {.n = pairs->n_u + pairs->n_v, .count = count, .n_reach = rf_pool_threads(pool)};

    for (int64_t p = 0; p < pairs->n_e; p++)
        count[p] = 0;
    RF_TRY(new_reach(&g.reach, g.n_reach, g.n, err));
    RF_TRY(rank_graph(&g, pairs, err));
    rf_pool_run(pool, (g.n + NODES_A_TASK - 1) / NODES_A_TASK, count_task, &g);
done:
    free_reach(g.reach, g.n_reach);
    rf_mem_free(g.start);
    rf_mem_free(g.list);
    return st;
}

/* ---- from the entities ---- */

#define ENTITIES_A_TASK 16
#define PAIRS_AHEAD 8
#define MOST_WALKED 2 /* times the bound of the ranked way */

typedef struct thin {
    const rf_adj *pairs;
    uint64_t *count;
    uint32_t **reach; /* [threads] of [n_v], zero between uses */
} thin;

/* Do users meet so few entities that what they meet may be walked through from each of these? */
static bool users_are_thin(const rf_adj *pairs)
{
    int64_t walked = 0, least = 0;
    for (int64_t p = 0; p < pairs->n_e; p++) {
        const int64_t u = pairs->e_u[p], v = pairs->e_v[p];
        const int64_t of_u = pairs->u_ptr[u + 1] - pairs->u_ptr[u],
                      of_v = pairs->v_ptr[v + 1] - pairs->v_ptr[v];
        walked += of_u;
        least += of_u < of_v ? of_u : of_v;
    }
    return walked <= MOST_WALKED * least;
}

/* Users lie anywhere: which one a later pair's is, then where its pairs begin. */
static void prefetch_users(const rf_adj *pairs, int64_t i, int64_t end)
{
    if (i + 2 * PAIRS_AHEAD < end) {
        const uint32_t later = pairs->v_edge[i + 2 * PAIRS_AHEAD];
        __builtin_prefetch(&pairs->e_u[later]);
        __builtin_prefetch(&pairs->e_v[later]); /* somewhere among its user's */
    }
    if (i + PAIRS_AHEAD < end)
        __builtin_prefetch(&pairs->u_ptr[pairs->e_u[pairs->v_edge[i + PAIRS_AHEAD]]]);
}

/* A user of this entity shares with it what others of its entities share: of_v users meet the entity itself,
 * and each far entity is once met by the user alone. */
static void count_entity(const thin *t, uint32_t *reach, int64_t v)
{
    const rf_adj *pairs = t->pairs;
    const uint32_t *pair = pairs->v_edge, *far = pairs->e_v;
    const int64_t from = pairs->v_ptr[v], end = pairs->v_ptr[v + 1];

    for (int64_t i = from; i < end; i++) {
        const int64_t u = pairs->e_u[pair[i]];
        prefetch_users(pairs, i, end);
        for (int64_t k = pairs->u_ptr[u]; k < pairs->u_ptr[u + 1]; k++)
            reach[far[k]]++;
    }
    for (int64_t i = from; i < end; i++) {
        const int64_t u = pairs->e_u[pair[i]], of_u = pairs->u_ptr[u + 1] - pairs->u_ptr[u];
        uint64_t sum = 0;
        for (int64_t k = pairs->u_ptr[u]; k < pairs->u_ptr[u + 1]; k++)
            sum += reach[far[k]];
        t->count[pair[i]] = sum - (uint64_t)(of_u + (end - from) - 1);
    }
    for (int64_t i = from; i < end; i++) {
        const int64_t u = pairs->e_u[pair[i]];
        for (int64_t k = pairs->u_ptr[u]; k < pairs->u_ptr[u + 1]; k++)
            reach[far[k]] = 0;
    }
}

static void count_entities(void *context, int64_t index, int worker)
{
    const thin *t = context;
    const int64_t from = index * ENTITIES_A_TASK, left = t->pairs->n_v - from;
    for (int64_t v = from; v < from + (left < ENTITIES_A_TASK ? left : ENTITIES_A_TASK); v++)
        count_entity(t, t->reach[worker], v);
}

static rf_status count_thin(uint64_t *count, const rf_adj *pairs, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    thin t = {.pairs = pairs, .count = count};
    RF_TRY(new_reach(&t.reach, rf_pool_threads(pool), pairs->n_v, err));
    rf_pool_run(pool, (pairs->n_v + ENTITIES_A_TASK - 1) / ENTITIES_A_TASK, count_entities, &t);
done:
    free_reach(t.reach, rf_pool_threads(pool));
    return st;
}

rf_status rf_butterflies(uint64_t *count, const rf_adj *pairs, rf_pool *pool, rf_err *err)
{
    return users_are_thin(pairs) ? count_thin(count, pairs, pool, err)
                                 : count_ranked(count, pairs, pool, err);
}
