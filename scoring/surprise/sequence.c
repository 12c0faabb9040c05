/* sequence.c - the order of each user's events: steps judged by the population, and by the user's own past.
 */
#include "rf_sequence.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "sequence_int.h"
#include "tails_int.h"

#define USERS_A_TASK 64
#define LEVELS 8 /* of thresholds: the 1/2, 1/4, ... 1/256 of all steps that are the most surprising */
#define AROUND 8 /* neighbours of an edge on either side */
#define LEAST_STEPS 8
#define LEAST_COST 0.5
#define DISPERSION 3.0 /* steps of one user are like each other: its hits vary more than a chance's */
#define ONE 4294967296.0

static const int64_t windows[] = {8, 16, 32};
enum { N_WINDOWS = sizeof windows / sizeof *windows };

typedef struct worker_scratch {
    rf_expected *expected;
    rf_tally *tally;
    rf_own_cell *cells;
    double *cost;
} worker_scratch;

typedef struct sequence {
    rf_steps steps;
    rf_sequence_model *model;
    worker_scratch *scratch; /* [threads] */
    float *excess;           /* [n] order of a step */
    float *repeats;          /* [n] share of the population's cost that the user's past saves */
    float *cheap;            /* [n_u] minus the own cost of a step */
    float *regular;          /* [n_u] nats */
    int64_t *length;         /* [n_u] steps */
    int64_t *learned;        /* [n_u] the same, up to RF_OWN_BLOCK */
    int64_t active;          /* users with steps */
    double threshold[LEVELS];
    uint64_t shares[LEVELS]; /* of hits, summed over users, in units of 1 / ONE */
    float *edge_nats, *user_nats;
} sequence;

/* ---- steps ---- */

static void judge_user(sequence *all, int64_t u, worker_scratch *scratch)
{
    const int64_t from = all->steps.u_ptr[u], n = all->length[u];
    double sum = 0;
    rf_sequence_model_judge(scratch->expected, all->model, all->steps.at + from, n, scratch->tally);
    rf_own_costs(scratch->cost, all->steps.at + from, n, scratch->cells);
    for (int64_t i = 0; i < n; i++) {
        const rf_expected *expected = &scratch->expected[i];
        const double cost = fmax(LEAST_COST, expected->cost[0] + expected->cost[1]);
        all->excess[from + i] = (float)rf_expected_excess(expected);
        all->repeats[from + i] = (float)fmax(0, 1 - scratch->cost[i] / cost);
        sum += scratch->cost[i];
    }
    all->cheap[u] = n > 0 ? (float)(-sum / (double)n) : 0;
}

static void judge_users(void *context, int64_t index, int worker)
{
    sequence *all = context;
    for (int64_t u = index * USERS_A_TASK; u < (index + 1) * USERS_A_TASK && u < all->steps.n_u; u++)
        judge_user(all, u, &all->scratch[worker]);
}

/* ---- users ---- */

static bool is_hit(const sequence *all, int64_t i, int level)
{
    return all->excess[i] > 0 && all->excess[i] >= all->threshold[level];
}

static uint64_t share_of_hits(const sequence *all, int64_t u, int level)
{
    const int64_t from = all->steps.u_ptr[u], to = from + all->length[u];
    uint64_t hits = 0;
    for (int64_t i = from; i < to; i++)
        hits += is_hit(all, i, level);
    return to > from ? (hits << 32) / (uint64_t)(to - from) : 0;
}

static void add_shares(void *context, int64_t level, int worker)
{
    (void)worker;
    sequence *all = context;
    for (int64_t u = 0; u < all->steps.n_u; u++)
        all->shares[level] += share_of_hits(all, u, (int)level);
}

static int64_t most_in_window(const sequence *all, int64_t u, int level, int64_t window)
{
    const int64_t from = all->steps.u_ptr[u], to = from + all->length[u];
    int64_t hits = 0, most = 0;
    for (int64_t i = from; i < to; i++) {
        hits += is_hit(all, i, level);
        if (i - from >= window)
            hits -= is_hit(all, i - window, level);
        most = hits > most ? hits : most;
    }
    return most;
}

