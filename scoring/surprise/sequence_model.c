/* sequence_model.c - how users go on after what they did: contexts of falling length, counted once a user.
 *
 * Two chains of LEVELS contexts each, the shortest first: of an action, and of a gap after that action. Both
 * a context and a pair of it and a follower are grams of the step (sequence_int.h), so that a table is two
 * arrays of cells. A user adds to a context a mass of one, split over the followers as its own steps were;
 * masses are integers, so that a user's own can be taken out again exactly.
 *
 * Blocks of users are judged a table at a time: counts first, then the logarithms of all, then the steps.
 */
#include <math.h>
#include <string.h>

#include "logs_int.h"
#include "rf_hot.h"
#include "rf_mem.h"
#include "sequence_int.h"

#define LEVELS 4
#define CHAINS 2
#define TABLES (CHAINS * LEVELS)
#define ONE 4294967296.0     /* mass of a user in a context */
#define PLOGP_ONE 16777216.0 /* sums of w ln w, w in users */
#define BLOCK_STEPS 1024
#define NO_GRAM RF_GRAMS

static const struct table {
    rf_gram context; /* NO_GRAM: one for all steps */
    int back;        /* 1: of the step before */
    rf_gram pair;
} tables[TABLES] = {{NO_GRAM, 0, RF_GRAM_ACTION},
                    {RF_GRAM_ACTION, 1, RF_GRAM_ACTIONS},
                    {RF_GRAM_STEP, 1, RF_GRAM_AFTER_ONE},
                    {RF_GRAM_TWO, 1, RF_GRAM_AFTER_TWO},
                    {NO_GRAM, 0, RF_GRAM_GAP},
                    {RF_GRAM_ACTION, 0, RF_GRAM_STEP},
                    {RF_GRAM_AFTER_ONE, 0, RF_GRAM_TWO},
                    {RF_GRAM_AFTER_TWO, 0, RF_GRAM_THREE}};

typedef struct cell {
    uint64_t mass;
    int64_t plogp; /* of a context: sum over the followers; of a pair: its own */
    uint32_t n;    /* of a context: different followers; of a pair: users */
} cell;

struct rf_sequence_model {
    const rf_steps *steps;
    cell *contexts[TABLES], *pairs[TABLES];
    uint32_t *context_of[TABLES]; /* [pairs] while counting */
    rf_tally *tally[TABLES];      /* while counting */
};

/* The steps of a block of users, numbered from 0 on, in the contexts of one table. A context and a pair are
 * called by their first step of the user. */
struct rf_tally {
    const rf_steps *steps;
    int64_t from, n;       /* the block */
    uint32_t *start;       /* [n] the user's first step */
    uint32_t *all, *inner; /* every step; those that are not their user's first */
    int64_t n_inner;
    uint32_t *first[RF_GRAMS]; /* [n] the user's first step with the same gram */
    uint32_t *slot[RF_GRAMS];  /* [slots] steps by their grams: those of other users are none */
    size_t slots;
    const uint32_t *pair; /* [n] */
    uint32_t *context;    /* [n] */
    uint32_t *times, *times_pair;
    int64_t *delta; /* of a context: what its plogp loses with the user */
    uint32_t *gone; /* of a context: followers that only the user has */
    uint32_t *list;
    double *own; /* of a pair: mass of the other users */
    double *mass, *logs;
    double *inverse, *keep, *usual; /* of a context: see refine */
};

/* ---- a block of users ---- */

int64_t rf_block_end(const rf_steps *steps, int64_t first, int64_t last, int64_t most)
{
    int64_t end = first + 1;
    while (end < last && steps->u_ptr[end + 1] - steps->u_ptr[first] <= most)
        end++;
    return end;
}

static void start_block(rf_tally *tally, int64_t first, int64_t last)
{
    const int64_t *ptr = tally->steps->u_ptr;
    tally->from = ptr[first];
    tally->n = ptr[last] - ptr[first];
    tally->n_inner = 0;
    for (int64_t u = first; u < last; u++) {
        const uint32_t start = (uint32_t)(ptr[u] - tally->from), end = (uint32_t)(ptr[u + 1] - tally->from);
        for (uint32_t i = start; i < end; i++) {
            tally->start[i] = start;
            tally->inner[tally->n_inner] = i;
            tally->n_inner += i > start;
        }
    }
}

