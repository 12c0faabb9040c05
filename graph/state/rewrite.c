/* rewrite.c - rewrites the store without old data, and in an order that depends on the events alone.
 *
 * Pruning keeps memory bounded while a stream runs; sorting comes once, before a graph is saved for good or
 * frozen. Both copy the surviving records into a new log, so that the memory of dropped cells is returned.
 */
#include <string.h>

#include "rewrite_int.h"
#include "rf_mem.h"
#include "sort_int.h"

/* ---- which ids are in use ---- */

rf_status rf_store_mark(rf_store_numbers *marks, const rf_store *store, uint32_t floor_slot, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t codes = (uint32_t)store->codec.n_codes;
    uint8_t *full = NULL; /* [n_full] 1: a cell that stays */
    RF_ZERO(full, store->n_full, err);
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        rf_record records[RF_CELL_EVENTS];
        if (cell->slot < floor_slot)
            continue;
        marks->user[cell->u] = 1;
        marks->entity[cell->v] = 1;
        if (cell->count > RF_CELL_EVENTS) {
            full[cell->head] = 1;
            continue;
        }
        int n = rf_cell_records(records, store, cell->head, cell->count);
        for (int r = 0; r < n; r++) {
            for (uint32_t i = 0; i < codes; i++) {
                if (marks->category[i] != NULL && records[r].code[i] != 0)
                    marks->category[i][records[r].code[i] - 1] = 1;
            }
        }
    }
    for (size_t i = 0; i < store->cap_owned; i++) {
        const rf_owned_category *owned = &store->owned[i];
        if (owned->events != 0 && full[owned->owner / codes])
            marks->category[owned->owner % codes][owned->category] = 1;
    }
done:
    rf_mem_free(full);
    return st;
}

/* ---- comparing records ---- */

