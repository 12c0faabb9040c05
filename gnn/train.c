/* train.c - the training loop: resume or start, epochs, early stopping, checkpoints, leaving on request.
 *
 * All state that decides the next epoch is in the parameters, the running statistics and /optimizer; random
 * numbers depend on (seed, epoch). So a training that stops anywhere and starts again gives the bytes of one
 * that never stopped.
 */
#include "rf_train.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "checkpoint_int.h"
#include "rf_adam.h"
#include "rf_file.h"
#include "rf_idmap.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_text.h"
#include "rf_time.h"
#include "warm_start_int.h"

void rf_train_options_default(rf_train_options *options)
{
    *options = (rf_train_options){
        .epochs = RF_EPOCHS_AUTO,
        .lr = 0.01,
        .eta = 0.2,
        .hidden = {32, 32, 32},
        .latent = {32, 32},
        .layers_encoder = 2,
        .layers_decoder = 2,
        .layers_mlp = 2,
        .negatives = 5,
        .gamma = 0.2,
        .warm_start = RF_WARM_NEVER,
        .min_delta = 1e-4,
        .checkpoint_every = 10,
    };
}

typedef struct training {
    const rf_graph *graph;
    const rf_train_options *options;
    const char *path;
    rf_graphbean *model;
    rf_adam adam;
    rf_workspace *workspace;
    uint32_t *drawn; /* [kinds, n_u] the samplers' counters */
    rf_loss_weights weights;
    rf_progress_state state;
    rf_text identity; /* options that must be the same on resuming */
    char graph_id[17];
    char cold_why[RF_WARM_WHY];
    bool unsaved;
} training;

const char *rf_train_end_word(rf_train_end end)
{
    static const char *const word[] = {"", "epochs", "plateau", "peak", "most", "goal"};
    return word[end];
}

int rf_train_most_epochs(const rf_train_options *options, int64_t n_edges)
{
    return options->epochs == RF_EPOCHS_AUTO ? rf_stop_rule_most(n_edges) : options->epochs;
}

static rf_train_end end_of(const training *t)
{
    const rf_progress_state *state = &t->state;
    bool automatic = t->options->epochs == RF_EPOCHS_AUTO;
    if (state->stopped_early)
        return RF_END_PLATEAU;
    if (automatic && state->epoch > 0 && rf_warm_start_is_there(state))
        return RF_END_GOAL;
    if (automatic && rf_stop_rule_ends(&state->rule, state->epoch))
        return RF_END_PEAK;
    if (state->epoch < rf_train_most_epochs(t->options, t->graph->adj.n_e))
        return RF_END_NONE;
    return automatic ? RF_END_MOST : RF_END_EPOCHS;
}

/* ---- options ---- */

static rf_status check_number(const char *name, double value, double least, double most, rf_err *err)
{
    rf_status st = RF_OK;
    if (!(value >= least && value <= most))
        RF_FAIL(err, RF_E_INVALID, "train: %s is %g, but must lie in %g..%g", name, value, least, most);
done:
    return st;
}

static rf_status check_options(const rf_train_options *o, rf_err *err)
{
    rf_status st = RF_OK;
    if (o->epochs != RF_EPOCHS_AUTO)
        RF_TRY(check_number("epochs", o->epochs, 0, 1e9, err));
    RF_TRY(check_number("lr", o->lr, 0, 1e6, err));
    RF_TRY(check_number("eta", o->eta, 0, 1e6, err));
    RF_TRY(check_number("negatives", o->negatives, 0, 1e4, err));
    RF_TRY(check_number("gamma", o->gamma, 0, 1e3, err));
    RF_TRY(check_number("patience", o->patience, 0, 1e9, err));
    RF_TRY(check_number("min_delta", o->min_delta, 0, 1, err));
    RF_TRY(check_number("checkpoint_every", o->checkpoint_every, 0, 1e9, err));
    RF_TRY(check_number("number of milestones", o->n_milestones, 0, RF_MAX_MILESTONES, err));
    for (int i = 0; i < o->n_milestones; i++)
        RF_TRY(check_number("milestone", o->milestones[i], 0, 1e9, err));
    for (int i = 0; i < o->n_kind_weights; i++)
        RF_TRY(check_number("kind_weight", o->kind_weight[i], 0, 1e6, err));
done:
    return st;
}

