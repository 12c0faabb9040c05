/* test_file.c - files appear whole or not at all; paths. */
#include "rf_beside.h"
#include "rf_check.h"
#include "rf_file.h"

#include <fcntl.h>

static char *in_folder(char out[RF_TEST_PATH], const char *folder, const char *name)
{
    snprintf(out, RF_TEST_PATH, "%s/%s", rf_tmp_folder(), folder);
    mkdir(out, 0777);
    snprintf(out, RF_TEST_PATH, "%s/%s/%s", rf_tmp_folder(), folder, name);
    return out;
}

static rf_status write_whole(const char *path, const char *bytes, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    rf_file *file = NULL;
    RF_TRY(rf_file_create_beside(&file, path, err));
    RF_TRY(rf_file_write(file, bytes, len, err));
    RF_TRY(rf_file_commit(file, err));
done:
    rf_file_close(&file);
    return st;
}

static void expect_content(const char *path, const char *expected)
{
    char *bytes = rf_slurp(path, NULL);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_str_eq(bytes, expected);
    free(bytes);
}

START_TEST(a_committed_file_replaces_the_old_one)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], folder[RF_TEST_PATH];
    in_folder(path, "replace", "x.txt");
    RF_CHECK_OK(err, write_whole(path, "old\n", 4, &err));
    RF_CHECK_OK(err, write_whole(path, "new\n", 4, &err));
    expect_content(path, "new\n");
    ck_assert_int_eq(rf_count_entries(rf_tmp_path(folder, "replace")), 1);
}
END_TEST

START_TEST(until_the_commit_the_old_file_stands)
{
    rf_err err = {0};
    rf_file *file = NULL;
    char path[RF_TEST_PATH], folder[RF_TEST_PATH];
    in_folder(path, "until", "x.txt");
    RF_CHECK_OK(err, write_whole(path, "old\n", 4, &err));
    RF_CHECK_OK(err, rf_file_create_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_file_write(file, "new\n", 4, &err));
    expect_content(path, "old\n");
    rf_file_close(&file);
    ck_assert_ptr_null(file);
    expect_content(path, "old\n");
    ck_assert_int_eq(rf_count_entries(rf_tmp_path(folder, "until")), 1);
    rf_file_close(&file);
    rf_file_close(NULL);
}
END_TEST

START_TEST(long_and_short_writes_keep_their_order)
{
    rf_err err = {0};
    rf_file *file = NULL;
    char path[RF_TEST_PATH];
    size_t total = 0, len, sizes[] = {1, 70000, 0, 3, 65536, 65535, 2, 200000};
    char *bytes = malloc(500000);
    for (size_t i = 0; i < 500000; i++)
        bytes[i] = (char)('a' + i % 23);
    RF_CHECK_OK(err, rf_file_create_beside(&file, rf_tmp_path(path, "long.txt"), &err));
    for (size_t i = 0; i < 8; i++) {
        RF_CHECK_OK(err, rf_file_write(file, bytes + total, sizes[i], &err));
        total += sizes[i];
    }
    RF_CHECK_OK(err, rf_file_commit(file, &err));
    rf_file_close(&file);
    char *back = rf_slurp(path, &len);
    ck_assert_uint_eq(len, total);
    ck_assert_mem_eq(back, bytes, total);
    free(back);
    free(bytes);
}
END_TEST

START_TEST(a_device_is_written_directly_and_stays_a_device)
{
    rf_err err = {0};
    struct stat info;
    RF_CHECK_OK(err, write_whole("/dev/null", "x", 1, &err));
    ck_assert(stat("/dev/null", &info) == 0 && S_ISCHR(info.st_mode));
}
END_TEST

START_TEST(a_dash_is_stdout)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "stdout.txt");
    fflush(stdout);
    int kept = dup(STDOUT_FILENO), fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(fd, STDOUT_FILENO);
    rf_status st = write_whole("-", "hello\n", 6, &err);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(fd);
    RF_CHECK_OK(err, st);
    expect_content(path, "hello\n");
}
END_TEST

