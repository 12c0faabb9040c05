/* settings_named.c - maps of the user's own names: fields.attributes and fields.entities. Each item of a map
 * has the keys of its map's rows, whose paths have a * in place of the name.
 *
 * What an item's keys mean together is settings_attr.c's and settings_kind.c's.
 */
#include "settings_int.h"

#include <stdio.h>
#include <string.h>

#define PATH_BYTES 416 /* an item's name and a key of it, as much as a message shows */

static bool is_attr_name(const char *name)
{
    return rf_settings_printable(name, 128);
}

static const struct named_map {
    const char *path, *what;
    int most;
    const char *plain; /* the key of a value that is no map, behind the name */
    bool (*is_name)(const char *name);
    const char *names; /* what a name is, in words */
} maps[RF_NAMED_MAPS] = {
    [RF_NAMED_ATTRS] = {RF_ATTRIBUTES, "attribute", RF_MAX_ATTRS, ".type", is_attr_name,
                        "1 to 128 bytes of printable UTF-8"},
    [RF_NAMED_KINDS] = {RF_ENTITIES, "kind", RF_KINDS_MOST, "", rf_kind_may_be_named,
                        "a to z, 0 to 9 and _, a letter first, at most 32, and none of user, entity, edge, "
                        "event, cluster"},
};

int rf_named_map(const char *path, const char **rest)
{
    for (int map = 0; map < RF_NAMED_MAPS; map++) {
        size_t len = strlen(maps[map].path);
        if (strncmp(path, maps[map].path, len) != 0 || (path[len] != '\0' && path[len] != '.'))
            continue;
        *rest = path[len] == '\0' ? NULL : path + len + 1;
        return map;
    }
    return -1;
}

/* The map of a row, or -1. *part is what follows the name: "" or ".top". */
static int map_of(const rf_key *key, const char **part)
{
    const char *rest = NULL, *star = strchr(key->path, '*');
    *part = star == NULL ? NULL : star + 1;
    return star == NULL ? -1 : rf_named_map(key->path, &rest);
}

const void *rf_named_default(const rf_key *key)
{
    const char *part;
    return map_of(key, &part) == RF_NAMED_ATTRS ? (const void *)&rf_attr_default
                                                : (const void *)&rf_kind_default;
}

static void *item_of(struct rf_settings_own *own, int map, int i)
{
    return map == RF_NAMED_ATTRS ? (void *)&own->attrs[i] : (void *)&own->kinds[i];
}

/* The row of the map's items with that part behind the name; NULL: none. *bit is its own in an item's `set`.
 */
static const rf_key *key_of(int map, const char *part, int64_t *bit)
{
    const char *has;
    *bit = 1;
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        if (map_of(key, &has) != map)
            continue;
        if (strcmp(has, part) == 0)
            return key;
        *bit *= 2;
    }
    return NULL;
}

bool rf_named_was_set(const rf_settings *settings, int map, int i, const char *part)
{
    int64_t bit;
    return key_of(map, part, &bit) != NULL && (settings->own->named[map].at[i].set & bit) != 0;
}

/* The item of this name, made where there is none. */
static rf_status item_named(int *out, rf_settings *settings, int map, const char *name, const rf_origin *at,
                            rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_settings_own *own = settings->own;
    rf_named_items *items = &own->named[map];
    char who[512];
    items->last_pass = at->pass;
    for (*out = 0; *out < items->n; ++*out) {
        if (strcmp(items->at[*out].name, name) == 0)
            return RF_OK;
    }
    if (!maps[map].is_name(name))
        RF_FAIL(err, RF_E_INVALID, "%s is not a name for %s %s; give %s", rf_settings_subject(who, at, name),
                map == RF_NAMED_ATTRS ? "an" : "a", maps[map].what, maps[map].names);
    if (items->n == maps[map].most)
        RF_FAIL(err, RF_E_INVALID, "%s is %s number %d; at most %d are possible, leave some out",
                rf_settings_subject(who, at, name), maps[map].what, maps[map].most + 1, maps[map].most);
    memcpy(item_of(own, map, items->n),
           map == RF_NAMED_ATTRS ? (const void *)&rf_attr_default : &rf_kind_default,
           map == RF_NAMED_ATTRS ? sizeof rf_attr_default : sizeof rf_kind_default);
    items->at[items->n] = (rf_named_item){rf_keep_text(&own->keep, name, strlen(name), err), *at, 0};
    if (items->at[items->n].name == NULL)
        return RF_E_NOMEM;
    if (map == RF_NAMED_ATTRS) {
        own->attrs[items->n].name = items->at[items->n].name;
        own->schema.n_attrs = items->n + 1;
    }
    items->n++;
done:
    return st;
}

