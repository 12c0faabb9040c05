/* sequence_model.c - how users go on after what they did: contexts of falling length, counted once a user.
 *
 * Two chains of RF_LEVELS contexts each, the shortest first: of an action, and of a gap after that action. A
 * table has a cell for each context and one for each pair of a context and a follower. A user adds to a
 * context a mass of one, split over the followers as its own steps were; masses are integers, so that a
 * user's own can be taken out again exactly.
 */
#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "sequence_int.h"

#define RF_LEVELS 4
#define CHAINS 2
#define TABLES (CHAINS * RF_LEVELS)
#define ONE 4294967296.0     /* mass of a user in a context */
#define PLOGP_ONE 16777216.0 /* sums of w ln w, w in users */
#define USERS_A_TASK 256

typedef struct cell {
    uint64_t key, mass;
    int64_t plogp; /* of a context: sum over the followers; of a pair: its own */
    uint32_t n;    /* of a context: different followers; of a pair: users */
    bool used;
} cell;

typedef struct cells { /* open addressing, at most half full */
    cell *at;
    size_t size, used;
} cells;

struct rf_sequence_model {
    const rf_steps *steps;
    cells contexts[TABLES], pairs[TABLES];
    rf_tally *tally[TABLES]; /* while counting */
    rf_status st[TABLES];
    rf_err err[TABLES];
};

typedef struct slot {
    uint64_t key;
    uint32_t item, round;
} slot;

typedef struct own_context {
    uint64_t key;
    int64_t times;
    uint64_t mass; /* of the other users, while steps are judged; so are the next three */
    int64_t plogp;
    uint32_t followers;
    double entropy;
} own_context;

typedef struct own_pair {
    uint64_t key;
    int64_t times;
    uint32_t context; /* of own_context */
    double mass;      /* of the other users */
} own_pair;

/* A user's steps in the contexts of one table: which it was in, and how it went on. */
struct rf_tally {
    uint32_t n_contexts, n_pairs;
    own_context *context;
    own_pair *pair;
    uint32_t *pair_of; /* by step; NO_PAIR: the step is none of this table */
    slot *slot;        /* of contexts and pairs; those of other rounds are empty */
    size_t size;
    uint32_t round;
};

#define NO_PAIR UINT32_MAX

/* ---- cells ---- */

static cell *find_slot(const cells *table, uint64_t key)
{
    size_t i = (size_t)key & (table->size - 1);
    while (table->at[i].used && table->at[i].key != key)
        i = (i + 1) & (table->size - 1);
    return &table->at[i];
}

/* Asks for the cells of the tally: they lie anywhere, and the tables are larger than a cache. */
static void fetch_ahead(const rf_tally *tally, const cells *contexts, const cells *pairs)
{
    for (uint32_t i = 0; i < tally->n_contexts && contexts->size > 0; i++)
        __builtin_prefetch(&contexts->at[(size_t)tally->context[i].key & (contexts->size - 1)]);
    for (uint32_t i = 0; i < tally->n_pairs && pairs->size > 0; i++)
        __builtin_prefetch(&pairs->at[(size_t)tally->pair[i].key & (pairs->size - 1)]);
}

/* The key's cell, a new one if need be. Valid until the next call. */
static rf_status take_cell(cell **out, cells *table, uint64_t key, rf_err *err)
{
    rf_status st = RF_OK;
    cells larger = {.size = table->size == 0 ? 64 : 2 * table->size, .used = table->used};
    if (2 * (table->used + 1) > table->size) {
        RF_ZERO(larger.at, larger.size, err);
        for (size_t i = 0; i < table->size; i++) {
            if (table->at[i].used)
                *find_slot(&larger, table->at[i].key) = table->at[i];
        }
        rf_mem_free(table->at);
        *table = larger;
    }
    *out = find_slot(table, key);
    if (!(*out)->used) {
        **out = (cell){.key = key, .used = true};
        table->used++;
    }
done:
    return st;
}

static int64_t plogp(uint64_t mass)
{
    const double w = (double)mass / ONE;
    return mass == 0 ? 0 : llrint(w * log(w) * PLOGP_ONE);
}

/* ---- one user ---- */

/* The step `back` before i; one token for all that is before the first step. */
static uint64_t token_before(const rf_step *step, int64_t i, int64_t back)
{
    return i < back ? 1 : step[i - back].token;
}

