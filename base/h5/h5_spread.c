/* h5_spread.c - a dataset whose rows several threads write at once, and rows that wait for theirs.
 *
 * HDF5 is called by one thread at a time. But a contiguous dataset of numbers is nothing but its rows, one
 * behind the other: HDF5 says where they begin, and the threads write there. Rows whose dataset cannot be
 * made yet wait behind the end of what HDF5 knows of. What cannot be written or read is noted here and
 * becomes the file's failure at the end, when one thread is left.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "h5_int.h"
#include "rf_mem.h"

struct rf_h5_spread {
    rf_h5 *file;
    char *name;
    rf_h5_type type;
    int64_t n_rows;
    rf_h5_place place;
    atomic_int error;           /* errno of a failure; 0: none */
    pthread_mutex_t converting; /* HDF5 writes for one thread at a time */
};

/* ---- places ---- */

size_t rf_h5_row_bytes(rf_h5_type type, int rank, const int64_t *dims)
{
    size_t bytes = rf_h5_type_size(type);
    for (int i = 1; i < rank; i++)
        bytes *= (size_t)dims[i];
    return bytes;
}

/* Space is given with the first row that HDF5 writes. */
static rf_status find_space(rf_h5_place *place, rf_h5 *file, const char *name, rf_h5_type memory, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID, type = H5I_INVALID_HID;
    char *row = NULL;
    RF_ZERO(row, place->row_bytes, err);
    RF_TRY(rf_h5_write_rows(file, name, memory, 0, 1, row, err));
    RF_TRY(rf_h5_open_dataset(&dataset, file, name, err));
    type = H5Dget_type(dataset);
    haddr_t at = H5Dget_offset(dataset);
    if (type < 0 || at == HADDR_UNDEF)
        H5_FAIL(RF_E_IO, "has no place in the file");
    place->at = at;
    place->converts = H5Tequal(type, rf_h5_memory_type(memory)) <= 0;
done:
    rf_mem_free(row);
    close_type(type);
    close_object(dataset);
    return st;
}

rf_status rf_h5_place_begin(rf_h5_place *out, rf_h5 *file, const char *name, rf_h5_type type, int rank,
                            const int64_t *dims, rf_err *err)
{
    rf_status st = RF_OK;
    *out = (rf_h5_place){.row_bytes = rf_h5_row_bytes(type, rank, dims)};
    RF_TRY(rf_h5_write_begin(file, name, type, rank, dims, err));
    if (dims[0] > 0 && out->row_bytes > 0)
        RF_TRY(find_space(out, file, name, type, err));
done:
    return st;
}

void rf_h5_place_reach(rf_h5 *file, const rf_h5_place *place, int64_t n_rows)
{
    const uint64_t end = place->at + (uint64_t)n_rows * place->row_bytes;
    file->disk->written = end > file->disk->written ? end : file->disk->written;
}

/* ---- rows of several threads ---- */

rf_status rf_h5_spread_begin(rf_h5_spread **out, rf_h5 *file, const char *name, rf_h5_type type, int rank,
                             const int64_t *dims, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5_spread *spread = NULL;
    RF_ZERO(spread, 1, err);
    pthread_mutex_init(&spread->converting, NULL);
    spread->file = file;
    spread->type = type;
    spread->name = rf_mem_text(name, strlen(name), err);
    if (spread->name == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    spread->n_rows = dims[0];
    RF_TRY(rf_h5_place_begin(&spread->place, file, name, type, rank, dims, err));
    *out = spread;
    spread = NULL;
done:
    rf_h5_spread_free(spread);
    return st;
}

void rf_h5_spread_put(rf_h5_spread *spread, int64_t from, int64_t n, const void *rows)
{
    rf_h5_disk own = {.fd = spread->file->disk->fd}; /* which notes what goes wrong for this thread alone */
    const rf_h5_place *place = &spread->place;
    if (n == 0 || place->row_bytes == 0)
        return;
    if (place->converts) {
        pthread_mutex_lock(&spread->converting);
        if (rf_h5_write_rows(spread->file, spread->name, spread->type, from, n, rows, NULL) < 0)
            own.error = EIO;
        pthread_mutex_unlock(&spread->converting);
    } else {
        rf_h5_disk_write(&own, place->at + (uint64_t)from * place->row_bytes, (size_t)n * place->row_bytes,
                         rows);
    }
    if (own.error != 0)
        spread->error = own.error;
}

rf_status rf_h5_spread_end(const rf_h5_spread *spread, rf_err *err)
{
    rf_h5_place_reach(spread->file, &spread->place, spread->n_rows);
    if (spread->error != 0)
        rf_h5_disk_note(spread->file->disk, spread->error, "written");
    return rf_h5_check_disk(spread->file, err);
}

void rf_h5_spread_free(rf_h5_spread *spread)
{
    if (spread == NULL)
        return;
    pthread_mutex_destroy(&spread->converting);
    rf_mem_free(spread->name);
    rf_mem_free(spread);
}

/* ---- rows that wait ---- */

/* Between the end of the file and them: what HDF5 adds with a dataset, and what it writes with its first row,
 * must not reach them. */
#define GAP ((uint64_t)1 << 20)

struct rf_h5_park {
    rf_h5 *file;
    size_t row_bytes;
    uint64_t at;      /* the first row's, in the file */
    atomic_int error; /* errno of a failure; 0: none */
    atomic_bool reading;
};

rf_status rf_h5_park_begin(rf_h5_park **out, rf_h5 *file, size_t row_bytes, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(*out, 1, err);
    (*out)->file = file;
    (*out)->row_bytes = row_bytes;
    (*out)->at = file->disk->given + GAP;
done:
    return st;
}

void rf_h5_park_put(rf_h5_park *park, int64_t from, int64_t n, const void *rows)
{
    rf_h5_disk own = {.fd = park->file->disk->fd};
    rf_h5_disk_write(&own, park->at + (uint64_t)from * park->row_bytes, (size_t)n * park->row_bytes, rows);
    if (own.error != 0)
        park->error = own.error;
}

void rf_h5_park_get(rf_h5_park *park, int64_t from, int64_t n, void *rows)
{
    rf_h5_disk own = {.fd = park->file->disk->fd};
    if (rf_h5_disk_read_unchecked(&own, park->at + (uint64_t)from * park->row_bytes,
                                  (size_t)n * park->row_bytes, rows) >= 0)
        return;
    park->error = own.error;
    park->reading = true;
}

rf_status rf_h5_park_end(const rf_h5_park *park, rf_err *err)
{
    rf_h5_disk *disk = park->file->disk;
    if (park->error != 0)
        rf_h5_disk_note(disk, park->error, park->reading ? "read" : "written");
    else if (rf_h5_disk_size(disk) > disk->written && ftruncate(disk->fd, (off_t)disk->written) != 0)
        rf_h5_disk_note(disk, errno, "written");
    return rf_h5_check_disk(park->file, err);
}

void rf_h5_park_free(rf_h5_park *park)
{
    rf_mem_free(park);
}
