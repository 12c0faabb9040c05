/* rows_int.h - datasets written row by row through a small buffer, and read whole with their size checked
 * first. */
#ifndef RF_ROWS_INT_H
#define RF_ROWS_INT_H

#include "rf_h5.h"

#define RF_ROWS_BYTES 65536

typedef struct rf_rows {
    rf_h5 *file;
    const char *name; /* borrowed */
    rf_h5_type type;
    int64_t written, buffered, block; /* rows */
    size_t row_bytes;
    unsigned char *buffer;
} rf_rows;

/* A dataset of n rows; columns 0: of rank 1. rf_rows_clear in any case. */
RF_MUST_CHECK rf_status rf_rows_begin(rf_rows *rows, rf_h5 *file, const char *name, rf_h5_type type,
                                      int64_t n, int64_t columns, rf_err *err);
RF_MUST_CHECK rf_status rf_rows_put(rf_rows *rows, const void *row, rf_err *err);
RF_MUST_CHECK rf_status rf_rows_end(rf_rows *rows, rf_err *err); /* writes the buffered rows */
void rf_rows_clear(rf_rows *rows);

/* Reads a whole dataset of `columns` columns (0: rank 1) into an rf_mem block; *n is its rows. RF_E_FORMAT
 * when it is missing, has another shape, or claims more data than a file of this size can hold even
 * compressed. */
RF_MUST_CHECK rf_status rf_rows_read(void **out, int64_t *n, rf_h5 *file, const char *name, rf_h5_type type,
                                     int64_t columns, rf_err *err);
/* The check alone: can this file hold that many bytes? */
RF_MUST_CHECK rf_status rf_rows_plausible(rf_h5 *file, const char *name, const int64_t *dims, int rank,
                                          size_t size, rf_err *err);

#endif
