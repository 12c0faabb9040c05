/* lockstep_places.c - slides windows over the pairs of each entity. */
#include "lockstep_places_int.h"

#include "lockstep_int.h"
#include "rf_mem.h"

#define ENTITIES_A_TASK 16
#define AHEAD 8 /* edges */
#define INLINE static inline __attribute__((always_inline))

/* Times of an entity's places have others before and behind them: any pair of one time and one of these is
 * as the search for the nearest takes it. */
#define FARTHEST (INT64_C(1) << 58)
#define LATE (INT64_C(1) << 61)
#define EARLY (-(INT64_C(1) << 62))

enum { NEARESTS = 4, SHARES = 3, SIDE = RF_LOCKSTEP_SCAN + 1 };
static const int nearest[NEARESTS] = {4, 8, RF_LOCKSTEP_NEAREST, RF_LOCKSTEP_SCAN};
static const double share[SHARES] = {1.0 / 8, 1.0 / 20, 1.0 / 3};

/* Which of nearest[], and which of share[]; the last window takes the nearest at any time. */
static const struct {
    int nearest, share;
} window[RF_LOCKSTEP_WINDOWS] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {2, 1}, {2, 2}, {3, -1}};

typedef struct places_task {
    const rf_graph *graph;
    const rf_arranged *arranged;
    const rf_adj *pairs;
    rf_places *out;
    int64_t first_us;       /* of all edges */
    int64_t gap_us[SHARES]; /* at most so far away */
    int64_t **times; /* [threads] scratch: of an entity's places, SIDE of EARLY before and of LATE behind */
} places_task;

/* Edges of an entity lie anywhere, and so do their users. */
static void call_edges(const places_task *task, const uint32_t *at, int64_t i, int64_t to)
{
    const rf_graph *graph = task->graph;
    if (i + 2 * AHEAD < to) {
        const uint32_t edge = at[i + 2 * AHEAD];
        __builtin_prefetch(&graph->side[RF_EDGE].first_us[edge]);
        __builtin_prefetch(&graph->adj.e_u[edge]);
        __builtin_prefetch(&task->arranged->pair_of[edge]);
    }
    if (i + AHEAD < to)
        __builtin_prefetch(&task->pairs->u_ptr[graph->adj.e_u[at[i + AHEAD]]]);
}

/* Since the first of all edges. What is farther away than any event is far away all the same. */
static int64_t time_of(const places_task *task, uint32_t edge)
{
    const uint64_t since = (uint64_t)task->graph->side[RF_EDGE].first_us[edge] - (uint64_t)task->first_us;
    return since < FARTHEST ? (int64_t)since : FARTHEST;
}

/* The places of an entity: its pairs in order of their first meeting, which is that of their first edge. */
static void place_pairs(const places_task *task, int64_t v, int64_t *times)
{
    const rf_adj *pairs = task->pairs;
    const rf_time_order *order = &task->arranged->order;
    const uint32_t *pair_of = task->arranged->pair_of, *at = order->edge[RF_ENTITY];
    int64_t place = pairs->v_ptr[v];
    for (int64_t i = order->ptr[RF_ENTITY][v], to = order->ptr[RF_ENTITY][v + 1]; i < to; i++) { /* by time */
        const uint32_t edge = at[i];
        call_edges(task, at, i, to);
        if (edge > 0 && pair_of[edge - 1] == pair_of[edge])
            continue;
        const uint32_t user = task->graph->adj.e_u[edge];
        times[place - pairs->v_ptr[v]] = time_of(task, edge);
        task->out->of_pair[pair_of[edge]] = (uint32_t)place;
        task->out->partners[place] = (float)(pairs->u_ptr[user + 1] - pairs->u_ptr[user] - 1);
        task->out->user[place++] = user;
    }
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Of the k places nearest to this one, k a power of 2, how many are before it: of two that are equally near,
 * the one before comes first. Halving without a branch: places that are farther away than those behind the
 * last of the k come first. */
INLINE int64_t nearest_before(const int64_t *place, int k)
{
    const int64_t *first = place - k;
    const int64_t twice = 2 * *place;
    for (int half = k / 2; half > 0; half /= 2)
        first += first[half - 1] + first[half + k] < twice ? half : 0;
    first += first[0] + first[k + 1] < twice;
    return place - first;
}

/* How many of the k numbers from `at` on, which ascend, are below x. */
INLINE int64_t count_below(const int64_t *at, int k, int64_t x)
{
    const int64_t *from = at;
    for (int half = k / 2; half > 0; half /= 2)
        at += at[half - 1] < x ? half : 0;
    return at - from + (at[0] < x);
}

typedef struct reach { /* of a place: how many others each way */
    int64_t before, after;
} reach;

/* Within a share of the time, among the RF_LOCKSTEP_NEAREST each way. */
INLINE reach reach_of_gap(const int64_t *place, int64_t gap_us)
{
    enum { K = RF_LOCKSTEP_NEAREST };
    return (reach){K - count_below(place - K, K, *place - gap_us),
                   count_below(place + 1, K, *place + gap_us + 1)};
}

/* times: of the entity's n places. */
static void find_windows(rf_place_around *out, const int64_t *times, const int64_t gap_us[SHARES], int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const int64_t *place = times + i;
        reach by_rank[NEARESTS], by_gap[SHARES];
        for (int k = 0; k < NEARESTS; k++) {
            const int64_t before = nearest_before(place, nearest[k]);
            by_rank[k] = (reach){smaller(before, i), smaller(nearest[k] - before, n - 1 - i)};
        }
        for (int f = 0; f < SHARES; f++)
            by_gap[f] = reach_of_gap(place, gap_us[f]);
        for (int w = 0; w < RF_LOCKSTEP_WINDOWS; w++) {
            reach within = by_rank[window[w].nearest];
            if (window[w].share >= 0) {
                within.before = smaller(within.before, by_gap[window[w].share].before);
                within.after = smaller(within.after, by_gap[window[w].share].after);
            }
            out[i].before[w] = (uint8_t)within.before;
            out[i].after[w] = (uint8_t)within.after;
        }
    }
}

