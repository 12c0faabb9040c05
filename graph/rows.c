/* rows.c - see rows_int.h. Writers do not need whole columns in memory, and readers do not trust the sizes
 * that a file claims.
 */
#include "rows_int.h"

#include <inttypes.h>
#include <string.h>

#include "rf_mem.h"

#define DENSEST 1100 /* deflate never does better than 1032 to 1 */

rf_status rf_rows_begin(rf_rows *rows, rf_h5 *file, const char *name, rf_h5_type type, int64_t n,
                        int64_t columns, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t dims[2] = {n, columns};
    size_t width = columns == 0 ? 1 : (size_t)columns;
    *rows = (rf_rows){.file = file, .name = name, .type = type, .row_bytes = rf_h5_type_size(type) * width};
    rows->block = (int64_t)(RF_ROWS_BYTES / rows->row_bytes);
    if (rows->block == 0)
        rows->block = 1;
    rows->buffer = rf_mem_new((size_t)rows->block, rows->row_bytes, err);
    if (rows->buffer == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_h5_write_begin(file, name, type, columns == 0 ? 1 : 2, dims, err));
done:
    return st;
}

rf_status rf_rows_end(rf_rows *rows, rf_err *err)
{
    rf_status st = RF_OK;
    if (rows->buffered > 0)
        RF_TRY(rf_h5_write_rows(rows->file, rows->name, rows->type, rows->written, rows->buffered,
                                rows->buffer, err));
    rows->written += rows->buffered;
    rows->buffered = 0;
done:
    return st;
}

rf_status rf_rows_put(rf_rows *rows, const void *row, rf_err *err)
{
    memcpy(rows->buffer + (size_t)rows->buffered * rows->row_bytes, row, rows->row_bytes);
    rows->buffered++;
    return rows->buffered == rows->block ? rf_rows_end(rows, err) : RF_OK;
}

void rf_rows_clear(rf_rows *rows)
{
    rf_mem_free(rows->buffer);
    rows->buffer = NULL;
}

rf_status rf_rows_plausible(rf_h5 *file, const char *name, const int64_t *dims, int rank, size_t size,
                            rf_err *err)
{
    rf_status st = RF_OK;
    double bytes = (double)size;
    for (int i = 0; i < rank; i++)
        bytes *= (double)dims[i];
    if (bytes > DENSEST * (double)rf_h5_size(file))
        RF_FAIL(err, RF_E_FORMAT, "%s: %s claims %.0f bytes, more than this file can hold: it is damaged",
                rf_h5_path(file), name, bytes);
done:
    return st;
}

rf_status rf_rows_read(void **out, int64_t *n, rf_h5 *file, const char *name, rf_h5_type type,
                       int64_t columns, rf_err *err)
{
    rf_status st = RF_OK;
    int rank, want = columns == 0 ? 1 : 2;
    int64_t dims[4];
    void *data = NULL;
    if (!rf_h5_exists(file, name))
        RF_FAIL(err, RF_E_FORMAT, "%s: %s is missing: the file is damaged or not ringfence's",
                rf_h5_path(file), name);
    RF_TRY(rf_h5_shape(file, name, &rank, dims, err));
    if (rank != want || (want == 2 && dims[1] != columns))
        RF_FAIL(err, RF_E_FORMAT,
                "%s: %s has another shape than expected (%d dimensions; %" PRId64 " columns wanted)",
                rf_h5_path(file), name, rank, columns);
    RF_TRY(rf_rows_plausible(file, name, dims, rank, rf_h5_type_size(type), err));
    size_t width = columns == 0 ? 1 : (size_t)columns;
    data = rf_mem_new((size_t)dims[0], rf_h5_type_size(type) * width, err);
    if (data == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(rf_h5_read(file, name, type, rank, dims, data, err));
    *n = dims[0];
    *out = data;
    data = NULL;
done:
    rf_mem_free(data);
    return st;
}
