/* rewrite.c - rewrites the store without old data, with other numbers, or in another order of its cells.
 *
 * Pruning keeps memory bounded while a stream runs; sorting (cell_order.c) comes once, before a graph is
 * saved for good or frozen. Both copy the surviving records into a new log, in the order of their cells, so
 * that the memory of dropped cells is returned. Threads rewrite blocks of cells, each into a piece of its
 * own; the pieces are joined in order, so that the log is the same with any number of threads.
 */
#include <string.h>

#include "rewrite_int.h"
#include "rf_mem.h"
#include "sort_int.h"

/* ---- which ids are in use ---- */

#define MARKED_A_TASK 65536

/* Has any of the first n codes numbers? */
static bool any_renumbered(const rf_store_numbers *numbers, int n)
{
    bool any = false;
    for (int i = 0; i < n; i++)
        any = any || numbers->category[i] != NULL;
    return any;
}

typedef struct marking {
    const rf_store_numbers *marks;
    const rf_store *store;
    uint32_t floor_slot;
    bool categories; /* have any attributes values that are categories? */
    bool types;      /* has the fraud type? */
    uint8_t *full;   /* [n_full] 1: a cell that stays */
} marking;

static void set_mark(uint8_t *mark) /* several threads may set one */
{
    __atomic_store_n(mark, 1, __ATOMIC_RELAXED);
}

static void set_mark32(uint32_t *mark)
{
    __atomic_store_n(mark, 1, __ATOMIC_RELAXED);
}

/* Records of a kind without attributes say in their heads whether there is more to them. */
static bool has_categories(const marking *m, const rf_cell *cell)
{
    return m->categories || (m->types && rf_cell_head_get(m->store, cell->head, cell->count).typed);
}

static void mark_cell(const marking *m, const rf_cell *cell)
{
    const int codes = m->store->codec.n_codes;
    rf_record records[RF_CELL_EVENTS];
    set_mark32(&m->marks->user[cell->u]);
    set_mark32(&m->marks->entity[cell->v]);
    if (cell->count > RF_CELL_EVENTS) {
        set_mark(&m->full[cell->head]);
        return;
    }
    if (!has_categories(m, cell))
        return;
    int n = rf_cell_records(records, m->store, cell->head, cell->count);
    for (int r = 0; r < n; r++) {
        for (int i = 0; i < codes; i++) {
            if (m->marks->category[i] != NULL && records[r].code[i] != 0)
                set_mark32(&m->marks->category[i][records[r].code[i] - 1]);
        }
    }
}

static void mark_cells(void *context, int64_t index, int worker)
{
    const marking *m = context;
    const size_t from = (size_t)index * MARKED_A_TASK, n = m->store->n_cells;
    const size_t to = n - from < MARKED_A_TASK ? n : from + MARKED_A_TASK;
    (void)worker;
    for (size_t c = from; c < to; c++) {
        if (m->store->cells[c].slot >= m->floor_slot)
            mark_cell(m, &m->store->cells[c]);
    }
}

rf_status rf_store_mark(rf_store_numbers *marks, const rf_store *store, uint32_t floor_slot, rf_pool *pool,
                        rf_err *err)
{
    rf_status st = RF_OK;
    const uint32_t codes = (uint32_t)store->codec.n_codes;
    marking m = {.marks = marks,
                 .store = store,
                 .floor_slot = floor_slot,
                 .categories = any_renumbered(marks, (int)codes - 1),
                 .types = marks->category[codes - 1] != NULL};
    RF_ZERO(m.full, store->n_full, err);
    rf_pool_run(pool, ((int64_t)store->n_cells + MARKED_A_TASK - 1) / MARKED_A_TASK, mark_cells, &m);
    for (size_t i = 0; i < store->cap_owned; i++) {
        const rf_owned_category *owned = &store->owned[i];
        if (owned->events != 0 && m.full[owned->owner / codes])
            marks->category[owned->owner % codes][owned->category] = 1;
    }
done:
    rf_mem_free(m.full);
    return st;
}

/* ---- comparing records ---- */

