/* test_openings.c - a verb opens each file of a run once, so that files that are replaced while it works
 * cannot mix; and files that do not belong together are refused.
 *
 * The linker leads every open(2) of the program here (--wrap=open): openings are counted, and a file can be
 * replaced at the moment when it was opened.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "rf_h5.h"
#include "rf_model.h"
#include "run_verbs.h"

#define MOST_FILES 64

int __real_open(const char *path, int flags, ...); /* NOLINT: the linker's names */
int __wrap_open(const char *path, int flags, ...); /* NOLINT */

typedef struct opened {
    char name[64];
    int n;
} opened;

static opened files[MOST_FILES]; /* of ours, opened for reading */
static int n_files;
static const char *replaced, *by; /* once it was opened, `by` is renamed over `replaced` */

static void count_opening(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    size_t len = strlen(name);
    int i = 0;
    if (len < 3 || len >= sizeof files[0].name || strcmp(name + len - 3, ".h5") != 0)
        return;
    while (i < n_files && strcmp(files[i].name, name) != 0)
        i++;
    ck_assert_int_lt(i, MOST_FILES);
    if (i == n_files) {
        files[n_files] = (opened){0};
        snprintf(files[n_files++].name, sizeof files[0].name, "%s", name);
    }
    files[i].n++;
    if (replaced != NULL && strcmp(replaced, name) == 0) {
        ck_assert_int_eq(rename(by, path), 0);
        replaced = NULL;
    }
}

int __wrap_open(const char *path, int flags, ...) /* NOLINT */
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int fd = __real_open(path, flags, mode);
    if (fd >= 0 && (flags & (O_ACCMODE | O_DIRECTORY | O_CREAT)) == O_RDONLY)
        count_opening(path);
    return fd;
}

static void verb_begins(void)
{
    n_files = 0;
}

/* ---- runs ---- */

/* The events of other people: the same but for the first letters of all users and entities. */
static void write_others(void)
{
    size_t len = 0;
    char *events = rf_slurp("a.jsonl", &len);
    for (char *at = events; (at = strstr(at, "\"user\":\"u")) != NULL; at += 9)
        at[8] = 'x';
    for (char *at = events; (at = strstr(at, "\"entity\":\"m")) != NULL; at += 11)
        at[10] = 'y';
    rf_spill("b.jsonl", events, len);
    free(events);
}

/* Runs a and b, once for all tests: a.graph.h5 and a.scores.h5 of people u, m, and those of x, y. */
static void begin(void)
{
    static bool made;
    enter_folder();
    if (!made) {
        must_run(
            "simulate --events 1500 --seed 4 --output a.jsonl --kinds one --write-config job.yaml" QUIET);
        write_others();
        must_run("run --config job.yaml --set output=a --epochs 2 --set source.paths=[b.jsonl]" QUIET);
        copy("a/graph.h5", "b.graph.h5");
        copy("a/scores.h5", "b.scores.h5");
        must_run("run --config job.yaml --set output=a --rebuild --restart --epochs 2" QUIET);
        copy("a/graph.h5", "a.graph.h5");
        copy("a/scores.h5", "a.scores.h5");
        copy("a/model.h5", "model.h5");
    }
    made = true;
    copy("a.graph.h5", "graph.h5");
    copy("a.scores.h5", "scores.h5");
    replaced = NULL;
}

#define BOTH " --graph graph.h5 --scores scores.h5"
#define EMIT "emit --config job.yaml --path out.jsonl --alerts fresh.h5 --top 20" BOTH QUIET
#define EXPORT                                                                                               \
    "export --format graphml --select top-users=20 --output out.graphml" BOTH " --quiet --no-progress"

START_TEST(every_verb_opens_a_file_once)
{
    static const char *const lines[] = {
        "run --config job.yaml --set output=a --rebuild --restart --epochs 2" QUIET,
        "train --graph graph.h5 --model fresh_model.h5 --epochs 2" QUIET,
        "score --graph graph.h5 --model model.h5 --output scores.h5" QUIET,
        "score --graph graph.h5 --model model.h5 --output more.h5 --calibration scores.h5" QUIET,
        "tag" BOTH QUIET,
        "tag --explain u1" BOTH QUIET,
        "tag --check --graph graph.h5" QUIET,
        "cluster --registry registry.h5" BOTH QUIET,
        "cluster --registry registry.h5" BOTH QUIET, /* there is one now */
        EMIT,
        EMIT, /* with alerts to compare with */
        EXPORT,
        "evaluate" BOTH QUIET,
        "inspect graph.h5 scores.h5 model.h5",
        "merge --config job.yaml graph.h5 --output merged.h5" QUIET,
    };
    begin();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        must_run(lines[i]);
        ck_assert_msg(n_files > 0, "%s opens no file", lines[i]);
        for (int k = 0; k < n_files; k++) {
            bool writes = strncmp(lines[i], "run", 3) == 0 && strcmp(files[k].name, "graph.h5") != 0;
            ck_assert_msg(files[k].n == 1 || writes, "%s opens %s %d times", lines[i], files[k].name,
                          files[k].n);
        }
    }
}
END_TEST

