/* test_graphbean_kinds.c - the model over several kinds of entity: gradients by central differences, threads,
 * memory, the main kind's numbers beside others, kinds that nobody meets. PyTorch's numbers:
 * test_golden_kinds.c.
 */
#include "made_input.h"
#include "rf_adam.h"
#include "rf_mem.h"

static const rf_graphbean_shape small = {.kinds = {3, {"shop", "device", "card"}},
                                         .in = {3, 4, 5, 2, 3, 3, 2},
                                         .hidden = {6, 5, 7},
                                         .latent = {4, 3},
                                         .edge_latent = 5,
                                         .layers_encoder = 3,
                                         .layers_decoder = 2,
                                         .layers_mlp = 2};
static const rf_loss_weights weights = {.eta = 0.3, .kind = {0.5, 0.8, 1.7}};

static rf_graphbean_shape of_kinds(int n)
{
    rf_graphbean_shape shape = small;
    shape.kinds.n = n;
    return shape;
}

typedef struct made_kinds {
    made_input of[RF_KINDS_MOST];
    int n;
    rf_graphbean_input input;
} made_kinds;

/* Kind k has n_e / (k + 1) edges. */
static void made_kinds_new(made_kinds *m, const rf_graphbean_shape *shape, int64_t n_u, int64_t n_v,
                           int64_t n_e)
{
    *m = (made_kinds){.n = rf_kinds_n(&shape->kinds)};
    for (int k = 0; k < m->n; k++) {
        const int d[3] = {shape->in[RF_USER], shape->in[rf_entity_side(k)], shape->in[rf_edge_side(k)]};
        made_input_new(&m->of[k], n_u, n_v + k, n_e / (k + 1), d, 7 + (uint64_t)k, false);
        m->input.adj[k] = &m->of[k].adj;
        m->input.x[RF_USER] = m->of[0].xu;
        m->input.x[rf_entity_side(k)] = m->of[k].xv;
        m->input.x[rf_edge_side(k)] = m->of[k].xe;
    }
}

static void made_kinds_free(made_kinds *m)
{
    for (int k = 0; k < m->n; k++)
        made_input_free(&m->of[k]);
}

/* A model in training, with its samples. */
typedef struct trained {
    const made_kinds *in;
    rf_graphbean *model;
    rf_workspace *ws;
    rf_pool *pool;
    uint32_t *drawn;
    rf_losses losses;
} trained;

static void trained_new(trained *t, const rf_graphbean_shape *shape, const made_kinds *in, int threads)
{
    rf_err err = {0};
    *t = (trained){.in = in};
    RF_CHECK_OK(err, rf_pool_new(&t->pool, threads, &err));
    RF_CHECK_OK(err, rf_graphbean_new(&t->model, shape, true, &err));
    RF_CHECK_OK(err, rf_graphbean_initialise(t->model, RF_INIT_KAIMING_UNIFORM, 3, &err));
    RF_CHECK_OK(err, rf_workspace_new(&t->ws, t->model, &in->input, RF_USE_TRAIN, t->pool, &err));
    t->drawn = malloc(sizeof *t->drawn * (size_t)(in->n * in->of[0].adj.n_u));
}

static void trained_free(trained *t)
{
    rf_workspace_free(t->ws);
    rf_graphbean_free(t->model);
    rf_pool_free(t->pool);
    free(t->drawn);
}

static double step(trained *t, int64_t epoch)
{
    rf_edge_sampler samples[RF_KINDS_MOST];
    for (int k = 0; k < t->in->n; k++) {
        const rf_adj *adj = &t->in->of[k].adj;
        rf_edge_sampler_start(&samples[k], adj, 5 + (uint64_t)k, epoch, 2 * adj->n_e,
                              t->drawn + k * adj->n_u);
    }
    rf_graphbean_step(&t->losses, t->ws, samples, &weights, 5, epoch);
    return t->losses.total;
}

#if RF_REAL_IS_DOUBLE
/* The loss's slope in one parameter, from a step to either side. */
static double difference_at(trained *t, rf_real *x, double by)
{
    const double at = *x;
    *x = at + by;
    const double above = step(t, 1);
    *x = at - by;
    const double below = step(t, 1);
    *x = at;
    return (above - below) / (2 * by);
}

