/* store.c - cells: finding the one an event belongs to, and folding the event in.
 *
 * In the flow: bigraph.c turns an event into numbers (an arrival), the store keeps it. One open-addressing
 * index leads from (user, entity, slot) to the cell, so an event costs one probe whether it is late, early or
 * the thousandth of its hour; pairs are found only when the window is frozen. rewrite.c prunes and sorts.
 */
#include <string.h>

#include "rf_mem.h"
#include "rf_rng.h"
#include "store_int.h"

#define FIRST_INDEX_BITS 10
#define SLOTS_A_LINE 8
#define CELLS_AHEAD 16 /* whose slots are fetched while the index is built */
#define FIRST_OWNED 64u

uint32_t rf_cell_hash(uint32_t u, uint32_t v, uint32_t slot)
{
    uint64_t pair = (uint64_t)u << 32 | v;
    return (uint32_t)(rf_mix64(pair ^ (uint64_t)slot * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}

static size_t place(const rf_store *store, uint32_t hash)
{
    return (size_t)((uint64_t)hash << store->index_bits >> 32);
}

void rf_store_prefetch(const rf_store *store, uint32_t hash)
{
    if (store->index == NULL)
        return;
    size_t at = place(store, hash), mask = ((size_t)1 << store->index_bits) - 1;
    __builtin_prefetch(&store->index[at], 1);
    __builtin_prefetch(&store->index[(at + SLOTS_A_LINE) & mask], 1); /* often a search runs on into it */
}

/* ---- the index ---- */

static void index_put(rf_store *store, uint32_t hash, uint32_t cell)
{
    size_t mask = ((size_t)1 << store->index_bits) - 1, at = place(store, hash);
    while (store->index[at].cell != RF_NO_ID)
        at = (at + 1) & mask;
    store->index[at] = (rf_index_slot){.tag = hash, .cell = cell};
}

static rf_status new_index(rf_store *store, int bits, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = (size_t)1 << bits;
    rf_index_slot *index = NULL;
    RF_NEW(index, n, err);
    memset(index, 0xFF, n * sizeof *index);
    rf_index_slot *old = store->index;
    size_t n_old = old == NULL ? 0 : (size_t)1 << store->index_bits;
    store->index = index;
    store->index_bits = bits;
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].cell != RF_NO_ID)
            index_put(store, old[i].tag, old[i].cell);
    }
    rf_mem_free(old);
done:
    return st;
}

static bool crowded(size_t cells, int bits)
{
    return cells > ((size_t)1 << bits) / 4 * 3;
}

static uint32_t hash_of(const rf_cell *cell)
{
    return rf_cell_hash(cell->u, cell->v, cell->slot);
}

rf_status rf_store_build_index(rf_store *store, size_t room, rf_err *err)
{
    rf_status st = RF_OK;
    int bits = FIRST_INDEX_BITS;
    while (crowded(store->n_cells + room, bits))
        bits++;
    rf_mem_free(store->index);
    store->index = NULL;
    RF_TRY(new_index(store, bits, err));
    for (size_t i = 0; i < store->n_cells; i++) {
        if (i + CELLS_AHEAD < store->n_cells)
            rf_store_prefetch(store, hash_of(&store->cells[i + CELLS_AHEAD]));
        index_put(store, hash_of(&store->cells[i]), (uint32_t)i);
    }
done:
    return st;
}

/* A full index becomes twice as large. It becomes four times as large at once, if so many more cells are
 * expected that it would be full again: each growth fills a new one. */
static int growth_bits(const rf_store *store)
{
    return store->more > 0 && (uint64_t)store->more / 5 * 4 > store->n_cells ? 2 : 1;
}

rf_status rf_store_reserve(rf_store *store, size_t cells, rf_err *err)
{
    rf_status st = RF_OK;
    size_t need = store->n_cells + cells;
    if (need >= RF_NO_ID)
        RF_FAIL(err, RF_E_INVALID, "more than %u cells (pair and hour) in one graph: shorten graph.window",
                RF_NO_ID - 1);
    RF_RESERVE(store->cells, store->cap_cells, need, err);
    if (store->codec.ids)
        goto done;
    if (store->index == NULL)
        RF_TRY(rf_store_build_index(store, cells, err));
    while (crowded(need, store->index_bits))
        RF_TRY(new_index(store, store->index_bits + growth_bits(store), err));
done:
    return st;
}

