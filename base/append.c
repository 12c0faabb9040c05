/* append.c - takes the lock of a file that grows, and finds out whether the path leads to another file by
 * now. */
#include "rf_append.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_beside.h"

/* A pipe or a device is never replaced, and its writers are no business of each other. */
static bool is_regular(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

static bool is_at(int fd, const char *path)
{
    struct stat open_file, named;
    return fstat(fd, &open_file) == 0 && stat(path, &named) == 0 && open_file.st_dev == named.st_dev &&
           open_file.st_ino == named.st_ino;
}

rf_status rf_append_lock(int *fd, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    for (;;) {
        if (*fd < 0)
            RF_TRY(rf_file_open_kept(fd, path, O_RDWR | O_APPEND, err));
        if (!is_regular(*fd))
            return RF_OK;
        int result;
        do
            result = flock(*fd, LOCK_EX);
        while (result != 0 && errno == EINTR);
        if (result != 0)
            RF_FAIL(err, RF_E_IO, "%s: cannot be locked: %s", path, strerror(errno));
        if (is_at(*fd, path))
            return RF_OK;
        rf_append_close(fd); /* its lock is of no use: what is appended to it would be lost */
    }
done:
    return st;
}

void rf_append_unlock(int fd)
{
    (void)flock(fd, LOCK_UN);
}

void rf_append_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}
