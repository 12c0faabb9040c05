/* test_event_avro.c - Avro records, as libavro reads them: what they become, and why and where they are
 * refused. */
#include <avro.h>

#include "avro_json_int.h"
#include "avro_rig.h"
#include "avro_value_int.h"
#include "avro_wire_int.h"
#include "made_avro.h"

START_TEST(every_type_is_read_as_people_write_it)
{
    READS("\"null\"", "", "absent");
    READS("\"boolean\"", "\x01", "true");
    READS("\"boolean\"", "\0", "false");
    READS("\"int\"", "\x01", "number:-1");
    READS("\"int\"", "\xFE\xFF\xFF\xFF\x0F", "number:2147483647");
    READS("\"long\"", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "number:-9223372036854775808");
    READS("\"float\"", "\xCD\xCC\xCC\x3D", "number:0.1");
    READS("\"double\"", "\0\0\0\0\0\0\xF8\x3F", "number:1.5");
    READS("\"double\"", "\0\0\0\0\0\0\xF8\x7F", "number:nan");
    READS("\"string\"",
          "\x06"
          "abc",
          "text:abc");
    READS("\"string\"", "\0", "text:");
    READS("\"bytes\"",
          "\x04"
          "\xC3\xA9",
          "text:\xC3\xA9");
    READS("\"string\"",
          "\x04"
          "\xC3\x28",
          "bad_utf8");
    READS("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "ab", "text:ab");
    READS("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", "\x02", "text:B");
    READS("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", "\x04", "bad_avro");
    READS("[\"null\",\"string\",\"long\"]", "\0", "absent");
    READS("[\"null\",\"string\",\"long\"]", "\x02\x02x", "text:x");
    READS("[\"null\",\"string\",\"long\"]", "\x04\x54", "number:42");
    READS("[\"null\",\"string\",\"long\"]", "\x06\x54", "bad_avro");
    READS("{\"type\":\"array\",\"items\":\"int\"}", "\x02\x02\0", "nested");
    READS("{\"type\":\"map\",\"values\":\"int\"}", "\0", "nested");
}
END_TEST

/* A date that is an id is its text; a kind that need not be there is none by null and by "". */
START_TEST(a_record_names_entities_of_several_kinds)
{
    static const rf_kind kinds[] = {
        {.name = "shop", .required = true}, {.name = "device"}, {.name = "batch"}};
    static const rf_kind_field others[] = {{.field = "dev"}, {.field = "made"}};
    static const char schema[] =
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"u\",\"type\":\"string\"},"
        "{\"name\":\"s\",\"type\":\"long\"},{\"name\":\"dev\",\"type\":[\"null\",\"string\"]},"
        "{\"name\":\"made\",\"type\":" LOGICAL("int", "date") "}]}";
    static const struct {
        const char *bytes;
        size_t len;
        const char *event;
    } cases[] = {
        {"\x02u\x54\x02\x02x\xC0\xA9\x02", 9, "|u|42|x|2022-02-17"},
        {"\x02u\x54\0\xC0\xA9\x02", 7, "|u|42|-|2022-02-17"},
        {"\x02u\x54\x02\0\xC0\xA9\x02", 8, "|u|42|-|2022-02-17"},
    };
    avro_rig r = {.mapped = {.kinds = kinds, .n_kinds = 3}};
    rf_err err = {0};
    rf_event event;
    RF_CHECK_OK(err, rig_plan(&r, schema,
                              (rf_fields){.user = "u", .entity = "s", .others = others, .schema = &r.mapped},
                              &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rf_text text = {0};
        ck_assert_int_eq(rig_decode(&r, cases[i].bytes, cases[i].len), RF_OK);
        ck_assert_int_eq(rf_field_plan_fill(&event, r.names, r.raws, &r.reject), RF_OK);
        made_add_span(&text, event.user);
        for (int k = 0; k < 3; k++)
            made_add_span(&text, rf_event_entity(&event, k));
        ck_assert_str_eq(text.ptr, cases[i].event);
        rf_text_clear(&text);
    }
    rig_close(&r);
}
END_TEST

START_TEST(logical_types_mean_what_they_say)
{
    READS(LOGICAL("long", "timestamp-millis"), "\xD0\x0F", "moment:1000000us:1000");
    READS(LOGICAL("long", "timestamp-micros"), "\xD0\x0F", "moment:1000us:1000");
    READS(LOGICAL("long", "timestamp-nanos"), "\xDC\x0B", "moment:1us:750");
    READS(LOGICAL("long", "timestamp-nanos"), "\xE7\x07", "moment:0us:-500"); /* half to even */
    READS(LOGICAL("long", "timestamp-millis"), "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
          "moment:9223372036854775807us:9223372036854775807");
    /* the rig's zone is two hours ahead */
    READS(LOGICAL("long", "local-timestamp-millis"), "\xD0\x0F", "moment:-7199000000us:1000");
    READS(LOGICAL("long", "local-timestamp-micros"), "\xD0\x0F", "moment:-7199999000us:1000");
    READS(LOGICAL("int", "date"), "\xC0\xA9\x02", "moment:1645048800000000us:2022-02-17"); /* 19040 days */
    READS(LOGICAL("int", "date"), "\x01", "moment:-93600000000us:1969-12-31");
    READS(LOGICAL("int", "time-millis"), "\xF0\x88\xA9\x01", "moment:-5814984000us:00:23:05.016000");
    READS(LOGICAL("long", "time-micros"), "\x80\x89\x7A", "moment:-7199000000us:00:00:01");
    READS(LOGICAL("long", "time-micros"), "\x01", "bad_time");
    READS(LOGICAL("string", "uuid"), "\x02x", "text:x");
    READS("{\"type\":\"fixed\",\"name\":\"U\",\"size\":16,\"logicalType\":\"uuid\"}", "0123456789abcdef",
          "text:30313233-3435-3637-3839-616263646566");
    /* of another kind they say nothing */
    READS(LOGICAL("string", "timestamp-millis"),
          "\x02"
          "7",
          "text:7");
    READS(LOGICAL("long", "date"), "\x02", "number:1");
    READS(LOGICAL("int", "unheard-of"), "\x02", "number:1");
}
END_TEST

#define MOMENT(name)                                                                                         \
    "{\"name\":\"" name "\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}}"

/* Which of the moments a, b, c, d have their number, too. */
static const char *numbered(const char *where, const char *const *null_values, bool joined)
{
    static const char schema[] = "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" MOMENT("a") "," MOMENT(
        "b") "," MOMENT("c") "," MOMENT("d") ",{\"name\":\"u\",\"type\":\"string\"}]}";
    static const char *const others[] = {"b"};
    static char out[8];
    rf_attr attrs[] = {{.name = "c", .field = "c", .type = RF_ATTR_TIME_OF_DAY},
                       {.name = "d", .field = "d", .type = RF_ATTR_NUMBER, .age = true}};
    avro_rig r = {.mapped = {.attrs = attrs, .n_attrs = 2}};
    rf_err err = {0};
    rf_fields fields = {.user = "u",
                        .entity = joined ? "a" : "u",
                        .entity_more = {.names = others, .n = joined, .joined = true},
                        .time = "a",
                        .time_more = {.names = others, .n = 1},
                        .where = &where,
                        .n_where = where != NULL,
                        .null_values = null_values,
                        .n_null_values = null_values != NULL,
                        .schema = &r.mapped};
    RF_CHECK_OK(err, rig_plan(&r, schema, fields, &err));
    ck_assert_int_eq(rig_decode(&r, "\x02\x02\x02\x02\x02u", 6), RF_OK);
    size_t n = 0;
    for (int i = 0; i < r.names->n_names; i++) {
        if (r.raws[i].kind == RF_RAW_MOMENT && rf_raw_has_text(&r.raws[i]))
            out[n++] = r.names->names[i][0];
    }
    out[n] = '\0';
    rig_close(&r);
    return out;
}

START_TEST(moments_have_their_number_where_it_is_read)
{
    static const char *const zero[] = {"0"};
    ck_assert_str_eq(numbered(NULL, NULL, false), "");
    ck_assert_str_eq(numbered("c > 7", NULL, false), "c");
    ck_assert_str_eq(numbered(NULL, NULL, true), "ab");
    ck_assert_str_eq(numbered(NULL, zero, false), "abcd");
}
END_TEST

#define DECIMAL(scale) "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":30,\"scale\":" scale "}"

START_TEST(decimals_are_exact)
{
    READS(DECIMAL("2"), "\x02\x01", "number:0.01");
    READS(DECIMAL("2"), "\x02\xFF", "number:-0.01");
    READS(DECIMAL("0"), "\x02\x80", "number:-128");
    READS(DECIMAL("2"), "\0", "number:0.00");
    READS(DECIMAL("2"), "\x06\0\x80\0", "number:327.68");
    READS(DECIMAL("3"), "\x10\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "number:9223372036854775.807");
    READS(DECIMAL("3"), "\x10\x80\0\0\0\0\0\0\0", "number:-9223372036854775.808");
    READS(DECIMAL("3"), "\x12\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "number:18446744073709551.615");
    READS(DECIMAL("3"), "\x12\xFF\0\0\0\0\0\0\0\0", "number:-18446744073709551.616");
    READS(DECIMAL("20"), "\x12\x01\0\0\0\0\0\0\0\0", "number:0.18446744073709551616");
    /* far more bytes than it needs, and than a number has */
    char bytes[64] = {40 * 2};
    bytes[40] = 7;
    ck_assert_str_eq(read_one(DECIMAL("1"), bytes, 41), "number:0.7");
    bytes[1] = 1;
    ck_assert_str_eq(read_one(DECIMAL("1"), bytes, 41), "number_range");
}
END_TEST

/* ---- values inside values ---- */

#define SHOP                                                                                                 \
    "{\"type\":\"record\",\"name\":\"Order\",\"namespace\":\"shop\",\"fields\":["                            \
    "{\"name\":\"user\",\"type\":\"string\"},"                                                               \
    "{\"name\":\"items\",\"type\":[\"null\",{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":"    \
    "\"Item\","                                                                                              \
    "\"fields\":[{\"name\":\"sku\",\"type\":\"string\"},{\"name\":\"gone\",\"type\":\"null\"},"              \
    "{\"name\":\"next\",\"type\":[\"null\",\"Item\"]}]}}]},"                                                 \
    "{\"name\":\"tags\",\"type\":{\"type\":\"map\",\"values\":[\"int\",\"string\"]}},"                       \
    "{\"name\":\"t\",\"type\":\"long\"}]}"

/* user u, three items a, b (in b: c) and d in two blocks, the second with its size; tags k: 7, kind: "x"; t 9
 */
static const char shop_order[] = "\x02u"
                                 "\x02"
                                 "\x04"
                                 "\x02"
                                 "a"
                                 "\0"
                                 "\x02"
                                 "b"
                                 "\x02\x02"
                                 "c"
                                 "\0"
                                 "\x01\x06"
                                 "\x02"
                                 "d"
                                 "\0"
                                 "\0"
                                 "\x04"
                                 "\x02k"
                                 "\0\x0E"
                                 "\x08kind"
                                 "\x02\x02"
                                 "x"
                                 "\0"
                                 "\x12";

START_TEST(paths_lead_into_records_lists_and_maps)
{
    avro_rig r;
    rig_open(&r, SHOP,
             "user items[0].sku t items[1].next.sku items[2].sku items[3].sku tags.kind tags.k tags.no");
    ck_assert_int_eq(rig_decode(&r, shop_order, sizeof shop_order - 1), RF_OK);
    static const char *const want[] = {"text:u", "text:a", "number:9", "text:c", "text:d",
                                       "absent", "text:x", "number:7", "absent"};
    for (int i = 0; i < 9; i++)
        ck_assert_str_eq(shown(&r.raws[i]), want[i]);
    ck_assert_int_eq(rf_avro_plan_lacking(r.plan, 0), -1);
    rig_close(&r);
}
END_TEST

START_TEST(each_item_of_a_list_is_an_event)
{
    avro_rig r;
    rf_err err = {0};
    rig_open(&r, SHOP, "user items[*].sku t items[*].next.sku");
    ck_assert_int_eq(rig_decode(&r, shop_order, sizeof shop_order - 1), RF_OK);
    ck_assert(rf_avro_had_list(r.decoder));
    static const char *const want[][2] = {{"text:a", "absent"}, {"text:b", "text:c"}, {"text:d", "absent"}};
    for (int i = 0; i < 3; i++) {
        ck_assert(rf_avro_has_item(r.decoder));
        RF_CHECK_OK(err, rf_avro_item(r.raws, r.decoder, &r.reject, &err));
        ck_assert_str_eq(shown(&r.raws[0]), "text:u");
        ck_assert_str_eq(shown(&r.raws[1]), want[i][0]);
        ck_assert_str_eq(shown(&r.raws[3]), want[i][1]);
    }
    ck_assert(!rf_avro_has_item(r.decoder));
    static const char no_list[] = "\x02u"
                                  "\0"
                                  "\0"
                                  "\x12",
                      empty[] = "\x02u"
                                "\x02\0"
                                "\0"
                                "\x12";
    ck_assert_int_eq(rig_decode(&r, no_list, sizeof no_list - 1), RF_OK);
    ck_assert(!rf_avro_had_list(r.decoder));
    ck_assert_int_eq(rig_decode(&r, empty, sizeof empty - 1), RF_OK);
    ck_assert(rf_avro_had_list(r.decoder) && !rf_avro_has_item(r.decoder));
    rig_close(&r);
}
END_TEST

START_TEST(records_of_several_kinds_share_a_schema)
{
    static const char both[] =
        "[{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"u\",\"type\":\"string\"},"
        "{\"name\":\"v\",\"type\":\"int\"}]},"
        "{\"type\":\"record\",\"name\":\"B\",\"fields\":[{\"name\":\"u\",\"type\":\"int\"}]}]";
    avro_rig r;
    rig_open(&r, both, "u v v");
    ck_assert_int_eq(rig_decode(&r, "\0\x02x\x04", 4), RF_OK);
    ck_assert_str_eq(shown(&r.raws[0]), "text:x");
    ck_assert_str_eq(shown(&r.raws[1]), "number:2");
    ck_assert_int_eq(rig_decode(&r, "\x02\x04", 2), RF_OK);
    ck_assert_str_eq(shown(&r.raws[0]), "number:2");
    ck_assert_str_eq(shown(&r.raws[1]), "absent");
    rig_close(&r);
}
END_TEST

static void check_lacking(const char *names, const char *part)
{
    avro_rig r;
    rf_err err = {0};
    rig_open(&r, SHOP, names);
    RF_CHECK_FAILS(err, RF_E_INVALID, part,
                   rf_avro_plan_check(r.plan, RF_ABSENT_KEYS_REFUSE, "x.avro", &err));
    RF_CHECK_OK(err, rf_avro_plan_check(r.plan, RF_ABSENT_KEYS_WARN, "x.avro", &err));
    rig_close(&r);
}

START_TEST(names_that_a_schema_lacks_are_told_with_the_nearest)
{
    check_lacking("usr items[0].sku t",
                  "\"usr\": the schema of x.avro has no field \"usr\" (did you mean \"user\"?)");
    check_lacking("user items.sku t",
                  "has a list at \"items\": items[*] makes an event of each of its items, items[0]");
    check_lacking("user.id items[0].sku t", "has no field \"user.id\"");
    check_lacking("user user zzzzzzzz", "has no field \"zzzzzzzz\"; where");
}
END_TEST

/* ---- schemas ---- */

START_TEST(schemas_that_are_none_are_refused)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "\"Unknown\"",
        "{\"type\":\"record\",\"name\":\"R\"}",
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\",\"type\":\"S\"}]}",
        "{\"type\":\"fixed\",\"name\":\"F\",\"size\":-1}",
        "{\"type\":\"fixed\",\"name\":\"F\",\"size\":99999999999}",
        "{\"type\":\"array\"}",
        "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[1]}",
    };
    rf_err err = {0};
    rf_avro_schema *schema = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err = (rf_err){0};
        ck_assert_msg(rf_avro_schema_read(&schema, made_span(bad[i]), false, "m", &err) == RF_E_FORMAT, "%s",
                      bad[i]);
    }
}
END_TEST

START_TEST(the_last_of_a_list_of_schemas_can_use_the_others)
{
    rf_err err = {0};
    rf_avro_schema *schema = NULL;
    const char *list = "[{\"type\":\"enum\",\"name\":\"a.E\",\"symbols\":[\"X\"]},"
                       "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"e\",\"type\":\"a.E\"}]}]";
    RF_CHECK_OK(err, rf_avro_schema_read(&schema, made_span(list), true, "m", &err));
    ck_assert_int_eq(rf_avro_type_at(schema, schema->root)->kind, RF_AVRO_RECORD);
    rf_avro_schema_free(schema);
    RF_CHECK_OK(err, rf_avro_schema_read(&schema, made_span(list), false, "m", &err));
    ck_assert_int_eq(rf_avro_type_at(schema, schema->root)->kind, RF_AVRO_UNION);
    rf_avro_schema_free(schema);
}
END_TEST

/* ---- random events ---- */

/* libavro reads what made_print_avro writes, and finds its end there. */
static void check_by_libavro(const rf_text *bytes)
{
    static avro_schema_t schema;
    static avro_value_iface_t *kind;
    avro_value_t value;
    if (schema == NULL) {
        ck_assert_int_eq(avro_schema_from_json_length(MADE_AVRO_SCHEMA, strlen(MADE_AVRO_SCHEMA), &schema),
                         0);
        kind = avro_generic_class_from_schema(schema);
    }
    avro_reader_t reader = avro_reader_memory(bytes->ptr, (int64_t)bytes->len);
    ck_assert_int_eq(avro_generic_value_new(kind, &value), 0);
    ck_assert_msg(avro_value_read(reader, &value) == 0, "%s", avro_strerror());
    char rest;
    ck_assert_int_ne(avro_skip(reader, 1), 0);
    (void)rest;
    avro_value_decref(&value);
    avro_reader_free(reader);
}

static rf_status event_of(rf_event *event, avro_rig *r, const char *bytes, size_t len)
{
    rf_status st = rig_decode(r, bytes, len);
    return st == RF_OK ? rf_field_plan_fill(event, r->names, r->raws, &r->reject) : st;
}

START_TEST(random_events_come_back_and_nothing_less_than_all_bytes_does)
{
    avro_rig r = {.reject = {0}};
    rf_err err = {0};
    rf_rng rng;
    rf_text bytes = {0}, want = {0}, got = {0};
    rf_rng_init(&rng, 5, 1);
    RF_CHECK_OK(err, rig_plan(&r, MADE_AVRO_SCHEMA, made_fields(), &err));
    ck_assert_int_eq(rf_avro_plan_lacking(r.plan, 0), -1);
    for (int i = 0; i < 200; i++) {
        made_event e = made_random(&rng);
        rf_event event, expected = made_expected(&e);
        rf_text_reset(&bytes);
        rf_text_reset(&want);
        rf_text_reset(&got);
        made_print_avro(&bytes, &e);
        made_describe(&want, &expected, &made_schema);
        check_by_libavro(&bytes);
        ck_assert_msg(event_of(&event, &r, bytes.ptr, bytes.len) == RF_OK, "%s", r.reject.text);
        made_describe(&got, &event, &made_schema);
        ck_assert_str_eq(got.ptr, want.ptr);
        for (size_t len = 0; i < 20 && len < bytes.len; len++) {
            RF_HOLDS(rig_decode(&r, bytes.ptr, len) == RF_SKIPPED && r.reject.code == RF_REJECT_BAD_AVRO);
            RF_HOLDS(r.reject.byte >= 0 && (size_t)r.reject.byte <= len);
        }
        for (int change = 0; change < 100; change++) { /* anything but a crash */
            char *at = &bytes.ptr[rf_rng_below(&rng, bytes.len)], was = *at;
            *at = (char)rf_rng_u64(&rng);
            (void)event_of(&event, &r, bytes.ptr, bytes.len);
            *at = was;
        }
        made_add(&bytes, "", 1);
        ck_assert_int_eq(rig_decode(&r, bytes.ptr, bytes.len), RF_SKIPPED);
    }
    rf_text_clear(&bytes);
    rf_text_clear(&want);
    rf_text_clear(&got);
    rig_close(&r);
}
END_TEST

/* ---- as JSON ---- */

static const char *as_json(const char *schema_text, const char *bytes, size_t len)
{
    static char out[1024];
    rf_err err = {0};
    rf_json *json;
    rf_avro_schema *schema;
    const char *text = "";
    size_t n = 0;
    RF_CHECK_OK(err, rf_json_new(&json, &err));
    RF_CHECK_OK(err, rf_avro_schema_read(&schema, made_span(schema_text), false, "m", &err));
    bool shows = rf_avro_json(json, schema, (rf_span){bytes, len});
    if (shows)
        RF_CHECK_OK(err, rf_json_end(json, &text, &n, &err));
    snprintf(out, sizeof out, "%.*s", shows ? (int)n : 4, shows ? text : "none");
    rf_avro_schema_free(schema);
    rf_json_free(json);
    return out;
}

#define SHOWS(type, bytes, want) ck_assert_str_eq(as_json(type, bytes, sizeof(bytes) - 1), want)

START_TEST(records_are_shown_as_json)
{
    SHOWS(SHOP, shop_order,
          "{\"user\":\"u\",\"items\":[{\"sku\":\"a\",\"gone\":null,\"next\":null},{\"sku\":\"b\",\"gone\":"
          "null,\"next\":"
          "{\"sku\":\"c\",\"gone\":null,\"next\":null}},{\"sku\":\"d\",\"gone\":null,\"next\":null}],"
          "\"tags\":{\"k\":7,\"kind\":\"x\"},\"t\":9}");
    SHOWS(LOGICAL("long", "timestamp-millis"), "\xD0\x0F", "\"1970-01-01T00:00:01Z\"");
    SHOWS(LOGICAL("long", "local-timestamp-micros"), "\xD0\x0F", "\"1970-01-01T00:00:00.001000\"");
    SHOWS(LOGICAL("long", "timestamp-millis"), "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
          "9223372036854775807");
    SHOWS(LOGICAL("int", "date"), "\x01", "\"1969-12-31\"");
    SHOWS(LOGICAL("int", "date"), "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "none");
    SHOWS(LOGICAL("long", "time-micros"), "\x80\x89\x7A", "\"00:00:01\"");
    SHOWS(DECIMAL("2"), "\x06\0\x80\0", "327.68");
    SHOWS("\"bytes\"",
          "\x04"
          "a\xFF",
          "\"a\xC3\xBF\"");
    SHOWS("\"double\"", "\0\0\0\0\0\0\xF8\x3F", "1.5");
    SHOWS("\"boolean\"", "\x01", "true");
    SHOWS("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", "\x02", "\"B\"");
    SHOWS("\"string\"",
          "\x06"
          "ab",
          "none");
    SHOWS("\"string\"",
          "\x02"
          "abc",
          "none");
    SHOWS("{\"type\":\"array\",\"items\":\"int\"}", "\x01\x02\x04\0", "[2]");
    SHOWS("{\"type\":\"array\",\"items\":\"int\"}", "\x01\x04\x04\0", "none"); /* not as long as said */
    SHOWS("{\"type\":\"array\",\"items\":\"null\"}", "\x80\x80\x80\x80\x80\x80\x80\x80\x20\0", "none");
    SHOWS(LIST, "\x02\x02\x02", "none");
}
END_TEST

/* ---- memory ---- */

static rf_status all_of_it(avro_rig *r, rf_err *err)
{
    static const char order[] = "\x02u"
                                "\x02"
                                "\x02"
                                "\x02"
                                "a"
                                "\0"
                                "\0"
                                "\0"
                                "\x12";
    rf_status st = RF_OK;
    rf_fields fields = {.user = "user", .entity = "items[*].sku", .time = "t", .schema = &r->mapped};
    RF_TRY(rig_plan(r, SHOP, fields, err));
    RF_TRY(rf_avro_decode(r->raws, r->decoder, r->plan, (rf_span){order, sizeof order - 1}, 0, NULL,
                          &r->reject, err));
    RF_TRY(rf_avro_item(r->raws, r->decoder, &r->reject, err));
    RF_TRY(rf_avro_plan_check(r->plan, RF_ABSENT_KEYS_REFUSE, "m", err));
done:
    if (st < 0) {
        rig_close(r);
        *r = (avro_rig){.mapped = {.attrs = r->attrs}};
    }
    return st;
}

START_TEST(refused_memory_is_reported)
{
    avro_rig r = {.mapped = {.attrs = r.attrs}};
    RF_SWEEP(all_of_it(&r, sweep_err), rig_close(&r));
}
END_TEST

RF_SUITE("event_avro", every_type_is_read_as_people_write_it, a_record_names_entities_of_several_kinds,
         logical_types_mean_what_they_say, moments_have_their_number_where_it_is_read, decimals_are_exact,
         paths_lead_into_records_lists_and_maps, each_item_of_a_list_is_an_event,
         records_of_several_kinds_share_a_schema, names_that_a_schema_lacks_are_told_with_the_nearest,
         schemas_that_are_none_are_refused, the_last_of_a_list_of_schemas_can_use_the_others,
         random_events_come_back_and_nothing_less_than_all_bytes_does, records_are_shown_as_json,
         refused_memory_is_reported)
