/* test_train_kinds.c - training, model.h5 and its application on graphs of several kinds of entity.
 */
#include "made_graph.h"
#include "rf_h5.h"
#include "rf_linalg.h"
#include "rf_memory_plan.h"
#include "trained.h"

#include <math.h>

static const made_shape shapes[] = {
    {.n_u = 60, .n_v = 40, .n_e = 300, .d_u = 4, .d_v = 3, .d_e = 5, .seed = 2},
    {.n_v = 50, .n_e = 120, .d_v = 2, .d_e = 4, .seed = 3},
    {.n_v = 30, .n_e = 70, .d_v = 4, .d_e = 3, .seed = 4}};

static void train_anew(const rf_graph *graph, const rf_train_options *o, const char *path, int threads)
{
    unlink(path);
    ck_assert_int_eq(train(graph, o, path, threads).epochs, o->epochs);
}

/* ---- the loop ---- */

START_TEST(any_number_of_threads_writes_the_same_file)
{
    char one[RF_TEST_PATH], many[RF_TEST_PATH];
    rf_graph *graph = made_graph_of_kinds(shapes, 3);
    rf_train_options o = options_of(5);
    train_anew(graph, &o, rf_tmp_path(one, "one.h5"), 1);
    for (int threads = 2; threads <= 4; threads += 2) {
        train_anew(graph, &o, rf_tmp_path(many, "many.h5"), threads);
        ck_assert(rf_files_equal(one, many));
    }
    rf_graph_free(graph);
}
END_TEST

typedef struct watcher {
    int stop_after;
    volatile sig_atomic_t stop;
} watcher;

static void watch(void *context, const rf_epoch_report *report)
{
    watcher *w = context;
    const double sum = report->loss_xu + report->loss_xv + report->loss_xe + 0.2 * report->loss_e;
    ck_assert(fabs(sum - report->loss) < 1e-9);
    w->stop = report->epoch + 1 == w->stop_after;
}

START_TEST(interrupted_training_ends_in_the_same_bytes)
{
    rf_err err = {0};
    char whole[RF_TEST_PATH], path[RF_TEST_PATH];
    rf_graph *graph = made_graph_of_kinds(shapes, 3);
    rf_train_options o = options_of(7);
    o.dropout = 0.2;
    train_anew(graph, &o, rf_tmp_path(whole, "whole.h5"), 1);
    for (int after = 2; after <= 4; after += 2) {
        watcher w = {.stop_after = after};
        const rf_train_hooks hooks = {.epoch_done = watch, .context = &w, .stop = &w.stop};
        rf_train_result result = {0};
        unlink(rf_tmp_path(path, "interrupted.h5"));
        RF_CHECK_FAILS(err, RF_E_INTERRUPTED, "interrupted after epoch",
                       rf_train(&result, graph, &o, path, false, &hooks, NULL, &err));
        w = (watcher){0};
        RF_CHECK_OK(err, rf_train(&result, graph, &o, path, false, &hooks, NULL, &err));
        ck_assert_int_eq(result.resumed_from, after);
        ck_assert_msg(rf_files_equal(whole, path), "stopped after epoch %d: other bytes", after);
    }
    rf_graph_free(graph);
}
END_TEST

