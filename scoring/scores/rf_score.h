/* rf_score.h - anomaly scores of edges and nodes, from the errors of the autoencoder; scores.h5.
 *
 * Two methods. `surprise` (the default) is a sum of parts in nats: rf_surprise.h. `graphbean` is the paper's:
 *
 *   x_error = sqrt(mean (x - x̂)²)      ce = max(-log(p + 1e-12), 0)      edge score = x_error + eta ce
 *   node score = x_error + max (or mean) of its edges' scores     (0 for a node without edges)
 *
 * Source: Fathony, Ng, Chen, IJCNN 2023. Each row is computed by itself, sums in column and edge order and in
 * double, so that the numbers do not depend on the number of threads.
 *
 * Of several kinds of entity each has scores of its entities and edges by itself, as if it were the only one.
 * A user's score is over its edges of all kinds.
 */
#ifndef RF_SCORE_H
#define RF_SCORE_H

#include <stdbool.h>

#include "rf_calibration.h"
#include "rf_graph.h"
#include "rf_memory_plan.h"
#include "rf_model.h"
#include "rf_part.h"

#define RF_MAX_REASONS 16

typedef enum rf_score_method { RF_METHOD_SURPRISE, RF_METHOD_GRAPHBEAN } rf_score_method;
typedef enum rf_score_agg { RF_AGG_MAX, RF_AGG_MEAN } rf_score_agg;

typedef struct rf_calibration { /* what scores of a window tell later windows */
    rf_kinds kinds;
    rf_bulk bulk[RF_SIDES_MOST];
    char run_id[33]; /* of the scores that it was fitted to */
} rf_calibration;

typedef struct rf_score_options {
    rf_score_method method;
    rf_score_agg agg; /* graphbean only, as eta */
    double eta;
    bool frozen;
    const rf_calibration
        *calibration; /* surprise only: p-values are under this one; NULL: these scores' own */
    int reasons;      /* top feature residuals kept for each subject, at most RF_MAX_REASONS; 0: none */
    rf_h5 *early;     /* NULL, or of rf_scores_begin: arrays are lent to it as soon as they are made */
} rf_score_options;
void rf_score_options_default(rf_score_options *options);

typedef struct rf_score_side {
    int64_t n;
    rf_real *x_error, *score;
    rf_real *ce;       /* edges only */
    float *percentile; /* rank in [0, 1]: share of the others that score lower, ties at their mid-rank */
    float *robust_z;   /* (score - median) / (1.4826 MAD); rf_rank.h says what happens where the MAD is 0 */
    int n_reasons;     /* columns of the three below */
    uint16_t *reason_feature; /* [n, n_reasons] column of the graph's x, largest squared residual first
                                 (surprise: in units of the column's mean residual), ties
                                 to the model's lowest column; columns that the graph lacks are skipped */
    float *reason_expected;   /* [n, n_reasons] reconstructed value, standardised as the graph's column */
    float *reason_share; /* [n, n_reasons] of the row's squared error, in those units; 0 where that is 0 */
    rf_real *z;          /* nodes only: [n, latent] */
    int latent;
    float *part[RF_PARTS]; /* surprise only: [n] nats of each part and voice, NULL where this side has none.
                              The score is the sum of the parts in the total. */
    float *of_kind[RF_KINDS_MOST]; /* surprise of several kinds only, users: [n] of the score, the nats of
                                      the edges of each kind. With own_residual and company they sum to it,
                                      too. */
    float *p_value, *fdr;          /* surprise only: [n] rf_calibration.h; NULL else */
    rf_bulk bulk;                  /* that they are under */
} rf_score_side;

