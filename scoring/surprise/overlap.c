/* overlap.c - counts what the anchors share, an anchor at a time: first each anchor's excess, then the nats.
 */
#include "overlap_int.h"

#include <math.h>
#include <stdlib.h>

#include "rf_mem.h"

#define ANCHORS_A_TASK 16
#define SIZE 2.0        /* of the negative binomial */
#define OWN_CHANCE 10.0 /* nats of a member's own chance from which on its sharing counts in full */
#define LEAST_EXPECTED 1e-3
#define NOT_COUNTED 3 /* anchors that share most, when an anchor's excess is measured */

typedef struct scratch {
    uint32_t *shared;  /* [anchors] members shared with the anchor at hand; zero between uses */
    uint32_t *touched; /* [anchors] those that share any */
    int64_t n_touched;
} scratch;

struct rf_overlap {
    const rf_adj *pairs;
    bool with_excess;
    uint32_t *size;   /* [anchors] d: members that are no hubs */
    int64_t *through; /* [anchors] sum over them of their other anchors */
    double *excess;   /* [anchors]; 0 not yet known */
    double n_pairs;   /* of members that are no hubs */
    double mean;      /* sum of through * size / n_pairs over the anchors */
    scratch *of;      /* [n_scratch], one a thread */
    int n_scratch;
};

static int64_t partners(const rf_adj *pairs, uint32_t member)
{
    return pairs->u_ptr[member + 1] - pairs->u_ptr[member];
}

static rf_status add_scratch(rf_overlap *o, int n, rf_err *err)
{
    rf_status st = RF_OK;
    scratch *of = NULL;
    if (n <= o->n_scratch)
        return RF_OK;
    RF_ZERO(of, n, err);
    for (int i = 0; i < o->n_scratch; i++)
        of[i] = o->of[i];
    rf_mem_free(o->of);
    o->of = of;
    while (o->n_scratch < n) {
        scratch *s = &o->of[o->n_scratch++];
        RF_ZERO(s->shared, o->pairs->n_v, err);
        RF_NEW(s->touched, o->pairs->n_v, err);
    }
done:
    return st;
}

rf_status rf_overlap_new(rf_overlap **out, const rf_adj *pairs, bool with_excess, rf_err *err)
{
    rf_status st = RF_OK;
    rf_overlap *o = NULL;
    RF_ZERO(o, 1, err);
    o->pairs = pairs;
    o->with_excess = with_excess;
    RF_ZERO(o->size, pairs->n_v, err);
    RF_ZERO(o->through, pairs->n_v, err);
    RF_ZERO(o->excess, pairs->n_v, err);
    for (uint32_t u = 0; u < pairs->n_u; u++) {
        int64_t d = partners(pairs, u);
        for (int64_t i = pairs->u_ptr[u]; d <= RF_OVERLAP_MOST && i < pairs->u_ptr[u + 1]; i++) {
            o->size[pairs->e_v[i]]++;
            o->through[pairs->e_v[i]] += d - 1;
            o->n_pairs++;
        }
    }
    for (int64_t v = 0; v < pairs->n_v && o->n_pairs > 0; v++)
        o->mean += (double)o->through[v] * o->size[v] / o->n_pairs;
    for (int64_t v = 0; v < pairs->n_v && !with_excess; v++)
        o->excess[v] = 1;
    *out = o;
    o = NULL;
done:
    rf_overlap_free(o);
    return st;
}

void rf_overlap_free(rf_overlap *o)
{
    if (o == NULL)
        return;
    for (int i = 0; i < o->n_scratch; i++) {
        rf_mem_free(o->of[i].shared);
        rf_mem_free(o->of[i].touched);
    }
    rf_mem_free(o->of);
    rf_mem_free(o->size);
    rf_mem_free(o->through);
    rf_mem_free(o->excess);
    rf_mem_free(o);
}

/* ---- counting ---- */

/* s->shared[w] = members of v that met w, v itself included. */
static void count_shared(scratch *s, const rf_overlap *o, uint32_t v)
{
    const rf_adj *pairs = o->pairs;
    s->n_touched = 0;
    for (int64_t i = pairs->v_ptr[v]; i < pairs->v_ptr[v + 1]; i++) {
        uint32_t u = pairs->e_u[pairs->v_edge[i]];
        for (int64_t p = pairs->u_ptr[u]; partners(pairs, u) <= RF_OVERLAP_MOST && p < pairs->u_ptr[u + 1];
             p++) {
            uint32_t w = pairs->e_v[p];
            if (s->shared[w]++ == 0)
                s->touched[s->n_touched++] = w;
        }
    }
}