START_TEST(a_graph_and_a_model_in_one_file_are_read_from_one)
{
    begin();
    must_run("train --graph graph.h5 --model graph.h5 --epochs 2" QUIET);
    must_run("score --graph graph.h5 --model graph.h5 --output more.h5" QUIET);
    ck_assert_int_eq(n_files, 1);
    ck_assert_int_eq(files[0].n, 1);
}
END_TEST

/* How often a kind of name is in what was emitted. */
static void check_people(const char *path, const char *of, const char *not_of)
{
    char *text = rf_slurp(path, NULL);
    ck_assert_msg(strstr(text, of) != NULL, "%s names nobody", path);
    ck_assert_msg(strstr(text, not_of) == NULL, "%s names others", path);
    free(text);
}

START_TEST(a_graph_that_is_replaced_meanwhile_does_not_mix_in)
{
    begin();
    copy("b.graph.h5", "other.h5");
    replaced = "graph.h5";
    by = "other.h5";
    must_run(EMIT);
    ck_assert_ptr_null(replaced);
    check_people("out.jsonl", "\"user\":\"u", "\"user\":\"x");
    check_people("out.jsonl", "\"entity\":\"m", "\"entity\":\"y");
    copy("a.graph.h5", "graph.h5");
    copy("b.graph.h5", "other.h5");
    replaced = "graph.h5";
    must_run(EXPORT);
    check_people("out.graphml", "user:u", "user:x");
    check_people("out.graphml", "entity:m", "entity:y");
}
END_TEST

START_TEST(scores_that_are_replaced_meanwhile_do_not_mix_in)
{
    begin();
    copy("b.scores.h5", "other.h5");
    replaced = "scores.h5";
    by = "other.h5";
    must_run(EMIT);
    ck_assert_ptr_null(replaced);
    check_people("out.jsonl", "\"user\":\"u", "\"user\":\"x");
}
END_TEST

START_TEST(scores_that_are_replaced_meanwhile_are_left_alone)
{
    static const char *const lines[] = {"tag" BOTH QUIET, "cluster --registry registry.h5" BOTH QUIET};
    for (size_t i = 0; i < 2; i++) {
        begin();
        copy("b.scores.h5", "other.h5");
        replaced = "scores.h5";
        by = "other.h5";
        must_refuse(lines[i], "scores.h5: another file took its place while it was worked on");
        ck_assert(rf_files_equal("scores.h5", "b.scores.h5"));
    }
}
END_TEST

/* A model of which an erasure renames a column. */
static void write_model(const char *path, const char *column)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    RF_CHECK_OK(err, rf_h5_create_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_write_format(file, "ringfence-model", 1, &err));
    RF_CHECK_OK(err, rf_h5_write_texts(file, "/model/columns/u/name", &column, 1, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
}

START_TEST(a_model_that_is_replaced_while_it_is_erased_is_left_alone)
{
    rf_err err = {0};
    rf_subjects subjects = {0};
    int64_t n;
    enter_folder();
    write_model("erased.h5", "by=u1");
    write_model("trained.h5", "amount");
    copy("trained.h5", "other.h5");
    RF_CHECK_OK(err, rf_hash_key_random(&subjects.key, &err));
    RF_CHECK_OK(err, rf_subjects_add(&subjects, RF_USER, "u1", 2, &err));
    replaced = "erased.h5";
    by = "other.h5";
    RF_CHECK_FAILS(err, RF_E_IO, "erased.h5: another file took its place while it was worked on",
                   rf_model_erase(&n, "erased.h5", &subjects, true, &err));
    ck_assert_ptr_null(replaced);
    ck_assert(rf_files_equal("erased.h5", "trained.h5"));
    rf_hash_key_free(subjects.key);
    rf_subjects_clear(&subjects);
}
END_TEST

START_TEST(scores_of_other_people_are_refused)
{
    static const char *const lines[] = {"tag" BOTH QUIET, "cluster --registry registry.h5" BOTH QUIET, EMIT,
                                        EXPORT, "evaluate" BOTH QUIET};
    begin();
    copy("b.graph.h5", "graph.h5");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        must_refuse(lines[i], "scores.h5: scores of a graph with other users");
    ck_assert(rf_files_equal("scores.h5", "a.scores.h5"));
}
END_TEST

RF_SUITE("openings", every_verb_opens_a_file_once, a_graph_and_a_model_in_one_file_are_read_from_one,
         a_graph_that_is_replaced_meanwhile_does_not_mix_in, scores_that_are_replaced_meanwhile_do_not_mix_in,
         scores_that_are_replaced_meanwhile_are_left_alone,
         a_model_that_is_replaced_while_it_is_erased_is_left_alone, scores_of_other_people_are_refused)
