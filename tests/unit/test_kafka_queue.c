/* The queue between the poll thread and the caller's, with notes in place of messages: nothing else is needed
 * to see order, bounds and waiting.
 */
#include <pthread.h>
#include <time.h>

#include "kafka_parts_int.h"
#include "kafka_queue_int.h"
#include "rf_check.h"

static rf_fetched note(int number)
{
    return (rf_fetched){.kind = RF_FETCHED_STARTED, .number = number, .messages = 1};
}

static void put_notes(rf_queue *queue, int from, int n)
{
    rf_err err = {0};
    for (int i = 0; i < n; i++) {
        rf_fetched one = note(from + i);
        RF_CHECK_OK(err, rf_queue_put(queue, &one, &err));
    }
}

START_TEST(items_leave_in_the_order_they_came_however_the_ring_grows)
{
    rf_err err = {0};
    rf_queue *queue = NULL;
    rf_fetched out[64];
    int put = 0, taken = 0;
    RF_CHECK_OK(err, rf_queue_new(&queue, 1000, &err));
    for (int round = 0; round < 200; round++) {
        put_notes(queue, put, 60);
        put += 60;
        size_t n = rf_queue_take(queue, out, (size_t)(round % 50) + 1, 0);
        for (size_t i = 0; i < n; i++)
            RF_HOLDS(out[i].number == taken++);
    }
    for (size_t n; (n = rf_queue_take(queue, out, 64, 0)) > 0;) {
        for (size_t i = 0; i < n; i++)
            RF_HOLDS(out[i].number == taken++);
    }
    ck_assert_int_eq(taken, put);
    ck_assert_int_gt(rf_queue_peak(queue), 1000); /* nothing is refused */
    rf_queue_free(queue);
}
END_TEST

START_TEST(room_is_what_is_left_and_waits_for_a_quarter)
{
    rf_err err = {0};
    rf_queue *queue = NULL;
    rf_fetched out[64];
    RF_CHECK_OK(err, rf_queue_new(&queue, 100, &err));
    ck_assert_int_eq(rf_queue_wait_room(queue, 0), 100);
    ck_assert(rf_queue_below_half(queue));
    put_notes(queue, 0, 80);
    ck_assert(!rf_queue_below_half(queue));
    ck_assert_int_eq(rf_queue_wait_room(queue, 20), 20); /* after the wait, what there is */
    put_notes(queue, 0, 30);
    ck_assert_int_eq(rf_queue_wait_room(queue, 20), 0);
    ck_assert_int_eq(rf_queue_take(queue, out, 64, 0), 64);
    ck_assert_int_eq(rf_queue_wait_room(queue, 60000), 54);
    rf_queue_free(queue);
}
END_TEST

START_TEST(heavy_messages_fill_it_too)
{
    rf_err err = {0};
    rf_queue *queue = NULL;
    rf_fetched out[2];
    RF_CHECK_OK(err, rf_queue_new(&queue, 1000, &err));
    rf_fetched heavy = {.kind = RF_FETCHED_STARTED, .messages = 1, .bytes = 70 << 20};
    RF_CHECK_OK(err, rf_queue_put(queue, &heavy, &err));
    ck_assert_int_eq(rf_queue_wait_room(queue, 10), 0);
    ck_assert_int_eq(rf_queue_take(queue, out, 2, 0), 1);
    ck_assert_int_eq(rf_queue_wait_room(queue, 10), 1000);
    rf_queue_free(queue);
}
END_TEST

typedef struct run {
    rf_queue *queue;
    int n;
    bool ordered;
} run;

static void *take_all(void *argument)
{
    run *all = argument;
    rf_fetched out[100];
    int taken = 0;
    all->ordered = true;
    while (taken < all->n) {
        size_t n = rf_queue_take(all->queue, out, 100, 1000);
        for (size_t i = 0; i < n; i++)
            all->ordered = all->ordered && out[i].number == taken++;
    }
    return NULL;
}

