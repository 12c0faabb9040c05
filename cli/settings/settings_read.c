/* settings_read.c - from the YAML tree, --set and flags into the structs: walks the keys, refuses unknown
 * ones, and remembers where each was set.
 *
 * Reading YAML is base/yaml.c's, a value in its field settings_value.c's, attributes and kinds
 * settings_named.c's.
 */
#include "settings_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

#define MAX_FILE (1 << 20)
#define MAX_PATH_TEXT 256
#define MAX_KAFKA 512

static rf_status given_twice(const rf_origin *at, const char *path, const rf_origin *first, rf_err *err)
{
    char who[512];
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s is set twice, first on line %d; keep one",
                      rf_settings_subject(who, at, path), first->line);
}

/* ---- kafka ---- */

/* A setting of the Kafka client, whatever it is called. */
static rf_status put_kafka(rf_settings *settings, const char *key, const rf_yaml_node *node,
                           const rf_origin *at, rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_settings_own *own = settings->own;
    int i = 0, n = settings->source.kafka.n_settings;
    char who[512];
    if (node->kind != RF_YAML_SCALAR)
        RF_FAIL(err, RF_E_INVALID, "%s: a setting of the Kafka client is one value, not a list",
                rf_settings_subject(who, at, key));
    if (own->kafka == NULL) {
        own->kafka = rf_keep_new(&own->keep, MAX_KAFKA * sizeof *own->kafka, err);
        own->kafka_origins = rf_keep_new(&own->keep, MAX_KAFKA * sizeof *own->kafka_origins, err);
        if (own->kafka == NULL || own->kafka_origins == NULL) {
            own->kafka = NULL;
            return RF_E_NOMEM;
        }
        settings->source.kafka.settings = own->kafka;
    }
    while (i < n && strcmp(own->kafka[i].key, key) != 0)
        i++;
    if (i < n && own->kafka_origins[i].pass == at->pass)
        return given_twice(at, key, &own->kafka_origins[i], err);
    if (i == MAX_KAFKA)
        RF_FAIL(err, RF_E_INVALID, "%s: more than %d settings of the Kafka client",
                rf_settings_subject(who, at, key), i);
    rf_setting setting = {rf_keep_text(&own->keep, key, strlen(key), err),
                          rf_keep_text(&own->keep, node->text, strlen(node->text), err)};
    if (setting.key == NULL || setting.value == NULL)
        return RF_E_NOMEM;
    own->kafka[i] = setting;
    own->kafka_origins[i] = *at;
    settings->source.kafka.n_settings += i == n;
done:
    return st;
}

/* ---- keys ---- */

/* Who set it, as a message says it behind "conflicts with". */
static void name_origin(char out[160], const rf_origin *at, const char *path)
{
    if (at->is_flag)
        snprintf(out, 160, "%s", at->name);
    else if (at->line > 0)
        snprintf(out, 160, "%s (line %d)", path, at->line);
    else
        snprintf(out, 160, "%s %s", at->name, path);
}

/* Keys that share a field exclude each other: two that are said at once are refused, else the later one wins.
 */
static rf_status check_alternatives(const rf_settings *settings, const rf_key *key, const rf_origin *at,
                                    rf_err *err)
{
    char who[512], group[64], other[160] = "";
    rf_text names = {0};
    rf_status st = RF_OK;
    for (const rf_key *k = rf_keys; k->path != NULL; k++) {
        if (k->offset != key->offset || rf_key_is_named(k))
            continue;
        RF_TRY(rf_text_printf(&names, err, "%s%s", names.len == 0 ? "" : ", ", strrchr(k->path, '.') + 1));
        const rf_origin *set = &settings->own->origins[k - rf_keys];
        if (k != key && set->source == at->source && set->together == at->together && !set->is_null)
            name_origin(other, set, k->path);
    }
    if (other[0] != '\0') {
        snprintf(group, sizeof group, "%.*s", (int)(strrchr(key->path, '.') - key->path), key->path);
        RF_FAIL(err, RF_E_INVALID, "%s conflicts with %s; set only one of %s",
                rf_settings_subject(who, at, group), other, names.ptr);
    }
done:
    rf_text_clear(&names);
    return st;
}

static bool is_alternative(const rf_key *key)
{
    return key->beside > 0 && (key->type == RF_KEY_REAL || key->type == RF_KEY_INT);
}