rf_graphbean_shape rf_train_shape(const rf_kinds *kinds, const int columns[RF_SIDES_MOST],
                                  const rf_train_options *o)
{
    rf_graphbean_shape shape = {
        .kinds = *kinds,
        .gate = o->gate,
        .edge_latent = o->latent[2] > 0 ? o->latent[2] : o->latent[0],
        .layers_encoder = o->layers_encoder,
        .layers_decoder = o->layers_decoder,
        .layers_mlp = o->layers_mlp,
        .dropout = o->dropout,
    };
    memcpy(shape.in, columns, (size_t)rf_sides(kinds) * sizeof *columns);
    memcpy(shape.hidden, o->hidden, sizeof shape.hidden);
    memcpy(shape.latent, o->latent, sizeof shape.latent);
    return shape;
}

static rf_status find_weights(rf_loss_weights *out, const rf_kinds *kinds, const rf_train_options *o,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const int n = rf_kinds_n(kinds);
    char list[RF_KINDS_LIST];
    if (o->n_kind_weights > 0 && o->n_kind_weights != n)
        RF_FAIL(err, RF_E_INVALID,
                "train: kind_weight has %d numbers, but the graph has %d %s of entity%s%s: give one for each "
                "in this order, or none",
                o->n_kind_weights, n, n == 1 ? "kind" : "kinds", kinds->n > 0 ? ", " : "",
                rf_kinds_list(list, kinds));
    out->eta = o->eta;
    for (int k = 0; k < n; k++)
        out->kind[k] = o->n_kind_weights > 0 ? o->kind_weight[k] : 1.0 / n;
done:
    return st;
}

/* Everything that an epoch depends on; the number of epochs may grow. */
static rf_status write_identity(rf_text *out, const rf_graphbean_shape *shape, const rf_train_options *o,
                                const rf_loss_weights *weights, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(out, err, "lr=%.17g eta=%.17g seed=%" PRIu64, o->lr, o->eta, o->seed));
    RF_TRY(rf_text_printf(out, err, " hidden=%d,%d,%d latent=%d,%d edge_latent=%d", shape->hidden[0],
                          shape->hidden[1], shape->hidden[2], shape->latent[0], shape->latent[1],
                          shape->edge_latent));
    RF_TRY(rf_text_printf(out, err, " layers_encoder=%d layers_decoder=%d layers_mlp=%d",
                          shape->layers_encoder, shape->layers_decoder, shape->layers_mlp));
    RF_TRY(rf_text_printf(
        out, err, " dropout=%.17g negatives=%.17g gamma=%.17g init=%s patience=%d min_delta=%.17g",
        o->dropout, o->negatives, o->gamma, o->init == RF_INIT_ORTHOGONAL ? "orthogonal" : "kaiming_uniform",
        o->patience, o->min_delta));
    RF_TRY(rf_text_printf(out, err, " milestones="));
    for (int i = 0; i < o->n_milestones; i++)
        RF_TRY(rf_text_printf(out, err, "%s%d", i > 0 ? "," : "", o->milestones[i]));
    for (int k = 0; k < rf_kinds_n(&shape->kinds) && (shape->kinds.n > 1 || o->n_kind_weights > 0); k++)
        RF_TRY(rf_text_printf(out, err, "%s%.17g", k > 0 ? "," : " kind_weight=", weights->kind[k]));
    if (shape->gate == RF_GATE_DEGREE)
        RF_TRY(rf_text_printf(out, err, " gate=degree"));
    if (o->precision == RF_PRECISION_BF16)
        RF_TRY(rf_text_printf(out, err, " precision=bf16"));
done:
    return st;
}

static void hash_more(uint64_t *hash, const void *bytes, int64_t n, size_t size)
{
    *hash = rf_mix64(*hash ^ rf_idmap_hash(bytes, (size_t)n * size)) + (uint64_t)n;
}

