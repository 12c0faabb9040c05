/* h5_scan_storage.c - where the values of a dataset lie, held against the file's length. */
#include <inttypes.h>
#include <stdio.h>

#include "h5_scan_int.h"

#define DEFLATE 1
#define SHUFFLE 2
#define FLETCHER32 3
#define DEFLATE_RATIO 1032 /* no stream of deflate says more in fewer bytes */
#define OLDER "write it with HDF5's libver \"v108\" or \"earliest\""

/* ---- messages ---- */

static rf_status take_chunks(rf_h5_scan_storage *out, rf_h5_scan *scan, rf_h5_cursor *c)
{
    rf_status st = RF_OK;
    uint64_t rank = rf_h5_take(c, 1);
    out->address = rf_h5_take(c, 8);
    if (rank < 2 || rank > RF_H5_SCAN_RANK + 1)
        H5_DAMAGED("its chunks have an impossible shape");
    out->chunk_rank = (int)rank;
    for (uint64_t i = 0; i < rank; i++)
        out->chunk[i] = rf_h5_take(c, 4);
done:
    return st;
}

rf_status rf_h5_scan_take_layout(rf_h5_scan_storage *out, rf_h5_scan *scan, rf_h5_cursor *c)
{
    rf_status st = RF_OK;
    uint64_t version = rf_h5_take(c, 1);
    out->layout = (unsigned)rf_h5_take(c, 1);
    if (version == 1 || version == 2)
        H5_REFUSE("is stored in the way of HDF5 1.6 and before", "write it again with a newer HDF5");
    if (c->over || version > 4 || version < 3 || out->layout > RF_H5_VIRTUAL)
        H5_DAMAGED("where its values lie cannot be read");
    if (out->layout == RF_H5_VIRTUAL)
        H5_REFUSE("takes its values from other files (a virtual dataset), which ringfence does not read",
                  "write the values into this file");
    if (version == 4)
        H5_REFUSE("is stored in the way of HDF5 1.10, which ringfence does not read", OLDER);
    if (out->layout == RF_H5_COMPACT) {
        out->bytes = rf_h5_take(c, 2);
        rf_h5_take_bytes(c, out->bytes);
    } else if (out->layout == RF_H5_CONTIGUOUS) {
        out->address = rf_h5_take(c, 8);
        out->bytes = rf_h5_take(c, 8);
    } else {
        RF_TRY(take_chunks(out, scan, c));
    }
    if (c->over)
        H5_DAMAGED("where its values lie is cut off");
done:
    return st;
}

rf_status rf_h5_scan_take_filters(rf_h5_scan_storage *out, rf_h5_scan *scan, rf_h5_cursor *c)
{
    rf_status st = RF_OK;
    char what[96];
    uint64_t version = rf_h5_take(c, 1), n = rf_h5_take(c, 1);
    if (version == 1)
        rf_h5_take_bytes(c, 6);
    if (version < 1 || version > 2)
        H5_DAMAGED("its filters cannot be read");
    for (uint64_t i = 0; i < n; i++) {
        uint64_t id = rf_h5_take(c, 2), name = version == 1 || id >= 256 ? rf_h5_take(c, 2) : 0;
        rf_h5_take_bytes(c, 2);
        uint64_t values = rf_h5_take(c, 2);
        rf_h5_take_bytes(c, version == 1 ? (name + 7) / 8 * 8 : name);
        rf_h5_take_bytes(c, 4 * values + (version == 1 && values % 2 == 1 ? 4 : 0));
        if (c->over)
            break;
        if (id < DEFLATE || id > FLETCHER32) {
            snprintf(what, sizeof what,
                     "is stored with the filter %" PRIu64 ", which ringfence does not read", id);
            H5_REFUSE(what, "write it with gzip or without compression");
        }
        if (id == DEFLATE && out->deflated)
            H5_REFUSE("is compressed twice", "write it with gzip or without compression");
        out->filtered = true;
        out->deflated = out->deflated || id == DEFLATE;
    }
    if (c->over)
        H5_DAMAGED("its filters are cut off");
done:
    return st;
}

rf_status rf_h5_scan_take_fill(rf_h5_scan_storage *out, rf_h5_scan *scan, rf_h5_cursor *c)
{
    rf_status st = RF_OK;
    uint64_t version = rf_h5_take(c, 1), flags = rf_h5_take(c, 1);
    bool given = (flags & 0x20) != 0;
    if (version < 1 || version > 3)
        H5_DAMAGED("its fill value cannot be read");
    if (version < 3) {
        rf_h5_take(c, 1);
        given = rf_h5_take(c, 1) != 0 || version == 1;
    }
    uint64_t bytes = given ? rf_h5_take(c, 4) : 0;
    if (version < 3 && bytes >= 0x80000000U) /* -1: undefined */
        bytes = 0;
    const unsigned char *value = rf_h5_take_bytes(c, bytes);
    if (c->over)
        H5_DAMAGED("its fill value is cut off");
    out->fill_bytes = bytes;
    out->fill_is_zero = true;
    for (uint64_t i = 0; i < bytes; i++)
        out->fill_is_zero = out->fill_is_zero && value[i] == 0;
done:
    return st;
}

/* ---- sizes ---- */