static void find_firsts(rf_tally *tally, rf_gram gram)
{
    const uint32_t *number = tally->steps->gram[gram];
    uint32_t *slot = tally->slot[gram];
    const size_t mask = tally->slots - 1;
    for (int64_t i = 0; i < tally->n; i++) {
        const uint32_t at = (uint32_t)(tally->from + i), start = (uint32_t)tally->from + tally->start[i];
        size_t k = number[at] & mask;
        while (slot[k] >= start && slot[k] < at && number[slot[k]] != number[at])
            k = (k + 1) & mask;
        if (slot[k] < start || slot[k] >= at)
            slot[k] = at;
        tally->first[gram][i] = slot[k] - (uint32_t)tally->from;
    }
}

/* The contexts and pairs of a table, and how often each user had them. */
static void count_own(rf_tally *tally, int number)
{
    const struct table *table = &tables[number];
    const int64_t n = tally->n, n_in = number < LEVELS ? n : tally->n_inner;
    const uint32_t *in = number < LEVELS ? tally->all : tally->inner, *start = tally->start;
    tally->pair = tally->first[table->pair];
    if (table->context == NO_GRAM) {
        memcpy(tally->context, start, (size_t)n * sizeof *start);
    } else {
        const uint32_t *first = tally->first[table->context];
        for (int64_t i = 0; i < n; i++)
            tally->context[i] = table->back == 0 ? first[i] : i == start[i] ? start[i] : first[i - 1] + 1;
    }
    memset(tally->times, 0, (size_t)n * sizeof *tally->times);
    memset(tally->times_pair, 0, (size_t)n * sizeof *tally->times_pair);
    for (int64_t k = 0; k < n_in; k++) {
        tally->times[tally->context[in[k]]]++;
        tally->times_pair[tally->pair[in[k]]]++;
    }
}

/* The number of the context of step i of the block. */
static uint32_t context_at(const rf_tally *tally, const struct table *table, uint32_t i)
{
    if (table->context == NO_GRAM || (table->back == 1 && i == tally->start[i]))
        return 0;
    return tally->steps->gram[table->context][tally->from + i - table->back];
}

/* What a step adds to its pair where a user has `all` in the context. */
static uint64_t share_of(uint32_t all)
{
    return (UINT64_C(1) << 32) / all;
}

rf_status rf_tally_new(rf_tally **out, const rf_steps *steps, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_tally *tally = NULL;
    RF_ZERO(tally, 1, err);
    tally->steps = steps;
    tally->slots = 16;
    while (tally->slots < 2 * (size_t)(steps->longest < most ? steps->longest : most))
        tally->slots *= 2;
    for (int k = 0; k < RF_GRAMS; k++) {
        RF_NEW(tally->first[k], most, err);
        RF_NEW(tally->slot[k], tally->slots, err);
        memset(tally->slot[k], 0xFF, tally->slots * sizeof *tally->slot[k]);
    }
    RF_NEW(tally->start, most, err);
    RF_NEW(tally->all, most, err);
    RF_NEW(tally->inner, most + 1, err);
    RF_NEW(tally->context, most, err);
    RF_NEW(tally->times, most, err);
    RF_NEW(tally->times_pair, most, err);
    RF_NEW(tally->delta, most, err);
    RF_NEW(tally->gone, most, err);
    RF_NEW(tally->list, most, err);
    RF_NEW(tally->own, most, err);
    RF_NEW(tally->mass, most, err);
    RF_NEW(tally->logs, most, err);
    RF_NEW(tally->inverse, most, err);
    RF_NEW(tally->keep, most, err);
    RF_NEW(tally->usual, most, err);
    for (int64_t i = 0; i < most; i++)
        tally->all[i] = (uint32_t)i;
    *out = tally;
done:
    if (st < 0)
        rf_tally_free(tally);
    return st;
}

void rf_tally_free(rf_tally *tally)
{
    if (tally == NULL)
        return;
    for (int k = 0; k < RF_GRAMS; k++) {
        rf_mem_free(tally->first[k]);
        rf_mem_free(tally->slot[k]);
    }
    void *const blocks[] = {tally->start,      tally->all,   tally->inner,   tally->context, tally->times,
                            tally->times_pair, tally->delta, tally->gone,    tally->list,    tally->own,
                            tally->mass,       tally->logs,  tally->inverse, tally->keep,    tally->usual};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        rf_mem_free(blocks[i]);
    rf_mem_free(tally);
}

/* ---- counting ---- */

static void add_block(rf_sequence_model *model, int number, const rf_tally *tally)
{
    const struct table *table = &tables[number];
    const uint32_t *in = number < LEVELS ? tally->all : tally->inner,
                   *gram = tally->steps->gram[table->pair] + tally->from;
    const int64_t n_in = number < LEVELS ? tally->n : tally->n_inner;
    for (int64_t k = 0; k < n_in; k++) {
        const uint32_t i = in[k];
        if (tally->pair[i] != i)
            continue;
        const uint64_t mass = tally->times_pair[i] * share_of(tally->times[tally->context[i]]);
        const uint32_t context = context_at(tally, table, i);
        cell *pair = &model->pairs[number][gram[i]];
        pair->mass += mass;
        pair->n++;
        model->context_of[number][gram[i]] = context;
        model->contexts[number][context].mass += mass;
    }
}

