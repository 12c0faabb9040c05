/* h5_heap.c - reads HDF5's global heap collections from the file's bytes; see h5_heap.h for why.
 *
 * One collection is kept at a time: strings written one after the other lie in the same one.
 */
#include "h5_heap.h"

#include <string.h>
#include <sys/stat.h>

#include "rf_mem.h"

#define COLLECTION_HEADER 16 /* "GCOL", version, three reserved bytes, size */
#define OBJECT_HEADER 16     /* index, reference count, four reserved bytes, size */
#define LEAST_COLLECTION 4096

typedef struct object {
    size_t at, size;
} object;

struct rf_heap {
    const char *path;
    rf_h5_disk *disk;
    uint64_t base, file_size;
    uint64_t address; /* of the collection held, UINT64_MAX when none */
    char *bytes;
    size_t cap_bytes;
    object *objects; /* by index; those from n_objects on do not exist */
    size_t n_objects, cap_objects;
};

static uint64_t little_endian(const void *from, size_t bytes)
{
    const unsigned char *p = from;
    uint64_t value = 0;
    while (bytes > 0)
        value = value << 8 | p[--bytes];
    return value;
}

rf_status rf_heap_open(rf_heap **out, rf_h5_disk *disk, const char *path, uint64_t base, rf_err *err)
{
    rf_status st = RF_OK;
    rf_heap *heap = NULL;
    RF_ZERO(heap, 1, err);
    *heap = (rf_heap){.path = path, .disk = disk, .base = base, .address = UINT64_MAX};
    heap->file_size = rf_h5_disk_size(disk);
    *out = heap;
    heap = NULL;
done:
    rf_heap_close(&heap);
    return st;
}

void rf_heap_close(rf_heap **heap)
{
    if (heap == NULL || *heap == NULL)
        return;
    rf_mem_free((*heap)->objects);
    rf_mem_free((*heap)->bytes);
    rf_mem_free(*heap);
    *heap = NULL;
}

static rf_status damaged(const rf_heap *heap, const char *what, rf_err *err)
{
    return rf_err_set(err, RF_E_FORMAT, __FILE__, __LINE__,
                      "%s: a string cannot be read: %s; the file is damaged", heap->path, what);
}

static rf_status read_at(rf_heap *heap, uint64_t address, size_t len, char *out, rf_err *err)
{
    uint64_t at;
    if (__builtin_add_overflow(heap->base, address, &at) || at > heap->file_size ||
        len > heap->file_size - at)
        return damaged(heap, "it lies after the file's end", err);
    if (rf_h5_disk_read(heap->disk, at, len, out) < 0)
        return rf_h5_disk_status(heap->disk, heap->path, err);
    return RF_OK;
}

/* Finds every object of the collection that bytes hold. */
static rf_status index_objects(rf_heap *heap, size_t size, rf_err *err)
{
    rf_status st = RF_OK;
    size_t at = COLLECTION_HEADER;
    heap->n_objects = 0;
    while (size - at >= OBJECT_HEADER) {
        size_t index = (size_t)little_endian(heap->bytes + at, 2);
        uint64_t bytes = little_endian(heap->bytes + at + 8, 8);
        if (index == 0)
            break; /* the free space at the end */
        if (bytes > size - at - OBJECT_HEADER)
            return damaged(heap, "it is longer than its heap", err);
        RF_RESERVE(heap->objects, heap->cap_objects, index + 1, err);
        while (heap->n_objects <= index)
            heap->objects[heap->n_objects++] = (object){0, SIZE_MAX};
        heap->objects[index] = (object){at + OBJECT_HEADER, (size_t)bytes};
        size_t step = OBJECT_HEADER + (((size_t)bytes + 7) & ~(size_t)7);
        if (step > size - at)
            break;
        at += step;
    }
done:
    return st;
}

static rf_status load_collection(rf_heap *heap, uint64_t address, rf_err *err)
{
    rf_status st = RF_OK;
    char header[COLLECTION_HEADER];
    heap->address = UINT64_MAX;
    RF_TRY(read_at(heap, address, sizeof header, header, err));
    uint64_t size = little_endian(header + 8, 8);
    if (memcmp(header, "GCOL\1", 5) != 0 || size < LEAST_COLLECTION || size > heap->file_size)
        return damaged(heap, "its heap is none", err);
    RF_RESERVE(heap->bytes, heap->cap_bytes, size, err);
    RF_TRY(read_at(heap, address, (size_t)size, heap->bytes, err));
    RF_TRY(index_objects(heap, (size_t)size, err));
    heap->address = address;
done:
    return st;
}

rf_status rf_heap_text(rf_heap *heap, const unsigned char ref[RF_HEAP_REF], const char **text, size_t *len,
                       rf_err *err)
{
    rf_status st = RF_OK;
    uint64_t length = little_endian(ref, 4), address = little_endian(ref + 4, 8),
             index = little_endian(ref + 12, 4);
    *text = "";
    *len = 0;
    if (length == 0 || address == 0 || address == UINT64_MAX)
        return RF_OK; /* an empty text has no object */
    if (address != heap->address)
        RF_TRY(load_collection(heap, address, err));
    if (index >= heap->n_objects || heap->objects[index].size == SIZE_MAX)
        return damaged(heap, "its heap does not hold it", err);
    const object *o = &heap->objects[index];
    if (length > o->size)
        return damaged(heap, "it is longer than its place", err);
    const char *start = heap->bytes + o->at, *nul = memchr(start, '\0', (size_t)length);
    *text = start;
    *len = nul == NULL ? (size_t)length : (size_t)(nul - start);
done:
    return st;
}
