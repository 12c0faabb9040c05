/* rules_parse.c - reads a rule file's YAML into rf_rules. An unknown key or a value of the wrong type is an
 * error with file, line, key and the nearest known name.
 *
 * docs/RULES.md describes the keys. rules_signal.c reads signals and the confidence.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_embed.h"
#include "rf_fingerprint.h"
#include "rf_mem.h"
#include "rules_parse_int.h"

RF_EMBEDDED(shipped_rules)

#define MOST_BYTES ((size_t)1 << 20)
#define MOST_RULES 256
#define SHIPPED "shipped rules"

/* ---- rules ---- */

static rf_status read_support(rule *out, const rule_reader *r, const rf_yaml_node *map, rf_err *err)
{
    static const char *const keys[] = {"events", "partners", NULL};
    rf_status st = RF_OK;
    const rf_yaml_node *node;
    RF_TRY(rule_check_keys(r, map, "support", keys, err));
    if ((node = rf_yaml_get(map, "events")) != NULL)
        RF_TRY(rule_read_whole(&out->events, r, node, 0, err));
    if ((node = rf_yaml_get(map, "partners")) != NULL) {
        if (rf_side_role(out->subject) == RF_EDGE)
            RULE_FAIL(r, node->line, "an edge has no partners; its support is events");
        RF_TRY(rule_read_whole(&out->partners, r, node, 0, err));
    }
done:
    return st;
}

static rf_status read_spread(rule *out, const rule_reader *r, const rf_yaml_node *map, rf_err *err)
{
    static const char *const side_keys[] = {"edges", "share", "crowd", NULL};
    rf_status st = RF_OK;
    const rf_yaml_node *node;
    char entity[RULE_SIDE_TEXT], subject[RULE_SIDE_TEXT];
    rule_side_text(entity, r->rules, rf_entity_side(rf_side_kind(out->subject)));
    const char *const keys[] = {"user", entity, "only", NULL}; /* the first two by the edge's end */
    if (rf_side_role(out->subject) != RF_EDGE)
        RULE_FAIL(r, map->line, "spread is for rules about edges; the subject of this rule is %s",
                  rule_side_text(subject, r->rules, out->subject));
    RF_TRY(rule_check_keys(r, map, "spread", keys, err));
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        const rf_yaml_node *side = rf_yaml_get(map, keys[s]);
        rule_spread *spread = &out->spread[s];
        if (side == NULL)
            continue;
        *spread = (rule_spread){.on = true, .edges = 1, .crowd = 1};
        RF_TRY(rule_check_keys(r, side, side->key, side_keys, err));
        if ((node = rf_yaml_get(side, "edges")) != NULL)
            RF_TRY(rule_read_whole(&spread->edges, r, node, 1, err));
        if ((node = rf_yaml_get(side, "share")) != NULL)
            RF_TRY(rule_read_number(&spread->share, r, node, 0, 1, err));
        if ((node = rf_yaml_get(side, "crowd")) != NULL)
            RF_TRY(rule_read_whole(&spread->crowd, r, node, 1, err));
    }
    if ((node = rf_yaml_get(map, "only")) != NULL) {
        RF_TRY(rule_read_bool(&out->spread_only, r, node, err));
        if (out->spread_only && !out->spread[0].on && !out->spread[1].on)
            RULE_FAIL(r, node->line, "only: true needs user or %s: the side that receives the tag", entity);
    }
done:
    return st;
}

