/* fraudar.c - dense blocks of a bipartite graph by greedy peeling: FRAUDAR (Hooi, Song, Beutel, Shah, Shin,
 * Faloutsos: FRAUDAR: Bounding Graph Fraud in the Face of Camouflage, KDD 2016).
 *
 *   g(S) = (sum over the pairs inside S of 1 / log(d_v + 5)) / |S|,    d_v the distinct users of entity v
 *
 * The search repeatedly removes the node whose pairs weigh least; of the sets on the way the one with the
 * highest g is the block. Entities that everybody meets weigh little, so that meeting them hides nobody. Then
 * the pairs of the block are removed and the rest is searched again, until g has fallen to half of its first
 * value.
 *
 * A set may be several unconnected blocks of equal density, so it is split into its components. The highest g
 * of a market belongs to its busy customers and its popular shops, which is not a finding: there g only falls
 * as the set shrinks. So a set is used only if it stands out, that is, if no set on the way that is up to
 * twice as large has a higher g. A part of it is a block if a third of its possible pairs are there and it is
 * small enough for a person to read (max_members). The densest set without a block is removed too, but not
 * reported. High degrees of a block's members do not excuse its density, because camouflage buys degrees.
 */
#include <stdlib.h>
#include <string.h>

#include "cluster_int.h"
#include "peel_int.h"
#include "rf_mem.h"
#include "rf_sets.h"

#define LEAST_DENSITY (1.0 / 3)
#define FALL_OFF 0.5 /* of the first g */
#define MOST_SETS 16 /* that stand out are examined in one search */
#define OUTSIDE UINT32_MAX
#define SORTED_SHARE 16 /* a set of fewer nodes than this part of all is sorted */

typedef struct part { /* of a set: what its pairs join */
    int64_t from, to; /* places of its nodes */
    int64_t n_users, pairs, weight;
    double g;
} part;

typedef struct taking_apart {
    rf_peeling *p;
    uint32_t *parent; /* [n_u + n_v] of nodes of the set; OUTSIDE: not in it */
    uint32_t *node;   /* [n_u + n_v] nodes of the set, part by part */
    part *parts;      /* [n_u + n_v] */
    int64_t n_parts;
} taking_apart;

/* ---- one set, taken apart ---- */

static bool is_inside(const taking_apart *t, uint32_t u, int64_t e)
{
    return !t->p->gone[e] && t->parent[u] != OUTSIDE && t->parent[t->p->n_u + t->p->adj->e_v[e]] != OUTSIDE;
}

/* The nodes of the set, ascending. A large set is read off the nodes that are marked as inside: sorting it
 * would take most of the search where many large sets stand out. */
static void sort_set(taking_apart *t, const uint32_t *set, int64_t n)
{
    int64_t n_nodes = t->p->n_u + t->p->n_v, at = 0;
    if (n < n_nodes / SORTED_SHARE) {
        memcpy(t->node, set, (size_t)n * sizeof *set);
        qsort(t->node, (size_t)n, sizeof *t->node, rf_by_u32);
        return;
    }
    for (int64_t i = 0; i < n_nodes; i++) {
        if (t->parent[i] != OUTSIDE)
            t->node[at++] = (uint32_t)i;
    }
}

/* Nodes by part, ascending within each; a part begins with its root, the lowest. count is scratch. */
static void line_up(taking_apart *t, const uint32_t *set, int64_t n)
{
    uint32_t *number = t->p->count;
    sort_set(t, set, n);
    t->n_parts = 0;
    for (int64_t i = 0; i < n; i++) { /* roots come before their nodes */
        uint32_t top = rf_sets_root(t->parent, t->node[i]);
        if (top == t->node[i]) {
            number[top] = (uint32_t)t->n_parts;
            t->parts[t->n_parts++] = (part){0};
        }
        t->parts[number[top]].to++;
    }
    for (int64_t k = 0, at = 0; k < t->n_parts; k++) {
        t->parts[k].from = at;
        at += t->parts[k].to;
        t->parts[k].to = t->parts[k].from;
    }
    uint32_t *sorted = t->p->place; /* scratch, too */
    for (int64_t i = 0; i < n; i++)
        sorted[t->parts[number[rf_sets_root(t->parent, t->node[i])]].to++] = t->node[i];
    memcpy(t->node, sorted, (size_t)n * sizeof *sorted);
}

