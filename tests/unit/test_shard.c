/* test_shard.c - a partition's state moves between owners without losing or doubling an event, at any moment
 * at which an owner dies or stops.
 *
 * Event i of the made partition is its message i, so that the state is right when it holds exactly the events
 * before the saved offset.
 */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "made_events.h"
#include "rf_check.h"
#include "rf_file.h"
#include "rf_log.h"
#include "rf_shard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define N 1200
#define TOPIC "orders-1"
#define SECOND_US INT64_C(1000000)

static made_event items[N];

static rf_bigraph_options options_of(rf_granularity granularity)
{
    rf_bigraph_options options = made_options(granularity);
    options.window_us = 0;
    options.as_of_us = RF_AS_OF_LATEST;
    return options;
}

static void make(void)
{
    rf_rng rng;
    setenv("SOURCE_DATE_EPOCH", "1", 1); /* files are compared byte for byte */
    rf_log_setup(RF_LOG_ERROR, RF_LOG_TEXT, "test");
    rf_rng_init(&rng, 17, 0);
    for (int i = 0; i < N; i++)
        items[i] = made_event_at(&rng, i, 12);
}

static char *fresh_folder(char out[RF_TEST_PATH])
{
    static int number;
    char name[32];
    snprintf(name, sizeof name, "shards-%d", number++);
    return rf_tmp_path(out, name);
}

static rf_bigraph *open_graph(void)
{
    static rf_bigraph_options options;
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    options = options_of(RF_GRANULARITY_PAIR);
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    return graph;
}

static void add(rf_bigraph *graph, int64_t from, int64_t to)
{
    rf_err err = {0};
    for (int64_t i = from; i < to && i < N; i++) {
        rf_event event = made_rf_event(&items[i], true);
        RF_HOLDS(rf_bigraph_add_event(graph, &event, &err) == RF_OK);
    }
}

typedef struct owner { /* of partition 2 of TOPIC */
    rf_bigraph *graph;
    rf_shard *shard;
    int64_t next; /* 0 where nothing was saved */
} owner;

static rf_status try_claim(owner *o, const char *folder, const char *name, int64_t wait_us, rf_err *err)
{
    o->graph = open_graph();
    rf_status st = rf_shard_claim(&o->shard, o->graph, folder, TOPIC, 2, name, wait_us, &o->next, err);
    if (st < 0) {
        rf_bigraph_free(o->graph);
        o->graph = NULL;
        return st;
    }
    int64_t held = rf_bigraph_counts(o->graph)->accepted;
    o->next = o->next < 0 ? 0 : o->next;
    RF_HOLDS(held == o->next);
    return RF_OK;
}

static owner claim(const char *folder, const char *name, int64_t wait_us)
{
    rf_err err = {0};
    owner o = {0};
    RF_CHECK_OK(err, try_claim(&o, folder, name, wait_us, &err));
    return o;
}

static rf_status go_on(owner *o, int events, rf_err *err)
{
    int64_t to = o->next + events < N ? o->next + events : N;
    add(o->graph, o->next, to);
    o->next = to;
    return rf_shard_save(o->shard, o->graph, to, err);
}

static void leave(owner *o)
{
    rf_shard_release(&o->shard);
    rf_bigraph_free(o->graph);
    *o = (owner){0};
}

static int64_t saved_offset(const char *folder)
{
    rf_err err = {0};
    int64_t next = -2;
    RF_CHECK_OK(err, rf_shard_offset(folder, TOPIC, 2, &next, &err));
    return next;
}

/* What the folder holds is what one process makes of all N events. */
static void check_whole(const char *folder)
{
    rf_err err = {0};
    rf_published published;
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    owner o = claim(folder, "judge", 0);
    ck_assert_int_eq(o.next, N);
    RF_CHECK_OK(err, rf_bigraph_publish(o.graph, rf_tmp_path(a, "a.h5"), NULL, NULL, &published, &err));
    leave(&o);
    rf_bigraph *graph = open_graph();
    add(graph, 0, N);
    RF_CHECK_OK(err, rf_bigraph_publish(graph, rf_tmp_path(b, "b.h5"), NULL, NULL, &published, &err));
    rf_bigraph_free(graph);
    ck_assert(rf_files_equal(a, b));
}