static rf_status put_key(rf_settings *settings, const rf_key *key, const rf_yaml_node *node,
                         const rf_origin *at, rf_err *err)
{
    rf_status st = RF_OK;
    bool fits = true;
    rf_origin *set = &settings->own->origins[key - rf_keys];
    if (at->source == RF_FROM_FILE && set->source == RF_FROM_FILE && set->pass == at->pass)
        return given_twice(at, key->path, set, err);
    if (rf_settings_is_null(node)) {
        rf_settings defaults;
        rf_settings_default(&defaults);
        if (!is_alternative(key) || rf_key_has_value(settings, key))
            rf_key_copy(settings, &defaults, key);
    } else {
        RF_TRY(rf_key_store(settings, key, node, &settings->own->keep, &fits, err));
        if (!fits)
            return rf_settings_wrong_value(at, key->path, key, node, err);
        if (is_alternative(key))
            RF_TRY(check_alternatives(settings, key, at, err));
    }
    *set = *at;
    set->is_null = rf_settings_is_null(node);
done:
    return st;
}

static rf_status put_node(rf_settings *settings, const char *path, const rf_yaml_node *node, rf_origin at,
                          rf_err *err);

static rf_status put_children(rf_settings *settings, const char *path, const rf_yaml_node *node, rf_origin at,
                              rf_err *err)
{
    rf_status st = RF_OK;
    char child_path[MAX_PATH_TEXT], who[512], value[128];
    const char *rest = NULL;
    const int map = rf_named_map(path, &rest);
    if (rf_settings_is_null(node))
        return RF_OK;
    if (node->kind != RF_YAML_MAP && strcmp(path, "fields.time") == 0)
        return put_node(settings, "fields.time.field", node, at, err);
    if (node->kind != RF_YAML_MAP)
        RF_FAIL(err, RF_E_INVALID, "%s is %s; it is a group of keys, write %s: {NAME: VALUE}",
                rf_settings_subject(who, &at, path[0] == '\0' ? "the configuration" : path),
                rf_settings_found(value, node), path);
    for (const rf_yaml_node *child = node->first; child != NULL; child = child->next) {
        at.line = at.line > 0 ? child->line : 0;
        if (map >= 0) {
            RF_TRY(rf_named_put(settings, map, child->key, child, at, err));
            continue;
        }
        int len =
            snprintf(child_path, sizeof child_path, "%s%s%s", path, path[0] == '\0' ? "" : ".", child->key);
        if (len >= (int)sizeof child_path)
            return rf_settings_unknown_key(&at, child->key, err);
        RF_TRY(put_node(settings, child_path, child, at, err));
    }
done:
    return st;
}

/* {field: a, normalise: [b], near: 3}: the names are the key's own, the rest has keys beside it. */
static rf_status put_names(rf_settings *settings, const rf_key *key, const rf_yaml_node *node,
                           const rf_origin *at, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(put_key(settings, key, node, at, err));
    for (const rf_yaml_node *child = node->kind == RF_YAML_MAP ? node->first : NULL; child != NULL;
         child = child->next) {
        const rf_key *part = rf_key_part(key, child->key);
        rf_origin its = *at;
        its.line = at->line > 0 ? child->line : 0;
        if (part != NULL)
            RF_TRY(put_key(settings, part, child, &its, err));
    }
done:
    return st;
}

static bool is_group(const char *path)
{
    for (const rf_key_group *group = rf_key_groups; group->path != NULL; group++) {
        if (strcmp(group->path, path) == 0)
            return true;
    }
    return false;
}

static rf_status put_node(rf_settings *settings, const char *path, const rf_yaml_node *node, rf_origin at,
                          rf_err *err)
{
    const rf_key *key = rf_key_find(path);
    const char *rest = NULL;
    const int map = rf_named_map(path, &rest);
    if (map >= 0 && rest != NULL)
        return rf_named_put_path(settings, map, rest, node, &at, err);
    if (key != NULL && key->type == RF_KEY_FIELD && node->kind == RF_YAML_MAP)
        return put_names(settings, key, node, &at, err);
    if (key != NULL)
        return put_key(settings, key, node, &at, err);
    if (is_group(path))
        return put_children(settings, path, node, at, err);
    if (strncmp(path, "kafka.", 6) == 0)
        return node->kind == RF_YAML_MAP ? put_children(settings, path, node, at, err)
                                         : put_kafka(settings, path + 6, node, &at, err);
    return rf_settings_unknown_key(&at, path, err);
}

