/* graphbean.c - the model: its shape, and where each parameter lies.
 *
 * One walk over the layers both counts and binds: with base pointers NULL it only adds up sizes. The
 * memory of a run is in workspace.c; initial.c and checkpoint.c fill the parameters.
 */
#include "graphbean_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_idmap.h"
#include "rf_rng.h"

uint64_t rf_kind_seed(uint64_t seed, const rf_kinds *kinds, int kind)
{
    if (kind == 0)
        return seed;
    const char *name = kinds->name[kind];
    return rf_mix64(seed ^ rf_idmap_hash(name, strlen(name)));
}

bool rf_graphbean_has_kinds(const rf_graphbean_shape *shape, const rf_kinds *kinds)
{
    const rf_kinds *own = &shape->kinds;
    bool same = rf_kinds_n(own) == rf_kinds_n(kinds);
    for (int k = 0; same && k < own->n && k < kinds->n; k++)
        same = strcmp(own->name[k], kinds->name[k]) == 0;
    return same;
}

rf_status rf_graphbean_check_kinds(const rf_graphbean_shape *shape, const rf_kinds *kinds, rf_err *err)
{
    rf_status st = RF_OK;
    char list[2][RF_KINDS_LIST];
    const rf_kinds *const of[2] = {&shape->kinds, kinds};
    if (rf_graphbean_has_kinds(shape, kinds))
        return RF_OK;
    for (int i = 0; i < 2; i++) {
        if (of[i]->n > 0)
            rf_kinds_list(list[i], of[i]);
        else
            (void)snprintf(list[i], sizeof list[i], "one without a name");
    }
    RF_FAIL(err, RF_E_FORMAT,
            "the model was trained on these kinds of entity: %s; the graph has: %s; build the graph with the "
            "same fields.entities, or train a model on it",
            list[0], list[1]);
done:
    return st;
}

bool rf_graphbean_shapes_equal(const rf_graphbean_shape *a, const rf_graphbean_shape *b)
{
    bool equal = rf_graphbean_has_kinds(a, &b->kinds) && a->gate == b->gate;
    for (rf_side side = 0; equal && side < rf_sides(&a->kinds); side++)
        equal = a->in[side] == b->in[side];
    return equal && memcmp(a->hidden, b->hidden, sizeof a->hidden) == 0 &&
           memcmp(a->latent, b->latent, sizeof a->latent) == 0 && a->edge_latent == b->edge_latent &&
           a->layers_encoder == b->layers_encoder && a->layers_decoder == b->layers_decoder &&
           a->layers_mlp == b->layers_mlp;
}

/* ---- parameters ---- */

typedef struct walker {
    rf_graphbean *model;
    int kind;
    size_t params, running;
} walker;

static rf_real *slice(rf_real *base, size_t at)
{
    return base == NULL ? NULL : base + at;
}

/* The next tensor; out and dout receive its value and gradient. `tensor` has all but its name and place. */
static void take(walker *w, rf_real **out, rf_real **dout, rf_tensor tensor, const char *owner,
                 const char *name)
{
    rf_graphbean *model = w->model;
    size_t *at = tensor.running ? &w->running : &w->params;
    const char *kind = w->kind == 0 ? "" : model->shape.kinds.name[w->kind];
    (void)snprintf(tensor.name, sizeof tensor.name, "%s%s%s%s/%s", w->kind == 0 ? "" : "kinds/", kind,
                   w->kind == 0 ? "" : "/", owner, name);
    tensor.kind = w->kind;
    tensor.value = slice(tensor.running ? model->running : model->params, *at);
    tensor.grad = tensor.running ? NULL : slice(model->grads, *at);
    *out = tensor.value;
    if (dout != NULL)
        *dout = tensor.grad;
    *at += rf_tensor_size(&tensor);
    if (model->tensors != NULL)
        model->tensors[model->n_tensors] = tensor;
    model->n_tensors++;
}

/* o outputs of d inputs; the first main_d of them come from users and the main kind. */
static void take_linear(walker *w, rf_real **weight, rf_real **bias, rf_real **dweight, rf_real **dbias,
                        int o, int d, int main_d, const char *owner)
{
    /* a matrix without columns is not a vector: cols 0 says that, so such a weight is left out */
    if (d > 0)
        take(w, weight, dweight, (rf_tensor){.rows = o, .cols = d, .main_cols = main_d, .fan_in = d}, owner,
             "weight");
    take(w, bias, dbias, (rf_tensor){.rows = o, .fan_in = d}, owner, "bias");
}

