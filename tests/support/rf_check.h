/* rf_check.h - what every unit test needs around Check: a main, temporary files, sweeps, skips, golden paths.
 *
 *   #include "rf_check.h"
 *
 *   START_TEST(isolated_user_gets_zero_message)
 *   {
 *       ...
 *   }
 *   END_TEST
 *
 *   RF_SUITE("bean_conv", isolated_user_gets_zero_message, ...)     the last line: defines main()
 *
 * Tests run in one process, in the order given. Each is a case of its own, so that CK_RUN_CASE=its_name runs
 * it alone. Header only, so that it serves the float and the double rooms alike.
 */
#ifndef RF_CHECK_H
#define RF_CHECK_H

#include <check.h>
#include <ftw.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_mem.h"
#include "rf_status.h"

#define RF_TEST_PATH 1024
#define RF_SKIPPED_EXIT 77 /* CTest shows such a test as skipped */

/* ---- statuses ---- */

/* The call succeeds (or brings news); else the test fails with the message in err. */
#define RF_CHECK_OK(err, call)                                                                               \
    do {                                                                                                     \
        rf_status rf_st_ = (call);                                                                           \
        ck_assert_msg(rf_st_ >= 0, "%s: %s: %s", #call, rf_status_name(rf_st_), (err).msg);                  \
    } while (0)

/* The call fails with exactly this status, and its message holds `part`. err is cleared for the next call. */
#define RF_CHECK_FAILS(err, status, part, call)                                                              \
    do {                                                                                                     \
        (err) = (rf_err){0};                                                                                 \
        rf_status rf_st_ = (call);                                                                           \
        ck_assert_msg(rf_st_ == (status), "%s: %s, not %s (%s)", #call, rf_status_name(rf_st_),              \
                      rf_status_name(status), (err).msg);                                                    \
        ck_assert_msg(strstr((err).msg, (part)) != NULL, "\"%s\" does not say \"%s\"", (err).msg, (part));   \
        (err) = (rf_err){0};                                                                                 \
    } while (0)

/* Like ck_assert, for the inside of long loops: Check's own records every passing assertion, which is slow.
 */
#define RF_HOLDS(condition)                                                                                  \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            ck_abort_msg("%s does not hold", #condition);                                                    \
    } while (0)

/* ---- failing allocations ---- */

#define RF_SWEEP_MOST 200000
#define RF_SWEEP_EACH 20 /* then one in RF_SWEEP_SHORT, where time is short: many are like each other */
#define RF_SWEEP_SHORT 29

/* Evaluates `call` (an rf_status; it may use `sweep_err`, an rf_err *) with 0, 1, 2 … allocations granted
 * until it succeeds without being refused one, then runs `cleanup` (a statement, may be empty). Each failure
 * must be RF_E_NOMEM with a message, and the number of live blocks must be what it was, after each failure
 * and after the cleanup. A call that was refused an allocation and says that it succeeded fails the test. */
