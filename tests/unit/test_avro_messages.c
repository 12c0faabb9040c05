/* test_avro_messages.c - which schema a message has: of a file, by its prefix from a folder or a registry
 * that answers, refuses, or is away. */
#include "caught_log.h"
#include "decoder_int.h"
#include "made_avro.h"
#include "made_registry.h"

#define ORDER                                                                                                \
    "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"u\",\"type\":\"string\"},"              \
    "{\"name\":\"v\",\"type\":\"long\"},{\"name\":\"t\",\"type\":\"long\"}]}"
/* the same with its fields in another order, and one more */
#define LATER                                                                                                \
    "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"t\",\"type\":\"long\"},"                \
    "{\"name\":\"x\",\"type\":[\"null\",\"int\"]},{\"name\":\"v\",\"type\":\"long\"},{\"name\":\"u\","       \
    "\"type\":\"string\"}]}"
#define PREFIX(number) "\0\0\0\0" number
static const char order[] = PREFIX("\x07") "\x02"
                                           "a"
                                           "\x04\x06",
                  later[] = PREFIX("\x08") "\x06\0\x04\x02"
                                           "b";

static rf_source_options options_of(void)
{
    static const rf_schema no_attributes = {0};
    return (rf_source_options){
        .type = RF_SOURCE_KAFKA,
        .fields =
            {.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S, .schema = &no_attributes},
        .kafka = {.broker_timeout_us = 2 * RF_SECOND_US, .avro = {.timeout_us = RF_SECOND_US}}};
}

static rf_status decode(rf_decoder *decoder, const rf_source_options *options, const char *bytes, size_t len,
                        rf_event *event, rf_reject *reject, rf_err *err)
{
    const rf_message beside = {.timestamp_ms = -1};
    return rf_decoder_decode(decoder, event, rf_decoder_message_format(options), (rf_span){bytes, len},
                             &beside, reject, err);
}

/* "a 2 3", or the reject's code and reason. */
static const char *told(rf_decoder *decoder, const rf_source_options *options, const char *bytes, size_t len)
{
    static char out[512];
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    rf_status st = decode(decoder, options, bytes, len, &event, &reject, &err);
    ck_assert_msg(st == RF_OK || st == RF_SKIPPED, "%s", err.msg);
    if (st == RF_OK)
        snprintf(out, sizeof out, "%.*s %.*s %lld", (int)event.user.len, event.user.ptr,
                 (int)event.entity.len, event.entity.ptr, (long long)(event.time_us / RF_SECOND_US));
    else
        snprintf(out, sizeof out, "%s: %s", rf_reject_name(reject.code), reject.text);
    return out;
}

#define TOLD(bytes) told(decoder, &options, bytes, sizeof(bytes) - 1)
#define SAYS(bytes, part)                                                                                    \
    do {                                                                                                     \
        const char *told_ = TOLD(bytes);                                                                     \
        ck_assert_msg(strstr(told_, part) != NULL, "\"%s\" does not say \"%s\"", told_, part);               \
    } while (0)

START_TEST(messages_of_one_schema_have_no_prefix)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    rf_source_options options = options_of();
    rf_spill(rf_tmp_path(path, "order.avsc"), ORDER, strlen(ORDER));
    options.kafka.avro.schema = path;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    ck_assert_str_eq(TOLD("\x02"
                          "a"
                          "\x04\x06"),
                     "a 2 3");
    SAYS("\x02"
         "a"
         "\x04",
         "bad_avro: byte 3: the record breaks off");
    SAYS("\x02"
         "a"
         "\x04\x06\0",
         "bad_avro: byte 4: the record ends before the bytes do");
    SAYS(PREFIX("\x07") "\x02"
                        "a"
                        "\x04\x06",
         "it begins like a schema registry's prefix");
    ck_assert_ptr_nonnull(strstr(told(decoder, &options, NULL, 0), "no_value: the message has no value"));
    rf_decoder_free(decoder);
    options.kafka.avro.schema = "/nowhere/order.avsc";
    RF_CHECK_FAILS(err, RF_E_INVALID, "there is no file", rf_decoder_new(&decoder, &options, &err));
    options.kafka.avro.schema = path;
    options.fields.user = "usr";
    RF_CHECK_FAILS(err, RF_E_INVALID, "has no field \"usr\"", rf_decoder_new(&decoder, &options, &err));
    options.absent_keys = RF_ABSENT_KEYS_WARN;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    SAYS("\x02"
         "a"
         "\x04\x06",
         "missing_field");
    rf_decoder_free(decoder);
    options.kafka.avro.schemas = "/both";
    RF_CHECK_FAILS(err, RF_E_INVALID, "give one of", rf_decoder_new(&decoder, &options, &err));
    options.kafka.avro.schemas = NULL;
    options.kafka.avro.ca = "ca.pem";
    RF_CHECK_FAILS(err, RF_E_INVALID, "source.avro.ca is for a schema registry",
                   rf_decoder_new(&decoder, &options, &err));
}
END_TEST

