/* lockstep.c - hits and chances of every pair at every level, then the nats.
 *
 * Of a user a, `once` and `twice` say of each other user at which levels it was near a at one entity, and at
 * two or more: a hit at one entity needs another one. Most pairs hit nobody: only those that do are kept.
 * Chances are summed by place, where what lies around a pair is close by, and a sum over a window is one
 * subtraction.
 */
#include "lockstep_int.h"

#include <math.h>
#include <string.h>

#include "lockstep_places_int.h"
#include "rf_mem.h"

#define USERS_A_TASK 64
#define ENTITIES_A_TASK 64
#define LEAST_EXPECTED 1e-3
#define SIZE 32.0         /* of the negative binomial */
#define SERIES 0.1        /* up to which 1 - exp(-x) is a short series */
#define FAR_ALL (1 << 18) /* pairs up to which the far are counted for all; else for FAR_SAMPLE of them */
#define FAR_SAMPLE (1 << 17)

enum { LEVELS = RF_LOCKSTEP_LEVELS, LOOKED_AT = RF_LOCKSTEP_WINDOWS - 1 /* the window of all */ };
static const double price[LEVELS] = {[LEVELS - 1] = 6}; /* nats: what is seen from afar is seen oftener */

typedef uint64_t level_bytes; /* a byte a level, the first the lowest; the eighth is not used */
#define LOW_BITS UINT64_C(0x0001010101010101)

typedef struct level_sums { /* of a task: [0] near, [1] far */
    double of[LEVELS][2];
} level_sums;

typedef struct seen_near { /* bits of levels */
    uint8_t once, twice;
} seen_near;

typedef struct found_pair { /* a pair with a near hit */
    uint32_t pair;
    uint32_t v;
    uint32_t user;
    level_bytes hits[2];
} found_pair;

typedef struct worker_scratch {
    seen_near *seen; /* [n_u] */
    uint32_t *met;   /* [most pairs of a user, NEAREST]: users in seen */
    int64_t n_met;
    found_pair *found;
    size_t n_found, room;
    rf_status st;
    rf_err err;
} worker_scratch;

typedef struct user_near { /* near neighbours at all its entities */
    uint32_t total[LEVELS];
} user_near;

typedef struct lockstep {
    const rf_adj *pairs;
    rf_places places;
    int64_t far_step;          /* of every so many places the far are counted */
    user_near *near;           /* [n_u] */
    level_sums *hits, *chance; /* [tasks of users], [tasks of entities] */
    double phi[LEVELS][2];
    worker_scratch *of; /* [threads] */
    float *nats;        /* [n] of pairs */
} lockstep;

/* ---- levels ---- */

static level_bytes bytes_of(const uint8_t window[RF_LOCKSTEP_WINDOWS])
{
    level_bytes bytes = 0;
    for (int z = 0; z < LEVELS; z++)
        bytes |= (level_bytes)window[z] << 8 * z;
    return bytes;
}

/* The levels whose window reaches as far as this, as bits. */
static unsigned levels_within(level_bytes reach, int64_t distance)
{
    level_bytes within = (reach + LOW_BITS * 0x80 - LOW_BITS * (uint64_t)distance) >> 7 & LOW_BITS;
    return (unsigned)(within * UINT64_C(0x0102040810204080) >> 56);
}

static level_bytes spread_bits(unsigned bits)
{
    level_bytes each = bits * LOW_BITS & UINT64_C(0x0040201008040201);
    return (each + LOW_BITS * 0x7F) >> 7 & LOW_BITS;
}

static unsigned level_of(level_bytes bytes, int z)
{
    return (unsigned)(bytes >> 8 * z & 0xFF);
}

static int farthest(const uint8_t window[RF_LOCKSTEP_WINDOWS])
{
    int most = 0;
    for (int z = 0; z < LEVELS; z++)
        most = window[z] > most ? window[z] : most;
    return most;
}

/* ---- hits ---- */

