/* json_keys.c - the mapped keys of JSON records as a small tree: `a.b` is key b of the object at key a. Nodes
 * are found by parent and key bytes in a hash table.
 */
#include "json_keys_int.h"

#include <string.h>

#include "rf_mem.h"

/* Cheap, and good enough for some dozen names: equal buckets are told apart by bytes. */
static uint32_t key_hash(int parent, const char *key, size_t len)
{
    uint32_t hash = (uint32_t)len * 0x9E3779B1u + (uint32_t)parent * 0x85EBCA6Bu;
    if (len > 0)
        hash ^= (uint32_t)(unsigned char)key[0] * 0xC2B2AE35u +
                (uint32_t)(unsigned char)key[len - 1] * 0x27D4EB2Fu +
                (uint32_t)(unsigned char)key[len / 2] * 0x165667B1u;
    return hash ^ (hash >> 15);
}

int rf_json_keys_find(const rf_json_keys *keys, int parent, const char *key, size_t len)
{
    int node = keys->buckets[key_hash(parent, key, len) & keys->bucket_mask];
    while (node != RF_JSON_NO_NODE) {
        const rf_json_node *at = &keys->nodes[node];
        if (at->parent == parent && at->key.len == len && memcmp(at->key.ptr, key, len) == 0)
            break;
        node = at->next;
    }
    return node;
}

void rf_json_keys_remember(rf_json_keys *keys, size_t turn, int parent, rf_span key, int node)
{
    if (turn >= RF_JSON_HABITS || key.len + 1 > RF_JSON_HABIT_BYTES)
        return;
    rf_json_habit habit = {.len = key.len + 1, .parent = parent, .node = node};
    memcpy(habit.words, key.ptr, habit.len);
    memset(habit.masks, 0xFF, habit.len);
    for (size_t i = 0; i < RF_JSON_HABIT_BYTES / 8; i++) {
        if ((habit.words[i] & UINT64_C(0x8080808080808080)) != 0)
            return; /* a hit must not hide from the check of UTF-8 */
    }
    keys->habits[turn] = habit;
}

static int add_node(rf_json_keys *keys, int parent, rf_span key)
{
    int found = rf_json_keys_find(keys, parent, key.ptr, key.len);
    if (found != RF_JSON_NO_NODE)
        return found;
    int *bucket = &keys->buckets[key_hash(parent, key.ptr, key.len) & keys->bucket_mask];
    int node = keys->n++;
    keys->nodes[node] = (rf_json_node){.key = key, .parent = parent, .name = -1, .next = *bucket};
    keys->nodes[parent].has_children = true;
    *bucket = node;
    return node;
}

rf_status rf_json_keys_init(rf_json_keys *keys, const rf_field_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    size_t most = 1, n_buckets = 16;
    *keys = (rf_json_keys){0};
    for (int name = 0; name < plan->n_names; name++) {
        int parts = 1;
        for (const char *at = plan->names[name]; *at != '\0'; at++)
            parts += *at == '.';
        if (parts > RF_JSON_PATH_PARTS)
            RF_FAIL(err, RF_E_INVALID, "fields: \"%s\" has more than %d parts", plan->names[name],
                    RF_JSON_PATH_PARTS);
        most += (size_t)parts;
    }
    for (size_t turn = 0; turn < RF_JSON_HABITS; turn++)
        keys->habits[turn].parent = RF_JSON_NO_NODE;
    while (n_buckets < 4 * most)
        n_buckets *= 2;
    RF_ZERO(keys->nodes, most, err);
    RF_NEW(keys->buckets, n_buckets, err);
    for (size_t i = 0; i < n_buckets; i++)
        keys->buckets[i] = RF_JSON_NO_NODE;
    keys->bucket_mask = (uint32_t)n_buckets - 1;
    keys->nodes[RF_JSON_ROOT] =
        (rf_json_node){.parent = RF_JSON_NO_NODE, .name = -1, .next = RF_JSON_NO_NODE};
    keys->n = 1;
    for (int name = 0; name < plan->n_names; name++) {
        const char *part = plan->names[name];
        int node = RF_JSON_ROOT;
        if (plan->origins[name] != RF_FIELD_BODY)
            continue;
        for (;; part++) { /* after a dot */
            size_t len = strcspn(part, ".");
            node = add_node(keys, node, (rf_span){part, len});
            part += len;
            if (*part == '\0')
                break;
        }
        keys->nodes[node].name = name;
    }
done:
    return st;
}

void rf_json_keys_clear(rf_json_keys *keys)
{
    rf_mem_free(keys->nodes);
    rf_mem_free(keys->buckets);
    *keys = (rf_json_keys){0};
}