static rf_cell *find_cell(const rf_store *store, const rf_arrival *arrival)
{
    size_t mask = ((size_t)1 << store->index_bits) - 1;
    for (size_t at = place(store, arrival->hash); store->index[at].cell != RF_NO_ID; at = (at + 1) & mask) {
        if (store->index[at].tag != arrival->hash)
            continue;
        rf_cell *cell = &store->cells[store->index[at].cell];
        if (cell->u == arrival->u && cell->v == arrival->v && cell->slot == arrival->slot)
            return cell;
    }
    return NULL;
}

/* ---- records ---- */

static rf_status append_record(rf_store *store, uint32_t *unit, const rf_arrival *arrival, int link,
                               uint32_t next, rf_err *err)
{
    rf_status st = RF_OK;
    size_t longest = RF_RECORD_HEADER + arrival->body_len + RF_RECORD_UNIT;
    RF_RESERVE(store->log, store->cap_log, store->n_log + longest, err);
    if (store->n_log / RF_RECORD_UNIT >= UINT32_MAX - longest)
        RF_FAIL(err, RF_E_INVALID, "one graph holds at most 16 GiB of events: shorten graph.window");
    *unit = (uint32_t)(store->n_log / RF_RECORD_UNIT);
    rf_record head; /* its codes are none of this: they are many, and in the body */
    head.offset = arrival->offset;
    head.label = arrival->label;
    head.link = link;
    head.next = next;
    head.typed = arrival->typed;
    store->n_log += rf_record_put(store->log + store->n_log, &head, arrival->body, arrival->body_len);
done:
    return st;
}

int rf_cell_records(rf_record records[RF_CELL_EVENTS], const rf_store *store, uint32_t head, uint32_t count)
{
    int n = 0;
    uint32_t unit = head;
    while (n < (int)count && n < RF_CELL_EVENTS) {
        if (!rf_record_get(&records[n], &store->codec, store->log, store->n_log, unit))
            break;
        unit = records[n].next;
        if (records[n++].link == RF_LINK_END)
            break;
    }
    return n;
}

rf_cell_head rf_cell_head_get(const rf_store *store, uint32_t head, uint32_t count)
{
    rf_record records[RF_CELL_EVENTS];
    rf_cell_head out = {.first = UINT32_MAX};
    if (count > RF_CELL_EVENTS) {
        const rf_full_cell *full = &store->full[head];
        return (rf_cell_head){full->first, full->last, full->known, full->labelled, true};
    }
    int n = count > 1 ? rf_cell_records(records, store, head, count)
                      : rf_record_get_head(&records[0], &store->codec, store->log, store->n_log, head);
    for (int i = 0; i < n; i++) {
        out.first = records[i].offset < out.first ? records[i].offset : out.first;
        out.last = records[i].offset > out.last ? records[i].offset : out.last;
        out.known += records[i].label >= 0;
        out.labelled += records[i].label == 1;
        out.typed = out.typed || records[i].typed;
    }
    return out;
}

/* ---- full cells ---- */

static rf_owned_category *owned_slot(rf_owned_category *owned, size_t cap, uint32_t owner, uint32_t category)
{
    size_t mask = cap - 1, at = (size_t)rf_mix64((uint64_t)owner << 32 | category) & mask;
    while (owned[at].events != 0 && (owned[at].owner != owner || owned[at].category != category))
        at = (at + 1) & mask;
    return &owned[at];
}

static rf_status grow_owned(rf_store *store, rf_err *err)
{
    rf_status st = RF_OK;
    size_t cap = store->cap_owned == 0 ? FIRST_OWNED : store->cap_owned * 2;
    rf_owned_category *owned = NULL;
    RF_ZERO(owned, cap, err);
    for (size_t i = 0; i < store->cap_owned; i++) {
        const rf_owned_category *old = &store->owned[i];
        if (old->events != 0)
            *owned_slot(owned, cap, old->owner, old->category) = *old;
    }
    rf_mem_free(store->owned);
    store->owned = owned;
    store->cap_owned = cap;
done:
    return st;
}

