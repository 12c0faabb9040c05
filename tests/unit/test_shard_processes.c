/* test_shard_processes.c - a partition moves between processes that are killed, stopped or out of disk. */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "shard_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)

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
    if (owner_try_claim(&o, folder, name, 0, &err) < 0)
        _exit(3);
    bool told = false;
    for (;;) {
        if (owner_go_on(&o, events, &err) < 0)
            _exit(rf_shard_fenced(o.shard) ? 42 : 4);
        if (!told && write(ends[1], "x", 1) != 1)
            _exit(5);
        told = true;
        if (o.next == OWNER_EVENTS)
            _exit(0);
    }
}

static void await_ready(int ready)
{
    char byte;
    ck_assert_int_eq(read(ready, &byte, 1), 1);
    close(ready);
}

static void check_killed(void)
{
    char folder[RF_TEST_PATH];
    int rounds = 0, ready;
    rf_rng rng;
    owner_make_events();
    owner_fresh_folder(folder);
    rf_rng_init(&rng, 3, 0);
    for (; rounds < 200 && owner_saved_offset(folder) < OWNER_EVENTS; rounds++) {
        pid_t child = start_owner(folder, "victim", 4, &ready);
        await_ready(ready);
        pause_us((int64_t)rf_rng_below(&rng, 20000));
        kill(child, SIGKILL);
        (void)wait_for(child);
    }
    ck_assert_int_ge(rounds, 3);
    rf_err err = {0};
    owner o = owner_claim(folder, "heir", 0);
    RF_CHECK_OK(err, owner_go_on(&o, OWNER_EVENTS, &err));
    owner_leave(&o);
    ck_assert_int_eq(rf_count_entries(folder), 3);
    owner_check_whole(folder);
}

START_TEST(an_owner_killed_at_any_moment_loses_nothing)
{
    check_killed();
    owner_of_kinds = true;
    check_killed();
    owner_of_kinds = false;
}
END_TEST

static int open_lock(const char *folder)
{
    char path[RF_TEST_PATH + 32];
    snprintf(path, sizeof path, "%s/" OWNER_TOPIC "-2.lock", folder);
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
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
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
    rf_status st = owner_go_on(&o, 10, &err);
    double waited = rf_monotonic_s() - begun;
    ck_assert_int_eq(wait_for(child), 0);
    RF_CHECK_OK(err, st);
    ck_assert_double_ge(waited, 0.1);
    close(ends[0]);
    close(ends[1]);
    owner_leave(&o);
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
    owner_make_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, 100, &err));
    int door = open_lock(folder);
    ck_assert(lock_moment(door, F_WRLCK));
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(door); /* else it would hold the lock itself */
        _exit(owner_go_on(&o, 100, &err) < 0 && rf_shard_fenced(o.shard) ? 42 : 4);
    }
    await_temporary(folder);
    pause_us(200000); /* it is written in far less */
    owner_claim_path(path, folder);
    char *text = rf_slurp(path, &len), *epoch = strstr(text, "epoch 1");
    epoch[6] = '2';
    rf_spill(path, text, len);
    free(text);
    close(door);
    int status = wait_for(child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    ck_assert_int_eq(owner_saved_offset(folder), 100);
    ck_assert_int_eq(rf_count_entries(folder), 3);
    owner_leave(&o);
}
END_TEST

START_TEST(a_stopped_owner_that_wakes_up_is_shut_out)
{
    char folder[RF_TEST_PATH];
    int ready, fenced = 0;
    rf_err err = {0};
    rf_rng rng;
    owner_make_events();
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    owner_fresh_folder(folder);
    rf_rng_init(&rng, 4, 0);
    for (int round = 0; round < 12; round++) {
        pid_t child = start_owner(folder, "sleeper", 3, &ready);
        await_ready(ready);
        pause_us((int64_t)rf_rng_below(&rng, 8000));
        stop(child, folder);
        owner o = {0};
        rf_status st = owner_try_claim(&o, folder, "heir", 10000, &err);
        if (st >= 0)
            st = owner_go_on(&o, 2, &err);
        kill(child, SIGCONT);
        int status = wait_for(child);
        RF_CHECK_OK(err, st);
        int64_t at = o.next;
        ck_assert(WIFEXITED(status));
        if (WEXITSTATUS(status) == 0)
            ck_assert_int_eq(at, OWNER_EVENTS); /* it had finished before it was stopped */
        else
            ck_assert_int_eq(WEXITSTATUS(status), 42);
        fenced += WEXITSTATUS(status) == 42;
        ck_assert_int_eq(owner_saved_offset(folder), at);
        RF_CHECK_OK(err, owner_go_on(&o, 1, &err));
        owner_leave(&o);
    }
    ck_assert_int_ge(fenced, 3);
    owner o = owner_claim(folder, "heir", 0);
    RF_CHECK_OK(err, owner_go_on(&o, OWNER_EVENTS, &err));
    owner_leave(&o);
    owner_check_whole(folder);
}
END_TEST

