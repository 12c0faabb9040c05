/* lockstep_hits.c - one pass over a user's near neighbours marks them; those met again give the hits. */
#include "lockstep_hits_int.h"

#include <assert.h>
#include <string.h>

#include "rf_mem.h"

#define LOW_BITS UINT64_C(0x0001010101010101)
#define CALLED 8 /* places each way */
#define AHEAD 24 /* pairs whose neighbours are called from memory before they are looked at */

enum {
    LEVELS = RF_LOCKSTEP_LEVELS,
    WIDEST = LEVELS - 1, /* the level whose window holds those of all others */
    ALL = RF_LOCKSTEP_WINDOWS - 1,
    SPOTS = 2 * RF_LOCKSTEP_NEAREST /* about a pair: so many before it, so many after it */
};

struct rf_met_again {    /* at which levels, as bits */
    uint8_t once, twice; /* at one entity, at several */
};

/* ---- levels ---- */

unsigned rf_level_of(rf_level_bytes bytes, int level)
{
    return (unsigned)(bytes >> 8 * level & 0xFF);
}

static rf_level_bytes spread_bits(unsigned bits)
{
    rf_level_bytes each = bits * LOW_BITS & UINT64_C(0x0040201008040201);
    return (each + LOW_BITS * 0x7F) >> 7 & LOW_BITS;
}

/* The levels whose window reaches as far as this, as bits. */
static unsigned levels_within(const uint8_t window[RF_LOCKSTEP_WINDOWS], int64_t distance)
{
    rf_level_bytes reach = 0;
    for (int z = 0; z < LEVELS; z++)
        reach |= (rf_level_bytes)window[z] << 8 * z;
    rf_level_bytes within = (reach + LOW_BITS * 0x80 - LOW_BITS * (uint64_t)distance) >> 7 & LOW_BITS;
    return (unsigned)(within * UINT64_C(0x0102040810204080) >> 56);
}

/* Of who is met at this spot about a pair of the user: spots are numbered pair by pair, nearest first. */
static unsigned levels_at(const rf_places *places, const uint32_t *place, uint32_t spot)
{
    const rf_place_around *around = &places->around[place[spot / SPOTS]];
    const bool is_after = spot % SPOTS >= RF_LOCKSTEP_NEAREST;
    return levels_within(is_after ? around->after : around->before, spot % RF_LOCKSTEP_NEAREST + 1);
}

/* ---- meetings ---- */

static void meet_again(rf_hits *hits, const rf_places *places, const uint32_t *place, uint32_t pairs,
                       uint32_t other, uint32_t spot)
{
    uint32_t which = hits->mark[other] - hits->begin;
    if (which < pairs * SPOTS) { /* met once before */
        hits->again[hits->n_again] = (rf_met_again){.once = (uint8_t)levels_at(places, place, which)};
        hits->meeting[2 * hits->n_meetings] = (uint32_t)hits->n_again;
        hits->meeting[2 * hits->n_meetings++ + 1] = which;
        which = pairs * SPOTS + (uint32_t)hits->n_again++;
        hits->mark[other] = hits->begin + which;
    }
    rf_met_again *again = &hits->again[which - pairs * SPOTS];
    const unsigned bits = levels_at(places, place, spot);
    again->twice |= (uint8_t)(again->once & bits);
    again->once |= (uint8_t)bits;
    hits->meeting[2 * hits->n_meetings] = which - pairs * SPOTS;
    hits->meeting[2 * hits->n_meetings++ + 1] = spot;
}

/* Marks who is near the k-th pair of a user at its entity. */
static void meet(rf_hits *hits, const rf_places *places, const uint32_t *place, uint32_t pairs, uint32_t k)
{
    const uint32_t begin = hits->begin;
    for (int way = 0; way < 2; way++) {
        const rf_place_around *around = &places->around[place[k]];
        const int64_t n = way ? around->after[WIDEST] : around->before[WIDEST], step = way ? 1 : -1;
        const uint32_t *user = places->user + place[k],
                       spot = k * SPOTS + (uint32_t)way * RF_LOCKSTEP_NEAREST;
        for (int64_t i = 1; i <= n; i++) {
            const uint32_t other = user[step * i];
            if (hits->mark[other] < begin)
                hits->mark[other] = begin + spot + (uint32_t)i - 1;
            else
                meet_again(hits, places, place, pairs, other, spot + (uint32_t)i - 1);
        }
    }
}

