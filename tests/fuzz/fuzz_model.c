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

enum { OF_ONE_KIND, OF_THREE_KINDS, MODELS };

static fuzz_file model_file[MODELS];
static rf_graph *graph[MODELS];

static void make_model(int which)
{
    static const made_shape made[] = {
        {14, 7, 60, 3, 2, 2, 7}, {14, 9, 30, 3, 2, 1, 8}, {14, 5, 20, 3, 1, 2, 9}};
    rf_graphbean_shape shape = {.hidden = {3, 3, 3},
                                .latent = {2, 2},
                                .edge_latent = 2,
                                .layers_encoder = 2,
                                .layers_decoder = 2,
                                .layers_mlp = 2};
    rf_graphbean *net = NULL;
    rf_adam adam;
    rf_progress_state state = {.epoch = 3, .loss = 1.5, .best_loss = 1.5};
    char path[FUZZ_PATH];
    const char *name = which == OF_ONE_KIND ? "model.h5" : "kinds.h5";
    graph[which] = which == OF_ONE_KIND ? made_graph(made[0]) : made_graph_of_kinds(made, 3);
    shape.kinds = graph[which]->kinds;
    for (rf_side s = 0; s < rf_sides(&shape.kinds); s++)
        shape.in[s] = graph[which]->side[s].d;
    fuzz_must(rf_graphbean_new(&net, &shape, false, NULL) == RF_OK &&
              rf_adam_init(&adam, net, NULL) == RF_OK);
    fuzz_must(rf_graphbean_initialise(net, RF_INIT_KAIMING_UNIFORM, 1, NULL) == RF_OK);
    fuzz_must(rf_checkpoint_save(fuzz_path(path, name), net, graph[which], &adam, &state, "epochs", OPTIONS,
                                 GRAPH, NULL) == RF_OK);
    rf_adam_clear(&adam);
    rf_graphbean_free(net);
    fuzz_file_take(&model_file[which], name);
}

/* What a resumed training reads. */
static rf_status resume(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_graphbean *net = NULL;
    rf_adam adam = {0};
    rf_progress_state state;
    RF_TRY(rf_h5_open(&file, path, err));
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
    const int which = size > 0 ? data[size - 1] % MODELS : OF_ONE_KIND;
    if (model_file[which].n == 0)
        make_model(which);
    const char *path = model_file[which].path;
    int64_t live = rf_mem_stats_get().live_blocks;
    fuzz_file_change(&model_file[which], data, size);
    rf_status st = rf_model_load(&model, path, &err);
    fuzz_expect(st, &err);
    for (int frozen = 0; st >= 0 && frozen < 2; frozen++) {
        rf_outputs outputs = {0};
        err = (rf_err){0};
        fuzz_must(strlen(rf_model_id(model)) == 16);
        fuzz_expect(rf_model_apply(&outputs, model, graph[which], frozen == 1, NULL, &err), &err);
        rf_outputs_clear(&outputs);
    }
    rf_model_free(model);
    err = (rf_err){0};
    fuzz_expect(resume(path, &err), &err);
    fuzz_must(rf_mem_stats_get().live_blocks == live);
    return 0;
}