START_TEST(weights_of_kinds_are_an_option)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_train_result result;
    rf_graph *graph = made_graph_of_kinds(shapes, 3);
    rf_train_options o = options_of(2);
    train_anew(graph, &o, rf_tmp_path(path, "weighed.h5"), 1);
    o.kind_weight[0] = o.kind_weight[1] = o.kind_weight[2] = 1.0 / 3; /* which they have anyway */
    o.n_kind_weights = 3;
    RF_CHECK_OK(err, rf_train(&result, graph, &o, path, false, NULL, NULL, &err));
    ck_assert_int_eq(result.resumed_from, 2);
    o.kind_weight[1] = 0.5;
    RF_CHECK_FAILS(err, RF_E_INVALID, ",0.5,", rf_train(&result, graph, &o, path, false, NULL, NULL, &err));
    o.n_kind_weights = 2;
    RF_CHECK_FAILS(err, RF_E_INVALID, "has 2 numbers, but the graph has 3 kinds of entity, shop,device,card",
                   rf_train(&result, graph, &o, path, true, NULL, NULL, &err));
    o.n_kind_weights = 3;
    o.kind_weight[1] = -1;
    RF_CHECK_FAILS(err, RF_E_INVALID, "kind_weight is -1",
                   rf_train(&result, graph, &o, path, true, NULL, NULL, &err));
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_model_remembers_its_gate)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_train_result result;
    rf_model *model = NULL;
    rf_graph *graph = made_graph_of_kinds(shapes, 2);
    rf_train_options o = options_of(2);
    o.gate = RF_GATE_DEGREE;
    train_anew(graph, &o, rf_tmp_path(path, "gated.h5"), 1);
    RF_CHECK_OK(err, rf_model_load(&model, path, &err));
    ck_assert_int_eq(rf_model_shape(model)->gate, RF_GATE_DEGREE);
    rf_model_free(model);
    o.epochs = 3;
    RF_CHECK_OK(err, rf_train(&result, graph, &o, path, false, NULL, NULL, &err));
    ck_assert_int_eq(result.resumed_from, 2);
    o.gate = RF_GATE_OFF;
    RF_CHECK_FAILS(err, RF_E_INVALID, "was trained with gate=degree",
                   rf_train(&result, graph, &o, path, false, NULL, NULL, &err));
    rf_graph_free(graph);
}
END_TEST

/* ---- the file, and what is made with it ---- */

static rf_model *load(const char *path)
{
    rf_err err = {0};
    rf_model *model = NULL;
    RF_CHECK_OK(err, rf_model_load(&model, path, &err));
    return model;
}

static rf_model *trained_on(const rf_graph *graph, const char *name)
{
    char path[RF_TEST_PATH];
    rf_train_options o = options_of(2);
    train_anew(graph, &o, rf_tmp_path(path, name), 1);
    return load(path);
}

START_TEST(a_model_keeps_kinds_columns_and_parameters)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_h5 *file = NULL;
    rf_texts names = {0};
    rf_graph *graph = made_graph_of_kinds(shapes, 3);
    rf_model *model = trained_on(graph, "kept.h5");
    const rf_graphbean_shape *shape = rf_model_shape(model);
    ck_assert(rf_kinds_equal(&shape->kinds, &graph->kinds));
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++)
        ck_assert_int_eq(shape->in[side], graph->side[side].d);
    RF_CHECK_OK(err, rf_h5_open(&file, rf_tmp_path(path, "kept.h5"), &err));
    ck_assert(rf_h5_exists(file, "/model/kinds/card/decoder_convs/1/lin_e/weight"));
    ck_assert(rf_h5_exists(file, "/model/kinds/device/v_mlp_layers/1/bias"));
    ck_assert(!rf_h5_exists(file, "/model/kinds/device/encoder_convs/0/lin_u"));
    RF_CHECK_OK(err, rf_h5_read_texts(file, "/model/columns/kinds/device/e/name", &names, &err));
    ck_assert_int_eq(names.n, 4);
    rf_texts_clear(&names);
    rf_h5_close(&file);
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_kind_that_is_gone_is_missed_by_name)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_h5 *file = NULL;
    rf_model *model = NULL;
    rf_graph *graph = made_graph_of_kinds(shapes, 3);
    rf_model_free(trained_on(graph, "gone.h5"));
    RF_CHECK_OK(err, rf_h5_update_beside(&file, rf_tmp_path(path, "gone.h5"), &err));
    RF_CHECK_OK(err, rf_h5_remove(file, "/model/kinds/card", &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "has no /model/kinds/card", rf_model_load(&model, path, &err));
    rf_graph_free(graph);
}
END_TEST

static void check_same_rows(const rf_real *a, const rf_real *b, int64_t n)
{
    ck_assert(a != NULL && b != NULL);
    ck_assert(memcmp(a, b, (size_t)n * sizeof *a) == 0);
}

