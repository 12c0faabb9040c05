/* sequence_grams.c - numbers for what steps have in common: equal numbers, equal actions, steps, or pairs and
 * threes of them.
 *
 * Each kind is a kind before it and one thing more: an action, which a dictionary finds, or a gap, for which
 * each number has RF_GAP_CLASSES places.
 */
#include "rf_mem.h"
#include "sequence_int.h"

#define CHUNK 4096

typedef struct entry {
    uint64_t key;
    uint32_t number; /* 0: none */
} entry;

typedef struct dictionary { /* open addressing, at most half full */
    entry *at;
    int shift; /* 64 - log2 of the size */
    uint32_t next;
} dictionary;

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

/* numbers[0..n) of keys[0..n), n <= CHUNK. */
static rf_status look_up(uint32_t *numbers, dictionary *words, const uint64_t *keys, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(make_room(words, err));
    for (int64_t i = 0; i < n; i++) {
        entry *found = find(words, keys[i]);
        if (found->number == 0)
            *found = (entry){.key = keys[i], .number = words->next++};
        numbers[i] = found->number;
    }
done:
    return st;
}

static rf_status number_actions(rf_steps *steps, const uint64_t *action_of_edge, rf_err *err)
{
    rf_status st = RF_OK;
    dictionary words = {.next = 1};
    uint64_t keys[CHUNK];
    for (int64_t from = 0; from < steps->n; from += CHUNK) {
        const int64_t n = steps->n - from < CHUNK ? steps->n - from : CHUNK;
        for (int64_t i = 0; i < n; i++)
            keys[i] = action_of_edge[steps->edge[from + i]];
        RF_TRY(look_up(steps->gram[RF_GRAM_ACTION] + from, &words, keys, n, err));
    }
    steps->n_grams[RF_GRAM_ACTION] = words.next;
done:
    rf_mem_free(words.at);
    return st;
}

/* `out`: the step's action after `before` of the user's step before, 0 where there is none. */
static rf_status add_action(rf_steps *steps, rf_gram out, rf_gram before, rf_err *err)
{
    rf_status st = RF_OK;
    const uint32_t *action = steps->gram[RF_GRAM_ACTION], *last = steps->gram[before],
                   *gap = steps->gram[RF_GRAM_GAP];
    dictionary words = {.next = 1};
    uint64_t keys[CHUNK];
    for (int64_t from = 0; from < steps->n; from += CHUNK) {
        const int64_t n = steps->n - from < CHUNK ? steps->n - from : CHUNK;
        for (int64_t i = 0; i < n; i++)
            keys[i] = (uint64_t)(gap[from + i] > 0 ? last[from + i - 1] : 0) << 32 | action[from + i];
        RF_TRY(look_up(steps->gram[out] + from, &words, keys, n, err));
    }
    steps->n_grams[out] = words.next;
done:
    rf_mem_free(words.at);
    return st;
}

/* `out`: `without`, and the step's gap. */
static rf_status add_gap(rf_steps *steps, rf_gram out, rf_gram without, rf_err *err)
{
    rf_status st = RF_OK;
    const uint32_t *gap = steps->gram[RF_GRAM_GAP], *known = steps->gram[without];
    uint32_t *numbers = NULL, next = 1;
    RF_ZERO(numbers, (size_t)steps->n_grams[without] * RF_GAP_CLASSES, err);
    for (int64_t i = 0; i < steps->n; i++) {
        uint32_t *number = &numbers[(size_t)known[i] * RF_GAP_CLASSES + gap[i]];
        if (*number == 0)
            *number = next++;
        steps->gram[out][i] = *number;
    }
    steps->n_grams[out] = next;
done:
    rf_mem_free(numbers);
    return st;
}

rf_status rf_grams_number(rf_steps *steps, const uint64_t *action_of_edge, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(number_actions(steps, action_of_edge, err));
    RF_TRY(add_gap(steps, RF_GRAM_STEP, RF_GRAM_ACTION, err));
    RF_TRY(add_action(steps, RF_GRAM_ACTIONS, RF_GRAM_ACTION, err));
    RF_TRY(add_action(steps, RF_GRAM_AFTER_ONE, RF_GRAM_STEP, err));
    RF_TRY(add_gap(steps, RF_GRAM_TWO, RF_GRAM_AFTER_ONE, err));
    RF_TRY(add_action(steps, RF_GRAM_AFTER_TWO, RF_GRAM_TWO, err));
    RF_TRY(add_gap(steps, RF_GRAM_THREE, RF_GRAM_AFTER_TWO, err));
done:
    return st;
}
