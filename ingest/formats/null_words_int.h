/* null_words_int.h - texts that mean that there is no value, such as NULL or N/A. */
#ifndef RF_NULL_WORDS_INT_H
#define RF_NULL_WORDS_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_span.h"
#include "rf_status.h"

typedef struct rf_null_words {
    char **words; /* [n] owned */
    int n;
    uint32_t lengths;      /* bit l: one has l bytes; bit 31: 31 or more */
    uint32_t by_byte[256]; /* the same of those that begin with a byte */
} rf_null_words;

RF_MUST_CHECK rf_status rf_null_words_set(rf_null_words *set, const char *const *words, int n, rf_err *err);
void rf_null_words_clear(rf_null_words *set);
bool rf_null_words_search(const rf_null_words *set, rf_span text);

static inline bool rf_null_words_has(const rf_null_words *set, rf_span text)
{
    size_t bit = text.len < 31 ? text.len : 31;
    return (set->lengths >> bit & 1) != 0 && (set->by_byte[(unsigned char)text.ptr[0]] >> bit & 1) != 0 &&
           rf_null_words_search(set, text);
}

#endif
