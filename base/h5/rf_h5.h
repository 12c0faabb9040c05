/* rf_h5.h - HDF5 files as ringfence uses them; the only place that knows the HDF5 library.
 *
 * Files are written beside their target and renamed when complete. Object times are off and datasets
 * contiguous, so equal work gives equal bytes. A file is opened once, and everything is read through that
 * descriptor: what is renamed over its path meanwhile is another file. A commit adds hashes of what was
 * written, and reading checks them, so that damage is RF_E_FORMAT wherever it comes to light. An opened file
 * is looked through first (h5_scan.h): what is damaged, leads out of the file or needs a plug-in is refused
 * before HDF5 meets it. Names are absolute paths ("/u/x"); missing groups are created. One thread at a time.
 */
#ifndef RF_H5_H
#define RF_H5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_beside.h"
#include "rf_pool.h"
#include "rf_status.h"
#include "rf_texts.h"

#define RF_H5_SIGNATURE "\211HDF\r\n\032\n" /* a file begins with it, but for what others put before it */
#define RF_H5_SIGNATURE_BYTES 8

typedef struct rf_h5 rf_h5;

typedef enum rf_h5_type {
    RF_H5_F32,
    RF_H5_F64,
    RF_H5_U8,
    RF_H5_I8,
    RF_H5_U16,
    RF_H5_I32,
    RF_H5_U32,
    RF_H5_I64,
    RF_H5_U64
} rf_h5_type;
size_t rf_h5_type_size(rf_h5_type type);

/* ---- files ---- */
RF_MUST_CHECK rf_status rf_h5_open(rf_h5 **out, const char *path,
                                   rf_err *err); /* read-only; says if absent or no HDF5 */
/* A new file under a temporary name in the folder of path; temporary NULL: a name of its own choice. */
RF_MUST_CHECK rf_status rf_h5_create_as(rf_h5 **out, const char *path, const char *temporary, rf_err *err);
RF_MUST_CHECK static inline rf_status rf_h5_create_beside(rf_h5 **out, const char *path, rf_err *err)
{
    return rf_h5_create_as(out, path, NULL, err);
}
/* Like create_beside, but starts from a copy of `from`, which was opened for reading: for adding or replacing
 * groups of an existing file. Whatever `from`'s path leads to by now, the copy is of what `from` reads. */
RF_MUST_CHECK rf_status rf_h5_update(rf_h5 **out, rf_h5 *from, rf_err *err);
/* The same of the file at path. */
RF_MUST_CHECK rf_status rf_h5_update_beside(rf_h5 **out, const char *path, rf_err *err);
/* The commit rewrites the file even if nothing was removed from it. Then its bytes depend on its content
 * alone, not on whether a group was added for the first time or replaced. */
void rf_h5_forget_history(rf_h5 *file);
RF_MUST_CHECK rf_status rf_h5_commit(rf_h5 *file, rf_err *err); /* flush, close, fsync, rename */
/* Commits *file, an update of *old, in the place of *old: RF_E_IO if that is no longer what its path leads
 * to. Then *old is the new file, open for reading, and *file is NULL. */
RF_MUST_CHECK rf_status rf_h5_commit_over(rf_h5 **old, rf_h5 **file, rf_err *err);
RF_MUST_CHECK rf_status rf_h5_commit_guarded(rf_h5 *file, const rf_publish_guard *guard, rf_err *err);
void rf_h5_close(rf_h5 **file); /* NULL allowed; an uncommitted file is removed */
const char *rf_h5_path(const rf_h5 *file);
/* The pool's threads take part in large reads and in hashing from here on. It outlives its last use. NULL:
 * they do not. */
void rf_h5_use_threads(rf_h5 *file, rf_pool *pool);
rf_pool *rf_h5_threads(const rf_h5 *file);
int64_t rf_h5_size(const rf_h5 *file);           /* bytes of it */
bool rf_h5_same(const rf_h5 *a, const rf_h5 *b); /* one file, by whatever names */
/* Of a file that was opened: does it hold hashes of its content? */
bool rf_h5_is_sealed(const rf_h5 *file);
/* Are there groups that HDF5 keeps apart from their headers? An update of it has none. */
bool rf_h5_is_dense(const rf_h5 *file);

