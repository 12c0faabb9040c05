/* test_trial.c - a sample read by a configuration: what is said of its rejects, and what they change. */
#include "made_sample.h"

static void try_sample(rf_trial *trial, looked *look)
{
    rf_err err = {0};
    look->options.fields.user = "user";
    look->options.fields.entity = "shop";
    look->options.fields.time = "ts";
    RF_CHECK_OK(err, rf_sample_try(trial, look->sample, &look->options, NULL, NULL, &err));
}

/* ---- reasons ---- */

static void check_reason(const rf_trial *trial, const char *code, const char *reason)
{
    char masked[RF_REASON_BYTES];
    int at = 0;
    while (at < trial->n_tally && strcmp(trial->tally[at].code, code) != 0)
        at++;
    ck_assert_msg(at < trial->n_tally, "nothing was rejected as %s", code);
    const char *text = rf_reason_masked(masked, &trial->tally[at]);
    ck_assert_msg(strstr(text, reason) != NULL, "\"%s\" is not in: %s", reason, text);
    ck_assert_msg(strstr(text, "Smith") == NULL && strstr(text, "4417") == NULL, "in clear: %s", text);
}

#define GOOD "{\"user\":\"u1\",\"shop\":\"s1\",\"ts\":\"2024-01-01\",\"amount\":1,\"phone\":1}\n"

/* The name of a field, and the value itself, may look like a reason. */
START_TEST(reasons_name_nobody)
{
    static const rf_attr attrs[] = {{.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER},
                                    {.name = "phone", .field = "phone", .type = RF_ATTR_NUMBER}};
    rf_err err = {0};
    looked look;
    rf_trial trial;
    char content[4096], long_id[1100];
    memset(long_id, '-', sizeof long_id - 1);
    long_id[sizeof long_id - 1] = '\0';
    sprintf(content,
            GOOD GOOD "{\"user\":\"Ann\\\" Smith): \\\" 4417 %s\",\"shop\":\"s\",\"ts\":\"2024-01-01\"}\n"
                      "{\"user\":4417.5,\"shop\":\"s\",\"ts\":\"2024-01-01\"}\n"
                      "{\"user\":\"NULL\",\"shop\":\"s\",\"ts\":\"2024-01-01\"}\n"
                      "{\"user\":\"u\",\"shop\":\"s\",\"ts\":\"2024-01-01\",\"phone\":\"4417x44170\"}\n"
                      "{\"user\":\"u\",\"shop\":\"s\",\"ts\":\"yesterday\"}\n",
            long_id);
    begin(&look, "reasons.jsonl", content);
    RF_CHECK_OK(err, rf_sample_read(&look.sample, &look.options, RF_LOOK_RECORDS, &err));
    look.schema = (rf_schema){.attrs = attrs, .n_attrs = 2};
    try_sample(&trial, &look);
    ck_assert_int_eq(trial.rejected, 5);
    check_reason(&trial, "id_too_long", "user (field \"user\"): \"A***.\" is longer");
    check_reason(&trial, "bad_id", "user (field \"user\"): \"4***5\" is not an id");
    check_reason(&trial, "null_id", "user (field \"user\"): \"NULL\" means");
    check_reason(&trial, "bad_number", "phone (field \"phone\"): \"4***0\" is not a number");
    check_reason(&trial, "bad_time", "time (field \"ts\"): \"yesterday\" ");
    end(&look);
}
END_TEST

/* ---- what a trial changes ---- */

static const rf_attr_rejects *rejects_of(const rf_trial *trial, const looked *look, const char *name, int *at)
{
    for (*at = 0; *at < look->proposal->n_attrs; ++*at) {
        if (strcmp(look->proposal->attrs[*at].name, name) == 0)
            return &trial->attrs[*at];
    }
    ck_abort_msg("no attribute %s", name);
    return NULL;
}

static void amounts_row(char *out, int i)
{
    sprintf(out,
            "{\"user\":\"u%d\",\"shop\":\"s%d\",\"ts\":\"2024-01-%02d\",\"amount\":%d,\"price\":%d,\"cost\":%"
            "d}\n",
            i * 31 % 40, i * 7 % 11, 1 + i % 28, i % 90, i % 80, i % 70);
}

START_TEST(all_that_is_wrong_is_mended_at_once)
{
    static const rf_attr_rejects lacking = {.records = 5, .lack = 5}, other = {.records = 3},
                                 both = {9, 4, 0}, few_long = {.records = 2, .too_long = 2};
    looked look;
    rf_trial trial = {.read = 100000};
    bool changed;
    int at[3];
    propose(&look, "amounts.jsonl", "", 300, amounts_row);
    *(rf_attr_rejects *)rejects_of(&trial, &look, "amount", &at[0]) = lacking;
    *(rf_attr_rejects *)rejects_of(&trial, &look, "price", &at[1]) = other;
    *(rf_attr_rejects *)rejects_of(&trial, &look, "cost", &at[2]) = both;
    const rf_proposed_attr *attrs = look.proposal->attrs;
    rf_proposal_mend(&changed, look.proposal, &trial);
    ck_assert(changed && !attrs[at[0]].required && attrs[at[0]].type == RF_ATTR_NUMBER);
    ck_assert(attrs[at[1]].required && attrs[at[1]].type == RF_ATTR_CATEGORY && !attrs[at[1]].log1p);
    ck_assert(!attrs[at[2]].required && attrs[at[2]].type == RF_ATTR_CATEGORY);
    int before = look.proposal->n_attrs;
    rf_proposal_mend(&changed, look.proposal, &trial); /* nothing of it helped */
    ck_assert(changed && look.proposal->n_attrs == before - 2);
    for (int i = 0; i < RF_MAX_ATTRS; i++)
        trial.attrs[i] = few_long;
    rf_proposal_mend(&changed, look.proposal, &trial);
    ck_assert(!changed);
    end(&look);
}
END_TEST

/* ---- limits ---- */

START_TEST(the_limit_is_that_of_a_build)
{
    const rf_trial trials[] = {{.read = 100, .rejected = 9, .bad = 2}, {.read = 100, .rejected = 9}};
    ck_assert(rf_trial_is_beyond(&trials[0], 0));
    ck_assert(rf_trial_is_beyond(&trials[0], 1));
    ck_assert(!rf_trial_is_beyond(&trials[0], 2));
    ck_assert(rf_trial_is_beyond(&trials[0], 0.01));
    ck_assert(!rf_trial_is_beyond(&trials[0], 0.02));
    ck_assert(!rf_trial_is_beyond(&trials[1], 0));
}
END_TEST

START_TEST(events_of_the_future_are_not_bad)
{
    rf_err err = {0};
    looked look;
    rf_trial trial[2];
    double all;
    begin(&look, "late.csv", "user,shop,ts\nu1,s1,2024-01-01\nu2,s1,2098-01-01\nu1,s2,2098-01-02\nu3,s3,x\n");
    RF_CHECK_OK(err, rf_sample_read(&look.sample, &look.options, RF_LOOK_RECORDS, &err));
    look.options.future_tolerance_us = RF_SECOND_US;
    try_sample(&trial[0], &look);
    RF_CHECK_OK(err, rf_source_try(&trial[1], &all, &look.options, 100, NULL, NULL, &err));
    for (int i = 0; i < 2; i++)
        ck_assert(trial[i].rejected == 3 && trial[i].bad == 1);
    end(&look);
}
END_TEST

RF_SUITE("trial", the_limit_is_that_of_a_build, events_of_the_future_are_not_bad, reasons_name_nobody,
         all_that_is_wrong_is_mended_at_once)
