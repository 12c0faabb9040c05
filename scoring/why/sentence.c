/* sentence.c - one sentence about a subject: the largest part of its score in words. Its own features, the
 * features of its worst edge, or that an edge exists at all.
 *
 * The text is safe to print: control characters become spaces, marks that turn the direction of writing are
 * dropped, and nothing is cut inside a character.
 */
#include "why_int.h"
#include "rf_quote.h"
#include "rf_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void rf_phrase_add(char *out, size_t cap, const char *text, size_t len, bool underscores_are_spaces)
{
    size_t used = strlen(out);
    if (!rf_utf8_valid(text, len)) {
        text = "?";
        len = 1;
    }
    const char *at = text, *end = at + len;
    while (at < end) {
        uint32_t code = 0;
        size_t length = rf_utf8_decode(&code, at, (size_t)(end - at));
        if (used + length + 1 > cap)
            break;
        if (rf_code_is_control(code) || (code == '_' && underscores_are_spaces))
            out[used++] = ' ';
        else if (!rf_code_turns(code)) {
            memcpy(out + used, at, length);
            used += length;
        }
        at += length;
    }
    out[used] = '\0';
}

void rf_phrase_id(char out[RF_PHRASE_ID], const char *id)
{
    const size_t len = strlen(id), said = rf_quote_said(id, len);
    rf_phrase_add(out, RF_PHRASE_ID, id, said, false);
    if (said < len)
        rf_phrase_add(out, RF_PHRASE_ID, RF_SAID_CUT, strlen(RF_SAID_CUT), false);
}

/* With another word for the one in "the entity's". */
static void add_words(char out[RF_PHRASE_TEXT], const char *text, size_t len, const char *entity)
{
    static const char whose[] = "entity's";
    const size_t length = sizeof whose - 1;
    size_t at = 0;
    while (at + length <= len && memcmp(text + at, whose, length) != 0)
        at++;
    if (at + length > len) {
        rf_phrase_add(out, RF_PHRASE_TEXT, text, len, false);
        return;
    }
    rf_phrase_add(out, RF_PHRASE_TEXT, text, at, false);
    rf_phrase_add(out, RF_PHRASE_TEXT, entity, strlen(entity), true);
    at += strlen("entity");
    rf_phrase_add(out, RF_PHRASE_TEXT, text + at, len - at, false);
}

/* As rf_phrase_name, with the kind's name for "entity". */
static rf_feature_words phrase_of_kind(char out[RF_PHRASE_TEXT], const char *feature, const char *entity)
{
    rf_feature_words words = rf_feature_words_of(feature);
    out[0] = '\0';
    for (int i = 0; i < words.n_pieces; i++) {
        if (words.piece[i].is_name)
            rf_phrase_add(out, RF_PHRASE_TEXT, words.piece[i].text, words.piece[i].len, true);
        else
            add_words(out, words.piece[i].text, words.piece[i].len, entity);
    }
    return words;
}

rf_feature_words rf_phrase_name(char out[RF_PHRASE_TEXT], const char *feature)
{
    return phrase_of_kind(out, feature, "entity");
}

void rf_phrase_did(char out[RF_PHRASE_TEXT], const char *feature)
{
    const char *end = strchr(feature, '=');
    out[0] = '\0';
    rf_phrase_add(out, RF_PHRASE_TEXT, feature, end != NULL ? (size_t)(end - feature) : strlen(feature),
                  true);
    if (end != NULL) {
        rf_phrase_add(out, RF_PHRASE_TEXT, " ", 1, false);
        rf_phrase_add(out, RF_PHRASE_TEXT, end + 1, strlen(end + 1), false);
    }
}

char *rf_phrase_kind(char out[RF_PHRASE_TEXT], const rf_kinds *kinds, int kind, bool several)
{
    char plural[RF_KIND_PLURAL];
    const char *word = several ? rf_kind_plural(plural, kinds, kind) : rf_kind_name(kinds, kind);
    out[0] = '\0';
    rf_phrase_add(out, RF_PHRASE_TEXT, word, strlen(word), true);
    return out;
}

