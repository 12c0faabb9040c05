/* sequence.c - the order of each user's events: steps judged by the population, and by the user's own past.
 */
#include "rf_sequence.h"

#include <math.h>
#include <string.h>

#include "rf_hot.h"
#include "rf_mem.h"
#include "sequence_int.h"
#include "tails_int.h"

#define USERS_A_TASK 64
#define BLOCK_STEPS 1024 /* of users who are judged together */
#define LEVELS 8 /* of thresholds: the 1/2, 1/4, ... 1/256 of all steps that are the most surprising */
#define AROUND 8 /* neighbours of an edge on either side */
#define LEAST_STEPS 8
#define LEAST_COST 0.5
#define DISPERSION 3.0 /* steps of one user are like each other: its hits vary more than a chance's */
#define ONE 4294967296.0

static const int64_t windows[] = {8, 16, 32};
enum { N_WINDOWS = sizeof windows / sizeof *windows };

typedef struct worker_scratch {
    rf_expected expected;
    rf_tally *tally;
    rf_own *own;
    double *cost;
    float *excess; /* of one user, AROUND zeros on either side */
    float *around;
    uint64_t shares[LEVELS]; /* of hits, summed over users, in units of 1 / ONE */
} worker_scratch;

typedef struct sequence {
    rf_steps steps;
    rf_sequence_model *model;
    worker_scratch *scratch; /* [threads] */
    float *excess;           /* [n] order of a step */
    float *repeats;          /* [n] share of the population's cost that the user's past saves */
    uint8_t *level;          /* [n] how many thresholds a step reaches */
    float *cheap;            /* [n_u] minus the own cost of a step */
    float *regular;          /* [n_u] nats */
    int64_t *learned;        /* [n_u] steps, up to RF_OWN_BLOCK */
    int64_t active;          /* users with steps */
    int64_t most;            /* steps of a block */
    float threshold[LEVELS];
    uint64_t shares[LEVELS];
    float *edge_nats, *user_nats;
} sequence;

/* ---- steps ---- */

static void judge_block(sequence *all, int64_t first, int64_t last, worker_scratch *scratch)
{
    const rf_expected *expected = &scratch->expected;
    const int64_t *ptr = all->steps.u_ptr, from = ptr[first];
    rf_sequence_model_judge(&scratch->expected, all->model, first, last, scratch->tally);
    for (int64_t u = first; u < last; u++) {
        double sum = 0;
        rf_own_costs(scratch->cost + (ptr[u] - from), &all->steps, u, scratch->own);
        for (int64_t i = ptr[u] - from; i < ptr[u + 1] - from; i++)
            sum += scratch->cost[i];
        all->cheap[u] = ptr[u + 1] > ptr[u] ? (float)(-sum / (double)(ptr[u + 1] - ptr[u])) : 0;
    }
    for (int64_t i = 0; i < ptr[last] - from; i++) {
        const double cost = expected->cost[0][i] + expected->cost[1][i],
                     saved = 1 - scratch->cost[i] / (cost > LEAST_COST ? cost : LEAST_COST);
        all->excess[from + i] = (float)rf_expected_excess(expected, i);
        all->repeats[from + i] = (float)(saved > 0 ? saved : 0);
    }
}

static void judge_users(void *context, int64_t index, int worker)
{
    sequence *all = context;
    const int64_t from = index * USERS_A_TASK,
                  to = from + USERS_A_TASK < all->steps.n_u ? from + USERS_A_TASK : all->steps.n_u;
    for (int64_t u = from, end; u < to; u = end) {
        end = rf_block_end(&all->steps, u, to, all->most);
        judge_block(all, u, end, &all->scratch[worker]);
    }
}

/* ---- thresholds ---- */

/* The least float that is not below x, and above 0: what has no excess is no hit. */
static float float_from(double x)
{
    const float near = (float)x;
    const float least = (double)near < x ? nextafterf(near, INFINITY) : near;
    return least > 0 ? least : nextafterf(0, 1);
}

/* Each threshold is looked for among what reaches the one before. */
static rf_status find_thresholds(sequence *all, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n = all->steps.n;
    int64_t left = n;
    float *values = NULL;
    RF_NEW(values, n, err);
    memcpy(values, all->excess, (size_t)n * sizeof *values);
    for (int level = 0; level < LEVELS; level++) {
        const double at = (1 - pow(0.5, level + 1)) * (double)(n - 1);
        const int64_t below = (int64_t)at, gone = n - left;
        const int64_t next = below + 1 < n ? below + 1 : below;
        float around[2];
        rf_select_two(around, values, left, (const int64_t[]){below - gone, next - gone});
        all->threshold[level] =
            float_from((double)around[0] + (at - (double)below) * ((double)around[1] - (double)around[0]));
        int64_t kept = 0;
        for (int64_t i = 0; i < left; i++) {
            values[kept] = values[i];
            kept += values[i] >= around[0];
        }
        left = kept;
    }
done:
    rf_mem_free(values);
    return st;
}

