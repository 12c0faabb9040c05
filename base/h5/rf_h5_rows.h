/* rf_h5_rows.h - arrays of structs in HDF5: each member is a dataset of its own.
 *
 * A table says which members, in the order of the datasets; writing, reading and removing share it. Rows pass
 * through a buffer of one member at a time.
 */
#ifndef RF_H5_ROWS_H
#define RF_H5_ROWS_H

#include "rf_h5.h"

typedef struct rf_h5_member {
    const char *name; /* after the table's prefix */
    rf_h5_type type;
    size_t offset;
    int width; /* 0: dataset [n]; else the member is an array, and the dataset [n, width] */
} rf_h5_member;

typedef struct rf_h5_rows {
    const rf_h5_member *members;
    size_t n_members, row_size;
} rf_h5_rows;
#define RF_H5_ROWS(row, members)                                                                             \
    {                                                                                                        \
        members, sizeof(members) / sizeof *(members), sizeof(row)                                            \
    }

/* prefix: "/clusters/" or "/u/tag_". rows: [n]. */
RF_MUST_CHECK rf_status rf_h5_rows_write(rf_h5 *file, const char *prefix, const rf_h5_rows *table,
                                         const void *rows, int64_t n, rf_err *err);
RF_MUST_CHECK rf_status rf_h5_rows_read(rf_h5 *file, const char *prefix, const rf_h5_rows *table, void *rows,
                                        int64_t n, rf_err *err);
RF_MUST_CHECK rf_status rf_h5_rows_remove(rf_h5 *file, const char *prefix, const rf_h5_rows *table,
                                          rf_err *err); /* fine where absent */

#endif
