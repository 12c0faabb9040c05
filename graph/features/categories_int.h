/* categories_int.h - which values of a category get columns, and how many users share each value.
 */
#ifndef RF_CATEGORIES_INT_H
#define RF_CATEGORIES_INT_H

#include "window_int.h"

typedef struct rf_category_table {
    int n_top;
    uint32_t *top; /* [n_top] category numbers, most events first */
    int16_t *slot; /* [categories] place in top; n_top for the rest */
    float *shared; /* [categories] ln(users with this value in the window) */
} rf_category_table;

/* Other than the category text "other", which shares the column of all the rest. */
RF_MUST_CHECK rf_status rf_category_table_init(rf_category_table *table, const rf_window_view *view, int attr,
                                               rf_err *err);
void rf_category_table_clear(rf_category_table *table);

#endif
