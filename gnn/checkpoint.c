/* checkpoint.c - model.h5: parameters under the reference's names. What resuming a training needs is written
 * and read by checkpoint_optimizer.c. What another kind than the main one has lies under /model/kinds/NAME
 * with the same names.
 *
 * A file is written beside its target and renamed. Reading trusts nothing: shapes decide widths, every shape
 * is checked against the others before memory is taken, and numbers must be finite.
 */
#include "checkpoint_int.h"
#include "columns_int.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_file.h"
#include "rf_idmap.h"
#include "rf_mem.h"
#include "rf_rng.h"

#define REAL_TYPE (RF_REAL_IS_DOUBLE ? RF_H5_F64 : RF_H5_F32)
#define NAME 128
#define GATE_ATTRIBUTE "gate" /* absent: off */
#define GATE_DEGREE "degree"

/* ---- shape ---- */

/* Length of a bias vector; 0 when it is absent. */
static rf_status bias_length(int *out, rf_h5 *file, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    int rank;
    int64_t dims[4];
    *out = 0;
    if (!rf_h5_exists(file, name))
        return RF_OK;
    RF_TRY(rf_h5_shape(file, name, &rank, dims, err));
    if (rank != 1 || dims[0] < 1 || dims[0] > 65536)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s is not a vector of 1..65536 numbers", rf_h5_path(file), name);
    *out = (int)dims[0];
done:
    return st;
}

static int count_layers(rf_h5 *file, const char *pattern)
{
    char name[NAME];
    int n = 0;
    for (; n <= RF_MAX_LAYERS; n++) {
        (void)snprintf(name, sizeof name, pattern, n);
        if (!rf_h5_exists(file, name))
            break;
    }
    return n;
}

/* kind: "" or "kinds/NAME/" */
static rf_status conv_outputs(int out[RF_SIDES], rf_h5 *file, const char *kind, const char *part, int layer,
                              rf_err *err)
{
    rf_status st = RF_OK;
    for (rf_side s = 0; s < RF_SIDES; s++) {
        char name[NAME];
        (void)snprintf(name, sizeof name, "/model/%s%s_convs/%d/lin_%c/bias", kind, part, layer,
                       rf_side_letter(s));
        RF_TRY(bias_length(&out[s], file, name, err));
    }
done:
    return st;
}

rf_status rf_checkpoint_read_kinds(rf_kinds *out, rf_h5 *file, rf_err *err)
{
    *out = (rf_kinds){0};
    return rf_h5_exists(file, "/model") ? rf_graph_kinds_of(out, file, "/model", err) : RF_OK;
}

static rf_status read_depths(rf_graphbean_shape *shape, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    shape->layers_encoder = count_layers(file, "/model/encoder_convs/%d/lin_v/bias");
    shape->layers_decoder = count_layers(file, "/model/decoder_convs/%d");
    shape->layers_mlp = count_layers(file, "/model/u_mlp_layers/%d/bias");
    if (shape->layers_encoder < 2 || shape->layers_decoder < 2 || shape->layers_mlp < 1 ||
        shape->layers_encoder > RF_MAX_LAYERS || shape->layers_decoder > RF_MAX_LAYERS ||
        shape->layers_mlp > RF_MAX_LAYERS)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: /model has %d encoder, %d decoder and %d MLP layers; a GraphBEAN has 2 to %d, 2 to %d "
                "and 1 to %d",
                rf_h5_path(file), shape->layers_encoder, shape->layers_decoder, shape->layers_mlp,
                RF_MAX_LAYERS, RF_MAX_LAYERS, RF_MAX_LAYERS);
done:
    return st;
}

/* Of a kind that is not the main one. */
static rf_status read_kind_inputs(rf_graphbean_shape *shape, rf_h5 *file, int kind, rf_err *err)
{
    rf_status st = RF_OK;
    char prefix[RF_KIND_NAME + 8];
    int in[RF_SIDES];
    char group[RF_KIND_NAME + 16];
    (void)snprintf(prefix, sizeof prefix, "kinds/%s/", shape->kinds.name[kind]);
    (void)snprintf(group, sizeof group, "/model/kinds/%s", shape->kinds.name[kind]);
    if (!rf_h5_exists(file, group))
        RF_FAIL(err, RF_E_FORMAT, "%s: has no %s, a kind that /model lists", rf_h5_path(file), group);
    RF_TRY(conv_outputs(in, file, prefix, "decoder", shape->layers_decoder - 1, err));
    shape->in[rf_entity_side(kind)] = in[RF_ENTITY];
    shape->in[rf_edge_side(kind)] = in[RF_EDGE];
done:
    return st;
}

static rf_status read_gate(rf_gate *out, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    char *word = NULL;
    *out = RF_GATE_OFF;
    if (!rf_h5_has_attr(file, "/model", GATE_ATTRIBUTE))
        return RF_OK;
    RF_TRY(rf_h5_read_attr_text(file, "/model", GATE_ATTRIBUTE, &word, err));
    if (strcmp(word, GATE_DEGREE) != 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: the model's " GATE_ATTRIBUTE " is %.60s, which only a later version knows",
                rf_h5_path(file), word);
    *out = RF_GATE_DEGREE;
done:
    rf_mem_free(word);
    return st;
}

