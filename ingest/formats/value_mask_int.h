/* value_mask_int.h - a value that may name somebody, for people who need not know whom. */
#ifndef RF_VALUE_MASK_INT_H
#define RF_VALUE_MASK_INT_H

#include <stddef.h>

/* "u***7" of "u1234567". Returns out. */
#define RF_MASKED 32
const char *rf_masked(char out[RF_MASKED], const char *text, size_t len);

#endif
