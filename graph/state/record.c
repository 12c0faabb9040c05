/* record.c - one event's values in a few bytes, and back.
 *
 * The innermost piece of the store: a record is written once when its event arrives and read when features
 * are computed. Reading checks every bound, because records also come from files. store.c builds cells from
 * records.
 */
#include <math.h>
#include <string.h>

#include "record_int.h"
#include "rf_idmap.h"

#define SHORT_HEADER 5u /* offset and flags */

rf_attr_type rf_codec_type(const rf_codec *codec, int code)
{
    return code < codec->schema->n_attrs ? codec->schema->attrs[code].type : RF_ATTR_CATEGORY;
}

/* ---- numbers: most have no or two decimals, so the trailing zeros of fixed point are left out ---- */

#define STEPS(hundredth)                                                                                     \
    {                                                                                                        \
        1, INT64_C(hundredth), 100 * INT64_C(hundredth)                                                      \
    }

/* By decimal places: the last one, a hundredth, one. */
static const int64_t steps_of[RF_MOST_PLACES + 1][3] = {
    {1, 1, 1},
    {1, 1, 10},
    STEPS(1),
    STEPS(10),
    STEPS(100),
    STEPS(1000),
    STEPS(10000),
    STEPS(100000),
    STEPS(1000000),
    STEPS(10000000),
    STEPS(100000000),
    STEPS(1000000000),
    STEPS(10000000000),
    STEPS(100000000000),
    STEPS(1000000000000),
    STEPS(10000000000000),
    STEPS(100000000000000),
    STEPS(1000000000000000),
    STEPS(10000000000000000),
};

/* How many of the trailing zeros can be left out; nearly all numbers have the usual places, whose divisors
 * the compiler knows. */
static int step_for(int64_t value, int places)
{
    if (places == RF_FIXED_PLACES)
        return value % RF_FIXED_ONE == 0 ? 2 : value % (RF_FIXED_ONE / 100) == 0 ? 1 : 0;
    return value % steps_of[places][2] == 0 ? 2 : value % steps_of[places][1] == 0 ? 1 : 0;
}

static int places_of(const rf_codec *codec, int code)
{
    return code < codec->schema->n_attrs ? rf_attr_places(&codec->schema->attrs[code]) : RF_FIXED_PLACES;
}

bool rf_code_number(uint64_t *code, int places, int64_t value)
{
    if (value == RF_MISSING) {
        *code = 0;
        return true;
    }
    if (value > RF_FIXED_MAX || value < -RF_FIXED_MAX)
        return false;
    int step = step_for(value, places);
    int64_t whole = value / steps_of[places][step];
    uint64_t zigzag = (uint64_t)whole << 1 ^ (whole < 0 ? UINT64_MAX : 0);
    *code = zigzag * 3 + (uint64_t)step + 1;
    return true;
}

/* ---- cyclic values: mostly the event's own time, which costs one byte ---- */

static int64_t period_us(rf_attr_type type)
{
    return type == RF_ATTR_TIME_OF_DAY ? RF_DAY_US : 7 * RF_DAY_US;
}

static int64_t own_time(const rf_codec *codec, rf_attr_type type, int64_t time_us)
{
    int64_t local = time_us + rf_zone_offset_s(codec->zone, time_us) * RF_SECOND_US;
    if (type == RF_ATTR_TIME_OF_WEEK)
        local += 3 * RF_DAY_US; /* the epoch was a Thursday */
    int64_t rest = local % period_us(type);
    return rest < 0 ? rest + period_us(type) : rest;
}

bool rf_code_cyclic(uint64_t *code, const rf_codec *codec, rf_attr_type type, int64_t value, int64_t time_us)
{
    if (value == RF_MISSING)
        *code = 0;
    else if (value < 0 || value >= period_us(type))
        return false;
    else
        *code = value == own_time(codec, type, time_us) ? 1 : (uint64_t)value + 2;
    return true;
}

