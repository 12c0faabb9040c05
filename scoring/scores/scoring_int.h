/* scoring_int.h - what the files of scoring/ share and nobody else sees. */
#ifndef RF_SCORING_INT_H
#define RF_SCORING_INT_H

#include "rf_score.h"

/* ---- residual.c ---- fills side->x_error and the reasons from x and its reconstruction, both [n, d]. */
typedef struct rf_residuals {
    rf_score_side *side;
    const rf_real *x;
    const int32_t *column; /* -1: no reason */
    rf_real *root;         /* [d] of the weight of each column */
    int64_t n;
    int d;
    rf_real *left; /* [threads] scratch */
} rf_residuals;

/* column: -1 where a column can be no reason (at least side->n_reasons others can); NULL: all can.
 * weight: [d] of a column's squared residual among the reasons; NULL: 1. */
RF_MUST_CHECK rf_status rf_residuals_begin(rf_residuals *out, rf_score_side *side, const rf_real *x,
                                           const int32_t *column, const double *weight, int64_t n, int d,
                                           int threads, rf_err *err);
/* context: rf_residuals. Takes the rows from..from + n; xhat are their reconstructions. Each row by itself.
 */
void rf_residuals_see(void *context, int64_t from, int64_t n, const rf_real *xhat, int worker);
void rf_residuals_end(rf_residuals *residuals);
/* All of it in one pass over the rows. */
RF_MUST_CHECK rf_status rf_residual_rows(rf_score_side *side, const rf_real *x, const rf_made_rows *xhat,
                                         const int32_t *column, const double *weight, rf_pool *pool,
                                         rf_err *err);
/* weight[d] = 1 / (mean |x - xhat|)^2 of each column, over all rows or 16384 evenly spaced ones; 0 where that
 * is 0. A residual is a reason if it is large for its column: some are badly explained in every row. */
RF_MUST_CHECK rf_status rf_residual_weights(double *weight, const rf_real *x, const rf_made_rows *xhat,
                                            rf_pool *pool, rf_err *err);

/* column: as rf_aligned has it. How many of d columns can be reasons. */
int rf_reasons_possible(const int32_t *column, int d);
/* Reasons about seen's columns become reasons about the graph's. */
void rf_reasons_translate(rf_score_side *side, const rf_graph_side *graph, const rf_graph_side *seen,
                          const int32_t *column);

/* ---- score.c ---- rf_score_outputs for a model that saw `seen` of the graph: errors are of what it saw,
 * reasons name the graph's own columns. */
RF_MUST_CHECK rf_status rf_score_aligned(rf_scores **out, const rf_graph *graph, const rf_aligned *seen,
                                         rf_outputs *outputs, const rf_score_options *options, rf_pool *pool,
                                         rf_err *err);
/* Arrays of one side; ce and z only where asked for. */
RF_MUST_CHECK rf_status rf_score_side_init(rf_score_side *side, int64_t n, int n_reasons, int latent,
                                           bool is_edges, rf_err *err);

/* ---- scores_file.c ---- Lend arrays of a side to a file by rf_scores_begin: of each row's errors, and a
 * part. file NULL: to none. */
RF_MUST_CHECK rf_status rf_scores_lend_rows(rf_h5 *file, const rf_kinds *kinds, rf_side s,
                                            const rf_score_side *side, rf_err *err);
RF_MUST_CHECK rf_status rf_scores_lend_part(rf_h5 *file, const rf_kinds *kinds, rf_side s, rf_part_id part,
                                            const float *nats, int64_t n, rf_err *err);

/* ---- fingerprint.c ---- 64-bit hashes as 16 hex digits. */
void rf_graph_edges_fingerprint(char out[17], const rf_graph *graph);
void rf_graph_features_fingerprint(char out[17], const rf_graph *graph);

#endif