static double order_of(const sequence *all, int64_t u)
{
    const double n = (double)all->length[u], active = (double)all->active;
    double best = 0;
    for (int level = 0; level < LEVELS; level++) {
        const uint64_t others = all->shares[level] - share_of_hits(all, u, level);
        const double share = fmax((double)others / ONE / (active - 1), 0.5 / active);
        for (int k = 0; k < N_WINDOWS; k++) {
            const double window = (double)windows[k], expected = fmin(window, n) * share,
                         hits = (double)most_in_window(all, u, level, windows[k]);
            if (hits > expected)
                best = fmax(best, hits * log(hits / expected) - (hits - expected) - log(fmax(1, n / window)));
        }
    }
    return best / DISPERSION;
}

/* The steps around i on either side. */
static double sum_around(const sequence *all, int64_t u, int64_t i)
{
    const int64_t from = all->steps.u_ptr[u], to = from + all->length[u];
    double sum = 0;
    for (int64_t k = i - AROUND < from ? from : i - AROUND; k < to && k <= i + AROUND; k++)
        sum += k != i ? all->excess[k] : 0;
    return sum;
}

static void sum_users(void *context, int64_t index, int worker)
{
    (void)worker;
    sequence *all = context;
    for (int64_t u = index * USERS_A_TASK; u < (index + 1) * USERS_A_TASK && u < all->steps.n_u; u++) {
        const int64_t from = all->steps.u_ptr[u], to = from + all->length[u];
        if (to == from || all->active < 2)
            continue;
        all->user_nats[u] = (float)(order_of(all, u) + all->regular[u]);
        for (int64_t i = from; i < to; i++)
            all->edge_nats[all->steps.at[i].edge] =
                (float)(all->excess[i] + sum_around(all, u, i) / AROUND + all->regular[u] * all->repeats[i]);
    }
}

/* ---- all ---- */

static rf_status make_scratch(sequence *all, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n = all->steps.longest;
    RF_ZERO(all->scratch, threads, err);
    for (int i = 0; i < threads; i++) {
        worker_scratch *scratch = &all->scratch[i];
        RF_NEW(scratch->expected, n, err);
        RF_NEW(scratch->cost, n, err);
        RF_TRY(rf_tally_new(&scratch->tally, n, err));
        scratch->cells = rf_own_cells_new(err);
        if (scratch->cells == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
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
    RF_TRY(make_scratch(all, rf_pool_threads(pool), err));
    RF_NEW(all->excess, adj->n_e, err);
    RF_NEW(all->repeats, adj->n_e, err);
    RF_NEW(all->cheap, adj->n_u, err);
    RF_NEW(all->regular, adj->n_u, err);
    RF_NEW(all->length, adj->n_u, err);
    RF_NEW(all->learned, adj->n_u, err);
    for (int64_t u = 0; u < adj->n_u; u++) {
        all->length[u] = adj->u_ptr[u + 1] - adj->u_ptr[u];
        all->learned[u] = all->length[u] < RF_OWN_BLOCK ? all->length[u] : RF_OWN_BLOCK;
        all->active += all->length[u] > 0;
    }
done:
    return st;
}

static void sequence_clear(sequence *all, int threads)
{
    for (int i = 0; all->scratch != NULL && i < threads; i++) {
        rf_mem_free(all->scratch[i].expected);
        rf_tally_free(all->scratch[i].tally);
        rf_mem_free(all->scratch[i].cells);
        rf_mem_free(all->scratch[i].cost);
    }
    rf_mem_free(all->scratch);
    rf_mem_free(all->excess);
    rf_mem_free(all->repeats);
    rf_mem_free(all->cheap);
    rf_mem_free(all->regular);
    rf_mem_free(all->length);
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
    for (int level = 0; level < LEVELS; level++)
        all.threshold[level] = rf_quantile(all.excess, adj->n_e, 1 - pow(0.5, level + 1));
    rf_pool_run(pool, LEVELS, add_shares, &all);
    rf_pool_run(pool, tasks, sum_users, &all);
done:
    sequence_clear(&all, rf_pool_threads(pool));
    return st;
}
