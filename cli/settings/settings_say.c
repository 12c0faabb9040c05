/* settings_say.c - what is complained of: where a value is, what it is, what is allowed, and which key
 * was probably meant.
 */
#include "settings_int.h"
#include "rf_quote.h"

#include <stdio.h>
#include <string.h>

const char *rf_settings_shown(char out[96], const char *text)
{
    return rf_quote_short(out, 84, text, strlen(text));
}

const char *rf_settings_subject(char out[512], const rf_origin *at, const char *path)
{
    char name[96], file[96];
    if (at->is_flag)
        snprintf(out, 512, "%s", at->name);
    else if (at->line > 0)
        snprintf(out, 512, "%s:%d: %s", rf_settings_shown(file, at->name), at->line,
                 rf_settings_shown(name, path));
    else
        snprintf(out, 512, "%s: %s", at->name, rf_settings_shown(name, path));
    return out;
}

const char *rf_settings_found(char out[128], const rf_yaml_node *node)
{
    char text[96];
    if (node->kind == RF_YAML_SCALAR)
        snprintf(out, 128, "\"%s\"", rf_settings_shown(text, node->text));
    else
        snprintf(out, 128, "%s", node->kind == RF_YAML_LIST ? "a list" : "a map");
    return out;
}

char *rf_settings_where(const rf_settings *settings, const char *path, char out[160])
{
    char name[96];
    const rf_key *key = rf_key_find(path);
    const rf_origin *at = key == NULL ? NULL : &settings->own->origins[key - rf_keys];
    if (at == NULL || at->source == RF_FROM_DEFAULT)
        snprintf(out, 160, "default");
    else if (at->line > 0)
        snprintf(out, 160, "%s:%d", rf_settings_shown(name, at->name), at->line);
    else
        snprintf(out, 160, "%s", rf_settings_shown(name, at->name));
    return out;
}

rf_status rf_settings_wrong_value(const rf_origin *at, const char *path, const rf_key *key,
                                  const rf_yaml_node *node, rf_err *err)
{
    char who[512], value[128];
    rf_text allowed = {0};
    rf_status st = rf_key_allowed(&allowed, key, err);
    if (st == RF_OK)
        st = rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s is %s; allowed is %s",
                        rf_settings_subject(who, at, path), rf_settings_found(value, node), allowed.ptr);
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
    const char *names[RF_KEYS_MOST + RF_KEY_GROUPS_MOST];
    int n = 0;
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        if (!rf_key_is_named(key))
            names[n++] = key->path;
    }
    for (const rf_key_group *group = rf_key_groups; group->path != NULL; group++) {
        if (group->path[0] != '\0')
            names[n++] = group->path;
    }
    names[n] = NULL;
    const char *near = rf_nearest(path, names);
    for (int i = 0; near == NULL && i < n; i++) {
        if (strcmp(leaf(names[i]), leaf(path)) == 0)
            near = names[i];
    }
    return near;
}

rf_status rf_settings_unknown_key(const rf_origin *at, const char *path, rf_err *err)
{
    char file[96], name[96], before[128] = "--set: ";
    const char *near = nearest_key(path);
    if (at->line > 0)
        snprintf(before, sizeof before, "%s:%d: ", rf_settings_shown(file, at->name), at->line);
    if (near != NULL)
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%sunknown key \"%s\"; did you mean \"%s\"?",
                          before, rf_settings_shown(name, path), near);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%sunknown key \"%s\"; `ringfence help config` lists all keys", before,
                      rf_settings_shown(name, path));
}

rf_status rf_settings_missing(const char *key, const char *example, rf_err *err)
{
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s is not set; set it in a configuration (--config FILE) or with --set %s=%s", key,
                      key, example);
}
