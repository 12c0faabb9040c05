/* feature_table.c - the features' table as data, and as the tables of docs/FEATURES.md.
 *
 * Computes nothing: features_edge.c, features_node.c and features_event.c do.
 */
#include "feature_table.h"

#include <string.h>

#define PAIR RF_OF_PAIR
#define NODE_ RF_OF_NODE
#define EVENT RF_OF_EVENT

static const rf_feature_info table[RF_N_FEATURES] = {
#define X(id, pattern, subjects, group, tame, neutral, unit, words, formula)                                 \
    {pattern,       words, formula, subjects, RF_GROUP_##group, RF_TAME_RULE_##tame, RF_NEUTRAL_##neutral,   \
     RF_UNIT_##unit},
    RF_FEATURES(X)
#undef X
};

const rf_feature_info *rf_feature_info_get(rf_feature feature)
{
    return &table[feature];
}

/* ---- groups ---- */

static const char *const group_names[] = {"time", "attributes", "structure", "history", "all", NULL};
static const unsigned group_masks[] = {RF_GROUP_TIME, RF_GROUP_ATTRIBUTES, RF_GROUP_STRUCTURE,
                                       RF_GROUP_HISTORY, RF_GROUP_ALL};

rf_status rf_feature_groups_parse(unsigned *groups, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    unsigned found = RF_GROUP_BASE;

    if (!text)
        text = "all";
    for (const char *at = text;; at++) {
        at += strspn(at, " ");
        size_t len = strcspn(at, ",");
        size_t word = len;
        while (word > 0 && at[word - 1] == ' ')
            word--;
        unsigned group = 0;
        for (int i = 0; group_names[i]; i++)
            if (strlen(group_names[i]) == word && memcmp(group_names[i], at, word) == 0)
                group = group_masks[i];
        if (group == 0)
            RF_FAIL(err, RF_E_INVALID,
                    "graph.features: \"%.*s\" is not a group of features; use all, or a comma list of time, "
                    "attributes, structure, history",
                    word > 64 ? 64 : (int)word, at);
        found |= group;
        at += len;
        if (*at == '\0')
            break;
    }
    *groups = found;
done:
    return st;
}
