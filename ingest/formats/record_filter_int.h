/* record_filter_int.h - which records are wanted. */
#ifndef RF_RECORD_FILTER_INT_H
#define RF_RECORD_FILTER_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "rf_decimal.h"
#include "rf_status.h"

struct rf_raw; /* field_plan_int.h */

typedef enum rf_filter_op {
    RF_FILTER_IN,     /* is one of the values; one value: equals it */
    RF_FILTER_NOT_IN, /* is none of them, or missing */
    RF_FILTER_BELOW,  /* the rest compares numbers, or texts by their bytes */
    RF_FILTER_AT_MOST,
    RF_FILTER_ABOVE,
    RF_FILTER_AT_LEAST,
    RF_FILTER_EXISTS,
    RF_FILTER_MISSING
} rf_filter_op;

typedef struct rf_filter_value {
    char *text; /* owned */
    size_t len;
    bool is_number;
    rf_decimal number; /* its digits are those of the text */
} rf_filter_value;

typedef struct rf_condition {
    int name; /* of the plan; the caller's to set */
    rf_filter_op op;
    rf_filter_value *values; /* [n] owned */
    size_t n, cap;
} rf_condition;

/* "type = order"; *field is its name, the caller's to free. RF_E_INVALID: it is none. To be cleared in any
 * case. */
RF_MUST_CHECK rf_status rf_condition_read(rf_condition *out, char **field, const char *text, rf_err *err);
void rf_condition_clear(rf_condition *condition);
bool rf_condition_holds(const rf_condition *condition, const struct rf_raw *raw);

#endif
