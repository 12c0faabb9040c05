/* action_int.h - an action of an emission: a flagged subject or a cluster, and what its message says. */
#ifndef RF_ACTION_INT_H
#define RF_ACTION_INT_H

#include "rf_emit.h"
#include "rf_json.h"
#include "rf_text.h"
#include "rf_time.h"

#define RF_ACTION_TYPE "ringfence.action.v1"
#define RF_MANIFEST_TYPE "ringfence.run.completed.v1"
#define RF_CLEARED_TYPE "ringfence.cleared.v1"

typedef struct rf_action {
    rf_side side; /* RF_NO_SIDE: a cluster */
    int64_t row;  /* of the side; of a cluster its place among them */
    int64_t rank; /* 1 + subjects of the side that score higher */
} rf_action;

static inline const char *rf_action_kind(const rf_action *action)
{
    return action->side == RF_NO_SIDE ? "cluster" : rf_side_name(action->side);
}

static inline bool rf_action_is_edge(const rf_action *action)
{
    return action->side != RF_NO_SIDE && rf_side_role(action->side) == RF_EDGE;
}

/* The name of the kind of entity that an action about an entity or an edge is of; NULL: a user, a cluster, or
 * the graph has no names. */
static inline const char *rf_action_entity_kind(const rf_kinds *kinds, rf_side side)
{
    return side <= RF_USER || kinds->n == 0 ? NULL : rf_kind_name(kinds, rf_side_kind(side));
}

#define RF_SUBJECT_WORD 48
/* What a subject's name begins with, which tells apart those of one id: "user", "entity", "edge"; of a kind
 * that is not the main one "entity:device", "edge:device". Returns out. */
const char *rf_subject_word(char out[RF_SUBJECT_WORD], const rf_kinds *kinds, rf_side side);

/* What all messages of one emission share. */
typedef struct rf_emission {
    const rf_findings *findings;
    const rf_graph *graph;   /* the findings' */
    const rf_scores *scores; /* likewise */
    const rf_emit_options *options;
    const struct rf_alert_plan *plan;
    int64_t emitted_us;
    char emitted_at[RF_TIME_TEXT]; /* the same as text */
} rf_emission;

/* Suppressions keep the subject from becoming an action. */
static inline bool rf_emit_silenced(const rf_emission *emission, rf_side side, int64_t row)
{
    const rf_findings *findings = emission->findings;
    return rf_suppression_silences(findings->suppressed, findings->graph, findings->tags, side, row);
}

/* Suppressions take the tag from its subject. */
static inline bool rf_emit_takes(const rf_emission *emission, rf_side side, int64_t row, const rf_tag *tag)
{
    const rf_findings *findings = emission->findings;
    return rf_suppression_takes(findings->suppressed, findings->graph, side, row,
                                rf_tag_type(findings->tags, tag));
}

/* ---- action_json.c ---- values. */
void rf_threshold_json(rf_json *json, const rf_emit_options *options);
void rf_manifest_json(rf_json *json, const rf_emission *emission, const rf_emit_result *result,
                      const char *id);

/* Of a cluster its score mass, and the mean of its members' percentiles. */
void rf_action_figures(double *score, double *percentile, const rf_emission *emission,
                       const rf_action *action);

/* The value of a cluster's own message, but for what all messages have. */
void rf_cluster_json(rf_json *json, const rf_emission *emission, int64_t at);

#endif
