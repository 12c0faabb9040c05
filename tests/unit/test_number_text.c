/* test_number_text.c - numbers by a style, words for nothing, and which setting would read what is no number.
 */
#include "made_records.h"

#include "number_text_int.h"

static const char *const signs[] = {"$", "EUR", "\xE2\x82\xAC"};
static const rf_number_style plain = {0}, english = {.thousands = ','},
                             german = {.decimal = ',', .thousands = '.'},
                             french = {.decimal = ',', .thousands = ' '}, swiss = {.thousands = '\''},
                             dollars = {.thousands = ',', .currency = signs, .n_currency = 3},
                             euros = {.decimal = ',', .currency = signs, .n_currency = 3};

START_TEST(a_number_is_read_by_its_style)
{
    static const struct {
        const rf_number_style *style;
        const char *text;
        const char *plain; /* NULL: it is no number */
    } cases[] = {
        {&plain, " 48.50\t", "48.5"},
        {&plain, "\xC2\xA0-48.50\xE2\x80\xAF", "-48.5"},
        {&plain, "1,084.50", NULL},
        {&plain, "48,50", NULL},
        {&plain, "$5", NULL},
        {&plain, "(5)", NULL},
        {&plain, "4 8", NULL},
        {&english, "1,084.50", "1084.5"},
        {&english, "12,345,678", "12345678"},
        {&english, "12,34,567.5", "1234567.5"},
        {&english, "1084.50", "1084.5"},
        {&english, "1,5", NULL},
        {&english, "1,0845", NULL},
        {&english, "1234,567", NULL},
        {&english, ",567", NULL},
        {&english, "1,,567", NULL},
        {&english, "1,234,", NULL},
        {&english, "1,2,345", NULL},
        {&english, "(1,084.50)", "-1084.5"},
        {&english, "(-5)", NULL},
        {&german, "1.084,50", "1084.5"},
        {&german, "-48,5e2", "-4850"},
        {&german, "1.084", "1084"},
        {&german, "48.50", NULL},
        {&german, "1.234.567,891", "1234567.891"},
        {&euros, "48.50", NULL},
        {&euros, "48,50 \xE2\x82\xAC", "48.5"},
        {&euros, "EUR48,50", "48.5"},
        {&french, "1 084,50", "1084.5"},
        {&french,
         "1\xC2\xA0"
         "084\xE2\x80\xAF"
         "000,5",
         "1084000.5"},
        {&swiss, "1'084.50", "1084.5"},
        {&dollars, "$1,084.50", "1084.5"},
        {&dollars, "-$5", "-5"},
        {&dollars, "$-5", "-5"},
        {&dollars, "$ 5", "5"},
        {&dollars, "($5.00)", "-5"},
        {&dollars, "5 EUR", "5"},
        {&dollars, "+-5", NULL},
        {&dollars, "--5", NULL},
        {&dollars, "$$5", NULL},
        {&dollars, "$", NULL},
        {&dollars, "", NULL},
        {&dollars,
         "\xC2\xA3"
         "5",
         NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = 0, want = 0;
        rf_number_status st = rf_number_read(&got, cases[i].style, made_span(cases[i].text));
        ck_assert_msg((st == RF_NUMBER_OK) == (cases[i].plain != NULL), "\"%s\": %d", cases[i].text, st);
        if (cases[i].plain == NULL)
            continue;
        ck_assert_int_eq(rf_fixed_parse(&want, cases[i].plain, strlen(cases[i].plain)), RF_NUMBER_OK);
        ck_assert_msg(got == want, "\"%s\" is %lld", cases[i].text, (long long)got);
    }
    int64_t ignored;
    ck_assert_int_eq(rf_number_read(&ignored, &german, made_span("NaN")), RF_NUMBER_NOT_FINITE);
    ck_assert_int_eq(rf_number_read(&ignored, &german, made_span("10.000.000.000.000,0")), RF_NUMBER_RANGE);
}
END_TEST

START_TEST(a_hint_names_the_setting_that_reads_the_text)
{
    static const struct {
        const rf_number_style *style;
        const char *text, *part;
    } cases[] = {
        {&plain, "1,084.50", "thousands: comma"},
        {&plain, "48,50", "decimal: comma"},
        {&plain, "1,084", "whether the comma"},
        {&plain, "", ""},
        {&plain, "1.084,50", "{decimal: comma, thousands: point}"},
        {&plain, "1 084.50", "thousands: space"},
        {&plain, "1 084,50", "{decimal: comma, thousands: space}"},
        {&plain, "1'084.50", "apostrophe"},
        {&plain, "$48.50", "currency"},
        {&plain, "48.50\xE2\x82\xAC", "currency"},
        {&plain, "-$4", "currency"},
        {&german, "48.50", "decimal: point"},
        {&plain, "soon", ""},
        {&plain, "0x10", ""},
        {&plain, "", ""},
        {&plain, "$", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *hint = rf_number_hint(cases[i].style, made_span(cases[i].text));
        ck_assert_msg(strstr(hint, cases[i].part) != NULL && (cases[i].part[0] != '\0' || hint[0] == '\0'),
                      "\"%s\": \"%s\"", cases[i].text, hint);
    }
}
END_TEST

/* ---- words for nothing ---- */

static const rf_attr attrs[] = {
    {.name = "n", .field = "n", .type = RF_ATTR_NUMBER},
    {.name = "c", .field = "c", .type = RF_ATTR_CATEGORY, .top = 3},
    {.name = "b", .field = "b", .type = RF_ATTR_BOOLEAN},
    {.name = "d", .field = "d", .type = RF_ATTR_TIME_OF_DAY},
    {.name = "r", .field = "r", .type = RF_ATTR_NUMBER, .required = true},
};
enum { USER, ENTITY, TIME, LABEL, KIND, NUMBER, CATEGORY, BOOLEAN, DAY, REQUIRED, N_FIELDS };
static const rf_schema schema = {.attrs = attrs, .n_attrs = 5};

static rf_field_plan *plan_of(const char *const *words, int n)
{
    rf_err err = {0};
    rf_field_plan *plan = NULL;
    rf_fields fields = {.user = "u",
                        .entity = "v",
                        .time = "t",
                        .label = "l",
                        .fraud_type = "k",
                        .schema = &schema,
                        .null_values = words,
                        .n_null_values = n};
    RF_CHECK_OK(err, rf_field_plan_new(&plan, &fields, &err));
    return plan;
}

/* All fields as CSV or JSON texts, field `at` as `word`. */
static rf_status fill(rf_event *event, const rf_field_plan *plan, rf_raw_kind kind, int at, const char *word,
                      rf_reject *reject)
{
    static const char *const usual[N_FIELDS] = {"u",   "v",   "2024-01-01", "1",          "ring",
                                                "1.5", "web", "true",       "2024-01-01", "2"};
    rf_raw raws[N_FIELDS];
    for (int i = 0; i < N_FIELDS; i++)
        raws[i] = (rf_raw){.kind = kind, .text = made_span(i == at ? word : usual[i])};
    return rf_field_plan_fill(event, plan, raws, reject);
}

START_TEST(usual_words_are_missing_values_where_those_may_be)
{
    rf_event event;
    rf_reject reject;
    rf_field_plan *plan = plan_of(rf_usual_null_values, rf_n_usual_null_values);
    for (int i = 0; i < rf_n_usual_null_values; i++) {
        const char *word = rf_usual_null_values[i];
        ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, USER, word, &reject), RF_SKIPPED);
        ck_assert_int_eq(reject.code, RF_REJECT_NULL_ID);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, ENTITY, word, &reject), RF_SKIPPED);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, TIME, word, &reject), RF_SKIPPED);
        ck_assert_int_eq(reject.code, RF_REJECT_MISSING_FIELD);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, LABEL, word, &reject), RF_OK);
        ck_assert_int_eq(event.label, -1);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, NUMBER, word, &reject), RF_OK);
        ck_assert(event.values[0].number == RF_MISSING);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, BOOLEAN, word, &reject), RF_OK);
        ck_assert(event.values[2].number == RF_MISSING);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, DAY, word, &reject), RF_OK);
        ck_assert(event.values[3].number == RF_MISSING);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, REQUIRED, word, &reject), RF_SKIPPED);
        /* a JSON text is a text; a CSV field may be a word for nothing */
        ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, CATEGORY, word, &reject), RF_OK);
        ck_assert_ptr_null(event.values[1].text.ptr);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, KIND, word, &reject), RF_OK);
        ck_assert_ptr_null(event.fraud_type.ptr);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, CATEGORY, word, &reject), RF_OK);
        ck_assert_int_eq(event.values[1].text.len, strlen(word));
    }
    ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, USER, "NULLA", &reject), RF_OK);
    ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, NUMBER, "  ", &reject), RF_OK);
    ck_assert(event.values[0].number == RF_MISSING);
    ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, NUMBER, "-Infinity", &reject), RF_OK);
    ck_assert(event.values[0].number == RF_MISSING);
    ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, NUMBER, "soon", &reject), RF_SKIPPED);
    rf_field_plan_free(plan);
}
END_TEST