static void pause_us(int64_t us)
{
    nanosleep(&(struct timespec){.tv_sec = us / SECOND_US, .tv_nsec = us % SECOND_US * 1000}, NULL);
}

static int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* ---- one owner after the other ---- */

START_TEST(a_shard_goes_on_where_the_last_owner_saved)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    make();
    fresh_folder(folder);
    ck_assert_int_eq(saved_offset(folder), -1);
    for (int64_t at = 0; at < N; at += 100) {
        owner o = claim(folder, "host:1", 0);
        ck_assert_int_eq(o.next, at);
        RF_CHECK_OK(err, go_on(&o, 60, &err));
        RF_CHECK_OK(err, go_on(&o, 40, &err));
        RF_CHECK_OK(err, go_on(&o, 0, &err));
        add(o.graph, o.next, o.next + 17); /* not saved: read again by the next owner */
        ck_assert(!rf_shard_fenced(o.shard));
        leave(&o);
        ck_assert_int_eq(saved_offset(folder), at + 100);
    }
    check_whole(folder);
    ck_assert_int_eq(rf_count_entries(folder), 3); /* state, claim, lock */
}
END_TEST

START_TEST(a_shard_without_events_is_saved_too)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    make();
    owner o = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, rf_shard_save(o.shard, o.graph, 0, &err));
    leave(&o);
    ck_assert_int_eq(saved_offset(folder), 0);
}
END_TEST

START_TEST(a_shard_never_moves_backwards)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    make();
    owner o = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, go_on(&o, 100, &err));
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "orders-1[2]: to be saved at offset 99",
                   rf_shard_save(o.shard, o.graph, 99, &err));
    leave(&o);
    o = claim(folder, "host:1", 0);
    RF_CHECK_FAILS(err, RF_E_INTERNAL, "it is at 100", rf_shard_save(o.shard, o.graph, 50, &err));
    leave(&o);
    ck_assert_int_eq(saved_offset(folder), 100);
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
    make();
    fresh_folder(folder);
    for (int i = 0; i < 4; i++) {
        graphs[i] = open_graph();
        RF_CHECK_OK(err, rf_shard_claim(&shards[i], graphs[i], folder, all[i].topic, all[i].partition, "me",
                                        0, &next, &err));
        RF_CHECK_OK(err, rf_shard_save(shards[i], graphs[i], 10 + i, &err));
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
    make();
    fresh_folder(folder);
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
    rf_bigraph_options other = options_of(RF_GRANULARITY_PAIR);
    rf_bigraph *graph = NULL;
    rf_shard *shard = NULL;
    int64_t next;
    make();
    owner o = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, go_on(&o, 100, &err));
    leave(&o);
    other.identity = "made events\nbucket 2h";
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &other, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "there: \"bucket 1h\"; now: \"bucket 2h\"",
                   rf_shard_claim(&shard, graph, folder, TOPIC, 2, "me", 0, &next, &err));
    rf_bigraph_free(graph);
    snprintf(path, sizeof path, "%s/" TOPIC "-2.h5", folder);
    rf_spill(path, "no HDF5", 7);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "orders-1-2.h5", try_claim(&o, folder, "me", 0, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "orders-1-2.h5", rf_shard_offset(folder, TOPIC, 2, &next, &err));
}
END_TEST

/* ---- two that both believe they own it ---- */

START_TEST(an_older_claim_is_shut_out)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    make();
    owner old = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, go_on(&old, 100, &err));
    add(old.graph, 100, 150);
    owner new = claim(folder, "host:2", 1000);
    ck_assert_int_eq(new.next, 100);
    RF_CHECK_FAILS(err, RF_E_IO, "orders-1[2] was taken over by host:2",
                   rf_shard_save(old.shard, old.graph, 150, &err));
    ck_assert(rf_shard_fenced(old.shard));
    RF_CHECK_OK(err, go_on(&new, 10, &err));
    RF_CHECK_FAILS(err, RF_E_IO, "was taken over", rf_shard_save(old.shard, old.graph, 900, &err));
    leave(&old);
    ck_assert(!rf_shard_fenced(new.shard));
    RF_CHECK_OK(err, go_on(&new, N, &err));
    leave(&new);
    check_whole(folder);
}
END_TEST

