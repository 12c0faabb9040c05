/* h5_chunks.c - datasets in chunks: each chunk is taken from HDF5 as it is stored, and unpacked by us
 * (h5_filters.h).
 */
#include <string.h>

#include "h5_filters.h"
#include "h5_int.h"
#include "rf_mem.h"

#define MOST_FILTERS 32

typedef struct filter {
    unsigned id;
    size_t element;
} filter;

typedef struct chunked {
    const rf_h5 *file;
    const char *name;
    hid_t dataset, dcpl;
    int rank;
    int64_t dims[RF_H5_MAX_RANK];
    hsize_t chunk[RF_H5_MAX_RANK];
    size_t value;       /* bytes of one */
    size_t chunk_bytes; /* unpacked */
    filter filters[MOST_FILTERS];
    int n_filters;
    unsigned char *packed, *work[2]; /* work: chunk_bytes and what filters add */
    size_t cap_packed, room;
    unsigned char *fill; /* one value */
} chunked;

bool rf_h5_is_chunked(hid_t dataset)
{
    hid_t dcpl = H5Dget_create_plist(dataset);
    bool is = dcpl >= 0 && H5Pget_layout(dcpl) == H5D_CHUNKED;
    close_properties(dcpl);
    return is;
}

static rf_status damaged(const chunked *c, rf_err *err)
{
    return rf_err_set(err, RF_E_FORMAT, __FILE__, __LINE__,
                      "%s: %s cannot be read: a chunk of it is damaged; restore the file or make it again",
                      c->file->path, c->name);
}

static rf_status describe_filters(chunked *c, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_h5 *file = c->file;
    const char *name = c->name;
    c->n_filters = H5Pget_nfilters(c->dcpl);
    if (c->n_filters < 0 || c->n_filters > MOST_FILTERS)
        H5_FAIL(RF_E_FORMAT, "has unreadable filters");
    for (int i = 0; i < c->n_filters; i++) {
        unsigned flags, values[8] = {0}, config;
        size_t n = 8;
        H5Z_filter_t id = H5Pget_filter2(c->dcpl, (unsigned)i, &flags, &n, values, 0, NULL, &config);
        if (id < 0)
            H5_FAIL(RF_E_FORMAT, "has unreadable filters");
        c->filters[i] = (filter){(unsigned)id, n > 0 ? values[0] : 0};
    }
done:
    return st;
}

static rf_status describe(chunked *c, hid_t type, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_h5 *file = c->file;
    const char *name = c->name;
    RF_TRY(rf_h5_shape_of(file, c->dataset, name, &c->rank, c->dims, err));
    c->dcpl = H5Dget_create_plist(c->dataset);
    c->value = H5Tget_size(type);
    if (c->dcpl < 0 || H5Pget_chunk(c->dcpl, RF_H5_MAX_RANK, c->chunk) != c->rank || c->value == 0)
        H5_FAIL(RF_E_FORMAT, "has unreadable chunks");
    c->chunk_bytes = c->value;
    for (int i = 0; i < c->rank; i++) {
        if (!rf_mul_size(&c->chunk_bytes, c->chunk_bytes, (size_t)c->chunk[i]))
            H5_FAIL(RF_E_FORMAT, "has impossible chunks");
    }
    RF_TRY(describe_filters(c, err));
    c->room = c->chunk_bytes + 4 * (size_t)c->n_filters; /* checksums come and go */
    RF_NEW(c->work[0], c->room, err);
    RF_NEW(c->work[1], c->room, err);
    RF_ZERO(c->fill, c->value, err);
    H5D_fill_value_t defined = H5D_FILL_VALUE_UNDEFINED;
    if (H5Pfill_value_defined(c->dcpl, &defined) >= 0 && defined == H5D_FILL_VALUE_USER_DEFINED &&
        H5Pget_fill_value(c->dcpl, type, c->fill) < 0)
        H5_FAIL(RF_E_FORMAT, "has an unreadable fill value");
done:
    return st;
}

