/* test_decoder.c - a message becomes an event: fields beside the value, CSV without header, prefixes, no
 * value; and how many rejects are too many.
 */
#include "made_records.h"

#include "decoder_int.h"
#include "intake_int.h"

/* ---- a message with headers, for rf_message ---- */

typedef struct made_header {
    const char *name, *value; /* value NULL: a header without one */
} made_header;

/* The list ends at a name NULL; the last one of that name wins. */
static bool find_header(void *headers, const char *name, rf_span *value)
{
    bool found = false;
    for (const made_header *header = headers; header->name != NULL; header++) {
        if (strcmp(header->name, name) != 0)
            continue;
        found = true;
        *value = header->value == NULL ? (rf_span){0} : made_span(header->value);
    }
    return found;
}

static rf_message message_of(const char *key, int64_t timestamp_ms, made_header *headers)
{
    return (rf_message){.key = key == NULL ? (rf_span){0} : made_span(key),
                        .timestamp_ms = timestamp_ms,
                        .headers = headers,
                        .header = headers == NULL ? NULL : find_header};
}

static rf_decoder *open_decoder(const rf_source_options *options)
{
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, options, &err));
    return decoder;
}

static rf_status decode(rf_decoder *decoder, rf_source_format format, const char *value,
                        const rf_message *message, rf_event *event, rf_reject *reject)
{
    rf_err err = {0};
    rf_status st = rf_decoder_decode(decoder, event, format, value == NULL ? (rf_span){0} : made_span(value),
                                     message, reject, &err);
    ck_assert_msg(st == RF_OK || st == RF_SKIPPED, "%s", err.msg);
    return st;
}

static void check_span(rf_span span, const char *text)
{
    ck_assert_msg(span.len == strlen(text) && memcmp(span.ptr, text, span.len) == 0, "\"%.*s\", not \"%s\"",
                  (int)span.len, span.ptr, text);
}

static const rf_attr attrs[] = {
    {.name = "amount", .field = "$header.amount", .type = RF_ATTR_NUMBER},
    {.name = "app", .field = "$header.x.app", .type = RF_ATTR_CATEGORY, .top = 5},
    {.name = "sent", .field = "$timestamp", .type = RF_ATTR_TIME_OF_DAY},
    {.name = "stamp", .field = "$timestamp", .type = RF_ATTR_NUMBER},
    {.name = "key", .field = "$key", .type = RF_ATTR_CATEGORY, .top = 5},
    {.name = "body", .field = "b", .type = RF_ATTR_NUMBER},
};
static const rf_schema schema = {.attrs = attrs, .n_attrs = sizeof attrs / sizeof attrs[0]};

static rf_source_options message_options(rf_source_format format)
{
    return (rf_source_options){.type = RF_SOURCE_KAFKA,
                               .format = format,
                               .fields = {.user = "$key",
                                          .entity = "shop",
                                          .time = "$timestamp",
                                          .event_id = "$header.id",
                                          .schema = &schema}};
}

START_TEST(key_timestamp_and_headers_serve_any_field)
{
    rf_event event;
    rf_reject reject;
    made_header headers[] = {
        {"id", "old"}, {"id", "e1"}, {"amount", "12.5"}, {"x.app", "w\xC3\xA9"}, {NULL, NULL}};
    rf_message message = message_of("anna", 86400000 + 1500, headers);
    rf_source_options options = message_options(RF_FORMAT_JSONL);
    rf_decoder *decoder = open_decoder(&options);
    /* what the body says under these names does not count */
    ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL,
                            "{\"$key\":\"x\",\"$timestamp\":5,\"$header\":{\"id\":\"x\"},\"shop\":7,\"b\":2}",
                            &message, &event, &reject),
                     RF_OK);
    check_span(event.user, "anna");
    check_span(event.entity, "7");
    check_span(event.event_id, "e1");
    ck_assert_int_eq(event.time_us, RF_DAY_US + 1500000);
    ck_assert_int_eq(event.values[0].number, 12500000);
    check_span(event.values[1].text, "w\xC3\xA9");
    ck_assert_int_eq(event.values[2].number, 1500000);
    ck_assert_int_eq(event.values[3].number, (86400000 + 1500) * RF_FIXED_ONE);
    check_span(event.values[4].text, "anna");
    ck_assert_int_eq(event.values[5].number, 2000000);
    rf_decoder_free(decoder);
}
END_TEST