static rf_status read_rule(rule *out, rule_reader *r, const rf_yaml_node *map, rf_err *err)
{
    static const char *const keys[] = {"type",       "subject",     "about",     "optional",
                                       "support",    "ignore_hubs", "threshold", "signals",
                                       "confidence", "spread",      NULL};
    rf_status st = RF_OK;
    const rf_yaml_node *node;
    r->place = (rule_place){.file = r->rules->file, .line = map->line};
    *out = (rule){.ignore_hubs = 0.999, .threshold = 0.5, .about = ""};
    if (map->kind != RF_YAML_MAP)
        RULE_FAIL(r, map->line, "a rule needs keys and values: - type: promo_abuse");
    node = rf_yaml_get(map, "type");
    if (node == NULL || node->kind != RF_YAML_SCALAR || !rf_tag_type_valid(node->text))
        RULE_FAIL(
            r, node != NULL ? node->line : map->line,
            "a rule needs a type of lower-case letters, digits and _, a letter first: type: promo_abuse");
    if (strcmp(node->text, RF_UNKNOWN_PATTERN) == 0)
        RULE_FAIL(r, node->line,
                  "the type %s is reserved for scores that no rule explains; choose another type",
                  RF_UNKNOWN_PATTERN);
    out->type = node->text;
    r->place.what = "rule";
    r->place.name = out->type;
    out->place = r->place;
    RF_TRY(rule_check_keys(r, map, "a rule", keys, err));
    if ((node = rf_yaml_get(map, "subject")) == NULL)
        RULE_FAIL(r, map->line, "a rule needs a subject: user, entity or edge");
    RF_TRY(rule_read_side(&out->subject, r, node, err));
    if ((node = rf_yaml_get(map, "about")) != NULL)
        RF_TRY(rule_read_text(&out->about, r, node, RULE_MOST_ABOUT, err));
    if ((node = rf_yaml_get(map, "optional")) != NULL)
        RF_TRY(rule_read_bool(&out->optional, r, node, err));
    if ((node = rf_yaml_get(map, "support")) != NULL)
        RF_TRY(read_support(out, r, node, err));
    if ((node = rf_yaml_get(map, "ignore_hubs")) != NULL)
        RF_TRY(rule_read_number(&out->ignore_hubs, r, node, 0, 1, err));
    if ((node = rf_yaml_get(map, "threshold")) != NULL)
        RF_TRY(rule_read_number(&out->threshold, r, node, 1e-6, 1, err));
    RF_TRY(rule_read_signals(out, r, rf_yaml_get(map, "signals"), rf_yaml_get(map, "confidence"), err));
    if ((node = rf_yaml_get(map, "spread")) != NULL)
        RF_TRY(read_spread(out, r, node, err));
done:
    return st;
}

static rf_status read_rules(rule_reader *r, const rf_yaml_node *list, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rules *rules = r->rules;
    if (list == NULL)
        goto done; /* unknown_pattern alone */
    if (list->kind != RF_YAML_LIST)
        RULE_FAIL(r, list->line, "rules needs a list: - type: promo_abuse");
    int n = rule_count(list);
    if (n > MOST_RULES)
        RULE_FAIL(r, list->line, "%d rules; a file has at most %d", n, MOST_RULES);
    rules->rules = rf_keep_new(&rules->keep, (size_t)n * sizeof *rules->rules, err);
    if (rules->rules == NULL)
        return RF_E_NOMEM;
    for (const rf_yaml_node *node = list->first; node != NULL; node = node->next) {
        rule *next = &rules->rules[rules->n_rules];
        RF_TRY(read_rule(next, r, node, err));
        next->first_signal = rules->n_signals;
        rules->n_signals += next->n_signals;
        rules->n_rules++;
    }
done:
    return st;
}

/* ---- kinds ---- */

/* "kinds: [device, card]": what values may speak of besides user, entity and edge. */
static rf_status read_kinds(rule_reader *r, const rf_yaml_node *list, rf_err *err)
{
    rf_status st = RF_OK;
    rf_kinds *kinds = &r->rules->kinds;
    *kinds = (rf_kinds){1, {"entity"}};
    if (list == NULL)
        goto done;
    if (list->kind != RF_YAML_LIST || list->first == NULL)
        RULE_FAIL(r, list->line, "kinds needs a list of kinds of entity: [device, card]");
    for (const rf_yaml_node *node = list->first; node != NULL; node = node->next) {
        if (node->kind != RF_YAML_SCALAR || !rf_kind_name_is_valid(node->text))
            RULE_FAIL(
                r, node->line,
                "kinds: the name of a kind has at most %d lower-case letters, digits and _, a letter first",
                RF_KIND_NAME - 1);
        if (rule_find_side(r->rules, node->text, strlen(node->text)) != RF_NO_SIDE)
            RULE_FAIL(r, node->line, "kinds: %s is there already; user, entity and edge always are",
                      node->text);
        if (kinds->n == RF_KINDS_MOST)
            RULE_FAIL(r, node->line, "kinds: a file speaks of at most %d kinds", RF_KINDS_MOST - 1);
        snprintf(kinds->name[kinds->n++], RF_KIND_NAME, "%s", node->text);
    }
done:
    return st;
}

