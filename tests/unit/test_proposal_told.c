/* test_proposal_told.c - what somebody said is taken as it is, and the rest is found so that it fits. */
#include "made_sample.h"

/* ---- times: a unit, or the moment that numbers count from ---- */

static void step_row(char *out, int i)
{
    sprintf(out, "%d,C%d,M%d,%d.5\n", 1 + i / 20, 5000 + i * 31 % 50, 100 + i * 7 % 13, i % 90);
}

static void card_row(char *out, int i)
{
    sprintf(out, "%d,C%d,M%d,%d.5\n", i * 576, 5000 + i * 31 % 50, 100 + i * 7 % 13, i % 90);
}

static void day_number_row(char *out, int i)
{
    sprintf(out, "%d,C%d,M%d,%d.5\n", 19700 + i / 20, 5000 + i * 31 % 50, 100 + i * 7 % 13, i % 90);
}

static void dated_row(char *out, int i)
{
    sprintf(out, "2024-03-%02dT10:00:00+01:00,C%d,M%d,%d.5\n", 1 + i % 28, 5000 + i * 31 % 50,
            100 + i * 7 % 13, i % 90);
}

static void tell_since(looked *look, int64_t since_us)
{
    look->options.fields.time_since_us = since_us;
    propose_again(look, (rf_told){.time_since = true});
}

static void tell_format(looked *look, rf_time_notation notation)
{
    look->options.fields.time_format = notation;
    propose_again(look, (rf_told){.time_format = true});
}

#define IN_2013 (INT64_C(1377993600) * RF_SECOND_US)

START_TEST(a_told_beginning_leaves_the_unit)
{
    looked look;
    propose(&look, "cards.csv", "Time,customer,merchant,amount\n", 300, card_row);
    check_says(&look, "{field: Time, format: s, since: 2020-01-01}");
    tell_since(&look, IN_2013);
    check_says(&look, "{field: Time, format: s, since: 2013-09-01T00:00:00Z}");
    check_doubts(&look, "taken as seconds since 2013-09-01T00:00:00Z: --time-format h (hours)");
    check_no_doubt(&look, "--time-since");
    end(&look);
    propose(&look, "days.csv", "day,customer,merchant,amount\n", 300, step_row);
    tell_since(&look, IN_2013);
    check_says(&look, "{field: day, format: d, since: 2013-09-01T00:00:00Z}");
    end(&look);
}
END_TEST

START_TEST(a_told_unit_leaves_the_beginning)
{
    looked look;
    propose(&look, "steps.csv", "step,customer,merchant,amount\n", 300, step_row);
    check_says(&look, "{field: step, format: h, since: 2020-01-01}");
    tell_format(&look, RF_TIME_DAYS);
    check_says(&look, "{field: step, format: d, since: 2020-01-01}");
    check_doubts(&look, "taken as days since 2020-01-01: --time-since DATE");
    check_no_doubt(&look, "--time-format");
    check_no_doubt(&look, "--zone");
    look.options.fields.time_since_us = IN_2013;
    propose_again(&look, (rf_told){.time_format = true, .time_since = true});
    check_says(&look, "{field: step, format: d, since: 2013-09-01T00:00:00Z}");
    check_no_doubt(&look, "time:");
    end(&look);
}
END_TEST

START_TEST(numbers_of_a_told_unit_may_count_from_1970)
{
    looked look;
    propose(&look, "numbered.csv", "day,customer,merchant,amount\n", 300, day_number_row);
    tell_format(&look, RF_TIME_DAYS);
    check_says(&look, "{field: day, format: d}");
    check_no_doubt(&look, "time:");
    end(&look);
}
END_TEST

START_TEST(a_told_format_of_whole_dates_has_no_beginning)
{
    looked look;
    propose(&look, "dated.csv", "at,customer,merchant,amount\n", 300, dated_row);
    tell_format(&look, RF_TIME_ISO8601);
    check_says(&look, "{field: at, format: iso8601}");
    check_no_doubt(&look, "time:");
    end(&look);
}
END_TEST

/* ---- fields that are no columns ---- */

static void customer_row(char *out, int i)
{
    char customer[16] = "";
    if (i % 3 != 0)
        sprintf(customer, "C%d", 5000 + i * 31 % 50);
    sprintf(out, "2024-03-%02dT10:00:00Z,%s,M%d,%d.5\n", 1 + i % 28, customer, 100 + i * 7 % 13, i % 90);
}

static void tell_user(looked *look, const char *first, const char *second, bool joined)
{
    look->options.fields.user = first;
    look->options.fields.user_more = (rf_more_names){.names = &second, .n = 1, .joined = joined};
    propose_again(look, (rf_told){0});
}