/* Who is met again is a hit here at the levels where it is near somewhere else, too. */
static void count_near(const rf_hits *hits, const rf_places *places, const uint32_t *place)
{
    for (int64_t m = 0; m < hits->n_meetings; m++) {
        const rf_met_again *again = &hits->again[hits->meeting[2 * m]];
        const uint32_t spot = hits->meeting[2 * m + 1];
        const unsigned bits = levels_at(places, place, spot);
        const unsigned hit = (bits & again->twice) | (again->once & ~bits);
        hits->of[spot / SPOTS].near += spread_bits(hit & bits);
        hits->of[spot / SPOTS].far += spread_bits(hit & ~bits);
    }
}

/* The hits of those about the k-th pair that are near it at no level. */
static rf_level_bytes far_hits(const rf_hits *hits, const rf_places *places, const uint32_t *place,
                               uint32_t pairs, uint32_t k)
{
    const rf_place_around *around = &places->around[place[k]];
    const uint32_t *user = places->user + place[k];
    rf_level_bytes sum = 0;
    for (int way = 0; way < 2; way++) {
        const uint8_t *window = way ? around->after : around->before;
        const int64_t step = way ? 1 : -1;
        for (int64_t i = window[WIDEST] + 1; i <= window[ALL]; i++) {
            const uint32_t mark = hits->mark[user[step * i]];
            if (mark < hits->begin)
                continue;
            const uint32_t which = mark - hits->begin;
            sum += spread_bits(which < pairs * SPOTS ? levels_at(places, place, which)
                                                     : hits->again[which - pairs * SPOTS].once);
        }
    }
    return sum;
}

/* ---- users ---- */

/* The marks of a user are above those of the users before it. */
static void begin_marks(rf_hits *hits, int64_t n_users, int64_t pairs)
{
    assert(2 * pairs * SPOTS < UINT32_MAX);
    if ((int64_t)hits->begin + 2 * pairs * SPOTS > UINT32_MAX) {
        memset(hits->mark, 0, (size_t)n_users * sizeof *hits->mark);
        hits->begin = 1;
    }
    memset(hits->of, 0, (size_t)pairs * sizeof *hits->of);
    hits->n_again = hits->n_meetings = 0;
}

static void call_pair(const rf_places *places, int64_t place)
{
    __builtin_prefetch(&places->around[place]);
    __builtin_prefetch(&places->user[place < CALLED ? 0 : place - CALLED]);
    __builtin_prefetch(&places->user[place + CALLED < places->n ? place + CALLED : place]);
}

void rf_hits_of_user(rf_place_hits *out, rf_level_sums *sums, rf_hits *hits, const rf_places *places,
                     const rf_adj *pairs, int64_t user, int64_t step)
{
    const int64_t from = pairs->u_ptr[user], n = pairs->u_ptr[user + 1] - from;
    const uint32_t *place = places->of_pair + from;
    if (n < 2) /* there is no other entity */
        return;
    begin_marks(hits, pairs->n_u, n);
    for (int64_t k = 0; k < n; k++) {
        if (from + k + AHEAD < pairs->n_e)
            call_pair(places, place[k + AHEAD]);
        meet(hits, places, place, (uint32_t)n, (uint32_t)k);
    }
    count_near(hits, places, place);
    for (int64_t k = 0; k < n; k++) {
        rf_place_hits *of = &hits->of[k];
        const bool is_summed = place[k] % step == 0;
        if (of->near != 0 || is_summed)
            of->far += far_hits(hits, places, place, (uint32_t)n, (uint32_t)k);
        for (int z = 0; is_summed && z < LEVELS; z++) {
            sums->of[z][0] += rf_level_of(of->near, z);
            sums->of[z][1] += rf_level_of(of->far, z);
        }
        if (of->near != 0)
            out[place[k]] = *of;
    }
    hits->begin += 2 * (uint32_t)n * SPOTS;
}

/* ---- memory ---- */

rf_status rf_hits_init(rf_hits *hits, int64_t n_users, int64_t most_pairs, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t most_met = most_pairs * RF_LOCKSTEP_NEAREST;
    *hits = (rf_hits){.begin = 1};
    RF_ZERO(hits->mark, n_users, err);
    RF_NEW(hits->again, most_met, err);
    RF_NEW(hits->meeting, 2 * most_met, err);
    RF_NEW(hits->of, most_pairs, err);
done:
    return st;
}

void rf_hits_clear(rf_hits *hits)
{
    rf_mem_free(hits->mark);
    rf_mem_free(hits->again);
    rf_mem_free(hits->meeting);
    rf_mem_free(hits->of);
    *hits = (rf_hits){0};
}
