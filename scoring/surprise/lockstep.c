/* lockstep.c - hits and chances of every pair at every level, then the nats.
 *
 * Of a user a, `once` and `twice` say of each other user at which levels it was near a at one entity, and at
 * two or more: a hit at one entity needs another one.
 */
#include "lockstep_int.h"

#include <math.h>
#include <string.h>

#include "rf_hot.h"
#include "rf_mem.h"

#define USERS_A_TASK 64
#define BLOCK_PAIRS 4096
#define LEAST_EXPECTED 1e-3
#define SIZE 32.0   /* of the negative binomial */
#define SERIES 0.1F /* up to which 1 - exp(-x) is a short series */

static const struct {
    int nearest;  /* K */
    double share; /* f, of the whole span */
    double price; /* nats: what is seen from afar is seen oftener */
} level[] = {{4, 1.0 / 8, 0},  {4, 1.0 / 20, 0},  {8, 1.0 / 8, 0}, {8, 1.0 / 20, 0},
             {16, 1.0 / 8, 0}, {16, 1.0 / 20, 0}, {16, 1.0 / 3, 6}};
enum { LEVELS = sizeof level / sizeof *level, LANES = 8, NEAREST = 16 /* at any level */ };
_Static_assert((int)LEVELS <= (int)LANES, "a lane a level");

typedef struct level_hits { /* of one pair at one level: [0] near, [1] far */
    float chance[2];
    uint8_t hits[2];
} level_hits;

typedef struct level_sums {
    double hits[2], chance[2];
} level_sums;

typedef struct seen_near { /* bits of levels */
    uint16_t once, twice;
} seen_near;

typedef struct lockstep {
    int64_t n, n_u;       /* pairs, users */
    const int64_t *u_ptr; /* [n_u + 1] pairs of a user */
    const uint32_t *v;    /* [n] */
    const int64_t *v_ptr; /* [n_v + 1] places of an entity */
    int64_t *times;       /* [1 + n + 1] by place, which is an entity's pairs in order of time: times[1] is of
                             place 0 */
    uint32_t *place_user; /* [n] by place */
    uint32_t *place;      /* [n] of a pair */
    double gap[LEVELS];   /* microseconds */
    level_hits *found;    /* [n, LEVELS] */
    level_sums *sums;     /* [blocks of pairs, LEVELS] */
    double phi[LEVELS][2];
    seen_near **seen; /* [threads] of [n_u] */
    uint8_t **near;   /* [threads] of [most pairs of a user, LEVELS]: near neighbours */
    uint32_t **met;   /* [threads] of [most pairs of a user, NEAREST]: users in seen */
    float *nats;      /* [n] */
} lockstep;

/* ---- the pairs ---- */

/* The places of each entity: its pairs in order of their first meeting, which is that of their first edge. */
static rf_status place_pairs(lockstep *all, const rf_graph *graph, const rf_arranged *arranged, rf_err *err)
{
    rf_status st = RF_OK;
    const uint32_t *pair_of = arranged->pair_of, *at = arranged->order.edge[RF_ENTITY];
    int64_t place = 0;
    RF_ZERO(all->times, all->n + 2, err);
    RF_NEW(all->place_user, all->n, err);
    RF_NEW(all->place, all->n, err);
    for (int64_t i = 0; i < graph->adj.n_e; i++) { /* by entity, then by time */
        const uint32_t edge = at[i];
        if (edge > 0 && pair_of[edge - 1] == pair_of[edge])
            continue;
        all->times[1 + place] = graph->side[RF_EDGE].first_us[edge];
        all->place[pair_of[edge]] = (uint32_t)place;
        all->place_user[place++] = graph->adj.e_u[edge];
    }
done:
    return st;
}

/* ---- hits and chances ---- */

typedef float lanes __attribute__((vector_size(4 * LANES))); /* a lane a level */
typedef int32_t lane_bits __attribute__((vector_size(4 * LANES)));

typedef struct neighbour {
    uint32_t user;
    unsigned near; /* bits of levels */
} neighbour;

