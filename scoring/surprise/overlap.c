/* overlap.c - counts what the anchors share, an anchor at a time: first each anchor's excess, then the nats.
 *
 * What two anchors tell is the same for all members of both, but for the chance that the member met both. So
 * the nats of the anchor at hand and of each other one are found once and laid into a row, and pairs look
 * them up.
 */
#include "overlap_int.h"

#include <math.h>
#include <string.h>

#include "logs_int.h"
#include "rf_mem.h"

#define ANCHORS_A_TASK 16
#define PAIRS_A_TASK 4096
#define SIZE 2.0        /* of the negative binomial */
#define OWN_CHANCE 10.0 /* nats of a member's own chance from which on its sharing counts in full */
#define LEAST_EXPECTED 1e-3
#define LEAST_SHARED 2 /* members, beside the one that is told of; of two anchors, for an excess */
#define NOT_COUNTED 3  /* anchors that share most, when an anchor's excess is measured */
#define AHEAD 8        /* members */
#define TOLD_AT_ONCE 128

typedef struct partners { /* of the nodes of a side */
    int64_t n;
    const int64_t *ptr; /* those of node i: of[ptr[i]..ptr[i + 1]) */
    const uint32_t *of;
} partners;

typedef struct told { /* by the anchor at hand and another one, of a member of both */
    float nats;
    float common; /* nats times what the other one's size takes from the share that counts */
} told;

typedef struct scratch {
    uint32_t *count; /* [anchors] that many above `none` are shared with the anchor at hand */
    uint32_t none;
    uint32_t *found; /* [anchors + 1] those that share enough */
    int64_t n_found;
    told *row; /* [anchors] zero between uses */
} scratch;

typedef struct overlap {
    partners anchor, member; /* members of an anchor, anchors of a member */
    int64_t *ptr;            /* [members + 1] of member u: list[ptr[u]..ptr[u + 1]), none of a hub */
    uint32_t *list;          /* [pairs] its anchors that are counted */
    const uint32_t *pair;    /* of anchor.of[i]; NULL: i itself */
    uint32_t *user;          /* [pairs] by entity */
    float *nats;
    uint32_t *size;   /* [anchors] d: members that are no hubs */
    int64_t *through; /* [anchors] T: sum over them of their other anchors */
    double *excess;   /* [anchors] x */
    double *root;     /* [anchors] m of two is the product of their roots */
    float *common;    /* [anchors] what its size takes from the share that counts */
    float *rare;      /* [members] the share that counts of two anchors of size 1 */
    double n_pairs;   /* of members that are no hubs */
    double mean;      /* sum of through * size / n_pairs over the anchors */
    scratch *of;      /* [threads] */
} overlap;

static int64_t degree(const partners *side, uint32_t node)
{
    return side->ptr[node + 1] - side->ptr[node];
}

static bool is_hub(const overlap *o, uint32_t member)
{
    return degree(&o->member, member) > RF_OVERLAP_MOST;
}

/* ---- counting ---- */

/* Asks for the anchors of the members that come soon: they lie anywhere, and one waits longer for them than
 * one counts them. Inline in any case: gcc takes a function that does nothing else for one without effect. */
static inline __attribute__((always_inline)) void fetch_ahead(const overlap *o, int64_t i, int64_t end)
{
    enum { LINE = 64 / sizeof(uint32_t) };
    if (i + 2 * AHEAD < end)
        __builtin_prefetch(&o->ptr[o->anchor.of[i + 2 * AHEAD]]);
    if (i + AHEAD < end) {
        const int64_t from = o->ptr[o->anchor.of[i + AHEAD]];
        __builtin_prefetch(o->list + from);
        __builtin_prefetch(o->list + from + LINE);
    }
}