START_TEST(the_prefix_finds_the_schema_in_a_folder)
{
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 16];
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    rf_source_options options = options_of();
    rf_tmp_path(folder, "schemas");
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    snprintf(path, sizeof path, "%s/7.avsc", folder);
    rf_spill(path, ORDER, strlen(ORDER));
    snprintf(path, sizeof path, "%s/8.avsc", folder);
    rf_spill(path, LATER, strlen(LATER));
    snprintf(path, sizeof path, "%s/9.avsc", folder);
    rf_spill(path, "{\"type\":\"cat\"}", 14);
    options.kafka.avro.schemas = folder;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    for (int i = 0; i < 3; i++) {
        ck_assert_str_eq(TOLD(order), "a 2 3");
        ck_assert_str_eq(TOLD(later), "b 2 3");
    }
    int64_t before = rf_mem_stats_get().requests;
    for (int i = 0; i < 1000; i++)
        ck_assert_str_eq(i % 2 ? TOLD(order) : TOLD(later), i % 2 ? "a 2 3" : "b 2 3");
    ck_assert_int_eq(rf_mem_stats_get().requests, before); /* no memory after the first */
    SAYS(PREFIX("\x09") "x", "bad_avro: schema 9: is no Avro schema");
    SAYS(PREFIX("\x0A") "x", "bad_avro: schema 10: there is no file 10.avsc in source.avro.schemas");
    SAYS(PREFIX("\0") "x", "Apicurio");
    SAYS(PREFIX("\x07") "\x04"
                        "a",
         "bad_avro: byte 6: a text is longer than what is left (schema 7)");
    SAYS(PREFIX("\x07") "\x02\xFF\x04\x06", "bad_utf8: byte 6: field \"u\"");
    SAYS("{}", "the value has no schema registry's prefix");
    SAYS("\x01"
         "0123456789abcdef",
         "a prefix with a schema's GUID");
    SAYS("\x03\0"
         "0123456789abcdefg",
         "AWS Glue");
    SAYS("\xC3\x01"
         "01234567x",
         "single-object encoding");
    SAYS("Obj\x01"
         "0123456789abcdefgh",
         "an Avro container file");
    rf_decoder_free(decoder);
}
END_TEST

START_TEST(a_field_that_no_schema_has_is_an_error)
{
    static const rf_attr attrs[] = {{.name = "x", .field = "x", .type = RF_ATTR_NUMBER},
                                    {.name = "y", .field = "tt", .type = RF_ATTR_NUMBER}};
    static const rf_schema schemas[] = {{.attrs = attrs, .n_attrs = 1}, {.attrs = attrs, .n_attrs = 2}};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 16];
    rf_err err = {0};
    rf_tmp_path(folder, "lacking");
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    snprintf(path, sizeof path, "%s/7.avsc", folder);
    rf_spill(path, ORDER, strlen(ORDER));
    snprintf(path, sizeof path, "%s/8.avsc", folder);
    rf_spill(path, LATER, strlen(LATER));
    for (int i = 0; i < 4; i++) {
        rf_decoder *decoder = NULL;
        rf_source_options options = options_of();
        options.kafka.avro.schemas = folder;
        options.fields.schema = &schemas[i > 0];
        options.absent_keys = i == 2 ? RF_ABSENT_KEYS_WARN : RF_ABSENT_KEYS_REFUSE;
        RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
        ck_assert_str_eq(TOLD(order), "a 2 3");
        ck_assert_str_eq(TOLD(later), "b 2 3"); /* has x */
        if (i == 1)
            RF_CHECK_FAILS(err, RF_E_INVALID,
                           "fields: \"tt\" is in no schema of the first messages; one has no field",
                           rf_decoder_end(decoder, &err));
        else if (i == 3)
            for (int n = 2; n < 10000; n++) {
                rf_event event;
                rf_reject reject;
                rf_status st = decode(decoder, &options, order, sizeof order - 1, &event, &reject, &err);
                RF_HOLDS(st == (n < 9999 ? RF_OK : RF_E_INVALID));
            }
        else
            RF_CHECK_OK(err, rf_decoder_end(decoder, &err));
        rf_decoder_free(decoder);
        err = (rf_err){0};
    }
}
END_TEST

