/* h5_scan_int.h - shared by the files of the scan, the lower ones first.
 *
 * Names of structures and messages are those of the HDF5 File Format Specification, version 3.
 */
#ifndef H5_SCAN_INT_H
#define H5_SCAN_INT_H

#include "h5_scan.h"
#include "rf_mem.h"
#include "rf_text.h"

#define RF_H5_UNDEFINED UINT64_MAX
#define RF_H5_SCAN_NAME 1024 /* of an object, with its path */
#define RF_H5_SCAN_RANK 32

typedef struct rf_h5_waiting { /* an object that a link led to */
    uint64_t address;
    size_t name_at; /* in names */
    int depth;
    uint64_t tree, heap; /* what the link says about where the group's links are; undefined: nothing */
} rf_h5_waiting;

typedef struct rf_h5_scan {
    struct rf_h5_disk *disk;
    const char *path;
    bool mend;           /* wrong checksums are set right: tests only */
    uint64_t base, size; /* where addresses begin, and how many bytes there are from there on */
    uint64_t budget;     /* bytes that may still be read: structures that lead in circles use it up */
    unsigned group_k, leaf_k, chunk_k; /* half the entries of the three old kinds of nodes */
    char name[RF_H5_SCAN_NAME];        /* of the object at hand */
    int depth;                         /* of groups above it */
    rf_text names;                     /* of those that wait, each with its NUL; the last one ends it */
    rf_h5_waiting *waiting;            /* a stack */
    size_t n_waiting, cap_waiting;
    uint64_t *seen; /* addresses in a hash table; UINT64_MAX: free */
    size_t n_seen, cap_seen;
    uint64_t links;                    /* met so far */
    uint64_t link_tree, link_heap;     /* of the next link, as in rf_h5_waiting */
    uint64_t cached_tree, cached_heap; /* likewise, of the object at hand */
    bool follow;                       /* its links: it was not met before */
    rf_h5_facts facts;
    rf_err *err;
} rf_h5_scan;

/* ---- h5_scan_bytes.c ---- */

typedef struct rf_h5_cursor { /* bytes still to be taken; `over` once more was asked for than there is */
    const unsigned char *at;
    size_t left;
    bool over;
} rf_h5_cursor;

uint64_t rf_h5_take(rf_h5_cursor *c, size_t bytes);                 /* little-endian, up to 8; 0 when over */
const unsigned char *rf_h5_take_bytes(rf_h5_cursor *c, uint64_t n); /* NULL when over */
bool rf_h5_take_mark(rf_h5_cursor *c, const char mark[4]);
/* Up to its NUL, which is taken too; NULL when there is none. */
const char *rf_h5_take_text(rf_h5_cursor *c, size_t *len);

/* A block of the file; the caller frees it. */
RF_MUST_CHECK rf_status rf_h5_scan_load(unsigned char **out, rf_h5_scan *scan, uint64_t address,
                                        uint64_t len);
/* A structure that ends in a checksum of all before it; the cursor is on what is before. */
RF_MUST_CHECK rf_status rf_h5_scan_summed(rf_h5_cursor *c, rf_h5_scan *scan, uint64_t address,
                                          const unsigned char *block, size_t len);
RF_MUST_CHECK rf_status rf_h5_scan_load_summed(unsigned char **out, rf_h5_cursor *c, rf_h5_scan *scan,
                                               uint64_t address, uint64_t len);
/* Fails unless the checksum of the block's bytes is what stands at `sum_at` in it. */
RF_MUST_CHECK rf_status rf_h5_scan_sum(rf_h5_scan *scan, uint64_t address, const unsigned char *block,
                                       size_t len, size_t sum_at, uint32_t found);
bool rf_h5_scan_holds(const rf_h5_scan *scan, uint64_t address, uint64_t len);
uint32_t rf_h5_checksum(const unsigned char *bytes, size_t len);

/* Both return RF_E_FORMAT. "FILE: OBJECT is damaged: WHAT; …" and "FILE: OBJECT WHAT; what to do" */
rf_status rf_h5_scan_damaged(rf_h5_scan *scan, int line, const char *what);
rf_status rf_h5_scan_refuse(rf_h5_scan *scan, int line, const char *what, const char *advice);
#define H5_DAMAGED(what)                                                                                     \
    do {                                                                                                     \
        st = rf_h5_scan_damaged(scan, __LINE__, (what));                                                     \
        goto done;                                                                                           \
    } while (0)