const char *rf_phrase_article(const char *word)
{
    return word[0] != '\0' && strchr("aeio", word[0]) != NULL ? "an" : "a";
}

static void duration(char out[32], double seconds)
{
    static const struct {
        double length;
        const char *name;
    } units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {0, "seconds"}};
    int i = 0;
    while (fabs(seconds) < 2 * units[i].length)
        i++;
    snprintf(out, 32, "%.3g %s", units[i].length > 0 ? seconds / units[i].length : seconds, units[i].name);
}

char *rf_phrase_value(char out[32], rf_unit unit, double value)
{
    bool is_whole = value == round(value);
    if (!isfinite(value))
        snprintf(out, 32, "nothing");
    else if (unit == RF_UNIT_SHARE)
        snprintf(out, 32, fabs(value) < 0.0995 && fabs(value) > 0.0005 ? "%.1f %%" : "%.0f %%", 100 * value);
    else if (unit == RF_UNIT_SECONDS)
        duration(out, value);
    else if (unit == RF_UNIT_LOG)
        snprintf(out, 32, "%.3g", exp(value));
    else if ((is_whole || fabs(value) >= 1000) && fabs(value) < 1e9) /* in full, others with three digits */
        snprintf(out, 32, "%.0f", value == 0 ? 0.0 : value);
    else
        snprintf(out, 32, "%.3g", value);
    return out;
}

/* ---- the sentence ---- */

#define WORTH_SAYING 0.15 /* of the squared error, for a second feature in the sentence */

static void add(char out[RF_SENTENCE], const char *text)
{
    rf_phrase_add(out, RF_SENTENCE, text, strlen(text), false);
}

