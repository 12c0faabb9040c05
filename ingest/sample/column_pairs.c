/* column_pairs.c - do two columns say the same? In one pass over the sample: whether their values are equal,
 * and whether a value of the one always comes with the same value of the other.
 */
#include "sample_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

#define NO_CELL "\x1f" /* stands for a cell that is absent or empty */

/* What a value of one column came with in another one: by its number. */
typedef struct partners {
    uint32_t *of; /* RF_NO_ID: not seen yet */
    size_t n, cap;
} partners;

typedef struct slot {
    rf_idmap *values; /* NULL: the column is in no pair */
    rf_span text;     /* of the row at hand */
    char digits[24];  /* where that is a moment without text */
    uint32_t id;
} slot;

typedef struct comparison {
    rf_column_pair *pairs;
    partners *from_a, *from_b; /* [n_pairs] */
    int n_pairs;
    slot *slots; /* [n_columns] */
    int *used;   /* [n_used] columns that are in a pair */
    int n_used;
    size_t n_columns;
    const rf_sample *sample;
} comparison;

static bool are_equal(rf_span a, rf_span b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* False where `id` came with another partner before. */
static rf_status is_as_before(bool *same, partners *known, uint32_t id, uint32_t partner, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(known->of, known->cap, (size_t)id + 1, err);
    while (known->n <= id)
        known->of[known->n++] = RF_NO_ID;
    *same = known->of[id] == RF_NO_ID || known->of[id] == partner;
    known->of[id] = partner;
done:
    return st;
}

static void take_cell(comparison *all, const rf_cell *cell)
{
    const rf_raw *raw = &cell->raw;
    if ((size_t)cell->column >= all->n_columns)
        return;
    slot *s = &all->slots[cell->column];
    if (s->values == NULL)
        return;
    if (raw->kind == RF_RAW_TRUE || raw->kind == RF_RAW_FALSE)
        s->text = raw->kind == RF_RAW_TRUE ? (rf_span){"true", 4} : (rf_span){"false", 5};
    else if (raw->kind == RF_RAW_MOMENT && raw->text.ptr == NULL)
        s->text =
            (rf_span){s->digits, (size_t)snprintf(s->digits, sizeof s->digits, "%" PRId64, raw->time_us)};
    else if (rf_raw_has_text(raw) && raw->text.len > 0 &&
             !rf_null_words_has(&all->sample->null_words, raw->text))
        s->text = raw->text;
}

/* Numbers for the values of the columns of a list (-1: of the record), of which those of an item are known.
 */
static rf_status number_values(comparison *all, int list, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < all->n_used; i++) {
        slot *s = &all->slots[all->used[i]];
        if (all->sample->columns[all->used[i]].list == list)
            RF_TRY(rf_idmap_intern(s->values, s->text.ptr, s->text.len, &s->id, NULL, err));
    }
done:
    return st;
}

static rf_status compare_values(comparison *all, int list, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(number_values(all, list, err));
    for (int i = 0; i < all->n_pairs; i++) {
        rf_column_pair *pair = &all->pairs[i];
        const slot *a = &all->slots[pair->a], *b = &all->slots[pair->b];
        int first = all->sample->columns[pair->a].list, second = all->sample->columns[pair->b].list;
        if ((first != list && second != list) || (first != list && first >= 0) ||
            (second != list && second >= 0))
            continue;
        pair->equal = pair->equal && are_equal(a->text, b->text);
        if (pair->a_tells_b)
            RF_TRY(is_as_before(&pair->a_tells_b, &all->from_a[i], a->id, b->id, err));
        if (pair->b_tells_a)
            RF_TRY(is_as_before(&pair->b_tells_a, &all->from_b[i], b->id, a->id, err));
    }
done:
    return st;
}

static void forget_cells(comparison *all, const rf_cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((size_t)cells[i].column < all->n_columns)
            all->slots[cells[i].column].text = (rf_span){NO_CELL, 1};
    }
}

/* The record's own values once, then each item of a list beside them. */
static rf_status compare_row(void *context, const rf_cell *cells, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    comparison *all = context;
    for (int i = 0; i < all->n_used; i++)
        all->slots[all->used[i]].text = (rf_span){NO_CELL, 1};
    for (size_t i = 0; i < n; i++) {
        if (cells[i].item == 0)
            take_cell(all, &cells[i]);
    }
    RF_TRY(compare_values(all, -1, err));
    for (size_t from = 0, end; from < n; from = end) {
        end = rf_item_end(cells, n, from, all->sample);
        if (cells[from].item == 0)
            continue;
        for (size_t i = from; i < end; i++)
            take_cell(all, &cells[i]);
        RF_TRY(compare_values(all, all->sample->columns[cells[from].column].list, err));
        forget_cells(all, cells + from, end - from);
    }
done:
    return st;
}

static rf_status use_column(comparison *all, int c, rf_err *err)
{
    rf_status st = RF_OK;
    if (all->slots[c].values != NULL)
        return RF_OK;
    RF_TRY(rf_idmap_new(&all->slots[c].values, err));
    all->used[all->n_used++] = c;
done:
    return st;
}

static rf_status begin(comparison *all, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(all->from_a, all->n_pairs, err);
    RF_ZERO(all->from_b, all->n_pairs, err);
    RF_ZERO(all->slots, all->n_columns, err);
    RF_ZERO(all->used, 2 * all->n_pairs, err);
    for (int i = 0; i < all->n_pairs; i++) {
        rf_column_pair *pair = &all->pairs[i];
        pair->equal = pair->a_tells_b = pair->b_tells_a = true;
        RF_TRY(use_column(all, pair->a, err));
        RF_TRY(use_column(all, pair->b, err));
    }
done:
    return st;
}

static void end(comparison *all)
{
    for (int i = 0; i < all->n_pairs; i++) {
        if (all->from_a != NULL)
            rf_mem_free(all->from_a[i].of);
        if (all->from_b != NULL)
            rf_mem_free(all->from_b[i].of);
    }
    for (size_t c = 0; all->slots != NULL && c < all->n_columns; c++)
        rf_idmap_free(all->slots[c].values);
    rf_mem_free(all->from_a);
    rf_mem_free(all->from_b);
    rf_mem_free(all->slots);
    rf_mem_free(all->used);
}

rf_status rf_compare_columns(rf_column_pair *pairs, int n_pairs, rf_sample *sample, rf_err *err)
{
    rf_status st = RF_OK;
    comparison all = {.pairs = pairs, .n_pairs = n_pairs, .n_columns = sample->n_columns, .sample = sample};
    const rf_row_reader reader = {compare_row, &all};
    if (n_pairs == 0)
        return RF_OK;
    RF_TRY(begin(&all, err));
    RF_TRY(rf_sample_rows(sample, &reader, err));
done:
    end(&all);
    return st;
}
