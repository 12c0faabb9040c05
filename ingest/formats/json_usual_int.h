/* json_usual_int.h - usual values of JSON records: what most are made of, read from register to register.
 *
 * Each function gives the place behind what it has read; NULL: it is something else, or wrong, and is read
 * from its start by rf_json_scan.h. `seen` are the bytes at `at`, and what follows them: RF_JSON_AHEAD at
 * least, with zeros behind the record. Zeros fit nowhere, so nothing is read too far.
 */
#ifndef RF_JSON_USUAL_INT_H
#define RF_JSON_USUAL_INT_H

#include "field_plan_int.h"
#include "rf_json_scan.h"

#define RF_JSON_AHEAD 64 /* bytes that may be looked at from any place of the record on */

typedef struct rf_json_tail { /* the last bytes of what is read, then zeros */
    char bytes[2 * RF_JSON_AHEAD];
} rf_json_tail;

/* What lies before the bytes that are left is never looked at. */
static inline void rf_json_tail_copy(rf_json_tail *tail, const rf_json_scan *s)
{
    size_t left = (size_t)(s->end - s->at);
    memset(tail->bytes + RF_JSON_AHEAD, 0, RF_JSON_AHEAD);
    if (left >= RF_JSON_AHEAD)
        memcpy(tail->bytes, s->end - RF_JSON_AHEAD, RF_JSON_AHEAD);
    else if (left > 0)
        memcpy(tail->bytes + RF_JSON_AHEAD - left, s->at, left);
}

__attribute__((noinline, cold)) static const char *rf_json_look_at_tail(const rf_json_tail *tail,
                                                                        const rf_json_scan *s, const char *at)
{
    return tail->bytes + (RF_JSON_AHEAD - (s->end - at));
}

/* A branch, so that nobody waits for `at` before what it leads to is read. */
static inline const char *rf_json_look(const rf_json_tail *tail, const rf_json_scan *s, const char *at)
{
    return __builtin_expect(s->end - at >= RF_JSON_AHEAD, true) ? at : rf_json_look_at_tail(tail, s, at);
}

/* Behind the opening quote. */
static inline const char *rf_json_usual_text(rf_raw *raw, const rf_json_tail *tail, rf_json_scan *s,
                                             const char *at, const char *seen)
{
    const char *from = at;
    rf_block block = rf_block_at(seen);
    uint64_t ends = rf_block_bits(rf_json_ending(block));
    while (ends == 0) {
        s->high |= rf_block_high_bits(block);
        at += RF_BLOCK;
        block = rf_block_at(rf_json_look(tail, s, at));
        ends = rf_block_bits(rf_json_ending(block));
    }
    s->high |= rf_block_high_bits(block) & rf_bits_before(ends);
    at += __builtin_ctzll(ends);
    raw->kind = RF_RAW_TEXT;
    raw->text = (rf_span){from, (size_t)(at - from)};
    return at < s->end && *at == '"' ? at + 1 : NULL;
}

/* Digits, perhaps a point among them. */
static inline const char *rf_json_usual_number(rf_raw *raw, const char *at, const char *seen)
{
    const int minus = *seen == '-';
    const char *digits = seen + minus;
    uint64_t others = ~rf_block_bits(rf_block_digits(rf_block_at(digits)));
    int whole = __builtin_ctzll(others), n = whole;
    if (digits[n] == '.') {
        others &= others - 1;
        n = __builtin_ctzll(others);
    }
    bool odd = whole == 0 || n == whole + 1 || n >= RF_BLOCK || (*digits == '0' && whole > 1);
    raw->kind = RF_RAW_NUMBER;
    raw->text = (rf_span){at, (size_t)(n + minus)};
    return odd || (digits[n] | 0x20) == 'e' ? NULL : at + n + minus;
}

static inline const char *rf_json_usual_word(rf_raw *raw, const char *at, const char *seen)
{
    raw->text = (rf_span){0};
    if (memcmp(seen, "false", 5) == 0) {
        raw->kind = RF_RAW_FALSE;
        return at + 5;
    }
    raw->kind = *seen == 't' ? RF_RAW_TRUE : RF_RAW_ABSENT;
    return memcmp(seen, "true", 4) == 0 || memcmp(seen, "null", 4) == 0 ? at + 4 : NULL;
}

static inline const char *rf_json_usual_value(rf_raw *raw, const rf_json_tail *tail, rf_json_scan *s,
                                              const char *at, const char *seen)
{
    if (*seen == '"')
        return rf_json_usual_text(raw, tail, s, at + 1, seen + 1);
    if (*seen <= '9')
        return rf_json_usual_number(raw, at, seen);
    return rf_json_usual_word(raw, at, seen);
}

#endif