START_TEST(a_timestamp_is_milliseconds_whatever_the_format_of_times)
{
    static const rf_time_notation formats[] = {RF_TIME_ISO8601, RF_TIME_S, RF_TIME_US, RF_TIME_STRPTIME};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        rf_event event;
        rf_reject reject;
        made_header headers[] = {{"id", "1"}, {NULL, NULL}};
        rf_message message = message_of("u", INT64_C(4102444799999), headers);
        rf_source_options options = message_options(RF_FORMAT_JSONL);
        options.fields.time_format = formats[i];
        options.fields.time_pattern = "%F";
        options.fields.zone = "Asia/Singapore";
        options.fields.schema = NULL; /* milliseconds of these years are beyond the range of numbers */
        rf_decoder *decoder = open_decoder(&options);
        ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, "{\"shop\":1}", &message, &event, &reject), RF_OK);
        ck_assert_int_eq(event.time_us, INT64_C(4102444799999000));
        message.timestamp_ms++; /* the year 2100 */
        ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, "{\"shop\":1}", &message, &event, &reject),
                         RF_SKIPPED);
        ck_assert_int_eq(reject.code, RF_REJECT_TIME_RANGE);
        message.timestamp_ms = INT64_MAX;
        ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, "{\"shop\":1}", &message, &event, &reject),
                         RF_SKIPPED);
        ck_assert_int_eq(reject.code, RF_REJECT_TIME_RANGE);
        rf_decoder_free(decoder);
    }
}
END_TEST

typedef struct beside_case {
    const char *key;
    int64_t timestamp_ms;
    const char *id; /* header "id"; "-": the header has no value, NULL: there is none */
    rf_reject_code code;
    const char *part; /* of the reason */
} beside_case;

START_TEST(what_is_lacking_or_broken_beside_the_value_is_rejected)
{
    static const beside_case cases[] = {
        {NULL, 1, "1", RF_REJECT_MISSING_FIELD, "\"$key\""},
        {"", 1, "1", RF_REJECT_EMPTY_ID, "\"$key\""},
        {"a\xFF", 1, "1", RF_REJECT_BAD_UTF8, "$key is not UTF-8"},
        {"a", -1, "1", RF_REJECT_MISSING_FIELD, "\"$timestamp\""},
        {"a", 1, NULL, RF_REJECT_MISSING_FIELD, "\"$header.id\""},
        {"a", 1, "-", RF_REJECT_MISSING_FIELD, "\"$header.id\""},
        {"a", 1, "\xC0\x80", RF_REJECT_BAD_UTF8, "$header.id is not UTF-8"},
    };
    rf_source_options options = message_options(RF_FORMAT_JSONL);
    rf_decoder *decoder = open_decoder(&options);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_event event;
        rf_reject reject;
        const char *id = cases[i].id;
        made_header headers[] = {{id == NULL ? NULL : "id", id == NULL || strcmp(id, "-") == 0 ? NULL : id},
                                 {NULL, NULL}};
        rf_message message = message_of(cases[i].key, cases[i].timestamp_ms, headers);
        ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, "{\"shop\":1}", &message, &event, &reject),
                         RF_SKIPPED);
        ck_assert_msg(reject.code == cases[i].code && strstr(reject.text, cases[i].part) != NULL,
                      "%zu: %s: %s", i, rf_reject_name(reject.code), reject.text);
    }
    rf_decoder_free(decoder);
}
END_TEST

START_TEST(unknown_names_and_fields_of_messages_in_files_are_refused)
{
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    static const char *const unknown[] = {"$", "$keys", "$header", "$header.", "$time", "$.key", "$Key"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        rf_source_options options = message_options(RF_FORMAT_JSONL);
        options.fields.event_id = unknown[i];
        RF_CHECK_FAILS(err, RF_E_INVALID, unknown[i], rf_decoder_new(&decoder, &options, &err));
        RF_CHECK_FAILS(err, RF_E_INVALID, "$key, $timestamp and $header.NAME",
                       rf_decoder_new(&decoder, &options, &err));
    }
    static const rf_source_type types[] = {RF_SOURCE_FILES, RF_SOURCE_STDIN};
    for (size_t i = 0; i < 2; i++) {
        rf_source_options options = message_options(RF_FORMAT_AUTO);
        options.type = types[i];
        RF_CHECK_FAILS(err, RF_E_INVALID, "\"$key\" exists in Kafka messages only",
                       rf_decoder_new(&decoder, &options, &err));
    }
}
END_TEST

