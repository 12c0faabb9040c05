/* graphbean.c - the model: its shape, and where each parameter lies.
 *
 * One walk over the layers both counts and binds: with base pointers NULL it only adds up sizes. The
 * memory of a run is in workspace.c; initial.c and checkpoint.c fill the parameters.
 */
#include "graphbean_int.h"

#include <stdio.h>
#include <string.h>

typedef struct walker {
    rf_graphbean *model;
    size_t params, running;
} walker;

static rf_real *slice(rf_real *base, size_t at)
{
    return base == NULL ? NULL : base + at;
}

/* The next tensor; out and dout receive its value and gradient. */
static void take(walker *w, rf_real **out, rf_real **dout, int rows, int cols, int fan_in, bool running,
                 const char *owner, const char *name)
{
    rf_graphbean *model = w->model;
    rf_tensor *tensor = &model->tensors[model->n_tensors++];
    size_t *at = running ? &w->running : &w->params;
    *tensor = (rf_tensor){.rows = rows, .cols = cols, .running = running, .fan_in = fan_in};
    (void)snprintf(tensor->name, sizeof tensor->name, "%s/%s", owner, name);
    tensor->value = slice(running ? model->running : model->params, *at);
    tensor->grad = running ? NULL : slice(model->grads, *at);
    *out = tensor->value;
    if (dout != NULL)
        *dout = tensor->grad;
    *at += rf_tensor_size(tensor);
}

static void take_linear(walker *w, rf_real **weight, rf_real **bias, rf_real **dweight, rf_real **dbias,
                        int o, int d, const char *owner)
{
    /* a matrix without columns is not a vector: cols 0 says that, so such a weight is left out */
    if (d > 0)
        take(w, weight, dweight, o, d, d, false, owner, "weight");
    take(w, bias, dbias, o, 0, d, false, owner, "bias");
}

static void take_norm(walker *w, bn_params *bn, int d, const char *owner)
{
    bn->d = d;
    take(w, &bn->gain, &bn->dgain, d, 0, 0, false, owner, "weight");
    take(w, &bn->bias, &bn->dbias, d, 0, 0, false, owner, "bias");
    take(w, &bn->running_mean, NULL, d, 0, 0, true, owner, "running_mean");
    take(w, &bn->running_var, NULL, d, 0, 0, true, owner, "running_var");
}

static void conv_channels(rf_bean_conv *conv, const rf_graphbean *model, int i)
{
    const rf_graphbean_shape *s = &model->shape;
    const int latent[RF_SIDES] = {s->latent[RF_USER], s->latent[RF_ENTITY], 0};
    const int *in = i == 0 ? s->in : i == model->n_enc ? latent : s->hidden;
    const int *out = i == model->n_enc - 1 ? latent : i == model->n_convs - 1 ? s->in : s->hidden;
    *conv =
        (rf_bean_conv){.d_u = in[0], .d_v = in[1], .d_e = in[2], .o_u = out[0], .o_v = out[1], .o_e = out[2]};
    conv->node_self_loop = i != model->n_enc - 1;
}

static void walk_conv(walker *w, int i)
{
    rf_graphbean *model = w->model;
    rf_bean_conv *conv = &model->conv[i], *dconv = &model->dconv[i];
    char owner[48], prefix[32];
    bool encoder = i < model->n_enc;
    conv_channels(conv, model, i);
    *dconv = *conv;
    (void)snprintf(prefix, sizeof prefix, "%s_convs/%d", encoder ? "encoder" : "decoder",
                   encoder ? i : i - model->n_enc);
    for (rf_side side = 0; side < RF_SIDES; side++) {
        rf_real **weight[RF_SIDES] = {&conv->w_u, &conv->w_v, &conv->w_e},
                **bias[RF_SIDES] = {&conv->b_u, &conv->b_v, &conv->b_e};
        rf_real **dweight[RF_SIDES] = {&dconv->w_u, &dconv->w_v, &dconv->w_e};
        rf_real **dbias[RF_SIDES] = {&dconv->b_u, &dconv->b_v, &dconv->b_e};
        int k[RF_SIDES] = {rf_bean_conv_k_u(conv), rf_bean_conv_k_v(conv), rf_bean_conv_k_e(conv)};
        if (width_of(conv, side) == 0)
            continue;
        (void)snprintf(owner, sizeof owner, "%s/lin_%c", prefix, rf_side_letter(side));
        take_linear(w, weight[side], bias[side], dweight[side], dbias[side], width_of(conv, side), k[side],
                    owner);
    }
    for (rf_side side = 0; side < RF_SIDES; side++) {
        if (width_of(conv, side) == 0)
            continue;
        (void)snprintf(owner, sizeof owner, "%s/bn_%c", prefix, rf_side_letter(side));
        take_norm(w, &model->bn[i][side], width_of(conv, side), owner);
    }
}

