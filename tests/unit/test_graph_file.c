/* test_graph_file.c - graph files of other programs: accepted in any layout, refused where the contract is
 * broken. */
#include "ranges_int.h"
#include "rf_check.h"
#include "rf_graph.h"

/* A small graph as another program might write it; tests spoil one dataset of it. */
typedef struct foreign {
    float u_x[3 * 2], v_x[2 * 1], e_x[4 * 2], mean[2], scale[2];
    uint32_t e_u[4], e_v[4];
    uint8_t y[4], transform[2];
    uint16_t fraud[4];
    int64_t n_names;
    float dropped_value[2];
    int64_t n_dropped;
} foreign;

static const foreign sound = {.u_x = {1, 2, 3, 4, 5, 6},
                              .v_x = {7, 8},
                              .e_x = {1, -1, 2, -2, 3, -3, 4, -4},
                              .mean = {1, 2},
                              .scale = {3, 4},
                              .e_u = {0, 0, 2, 2},
                              .e_v = {0, 1, 0, 0},
                              .y = {0, 1, 0, 1},
                              .transform = {RF_TAME_NONE, RF_TAME_LOG1P},
                              .fraud = {0, 1, 0, 2},
                              .n_names = 2,
                              .dropped_value = {2.5F, NAN},
                              .n_dropped = 2};

