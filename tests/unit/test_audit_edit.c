/* test_audit_edit.c - the log is aged and edited while other processes write to it, and no line is lost. */
#include <sys/wait.h>

#include "rf_append.h"
#include "rf_audit.h"
#include "rf_check.h"
#include "rf_job.h"
#include "rf_json_scan.h"

enum { WRITERS = 2, EACH = 150 };

static void add_entry(rf_audit *audit, const char *event, int64_t number)
{
    rf_err err = {0};
    rf_json *json = NULL;
    RF_CHECK_OK(err, rf_audit_begin(audit, event, NULL, &json, &err));
    rf_json_put_int(json, "number", number);
    RF_CHECK_OK(err, rf_audit_add(audit, &err));
}

static rf_status drop_passing(void *context, int64_t line, rf_span text, rf_line_fate *fate,
                              rf_text *replacement, rf_err *err)
{
    rf_span event = rf_json_member(text, "event");
    (void)context, (void)line, (void)replacement, (void)err;
    if (event.len == strlen("\"passing\"") && memcmp(event.ptr, "\"passing\"", event.len) == 0)
        *fate = RF_LINE_DROP;
    return RF_OK;
}

static const rf_line_judge judge = {drop_passing, NULL};

/* The entries that stay are all there, each once. */
static void expect_kept(const char *path, int n)
{
    char *text = rf_slurp(path, NULL);
    int *seen = calloc((size_t)n, sizeof *seen);
    for (const char *at = text; (at = strstr(at, "\"event\":\"kept\",\"number\":")) != NULL; at++)
        seen[atoi(at + strlen("\"event\":\"kept\",\"number\":"))]++;
    for (int i = 0; i < n; i++)
        ck_assert_msg(seen[i] == 1, "entry %d is there %d times", i, seen[i]);
    free(seen);
    free(text);
}

START_TEST(an_open_log_goes_on_in_the_edited_file)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_audit *audit = NULL;
    int64_t changed = 0;
    unlink(rf_tmp_path(path, "edited.jsonl"));
    RF_CHECK_OK(err, rf_audit_open(&audit, path, &err));
    add_entry(audit, "kept", 0);
    add_entry(audit, "passing", 0);
    RF_CHECK_OK(err, rf_audit_rewrite(&changed, path, &judge, &err));
    ck_assert_int_eq(changed, 1);
    add_entry(audit, "kept", 1);
    rf_audit_close(audit);
    expect_kept(path, 2);
}
END_TEST

static void write_entries(const char *path, int first)
{
    rf_err err = {0};
    rf_audit *audit = NULL;
    if (rf_audit_open(&audit, path, &err) < 0)
        _exit(1);
    for (int i = first; i < first + EACH; i++) {
        add_entry(audit, "passing", i);
        add_entry(audit, "kept", i);
    }
    rf_audit_close(audit);
    _exit(0);
}

START_TEST(nothing_is_lost_while_others_write)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    int64_t changed = 0, all = 0;
    int left = WRITERS;
    rf_spill(rf_tmp_path(path, "beside-edits.jsonl"), "", 0);
    for (int w = 0; w < WRITERS; w++) {
        if (fork() == 0)
            write_entries(path, w * EACH);
    }
    while (left > 0) {
        int status = 0;
        RF_CHECK_OK(err, rf_audit_rewrite(&changed, path, &judge, &err));
        all += changed;
        usleep(500); /* the lock is free for a while */
        while (left > 0 && waitpid(-1, &status, WNOHANG) > 0) {
            ck_assert_int_eq(status, 0);
            left--;
        }
    }
    RF_CHECK_OK(err, rf_audit_rewrite(&changed, path, &judge, &err));
    ck_assert_int_eq(all + changed, WRITERS * EACH);
    expect_kept(path, WRITERS * EACH);
}
END_TEST

/* A descriptor of the same process that is closed does not take the lock with it. */
START_TEST(who_has_the_lock_is_alone)
{
    char path[RF_TEST_PATH], rotated[RF_TEST_PATH];
    rf_err err = {0};
    rf_audit *audit = NULL;
    int fd = -1, status = 0;
    unlink(rf_tmp_path(path, "held.jsonl"));
    rf_tmp_path(rotated, "held.jsonl.1");
    RF_CHECK_OK(err, rf_append_lock(&fd, path, &err));
    free(rf_slurp(path, NULL));
    pid_t child = fork();
    if (child == 0) {
        close(fd);
        _exit(rf_audit_open(&audit, path, &err) < 0);
    }
    usleep(50000);
    ck_assert_int_eq(waitpid(child, &status, WNOHANG), 0);
    ck_assert_int_eq(rename(path, rotated), 0);
    rf_append_close(&fd);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(access(path, F_OK), 0); /* a log of its own in place of the rotated one */
}
END_TEST

START_TEST(a_rotated_log_that_is_read_only_is_edited)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_audit *audit = NULL;
    int64_t changed = 0;
    unlink(rf_tmp_path(path, "rotated.jsonl.1"));
    RF_CHECK_OK(err, rf_audit_open(&audit, path, &err));
    add_entry(audit, "passing", 0);
    rf_audit_close(audit);
    ck_assert_int_eq(chmod(path, 0440), 0);
    RF_CHECK_OK(err, rf_audit_rewrite(&changed, path, &judge, &err));
    ck_assert_int_eq(changed, 1);
}
END_TEST

RF_SUITE("audit_edit", an_open_log_goes_on_in_the_edited_file, nothing_is_lost_while_others_write,
         who_has_the_lock_is_alone, a_rotated_log_that_is_read_only_is_edited)
