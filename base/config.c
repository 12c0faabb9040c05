/* config.c - from the YAML tree, --set and flags into the struct: walks the keys, refuses unknown ones with
 * the nearest right name, and remembers where each was set.
 *
 * Reading YAML is yaml.c's, the types of values config_value.c's, the keys themselves
 * config_table.c's.
 */
#include "config_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

#define MAX_FILE (1 << 20)
#define MAX_PATH_TEXT 256
#define MAX_KAFKA 512

typedef struct origin {
    rf_config_source source;
    const char *name; /* file, or flag */
    int line;         /* 0 for flags */
    int pass;         /* which load or set it was: a key given twice in one file is refused */
} origin;

struct rf_config_own {
    rf_keep keep;
    origin origins[RF_CONFIG_MAX_KEYS];
    rf_config_attr attrs[RF_MAX_ATTRS];
    int n_attrs;
    rf_attr schema[RF_MAX_ATTRS];
    origin *kafka_origins;
    int pass;
};

typedef struct place { /* where the value being set stands */
    origin at;
    const char *flag; /* stands for the key in messages; NULL: the key itself */
} place;

/* ---- messages ---- */

static const char *shown(char out[96], const char *text)
{
    size_t i = 0;
    for (; text[i] != '\0' && i < 80; i++)
        out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7F ? '?' : text[i];
    while (text[i] != '\0' && i > 0 && ((unsigned char)out[i - 1] & 0xC0) == 0x80)
        i--; /* do not cut a character in two */
    if (text[i] != '\0') {
        if (i > 0 && ((unsigned char)out[i - 1] & 0x80) != 0)
            i--;
        memcpy(out + i, "...", 3);
        i += 3;
    }
    out[i] = '\0';
    return out;
}

/* "run.yaml:12: train.lr", "--set: train.lr", "--lr" */
static const char *subject(char out[512], const place *where, const char *path)
{
    char name[96], file[96];
    if (where->flag != NULL && where->at.source == RF_FROM_COMMAND_LINE)
        snprintf(out, 512, "%s", where->flag);
    else if (where->at.line > 0)
        snprintf(out, 512, "%s:%d: %s", shown(file, where->at.name), where->at.line, shown(name, path));
    else
        snprintf(out, 512, "%s: %s", where->at.name, shown(name, path));
    return out;
}

static const char *what_stands_there(char out[128], const rf_yaml_node *node)
{
    char text[96];
    if (node->kind == RF_YAML_SCALAR)
        snprintf(out, 128, "\"%s\"", shown(text, node->text));
    else
        snprintf(out, 128, "%s", node->kind == RF_YAML_LIST ? "a list" : "a map");
    return out;
}

static rf_status wrong_value(const place *where, const char *path, const rf_config_key *key,
                             const rf_yaml_node *node, rf_err *err)
{
    char who[512], value[128];
    rf_text allowed = {0};
    rf_status st = rf_config_allowed(&allowed, key, err);
    if (st == RF_OK)
        st = rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s is %s; allowed is %s",
                        subject(who, where, path), what_stands_there(value, node), allowed.ptr);
    rf_text_clear(&allowed);
    return st;
}

static const char *leaf(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot == NULL ? path : dot + 1;
}

/* The right name that `path` may have meant: near as a whole, or the same last word in another group. */
static const char *nearest_key(const char *path)
{
    const char *names[RF_CONFIG_MAX_KEYS + RF_CONFIG_MAX_GROUPS + 1];
    int n_keys, n_groups, n = 0;
    const rf_config_key *keys = rf_config_keys(&n_keys);
    const rf_config_group *groups = rf_config_groups(&n_groups);
    for (int i = 0; i < n_keys; i++) {
        if (strchr(keys[i].path, '*') == NULL)
            names[n++] = keys[i].path;
    }
    for (int i = 0; i < n_groups; i++) {
        if (groups[i].path[0] != '\0')
            names[n++] = groups[i].path;
    }
    names[n] = NULL;
    const char *near = rf_nearest(path, names);
    for (int i = 0; near == NULL && i < n; i++) {
        if (strcmp(leaf(names[i]), leaf(path)) == 0)
            near = names[i];
    }
    return near;
}

