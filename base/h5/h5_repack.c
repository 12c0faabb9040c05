/* h5_repack.c - rewrites a file on commit, object by object in name order, so that its bytes do not depend on
 * what was replaced or removed in it.
 *
 * Groups are created again and their members are copied one by one: HDF5's own copy of a group keeps the
 * order of its header, which depends on the group's past.
 */
#include <string.h>
#include <unistd.h>

#include "h5_int.h"
#include "rf_mem.h"

#define MAX_DEPTH 16        /* of groups; ours have two or three levels */
#define MAX_OBJECTS 1000000 /* more is a file that leads in circles */

typedef struct copying { /* of one group */
    hid_t to;
    int depth;
    int64_t *objects; /* copied so far */
    rf_status status; /* what memory said */
    rf_err *err;
} copying;

static herr_t copy_attribute(hid_t from_object, const char *name, const H5A_info_t *info, void *context)
{
    (void)info;
    copying *c = context;
    hid_t from = H5Aopen(from_object, name, H5P_DEFAULT), type = H5Aget_type(from),
          space = H5Aget_space(from);
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

static herr_t copy_members(hid_t from, copying *c);

static herr_t copy_group(hid_t from, const char *name, copying *above)
{
    hid_t untimed = rf_h5_untimed_group();
    copying c = *above;
    herr_t result = -1;
    c.depth++;
    c.to = untimed < 0 ? H5I_INVALID_HID : H5Gcreate2(above->to, name, H5P_DEFAULT, untimed, H5P_DEFAULT);
    if (c.to >= 0 && c.depth <= MAX_DEPTH)
        result = copy_members(from, &c);
    above->status = c.status;
    close_object(c.to);
    close_properties(untimed);
    return result;
}

static herr_t copy_member(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)info;
    copying *c = context;
    herr_t result = -1;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0 || ++*c->objects > MAX_OBJECTS)
        result = -1;
    else if (H5Iget_type(object) == H5I_GROUP)
        result = copy_group(object, name, c);
    else
        result = H5Ocopy(group, name, c->to, name, H5P_DEFAULT, H5P_DEFAULT);
    close_object(object);
    return result;
}

/* Attributes, then what lies in the group, by name. */
static herr_t copy_members(hid_t from, copying *c)
{
    hsize_t at = 0;
    if (H5Aiterate2(from, H5_INDEX_NAME, H5_ITER_INC, &at, copy_attribute, c) < 0)
        return -1;
    at = 0;
    return H5Literate(from, H5_INDEX_NAME, H5_ITER_INC, &at, copy_member, c);
}

rf_status rf_h5_repack(rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5 file";
    int64_t objects = 0;
    copying c = {H5I_INVALID_HID, 0, &objects, RF_OK, err};
    hid_t root = H5I_INVALID_HID;
    rf_beside second = {0};
    rf_h5_disk *disk = NULL;
    int fd;
    RF_TRY(rf_beside_make(&second, &fd, file->path, err));
    RF_TRY(rf_h5_disk_new(&disk, fd, err));
    root = H5Gopen2(file->id, "/", H5P_DEFAULT);
    c.to = rf_h5_create_untimed(second.temporary, disk);
    if (root < 0 || c.to < 0)
        H5_FAIL(RF_E_IO, "cannot be rewritten: creating its copy failed");
    herr_t copied = copy_members(root, &c);
    RF_TRY(rf_h5_check_disk(file, err)); /* what the copy's says is asked for by the commit */
    if (copied < 0) {
        RF_TRY(c.status);
        H5_FAIL(RF_E_IO, "cannot be rewritten: copying its objects failed");
    }
    close_object(root);
    root = H5I_INVALID_HID;
    H5Fclose(file->id);
    file->id = H5I_INVALID_HID;
    RF_TRY(rf_h5_check_disk(file, err));
    rf_h5_disk_free(file->disk);
    file->id = c.to;
    file->disk = disk;
    c.to = H5I_INVALID_HID;
    disk = NULL;
    rf_beside_drop(&file->beside);
    file->beside = second;
    second = (rf_beside){0};
done:
    close_object(root);
    if (c.to >= 0)
        H5Fclose(c.to);
    rf_h5_disk_free(disk);
    rf_beside_drop(&second);
    return st;
}