/* The `most` pairs at v that are nearest in time to the one at `place`, nearest first. Which side comes next
 * is as good as random: there is no branch on it. */
static int scan(neighbour out[RF_LOCKSTEP_SCAN], int most, const lockstep *all, int64_t place, uint32_t v)
{
    const int64_t *times = all->times + 1;
    const int64_t now = times[place], from = all->v_ptr[v], to = all->v_ptr[v + 1];
    const int n = to - from - 1 < most ? (int)(to - from - 1) : most;
    int64_t low = place - 1, high = place + 1;
    for (int i = 0; i < n; i++) {
        const int64_t time_low = times[low], time_high = times[high];
        const int64_t back = low >= from ? now - time_low : INT64_MAX,
                      ahead = high < to ? time_high - now : INT64_MAX;
        const bool before = back <= ahead;
        const int64_t other = high + (low - high) * before;
        low -= before;
        high += !before;
        out[i] = (neighbour){.user = all->place_user[other]};
        if (i >= NEAREST)
            continue;
        const double gap = (double)(back < ahead ? back : ahead);
        for (int z = 0; z < LEVELS; z++)
            out[i].near |= i < level[z].nearest && gap <= all->gap[z] ? 1U << z : 0;
    }
    return n;
}

/* 1 - exp(-x) of each lane, x >= 0, to 6 digits: a series near 0; else exp(-x) = 2^-n 2^-f, f in [0, 1).
 * No lane is above `most_of`. */
static inline __attribute__((always_inline)) void chance_of(lanes *out, const lanes *of, float most_of)
{
    const lanes x = *of;
    const lanes series = x * (1 - x * (1 / 2.0F) * (1 - x * (1 / 3.0F) * (1 - x * (1 / 4.0F))));
    if (most_of < SERIES) {
        *out = series;
        return;
    }
    const lanes most = x - x + 60;
    lanes y = (lanes)((lane_bits)x & (x < most)) + (lanes)((lane_bits)most & (x >= most));
    y *= 1.44269504F;
    const lane_bits whole = __builtin_convertvector(y, lane_bits);
    const lanes f = (y - __builtin_convertvector(whole, lanes)) * 0.693147181F;
    lanes power = 1 - f * (1 / 7.0F);
    for (int k = 6; k >= 1; k--)
        power = 1 - f * power * (1 / (float)k);
    const lanes shift = (lanes)((127 - whole) << 23);
    const lanes far = 1 - power * shift;
    const lane_bits small = x < SERIES;
    *out = (lanes)(((lane_bits)series & small) | ((lane_bits)far & ~small));
}

/* A pair against what its user's other pairs have seen: near[] are its own near neighbours, total[] the
 * user's. */
RF_HOT static void judge_pair(const lockstep *all, int64_t p, const seen_near *seen,
                              const uint8_t near[LEVELS], const int64_t total[LEVELS])
{
    static const lane_bits bit = {1, 2, 4, 8, 16, 32, 64, 128};
    neighbour around[RF_LOCKSTEP_SCAN];
    lanes others = {0}, chance[2] = {{0}};
    lane_bits hits[2] = {{0}};
    float most = 0;
    for (int z = 0; z < LEVELS; z++) {
        others[z] = (float)(total[z] - near[z]) / (float)all->n;
        most = others[z] > most ? others[z] : most;
    }
    const int n = scan(around, RF_LOCKSTEP_SCAN, all, all->place[p], all->v[p]);
    for (int i = 0; i < n; i++) {
        const uint32_t other = around[i].user;
        const unsigned bits = around[i].near;
        const int32_t hit = (int32_t)((bits & seen[other].twice) | (~bits & seen[other].once));
        const float partners = (float)(all->u_ptr[other + 1] - all->u_ptr[other] - 1);
        const lanes expected = others * partners;
        lanes by_chance;
        chance_of(&by_chance, &expected, most * partners);
        const lane_bits is_near = (bit & (int32_t)bits) != 0;
        const lane_bits is_hit = (bit & hit) != 0;
        chance[0] += (lanes)((lane_bits)by_chance & is_near);
        chance[1] += (lanes)((lane_bits)by_chance & ~is_near);
        hits[0] -= is_hit & is_near;
        hits[1] -= is_hit & ~is_near;
    }
    for (int z = 0; z < LEVELS; z++) {
        for (int far = 0; far < 2; far++) {
            all->found[p * LEVELS + z].chance[far] = chance[far][z];
            all->found[p * LEVELS + z].hits[far] = (uint8_t)hits[far][z];
        }
    }
}

