/* column_stats.c - what the cells of one column are like: how many have a value, how many values are
 * different, how long they are, whether they rise. One pass, a bounded amount of memory a column.
 *
 * Different values are counted by hashes in a bit set (linear counting): exact enough up to a few hundred
 * thousand. The first different values are counted one by one, and some, spread evenly, are kept as texts:
 * column_type.c tries on them what they can mean.
 */
#include "sample_int.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"

#define SEEN_BITS (1 << 17)

void rf_column_clear(rf_sample_column *column)
{
    for (int i = 0; i < column->n_top; i++)
        rf_mem_free(column->top[i].text);
    for (int i = 0; i < column->n_kept; i++)
        rf_mem_free(column->kept[i].text);
    rf_mem_free(column->top);
    rf_mem_free(column->kept);
    rf_mem_free(column->seen);
    rf_mem_free(column->name);
    rf_mem_free(column->plain);
    *column = (rf_sample_column){0};
}

double rf_column_distinct(const rf_sample_column *column)
{
    if (!column->more_top)
        return column->n_top;
    double unset = (double)SEEN_BITS - (double)column->bits;
    double distinct = unset < 1 ? 12.0 * SEEN_BITS : -(double)SEEN_BITS * log(unset / SEEN_BITS);
    double values = (double)(column->values - column->null_words);
    return distinct > values ? values : distinct;
}

/* ---- values that are kept ---- */

static rf_status keep(rf_kept_value *out, const rf_raw *raw, rf_span text, rf_err *err)
{
    size_t len = text.len > RF_KEPT_BYTES ? RF_KEPT_BYTES : text.len;
    *out =
        (rf_kept_value){.text = rf_mem_text(text.ptr, len, err), .len = len, .kind = raw->kind, .count = 1};
    return out->text == NULL ? RF_E_NOMEM : RF_OK;
}

#define GOLDEN UINT64_C(0x9E3779B97F4A7C15) /* 2^64 by the golden ratio */

/* Of 2^halvings values one, evenly, but at no fixed distance: what alternates from record to record is met,
 * too. The first is among them, and each halving takes from those before. */
static bool is_kept(uint64_t i, int halvings)
{
    return halvings == 0 || i * GOLDEN >> (64 - halvings) == 0;
}

/* Where there is no room for a value, about every other one goes. */
static void halve(rf_sample_column *column)
{
    int n = 0;
    column->halvings++;
    for (int i = 0; i < column->n_kept; i++) {
        if (is_kept((uint64_t)column->kept[i].count, column->halvings))
            column->kept[n++] = column->kept[i];
        else
            rf_mem_free(column->kept[i].text);
    }
    column->n_kept = n;
}

static rf_status offer(rf_sample_column *column, const rf_raw *raw, rf_span text, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t i = column->n_offered++;
    while (is_kept((uint64_t)i, column->halvings) && column->n_kept == RF_KEPT_VALUES)
        halve(column);
    if (!is_kept((uint64_t)i, column->halvings))
        return RF_OK;
    RF_RESERVE(column->kept, column->cap_kept, column->n_kept + 1, err);
    RF_TRY(keep(&column->kept[column->n_kept], raw, text, err));
    column->kept[column->n_kept++].count = i;
done:
    return st;
}

static void mark(rf_sample_column *column, uint64_t hash)
{
    uint64_t bit = hash >> 47; /* the upper 17 bits */
    uint64_t mask = UINT64_C(1) << (bit % 64);
    column->bits += (column->seen[bit / 64] & mask) == 0;
    column->seen[bit / 64] |= mask;
}

/* There are more values than are counted one by one. */
static rf_status go_on_by_bits(rf_sample_column *column, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(column->seen, SEEN_BITS / 64, err);
    for (int i = 0; i < column->n_top; i++)
        mark(column, column->top[i].hash);
    column->more_top = true;
done:
    return st;
}

