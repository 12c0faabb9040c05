/* json.c - writes JSON text, with our rules for numbers and UTF-8. It keeps track of what may come next, so
 * that the result is always valid JSON. json_scan.c reads JSON.
 */
#include "rf_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_json_scan.h"
#include "rf_mem.h"
#include "rf_quote.h"
#include "rf_text.h"

#define MAX_DEPTH 127

struct rf_json {
    rf_text text;    /* the document so far */
    rf_text cleaned; /* a string whose broken UTF-8 was replaced */
    int depth;
    struct {
        bool object, begun, key_due;
    } open[MAX_DEPTH + 1]; /* [depth] what is open; 0: the document */
    rf_status status;      /* the first failure, kept until reset */
    rf_err err;
};

rf_status rf_json_new(rf_json **out, rf_err *err)
{
    *out = rf_mem_zero(1, sizeof **out, err);
    return *out == NULL ? RF_E_NOMEM : RF_OK;
}

void rf_json_free(rf_json *json)
{
    if (json == NULL)
        return;
    rf_text_clear(&json->text);
    rf_text_clear(&json->cleaned);
    rf_mem_free(json);
}

void rf_json_reset(rf_json *json)
{
    rf_text_reset(&json->text);
    json->depth = 0;
    json->open[0].begun = false;
    json->status = RF_OK;
    json->err = (rf_err){0};
}

/* ---- writing ---- */

static void put(rf_json *json, const char *bytes, size_t len)
{
    if (json->status == RF_OK)
        json->status = rf_text_add(&json->text, bytes, len, &json->err);
}

static void refuse(rf_json *json, const char *why)
{
    if (json->status == RF_OK)
        json->status =
            rf_err_set(&json->err, RF_E_INTERNAL, __FILE__, __LINE__, "JSON cannot be written: %s", why);
}

/* The comma or colon before a key or value. */
static void begin(rf_json *json, bool may_be_key)
{
    bool object = json->open[json->depth].object, key = json->open[json->depth].key_due;
    if (key && !may_be_key)
        refuse(json, "a value where a key is expected");
    else if (json->depth == 0 && json->open[0].begun)
        refuse(json, "more than one document");
    else if (object && !key)
        put(json, ":", 1);
    else if (json->open[json->depth].begun)
        put(json, ",", 1);
    json->open[json->depth].begun = true;
    json->open[json->depth].key_due = object && !key;
}

static void open_nested(rf_json *json, bool object)
{
    begin(json, false);
    if (json->depth == MAX_DEPTH) {
        refuse(json, "nested too deeply");
        return;
    }
    json->depth++;
    json->open[json->depth].object = json->open[json->depth].key_due = object;
    json->open[json->depth].begun = false;
    put(json, object ? "{" : "[", 1);
}

static void close_nested(rf_json *json, bool object)
{
    if (json->depth == 0 || json->open[json->depth].object != object ||
        (object && !json->open[json->depth].key_due)) {
        refuse(json, "an object or array is closed that is not open");
        return;
    }
    json->depth--;
    put(json, object ? "}" : "]", 1);
}

void rf_json_map_open(rf_json *json)
{
    open_nested(json, true);
}

void rf_json_map_close(rf_json *json)
{
    close_nested(json, true);
}

void rf_json_array_open(rf_json *json)
{
    open_nested(json, false);
}

void rf_json_array_close(rf_json *json)
{
    close_nested(json, false);
}

/* Length of the longest start of bytes that is valid; NUL counts as valid here, JSON can write it. */
static size_t valid_prefix(const char *bytes, size_t len)
{
    size_t i = 0;
    while (i < len) {
        size_t step = 1;
        while (step <= 4 && i + step <= len && !rf_utf8_valid(bytes + i, step))
            step++;
        if (bytes[i] == '\0')
            step = 1;
        else if (step > 4 || i + step > len)
            break;
        i += step;
    }
    return i;
}

