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
    const rf_tags *tags;        /* or NULL */
    double median[RF_SIDES];    /* of the scores */
    double mass;                /* of all nodes */
    uint32_t *degree[RF_SIDES]; /* distinct partners of users, of entities */
    int64_t n_pairs;            /* of the graph */
    uint8_t *inside;            /* [n_v] entities of the cluster that is looked at */
    int32_t *users;             /* [n_v] users of it that met the entity */
    int32_t *type;              /* [rules] the first rule of the same type */
    int32_t *tagged;            /* [rules] members that have a tag of the type */
    int64_t n_rules;
};

static double above(const rf_score_side *side, uint32_t row, double median)
{
    double more = (double)side->score[row] - median;
    return more > 0 ? more : 0;
}

rf_status rf_figures_new(rf_figures **out, const rf_graph *graph, const rf_scores *scores,
                         const rf_tags *tags, rf_err *err)
{
    rf_status st = RF_OK;
    rf_figures *f = NULL;
    rf_ranked *sorted = NULL;
    RF_ZERO(f, 1, err);
    f->graph = graph;
    f->scores = scores;
    f->tags = tags;
    f->n_rules = tags != NULL ? tags->rule_type.n : 0;
    RF_ZERO(f->inside, graph->side[RF_ENTITY].n, err);
    RF_ZERO(f->users, graph->side[RF_ENTITY].n, err);
    RF_ZERO(f->type, f->n_rules, err);
    RF_ZERO(f->tagged, f->n_rules, err);
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++)
        RF_ZERO(f->degree[s], graph->side[s].n, err);
    for (int64_t e = 0; e < graph->adj.n_e; e++) {
        uint32_t u = graph->adj.e_u[e], v = graph->adj.e_v[e];
        if (e > 0 && graph->adj.e_u[e - 1] == u && graph->adj.e_v[e - 1] == v)
            continue; /* one more event of the same pair */
        f->degree[RF_USER][u]++;
        f->degree[RF_ENTITY][v]++;
        f->n_pairs++;
    }
    for (int64_t rule = 0; rule < f->n_rules; rule++)
        f->type[rule] = (int32_t)rf_tags_first_rule(tags, rule);
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        const rf_score_side *side = &scores->side[s];
        if (side->n == 0)
            continue;
        RF_TRY(rf_rank_sort(&sorted, side->n, side->score, err));
        f->median[s] = ((double)sorted[(side->n - 1) / 2].score + (double)sorted[side->n / 2].score) / 2;
        for (int64_t i = 0; i < side->n; i++)
            f->mass += above(side, (uint32_t)i, f->median[s]);
        rf_mem_free(sorted);
        sorted = NULL;
    }
    *out = f;
    f = NULL;
done:
    rf_mem_free(sorted);
    rf_figures_free(f);
    return st;
}

void rf_figures_free(rf_figures *figures)
{
    if (figures == NULL)
        return;
    rf_mem_free(figures->degree[RF_USER]);
    rf_mem_free(figures->degree[RF_ENTITY]);
    rf_mem_free(figures->inside);
    rf_mem_free(figures->users);
    rf_mem_free(figures->type);
    rf_mem_free(figures->tagged);
    rf_mem_free(figures);
}

/* ---- edges ---- */

/* Edges between members, and how many of the users met each entity. */
static void count_edges(rf_cluster *c, rf_figures *f, const uint32_t *users, const uint32_t *entities)
{
    const rf_adj *adj = &f->graph->adj;
    const rf_graph_side *edges = &f->graph->side[RF_EDGE];
    int64_t pairs = 0;
    for (int64_t i = 0; i < c->n[RF_ENTITY]; i++) {
        f->inside[entities[i]] = 1;
        f->users[entities[i]] = 0;
    }
    for (int64_t i = 0; i < c->n[RF_USER]; i++) {
        for (int64_t e = adj->u_ptr[users[i]]; e < adj->u_ptr[users[i] + 1]; e++) {
            uint32_t v = adj->e_v[e];
            if (!f->inside[v])
                continue;
            c->n_edges++;
            if (edges->count != NULL)
                c->n_events += edges->count[e];
            if (edges->first_us != NULL && (c->n_edges == 1 || edges->first_us[e] < c->first_us))
                c->first_us = edges->first_us[e];
            if (edges->first_us != NULL && (c->n_edges == 1 || edges->last_us[e] > c->last_us))
                c->last_us = edges->last_us[e];
            if (e > adj->u_ptr[users[i]] && adj->e_v[e - 1] == v)
                continue; /* one more event of the same pair */
            f->users[v]++;
            pairs++;
        }
    }
    for (int64_t i = 0; i < c->n[RF_ENTITY]; i++)
        f->inside[entities[i]] = 0;
    if (pairs > 0)
        c->density = (double)pairs / ((double)c->n[RF_USER] * (double)c->n[RF_ENTITY]);
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

/* Pairs against those of a graph in which everybody has as many partners, but chance ones: a Poisson count of
 * mean d_u d_v / pairs, summed over the members' pairs. Its tail is at most exp(-(k ln(k / m) - k + m)), and
 * so many groups of this size could have been found. */
static void judge_pairs(rf_cluster *c, const rf_figures *f, const uint32_t *const rows[])
{
    double sum[RF_SIDES] = {0}, search = 0;
    double possible = (double)c->n[RF_USER] * (double)c->n[RF_ENTITY], pairs = c->density * possible;
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        for (int64_t i = 0; i < c->n[s]; i++)
            sum[s] += f->degree[s][rows[s][i]];
        search += ln_choices(f->graph->side[s].n, c->n[s]);
    }
    if (pairs <= 0)
        return;
    c->expected_pairs = fmin(sum[RF_USER] * sum[RF_ENTITY] / (double)f->n_pairs, possible);
    double over = pairs * log(pairs / c->expected_pairs) - (pairs - c->expected_pairs);
    c->significance = (pairs > c->expected_pairs ? over : 0) - search;
}

/* ---- common entities ---- */

/* The entities that most of the users met, two at least; lower rows first where equal. */
static void choose_common(rf_cluster *c, const rf_figures *f, const uint32_t *entities)
{
    for (int64_t i = 0; i < c->n[RF_ENTITY]; i++) {
        int32_t users = f->users[entities[i]];
        int at = c->n_common;
        while (at > 0 && c->common_users[at - 1] < users)
            at--;
        if (users < 2 || at == RF_CLUSTER_COMMON)
            continue;
        if (c->n_common < RF_CLUSTER_COMMON)
            c->n_common++;
        for (int k = c->n_common - 1; k > at; k--) {
            c->common[k] = c->common[k - 1];
            c->common_users[k] = c->common_users[k - 1];
        }
        c->common[at] = entities[i];
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
    for (rf_side s = RF_USER; s <= RF_ENTITY && f->tags != NULL; s++) {
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
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        for (int64_t i = 0; i < cluster->n[s]; i++)
            mass += above(&figures->scores->side[s], rows[s][i], figures->median[s]);
    }
    cluster->score_mass = figures->mass > 0 ? fmin(mass / figures->mass, 1) : 0;
    count_edges(cluster, figures, rows[RF_USER], rows[RF_ENTITY]);
    judge_pairs(cluster, figures, rows);
    choose_common(cluster, figures, rows[RF_ENTITY]);
    choose_tags(cluster, figures, rows);
}
