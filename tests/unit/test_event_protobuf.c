/* test_event_protobuf.c - Protobuf messages, as protoc encodes them and as nobody should: what they become,
 * and why and where they are refused. */
#include <inttypes.h>

#include "decoder_int.h"
#include "descriptor_set_int.h"
#include "event_protobuf_int.h"
#include "made_protobuf.h"
#include "number_print_int.h"

/* ---- messages by hand ---- */

static void put(made_blob *out, const void *bytes, size_t len)
{
    ck_assert_uint_le(out->len + len, sizeof out->bytes);
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
}

static void put_varint(made_blob *out, uint64_t value)
{
    do {
        unsigned char byte = (unsigned char)((value & 0x7F) | (value > 0x7F ? 0x80 : 0));
        put(out, &byte, 1);
        value >>= 7;
    } while (value > 0);
}

static void put_tag(made_blob *out, uint32_t number, int wire)
{
    put_varint(out, (uint64_t)number << 3 | (unsigned)wire);
}

static void put_text(made_blob *out, uint32_t number, const char *text)
{
    put_tag(out, number, 2);
    put_varint(out, strlen(text));
    put(out, text, strlen(text));
}

/* ---- a decoder for a list of names, and raw values as text ---- */

typedef struct rig {
    rf_attr attrs[RF_MAX_ATTRS];
    rf_schema schema;
    rf_field_plan *plan;
    rf_protobuf_decoder *decoder;
    rf_raw raws[RF_MAX_FIELDS];
    rf_reject reject;
} rig;

/* `names` are the fields, separated by spaces, three at least. */
static rf_status rig_try(rig *r, const char *descriptors, const char *type, const char *names, rf_err *err)
{
    static char copy[1024];
    rf_status st = RF_OK;
    rf_fields fields = {.schema = &r->schema};
    *r = (rig){.schema = {.attrs = r->attrs}};
    snprintf(copy, sizeof copy, "%s", names);
    int n = 0;
    for (char *name = strtok(copy, " "); name != NULL; name = strtok(NULL, " "), n++) {
        if (n < 3)
            *(n == 0 ? &fields.user : n == 1 ? &fields.entity : &fields.time) = name;
        else
            r->attrs[r->schema.n_attrs++] =
                (rf_attr){.name = name, .field = name, .type = RF_ATTR_CATEGORY, .top = 1};
    }
    RF_TRY(rf_field_plan_new(&r->plan, &fields, err));
    RF_TRY(rf_protobuf_decoder_open(&r->decoder, r->plan, descriptors, type, err));
done:
    return st;
}

static void rig_close(rig *r)
{
    rf_protobuf_decoder_free(r->decoder);
    rf_field_plan_free(r->plan);
}

static void rig_open(rig *r, const char *type, const char *names)
{
    rf_err err = {0};
    RF_CHECK_OK(err, rig_try(r, strncmp(type, "Legacy", 6) == 0 ? RF_LEGACY_DESCRIPTORS : RF_SHOP_DESCRIPTORS,
                             type, names, &err));
}

/* The message is in a block of its own size, so that sanitizers see a read past its end; its texts are read
 * before the block is freed. Prints "name=value" for each value that is there: texts in quotes, numbers
 * plain. */
static rf_status decode(rf_text *out, rig *r, const made_blob *message)
{
    char *block = malloc(message->len + (message->len == 0)), number[32];
    memcpy(block, message->bytes, message->len);
    rf_status st = rf_protobuf_decode(r->raws, r->decoder, (rf_span){block, message->len}, &r->reject);
    rf_text_reset(out);
    made_adds(out, "");
    for (int i = 0; st == RF_OK && i < r->plan->n_names; i++) {
        const rf_raw *raw = &r->raws[i];
        if (raw->kind == RF_RAW_ABSENT)
            continue;
        made_adds(out, out->len > 0 ? " " : "");
        made_adds(out, r->plan->names[i]);
        snprintf(number, sizeof number, "@%" PRId64, raw->time_us);
        made_adds(out, raw->kind == RF_RAW_NESTED   ? "={}"
                       : raw->kind == RF_RAW_TRUE   ? "=true"
                       : raw->kind == RF_RAW_FALSE  ? "=false"
                       : raw->kind == RF_RAW_MOMENT ? number
                       : raw->kind == RF_RAW_TEXT   ? "=\""
                                                    : "=");
        if (raw->kind == RF_RAW_TEXT || raw->kind == RF_RAW_NUMBER)
            made_add(out, raw->text.ptr, raw->text.len);
        made_adds(out, raw->kind == RF_RAW_TEXT ? "\"" : "");
    }
    free(block);
    return st;
}

