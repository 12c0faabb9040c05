/* rf_file.h - text files written crash-safely, beside their target (rf_beside.h); and paths. */
#ifndef RF_FILE_H
#define RF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "rf_status.h"

typedef struct rf_file rf_file;

/* path "-" is stdout (commit then only flushes). Removes files that killed processes left beside path. */
RF_MUST_CHECK rf_status rf_file_create_beside(rf_file **out, const char *path, rf_err *err);
RF_MUST_CHECK rf_status rf_file_write(rf_file *file, const char *bytes, size_t len, rf_err *err);
RF_MUST_CHECK rf_status rf_file_commit(rf_file *file, rf_err *err);
/* Why a write failed, in words: strerror, but for descriptors that are closed or read no more. */
const char *rf_write_error(int reason);
void rf_file_close(rf_file **file); /* NULL allowed; drops the file unless it was committed */

RF_MUST_CHECK rf_status rf_path_make_folders(const char *folder, rf_err *err);
/* folder + "/" + name unless name is absolute; rf_mem block. */
RF_MUST_CHECK char *rf_path_join(const char *folder, const char *name, rf_err *err);
bool rf_path_exists(const char *path);
bool rf_path_same_file(const char *a, const char *b); /* both lead to one file that is there */
/* The descriptor that is called /dev/stdout, /dev/stderr, /dev/fd/N or /proc/self/fd/N; -1: none. It is
 * written at its own place, as whoever opened it meant it, and never cut or replaced. */
int rf_path_descriptor_name(const char *path);
/* The same of what a path leads to over symbolic links. */
int rf_path_descriptor(const char *path);
#define RF_PATH_MOST_LINKS 40 /* as the kernel follows */

#endif