static void name_graph(char out[17], const rf_graph *graph)
{
    uint64_t hash = 1;
    for (rf_side i = 0; i < rf_sides(&graph->kinds); i++) {
        const rf_graph_side *side = &graph->side[i];
        hash = rf_mix64(hash + (uint64_t)side->d);
        if (side->narrow != NULL)
            hash_more(&hash, side->narrow, side->n * side->d, sizeof *side->narrow);
        else
            hash_more(&hash, side->x, side->n * side->d, sizeof *side->x);
    }
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        const rf_adj *adj = rf_graph_adj(graph, k);
        hash_more(&hash, adj->e_u, adj->n_e, sizeof(uint32_t));
        hash_more(&hash, adj->e_v, adj->n_e, sizeof(uint32_t));
    }
    (void)snprintf(out, 17, "%016" PRIx64, hash);
}

/* ---- start ---- */

static rf_status resume(training *t, rf_h5 *file, const rf_graphbean_shape *shape, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_checkpoint_read_model(&t->model, file, true, shape->dropout, err));
    RF_TRY(rf_adam_init(&t->adam, t->model, err));
    RF_TRY(
        rf_checkpoint_read_optimizer(&t->adam, &t->state, file, t->model, t->identity.ptr, t->graph_id, err));
    if (!rf_graphbean_shapes_equal(rf_graphbean_shape_get(t->model), shape))
        RF_FAIL(err, RF_E_FORMAT,
                "%s: /model and /optimizer do not belong together; restart, or use another file", t->path);
    if (t->options->epochs != RF_EPOCHS_AUTO && t->state.epoch > t->options->epochs)
        RF_FAIL(err, RF_E_INVALID,
                "%s: was trained for %d epochs already, but %d are asked for; use another file, or "
                "restart",
                t->path, t->state.epoch, t->options->epochs);
done:
    return st;
}

/* `auto` begins warm only where it also says how long to train: a given number of epochs is one from random
 * parameters. */
static bool may_begin_warm(const rf_train_options *o)
{
    return o->warm_start == RF_WARM_ALWAYS || (o->warm_start == RF_WARM_AUTO && o->epochs == RF_EPOCHS_AUTO);
}

/* A training of its own: where the one in file ended, if there is one and it fits, else with random
 * parameters.
 */
static rf_status start(training *t, rf_h5 *file, const rf_graphbean_shape *shape, rf_err *err)
{
    rf_status st = RF_OK;
    t->state = (rf_progress_state){.best_loss = INFINITY};
    RF_TRY(rf_graphbean_new(&t->model, shape, true, err));
    RF_TRY(rf_adam_init(&t->adam, t->model, err));
    if (file != NULL && may_begin_warm(t->options))
        RF_TRY(
            rf_warm_start(t->cold_why, &t->state, &t->adam, t->model, file, t->graph, t->identity.ptr, err));
    if (t->cold_why[0] != '\0' && t->options->warm_start == RF_WARM_ALWAYS)
        RF_FAIL(
            err, RF_E_INVALID,
            "%s: training is to begin with this model (train.warm_start: always), but %s; choose auto, or "
            "restart",
            t->path, t->cold_why);
    if (t->state.warm_from[0] == '\0')
        RF_TRY(rf_graphbean_initialise(t->model, t->options->init, t->options->seed, err));
    t->unsaved = true;
done:
    return st;
}

/* Looks at the file at the path: nothing, a graph without a model, a training to continue, or a file that
 * must not be lost. */
static rf_status begin(training *t, bool restart, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    const rf_kinds *kinds = &t->graph->kinds;
    int columns[RF_SIDES_MOST];
    bool going_on = false;

    for (rf_side side = 0; side < rf_sides(kinds); side++)
        columns[side] = t->graph->side[side].d;
    const rf_graphbean_shape shape = rf_train_shape(kinds, columns, t->options);
    RF_TRY(find_weights(&t->weights, kinds, t->options, err));
    RF_TRY(write_identity(&t->identity, &shape, t->options, &t->weights, err));
    name_graph(t->graph_id, t->graph);
    if (rf_path_exists(t->path)) {
        RF_TRY(rf_h5_open(&file, t->path, err));
        going_on = rf_h5_exists(file, "/model");
        if (!going_on && !rf_h5_exists(file, "/e/u"))
            RF_FAIL(err, RF_E_INVALID, "%s: exists, but is not a model; choose another file for the model",
                    t->path);
    }
    if (going_on && !restart) {
        RF_TRY(resume(t, file, &shape, err));
        goto done;
    }
    RF_TRY(start(t, going_on ? file : NULL, &shape, err));
done:
    rf_h5_close(&file);
    return st;
}

