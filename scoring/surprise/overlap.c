/* overlap.c - counts what the anchors share, an anchor at a time: first each anchor's excess, then the nats.
 */
#include "overlap_int.h"

#include <math.h>

#include "rf_mem.h"

#define ANCHORS_A_TASK 16
#define SIZE 2.0        /* of the negative binomial */
#define OWN_CHANCE 10.0 /* nats of a member's own chance from which on its sharing counts in full */
#define RARE 4.5e-5     /* below exp(-OWN_CHANCE) */
#define ROUNDING 1e-9
#define LEAST_EXPECTED 1e-3
#define AHEAD 8       /* members */
#define NOT_COUNTED 3 /* anchors that share most, when an anchor's excess is measured */

typedef struct scratch {
    uint32_t *shared;  /* [anchors] members shared with the anchor at hand; zero between uses */
    float *most;       /* [anchors] the most nats that a member has of the anchor at hand and this one */
    uint32_t *touched; /* [anchors] those that share any */
    int64_t n_touched;
} scratch;

typedef struct overlap {
    const rf_adj *pairs;
    float *nats;
    uint32_t *member; /* [pairs] by anchor */
    uint32_t *size;   /* [anchors] d: members that are no hubs */
    int64_t *through; /* [anchors] sum over them of their other anchors */
    int64_t *largest; /* [anchors] d of the member with most anchors */
    double *root;     /* [anchors] what its side of m is at least */
    double *excess;   /* [anchors] */
    double n_pairs;   /* of members that are no hubs */
    double mean;      /* sum of through * size / n_pairs over the anchors */
    scratch *of;      /* [threads] */
} overlap;

static int64_t partners(const rf_adj *pairs, uint32_t member)
{
    return pairs->u_ptr[member + 1] - pairs->u_ptr[member];
}

static bool is_hub(const rf_adj *pairs, uint32_t member)
{
    return partners(pairs, member) > RF_OVERLAP_MOST;
}

/* ---- counting ---- */

/* Asks for the anchors of the members that come soon: they lie anywhere, and one waits longer for them than
 * one counts them. */
static void fetch_ahead(const overlap *o, int64_t i, int64_t end)
{
    if (i + 2 * AHEAD < end)
        __builtin_prefetch(&o->pairs->u_ptr[o->member[i + 2 * AHEAD]]);
    if (i + AHEAD < end)
        __builtin_prefetch(&o->pairs->e_v[o->pairs->u_ptr[o->member[i + AHEAD]]]);
}

