/* cores.c - cores by peeling, components by disjoint sets.
 *
 * Peeling (Batagelj and Zaversnik 2003) takes the node of fewest partners away, again and again: how many it
 * has left is its core. Nodes stay in order of what they have left, in one array: a node that loses a partner
 * changes places with the first of its run, which then begins one further on.
 */
#include "cores_int.h"

#include "rf_mem.h"
#include "rf_sets.h"

typedef struct peeling {
    const rf_adj *pairs;
    int64_t n;
    uint32_t *left;  /* [n] partners that were not taken away; in the end, the core */
    uint32_t *order; /* [n] nodes, fewest left first */
    uint32_t *place; /* [n] of a node in order */
    uint32_t *begin; /* [most + 2] where those with so many left begin in order */
} peeling;

static void run_of(int64_t *from, int64_t *to, const rf_adj *pairs, int64_t node)
{
    const int64_t *ptr = node < pairs->n_u ? pairs->u_ptr + node : pairs->v_ptr + (node - pairs->n_u);
    *from = ptr[0];
    *to = ptr[1];
}

/* Counting sort by degree. */
static rf_status put_in_order(peeling *p, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t from, to;
    uint32_t most = 0;
    for (int64_t i = 0; i < p->n; i++) {
        run_of(&from, &to, p->pairs, i);
        p->left[i] = (uint32_t)(to - from);
        most = p->left[i] > most ? p->left[i] : most;
    }
    RF_ZERO(p->begin, (int64_t)most + 2, err);
    for (int64_t i = 0; i < p->n; i++)
        p->begin[p->left[i] + 1]++;
    for (uint32_t d = 0; d <= most; d++)
        p->begin[d + 1] += p->begin[d];
    for (int64_t i = 0; i < p->n; i++) {
        p->place[i] = p->begin[p->left[i]]++;
        p->order[p->place[i]] = (uint32_t)i;
    }
    for (uint32_t d = most; d > 0; d--) /* each has moved to the next one's beginning */
        p->begin[d] = p->begin[d - 1];
    p->begin[0] = 0;
done:
    return st;
}

static void lose_one(peeling *p, uint32_t node)
{
    uint32_t *begin = &p->begin[p->left[node]], first = p->order[*begin], at = p->place[node];
    p->order[at] = first;
    p->place[first] = at;
    p->order[*begin] = node;
    p->place[node] = (*begin)++;
    p->left[node]--;
}

static void peel(peeling *p)
{
    const rf_adj *pairs = p->pairs;
    for (int64_t i = 0; i < p->n; i++) {
        int64_t from, to, node = p->order[i];
        run_of(&from, &to, pairs, node);
        for (int64_t k = from; k < to; k++) {
            uint32_t other =
                node < pairs->n_u ? (uint32_t)pairs->n_u + pairs->e_v[k] : pairs->e_u[pairs->v_edge[k]];
            if (p->left[other] > p->left[node])
                lose_one(p, other);
        }
    }
}

rf_status rf_cores(int32_t *core, const rf_adj *pairs, rf_err *err)
{
    rf_status st = RF_OK;
    peeling p = {.pairs = pairs, .n = pairs->n_u + pairs->n_v};
    RF_NEW(p.left, p.n, err);
    RF_NEW(p.order, p.n, err);
    RF_NEW(p.place, p.n, err);
    RF_TRY(put_in_order(&p, err));
    peel(&p);
    for (int64_t i = 0; i < p.n; i++)
        core[i] = (int32_t)p.left[i];
done:
    rf_mem_free(p.left);
    rf_mem_free(p.order);
    rf_mem_free(p.place);
    rf_mem_free(p.begin);
    return st;
}

rf_status rf_components(int32_t *component, const rf_adj *pairs, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n = pairs->n_u + pairs->n_v;
    uint32_t *into = NULL, *size = NULL;
    RF_NEW(into, n, err);
    RF_ZERO(size, n, err);
    for (int64_t i = 0; i < n; i++)
        into[i] = (uint32_t)i;
    for (int64_t p = 0; p < pairs->n_e; p++)
        rf_sets_join(into, pairs->e_u[p], (uint32_t)pairs->n_u + pairs->e_v[p]);
    for (int64_t i = 0; i < n; i++)
        size[rf_sets_root(into, (uint32_t)i)]++;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t nodes = size[rf_sets_root(into, (uint32_t)i)];
        component[i] = nodes > INT32_MAX ? INT32_MAX : (int32_t)nodes;
    }
done:
    rf_mem_free(into);
    rf_mem_free(size);
    return st;
}
