/* csv_cut_int.h - one CSV record cut into fields, by the marks of its dialect.
 *
 * RFC 4180 unless the marks say otherwise. A field is borrowed from the record, unless it holds doubled or
 * escaped marks: then its text is in the cutter's scratch, until the next record.
 */
#ifndef RF_CSV_CUT_INT_H
#define RF_CSV_CUT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "rf_span.h"
#include "rf_status.h"

/* ASCII; '\0': none. */
typedef struct rf_csv_marks {
    char delimiter, quote;
    char escape; /* before a mark, or a line end, that is text. A backslash also makes \n \r \t */
    bool trim;   /* spaces at both ends of a field are not its own */
} rf_csv_marks;

typedef struct rf_csv_cutter {
    rf_csv_marks marks;
    char *scratch; /* what fields mean that are not as they are written; as long as the record at least */
    size_t cap, used;
} rf_csv_cutter;

RF_MUST_CHECK rf_status rf_csv_cutter_start(rf_csv_cutter *cutter, rf_span record, rf_err *err);
void rf_csv_cutter_clear(rf_csv_cutter *cutter);
/* The field that starts at *at; *at moves to the delimiter after it, or to the end. False: broken quotes, at
 * *at. Scratch is used only for a field that is wanted. */
bool rf_csv_take_field(rf_span *field, rf_csv_cutter *cutter, rf_span record, size_t *at, bool wanted);
/* Without the spaces around it. */
rf_span rf_csv_trimmed(rf_span field, char delimiter);

#endif
