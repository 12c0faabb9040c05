/* test_model.c - model.h5 as scoring reads it: golden files load as they are, damaged ones are refused by
 * name. */
#include "made_graph.h"
#include "rf_check.h"
#include "rf_model.h"
#include "rf_train.h"
#include "trained.h"

#define REAL_TYPE (RF_REAL_IS_DOUBLE ? RF_H5_F64 : RF_H5_F32)

static void golden_path(char out[RF_TEST_PATH], int number)
{
    char name[32];
    snprintf(name, sizeof name, "golden_G%d.h5", number);
    ck_assert(rf_golden_path(out, name));
}

static void compare(rf_h5 *file, const char *name, const rf_real *got, int64_t rows, int cols)
{
    rf_err err = {0};
    const int64_t dims[2] = {rows, cols};
    rf_real *want = malloc(sizeof *want * (size_t)(rows * cols));
    RF_CHECK_OK(err, rf_h5_read(file, name, REAL_TYPE, 2, dims, want, &err));
    for (int64_t i = 0; i < rows * cols; i++)
        ck_assert_msg(fabs((double)got[i] - (double)want[i]) < 2e-5, "%s[%d]", name, (int)i);
    free(want);
}

static void check_golden(int number, bool frozen)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], name[32];
    rf_model *model = NULL;
    rf_graph *graph = NULL;
    rf_h5 *file = NULL;
    rf_outputs out;
    golden_path(path, number);
    RF_CHECK_OK(err, rf_model_load(&model, path, &err));
    RF_CHECK_OK(err, rf_graph_load(&graph, path, RF_GRAPH_FEATURES, &err));
    RF_CHECK_OK(err, rf_model_apply(&out, model, graph, frozen, NULL, &err));
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    const char *group = frozen ? "/out_eval" : "/out";
    const struct {
        const char *name;
        const rf_real *x;
        int64_t rows;
        int cols;
    } parts[] = {{"xu", out.xu, graph->side[RF_USER].n, graph->side[RF_USER].d},
                 {"xv", out.xv, graph->side[RF_ENTITY].n, graph->side[RF_ENTITY].d},
                 {"xe", out.xe, graph->side[RF_EDGE].n, graph->side[RF_EDGE].d},
                 {"zu", out.zu, graph->side[RF_USER].n, out.latent_u},
                 {"zv", out.zv, graph->side[RF_ENTITY].n, out.latent_v}};
    for (size_t i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "%s/%s", group, parts[i].name);
        compare(file, name, parts[i].x, parts[i].rows, parts[i].cols);
    }
    ck_assert_uint_eq(strlen(rf_model_id(model)), 16);
    ck_assert_int_eq(rf_model_trained_at_us(model), 0);
    for (int64_t e = 0; e < graph->side[RF_EDGE].n; e++)
        ck_assert(out.eprob[e] > 0 && out.eprob[e] < 1);
    rf_outputs_clear(&out);
    rf_h5_close(&file);
    rf_graph_free(graph);
    rf_model_free(model);
}

START_TEST(golden_files_load_and_apply)
{
    for (int number = 1; number <= 4; number++) {
        check_golden(number, false);
        check_golden(number, true);
    }
}
END_TEST

START_TEST(other_feature_counts_are_refused)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_model *model = NULL;
    rf_outputs out;
    rf_graph *graph =
        made_graph((made_shape){.n_u = 5, .n_v = 5, .n_e = 9, .d_u = 3, .d_v = 4, .d_e = 9, .seed = 1});
    golden_path(path, 1);
    RF_CHECK_OK(err, rf_model_load(&model, path, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "2 edge features, the graph has 3, 4 and 9",
                   rf_model_apply(&out, model, graph, false, NULL, &err));
    rf_model_free(model);
    rf_graph_free(graph);
}
END_TEST

/* A copy of a golden file for the test to spoil. */
static rf_h5 *copy_to_spoil(char path[RF_TEST_PATH])
{
    rf_err err = {0};
    char golden[RF_TEST_PATH];
    rf_h5 *file = NULL;
    size_t len = 0;
    golden_path(golden, 1);
    char *bytes = rf_slurp(golden, &len);
    rf_spill(rf_tmp_path(path, "spoiled.h5"), bytes, len);
    free(bytes);
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    return file;
}

/* What is written in place of a data set or group, and what the refusal then says. */
typedef struct damage {
    const char *name;
    int rank; /* 0: nothing is */
    int64_t dims[2];
    float value; /* of every entry */
    const char *part;
} damage;

static void replace(rf_h5 *file, const damage *d)
{
    static float x[70000];
    rf_err err = {0};
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
        x[i] = d->value;
    RF_CHECK_OK(err, rf_h5_remove(file, d->name, &err));
    if (d->rank > 0)
        RF_CHECK_OK(err, rf_h5_write(file, d->name, RF_H5_F32, d->rank, d->dims, x, &err));
}

