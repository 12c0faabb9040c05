/* rf_json_scan.h - reads JSON (RFC 8259) in one pass: texts, numbers, words, and whole values to pass over.
 *
 * The scan only moves forward and never writes to the text. A function that returns false has set why, and
 * `at` shows how far it got. Two checks are left to the caller, because most documents do not need them:
 * whether the text is UTF-8 (when `high` is not 0), and whether escapes are half a surrogate pair
 * (when `escaped`). The small functions are inline: reading events is made of them.
 */
#ifndef RF_JSON_SCAN_H
#define RF_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "rf_block.h"
#include "rf_event.h"

#define RF_JSON_MAX_DEPTH 512 /* of values that are passed over */

typedef struct rf_json_scan {
    const char *at, *end;
    const char *start; /* the document's, or any place before `at` in it */
    uint64_t high;     /* not 0: a text has bytes that are not ASCII */
    bool escaped;      /* a text had an escape */
    bool not_finite; /* NaN, Infinity and -Infinity are values (not in RFC 8259, but many programs write them)
                      */
    int depth;       /* objects and arrays open that are passed over */
    const char *why; /* the first failure, NULL: none */
} rf_json_scan;

extern const char rf_json_ends[];   /* the text ends between two tokens */
extern const char rf_json_breaks[]; /* it ends inside a token */

static inline bool rf_json_fail(rf_json_scan *s, const char *why)
{
    if (s->why == NULL)
        s->why = why;
    return false;
}

static inline void rf_json_pass_space(rf_json_scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'))
        s->at++;
}