START_TEST(numbers_of_no_schema_take_no_room_from_schemas)
{
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 16], bad[] = PREFIX("\0") "x";
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    rf_decoder *decoder = NULL;
    rf_source_options options = options_of();
    rf_tmp_path(folder, "many");
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    snprintf(path, sizeof path, "%s/7.avsc", folder);
    rf_spill(path, ORDER, strlen(ORDER));
    snprintf(path, sizeof path, "%s/8.avsc", folder);
    rf_spill(path, LATER, strlen(LATER));
    options.kafka.avro.schemas = folder;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    ck_assert_str_eq(TOLD(order), "a 2 3");
    int64_t blocks = 0;
    for (int i = 0; i < 100100; i++) {
        bad[2] = (char)(1 + (i >> 16));
        bad[3] = (char)(i >> 8);
        bad[4] = (char)i;
        RF_HOLDS(decode(decoder, &options, bad, sizeof bad - 1, &event, &reject, &err) == RF_SKIPPED);
        if (i == 2000)
            blocks = rf_mem_stats_get().live_blocks;
    }
    ck_assert_int_eq(rf_mem_stats_get().live_blocks, blocks);
    ck_assert_str_eq(TOLD(later), "b 2 3");
    ck_assert_str_eq(TOLD(order), "a 2 3");
    rf_decoder_free(decoder);
}
END_TEST

static bool header_of_guid(void *headers, const char *name, rf_span *value)
{
    (void)headers;
    *value = made_span("x");
    return strcmp(name, "__value_schema_id") == 0;
}

START_TEST(what_is_no_json_says_what_it_may_be)
{
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    rf_decoder *decoder = NULL;
    rf_source_options options = options_of();
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    ck_assert_str_eq(TOLD(PREFIX("\x07") "{\"u\":\"a\",\"v\":2,\"t\":3}"), "a 2 3");
    SAYS(order, "bad_json: behind a schema registry prefix stands no JSON (Avro?); source.format: avro "
                "with source.avro.registry or source.avro.schemas reads Avro");
    SAYS(PREFIX("\x07") "\x02\xFF\x04\x06", "stands no JSON (Avro?)");
    SAYS(PREFIX("\x07") "{\"u\":", "bad_json: byte 5");
    SAYS("\x03\0"
         "0123456789abcdefg",
         "bad_json: byte 0: the value is no JSON: it begins with the prefix of AWS");
    SAYS("{\"u\"", "bad_json: byte 4");
    rf_decoder_free(decoder);
    options.kafka.avro.schemas = "/tmp";
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    const rf_message beside = {.timestamp_ms = -1, .header = header_of_guid};
    ck_assert_int_eq(
        rf_decoder_decode(decoder, &event, RF_FORMAT_AVRO, made_span("x"), &beside, &reject, &err),
        RF_SKIPPED);
    ck_assert_ptr_nonnull(strstr(reject.text, "header __value_schema_id"));
    rf_decoder_free(decoder);
}
END_TEST

/* ---- a registry ---- */

#define SCHEMA(type)                                                                                         \
    "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"Order\\\",\\\"fields\\\":["                 \
    "{\\\"name\\\":\\\"u\\\",\\\"type\\\":\\\"string\\\"},{\\\"name\\\":\\\"v\\\",\\\"type\\\":\\\"" type    \
    "\\\"},"                                                                                                 \
    "{\\\"name\\\":\\\"t\\\",\\\"type\\\":\\\"long\\\"}]}\""

#define REFERENCE(subject, version)                                                                          \
    "{\"name\":\"shop.Id\",\"subject\":\"" subject "\",\"version\":" version "}"