static void renumber_codes(rf_record *record, const rf_codec *codec, const rf_store_numbers *numbers)
{
    for (int i = 0; numbers != NULL && i < codec->n_codes; i++) {
        if (numbers->category[i] != NULL && record->code[i] != 0)
            record->code[i] = (uint64_t)numbers->category[i][record->code[i] - 1] + 1;
    }
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* By time, event id, label, values: records that agree in all of these are the same. */
static int compare_records(const rf_record *a, const rf_record *b, int n_codes)
{
    int order = compare_u64(a->offset, b->offset);
    if (order == 0 && a->id != NULL && b->id != NULL) {
        order = memcmp(a->id, b->id, a->id_len < b->id_len ? a->id_len : b->id_len);
        order = order != 0 ? order : compare_u64(a->id_len, b->id_len);
    } else if (order == 0) {
        order = (a->id != NULL) - (b->id != NULL);
    }
    if (order == 0)
        order = a->label - b->label;
    for (int i = 0; order == 0 && i < n_codes; i++)
        order = compare_u64(a->code[i], b->code[i]);
    return order;
}

typedef struct tie_context {
    const rf_store *store;
    const rf_store_numbers *numbers;
} tie_context;

static int compare_single_cells(void *context, uint32_t a, uint32_t b)
{
    const tie_context *tie = context;
    const rf_store *store = tie->store;
    rf_record x, y;
    if (!rf_record_get(&x, &store->codec, store->log, store->n_log, store->cells[a].head) ||
        !rf_record_get(&y, &store->codec, store->log, store->n_log, store->cells[b].head))
        return 0;
    renumber_codes(&x, &store->codec, tie->numbers);
    renumber_codes(&y, &store->codec, tie->numbers);
    return compare_records(&x, &y, store->codec.n_codes);
}

int rf_cells_compare(const rf_store *store, uint32_t a, uint32_t b)
{
    tie_context tie = {.store = store};
    int order = compare_u64(store->cells[a].slot, store->cells[b].slot);
    return order != 0 ? order : compare_single_cells(&tie, a, b);
}

/* ---- copying cells into a new store ---- */

static rf_status copy_records(rf_store *to, rf_cell *cell, const rf_store *from,
                              const rf_store_numbers *numbers, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record records[RF_CELL_EVENTS];
    int n = rf_cell_records(records, from, cell->head, cell->count), codes = from->codec.n_codes;
    int order[RF_CELL_EVENTS];
    for (int i = 0; i < n; i++) {
        renumber_codes(&records[i], &from->codec, numbers);
        int at = i;
        for (; at > 0 && compare_records(&records[i], &records[order[at - 1]], codes) < 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (int i = 0; i < n; i++) {
        const rf_record *record = &records[order[i]];
        uint8_t body[RF_RECORD_BODY];
        size_t len = rf_record_put_body(body, &to->codec, record->code, record->id, record->id_len);
        RF_RESERVE(to->log, to->cap_log, to->n_log + len + RF_RECORD_HEADER + RF_RECORD_UNIT, err);
        if (i == 0)
            cell->head = (uint32_t)(to->n_log / RF_RECORD_UNIT);
        rf_record head = {.offset = record->offset, .label = record->label, .typed = record->typed};
        head.link = i + 1 < n ? RF_LINK_BEHIND : RF_LINK_END;
        to->n_log += rf_record_put(to->log + to->n_log, &head, body, len);
    }
done:
    return st;
}

static rf_status copy_owned(rf_store *to, const rf_store *from, const uint32_t *full_to,
                            const rf_store_numbers *numbers, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t codes = (uint32_t)from->codec.n_codes;
    for (size_t i = 0; i < from->cap_owned; i++) {
        rf_owned_category owned = from->owned[i];
        if (owned.events == 0 || full_to[owned.owner / codes] == RF_NO_ID)
            continue;
        uint32_t code = owned.owner % codes;
        if (numbers != NULL)
            owned.category = numbers->category[code][owned.category];
        owned.owner = full_to[owned.owner / codes] * codes + code;
        RF_TRY(rf_store_count_category(to, owned.owner, owned.category, owned.events, err));
    }
done:
    return st;
}

/* The cells named by keys[n], in that order, into the empty store `to`. */
static rf_status copy_cells(rf_store *to, const rf_store *from, const rf_sort_key *keys, size_t n,
                            const rf_store_numbers *numbers, rf_err *err)
{
    rf_status st = RF_OK;
    size_t codes = (size_t)from->codec.n_codes;
    uint32_t *full_to = NULL; /* number of a full cell in `from` -> in `to` */
    RF_NEW(full_to, from->n_full, err);
    memset(full_to, 0xFF, from->n_full * sizeof *full_to);
    RF_RESERVE(to->cells, to->cap_cells, n, err);
    for (size_t i = 0; i < n; i++) {
        if (i + 32 < n) /* cells and their records lie anywhere: they are fetched ahead */
            __builtin_prefetch(&from->cells[keys[i + 32].value]);
        if (i + 16 < n)
            __builtin_prefetch(from->log + (size_t)from->cells[keys[i + 16].value].head * RF_RECORD_UNIT);
        rf_cell cell = from->cells[keys[i].value];
        if (cell.count > RF_CELL_EVENTS) {
            size_t at = to->n_full;
            RF_RESERVE(to->full, to->cap_full, at + 1, err);
            RF_RESERVE(to->sums, to->cap_sums, (at + 1) * codes, err);
            to->full[at] = from->full[cell.head];
            memcpy(&to->sums[at * codes], &from->sums[cell.head * codes], codes * sizeof *to->sums);
            full_to[cell.head] = (uint32_t)at;
            cell.head = (uint32_t)at;
            to->n_full++;
        } else {
            RF_TRY(copy_records(to, &cell, from, numbers, err));
        }
        if (numbers != NULL) {
            cell.u = numbers->user[cell.u];
            cell.v = numbers->entity[cell.v];
        }
        to->cells[to->n_cells++] = cell;
    }
    RF_TRY(copy_owned(to, from, full_to, numbers, err));
done:
    rf_mem_free(full_to);
    return st;
}

static rf_status replace(rf_store *store, const rf_sort_key *keys, size_t n, const rf_store_numbers *numbers,
                         rf_err *err)
{
    rf_status st = RF_OK;
    rf_store fresh = {.codec = store->codec};
    rf_mem_free(store->index);
    store->index = NULL;
    RF_TRY(copy_cells(&fresh, store, keys, n, numbers, err));
    rf_store_clear(store);
    *store = fresh;
    fresh = (rf_store){0};
done:
    rf_store_clear(&fresh);
    return st;
}

rf_status rf_store_keep(rf_store *store, uint32_t floor_slot, const uint8_t *dropped,
                        const rf_store_numbers *numbers, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = 0;
    rf_sort_key *keys = NULL;
    RF_NEW(keys, store->n_cells, err);
    for (size_t c = 0; c < store->n_cells; c++) {
        if (store->cells[c].slot >= floor_slot && (dropped == NULL || !dropped[c]))
            keys[n++] = (rf_sort_key){.value = (uint32_t)c};
    }
    RF_TRY(replace(store, keys, n, numbers, err));
done:
    rf_mem_free(keys);
    return st;
}

/* ---- canonical order ---- */

/* Counting sort by user, then each user's run by (entity, slot) and tie. *n cells stay. */
static rf_status sort_cells(rf_sort_key **out, size_t *n, const rf_store *store, uint32_t floor_slot,
                            const rf_store_numbers *numbers, rf_err *err)
{
    rf_status st = RF_OK;
    tie_context tie = {.store = store, .numbers = numbers};
    rf_sort_key *keys = NULL;
    const uint32_t *users = numbers->user, *entities = numbers->entity, n_users = numbers->n_users;
    size_t *end = NULL;
    RF_ZERO(end, n_users + 1, err);
    for (size_t c = 0; c < store->n_cells; c++) {
        if (store->cells[c].slot >= floor_slot)
            end[users[store->cells[c].u] + 1]++;
    }
    for (uint32_t u = 0; u < n_users; u++)
        end[u + 1] += end[u];
    *n = end[n_users];
    RF_NEW(keys, *n, err);
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        if (cell->slot >= floor_slot)
            keys[end[users[cell->u]]++] =
                (rf_sort_key){.key = (uint64_t)entities[cell->v] << 32 | cell->slot, .value = (uint32_t)c};
    }
    for (uint32_t u = 0; u < n_users; u++) { /* end[u] has moved to the end of u's run */
        size_t from = u == 0 ? 0 : end[u - 1];
        rf_sort_keys(keys + from, end[u] - from, store->codec.ids ? compare_single_cells : NULL, &tie);
    }
    *out = keys;
done:
    rf_mem_free(end);
    return st;
}

rf_status rf_store_seal_owned(rf_store *store, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = 0;
    rf_sort_key *keys = NULL;
    RF_NEW(keys, store->n_owned, err);
    RF_NEW(store->owned_counts, store->n_owned, err);
    for (size_t i = 0; i < store->cap_owned; i++) {
        const rf_owned_category *owned = &store->owned[i];
        if (owned->events != 0)
            keys[n++] =
                (rf_sort_key){.key = (uint64_t)owned->owner << 32 | owned->category, .value = owned->events};
    }
    rf_sort_keys(keys, n, NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        uint32_t category = (uint32_t)keys[i].key, events = keys[i].value;
        store->owned[i] = (rf_owned_category){(uint32_t)(keys[i].key >> 32), category, events};
        store->owned_counts[i] = (rf_category_count){category, events};
    }
    store->cap_owned = 0;
done:
    rf_mem_free(keys);
    return st;
}

rf_status rf_store_sort(rf_store *store, uint32_t floor_slot, const rf_store_numbers *numbers, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sort_key *keys = NULL;
    size_t n = 0;
    RF_TRY(sort_cells(&keys, &n, store, floor_slot, numbers, err));
    RF_TRY(replace(store, keys, n, numbers, err));
    RF_TRY(rf_store_seal_owned(store, err));
done:
    rf_mem_free(keys);
    return st;
}
