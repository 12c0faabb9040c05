/* rf_text.h - growing text, UTF-8 checks, and "did you mean". Numbers are in rf_decimal.h. */
#ifndef RF_TEXT_H
#define RF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_decimal.h"
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
/* Adds what the file holds; no other copy of it stays in memory. The message lacks its beginning: "cannot be
 * opened: No such file or directory". RF_E_IO: as errno says. RF_E_INVALID: it is longer than `most`. Only
 * the caller knows how much of it was read. */
RF_MUST_CHECK rf_status rf_text_of_file(rf_text *out, const char *path, size_t most, rf_err *err);
void rf_text_reset(rf_text *text); /* empties, keeps the memory */
void rf_text_clear(rf_text *text); /* frees */

/* Well-formed UTF-8 as of RFC 3629 (no surrogates, no overlong forms, no NUL). */
bool rf_utf8_valid(const char *bytes, size_t len);

/* The character at bytes (left > 0) and how many bytes it has; 0: none is there (NUL is one here). */
size_t rf_utf8_decode(uint32_t *code, const char *bytes, size_t left);

/* The candidate (NULL-terminated list) nearest to word by edit distance, or NULL if none is near enough. */
const char *rf_nearest(const char *word, const char *const *candidates);

#endif
