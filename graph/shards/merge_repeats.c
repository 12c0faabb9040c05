/* merge_repeats.c - events that two states both hold, found by their ids when one is folded into the other.
 *
 * Events are split over shards, so this is the exception: a producer that sent an event again under another
 * key, or files that overlap. One process would have kept the first it read. A state of pair granularity has
 * only sums, and both sums include the event. In event granularity the events themselves are there, and of
 * two equal events one can be dropped.
 */
#include <inttypes.h>
#include <string.h>

#include "merge_int.h"
#include "rf_mem.h"
#include "sort_int.h"

typedef struct suspects { /* cells whose ids both have, by hash */
    rf_sort_key *keys;
    size_t n, cap;
} suspects;

static bool get_single(rf_record *out, const rf_store *store, size_t cell)
{
    return rf_record_get(out, &store->codec, store->log, store->n_log, store->cells[cell].head);
}

static rf_status find_suspects(suspects *out, const rf_bigraph *graph, const rf_dedup *common,
                               uint32_t floor_slot, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *store = &graph->store;
    for (size_t c = 0; c < store->n_cells; c++) {
        rf_record record;
        if (store->cells[c].slot < floor_slot || !get_single(&record, store, c) || record.id == NULL)
            continue;
        rf_dedup_entry key = rf_dedup_key(record.id, record.id_len, 0);
        if (rf_dedup_find(common, &key) == NULL)
            continue;
        RF_RESERVE(out->keys, out->cap, out->n + 1, err);
        out->keys[out->n++] =
            (rf_sort_key){.key = (uint64_t)key.hash[0] << 32 | key.hash[1], .value = (uint32_t)c};
    }
    rf_sort_keys(out->keys, out->n, NULL, NULL);
done:
    return st;
}

/* ---- the same event? numbers differ between the two, texts count ---- */

static bool same_text(const rf_idmap *a_map, uint32_t a, const rf_idmap *b_map, uint32_t b)
{
    size_t a_len, b_len;
    const char *a_text = rf_idmap_text(a_map, a, &a_len), *b_text = rf_idmap_text(b_map, b, &b_len);
    return a_len == b_len && memcmp(a_text, b_text, a_len) == 0;
}

static bool same_event(const rf_bigraph *a, size_t a_cell, const rf_bigraph *b, size_t b_cell)
{
    rf_record x, y;
    const rf_cell *c = &a->store.cells[a_cell], *d = &b->store.cells[b_cell];
    if (c->slot != d->slot || !get_single(&x, &a->store, a_cell) || !get_single(&y, &b->store, b_cell))
        return false;
    if (x.offset != y.offset || x.label != y.label || x.id_len != y.id_len ||
        memcmp(x.id, y.id, x.id_len) != 0 || !same_text(a->ids[RF_USER], c->u, b->ids[RF_USER], d->u) ||
        !same_text(a->ids[RF_ENTITY], c->v, b->ids[RF_ENTITY], d->v))
        return false;
    for (int i = 0; i < a->store.codec.n_codes; i++) {
        uint64_t p = x.code[i], q = y.code[i];
        bool texts = a->category[i] != NULL && p != 0 && q != 0;
        if (texts ? !same_text(a->category[i], (uint32_t)(p - 1), b->category[i], (uint32_t)(q - 1)) : p != q)
            return false;
    }
    return true;
}

/* ---- what to do about it ---- */

/* Takes off theirs[t] what ours have too. Both are sorted by key. */
static rf_status settle(rf_joiner *j, const suspects *ours, const suspects *theirs, const char *path,
                        bool keep_repeats, rf_err *err)
{
    rf_status st = RF_OK;
    size_t o = 0;
    for (size_t t = 0; t < theirs->n; t++) {
        size_t cell = theirs->keys[t].value;
        bool same = false;
        while (o < ours->n && ours->keys[o].key < theirs->keys[t].key)
            o++;
        for (size_t k = o; k < ours->n && ours->keys[k].key == theirs->keys[t].key && !same; k++)
            same = same_event(j->into, ours->keys[k].value, j->from, cell);
        j->dropped[cell] = same;
        j->counts->same += same;
        j->counts->repeats += !same;
        rf_record record = {0};
        if (!same && !keep_repeats && get_single(&record, &j->from->store, cell))
            RF_FAIL(err, RF_E_INVALID,
                    "%s: event %.*s is also in an earlier file, with other contents: build from events "
                    "that lie in one shard each, or keep both with --keep-repeats",
                    path, record.id_len > 100 ? 100 : (int)record.id_len, record.id);
    }
done:
    return st;
}

rf_status rf_merge_repeats(rf_joiner *j, const char *path, bool keep_repeats, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_dedup *from = &j->from->dedup;
    rf_dedup common = {0}; /* ids that both have */
    suspects ours = {0}, theirs = {0};
    for (size_t i = 0; from->bits > 0 && i < (size_t)1 << from->bits; i++) { /* inside what is kept */
        const rf_dedup_entry *entry = &from->entries[i];
        if (entry->slot == RF_NO_SLOT || entry->slot < j->floor_slot)
            continue;
        const rf_dedup_entry *other = rf_dedup_find(&j->into->dedup, entry);
        if (other != NULL && other->slot >= j->floor_slot)
            RF_TRY(rf_dedup_add(&common, entry, 0, err));
    }
    if (common.n == 0)
        goto done;
    if (!j->from->store.codec.ids) {
        j->counts->repeats = (int64_t)common.n;
        if (!keep_repeats)
            RF_FAIL(err, RF_E_INVALID,
                    "%s: %" PRId64 " event ids are also in an earlier file, and pairs have only sums of "
                    "them: build from events that lie in one shard each, or count them twice with "
                    "--keep-repeats",
                    path, (int64_t)common.n);
        goto done;
    }
    RF_TRY(find_suspects(&ours, j->into, &common, j->floor_slot, err));
    RF_TRY(find_suspects(&theirs, j->from, &common, j->floor_slot, err));
    RF_TRY(settle(j, &ours, &theirs, path, keep_repeats, err));
done:
    rf_dedup_clear(&common);
    rf_mem_free(ours.keys);
    rf_mem_free(theirs.keys);
    return st;
}
