/* fuzz_event_protobuf.c - arbitrary bytes as Protobuf messages and as descriptor sets.
 *
 * If the last byte is even, the bytes before it are messages of type F (tests/unit/protobuf/fuzz.proto), each
 * after its length in two bytes. A decoder that has met other messages must answer as a new one. If it is
 * odd, they are a descriptor set; if that declares F with the mapped fields, they are read as a message of F
 * too.
 */
#include "fuzz_events.h"
#include "descriptor_set_int.h"
#include "event_protobuf_int.h"
#include "rf_mem.h"

typedef struct answer {
    rf_status status;
    rf_reject reject;
    rf_raw raws[RF_MAX_FIELDS];
} answer;

static void decode(answer *out, rf_protobuf_decoder *decoder, const rf_field_plan *plan, rf_span record)
{
    rf_event event;
    memset(out, 0, sizeof *out);
    out->status = rf_protobuf_decode(out->raws, decoder, record, &out->reject);
    fuzz_check(out->status == RF_OK || out->status == RF_SKIPPED);
    if (out->status == RF_SKIPPED) {
        fuzz_check_reject(&out->reject, record.len);
        fuzz_check(out->reject.byte >= 0);
        return;
    }
    rf_reject reject;
    rf_status st = rf_field_plan_fill(&event, plan, out->raws, &reject);
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
        fuzz_check(x->kind == y->kind);
        if (x->kind == RF_RAW_MOMENT)
            fuzz_check(x->time_us == y->time_us);
        if (x->kind == RF_RAW_TEXT || x->kind == RF_RAW_NUMBER)
            fuzz_check(x->text.len == y->text.len && memcmp(x->text.ptr, y->text.ptr, x->text.len) == 0);
    }
}

static rf_protobuf_decoder *open_decoder(const rf_field_plan *plan)
{
    rf_protobuf_decoder *decoder = NULL;
    if (rf_protobuf_decoder_open(&decoder, plan, RF_FUZZ_DESCRIPTORS, "F", NULL) != RF_OK)
        abort();
    return decoder;
}

/* Two decoders of different pasts: one meets each message once, the other one meets its half before it. */
static void decode_messages(const rf_field_plan *plan, const uint8_t *data, size_t size)
{
    static rf_protobuf_decoder *one, *two;
    if (one == NULL) {
        one = open_decoder(plan);
        two = open_decoder(plan);
    }
    while (size >= 2) {
        size_t len = (size_t)data[0] | (size_t)data[1] << 8;
        data += 2;
        size -= 2;
        if (len > size)
            len = size;
        answer first, again;
        rf_span record = {(const char *)data, len};
        decode(&first, one, plan, record);
        decode(&again, two, plan, (rf_span){record.ptr, len / 2});
        decode(&again, two, plan, record);
        check_same(&first, &again, plan->n_names);
        data += len;
        size -= len;
    }
}

static void declare(const rf_field_plan *plan, const uint8_t *data, size_t size)
{
    rf_err err = {0};
    answer out;
    rf_descriptor_set *set = NULL;
    rf_protobuf_decoder *decoder = NULL;
    rf_span bytes = {(const char *)data, size};
    rf_status st = rf_descriptor_set_parse(&set, bytes.ptr, bytes.len, "fuzz.desc", &err);
    fuzz_check(st == RF_OK || (st == RF_E_FORMAT && err.msg[0] != '\0'));
    if (st != RF_OK)
        return;
    st = rf_protobuf_decoder_new(&decoder, plan, set, "F", &err); /* takes the set */
    fuzz_check(st == RF_OK || ((st == RF_E_FORMAT || st == RF_E_INVALID) && err.msg[0] != '\0'));
    if (st == RF_OK)
        decode(&out, decoder, plan, bytes);
    rf_protobuf_decoder_free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rf_field_plan *plan;
    if (plan == NULL)
        plan = fuzz_plan(RF_TIME_US);
    if (size == 0)
        return 0;
    if (data[size - 1] % 2 == 0)
        decode_messages(plan, data, size - 1);
    else
        declare(plan, data, size - 1);
    return 0;
}