/* ---- segments ---- */

static rf_status read_segment(rule_segment *out, rule_reader *r, const rf_yaml_node *map, rf_err *err)
{
    static const char *const keys[] = {"of", "value", "cuts", NULL};
    rf_status st = RF_OK;
    r->place = (rule_place){r->rules->file, map->line, "segment", map->key};
    *out = (rule_segment){.place = r->place, .name = map->key};
    if (!rf_tag_type_valid(map->key))
        RULE_FAIL(r, map->line, "a segment's name has lower-case letters, digits and _, a letter first");
    RF_TRY(rule_check_keys(r, map, "a segment", keys, err));
    for (int i = 0; keys[i] != NULL; i++) {
        if (rf_yaml_get(map, keys[i]) == NULL)
            RULE_FAIL(r, map->line, "a segment needs %s: {of: user, value: user.events, cuts: [5, 20]}",
                      keys[i]);
    }
    RF_TRY(rule_read_side(&out->of, r, rf_yaml_get(map, "of"), err));
    RF_TRY(rule_read_value(&out->value, r, rf_yaml_get(map, "value"), out->of, err));
    const rf_yaml_node *list = rf_yaml_get(map, "cuts");
    if (list->kind != RF_YAML_LIST || list->first == NULL)
        RULE_FAIL(r, list->line, "cuts needs a list of numbers: [5, 20, 100]");
    for (const rf_yaml_node *node = list->first; node != NULL; node = node->next) {
        if (out->n_cuts == RF_RULE_CUTS)
            RULE_FAIL(r, node->line, "cuts has more than %d numbers", RF_RULE_CUTS);
        double *cut = &out->cuts[out->n_cuts];
        RF_TRY(rule_read_number(cut, r, node, -1e15, 1e15, err));
        if (out->n_cuts > 0 && !(*cut > cut[-1]))
            RULE_FAIL(r, node->line, "cuts must rise: %g comes after %g", *cut, cut[-1]);
        out->n_cuts++;
    }
done:
    return st;
}

static rf_status read_segments(rule_reader *r, const rf_yaml_node *map, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rules *rules = r->rules;
    if (map == NULL)
        goto done;
    if (map->kind != RF_YAML_MAP)
        RULE_FAIL(r, map->line,
                  "segments needs names: {activity: {of: user, value: user.events, cuts: [5, 20]}}");
    int n = rule_count(map);
    if (n > RF_RULE_CUTS)
        RULE_FAIL(r, map->line, "%d segments; a file has at most %d", n, RF_RULE_CUTS);
    rules->segments = rf_keep_new(&rules->keep, (size_t)n * sizeof *rules->segments, err);
    if (rules->segments == NULL)
        return RF_E_NOMEM;
    for (const rf_yaml_node *node = map->first; node != NULL; node = node->next) {
        RF_TRY(read_segment(&rules->segments[rules->n_segments], r, node, err));
        rules->n_segments++;
    }
done:
    r->place = (rule_place){.file = rules->file};
    return st;
}

/* ---- the file ---- */

