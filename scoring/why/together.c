/* together.c - who met the same, where, how closely and against how many by chance: the sentence of lockstep,
 * overlap and copied, with names; and how many events of a node lie how close together.
 */
#include "rf_burst.h"
#include "rf_count.h"
#include "rf_sharing.h"
#include "why_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAMES 3            /* said; of the others the number is */
#define LISTED (NAMES + 1) /* in place of "and 1 more" */

typedef struct kind_edge {
    int kind;
    uint32_t edge; /* RF_NO_EDGE: none */
} kind_edge;

/* The edge of the subject that has most of the part, of users of all kinds. */
static kind_edge worst_edge(const rf_graph *graph, const rf_scores *scores, rf_side side, int64_t row,
                            rf_part_id part)
{
    const bool is_user = side == RF_USER;
    const int first = rf_side_kind(side), end = is_user ? rf_kinds_n(&graph->kinds) : first + 1;
    kind_edge worst = {first, RF_NO_EDGE};
    float most = 0;
    for (int k = first; k < end; k++) {
        const float *nats = scores->side[rf_edge_side(k)].part[part];
        const rf_adj *adj = rf_graph_adj(graph, k);
        const int64_t *ptr = is_user ? adj->u_ptr : adj->v_ptr;
        const bool is_edge = rf_side_role(side) == RF_EDGE;
        for (int64_t i = is_edge ? row : ptr[row]; nats != NULL && i < (is_edge ? row + 1 : ptr[row + 1]);
             i++) {
            uint32_t edge = is_edge || is_user ? (uint32_t)i : adj->v_edge[i];
            if (!(nats[edge] > most))
                continue;
            worst = (kind_edge){k, edge};
            most = nats[edge];
        }
    }
    return worst;
}

typedef struct phrase {
    char text[RF_SENTENCE];
} phrase;

static void say(phrase *out, const char *text)
{
    rf_phrase_add(out->text, sizeof out->text, text, strlen(text), false);
}

static void say_name(phrase *out, const rf_graph_side *of, uint32_t row)
{
    char number[32], name[RF_PHRASE_ID] = "";
    rf_phrase_id(name, rf_graph_id(of, row, number));
    say(out, name);
}

/* "a, b, c and 5 more" of `all`, of whom list[n] are known by name. */
static void say_names(phrase *out, const rf_graph_side *of, const uint32_t *list, int n, int64_t all)
{
    char more[48];
    int named = n <= LISTED && n == all ? n : n < NAMES ? n : NAMES;
    for (int i = 0; i < named; i++) {
        say(out, i == 0 ? "" : i == named - 1 && all == named ? " and " : ", ");
        say_name(out, of, list[i]);
    }
    snprintf(more, sizeof more, " and %lld more", (long long)(all - named));
    say(out, all > named ? more : "");
}

