/* extract_columns.c - the attribute table: columns by key, and their values one at a time.
 *
 * Names of features come from data: keys are made of letters, digits and underscores, and the true name is in
 * `about` and in the reasons.
 */
#include "extract_columns_int.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

rf_subject rf_extract_subject(const rf_extract *extract, bool is_edge, int64_t i)
{
    const rf_tags *tags = extract->findings->tags;
    rf_side side = is_edge ? extract->edges[i].side : extract->nodes[i].side;
    return (rf_subject){.side = side,
                        .row = is_edge ? extract->edges[i].row : extract->nodes[i].row,
                        .graph = &extract->graph->side[side],
                        .scores = &extract->scores->side[side],
                        .tags = tags != NULL ? &tags->side[side] : NULL,
                        .role = is_edge ? (uint8_t)RF_ROLE_NONE : extract->nodes[i].role};
}

rf_status rf_columns_new(rf_columns **out, bool of_edges, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(*out, 1, err);
    (*out)->of_edges = of_edges;
    (*out)->scratch.explained_row = -1;
done:
    return st;
}

void rf_columns_free(rf_columns *columns)
{
    if (columns == NULL)
        return;
    rf_mem_free(columns->at);
    rf_text_clear(&columns->scratch.text);
    rf_mem_free(columns->scratch.list);
    rf_mem_free(columns);
}

const rf_column *rf_columns_find(const rf_columns *columns, const char *key)
{
    for (int i = 0; i < columns->n; i++) {
        if (strcmp(columns->at[i].key, key) == 0)
            return &columns->at[i];
    }
    return NULL;
}

rf_status rf_columns_add(rf_columns *columns, const char *key, const char *about, rf_column column,
                         rf_err *err)
{
    rf_status st = RF_OK;
    char base[48];
    size_t len = 0;
    /* in letters that every tool takes; numbered where it is taken */
    for (; key[len] != '\0' && len < sizeof base - 1; len++)
        base[len] = isalnum((unsigned char)key[len]) ? (char)tolower((unsigned char)key[len]) : '_';
    base[len] = '\0';
    snprintf(column.key, sizeof column.key, "%s", base);
    for (int k = 2; rf_columns_find(columns, column.key) != NULL; k++)
        snprintf(column.key, sizeof column.key, "%s_%d", base, k);
    snprintf(column.about, sizeof column.about, "%s", about);
    RF_RESERVE(columns->at, columns->cap, columns->n + 1, err);
    columns->at[columns->n++] = column;
done:
    return st;
}

rf_status rf_columns_read(rf_value *out, rf_columns *columns, int c, const rf_extract *extract, int64_t i,
                          rf_err *err)
{
    rf_status st = RF_OK;
    rf_subject subject = rf_extract_subject(extract, columns->of_edges, i);
    const rf_column *column = &columns->at[c];
    rf_text_reset(&columns->scratch.text);
    columns->scratch.n_list = 0;
    RF_TRY(column->read(out, column, extract, &subject, &columns->scratch, err));
    /* what a float cannot hold comes out as infinity there */
    if (column->type == RF_COLUMN_NUMBER && out->there && !isfinite((float)out->number))
        *out = (rf_value){0};
done:
    return st;
}

rf_status rf_columns_text(const char **out, char buffer[RF_TIME_TEXT], rf_columns *columns, int c,
                          const rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    rf_value value;
    RF_TRY(rf_columns_read(&value, columns, c, extract, i, err));
    *out = value.there ? rf_value_text(&value, columns->at[c].type, buffer) : NULL;
done:
    return st;
}

rf_status rf_give_text(rf_value *out, const char *text)
{
    *out = (rf_value){.there = text != NULL, .text = text};
    return RF_OK;
}

rf_status rf_give_number(rf_value *out, double number)
{
    *out = (rf_value){.there = isfinite(number), .number = number};
    return RF_OK;
}

const char *rf_value_text(const rf_value *value, rf_column_type type, char buffer[RF_TIME_TEXT])
{
    switch (type) {
    case RF_COLUMN_TEXT:
    case RF_COLUMN_LIST:
        return value->text;
    case RF_COLUMN_NUMBER:
        return rf_float_format(buffer, (float)value->number);
    case RF_COLUMN_WHOLE:
        snprintf(buffer, RF_TIME_TEXT, "%" PRId64, value->whole);
        return buffer;
    case RF_COLUMN_TIME:
        return rf_time_format(buffer, value->whole);
    case RF_COLUMN_BOOL:
        return value->yes ? "true" : "false";
    }
    return "";
}