static rf_status read_head(rule_reader *r, const rf_yaml_node *root, rf_err *err)
{
    static const char *const keys[] = {"version", "name",     "revision", "unknown",
                                       "kinds",   "segments", "rules",    NULL};
    static const char *const unknown_keys[] = {"percentile", NULL};
    rf_status st = RF_OK;
    rf_rules *rules = r->rules;
    const rf_yaml_node *node;
    RF_TRY(rule_check_keys(r, root, "a rule file", keys, err));
    node = rf_yaml_get(root, "version");
    if (node == NULL || node->kind != RF_YAML_SCALAR || strcmp(node->text, "1") != 0)
        RULE_FAIL(r, node != NULL ? node->line : root->line,
                  "version must be 1, the version of the rule language: version: 1");
    if ((node = rf_yaml_get(root, "name")) == NULL)
        RULE_FAIL(r, root->line, "a rule file needs a name, which tags and audit carry");
    RF_TRY(rule_read_text(&rules->name, r, node, sizeof((rf_tags *)NULL)->rules_name - 1, err));
    if ((node = rf_yaml_get(root, "revision")) != NULL)
        RF_TRY(rule_read_whole(&rules->revision, r, node, 0, err));
    if ((node = rf_yaml_get(root, "unknown")) != NULL) {
        RF_TRY(rule_check_keys(r, node, "unknown", unknown_keys, err));
        if ((node = rf_yaml_get(node, "percentile")) == NULL)
            RULE_FAIL(r, root->line, "unknown needs a percentile: {percentile: 0.999}");
        RF_TRY(rule_read_number(&rules->unknown, r, node, 0.5, 1, err));
    }
done:
    return st;
}

/* name: as messages shall say it. */
static rf_status parse(rf_rules **out, const char *name, const char *bytes, size_t len, bool shipped,
                       rf_err *err)
{
    rf_status st = RF_OK;
    rf_rules *rules = NULL;
    rf_yaml_node *root = NULL;
    const char *text = NULL; /* the bytes, up to a NUL among them */
    char hash[33];
    RF_ZERO(rules, 1, err);
    rules->unknown = NAN;
    rules->shipped = shipped;
    rules->file = rf_keep_text(&rules->keep, name, strlen(name), err);
    if (rules->file != NULL)
        text = rf_keep_text(&rules->keep, bytes, len, err);
    if (text == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    rf_fingerprint_texts(hash, (const char *const[]){text}, 1);
    memcpy(rules->hash, hash, 16);
    rule_reader r = {.rules = rules, .place = {.file = rules->file}};
    RF_TRY(rf_yaml_read(&root, &rules->keep, rules->file, bytes, len, RF_YAML_NODES, err));
    if (root == NULL || root->kind != RF_YAML_MAP)
        RULE_FAIL(&r, 1, "a rule file has keys and values: version: 1");
    RF_TRY(read_head(&r, root, err));
    RF_TRY(read_kinds(&r, rf_yaml_get(root, "kinds"), err));
    RF_TRY(read_segments(&r, rf_yaml_get(root, "segments"), err));
    RF_TRY(read_rules(&r, rf_yaml_get(root, "rules"), err));
    *out = rules;
    rules = NULL;
done:
    rf_rules_free(rules);
    return st;
}

rf_status rf_rules_parse(rf_rules **out, const char *name, const char *bytes, size_t len, rf_err *err)
{
    return parse(out, name, bytes, len, false, err);
}

rf_status rf_rules_load(rf_rules **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char *bytes = NULL;
    size_t len = 0;
    if (path == NULL)
        return parse(out, SHIPPED, (const char *)rf_embedded_shipped_rules, rf_embedded_shipped_rules_len,
                     true, err);
    st = rf_yaml_bytes(&bytes, &len, path, "a file of rules", MOST_BYTES, err);
    if (st == RF_E_IO) /* wrong usage, as a wrong flag is */
        err->code = st = RF_E_INVALID;
    if (st < 0)
        goto done;
    RF_TRY(parse(out, path, bytes, len, false, err));
done:
    rf_mem_free(bytes);
    return st;
}

void rf_rules_free(rf_rules *rules)
{
    if (rules == NULL)
        return;
    rf_keep_clear(&rules->keep);
    rf_mem_free(rules);
}

const char *rf_rules_name(const rf_rules *rules)
{
    return rules->name;
}

int64_t rf_rules_version(const rf_rules *rules)
{
    return rules->revision;
}

const char *rf_rules_file(const rf_rules *rules)
{
    return rules->file;
}

int rf_rules_count(const rf_rules *rules)
{
    return rules->n_rules;
}

rf_rule_info rf_rules_info(const rf_rules *rules, int i)
{
    const rule *of = &rules->rules[i];
    rf_rule_info info = {.type = of->type, .n_signals = of->n_signals};
    rule_side_text(info.subject, rules, of->subject);
    return info;
}
