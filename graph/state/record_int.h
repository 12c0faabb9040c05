/* record_int.h - one event's values in a few bytes, and the sums over many events.
 */
#ifndef RF_RECORD_INT_H
#define RF_RECORD_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_event.h"
#include "rf_time.h"

__extension__ typedef __int128 rf_i128;
__extension__ typedef unsigned __int128 rf_u128;

/* A cell's sums of one attribute. n == 0: no values, the rest is 0. Category: only n is set. */
typedef struct rf_attr_sums {
    int64_t n;            /* events that have the attribute */
    uint64_t sum_sq_high; /* what sum_sq has above its 128 bits: 2^32 squares of 10^18 take 152 */
    rf_i128 sum;          /* fixed point; cyclic: unused */
    rf_u128 sum_sq;       /* fixed point squared */
    int64_t min, max;
    int64_t latest; /* value of the newest event that has it; equal times: the greatest value */
    int64_t latest_us;
    int64_t sin_sum, cos_sum; /* cyclic attributes only, in units of 1e-9 */
} rf_attr_sums;

/* Adds b into a: sums, extremes, the later `latest`. Exact, so it commutes. */
void rf_attr_sums_merge(rf_attr_sums *a, const rf_attr_sums *b);

/* Cells of up to this many events keep the events' values packed (smaller than the sums); fuller ones keep
 * sums. */
#define RF_CELL_EVENTS 8

typedef struct rf_category_count {
    uint32_t category, events;
} rf_category_count;

#define RF_MAX_CODES (RF_MAX_ATTRS + 1) /* the attributes, and the fraud type as one more category */
#define RF_RECORD_UNIT 4u               /* records start at multiples of this many bytes */
#define RF_RECORD_HEADER 9u             /* offset, flags, link at most */
#define RF_RECORD_BODY ((size_t)RF_MAX_CODES * 10 + 2 + RF_MAX_ID_BYTES)

/* A record:
 *
 *   uint32 offset inside the slot in us | flags: label + 1 (2 bits), link (2 bits), typed | [uint32 unit of
 * the next record] | one varint an attribute, 0 where missing | fraud type likewise | event granularity:
 * varint length
 * + 1, event id
 *
 * Padded with zeros to RF_RECORD_UNIT. All little-endian.
 */
enum { RF_LINK_END = 0, RF_LINK_AT = 1, RF_LINK_BEHIND = 2 };

typedef struct rf_codec {
    const rf_schema *schema;
    int n_codes; /* attributes + 1 */
    bool ids;    /* event granularity: records carry event ids */
    int64_t slot_us;
    const rf_zone *zone;
} rf_codec;

typedef struct rf_record {
    uint32_t offset; /* us since the slot's start */
    int label;       /* -1, 0, 1 */
    int link;        /* RF_LINK_* */
    bool typed;      /* carries a fraud type */
    uint32_t next;   /* RF_LINK_AT, RF_LINK_BEHIND: unit of the next record */
    uint64_t code[RF_MAX_CODES];
    const char *id; /* NULL: none */
    size_t id_len;
    size_t bytes; /* whole length, padding excluded */
} rf_record;

rf_attr_type rf_codec_type(const rf_codec *codec, int code);

/* The code of a value; false when it is out of range. Category codes are number + 1. */
bool rf_code_number(uint64_t *code, int places, int64_t value);
bool rf_code_cyclic(uint64_t *code, const rf_codec *codec, rf_attr_type type, int64_t value, int64_t time_us);
/* RF_MISSING for 0; false when no value has this code. */
bool rf_code_value(int64_t *value, const rf_codec *codec, int at, uint64_t code, int64_t time_us);

/* Body: codes and id. At most RF_RECORD_BODY bytes; returns the length. */
size_t rf_record_put_body(uint8_t *out, const rf_codec *codec, const uint64_t *code, const char *id,
                          size_t id_len);
/* Header (offset, label, link, next, typed of *head) and body into out, zero-padded; returns the padded
 * length. */
size_t rf_record_put(uint8_t *out, const rf_record *head, const uint8_t *body, size_t body_len);
/* The record at unit `at` of a log of n bytes; false when it is broken or reaches beyond the end. */
bool rf_record_get(rf_record *out, const rf_codec *codec, const uint8_t *log, size_t n, uint32_t at);
/* The same for the header alone: neither codes nor id. */
bool rf_record_get_head(rf_record *out, const rf_codec *codec, const uint8_t *log, size_t n, uint32_t at);
/* Codes of a bare body. */
bool rf_record_get_body(rf_record *out, const rf_codec *codec, const uint8_t *body, size_t n);

/* Adds a record's first n values to sums[n]; time_us is the event's. */
void rf_record_sum(rf_attr_sums *sums, int n, const rf_codec *codec, const rf_record *record,
                   int64_t time_us);

static inline int64_t rf_slot_us(const rf_codec *codec, uint32_t slot)
{
    return RF_TIME_MIN + (int64_t)slot * codec->slot_us;
}

#endif