/* An entry of every tensor, or of each n-th. Where a step crosses a kink or a tie, a smaller one does not. */
static void check_against_differences(const rf_graphbean_shape *shape, int64_t n_u, int64_t n_v, int64_t n_e,
                                      int each)
{
    rf_rng rng;
    made_kinds in;
    trained t;
    int n_tensors;
    made_kinds_new(&in, shape, n_u, n_v, n_e);
    trained_new(&t, shape, &in, 1);
    const rf_tensor *tensors = rf_graphbean_tensors(t.model, &n_tensors);
    rf_rng_init(&rng, 1, 2);
    for (int i = 0; i < n_tensors; i += each) {
        if (tensors[i].running)
            continue;
        const int64_t k = rf_rng_below(&rng, (uint32_t)rf_tensor_size(&tensors[i]));
        (void)step(&t, 1);
        double slope = tensors[i].grad[k], difference = 0, by = 1e-6;
        for (int attempt = 0; attempt < 3; attempt++, by /= 10) {
            difference = difference_at(&t, &tensors[i].value[k], by);
            if (fabs(difference - slope) < 1e-6)
                break;
        }
        ck_assert_msg(fabs(difference - slope) < 1e-6, "%s[%d]: gradient %.9g, difference %.9g",
                      tensors[i].name, (int)k, slope, difference);
    }
    trained_free(&t);
    made_kinds_free(&in);
}

START_TEST(gradients_are_slopes_of_the_loss)
{
    for (int kinds = 2; kinds <= 3; kinds++) {
        rf_graphbean_shape shape = of_kinds(kinds);
        check_against_differences(&shape, 40, 30, 150, 1);
    }
}
END_TEST

START_TEST(gradients_are_slopes_where_neighbours_are_weighed)
{
    rf_graphbean_shape shape = of_kinds(2);
    shape.gate = RF_GATE_DEGREE;
    shape.hidden[RF_EDGE] = 17;     /* more than a vector, and a rest */
    shape.in[rf_edge_side(1)] = 23; /* more than both ends of an edge have: those are gathered */
    check_against_differences(&shape, 40, 30, 150, 3);
}
END_TEST

START_TEST(gradients_are_slopes_with_dropout_over_blocks)
{
    rf_graphbean_shape shape = of_kinds(2);
    shape.layers_encoder = 2;
    shape.dropout = 0.3;
    check_against_differences(&shape, 1100, 1050, 1200, 7);
}
END_TEST
#endif

/* ---- both builds ---- */

typedef struct run {
    rf_losses losses[3];
    rf_real *params, *grads;
    int64_t n;
} run;

static run train_three_steps(const rf_graphbean_shape *shape, const made_kinds *in, int threads)
{
    rf_err err = {0};
    rf_adam adam;
    trained t;
    run out = {0};
    int n_tensors;
    trained_new(&t, shape, in, threads);
    RF_CHECK_OK(err, rf_adam_init(&adam, t.model, &err));
    for (int i = 0; i < 3; i++) {
        (void)step(&t, i);
        out.losses[i] = t.losses;
        rf_adam_step(&adam, t.model, 0.01);
    }
    const rf_tensor *tensors = rf_graphbean_tensors(t.model, &n_tensors);
    for (int i = 0; i < n_tensors; i++)
        out.n += (int64_t)rf_tensor_size(&tensors[i]);
    out.params = malloc(sizeof(rf_real) * (size_t)out.n);
    out.grads = malloc(sizeof(rf_real) * (size_t)out.n);
    for (int64_t i = 0, at = 0; i < n_tensors; at += (int64_t)rf_tensor_size(&tensors[i++])) {
        const size_t bytes = rf_tensor_size(&tensors[i]) * sizeof(rf_real);
        memcpy(out.params + at, tensors[i].value, bytes);
        memcpy(out.grads + at, tensors[i].running ? tensors[i].value : tensors[i].grad, bytes);
    }
    rf_adam_clear(&adam);
    trained_free(&t);
    return out;
}

static void run_free(run *r)
{
    free(r->params);
    free(r->grads);
}

static void check_same(const run *a, const run *b)
{
    ck_assert_int_eq(a->n, b->n);
    ck_assert(memcmp(a->losses, b->losses, sizeof a->losses) == 0);
    ck_assert(memcmp(a->params, b->params, sizeof(rf_real) * (size_t)a->n) == 0);
    ck_assert(memcmp(a->grads, b->grads, sizeof(rf_real) * (size_t)a->n) == 0);
}