/* Notes who is near the pair at its entity. */
static void meet(worker_scratch *s, const rf_places *places, int64_t place)
{
    for (int way = 0; way < 2; way++) {
        const rf_place_around *around = &places->around[place];
        const uint8_t *window = way ? around->after : around->before;
        const uint32_t *user = places->user + place;
        const level_bytes reach = bytes_of(window);
        for (int i = 1, n = farthest(window); i <= n; i++) {
            const uint32_t other = user[way ? i : -i];
            const unsigned bits = levels_within(reach, i);
            seen_near *seen = &s->seen[other];
            s->met[s->n_met++] = other;
            seen->twice |= (uint8_t)(seen->once & bits);
            seen->once |= (uint8_t)bits;
        }
    }
}

/* Those of the pair's near neighbours that were near at another entity, too: [0] at levels where they are
 * near here, [1] at others. */
static void near_hits(level_bytes hits[2], const worker_scratch *s, const rf_places *places, int64_t place)
{
    for (int way = 0; way < 2; way++) {
        const rf_place_around *around = &places->around[place];
        const uint8_t *window = way ? around->after : around->before;
        const uint32_t *user = places->user + place;
        const level_bytes reach = bytes_of(window);
        for (int i = 1, n = farthest(window); i <= n; i++) {
            const seen_near *seen = &s->seen[user[way ? i : -i]];
            const unsigned bits = levels_within(reach, i);
            const unsigned hit = (bits & seen->twice) | (seen->once & ~bits);
            if (hit == 0)
                continue;
            hits[0] += spread_bits(hit & bits);
            hits[1] += spread_bits(hit & ~bits);
        }
    }
}

/* The same of those that are near at no level. */
static level_bytes far_hits(const worker_scratch *s, const rf_places *places, int64_t place)
{
    level_bytes hits = 0;
    for (int way = 0; way < 2; way++) {
        const rf_place_around *around = &places->around[place];
        const uint8_t *window = way ? around->after : around->before;
        const uint32_t *user = places->user + place;
        for (int i = farthest(window) + 1; i <= window[LOOKED_AT]; i++) {
            const unsigned once = s->seen[user[way ? i : -i]].once;
            if (once != 0)
                hits += spread_bits(once);
        }
    }
    return hits;
}

static void judge_pair(const lockstep *all, uint32_t user, int64_t p, worker_scratch *s, level_sums *sums)
{
    const int64_t place = all->places.of_pair[p];
    const bool counts_far = place % all->far_step == 0;
    level_bytes hits[2] = {0};
    near_hits(hits, s, &all->places, place);
    if (hits[0] != 0 || counts_far)
        hits[1] += far_hits(s, &all->places, place);
    for (int z = 0; z < LEVELS; z++) {
        sums->of[z][0] += level_of(hits[0], z);
        sums->of[z][1] += counts_far ? level_of(hits[1], z) : 0;
    }
    if (hits[0] == 0 || s->st < 0)
        return;
    s->st = rf_mem_reserve((void **)&s->found, &s->room, s->n_found + 1, sizeof *s->found, &s->err);
    if (s->st >= 0)
        s->found[s->n_found++] = (found_pair){
            .pair = (uint32_t)p, .v = all->pairs->e_v[p], .user = user, .hits = {hits[0], hits[1]}};
}

static void judge_users(void *context, int64_t index, int worker)
{
    const lockstep *all = context;
    const rf_adj *pairs = all->pairs;
    worker_scratch *s = &all->of[worker];
    for (int64_t u = index * USERS_A_TASK; u < (index + 1) * USERS_A_TASK && u < pairs->n_u; u++) {
        const int64_t from = pairs->u_ptr[u], to = pairs->u_ptr[u + 1];
        for (int64_t p = from; p < to; p++) {
            const rf_place_around *around = &all->places.around[all->places.of_pair[p]];
            for (int z = 0; z < LEVELS; z++)
                all->near[u].total[z] += (uint32_t)around->before[z] + around->after[z];
            if (to - from > 1) /* else there is no other entity */
                meet(s, &all->places, all->places.of_pair[p]);
        }
        for (int64_t p = from; p < to && s->n_met > 0; p++)
            judge_pair(all, (uint32_t)u, p, s, &all->hits[index]);
        while (s->n_met > 0)
            s->seen[s->met[--s->n_met]] = (seen_near){0};
    }
}