START_TEST(a_key_stands_beside_columns)
{
    looked look;
    propose(&look, "keyed.csv", "at,customer,merchant,amount\n", 300, customer_row);
    tell_user(&look, "customer", "$key", false);
    check_role(&look, RF_ROLE_USER, "[customer, $key]");
    check_says(&look, "C***");
    tell_user(&look, "$key", "customer", false);
    check_role(&look, RF_ROLE_USER, "[$key, customer]");
    check_role(&look, RF_ROLE_ENTITY, "merchant");
    check_says(&look, "user: [$key, customer]  # 33 % empty");
    tell_user(&look, "customer", "$key", true);
    check_role(&look, RF_ROLE_USER, "{join: [customer, $key]}");
    check_says(&look, "- \"customer exists\"");
    tell_user(&look, "$key", "$header.tenant", true);
    check_role(&look, RF_ROLE_USER, "{join: [$key, $header.tenant]}");
    tell_user(&look, "$key", "merchant", false);
    check_role(&look, RF_ROLE_ENTITY, "customer"); /* not the same column again */
    look.options.fields.user_more.n = 0;
    propose_again(&look, (rf_told){0});
    check_role(&look, RF_ROLE_USER, "$key");
    end(&look);
}
END_TEST

/* ---- columns as a build finds them ---- */

START_TEST(long_names_are_written_whole)
{
    looked look;
    char head[1600], name[2][190];
    for (int i = 0; i < 2; i++) {
        memset(name[i], 'a' + i, sizeof name[i] - 1);
        name[i][sizeof name[i] - 1] = '\0';
    }
    sprintf(head, "at,%s,%s,amount\n", name[0], name[1]);
    propose(&look, "long.csv", head, 300, customer_row);
    const char *const more[] = {name[1], name[1], name[1]};
    look.options.fields.user = name[0];
    look.options.fields.user_more = (rf_more_names){.names = more, .n = 3, .joined = true};
    look.options.fields.entity = name[1];
    propose_again(&look, (rf_told){0});
    ck_assert_ptr_nonnull(strstr(rf_proposal_field(look.proposal, RF_ROLE_USER), "bbb]}"));
    end(&look);
}
END_TEST

START_TEST(columns_are_told_as_a_build_takes_them)
{
    static const char *const told[][2] = {{"#2", "customer"},
                                          {" customer ", "customer"},
                                          {"shop  name", "\"shop name\""},
                                          {"customer#1", "customer"}};
    const char *nearest;
    looked look;
    propose(&look, "spaced.csv", "at, customer,shop \t name,amount\n", 300, customer_row);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        look.options.fields.entity = told[i][0];
        ck_assert_msg(rf_sample_has_column(look.sample, told[i][0], &nearest), "no %s", told[i][0]);
        propose_again(&look, (rf_told){0});
        check_role(&look, RF_ROLE_ENTITY, told[i][1]);
    }
    ck_assert(!rf_sample_has_column(look.sample, "#5", &nearest));
    ck_assert(!rf_sample_has_column(look.sample, "customer#2", &nearest));
    ck_assert(!rf_sample_has_column(look.sample, "$key", &nearest)); /* a file has none */
    end(&look);
}
END_TEST

/* ---- what is kept ---- */

static void party_row(char *out, int i)
{
    sprintf(out, "2024-03-%02d,1%d:15,A%d,M%d,T%d,%d.5\n", 1 + i % 28, i % 10, i * 31 % 40, i * 7 % 23,
            i * 11 % 19, i % 90);
}

START_TEST(what_was_left_as_it_is_stays)
{
    looked look;
    propose(&look, "parties.csv", "date,clock,ref,merchant,terminal,amount\n", 300, party_row);
    check_role(&look, RF_ROLE_USER, "ref");
    look.options.fields.entity = "terminal";
    propose_again(&look, (rf_told){.keeps = {[RF_ROLE_USER] = true, [RF_ROLE_TIME] = true}});
    check_role(&look, RF_ROLE_USER, "ref");
    check_role(&look, RF_ROLE_ENTITY, "terminal");
    check_says(&look, "time: {field: [date, clock], format: \"%Y-%m-%d %H:%M\"}");
    propose_again(&look, (rf_told){0});
    check_role(&look, RF_ROLE_USER, "merchant"); /* as it would be */
    end(&look);
}
END_TEST

START_TEST(the_time_of_messages_has_an_offset)
{
    looked look;
    propose(&look, "parties.csv", "date,clock,ref,merchant,terminal,amount\n", 300, party_row);
    look.options.fields.time = "$timestamp";
    propose_again(&look, (rf_told){0});
    check_no_doubt(&look, "--zone");
    end(&look);
}
END_TEST

RF_SUITE("proposal_told", a_told_beginning_leaves_the_unit, a_told_unit_leaves_the_beginning,
         numbers_of_a_told_unit_may_count_from_1970, a_told_format_of_whole_dates_has_no_beginning,
         a_key_stands_beside_columns, long_names_are_written_whole, columns_are_told_as_a_build_takes_them,
         what_was_left_as_it_is_stays, the_time_of_messages_has_an_offset)
