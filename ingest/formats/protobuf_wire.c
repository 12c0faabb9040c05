/* protobuf_wire.c - Protobuf's wire format: reads numbers, lengths and tags, and skips unmapped fields.
 *
 * It never reads beyond the cursor's end. Broken data fills the cursor's reject with the byte where it
 * begins. It knows no message types. protobuf.dev/programming-guides/encoding describes the format.
 */
#include "protobuf_wire_int.h"

#define MAX_GROUP_DEPTH 100 /* of groups in one another, all stepped over */

rf_status rf_pb_broken(const rf_pb_cursor *c, const unsigned char *at, const char *why)
{
    return rf_reject_set(c->reject, RF_REJECT_BAD_PROTOBUF, at - c->record, "byte %td: %s", at - c->record,
                         why);
}

rf_status rf_pb_long_varint(uint64_t *out, rf_pb_cursor *c)
{
    const unsigned char *start = c->at;
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        if (c->at == c->end)
            return rf_pb_broken(c, start, "the message breaks off inside a number");
        unsigned char byte = *c->at++;
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *out = value;
            return RF_OK;
        }
    }
    return rf_pb_broken(c, start, "a number has more than 64 bits");
}

rf_status rf_pb_fixed(uint64_t *out, rf_pb_cursor *c, int bytes)
{
    if (c->end - c->at < bytes)
        return rf_pb_broken(c, c->at, "the message breaks off inside a number");
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | c->at[i];
    c->at += bytes;
    *out = value;
    return RF_OK;
}

rf_status rf_pb_length(size_t *len, rf_pb_cursor *c)
{
    const unsigned char *start = c->at;
    uint64_t value = 0;
    rf_status st = rf_pb_varint(&value, c);
    if (st != RF_OK)
        return st;
    if (value > (uint64_t)(c->end - c->at))
        return rf_pb_broken(c, start, "a length reaches beyond the end");
    *len = (size_t)value;
    return RF_OK;
}

rf_status rf_pb_tag(uint32_t *number, rf_pb_wire *wire, rf_pb_cursor *c)
{
    const unsigned char *start = c->at;
    uint64_t tag = 0;
    rf_status st = rf_pb_varint(&tag, c);
    if (st != RF_OK)
        return st;
    if (tag > UINT32_MAX || tag >> 3 == 0)
        return rf_pb_broken(c, start, "no field can have this number");
    if ((tag & 7) > RF_PB_WIRE_32)
        return rf_pb_broken(c, start, "no field can have this wire type");
    *number = (uint32_t)(tag >> 3);
    *wire = (rf_pb_wire)(tag & 7);
    return RF_OK;
}

/* ---- stepping over ---- */

static rf_status skip_plain(rf_pb_cursor *c, rf_pb_wire wire)
{
    uint64_t ignored = 0;
    size_t len = 0;
    rf_status st;
    switch (wire) {
    case RF_PB_WIRE_VARINT:
        return rf_pb_varint(&ignored, c);
    case RF_PB_WIRE_64:
        return rf_pb_fixed(&ignored, c, 8);
    case RF_PB_WIRE_32:
        return rf_pb_fixed(&ignored, c, 4);
    case RF_PB_WIRE_BYTES:
        st = rf_pb_length(&len, c);
        c->at += len;
        return st;
    case RF_PB_WIRE_GROUP:
    case RF_PB_WIRE_GROUP_END:
        break;
    }
    return rf_pb_broken(c, c->at, "a group ends that did not begin");
}

rf_status rf_pb_skip_group(rf_pb_cursor *c, uint32_t number)
{
    uint32_t open[MAX_GROUP_DEPTH];
    int depth = 0;
    open[depth++] = number;
    while (depth > 0) {
        const unsigned char *start = c->at;
        rf_pb_wire wire = RF_PB_WIRE_VARINT;
        rf_status st = RF_OK;
        if (c->at == c->end)
            return rf_pb_broken(c, start, "the message breaks off inside a group");
        if ((st = rf_pb_tag(&number, &wire, c)) != RF_OK)
            return st;
        if (wire == RF_PB_WIRE_GROUP && depth == MAX_GROUP_DEPTH)
            return rf_pb_broken(c, start, "groups are nested too deeply (100)");
        if (wire == RF_PB_WIRE_GROUP_END && open[depth - 1] != number)
            return rf_pb_broken(c, start, "a group ends inside another one");
        if (wire == RF_PB_WIRE_GROUP)
            open[depth++] = number;
        else if (wire == RF_PB_WIRE_GROUP_END)
            depth--;
        else
            st = skip_plain(c, wire);
        if (st != RF_OK)
            return st;
    }
    return RF_OK;
}

rf_status rf_pb_skip_field(rf_pb_cursor *c, uint32_t number, rf_pb_wire wire)
{
    return wire == RF_PB_WIRE_GROUP ? rf_pb_skip_group(c, number) : skip_plain(c, wire);
}