static void check_blob(rig *r, const made_blob *message, const char *want)
{
    rf_text got = {0};
    rf_status st = decode(&got, r, message);
    ck_assert_msg(st == RF_OK, "%s: %s (for %s)", rf_reject_name(r->reject.code), r->reject.text, want);
    ck_assert_str_eq(got.ptr, want);
    rf_text_clear(&got);
}

static void check(rig *r, const char *type, const char *text, const char *want)
{
    bool legacy = strncmp(type, "Legacy", 6) == 0;
    made_blob message = made_encode(legacy ? "legacy.proto" : "shop.proto", type, text);
    check_blob(r, &message, want);
}

static void check_refused(rig *r, const made_blob *message, rf_reject_code code, int64_t byte,
                          const char *part)
{
    rf_text got = {0};
    ck_assert_int_eq(decode(&got, r, message), RF_SKIPPED);
    ck_assert_msg(r->reject.code == code && r->reject.byte == byte && strstr(r->reject.text, part) != NULL,
                  "%s at %" PRId64 ": %s, not %s at %" PRId64 ": %s", rf_reject_name(r->reject.code),
                  r->reject.byte, r->reject.text, rf_reject_name(code), byte, part);
    rf_text_clear(&got);
}

/* ---- scalars ---- */

#define SCALARS "i32 i64 u32 u64 s32 s64 f32 f64 sf32 sf64 real32 real64 yes text raw channel far farther"

START_TEST(every_scalar_is_the_text_that_people_write)
{
    rig r;
    rig_open(&r, "shop.v1.Scalars", SCALARS);
    check(
        &r, "shop.v1.Scalars",
        "i32: -5 i64: -6 u32: 7 u64: 8 s32: -9 s64: -10 f32: 11 f64: 12 sf32: -13 sf64: -14 real32: 0.1 "
        "real64: 1234.56 yes: true text: 'h\\303\\251' raw: 'b' channel: WEB far: 'f' farther: 3",
        "i32=-5 i64=-6 u32=7 u64=8 s32=-9 s64=-10 f32=11 f64=12 sf32=-13 sf64=-14 real32=0.1 real64=1234.56 "
        "yes=true text=\"h\xC3\xA9\" raw=\"b\" channel=\"WEB\" far=\"f\" farther=3");
    check(&r, "shop.v1.Scalars",
          "i32: -2147483648 i64: -9223372036854775808 u32: 4294967295 u64: 18446744073709551615 "
          "s32: -2147483648 s64: -9223372036854775808 f32: 4294967295 f64: 18446744073709551615 "
          "sf32: -2147483648 sf64: -9223372036854775808 real32: 16777216 real64: 9007199254740993 "
          "channel: MOBILE farther: -1",
          "i32=-2147483648 i64=-9223372036854775808 u32=4294967295 u64=18446744073709551615 s32=-2147483648 "
          "s64=-9223372036854775808 f32=4294967295 f64=18446744073709551615 sf32=-2147483648 "
          "sf64=-9223372036854775808 real32=16777216 real64=9007199254740992 yes=false text=\"\" raw=\"\" "
          "channel=\"APP\" far=\"\" farther=-1");
    check(&r, "shop.v1.Scalars",
          "i32: 2147483647 s32: 2147483647 s64: 9223372036854775807 real32: 1e20 real64: -1e-7 channel: -1",
          "i32=2147483647 i64=0 u32=0 u64=0 s32=2147483647 s64=9223372036854775807 f32=0 f64=0 sf32=0 sf64=0 "
          "real32=1e+20 real64=-1e-07 yes=false text=\"\" raw=\"\" channel=\"MINUS\" far=\"\" farther=0");
    rig_close(&r);
}
END_TEST

