/* cluster_figures.c - the figures of a cluster: density, suspiciousness, tags, common entities, times.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_int.h"
#include "rf_mem.h"
#include "rf_rank.h"

struct rf_figures {
    const rf_graph *graph;
    const rf_scores *scores;
    const rf_tags *tags;          /* or NULL */
    double median[RF_SIDES_MOST]; /* of the scores */
    double mass;                  /* of all nodes */
    int n_kinds;
    struct of_kind {
        uint32_t *degree[2]; /* distinct partners of users, of entities */
        int64_t n_pairs;     /* of the graph */
        uint8_t *inside;     /* [n_v] entities of the cluster that is looked at */
        int32_t *users;      /* [n_v] users of it that met the entity */
    } kind[RF_KINDS_MOST];
    int32_t *type;   /* [rules] the first rule of the same type */
    int32_t *tagged; /* [rules] members that have a tag of the type */
    int64_t n_rules;
};

static double above(const rf_score_side *side, uint32_t row, double median)
{
    double more = (double)side->score[row] - median;
    return more > 0 ? more : 0;
}

static rf_status count_pairs(struct of_kind *of, const rf_adj *adj, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(of->inside, adj->n_v, err);
    RF_ZERO(of->users, adj->n_v, err);
    RF_ZERO(of->degree[RF_USER], adj->n_u, err);
    RF_ZERO(of->degree[RF_ENTITY], adj->n_v, err);
    for (int64_t e = 0; e < adj->n_e; e++) {
        uint32_t u = adj->e_u[e], v = adj->e_v[e];
        if (e > 0 && adj->e_u[e - 1] == u && adj->e_v[e - 1] == v)
            continue; /* one more event of the same pair */
        of->degree[RF_USER][u]++;
        of->degree[RF_ENTITY][v]++;
        of->n_pairs++;
    }
done:
    return st;
}

/* The median of each kind of node, and all that lies above it. */
static rf_status weigh_scores(rf_figures *f, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *sorted = NULL;
    for (rf_side s = 0; s < rf_sides(&f->graph->kinds); s++) {
        const rf_score_side *side = &f->scores->side[s];
        if (rf_side_role(s) == RF_EDGE || side->n == 0)
            continue;
        RF_TRY(rf_rank_sort(&sorted, side->n, side->score, err));
        f->median[s] = ((double)sorted[(side->n - 1) / 2].score + (double)sorted[side->n / 2].score) / 2;
        for (int64_t i = 0; i < side->n; i++)
            f->mass += above(side, (uint32_t)i, f->median[s]);
        rf_mem_free(sorted);
        sorted = NULL;
    }
done:
    rf_mem_free(sorted);
    return st;
}

rf_status rf_figures_new(rf_figures **out, const rf_graph *graph, const rf_scores *scores,
                         const rf_tags *tags, rf_err *err)
{
    rf_status st = RF_OK;
    rf_figures *f = NULL;
    RF_ZERO(f, 1, err);
    f->graph = graph;
    f->scores = scores;
    f->tags = tags;
    f->n_kinds = rf_kinds_n(&graph->kinds);
    f->n_rules = tags != NULL ? tags->rule_type.n : 0;
    RF_ZERO(f->type, f->n_rules, err);
    RF_ZERO(f->tagged, f->n_rules, err);
    for (int k = 0; k < f->n_kinds; k++)
        RF_TRY(count_pairs(&f->kind[k], rf_graph_adj(graph, k), err));
    for (int64_t rule = 0; rule < f->n_rules; rule++)
        f->type[rule] = (int32_t)rf_tags_first_rule(tags, rule);
    RF_TRY(weigh_scores(f, err));
    *out = f;
    f = NULL;
done:
    rf_figures_free(f);
    return st;
}

void rf_figures_free(rf_figures *figures)
{
    if (figures == NULL)
        return;
    for (int k = 0; k < figures->n_kinds; k++) {
        rf_mem_free(figures->kind[k].degree[RF_USER]);
        rf_mem_free(figures->kind[k].degree[RF_ENTITY]);
        rf_mem_free(figures->kind[k].inside);
        rf_mem_free(figures->kind[k].users);
    }
    rf_mem_free(figures->type);
    rf_mem_free(figures->tagged);
    rf_mem_free(figures);
}

