/* lockstep_places.c - slides windows over the pairs of each entity. */
#include "lockstep_places_int.h"

#include "lockstep_int.h"
#include "rf_mem.h"

#define ENTITIES_A_TASK 16
#define AHEAD 8 /* edges */

enum { NEARESTS = 4, SHARES = 3 };
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
    int64_t *times;     /* [n] by place */
    double gap[SHARES]; /* microseconds */
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

/* The places of an entity: its pairs in order of their first meeting, which is that of their first edge. */
static void place_pairs(const places_task *task, int64_t v)
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
        task->times[place] = task->graph->side[RF_EDGE].first_us[edge];
        task->out->of_pair[pair_of[edge]] = (uint32_t)place;
        task->out->partners[place] = (float)(pairs->u_ptr[user + 1] - pairs->u_ptr[user] - 1);
        task->out->user[place++] = user;
    }
}

typedef struct sliding { /* the ends of the windows of a place; they never go back */
    int64_t first[NEARESTS];
    int64_t low[SHARES], high[SHARES];
} sliding;

/* Of two that are equally near, the one before comes first. */
static void slide_nearest(sliding *s, int k, const int64_t *times, int64_t place, int64_t to)
{
    int64_t first = s->first[k];
    const int64_t now = times[place];
    while (first + nearest[k] + 1 < to &&
           (first + nearest[k] < place || times[first + nearest[k] + 1] - now < now - times[first]))
        first++;
    s->first[k] = first;
}

static void slide_share(sliding *s, int k, const int64_t *times, double gap, int64_t place, int64_t to)
{
    const int64_t now = times[place];
    while ((double)(now - times[s->low[k]]) > gap)
        s->low[k]++;
    if (s->high[k] < place)
        s->high[k] = place;
    while (s->high[k] + 1 < to && (double)(times[s->high[k] + 1] - now) <= gap)
        s->high[k]++;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void find_windows(const places_task *task, int64_t from, int64_t to)
{
    sliding s;
    for (int k = 0; k < NEARESTS; k++)
        s.first[k] = from;
    for (int k = 0; k < SHARES; k++)
        s.low[k] = s.high[k] = from;
    for (int64_t place = from; place < to; place++) {
        rf_place_around *around = &task->out->around[place];
        for (int k = 0; k < NEARESTS; k++)
            slide_nearest(&s, k, task->times, place, to);
        for (int k = 0; k < SHARES; k++)
            slide_share(&s, k, task->times, task->gap[k], place, to);
        for (int w = 0; w < RF_LOCKSTEP_WINDOWS; w++) {
            const int k = window[w].nearest, f = window[w].share;
            int64_t before = place - s.first[k], after = smaller(s.first[k] + nearest[k], to - 1) - place;
            if (f >= 0) {
                before = smaller(before, place - s.low[f]);
                after = smaller(after, s.high[f] - place);
            }
            around->before[w] = (uint8_t)before;
            around->after[w] = (uint8_t)after;
        }
    }
}

static void find_entities(void *context, int64_t index, int worker)
{
    (void)worker;
    const places_task *task = context;
    const int64_t *ptr = task->pairs->v_ptr;
    for (int64_t v = index * ENTITIES_A_TASK; v < (index + 1) * ENTITIES_A_TASK && v < task->pairs->n_v;
         v++) {
        rf_powers sum = {{0}};
        float most = 0;
        place_pairs(task, v);
        for (int64_t place = ptr[v]; place < ptr[v + 1]; place++) {
            const float partners = task->out->partners[place];
            sum.sum[0] += (double)partners;
            sum.sum[1] += (double)partners * (double)partners;
            task->out->powers[place] = sum;
            most = partners > most ? partners : most;
        }
        task->out->most_partners[v] = most;
        find_windows(task, ptr[v], ptr[v + 1]);
    }
}

rf_status rf_places_make(rf_places *out, const rf_graph *graph, const rf_arranged *arranged, rf_pool *pool,
                         rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *edges = &graph->side[RF_EDGE];
    const rf_adj *pairs = &arranged->pairs;
    places_task task = {.graph = graph, .arranged = arranged, .pairs = pairs, .out = out};
    int64_t first = edges->first_us[0], last = first;
    *out = (rf_places){.n = pairs->n_e};
    for (int64_t i = 1; i < edges->n; i++) {
        first = edges->first_us[i] < first ? edges->first_us[i] : first;
        last = edges->first_us[i] > last ? edges->first_us[i] : last;
    }
    for (int k = 0; k < SHARES; k++)
        task.gap[k] = share[k] * (double)(last - first);
    RF_NEW(task.times, pairs->n_e, err);
    RF_NEW(out->of_pair, pairs->n_e, err);
    RF_NEW(out->user, pairs->n_e, err);
    RF_NEW(out->partners, pairs->n_e, err);
    RF_NEW(out->around, pairs->n_e, err);
    RF_NEW(out->powers, pairs->n_e, err);
    RF_NEW(out->most_partners, pairs->n_v, err);
    rf_pool_run(pool, (pairs->n_v + ENTITIES_A_TASK - 1) / ENTITIES_A_TASK, find_entities, &task);
done:
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
