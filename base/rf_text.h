/* rf_text.h - growing text, UTF-8 checks, decimal numbers, and "did you mean". */
#ifndef RF_TEXT_H
#define RF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

/* ---- a growing byte string; always NUL-terminated once non-empty ---- */
typedef struct rf_text {
    char *ptr;
    size_t len, cap;
} rf_text;

RF_MUST_CHECK rf_status rf_text_add(rf_text *text, const char *bytes, size_t len, rf_err *err);
RF_MUST_CHECK rf_status rf_text_printf(rf_text *text, rf_err *err, const char *format, ...) RF_PRINTF(3, 4);
/* Adds bytes in base64 (RFC 4648) with padding, or for_url: with - and _ and without. */
RF_MUST_CHECK rf_status rf_base64_add(rf_text *text, const char *bytes, size_t len, bool for_url,
                                      rf_err *err);
/* Adds the bytes that base64 with padding stands for, or for_url: with - and _, and with padding or without.
 * RF_E_PARSE: it is anything else. */
RF_MUST_CHECK rf_status rf_base64_read(rf_text *text, const char *base64, size_t len, bool for_url,
                                       rf_err *err);
void rf_text_reset(rf_text *text); /* empties, keeps the memory */
void rf_text_clear(rf_text *text); /* frees */

/* Well-formed UTF-8 as of RFC 3629 (no surrogates, no overlong forms, no NUL). */
bool rf_utf8_valid(const char *bytes, size_t len);

/* The character at bytes (left > 0) and how many bytes it has; 0: none is there (NUL is one here). */
size_t rf_utf8_decode(uint32_t *code, const char *bytes, size_t left);

/* Decimal text ("-12.5", "1e3") to fixed point with 6 decimals, exact, half to even; no locale, no
 * allocation. */
typedef enum rf_number_status {
    RF_NUMBER_OK,
    RF_NUMBER_BAD,
    RF_NUMBER_NOT_FINITE,
    RF_NUMBER_RANGE
} rf_number_status;
rf_number_status rf_fixed_parse(int64_t *out, const char *text, size_t len);

/* Whole int64 / finite double; the whole text must be the number. */
bool rf_int_parse(int64_t *out, const char *text, size_t len);
bool rf_double_parse(double *out, const char *text, size_t len);

/* The shortest decimal that reads back as the same double (float); at most 32 bytes with the NUL. Returns
 * out. */
char *rf_double_format(char out[32], double value);
char *rf_float_format(char out[32], float value);

/* The candidate (NULL-terminated list) nearest to word by edit distance, or NULL if none is near enough. */
const char *rf_nearest(const char *word, const char *const *candidates);

#endif
