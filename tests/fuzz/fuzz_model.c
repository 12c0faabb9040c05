/* fuzz_model.c - a damaged model.h5: refused in words, or applied to a graph, frozen and not; and training
 * that resumes from it. */
#include <string.h>

#include "checkpoint_int.h"
#include "fuzz_file.h"
#include "made_graph.h"
#include "rf_mem.h"
#include "rf_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OPTIONS "lr=0.01"
#define GRAPH "0123456789abcdef"

static fuzz_file model_file;
static rf_graph *graph;

static void make_model(void)
{
    const rf_graphbean_shape shape = {.in = {3, 2, 2},
                                      .hidden = {3, 3, 3},
                                      .latent = {2, 2},
                                      .edge_latent = 2,
                                      .layers_encoder = 2,
                                      .layers_decoder = 2,
                                      .layers_mlp = 2};
    rf_graphbean *net = NULL;
    rf_adam adam;
    rf_progress_state state = {.epoch = 3, .loss = 1.5, .best_loss = 1.5};
    char path[FUZZ_PATH];
    graph = made_graph((made_shape){14, 7, 60, 3, 2, 2, 7});
    fuzz_must(rf_graphbean_new(&net, &shape, false, NULL) == RF_OK &&
              rf_adam_init(&adam, net, NULL) == RF_OK);
    fuzz_must(rf_graphbean_initialise(net, RF_INIT_KAIMING_UNIFORM, 1, NULL) == RF_OK);
    fuzz_must(rf_checkpoint_save(fuzz_path(path, "model.h5"), net, graph, &adam, &state, "epochs", OPTIONS,
                                 GRAPH, NULL) == RF_OK);
    rf_adam_clear(&adam);
    rf_graphbean_free(net);
    fuzz_file_take(&model_file, "model.h5");
}

/* What a resumed training reads. */
static rf_status resume(rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_graphbean *net = NULL;
    rf_adam adam = {0};
    rf_progress_state state;
    RF_TRY(rf_h5_open(&file, model_file.path, err));
    RF_TRY(rf_checkpoint_read_model(&net, file, true, 0, err));
    RF_TRY(rf_adam_init(&adam, net, err));
    RF_TRY(rf_checkpoint_read_optimizer(&adam, &state, file, net, OPTIONS, GRAPH, err));
done:
    rf_adam_clear(&adam);
    rf_graphbean_free(net);
    rf_h5_close(&file);
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_err err = {0};
    rf_model *model = NULL;
    if (model_file.n == 0)
        make_model();
    int64_t live = rf_mem_stats_get().live_blocks;
    fuzz_file_change(&model_file, data, size);
    rf_status st = rf_model_load(&model, model_file.path, &err);
    fuzz_expect(st, &err);
    for (int frozen = 0; st >= 0 && frozen < 2; frozen++) {
        rf_outputs outputs = {0};
        err = (rf_err){0};
        fuzz_must(strlen(rf_model_id(model)) == 16);
        fuzz_expect(rf_model_apply(&outputs, model, graph, frozen == 1, NULL, &err), &err);
        rf_outputs_clear(&outputs);
    }
    rf_model_free(model);
    err = (rf_err){0};
    fuzz_expect(resume(&err), &err);
    fuzz_must(rf_mem_stats_get().live_blocks == live);
    return 0;
}
