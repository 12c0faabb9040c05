/* rf_file.h - text files written crash-safely: beside the target, fsync, rename, fsync of the folder. */
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
void rf_file_close(rf_file **file); /* NULL allowed; drops the file unless it was committed */

/* The name to write beside `path` before renaming: same folder, one a process. rf_mem block, owned by the
 * caller. */
RF_MUST_CHECK char *rf_path_beside(const char *path, rf_err *err);
/* Removes half-written files that killed processes left beside `path`, and beside path + ".building". Every
 * function that makes a file with the usual name beside calls it. Does nothing if the path would be a pattern
 * of glob(3). */
void rf_path_clean_beside(const char *path);
/* fsync(temporary), rename onto path, fsync the folder. */
RF_MUST_CHECK rf_status rf_path_publish(const char *temporary, const char *path, rf_err *err);

/* Who else may rename onto the same path: asked just before the rename. */
typedef struct rf_publish_guard {
    rf_status (*enter)(void *context, rf_err *err); /* a failure keeps the old file */
    void (*leave)(void *context);                   /* after the rename, if enter succeeded */
    void *context;
} rf_publish_guard;
/* The same; the guard (NULL: none) is held for the rename alone, not for what takes time. */
RF_MUST_CHECK rf_status rf_path_publish_guarded(const char *temporary, const char *path,
                                                const rf_publish_guard *guard, rf_err *err);
RF_MUST_CHECK rf_status rf_path_make_folders(const char *folder, rf_err *err);
/* folder + "/" + name unless name is absolute; rf_mem block. */
RF_MUST_CHECK char *rf_path_join(const char *folder, const char *name, rf_err *err);
bool rf_path_exists(const char *path);

#endif