static rf_status write_foreign(const foreign *f, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    const char *const names[3] = {"count", "log1p_sum", "one too many"}, *const types[3] = {"", "bots",
                                                                                            "rings"};
    const int64_t u[2] = {3, 2}, v[2] = {2, 1}, e[2] = {4, 2};
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_format(file, "ringfence-graph", 1, err));
    RF_TRY(rf_h5_write(file, "/u/x", RF_H5_F32, 2, u, f->u_x, err));
    RF_TRY(rf_h5_write(file, "/v/x", RF_H5_F32, 2, v, f->v_x, err));
    RF_TRY(rf_h5_write(file, "/e/x", RF_H5_F32, 2, e, f->e_x, err));
    RF_TRY(rf_h5_write(file, "/e/u", RF_H5_U32, 1, e, f->e_u, err));
    RF_TRY(rf_h5_write(file, "/e/v", RF_H5_U32, 1, e, f->e_v, err));
    RF_TRY(rf_h5_write(file, "/e/y", RF_H5_U8, 1, e, f->y, err));
    RF_TRY(rf_h5_write(file, "/e/fraud_type", RF_H5_U16, 1, e, f->fraud, err));
    RF_TRY(rf_h5_write_texts(file, "/fraud_types", types, 3, err));
    RF_TRY(rf_h5_write_texts(file, "/e/feature_names", names, f->n_names, err));
    RF_TRY(rf_h5_write(file, "/e/mean", RF_H5_F32, 1, &e[1], f->mean, err));
    RF_TRY(rf_h5_write(file, "/e/scale", RF_H5_F32, 1, &e[1], f->scale, err));
    RF_TRY(rf_h5_write(file, "/e/transform", RF_H5_U8, 1, &e[1], f->transform, err));
    RF_TRY(rf_h5_write_texts(file, "/e/dropped", names + 1, f->n_dropped, err));
    RF_TRY(rf_h5_write(file, "/e/dropped_value", RF_H5_F32, 1, &e[1], f->dropped_value, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

START_TEST(a_small_foreign_graph_is_read)
{
    rf_err err = {0};
    rf_graph *g = NULL;
    char path[RF_TEST_PATH], buffer[32];
    RF_CHECK_OK(err, write_foreign(&sound, rf_tmp_path(path, "foreign.h5"), &err));
    RF_CHECK_OK(err, rf_graph_load(&g, path, RF_GRAPH_ALL, &err));
    ck_assert_int_eq(g->adj.n_u, 3);
    ck_assert_int_eq(g->adj.u_ptr[3] - g->adj.u_ptr[2], 2);
    ck_assert_ptr_null(g->side[RF_USER].y);
    ck_assert_uint_eq(g->side[RF_EDGE].y[3], 1);
    ck_assert_str_eq(rf_texts_get(&g->fraud_types, g->side[RF_EDGE].fraud_type[3]), "rings");
    ck_assert_str_eq(rf_graph_id(&g->side[RF_USER], 2, buffer), "2");
    ck_assert_str_eq(rf_graph_raw_name(&g->side[RF_EDGE], 1, buffer), "sum");
    ck_assert_str_eq(rf_graph_raw_name(&g->side[RF_USER], 1, buffer), "x1");
    ck_assert_double_eq_tol(rf_graph_raw(&g->side[RF_EDGE], 0, 2), 7, 1e-12);
    ck_assert_double_eq_tol(rf_graph_raw(&g->side[RF_EDGE], 1, 0.5), expm1(4), 1e-9);
    ck_assert_double_eq_tol(rf_graph_raw(&g->side[RF_EDGE], 1, -2), -expm1(6), 1e-9);
    const rf_graph_side *edges = &g->side[RF_EDGE];
    for (int j = 0; j < edges->d; j++) {
        float low = (float)edges->x[j], high = low;
        for (int64_t i = 0; i < edges->n; i++) {
            low = fminf(low, (float)edges->x[i * edges->d + j]);
            high = fmaxf(high, (float)edges->x[i * edges->d + j]);
        }
        ck_assert_float_eq(edges->low[j], low);
        ck_assert_float_eq(edges->high[j], high);
    }
    ck_assert_int_eq(g->side[RF_USER].dropped.n, 0);
    ck_assert_ptr_null(g->side[RF_USER].dropped_value);
    ck_assert_str_eq(rf_texts_get(&g->side[RF_EDGE].dropped, 1), "one too many");
    ck_assert(g->side[RF_EDGE].dropped_value[0] == 2.5F && isnan(g->side[RF_EDGE].dropped_value[1]));
    rf_graph_free(g);
    RF_CHECK_OK(err, rf_graph_load(&g, path, 0, &err));
    ck_assert_ptr_null(g->side[RF_EDGE].x);
    ck_assert_ptr_null(g->side[RF_EDGE].y);
    rf_graph_free(g);
    RF_SWEEP(rf_graph_load(&g, path, RF_GRAPH_ALL, sweep_err), rf_graph_free(g));
}
END_TEST

static void check_refused(const foreign *f, const char *says)
{
    rf_err err = {0};
    rf_graph *g = NULL;
    char path[RF_TEST_PATH];
    RF_CHECK_OK(err, write_foreign(f, rf_tmp_path(path, "spoiled.h5"), &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, says, rf_graph_load(&g, path, RF_GRAPH_ALL, &err));
    ck_assert_ptr_null(g);
}

START_TEST(broken_promises_are_named)
{
    foreign f = sound;
    f.e_x[5] = NAN;
    check_refused(&f, "/e/x[2, 1] is not finite");
    f = sound;
    f.e_u[3] = 3;
    check_refused(&f, "edge 3 joins user 3");
    f = sound;
    f.e_u[1] = 2;
    f.e_u[2] = 1;
    check_refused(&f, "sorted");
    f = sound;
    f.y[1] = 7;
    check_refused(&f, "/e/y[1] is 7");
    f = sound;
    f.transform[0] = 9;
    check_refused(&f, "/e/transform");
    f = sound;
    f.scale[1] = INFINITY;
    check_refused(&f, "/e/scale");
    f = sound;
    f.n_names = 3;
    check_refused(&f, "/e/feature_names has 3");
    f = sound;
    f.n_dropped = 1;
    check_refused(&f, "/e/dropped_value has 2");
    f = sound;
    f.dropped_value[0] = -INFINITY;
    check_refused(&f, "/e/dropped_value[0] is not finite");
    f = sound;
    f.fraud[0] = 3;
    check_refused(&f, "/e/fraud_type[0] is 3");
}
END_TEST

START_TEST(what_is_no_graph_is_refused)
{
    rf_err err = {0};
    rf_graph *g = NULL;
    rf_h5 *file = NULL;
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "scores.h5");
    RF_CHECK_OK(err, rf_h5_create_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_write_format(file, "ringfence-scores", 1, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "ringfence-scores", rf_graph_load(&g, path, RF_GRAPH_ALL, &err));
    rf_tmp_path(path, "absent.h5");
    RF_CHECK_FAILS(err, RF_E_IO, "absent.h5", rf_graph_load(&g, path, RF_GRAPH_ALL, &err));
}
END_TEST

static void check_shared(const char *name, bool ids)
{
    rf_err err = {0};
    rf_graph *g = NULL;
    char path[RF_TEST_PATH], buffer[32];
    if (!rf_shared_path(path, name) && !rf_golden_path(path, name))
        RF_SKIP("%s is not here; set RF_SHARED_DATA", name);
    RF_CHECK_OK(err, rf_graph_load(&g, path, RF_GRAPH_ALL, &err));
    ck_assert_int_gt(g->adj.n_e, 0);
    ck_assert_int_eq(g->adj.n_e, g->side[RF_EDGE].n);
    ck_assert_int_eq(g->side[RF_USER].id.n, ids ? g->side[RF_USER].n : 0);
    ck_assert_ptr_nonnull(rf_graph_id(&g->side[RF_ENTITY], g->side[RF_ENTITY].n - 1, buffer));
    rf_graph_free(g);
}

START_TEST(shared_files_are_read)
{
    check_shared("wiki/wiki_anomaly_0.h5", true);
    check_shared("ring/wiki_ring_3.h5", true);
    check_shared("fdh/fdh_2018-04.h5", true);
}
END_TEST

START_TEST(golden_files_are_read)
{
    for (int k = 1; k <= 4; k++) {
        char name[32];
        snprintf(name, sizeof name, "golden_G%d.h5", k);
        check_shared(name, false);
    }
}
END_TEST

/* More rows than parts, fewer, and none; of equal values the first. */
START_TEST(columns_have_their_ranges)
{
    enum { D = 19 };
    static const int64_t rows[] = {0, 1, 5, 64, 1000};
    static rf_real x[1000 * D];
    rf_pool *pool = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_pool_new(&pool, 3, &err));
    for (int64_t i = 0; i < 1000 * D; i++)
        x[i] = i % 7 == 0 ? (rf_real)(i % 2 == 0 ? 0.0 : -0.0) : (rf_real)((i * 37) % 11 - 5);
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        float low[D] = {0}, high[D] = {0};
        bool finite = false;
        RF_CHECK_OK(err, rf_column_ranges(low, high, &finite, x, rows[k], D, pool, &err));
        ck_assert(finite);
        for (int j = 0; j < D && rows[k] > 0; j++) {
            float want_low = (float)x[j], want_high = want_low;
            for (int64_t i = 1; i < rows[k]; i++) {
                want_low = (float)x[i * D + j] < want_low ? (float)x[i * D + j] : want_low;
                want_high = (float)x[i * D + j] > want_high ? (float)x[i * D + j] : want_high;
            }
            ck_assert(memcmp(&low[j], &want_low, sizeof want_low) == 0);
            ck_assert(memcmp(&high[j], &want_high, sizeof want_high) == 0);
        }
        if (rows[k] == 0)
            continue;
        const rf_real was = x[rows[k] * D - 1];
        x[rows[k] * D - 1] = k % 2 == 0 ? (rf_real)NAN : (rf_real)INFINITY;
        RF_CHECK_OK(err, rf_column_ranges(low, high, &finite, x, rows[k], D, pool, &err));
        ck_assert(!finite);
        x[rows[k] * D - 1] = was;
    }
    rf_pool_free(pool);
}
END_TEST

RF_SUITE("graph_file", a_small_foreign_graph_is_read, broken_promises_are_named, what_is_no_graph_is_refused,
         shared_files_are_read, golden_files_are_read, columns_have_their_ranges)
