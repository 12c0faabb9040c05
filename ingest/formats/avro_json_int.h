/* avro_json_int.h - an Avro record as JSON, for people who look at what was rejected. */
#ifndef RF_AVRO_JSON_INT_H
#define RF_AVRO_JSON_INT_H

#include "avro_schema_int.h"
#include "rf_json.h"

/* Writes the record as a document. False: the bytes are no record of that schema, or one too large or too
 * deep to be shown; what was written then is of no use. A failure of memory shows in rf_json_end. */
bool rf_avro_json(rf_json *json, const rf_avro_schema *schema, rf_span record);
/* The same of a record behind `before` bytes of its message, until json is used again; the record itself
 * where it cannot be, or schema is NULL. */
rf_span rf_avro_shown(rf_json *json, const rf_avro_schema *schema, size_t before, rf_span record);

#endif
