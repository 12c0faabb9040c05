/* test_sample.c - what a sample shows of files of many shapes: dialects, lists, kinds of values; and its
 * trial. */
#include "made_avro.h"
#include "made_sample.h"
#include "rf_event_view.h"
#include "value_mask_int.h"

/* ---- names, masks, statistics ---- */

START_TEST(names_are_cut_into_words)
{
    ck_assert(rf_words_score("nameOrig", RF_WORD_USER) >= 9);
    ck_assert(rf_words_score("nameDest", RF_WORD_ENTITY) >= 9);
    ck_assert(rf_words_score("reviewerID", RF_WORD_USER) >= 9);
    ck_assert(rf_words_score("customer_id", RF_WORD_USER) >= 9);
    ck_assert(rf_words_score("Kundennummer", RF_WORD_USER) > 5);
    ck_assert(rf_words_score("num\xC3\xA9ro de compte", RF_WORD_USER) > 5);
    ck_assert(rf_words_score("is_fraud", RF_WORD_LABEL) >= 9);
    ck_assert(rf_words_score("Is Laundering", RF_WORD_LABEL) >= 9);
    ck_assert(rf_words_score("colour", RF_WORD_USER) == 0);
    ck_assert(rf_words_have("actor.URLName", "name"));
    ck_assert(!rf_words_have("filename", "name"));
}
END_TEST

START_TEST(values_are_masked)
{
    char out[RF_MASKED];
    ck_assert_str_eq(rf_masked(out, "u1234567", 8), "u***7");
    ck_assert_str_eq(rf_masked(out, "abc", 3), "***");
    ck_assert_str_eq(rf_masked(out, "", 0), "\"\"");
    ck_assert_str_eq(rf_masked(out, "\xC3\xA4xxxxx\xC3\xB6", 9), "\xC3\xA4***\xC3\xB6");
    ck_assert_str_eq(rf_masked(out, "\x1b[31mxx", 7), "\\x1b***x");
}
END_TEST

START_TEST(different_values_are_counted)
{
    rf_err err = {0};
    char text[32];
    for (int most = 10; most <= 100000; most *= 10) {
        rf_sample_column column = {.last_record = -1};
        for (int i = 0; i < 2 * most; i++) {
            rf_raw raw = {.kind = RF_RAW_TEXT, .text = {text, (size_t)sprintf(text, "v%d", i % most)}};
            RF_HOLDS(rf_column_add(&column, i, &raw, -1, &err) == RF_OK);
        }
        double distinct = rf_column_distinct(&column);
        ck_assert_msg(fabs(distinct - most) <= 0.01 * most, "%g different of %d", distinct, most);
        ck_assert_int_eq(column.records, 2 * most);
        ck_assert(column.n_kept > 0 && column.n_kept <= RF_KEPT_VALUES && column.n_top <= RF_TOP_VALUES);
        rf_column_clear(&column);
    }
}
END_TEST

/* ---- how much is read ---- */

static bool is_part(const char *content, int64_t records)
{
    rf_err err = {0};
    looked look;
    begin(&look, "part.csv", content);
    RF_CHECK_OK(err, rf_sample_read(&look.sample, &look.options, records, &err));
    bool part = rf_sample_is_part(look.sample);
    end(&look);
    return part;
}

START_TEST(what_was_not_read_is_said)
{
    ck_assert(!is_part("user,shop\nu1,s1\nu2,s2\n\n", 2));
    ck_assert(!is_part("user,shop\nu1,s1\nu2,s2", 2));
    ck_assert(!is_part("user,shop\nu1,s1\n", 2));
    ck_assert(is_part("user,shop\nu1,s1\nu2,s2\nu3,s3\n", 2));
    ck_assert(is_part("user,shop\nu1,s1\nu2,s2\n\"u3", 2));
}
END_TEST

/* ---- CSV ---- */

static void german_row(char *out, int i)
{
    sprintf(out, "K%d;H%d;%02d.%02d.2024 %02d:15;1.%03d,%02d \xE2\x82\xAC;%s\n", 1000 + i * 31 % 40,
            200 + i * 7 % 9, 1 + i % 28, 1 + i / 28 % 12, i % 24, i % 1000, i % 100,
            i % 30 == 0 ? "ja" : "nein");
}