/* Finds those that share at least so many members with v, v itself included. */
static void count_shared(scratch *s, const overlap *o, uint32_t v, uint32_t least)
{
    const int64_t end = o->size[v] < least ? o->anchor.ptr[v] : o->anchor.ptr[v + 1];
    const uint32_t none = s->none;
    uint32_t *const count = s->count, *const found = s->found;
    int64_t n = 0;
    for (int64_t i = o->anchor.ptr[v]; i < end; i++) {
        const uint32_t u = o->anchor.of[i];
        fetch_ahead(o, i, end);
        for (int64_t p = o->ptr[u]; p < o->ptr[u + 1]; p++) {
            const uint32_t w = o->list[p], c = (count[w] > none ? count[w] : none) + 1;
            count[w] = c;
            found[n] = w; /* stays only if n moves on */
            n += c == none + least;
        }
    }
    s->n_found = n;
}

static uint32_t shared_with(const scratch *s, uint32_t w)
{
    return s->count[w] - s->none;
}

/* All counts are of an earlier anchor from now on. */
static void forget(scratch *s, const overlap *o, uint32_t v)
{
    s->none += o->size[v]; /* the most that v shares with any: in one pass at most n_pairs */
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
    for (int64_t i = 0; i < s->n_found; i++) {
        const uint64_t c = s->found[i] == v ? 1 : shared_with(s, s->found[i]);
        sum += c * (c - 1);
        keep_largest(most, NOT_COUNTED, (double)c);
    }
    for (int k = 0; k < NOT_COUNTED && most[k] >= 2; k++)
        sum -= (uint64_t)most[k] * ((uint64_t)most[k] - 1);
    return fmax(1, sqrt(((double)sum + 1) / (by_chance + 1)));
}

/* ---- nats ---- */

typedef struct some_told { /* of those found, the ones that tell something of v */
    uint32_t w[TOLD_AT_ONCE];
    double shared[TOLD_AT_ONCE];
    double logs[2 * TOLD_AT_ONCE];
    int64_t n;
} some_told;

static void choose_told(some_told *out, const scratch *s, const overlap *o, uint32_t v, int64_t from,
                        int64_t to)
{
    out->n = 0;
    for (int64_t i = from; i < to; i++) {
        const uint32_t w = s->found[i];
        const double c = shared_with(s, w) - 1.0, by_chance = o->root[v] * o->root[w],
                     m = by_chance > LEAST_EXPECTED ? by_chance : LEAST_EXPECTED;
        if (w == v || c <= m)
            continue;
        out->w[out->n] = w;
        out->shared[out->n] = c;
        out->logs[2 * out->n] = c / m;
        out->logs[2 * out->n + 1] = (c + SIZE) / (m + SIZE);
        out->n++;
    }
    rf_logs(out->logs, 2 * out->n);
}

/* Lays the row of v and keeps of the found those that are in it. */
static void lay_row(scratch *s, const overlap *o, uint32_t v)
{
    int64_t n = 0;
    some_told some;
    for (int64_t from = 0; from < s->n_found; from += TOLD_AT_ONCE) {
        const int64_t end = from + TOLD_AT_ONCE < s->n_found ? from + TOLD_AT_ONCE : s->n_found;
        choose_told(&some, s, o, v, from, end);
        for (int64_t i = 0; i < some.n; i++) {
            const uint32_t w = some.w[i];
            const double c = some.shared[i];
            const float nats = (float)(c * some.logs[2 * i] - (c + SIZE) * some.logs[2 * i + 1]);
            s->row[w] = (told){nats, nats * o->common[w]};
            s->found[n++] = w;
        }
    }
    s->n_found = n;
}

static void clear_row(scratch *s)
{
    for (int64_t i = 0; i < s->n_found; i++)
        s->row[s->found[i]] = (told){0};
}

/* Of member u and the anchor whose row is laid. Without branches: they would be taken at random. */
static float nats_of_pair(const overlap *o, const scratch *s, uint32_t u, float common)
{
    float best[RF_OVERLAP_BEST] = {0}, sum = 0;
    const float share = o->rare[u] - common;
    for (int64_t p = o->ptr[u]; p < o->ptr[u + 1]; p++) {
        const told *w = &s->row[o->list[p]];
        const float part = w->nats * share - w->common;
        float x = part < w->nats ? part : w->nats;
        for (int k = 0; k < RF_OVERLAP_BEST; k++) {
            const float smaller = best[k] < x ? best[k] : x;
            best[k] = best[k] > x ? best[k] : x;
            x = smaller;
        }
    }
    for (int k = 0; k < RF_OVERLAP_BEST; k++)
        sum += best[k];
    return sum;
}

