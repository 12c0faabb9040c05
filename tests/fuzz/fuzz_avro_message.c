/* fuzz_avro_message.c - the first line as a schema, the rest as a record of it.
 *
 * A decoder that has met other records must answer as a new one. What it reads, it must also be able to pass
 * over, and to show as JSON.
 */
#include "avro_json_int.h"
#include "avro_wire_int.h"
#include "event_avro_int.h"
#include "fuzz_events.h"
#include "rf_json_scan.h"
#include "rf_mem.h"

#define MOST_ITEMS 100000

typedef struct answer {
    rf_status status;
    rf_reject reject;
    rf_raw raws[RF_MAX_FIELDS];
} answer;

static void decode(answer *out, rf_avro_decoder *decoder, const rf_avro_plan *plan, rf_span record)
{
    rf_event event;
    memset(out, 0, sizeof *out);
    out->status = rf_avro_decode(out->raws, decoder, plan, record, 0, NULL, &out->reject, NULL);
    fuzz_check(out->status == RF_OK || out->status == RF_SKIPPED);
    if (out->status == RF_SKIPPED) {
        fuzz_check_reject(&out->reject, record.len);
        fuzz_check(out->reject.byte >= 0 && !rf_avro_has_item(decoder));
        return;
    }
    for (size_t n = 0; rf_avro_has_item(decoder); n++) {
        rf_reject reject;
        rf_status st = rf_avro_item(out->raws, decoder, &reject, NULL);
        fuzz_check((st == RF_OK || st == RF_SKIPPED) && n < MOST_ITEMS);
    }
    rf_reject reject;
    rf_status st = rf_field_plan_fill(&event, plan->names, out->raws, &reject);
    fuzz_check(st == RF_OK || st == RF_SKIPPED);
    if (st == RF_OK)
        fuzz_check_event(&event);
    else
        fuzz_check_reject(&reject, record.len);
}

static void check_same(const answer *a, const answer *b, int n_names)
{
    fuzz_check(a->status == b->status && a->reject.code == b->reject.code &&
               a->reject.byte == b->reject.byte);
    for (int i = 0; a->status == RF_OK && i < n_names; i++) {
        const rf_raw *x = &a->raws[i], *y = &b->raws[i];
        fuzz_check(x->kind == y->kind && (x->kind != RF_RAW_MOMENT || x->time_us == y->time_us));
        if (x->kind == RF_RAW_TEXT || x->kind == RF_RAW_NUMBER)
            fuzz_check(x->text.len == y->text.len && memcmp(x->text.ptr, y->text.ptr, x->text.len) == 0);
    }
}

static rf_field_plan *list_plan(void)
{
    rf_field_plan *plan = NULL;
    const rf_fields fields = {.user = "u",
                              .entity = "l[*].v",
                              .time = "l[0].t",
                              .time_format = RF_TIME_S,
                              .event_id = "m.k",
                              .others = fuzz_others,
                              .schema = &fuzz_schema};
    if (rf_field_plan_new(&plan, &fields, NULL) != RF_OK)
        abort();
    return plan;
}

static void decode_all(const rf_field_plan *names, const rf_avro_schema *schema, rf_span record)
{
    rf_avro_decoder *one = NULL, *two = NULL;
    rf_avro_plan *plan = NULL;
    if (rf_avro_decoder_new(&one, names, NULL) != RF_OK || rf_avro_decoder_new(&two, names, NULL) != RF_OK)
        abort();
    rf_status st = rf_avro_plan_new(&plan, schema, names, rf_avro_decoder_keys(one), NULL);
    fuzz_check(st == RF_OK || st == RF_E_INVALID);
    if (st == RF_OK) {
        static answer first, again;
        rf_status fits = rf_avro_plan_check(plan, RF_ABSENT_KEYS_REFUSE, "fuzz", NULL);
        fuzz_check(fits == RF_OK || fits == RF_E_INVALID);
        decode(&first, one, plan, record);
        decode(&again, two, plan, (rf_span){record.ptr, record.len / 2});
        decode(&again, two, plan, record);
        check_same(&first, &again, names->n_names);
        rf_avro_cursor c = rf_avro_cursor_of(record);
        bool passes = rf_avro_pass(&c, rf_avro_type_at(schema, schema->root), 0) && c.at == c.end;
        fuzz_check(passes || first.status != RF_OK);
    }
    rf_avro_plan_free(plan);
    rf_avro_decoder_free(one);
    rf_avro_decoder_free(two);
}

static void show(const rf_avro_schema *schema, rf_span record)
{
    rf_json *json = NULL;
    const char *text;
    size_t len;
    if (rf_json_new(&json, NULL) != RF_OK)
        abort();
    if (rf_avro_json(json, schema, record)) {
        rf_avro_cursor c = rf_avro_cursor_of(record);
        fuzz_check(rf_avro_pass(&c, rf_avro_type_at(schema, schema->root), 0) && c.at == c.end);
        if (rf_json_end(json, &text, &len, NULL) == RF_OK)
            fuzz_check(rf_json_valid((rf_span){text, len}));
    }
    rf_json_free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rf_field_plan *plain, *list;
    const uint8_t *stop = size == 0 ? NULL : memchr(data, '\n', size);
    rf_avro_schema *schema = NULL;
    if (plain == NULL) {
        plain = fuzz_plan(RF_TIME_S);
        list = list_plan();
    }
    if (stop == NULL)
        return 0;
    rf_span json = {(const char *)data, (size_t)(stop - data)};
    rf_span record = {(const char *)stop + 1, size - json.len - 1};
    rf_status st = rf_avro_schema_read(&schema, json, false, "fuzz", NULL);
    fuzz_check(st == RF_OK || st == RF_E_FORMAT);
    if (st != RF_OK)
        return 0;
    decode_all(plain, schema, record);
    decode_all(list, schema, record);
    show(schema, record);
    rf_avro_schema_free(schema);
    return 0;
}
