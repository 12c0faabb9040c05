/* trained.h - small models that tests train on their graphs, and the files of these.
 */
#ifndef RF_TRAINED_H
#define RF_TRAINED_H

#include "rf_check.h"
#include "rf_model.h"
#include "rf_train.h"

/* Narrow layers, and a file every fourth epoch. */
static inline rf_train_options options_of(int epochs)
{
    rf_train_options o;
    rf_train_options_default(&o);
    setenv("SOURCE_DATE_EPOCH", "1500000000", 1); /* files hold their time */
    o.epochs = epochs;
    o.hidden[0] = o.hidden[1] = o.hidden[2] = 6;
    o.latent[0] = o.latent[1] = 5;
    o.checkpoint_every = 4;
    return o;
}

/* What is at path is continued. */
static inline rf_train_result train(const rf_graph *graph, const rf_train_options *o, const char *path,
                                    int threads)
{
    rf_err err = {0};
    rf_pool *pool = NULL;
    rf_train_result result = {0};
    RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    RF_CHECK_OK(err, rf_train(&result, graph, o, path, false, NULL, pool, &err));
    rf_pool_free(pool);
    return result;
}

/* Whatever fails, nothing is left behind. */
static inline rf_status load_and_apply(const char *path, const rf_graph *graph, bool frozen, rf_err *err)
{
    rf_status st = RF_OK;
    rf_model *model = NULL;
    rf_outputs out = {0};
    RF_TRY(rf_model_load(&model, path, err));
    RF_TRY(rf_model_apply(&out, model, graph, frozen, NULL, err));
done:
    rf_outputs_clear(&out);
    rf_model_free(model);
    return st;
}

#endif
