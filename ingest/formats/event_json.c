/* event_json.c - one JSON object (a line of JSON Lines, or a message) to raw values; pure. Plain records are
 * read by json_plain.c; what it does not take, and why a record is refused, is the business of yajl's SAX
 * parser here.
 *
 * Only mapped keys are looked at (json_keys.c); everything below an unmapped key is passed over. One yajl
 * handle reads record after record (it allows several values in a row); after a broken record it is made
 * anew, because yajl cannot leave its error state.
 *
 * Traps: yajl takes overlong and surrogate UTF-8, so the whole record is checked beforehand and yajl's own
 * check is off; it writes an unpaired \ud800 as "?", so such escapes are refused beforehand too. Texts
 * without escapes are borrowed from the record, others are copied, because yajl decodes the next one over
 * them.
 */
#include "json_int.h"

#include <string.h>
#include <yajl/yajl_parse.h>

#include "rf_mem.h"
#include "rf_text.h"
#include "yajl_memory.h"

struct rf_json_decoder {
    const rf_field_plan *plan;
    rf_json_keys keys;
    char *scratch; /* decoded texts; as long as the record at least */
    size_t cap_scratch, used_scratch;

    yajl_handle handle; /* NULL: to be made before the next record */
    rf_yajl_memory memory;

    /* while a record is read */
    rf_raw *raws; /* [plan->n_names] the caller's */
    rf_span record;
    int level; /* mapped objects open, -1: none */
    int open_node[RF_JSON_PATH_PARTS];
    int skipped;       /* objects and arrays open below, none of them mapped */
    int pending;       /* node of the key just read, RF_JSON_NO_NODE: not mapped */
    int values;        /* values read at the top */
    rf_reject *reject; /* filled by a callback that stops the parser */
};

rf_status rf_json_decoder_new(rf_json_decoder **out, const rf_field_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json_decoder *decoder = rf_mem_zero(1, sizeof *decoder, err);
    if (decoder == NULL)
        return RF_E_NOMEM;
    rf_yajl_memory_init(&decoder->memory);
    decoder->plan = plan;
    RF_TRY(rf_json_keys_init(&decoder->keys, plan, err));
    *out = decoder;
    decoder = NULL;
done:
    rf_json_decoder_free(decoder);
    return st;
}

void rf_json_decoder_free(rf_json_decoder *decoder)
{
    if (decoder == NULL)
        return;
    rf_yajl_memory_drop(&decoder->memory);
    rf_json_keys_clear(&decoder->keys);
    rf_mem_free(decoder->scratch);
    rf_mem_free(decoder);
}

/* ---- what yajl calls: 1 goes on, 0 stops ---- */

static int stop(rf_json_decoder *decoder, rf_reject_code code, const char *why)
{
    rf_reject_set(decoder->reject, code, 0, "%s", why);
    return 0;
}

static bool at_top(const rf_json_decoder *decoder)
{
    return decoder->level < 0 && decoder->skipped == 0;
}

/* The text, where it stays until the next record. */
static rf_span keep(rf_json_decoder *decoder, const unsigned char *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    uintptr_t at = (uintptr_t)text, from = (uintptr_t)decoder->record.ptr;
    if (at >= from && at + len <= from + decoder->record.len)
        return (rf_span){text, len};
    char *copy = decoder->scratch + decoder->used_scratch;
    if (len > 0)
        memcpy(copy, text, len);
    decoder->used_scratch += len;
    return (rf_span){copy, len};
}

static int on_value(rf_json_decoder *decoder, rf_raw_kind kind, const unsigned char *bytes, size_t len)
{
    int node = decoder->pending;
    decoder->pending = RF_JSON_NO_NODE;
    if (node == RF_JSON_NO_NODE) {
        if (at_top(decoder))
            return stop(decoder, RF_REJECT_BAD_JSON,
                        decoder->values > 0 ? "something stands behind the object"
                                            : "the record is no JSON object");
        return 1;
    }
    int name = decoder->keys.nodes[node].name;
    if (name >= 0)
        decoder->raws[name] = (rf_raw){kind, bytes == NULL ? (rf_span){0} : keep(decoder, bytes, len), 0};
    return 1;
}

