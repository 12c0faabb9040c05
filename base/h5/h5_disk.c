/* h5_disk.c - a file driver on pread and pwrite.
 *
 * It lays out files as HDF5's own driver for one POSIX file does: the same features, one address space for
 * all kinds of memory, and zeros behind the end of the file.
 */
#define _GNU_SOURCE 1 /* sync_file_range */

#include "h5_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_h5.h"

#define MAX_ADDRESS ((haddr_t)INT64_MAX)
#define MOST_AT_ONCE ((size_t)1 << 30) /* what one call of the system takes */
#define PIECE (8 * RF_SEAL_BLOCK)
#define SHARE (16 * PIECE) /* of one of several threads */

typedef struct settings { /* of a file access property list; copied by HDF5 */
    rf_h5_disk *disk;
    const char *name;
} settings;

typedef struct disk_file {
    H5FD_t base; /* HDF5's; first */
    rf_h5_disk *disk;
    haddr_t end_of_addresses, end_of_file;
} disk_file;

static atomic_llong calls, calls_left = -1; /* several threads may write */
static int failure;

void rf_h5_disk_fail_after(int64_t n, int error)
{
    calls = 0;
    calls_left = n;
    failure = error;
}

int64_t rf_h5_disk_calls(void)
{
    return calls;
}

/* True for the call that a test wants to fail. */
static bool fails_on_purpose(void)
{
    calls++;
    if (calls_left < 0 || calls_left-- > 0)
        return false;
    errno = failure;
    return true;
}

void rf_h5_disk_note(rf_h5_disk *disk, int error, const char *what)
{
    if (disk->error != 0)
        return;
    disk->error = error;
    disk->what = what;
}

static void note(rf_h5_disk *disk, const char *what)
{
    rf_h5_disk_note(disk, errno, what);
}

uint64_t rf_h5_disk_size(const rf_h5_disk *disk)
{
    struct stat info;
    if (disk->block != NULL)
        return disk->size;
    return fstat(disk->fd, &info) == 0 ? (uint64_t)info.st_size : 0;
}