START_TEST(any_number_of_threads_gives_the_same_bytes)
{
    rf_graphbean_shape shape = small;
    made_kinds in;
    shape.dropout = 0.1;
    shape.gate = RF_GATE_DEGREE;
    made_kinds_new(&in, &shape, 1100, 1040, 2400);
    run one = train_three_steps(&shape, &in, 1);
    for (int threads = 2; threads <= 4; threads += 2) {
        run many = train_three_steps(&shape, &in, threads);
        check_same(&one, &many);
        run_free(&many);
    }
    ck_assert(one.losses[2].total < one.losses[0].total);
    run_free(&one);
    made_kinds_free(&in);
}
END_TEST

START_TEST(one_kind_with_a_name_is_one_without)
{
    rf_graphbean_shape named = of_kinds(1), plain = of_kinds(0);
    made_kinds in;
    made_kinds_new(&in, &named, 60, 40, 200);
    run a = train_three_steps(&named, &in, 1), b = train_three_steps(&plain, &in, 1);
    check_same(&a, &b);
    run_free(&a);
    run_free(&b);
    made_kinds_free(&in);
}
END_TEST

/* ---- initial weights ---- */

static rf_graphbean *initialised(const rf_graphbean_shape *shape, rf_init init)
{
    rf_err err = {0};
    rf_graphbean *model = NULL;
    RF_CHECK_OK(err, rf_graphbean_new(&model, shape, false, &err));
    RF_CHECK_OK(err, rf_graphbean_initialise(model, init, 3, &err));
    return model;
}

static const rf_tensor *named(const rf_graphbean *model, const char *name)
{
    int n;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n);
    for (int t = 0; t < n; t++) {
        if (strcmp(tensors[t].name, name) == 0)
            return &tensors[t];
    }
    return NULL;
}

/* Tensors of the same name and shape, but for the users' biases, whose bound depends on the kinds. */
static int check_shared(const rf_graphbean *a, const rf_graphbean *b)
{
    int n, shared = 0;
    const rf_tensor *tensors = rf_graphbean_tensors(a, &n);
    for (int t = 0; t < n; t++) {
        const rf_tensor *other = named(b, tensors[t].name);
        if (other == NULL || strstr(tensors[t].name, "lin_u") != NULL)
            continue;
        ck_assert_uint_eq(rf_tensor_size(other), rf_tensor_size(&tensors[t]));
        ck_assert_msg(memcmp(other->value, tensors[t].value, rf_tensor_size(other) * sizeof(rf_real)) == 0,
                      "%s", other->name);
        shared++;
    }
    return shared;
}

START_TEST(a_kind_more_changes_nobody_elses_draws)
{
    rf_graphbean_shape one = of_kinds(1), three = of_kinds(3), other = of_kinds(2);
    strcpy(other.kinds.name[1], "card"); /* without the device in front of it */
    other.in[3] = three.in[5];
    other.in[4] = three.in[6];
    for (rf_init init = RF_INIT_KAIMING_UNIFORM; init <= RF_INIT_ORTHOGONAL; init++) {
        rf_graphbean *a = initialised(&one, init), *b = initialised(&three, init),
                     *c = initialised(&other, init);
        ck_assert_int_eq(check_shared(a, b), 5 * (2 + 4 + 4) + 4 * (2 + 4) + 2 * 2 * 2);
        ck_assert_int_gt(check_shared(c, b), check_shared(a, b));
        rf_graphbean_free(a);
        rf_graphbean_free(b);
        rf_graphbean_free(c);
    }
}
END_TEST

/* The main kind's columns of the users' weights are those of a model without others, in a wider fan-in's
 * bound. */
