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

/* More edge columns than both ends of an edge have: these are gathered instead of wider tables. */
static const rf_graphbean_shape wide = {.in = {4, 3, 23},
                                        .hidden = {6, 5, 7},
                                        .latent = {4, 3},
                                        .edge_latent = 5,
                                        .layers_encoder = 2,
                                        .layers_decoder = 2,
                                        .layers_mlp = 2};

static const rf_loss_weights weights = {.eta = 0.2, .kind = {1}};

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
    rf_graphbean_step(&losses, ws, &samples, &weights, 5, 1);
    return losses.total;
}

#if RF_REAL_IS_DOUBLE
/* The loss's slope in one parameter, from a step to either side. */
static double difference_at(rf_workspace *ws, uint32_t *drawn, const rf_adj *adj, rf_real *x, double step)
{
    double at = *x;
    *x = at + step;
    double above = loss_of(ws, drawn, adj);
    *x = at - step;
    double below = loss_of(ws, drawn, adj);
    *x = at;
    return (above - below) / (2 * step);
}

/* Several entries of every tensor. Among thousands of rows some sit so near a kink or a tie that a step
 * crosses it; a smaller step then does not. */
static void check_against_differences(const rf_graphbean_shape *shape, int64_t n_u, int64_t n_v, int64_t n_e,
                                      rf_hidden_edges hidden_edges)
{
    rf_err err = {0};
    rf_rng rng;
    made_input in;
    rf_workspace *ws = NULL;
    int n_tensors;
    made_input_new(&in, n_u, n_v, n_e, shape->in, 7, false);
    in.input.hidden_edges = hidden_edges;
    rf_graphbean *model = new_model(shape, 3);
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    uint32_t *drawn = malloc(sizeof *drawn * (size_t)n_u);
    RF_CHECK_OK(err, rf_workspace_new(&ws, model, &in.input, RF_USE_TRAIN, NULL, &err));
    rf_rng_init(&rng, 1, 2);
    for (int t = 0; t < n_tensors; t++) {
        for (int probe = 0; probe < (rf_short() ? 1 : 3) && !tensors[t].running; probe++) {
            int64_t k = rf_rng_below(&rng, (uint32_t)size_of(&tensors[t]));
            rf_real *x = &tensors[t].value[k];
            (void)loss_of(ws, drawn, &in.adj);
            double slope = tensors[t].grad[k], difference = 0, step = 1e-6;
            for (int attempt = 0; attempt < 3; attempt++, step /= 10) {
                difference = difference_at(ws, drawn, &in.adj, x, step);
                if (fabs(difference - slope) < 1e-6)
                    break;
            }
            ck_assert_msg(fabs(difference - slope) < 1e-6, "%s[%d]: gradient %.9g, difference %.9g",
                          tensors[t].name, (int)k, slope, difference);
        }
    }
    rf_workspace_free(ws);
    rf_graphbean_free(model);
    made_input_free(&in);
    free(drawn);
}

START_TEST(gradients_are_slopes_of_the_loss)
{
    check_against_differences(&small, 40, 30, 150, RF_HIDDEN_EDGES_KEPT);
    check_against_differences(&usual, 60, 50, 300, RF_HIDDEN_EDGES_KEPT);
    check_against_differences(&wide, 60, 50, 300, RF_HIDDEN_EDGES_KEPT);
    check_against_differences(&usual, 60, 50, 300, RF_HIDDEN_EDGES_REMADE);
    check_against_differences(&wide, 60, 50, 300, RF_HIDDEN_EDGES_REMADE);
}
END_TEST

START_TEST(gradients_are_slopes_over_many_blocks)
{
    check_against_differences(&small, 5000, 3300, 9000, RF_HIDDEN_EDGES_KEPT);
}
END_TEST

START_TEST(gradients_are_slopes_with_dropout)
{
    rf_graphbean_shape shape = small;
    shape.dropout = 0.3;
    check_against_differences(&shape, 1500, 1100, 3000, RF_HIDDEN_EDGES_KEPT);
    shape = wide;
    shape.dropout = 0.3;
    check_against_differences(&shape, 60, 50, 300, RF_HIDDEN_EDGES_KEPT);
}
END_TEST
#endif

/* ---- both builds ---- */

typedef struct run {
    rf_losses losses[3];
    rf_real *params, *grads;
    int64_t n;
} run;

static void copy_tensors(run *out, const rf_graphbean *model)
{
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    out->params = malloc(sizeof(rf_real) * 400000);
    out->grads = malloc(sizeof(rf_real) * 400000);
    out->n = 0;
    for (int t = 0; t < n_tensors; t++) {
        size_t bytes = (size_t)size_of(&tensors[t]) * sizeof(rf_real);
        memcpy(out->params + out->n, tensors[t].value, bytes);
        memcpy(out->grads + out->n, tensors[t].running ? tensors[t].value : tensors[t].grad, bytes);
        out->n += size_of(&tensors[t]);
    }
}

