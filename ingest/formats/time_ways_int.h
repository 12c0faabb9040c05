/* time_ways_int.h - the ways in which a source writes moments: ISO 8601, numbers since an origin, patterns.
 */
#ifndef RF_TIME_WAYS_INT_H
#define RF_TIME_WAYS_INT_H

#include "rf_source.h"
#include "rf_text.h"
#include "rf_time.h"

#define RF_MOST_TIME_WAYS 16

typedef struct rf_time_way {
    rf_time_notation notation;
    char *pattern; /* owned, NULL unless RF_TIME_STRPTIME */
} rf_time_way;

typedef struct rf_time_ways {
    rf_time_way items[RF_MOST_TIME_WAYS];
    int n;
    int64_t since_us; /* what numbers count from */
    rf_zone *zone;    /* owned */
} rf_time_ways;

/* RF_E_INVALID when the zone is unknown or a pattern cannot be read. To be cleared in any case. */
RF_MUST_CHECK rf_status rf_time_ways_set(rf_time_ways *ways, const rf_fields *fields, rf_err *err);
void rf_time_ways_clear(rf_time_ways *ways);

/* By the first way that reads it. RF_NUMBER_RANGE: a time outside [RF_TIME_MIN, RF_TIME_MAX). */
rf_number_status rf_time_ways_read(int64_t *out_us, const rf_time_ways *ways, rf_span text);

bool rf_time_ways_fits(const rf_time_ways *ways, rf_span text);

/* "is not an ISO 8601 time" and the like, for a text that is RF_NUMBER_BAD. Returns out. */
#define RF_TIME_WAY_WORDS 80
const char *rf_time_ways_expected(char out[RF_TIME_WAY_WORDS], const rf_time_ways *ways);

#endif
