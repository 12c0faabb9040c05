/* categories_int.h - which values of a category get columns, and how many users share each value.
 */
#ifndef RF_CATEGORIES_INT_H
#define RF_CATEGORIES_INT_H

#include "window_int.h"

struct rf_features;

typedef struct rf_category_table {
    int n_top;
    uint32_t *top; /* [n_top] category numbers, most events first */
    int16_t *slot; /* [categories] place in top; n_top for the rest */
    float *shared; /* [categories] ln(users with this value in the window) */
} rf_category_table;

/* The most values that get a column: other than the text "other", which shares the column of all the rest. */
int rf_category_most_top(const rf_attr *attr);
/* Fills tables[n_attrs], which are zero, of the attributes that are categories. f needs its view, its pool
 * and its threads' memory. */
RF_MUST_CHECK rf_status rf_category_tables_init(rf_category_table *tables, const struct rf_features *f,
                                                rf_err *err);
void rf_category_table_clear(rf_category_table *table);

#endif