static void walk_mlp(walker *w, rf_side side, int i)
{
    rf_graphbean *model = w->model;
    mlp_layer *layer = &model->mlp[side][i];
    char owner[40];
    layer->d = i == 0 ? model->shape.latent[side] : model->shape.edge_latent;
    layer->o = model->shape.edge_latent;
    (void)snprintf(owner, sizeof owner, "%c_mlp_layers/%d", rf_side_letter(side), i);
    take_linear(w, &layer->w, &layer->b, &layer->dw, &layer->db, layer->o, layer->d, owner);
}

static void walk(rf_graphbean *model)
{
    walker w = {.model = model};
    model->n_tensors = 0;
    for (int i = 0; i < model->n_convs; i++)
        walk_conv(&w, i);
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        for (int i = 0; i < model->shape.layers_mlp; i++)
            walk_mlp(&w, side, i);
    }
    model->n_params = w.params;
    model->n_running = w.running;
}

static rf_status check_range(const char *what, int value, int least, int most, rf_err *err)
{
    rf_status st = RF_OK;
    if (value < least || value > most)
        RF_FAIL(err, RF_E_INVALID, "model: %s is %d, but must lie in %d..%d", what, value, least, most);
done:
    return st;
}

static rf_status check_shape(const rf_graphbean_shape *s, rf_err *err)
{
    static const char *const in_name[RF_SIDES] = {"number of user features", "number of entity features",
                                                  "number of edge features"};
    static const char *const hidden_name[RF_SIDES] = {"hidden width of users", "hidden width of entities",
                                                      "hidden width of edges"};
    enum { MOST_FEATURES = 1 << 16, MOST_WIDTH = 1 << 13 };
    rf_status st = RF_OK;
    for (rf_side side = 0; side < RF_SIDES; side++) {
        RF_TRY(check_range(in_name[side], s->in[side], 0, MOST_FEATURES, err));
        RF_TRY(check_range(hidden_name[side], s->hidden[side], 1, MOST_WIDTH, err));
    }
    RF_TRY(check_range("latent width of users", s->latent[RF_USER], 1, MOST_WIDTH, err));
    RF_TRY(check_range("latent width of entities", s->latent[RF_ENTITY], 1, MOST_WIDTH, err));
    RF_TRY(check_range("width of the structure decoder", s->edge_latent, 1, MOST_WIDTH, err));
    RF_TRY(check_range("number of encoder layers", s->layers_encoder, 2, RF_MAX_LAYERS, err));
    RF_TRY(check_range("number of decoder layers", s->layers_decoder, 2, RF_MAX_LAYERS, err));
    RF_TRY(check_range("number of MLP layers", s->layers_mlp, 1, RF_MAX_LAYERS, err));
    if (!(s->dropout >= 0 && s->dropout < 1))
        RF_FAIL(err, RF_E_INVALID, "model: dropout is %g, but must lie in [0, 1)", s->dropout);
done:
    return st;
}

rf_status rf_graphbean_new(rf_graphbean **out, const rf_graphbean_shape *shape, bool with_gradients,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_graphbean *model = NULL;

    RF_TRY(check_shape(shape, err));
    RF_ZERO(model, 1, err);
    model->shape = *shape;
    model->with_gradients = with_gradients;
    model->n_enc = shape->layers_encoder;
    model->n_convs = shape->layers_encoder + shape->layers_decoder;
    walk(model);
    RF_ZERO(model->params, model->n_params, err);
    RF_ZERO(model->running, model->n_running, err);
    if (with_gradients)
        RF_ZERO(model->grads, model->n_params, err);
    walk(model);
    for (int i = 0; i < model->n_convs; i++) {
        for (rf_side side = 0; side < RF_SIDES; side++) {
            for (int j = 0; j < width_of(&model->conv[i], side); j++) {
                model->bn[i][side].gain[j] = 1;
                model->bn[i][side].running_var[j] = 1;
            }
        }
    }
    *out = model;
    model = NULL;
done:
    rf_graphbean_free(model);
    return st;
}

void rf_graphbean_free(rf_graphbean *model)
{
    if (model == NULL)
        return;
    rf_mem_free(model->params);
    rf_mem_free(model->grads);
    rf_mem_free(model->running);
    rf_mem_free(model);
}

const rf_graphbean_shape *rf_graphbean_shape_get(const rf_graphbean *model)
{
    return &model->shape;
}

const rf_tensor *rf_graphbean_tensors(const rf_graphbean *model, int *n)
{
    *n = model->n_tensors;
    return model->tensors;
}
