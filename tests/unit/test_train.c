/* test_train.c - the loop: resuming gives the bytes of a run that never stopped, and every refusal says why.
 */
#include "made_graph.h"
#include "rf_rng.h"
#include "stop_rule_int.h"
#include "trained.h"

#include <math.h>

static const made_shape shape = {.n_u = 60, .n_v = 40, .n_e = 300, .d_u = 4, .d_v = 3, .d_e = 5, .seed = 2};

START_TEST(defaults_are_the_contract)
{
    rf_train_options o;
    rf_train_options_default(&o);
    ck_assert(o.epochs == RF_EPOCHS_AUTO && o.lr == 0.01 && o.eta == 0.2 && o.seed == 0 && o.negatives == 5 &&
              o.patience == 0);
    ck_assert(o.hidden[0] == 32 && o.hidden[1] == 32 && o.hidden[2] == 32 && o.latent[0] == 32 &&
              o.latent[1] == 32);
    ck_assert(o.layers_encoder == 2 && o.layers_decoder == 2 && o.layers_mlp == 2 && o.dropout == 0 &&
              o.gamma == 0.2);
}
END_TEST

START_TEST(any_number_of_threads_writes_the_same_file)
{
    char one[RF_TEST_PATH], many[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(7);
    rf_train_result result = train(graph, &o, rf_tmp_path(one, "one.h5"), 1);
    ck_assert_int_eq(result.epochs, 7);
    ck_assert_int_eq(result.resumed_from, 0);
    (void)train(graph, &o, rf_tmp_path(many, "two.h5"), 2);
    ck_assert(rf_files_equal(one, many));
    (void)train(graph, &o, rf_tmp_path(many, "four.h5"), 4);
    ck_assert(rf_files_equal(one, many));
    rf_graph_free(graph);
}
END_TEST

enum { MOST = 200 };

typedef struct watcher {
    int stop_after, calls;
    volatile sig_atomic_t stop;
    double lr[MOST], loss[MOST], concentration[MOST];
    int64_t requests[MOST];
} watcher;

static void watch(void *context, const rf_epoch_report *report)
{
    watcher *w = context;
    ck_assert(report->seconds >= 0);
    w->lr[report->epoch] = report->lr;
    w->loss[report->epoch] = report->loss;
    w->concentration[report->epoch] = report->concentration;
    w->requests[report->epoch] = rf_mem_stats_get().requests;
    double sum = report->loss_xu + report->loss_xv + report->loss_xe + 0.2 * report->loss_e;
    ck_assert(fabs(sum - report->loss) < 1e-9);
    w->calls++;
    w->stop = report->epoch + 1 == w->stop_after;
}

/* One training of the made graph, watched. */
typedef struct run {
    rf_graph *graph;
    rf_train_options options;
    char path[RF_TEST_PATH];
    watcher watched;
    rf_train_result result;
    rf_err err;
} run;

static void run_open(run *r, const char *name, int epochs)
{
    *r = (run){.graph = made_graph(shape), .options = options_of(epochs)};
    rf_tmp_path(r->path, name);
}

static rf_status run_train(run *r)
{
    rf_train_hooks hooks = {.epoch_done = watch, .context = &r->watched};
    return rf_train(&r->result, r->graph, &r->options, r->path, false, &hooks, NULL, &r->err);
}

/* Stops after the given epoch, then goes on to the end, which is after `epochs` epochs. */
static void check_interruption(const rf_graph *graph, rf_train_options *o, int after, int epochs,
                               const char *whole)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    watcher w = {.stop_after = after};
    rf_train_hooks hooks = {.epoch_done = watch, .context = &w, .stop = &w.stop};
    rf_train_result result = {0};
    unlink(rf_tmp_path(path, "interrupted.h5"));
    RF_CHECK_FAILS(err, RF_E_INTERRUPTED, "interrupted after epoch",
                   rf_train(&result, graph, o, path, false, &hooks, NULL, &err));
    ck_assert_int_eq(result.epochs, after);
    w.stop = 0;
    w.stop_after = 0;
    RF_CHECK_OK(err, rf_train(&result, graph, o, path, false, &hooks, NULL, &err));
    ck_assert_int_eq(result.resumed_from, after);
    ck_assert_int_eq(result.epochs, epochs);
    ck_assert_int_eq(w.calls, epochs);
    ck_assert_msg(rf_files_equal(whole, path), "stopped after epoch %d: other bytes", after);
}

