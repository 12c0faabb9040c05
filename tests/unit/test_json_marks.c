/* test_json_marks.c - the marks of JSON records against a look at each byte, and records that are read by
 * marks against the same records where they cannot be. */
#include "event_json_int.h"
#include "json_marks_int.h"
#include "rf_check.h"
#include "rf_rng.h"

enum { LONGEST = 3000 };

/* The judge. */
static bool find_slowly(rf_json_marks *marks, rf_span record)
{
    bool plain = record.len >= RF_JSON_MARKED_LEAST && record.len <= RF_JSON_MARKED_MOST;
    marks->n = 0;
    marks->high = false;
    for (size_t i = 0; i < record.len && plain; i++) {
        const unsigned char c = (unsigned char)record.ptr[i];
        plain = c != '\\' && c >= 0x20 && (c != '"' || marks->n < RF_JSON_MARKS);
        marks->high = marks->high || c >= 0x80;
        if (c == '"' && plain)
            marks->at[marks->n++] = (uint16_t)i;
    }
    return plain && marks->n % 2 == 0;
}

static void check_same(rf_span record)
{
    static rf_json_marks got, want;
    rf_json_find_marks *find = rf_json_marks_finder();
    if (find == NULL) /* records are read without them here */
        return;
    const bool plain = find_slowly(&want, record);
    ck_assert_int_eq(find(&got, record), plain);
    if (!plain)
        return;
    ck_assert_uint_eq(got.n, want.n);
    ck_assert_int_eq(got.high, want.high);
    ck_assert(memcmp(got.at, want.at, want.n * sizeof *want.at) == 0);
    ck_assert_uint_eq(got.at[got.n], record.len);
}

/* Each record lies at the end of its own memory, so that a sanitizer sees who reads behind it. */
static void check_marks(const char *text, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, text, len);
    check_same((rf_span){copy, len});
    free(copy);
}

START_TEST(marks_are_where_the_quotes_are)
{
    static const char usual[] = "\"\"\"abc:,{}0 \x7F\x80\xFF!#[]";
    char text[LONGEST];
    rf_rng rng;
    rf_rng_init(&rng, 11, 1);
    for (int round = 0; round < 3000; round++) {
        const size_t len = rf_rng_below(&rng, round % 10 == 0 ? LONGEST : 400);
        const uint32_t kinds = round % 7 == 0 ? 3 : sizeof usual - 1; /* quotes alone */
        for (size_t i = 0; i < len; i++)
            text[i] = usual[rf_rng_below(&rng, kinds)];
        if (round % 3 == 0 && len > 0) { /* one that is none of the usual ones, anywhere */
            static const char odd[] = {'\\', '\n', '\0', 0x1F, '\r'};
            text[rf_rng_below(&rng, (uint32_t)len)] = odd[rf_rng_below(&rng, sizeof odd)];
        }
        check_marks(text, len);
    }
}
END_TEST

START_TEST(records_that_are_too_short_or_long_or_have_too_many_quotes_have_no_marks)
{
    const size_t most = RF_JSON_MARKED_MOST;
    char *text = malloc(most + 1);
    memset(text, 'x', most + 1);
    for (size_t len = 0; len < 2 * RF_JSON_MARKED_LEAST; len++)
        check_marks(text, len);
    check_marks(text, most);
    check_marks(text, most + 1);
    for (size_t i = 0; i < RF_JSON_MARKS; i++)
        text[100 + 3 * i] = '"';
    check_marks(text, most);
    text[most - 1] = text[most - 2] = '"';
    check_marks(text, most);
    free(text);
}
END_TEST

/* ---- reading ---- */

static const rf_attr attrs[] = {{.name = "n", .field = "n", .type = RF_ATTR_NUMBER},
                                {.name = "b", .field = "b", .type = RF_ATTR_BOOLEAN},
                                {.name = "k", .field = "k", .type = RF_ATTR_CATEGORY},
                                {.name = "d", .field = "o.d", .type = RF_ATTR_CATEGORY}};
static const rf_schema schema = {.attrs = attrs, .n_attrs = sizeof attrs / sizeof *attrs};

typedef struct outcome {
    rf_status status;
    rf_reject reject;
    rf_raw raws[RF_MAX_FIELDS];
} outcome;

static void decode(outcome *out, rf_json_decoder *decoder, const char *text, size_t len)
{
    rf_err err = {0};
    memset(out, 0, sizeof *out);
    out->status = rf_json_decode(out->raws, decoder, (rf_span){text, len}, &out->reject, &err);
    ck_assert_int_ge(out->status, 0);
}