/* No more than the file can hold: what is claimed is what memory is taken for. */
static rf_status check_claim(rf_h5_scan *scan, const rf_h5_scan_storage *storage, uint64_t bytes,
                             uint64_t stored)
{
    rf_status st = RF_OK;
    char what[160];
    uint64_t most = stored;
    if (storage->deflated && __builtin_mul_overflow(most, DEFLATE_RATIO, &most))
        most = INT64_MAX;
    if (bytes > most) {
        snprintf(what, sizeof what,
                 "claims %" PRIu64 " bytes, more than a file of %" PRIu64 " bytes can hold", bytes,
                 scan->size);
        H5_REFUSE(what, "the file is damaged: restore it or make it again");
    }
done:
    return st;
}

/* ---- chunks ---- */

typedef struct chunks {
    const rf_h5_scan_storage *storage;
    uint64_t bytes;  /* of one, without filters */
    uint64_t stored; /* of all */
} chunks;

static rf_status check_chunk(rf_h5_scan *scan, chunks *of, uint64_t address, uint64_t bytes)
{
    rf_status st = RF_OK;
    if (!rf_h5_scan_holds(scan, address, bytes))
        H5_DAMAGED("a chunk lies after the file's end");
    if (!of->storage->filtered && bytes != of->bytes)
        H5_DAMAGED("a chunk has the wrong size");
    of->stored += bytes;
done:
    return st;
}

/* level: what the node must be on; its children are one lower. */
static rf_status check_chunk_node(rf_h5_scan *scan, chunks *of, uint64_t address, uint64_t level)
{
    rf_status st = RF_OK;
    unsigned char *block = NULL;
    size_t offsets = (size_t)of->storage->chunk_rank * 8, k = scan->chunk_k;
    RF_TRY(rf_h5_scan_load(&block, scan, address, 24 + 2 * k * 8 + (2 * k + 1) * (8 + offsets)));
    rf_h5_cursor c = {block, 24 + 2 * k * 8 + (2 * k + 1) * (8 + offsets), false};
    bool marked = rf_h5_take_mark(&c, "TREE");
    uint64_t kind = rf_h5_take(&c, 1), found = rf_h5_take(&c, 1), n = rf_h5_take(&c, 2);
    if (!marked || kind != 1 || found != level || n > 2 * k)
        H5_DAMAGED("the list of its chunks is broken");
    rf_h5_take_bytes(&c, 16);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t bytes = rf_h5_take(&c, 4);
        rf_h5_take_bytes(&c, 4 + offsets);
        uint64_t child = rf_h5_take(&c, 8);
        if (level > 0)
            RF_TRY(check_chunk_node(scan, of, child, level - 1));
        else
            RF_TRY(check_chunk(scan, of, child, bytes));
    }
done:
    rf_mem_free(block);
    return st;
}

static rf_status check_chunk_tree(rf_h5_scan *scan, chunks *of)
{
    rf_status st = RF_OK;
    unsigned char *block = NULL;
    RF_TRY(rf_h5_scan_load(&block, scan, of->storage->address, 6));
    RF_TRY(check_chunk_node(scan, of, of->storage->address, block[5]));
done:
    rf_mem_free(block);
    return st;
}

static rf_status check_chunks(rf_h5_scan *scan, const rf_h5_scan_storage *storage,
                              const rf_h5_scan_type *type, const rf_h5_scan_space *space, uint64_t bytes)
{
    rf_status st = RF_OK;
    chunks of = {storage, 1, 0};
    if (storage->chunk_rank != space->rank + 1 || storage->chunk[space->rank] != type->size)
        H5_DAMAGED("its chunks do not fit its shape");
    for (int i = 0; i < storage->chunk_rank; i++) {
        if (storage->chunk[i] == 0 || __builtin_mul_overflow(of.bytes, storage->chunk[i], &of.bytes) ||
            of.bytes > UINT32_MAX)
            H5_DAMAGED("its chunks have an impossible size");
    }
    RF_TRY(check_claim(scan, storage, of.bytes, scan->size));
    if (storage->address != RF_H5_UNDEFINED)
        RF_TRY(check_chunk_tree(scan, &of));
    if (bytes > scan->size) /* packed: then what is stored must unpack to it */
        RF_TRY(check_claim(scan, storage, bytes, of.stored < scan->size ? of.stored : scan->size));
done:
    return st;
}

rf_status rf_h5_scan_check_storage(rf_h5_scan *scan, const rf_h5_scan_storage *storage,
                                   const rf_h5_scan_type *type, const rf_h5_scan_space *space)
{
    rf_status st = RF_OK;
    uint64_t bytes;
    if (__builtin_mul_overflow(space->points, type->size, &bytes))
        H5_REFUSE("claims to be larger than any memory", "the file is damaged: restore it or make it again");
    RF_TRY(check_claim(scan, storage, bytes, scan->size));
    if (storage->fill_bytes != 0 &&
        (storage->fill_bytes != type->size || (type->refers && !storage->fill_is_zero)))
        H5_DAMAGED("its fill value does not fit its type");
    if (storage->layout == RF_H5_CHUNKED) {
        RF_TRY(check_chunks(scan, storage, type, space, bytes));
        goto done;
    }
    if (storage->filtered)
        H5_DAMAGED("it has filters, but no chunks");
    bool unwritten = storage->layout == RF_H5_CONTIGUOUS && storage->address == RF_H5_UNDEFINED;
    if (!unwritten && storage->bytes < bytes)
        H5_DAMAGED("it is larger than its place");
    if (storage->layout == RF_H5_CONTIGUOUS && !unwritten &&
        !rf_h5_scan_holds(scan, storage->address, storage->bytes))
        H5_DAMAGED("its values lie after the file's end");
done:
    return st;
}