/* ---- chances ---- */

/* The sums over a window without the pair itself. */
static rf_powers powers_in(const rf_places *places, int64_t place, int64_t first, int before, int after)
{
    const double one = (double)places->partners[place], two = one * one;
    const double own[4] = {one, two, two * one, two * two};
    rf_powers x = places->powers[place + after];
    for (int k = 0; k < 4; k++)
        x.sum[k] -= own[k] + (place - before > first ? places->powers[place - before - 1].sum[k] : 0);
    return x;
}

/* The sum of 1 - exp(-rate x), to 6 digits where no rate x is above SERIES. */
static double series_of(const rf_powers *x, double rate)
{
    return rate * (x->sum[0] - rate * (x->sum[1] / 2 - rate * (x->sum[2] / 6 - rate * (x->sum[3] / 24))));
}

static void chances_by_series(double chance[LEVELS][2], const rf_places *places, int64_t place, int64_t first,
                              const double rate[LEVELS], bool with_far)
{
    const rf_place_around *around = &places->around[place];
    rf_powers all = {{0}};
    if (with_far)
        all = powers_in(places, place, first, around->before[LOOKED_AT], around->after[LOOKED_AT]);
    for (int z = 0; z < LEVELS; z++) {
        const rf_powers near = powers_in(places, place, first, around->before[z], around->after[z]);
        chance[z][0] = series_of(&near, rate[z]);
        chance[z][1] = with_far ? series_of(&all, rate[z]) - chance[z][0] : 0;
    }
}

static void chances_one_by_one(double chance[LEVELS][2], const rf_places *places, int64_t place,
                               const double rate[LEVELS], bool with_far)
{
    for (int way = 0; way < 2; way++) {
        const rf_place_around *around = &places->around[place];
        const uint8_t *window = way ? around->after : around->before;
        for (int i = 1, n = with_far ? window[LOOKED_AT] : farthest(window); i <= n; i++) {
            const double partners = (double)places->partners[place + (way ? i : -i)];
            for (int z = 0; z < LEVELS; z++) {
                if (with_far || i <= window[z])
                    chance[z][i > window[z]] += -expm1(-rate[z] * partners);
            }
        }
    }
}

/* chance[] of the pair at this place of v, whose entity's first place is `first`. */
static void chances_of(double chance[LEVELS][2], const lockstep *all, uint32_t v, int64_t place,
                       uint32_t user, bool with_far)
{
    const rf_places *places = &all->places;
    const rf_place_around *around = &places->around[place];
    double rate[LEVELS], most = 0;
    memset(chance, 0, LEVELS * sizeof *chance);
    for (int z = 0; z < LEVELS; z++) {
        const uint32_t own = (uint32_t)around->before[z] + around->after[z];
        rate[z] = (double)(all->near[user].total[z] - own) / (double)places->n;
        most = rate[z] > most ? rate[z] : most;
    }
    if (most <= 0)
        return;
    if (most * (double)places->most_partners[v] < SERIES)
        chances_by_series(chance, places, place, all->pairs->v_ptr[v], rate, with_far);
    else
        chances_one_by_one(chance, places, place, rate, with_far);
}

