/* feature_cells_int.h - sums over a list of cells in order of time, and their columns.
 */
#ifndef RF_FEATURE_CELLS_INT_H
#define RF_FEATURE_CELLS_INT_H

#include "feature_row_int.h"

typedef struct rf_cell_list {
    const uint32_t *cells; /* NULL: first, first + 1, ... */
    int64_t first, n;
} rf_cell_list;

static inline int64_t rf_cell_at(const rf_cell_list *list, int64_t i)
{
    return list->cells ? (int64_t)list->cells[i] : list->first + i;
}

#define RF_N_SPANS 3 /* 1 d, 7 d, 30 d */
extern const int64_t rf_span_us[RF_N_SPANS];
extern const char *const rf_span_name[RF_N_SPANS];

typedef struct rf_time_sums {
    int64_t events, first_us, last_us;
    int64_t hour[24], weekday[7];
    int64_t max_hour, max_day, active_days, active_slots;
    int64_t within[RF_N_SPANS];
    int64_t n_gaps, gap_sum; /* between successive active slots, in slots */
    rf_i128 gap_sum_sq;
} rf_time_sums;

void rf_time_sums_collect(rf_time_sums *sums, const rf_features *f, const rf_cell_list *list);
/* The same of slots[n_moments], which are zero again afterwards. */
void rf_time_sums_of_slots(rf_time_sums *sums, const rf_features *f, rf_slot_sums *slots);
/* is_node: with the columns that only nodes have. */
void rf_put_time(rf_row *row, const rf_time_sums *sums, bool is_node);

/* Adds up the attributes of all cells, each unpacked once: sums[n_attrs], and scratch's categories, which
 * rf_put_attrs empties again (NULL: categories are only counted). */
void rf_attrs_collect(rf_attr_sums *sums, rf_scratch *scratch, const rf_features *f,
                      const rf_cell_list *list);
/* Has it a column for missing values? */
static inline bool rf_attr_optional(const rf_attr *attr)
{
    return !attr->required && attr->field;
}

typedef struct rf_attr_context {
    bool is_node;
    const float *user_mean, *entity_mean; /* pairs: [n_numbers] of the edge's ends */
} rf_attr_context;

/* All attribute columns of a pair or a node with `events` events, after rf_attrs_collect. scratch may be NULL
 * when planning. */
void rf_put_attrs(rf_row *row, const rf_attr_sums *sums, int64_t events, const rf_attr_context *context,
                  rf_scratch *scratch);

#endif
