/* json_scan.c - the parts of the JSON reader that few documents need, or that are too large to be inline:
 * escapes, and values that the caller skips. */
#include "rf_json_scan.h"

#include "rf_text.h"

const char rf_json_ends[] = "the record ends inside the object";
const char rf_json_breaks[] = "the record breaks off inside a text or word";

void rf_json_pass_plain_bytes(rf_json_scan *s)
{
    while (s->at < s->end && *s->at != '"' && *s->at != '\\' && (unsigned char)*s->at >= 0x20)
        s->high |= (unsigned char)*s->at++ & 0x80u;
}

/* ---- escapes ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code unit of "\uXXXX" at text, -1 when there is none. */
static int escaped_unit(const char *text, const char *end)
{
    if (end - text < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;
    int unit = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* At the backslash. */
static bool pass_escape(rf_json_scan *s)
{
    if (++s->at == s->end)
        return rf_json_fail(s, rf_json_breaks);
    char c = *s->at;
    if (c == '\0' || strchr("\"\\/bfnrtu", c) == NULL)
        return rf_json_fail(s, "invalid escape in a text");
    s->at++;
    for (int i = 0; c == 'u' && i < 4; i++, s->at++) {
        if (s->at == s->end)
            return rf_json_fail(s, rf_json_breaks);
        if (hex_digit(*s->at) < 0)
            return rf_json_fail(s, "invalid escape in a text");
    }
    return true;
}

bool rf_json_read_escaped(rf_json_scan *s, rf_span *text)
{
    s->escaped = true;
    while (!rf_json_next_is(s, '"')) {
        if (s->at == s->end)
            return rf_json_fail(s, rf_json_breaks);
        if (*s->at != '\\')
            return rf_json_fail(s, "invalid control character in a text");
        if (!pass_escape(s))
            return false;
        rf_json_pass_plain(s);
    }
    text->len = (size_t)(s->at - 1 - text->ptr);
    return true;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> n & 0xF0u) | c);
    return n;
}

size_t rf_json_unescape(char *out, rf_span text)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char *at = text.ptr, *end = text.ptr + text.len;
    char *to = out;
    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        int unit = escaped_unit(at, end);
        if (unit < 0) {
            const char *letter = strchr(letters, at[1]);
            *to++ = letter != NULL ? meanings[letter - letters] : at[1];
            at += 2;
            continue;
        }
        uint32_t c = (uint32_t)unit;
        at += 6;
        if (unit >= 0xD800 && unit <= 0xDFFF) {
            int low = unit < 0xDC00 ? escaped_unit(at, end) : -1;
            bool pair = low >= 0xDC00 && low <= 0xDFFF;
            c = pair ? 0x10000u + ((c - 0xD800u) << 10) + (uint32_t)(low - 0xDC00) : 0xFFFDu;
            at += pair ? 6 : 0;
        }
        to += put_utf8(to, c);
    }
    return (size_t)(to - out);
}

const char *rf_json_lone_surrogate(rf_span document)
{
    const char *end = document.ptr + document.len, *at = document.ptr;
    while (at < end && (at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
        int unit = escaped_unit(at, end);
        if (unit >= 0xD800 && unit < 0xDC00) {
            int low = escaped_unit(at + 6, end);
            if (low < 0xDC00 || low > 0xDFFF)
                return at;
            at += 12;
        } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
            return at;
        } else {
            at += 2;
        }
    }
    return NULL;
}

/* ---- words that are no number ---- */

bool rf_json_read_not_finite(rf_json_scan *s, rf_span *word)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]);
        if ((size_t)(s->end - s->at) < len || memcmp(s->at, words[i], len) != 0)
            continue;
        *word = (rf_span){s->at, len};
        s->at += len;
        return true;
    }
    return false;
}

/* ---- values that are passed over ---- */

static bool pass_member_key(rf_json_scan *s)
{
    rf_span key;
    bool escaped;
    if (!rf_json_expect(s, '"', "a key is due, in double quotes") || !rf_json_read_text(s, &key, &escaped))
        return false;
    rf_json_pass_space(s);
    if (!rf_json_expect(s, ':', "':' is expected after a key"))
        return false;
    rf_json_pass_space(s);
    return true;
}

/* At the opening brace or bracket. */
static bool pass_nested(rf_json_scan *s)
{
    bool object = *s->at++ == '{';
    char close = object ? '}' : ']';
    if (++s->depth > RF_JSON_MAX_DEPTH)
        return rf_json_fail(s, "objects and arrays are nested too deeply (512)");
    rf_json_pass_space(s);
    bool empty = rf_json_next_is(s, close);
    if (!empty) {
        do {
            rf_json_pass_space(s);
            if ((object && !pass_member_key(s)) || !rf_json_pass_value(s))
                return false;
            rf_json_pass_space(s);
        } while (rf_json_next_is(s, ','));
    }
    s->depth--;
    return empty || rf_json_expect(s, close, object ? "',' or '}' is due" : "',' or ']' is due");
}

bool rf_json_pass_value(rf_json_scan *s)
{
    rf_span text;
    bool escaped;
    switch (s->at < s->end ? *s->at : '\0') {
    case '"':
        s->at++;
        return rf_json_read_text(s, &text, &escaped);
    case 't':
        return rf_json_read_word(s, "true", 4);
    case 'f':
        return rf_json_read_word(s, "false", 5);
    case 'n':
        return rf_json_read_word(s, "null", 4);
    case '{':
    case '[':
        return pass_nested(s);
    default:
        return rf_json_pass_not_finite(s, &text) ||
               (rf_json_expect_number(s) && rf_json_read_number(s, &text));
    }
}

/* ---- small documents ---- */

bool rf_json_valid(rf_span text)
{
    rf_json_scan s = rf_json_scan_of(text);
    rf_json_pass_space(&s);
    if (!rf_json_pass_value(&s))
        return false;
    rf_json_pass_space(&s);
    return s.at == s.end && rf_utf8_valid(text.ptr, text.len);
}

bool rf_json_next_member(rf_json_scan *s, rf_span *key, rf_span *value)
{
    bool escaped;
    rf_json_pass_space(s);
    if (!rf_json_next_is(s, '{') && !rf_json_next_is(s, ','))
        return false;
    rf_json_pass_space(s);
    if (!rf_json_next_is(s, '"') || !rf_json_read_text(s, key, &escaped))
        return false;
    rf_json_pass_space(s);
    if (!rf_json_next_is(s, ':'))
        return false;
    rf_json_pass_space(s);
    value->ptr = s->at;
    if (!rf_json_pass_value(s))
        return false;
    value->len = (size_t)(s->at - value->ptr);
    return true;
}

bool rf_json_next_element(rf_json_scan *s, rf_span *value)
{
    *value = (rf_span){"", 0};
    rf_json_pass_space(s);
    if (!rf_json_next_is(s, '[') && !rf_json_next_is(s, ','))
        return false;
    rf_json_pass_space(s);
    const char *from = s->at;
    if (s->at == s->end || *s->at == ']' || !rf_json_pass_value(s)) /* the array may be empty */
        return false;
    *value = (rf_span){from, (size_t)(s->at - from)};
    return true;
}

rf_span rf_json_member(rf_span object, const char *key)
{
    rf_json_scan s = rf_json_scan_of(object);
    rf_span name, value;
    size_t len = strlen(key);
    while (rf_json_next_member(&s, &name, &value))
        if (name.len == len && memcmp(name.ptr, key, len) == 0)
            return value;
    return (rf_span){"", 0};
}