/* ---- epochs ---- */

static rf_status check_losses(const rf_losses *losses, int epoch, rf_err *err)
{
    rf_status st = RF_OK;
    const struct {
        const char *name;
        double value;
    } terms[] = {{"xu", losses->xu}, {"xv", losses->xv}, {"xe", losses->xe}, {"structure", losses->e}};
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        if (!isfinite(terms[i].value))
            RF_FAIL(err, RF_E_NUMERIC, "epoch %d: the %s loss is %g; try a smaller learning rate (train.lr)",
                    epoch, terms[i].name, terms[i].value);
    }
done:
    return st;
}

static rf_status check_gradients(const rf_graphbean *model, int epoch, rf_err *err)
{
    rf_status st = RF_OK;
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    for (int i = 0; i < n_tensors; i++) {
        size_t n = (size_t)tensors[i].rows * (size_t)(tensors[i].cols > 0 ? tensors[i].cols : 1);
        for (size_t k = 0; !tensors[i].running && k < n; k++) {
            if (!isfinite(tensors[i].grad[k]))
                RF_FAIL(err, RF_E_NUMERIC,
                        "epoch %d: the gradient of %s is not finite; try a smaller learning rate "
                        "(train.lr)",
                        epoch, tensors[i].name);
        }
    }
done:
    return st;
}

static void start_samplers(rf_edge_sampler samples[RF_KINDS_MOST], const training *t, int epoch)
{
    const rf_kinds *kinds = &t->graph->kinds;
    for (int k = 0; k < rf_kinds_n(kinds); k++) {
        const rf_adj *adj = rf_graph_adj(t->graph, k);
        rf_edge_sampler_start(&samples[k], adj, rf_kind_seed(t->options->seed, kinds, k), epoch,
                              (int64_t)(t->options->negatives * (double)adj->n_e), t->drawn + k * adj->n_u);
    }
}

static rf_status run_epoch(training *t, const rf_train_hooks *hooks, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_train_options *o = t->options;
    rf_progress_state *state = &t->state;
    int epoch = state->epoch;
    double start = rf_monotonic_s(), lr = o->lr;
    rf_edge_sampler samples[RF_KINDS_MOST];
    rf_losses losses;

    for (int i = 0; i < o->n_milestones; i++)
        lr *= o->milestones[i] <= epoch ? o->gamma : 1;
    start_samplers(samples, t, epoch);
    rf_graphbean_step(&losses, t->workspace, samples, &t->weights, o->seed, epoch);
    RF_TRY(check_losses(&losses, epoch, err));
    RF_TRY(check_gradients(t->model, epoch, err));
    state->loss = losses.total;
    /* what is low enough is left alone: a step a night would teach a model its frauds in the long run */
    if (o->epochs != RF_EPOCHS_AUTO || !rf_warm_start_is_there(state))
        rf_adam_step(&t->adam, t->model, lr);
    state->epoch++;
    state->stale++;
    if (losses.total < state->best_loss * (1 - o->min_delta) || state->epoch == 1) {
        state->best_loss = losses.total;
        state->stale = 0;
    }
    rf_stop_rule_see(&state->rule, state->epoch, losses.concentration);
    state->stopped_early = o->patience > 0 && state->stale >= o->patience;
    t->unsaved = true;
    if (hooks != NULL && hooks->epoch_done != NULL) {
        rf_epoch_report report = {.epoch = epoch,
                                  .loss = losses.total,
                                  .loss_xu = losses.xu,
                                  .loss_xv = losses.xv,
                                  .loss_xe = losses.xe,
                                  .loss_e = losses.e,
                                  .concentration = losses.concentration,
                                  .lr = lr,
                                  .seconds = rf_monotonic_s() - start};
        hooks->epoch_done(hooks->context, &report);
    }
done:
    return st;
}

