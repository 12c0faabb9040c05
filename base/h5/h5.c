/* h5.c - HDF5 files and the objects in them; h5_data.c, h5_text.c and h5_attr.c fill them.
 *
 * Objects are written without times and contiguous. HDF5 prints nothing: the innermost message of its error
 * stack becomes part of our message. A file that lost objects is rewritten on commit (h5_repack.c). The rooms
 * know the meaning of the datasets.
 */
#include "rf_h5.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h5_int.h"
#include "rf_file.h"
#include "rf_mem.h"
#include "rf_time.h"

#define COPY_BYTES ((size_t)1 << 20)
#define MAX_NAME 1024 /* of an object, with its path */

/* ---- failures ---- */

static herr_t note_first(unsigned n, const H5E_error2_t *entry, void *context)
{
    const char **first = context;
    if (n == 0 && entry->desc != NULL)
        *first = entry->desc;
    return n == 0 ? 1 : 0;
}

/* Fills err with what failed, on which object of which file, and HDF5's innermost reason. */
rf_status rf_h5_fail(const rf_h5 *file, rf_err *err, rf_status code, int line, const char *what,
                     const char *name)
{
    const char *reason = "no reason given";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_first, (void *)&reason);
    (void)rf_err_set(err, code, __FILE__, line, "%s: %s %s: %s", file->path, name, what, reason);
    H5Eclear2(H5E_DEFAULT);
    return code;
}

/* ---- opening and closing ---- */

static hid_t access_properties(void)
{
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    if (fapl < 0)
        return fapl;
    /* no locks: they fail on read-only and network file systems, and a committed file never changes */
    if (H5Pset_libver_bounds(fapl, H5F_LIBVER_V18, H5F_LIBVER_V18) < 0 ||
        H5Pset_file_locking(fapl, false, true) < 0 || H5Pset_fclose_degree(fapl, H5F_CLOSE_STRONG) < 0) {
        H5Pclose(fapl);
        return H5I_INVALID_HID;
    }
    return fapl;
}

static rf_status new_file(rf_h5 **out, const char *path, rf_err *err)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    rf_h5 *file = rf_mem_zero(1, sizeof *file, err);
    if (file == NULL)
        return RF_E_NOMEM;
    file->id = H5I_INVALID_HID;
    file->path = rf_mem_text(path, strlen(path), err);
    if (file->path == NULL) {
        rf_mem_free(file);
        return RF_E_NOMEM;
    }
    *out = file;
    return RF_OK;
}

/* Files whose addresses or lengths are not of 8 bytes are legal, but nobody writes them. */
static bool usual_sizes(hid_t id)
{
    size_t address = 0, length = 0;
    hid_t fcpl = H5Fget_create_plist(id);
    bool usual = fcpl >= 0 && H5Pget_sizes(fcpl, &address, &length) >= 0 && address == 8 && length == 8;
    close_properties(fcpl);
    return usual;
}