static inline bool rf_json_next_is(rf_json_scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static inline bool rf_json_expect(rf_json_scan *s, char c, const char *why)
{
    return rf_json_next_is(s, c) || rf_json_fail(s, s->at == s->end ? rf_json_ends : why);
}

/* ---- texts ---- */

/* The bytes that end a plain text: quotes, backslashes and control characters. */
static inline rf_block_choice rf_json_ending(rf_block block)
{
    rf_block_choice marks = rf_block_or(rf_block_equal(block, '"'), rf_block_equal(block, '\\'));
    return rf_block_or(marks, rf_block_below(block, 0x20));
}

/* The bytes of `block` behind its first `passed` are those at s->at: moves to the first of them that ends a
 * plain text. False: none does. */
static inline bool rf_json_pass_block(rf_json_scan *s, rf_block block, int passed)
{
    uint64_t ends = rf_block_bits(rf_json_ending(block)) >> passed;
    s->high |= rf_block_high_bits(block) >> passed & rf_bits_before(ends);
    if (ends == 0)
        return false;
    s->at += __builtin_ctzll(ends);
    return true;
}

/* Like rf_json_pass_plain, a byte at a time. */
void rf_json_pass_plain_bytes(rf_json_scan *s);

/* To the quote, backslash or control character. */
static inline void rf_json_pass_plain(rf_json_scan *s)
{
    for (; s->end - s->at >= RF_BLOCK; s->at += RF_BLOCK) {
        if (rf_json_pass_block(s, rf_block_at(s->at), 0))
            return;
    }
    int left = (int)(s->end - s->at);
    if (s->end - s->start < RF_BLOCK)
        rf_json_pass_plain_bytes(s);
    else if (left > 0 && !rf_json_pass_block(s, rf_block_at(s->end - RF_BLOCK), RF_BLOCK - left))
        s->at = s->end;
}

/* Reads the rest of a text; its plain start, from text->ptr, has been read. */
bool rf_json_read_escaped(rf_json_scan *s, rf_span *text);

/* The opening quote is read already. The text is as it was written: when *escaped, rf_json_unescape says what
 * it means. */
static inline bool rf_json_read_text(rf_json_scan *s, rf_span *text, bool *escaped)
{
    text->ptr = s->at;
    rf_json_pass_plain(s);
    text->len = (size_t)(s->at - text->ptr);
    *escaped = !rf_json_next_is(s, '"');
    return !*escaped || rf_json_read_escaped(s, text);
}

/* Writes at most text.len bytes and returns how many. Half a surrogate pair becomes U+FFFD. */
size_t rf_json_unescape(char *out, rf_span text);

/* Where an escape is half a surrogate pair, or NULL. Backslashes outside of texts count, too. */
const char *rf_json_lone_surrogate(rf_span document);

/* ---- numbers and words ---- */

static inline bool rf_json_pass_digits(rf_json_scan *s)
{
    const char *from = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > from || rf_json_fail(s, s->at == s->end ? rf_json_breaks : "invalid number");
}

/* Digits, perhaps a point among them, that end within a block, as nearly all numbers do. False: it is another
 * one, or none, and nothing has changed. */
static inline bool rf_json_pass_usual_number(rf_json_scan *s)
{
    if (s->end - s->at <= RF_BLOCK)
        return false;
    const char *at = s->at + (*s->at == '-');
    uint64_t others = ~rf_block_bits(rf_block_digits(rf_block_at(at)));
    int n = __builtin_ctzll(others), whole = n;
    if (n == 0 || n == RF_BLOCK || (n > 1 && *at == '0'))
        return false;
    if (at[n] == '.') {
        n += 1 + __builtin_ctzll(others >> (n + 1));
        if (n == whole + 1 || n >= RF_BLOCK)
            return false;
    }
    if ((at[n] | 0x20) == 'e')
        return false;
    s->at = at + n;
    return true;
}

static inline bool rf_json_read_number(rf_json_scan *s, rf_span *number)
{
    number->ptr = s->at;
    if (rf_json_pass_usual_number(s)) {
        number->len = (size_t)(s->at - number->ptr);
        return true;
    }
    (void)rf_json_next_is(s, '-');
    if (!rf_json_next_is(s, '0') && !rf_json_pass_digits(s))
        return false;
    if (rf_json_next_is(s, '.') && !rf_json_pass_digits(s))
        return false;
    if (rf_json_next_is(s, 'e') || rf_json_next_is(s, 'E')) {
        if (!rf_json_next_is(s, '+'))
            (void)rf_json_next_is(s, '-');
        if (!rf_json_pass_digits(s))
            return false;
    }
    number->len = (size_t)(s->at - number->ptr);
    return true;
}

static inline bool rf_json_read_word(rf_json_scan *s, const char *word, size_t len)
{
    size_t left = (size_t)(s->end - s->at), n = left < len ? left : len;
    if (memcmp(s->at, word, n) != 0)
        return rf_json_fail(s, "invalid value");
    s->at += n;
    return n == len || rf_json_fail(s, rf_json_breaks);
}

/* Passes over NaN, Infinity or -Infinity where they are values; false: nothing has changed. */
bool rf_json_read_not_finite(rf_json_scan *s, rf_span *word);

static inline bool rf_json_pass_not_finite(rf_json_scan *s, rf_span *word)
{
    if (!s->not_finite || s->end - s->at < 3 || (*s->at >= '0' && *s->at <= '9'))
        return false;
    return rf_json_read_not_finite(s, word);
}

/* ---- whole values ---- */

/* Whether a number starts here; nothing else is left when no other value does. */
static inline bool rf_json_expect_number(rf_json_scan *s)
{
    if (s->at < s->end && (*s->at == '-' || (*s->at >= '0' && *s->at <= '9')))
        return true;
    return rf_json_fail(s, s->at == s->end ? rf_json_ends : "invalid value");
}

/* Passes over a value of any kind, at its first byte. */
bool rf_json_pass_value(rf_json_scan *s);

/* ---- small documents, as the texts of their values ---- */

/* Whether text is one value, in UTF-8. */
bool rf_json_valid(rf_span text);

/* The next member of an object in a valid document; s starts at the object, and is over when this is false:
 * at once, when it is no object. Keys and values are as they were written. */
bool rf_json_next_member(rf_json_scan *s, rf_span *key, rf_span *value);

/* The next element of an array, likewise; where there is none *value is empty. */
bool rf_json_next_element(rf_json_scan *s, rf_span *value);

/* The first member of that name: its value, or an empty span. */
rf_span rf_json_member(rf_span object, const char *key);

static inline rf_json_scan rf_json_scan_of(rf_span text)
{
    return (rf_json_scan){.at = text.ptr, .end = text.ptr + text.len, .start = text.ptr};
}

#endif
