/* h5_repack.c - rewrites a file on commit, object by object in name order, so that its bytes do not depend on
 * what was replaced or removed in it.
 *
 * Groups are created again and their members are copied one by one: HDF5's own copy of a group keeps the
 * order of its header, which depends on the group's past. Texts of variable length and attributes are read
 * and written by us: HDF5's copy follows references into heaps without checks.
 */
#include <stdio.h>
#include <string.h>

#include "h5_int.h"
#include "rf_mem.h"
#include "rf_text.h"

#define MAX_OBJECTS 100000 /* besides those that were found; more are many names for few objects */
#define MAX_PATH 1024
#define COPY_BYTES ((size_t)1 << 20)

typedef struct copying {
    rf_h5 *from, *to;
    char path[MAX_PATH]; /* of the object at hand */
    int depth;
    int64_t objects; /* copied so far */
    rf_err *err;
} copying;

/* ---- names: gathered first, because HDF5 holds on to what it is walking through ---- */

typedef struct names {
    rf_text text; /* each with its NUL */
    rf_status status;
    rf_err *err;
} names;

static herr_t add_name(names *all, const char *name)
{
    all->status = rf_text_add(&all->text, name, strlen(name) + 1, all->err);
    return all->status < 0 ? -1 : 0;
}

static herr_t add_attribute_name(hid_t object, const char *name, const H5A_info_t *info, void *context)
{
    (void)object;
    (void)info;
    return add_name(context, name);
}

static herr_t add_link_name(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)group;
    (void)info;
    return add_name(context, name);
}

/* HDF5 would have to follow references to copy it, or could not. */
static bool leads_elsewhere(hid_t type)
{
    return H5Tdetect_class(type, H5T_VLEN) != 0 || H5Tdetect_class(type, H5T_REFERENCE) != 0;
}

static rf_status refuse_kind(const copying *c, const char *what)
{
    return rf_err_set(c->err, RF_E_FORMAT, __FILE__, __LINE__,
                      "%s: %s%s has values of a kind that ringfence does not copy; remove it from the file",
                      c->from->path, c->path, what);
}

/* ---- attributes ---- */

static rf_status copy_text_attribute(copying *c, const char *name)
{
    rf_status st = RF_OK;
    char *text = NULL;
    RF_TRY(rf_h5_read_attr_text(c->from, c->path, name, &text, c->err));
    RF_TRY(rf_h5_write_attr_text(c->to, c->path, name, text, c->err));
done:
    rf_mem_free(text);
    return st;
}

static rf_status copy_plain_attribute(copying *c, const char *name, hid_t from, hid_t type, hid_t space)
{
    rf_status st = RF_OK;
    hid_t object = H5Oopen(c->to->id, c->path, H5P_DEFAULT), to = H5I_INVALID_HID;
    hssize_t n = H5Sget_simple_extent_npoints(space);
    size_t bytes = 0;
    char *buffer = NULL;
    rf_h5 *file = c->to;
    rf_err *err = c->err;
    if (object >= 0)
        to = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (to < 0 || n < 0 || !rf_mul_size(&bytes, (size_t)n, H5Tget_size(type)))
        H5_FAIL(RF_E_IO, "cannot be rewritten as an attribute");
    RF_ZERO(buffer, bytes, err);
    if (n > 0 && (H5Aread(from, type, buffer) < 0 || H5Awrite(to, type, buffer) < 0))
        H5_FAIL(RF_E_IO, "cannot be rewritten as an attribute");
done:
    rf_mem_free(buffer);
    close_attribute(to);
    close_object(object);
    return st;
}

static rf_status copy_attribute(copying *c, hid_t object, const char *name)
{
    rf_status st = RF_OK;
    hid_t from = H5Aopen(object, name, H5P_DEFAULT), type = H5Aget_type(from), space = H5Aget_space(from);
    if (H5Tis_variable_str(type) > 0 && H5Sget_simple_extent_npoints(space) == 1)
        RF_TRY(copy_text_attribute(c, name));
    else if (from < 0 || type < 0 || space < 0 || leads_elsewhere(type))
        RF_TRY(refuse_kind(c, ": an attribute"));
    else
        RF_TRY(copy_plain_attribute(c, name, from, type, space));
done:
    close_attribute(from);
    close_space(space);
    close_type(type);
    return st;
}