static run train_three_steps(const rf_graphbean_shape *shape, const made_input *in, int threads)
{
    rf_err err = {0};
    rf_pool *pool = NULL;
    rf_workspace *ws = NULL;
    rf_adam adam;
    run out = {0};
    uint32_t *drawn = malloc(sizeof *drawn * (size_t)in->adj.n_u);
    rf_graphbean *model = new_model(shape, 3);
    RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    RF_CHECK_OK(err, rf_workspace_new(&ws, model, &in->input, RF_USE_TRAIN, pool, &err));
    RF_CHECK_OK(err, rf_adam_init(&adam, model, &err));
    for (int step = 0; step < 3; step++) {
        rf_edge_sampler samples;
        rf_edge_sampler_start(&samples, &in->adj, 1, step, 3 * in->adj.n_e, drawn);
        rf_graphbean_step(&out.losses[step], ws, &samples, &weights, 1, step);
        rf_adam_step(&adam, model, 0.01);
    }
    copy_tensors(&out, model);
    rf_adam_clear(&adam);
    rf_workspace_free(ws);
    rf_pool_free(pool);
    rf_graphbean_free(model);
    free(drawn);
    return out;
}

static void run_free(run *r)
{
    free(r->params);
    free(r->grads);
}

static void check_threads(const rf_graphbean_shape *shape)
{
    made_input in;
    if (rf_short()) /* still more than a block of either side */
        made_input_new(&in, 1100, 1040, 1200, shape->in, 7, false);
    else
        made_input_new(&in, 2500, 1300, 9000, shape->in, 7, false);
    run one = train_three_steps(shape, &in, 1);
    for (int threads = rf_short() ? 4 : 2; threads <= 4; threads += 2) {
        run many = train_three_steps(shape, &in, threads);
        ck_assert(memcmp(one.losses, many.losses, sizeof one.losses) == 0);
        ck_assert(memcmp(one.params, many.params, sizeof(rf_real) * (size_t)one.n) == 0);
        ck_assert(memcmp(one.grads, many.grads, sizeof(rf_real) * (size_t)one.n) == 0);
        run_free(&many);
    }
    ck_assert(one.losses[2].total < one.losses[0].total);
    run_free(&one);
    made_input_free(&in);
}

START_TEST(any_number_of_threads_gives_the_same_bytes)
{
    rf_graphbean_shape shape = usual;
    check_threads(&usual);
    check_threads(&wide);
    shape.dropout = 0.1;
    check_threads(&shape);
}
END_TEST

START_TEST(a_step_allocates_nothing)
{
    made_input in;
    rf_err err = {0};
    rf_workspace *ws = NULL;
    made_input_new(&in, 300, 200, 1500, small.in, 7, false);
    rf_graphbean *model = new_model(&small, 3);
    uint32_t *drawn = malloc(sizeof *drawn * 300);
    RF_CHECK_OK(err, rf_workspace_new(&ws, model, &in.input, RF_USE_TRAIN, NULL, &err));
    int64_t before = rf_mem_stats_get().requests;
    (void)loss_of(ws, drawn, &in.adj);
    (void)loss_of(ws, drawn, &in.adj);
    ck_assert_int_eq(rf_mem_stats_get().requests, before);
    rf_workspace_free(ws);
    rf_graphbean_free(model);
    made_input_free(&in);
    free(drawn);
}
END_TEST

/* Sides without features, and graphs of one edge, are odd but legal. */
static void check_shape_trains(rf_graphbean_shape shape, int64_t n_u, int64_t n_v, int64_t n_e)
{
    made_input in;
    made_input_new(&in, n_u, n_v, n_e, shape.in, 7, false);
    run one = train_three_steps(&shape, &in, 1);
    for (int step = 0; step < 3; step++)
        ck_assert(isfinite(one.losses[step].total));
    for (int64_t i = 0; i < one.n; i++)
        ck_assert(isfinite(one.params[i]) && isfinite(one.grads[i]));
    run_free(&one);
    made_input_free(&in);
}

START_TEST(odd_shapes_train)
{
    rf_graphbean_shape shape = small;
    check_shape_trains(shape, 2, 2, 1);
    shape.in[2] = 0;
    check_shape_trains(shape, 30, 20, 80);
    shape.in[2] = 4;
    shape.in[0] = 0;
    check_shape_trains(shape, 30, 20, 80);
    shape.in[0] = 3;
    shape.in[1] = 0;
    shape.layers_mlp = 1;
    check_shape_trains(shape, 30, 20, 80);
    shape.layers_encoder = 5;
    shape.layers_decoder = 4;
    shape.layers_mlp = 3;
    check_shape_trains(shape, 1500, 1100, 3000);
}
END_TEST

