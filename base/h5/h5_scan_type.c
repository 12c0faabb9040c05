/* h5_scan_type.c - the types and shapes that a header states. */
#include <string.h>

#include "h5_scan_int.h"

#define MOST_DEPTH 8 /* of types within types */

enum { FIXED, FLOAT, TIME, STRING, BITS, OPAQUE, COMPOUND, REFERENCE, ENUM, SEQUENCE, ARRAY };

typedef struct head { /* of a type */
    unsigned version, bits;
} head;

static rf_status take_type(rf_h5_scan_type *out, rf_h5_scan *scan, rf_h5_cursor *c, int depth);

/* A name, in versions 1 and 2 padded to eight bytes. */
static void skip_name(rf_h5_cursor *c, unsigned version)
{
    size_t len = 0;
    if (rf_h5_take_text(c, &len) != NULL && version < 3)
        rf_h5_take_bytes(c, (8 - (len + 1) % 8) % 8);
}

/* Bits of whole numbers and of flags. */
static rf_status take_bits(rf_h5_scan *scan, rf_h5_cursor *c, uint64_t size)
{
    rf_status st = RF_OK;
    uint64_t offset = rf_h5_take(c, 2), precision = rf_h5_take(c, 2);
    if (size > 8 || precision == 0 || offset + precision > 8 * size)
        H5_DAMAGED("its type has bits outside its bytes");
done:
    return st;
}

/* Those of IEEE 754, in both byte orders: HDF5's conversion of others is not safe from odd ones. */
static rf_status take_float(rf_h5_scan *scan, rf_h5_cursor *c, uint64_t size, unsigned bits)
{
    static const struct {
        uint64_t size, exponent_at, exponent, mantissa, bias;
    } known[] = {{2, 10, 5, 10, 15}, {4, 23, 8, 23, 127}, {8, 52, 11, 52, 1023}};
    rf_status st = RF_OK;
    uint64_t offset = rf_h5_take(c, 2), precision = rf_h5_take(c, 2), exponent_at = rf_h5_take(c, 1),
             exponent = rf_h5_take(c, 1), mantissa_at = rf_h5_take(c, 1), mantissa = rf_h5_take(c, 1),
             bias = rf_h5_take(c, 4);
    bool good = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        good =
            good || (size == known[i].size && precision == 8 * size && exponent_at == known[i].exponent_at &&
                     exponent == known[i].exponent && mantissa == known[i].mantissa && bias == known[i].bias);
    good =
        good && offset == 0 && mantissa_at == 0 && (bits & 0x40) == 0 && (bits >> 8 & 0xff) == 8 * size - 1;
    if (!good)
        H5_REFUSE("holds real numbers of an unusual type", "write them as float32 or float64");
done:
    return st;
}

static rf_status take_members(rf_h5_scan_type *out, rf_h5_scan *scan, rf_h5_cursor *c, head h, int depth)
{
    rf_status st = RF_OK;
    rf_h5_scan_type member;
    size_t offset_bytes = 4;
    for (size_t b = 1; h.version >= 3 && b <= 4; b++) {
        if (out->size >> (8 * (b - 1)) != 0)
            offset_bytes = b;
    }
    for (unsigned i = 0; i < (h.bits & 0xffff); i++) {
        skip_name(c, h.version);
        uint64_t offset = rf_h5_take(c, offset_bytes);
        if (h.version == 1 && rf_h5_take(c, 1) != 0)
            H5_REFUSE("has a type of before HDF5 1.4", "write it again with a newer HDF5");
        if (h.version == 1)
            rf_h5_take_bytes(c, 3 + 4 + 4 + 16);
        RF_TRY(take_type(&member, scan, c, depth + 1));
        if (offset > out->size || member.size > out->size - offset)
            H5_DAMAGED("a member lies outside its type");
        out->refers = out->refers || member.refers;
    }
done:
    return st;
}

static rf_status take_enum(rf_h5_scan_type *out, rf_h5_scan *scan, rf_h5_cursor *c, head h, int depth)
{
    rf_status st = RF_OK;
    rf_h5_scan_type base;
    unsigned n = h.bits & 0xffff;
    RF_TRY(take_type(&base, scan, c, depth + 1));
    if (base.class != FIXED || base.size != out->size)
        H5_DAMAGED("its named values are no whole numbers");
    for (unsigned i = 0; i < n; i++)
        skip_name(c, h.version);
    rf_h5_take_bytes(c, n * base.size);
done:
    return st;
}

