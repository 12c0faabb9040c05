/* lock.c - lets only one process at a time read, change and rewrite a file. Without it, a second build of one
 * graph, or a second tag or cluster of the same scores, would overwrite what the first has saved.
 *
 * The kernel holds the lock on FILE.lock. It ends with the process, also after a kill, so a lock file that a
 * killed process has left blocks nobody.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_beside.h"
#include "rf_file.h"
#include "rf_job.h"
#include "rf_mem.h"
#include "rf_stop.h"

struct rf_job_lock {
    rf_text name, path; /* of the lock file, and of what it guards */
    int fd;
    struct rf_job_lock *next; /* another one that the command holds */
};

static void free_lock(struct rf_job_lock *lock)
{
    if (lock->fd >= 0)
        (void)close(lock->fd);
    rf_text_clear(&lock->name);
    rf_text_clear(&lock->path);
    rf_mem_free(lock);
}

static rf_status lock_file(struct rf_job_lock *lock, rf_err *err)
{
    rf_status st = RF_OK;
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET}, who = all;
    struct stat open_file, named;
    char by[48] = "";
    for (;;) {
        lock->fd = rf_file_open_lock(lock->name.ptr);
        if (lock->fd < 0)
            RF_FAIL(err, RF_E_IO, "%s cannot be opened: %s", lock->name.ptr, strerror(errno));
        if (fcntl(lock->fd, F_SETLK, &all) != 0) {
            if (errno != EACCES && errno != EAGAIN)
                RF_FAIL(err, RF_E_IO, "%s cannot be locked: %s", lock->name.ptr, strerror(errno));
            if (fcntl(lock->fd, F_GETLK, &who) == 0 && who.l_type != F_UNLCK && who.l_pid > 0)
                snprintf(by, sizeof by, " (process %ld)", (long)who.l_pid);
            RF_FAIL(err, RF_E_IO,
                    "%s: another ringfence%s is using it; wait for it, stop it, or name another file",
                    lock->path.ptr, by);
        }
        /* the former holder removes the file while it still has the lock: a lock on a name that is gone is
         * none */
        if (fstat(lock->fd, &open_file) == 0 && stat(lock->name.ptr, &named) == 0 &&
            open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev)
            return RF_OK;
        (void)close(lock->fd);
    }
done:
    return st;
}

/* No signal comes between taking the lock and knowing what to remove; before that it may be another's. */
static rf_status lock_and_remember(struct rf_job_lock *lock, rf_err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rf_status st = lock_file(lock, err);
    if (st >= 0)
        rf_stop_remember_temporary(lock->name.ptr);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return st;
}

rf_status rf_job_lock(rf_job *job, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_job_lock *lock = NULL;
    char *target = NULL; /* one file has one lock, whatever links lead to it */
    for (lock = job->locks; lock != NULL; lock = lock->next) {
        if (strcmp(lock->path.ptr, path) == 0)
            return RF_OK;
    }
    if (rf_path_descriptor(path) >= 0) /* nobody else can open it */
        return RF_OK;
    RF_ZERO(lock, 1, err);
    lock->fd = -1;
    RF_TRY(rf_text_printf(&lock->path, err, "%s", path));
    RF_TRY(rf_path_follow(&target, path, err));
    RF_TRY(rf_text_printf(&lock->name, err, "%s.lock", target));
    RF_TRY(lock_and_remember(lock, err));
    lock->next = job->locks;
    job->locks = lock;
    lock = NULL;
done:
    rf_mem_free(target);
    if (lock != NULL)
        free_lock(lock);
    return st;
}

void rf_job_unlock(rf_job *job)
{
    while (job->locks != NULL) {
        struct rf_job_lock *lock = job->locks;
        job->locks = lock->next;
        (void)unlink(lock->name.ptr);
        rf_stop_forget_temporary(lock->name.ptr);
        free_lock(lock);
    }
}
