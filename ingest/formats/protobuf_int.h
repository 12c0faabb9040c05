/* protobuf_int.h - Protobuf messages: what a descriptor set declares, and the plan that is compiled from it.
 *
 *   descriptor_set.c   the file that protoc writes, read with protobuf-c  --declarations-->
 *   protobuf_plan.c    only the fields that the configuration maps        --rf_pb_plan-->
 *   event_protobuf.c   walks the wire format (protobuf_wire.c) by the plan; numbers as text: protobuf_text.c
 */
#ifndef RF_PROTOBUF_INT_H
#define RF_PROTOBUF_INT_H

#include "ingest_int.h"

/* ---- the wire format (protobuf_wire.c) ---- */

typedef enum rf_pb_wire {
    RF_PB_WIRE_VARINT,
    RF_PB_WIRE_64,
    RF_PB_WIRE_BYTES,
    RF_PB_WIRE_GROUP,
    RF_PB_WIRE_GROUP_END,
    RF_PB_WIRE_32
} rf_pb_wire;

typedef struct rf_pb_cursor {
    const unsigned char *at, *end;
    const unsigned char *record; /* bytes are counted from here */
    rf_reject *reject;
} rf_pb_cursor;

/* Each moves the cursor behind what it read: RF_OK, or RF_SKIPPED with the reject filled. */
rf_status rf_pb_long_varint(uint64_t *out, rf_pb_cursor *c);
rf_status rf_pb_fixed(uint64_t *out, rf_pb_cursor *c, int bytes); /* 4 or 8 */
rf_status rf_pb_length(size_t *len,
                       rf_pb_cursor *c); /* of a text or message, which starts behind it and fits */
rf_status rf_pb_tag(uint32_t *number, rf_pb_wire *wire, rf_pb_cursor *c);
static inline rf_status rf_pb_varint(uint64_t *out, rf_pb_cursor *c)
{
    if (c->at == c->end || *c->at > 0x7F)
        return rf_pb_long_varint(out, c);
    *out = *c->at++; /* most are small */
    return RF_OK;
}
/* A field whose tag was just read. */
rf_status rf_pb_skip_field(rf_pb_cursor *c, uint32_t number, rf_pb_wire wire);
rf_status rf_pb_skip_group(rf_pb_cursor *c, uint32_t number);
/* RF_REJECT_BAD_PROTOBUF at a byte; RF_SKIPPED. */
rf_status rf_pb_broken(const rf_pb_cursor *c, const unsigned char *at, const char *why);

/* ---- numbers as text (protobuf_text.c); the text stands in slot ---- */

#define RF_PB_SLOT 32
rf_span rf_pb_print_unsigned(char slot[RF_PB_SLOT], uint64_t value);
rf_span rf_pb_print_signed(char slot[RF_PB_SLOT], int64_t value);
/* The shortest decimal that reads back as the same double (is_float: float); "nan", "inf", "-inf". */
rf_span rf_pb_print_real(char slot[RF_PB_SLOT], double value, bool is_float);

/* ---- declarations (descriptor_set.c); everything is borrowed from the set ---- */

typedef enum rf_pb_type { /* numbered as in descriptor.proto */
                          RF_PB_DOUBLE = 1,
                          RF_PB_FLOAT,
                          RF_PB_INT64,
                          RF_PB_UINT64,
                          RF_PB_INT32,
                          RF_PB_FIXED64,
                          RF_PB_FIXED32,
                          RF_PB_BOOL,
                          RF_PB_STRING,
                          RF_PB_GROUP,
                          RF_PB_MESSAGE,
                          RF_PB_BYTES,
                          RF_PB_UINT32,
                          RF_PB_ENUM,
                          RF_PB_SFIXED32,
                          RF_PB_SFIXED64,
                          RF_PB_SINT32,
                          RF_PB_SINT64
} rf_pb_type;

typedef struct rf_descriptor_set rf_descriptor_set;
typedef struct rf_pb_declared_message rf_pb_declared_message;
typedef struct rf_pb_declared_enum rf_pb_declared_enum;

typedef struct rf_pb_declared_field {
    const char *name;
    uint32_t number;
    rf_pb_type type;
    bool repeated; /* maps included */
    bool implicit; /* absent on the wire means the default value, not that it is missing */
    int oneof;     /* number of the oneof in its message, -1: in none (a proto3 optional is in none) */
    const char *type_name; /* of a message or enum: its full name; else NULL */
} rf_pb_declared_field;

/* RF_E_IO when the file cannot be read, RF_E_FORMAT when it is no descriptor set or one of a syntax that is
 * not known here (proto2 and proto3 are). */
RF_MUST_CHECK rf_status rf_descriptor_set_read(rf_descriptor_set **out, const char *path, rf_err *err);
/* The same from memory; `path` is for messages. */
RF_MUST_CHECK rf_status rf_descriptor_set_parse(rf_descriptor_set **out, const char *bytes, size_t len,
                                                const char *path, rf_err *err);
void rf_descriptor_set_free(rf_descriptor_set *set);
const char *rf_descriptor_set_path(const rf_descriptor_set *set);

/* By full name ("shop.Order"); NULL: not in the set. */
const rf_pb_declared_message *rf_pb_find_message(const rf_descriptor_set *set, const char *name);
const rf_pb_declared_enum *rf_pb_find_enum(const rf_descriptor_set *set, const char *name);
/* The message type that was probably meant, or NULL. */
const char *rf_pb_nearest_message(const rf_descriptor_set *set, const char *name);

const char *rf_pb_message_name(const rf_pb_declared_message *message);
int rf_pb_n_fields(const rf_pb_declared_message *message);
rf_pb_declared_field rf_pb_field_at(const rf_pb_declared_message *message, int i);
/* The first name of that number, or NULL. */
const char *rf_pb_enum_name(const rf_pb_declared_enum *declared, int32_t number);

/* ---- the plan (protobuf_plan.c) ---- */

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
/* NULL: nobody wants that field. */
const rf_pb_field *rf_pb_plan_field(const rf_pb_scope *scope, uint32_t number);

#endif
