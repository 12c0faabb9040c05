/* rf_time.h - moments and durations as text: int64 microseconds since the epoch, UTC.
 *
 * Zones are "UTC", fixed offsets ("+05:30") or IANA names ("Asia/Singapore", read from the system's tz
 * database).
 */
#ifndef RF_TIME_H
#define RF_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

#define RF_SECOND_US INT64_C(1000000)
#define RF_MINUTE_US (60 * RF_SECOND_US)
#define RF_HOUR_US (60 * RF_MINUTE_US)
#define RF_DAY_US (24 * RF_HOUR_US)
#define RF_TIME_MIN INT64_C(-2208988800000000) /* 1900-01-01 */
#define RF_TIME_MAX INT64_C(4102444800000000)  /* 2100-01-01: times outside [MIN, MAX) are out of range */
#define RF_TIME_TEXT 32                        /* room for rf_time_format's text */

typedef struct rf_zone rf_zone;
RF_MUST_CHECK rf_status rf_zone_new(rf_zone **out, const char *name, rf_err *err);
void rf_zone_free(rf_zone *zone);
int32_t rf_zone_offset_s(const rf_zone *zone, int64_t time_us);    /* local minus UTC at that moment */
int64_t rf_zone_from_local(const rf_zone *zone, int64_t local_us); /* the earlier one where clocks go back */

/* Days since the epoch of a civil date (proleptic Gregorian), and back. */
int64_t rf_days_from_civil(int64_t year, int month, int day);
void rf_civil_from_days(int64_t days, int64_t *year, int *month, int *day);

/* "2018-04-01T12:34:56.789Z", "2018-04-01 12:34:56", "2018-04-01", with or without offset (zone applies if
 * without). False when the text is not such a time or out of range. No allocation. */
bool rf_time_parse_iso(int64_t *out_us, const char *text, size_t len, const rf_zone *zone);
/* The same of any year. */
bool rf_time_parse_any(int64_t *out_us, const char *text, size_t len, const rf_zone *zone);
/* Less usual forms, which these do not read: "20240302T1730Z", "2024-W09-6", "2024-062", "2024-03-02T24:00",
 * "2024-03-02 17:30:00 +0100 CET". Any year. */
bool rf_time_parse_form(int64_t *out_us, const char *text, size_t len, const rf_zone *zone);
/* A time, but one that rf_time_parse_iso refuses: before 1900 or after 2099. For messages. */
bool rf_time_is_out_of_range(const char *text, size_t len);

/* "2018-04-01T12:34:56.789000Z"; the fraction only if there is one. Returns out. A signal handler may call
 * it. */
char *rf_time_format(char out[RF_TIME_TEXT], int64_t time_us);

/* "90s", "15m", "12h", "7d" (and "250ms"); whole numbers only. */
bool rf_duration_parse(int64_t *out_us, const char *text, size_t len);
char *rf_duration_format(char out[RF_TIME_TEXT], int64_t duration_us);

/* Wall clock, or SOURCE_DATE_EPOCH where that is set. For created_at and emitted_at only. */
int64_t rf_time_now_us(void);
/* The wall clock, whatever the environment says: for what happens outside, such as messages of a topic. */
int64_t rf_clock_us(void);
int64_t rf_monotonic_us(void);
double rf_monotonic_s(void);

#endif
