/* run_verbs.h - runs the program's verbs inside a test, in the test's own folder. */
#ifndef RF_RUN_VERBS_H
#define RF_RUN_VERBS_H

#include <fcntl.h>
#include <unistd.h>

#include "cli_int.h"
#include "rf_check.h"

#define MOST_WORDS 32
#define QUIET " --quiet --no-progress --set audit.path=audit.jsonl"

/* Called before a verb runs. */
static void verb_begins(void);

static inline void enter_folder(void)
{
    ck_assert_int_eq(chdir(rf_tmp_folder()), 0);
    ck_assert_int_eq(setenv("RINGFENCE_KEEP_CORE", "1", 1), 0);
    ck_assert_int_eq(setenv("SOURCE_DATE_EPOCH", "1769817600", 1), 0);
}

/* Runs the words of a line; what it says goes to said.txt. */
static inline int ringfence(const char *line)
{
    char text[512], *words[MOST_WORDS] = {"ringfence"};
    int n = 1;
    ck_assert_uint_lt(strlen(line), sizeof text);
    snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok(text, " "); word != NULL && n < MOST_WORDS - 1; word = strtok(NULL, " "))
        words[n++] = word;
    fflush(NULL);
    int kept[2] = {dup(1), dup(2)}, to = creat("said.txt", 0600);
    ck_assert(to >= 0 && dup2(to, 1) >= 0 && dup2(to, 2) >= 0);
    verb_begins();
    int status = rf_cli_main(n, words);
    fflush(NULL);
    ck_assert(dup2(kept[0], 1) >= 0 && dup2(kept[1], 2) >= 0);
    close(kept[0]);
    close(kept[1]);
    close(to);
    return status;
}

static inline void must_run(const char *line)
{
    int status = ringfence(line);
    if (status != 0)
        ck_abort_msg("%s: status %d: %s", line, status, rf_slurp("said.txt", NULL));
}

/* Ends with status 1 and one line, which says this. */
static inline void must_refuse(const char *line, const char *why)
{
    int status = ringfence(line);
    char *said = rf_slurp("said.txt", NULL);
    ck_assert_msg(status == 1, "%s: status %d: %s", line, status, said);
    ck_assert_msg(strstr(said, why) != NULL, "%s: %s", line, said);
    ck_assert_int_eq(rf_count_of(said, "\n"), 1);
    free(said);
}

static inline void copy(const char *from, const char *to)
{
    size_t len = 0;
    char *bytes = rf_slurp(from, &len);
    rf_spill(to, bytes, len);
    free(bytes);
}

#endif
