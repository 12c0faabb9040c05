/* h5_scan.c - the superblock, and the walk from the root through all objects. */
#include "h5_scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "h5_disk.h"
#include "h5_scan_int.h"
#include "rf_h5.h"

#define MOST_OBJECTS 10000000 /* links; more is a file that was made to keep us busy */
#define USUAL_GROUP_K 16
#define USUAL_LEAF_K 4
#define USUAL_CHUNK_K 32

/* ---- objects met, and those that wait ---- */

static bool put(uint64_t *table, size_t cap, uint64_t address)
{
    size_t at = (size_t)(address * 0x9e3779b97f4a7c15U >> 20) & (cap - 1);
    while (table[at] != RF_H5_UNDEFINED) {
        if (table[at] == address)
            return false;
        at = (at + 1) & (cap - 1);
    }
    table[at] = address;
    return true;
}

/* *fresh: this object was not met before. */
static rf_status remember(bool *fresh, rf_h5_scan *scan, uint64_t address)
{
    rf_status st = RF_OK;
    uint64_t *larger = NULL;
    if (2 * (scan->n_seen + 1) > scan->cap_seen) {
        size_t cap = scan->cap_seen == 0 ? 256 : 2 * scan->cap_seen;
        RF_NEW(larger, cap, scan->err);
        memset(larger, 0xff, cap * sizeof *larger);
        for (size_t i = 0; i < scan->cap_seen; i++) {
            if (scan->seen[i] != RF_H5_UNDEFINED)
                put(larger, cap, scan->seen[i]);
        }
        rf_mem_free(scan->seen);
        scan->seen = larger;
        scan->cap_seen = cap;
    }
    *fresh = put(scan->seen, scan->cap_seen, address);
    scan->n_seen += *fresh;
done:
    return st;
}

rf_status rf_h5_scan_link(rf_h5_scan *scan, const char *name, size_t len, uint64_t address)
{
    rf_status st = RF_OK;
    rf_h5_waiting next = {address, scan->names.len, scan->depth + 1, scan->link_tree, scan->link_heap};
    if (!scan->follow)
        return RF_OK;
    if (len == 0 || memchr(name, '/', len) != NULL || memchr(name, '\0', len) != NULL)
        H5_DAMAGED("a link of it has an impossible name");
    if (strlen(scan->name) + len + 2 > sizeof scan->name)
        H5_REFUSE("holds a name that is too long", "shorten it");
    if (next.depth > RF_H5_MOST_DEPTH)
        H5_REFUSE("lies too deep in groups", "make the file again with fewer");
    if (++scan->links > MOST_OBJECTS)
        H5_REFUSE("is one of more objects than any file of ringfence holds", "make the file again");
    if (scan->depth > 0)
        RF_TRY(rf_text_add(&scan->names, scan->name, strlen(scan->name), scan->err));
    RF_TRY(rf_text_add(&scan->names, "/", 1, scan->err));
    RF_TRY(rf_text_add(&scan->names, name, len, scan->err));
    RF_TRY(rf_text_add(&scan->names, "", 1, scan->err));
    RF_RESERVE(scan->waiting, scan->cap_waiting, scan->n_waiting + 1, scan->err);
    scan->waiting[scan->n_waiting++] = next;
done:
    return st;
}

static rf_status walk(rf_h5_scan *scan)
{
    rf_status st = RF_OK;
    while (scan->n_waiting > 0) {
        const rf_h5_waiting next = scan->waiting[--scan->n_waiting];
        snprintf(scan->name, sizeof scan->name, "%s", scan->names.ptr + next.name_at);
        scan->names.len = next.name_at; /* it was the last one */
        scan->depth = next.depth;
        scan->cached_tree = next.tree;
        scan->cached_heap = next.heap;
        scan->link_tree = scan->link_heap = RF_H5_UNDEFINED;
        RF_TRY(remember(&scan->follow, scan, next.address));
        if (scan->follow || next.tree != RF_H5_UNDEFINED)
            RF_TRY(rf_h5_scan_object(scan, next.address));
    }
done:
    return st;
}

/* ---- the superblock ---- */

/* At the file's start, or where a block of somebody else's before it ends: at 512, 1024, 2048 … */
static rf_status find_signature(rf_h5_scan *scan)
{
    rf_status st = RF_OK;
    unsigned char found[RF_H5_SIGNATURE_BYTES];
    for (uint64_t at = 0; at < scan->size && scan->size - at >= sizeof found; at = at == 0 ? 512 : 2 * at) {
        if (rf_h5_disk_read(scan->disk, at, sizeof found, found) < 0)
            RF_TRY(rf_h5_disk_status(scan->disk, scan->path, scan->err));
        if (memcmp(found, RF_H5_SIGNATURE, sizeof found) == 0) {
            scan->base = at;
            scan->size -= at;
            goto done;
        }
    }
    RF_FAIL(scan->err, RF_E_FORMAT, "%s: is not an HDF5 file; give a file that ringfence wrote", scan->path);
done:
    return st;
}

static rf_status check_sizes(rf_h5_scan *scan, uint64_t of_address, uint64_t of_length)
{
    rf_status st = RF_OK;
    if (of_address != 8 || of_length != 8) /* legal, but rare */
        RF_FAIL(scan->err, RF_E_FORMAT, "%s: the HDF5 file has addresses of an unusual size; make it again",
                scan->path);
done:
    return st;
}