static void forget(scratch *s)
{
    for (int64_t i = 0; i < s->n_touched; i++)
        s->shared[s->touched[i]] = 0;
}

/* Keeps the largest values, descending, beside what they belong to; returns where x went, or n when it is too
 * small. */
static int keep_largest(double *best, uint32_t *of, int n, double x, uint32_t w)
{
    int at = n;
    if (x <= best[n - 1])
        return n;
    for (at = n - 1; at > 0 && best[at - 1] < x; at--) {
        best[at] = best[at - 1];
        of[at] = of[at - 1];
    }
    best[at] = x;
    of[at] = w;
    return at;
}

/* x_v, from the counts of v. */
static double excess_of(const rf_overlap *o, const scratch *s, uint32_t v)
{
    double most[NOT_COUNTED] = {0}, by_chance = (double)o->through[v] * o->size[v] / o->n_pairs * o->mean;
    uint32_t of[NOT_COUNTED];
    uint64_t sum = 0;
    for (int64_t i = 0; i < s->n_touched; i++) {
        uint64_t c = s->touched[i] == v ? 0 : s->shared[s->touched[i]];
        sum += c < 2 ? 0 : c * (c - 1);
        keep_largest(most, of, NOT_COUNTED, (double)c, s->touched[i]);
    }
    for (int k = 0; k < NOT_COUNTED && most[k] >= 2; k++)
        sum -= (uint64_t)most[k] * ((uint64_t)most[k] - 1);
    return fmax(1, sqrt(((double)sum + 1) / (by_chance + 1)));
}

/* ---- nats ---- */

/* What a member of d anchors expects the others of v and w to share. */
static double expected(const rf_overlap *o, double d, uint32_t v, uint32_t w)
{
    double of_v = ((double)o->through[v] - (d - 1)) * o->size[w],
           of_w = ((double)o->through[w] - (d - 1)) * o->size[v];
    double m = sqrt(of_v * of_w) / o->n_pairs * (o->excess[v] * o->excess[w]);
    return m > LEAST_EXPECTED ? m : LEAST_EXPECTED;
}

static double nats_of(const rf_overlap *o, double d, double c, uint32_t v, uint32_t w)
{
    if (c < 2)
        return 0;
    double m = expected(o, d, v, w);
    if (c <= m)
        return 0;
    double both = d / o->n_pairs * o->size[v] * (d / o->n_pairs) * o->size[w];
    double own = -log(-expm1(-both)); /* both > 0: u met v and w */
    double nats = c * log(c / m) - (c + SIZE) * log((c + SIZE) / (m + SIZE));
    return nats * (own > OWN_CHANCE ? 1 : own / OWN_CHANCE);
}

/* The nats of member u at v and their anchors, largest first; 0 where there are fewer. */
static void best_of(double best[RF_OVERLAP_BEST], uint32_t of[RF_OVERLAP_BEST], const rf_overlap *o,
                    const scratch *s, uint32_t u, uint32_t v)
{
    const rf_adj *pairs = o->pairs;
    double d = (double)partners(pairs, u);
    for (int k = 0; k < RF_OVERLAP_BEST; k++)
        best[k] = 0;
    for (int64_t p = pairs->u_ptr[u]; p < pairs->u_ptr[u + 1]; p++) {
        uint32_t w = pairs->e_v[p];
        if (w != v)
            keep_largest(best, of, RF_OVERLAP_BEST, nats_of(o, d, s->shared[w] - 1.0, v, w), w);
    }
}

typedef struct nats_task {
    rf_overlap *o;
    float *nats;
} nats_task;

static void find_excess(void *context, int64_t index, int worker)
{
    rf_overlap *o = ((const nats_task *)context)->o;
    scratch *s = &o->of[worker];
    for (int64_t v = index * ANCHORS_A_TASK; v < (index + 1) * ANCHORS_A_TASK && v < o->pairs->n_v; v++) {
        count_shared(s, o, (uint32_t)v);
        o->excess[v] = excess_of(o, s, (uint32_t)v);
        forget(s);
    }
}

