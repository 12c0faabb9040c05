/* fuzz_checkpoint.c - damaged model.h5 files: loading and resuming must say no, never crash.
 *
 * Input that starts like an HDF5 file is taken as one. Any other input is a list of changes (four bytes each:
 * which object, what to do, two arguments) to a small valid checkpoint, which reaches our checks without
 * having to guess HDF5's own checksums. Every file goes through rf_model_load and through what a resumed
 * training reads.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "checkpoint_int.h"
#include "fuzz_file.h"
#include "rf_h5.h"
#include "rf_model.h"

#define OPTIONS "lr=0.01 seed=1"
#define GRAPH "0123456789abcdef"
#define MOST_CHANGES 6

static const char *const objects[] = {
    "/model",
    "/optimizer",
    "/model/encoder_convs",
    "/model/encoder_convs/0",
    "/model/encoder_convs/1",
    "/model/decoder_convs/1/lin_e",
    "/model/encoder_convs/0/lin_u/weight",
    "/model/encoder_convs/0/lin_u/bias",
    "/model/encoder_convs/0/lin_v/bias",
    "/model/encoder_convs/0/lin_e/bias",
    "/model/encoder_convs/1/lin_u/bias",
    "/model/encoder_convs/1/lin_v/bias",
    "/model/decoder_convs/0/bn_e/running_var",
    "/model/decoder_convs/1/lin_u/bias",
    "/model/decoder_convs/1/lin_v/bias",
    "/model/decoder_convs/1/lin_e/bias",
    "/model/decoder_convs/1/lin_e/weight",
    "/model/u_mlp_layers/0/bias",
    "/model/v_mlp_layers/0/weight",
    "/optimizer/m/encoder_convs/0/lin_u/weight",
    "/optimizer/v/u_mlp_layers/1/bias",
    "/model/encoder_convs/2/lin_v/bias",
    "/model/decoder_convs/2/lin_u/bias",
    "/model/u_mlp_layers/1",
    "/model/columns/u/name",
    "/model/columns/v/mean",
    "/model/columns/e/scale",
    "/model/columns/e/transform",
};
static const char *const attributes[] = {"in_channels",
                                         "hidden_channels",
                                         "latent_channels",
                                         "edge_pred_latent",
                                         "n_layers_mlp",
                                         "step",
                                         "epoch",
                                         "stale_epochs",
                                         "stopped_early",
                                         "peak_epoch",
                                         "peak_concentration",
                                         "loss",
                                         "best_loss",
                                         "options",
                                         "graph"};
static const double values[] = {0, 1, -1, 0.5, 1e30, 65536, 16, 3, 2147483648.0, -9e18, 1e300, 4};

static fuzz_file model_file; /* the valid checkpoint, which all changes start from */

static void write_valid(const char *path)
{
    const rf_graphbean_shape shape = {.in = {2, 3, 2},
                                      .hidden = {3, 2, 2},
                                      .latent = {2, 2},
                                      .edge_latent = 2,
                                      .layers_encoder = 2,
                                      .layers_decoder = 2,
                                      .layers_mlp = 2};
    int64_t at[4] = {0, 2, 4, 6};
    char names[] = "a\0b\0c";
    float mean[3] = {1, 2, 3}, scale[3] = {1, 0.5F, 2};
    uint8_t transform[3] = {0, 1, 0};
    rf_graph_side two = {.d = 2, .feature_names = {2, at, names}, .mean = mean, .scale = scale};
    two.transform = transform;
    rf_graph graph = {.side[RF_USER] = two, .side[RF_ENTITY] = two, .side[RF_EDGE] = two};
    graph.side[RF_ENTITY].d = 3;
    graph.side[RF_ENTITY].feature_names.n = 3;
    rf_graphbean *model = NULL;
    rf_adam adam;
    rf_progress_state state = {.epoch = 3, .loss = 1.5, .best_loss = 1.5};
    fuzz_must(rf_graphbean_new(&model, &shape, false, NULL) == RF_OK &&
              rf_adam_init(&adam, model, NULL) == RF_OK);
    adam.step = 3;
    fuzz_must(rf_graphbean_initialise(model, RF_INIT_KAIMING_UNIFORM, 1, NULL) == RF_OK);
    fuzz_must(rf_checkpoint_save(path, model, &graph, &adam, &state, "epochs", OPTIONS, GRAPH, NULL) ==
              RF_OK);
    rf_adam_clear(&adam);
    rf_graphbean_free(model);
}