static int on_null(void *context)
{
    return on_value(context, RF_RAW_ABSENT, NULL, 0);
}

static int on_boolean(void *context, int truth)
{
    return on_value(context, truth ? RF_RAW_TRUE : RF_RAW_FALSE, NULL, 0);
}

static int on_number(void *context, const char *text, size_t len)
{
    return on_value(context, RF_RAW_NUMBER, (const unsigned char *)text, len);
}

static int on_string(void *context, const unsigned char *text, size_t len)
{
    rf_json_decoder *decoder = context;
    int node = decoder->pending;
    if (node != RF_JSON_NO_NODE && memchr(text, '\0', len) != NULL)
        return stop(decoder, RF_REJECT_BAD_UTF8, "a mapped text holds the character U+0000");
    return on_value(decoder, RF_RAW_TEXT, text, len);
}

static int on_map_key(void *context, const unsigned char *key, size_t len)
{
    rf_json_decoder *decoder = context;
    if (decoder->skipped > 0)
        return 1;
    int node = rf_json_keys_find(&decoder->keys, decoder->open_node[decoder->level], (const char *)key, len);
    decoder->pending = node;
    if (node == RF_JSON_NO_NODE)
        return 1;
    if (decoder->keys.nodes[node].seen == decoder->keys.record) {
        char shown[RF_SHOWN_BYTES];
        rf_reject_set(decoder->reject, RF_REJECT_DUPLICATE_KEY, 0, "key \"%s\" stands twice in one object",
                      rf_shown(shown, decoder->keys.nodes[node].key));
        return 0;
    }
    decoder->keys.nodes[node].seen = decoder->keys.record;
    return 1;
}

static int skip_nested(rf_json_decoder *decoder)
{
    if (++decoder->skipped > RF_MAX_NESTING)
        return stop(decoder, RF_REJECT_BAD_JSON, "objects and arrays are nested too deeply (512)");
    return 1;
}

static int on_start_map(void *context)
{
    rf_json_decoder *decoder = context;
    int node = decoder->pending;
    decoder->pending = RF_JSON_NO_NODE;
    if (at_top(decoder)) {
        if (decoder->values++ > 0)
            return stop(decoder, RF_REJECT_BAD_JSON, "something stands behind the object");
        node = RF_JSON_ROOT;
    }
    if (node == RF_JSON_NO_NODE)
        return skip_nested(decoder);
    if (decoder->keys.nodes[node].name >= 0)
        decoder->raws[decoder->keys.nodes[node].name].kind = RF_RAW_NESTED;
    if (!decoder->keys.nodes[node].has_children)
        return skip_nested(decoder);
    decoder->open_node[++decoder->level] = node;
    return 1;
}

static int on_start_array(void *context)
{
    rf_json_decoder *decoder = context;
    if (at_top(decoder))
        return on_value(decoder, RF_RAW_NESTED, NULL, 0);
    if (decoder->pending != RF_JSON_NO_NODE)
        on_value(decoder, RF_RAW_NESTED, NULL, 0);
    return skip_nested(decoder);
}

static int on_end(void *context)
{
    rf_json_decoder *decoder = context;
    if (decoder->skipped > 0)
        decoder->skipped--;
    else
        decoder->level--;
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_start_map,
    .yajl_map_key = on_map_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_start_array,
    .yajl_end_array = on_end,
};

/* ---- a record ---- */

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

/* Where an escape is half a surrogate pair, or NULL. A backslash stands in texts only, whatever else is
 * broken. */