static void judge_user(const lockstep *all, int64_t u, int worker)
{
    neighbour around[RF_LOCKSTEP_SCAN];
    seen_near *seen = all->seen[worker];
    uint8_t *near = all->near[worker];
    uint32_t *met = all->met[worker];
    int64_t n_met = 0;
    const int64_t from = all->u_ptr[u], to = all->u_ptr[u + 1];
    int64_t total[LEVELS] = {0};
    if (to - from < 2)
        return; /* no other entity */
    memset(near, 0, (size_t)(to - from) * LEVELS);
    for (int64_t p = from; p < to; p++) {
        for (int i = scan(around, NEAREST, all, all->place[p], all->v[p]) - 1; i >= 0; i--) {
            seen_near *other = &seen[met[n_met++] = around[i].user];
            other->twice |= (uint16_t)(other->once & around[i].near);
            other->once |= (uint16_t)around[i].near;
            for (int z = 0; z < LEVELS; z++)
                near[(p - from) * LEVELS + z] =
                    (uint8_t)(near[(p - from) * LEVELS + z] + (around[i].near >> z & 1));
        }
        for (int z = 0; z < LEVELS; z++)
            total[z] += near[(p - from) * LEVELS + z];
    }
    for (int64_t p = from; p < to; p++)
        judge_pair(all, p, seen, near + (p - from) * LEVELS, total);
    for (int64_t i = 0; i < n_met; i++)
        seen[met[i]] = (seen_near){0};
}

static void judge_users(void *context, int64_t index, int worker)
{
    const lockstep *all = context;
    for (int64_t u = index * USERS_A_TASK; u < (index + 1) * USERS_A_TASK && u < all->n_u; u++)
        judge_user(all, u, worker);
}

/* ---- nats ---- */

static int64_t block_end(const lockstep *all, int64_t index)
{
    return (index + 1) * BLOCK_PAIRS < all->n ? (index + 1) * BLOCK_PAIRS : all->n;
}

static void sum_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const lockstep *all = context;
    level_sums *sums = all->sums + index * LEVELS;
    for (int64_t p = index * BLOCK_PAIRS; p < block_end(all, index); p++) {
        for (int z = 0; z < LEVELS; z++) {
            for (int far = 0; far < 2; far++) {
                sums[z].hits[far] += all->found[p * LEVELS + z].hits[far];
                sums[z].chance[far] += (double)all->found[p * LEVELS + z].chance[far];
            }
        }
    }
}

static double nats_at(const lockstep *all, const level_hits *found, int z)
{
    double hits = found->hits[0];
    double far = (found->hits[1] + 1) / (all->phi[z][1] * (double)found->chance[1] + 1);
    double expected = all->phi[z][0] * (double)found->chance[0] * (far > 1 ? far : 1);
    expected = expected > LEAST_EXPECTED ? expected : LEAST_EXPECTED;
    if (hits <= expected)
        return 0;
    return hits * log(hits / expected) - (hits + SIZE) * log((hits + SIZE) / (expected + SIZE)) -
           level[z].price;
}

static void nats_block(void *context, int64_t index, int worker)
{
    (void)worker;
    const lockstep *all = context;
    for (int64_t p = index * BLOCK_PAIRS; p < block_end(all, index); p++) {
        double most = 0;
        for (int z = 0; z < LEVELS; z++) {
            double nats = nats_at(all, &all->found[p * LEVELS + z], z);
            most = nats > most ? nats : most;
        }
        all->nats[p] = (float)most;
    }
}

