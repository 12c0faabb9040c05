/* test_shard.c - a partition's state moves between owners without losing or doubling an event.
 *
 * Event i of the made partition is its message i, so that the state is right when it holds exactly the events
 * before the saved offset.
 *
 * The linker leads every open(2) of the program here (--wrap=open): a new owner can come at that moment.
 */
#include <fcntl.h>
#include <stdarg.h>

#include "shard_owner.h"

int __real_open(const char *path, int flags, ...); /* NOLINT: the linker's names */
int __wrap_open(const char *path, int flags, ...); /* NOLINT */

/* ---- one owner after the other ---- */

START_TEST(a_shard_goes_on_where_the_last_owner_saved)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    owner_make_events();
    owner_fresh_folder(folder);
    ck_assert_int_eq(owner_saved_offset(folder), -1);
    for (int64_t at = 0; at < OWNER_EVENTS; at += 100) {
        owner o = owner_claim(folder, "host:1", 0);
        ck_assert_int_eq(o.next, at);
        RF_CHECK_OK(err, owner_go_on(&o, 60, &err));
        RF_CHECK_OK(err, owner_go_on(&o, 40, &err));
        RF_CHECK_OK(err, owner_go_on(&o, 0, &err));
        owner_add(o.graph, o.next, o.next + 17); /* not saved: read again by the next owner */
        ck_assert(!rf_shard_fenced(o.shard));
        owner_leave(&o);
        ck_assert_int_eq(owner_saved_offset(folder), at + 100);
    }
    owner_check_whole(folder);
    ck_assert_int_eq(rf_count_entries(folder), 3); /* state, claim, lock */
}
END_TEST

START_TEST(a_shard_without_events_is_saved_too)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, rf_shard_save(o.shard, o.graph, 0, &(rf_topic_origin){0}, &err));
    owner_leave(&o);
    ck_assert_int_eq(owner_saved_offset(folder), 0);
}
END_TEST

START_TEST(a_shard_remembers_where_its_offset_was_read)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], cluster[] = "Q7", moved[] = "R8";
    rf_topic_origin origin = {.cluster = cluster, .last_offset = 99, .last_ms = 5, .last_hash = 7},
                    saved = {0};
    int64_t next = 0;
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    owner_add(o.graph, 0, 100);
    RF_CHECK_OK(err, rf_shard_save(o.shard, o.graph, 100, &origin, &err));
    owner_leave(&o);
    o = owner_claim(folder, "host:2", 0);
    ck_assert(rf_topic_origin_equal(rf_shard_origin(o.shard), &origin));
    RF_CHECK_OK(err, rf_shard_rewrite(o.shard, o.graph, &err));
    RF_CHECK_OK(err, rf_shard_saved(folder, OWNER_TOPIC, 2, &next, &saved, &err));
    ck_assert_int_eq(next, 100);
    ck_assert(rf_topic_origin_equal(&saved, &origin));
    rf_topic_origin_clear(&saved);
    origin.cluster = moved; /* nothing was read, but elsewhere */
    RF_CHECK_OK(err, rf_shard_save(o.shard, o.graph, 100, &origin, &err));
    owner_leave(&o);
    RF_CHECK_OK(err, rf_shard_saved(folder, OWNER_TOPIC, 2, &next, &saved, &err));
    ck_assert_str_eq(saved.cluster, "R8");
    rf_topic_origin_clear(&saved);
    RF_CHECK_OK(err, rf_shard_saved(folder, OWNER_TOPIC, 3, &next, &saved, &err));
    ck_assert_int_eq(next, -1);
}
END_TEST

START_TEST(a_shard_never_moves_backwards)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, 100, &err));
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "orders-1[2]: to be saved at offset 99",
                   rf_shard_save(o.shard, o.graph, 99, &(rf_topic_origin){0}, &err));
    owner_leave(&o);
    o = owner_claim(folder, "host:1", 0);
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "it is at 100",
                   rf_shard_save(o.shard, o.graph, 50, &(rf_topic_origin){0}, &err));
    owner_leave(&o);
    ck_assert_int_eq(owner_saved_offset(folder), 100);
}
END_TEST

