/* h5_attr.c - attributes: whole numbers, one real number, one text.
 *
 * Texts are written with variable length, because other readers (h5py) return such a text as a string, but a
 * text of fixed length as bytes.
 */
#include <string.h>

#include "h5_int.h"
#include "rf_mem.h"

bool rf_h5_has_attr(rf_h5 *file, const char *on, const char *name)
{
    bool found = rf_h5_exists(file, on) && H5Aexists_by_name(file->id, on, name, H5P_DEFAULT) > 0;
    H5Eclear2(H5E_DEFAULT);
    return found || file->disk->error != 0; /* as rf_h5_exists says it */
}

/* Writes n values (n == 1: a scalar) as an attribute; replaces an existing one. */
static rf_status write_attribute(rf_h5 *file, const char *on, const char *name, hid_t stored, hid_t given,
                                 const void *values, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t object = H5I_INVALID_HID, attribute = H5I_INVALID_HID, space = H5I_INVALID_HID;
    hsize_t count = (hsize_t)n;
    if (strcmp(on, "/") != 0)
        RF_TRY(rf_h5_make_groups(file, on, true, err));
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
    hid_t type = rf_h5_text_type(H5T_VARIABLE);
    rf_status st = write_attribute(file, on, name, type, type, &text, 1, err);
    close_type(type);
    return st;
}

static rf_status open_attribute(hid_t *out, rf_h5 *file, const char *on, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    bool exists = rf_h5_has_attr(file, on, name);
    RF_TRY(rf_h5_check_disk(file, err));
    if (!exists)
        RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" of %s is missing", file->path, name, on);
    *out = H5Aopen_by_name(file->id, on, name, H5P_DEFAULT, H5P_DEFAULT);
    if (*out < 0)
        H5_FAIL(RF_E_FORMAT, "is not a readable attribute");
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

/* Opens an attribute of exactly n numbers. */
static rf_status open_numbers(hid_t *attribute, H5T_class_t *class, rf_h5 *file, const char *on,
                              const char *name, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t type = H5I_INVALID_HID;
    RF_TRY(open_attribute(attribute, file, on, name, err));
    type = H5Aget_type(*attribute);
    *class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    if (*class != H5T_INTEGER && *class != H5T_FLOAT && *class != H5T_ENUM)
        RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" of %s is not a number", file->path, name, on);
    int64_t found = attribute_points(*attribute);
    if (found != n)
        RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" of %s has %lld values, not %lld", file->path,
                name, on, (long long)found, (long long)n);
done:
    close_type(type);
    return st;
}

rf_status rf_h5_read_attr_int(rf_h5 *file, const char *on, const char *name, int64_t *values, int64_t n,
                              rf_err *err)
{
    rf_status st = RF_OK;
    hid_t attribute = H5I_INVALID_HID;
    double *doubles = NULL; /* whole numbers may have been stored as floating ones */
    H5T_class_t class;
    RF_TRY(open_numbers(&attribute, &class, file, on, name, n, err));
    if (class != H5T_FLOAT) {
        if (H5Aread(attribute, H5T_NATIVE_INT64, values) < 0)
            H5_FAIL(RF_E_FORMAT, "cannot be read as an attribute");
        goto done;
    }
    RF_NEW(doubles, n, err);
    if (H5Aread(attribute, H5T_NATIVE_DOUBLE, doubles) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read as an attribute");
    for (int64_t i = 0; i < n; i++) {
        if (!(doubles[i] >= -0x1p53 && doubles[i] <= 0x1p53) || (double)(int64_t)doubles[i] != doubles[i])
            RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" is not a whole number", file->path, name);
    }
    for (int64_t i = 0; i < n; i++)
        values[i] = (int64_t)doubles[i];
done:
    rf_mem_free(doubles);
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
    RF_TRY(rf_h5_begin_references(&type, &heap, file, name, err));
    if (H5Aread(attribute, type, reference) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read as a text");
    RF_TRY(rf_heap_text(heap, reference, &text, &len, err));
    char *copy = rf_mem_text(text, len, err);
    if (copy == NULL)
        st = RF_E_NOMEM;
    else
        *out = copy;
done:
    rf_h5_end_references(type, &heap);
    return st;
}

static rf_status read_fixed_value(char **out, const rf_h5 *file, hid_t attribute, hid_t type,
                                  const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    size_t size = H5Tget_size(type);
    char *field = NULL;
    RF_ZERO(field, size + 1, err);
    if (H5Aread(attribute, type, field) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read as a text");
    field[rf_h5_fixed_length(field, size, H5Tget_strpad(type))] = '\0';
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
        RF_FAIL(err, RF_E_FORMAT, "%s: the attribute \"%s\" of %s is not a text", file->path, name, on);
    if (H5Tis_variable_str(type) > 0)
        RF_TRY(read_variable_value(text, file, attribute, name, err));
    else
        RF_TRY(read_fixed_value(text, file, attribute, type, name, err));
done:
    close_type(type);
    close_attribute(attribute);
    return st;
}
