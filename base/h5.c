/* h5.c - HDF5 files; the only file that includes hdf5.h.
 *
 * Objects are written without times and contiguous. HDF5 prints nothing: the innermost message of its error
 * stack becomes part of ours. A file that lost objects is written anew on commit, object by object in name
 * order, so that its bytes tell nothing of its history. Leaves the meaning of the datasets to the rooms.
 */
#include "rf_h5.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h5_heap.h"
#include "rf_file.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "rf_time.h"

/* More attributes than any object here has: beyond that HDF5 stores them apart, and H5Ocopy (1.10.8) then
 * crashes on texts among them. */
#define COMPACT_ATTRIBUTES 256
#define TEXT_BLOCK 4096 /* strings written or read at a time */
#define MAX_RANK 4
#define COPY_BYTES ((size_t)1 << 20)
#define MAX_NAME 1024 /* of an object, with its path */

struct rf_h5 {
    hid_t id;
    char *path;
    char *temporary; /* NULL when read-only or committed */
    bool removed;    /* objects were removed: the file holds dead space */
};

/* ---- failures ---- */

static herr_t note_first(unsigned n, const H5E_error2_t *entry, void *context)
{
    const char **first = context;
    if (n == 0 && entry->desc != NULL)
        *first = entry->desc;
    return n == 0 ? 1 : 0;
}

/* Fills err with what failed, on which object of which file, and HDF5's innermost reason. */
static rf_status fail(const rf_h5 *file, rf_err *err, rf_status code, int line, const char *what,
                      const char *name)
{
    const char *reason = "no reason given";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_first, (void *)&reason);
    (void)rf_err_set(err, code, __FILE__, line, "%s: %s %s: %s", file->path, name, what, reason);
    H5Eclear2(H5E_DEFAULT);
    return code;
}

#define H5_FAIL(code, what)                                                                                  \
    do {                                                                                                     \
        st = fail(file, err, (code), __LINE__, (what), name);                                                \
        goto done;                                                                                           \
    } while (0)

static void close_object(hid_t id)
{
    if (id >= 0)
        H5Oclose(id);
}

static void close_space(hid_t id)
{
    if (id >= 0)
        H5Sclose(id);
}

static void close_type(hid_t id)
{
    if (id >= 0)
        H5Tclose(id);
}

static void close_properties(hid_t id)
{
    if (id >= 0)
        H5Pclose(id);
}

static void close_attribute(hid_t id)
{
    if (id >= 0)
        H5Aclose(id);
}

/* ---- types ---- */

static hid_t memory_type(rf_h5_type type)
{
    switch (type) {
    case RF_H5_F32:
        return H5T_NATIVE_FLOAT;
    case RF_H5_F64:
        return H5T_NATIVE_DOUBLE;
    case RF_H5_U8:
        return H5T_NATIVE_UINT8;
    case RF_H5_I8:
        return H5T_NATIVE_INT8;
    case RF_H5_U16:
        return H5T_NATIVE_UINT16;
    case RF_H5_I32:
        return H5T_NATIVE_INT32;
    case RF_H5_U32:
        return H5T_NATIVE_UINT32;
    case RF_H5_I64:
        return H5T_NATIVE_INT64;
    case RF_H5_U64:
        return H5T_NATIVE_UINT64;
    }
    return H5I_INVALID_HID;
}

/* Files are little-endian on every machine. */
static hid_t file_type(rf_h5_type type)
{
    switch (type) {
    case RF_H5_F32:
        return H5T_IEEE_F32LE;
    case RF_H5_F64:
        return H5T_IEEE_F64LE;
    case RF_H5_U8:
        return H5T_STD_U8LE;
    case RF_H5_I8:
        return H5T_STD_I8LE;
    case RF_H5_U16:
        return H5T_STD_U16LE;
    case RF_H5_I32:
        return H5T_STD_I32LE;
    case RF_H5_U32:
        return H5T_STD_U32LE;
    case RF_H5_I64:
        return H5T_STD_I64LE;
    case RF_H5_U64:
        return H5T_STD_U64LE;
    }
    return H5I_INVALID_HID;
}

size_t rf_h5_type_size(rf_h5_type type)
{
    switch (type) {
    case RF_H5_U8:
    case RF_H5_I8:
        return 1;
    case RF_H5_U16:
        return 2;
    case RF_H5_F32:
    case RF_H5_I32:
    case RF_H5_U32:
        return 4;
    case RF_H5_F64:
    case RF_H5_I64:
    case RF_H5_U64:
        return 8;
    }
    return 0;
}