START_TEST(what_cannot_be_written_says_why)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    RF_CHECK_FAILS(err, RF_E_IO, "No such file", write_whole("/no/such/folder/x", "x", 1, &err));
    in_folder(path, "target_is_a_folder", "x");
    mkdir(path, 0777);
    RF_CHECK_FAILS(err, RF_E_IO, "cannot be renamed", write_whole(path, "x", 1, &err));
    if (access("/dev/full", W_OK) == 0) {
        char *much = calloc(1, 100000);
        RF_CHECK_FAILS(err, RF_E_IO, "No space left", write_whole("/dev/full", much, 100000, &err));
        free(much);
    }
}
END_TEST

START_TEST(folders_are_made_along_the_path)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "one/two//three/");
    RF_CHECK_OK(err, rf_path_make_folders(path, &err));
    ck_assert(rf_path_exists(path));
    RF_CHECK_OK(err, rf_path_make_folders(path, &err));
    RF_CHECK_OK(err, rf_path_make_folders("", &err));
    RF_CHECK_OK(err, rf_path_make_folders("/", &err));
    rf_spill(rf_tmp_path(path, "plain"), "x", 1);
    RF_CHECK_FAILS(err, RF_E_IO, "is none", rf_path_make_folders(rf_tmp_path(path, "plain/below"), &err));
}
END_TEST

START_TEST(paths_are_joined)
{
    const char *const cases[][3] = {{"runs", "graph.h5", "runs/graph.h5"},
                                    {"runs/", "graph.h5", "runs/graph.h5"},
                                    {"runs", "/tmp/graph.h5", "/tmp/graph.h5"},
                                    {"", "graph.h5", "graph.h5"},
                                    {"/", "graph.h5", "/graph.h5"}};
    for (size_t i = 0; i < 5; i++) {
        char *path = rf_path_join(cases[i][0], cases[i][1], NULL);
        ck_assert_str_eq(path, cases[i][2]);
        rf_mem_free(path);
    }
}
END_TEST

START_TEST(a_path_lies_in_a_folder)
{
    static const char *const cases[][2] = {{"x", "."}, {"/x", "/"}, {"a/b", "a"}, {"/a/b/c", "/a/b"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *folder = rf_path_folder(cases[i][0], NULL);
        ck_assert_str_eq(folder, cases[i][1]);
        rf_mem_free(folder);
    }
}
END_TEST

static rf_status join(rf_err *err)
{
    char *path = rf_path_join("a", "b", err);
    rf_mem_free(path);
    return path == NULL ? RF_E_NOMEM : RF_OK;
}

START_TEST(a_file_is_the_same_under_all_its_names)
{
    char folder[RF_TEST_PATH], path[RF_TEST_PATH], dotted[RF_TEST_PATH], link[RF_TEST_PATH],
        copy[RF_TEST_PATH];
    mkdir(rf_tmp_path(folder, "names"), 0700);
    snprintf(path, sizeof path, "%.900s/x", folder);
    snprintf(dotted, sizeof dotted, "%.900s/.//./x", folder);
    snprintf(link, sizeof link, "%.900s/link", folder);
    snprintf(copy, sizeof copy, "%.900s/copy", folder);
    unlink(link);
    ck_assert(!rf_path_same_file(copy, copy)); /* there is none */
    rf_spill(path, "x", 1);
    rf_spill(copy, "x", 1);
    ck_assert_int_eq(symlink("x", link), 0);
    ck_assert(rf_path_same_file(path, dotted) && rf_path_same_file(link, path));
    ck_assert(!rf_path_same_file(path, copy));
    unlink(copy);
}
END_TEST

START_TEST(files_survive_failing_allocations)
{
    char path[RF_TEST_PATH];
    RF_SWEEP(write_whole(rf_tmp_path(path, "swept.txt"), "x", 1, sweep_err), );
    RF_SWEEP(rf_path_make_folders(rf_tmp_path(path, "a/b/c"), sweep_err), );
    RF_SWEEP(join(sweep_err), );
}
END_TEST

RF_SUITE("file", a_committed_file_replaces_the_old_one, until_the_commit_the_old_file_stands,
         long_and_short_writes_keep_their_order, a_device_is_written_directly_and_stays_a_device,
         a_dash_is_stdout, what_cannot_be_written_says_why, folders_are_made_along_the_path, paths_are_joined,
         a_path_lies_in_a_folder, a_file_is_the_same_under_all_its_names, files_survive_failing_allocations)
