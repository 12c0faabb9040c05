/* h5_object.c - the objects of an HDF5 file: whether they exist, their shapes, groups, a walk through them.
 *
 * Objects are written without times. HDF5 prints nothing: the innermost message of its error stack becomes
 * part of our message. h5_data.c, h5_text.c and h5_attr.c fill the objects; h5.c opens and commits files.
 */
#include <stdio.h>
#include <string.h>

#include "h5_int.h"
#include "rf_mem.h"

#define MAX_NAME 1024            /* of an object, with its path */
#define LARGE ((hsize_t)1 << 20) /* bytes: objects of so many begin at a multiple of LINE, for h5_map.c */
#define LINE 64
#define SIEVE_BYTES                                                                                          \
    4096 /* zeroed for each dataset that is opened; what is larger is read and written at once */

/* ---- failures ---- */

static herr_t note_first(unsigned n, const H5E_error2_t *entry, void *context)
{
    const char **first = context;
    if (n == 0 && entry->desc != NULL)
        *first = entry->desc;
    return n == 0 ? 1 : 0;
}

/* Fills err: the failed step, the object, the file, and HDF5's innermost reason. */
rf_status rf_h5_fail(const rf_h5 *file, rf_err *err, rf_status code, int line, const char *what,
                     const char *name)
{
    const char *reason = "no reason given";
    rf_status disk = rf_h5_check_disk(file, err);
    if (disk < 0) {
        H5Eclear2(H5E_DEFAULT);
        return disk;
    }
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_first, (void *)&reason);
    (void)rf_err_set(err, code, __FILE__, line, "%s: %s %s: %s", file->path, name, what, reason);
    H5Eclear2(H5E_DEFAULT);
    return code;
}

rf_status rf_h5_check_disk(const rf_h5 *file, rf_err *err)
{
    return rf_h5_disk_status(file->disk, file->path, err);
}

/* ---- without times and locks ---- */

hid_t rf_h5_access(rf_h5_disk *disk, const char *path)
{
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    if (fapl < 0)
        return fapl;
    /* no locks: they fail on read-only and network file systems, and a committed file never changes */
    if (rf_h5_disk_use(fapl, disk, path) < 0 ||
        H5Pset_libver_bounds(fapl, H5F_LIBVER_V18, H5F_LIBVER_V18) < 0 ||
        H5Pset_alignment(fapl, LARGE, LINE) < 0 || H5Pset_sieve_buf_size(fapl, SIEVE_BYTES) < 0 ||
        H5Pset_file_locking(fapl, false, true) < 0 || H5Pset_fclose_degree(fapl, H5F_CLOSE_STRONG) < 0) {
        H5Pclose(fapl);
        return H5I_INVALID_HID;
    }
    return fapl;
}

hid_t rf_h5_create_untimed(const char *path, rf_h5_disk *disk)
{
    hid_t fapl = rf_h5_access(disk, path), fcpl = H5Pcreate(H5P_FILE_CREATE), id = H5I_INVALID_HID;
    if (fapl >= 0 && fcpl >= 0 && H5Pset_obj_track_times(fcpl, false) >= 0 &&
        H5Pset_link_phase_change(fcpl, RF_H5_COMPACT_LINKS, 0) >= 0 &&
        H5Pset_attr_phase_change(fcpl, RF_H5_COMPACT_ATTRIBUTES, 0) >= 0)
        id = H5Fcreate(path, H5F_ACC_TRUNC, fcpl, fapl);
    close_properties(fcpl);
    close_properties(fapl);
    return id;
}

hid_t rf_h5_untimed_group(void)
{
    hid_t untimed = H5Pcreate(H5P_GROUP_CREATE);
    if (untimed >= 0 && (H5Pset_obj_track_times(untimed, false) < 0 ||
                         H5Pset_attr_phase_change(untimed, RF_H5_COMPACT_ATTRIBUTES, 0) < 0 ||
                         H5Pset_link_phase_change(untimed, RF_H5_COMPACT_LINKS, 0) < 0)) {
        H5Pclose(untimed);
        untimed = H5I_INVALID_HID;
    }
    return untimed;
}

/* ---- objects ---- */

/* Every part of the path must be linked, and the last link must lead to an object. What could not be read is
 * said to exist: whoever asks reads it then, and is told why that is impossible. */
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
    return found || file->disk->error != 0;
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
    bool exists = rf_h5_exists(file, name);
    RF_TRY(rf_h5_check_disk(file, err));
    if (!exists)
        RF_FAIL(err, RF_E_FORMAT, "%s: the dataset %s is missing", file->path, name);
    *out = H5Dopen2(file->id, name, H5P_DEFAULT);
    if (*out < 0)
        H5_FAIL(RF_E_FORMAT, "is not a readable dataset");
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
    hid_t dataset = H5I_INVALID_HID, type = H5I_INVALID_HID;
    int rank = -1;
    int64_t dims[RF_H5_MAX_RANK] = {0};
    char type_name[16] = "group";
    if (kind == H5O_TYPE_DATASET) {
        RF_TRY(rf_h5_open_dataset(&dataset, v->file, name, v->err));
        RF_TRY(rf_h5_shape_of(v->file, dataset, name, &rank, dims, v->err));
        type = H5Dget_type(dataset);
        H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
        int bits = type < 0 ? 0 : (int)(H5Tget_size(type) * 8);
        if (class == H5T_FLOAT)
            snprintf(type_name, sizeof type_name, "float%d", bits % 10000);
        else if (class == H5T_INTEGER)
            snprintf(type_name, sizeof type_name, "%sint%d", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "",
                     bits % 10000);
        else
            snprintf(type_name, sizeof type_name, "%s",
                     class == H5T_STRING ? "string"
                     : class == H5T_ENUM ? "enum"
                                         : "other");
    }
    RF_TRY(v->visit(v->context, name, rank, dims, type_name, v->err));
done:
    close_type(type);
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
