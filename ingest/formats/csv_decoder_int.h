/* csv_decoder_int.h - a CSV decoder as its two files see it: csv_header.c says which column is which,
 * event_csv.c reads records by that.
 */
#ifndef RF_CSV_DECODER_INT_H
#define RF_CSV_DECODER_INT_H

#include "csv_columns_int.h"
#include "csv_cut_int.h"
#include "event_csv_int.h"

typedef struct rf_csv_alias { /* two names of the configuration that mean one column */
    int name, same_as;
} rf_csv_alias;

struct rf_csv_decoder {
    const rf_field_plan *plan;
    int *column_name; /* [n_columns] index of the plan's name, -1: not looked at */
    size_t n_columns, cap_columns;
    rf_csv_alias aliases[RF_MAX_FIELDS];
    int n_aliases;
    bool one_record; /* of a message: a line end outside quotes does not end the record, it is one too many */
    const char *counted_by; /* what says how many fields a record has */
    rf_csv_dialect dialect;
    const char *const *listed; /* [n_listed] columns that the configuration names in order; borrowed */
    size_t n_listed;
    rf_csv_cutter cutter;
    rf_csv_columns columns; /* of the last header, or as configured */
};

#endif
