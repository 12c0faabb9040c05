/* json_plain.c - reads plain JSON records in one pass, which is what nearly all records are: objects without
 * escapes. It only ever says "plain, and this is what it holds" or "not plain"; whatever it is in doubt about
 * is yajl's to judge (event_json.c), several times slower and with a reason. So it may refuse too much but
 * must take nothing that yajl would refuse or read otherwise; fuzz_event_json holds the two against each
 * other.
 */
#include "json_int.h"

#include <string.h>

#include "rf_text.h"

#define MAX_DEPTH 16   /* of the recursion */
#define MOST_LACKING 2 /* keys that a record may lack in a row before the order is taken for another one */

typedef struct scan {
    const char *at, *end;
    rf_raw *raws;
    rf_json_keys *keys;
    size_t turn;    /* keys of mapped objects so far */
    uint64_t bytes; /* of the texts, one over the other: any that is not ASCII shows */
} scan;

static void pass_space(scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'))
        s->at++;
}

static bool next_is(scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* ---- texts ---- */

#define EVERY_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* The high bit of each byte that is zero; above the lowest of them also of others. */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - EVERY_BYTE(1)) & ~word & EVERY_BYTE(0x80);
}

/* Likewise of the bytes that end a text: quotes, backslashes and control characters. */
static uint64_t ending_bytes(uint64_t word)
{
    return zero_bytes(word ^ EVERY_BYTE('"')) | zero_bytes(word ^ EVERY_BYTE('\\')) |
           ((word - EVERY_BYTE(0x20)) & ~word & EVERY_BYTE(0x80));
}

/* Eight bytes at a time as long as none of them ends the text. */
static void pass_text(scan *s)
{
    uint64_t word;
    for (; s->end - s->at >= 8; s->at += 8) {
        memcpy(&word, s->at, sizeof word);
        uint64_t ends = ending_bytes(word);
        s->bytes |= word;
        if (ends != 0) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            s->at += __builtin_ctzll(ends) / 8;
#endif
            break;
        }
    }
    while (s->at < s->end && *s->at != '"' && *s->at != '\\' && (unsigned char)*s->at >= 0x20)
        s->bytes |= (unsigned char)*s->at++;
}

/* The opening quote is read already. */
static bool read_text(scan *s, rf_span *text)
{
    text->ptr = s->at;
    pass_text(s);
    text->len = (size_t)(s->at - text->ptr);
    return next_is(s, '"');
}

/* ---- numbers and words ---- */

static bool pass_digits(scan *s)
{
    const char *from = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > from;
}

static bool read_number(scan *s, rf_span *number)
{
    number->ptr = s->at;
    (void)next_is(s, '-');
    if (!next_is(s, '0') && !pass_digits(s))
        return false;
    if (next_is(s, '.') && !pass_digits(s))
        return false;
    if (next_is(s, 'e') || next_is(s, 'E')) {
        if (!next_is(s, '+'))
            (void)next_is(s, '-');
        if (!pass_digits(s))
            return false;
    }
    number->len = (size_t)(s->at - number->ptr);
    return true;
}

static bool read_word(scan *s, const char *word, size_t len)
{
    if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
        return false;
    s->at += len;
    return true;
}

/* ---- values ---- */

static void store(scan *s, int node, rf_raw_kind kind, rf_span text)
{
    if (node != RF_JSON_NO_NODE && s->keys->nodes[node].name >= 0)
        s->raws[s->keys->nodes[node].name] = (rf_raw){kind, text, 0};
}

static bool read_object(scan *s, int node, int depth);
static bool read_array(scan *s, int depth);