/* The new owner could not have the ownership lock at first; once it has it, it is waited for like any. */
START_TEST(ownership_follows_the_claim)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    make();
    owner first = claim(fresh_folder(folder), "host:1", 0), second = claim(folder, "host:2", 0);
    leave(&first);
    RF_CHECK_OK(err, go_on(&second, 10, &err));
    double begun = rf_monotonic_s();
    owner third = claim(folder, "host:3", 60000);
    ck_assert_double_ge(rf_monotonic_s() - begun, 0.06);
    ck_assert_int_eq(third.next, 10);
    leave(&second);
    leave(&third);
}
END_TEST

static void claim_path(char out[RF_TEST_PATH + 32], const char *folder)
{
    snprintf(out, RF_TEST_PATH + 32, "%s/" TOPIC "-2.claim", folder);
}

START_TEST(a_torn_claim_bricks_nothing_and_lets_nobody_through)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32];
    size_t len = 0;
    make();
    owner o = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, go_on(&o, 10, &err));
    leave(&o);
    claim_path(path, folder);
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    for (size_t cut = 0;; cut += 7) {
        owner old = claim(folder, "host:1", 0);
        char *whole = rf_slurp(path, &len);
        bool all = cut >= len;
        rf_spill(path, whole, all ? len : cut);
        free(whole);
        if (all) {
            RF_CHECK_OK(err, go_on(&old, 1, &err));
            leave(&old);
            break;
        }
        owner new = claim(folder, "host:2", 0);
        RF_CHECK_OK(err, go_on(&new, 1, &err));
        RF_CHECK_FAILS(err, RF_E_IO, "was taken over by host:2", go_on(&old, 1, &err));
        leave(&old);
        leave(&new);
    }
    /* gone altogether, and with it the epoch: the state's own counts on */
    ck_assert_int_eq(unlink(path), 0);
    o = claim(folder, "host:3", 0);
    char *text = rf_slurp(path, &len);
    ck_assert(strstr(text, "epoch 1\n") == NULL);
    free(text);
    ck_assert_int_eq(unlink(path), 0);
    RF_CHECK_FAILS(err, RF_E_IO, "cannot be read", go_on(&o, 1, &err));
    leave(&o);
}
END_TEST

START_TEST(any_bytes_in_a_claim_are_survived)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32];
    rf_rng rng;
    size_t len = 0;
    make();
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    rf_rng_init(&rng, 6, 0);
    owner o = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, go_on(&o, 10, &err));
    leave(&o);
    claim_path(path, folder);
    for (int round = 0; round < 60; round++) {
        char *text = rf_slurp(path, &len);
        ck_assert(text != NULL);
        for (uint32_t changes = 1 + rf_rng_below(&rng, 3); changes > 0; changes--)
            text[rf_rng_below(&rng, (uint32_t)len)] = (char)rf_rng_below(&rng, 256);
        rf_spill(path, text, len);
        free(text);
        o = claim(folder, "host:1", 0);
        RF_CHECK_OK(err, go_on(&o, 1, &err));
        leave(&o);
    }
    char *large = malloc(70000);
    memset(large, 'x', 70000);
    rf_spill(path, large, 70000);
    free(large);
    o = claim(folder, "host:1", 0);
    leave(&o);
}
END_TEST

START_TEST(what_dead_writers_left_is_removed)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 64];
    static const char *const stale[] = {TOPIC "-2.h5.tmp-1-00112233445566aa",
                                        TOPIC "-2.h5.tmp-2-ffffffffffffffff"};
    static const char *const others[] = {TOPIC "-2.h5.tmp-7.h5", TOPIC "-22.h5.tmp-1-00112233445566aa",
                                         TOPIC "-2.h5.tmp-9-00112233445566aa", TOPIC "-2.h5.tmp-1-0011"};
    make();
    owner o = claim(fresh_folder(folder), "host:1", 0);
    leave(&o);
    o = claim(folder, "host:1", 0);
    leave(&o);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, stale[i]);
        rf_spill(path, "half", 4);
    }
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, others[i]);
        rf_spill(path, "half", 4);
    }
    o = claim(folder, "host:1", 0);
    ck_assert_int_eq(rf_count_entries(folder), 2 + 4);
    RF_CHECK_OK(err, go_on(&o, 1, &err));
    leave(&o);
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, others[i]);
        ck_assert(rf_path_exists(path));
    }
}
END_TEST