rf_status rf_store_count_category(rf_store *store, uint32_t owner, uint32_t category, uint32_t events,
                                  rf_err *err)
{
    rf_status st = RF_OK;
    if ((store->n_owned + 1) * 4 > store->cap_owned * 3)
        RF_TRY(grow_owned(store, err));
    rf_owned_category *slot = owned_slot(store->owned, store->cap_owned, owner, category);
    store->n_owned += slot->events == 0;
    *slot = (rf_owned_category){.owner = owner, .category = category, .events = slot->events + events};
done:
    return st;
}

static rf_status new_full_cell(rf_store *store, uint32_t *number, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = store->n_full, codes = (size_t)store->codec.n_codes;
    if (n >= UINT32_MAX / RF_MAX_CODES)
        RF_FAIL(err, RF_E_INVALID, "too many pairs with more than %d events in one hour", RF_CELL_EVENTS);
    RF_RESERVE(store->full, store->cap_full, n + 1, err);
    RF_RESERVE(store->sums, store->cap_sums, (n + 1) * codes, err);
    memset(&store->sums[n * codes], 0, codes * sizeof *store->sums);
    store->full[n] = (rf_full_cell){.first = UINT32_MAX};
    *number = (uint32_t)n;
    store->n_full++;
done:
    return st;
}

static rf_status fold(rf_store *store, uint32_t number, uint32_t slot, const rf_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_codec *codec = &store->codec;
    rf_full_cell *full = &store->full[number];
    if (record->offset < full->first)
        full->first = record->offset;
    if (record->offset > full->last)
        full->last = record->offset;
    full->known += record->label >= 0;
    full->labelled += record->label == 1;
    for (int i = 0; i < codec->n_codes; i++) {
        if (rf_codec_type(codec, i) != RF_ATTR_CATEGORY || record->code[i] == 0)
            continue;
        uint32_t owner = number * (uint32_t)codec->n_codes + (uint32_t)i;
        RF_TRY(rf_store_count_category(store, owner, (uint32_t)(record->code[i] - 1), 1, err));
    }
    rf_record_sum(&store->sums[(size_t)number * (size_t)codec->n_codes], codec->n_codes, codec, record,
                  rf_slot_us(codec, slot) + record->offset);
done:
    return st;
}

/* The ninth event: what was packed becomes sums. */
static rf_status fill_up(rf_store *store, rf_cell *cell, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record records[RF_CELL_EVENTS];
    uint32_t number = 0;
    int n = rf_cell_records(records, store, cell->head, cell->count);
    RF_TRY(new_full_cell(store, &number, err));
    for (int i = 0; i < n; i++)
        RF_TRY(fold(store, number, cell->slot, &records[i], err));
    cell->head = number;
done:
    return st;
}

rf_status rf_store_add(rf_store *store, const rf_arrival *arrival, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t unit;
    rf_cell *cell = store->codec.ids ? NULL : find_cell(store, arrival);
    if (cell != NULL && cell->count >= RF_CELL_EVENTS) {
        rf_record record = {.offset = arrival->offset, .label = arrival->label};
        if (cell->count == UINT32_MAX)
            RF_FAIL(err, RF_E_INVALID, "more than %u events of one pair in one hour", UINT32_MAX);
        if (cell->count == RF_CELL_EVENTS)
            RF_TRY(fill_up(store, cell, err));
        cell->count++;
        if (rf_record_get_body(&record, &store->codec, arrival->body, arrival->body_len))
            RF_TRY(fold(store, cell->head, cell->slot, &record, err));
        return RF_OK;
    }
    if (cell != NULL) {
        RF_TRY(append_record(store, &unit, arrival, RF_LINK_AT, cell->head, err));
        cell->head = unit;
        cell->count++;
        return RF_OK;
    }
    RF_TRY(append_record(store, &unit, arrival, RF_LINK_END, 0, err));
    store->cells[store->n_cells] =
        (rf_cell){.u = arrival->u, .v = arrival->v, .slot = arrival->slot, .count = 1, .head = unit};
    if (!store->codec.ids)
        index_put(store, arrival->hash, (uint32_t)store->n_cells);
    store->n_cells++;
done:
    return st;
}