/* Bytes at p that one U+FFFD replaces: a broken lead byte with its continuation bytes. */
static size_t broken_bytes(const char *p, size_t left)
{
    unsigned char lead = (unsigned char)p[0];
    size_t expected = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1, n = 1;
    while (n < expected && n < left && ((unsigned char)p[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static rf_status clean(rf_json *json, const char *bytes, size_t len)
{
    rf_status st = RF_OK;
    rf_text_reset(&json->cleaned);
    while (len > 0) {
        size_t good = valid_prefix(bytes, len);
        RF_TRY(rf_text_add(&json->cleaned, bytes, good, &json->err));
        bytes += good;
        len -= good;
        if (len > 0) {
            size_t bad = broken_bytes(bytes, len);
            RF_TRY(rf_text_add(&json->cleaned, "\xEF\xBF\xBD", 3, &json->err));
            bytes += bad;
            len -= bad;
        }
    }
done:
    return st;
}

/* Also what JSON allows as it is, but a terminal would obey. */
static void put_escape(rf_json *json, uint32_t c)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* character, letter */
    char escape[8];
    for (const char *at = letters; *at != '\0'; at += 2)
        if ((uint32_t)at[0] == c) {
            put(json, (const char[]){'\\', at[1]}, 2);
            return;
        }
    snprintf(escape, sizeof escape, "\\u%04X", (unsigned)c);
    put(json, escape, 6);
}

/* How many bytes at text are ASCII that stays as it is. */
static size_t plain_ascii(const char *text, size_t left)
{
    size_t n = 0;
    for (; left - n >= RF_BLOCK; n += RF_BLOCK) {
        rf_block block = rf_block_at(text + n);
        uint64_t others = rf_block_high_bits(block) |
                          rf_block_bits(rf_block_or(rf_json_ending(block), rf_block_equal(block, 0x7F)));
        if (others != 0)
            return n + (size_t)__builtin_ctzll(others);
    }
    while (n < left && text[n] >= ' ' && text[n] < 0x7F && text[n] != '"' && text[n] != '\\')
        n++;
    return n;
}

static void put_string(rf_json *json, const char *text, size_t len)
{
    begin(json, true);
    if (!rf_utf8_valid(text, len)) {
        rf_status st = clean(json, text, len);
        if (st < 0) {
            if (json->status == RF_OK)
                json->status = st;
            return;
        }
        text = json->cleaned.ptr;
        len = json->cleaned.len;
    }
    put(json, "\"", 1);
    const char *end = text + len, *from = text;
    for (const char *at = text + plain_ascii(text, len); at < end;) {
        uint32_t code = 0;
        size_t n = rf_utf8_decode(&code, at, (size_t)(end - at));
        if (code == '"' || code == '\\' || rf_code_is_control(code) || rf_code_turns(code)) {
            put(json, from, (size_t)(at - from));
            put_escape(json, code);
            from = at + n;
        }
        at += n;
        at += plain_ascii(at, (size_t)(end - at));
    }
    put(json, from, (size_t)(end - from));
    put(json, "\"", 1);
}

static void put_word(rf_json *json, const char *word)
{
    begin(json, false);
    put(json, word, strlen(word));
}

void rf_json_key(rf_json *json, const char *key)
{
    put_string(json, key, strlen(key));
}

void rf_json_text(rf_json *json, const char *text, size_t len)
{
    put_string(json, len > 0 ? text : "", len);
}

void rf_json_string(rf_json *json, const char *text)
{
    if (text == NULL)
        rf_json_null(json);
    else
        rf_json_text(json, text, strlen(text));
}

void rf_json_int(rf_json *json, int64_t value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    put_word(json, digits);
}

void rf_json_number(rf_json *json, const char *digits, size_t len)
{
    begin(json, false);
    put(json, digits, len);
}

void rf_json_double(rf_json *json, double value)
{
    char digits[32];
    if (isfinite(value))
        put_word(json, rf_double_format(digits, value));
    else
        rf_json_null(json);
}

void rf_json_float(rf_json *json, float value)
{
    char digits[32];
    if (isfinite(value))
        put_word(json, rf_float_format(digits, value));
    else
        rf_json_null(json);
}

void rf_json_bool(rf_json *json, bool value)
{
    put_word(json, value ? "true" : "false");
}

void rf_json_null(rf_json *json)
{
    put_word(json, "null");
}

void rf_json_put_string(rf_json *json, const char *key, const char *text)
{
    rf_json_key(json, key);
    rf_json_string(json, text);
}

void rf_json_put_int(rf_json *json, const char *key, int64_t value)
{
    rf_json_key(json, key);
    rf_json_int(json, value);
}

void rf_json_put_double(rf_json *json, const char *key, double value)
{
    rf_json_key(json, key);
    rf_json_double(json, value);
}

void rf_json_put_float(rf_json *json, const char *key, double value)
{
    rf_json_key(json, key);
    rf_json_float(json, (float)value);
}

void rf_json_put_bool(rf_json *json, const char *key, bool value)
{
    rf_json_key(json, key);
    rf_json_bool(json, value);
}

rf_status rf_json_end(rf_json *json, const char **text, size_t *len, rf_err *err)
{
    rf_status st = RF_OK;
    if (json->status < 0)
        RF_FAIL(err, json->status, "%s", json->err.msg);
    if (json->depth != 0 || !json->open[0].begun)
        RF_FAIL(err, RF_E_INTERNAL, "JSON cannot be written: the document is not complete");
    *text = json->text.ptr;
    *len = json->text.len;
done:
    return st;
}