static rf_status copy_attributes(copying *c, hid_t object)
{
    rf_status st = RF_OK;
    const rf_h5 *file = c->from;
    rf_err *err = c->err;
    const char *name = c->path;
    names all = {.err = err};
    hsize_t at = 0;
    if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &at, add_attribute_name, &all) < 0) {
        RF_TRY(all.status);
        H5_FAIL(RF_E_FORMAT, "has attributes that cannot be read");
    }
    for (size_t i = 0; i < all.text.len; i += strlen(all.text.ptr + i) + 1)
        RF_TRY(copy_attribute(c, object, all.text.ptr + i));
done:
    rf_text_clear(&all.text);
    return st;
}

/* ---- objects ---- */

typedef struct values { /* of a dataset, a block of rows at a time */
    hid_t from, to, type;
    int rank;
    int64_t dims[RF_H5_MAX_RANK];
    char *buffer;
} values;

static rf_status copy_rows(copying *c, const values *v, int64_t at, int64_t n)
{
    rf_status st = RF_OK;
    const rf_h5 *file = c->to;
    rf_err *err = c->err;
    const char *name = c->path;
    hid_t there = H5S_ALL, memory = H5S_ALL;
    if (rf_h5_is_chunked(v->from)) {
        RF_TRY(rf_h5_read_chunks(c->from, v->from, name, v->type, at, n, v->buffer, err));
        RF_TRY(rf_h5_select_rows(&there, &memory, c->to, v->to, name, at, n, err));
    } else {
        if (v->rank > 0)
            RF_TRY(rf_h5_select_rows(&there, &memory, c->from, v->from, name, at, n, err));
        if (H5Dread(v->from, v->type, memory, there, H5P_DEFAULT, v->buffer) < 0)
            H5_FAIL(RF_E_FORMAT, "cannot be read");
    }
    if (H5Dwrite(v->to, v->type, memory, there, H5P_DEFAULT, v->buffer) < 0 || file->disk->error != 0)
        H5_FAIL(RF_E_IO, "cannot be written");
done:
    if (v->rank > 0) {
        close_space(memory);
        close_space(there);
    }
    return st;
}

/* As they are, in one piece whatever they were in: HDF5's own copy does not survive all that it can find. */
static rf_status copy_values(copying *c, hid_t dataset, hid_t type)
{
    rf_status st = RF_OK;
    values v = {.from = dataset, .to = H5I_INVALID_HID, .type = type};
    size_t row = H5Tget_size(type);
    RF_TRY(rf_h5_shape_of(c->from, dataset, c->path, &v.rank, v.dims, c->err));
    RF_TRY(rf_h5_create_dataset(&v.to, c->to, c->path, type, v.rank, v.dims, c->err));
    for (int i = 1; i < v.rank; i++)
        row *= (size_t)v.dims[i];
    if (row == 0 || v.dims[0] == 0)
        goto done;
    int64_t rows = row < COPY_BYTES ? (int64_t)(COPY_BYTES / row) : 1;
    rows = rows < v.dims[0] ? rows : v.dims[0];
    RF_NEW(v.buffer, (size_t)rows * row, c->err);
    for (int64_t at = 0; at < v.dims[0]; at += rows)
        RF_TRY(copy_rows(c, &v, at, v.dims[0] - at < rows ? v.dims[0] - at : rows));
done:
    rf_mem_free(v.buffer);
    close_object(v.to);
    return st;
}

static rf_status copy_dataset(copying *c, hid_t object)
{
    rf_status st = RF_OK;
    hid_t type = H5Dget_type(object);
    if (type < 0 || (leads_elsewhere(type) && H5Tis_variable_str(type) <= 0))
        RF_TRY(refuse_kind(c, ""));
    else if (H5Tis_variable_str(type) > 0)
        RF_TRY(rf_h5_copy_texts(c->to, c->from, c->path, c->err));
    else
        RF_TRY(copy_values(c, object, type));
done:
    close_type(type);
    return st;
}

static rf_status copy_members(copying *c, hid_t group);

static rf_status copy_group(copying *c, hid_t group)
{
    rf_status st = RF_OK;
    if (++c->depth > RF_H5_MOST_DEPTH)
        RF_FAIL(c->err, RF_E_FORMAT, "%s: %s: groups lie too deep in each other", c->from->path, c->path);
    RF_TRY(rf_h5_make_groups(c->to, c->path, true, c->err));
    RF_TRY(copy_attributes(c, group));
    RF_TRY(copy_members(c, group));
done:
    c->depth--;
    return st;
}