#define SMALL(number)                                                                                        \
    "{\"schema\":\"{\\\"type\\\":\\\"fixed\\\",\\\"name\\\":\\\"F" number "\\\",\\\"size\\\":1}\"}"

static const made_answer answers[] = {
    {"/schemas/ids/7", 200, SCHEMA("long") "}"},
    {"/schemas/ids/11", 200,
     SCHEMA("shop.Id") ",\"schemaType\":\"AVRO\",\"references\":[{\"name\":\"shop.Id\","
                       "\"subject\":\"shop/id\",\"version\":3}]}"},
    {"/subjects/shop%2Fid/versions/3", 200,
     "{\"subject\":\"shop/"
     "id\",\"version\":3,\"id\":5,\"schema\":\"{\\\"type\\\":\\\"enum\\\",\\\"name\\\":\\\"shop.Id\\\","
     "\\\"symbols\\\":[\\\"A\\\",\\\"B\\\"]}\"}"},
    {"/schemas/ids/12", 200, "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax\"}"},
    {"/schemas/ids/13", 200, "<html>hello</html>"},
    {"/schemas/ids/14", 404, "<html>nothing here</html>"},
    {"/schemas/ids/15", 302, ""},
    {"/schemas/ids/16", 200,
     SCHEMA("shop.Id") ",\"references\":[" REFERENCE("shop/id", "3") "," REFERENCE("gone", "9") "]}"},
    {"/schemas/ids/17", 200,
     SCHEMA("long") ",\"references\":[" REFERENCE("a", "1") "," REFERENCE("a", "2") "," REFERENCE(
         "a", "3") "," REFERENCE("a", "4") "," REFERENCE("a", "5") "," REFERENCE("a", "6") "]}"},
    {"/subjects/a/versions/1", 200, SMALL("1")},
    {"/subjects/a/versions/2", 200, SMALL("2")},
    {"/subjects/a/versions/3", 200, SMALL("3")},
    {"/subjects/a/versions/4", 200, SMALL("4")},
    {"/subjects/a/versions/5", 200, SMALL("5")},
    {"/subjects/a/versions/6", 200, SMALL("6")},
    {NULL, 0, NULL},
};

#define ASKED(number, part, status)                                                                          \
    RF_CHECK_FAILS(err, status, part,                                                                        \
                   decode(decoder, &options,                                                                 \
                          PREFIX(number) "\x02"                                                              \
                                         "a"                                                                 \
                                         "\x04\x06",                                                         \
                          9, &event, &reject, &err))

START_TEST(a_registry_is_asked_once_for_each_schema)
{
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    rf_decoder *decoder = NULL;
    made_registry registry;
    rf_source_options options = options_of();
    char url[80];
    made_registry_start(&registry, answers);
    snprintf(url, sizeof url, "%s/", registry.url);
    options.kafka.avro.registry = url;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    for (int i = 0; i < 5; i++)
        ck_assert_str_eq(TOLD(order), "a 2 3");
    ck_assert_int_eq(atomic_load(&registry.requests), 1);
    ck_assert_str_eq(TOLD(PREFIX("\x0B") "\x02"
                                         "a"
                                         "\x02\x06"),
                     "a B 3"); /* refers to an enum */
    ck_assert_int_eq(atomic_load(&registry.requests), 3);
    for (int i = 0; i < 3; i++)
        SAYS(PREFIX("\x63") "x", "bad_avro: schema 99: the registry has none of that number");
    ck_assert_int_eq(atomic_load(&registry.requests), 4);
    SAYS(PREFIX("\x0C") "x", "it is a schema of another kind (\"PROTOBUF\")");
    SAYS(PREFIX("\x10") "x",
         "bad_avro: schema 16: it refers to /subjects/gone/versions/9, which the registry "
         "does not have");
    ASKED("\x0D", "answers with something else than a schema", RF_E_INVALID);
    ASKED("\x0E", "status 404, and not as a registry of schemas does", RF_E_INVALID);
    ASKED("\x0F", "status 302", RF_E_INVALID);
    rf_decoder_free(decoder);
    made_registry_stop(&registry);
}
END_TEST

