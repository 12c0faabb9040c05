/* side.c - the names of kinds, and where the sides lie in files.
 */
#include "rf_side.h"
#include "rf_count.h"

#include <stdio.h>

bool rf_kind_name_is_valid(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len < RF_KIND_NAME && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len &&
           name[0] >= 'a' && name[0] <= 'z';
}

const char *rf_kind_plural(char out[RF_KIND_PLURAL], const rf_kinds *kinds, int kind)
{
    return rf_plural(out, RF_KIND_PLURAL, rf_kind_name(kinds, kind));
}

bool rf_kinds_equal(const rf_kinds *a, const rf_kinds *b)
{
    bool equal = a->n == b->n;
    for (int k = 0; k < a->n && equal; k++)
        equal = strcmp(a->name[k], b->name[k]) == 0;
    return equal;
}

const char *rf_kinds_list(char out[RF_KINDS_LIST], const rf_kinds *kinds)
{
    size_t len = 0;
    out[0] = '\0';
    for (int k = 0; k < kinds->n; k++)
        len += (size_t)snprintf(out + len, RF_KINDS_LIST - len, "%s%s", k > 0 ? "," : "", kinds->name[k]);
    return out;
}

bool rf_kinds_parse(rf_kinds *out, const char *list)
{
    *out = (rf_kinds){0};
    for (const char *at = list; *at != '\0'; at += strspn(at, ",")) {
        const size_t len = strcspn(at, ",");
        char name[RF_KIND_NAME] = "";
        if (len >= sizeof name || out->n == RF_KINDS_MOST)
            return false;
        memcpy(name, at, len);
        if (!rf_kind_name_is_valid(name) || rf_kinds_find(out, name) >= 0)
            return false;
        memcpy(out->name[out->n++], name, sizeof name);
        at += len;
    }
    return true;
}

const char *rf_side_path(char out[RF_SIDE_PATH], const rf_kinds *kinds, rf_side side, const char *name)
{
    const int kind = rf_side_kind(side);
    const char *slash = name[0] != '\0' ? "/" : "";
    if (kind == 0)
        snprintf(out, RF_SIDE_PATH, "/%c%s%s", rf_side_letter(side), slash, name);
    else
        snprintf(out, RF_SIDE_PATH, "/kinds/%s/%c%s%s", kinds->name[kind], rf_side_letter(side), slash, name);
    return out;
}