typedef struct rf_scores {
    rf_kinds kinds;                    /* of the graph */
    rf_score_side side[RF_SIDES_MOST]; /* rf_sides(&kinds) of them */
    rf_score_method method;
    rf_score_agg agg;
    double eta;
    bool frozen;
    char model_id[17];
    int64_t model_trained_at_us;
    char calibration[33];    /* run_id of the scores that p-values were fitted to; "": these */
    char run_id[33];         /* hash of graph, model and options: the same work has the same run_id */
    char graph_edges[17];    /* fingerprint of sizes and end points */
    char graph_features[17]; /* fingerprint of the feature matrices */
    char graph_ids[RF_SIDES_MOST][RF_IDS_FINGERPRINT]; /* fingerprints of the graph's ids; "": it has none, or
                                                          the scores are of an earlier version */
    rf_column_fit fit; /* of graph and model; known after rf_score_compute only, not in the file */
} rf_scores;

/* What stands out about a subject: the kind of anomaly whose parts have most nats together. RF_ANOMALY_NONE
 * where the scores have no parts, or all are 0. */
rf_anomaly rf_score_anomaly(const rf_score_side *side, int64_t row);

/* Applies the model to the graph (rf_model_align says how their columns are brought together) and scores what
 * comes out. *out is the caller's. */
RF_MUST_CHECK rf_status rf_score_compute(rf_scores **out, const rf_graph *graph, const rf_model *model,
                                         const rf_score_options *options, rf_pool *pool, rf_err *err);

/* The memory of rf_graph_load (features, ids and activity) and rf_score_compute at their peak, where the
 * graph's columns are the model's. */
RF_MUST_CHECK rf_status rf_score_plan(rf_memory_plan *out, const rf_model *model, const rf_graph_size *size,
                                      const rf_score_options *options, int threads, rf_err *err);

/* The scoring alone: graph (features loaded; for surprise also ids and activity, where it has them) and the
 * model's outputs for it, whose edge rows, if they are made, are let go of. model_id and trained_at are left
 * empty and rf_scores_name sets them. RF_E_NUMERIC names the first subject whose score is not finite. O(n_e
 * d_e + n_u d_u + n_v d_v). */
RF_MUST_CHECK rf_status rf_score_outputs(rf_scores **out, const rf_graph *graph, rf_outputs *outputs,
                                         const rf_score_options *options, rf_pool *pool, rf_err *err);
/* Says which model's scores these are, and derives run_id. */
void rf_scores_name(rf_scores *scores, const rf_graph *graph, const char *model_id, int64_t trained_at_us);

/* A new scores.h5, which takes arrays while others are made (rf_score_options), so that writing them takes no
 * time of its own. rf_scores_end adds the rest and commits; the scores stay until then, or until the file is
 * closed. pool: whose threads hash the file; or NULL. */
RF_MUST_CHECK rf_status rf_scores_begin(rf_h5 **out, const char *path, rf_pool *pool, rf_err *err);
RF_MUST_CHECK rf_status rf_scores_end(const rf_scores *scores, rf_h5 *file, rf_err *err);
/* Both at once. */
RF_MUST_CHECK rf_status rf_scores_save(const rf_scores *scores, const char *path, rf_pool *pool, rf_err *err);
/* graph may be NULL; else the scores must be of this graph: sizes, ids, edges and (where loaded) features,
 * RF_E_FORMAT if not. Datasets that only ringfence's own actions need (robust_z, reasons, z) may be absent.
 */
RF_MUST_CHECK rf_status rf_scores_read(rf_scores **out, rf_h5 *file, const rf_graph *graph, rf_err *err);
/* The same of the file at path. */
RF_MUST_CHECK rf_status rf_scores_load(rf_scores **out, const char *path, const rf_graph *graph, rf_err *err);
void rf_scores_free(rf_scores *scores);
/* Scores of earlier versions do not name the ids of their graph. Do those in file? The second one writes them
 * into it. The graph is theirs (rf_scores_read has said so). */
bool rf_scores_lack_fingerprints(rf_h5 *file, const rf_graph *graph);
RF_MUST_CHECK rf_status rf_scores_add_fingerprints(rf_h5 *file, const rf_graph *graph, rf_err *err);
/* The calibration alone; RF_E_FORMAT where the file has none (graphbean). */
RF_MUST_CHECK rf_status rf_calibration_load(rf_calibration *out, const char *path, rf_err *err);

#endif
