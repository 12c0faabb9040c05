/* rf_memory_plan.h - the memory that a step over a graph takes at its peak, known from sizes alone.
 *
 * Both walk the workspace as the step itself does. What the program has taken before is not in it.
 */
#ifndef RF_MEMORY_PLAN_H
#define RF_MEMORY_PLAN_H

#include "rf_graph.h"
#include "rf_model.h"
#include "rf_train.h"

typedef struct rf_memory_plan {
    rf_graph_size size;
    int64_t rows[RF_SIDES_MOST]; /* bytes for all rows of a side */
    int64_t fixed;               /* bytes whatever the number of rows: parameters, blocks of threads */
    int64_t reserved;            /* bytes of address space beside them: hardly used, or not yet */
} rf_memory_plan;

/* rf_graph_load of the features, and rf_train. RF_E_INVALID where the options make no model. */
RF_MUST_CHECK rf_status rf_plan_train(rf_memory_plan *out, const rf_graph_size *size,
                                      const rf_train_options *options, int threads, rf_err *err);

typedef enum rf_apply_stage {
    RF_ENCODING,       /* the encoder's hidden edges are there, outputs only reserved */
    RF_RECONSTRUCTING, /* the outputs, too */
    RF_READING_EDGES,  /* until rf_outputs_end_edges */
    RF_APPLIED,
    RF_APPLY_STAGES
} rf_apply_stage;

/* rf_graph_load of features, ids and activity, and a model with its outputs, where the graph's columns are
 * the model's. RF_E_FORMAT where the kinds of entity are not. */
RF_MUST_CHECK rf_status rf_plan_apply(rf_memory_plan out[RF_APPLY_STAGES], const rf_graph_size *size,
                                      rf_graphbean *net, int threads, rf_err *err);
/* The same of a model that was loaded. */
RF_MUST_CHECK rf_status rf_model_plan(rf_memory_plan out[RF_APPLY_STAGES], const rf_model *model,
                                      const rf_graph_size *size, int threads, rf_err *err);

/* fixed + rows */
int64_t rf_memory_plan_bytes(const rf_memory_plan *plan);
/* most becomes the plan of a step in which another stage follows: as many bytes as in the larger of the two,
 * and with what is reserved as many as in the larger. */
void rf_memory_plan_raise(rf_memory_plan *most, const rf_memory_plan *stage);

#endif
