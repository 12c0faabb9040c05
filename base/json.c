/* json.c - JSON text through yajl's generator, with our memory and our rules for numbers and UTF-8.
 *
 * yajl does not check its own allocations, so it gets its two small ones from a store inside the object and
 * prints into a text of ours, which does check. Leaves reading JSON to ingest/.
 */
#include "rf_json.h"

#include <math.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "rf_mem.h"
#include "rf_text.h"

#define STORE_BYTES 4096 /* yajl's generator needs some 700 */

struct rf_json {
    yajl_gen gen;
    rf_text text;    /* the document so far */
    rf_text cleaned; /* a string whose broken UTF-8 was replaced */
    int depth;
    size_t values;    /* written at depth 0: a document is exactly one */
    rf_status status; /* the first failure, kept until reset */
    rf_err err;
    size_t store_used;
    alignas(16) char store[STORE_BYTES];
};

/* ---- yajl's memory ---- */

static void *store_take(void *context, size_t size)
{
    rf_json *json = context;
    size_t rounded = (size + 15) & ~(size_t)15;
    if (rounded < size || rounded > STORE_BYTES - json->store_used)
        return NULL;
    void *block = json->store + json->store_used;
    json->store_used += rounded;
    return block;
}

static void *store_grow(void *context, void *block, size_t size)
{
    (void)context;
    (void)block;
    (void)size;
    return NULL; /* only yajl's own buffer grows, and we print elsewhere */
}

static void store_drop(void *context, void *block)
{
    (void)context;
    (void)block;
}

static void print(void *context, const char *bytes, size_t len)
{
    rf_json *json = context;
    if (json->status < 0)
        return;
    json->status = rf_text_add(&json->text, bytes, len, &json->err);
}

rf_status rf_json_new(rf_json **out, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = rf_mem_zero(1, sizeof *json, err);
    if (json == NULL)
        return RF_E_NOMEM;
    const yajl_alloc_funcs memory = {store_take, store_grow, store_drop, json};
    json->gen = yajl_gen_alloc(&memory);
    if (json->gen == NULL || yajl_gen_config(json->gen, yajl_gen_print_callback, print, (void *)json) == 0)
        RF_FAIL(err, RF_E_INTERNAL, "yajl's generator cannot be made");
    *out = json;
    json = NULL;
done:
    rf_json_free(json);
    return st;
}

void rf_json_free(rf_json *json)
{
    if (json == NULL)
        return;
    if (json->gen != NULL)
        yajl_gen_free(json->gen);
    rf_text_clear(&json->text);
    rf_text_clear(&json->cleaned);
    rf_mem_free(json);
}

void rf_json_reset(rf_json *json)
{
    yajl_gen_reset(json->gen, NULL);
    rf_text_reset(&json->text);
    json->depth = 0;
    json->values = 0;
    json->status = RF_OK;
    json->err = (rf_err){0};
}

/* ---- writing ---- */

static const char *gen_trouble(yajl_gen_status status)
{
    switch (status) {
    case yajl_gen_keys_must_be_strings:
        return "a value stands where a key is due";
    case yajl_max_depth_exceeded:
        return "nested too deeply";
    case yajl_gen_generation_complete:
        return "more than one document";
    case yajl_gen_in_error_state:
        return "written on after a failure";
    default:
        return "refused by yajl";
    }
}

static void check(rf_json *json, yajl_gen_status status)
{
    if (status != yajl_gen_status_ok && json->status == RF_OK)
        json->status = rf_err_set(&json->err, RF_E_INTERNAL, __FILE__, __LINE__, "JSON cannot be written: %s",
                                  gen_trouble(status));
}

static void count_value(rf_json *json)
{
    if (json->depth == 0)
        json->values++;
}

void rf_json_map_open(rf_json *json)
{
    count_value(json);
    json->depth++;
    check(json, yajl_gen_map_open(json->gen));
}

void rf_json_map_close(rf_json *json)
{
    json->depth--;
    check(json, yajl_gen_map_close(json->gen));
}

void rf_json_array_open(rf_json *json)
{
    count_value(json);
    json->depth++;
    check(json, yajl_gen_array_open(json->gen));
}

void rf_json_array_close(rf_json *json)
{
    json->depth--;
    check(json, yajl_gen_array_close(json->gen));
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

/* Bytes at p that one U+FFFD stands for: a broken lead with the continuations that belong to it. */
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

static void put_string(rf_json *json, const char *text, size_t len)
{
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
    check(json, yajl_gen_string(json->gen, (const unsigned char *)text, len));
}

void rf_json_key(rf_json *json, const char *key)
{
    put_string(json, key, strlen(key));
}

void rf_json_text(rf_json *json, const char *text, size_t len)
{
    count_value(json);
    put_string(json, len > 0 ? text : "", len);
}

void rf_json_string(rf_json *json, const char *text)
{
    if (text == NULL)
        rf_json_null(json);
    else
        rf_json_text(json, text, strlen(text));
}

static void put_number(rf_json *json, const char *digits)
{
    count_value(json);
    check(json, yajl_gen_number(json->gen, digits, strlen(digits)));
}

void rf_json_int(rf_json *json, int64_t value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    put_number(json, digits);
}

void rf_json_double(rf_json *json, double value)
{
    char digits[32];
    if (isfinite(value))
        put_number(json, rf_double_format(digits, value));
    else
        rf_json_null(json);
}

void rf_json_float(rf_json *json, float value)
{
    char digits[32];
    if (isfinite(value))
        put_number(json, rf_float_format(digits, value));
    else
        rf_json_null(json);
}

void rf_json_bool(rf_json *json, bool value)
{
    count_value(json);
    check(json, yajl_gen_bool(json->gen, value));
}

void rf_json_null(rf_json *json)
{
    count_value(json);
    check(json, yajl_gen_null(json->gen));
}

rf_status rf_json_end(rf_json *json, const char **text, size_t *len, rf_err *err)
{
    rf_status st = RF_OK;
    if (json->status < 0)
        RF_FAIL(err, json->status, "%s", json->err.msg);
    if (json->depth != 0 || json->values != 1)
        RF_FAIL(err, RF_E_INTERNAL, "JSON cannot be written: the document is not complete");
    *text = json->text.ptr;
    *len = json->text.len;
done:
    return st;
}
