/* test_first_look.c - what the first records show: of which of them numbers count, and that it can be asked
 * while others are decoded. */
#include "made_records.h"

#include "decoder_int.h"
#include "rf_thread.h"
#include "rf_time.h"

static const rf_attr amount[] = {{.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER}};
static const rf_schema schema = {.attrs = amount, .n_attrs = 1};

static rf_decoder *opened(void)
{
    rf_err err = {0};
    rf_decoder *decoder = NULL;
    const rf_source_options options = {
        .type = RF_SOURCE_KAFKA,
        .format = RF_FORMAT_JSONL,
        .future_tolerance_us = RF_DAY_US,
        .fields = {.user = "u", .entity = "v", .time = "t", .label = "l", .schema = &schema}};
    RF_CHECK_OK(err, rf_decoder_new(&decoder, &options, &err));
    return decoder;
}

static rf_status decode(rf_decoder *decoder, const char *label, const char *time, const char *number,
                        rf_err *err)
{
    char record[200];
    rf_event event;
    rf_reject reject;
    snprintf(record, sizeof record, "{\"u\":\"a\",\"v\":\"b\",%s\"t\":\"%s\",\"amount\":%s}", label, time,
             number);
    return rf_decoder_decode(decoder, &event, RF_FORMAT_JSONL, made_span(record), NULL, &reject, err);
}

#define PAST "2024-03-01T10:00:00Z"
#define FUTURE "2099-03-01T10:00:00Z"

/* n events with the first number, and as many rejects with the second one. */
static rf_decoder *decoded(int n, const char *number, int n_rejects, const char *rejected)
{
    rf_err err = {0};
    rf_decoder *decoder = opened();
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(decode(decoder, "\"l\":1,", PAST, number, &err), RF_OK);
    for (int i = 0; i < n_rejects; i++)
        ck_assert_int_eq(decode(decoder, "\"l\":1,", FUTURE, rejected, &err), RF_SKIPPED);
    return decoder;
}

START_TEST(numbers_of_rejects_do_not_count)
{
    rf_err err = {0};
    rf_decoder *decoder = decoded(0, NULL, 3, "1e-9");
    RF_CHECK_OK(err, rf_decoder_end(decoder, &err));
    rf_decoder_free(decoder);
    decoder = decoded(2, "5", 9, "1e-9");
    RF_CHECK_OK(err, rf_decoder_end(decoder, &err));
    rf_decoder_free(decoder);
    decoder = decoded(2, "1e-9", 1, "5");
    RF_CHECK_FAILS(err, RF_E_INVALID, "amount: 2 of the first 2 numbers vanish",
                   rf_decoder_end(decoder, &err));
    rf_decoder_free(decoder);
}
END_TEST

/* Some numbers are rounded, and that is no reason to name them where others vanish. */
START_TEST(a_number_that_vanishes_is_shown)
{
    rf_err err = {0};
    rf_decoder *decoder = decoded(1, "12.3456789", 0, NULL);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(decode(decoder, "\"l\":1,", PAST, "2e-9", &err), RF_OK);
    RF_CHECK_FAILS(err, RF_E_INVALID,
                   "2 of the first 3 numbers vanish by the 6 decimal places that are kept, as "
                   "\"2e-9\" does",
                   rf_decoder_end(decoder, &err));
    rf_decoder_free(decoder);
}
END_TEST

static void *go_on(void *context)
{
    enum { RECORDS = 800 }; /* fewer than are looked at */
    rf_err err = {0};
    for (int i = 0; i < RECORDS; i++)
        ck_assert_int_eq(decode(context, i == 500 ? "\"l\":1," : "", PAST, "0.12345678", &err), RF_OK);
    return NULL;
}

/* As a consumer that was told to end, whose thread has still messages before it: for the thread sanitizer. */
START_TEST(the_end_may_come_while_records_are_decoded)
{
    for (int i = 0; i < 20; i++) {
        rf_err err = {0};
        pthread_t thread;
        rf_decoder *decoder = decoded(3, "0.12345678", 0, NULL);
        ck_assert_int_eq(rf_thread_start(&thread, go_on, decoder), 0);
        RF_CHECK_OK(err, rf_decoder_end(decoder, &err));
        ck_assert_int_eq(pthread_join(thread, NULL), 0);
        rf_decoder_free(decoder);
    }
}
END_TEST

RF_SUITE("first_look", numbers_of_rejects_do_not_count, a_number_that_vanishes_is_shown,
         the_end_may_come_while_records_are_decoded)
