/* test_damage.c - whatever sector or byte of a run's files is damaged: a verb that reads them ends with
 * status 1 and a line, or its results are what they were. */
#include "run_verbs.h"

#include "rf_rng.h"

#define SECTORS 10 /* of each file */
#define FLIPS 6

static void verb_begins(void)
{
}

/* A verb that reads the file, and what it writes or prints; that is `after` with the file whole. */
typedef struct reading {
    const char *file, *verb, *result;
} reading;

static void begin(void)
{
    static bool made;
    enter_folder();
    if (!made) {
        must_run(
            "simulate --events 900 --seed 8 --output ev.jsonl --kinds one --write-config job.yaml" QUIET);
        must_run("run --config job.yaml --set output=. --epochs 1" QUIET);
    }
    made = true;
}

/* True: refused. */
static bool is_refused(const reading *r, const char *whole)
{
    remove(r->result);
    int status = ringfence(r->verb);
    char *said = rf_slurp("said.txt", NULL);
    if (status == 0) {
        ck_assert_msg(rf_files_equal(r->result, whole), "%s gives other results", r->verb);
    } else {
        ck_assert_msg(status == 1, "%s: status %d: %s", r->verb, status, said);
        ck_assert_msg(strstr(said, r->file) != NULL && strstr(said, "damaged") != NULL, "%s: %s", r->verb,
                      said);
        ck_assert_int_eq(rf_count_of(said, "\n"), 1);
    }
    free(said);
    return status != 0;
}

static void write_at(const char *path, size_t at, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY);
    ck_assert(fd >= 0 && pwrite(fd, bytes, n, (off_t)at) == (ssize_t)n);
    close(fd);
}

START_TEST(no_damage_changes_results)
{
    static const reading readings[] = {
        {"graph.h5", "score --graph graph.h5 --model model.h5 --output more.h5" QUIET, "more.h5"},
        {"model.h5", "score --graph graph.h5 --model model.h5 --output more.h5" QUIET, "more.h5"},
        {"scores.h5",
         "emit --config job.yaml --graph graph.h5 --scores scores.h5 --alerts none.h5 --path out.jsonl" QUIET,
         "out.jsonl"},
    };
    static const char zeros[512];
    rf_rng rng;
    rf_rng_init(&rng, 2, 2);
    begin();
    for (size_t k = 0; k < sizeof readings / sizeof *readings; k++) {
        const reading *r = &readings[k];
        int refused = 0;
        size_t len = 0;
        remove("none.h5");
        must_run(r->verb);
        copy(r->result, "whole");
        char *bytes = rf_slurp(r->file, &len);
        for (int i = 0; i < SECTORS + FLIPS; i++) {
            size_t at =
                i < SECTORS ? len / SECTORS * (size_t)i / 512 * 512 : rf_rng_below(&rng, (uint32_t)len);
            size_t n = i >= SECTORS ? 1 : len - at < 512 ? len - at : 512;
            char flipped = (char)(bytes[at] ^ 1 << i % 8);
            write_at(r->file, at, i < SECTORS ? zeros : &flipped, n);
            remove("none.h5");
            refused += is_refused(r, "whole");
            write_at(r->file, at, bytes + at, n);
        }
        ck_assert_int_gt(refused, 3);
        free(bytes);
    }
}
END_TEST

RF_SUITE("damage", no_damage_changes_results)
