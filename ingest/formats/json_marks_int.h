/* json_marks_int.h - where the quotes of a JSON record are: found in one pass, before anything else is read.
 *
 * A reader that goes from value to value has to find the end of each before it can look at the next. By the
 * marks it knows where texts end, so the processor works on several keys at the same time.
 */
#ifndef RF_JSON_MARKS_INT_H
#define RF_JSON_MARKS_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_span.h"

#define RF_JSON_MARKS 512              /* quotes of a record that is looked at in this way */
#define RF_JSON_MARKED_LEAST 64        /* its bytes */
#define RF_JSON_MARKED_MOST UINT16_MAX /* likewise */

typedef struct rf_json_marks {
    uint16_t at[RF_JSON_MARKS + 64]; /* [n] each quote's place; behind them the record's length once, and
                                        room for what is written in passing */
    size_t n;
    bool high; /* there are bytes that are not ASCII */
} rf_json_marks;

/* False: a quote need not begin or end a text here, because there are backslashes or control characters, or
 * one is left over; or the record is too short or too long. Then *marks means nothing. O(record.len). */
typedef bool rf_json_find_marks(rf_json_marks *marks, rf_span record);

/* NULL: this processor is faster without marks. */
rf_json_find_marks *rf_json_marks_finder(void);

#endif