static rf_status save(training *t, rf_err *err)
{
    rf_status st = RF_OK;
    if (!t->unsaved)
        return RF_OK;
    RF_TRY(rf_checkpoint_save(t->path, t->model, t->graph, &t->adam, &t->state, rf_train_end_word(end_of(t)),
                              t->identity.ptr, t->graph_id, err));
    t->unsaved = false;
done:
    return st;
}

static rf_status run_epochs(training *t, const rf_train_hooks *hooks, rf_err *err)
{
    rf_status st = RF_OK;
    int every = t->options->checkpoint_every;
    bool stop = false;
    while (end_of(t) == RF_END_NONE && !stop) {
        RF_TRY(run_epoch(t, hooks, err));
        stop = hooks != NULL && hooks->stop != NULL && *hooks->stop != 0;
        if (every > 0 && t->state.epoch % every == 0)
            RF_TRY(save(t, err));
    }
    RF_TRY(save(t, err));
    if (stop && end_of(t) == RF_END_NONE)
        RF_FAIL(err, RF_E_INTERRUPTED,
                "training was interrupted after epoch %d of %s%d, all saved in %s; run it again to "
                "go on",
                t->state.epoch, t->options->epochs == RF_EPOCHS_AUTO ? "at most " : "",
                rf_train_most_epochs(t->options, t->graph->adj.n_e), t->path);
done:
    return st;
}

static rf_status check_graph(const rf_graph *graph, const rf_train_options *o, rf_err *err)
{
    rf_status st = RF_OK;
    int columns = 0;
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        const rf_graph_side *edges = &graph->side[rf_edge_side(k)];
        const bool is_narrow = edges->narrow != NULL;
        if (edges->n * edges->d > 0 && is_narrow != (o->precision == RF_PRECISION_BF16))
            RF_FAIL(err, RF_E_INVALID, "train: the features of edges are in %s, but precision says the other",
                    is_narrow ? "bfloat16" : "float32");
    }
    if (graph->adj.n_e == 0)
        RF_FAIL(err, RF_E_INVALID, "train: the graph has no edges, so there is nothing to learn from");
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++)
        columns += graph->side[side].d;
    if (columns == 0)
        RF_FAIL(err, RF_E_INVALID, "train: the graph has no features, so there is nothing to reconstruct");
done:
    return st;
}

rf_status rf_train(rf_train_result *result, const rf_graph *graph, const rf_train_options *options,
                   const char *model_path, bool restart, const rf_train_hooks *hooks, rf_pool *pool,
                   rf_err *err)
{
    rf_status st = RF_OK;
    training t = {.graph = graph, .options = options, .path = model_path};
    rf_graphbean_input input = rf_graphbean_input_of(graph);
    rf_h5 *probe = NULL;
    int resumed_from;

    RF_TRY(check_options(options, err));
    RF_TRY(check_graph(graph, options, err));
    RF_TRY(begin(&t, restart, err));
    resumed_from = t.state.epoch;
    if (end_of(&t) == RF_END_NONE) {
        /* finds out now, not at the first checkpoint, that the file cannot be written */
        RF_TRY(rf_h5_create_beside(&probe, model_path, err));
        rf_h5_close(&probe);
        input.hidden_edges = options->hidden_edges;
        RF_TRY(rf_workspace_new(&t.workspace, t.model, &input, RF_USE_TRAIN, pool, err));
        RF_NEW(t.drawn, graph->adj.n_u * rf_kinds_n(&graph->kinds), err);
    }
    st = run_epochs(&t, hooks, err);
    if (st == RF_OK || st == RF_E_INTERRUPTED) {
        *result = (rf_train_result){.epochs = t.state.epoch,
                                    .resumed_from = resumed_from,
                                    .end = end_of(&t),
                                    .peak_epoch = t.state.rule.peak_epoch,
                                    .loss = t.state.loss};
        memcpy(result->warm_from, t.state.warm_from, sizeof result->warm_from);
        memcpy(result->cold_why, t.cold_why, sizeof result->cold_why);
    }
done:
    rf_workspace_free(t.workspace);
    rf_mem_free(t.drawn);
    rf_adam_clear(&t.adam);
    rf_graphbean_free(t.model);
    rf_text_clear(&t.identity);
    return st;
}