static void take_norm(walker *w, bn_params *bn, int d, const char *owner)
{
    const rf_tensor parameter = {.rows = d}, running = {.rows = d, .running = true};
    bn->d = d;
    take(w, &bn->gain, &bn->dgain, parameter, owner, "weight");
    take(w, &bn->bias, &bn->dbias, parameter, owner, "bias");
    take(w, &bn->running_mean, NULL, running, owner, "running_mean");
    take(w, &bn->running_var, NULL, running, owner, "running_var");
}

static rf_bean_conv conv_channels(const rf_graphbean *model, int i, int kind)
{
    const rf_graphbean_shape *s = &model->shape;
    const int ends[RF_SIDES] = {s->in[RF_USER], s->in[rf_entity_side(kind)], s->in[rf_edge_side(kind)]};
    const int latent[RF_SIDES] = {s->latent[RF_USER], s->latent[RF_ENTITY], 0};
    const int *in = i == 0 ? ends : i == model->n_enc ? latent : s->hidden;
    const int *out = i == model->n_enc - 1 ? latent : i == model->n_convs - 1 ? ends : s->hidden;
    return (rf_bean_conv){.d_u = in[0],
                          .d_v = in[1],
                          .d_e = in[2],
                          .o_u = out[0],
                          .o_v = out[1],
                          .o_e = out[2],
                          .node_self_loop = i != model->n_enc - 1};
}

/* The kinds' columns of the users' weights, one behind the other. */
static void set_channels(rf_graphbean *model, int i)
{
    rf_bean_conv *conv = model->conv[i];
    int all = 0;
    for (int k = 0; k < model->n_kinds; k++) {
        conv[k] = conv_channels(model, i, k);
        conv[k].is_other = k > 0;
        conv[k].before = all;
        all += 2 * (conv[k].d_v + conv[k].d_e);
    }
    for (int k = 0; k < model->n_kinds; k++) {
        conv[k].after = all - conv[k].before - 2 * (conv[k].d_v + conv[k].d_e);
        model->dconv[i][k] = conv[k];
    }
}

/* Layer i: of the main kind with the users' part. */
static void walk_conv(walker *w, int i)
{
    rf_graphbean *model = w->model;
    rf_bean_conv *conv = &model->conv[i][w->kind], *dconv = &model->dconv[i][w->kind];
    char owner[48], prefix[32];
    bool encoder = i < model->n_enc;
    const rf_side first = w->kind == 0 ? RF_USER : RF_ENTITY;
    (void)snprintf(prefix, sizeof prefix, "%s_convs/%d", encoder ? "encoder" : "decoder",
                   encoder ? i : i - model->n_enc);
    for (rf_side role = first; role < RF_SIDES; role++) {
        rf_real **weight[RF_SIDES] = {&conv->w_u, &conv->w_v, &conv->w_e},
                **bias[RF_SIDES] = {&conv->b_u, &conv->b_v, &conv->b_e};
        rf_real **dweight[RF_SIDES] = {&dconv->w_u, &dconv->w_v, &dconv->w_e};
        rf_real **dbias[RF_SIDES] = {&dconv->b_u, &dconv->b_v, &dconv->b_e};
        int k[RF_SIDES] = {rf_bean_conv_row_u(conv), rf_bean_conv_k_v(conv), rf_bean_conv_k_e(conv)};
        if (output_width(conv, role) == 0)
            continue;
        (void)snprintf(owner, sizeof owner, "%s/lin_%c", prefix, rf_side_letter(role));
        take_linear(w, weight[role], bias[role], dweight[role], dbias[role], output_width(conv, role),
                    k[role], role == RF_USER ? rf_bean_conv_k_u(conv) : k[role], owner);
    }
    for (rf_side role = first; role < RF_SIDES; role++) {
        const int width = output_width(conv, role);
        const rf_side side = role == RF_USER ? RF_USER : role + 2 * w->kind;
        if (width == 0)
            continue;
        (void)snprintf(owner, sizeof owner, "%s/bn_%c", prefix, rf_side_letter(role));
        take_norm(w, &model->bn[i][side], width, owner);
    }
}

