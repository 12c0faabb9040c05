/* h5_filters.h - undoes the filters that the bytes of a chunk went through.
 *
 * HDF5's own trust what they read: a chunk of two bytes makes its checksum run over all memory, and a small
 * one can unpack to any size. These write no more than there is room for.
 */
#ifndef H5_FILTERS_H
#define H5_FILTERS_H

#include <stddef.h>
#include <stdint.h>

/* Numbers as in the file. */
#define RF_H5_DEFLATE 1
#define RF_H5_SHUFFLE 2
#define RF_H5_FLETCHER32 3

/* Reads `len` bytes and writes at most `room`; element: bytes of a value, for the shuffle. Returns how many
 * it wrote, -1 if the bytes are damaged or of an unknown filter. */
int64_t rf_h5_unfilter(unsigned filter, size_t element, unsigned char *to, size_t room,
                       const unsigned char *from, size_t len);

#endif
