/* file.c - files that appear whole or not at all, and the few path operations that this needs.
 *
 * A file is written under a temporary name beside its target, synchronised and renamed; then its folder is
 * synchronised. After a power cut the file has either the old or the new content. A target that is not a
 * regular file (a terminal, a pipe, /dev/null) cannot be replaced by a rename and is written directly.
 * Reading is left to the callers.
 */
#include "rf_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_mem.h"
#include "rf_text.h"

#define BUFFER_BYTES ((size_t)1 << 16)

struct rf_file {
    char *path;
    char *temporary; /* NULL when written directly */
    char *buffer;
    size_t used;
    int fd;
    bool owns_fd;
};

/* ---- paths ---- */

char *rf_path_join(const char *folder, const char *name, rf_err *err)
{
    size_t len_folder = strlen(folder), len_name = strlen(name);
    if (name[0] == '/' || len_folder == 0)
        return rf_mem_text(name, len_name, err);
    bool slash = folder[len_folder - 1] != '/';
    char *path = rf_mem_new(len_folder + slash + len_name + 1, 1, err);
    if (path == NULL)
        return NULL;
    memcpy(path, folder, len_folder);
    if (slash)
        path[len_folder] = '/';
    memcpy(path + len_folder + slash, name, len_name + 1);
    return path;
}

char *rf_path_beside(const char *path, rf_err *err)
{
    size_t size = strlen(path) + 32;
    char *beside = rf_mem_new(size, 1, err);
    if (beside == NULL)
        return NULL;
    snprintf(beside, size, "%s.tmp-%ld", path, (long)getpid());
    return beside;
}

void rf_path_clean_beside(const char *path)
{
    static const char *const endings[] = {".tmp-*", ".building.tmp-*"};
    char pattern[4096];
    if (strpbrk(path, "*?[\\") != NULL)
        return;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        glob_t found;
        int len = snprintf(pattern, sizeof pattern, "%s%s", path, endings[i]);
        if (len < 0 || (size_t)len >= sizeof pattern || glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
            continue;
        for (size_t at = 0; at < found.gl_pathc; at++) {
            const char *number = strrchr(found.gl_pathv[at], '-') + 1; /* of the process that made it */
            int64_t process;
            if (rf_int_parse(&process, number, strlen(number)) && process > 0 && process <= INT32_MAX &&
                kill((pid_t)process, 0) != 0 && errno == ESRCH)
                (void)unlink(found.gl_pathv[at]);
        }
        globfree(&found);
    }
}

bool rf_path_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

static rf_status sync_path(const char *path, int flags, rf_err *err)
{
    rf_status st = RF_OK;
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be opened to synchronise it: %s", path, strerror(errno));
    /* some network and container file systems cannot synchronise folders; the rename is done nevertheless */
    if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
        st = rf_err_set(err, RF_E_IO, __FILE__, __LINE__, "%s: cannot be synchronised to disk: %s", path,
                        strerror(errno));
    close(fd);
done:
    return st;
}

