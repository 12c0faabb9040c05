/* test_graphbean.c - the whole model: gradients by central differences, threads, memory, odd shapes. */
#include "made_input.h"
#include "rf_adam.h"
#include "rf_mem.h"

static const rf_graphbean_shape small = {.in = {3, 4, 5},
                                         .hidden = {6, 5, 7},
                                         .latent = {4, 3},
                                         .edge_latent = 5,
                                         .layers_encoder = 3,
                                         .layers_decoder = 3,
                                         .layers_mlp = 2};
static const rf_graphbean_shape usual = {.in = {20, 20, 19},
                                         .hidden = {32, 32, 32},
                                         .latent = {32, 32},
                                         .edge_latent = 32,
                                         .layers_encoder = 2,
                                         .layers_decoder = 2,
                                         .layers_mlp = 2};

static rf_graphbean *new_model(const rf_graphbean_shape *shape, uint64_t seed)
{
    rf_err err = {0};
    rf_graphbean *model = NULL;
    RF_CHECK_OK(err, rf_graphbean_new(&model, shape, true, &err));
    RF_CHECK_OK(err, rf_graphbean_initialise(model, RF_INIT_KAIMING_UNIFORM, seed, &err));
    return model;
}

static int64_t size_of(const rf_tensor *tensor)
{
    return (int64_t)tensor->rows * (tensor->cols > 0 ? tensor->cols : 1);
}

static double loss_of(rf_workspace *ws, uint32_t *drawn, const rf_adj *adj)
{
    rf_edge_sampler samples;
    rf_losses losses;
    rf_edge_sampler_start(&samples, adj, 5, 1, 2 * adj->n_e, drawn);
    rf_graphbean_step(&losses, ws, &samples, 0.2, 5, 1);
    return losses.total;
}

#if RF_REAL_IS_DOUBLE
/* Several entries of every tensor; a loss over thousands of rows hardly feels the few that cross a kink. */
static void check_against_differences(const rf_graphbean_shape *shape, int64_t n_u, int64_t n_v, int64_t n_e)
{
    rf_err err = {0};
    rf_rng rng;
    made_input in;
    rf_workspace *ws = NULL;
    int n_tensors;
    made_input_new(&in, n_u, n_v, n_e, shape->in, 7, false);
    rf_graphbean *model = new_model(shape, 3);
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    uint32_t *drawn = malloc(sizeof *drawn * (size_t)n_u);
    RF_CHECK_OK(err, rf_workspace_new(&ws, model, &in.input, RF_USE_TRAIN, NULL, &err));
    rf_rng_init(&rng, 1, 2);
    for (int t = 0; t < n_tensors; t++) {
        for (int probe = 0; probe < 3 && !tensors[t].running; probe++) {
            int64_t k = rf_rng_below(&rng, (uint32_t)size_of(&tensors[t]));
            const double step = 1e-6;
            double at = tensors[t].value[k];
            (void)loss_of(ws, drawn, &in.adj);
            double slope = tensors[t].grad[k];
            tensors[t].value[k] = at + step;
            double above = loss_of(ws, drawn, &in.adj);
            tensors[t].value[k] = at - step;
            double below = loss_of(ws, drawn, &in.adj);
            tensors[t].value[k] = at;
            double difference = (above - below) / (2 * step);
            ck_assert_msg(fabs(difference - slope) < 1e-6, "%s[%d]: gradient %.9g, difference %.9g", tensors[t].name,
                          (int)k, slope, difference);
        }
    }
    rf_workspace_free(ws);
    rf_graphbean_free(model);
    made_input_free(&in);
    free(drawn);
}

START_TEST(gradients_are_slopes_of_the_loss)
{
    check_against_differences(&small, 40, 30, 150);
    check_against_differences(&usual, 60, 50, 300);
}
END_TEST

START_TEST(gradients_are_slopes_over_many_blocks)
{
    check_against_differences(&small, 5000, 3300, 9000);
}
END_TEST

START_TEST(gradients_are_slopes_with_dropout)
{
    rf_graphbean_shape shape = small;
    shape.dropout = 0.3;
    check_against_differences(&shape, 1500, 1100, 3000);
}
END_TEST
#endif

RF_SUITE("graphbean",
#if RF_REAL_IS_DOUBLE
         gradients_are_slopes_of_the_loss, gradients_are_slopes_over_many_blocks, gradients_are_slopes_with_dropout,
#endif
)
