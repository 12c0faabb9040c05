/* suppress_file.c - a suppression list: YAML into entries, each checked and remembered with its line. */
#include <string.h>

#include "rf_mem.h"
#include "rf_text.h"
#include "rf_time.h"
#include "suppress_int.h"

#define MOST_BYTES (64 << 20)
#define MOST_NODES 4000000
#define MOST_TEXT 1024 /* bytes of a reason, an author */

static const char *const list_keys[] = {"version", "suppress", NULL};
static const char *const entry_keys[] = {"user",   "entity", "kind",    "types",
                                         "reason", "author", "expires", NULL};

static rf_status check_keys(const rf_yaml_node *map, const char *const *keys, const char *file, rf_err *err)
{
    rf_status st = RF_OK;
    for (const rf_yaml_node *child = map->first; child != NULL; child = child->next) {
        const char *const *known = keys;
        while (*known != NULL && strcmp(child->key, *known) != 0)
            known++;
        if (*known != NULL)
            continue;
        const char *near = rf_nearest(child->key, keys);
        RF_FAIL(err, RF_E_INVALID, "%s:%d: unknown key \"%.40s\"%s%s%s", file, child->line, child->key,
                near == NULL ? "" : "; did you mean ", near == NULL ? "" : near, near == NULL ? "" : "?");
    }
done:
    return st;
}

/* One line of text under `key`; required. */
static rf_status text_of(const char **out, const rf_yaml_node *entry, const char *key, const char *file,
                         rf_err *err)
{
    rf_status st = RF_OK;
    const rf_yaml_node *node = rf_yaml_get(entry, key);
    if (node == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "%s:%d: %s is missing; an entry needs user or entity, reason, author and expires", file,
                entry->line, key);
    if (node->kind != RF_YAML_SCALAR || node->text[0] == '\0' || strlen(node->text) > MOST_TEXT)
        RF_FAIL(err, RF_E_INVALID, "%s:%d: %s must be a text of 1 to %d bytes", file, node->line, key,
                MOST_TEXT);
    *out = node->text;
done:
    return st;
}

/* A day ends with itself: what expires on the 31st still holds on the 31st. */
static rf_status expiry_of(int64_t *out, const rf_yaml_node *entry, const char *file, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text;
    RF_TRY(text_of(&text, entry, "expires", file, err));
    if (strcmp(text, "never") == 0)
        *out = INT64_MAX;
    else if (rf_time_is_out_of_range(text, strlen(text)))
        RF_FAIL(err, RF_E_INVALID,
                "%s:%d: expires %.40s: it lies outside the years 1900 to 2099; write never if it has no end",
                file, rf_yaml_get(entry, "expires")->line, text);
    else if (!rf_time_parse_iso(out, text, strlen(text), NULL))
        RF_FAIL(err, RF_E_INVALID,
                "%s:%d: expires %.40s: it must be a day (2026-12-31), a time (2026-12-31T18:00:00Z) or never",
                file, rf_yaml_get(entry, "expires")->line, text);
    else if (strlen(text) == 10)
        *out += RF_DAY_US;
done:
    return st;
}

/* "|promo_abuse|collusion|" */
static rf_status types_of(const char **out, const rf_yaml_node *entry, const char *file, rf_keep *keep,
                          rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    const rf_yaml_node *node = rf_yaml_get(entry, "types");
    if (node == NULL)
        return RF_OK;
    if (node->kind == RF_YAML_MAP || (node->kind == RF_YAML_LIST && node->first == NULL))
        RF_FAIL(err, RF_E_INVALID, "%s:%d: types must be a list of types of fraud, like [promo_abuse]", file,
                node->line);
    RF_TRY(rf_text_printf(&text, err, "|"));
    for (const rf_yaml_node *type = node->kind == RF_YAML_LIST ? node->first : node; type != NULL;
         type = type->next) {
        if (type->kind != RF_YAML_SCALAR || type->text[0] == '\0' || strchr(type->text, '|') != NULL)
            RF_FAIL(err, RF_E_INVALID, "%s:%d: types must be names of types of fraud, like promo_abuse", file,
                    type->line);
        RF_TRY(rf_text_printf(&text, err, "%s|", type->text));
        if (node->kind != RF_YAML_LIST)
            break;
    }
    *out = rf_keep_text(keep, text.ptr, text.len, err);
    if (*out == NULL)
        st = RF_E_NOMEM;
done:
    rf_text_clear(&text);
    return st;
}