/* ---- processes ---- */

/* A child that claims, then saves every few events until it has all, or is told otherwise by a signal. */
static pid_t start_owner(const char *folder, const char *name, int events, int *ready)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child > 0) {
        close(ends[1]);
        *ready = ends[0];
        return child;
    }
    rf_err err = {0};
    owner o = {0};
    close(ends[0]);
    if (try_claim(&o, folder, name, 0, &err) < 0)
        _exit(3);
    bool told = false;
    for (;;) {
        if (go_on(&o, events, &err) < 0)
            _exit(rf_shard_fenced(o.shard) ? 42 : 4);
        if (!told && write(ends[1], "x", 1) != 1)
            _exit(5);
        told = true;
        if (o.next == N)
            _exit(0);
    }
}

static void await_ready(int ready)
{
    char byte;
    ck_assert_int_eq(read(ready, &byte, 1), 1);
    close(ready);
}

START_TEST(an_owner_killed_at_any_moment_loses_nothing)
{
    char folder[RF_TEST_PATH];
    int rounds = 0, ready;
    rf_rng rng;
    make();
    fresh_folder(folder);
    rf_rng_init(&rng, 3, 0);
    for (; rounds < 200 && saved_offset(folder) < N; rounds++) {
        pid_t child = start_owner(folder, "victim", 4, &ready);
        await_ready(ready);
        pause_us((int64_t)rf_rng_below(&rng, 20000));
        kill(child, SIGKILL);
        (void)wait_for(child);
    }
    ck_assert_int_ge(rounds, 3);
    rf_err err = {0};
    owner o = claim(folder, "heir", 0);
    RF_CHECK_OK(err, go_on(&o, N, &err));
    leave(&o);
    ck_assert_int_eq(rf_count_entries(folder), 3);
    check_whole(folder);
}
END_TEST

static int open_lock(const char *folder)
{
    char path[RF_TEST_PATH + 32];
    snprintf(path, sizeof path, "%s/" TOPIC "-2.lock", folder);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static bool lock_moment(int fd, short type)
{
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1};
    return fcntl(fd, F_OFD_SETLK, &range) == 0;
}

/* Stops it anywhere but in the moment of comparing and renaming, where nobody could take over. */
static void stop(pid_t child, const char *folder)
{
    int fd = open_lock(folder);
    siginfo_t info;
    for (;;) {
        kill(child, SIGSTOP);
        ck_assert_int_eq(waitid(P_PID, (id_t)child, &info, WSTOPPED | WEXITED | WNOWAIT), 0);
        if (lock_moment(fd, F_WRLCK))
            break;
        kill(child, SIGCONT);
        pause_us(300);
    }
    close(fd);
}

START_TEST(a_moment_of_another_process_is_waited_for)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    int ends[2];
    make();
    owner o = claim(fresh_folder(folder), "host:1", 0);
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        bool got = lock_moment(open_lock(folder), F_WRLCK) && write(ends[1], "x", 1) == 1;
        pause_us(200000);
        _exit(got ? 0 : 3);
    }
    char byte;
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    double begun = rf_monotonic_s();
    rf_status st = go_on(&o, 10, &err);
    double waited = rf_monotonic_s() - begun;
    ck_assert_int_eq(wait_for(child), 0);
    RF_CHECK_OK(err, st);
    ck_assert_double_ge(waited, 0.1);
    close(ends[0]);
    close(ends[1]);
    leave(&o);
}
END_TEST