/* Does any code become another one? */
static bool renumber_codes(rf_record *record, const rf_codec *codec, const rf_store_numbers *numbers)
{
    bool changed = false;
    for (int i = 0; numbers != NULL && i < codec->n_codes; i++) {
        if (numbers->category[i] == NULL || record->code[i] == 0)
            continue;
        const uint64_t code = (uint64_t)numbers->category[i][record->code[i] - 1] + 1;
        changed = changed || code != record->code[i];
        record->code[i] = code;
    }
    return changed;
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

int rf_cells_tie(const rf_store *store, const rf_store_numbers *numbers, const rf_cell *a, const rf_cell *b)
{
    rf_record x, y;
    if (!rf_record_get(&x, &store->codec, store->log, store->n_log, a->head) ||
        !rf_record_get(&y, &store->codec, store->log, store->n_log, b->head))
        return 0;
    renumber_codes(&x, &store->codec, numbers);
    renumber_codes(&y, &store->codec, numbers);
    return compare_records(&x, &y, store->codec.n_codes);
}

int rf_cells_compare(const rf_store *store, uint32_t a, uint32_t b)
{
    const rf_cell *x = &store->cells[a], *y = &store->cells[b];
    int order = compare_u64(x->slot, y->slot);
    return order != 0 ? order : rf_cells_tie(store, NULL, x, y);
}

/* ---- records, in the order of their cells ---- */

#define BLOCK_CELLS ((size_t)32768)
#define CELLS_AHEAD 16 /* whose records are fetched while others are copied */

typedef struct piece { /* of the new log: what the cells [from, to) have in it */
    size_t from, to;
    uint8_t *log;
    size_t n_log, cap_log;
    rf_status st;
    rf_err err;
} piece;

typedef struct rewriting {
    rf_store *to; /* its cells are those that stay, with the numbers and heads that they had */
    const rf_store *from;
    const rf_store_numbers *numbers; /* NULL: as before */
    piece *pieces;
    uint32_t *full_to; /* number of a full cell in `from` -> in `to` */
} rewriting;

static rf_status put_record(piece *out, const rf_codec *codec, const rf_record *record, bool last,
                            rf_err *err)
{
    rf_status st = RF_OK;
    uint8_t body[RF_RECORD_BODY];
    size_t len = rf_record_put_body(body, codec, record->code, record->id, record->id_len);
    RF_RESERVE(out->log, out->cap_log, out->n_log + len + RF_RECORD_HEADER + RF_RECORD_UNIT, err);
    rf_record head; /* without codes, as above all they are many */
    head.offset = record->offset;
    head.label = record->label;
    head.typed = record->typed;
    head.link = last ? RF_LINK_END : RF_LINK_BEHIND;
    head.next = 0;
    out->n_log += rf_record_put(out->log + out->n_log, &head, body, len);
done:
    return st;
}

/* A record that stands alone and says the same as before: its bytes. */
static rf_status copy_record(piece *out, const uint8_t *bytes, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    const size_t padded = (n + RF_RECORD_UNIT - 1) / RF_RECORD_UNIT * RF_RECORD_UNIT;
    RF_RESERVE(out->log, out->cap_log, out->n_log + padded, err);
    memcpy(out->log + out->n_log, bytes, n);
    memset(out->log + out->n_log + n, 0, padded - n);
    out->n_log += padded;
done:
    return st;
}

/* Most cells: those of one event. */
static rf_status rewrite_one(piece *out, const rf_cell *cell, const rewriting *r, rf_err *err)
{
    rf_record record;
    const rf_store *from = r->from;
    if (!rf_record_get(&record, &from->codec, from->log, from->n_log, cell->head))
        return RF_OK; /* it was looked through when it was read */
    const bool changed = renumber_codes(&record, &from->codec, r->numbers);
    if (changed || record.link != RF_LINK_END)
        return put_record(out, &from->codec, &record, true, err);
    return copy_record(out, from->log + (size_t)cell->head * RF_RECORD_UNIT, record.bytes, err);
}

static rf_status rewrite_some(piece *out, const rf_cell *cell, const rewriting *r, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_codec *codec = &r->from->codec;
    rf_record records[RF_CELL_EVENTS];
    int n = rf_cell_records(records, r->from, cell->head, cell->count);
    int order[RF_CELL_EVENTS];
    for (int i = 0; i < n; i++) {
        renumber_codes(&records[i], codec, r->numbers);
        int at = i;
        for (; at > 0 && compare_records(&records[i], &records[order[at - 1]], codec->n_codes) < 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (int i = 0; i < n; i++)
        RF_TRY(put_record(out, codec, &records[order[i]], i + 1 == n, err));
done:
    return st;
}

/* Heads are units of the piece. */
static rf_status rewrite_records(piece *out, rf_cell *cell, const rewriting *r, rf_err *err)
{
    const uint32_t head = (uint32_t)(out->n_log / RF_RECORD_UNIT);
    const rf_status st = cell->count == 1 ? rewrite_one(out, cell, r, err) : rewrite_some(out, cell, r, err);
    cell->head = head;
    return st;
}

static void rewrite_piece(void *context, int64_t index, int worker)
{
    const rewriting *r = context;
    piece *out = &r->pieces[index];
    (void)worker;
    out->st = RF_OK;
    out->n_log = 0;
    for (size_t i = out->from; i < out->to && out->st >= 0; i++) {
        rf_cell *cell = &r->to->cells[i];
        if (i + CELLS_AHEAD < out->to)
            __builtin_prefetch(r->from->log + (size_t)cell[CELLS_AHEAD].head * RF_RECORD_UNIT);
        if (cell->count <= RF_CELL_EVENTS)
            out->st = rewrite_records(out, cell, r, &out->err);
        if (r->numbers != NULL) {
            cell->u = r->numbers->user[cell->u];
            cell->v = r->numbers->entity[cell->v];
        }
    }
}

static rf_status move_sums(rewriting *r, rf_cell *cell, rf_err *err)
{
    rf_status st = RF_OK;
    rf_store *to = r->to;
    const size_t at = to->n_full, codes = (size_t)to->codec.n_codes;
    RF_RESERVE(to->full, to->cap_full, at + 1, err);
    RF_RESERVE(to->sums, to->cap_sums, (at + 1) * codes, err);
    to->full[at] = r->from->full[cell->head];
    memcpy(&to->sums[at * codes], &r->from->sums[cell->head * codes], codes * sizeof *to->sums);
    r->full_to[cell->head] = (uint32_t)at;
    cell->head = (uint32_t)at;
    to->n_full++;
done:
    return st;
}

static rf_status join_piece(rewriting *r, const piece *next, rf_err *err)
{
    rf_status st = RF_OK;
    rf_store *to = r->to;
    const uint32_t unit = (uint32_t)(to->n_log / RF_RECORD_UNIT);
    if (next->st < 0 && err != NULL)
        *err = next->err;
    RF_TRY(next->st);
    RF_RESERVE(to->log, to->cap_log, to->n_log + next->n_log, err);
    if (next->n_log > 0)
        memcpy(to->log + to->n_log, next->log, next->n_log);
    to->n_log += next->n_log;
    for (size_t i = next->from; i < next->to; i++) {
        if (to->cells[i].count > RF_CELL_EVENTS)
            RF_TRY(move_sums(r, &to->cells[i], err));
        else
            to->cells[i].head += unit;
    }
done:
    return st;
}

/* Rounds of a piece or two a thread, so that little is held twice. */
static rf_status rewrite_cells(rewriting *r, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t most = 2 * (int64_t)rf_pool_threads(pool);
    const size_t n = r->to->n_cells;
    RF_ZERO(r->pieces, most, err);
    RF_RESERVE(r->to->log, r->to->cap_log, r->from->n_log, err);
    for (size_t from = 0; from < n;) {
        int64_t n_pieces = 0;
        for (; n_pieces < most && from < n; n_pieces++) {
            r->pieces[n_pieces].from = from;
            from = n - from < BLOCK_CELLS ? n : from + BLOCK_CELLS;
            r->pieces[n_pieces].to = from;
        }
        rf_pool_run(pool, n_pieces, rewrite_piece, r);
        for (int64_t i = 0; i < n_pieces; i++)
            RF_TRY(join_piece(r, &r->pieces[i], err));
    }
done:
    for (int64_t i = 0; r->pieces != NULL && i < most; i++)
        rf_mem_free(r->pieces[i].log);
    rf_mem_free(r->pieces);
    return st;
}

static rf_status copy_owned(const rewriting *r, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t codes = (uint32_t)r->from->codec.n_codes;
    for (size_t i = 0; i < r->from->cap_owned; i++) {
        rf_owned_category owned = r->from->owned[i];
        if (owned.events == 0 || r->full_to[owned.owner / codes] == RF_NO_ID)
            continue;
        uint32_t code = owned.owner % codes;
        if (r->numbers != NULL)
            owned.category = r->numbers->category[code][owned.category];
        owned.owner = r->full_to[owned.owner / codes] * codes + code;
        RF_TRY(rf_store_count_category(r->to, owned.owner, owned.category, owned.events, err));
    }
done:
    return st;
}

rf_status rf_store_take_cells(rf_store *store, rf_cell *cells, size_t n, const rf_store_numbers *numbers,
                              rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_store fresh = {.codec = store->codec, .cells = cells, .n_cells = n, .cap_cells = n};
    rewriting r = {.to = &fresh, .from = store, .numbers = numbers};
    rf_mem_free(store->index);
    rf_mem_free(store->cells);
    store->index = NULL;
    store->cells = NULL;
    store->n_cells = store->cap_cells = 0;
    RF_NEW(r.full_to, store->n_full, err);
    memset(r.full_to, 0xFF, store->n_full * sizeof *r.full_to);
    RF_TRY(rewrite_cells(&r, pool, err));
    RF_TRY(copy_owned(&r, err));
    rf_store_clear(store);
    *store = fresh;
    fresh = (rf_store){0};
done:
    rf_mem_free(r.full_to);
    rf_store_clear(&fresh);
    return st;
}

rf_status rf_store_keep(rf_store *store, uint32_t floor_slot, const uint8_t *dropped,
                        const rf_store_numbers *numbers, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = 0, kept = 0;
    rf_cell *cells = NULL;
    for (size_t c = 0; c < store->n_cells; c++)
        n += store->cells[c].slot >= floor_slot && (dropped == NULL || !dropped[c]);
    RF_NEW(cells, n, err);
    for (size_t c = 0; c < store->n_cells; c++) {
        if (store->cells[c].slot >= floor_slot && (dropped == NULL || !dropped[c]))
            cells[kept++] = store->cells[c];
    }
    st = rf_store_take_cells(store, cells, n, numbers, NULL, err);
done:
    return st;
}
/* ---- categories of full cells ---- */

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