START_TEST(names_lead_to_one_partition_each)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], from[RF_TEST_PATH + 32], to[RF_TEST_PATH + 32];
    static const struct {
        const char *topic;
        int32_t partition;
    } all[4] = {{"orders-1", 2}, {"orders", 12}, {"orders", 1}, {"orders-1.h5.tmp-7", 2}};
    rf_shard *shards[4] = {0};
    rf_bigraph *graphs[4];
    int64_t next;
    owner_make_events();
    owner_fresh_folder(folder);
    for (int i = 0; i < 4; i++) {
        graphs[i] = owner_graph();
        RF_CHECK_OK(err, rf_shard_claim(&shards[i], graphs[i], folder, all[i].topic, all[i].partition, "me",
                                        0, &next, &err));
        RF_CHECK_OK(err, rf_shard_save(shards[i], graphs[i], 10 + i, &(rf_topic_origin){0}, &err));
    }
    for (int i = 0; i < 4; i++) {
        rf_shard_release(&shards[i]);
        rf_bigraph_free(graphs[i]);
        RF_CHECK_OK(err, rf_shard_offset(folder, all[i].topic, all[i].partition, &next, &err));
        ck_assert_int_eq(next, 10 + i);
    }
    snprintf(from, sizeof from, "%s/orders-12.h5", folder);
    snprintf(to, sizeof to, "%s/orders-13.h5", folder);
    ck_assert_int_eq(rename(from, to), 0);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "holds orders[12], not orders[13]",
                   rf_shard_offset(folder, "orders", 13, &next, &err));
}
END_TEST

START_TEST(what_is_no_partition_is_refused)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    int64_t next;
    static const char *const bad[] = {"", ".", "..", "a/b", "a b", "\xc3\xa4"};
    owner_make_events();
    owner_fresh_folder(folder);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        RF_CHECK_FAILS(err, RF_E_INVALID, "is not a topic's name",
                       rf_shard_offset(folder, bad[i], 0, &next, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "count from 0", rf_shard_offset(folder, "t", -1, &next, &err));
}
END_TEST

START_TEST(other_settings_and_other_files_are_refused)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32];
    rf_bigraph_options other = owner_options(RF_GRANULARITY_PAIR);
    rf_bigraph *graph = NULL;
    rf_shard *shard = NULL;
    int64_t next;
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, 100, &err));
    owner_leave(&o);
    other.identity = "made events\nbucket 2h";
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &other, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "there: \"bucket 1h\"; now: \"bucket 2h\"",
                   rf_shard_claim(&shard, graph, folder, OWNER_TOPIC, 2, "me", 0, &next, &err));
    rf_bigraph_free(graph);
    snprintf(path, sizeof path, "%s/" OWNER_TOPIC "-2.h5", folder);
    rf_spill(path, "no HDF5", 7);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "orders-1-2.h5", owner_try_claim(&o, folder, "me", 0, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "orders-1-2.h5", rf_shard_offset(folder, OWNER_TOPIC, 2, &next, &err));
}
END_TEST

/* ---- two that both believe they own it ---- */

START_TEST(an_older_claim_is_shut_out)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    owner_make_events();
    owner old = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&old, 100, &err));
    owner_add(old.graph, 100, 150);
    owner new = owner_claim(folder, "host:2", 1000);
    ck_assert_int_eq(new.next, 100);
    RF_CHECK_FAILS(err, RF_E_IO, "orders-1[2] was taken over by host:2",
                   rf_shard_save(old.shard, old.graph, 150, &(rf_topic_origin){0}, &err));
    ck_assert(rf_shard_fenced(old.shard));
    RF_CHECK_OK(err, owner_go_on(&new, 10, &err));
    RF_CHECK_FAILS(err, RF_E_IO, "was taken over",
                   rf_shard_save(old.shard, old.graph, 900, &(rf_topic_origin){0}, &err));
    owner_leave(&old);
    ck_assert(!rf_shard_fenced(new.shard));
    RF_CHECK_OK(err, owner_go_on(&new, OWNER_EVENTS, &err));
    owner_leave(&new);
    owner_check_whole(folder);
}
END_TEST

static const char *taken_at; /* the folder whose shard gets a new owner when its new state is looked at */

int __wrap_open(const char *path, int flags, ...) /* NOLINT */
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (taken_at != NULL && strstr(path, ".tmp-") != NULL && (flags & O_CREAT) == 0) {
        const char *folder = taken_at;
        taken_at = NULL;
        owner new = owner_claim(folder, "host:2", 1000); /* removes the temporary file */
        owner_leave(&new);
    }
    return __real_open(path, flags, mode);
}