/* ---- edges ---- */

/* One edge more between members. */
static void add_edge(rf_cluster *c, const rf_graph_side *edges, int64_t e)
{
    c->n_edges++;
    if (edges->first_us == NULL)
        return;
    if (c->n_edges == 1 || edges->first_us[e] < c->first_us)
        c->first_us = edges->first_us[e];
    if (c->n_edges == 1 || edges->last_us[e] > c->last_us)
        c->last_us = edges->last_us[e];
}

/* Edges of kind k between members, and how many of the users met each of its entities. Returns the distinct
 * pairs. */
static int64_t count_edges(rf_cluster *c, rf_figures *f, int k, const uint32_t *users,
                           const uint32_t *entities)
{
    const rf_adj *adj = rf_graph_adj(f->graph, k);
    const rf_graph_side *edges = &f->graph->side[rf_edge_side(k)];
    struct of_kind *of = &f->kind[k];
    int64_t pairs = 0, events = 0, n_entities = c->n[rf_entity_side(k)];
    for (int64_t i = 0; i < n_entities; i++) {
        of->inside[entities[i]] = 1;
        of->users[entities[i]] = 0;
    }
    for (int64_t i = 0; i < c->n[RF_USER] && n_entities > 0; i++) {
        for (int64_t e = adj->u_ptr[users[i]]; e < adj->u_ptr[users[i] + 1]; e++) {
            uint32_t v = adj->e_v[e];
            if (!of->inside[v])
                continue;
            add_edge(c, edges, e);
            if (edges->count != NULL)
                events += edges->count[e];
            if (e > adj->u_ptr[users[i]] && adj->e_v[e - 1] == v)
                continue; /* one more event of the same pair */
            of->users[v]++;
            pairs++;
        }
    }
    for (int64_t i = 0; i < n_entities; i++)
        of->inside[entities[i]] = 0;
    if (events > c->n_events)
        c->n_events = events;
    return pairs;
}

/* ---- significance ---- */

/* ln of the number of ways to choose k of n. */
static double ln_choices(int64_t n, int64_t k)
{
    double sum = 0;
    for (int64_t i = 0; i < k; i++)
        sum += log((double)(n - i) / (double)(i + 1));
    return sum;
}

/* Pairs against those of a graph in which everybody has as many partners of each kind, but chance ones: a
 * Poisson count of mean d_u d_v / pairs, summed over the members' pairs. Its tail is at most
 * exp(-(k ln(k / m) - k + m)), and so many groups of this size could have been found. */
static void judge_pairs(rf_cluster *c, const rf_figures *f, const uint32_t *const rows[])
{
    double search = 0, possible = (double)c->n[RF_USER] * (double)rf_cluster_entities(c);
    double pairs = c->density * possible;
    for (rf_side s = 0; s < rf_sides(&f->graph->kinds); s++)
        search += ln_choices(f->graph->side[s].n, c->n[s]);
    if (pairs <= 0)
        return;
    for (int k = 0; k < f->n_kinds; k++) {
        const struct of_kind *of = &f->kind[k];
        const rf_side side[] = {RF_USER, rf_entity_side(k)};
        double sum[2] = {0};
        for (int end = 0; end < 2; end++) {
            for (int64_t i = 0; i < c->n[side[end]]; i++)
                sum[end] += of->degree[end][rows[side[end]][i]];
        }
        if (of->n_pairs > 0)
            c->expected_pairs += sum[0] * sum[1] / (double)of->n_pairs;
    }
    c->expected_pairs = fmin(c->expected_pairs, possible);
    double over = pairs * log(pairs / c->expected_pairs) - (pairs - c->expected_pairs);
    c->significance = (pairs > c->expected_pairs ? over : 0) - search;
}

/* ---- common entities ---- */