bool rf_code_value(int64_t *value, const rf_codec *codec, int at, uint64_t code, int64_t time_us)
{
    rf_attr_type type = rf_codec_type(codec, at);
    uint64_t zigzag;
    int64_t whole;
    *value = RF_MISSING;
    if (code == 0)
        return true;
    switch (type) {
    case RF_ATTR_NUMBER:
    case RF_ATTR_BOOLEAN:
        zigzag = (code - 1) / 3;
        whole = (int64_t)(zigzag >> 1) ^ -(int64_t)(zigzag & 1);
        return !__builtin_mul_overflow(whole, steps_of[places_of(codec, at)][(code - 1) % 3], value) &&
               *value <= RF_FIXED_MAX && *value >= -RF_FIXED_MAX;
    case RF_ATTR_TIME_OF_DAY:
    case RF_ATTR_TIME_OF_WEEK:
        if (code >= (uint64_t)period_us(type) + 2)
            return false;
        *value = code == 1 ? own_time(codec, type, time_us) : (int64_t)(code - 2);
        return true;
    case RF_ATTR_CATEGORY:
        break;
    }
    if (code > RF_NO_ID)
        return false;
    *value = (int64_t)(code - 1);
    return true;
}

/* ---- bytes ---- */

static void put_u32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_u32(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

static uint8_t *put_varint(uint8_t *out, uint64_t value)
{
    while (value >= 0x80) {
        *out++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *out++ = (uint8_t)value;
    return out;
}

/* The byte after the number, or NULL when it reaches `end` or does not fit 64 bits. */
static const uint8_t *get_varint(uint64_t *value, const uint8_t *in, const uint8_t *end)
{
    if (in < end && *in < 0x80) {
        *value = *in;
        return in + 1;
    }
    uint64_t sum = 0;
    for (int shift = 0; in < end && shift < 64; shift += 7) {
        uint8_t byte = *in++;
        sum |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *value = sum;
            return shift == 63 && byte > 1 ? NULL : in;
        }
    }
    return NULL;
}

size_t rf_record_put_body(uint8_t *out, const rf_codec *codec, const uint64_t *code, const char *id,
                          size_t id_len)
{
    uint8_t *at = out;
    for (int i = 0; i < codec->n_codes; i++)
        at = put_varint(at, code[i]);
    if (codec->ids) {
        at = put_varint(at, id == NULL ? 0 : id_len + 1);
        if (id != NULL && id_len > 0)
            memcpy(at, id, id_len);
        at += id == NULL ? 0 : id_len;
    }
    return (size_t)(at - out);
}

size_t rf_record_put(uint8_t *out, const rf_record *head, const uint8_t *body, size_t body_len)
{
    uint8_t *at = out;
    put_u32(at, head->offset);
    at[4] = (uint8_t)((head->label + 1) | head->link << 2 | head->typed << 4);
    at += SHORT_HEADER;
    if (head->link == RF_LINK_AT) {
        put_u32(at, head->next);
        at += 4;
    }
    memcpy(at, body, body_len);
    at += body_len;
    while ((size_t)(at - out) % RF_RECORD_UNIT != 0)
        *at++ = 0;
    return (size_t)(at - out);
}

static const uint8_t *get_id(rf_record *out, const uint8_t *in, const uint8_t *end)
{
    uint64_t length;
    in = get_varint(&length, in, end);
    out->id = NULL;
    out->id_len = 0;
    if (in == NULL || length == 0)
        return in;
    if (length - 1 > RF_MAX_ID_BYTES || length - 1 > (uint64_t)(end - in))
        return NULL;
    out->id = (const char *)in;
    out->id_len = (size_t)(length - 1);
    return in + out->id_len;
}

static const uint8_t *get_body(rf_record *out, const rf_codec *codec, const uint8_t *in, const uint8_t *end)
{
    for (int i = 0; i < codec->n_codes; i++) {
        in = get_varint(&out->code[i], in, end);
        if (in == NULL)
            return NULL;
    }
    out->id = NULL;
    out->id_len = 0;
    return codec->ids ? get_id(out, in, end) : in;
}

bool rf_record_get_body(rf_record *out, const rf_codec *codec, const uint8_t *body, size_t n)
{
    return get_body(out, codec, body, body + n) != NULL;
}

bool rf_record_get_head(rf_record *out, const rf_codec *codec, const uint8_t *log, size_t n, uint32_t unit)
{
    size_t from = (size_t)unit * RF_RECORD_UNIT;
    if (from > n || n - from < SHORT_HEADER)
        return false;
    const uint8_t *in = log + from;
    out->offset = get_u32(in);
    out->label = (in[4] & 3) - 1;
    out->link = in[4] >> 2 & 3;
    out->typed = (in[4] >> 4 & 1) != 0;
    out->next = 0;
    if (out->link == RF_LINK_AT) {
        if (n - from < RF_RECORD_HEADER)
            return false;
        out->next = get_u32(in + SHORT_HEADER);
    }
    return out->label <= 1 && out->link <= RF_LINK_BEHIND && in[4] >> 5 == 0 && out->offset < codec->slot_us;
}

bool rf_record_get(rf_record *out, const rf_codec *codec, const uint8_t *log, size_t n, uint32_t unit)
{
    if (!rf_record_get_head(out, codec, log, n, unit))
        return false;
    const uint8_t *start = log + (size_t)unit * RF_RECORD_UNIT;
    const uint8_t *in =
        get_body(out, codec, start + (out->link == RF_LINK_AT ? RF_RECORD_HEADER : SHORT_HEADER), log + n);
    if (in == NULL || out->typed != (out->code[codec->n_codes - 1] != 0))
        return false;
    out->bytes = (size_t)(in - start);
    if (out->link == RF_LINK_BEHIND)
        out->next = unit + (uint32_t)((out->bytes + RF_RECORD_UNIT - 1) / RF_RECORD_UNIT);
    return true;
}

/* ---- sums ---- */

static void add_value(rf_attr_sums *sums, int64_t value, int64_t time_us)
{
    const rf_u128 square = (rf_u128)((rf_i128)value * value);
    if (sums->n == 0) { /* the rest is 0 */
        *sums = (rf_attr_sums){.n = 1,
                               .sum = value,
                               .sum_sq = square,
                               .min = value,
                               .max = value,
                               .latest = value,
                               .latest_us = time_us};
        return;
    }
    sums->n++;
    sums->sum += value;
    sums->sum_sq += square;
    sums->sum_sq_high += sums->sum_sq < square;
    sums->min = value < sums->min ? value : sums->min;
    sums->max = value > sums->max ? value : sums->max;
    if (time_us > sums->latest_us || (time_us == sums->latest_us && value > sums->latest)) {
        sums->latest_us = time_us;
        sums->latest = value;
    }
}

void rf_record_sum(rf_attr_sums *sums, int n, const rf_codec *codec, const rf_record *record, int64_t time_us)
{
    for (int i = 0; i < n; i++) {
        int64_t value;
        if (record->code[i] == 0 || !rf_code_value(&value, codec, i, record->code[i], time_us))
            continue;
        rf_attr_type type = rf_codec_type(codec, i);
        if (type == RF_ATTR_CATEGORY) {
            sums[i].n++;
        } else if (type == RF_ATTR_NUMBER || type == RF_ATTR_BOOLEAN) {
            add_value(&sums[i], value, time_us);
        } else {
            double angle = 2 * 3.14159265358979323846 * ((double)value / (double)period_us(type));
            sums[i].n++;
            sums[i].sin_sum += llround(sin(angle) * 1e9);
            sums[i].cos_sum += llround(cos(angle) * 1e9);
        }
    }
}

void rf_attr_sums_merge(rf_attr_sums *a, const rf_attr_sums *b)
{
    if (b->n == 0)
        return;
    if (a->n == 0) {
        *a = *b;
        return;
    }
    a->n += b->n;
    a->sum += b->sum;
    a->sum_sq += b->sum_sq;
    a->sum_sq_high += b->sum_sq_high + (a->sum_sq < b->sum_sq);
    a->sin_sum += b->sin_sum;
    a->cos_sum += b->cos_sum;
    if (b->min < a->min)
        a->min = b->min;
    if (b->max > a->max)
        a->max = b->max;
    if (b->latest_us > a->latest_us || (b->latest_us == a->latest_us && b->latest > a->latest)) {
        a->latest_us = b->latest_us;
        a->latest = b->latest;
    }
}
