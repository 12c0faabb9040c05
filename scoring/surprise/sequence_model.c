/* sequence_model.c - how users go on after what they did: contexts of falling length, counted once a user.
 *
 * Two chains of RF_LEVELS contexts each, the shortest first: of an action, and of a gap after that action. A
 * table has a cell for each context and one for each pair of a context and a follower. A user adds to a
 * context a mass of one, split over the followers as its own steps were; masses are integers, so that a
 * user's own can be taken out again exactly.
 */
#include <math.h>
#include <stdlib.h>

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
    int64_t plogp; /* of a context: sum over the followers */
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
    rf_place *place[TABLES]; /* while counting */
    rf_status st[TABLES];
    rf_err err[TABLES];
};

struct rf_place { /* a step as a follower in a context */
    uint64_t context, follower;
    int64_t step;
};

/* ---- cells ---- */

static cell *find_slot(const cells *table, uint64_t key)
{
    size_t i = (size_t)key & (table->size - 1);
    while (table->at[i].used && table->at[i].key != key)
        i = (i + 1) & (table->size - 1);
    return &table->at[i];
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

/* ---- places ---- */

static int by_place(const void *left, const void *right)
{
    const rf_place *a = left, *b = right;
    if (a->context != b->context)
        return a->context < b->context ? -1 : 1;
    if (a->follower != b->follower)
        return a->follower < b->follower ? -1 : 1;
    return (a->step > b->step) - (a->step < b->step);
}

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

/* The user's n steps as followers in the contexts of a table, equal ones together; returns how many. */
static int64_t list_places(rf_place *out, int number, const rf_step *step, int64_t n)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (number < RF_LEVELS || step[i].gap_us != RF_FIRST_STEP)
            out[count++] = (rf_place){.context = context_of(number, step, i),
                                      .follower = number < RF_LEVELS ? step[i].action
                                                                     : (uint64_t)rf_gap_class(step[i].gap_us),
                                      .step = i};
    }
    qsort(out, (size_t)count, sizeof *out, by_place);
    return count;
}

/* Ends of the run that begins at i: of equal contexts, of equal followers in one. */
static int64_t context_end(const rf_place *place, int64_t n, int64_t i)
{
    int64_t end = i + 1;
    while (end < n && place[end].context == place[i].context)
        end++;
    return end;
}

static int64_t follower_end(const rf_place *place, int64_t n, int64_t i)
{
    int64_t end = i + 1;
    while (end < n && place[end].follower == place[i].follower)
        end++;
    return end;
}

/* What `times` of the user's `all` steps in a context add to a pair. */
static uint64_t mass_of(int64_t times, int64_t all)
{
    return ((uint64_t)times << 32) / (uint64_t)all;
}

/* ---- counting ---- */

static rf_status add_user(rf_sequence_model *model, int number, const rf_place *place, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    cell *context, *pair;
    for (int64_t from = 0, to; from < n; from = to) {
        to = context_end(place, n, from);
        RF_TRY(take_cell(&context, &model->contexts[number], place[from].context, err));
        for (int64_t i = from, end; i < to; i = end) {
            end = follower_end(place, to, i);
            const uint64_t mass = mass_of(end - i, to - from);
            RF_TRY(take_cell(&pair, &model->pairs[number], rf_hash_two(place[i].context, place[i].follower),
                             err));
            context->plogp += plogp(pair->mass + mass) - plogp(pair->mass);
            context->mass += mass;
            context->n += pair->n == 0;
            pair->mass += mass;
            pair->n++;
        }
    }
done:
    return st;
}

static void count_table(void *context, int64_t number, int worker)
{
    (void)worker;
    rf_sequence_model *model = context;
    const rf_steps *steps = model->steps;
    rf_place *place = model->place[number];
    for (int64_t u = 0; u < steps->n_u && model->st[number] >= 0; u++) {
        const int64_t from = steps->u_ptr[u];
        int64_t n = list_places(place, (int)number, steps->at + from, steps->u_ptr[u + 1] - from);
        model->st[number] = add_user(model, (int)number, place, n, &model->err[number]);
    }
}