static rf_status unknown_key(const place *where, const char *path, rf_err *err)
{
    char file[96], name[96], before[128] = "--set: ";
    const char *near = nearest_key(path);
    if (where->at.line > 0)
        snprintf(before, sizeof before, "%s:%d: ", shown(file, where->at.name), where->at.line);
    if (near != NULL)
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%sunknown key \"%s\"; did you mean \"%s\"?",
                          before, shown(name, path), near);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%sunknown key \"%s\"; `ringfence help config` lists all keys", before,
                      shown(name, path));
}

/* ---- attributes ---- */

static bool is_null(const rf_yaml_node *node)
{
    return node->kind == RF_YAML_SCALAR && node->plain &&
           (node->text[0] == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

static const rf_config_key *attr_keys(int *n)
{
    int n_keys, first = 0;
    const rf_config_key *keys = rf_config_keys(&n_keys);
    size_t len = strlen(RF_ATTRIBUTES ".*");
    while (strncmp(keys[first].path, RF_ATTRIBUTES ".*", len) != 0)
        first++;
    *n = 0;
    while (first + *n < n_keys && strncmp(keys[first + *n].path, RF_ATTRIBUTES ".*", len) == 0)
        ++*n;
    return keys + first;
}

static int attr_key_index(const char *name)
{
    int n;
    const rf_config_key *keys = attr_keys(&n);
    for (int i = 0; i < n; i++) {
        if (strcmp(leaf(keys[i].path), name) == 0)
            return i;
    }
    return -1;
}

static bool good_attr_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > 128 || !rf_utf8_valid(name, len))
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F)
            return false;
    }
    return true;
}

static rf_status attr_named(rf_config *config, const char *name, const place *where, rf_config_attr **out,
                            rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_config_own *own = config->own;
    char who[512];
    for (int i = 0; i < own->n_attrs; i++) {
        if (strcmp(own->attrs[i].name, name) == 0) {
            *out = &own->attrs[i];
            return RF_OK;
        }
    }
    if (!good_attr_name(name))
        RF_FAIL(err, RF_E_INVALID,
                "%s is not a name for an attribute; give 1 to 128 bytes of printable UTF-8",
                subject(who, where, name));
    if (own->n_attrs == RF_MAX_ATTRS)
        RF_FAIL(err, RF_E_INVALID, "%s is attribute number %d; at most %d are possible, leave some out",
                subject(who, where, name), RF_MAX_ATTRS + 1, RF_MAX_ATTRS);
    rf_config_attr *attr = &own->attrs[own->n_attrs];
    *attr = (rf_config_attr){.name = rf_keep_text(&own->keep, name, strlen(name), err),
                             .file = where->at.name,
                             .line = where->at.line};
    if (attr->name == NULL)
        return RF_E_NOMEM;
    int n;
    const rf_config_key *keys = attr_keys(&n);
    for (int i = 0; i < n; i++)
        RF_TRY(rf_config_store_preset(attr, &keys[i], &own->keep, err));
    own->n_attrs++;
    *out = attr;
done:
    return st;
}

static rf_status put_attr_value(rf_config *config, rf_config_attr *attr, int index, const rf_yaml_node *node,
                                const place *where, rf_err *err)
{
    rf_status st = RF_OK;
    int n;
    bool fits;
    const rf_config_key *key = attr_keys(&n) + index;
    char path[MAX_PATH_TEXT + 160];
    if (is_null(node) && key->preset != NULL)
        return rf_config_store_preset(attr, key, &config->own->keep, err);
    RF_TRY(rf_config_store(attr, key, node, &config->own->keep, &fits, err));
    fits = fits && !is_null(node);
    snprintf(path, sizeof path, RF_ATTRIBUTES ".%s.%s", attr->name, leaf(key->path));
    if (!fits)
        return wrong_value(where, path, key, node, err);
    attr->set |= INT64_C(1) << index;
done:
    return st;
}

static rf_status unknown_attr_key(const rf_config_attr *attr, const char *name, const place *where,
                                  rf_err *err)
{
    static const char *const names[] = {"type", "field", "log1p", "top", "required", NULL};
    const char *near = rf_nearest(name, names);
    char path[MAX_PATH_TEXT + 160], who[512];
    snprintf(path, sizeof path, RF_ATTRIBUTES ".%.128s.%.64s", attr->name, name);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s is an unknown key; %s%s%s",
                      subject(who, where, path),
                      near == NULL ? "an attribute has type, field, log1p, top, required" : "did you mean \"",
                      near == NULL ? "" : near, near == NULL ? "" : "\"?");
}

