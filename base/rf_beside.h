/* rf_beside.h - a file is written beside the one that it will replace, and takes its place by a rename.
 *
 * Every file of ours that appears whole or not at all comes this way, HDF5 or text. While it is written only
 * its owner can read it, under a name that nobody can foresee: a link that waits there is never written
 * through. What it replaces keeps its mode, and its owner where the system allows that. A path that is a
 * symbolic link stays one: the file at its end is replaced. What is new gets RF_FILE_MODE less the umask.
 */
#ifndef RF_BESIDE_H
#define RF_BESIDE_H

#include <stdbool.h>
#include <sys/types.h>

#include "rf_status.h"

/* Files name people, so that others than the group never read them. */
#define RF_FILE_MODE 0640
#define RF_FOLDER_MODE 0750

/* Who else may rename onto the same path: asked just before the rename. */
typedef struct rf_publish_guard {
    rf_status (*enter)(void *context, rf_err *err); /* a failure keeps the old file */
    void (*leave)(void *context);                   /* after the rename, if enter succeeded */
    void *context;
} rf_publish_guard;

typedef struct rf_beside {
    char *target;    /* what is replaced: the path, through symbolic links */
    char *temporary; /* NULL: nothing is being written */
    mode_t mode;     /* of a target that is new */
} rf_beside;

/* Makes the empty file and opens it in *fd, to be read and written. First removes what killed processes left
 * there. `out` is zero before and after a failure. */
RF_MUST_CHECK rf_status rf_beside_make(rf_beside *out, int *fd, const char *path, rf_err *err);
/* As rf_beside_make with the name `temporary`, which is the caller's alone: what has it is removed. The path
 * itself is replaced, also where it is a link. */
RF_MUST_CHECK rf_status rf_beside_make_as(rf_beside *out, int *fd, const char *path, const char *temporary,
                                          rf_err *err);
/* fsync, rename onto the target, fsync of the folder. The guard (NULL: none) is held for the rename alone,
 * not for what takes time. Its content must have been written through to the system. */
RF_MUST_CHECK rf_status rf_beside_publish(rf_beside *beside, const rf_publish_guard *guard, rf_err *err);
void rf_beside_drop(rf_beside *beside); /* removes the file unless it was published; zero is allowed */

/* The folder that `path` lies in, "." where it names none. rf_mem block; NULL: out of memory. */
RF_MUST_CHECK char *rf_path_folder(const char *path, rf_err *err);
/* The file, or the name of a descriptor, that `path` leads to through symbolic links; it need not be there.
 * rf_mem block. Refuses a link that a stranger put into a folder that all may write to. */
RF_MUST_CHECK rf_status rf_path_follow(char **out, const char *path, rf_err *err);

/* Removes half-written files that killed processes left beside `path`, and beside path + ".building". */
RF_MUST_CHECK rf_status rf_beside_clean(const char *path, rf_err *err);

/* ---- files that are changed where they are ---- */

/* Opens a file that grows, or is written anew, in place: `flags` as for open(2). Makes it with RF_FILE_MODE
 * if it is not there. Follows symbolic links, but none that a stranger put into a folder that all may write.
 * A path that names a descriptor (rf_path_descriptor) is that one, at its place, whatever the flags are. */
RF_MUST_CHECK rf_status rf_file_open_kept(int *fd, const char *path, int flags, rf_err *err);
/* Opens an empty file that is there to be locked; never through a link. -1 with errno when it fails. */
RF_MUST_CHECK int rf_file_open_lock(const char *path);

#endif
