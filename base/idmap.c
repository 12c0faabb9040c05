/* idmap.c - interned strings: an open-addressing table of (hash, number) over texts in large blocks.
 *
 * Slots are 8 bytes (the hash's upper half and the number), so that a probe touches one cache line; the text
 * is compared only where the 32 bits agree.
 */
#include "rf_idmap.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "rf_mem.h"

#define BLOCK_BYTES ((size_t)1 << 20)
#define FIRST_SLOTS 1024u

typedef struct slot {
    uint32_t tag; /* the hash's upper half */
    uint32_t id;  /* RF_NO_ID: empty */
} slot;

typedef struct text_ref {
    const char *ptr;
    uint32_t len;
    uint32_t hash_low; /* with the slot's tag the whole hash: growing needs no text */
} text_ref;

struct rf_idmap {
    slot *slots;
    size_t n_slots; /* a power of two */
    text_ref *texts;
    size_t cap_texts;
    uint32_t count;
    char **blocks;
    size_t n_blocks, cap_blocks;
    size_t block_used, block_size; /* of the newest block */
    size_t text_bytes;
};

uint64_t rf_idmap_hash(const char *text, size_t len)
{
    return XXH3_64bits(text, len);
}

static void clear_slots(slot *slots, size_t n)
{
    memset(slots, 0xFF, n * sizeof *slots);
}

rf_status rf_idmap_new(rf_idmap **out, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *map = rf_mem_zero(1, sizeof *map, err);
    if (map == NULL)
        return RF_E_NOMEM;
    map->slots = rf_mem_new(FIRST_SLOTS, sizeof *map->slots, err);
    if (map->slots == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    map->n_slots = FIRST_SLOTS;
    clear_slots(map->slots, map->n_slots);
    *out = map;
    map = NULL;
done:
    rf_idmap_free(map);
    return st;
}

void rf_idmap_free(rf_idmap *map)
{
    if (map == NULL)
        return;
    for (size_t i = 0; i < map->n_blocks; i++)
        rf_mem_free(map->blocks[i]);
    rf_mem_free(map->blocks);
    rf_mem_free(map->texts);
    rf_mem_free(map->slots);
    rf_mem_free(map);
}

/* The slot that holds text, or the empty one where it belongs. */
static slot *find_slot(const rf_idmap *map, const char *text, size_t len, uint64_t hash)
{
    size_t mask = map->n_slots - 1;
    uint32_t tag = (uint32_t)(hash >> 32);
    for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
        slot *s = &map->slots[at];
        if (s->id == RF_NO_ID)
            return s;
        if (s->tag == tag && map->texts[s->id].len == len && memcmp(map->texts[s->id].ptr, text, len) == 0)
            return s;
    }
}

static rf_status grow_slots(rf_idmap *map, rf_err *err)
{
    size_t n = map->n_slots * 2, mask = n - 1;
    slot *slots = rf_mem_new(n, sizeof *slots, err);
    if (slots == NULL)
        return RF_E_NOMEM;
    clear_slots(slots, n);
    for (size_t i = 0; i < map->n_slots; i++) {
        slot s = map->slots[i];
        if (s.id == RF_NO_ID)
            continue;
        uint64_t hash = (uint64_t)s.tag << 32 | map->texts[s.id].hash_low;
        size_t at = (size_t)hash & mask;
        while (slots[at].id != RF_NO_ID)
            at = (at + 1) & mask;
        slots[at] = s;
    }
    rf_mem_free(map->slots);
    map->slots = slots;
    map->n_slots = n;
    return RF_OK;
}

static rf_status add_block(rf_idmap *map, size_t need, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(
        rf_mem_reserve((void **)&map->blocks, &map->cap_blocks, map->n_blocks + 1, sizeof *map->blocks, err));
    /* small maps (categories) stay small: blocks double from 1 KiB */
    size_t size = map->n_blocks == 0 ? 1024 : map->block_size * 2;
    if (size > BLOCK_BYTES)
        size = BLOCK_BYTES;
    if (size < need)
        size = need;
    char *block = rf_mem_new(size, 1, err);
    if (block == NULL)
        return RF_E_NOMEM;
    map->blocks[map->n_blocks++] = block;
    map->block_size = size;
    map->block_used = 0;
done:
    return st;
}