/* UTF-8 text of variable length, or of `size` bytes. */
static hid_t text_type(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 && (H5Tset_size(type, size) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
        H5Tclose(type);
        type = H5I_INVALID_HID;
    }
    return type;
}

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

static hid_t create_untimed(const char *path)
{
    hid_t fapl = access_properties(), fcpl = H5Pcreate(H5P_FILE_CREATE), id = H5I_INVALID_HID;
    if (fapl >= 0 && fcpl >= 0 && H5Pset_obj_track_times(fcpl, false) >= 0)
        id = H5Fcreate(path, H5F_ACC_TRUNC, fcpl, fapl);
    close_properties(fcpl);
    close_properties(fapl);
    return id;
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

/* A file object with its temporary name, not yet open. */
static rf_status new_beside(rf_h5 **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(check_target(path, err));
    RF_TRY(new_file(&file, path, err));
    file->temporary = rf_path_beside(path, err);
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

rf_status rf_h5_create_beside(rf_h5 **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5 file";
    rf_h5 *file = NULL;
    RF_TRY(new_beside(&file, path, err));
    RF_TRY(check_writable(file, err));
    file->id = create_untimed(file->temporary);
    if (file->id < 0)
        H5_FAIL(RF_E_IO, "cannot be created");
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
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
    RF_TRY(new_beside(&file, path, err));
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

typedef struct copying {
    hid_t to;
    hid_t properties;
    rf_status status; /* what memory said */
    rf_err *err;
} copying;

static herr_t copy_member(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)info;
    const copying *c = context;
    return H5Ocopy(group, name, c->to, name, c->properties, H5P_DEFAULT);
}

static herr_t copy_attribute(hid_t root, const char *name, const H5A_info_t *info, void *context)
{
    (void)info;
    copying *c = context;
    hid_t from = H5Aopen(root, name, H5P_DEFAULT), type = H5Aget_type(from), space = H5Aget_space(from);
    hid_t to = H5Acreate2(c->to, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    hssize_t n = H5Sget_simple_extent_npoints(space);
    size_t bytes = 0;
    char *buffer = NULL;
    herr_t result = -1;
    if (to >= 0 && n >= 0 && rf_mul_size(&bytes, (size_t)n, H5Tget_size(type)))
        buffer = rf_mem_zero(bytes, 1, c->err);
    if (buffer == NULL)
        c->status = RF_E_NOMEM;
    if (buffer != NULL && H5Aread(from, type, buffer) >= 0) {
        result = H5Awrite(to, type, buffer);
        if (H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tis_variable_str(type) > 0)
            H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
    }
    rf_mem_free(buffer);
    close_attribute(to);
    close_attribute(from);
    close_space(space);
    close_type(type);
    return result;
}

/* Writes everything that is still linked into a second temporary and goes on with that one. */
static rf_status repack(rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5 file";
    copying c = {H5I_INVALID_HID, H5I_INVALID_HID, RF_OK, err};
    char *second = rf_path_beside(file->temporary, err);
    if (second == NULL)
        return RF_E_NOMEM;
    c.to = create_untimed(second);
    c.properties = H5Pcreate(H5P_OBJECT_COPY);
    if (c.to < 0 || c.properties < 0)
        H5_FAIL(RF_E_IO, "cannot be created anew");
    hsize_t at = 0;
    if (H5Aiterate2(file->id, H5_INDEX_NAME, H5_ITER_INC, &at, copy_attribute, &c) < 0) {
        RF_TRY(c.status);
        H5_FAIL(RF_E_IO, "cannot be written anew (attributes)");
    }
    at = 0;
    if (H5Literate(file->id, H5_INDEX_NAME, H5_ITER_INC, &at, copy_member, &c) < 0)
        H5_FAIL(RF_E_IO, "cannot be written anew");
    H5Fclose(file->id);
    file->id = c.to;
    c.to = H5I_INVALID_HID;
    if (rename(second, file->temporary) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be renamed: %s", second, strerror(errno));
done:
    if (c.to >= 0)
        H5Fclose(c.to);
    close_properties(c.properties);
    if (st < 0)
        unlink(second);
    rf_mem_free(second);
    return st;
}

rf_status rf_h5_commit(rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5 file";
    assert(file->temporary != NULL);
    if (file->removed)
        RF_TRY(repack(file, err));
    if (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0)
        H5_FAIL(RF_E_IO, "cannot be written; is the disk full?");
    herr_t closed = H5Fclose(file->id);
    file->id = H5I_INVALID_HID;
    if (closed < 0)
        H5_FAIL(RF_E_IO, "cannot be closed; is the disk full?");
    RF_TRY(rf_path_publish(file->temporary, file->path, err));
    rf_mem_free(file->temporary);
    file->temporary = NULL;
done:
    return st;
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

/* Makes the groups above name, and name itself when `itself`. */
static rf_status make_groups(rf_h5 *file, const char *name, bool itself, rf_err *err)
{
    rf_status st = RF_OK;
    char part[MAX_NAME];
    hid_t untimed = H5Pcreate(H5P_GROUP_CREATE);
    size_t len = strlen(name);
    if (len >= sizeof part || untimed < 0 || H5Pset_obj_track_times(untimed, false) < 0 ||
        H5Pset_attr_phase_change(untimed, COMPACT_ATTRIBUTES, 0) < 0)
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

static rf_status shape_of(const rf_h5 *file, hid_t dataset, const char *name, int *rank,
                          int64_t dims[MAX_RANK], rf_err *err)
{
    rf_status st = RF_OK;
    hsize_t sizes[H5S_MAX_RANK];
    hid_t space = H5Dget_space(dataset);
    int n = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (n < 0 || H5Sget_simple_extent_dims(space, sizes, NULL) < 0)
        H5_FAIL(RF_E_FORMAT, "has no readable shape");
    if (n > MAX_RANK)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has %d dimensions, more than %d", file->path, name, n, MAX_RANK);
    size_t total = 1;
    for (int i = 0; i < n; i++) {
        if (sizes[i] > INT64_MAX / 16 || !rf_mul_size(&total, total, (size_t)sizes[i]) ||
            total > INT64_MAX / 16)
            RF_FAIL(err, RF_E_FORMAT, "%s: %s claims to be larger than any memory", file->path, name);
    }
    *rank = n;
    for (int i = 0; i < MAX_RANK; i++)
        dims[i] = i < n ? (int64_t)sizes[i] : 1;
done:
    close_space(space);
    return st;
}

static rf_status open_dataset(hid_t *out, rf_h5 *file, const char *name, rf_err *err)
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
    RF_TRY(open_dataset(&dataset, file, name, err));
    RF_TRY(shape_of(file, dataset, name, rank, dims, err));
done:
    close_object(dataset);
    return st;
}

/* ---- visiting ---- */

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
    int64_t dims[MAX_RANK] = {0};
    char type_name[16] = "group";
    if (kind == H5O_TYPE_DATASET) {
        RF_TRY(open_dataset(&dataset, v->file, name, v->err));
        RF_TRY(shape_of(v->file, dataset, name, &rank, dims, v->err));
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

/* ---- datasets: writing ---- */

static rf_status create_dataset(hid_t *out, rf_h5 *file, const char *name, hid_t type, int rank,
                                const int64_t *dims, rf_err *err)
{
    rf_status st = RF_OK;
    hsize_t sizes[MAX_RANK];
    hid_t space = H5I_INVALID_HID, dcpl = H5I_INVALID_HID;
    assert(rank >= 0 && rank <= MAX_RANK);
    for (int i = 0; i < rank; i++)
        sizes[i] = (hsize_t)dims[i];
    RF_TRY(make_groups(file, name, false, err));
    RF_TRY(rf_h5_remove(file, name, err));
    space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, sizes, NULL);
    dcpl = H5Pcreate(H5P_DATASET_CREATE);
    if (space < 0 || dcpl < 0 || H5Pset_obj_track_times(dcpl, false) < 0 ||
        H5Pset_attr_phase_change(dcpl, COMPACT_ATTRIBUTES, 0) < 0 || H5Pset_layout(dcpl, H5D_CONTIGUOUS) < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be described");
    *out = H5Dcreate2(file->id, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    if (*out < 0)
        H5_FAIL(RF_E_IO, "cannot be created");
done:
    close_properties(dcpl);
    close_space(space);
    return st;
}

rf_status rf_h5_write(rf_h5 *file, const char *name, rf_h5_type type, int rank, const int64_t *dims,
                      const void *data, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID;
    RF_TRY(create_dataset(&dataset, file, name, file_type(type), rank, dims, err));
    int64_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= dims[i];
    if (n > 0 && H5Dwrite(dataset, memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
        H5_FAIL(RF_E_IO, "cannot be written; is the disk full?");
done:
    close_object(dataset);
    return st;
}

rf_status rf_h5_write_begin(rf_h5 *file, const char *name, rf_h5_type type, int rank, const int64_t *dims,
                            rf_err *err)
{
    hid_t dataset = H5I_INVALID_HID;
    rf_status st = create_dataset(&dataset, file, name, file_type(type), rank, dims, err);
    close_object(dataset);
    return st;
}

/* Spaces that select rows [from, from + n) in the file and n whole rows in memory. */
static rf_status select_rows(hid_t *in_file, hid_t *in_memory, const rf_h5 *file, hid_t dataset,
                             const char *name, int64_t from, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    int rank;
    int64_t dims[MAX_RANK];
    hsize_t start[MAX_RANK] = {0}, count[MAX_RANK];
    RF_TRY(shape_of(file, dataset, name, &rank, dims, err));
    if (rank < 1)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has no rows: it is a single value", file->path, name);
    if (from < 0 || n < 0 || from > dims[0] - n)
        RF_FAIL(err, RF_E_FORMAT, "%s: rows %lld to %lld of %s do not exist: it has %lld", file->path,
                (long long)from, (long long)from + n, name, (long long)dims[0]);
    for (int i = 0; i < rank; i++)
        count[i] = (hsize_t)(i == 0 ? n : dims[i]);
    start[0] = (hsize_t)from;
    *in_file = H5Dget_space(dataset);
    *in_memory = H5Screate_simple(rank, count, NULL);
    if (*in_file < 0 || *in_memory < 0 ||
        H5Sselect_hyperslab(*in_file, H5S_SELECT_SET, start, NULL, count, NULL) < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be selected from");
done:
    return st;
}

rf_status rf_h5_write_rows(rf_h5 *file, const char *name, rf_h5_type type, int64_t from, int64_t n,
                           const void *data, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID, in_file = H5I_INVALID_HID, in_memory = H5I_INVALID_HID;
    RF_TRY(open_dataset(&dataset, file, name, err));
    RF_TRY(select_rows(&in_file, &in_memory, file, dataset, name, from, n, err));
    if (n > 0 && H5Dwrite(dataset, memory_type(type), in_memory, in_file, H5P_DEFAULT, data) < 0)
        H5_FAIL(RF_E_IO, "cannot be written; is the disk full?");
done:
    close_space(in_memory);
    close_space(in_file);
    close_object(dataset);
    return st;
}

/* ---- datasets: reading ---- */

/* An integer that does not fit, or a fraction read as an integer, is damage and not to be rounded over. */
static H5T_conv_ret_t refuse_loss(H5T_conv_except_t kind, hid_t from, hid_t to, void *value, void *result,
                                  void *context)
{
    (void)from;
    (void)value;
    (void)result;
    (void)context;
    if (kind == H5T_CONV_EXCEPT_PRECISION || H5Tget_class(to) == H5T_FLOAT)
        return H5T_CONV_UNHANDLED;
    return H5T_CONV_ABORT;
}

static rf_status read_selected(rf_h5 *file, hid_t dataset, const char *name, rf_h5_type type, hid_t in_memory,
                               hid_t in_file, void *data, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t transfer = H5Pcreate(H5P_DATASET_XFER);
    if (transfer < 0 || H5Pset_type_conv_cb(transfer, refuse_loss, NULL) < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be set up for reading");
    if (H5Dread(dataset, memory_type(type), in_memory, in_file, transfer, data) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read (damaged, or numbers of another kind)");
done:
    close_properties(transfer);
    return st;
}

static void print_shape(char out[96], int rank, const int64_t *dims)
{
    size_t at = 0;
    out[at++] = '[';
    for (int i = 0; i < rank; i++)
        at += (size_t)snprintf(out + at, 96 - at, "%s%lld", i > 0 ? ", " : "", (long long)dims[i]);
    out[at++] = ']';
    out[at] = '\0';
}

static rf_status check_shape(const rf_h5 *file, hid_t dataset, const char *name, int rank,
                             const int64_t *dims, rf_err *err)
{
    rf_status st = RF_OK;
    int found;
    int64_t sizes[MAX_RANK];
    RF_TRY(shape_of(file, dataset, name, &found, sizes, err));
    if (found != rank || (rank > 0 && memcmp(sizes, dims, (size_t)rank * sizeof *dims) != 0)) {
        char is[96], should[96];
        print_shape(is, found, sizes);
        print_shape(should, rank, dims);
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has the shape %s, not %s", file->path, name, is, should);
    }
done:
    return st;
}

rf_status rf_h5_read(rf_h5 *file, const char *name, rf_h5_type type, int rank, const int64_t *dims,
                     void *data, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID;
    assert(rank >= 0 && rank <= MAX_RANK);
    RF_TRY(open_dataset(&dataset, file, name, err));
    RF_TRY(check_shape(file, dataset, name, rank, dims, err));
    for (int i = 0; i < rank; i++) {
        if (dims[i] == 0)
            goto done;
    }
    RF_TRY(read_selected(file, dataset, name, type, H5S_ALL, H5S_ALL, data, err));
done:
    close_object(dataset);
    return st;
}

rf_status rf_h5_read_rows(rf_h5 *file, const char *name, rf_h5_type type, int64_t from, int64_t n, void *data,
                          rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID, in_file = H5I_INVALID_HID, in_memory = H5I_INVALID_HID;
    RF_TRY(open_dataset(&dataset, file, name, err));
    RF_TRY(select_rows(&in_file, &in_memory, file, dataset, name, from, n, err));
    if (n > 0)
        RF_TRY(read_selected(file, dataset, name, type, in_memory, in_file, data, err));
done:
    close_space(in_memory);
    close_space(in_file);
    close_object(dataset);
    return st;
}

/* ---- strings: writing ---- */

static rf_status write_text_block(rf_h5 *file, hid_t dataset, const char *name, hid_t type, int64_t from,
                                  int64_t n, const char **block, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t in_file = H5I_INVALID_HID, in_memory = H5I_INVALID_HID;
    RF_TRY(select_rows(&in_file, &in_memory, file, dataset, name, from, n, err));
    if (H5Dwrite(dataset, type, in_memory, in_file, H5P_DEFAULT, block) < 0)
        H5_FAIL(RF_E_IO, "cannot be written; is the disk full?");
done:
    close_space(in_memory);
    close_space(in_file);
    return st;
}

/* Takes `count` texts from the callback, which may use one buffer for all of them. */
static rf_status collect_texts(rf_text *bytes, size_t *at, const char **block, int64_t from, int64_t count,
                               const char *(*text_at)(void *context, int64_t i), void *context, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text_reset(bytes);
    for (int64_t i = 0; i < count; i++) {
        const char *text = text_at(context, from + i);
        at[i] = bytes->len;
        RF_TRY(rf_text_add(bytes, text, strlen(text) + 1, err));
    }
    for (int64_t i = 0; i < count; i++)
        block[i] = bytes->ptr + at[i];
done:
    return st;
}

rf_status rf_h5_write_texts_from(rf_h5 *file, const char *name, int64_t n,
                                 const char *(*text_at)(void *context, int64_t i), void *context, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID, type = H5I_INVALID_HID;
    rf_text bytes = {0};
    const char **block = rf_mem_new(TEXT_BLOCK, sizeof *block, err);
    size_t *at = rf_mem_new(TEXT_BLOCK, sizeof *at, err);
    if (block == NULL || at == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    type = text_type(H5T_VARIABLE);
    if (type < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be described");
    RF_TRY(create_dataset(&dataset, file, name, type, 1, &n, err));
    for (int64_t from = 0; from < n; from += TEXT_BLOCK) {
        int64_t count = n - from < TEXT_BLOCK ? n - from : TEXT_BLOCK;
        RF_TRY(collect_texts(&bytes, at, block, from, count, text_at, context, err));
        RF_TRY(write_text_block(file, dataset, name, type, from, count, block, err));
    }
done:
    close_object(dataset);
    close_type(type);
    rf_text_clear(&bytes);
    rf_mem_free(at);
    rf_mem_free(block);
    return st;
}

static const char *text_of_array(void *context, int64_t i)
{
    const char *const *texts = *(const char *const **)context;
    return texts[i];
}

rf_status rf_h5_write_texts(rf_h5 *file, const char *name, const char *const *texts, int64_t n, rf_err *err)
{
    return rf_h5_write_texts_from(file, name, n, text_of_array, &texts, err);
}

/* ---- strings: reading ----
 *
 * Strings of variable length are references into heaps. HDF5 is asked for the bare references, by way of a
 * conversion to opaque bytes that converts nothing, and h5_heap.c follows them.
 */

static herr_t keep_reference(hid_t from, hid_t to, H5T_cdata_t *data, size_t n, size_t stride,
                             size_t background_stride, void *buffer, void *background, hid_t transfer)
{
    (void)n;
    (void)stride;
    (void)background_stride;
    (void)buffer;
    (void)background;
    (void)transfer;
    if (data->command == H5T_CONV_INIT)
        return H5Tget_size(from) == RF_HEAP_REF && H5Tget_size(to) == RF_HEAP_REF ? 0 : -1;
    return 0;
}

/* Opaque bytes that a variable string of the file can be read as, and the heap behind them. */
static rf_status begin_references(hid_t *type, rf_heap **heap, rf_h5 *file, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    hsize_t base = 0;
    hid_t text = text_type(H5T_VARIABLE), fcpl = H5Fget_create_plist(file->id);
    *type = H5Tcreate(H5T_OPAQUE, RF_HEAP_REF);
    if (text < 0 || *type < 0 || fcpl < 0 || H5Pget_userblock(fcpl, &base) < 0 ||
        H5Tregister(H5T_PERS_SOFT, "ringfence reference", text, *type, keep_reference) < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be read: HDF5 refuses our conversion");
    if (file->temporary != NULL && H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0)
        H5_FAIL(RF_E_IO, "cannot be written; is the disk full?");
    RF_TRY(rf_heap_open(heap, file->temporary != NULL ? file->temporary : file->path, base, err));
done:
    close_properties(fcpl);
    close_type(text);
    return st;
}

static void end_references(hid_t type, rf_heap **heap)
{
    rf_heap_close(heap);
    H5Tunregister(H5T_PERS_SOFT, "ringfence reference", H5I_INVALID_HID, H5I_INVALID_HID, keep_reference);
    H5Eclear2(H5E_DEFAULT);
    close_type(type);
}

typedef struct text_reader {
    rf_heap *heap; /* of variable strings; NULL for fixed ones */
    rf_texts texts;
    size_t used, cap; /* of texts.bytes */
} text_reader;

static rf_status add_text(text_reader *r, const char *text, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    size_t need;
    if (!rf_add_size(&need, r->used, len) || !rf_add_size(&need, need, 1))
        RF_FAIL(err, RF_E_NOMEM, "out of memory: strings of more than SIZE_MAX bytes");
    void *bytes = r->texts.bytes;
    st = rf_mem_reserve(&bytes, &r->cap, need, 1, err);
    r->texts.bytes = bytes;
    RF_TRY(st);
    if (len > 0)
        memcpy(r->texts.bytes + r->used, text, len);
    r->texts.bytes[need - 1] = '\0';
    r->used = need;
    r->texts.at[++r->texts.n] = (int64_t)need;
done:
    return st;
}

/* Length of the text in a field of fixed size: up to the first NUL, without the padding of its kind. */
static size_t fixed_length(const char *field, size_t size, H5T_str_t padding)
{
    const char *nul = memchr(field, '\0', size);
    size_t len = nul == NULL ? size : (size_t)(nul - field);
    while (padding == H5T_STR_SPACEPAD && len > 0 && field[len - 1] == ' ')
        len--;
    return len;
}

/* Reads n strings of the dataset from row `from` on; buffer holds n references or n fixed fields. */
static rf_status read_text_block(text_reader *r, rf_h5 *file, hid_t dataset, const char *name, hid_t type,
                                 int64_t from, int64_t n, char *buffer, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t in_file = H5I_INVALID_HID, in_memory = H5I_INVALID_HID;
    size_t size = H5Tget_size(type);
    RF_TRY(select_rows(&in_file, &in_memory, file, dataset, name, from, n, err));
    memset(buffer, 0, (size_t)n * size);
    if (H5Dread(dataset, type, in_memory, in_file, H5P_DEFAULT, buffer) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read: damaged strings");
    for (int64_t i = 0; i < n; i++) {
        const char *field = buffer + (size_t)i * size;
        size_t len;
        if (r->heap != NULL)
            RF_TRY(
                rf_heap_text(r->heap, (const unsigned char *)buffer + (size_t)i * size, &field, &len, err));
        else
            len = fixed_length(field, size, H5Tget_strpad(type));
        RF_TRY(add_text(r, field, len, err));
    }
done:
    close_space(in_memory);
    close_space(in_file);
    return st;
}

/* The dataset's own string type, for reading it unconverted; fails unless it is a rank-1 string dataset. */
static rf_status open_texts(hid_t *dataset, hid_t *type, int64_t *n, rf_h5 *file, const char *name,
                            rf_err *err)
{
    rf_status st = RF_OK;
    int rank;
    int64_t dims[MAX_RANK];
    RF_TRY(open_dataset(dataset, file, name, err));
    RF_TRY(shape_of(file, *dataset, name, &rank, dims, err));
    *type = H5Dget_type(*dataset);
    if (*type < 0 || H5Tget_class(*type) != H5T_STRING || rank != 1)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s is no column of strings", file->path, name);
    *n = dims[0];
done:
    return st;
}

/* Reads all n strings, a block at a time. */
static rf_status read_blocks(text_reader *r, rf_h5 *file, hid_t dataset, const char *name, hid_t type,
                             int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    size_t size = H5Tget_size(type);
    int64_t rows = size > 256 ? (int64_t)(TEXT_BLOCK * 256 / size) + 1 : TEXT_BLOCK;
    char *buffer = rf_mem_new((size_t)(rows < n ? rows : n), size, err);
    if (buffer == NULL)
        return RF_E_NOMEM;
    for (int64_t from = 0; from < n; from += rows)
        RF_TRY(read_text_block(r, file, dataset, name, type, from, n - from < rows ? n - from : rows, buffer,
                               err));
done:
    rf_mem_free(buffer);
    return st;
}

rf_status rf_h5_read_texts(rf_h5 *file, const char *name, rf_texts *out, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID, type = H5I_INVALID_HID, references = H5I_INVALID_HID;
    text_reader r = {0};
    int64_t n = 0;
    RF_TRY(open_texts(&dataset, &type, &n, file, name, err));
    if (H5Tis_variable_str(type) > 0)
        RF_TRY(begin_references(&references, &r.heap, file, name, err));
    r.texts.at = rf_mem_new((size_t)n + 1, sizeof *r.texts.at, err);
    if (r.texts.at == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    r.texts.at[0] = 0;
    RF_TRY(read_blocks(&r, file, dataset, name, r.heap != NULL ? references : type, n, err));
    *out = r.texts;
    r.texts = (rf_texts){0};
done:
    if (references >= 0)
        end_references(references, &r.heap);
    rf_texts_clear(&r.texts);
    close_type(type);
    close_object(dataset);
    return st;
}

void rf_texts_clear(rf_texts *texts)
{
    if (texts == NULL)
        return;
    rf_mem_free(texts->at);
    rf_mem_free(texts->bytes);
    *texts = (rf_texts){0};
}

const char *rf_texts_get(const rf_texts *texts, int64_t i)
{
    return texts->n == 0 ? NULL : texts->bytes + texts->at[i];
}

/* ---- attributes ---- */

bool rf_h5_has_attr(rf_h5 *file, const char *on, const char *name)
{
    bool found = rf_h5_exists(file, on) && H5Aexists_by_name(file->id, on, name, H5P_DEFAULT) > 0;
    H5Eclear2(H5E_DEFAULT);
    return found;
}

/* Writes n values (n == 1: a scalar) as an attribute, in place of one that stands there. */
static rf_status write_attribute(rf_h5 *file, const char *on, const char *name, hid_t stored, hid_t given,
                                 const void *values, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t object = H5I_INVALID_HID, attribute = H5I_INVALID_HID, space = H5I_INVALID_HID;
    hsize_t count = (hsize_t)n;
    if (strcmp(on, "/") != 0)
        RF_TRY(make_groups(file, on, true, err));
    object = H5Oopen(file->id, on, H5P_DEFAULT);
    if (object < 0)
        H5_FAIL(RF_E_IO, "cannot be written: its object cannot be opened");
    if (H5Aexists(object, name) > 0) {
        if (H5Adelete(object, name) < 0)
            H5_FAIL(RF_E_IO, "cannot be replaced");
        file->removed = true;
    }
    space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, NULL);
    attribute = space < 0 ? space : H5Acreate2(object, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || (n > 0 && H5Awrite(attribute, given, values) < 0))
        H5_FAIL(RF_E_IO, "cannot be written as an attribute");
done:
    close_attribute(attribute);
    close_space(space);
    close_object(object);
    return st;
}

rf_status rf_h5_write_attr_int(rf_h5 *file, const char *on, const char *name, const int64_t *values,
                               int64_t n, rf_err *err)
{
    return write_attribute(file, on, name, H5T_STD_I64LE, H5T_NATIVE_INT64, values, n, err);
}

rf_status rf_h5_write_attr_double(rf_h5 *file, const char *on, const char *name, double value, rf_err *err)
{
    return write_attribute(file, on, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value, 1, err);
}

rf_status rf_h5_write_attr_text(rf_h5 *file, const char *on, const char *name, const char *text, rf_err *err)
{
    /* of variable length: other readers (h5py) take such a text for a string and a fixed one for bytes */
    hid_t type = text_type(H5T_VARIABLE);
    rf_status st = write_attribute(file, on, name, type, type, &text, 1, err);
    close_type(type);
    return st;
}

static rf_status open_attribute(hid_t *out, rf_h5 *file, const char *on, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_h5_has_attr(file, on, name))
        RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" of %s is missing", file->path, name, on);
    *out = H5Aopen_by_name(file->id, on, name, H5P_DEFAULT, H5P_DEFAULT);
    if (*out < 0)
        H5_FAIL(RF_E_FORMAT, "is no readable attribute");
done:
    return st;
}

static int64_t attribute_points(hid_t attribute)
{
    hid_t space = H5Aget_space(attribute);
    int64_t n = space < 0 ? -1 : (int64_t)H5Sget_simple_extent_npoints(space);
    close_space(space);
    return n;
}

static H5T_class_t attribute_class(hid_t attribute)
{
    hid_t type = H5Aget_type(attribute);
    H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    close_type(type);
    return class;
}

/* Opens an attribute of exactly n numbers. */
static rf_status open_numbers(hid_t *attribute, H5T_class_t *class, rf_h5 *file, const char *on,
                              const char *name, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(open_attribute(attribute, file, on, name, err));
    *class = attribute_class(*attribute);
    if (*class != H5T_INTEGER && *class != H5T_FLOAT && *class != H5T_ENUM)
        RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" of %s is no number", file->path, name, on);
    int64_t found = attribute_points(*attribute);
    if (found != n)
        RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" of %s has %lld values, not %lld", file->path,
                name, on, (long long)found, (long long)n);
done:
    return st;
}

/* Whole numbers that were stored as floating ones. */
static rf_status read_whole_doubles(const rf_h5 *file, hid_t attribute, const char *name, int64_t *values,
                                    int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    double *doubles = rf_mem_new((size_t)n, sizeof *doubles, err);
    if (doubles == NULL)
        return RF_E_NOMEM;
    if (H5Aread(attribute, H5T_NATIVE_DOUBLE, doubles) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read as an attribute");
    for (int64_t i = 0; i < n; i++) {
        if (!(doubles[i] >= -0x1p53 && doubles[i] <= 0x1p53) || (double)(int64_t)doubles[i] != doubles[i])
            RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" is no whole number", file->path, name);
    }
    for (int64_t i = 0; i < n; i++)
        values[i] = (int64_t)doubles[i];
done:
    rf_mem_free(doubles);
    return st;
}

rf_status rf_h5_read_attr_int(rf_h5 *file, const char *on, const char *name, int64_t *values, int64_t n,
                              rf_err *err)
{
    rf_status st = RF_OK;
    hid_t attribute = H5I_INVALID_HID;
    H5T_class_t class;
    RF_TRY(open_numbers(&attribute, &class, file, on, name, n, err));
    if (class == H5T_FLOAT)
        RF_TRY(read_whole_doubles(file, attribute, name, values, n, err));
    else if (H5Aread(attribute, H5T_NATIVE_INT64, values) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read as an attribute");
done:
    close_attribute(attribute);
    return st;
}

rf_status rf_h5_read_attr_double(rf_h5 *file, const char *on, const char *name, double *value, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t attribute = H5I_INVALID_HID;
    H5T_class_t class;
    RF_TRY(open_numbers(&attribute, &class, file, on, name, 1, err));
    if (H5Aread(attribute, H5T_NATIVE_DOUBLE, value) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read as an attribute");
done:
    close_attribute(attribute);
    return st;
}

/* Reads a string attribute's only value into a block of ours. */
static rf_status read_variable_value(char **out, rf_h5 *file, hid_t attribute, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    unsigned char reference[RF_HEAP_REF] = {0};
    hid_t type = H5I_INVALID_HID;
    rf_heap *heap = NULL;
    const char *text;
    size_t len;
    RF_TRY(begin_references(&type, &heap, file, name, err));
    if (H5Aread(attribute, type, reference) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read as a text");
    RF_TRY(rf_heap_text(heap, reference, &text, &len, err));
    char *copy = rf_mem_text(text, len, err);
    if (copy == NULL)
        st = RF_E_NOMEM;
    else
        *out = copy;
done:
    end_references(type, &heap);
    return st;
}

static rf_status read_fixed_value(char **out, const rf_h5 *file, hid_t attribute, hid_t type,
                                  const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    size_t size = H5Tget_size(type);
    char *field = rf_mem_zero(size + 1, 1, err);
    if (field == NULL)
        return RF_E_NOMEM;
    if (H5Aread(attribute, type, field) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read as a text");
    field[fixed_length(field, size, H5Tget_strpad(type))] = '\0';
    *out = field;
    field = NULL;
done:
    rf_mem_free(field);
    return st;
}

rf_status rf_h5_read_attr_text(rf_h5 *file, const char *on, const char *name, char **text, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t attribute = H5I_INVALID_HID, type = H5I_INVALID_HID;
    RF_TRY(open_attribute(&attribute, file, on, name, err));
    type = H5Aget_type(attribute);
    if (type < 0 || H5Tget_class(type) != H5T_STRING || attribute_points(attribute) != 1)
        RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" of %s is no text", file->path, name, on);
    if (H5Tis_variable_str(type) > 0)
        RF_TRY(read_variable_value(text, file, attribute, name, err));
    else
        RF_TRY(read_fixed_value(text, file, attribute, type, name, err));
done:
    close_type(type);
    close_attribute(attribute);
    return st;
}
