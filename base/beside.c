/* beside.c - temporary names, what they replace, and what replaced files keep.
 *
 * A temporary is PATH.tmp-PROCESS.TOKEN: the process tells whether its maker still lives, the token is
 * random. It is made by O_EXCL, which follows no link. file.c and h5/h5.c write the content.
 */
#include "rf_beside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_file.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_stop.h"

#define MOST_TRIES 16
#define LOCK_MODE 0660 /* holds nothing; a group may share it */
#define TEMPORARY ".tmp-"
#define BUILDING ".building" /* of a graph: its state while events come in */

/* ---- paths ---- */

char *rf_path_folder(const char *path, rf_err *err)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL || slash == path ? 1 : (size_t)(slash - path);
    return rf_mem_text(slash == NULL ? "." : path, len, err);
}

/* Where all may write, a link may be a stranger's trap: the rule of Linux's protected_symlinks, also for
 * folders without the sticky bit. */
static rf_status check_link(const char *link, const struct stat *info, const char *folder, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat around;
    if (stat(folder, &around) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", link, strerror(errno));
    if ((around.st_mode & S_IWOTH) != 0 && info->st_uid != geteuid() && info->st_uid != around.st_uid)
        RF_FAIL(err, RF_E_IO,
                "%s: cannot be written: it is a symbolic link of another user in a folder that all may write "
                "to; remove the link, or choose another folder",
                link);
done:
    return st;
}

/* *out is what the link leads to, one step further. */
static rf_status read_link(char **out, const char *link, const struct stat *info, rf_err *err)
{
    rf_status st = RF_OK;
    char to[PATH_MAX];
    char *folder = rf_path_folder(link, err);
    if (folder == NULL)
        return RF_E_NOMEM;
    RF_TRY(check_link(link, info, folder, err));
    ssize_t len = readlink(link, to, sizeof to - 1);
    if (len < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", link, strerror(errno));
    to[len] = '\0';
    *out = rf_path_join(folder, to, err);
    st = *out == NULL ? RF_E_NOMEM : RF_OK;
done:
    rf_mem_free(folder);
    return st;
}

rf_status rf_path_follow(char **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    char *at = rf_mem_text(path, strlen(path), err), *next = NULL;
    if (at == NULL)
        return RF_E_NOMEM;
    for (int links = 0; rf_path_descriptor_name(at) < 0 && lstat(at, &info) == 0 && S_ISLNK(info.st_mode);
         links++) {
        if (links == RF_PATH_MOST_LINKS)
            RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", path, strerror(ELOOP));
        RF_TRY(read_link(&next, at, &info, err));
        rf_mem_free(at);
        at = next;
    }
    *out = at;
    at = NULL;
done:
    rf_mem_free(at);
    return st;
}

/* ---- leftovers ---- */

static bool is_alive(const char *process)
{
    long number = strtol(process, NULL, 10);
    return number <= 0 || number > INT_MAX || kill((pid_t)number, 0) == 0 || errno != ESRCH;
}

/* `rest` follows ".tmp-" in a name: "123.0123456789abcdef", or "123" and "123.tmp-123" as they were earlier.
 */
static bool is_leftover(const char *rest)
{
    size_t digits = strspn(rest, "0123456789");
    const char *after = rest + digits;
    if (digits == 0 || is_alive(rest))
        return false;
    if (strncmp(after, TEMPORARY, strlen(TEMPORARY)) == 0)
        return is_leftover(after + strlen(TEMPORARY));
    return after[0] == '\0' ||
           (after[0] == '.' && strspn(after + 1, "0123456789abcdef") == 16 && after[17] == '\0');
}

static rf_status clean(const char *path, rf_err *err)
{
    char *folder = rf_path_folder(path, err);
    if (folder == NULL)
        return RF_E_NOMEM;
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    size_t len = strlen(name);
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        if (strncmp(entry->d_name, name, len) != 0)
            continue;
        const char *rest = entry->d_name + len;
        rest += strncmp(rest, BUILDING, strlen(BUILDING)) == 0 ? strlen(BUILDING) : 0;
        if (strncmp(rest, TEMPORARY, strlen(TEMPORARY)) == 0 && is_leftover(rest + strlen(TEMPORARY)))
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
    }
    if (entries != NULL)
        (void)closedir(entries);
    rf_mem_free(folder);
    return RF_OK;
}

rf_status rf_beside_clean(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char *target = NULL;
    RF_TRY(clean(path, err));
    RF_TRY(rf_path_follow(&target, path, err));
    if (strcmp(target, path) != 0)
        RF_TRY(clean(target, err));
done:
    rf_mem_free(target);
    return st;
}

/* ---- making ---- */

static rf_status draw_name(char **out, const char *target, rf_err *err)
{
    rf_status st = RF_OK;
    uint64_t token;
    size_t size = strlen(target) + 64;
    RF_TRY(rf_random_token(&token, err));
    RF_NEW(*out, size, err);
    snprintf(*out, size, "%s" TEMPORARY "%ld.%016" PRIx64, target, (long)getpid(), token);
done:
    return st;
}

/* -1 with errno. Only the owner reads it until it is published; *mode is what it gets then. The name is
 * remembered first: a signal may come when the file has just been made. */
static int make_private(const char *name, mode_t *mode)
{
    struct stat info;
    rf_stop_remember_temporary(name);
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, RF_FILE_MODE);
    if (fd < 0) {
        rf_stop_forget_temporary(name);
        return -1;
    }
    *mode = fstat(fd, &info) == 0 ? info.st_mode & RF_FILE_MODE : S_IRUSR | S_IWUSR;
    (void)fchmod(fd, S_IRUSR | S_IWUSR); /* some file systems know no modes */
    return fd;
}

