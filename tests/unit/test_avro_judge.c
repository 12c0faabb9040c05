/* test_avro_judge.c - who judges the schemas that were met may be another thread than who meets more of them.
 * The thread sanitizer sees where both work on the same memory; without it the test says little. */
#include <pthread.h>
#include <stdatomic.h>

#include "avro_messages_int.h"
#include "avro_rig.h"
#include "rf_check.h"

#define ORDER "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"u\",\"type\":\"string\"}]}"
#define MOST_NUMBERS 40

typedef struct judge {
    rf_avro_messages *messages;
    atomic_int judged; /* set without an order: the lock alone makes one */
} judge;

static void *run(void *argument)
{
    judge *j = argument;
    rf_err err = {0};
    RF_HOLDS(rf_avro_messages_judge(j->messages, false, &err) == RF_OK);
    atomic_store_explicit(&j->judged, 1, memory_order_relaxed);
    return NULL;
}

static void meet(rf_avro_messages *messages, unsigned char number)
{
    rf_err err = {0};
    rf_reject reject;
    size_t before;
    const rf_avro_plan *plan;
    const rf_message beside = {.timestamp_ms = -1};
    const char value[] = {0, 0, 0, 0, (char)number, 2, 'a'};
    rf_status st = rf_avro_messages_find(&plan, &before, messages, (rf_span){value, sizeof value}, &beside,
                                         &reject, &err);
    ck_assert_int_eq(st, number == 1 ? RF_OK : RF_SKIPPED);
}

START_TEST(more_schemas_are_met_while_somebody_judges)
{
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 16];
    avro_rig r;
    rf_err err = {0};
    rf_tmp_path(folder, "judged");
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    snprintf(path, sizeof path, "%s/1.avsc", folder);
    rf_spill(path, ORDER, strlen(ORDER));
    const rf_avro_options options = {.schemas = folder};
    rig_open(&r, ORDER, "u u u");
    for (unsigned char first = 1; first < MOST_NUMBERS; first++) { /* the table grows behind some of them */
        judge j = {.messages = NULL};
        pthread_t thread;
        RF_CHECK_OK(err, rf_avro_messages_new(&j.messages, &options, r.names, r.decoder,
                                              RF_ABSENT_KEYS_REFUSE, RF_SECOND_US, &err));
        for (unsigned char number = 1; number <= first; number++)
            meet(j.messages, number);
        ck_assert_int_eq(pthread_create(&thread, NULL, run, &j), 0);
        while (atomic_load_explicit(&j.judged, memory_order_relaxed) == 0)
            ;
        meet(j.messages, (unsigned char)(first + 1));
        ck_assert_int_eq(pthread_join(thread, NULL), 0);
        rf_avro_messages_free(j.messages);
    }
    rig_close(&r);
}
END_TEST

RF_SUITE("avro_judge", more_schemas_are_met_while_somebody_judges)