START_TEST(applied_outputs_have_every_kind)
{
    rf_err err = {0};
    rf_pool *pool = NULL;
    rf_graph *graph = made_graph_of_kinds(shapes, 3);
    rf_model *model = trained_on(graph, "applied.h5");
    rf_outputs one, two;
    RF_CHECK_OK(err, rf_pool_new(&pool, 2, &err));
    RF_CHECK_OK(err, rf_model_apply(&one, model, graph, false, NULL, &err));
    RF_CHECK_OK(err, rf_model_apply(&two, model, graph, false, pool, &err));
    for (int k = 0; k < 3; k++) {
        const rf_outputs a = rf_outputs_of_kind(&one, k), b = rf_outputs_of_kind(&two, k);
        const rf_graph of = rf_graph_of_kind(graph, k);
        const rf_graph_side *u = &of.side[RF_USER], *v = &of.side[RF_ENTITY], *e = &of.side[RF_EDGE];
        check_same_rows(a.xu, b.xu, u->n * u->d);
        check_same_rows(a.xv, b.xv, v->n * v->d);
        check_same_rows(a.xe, b.xe, e->n * e->d);
        check_same_rows(a.zv, b.zv, v->n * a.latent_v);
        check_same_rows(a.eprob, b.eprob, e->n);
        ck_assert_ptr_eq(rf_outputs_rows(&a, RF_EDGE, e->n, e->d).x,
                         rf_outputs_rows(&one, rf_edge_side(k), e->n, e->d).x);
        for (int64_t i = 0; i < e->n; i++)
            ck_assert(a.eprob[i] > 0 && a.eprob[i] < 1);
    }
    ck_assert_ptr_ne(one.other[0].xe, one.other[1].xe);
    ck_assert_ptr_null(one.other[2].xe);
    rf_outputs_clear(&one);
    rf_outputs_clear(&two);
    rf_pool_free(pool);
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

START_TEST(refused_memory_leaks_nothing)
{
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph_of_kinds(shapes, 2);
    rf_model_free(trained_on(graph, "swept.h5"));
    RF_SWEEP(load_and_apply(rf_tmp_path(path, "swept.h5"), graph, true, sweep_err), );
    rf_graph_free(graph);
}
END_TEST

/* ---- graphs that do and do not fit ---- */

START_TEST(other_kinds_are_refused_by_name)
{
    rf_err err = {0};
    rf_outputs out;
    rf_graph *graph = made_graph_of_kinds(shapes, 3), *two = made_graph_of_kinds(shapes, 2);
    rf_model *model = trained_on(graph, "kinds.h5");
    RF_CHECK_FAILS(err, RF_E_FORMAT, "kinds of entity: shop,device,card; the graph has: shop,device;",
                   rf_model_apply(&out, model, two, true, NULL, &err));
    strcpy(graph->kinds.name[2], "phone");
    RF_CHECK_FAILS(err, RF_E_FORMAT, "the graph has: shop,device,phone;",
                   rf_model_apply(&out, model, graph, false, NULL, &err));
    rf_model_free(model);
    rf_graph_free(graph);
    rf_graph_free(two);
}
END_TEST

/* Columns 0 and 1 of a side change places. */
static void swap_columns(rf_graph_side *side)
{
    const char *names[8];
    char kept[8][16];
    for (int j = 0; j < side->d; j++) {
        snprintf(kept[j], sizeof kept[j], "%s", rf_texts_get(&side->feature_names, j < 2 ? 1 - j : j));
        names[j] = kept[j];
    }
    made_graph_set_names(side, names);
    for (int64_t i = 0; i < side->n; i++) {
        rf_real *x = side->x + i * side->d, first = x[0];
        x[0] = x[1];
        x[1] = first;
    }
}

START_TEST(columns_of_every_kind_go_by_name_where_statistics_are_frozen)
{
    rf_err err = {0};
    rf_outputs want, got;
    rf_aligned seen;
    rf_graph *graph = made_graph_of_kinds(shapes, 3);
    rf_model *model = trained_on(graph, "swapped.h5");
    RF_CHECK_OK(err, rf_model_apply(&want, model, graph, true, NULL, &err));
    swap_columns(&graph->side[rf_edge_side(1)]);
    RF_CHECK_OK(err, rf_model_apply(&got, model, graph, true, NULL, &err));
    for (int k = 0; k < 3; k++) {
        const rf_graph_side *e = &graph->side[rf_edge_side(k)];
        const rf_outputs a = rf_outputs_of_kind(&want, k), b = rf_outputs_of_kind(&got, k);
        check_same_rows(a.xe, b.xe, e->n * e->d);
    }
    RF_CHECK_OK(err, rf_model_align(&seen, model, graph, true, NULL, &err));
    const int32_t *column = seen.column[rf_edge_side(1)];
    ck_assert(column != NULL && column[0] == 1 && column[1] == 0);
    ck_assert_ptr_null(seen.column[rf_entity_side(1)]);
    rf_aligned_clear(&seen);
    rf_outputs_clear(&want);
    rf_outputs_clear(&got);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "device edge column 0 is e_0 in the model, but e_1",
                   rf_model_apply(&got, model, graph, false, NULL, &err));
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

START_TEST(columns_of_the_erased_get_another_name_on_every_kind)
{
    rf_err err = {0};
    rf_subjects subjects = {0};
    rf_h5 *file = NULL;
    rf_texts texts = {0};
    int64_t n;
    char path[RF_TEST_PATH];
    const char *const names[] = {"by=u1", "amount"};
    rf_graph *graph = made_graph_of_kinds(shapes, 2);
    made_graph_set_names(&graph->side[rf_entity_side(1)], names);
    rf_model_free(trained_on(graph, "erased.h5"));
    RF_CHECK_OK(err, rf_hash_key_random(&subjects.key, &err));
    RF_CHECK_OK(err, rf_subjects_add(&subjects, RF_USER, "u1", 2, &err));
    RF_CHECK_OK(err, rf_model_erase(&n, rf_tmp_path(path, "erased.h5"), &subjects, true, &err));
    ck_assert_int_eq(n, 1);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_read_texts(file, "/model/columns/kinds/device/v/name", &texts, &err));
    ck_assert_msg(strncmp(rf_texts_get(&texts, 0), "by=erased-", 10) == 0, "%s", rf_texts_get(&texts, 0));
    rf_texts_clear(&texts);
    rf_h5_close(&file);
    rf_hash_key_free(subjects.key);
    rf_subjects_clear(&subjects);
    rf_graph_free(graph);
}
END_TEST

