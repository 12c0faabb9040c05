/* h5_seal.c - makes, reads and checks the hashes behind a file's content; h5_seal.h has the layout.
 *
 * XXH3 finds what disks, memories and copies do to files, not what a forger does. It knows nothing of HDF5
 * but where a superblock says that the file ends.
 */
#include "h5_seal.h"

#include <stdatomic.h>
#include <string.h>
#include <xxhash.h>

#include "h5_disk.h"
#include "rf_h5.h"
#include "rf_mem.h"

#define MAGIC "RFSEAL\r\n"
#define FOOTER ((size_t)24)
#define HASH ((size_t)8)
#define BLOCKS_A_TASK 256
#define AGAIN "restore it from a copy, or remove it and run the verb that writes it again"

static void put_number(unsigned char *to, uint64_t value)
{
    for (size_t i = 0; i < HASH; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t number_at(const unsigned char *from)
{
    uint64_t value = 0;
    for (size_t i = HASH; i-- > 0;)
        value = value << 8 | from[i];
    return value;
}

static uint64_t blocks_of(uint64_t size)
{
    return size / RF_SEAL_BLOCK + (size % RF_SEAL_BLOCK != 0);
}

static size_t block_length(uint64_t size, uint64_t block)
{
    uint64_t left = size - block * RF_SEAL_BLOCK;
    return left < RF_SEAL_BLOCK ? (size_t)left : RF_SEAL_BLOCK;
}

/* ---- writing ---- */

typedef struct hashing {
    int fd;
    uint64_t size;
    unsigned char *blocks; /* [threads, RF_SEAL_BLOCK] */
    unsigned char *hashes; /* [blocks of the file] */
    atomic_int error;      /* errno of a failure; 0: none */
} hashing;

/* The first task has the disk begin; the others hash meanwhile. */
static void hash_share(void *context, int64_t index, int worker)
{
    hashing *h = context;
    if (index == 0) {
        rf_h5_disk_start(h->fd);
        return;
    }
    rf_h5_disk own = {.fd = h->fd}; /* which notes what goes wrong for this thread alone */
    const size_t n = (size_t)blocks_of(h->size), from = (size_t)(index - 1) * BLOCKS_A_TASK;
    unsigned char *block = h->blocks + (size_t)worker * RF_SEAL_BLOCK;
    for (size_t i = from; i < n && i < from + BLOCKS_A_TASK && h->error == 0; i++) {
        const size_t length = block_length(h->size, i);
        if (rf_h5_disk_read_unchecked(&own, i * RF_SEAL_BLOCK, length, block) < 0)
            h->error = own.error;
        else
            put_number(h->hashes + i * HASH, XXH3_64bits(block, length));
    }
}

rf_status rf_seal_add(rf_h5_disk *disk, rf_err *err)
{
    rf_status st = RF_OK;
    uint64_t size = rf_h5_disk_size(disk);
    size_t n = (size_t)blocks_of(size), hashed = n * HASH + FOOTER - HASH;
    unsigned char *blocks = NULL, *seal = NULL;
    RF_NEW(blocks, RF_SEAL_BLOCK * (size_t)rf_pool_threads(disk->pool), err);
    RF_NEW(seal, hashed + HASH, err);
    hashing h = {.fd = disk->fd, .size = size, .blocks = blocks, .hashes = seal};
    rf_pool_run(disk->pool, 1 + (int64_t)((n + BLOCKS_A_TASK - 1) / BLOCKS_A_TASK), hash_share, &h);
    if (h.error != 0) {
        rf_h5_disk_note(disk, h.error, "read");
        goto done;
    }
    memcpy(seal + n * HASH, MAGIC, HASH);
    put_number(seal + n * HASH + HASH, size);
    put_number(seal + hashed, XXH3_64bits(seal, hashed));
    rf_h5_disk_write(disk, size, hashed + HASH, seal);
done:
    rf_mem_free(seal);
    rf_mem_free(blocks);
    return st;
}

/* ---- reading ---- */

/* Where the superblock of a file like ours says that the file ends; 0: it does not say so. */
static uint64_t end_by_superblock(rf_h5_disk *disk)
{
    unsigned char head[36];
    if (rf_h5_disk_read_unchecked(disk, 0, sizeof head, head) < 0 ||
        memcmp(head, RF_H5_SIGNATURE, RF_H5_SIGNATURE_BYTES) != 0 || (head[8] != 2 && head[8] != 3) ||
        head[9] != 8)
        return 0;
    return number_at(head + 28);
}

static rf_status refuse(const char *path, const char *what, rf_err *err)
{
    return rf_err_set(err, RF_E_FORMAT, __FILE__, __LINE__, "%s: is damaged: %s; " AGAIN, path, what);
}

static rf_status new_seal(rf_seal **out, uint64_t size, rf_err *err)
{
    rf_status st = RF_OK;
    rf_seal *seal = NULL;
    RF_ZERO(seal, 1, err);
    seal->size = size;
    seal->n = (size_t)blocks_of(size);
    RF_NEW(seal->hashes, seal->n * HASH + FOOTER, err);
    RF_ZERO(seal->whole, seal->n, err);
    *out = seal;
    seal = NULL;
done:
    rf_seal_free(seal);
    return st;
}

rf_status rf_seal_load(rf_seal **out, rf_h5_disk *disk, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    uint64_t file_size = rf_h5_disk_size(disk);
    unsigned char footer[FOOTER];
    rf_seal *seal = NULL;
    *out = NULL;
    if (file_size < FOOTER || rf_h5_disk_read_unchecked(disk, file_size - FOOTER, FOOTER, footer) < 0)
        return RF_OK;
    uint64_t size = number_at(footer + HASH), end = end_by_superblock(disk);
    if (memcmp(footer, MAGIC, HASH) != 0) {
        if (end > 0 && end < file_size)
            return refuse(path, "what lies behind its content is not its hashes", err);
        return RF_OK;
    }
    if (size > file_size || size + blocks_of(size) * HASH + FOOTER != file_size || (end > 0 && end != size))
        return refuse(path, "it is longer or shorter than it was written", err);
    RF_TRY(new_seal(&seal, size, err));
    size_t hashed = seal->n * HASH + FOOTER - HASH;
    if (rf_h5_disk_read_unchecked(disk, size, hashed + HASH, seal->hashes) < 0 ||
        number_at(seal->hashes + hashed) != XXH3_64bits(seal->hashes, hashed)) {
        st = refuse(path, "the hashes of its content are wrong", err);
        goto done;
    }
    *out = seal;
    seal = NULL;
done:
    rf_seal_free(seal);
    return st;
}

void rf_seal_free(rf_seal *seal)
{
    if (seal == NULL)
        return;
    rf_mem_free(seal->hashes);
    rf_mem_free(seal->whole);
    rf_mem_free(seal);
}

bool rf_seal_holds(rf_seal *seal, uint64_t b, const unsigned char *bytes)
{
    if (!seal->whole[b])
        seal->whole[b] =
            XXH3_64bits(bytes, block_length(seal->size, b)) == number_at(seal->hashes + b * HASH);
    return seal->whole[b];
}

rf_status rf_seal_refuse(const char *path, uint64_t at, rf_err *err)
{
    return rf_err_set(err, RF_E_FORMAT, __FILE__, __LINE__,
                      "%s: is damaged: its bytes from %llu on are not those that were written; " AGAIN, path,
                      (unsigned long long)at);
}
