/* csv_columns.c - finds the columns that the configuration names, in a header as people and programs write
 * it: with spaces after commas, characters that nobody sees, and names that occur twice.
 */
#include "csv_columns_int.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_quote.h"
#include "unseen_int.h"

#define LONGEST_CLEAN 512 /* of the configuration's names that are looked for without what nobody sees */

void rf_csv_columns_clear(rf_csv_columns *columns)
{
    for (size_t i = 0; i < columns->n; i++) {
        rf_mem_free(columns->names[i]);
        rf_mem_free(columns->clean[i]);
    }
    rf_mem_free(columns->names);
    rf_mem_free(columns->clean);
    *columns = (rf_csv_columns){0};
}

/* ---- names as people see them ---- */

/* Writes at most as many bytes as the name has. */
static void clean_name(char *out, const char *name)
{
    size_t len = strlen(name), n;
    char *to = out;
    bool space = false;
    for (size_t i = 0; i < len; i += n) {
        uint32_t code = UINT32_MAX;
        n = rf_utf8_decode(&code, name + i, len - i);
        n += n == 0; /* a byte that is no UTF-8 stays */
        if (rf_code_is_invisible(code))
            continue;
        if (rf_code_is_space(code)) {
            space = to > out;
            continue;
        }
        if (space)
            *to++ = ' ';
        space = false;
        memcpy(to, name + i, n);
        to += n;
    }
    *to = '\0';
}

/* ---- columns ---- */

/* A byte 0 in a name ends it: nobody can write such a name in a configuration. */
static rf_status add_column(rf_csv_columns *columns, rf_span name, rf_err *err)
{
    rf_status st = RF_OK;
    char *copy = NULL, *clean = NULL;
    RF_RESERVE(columns->names, columns->cap_names, columns->n + 1, err);
    RF_RESERVE(columns->clean, columns->cap_clean, columns->n + 1, err);
    copy = rf_mem_text(name.len == 0 ? "" : name.ptr, name.len, err);
    clean = rf_mem_text(name.len == 0 ? "" : name.ptr, name.len, err);
    if (copy == NULL || clean == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    clean_name(clean, copy);
    columns->names[columns->n] = copy;
    columns->clean[columns->n++] = clean;
    copy = clean = NULL;
done:
    rf_mem_free(copy);
    rf_mem_free(clean);
    return st;
}

rf_status rf_csv_columns_cut(rf_csv_columns *columns, rf_csv_cutter *cutter, rf_span header, size_t *at,
                             rf_err *err)
{
    rf_status st = RF_OK;
    rf_csv_columns_clear(columns);
    RF_TRY(rf_csv_cutter_start(cutter, header, err));
    for (*at = 0;; ++*at) {
        rf_span column;
        if (!rf_csv_take_field(&column, cutter, header, at, true))
            return RF_SKIPPED;
        RF_TRY(add_column(columns, column, err));
        if (*at == header.len)
            break;
    }
done:
    return st;
}

rf_status rf_csv_columns_list(rf_csv_columns *columns, const char *const *names, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_csv_columns_clear(columns);
    for (size_t i = 0; i < n; i++)
        RF_TRY(add_column(columns, (rf_span){names[i], strlen(names[i])}, err));
done:
    return st;
}

rf_status rf_csv_columns_unnamed(rf_csv_columns *columns, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_csv_columns_clear(columns);
    while (columns->n < n)
        RF_TRY(add_column(columns, (rf_span){"", 0}, err));
done:
    return st;
}

/* ---- which one a name means ---- */

/* Number `nth` (from 1) of the columns of that name; nth 0: there must be one only. */
static long find_among(char *const *names, size_t n, const char *name, size_t len, long nth)
{
    long seen = 0, found = RF_CSV_NO_COLUMN;
    for (size_t i = 0; i < n; i++) {
        if (strlen(names[i]) != len || memcmp(names[i], name, len) != 0)
            continue;
        if (++seen == nth || (nth == 0 && seen == 1))
            found = (long)i;
    }
    return nth == 0 && seen > 1 ? RF_CSV_MANY_COLUMNS : found;
}

/* The number after the name's last #; 0: there is none. */
static long number_of(const char *name, size_t *before)
{
    const char *hash = strrchr(name, '#');
    if (hash == NULL || strlen(hash + 1) > 6 || strspn(hash + 1, "0123456789") != strlen(hash + 1))
        return 0;
    *before = (size_t)(hash - name);
    return strtol(hash + 1, NULL, 10);
}

long rf_csv_columns_find(const rf_csv_columns *columns, const char *name)
{
    size_t before = 0;
    long found = find_among(columns->names, columns->n, name, strlen(name), 0);
    if (found != RF_CSV_NO_COLUMN)
        return found;
    long number = number_of(name, &before);
    if (number > 0 && before == 0)
        return (size_t)number <= columns->n ? number - 1 : RF_CSV_NO_COLUMN;
    char clean[LONGEST_CLEAN];
    if (strlen(name) >= sizeof clean)
        return RF_CSV_NO_COLUMN;
    clean_name(clean, name);
    found =
        clean[0] == '\0' ? RF_CSV_NO_COLUMN : find_among(columns->clean, columns->n, clean, strlen(clean), 0);
    if (found == RF_CSV_NO_COLUMN && number > 0 && (number = number_of(clean, &before)) > 0)
        found = find_among(columns->clean, columns->n, clean, before, number);
    return found;
}

const char *rf_csv_columns_nearest(const rf_csv_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->n; i++) { /* "User" for "user" first */
        const char *a = columns->clean[i], *b = name;
        while (*a != '\0' && *b != '\0' && (*a | 0x20) == (*b | 0x20)) {
            a++;
            b++;
        }
        if (*a == '\0' && *b == '\0')
            return columns->clean[i];
    }
    const char **names = rf_mem_new(columns->n + 1, sizeof *names, NULL);
    if (names == NULL)
        return NULL;
    for (size_t i = 0; i < columns->n; i++)
        names[i] = columns->clean[i];
    names[columns->n] = NULL;
    const char *near = rf_nearest(name, names);
    rf_mem_free((void *)names);
    return near;
}

const char *rf_csv_columns_shown(char *out, size_t size, const rf_csv_columns *columns)
{
    rf_text all = {0};
    rf_status st = RF_OK;
    for (size_t i = 0; st == RF_OK && i < columns->n && all.len < size; i++) {
        st = rf_text_add(&all, ", ", i == 0 ? 0 : 2, NULL);
        if (st == RF_OK)
            st = rf_text_add(&all, columns->names[i], strlen(columns->names[i]), NULL);
    }
    rf_quote_short(out, size, all.ptr == NULL ? "" : all.ptr, all.len);
    rf_text_clear(&all);
    return out;
}

bool rf_csv_columns_look_like_values(const rf_csv_columns *columns)
{
    for (size_t i = 0; i < columns->n; i++) {
        double number;
        const char *name = columns->clean[i];
        bool dated = strlen(name) >= 10 && strspn(name, "0123456789") == 4 && name[4] == '-' &&
                     strspn(name + 5, "0123456789") == 2;
        if (dated || rf_double_parse(&number, name, strlen(name)))
            return true;
    }
    return false;
}