static uint64_t context_of(int number, const rf_step *step, int64_t i)
{
    switch (number) {
    case 1: /* the action before */
        return rf_hash_two(1, i > 0 ? step[i - 1].action : 0);
    case 2: /* the step before */
        return rf_hash_two(2, token_before(step, i, 1));
    case 3: /* the two before */
        return rf_hash_two(rf_hash_two(3, token_before(step, i, 1)), token_before(step, i, 2));
    case 5: /* this action */
        return rf_hash_two(5, step[i].action);
    case 6: /* and the step before */
        return rf_hash_two(rf_hash_two(6, step[i].action), token_before(step, i, 1));
    case 7: /* and the two before */
        return rf_hash_two(rf_hash_two(rf_hash_two(7, step[i].action), token_before(step, i, 1)),
                           token_before(step, i, 2));
    default: /* none */
        return 0;
    }
}

/* The number of the key's item, which is `next` if the key is new. */
static uint32_t take_slot(rf_tally *tally, uint64_t key, uint32_t next)
{
    size_t i = (size_t)key & (tally->size - 1);
    while (tally->slot[i].round == tally->round && tally->slot[i].key != key)
        i = (i + 1) & (tally->size - 1);
    if (tally->slot[i].round != tally->round)
        tally->slot[i] = (slot){.key = key, .item = next, .round = tally->round};
    return tally->slot[i].item;
}

static void start_round(rf_tally *tally)
{
    if (++tally->round == 0) { /* it has gone round */
        memset(tally->slot, 0, tally->size * sizeof *tally->slot);
        tally->round = 1;
    }
    tally->n_contexts = tally->n_pairs = 0;
}

static void tally_steps(rf_tally *tally, int number, const rf_step *step, int64_t n)
{
    start_round(tally);
    for (int64_t i = 0; i < n; i++) {
        tally->pair_of[i] = NO_PAIR;
        if (number >= RF_LEVELS && step[i].gap_us == RF_FIRST_STEP)
            continue;
        const uint64_t context = context_of(number, step, i),
                       follower =
                           number < RF_LEVELS ? step[i].action : (uint64_t)rf_gap_class(step[i].gap_us),
                       both = rf_hash_two(context, follower);
        const uint32_t c = take_slot(tally, context, tally->n_contexts);
        if (c == tally->n_contexts)
            tally->context[tally->n_contexts++] = (own_context){.key = context};
        const uint32_t p = take_slot(tally, both, tally->n_pairs);
        if (p == tally->n_pairs)
            tally->pair[tally->n_pairs++] = (own_pair){.key = both, .context = c};
        tally->context[c].times++;
        tally->pair[p].times++;
        tally->pair_of[i] = p;
    }
}

rf_status rf_tally_new(rf_tally **out, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_tally *tally = NULL;
    RF_ZERO(tally, 1, err);
    tally->size = 16;
    while (tally->size < 4 * (size_t)most)
        tally->size *= 2;
    RF_NEW(tally->context, most, err);
    RF_NEW(tally->pair, most, err);
    RF_NEW(tally->pair_of, most, err);
    RF_ZERO(tally->slot, tally->size, err);
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
    rf_mem_free(tally->context);
    rf_mem_free(tally->pair);
    rf_mem_free(tally->pair_of);
    rf_mem_free(tally->slot);
    rf_mem_free(tally);
}

/* What `times` of the user's `all` steps in a context add to a pair. */
static uint64_t mass_of(int64_t times, int64_t all)
{
    return ((uint64_t)times << 32) / (uint64_t)all;
}

/* ---- counting ---- */

static rf_status add_user(rf_sequence_model *model, int number, const rf_tally *tally, rf_err *err)
{
    rf_status st = RF_OK;
    cell *context, *pair;
    fetch_ahead(tally, &model->contexts[number], &model->pairs[number]);
    for (uint32_t i = 0; i < tally->n_pairs; i++) {
        const own_pair *own = &tally->pair[i];
        const uint64_t mass = mass_of(own->times, tally->context[own->context].times);
        RF_TRY(take_cell(&context, &model->contexts[number], tally->context[own->context].key, err));
        RF_TRY(take_cell(&pair, &model->pairs[number], own->key, err));
        const int64_t before = pair->plogp;
        pair->mass += mass;
        pair->plogp = plogp(pair->mass);
        context->plogp += pair->plogp - before;
        context->mass += mass;
        context->n += pair->n == 0;
        pair->n++;
    }
done:
    return st;
}

static void count_table(void *context, int64_t number, int worker)
{
    (void)worker;
    rf_sequence_model *model = context;
    const rf_steps *steps = model->steps;
    rf_tally *tally = model->tally[number];
    for (int64_t u = 0; u < steps->n_u && model->st[number] >= 0; u++) {
        const int64_t from = steps->u_ptr[u];
        tally_steps(tally, (int)number, steps->at + from, steps->u_ptr[u + 1] - from);
        model->st[number] = add_user(model, (int)number, tally, &model->err[number]);
    }
}

