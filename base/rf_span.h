/* rf_span.h - a piece of text that lies in somebody else's memory. */
#ifndef RF_SPAN_H
#define RF_SPAN_H

#include <stddef.h>

typedef struct rf_span {
    const char *ptr; /* UTF-8, not NUL-terminated; NULL when absent */
    size_t len;
} rf_span;

#endif
