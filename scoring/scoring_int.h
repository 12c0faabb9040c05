/* scoring_int.h - what the files of scoring/ share and nobody else sees. */
#ifndef RF_SCORING_INT_H
#define RF_SCORING_INT_H

#include "rf_score.h"

/* ---- residual.c ---- fills side->x_error and the reasons from x and its reconstruction xhat, both [n, d].
 */
void rf_residual_rows(rf_score_side *side, const rf_real *x, const rf_real *xhat, int64_t n, int d,
                      rf_pool *pool);

/* ---- score.c ---- arrays of one side; ce and z only where asked for. */
RF_MUST_CHECK rf_status rf_score_side_init(rf_score_side *side, int64_t n, int n_reasons, int latent,
                                           bool is_edges, rf_err *err);

/* ---- fingerprint.c ---- 64-bit hashes as 16 hex digits. */
void rf_graph_edges_fingerprint(char out[17], const rf_graph *graph);
void rf_graph_features_fingerprint(char out[17], const rf_graph *graph);

#endif