#define H5_REFUSE(what, advice)                                                                              \
    do {                                                                                                     \
        st = rf_h5_scan_refuse(scan, __LINE__, (what), (advice));                                            \
        goto done;                                                                                           \
    } while (0)

/* ---- h5_scan_type.c ---- */

typedef struct rf_h5_scan_type {
    unsigned class; /* as numbered in the file */
    uint64_t size;
    bool refers; /* its values lie in a heap, or are references */
} rf_h5_scan_type;

typedef struct rf_h5_scan_space {
    int rank;
    uint64_t dims[RF_H5_SCAN_RANK];
    uint64_t points;
} rf_h5_scan_space;

RF_MUST_CHECK rf_status rf_h5_scan_take_type(rf_h5_scan_type *out, rf_h5_scan *scan, rf_h5_cursor *c);
RF_MUST_CHECK rf_status rf_h5_scan_take_space(rf_h5_scan_space *out, rf_h5_scan *scan, rf_h5_cursor *c);

/* ---- h5_scan_storage.c ---- */

typedef enum rf_h5_layout {
    RF_H5_COMPACT = 0,
    RF_H5_CONTIGUOUS = 1,
    RF_H5_CHUNKED = 2,
    RF_H5_VIRTUAL = 3
} rf_h5_layout;

typedef struct rf_h5_scan_storage {
    unsigned layout;
    uint64_t address, bytes;
    int chunk_rank; /* with the size of an element as the last one */
    uint64_t chunk[RF_H5_SCAN_RANK + 1];
    bool filtered, deflated;
    uint64_t fill_bytes; /* 0: none or the usual one */
    bool fill_is_zero;
} rf_h5_scan_storage;

RF_MUST_CHECK rf_status rf_h5_scan_take_layout(rf_h5_scan_storage *out, rf_h5_scan *scan, rf_h5_cursor *c);
RF_MUST_CHECK rf_status rf_h5_scan_take_filters(rf_h5_scan_storage *out, rf_h5_scan *scan, rf_h5_cursor *c);
RF_MUST_CHECK rf_status rf_h5_scan_take_fill(rf_h5_scan_storage *out, rf_h5_scan *scan, rf_h5_cursor *c);
RF_MUST_CHECK rf_status rf_h5_scan_check_storage(rf_h5_scan *scan, const rf_h5_scan_storage *storage,
                                                 const rf_h5_scan_type *type, const rf_h5_scan_space *space);

/* ---- h5_scan.c ---- The object at hand links to another one. */
RF_MUST_CHECK rf_status rf_h5_scan_link(rf_h5_scan *scan, const char *name, size_t len, uint64_t address);

/* ---- h5_scan_links.c ---- One link message, alone or out of a heap. */
RF_MUST_CHECK rf_status rf_h5_scan_take_link(rf_h5_scan *scan, rf_h5_cursor *c);

/* ---- h5_scan_table.c ---- A group of the oldest form. */
RF_MUST_CHECK rf_status rf_h5_scan_table(rf_h5_scan *scan, uint64_t tree, uint64_t heap);

/* ---- h5_scan_dense.c ---- Links or attributes in a fractal heap; trees: of names and of the order of
 * creation, undefined when there is none. */
typedef enum rf_h5_dense { RF_H5_DENSE_LINKS, RF_H5_DENSE_ATTRIBUTES } rf_h5_dense;
RF_MUST_CHECK rf_status rf_h5_scan_dense(rf_h5_scan *scan, rf_h5_dense what, uint64_t heap,
                                         const uint64_t trees[2]);

/* ---- h5_scan_attribute.c ---- One attribute message, alone or out of a heap. */
RF_MUST_CHECK rf_status rf_h5_scan_take_attribute(rf_h5_scan *scan, rf_h5_cursor *c);

/* ---- h5_scan_object.c ---- The header at this address and all that belongs to the object. */
RF_MUST_CHECK rf_status rf_h5_scan_object(rf_h5_scan *scan, uint64_t address);

#endif
