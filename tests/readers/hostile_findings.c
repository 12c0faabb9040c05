/* hostile_findings.c - see made_exports.h. */
#include "hostile.h"
#include "made_clusters.h"
#include "made_exports.h"
#include "made_graph.h"
#include "made_tags.h"
#include "rf_check.h"

/* ---- tags ---- */

#define RULES 3 /* as many as made_tags has */

static void replace(rf_texts *texts, const char *const *by, int64_t n)
{
    rf_graph_side side = {.n = n};
    made_graph_set_ids(&side, by);
    rf_texts_clear(texts);
    *texts = side.id;
}

static void *block(int64_t n, size_t size)
{
    void *made = rf_mem_zero((size_t)n, size, NULL);
    ck_assert_ptr_nonnull(made);
    return made;
}

static void spread_evidence(rf_tag_side *side, const rf_tag *tag)
{
    for (int64_t i = tag->evidence; i < tag->evidence + tag->n_evidence; i++)
        side->evidence[i].signal = (uint16_t)(RULES * (i % (HOSTILE / RULES)) + tag->rule);
}

static rf_tags *hostile_tags(const rf_graph *graph, const rf_scores *scores)
{
    static const char *const types[RULES] = {"promo_abuse", "gift;card\"</script>\n=x\xFF|\\u{3B}",
                                             RF_UNKNOWN_PATTERN};
    static char buffers[HOSTILE][LONG_TEXT + 1];
    const char *words[HOSTILE], *names[HOSTILE];
    rf_tags *tags = made_tags(graph, scores, 3);
    replace(&tags->rule_type, types, RULES);
    for (int i = 0; i < HOSTILE; i++) {
        words[i] = hostile_text(buffers[i], i);
        names[i] = "no words";
    }
    replace(&tags->signal_about, words, HOSTILE);
    replace(&tags->signal_name, names, HOSTILE);
    replace(&tags->signal_value, names, HOSTILE);
    rf_mem_free(tags->signal_rule);
    rf_mem_free(tags->signal_above);
    tags->signal_rule = block(HOSTILE, sizeof *tags->signal_rule);
    tags->signal_above = block(HOSTILE, sizeof *tags->signal_above);
    for (int i = 0; i < HOSTILE; i++)
        tags->signal_rule[i] = (uint16_t)(i % RULES); /* so that each rule has many */
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        rf_tag_side *side = &tags->side[s];
        for (int64_t t = 0; t < side->ptr[side->n]; t++)
            spread_evidence(side, &side->tags[t]);
    }
    return tags;
}

/* ---- suppressions ---- */

static char *copy_of(int i)
{
    char buffer[LONG_TEXT + 1];
    const char *text = hostile_text(buffer, i % HOSTILE);
    return rf_mem_text(text, strlen(text), NULL);
}

static int64_t *suppress_side(rf_suppressions *list, const rf_graph_side *side, rf_side of_side,
                              int64_t every)
{
    int64_t *of = block(side->n, sizeof *of);
    for (int64_t i = 0; i < side->n; i++) {
        of[i] = -1;
        if (i % every != 0)
            continue;
        of[i] = list->n;
        list->at[list->n] = (rf_suppression){
            .side = of_side,
            .id = rf_texts_get(&side->id, i),
            .reason = copy_of((int)list->n),
            .author = copy_of((int)(3 * list->n + 1)),
            .types = list->n % 5 == 0 ? "|promo_abuse|collusion|" : NULL,
            .expires_us = list->n % 2 == 0 ? INT64_MAX : INT64_C(1800000000000000) + list->n,
            .file = "lists/known.yaml",
            .line = (int)list->n,
            .row = i,
        };
        list->n++;
    }
    return of;
}

static rf_suppressions *hostile_suppressions(const rf_graph *graph)
{
    rf_suppressions *list = block(1, sizeof *list);
    int64_t n = 0;
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++)
        n += graph->side[s].n;
    list->at = block(n, sizeof *list->at);
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        if (rf_side_role(s) != RF_EDGE)
            list->of[s] = suppress_side(list, &graph->side[s], s, s == RF_USER ? 3 : 4);
    }
    return list;
}

static void free_suppressions(rf_suppressions *list)
{
    for (int64_t i = 0; i < list->n; i++) {
        rf_mem_free((void *)(uintptr_t)list->at[i].reason);
        rf_mem_free((void *)(uintptr_t)list->at[i].author);
    }
    rf_mem_free(list->at);
    for (rf_side s = 0; s < RF_SIDES_MOST; s++)
        rf_mem_free(list->of[s]);
    rf_mem_free(list);
}

/* ---- all ---- */

void make_hostile_findings(rf_findings *findings, const rf_graph *graph, const rf_scores *scores)
{
    *findings = (rf_findings){.graph = graph,
                              .scores = scores,
                              .tags = hostile_tags(graph, scores),
                              .clusters = made_clusters(graph, scores),
                              .suppressed = hostile_suppressions(graph)};
}

void free_hostile_findings(rf_findings *findings)
{
    free_suppressions((rf_suppressions *)(uintptr_t)findings->suppressed);
    rf_clusters_free((rf_clusters *)(uintptr_t)findings->clusters);
    rf_tags_free((rf_tags *)(uintptr_t)findings->tags);
}
