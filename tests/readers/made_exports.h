/* made_exports.h - what make_exports.c is made of: findings full of hostile texts, and the truth about them.
 */
#ifndef RF_MADE_EXPORTS_H
#define RF_MADE_EXPORTS_H

#include "rf_findings.h"

/* ---- hostile_findings.c ---- tags (one type of them hostile, and so are the words of their signals),
 * clusters, and suppressions of every third user and every fourth entity with hostile reasons and authors;
 * graph with ids. The findings borrow graph and scores. */
void make_hostile_findings(rf_findings *findings, const rf_graph *graph, const rf_scores *scores);
void free_hostile_findings(rf_findings *findings);

/* ---- write_truth.c ---- FOLDER/truth.json, from the arrays; texts in hex. */
void write_truth(const char *folder, const rf_findings *findings);

#endif
