/* test_signal.c - the first signal: leaves nothing half written behind, or lets a step save.
 *
 * The linker leads snprintf here (--wrap=snprintf): a handler that calls it ends the child with MISUSED.
 */
#include "rf_beside.h"
#include "rf_check.h"
#include "rf_job.h"
#include "rf_pool.h"
#include "rf_signal.h"
#include "rf_stop.h"

#include <signal.h>
#include <sys/wait.h>

#define MISUSED 6 /* exit status */

int __wrap_snprintf(char *out, size_t size, const char *format, ...); /* NOLINT: the linker's name */

static volatile sig_atomic_t in_handler;

int __wrap_snprintf(char *out, size_t size, const char *format, ...) /* NOLINT */
{
    va_list rest;
    if (in_handler)
        _exit(MISUSED);
    va_start(rest, format);
    int n = vsnprintf(out, size, format, rest);
    va_end(rest);
    return n;
}

static char folder[RF_TEST_PATH], path[RF_TEST_PATH], said[RF_TEST_PATH];

static void begin(const char *name)
{
    mkdir(rf_tmp_path(folder, name), 0700);
    snprintf(path, sizeof path, "%.900s/x", folder);
    rf_spill(path, "old", 3);
    rf_tmp_path(said, "said");
}

/* What the child says on standard error, and how it ends. */
static int end_of(pid_t child)
{
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect_said(const char *part)
{
    char *text = rf_slurp(said, NULL);
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(strstr(text, part) != NULL, "\"%s\" does not say \"%s\"", text, part);
    free(text);
}

static pid_t child_in_the_middle(bool holds, bool json)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    rf_beside beside = {0};
    rf_job job = {0};
    int fd;
    if (freopen(said, "w", stderr) == NULL || rf_beside_make(&beside, &fd, path, NULL) < 0 ||
        rf_job_lock(&job, path, NULL) < 0)
        _exit(9);
    rf_signal_setup("score", json, false);
    rf_signal_hold(holds);
    in_handler = true;
    raise(SIGTERM);
    in_handler = false;
    bool asked = rf_stop_asked();
    if (!holds || !asked || rf_count_entries(folder) != 3)
        _exit(8);
    rf_signal_hold(false);
    rf_beside_drop(&beside);
    rf_job_unlock(&job);
    raise(SIGTERM); /* a second one kills at once, by the system's own hand */
    _exit(7);
}

START_TEST(work_that_saves_nothing_is_left_at_once)
{
    begin("left");
    ck_assert_int_eq(end_of(child_in_the_middle(false, false)), 130);
    ck_assert_int_eq(rf_count_entries(folder), 1); /* neither the temporary nor the lock */
    char *kept = rf_slurp(path, NULL);
    ck_assert_str_eq(kept, "old");
    free(kept);
    expect_said("ringfence: interrupted; files are as the last finished step left them");
}
END_TEST

START_TEST(the_last_line_is_json_where_all_are)
{
    begin("json");
    ck_assert_int_eq(end_of(child_in_the_middle(false, true)), 130);
    expect_said("{\"time\":\"20");
    expect_said("Z\",\"level\":\"error\",\"verb\":\"score\",\"message\":\"interrupted;");
}
END_TEST

START_TEST(a_step_that_saves_goes_on_until_it_has)
{
    int status;
    begin("saves");
    pid_t child = child_in_the_middle(true, false);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    ck_assert_int_eq(rf_count_entries(folder), 1);
}
END_TEST

static void block_state(void *context, int64_t index, int worker)
{
    sigset_t now;
    (void)index;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    ((int *)context)[worker] = sigismember(&now, SIGTERM) == 1 && sigismember(&now, SIGINT) == 1;
    usleep(2000); /* each worker gets some */
}

START_TEST(signals_are_for_the_main_thread)
{
    rf_err err = {0};
    rf_pool *pool = NULL;
    int blocks[3] = {-1, -1, -1};
    RF_CHECK_OK(err, rf_pool_new(&pool, 3, &err));
    rf_pool_run(pool, 64, block_state, blocks);
    rf_pool_free(pool);
    ck_assert_int_eq(blocks[0], 0);
    ck_assert_int_ne(blocks[1], 0);
    ck_assert_int_ne(blocks[2], 0);
}
END_TEST

START_TEST(temporaries_are_forgotten_by_their_pointer)
{
    char here[RF_TEST_PATH], gone[RF_TEST_PATH];
    rf_spill(rf_tmp_path(here, "kept.tmp"), "x", 1);
    rf_spill(rf_tmp_path(gone, "gone.tmp"), "x", 1);
    rf_stop_remember_temporary(here);
    rf_stop_remember_temporary(gone);
    rf_stop_forget_temporary(here);
    rf_stop_forget_temporary(NULL);
    rf_stop_remove_temporaries();
    ck_assert(access(here, F_OK) == 0 && access(gone, F_OK) != 0);
    rf_stop_forget_temporary(gone);
}
END_TEST

RF_SUITE("signal", work_that_saves_nothing_is_left_at_once, the_last_line_is_json_where_all_are,
         a_step_that_saves_goes_on_until_it_has, signals_are_for_the_main_thread,
         temporaries_are_forgotten_by_their_pointer)
