/* test_beside.c - temporary names, what replaced files keep, links, and who may read new files. */
#include "rf_beside.h"
#include "rf_check.h"
#include "rf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#define STRANGER 61234 /* a user id that nobody has */

/* A folder of its own for each test, and a name in it. */
static char *in_folder(char out[RF_TEST_PATH], const char *folder, const char *name)
{
    snprintf(out, RF_TEST_PATH, "%s/%s", rf_tmp_folder(), folder);
    mkdir(out, 0777);
    snprintf(out, RF_TEST_PATH, "%s/%s/%s", rf_tmp_folder(), folder, name);
    return out;
}

static rf_status replace(const char *path, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    rf_file *file = NULL;
    RF_TRY(rf_file_create_beside(&file, path, err));
    RF_TRY(rf_file_write(file, text, strlen(text), err));
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

static void expect_mode(const char *path, mode_t expected)
{
    struct stat info;
    ck_assert_int_eq(lstat(path, &info), 0);
    ck_assert_msg((info.st_mode & 07777) == expected, "%s has the mode %o", path, info.st_mode & 07777u);
}

static bool is_link(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

/* ---- names ---- */

START_TEST(names_are_not_foreseen)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_beside first = {0}, second = {0};
    int fds[2];
    in_folder(path, "names", "x");
    RF_CHECK_OK(err, rf_beside_make(&first, &fds[0], path, &err));
    RF_CHECK_OK(err, rf_beside_make(&second, &fds[1], path, &err));
    size_t known = strlen(path) + strlen(".tmp-"), token = strcspn(first.temporary + known, ".") + 1;
    ck_assert_int_eq(strncmp(first.temporary, second.temporary, known + token), 0);
    ck_assert_uint_eq(strlen(first.temporary + known + token), 16);
    ck_assert_str_ne(first.temporary, second.temporary);
    ck_assert(rf_path_exists(first.temporary) && rf_path_exists(second.temporary));
    close(fds[0]);
    close(fds[1]);
    rf_beside_drop(&first);
    rf_beside_drop(&second);
    ck_assert_int_eq(rf_count_entries(in_folder(path, "names", ".")), 0);
}
END_TEST

START_TEST(a_link_under_a_name_of_ours_is_not_written_through)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], name[RF_TEST_PATH], victim[RF_TEST_PATH];
    rf_beside beside = {0};
    int fd;
    in_folder(path, "trap", "x");
    rf_spill(in_folder(victim, "trap", "victim"), "precious", 8);
    ck_assert_int_eq(symlink(victim, in_folder(name, "trap", "x.own")), 0);
    RF_CHECK_OK(err, rf_beside_make_as(&beside, &fd, path, name, &err));
    ck_assert_int_eq(write(fd, "new", 3), 3);
    close(fd);
    RF_CHECK_OK(err, rf_beside_publish(&beside, NULL, &err));
    rf_beside_drop(&beside);
    expect_content(path, "new");
    expect_content(victim, "precious");
}
END_TEST

static void leave(const char *folder, const char *name)
{
    char path[RF_TEST_PATH];
    rf_spill(in_folder(path, folder, name), "half", 4);
}

START_TEST(only_what_dead_processes_left_is_removed)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], alive[64];
    pid_t dead = fork();
    if (dead == 0)
        _exit(0);
    waitpid(dead, NULL, 0);
    static const char *const removed[] = {"x.tmp-%d.0123456789abcdef", "x.tmp-%d", "x.tmp-%d.tmp-%d",
                                          "x.building.tmp-%d.0123456789abcdef"};
    static const char *const kept[] = {"x.tmp-%d.0123456789abcde",
                                       "x.tmp-%d.0123456789ABCDEF",
                                       "x.tmp-%d-1",
                                       "y.tmp-%d",
                                       "x.tmp-",
                                       "xx.tmp-%d",
                                       "x.tmp-%d.h5"};
    for (size_t i = 0; i < sizeof removed / sizeof *removed; i++) {
        snprintf(alive, sizeof alive, removed[i], (int)dead, (int)dead);
        leave("leftovers", alive);
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        snprintf(alive, sizeof alive, kept[i], (int)dead);
        leave("leftovers", alive);
    }
    snprintf(alive, sizeof alive, "x.tmp-%d.0123456789abcdef", (int)getpid());
    leave("leftovers", alive);
    RF_CHECK_OK(err, replace(in_folder(path, "leftovers", "x"), "new", &err));
    ck_assert_int_eq(rf_count_entries(in_folder(path, "leftovers", ".")),
                     1 + 1 + (int)(sizeof kept / sizeof *kept));
}
END_TEST

