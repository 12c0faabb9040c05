/* file.c - text files that appear whole or not at all, and the few path operations that this needs.
 *
 * A file is written beside its target (beside.c). After a power cut it has either the old or the new content.
 * A target that is not a regular file (a terminal, a pipe, /dev/null), or is a descriptor's name, cannot be
 * replaced by a rename and is written directly. Reading is left to the callers.
 */
#include "rf_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_beside.h"
#include "rf_mem.h"
#include "rf_text.h"

#define BUFFER_BYTES ((size_t)1 << 16)

struct rf_file {
    char *path;
    rf_beside beside; /* zero when written directly */
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

int rf_path_descriptor_name(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *digits = path + strlen(folders[i]);
        int64_t number;
        if (strncmp(path, folders[i], strlen(folders[i])) == 0 &&
            digits[strspn(digits, "0123456789")] == '\0' && rf_int_parse(&number, digits, strlen(digits)) &&
            number <= INT_MAX)
            return (int)number;
    }
    return -1;
}

int rf_path_descriptor(const char *path)
{
    char at[PATH_MAX], to[PATH_MAX];
    int found = -1;
    if (strlen(path) >= sizeof at)
        return -1;
    memcpy(at, path, strlen(path) + 1);
    for (int links = 0; (found = rf_path_descriptor_name(at)) < 0 && links < RF_PATH_MOST_LINKS; links++) {
        ssize_t len = readlink(at, to, sizeof to - 1);
        if (len < 0)
            break;
        to[len] = '\0';
        const char *slash = to[0] == '/' ? NULL : strrchr(at, '/');
        size_t folder = slash == NULL ? 0 : (size_t)(slash + 1 - at);
        if (folder + (size_t)len >= sizeof at)
            break;
        memcpy(at + folder, to, (size_t)len + 1);
    }
    return found;
}

bool rf_path_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool rf_path_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static rf_status make_folder(const char *folder, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    if (mkdir(folder, RF_FOLDER_MODE) == 0)
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
    struct stat info;
    if (strcmp(file->path, "-") == 0) {
        file->fd = STDOUT_FILENO;
        return RF_OK;
    }
    bool special = stat(file->path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
    if (special || rf_path_descriptor(file->path) >= 0)
        RF_TRY(rf_file_open_kept(&file->fd, file->path, O_WRONLY, err));
    else
        RF_TRY(rf_beside_make(&file->beside, &file->fd, file->path, err));
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

const char *rf_write_error(int reason)
{
    return reason == EBADF ? "it is closed" : reason == EPIPE ? "its reader has ended" : strerror(reason);
}

static rf_status write_out(rf_file *file, const char *bytes, size_t len, rf_err *err)
{
    while (len > 0) {
        ssize_t n = write(file->fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return rf_err_set(err, RF_E_IO, __FILE__, __LINE__, "%s: cannot be written: %s",
                              file->owns_fd ? file->path : "stdout", rf_write_error(errno));
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
    if (file->beside.temporary != NULL)
        RF_TRY(rf_beside_publish(&file->beside, NULL, err));
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
    rf_beside_drop(&f->beside);
    rf_mem_free(f->buffer);
    rf_mem_free(f->path);
    rf_mem_free(f);
    *file = NULL;
}