static bool read_value(scan *s, int node, int depth)
{
    rf_span text = {0};
    rf_raw_kind kind = RF_RAW_ABSENT;
    bool fine;
    switch (s->at < s->end ? *s->at : '\0') {
    case '"':
        s->at++;
        kind = RF_RAW_TEXT;
        fine = read_text(s, &text);
        break;
    case 't':
        kind = RF_RAW_TRUE;
        fine = read_word(s, "true", 4);
        break;
    case 'f':
        kind = RF_RAW_FALSE;
        fine = read_word(s, "false", 5);
        break;
    case 'n':
        fine = read_word(s, "null", 4);
        break;
    case '{':
        kind = RF_RAW_NESTED;
        fine = read_object(
            s, node != RF_JSON_NO_NODE && s->keys->nodes[node].has_children ? node : RF_JSON_NO_NODE, depth);
        break;
    case '[':
        kind = RF_RAW_NESTED;
        fine = read_array(s, depth);
        break;
    default:
        kind = RF_RAW_NUMBER;
        fine = read_number(s, &text);
    }
    if (fine)
        store(s, node, kind, text);
    return fine;
}

static bool is_habit(const scan *s, const rf_json_habit *habit, int object)
{
    uint64_t next, other = 0;
    if (habit->parent != object)
        return false;
    if (s->end - s->at < RF_JSON_HABIT_BYTES) /* the last key of a record, often */
        return (size_t)(s->end - s->at) >= habit->len && memcmp(s->at, habit->words, habit->len) == 0;
    for (size_t i = 0; i < RF_JSON_HABIT_BYTES / 8; i++) {
        memcpy(&next, s->at + 8 * i, sizeof next); /* one by one: they stay in registers */
        other |= (next ^ habit->words[i]) & habit->masks[i];
    }
    return other == 0;
}

/* A key of a mapped object, its opening quote read: which node it is. */
static bool read_key(scan *s, int object, int *node)
{
    rf_span key;
    size_t turn = s->turn;
    for (size_t last = turn + MOST_LACKING; turn <= last && turn < RF_JSON_HABITS; turn++) {
        if (!is_habit(s, &s->keys->habits[turn], object))
            continue;
        *node = s->keys->habits[turn].node;
        s->at += s->keys->habits[turn].len;
        s->turn = turn + 1;
        return true;
    }
    turn = s->turn++;
    if (!read_text(s, &key))
        return false;
    *node = rf_json_keys_find(s->keys, object, key.ptr, key.len);
    rf_json_keys_remember(s->keys, turn, object, key, *node);
    return true;
}

static bool read_member(scan *s, int object, int depth)
{
    rf_span key;
    int node = RF_JSON_NO_NODE;
    pass_space(s);
    if (!next_is(s, '"'))
        return false;
    if (object == RF_JSON_NO_NODE ? !read_text(s, &key) : !read_key(s, object, &node))
        return false;
    if (node != RF_JSON_NO_NODE) {
        if (s->keys->nodes[node].seen == s->keys->record)
            return false;
        s->keys->nodes[node].seen = s->keys->record;
    }
    pass_space(s);
    if (!next_is(s, ':'))
        return false;
    pass_space(s);
    return read_value(s, node, depth + 1);
}

/* At the opening brace. node: whose children its keys are, NO_NODE: nobody's. */
static bool read_object(scan *s, int node, int depth)
{
    if (depth > MAX_DEPTH || !next_is(s, '{'))
        return false;
    pass_space(s);
    if (next_is(s, '}'))
        return true;
    do {
        if (!read_member(s, node, depth))
            return false;
        pass_space(s);
    } while (next_is(s, ','));
    return next_is(s, '}');
}

static bool read_array(scan *s, int depth)
{
    if (depth > MAX_DEPTH || !next_is(s, '['))
        return false;
    pass_space(s);
    if (next_is(s, ']'))
        return true;
    do {
        pass_space(s);
        if (!read_value(s, RF_JSON_NO_NODE, depth + 1))
            return false;
        pass_space(s);
    } while (next_is(s, ','));
    return next_is(s, ']');
}

bool rf_json_plain(rf_raw *raws, rf_json_keys *keys, rf_span record)
{
    scan s = {.at = record.ptr, .end = record.ptr + record.len, .raws = raws, .keys = keys};
    pass_space(&s);
    if (!read_object(&s, RF_JSON_ROOT, 0))
        return false;
    pass_space(&s);
    if (s.at != s.end)
        return false;
    return (s.bytes & EVERY_BYTE(0x80)) == 0 || rf_utf8_valid(record.ptr, record.len);
}