/* The values are the same; of a failure also the place and the words. */
static void check_outcomes(const outcome *a, const outcome *b, const char *a_text, int n)
{
    ck_assert_msg(a->status == b->status, "%s: %s", a_text, a->reject.text);
    if (a->status != RF_OK) {
        ck_assert_str_eq(a->reject.text, b->reject.text);
        ck_assert_int_eq(a->reject.code, b->reject.code);
        ck_assert_int_eq(a->reject.byte, b->reject.byte);
        return;
    }
    for (int i = 0; i < n; i++) {
        const rf_raw *x = &a->raws[i], *y = &b->raws[i];
        ck_assert_msg(x->kind == y->kind, "%s", a_text);
        if (!rf_raw_has_text(x))
            continue;
        ck_assert_msg(x->text.len == y->text.len && memcmp(x->text.ptr, y->text.ptr, x->text.len) == 0, "%s",
                      a_text);
    }
}

/* A member with a value of any kind; sometimes what is none. */
static size_t add_member(char *to, rf_rng *rng, bool first)
{
    static const char *const keys[] = {"u", "v", "t", "n", "b", "k", "other", "key"};
    static const char *const values[] = {"\"u1\"",
                                         "\"a longer text, with some words in it\"",
                                         "12",
                                         "-3.25",
                                         "0",
                                         "1e5",
                                         "true",
                                         "false",
                                         "null",
                                         "{\"d\":\"deep\",\"x\":[1,\"]\"]}",
                                         "[\"a\",{\"b\":\"}\"}]",
                                         "\"\"",
                                         "\"\xC3\xA9t\xC3\xA9\"",
                                         "01",
                                         "tru",
                                         "\"\xC3\"",
                                         "NaN",
                                         " 7",
                                         "  \"spaced\" ",
                                         "12.",
                                         "\"a\\u00e9\""};
    static const char *const marks[] = {":", ":", ":", ":", ":", ":", ": ", " : "};
    const uint32_t at = rf_rng_below(rng, 100);
    const char *value = values[at < 95 ? at % 12 : rf_rng_below(rng, sizeof values / sizeof *values)];
    const char *key = rf_rng_below(rng, 10) == 0 ? "o" : keys[rf_rng_below(rng, 8)];
    return (size_t)sprintf(to, "%s\"%s\"%s%s",
                           first                        ? ""
                           : rf_rng_below(rng, 30) == 0 ? ", "
                                                        : ",",
                           key, marks[rf_rng_below(rng, 8)], value);
}

/* Both decoders see the same records, one of them with a line end behind: then there are no marks. */
START_TEST(records_are_read_the_same_with_and_without_marks)
{
    rf_err err = {0};
    rf_fields fields = {.user = "u", .entity = "v", .time = "t", .schema = &schema};
    rf_field_plan *plan = NULL;
    rf_json_decoder *by_marks = NULL, *without = NULL;
    static outcome a, b;
    int read = 0;
    rf_rng rng;
    rf_rng_init(&rng, 12, 1);
    RF_CHECK_OK(err, rf_field_plan_new(&plan, &fields, &err));
    RF_CHECK_OK(err, rf_json_decoder_new(&by_marks, plan, &err));
    RF_CHECK_OK(err, rf_json_decoder_new(&without, plan, &err));
    for (int round = 0; round < 20000; round++) {
        char text[1024], other[1024];
        size_t len = 0;
        text[len++] = '{';
        if (round % 50 != 0) /* the same keys in the same order, most often: with habits */
            len += (size_t)sprintf(text + len,
                                   "\"u\":\"user%d\",\"v\":\"entity%d\",\"t\":%d,\"n\":%d.5,\"k\":\"x\",",
                                   round % 90, round % 7, round, round % 1000);
        for (uint32_t i = 0, n = rf_rng_below(&rng, 4); i <= n; i++)
            len += add_member(text + len, &rng, i == 0);
        len += (size_t)sprintf(text + len, ",\"filler\":\"%.*s\"}", (int)rf_rng_below(&rng, 60),
                               "so that nearly all records are long enough to have their marks");
        const bool cut = round % 40 == 0;
        if (cut)
            len = rf_rng_below(&rng, (uint32_t)len);
        memcpy(other, text, len);
        other[len] = '\n';
        text[len] = '\0';
        decode(&a, by_marks, text, len);
        decode(&b, without, other, len + 1);
        ck_assert_int_eq(a.status, b.status);
        if (!cut) /* else the line end may be part of the failure */
            check_outcomes(&a, &b, text, plan->n_names);
        read += a.status == RF_OK;
    }
    ck_assert_int_gt(read, 3000);
    rf_json_decoder_free(by_marks);
    rf_json_decoder_free(without);
    rf_field_plan_free(plan);
}
END_TEST

RF_SUITE("json_marks", marks_are_where_the_quotes_are,
         records_that_are_too_short_or_long_or_have_too_many_quotes_have_no_marks,
         records_are_read_the_same_with_and_without_marks)
