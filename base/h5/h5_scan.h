/* h5_scan.h - looks through the structure of an HDF5 file before HDF5 does.
 *
 * HDF5 follows addresses, sizes and links as a file states them: damaged ones end in crashes or endless
 * loops, and some lead out of the file. So every file that we did not write just now is walked through first,
 * from its bytes alone: checksums, addresses and sizes against the file's length, every object from the root
 * on. What a file may hold: groups of every form, numbers and texts in one piece or in chunks, gzip, shuffle
 * and Fletcher's checksum as filters. What leads out of the file, or needs a plug-in, is refused by name.
 *
 * The values of datasets are not looked at: whoever reads them checks them. Texts lie in heaps that h5_heap.c
 * checks on the way.
 */
#ifndef H5_SCAN_H
#define H5_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

typedef struct rf_h5_facts {
    size_t objects; /* in the file, each once */
    bool dense;     /* a group keeps its links in a heap: HDF5 may read it, but better not change it */
} rf_h5_facts;

#define RF_H5_MOST_DEPTH 64 /* of groups in each other; ours have two or three levels */

struct rf_h5_disk;

/* The file that disk has open; path is for messages. RF_E_FORMAT names the file, the object and what is
 * wrong with it. Cost: the bytes of the metadata, read once. */
RF_MUST_CHECK rf_status rf_h5_scan_file(rf_h5_facts *facts, struct rf_h5_disk *disk, const char *path,
                                        rf_err *err);

/* Tests only: sets wrong checksums right on the way, so that what they cover can be damaged on purpose. fd
 * must be open for writing. */
RF_MUST_CHECK rf_status rf_h5_scan_mend(int fd, rf_err *err);

#endif
