/* protobuf_plan_int.h - the fields of a message type that the configuration maps.
 *
 *   descriptor_set.c   the file that protoc writes, read with protobuf-c  --declarations-->
 *   protobuf_plan.c    only the fields that the configuration maps        --rf_pb_plan-->
 *   event_protobuf.c   walks the wire format (protobuf_wire.c) by the plan; numbers as text: number_print.c
 */
#ifndef RF_PROTOBUF_PLAN_INT_H
#define RF_PROTOBUF_PLAN_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "descriptor_set_int.h"
#include "field_plan_int.h"

/* What else than a raw value a field fills: the two parts of a google.protobuf.Timestamp. */
typedef enum rf_pb_part { RF_PB_NO_PART, RF_PB_SECONDS, RF_PB_NANOS } rf_pb_part;

typedef struct rf_pb_field {
    rf_pb_declared_field declared;
    const rf_pb_declared_enum *values; /* RF_PB_ENUM */
    int name;                          /* the field plan's name that it fills, -1: none */
    int scope;                         /* the message in it, where something there is mapped; -1 */
    rf_pb_part part;
} rf_pb_field;

#define RF_PB_DIRECT 64 /* fields of smaller numbers are found at once */

/* One message on the way to mapped fields, with those of its fields that matter. */
typedef struct rf_pb_scope {
    const rf_pb_declared_message *message;
    rf_pb_field *fields; /* [n_fields] by number */
    size_t n_fields, cap_fields;
    int16_t direct[RF_PB_DIRECT]; /* index + 1 of the field with that number, 0: none */
    int moment;                   /* of a Timestamp: the field plan's name that it fills, -1: none */
} rf_pb_scope;

typedef struct rf_pb_plan {
    const rf_field_plan *names;
    const rf_descriptor_set *set;
    rf_pb_scope *scopes; /* [n_scopes] the message itself first */
    size_t n_scopes, cap_scopes;
} rf_pb_plan;

/* RF_E_INVALID when the set has no such message type, the type no field that the plan maps, or one of another
 * shape. Borrows names and set. */
RF_MUST_CHECK rf_status rf_pb_plan_new(rf_pb_plan **out, const rf_field_plan *names,
                                       const rf_descriptor_set *set, const char *message_type, rf_err *err);
void rf_pb_plan_free(rf_pb_plan *plan);
/* NULL: the field is not mapped. */
const rf_pb_field *rf_pb_plan_field(const rf_pb_scope *scope, uint32_t number);

#endif
