/* feature_row.c - the columns of rows: their names, and which of them are tamed.
 *
 * A row is walked once without values, before the first is made: every value that the walker puts declares a
 * column instead.
 */
#include "feature_row_int.h"
#include "rf_mem.h"

#include <string.h>

void rf_columns_clear(rf_columns *columns)
{
    for (size_t j = 0; j < columns->n; j++)
        rf_mem_free(columns->items[j].name);
    rf_mem_free(columns->items);
    *columns = (rf_columns){0};
}

/* The feature's pattern with its placeholders filled in. */
static rf_status column_name(rf_text *name, const rf_row *row, const rf_feature_info *info, int attr,
                             const char *part, rf_err *err)
{
    rf_status st = RF_OK;

    for (const char *at = info->pattern; *at;) {
        const char *text = NULL;
        size_t skip = *at == '<' ? strcspn(at, ">") + 1 : 0;
        if (skip == 3 && at[1] == 'a')
            text = row->f->schema->attrs[attr].name;
        else if (skip == 3)
            text = part;
        else if (skip > 0)
            text = rf_side_name(row->side);
        if (text)
            RF_TRY(rf_text_add(name, text, strlen(text), err));
        else
            RF_TRY(rf_text_add(name, at, skip = 1, err));
        at += skip;
    }
done:
    return st;
}

static rf_status declare(const rf_row *row, rf_feature feature, int attr, const char *part, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_feature_info *info = rf_feature_info_get(feature);
    bool tame = info->tame == RF_TAME_RULE_ALWAYS ||
                (info->tame == RF_TAME_RULE_ASKED && row->f->schema->attrs[attr].log1p);
    rf_columns *plan = row->plan;
    rf_text text = {0};
    char *name = NULL;

    if (tame)
        RF_TRY(rf_text_add(&text, "log1p_", 6, err));
    RF_TRY(column_name(&text, row, info, attr, part, err));
    /* An attribute may be named like one of our features: later columns of the same name get the suffix
     * "_2", "_3". */
    size_t len = text.len;
    for (size_t j = 0, k = 2; j < plan->n;) {
        if (strcmp(plan->items[j++].name, text.ptr) != 0)
            continue;
        text.len = len;
        RF_TRY(rf_text_printf(&text, err, "_%zu", k++));
        j = 0;
    }
    RF_RESERVE(plan->items, plan->cap, plan->n + 1, err);
    name = rf_mem_text(text.ptr, text.len, err);
    if (!name) {
        st = RF_E_NOMEM;
        goto done;
    }
    plan->items[plan->n++] = (rf_column){.name = name, .feature = (uint8_t)feature, .tame = tame};
done:
    rf_text_clear(&text);
    return st;
}

void rf_row_declare(rf_row *row, rf_feature feature, int attr, const char *part)
{
    if (row->st >= 0)
        row->st = declare(row, feature, attr, part, row->err);
}

/* ---- a node's cells in order of time: a stable merge sort without allocation. They come as one ordered run
 * for each partner, so halves that already follow each other are only copied. ---- */

#define RUN 16

static void merge(rf_keyed *out, const rf_keyed *a, int64_t n_a, const rf_keyed *b, int64_t n_b)
{
    if (n_b == 0 || a[n_a - 1].key <= b[0].key) {
        memcpy(out, a, (size_t)n_a * sizeof *out);
        memcpy(out + n_a, b, (size_t)n_b * sizeof *out);
        return;
    }
    int64_t i = 0, j = 0;
    while (i < n_a && j < n_b)
        *out++ = b[j].key < a[i].key ? b[j++] : a[i++];
    memcpy(out, a + i, (size_t)(n_a - i) * sizeof *out);
    out += n_a - i;
    memcpy(out, b + j, (size_t)(n_b - j) * sizeof *out);
}

void rf_sort_keyed(rf_keyed *items, rf_keyed *spare, int64_t n)
{
    rf_keyed *from = items, *to = spare;

    for (int64_t start = 0; start < n; start += RUN) { /* short runs, each by insertion */
        int64_t end = n - start < RUN ? n : start + RUN;
        for (int64_t i = start + 1; i < end; i++) {
            rf_keyed item = items[i];
            int64_t at = i;
            for (; at > start && items[at - 1].key > item.key; at--)
                items[at] = items[at - 1];
            items[at] = item;
        }
    }
    for (int64_t run = RUN; run < n; run *= 2) {
        for (int64_t at = 0; at < n; at += 2 * run) {
            int64_t left = n - at < run ? n - at : run;
            int64_t right = n - at - left < run ? n - at - left : run;
            merge(to + at, from + at, left, from + at + left, right);
        }
        rf_keyed *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, (size_t)n * sizeof *items);
}