START_TEST(two_threads_pass_everything_within_the_bound)
{
    rf_err err = {0};
    run all = {.n = 200000};
    pthread_t thread;
    RF_CHECK_OK(err, rf_queue_new(&all.queue, 500, &err));
    pthread_create(&thread, NULL, take_all, &all);
    for (int put = 0; put < all.n;) {
        size_t room = rf_queue_wait_room(all.queue, 1000);
        int n = room < 50 ? (int)room : 50;
        n = n < all.n - put ? n : all.n - put;
        put_notes(all.queue, put, n);
        put += n;
    }
    pthread_join(thread, NULL);
    ck_assert(all.ordered);
    ck_assert_int_le(rf_queue_peak(all.queue), 500);
    rf_queue_free(all.queue);
}
END_TEST

static void *wake_later(void *queue)
{
    usleep(50000);
    rf_queue_wake(queue);
    return NULL;
}

START_TEST(waiting_ends_when_woken)
{
    rf_err err = {0};
    rf_queue *queue = NULL;
    rf_fetched out[1];
    pthread_t thread;
    RF_CHECK_OK(err, rf_queue_new(&queue, 500, &err));
    time_t from = time(NULL);
    pthread_create(&thread, NULL, wake_later, queue);
    ck_assert_int_eq(rf_queue_take(queue, out, 1, 30000), 0);
    pthread_join(thread, NULL);
    ck_assert_int_lt(time(NULL) - from, 10);
    rf_queue_free(queue);
}
END_TEST

static rf_status fill_parts(rf_err *err)
{
    rf_status st = RF_OK;
    rf_parts parts = {0};
    rf_part_topic *topic = NULL;
    for (int i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "topic%d", i);
        RF_TRY(rf_parts_topic(&parts, name, &topic, err));
        RF_TRY(rf_parts_grow(topic, (size_t)i * 7 + 1, err));
    }
done:
    rf_parts_clear(&parts);
    return st;
}

static rf_status fill_queue(rf_err *err)
{
    rf_queue *queue = NULL;
    rf_status st = rf_queue_new(&queue, 100, err);
    for (int i = 0; st == RF_OK && i < 3000; i++) {
        rf_fetched one = note(i);
        st = rf_queue_put(queue, &one, err);
    }
    rf_queue_free(queue);
    return st;
}

START_TEST(refused_memory_is_survived)
{
    RF_SWEEP(fill_parts(sweep_err), {});
    RF_SWEEP(fill_queue(sweep_err), {});
}
END_TEST

START_TEST(partitions_are_found_by_topic_and_number)
{
    rf_err err = {0};
    rf_parts parts = {0};
    rf_part_topic *topic = NULL;
    RF_CHECK_OK(err, rf_parts_topic(&parts, "a", &topic, &err));
    RF_CHECK_OK(err, rf_parts_grow(topic, 2, &err));
    RF_CHECK_OK(err, rf_parts_topic(&parts, "b", &topic, &err));
    RF_CHECK_OK(err, rf_parts_topic(&parts, "c", &topic, &err));
    RF_CHECK_OK(err, rf_parts_grow(topic, 1, &err));
    RF_CHECK_OK(err, rf_parts_topic(&parts, "a", &topic, &err));
    RF_CHECK_OK(err, rf_parts_grow(topic, 3, &err));
    ck_assert_int_eq(parts.n, 3);
    ck_assert_int_eq(rf_parts_find(&parts, "a", 2)->partition, 2);
    ck_assert_int_eq(rf_parts_find(&parts, "a", 2)->position, -1);
    ck_assert(rf_parts_find(&parts, "a", 3) == NULL);
    ck_assert(rf_parts_find(&parts, "a", -1) == NULL);
    ck_assert(rf_parts_find(&parts, "b", 0) == NULL);
    ck_assert(rf_parts_find(&parts, "d", 0) == NULL);
    rf_part_walk at = {0};
    int n = 0;
    for (rf_part *part; (part = rf_parts_next(&parts, &at)) != NULL; n++)
        ck_assert_ptr_eq(rf_parts_find(&parts, part->topic, part->partition), part);
    ck_assert_int_eq(n, 4);
    rf_parts_clear(&parts);
}
END_TEST

RF_SUITE("kafka_queue", items_leave_in_the_order_they_came_however_the_ring_grows,
         room_is_what_is_left_and_waits_for_a_quarter, heavy_messages_fill_it_too,
         two_threads_pass_everything_within_the_bound, waiting_ends_when_woken, refused_memory_is_survived,
         partitions_are_found_by_topic_and_number)