/* NAME: TYPE, or NAME: {type: TYPE, …} */
static rf_status put_attr(rf_config *config, const char *name, const rf_yaml_node *node, place where,
                          rf_err *err)
{
    rf_status st = RF_OK;
    rf_config_attr *attr = NULL;
    RF_TRY(attr_named(config, name, &where, &attr, err));
    if (node->kind != RF_YAML_MAP)
        return put_attr_value(config, attr, attr_key_index("type"), node, &where, err);
    for (const rf_yaml_node *child = node->first; child != NULL; child = child->next) {
        where.at.line = where.at.line > 0 ? child->line : 0;
        int index = attr_key_index(child->key);
        if (index < 0)
            return unknown_attr_key(attr, child->key, &where, err);
        RF_TRY(put_attr_value(config, attr, index, child, &where, err));
    }
done:
    return st;
}

/* The part of a dotted path behind "fields.attributes.": an attribute, or one key of it. */
static rf_status put_attr_path(rf_config *config, const char *rest, const rf_yaml_node *node,
                               const place *where, rf_err *err)
{
    rf_status st = RF_OK;
    char name[MAX_PATH_TEXT];
    const char *dot = strrchr(rest, '.');
    int index = dot == NULL || dot == rest ? -1 : attr_key_index(dot + 1);
    if (index < 0)
        return put_attr(config, rest, node, *where, err);
    snprintf(name, sizeof name, "%.*s", (int)(dot - rest), rest);
    rf_config_attr *attr = NULL;
    RF_TRY(attr_named(config, name, where, &attr, err));
    RF_TRY(put_attr_value(config, attr, index, node, where, err));
done:
    return st;
}

/* ---- kafka ---- */

static rf_status put_kafka(rf_config *config, const char *key, const rf_yaml_node *node, const place *where,
                           rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_config_own *own = config->own;
    char who[512];
    int i = 0;
    if (node->kind != RF_YAML_SCALAR)
        RF_FAIL(err, RF_E_INVALID, "%s: a setting of the Kafka client is one value, not a list",
                subject(who, where, key));
    while (i < config->n_kafka && strcmp(config->kafka[i].key, key) != 0)
        i++;
    if (i < config->n_kafka && own->kafka_origins[i].pass == where->at.pass)
        RF_FAIL(err, RF_E_INVALID, "%s stands here a second time, first on line %d; keep one",
                subject(who, where, key), own->kafka_origins[i].line);
    if (config->kafka == NULL) {
        config->kafka = rf_keep_new(&own->keep, MAX_KAFKA * sizeof *config->kafka, err);
        own->kafka_origins = rf_keep_new(&own->keep, MAX_KAFKA * sizeof *own->kafka_origins, err);
        if (config->kafka == NULL || own->kafka_origins == NULL)
            return RF_E_NOMEM;
    }
    if (i == MAX_KAFKA)
        RF_FAIL(err, RF_E_INVALID, "%s: more than %d settings of the Kafka client", subject(who, where, key),
                i);
    rf_setting setting = {rf_keep_text(&own->keep, key, strlen(key), err),
                          rf_keep_text(&own->keep, node->text, strlen(node->text), err)};
    if (setting.key == NULL || setting.value == NULL)
        return RF_E_NOMEM;
    config->kafka[i] = setting;
    own->kafka_origins[i] = where->at;
    if (i == config->n_kafka)
        config->n_kafka++;
done:
    return st;
}

/* ---- keys ---- */

static int key_index(const char *path)
{
    int n;
    const rf_config_key *keys = rf_config_keys(&n);
    const rf_config_key *key = rf_config_find(path);
    return key == NULL ? -1 : (int)(key - keys);
}

static bool is_group(const char *path)
{
    int n;
    const rf_config_group *groups = rf_config_groups(&n);
    for (int i = 0; i < n; i++) {
        if (strcmp(groups[i].path, path) == 0)
            return true;
    }
    return false;
}

/* The three thresholds exclude each other; a later one (a flag) takes the place of an earlier. */
static rf_status choose_threshold(rf_config *config, int index, const place *where, rf_err *err)
{
    static const char *const paths[] = {"emit.threshold.percentile", "emit.threshold.score",
                                        "emit.threshold.top"};
    double *slots[] = {&config->emit.percentile, &config->emit.score, &config->emit.top};
    char who[512];
    for (int i = 0; i < 3; i++) {
        int other = key_index(paths[i]);
        if (other == index)
            continue;
        const origin *set = &config->own->origins[other];
        if (set->source == where->at.source && set->pass == where->at.pass && set->source == RF_FROM_FILE)
            return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                              "%s stands beside %s (line %d); give exactly one of percentile, score, top",
                              subject(who, where, "emit.threshold"), paths[i], set->line);
        *slots[i] = (double)NAN;
    }
    return RF_OK;
}