rf_status rf_path_publish_guarded(const char *temporary, const char *path, const rf_publish_guard *guard,
                                  rf_err *err)
{
    rf_status st = RF_OK;
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
    char *folder = rf_mem_text(slash == NULL ? "." : path, len, err);
    if (folder == NULL)
        return RF_E_NOMEM;
    RF_TRY(sync_path(temporary, O_RDONLY, err));
    if (guard != NULL)
        RF_TRY(guard->enter(guard->context, err));
    int reason = rename(temporary, path) == 0 ? 0 : errno;
    if (guard != NULL)
        guard->leave(guard->context);
    if (reason != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be renamed to %s: %s", temporary, path, strerror(reason));
    RF_TRY(sync_path(folder, O_RDONLY | O_DIRECTORY, err));
done:
    rf_mem_free(folder);
    return st;
}

rf_status rf_path_publish(const char *temporary, const char *path, rf_err *err)
{
    return rf_path_publish_guarded(temporary, path, NULL, err);
}

static rf_status make_folder(const char *folder, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    if (mkdir(folder, 0777) == 0)
        return RF_OK;
    if (errno != EEXIST)
        RF_FAIL(err, RF_E_IO, "%s: the folder cannot be made: %s", folder, strerror(errno));
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
        RF_FAIL(err, RF_E_IO,
                "%s: a folder is needed here, but this is none; move it away or choose another output",
                folder);
done:
    return st;
}

rf_status rf_path_make_folders(const char *folder, rf_err *err)
{
    rf_status st = RF_OK;
    char *path = rf_mem_text(folder, strlen(folder), err);
    if (path == NULL)
        return RF_E_NOMEM;
    for (char *p = path; *p != '\0'; p++) {
        if (*p != '/' || p == path)
            continue;
        *p = '\0';
        RF_TRY(make_folder(path, err));
        *p = '/';
    }
    if (path[0] != '\0')
        RF_TRY(make_folder(path, err));
done:
    rf_mem_free(path);
    return st;
}

/* ---- writing ---- */

static rf_status open_target(rf_file *file, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = file->path;
    struct stat info;
    if (strcmp(name, "-") == 0) {
        file->fd = STDOUT_FILENO;
        return RF_OK;
    }
    bool special = stat(name, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
    if (!special) { /* pipes and devices are written as they are */
        rf_path_clean_beside(name);
        file->temporary = rf_path_beside(name, err);
        if (file->temporary == NULL)
            return RF_E_NOMEM;
        name = file->temporary;
    }
    file->fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file->fd < 0) {
        int reason = errno;
        rf_mem_free(file->temporary);
        file->temporary = NULL;
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", file->path, strerror(reason));
    }
    file->owns_fd = true;
done:
    return st;
}

rf_status rf_file_create_beside(rf_file **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_file *file = NULL;
    RF_ZERO(file, 1, err);
    file->fd = -1;
    file->path = rf_mem_text(path, strlen(path), err);
    if (file->path == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_NEW(file->buffer, BUFFER_BYTES, err);
    RF_TRY(open_target(file, err));
    *out = file;
    file = NULL;
done:
    rf_file_close(&file);
    return st;
}

static rf_status write_out(rf_file *file, const char *bytes, size_t len, rf_err *err)
{
    while (len > 0) {
        ssize_t n = write(file->fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return rf_err_set(err, RF_E_IO, __FILE__, __LINE__, "%s: cannot be written: %s",
                              file->owns_fd ? file->path : "stdout", strerror(errno));
        bytes += n;
        len -= (size_t)n;
    }
    return RF_OK;
}

static rf_status flush(rf_file *file, rf_err *err)
{
    rf_status st = write_out(file, file->buffer, file->used, err);
    if (st == RF_OK)
        file->used = 0;
    return st;
}

rf_status rf_file_write(rf_file *file, const char *bytes, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    if (len > BUFFER_BYTES - file->used)
        RF_TRY(flush(file, err));
    if (len > BUFFER_BYTES)
        return write_out(file, bytes, len, err);
    if (len > 0)
        memcpy(file->buffer + file->used, bytes, len);
    file->used += len;
done:
    return st;
}

rf_status rf_file_commit(rf_file *file, rf_err *err)
{
    rf_status st = RF_OK;
    assert(file->fd >= 0);
    RF_TRY(flush(file, err));
    if (!file->owns_fd)
        return RF_OK;
    int closed = close(file->fd);
    file->fd = -1;
    if (closed != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be closed: %s", file->path, strerror(errno));
    if (file->temporary == NULL)
        return RF_OK;
    RF_TRY(rf_path_publish(file->temporary, file->path, err));
    rf_mem_free(file->temporary);
    file->temporary = NULL;
done:
    return st;
}

void rf_file_close(rf_file **file)
{
    if (file == NULL || *file == NULL)
        return;
    rf_file *f = *file;
    if (f->owns_fd && f->fd >= 0)
        close(f->fd);
    if (f->temporary != NULL) {
        unlink(f->temporary);
        rf_mem_free(f->temporary);
    }
    rf_mem_free(f->buffer);
    rf_mem_free(f->path);
    rf_mem_free(f);
    *file = NULL;
}