static void make_valid(void)
{
    char path[FUZZ_PATH];
    if (model_file.bytes != NULL)
        return;
    write_valid(fuzz_path(path, "model.h5"));
    fuzz_file_take(&model_file, "model.h5");
}

static rf_status change_numbers(rf_h5 *file, const char *name, uint8_t a, uint8_t b)
{
    float numbers[64];
    const int64_t dims[4] = {a % 5, b % 5, 1, 1};
    float value = (float)values[(a ^ b) % (sizeof values / sizeof values[0])];
    if (b >= 128)
        value = b % 2 ? NAN : INFINITY;
    for (int i = 0; i < 64; i++)
        numbers[i] = value;
    rf_status st = rf_h5_remove(file, name, NULL);
    return st < 0 ? st : rf_h5_write(file, name, RF_H5_F32, a / 64, dims, numbers, NULL);
}

static rf_status change_attribute(rf_h5 *file, const char *on, uint8_t a, uint8_t b)
{
    const char *name = attributes[a % (sizeof attributes / sizeof attributes[0])];
    double value = values[b % (sizeof values / sizeof values[0])];
    int64_t numbers[3] = {fabs(value) < 9.1e18 ? (int64_t)value : INT64_MAX, 2, b};
    if (b % 3 == 0)
        return rf_h5_write_attr_double(file, on, name, b >= 128 ? NAN : value, NULL);
    if (b % 3 == 1)
        return rf_h5_write_attr_int(file, on, name, numbers, 1 + b % 3, NULL);
    return rf_h5_write_attr_text(file, on, name, b >= 128 ? OPTIONS " x=1" : GRAPH, NULL);
}

/* Makes the changes one after the other; one that HDF5 refuses is left out. */
static void write_changed(const uint8_t *data, size_t size)
{
    rf_h5 *file = NULL;
    fuzz_write(model_file.path, model_file.bytes, model_file.n);
    fuzz_must(rf_h5_update_beside(&file, model_file.path, NULL) == RF_OK);
    for (size_t at = 0; at + 4 <= size && at < 4 * MOST_CHANGES; at += 4) {
        const char *name = objects[data[at] % (sizeof objects / sizeof objects[0])];
        if (data[at + 1] % 4 == 0)
            (void)!rf_h5_remove(file, name, NULL);
        else if (data[at + 1] % 4 == 1)
            (void)!change_numbers(file, name, data[at + 2], data[at + 3]);
        else
            (void)!change_attribute(file, data[at] % 2 ? "/optimizer" : "/model", data[at + 2], data[at + 3]);
    }
    rf_h5_keep_history(file);
    (void)!rf_h5_commit(file, NULL);
    rf_h5_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_err err = {0};
    rf_model *model = NULL;
    rf_graphbean *net = NULL;
    rf_h5 *file = NULL;
    rf_adam adam = {0};
    rf_progress_state state;

    make_valid();
    if (size >= 4 && memcmp(data, RF_H5_SIGNATURE, 4) == 0)
        fuzz_write(model_file.path, data, size);
    else
        write_changed(data, size);
    fuzz_expect(rf_model_load(&model, model_file.path, &err), &err);
    err = (rf_err){0};
    rf_status st = rf_h5_open(&file, model_file.path, &err);
    if (st >= 0)
        st = rf_checkpoint_read_model(&net, file, true, 0, &err);
    if (st >= 0)
        st = rf_adam_init(&adam, net, &err);
    if (st >= 0)
        st = rf_checkpoint_read_optimizer(&adam, &state, file, net, OPTIONS, GRAPH, &err);
    fuzz_expect(st, &err);
    rf_adam_clear(&adam);
    rf_graphbean_free(net);
    rf_h5_close(&file);
    rf_model_free(model);
    return 0;
}