START_TEST(office_exports_are_understood)
{
    looked look;
    propose(&look, "german.csv", "Export\n\nKundennr;H\xC3\xA4ndler;Buchungsdatum;Betrag;Betrug\n", 200,
            german_row);
    check_role(&look, RF_ROLE_USER, "Kundennr");
    check_role(&look, RF_ROLE_ENTITY, "\"H\xC3\xA4ndler\"");
    check_role(&look, RF_ROLE_TIME, "Buchungsdatum");
    check_role(&look, RF_ROLE_LABEL, "Betrug");
    check_says(&look, "delimiter: \";\"");
    check_says(&look, "skip: 2");
    check_says(&look, "%d.%m.%Y %H:%M");
    check_says(&look, "numbers: {decimal: comma, thousands: point, currency: [\"\xE2\x82\xAC\"]}");
    check_says(&look, "true_values: [ja]");
    end(&look);
}
END_TEST

static void bare_row(char *out, int i)
{
    sprintf(out, "%d,%d,%d,%d.5\n", 1 + i * 31 % 60, 1 + i * 7 % 70, i % 21 - 10, 1289000000 + i * 900);
}

START_TEST(columns_without_names_go_by_position)
{
    looked look;
    propose(&look, "bare.csv", "", 400, bare_row);
    check_role(&look, RF_ROLE_USER, "\"#1\"");
    check_role(&look, RF_ROLE_ENTITY, "\"#2\"");
    check_role(&look, RF_ROLE_TIME, "\"#4\"");
    check_says(&look, "header: false");
    check_says(&look, "format: s}");
    end(&look);
}
END_TEST

static void quoted_row(char *out, int i)
{
    sprintf(out, "%d,'C%d','%c','M%d',%d.25,%d\n", i / 20, 5000 + i * 31 % 50, "MF"[i % 2], 100 + i * 7 % 13,
            i % 90, i % 50 == 0);
}

START_TEST(single_quotes_are_seen)
{
    looked look;
    propose(&look, "quoted.csv", "step,customer,gender,merchant,amount,fraud\n", 300, quoted_row);
    check_role(&look, RF_ROLE_USER, "customer");
    check_role(&look, RF_ROLE_ENTITY, "merchant");
    check_says(&look, "quote: \"'\"");
    check_says(&look, "format: h, since: 2020-01-01");
    check_says(&look, "C***");
    ck_assert(strstr(look.yaml.ptr, "C5000") == NULL);
    ck_assert(rf_proposal_doubt(look.proposal, 0) != NULL);
    end(&look);
}
END_TEST

static void transfer_row(char *out, int i)
{
    sprintf(out, "2022/09/%02d %02d:%02d,0%d,8000%X,0%d,8000%X,%d.10,Wire,%d\n", 1 + i / 100, i % 24, i % 60,
            i * 5 % 7, i * 31 % 40, i * 3 % 5, i * 17 % 40, i, i % 60 == 0);
}

START_TEST(accounts_of_one_name_are_two_sides_and_need_their_banks)
{
    looked look;
    propose(&look, "aml.csv",
            "Timestamp,From Bank,Account,To Bank,Account,Amount Paid,Payment Format,Is Laundering\n", 400,
            transfer_row);
    check_role(&look, RF_ROLE_USER, "{join: [\"From Bank\", \"Account#1\"]}");
    check_role(&look, RF_ROLE_ENTITY, "{join: [\"To Bank\", \"Account#2\"]}");
    check_says(&look, "%Y/%m/%d %H:%M");
    end(&look);
}
END_TEST

static void calendar_row(char *out, int i)
{
    sprintf(out, "%d,%d,%d,%02d:%02d,$%d.30,-%d00000007,%s\n", i / 10, 2018 + i / 200, 1 + i % 12, i % 24,
            i % 60, i % 300, 1 + i % 17, i % 40 == 0 ? "Yes" : "No");
}

START_TEST(a_time_is_put_together)
{
    looked look;
    propose(&look, "calendar.csv", "User,Year,Month,Time,Amount,Merchant Name,Is Fraud?\n", 10, calendar_row);
    check_role(&look, RF_ROLE_TIME, ""); /* there is no day */
    end(&look);
}
END_TEST

static void dirty_row(char *out, int i)
{
    static const char *const users[] = {"Ann%d", "ann%d", " Ann%d", "ANN%d"};
    char user[32], amount[16];
    sprintf(user, users[i / 40 % 4], i * 31 % 40);
    sprintf(amount, "%d.5", i);
    sprintf(out, "%s,%d%s,2024-01-%02d,%s\n", user, 100 + i * 7 % 11, i % 5 == 0 ? ".0" : "", 1 + i % 28,
            i % 9 == 0 ? "?" : amount);
}

START_TEST(other_spellings_and_words_for_nothing_are_seen)
{
    looked look;
    propose(&look, "dirty.csv", "customer,shop,date,amount\n", 300, dirty_row);
    check_says(&look, "normalise: [trim, lower, whole]");
    check_says(&look, "undefined, \"-\", \"?\"]");
    check_says(&look, "amount: {type: number, log1p: true, required: false}");
    end(&look);
}
END_TEST