static rf_status read_shape(rf_graphbean_shape *shape, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    int latent[RF_SIDES] = {0};
    *shape = (rf_graphbean_shape){0};
    RF_TRY(rf_checkpoint_read_kinds(&shape->kinds, file, err));
    RF_TRY(read_gate(&shape->gate, file, err));
    RF_TRY(read_depths(shape, file, err));
    RF_TRY(conv_outputs(shape->hidden, file, "", "encoder", 0, err));
    RF_TRY(conv_outputs(latent, file, "", "encoder", shape->layers_encoder - 1, err));
    RF_TRY(conv_outputs(shape->in, file, "", "decoder", shape->layers_decoder - 1, err));
    for (int k = 1; k < shape->kinds.n; k++)
        RF_TRY(read_kind_inputs(shape, file, k, err));
    shape->latent[RF_USER] = latent[RF_USER];
    shape->latent[RF_ENTITY] = latent[RF_ENTITY];
    RF_TRY(bias_length(&shape->edge_latent, file, "/model/u_mlp_layers/0/bias", err));
done:
    return st;
}

typedef struct attribute {
    const char *name;
    const int *values;
    int n;
} attribute;

#define N_ATTRIBUTES 7

static void list_attributes(attribute out[N_ATTRIBUTES], const rf_graphbean_shape *s)
{
    out[0] = (attribute){"in_channels", s->in, RF_SIDES}; /* of other kinds the shapes tell */
    out[1] = (attribute){"hidden_channels", s->hidden, 3};
    out[2] = (attribute){"latent_channels", s->latent, 2};
    out[3] = (attribute){"edge_pred_latent", &s->edge_latent, 1};
    out[4] = (attribute){"n_layers_encoder", &s->layers_encoder, 1};
    out[5] = (attribute){"n_layers_decoder", &s->layers_decoder, 1};
    out[6] = (attribute){"n_layers_mlp", &s->layers_mlp, 1};
}

static rf_status check_attributes(rf_h5 *file, const rf_graphbean_shape *shape, rf_err *err)
{
    rf_status st = RF_OK;
    attribute attributes[N_ATTRIBUTES];
    list_attributes(attributes, shape);
    for (int i = 0; i < N_ATTRIBUTES; i++) {
        const attribute *a = &attributes[i];
        int64_t said[RF_SIDES] = {0};
        if (!rf_h5_has_attr(file, "/model", a->name))
            continue;
        RF_TRY(rf_h5_read_attr_int(file, "/model", a->name, said, a->n, err));
        for (int j = 0; j < a->n; j++) {
            if (said[j] != a->values[j])
                RF_FAIL(err, RF_E_FORMAT,
                        "%s: attribute %s of /model says %" PRId64 ", the parameters have %d",
                        rf_h5_path(file), a->name, said[j], a->values[j]);
        }
    }
done:
    return st;
}

/* ---- tensors ---- */

static int tensor_dims(int64_t dims[4], const rf_tensor *tensor)
{
    dims[0] = tensor->rows;
    dims[1] = tensor->cols;
    return tensor->cols > 0 ? 2 : 1;
}

static rf_status check_numbers(rf_h5 *file, const char *name, const rf_real *x, int64_t n, bool variance,
                               rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || (variance && x[i] < 0))
            RF_FAIL(err, RF_E_FORMAT, "%s: number %" PRId64 " of %s is %g; was the file damaged?",
                    rf_h5_path(file), i, name, (double)x[i]);
    }
done:
    return st;
}

rf_status rf_checkpoint_read_numbers(rf_real *out, rf_h5 *file, const char *group, const rf_tensor *tensor,
                                     bool variance, rf_err *err)
{
    rf_status st = RF_OK;
    char name[NAME];
    int64_t dims[4];
    int rank = tensor_dims(dims, tensor);
    (void)snprintf(name, sizeof name, "%s/%s", group, tensor->name);
    RF_TRY(rf_h5_read(file, name, REAL_TYPE, rank, dims, out, err));
    RF_TRY(check_numbers(file, name, out, (int64_t)rf_tensor_size(tensor), variance, err));
done:
    return st;
}

/* A small file that claims huge tensors is refused before memory is taken for them. */
static rf_status check_size(rf_h5 *file, const rf_graphbean_shape *s, rf_err *err)
{
    enum { BYTES_FOR_ONE = 16 }; /* compression gets no further on weights */
    rf_status st = RF_OK;
    double wide = 0, numbers;
    for (rf_side i = 0; i < rf_sides(&s->kinds); i++)
        wide += s->in[i];
    numbers = wide * (s->hidden[0] + s->hidden[1] + s->hidden[2]) + (double)s->latent[0] * s->hidden[0];
    numbers += rf_kinds_n(&s->kinds) *
               ((double)s->latent[1] * s->hidden[1] + (double)s->edge_latent * (s->latent[0] + s->latent[1]));
    if (numbers > BYTES_FOR_ONE * (double)rf_h5_size(file))
        RF_FAIL(err, RF_E_FORMAT, "%s: %lld bytes cannot hold the %.0f parameters that its shapes promise",
                rf_h5_path(file), (long long)rf_h5_size(file), numbers);
done:
    return st;
}