/* ---- values ---- */

static const char *const columns[] = {"shop", "note", "b"};

static rf_source_options csv_options(void)
{
    rf_source_options options = message_options(RF_FORMAT_CSV);
    options.columns = columns;
    options.n_columns = 3;
    return options;
}

START_TEST(a_csv_message_is_one_record_of_the_configured_columns)
{
    static const struct {
        const char *value;
        rf_status status;
        rf_reject_code code;
        const char *shop;
    } cases[] = {
        {"s,x,1", RF_OK, RF_REJECT_NONE, "s"},
        {"s,x,1\n", RF_OK, RF_REJECT_NONE, "s"},
        {"s,x,1\r\n", RF_OK, RF_REJECT_NONE, "s"},
        {"\"s\nt\",\"a,\nb\",1\n", RF_OK, RF_REJECT_NONE, "s\nt"},
        {"s,,\n", RF_OK, RF_REJECT_NONE, "s"},
        {"s,x,1\n\n", RF_SKIPPED, RF_REJECT_BAD_CSV, NULL},
        {"s,x,1\r\nt,x,2", RF_SKIPPED, RF_REJECT_BAD_CSV, NULL},
        {"s,x\ny,1", RF_SKIPPED, RF_REJECT_BAD_CSV, NULL},
        {"s,\"x,1", RF_SKIPPED, RF_REJECT_BAD_CSV, NULL},
        {"s,x", RF_SKIPPED, RF_REJECT_FIELD_COUNT, NULL},
        {"s,x,1,2", RF_SKIPPED, RF_REJECT_FIELD_COUNT, NULL},
        {"", RF_SKIPPED, RF_REJECT_FIELD_COUNT, NULL},
        {"s,\xFF,1", RF_OK, RF_REJECT_NONE, "s"}, /* nobody reads the note */
        {"\xFF,x,1", RF_SKIPPED, RF_REJECT_BAD_UTF8, NULL},
    };
    made_header headers[] = {{"id", "1"}, {NULL, NULL}};
    rf_message message = message_of("u", 0, headers);
    rf_source_options options = csv_options();
    rf_decoder *decoder = open_decoder(&options);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_event event;
        rf_reject reject = {0};
        rf_status st = decode(decoder, RF_FORMAT_CSV, cases[i].value, &message, &event, &reject);
        ck_assert_msg(st == cases[i].status && (st == RF_OK || reject.code == cases[i].code), "%zu: %s: %s",
                      i, rf_reject_name(reject.code), reject.text);
        if (st == RF_OK)
            check_span(event.entity, cases[i].shop);
    }
    rf_decoder_free(decoder);
}
END_TEST

START_TEST(the_columns_of_csv_messages_are_checked_when_opened)
{
    static const char *const twice[] = {"shop", "b", "shop"};
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    rf_source_options options = csv_options();
    options.n_columns = 0;
    RF_CHECK_FAILS(err, RF_E_INVALID, "source.columns is not set", rf_decoder_new(&decoder, &options, &err));
    options.n_columns = 2;
    RF_CHECK_FAILS(err, RF_E_INVALID, "source.columns has no column \"b\"",
                   rf_decoder_new(&decoder, &options, &err));
    options.columns = twice;
    options.n_columns = 3;
    RF_CHECK_FAILS(err, RF_E_INVALID, "several columns \"shop\"", rf_decoder_new(&decoder, &options, &err));
}
END_TEST

