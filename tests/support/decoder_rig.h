/* decoder_rig.h - a decoder of one record format with its mapping, and what every format's tests ask of it.
 *
 *   decoder_rig r = rig_json(made_fields());
 *   ck_assert_int_eq(rig_decode(&r, "{\"user\":1}"), RF_SKIPPED);
 *   rig_close(&r);
 */
#ifndef RF_DECODER_RIG_H
#define RF_DECODER_RIG_H

#include "made_records.h"

typedef struct decoder_rig {
    rf_field_plan *plan;
    rf_json_decoder *json; /* one of the two, the other is NULL */
    rf_csv_decoder *csv;
    rf_event event; /* of the last record, where that was taken */
    rf_reject reject;
} decoder_rig;

static inline decoder_rig rig_json(rf_fields fields)
{
    rf_err err = {0};
    decoder_rig r = {0};
    RF_CHECK_OK(err, rf_field_plan_new(&r.plan, &fields, &err));
    RF_CHECK_OK(err, rf_json_decoder_new(&r.json, r.plan, &err));
    return r;
}

/* header NULL: none is read yet. */
static inline decoder_rig rig_csv_of(rf_csv_dialect dialect, rf_fields fields, const char *header)
{
    rf_err err = {0};
    decoder_rig r = {0};
    RF_CHECK_OK(err, rf_field_plan_new(&r.plan, &fields, &err));
    RF_CHECK_OK(err, rf_csv_decoder_new(&r.csv, r.plan, &dialect, &err));
    if (header != NULL)
        RF_CHECK_OK(err, rf_csv_decoder_header(r.csv, made_span(header), '\0', "memory.csv", &err));
    return r;
}

static inline decoder_rig rig_csv(rf_fields fields, const char *header)
{
    return rig_csv_of((rf_csv_dialect){0}, fields, header);
}

static inline void rig_close(decoder_rig *r)
{
    rf_json_decoder_free(r->json);
    rf_csv_decoder_free(r->csv);
    rf_field_plan_free(r->plan);
}

/* Fails where memory is refused, or worse. */
static inline rf_status rig_try(decoder_rig *r, rf_span record, rf_err *err)
{
    return r->json != NULL ? made_decode_json(&r->event, r->json, r->plan, record, &r->reject, err)
                           : made_decode_csv(&r->event, r->csv, r->plan, record, &r->reject, err);
}

/* RF_OK or RF_SKIPPED. */
static inline rf_status rig_decode(decoder_rig *r, const char *record)
{
    rf_err err = {0};
    rf_status st = rig_try(r, made_span(record), &err);
    ck_assert_msg(st == RF_OK || st == RF_SKIPPED, "%s", err.msg);
    return st;
}

/* From a block of the record's own size, so that sanitizers see a read past its end. The block is freed: the
 * event's texts are not for the caller. */
static inline rf_status rig_decode_bytes(decoder_rig *r, const char *record, size_t len)
{
    rf_err err = {0};
    char *block = malloc(len + !len);
    memcpy(block, record, len);
    rf_status st = rig_try(r, (rf_span){block, len}, &err);
    ck_assert_msg(st == RF_OK || st == RF_SKIPPED, "%s", err.msg);
    free(block);
    return st;
}

/* ---- what every format's tests ask ---- */

typedef struct rig_refusal {
    const char *record;
    rf_reject_code code;
    int64_t byte; /* -2: any */
    const char *part;
} rig_refusal;

/* Each record is refused as its row says, and the decoder takes the good one after it as if nothing had
 * been. */
static inline void rig_check_refusals(decoder_rig *r, const rig_refusal *refusals, size_t n, const char *good)
{
    for (const rig_refusal *want = refusals; want < refusals + n; want++) {
        ck_assert_msg(rig_decode_bytes(r, want->record, strlen(want->record)) == RF_SKIPPED, "%s",
                      want->record);
        ck_assert_msg(r->reject.code == want->code, "%s: %s, not %s (%s)", want->record,
                      rf_reject_name(r->reject.code), rf_reject_name(want->code), r->reject.text);
        ck_assert_msg(want->byte == -2 || want->byte == r->reject.byte, "%s: byte %lld", want->record,
                      (long long)r->reject.byte);
        ck_assert_msg(strstr(r->reject.text, want->part) != NULL, "%s: \"%s\"", want->record, r->reject.text);
        ck_assert_int_eq(rig_decode_bytes(r, good, strlen(good)), RF_OK);
    }
}

/* 3000 random events of made_fields are what they were after `print` and decoding. */
static inline void rig_check_round_trip(decoder_rig *r, uint64_t seed,
                                        void (*print)(rf_text *, const made_event *))
{
    rf_rng rng;
    rf_text record = {0}, got = {0}, want = {0};
    rf_rng_init(&rng, seed, 1);
    for (int i = 0; i < (rf_short() ? 300 : 3000); i++) {
        made_event e = made_random(&rng);
        rf_event expected = made_expected(&e);
        rf_text_reset(&record);
        rf_text_reset(&got);
        rf_text_reset(&want);
        print(&record, &e);
        ck_assert_msg(rig_decode(r, record.ptr) == RF_OK, "seed %d, event %d: %s: %s", (int)seed, i,
                      record.ptr, r->reject.text);
        made_describe(&got, &r->event, &made_schema);
        made_describe(&want, &expected, &made_schema);
        ck_assert_msg(strcmp(got.ptr, want.ptr) == 0, "seed %d, event %d: %s\n%s%s", (int)seed, i, record.ptr,
                      got.ptr, want.ptr);
    }
    rf_text_clear(&record);
    rf_text_clear(&got);
    rf_text_clear(&want);
}

/* The first record may ask for memory; a thousand like it do not. */
static inline void rig_check_no_more_memory(decoder_rig *r, const char *record)
{
    ck_assert_int_eq(rig_decode(r, record), RF_OK);
    int64_t before = rf_mem_stats_get().requests;
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(rig_decode(r, record), RF_OK);
    ck_assert_int_eq(rf_mem_stats_get().requests, before);
}

#endif
