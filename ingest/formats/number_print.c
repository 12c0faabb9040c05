/* number_print.c - binary numbers as the decimal text that people write, for event_fields.c to read.
 *
 * Numbers of Protobuf and Avro are read like those of CSV and JSON, from text into fixed point. So the same
 * amount is the same number in every format.
 */
#include "number_print_int.h"

#include <math.h>
#include <string.h>

#include "rf_text.h"

static rf_span print_size(char slot[RF_NUMBER_SLOT], uint64_t value, bool negative)
{
    char *end = slot + RF_NUMBER_SLOT, *at = rf_number_print_scaled(end, value, 0);
    if (negative)
        *--at = '-';
    return (rf_span){at, (size_t)(end - at)};
}

rf_span rf_number_print_unsigned(char slot[RF_NUMBER_SLOT], uint64_t value)
{
    return print_size(slot, value, false);
}

rf_span rf_number_print_signed(char slot[RF_NUMBER_SLOT], int64_t value)
{
    return print_size(slot, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

/* millionths / 10^6 without needless zeros. */
static rf_span print_millionths(char slot[RF_NUMBER_SLOT], int64_t millionths)
{
    uint64_t size = millionths < 0 ? 0 - (uint64_t)millionths : (uint64_t)millionths;
    int scale = 6;
    for (; scale > 0 && size % 10 == 0; scale--)
        size /= 10;
    char *end = slot + RF_NUMBER_SLOT, *at = rf_number_print_scaled(end, size, scale);
    if (millionths < 0)
        *--at = '-';
    return (rf_span){at, (size_t)(end - at)};
}

/* The shortest decimal that reads back as the same number. A decimal of at most 15 digits (float: 6) that
 * does so is the shortest, for no two of them are the same number; most amounts have one with six places. */
rf_span rf_number_print_real(char slot[RF_NUMBER_SLOT], double value, bool is_float)
{
    if (fabs(value) < 1e9 && !(value == 0 && signbit(value))) {
        int64_t millionths = llrint(value * 1e6);
        double back = (double)millionths / 1e6;
        uint64_t digits = millionths < 0 ? 0 - (uint64_t)millionths : (uint64_t)millionths;
        while (digits != 0 && digits % 10 == 0)
            digits /= 10;
        if (is_float ? digits < 1000000 && (double)(float)back == value
                     : digits < UINT64_C(1000000000000000) && back == value)
            return print_millionths(slot, millionths);
    }
    if (is_float)
        rf_float_format(slot, (float)value);
    else
        rf_double_format(slot, value);
    return (rf_span){slot, strlen(slot)};
}