/* Writes the root attributes format, version and created_at. */
RF_MUST_CHECK rf_status rf_h5_write_format(rf_h5 *file, const char *format, int64_t version, rf_err *err);
/* When the file was written, in microseconds; *us stays as it is where the file does not say. */
RF_MUST_CHECK rf_status rf_h5_read_created_at(rf_h5 *file, int64_t *us, rf_err *err);
/* Fails with RF_E_FORMAT, naming the path and what it found, unless format and version are these. A file
 * whose format differs passes if it holds the group `or_group` (a graph and a model may share a file); NULL:
 * none. */
RF_MUST_CHECK rf_status rf_h5_check_format(rf_h5 *file, const char *format, int64_t version,
                                           const char *or_group, rf_err *err);

/* ---- objects ---- */
bool rf_h5_exists(rf_h5 *file, const char *name);
RF_MUST_CHECK rf_status rf_h5_remove(rf_h5 *file, const char *name, rf_err *err); /* fine if absent */
RF_MUST_CHECK rf_status rf_h5_shape(rf_h5 *file, const char *name, int *rank, int64_t dims[4], rf_err *err);
/* Calls visit for every object below the root, in name order; rank is -1 for a group, type_name like
 * "float32". */
RF_MUST_CHECK rf_status rf_h5_visit(rf_h5 *file, const char *from,
                                    rf_status (*visit)(void *context, const char *name, int rank,
                                                       const int64_t *dims, const char *type_name,
                                                       rf_err *err),
                                    void *context, rf_err *err);

/* ---- datasets. data is of `type` in memory and in the file when writing; converted to `type` when reading
 * ---- */
RF_MUST_CHECK rf_status rf_h5_write(rf_h5 *file, const char *name, rf_h5_type type, int rank,
                                    const int64_t *dims, const void *data, rf_err *err);
/* The dataset must have exactly this shape; a difference is RF_E_FORMAT, and the message has both. */
RF_MUST_CHECK rf_status rf_h5_read(rf_h5 *file, const char *name, rf_h5_type type, int rank,
                                   const int64_t *dims, void *data, rf_err *err);
/* Rows [from, from + n) of a dataset of rank 1 or 2, for data that does not fit into memory at once. */
RF_MUST_CHECK rf_status rf_h5_read_rows(rf_h5 *file, const char *name, rf_h5_type type, int64_t from,
                                        int64_t n, void *data, rf_err *err);
/* The n values of a large dataset where they lie in the file: it takes no copy, and what memory it takes the
 * system can have back. data NULL: they cannot be mapped (few, compressed, of another type, in a file without
 * hashes, or not readable): rf_h5_read then has them, or the error. The file may be closed, replaced and
 * removed meanwhile. What is written to data is the process's alone. */
typedef struct rf_h5_mapping {
    void *start;
    size_t bytes;
    void *data;
} rf_h5_mapping;
RF_MUST_CHECK rf_status rf_h5_map(rf_h5_mapping *out, rf_h5 *file, const char *name, rf_h5_type type,
                                  int64_t n, rf_err *err);
/* Gives the memory of whole pages among these bytes back, which nobody has written to: they are read again
 * where somebody looks. */
void rf_h5_mapping_drop(const void *from, size_t bytes);
void rf_h5_unmap(rf_h5_mapping *mapping); /* nothing where nothing is mapped */
/* A dataset written in several pieces of whole rows, in order: create once, then append. */
RF_MUST_CHECK rf_status rf_h5_write_begin(rf_h5 *file, const char *name, rf_h5_type type, int rank,
                                          const int64_t *dims, rf_err *err);
RF_MUST_CHECK rf_status rf_h5_write_rows(rf_h5 *file, const char *name, rf_h5_type type, int64_t from,
                                         int64_t n, const void *data, rf_err *err);

/* A dataset whose rows several threads write at once, each row once: between _begin and _end nothing else is
 * done to the file. The caller frees it. */
typedef struct rf_h5_spread rf_h5_spread;
RF_MUST_CHECK rf_status rf_h5_spread_begin(rf_h5_spread **out, rf_h5 *file, const char *name, rf_h5_type type,
                                           int rank, const int64_t *dims, rf_err *err);
void rf_h5_spread_put(rf_h5_spread *spread, int64_t from, int64_t n, const void *rows); /* any thread */
RF_MUST_CHECK rf_status rf_h5_spread_end(const rf_h5_spread *spread, rf_err *err);      /* was all written? */
void rf_h5_spread_free(rf_h5_spread *spread);                                           /* NULL allowed */

