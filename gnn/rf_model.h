/* rf_model.h - a trained GraphBEAN as a file and as a function: model.h5 in, outputs for a graph out.
 */
#ifndef RF_MODEL_H
#define RF_MODEL_H

#include <stdbool.h>

#include "rf_graph.h"
#include "rf_pool.h"

typedef struct rf_model rf_model;

/* Widths and depths are read off the parameters' shapes; the attributes of /model, if present, must agree. */
RF_MUST_CHECK rf_status rf_model_load(rf_model **out, const char *path, rf_err *err);
void rf_model_free(rf_model *model);
const char *rf_model_id(const rf_model *model);        /* 16 hex digits: hash of the parameters */
int64_t rf_model_trained_at_us(const rf_model *model); /* 0 when the file does not say */

/* What the model makes of a graph: reconstructions, latents, and the probability of every edge. */
typedef struct rf_outputs {
    rf_real *xu, *xv, *xe; /* like the graph's x */
    rf_real *zu, *zv;      /* [n_u, latent_u] [n_v, latent_v] */
    int latent_u, latent_v;
    rf_real *eprob; /* [n_e] */
} rf_outputs;

/* frozen: normalise by running statistics; else by this graph's own (as in training). RF_E_FORMAT when the
 * graph's feature counts are not the model's, saying both. */
RF_MUST_CHECK rf_status rf_model_apply(rf_outputs *out, const rf_model *model, const rf_graph *graph,
                                       bool frozen, rf_pool *pool, rf_err *err);
void rf_outputs_clear(rf_outputs *outputs);

#endif
