/* h5.c - HDF5 files: opened, written beside their target, committed; and the format that they name.
 *
 * A file that lost objects is rewritten on commit (h5_repack.c). h5_object.c, h5_data.c, h5_text.c and
 * h5_attr.c know what is in a file; the rooms know the meaning of the datasets.
 */
#include "rf_h5.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h5_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_time.h"

#define COPY_BYTES ((size_t)1 << 20)

static bool trusted;

void rf_h5_trust(bool every_file)
{
    trusted = every_file;
}

/* ---- opening and closing ---- */

/* HDF5 prints nothing, loads no plug-ins, and does not clean up when the program ends: every file of ours is
 * closed or given up by then, and after a failure its clean-up is what crashes. */
static void tame_library(void)
{
    static bool tamed;
    if (tamed)
        return;
    tamed =
        H5dont_atexit() >= 0 && H5Eset_auto2(H5E_DEFAULT, NULL, NULL) >= 0 && H5PLset_loading_state(0) >= 0;
}

static rf_status new_file(rf_h5 **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    tame_library();
    RF_ZERO(file, 1, err);
    file->id = H5I_INVALID_HID;
    file->path = rf_mem_text(path, strlen(path), err);
    if (file->path == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_h5_disk_new(rf_h5_disk **out, int fd, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5_disk *disk = NULL;
    RF_ZERO(disk, 1, err);
    disk->fd = fd;
    *out = disk;
done:
    if (st < 0 && fd >= 0)
        close(fd);
    return st;
}

void rf_h5_disk_free(rf_h5_disk *disk)
{
    if (disk != NULL && disk->fd >= 0)
        close(disk->fd);
    if (disk != NULL) {
        rf_seal_free(disk->seal);
        rf_mem_free(disk->block);
    }
    rf_mem_free(disk);
}

/* From here on the file does not change. */
static rf_status begin_reading(rf_h5_disk *disk, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    if (!trusted)
        RF_TRY(rf_seal_load(&disk->seal, disk, path, err));
    disk->size = disk->seal != NULL ? disk->seal->size : rf_h5_disk_size(disk);
    disk->held = UINT64_MAX;
    RF_NEW(disk->block, RF_SEAL_BLOCK, err);
done:
    return st;
}

/* Opens a path for reading, and says why if it cannot be read at all. */
static rf_status open_disk(rf_h5_disk **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: it is not a regular file", path);
    }
    RF_TRY(rf_h5_disk_new(out, fd, err));
done:
    return st;
}

static rf_status open_as(rf_h5 *file, const char *path, unsigned flags, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5";
    hid_t fapl = rf_h5_access(file->disk, path);
    if (fapl < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be set up");
    file->id = H5Fopen(path, flags, fapl);
    if (file->id < 0)
        H5_FAIL(RF_E_FORMAT, "file is damaged or truncated");
done:
    close_properties(fapl);
    H5Eclear2(H5E_DEFAULT);
    return st;
}

rf_status rf_h5_open(rf_h5 **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(new_file(&file, path, err));
    RF_TRY(open_disk(&file->disk, path, err));
    RF_TRY(begin_reading(file->disk, path, err));
    RF_TRY(rf_h5_scan_file(&file->facts, file->disk, path, err));
    RF_TRY(open_as(file, file->path, H5F_ACC_RDONLY, err));
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

/* A file object with an empty temporary file (NULL: under a name of its own choice), not yet HDF5's. */
static rf_status new_beside(rf_h5 **out, const char *path, const char *temporary, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    struct stat info;
    int fd = -1;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: it is not a regular file", path);
    RF_TRY(new_file(&file, path, err));
    if (temporary == NULL)
        RF_TRY(rf_beside_make(&file->beside, &fd, path, err));
    else
        RF_TRY(rf_beside_make_as(&file->beside, &fd, path, temporary, err));
    RF_TRY(rf_h5_disk_new(&file->disk, fd, err));
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_h5_create_as(rf_h5 **out, const char *path, const char *temporary, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5 file";
    rf_h5 *file = NULL;
    RF_TRY(new_beside(&file, path, temporary, err));
    file->id = rf_h5_create_untimed(file->beside.temporary, file->disk);
    if (file->id < 0)
        H5_FAIL(RF_E_IO, "cannot be created");
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

static rf_status copy_bytes(rf_h5 *to, rf_h5 *from, rf_err *err)
{
    rf_status st = RF_OK;
    char *buffer = NULL;
    uint64_t left = rf_h5_disk_size(from->disk);
    RF_NEW(buffer, COPY_BYTES, err);
    for (uint64_t at = 0; left > 0;) {
        size_t n = left < COPY_BYTES ? (size_t)left : COPY_BYTES;
        if (rf_h5_disk_read(from->disk, at, n, buffer) < 0)
            RF_TRY(rf_h5_check_disk(from, err));
        rf_h5_disk_write(to->disk, at, n, buffer);
        RF_TRY(rf_h5_check_disk(to, err));
        at += n;
        left -= n;
    }
done:
    rf_mem_free(buffer);
    return st;
}

rf_status rf_h5_update(rf_h5 **out, rf_h5 *from, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(new_beside(&file, from->path, NULL, err));
    RF_TRY(copy_bytes(file, from, err));
    file->facts = from->facts;
    RF_TRY(open_as(file, file->beside.temporary, from->facts.dense ? H5F_ACC_RDONLY : H5F_ACC_RDWR, err));
    if (from->facts.dense)
        RF_TRY(rf_h5_repack(file, err));
    file->facts.dense = false;
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_h5_update_beside(rf_h5 **out, const char *path, rf_err *err)
{
    rf_h5 *from = NULL;
    rf_status st = rf_h5_open(&from, path, err);
    if (st >= 0)
        st = rf_h5_update(out, from, err);
    rf_h5_close(&from);
    return st;
}

void rf_h5_close(rf_h5 **file)
{
    if (file == NULL || *file == NULL)
        return;
    rf_h5 *f = *file;
    rf_h5_lending_end(f);
    if (f->id >= 0)
        H5Fclose(f->id);
    H5Eclear2(H5E_DEFAULT);
    rf_beside_drop(&f->beside);
    rf_h5_disk_free(f->disk);
    rf_mem_free(f->path);
    rf_mem_free(f);
    *file = NULL;
}

void rf_h5_use_threads(rf_h5 *file, rf_pool *pool)
{
    file->disk->pool = pool;
}

rf_pool *rf_h5_threads(const rf_h5 *file)
{
    return file->disk->pool;
}

const char *rf_h5_path(const rf_h5 *file)
{
    return file->path;
}

int64_t rf_h5_size(const rf_h5 *file)
{
    return (int64_t)rf_h5_disk_size(file->disk);
}

bool rf_h5_is_sealed(const rf_h5 *file)
{
    return file->disk->seal != NULL;
}

bool rf_h5_is_dense(const rf_h5 *file)
{
    return file->facts.dense;
}

/* ---- commit ---- */

void rf_h5_forget_history(rf_h5 *file)
{
    file->removed = true;
}

void rf_h5_keep_history(rf_h5 *file)
{
    file->removed = false;
}

rf_status rf_h5_commit_guarded(rf_h5 *file, const rf_publish_guard *guard, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5 file";
    assert(file->beside.temporary != NULL);
    rf_h5_lending_end(file);
    if (file->removed)
        RF_TRY(rf_h5_repack(file, err));
    if (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0 || file->disk->error != 0)
        H5_FAIL(RF_E_IO, "cannot be written");
    herr_t closed = H5Fclose(file->id);
    file->id = H5I_INVALID_HID;
    if (closed < 0)
        H5_FAIL(RF_E_IO, "cannot be closed");
    RF_TRY(rf_h5_check_disk(file, err));
    RF_TRY(rf_seal_add(file->disk, err));
    RF_TRY(rf_h5_check_disk(file, err));
    RF_TRY(rf_beside_publish(&file->beside, guard, err));
done:
    return st;
}

rf_status rf_h5_commit(rf_h5 *file, rf_err *err)
{
    return rf_h5_commit_guarded(file, NULL, err);
}

bool rf_h5_same(const rf_h5 *a, const rf_h5 *b)
{
    struct stat one, other;
    return fstat(a->disk->fd, &one) == 0 && fstat(b->disk->fd, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static rf_status check_in_place(const rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat now, read;
    if (stat(file->path, &now) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be replaced: %s", file->path, strerror(errno));
    if (fstat(file->disk->fd, &read) != 0 || now.st_dev != read.st_dev || now.st_ino != read.st_ino)
        RF_FAIL(err, RF_E_IO,
                "%s: another file took its place while it was worked on; that one is unchanged: run the same "
                "command again",
                file->path);
done:
    return st;
}

rf_status rf_h5_commit_over(rf_h5 **old, rf_h5 **file, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(check_in_place(*old, err));
    RF_TRY(rf_h5_commit(*file, err));
    RF_TRY(begin_reading((*file)->disk, (*file)->path, err));
    RF_TRY(open_as(*file, (*file)->path, H5F_ACC_RDONLY, err));
    rf_h5_close(old);
    *old = *file;
    *file = NULL;
done:
    return st;
}

/* ---- format ---- */

/* Once for each of the last few files of a process. */
static void note_unsealed(const rf_h5 *file)
{
    static ino_t noted[8];
    static size_t n;
    struct stat info;
    if (file->disk->seal != NULL || file->beside.temporary != NULL || trusted ||
        fstat(file->disk->fd, &info) != 0)
        return;
    for (size_t i = 0; i < sizeof noted / sizeof *noted; i++) {
        if (noted[i] == info.st_ino)
            return;
    }
    noted[n++ % (sizeof noted / sizeof *noted)] = info.st_ino;
    rf_log(RF_LOG_INFO,
           "%s: holds no hashes of its content, because an earlier ringfence or another program wrote it: "
           "damage may go unnoticed; `ringfence upgrade` adds them",
           file->path);
}

rf_status rf_h5_write_format(rf_h5 *file, const char *format, int64_t version, rf_err *err)
{
    rf_status st = RF_OK;
    char moment[RF_TIME_TEXT];
    RF_TRY(rf_h5_write_attr_text(file, "/", "format", format, err));
    RF_TRY(rf_h5_write_attr_int(file, "/", "version", &version, 1, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "created_at", rf_time_format(moment, rf_time_now_us()), err));
done:
    return st;
}

rf_status rf_h5_read_created_at(rf_h5 *file, int64_t *us, rf_err *err)
{
    rf_status st = RF_OK;
    char *text = NULL;
    if (!rf_h5_has_attr(file, "/", "created_at"))
        goto done;
    RF_TRY(rf_h5_read_attr_text(file, "/", "created_at", &text, err));
    if (!rf_time_parse_iso(us, text, strlen(text), NULL))
        RF_FAIL(err, RF_E_FORMAT, "%s: created_at is \"%.40s\", not a time", file->path, text);
done:
    rf_mem_free(text);
    return st;
}

rf_status rf_h5_check_format(rf_h5 *file, const char *format, int64_t version, const char *or_group,
                             rf_err *err)
{
    rf_status st = RF_OK;
    char *found = NULL;
    int64_t found_version;
    note_unsealed(file);
    bool beside = or_group != NULL && rf_h5_exists(file, or_group);
    if (!rf_h5_has_attr(file, "/", "format")) {
        if (beside)
            return RF_OK;
        RF_FAIL(err, RF_E_FORMAT, "%s: is not a %s file: the root attribute \"format\" is missing",
                file->path, format);
    }
    RF_TRY(rf_h5_read_attr_text(file, "/", "format", &found, err));
    if (strcmp(found, format) != 0) {
        if (!beside)
            RF_FAIL(err, RF_E_FORMAT, "%s: is not a %s file: its format is \"%s\"", file->path, format,
                    found);
        goto done;
    }
    RF_TRY(rf_h5_read_attr_int(file, "/", "version", &found_version, 1, err));
    if (found_version != version)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: is a %s file of version %lld, but this ringfence reads version %lld; use the ringfence "
                "that wrote it, or make the file again",
                file->path, format, (long long)found_version, (long long)version);
done:
    rf_mem_free(found);
    return st;
}
