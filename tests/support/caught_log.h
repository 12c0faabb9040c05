/* caught_log.h - what is logged meanwhile, by us or by a library, as a text. */
#ifndef RF_CAUGHT_LOG_H
#define RF_CAUGHT_LOG_H

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "rf_check.h"

static int caught_stderr = -1;

/* From here on stderr goes to a file. */
static inline void catch_log(void)
{
    char path[RF_TEST_PATH];
    fflush(stderr);
    caught_stderr = dup(STDERR_FILENO);
    int file = open(rf_tmp_path(path, "caught-log"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert(caught_stderr >= 0 && file >= 0 && dup2(file, STDERR_FILENO) == STDERR_FILENO);
    close(file);
}

/* The text since catch_log(), for free(). */
static inline char *caught_log(void)
{
    char path[RF_TEST_PATH];
    fflush(stderr);
    ck_assert(dup2(caught_stderr, STDERR_FILENO) == STDERR_FILENO);
    close(caught_stderr);
    char *text = rf_slurp(rf_tmp_path(path, "caught-log"), NULL);
    ck_assert_ptr_nonnull(text);
    return text;
}

#endif
