/* rf_evaluate.h - scores against labels: the metrics of users, entities and edges, and of each planted kind
 * of fraud.
 *
 * Labels never reach the model; only this module compares them with its scores.
 */
#ifndef RF_EVALUATE_H
#define RF_EVALUATE_H

#include "rf_graph.h"
#include "rf_json.h"
#include "rf_metrics.h"
#include "rf_score.h"

typedef struct rf_evaluate_options {
    int64_t k[RF_METRICS_AT];
    int n_k;
    double percentile[RF_METRICS_AT]; /* the first is the cut-off of the tables of types */
    int n_percentile;
} rf_evaluate_options;
void rf_evaluate_options_default(rf_evaluate_options *options);

typedef struct rf_type_metrics { /* one type of fraud among one kind of subject */
    const char *type;            /* borrowed from the graph */
    int64_t n;                   /* subjects labelled 1 that are of this type */
    int64_t caught;              /* of them, at or above the cut-off percentile of all subjects */
    double roc_auc;              /* of these against the subjects labelled 0; NaN when there are none */
} rf_type_metrics;

typedef struct rf_type_table {
    int n;
    rf_type_metrics *rows; /* types that occur, in the graph's order */
} rf_type_table;

typedef struct rf_evaluation {
    rf_kinds kinds; /* of the graph */
    rf_metrics side[RF_SIDES_MOST];
    rf_metrics x_error[RF_KINDS_MOST];        /* of edges' feature error alone: the paper's edge metric */
    rf_metrics part[RF_SIDES_MOST][RF_PARTS]; /* of each part and voice alone, without cut-offs */
    bool has_types;                           /* the graph names types of fraud */
    rf_type_table types[RF_SIDES_MOST];
    double type_percentile;
} rf_evaluation;

/* graph with its labels loaded; it must outlive the evaluation. options may be NULL (the defaults). *out is
 * the caller's. O(n_u + n_v + n_e). */
RF_MUST_CHECK rf_status rf_evaluate(rf_evaluation **out, const rf_graph *graph, const rf_scores *scores,
                                    const rf_evaluate_options *options, rf_err *err);
void rf_evaluation_free(rf_evaluation *evaluation);

#define RF_UPSIDE_DOWN_CLASS 20 /* subjects of each class, so that it is no accident of a few */

/* True if the scores of that side rank its labels upside down: ROC-AUC below 0.5, with enough subjects of
 * each class. *best is then the part or voice with the highest ROC-AUC; RF_PARTS: none is above 0.5. */
bool rf_evaluate_upside_down(rf_part_id *best, const rf_evaluation *evaluation, rf_side side);

/* Writes one object:
 *   {"u":{"roc_auc","pr_auc","average_precision","n","positives","at_k":[{"k","precision","recall"}],
 *         "at_percentile":[{"percentile","flagged","precision","recall"}],
 *         "parts":[{"name","in_total","roc_auc","average_precision"}], "upside_down", "ranked_right_by"},
 *    "v":{...}, "e":{... , "x_error_roc_auc","x_error_pr_auc"},
 *    "types":{"percentile", "u":[{"type","n","caught","recall","roc_auc"}], "v":[...], "e":[...]},
 *    "kinds":{"NAME":{"v":{...}, "e":{...}, "types":{"v":[...], "e":[...]}}}}
 * u, v and e are users and the main kind; "kinds" has the others, where there are any.
 * A group without labels or with one class only is null; "parts" is there only where the scores have parts,
 * "ranked_right_by" (a part's name or null) only where "upside_down" is true, and "types" is there only where
 * the graph names types.
 */
void rf_evaluate_json(rf_json *json, const rf_evaluation *evaluation);

#endif