START_TEST(interrupted_training_ends_in_the_same_bytes)
{
    char whole[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(9);
    o.dropout = 0.2;
    o.milestones[0] = 3;
    o.milestones[1] = 6;
    o.n_milestones = 2;
    (void)train(graph, &o, rf_tmp_path(whole, "whole.h5"), 1);
    check_interruption(graph, &o, 1, 9, whole);
    check_interruption(graph, &o, 4, 9, whole);
    check_interruption(graph, &o, 8, 9, whole);
    rf_graph_free(graph);
}
END_TEST

START_TEST(more_epochs_continue_and_none_are_nothing_to_do)
{
    char whole[RF_TEST_PATH], path[RF_TEST_PATH], copy[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(5);
    (void)train(graph, &o, rf_tmp_path(path, "grows.h5"), 1);
    size_t len = 0;
    char *bytes = rf_slurp(path, &len);
    rf_spill(rf_tmp_path(copy, "copy.h5"), bytes, len);
    free(bytes);
    rf_train_result result = train(graph, &o, path, 1);
    ck_assert_int_eq(result.resumed_from, 5);
    ck_assert(result.loss > 0);
    ck_assert(rf_files_equal(path, copy));
    o.epochs = 8;
    result = train(graph, &o, path, 1);
    ck_assert_int_eq(result.resumed_from, 5);
    ck_assert_int_eq(result.epochs, 8);
    (void)train(graph, &o, rf_tmp_path(whole, "eight.h5"), 1);
    ck_assert(rf_files_equal(path, whole));
    rf_graph_free(graph);
}
END_TEST

START_TEST(other_options_or_graphs_are_refused_unless_restarted)
{
    run r;
    made_shape other_shape = shape;
    other_shape.seed = 3;
    run_open(&r, "mine.h5", 3);
    RF_CHECK_OK(r.err, run_train(&r));
    const rf_train_options mine = r.options;
    r.options.lr = 0.5;
    RF_CHECK_FAILS(r.err, RF_E_INVALID, "lr=0.5", run_train(&r));
    r.options = mine;
    r.options.hidden[2] = 7;
    RF_CHECK_FAILS(r.err, RF_E_INVALID, "hidden=6,6,7", run_train(&r));
    r.options = mine;
    r.options.epochs = 2;
    RF_CHECK_FAILS(r.err, RF_E_INVALID, "already", run_train(&r));
    r.options = mine;
    rf_graph_free(r.graph);
    r.graph = made_graph(other_shape);
    RF_CHECK_FAILS(r.err, RF_E_INVALID, "another graph", run_train(&r));
    RF_CHECK_OK(r.err, rf_train(&r.result, r.graph, &mine, r.path, true, NULL, NULL, &r.err));
    ck_assert_int_eq(r.result.resumed_from, 0);
    rf_graph_free(r.graph);
}
END_TEST

START_TEST(foreign_files_are_not_overwritten)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_train_result result;
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(2);
    rf_spill(rf_tmp_path(path, "notes.txt"), "dear diary", 10);
    ck_assert(rf_train(&result, graph, &o, path, true, NULL, NULL, &err) < 0);
    size_t len = 0;
    char *bytes = rf_slurp(path, &len);
    ck_assert_str_eq(bytes, "dear diary");
    free(bytes);

    rf_h5 *file = NULL;
    err = (rf_err){0};
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "scores.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_format(file, "ringfence-scores", 1, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_FAILS(err, RF_E_INVALID, "is not a model",
                   rf_train(&result, graph, &o, path, true, NULL, NULL, &err));
    rf_graph_free(graph);
}
END_TEST

