/* cell_order.c - the order of cells that depends on the events alone: by user, entity and slot, and where
 * every event is a cell by its record.
 *
 * A counting sort brings each user's cells together, threads sharing the users; then each user's run is
 * sorted by itself. The cells themselves move, so that afterwards they are read one behind the other.
 */
#include <string.h>

#include "rewrite_int.h"
#include "rf_mem.h"
#include "sort_int.h"

#define USERS_A_TASK 4096u

typedef struct run_scratch { /* one a thread, as long as the longest run */
    rf_sort_key *keys;
    rf_cell *cells;
} run_scratch;

typedef struct ordering {
    const rf_store *store;
    const rf_store_numbers *numbers;
    uint32_t floor_slot;
    int n_shares;   /* of the users, to be brought together by one thread each */
    size_t *begin;  /* [n_users + 1] of each user's run; behind it while cells are brought there */
    rf_cell *cells; /* [n] as they were, but for their place */
    run_scratch *scratch;
} ordering;

/* ---- a user's cells come together ---- */

/* The users of one share: [*from, *to). */
static void share_of(const ordering *o, int64_t share, uint32_t *from, uint32_t *to)
{
    const uint64_t n = o->numbers->n_users;
    *from = (uint32_t)(n * (uint64_t)share / (uint64_t)o->n_shares);
    *to = (uint32_t)(n * (uint64_t)(share + 1) / (uint64_t)o->n_shares);
}

static void count_share(void *context, int64_t share, int worker)
{
    const ordering *o = context;
    uint32_t from, to;
    (void)worker;
    share_of(o, share, &from, &to);
    for (size_t c = 0; c < o->store->n_cells; c++) {
        const rf_cell *cell = &o->store->cells[c];
        const uint32_t user = o->numbers->user[cell->u];
        if (cell->slot >= o->floor_slot && user >= from && user < to)
            o->begin[user + 1]++;
    }
}

static void move_share(void *context, int64_t share, int worker)
{
    const ordering *o = context;
    uint32_t from, to;
    (void)worker;
    share_of(o, share, &from, &to);
    for (size_t c = 0; c < o->store->n_cells; c++) {
        const rf_cell *cell = &o->store->cells[c];
        const uint32_t user = o->numbers->user[cell->u];
        if (cell->slot >= o->floor_slot && user >= from && user < to)
            o->cells[o->begin[user]++] = *cell;
    }
}

static rf_status bring_together(ordering *o, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const uint32_t n_users = o->numbers->n_users;
    o->n_shares = rf_pool_threads(pool);
    RF_ZERO(o->begin, (size_t)n_users + 1, err);
    rf_pool_run(pool, o->n_shares, count_share, o);
    for (uint32_t u = 0; u < n_users; u++)
        o->begin[u + 1] += o->begin[u];
    RF_NEW(o->cells, o->begin[n_users], err);
    rf_pool_run(pool, o->n_shares, move_share, o);
    for (uint32_t u = n_users; u > 0; u--) /* each has moved to the next one's beginning */
        o->begin[u] = o->begin[u - 1];
    o->begin[0] = 0;
done:
    return st;
}

/* ---- and into their order ---- */

typedef struct tie_context {
    const ordering *o;
    const rf_cell *run;
} tie_context;

static int compare_records(void *context, uint32_t a, uint32_t b)
{
    const tie_context *tie = context;
    return rf_cells_tie(tie->o->store, tie->o->numbers, &tie->run[a], &tie->run[b]);
}

static void sort_run(const ordering *o, rf_cell *run, size_t n, const run_scratch *scratch)
{
    tie_context tie = {.o = o, .run = run};
    bool sorted = true;
    for (size_t i = 0; i < n; i++) {
        scratch->keys[i] = (rf_sort_key){.key = (uint64_t)o->numbers->entity[run[i].v] << 32 | run[i].slot,
                                         .value = (uint32_t)i};
        sorted = sorted && (i == 0 || scratch->keys[i - 1].key < scratch->keys[i].key);
    }
    if (sorted)
        return;
    rf_sort_keys(scratch->keys, n, o->store->codec.ids ? compare_records : NULL, &tie);
    memcpy(scratch->cells, run, n * sizeof *run);
    for (size_t i = 0; i < n; i++)
        run[i] = scratch->cells[scratch->keys[i].value];
}

static void sort_runs(void *context, int64_t index, int worker)
{
    const ordering *o = context;
    const uint32_t n_users = o->numbers->n_users, from = (uint32_t)index * USERS_A_TASK;
    const uint32_t to = n_users - from < USERS_A_TASK ? n_users : from + USERS_A_TASK;
    for (uint32_t u = from; u < to; u++)
        sort_run(o, o->cells + o->begin[u], o->begin[u + 1] - o->begin[u], &o->scratch[worker]);
}

static rf_status sort_each(ordering *o, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const uint32_t n_users = o->numbers->n_users;
    size_t longest = 0;
    RF_ZERO(o->scratch, rf_pool_threads(pool), err);
    for (uint32_t u = 0; u < n_users; u++)
        longest = o->begin[u + 1] - o->begin[u] > longest ? o->begin[u + 1] - o->begin[u] : longest;
    for (int i = 0; i < rf_pool_threads(pool); i++) {
        RF_NEW(o->scratch[i].keys, longest, err);
        RF_NEW(o->scratch[i].cells, longest, err);
    }
    rf_pool_run(pool, ((int64_t)n_users + USERS_A_TASK - 1) / USERS_A_TASK, sort_runs, o);
done:
    for (int i = 0; o->scratch != NULL && i < rf_pool_threads(pool); i++) {
        rf_mem_free(o->scratch[i].keys);
        rf_mem_free(o->scratch[i].cells);
    }
    rf_mem_free(o->scratch);
    o->scratch = NULL;
    return st;
}

rf_status rf_store_sort(rf_store *store, uint32_t floor_slot, const rf_store_numbers *numbers, rf_pool *pool,
                        rf_err *err)
{
    rf_status st = RF_OK;
    ordering o = {.store = store, .numbers = numbers, .floor_slot = floor_slot};
    RF_TRY(bring_together(&o, pool, err));
    RF_TRY(sort_each(&o, pool, err));
    const size_t n = o.begin[numbers->n_users];
    rf_cell *cells = o.cells;
    o.cells = NULL;
    RF_TRY(rf_store_take_cells(store, cells, n, numbers, pool, err));
    RF_TRY(rf_store_seal_owned(store, err));
done:
    rf_mem_free(o.cells);
    rf_mem_free(o.begin);
    return st;
}
