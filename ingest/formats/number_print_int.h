/* number_print_int.h - numbers of Protobuf and Avro as texts, which lie in `slot`. */
#ifndef RF_NUMBER_PRINT_INT_H
#define RF_NUMBER_PRINT_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_event.h"

/* The digits of size / 10^scale, with the point where the scale has it, to the left of `end`: where they
 * begin. */
static inline char *rf_number_print_scaled(char *end, uint64_t size, int scale)
{
    char *at = end;
    for (int digits = 0; digits <= scale || size > 0; digits++, size /= 10) {
        if (digits == scale && scale > 0)
            *--at = '.';
        *--at = (char)('0' + size % 10);
    }
    return at;
}

#define RF_NUMBER_SLOT 32
rf_span rf_number_print_unsigned(char slot[RF_NUMBER_SLOT], uint64_t value);
rf_span rf_number_print_signed(char slot[RF_NUMBER_SLOT], int64_t value);
/* The shortest decimal that reads back as the same double (is_float: float); "nan", "inf", "-inf". */
rf_span rf_number_print_real(char slot[RF_NUMBER_SLOT], double value, bool is_float);

#endif