static void sum_chances(void *context, int64_t index, int worker)
{
    (void)worker;
    const lockstep *all = context;
    const int64_t *ptr = all->pairs->v_ptr;
    level_sums *sums = &all->chance[index];
    for (int64_t v = index * ENTITIES_A_TASK; v < (index + 1) * ENTITIES_A_TASK && v < all->pairs->n_v; v++) {
        for (int64_t place = ptr[v]; place < ptr[v + 1]; place++) {
            double chance[LEVELS][2];
            chances_of(chance, all, (uint32_t)v, place, all->places.user[place], place % all->far_step == 0);
            for (int z = 0; z < LEVELS; z++) {
                sums->of[z][0] += chance[z][0];
                sums->of[z][1] += chance[z][1];
            }
        }
    }
}

/* ---- nats ---- */

static double nats_at(const double hits[2], const double chance[2], const double phi[2])
{
    double far = (hits[1] + 1) / (phi[1] * chance[1] + 1);
    double expected = phi[0] * chance[0] * (far > 1 ? far : 1);
    expected = expected > LEAST_EXPECTED ? expected : LEAST_EXPECTED;
    if (hits[0] <= expected)
        return 0;
    return hits[0] * log(hits[0] / expected) - (hits[0] + SIZE) * log((hits[0] + SIZE) / (expected + SIZE));
}

static void find_nats(void *context, int64_t index, int worker)
{
    (void)worker;
    const lockstep *all = context;
    const found_pair *found = all->of[index].found, *end = found + all->of[index].n_found;
    for (; found < end; found++) {
        double most = 0, chance[LEVELS][2];
        chances_of(chance, all, found->v, all->places.of_pair[found->pair], found->user, true);
        for (int z = 0; z < LEVELS; z++) {
            const double hits[2] = {level_of(found->hits[0], z), level_of(found->hits[1], z)};
            double nats = nats_at(hits, chance[z], all->phi[z]) - price[z];
            most = nats > most ? nats : most;
        }
        all->nats[found->pair] = (float)most;
    }
}

static double sum_of(const level_sums *sums, int64_t n, int z, int far)
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
    for (int i = 0; i < threads; i++) {
        RF_ZERO(all->of[i].seen, all->pairs->n_u, err);
        RF_NEW(all->of[i].met, most * RF_LOCKSTEP_NEAREST, err);
    }
done:
    return st;
}

static void lockstep_clear(lockstep *all, int threads)
{
    for (int i = 0; all->of != NULL && i < threads; i++) {
        rf_mem_free(all->of[i].seen);
        rf_mem_free(all->of[i].met);
        rf_mem_free(all->of[i].found);
    }
    rf_mem_free(all->of);
    rf_mem_free(all->near);
    rf_mem_free(all->hits);
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
    lockstep all = {.pairs = pairs, .far_step = pairs->n_e > FAR_ALL ? pairs->n_e / FAR_SAMPLE : 1};
    memset(nats, 0, (size_t)n_edges * sizeof *nats);
    if (arranged->timeless)
        goto done;
    RF_TRY(rf_places_make(&all.places, graph, arranged, pool, err));
    RF_ZERO(all.nats, pairs->n_e, err);
    RF_ZERO(all.near, pairs->n_u, err);
    RF_ZERO(all.hits, of_users, err);
    RF_ZERO(all.chance, of_entities, err);
    RF_TRY(make_scratch(&all, threads, err));
    rf_pool_run(pool, of_users, judge_users, &all);
    for (int i = 0; i < threads; i++) {
        if (all.of[i].st < 0)
            RF_FAIL(err, all.of[i].st, "%s", all.of[i].err.msg);
    }
    rf_pool_run(pool, of_entities, sum_chances, &all);
    for (int z = 0; z < LEVELS; z++) {
        for (int far = 0; far < 2; far++)
            all.phi[z][far] =
                sum_of(all.hits, of_users, z, far) / fmax(sum_of(all.chance, of_entities, z, far), 1e-9);
    }
    rf_pool_run(pool, threads, find_nats, &all);
    for (int64_t e = 0; e < n_edges; e++)
        nats[e] = all.nats[arranged->pair_of[e]];
done:
    lockstep_clear(&all, threads);
    return st;
}