START_TEST(an_unknown_number_of_an_enum_is_a_number)
{
    rig r;
    rig_open(&r, "shop.v1.Scalars", "channel i32 i64");
    check(&r, "shop.v1.Scalars", "channel: 77", "channel=77 i32=0 i64=0");
    rig_close(&r);
    rig_open(&r, "Legacy", "user state amount");
    made_blob message = {.len = 0};
    put_tag(&message, 4, 0);
    put_varint(&message, UINT64_MAX); /* -1 */
    check_blob(&r, &message, "state=-1");
    rig_close(&r);
}
END_TEST

/* What the wire holds of a double or float, one field a message. */
static made_blob real_message(double value, bool is_float)
{
    made_blob message = {.len = 0};
    float narrow = (float)value;
    put_tag(&message, is_float ? 11 : 12, is_float ? 5 : 1);
    if (is_float)
        put(&message, &narrow, sizeof narrow);
    else
        put(&message, &value, sizeof value);
    return message;
}

static double made_real(rf_rng *rng)
{
    int64_t whole = (int64_t)rf_rng_below(rng, 2000000000) - 1000000000;
    double scale[] = {1, 1e2, 1e3, 1e6, 1e7, 1e12, 3, 1e-3};
    switch (rf_rng_below(rng, 4)) {
    case 0:
        return (double)whole;
    case 1: {
        uint64_t bits = rf_rng_u64(rng);
        double any;
        memcpy(&any, &bits, sizeof any);
        return any;
    }
    default:
        return (double)whole / scale[rf_rng_below(rng, 8)];
    }
}

START_TEST(reals_are_the_shortest_text_that_reads_back)
{
    rig r;
    rf_rng rng;
    rig_open(&r, "shop.v1.Scalars", "real32 real64 i32");
    rf_rng_init(&rng, 5, 3);
    for (int i = 0; i < (rf_short() ? 10000 : 200000); i++) {
        bool is_float = i % 2 == 0;
        double value = is_float ? (double)(float)made_real(&rng) : made_real(&rng);
        char expected[32];
        made_blob message = real_message(value, is_float);
        RF_HOLDS(rf_protobuf_decode(r.raws, r.decoder, (rf_span){(char *)message.bytes, message.len},
                                    &r.reject) == RF_OK);
        rf_span text = r.raws[is_float ? 0 : 1].text;
        if (is_float)
            rf_float_format(expected, (float)value);
        else
            rf_double_format(expected, value);
        int64_t got = 0, want = 0;
        rf_number_status status = rf_fixed_parse(&got, text.ptr, text.len);
        if (status != rf_fixed_parse(&want, expected, strlen(expected)) || got != want)
            ck_abort_msg("seed 5, number %d: %s became %.*s", i, expected, (int)text.len, text.ptr);
        char *end, copy[33] = {0};
        memcpy(copy, text.ptr, text.len);
        RF_HOLDS(isnan(value) || (is_float ? (double)strtof(copy, &end) : strtod(copy, &end)) == value);
        RF_HOLDS(text.len <= strlen(expected) || strchr(expected, 'e') != NULL);
    }
    rig_close(&r);
}
END_TEST

/* ---- presence ---- */