static const char *lone_surrogate(rf_span record)
{
    const char *end = record.ptr + record.len, *at = record.ptr;
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

static rf_status refuse_json(rf_json_decoder *decoder, bool at_end, rf_reject *reject)
{
    int64_t at = (int64_t)(at_end ? decoder->record.len : yajl_get_bytes_consumed(decoder->handle));
    if (reject->code != RF_REJECT_NONE) { /* a callback stopped the parser */
        reject->byte = at;
        return RF_SKIPPED;
    }
    if (at_end)
        return rf_reject_set(reject, RF_REJECT_BAD_JSON, at,
                             "byte %lld: the record breaks off inside a text or word", (long long)at);
    unsigned char *text = yajl_get_error(decoder->handle, 0, NULL, 0);
    size_t len = strcspn((const char *)text, "\n");
    char shown[RF_SHOWN_BYTES];
    rf_shown(shown, (rf_span){(const char *)text, len});
    yajl_free_error(decoder->handle, text);
    return rf_reject_set(reject, RF_REJECT_BAD_JSON, at, "byte %lld: %s", (long long)at, shown);
}

static rf_status make_handle(rf_json_decoder *decoder)
{
    if (decoder->handle != NULL)
        return RF_OK;
    decoder->handle = yajl_alloc(&callbacks, &decoder->memory.funcs, decoder);
    yajl_config(decoder->handle, yajl_allow_multiple_values, 1);
    yajl_config(decoder->handle, yajl_dont_validate_strings, 1);
    return RF_OK;
}

/* Only this function's callees run between the mark and a jump to it, and they keep all state in decoder. */
static rf_status parse_record(rf_json_decoder *decoder, rf_reject *reject, rf_err *err)
{
    if (setjmp(decoder->memory.refused) != 0) {
        rf_yajl_memory_drop(&decoder->memory);
        decoder->handle = NULL;
        return rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory while reading a JSON record");
    }
    make_handle(decoder);
    yajl_status parsed =
        yajl_parse(decoder->handle, (const unsigned char *)decoder->record.ptr, decoder->record.len);
    bool at_end = parsed == yajl_status_ok;
    if (at_end) /* a line end ends whatever the record breaks off in: it stands in no token */
        parsed = yajl_parse(decoder->handle, (const unsigned char *)"\n", 1);
    rf_status st = RF_OK;
    if (parsed != yajl_status_ok)
        st = refuse_json(decoder, at_end, reject);
    else if (!at_top(decoder) || decoder->values == 0)
        st = rf_reject_set(reject, RF_REJECT_BAD_JSON, (int64_t)decoder->record.len,
                           "byte %zu: the record ends inside the object", decoder->record.len);
    if (st != RF_OK) {
        rf_yajl_memory_drop(&decoder->memory);
        decoder->handle = NULL;
    }
    return st;
}

static rf_status check_text(rf_span record, rf_reject *reject)
{
    if (!rf_utf8_valid(record.ptr, record.len))
        return rf_reject_set(reject, RF_REJECT_BAD_UTF8, -1, "the record is not UTF-8");
    const char *lone = lone_surrogate(record);
    if (lone != NULL)
        return rf_reject_set(reject, RF_REJECT_BAD_UTF8, lone - record.ptr,
                             "byte %td: an escape is half a surrogate pair", lone - record.ptr);
    return RF_OK;
}

/* Whatever a reader of plain records left behind is forgotten, too. */
static void start_record(rf_json_decoder *decoder, rf_raw *raws, rf_span record, rf_reject *reject)
{
    decoder->raws = raws;
    decoder->record = record;
    decoder->keys.record++;
    decoder->used_scratch = 0;
    decoder->level = -1;
    decoder->skipped = 0;
    decoder->pending = RF_JSON_NO_NODE;
    decoder->values = 0;
    decoder->reject = reject;
    reject->code = RF_REJECT_NONE;
    for (int i = 0; i < decoder->plan->n_names; i++)
        raws[i].kind = RF_RAW_ABSENT; /* those that are not of the body are filled later */
}

static rf_status decode_any(rf_raw *raws, rf_json_decoder *decoder, rf_span record, rf_reject *reject,
                            rf_err *err)
{
    rf_status st = RF_OK;
    void *block = decoder->scratch;
    st = rf_mem_reserve(&block, &decoder->cap_scratch, record.len, 1, err);
    decoder->scratch = block;
    RF_TRY(st);
    start_record(decoder, raws, record, reject);
    st = check_text(record, reject);
    if (st == RF_OK)
        st = parse_record(decoder, reject, err);
done:
    return st;
}

rf_status rf_json_decode(rf_raw *raws, rf_json_decoder *decoder, rf_span record, rf_reject *reject,
                         rf_err *err)
{
    start_record(decoder, raws, record, reject);
    if (rf_json_plain(raws, &decoder->keys, record))
        return RF_OK;
    return decode_any(raws, decoder, record, reject, err);
}
