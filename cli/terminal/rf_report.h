/* rf_report.h - tables and sentences for people. Each function adds to `text`, after an empty line where
 * there is text already. docs/RULES.md, docs/CLUSTERS.md and docs/INVESTIGATE.md explain the columns.
 */
#ifndef RF_REPORT_H
#define RF_REPORT_H

#include "rf_clusters.h"
#include "rf_evaluate.h"
#include "rf_findings.h"
#include "rf_tags.h"
#include "rf_text.h"

struct rf_rules;
struct rf_rules_trace;

/* ---- report.c ---- */
RF_MUST_CHECK rf_status rf_report_evaluation(rf_text *text, const rf_evaluation *evaluation, rf_err *err);
/* Logs a warning for each kind whose labels the scores rank upside down. */
void rf_report_upside_down(const rf_evaluation *evaluation);
/* The `n` highest users, entities and edges with their surest tag, main reason, and why. */
RF_MUST_CHECK rf_status rf_report_top(rf_text *text, const rf_findings *findings, int n, rf_err *err);

/* ---- report_clusters.c ---- The `n` worst clusters of each method, and as many that are gone. */
RF_MUST_CHECK rf_status rf_report_clusters(rf_text *text, const rf_clusters *clusters, const rf_graph *graph,
                                           int n, rf_err *err);

/* ---- report_tags.c ---- How many users, entities and edges have which tag, and the mean confidence. */
RF_MUST_CHECK rf_status rf_report_tags(rf_text *text, const rf_tags *tags, const rf_scores *scores,
                                       rf_err *err);
/* ---- report_rules.c ---- Why each rule did or did not hold for one user or entity. */
RF_MUST_CHECK rf_status rf_report_rules(rf_text *text, const struct rf_rules_trace *trace,
                                        const rf_graph *graph, const rf_scores *scores, rf_err *err);
/* The rules of a file, one a line; with a graph (may be NULL) also which features it lacks. */
RF_MUST_CHECK rf_status rf_report_rule_list(rf_text *text, const struct rf_rules *rules,
                                            const rf_graph *graph, rf_err *err);

#endif