START_TEST(a_writer_whose_file_a_new_owner_removes_is_told_of_the_owner)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    owner_make_events();
    for (int rewrites = 0; rewrites < 2; rewrites++) {
        owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
        RF_CHECK_OK(err, owner_go_on(&o, 100, &err));
        taken_at = folder;
        if (rewrites == 0)
            RF_CHECK_FAILS(err, RF_E_IO, "was taken over by host:2", owner_go_on(&o, 50, &err));
        else
            RF_CHECK_FAILS(err, RF_E_IO, "was taken over by host:2",
                           rf_shard_rewrite(o.shard, o.graph, &err));
        ck_assert_ptr_null(taken_at);
        ck_assert(rf_shard_fenced(o.shard));
        owner_leave(&o);
        ck_assert_int_eq(owner_saved_offset(folder), 100);
    }
}
END_TEST

/* The new owner could not have the ownership lock at first; once it has it, it is waited for like any. */
START_TEST(ownership_follows_the_claim)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    owner_make_events();
    owner first = owner_claim(owner_fresh_folder(folder), "host:1", 0),
          second = owner_claim(folder, "host:2", 0);
    owner_leave(&first);
    RF_CHECK_OK(err, owner_go_on(&second, 10, &err));
    double begun = rf_monotonic_s();
    owner third = owner_claim(folder, "host:3", 60000);
    ck_assert_double_ge(rf_monotonic_s() - begun, 0.06);
    ck_assert_int_eq(third.next, 10);
    owner_leave(&second);
    owner_leave(&third);
}
END_TEST

START_TEST(a_torn_claim_bricks_nothing_and_lets_nobody_through)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32];
    size_t len = 0;
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, 10, &err));
    owner_leave(&o);
    owner_claim_path(path, folder);
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    for (size_t cut = 0;; cut += 7) {
        owner old = owner_claim(folder, "host:1", 0);
        char *whole = rf_slurp(path, &len);
        bool all = cut >= len;
        rf_spill(path, whole, all ? len : cut);
        free(whole);
        if (all) {
            RF_CHECK_OK(err, owner_go_on(&old, 1, &err));
            owner_leave(&old);
            break;
        }
        owner new = owner_claim(folder, "host:2", 0);
        RF_CHECK_OK(err, owner_go_on(&new, 1, &err));
        RF_CHECK_FAILS(err, RF_E_IO, "was taken over by host:2", owner_go_on(&old, 1, &err));
        owner_leave(&old);
        owner_leave(&new);
    }
    /* gone altogether, and with it the epoch: the state's own counts on */
    ck_assert_int_eq(unlink(path), 0);
    o = owner_claim(folder, "host:3", 0);
    char *text = rf_slurp(path, &len);
    ck_assert(strstr(text, "epoch 1\n") == NULL);
    free(text);
    ck_assert_int_eq(unlink(path), 0);
    RF_CHECK_FAILS(err, RF_E_IO, "cannot be read", owner_go_on(&o, 1, &err));
    owner_leave(&o);
}
END_TEST

START_TEST(any_bytes_in_a_claim_are_survived)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32];
    rf_rng rng;
    size_t len = 0;
    owner_make_events();
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    rf_rng_init(&rng, 6, 0);
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, 10, &err));
    owner_leave(&o);
    owner_claim_path(path, folder);
    for (int round = 0; round < 60; round++) {
        char *text = rf_slurp(path, &len);
        ck_assert(text != NULL);
        for (uint32_t changes = 1 + rf_rng_below(&rng, 3); changes > 0; changes--)
            text[rf_rng_below(&rng, (uint32_t)len)] = (char)rf_rng_below(&rng, 256);
        rf_spill(path, text, len);
        free(text);
        o = owner_claim(folder, "host:1", 0);
        RF_CHECK_OK(err, owner_go_on(&o, 1, &err));
        owner_leave(&o);
    }
    char *large = malloc(70000);
    memset(large, 'x', 70000);
    rf_spill(path, large, 70000);
    free(large);
    o = owner_claim(folder, "host:1", 0);
    owner_leave(&o);
}
END_TEST