START_TEST(what_has_no_presence_has_its_default_where_its_message_is)
{
    rig r;
    rig_open(&r, "shop.v1.Order",
             "user meta.shop.id time id amount label meta.score meta.level channel card cash coupon points");
    check(&r, "shop.v1.Order", "", "user=\"\" id=\"\" amount=0 channel=\"CHANNEL_UNKNOWN\"");
    check(&r, "shop.v1.Order", "meta {}",
          "user=\"\" id=\"\" amount=0 meta.score=0 channel=\"CHANNEL_UNKNOWN\"");
    check(&r, "shop.v1.Order", "user: 'u' meta { shop {} level: 0 } label: false cash: false",
          "user=\"u\" meta.shop.id=\"\" id=\"\" amount=0 label=false meta.score=0 meta.level=0 "
          "channel=\"CHANNEL_UNKNOWN\" cash=false");
    check(&r, "shop.v1.Order", "", "user=\"\" id=\"\" amount=0 channel=\"CHANNEL_UNKNOWN\"");
    rig_close(&r);
}
END_TEST

START_TEST(what_is_optional_in_proto2_is_missing_whatever_its_default)
{
    rig r;
    rig_open(&r, "Legacy", "user shop amount state note");
    check(&r, "Legacy", "user: 'u'", "user=\"u\"");
    check(&r, "Legacy", "user: 'u' shop: '' amount: 0 state: PAID",
          "user=\"u\" shop=\"\" amount=0 state=\"PAID\"");
    rig_close(&r);
}
END_TEST

/* ---- messages in messages ---- */

START_TEST(the_last_value_wins_and_messages_are_merged)
{
    rig r;
    rig_open(&r, "shop.v1.Order",
             "user meta.shop.id time meta.shop.town meta.score meta.level amount coupon");
    made_blob message =
        made_encode("shop.proto", "shop.v1.Order",
                    "user: 'a' meta { shop { id: '1' town: 'x' } score: 2 level: 3 } amount: 4 "
                    "coupon { value: 'c' } time { seconds: 5 nanos: 7000 }");
    made_blob later =
        made_encode("shop.proto", "shop.v1.Order",
                    "user: 'b' meta { shop { town: 'y' } level: 0 } coupon {} time { nanos: 9000 }");
    put(&message, later.bytes, later.len);
    check_blob(
        &r, &message,
        "user=\"b\" meta.shop.id=\"1\" time@5000009 meta.shop.town=\"y\" meta.score=2 meta.level=0 amount=4 "
        "coupon=\"c\"");
    rig_close(&r);
}
END_TEST

START_TEST(members_of_a_oneof_take_each_others_place)
{
    rig r;
    rig_open(&r, "shop.v1.Order", "user id time card voucher.shop.id voucher.score");
    made_blob card = made_encode("shop.proto", "shop.v1.Order", "card: 'visa'");
    made_blob voucher = made_encode("shop.proto", "shop.v1.Order", "voucher { shop { id: 's' } score: 3 }");
    made_blob town = made_encode("shop.proto", "shop.v1.Order", "voucher { shop { town: 't' } }");
    made_blob cash = made_encode("shop.proto", "shop.v1.Order", "cash: true"); /* mapped to nothing */
    made_blob message = {.len = 0};
    put(&message, card.bytes, card.len);
    check_blob(&r, &message, "user=\"\" id=\"\" card=\"visa\"");
    put(&message, voucher.bytes, voucher.len);
    check_blob(&r, &message, "user=\"\" id=\"\" voucher.shop.id=\"s\" voucher.score=3");
    put(&message, town.bytes, town.len);
    check_blob(&r, &message, "user=\"\" id=\"\" voucher.shop.id=\"s\" voucher.score=3");
    put(&message, cash.bytes, cash.len);
    check_blob(&r, &message, "user=\"\" id=\"\"");
    put(&message, town.bytes, town.len); /* again: nothing of the first voucher is left */
    check_blob(&r, &message, "user=\"\" id=\"\" voucher.shop.id=\"\" voucher.score=0");
    put(&message, card.bytes, card.len);
    check_blob(&r, &message, "user=\"\" id=\"\" card=\"visa\"");
    rig_close(&r);
}
END_TEST

