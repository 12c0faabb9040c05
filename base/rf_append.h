/* rf_append.h - a file that several processes append to, and that one of them may replace by an edited copy.
 *
 * Each holds the file's lock while it writes. Who replaces the file holds it from before the first byte is
 * read until the rename, so that nothing is appended to the old file meanwhile. Whoever waited then finds
 * that the path leads to another file, and goes on with that one. The same holds for a file that was rotated.
 *
 * The lock is the kernel's, on the file itself (flock): it needs no file of its own, ends with the process,
 * and is lost by no other descriptor of the same process.
 */
#ifndef RF_APPEND_H
#define RF_APPEND_H

#include "rf_status.h"

/* Waits for the lock of the file that `path` leads to. *fd is that file, opened to be read and appended to;
 * -1 at first. If the path leads to another file by now, *fd is closed and becomes that one; it is made if it
 * is not there. What is no regular file is opened and not locked. */
RF_MUST_CHECK rf_status rf_append_lock(int *fd, const char *path, rf_err *err);
void rf_append_unlock(int fd);
void rf_append_close(int *fd); /* with the lock, if it has it; -1 is allowed */

#endif
