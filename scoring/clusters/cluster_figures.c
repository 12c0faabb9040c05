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
    const rf_tags *tags;     /* or NULL */
    double median[RF_SIDES]; /* of the scores */
    double mass;             /* of all nodes */
    uint8_t *inside;         /* [n_v] entities of the cluster that is looked at */
    int32_t *users;          /* [n_v] users of it that met the entity */
    int32_t *type;           /* [rules] the first rule of the same type */
    int32_t *tagged;         /* [rules] members that have a tag of the type */
    int64_t n_rules;
};

static void find_types(int32_t *type, const rf_tags *tags);

static rf_status median(double *out, const rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ranked *sorted = NULL;
    *out = 0;
    if (side->n == 0)
        return RF_OK;
    RF_TRY(rf_rank_sort(&sorted, side->n, side->score, err));
    *out = ((double)sorted[(side->n - 1) / 2].score + (double)sorted[side->n / 2].score) / 2;
done:
    rf_mem_free(sorted);
    return st;
}

static double above(const rf_score_side *side, uint32_t row, double median)
{
    double more = (double)side->score[row] - median;
    return more > 0 ? more : 0;
}

rf_status rf_figures_new(rf_figures **out, const rf_graph *graph, const rf_scores *scores,
                         const rf_tags *tags, rf_err *err)
{
    rf_status st = RF_OK;
    rf_figures *f = rf_mem_zero(1, sizeof *f, err);
    if (f == NULL)
        return RF_E_NOMEM;
    f->graph = graph;
    f->scores = scores;
    f->tags = tags;
    f->n_rules = tags != NULL ? tags->rule_type.n : 0;
    f->inside = rf_mem_zero((size_t)graph->side[RF_ENTITY].n, sizeof *f->inside, err);
    f->users = rf_mem_zero((size_t)graph->side[RF_ENTITY].n, sizeof *f->users, err);
    f->type = rf_mem_zero((size_t)f->n_rules, sizeof *f->type, err);
    f->tagged = rf_mem_zero((size_t)f->n_rules, sizeof *f->tagged, err);
    if (f->inside == NULL || f->users == NULL || f->type == NULL || f->tagged == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    if (tags != NULL)
        find_types(f->type, tags);
    RF_TRY(median(&f->median[RF_USER], &scores->side[RF_USER], err));
    RF_TRY(median(&f->median[RF_ENTITY], &scores->side[RF_ENTITY], err));
    for (int64_t i = 0; i < scores->side[RF_USER].n; i++)
        f->mass += above(&scores->side[RF_USER], (uint32_t)i, f->median[RF_USER]);
    for (int64_t i = 0; i < scores->side[RF_ENTITY].n; i++)
        f->mass += above(&scores->side[RF_ENTITY], (uint32_t)i, f->median[RF_ENTITY]);
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
    rf_mem_free(figures->inside);
    rf_mem_free(figures->users);
    rf_mem_free(figures->type);
    rf_mem_free(figures->tagged);
    rf_mem_free(figures);
}

/* ---- edges ---- */

static void add_edge(rf_cluster *c, const rf_graph_side *edges, int64_t e)
{
    c->n_edges++;
    if (edges->count != NULL)
        c->n_events += edges->count[e];
    if (edges->first_us == NULL)
        return;
    if (c->n_edges == 1 || edges->first_us[e] < c->first_us)
        c->first_us = edges->first_us[e];
    if (c->n_edges == 1 || edges->last_us[e] > c->last_us)
        c->last_us = edges->last_us[e];
}

/* Edges between members, and how many of the users met each entity. */
static void count_edges(rf_cluster *c, rf_figures *f, const uint32_t *users, const uint32_t *entities)
{
    const rf_adj *adj = &f->graph->adj;
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
            add_edge(c, &f->graph->side[RF_EDGE], e);
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

static void find_types(int32_t *type, const rf_tags *tags)
{
    for (int64_t rule = 0; rule < tags->rule_type.n; rule++)
        type[rule] = (int32_t)rf_tags_first_rule(tags, rule);
}

/* A type counts once for a member, however many of its tags are of it. */
static void count_tags(rf_figures *f, const rf_tag_side *side, const uint32_t *rows, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t from = side->ptr[rows[i]], to = side->ptr[rows[i] + 1];
        for (int64_t k = from; k < to; k++) {
            int32_t type = f->type[side->tags[k].rule];
            bool again = false;
            for (int64_t j = from; j < k; j++)
                again |= f->type[side->tags[j].rule] == type;
            f->tagged[type] += !again;
        }
    }
}

/* A pattern that nobody knows says less than any other: it comes last. */
static bool says_more(const rf_figures *f, int64_t a, int64_t b)
{
    bool unknown_a = strcmp(rf_texts_get(&f->tags->rule_type, a), RF_UNKNOWN_PATTERN) == 0;
    bool unknown_b = strcmp(rf_texts_get(&f->tags->rule_type, b), RF_UNKNOWN_PATTERN) == 0;
    if (unknown_a != unknown_b)
        return unknown_b;
    return f->tagged[a] > f->tagged[b];
}

static void choose_tags(rf_cluster *c, rf_figures *f, const uint32_t *users, const uint32_t *entities)
{
    if (f->tags == NULL)
        return;
    memset(f->tagged, 0, (size_t)f->n_rules * sizeof *f->tagged);
    count_tags(f, &f->tags->side[RF_USER], users, c->n[RF_USER]);
    count_tags(f, &f->tags->side[RF_ENTITY], entities, c->n[RF_ENTITY]);
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

void rf_figures_of(rf_cluster *cluster, rf_figures *figures, const uint32_t *users, const uint32_t *entities)
{
    double mass = 0;
    for (int64_t i = 0; i < cluster->n[RF_USER]; i++)
        mass += above(&figures->scores->side[RF_USER], users[i], figures->median[RF_USER]);
    for (int64_t i = 0; i < cluster->n[RF_ENTITY]; i++)
        mass += above(&figures->scores->side[RF_ENTITY], entities[i], figures->median[RF_ENTITY]);
    cluster->score_mass = figures->mass > 0 ? fmin(mass / figures->mass, 1) : 0;
    count_edges(cluster, figures, users, entities);
    choose_common(cluster, figures, entities);
    choose_tags(cluster, figures, users, entities);
}