RF_HOT static void find_levels(uint8_t *restrict level, const float *restrict excess, int64_t n,
                               const float threshold[LEVELS])
{
    for (int64_t i = 0; i < n; i++) {
        int reached = 0;
        for (int k = 0; k < LEVELS; k++)
            reached += excess[i] >= threshold[k];
        level[i] = (uint8_t)reached;
    }
}

/* ---- users ---- */

typedef struct hits {
    int64_t at[LEVELS]; /* steps that reach it */
} hits;

static hits hits_of(const sequence *all, int64_t u)
{
    int64_t of_level[LEVELS + 1] = {0};
    hits out;
    for (int64_t i = all->steps.u_ptr[u]; i < all->steps.u_ptr[u + 1]; i++)
        of_level[all->level[i]]++;
    for (int k = LEVELS - 1; k >= 0; k--)
        out.at[k] = of_level[k + 1] + (k + 1 < LEVELS ? out.at[k + 1] : 0);
    return out;
}

/* Of n steps of a user. */
static uint64_t share_of(int64_t hit, int64_t n)
{
    return (uint64_t)hit * ((UINT64_C(1) << 32) / (uint64_t)n);
}

static void add_shares(void *context, int64_t index, int worker)
{
    sequence *all = context;
    worker_scratch *scratch = &all->scratch[worker];
    const int64_t *ptr = all->steps.u_ptr, from = index * USERS_A_TASK,
                  to = from + USERS_A_TASK < all->steps.n_u ? from + USERS_A_TASK : all->steps.n_u;
    find_levels(all->level + ptr[from], all->excess + ptr[from], ptr[to] - ptr[from], all->threshold);
    for (int64_t u = from; u < to; u++) {
        if (ptr[u + 1] == ptr[u])
            continue;
        const hits own = hits_of(all, u);
        for (int k = 0; k < LEVELS; k++)
            scratch->shares[k] += share_of(own.at[k], ptr[u + 1] - ptr[u]);
    }
}

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* The larger of each two bytes, all below 128. */
static uint64_t larger_bytes(uint64_t a, uint64_t b)
{
    const uint64_t is_a = ((((a | HIGH_BITS) - b) & HIGH_BITS) >> 7) * 0xFF;
    return (a & is_a) | (b & ~is_a);
}

/* The most hits of each level in `window` steps in a row of n, n > window: counts of 8 levels are the bytes
 * of one number. */
static hits most_in_window(const uint8_t *level, int64_t n, int64_t window)
{
    static const uint64_t bytes[LEVELS + 1] = {0,
                                               0x01,
                                               0x0101,
                                               0x010101,
                                               0x01010101,
                                               0x0101010101,
                                               0x010101010101,
                                               0x01010101010101,
                                               0x0101010101010101};
    uint64_t now = 0, most;
    hits out;
    for (int64_t i = 0; i < window; i++)
        now += bytes[level[i]];
    most = now;
    for (int64_t i = window; i < n; i++) {
        now += bytes[level[i]] - bytes[level[i - window]];
        most = larger_bytes(most, now);
    }
    for (int k = 0; k < LEVELS; k++)
        out.at[k] = most >> (8 * k) & 0xFF;
    return out;
}

/* c ln(c / m) - (c - m) - penalty where that is more than `best`. It is at most (c - m)^2 / m - penalty. */
static double larger_nats(double best, double found, double expected, double penalty)
{
    const double more = found - expected;
    if (more <= 0 || more * more <= expected * (best + penalty))
        return best;
    return fmax(best, found * log(found / expected) - more - penalty);
}

static double order_of(const sequence *all, int64_t u)
{
    const int64_t from = all->steps.u_ptr[u], n = all->steps.u_ptr[u + 1] - from;
    const double active = (double)all->active;
    const hits own = hits_of(all, u);
    double share[LEVELS], best = 0;
    for (int k = 0; k < LEVELS; k++) {
        const uint64_t others = all->shares[k] - share_of(own.at[k], n);
        share[k] = fmax((double)others / ONE / (active - 1), 0.5 / active);
    }
    for (int w = 0; w < N_WINDOWS; w++) {
        const bool is_all = n <= windows[w];
        const hits most = is_all ? own : most_in_window(all->level + from, n, windows[w]);
        const double steps = (double)(is_all ? n : windows[w]),
                     penalty = is_all ? 0 : log((double)n / (double)windows[w]);
        for (int k = 0; k < LEVELS; k++)
            best = larger_nats(best, (double)most.at[k], steps * share[k], penalty);
        if (is_all)
            break;
    }
    return best / DISPERSION;
}

/* out[i]: the sum of the AROUND values on either side of x[i]. */
RF_HOT static void sum_around(float *restrict out, const float *restrict x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        for (int k = -AROUND; k <= AROUND; k++)
            sum += k != 0 ? (double)x[i + k] : 0;
        out[i] = (float)sum;
    }
}