/* "largest amount is 812 where 41.2 was expected" */
static void say_feature(char out[RF_SENTENCE], const rf_graph_side *of, const char *entity,
                        const rf_reason *reason)
{
    char name[RF_PHRASE_TEXT], raw[32], value[2][32];
    rf_unit unit = phrase_of_kind(name, rf_graph_raw_name(of, reason->column, raw), entity).unit;
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
void rf_phrase_features(char out[RF_SENTENCE], const rf_graph_side *of, const char *entity,
                        const rf_reason *reasons, int n)
{
    say_feature(out, of, entity, &reasons[0]);
    for (int i = 1; i < n && reasons[i].share >= WORTH_SAYING; i++) {
        if (say_the_same(of, &reasons[0], &reasons[i]))
            continue;
        add(out, ", and the ");
        say_feature(out, of, entity, &reasons[i]);
        break;
    }
    add(out, ".");
}

/* Adds the words, with the kind's name for each '%', its plural for '#', "a" or "an" and its name for '@'. */
static void add_of_kind(char out[RF_SENTENCE], const char *words, const rf_kinds *kinds, int kind)
{
    char name[RF_PHRASE_TEXT];
    for (const char *at = words; *at != '\0'; at++) {
        if (strchr("%#@", *at) == NULL) {
            rf_phrase_add(out, RF_SENTENCE, at, 1, false);
            continue;
        }
        rf_phrase_kind(name, kinds, kind, *at == '#');
        if (*at == '@') {
            add(out, rf_phrase_article(name));
            add(out, " ");
        }
        add(out, name);
    }
}

static double nats_of(const rf_explanation *out, rf_part_id part)
{
    for (int i = 0; i < out->n_parts; i++) {
        if (out->parts[i].part == part)
            return out->parts[i].nats;
    }
    return 0;
}

/* Is who else uses the thing more to the point than who was near? */
static bool is_shared(const rf_explanation *out, rf_side side)
{
    double shared = 0;
    for (int i = 0; i < out->n_parts; i++)
        shared += rf_part_is_sharing(out->parts[i].part) ? out->parts[i].nats : 0;
    return out->anomaly == RF_ANOMALY_RING ? shared > nats_of(out, RF_PART_LOCKSTEP) : rf_side_kind(side) > 0;
}

/* Who else uses a thing; of a ring also whose company it is, or what is odd about the thing. */
static bool say_shared(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                       int64_t row)
{
    const bool is_ring = out->anomaly == RF_ANOMALY_RING;
    if (!is_shared(out, side))
        return false;
    if (rf_say_shared(out, graph, scores, side, row))
        return true;
    if (side != RF_USER)
        return is_ring && rf_say_sharer(out, graph, scores, side, row);
    return rf_say_company(out, graph, scores, row) || (is_ring && rf_say_thing(out, graph, scores, row));
}

/* That it meets others at the same times; kind: where. */
static bool say_ring(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                     int64_t row, int kind)
{
    static const char *const rings[RF_SIDES] = {
        [RF_USER] = "It meets the same # as other users, at about the same times.",
        [RF_ENTITY] = "Users meet it who also meet each other elsewhere, at about the same times.",
        [RF_EDGE] = "Users who meet this % at about this time meet other # together, too."};
    if (out->anomaly != RF_ANOMALY_RING || !(nats_of(out, RF_PART_LOCKSTEP) > 0))
        return false;
    if (!rf_say_together(out, graph, scores, side, row, RF_PART_LOCKSTEP))
        add_of_kind(out->sentence, rings[rf_side_role(side)], &graph->kinds, kind);
    return true;
}

void rf_sentence(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                 int64_t row)
{
    static const struct {
        const char *own, *edge, *odd_edge, *structure;
    } words[RF_SIDES] = {
        [RF_USER] = {"Its ", "With one % the ", "What it does with one % is unlike what others do.",
                     "It meets @ that users like it do not meet."},
        [RF_ENTITY] = {"Its ", "With one user the ", "What one user does there is unlike what others do.",
                       "A user meets it who is unlike the users that meet such #."},
        [RF_EDGE] = {"Between the two the ", "", "",
                     "Nothing else in the graph suggests that this user and this % meet."}};
    const rf_side role = rf_side_role(side);
    const int kind = role == RF_USER && out->n_edges > 0 ? out->edges[0].kind : rf_side_kind(side);
    bool is_own = out->own_share >= out->edge_share && out->own_share >= out->structure_share;

    const bool is_odd = out->anomaly == RF_ANOMALY_OUTLIER || out->edge_share >= out->structure_share;
    if (say_shared(out, graph, scores, side, row) || say_ring(out, graph, scores, side, row, kind))
        return;
    if (out->anomaly != RF_ANOMALY_UNLIKELY_MEETING && is_own && out->n_features > 0) {
        add(out->sentence, words[role].own);
        rf_phrase_features(out->sentence, &graph->side[side], rf_kind_name(&graph->kinds, rf_side_kind(side)),
                           out->features, out->n_features);
    } else if (out->anomaly != RF_ANOMALY_UNLIKELY_MEETING && !is_own && is_odd && out->n_edges > 0) {
        rf_reason reasons[RF_MAX_REASONS];
        const rf_side of = rf_edge_side(kind);
        const rf_graph_side *edges = &graph->side[of];
        int n = rf_reasons_get(reasons, RF_MAX_REASONS, edges, &scores->side[of], out->edges[0].edge);
        add_of_kind(out->sentence, n > 0 ? words[role].edge : words[role].odd_edge, &graph->kinds, kind);
        if (n > 0)
            rf_phrase_features(out->sentence, edges, rf_kind_name(&graph->kinds, kind), reasons, n);
    } else if (out->structure_share > 0)
        add_of_kind(out->sentence, words[role].structure, &graph->kinds, kind);
    else
        add(out->sentence, "Nothing about it is unlike what was expected.");
}