START_TEST(a_registry_prefix_before_json_is_passed_over)
{
    static const char prefixed[] = "\0\0\0\1\2{\"shop\":3}", cut[] = "\0\0\0\1";
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    made_header headers[] = {{"id", "1"}, {NULL, NULL}};
    rf_message message = message_of("u", 0, headers);
    rf_source_options options = message_options(RF_FORMAT_JSONL);
    rf_decoder *decoder = open_decoder(&options);
    rf_status st = rf_decoder_decode(decoder, &event, RF_FORMAT_JSONL,
                                     (rf_span){prefixed, sizeof prefixed - 1}, &message, &reject, &err);
    ck_assert_int_eq(st, RF_OK);
    check_span(event.entity, "3");
    st = rf_decoder_decode(decoder, &event, RF_FORMAT_JSONL, (rf_span){cut, sizeof cut - 1}, &message,
                           &reject, &err);
    ck_assert_int_eq(st, RF_SKIPPED);
    ck_assert_int_eq(reject.code, RF_REJECT_BAD_UTF8); /* as any other byte 0 */
    rf_decoder_free(decoder);
}
END_TEST

START_TEST(a_message_without_value_is_counted_and_rejected_as_such)
{
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    rf_intake intake;
    const rf_place place = {"orders", 0, 1, 0};
    made_header headers[] = {{"id", "1"}, {NULL, NULL}};
    rf_message message = message_of("u", 0, headers);
    rf_source_options options = message_options(RF_FORMAT_JSONL);
    options.max_rejects = 1.5;
    rf_intake_init(&intake, &options);
    rf_decoder *decoder = open_decoder(&options);
    ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, NULL, &message, &event, &reject), RF_SKIPPED);
    ck_assert_str_eq(rf_reject_name(reject.code), "no_value");
    intake.n_read++;
    RF_CHECK_OK(err, rf_intake_rejected(&intake, &reject, &place, "topic dead", &err));
    ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, "", &message, &event, &reject), RF_SKIPPED);
    ck_assert_int_eq(reject.code, RF_REJECT_BAD_JSON); /* an empty value is a value */
    intake.n_read++;
    RF_CHECK_FAILS(err, RF_E_REJECTED, "2 of 2 records were rejected",
                   rf_intake_rejected(&intake, &reject, &place, "topic dead", &err));
    RF_CHECK_FAILS(err, RF_E_REJECTED, "they are in topic dead", rf_intake_end(&intake, "topic dead", &err));
    ck_assert_int_eq(intake.n_rejected, 2);
    rf_decoder_free(decoder);
}
END_TEST

START_TEST(a_value_beyond_the_limit_is_not_looked_at)
{
    rf_event event;
    rf_reject reject;
    rf_err err = {0};
    rf_source_options options = message_options(RF_FORMAT_JSONL);
    rf_decoder *decoder = open_decoder(&options);
    rf_span value = {"", (size_t)RF_MAX_RECORD + 1};
    ck_assert_int_eq(rf_decoder_decode(decoder, &event, RF_FORMAT_JSONL, value, NULL, &reject, &err),
                     RF_SKIPPED);
    ck_assert_int_eq(reject.code, RF_REJECT_RECORD_TOO_LONG);
    rf_decoder_free(decoder);
}
END_TEST

START_TEST(messages_need_no_memory_after_the_first)
{
    rf_event event;
    rf_reject reject;
    made_header headers[] = {{"id", "1"}, {NULL, NULL}};
    rf_message message = message_of("u", 1, headers);
    rf_source_options options = csv_options();
    rf_decoder *decoder = open_decoder(&options);
    ck_assert_int_eq(decode(decoder, RF_FORMAT_CSV, "\"s\"\"\",x,1\n", &message, &event, &reject), RF_OK);
    int64_t before = rf_mem_stats_get().requests;
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(decode(decoder, RF_FORMAT_CSV, "\"s\"\"\",x,1\n", &message, &event, &reject), RF_OK);
    ck_assert_int_eq(rf_mem_stats_get().requests, before);
    rf_decoder_free(decoder);
}
END_TEST

static rf_status open_and_close(const rf_source_options *options, rf_err *err)
{
    rf_decoder *decoder = NULL;
    rf_status st = rf_decoder_new(&decoder, options, err);
    rf_decoder_free(decoder);
    return st;
}

