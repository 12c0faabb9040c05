/* test_audit.c - entries are only added, a cut line is closed, concurrent writers lose nothing. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "rf_audit.h"
#include "rf_check.h"

static void add_entry(rf_audit *audit, const char *event, int64_t number)
{
    rf_err err = {0};
    rf_json *json = NULL;
    RF_CHECK_OK(err, rf_audit_begin(audit, event, "run-1", &json, &err));
    if (json != NULL) {
        rf_json_key(json, "number");
        rf_json_int(json, number);
    }
    RF_CHECK_OK(err, rf_audit_add(audit, &err));
}

START_TEST(entries_are_added_at_the_end)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    setenv("SOURCE_DATE_EPOCH", "1769817600", 1);
    unlink(rf_tmp_path(path, "audit.jsonl"));
    for (int i = 0; i < 2; i++) {
        rf_audit *audit = NULL;
        RF_CHECK_OK(err, rf_audit_open(&audit, path, &err));
        add_entry(audit, "tag", i);
        RF_CHECK_OK(err, rf_audit_sync(audit, &err));
        rf_audit_close(audit);
    }
    char *text = rf_slurp(path, NULL);
    ck_assert_str_eq(
        text, "{\"at\":\"2026-01-31T00:00:00Z\",\"event\":\"tag\",\"run_id\":\"run-1\",\"number\":0}\n"
              "{\"at\":\"2026-01-31T00:00:00Z\",\"event\":\"tag\",\"run_id\":\"run-1\",\"number\":1}\n");
    free(text);
    unsetenv("SOURCE_DATE_EPOCH");
}
END_TEST

START_TEST(a_cut_line_is_closed_and_kept)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_audit *audit = NULL;
    rf_spill(rf_tmp_path(path, "cut.jsonl"), "{\"at\":\"20", 9);
    RF_CHECK_OK(err, rf_audit_open(&audit, path, &err));
    add_entry(audit, "run", 7);
    rf_audit_close(audit);
    char *text = rf_slurp(path, NULL);
    ck_assert(strncmp(text, "{\"at\":\"20\n{\"at\":", 16) == 0);
    free(text);
}
END_TEST

/* A disk that is full in the middle of an entry of `file`, and has room again later. `path` leads there. */
static void fill_the_disk(const char *path, const char *file)
{
    rf_err err = {0};
    rf_audit *audit = NULL;
    rf_json *json = NULL;
    struct rlimit before, little;
    RF_CHECK_OK(err, rf_audit_open(&audit, path, &err));
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    little = before;
    little.rlim_cur = 20;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
    RF_CHECK_OK(err, rf_audit_begin(audit, "lost", NULL, &json, &err));
    rf_status st = rf_audit_add(audit, &err);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    ck_assert_int_eq(st, RF_E_IO);
    ck_assert_ptr_nonnull(strstr(err.msg, "the audit log cannot be written"));
    add_entry(audit, "kept", 1);
    add_entry(audit, "kept", 2);
    rf_audit_close(audit);
    char *text = rf_slurp(file, NULL);
    const char *end = strchr(text, '\n');
    ck_assert(end != NULL && end - text == 20);
    ck_assert_ptr_eq(strstr(end, "{\"at\":"), end + 1);
    ck_assert_ptr_nonnull(strstr(text, "\"number\":1}\n{\"at\":"));
    free(text);
}

START_TEST(what_a_failed_write_left_is_closed)
{
    char path[RF_TEST_PATH];
    unlink(rf_tmp_path(path, "full.jsonl"));
    fill_the_disk(path, path);
}
END_TEST

START_TEST(and_on_a_descriptor_that_cannot_be_read)
{
    char path[RF_TEST_PATH], name[64];
    int fd = open(rf_tmp_path(path, "full-descriptor.jsonl"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    fill_the_disk(name, path);
    close(fd);
}
END_TEST

START_TEST(writers_beside_each_other_lose_nothing)
{
    enum { WRITERS = 4, EACH = 200 };
    char path[RF_TEST_PATH];
    unlink(rf_tmp_path(path, "beside.jsonl"));
    for (int w = 0; w < WRITERS; w++) {
        if (fork() == 0) {
            rf_audit *audit = NULL;
            rf_err err = {0};
            if (rf_audit_open(&audit, path, &err) != RF_OK)
                _exit(1);
            for (int i = 0; i < EACH; i++)
                add_entry(audit, "action", w * EACH + i);
            rf_audit_close(audit);
            _exit(0);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status = 0;
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    char *text = rf_slurp(path, NULL);
    bool seen[WRITERS * EACH] = {false};
    int lines = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), lines++) {
        const char *number = strstr(line, "\"number\":");
        ck_assert_ptr_nonnull(number);
        seen[atoi(number + 9)] = true;
        ck_assert_int_eq(line[strlen(line) - 1], '}');
    }
    ck_assert_int_eq(lines, WRITERS * EACH);
    for (int i = 0; i < WRITERS * EACH; i++)
        ck_assert(seen[i]);
    free(text);
}
END_TEST

START_TEST(without_a_file_nothing_happens)
{
    rf_err err = {0};
    rf_audit *audit = NULL;
    rf_json *json = NULL;
    RF_CHECK_OK(err, rf_audit_open(&audit, NULL, &err));
    RF_CHECK_OK(err, rf_audit_begin(audit, "run", NULL, &json, &err));
    ck_assert_ptr_null(json);
    RF_CHECK_OK(err, rf_audit_add(audit, &err));
    RF_CHECK_OK(err, rf_audit_sync(audit, &err));
    rf_audit_close(audit);
    RF_CHECK_FAILS(err, RF_E_IO, "without the audit log",
                   rf_audit_open(&audit, "/not/there/audit.jsonl", &err));
}
END_TEST

RF_SUITE("audit", entries_are_added_at_the_end, a_cut_line_is_closed_and_kept,
         what_a_failed_write_left_is_closed, and_on_a_descriptor_that_cannot_be_read,
         writers_beside_each_other_lose_nothing, without_a_file_nothing_happens)
