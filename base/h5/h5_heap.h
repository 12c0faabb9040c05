/* h5_heap.h - private to base/h5: strings of variable length, read from HDF5's global heaps with every bound
 * checked.
 *
 * HDF5 1.10 trusts the lengths in these heaps, which no checksum covers, so that a damaged file would end the
 * process. References (length, collection, index) come from h5.c as they lie in the file. Layout: "HDF5 File
 * Format Specification", III.E, for offsets and lengths of 8 bytes.
 */
#ifndef H5_HEAP_H
#define H5_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "h5_disk.h"
#include "rf_status.h"

#define RF_HEAP_REF 16 /* bytes of a reference: length (4), address of the collection (8), index (4) */

typedef struct rf_heap rf_heap;

/* Reads through disk; path is used in messages. Both must outlive the heap; addresses count from `base`. */
RF_MUST_CHECK rf_status rf_heap_open(rf_heap **out, rf_h5_disk *disk, const char *path, uint64_t base,
                                     rf_err *err);
void rf_heap_close(rf_heap **heap); /* NULL allowed */

/* The text that ref points to, up to its first NUL; valid until the next call. Not NUL-terminated. */
RF_MUST_CHECK rf_status rf_heap_text(rf_heap *heap, const unsigned char ref[RF_HEAP_REF], const char **text,
                                     size_t *len, rf_err *err);

#endif
