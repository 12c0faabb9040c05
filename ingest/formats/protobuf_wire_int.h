/* protobuf_wire_int.h - Protobuf's wire format: tags, numbers, lengths, and skipped fields. */
#ifndef RF_PROTOBUF_WIRE_INT_H
#define RF_PROTOBUF_WIRE_INT_H

#include <stddef.h>
#include <stdint.h>

#include "reject_int.h"

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

/* Each moves the cursor past what it read: RF_OK, or RF_SKIPPED with the reject filled. */
rf_status rf_pb_long_varint(uint64_t *out, rf_pb_cursor *c);
rf_status rf_pb_fixed(uint64_t *out, rf_pb_cursor *c, int bytes); /* 4 or 8 */
rf_status rf_pb_length(size_t *len,
                       rf_pb_cursor *c); /* of a text or message, which starts after it and fits */
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

#endif