static rf_status put_key(rf_config *config, int index, const rf_yaml_node *node, const place *where,
                         rf_err *err)
{
    rf_status st = RF_OK;
    int n;
    bool fits = true;
    const rf_config_key *key = rf_config_keys(&n) + index;
    origin *set = &config->own->origins[index];
    char who[512];
    if (set->source == RF_FROM_FILE && set->pass == where->at.pass && where->at.source == RF_FROM_FILE)
        RF_FAIL(err, RF_E_INVALID, "%s stands here a second time, first on line %d; keep one",
                subject(who, where, key->path), set->line);
    if (is_null(node))
        RF_TRY(rf_config_store_preset(config, key, &config->own->keep, err));
    else
        RF_TRY(rf_config_store(config, key, node, &config->own->keep, &fits, err));
    if (!fits)
        return wrong_value(where, key->path, key, node, err);
    if (strncmp(key->path, "emit.threshold.", 15) == 0 && !is_null(node))
        RF_TRY(choose_threshold(config, index, where, err));
    *set = where->at;
done:
    return st;
}

static rf_status put_node(rf_config *config, const char *path, const rf_yaml_node *node, place where,
                          rf_err *err);

static rf_status put_children(rf_config *config, const char *path, const rf_yaml_node *node, place where,
                              rf_err *err)
{
    rf_status st = RF_OK;
    char child_path[MAX_PATH_TEXT], who[512], value[128];
    if (is_null(node))
        return RF_OK;
    if (node->kind == RF_YAML_SCALAR && strcmp(path, "fields.time") == 0)
        return put_node(config, "fields.time.field", node, where, err);
    if (node->kind != RF_YAML_MAP)
        RF_FAIL(err, RF_E_INVALID, "%s is %s; it is a group of keys, write %s: {NAME: VALUE}",
                subject(who, &where, path[0] == '\0' ? "the configuration" : path),
                what_stands_there(value, node), path);
    for (const rf_yaml_node *child = node->first; child != NULL; child = child->next) {
        where.at.line = where.at.line > 0 ? child->line : 0;
        if (strcmp(path, RF_ATTRIBUTES) == 0) {
            RF_TRY(put_attr(config, child->key, child, where, err));
            continue;
        }
        int len =
            snprintf(child_path, sizeof child_path, "%s%s%s", path, path[0] == '\0' ? "" : ".", child->key);
        if (len >= (int)sizeof child_path)
            return unknown_key(&where, child->key, err);
        RF_TRY(put_node(config, child_path, child, where, err));
    }
done:
    return st;
}

static rf_status put_node(rf_config *config, const char *path, const rf_yaml_node *node, place where,
                          rf_err *err)
{
    int index = key_index(path);
    if (index >= 0 && strchr(path, '*') == NULL)
        return put_key(config, index, node, &where, err);
    if (is_group(path))
        return put_children(config, path, node, where, err);
    if (strncmp(path, RF_ATTRIBUTES ".", strlen(RF_ATTRIBUTES ".")) == 0)
        return put_attr_path(config, path + strlen(RF_ATTRIBUTES "."), node, &where, err);
    if (strncmp(path, "kafka.", 6) == 0)
        return node->kind == RF_YAML_MAP ? put_children(config, path, node, where, err)
                                         : put_kafka(config, path + 6, node, &where, err);
    return unknown_key(&where, path, err);
}

/* ---- life ---- */

