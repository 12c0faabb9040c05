/* together.c - who met the same, where, how closely and against how many by chance: the sentence of lockstep,
 * overlap and copied, with names; and how many events of a node lie how close together.
 */
#include "rf_burst.h"
#include "rf_sharing.h"
#include "why_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAMES 3 /* said; of the others the number is */
#define NAME_BYTES 24

/* The edge of the subject that has most of the part; RF_NO_EDGE where it has none. */
static uint32_t worst_edge(const rf_graph *graph, const rf_scores *scores, rf_side side, int64_t row,
                           rf_part_id part)
{
    const float *nats = scores->side[RF_EDGE].part[part];
    const rf_adj *adj = &graph->adj;
    uint32_t worst = RF_NO_EDGE;
    if (nats == NULL)
        return RF_NO_EDGE;
    if (side == RF_EDGE)
        return nats[row] > 0 ? (uint32_t)row : RF_NO_EDGE;
    const int64_t *ptr = side == RF_USER ? adj->u_ptr : adj->v_ptr;
    for (int64_t i = ptr[row]; i < ptr[row + 1]; i++) {
        uint32_t edge = side == RF_USER ? (uint32_t)i : adj->v_edge[i];
        if (nats[edge] > (worst != RF_NO_EDGE ? nats[worst] : 0))
            worst = edge;
    }
    return worst;
}

typedef struct phrase {
    char text[256];
} phrase;

static void say(phrase *out, const char *text)
{
    rf_phrase_add(out->text, sizeof out->text, text, strlen(text), false);
}

static void say_name(phrase *out, const rf_graph_side *of, uint32_t row)
{
    char number[32], name[NAME_BYTES + 1] = "";
    const char *id = rf_graph_id(of, row, number);
    rf_phrase_add(name, sizeof name, id, strlen(id), false);
    say(out, name);
}

/* "a, b, c and 5 more" of `all`, of whom list[n] are known by name. */
static void say_names(phrase *out, const rf_graph_side *of, const uint32_t *list, int n, int64_t all)
{
    char more[48];
    int named = n < NAMES ? n : NAMES;
    for (int i = 0; i < named; i++) {
        say(out, i == 0 ? "" : i == named - 1 && all == named ? " and " : ", ");
        say_name(out, of, list[i]);
    }
    snprintf(more, sizeof more, " and %lld more", (long long)(all - named));
    say(out, all > named ? more : "");
}

static void say_chance(phrase *out, double expected)
{
    char value[32];
    say(out, expected < 0.01 ? ", where fewer than 0.01 would by chance: " : ", where ");
    if (expected < 0.01)
        return;
    say(out, rf_phrase_value(value, RF_UNIT_COUNT, expected));
    say(out, " would by chance: ");
}

/* "9 users met the same 4 entities within 6 hours of each other" */
static void say_lockstep(phrase *out, const rf_sharing *e)
{
    char text[96], time[32];
    snprintf(text, sizeof text, "%lld users met the same %d entities ", (long long)e->found, e->n_entities);
    say(out, text);
    if (e->within_s < 1) {
        say(out, "at the same moments");
        return;
    }
    say(out, "within ");
    say(out, rf_phrase_value(time, RF_UNIT_SECONDS, e->within_s));
    say(out, " of each other");
}

/* "14 of its 20 events lie within 5 minutes, where 0.02 would at an even pace." */
static bool say_burst(phrase *out, const rf_graph *graph, rf_side side, int64_t row)
{
    char text[192], time[32], value[32];
    rf_burst burst;
    rf_burst_of(&burst, graph, side == RF_EDGE ? RF_USER : side,
                side == RF_EDGE ? (int64_t)graph->adj.e_u[row] : row);
    if (burst.found == 0)
        return false;
    if (burst.expected < 0.01)
        snprintf(value, sizeof value, "fewer than 0.01");
    else
        rf_phrase_value(value, RF_UNIT_COUNT, burst.expected);
    snprintf(text, sizeof text, "%lld of %s %lld events lie within %s, where %s would at an even pace.",
             (long long)burst.found, side == RF_EDGE ? "the user's" : "its", (long long)burst.events,
             rf_phrase_value(time, RF_UNIT_SECONDS, burst.within_s), value);
    say(out, text);
    return true;
}

bool rf_say_together(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                     int64_t row, rf_part_id part)
{
    const rf_graph_side *users = &graph->side[RF_USER], *entities = &graph->side[RF_ENTITY];
    uint32_t edge = worst_edge(graph, scores, side, row, part);
    phrase words = {""};
    rf_sharing e;
    char number[48];
    if (part == RF_PART_BURST && say_burst(&words, graph, side, row)) {
        memcpy(out->sentence, words.text, sizeof words.text);
        return true;
    }
    if (edge == RF_NO_EDGE)
        return false;
    rf_sharing_of(&e, graph, part, edge);
    if (e.found < 2)
        return false;
    if (part == RF_PART_COPIED) {
        say_name(&words, users, e.user[0]);
        say(&words, " and ");
        say_name(&words, users, e.user[1]);
        snprintf(number, sizeof number, " met the same %lld", (long long)e.found);
        say(&words, number);
        say(&words, " entities");
        say_chance(&words, e.expected);
        say_names(&words, entities, e.entity, e.n_entities, e.found);
    } else {
        int first = side == RF_USER; /* it is not with itself */
        if (part == RF_PART_LOCKSTEP)
            say_lockstep(&words, &e);
        else {
            snprintf(number, sizeof number, "%lld users met both ", (long long)e.found);
            say(&words, number);
            say_names(&words, entities, e.entity, 2, 2);
        }
        say_chance(&words, e.expected);
        say_names(&words, users, e.user + first, e.n_users - first, e.found - first);
    }
    say(&words, ".");
    memcpy(out->sentence, words.text, sizeof words.text);
    return true;
}
