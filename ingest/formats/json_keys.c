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

void rf_json_keys_remember(const rf_json_keys *keys, rf_json_habit *turn, int place, rf_span before,
                           size_t key_len, int node)
{
    if (turn == keys->habits + RF_JSON_HABITS || before.len > RF_JSON_HABIT_BYTES)
        return;
    rf_json_habit habit = {.len = before.len, .key_len = key_len, .place = place, .node = node};
    for (size_t i = 0; i < before.len; i++) {
        if ((unsigned char)before.ptr[i] >= 0x80)
            return; /* a hit must not hide from the check of UTF-8 */
    }
    while (habit.quote < before.len && before.ptr[habit.quote] != '"')
        habit.quote++;
    memcpy(habit.bytes, before.ptr, before.len);
    memset(habit.mask, 0xFF, before.len);
    *turn = habit;
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

/* ---- names as paths ---- */

/* "[3]" or "[*]" at text: its length, else 0. */
static size_t item_len(const char *text)
{
    size_t n = text[0] == '[' && text[1] == '*' ? 1 : text[0] == '[' ? strspn(text + 1, "0123456789") : 0;
    return n > 0 && text[n + 1] == ']' ? n + 2 : 0;
}

/* The next part of the path at *at into `to`; *at moves behind it and its dot, if it has one. */
static rf_span take_part(char *to, const char **at, bool *dot)
{
    size_t n = 0, item = item_len(*at);
    if (item > 0) {
        memcpy(to, *at, item);
        *at += item;
        *dot = **at == '.';
        *at += *dot;
        return (rf_span){to, item};
    }
    for (; **at != '\0' && **at != '.' && item_len(*at) == 0; ++*at) {
        if (**at == '\\' && ((*at)[1] == '.' || (*at)[1] == '[' || (*at)[1] == '\\'))
            ++*at;
        to[n++] = **at;
    }
    *dot = **at == '.';
    *at += *dot;
    return (rf_span){to, n};
}

static bool is_plain_path(const char *name)
{
    return strpbrk(name, "\\[") == NULL;
}

/* The exact key "b.c" below every a of "a.b.c", the whole name among them. */
static void add_aliases(rf_json_keys *keys, const rf_field_plan *plan, int name)
{
    int node = RF_JSON_ROOT;
    const char *rest = plan->names[name];
    for (const char *dot; (dot = strchr(rest, '.')) != NULL && keys->n_slots < RF_MAX_FIELDS;
         rest = dot + 1) {
        int exact = add_node(keys, node, (rf_span){rest, strlen(rest)});
        if (keys->nodes[exact].name < 0) {
            keys->nodes[exact].name = keys->n_slots;
            keys->aliases[keys->n_aliases++] = (rf_json_alias){name, keys->n_slots++, exact};
        }
        node = rf_json_keys_find(keys, node, rest, (size_t)(dot - rest));
    }
}

static rf_status add_path(rf_json_keys *keys, char **texts, const char *path, int name, rf_err *err)
{
    rf_status st = RF_OK;
    int node = RF_JSON_ROOT, parts = 0;
    const char *at = path;
    for (bool dot = true; *at != '\0' || dot;) {
        bool is_item = item_len(at) > 0;
        rf_span part = take_part(*texts, &at, &dot);
        *texts += part.len + 1;
        if (++parts > RF_JSON_PATH_PARTS)
            RF_FAIL(err, RF_E_INVALID, "fields: \"%s\" has more than %d parts", path, RF_JSON_PATH_PARTS);
        if (is_item && part.ptr[1] == '*') {
            if (node == RF_JSON_ROOT || (keys->list != RF_JSON_NO_NODE && keys->list != node))
                RF_FAIL(
                    err, RF_E_INVALID,
                    "fields: \"%s\": one list of a record gives its events ([*]), and another field names "
                    "another list; take an item of it by number ([0])",
                    path);
            keys->list = node;
            keys->nodes[node].list = true;
        } else if (is_item) {
            keys->nodes[node].items = true;
        }
        node = add_node(keys, node, part);
    }
    keys->nodes[node].name = name;
done:
    return st;
}

rf_status rf_json_keys_init(rf_json_keys *keys, const rf_field_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    size_t most = 1, n_buckets = 16, bytes = 1;
    *keys = (rf_json_keys){.list = RF_JSON_NO_NODE, .met_list = RF_JSON_NO_NODE, .n_slots = plan->n_names};
    for (int name = 0; name < plan->n_names; name++) {
        const char *path = plan->names[name];
        size_t parts = 2;
        for (const char *at = path; *at != '\0'; at++)
            parts += *at == '.' || *at == '[';
        most += 2 * parts;
        bytes += strlen(path) + parts;
    }
    for (size_t turn = 0; turn <= RF_JSON_HABITS; turn++)
        keys->habits[turn].place = RF_JSON_NO_NODE;
    while (n_buckets < 4 * most)
        n_buckets *= 2;
    RF_ZERO(keys->nodes, most, err);
    RF_NEW(keys->buckets, n_buckets, err);
    RF_NEW(keys->texts, bytes, err);
    RF_ZERO(keys->aliases, RF_MAX_FIELDS, err);
    for (size_t i = 0; i < n_buckets; i++)
        keys->buckets[i] = RF_JSON_NO_NODE;
    keys->bucket_mask = (uint32_t)n_buckets - 1;
    keys->nodes[RF_JSON_ROOT] =
        (rf_json_node){.parent = RF_JSON_NO_NODE, .name = -1, .next = RF_JSON_NO_NODE};
    keys->n = 1;
    char *texts = keys->texts;
    for (int name = 0; name < plan->n_names; name++) {
        if (plan->origins[name] == RF_FIELD_BODY)
            RF_TRY(add_path(keys, &texts, plan->names[name], name, err));
    }
    for (int name = 0; name < plan->n_names; name++) {
        if (plan->origins[name] == RF_FIELD_BODY && is_plain_path(plan->names[name]))
            add_aliases(keys, plan, name);
    }
done:
    return st;
}

void rf_json_keys_clear(rf_json_keys *keys)
{
    rf_mem_free(keys->nodes);
    rf_mem_free(keys->buckets);
    rf_mem_free(keys->texts);
    rf_mem_free(keys->aliases);
    *keys = (rf_json_keys){0};
}
