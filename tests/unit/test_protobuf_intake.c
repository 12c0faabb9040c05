/* test_protobuf_intake.c - Protobuf messages through the intake: the events that they become, and why they
 * are refused. */
#include "decoder_int.h"
#include "made_protobuf.h"

/* ---- through the intake ---- */

static const rf_attr order_attrs[] = {
    {.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER, .required = true},
    {.name = "score", .field = "meta.score", .type = RF_ATTR_NUMBER},
    {.name = "channel", .field = "channel", .type = RF_ATTR_CATEGORY, .top = 5},
    {.name = "express", .field = "express", .type = RF_ATTR_BOOLEAN},
    {.name = "hour", .field = "time", .type = RF_ATTR_TIME_OF_DAY},
    {.name = "day", .type = RF_ATTR_TIME_OF_DAY},
};

static const rf_schema order_schema = {.attrs = order_attrs,
                                       .n_attrs = sizeof order_attrs / sizeof order_attrs[0]};

static rf_source_options order_options(void)
{
    return (rf_source_options){
        .type = RF_SOURCE_KAFKA,
        .format = RF_FORMAT_PROTOBUF,
        .fields = {.user = "user",
                   .entity = "meta.shop.id",
                   .time = "time",
                   .time_format = RF_TIME_US,
                   .event_id = "$key",
                   .label = "label",
                   .schema = &order_schema},
        .kafka = {.descriptors = RF_SHOP_DESCRIPTORS, .message_type = "shop.v1.Order"}};
}

static rf_status take(rf_decoder *decoder, const made_blob *message, rf_event *event, rf_reject *reject)
{
    rf_err err = {0};
    rf_message beside = {.key = made_span("e1"), .timestamp_ms = -1};
    rf_status st =
        rf_decoder_decode(decoder, event, RF_FORMAT_PROTOBUF,
                          (rf_span){(const char *)message->bytes, message->len}, &beside, reject, &err);
    ck_assert_msg(st == RF_OK || st == RF_SKIPPED, "%s", err.msg);
    return st;
}

#define ORDER(amount)                                                                                        \
    "user: 'u' meta { shop { id: 's' } score: -0.25 } time { seconds: 3600 nanos: 1000 } amount: " amount    \
    " label: true channel: WEB express { value: true }"

START_TEST(a_message_becomes_an_event)
{
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    rf_text text = {0};
    rf_decoder *decoder = NULL;
    rf_source_options options = order_options();
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    made_blob message = made_encode("shop.proto", "shop.v1.Order", ORDER("12.5"));
    ck_assert_int_eq(take(decoder, &message, &event, &reject), RF_OK);
    made_describe(&text, &event, &order_schema);
    ck_assert_str_eq(text.ptr, "|e1|u|s|3600000001|1|-|12500000|-250000|WEB|1000000|3600000001|3600000001\n");
    rf_text_clear(&text);
    int64_t before = rf_mem_stats_get().requests;
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(take(decoder, &message, &event, &reject), RF_OK);
    ck_assert_int_eq(rf_mem_stats_get().requests, before); /* no memory after the first */

    static const struct {
        const char *text;
        rf_reject_code code;
    } bad[] = {
        {ORDER("nan"), RF_REJECT_NOT_FINITE},
        {ORDER("-inf"), RF_REJECT_NOT_FINITE},
        {ORDER("1e13"), RF_REJECT_NUMBER_RANGE},
        {"user: '' meta { shop { id: 's' } } time {}", RF_REJECT_EMPTY_ID},
        {"user: 'u' time {}", RF_REJECT_MISSING_FIELD},
        {"user: 'u' meta { shop { id: 's' } }", RF_REJECT_MISSING_FIELD},
        {"user: 'u' meta { shop { id: 's' } } time { seconds: 5000000000 }", RF_REJECT_TIME_RANGE},
        {"user: 'u' meta { shop { id: 's' } } time { seconds: -9223372036854775808 }", RF_REJECT_TIME_RANGE},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        message = made_encode("shop.proto", "shop.v1.Order", bad[i].text);
        ck_assert_msg(take(decoder, &message, &event, &reject) == RF_SKIPPED && reject.code == bad[i].code,
                      "%s: %s", bad[i].text, rf_reject_name(reject.code));
    }
    rf_decoder_free(decoder);
}
END_TEST

