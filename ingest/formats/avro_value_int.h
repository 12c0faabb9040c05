/* avro_value_int.h - Avro's values as the texts that people write. */
#ifndef RF_AVRO_VALUE_INT_H
#define RF_AVRO_VALUE_INT_H

#include "avro_schema_int.h"

#define RF_AVRO_SLOT 176 /* the longest text: a decimal of 32 bytes */

/* A two's complement number of any length divided by 10^scale; ptr NULL: it has more than 32 bytes. */
rf_span rf_avro_print_decimal(char slot[RF_AVRO_SLOT], rf_span bytes, int scale);
rf_span rf_avro_print_uuid(char slot[RF_AVRO_SLOT], rf_span bytes); /* of 16 */
rf_span rf_avro_print_date(char slot[RF_AVRO_SLOT], int64_t days);
rf_span rf_avro_print_time(char slot[RF_AVRO_SLOT], int64_t since_midnight_us);

/* A number of the type's unit in microseconds, half to even; INT64_MIN or MAX where that is beyond them. */
int64_t rf_avro_micros(int64_t number, int scale);
/* IEEE 754, as it lies in the record. */
double rf_avro_double(rf_span bytes);
float rf_avro_float(rf_span bytes);

#endif