START_TEST(a_registry_that_is_away_is_a_failure_and_no_reject)
{
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    rf_decoder *decoder = NULL;
    made_registry registry;
    rf_source_options options = options_of();
    made_registry_start(&registry, answers);
    options.kafka.avro.registry = registry.url;
    options.kafka.broker_timeout_us = RF_SECOND_US / 2;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    atomic_store(&registry.busy, 1);
    ck_assert_str_eq(TOLD(order), "a 2 3"); /* the second answer */
    ck_assert_int_eq(atomic_load(&registry.requests), 2);
    atomic_store(&registry.busy, 1000);
    ASKED("\x0B", "it answers with status 503; nothing was skipped", RF_E_IO);
    atomic_store(&registry.busy, 0);
    ck_assert_str_eq(TOLD(PREFIX("\x0B") "\x02"
                                         "a"
                                         "\x02\x06"),
                     "a B 3"); /* nothing is kept of the failure */
    made_registry_stop(&registry);
    ASKED("\x0C", "no schema from http://127.0.0.1", RF_E_IO);
    ck_assert_str_eq(TOLD(order), "a 2 3"); /* what is known is known */
    rf_decoder_stop(decoder);
    ASKED("\x0D", "stopped", RF_E_INTERRUPTED);
    rf_decoder_free(decoder);
}
END_TEST

/* A registry whose subject a has large schemas, which the schema 7 refers to. */
START_TEST(what_a_schema_refers_to_is_bounded)
{
    static char large[1000032];
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    made_registry registry;
    rf_source_options options = options_of();
    snprintf(large, sizeof large, "{\"schema\":\"%1000000s\"}", "\\\"int\\\"");
    const made_answer huge[] = {
        {"/schemas/ids/7", 200,
         SCHEMA("long") ",\"references\":[" REFERENCE("a", "1") "," REFERENCE("a", "2") "," REFERENCE(
             "a", "3") "," REFERENCE("a", "4") "," REFERENCE("a", "5") "," REFERENCE("a", "6") "]}"},
        {"/subjects/a/versions/1", 200, large},
        {"/subjects/a/versions/2", 200, large},
        {"/subjects/a/versions/3", 200, large},
        {"/subjects/a/versions/4", 200, large},
        {"/subjects/a/versions/5", 200, large},
        {"/subjects/a/versions/6", 200, large},
        {NULL, 0, NULL}};
    made_registry_start(&registry, huge);
    options.kafka.avro.registry = registry.url;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    SAYS(order, "bad_avro: schema 7: with what it refers to, it has more than 4194304 bytes");
    ck_assert_int_eq(atomic_load(&registry.requests), 6); /* the fifth reference was too much */
    rf_decoder_free(decoder);
    made_registry_stop(&registry);
}
END_TEST

START_TEST(a_registry_is_awaited_once_for_all_that_a_schema_refers_to)
{
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    rf_decoder *decoder = NULL;
    made_registry registry;
    rf_source_options options = options_of();
    made_registry_start(&registry, answers);
    options.kafka.avro.registry = registry.url;
    options.kafka.broker_timeout_us = RF_SECOND_US / 5;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    atomic_store(&registry.slow_ms, 50); /* seven requests */
    ASKED("\x11", "nothing was skipped", RF_E_IO);
    atomic_store(&registry.slow_ms, 0);
    ck_assert_str_eq(TOLD(PREFIX("\x11") "\x02"
                                         "a"
                                         "\x04\x06"),
                     "a 2 3");
    rf_decoder_free(decoder);
    /* the group hears from this member in time */
    const rf_setting poll = {"max.poll.interval.ms", "400"};
    options.kafka.settings = &poll;
    options.kafka.n_settings = 1;
    options.kafka.broker_timeout_us = RF_MINUTE_US;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    atomic_store(&registry.busy, 1000);
    int64_t began = rf_monotonic_us();
    ASKED("\x07", "half of kafka.max.poll.interval.ms", RF_E_IO);
    ck_assert_int_lt(rf_monotonic_us() - began, 30 * RF_SECOND_US);
    rf_decoder_free(decoder);
    made_registry_stop(&registry);
}
END_TEST