rf_status rf_h5_disk_status(const rf_h5_disk *disk, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    if (disk->damaged)
        return rf_seal_refuse(path, disk->damaged_at, err);
    if (disk->error != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be %s: %s", path, disk->what, strerror(disk->error));
done:
    return st;
}

/* ---- opening and closing ---- */

/* A failure is no error of the file: HDF5 tries an open before it creates. */
static H5FD_t *disk_open(const char *name, unsigned flags, hid_t fapl, haddr_t most)
{
    const settings *set = H5Pget_driver_info(fapl);
    (void)most;
    if (set == NULL || strcmp(name, set->name) != 0 ||
        ((flags & H5F_ACC_TRUNC) != 0 && ftruncate(set->disk->fd, 0) != 0))
        return NULL;
    disk_file *file = calloc(1, sizeof *file); /* uncounted, as all memory of HDF5 */
    if (file == NULL)
        return NULL;
    file->disk = set->disk;
    file->end_of_file = rf_h5_disk_size(file->disk);
    return &file->base;
}

static herr_t disk_close(H5FD_t *base)
{
    free(base);
    return 0;
}

static int disk_compare(const H5FD_t *left, const H5FD_t *right)
{
    uintptr_t a = (uintptr_t)left, b = (uintptr_t)right; /* nothing is shared, not even by one inode */
    return (a > b) - (a < b);
}

static herr_t disk_query(const H5FD_t *base, unsigned long *features)
{
    (void)base;
    *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
                H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

/* ---- addresses ---- */

static haddr_t disk_end_of_addresses(const H5FD_t *base, H5FD_mem_t kind)
{
    (void)kind;
    return ((const disk_file *)base)->end_of_addresses;
}

static herr_t disk_set_end_of_addresses(H5FD_t *base, H5FD_mem_t kind, haddr_t end)
{
    (void)kind;
    ((disk_file *)base)->end_of_addresses = end;
    ((disk_file *)base)->disk->given = end;
    return 0;
}

static haddr_t disk_end_of_file(const H5FD_t *base, H5FD_mem_t kind)
{
    (void)kind;
    return ((const disk_file *)base)->end_of_file;
}

/* ---- bytes ---- */

int rf_h5_disk_read_unchecked(rf_h5_disk *disk, uint64_t from, size_t size, void *buffer)
{
    char *to = buffer;
    while (size > 0) {
        ssize_t n = pread(disk->fd, to, size < MOST_AT_ONCE ? size : MOST_AT_ONCE, (off_t)from);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            note(disk, "read");
            return -1;
        }
        if (n == 0)
            break;
        to += n;
        from += (uint64_t)n;
        size -= (size_t)n;
    }
    memset(to, 0, size);
    return 0;
}

/* Whole blocks, but for the file's last one, in pieces that are still in the processor's cache when they are
 * checked. */
static int read_alone(rf_h5_disk *disk, uint64_t b, size_t size, unsigned char *to)
{
    while (size > 0) {
        size_t piece = size < PIECE ? size : PIECE;
        if (rf_h5_disk_read_unchecked(disk, b * RF_SEAL_BLOCK, piece, to) < 0)
            return -1;
        for (size_t at = 0; disk->seal != NULL && at < piece; at += RF_SEAL_BLOCK) {
            uint64_t checked = b + at / RF_SEAL_BLOCK;
            if (rf_seal_holds(disk->seal, checked, to + at))
                continue;
            if (disk->error == 0) { /* the first failure stays the verdict */
                disk->damaged = true;
                disk->damaged_at = checked * RF_SEAL_BLOCK;
            }
            errno = EBADMSG;
            note(disk, "read");
            return -1;
        }
        b += piece / RF_SEAL_BLOCK;
        to += piece;
        size -= piece;
    }
    return 0;
}

typedef struct large_read {
    const rf_h5_disk *disk;
    uint64_t b;
    size_t size;
    unsigned char *to;
    atomic_bool failed;
} large_read;

/* Reads and checks a share of the pieces, and says only whether all is well. */
static void read_share(void *context, int64_t index, int worker)
{
    large_read *read = context;
    const size_t from = (size_t)index * SHARE, end = from + SHARE < read->size ? from + SHARE : read->size;
    (void)worker;
    for (size_t at = from; at < end && !read->failed; at += PIECE) {
        const size_t piece = end - at < PIECE ? end - at : PIECE;
        const uint64_t b = read->b + at / RF_SEAL_BLOCK;
        const ssize_t n = pread(read->disk->fd, read->to + at, piece, (off_t)(b * RF_SEAL_BLOCK));
        bool holds = n == (ssize_t)piece;
        for (size_t k = 0; holds && read->disk->seal != NULL && k < piece; k += RF_SEAL_BLOCK)
            holds = rf_seal_holds(read->disk->seal, b + k / RF_SEAL_BLOCK, read->to + at + k);
        if (!holds)
            read->failed = true;
    }
}

/* What goes wrong with several threads is read again by one, which then says what it is. */
static int read_blocks(rf_h5_disk *disk, uint64_t b, size_t size, unsigned char *to)
{
    if (disk->pool != NULL && size > SHARE) {
        large_read read = {.disk = disk, .b = b, .size = size, .to = to};
        rf_pool_run(disk->pool, (int64_t)((size + SHARE - 1) / SHARE), read_share, &read);
        if (!read.failed)
            return 0;
    }
    return read_alone(disk, b, size, to);
}

static int read_part(rf_h5_disk *disk, uint64_t b, size_t length, size_t from, size_t size, void *to)
{
    if (disk->held != b) {
        disk->held = UINT64_MAX;
        if (read_blocks(disk, b, length, disk->block) < 0)
            return -1;
        disk->held = b;
    }
    memcpy(to, disk->block + from, size);
    return 0;
}

int rf_h5_disk_read(rf_h5_disk *disk, uint64_t from, size_t size, void *buffer)
{
    unsigned char *to = buffer;
    if (from > MAX_ADDRESS || size > MAX_ADDRESS - from)
        return -1;
    if (disk->block == NULL)
        return rf_h5_disk_read_unchecked(disk, from, size, buffer);
    const uint64_t end = rf_h5_disk_size(disk);
    while (size > 0 && from < end) {
        uint64_t b = from / RF_SEAL_BLOCK, left = end - from;
        size_t inside = (size_t)(from % RF_SEAL_BLOCK), n = size < left ? size : (size_t)left;
        size_t length =
            end - b * RF_SEAL_BLOCK < RF_SEAL_BLOCK ? (size_t)(end - b * RF_SEAL_BLOCK) : RF_SEAL_BLOCK;
        size_t whole = n == left ? n : n - n % RF_SEAL_BLOCK;
        int result;
        if (inside == 0 && whole > 0) {
            n = whole;
            result = read_blocks(disk, b, n, to);
        } else {
            n = n < length - inside ? n : length - inside;
            result = read_part(disk, b, length, inside, n, to);
        }
        if (result < 0)
            return -1;
        to += n;
        from += n;
        size -= n;
    }
    memset(to, 0, size);
    return 0;
}

static herr_t disk_read(H5FD_t *base, H5FD_mem_t kind, hid_t dxpl, haddr_t from, size_t size, void *buffer)
{
    (void)kind;
    (void)dxpl;
    return rf_h5_disk_read(((disk_file *)base)->disk, from, size, buffer);
}

void rf_h5_disk_write(rf_h5_disk *disk, uint64_t to, size_t size, const void *buffer)
{
    const char *from = buffer;
    while (size > 0 && disk->error == 0) {
        ssize_t n = fails_on_purpose()
                        ? -1
                        : pwrite(disk->fd, from, size < MOST_AT_ONCE ? size : MOST_AT_ONCE, (off_t)to);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            note(disk, "written");
            break;
        }
        from += n;
        to += (uint64_t)n;
        size -= (size_t)n;
    }
}