static void expect_refusal(rf_h5 *file, const char *path, const char *part)
{
    rf_err err = {0};
    rf_model *model = NULL;
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_FAILS(err, RF_E_FORMAT, part, rf_model_load(&model, path, &err));
}

START_TEST(damaged_models_are_refused_by_name)
{
    static const damage damages[] = {
        {"/model/encoder_convs/0/bn_e/running_var", 1, {3}, -1, "encoder_convs/0/bn_e/running_var"},
        {"/model/u_mlp_layers/1/bias", 1, {4}, NAN, "u_mlp_layers/1/bias"},
        {"/model/decoder_convs/0/lin_u/weight", 2, {4, 12}, 0, "decoder_convs/0/lin_u/weight"},
        {"/model/v_mlp_layers/0/weight", 0, {0}, 0, "v_mlp_layers/0/weight"},
        {"/model/encoder_convs/1", 0, {0}, 0, "1 encoder"},
        {"/model", 0, {0}, 0, ""},
        {"/model/encoder_convs/0/lin_u/bias", 1, {70000}, 0, "encoder_convs/0/lin_u/bias"},
    };
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_h5 *file;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        file = copy_to_spoil(path);
        replace(file, &damages[i]);
        expect_refusal(file, path, damages[i].part);
    }
    file = copy_to_spoil(path);
    const int64_t channels[3] = {3, 4, 7};
    RF_CHECK_OK(err, rf_h5_write_attr_int(file, "/model", "in_channels", channels, 3, &err));
    expect_refusal(file, path, "in_channels");
}
END_TEST

/* ---- columns ---- */

/* A model of three user, four entity and two edge columns, trained for no epoch. */
static void save_with_columns(char path[RF_TEST_PATH])
{
    rf_err err = {0};
    rf_train_result result;
    rf_train_options o;
    rf_graph *graph =
        made_graph((made_shape){.n_u = 20, .n_v = 10, .n_e = 50, .d_u = 3, .d_v = 4, .d_e = 2, .seed = 1});
    rf_train_options_default(&o);
    o.epochs = 0;
    graph->side[RF_ENTITY].mean = rf_mem_zero(4, sizeof(float), &err);
    graph->side[RF_ENTITY].scale = rf_mem_zero(4, sizeof(float), &err);
    graph->side[RF_ENTITY].transform = rf_mem_zero(4, 1, &err);
    graph->side[RF_ENTITY].scale[3] = 2;
    RF_CHECK_OK(err, rf_train(&result, graph, &o, rf_tmp_path(path, "columns.h5"), true, NULL, NULL, &err));
    rf_graph_free(graph);
}

START_TEST(a_model_keeps_the_columns_of_its_graph)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_h5 *file = NULL;
    rf_texts names = {0};
    rf_model *model = NULL;
    float scale[4];
    const int64_t four[1] = {4};
    save_with_columns(path);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_read_texts(file, "/model/columns/u/name", &names, &err));
    ck_assert_int_eq(names.n, 3);
    ck_assert_str_eq(rf_texts_get(&names, 2), "u_2");
    RF_CHECK_OK(err, rf_h5_read(file, "/model/columns/v/scale", RF_H5_F32, 1, four, scale, &err));
    ck_assert(scale[3] == 2);
    ck_assert(rf_h5_exists(file, "/model/columns/v/transform"));
    ck_assert(!rf_h5_exists(file, "/model/columns/e/mean")); /* which the graph does not have */
    rf_texts_clear(&names);
    rf_h5_close(&file);
    RF_SWEEP(rf_model_load(&model, path, sweep_err), rf_model_free(model));
}
END_TEST

static rf_h5 *columns_to_spoil(char path[RF_TEST_PATH])
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    save_with_columns(path);
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    return file;
}