static void sum_users(void *context, int64_t index, int worker)
{
    sequence *all = context;
    const worker_scratch *scratch = &all->scratch[worker];
    float *excess = scratch->excess + AROUND;
    for (int64_t u = index * USERS_A_TASK; u < (index + 1) * USERS_A_TASK && u < all->steps.n_u; u++) {
        const int64_t from = all->steps.u_ptr[u], n = all->steps.u_ptr[u + 1] - from;
        if (n == 0 || all->active < 2)
            continue;
        const float regular = all->regular[u];
        memcpy(excess, all->excess + from, (size_t)n * sizeof *excess);
        memset(excess + n, 0, AROUND * sizeof *excess);
        sum_around(scratch->around, excess, n);
        all->user_nats[u] = (float)(order_of(all, u) + (double)regular);
        for (int64_t i = 0; i < n; i++)
            all->edge_nats[all->steps.edge[from + i]] =
                excess[i] + scratch->around[i] / AROUND + regular * all->repeats[from + i];
    }
}

/* ---- all ---- */

static rf_status make_scratch(sequence *all, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(all->scratch, threads, err);
    for (int i = 0; i < threads; i++) {
        worker_scratch *scratch = &all->scratch[i];
        RF_TRY(rf_expected_init(&scratch->expected, all->most, err));
        RF_TRY(rf_tally_new(&scratch->tally, &all->steps, all->most, err));
        RF_TRY(rf_own_new(&scratch->own, err));
        RF_NEW(scratch->cost, all->most, err);
        RF_ZERO(scratch->excess, all->steps.longest + 2 * AROUND, err);
        RF_NEW(scratch->around, all->steps.longest, err);
    }
done:
    return st;
}

static rf_status sequence_init(sequence *all, const rf_graph *graph, const rf_time_order *order,
                               rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &graph->adj;
    RF_TRY(rf_steps_init(&all->steps, graph, order, pool, err));
    RF_TRY(rf_sequence_model_new(&all->model, &all->steps, pool, err));
    all->most = all->steps.longest > BLOCK_STEPS ? all->steps.longest : BLOCK_STEPS;
    RF_TRY(make_scratch(all, rf_pool_threads(pool), err));
    RF_NEW(all->excess, adj->n_e, err);
    RF_NEW(all->repeats, adj->n_e, err);
    RF_NEW(all->level, adj->n_e, err);
    RF_NEW(all->cheap, adj->n_u, err);
    RF_NEW(all->regular, adj->n_u, err);
    RF_NEW(all->learned, adj->n_u, err);
    for (int64_t u = 0; u < adj->n_u; u++) {
        const int64_t n = adj->u_ptr[u + 1] - adj->u_ptr[u];
        all->learned[u] = n < RF_OWN_BLOCK ? n : RF_OWN_BLOCK;
        all->active += n > 0;
    }
done:
    return st;
}

static void sequence_clear(sequence *all, int threads)
{
    for (int i = 0; all->scratch != NULL && i < threads; i++) {
        rf_expected_clear(&all->scratch[i].expected);
        rf_tally_free(all->scratch[i].tally);
        rf_own_free(all->scratch[i].own);
        rf_mem_free(all->scratch[i].cost);
        rf_mem_free(all->scratch[i].excess);
        rf_mem_free(all->scratch[i].around);
    }
    rf_mem_free(all->scratch);
    rf_mem_free(all->excess);
    rf_mem_free(all->repeats);
    rf_mem_free(all->level);
    rf_mem_free(all->cheap);
    rf_mem_free(all->regular);
    rf_mem_free(all->learned);
    rf_sequence_model_free(all->model);
    rf_steps_clear(&all->steps);
}

rf_status rf_part_sequence(float *edge_nats, float *user_nats, const rf_graph *graph,
                           const rf_arranged *arranged, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &graph->adj;
    const int64_t tasks = (adj->n_u + USERS_A_TASK - 1) / USERS_A_TASK;
    sequence all = {.edge_nats = edge_nats, .user_nats = user_nats};
    memset(edge_nats, 0, (size_t)adj->n_e * sizeof *edge_nats);
    memset(user_nats, 0, (size_t)adj->n_u * sizeof *user_nats);
    if (arranged->timeless)
        goto done;
    RF_TRY(sequence_init(&all, graph, &arranged->order, pool, err));
    rf_pool_run(pool, tasks, judge_users, &all);
    RF_TRY(rf_against_length(all.regular, all.cheap, all.learned, adj->n_u, LEAST_STEPS, err));
    RF_TRY(find_thresholds(&all, err));
    rf_pool_run(pool, tasks, add_shares, &all);
    for (int i = 0; i < rf_pool_threads(pool); i++) {
        for (int k = 0; k < LEVELS; k++)
            all.shares[k] += all.scratch[i].shares[k];
    }
    rf_pool_run(pool, tasks, sum_users, &all);
done:
    sequence_clear(&all, rf_pool_threads(pool));
    return st;
}