static rf_status subject_of(rf_suppression *out, const rf_yaml_node *entry, const char *file, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_yaml_node *user = rf_yaml_get(entry, "user"), *entity = rf_yaml_get(entry, "entity");
    if ((user == NULL) == (entity == NULL))
        RF_FAIL(err, RF_E_INVALID, "%s:%d: an entry names a user or an entity, one of the two", file,
                entry->line);
    const rf_yaml_node *node = user != NULL ? user : entity;
    if (node->kind != RF_YAML_SCALAR)
        RF_FAIL(err, RF_E_INVALID, "%s:%d: %s must be an id", file, node->line, node->key);
    out->side = user != NULL ? RF_USER : RF_ENTITY;
    out->id = node->text;
    node = rf_yaml_get(entry, "kind");
    if (node != NULL && user != NULL)
        RF_FAIL(err, RF_E_INVALID, "%s:%d: kind says of which kind an entity is; a user has none", file,
                node->line);
    if (node != NULL && (node->kind != RF_YAML_SCALAR || !rf_kind_name_is_valid(node->text)))
        RF_FAIL(err, RF_E_INVALID, "%s:%d: kind must be the name of a kind of entity, like device", file,
                node->line);
    out->kind = node != NULL ? node->text : NULL;
done:
    return st;
}

static rf_status read_entry(rf_suppressions *suppressions, const rf_yaml_node *entry, const char *file,
                            rf_err *err)
{
    rf_status st = RF_OK;
    rf_suppression out = {.file = file, .line = entry->line, .row = -1};
    if (entry->kind != RF_YAML_MAP)
        RF_FAIL(err, RF_E_INVALID, "%s:%d: an entry is {user: ID, reason: TEXT, author: NAME, expires: DAY}",
                file, entry->line);
    RF_TRY(check_keys(entry, entry_keys, file, err));
    RF_TRY(subject_of(&out, entry, file, err));
    RF_TRY(text_of(&out.reason, entry, "reason", file, err));
    RF_TRY(text_of(&out.author, entry, "author", file, err));
    RF_TRY(expiry_of(&out.expires_us, entry, file, err));
    RF_TRY(types_of(&out.types, entry, file, &suppressions->keep->keep, err));
    RF_RESERVE(suppressions->at, suppressions->keep->cap, suppressions->n + 1, err);
    suppressions->at[suppressions->n++] = out;
done:
    return st;
}

rf_status rf_suppress_take(rf_suppressions *suppressions, const rf_yaml_node *root, const char *file,
                           rf_err *err)
{
    rf_status st = RF_OK;
    if (root == NULL || root->kind != RF_YAML_MAP)
        RF_FAIL(err, RF_E_INVALID, "%s: a suppression list begins with `version: 1` and `suppress:`", file);
    RF_TRY(check_keys(root, list_keys, file, err));
    const rf_yaml_node *version = rf_yaml_get(root, "version"), *list = rf_yaml_get(root, "suppress");
    if (version == NULL || version->kind != RF_YAML_SCALAR || strcmp(version->text, "1") != 0)
        RF_FAIL(err, RF_E_INVALID, "%s:%d: version must be 1", file,
                version == NULL ? root->line : version->line);
    bool empty = list != NULL && list->kind == RF_YAML_SCALAR && list->plain && list->text[0] == '\0';
    if (list == NULL || (list->kind != RF_YAML_LIST && !empty))
        RF_FAIL(err, RF_E_INVALID, "%s:%d: suppress must be a list of entries", file,
                list == NULL ? root->line : list->line);
    for (const rf_yaml_node *entry = list->first; entry != NULL; entry = entry->next)
        RF_TRY(read_entry(suppressions, entry, file, err));
done:
    return st;
}

rf_status rf_suppress_read(rf_suppressions *suppressions, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_yaml_node *root = NULL;
    rf_keep *keep = &suppressions->keep->keep;
    const char *file = rf_keep_text(keep, path, strlen(path), err);
    if (file == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_yaml_load(&root, keep, path, "a suppression list", MOST_BYTES, MOST_NODES, err));
    RF_TRY(rf_suppress_take(suppressions, root, file, err));
done:
    return st;
}
