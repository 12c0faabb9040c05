/* h5_seal.h - how a reader knows that a file holds the bytes that were written: hashes behind its content.
 *
 *   content | XXH3 of each 64 KiB of it | "RFSEAL\r\n", length of the content, XXH3 of the hashes and these
 * 16
 *
 * Numbers are 8 bytes, little-endian. HDF5 reads as far as its superblock says, so that no reader of HDF5
 * sees the seal; a program that changes the file in place cuts it off. A block is checked when some of it is
 * read first: who reads little of a large file checks little.
 */
#ifndef H5_SEAL_H
#define H5_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

#define RF_SEAL_BLOCK ((size_t)65536)

struct rf_h5_disk;

typedef struct rf_seal {
    uint64_t size;         /* of the content */
    size_t n;              /* blocks */
    unsigned char *hashes; /* [n] as in the file */
    unsigned char *whole;  /* [n] 1: the block was read and is right */
} rf_seal;

/* The seal of the file that disk has open: NULL where it has none. RF_E_FORMAT: the file is not as long as it
 * was written, or the hashes are damaged. path is for messages. */
RF_MUST_CHECK rf_status rf_seal_load(rf_seal **out, struct rf_h5_disk *disk, const char *path, rf_err *err);
void rf_seal_free(rf_seal *seal); /* NULL allowed */

/* Is block b right, whose bytes these are? */
bool rf_seal_holds(rf_seal *seal, uint64_t b, const unsigned char *bytes);
/* Says that a content is wrong from `at` on, and what to do. RF_E_FORMAT. */
rf_status rf_seal_refuse(const char *path, uint64_t at, rf_err *err);

/* Adds a seal to the file, which holds only its content. What the disk refuses is in disk->error. */
RF_MUST_CHECK rf_status rf_seal_add(struct rf_h5_disk *disk, rf_err *err);

#endif