rf_status rf_beside_make(rf_beside *out, int *fd, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_beside beside = {0};
    int made = -1;
    RF_TRY(rf_path_follow(&beside.target, path, err));
    if (rf_path_descriptor_name(beside.target) >= 0)
        RF_FAIL(err, RF_E_IO,
                "%s: cannot be written: a descriptor cannot be replaced; give the path of a file", path);
    RF_TRY(clean(beside.target, err));
    for (int tries = 0; made < 0; tries++) {
        rf_mem_free(beside.temporary);
        beside.temporary = NULL;
        RF_TRY(draw_name(&beside.temporary, beside.target, err));
        made = make_private(beside.temporary, &beside.mode);
        if (made < 0 && (errno != EEXIST || tries == MOST_TRIES)) {
            int reason = errno;
            rf_mem_free(beside.temporary);
            beside.temporary = NULL;
            RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", path, strerror(reason));
        }
    }
    *fd = made;
    *out = beside;
    beside = (rf_beside){0};
done:
    rf_beside_drop(&beside);
    return st;
}

rf_status rf_beside_make_as(rf_beside *out, int *fd, const char *path, const char *temporary, rf_err *err)
{
    rf_status st = RF_OK;
    rf_beside beside = {.target = rf_mem_text(path, strlen(path), err)};
    char *name = beside.target == NULL ? NULL : rf_mem_text(temporary, strlen(temporary), err);
    if (name == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    (void)unlink(temporary);
    *fd = make_private(name, &beside.mode);
    if (*fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", path, strerror(errno));
    beside.temporary = name;
    *out = beside;
    beside = (rf_beside){0};
    name = NULL;
done:
    rf_mem_free(name);
    rf_beside_drop(&beside);
    return st;
}

void rf_beside_drop(rf_beside *beside)
{
    if (beside->temporary != NULL)
        (void)unlink(beside->temporary);
    rf_stop_forget_temporary(beside->temporary);
    rf_mem_free(beside->temporary);
    rf_mem_free(beside->target);
    *beside = (rf_beside){0};
}

/* ---- publishing ---- */

/* Owner, group and mode of the file that will be replaced. Where the group cannot be kept, ours gets no more
 * than everybody has. */
static void take_after(int fd, const struct stat *old, mode_t *mode)
{
    struct stat now;
    *mode = old->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
    if (fstat(fd, &now) != 0 || (now.st_uid == old->st_uid && now.st_gid == old->st_gid))
        return;
    if (fchown(fd, old->st_uid, old->st_gid) != 0 && now.st_gid != old->st_gid &&
        fchown(fd, (uid_t)-1, old->st_gid) != 0)
        *mode &= ~(mode_t)S_IRWXG | (*mode & S_IRWXO) << 3;
}

/* What the file takes after: the one that it replaces; a graph's state that is new, the graph. */
static bool find_model(const char *target, struct stat *info)
{
    char whole[PATH_MAX];
    size_t len = strlen(target), end = strlen(BUILDING);
    if (lstat(target, info) == 0)
        return S_ISREG(info->st_mode);
    if (len <= end || len - end >= sizeof whole || strcmp(target + len - end, BUILDING) != 0)
        return false;
    memcpy(whole, target, len - end);
    whole[len - end] = '\0';
    return stat(whole, info) == 0 && S_ISREG(info->st_mode);
}

/* Some network and container file systems cannot synchronise folders; the rename is done nevertheless. */
static rf_status sync_and_close(int fd, const char *path, rf_err *err)
{
    int reason = fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP ? errno : 0;
    if (close(fd) != 0 && reason == 0)
        reason = errno;
    return reason == 0 ? RF_OK
                       : rf_err_set(err, RF_E_IO, __FILE__, __LINE__,
                                    "%s: cannot be synchronised to disk: %s", path, strerror(reason));
}

static rf_status finish_content(const rf_beside *beside, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat old;
    mode_t mode = beside->mode;
    int fd = open(beside->temporary, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be opened to synchronise it: %s", beside->temporary,
                strerror(errno));
    if (find_model(beside->target, &old))
        take_after(fd, &old, &mode);
    (void)fchmod(fd, mode);
    st = sync_and_close(fd, beside->temporary, err);
done:
    return st;
}

static rf_status sync_folder(const char *folder, rf_err *err)
{
    rf_status st = RF_OK;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be opened to synchronise it: %s", folder, strerror(errno));
    st = sync_and_close(fd, folder, err);
done:
    return st;
}

rf_status rf_beside_publish(rf_beside *beside, const rf_publish_guard *guard, rf_err *err)
{
    rf_status st = RF_OK;
    char *folder = rf_path_folder(beside->target, err);
    if (folder == NULL)
        return RF_E_NOMEM;
    RF_TRY(finish_content(beside, err));
    if (guard != NULL)
        RF_TRY(guard->enter(guard->context, err));
    int reason = rename(beside->temporary, beside->target) == 0 ? 0 : errno;
    if (guard != NULL)
        guard->leave(guard->context);
    if (reason != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be renamed to %s: %s", beside->temporary, beside->target,
                strerror(reason));
    rf_stop_forget_temporary(beside->temporary);
    rf_mem_free(beside->temporary);
    beside->temporary = NULL;
    RF_TRY(sync_folder(folder, err));
done:
    rf_mem_free(folder);
    return st;
}

/* ---- in place ---- */

rf_status rf_file_open_kept(int *fd, const char *path, int flags, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    char *target = NULL;
    int descriptor = rf_path_descriptor(path);
    bool special = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    if (descriptor >= 0 || !special)
        RF_TRY(rf_path_follow(&target, path, err));
    /* an open by its name would begin at the file's start, over what is there */
    int opened = descriptor >= 0  ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
                 : target == NULL ? open(path, flags | O_CLOEXEC)
                                  : open(target, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC, RF_FILE_MODE);
    if (opened < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", path, strerror(errno));
    *fd = opened;
done:
    rf_mem_free(target);
    return st;
}

int rf_file_open_lock(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, LOCK_MODE);
}
