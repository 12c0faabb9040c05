/* csv_columns_int.h - the names of a CSV file's columns, and which column a name of the configuration means.
 */
#ifndef RF_CSV_COLUMNS_INT_H
#define RF_CSV_COLUMNS_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "csv_cut_int.h"
#include "rf_text.h"

typedef struct rf_csv_columns {
    char **names; /* [n] as written; owned */
    char **clean; /* [n] without what nobody sees, spaces as one; owned */
    size_t n, cap_names, cap_clean;
} rf_csv_columns;

void rf_csv_columns_clear(rf_csv_columns *columns);
/* The names of a header. RF_OK; RF_SKIPPED: its quotes are broken, at byte *at. */
RF_MUST_CHECK rf_status rf_csv_columns_cut(rf_csv_columns *columns, rf_csv_cutter *cutter, rf_span header,
                                           size_t *at, rf_err *err);
RF_MUST_CHECK rf_status rf_csv_columns_list(rf_csv_columns *columns, const char *const *names, size_t n,
                                            rf_err *err);
/* n columns without names. */
RF_MUST_CHECK rf_status rf_csv_columns_unnamed(rf_csv_columns *columns, size_t n, rf_err *err);

/* The column that `name` means: the one of that name; the second of that name for "NAME#2"; the third of all
 * for "#3"; the one whose name is the same but for spaces and invisible characters. */
#define RF_CSV_NO_COLUMN (-1)
#define RF_CSV_MANY_COLUMNS (-2) /* more than one */
long rf_csv_columns_find(const rf_csv_columns *columns, const char *name);
/* The column whose name is most like it, NULL: none is. */
const char *rf_csv_columns_nearest(const rf_csv_columns *columns, const char *name);
/* "a, b, c", shortened. Returns out. */
const char *rf_csv_columns_shown(char *out, size_t size, const rf_csv_columns *columns);
/* The names look like values: a file without header, probably. */
bool rf_csv_columns_look_like_values(const rf_csv_columns *columns);

#endif
