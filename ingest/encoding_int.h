/* encoding_int.h - texts of another encoding become UTF-8. */
#ifndef RF_ENCODING_INT_H
#define RF_ENCODING_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "rf_span.h"
#include "rf_status.h"

/* Nothing has to be converted: UTF-8, or `auto`. NULL counts as that. */
bool rf_encoding_is_plain(const char *name);

typedef struct rf_encoding rf_encoding;
/* By a name of source.encoding, which is not plain, or any that iconv knows. */
RF_MUST_CHECK rf_status rf_encoding_open(rf_encoding **out, const char *name, rf_err *err);
void rf_encoding_close(rf_encoding *encoding); /* NULL allowed */
/* Bytes of the smallest character: more than 1 where texts are not like ASCII. */
size_t rf_encoding_unit(const rf_encoding *encoding);

/* A part of a long text: takes from the *left bytes at *from, and gives into the *room bytes at *to (at least
 * 8). What is no character becomes a byte that is never UTF-8. False: more of the text is due first; there is
 * none if it has ended. */
bool rf_encoding_convert(rf_encoding *encoding, const char **from, size_t *left, char **to, size_t *room,
                         bool ended);
/* A whole text, without a byte order mark. *out is valid until the next one. */
RF_MUST_CHECK rf_status rf_encoding_text(rf_span *out, rf_encoding *encoding, rf_span text, rf_err *err);

#endif