START_TEST(two_processes_fighting_over_a_partition_end_in_the_right_state)
{
    char folder[RF_TEST_PATH];
    pid_t children[2];
    owner_make_events();
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    owner_fresh_folder(folder);
    for (int c = 0; c < 2; c++) {
        children[c] = fork();
        ck_assert_int_ge(children[c], 0);
        if (children[c] > 0)
            continue;
        rf_rng rng;
        rf_rng_init(&rng, 5, (uint64_t)c);
        for (int64_t next = 0; next < OWNER_EVENTS;) {
            rf_err err = {0};
            owner o = {0};
            if (owner_try_claim(&o, folder, c == 0 ? "one" : "two", (int64_t)rf_rng_below(&rng, 3000), &err) <
                0)
                _exit(3);
            for (uint32_t saves = rf_rng_below(&rng, 4); saves > 0; saves--) {
                if (owner_go_on(&o, 1 + (int)rf_rng_below(&rng, 12), &err) >= 0)
                    continue;
                if (!rf_shard_fenced(o.shard))
                    _exit(4);
                break;
            }
            next = o.next;
            owner_leave(&o);
        }
        _exit(0);
    }
    for (int c = 0; c < 2; c++)
        ck_assert_int_eq(wait_for(children[c]), 0);
    owner_check_whole(folder);
}
END_TEST

START_TEST(an_owner_that_lives_is_waited_for)
{
    char folder[RF_TEST_PATH];
    int ready;
    owner_make_events();
    owner_fresh_folder(folder);
    pid_t child = start_owner(folder, "busy", 100, &ready); /* 12 saves, then it goes */
    await_ready(ready);
    owner o = owner_claim(folder, "heir", 60 * SECOND_US);
    ck_assert_int_eq(o.next, OWNER_EVENTS);
    ck_assert_int_eq(wait_for(child), 0);
    owner_leave(&o);
}
END_TEST

static int64_t bytes_of_600_events(void)
{
    rf_err err = {0};
    struct stat info;
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32];
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, 600, &err));
    owner_leave(&o);
    snprintf(path, sizeof path, "%s/" OWNER_TOPIC "-2.h5", folder);
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
    if (owner_try_claim(&o, folder, "poor", 0, &err) < 0)
        _exit(3);
    limit_files((rlim_t)bytes);
    if (owner_go_on(&o, 300, &err) != RF_E_IO || rf_shard_fenced(o.shard))
        _exit(4);
    limit_files(RLIM_INFINITY);
    err = (rf_err){0};
    _exit(!again || rf_shard_save(o.shard, o.graph, o.next, &(rf_topic_origin){0}, &err) >= 0 ? 0 : 5);
}

START_TEST(a_full_disk_keeps_the_saved_state)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    owner_make_events();
    int64_t bytes = bytes_of_600_events();
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, 300, &err));
    owner_leave(&o);
    for (int part = 0; part < 8; part++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            be_poor(folder, bytes * part / 8, part == 7);
        int status = wait_for(child);
        ck_assert_msg(status == 0, "status %x with %d eighths of the room needed", (unsigned)status, part);
        ck_assert_int_eq(owner_saved_offset(folder), part < 7 ? 300 : 600);
        ck_assert_int_eq(rf_count_entries(folder), 3);
    }
    o = owner_claim(folder, "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, OWNER_EVENTS, &err));
    owner_leave(&o);
    owner_check_whole(folder);
}
END_TEST

RF_SUITE("shard_processes", an_owner_killed_at_any_moment_loses_nothing,
         a_moment_of_another_process_is_waited_for, a_writer_in_the_doorway_is_shut_out,
         a_stopped_owner_that_wakes_up_is_shut_out,
         two_processes_fighting_over_a_partition_end_in_the_right_state, an_owner_that_lives_is_waited_for,
         a_full_disk_keeps_the_saved_state)
