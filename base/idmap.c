/* idmap.c - interned strings: an open-addressing table of (hash, number, text) over texts in large blocks.
 *
 * A slot holds the upper half of the hash. Its leading bits are also its place, so that growing needs nothing
 * else. The text is compared only where all 32 bits agree. So a lookup waits for two cache lines, slot and
 * text; rf_idmap_prefetch and rf_idmap_prefetch_text fetch them ahead. A short text is in its slot itself.
 */
#include "rf_idmap.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "rf_block.h"
#include "rf_mem.h"
#include "rf_secret.h"

#define BLOCK_BYTES ((size_t)1 << 20)
#define FIRST_BITS 10
#define LENGTH sizeof(uint32_t) /* precedes a text's bytes */
#define SLOTS_A_LINE 4
#define SHORT_TEXT 7 /* bytes */
#define SHORT_MARK 0x80u

typedef struct slot {
    uint32_t tag; /* the hash's upper half */
    uint32_t id;  /* RF_NO_ID: empty */
    uint64_t key; /* of a short text: its bytes and length, marked; else the address of the text */
} slot;

struct rf_idmap {
    slot *slots;
    int bits; /* 2^bits slots */
    const char **texts;
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

static size_t count_slots(const rf_idmap *map)
{
    return (size_t)1 << map->bits;
}

static slot *new_slots(size_t n, rf_err *err)
{
    slot *slots = rf_mem_new(n, sizeof *slots, err);
    if (slots != NULL)
        memset(slots, 0xFF, n * sizeof *slots);
    return slots;
}

static uint64_t short_key(const char *text, size_t len)
{
    return (len == 0 ? 0 : rf_word_of(text, len)) | (uint64_t)(SHORT_MARK | len) << 56;
}

static bool is_short(uint64_t key)
{
    return key >> 63 != 0;
}

static const char *long_text(const slot *s)
{
    return (const char *)(uintptr_t)s->key;
}

static uint32_t length_of(const char *text)
{
    uint32_t len;
    memcpy(&len, text - LENGTH, sizeof len);
    return len;
}

rf_status rf_idmap_new(rf_idmap **out, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *map = NULL;
    RF_ZERO(map, 1, err);
    map->bits = FIRST_BITS;
    map->slots = new_slots(count_slots(map), err);
    if (map->slots == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    *out = map;
    map = NULL;
done:
    rf_idmap_free(map);
    return st;
}

void rf_idmap_wipe(rf_idmap *map)
{
    for (uint32_t i = 0; map != NULL && i < map->count; i++)
        rf_wipe((char *)map->texts[i], length_of(map->texts[i]));
    if (map != NULL)
        rf_wipe(map->slots, count_slots(map) * sizeof *map->slots);
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

static size_t place(const rf_idmap *map, uint32_t tag)
{
    return (size_t)((uint64_t)tag << map->bits >> 32);
}

static slot *find_short(const rf_idmap *map, uint64_t key, uint32_t tag)
{
    size_t mask = count_slots(map) - 1, at = place(map, tag);
    while (map->slots[at].id != RF_NO_ID && map->slots[at].key != key)
        at = (at + 1) & mask;
    return &map->slots[at];
}

/* The slot that holds text, or the empty one where it belongs. */
static slot *find_slot(const rf_idmap *map, const char *text, size_t len, uint64_t hash)
{
    size_t mask = count_slots(map) - 1;
    uint32_t tag = (uint32_t)(hash >> 32);
    if (len <= SHORT_TEXT)
        return find_short(map, short_key(text, len), tag);
    for (size_t at = place(map, tag);; at = (at + 1) & mask) {
        slot *s = &map->slots[at];
        if (s->id == RF_NO_ID)
            return s;
        if (s->tag == tag && !is_short(s->key) && length_of(long_text(s)) == len &&
            memcmp(long_text(s), text, len) == 0)
            return s;
    }
}

static rf_status grow_slots(rf_idmap *map, rf_err *err)
{
    rf_idmap grown = {.bits = map->bits + 1};
    size_t mask = count_slots(&grown) - 1;
    slot *slots = new_slots(count_slots(&grown), err);
    if (slots == NULL)
        return RF_E_NOMEM;
    for (size_t i = 0; i < count_slots(map); i++) {
        slot s = map->slots[i];
        if (s.id == RF_NO_ID)
            continue;
        size_t at = place(&grown, s.tag);
        while (slots[at].id != RF_NO_ID)
            at = (at + 1) & mask;
        slots[at] = s;
    }
    rf_wipe(map->slots, count_slots(map) * sizeof *map->slots); /* short texts are in them */
    rf_mem_free(map->slots);
    map->slots = slots;
    map->bits = grown.bits;
    return RF_OK;
}

static rf_status add_block(rf_idmap *map, size_t need, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(map->blocks, map->cap_blocks, map->n_blocks + 1, err);
    /* small maps (categories) stay small: blocks double from 1 KiB */
    size_t size = map->n_blocks == 0 ? 1024 : map->block_size * 2;
    if (size > BLOCK_BYTES)
        size = BLOCK_BYTES;
    if (size < need)
        size = need;
    char *block = NULL;
    RF_NEW(block, size, err);
    map->blocks[map->n_blocks++] = block;
    map->block_size = size;
    map->block_used = 0;
done:
    return st;
}

static rf_status store_text(rf_idmap *map, const char *text, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t length = (uint32_t)len;
    if (len >= UINT32_MAX)
        RF_FAIL(err, RF_E_INVALID, "an id of %zu bytes is too long", len);
    if (map->count == RF_NO_ID)
        RF_FAIL(err, RF_E_INVALID, "more than %u different ids", RF_NO_ID - 1);
    RF_RESERVE(map->texts, map->cap_texts, (size_t)map->count + 1, err);
    size_t need = LENGTH + len + 1;
    if (map->n_blocks == 0 || map->block_size - map->block_used < need)
        RF_TRY(add_block(map, need, err));
    char *copy = map->blocks[map->n_blocks - 1] + map->block_used + LENGTH;
    memcpy(copy - LENGTH, &length, LENGTH);
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    map->block_used += need;
    map->text_bytes += need;
    map->texts[map->count] = copy;
done:
    return st;
}

rf_status rf_idmap_intern(rf_idmap *map, const char *text, size_t len, uint32_t *id, int *is_new, rf_err *err)
{
    return rf_idmap_intern_hashed(map, text, len, rf_idmap_hash(text, len), id, is_new, err);
}

rf_status rf_idmap_intern_hashed(rf_idmap *map, const char *text, size_t len, uint64_t hash, uint32_t *id,
                                 int *is_new, rf_err *err)
{
    rf_status st = RF_OK;
    slot *s = find_slot(map, text, len, hash);
    if (is_new != NULL)
        *is_new = s->id == RF_NO_ID;
    if (s->id != RF_NO_ID) {
        *id = s->id;
        return RF_OK;
    }
    RF_TRY(store_text(map, text, len, err));
    if (((size_t)map->count + 1) * 10 > count_slots(map) * 7) {
        RF_TRY(grow_slots(map, err));
        s = find_slot(map, text, len, hash);
    }
    *s = (slot){.tag = (uint32_t)(hash >> 32), .id = map->count};
    s->key = len <= SHORT_TEXT ? short_key(text, len) : (uint64_t)(uintptr_t)map->texts[map->count];
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
        *len = length_of(map->texts[id]);
    return map->texts[id];
}

/* A search runs on into the next line, often enough. */
void rf_idmap_prefetch(const rf_idmap *map, uint64_t hash)
{
    size_t at = place(map, (uint32_t)(hash >> 32));
    __builtin_prefetch(&map->slots[at]);
    __builtin_prefetch(&map->slots[(at + SLOTS_A_LINE) & (count_slots(map) - 1)]);
}

void rf_idmap_prefetch_text(const rf_idmap *map, size_t len, uint64_t hash)
{
    if (len <= SHORT_TEXT)
        return;
    size_t mask = count_slots(map) - 1;
    uint32_t tag = (uint32_t)(hash >> 32);
    size_t at = place(map, tag);
    while (map->slots[at].id != RF_NO_ID && map->slots[at].tag != tag)
        at = (at + 1) & mask;
    if (map->slots[at].id != RF_NO_ID && !is_short(map->slots[at].key))
        __builtin_prefetch(long_text(&map->slots[at]) - LENGTH);
}

/* ---- sorting: most texts differ in their first eight bytes, which are compared as one number ---- */

typedef struct sort_key {
    uint64_t prefix; /* first eight bytes, big-endian, zero-padded */
    const char *text;
    uint32_t id, len;
} sort_key;

static int compare_keys(const void *a, const void *b)
{
    const sort_key *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    uint32_t shorter = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, shorter);
    if (order != 0)
        return order;
    return (x->len > y->len) - (x->len < y->len);
}

rf_status rf_idmap_sort(const rf_idmap *map, uint32_t *order, rf_err *err)
{
    rf_status st = RF_OK;
    sort_key *keys = NULL;
    RF_NEW(keys, map->count, err);
    for (uint32_t i = 0; i < map->count; i++) {
        const char *text = map->texts[i];
        keys[i] = (sort_key){.text = text, .id = i, .len = length_of(text)};
        for (uint32_t k = 0; k < 8; k++)
            keys[i].prefix = keys[i].prefix << 8 | (k < keys[i].len ? (unsigned char)text[k] : 0u);
    }
    qsort(keys, map->count, sizeof *keys, compare_keys);
    for (uint32_t i = 0; i < map->count; i++)
        order[i] = keys[i].id;
done:
    rf_mem_free(keys);
    return st;
}