static int64_t plogp(double users, double log_of)
{
    return llrint(users * log_of * PLOGP_ONE);
}

/* Followers and plogp of the contexts. */
static void sum_pairs(rf_sequence_model *model, int number)
{
    enum { AT_ONCE = 256 };
    cell *pairs = model->pairs[number];
    double logs[AT_ONCE];
    const int64_t n = model->steps->n_grams[tables[number].pair];
    for (int64_t from = 0; from < n; from += AT_ONCE) {
        const int64_t some = n - from < AT_ONCE ? n - from : AT_ONCE;
        for (int64_t i = 0; i < some; i++)
            logs[i] = (double)pairs[from + i].mass / ONE;
        rf_logs(logs, some);
        for (int64_t i = 0; i < some; i++) {
            cell *pair = &pairs[from + i];
            if (pair->n == 0)
                continue;
            pair->plogp = plogp((double)pair->mass / ONE, logs[i]);
            cell *context = &model->contexts[number][model->context_of[number][from + i]];
            context->plogp += pair->plogp;
            context->n++;
        }
    }
}

static void count_table(void *context, int64_t number, int worker)
{
    (void)worker;
    rf_sequence_model *model = context;
    const struct table *table = &tables[number];
    rf_tally *tally = model->tally[number];
    for (int64_t u = 0, end; u < model->steps->n_u; u = end) {
        end = rf_block_end(model->steps, u, model->steps->n_u, BLOCK_STEPS);
        start_block(tally, u, end);
        if (table->context != NO_GRAM)
            find_firsts(tally, table->context);
        find_firsts(tally, table->pair);
        count_own(tally, (int)number);
        add_block(model, (int)number, tally);
    }
    sum_pairs(model, (int)number);
}

rf_status rf_sequence_model_new(rf_sequence_model **out, const rf_steps *steps, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequence_model *model = NULL;
    const int64_t most = steps->longest > BLOCK_STEPS ? steps->longest : BLOCK_STEPS;
    RF_ZERO(model, 1, err);
    model->steps = steps;
    for (int i = 0; i < TABLES; i++) {
        RF_ZERO(model->contexts[i], tables[i].context == NO_GRAM ? 1 : steps->n_grams[tables[i].context],
                err);
        RF_ZERO(model->pairs[i], steps->n_grams[tables[i].pair], err);
        RF_NEW(model->context_of[i], steps->n_grams[tables[i].pair], err);
        RF_TRY(rf_tally_new(&model->tally[i], steps, most, err));
    }
    rf_pool_run(pool, TABLES, count_table, model);
    *out = model;
done:
    for (int i = 0; model != NULL && i < TABLES; i++) {
        rf_tally_free(model->tally[i]);
        rf_mem_free(model->context_of[i]);
        model->tally[i] = NULL;
        model->context_of[i] = NULL;
    }
    if (st < 0)
        rf_sequence_model_free(model);
    return st;
}

void rf_sequence_model_free(rf_sequence_model *model)
{
    for (int i = 0; model != NULL && i < TABLES; i++) {
        rf_mem_free(model->contexts[i]);
        rf_mem_free(model->pairs[i]);
    }
    rf_mem_free(model);
}

/* ---- judging ---- */

/* The pairs of the tally as the other users leave them, and what their contexts lose. */
static void leave_out_pairs(rf_tally *tally, const cell *pairs, int number)
{
    const uint32_t *in = number < LEVELS ? tally->all : tally->inner,
                   *gram = tally->steps->gram[tables[number].pair] + tally->from;
    const int64_t n_in = number < LEVELS ? tally->n : tally->n_inner;
    int64_t n = 0;
    for (int64_t k = 0; k < n_in; k++) {
        const uint32_t i = in[k];
        if (tally->pair[i] != i)
            continue;
        const uint64_t mass = tally->times_pair[i] * share_of(tally->times[tally->context[i]]);
        tally->own[i] = tally->logs[n] = (double)(pairs[gram[i]].mass - mass) / ONE;
        tally->list[n++] = i;
    }
    rf_logs(tally->logs, n);
    memset(tally->delta, 0, (size_t)tally->n * sizeof *tally->delta);
    memset(tally->gone, 0, (size_t)tally->n * sizeof *tally->gone);
    for (int64_t k = 0; k < n; k++) {
        const uint32_t i = tally->list[k];
        const cell *pair = &pairs[gram[i]];
        tally->delta[tally->context[i]] += pair->plogp - plogp(tally->own[i], tally->logs[k]);
        tally->gone[tally->context[i]] += pair->n == 1;
    }
}

