/* fuzz_event_json.c - arbitrary lines as JSON records. A decoder that has met broken records must answer as a
 * new one, and a record must mean the same when its texts are written with escapes. */
#include <ctype.h>

#include "fuzz_events.h"
#include "rf_mem.h"

typedef struct answer {
    rf_status status;
    rf_reject reject;
    rf_event event;
} answer;

static void decode(answer *out, rf_json_decoder *decoder, const rf_field_plan *plan, rf_span record)
{
    rf_raw raws[RF_MAX_FIELDS];
    memset(out, 0, sizeof *out);
    out->status = rf_json_decode(raws, decoder, record, &out->reject, NULL);
    if (out->status == RF_OK)
        out->status = rf_field_plan_fill(&out->event, plan, raws, &out->reject);
    fuzz_check(out->status == RF_OK || out->status == RF_SKIPPED);
    if (out->status == RF_OK)
        fuzz_check_event(&out->event);
    else
        fuzz_check_reject(&out->reject, record.len);
}

static bool equal_text(rf_span a, rf_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static void check_same(const answer *a, const answer *b)
{
    fuzz_check(a->status == b->status && a->reject.code == b->reject.code &&
               a->reject.byte == b->reject.byte);
    if (a->status != RF_OK)
        return;
    fuzz_check(equal_text(a->event.user, b->event.user) && equal_text(a->event.entity, b->event.entity));
    fuzz_check(equal_text(a->event.event_id, b->event.event_id));
    fuzz_check(equal_text(a->event.values[2].text, b->event.values[2].text));
    fuzz_check(a->event.time_us == b->event.time_us && a->event.label == b->event.label);
    for (int i = 0; i < FUZZ_ATTRS; i++)
        fuzz_check(i == 2 || a->event.values[i].number == b->event.values[i].number);
}

/* The same record with every letter and digit of its texts as an escape, unless it has escapes already. */
static void check_escaped(const answer *plain, rf_json_decoder *decoder, const rf_field_plan *plan,
                          rf_span record)
{
    static const char hex[] = "0123456789abcdef";
    answer other;
    size_t len = 0;
    bool inside = false;
    if (memchr(record.ptr, '\\', record.len) != NULL)
        return;
    char *copy = malloc(6 * record.len + 1);
    for (size_t i = 0; i < record.len; i++) {
        unsigned char c = (unsigned char)record.ptr[i];
        inside ^= c == '"';
        if (inside && c < 0x80 && isalnum(c)) {
            memcpy(copy + len, "\\u00", 4);
            copy[len + 4] = hex[c >> 4];
            copy[len + 5] = hex[c & 15];
            len += 6;
        } else {
            copy[len++] = (char)c;
        }
    }
    decode(&other, decoder, plan, (rf_span){copy, len});
    other.reject.byte = plain->reject.byte; /* further on */
    check_same(plain, &other);
    free(copy);
}

/* A message may ask which key was meant, whatever the record is. */
static void check_nearest(rf_span record)
{
    rf_text near = {0};
    fuzz_check(rf_json_nearest_key(&near, "m.s", record, NULL) == RF_OK);
    fuzz_check(near.len <= record.len + 8);
    rf_text_clear(&near);
}

static void decode_lines(const rf_field_plan *plan, rf_span lines)
{
    rf_json_decoder *used = NULL;
    const char *end = lines.ptr + lines.len;
    if (rf_json_decoder_new(&used, plan, NULL) != RF_OK)
        abort();
    for (const char *at = lines.ptr; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        rf_span record = {at, (size_t)((stop == NULL ? end : stop) - at)};
        rf_json_decoder *fresh = NULL;
        answer first, again;
        if (rf_json_decoder_new(&fresh, plan, NULL) != RF_OK)
            abort();
        decode(&first, used, plan, record);
        decode(&again, fresh, plan, record);
        check_same(&first, &again);
        check_escaped(&first, fresh, plan, record);
        check_nearest(record);
        rf_json_decoder_free(fresh);
        at = stop == NULL ? end : stop + 1;
    }
    rf_json_decoder_free(used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const rf_time_notation notations[] = {RF_TIME_ISO8601, RF_TIME_S, RF_TIME_MS, RF_TIME_US,
                                                 RF_TIME_STRPTIME};
    static rf_field_plan *plans[5]; /* zones are read from disk: once */
    size_t which = size > 0 ? data[size - 1] % 5u : 0;
    if (plans[which] == NULL)
        plans[which] = fuzz_plan(notations[which]);
    decode_lines(plans[which], (rf_span){(const char *)data, size});
    return 0;
}