/* *bytes: the chunk that begins at `at`, in one of the work blocks; NULL when it was never written. */
static rf_status unpack(const unsigned char **bytes, chunked *c, const hsize_t *at, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_h5 *file = c->file;
    const char *name = c->name;
    hsize_t stored = 0;
    uint32_t skipped = 0;
    *bytes = NULL;
    if (H5Dget_chunk_storage_size(c->dataset, at, &stored) < 0)
        H5_FAIL(RF_E_FORMAT, "has a chunk that cannot be found");
    if (stored == 0)
        goto done;
    RF_RESERVE(c->packed, c->cap_packed, stored, err);
    if (H5Dread_chunk(c->dataset, H5P_DEFAULT, at, &skipped, c->packed) < 0)
        H5_FAIL(RF_E_FORMAT, "has a chunk that cannot be read");
    const unsigned char *from = c->packed;
    int64_t len = (int64_t)stored;
    for (int i = c->n_filters - 1; i >= 0; i--) {
        if ((skipped >> i & 1) != 0)
            continue;
        unsigned char *to = from == c->work[0] ? c->work[1] : c->work[0];
        len = rf_h5_unfilter(c->filters[i].id, c->filters[i].element, to, c->room, from, (size_t)len);
        if (len < 0)
            RF_TRY(damaged(c, err));
        from = to;
    }
    if (len != (int64_t)c->chunk_bytes)
        RF_TRY(damaged(c, err));
    *bytes = from;
done:
    return st;
}

/* Copies what of the chunk lies in rows [from, from + n); bytes NULL: fill values. */
static void place(unsigned char *out, const chunked *c, const unsigned char *bytes, const hsize_t *at,
                  int64_t from, int64_t n)
{
    const int last = c->rank - 1;
    int64_t low[RF_H5_MAX_RANK], high[RF_H5_MAX_RANK], i[RF_H5_MAX_RANK];
    for (int d = 0; d < c->rank; d++) {
        int64_t begin = d == 0 ? from : 0, end = d == 0 ? from + n : c->dims[d];
        low[d] = (int64_t)at[d] > begin ? (int64_t)at[d] : begin;
        high[d] = (int64_t)(at[d] + c->chunk[d]) < end ? (int64_t)(at[d] + c->chunk[d]) : end;
        i[d] = low[d];
    }
    for (int d = 0; d >= 0;) {
        size_t to = 0, within = 0, run = (size_t)(high[last] - low[last]);
        for (int k = 0; k < c->rank; k++) {
            to = to * (size_t)(k == 0 ? n : c->dims[k]) + (size_t)(i[k] - (k == 0 ? from : 0));
            within = within * (size_t)c->chunk[k] + (size_t)(i[k] - (int64_t)at[k]);
        }
        if (bytes != NULL)
            memcpy(out + to * c->value, bytes + within * c->value, run * c->value);
        else
            for (size_t k = 0; k < run; k++)
                memcpy(out + (to + k) * c->value, c->fill, c->value);
        for (d = last - 1; d >= 0 && ++i[d] >= high[d]; d--) /* to the next row of the last dimension */
            i[d] = low[d];
    }
}

rf_status rf_h5_read_chunks(rf_h5 *file, hid_t dataset, const char *name, hid_t type, int64_t from, int64_t n,
                            void *out, rf_err *err)
{
    rf_status st = RF_OK;
    chunked c = {.file = file, .name = name, .dataset = dataset, .dcpl = H5I_INVALID_HID};
    const unsigned char *bytes;
    hsize_t at[RF_H5_MAX_RANK] = {0};
    RF_TRY(describe(&c, type, err));
    for (int d = 0; d < c.rank; d++) {
        if (n == 0 || c.dims[d] == 0)
            goto done;
    }
    at[0] = (hsize_t)from / c.chunk[0] * c.chunk[0];
    for (int d = 0; d >= 0;) {
        RF_TRY(unpack(&bytes, &c, at, err));
        place(out, &c, bytes, at, from, n);
        for (d = c.rank - 1; d >= 0; d--) { /* to the next chunk that has rows of these */
            at[d] += c.chunk[d];
            if ((int64_t)at[d] < (d == 0 ? from + n : c.dims[d]))
                break;
            at[d] = 0;
        }
    }
done:
    H5Eclear2(H5E_DEFAULT);
    close_properties(c.dcpl);
    rf_mem_free(c.packed);
    rf_mem_free(c.work[0]);
    rf_mem_free(c.work[1]);
    rf_mem_free(c.fill);
    return st;
}