static rf_status copy_object(copying *c)
{
    rf_status st = RF_OK;
    const rf_h5 *file = c->from;
    rf_err *err = c->err;
    const char *name = c->path;
    hid_t object = H5Oopen(file->id, name, H5P_DEFAULT);
    if (object < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read");
    if (++c->objects > MAX_OBJECTS + (int64_t)c->from->facts.objects)
        RF_FAIL(err, RF_E_FORMAT, "%s: holds more objects than any file of ringfence", file->path);
    if (H5Iget_type(object) == H5I_GROUP) {
        RF_TRY(copy_group(c, object));
    } else if (H5Iget_type(object) == H5I_DATASET) {
        RF_TRY(copy_dataset(c, object));
        RF_TRY(copy_attributes(c, object));
    } else {
        RF_TRY(refuse_kind(c, ""));
    }
done:
    close_object(object);
    return st;
}

/* A soft link stays one, even one that leads to nothing. */
static rf_status copy_soft_link(copying *c, size_t len)
{
    rf_status st = RF_OK;
    const rf_h5 *file = c->to;
    rf_err *err = c->err;
    const char *name = c->path;
    char *target = NULL;
    RF_ZERO(target, len + 1, err);
    if (H5Lget_val(c->from->id, name, target, len, H5P_DEFAULT) < 0 ||
        H5Lcreate_soft(target, file->id, name, H5P_DEFAULT, H5P_DEFAULT) < 0)
        H5_FAIL(RF_E_IO, "cannot be rewritten");
done:
    rf_mem_free(target);
    return st;
}

static rf_status copy_member(copying *c, const char *name)
{
    rf_status st = RF_OK;
    size_t len = strlen(c->path);
    H5L_info_t link;
    if (len + strlen(name) + 2 > sizeof c->path)
        RF_FAIL(c->err, RF_E_FORMAT, "%s: holds a name that is too long", c->from->path);
    snprintf(c->path + len, sizeof c->path - len, "%s%s", len > 1 ? "/" : "", name);
    if (H5Lget_info(c->from->id, c->path, &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_SOFT)
        RF_TRY(copy_soft_link(c, link.u.val_size));
    else
        RF_TRY(copy_object(c));
    c->path[len] = '\0';
done:
    return st;
}

/* By name. */
static rf_status copy_members(copying *c, hid_t group)
{
    rf_status st = RF_OK;
    const rf_h5 *file = c->from;
    rf_err *err = c->err;
    const char *name = c->path;
    names all = {.err = err};
    hsize_t at = 0;
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &at, add_link_name, &all) < 0) {
        RF_TRY(all.status);
        H5_FAIL(RF_E_FORMAT, "has members that cannot be read");
    }
    for (size_t i = 0; i < all.text.len; i += strlen(all.text.ptr + i) + 1)
        RF_TRY(copy_member(c, all.text.ptr + i));
done:
    rf_text_clear(&all.text);
    return st;
}

rf_status rf_h5_repack(rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = "HDF5 file";
    rf_h5 to = {.id = H5I_INVALID_HID, .path = file->path};
    copying c = {.from = file, .to = &to, .path = "/", .err = err};
    hid_t root = H5I_INVALID_HID;
    int fd;
    RF_TRY(rf_beside_make(&to.beside, &fd, file->path, err));
    RF_TRY(rf_h5_disk_new(&to.disk, fd, err));
    root = H5Gopen2(file->id, "/", H5P_DEFAULT);
    to.id = rf_h5_create_untimed(to.beside.temporary, to.disk);
    if (root < 0 || to.id < 0)
        H5_FAIL(RF_E_IO, "cannot be rewritten: creating its copy failed");
    RF_TRY(copy_attributes(&c, root));
    RF_TRY(copy_members(&c, root));
    close_object(root);
    root = H5I_INVALID_HID;
    H5Fclose(file->id);
    file->id = H5I_INVALID_HID;
    RF_TRY(rf_h5_check_disk(file, err));
    rf_h5_disk_free(file->disk);
    file->id = to.id;
    file->disk = to.disk;
    to.id = H5I_INVALID_HID;
    to.disk = NULL;
    rf_beside_drop(&file->beside);
    file->beside = to.beside;
    to.beside = (rf_beside){0};
done:
    close_object(root);
    if (to.id >= 0)
        H5Fclose(to.id);
    rf_h5_disk_free(to.disk);
    rf_beside_drop(&to.beside);
    return st;
}