/* ---- modes and owners ---- */

START_TEST(a_new_file_is_nobody_elses_whatever_the_umask)
{
    rf_err err = {0};
    static const struct {
        mode_t umask, mode;
    } cases[] = {{0, 0640}, {022, 0640}, {027, 0640}, {077, 0600}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[RF_TEST_PATH], grown[RF_TEST_PATH], folder[RF_TEST_PATH];
        rf_beside beside = {0};
        int fd;
        mode_t before = umask(cases[i].umask);
        snprintf(folder, sizeof folder, "modes-%zu", i);
        RF_CHECK_OK(err, rf_beside_make(&beside, &fd, in_folder(path, folder, "x"), &err));
        expect_mode(beside.temporary, 0600);
        close(fd);
        RF_CHECK_OK(err, rf_beside_publish(&beside, NULL, &err));
        rf_beside_drop(&beside);
        expect_mode(path, cases[i].mode);
        RF_CHECK_OK(err, rf_file_open_kept(&fd, in_folder(grown, folder, "y"), O_WRONLY | O_APPEND, &err));
        close(fd);
        expect_mode(grown, cases[i].mode);
        in_folder(grown, folder, "made");
        RF_CHECK_OK(err, rf_path_make_folders(grown, &err));
        expect_mode(grown, 0750 & ~cases[i].umask);
        umask(before);
    }
}
END_TEST

START_TEST(a_replaced_file_keeps_its_mode)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    static const mode_t modes[] = {0600, 0644, 0400, 0660};
    in_folder(path, "keeps", "x");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        rf_spill(path, "old", 3);
        ck_assert_int_eq(chmod(path, modes[i]), 0);
        RF_CHECK_OK(err, replace(path, "new", &err));
        expect_mode(path, modes[i]);
        expect_content(path, "new");
        unlink(path);
    }
}
END_TEST

START_TEST(a_mode_that_changes_meanwhile_is_kept)
{
    rf_err err = {0};
    rf_file *file = NULL;
    char path[RF_TEST_PATH];
    rf_spill(in_folder(path, "meanwhile", "x"), "old", 3);
    RF_CHECK_OK(err, rf_file_create_beside(&file, path, &err));
    ck_assert_int_eq(chmod(path, 0600), 0);
    RF_CHECK_OK(err, rf_file_commit(file, &err));
    rf_file_close(&file);
    expect_mode(path, 0600);
}
END_TEST

START_TEST(the_state_of_a_graph_is_as_private_as_the_graph)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], building[RF_TEST_PATH];
    rf_spill(in_folder(path, "building", "g.h5"), "graph", 5);
    ck_assert_int_eq(chmod(path, 0600), 0);
    RF_CHECK_OK(err, replace(in_folder(building, "building", "g.h5.building"), "state", &err));
    expect_mode(building, 0600);
    RF_CHECK_OK(err, replace(in_folder(building, "building", "h.h5.building"), "state", &err));
    expect_mode(building, 0640);
}
END_TEST

START_TEST(a_replaced_file_keeps_its_owner)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    struct stat info;
    if (geteuid() != 0)
        RF_SKIP("only root can give files away");
    rf_spill(in_folder(path, "owner", "x"), "old", 3);
    ck_assert_int_eq(chown(path, STRANGER, STRANGER + 1), 0);
    ck_assert_int_eq(chmod(path, 0644), 0);
    RF_CHECK_OK(err, replace(path, "new", &err));
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq((int)info.st_uid, STRANGER);
    ck_assert_int_eq((int)info.st_gid, STRANGER + 1);
    expect_mode(path, 0644);
}
END_TEST

