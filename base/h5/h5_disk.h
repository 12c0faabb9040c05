/* h5_disk.h - the file driver that HDF5 reads and writes our files through: the first error is kept.
 *
 * Whoever opens a file opens it once: HDF5, our reader of strings and the length of the file all use that
 * descriptor, so that a file renamed over its name meanwhile cannot mix into what is read.
 *
 * HDF5 keeps what it has to write until it closes a file, forgets what the system said, and does not survive
 * some failures. So this driver notes the first error of a file and from then on tells HDF5 that all is well:
 * nothing more is written, the file can be closed in peace, and whoever commits it asks for the error first.
 */
#ifndef H5_DISK_H
#define H5_DISK_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

#include "h5_seal.h"
#include "rf_pool.h"

typedef struct rf_h5_disk { /* of one file; at a fixed place while HDF5 has the file open */
    int fd;                 /* the only one that the file is read and written through; its owner closes it */
    int error;              /* errno of the first failure, 0: none */
    const char *what;       /* "read", "written" */
    rf_seal *seal;          /* what is read is checked by it; NULL: it is not checked */
    unsigned char *block;   /* of a file that is only read: the bytes around a small read; else NULL */
    uint64_t held;          /* which block that is */
    uint64_t size;          /* bytes of the content then */
    uint64_t given;         /* where what HDF5 has given to objects ends */
    uint64_t written;       /* where what HDF5 and spreads have written ends */
    rf_pool *pool;       /* whose threads take part in large reads and in hashing; NULL: the reader alone */
    bool damaged;        /* the failure is that the seal does not hold */
    uint64_t damaged_at; /* then: where the first damaged block that was read begins */
} rf_h5_disk;

/* Makes HDF5 use disk->fd for the file that is opened with fapl, whatever its name leads to by then. `name`
 * is the name that HDF5 will be given, and must outlive fapl: a file of any other name (an external link) is
 * not opened. Negative: HDF5 refused. */
herr_t rf_h5_disk_use(hid_t fapl, rf_h5_disk *disk, const char *name);

/* Reads and writes; a read over the end of the content fills the rest with zeros. Negative: see
 * disk->error. */
int rf_h5_disk_read(rf_h5_disk *disk, uint64_t from, size_t size, void *buffer);
int rf_h5_disk_read_unchecked(rf_h5_disk *disk, uint64_t from, size_t size, void *buffer);
void rf_h5_disk_write(rf_h5_disk *disk, uint64_t to, size_t size, const void *buffer);
/* Has the system begin to bring to the disk what was written, so that who waits for that waits for less. */
void rf_h5_disk_start(int fd);
/* A failure that was met elsewhere: the disk's, if it has none yet. `what`: "read", "written". */
void rf_h5_disk_note(rf_h5_disk *disk, int error, const char *what);

/* Bytes of the content. */
uint64_t rf_h5_disk_size(const rf_h5_disk *disk);
/* The disk's failure, if there was one, as ours. */
RF_MUST_CHECK rf_status rf_h5_disk_status(const rf_h5_disk *disk, const char *path, rf_err *err);

#endif