static rf_status store_text(rf_idmap *map, const char *text, size_t len, uint64_t hash, rf_err *err)
{
    rf_status st = RF_OK;
    if (len >= UINT32_MAX)
        RF_FAIL(err, RF_E_INVALID, "an id of %zu bytes is too long", len);
    if (map->count == RF_NO_ID)
        RF_FAIL(err, RF_E_INVALID, "more than %u different ids", RF_NO_ID - 1);
    RF_TRY(rf_mem_reserve((void **)&map->texts, &map->cap_texts, (size_t)map->count + 1, sizeof *map->texts,
                          err));
    if (map->n_blocks == 0 || map->block_size - map->block_used < len + 1)
        RF_TRY(add_block(map, len + 1, err));
    char *copy = map->blocks[map->n_blocks - 1] + map->block_used;
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    map->block_used += len + 1;
    map->text_bytes += len + 1;
    map->texts[map->count] = (text_ref){.ptr = copy, .len = (uint32_t)len, .hash_low = (uint32_t)hash};
done:
    return st;
}

rf_status rf_idmap_intern(rf_idmap *map, const char *text, size_t len, uint32_t *id, int *is_new, rf_err *err)
{
    rf_status st = RF_OK;
    uint64_t hash = rf_idmap_hash(text, len);
    slot *s = find_slot(map, text, len, hash);
    if (is_new != NULL)
        *is_new = s->id == RF_NO_ID;
    if (s->id != RF_NO_ID) {
        *id = s->id;
        return RF_OK;
    }
    RF_TRY(store_text(map, text, len, hash, err));
    if (((size_t)map->count + 1) * 10 > map->n_slots * 7) {
        RF_TRY(grow_slots(map, err));
        s = find_slot(map, text, len, hash);
    }
    *s = (slot){.tag = (uint32_t)(hash >> 32), .id = map->count};
    *id = map->count++;
done:
    return st;
}

uint32_t rf_idmap_find(const rf_idmap *map, const char *text, size_t len)
{
    return find_slot(map, text, len, rf_idmap_hash(text, len))->id;
}

uint32_t rf_idmap_count(const rf_idmap *map)
{
    return map->count;
}

const char *rf_idmap_text(const rf_idmap *map, uint32_t id, size_t *len)
{
    if (len != NULL)
        *len = map->texts[id].len;
    return map->texts[id].ptr;
}

size_t rf_idmap_bytes(const rf_idmap *map)
{
    return map->n_slots * sizeof *map->slots + map->cap_texts * sizeof *map->texts + map->text_bytes;
}

void rf_idmap_prefetch(const rf_idmap *map, uint64_t hash)
{
    __builtin_prefetch(&map->slots[(size_t)hash & (map->n_slots - 1)]);
}

/* ---- sorting: most texts differ in their first eight bytes, which are compared as one number ---- */

typedef struct sort_key {
    uint64_t prefix; /* first eight bytes, big-endian, zero-padded */
    const text_ref *text;
    uint32_t id;
} sort_key;

static int compare_keys(const void *a, const void *b)
{
    const sort_key *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    uint32_t shorter = x->text->len < y->text->len ? x->text->len : y->text->len;
    int order = memcmp(x->text->ptr, y->text->ptr, shorter);
    if (order != 0)
        return order;
    return (x->text->len > y->text->len) - (x->text->len < y->text->len);
}

static uint64_t prefix_of(const text_ref *text)
{
    uint64_t prefix = 0;
    for (uint32_t i = 0; i < 8; i++)
        prefix = prefix << 8 | (i < text->len ? (unsigned char)text->ptr[i] : 0u);
    return prefix;
}

rf_status rf_idmap_sort(const rf_idmap *map, uint32_t *order, rf_err *err)
{
    sort_key *keys = rf_mem_new(map->count, sizeof *keys, err);
    if (keys == NULL)
        return RF_E_NOMEM;
    for (uint32_t i = 0; i < map->count; i++)
        keys[i] = (sort_key){.prefix = prefix_of(&map->texts[i]), .text = &map->texts[i], .id = i};
    qsort(keys, map->count, sizeof *keys, compare_keys);
    for (uint32_t i = 0; i < map->count; i++)
        order[i] = keys[i].id;
    rf_mem_free(keys);
    return RF_OK;
}
