/* small_rules.h - rules on a graph small enough to be seen whole. */
#ifndef RF_SMALL_RULES_H
#define RF_SMALL_RULES_H

#include "rf_check.h"
#include "rf_rules.h"
#include "rf_score.h"

#define HEAD "version: 1\nname: test\n"
#define HERE "    here: {value: edge.e, above: 1}\n"

static inline rf_rules *parsed(const char *text)
{
    rf_rules *rules = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_rules_parse(&rules, "my.yaml", text, strlen(text), &err));
    return rules;
}

/* ---- the graph: users 0 .. 5 at entity 0, user 5 alone at entity 1 ---- */

typedef struct small {
    rf_graph graph;
    rf_scores scores;
    rf_real x[16], ones[16];
    float percentile[16], z[16];
    int64_t count[16];
} small;

static inline void fill_texts(rf_texts *texts, const char *name)
{
    static int64_t at[2] = {0, 2};
    *texts = (rf_texts){1, at, (char *)name};
}

static inline void small_side(rf_graph_side *side, rf_score_side *scores, int64_t n, small *s,
                              const char *column)
{
    *side = (rf_graph_side){.n = n, .d = 1, .x = s->ones};
    fill_texts(&side->feature_names, column);
    *scores = (rf_score_side){
        .n = n, .x_error = s->ones, .score = s->ones, .percentile = s->percentile, .robust_z = s->z};
}

static inline void small_open(small *s)
{
    static const uint32_t u[7] = {0, 1, 2, 3, 4, 5, 5}, v[7] = {0, 0, 0, 0, 0, 0, 1};
    rf_err err = {0};
    *s = (small){0};
    for (int i = 0; i < 16; i++) {
        s->ones[i] = 1;
        s->percentile[i] = 0.5F;
        s->count[i] = 1;
    }
    small_side(&s->graph.side[RF_USER], &s->scores.side[RF_USER], 6, s, "u");
    small_side(&s->graph.side[RF_ENTITY], &s->scores.side[RF_ENTITY], 2, s, "v");
    small_side(&s->graph.side[RF_EDGE], &s->scores.side[RF_EDGE], 7, s, "e");
    s->graph.side[RF_EDGE].x = s->x;
    s->graph.side[RF_EDGE].count = s->count;
    RF_CHECK_OK(err, rf_adj_init(&s->graph.adj, 6, 2, 7, u, v, &err));
    strcpy(s->scores.run_id, "run");
}

static inline void small_close(small *s)
{
    rf_adj_clear(&s->graph.adj);
}

static inline rf_tags *tagged(const small *s, const char *text)
{
    rf_rules *rules = parsed(text);
    rf_tags *tags = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_rules_tag(&tags, rules, &s->graph, &s->scores, NULL, &err));
    rf_rules_free(rules);
    return tags;
}

static inline int64_t tags_of(const rf_tags *tags, rf_side side, int64_t row)
{
    const rf_tag_side *of = &tags->side[side];
    return of->ptr[row + 1] - of->ptr[row];
}

static inline const rf_tag *first_tag(const rf_tags *tags, rf_side side, int64_t row)
{
    const rf_tag_side *of = &tags->side[side];
    ck_assert_int_gt(of->ptr[row + 1], of->ptr[row]);
    return &of->tags[of->ptr[row]];
}

/* An optional rule about edges, with the graph's edge.e at 5 everywhere. */
static inline float confidence_by(const small *s, const char *signals, const char *confidence,
                                  int *n_evidence)
{
    char text[1024];
    snprintf(text, sizeof text,
             HEAD "rules:\n- type: t\n  subject: edge\n  optional: true\n  signals:\n%s  confidence: %s\n",
             signals, confidence);
    rf_tags *tags = tagged(s, text);
    float confidence_of = 0;
    *n_evidence = 0;
    if (tags_of(tags, RF_EDGE, 0) > 0) {
        confidence_of = first_tag(tags, RF_EDGE, 0)->confidence;
        *n_evidence = first_tag(tags, RF_EDGE, 0)->n_evidence;
    }
    rf_tags_free(tags);
    return confidence_of;
}

#endif