/* ---- files ---- */

rf_status rf_settings_parse(rf_settings *settings, const char *name, const char *bytes, size_t len,
                            rf_err *err)
{
    rf_status st = RF_OK;
    rf_yaml_node *root = NULL;
    struct rf_settings_own *own = settings->own;
    const char *kept = rf_keep_text(&own->keep, name, strlen(name), err);
    if (kept == NULL)
        return RF_E_NOMEM;
    if (len > MAX_FILE)
        RF_FAIL(err, RF_E_INVALID, "%s: larger than %d bytes, too large for a configuration", name, MAX_FILE);
    RF_TRY(rf_yaml_read(&root, &own->keep, kept, bytes, len, RF_YAML_NODES, err));
    rf_origin at = {.source = RF_FROM_FILE, .name = kept, .line = 1, .pass = ++own->pass};
    at.together = at.pass;
    if (root != NULL)
        RF_TRY(put_children(settings, "", root, at, err));
done:
    return st;
}

rf_status rf_settings_load(rf_settings *settings, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char *bytes = NULL;
    size_t len;
    RF_TRY(rf_yaml_bytes(&bytes, &len, path, "the configuration", MAX_FILE, err));
    RF_TRY(rf_settings_parse(settings, path, bytes, len, err));
done:
    rf_mem_free(bytes);
    return st;
}

/* ---- the command line ---- */

static rf_origin on_command_line(rf_settings *settings, const char *name, bool is_flag)
{
    const int pass = ++settings->own->pass, together = settings->own->together;
    return (rf_origin){.source = RF_FROM_COMMAND_LINE,
                       .name = name,
                       .is_flag = is_flag,
                       .pass = pass,
                       .together = together > 0 ? together : pass};
}

void rf_settings_begin_together(rf_settings *settings)
{
    settings->own->together = settings->own->pass + 1;
}

void rf_settings_end_together(rf_settings *settings)
{
    settings->own->together = 0;
}

static rf_status put_text(rf_settings *settings, const char *path, const char *value, rf_origin at,
                          rf_err *err)
{
    rf_status st = RF_OK;
    rf_yaml_node scalar = {.kind = RF_YAML_SCALAR, .plain = true, .text = value}, *node = &scalar;
    if (value[0] == '[' || value[0] == '{')
        RF_TRY(rf_yaml_read(&node, &settings->own->keep, at.name, value, strlen(value), RF_YAML_NODES, err));
    RF_TRY(put_node(settings, path, node, at, err));
done:
    return st;
}

rf_status rf_settings_set(rf_settings *settings, const char *assignment, rf_err *err)
{
    rf_status st = RF_OK;
    char path[MAX_PATH_TEXT], text[96];
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment || (size_t)(equals - assignment) >= sizeof path)
        RF_FAIL(err, RF_E_INVALID, "--set \"%s\" is not of the form key.path=value, such as train.epochs=50",
                rf_settings_shown(text, assignment));
    memcpy(path, assignment, (size_t)(equals - assignment));
    path[equals - assignment] = '\0';
    RF_TRY(put_text(settings, path, equals + 1, on_command_line(settings, "--set", false), err));
done:
    return st;
}

rf_status rf_settings_put(rf_settings *settings, const char *path, const char *value, const char *flag,
                          rf_err *err)
{
    return put_text(settings, path, value, on_command_line(settings, flag, true), err);
}

rf_status rf_settings_put_list(rf_settings *settings, const char *path, char *const *items, int n,
                               const char *flag, rf_err *err)
{
    rf_yaml_node list = {.kind = RF_YAML_LIST}, *last = NULL;
    for (int i = 0; i < n; i++) {
        rf_yaml_node *node = rf_keep_new(&settings->own->keep, sizeof *node, err);
        if (node == NULL)
            return RF_E_NOMEM;
        *node = (rf_yaml_node){.kind = RF_YAML_SCALAR, .text = items[i]};
        if (last == NULL)
            list.first = node;
        else
            last->next = node;
        last = node;
    }
    return put_node(settings, path, &list, on_command_line(settings, flag, true), err);
}