START_TEST(lists_maps_and_messages_are_no_plain_values)
{
    rig r;
    rig_open(&r, "shop.v1.Order", "meta tags sizes counts history seen voucher id");
    check(&r, "shop.v1.Order", "", "id=\"\"");
    check(&r, "shop.v1.Order",
          "meta {} tags: 't' sizes: [1, 2] counts { key: 'a' value: 1 } history {} seen {} voucher {}",
          "meta={} tags={} sizes={} counts={} history={} seen={} voucher={} id=\"\"");
    made_blob unpacked = {.len = 0}; /* proto3 packs numbers; readers must take both */
    put_tag(&unpacked, 11, 0);
    put_varint(&unpacked, 5);
    check_blob(&r, &unpacked, "sizes={} id=\"\"");
    rig_close(&r);
    rig_open(&r, "shop.v1.Order", "meta meta.shop meta.shop.id"); /* a message and what is in it */
    check(&r, "shop.v1.Order", "meta { shop { id: 'x' } }", "meta={} meta.shop={} meta.shop.id=\"x\"");
    rig_close(&r);
}
END_TEST

START_TEST(a_timestamp_is_a_moment_to_the_microsecond)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"time {}", "user=\"\" id=\"\" time@0"},
        {"time { seconds: 1522586096 nanos: 789123000 }", "user=\"\" id=\"\" time@1522586096789123"},
        {"time { nanos: 500 }", "user=\"\" id=\"\" time@0"}, /* half to even */
        {"time { nanos: 501 }", "user=\"\" id=\"\" time@1"},
        {"time { nanos: 1500 }", "user=\"\" id=\"\" time@2"},
        {"time { nanos: 999999999 }", "user=\"\" id=\"\" time@1000000"},
        {"time { seconds: -1 nanos: 250000000 }", "user=\"\" id=\"\" time@-750000"},
        {"time { seconds: 9223372036854775807 }", "user=\"\" id=\"\" time@9223372036854775807"},
        {"time { seconds: -9223372036854775808 }", "user=\"\" id=\"\" time@-9223372036854775808"},
    };
    rig r;
    rig_open(&r, "shop.v1.Order", "user id time");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check(&r, "shop.v1.Order", cases[i].text, cases[i].want);
    made_blob message = made_encode("shop.proto", "shop.v1.Order", "time { nanos: -1 }");
    check_refused(&r, &message, RF_REJECT_BAD_TIME, 2, "nanos are -1");
    message = made_encode("shop.proto", "shop.v1.Order", "time { nanos: 1000000000 }");
    check_refused(&r, &message, RF_REJECT_BAD_TIME, 2, "nanos are 1000000000");
    rig_close(&r);
    rig_open(&r, "shop.v1.Order", "time time.seconds time.nanos");
    check(&r, "shop.v1.Order", "time { seconds: 3 nanos: 4000 }",
          "time@3000004 time.seconds=3 time.nanos=4000");
    rig_close(&r);
}
END_TEST

START_TEST(wrappers_are_what_they_wrap)
{
    rig r;
    rig_open(&r, "shop.v1.Order", "coupon points rebate express blob");
    check(&r, "shop.v1.Order", "", "");
    check(&r, "shop.v1.Order", "coupon {} points {} rebate {} express {} blob {}",
          "coupon=\"\" points=0 rebate=0 express=false blob=\"\"");
    check(&r, "shop.v1.Order",
          "coupon { value: 'c' } points { value: -3 } rebate { value: 0.5 } express { value: true } "
          "blob { value: 'b' }",
          "coupon=\"c\" points=-3 rebate=0.5 express=true blob=\"b\"");
    rig_close(&r);
    rig_open(&r, "shop.v1.Order", "user id coupon.value");
    check(&r, "shop.v1.Order", "coupon { value: 'c' }", "user=\"\" id=\"\" coupon.value=\"c\"");
    rig_close(&r);
}
END_TEST