/* The temporary folder is open to the stranger for this test only. */
START_TEST(a_group_that_cannot_be_kept_leaves_nothing_to_another)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], folder[RF_TEST_PATH];
    struct stat info;
    if (geteuid() != 0)
        RF_SKIP("only root can become another user");
    rf_spill(in_folder(path, "group", "x"), "old", 3);
    ck_assert_int_eq(chmod(path, 0664), 0);
    ck_assert_int_eq(chmod(in_folder(folder, "group", "."), 0777), 0);
    ck_assert_int_eq(chmod(rf_tmp_folder(), 0711), 0);
    ck_assert_int_eq(setegid(STRANGER), 0);
    ck_assert_int_eq(seteuid(STRANGER), 0);
    rf_status st = replace(path, "new", &err);
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(setegid(0), 0);
    RF_CHECK_OK(err, st);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq((int)info.st_uid, STRANGER);
    expect_mode(path, 0644);
}
END_TEST

/* ---- links ---- */

START_TEST(a_link_stays_and_what_it_leads_to_is_replaced)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], middle[RF_TEST_PATH], target[RF_TEST_PATH];
    in_folder(path, "link", "x");
    in_folder(target, "link/deep", "file");
    rf_spill(target, "old", 3);
    ck_assert_int_eq(chmod(target, 0600), 0);
    ck_assert_int_eq(symlink("deep/file", in_folder(middle, "link", "middle")), 0);
    ck_assert_int_eq(symlink(middle, path), 0);
    RF_CHECK_OK(err, replace(path, "new", &err));
    ck_assert(is_link(path) && is_link(middle) && !is_link(target));
    expect_content(target, "new");
    expect_mode(target, 0600);
    ck_assert_int_eq(rf_count_entries(in_folder(middle, "link/deep", ".")), 1);
}
END_TEST

START_TEST(a_link_to_nothing_yet_gets_its_file)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], target[RF_TEST_PATH];
    int fd;
    in_folder(path, "dangling", "x");
    ck_assert_int_eq(symlink("later", path), 0);
    RF_CHECK_OK(err, replace(path, "new", &err));
    ck_assert(is_link(path));
    expect_content(in_folder(target, "dangling", "later"), "new");
    RF_CHECK_OK(err, rf_file_open_kept(&fd, path, O_WRONLY | O_APPEND, &err));
    ck_assert_int_eq(write(fd, "er", 2), 2);
    close(fd);
    expect_content(target, "newer");
}
END_TEST

START_TEST(links_in_a_circle_are_refused)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], other[RF_TEST_PATH];
    int fd;
    ck_assert_int_eq(symlink("y", in_folder(path, "circle", "x")), 0);
    ck_assert_int_eq(symlink("x", in_folder(other, "circle", "y")), 0);
    RF_CHECK_FAILS(err, RF_E_IO, strerror(ELOOP), replace(path, "new", &err));
    RF_CHECK_FAILS(err, RF_E_IO, strerror(ELOOP), rf_file_open_kept(&fd, path, O_WRONLY, &err));
}
END_TEST

START_TEST(a_strangers_link_where_all_may_write_is_refused)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], victim[RF_TEST_PATH], folder[RF_TEST_PATH];
    int fd;
    if (geteuid() != 0)
        RF_SKIP("only root can make a link of another user");
    rf_spill(in_folder(victim, "stranger", "victim"), "precious", 8);
    ck_assert_int_eq(symlink(victim, in_folder(path, "stranger", "x")), 0);
    ck_assert_int_eq(lchown(path, STRANGER, STRANGER), 0);
    ck_assert_int_eq(chmod(in_folder(folder, "stranger", "."), 0777), 0);
    RF_CHECK_FAILS(err, RF_E_IO, "of another user", replace(path, "new", &err));
    RF_CHECK_FAILS(err, RF_E_IO, "of another user", rf_file_open_kept(&fd, path, O_WRONLY | O_TRUNC, &err));
    expect_content(victim, "precious");
    ck_assert_int_eq(chmod(folder, 0755), 0); /* now only its owner could put it there */
    RF_CHECK_OK(err, replace(path, "new", &err));
    expect_content(victim, "new");
}
END_TEST

START_TEST(a_lock_is_never_taken_through_a_link)
{
    char path[RF_TEST_PATH], target[RF_TEST_PATH];
    ck_assert_int_eq(symlink(in_folder(target, "lock", "elsewhere"), in_folder(path, "lock", "x.lock")), 0);
    ck_assert_int_eq(rf_file_open_lock(path), -1);
    ck_assert(!rf_path_exists(target));
}
END_TEST

/* ---- directly ---- */

