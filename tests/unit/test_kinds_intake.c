/* test_kinds_intake.c - records that name entities of several kinds become events: the same from every
 * format.
 */
#include "made_files.h"

#include "decoder_int.h"

static const char *const lower_words[] = {"lower", "squeeze"}, *const digit_words[] = {"digits"},
                         *const trim_words[] = {"trim"};
static const char *const zip[] = {"zip"};

/* shop, and where there are: device, address (street and zip), card (digits alone). */
static const rf_kind kinds[] = {{.name = "shop", .required = true},
                                {.name = "device"},
                                {.name = "address"},
                                {.name = "card", .required = true}};
static const rf_kind_field others[] = {
    {.field = "dev.id"},
    {.field = "street", .more = {.names = zip, .n = 1, .joined = true}, .normalise = {lower_words, 2}},
    {.field = "card", .normalise = {digit_words, 1}}};
static const rf_attr attrs[] = {{.name = "channel", .field = "channel", .type = RF_ATTR_CATEGORY}};
static const rf_schema schema = {.attrs = attrs, .n_attrs = 1, .kinds = kinds, .n_kinds = 4};

static rf_fields fields_of_kinds(void)
{
    return (rf_fields){.user = "user",
                       .entity = "shop",
                       .time = "t",
                       .time_format = RF_TIME_S,
                       .normalise = trim_words,
                       .n_normalise = 1,
                       .others = others,
                       .null_values = rf_usual_null_values,
                       .n_null_values = rf_n_usual_null_values,
                       .schema = &schema};
}

static void add_event(rf_text *out, const rf_event *event, const rf_schema *of)
{
    made_add_span(out, event->user);
    for (int k = 0; k < of->n_kinds; k++)
        made_add_span(out, rf_event_entity(event, k));
    if (of->n_attrs > 0)
        made_add_span(out, event->values[0].text);
    made_adds(out, "\n");
}

/* What is read of the content: a line an event, "# REASON" a reject. */
static void read_all(rf_text *out, const char *name, const char *content, const rf_fields *fields)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_source *source = NULL;
    rf_source_options options;
    const char *paths[1];
    rf_spill(rf_tmp_path(path, name), content, strlen(content));
    rf_source_options_default(&options);
    paths[0] = path;
    options.paths = paths;
    options.n_paths = 1;
    options.fields = *fields;
    options.max_rejects = 1e9;
    RF_CHECK_OK(err, rf_source_open(&source, &options, &err));
    for (const rf_event *event;;) {
        rf_status st = rf_source_poll(source, &event, &err);
        ck_assert_msg(st >= 0, "%s", err.msg);
        if (st == RF_EOF)
            break;
        if (st == RF_OK)
            add_event(out, event, fields->schema);
    }
    rf_reject_tally tallies[RF_MOST_TALLIES];
    int n = rf_source_tally(source, tallies);
    for (int i = 0; i < n; i++) {
        made_adds(out, "# ");
        made_adds(out, strchr(tallies[i].sample, ' ') + 1);
        made_adds(out, "\n");
    }
    rf_source_close(&source);
}

static const char events[] = "|ann|s1|d1|main st|1|41|web\n"
                             "|bob|s1|-|-|42|-\n"
                             "|cy|s2|d2|-|43|-\n";

START_TEST(json_records_name_entities_of_each_kind)
{
    rf_text got = {0};
    const rf_fields fields = fields_of_kinds();
    read_all(&got, "kinds.jsonl",
             "{\"user\":\"ann\",\"shop\":\"s1 \",\"t\":1600000000,\"dev\":{\"id\":\"d1\"},"
             "\"street\":\"Main  St\",\"zip\":1,\"card\":\"4-1\",\"channel\":\"web\"}\n"
             "{\"user\":\"bob\",\"shop\":\"s1\",\"t\":1600000000,\"dev\":{\"id\":null},\"street\":\"x\","
             "\"card\":\"42\"}\n"
             "{\"user\":\"cy\",\"shop\":\"s2\",\"t\":1600000000,\"dev\":{\"id\":\"d2\"},\"street\":\"\","
             "\"zip\":\"1\",\"card\":43}\n",
             &fields);
    ck_assert_str_eq(got.ptr, events);
    rf_text_clear(&got);
}
END_TEST