START_TEST(words_of_ones_own_are_missing_everywhere)
{
    static const char *const own[] = {"-999", "none", "a word of more than thirty-one bytes, why not"};
    rf_event event;
    rf_reject reject;
    rf_field_plan *plan = plan_of(own, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, USER, own[i], &reject), RF_SKIPPED);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, CATEGORY, own[i], &reject), RF_OK);
        ck_assert_ptr_null(event.values[1].text.ptr);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, NUMBER, own[i], &reject), RF_OK);
        ck_assert(event.values[0].number == RF_MISSING);
        ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, REQUIRED, own[i], &reject), RF_SKIPPED);
        ck_assert_int_eq(reject.code, RF_REJECT_MISSING_FIELD);
    }
    ck_assert_int_eq(fill(&event, plan, RF_RAW_TEXT, USER, "NULL", &reject), RF_OK);
    rf_field_plan_free(plan);
    plan = plan_of(own, 0);
    ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, USER, "NULL", &reject), RF_OK);
    ck_assert_int_eq(fill(&event, plan, RF_RAW_FIELD, NUMBER, "NULL", &reject), RF_SKIPPED);
    rf_field_plan_free(plan);
}
END_TEST

RF_SUITE("number_text", a_number_is_read_by_its_style, a_hint_names_the_setting_that_reads_the_text,
         usual_words_are_missing_values_where_those_may_be, words_of_ones_own_are_missing_everywhere)
