/* warm_start_int.h - beginning a training where an earlier one, of another graph, ended. */
#ifndef RF_WARM_START_INT_H
#define RF_WARM_START_INT_H

#include "checkpoint_int.h"
#include "rf_train.h" /* RF_WARM_WHY */

/* Gives a new model and its optimiser the parameters, running statistics and moments of the training in file,
 * and *state the loss to reach and that model's id. It fits where that training is over, had the same
 * options, kinds of entity, widths and depths, and columns of the same names, tamed alike; their order may
 * differ, as that of a category's values does (without names, as many columns). Where it does not fit
 * everything stays as it is, and why (RF_WARM_WHY bytes) says what differs; else it is "". What is damaged is
 * RF_E_FORMAT. O(parameters). */
RF_MUST_CHECK rf_status rf_warm_start(char *why, rf_progress_state *state, rf_adam *adam, rf_graphbean *model,
                                      rf_h5 *file, const rf_graph *graph, const char *options, rf_err *err);

/* Is the last epoch's loss, of a training that began warm, as low as that which the last one that began cold
 * had at its end? */
bool rf_warm_start_is_there(const rf_progress_state *state);

#endif