START_TEST(the_name_of_a_descriptor_is_written_as_it_is)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], name[64];
    in_folder(path, "descriptor", "x");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    RF_CHECK_OK(err, replace(name, "hello", &err));
    close(fd);
    expect_content(path, "hello");
}
END_TEST

START_TEST(a_descriptor_goes_on_behind_what_its_file_holds)
{
    static const char *const folders[] = {"/dev/fd", "/proc/self/fd"};
    rf_err err = {0};
    char path[RF_TEST_PATH], name[64];
    int kept;
    for (size_t i = 0; i < 2; i++) {
        in_folder(path, "going_on", "x");
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        ck_assert_int_eq(write(fd, "old ", 4), 4);
        snprintf(name, sizeof name, "%s/%d", folders[i], fd);
        RF_CHECK_OK(err, replace(name, "new ", &err));
        RF_CHECK_OK(err, rf_file_open_kept(&kept, name, O_WRONLY | O_TRUNC, &err));
        ck_assert_int_eq(write(kept, "newer", 5), 5);
        close(kept);
        close(fd);
        expect_content(path, "old new newer");
        RF_CHECK_FAILS(err, RF_E_IO, "cannot be written", rf_file_open_kept(&kept, name, O_WRONLY, &err));
    }
}
END_TEST

START_TEST(a_link_to_a_descriptor_leads_to_its_place)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], link[RF_TEST_PATH], second[RF_TEST_PATH], name[64];
    int kept;
    in_folder(path, "linked", "x");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert_int_eq(write(fd, "old ", 4), 4);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    ck_assert(symlink(name, in_folder(link, "linked", "link")) == 0 &&
              symlink("link", in_folder(second, "linked", "second")) == 0);
    ck_assert_int_eq(rf_path_descriptor(second), fd);
    RF_CHECK_OK(err, replace(second, "new ", &err));
    RF_CHECK_OK(err, rf_file_open_kept(&kept, link, O_WRONLY | O_TRUNC, &err));
    ck_assert_int_eq(write(kept, "newer", 5), 5);
    close(kept);
    close(fd);
    expect_content(path, "old new newer");
    ck_assert(is_link(link) && is_link(second));
}
END_TEST

START_TEST(a_file_that_is_replaced_takes_no_descriptors_place)
{
    rf_err err = {0};
    rf_beside beside = {0};
    char path[RF_TEST_PATH], name[64];
    int made = -1;
    in_folder(path, "replaced", "x");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert_int_eq(write(fd, "old", 3), 3);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    RF_CHECK_FAILS(err, RF_E_IO, "a descriptor cannot be replaced",
                   rf_beside_make(&beside, &made, name, &err));
    close(fd);
    expect_content(path, "old");
}
END_TEST

START_TEST(names_of_descriptors_are_exact)
{
    ck_assert_int_eq(rf_path_descriptor("/dev/stdout"), 1);
    ck_assert_int_eq(rf_path_descriptor("/dev/stderr"), 2);
    ck_assert_int_eq(rf_path_descriptor("/dev/fd/0"), 0);
    ck_assert_int_eq(rf_path_descriptor("/proc/self/fd/17"), 17);
    static const char *const others[] = {"/dev/stdoutX",
                                         "/dev/stdout/x",
                                         "/dev/fd/",
                                         "/dev/fd/1x",
                                         "/dev/fd/-1",
                                         "/dev/fd/+1",
                                         "/dev/fd/99999999999",
                                         "/dev/fd/99999999999999999999",
                                         "/proc/self/fd",
                                         "dev/stdout",
                                         "-",
                                         ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(rf_path_descriptor(others[i]) == -1, "%s", others[i]);
}
END_TEST

/* ---- guards ---- */

typedef struct guard_log {
    rf_status answer;
    int entered, left;
} guard_log;

static rf_status enter_guard(void *context, rf_err *err)
{
    guard_log *log = context;
    log->entered++;
    return log->answer < 0 ? rf_err_set(err, log->answer, __FILE__, __LINE__, "somebody else's turn") : RF_OK;
}

static void leave_guard(void *context)
{
    ((guard_log *)context)->left++;
}

/* A beside of the path with this content, closed. */
static rf_beside written(const char *path, const char *text)
{
    rf_err err = {0};
    rf_beside beside = {0};
    int fd;
    RF_CHECK_OK(err, rf_beside_make(&beside, &fd, path, &err));
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return beside;
}

START_TEST(a_guard_decides_whether_the_new_file_comes)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    guard_log log = {.answer = RF_E_IO};
    const rf_publish_guard guard = {.enter = enter_guard, .leave = leave_guard, .context = &log};
    rf_spill(in_folder(path, "guarded", "x"), "old", 3);
    rf_beside beside = written(path, "new!");
    RF_CHECK_FAILS(err, RF_E_IO, "somebody else's turn", rf_beside_publish(&beside, &guard, &err));
    ck_assert_int_eq(log.left, 0);
    expect_content(path, "old");
    log.answer = RF_OK;
    RF_CHECK_OK(err, rf_beside_publish(&beside, &guard, &err));
    rf_beside_drop(&beside);
    ck_assert_int_eq(log.entered, 2);
    ck_assert_int_eq(log.left, 1);
    expect_content(path, "new!");

    beside = written(in_folder(path, "guarded", "folder"), "new!");
    ck_assert_int_eq(mkdir(path, 0777), 0);
    RF_CHECK_FAILS(err, RF_E_IO, "cannot be renamed", rf_beside_publish(&beside, &guard, &err));
    rf_beside_drop(&beside);
    ck_assert_int_eq(log.left, 2); /* the guard is let go of even then */
}
END_TEST