static void device_row(char *out, int i)
{
    sprintf(out, "c%d,s%d,%d,%d,%d,%d,19%02d-03-%02d,%d\n", 1000 + i * 31 % 40, 100 + i * 7 % 11,
            1700000000 + i * 60, 1512345678 + i * 7919 % 40000, 167772161 + i * 31 % 200, 20000 + i % 60,
            i % 90, 1 + i % 28, 1500000000 + i * 911 % 50000);
}

START_TEST(what_names_somebody_is_masked)
{
    looked look;
    propose(&look, "devices.csv", "customer,shop,ts,device_id,ip,city_pop,birth_date,last_login_ts\n", 300,
            device_row);
    check_role(&look, RF_ROLE_TIME, "ts");
    check_says(&look, "from 1700000000 to ");
    check_says(&look, "20000 to 20059");
    ck_assert_ptr_null(strstr(look.yaml.ptr, "15123"));
    ck_assert_ptr_null(strstr(look.yaml.ptr, "16777"));
    ck_assert_ptr_null(strstr(look.yaml.ptr, "1900-"));
    end(&look);
}
END_TEST

/* ---- JSON ---- */

static void order_row(char *out, int i)
{
    sprintf(out,
            "{\"id\":%d,\"created_at\":\"2024-01-%02dT%02d:00:00Z\",\"customer\":{\"id\":%d,\"email\":\"a%d@"
            "x.org\"},"
            "\"line_items\":[{\"id\":%d,\"sku\":\"S%d\"},{\"id\":%d,\"sku\":\"S%d\"}],\"total\":\"%d.50\"}\n",
            7000 + i, 1 + i / 24 % 28, i % 24, 100 + i * 31 % 40, i * 31 % 40, 2 * i + 50000,
            i * 7 % 30 + 100, 2 * i + 50001, i * 11 % 30 + 100, i);
}

START_TEST(items_of_a_list_are_events)
{
    looked look;
    propose(&look, "orders.jsonl", "", 200, order_row);
    check_role(&look, RF_ROLE_USER, "customer.id");
    check_role(&look, RF_ROLE_ENTITY, "\"line_items[*].sku\"");
    check_role(&look, RF_ROLE_EVENT_ID, "{join: [id, \"line_items[*].id\"]}");
    end(&look);
}
END_TEST

static void change_row(char *out, int i)
{
    char row[200];
    sprintf(
        row,
        "{\"order_id\":%d,\"customer_id\":\"c%d\",\"shop_id\":\"s%d\",\"amount\":%d.5,\"created_at\":%lld}",
        500 + i, 1000 + i * 31 % 40, 100 + i * 7 % 11, i, 1700000000000LL + i * 60000LL);
    const char op = "cccrud"[i % 6];
    sprintf(out,
            "{\"before\":%s,\"after\":%s,\"source\":{\"ts_ms\":%lld,\"table\":\"orders\"},\"op\":\"%c\",\"ts_"
            "ms\":%lld}\n",
            op == 'u' || op == 'd' ? row : "null", op == 'd' ? "null" : row, 1700000000000LL + i * 60000LL,
            op, 1700000000500LL + i * 60000LL);
}

START_TEST(changes_of_rows_are_unwrapped)
{
    looked look;
    propose(&look, "changes.jsonl", "", 300, change_row);
    check_role(&look, RF_ROLE_USER, "after.customer_id");
    check_role(&look, RF_ROLE_ENTITY, "after.shop_id");
    check_role(&look, RF_ROLE_TIME, "after.created_at");
    check_says(&look, "- \"op in c, r\"");
    end(&look);
}
END_TEST

static void flat_change_row(char *out, int i)
{
    sprintf(out,
            "{\"id\":%d,\"customer_id\":%d,\"shop_id\":%d,\"total\":%d,\"created_at\":%d,\"__op\":\"%c\"}\n",
            i / 2, i / 2 * 31 % 43, i / 2 * 17 % 23, i % 90, 1700000000 + i * 60, i % 2 == 0 ? 'c' : 'u');
}

START_TEST(changes_of_rows_without_an_envelope_are_seen)
{
    looked look;
    propose(&look, "flat.jsonl", "", 300, flat_change_row);
    check_role(&look, RF_ROLE_EVENT_ID, "id");
    check_says(&look, "- \"__op in c, r\"");
    check_says(&look, "__op (of the change of a row)");
    end(&look);
}
END_TEST

/* ---- Avro ---- */

