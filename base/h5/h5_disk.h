/* h5_disk.h - the file driver that HDF5 reads and writes our files through: the first error is kept.
 *
 * HDF5 keeps what it has to write until it closes a file, forgets what the system said, and does not survive
 * some failures. So this driver notes the first error of a file and from then on tells HDF5 that all is well:
 * nothing more is written, the file can be closed in peace, and whoever commits it asks for the error first.
 */
#ifndef H5_DISK_H
#define H5_DISK_H

#include <hdf5.h>
#include <stdint.h>

typedef struct rf_h5_disk { /* of one file; at a fixed place while HDF5 has the file open */
    int error;              /* errno of the first failure, 0: none */
    const char *what;       /* "read", "written", "closed" */
} rf_h5_disk;

/* Makes fapl open its file through the driver; disk NULL: errors are not kept. Negative: HDF5 refused. */
herr_t rf_h5_disk_use(hid_t fapl, rf_h5_disk *disk);

#endif