static void find_phi(lockstep *all, int64_t blocks)
{
    level_sums total[LEVELS] = {{{0}, {0}}};
    for (int64_t k = 0; k < blocks * LEVELS; k++) {
        for (int far = 0; far < 2; far++) {
            total[k % LEVELS].hits[far] += all->sums[k].hits[far];
            total[k % LEVELS].chance[far] += all->sums[k].chance[far];
        }
    }
    for (int z = 0; z < LEVELS; z++) {
        for (int far = 0; far < 2; far++)
            all->phi[z][far] = total[z].hits[far] / fmax(total[z].chance[far], 1e-9);
    }
}

/* ---- all of it ---- */

static rf_status make_scratch(lockstep *all, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t most = 0;
    for (int64_t u = 0; u < all->n_u; u++)
        most = all->u_ptr[u + 1] - all->u_ptr[u] > most ? all->u_ptr[u + 1] - all->u_ptr[u] : most;
    RF_ZERO(all->seen, threads, err);
    RF_ZERO(all->near, threads, err);
    RF_ZERO(all->met, threads, err);
    for (int i = 0; i < threads; i++) {
        RF_ZERO(all->seen[i], all->n_u, err);
        RF_NEW(all->near[i], most * LEVELS, err);
        RF_NEW(all->met[i], most * NEAREST, err);
    }
done:
    return st;
}

static void lockstep_free(lockstep *all, int threads)
{
    for (int i = 0; i < threads; i++) {
        if (all->seen != NULL)
            rf_mem_free(all->seen[i]);
        if (all->near != NULL)
            rf_mem_free(all->near[i]);
        if (all->met != NULL)
            rf_mem_free(all->met[i]);
    }
    rf_mem_free(all->seen);
    rf_mem_free(all->near);
    rf_mem_free(all->met);
    rf_mem_free(all->nats);
    rf_mem_free(all->times);
    rf_mem_free(all->place_user);
    rf_mem_free(all->place);
    rf_mem_free(all->found);
    rf_mem_free(all->sums);
}

rf_status rf_lockstep(float *nats, const rf_graph *graph, const rf_arranged *arranged, rf_pool *pool,
                      rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *edges = &graph->side[RF_EDGE];
    const rf_adj *pairs = &arranged->pairs;
    const int threads = rf_pool_threads(pool);
    lockstep all = {
        .n = pairs->n_e, .n_u = pairs->n_u, .u_ptr = pairs->u_ptr, .v = pairs->e_v, .v_ptr = pairs->v_ptr};
    memset(nats, 0, (size_t)edges->n * sizeof *nats);
    if (arranged->timeless)
        goto done;
    int64_t first = edges->first_us[0], last = first;
    for (int64_t i = 1; i < edges->n; i++) {
        first = edges->first_us[i] < first ? edges->first_us[i] : first;
        last = edges->first_us[i] > last ? edges->first_us[i] : last;
    }
    for (int z = 0; z < LEVELS; z++)
        all.gap[z] = level[z].share * (double)(last - first);
    RF_TRY(place_pairs(&all, graph, arranged, err));
    int64_t blocks = (all.n + BLOCK_PAIRS - 1) / BLOCK_PAIRS;
    RF_NEW(all.nats, all.n, err);
    RF_ZERO(all.found, all.n * LEVELS, err);
    RF_ZERO(all.sums, blocks * LEVELS, err);
    RF_TRY(make_scratch(&all, threads, err));
    rf_pool_run(pool, (all.n_u + USERS_A_TASK - 1) / USERS_A_TASK, judge_users, &all);
    rf_pool_run(pool, blocks, sum_block, &all);
    find_phi(&all, blocks);
    rf_pool_run(pool, blocks, nats_block, &all);
    for (int64_t e = 0; e < edges->n; e++)
        nats[e] = all.nats[arranged->pair_of[e]];
done:
    lockstep_free(&all, threads);
    return st;
}
