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
#define SHARES 64
#define LEAST_SLOTS 2048

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

typedef struct pair_cell {
    uint64_t mass;
    int64_t plogp;
} pair_cell;

typedef struct context_cell {
    uint64_t mass;
    int64_t plogp; /* sum over the followers */
    uint32_t n;    /* different followers */
} context_cell;

struct rf_sequence_model {
    const rf_steps *steps;
    context_cell *contexts[TABLES];
    pair_cell *pairs[TABLES];
    uint32_t *context_of[TABLES]; /* [pairs] while counting */
    rf_tally *tally[LEVELS];      /* while counting */
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
    uint32_t *number;     /* [n] of the context in the model */
    uint32_t *pairs;      /* [n_pairs] each pair once */
    int64_t n_pairs;
    uint32_t *times, *times_pair;
    int64_t *delta;              /* of a context: what its plogp loses with the user */
    uint32_t *gone;              /* of a context: followers that only the user has */
    uint32_t *list, *list_times; /* [n + 1] contexts */
    uint64_t share[SHARES];      /* see share_of */
    double *own;                 /* of a pair: mass of the other users */
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
        const uint32_t at = (uint32_t)(tally->from + i), before = (uint32_t)i - tally->start[i],
                       wanted = number[at];
        size_t k = wanted & mask;
        /* the slot's step is one of the user's before this one? */
        uint32_t found = slot[k];
        bool is_taken = at - found - 1 < before, is_same = is_taken && number[found] == wanted;
        while (is_taken && !is_same) {
            k = (k + 1) & mask;
            found = slot[k];
            is_taken = at - found - 1 < before;
            is_same = is_taken && number[found] == wanted;
        }
        found = is_same ? found : at;
        slot[k] = found;
        tally->first[gram][i] = found - (uint32_t)tally->from;
    }
}

/* Steps that are in a table: a user's first one has no gap. */
static const uint32_t *steps_in(int64_t *n, const rf_tally *tally, int number)
{
    *n = number < LEVELS ? tally->n : tally->n_inner;
    return number < LEVELS ? tally->all : tally->inner;
}

static void name_contexts(rf_tally *tally, const struct table *table)
{
    const uint32_t *start = tally->start;
    if (table->context == NO_GRAM) {
        memcpy(tally->context, start, (size_t)tally->n * sizeof *start);
        memset(tally->number, 0, (size_t)tally->n * sizeof *tally->number);
        return;
    }
    const uint32_t *first = tally->first[table->context],
                   *gram = tally->steps->gram[table->context] + tally->from;
    for (int64_t i = 0; i < tally->n; i++) {
        const bool is_start = table->back == 1 && i == start[i];
        tally->context[i] = is_start ? start[i] : first[i - table->back] + (uint32_t)table->back;
        tally->number[i] = is_start ? 0 : gram[i - table->back];
    }
}

/* The contexts and pairs of a table, how often each user had them, and the steps with a pair's first. */
static void count_own(rf_tally *tally, const rf_sequence_model *model, int number)
{
    const struct table *table = &tables[number];
    const uint32_t *gram = tally->steps->gram[table->pair] + tally->from;
    int64_t n_in, n = 0;
    const uint32_t *in = steps_in(&n_in, tally, number), *pair = tally->first[table->pair];
    name_contexts(tally, table);
    memset(tally->times, 0, (size_t)tally->n * sizeof *tally->times);
    memset(tally->times_pair, 0, (size_t)tally->n * sizeof *tally->times_pair);
    for (int64_t k = 0; k < n_in; k++) {
        const uint32_t i = in[k];
        __builtin_prefetch(&model->pairs[number][gram[i]]); /* the tables are larger than a cache */
        __builtin_prefetch(&model->contexts[number][tally->number[i]]);
        tally->times[tally->context[i]]++;
        tally->times_pair[pair[i]]++;
        tally->pairs[n] = i;
        n += pair[i] == i;
    }
    tally->pair = pair;
    tally->n_pairs = n;
}

/* What a step adds to its pair where a user has `all` in the context. */
static uint64_t share_of(const rf_tally *tally, uint32_t all)
{
    return all < SHARES ? tally->share[all] : (UINT64_C(1) << 32) / all;
}

/* What the user of the pair of step i adds to it. */
static uint64_t mass_of(const rf_tally *tally, uint32_t i)
{
    return tally->times_pair[i] * share_of(tally, tally->times[tally->context[i]]);
}

rf_status rf_tally_new(rf_tally **out, const rf_steps *steps, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_tally *tally = NULL;
    RF_ZERO(tally, 1, err);
    tally->steps = steps;
    tally->slots = LEAST_SLOTS;
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
    RF_NEW(tally->list, most + 1, err);
    RF_NEW(tally->list_times, most + 1, err);
    RF_NEW(tally->pairs, most + 1, err);
    RF_NEW(tally->number, most, err);
    RF_NEW(tally->own, most, err);
    RF_NEW(tally->mass, most, err);
    RF_NEW(tally->logs, most, err);
    RF_NEW(tally->inverse, most, err);
    RF_NEW(tally->keep, most, err);
    RF_NEW(tally->usual, most, err);
    for (int64_t i = 0; i < most; i++)
        tally->all[i] = (uint32_t)i;
    for (uint64_t i = 1; i < SHARES; i++)
        tally->share[i] = (UINT64_C(1) << 32) / i;
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
    void *const blocks[] = {tally->start,      tally->all,    tally->inner, tally->context, tally->times,
                            tally->times_pair, tally->delta,  tally->gone,  tally->list,    tally->list_times,
                            tally->pairs,      tally->number, tally->own,   tally->mass,    tally->logs,
                            tally->inverse,    tally->keep,   tally->usual};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        rf_mem_free(blocks[i]);
    rf_mem_free(tally);
}

