/* descriptor_set_int.h - the message types that a file of protoc declares; everything is borrowed from the
 * set. */
#ifndef RF_DESCRIPTOR_SET_INT_H
#define RF_DESCRIPTOR_SET_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

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

#endif