rf_status rf_sequence_model_new(rf_sequence_model **out, const rf_steps *steps, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequence_model *model = NULL;
    RF_ZERO(model, 1, err);
    model->steps = steps;
    for (int i = 0; i < TABLES; i++)
        RF_TRY(rf_tally_new(&model->tally[i], steps->longest, err));
    rf_pool_run(pool, TABLES, count_table, model);
    for (int i = 0; i < TABLES; i++) {
        if (model->st[i] < 0)
            RF_FAIL(err, model->st[i], "%s", model->err[i].msg);
    }
    *out = model;
done:
    for (int i = 0; model != NULL && i < TABLES; i++) {
        rf_tally_free(model->tally[i]);
        model->tally[i] = NULL;
    }
    if (st < 0)
        rf_sequence_model_free(model);
    return st;
}

void rf_sequence_model_free(rf_sequence_model *model)
{
    for (int i = 0; model != NULL && i < TABLES; i++) {
        rf_mem_free(model->contexts[i].at);
        rf_mem_free(model->pairs[i].at);
    }
    rf_mem_free(model);
}

/* ---- judging ---- */

/* The contexts and pairs of the tally as the other users leave them. */
static void leave_out(rf_tally *tally, const rf_sequence_model *model, int number)
{
    fetch_ahead(tally, &model->contexts[number], &model->pairs[number]);
    for (uint32_t i = 0; i < tally->n_contexts; i++) {
        own_context *own = &tally->context[i];
        const cell *all = find_slot(&model->contexts[number], own->key);
        own->mass = all->mass;
        own->plogp = all->plogp;
        own->followers = all->n;
    }
    for (uint32_t i = 0; i < tally->n_pairs; i++) {
        own_pair *own = &tally->pair[i];
        own_context *context = &tally->context[own->context];
        const cell *all = find_slot(&model->pairs[number], own->key);
        const uint64_t mass = mass_of(own->times, context->times);
        own->mass = (double)(all->mass - mass) / ONE;
        context->mass -= mass;
        context->plogp += plogp(all->mass - mass) - all->plogp;
        context->followers -= all->n == 1;
    }
    for (uint32_t i = 0; i < tally->n_contexts; i++) {
        own_context *own = &tally->context[i];
        const double users = (double)own->mass / ONE;
        own->entropy = own->mass == 0 ? 0 : fmax(0, log(users) - (double)own->plogp / PLOGP_ONE / users);
    }
}

/* out[].cost holds p, out[].usual H of the shorter context; becomes those of this one. */
static void refine(rf_expected *out, const rf_tally *tally, int chain, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (tally->pair_of[i] == NO_PAIR)
            continue;
        const own_pair *pair = &tally->pair[tally->pair_of[i]];
        const own_context *context = &tally->context[pair->context];
        const double mass = (double)context->mass / ONE, whole = mass + context->followers;
        if (whole <= 0)
            continue;
        out[i].cost[chain] = (pair->mass + context->followers * out[i].cost[chain]) / whole;
        out[i].usual[chain] = (mass * context->entropy + context->followers * out[i].usual[chain]) / whole;
    }
}

void rf_sequence_model_judge(rf_expected *out, const rf_sequence_model *model, const rf_step *step, int64_t n,
                             rf_tally *scratch)
{
    for (int chain = 0; chain < CHAINS; chain++) {
        const double symbols = (double)model->pairs[chain * RF_LEVELS].used + 1; /* and a new one */
        for (int64_t i = 0; i < n; i++) {
            out[i].cost[chain] = 1 / symbols;
            out[i].usual[chain] = log(symbols);
        }
        for (int level = 0; level < RF_LEVELS; level++) {
            const int number = chain * RF_LEVELS + level;
            tally_steps(scratch, number, step, n);
            leave_out(scratch, model, number);
            refine(out, scratch, chain, n);
        }
        for (int64_t i = 0; i < n; i++) {
            const bool none = chain == 1 && step[i].gap_us == RF_FIRST_STEP;
            out[i].cost[chain] = none ? 0 : -log(out[i].cost[chain]);
            out[i].usual[chain] = none ? 0 : out[i].usual[chain];
        }
    }
}

double rf_expected_excess(const rf_expected *expected)
{
    return fmax(0, expected->cost[0] + expected->cost[1] - expected->usual[0] - expected->usual[1]);
}
