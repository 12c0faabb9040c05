/* lockstep.c - hits and chances of every pair at every level, then the nats.
 *
 * Most pairs hit nobody (lockstep_hits.c): only those that do have nats. Chances are summed by place, where
 * what lies around a pair is close by, and a sum over a window is one subtraction.
 */
#include "lockstep_int.h"

#include <math.h>
#include <string.h>

#include "lockstep_hits_int.h"
#include "lockstep_places_int.h"
#include "logs_int.h"
#include "rf_mem.h"

#define USERS_A_TASK 64
#define ENTITIES_A_TASK 64
#define EDGES_A_TASK 4096
#define AHEAD 8 /* places */
#define LEAST_EXPECTED 1e-3
#define SIZE 32.0            /* of the negative binomial */
#define SERIES 0.1           /* up to which 1 - exp(-x) is a short series */
#define SUMMED_ALL (1 << 18) /* pairs up to which phi is of all of them; else of SUMMED_SAMPLE of them */
#define SUMMED_SAMPLE (1 << 16)

enum { LEVELS = RF_LOCKSTEP_LEVELS, LOOKED_AT = RF_LOCKSTEP_WINDOWS - 1 /* the window of all */ };
static const double price[LEVELS] = {[LEVELS - 1] = 6}; /* nats: what is seen from afar is seen oftener */

typedef struct user_near { /* near neighbours at all its entities, by window */
    uint32_t total[RF_LOCKSTEP_WINDOWS];
} user_near;

typedef struct lockstep {
    const rf_adj *pairs;
    rf_places places;
    int64_t step;                /* every so many-th place is summed for phi */
    user_near *near;             /* [n_u] */
    rf_place_hits *hits;         /* [n] by place */
    rf_level_sums *hit, *chance; /* [tasks of users], [tasks of entities] */
    double phi[LEVELS][2];
    rf_hits *of; /* [threads] */
    float *nats; /* [n] by place */
} lockstep;

/* ---- hits ---- */

static void judge_users(void *context, int64_t index, int worker)
{
    const lockstep *all = context;
    const rf_adj *pairs = all->pairs;
    for (int64_t u = index * USERS_A_TASK; u < (index + 1) * USERS_A_TASK && u < pairs->n_u; u++) {
        for (int64_t p = pairs->u_ptr[u]; p < pairs->u_ptr[u + 1];
             p++) { /* first: what is around comes near */
            const rf_place_around *around = &all->places.around[all->places.of_pair[p]];
            for (int w = 0; w < RF_LOCKSTEP_WINDOWS; w++)
                all->near[u].total[w] += (uint32_t)around->before[w] + around->after[w];
        }
        rf_hits_of_user(all->hits, &all->hit[index], &all->of[worker], &all->places, pairs, u, all->step);
    }
}

/* ---- chances ---- */

/* The sums over a window without the pair itself. */
static rf_powers powers_in(const rf_places *places, int64_t place, int64_t first, int before, int after)
{
    const double one = (double)places->partners[place];
    rf_powers x = places->powers[place + after];
    x.sum[0] -= one;
    x.sum[1] -= one * one;
    if (place - before > first) {
        x.sum[0] -= places->powers[place - before - 1].sum[0];
        x.sum[1] -= places->powers[place - before - 1].sum[1];
    }
    return x;
}

/* The sum of 1 - exp(-rate x), to 3 digits where no rate x is above SERIES. */
static double series_of(const rf_powers *x, double rate)
{
    return rate * (x->sum[0] - rate * (x->sum[1] / 2));
}

static void chances_by_series(double chance[LEVELS][2], const rf_places *places, int64_t place, int64_t first,
                              const double rate[LEVELS], rf_level_bytes wanted)
{
    const rf_place_around *around = &places->around[place];
    const rf_powers all =
        powers_in(places, place, first, around->before[LOOKED_AT], around->after[LOOKED_AT]);
    for (int z = 0; z < LEVELS; z++) {
        if (rf_level_of(wanted, z) == 0)
            continue;
        const rf_powers near = powers_in(places, place, first, around->before[z], around->after[z]);
        chance[z][0] = series_of(&near, rate[z]);
        chance[z][1] = series_of(&all, rate[z]) - chance[z][0];
    }
}