/* As rf_h5_write, but a large array is only lent: a thread of the file's own writes it while the caller goes
 * on. data stays as it is until rf_h5_take_back, the commit or the close. The file has the same bytes as
 * after rf_h5_write. What cannot be written is the commit's failure. */
RF_MUST_CHECK rf_status rf_h5_lend(rf_h5 *file, const char *name, rf_h5_type type, int rank,
                                   const int64_t *dims, const void *data, rf_err *err);
void rf_h5_take_back(rf_h5 *file); /* waits until everything lent was written; NULL allowed */

/* Rows of a new file whose dataset cannot be made yet, because its columns are not known: they wait behind
 * the end of the file. Between _begin and _end nothing else is done to it but that a spread begins, whose
 * rows are not longer, and takes their place: its row i may be put once the rows up to i were got. The file
 * has the same bytes as without them. The caller frees it. */
typedef struct rf_h5_park rf_h5_park;
RF_MUST_CHECK rf_status rf_h5_park_begin(rf_h5_park **out, rf_h5 *file, size_t row_bytes, rf_err *err);
void rf_h5_park_put(rf_h5_park *park, int64_t from, int64_t n, const void *rows); /* any thread */
void rf_h5_park_get(rf_h5_park *park, int64_t from, int64_t n, void *rows);       /* any thread */
/* After the spread's end: were all written and read? Gives their space back. */
RF_MUST_CHECK rf_status rf_h5_park_end(const rf_h5_park *park, rf_err *err);
void rf_h5_park_free(rf_h5_park *park); /* NULL allowed */

/* Variable-length UTF-8 strings, rank 1. */
RF_MUST_CHECK rf_status rf_h5_write_texts(rf_h5 *file, const char *name, const char *const *texts, int64_t n,
                                          rf_err *err);
/* The same from a callback, in blocks, so that millions of ids need no array of pointers. A text is
 * copied before the next is asked for. */
RF_MUST_CHECK rf_status rf_h5_write_texts_from(rf_h5 *file, const char *name, int64_t n,
                                               const char *(*text_at)(void *context, int64_t i),
                                               void *context, rf_err *err);

/* Accepts variable-length and fixed-length string datasets. */
RF_MUST_CHECK rf_status rf_h5_read_texts(rf_h5 *file, const char *name, rf_texts *out, rf_err *err);

/* ---- attributes of the object `on` ("/" is the root) ---- */
bool rf_h5_has_attr(rf_h5 *file, const char *on, const char *name);
RF_MUST_CHECK rf_status rf_h5_write_attr_int(rf_h5 *file, const char *on, const char *name,
                                             const int64_t *values, int64_t n,
                                             rf_err *err); /* n == 1 writes a scalar */
RF_MUST_CHECK rf_status rf_h5_write_attr_double(rf_h5 *file, const char *on, const char *name, double value,
                                                rf_err *err);
RF_MUST_CHECK rf_status rf_h5_write_attr_text(rf_h5 *file, const char *on, const char *name, const char *text,
                                              rf_err *err);
RF_MUST_CHECK rf_status
rf_h5_read_attr_int(rf_h5 *file, const char *on, const char *name, int64_t *values, int64_t n,
                    rf_err *err); /* accepts any integer or floating type of n values */
RF_MUST_CHECK rf_status rf_h5_read_attr_double(rf_h5 *file, const char *on, const char *name, double *value,
                                               rf_err *err);
/* rf_mem block, owned by the caller; accepts fixed and variable length. */
RF_MUST_CHECK rf_status rf_h5_read_attr_text(rf_h5 *file, const char *on, const char *name, char **text,
                                             rf_err *err);

/* ---- faults ---- */
/* Tests only: files are read without asking whether they hold the bytes that were written. */
void rf_h5_trust(bool every_file);
/* Tests only: the commit leaves the space of what was removed in the file, which is quicker. */
void rf_h5_keep_history(rf_h5 *file);
/* Tests only: the next n calls that write or truncate a file succeed, the one after them fails with
 * this errno; negative n: none fails. */
void rf_h5_disk_fail_after(int64_t n, int error);
/* How many such calls there were since the last rf_h5_disk_fail_after. */
int64_t rf_h5_disk_calls(void);

#endif