/* s->shared[w] = members of v that met w, v itself included. */
static void count_shared(scratch *s, const overlap *o, uint32_t v)
{
    const rf_adj *pairs = o->pairs;
    s->n_touched = 0;
    for (int64_t i = pairs->v_ptr[v]; i < pairs->v_ptr[v + 1]; i++) {
        const uint32_t u = o->member[i];
        fetch_ahead(o, i, pairs->v_ptr[v + 1]);
        if (is_hub(pairs, u))
            continue;
        for (int64_t p = pairs->u_ptr[u]; p < pairs->u_ptr[u + 1]; p++) {
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

/* Keeps the n largest values, descending. */
static void keep_largest(double *best, int n, double x)
{
    if (x <= best[n - 1])
        return;
    int at = n - 1;
    for (; at > 0 && best[at - 1] < x; at--)
        best[at] = best[at - 1];
    best[at] = x;
}

/* x_v, from the counts of v. */
static double excess_of(const overlap *o, const scratch *s, uint32_t v)
{
    double most[NOT_COUNTED] = {0}, by_chance = (double)o->through[v] * o->size[v] / o->n_pairs * o->mean;
    uint64_t sum = 0;
    for (int64_t i = 0; i < s->n_touched; i++) {
        uint64_t c = s->touched[i] == v ? 0 : s->shared[s->touched[i]];
        sum += c < 2 ? 0 : c * (c - 1);
        keep_largest(most, NOT_COUNTED, (double)c);
    }
    for (int k = 0; k < NOT_COUNTED && most[k] >= 2; k++)
        sum -= (uint64_t)most[k] * ((uint64_t)most[k] - 1);
    return fmax(1, sqrt(((double)sum + 1) / (by_chance + 1)));
}

/* ---- nats ---- */

/* What a member of d anchors expects the others of v and w to share; any number above c where it is larger:
 * that needs no root. */
static double expected(const overlap *o, double d, double c, uint32_t v, uint32_t w)
{
    double of_v = ((double)o->through[v] - (d - 1)) * o->size[w],
           of_w = ((double)o->through[w] - (d - 1)) * o->size[v];
    double excess = o->excess[v] * o->excess[w], limit = c * o->n_pairs * (1 + ROUNDING);
    if (of_v * of_w * (excess * excess) > limit * limit)
        return INFINITY;
    double m = sqrt(of_v * of_w) / o->n_pairs * excess;
    return m > LEAST_EXPECTED ? m : LEAST_EXPECTED;
}

/* The share of its nats that a member of d anchors tells of v and w: it may have met both by chance. */
static double share_told(const overlap *o, double d, uint32_t v, uint32_t w)
{
    double both = d / o->n_pairs * o->size[v] * (d / o->n_pairs) * o->size[w]; /* > 0: it met v and w */
    if (both < RARE)
        return 1;
    double own = -log(-expm1(-both));
    return own > OWN_CHANCE ? 1 : own / OWN_CHANCE;
}

/* The nats of v and w, whichever member tells of them: d is that of the member. */
static double nats_at_expected(const overlap *o, double d, double c, uint32_t v, uint32_t w)
{
    if (c < 2)
        return 0;
    double m = expected(o, d, c, v, w);
    return c <= m ? 0 : c * log(c / m) - (c + SIZE) * log((c + SIZE) / (m + SIZE));
}

/* s->most of each that shares any with v, without a root or a logarithm: the nats have no value and no slope
 * at c = m, and their second derivative SIZE / (c (c + SIZE)) falls, so that they are at most (c - m)^2 SIZE
 * / (2 m (m + SIZE)). No member expects less than root[v] root[w]. */
static void find_most(scratch *s, const overlap *o, uint32_t v)
{
    for (int64_t i = 0; i < s->n_touched; i++) {
        const uint32_t w = s->touched[i];
        const double least = o->root[v] * o->root[w], m = least > LEAST_EXPECTED ? least : LEAST_EXPECTED;
        const double c = s->shared[w] - 1.0, above = c > m && c >= 2 ? c - m : 0;
        s->most[w] = (float)(above * above * SIZE / (2 * m * (m + SIZE)) * (1 + 1e-6));
    }
    s->most[v] = 0;
}

static double nats_of_pair(const overlap *o, const scratch *s, uint32_t u, uint32_t v)
{
    const rf_adj *pairs = o->pairs;
    double best[RF_OVERLAP_BEST] = {0}, sum = 0, d = (double)partners(pairs, u);
    for (int64_t p = pairs->u_ptr[u]; p < pairs->u_ptr[u + 1]; p++) {
        const uint32_t w = pairs->e_v[p];
        if ((double)s->most[w] <= best[RF_OVERLAP_BEST - 1])
            continue;
        double nats = nats_at_expected(o, d, s->shared[w] - 1.0, v, w);
        if (nats > best[RF_OVERLAP_BEST - 1])
            keep_largest(best, RF_OVERLAP_BEST, nats * share_told(o, d, v, w));
    }
    for (int k = 0; k < RF_OVERLAP_BEST; k++)
        sum += best[k];
    return sum;
}

/* ---- all of it ---- */

static void find_excess(void *context, int64_t index, int worker)
{
    overlap *o = context;
    scratch *s = &o->of[worker];
    for (int64_t v = index * ANCHORS_A_TASK; v < (index + 1) * ANCHORS_A_TASK && v < o->pairs->n_v; v++) {
        count_shared(s, o, (uint32_t)v);
        o->excess[v] = excess_of(o, s, (uint32_t)v);
        forget(s);
    }
}

static void find_nats(void *context, int64_t index, int worker)
{
    const overlap *o = context;
    const rf_adj *pairs = o->pairs;
    scratch *s = &o->of[worker];
    for (int64_t v = index * ANCHORS_A_TASK; v < (index + 1) * ANCHORS_A_TASK && v < pairs->n_v; v++) {
        count_shared(s, o, (uint32_t)v);
        find_most(s, o, (uint32_t)v);
        for (int64_t i = pairs->v_ptr[v]; i < pairs->v_ptr[v + 1]; i++) {
            const uint32_t pair = pairs->v_edge[i], u = o->member[i];
            fetch_ahead(o, i, pairs->v_ptr[v + 1]);
            o->nats[pair] = is_hub(pairs, u) ? 0 : (float)nats_of_pair(o, s, u, (uint32_t)v);
        }
        forget(s);
    }
}

static void find_degrees(overlap *o)
{
    const rf_adj *pairs = o->pairs;
    for (int64_t i = 0; i < pairs->n_e; i++)
        o->member[i] = pairs->e_u[pairs->v_edge[i]];
    for (int64_t p = 0; p < pairs->n_e; p++) {
        const uint32_t v = pairs->e_v[p];
        const int64_t d = partners(pairs, pairs->e_u[p]);
        if (is_hub(pairs, pairs->e_u[p]))
            continue;
        o->size[v]++;
        o->through[v] += d - 1;
        o->largest[v] = d > o->largest[v] ? d : o->largest[v];
        o->n_pairs++;
    }
    for (int64_t v = 0; v < pairs->n_v; v++) {
        o->excess[v] = 1;
        o->mean += o->n_pairs > 0 ? (double)o->through[v] * o->size[v] / o->n_pairs : 0;
    }
}

rf_status rf_overlap_nats(float *nats, const rf_adj *pairs, bool with_excess, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    overlap o = {.pairs = pairs, .nats = nats};
    int threads = rf_pool_threads(pool);
    int64_t n_tasks = (pairs->n_v + ANCHORS_A_TASK - 1) / ANCHORS_A_TASK;
    RF_NEW(o.member, pairs->n_e, err);
    RF_ZERO(o.size, pairs->n_v, err);
    RF_ZERO(o.through, pairs->n_v, err);
    RF_ZERO(o.largest, pairs->n_v, err);
    RF_NEW(o.root, pairs->n_v, err);
    RF_ZERO(o.excess, pairs->n_v, err);
    RF_ZERO(o.of, threads, err);
    for (int i = 0; i < threads; i++) {
        RF_ZERO(o.of[i].shared, pairs->n_v, err);
        RF_NEW(o.of[i].most, pairs->n_v, err);
        RF_NEW(o.of[i].touched, pairs->n_v, err);
    }
    find_degrees(&o);
    if (with_excess)
        rf_pool_run(pool, n_tasks, find_excess, &o);
    for (int64_t v = 0; v < pairs->n_v; v++) {
        const double others = (double)(o.through[v] - (o.largest[v] - 1)) * o.size[v];
        o.root[v] = o.excess[v] * sqrt(others / o.n_pairs) * (1 - ROUNDING);
    }
    rf_pool_run(pool, n_tasks, find_nats, &o);
done:
    for (int i = 0; o.of != NULL && i < threads; i++) {
        rf_mem_free(o.of[i].shared);
        rf_mem_free(o.of[i].most);
        rf_mem_free(o.of[i].touched);
    }
    rf_mem_free(o.of);
    rf_mem_free(o.member);
    rf_mem_free(o.size);
    rf_mem_free(o.through);
    rf_mem_free(o.largest);
    rf_mem_free(o.root);
    rf_mem_free(o.excess);
    return st;
}
