/* h5_rows.c - arrays of structs as datasets, one for each member. */
#include "rf_h5_rows.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

typedef struct name {
    char text[64];
} name;

static name name_of(const char *prefix, const rf_h5_member *member)
{
    name out;
    snprintf(out.text, sizeof out.text, "%s%s", prefix, member->name);
    return out;
}

static size_t bytes_of(const rf_h5_member *member)
{
    return rf_h5_type_size(member->type) * (size_t)(member->width > 0 ? member->width : 1);
}

/* Room for the widest member of n rows. */
static char *new_column(const rf_h5_rows *table, int64_t n, rf_err *err)
{
    size_t most = 1;
    for (size_t k = 0; k < table->n_members; k++)
        most = bytes_of(&table->members[k]) > most ? bytes_of(&table->members[k]) : most;
    return rf_mem_new((size_t)n, most, err);
}

rf_status rf_h5_rows_write(rf_h5 *file, const char *prefix, const rf_h5_rows *table, const void *rows,
                           int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    char *column = new_column(table, n, err);
    if (column == NULL)
        return RF_E_NOMEM;
    for (size_t k = 0; k < table->n_members; k++) {
        const rf_h5_member *member = &table->members[k];
        size_t bytes = bytes_of(member);
        int64_t dims[2] = {n, member->width};
        for (int64_t i = 0; i < n; i++)
            memcpy(column + (size_t)i * bytes,
                   (const char *)rows + (size_t)i * table->row_size + member->offset, bytes);
        RF_TRY(rf_h5_write(file, name_of(prefix, member).text, member->type, member->width > 0 ? 2 : 1, dims,
                           column, err));
    }
done:
    rf_mem_free(column);
    return st;
}

rf_status rf_h5_rows_read(rf_h5 *file, const char *prefix, const rf_h5_rows *table, void *rows, int64_t n,
                          rf_err *err)
{
    rf_status st = RF_OK;
    char *column = new_column(table, n, err);
    if (column == NULL)
        return RF_E_NOMEM;
    for (size_t k = 0; k < table->n_members; k++) {
        const rf_h5_member *member = &table->members[k];
        size_t bytes = bytes_of(member);
        int64_t dims[2] = {n, member->width};
        RF_TRY(rf_h5_read(file, name_of(prefix, member).text, member->type, member->width > 0 ? 2 : 1, dims,
                          column, err));
        for (int64_t i = 0; i < n; i++)
            memcpy((char *)rows + (size_t)i * table->row_size + member->offset, column + (size_t)i * bytes,
                   bytes);
    }
done:
    rf_mem_free(column);
    return st;
}

rf_status rf_h5_rows_remove(rf_h5 *file, const char *prefix, const rf_h5_rows *table, rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t k = 0; k < table->n_members; k++)
        RF_TRY(rf_h5_remove(file, name_of(prefix, &table->members[k]).text, err));
done:
    return st;
}