static void share_users(rf_graphbean *model, int i)
{
    for (int k = 1; k < model->n_kinds; k++) {
        model->conv[i][k].w_u = model->conv[i][0].w_u;
        model->conv[i][k].b_u = model->conv[i][0].b_u;
        model->dconv[i][k].w_u = model->dconv[i][0].w_u;
        model->dconv[i][k].b_u = model->dconv[i][0].b_u;
    }
}

static void walk_mlp(walker *w, rf_side role, int i)
{
    rf_graphbean *model = w->model;
    mlp_layer *layer = &model->mlp[w->kind][role][i];
    char owner[40];
    layer->d = i == 0 ? model->shape.latent[role] : model->shape.edge_latent;
    layer->o = model->shape.edge_latent;
    (void)snprintf(owner, sizeof owner, "%c_mlp_layers/%d", rf_side_letter(role), i);
    take_linear(w, &layer->w, &layer->b, &layer->dw, &layer->db, layer->o, layer->d, layer->d, owner);
}

static void walk(rf_graphbean *model)
{
    walker w = {.model = model};
    model->n_tensors = 0;
    for (int i = 0; i < model->n_convs; i++)
        set_channels(model, i);
    for (; w.kind < model->n_kinds; w.kind++) {
        for (int i = 0; i < model->n_convs; i++)
            walk_conv(&w, i);
        for (rf_side role = RF_USER; role <= RF_ENTITY; role++) {
            for (int i = 0; i < model->shape.layers_mlp; i++)
                walk_mlp(&w, role, i);
        }
    }
    for (int i = 0; i < model->n_convs; i++)
        share_users(model, i);
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

enum { MOST_FEATURES = 1 << 16, MOST_WIDTH = 1 << 13 };

static rf_status check_features(const rf_graphbean_shape *s, rf_err *err)
{
    static const char *const name[RF_SIDES] = {"number of user features", "number of entity features",
                                               "number of edge features"};
    rf_status st = RF_OK;
    for (rf_side side = 0; side < rf_sides(&s->kinds); side++) {
        const int kind = rf_side_kind(side);
        char what[80];
        (void)snprintf(what, sizeof what, "%s%s%s", name[rf_side_role(side)], kind > 0 ? " of the kind " : "",
                       kind > 0 ? s->kinds.name[kind] : "");
        RF_TRY(check_range(what, s->in[side], 0, MOST_FEATURES, err));
    }
done:
    return st;
}

static rf_status check_shape(const rf_graphbean_shape *s, rf_err *err)
{
    static const char *const hidden_name[RF_SIDES] = {"hidden width of users", "hidden width of entities",
                                                      "hidden width of edges"};
    rf_status st = RF_OK;
    RF_TRY(check_range("number of kinds of entity", s->kinds.n, 0, RF_KINDS_MOST, err));
    RF_TRY(check_features(s, err));
    for (rf_side side = 0; side < RF_SIDES; side++)
        RF_TRY(check_range(hidden_name[side], s->hidden[side], 1, MOST_WIDTH, err));
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

static void initial_norms(rf_graphbean *model)
{
    for (int i = 0; i < model->n_convs; i++) {
        for (rf_side side = 0; side < model->n_sides; side++) {
            for (int j = 0; j < width_of(model, i, side); j++) {
                model->bn[i][side].gain[j] = 1;
                model->bn[i][side].running_var[j] = 1;
            }
        }
    }
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
    model->n_kinds = rf_kinds_n(&shape->kinds);
    model->n_sides = rf_sides(&shape->kinds);
    walk(model);
    RF_ZERO(model->tensors, model->n_tensors, err);
    RF_ZERO(model->params, model->n_params, err);
    RF_ZERO(model->running, model->n_running, err);
    if (with_gradients)
        RF_ZERO(model->grads, model->n_params, err);
    walk(model);
    initial_norms(model);
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
    rf_mem_free(model->tensors);
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

rf_graphbean_input rf_graphbean_input_of(const rf_graph *graph)
{
    rf_graphbean_input input = {0};
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++)
        input.adj[k] = rf_graph_adj(graph, k);
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++) {
        input.x[side] = graph->side[side].x;
        input.narrow[side] = graph->side[side].narrow;
    }
    return input;
}
