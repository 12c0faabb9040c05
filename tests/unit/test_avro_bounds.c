/* test_avro_bounds.c - schemas and records that are made to do harm, or to take for ever. */
#include "avro_rig.h"

START_TEST(depth_and_numbers_of_items_are_bounded)
{
    avro_rig r;
    char deep[100000];
    memset(deep, 2, sizeof deep);
    rig_open(&r,
             "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"l\",\"type\":" LIST
             "},{\"name\":\"f\",\"type\":\"int\"}]}",
             "f f f");
    ck_assert_int_eq(rig_decode(&r, deep, sizeof deep), RF_SKIPPED);
    ck_assert_ptr_nonnull(strstr(r.reject.text, "nested too deep"));
    rig_close(&r);
    /* 2^60 items without bytes: passed over at once, and too many to be events */
    static const char many[] = "\x80\x80\x80\x80\x80\x80\x80\x80\x20\0\x02";
    static const char schema[] =
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":["
        "{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"N\","
        "\"fields\":[{\"name\":\"x\",\"type\":\"null\"},{\"name\":\"y\",\"type\":{\"type\":\"fixed\","
        "\"name\":\"Z\",\"size\":0}}]}}},{\"name\":\"f\",\"type\":\"int\"}]}";
    rig_open(&r, schema, "f f f a[7].x");
    ck_assert_int_eq(rig_decode(&r, many, sizeof many - 1), RF_OK);
    ck_assert_str_eq(shown(&r.raws[0]), "number:1");
    rig_close(&r);
    rig_open(&r, schema, "f a[*].y f");
    ck_assert_int_eq(rig_decode(&r, many, sizeof many - 1), RF_SKIPPED);
    ck_assert_ptr_nonnull(strstr(r.reject.text, "too many items without bytes"));
    rig_close(&r);
    READS("{\"type\":\"array\",\"items\":\"int\"}", "\x80\x80\x80\x80\x20\0", "bad_avro");
    READS("{\"type\":\"array\",\"items\":\"int\"}", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\0", "bad_avro");
    READS("{\"type\":\"map\",\"values\":\"int\"}", "\x01\x80\x01", "bad_avro");
    READS("\"string\"", "\x01", "bad_avro");
    READS("\"string\"", "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "bad_avro");
    READS("\"long\"", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", "bad_avro");
    READS("\"long\"", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "bad_avro");
    /* an int has 32 bits, whatever it means */
    READS("\"int\"", "\xFF\xFF\xFF\xFF\x0F", "number:-2147483648");
    READS("\"int\"", "\x80\x80\x80\x80\x10", "bad_avro");
    READS("\"int\"", "\x81\x80\x80\x80\x10", "bad_avro");
    READS(LOGICAL("int", "date"), "\xFE\xFF\xFF\xFF\x0F", "moment:9223372036854775807us:5881580-07-11");
    READS(LOGICAL("int", "date"), "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "bad_avro");
    READS(LOGICAL("int", "time-millis"), "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "bad_avro");
}
END_TEST

#define ADD(text, ...) ck_assert_int_eq(rf_text_printf(text, NULL, __VA_ARGS__), RF_OK)

/* O0 is empty; each further record has the one before it, and a record of two links to that. Of n levels a
 * value stands for 3^n records without a byte. */
static void add_nothings(rf_text *schema, int levels)
{
    ADD(schema, "{\"type\":\"record\",\"name\":\"O%d\",\"fields\":[", levels);
    if (levels == 0) {
        ADD(schema, "{\"name\":\"n\",\"type\":\"null\"}]}");
        return;
    }
    ADD(schema, "{\"name\":\"a\",\"type\":");
    add_nothings(schema, levels - 1);
    ADD(schema,
        "},{\"name\":\"b\",\"type\":{\"type\":\"record\",\"name\":\"E%d\",\"fields\":["
        "{\"name\":\"p\",\"type\":\"O%d\"},{\"name\":\"q\",\"type\":\"O%d\"}]}}]}",
        levels, levels - 1, levels - 1);
}

START_TEST(records_without_bytes_are_found_at_any_depth)
{
    avro_rig r;
    rf_text schema = {0};
    ADD(&schema, "{\"type\":\"record\",\"name\":\"R\",\"fields\":["
                 "{\"name\":\"f\",\"type\":\"int\"},"
                 "{\"name\":\"l\",\"type\":{\"type\":\"array\",\"items\":");
    add_nothings(&schema, 60);
    ADD(&schema, "}},{\"name\":\"last\",\"type\":\"O60\"}]}");
    rig_open(&r, schema.ptr, "f f f l[1].b.p.n");
    for (size_t i = 0; i < r.schema->n_types; i++) {
        const rf_avro_type *type = rf_avro_type_at(r.schema, (int)i);
        ck_assert((int)i == r.schema->root || type->kind != RF_AVRO_RECORD || type->empty);
    }
    ck_assert_int_eq(rig_decode(&r, "\x0E\x06\0", 3), RF_OK);
    ck_assert_str_eq(shown(&r.raws[0]), "number:7");
    rig_close(&r);
    rf_text_clear(&schema);
    /* a record in itself has no end, and so no value of no bytes */
    rig_open(&r,
             "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\",\"type\":\"int\"},"
             "{\"name\":\"l\",\"type\":{\"type\":\"record\",\"name\":\"S\",\"fields\":["
             "{\"name\":\"s\",\"type\":\"S\"},{\"name\":\"t\",\"type\":\"S\"}]}}]}",
             "f f f");
    ck_assert_int_eq(rig_decode(&r, "\x0E", 1), RF_SKIPPED);
    ck_assert_ptr_nonnull(strstr(r.reject.text, "nested too deep"));
    rig_close(&r);
}
END_TEST

START_TEST(a_shared_type_that_leads_nowhere_is_passed_over_wherever_it_is_met)
{
#define ENUM "{\"type\":\"enum\",\"name\":\"Shared\",\"symbols\":[\"S\"]}"
#define FIXED "{\"type\":\"fixed\",\"name\":\"Shared\",\"size\":1}"
#define RECORD "{\"type\":\"record\",\"name\":\"Shared\",\"fields\":[{\"name\":\"n\",\"type\":\"int\"}]}"
#define BRANCH(name, type)                                                                                   \
    "{\"type\":\"record\",\"name\":\"" name "\",\"fields\":[{\"name\":\"x\",\"type\":" type "}]}"
#define BRANCHES(type)                                                                                       \
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"p\",\"type\":[" BRANCH(                     \
        "A", type) "," BRANCH("B", "\"Shared\"") "," BRANCH("C", "{\"type\":\"record\",\"name\":\"Y\","      \
                                                                 "\"fields\":[{\"name\":\"y\","              \
                                                                 "\"type\":\"string\"}]}") "]}]}"
    static const char *const schemas[] = {BRANCHES(ENUM), BRANCHES(FIXED), BRANCHES(RECORD)};
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        avro_rig r;
        rig_open(&r, schemas[i], "p.x.y p.x.y p.x.y");
        ck_assert_int_eq(rig_decode(&r, "\0\0", 2), RF_OK);
        ck_assert_str_eq(shown(&r.raws[0]), "absent");
        ck_assert_int_eq(rig_decode(&r, "\x02\0", 2), RF_OK);
        ck_assert_str_eq(shown(&r.raws[0]), "absent");
        ck_assert_int_eq(rig_decode(&r, "\x04\x02z", 3), RF_OK);
        ck_assert_str_eq(shown(&r.raws[0]), "text:z");
        rig_close(&r);
    }
}
END_TEST

RF_SUITE("avro_bounds", depth_and_numbers_of_items_are_bounded, records_without_bytes_are_found_at_any_depth,
         a_shared_type_that_leads_nowhere_is_passed_over_wherever_it_is_met)