static rf_status count_value(rf_sample_column *column, const rf_raw *raw, rf_span text, rf_err *err)
{
    rf_status st = RF_OK;
    uint64_t hash = rf_idmap_hash(text.ptr, text.len) * UINT64_C(0x9E3779B97F4A7C15);
    if (column->more_top)
        mark(column, hash);
    for (int i = 0; i < column->n_top; i++) {
        if (column->top[i].hash == hash) {
            column->top[i].count++;
            return RF_OK;
        }
    }
    if (column->n_top == RF_TOP_VALUES) {
        if (!column->more_top) {
            RF_TRY(go_on_by_bits(column, err));
            mark(column, hash);
        }
        return RF_OK;
    }
    RF_RESERVE(column->top, column->cap_top, column->n_top + 1, err);
    RF_TRY(keep(&column->top[column->n_top], raw, text, err));
    column->top[column->n_top++].hash = hash;
done:
    return st;
}

/* ---- the order of values ---- */

static void note_step(rf_sample_column *column, rf_span text, bool is_number, double number)
{
    int order = 0;
    if (column->values > 1 && is_number) {
        order = number > column->last_number ? 1 : number < column->last_number ? -1 : 0;
    } else if (column->values > 1) {
        size_t len = text.len < sizeof column->last - 1 ? text.len : sizeof column->last - 1;
        size_t last = strlen(column->last), n = len < last ? len : last;
        int diff = memcmp(text.ptr, column->last, n);
        order = diff != 0 ? (diff > 0 ? 1 : -1) : len > last ? 1 : len < last ? -1 : 0;
    }
    if (column->values > 1) {
        column->rising += order > 0;
        column->falling += order < 0;
        column->steady += order == 0;
    }
    column->last_number = number;
    size_t len = text.len < sizeof column->last - 1 ? text.len : sizeof column->last - 1;
    memcpy(column->last, text.ptr, len);
    column->last[len] = '\0';
}

static void note_number(rf_sample_column *column, rf_span text, double number)
{
    column->least = column->figures == 0 || number < column->least ? number : column->least;
    column->most = column->figures == 0 || number > column->most ? number : column->most;
    column->figures++;
    column->whole += memchr(text.ptr, '.', text.len) == NULL || floor(number) == number;
}

/* A double by a plain decimal text of usual length. */
static bool plain_number(double *out, rf_span text)
{
    char first = text.len > 0 ? text.ptr[0] : '\0';
    bool may = (first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.';
    return may && text.len < 40 && rf_double_parse(out, text.ptr, text.len) && isfinite(*out);
}

static rf_span text_of(const rf_raw *raw)
{
    if (raw->kind == RF_RAW_TRUE)
        return (rf_span){"true", 4};
    if (raw->kind == RF_RAW_FALSE)
        return (rf_span){"false", 5};
    return raw->text;
}

rf_status rf_column_add(rf_sample_column *column, int64_t record, const rf_raw *raw, int null_word,
                        rf_err *err)
{
    rf_status st = RF_OK;
    double number = 0;
    rf_span text = text_of(raw);
    if (raw->kind == RF_RAW_ABSENT || (text.len == 0 && raw->kind != RF_RAW_NESTED)) {
        column->empty++;
        return RF_OK;
    }
    if (raw->kind == RF_RAW_NESTED) {
        column->nested++;
        return RF_OK;
    }
    column->values++;
    if (null_word >= 0) {
        column->null_words++;
        column->null_mask |= UINT32_C(1) << (null_word < 31 ? null_word : 31);
        return RF_OK;
    }
    column->records += column->last_record != record;
    column->last_record = record;
    column->texts += raw->kind == RF_RAW_TEXT || raw->kind == RF_RAW_FIELD;
    column->numbers += raw->kind == RF_RAW_NUMBER;
    column->truths += raw->kind == RF_RAW_TRUE || raw->kind == RF_RAW_FALSE;
    RF_TRY(count_value(column, raw, text, err));
    RF_TRY(offer(column, raw, text, err));
    bool is_number = plain_number(&number, text);
    if (is_number)
        note_number(column, text, number);
    note_step(column, text, is_number, number);
    column->shortest = column->bytes == 0 || text.len < column->shortest ? text.len : column->shortest;
    column->longest = text.len > column->longest ? text.len : column->longest;
    column->bytes += (int64_t)text.len;
    column->spaced += memchr(text.ptr, ' ', text.len) != NULL;
done:
    return st;
}
