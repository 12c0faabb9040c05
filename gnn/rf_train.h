/* rf_train.h - training a GraphBEAN on one graph: the loop from seed or checkpoint to model.h5.
 *
 * An epoch is one full-batch step: draw negatives, forward, loss = mse(xu) + mse(xv) + mse(xe) + eta *
 * bce(edges), backward, Adam. Everything random is drawn from (seed, epoch), so a resumed run has the bytes
 * of an uninterrupted one.
 */
#ifndef RF_TRAIN_H
#define RF_TRAIN_H

#include <signal.h>
#include <stdbool.h>

#include "rf_graph.h"
#include "rf_graphbean.h" /* rf_init */
#include "rf_pool.h"

#define RF_MAX_MILESTONES 16
#define RF_EPOCHS_AUTO (-1)
#define RF_WARM_WHY 200

/* What a training begins with that replaces the model of another graph: with its parameters where they fit,
 * and else with random ones, or not at all; or always with random ones. */
typedef enum rf_warm_choice { RF_WARM_AUTO, RF_WARM_ALWAYS, RF_WARM_NEVER } rf_warm_choice;

/* How the edges' features are kept during training; all is computed in float. */
typedef enum rf_precision { RF_PRECISION_FLOAT32, RF_PRECISION_BF16 } rf_precision;

typedef struct rf_train_options {
    int epochs; /* RF_EPOCHS_AUTO: until the nodes' errors spread again (stop_rule_int.h) */
    double lr, eta;
    uint64_t seed;
    int hidden[3]; /* users, entities, edges */
    int latent[3]; /* users, entities, structure decoder (0: as wide as users) */
    int layers_encoder, layers_decoder, layers_mlp;
    rf_gate gate;
    double dropout;                                  /* probability of dropping, as the reference */
    double negatives;                                /* times E random pairs, of each kind */
    double kind_weight[RF_KINDS_MOST];               /* of a kind's terms in the loss, in the kinds' order */
    int n_kind_weights;                              /* 0: 1 / the number of kinds, each */
    int milestones[RF_MAX_MILESTONES], n_milestones; /* epochs at which lr is multiplied by gamma */
    double gamma;
    rf_init init;
    rf_warm_choice warm_start;
    int patience; /* epochs without min_delta relative improvement of the loss before stopping; 0: never stop
                     early */
    double min_delta;
    int checkpoint_every; /* epochs; 0: only at the end */
    rf_precision precision;
    rf_hidden_edges hidden_edges; /* changes memory and time, not what is learned */
} rf_train_options;
void rf_train_options_default(rf_train_options *options);
/* The model that they make for a graph of so many columns. */
rf_graphbean_shape rf_train_shape(const rf_kinds *kinds, const int columns[RF_SIDES_MOST],
                                  const rf_train_options *options);
/* What is asked for, or the most that `auto` takes on a graph of so many edges of the main kind (200 from
 * 5,000 on). */
int rf_train_most_epochs(const rf_train_options *options, int64_t n_edges);

typedef struct rf_epoch_report {
    int epoch;                                      /* from 0 */
    double loss, loss_xu, loss_xv, loss_xe, loss_e; /* before this epoch's step; kinds with their weights */
    double concentration;                           /* of the nodes' error, likewise (rf_losses) */
    double lr, seconds;
} rf_epoch_report;

typedef struct rf_train_hooks {
    void (*epoch_done)(void *context, const rf_epoch_report *report); /* may be NULL */
    void *context;
    const volatile sig_atomic_t
        *stop; /* non-zero: finish the epoch, save, return RF_E_INTERRUPTED; may be NULL */
} rf_train_hooks;

typedef enum rf_train_end {
    RF_END_NONE,    /* interrupted */
    RF_END_EPOCHS,  /* all epochs that were asked for */
    RF_END_PLATEAU, /* patience: the loss no longer improved */
    RF_END_PEAK,    /* auto: errors are past their highest concentration */
    RF_END_MOST,    /* auto: as many as auto ever takes */
    RF_END_GOAL     /* auto, warm: the loss that the last training from random parameters had */
} rf_train_end;
const char *rf_train_end_word(rf_train_end end); /* "epochs", "plateau", "peak", "most", "goal"; none: "" */

typedef struct rf_train_result {
    int epochs;       /* done in all, those before a resume included */
    int resumed_from; /* epochs found done in model_path's checkpoint, 0 when fresh */
    rf_train_end end;
    int peak_epoch;             /* after which the nodes' errors were most concentrated; 0: not seen */
    double loss;                /* last epoch's */
    char warm_from[17];         /* the model whose parameters it began with; "": random ones */
    char cold_why[RF_WARM_WHY]; /* the model in model_path was no beginning; "": none was there or wanted */
} rf_train_result;

/* Trains and writes model.h5 (parameters, running statistics, /optimizer, options, graph's fingerprint). An
 * existing model_path of the same options and graph is resumed (finished: nothing to do); of others it is
 * refused unless `restart`. With `restart` the training begins anew, with the parameters that
 * options->warm_start allows. The graph's edges are narrow (rf_graph_narrow_edges) where options->precision
 * is bfloat16, and only there. */
RF_MUST_CHECK rf_status rf_train(rf_train_result *result, const rf_graph *graph,
                                 const rf_train_options *options, const char *model_path, bool restart,
                                 const rf_train_hooks *hooks, rf_pool *pool, rf_err *err);

#endif