START_TEST(an_array_is_an_event_for_each_element)
{
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    made_header headers[] = {{"id", "e"}, {NULL, NULL}};
    rf_message message = message_of("u", 1000, headers);
    rf_source_options options = message_options(RF_FORMAT_JSONL);
    options.fields.schema = NULL;
    options.absent_keys = RF_ABSENT_KEYS_WARN;
    rf_decoder *decoder = open_decoder(&options);
    ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, "[{\"shop\":1}, {\"shop\":1.5},{\"shop\":\"c\"} ]",
                            &message, &event, &reject),
                     RF_OK);
    ck_assert(event.element == 0 && event.more && rf_decoder_has_more(decoder));
    ck_assert_int_eq(rf_decoder_next(decoder, &event, &reject, &err), RF_SKIPPED);
    ck_assert(reject.element == 1 && reject.code == RF_REJECT_BAD_ID);
    check_span(reject.part, "{\"shop\":1.5}");
    ck_assert_int_eq(rf_decoder_next(decoder, &event, &reject, &err), RF_OK);
    check_span(event.entity, "c");
    ck_assert(event.element == 2 && !event.more && !rf_decoder_has_more(decoder));
    ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, "[]", &message, &event, &reject), RF_SKIPPED);
    ck_assert_int_eq(reject.code, RF_REJECT_FILTERED);
    ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, "[{\"shop\":1},", &message, &event, &reject), RF_OK);
    ck_assert_int_eq(rf_decoder_next(decoder, &event, &reject, &err), RF_SKIPPED);
    ck_assert(reject.code == RF_REJECT_BAD_JSON && !rf_decoder_has_more(decoder));
    ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, "{\"shop\":1}", &message, &event, &reject), RF_OK);
    ck_assert(event.element == -1 && !event.more);
    rf_decoder_free(decoder);
}
END_TEST

#define BYTES(text)                                                                                          \
    (rf_span)                                                                                                \
    {                                                                                                        \
        text, sizeof(text) - 1                                                                               \
    }

START_TEST(values_of_another_encoding_become_utf8)
{
    static const struct {
        const char *encoding;
        rf_source_format format;
        rf_span value;
        const char *shop; /* NULL: bad_utf8 */
    } cases[] = {
        {"latin-1", RF_FORMAT_JSONL, BYTES("{\"shop\":\"caf\xE9\"}"), "caf\u00e9"},
        {"latin-1", RF_FORMAT_JSONL, BYTES("\0\0\0\1\2{\"shop\":\"caf\xE9\"}"), "caf\u00e9"},
        {"windows-1252", RF_FORMAT_CSV, BYTES("\x80,x,1\r\n"), "\u20ac"},
        {"windows-1252", RF_FORMAT_CSV, BYTES("\x81,x,1"), NULL}, /* no character */
        {"utf-16", RF_FORMAT_CSV, BYTES("s\0,\0x\0,\0\x31\0\n\0"), "s"},
        {"utf-16", RF_FORMAT_CSV, BYTES("\xFF\xFEs\0,\0x\0,\0\x31\0"), "s"},
        {"utf-16", RF_FORMAT_CSV, BYTES("\xFE\xFF\0s\0,\0x\0,\0\x31"), "s"},
        {"utf-16", RF_FORMAT_CSV, BYTES("s\0,\0x\0,\0\x31\0"), "s"}, /* the mark before is forgotten */
        {"utf-16be", RF_FORMAT_JSONL, BYTES("\0{\0\"\0s\0h\0o\0p\0\"\0:\0\x31\0}"), "1"},
        {"CP1258", RF_FORMAT_CSV, BYTES("a\xCC,x,1"), "\u00e0"}, /* letters wait for their marks */
        {"utf-8", RF_FORMAT_CSV, BYTES("\xC3\xA9,x,1"), "\u00e9"},
    };
    made_header headers[] = {{"id", "1"}, {NULL, NULL}};
    rf_message message = message_of("u", 0, headers);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_err err = {0};
        rf_event event;
        rf_reject reject = {0};
        rf_source_options options =
            cases[i].format == RF_FORMAT_CSV ? csv_options() : message_options(RF_FORMAT_JSONL);
        options.encoding = cases[i].encoding;
        rf_decoder *decoder = open_decoder(&options);
        for (int again = 0; again < 2; again++) {
            rf_status st =
                rf_decoder_decode(decoder, &event, cases[i].format, cases[i].value, &message, &reject, &err);
            ck_assert_msg(st == (cases[i].shop == NULL ? RF_SKIPPED : RF_OK), "%zu: %s", i, reject.text);
            if (cases[i].shop == NULL)
                ck_assert_int_eq(reject.code, RF_REJECT_BAD_UTF8);
            else
                check_span(event.entity, cases[i].shop);
        }
        rf_decoder_free(decoder);
    }
}
END_TEST

