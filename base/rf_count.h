/* rf_count.h - numbers of things in messages: "1,234,567", "1 user", "3 entities".
 */
#ifndef RF_COUNT_H
#define RF_COUNT_H

#include <stddef.h>
#include <stdint.h>

#define RF_THINGS_TEXT 160 /* a number and a word of up to 120 bytes */

/* Each writes into and returns out. */
char *rf_count_format(char out[32], int64_t value); /* 1,234,567 */
/* The plural of an English word, or of the last one of several: "users", "dead letters", "batches",
 * "entities". Cut at size. */
char *rf_plural(char *out, size_t size, const char *one);
/* "1 user", "0 users", "1,234 entities" */
char *rf_things(char out[RF_THINGS_TEXT], int64_t n, const char *one);
/* The same, in a place that lasts as long as the block around it. */
#define RF_THINGS(n, one) rf_things((char[RF_THINGS_TEXT]){0}, (n), (one))
#define RF_COUNT(n) rf_count_format((char[32]){0}, (n))

#endif