START_TEST(a_registry_knows_its_users)
{
    char path[RF_TEST_PATH], password[RF_TEST_PATH + 16];
    rf_err err = {0};
    rf_event event;
    rf_reject reject;
    rf_decoder *decoder = NULL;
    made_registry registry;
    rf_source_options options = options_of();
    made_registry_start(&registry, answers);
    registry.authorization = "Authorization: Basic YW5uOnMzY3JldCE="; /* ann:s3cret! */
    rf_spill(rf_tmp_path(path, "password"), "s3cret!\n", 8);
    snprintf(password, sizeof password, "${file:%s}", path);
    setenv("RF_TEST_USER", "ann", 1);
    options.kafka.avro.registry = registry.url;
    options.kafka.avro.user = "${env:RF_TEST_USER}";
    options.kafka.avro.password = "wrong";
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    ASKED("\x07", "is refused (status 401): check source.avro.user and source.avro.password", RF_E_INVALID);
    rf_decoder_free(decoder);
    options.kafka.avro.password = password;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    ck_assert_str_eq(TOLD(order), "a 2 3");
    rf_decoder_free(decoder);
    options.kafka.avro.password = "${file:/nowhere/password}";
    RF_CHECK_FAILS(err, RF_E_INVALID,
                   "source.avro.password: the file of ${file:/nowhere/password} cannot be opened",
                   rf_decoder_new(&decoder, &options, &err));
    options.kafka.avro.registry = "http://ann:s3cret!@127.0.0.1";
    RF_CHECK_FAILS(err, RF_E_INVALID, "has a user in its URL", rf_decoder_new(&decoder, &options, &err));
    options.kafka.avro.registry = "ftp://127.0.0.1";
    RF_CHECK_FAILS(err, RF_E_INVALID, "is no URL", rf_decoder_new(&decoder, &options, &err));
    options.kafka.avro.registry = "https://127.0.0.1:1";
    options.kafka.avro.ca = "/nowhere/ca.pem";
    options.kafka.avro.password = password;
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    rf_status st = decode(decoder, &options, order, sizeof order - 1, &event, &reject, &err);
    ck_assert_msg(st == RF_E_INVALID || st == RF_E_IO, "%s", err.msg);
    rf_decoder_free(decoder);
    made_registry_stop(&registry);
}
END_TEST

/* Whether it is warned of the password's way to the registry of that URL. */
static bool is_warned(const char *url)
{
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    rf_source_options options = options_of();
    options.kafka.avro.registry = url;
    options.kafka.avro.user = "ann";
    options.kafka.avro.password = "s3cret!";
    catch_log();
    rf_status st = rf_decoder_new(&decoder, &options, &err);
    char *log = caught_log();
    bool warned = strstr(log, "in the clear") != NULL;
    free(log);
    rf_decoder_free(decoder);
    RF_CHECK_OK(err, st);
    return warned;
}

START_TEST(a_password_in_the_clear_is_warned_of)
{
    ck_assert(is_warned("http://127.0.0.1:1"));
    ck_assert(is_warned("HTTP://127.0.0.1:1"));
    ck_assert(!is_warned("https://127.0.0.1:1"));
    ck_assert(!is_warned("Https://127.0.0.1:1"));
}
END_TEST

static rf_status open_and_decode(const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_decoder *decoder = NULL;
    rf_event event;
    rf_reject reject;
    RF_TRY(rf_decoder_new(&decoder, options, err));
    RF_TRY(decode(decoder, options, order, sizeof order - 1, &event, &reject, err));
done:
    rf_decoder_free(decoder);
    return st;
}

START_TEST(refused_memory_is_reported)
{
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 16];
    rf_source_options options = options_of();
    rf_tmp_path(folder, "swept");
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    snprintf(path, sizeof path, "%s/7.avsc", folder);
    rf_spill(path, ORDER, strlen(ORDER));
    options.kafka.avro.schemas = folder;
    RF_SWEEP(open_and_decode(&options, sweep_err), );
}
END_TEST

RF_SUITE("avro_messages", messages_of_one_schema_have_no_prefix, the_prefix_finds_the_schema_in_a_folder,
         what_is_no_json_says_what_it_may_be, a_field_that_no_schema_has_is_an_error,
         numbers_of_no_schema_take_no_room_from_schemas, a_registry_is_asked_once_for_each_schema,
         a_registry_that_is_away_is_a_failure_and_no_reject, what_a_schema_refers_to_is_bounded,
         a_registry_is_awaited_once_for_all_that_a_schema_refers_to, a_registry_knows_its_users,
         a_password_in_the_clear_is_warned_of, refused_memory_is_reported)