START_TEST(model_without_optimizer_cannot_go_on)
{
    rf_err err = {0};
    char golden[RF_TEST_PATH], path[RF_TEST_PATH];
    rf_train_result result;
    rf_graph *graph = NULL;
    rf_train_options o = options_of(2);
    ck_assert(rf_golden_path(golden, "golden_G1.h5"));
    size_t len = 0;
    char *bytes = rf_slurp(golden, &len);
    rf_spill(rf_tmp_path(path, "golden.h5"), bytes, len);
    free(bytes);
    RF_CHECK_OK(err, rf_graph_load(&graph, path, RF_GRAPH_FEATURES, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "no /optimizer",
                   rf_train(&result, graph, &o, path, false, NULL, NULL, &err));
    RF_CHECK_OK(err, rf_train(&result, graph, &o, path, true, NULL, NULL, &err));
    rf_graph_free(graph);
    RF_CHECK_OK(
        err, rf_graph_load(&graph, path, RF_GRAPH_FEATURES, &err)); /* the graph beside it is still there */
    RF_CHECK_OK(err, rf_train(&result, graph, &o, path, false, NULL, NULL, &err));
    ck_assert_int_eq(result.resumed_from, 2);
    rf_graph_free(graph);
}
END_TEST

START_TEST(plateau_stops_early_and_stays_stopped)
{
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(60);
    o.patience = 3;
    o.min_delta = 0.5; /* no epoch improves by half */
    rf_train_result result = train(graph, &o, rf_tmp_path(path, "plateau.h5"), 1);
    ck_assert_int_eq(result.end, RF_END_PLATEAU);
    ck_assert_int_eq(result.epochs, 4);
    result = train(graph, &o, path, 1);
    ck_assert_int_eq(result.end, RF_END_PLATEAU);
    ck_assert_int_eq(result.resumed_from, 4);
    rf_graph_free(graph);
}
END_TEST

/* ---- epochs: auto ---- */

/* The first number of epochs that is half as high again as that of the peak, looked for anew after each
 * epoch.
 */
static int obvious_end(const double *concentration, int most)
{
    for (int done = 30; done < most; done++) {
        int peak = 30;
        for (int i = 31; i <= done; i++)
            peak = concentration[i - 1] > 1.01 * concentration[peak - 1] ? i : peak;
        if (done - peak >= peak / 2)
            return done;
    }
    return most;
}

START_TEST(rule_ends_after_the_peak_of_any_curve)
{
    rf_rng rng;
    rf_rng_init(&rng, 4, 0);
    for (int curve = 0; curve < 50; curve++) {
        double concentration[MOST];
        rf_stop_rule rule = {0};
        int end = 0;
        for (int i = 0; i < MOST; i++)
            concentration[i] = 2 + sin(i / (curve + 5.0)) + (double)(curve % 5) * 0.1 * rf_rng_uniform(&rng);
        while (end < MOST && !rf_stop_rule_ends(&rule, end)) {
            rf_stop_rule_see(&rule, end + 1, concentration[end]);
            end++;
        }
        ck_assert_int_eq(end, obvious_end(concentration, MOST));
    }
}
END_TEST

START_TEST(few_edges_bound_the_epochs)
{
    rf_train_options o = options_of(RF_EPOCHS_AUTO);
    ck_assert_int_eq(rf_train_most_epochs(&o, 1), 30);
    ck_assert_int_eq(rf_train_most_epochs(&o, 375), 54);
    ck_assert_int_eq(rf_train_most_epochs(&o, 10000000), 200);
    o.epochs = 7;
    ck_assert_int_eq(rf_train_most_epochs(&o, 375), 7);
}
END_TEST

START_TEST(auto_ends_when_errors_spread_again)
{
    for (uint64_t seed = 0; seed < 4; seed++) {
        run r;
        run_open(&r, "auto.h5", RF_EPOCHS_AUTO);
        int most = rf_train_most_epochs(&r.options, shape.n_e);
        r.options.seed = seed;
        r.options.checkpoint_every = 0;
        unlink(r.path);
        RF_CHECK_OK(r.err, run_train(&r));
        ck_assert_int_eq(r.result.epochs, obvious_end(r.watched.concentration, most));
        ck_assert_int_eq(r.result.end, r.result.epochs == most ? RF_END_MOST : RF_END_PEAK);
        ck_assert_int_eq(r.watched.calls, r.result.epochs);
        rf_graph_free(r.graph);
    }
}
END_TEST

START_TEST(auto_is_the_same_interrupted_and_at_any_number_of_threads)
{
    char whole[RF_TEST_PATH], path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_train_options o = options_of(RF_EPOCHS_AUTO);
    rf_train_result result = train(graph, &o, rf_tmp_path(whole, "auto_whole.h5"), 1);
    check_interruption(graph, &o, 3, result.epochs, whole);
    check_interruption(graph, &o, result.peak_epoch, result.epochs, whole);
    check_interruption(graph, &o, result.epochs - 1, result.epochs, whole);
    (void)train(graph, &o, rf_tmp_path(path, "auto_four.h5"), 4);
    ck_assert(rf_files_equal(whole, path));
    ck_assert_int_eq(train(graph, &o, whole, 1).resumed_from, result.epochs); /* nothing left to do */
    rf_graph_free(graph);
}
END_TEST

START_TEST(given_epochs_and_auto_continue_each_other)
{
    char whole[RF_TEST_PATH], path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_train_options automatic = options_of(RF_EPOCHS_AUTO), given = options_of(5);
    rf_train_result result = train(graph, &automatic, rf_tmp_path(whole, "automatic.h5"), 1);
    (void)train(graph, &given, rf_tmp_path(path, "first_five.h5"), 1);
    ck_assert_int_eq(train(graph, &automatic, path, 1).resumed_from, 5);
    ck_assert(rf_files_equal(whole, path));

    given.epochs = result.epochs + 7;
    ck_assert_int_eq(train(graph, &given, path, 1).resumed_from, result.epochs);
    result = train(graph, &given, rf_tmp_path(whole, "given.h5"), 1);
    ck_assert_int_eq(result.end, RF_END_EPOCHS);
    ck_assert_int_eq(result.epochs, given.epochs);
    ck_assert(rf_files_equal(whole, path));
    result = train(graph, &automatic, path, 1); /* more than auto would have taken is no error */
    ck_assert_int_eq(result.resumed_from, given.epochs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(auto_without_columns_of_nodes_takes_the_most)
{
    run r;
    made_shape edges_only = shape;
    edges_only.d_u = edges_only.d_v = 0;
    run_open(&r, "edges_only.h5", RF_EPOCHS_AUTO);
    rf_graph_free(r.graph);
    r.graph = made_graph(edges_only);
    r.options.checkpoint_every = 0;
    RF_CHECK_OK(r.err, run_train(&r));
    ck_assert_int_eq(r.result.epochs, rf_train_most_epochs(&r.options, shape.n_e));
    ck_assert_int_eq(r.result.end, RF_END_MOST);
    ck_assert_int_eq(r.result.peak_epoch, 0);
    rf_graph_free(r.graph);
}
END_TEST

START_TEST(milestones_scale_the_learning_rate)
{
    run r;
    run_open(&r, "steps.h5", 6);
    r.options.milestones[0] = 2;
    r.options.milestones[1] = 4;
    r.options.n_milestones = 2;
    RF_CHECK_OK(r.err, run_train(&r));
    const double *lr = r.watched.lr;
    ck_assert(lr[1] == 0.01 && fabs(lr[2] - 0.002) < 1e-12 && fabs(lr[5] - 0.0004) < 1e-12);
    rf_graph_free(r.graph);
}
END_TEST

START_TEST(epochs_after_the_first_allocate_nothing)
{
    run r;
    run_open(&r, "still.h5", 8);
    r.options.checkpoint_every = 0;
    RF_CHECK_OK(r.err, run_train(&r));
    for (int epoch = 1; epoch < 8; epoch++)
        ck_assert_int_eq(r.watched.requests[epoch], r.watched.requests[0]);
    ck_assert(r.watched.loss[7] < r.watched.loss[0]);
    rf_graph_free(r.graph);
}
END_TEST

START_TEST(infinite_loss_names_epoch_and_term)
{
    run r;
    run_open(&r, "inf.h5", 30);
    r.graph->side[RF_ENTITY].x[3] = (rf_real)INFINITY;
    RF_CHECK_FAILS(r.err, RF_E_NUMERIC, "epoch 0: the x", run_train(&r));
    ck_assert(access(r.path, F_OK) != 0);
    rf_graph_free(r.graph);
}
END_TEST

START_TEST(unwritable_folder_is_found_before_the_first_epoch)
{
    run r;
    run_open(&r, "no/such/folder/model.h5", 3);
    RF_CHECK_FAILS(r.err, RF_E_IO, "model.h5", run_train(&r));
    ck_assert_int_eq(r.watched.calls, 0);
    rf_graph_free(r.graph);
}
END_TEST

START_TEST(bad_options_are_refused)
{
    run r;
    run_open(&r, "bad.h5", -2);
    RF_CHECK_FAILS(r.err, RF_E_INVALID, "epochs", run_train(&r));
    r.options = options_of(1);
    r.options.lr = (double)NAN;
    RF_CHECK_FAILS(r.err, RF_E_INVALID, "lr", run_train(&r));
    r.options = options_of(1);
    r.options.n_milestones = RF_MAX_MILESTONES + 1;
    RF_CHECK_FAILS(r.err, RF_E_INVALID, "milestones", run_train(&r));
    r.options = options_of(1);
    r.options.layers_decoder = 99;
    RF_CHECK_FAILS(r.err, RF_E_INVALID, "decoder layers", run_train(&r));
    rf_graph_free(r.graph);
}
END_TEST

static rf_status train_fresh(const rf_graph *graph, const char *path, rf_err *err)
{
    rf_train_result result;
    rf_train_options o = options_of(2);
    o.init = RF_INIT_ORTHOGONAL;
    unlink(path);
    return rf_train(&result, graph, &o, path, false, NULL, NULL, err);
}

static rf_status train_on(const rf_graph *graph, const char *path, const char *seed_file, rf_err *err)
{
    rf_train_result result;
    rf_train_options o = options_of(3);
    size_t len = 0;
    char *bytes = rf_slurp(seed_file, &len);
    rf_spill(path, bytes, len);
    free(bytes);
    return rf_train(&result, graph, &o, path, false, NULL, NULL, err);
}

START_TEST(refused_memory_leaks_nothing)
{
    char path[RF_TEST_PATH], start[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    rf_tmp_path(path, "sweep.h5");
    RF_SWEEP(train_fresh(graph, path, sweep_err), );
    rf_train_options o = options_of(2);
    (void)train(graph, &o, rf_tmp_path(start, "start.h5"), 1);
    RF_SWEEP(train_on(graph, path, start, sweep_err), );
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("train", defaults_are_the_contract, any_number_of_threads_writes_the_same_file,
         interrupted_training_ends_in_the_same_bytes, more_epochs_continue_and_none_are_nothing_to_do,
         other_options_or_graphs_are_refused_unless_restarted, foreign_files_are_not_overwritten,
         model_without_optimizer_cannot_go_on, plateau_stops_early_and_stays_stopped,
         rule_ends_after_the_peak_of_any_curve, few_edges_bound_the_epochs,
         auto_ends_when_errors_spread_again, auto_is_the_same_interrupted_and_at_any_number_of_threads,
         given_epochs_and_auto_continue_each_other, auto_without_columns_of_nodes_takes_the_most,
         milestones_scale_the_learning_rate, epochs_after_the_first_allocate_nothing,
         infinite_loss_names_epoch_and_term, unwritable_folder_is_found_before_the_first_epoch,
         bad_options_are_refused, refused_memory_leaks_nothing)
