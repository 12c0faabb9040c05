/* sentence.c - one sentence about a subject: the largest part of its score in words.
 *
 * Its own features, the features of its worst edge, or that an edge exists at all.
 */
#include "why_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WORTH_SAYING 0.15 /* of the squared error, for a second feature in the sentence */

static void add(rf_explanation *out, const char *text)
{
    rf_phrase_add(out->sentence, sizeof out->sentence, text);
}

/* "largest amount is 812 where 41.2 was expected" */
static void say_feature(rf_explanation *out, const rf_graph_side *of, const rf_reason *reason)
{
    char name[RF_PHRASE_TEXT], raw[32], value[2][32];
    rf_unit unit = rf_phrase_name(name, rf_graph_raw_name(of, reason->column, raw)).unit;
    rf_phrase_value(value[0], unit, reason->observed);
    rf_phrase_value(value[1], unit, reason->expected);
    if (strcmp(value[0], value[1]) == 0) /* the difference is below what is said */
        snprintf(value[1], sizeof value[1], "a little less or more");
    add(out, name);
    add(out, isnan(reason->observed) ? " is missing where " : " is ");
    if (!isnan(reason->observed)) {
        add(out, value[0]);
        add(out, " where ");
    }
    add(out, value[1]);
    add(out, " was expected");
}

/* Two measures of one attribute with one value: of a single event its mean and its maximum, for example. */
static bool say_the_same(const rf_graph_side *of, const rf_reason *a, const rf_reason *b)
{
    char raw[2][32], name[RF_PHRASE_TEXT], value[2][32];
    const char *first = rf_graph_raw_name(of, a->column, raw[0]);
    const char *second = rf_graph_raw_name(of, b->column, raw[1]);
    rf_feature_words words[2] = {rf_phrase_name(name, first), rf_phrase_name(name, second)};
    size_t attribute = words[0].attribute;
    if (attribute == 0 || words[1].attribute != attribute || strncmp(first, second, attribute) != 0)
        return false;
    return strcmp(rf_phrase_value(value[0], words[0].unit, a->observed),
                  rf_phrase_value(value[1], words[1].unit, b->observed)) == 0;
}

/* The largest reason, and the next one that is another fact and worth a place. n >= 1 */
static void say_features(rf_explanation *out, const char *whose, const rf_graph_side *of,
                         const rf_reason *reasons, int n)
{
    add(out, whose);
    say_feature(out, of, &reasons[0]);
    for (int i = 1; i < n && reasons[i].share >= WORTH_SAYING; i++) {
        if (say_the_same(of, &reasons[0], &reasons[i]))
            continue;
        add(out, ", and the ");
        say_feature(out, of, &reasons[i]);
        break;
    }
    add(out, ".");
}

void rf_sentence(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side)
{
    static const struct {
        const char *own, *edge, *odd_edge, *structure;
    } words[RF_SIDES] = {
        [RF_USER] = {"Its ", "With one entity the ", "What it does with one entity is unlike what others do.",
                     "It meets an entity that users like it do not meet."},
        [RF_ENTITY] = {"Its ", "With one user the ", "What one user does there is unlike what others do.",
                       "A user meets it who is unlike the users that meet such entities."},
        [RF_EDGE] = {"Between the two the ", NULL, NULL,
                     "Nothing else in the graph suggests that this user and this entity meet."}};
    bool is_own = out->own_share >= out->edge_share && out->own_share >= out->structure_share;

    if (is_own && out->n_features > 0)
        say_features(out, words[side].own, &graph->side[side], out->features, out->n_features);
    else if (!is_own && out->edge_share >= out->structure_share && out->n_edges > 0) {
        rf_reason reasons[RF_MAX_REASONS];
        const rf_graph_side *edges = &graph->side[RF_EDGE];
        int n = rf_reasons_get(reasons, RF_MAX_REASONS, edges, &scores->side[RF_EDGE], out->edges[0].edge);
        if (n > 0)
            say_features(out, words[side].edge, edges, reasons, n);
        else
            add(out, words[side].odd_edge);
    } else if (out->structure_share > 0)
        add(out, words[side].structure);
    else
        add(out, "Nothing about it is unlike what was expected.");
}