START_TEST(unknown_fields_and_groups_are_stepped_over)
{
    rig r;
    rig_open(&r, "Legacy", "user note amount");
    check(&r, "Legacy",
          "user: 'u' shop: 's' Basket { first: 'f' Inner { count: 3 } } [extra]: 'x' note: 'n' amount: 4",
          "user=\"u\" note=\"n\" amount=4");
    made_blob message = {.len = 0};
    put_tag(&message, 536870911, 0); /* the highest number there is */
    put_varint(&message, UINT64_MAX);
    put_tag(&message, 50, 1);
    put(&message, "12345678", 8);
    put_tag(&message, 51, 5);
    put(&message, "1234", 4);
    put_text(&message, 6, "n");
    check_blob(&r, &message, "note=\"n\"");
    message.len = 0;
    for (int i = 0; i < 100; i++)
        put_tag(&message, (uint32_t)i + 1000, 3);
    for (int i = 99; i >= 0; i--)
        put_tag(&message, (uint32_t)i + 1000, 4);
    check_blob(&r, &message, "");
    rig_close(&r);
}
END_TEST

START_TEST(a_registry_prefix_is_passed_over)
{
    static const struct {
        const char *bytes;
        size_t len;
    } prefixes[] = {{"\0\0\0\0\7\0", 6}, {"\0\1\2\3\4\2\0", 7}, {"\0\0\0\0\7\4\2\xCE\1", 9}};
    rig r;
    rig_open(&r, "shop.v1.Order", "user id time");
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        made_blob message = {.len = 0};
        put(&message, prefixes[i].bytes, prefixes[i].len);
        put_text(&message, 2, "u");
        check_blob(&r, &message, "user=\"u\" id=\"\"");
    }
    for (size_t len = 1; len < 6; len++) {
        made_blob message = {.len = 0};
        put(&message, prefixes[0].bytes, len);
        check_refused(&r, &message, RF_REJECT_BAD_PROTOBUF, len < 5 ? 0 : 5, "breaks off");
    }
    made_blob message = {.len = 0};
    put(&message, "\0\0\0\0\7\1", 6);
    check_refused(&r, &message, RF_REJECT_BAD_PROTOBUF, 5, "impossible number of indexes");
    message.len = 0;
    put(&message, "\0\0\0\0\7\4\1", 7);
    check_refused(&r, &message, RF_REJECT_BAD_PROTOBUF, 5, "impossible number of indexes");
    rig_close(&r);
}
END_TEST

/* ---- what is refused ---- */

typedef struct broken_case {
    const char *bytes;
    size_t len;
    rf_reject_code code;
    int64_t byte;
    const char *part;
} broken_case;

#define BYTES(text) text, sizeof text - 1