START_TEST(what_was_dropped_is_not_published)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_beside beside = written(in_folder(path, "dropped", "x"), "new");
    unlink(beside.temporary);
    RF_CHECK_FAILS(err, RF_E_IO, "No such file", rf_beside_publish(&beside, NULL, &err));
    rf_beside_drop(&beside);
    ck_assert(!rf_path_exists(path));
}
END_TEST

/* ---- memory ---- */

static rf_status make_and_drop(const char *path, const char *name, rf_err *err)
{
    rf_beside beside = {0};
    int fd = -1;
    rf_status st = name == NULL ? rf_beside_make(&beside, &fd, path, err)
                                : rf_beside_make_as(&beside, &fd, path, name, err);
    if (st >= 0)
        st = rf_beside_publish(&beside, NULL, err);
    if (fd >= 0)
        close(fd);
    rf_beside_drop(&beside);
    return st;
}

static rf_status open_and_close(const char *path, rf_err *err)
{
    int fd = -1;
    rf_status st = rf_file_open_kept(&fd, path, O_WRONLY, err);
    if (fd >= 0)
        close(fd);
    return st;
}

START_TEST(files_beside_survive_failing_allocations)
{
    char path[RF_TEST_PATH], name[RF_TEST_PATH], link[RF_TEST_PATH];
    in_folder(path, "swept", "x");
    in_folder(name, "swept", "x.own");
    ck_assert_int_eq(symlink("x", in_folder(link, "swept", "link")), 0);
    RF_SWEEP(make_and_drop(path, name, sweep_err), );
    RF_SWEEP(make_and_drop(link, NULL, sweep_err), );
    RF_SWEEP(rf_beside_clean(link, sweep_err), );
    RF_SWEEP(open_and_close(link, sweep_err), );
    ck_assert_int_eq(rf_count_entries(in_folder(path, "swept", ".")), 2);
}
END_TEST

RF_SUITE("beside", names_are_not_foreseen, a_link_under_a_name_of_ours_is_not_written_through,
         only_what_dead_processes_left_is_removed, a_new_file_is_nobody_elses_whatever_the_umask,
         a_replaced_file_keeps_its_mode, a_mode_that_changes_meanwhile_is_kept,
         the_state_of_a_graph_is_as_private_as_the_graph, a_replaced_file_keeps_its_owner,
         a_group_that_cannot_be_kept_leaves_nothing_to_another, a_link_stays_and_what_it_leads_to_is_replaced,
         a_link_to_nothing_yet_gets_its_file, links_in_a_circle_are_refused,
         a_strangers_link_where_all_may_write_is_refused, a_lock_is_never_taken_through_a_link,
         the_name_of_a_descriptor_is_written_as_it_is, a_descriptor_goes_on_behind_what_its_file_holds,
         a_link_to_a_descriptor_leads_to_its_place, a_file_that_is_replaced_takes_no_descriptors_place,
         names_of_descriptors_are_exact, a_guard_decides_whether_the_new_file_comes,
         what_was_dropped_is_not_published, files_beside_survive_failing_allocations)
