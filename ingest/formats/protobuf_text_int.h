/* protobuf_text_int.h - Protobuf's numbers as texts, which lie in `slot`. */
#ifndef RF_PROTOBUF_TEXT_INT_H
#define RF_PROTOBUF_TEXT_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_event.h"

#define RF_PB_SLOT 32
rf_span rf_pb_print_unsigned(char slot[RF_PB_SLOT], uint64_t value);
rf_span rf_pb_print_signed(char slot[RF_PB_SLOT], int64_t value);
/* The shortest decimal that reads back as the same double (is_float: float); "nan", "inf", "-inf". */
rf_span rf_pb_print_real(char slot[RF_PB_SLOT], double value, bool is_float);

#endif