/* ---- passes ---- */

static int64_t end_of_task(const overlap *o, int64_t index)
{
    const int64_t end = (index + 1) * ANCHORS_A_TASK;
    return end < o->anchor.n ? end : o->anchor.n;
}

static void find_excess(void *context, int64_t index, int worker)
{
    overlap *o = context;
    scratch *s = &o->of[worker];
    for (int64_t v = index * ANCHORS_A_TASK; v < end_of_task(o, index); v++) {
        count_shared(s, o, (uint32_t)v, LEAST_SHARED);
        o->excess[v] = excess_of(o, s, (uint32_t)v);
        forget(s, o, (uint32_t)v);
    }
}

/* The same of what judges a member, and of where that goes. */
static inline __attribute__((always_inline)) void fetch_told(const overlap *o, int64_t i, int64_t end)
{
    if (i + 2 * AHEAD >= end)
        return;
    __builtin_prefetch(&o->rare[o->anchor.of[i + 2 * AHEAD]]);
    __builtin_prefetch(&o->nats[o->pair != NULL ? o->pair[i + 2 * AHEAD] : i + 2 * AHEAD], 1);
}

static void judge_members(const overlap *o, const scratch *s, uint32_t v)
{
    const int64_t end = o->anchor.ptr[v + 1];
    for (int64_t i = o->anchor.ptr[v]; i < end; i++) {
        const uint32_t u = o->anchor.of[i];
        float *nats = &o->nats[o->pair != NULL ? o->pair[i] : i];
        fetch_told(o, i, end);
        *nats = 0;
        if (s->n_found == 0)
            continue;
        fetch_ahead(o, i, end);
        *nats = nats_of_pair(o, s, u, o->common[v]);
    }
}

static void find_nats(void *context, int64_t index, int worker)
{
    const overlap *o = context;
    scratch *s = &o->of[worker];
    for (int64_t v = index * ANCHORS_A_TASK; v < end_of_task(o, index); v++) {
        count_shared(s, o, (uint32_t)v, 1 + LEAST_SHARED);
        lay_row(s, o, (uint32_t)v);
        judge_members(o, s, (uint32_t)v);
        clear_row(s);
        forget(s, o, (uint32_t)v);
    }
}

/* ---- sizes ---- */

/* Anchors of fewer members share fewer: they are not counted. */
static void list_anchors(overlap *o, uint32_t least)
{
    int64_t n = 0;
    for (uint32_t u = 0; u < o->member.n; u++) {
        o->ptr[u] = n;
        for (int64_t p = o->member.ptr[u]; p < o->member.ptr[u + 1] && !is_hub(o, u); p++) {
            o->list[n] = o->member.of[p];
            n += o->size[o->list[n]] >= least;
        }
        o->rare[u] = (float)(-2 * log((double)degree(&o->member, u) / o->n_pairs) / OWN_CHANCE);
    }
    o->ptr[o->member.n] = n;
}

static void find_sizes(overlap *o)
{
    for (uint32_t u = 0; u < o->member.n; u++) {
        const int64_t d = degree(&o->member, u);
        for (int64_t p = o->member.ptr[u]; p < o->member.ptr[u + 1] && !is_hub(o, u); p++) {
            o->size[o->member.of[p]]++;
            o->through[o->member.of[p]] += d - 1;
            o->n_pairs++;
        }
    }
    for (int64_t v = 0; v < o->anchor.n; v++) {
        o->excess[v] = 1;
        o->mean += o->n_pairs > 0 ? (double)o->through[v] * o->size[v] / o->n_pairs : 0;
    }
}

/* q is -ln(d_u / E)^2 - ln d_v - ln d_w: one number each of the member and the two anchors. */
static void find_roots(overlap *o)
{
    for (int64_t v = 0; v < o->anchor.n; v++) {
        const double d = o->size[v] > 1 ? o->size[v] : 1;
        o->root[v] = o->excess[v] * sqrt((double)o->through[v] / o->n_pairs * (d - 1));
        o->common[v] = (float)(log(d) / OWN_CHANCE);
    }
}

