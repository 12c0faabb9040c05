/* h5_data.c - datasets of numbers: whole, or a piece of whole rows at a time.
 *
 * Memory holds the machine's types; files hold little-endian types of the same size. A value that does not
 * fit the requested type is refused, not clipped.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "h5_int.h"
#include "rf_mem.h"

/* ---- types ---- */

hid_t rf_h5_memory_type(rf_h5_type type)
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

/* ---- datasets: writing ---- */

rf_status rf_h5_create_dataset(hid_t *out, rf_h5 *file, const char *name, hid_t type, int rank,
                               const int64_t *dims, rf_err *err)
{
    rf_status st = RF_OK;
    hsize_t sizes[RF_H5_MAX_RANK];
    hid_t space = H5I_INVALID_HID, dcpl = H5I_INVALID_HID;
    assert(rank >= 0 && rank <= RF_H5_MAX_RANK);
    for (int i = 0; i < rank; i++)
        sizes[i] = (hsize_t)dims[i];
    RF_TRY(rf_h5_make_groups(file, name, false, err));
    RF_TRY(rf_h5_remove(file, name, err));
    space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, sizes, NULL);
    dcpl = H5Pcreate(H5P_DATASET_CREATE);
    if (space < 0 || dcpl < 0 || H5Pset_obj_track_times(dcpl, false) < 0 ||
        H5Pset_attr_phase_change(dcpl, RF_H5_COMPACT_ATTRIBUTES, 0) < 0 ||
        H5Pset_layout(dcpl, H5D_CONTIGUOUS) < 0)
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
    RF_TRY(rf_h5_create_dataset(&dataset, file, name, file_type(type), rank, dims, err));
    int64_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= dims[i];
    if (n > 0 && (H5Dwrite(dataset, rf_h5_memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0 ||
                  file->disk->error != 0))
        H5_FAIL(RF_E_IO, "cannot be written");
done:
    close_object(dataset);
    return st;
}

rf_status rf_h5_write_begin(rf_h5 *file, const char *name, rf_h5_type type, int rank, const int64_t *dims,
                            rf_err *err)
{
    hid_t dataset = H5I_INVALID_HID;
    rf_status st = rf_h5_create_dataset(&dataset, file, name, file_type(type), rank, dims, err);
    close_object(dataset);
    return st;
}

rf_status rf_h5_select_rows(hid_t *in_file, hid_t *in_memory, const rf_h5 *file, hid_t dataset,
                            const char *name, int64_t from, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    int rank;
    int64_t dims[RF_H5_MAX_RANK];
    hsize_t start[RF_H5_MAX_RANK] = {0}, count[RF_H5_MAX_RANK];
    RF_TRY(rf_h5_shape_of(file, dataset, name, &rank, dims, err));
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
    RF_TRY(rf_h5_open_dataset(&dataset, file, name, err));
    RF_TRY(rf_h5_select_rows(&in_file, &in_memory, file, dataset, name, from, n, err));
    if (n > 0 && (H5Dwrite(dataset, rf_h5_memory_type(type), in_memory, in_file, H5P_DEFAULT, data) < 0 ||
                  file->disk->error != 0))
        H5_FAIL(RF_E_IO, "cannot be written");
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

typedef struct selection {
    int64_t from, rows, values; /* values in all rows; where there are no rows: one value */
    hid_t in_memory, in_file;
} selection;

/* Chunks are unpacked by us and then converted. */
static rf_status read_unpacked(rf_h5 *file, hid_t dataset, const char *name, hid_t to, hid_t transfer,
                               const selection *rows, void *data, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t type = H5Dget_type(dataset);
    unsigned char *raw = NULL;
    size_t size = type < 0 ? 0 : H5Tget_size(type), n = (size_t)rows->values;
    if (type < 0 || (H5Tget_class(type) != H5T_INTEGER && H5Tget_class(type) != H5T_FLOAT &&
                     H5Tget_class(type) != H5T_ENUM))
        H5_FAIL(RF_E_FORMAT, "cannot be read (damaged, or numbers of another kind)");
    raw = rf_mem_new(n, size > H5Tget_size(to) ? size : H5Tget_size(to), err);
    if (raw == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(rf_h5_read_chunks(file, dataset, name, type, rows->from, rows->rows, raw, err));
    if (H5Tconvert(type, to, n, raw, NULL, transfer) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read (damaged, or numbers of another kind)");
    memcpy(data, raw, n * H5Tget_size(to));
done:
    rf_mem_free(raw);
    close_type(type);
    return st;
}

static rf_status read_selected(rf_h5 *file, hid_t dataset, const char *name, rf_h5_type type,
                               const selection *rows, void *data, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t transfer = H5Pcreate(H5P_DATASET_XFER);
    if (transfer < 0 || H5Pset_type_conv_cb(transfer, refuse_loss, NULL) < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be set up for reading");
    if (rf_h5_is_chunked(dataset))
        RF_TRY(read_unpacked(file, dataset, name, rf_h5_memory_type(type), transfer, rows, data, err));
    else if (H5Dread(dataset, rf_h5_memory_type(type), rows->in_memory, rows->in_file, transfer, data) < 0)
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

rf_status rf_h5_read(rf_h5 *file, const char *name, rf_h5_type type, int rank, const int64_t *dims,
                     void *data, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID;
    int found;
    int64_t sizes[RF_H5_MAX_RANK];
    assert(rank >= 0 && rank <= RF_H5_MAX_RANK);
    RF_TRY(rf_h5_open_dataset(&dataset, file, name, err));
    RF_TRY(rf_h5_shape_of(file, dataset, name, &found, sizes, err));
    if (found != rank || (rank > 0 && memcmp(sizes, dims, (size_t)rank * sizeof *dims) != 0)) {
        char is[96], should[96];
        print_shape(is, found, sizes);
        print_shape(should, rank, dims);
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has the shape %s, not %s", file->path, name, is, should);
    }
    selection all = {0, rank > 0 ? dims[0] : 1, 1, H5S_ALL, H5S_ALL};
    for (int i = 0; i < rank; i++)
        all.values *= dims[i];
    if (all.values > 0)
        RF_TRY(read_selected(file, dataset, name, type, &all, data, err));
done:
    close_object(dataset);
    return st;
}

rf_status rf_h5_read_rows(rf_h5 *file, const char *name, rf_h5_type type, int64_t from, int64_t n, void *data,
                          rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID;
    selection some = {from, n, 0, H5I_INVALID_HID, H5I_INVALID_HID};
    RF_TRY(rf_h5_open_dataset(&dataset, file, name, err));
    RF_TRY(rf_h5_select_rows(&some.in_file, &some.in_memory, file, dataset, name, from, n, err));
    some.values = (int64_t)H5Sget_simple_extent_npoints(some.in_memory);
    if (some.values > 0)
        RF_TRY(read_selected(file, dataset, name, type, &some, data, err));
done:
    close_space(some.in_memory);
    close_space(some.in_file);
    close_object(dataset);
    return st;
}