START_TEST(damaged_columns_are_refused_by_name)
{
    static const damage damages[] = {
        {"/model/columns/v/mean", 1, {4}, NAN, "mean or scale of column 0 of /model/columns/v"},
        {"/model/columns/v/scale", 0, {0}, 0, "/model/columns/v has one of mean and scale"},
        {"/model/columns/u/mean",
         1,
         {4},
         1,
         "/model/columns/u/mean does not have an entry for each of the model's 3"},
        {"/model/columns/e/name", 1, {4}, 1, "/model/columns/e/name"},
        {"/model/columns/e/name", 1, {2}, 1, "/model/columns/e/name"}, /* numbers for names */
    };
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_h5 *file;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        file = columns_to_spoil(path);
        replace(file, &damages[i]);
        expect_refusal(file, path, damages[i].part);
    }
    file = columns_to_spoil(path);
    RF_CHECK_OK(err, rf_h5_remove(file, "/model/columns", &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    rf_model *model = NULL;
    RF_CHECK_OK(err, rf_model_load(&model, path, &err));
    rf_model_free(model);
}
END_TEST

START_TEST(id_names_the_parameters_and_time_the_training)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], id[2][17];
    rf_train_result result;
    rf_train_options o;
    rf_graph *graph =
        made_graph((made_shape){.n_u = 20, .n_v = 10, .n_e = 50, .d_u = 3, .d_v = 4, .d_e = 2, .seed = 1});
    rf_train_options_default(&o);
    setenv("SOURCE_DATE_EPOCH", "1500000000", 1);
    for (int i = 0; i < 2; i++) {
        rf_model *model = NULL;
        o.epochs = 1 + i;
        RF_CHECK_OK(err, rf_train(&result, graph, &o, rf_tmp_path(path, "named.h5"), true, NULL, NULL, &err));
        RF_CHECK_OK(err, rf_model_load(&model, path, &err));
        ck_assert_int_eq(rf_model_trained_at_us(model), INT64_C(1500000000000000));
        snprintf(id[i], sizeof id[i], "%s", rf_model_id(model));
        rf_model_free(model);
    }
    unsetenv("SOURCE_DATE_EPOCH");
    ck_assert_str_ne(id[0], id[1]);
    rf_graph_free(graph);
}
END_TEST

START_TEST(refused_memory_leaks_nothing)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_graph *graph = NULL;
    golden_path(path, 1);
    RF_CHECK_OK(err, rf_graph_load(&graph, path, RF_GRAPH_FEATURES, &err));
    RF_SWEEP(load_and_apply(path, graph, false, sweep_err), );
    rf_graph_free(graph);
}
END_TEST

/* ---- columns of the erased ---- */

static void write_names(rf_h5 *file, const char *name, const char *const *names, int64_t n)
{
    rf_err err = {0};
    RF_CHECK_OK(err, rf_h5_write_texts(file, name, names, n, &err));
}

static void check_name(rf_h5 *file, const char *name, int64_t at, const char *wanted)
{
    rf_err err = {0};
    rf_texts names = {0};
    RF_CHECK_OK(err, rf_h5_read_texts(file, name, &names, &err));
    ck_assert_str_eq(rf_texts_get(&names, at), wanted);
    rf_texts_clear(&names);
}

/* u1 was erased, came back, and is erased again: in the graph "erased-..." is taken, too. */
START_TEST(a_column_of_one_who_is_erased_again_gets_a_name_that_is_free)
{
    rf_err err = {0};
    rf_subjects subjects = {0};
    rf_text erased = {0}, again = {0};
    rf_h5 *file = NULL;
    int64_t n;
    char path[RF_TEST_PATH];
    RF_CHECK_OK(err, rf_hash_key_random(&subjects.key, &err));
    RF_CHECK_OK(err, rf_subjects_add(&subjects, RF_USER, "u1", 2, &err));
    RF_CHECK_OK(err, rf_text_printf(&erased, &err, "by="));
    RF_CHECK_OK(err, rf_subject_rename(&erased, &subjects.at[0], &err));
    RF_CHECK_OK(err, rf_text_printf(&again, &err, "%s-2", erased.ptr));
    const char *const of_u[] = {"by=u1", erased.ptr, "amount"}, *const of_e[] = {"by=u1"};
    RF_CHECK_OK(err, rf_h5_create_beside(&file, rf_tmp_path(path, "erased.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_format(file, "ringfence-model", 1, &err));
    write_names(file, "/model/columns/u/name", of_u, 3);
    write_names(file, "/model/columns/e/name", of_e, 1);
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_OK(err, rf_model_erase(&n, path, &subjects, true, &err));
    ck_assert_int_eq(n, 2);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    check_name(file, "/model/columns/u/name", 0, again.ptr);
    check_name(file, "/model/columns/u/name", 1, erased.ptr);
    check_name(file, "/model/columns/u/name", 2, "amount");
    check_name(file, "/model/columns/e/name", 0, again.ptr); /* as in the graph, where both are one value */
    rf_h5_close(&file);
    rf_hash_key_free(subjects.key);
    rf_subjects_clear(&subjects);
    rf_text_clear(&erased);
    rf_text_clear(&again);
}
END_TEST

RF_SUITE("model", golden_files_load_and_apply, other_feature_counts_are_refused,
         damaged_models_are_refused_by_name, a_model_keeps_the_columns_of_its_graph,
         damaged_columns_are_refused_by_name, id_names_the_parameters_and_time_the_training,
         refused_memory_leaks_nothing, a_column_of_one_who_is_erased_again_gets_a_name_that_is_free)