/* ---- counting ---- */

static void add_block(rf_sequence_model *model, int number, const rf_tally *tally)
{
    const uint32_t *gram = tally->steps->gram[tables[number].pair] + tally->from;
    for (int64_t k = 0; k < tally->n_pairs; k++) {
        const uint32_t i = tally->pairs[k];
        const uint64_t mass = mass_of(tally, i);
        model->pairs[number][gram[i]].mass += mass;
        model->context_of[number][gram[i]] = tally->number[i];
        model->contexts[number][tally->number[i]].mass += mass;
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
    pair_cell *pairs = model->pairs[number];
    double logs[AT_ONCE];
    const int64_t n = model->steps->n_grams[tables[number].pair];
    for (int64_t from = 0; from < n; from += AT_ONCE) {
        const int64_t some = n - from < AT_ONCE ? n - from : AT_ONCE;
        for (int64_t i = 0; i < some; i++)
            logs[i] = (double)pairs[from + i].mass / ONE;
        rf_logs(logs, some);
        for (int64_t i = 0; i < some; i++) {
            pair_cell *pair = &pairs[from + i];
            if (pair->mass == 0)
                continue;
            pair->plogp = plogp((double)pair->mass / ONE, logs[i]);
            context_cell *context = &model->contexts[number][model->context_of[number][from + i]];
            context->plogp += pair->plogp;
            context->n++;
        }
    }
}

/* The tables of one level in both chains: they have grams in common. */
static void count_level(void *context, int64_t level, int worker)
{
    (void)worker;
    rf_sequence_model *model = context;
    rf_tally *tally = model->tally[level];
    for (int64_t u = 0, end; u < model->steps->n_u; u = end) {
        bool is_found[RF_GRAMS + 1] = {[NO_GRAM] = true};
        end = rf_block_end(model->steps, u, model->steps->n_u, BLOCK_STEPS);
        start_block(tally, u, end);
        for (int number = (int)level; number < TABLES; number += LEVELS) {
            const rf_gram needed[] = {tables[number].context, tables[number].pair};
            for (int k = 0; k < 2; k++) {
                if (!is_found[needed[k]])
                    find_firsts(tally, needed[k]);
                is_found[needed[k]] = true;
            }
            count_own(tally, model, number);
            add_block(model, number, tally);
        }
    }
    for (int number = (int)level; number < TABLES; number += LEVELS)
        sum_pairs(model, number);
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
    }
    for (int i = 0; i < LEVELS; i++)
        RF_TRY(rf_tally_new(&model->tally[i], steps, most, err));
    rf_pool_run(pool, LEVELS, count_level, model);
    *out = model;
done:
    for (int i = 0; model != NULL && i < LEVELS; i++)
        rf_tally_free(model->tally[i]);
    for (int i = 0; model != NULL && i < TABLES; i++) {
        rf_mem_free(model->context_of[i]);
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
static void leave_out_pairs(rf_tally *tally, const pair_cell *pairs, int number)
{
    const uint32_t *gram = tally->steps->gram[tables[number].pair] + tally->from;
    const int64_t n = tally->n_pairs;
    for (int64_t k = 0; k < n; k++) {
        const uint32_t i = tally->pairs[k];
        tally->own[i] = tally->logs[k] = (double)(pairs[gram[i]].mass - mass_of(tally, i)) / ONE;
    }
    rf_logs(tally->logs, n);
    memset(tally->delta, 0, (size_t)tally->n * sizeof *tally->delta);
    memset(tally->gone, 0, (size_t)tally->n * sizeof *tally->gone);
    for (int64_t k = 0; k < n; k++) {
        const uint32_t i = tally->pairs[k], c = tally->context[i];
        tally->delta[c] += pairs[gram[i]].plogp - plogp(tally->own[i], tally->logs[k]);
        tally->gone[c] += !(tally->own[i] > 0);
    }
}

/* The contexts of the tally, as the other users leave them. */
static void leave_out_contexts(rf_tally *tally, const context_cell *contexts, int number)
{
    int64_t n_in, n = 0;
    const uint32_t *in = steps_in(&n_in, tally, number);
    for (int64_t k = 0; k < n_in; k++) {
        const uint32_t c = tally->context[in[k]];
        tally->list[n] = in[k];
        tally->list_times[n] = tally->times[c];
        n += tally->times[c] > 0;
        tally->times[c] = 0;
    }
    for (int64_t k = 0; k < n; k++) {
        const uint32_t c = tally->context[tally->list[k]], times = tally->list_times[k];
        const context_cell *context = &contexts[tally->number[tally->list[k]]];
        tally->mass[k] = tally->logs[k] = (double)(context->mass - times * share_of(tally, times)) / ONE;
        tally->usual[c] = (double)(context->plogp - tally->delta[c]) / PLOGP_ONE;
        tally->keep[c] = context->n - tally->gone[c];
    }
    rf_logs(tally->logs, n);
    for (int64_t k = 0; k < n; k++) {
        const uint32_t c = tally->context[tally->list[k]];
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
    int64_t n_in;
    const uint32_t *in = steps_in(&n_in, tally, number);
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
            count_own(scratch, model, number);
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