/* ---- all of it ---- */

typedef struct users_task {
    const rf_adj *pairs;
    uint32_t *user;
} users_task;

static void find_users(void *context, int64_t index, int worker)
{
    const users_task *task = context;
    const int64_t n = task->pairs->n_e;
    (void)worker;
    for (int64_t i = index * PAIRS_A_TASK; i < (index + 1) * PAIRS_A_TASK && i < n; i++)
        task->user[i] = task->pairs->e_u[task->pairs->v_edge[i]];
}

static rf_status take_sides(overlap *o, const rf_adj *pairs, rf_side anchors, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    RF_NEW(o->user, pairs->n_e, err);
    users_task task = {pairs, o->user};
    rf_pool_run(pool, (pairs->n_e + PAIRS_A_TASK - 1) / PAIRS_A_TASK, find_users, &task);
    const partners of_users = {pairs->n_u, pairs->u_ptr, pairs->e_v},
                   of_entities = {pairs->n_v, pairs->v_ptr, o->user};
    o->anchor = anchors == RF_USER ? of_users : of_entities;
    o->member = anchors == RF_USER ? of_entities : of_users;
    o->pair = anchors == RF_USER ? NULL : pairs->v_edge;
done:
    return st;
}

static rf_status make_scratch(overlap *o, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(o->of, threads, err);
    for (int i = 0; i < threads; i++) {
        RF_ZERO(o->of[i].count, o->anchor.n, err);
        RF_NEW(o->of[i].found, o->anchor.n + 1, err);
        RF_ZERO(o->of[i].row, o->anchor.n, err);
    }
done:
    return st;
}

static void overlap_clear(overlap *o, int threads)
{
    for (int i = 0; o->of != NULL && i < threads; i++) {
        rf_mem_free(o->of[i].count);
        rf_mem_free(o->of[i].found);
        rf_mem_free(o->of[i].row);
    }
    rf_mem_free(o->of);
    rf_mem_free(o->user);
    rf_mem_free(o->ptr);
    rf_mem_free(o->list);
    rf_mem_free(o->rare);
    rf_mem_free(o->size);
    rf_mem_free(o->through);
    rf_mem_free(o->excess);
    rf_mem_free(o->root);
    rf_mem_free(o->common);
}

rf_status rf_overlap_nats(float *nats, const rf_adj *pairs, rf_side anchors, bool with_excess, rf_pool *pool,
                          rf_err *err)
{
    rf_status st = RF_OK;
    overlap o = {.nats = nats};
    const int threads = rf_pool_threads(pool);
    RF_TRY(take_sides(&o, pairs, anchors, pool, err));
    RF_NEW(o.ptr, o.member.n + 1, err);
    RF_NEW(o.list, pairs->n_e, err);
    RF_NEW(o.rare, o.member.n, err);
    RF_ZERO(o.size, o.anchor.n, err);
    RF_ZERO(o.through, o.anchor.n, err);
    RF_NEW(o.excess, o.anchor.n, err);
    RF_NEW(o.root, o.anchor.n, err);
    RF_NEW(o.common, o.anchor.n, err);
    RF_TRY(make_scratch(&o, threads, err));
    const int64_t n_tasks = (o.anchor.n + ANCHORS_A_TASK - 1) / ANCHORS_A_TASK;
    find_sizes(&o);
    list_anchors(&o, with_excess ? LEAST_SHARED : 1 + LEAST_SHARED);
    if (with_excess)
        rf_pool_run(pool, n_tasks, find_excess, &o);
    for (int i = 0; i < threads; i++) { /* the second pass counts from nothing, too */
        memset(o.of[i].count, 0, (size_t)o.anchor.n * sizeof *o.of[i].count);
        o.of[i].none = 0;
    }
    find_roots(&o);
    rf_pool_run(pool, n_tasks, find_nats, &o);
done:
    overlap_clear(&o, threads);
    return st;
}
