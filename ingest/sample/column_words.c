/* column_words.c - what was seen in a column, in a few words for people: how much of it is empty, its range,
 * its most frequent values. Ids, and whatever may name somebody, are masked.
 */
#include "sample_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_quote.h"
#include "value_mask_int.h"

#define TIMELY 4     /* a name that says that it is a moment */
#define SHOWN_FROM 3 /* records that have a value; what fewer have may be a text about one of them */

static int add_empty(char *out, const rf_sample_column *column, int64_t records)
{
    double share = records == 0 ? 0 : 1 - (double)column->records / (double)records;
    if (share > 0 && share < 0.001)
        return snprintf(out, 40, "under 0.1 %% empty");
    return snprintf(out, 40, "%.*f %% empty", share > 0 && share < 0.1, 100 * share);
}

/* "8D4EA4C3A", "4539871100": more digits than words have. "ann@bank": an address. */
static bool has_codes(const rf_sample_column *column)
{
    for (int i = 0; i < column->n_top; i++) {
        const rf_kept_value *value = &column->top[i];
        int digits = 0;
        for (size_t k = 0; k < value->len; k++)
            digits += value->text[k] >= '0' && value->text[k] <= '9';
        if ((digits >= 4 && value->len >= 6) || memchr(value->text, '@', value->len) != NULL)
            return true;
    }
    return false;
}

static bool is_about_somebody(const double words[RF_WORD_ROLES])
{
    return words[RF_WORD_PERSONAL] >= 6 || words[RF_WORD_DEVICE] >= 5 || words[RF_WORD_USER] >= 5;
}

static bool is_id(const char *name)
{
    return rf_words_have(name, "id") || rf_words_have(name, "login");
}

bool rf_names_somebody(const char *name, const double words[RF_WORD_ROLES])
{
    bool aside = words[RF_WORD_ASIDE] >= 7 || words[RF_WORD_AMOUNT] >= 7;
    return is_id(name) || (!aside && (is_about_somebody(words) || words[RF_WORD_ENTITY] >= 5));
}

static bool may_be_shown(const rf_sample_column *column)
{
    return !column->more_top && column->n_top <= 40 && !is_about_somebody(column->words) &&
           !is_id(column->name) && column->longest <= 40 && !has_codes(column);
}

static void add_values(char *out, size_t size, const rf_sample_column *column)
{
    char shown[48];
    double values = (double)(column->values - column->null_words);
    size_t len = 0;
    int order[3] = {-1, -1, -1};
    for (int i = 0; i < column->n_top; i++) {
        int at = i;
        for (int k = 0; k < 3; k++) {
            if (at >= 0 && (order[k] < 0 || column->top[at].count > column->top[order[k]].count)) {
                int other = order[k];
                order[k] = at;
                at = other;
            }
        }
    }
    for (int k = 0; k < 3 && order[k] >= 0 && len + 60 < size; k++) {
        const rf_kept_value *value = &column->top[order[k]];
        if (value->count < SHOWN_FROM)
            (void)rf_masked(shown, value->text, value->len);
        else
            rf_quote_short(shown, 32, value->text, value->len);
        len += (size_t)snprintf(out + len, size - len, "%s%s %.3g %%", k == 0 ? ": " : ", ", shown,
                                100 * (double)value->count / values);
    }
}

/* A number that counts or measures: large whole ones without a name may be accounts. */
static bool is_measure(const rf_sample_column *column)
{
    return column->whole < column->figures || column->name[0] != '#' || column->most < 100000;
}

static bool is_moment(const rf_sample_column *column, const rf_column_type *type)
{
    return type->meaning == RF_MEANS_TIME ||
           (type->may_be_epoch && (type->of_event || column->words[RF_WORD_TIME] >= TIMELY));
}

/* Who or what it is, if the column is what its name says: the event's time is not. */
static bool is_hidden(const rf_sample_column *column, const rf_column_type *type)
{
    bool timely = type->of_event && column->words[RF_WORD_TIME] >= TIMELY;
    return type->meaning == RF_MEANS_ID || (rf_names_somebody(column->name, column->words) && !timely);
}

/* The earliest and the latest of the values that are kept, as they are written. */
static void kept_span(const rf_kept_value **first, const rf_kept_value **last, const rf_sample_column *column,
                      const rf_column_type *type)
{
    int64_t us, least = 0, most = 0;
    bool any = false;
    for (int i = 0; i < column->n_kept; i++) {
        if (!rf_kept_moment(&us, type, &column->kept[i]))
            continue;
        *first = !any || us < least ? &column->kept[i] : *first;
        *last = !any || us > most ? &column->kept[i] : *last;
        least = !any || us < least ? us : least;
        most = !any || us > most ? us : most;
        any = true;
    }
}

const char *rf_view_seen(char out[RF_COLUMN_SEEN], const rf_sample_column *column, int64_t records,
                         const rf_column_type *type)
{
    char masked[2][RF_MASKED];
    int len = add_empty(out, column, records);
    size_t left = RF_COLUMN_SEEN - (size_t)len;
    const rf_kept_value *first = column->n_kept > 0 ? &column->kept[0] : NULL;
    const rf_kept_value *last = column->n_kept > 0 ? &column->kept[column->n_kept - 1] : NULL;
    if (first == NULL)
        return out;
    bool id = is_hidden(column, type);
    if (!id && is_moment(column, type) && type->plain_number) {
        snprintf(out + len, left, ", from %.15g to %.15g", column->least, column->most);
    } else if (!id && is_moment(column, type)) {
        kept_span(&first, &last, column, type);
        snprintf(out + len, left, ", from %.40s to %.40s", first->text, last->text);
    } else if (!id && type->meaning == RF_MEANS_NUMBER && type->styled && type->fits >= 0.99)
        snprintf(out + len, left, ", such as %.40s, %.40s", first->text, last->text);
    else if (!id && type->meaning != RF_MEANS_TRUTH && type->plain_number && is_measure(column))
        snprintf(out + len, left, ", %.10g to %.10g", column->least, column->most);
    else if (!id && may_be_shown(column))
        add_values(out + len, left, column);
    else
        snprintf(out + len, left, ", %s%.0f different, such as %s, %s", column->more_top ? "about " : "",
                 rf_column_distinct(column), rf_masked(masked[0], first->text, first->len),
                 rf_masked(masked[1], last->text, last->len));
    return out;
}