rf_status rf_checkpoint_read_model(rf_graphbean **out, rf_h5 *file, bool with_gradients, double dropout,
                                   rf_err *err)
{
    rf_status st = RF_OK;
    rf_graphbean_shape shape;
    rf_graphbean *model = NULL;
    int n_tensors;

    if (!rf_h5_exists(file, "/model"))
        RF_FAIL(err, RF_E_FORMAT, "%s: holds no /model; train one with `ringfence train`", rf_h5_path(file));
    RF_TRY(read_shape(&shape, file, err));
    shape.dropout = dropout;
    RF_TRY(check_attributes(file, &shape, err));
    RF_TRY(check_size(file, &shape, err));
    st = rf_graphbean_new(&model, &shape, with_gradients, err);
    if (st == RF_E_INVALID) /* here it is the file that is wrong */
        st = RF_E_FORMAT;
    RF_TRY(st);
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    for (int t = 0; t < n_tensors; t++)
        RF_TRY(rf_checkpoint_read_numbers(tensors[t].value, file, "/model", &tensors[t],
                                          strstr(tensors[t].name, "running_var") != NULL, err));
    *out = model;
    model = NULL;
done:
    rf_graphbean_free(model);
    return st;
}

void rf_checkpoint_model_id(char out[17], const rf_graphbean *model)
{
    int n_tensors;
    uint64_t hash = 0;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    for (int t = 0; t < n_tensors; t++)
        hash = rf_mix64(hash + (uint64_t)t) ^
               rf_idmap_hash((const char *)tensors[t].value, rf_tensor_size(&tensors[t]) * sizeof(rf_real));
    (void)snprintf(out, 17, "%016" PRIx64, rf_mix64(hash));
}

/* ---- writing ---- */

rf_status rf_checkpoint_write_numbers(rf_h5 *file, const char *group, const rf_tensor *tensor,
                                      const rf_real *x, rf_err *err)
{
    char name[NAME];
    int64_t dims[4];
    int rank = tensor_dims(dims, tensor);
    (void)snprintf(name, sizeof name, "%s/%s", group, tensor->name);
    return rf_h5_write(file, name, REAL_TYPE, rank, dims, x, err);
}

static rf_status write_kinds(rf_h5 *file, const rf_kinds *kinds, rf_err *err)
{
    char list[RF_KINDS_LIST];
    if (kinds->n == 0)
        return RF_OK;
    return rf_h5_write_attr_text(file, "/model", RF_KINDS_ATTRIBUTE, rf_kinds_list(list, kinds), err);
}

static rf_status write_model(rf_h5 *file, const rf_graphbean *model, rf_err *err)
{
    rf_status st = RF_OK;
    attribute attributes[N_ATTRIBUTES];
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    for (int t = 0; t < n_tensors; t++)
        RF_TRY(rf_checkpoint_write_numbers(file, "/model", &tensors[t], tensors[t].value, err));
    RF_TRY(write_kinds(file, &rf_graphbean_shape_get(model)->kinds, err));
    if (rf_graphbean_shape_get(model)->gate == RF_GATE_DEGREE)
        RF_TRY(rf_h5_write_attr_text(file, "/model", GATE_ATTRIBUTE, GATE_DEGREE, err));
    list_attributes(attributes, rf_graphbean_shape_get(model));
    for (int i = 0; i < N_ATTRIBUTES; i++) {
        int64_t values[RF_SIDES];
        for (int j = 0; j < attributes[i].n; j++)
            values[j] = attributes[i].values[j];
        RF_TRY(rf_h5_write_attr_int(file, "/model", attributes[i].name, values, attributes[i].n, err));
    }
done:
    return st;
}

/* Opens the file to be: empty, or a copy of the one at path without its model if that also holds a graph. */
static rf_status begin(rf_h5 **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *old = NULL;
    if (rf_path_exists(path))
        RF_TRY(rf_h5_open(&old, path, err));
    if (old == NULL || !rf_h5_exists(old, "/e/u")) {
        RF_TRY(rf_h5_create_beside(out, path, err));
        RF_TRY(rf_h5_write_format(*out, RF_MODEL_FORMAT, RF_MODEL_VERSION, err));
        goto done;
    }
    RF_TRY(rf_h5_update(out, old, err));
    RF_TRY(rf_h5_remove(*out, "/model", err));
    RF_TRY(rf_h5_remove(*out, "/optimizer", err));
done:
    rf_h5_close(&old);
    return st;
}

rf_status rf_checkpoint_save(const char *path, const rf_graphbean *model, const rf_graph *trained_on,
                             const rf_adam *adam, const rf_progress_state *state, const char *ended_by,
                             const char *options, const char *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(begin(&file, path, err));
    RF_TRY(write_model(file, model, err));
    RF_TRY(rf_model_columns_write(file, trained_on, err));
    RF_TRY(rf_checkpoint_write_optimizer(file, model, adam, state, ended_by, options, graph, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}