/* Four sums at once: none waits for the one before. */
static double sum_by_four(const double *x, int n)
{
    double sum[4] = {0};
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        for (int k = 0; k < 4; k++)
            sum[k] += x[i + k];
    }
    for (; i < n; i++)
        sum[0] += x[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Those that are looked at stand around the place without it: the near of a level are in their middle. */
static void chances_one_by_one(double chance[LEVELS][2], const rf_places *places, int64_t place,
                               const double rate[LEVELS], rf_level_bytes wanted)
{
    const rf_place_around *around = &places->around[place];
    const int before = around->before[LOOKED_AT], n = before + around->after[LOOKED_AT];
    double partners[RF_LOCKSTEP_SCAN], none[RF_LOCKSTEP_SCAN];
    for (int i = 0; i < n; i++)
        partners[i] = (double)places->partners[place - before + i + (i >= before)];
    for (int z = 0; z < LEVELS; z++) {
        if (rf_level_of(wanted, z) == 0)
            continue;
        const int from = before - around->before[z], to = before + around->after[z];
        for (int i = 0; i < n; i++)
            none[i] = -rate[z] * partners[i];
        rf_powers_of_e(none, n);
        chance[z][0] = (to - from) - sum_by_four(none + from, to - from);
        chance[z][1] = (n - (to - from)) - sum_by_four(none, from) - sum_by_four(none + to, n - to);
    }
}

/* chance[] of the pair at this place of v, at the levels that are not 0 in `wanted`, and maybe at others. */
static void chances_of(double chance[LEVELS][2], const lockstep *all, int64_t v, int64_t place,
                       rf_level_bytes wanted)
{
    const rf_places *places = &all->places;
    const rf_place_around *around = &places->around[place];
    const double share = 1 / (double)places->n;
    double rate[LEVELS], most = 0;
    memset(chance, 0, LEVELS * sizeof *chance);
    for (int z = 0; z < LEVELS; z++) {
        const uint32_t own = (uint32_t)around->before[z] + around->after[z];
        rate[z] = (double)(all->near[places->user[place]].total[z] - own) * share;
        most = rate[z] > most ? rate[z] : most;
    }
    if (most <= 0)
        return;
    if (most * (double)places->most_partners[v] < SERIES)
        chances_by_series(chance, places, place, all->pairs->v_ptr[v], rate, wanted);
    else
        chances_one_by_one(chance, places, place, rate, wanted);
}

/* Of the places that are summed. */
static void sum_chances(void *context, int64_t index, int worker)
{
    (void)worker;
    const lockstep *all = context;
    const int64_t *ptr = all->pairs->v_ptr;
    rf_level_sums *sums = &all->chance[index];
    for (int64_t v = index * ENTITIES_A_TASK; v < (index + 1) * ENTITIES_A_TASK && v < all->pairs->n_v; v++) {
        int64_t place = (ptr[v] + all->step - 1) / all->step * all->step;
        for (; place < ptr[v + 1]; place += all->step) {
            double chance[LEVELS][2];
            chances_of(chance, all, v, place, UINT64_MAX);
            for (int z = 0; z < LEVELS; z++) {
                sums->of[z][0] += chance[z][0];
                sums->of[z][1] += chance[z][1];
            }
        }
    }
}

/* ---- nats ---- */

static double expected_hits(const double hits[2], const double chance[2], const double phi[2])
{
    const double far = (hits[1] + 1) / (phi[1] * chance[1] + 1),
                 expected = phi[0] * chance[0] * (far > 1 ? far : 1);
    return expected > LEAST_EXPECTED ? expected : LEAST_EXPECTED;
}

/* The most of all levels; their logarithms are taken together. */
static double most_nats(const lockstep *all, const rf_place_hits *of, double chance[LEVELS][2])
{
    double found[LEVELS], of_price[LEVELS], logs[2 * LEVELS], most = 0;
    int n = 0;
    for (int z = 0; z < LEVELS; z++) {
        const double hits[2] = {rf_level_of(of->near, z), rf_level_of(of->far, z)};
        if (hits[0] <= 0)
            continue;
        const double expected = expected_hits(hits, chance[z], all->phi[z]);
        found[n] = hits[0];
        of_price[n] = price[z];
        logs[2 * n] = hits[0] / expected;
        logs[2 * n + 1] = (hits[0] + SIZE) / (expected + SIZE);
        n += hits[0] > expected;
    }
    rf_logs(logs, 2 * (int64_t)n);
    for (int k = 0; k < n; k++) {
        const double nats = found[k] * logs[2 * k] - (found[k] + SIZE) * logs[2 * k + 1] - of_price[k];
        most = nats > most ? nats : most;
    }
    return most;
}

/* What a place with hits looks at lies anywhere. */
static void call_near(const lockstep *all, int64_t place)
{
    if (place < all->places.n && all->hits[place].near != 0)
        __builtin_prefetch(&all->near[all->places.user[place]]);
}

static void find_nats(void *context, int64_t index, int worker)
{
    (void)worker;
    const lockstep *all = context;
    const int64_t *ptr = all->pairs->v_ptr;
    for (int64_t v = index * ENTITIES_A_TASK; v < (index + 1) * ENTITIES_A_TASK && v < all->pairs->n_v; v++) {
        for (int64_t place = ptr[v]; place < ptr[v + 1]; place++) {
            const rf_place_hits *of = &all->hits[place];
            double chance[LEVELS][2];
            call_near(all, place + AHEAD);
            if (of->near == 0)
                continue;
            chances_of(chance, all, v, place, of->near);
            all->nats[place] = (float)most_nats(all, of, chance);
        }
    }
}

typedef struct edges_task {
    const lockstep *all;
    const uint32_t *pair_of;
    float *nats;
    int64_t n;
} edges_task;

static void give_edges(void *context, int64_t index, int worker)
{
    const edges_task *task = context;
    const lockstep *all = task->all;
    (void)worker;
    for (int64_t e = index * EDGES_A_TASK; e < (index + 1) * EDGES_A_TASK && e < task->n; e++)
        task->nats[e] = all->nats[all->places.of_pair[task->pair_of[e]]];
}

static double sum_of(const rf_level_sums *sums, int64_t n, int z, int far)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += sums[k].of[z][far];
    return sum;
}