static int densest_first(const void *a, const void *b)
{
    const part *x = a, *y = b;
    if (x->g != y->g)
        return x->g > y->g ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

/* What pairs join becomes a part. */
static void take_apart(taking_apart *t, const uint32_t *set, int64_t n)
{
    const rf_peeling *p = t->p;
    for (int64_t i = 0; i < n; i++)
        t->parent[set[i]] = set[i];
    for (int64_t i = 0; i < n; i++) {
        uint32_t u = set[i];
        for (int64_t e = u < p->n_u ? p->adj->u_ptr[u] : 0; u < p->n_u && e < p->adj->u_ptr[u + 1]; e++) {
            if (!is_inside(t, u, e))
                continue;
            rf_sets_join(t->parent, u, (uint32_t)p->n_u + p->adj->e_v[e]);
        }
    }
    line_up(t, set, n);
    for (int64_t k = 0; k < t->n_parts; k++) {
        part *q = &t->parts[k];
        for (int64_t i = q->from; i < q->to && t->node[i] < p->n_u; i++) {
            uint32_t u = t->node[i];
            q->n_users++;
            for (int64_t e = p->adj->u_ptr[u]; e < p->adj->u_ptr[u + 1]; e++) {
                if (!is_inside(t, u, e))
                    continue;
                q->pairs++;
                q->weight += p->weight[p->adj->e_v[e]];
            }
        }
        q->g = (double)q->weight / RF_PEEL_ONE / (double)(q->to - q->from);
    }
    for (int64_t i = 0; i < n; i++)
        t->parent[set[i]] = OUTSIDE;
}

/* ---- blocks ---- */

static bool is_block(const part *q, int64_t max_members, double least_g)
{
    int64_t n = q->to - q->from, n_entities = n - q->n_users;
    return n <= max_members && q->n_users > 1 && n_entities > 1 && q->g >= least_g &&
           (double)q->pairs >= LEAST_DENSITY * (double)q->n_users * (double)n_entities;
}

/* Keeps the parts that are blocks; the densest comes first. */
static void keep_blocks(taking_apart *t, int64_t max_members, double least_g)
{
    int64_t kept = 0;
    for (int64_t k = 0; k < t->n_parts; k++) {
        if (is_block(&t->parts[k], max_members, least_g))
            t->parts[kept++] = t->parts[k];
    }
    t->n_parts = kept;
    qsort(t->parts, (size_t)kept, sizeof *t->parts, densest_first);
}

/* The pairs among these nodes are done with. */
static void take_pairs(taking_apart *t, const uint32_t *node, int64_t n)
{
    rf_peeling *p = t->p;
    for (int64_t i = 0; i < n; i++)
        t->parent[node[i]] = node[i];
    for (int64_t i = 0; i < n; i++) {
        if (node[i] >= p->n_u)
            continue;
        for (int64_t e = p->adj->u_ptr[node[i]]; e < p->adj->u_ptr[node[i] + 1]; e++)
            p->gone[e] |= (uint8_t)is_inside(t, node[i], e);
    }
    for (int64_t i = 0; i < n; i++)
        t->parent[node[i]] = OUTSIDE;
}

typedef struct search {
    taking_apart t;
    int64_t n_blocks, max_members;
    double first_g; /* of the densest set of all */
} search;

/* The densest set of at most max_members, or with stands_out of those that stand out, that follows `last` in
 * order of density; 0: none. */
static int64_t next_set(const search *s, int64_t n, int64_t last, bool stands_out)
{
    const rf_peeling *p = s->t.p;
    int64_t best = 0, most = !stands_out && n > s->max_members ? s->max_members : n;
    for (int64_t size = most; size > 0; size--) {
        if (stands_out && !p->stands_out[size])
            continue;
        if (last > 0 && (p->g[size] > p->g[last] || (p->g[size] == p->g[last] && size >= last)))
            continue;
        if (best == 0 || p->g[size] > p->g[best])
            best = size;
    }
    return best;
}

/* Blocks of one set; their pairs are taken away. */
static rf_status take_blocks(search *s, rf_dense_block *blocks, int64_t *n_found, const uint32_t *set,
                             int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    taking_apart *t = &s->t;
    take_apart(t, set, n);
    keep_blocks(t, s->max_members, FALL_OFF * s->first_g);
    for (int64_t k = 0; k < t->n_parts && *n_found < s->n_blocks; k++) {
        const part *q = &t->parts[k];
        int64_t n_nodes = q->to - q->from;
        uint32_t *nodes = NULL;
        RF_NEW(nodes, n_nodes, err);
        memcpy(nodes, t->node + q->from, (size_t)n_nodes * sizeof *nodes);
        for (int64_t i = q->n_users; i < n_nodes; i++)
            nodes[i] -= (uint32_t)t->p->n_u;
        blocks[(*n_found)++] = (rf_dense_block){.rows[RF_USER] = nodes,
                                                .n[RF_USER] = q->n_users,
                                                .rows[RF_ENTITY] = nodes + q->n_users,
                                                .n[RF_ENTITY] = n_nodes - q->n_users,
                                                .suspiciousness = q->g};
    }
    for (int64_t k = 0; k < t->n_parts; k++)
        take_pairs(t, t->node + t->parts[k].from, t->parts[k].to - t->parts[k].from);
done:
    return st;
}

rf_status rf_fraudar(rf_dense_block *blocks, int64_t *n_found, const rf_adj *adj, int64_t n_blocks,
                     int64_t max_members, rf_err *err)
{
    rf_status st = RF_OK;
    rf_peeling p;
    search s = {.t.p = &p, .n_blocks = n_blocks, .max_members = max_members};
    int64_t found = 0, n_nodes = adj->n_u + adj->n_v;
    RF_TRY(rf_peeling_begin(&p, adj, err));
    RF_NEW(s.t.parent, n_nodes, err);
    RF_NEW(s.t.node, n_nodes, err);
    RF_NEW(s.t.parts, n_nodes, err);
    for (int64_t i = 0; i < n_nodes; i++)
        s.t.parent[i] = OUTSIDE;
    for (int64_t round = 0; found < n_blocks && round < 2 * n_blocks; round++) {
        int64_t before = found, n = rf_peel(&p), bulk, set = 0;
        if (!p.meshed) /* only stars are left, and a block joins two users to two entities at least */
            break;
        bulk = next_set(&s, n, 0, false);
        if (s.first_g == 0 && n > 0)
            s.first_g = p.g[next_set(&s, n, 0, true)];
        /* the blocks of the first set that has some */
        for (int k = 0; k < MOST_SETS && found == before; k++) {
            set = next_set(&s, n, set, true);
            if (set == 0 || p.g[set] < FALL_OFF * s.first_g)
                break;
            RF_TRY(take_blocks(&s, blocks, &found, p.order + n - set, set, err));
        }
        if (found > before)
            continue;
        /* or else the bulk is taken away, until what is left is not dense */
        if (bulk == 0 || p.g[bulk] < FALL_OFF * s.first_g)
            break;
        take_pairs(&s.t, p.order + n - bulk, bulk);
    }
    *n_found = found;
done:
    rf_mem_free(s.t.parent);
    rf_mem_free(s.t.node);
    rf_mem_free(s.t.parts);
    rf_peeling_end(&p);
    if (st < 0)
        rf_dense_blocks_clear(blocks, found);
    return st;
}

void rf_dense_blocks_clear(rf_dense_block *blocks, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        rf_mem_free(blocks[i].rows[RF_USER]);
        blocks[i] = (rf_dense_block){0};
    }
}
