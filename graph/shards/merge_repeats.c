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

typedef struct suspects { /* cells of one kind whose ids both have, by hash */
    rf_sort_key *keys;
    size_t n, cap;
} suspects;

typedef struct both { /* of all kinds: of `into`, and of `from` */
    suspects ours[RF_KINDS_MOST], theirs[RF_KINDS_MOST];
} both;

static bool get_single(rf_record *out, const rf_store *store, size_t cell)
{
    return rf_record_get(out, &store->codec, store->log, store->n_log, store->cells[cell].head);
}

static rf_status find_suspects(suspects *out, const rf_store *store, const rf_dedup *common,
                               uint32_t floor_slot, rf_err *err)
{
    rf_status st = RF_OK;
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

/* Those of the key: [*from, end), which is returned. */
static size_t find_key(size_t *from, const suspects *all, uint64_t key)
{
    size_t low = 0, high = all->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all->keys[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    for (*from = low; low < all->n && all->keys[low].key == key;)
        low++;
    return low;
}

/* ---- the same event? numbers differ between the two, texts count ---- */

static bool same_text(const rf_idmap *a_map, uint32_t a, const rf_idmap *b_map, uint32_t b)
{
    size_t a_len, b_len;
    const char *a_text = rf_idmap_text(a_map, a, &a_len), *b_text = rf_idmap_text(b_map, b, &b_len);
    return a_len == b_len && memcmp(a_text, b_text, a_len) == 0;
}

/* What both have of one kind of it. */
static bool same_cell(const rf_joiner *j, int kind, size_t our_cell, size_t their_cell)
{
    rf_record x, y;
    const rf_relation *a = j->kind[kind].into, *b = j->kind[kind].from;
    const rf_cell *c = &a->store.cells[our_cell], *d = &b->store.cells[their_cell];
    if (c->slot != d->slot || !get_single(&x, &a->store, our_cell) || !get_single(&y, &b->store, their_cell))
        return false;
    if (x.offset != y.offset || x.label != y.label || x.id_len != y.id_len ||
        memcmp(x.id, y.id, x.id_len) != 0 || !same_text(j->into->users, c->u, j->from->users, d->u) ||
        !same_text(a->entities, c->v, b->entities, d->v))
        return false;
    for (int i = 0; i < a->store.codec.n_codes; i++) {
        uint64_t p = x.code[i], q = y.code[i];
        const rf_idmap *ours = j->into->category[a->code_of[i]], *theirs = j->from->category[a->code_of[i]];
        bool texts = ours != NULL && p != 0 && q != 0;
        if (texts ? !same_text(ours, (uint32_t)(p - 1), theirs, (uint32_t)(q - 1)) : p != q)
            return false;
    }
    return true;
}

/* Do ours have this cell of theirs, whose id has the key? */
static bool is_ours(const rf_joiner *j, int kind, const both *all, uint64_t key, size_t their_cell)
{
    const suspects *ours = &all->ours[kind];
    size_t o, end = find_key(&o, ours, key);
    while (o < end && !same_cell(j, kind, ours->keys[o].value, their_cell))
        o++;
    return o < end;
}

/* Takes off theirs of a kind what ours have, too. Did both have the same, and be it nothing? */
static bool is_same_of_kind(const rf_joiner *j, int kind, const both *all, uint64_t key, bool drop)
{
    const suspects *theirs = &all->theirs[kind];
    size_t o, t, our_end = find_key(&o, &all->ours[kind], key), their_end = find_key(&t, theirs, key);
    bool same = o == our_end && t == their_end;
    for (; t < their_end; t++) {
        bool had = is_ours(j, kind, all, key, theirs->keys[t].value);
        same = same || had;
        if (had && drop)
            j->kind[kind].dropped[theirs->keys[t].value] = 1;
    }
    return same;
}

/* ---- what to do about it ---- */

/* Takes off theirs what ours have too: events that agree in all kinds. */
static rf_status settle(rf_joiner *j, const both *all, const char *path, bool keep_repeats, rf_err *err)
{
    rf_status st = RF_OK;
    const suspects *theirs = &all->theirs[0]; /* every event has a cell of the main kind */
    for (size_t t = 0; t < theirs->n; t++) {
        const uint64_t key = theirs->keys[t].key;
        const size_t cell = theirs->keys[t].value;
        bool same = is_ours(j, 0, all, key, cell);
        for (int k = 1; k < j->into->n_kinds && same; k++)
            same = is_same_of_kind(j, k, all, key, false);
        for (int k = 1; k < j->into->n_kinds && same; k++)
            (void)is_same_of_kind(j, k, all, key, true);
        j->kind[0].dropped[cell] = same;
        j->counts->same += same;
        j->counts->repeats += !same;
        rf_record record = {0};
        if (!same && !keep_repeats && get_single(&record, &j->kind[0].from->store, cell))
            RF_FAIL(err, RF_E_INVALID,
                    "%s: event %.*s is also in an earlier file, with other contents: build from events "
                    "that lie in one shard each, or keep both with --keep-repeats",
                    path, record.id_len > 100 ? 100 : (int)record.id_len, record.id);
    }
done:
    return st;
}

static rf_status settle_events(rf_joiner *j, const rf_dedup *common, const char *path, bool keep_repeats,
                               rf_err *err)
{
    rf_status st = RF_OK;
    both all = {0};
    for (int k = 0; k < j->into->n_kinds; k++) {
        RF_TRY(find_suspects(&all.ours[k], &j->kind[k].into->store, common, j->floor_slot, err));
        RF_TRY(find_suspects(&all.theirs[k], &j->kind[k].from->store, common, j->floor_slot, err));
    }
    RF_TRY(settle(j, &all, path, keep_repeats, err));
done:
    for (int k = 0; k < RF_KINDS_MOST; k++) {
        rf_mem_free(all.ours[k].keys);
        rf_mem_free(all.theirs[k].keys);
    }
    return st;
}

rf_status rf_merge_repeats(rf_joiner *j, const char *path, bool keep_repeats, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_dedup *from = &j->from->dedup;
    rf_dedup common = {0};                                                   /* ids that both have */
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
    if (!rf_main_store(j->from)->codec.ids) {
        j->counts->repeats = (int64_t)common.n;
        if (!keep_repeats)
            RF_FAIL(err, RF_E_INVALID,
                    "%s: %" PRId64 " event ids are also in an earlier file, and pairs have only sums of "
                    "them: build from events that lie in one shard each, or count them twice with "
                    "--keep-repeats",
                    path, (int64_t)common.n);
        goto done;
    }
    RF_TRY(settle_events(j, &common, path, keep_repeats, err));
done:
    rf_dedup_clear(&common);
    return st;
}
