/* rules_signal.c - one signal of a rule: a value, what it is compared with, and how sharply. */
#include <string.h>

#include "rules_int.h"

static rf_status read_segment_name(int *out, const rule_reader *r, const rf_yaml_node *node, rf_side subject,
                                   rf_err *err)
{
    rf_status st = RF_OK;
    const char *names[RF_RULE_CUTS + 1] = {NULL};
    const char *text = node->kind == RF_YAML_SCALAR ? node->text : "";
    for (int i = 0; i < r->rules->n_segments; i++) {
        const rule_segment *segment = &r->rules->segments[i];
        names[i] = segment->name;
        if (strcmp(segment->name, text) != 0)
            continue;
        if (segment->of != subject)
            RULE_FAIL(r, node->line, "segment %s is one of %s values, the subject is %s", text,
                      rf_side_name(segment->of), rf_side_name(subject));
        *out = i;
        goto done;
    }
    const char *nearest = rf_nearest(text, names);
    RULE_FAIL(r, node->line, "there is no segment \"%.60s\"%s%s%s", text,
              nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
              nearest != NULL ? "?" : "");
done:
    return st;
}

/* Exactly one of the four. */
static rf_status read_threshold(rule_signal *out, const rule_reader *r, const rf_yaml_node *map, rf_err *err)
{
    static const char *const words[] = {"above", "below", "above_percentile", "below_percentile"};
    rf_status st = RF_OK;
    const rf_yaml_node *found = NULL;
    for (int i = 0; i < 4; i++) {
        const rf_yaml_node *node = rf_yaml_get(map, words[i]);
        if (node == NULL)
            continue;
        if (found != NULL)
            RULE_FAIL(r, node->line, "%s and %s exclude each other", found->key, node->key);
        found = node;
        out->above = i % 2 == 0;
        out->by_percentile = i >= 2;
    }
    if (found == NULL)
        RULE_FAIL(r, map->line, "a signal needs one of above, below, above_percentile, below_percentile");
    RF_TRY(rule_read_number(&out->threshold, r, found, out->by_percentile ? 0 : -1e15,
                            out->by_percentile ? 1 : 1e15, err));
done:
    return st;
}

rf_status rule_read_signal(rule_signal *out, rule_reader *r, const rule *of, const rf_yaml_node *map,
                           rf_err *err)
{
    static const char *const keys[] = {
        "value", "above", "below", "above_percentile", "below_percentile", "segment", "slope", "about", NULL};
    rf_status st = RF_OK;
    const rf_yaml_node *node;
    r->place.what = "signal";
    r->place.name = map->key;
    r->place.line = map->line;
    *out = (rule_signal){.place = r->place, .segment = -1, .about = ""};
    if (!rf_tag_type_valid(map->key))
        RULE_FAIL(r, map->line, "a signal's name has lower-case letters, digits and _, a letter first");
    out->name = map->key;
    RF_TRY(rule_check_keys(r, map, "a signal", keys, err));
    if ((node = rf_yaml_get(map, "value")) == NULL)
        RULE_FAIL(r, map->line, "a signal needs a value: {value: user.amount_mean, above: 100}");
    RF_TRY(rule_read_value(&out->value, r, node, of->subject, err));
    RF_TRY(read_threshold(out, r, map, err));
    if ((node = rf_yaml_get(map, "slope")) != NULL) {
        RF_TRY(rule_read_number(&out->slope, r, node, 0, 1e15, err));
        if (!(out->slope > 0))
            RULE_FAIL(r, node->line, "slope is above 0; leave it out for a step");
    }
    if ((node = rf_yaml_get(map, "segment")) != NULL) {
        if (!out->by_percentile)
            RULE_FAIL(r, node->line, "segment belongs to above_percentile or below_percentile");
        RF_TRY(read_segment_name(&out->segment, r, node, of->subject, err));
    }
    if ((node = rf_yaml_get(map, "about")) != NULL)
        RF_TRY(rule_read_text(&out->about, r, node, RULE_MOST_ABOUT, err));
done:
    return st;
}