void rf_h5_disk_start(int fd)
{
#ifdef SYNC_FILE_RANGE_WRITE
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* all of it; where it cannot, fsync will */
#else
    (void)fd;
#endif
}

static herr_t disk_write(H5FD_t *base, H5FD_mem_t kind, hid_t dxpl, haddr_t to, size_t size,
                         const void *buffer)
{
    disk_file *file = (disk_file *)base;
    (void)kind;
    (void)dxpl;
    if (to > MAX_ADDRESS || size > MAX_ADDRESS - to)
        return -1;
    rf_h5_disk_write(file->disk, to, size, buffer);
    to += size; /* also where nothing is written any more: HDF5 may go on as if it were */
    file->end_of_file = to > file->end_of_file ? to : file->end_of_file;
    file->disk->written = to > file->disk->written ? to : file->disk->written;
    return 0;
}

static herr_t disk_truncate(H5FD_t *base, hid_t dxpl, hbool_t closing)
{
    disk_file *file = (disk_file *)base;
    (void)dxpl;
    (void)closing;
    if (file->end_of_addresses == file->end_of_file || file->disk->error != 0)
        return 0;
    if (fails_on_purpose() || ftruncate(file->disk->fd, (off_t)file->end_of_addresses) != 0)
        note(file->disk, "written");
    file->end_of_file = file->end_of_addresses;
    return 0;
}

static const H5FD_class_t disk_class = {.name = "ringfence disk",
                                        .maxaddr = MAX_ADDRESS,
                                        .fc_degree = H5F_CLOSE_WEAK,
                                        .fapl_size = sizeof(settings),
                                        .open = disk_open,
                                        .close = disk_close,
                                        .cmp = disk_compare,
                                        .query = disk_query,
                                        .get_eoa = disk_end_of_addresses,
                                        .set_eoa = disk_set_end_of_addresses,
                                        .get_eof = disk_end_of_file,
                                        .read = disk_read,
                                        .write = disk_write,
                                        .truncate = disk_truncate,
                                        .fl_map = H5FD_FLMAP_DICHOTOMY};

herr_t rf_h5_disk_use(hid_t fapl, rf_h5_disk *disk, const char *name)
{
    static hid_t driver = H5I_INVALID_HID;
    const settings set = {.disk = disk, .name = name};
    if (driver < 0)
        driver = H5FDregister(&disk_class);
    return driver < 0 ? -1 : H5Pset_driver(fapl, driver, &set);
}
