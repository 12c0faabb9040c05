/* join_entities.c - cells of several entities become those of one, in a store that is sorted.
 *
 * Only the runs of users who met a joined entity are touched: each is put in order again, and its cells of
 * one slot become one. What full cells counted is listed anew at the end, under the numbers that their sums
 * have then.
 */
#include <string.h>

#include "rewrite_int.h"
#include "rf_mem.h"
#include "sort_int.h"

typedef struct rejoiner {
    rf_store *store;
    rf_sort_key *keys; /* of one run, in its new order */
    rf_cell *run;      /* the run as it was */
    size_t cap_keys, cap_run;
    uint32_t *full_to; /* [n_full before] number of sums -> number of the sums that have them now */
    size_t n_kept;     /* cells so far */
} rejoiner;

static int tie(void *context, uint32_t a, uint32_t b)
{
    return rf_cells_compare(context, a, b);
}

static bool is_touched(const rf_cell *cells, size_t n, const uint32_t *into)
{
    size_t c = 0;
    while (c < n && into[cells[c].v] == cells[c].v)
        c++;
    return c < n;
}

static rf_status sort_run(rejoiner *r, size_t from, size_t n, const uint32_t *into, rf_err *err)
{
    rf_status st = RF_OK;
    rf_cell *cells = &r->store->cells[from];
    RF_RESERVE(r->keys, r->cap_keys, n, err);
    RF_RESERVE(r->run, r->cap_run, n, err);
    for (size_t i = 0; i < n; i++) {
        cells[i].v = into[cells[i].v];
        r->keys[i] =
            (rf_sort_key){.key = (uint64_t)cells[i].v << 32 | cells[i].slot, .value = (uint32_t)(from + i)};
    }
    rf_sort_keys(r->keys, n, r->store->codec.ids ? tie : NULL, r->store);
    memcpy(r->run, cells, n * sizeof *cells);
done:
    return st;
}

/* The sorted run, behind the cells that are kept. */
static rf_status put_run(rejoiner *r, size_t from, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_store *store = r->store;
    for (size_t i = 0; i < n; i++) {
        const rf_cell *cell = &r->run[r->keys[i].value - from];
        if (i > 0 && !store->codec.ids && r->keys[i].key == r->keys[i - 1].key)
            RF_TRY(rf_store_unite(store, &store->cells[r->n_kept - 1], cell, r->full_to, err));
        else
            store->cells[r->n_kept++] = *cell;
    }
done:
    return st;
}

static rf_status join_runs(rejoiner *r, const uint32_t *into, rf_err *err)
{
    rf_status st = RF_OK;
    rf_cell *cells = r->store->cells;
    size_t n_cells = r->store->n_cells;
    for (size_t from = 0, end; from < n_cells; from = end) {
        for (end = from; end < n_cells && cells[end].u == cells[from].u;)
            end++;
        if (is_touched(&cells[from], end - from, into)) {
            RF_TRY(sort_run(r, from, end - from, into, err));
            RF_TRY(put_run(r, from, end - from, err));
        } else {
            memmove(&cells[r->n_kept], &cells[from], (end - from) * sizeof *cells);
            r->n_kept += end - from;
        }
    }
    r->store->n_cells = r->n_kept;
done:
    return st;
}

rf_status rf_store_join_entities(rf_store *store, const uint32_t *into, rf_err *err)
{
    rf_status st = RF_OK;
    rejoiner r = {.store = store};
    rf_owned_category *listed = store->owned;
    size_t n_listed = store->n_owned, n_full = store->n_full;
    uint32_t codes = (uint32_t)store->codec.n_codes;
    store->owned = NULL; /* from here on a table again */
    store->n_owned = 0;
    rf_mem_free(store->owned_counts);
    store->owned_counts = NULL;
    RF_NEW(r.full_to, n_full, err);
    for (size_t i = 0; i < n_full; i++)
        r.full_to[i] = (uint32_t)i;
    RF_TRY(join_runs(&r, into, err));
    for (size_t i = 0; i < n_listed; i++) {
        uint32_t owner = r.full_to[listed[i].owner / codes] * codes + listed[i].owner % codes;
        RF_TRY(rf_store_count_category(store, owner, listed[i].category, listed[i].events, err));
    }
    RF_TRY(rf_store_seal_owned(store, err));
done:
    rf_mem_free(listed);
    rf_mem_free(r.keys);
    rf_mem_free(r.run);
    rf_mem_free(r.full_to);
    return st;
}