static void find_nats(void *context, int64_t index, int worker)
{
    const nats_task *task = context;
    const rf_overlap *o = task->o;
    const rf_adj *pairs = o->pairs;
    scratch *s = &o->of[worker];
    for (int64_t v = index * ANCHORS_A_TASK; v < (index + 1) * ANCHORS_A_TASK && v < pairs->n_v; v++) {
        count_shared(s, o, (uint32_t)v);
        for (int64_t i = pairs->v_ptr[v]; i < pairs->v_ptr[v + 1]; i++) {
            uint32_t p = pairs->v_edge[i], u = pairs->e_u[p], of[RF_OVERLAP_BEST];
            double best[RF_OVERLAP_BEST] = {0}, sum = 0;
            if (partners(pairs, u) <= RF_OVERLAP_MOST)
                best_of(best, of, o, s, u, (uint32_t)v);
            for (int k = 0; k < RF_OVERLAP_BEST; k++)
                sum += best[k];
            task->nats[p] = (float)sum;
        }
        forget(s);
    }
}

rf_status rf_overlap_nats(float *nats, rf_overlap *o, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    nats_task task = {.o = o, .nats = nats};
    int64_t n_tasks = (o->pairs->n_v + ANCHORS_A_TASK - 1) / ANCHORS_A_TASK;
    RF_TRY(add_scratch(o, rf_pool_threads(pool), err));
    if (o->with_excess)
        rf_pool_run(pool, n_tasks, find_excess, &task);
    rf_pool_run(pool, n_tasks, find_nats, &task);
done:
    return st;
}

/* ---- evidence ---- */

typedef struct sharer {
    uint32_t member;
    int anchors; /* of the evidence */
} sharer;

static int most_anchors_first(const void *left, const void *right)
{
    const sharer *a = left, *b = right;
    if (a->anchors != b->anchors)
        return a->anchors > b->anchors ? -1 : 1;
    return (a->member > b->member) - (a->member < b->member);
}

static int anchors_met(const rf_adj *pairs, uint32_t member, const rf_overlap_evidence *e, int n)
{
    int met = 0;
    for (int64_t p = pairs->u_ptr[member]; p < pairs->u_ptr[member + 1]; p++)
        for (int k = 0; k < n; k++)
            met += pairs->e_v[p] == e->anchor[k];
    return met;
}

/* The members of the first two anchors but u. */
static rf_status find_members(rf_overlap_evidence *e, const rf_adj *pairs, uint32_t u, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t v = e->anchor[0];
    sharer *found = NULL;
    RF_NEW(found, pairs->v_ptr[v + 1] - pairs->v_ptr[v], err);
    for (int64_t i = pairs->v_ptr[v]; i < pairs->v_ptr[v + 1]; i++) {
        uint32_t other = pairs->e_u[pairs->v_edge[i]];
        if (other != u && partners(pairs, other) <= RF_OVERLAP_MOST && anchors_met(pairs, other, e, 2) == 2)
            found[e->n_members++] =
                (sharer){.member = other, .anchors = anchors_met(pairs, other, e, e->n_anchors)};
    }
    qsort(found, (size_t)e->n_members, sizeof *found, most_anchors_first);
    RF_NEW(e->member, e->n_members, err);
    for (int64_t i = 0; i < e->n_members; i++)
        e->member[i] = found[i].member;
    e->found = e->n_members + 1;
done:
    rf_mem_free(found);
    return st;
}

rf_status rf_overlap_explain(rf_overlap_evidence *out, rf_overlap *o, int64_t pair, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *pairs = o->pairs;
    uint32_t u = pairs->e_u[pair], v = pairs->e_v[pair];
    rf_overlap_evidence e = {.anchor = {v}};
    double best[RF_OVERLAP_BEST] = {0};
    RF_TRY(add_scratch(o, 1, err));
    if (partners(pairs, u) <= RF_OVERLAP_MOST) {
        for (int64_t p = pairs->u_ptr[u]; p < pairs->u_ptr[u + 1]; p++) {
            if (o->excess[pairs->e_v[p]] > 0)
                continue;
            count_shared(o->of, o, pairs->e_v[p]);
            o->excess[pairs->e_v[p]] = excess_of(o, o->of, pairs->e_v[p]);
            forget(o->of);
        }
        count_shared(o->of, o, v);
        best_of(best, e.anchor + 1, o, o->of, u, v);
        forget(o->of);
    }
    for (int k = 0; k < RF_OVERLAP_BEST && best[k] > 0; k++)
        e.n_anchors = k + 2;
    if (e.n_anchors > 0) {
        e.expected = expected(o, (double)partners(pairs, u), v, e.anchor[1]);
        RF_TRY(find_members(&e, pairs, u, err));
    }
    *out = e;
    e.member = NULL;
done:
    rf_mem_free(e.member);
    return st;
}

void rf_overlap_evidence_clear(rf_overlap_evidence *evidence)
{
    rf_mem_free(evidence->member);
    *evidence = (rf_overlap_evidence){0};
}
