/* time_pattern_int.h - moments as texts: strptime patterns, and numbers since the epoch. */
#ifndef RF_TIME_PATTERN_INT_H
#define RF_TIME_PATTERN_INT_H

#include <stdbool.h>

#include "rf_event.h"
#include "rf_text.h"
#include "rf_time.h"

/* RF_E_INVALID naming the directive that is unknown, or the part of a date that is lacking. */
RF_MUST_CHECK rf_status rf_time_pattern_check(const char *pattern, rf_err *err);

/* Reads text by a checked pattern; false when it does not fit or names no real moment. *out may lie outside
 * [RF_TIME_MIN, RF_TIME_MAX): the caller tells. zone applies when the pattern reads no offset. */
bool rf_time_pattern_parse(int64_t *out_us, const char *pattern, rf_span text, const rf_zone *zone);

/* Decimal text in units of unit_s * 10^-unit_digits seconds (unit_digits 0 to 9) to microseconds, half to
 * even; exponents allowed. RF_NUMBER_RANGE beyond int64. */
rf_number_status rf_units_parse(int64_t *out_us, rf_span text, int64_t unit_s, int unit_digits);

#endif
