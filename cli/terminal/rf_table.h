/* rf_table.h - small tables and figures for people: aligned columns, 1,234,567, 0.9731, 12.3 s, 456 MB.
 */
#ifndef RF_TABLE_H
#define RF_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"
#include "rf_count.h"
#include "rf_text.h"

typedef struct rf_table rf_table;

/* align: one letter a column, l or r; heads: as many. */
RF_MUST_CHECK rf_status rf_table_new(rf_table **out, const char *align, const char *const *heads,
                                     rf_err *err);
void rf_table_free(rf_table *table);
/* The next cell, row by row; copied. */
RF_MUST_CHECK rf_status rf_table_add(rf_table *table, const char *cell, rf_err *err);
/* Heads, a rule, rows; an unfinished last row is filled with empty cells. */
RF_MUST_CHECK rf_status rf_table_print(rf_text *text, const rf_table *table, rf_err *err);

/* Characters that a terminal shows of `len` bytes of UTF-8. */
size_t rf_shown_width(const char *text, size_t len);

/* Each writes into and returns out. */
char *rf_share_format(char out[32], double value);     /* 0.9731; "-" for NaN */
char *rf_figure_format(char out[32], double value);    /* four significant digits */
char *rf_seconds_format(char out[32], double seconds); /* 0.12 s, 12.3 s, 4 min 5 s */
char *rf_bytes_format(char out[32], int64_t bytes);    /* 456 MB (10^6) */

#endif