START_TEST(bad_shapes_are_refused_by_name)
{
    rf_err err = {0};
    rf_graphbean *model = NULL;
    rf_graphbean_shape shape = small;
    shape.hidden[1] = 0;
    RF_CHECK_FAILS(err, RF_E_INVALID, "hidden width of entities is 0",
                   rf_graphbean_new(&model, &shape, true, &err));
    shape = small;
    shape.layers_encoder = 1;
    RF_CHECK_FAILS(err, RF_E_INVALID, "encoder layers", rf_graphbean_new(&model, &shape, true, &err));
    shape = small;
    shape.dropout = 1;
    RF_CHECK_FAILS(err, RF_E_INVALID, "dropout", rf_graphbean_new(&model, &shape, true, &err));
    shape.dropout = (double)NAN;
    RF_CHECK_FAILS(err, RF_E_INVALID, "dropout", rf_graphbean_new(&model, &shape, true, &err));
}
END_TEST

START_TEST(initial_weights_stay_in_their_bounds)
{
    int n_tensors;
    rf_err err = {0};
    rf_graphbean *model = new_model(&usual, 1);
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    for (int t = 0; t < n_tensors; t++) {
        double bound = tensors[t].fan_in > 0 ? 1 / sqrt((double)tensors[t].fan_in) : 1, most = 0;
        for (int64_t k = 0; k < size_of(&tensors[t]); k++)
            most = fmax(most, fabs((double)tensors[t].value[k]));
        ck_assert_msg(most <= bound * (1 + 1e-6), "%s", tensors[t].name);
        if (tensors[t].cols > 0)
            ck_assert_msg(most > bound * 0.9, "%s is suspiciously small", tensors[t].name);
    }
    RF_CHECK_OK(err, rf_graphbean_initialise(model, RF_INIT_ORTHOGONAL, 1, &err));
    for (int j = 0; j < tensors[1].rows; j++)
        ck_assert(tensors[1].value[j] == 0); /* lin_u's bias */
    rf_graphbean_free(model);
}
END_TEST

static rf_status build_and_step(const made_input *in, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graphbean *model = NULL;
    rf_workspace *ws = NULL;
    rf_adam adam = {0};
    uint32_t drawn[64];
    RF_TRY(rf_graphbean_new(&model, &small, true, err));
    RF_TRY(rf_graphbean_initialise(model, RF_INIT_ORTHOGONAL, 1, err));
    RF_TRY(rf_workspace_new(&ws, model, &in->input, RF_USE_TRAIN, NULL, err));
    RF_TRY(rf_adam_init(&adam, model, err));
    (void)loss_of(ws, drawn, &in->adj);
done:
    rf_adam_clear(&adam);
    rf_workspace_free(ws);
    rf_graphbean_free(model);
    return st;
}

START_TEST(refused_memory_leaks_nothing)
{
    made_input in;
    made_input_new(&in, 30, 20, 80, small.in, 7, false);
    RF_SWEEP(build_and_step(&in, sweep_err), );
    made_input_free(&in);
}
END_TEST

START_TEST(adam_follows_its_formula)
{
    rf_err err = {0};
    rf_graphbean *model = new_model(&small, 1);
    rf_adam adam;
    int n_tensors;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    RF_CHECK_OK(err, rf_adam_init(&adam, model, &err));
    double p = (double)tensors[0].value[4], m = 0, v = 0;
    for (int step = 1; step <= 20; step++) {
        double g = sin(step * 1.7);
        tensors[0].grad[4] = (rf_real)g;
        g = (double)tensors[0].grad[4];
        rf_adam_step(&adam, model, 0.05);
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        p -= 0.05 * (m / (1 - pow(0.9, step))) / (sqrt(v / (1 - pow(0.999, step))) + 1e-8);
        ck_assert(fabs((double)tensors[0].value[4] - p) < (RF_REAL_IS_DOUBLE ? 1e-12 : 1e-5));
    }
    rf_adam_clear(&adam);
    rf_graphbean_free(model);
}
END_TEST

RF_SUITE("graphbean",
#if RF_REAL_IS_DOUBLE
         gradients_are_slopes_of_the_loss, gradients_are_slopes_over_many_blocks,
         gradients_are_slopes_with_dropout,
#endif
         any_number_of_threads_gives_the_same_bytes, a_step_allocates_nothing, odd_shapes_train,
         bad_shapes_are_refused_by_name, initial_weights_stay_in_their_bounds, refused_memory_leaks_nothing,
         adam_follows_its_formula)
