/* fuzz_file.h - files of ours, changed by what a fuzzer says, without a way through HDF5: many in a second.
 *
 * An input that starts like an HDF5 file is taken as one. Any other input is a list of changes, five bytes
 * each, to a valid file: numbers of a dataset become others, any bytes become others (and the checksums over
 * them are set right, or not), a sector becomes zeros, the end is cut off.
 */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

#define FUZZ_PATH 128
#define FUZZ_REGIONS 96

typedef struct fuzz_file {
    char path[FUZZ_PATH]; /* "": not made yet */
    unsigned char *bytes; /* the valid file */
    size_t n;
    struct {
        size_t at, len;
    } regions[FUZZ_REGIONS]; /* where the numbers of datasets lie */
    int n_regions;
} fuzz_file;

void fuzz_must(bool ok);
/* A refusal comes with a message. */
void fuzz_expect(rf_status st, const rf_err *err);

/* A path in a folder of this process, which is in memory where the system has such a one, and is removed at
 * exit. Seals are not checked from here on: whatever is changed by chance has none that holds. */
const char *fuzz_path(char out[FUZZ_PATH], const char *name);
/* Takes the valid file at this path of fuzz_path. */
void fuzz_file_take(fuzz_file *file, const char *name);
/* Writes it with the changes; the next call starts from the valid one again. */
void fuzz_file_change(const fuzz_file *file, const uint8_t *data, size_t size);
void fuzz_write(const char *path, const void *bytes, size_t n);

#endif