static void await_temporary(const char *folder)
{
    for (int i = 0; i < 2000 && rf_count_entries(folder) < 4; i++)
        pause_us(5000);
    ck_assert_int_eq(rf_count_entries(folder), 4);
}

/* Its state is written and synced; between that and the rename another claim comes. */
START_TEST(a_writer_in_the_doorway_is_shut_out)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32];
    size_t len = 0;
    make();
    owner o = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, go_on(&o, 100, &err));
    int door = open_lock(folder);
    ck_assert(lock_moment(door, F_WRLCK));
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(door); /* else it would hold the lock itself */
        _exit(go_on(&o, 100, &err) < 0 && rf_shard_fenced(o.shard) ? 42 : 4);
    }
    await_temporary(folder);
    pause_us(200000); /* it is written in far less */
    claim_path(path, folder);
    char *text = rf_slurp(path, &len), *epoch = strstr(text, "epoch 1");
    epoch[6] = '2';
    rf_spill(path, text, len);
    free(text);
    close(door);
    int status = wait_for(child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    ck_assert_int_eq(saved_offset(folder), 100);
    ck_assert_int_eq(rf_count_entries(folder), 3);
    leave(&o);
}
END_TEST

START_TEST(a_stopped_owner_that_wakes_up_is_shut_out)
{
    char folder[RF_TEST_PATH];
    int ready, fenced = 0;
    rf_err err = {0};
    rf_rng rng;
    make();
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    fresh_folder(folder);
    rf_rng_init(&rng, 4, 0);
    for (int round = 0; round < 12; round++) {
        pid_t child = start_owner(folder, "sleeper", 3, &ready);
        await_ready(ready);
        pause_us((int64_t)rf_rng_below(&rng, 8000));
        stop(child, folder);
        owner o = {0};
        rf_status st = try_claim(&o, folder, "heir", 10000, &err);
        if (st >= 0)
            st = go_on(&o, 2, &err);
        kill(child, SIGCONT);
        int status = wait_for(child);
        RF_CHECK_OK(err, st);
        int64_t at = o.next;
        ck_assert(WIFEXITED(status));
        if (WEXITSTATUS(status) == 0)
            ck_assert_int_eq(at, N); /* it had finished before it was stopped */
        else
            ck_assert_int_eq(WEXITSTATUS(status), 42);
        fenced += WEXITSTATUS(status) == 42;
        ck_assert_int_eq(saved_offset(folder), at);
        RF_CHECK_OK(err, go_on(&o, 1, &err));
        leave(&o);
    }
    ck_assert_int_ge(fenced, 3);
    owner o = claim(folder, "heir", 0);
    RF_CHECK_OK(err, go_on(&o, N, &err));
    leave(&o);
    check_whole(folder);
}
END_TEST

START_TEST(two_processes_fighting_over_a_partition_end_in_the_right_state)
{
    char folder[RF_TEST_PATH];
    pid_t children[2];
    make();
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    fresh_folder(folder);
    for (int c = 0; c < 2; c++) {
        children[c] = fork();
        ck_assert_int_ge(children[c], 0);
        if (children[c] > 0)
            continue;
        rf_rng rng;
        rf_rng_init(&rng, 5, (uint64_t)c);
        for (int64_t next = 0; next < N;) {
            rf_err err = {0};
            owner o = {0};
            if (try_claim(&o, folder, c == 0 ? "one" : "two", (int64_t)rf_rng_below(&rng, 3000), &err) < 0)
                _exit(3);
            for (uint32_t saves = rf_rng_below(&rng, 4); saves > 0; saves--) {
                if (go_on(&o, 1 + (int)rf_rng_below(&rng, 12), &err) >= 0)
                    continue;
                if (!rf_shard_fenced(o.shard))
                    _exit(4);
                break;
            }
            next = o.next;
            leave(&o);
        }
        _exit(0);
    }
    for (int c = 0; c < 2; c++)
        ck_assert_int_eq(wait_for(children[c]), 0);
    check_whole(folder);
}
END_TEST