START_TEST(a_long_value_of_another_encoding_finds_room)
{
    rf_err err = {0};
    rf_event event;
    rf_reject reject = {0};
    made_header headers[] = {{"id", "1"}, {NULL, NULL}};
    rf_message message = message_of("u", 0, headers);
    char value[5000] = "[{\"shop\":\"";
    rf_source_options options = message_options(RF_FORMAT_JSONL);
    options.encoding = "windows-1252";
    rf_decoder *decoder = open_decoder(&options);
    memset(value + 10, 0x80, 340); /* three bytes each */
    strcpy(value + 350, "\"},{\"shop\":[]},{\"note\":\"");
    memset(value + strlen(value), 0x80, 4000);
    strcat(value, "\",\"shop\":7}]");
    ck_assert_int_eq(decode(decoder, RF_FORMAT_JSONL, value, &message, &event, &reject), RF_OK);
    ck_assert_uint_eq(event.entity.len, 340 * 3);
    ck_assert_int_eq(rf_decoder_next(decoder, &event, &reject, &err), RF_SKIPPED);
    ck_assert(reject.part.ptr == NULL && reject.element == 1); /* the whole message is kept */
    ck_assert_int_eq(rf_decoder_next(decoder, &event, &reject, &err), RF_OK);
    check_span(event.entity, "7");
    rf_decoder_free(decoder);
}
END_TEST

