/* h5_int.h - shared by the files of base/h5, the only ones that include hdf5.h, the lower ones first.
 *
 * hid_t is HDF5's handle of anything; negative handles are none and may be closed.
 */
#ifndef H5_INT_H
#define H5_INT_H

#include <hdf5.h>

#include "h5_disk.h"
#include "h5_heap.h"
#include "h5_scan.h"
#include "rf_beside.h"
#include "rf_h5.h"

typedef struct rf_h5_lending rf_h5_lending;

#define RF_H5_MAX_RANK 4

/* More attributes than any object here has: beyond that HDF5 stores them apart, and H5Ocopy (1.10.8) then
 * crashes on texts among them. */
#define RF_H5_COMPACT_ATTRIBUTES 256

/* Links of a group: within this HDF5 keeps them in the group's header, whose checksum covers them. */
#define RF_H5_COMPACT_LINKS 65535

struct rf_h5 {
    hid_t id;
    char *path;
    rf_beside beside;       /* no temporary when read-only or committed */
    bool removed;           /* objects were removed: the file holds dead space */
    rf_h5_disk *disk;       /* its descriptor, and what the system said; owned */
    rf_h5_lending *lending; /* arrays that a thread of its own writes; NULL: none */
    rf_h5_facts facts;      /* of a file that was there before */
};

/* ---- h5_object.c ---- */
/* Fills err: the failed step, the object, the file, and HDF5's innermost reason. Clears HDF5's stack. */
rf_status rf_h5_fail(const rf_h5 *file, rf_err *err, rf_status code, int line, const char *what,
                     const char *name);
/* Fails if something could not be written: the file in the system is not what HDF5 takes it for. */
RF_MUST_CHECK rf_status rf_h5_check_disk(const rf_h5 *file, rf_err *err);
hid_t rf_h5_access(rf_h5_disk *disk, const char *path); /* access properties of our files */
/* A new file whose objects have no times, in place of what the descriptor holds. */
hid_t rf_h5_create_untimed(const char *path, rf_h5_disk *disk);
hid_t rf_h5_untimed_group(void); /* creation properties of a group, likewise */
/* ---- h5.c ---- The descriptor is the disk's from here on, and is closed if this fails. */
RF_MUST_CHECK rf_status rf_h5_disk_new(rf_h5_disk **out, int fd, rf_err *err);
void rf_h5_disk_free(rf_h5_disk *disk); /* closes the descriptor; NULL allowed */
/* Makes the groups above name, and name itself when `itself`. */
rf_status rf_h5_make_groups(rf_h5 *file, const char *name, bool itself, rf_err *err);
rf_status rf_h5_open_dataset(hid_t *out, rf_h5 *file, const char *name, rf_err *err);
/* dims after the rank are 1. Refuses shapes that no memory can hold. */
rf_status rf_h5_shape_of(const rf_h5 *file, hid_t dataset, const char *name, int *rank,
                         int64_t dims[RF_H5_MAX_RANK], rf_err *err);

/* As RF_FAIL; expects `file`, `err` and `name` in sight. */
#define H5_FAIL(code, what)                                                                                  \
    do {                                                                                                     \
        st = rf_h5_fail(file, err, (code), __LINE__, (what), name);                                          \
        goto done;                                                                                           \
    } while (0)

static inline void close_object(hid_t id)
{
    if (id >= 0)
        H5Oclose(id);
}

static inline void close_space(hid_t id)
{
    if (id >= 0)
        H5Sclose(id);
}

static inline void close_type(hid_t id)
{
    if (id >= 0)
        H5Tclose(id);
}

static inline void close_properties(hid_t id)
{
    if (id >= 0)
        H5Pclose(id);
}

static inline void close_attribute(hid_t id)
{
    if (id >= 0)
        H5Aclose(id);
}

/* ---- h5_data.c ---- */
hid_t rf_h5_memory_type(rf_h5_type type); /* one of HDF5's own */
/* Replaces the object of this name. */
rf_status rf_h5_create_dataset(hid_t *out, rf_h5 *file, const char *name, hid_t type, int rank,
                               const int64_t *dims, rf_err *err);
/* Spaces that select rows [from, from + n) in the file and n whole rows in memory; the caller closes both. */
rf_status rf_h5_select_rows(hid_t *in_file, hid_t *in_memory, const rf_h5 *file, hid_t dataset,
                            const char *name, int64_t from, int64_t n, rf_err *err);

/* ---- h5_spread.c ---- A new dataset whose rows are written past HDF5. */
typedef struct rf_h5_place {
    uint64_t at; /* the first row's, in the file; 0: there are none */
    size_t row_bytes;
    bool converts; /* memory is not as files are: HDF5 has to write */
} rf_h5_place;
size_t rf_h5_row_bytes(rf_h5_type type, int rank, const int64_t *dims);
RF_MUST_CHECK rf_status rf_h5_place_begin(rf_h5_place *out, rf_h5 *file, const char *name, rf_h5_type type,
                                          int rank, const int64_t *dims, rf_err *err);
/* The file reaches behind these rows, though HDF5 has not written them. */
void rf_h5_place_reach(rf_h5 *file, const rf_h5_place *place, int64_t n_rows);

/* ---- h5_lend.c ---- Waits for what was lent, and ends the thread. */
void rf_h5_lending_end(rf_h5 *file);

/* ---- h5_chunks.c ---- */
bool rf_h5_is_chunked(hid_t dataset);
/* Rows [from, from + n) as they are in the file; type: the dataset's. */
RF_MUST_CHECK rf_status rf_h5_read_chunks(rf_h5 *file, hid_t dataset, const char *name, hid_t type,
                                          int64_t from, int64_t n, void *out, rf_err *err);

/* ---- h5_text.c ---- */
hid_t rf_h5_text_type(size_t size); /* UTF-8 text of `size` bytes, or H5T_VARIABLE */
/* Writes the variable strings of the dataset as one of the same name of another file, in blocks. */
RF_MUST_CHECK rf_status rf_h5_copy_texts(rf_h5 *to, rf_h5 *from, const char *name, rf_err *err);
/* Opaque bytes that a variable string of the file can be read as, and the heap that they refer to. */
rf_status rf_h5_begin_references(hid_t *type, rf_heap **heap, rf_h5 *file, const char *name, rf_err *err);
void rf_h5_end_references(hid_t type, rf_heap **heap);
/* Length of the text in a field of fixed size: up to the first NUL, without the padding of its kind. */
size_t rf_h5_fixed_length(const char *field, size_t size, H5T_str_t padding);

/* ---- h5_repack.c ---- Writes everything that is still linked into a second temporary and goes on with that
 * one. */
RF_MUST_CHECK rf_status rf_h5_repack(rf_h5 *file, rf_err *err);

#endif
