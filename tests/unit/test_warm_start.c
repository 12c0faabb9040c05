/* test_warm_start.c - beginning a training where that of another graph ended: columns go by name, and what
 * does not fit says why.
 */
#include "made_graph.h"
#include "trained.h"

#include <math.h>

static const made_shape shape = {.n_u = 60, .n_v = 40, .n_e = 300, .d_u = 4, .d_v = 3, .d_e = 5, .seed = 2};

/* Turns the order of a side's columns round, names and all. */
static void turn_columns(rf_graph_side *side)
{
    const int d = side->d;
    char name[8][32];
    const char *list[8];
    ck_assert_int_le(d, 8);
    for (int j = 0; j < d; j++) {
        (void)snprintf(name[j], sizeof name[j], "%s", rf_texts_get(&side->feature_names, d - 1 - j));
        list[j] = name[j];
    }
    made_graph_set_names(side, list);
    for (int64_t i = 0; i < side->n; i++) {
        for (int j = 0; j < d / 2; j++) {
            rf_real *row = side->x + i * d, kept = row[j];
            row[j] = row[d - 1 - j];
            row[d - 1 - j] = kept;
        }
    }
}

static rf_graph *turned(rf_graph *graph)
{
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++)
        turn_columns(&graph->side[side]);
    return graph;
}

static void copy_file(const char *from, const char *to)
{
    size_t len = 0;
    char *bytes = rf_slurp(from, &len);
    rf_spill(to, bytes, len);
    free(bytes);
}

/* Begins anew at path, with what is there as far as options allow. */
static rf_train_result begin(const rf_graph *graph, const rf_train_options *o, const char *path)
{
    rf_err err = {0};
    rf_train_result result = {0};
    RF_CHECK_OK(err, rf_train(&result, graph, o, path, true, NULL, NULL, &err));
    return result;
}

static rf_outputs outputs_of(rf_model **model, const char *path, const rf_graph *graph)
{
    rf_err err = {0};
    rf_outputs out;
    RF_CHECK_OK(err, rf_model_load(model, path, &err));
    RF_CHECK_OK(err, rf_model_apply(&out, *model, graph, false, NULL, &err));
    return out;
}

static rf_graph *two_kinds(void)
{
    const made_shape shapes[] = {shape,
                                 {.n_u = 60, .n_v = 30, .n_e = 150, .d_u = 4, .d_v = 2, .d_e = 3, .seed = 4}};
    return made_graph_of_kinds(shapes, 2);
}

/* Without an epoch of its own the new model says of the turned graph what the old one says of the graph. */
static void check_turned(rf_graph *graph, rf_graph *other, const char *name)
{
    char path[RF_TEST_PATH];
    rf_train_options o = options_of(6);
    rf_model *model;
    (void)train(graph, &o, rf_tmp_path(path, name), 1);
    rf_outputs was = outputs_of(&model, path, graph);
    char id[17];
    (void)snprintf(id, sizeof id, "%s", rf_model_id(model));
    rf_model_free(model);

    o.warm_start = RF_WARM_ALWAYS;
    o.epochs = 0;
    const rf_train_result result = begin(other, &o, path);
    ck_assert_str_eq(result.warm_from, id);
    ck_assert_int_eq(result.epochs, 0);
    rf_outputs is_now = outputs_of(&model, path, other);
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++) {
        const int64_t n = graph->side[side].n;
        const int d = graph->side[side].d, kind = rf_side_kind(side);
        const rf_outputs a = rf_outputs_of_kind(&was, kind), b = rf_outputs_of_kind(&is_now, kind);
        const rf_side role = rf_side_role(side);
        const rf_real *x = role == RF_USER ? a.xu : role == RF_ENTITY ? a.xv : a.xe;
        const rf_real *y = role == RF_USER ? b.xu : role == RF_ENTITY ? b.xv : b.xe;
        for (int64_t i = 0; i < n * d; i++)
            RF_HOLDS(fabs((double)(x[i] - y[i / d * d + d - 1 - i % d])) < 1e-4);
    }
    rf_outputs_clear(&was);
    rf_outputs_clear(&is_now);
    rf_model_free(model);
    rf_graph_free(graph);
    rf_graph_free(other);
}

START_TEST(columns_go_by_name_whatever_their_order)
{
    check_turned(made_graph(shape), turned(made_graph(shape)), "turned.h5");
    check_turned(two_kinds(), turned(two_kinds()), "turned_kinds.h5");
}
END_TEST