static rf_status put_value(rf_settings *settings, int map, int i, const rf_key *key, int64_t bit,
                           const rf_yaml_node *node, const rf_origin *at, rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_settings_own *own = settings->own;
    void *base = item_of(own, map, i);
    const void *usual = rf_named_default(key);
    bool fits = false;
    char path[PATH_BYTES];
    if (rf_settings_is_null(node)) {
        fits = rf_key_has_value(usual, key);
        if (fits)
            rf_key_copy(base, usual, key);
        bit = 0;
    } else {
        RF_TRY(rf_key_store(base, key, node, &own->keep, &fits, err));
    }
    snprintf(path, sizeof path, "%s.%s%s", maps[map].path, own->named[map].at[i].name,
             strchr(key->path, '*') + 1);
    if (!fits)
        return rf_settings_wrong_value(at, path, key, node, err);
    own->named[map].at[i].set |= bit;
done:
    return st;
}

static const char *const ways_to_name[] = {"field", "fields", "first", "join", NULL};

/* The key of a kind that says where it is found, in a map that may have others beside it. */
static bool says_names(int map, const char *key)
{
    const char *const *way = ways_to_name;
    while (*way != NULL && strcmp(*way, key) != 0)
        way++;
    return map == RF_NAMED_KINDS && *way != NULL;
}

static rf_status unknown_key(int map, const char *item, const char *name, const rf_origin *at, rf_err *err)
{
    const char *names[24], *part;
    int n = 0;
    char path[PATH_BYTES], who[512];
    for (const rf_key *key = rf_keys; key->path != NULL && n < 16; key++) {
        if (map_of(key, &part) == map && part[0] != '\0')
            names[n++] = part + 1;
    }
    for (int way = 0; map == RF_NAMED_KINDS && ways_to_name[way] != NULL; way++)
        names[n++] = ways_to_name[way];
    names[n] = NULL;
    const char *near = rf_nearest(name, names);
    snprintf(path, sizeof path, "%s.%.128s.%.64s", maps[map].path, item, name);
    rf_settings_subject(who, at, path);
    if (near != NULL)
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s is an unknown key; did you mean \"%s\"?",
                          who, near);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s is an unknown key; `ringfence help config` lists those of %s %s", who,
                      map == RF_NAMED_ATTRS ? "an" : "a", maps[map].what);
}

rf_status rf_named_put(rf_settings *settings, int map, const char *name, const rf_yaml_node *node,
                       rf_origin at, rf_err *err)
{
    rf_status st = RF_OK;
    int i;
    int64_t bit;
    const rf_key *plain = key_of(map, maps[map].plain, &bit);
    bool named = false;
    RF_TRY(item_named(&i, settings, map, name, &at, err));
    if (node->kind != RF_YAML_MAP)
        return put_value(settings, map, i, plain, bit, node, &at, err);
    for (const rf_yaml_node *child = node->first; child != NULL; child = child->next) {
        char part[PATH_BYTES];
        rf_origin its = at;
        its.line = at.line > 0 ? child->line : 0;
        snprintf(part, sizeof part, ".%s", child->key);
        const rf_key *key = key_of(map, part, &bit);
        named = named || (key == NULL && says_names(map, child->key));
        if (key == NULL && !says_names(map, child->key))
            return unknown_key(map, name, child->key, &its, err);
        if (key != NULL)
            RF_TRY(put_value(settings, map, i, key, bit, child, &its, err));
    }
    if (named) {
        (void)key_of(map, maps[map].plain, &bit);
        RF_TRY(put_value(settings, map, i, plain, bit, node, &at, err));
    }
done:
    return st;
}

rf_status rf_named_put_path(rf_settings *settings, int map, const char *rest, const rf_yaml_node *node,
                            const rf_origin *at, rf_err *err)
{
    rf_status st = RF_OK;
    char name[256];
    int64_t bit;
    int i;
    const char *dot = strrchr(rest, '.');
    const rf_key *key = dot == NULL || dot == rest ? NULL : key_of(map, dot, &bit);
    if (dot != NULL)
        snprintf(name, sizeof name, "%.*s", (int)(dot - rest), rest);
    if (key == NULL && dot != NULL && maps[map].is_name(name) && !maps[map].is_name(rest))
        return unknown_key(map, name, dot + 1, at, err);
    if (key == NULL)
        return rf_named_put(settings, map, rest, node, *at, err);
    RF_TRY(item_named(&i, settings, map, name, at, err));
    RF_TRY(put_value(settings, map, i, key, bit, node, at, err));
done:
    return st;
}
