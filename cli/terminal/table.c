/* table.c - aligned text tables and the formats of figures. Widths count characters, not bytes. */
#include "rf_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_quote.h"

#define MOST_COLUMNS 16
#define LONGEST_CELL 60

struct rf_table {
    int n_columns;
    char align[MOST_COLUMNS];
    char **cells; /* heads first */
    size_t n, cap;
};

rf_status rf_table_new(rf_table **out, const char *align, const char *const *heads, rf_err *err)
{
    rf_status st = RF_OK;
    rf_table *table = NULL;
    RF_ZERO(table, 1, err);
    table->n_columns = (int)strnlen(align, MOST_COLUMNS);
    memcpy(table->align, align, (size_t)table->n_columns);
    for (int i = 0; i < table->n_columns; i++)
        RF_TRY(rf_table_add(table, heads[i], err));
    *out = table;
    table = NULL;
done:
    rf_table_free(table);
    return st;
}

void rf_table_free(rf_table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->n; i++)
        rf_mem_free(table->cells[i]);
    rf_mem_free(table->cells);
    rf_mem_free(table);
}

size_t rf_shown_width(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t i = 0; i < len; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

/* Over-long ids are cut, control characters quoted: a table stays a table. */
rf_status rf_table_add(rf_table *table, const char *cell, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text quoted = {0};
    size_t len = 0, width = 0;
    RF_RESERVE(table->cells, table->cap, table->n + 1, err);
    RF_TRY(rf_quote_add(&quoted, cell, strlen(cell), err));
    for (; len < quoted.len && width < LONGEST_CELL; width++) {
        uint32_t code;
        len += rf_utf8_decode(&code, quoted.ptr + len, quoted.len - len);
    }
    if (len < quoted.len) {
        quoted.len = len;
        RF_TRY(rf_text_add(&quoted, "~", 1, err));
    }
    table->cells[table->n++] = quoted.ptr;
    quoted = (rf_text){0};
done:
    rf_text_clear(&quoted);
    return st;
}

static rf_status print_row(rf_text *text, const rf_table *table, size_t first, const size_t *widths,
                           rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < table->n_columns; i++) {
        const char *cell = first + (size_t)i < table->n ? table->cells[first + (size_t)i] : "";
        int pad = (int)(widths[i] - rf_shown_width(cell, strlen(cell)));
        bool last = i + 1 == table->n_columns;
        if (table->align[i] == 'r')
            RF_TRY(rf_text_printf(text, err, "%s%*s%s", i == 0 ? "" : "  ", pad, "", cell));
        else
            RF_TRY(rf_text_printf(text, err, "%s%s%*s", i == 0 ? "" : "  ", cell, last ? 0 : pad, ""));
    }
    RF_TRY(rf_text_add(text, "\n", 1, err));
done:
    return st;
}

rf_status rf_table_print(rf_text *text, const rf_table *table, rf_err *err)
{
    rf_status st = RF_OK;
    size_t widths[MOST_COLUMNS] = {0}, columns = (size_t)table->n_columns;
    for (size_t i = 0; i < table->n; i++) {
        size_t width = rf_shown_width(table->cells[i], strlen(table->cells[i]));
        if (width > widths[i % columns])
            widths[i % columns] = width;
    }
    RF_TRY(print_row(text, table, 0, widths, err));
    for (size_t i = 0; i < columns; i++) {
        RF_TRY(rf_text_add(text, "  ", i == 0 ? 0 : 2, err));
        for (size_t j = 0; j < widths[i]; j++)
            RF_TRY(rf_text_add(text, "-", 1, err));
    }
    RF_TRY(rf_text_add(text, "\n", 1, err));
    for (size_t first = columns; first < table->n; first += columns)
        RF_TRY(print_row(text, table, first, widths, err));
done:
    return st;
}

char *rf_share_format(char out[32], double value)
{
    if (isnan(value))
        snprintf(out, 32, "-");
    else
        snprintf(out, 32, "%.4f", value);
    return out;
}

char *rf_figure_format(char out[32], double value)
{
    double size = fabs(value);
    if (isnan(value))
        snprintf(out, 32, "-");
    else if (size >= 1000 && size < 1e15)
        rf_count_format(out, (int64_t)llround(value));
    else if (size < 5e-7)
        snprintf(out, 32, "0");
    else
        snprintf(out, 32, "%.4g", value);
    return out;
}

char *rf_seconds_format(char out[32], double seconds)
{
    if (seconds < 10)
        snprintf(out, 32, "%.2f s", seconds);
    else if (seconds < 100)
        snprintf(out, 32, "%.1f s", seconds);
    else
        snprintf(out, 32, "%lld min %d s", (long long)(seconds / 60), (int)fmod(seconds, 60));
    return out;
}

char *rf_bytes_format(char out[32], int64_t bytes)
{
    if (bytes < 0)
        snprintf(out, 32, "-");
    else if (bytes < 10000000)
        snprintf(out, 32, "%.1f MB", (double)bytes / 1e6);
    else if (bytes < INT64_C(10000000000))
        snprintf(out, 32, "%.0f MB", (double)bytes / 1e6);
    else
        snprintf(out, 32, "%.1f GB", (double)bytes / 1e9);
    return out;
}