/* The optimiser's moments are turned, too: with more epochs both orders keep learning the same. */
START_TEST(moments_go_by_name_too)
{
    char path[RF_TEST_PATH], other_path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape), *other = turned(made_graph(shape));
    rf_train_options o = options_of(6);
    (void)train(graph, &o, rf_tmp_path(path, "moments.h5"), 1);
    (void)train(graph, &o, rf_tmp_path(other_path, "moments_turned.h5"), 1);
    o.warm_start = RF_WARM_ALWAYS;
    o.epochs = 4;
    const rf_train_result a = begin(graph, &o, path), b = begin(other, &o, other_path);
    ck_assert(fabs(a.loss - b.loss) < 1e-4 * a.loss);

    o.epochs = 10; /* six and four are ten where the graph is the same, but for the pairs that are drawn */
    o.warm_start = RF_WARM_NEVER;
    const rf_train_result whole = begin(graph, &o, other_path);
    ck_assert_str_eq(whole.warm_from, "");
    ck_assert(fabs(a.loss - whole.loss) < 0.02 * whole.loss);
    rf_graph_free(graph);
    rf_graph_free(other);
}
END_TEST

START_TEST(auto_trains_until_the_loss_is_as_low_as_after_the_last_cold_start)
{
    char path[RF_TEST_PATH];
    made_shape tonight = shape, next = shape;
    tonight.seed = 5;
    next.seed = 6;
    rf_graph *graphs[] = {made_graph(shape), made_graph(tonight), made_graph(next)};
    rf_train_options o = options_of(RF_EPOCHS_AUTO);
    o.warm_start = RF_WARM_AUTO;
    const rf_train_result cold = train(graphs[0], &o, rf_tmp_path(path, "nights.h5"), 1);
    ck_assert_str_eq(cold.warm_from, "");
    const rf_train_result first = begin(graphs[1], &o, path), second = begin(graphs[2], &o, path);
    ck_assert_str_ne(first.warm_from, "");
    ck_assert_str_ne(second.warm_from, first.warm_from);
    const rf_train_result *warm[] = {&first, &second};
    for (int i = 0; i < 2; i++) {
        ck_assert_str_eq(warm[i]->cold_why, "");
        ck_assert(warm[i]->end == RF_END_GOAL ? warm[i]->loss <= cold.loss : warm[i]->loss > cold.loss);
    }
    for (int i = 0; i < 3; i++)
        rf_graph_free(graphs[i]);
}
END_TEST