START_TEST(users_weights_keep_the_main_kinds_draws)
{
    rf_graphbean_shape one = of_kinds(1), three = of_kinds(3);
    rf_graphbean *a = initialised(&one, RF_INIT_KAIMING_UNIFORM),
                 *b = initialised(&three, RF_INIT_KAIMING_UNIFORM);
    const rf_tensor *narrow = named(a, "encoder_convs/0/lin_u/weight"),
                    *wide = named(b, "encoder_convs/0/lin_u/weight");
    ck_assert_int_eq(narrow->cols, 3 + 2 * (4 + 5));
    ck_assert_int_eq(wide->cols, 3 + 2 * (4 + 5) + 2 * (2 + 3) + 2 * (3 + 2));
    const double ratio = sqrt((double)narrow->cols / (double)wide->cols),
                 bound = 1 / sqrt((double)wide->cols);
    double most = 0;
    for (int i = 0; i < wide->rows; i++) {
        for (int j = 0; j < wide->cols; j++) {
            const double x = (double)wide->value[i * wide->cols + j];
            most = j >= narrow->cols ? fmax(most, fabs(x)) : most;
            ck_assert(fabs(x) <= bound * (1 + 1e-6));
            if (j < narrow->cols)
                ck_assert(fabs(x - ratio * (double)narrow->value[i * narrow->cols + j]) < 1e-6);
        }
    }
    ck_assert(most > 0.9 * bound);
    rf_graphbean_free(a);
    rf_graphbean_free(b);
}
END_TEST

/* ---- odd graphs ---- */

/* Of kind 1 nothing is left but (entities > 0) entities that nobody meets. */
static void empty_kind(made_kinds *in, int64_t entities)
{
    rf_err err = {0};
    made_input *of = &in->of[1];
    rf_adj_clear(&of->adj);
    RF_CHECK_OK(err, rf_adj_init(&of->adj, in->of[0].adj.n_u, entities, 0, NULL, NULL, &err));
}

static void check_trains(const rf_graphbean_shape *shape, const made_kinds *in)
{
    run r = train_three_steps(shape, in, 2);
    for (int i = 0; i < 3; i++)
        ck_assert(isfinite(r.losses[i].total) && isfinite(r.losses[i].concentration));
    for (int64_t i = 0; i < r.n; i++)
        ck_assert(isfinite(r.params[i]) && isfinite(r.grads[i]));
    run_free(&r);
}

START_TEST(kinds_without_edges_entities_or_columns_train)
{
    made_kinds in;
    rf_graphbean_shape shape = of_kinds(3);
    for (int64_t entities = 0; entities <= 30; entities += 30) {
        made_kinds_new(&in, &shape, 40, 30, 150);
        empty_kind(&in, entities);
        check_trains(&shape, &in);
        made_kinds_free(&in);
    }
    shape.in[RF_ENTITY] = shape.in[RF_EDGE] = 0;
    shape.in[rf_edge_side(2)] = 0;
    made_kinds_new(&in, &shape, 40, 30, 150);
    check_trains(&shape, &in);
    made_kinds_free(&in);
}
END_TEST

START_TEST(a_step_allocates_nothing)
{
    made_kinds in;
    trained t;
    made_kinds_new(&in, &small, 60, 40, 200);
    trained_new(&t, &small, &in, 1);
    const int64_t before = rf_mem_stats_get().requests;
    (void)step(&t, 0);
    (void)step(&t, 1);
    ck_assert_int_eq(rf_mem_stats_get().requests, before);
    trained_free(&t);
    made_kinds_free(&in);
}
END_TEST

START_TEST(bad_kinds_are_refused_by_name)
{
    rf_err err = {0};
    rf_graphbean *model = NULL;
    rf_graphbean_shape shape = small;
    shape.in[rf_edge_side(2)] = -1;
    RF_CHECK_FAILS(err, RF_E_INVALID, "number of edge features of the kind card is -1",
                   rf_graphbean_new(&model, &shape, true, &err));
    shape.kinds.n = RF_KINDS_MOST + 1;
    RF_CHECK_FAILS(err, RF_E_INVALID, "number of kinds of entity is 17",
                   rf_graphbean_new(&model, &shape, true, &err));
}
END_TEST

RF_SUITE("graphbean of kinds",
#if RF_REAL_IS_DOUBLE
         gradients_are_slopes_of_the_loss, gradients_are_slopes_where_neighbours_are_weighed,
         gradients_are_slopes_with_dropout_over_blocks,
#endif
         any_number_of_threads_gives_the_same_bytes, one_kind_with_a_name_is_one_without,
         a_kind_more_changes_nobody_elses_draws, users_weights_keep_the_main_kinds_draws,
         kinds_without_edges_entities_or_columns_train, a_step_allocates_nothing,
         bad_kinds_are_refused_by_name)
