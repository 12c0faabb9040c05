/* sequence_grams.c - numbers for what steps have in common: equal numbers, equal actions, steps, or pairs and
 * threes of them.
 *
 * Each kind is a kind before it and one thing more, an action or a gap: a key of 64 bits. Parts of the steps
 * number their keys apart, in the order in which they meet them; the parts' lists put together, in order,
 * give each key the number that it would have if all steps were read one behind the other.
 */
#include "rf_mem.h"
#include "sequence_int.h"

#define CHUNK 4096
#define PARTS 64 /* of the steps, at most */

typedef struct entry {
    uint64_t key;
    uint32_t number; /* 0: none */
} entry;

typedef struct dictionary { /* open addressing, at most half full */
    entry *at;
    int shift; /* 64 - log2 of the size */
    uint32_t next;
} dictionary;

typedef struct part_words { /* of one part of the steps: its keys, whose numbers there are 1, 2, ... */
    uint64_t *keys;
    size_t n, room;
    uint32_t *number; /* [n] among all */
    rf_status st;
    rf_err err;
} part_words;

typedef struct numbering {
    rf_steps *steps;
    rf_gram out, before;            /* before: what `out` goes on from */
    const uint64_t *action_of_edge; /* out is RF_GRAM_ACTION */
    bool adds_gap;                  /* else an action, after what the user's step before was */
    int64_t size;                   /* steps of a part */
    part_words part[PARTS];
} numbering;

static entry *find(const dictionary *words, uint64_t key)
{
    const size_t mask = ((size_t)1 << (64 - words->shift)) - 1;
    size_t i = (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> words->shift);
    while (words->at[i].number != 0 && words->at[i].key != key)
        i = (i + 1) & mask;
    return &words->at[i];
}

/* Room for CHUNK more. */
static rf_status make_room(dictionary *words, rf_err *err)
{
    rf_status st = RF_OK;
    dictionary larger = {.shift = 64 - 14, .next = words->next};
    while (((size_t)1 << (64 - larger.shift)) < 2 * ((size_t)words->next + CHUNK))
        larger.shift--;
    if (words->at != NULL && larger.shift == words->shift)
        return st;
    RF_ZERO(larger.at, (size_t)1 << (64 - larger.shift), err);
    for (size_t i = 0; words->at != NULL && i < (size_t)1 << (64 - words->shift); i++) {
        if (words->at[i].number != 0)
            *find(&larger, words->at[i].key) = words->at[i];
    }
    rf_mem_free(words->at);
    *words = larger;
done:
    return st;
}

static uint64_t key_of(const numbering *of, int64_t i)
{
    const rf_steps *steps = of->steps;
    const uint32_t gap = steps->gram[RF_GRAM_GAP][i];
    if (of->action_of_edge != NULL)
        return of->action_of_edge[steps->edge[i]];
    if (of->adds_gap)
        return (uint64_t)steps->gram[of->before][i] << 32 | gap;
    const uint32_t last = gap > 0 ? steps->gram[of->before][i - 1] : 0;
    return (uint64_t)last << 32 | steps->gram[RF_GRAM_ACTION][i];
}

static uint32_t number_of(dictionary *words, uint64_t key)
{
    entry *found = find(words, key);
    if (found->number == 0)
        *found = (entry){.key = key, .number = words->next++};
    return found->number;
}

static int64_t end_of(const numbering *of, int64_t part)
{
    const int64_t end = (part + 1) * of->size;
    return end < of->steps->n ? end : of->steps->n;
}

static rf_status number_part(part_words *words, const numbering *of, int64_t part, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *out = of->steps->gram[of->out];
    dictionary own = {.next = 1};
    for (int64_t i = part * of->size; i < end_of(of, part); i++) {
        if (i % CHUNK == 0 || own.at == NULL) {
            RF_TRY(make_room(&own, err));
            RF_TRY(rf_mem_reserve((void **)&words->keys, &words->room, words->n + CHUNK, sizeof *words->keys,
                                  err));
        }
        const uint64_t key = key_of(of, i);
        out[i] = number_of(&own, key);
        if (out[i] > words->n)
            words->keys[words->n++] = key;
    }
done:
    rf_mem_free(own.at);
    return st;
}

static void number_task(void *context, int64_t part, int worker)
{
    numbering *of = context;
    part_words *words = &of->part[part];
    (void)worker;
    words->st = number_part(words, of, part, &words->err);
}

/* The parts' numbers among all. */
static rf_status join_parts(numbering *of, int64_t parts, rf_err *err)
{
    rf_status st = RF_OK;
    dictionary all = {.next = 1};
    for (int64_t p = 0; p < parts; p++) {
        part_words *words = &of->part[p];
        if (words->st < 0)
            RF_FAIL(err, words->st, "%s", words->err.msg);
        RF_NEW(words->number, words->n, err);
        for (size_t k = 0; k < words->n; k++) {
            if (k % CHUNK == 0)
                RF_TRY(make_room(&all, err));
            words->number[k] = number_of(&all, words->keys[k]);
        }
    }
    of->steps->n_grams[of->out] = all.next;
done:
    rf_mem_free(all.at);
    return st;
}

static void rename_task(void *context, int64_t part, int worker)
{
    const numbering *of = context;
    uint32_t *out = of->steps->gram[of->out];
    (void)worker;
    for (int64_t i = part * of->size; i < end_of(of, part); i++)
        out[i] = of->part[part].number[out[i] - 1];
}

static rf_status number_all(numbering *of, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n = of->steps->n, chunks = (n + CHUNK - 1) / CHUNK, parts = chunks < PARTS ? chunks : PARTS;
    of->size = parts > 0 ? (chunks + parts - 1) / parts * CHUNK : CHUNK;
    rf_pool_run(pool, parts, number_task, of);
    RF_TRY(join_parts(of, parts, err));
    rf_pool_run(pool, parts, rename_task, of);
done:
    for (int p = 0; p < PARTS; p++) {
        rf_mem_free(of->part[p].keys);
        rf_mem_free(of->part[p].number);
    }
    return st;
}

/* The step's action after `before` of the user's step before, 0 where there is none. */
static rf_status add_action(rf_steps *steps, rf_gram out, rf_gram before, rf_pool *pool, rf_err *err)
{
    numbering of = {.steps = steps, .out = out, .before = before};
    return number_all(&of, pool, err);
}

/* `without`, and the step's gap. */
static rf_status add_gap(rf_steps *steps, rf_gram out, rf_gram without, rf_pool *pool, rf_err *err)
{
    numbering of = {.steps = steps, .out = out, .before = without, .adds_gap = true};
    return number_all(&of, pool, err);
}

rf_status rf_grams_number(rf_steps *steps, const uint64_t *action_of_edge, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    numbering actions = {.steps = steps, .out = RF_GRAM_ACTION, .action_of_edge = action_of_edge};
    RF_TRY(number_all(&actions, pool, err));
    RF_TRY(add_gap(steps, RF_GRAM_STEP, RF_GRAM_ACTION, pool, err));
    RF_TRY(add_action(steps, RF_GRAM_ACTIONS, RF_GRAM_ACTION, pool, err));
    RF_TRY(add_action(steps, RF_GRAM_AFTER_ONE, RF_GRAM_STEP, pool, err));
    RF_TRY(add_gap(steps, RF_GRAM_TWO, RF_GRAM_AFTER_ONE, pool, err));
    RF_TRY(add_action(steps, RF_GRAM_AFTER_TWO, RF_GRAM_TWO, pool, err));
    RF_TRY(add_gap(steps, RF_GRAM_THREE, RF_GRAM_AFTER_TWO, pool, err));
done:
    return st;
}
