/* dedup.c - has this event id been seen inside the window?
 *
 * Ids are kept as 96 bits of their XXH3 hash: two of 10^9 different ids meet with a chance of 10^-11. A table
 * of 16-byte entries at (hash >> shift), so that it lies nearly sorted already, which canonical order and
 * growth use.
 */
#include <assert.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "dedup_int.h"
#include "rf_mem.h"

#define FIRST_BITS 10
#define ENTRIES_A_LINE 4

rf_dedup_entry rf_dedup_key(const char *id, size_t len, uint32_t slot)
{
    XXH128_hash_t hash = XXH3_128bits(id, len);
    return (rf_dedup_entry){
        .hash = {(uint32_t)(hash.high64 >> 32), (uint32_t)hash.high64, (uint32_t)(hash.low64 >> 32)},
        .slot = slot};
}

static size_t place_among(int bits, const rf_dedup_entry *entry)
{
    return (size_t)((uint64_t)entry->hash[0] << bits >> 32);
}

static size_t place(const rf_dedup *dedup, const rf_dedup_entry *entry)
{
    return place_among(dedup->bits, entry);
}

void rf_dedup_prefetch(const rf_dedup *dedup, const rf_dedup_entry *key)
{
    if (dedup->bits == 0)
        return;
    size_t at = place(dedup, key), mask = ((size_t)1 << dedup->bits) - 1;
    __builtin_prefetch(&dedup->entries[at], 1);
    __builtin_prefetch(&dedup->entries[(at + ENTRIES_A_LINE) & mask], 1); /* often a search runs on into it */
}

static bool is_same(const rf_dedup_entry *a, const rf_dedup_entry *b)
{
    return a->hash[0] == b->hash[0] && a->hash[1] == b->hash[1] && a->hash[2] == b->hash[2];
}

/* The entry with key's hash, or the empty one where it belongs. */
static rf_dedup_entry *find(const rf_dedup *dedup, const rf_dedup_entry *key)
{
    size_t mask = ((size_t)1 << dedup->bits) - 1, at = place(dedup, key);
    while (dedup->entries[at].slot != RF_NO_SLOT && !is_same(&dedup->entries[at], key))
        at = (at + 1) & mask;
    return &dedup->entries[at];
}

static rf_status rebuild(rf_dedup *dedup, int bits, uint32_t floor_slot, size_t n_old, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = (size_t)1 << bits;
    rf_dedup table = {.bits = bits};
    RF_NEW(table.entries, n, err);
    memset(table.entries, 0xFF, n * sizeof *table.entries);
    for (size_t i = 0; i < n_old; i++) {
        const rf_dedup_entry *entry = &dedup->entries[i];
        if (entry->slot == RF_NO_SLOT || entry->slot < floor_slot)
            continue;
        rf_dedup_entry *to = find(&table, entry);
        table.n += to->slot == RF_NO_SLOT;
        *to = *entry;
    }
    rf_mem_free(dedup->entries);
    *dedup = table;
done:
    return st;
}

/* What a table holds before it grows. */
typedef struct census {
    size_t kept;    /* entries that are not too old */
    size_t waiting; /* at most so many find no place behind those that have not moved */
} census;

/* An entry whose new place is not behind it, and one that ran over the table's end: what that displaces at
 * the new end is no more. */
static census look_through(const rf_dedup *dedup, uint32_t floor_slot)
{
    census found = {0};
    for (size_t i = 0; i < (size_t)1 << dedup->bits; i++) {
        const rf_dedup_entry *entry = &dedup->entries[i];
        if (entry->slot == RF_NO_SLOT || entry->slot < floor_slot)
            continue;
        found.kept++;
        found.waiting +=
            (size_t)(place_among(dedup->bits + 1, entry) <= i) + (size_t)(place(dedup, entry) > i);
    }
    return found;
}

/* Twice the places, in the same block: a new one beside it would be the largest thing that reading holds. A
 * place doubles, so that entries from the end on move behind all that have not moved. Those few that cannot,
 * at the table's two ends, wait until all others have. */