/* What has no presence is "" or 0; of a kind that need not be there "" is none. */
START_TEST(a_message_names_entities_of_several_kinds)
{
    static const rf_kind kinds[] = {{.name = "shop", .required = true},
                                    {.name = "card"},
                                    {.name = "town"},
                                    {.name = "points", .required = true}};
    static const rf_kind_field others[] = {
        {.field = "card"}, {.field = "meta.shop.town"}, {.field = "points"}};
    static const struct {
        const char *message, *event; /* NULL: it is refused for its points */
    } cases[] = {
        {"user: 'u' meta { shop { id: 's' } } time {} card: 'c' points { value: 7 }", "|u|s|c|-|7"},
        {"user: 'u' meta { shop { id: 's' town: 't' } } time {} points { value: 0 }", "|u|s|-|t|0"},
        {"user: 'u' meta { shop { id: 's' } } time {} card: 'c'", NULL},
    };
    const rf_schema schema = {.kinds = kinds, .n_kinds = 4};
    rf_source_options options = order_options();
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    options.fields.label = NULL;
    options.fields.schema = &schema;
    options.fields.others = others;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rf_event event;
        rf_reject reject;
        rf_text text = {0};
        made_blob message = made_encode("shop.proto", "shop.v1.Order", cases[i].message);
        rf_status st = take(decoder, &message, &event, &reject);
        if (st == RF_OK)
            made_add_span(&text, event.user);
        for (int k = 0; k < 4 && st == RF_OK; k++)
            made_add_span(&text, rf_event_entity(&event, k));
        if (cases[i].event == NULL)
            ck_assert_msg(st == RF_SKIPPED && strncmp(reject.text, "points: ", 8) == 0, "%s", reject.text);
        else
            ck_assert_str_eq(text.ptr, cases[i].event);
        rf_text_clear(&text);
    }
    rf_decoder_free(decoder);
}
END_TEST

START_TEST(messages_and_lists_are_refused_where_a_value_is_expected)
{
    static const struct {
        rf_attr attr;
        rf_reject_code code;
    } cases[] = {
        {{.name = "a", .field = "meta", .type = RF_ATTR_NUMBER}, RF_REJECT_BAD_NUMBER},
        {{.name = "a", .field = "tags", .type = RF_ATTR_CATEGORY, .top = 1}, RF_REJECT_BAD_TEXT},
        {{.name = "a", .field = "counts", .type = RF_ATTR_BOOLEAN}, RF_REJECT_BAD_BOOLEAN},
        {{.name = "a", .field = "history", .type = RF_ATTR_TIME_OF_DAY}, RF_REJECT_BAD_TIME},
        {{.name = "a", .field = "time", .type = RF_ATTR_CATEGORY, .top = 1}, RF_REJECT_BAD_TEXT},
        {{.name = "a", .field = "time", .type = RF_ATTR_NUMBER}, RF_REJECT_BAD_NUMBER},
        {{.name = "a", .field = "time", .type = RF_ATTR_BOOLEAN}, RF_REJECT_BAD_BOOLEAN},
    };
    made_blob message =
        made_encode("shop.proto", "shop.v1.Order",
                    "user: 'u' meta { shop { id: 's' } } time { seconds: 1 } tags: 'x' history {} "
                    "counts { key: 'k' value: 1 }");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_err err = {0};
        rf_event event;
        rf_reject reject;
        rf_decoder *decoder = NULL;
        rf_schema schema = {.attrs = &cases[i].attr, .n_attrs = 1};
        rf_source_options options = order_options();
        options.fields.schema = &schema;
        RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
        ck_assert_int_eq(take(decoder, &message, &event, &reject), RF_SKIPPED);
        ck_assert_msg(reject.code == cases[i].code, "%zu: %s: %s", i, rf_reject_name(reject.code),
                      reject.text);
        rf_decoder_free(decoder);
    }
}
END_TEST

START_TEST(protobuf_in_files_is_refused)
{
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    rf_source_options options = order_options();
    options.type = RF_SOURCE_FILES;
    RF_CHECK_FAILS(err, RF_E_INVALID, "protobuf is for Kafka messages",
                   rf_decoder_new(&decoder, &options, &err));
}
END_TEST

static rf_status open_and_take(const rf_source_options *options, const made_blob *message, rf_err *err)
{
    rf_status st = RF_OK;
    rf_decoder *decoder = NULL;
    rf_event event;
    rf_reject reject;
    rf_message beside = {.key = made_span("e1"), .timestamp_ms = -1};
    RF_TRY(rf_decoder_new(&decoder, options, err));
    RF_TRY(rf_decoder_decode(decoder, &event, RF_FORMAT_PROTOBUF,
                             (rf_span){(const char *)message->bytes, message->len}, &beside, &reject, err));
done:
    rf_decoder_free(decoder);
    return st;
}

START_TEST(refused_memory_is_reported_and_nothing_is_lost)
{
    rf_source_options options = order_options();
    made_blob message = made_encode("shop.proto", "shop.v1.Order", ORDER("12.5"));
    RF_SWEEP(open_and_take(&options, &message, sweep_err), (void)0);
}
END_TEST

RF_SUITE("protobuf_intake", a_message_becomes_an_event, a_message_names_entities_of_several_kinds,
         messages_and_lists_are_refused_where_a_value_is_expected, protobuf_in_files_is_refused,
         refused_memory_is_reported_and_nothing_is_lost)
