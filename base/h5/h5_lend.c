/* h5_lend.c - arrays that a thread of the file's own writes while their owner goes on.
 *
 * HDF5 makes the dataset and says where its rows lie; the thread writes there, in the order in which arrays
 * were lent. What it cannot write becomes the file's failure when it has ended.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "h5_int.h"
#include "rf_mem.h"
#include "rf_thread.h"

#define LEAST ((size_t)1 << 16) /* bytes that are worth another thread's while */

typedef struct loan {
    uint64_t at; /* in the file */
    size_t bytes;
    const void *data;
} loan;

struct rf_h5_lending {
    pthread_t thread;
    pthread_mutex_t mutex; /* of what follows but `own` */
    pthread_cond_t changed;
    loan *loans;
    size_t n, cap, written;
    bool ending;
    rf_h5_disk own; /* the thread's: the descriptor, and what went wrong for it */
};

static void *write_loans(void *context)
{
    rf_h5_lending *lending = context;
    pthread_mutex_lock(&lending->mutex);
    for (;;) {
        while (lending->written == lending->n && !lending->ending)
            pthread_cond_wait(&lending->changed, &lending->mutex);
        if (lending->written == lending->n)
            break;
        const loan next = lending->loans[lending->written];
        pthread_mutex_unlock(&lending->mutex);
        rf_h5_disk_write(&lending->own, next.at, next.bytes, next.data);
        rf_h5_disk_start(lending->own.fd);
        pthread_mutex_lock(&lending->mutex);
        lending->written++;
        pthread_cond_broadcast(&lending->changed);
    }
    pthread_mutex_unlock(&lending->mutex);
    return NULL;
}

static rf_status begin_lending(rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5_lending *lending = NULL;
    RF_ZERO(lending, 1, err);
    lending->own.fd = file->disk->fd;
    pthread_mutex_init(&lending->mutex, NULL);
    pthread_cond_init(&lending->changed, NULL);
    int failure = rf_thread_start(&lending->thread, write_loans, lending);
    if (failure != 0) {
        pthread_cond_destroy(&lending->changed);
        pthread_mutex_destroy(&lending->mutex);
        rf_mem_free(lending);
        RF_FAIL(err, RF_E_IO, "%s: a thread that writes cannot be started: %s", file->path,
                strerror(failure));
    }
    file->lending = lending;
done:
    return st;
}

static rf_status add_loan(rf_h5_lending *lending, const loan *next, rf_err *err)
{
    pthread_mutex_lock(&lending->mutex);
    rf_status st = rf_mem_reserve((void **)&lending->loans, &lending->cap, lending->n + 1, sizeof *next, err);
    if (st == RF_OK)
        lending->loans[lending->n++] = *next;
    pthread_cond_broadcast(&lending->changed);
    pthread_mutex_unlock(&lending->mutex);
    return st;
}

rf_status rf_h5_lend(rf_h5 *file, const char *name, rf_h5_type type, int rank, const int64_t *dims,
                     const void *data, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5_place place;
    const int64_t n_rows = rank > 0 ? dims[0] : 1;
    const size_t bytes = (size_t)n_rows * rf_h5_row_bytes(type, rank, dims);
    if (bytes < LEAST)
        return rf_h5_write(file, name, type, rank, dims, data, err);
    RF_TRY(rf_h5_place_begin(&place, file, name, type, rank, dims, err));
    if (place.converts) {
        RF_TRY(rf_h5_write_rows(file, name, type, 0, n_rows, data, err));
        goto done;
    }
    rf_h5_place_reach(file, &place, n_rows);
    if (file->lending == NULL)
        RF_TRY(begin_lending(file, err));
    RF_TRY(add_loan(file->lending, &(loan){place.at, bytes, data}, err));
done:
    return st;
}

void rf_h5_take_back(rf_h5 *file)
{
    if (file == NULL || file->lending == NULL)
        return;
    rf_h5_lending *lending = file->lending;
    pthread_mutex_lock(&lending->mutex);
    while (lending->written < lending->n)
        pthread_cond_wait(&lending->changed, &lending->mutex);
    pthread_mutex_unlock(&lending->mutex);
}

void rf_h5_lending_end(rf_h5 *file)
{
    rf_h5_lending *lending = file->lending;
    if (lending == NULL)
        return;
    pthread_mutex_lock(&lending->mutex);
    lending->ending = true;
    pthread_cond_broadcast(&lending->changed);
    pthread_mutex_unlock(&lending->mutex);
    pthread_join(lending->thread, NULL);
    if (lending->own.error != 0)
        rf_h5_disk_note(file->disk, lending->own.error, lending->own.what);
    pthread_cond_destroy(&lending->changed);
    pthread_mutex_destroy(&lending->mutex);
    rf_mem_free(lending->loans);
    rf_mem_free(lending);
    file->lending = NULL;
}