rf_status rf_sequence_model_new(rf_sequence_model **out, const rf_steps *steps, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequence_model *model = NULL;
    RF_ZERO(model, 1, err);
    model->steps = steps;
    for (int i = 0; i < TABLES; i++) {
        model->place[i] = rf_places_new(steps->longest, err);
        if (model->place[i] == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
    }
    rf_pool_run(pool, TABLES, count_table, model);
    for (int i = 0; i < TABLES; i++) {
        if (model->st[i] < 0)
            RF_FAIL(err, model->st[i], "%s", model->err[i].msg);
    }
    *out = model;
done:
    for (int i = 0; model != NULL && i < TABLES; i++) {
        rf_mem_free(model->place[i]);
        model->place[i] = NULL;
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

rf_place *rf_places_new(int64_t n, rf_err *err)
{
    return rf_mem_new((size_t)n, sizeof(rf_place), err);
}

/* ---- judging ---- */

typedef struct others { /* a context without the user */
    double mass, followers, entropy;
} others;

static others without_user(const rf_sequence_model *model, int number, const rf_place *place, int64_t n)
{
    const cell *context = find_slot(&model->contexts[number], place->context);
    uint64_t mass = context->mass;
    uint32_t followers = context->n;
    int64_t sum = context->plogp;
    for (int64_t i = 0, end; i < n; i = end) {
        end = follower_end(place, n, i);
        const uint64_t own = mass_of(end - i, n);
        const cell *pair = find_slot(&model->pairs[number], rf_hash_two(place[i].context, place[i].follower));
        mass -= own;
        followers -= pair->n == 1;
        sum += plogp(pair->mass - own) - plogp(pair->mass);
    }
    const double users = (double)mass / ONE;
    return (others){.mass = users,
                    .followers = followers,
                    .entropy = mass == 0 ? 0 : fmax(0, log(users) - (double)sum / PLOGP_ONE / users)};
}

/* out[].cost holds p, out[].usual H of the shorter context; becomes those of this one. */
static void refine(rf_expected *out, const rf_sequence_model *model, int number, const rf_place *place,
                   int64_t n)
{
    const int chain = number / RF_LEVELS;
    const others rest = without_user(model, number, place, n);
    const double whole = rest.mass + rest.followers;
    if (whole <= 0)
        return;
    for (int64_t i = 0, end; i < n; i = end) {
        end = follower_end(place, n, i);
        const cell *pair = find_slot(&model->pairs[number], rf_hash_two(place[i].context, place[i].follower));
        const double mass = (double)(pair->mass - mass_of(end - i, n)) / ONE;
        for (int64_t k = i; k < end; k++) {
            rf_expected *step = &out[place[k].step];
            step->cost[chain] = (mass + rest.followers * step->cost[chain]) / whole;
            step->usual[chain] = (rest.mass * rest.entropy + rest.followers * step->usual[chain]) / whole;
        }
    }
}

void rf_sequence_model_judge(rf_expected *out, const rf_sequence_model *model, const rf_step *step, int64_t n,
                             rf_place *scratch)
{
    for (int chain = 0; chain < CHAINS; chain++) {
        const double symbols = (double)model->pairs[chain * RF_LEVELS].used + 1; /* and a new one */
        for (int64_t i = 0; i < n; i++) {
            out[i].cost[chain] = 1 / symbols;
            out[i].usual[chain] = log(symbols);
        }
        for (int level = 0; level < RF_LEVELS; level++) {
            const int number = chain * RF_LEVELS + level;
            int64_t n_places = list_places(scratch, number, step, n);
            for (int64_t from = 0, to; from < n_places; from = to) {
                to = context_end(scratch, n_places, from);
                refine(out, model, number, scratch + from, to - from);
            }
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