/* The entities that most of the users met, two at least; earlier kinds, then lower rows first where equal. */
static void choose_common(rf_cluster *c, const rf_figures *f, int kind, const uint32_t *entities)
{
    for (int64_t i = 0; i < c->n[rf_entity_side(kind)]; i++) {
        int32_t users = f->kind[kind].users[entities[i]];
        int at = c->n_common;
        while (at > 0 && c->common_users[at - 1] < users)
            at--;
        if (users < 2 || at == RF_CLUSTER_COMMON)
            continue;
        if (c->n_common < RF_CLUSTER_COMMON)
            c->n_common++;
        for (int k = c->n_common - 1; k > at; k--) {
            c->common[k] = c->common[k - 1];
            c->common_kind[k] = c->common_kind[k - 1];
            c->common_users[k] = c->common_users[k - 1];
        }
        c->common[at] = entities[i];
        c->common_kind[at] = (uint8_t)kind;
        c->common_users[at] = users;
    }
}

/* ---- tags ---- */

/* A pattern that nobody knows says less than any other: it comes last. */
static bool says_more(const rf_figures *f, int64_t a, int64_t b)
{
    bool unknown_a = strcmp(rf_texts_get(&f->tags->rule_type, a), RF_UNKNOWN_PATTERN) == 0;
    bool unknown_b = strcmp(rf_texts_get(&f->tags->rule_type, b), RF_UNKNOWN_PATTERN) == 0;
    if (unknown_a != unknown_b)
        return unknown_b;
    return f->tagged[a] > f->tagged[b];
}

/* The types that most members have. A type counts once for a member, however many of its tags are of it. */
static void choose_tags(rf_cluster *c, rf_figures *f, const uint32_t *const rows[])
{
    memset(f->tagged, 0, (size_t)f->n_rules * sizeof *f->tagged);
    for (rf_side s = 0; s < rf_sides(&f->graph->kinds) && f->tags != NULL; s++) {
        const rf_tag_side *side = &f->tags->side[s];
        for (int64_t i = 0; i < c->n[s]; i++) {
            int64_t from = side->ptr[rows[s][i]], to = side->ptr[rows[s][i] + 1];
            for (int64_t k = from; k < to; k++) {
                int32_t type = f->type[side->tags[k].rule];
                bool again = false;
                for (int64_t j = from; j < k; j++)
                    again |= f->type[side->tags[j].rule] == type;
                f->tagged[type] += !again;
            }
        }
    }
    for (int64_t rule = 0; rule < f->n_rules; rule++) {
        int at = c->n_tags;
        while (at > 0 && says_more(f, rule, c->tag_rule[at - 1]))
            at--;
        if (f->tagged[rule] == 0 || at == RF_CLUSTER_TAGS)
            continue;
        if (c->n_tags < RF_CLUSTER_TAGS)
            c->n_tags++;
        for (int k = c->n_tags - 1; k > at; k--) {
            c->tag_rule[k] = c->tag_rule[k - 1];
            c->tag_members[k] = c->tag_members[k - 1];
        }
        c->tag_rule[at] = (int32_t)rule;
        c->tag_members[at] = f->tagged[rule];
    }
}

void rf_figures_of(rf_cluster *cluster, rf_figures *figures, const uint32_t *const rows[])
{
    double mass = 0;
    int64_t pairs = 0;
    for (rf_side s = 0; s < rf_sides(&figures->graph->kinds); s++) {
        for (int64_t i = 0; i < cluster->n[s]; i++)
            mass += above(&figures->scores->side[s], rows[s][i], figures->median[s]);
    }
    cluster->score_mass = figures->mass > 0 ? fmin(mass / figures->mass, 1) : 0;
    for (int k = 0; k < figures->n_kinds; k++)
        pairs += count_edges(cluster, figures, k, rows[RF_USER], rows[rf_entity_side(k)]);
    if (pairs > 0)
        cluster->density =
            (double)pairs / ((double)cluster->n[RF_USER] * (double)rf_cluster_entities(cluster));
    judge_pairs(cluster, figures, rows);
    for (int k = 0; k < figures->n_kinds; k++)
        choose_common(cluster, figures, k, rows[rf_entity_side(k)]);
    choose_tags(cluster, figures, rows);
}