/* ---- all of it ---- */

static rf_status make_scratch(lockstep *all, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t *ptr = all->pairs->u_ptr;
    int64_t most = 0;
    for (int64_t u = 0; u < all->pairs->n_u; u++)
        most = ptr[u + 1] - ptr[u] > most ? ptr[u + 1] - ptr[u] : most;
    RF_ZERO(all->of, threads, err);
    for (int i = 0; i < threads; i++)
        RF_TRY(rf_hits_init(&all->of[i], all->pairs->n_u, most, err));
done:
    return st;
}

static void lockstep_clear(lockstep *all, int threads)
{
    for (int i = 0; all->of != NULL && i < threads; i++)
        rf_hits_clear(&all->of[i]);
    rf_mem_free(all->of);
    rf_mem_free(all->near);
    rf_mem_free(all->hits);
    rf_mem_free(all->hit);
    rf_mem_free(all->chance);
    rf_mem_free(all->nats);
    rf_places_clear(&all->places);
}

rf_status rf_lockstep(float *nats, const rf_graph *graph, const rf_arranged *arranged, rf_pool *pool,
                      rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n_edges = graph->side[RF_EDGE].n;
    const int threads = rf_pool_threads(pool);
    const rf_adj *pairs = &arranged->pairs;
    const int64_t of_users = (pairs->n_u + USERS_A_TASK - 1) / USERS_A_TASK,
                  of_entities = (pairs->n_v + ENTITIES_A_TASK - 1) / ENTITIES_A_TASK;
    lockstep all = {.pairs = pairs, .step = pairs->n_e > SUMMED_ALL ? pairs->n_e / SUMMED_SAMPLE : 1};
    memset(nats, 0, (size_t)n_edges * sizeof *nats);
    if (arranged->timeless)
        goto done;
    RF_TRY(rf_places_make(&all.places, graph, arranged, pool, err));
    RF_ZERO(all.nats, pairs->n_e, err);
    RF_ZERO(all.near, pairs->n_u, err);
    RF_ZERO(all.hits, pairs->n_e, err);
    RF_ZERO(all.hit, of_users, err);
    RF_ZERO(all.chance, of_entities, err);
    RF_TRY(make_scratch(&all, threads, err));
    rf_pool_run(pool, of_users, judge_users, &all);
    rf_pool_run(pool, of_entities, sum_chances, &all);
    for (int z = 0; z < LEVELS; z++) {
        for (int far = 0; far < 2; far++)
            all.phi[z][far] =
                sum_of(all.hit, of_users, z, far) / fmax(sum_of(all.chance, of_entities, z, far), 1e-9);
    }
    rf_pool_run(pool, of_entities, find_nats, &all);
    edges_task edges = {&all, arranged->pair_of, nats, n_edges};
    rf_pool_run(pool, (n_edges + EDGES_A_TASK - 1) / EDGES_A_TASK, give_edges, &edges);
done:
    lockstep_clear(&all, threads);
    return st;
}

void rf_lockstep_plan(rf_memory_plan *plan, int threads)
{
    const lockstep *all = NULL; /* its members' sizes alone */
    const rf_places *places = NULL;
    size_t pair = sizeof *places->of_pair + sizeof *places->user + sizeof *places->partners;
    pair += sizeof *places->around + sizeof *places->powers + sizeof *all->nats + sizeof *all->hits;
    plan->rows[RF_EDGE] += plan->size.n[RF_EDGE] * (int64_t)pair;
    plan->rows[RF_USER] +=
        plan->size.n[RF_USER] * (int64_t)(sizeof *all->near + (size_t)threads * sizeof(uint32_t));
}