START_TEST(messages_that_are_not_wanted_are_filtered)
{
    static const struct {
        const char *where, *type, *value;
        rf_reject_code code;
    } cases[] = {{"$value exists", "order", NULL, RF_REJECT_FILTERED},
                 {"$value missing", "order", NULL, RF_REJECT_NO_VALUE},
                 {"$value exists", "order", "{\"shop\":1}", RF_REJECT_NONE},
                 {"$header.type = order", "order", "{\"shop\":1}", RF_REJECT_NONE},
                 {"$header.type = order", "signup", "no JSON", RF_REJECT_FILTERED},
                 {"$header.type = order", "order", "no JSON", RF_REJECT_BAD_JSON},
                 {"$header.type not in signup, login", "login", NULL, RF_REJECT_FILTERED},
                 {"kind != test", "order", NULL, RF_REJECT_NO_VALUE},
                 {"kind = test", "order", NULL, RF_REJECT_FILTERED},
                 {"kind in [test, \"1.50\"]", "order", "{\"shop\":1,\"kind\":1.5}", RF_REJECT_NONE},
                 {"kind in 1,2,3,4,5,6,7,8,9,0010.0", "order", "{\"shop\":1,\"kind\":1e1}", RF_REJECT_NONE},
                 {"kind not in 1,2,3,x,0.0", "order", "{\"shop\":1,\"kind\":-0}", RF_REJECT_FILTERED},
                 {"kind in 1, x, 2", "order", "{\"shop\":1,\"kind\":\"y\"}", RF_REJECT_FILTERED},
                 {"kind in x, y", "order", "{\"shop\":1,\"kind\":1}", RF_REJECT_FILTERED},
                 {"kind <= x", "order", "{\"shop\":1,\"kind\":1}", RF_REJECT_FILTERED},
                 {"kind < 2", "order", "{\"shop\":1,\"kind\":10}", RF_REJECT_FILTERED},
                 {"kind >= 2", "order", "{\"shop\":1,\"kind\":10}", RF_REJECT_NONE},
                 {"kind > 2024-02", "order", "{\"shop\":1,\"kind\":\"2024-03-01\"}", RF_REJECT_NONE},
                 {"kind=true", "order", "{\"shop\":1,\"kind\":true}", RF_REJECT_NONE},
                 {"\"kind\" exists", "order", "{\"shop\":1,\"kind\":null}", RF_REJECT_FILTERED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_event event;
        rf_reject reject = {0};
        made_header headers[] = {{"id", "e"}, {"type", cases[i].type}, {NULL, NULL}};
        rf_message message = message_of("u", 1000, headers);
        rf_source_options options = message_options(RF_FORMAT_JSONL);
        options.fields.schema = NULL;
        options.fields.where = &cases[i].where;
        options.fields.n_where = 1;
        rf_decoder *decoder = open_decoder(&options);
        rf_status st = decode(decoder, RF_FORMAT_JSONL, cases[i].value, &message, &event, &reject);
        ck_assert_msg((st == RF_OK ? RF_REJECT_NONE : reject.code) == cases[i].code, "%s: %s", cases[i].where,
                      st == RF_OK ? "taken" : reject.text);
        rf_decoder_free(decoder);
    }
}
END_TEST

START_TEST(words_for_nothing_are_missing_in_conditions)
{
    static const char *const own[] = {"unknown"};
    static const struct {
        bool csv, own;
        const char *where, *value;
        bool wanted;
    } cases[] = {{false, true, "note exists", "{\"shop\":1,\"note\":\"unknown\"}", false},
                 {false, true, "note missing", "{\"shop\":1,\"note\":\"unknown\"}", true},
                 {false, true, "note = unknown", "{\"shop\":1,\"note\":\"unknown\"}", true},
                 {false, true, "note exists", "{\"shop\":1,\"note\":\"NULL\"}", true},
                 {false, false, "note exists", "{\"shop\":1,\"note\":\"NULL\"}", true}, /* JSON has null */
                 {true, false, "note exists", "1,NULL,1", false},
                 {true, false, "note missing", "1,N/A,1", true},
                 {true, false, "note = NA", "1,NA,1", true},
                 {true, true, "note exists", "1,NULL,1", true},
                 {true, true, "note exists", "1,unknown,1", false}};
    made_header headers[] = {{"id", "e"}, {NULL, NULL}};
    rf_message message = message_of("u", 1000, headers);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_event event;
        rf_reject reject = {0};
        rf_source_format format = cases[i].csv ? RF_FORMAT_CSV : RF_FORMAT_JSONL;
        rf_source_options options = cases[i].csv ? csv_options() : message_options(format);
        options.fields.schema = NULL;
        options.fields.where = &cases[i].where;
        options.fields.n_where = 1;
        options.fields.null_values = cases[i].own ? own : rf_usual_null_values;
        options.fields.n_null_values = cases[i].own ? 1 : rf_n_usual_null_values;
        rf_decoder *decoder = open_decoder(&options);
        rf_status st = decode(decoder, format, cases[i].value, &message, &event, &reject);
        ck_assert_msg((st == RF_OK) == cases[i].wanted, "%zu: %s", i, st == RF_OK ? "taken" : reject.text);
        rf_decoder_free(decoder);
    }
}
END_TEST

START_TEST(refused_memory_is_reported_and_nothing_is_lost)
{
    rf_source_options options = csv_options();
    RF_SWEEP(open_and_close(&options, sweep_err), (void)0);
}
END_TEST

RF_SUITE("decoder", key_timestamp_and_headers_serve_any_field,
         a_timestamp_is_milliseconds_whatever_the_format_of_times,
         what_is_lacking_or_broken_beside_the_value_is_rejected,
         unknown_names_and_fields_of_messages_in_files_are_refused,
         a_csv_message_is_one_record_of_the_configured_columns,
         the_columns_of_csv_messages_are_checked_when_opened, a_registry_prefix_before_json_is_passed_over,
         a_message_without_value_is_counted_and_rejected_as_such, a_value_beyond_the_limit_is_not_looked_at,
         an_array_is_an_event_for_each_element, values_of_another_encoding_become_utf8,
         a_long_value_of_another_encoding_finds_room, messages_that_are_not_wanted_are_filtered,
         words_for_nothing_are_missing_in_conditions, messages_need_no_memory_after_the_first,
         refused_memory_is_reported_and_nothing_is_lost)
