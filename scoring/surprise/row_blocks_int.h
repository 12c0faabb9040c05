/* row_blocks_int.h - rows in blocks, each of which is one task of a pool. */
#ifndef RF_ROW_BLOCKS_INT_H
#define RF_ROW_BLOCKS_INT_H

#include <stdint.h>

/* How many blocks of `rows` rows n rows are. */
static inline int64_t rf_row_blocks(int64_t n, int64_t rows)
{
    return (n + rows - 1) / rows;
}

/* The row behind the last one of block `index`. */
static inline int64_t rf_row_block_end(int64_t index, int64_t rows, int64_t n)
{
    return (index + 1) * rows < n ? (index + 1) * rows : n;
}

#endif
