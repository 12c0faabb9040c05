/* avro_wire.c - reads Avro's binary form. Nothing is taken on trust: a length is compared with the bytes that
 * are left before anything is done with it, and what is passed over costs as many steps as it has bytes.
 */
#include "avro_wire_int.h"

const char rf_avro_breaks_off[] = "the record breaks off";

bool rf_avro_fail(rf_avro_cursor *c, const char *why)
{
    if (c->why == NULL)
        c->why = why;
    return false;
}

bool rf_avro_far_long(int64_t *out, rf_avro_cursor *c)
{
    uint64_t bits = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (c->at == c->end)
            return rf_avro_fail(c, rf_avro_breaks_off);
        unsigned char byte = *c->at++;
        if (shift == 63 && byte > 1)
            break;
        bits |= (uint64_t)(byte & 0x7F) << shift;
        if (byte <= 0x7F) {
            *out = (int64_t)(bits >> 1 ^ (0 - (bits & 1)));
            return true;
        }
    }
    return rf_avro_fail(c, "a number has more than 64 bits");
}

bool rf_avro_far_bytes(rf_span *out, rf_avro_cursor *c)
{
    int64_t len;
    if (!rf_avro_long(&len, c))
        return false;
    if (len < 0)
        return rf_avro_fail(c, "a length is negative");
    if (len > c->end - c->at)
        return rf_avro_fail(c, "a text is longer than what is left");
    return rf_avro_fixed(out, c, (size_t)len);
}

bool rf_avro_far_choice(size_t *out, rf_avro_cursor *c, const rf_avro_type *type)
{
    int64_t choice;
    if (!rf_avro_long(&choice, c))
        return false;
    if (choice < 0 || (uint64_t)choice >= type->n)
        return rf_avro_fail(c, type->kind == RF_AVRO_ENUM ? "an enum has no such symbol"
                                                          : "a union has no such branch");
    *out = (size_t)choice;
    return true;
}

bool rf_avro_block(int64_t *n, int64_t *bytes, rf_avro_cursor *c)
{
    *bytes = -1;
    if (!rf_avro_long(n, c))
        return false;
    if (*n >= 0)
        return true;
    if (*n == INT64_MIN || !rf_avro_long(bytes, c))
        return rf_avro_fail(c, "a list has an impossible number of items");
    *n = -*n;
    if (*bytes < 0 || *bytes > c->end - c->at)
        return rf_avro_fail(c, "a block of a list is longer than what is left");
    return true;
}

bool rf_avro_block_ends(rf_avro_cursor *c, const unsigned char *begin, int64_t bytes)
{
    return bytes < 0 || c->at - begin == bytes || rf_avro_fail(c, "a block of a list has another length");
}

static bool pass_items(rf_avro_cursor *c, const rf_avro_type *type, int depth)
{
    const rf_avro_type *items = type->parts[0].of;
    bool map = type->kind == RF_AVRO_MAP;
    for (;;) {
        int64_t n, bytes;
        rf_span key;
        if (!rf_avro_block(&n, &bytes, c))
            return false;
        if (n == 0)
            return true;
        if (bytes >= 0) {
            c->at += bytes;
            continue;
        }
        if (!map && items->empty)
            continue;
        if (n > c->end - c->at)
            return rf_avro_fail(c, "a list has more items than bytes are left");
        for (; n > 0; n--) {
            if ((map && !rf_avro_bytes(&key, c)) || !rf_avro_pass(c, items, depth + 1))
                return false;
        }
    }
}

bool rf_avro_pass_nested(rf_avro_cursor *c, const rf_avro_type *type, int depth)
{
    if (depth > RF_AVRO_MOST_DEPTH)
        return rf_avro_fail(c, "values are nested too deep");
    if (type->kind != RF_AVRO_RECORD)
        return pass_items(c, type, depth);
    for (size_t i = 0; i < type->n_live; i++) {
        if (!rf_avro_pass(c, type->live[i], depth + 1))
            return false;
    }
    return true;
}