START_TEST(what_dead_writers_left_is_removed)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 64];
    static const char *const stale[] = {OWNER_TOPIC "-2.h5.tmp-1-00112233445566aa",
                                        OWNER_TOPIC "-2.h5.tmp-2-ffffffffffffffff"};
    static const char *const others[] = {
        OWNER_TOPIC "-2.h5.tmp-7.h5", OWNER_TOPIC "-22.h5.tmp-1-00112233445566aa",
        OWNER_TOPIC "-2.h5.tmp-9-00112233445566aa", OWNER_TOPIC "-2.h5.tmp-1-0011"};
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    owner_leave(&o);
    o = owner_claim(folder, "host:1", 0);
    owner_leave(&o);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, stale[i]);
        rf_spill(path, "half", 4);
    }
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, others[i]);
        rf_spill(path, "half", 4);
    }
    o = owner_claim(folder, "host:1", 0);
    ck_assert_int_eq(rf_count_entries(folder), 2 + 4);
    RF_CHECK_OK(err, owner_go_on(&o, 1, &err));
    owner_leave(&o);
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, others[i]);
        ck_assert(rf_path_exists(path));
    }
}
END_TEST

/* ---- memory ---- */

static rf_status claim_and_save(const char *folder, int64_t *next, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph_options options = owner_options(RF_GRANULARITY_PAIR);
    rf_bigraph *graph = NULL;
    rf_shard *shard = NULL;
    RF_TRY(rf_bigraph_new(&graph, &options, err));
    RF_TRY(rf_shard_claim(&shard, graph, folder, OWNER_TOPIC, 2, "me", 0, next, err));
    RF_TRY(rf_shard_save(shard, graph, *next + 1, &(rf_topic_origin){0}, err));
done:
    rf_shard_release(&shard);
    rf_bigraph_free(graph);
    return st;
}

START_TEST(every_allocation_may_fail)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    int64_t next, saved;
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, 300, &err));
    owner_leave(&o);
    RF_SWEEP(claim_and_save(folder, &next, sweep_err), ck_assert_int_eq(next, 300));
    RF_SWEEP(rf_shard_offset(folder, OWNER_TOPIC, 2, &saved, sweep_err), ck_assert_int_eq(saved, 301));
    ck_assert_int_eq(rf_count_entries(folder), 3);
}
END_TEST

static void check_forgotten(void)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32];
    int64_t next, newest = 0, events = 0;
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, OWNER_EVENTS, &err));
    owner_leave(&o);
    for (int i = 0; i < OWNER_EVENTS; i++)
        newest = owner_items[i].time_us > newest ? owner_items[i].time_us : newest;
    rf_bigraph_options options = owner_options(RF_GRANULARITY_PAIR);
    options.forget_before_us = newest - newest % options.bucket_us - 2 * RF_DAY_US;
    options.forget_before_us -= options.forget_before_us % options.bucket_us;
    for (int i = 0; i < OWNER_EVENTS; i++)
        events += owner_items[i].time_us < options.forget_before_us;
    ck_assert_int_gt(events, 0);
    for (int turn = 0; turn < 2;
         turn++) { /* saved without a new message; the second owner finds nothing old */
        rf_bigraph *graph = NULL;
        rf_shard *shard = NULL;
        RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
        RF_CHECK_OK(err, rf_shard_claim(&shard, graph, folder, OWNER_TOPIC, 2, "me", 0, &next, &err));
        ck_assert_int_eq(next, OWNER_EVENTS);
        ck_assert_int_eq(rf_bigraph_forgotten(graph), turn == 0 ? events : 0);
        RF_CHECK_OK(err, rf_shard_save(shard, graph, next, &(rf_topic_origin){0}, &err));
        rf_shard_release(&shard);
        rf_bigraph_free(graph);
    }
    snprintf(path, sizeof path, "%s/" OWNER_TOPIC "-2.h5", folder);
    ck_assert_int_eq(owner_saved_offset(folder), OWNER_EVENTS);
}

START_TEST(a_shard_forgets_what_is_older_than_the_retention)
{
    check_forgotten();
    owner_of_kinds = true;
    check_forgotten();
    owner_of_kinds = false;
}
END_TEST

RF_SUITE("shard", a_shard_forgets_what_is_older_than_the_retention,
         a_shard_goes_on_where_the_last_owner_saved, a_shard_without_events_is_saved_too,
         a_shard_remembers_where_its_offset_was_read, a_shard_never_moves_backwards,
         names_lead_to_one_partition_each, what_is_no_partition_is_refused,
         other_settings_and_other_files_are_refused, an_older_claim_is_shut_out,
         a_writer_whose_file_a_new_owner_removes_is_told_of_the_owner, ownership_follows_the_claim,
         a_torn_claim_bricks_nothing_and_lets_nobody_through, any_bytes_in_a_claim_are_survived,
         what_dead_writers_left_is_removed, every_allocation_may_fail)
