/* feature_table.c - the features' table as data, and as the tables of docs/FEATURES.md.
 *
 * Computes nothing: features_edge.c, features_node.c and features_event.c do.
 */
#include "feature_table.h"
#include "rf_feature_words.h"

#include <assert.h>
#include <string.h>

#define PAIR RF_OF_PAIR
#define NODE_ RF_OF_NODE
#define EVENT RF_OF_EVENT
#define USER RF_OF_USER

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

/* ---- words ---- */

typedef struct slice {
    const char *at;
    size_t len;
} slice;

typedef struct match {
    slice side, attribute, value, span, until; /* until: the "04" of the span "00_04" */
    size_t n_fixed;
} match;

/* Bytes of "7d", "1d_7d" or "00_04" at the name's beginning; 0: it is none. Leading zeros are not spoken. */
static size_t match_span(match *found, const char *name)
{
    slice *parts[] = {&found->span, &found->until};
    size_t len = 0;

    found->until.len = 0;
    for (int i = 0; i < 2; i++) {
        const char *at = name + len + i;
        size_t digits = strspn(at, "0123456789"), unit = at[digits] >= 'a' && at[digits] <= 'z';
        size_t zero = digits > 1 && at[0] == '0';
        if (digits == 0)
            break;
        *parts[i] = (slice){at + zero, digits + unit - zero};
        len = (size_t)(at - name) + digits + unit;
        if (name[len] != '_')
            break;
    }
    bool has_unit = len > 0 && name[len - 1] > '9';
    return has_unit || found->until.len > 0 ? len : 0;
}

static bool match_pattern(match *found, const char *pattern, const char *name)
{
    static const char *const sides[] = {"user", "entity"};

    for (; *pattern != '\0' && *pattern != '<'; pattern++, name++, found->n_fixed++)
        if (*pattern != *name)
            return false;
    if (*pattern == '\0')
        return *name == '\0';

    const char *rest = strchr(pattern, '>') + 1;
    size_t rest_len = strlen(rest);
    if (strchr(rest, '<') == NULL &&
        (strlen(name) < rest_len || strcmp(name + strlen(name) - rest_len, rest) != 0))
        return false;
    switch (pattern[1]) {
    case 's':
        for (int i = 0; i < 2; i++) {
            found->side = (slice){name, strlen(sides[i])};
            if (strncmp(name, sides[i], found->side.len) == 0)
                return match_pattern(found, rest, name + found->side.len);
        }
        return false;
    case 'w': {
        size_t len = match_span(found, name);
        return len > 0 && match_pattern(found, rest, name + len);
    }
    case 'v':
        found->value = (slice){name, strlen(name)};
        return true;
    default: /* <a>, <k> */
        for (size_t len = 1; len <= strlen(name); len++) {
            match longer = *found;
            longer.attribute = (slice){name, len};
            if (match_pattern(&longer, rest, name + len)) {
                *found = longer;
                return true;
            }
        }
        return false;
    }
}

/* "the last 7 days", not "the last 7d". */
static slice spoken_span(slice span)
{
    static const char *const spoken[][2] = {
        {"1h", "hour"}, {"1d", "day"}, {"7d", "7 days"}, {"30d", "30 days"}};
    for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++) {
        if (strlen(spoken[i][0]) == span.len && memcmp(spoken[i][0], span.at, span.len) == 0)
            return (slice){spoken[i][1], strlen(spoken[i][1])};
    }
    return span;
}

/* The words with each placeholder's text in its place. */
static void put_words(rf_feature_words *out, const char *words, const match *found)
{
    while (*words != '\0') {
        slice text = {words, strcspn(words, "<")};
        bool is_name = false;
        if (text.len > 0) {
            words += text.len;
        } else {
            is_name = words[1] == 'a' || words[1] == 'k';
            text = is_name           ? found->attribute
                   : words[1] == 'v' ? found->value
                   : words[1] == 'w' ? spoken_span(found->span)
                   : words[1] == 'x' ? found->until
                                     : found->side;
            words = strchr(words, '>') + 1;
        }
        assert(out->n_pieces < RF_WORDS_PIECES);
        out->piece[out->n_pieces++] = (rf_words_piece){text.at, text.len, is_name};
    }
}

/* The feature whose pattern says most about the name; NULL: none. Those without words only where asked. */
static const rf_feature_info *find_feature(match *found, const char *name, bool wordless)
{
    const rf_feature_info *best = NULL;
    const char *equals = strchr(name, '=');
    bool is_value = equals != NULL && equals != name; /* the text of a value may look like any feature */

    for (int i = 0; i < RF_N_FEATURES; i++) {
        const rf_feature_info *info = rf_feature_info_get((rf_feature)i);
        match tried = {0};
        if ((info->words == NULL && !wordless) || (strchr(info->pattern, '=') != NULL) != is_value ||
            !match_pattern(&tried, info->pattern, name) ||
            (info->words != NULL && strstr(info->words, "<x>") != NULL && tried.until.len == 0))
            continue;
        if (best == NULL || tried.n_fixed > found->n_fixed) {
            best = info;
            *found = tried;
        }
    }
    return best;
}

bool rf_feature_tamed_if_asked(const char *name)
{
    match found = {0};
    const rf_feature_info *info = find_feature(&found, name, true);
    return info != NULL && info->tame == RF_TAME_RULE_ASKED;
}

rf_feature_words rf_feature_words_of(const char *name)
{
    match found = {0};
    const rf_feature_info *best = find_feature(&found, name, false);
    const char *equals = strchr(name, '=');
    bool is_value = equals != NULL && equals != name;

    rf_feature_words out = {.unit = RF_UNIT_PLAIN};
    if (best == NULL) {
        out.piece[out.n_pieces++] = (rf_words_piece){name, strlen(name), true};
        return out;
    }
    out.unit = (rf_unit)best->unit;
    out.of_times = (best->group & (RF_GROUP_TIME | RF_GROUP_HISTORY)) != 0;
    bool is_kind = strncmp(best->pattern, "<k>", 3) == 0;
    out.attribute = found.attribute.at == name && !is_value && !is_kind ? found.attribute.len : 0;
    put_words(&out, best->words, &found);
    return out;
}