static void find_entities(void *context, int64_t index, int worker)
{
    const places_task *task = context;
    const int64_t *ptr = task->pairs->v_ptr;
    int64_t *times = task->times[worker] + SIDE;
    for (int64_t v = index * ENTITIES_A_TASK; v < (index + 1) * ENTITIES_A_TASK && v < task->pairs->n_v;
         v++) {
        rf_powers sum = {{0}};
        float most = 0;
        const int64_t n = ptr[v + 1] - ptr[v];
        place_pairs(task, v, times);
        for (int64_t place = ptr[v]; place < ptr[v + 1]; place++) {
            const float partners = task->out->partners[place];
            sum.sum[0] += (double)partners;
            sum.sum[1] += (double)partners * (double)partners;
            task->out->powers[place] = sum;
            most = partners > most ? partners : most;
        }
        task->out->most_partners[v] = most;
        for (int64_t i = 0; i < SIDE; i++)
            times[n + i] = LATE;
        find_windows(task->out->around + ptr[v], times, task->gap_us, n);
    }
}

/* Times of the entity with most pairs, for each thread. */
static rf_status new_times(places_task *task, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *pairs = task->pairs;
    int64_t most = 0;
    for (int64_t v = 0; v < pairs->n_v; v++)
        most = pairs->v_ptr[v + 1] - pairs->v_ptr[v] > most ? pairs->v_ptr[v + 1] - pairs->v_ptr[v] : most;
    RF_ZERO(task->times, threads, err);
    for (int k = 0; k < threads; k++) {
        RF_NEW(task->times[k], most + 2 * (int64_t)SIDE, err);
        for (int i = 0; i < SIDE; i++)
            task->times[k][i] = EARLY;
    }
done:
    return st;
}

rf_status rf_places_make(rf_places *out, const rf_graph *graph, const rf_arranged *arranged, rf_pool *pool,
                         rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *edges = &graph->side[RF_EDGE];
    const rf_adj *pairs = &arranged->pairs;
    const int threads = rf_pool_threads(pool);
    places_task task = {.graph = graph, .arranged = arranged, .pairs = pairs, .out = out};
    int64_t first = edges->first_us[0], last = first;
    *out = (rf_places){.n = pairs->n_e};
    for (int64_t i = 1; i < edges->n; i++) {
        first = edges->first_us[i] < first ? edges->first_us[i] : first;
        last = edges->first_us[i] > last ? edges->first_us[i] : last;
    }
    task.first_us = first;
    for (int k = 0; k < SHARES; k++)
        task.gap_us[k] = (int64_t)(share[k] * ((double)last - (double)first));
    RF_TRY(new_times(&task, threads, err));
    RF_NEW(out->of_pair, pairs->n_e, err);
    RF_NEW(out->user, pairs->n_e, err);
    RF_NEW(out->partners, pairs->n_e, err);
    RF_NEW(out->around, pairs->n_e, err);
    RF_NEW(out->powers, pairs->n_e, err);
    RF_NEW(out->most_partners, pairs->n_v, err);
    rf_pool_run(pool, (pairs->n_v + ENTITIES_A_TASK - 1) / ENTITIES_A_TASK, find_entities, &task);
done:
    for (int k = 0; task.times != NULL && k < threads; k++)
        rf_mem_free(task.times[k]);
    rf_mem_free(task.times);
    if (st < 0)
        rf_places_clear(out);
    return st;
}

void rf_places_clear(rf_places *places)
{
    rf_mem_free(places->of_pair);
    rf_mem_free(places->user);
    rf_mem_free(places->partners);
    rf_mem_free(places->around);
    rf_mem_free(places->powers);
    rf_mem_free(places->most_partners);
    *places = (rf_places){0};
}
