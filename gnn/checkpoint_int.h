/* checkpoint_int.h - /model and /optimizer of a file, for model.c and train.c. */
#ifndef RF_CHECKPOINT_INT_H
#define RF_CHECKPOINT_INT_H

#include <stdbool.h>

#include "rf_adam.h"
#include "rf_graph.h"
#include "rf_graphbean.h"
#include "rf_h5.h"
#include "rf_train.h" /* RF_WARM_WHY */
#include "stop_rule_int.h"

#define RF_MODEL_FORMAT "ringfence-model"
#define RF_MODEL_VERSION 1

typedef struct rf_progress_state { /* how far a training is; all of it lies in /optimizer */
    int epoch;                     /* epochs done */
    bool stopped_early;
    double loss;        /* of the last epoch done */
    double best_loss;   /* that early stopping compares with; infinite before the first epoch */
    int stale;          /* epochs since it improved */
    char warm_from[17]; /* id of the model that it began with; "": it began cold */
    double warm_goal;   /* then: the loss that the last training that began cold had at its end */
    rf_stop_rule rule;
} rf_progress_state;

/* The kinds of entity that /model was trained on; n = 0: one without a name, or no /model. */
RF_MUST_CHECK rf_status rf_checkpoint_read_kinds(rf_kinds *out, rf_h5 *file, rf_err *err);
/* Reads /model: widths and depths from the shapes of the parameters; attributes, if present, must agree. */
RF_MUST_CHECK rf_status rf_checkpoint_read_model(rf_graphbean **out, rf_h5 *file, bool with_gradients,
                                                 double dropout, rf_err *err);

/* 16 hex digits: a hash of the parameters and running statistics. */
void rf_checkpoint_model_id(char out[17], const rf_graphbean *model);

/* ---- checkpoint_optimizer.c ---- */

/* Reads /optimizer. `options` and `graph` are compared with those in the file: a difference is RF_E_INVALID
 * and names it. */
RF_MUST_CHECK rf_status rf_checkpoint_read_optimizer(rf_adam *adam, rf_progress_state *state, rf_h5 *file,
                                                     const rf_graphbean *model, const char *options,
                                                     const char *graph, rf_err *err);

/* The same of a training of another graph: of these options and over, else why (RF_WARM_WHY bytes) says what
 * it is. */
RF_MUST_CHECK rf_status rf_checkpoint_read_ended(char *why, rf_adam *adam, rf_progress_state *state,
                                                 rf_h5 *file, const rf_graphbean *model, const char *options,
                                                 rf_err *err);

RF_MUST_CHECK rf_status rf_checkpoint_write_optimizer(rf_h5 *file, const rf_graphbean *model,
                                                      const rf_adam *adam, const rf_progress_state *state,
                                                      const char *ended_by, const char *options,
                                                      const char *graph, rf_err *err);

/* ---- checkpoint.c ---- */

/* A tensor's numbers under its name in a group; finite ones, and not below 0 where they are variances. */
RF_MUST_CHECK rf_status rf_checkpoint_read_numbers(rf_real *out, rf_h5 *file, const char *group,
                                                   const rf_tensor *tensor, bool variance, rf_err *err);
RF_MUST_CHECK rf_status rf_checkpoint_write_numbers(rf_h5 *file, const char *group, const rf_tensor *tensor,
                                                    const rf_real *x, rf_err *err);

/* Replaces path crash-safely, with the columns of `trained_on` if it names them; `ended_by` says why training
 * is over, "" if it is not. A graph that is already in that file stays; an older model is removed. */
RF_MUST_CHECK rf_status rf_checkpoint_save(const char *path, const rf_graphbean *model,
                                           const rf_graph *trained_on, const rf_adam *adam,
                                           const rf_progress_state *state, const char *ended_by,
                                           const char *options, const char *graph, rf_err *err);

#endif