rf_status rf_config_new(rf_config **out, rf_err *err)
{
    rf_status st = RF_OK;
    int n;
    const rf_config_key *keys = rf_config_keys(&n);
    rf_config *config = rf_mem_zero(1, sizeof *config, err);
    if (config == NULL)
        return RF_E_NOMEM;
    config->own = rf_mem_zero(1, sizeof *config->own, err);
    if (config->own == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    for (int i = 0; i < n; i++) {
        if (strchr(keys[i].path, '*') == NULL)
            RF_TRY(rf_config_store_preset(config, &keys[i], &config->own->keep, err));
    }
    *out = config;
    config = NULL;
done:
    rf_config_free(config);
    return st;
}

void rf_config_free(rf_config *config)
{
    if (config == NULL)
        return;
    if (config->own != NULL)
        rf_keep_clear(&config->own->keep);
    rf_mem_free(config->own);
    rf_mem_free(config);
}

/* ---- setting ---- */

rf_status rf_config_parse(rf_config *config, const char *name, const char *bytes, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    rf_yaml_node *root = NULL;
    struct rf_config_own *own = config->own;
    const char *kept = rf_keep_text(&own->keep, name, strlen(name), err);
    if (kept == NULL)
        return RF_E_NOMEM;
    if (len > MAX_FILE)
        RF_FAIL(err, RF_E_INVALID, "%s: larger than %d bytes; that is no configuration", name, MAX_FILE);
    RF_TRY(rf_yaml_read(&root, &own->keep, kept, bytes, len, RF_YAML_NODES, err));
    place where = {.at = {.source = RF_FROM_FILE, .name = kept, .line = 1, .pass = ++own->pass}};
    if (root != NULL)
        RF_TRY(put_children(config, "", root, where, err));
done:
    return st;
}

rf_status rf_config_load(rf_config *config, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char *bytes = NULL;
    size_t len;
    RF_TRY(rf_yaml_bytes(&bytes, &len, path, "the configuration", MAX_FILE, err));
    RF_TRY(rf_config_parse(config, path, bytes, len, err));
done:
    rf_mem_free(bytes);
    return st;
}

static rf_status put_text(rf_config *config, const char *path, const char *value, place where, rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_config_own *own = config->own;
    rf_yaml_node scalar = {.kind = RF_YAML_SCALAR, .plain = true, .text = value}, *node = &scalar;
    if (value[0] == '[' || value[0] == '{')
        RF_TRY(rf_yaml_read(&node, &own->keep, where.at.name, value, strlen(value), RF_YAML_NODES, err));
    where.at.source = RF_FROM_COMMAND_LINE;
    where.at.pass = ++own->pass;
    RF_TRY(put_node(config, path, node, where, err));
done:
    return st;
}

rf_status rf_config_set(rf_config *config, const char *assignment, rf_err *err)
{
    rf_status st = RF_OK;
    char path[MAX_PATH_TEXT], text[96];
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment || (size_t)(equals - assignment) >= sizeof path)
        RF_FAIL(err, RF_E_INVALID, "--set \"%s\" is not of the form key.path=value, such as train.epochs=50",
                shown(text, assignment));
    memcpy(path, assignment, (size_t)(equals - assignment));
    path[equals - assignment] = '\0';
    RF_TRY(put_text(config, path, equals + 1, (place){.at = {.name = "--set"}}, err));
done:
    return st;
}

rf_status rf_config_put(rf_config *config, const char *path, const char *value, const char *flag, rf_err *err)
{
    return put_text(config, path, value, (place){.at = {.name = flag}, .flag = flag}, err);
}

rf_status rf_config_put_list(rf_config *config, const char *path, char *const *items, int n, const char *flag,
                             rf_err *err)
{
    rf_yaml_node list = {.kind = RF_YAML_LIST}, *last = NULL;
    for (int i = 0; i < n; i++) {
        rf_yaml_node *node = rf_keep_new(&config->own->keep, sizeof *node, err);
        if (node == NULL)
            return RF_E_NOMEM;
        *node = (rf_yaml_node){.kind = RF_YAML_SCALAR, .text = items[i]};
        if (last == NULL)
            list.first = node;
        else
            last->next = node;
        last = node;
    }
    place where = {.at = {.source = RF_FROM_COMMAND_LINE, .name = flag, .pass = ++config->own->pass},
                   .flag = flag};
    return put_node(config, path, &list, where, err);
}

/* ---- finishing ---- */

static rf_status attr_wrong(const rf_config_attr *attr, const char *why, rf_err *err)
{
    place where = {.at = {.name = attr->file, .line = attr->line}};
    char path[MAX_PATH_TEXT + 160], who[512];
    snprintf(path, sizeof path, RF_ATTRIBUTES ".%s", attr->name);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s: %s", subject(who, &where, path), why);
}