/* ---- rows that are made, and memory ---- */

START_TEST(made_rows_of_a_kind_are_those_of_its_matrix)
{
    static const made_shape large[] = {
        {.n_u = 700, .n_v = 90, .n_e = 2500, .d_u = 5, .d_v = 4, .d_e = 9, .seed = 4},
        {.n_v = 300, .n_e = 1500, .d_v = 3, .d_e = 7, .seed = 5}};
    rf_err err = {0};
    rf_workspace *ws = NULL;
    rf_graphbean *net = NULL;
    rf_graphbean_output output = {0};
    rf_train_options o = options_of(1);
    rf_graph *graph = made_graph_of_kinds(large, 2);
    int columns[RF_SIDES_MOST];
    for (rf_side side = 0; side < 5; side++) {
        const int latent = 5;
        columns[side] = graph->side[side].d;
        output.x[side] = rf_mem_new((size_t)(graph->side[side].n * columns[side]), sizeof(rf_real), &err);
        output.z[side] = rf_mem_new((size_t)(graph->side[side].n * latent), sizeof(rf_real), &err);
    }
    const rf_graphbean_shape shape = rf_train_shape(&graph->kinds, columns, &o);
    const rf_graphbean_input input = rf_graphbean_input_of(graph);
    RF_CHECK_OK(err, rf_graphbean_new(&net, &shape, false, &err));
    RF_CHECK_OK(err, rf_graphbean_initialise(net, RF_INIT_KAIMING_UNIFORM, 9, &err));
    RF_CHECK_OK(err, rf_workspace_new(&ws, net, &input, RF_USE_APPLY, NULL, &err));
    rf_graphbean_forward(ws, false, &output);
    for (int64_t at = 0; at < 1500; at += 211) { /* kinds take turns on one worker */
        for (int k = 0; k < 2; k++) {
            const rf_side side = rf_edge_side(k);
            const rf_made_rows made = {.maker = ws, .kind = k, .n = graph->side[side].n, .d = columns[side]};
            int64_t n = 1;
            const rf_real *row = rf_made_rows_at(&made, at, &n, 0);
            check_same_rows(row, output.x[side] + at * columns[side], columns[side]);
        }
    }
    for (rf_side side = 0; side < 5; side++) {
        rf_mem_free(output.x[side]);
        rf_mem_free(output.z[side]);
    }
    rf_workspace_free(ws);
    rf_graphbean_free(net);
    rf_graph_free(graph);
}
END_TEST

