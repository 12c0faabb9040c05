/* rf_rules.h - the fraud-type tagger: declarative rules over features, scores, residuals and the graph.
 *
 * docs/RULES.md describes the language and the shipped rules; this header runs them. Rules never see labels:
 * a name that could be a label is unknown.
 */
#ifndef RF_RULES_H
#define RF_RULES_H

#include "rf_tags.h"
#include "rf_text.h"

typedef struct rf_rules rf_rules;

/* Reads a rule file; NULL is the shipped one, built in. RF_E_INVALID: "FILE:LINE: what is wrong", with the
 * nearest right name. Names of features are checked by rf_rules_tag, against the graph. */
RF_MUST_CHECK rf_status rf_rules_load(rf_rules **out, const char *path, rf_err *err);
/* The same from memory; name stands for the path in messages. */
RF_MUST_CHECK rf_status rf_rules_parse(rf_rules **out, const char *name, const char *bytes, size_t len,
                                       rf_err *err);
void rf_rules_free(rf_rules *rules);
const char *rf_rules_name(const rf_rules *rules);
int64_t rf_rules_version(const rf_rules *rules);

/* graph with features and activity loaded. If the graph lacks a feature (its attribute is not configured), a
 * shipped or optional rule is skipped, with a warning that names the feature; for other rules it is an error.
 * *out is the caller's. O(signals (n_u + n_v + n_e)) and sorting for percentiles. */
RF_MUST_CHECK rf_status rf_rules_tag(rf_tags **out, const rf_rules *rules, const rf_graph *graph,
                                     const rf_scores *scores, rf_pool *pool, rf_err *err);

/* Why each rule did or did not hold for one subject, as text for a terminal. side RF_USER or RF_ENTITY and
 * row. */
RF_MUST_CHECK rf_status rf_rules_explain(rf_text *out, const rf_rules *rules, const rf_graph *graph,
                                         const rf_scores *scores, rf_side side, int64_t row, rf_pool *pool,
                                         rf_err *err);

/* The rules of the file, one per line; with a graph (may be NULL) also whether it has the features of each
 * rule. RF_E_INVALID as rf_rules_tag. */
RF_MUST_CHECK rf_status rf_rules_describe(rf_text *out, const rf_rules *rules, const rf_graph *graph,
                                          rf_err *err);

#endif