START_TEST(each_reject_has_its_code_place_and_reason)
{
    static const broken_case cases[] = {
        {BYTES("\x12\1u\x08"), RF_REJECT_BAD_PROTOBUF, 4, "breaks off inside a number"},
        {BYTES("\x80"), RF_REJECT_BAD_PROTOBUF, 0, "breaks off inside a number"},
        {BYTES("\xF8\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"), RF_REJECT_BAD_PROTOBUF, 2, "64 bits"},
        {BYTES("\xF8\x01\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), RF_REJECT_BAD_PROTOBUF, 2, "64 bits"},
        {BYTES("\x12\5user"), RF_REJECT_BAD_PROTOBUF, 1, "beyond the end"},
        {BYTES("\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), RF_REJECT_BAD_PROTOBUF, 1, "beyond the end"},
        {BYTES("\x1A\2\x0A\1"), RF_REJECT_BAD_PROTOBUF, 3, "beyond the end"}, /* of the message in it */
        {BYTES("\x12\1u\x07\1"), RF_REJECT_BAD_PROTOBUF, 3, "this number"},
        {BYTES("\x80\x80\x80\x80\x10"), RF_REJECT_BAD_PROTOBUF, 0, "this number"},
        {BYTES("\x16"), RF_REJECT_BAD_PROTOBUF, 0, "this wire type"},
        {BYTES("\x17"), RF_REJECT_BAD_PROTOBUF, 0, "this wire type"},
        {BYTES("\x10\1"), RF_REJECT_BAD_PROTOBUF, 0, "\"user\" (2) comes with wire type 0, its type has 2"},
        {BYTES("\x2D\0\0\0\0"), RF_REJECT_BAD_PROTOBUF, 0, "\"amount\" (5) comes with wire type 5"},
        {BYTES("\x1B\x1C"), RF_REJECT_BAD_PROTOBUF, 0, "\"meta\" (3) comes with wire type 3"},
        {BYTES("\x51\0\0\0\0\0\0\0\0"), RF_REJECT_BAD_PROTOBUF, 0, "\"tags\" (10) comes with wire type 1"},
        {BYTES("\x29\0\0\0\0\0\0\0"), RF_REJECT_BAD_PROTOBUF, 1, "breaks off inside a number"},
        {BYTES("\xF4\x01"), RF_REJECT_BAD_PROTOBUF, 2, "did not begin"},
        {BYTES("\xF3\x01"), RF_REJECT_BAD_PROTOBUF, 2, "inside a group"},
        {BYTES("\xF3\x01\xFC\x01"), RF_REJECT_BAD_PROTOBUF, 2, "inside another one"},
        {BYTES("\x12\2\xC3\x28"), RF_REJECT_BAD_UTF8, 2, "\"user\" is not UTF-8"},
        {BYTES("\x12\1\0"), RF_REJECT_BAD_UTF8, 2, "\"user\" is not UTF-8"},
        {BYTES("\x92\1\3\x0A\1\xFF"), RF_REJECT_BAD_UTF8, 5, "\"blob\" is not UTF-8"},
    };
    rig r;
    rig_open(&r, "shop.v1.Order", "user meta.shop.id time amount tags blob");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        made_blob message = {.len = 0};
        put(&message, cases[i].bytes, cases[i].len);
        check_refused(&r, &message, cases[i].code, cases[i].byte, cases[i].part);
    }
    made_blob deep = {.len = 0};
    for (int i = 0; i < 101; i++)
        put_tag(&deep, 30, 3);
    check_refused(&r, &deep, RF_REJECT_BAD_PROTOBUF, 200, "too deeply");
    made_blob unmapped = {.len = 0}; /* nobody asked for that text */
    put_text(&unmapped, 1, "\xFF");
    check_blob(&r, &unmapped, "user=\"\" amount=0");
    rig_close(&r);
}
END_TEST

/* A message cut anywhere is refused, or is the message of the fields before the cut. */
START_TEST(every_cut_of_a_message_is_refused_or_ends_between_fields)
{
    rig r;
    rf_text got = {0};
    int whole = 0;
    rig_open(&r, "shop.v1.Order", "user meta.shop.id time amount tags coupon");
    made_blob message =
        made_encode("shop.proto", "shop.v1.Order",
                    "id: 'e1' user: 'anna' meta { shop { id: 's' town: 't' } score: 1.5 } "
                    "time { seconds: 1522586096 nanos: 5 } amount: 3 tags: 'x' coupon { value: 'c' }");
    size_t len = message.len;
    for (message.len = 0; message.len <= len; message.len++) {
        rf_status st = decode(&got, &r, &message);
        ck_assert(st == RF_OK || (st == RF_SKIPPED && r.reject.code == RF_REJECT_BAD_PROTOBUF));
        ck_assert(st == RF_OK || (r.reject.byte >= 0 && r.reject.byte <= (int64_t)message.len));
        whole += st == RF_OK;
    }
    ck_assert_int_eq(whole, 8); /* seven fields have eight gaps */
    rf_text_clear(&got);
    rig_close(&r);
}
END_TEST

/* ---- opening ---- */

static void check_unopened(const char *descriptors, const char *type, const char *names, rf_status status,
                           const char *part)
{
    rf_err err = {0};
    rig r;
    rf_status st = rig_try(&r, descriptors, type, names, &err);
    ck_assert_msg(st == status && strstr(err.msg, part) != NULL, "%s: \"%s\" does not say \"%s\"",
                  rf_status_name(st), err.msg, part);
    ck_assert_ptr_null(r.decoder);
    rig_close(&r);
}

START_TEST(mistakes_in_the_configuration_are_told_when_opened)
{
    static const struct {
        const char *type, *names, *part;
    } cases[] = {
        {NULL, "user id time", "source.message_type is not set"},
        {"shop.v1.Ordr", "user id time", "did you mean \"shop.v1.Order\"?"},
        {"Order", "user id time", "did you mean \"shop.v1.Order\"?"},
        {"Meta", "user id time", "did you mean \"shop.v1.Order.Meta\"?"},
        {"xyzxyzxyz", "user id time", "with its package"},
        {"shop.v1.Order", "usr id time", "has no field \"usr\"; did you mean \"user\"?"},
        {"shop.v1.Order", "user meta.shop.ids time",
         "shop.v1.Order.Meta.Shop has no field \"ids\"; did you mean \"id\"?"},
        {"shop.v1.Order", "user id time qqqqqqqq", "has no field \"qqqqqqqq\"; its .proto file lists them"},
        {"shop.v1.Order", "user id time meta..id", "has no field \"\""},
        {"shop.v1.Order", "user id time user.name", "\"user\" is not a message"},
        {"shop.v1.Order", "user id time history.score", "\"history\" is repeated or a map"},
        {"shop.v1.Order", "user id time counts.a", "\"counts\" is repeated or a map"},
        {"shop.v1.Order", "user id time coupon coupon.value", "are the same"},
        {"shop.v1.Order", "user id time time.seconds.x", "\"seconds\" is not a message"},
        {"shop.v1.Order", "user id time a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p", "has no field \"a\""},
    };
    char path[RF_TEST_PATH];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_unopened(RF_SHOP_DESCRIPTORS, cases[i].type, cases[i].names, RF_E_INVALID, cases[i].part);
    check_unopened(RF_LEGACY_DESCRIPTORS, "Legacy", "user shop basket.first", RF_E_INVALID, "is a group");
    check_unopened(RF_ALONE_DESCRIPTORS, "shop.v1.Order", "user id time", RF_E_INVALID, "--include_imports");
    check_unopened(NULL, "shop.v1.Order", "user id time", RF_E_INVALID, "source.descriptors is not set");
    check_unopened(rf_tmp_path(path, "absent"), "shop.v1.Order", "user id time", RF_E_IO, "absent");
    rf_spill(rf_tmp_path(path, "empty"), "", 0);
    check_unopened(path, "shop.v1.Order", "user id time", RF_E_FORMAT, "is not a descriptor set");
    rf_spill(rf_tmp_path(path, "text"), "syntax = \"proto3\";", 18);
    check_unopened(path, "shop.v1.Order", "user id time", RF_E_FORMAT, "is not a descriptor set");
    rf_spill(rf_tmp_path(path, "editions"),
             "\x0A\x0A\x62\x08"
             "editions",
             12);
    check_unopened(path, "shop.v1.Order", "user id time", RF_E_FORMAT, "has the syntax \"editions\"");
}
END_TEST

START_TEST(a_leading_point_of_the_type_is_the_root)
{
    rig r;
    rig_open(&r, ".shop.v1.Order", "user id time");
    check(&r, "shop.v1.Order", "user: 'u'", "user=\"u\" id=\"\"");
    rig_close(&r);
}
END_TEST

RF_SUITE("event_protobuf", every_scalar_is_the_text_that_people_write,
         an_unknown_number_of_an_enum_is_a_number, reals_are_the_shortest_text_that_reads_back,
         what_has_no_presence_has_its_default_where_its_message_is,
         what_is_optional_in_proto2_is_missing_whatever_its_default,
         the_last_value_wins_and_messages_are_merged, members_of_a_oneof_take_each_others_place,
         lists_maps_and_messages_are_no_plain_values, a_timestamp_is_a_moment_to_the_microsecond,
         wrappers_are_what_they_wrap, unknown_fields_and_groups_are_stepped_over,
         a_registry_prefix_is_passed_over, each_reject_has_its_code_place_and_reason,
         every_cut_of_a_message_is_refused_or_ends_between_fields,
         mistakes_in_the_configuration_are_told_when_opened, a_leading_point_of_the_type_is_the_root)
