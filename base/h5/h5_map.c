/* h5_map.c - large datasets where they lie in the file: no copy, and no page of the process's own.
 *
 * Only of files with hashes: those are ours, which are replaced and never changed in place, so that nothing
 * is cut off under the mapping. Every byte is read once beforehand, through a small buffer, and checked: what
 * cannot be read or is wrong is left to rf_h5_read, which says so. Later looks find the pages in the system's
 * cache.
 */
#include "h5_int.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEAST_VALUES (1 << 20)       /* fewer are read */
#define A_TASK (256 * RF_SEAL_BLOCK) /* bytes */

/* Where the numbers of the dataset are in the file, if they lie there one behind the other, as in memory. */
static bool find_place(uint64_t *from, uint64_t *size, hid_t dataset, hid_t type)
{
    const hid_t stored = H5Dget_type(dataset);
    const haddr_t at = H5Dget_offset(dataset);
    const bool is_plain = stored >= 0 && H5Tequal(stored, type) > 0 && at != HADDR_UNDEF;
    close_type(stored);
    *from = at;
    *size = H5Dget_storage_size(dataset);
    return is_plain && *from % H5Tget_size(type) == 0;
}

typedef struct checking {
    rf_h5_disk *disk;
    uint64_t from, end;
    atomic_bool failed;
} checking;

static void check_share(void *context, int64_t index, int worker)
{
    checking *check = context;
    unsigned char block[RF_SEAL_BLOCK];
    const uint64_t first = check->from + (uint64_t)index * A_TASK;
    (void)worker;
    for (uint64_t at = first; at < check->end && at < first + A_TASK && !check->failed; at += RF_SEAL_BLOCK) {
        const size_t n = check->end - at < RF_SEAL_BLOCK ? (size_t)(check->end - at) : RF_SEAL_BLOCK;
        if (pread(check->disk->fd, block, n, (off_t)at) != (ssize_t)n ||
            !rf_seal_holds(check->disk->seal, at / RF_SEAL_BLOCK, block))
            check->failed = true;
    }
}

rf_status rf_h5_map(rf_h5_mapping *out, rf_h5 *file, const char *name, rf_h5_type type, int64_t n,
                    rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID;
    rf_h5_disk *disk = file->disk;
    uint64_t at, size;
    *out = (rf_h5_mapping){0};
    if (disk->seal == NULL || disk->block == NULL || n < LEAST_VALUES)
        goto done;
    RF_TRY(rf_h5_open_dataset(&dataset, file, name, err));
    if (!find_place(&at, &size, dataset, rf_h5_memory_type(type)) ||
        size != (uint64_t)n * rf_h5_type_size(type) || size > disk->size || at > disk->size - size)
        goto done;
    checking check = {.disk = disk, .from = at - at % RF_SEAL_BLOCK, .end = at + size};
    check.end += (RF_SEAL_BLOCK - check.end % RF_SEAL_BLOCK) % RF_SEAL_BLOCK;
    check.end = check.end < disk->size ? check.end : disk->size;
    const size_t bytes = (size_t)(check.end - check.from);
    rf_pool_run(disk->pool, (int64_t)((bytes + A_TASK - 1) / A_TASK), check_share, &check);
    if (check.failed)
        goto done;
    /* whoever writes gets pages of its own */
    void *start =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, disk->fd, (off_t)check.from);
    if (start == MAP_FAILED)
        goto done;
    *out = (rf_h5_mapping){start, bytes, (char *)start + (at - check.from)};
done:
    close_object(dataset);
    return st;
}

void rf_h5_mapping_drop(const void *from, size_t bytes)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE),
                    first = ((uintptr_t)from + page - 1) & ~(page - 1),
                    end = ((uintptr_t)from + bytes) & ~(page - 1);
    if (end > first)
        (void)madvise((void *)first, end - first, MADV_DONTNEED);
}

void rf_h5_unmap(rf_h5_mapping *mapping)
{
    if (mapping->start != NULL)
        (void)munmap(mapping->start, mapping->bytes);
    *mapping = (rf_h5_mapping){0};
}