static rf_status open_as(rf_h5 *file, const char *path, unsigned flags, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5";
    hid_t fapl = access_properties();
    if (fapl < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be set up");
    file->id = H5Fopen(path, flags, fapl);
    if (file->id < 0) {
        htri_t is_hdf5 = H5Fis_hdf5(path);
        if (is_hdf5 <= 0)
            RF_FAIL(err, RF_E_FORMAT, "%s: is no HDF5 file; give a file that ringfence wrote", file->path);
        H5_FAIL(RF_E_FORMAT, "file is damaged or truncated");
    }
    if (!usual_sizes(file->id))
        RF_FAIL(err, RF_E_FORMAT, "%s: the HDF5 file has addresses of an unusual size", file->path);
done:
    close_properties(fapl);
    H5Eclear2(H5E_DEFAULT);
    return st;
}

/* Says why a path cannot be read at all. */
static rf_status check_readable(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    bool regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    close(fd);
    if (!regular)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: it is no regular file", path);
done:
    return st;
}

rf_status rf_h5_open(rf_h5 **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(check_readable(path, err));
    RF_TRY(new_file(&file, path, err));
    RF_TRY(open_as(file, path, H5F_ACC_RDONLY, err));
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

hid_t rf_h5_create_untimed(const char *path)
{
    hid_t fapl = access_properties(), fcpl = H5Pcreate(H5P_FILE_CREATE), id = H5I_INVALID_HID;
    if (fapl >= 0 && fcpl >= 0 && H5Pset_obj_track_times(fcpl, false) >= 0)
        id = H5Fcreate(path, H5F_ACC_TRUNC, fcpl, fapl);
    close_properties(fcpl);
    close_properties(fapl);
    return id;
}

hid_t rf_h5_untimed_group(void)
{
    hid_t untimed = H5Pcreate(H5P_GROUP_CREATE);
    if (untimed >= 0 && (H5Pset_obj_track_times(untimed, false) < 0 ||
                         H5Pset_attr_phase_change(untimed, RF_H5_COMPACT_ATTRIBUTES, 0) < 0)) {
        H5Pclose(untimed);
        untimed = H5I_INVALID_HID;
    }
    return untimed;
}

static rf_status check_target(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: it is no regular file", path);
done:
    return st;
}

/* A file object with its temporary name (NULL: the usual one), not yet open. */
static rf_status new_beside(rf_h5 **out, const char *path, const char *temporary, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(check_target(path, err));
    RF_TRY(new_file(&file, path, err));
    if (temporary == NULL)
        rf_path_clean_beside(path);
    file->temporary =
        temporary == NULL ? rf_path_beside(path, err) : rf_mem_text(temporary, strlen(temporary), err);
    if (file->temporary == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

/* HDF5 does not say why the system refused: an open of our own does, and leaves the empty file to it. */
static rf_status check_writable(const rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    int fd = open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", file->path, strerror(errno));
    close(fd);
done:
    return st;
}

rf_status rf_h5_create_as(rf_h5 **out, const char *path, const char *temporary, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5 file";
    rf_h5 *file = NULL;
    RF_TRY(new_beside(&file, path, temporary, err));
    RF_TRY(check_writable(file, err));
    file->id = rf_h5_create_untimed(file->temporary);
    if (file->id < 0)
        H5_FAIL(RF_E_IO, "cannot be created");
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_h5_create_beside(rf_h5 **out, const char *path, rf_err *err)
{
    return rf_h5_create_as(out, path, NULL, err);
}

static rf_status copy_bytes(int from, int to, const rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    char *buffer = rf_mem_new(COPY_BYTES, 1, err);
    if (buffer == NULL)
        return RF_E_NOMEM;
    for (;;) {
        ssize_t n = read(from, buffer, COPY_BYTES);
        if (n < 0)
            RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", file->path, strerror(errno));
        if (n == 0)
            break;
        for (ssize_t done_bytes = 0; done_bytes < n;) {
            ssize_t written = write(to, buffer + done_bytes, (size_t)(n - done_bytes));
            if (written < 0)
                RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", file->temporary, strerror(errno));
            done_bytes += written;
        }
    }
done:
    rf_mem_free(buffer);
    return st;
}

rf_status rf_h5_update_beside(rf_h5 **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    int from = -1, to = -1;
    RF_TRY(check_readable(path, err));
    RF_TRY(new_beside(&file, path, NULL, err));
    from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    to = open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (to < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", path, strerror(errno));
    RF_TRY(copy_bytes(from, to, file, err));
    RF_TRY(open_as(file, file->temporary, H5F_ACC_RDWR, err));
    *out = file;
    file = NULL;
done:
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    rf_h5_close(&file);
    return st;
}

void rf_h5_close(rf_h5 **file)
{
    if (file == NULL || *file == NULL)
        return;
    rf_h5 *f = *file;
    if (f->id >= 0)
        H5Fclose(f->id);
    H5Eclear2(H5E_DEFAULT);
    if (f->temporary != NULL) {
        unlink(f->temporary);
        rf_mem_free(f->temporary);
    }
    rf_mem_free(f->path);
    rf_mem_free(f);
    *file = NULL;
}

const char *rf_h5_path(const rf_h5 *file)
{
    return file->path;
}

/* ---- commit ---- */

void rf_h5_forget_history(rf_h5 *file)
{
    file->removed = true;
}

rf_status rf_h5_commit_guarded(rf_h5 *file, const rf_publish_guard *guard, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5 file";
    assert(file->temporary != NULL);
    if (file->removed)
        RF_TRY(rf_h5_repack(file, err));
    if (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0)
        H5_FAIL(RF_E_IO, "cannot be written; is the disk full?");
    herr_t closed = H5Fclose(file->id);
    file->id = H5I_INVALID_HID;
    if (closed < 0)
        H5_FAIL(RF_E_IO, "cannot be closed; is the disk full?");
    RF_TRY(rf_path_publish_guarded(file->temporary, file->path, guard, err));
    rf_mem_free(file->temporary);
    file->temporary = NULL;
done:
    return st;
}

rf_status rf_h5_commit(rf_h5 *file, rf_err *err)
{
    return rf_h5_commit_guarded(file, NULL, err);
}

/* ---- format ---- */

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

rf_status rf_h5_check_format(rf_h5 *file, const char *format, int64_t version, const char *or_group,
                             rf_err *err)
{
    rf_status st = RF_OK;
    char *found = NULL;
    int64_t found_version;
    bool beside = or_group != NULL && rf_h5_exists(file, or_group);
    if (!rf_h5_has_attr(file, "/", "format")) {
        if (beside)
            return RF_OK;
        RF_FAIL(err, RF_E_FORMAT, "%s: is no %s file: the root attribute \"format\" is missing", file->path,
                format);
    }
    RF_TRY(rf_h5_read_attr_text(file, "/", "format", &found, err));
    if (strcmp(found, format) != 0) {
        if (!beside)
            RF_FAIL(err, RF_E_FORMAT, "%s: is no %s file: its format is \"%s\"", file->path, format, found);
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

/* ---- objects ---- */

/* Every part of the path must be linked, and the last link must lead to an object. */
bool rf_h5_exists(rf_h5 *file, const char *name)
{
    char part[MAX_NAME];
    size_t len = strlen(name);
    bool found = len < sizeof part;
    if (strcmp(name, "/") == 0)
        return true;
    for (size_t i = 1; found && i <= len; i++) {
        if (name[i] != '/' && name[i] != '\0')
            continue;
        memcpy(part, name, i);
        part[i] = '\0';
        found =
            H5Lexists(file->id, part, H5P_DEFAULT) > 0 && H5Oexists_by_name(file->id, part, H5P_DEFAULT) > 0;
    }
    H5Eclear2(H5E_DEFAULT);
    return found;
}

rf_status rf_h5_remove(rf_h5 *file, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_h5_exists(file, name))
        return RF_OK;
    if (H5Ldelete(file->id, name, H5P_DEFAULT) < 0)
        H5_FAIL(RF_E_IO, "cannot be removed");
    file->removed = true;
done:
    return st;
}

rf_status rf_h5_make_groups(rf_h5 *file, const char *name, bool itself, rf_err *err)
{
    rf_status st = RF_OK;
    char part[MAX_NAME];
    hid_t untimed = rf_h5_untimed_group();
    size_t len = strlen(name);
    if (len >= sizeof part || untimed < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be named");
    for (size_t i = 1; i <= len; i++) {
        if (name[i] != '/' && !(itself && name[i] == '\0'))
            continue;
        memcpy(part, name, i);
        part[i] = '\0';
        if (H5Lexists(file->id, part, H5P_DEFAULT) > 0)
            continue;
        hid_t group = H5Gcreate2(file->id, part, H5P_DEFAULT, untimed, H5P_DEFAULT);
        if (group < 0)
            H5_FAIL(RF_E_IO, "cannot be written: a group above it cannot be made");
        H5Gclose(group);
    }
done:
    close_properties(untimed);
    return st;
}

rf_status rf_h5_shape_of(const rf_h5 *file, hid_t dataset, const char *name, int *rank,
                         int64_t dims[RF_H5_MAX_RANK], rf_err *err)
{
    rf_status st = RF_OK;
    hsize_t sizes[H5S_MAX_RANK];
    hid_t space = H5Dget_space(dataset);
    int n = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (n < 0 || H5Sget_simple_extent_dims(space, sizes, NULL) < 0)
        H5_FAIL(RF_E_FORMAT, "has no readable shape");
    if (n > RF_H5_MAX_RANK)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has %d dimensions, more than %d", file->path, name, n,
                RF_H5_MAX_RANK);
    size_t total = 1;
    for (int i = 0; i < n; i++) {
        if (sizes[i] > INT64_MAX / 16 || !rf_mul_size(&total, total, (size_t)sizes[i]) ||
            total > INT64_MAX / 16)
            RF_FAIL(err, RF_E_FORMAT, "%s: %s claims to be larger than any memory", file->path, name);
    }
    *rank = n;
    for (int i = 0; i < RF_H5_MAX_RANK; i++)
        dims[i] = i < n ? (int64_t)sizes[i] : 1;
done:
    close_space(space);
    return st;
}

rf_status rf_h5_open_dataset(hid_t *out, rf_h5 *file, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_h5_exists(file, name))
        RF_FAIL(err, RF_E_FORMAT, "%s: the dataset %s is missing", file->path, name);
    *out = H5Dopen2(file->id, name, H5P_DEFAULT);
    if (*out < 0)
        H5_FAIL(RF_E_FORMAT, "is no readable dataset");
done:
    return st;
}

rf_status rf_h5_shape(rf_h5 *file, const char *name, int *rank, int64_t dims[4], rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID;
    RF_TRY(rf_h5_open_dataset(&dataset, file, name, err));
    RF_TRY(rf_h5_shape_of(file, dataset, name, rank, dims, err));
done:
    close_object(dataset);
    return st;
}

/* ---- visiting ---- */

/* "float32", "int64", "string" … of a dataset. */
static void name_type(char out[16], hid_t dataset)
{
    hid_t type = H5Dget_type(dataset);
    H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    int bits = type < 0 ? 0 : (int)(H5Tget_size(type) * 8);
    if (class == H5T_FLOAT)
        snprintf(out, 16, "float%d", bits % 10000);
    else if (class == H5T_INTEGER)
        snprintf(out, 16, "%sint%d", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits % 10000);
    else
        snprintf(out, 16, "%s", class == H5T_STRING ? "string" : class == H5T_ENUM ? "enum" : "other");
    close_type(type);
}

typedef struct visiting {
    rf_h5 *file;
    const char *from;
    rf_status (*visit)(void *context, const char *name, int rank, const int64_t *dims, const char *type_name,
                       rf_err *err);
    void *context;
    rf_status status;
    rf_err *err;
} visiting;

static rf_status visit_one(visiting *v, const char *name, H5O_type_t kind)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID;
    int rank = -1;
    int64_t dims[RF_H5_MAX_RANK] = {0};
    char type_name[16] = "group";
    if (kind == H5O_TYPE_DATASET) {
        RF_TRY(rf_h5_open_dataset(&dataset, v->file, name, v->err));
        RF_TRY(rf_h5_shape_of(v->file, dataset, name, &rank, dims, v->err));
        name_type(type_name, dataset);
    }
    RF_TRY(v->visit(v->context, name, rank, dims, type_name, v->err));
done:
    close_object(dataset);
    return st;
}

static herr_t visit_object(hid_t object, const char *name, const H5O_info_t *info, void *context)
{
    (void)object;
    visiting *v = context;
    char full[MAX_NAME * 2];
    if (strcmp(name, ".") == 0 || (info->type != H5O_TYPE_DATASET && info->type != H5O_TYPE_GROUP))
        return 0;
    int n = snprintf(full, sizeof full, "%s/%s", strcmp(v->from, "/") == 0 ? "" : v->from, name);
    if (n < 0 || (size_t)n >= sizeof full)
        return 0;
    v->status = visit_one(v, full, info->type);
    return v->status < 0 ? -1 : 0;
}

rf_status rf_h5_visit(rf_h5 *file, const char *from,
                      rf_status (*visit)(void *context, const char *name, int rank, const int64_t *dims,
                                         const char *type_name, rf_err *err),
                      void *context, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = from;
    visiting v = {file, from, visit, context, RF_OK, err};
    herr_t result = H5Ovisit_by_name2(file->id, from, H5_INDEX_NAME, H5_ITER_INC, visit_object, &v,
                                      H5O_INFO_BASIC, H5P_DEFAULT);
    if (v.status < 0)
        st = v.status;
    else if (result < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be walked through");
done:
    H5Eclear2(H5E_DEFAULT);
    return st;
}