/* The contexts of the tally, as the other users leave them. */
static void leave_out_contexts(rf_tally *tally, const cell *contexts, int number)
{
    const uint32_t *in = number < LEVELS ? tally->all : tally->inner;
    const int64_t n_in = number < LEVELS ? tally->n : tally->n_inner;
    int64_t n = 0;
    for (int64_t k = 0; k < n_in; k++) {
        const uint32_t c = tally->context[in[k]], times = tally->times[c];
        if (times == 0)
            continue;
        const cell *context = &contexts[context_at(tally, &tables[number], in[k])];
        tally->mass[n] = tally->logs[n] = (double)(context->mass - times * share_of(times)) / ONE;
        tally->usual[c] = (double)(context->plogp - tally->delta[c]) / PLOGP_ONE;
        tally->keep[c] = context->n - tally->gone[c];
        tally->times[c] = 0;
        tally->list[n++] = c;
    }
    rf_logs(tally->logs, n);
    for (int64_t k = 0; k < n; k++) {
        const uint32_t c = tally->list[k];
        const double whole = tally->mass[k] + tally->keep[c],
                     entropy = tally->mass[k] * tally->logs[k] - tally->usual[c];
        const bool is_empty = !(whole > 0);
        tally->inverse[c] = is_empty ? 0 : 1 / whole;
        tally->keep[c] = is_empty ? 1 : tally->keep[c] / whole;
        tally->usual[c] = is_empty || !(entropy > 0) ? 0 : entropy / whole;
    }
}

/* p and H of the shorter context become those of this one. */
static void refine(double *p, double *usual, const rf_tally *tally, int number)
{
    const uint32_t *in = number < LEVELS ? tally->all : tally->inner;
    const int64_t n_in = number < LEVELS ? tally->n : tally->n_inner;
    for (int64_t k = 0; k < n_in; k++) {
        const uint32_t i = in[k], c = tally->context[i];
        p[i] = tally->own[tally->pair[i]] * tally->inverse[c] + tally->keep[c] * p[i];
        usual[i] = tally->usual[c] + tally->keep[c] * usual[i];
    }
}

/* Different followers of any context of a chain, and a new one. */
static double symbols_of(const rf_sequence_model *model, int chain)
{
    const int number = chain * LEVELS;
    return (double)model->contexts[number][0].n + 1;
}

void rf_sequence_model_judge(rf_expected *out, const rf_sequence_model *model, int64_t first, int64_t last,
                             rf_tally *scratch)
{
    start_block(scratch, first, last);
    for (int gram = 0; gram < RF_GRAMS; gram++)
        find_firsts(scratch, (rf_gram)gram);
    for (int chain = 0; chain < CHAINS; chain++) {
        double *cost = out->cost[chain], *usual = out->usual[chain];
        const double symbols = symbols_of(model, chain), of_new = log(symbols);
        for (int64_t i = 0; i < scratch->n; i++) {
            cost[i] = 1 / symbols;
            usual[i] = of_new;
        }
        for (int number = chain * LEVELS; number < (chain + 1) * LEVELS; number++) {
            count_own(scratch, number);
            leave_out_pairs(scratch, model->pairs[number], number);
            leave_out_contexts(scratch, model->contexts[number], number);
            refine(cost, usual, scratch, number);
        }
        rf_logs(cost, scratch->n);
        for (int64_t i = 0; i < scratch->n; i++) {
            const bool none = chain == 1 && i == scratch->start[i];
            cost[i] = none ? 0 : -cost[i];
            usual[i] = none ? 0 : usual[i];
        }
    }
}

rf_status rf_expected_init(rf_expected *expected, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    *expected = (rf_expected){0};
    for (int chain = 0; chain < CHAINS; chain++) {
        RF_NEW(expected->cost[chain], most, err);
        RF_NEW(expected->usual[chain], most, err);
    }
done:
    if (st < 0)
        rf_expected_clear(expected);
    return st;
}

void rf_expected_clear(rf_expected *expected)
{
    for (int chain = 0; chain < CHAINS; chain++) {
        rf_mem_free(expected->cost[chain]);
        rf_mem_free(expected->usual[chain]);
    }
    *expected = (rf_expected){0};
}

double rf_expected_excess(const rf_expected *expected, int64_t i)
{
    const double excess =
        expected->cost[0][i] + expected->cost[1][i] - expected->usual[0][i] - expected->usual[1][i];
    return excess > 0 ? excess : 0;
}
