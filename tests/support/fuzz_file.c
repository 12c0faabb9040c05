/* fuzz_file.c - see fuzz_file.h. */
#include "fuzz_file.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h5_scan.h"
#include "rf_h5.h"
#include "rf_log.h"
#include "rf_mem.h"

#define MOST_CHANGES 12
#define CHANGE 5 /* bytes: what, where (3), value */
#define MENDED 0x40

static char folder[64];

void fuzz_must(bool ok)
{
    if (!ok)
        abort();
}

void fuzz_expect(rf_status st, const rf_err *err)
{
    fuzz_must(st >= 0 || err->msg[0] != '\0');
}

/* ---- paths ---- */

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static void remove_folder(void)
{
    (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_path(char out[FUZZ_PATH], const char *name)
{
    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "%s/ringfence-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        fuzz_must(mkdtemp(folder) != NULL);
        atexit(remove_folder);
        setenv("SOURCE_DATE_EPOCH", "1", 1);
        rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "fuzz");
        rf_h5_trust(true);
    }
    snprintf(out, FUZZ_PATH, "%s/%s", folder, name);
    return out;
}

void fuzz_write(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_must(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

/* ---- the valid file ---- */

static bool type_of(rf_h5_type *type, const char *name)
{
    static const char *const names[] = {"float32", "float64", "uint8", "int8",  "uint16",
                                        "int32",   "uint32",  "int64", "uint64"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *type = (rf_h5_type)i;
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

typedef struct finder {
    fuzz_file *file;
    rf_h5 *h5;
} finder;

/* Datasets are in one piece, so their bytes are in the file as they are in memory. */
static rf_status find_region(void *context, const char *name, int rank, const int64_t *dims,
                             const char *type_name, rf_err *err)
{
    rf_status st = RF_OK;
    const finder *f = context;
    fuzz_file *file = f->file;
    rf_h5_type type;
    unsigned char *bytes = NULL;
    if (rank < 0 || !type_of(&type, type_name) || file->n_regions == FUZZ_REGIONS)
        return RF_OK;
    size_t len = rf_h5_type_size(type);
    for (int i = 0; i < rank; i++)
        len *= (size_t)dims[i];
    RF_NEW(bytes, len, err);
    RF_TRY(rf_h5_read(f->h5, name, type, rank, dims, bytes, err));
    for (size_t at = 0; len >= 4 && at + len <= file->n; at++) {
        if (memcmp(file->bytes + at, bytes, len) == 0) {
            file->regions[file->n_regions].at = at;
            file->regions[file->n_regions++].len = len;
            break;
        }
    }
done:
    rf_mem_free(bytes);
    return st;
}

void fuzz_file_take(fuzz_file *file, const char *name)
{
    finder f = {.file = file};
    FILE *from = fopen(fuzz_path(file->path, name), "rb");
    fuzz_must(from != NULL && fseek(from, 0, SEEK_END) == 0);
    file->n = (size_t)ftell(from);
    file->bytes = malloc(file->n);
    rewind(from);
    fuzz_must(file->bytes != NULL && fread(file->bytes, 1, file->n, from) == file->n);
    fclose(from);
    fuzz_must(rf_h5_open(&f.h5, file->path, NULL) == RF_OK);
    fuzz_must(rf_h5_visit(f.h5, "/", find_region, &f, NULL) == RF_OK);
    rf_h5_close(&f.h5);
}

/* ---- changes ---- */

static void put_number(unsigned char *at, size_t bytes, uint8_t which)
{
    static const uint64_t values[] = {0,
                                      1,
                                      UINT64_MAX,
                                      UINT64_C(1) << 31,
                                      UINT64_C(1) << 60,
                                      INT64_MAX,
                                      UINT64_C(1) << 63,
                                      0x7fc00000 /* NaN */,
                                      0x7f800000 /* infinite */,
                                      0xffff,
                                      256,
                                      2};
    uint64_t value = values[which % (sizeof values / sizeof *values)];
    for (size_t i = 0; i < bytes; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

/* True if it reached beyond the numbers of datasets. */
static bool change(const fuzz_file *file, unsigned char *bytes, size_t *n, const uint8_t *c)
{
    size_t where = (size_t)c[2] | (size_t)c[3] << 8, any = ((size_t)c[1] << 16 | where) % file->n;
    size_t at = 0, len = file->n; /* where there are no numbers: anywhere */
    if (file->n_regions > 0) {
        at = file->regions[c[1] % file->n_regions].at;
        len = file->regions[c[1] % file->n_regions].len;
    }
    switch (c[0] % 8) {
    case 4:
        put_number(bytes + at + where % len / 4 * 4, len % 4 == 0 ? 4 : 1, c[4]);
        return false;
    case 5:
        bytes[any] = c[4];
        return true;
    case 6:
        put_number(bytes + any, file->n - any < 8 ? file->n - any : 8, c[4]);
        return true;
    case 7:
        if (c[4] % 4 == 0)
            *n = any;
        else
            memset(bytes + any, 0, file->n - any < 512 ? file->n - any : 512);
        return true;
    default:
        bytes[at + where % len] = c[4];
        return false;
    }
}

/* Checksums are set right as far as the structure can still be followed. */
static void mend(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    fuzz_must(fd >= 0);
    (void)!rf_h5_scan_mend(fd, NULL);
    close(fd);
}

void fuzz_file_change(const fuzz_file *file, const uint8_t *data, size_t size)
{
    size_t n = file->n;
    bool mended = false;
    if (size >= 4 && memcmp(data, RF_H5_SIGNATURE, 4) == 0) {
        fuzz_write(file->path, data, size);
        return;
    }
    unsigned char *bytes = malloc(n);
    fuzz_must(bytes != NULL);
    memcpy(bytes, file->bytes, n);
    for (size_t i = 0; i + CHANGE <= size && i < CHANGE * MOST_CHANGES; i += CHANGE)
        mended = (change(file, bytes, &n, data + i) && (data[i] & MENDED) != 0) || mended;
    fuzz_write(file->path, bytes, n);
    free(bytes);
    if (mended)
        mend(file->path);
}
