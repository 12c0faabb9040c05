/* schema_framing_int.h - what stands in front of a message's value to say which schema it has. */
#ifndef RF_SCHEMA_FRAMING_INT_H
#define RF_SCHEMA_FRAMING_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "field_plan_int.h"

#define RF_FRAMING_PREFIX 5 /* a byte 0 and the number of a schema, as most registries write it */

static inline bool rf_framing_is_registry(rf_span value)
{
    return value.len >= RF_FRAMING_PREFIX && value.ptr[0] == '\0';
}

uint32_t rf_framing_schema(rf_span value); /* the number in that prefix */
/* What another beginning is by name, or NULL. */
const char *rf_framing_name(rf_span value);
/* A header that names the schema in place of a prefix, or NULL. */
const char *rf_framing_header(const rf_message *message);

/* Of a value that was read as JSON, and is none: whether its beginning tells why, which becomes the reason.
 */
bool rf_framing_hint(rf_span value, rf_reject *reject);

#endif