/* ", who is among the most surprising 5 % of users."; odd of all. */
static void say_odd(phrase *out, int64_t odd, int64_t all, double percent)
{
    char text[96];
    if (all == 1)
        snprintf(text, sizeof text, ", who is among the most surprising %g %% of users.", percent);
    else if (odd == all)
        snprintf(text, sizeof text, "; %s are among the most surprising %g %% of users.",
                 all == 2 ? "both" : "all of them", percent);
    else
        snprintf(text, sizeof text, "; %lld of these %lld are among the most surprising %g %% of users.",
                 (long long)odd, (long long)all, percent);
    say(out, text);
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

/* "9 users met the same 4 entities within 6 hours of each other"; of a view. */
static void say_lockstep(phrase *out, const rf_sharing *e, const rf_graph *graph)
{
    char text[96], time[32], several[RF_PHRASE_TEXT];
    snprintf(text, sizeof text, "%lld users met the same ", (long long)e->found);
    say(out, text);
    if (e->n_entities != 1) {
        snprintf(text, sizeof text, "%d ", e->n_entities);
        say(out, text);
    }
    say(out, rf_phrase_kind(several, &graph->kinds, 0, e->n_entities != 1));
    say(out, " ");
    if (e->within_s < 1) {
        say(out, "at the same moments");
        return;
    }
    say(out, "within ");
    say(out, rf_phrase_value(time, RF_UNIT_SECONDS, e->within_s));
    say(out, " of each other");
}

/* "14 of its 20 events lie within 5 minutes, where 0.02 would at an even pace."; role: of a view. */
static bool say_burst(phrase *out, const rf_graph *graph, rf_side role, int64_t row)
{
    char text[192], time[32], value[32];
    rf_burst burst;
    rf_burst_of(&burst, graph, role == RF_EDGE ? RF_USER : role,
                role == RF_EDGE ? (int64_t)graph->adj.e_u[row] : row);
    if (burst.found == 0)
        return false;
    if (burst.expected < 0.01)
        snprintf(value, sizeof value, "fewer than 0.01");
    else
        rf_phrase_value(value, RF_UNIT_COUNT, burst.expected);
    snprintf(text, sizeof text, "%lld of %s %lld events lie within %s, where %s would at an even pace.",
             (long long)burst.found, role == RF_EDGE ? "the user's" : "its", (long long)burst.events,
             rf_phrase_value(time, RF_UNIT_SECONDS, burst.within_s), value);
    say(out, text);
    return true;
}

/* Of an edge of a view; false where nothing is shared. */
static bool say_sharing(phrase *words, const rf_graph *graph, rf_side role, uint32_t edge, rf_part_id part)
{
    const rf_graph_side *users = &graph->side[RF_USER], *entities = &graph->side[RF_ENTITY];
    rf_sharing e;
    char number[48], several[RF_PHRASE_TEXT];
    rf_sharing_of(&e, graph, part, edge);
    if (e.found < 2)
        return false;
    if (part == RF_PART_COPIED) {
        say_name(words, users, e.user[0]);
        say(words, " and ");
        say_name(words, users, e.user[1]);
        snprintf(number, sizeof number, " met the same %lld ", (long long)e.found);
        say(words, number);
        say(words, rf_phrase_kind(several, &graph->kinds, 0, true));
        say_chance(words, e.expected);
        say_names(words, entities, e.entity, e.n_entities, e.found);
    } else {
        int first = role == RF_USER; /* it is not with itself */
        if (part == RF_PART_LOCKSTEP)
            say_lockstep(words, &e, graph);
        else {
            snprintf(number, sizeof number, "%lld users met both ", (long long)e.found);
            say(words, number);
            say_names(words, entities, e.entity, 2, 2);
        }
        say_chance(words, e.expected);
        say_names(words, users, e.user + first, e.n_users - first, e.found - first);
    }
    say(words, ".");
    return true;
}

bool rf_say_together(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                     int64_t row, rf_part_id part)
{
    const kind_edge worst = worst_edge(graph, scores, side, row, part);
    const rf_graph view = rf_graph_of_kind(graph, worst.kind);
    phrase words = {""};
    if (part == RF_PART_BURST) {
        const rf_graph own = rf_graph_of_kind(graph, rf_side_kind(side));
        if (!say_burst(&words, &own, rf_side_role(side), row))
            return false;
    } else if (worst.edge == RF_NO_EDGE ||
               !say_sharing(&words, &view, rf_side_role(side), worst.edge, part)) {
        return false;
    }
    memcpy(out->sentence, words.text, sizeof words.text);
    return true;
}

/* ---- one thing, many users ---- */

#define USUAL_SAMPLE 1024 /* entities that are looked at */
#define MANY 3            /* times as many users as usual */
#define ODD_SHARE 0.05    /* of users, by their scores */
#define TOGETHER_SHARE 4  /* of the window: all came within a fourth of it */

/* Different users of an entity, but `self`; the first of them are listed. */
static int64_t users_of(uint32_t list[LISTED], const rf_adj *adj, int64_t entity, int64_t self)
{
    int64_t n = 0, last = -1;
    for (int64_t i = adj->v_ptr[entity]; i < adj->v_ptr[entity + 1]; i++) {
        const int64_t user = adj->e_u[adj->v_edge[i]];
        if (user == last || user == self)
            continue;
        if (n < LISTED)
            list[n] = (uint32_t)user;
        last = user;
        n++;
    }
    return n;
}

static double usual_users(const rf_adj *adj)
{
    const int64_t step = adj->n_v / USUAL_SAMPLE + 1;
    uint32_t list[LISTED];
    int64_t sum = 0, n = 0;
    for (int64_t v = 0; v < adj->n_v; v += step, n++)
        sum += users_of(list, adj, v, -1);
    return (double)sum / (double)n;
}

/* The time between the first and the last user's first event; negative where it is not known. */
static double came_within(const rf_graph *graph, const rf_adj *adj, int64_t entity)
{
    const int64_t *first_us = graph->side[RF_USER].first_us;
    int64_t from = INT64_MAX, to = INT64_MIN;
    for (int64_t i = adj->v_ptr[entity]; first_us != NULL && i < adj->v_ptr[entity + 1]; i++) {
        const int64_t at = first_us[adj->e_u[adj->v_edge[i]]];
        from = at < from ? at : from;
        to = at > to ? at : to;
    }
    return from <= to ? (double)to - (double)from : -1;
}

typedef struct thing {
    int kind; /* 0: none */
    int64_t entity, self;
} thing;

/* Of a user the thing, in kinds that its score takes something of, that is most surprising by itself. */
static thing shared_thing(const rf_graph *graph, const rf_scores *scores, rf_side side, int64_t row)
{
    const int kind = rf_side_kind(side);
    thing found = {.kind = kind, .entity = row, .self = -1};
    float most = 0;
    if (rf_side_role(side) == RF_EDGE) {
        const rf_adj *adj = rf_graph_adj(graph, kind);
        found.entity = adj->e_v[row];
        found.self = adj->e_u[row];
    }
    for (int k = 1; side == RF_USER && k < rf_kinds_n(&graph->kinds); k++) {
        const float *own = scores->side[rf_entity_side(k)].part[RF_PART_OWN_RESIDUAL];
        const float *taken = scores->side[RF_USER].of_kind[k];
        const rf_adj *adj = rf_graph_adj(graph, k);
        for (int64_t i = adj->u_ptr[row]; own != NULL && taken != NULL && i < adj->u_ptr[row + 1]; i++) {
            if (!(taken[row] > 0 && own[adj->e_v[i]] > most))
                continue;
            most = own[adj->e_v[i]];
            found = (thing){.kind = k, .entity = adj->e_v[i], .self = row};
        }
    }
    return found;
}

typedef struct company { /* others who share a thing, and those of them who are among the most surprising */
    int kind;            /* 0: none */
    uint32_t entity;
    int64_t others, odd;
} company;

static company others_of(const rf_adj *adj, uint32_t entity, int64_t user, const float *percentile)
{
    company out = {.entity = entity};
    int64_t last = -1;
    for (int64_t i = adj->v_ptr[entity]; i < adj->v_ptr[entity + 1]; i++) {
        const int64_t other = adj->e_u[adj->v_edge[i]];
        if (other != last && other != user) {
            out.others++;
            out.odd += (double)percentile[other] >= 1 - ODD_SHARE;
        }
        last = other;
    }
    return out;
}

/* The thing with most odd others, of those where they are more than half. */
static company odd_company(const rf_graph *graph, const rf_scores *scores, int64_t user)
{
    company best = {.kind = 0};
    for (int k = 1; k < rf_kinds_n(&graph->kinds); k++) {
        const rf_adj *adj = rf_graph_adj(graph, k);
        for (int64_t i = adj->u_ptr[user]; i < adj->u_ptr[user + 1]; i++) {
            company of = others_of(adj, adj->e_v[i], user, scores->side[RF_USER].percentile);
            of.kind = k;
            if (2 * of.odd > of.others && of.odd > best.odd)
                best = of;
        }
    }
    return best;
}

bool rf_say_company(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, int64_t user)
{
    phrase words = {""};
    char one[RF_PHRASE_TEXT];
    uint32_t list[LISTED];
    const company of = odd_company(graph, scores, user);
    if (of.kind == 0)
        return false;
    const rf_adj *adj = rf_graph_adj(graph, of.kind);
    users_of(list, adj, of.entity, user);
    rf_phrase_kind(one, &graph->kinds, of.kind, false);
    say(&words, "It shares ");
    say(&words, one);
    say(&words, " ");
    say_name(&words, &graph->side[rf_entity_side(of.kind)], of.entity);
    say(&words, " with ");
    say_names(&words, &graph->side[RF_USER], list, of.others < LISTED ? (int)of.others : LISTED, of.others);
    say_odd(&words, of.odd, of.others, 100 * ODD_SHARE);
    memcpy(out->sentence, words.text, sizeof words.text);
    return true;
}

/* Of the entity itself, where the company of its user meets at it: "u12, u77 and u80 share it; all of them
 * are among the most surprising 5 % of users." */
static bool say_company_here(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, int kind,
                             uint32_t entity, int64_t user)
{
    phrase words = {""};
    uint32_t list[LISTED];
    const company of = odd_company(graph, scores, user);
    if (of.kind != kind || of.kind == 0 || of.entity != entity)
        return false;
    const rf_adj *adj = rf_graph_adj(graph, kind);
    const company all = others_of(adj, entity, -1, scores->side[RF_USER].percentile);
    users_of(list, adj, entity, -1);
    say_names(&words, &graph->side[RF_USER], list, all.others < LISTED ? (int)all.others : LISTED,
              all.others);
    say(&words, " share it");
    say_odd(&words, all.odd, all.others, 100 * ODD_SHARE);
    memcpy(out->sentence, words.text, sizeof words.text);
    return true;
}

bool rf_say_thing(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, int64_t user)
{
    char one[RF_PHRASE_TEXT];
    phrase words = {""};
    rf_reason reasons[RF_MAX_REASONS];
    const thing of = shared_thing(graph, scores, RF_USER, user);
    const rf_side side = rf_entity_side(of.kind);
    if (of.kind == 0)
        return false;
    const int n = rf_reasons_get(reasons, RF_MAX_REASONS, &graph->side[side], &scores->side[side], of.entity);
    say(&words, "It met ");
    say(&words, rf_phrase_kind(one, &graph->kinds, of.kind, false));
    say(&words, " ");
    say_name(&words, &graph->side[side], (uint32_t)of.entity);
    if (n > 0) {
        say(&words, ", of which the ");
        rf_phrase_features(words.text, &graph->side[side], rf_kind_name(&graph->kinds, of.kind), reasons, n);
    } else {
        say(&words, ", which is unlike other ");
        say(&words, rf_phrase_kind(one, &graph->kinds, of.kind, true));
        say(&words, ".");
    }
    memcpy(out->sentence, words.text, sizeof words.text);
    return true;
}

bool rf_say_shared(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                   int64_t row)
{
    const thing of = shared_thing(graph, scores, side, row);
    const rf_adj *adj = rf_graph_adj(graph, of.kind);
    uint32_t list[LISTED];
    char text[96], number[32], one[RF_PHRASE_TEXT];
    phrase words = {""};
    if (of.kind == 0)
        return false;
    const int64_t others = users_of(list, adj, of.entity, of.self), all = others + (of.self >= 0);
    const double usual = usual_users(adj);
    if (all < MANY || (double)all < MANY * usual)
        return false;
    rf_phrase_kind(one, &graph->kinds, of.kind, false);
    if (side == RF_USER) {
        say(&words, "It shares ");
        say(&words, one);
        say(&words, " ");
        say_name(&words, &graph->side[rf_entity_side(of.kind)], (uint32_t)of.entity);
        snprintf(text, sizeof text, " with %s", RF_THINGS(others, "other user"));
    } else if (of.self >= 0)
        snprintf(text, sizeof text, "%s %s the %.40s", RF_THINGS(others, "other user"),
                 others == 1 ? "shares" : "share", one);
    else
        snprintf(text, sizeof text, "%s %s it", RF_THINGS(others, "user"), others == 1 ? "shares" : "share");
    say(&words, text);
    snprintf(text, sizeof text, ", where %s %.40s has %s on average: ", rf_phrase_article(one), one,
             rf_phrase_value(number, RF_UNIT_COUNT, usual));
    say(&words, text);
    say_names(&words, &graph->side[RF_USER], list, others < LISTED ? (int)others : LISTED, others);
    say(&words, ".");
    const double within_us = came_within(graph, adj, of.entity);
    const double window_us = (double)graph->window_to_us - (double)graph->window_from_us;
    if (within_us >= 0 && window_us > 0 && within_us * TOGETHER_SHARE <= window_us) {
        if (within_us > 0)
            snprintf(text, sizeof text, " All %lld were first seen within %s of each other.", (long long)all,
                     rf_phrase_value(number, RF_UNIT_SECONDS, within_us / 1e6));
        else
            snprintf(text, sizeof text, " All %lld were first seen at the same moment.", (long long)all);
        say(&words, text);
    }
    memcpy(out->sentence, words.text, sizeof words.text);
    return true;
}

bool rf_say_sharer(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                   int64_t row)
{
    static const char it[] = "It ";
    phrase words = {""};
    const bool is_edge = rf_side_role(side) == RF_EDGE;
    if (side == RF_USER || (!is_edge && out->n_edges == 0))
        return false;
    const int kind = rf_side_kind(side);
    const uint32_t user = is_edge ? rf_graph_adj(graph, kind)->e_u[row] : out->edges[0].neighbour;
    if (!rf_say_shared(out, graph, scores, RF_USER, user)) {
        if (!is_edge && say_company_here(out, graph, scores, kind, (uint32_t)row, user))
            return true;
        if (!rf_say_company(out, graph, scores, user) && !rf_say_thing(out, graph, scores, user))
            return false;
    }
    say(&words, "Its user ");
    say_name(&words, &graph->side[RF_USER], user);
    say(&words, " ");
    say(&words, out->sentence + sizeof it - 1);
    memcpy(out->sentence, words.text, sizeof words.text);
    return true;
}