static rf_status take_array(rf_h5_scan_type *out, rf_h5_scan *scan, rf_h5_cursor *c, head h, int depth)
{
    rf_status st = RF_OK;
    rf_h5_scan_type base;
    uint64_t rank = rf_h5_take(c, 1), total = 1;
    if (h.version < 3)
        rf_h5_take_bytes(c, 3);
    if (rank == 0 || rank > RF_H5_SCAN_RANK)
        H5_DAMAGED("its type has an impossible shape");
    for (uint64_t i = 0; i < rank; i++) {
        if (__builtin_mul_overflow(total, rf_h5_take(c, 4), &total))
            H5_DAMAGED("its type has an impossible shape");
    }
    if (h.version < 3)
        rf_h5_take_bytes(c, 4 * rank);
    RF_TRY(take_type(&base, scan, c, depth + 1));
    if (__builtin_mul_overflow(total, base.size, &total) || total != out->size)
        H5_DAMAGED("its type has an impossible shape");
    out->refers = base.refers;
done:
    return st;
}

static rf_status take_sequence(rf_h5_scan_type *out, rf_h5_scan *scan, rf_h5_cursor *c, head h, int depth)
{
    rf_status st = RF_OK;
    rf_h5_scan_type base;
    out->refers = true;
    RF_TRY(take_type(&base, scan, c, depth + 1));
    if ((h.bits & 0xf) > 1 || out->size != 16 || ((h.bits & 0xf) == 1 && base.size != 1))
        H5_DAMAGED("its texts have an impossible type");
done:
    return st;
}

static rf_status take_type(rf_h5_scan_type *out, rf_h5_scan *scan, rf_h5_cursor *c, int depth)
{
    rf_status st = RF_OK;
    uint64_t first = rf_h5_take(c, 4);
    const head h = {(unsigned)(first >> 4 & 0xf), (unsigned)(first >> 8)};
    *out = (rf_h5_scan_type){.class = (unsigned)(first & 0xf), .size = rf_h5_take(c, 4)};
    if (c->over || h.version < 1 || h.version > 3 || out->size == 0 || depth > MOST_DEPTH)
        H5_DAMAGED("its type cannot be read");
    switch (out->class) {
    case FIXED:
    case BITS:
        RF_TRY(take_bits(scan, c, out->size));
        break;
    case FLOAT:
        RF_TRY(take_float(scan, c, out->size, h.bits));
        break;
    case STRING:
        if ((h.bits & 0xf) > 2 || (h.bits >> 4 & 0xf) > 1)
            H5_DAMAGED("its texts have an impossible type");
        break;
    case OPAQUE:
        rf_h5_take_bytes(c, ((h.bits & 0xff) + 7U) / 8 * 8);
        break;
    case COMPOUND:
        RF_TRY(take_members(out, scan, c, h, depth));
        break;
    case REFERENCE:
        out->refers = true;
        if (out->size != ((h.bits & 0xf) == 0 ? 8U : 12U) || (h.bits & 0xf) > 1)
            H5_DAMAGED("its references have an impossible type");
        break;
    case ENUM:
        RF_TRY(take_enum(out, scan, c, h, depth));
        break;
    case SEQUENCE:
        RF_TRY(take_sequence(out, scan, c, h, depth));
        break;
    case ARRAY:
        RF_TRY(take_array(out, scan, c, h, depth));
        break;
    default:
        H5_REFUSE("has a type that ringfence does not know", "remove it");
    }
    if (c->over)
        H5_DAMAGED("its type is cut off");
done:
    return st;
}

rf_status rf_h5_scan_take_type(rf_h5_scan_type *out, rf_h5_scan *scan, rf_h5_cursor *c)
{
    return take_type(out, scan, c, 0);
}

rf_status rf_h5_scan_take_space(rf_h5_scan_space *out, rf_h5_scan *scan, rf_h5_cursor *c)
{
    rf_status st = RF_OK;
    uint64_t version = rf_h5_take(c, 1), rank = rf_h5_take(c, 1), flags = rf_h5_take(c, 1),
             kind = rf_h5_take(c, 1);
    if (version == 1) {
        rf_h5_take_bytes(c, 4);
        kind = rank > 0;
    }
    if (c->over || version < 1 || version > 2 || rank > RF_H5_SCAN_RANK || kind > 2 ||
        (kind != 1 && rank > 0) || flags > 1)
        H5_DAMAGED("its shape cannot be read");
    *out = (rf_h5_scan_space){.rank = (int)rank, .points = kind == 2 ? 0 : 1};
    for (uint64_t i = 0; i < rank; i++) {
        out->dims[i] = rf_h5_take(c, 8);
        if (__builtin_mul_overflow(out->points, out->dims[i], &out->points))
            H5_REFUSE("claims to be larger than any memory",
                      "the file is damaged: restore it or make it again");
    }
    for (uint64_t i = 0; i < rank && flags == 1; i++) {
        if (rf_h5_take(c, 8) < out->dims[i])
            H5_DAMAGED("it is larger than it may become");
    }
    if (c->over)
        H5_DAMAGED("its shape is cut off");
done:
    return st;
}
