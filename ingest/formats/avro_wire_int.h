/* avro_wire_int.h - Avro's binary form: numbers, lengths, and values that are passed over. */
#ifndef RF_AVRO_WIRE_INT_H
#define RF_AVRO_WIRE_INT_H

#include "avro_schema_int.h"

#define RF_AVRO_MOST_DEPTH 512 /* of values inside values */

typedef struct rf_avro_cursor {
    const unsigned char *at, *end;
    const char *why; /* the first failure, and `at` is near it; NULL: none */
} rf_avro_cursor;

static inline rf_avro_cursor rf_avro_cursor_of(rf_span bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    return (rf_avro_cursor){at, at + bytes.len, NULL};
}

extern const char rf_avro_breaks_off[];
bool rf_avro_fail(rf_avro_cursor *c, const char *why); /* false */

/* Each moves the cursor behind what it read; false: it failed. */
bool rf_avro_far_long(int64_t *out, rf_avro_cursor *c);
static inline bool rf_avro_long(int64_t *out, rf_avro_cursor *c)
{
    if (c->at == c->end || *c->at > 0x7F)
        return rf_avro_far_long(out, c);
    *out = (int64_t)(*c->at >> 1) ^ -(int64_t)(*c->at & 1); /* most are small */
    c->at++;
    return true;
}
/* The same of an int or long; of an int it has 32 bits. */
static inline bool rf_avro_number(int64_t *out, rf_avro_cursor *c, const rf_avro_type *type)
{
    if (!rf_avro_long(out, c))
        return false;
    bool fits = (*out >= INT32_MIN && *out <= INT32_MAX) || type->kind != RF_AVRO_INT;
    return fits || rf_avro_fail(c, "a number has more than 32 bits");
}
/* A text or bytes: its length is read, and lies within the record. */
bool rf_avro_far_bytes(rf_span *out, rf_avro_cursor *c);
static inline bool rf_avro_bytes(rf_span *out, rf_avro_cursor *c)
{
    if (c->at == c->end || (*c->at & 0x81) != 0 || (*c->at >> 1) >= c->end - c->at)
        return rf_avro_far_bytes(out, c);
    size_t len = *c->at >> 1;
    *out = (rf_span){(const char *)c->at + 1, len};
    c->at += len + 1;
    return true;
}
static inline bool rf_avro_fixed(rf_span *out, rf_avro_cursor *c, size_t size)
{
    if (size > (size_t)(c->end - c->at))
        return rf_avro_fail(c, rf_avro_breaks_off);
    *out = (rf_span){(const char *)c->at, size};
    c->at += size;
    return true;
}
/* The branch of a union, or the symbol of an enum. */
bool rf_avro_far_choice(size_t *out, rf_avro_cursor *c, const rf_avro_type *type);
static inline bool rf_avro_choice(size_t *out, rf_avro_cursor *c, const rf_avro_type *type)
{
    if (c->at == c->end || (*c->at & 0x81) != 0 || (size_t)(*c->at >> 1) >= type->n)
        return rf_avro_far_choice(out, c, type);
    *out = *c->at++ >> 1;
    return true;
}
/* The next block of an array or map: *n items, 0 behind the last one. *bytes: how many they have, where the
 * writer said so, else -1. */
bool rf_avro_block(int64_t *n, int64_t *bytes, rf_avro_cursor *c);
/* Behind the items of a block that began there: who passes over so many bytes must end at the same place. */
bool rf_avro_block_ends(rf_avro_cursor *c, const unsigned char *begin, int64_t bytes);
/* Passes over a value; depth: of the values around it. Plain values, alone or in a union, need no call. */
bool rf_avro_pass_nested(rf_avro_cursor *c, const rf_avro_type *type, int depth);
static inline bool rf_avro_pass(rf_avro_cursor *c, const rf_avro_type *type, int depth)
{
    rf_span ignored;
    int64_t number;
    size_t choice;
    for (;;) {
        switch (type->kind) {
        case RF_AVRO_NULL:
            return true;
        case RF_AVRO_INT:
        case RF_AVRO_LONG:
            return rf_avro_long(&number, c);
        case RF_AVRO_BYTES:
        case RF_AVRO_STRING:
            return rf_avro_bytes(&ignored, c);
        case RF_AVRO_BOOLEAN:
        case RF_AVRO_FLOAT:
        case RF_AVRO_DOUBLE:
        case RF_AVRO_FIXED:
            return rf_avro_fixed(&ignored, c, type->size);
        case RF_AVRO_ENUM:
            return rf_avro_choice(&choice, c, type);
        case RF_AVRO_UNION:
            if (!rf_avro_choice(&choice, c, type))
                return false;
            type = type->parts[choice].of;
            depth++;
            continue;
        default:
            return rf_avro_pass_nested(c, type, depth);
        }
    }
}

#endif