#define SHOP_SCHEMA                                                                                          \
    "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"customer\",\"type\":{\"type\":"         \
    "\"record\","                                                                                            \
    "\"name\":\"Customer\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"}]}},{\"name\":\"shop\","         \
    "\"type\":[\"null\","                                                                                    \
    "\"string\"]},{\"name\":\"created\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}}," \
    "{\"name\":\"amount\",\"type\":\"double\"}]}"

static void make_avro(rf_text *file, int rows)
{
    rf_text block = {0};
    char text[32];
    made_avro_header(file, SHOP_SCHEMA, NULL);
    for (int i = 0; i < rows; i++) {
        double amount = i % 90 + 0.25;
        sprintf(text, "c%d", 1000 + i * 31 % 40);
        made_avro_text(&block, text);
        made_avro_long(&block, 1);
        sprintf(text, "s%d", 100 + i * 7 % 11);
        made_avro_text(&block, text);
        made_avro_long(&block, 1700000000000 + i * 60000);
        made_add(&block, (const char *)&amount, sizeof amount);
    }
    made_avro_block(file, rows, block.ptr, block.len);
    rf_text_clear(&block);
}

START_TEST(avro_files_are_looked_at)
{
    rf_err err = {0};
    looked look;
    rf_trial trial;
    rf_text file = {0};
    make_avro(&file, 200);
    begin(&look, "orders.bin", "");
    rf_spill(look.path, file.ptr, file.len);
    RF_CHECK_OK(err, propose_all(&look, &err));
    check_role(&look, RF_ROLE_USER, "customer.id");
    check_role(&look, RF_ROLE_ENTITY, "shop");
    check_role(&look, RF_ROLE_TIME, "created");
    check_says(&look, "amount: {type: number, log1p: true}");
    look.options.fields.user = "customer.id";
    look.options.fields.entity = "shop";
    look.options.fields.time = "created";
    RF_CHECK_OK(err, rf_sample_try(&trial, look.sample, &look.options, NULL, NULL, &err));
    ck_assert_int_eq(trial.accepted, 200);
    end(&look);
    rf_text_clear(&file);
}
END_TEST

/* ---- trials ---- */

START_TEST(nothing_leaks_when_memory_ends)
{
    looked look;
    begin(&look, "small.csv",
          "user,shop,ts,amount\nu1,s1,2024-01-01,1.5\nu2,s1,2024-01-02,2.5\nu1,s2,2024-01-03,3.5\nu3,s3,2024-"
          "01-04,1\n");
    RF_SWEEP(propose_all(&look, sweep_err), end(&look));
    rf_text_clear(&look.yaml);
}
END_TEST

static rf_status view_event(void *context, const rf_event *event, rf_err *err)
{
    return rf_event_view_add(context, event, err);
}

static rf_status try_all(const looked *look, rf_err *err)
{
    rf_status st = RF_OK;
    rf_event_view *view = NULL;
    rf_trial trial;
    rf_event_row row;
    double all;
    RF_TRY(rf_sample_try(&trial, look->sample, &look->options, NULL, NULL, err));
    RF_TRY(rf_event_view_new(&view, &look->options.fields, err));
    RF_TRY(rf_source_try(&trial, &all, &look->options, 100, view_event, view, err));
    for (int i = 0; i < rf_event_view_rows(view); i++)
        rf_event_view_row(&row, view, i);
done:
    rf_event_view_free(view);
    return st;
}

START_TEST(a_trial_leaks_nothing_when_memory_ends)
{
    static const rf_attr attrs[] = {{.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER},
                                    {.name = "kind", .field = "kind", .type = RF_ATTR_CATEGORY, .top = 5}};
    rf_err err = {0};
    looked look;
    begin(&look, "small.csv",
          "user,shop,ts,amount,kind\nu1,s1,2024-01-01,1.5,a\nu2,s1,2024-01-02,x,b\nu1,s2,2024-01-03,3.5,a\n");
    RF_CHECK_OK(err, propose_all(&look, &err));
    look.schema = (rf_schema){.attrs = attrs, .n_attrs = 2};
    look.options.fields.user = "user";
    look.options.fields.entity = "shop";
    look.options.fields.time = "ts";
    RF_SWEEP(try_all(&look, sweep_err), );
    end(&look);
}
END_TEST

START_TEST(a_record_that_is_too_long_is_named)
{
    rf_err err = {0};
    looked look;
    size_t len = RF_MAX_RECORD + 100;
    char *content = malloc(len + 1);
    memset(content, ' ', len);
    memcpy(content, "{\"data\":[", 9);
    content[len] = '\0';
    begin(&look, "long.json", content);
    RF_CHECK_FAILS(err, RF_E_INVALID, "more than 16 MiB", propose_all(&look, &err));
    free(content);
}
END_TEST

START_TEST(a_file_without_sides_is_refused)
{
    rf_err err = {0};
    looked look;
    begin(&look, "none.csv", "amount,price\n1.5,2.5\n2.5,3.5\n3.25,1.5\n");
    RF_CHECK_FAILS(err, RF_E_INVALID, "--user COLUMN", propose_all(&look, &err));
    end(&look);
    begin(&look, "empty.csv", "");
    RF_CHECK_FAILS(err, RF_E_INVALID, "nothing in it", propose_all(&look, &err));
    end(&look);
    begin(&look, "header.csv", "user,shop,time\n");
    RF_CHECK_FAILS(err, RF_E_INVALID, "no record yet", propose_all(&look, &err));
    end(&look);
    begin(&look, "binary.csv", "\x02\x03\x7f\x10\xc3\xa4\x05\n\x06,\x07\x08");
    RF_CHECK_FAILS(err, RF_E_INVALID, "is no text", propose_all(&look, &err));
    end(&look);
}
END_TEST

/* ---- lines before a table ---- */

static void statement_row(char *out, int i)
{
    sprintf(out, "%02d.01.2024;Kunde %d;;H%d;%d,50;pay%d@bank\n", 1 + i % 28, i * 7 % 13, i * 5 % 7, 10 + i,
            i % 6);
}

START_TEST(lines_before_the_table_may_have_as_many_fields)
{
    looked look;
    propose(&look, "statement.csv",
            "Kontoauszug;;;;;\nvon 01.01.2024;;;;;\n\nTag;Kunde;Vermerk;H\xC3\xA4ndler;Betrag;Adresse\n", 60,
            statement_row);
    check_role(&look, RF_ROLE_USER, "Kunde");
    check_role(&look, RF_ROLE_ENTITY, "\"H\xC3\xA4ndler\"");
    check_says(&look, "skip: 3");
    ck_assert(strstr(look.yaml.ptr, "@bank") == NULL);
    end(&look);
}
END_TEST

static void sparse_row(char *out, int i)
{
    sprintf(out, "u%d,s%d,170000%04d,,,,%s\n", i * 7 % 13, i * 5 % 7, i, i % 9 == 8 ? "x" : "");
}

START_TEST(records_with_few_fields_are_not_lines_before_a_table)
{
    looked look;
    propose(&look, "sparse.csv", "", 60, sparse_row);
    ck_assert(strstr(look.yaml.ptr, "skip") == NULL);
    ck_assert_int_eq((int)look.sample->records, 60);
    end(&look);
}
END_TEST

START_TEST(growth_is_expected_as_it_was)
{
    rf_err err = {0};
    rf_event_view *view = NULL;
    rf_schema schema = {0};
    const rf_fields fields = {.user = "u", .entity = "e", .time = "t", .schema = &schema};
    char user[16], entity[16];
    RF_CHECK_OK(err, rf_event_view_new(&view, &fields, &err));
    for (int i = 0; i < 20000; i++) {
        rf_event event = {.label = -1, .time_us = i};
        event.user = (rf_span){user, (size_t)sprintf(user, "u%d", i)}; /* each a new one */
        event.entity = (rf_span){entity, (size_t)sprintf(entity, "e%d", i % 100)};
        RF_HOLDS(rf_event_view_add(view, &event, &err) == RF_OK);
    }
    rf_growth all = rf_event_view_expect(view, 200000);
    ck_assert_int_eq(all.users, 200000);
    ck_assert_int_eq(all.entities[0], 100);
    ck_assert_int_eq(all.pairs[0], 200000);
    rf_event_view_free(view);
}
END_TEST

RF_SUITE("sample", what_was_not_read_is_said, names_are_cut_into_words, values_are_masked,
         different_values_are_counted, office_exports_are_understood, columns_without_names_go_by_position,
         single_quotes_are_seen, accounts_of_one_name_are_two_sides_and_need_their_banks,
         a_time_is_put_together, other_spellings_and_words_for_nothing_are_seen,
         what_names_somebody_is_masked, items_of_a_list_are_events, changes_of_rows_are_unwrapped,
         changes_of_rows_without_an_envelope_are_seen, avro_files_are_looked_at,
         nothing_leaks_when_memory_ends, a_trial_leaks_nothing_when_memory_ends,
         a_record_that_is_too_long_is_named, a_file_without_sides_is_refused,
         lines_before_the_table_may_have_as_many_fields, records_with_few_fields_are_not_lines_before_a_table,
         growth_is_expected_as_it_was)