static rf_status grow(rf_dedup *dedup, uint32_t floor_slot, const census *found, rf_err *err)
{
    rf_status st = RF_OK;
    const size_t n_old = (size_t)1 << dedup->bits, n = 2 * n_old;
    size_t n_waiting = 0;
    rf_dedup_entry *waiting = NULL, *entries = NULL;
    RF_NEW(waiting, found->waiting, err);
    entries = rf_mem_grow(dedup->entries, n, sizeof *entries, err);
    if (entries == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    memset(entries + n_old, 0xFF, n_old * sizeof *entries);
    *dedup = (rf_dedup){.entries = entries, .bits = dedup->bits + 1, .n = found->kept};
    for (size_t i = n_old; i-- > 0;) { /* nothing can fail from here on */
        const rf_dedup_entry entry = entries[i];
        entries[i].slot = RF_NO_SLOT;
        if (entry.slot == RF_NO_SLOT || entry.slot < floor_slot)
            continue;
        size_t to = place(dedup, &entry);
        while (to > i && to < n && entries[to].slot != RF_NO_SLOT)
            to++;
        if (to > i && to < n)
            entries[to] = entry;
        else
            waiting[n_waiting++] = entry;
    }
    assert(n_waiting <= found->waiting);
    for (size_t i = 0; i < n_waiting; i++)
        *find(dedup, &waiting[i]) = waiting[i];
done:
    rf_mem_free(waiting);
    return st;
}

static bool crowded(size_t n, int bits)
{
    return bits == 0 || n > ((size_t)1 << bits) / 5 * 4;
}

rf_status rf_dedup_add(rf_dedup *dedup, const rf_dedup_entry *key, uint32_t floor_slot, rf_err *err)
{
    rf_status st = RF_OK;
    if (dedup->sorted)
        RF_TRY(rf_dedup_open(dedup, err));
    if (dedup->bits == 0) {
        RF_TRY(rebuild(dedup, FIRST_BITS, floor_slot, 0, err));
    } else if (crowded(dedup->n + 1, dedup->bits)) { /* room for twice as many, or without what is too old */
        const census found = look_through(dedup, floor_slot);
        RF_TRY(found.kept > dedup->n / 4 * 3
                   ? grow(dedup, floor_slot, &found, err)
                   : rebuild(dedup, dedup->bits, floor_slot, (size_t)1 << dedup->bits, err));
    }
    rf_dedup_entry *entry = find(dedup, key);
    if (entry->slot != RF_NO_SLOT && entry->slot >= floor_slot)
        return RF_SKIPPED;
    dedup->n += entry->slot == RF_NO_SLOT;
    *entry = *key;
done:
    return st;
}

const rf_dedup_entry *rf_dedup_find(const rf_dedup *dedup, const rf_dedup_entry *key)
{
    const rf_dedup_entry *entry = dedup->bits == 0 ? NULL : find(dedup, key);
    return entry == NULL || entry->slot == RF_NO_SLOT ? NULL : entry;
}

rf_status rf_dedup_reserve(rf_dedup *dedup, size_t more, rf_err *err)
{
    int bits = dedup->bits == 0 ? FIRST_BITS : dedup->bits;
    while (crowded(dedup->n + more, bits))
        bits++;
    if (bits == dedup->bits)
        return RF_OK;
    return rebuild(dedup, bits, 0, dedup->bits == 0 ? 0 : (size_t)1 << dedup->bits, err);
}

rf_status rf_dedup_join(rf_dedup *dedup, const rf_dedup_entry *key, uint32_t floor_slot, rf_err *err)
{
    rf_status st = rf_dedup_add(dedup, key, floor_slot, err);
    if (st != RF_SKIPPED)
        return st;
    rf_dedup_entry *entry = find(dedup, key);
    if (key->slot > entry->slot)
        entry->slot = key->slot;
    return RF_OK;
}

/* ---- canonical order ---- */

static bool before(const rf_dedup_entry *a, const rf_dedup_entry *b)
{
    for (int i = 0; i < 3; i++) {
        if (a->hash[i] != b->hash[i])
            return a->hash[i] < b->hash[i];
    }
    return a->slot < b->slot;
}

static void reverse(rf_dedup_entry *entries, size_t from, size_t to)
{
    for (; from + 1 < to; from++, to--) {
        rf_dedup_entry kept = entries[from];
        entries[from] = entries[to - 1];
        entries[to - 1] = kept;
    }
}

/* Entries that ran over the table's end belong after all others: brings them to the front, returns their
 * number. */
static size_t gather_wrapped(rf_dedup *dedup)
{
    size_t k = 0, n = (size_t)1 << dedup->bits;
    for (size_t i = 0; i < n && dedup->entries[i].slot != RF_NO_SLOT; i++) {
        if (place(dedup, &dedup->entries[i]) <= i)
            continue;
        rf_dedup_entry wrapped = dedup->entries[i];
        dedup->entries[i] = dedup->entries[k];
        dedup->entries[k++] = wrapped;
    }
    return k;
}

void rf_dedup_sort(rf_dedup *dedup, uint32_t floor_slot)
{
    size_t n = 0, front = 0;
    size_t places = dedup->sorted ? dedup->n : dedup->bits == 0 ? 0 : (size_t)1 << dedup->bits;
    size_t wrapped = dedup->sorted || dedup->bits == 0 ? 0 : gather_wrapped(dedup);
    for (size_t i = 0; i < places; i++) {
        rf_dedup_entry entry = dedup->entries[i];
        if (entry.slot == RF_NO_SLOT || entry.slot < floor_slot)
            continue;
        dedup->entries[n++] = entry;
        front += i < wrapped;
    }
    reverse(dedup->entries, 0, front);
    reverse(dedup->entries, front, n);
    reverse(dedup->entries, 0, n);
    for (size_t i = 1; i < n; i++) { /* nearly sorted by now */
        rf_dedup_entry moving = dedup->entries[i];
        size_t at = i;
        for (; at > 0 && before(&moving, &dedup->entries[at - 1]); at--)
            dedup->entries[at] = dedup->entries[at - 1];
        dedup->entries[at] = moving;
    }
    dedup->n = n;
    dedup->bits = 0;
    dedup->sorted = true;
}

rf_status rf_dedup_open(rf_dedup *dedup, rf_err *err)
{
    int bits = FIRST_BITS;
    while (crowded(dedup->n + 1, bits))
        bits++;
    return rebuild(dedup, bits, 0, dedup->n, err);
}

void rf_dedup_clear(rf_dedup *dedup)
{
    rf_mem_free(dedup->entries);
    *dedup = (rf_dedup){0};
}