#define RF_SWEEP(call, cleanup)                                                                              \
    do {                                                                                                     \
        int64_t rf_live_ = rf_mem_stats_get().live_blocks, rf_n_ = 0;                                        \
        for (;; rf_n_ += rf_short() && rf_n_ >= RF_SWEEP_EACH ? RF_SWEEP_SHORT : 1) {                        \
            rf_err rf_err_ = {0};                                                                            \
            rf_err *sweep_err = &rf_err_;                                                                    \
            (void)sweep_err;                                                                                 \
            rf_mem_fail_after(rf_n_);                                                                        \
            rf_status rf_st_ = (call);                                                                       \
            rf_mem_fail_after(-1);                                                                           \
            rf_sweep_step(#call, rf_n_, rf_st_, &rf_err_);                                                   \
            if (rf_st_ >= 0) {                                                                               \
                cleanup;                                                                                     \
                break;                                                                                       \
            }                                                                                                \
            ck_assert_msg(rf_mem_stats_get().live_blocks == rf_live_,                                        \
                          "%s with %lld allocations leaks %lld blocks", #call, (long long)rf_n_,             \
                          (long long)(rf_mem_stats_get().live_blocks - rf_live_));                           \
        }                                                                                                    \
        ck_assert_msg(rf_mem_stats_get().live_blocks == rf_live_, "%s and its cleanup leak %lld blocks",     \
                      #call, (long long)(rf_mem_stats_get().live_blocks - rf_live_));                        \
    } while (0)

/* What RF_SWEEP asks of a call that was granted n allocations. */
static inline void rf_sweep_step(const char *call, int64_t n, rf_status st, const rf_err *err)
{
    if (st >= 0) {
        ck_assert_msg(rf_mem_refusals() == 0,
                      "%s with %lld allocations succeeds, though it was refused the next one", call,
                      (long long)n);
        return;
    }
    ck_assert_msg(st == RF_E_NOMEM, "%s with %lld allocations: %s (%s)", call, (long long)n,
                  rf_status_name(st), err->msg);
    ck_assert_msg(err->msg[0] != '\0', "%s with %lld allocations fails without a message", call,
                  (long long)n);
    ck_assert_msg(n < RF_SWEEP_MOST, "%s never succeeds", call);
}

/* ---- skipping, loudly ---- */

static inline int *rf_skips(void)
{
    static int skips;
    return &skips;
}

/* Leaves the test; the whole program then exits with 77, so that CTest lists it as skipped. */
#define RF_SKIP(...)                                                                                         \
    do {                                                                                                     \
        fprintf(stderr, "SKIPPED %s: ", __func__);                                                           \
        fprintf(stderr, __VA_ARGS__);                                                                        \
        fprintf(stderr, "\n");                                                                               \
        ++*rf_skips();                                                                                       \
        return;                                                                                              \
    } while (0)

/* True where a tool makes everything tens of times slower, or looks for something else (CMake sets
 * RF_TEST_SHORT): long loops over many like cases take a few of them then. */
static inline bool rf_short(void)
{
    return getenv("RF_TEST_SHORT") != NULL;
}

/* ---- temporary files: one folder a process, removed when the suite ends ---- */

static inline const char *rf_tmp_folder(void)
{
    static char folder[RF_TEST_PATH];
    if (folder[0] == '\0') {
        const char *parent = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/ringfence-test-XXXXXX", parent != NULL ? parent : "/tmp");
        if (mkdtemp(folder) == NULL) { /* no assertion: this runs before the first test */
            fprintf(stderr, "%s cannot be made\n", folder);
            exit(EXIT_FAILURE);
        }
    }
    return folder;
}

/* The path of `name` in the temporary folder. Returns out. */
static inline char *rf_tmp_path(char out[RF_TEST_PATH], const char *name)
{
    int n = snprintf(out, RF_TEST_PATH, "%s/%s", rf_tmp_folder(), name);
    ck_assert(n > 0 && n < RF_TEST_PATH);
    return out;
}

static inline int rf_remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void rf_remove_tree(const char *path)
{
    nftw(path, rf_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- texts ---- */

/* How often `part` is in the text. */
static inline int64_t rf_count_of(const char *text, const char *part)
{
    int64_t n = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        n++;
    return n;
}

/* ---- whole files ---- */

/* The file's bytes with a NUL after them, for the caller to free(); NULL when it cannot be read. */
static inline char *rf_slurp(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    struct stat info;
    if (file == NULL || fstat(fileno(file), &info) != 0)
        return NULL;
    char *bytes = malloc((size_t)info.st_size + 1);
    ck_assert(bytes != NULL);
    size_t n = fread(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    bytes[n] = '\0';
    if (len != NULL)
        *len = n;
    return bytes;
}

static inline void rf_spill(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "%s cannot be written", path);
    ck_assert(fwrite(bytes, 1, len, file) == len);
    ck_assert(fclose(file) == 0);
}

static inline bool rf_files_equal(const char *a, const char *b)
{
    size_t len_a = 0, len_b = 0;
    char *bytes_a = rf_slurp(a, &len_a), *bytes_b = rf_slurp(b, &len_b);
    ck_assert_msg(bytes_a != NULL, "%s cannot be read", a);
    ck_assert_msg(bytes_b != NULL, "%s cannot be read", b);
    bool equal = len_a == len_b && memcmp(bytes_a, bytes_b, len_a) == 0;
    free(bytes_a);
    free(bytes_b);
    return equal;
}

/* Entries of the folder, without . and .. : tests that nothing half-written is left behind. */
static inline int rf_count_entries(const char *folder)
{
    char command[RF_TEST_PATH + 32];
    int n = -1;
    snprintf(command, sizeof command, "ls -A '%s' | wc -l", folder);
    FILE *pipe = popen(command, "r");
    ck_assert(pipe != NULL && fscanf(pipe, "%d", &n) == 1);
    pclose(pipe);
    return n;
}

/* ---- data that lies outside the build ---- */

/* The first of: $variable/name, then `fallback` (relative to the source folder)/name; false when neither is
 * there. */
static inline bool rf_find_path(char out[RF_TEST_PATH], const char *variable, const char *fallback,
                                const char *name)
{
    const char *folder = getenv(variable), *source = getenv("RF_SOURCE_DIR");
    if (folder != NULL) {
        snprintf(out, RF_TEST_PATH, "%s/%s", folder, name);
        if (access(out, R_OK) == 0)
            return true;
    }
    snprintf(out, RF_TEST_PATH, "%s/%s/%s", source != NULL ? source : ".", fallback, name);
    return access(out, R_OK) == 0;
}

/* A file of the shared data sets ("fdh/…", "wiki/…"): $RF_SHARED_DATA or ../shared/data. */
static inline bool rf_shared_path(char out[RF_TEST_PATH], const char *name)
{
    return rf_find_path(out, "RF_SHARED_DATA", "../shared/data", name);
}

/* A golden file: tests/golden, or $RF_SHARED_DATA/../golden, or ../shared/golden. */
static inline bool rf_golden_path(char out[RF_TEST_PATH], const char *name)
{
    char beside[RF_TEST_PATH];
    snprintf(beside, sizeof beside, "../golden/%s", name);
    return rf_find_path(out, "RF_GOLDEN", "../shared/golden", name) ||
           rf_find_path(out, "RF_SHARED_DATA", "tests/golden", beside);
}

/* ---- the program ---- */

static inline void rf_check_setup(void)
{
    rf_mem_fail_after(-1); /* a sweep that failed left the switch on */
}

static inline int rf_check_run(const char *name, const TTest *const *tests, size_t n)
{
    Suite *suite = suite_create(name);
    for (size_t i = 0; i < n; i++) {
        TCase *one = tcase_create(tests[i]->name);
        tcase_add_checked_fixture(one, rf_check_setup, NULL);
        tcase_set_timeout(one, 0);
        tcase_add_test(one, tests[i]);
        suite_add_tcase(suite, one);
    }
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    rf_tmp_folder();
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner), run = srunner_ntests_run(runner);
    srunner_free(runner);
    rf_remove_tree(rf_tmp_folder());
    if (run == 0)
        fprintf(stderr, "%s has no such test\n", name);
    if (failed > 0 || run == 0)
        return EXIT_FAILURE;
    return *rf_skips() > 0 ? RF_SKIPPED_EXIT : EXIT_SUCCESS;
}

#define RF_SUITE(name, ...)                                                                                  \
    int main(void)                                                                                           \
    {                                                                                                        \
        const TTest *const tests[] = {__VA_ARGS__};                                                          \
        return rf_check_run(name, tests, sizeof tests / sizeof tests[0]);                                    \
    }

#endif
