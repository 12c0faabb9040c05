/* rf_decimal.h - numbers in decimal digits ("-12.5", "1e3"), exact, without locale and without allocation. */
#ifndef RF_DECIMAL_H
#define RF_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RF_FIXED_PLACES 6                          /* decimal places of fixed point, unless others are said */
#define RF_MOST_PLACES 18                          /* that others may be */
#define RF_SCALED_MAX INT64_C(1000000000000000000) /* 10^18: the most of the last place */

typedef enum rf_number_status {
    RF_NUMBER_OK,
    RF_NUMBER_BAD,
    RF_NUMBER_NOT_FINITE,
    RF_NUMBER_RANGE,
    RF_NUMBER_ROUNDED /* it is read, but has digits behind the last place that are not 0 */
} rf_number_status;

/* The number times 10^shift as a whole number, half to even; |*out| <= RF_SCALED_MAX, else RF_NUMBER_RANGE.
 * *out is set where the status is RF_NUMBER_OK or RF_NUMBER_ROUNDED. */
rf_number_status rf_scaled_parse(int64_t *out, const char *text, size_t len, int shift);
/* By RF_FIXED_PLACES; a number that is rounded is RF_NUMBER_OK. */
rf_number_status rf_fixed_parse(int64_t *out, const char *text, size_t len);

/* The powers of ten of the first and the last digit that is not 0: of 0.0120 these are -2 and -3. False: it
 * is 0, or no number. */
bool rf_decimal_extent(int64_t *first, int64_t *last, const char *text, size_t len);

/* A number as it is written, to be compared with others: its digits are borrowed from the text. */
typedef struct rf_decimal {
    const char *first, *end; /* from the first digit that is not 0 on, perhaps with one point among them */
    int64_t place;           /* power of ten of the first one */
    int sign;                /* -1, 0, 1 */
} rf_decimal;

bool rf_decimal_split(rf_decimal *out, const char *text, size_t len); /* false: it is no number */
/* Below 0, 0, above 0 as a is less than, equal to, greater than b, exactly. */
int rf_decimal_compare(const rf_decimal *a, const rf_decimal *b);

/* Whole int64 / finite double; the whole text must be the number. */
bool rf_int_parse(int64_t *out, const char *text, size_t len);
bool rf_double_parse(double *out, const char *text, size_t len);

/* The shortest decimal that reads back as the same double (float); at most 32 bytes with the NUL. Returns
 * out. */
char *rf_double_format(char out[32], double value);
char *rf_float_format(char out[32], float value);

#endif