START_TEST(an_owner_that_lives_is_waited_for)
{
    char folder[RF_TEST_PATH];
    int ready;
    make();
    fresh_folder(folder);
    pid_t child = start_owner(folder, "busy", 100, &ready); /* 12 saves, then it goes */
    await_ready(ready);
    owner o = claim(folder, "heir", 60 * SECOND_US);
    ck_assert_int_eq(o.next, N);
    ck_assert_int_eq(wait_for(child), 0);
    leave(&o);
}
END_TEST

static int64_t bytes_of_600_events(void)
{
    rf_err err = {0};
    struct stat info;
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32];
    owner o = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, go_on(&o, 600, &err));
    leave(&o);
    snprintf(path, sizeof path, "%s/" TOPIC "-2.h5", folder);
    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_size;
}

static void limit_files(rlim_t bytes)
{
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = bytes, .rlim_max = RLIM_INFINITY});
}

/* Claims, fails to save with room for `bytes` only; with `again` tries once more when there is room. */
static void be_poor(const char *folder, int64_t bytes, bool again)
{
    rf_err err = {0};
    owner o = {0};
    signal(SIGXFSZ, SIG_IGN);
    if (try_claim(&o, folder, "poor", 0, &err) < 0)
        _exit(3);
    limit_files((rlim_t)bytes);
    if (go_on(&o, 300, &err) != RF_E_IO || rf_shard_fenced(o.shard))
        _exit(4);
    limit_files(RLIM_INFINITY);
    err = (rf_err){0};
    _exit(!again || rf_shard_save(o.shard, o.graph, o.next, &err) >= 0 ? 0 : 5);
}

START_TEST(a_full_disk_keeps_the_saved_state)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    make();
    int64_t bytes = bytes_of_600_events();
    owner o = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, go_on(&o, 300, &err));
    leave(&o);
    for (int part = 0; part < 8; part++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            be_poor(folder, bytes * part / 8, part == 7);
        int status = wait_for(child);
        ck_assert_msg(status == 0, "status %x with %d eighths of the room needed", (unsigned)status, part);
        ck_assert_int_eq(saved_offset(folder), part < 7 ? 300 : 600);
        ck_assert_int_eq(rf_count_entries(folder), 3);
    }
    o = claim(folder, "host:1", 0);
    RF_CHECK_OK(err, go_on(&o, N, &err));
    leave(&o);
    check_whole(folder);
}
END_TEST

/* ---- memory ---- */

static rf_status claim_and_save(const char *folder, int64_t *next, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph_options options = options_of(RF_GRANULARITY_PAIR);
    rf_bigraph *graph = NULL;
    rf_shard *shard = NULL;
    RF_TRY(rf_bigraph_new(&graph, &options, err));
    RF_TRY(rf_shard_claim(&shard, graph, folder, TOPIC, 2, "me", 0, next, err));
    RF_TRY(rf_shard_save(shard, graph, *next + 1, err));
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
    make();
    owner o = claim(fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, go_on(&o, 300, &err));
    leave(&o);
    RF_SWEEP(claim_and_save(folder, &next, sweep_err), ck_assert_int_eq(next, 300));
    RF_SWEEP(rf_shard_offset(folder, TOPIC, 2, &saved, sweep_err), ck_assert_int_eq(saved, 301));
    ck_assert_int_eq(rf_count_entries(folder), 3);
}
END_TEST

RF_SUITE("shard", a_shard_goes_on_where_the_last_owner_saved, a_shard_without_events_is_saved_too,
         a_shard_never_moves_backwards, names_lead_to_one_partition_each, what_is_no_partition_is_refused,
         other_settings_and_other_files_are_refused, an_older_claim_is_shut_out, ownership_follows_the_claim,
         a_torn_claim_bricks_nothing_and_lets_nobody_through, any_bytes_in_a_claim_are_survived,
         what_dead_writers_left_is_removed, an_owner_killed_at_any_moment_loses_nothing,
         a_moment_of_another_process_is_waited_for, a_writer_in_the_doorway_is_shut_out,
         a_stopped_owner_that_wakes_up_is_shut_out,
         two_processes_fighting_over_a_partition_end_in_the_right_state, an_owner_that_lives_is_waited_for,
         a_full_disk_keeps_the_saved_state, every_allocation_may_fail)