/* What both forms say of the whole file; base and end count from the file's start. */
static rf_status check_extent(rf_h5_scan *scan, uint64_t base, uint64_t extra, uint64_t end)
{
    rf_status st = RF_OK;
    if (base != scan->base && base != 0)
        H5_DAMAGED("its superblock cannot be read");
    if (end < base || end - base > scan->size)
        RF_FAIL(scan->err, RF_E_FORMAT,
                "%s: the file is damaged or truncated: it should have %" PRIu64 " bytes and has %" PRIu64
                "; restore the file or make it again",
                scan->path, end, scan->size + scan->base);
    if (extra != RF_H5_UNDEFINED)
        H5_REFUSE("is stored in a way that ringfence does not read", "copy the file with h5repack");
done:
    return st;
}

static rf_status add_root(rf_h5_scan *scan, uint64_t address, uint64_t tree, uint64_t heap)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_add(&scan->names, "/", 2, scan->err));
    RF_RESERVE(scan->waiting, scan->cap_waiting, 1, scan->err);
    scan->waiting[scan->n_waiting++] = (rf_h5_waiting){address, 0, 0, tree, heap};
done:
    return st;
}

static rf_status take_old_superblock(rf_h5_scan *scan, uint64_t version)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    size_t len = version == 0 ? 96 : 100;
    RF_TRY(rf_h5_scan_load(&bytes, scan, 0, len));
    rf_h5_cursor c = {bytes, len, false};
    rf_h5_take_bytes(&c, 13);
    uint64_t of_address = rf_h5_take(&c, 1), of_length = rf_h5_take(&c, 1);
    rf_h5_take_bytes(&c, 1);
    RF_TRY(check_sizes(scan, of_address, of_length));
    scan->leaf_k = (unsigned)rf_h5_take(&c, 2);
    scan->group_k = (unsigned)rf_h5_take(&c, 2);
    rf_h5_take_bytes(&c, 4);
    if (version == 1) {
        scan->chunk_k = (unsigned)rf_h5_take(&c, 2);
        rf_h5_take_bytes(&c, 2);
    }
    uint64_t base = rf_h5_take(&c, 8), free_space = rf_h5_take(&c, 8), end = rf_h5_take(&c, 8),
             driver = rf_h5_take(&c, 8);
    if (scan->leaf_k == 0 || scan->group_k == 0 || scan->chunk_k == 0 || free_space != RF_H5_UNDEFINED)
        H5_DAMAGED("its superblock cannot be read");
    RF_TRY(check_extent(scan, base, driver, end));
    rf_h5_take_bytes(&c, 8); /* of the root's entry: a name that it does not have */
    uint64_t root = rf_h5_take(&c, 8), cached = rf_h5_take(&c, 8) & 0xffffffff, tree = rf_h5_take(&c, 8),
             heap = rf_h5_take(&c, 8);
    RF_TRY(add_root(scan, root, cached == 1 ? tree : RF_H5_UNDEFINED, heap));
done:
    rf_mem_free(bytes);
    return st;
}

static rf_status take_new_superblock(rf_h5_scan *scan)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    rf_h5_cursor c;
    RF_TRY(rf_h5_scan_load_summed(&bytes, &c, scan, 0, 48));
    rf_h5_take_bytes(&c, 9);
    uint64_t of_address = rf_h5_take(&c, 1), of_length = rf_h5_take(&c, 1);
    rf_h5_take_bytes(&c, 1);
    RF_TRY(check_sizes(scan, of_address, of_length));
    uint64_t base = rf_h5_take(&c, 8), extension = rf_h5_take(&c, 8), end = rf_h5_take(&c, 8);
    RF_TRY(check_extent(scan, base, extension, end));
    RF_TRY(add_root(scan, rf_h5_take(&c, 8), RF_H5_UNDEFINED, RF_H5_UNDEFINED));
done:
    rf_mem_free(bytes);
    return st;
}

static rf_status take_superblock(rf_h5_scan *scan)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    RF_TRY(find_signature(scan));
    scan->budget = scan->size < UINT64_MAX / 8 ? 4 * scan->size + (1U << 20) : UINT64_MAX;
    RF_TRY(rf_h5_scan_load(&bytes, scan, 0, 9));
    if (bytes[8] > 3)
        H5_REFUSE("is of a newer HDF5 than ringfence reads",
                  "write it with HDF5's libver \"v110\" or earlier");
    if (bytes[8] < 2)
        RF_TRY(take_old_superblock(scan, bytes[8]));
    else
        RF_TRY(take_new_superblock(scan));
done:
    rf_mem_free(bytes);
    return st;
}

static rf_status scan_file(rf_h5_facts *facts, rf_h5_disk *disk, const char *path, bool mend, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5_scan scan = {.disk = disk,
                       .path = path,
                       .mend = mend,
                       .size = rf_h5_disk_size(disk),
                       .group_k = USUAL_GROUP_K,
                       .leaf_k = USUAL_LEAF_K,
                       .chunk_k = USUAL_CHUNK_K,
                       .name = "/",
                       .err = err};
    RF_TRY(take_superblock(&scan));
    RF_TRY(walk(&scan));
    *facts = scan.facts;
    facts->objects = scan.n_seen;
done:
    rf_text_clear(&scan.names);
    rf_mem_free(scan.waiting);
    rf_mem_free(scan.seen);
    return st;
}

rf_status rf_h5_scan_file(rf_h5_facts *facts, rf_h5_disk *disk, const char *path, rf_err *err)
{
    return scan_file(facts, disk, path, false, err);
}

rf_status rf_h5_scan_mend(int fd, rf_err *err)
{
    rf_h5_facts facts;
    rf_h5_disk disk = {.fd = fd};
    return scan_file(&facts, &disk, "the file under test", true, err);
}