static rf_status finish_attr(rf_attr *out, const rf_config_attr *attr, rf_err *err)
{
    bool cyclic = attr->type == RF_ATTR_TIME_OF_DAY || attr->type == RF_ATTR_TIME_OF_WEEK;
    if (attr->type < 0)
        return attr_wrong(
            attr, "the type is missing; give number, category, boolean, time_of_day or time_of_week", err);
    if (attr->log1p && attr->type != RF_ATTR_NUMBER)
        return attr_wrong(attr, "log1p is for numbers; remove it, or set type: number", err);
    if ((attr->set >> attr_key_index("top") & 1) != 0 && attr->type != RF_ATTR_CATEGORY)
        return attr_wrong(attr, "top is for categories; remove it, or set type: category", err);
    *out = (rf_attr){.name = attr->name,
                     .field = attr->field != NULL || cyclic ? attr->field : attr->name,
                     .type = (rf_attr_type)attr->type,
                     .log1p = attr->log1p,
                     .required = attr->required,
                     .top = (int)attr->top};
    return RF_OK;
}

static rf_status whole_buckets(const rf_config *config, const char *path, int64_t value, rf_err *err)
{
    char where[160], bucket[160];
    if (config->graph.bucket_us == 0 || value % config->graph.bucket_us == 0)
        return RF_OK;
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s (%s) is not a multiple of graph.bucket (%s); change one of them", path,
                      rf_config_where(config, path, where), rf_config_where(config, "graph.bucket", bucket));
}

static rf_status too_many(const rf_config *config, const char *path, int n, int most, rf_err *err)
{
    char where[160];
    if (n <= most)
        return RF_OK;
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s (%s) has %d numbers; at most %d are possible", path,
                      rf_config_where(config, path, where), n, most);
}

/* One number stands for all; else one a side is needed. */
static rf_status one_or(const rf_config *config, const char *path, const rf_numbers *list, int low, int high,
                        rf_err *err)
{
    char where[160];
    if (list->n == 1 || (list->n >= low && list->n <= high))
        return RF_OK;
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s (%s) has %d numbers; give one, or %s", path,
                      rf_config_where(config, path, where), list->n,
                      high == low ? "three: users, entities, edges"
                                  : "two or three: users, entities, structure decoder");
}

rf_status rf_config_finish(rf_config *config, rf_err *err)
{
    rf_status st = RF_OK;
    char where[160];
    struct rf_config_own *own = config->own;
    for (int i = 0; i < own->n_attrs; i++)
        RF_TRY(finish_attr(&own->schema[i], &own->attrs[i], err));
    config->fields.schema = (rf_schema){own->schema, own->n_attrs};
    RF_TRY(whole_buckets(config, "graph.window", config->graph.window_us, err));
    if (config->graph.as_of_us != RF_CONFIG_WORD)
        RF_TRY(whole_buckets(config, "graph.as_of", config->graph.as_of_us, err));
    RF_TRY(one_or(config, "train.hidden", &config->train.hidden, 3, 3, err));
    RF_TRY(one_or(config, "train.latent", &config->train.latent, 2, 3, err));
    RF_TRY(too_many(config, "evaluate.k", config->evaluate.k.n, 8, err));
    RF_TRY(too_many(config, "evaluate.percentile", config->evaluate.percentile.n, 8, err));
    if (!isnan(config->emit.top) && config->emit.top != floor(config->emit.top))
        RF_FAIL(err, RF_E_INVALID, "emit.threshold.top (%s) is %g; give a whole number of subjects",
                rf_config_where(config, "emit.threshold.top", where), config->emit.top);
    if (isnan(config->emit.percentile) && isnan(config->emit.score) && isnan(config->emit.top))
        config->emit.percentile = 0.999; /* the one that was set was set to null again */
done:
    return st;
}

/* ---- asking ---- */

rf_config_source rf_config_origin(const rf_config *config, const char *path)
{
    int index = key_index(path);
    return index < 0 ? RF_FROM_DEFAULT : config->own->origins[index].source;
}

char *rf_config_where(const rf_config *config, const char *path, char out[160])
{
    char name[96];
    int index = key_index(path);
    const origin *set = index < 0 ? NULL : &config->own->origins[index];
    if (set == NULL || set->source == RF_FROM_DEFAULT)
        snprintf(out, 160, "default");
    else if (set->line > 0)
        snprintf(out, 160, "%s:%d", shown(name, set->name), set->line);
    else
        snprintf(out, 160, "%s", shown(name, set->name));
    return out;
}