START_TEST(csv_records_name_entities_of_each_kind)
{
    rf_text got = {0};
    const rf_fields fields = fields_of_kinds();
    read_all(&got, "kinds.csv",
             "t,user,shop,dev.id,street,zip,card,channel\n"
             "1600000000,ann,s1 ,d1,Main  St,1,4-1,web\n"
             "1600000000,bob,s1,NULL,x,,42,\n"
             "1600000000,cy,s2,d2, ,1,43,\n",
             &fields);
    ck_assert_str_eq(got.ptr, events);
    rf_text_clear(&got);
}
END_TEST

START_TEST(what_is_wrong_with_an_entity_is_said_by_its_kind)
{
    static const char *const ip_words[] = {"ip_prefix 24/56"};
    static const rf_kind three[] = {
        {.name = "shop", .required = true}, {.name = "ip"}, {.name = "card", .required = true}};
    const rf_kind_field two[] = {{.field = "ip", .normalise = {ip_words, 1}},
                                 {.field = "card", .normalise = {digit_words, 1}}};
    const rf_schema of_three = {.kinds = three, .n_kinds = 3};
    rf_fields fields = fields_of_kinds();
    fields.schema = &of_three;
    fields.others = two;
    static const struct {
        const char *record, *reason;
    } cases[] = {
        {"1,ann,s1,10.0.0.7,",
         "card: the record has no value in field \"card\" (fields.entities.card.required: "
         "false lets it be missing)"},
        {"1,ann,s1,10.0.0.7,NULL", "card (field \"card\"): \"NULL\" means that there is none "
                                   "(fields.null_values)"},
        {"1,ann,s1,10.0.0.7,none", "card: nothing is left of it by fields.entities.card.normalise"},
        {"1,ann,,10.0.0.7,4", "shop: the record has no value in field \"shop\" (source.where: shop exists "
                              "passes over such records)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rf_text got = {0}, content = {0};
        rf_err err = {0};
        RF_CHECK_OK(err, rf_text_printf(&content, &err, "t,user,shop,ip,card\n%s\n", cases[i].record));
        read_all(&got, "wrong.csv", content.ptr, &fields);
        ck_assert_msg(strstr(got.ptr, cases[i].reason) != NULL, "%s: %s", cases[i].record, got.ptr);
        rf_text_clear(&got);
        rf_text_clear(&content);
    }
}
END_TEST

/* A kind that need not be there is none, whether nothing is left of the value or a word refuses it. */
START_TEST(no_event_is_lost_for_a_kind_that_it_need_not_have)
{
    static const char *const ip_words[] = {"ip_prefix 24/56"};
    static const rf_kind two[] = {{.name = "shop", .required = true}, {.name = "ip"}, {.name = "card"}};
    const rf_kind_field behind[] = {{.field = "ip", .normalise = {ip_words, 1}},
                                    {.field = "card", .normalise = {digit_words, 1}}};
    const rf_schema of_three = {.kinds = two, .n_kinds = 3};
    rf_fields fields = fields_of_kinds();
    rf_text got = {0};
    fields.schema = &of_three;
    fields.others = behind;
    read_all(&got, "refused.csv",
             "t,user,shop,ip,card\n"
             "1,ann,s1,nowhere,none\n"
             "1,bob,s1,10.0.0.7,4-1\n"
             "1,cy,s1,unknown,\n",
             &fields);
    ck_assert_str_eq(got.ptr, "|ann|s1|-|-\n"
                              "|bob|s1|10.0.0.0/24|41\n"
                              "|cy|s1|-|-\n");
    rf_text_clear(&got);
}
END_TEST

START_TEST(pseudonyms_take_the_place_of_all_ids)
{
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    rf_event event;
    rf_reject reject;
    rf_source_options options;
    rf_source_options_default(&options);
    options.fields = fields_of_kinds();
    RF_CHECK_OK(err, rf_hash_key_of_bytes(&options.pseudonym_key,
                                          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                                          64, "the test", &err));
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    const rf_span record = made_span("{\"user\":\"a\",\"shop\":\"b\",\"t\":1600000000,\"dev\":{\"id\":\"b\"},"
                                     "\"card\":\"43\"}");
    RF_CHECK_OK(err, rf_decoder_decode(decoder, &event, RF_FORMAT_JSONL, record, NULL, &reject, &err));
    char kept[8 * RF_MAX_ID_BYTES];
    rf_decoder_keep_texts(decoder, &event, (rf_span){0}, kept);
    for (int k = 0; k < schema.n_kinds; k++) {
        const rf_span id = rf_event_entity(&event, k);
        ck_assert_uint_eq(id.len, k == 2 ? 0 : RF_PSEUDONYM - 1);
        ck_assert(id.ptr == NULL || (id.ptr >= kept && id.ptr < kept + sizeof kept));
    }
    ck_assert_ptr_null(event.others[1].ptr);
    ck_assert(memcmp(event.entity.ptr, event.others[0].ptr, event.entity.len) == 0); /* one id, one name */
    ck_assert(memcmp(event.entity.ptr, event.others[2].ptr, event.entity.len) != 0);
    rf_decoder_free(decoder);
    rf_hash_key_free(options.pseudonym_key);
}
END_TEST

/* Behind the first 10,000 records a thread reads ahead, and events outlive their records. */
START_TEST(entities_of_each_kind_are_kept_by_the_thread_that_reads_ahead)
{
    enum { RECORDS = 12000 };
    rf_err err = {0};
    rf_text content = {0}, got = {0}, want = {0};
    const rf_fields fields = fields_of_kinds();
    made_adds(&content, "t,user,shop,dev.id,street,zip,card,channel\n");
    for (int i = 0; i < RECORDS; i++) {
        char device[16] = "", address[16] = "";
        if (i % 3 == 0)
            snprintf(device, sizeof device, "d%d", i % 11);
        if (i % 2 == 0)
            snprintf(address, sizeof address, "a%d|7", i % 5);
        RF_CHECK_OK(err, rf_text_printf(&content, &err, "1600000000,u%d,s%d,%s,A%d,%s,c%d,w\n", i, i % 7,
                                        device, i % 5, address[0] == '\0' ? "" : "7", i));
        RF_CHECK_OK(err,
                    rf_text_printf(&want, &err, "|u%d|s%d|%s|%s|%d|w\n", i, i % 7,
                                   device[0] == '\0' ? "-" : device, address[0] == '\0' ? "-" : address, i));
    }
    read_all(&got, "many.csv", content.ptr, &fields);
    ck_assert_uint_eq(got.len, want.len);
    ck_assert(memcmp(got.ptr, want.ptr, got.len) == 0);
    rf_text_clear(&content);
    rf_text_clear(&got);
    rf_text_clear(&want);
}
END_TEST

START_TEST(a_key_of_a_kind_that_no_record_has_is_told)
{
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    rf_event event;
    rf_reject reject;
    rf_source_options options;
    rf_source_options_default(&options);
    options.fields = fields_of_kinds();
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    const rf_span record =
        made_span("{\"user\":\"a\",\"shop\":\"b\",\"t\":1600000000,\"dev\":{\"ident\":\"b\"},"
                  "\"street\":\"x\",\"zip\":1,\"channel\":\"w\",\"card\":\"43\"}");
    for (int i = 0; i < 5; i++)
        RF_CHECK_OK(err, rf_decoder_decode(decoder, &event, RF_FORMAT_JSONL, record, NULL, &reject, &err));
    ck_assert_int_eq(rf_decoder_end(decoder, &err), RF_E_INVALID);
    ck_assert_msg(strstr(err.msg,
                         "none of the first 5 JSON records has the key \"dev.id\", which fields name; the "
                         "nearest is \"dev\"") != NULL,
                  "%s", err.msg);
    rf_decoder_free(decoder);
}
END_TEST

RF_SUITE("kinds_intake", json_records_name_entities_of_each_kind, csv_records_name_entities_of_each_kind,
         what_is_wrong_with_an_entity_is_said_by_its_kind, no_event_is_lost_for_a_kind_that_it_need_not_have,
         pseudonyms_take_the_place_of_all_ids, entities_of_each_kind_are_kept_by_the_thread_that_reads_ahead,
         a_key_of_a_kind_that_no_record_has_is_told)