/* ---- cells that become one ---- */

static rf_status add_full(rf_store *store, rf_cell *cell, uint32_t count, const rf_full_cell *full,
                          const rf_attr_sums *sums, rf_err *err)
{
    rf_status st = RF_OK;
    if (count > UINT32_MAX - cell->count)
        RF_FAIL(err, RF_E_INVALID, "more than %u events of one pair in one hour", UINT32_MAX);
    cell->count += count;
    rf_full_cell *into = &store->full[cell->head];
    into->first = full->first < into->first ? full->first : into->first;
    into->last = full->last > into->last ? full->last : into->last;
    into->known += full->known;
    into->labelled += full->labelled;
    rf_attr_sums *to = &store->sums[(size_t)cell->head * (size_t)store->codec.n_codes];
    for (int i = 0; i < store->codec.n_codes; i++)
        rf_attr_sums_merge(&to[i], &sums[i]);
done:
    return st;
}

/* To a cell that has room for them. */
static rf_status add_packed(rf_store *store, rf_cell *cell, const rf_record *records, int n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_arrival arrival;
    for (int i = 0; i < n; i++) {
        arrival.offset = records[i].offset;
        arrival.label = records[i].label;
        arrival.typed = records[i].typed;
        arrival.body_len = rf_record_put_body(arrival.body, &store->codec, records[i].code, NULL, 0);
        RF_TRY(append_record(store, &cell->head, &arrival, RF_LINK_AT, cell->head, err));
        cell->count++;
    }
done:
    return st;
}

rf_status rf_store_unite(rf_store *store, rf_cell *cell, const rf_cell *with, uint32_t *full_to, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record records[RF_CELL_EVENTS];
    bool full = with->count > RF_CELL_EVENTS;
    int n = full ? 0 : rf_cell_records(records, store, with->head, with->count);
    if (!full && cell->count + with->count <= RF_CELL_EVENTS)
        return add_packed(store, cell, records, n, err);
    if (cell->count <= RF_CELL_EVENTS)
        RF_TRY(fill_up(store, cell, err));
    if (full) {
        full_to[with->head] = cell->head;
        return add_full(store, cell, with->count, &store->full[with->head],
                        &store->sums[(size_t)with->head * (size_t)store->codec.n_codes], err);
    }
    if (with->count > UINT32_MAX - cell->count)
        RF_FAIL(err, RF_E_INVALID, "more than %u events of one pair in one hour", UINT32_MAX);
    cell->count += with->count;
    for (int i = 0; i < n; i++)
        RF_TRY(fold(store, cell->head, cell->slot, &records[i], err));
done:
    return st;
}

rf_status rf_store_join_full(rf_store *store, const rf_arrival *key, uint32_t count, const rf_full_cell *full,
                             const rf_attr_sums *sums, uint32_t *number, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t head = 0;
    rf_cell *cell = find_cell(store, key);
    if (cell == NULL) {
        RF_TRY(new_full_cell(store, &head, err));
        cell = &store->cells[store->n_cells];
        *cell = (rf_cell){.u = key->u, .v = key->v, .slot = key->slot, .head = head};
        index_put(store, key->hash, (uint32_t)store->n_cells++);
    } else if (cell->count <= RF_CELL_EVENTS) {
        RF_TRY(fill_up(store, cell, err));
    }
    RF_TRY(add_full(store, cell, count, full, sums, err));
    *number = cell->head;
done:
    return st;
}

void rf_store_clear(rf_store *store)
{
    rf_mem_free(store->cells);
    rf_mem_free(store->log);
    rf_mem_free(store->full);
    rf_mem_free(store->sums);
    rf_mem_free(store->owned);
    rf_mem_free(store->owned_counts);
    rf_mem_free(store->index);
    *store = (rf_store){.codec = store->codec};
}