static rf_graph_size size_of(const rf_graph *graph)
{
    rf_graph_size size = {.kinds = graph->kinds};
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++) {
        size.n[side] = graph->side[side].n;
        size.d[side] = graph->side[side].d;
    }
    return size;
}

/* What the plan has of the graph, which is there before. */
static int64_t graph_bytes(const rf_graph_size *size, bool with_activity)
{
    int64_t bytes = 0;
    for (rf_side side = 0; side < rf_sides(&size->kinds); side++) {
        const rf_side role = rf_side_role(side);
        const int64_t places = role == RF_EDGE ? 12 : role == RF_USER ? 8 * rf_kinds_n(&size->kinds) : 8;
        bytes += size->n[side] * (size->d[side] * (int64_t)sizeof(rf_real) + places);
        bytes += with_activity ? size->n[side] * (24 + (role == RF_EDGE ? 0 : 24)) : 0;
    }
    return bytes;
}

static void check_plan(const char *what, int64_t said, int64_t took)
{
    const double slack = 0.03 * (double)took + 3e6;
    ck_assert_msg(said >= took && (double)said <= (double)took + slack, "%s takes %lld bytes, not %lld", what,
                  (long long)took, (long long)said);
}

START_TEST(memory_is_what_the_plan_says)
{
    static const made_shape large[] = {
        {.n_u = 6000, .n_v = 3000, .n_e = 20000, .d_u = 12, .d_v = 9, .d_e = 14, .seed = 4},
        {.n_v = 8000, .n_e = 9000, .d_v = 7, .d_e = 20, .seed = 5},
        {.n_v = 500, .n_e = 30000, .d_v = 30, .d_e = 3, .seed = 6}};
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_memory_plan plan, stage[RF_APPLY_STAGES];
    rf_train_options o = options_of(1);
    rf_outputs out;
    o.hidden[0] = o.hidden[1] = o.hidden[2] = 24;
    rf_graph *graph = made_graph_of_kinds(large, 3);
    const rf_graph_size size = size_of(graph);
    RF_CHECK_OK(err, rf_plan_train(&plan, &size, &o, 1, &err));
    int64_t before = rf_mem_stats_get().live_bytes;
    rf_mem_peak_bytes_reset();
    train_anew(graph, &o, rf_tmp_path(path, "large.h5"), 1);
    check_plan("training", rf_memory_plan_bytes(&plan) - graph_bytes(&size, false),
               rf_mem_stats_get().peak_bytes - before);
    rf_model *model = load(path);
    RF_CHECK_OK(err, rf_model_plan(stage, model, &size, 1, &err));
    before = rf_mem_stats_get().live_bytes;
    rf_mem_peak_bytes_reset();
    RF_CHECK_OK(err, rf_model_apply(&out, model, graph, false, NULL, &err));
    check_plan("applying",
               rf_memory_plan_bytes(&stage[RF_ENCODING]) + stage[RF_ENCODING].reserved - RF_LINALG_BUFFER -
                   graph_bytes(&size, true),
               rf_mem_stats_get().peak_bytes - before);
    rf_outputs_clear(&out);
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("train on kinds", any_number_of_threads_writes_the_same_file,
         interrupted_training_ends_in_the_same_bytes, weights_of_kinds_are_an_option,
         a_model_remembers_its_gate, a_model_keeps_kinds_columns_and_parameters,
         a_kind_that_is_gone_is_missed_by_name, applied_outputs_have_every_kind, refused_memory_leaks_nothing,
         other_kinds_are_refused_by_name, columns_of_every_kind_go_by_name_where_statistics_are_frozen,
         columns_of_the_erased_get_another_name_on_every_kind, made_rows_of_a_kind_are_those_of_its_matrix,
         memory_is_what_the_plan_says)