/* The same graph again needs nothing: one epoch looks at it, and takes no step. */
START_TEST(what_is_low_enough_is_left_alone)
{
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(RF_EPOCHS_AUTO);
    rf_model *model;
    (void)train(graph, &o, rf_tmp_path(path, "enough.h5"), 1);
    rf_outputs was = outputs_of(&model, path, graph);
    rf_model_free(model);
    o.warm_start = RF_WARM_AUTO;
    for (int night = 0; night < 3; night++) {
        const rf_train_result result = begin(graph, &o, path);
        ck_assert_int_eq(result.epochs, 1);
        ck_assert_int_eq(result.end, RF_END_GOAL);
    }
    rf_outputs is_now = outputs_of(&model, path, graph);
    ck_assert_mem_eq(was.xu, is_now.xu, (size_t)(shape.n_u * shape.d_u) * sizeof *was.xu);
    rf_outputs_clear(&was);
    rf_outputs_clear(&is_now);
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

typedef struct stopper {
    volatile sig_atomic_t stop;
} stopper;

static void stop_at_third(void *context, const rf_epoch_report *report)
{
    ((stopper *)context)->stop = report->epoch == 2;
}

START_TEST(warm_training_ends_in_the_same_bytes_interrupted_or_on_threads)
{
    rf_err err = {0};
    char start[RF_TEST_PATH], whole[RF_TEST_PATH], path[RF_TEST_PATH];
    made_shape tonight = shape;
    tonight.seed = 5;
    rf_graph *graph = made_graph(shape), *other = made_graph(tonight);
    rf_train_options o = options_of(6);
    stopper s = {0};
    rf_train_hooks hooks = {.epoch_done = stop_at_third, .context = &s, .stop = &s.stop};
    rf_pool *pool = NULL;
    rf_train_result result;
    (void)train(graph, &o, rf_tmp_path(start, "start.h5"), 1);
    copy_file(start, rf_tmp_path(whole, "warm.h5"));
    copy_file(start, rf_tmp_path(path, "warm_stopped.h5"));
    o.warm_start = RF_WARM_ALWAYS;
    (void)begin(other, &o, whole);
    RF_CHECK_OK(err, rf_pool_new(&pool, 3, &err));
    RF_CHECK_FAILS(err, RF_E_INTERRUPTED, "interrupted after epoch 3",
                   rf_train(&result, other, &o, path, true, &hooks, pool, &err));
    result = train(other, &o, path, 2);
    ck_assert_int_eq(result.resumed_from, 3);
    ck_assert_str_ne(result.warm_from, "");
    ck_assert(rf_files_equal(whole, path));
    rf_pool_free(pool);
    rf_graph_free(graph);
    rf_graph_free(other);
}
END_TEST

/* auto begins cold and says why, always refuses. The file at path stays as it is. */
static void check_refused(const rf_graph *graph, rf_train_options o, const char *path, const char *why)
{
    rf_err err = {0};
    char copy[RF_TEST_PATH];
    rf_train_result result = {0};
    copy_file(path, rf_tmp_path(copy, "refused.h5"));
    o.warm_start = RF_WARM_ALWAYS;
    RF_CHECK_FAILS(err, RF_E_INVALID, why, rf_train(&result, graph, &o, copy, true, NULL, NULL, &err));
    ck_assert(rf_files_equal(path, copy));
    o.warm_start = RF_WARM_AUTO;
    o.epochs = RF_EPOCHS_AUTO;
    o.patience = 1;
    o.min_delta = 1; /* no epoch improves so much: one is enough here */
    result = begin(graph, &o, copy);
    ck_assert_str_eq(result.warm_from, "");
}

START_TEST(what_does_not_fit_says_why)
{
    char path[RF_TEST_PATH];
    static const char *const names[] = {"u_0", "u_1", "u_2", "new"};
    made_shape wide = shape;
    wide.d_e = 6;
    rf_graph *graph = made_graph(shape), *other = made_graph(shape), *wider = made_graph(wide),
             *kinds = two_kinds();
    rf_train_options o = options_of(3), unlike;
    (void)train(graph, &o, rf_tmp_path(path, "mine.h5"), 1);
    made_graph_set_names(&other->side[RF_USER], names);
    check_refused(other, o, path, "it does not know the column new of users");
    check_refused(wider, o, path, "it has 5 columns of edges, the graph has 6");
    check_refused(kinds, o, path, "it has other kinds of entity");
    unlike = o;
    unlike.eta = 0.5;
    check_refused(graph, unlike, path, "it was trained with eta=0.2");
    unlike = o;
    unlike.hidden[1] = 7;
    check_refused(graph, unlike, path, "it has other widths, depths or gate");
    rf_graph_free(graph);
    rf_graph_free(other);
    rf_graph_free(wider);
    rf_graph_free(kinds);
}
END_TEST

START_TEST(cold_start_gives_the_reason_and_the_bytes_of_any_other)
{
    char path[RF_TEST_PATH], fresh[RF_TEST_PATH];
    made_shape wide = shape;
    wide.d_u = 3;
    rf_graph *graph = made_graph(shape), *other = made_graph(wide);
    rf_train_options o = options_of(RF_EPOCHS_AUTO);
    (void)train(graph, &o, rf_tmp_path(path, "old.h5"), 1);
    o.warm_start = RF_WARM_AUTO;
    const rf_train_result result = begin(other, &o, path);
    ck_assert_str_eq(result.warm_from, "");
    ck_assert_str_eq(result.cold_why, "it has 4 columns of users, the graph has 3");
    (void)begin(other, &o, rf_tmp_path(fresh, "fresh.h5"));
    ck_assert(rf_files_equal(path, fresh));
    rf_graph_free(graph);
    rf_graph_free(other);
}
END_TEST

/* A given number of epochs is one from random parameters, unless a warm start is asked for. */
START_TEST(given_epochs_begin_cold)
{
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(3);
    (void)train(graph, &o, rf_tmp_path(path, "given.h5"), 1);
    o.warm_start = RF_WARM_AUTO;
    const rf_train_result result = begin(graph, &o, path);
    ck_assert_str_eq(result.warm_from, "");
    ck_assert_str_eq(result.cold_why, "");
    rf_graph_free(graph);
}
END_TEST

START_TEST(training_that_did_not_end_is_no_beginning)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(6);
    stopper s = {0};
    rf_train_hooks hooks = {.epoch_done = stop_at_third, .context = &s, .stop = &s.stop};
    rf_train_result result;
    RF_CHECK_FAILS(err, RF_E_INTERRUPTED, "interrupted",
                   rf_train(&result, graph, &o, rf_tmp_path(path, "half.h5"), false, &hooks, NULL, &err));
    check_refused(graph, o, path, "its training did not come to its end");
    rf_graph_free(graph);
}
END_TEST

static rf_status begin_from(const rf_graph *graph, const char *start, const char *path, rf_err *err)
{
    rf_train_options o = options_of(1);
    rf_train_result result;
    o.warm_start = RF_WARM_ALWAYS;
    copy_file(start, path);
    return rf_train(&result, graph, &o, path, true, NULL, NULL, err);
}

START_TEST(refused_memory_leaves_nothing_behind)
{
    char path[RF_TEST_PATH], start[RF_TEST_PATH];
    rf_graph *graph = two_kinds();
    rf_train_options o = options_of(1);
    (void)train(graph, &o, rf_tmp_path(start, "sweep_start.h5"), 1);
    rf_tmp_path(path, "sweep.h5");
    RF_SWEEP(begin_from(graph, start, path, sweep_err), );
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("warm_start", columns_go_by_name_whatever_their_order, moments_go_by_name_too,
         auto_trains_until_the_loss_is_as_low_as_after_the_last_cold_start, what_is_low_enough_is_left_alone,
         warm_training_ends_in_the_same_bytes_interrupted_or_on_threads, what_does_not_fit_says_why,
         cold_start_gives_the_reason_and_the_bytes_of_any_other, given_epochs_begin_cold,
         training_that_did_not_end_is_no_beginning, refused_memory_leaves_nothing_behind)
