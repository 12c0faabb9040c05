/* test_kernels.c - each kernel against plain loops (both builds) and its gradient against differences (double
 * build). */
#include <sys/resource.h>

#include "kernel_check.h"
#include "rf_linalg.h"
#include "rf_memory_room.h"

START_TEST(dense_layer_multiplies_a_column_slice)
{
    enum { N = 2500, D = 7, O = 5, LD = 11 };
    rf_real *x = normals(1, N * D), *w = normals(2, O * LD), *b = normals(3, O), *y = zeros(N * O);
    double *want = malloc(sizeof *want * N * O);
    rf_pool *pool = new_pool(2);
    rf_dense_forward(y, x, w + 2, LD, b, N, D, O, pool);
    naive_dense(want, x, w + 2, LD, b, N, D, O);
    for (int i = 0; i < N * O; i++)
        near_to("y", (double)y[i], want[i], CLOSE);
    rf_pool_free(pool);
    free(x), free(w), free(b), free(y), free(want);
}
END_TEST

START_TEST(dense_gradients_are_transposed_products_and_add)
{
    enum { N = 2500, D = 7, O = 5, LD = 11 };
    rf_real *x = normals(1, N * D), *w = normals(2, O * LD), *dy = normals(3, N * O), *dx = normals(4, N * D);
    rf_real *dx0 = malloc(sizeof *dx0 * N * D), *dw = normals(5, O * LD), *dw0 = malloc(sizeof *dw0 * O * LD);
    rf_real *db = zeros(O), *partial = zeros(RF_SEGMENTS * O * D);
    double *sums = malloc(sizeof *sums * RF_SEGMENTS * O);
    memcpy(dx0, dx, sizeof *dx * N * D);
    memcpy(dw0, dw, sizeof *dw * O * LD);
    rf_dense_backward_input(dx, dy, w + 3, LD, N, D, O, 1, NULL);
    rf_dense_backward_weights(dw + 3, LD, db, dy, x, N, D, O, partial, sums, NULL);
    for (int i = 0; i < N * D; i++) {
        double want = (double)dx0[i];
        for (int o = 0; o < O; o++)
            want += (double)dy[i / D * O + o] * (double)w[3 + o * LD + i % D];
        near_to("dx", (double)dx[i], want, CLOSE);
    }
    for (int o = 0; o < O; o++) {
        double sum = 0;
        for (int i = 0; i < N; i++)
            sum += (double)dy[i * O + o];
        near_to("db", (double)db[o], sum, 10 * CLOSE);
        for (int j = 0; j < LD; j++) {
            double want = (double)dw0[o * LD + j];
            for (int i = 0; i < N && j >= 3 && j < 3 + D; i++)
                want += (double)dy[i * O + o] * (double)x[i * D + j - 3];
            near_to("dw", (double)dw[o * LD + j], want, 10 * CLOSE);
        }
    }
    free(x), free(w), free(dy), free(dx), free(dx0), free(dw), free(dw0), free(db), free(partial), free(sums);
}
END_TEST

START_TEST(products_without_columns_are_zero)
{
    rf_real y[6] = {1, 2, 3, 4, 5, 6}, w[3] = {1, 1, 1};
    rf_gemm_nt(y, 3, w, 1, w, 1, 2, 3, 0, 0);
    for (int i = 0; i < 6; i++)
        ck_assert(y[i] == 0);
}
END_TEST

START_TEST(pair_rows_are_gathered)
{
    enum { O = 21 };
    const int d[3] = {1, 1, 1};
    made_input in;
    made_input_new(&in, 50, 40, 300, d, 3, true);
    rf_real *tu = normals(1, 50 * O), *tv = normals(2, 40 * O), *y = normals(3, 100 * O),
            *was = normals(3, 100 * O);
    rf_gather_pairs(y, tu, tv, in.adj.e_u + 150, in.adj.e_v + 150, 100, O, true);
    for (int i = 0; i < 100 * O; i++) {
        int64_t e = 150 + i / O;
        double want = (double)tu[in.adj.e_u[e] * O + i % O] + (double)tv[in.adj.e_v[e] * O + i % O];
        near_to("pair", (double)y[i], (double)was[i] + want, CLOSE);
    }
    made_input_free(&in);
    free(tu), free(tv), free(y), free(was);
}
END_TEST

/* ---- batch normalisation ---- */

typedef struct norm_case {
    int64_t n;
    int d;
    rf_real *y, *gain, *bias, *mean, *scale, *rstd;
    double *var, *blocks;
    rf_norm norm;
} norm_case;

static void norm_case_new(norm_case *c, int64_t n, int d, double offset)
{
    *c = (norm_case){.n = n, .d = d, .y = normals(1, n * d), .gain = normals(2, d), .bias = normals(3, d)};
    for (int64_t i = 0; i < n * d; i++)
        c->y[i] = (rf_real)((double)c->y[i] * (1 + (double)(i % d)) + offset);
    c->mean = zeros(d), c->scale = zeros(d), c->rstd = zeros(d);
    c->var = calloc((size_t)d, sizeof *c->var);
    c->blocks = calloc((size_t)(rf_blocks(n) * 2 * d), sizeof *c->blocks);
    c->norm = (rf_norm){.d = d,
                        .gain = c->gain,
                        .bias = c->bias,
                        .mean = c->mean,
                        .scale = c->scale,
                        .rstd = c->rstd,
                        .var = c->var};
    rf_moments(c->blocks, c->y, n, d, NULL);
    rf_norm_from_moments(&c->norm, c->blocks, n);
}

static void norm_case_free(norm_case *c)
{
    free(c->y), free(c->gain), free(c->bias), free(c->mean), free(c->scale), free(c->rstd), free(c->var),
        free(c->blocks);
}

START_TEST(normalisation_agrees_with_plain_loops)
{
    const int widths[] = {1, 8, 19, 32, 62};
    for (size_t k = 0; k < sizeof widths / sizeof widths[0]; k++) {
        norm_case c;
        norm_case_new(&c, 2500, widths[k], 3);
        rf_activation act = rf_activation_make(true, 0, 0, 0);
        rf_real *h = zeros(c.n * c.d);
        double *want = malloc(sizeof *want * (size_t)c.n);
        rf_norm_forward(h, c.y, c.n, &c.norm, &act, NULL);
        for (int j = 0; j < c.d; j++) {
            naive_batchnorm(want, c.y, c.n, c.d, j, (double)c.gain[j], (double)c.bias[j]);
            for (int64_t i = 0; i < c.n; i++)
                near_to("h", (double)h[i * c.d + j], want[i] > 0 ? want[i] : 0, CLOSE);
        }
        norm_case_free(&c);
        free(h), free(want);
    }
}
END_TEST

START_TEST(moments_survive_a_large_offset)
{
    norm_case c;
    norm_case_new(&c, 5000, 3, 1e4);
    for (int j = 0; j < 3; j++)
        near_to("variance", c.var[j], (1.0 + j) * (1.0 + j), 0.1);
    norm_case_free(&c);
}
END_TEST

START_TEST(running_statistics_use_the_unbiased_variance)
{
    norm_case c;
    norm_case_new(&c, 5, 2, 1);
    rf_real mean[2] = {0, 0}, var[2] = {1, 1};
    rf_norm_update_running(mean, var, &c.norm, c.n);
    for (int j = 0; j < 2; j++) {
        near_to("running mean", (double)mean[j], 0.1 * (double)c.mean[j], CLOSE);
        near_to("running variance", (double)var[j], 0.9 + 0.1 * c.var[j] * 5 / 4, CLOSE);
    }
    norm_case_free(&c);
}
END_TEST

START_TEST(constant_column_normalises_to_its_bias)
{
    norm_case c;
    norm_case_new(&c, 1500, 1, 0);
    for (int i = 0; i < 1500; i++)
        c.y[i] = 5;
    rf_moments(c.blocks, c.y, c.n, 1, NULL);
    rf_norm_from_moments(&c.norm, c.blocks, c.n);
    rf_activation act = rf_activation_make(false, 0, 0, 0);
    rf_norm_forward(c.y, c.y, c.n, &c.norm, &act, NULL);
    near_to("h", (double)c.y[7], (double)c.bias[0], CLOSE);
    norm_case_free(&c);
}
END_TEST

#if RF_REAL_IS_DOUBLE
/* Loss = <weights, activation(norm(y))>; dropout's coins are fixed. */
static double norm_loss(norm_case *c, const rf_activation *act, const rf_real *weights, rf_real *h)
{
    rf_moments(c->blocks, c->y, c->n, c->d, NULL);
    rf_norm_from_moments(&c->norm, c->blocks, c->n);
    rf_norm_forward(h, c->y, c->n, &c->norm, act, NULL);
    return dot(weights, h, c->n * c->d);
}

static void check_norm_gradient(int d, bool relu, double p)
{
    norm_case c;
    norm_case_new(&c, 1100, d, 0.5);
    rf_activation act = rf_activation_make(relu, p, 1, 2);
    rf_real *weights = normals(8, c.n * d), *h = zeros(c.n * d), *dh = malloc(sizeof *dh * (size_t)(c.n * d));
    rf_real *dgain = zeros(d), *dbias = zeros(d), *coef = zeros(2 * d);
    (void)norm_loss(&c, &act, weights, h);
    memcpy(dh, weights, sizeof *dh * (size_t)(c.n * d));
    rf_norm_backward(dh, dgain, dbias, c.y, c.n, &c.norm, &act, c.blocks, coef, NULL);
    rf_real *const inputs[3] = {c.y, c.gain, c.bias};
    const rf_real *const slopes[3] = {dh, dgain, dbias};
    for (int which = 0; which < 3; which++) {
        for (int probe = 0; probe < 20; probe++) {
            int64_t k = which == 0 ? (probe * 7919) % (c.n * d) : probe % d;
            double at = inputs[which][k], step = 1e-6;
            inputs[which][k] = at + step;
            double above = norm_loss(&c, &act, weights, h);
            inputs[which][k] = at - step;
            double below = norm_loss(&c, &act, weights, h);
            inputs[which][k] = at;
            near_to("slope", slopes[which][k], (above - below) / (2 * step), 1e-6);
        }
    }
    norm_case_free(&c);
    free(weights), free(h), free(dh), free(dgain), free(dbias), free(coef);
}

START_TEST(normalisation_gradients_are_slopes)
{
    check_norm_gradient(5, false, 0);
    check_norm_gradient(32, true, 0);
    check_norm_gradient(21, true, 0.25);
}
END_TEST
#endif

/* ---- activation ---- */

START_TEST(dropout_keeps_the_mean_and_its_mask)
{
    enum { N = 40000 };
    rf_real *ones = malloc(sizeof *ones * N), *again = malloc(sizeof *again * N);
    rf_activation act = rf_activation_make(false, 0.25, 9, 4), other = rf_activation_make(false, 0.25, 9, 5);
    double sum = 0;
    int same = 0;
    for (int i = 0; i < N; i++)
        ones[i] = again[i] = 1;
    rf_activation_forward(ones, ones, N, 1, &act, NULL);
    rf_dropout_rows(again, 0, N, &act);
    for (int i = 0; i < N; i++) {
        sum += (double)ones[i];
        ck_assert(ones[i] == again[i]);
        ck_assert(ones[i] == 0 || fabs((double)ones[i] - 4.0 / 3) < 1e-6);
        again[i] = 1;
    }
    near_to("mean", sum / N, 1, 0.02);
    rf_dropout_rows(again, 0, N, &other);
    for (int i = 0; i < N; i++)
        same += (ones[i] == 0) == (again[i] == 0);
    ck_assert_int_lt(same, N * 7 / 10); /* another stream, another mask */
    free(ones), free(again);
}
END_TEST

START_TEST(relu_stops_the_gradient_at_zero)
{
    rf_real y[4] = {-1, 0, 2, 3}, h[4], dh[4] = {5, 5, 5, 5};
    rf_activation act = rf_activation_make(true, 0, 0, 0);
    rf_activation_forward(h, y, 4, 1, &act, NULL);
    rf_activation_backward(dh, y, 4, 1, &act, NULL);
    ck_assert(h[0] == 0 && h[1] == 0 && h[2] == 2 && h[3] == 3);
    ck_assert(dh[0] == 0 && dh[1] == 0 && dh[2] == 5 && dh[3] == 5);
}
END_TEST

/* ---- losses ---- */

START_TEST(squared_error_and_its_gradient)
{
    enum { N = 1500, D = 3 };
    rf_real *a = normals(1, N * D), *b = normals(2, N * D), *dx = zeros(N * D);
    double blocks[2], want = 0;
    double got = rf_squared_error_rows(dx, a, b, N, D, (rf_real)0.5, blocks, NULL);
    for (int i = 0; i < N * D; i++) {
        double off = (double)a[i] - (double)b[i];
        want += off * off;
        near_to("dx", (double)dx[i], 0.5 * off, CLOSE);
    }
    near_to("squared error", got, want, CLOSE);
    free(a), free(b), free(dx);
}
END_TEST

START_TEST(concentration_of_the_error_on_few_rows)
{
    enum { N = 2500, D = 3 };
    rf_real *a = normals(1, N * D), *b = normals(2, N * D);
    double blocks[2 * 3], sum = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        double row = 0;
        for (int j = 0; j < D; j++)
            row += pow((double)a[i * D + j] - (double)b[i * D + j], 2);
        sum += row;
        squares += row * row;
    }
    near_to("concentration", rf_error_concentration(a, b, N, D, blocks, NULL), N * squares / (sum * sum),
            CLOSE);
    rf_pool *pool = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_pool_new(&pool, 3, &err));
    ck_assert(rf_error_concentration(a, b, N, D, blocks, pool) ==
              rf_error_concentration(a, b, N, D, blocks, NULL));
    rf_pool_free(pool);
    memcpy(a, b, sizeof *a * N * D);
    ck_assert(rf_error_concentration(a, b, N, D, blocks, NULL) == 0);
    a[2000 * D + 1] += 2;
    near_to("one row", rf_error_concentration(a, b, N, D, blocks, NULL), N, CLOSE);
    ck_assert(rf_error_concentration(a, b, N, 0, blocks, NULL) == 0);
    free(a), free(b);
}
END_TEST

/* One user against entities in any number and width; a repeated entity adds twice. */
static void check_structure(int n, int d, double size)
{
    enum { N_V = 40 };
    rf_real *zu = normals(1, d), *zv = normals(2, N_V * d), *dzu = zeros(d), *dzv = zeros(N_V * d);
    rf_real *prob = zeros(n), *logit = zeros(n);
    uint32_t *v = malloc(sizeof *v * (size_t)n);
    uint8_t *y = malloc((size_t)n);
    double *want_dzu = calloc((size_t)d, sizeof *want_dzu),
           *want_dzv = calloc((size_t)(N_V * d), sizeof *want_dzv);
    double want = 0;
    for (int k = 0; k < n; k++) {
        v[k] = (uint32_t)(k * 7 % N_V);
        y[k] = k % 3 == 0;
    }
    for (int j = 0; j < d; j++)
        zu[j] = (rf_real)((double)zu[j] * size);
    double loss = rf_structure_row(dzu, dzv, prob, zu, zv, v, y, n, d, 2, logit);
    for (int k = 0; k < n; k++) {
        double s = dot(zu, zv + v[k] * d, d), p = 1 / (1 + exp(-s));
        double term = y[k] ? log1p(exp(-fabs(s))) + (s < 0 ? -s : 0) : log1p(exp(-fabs(s))) + (s > 0 ? s : 0);
        want += term < 100 ? term : 100;
        near_to("probability", (double)prob[k], p, CLOSE * (1 + size));
        for (int j = 0; j < d; j++) {
            want_dzu[j] += 2 * (p - y[k]) * (double)zv[v[k] * d + j];
            want_dzv[v[k] * d + j] += 2 * (p - y[k]) * (double)zu[j];
        }
    }
    near_to("cross-entropy", loss, want, CLOSE * (1 + size));
    for (int j = 0; j < d; j++)
        near_to("dzu", (double)dzu[j], want_dzu[j], CLOSE * 100);
    for (int j = 0; j < N_V * d; j++)
        near_to("dzv", (double)dzv[j], want_dzv[j], CLOSE * 100);
    free(zu), free(zv), free(dzu), free(dzv), free(prob), free(logit), free(v), free(y), free(want_dzu),
        free(want_dzv);
}

START_TEST(structure_row_agrees_with_plain_loops)
{
    check_structure(1, 3, 1);
    check_structure(37, 16, 1);
    check_structure(150, 32, 1);
    check_structure(70, 41, 1);
}
END_TEST

START_TEST(certain_pairs_stay_finite)
{
    check_structure(64, 32, 40);
}
END_TEST

/* ---- linear algebra ---- */

START_TEST(orthogonal_weights_are_orthonormal)
{
    const int shapes[][2] = {{4, 9}, {9, 4}, {6, 6}, {1, 5}, {32, 160}};
    for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
        rf_err err = {0};
        int rows = shapes[k][0], cols = shapes[k][1];
        rf_real *a = normals(k + 1, rows * cols);
        RF_CHECK_OK(err, rf_orthogonalise(a, rows, cols, &err));
        for (int i = 0; i < (rows < cols ? rows : cols); i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int m = 0; m < (rows < cols ? cols : rows); m++)
                    sum += rows <= cols ? (double)a[i * cols + m] * (double)a[j * cols + m]
                                        : (double)a[m * cols + i] * (double)a[m * cols + j];
                near_to("product of rows", sum, i == j, CLOSE);
            }
        }
        free(a);
    }
}
END_TEST

static rf_status orthogonalise_fresh(rf_err *err)
{
    rf_real *a = normals(1, 12 * 5);
    rf_status st = rf_orthogonalise(a, 12, 5, err);
    free(a);
    return st;
}

START_TEST(orthogonal_weights_survive_refused_memory)
{
    RF_SWEEP(orthogonalise_fresh(sweep_err), );
}
END_TEST

/* Without a buffer a product would try for ever. */
START_TEST(threads_without_room_for_a_buffer_are_refused)
{
    rf_err err = {0};
    rf_memory_room room;
    struct rlimit before, limit;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
    limit = (struct rlimit){(rlim_t)(INT64_C(1) << 50), before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    rf_memory_room_read(&room, "");
    int64_t used = room.most[RF_BOUND_ADDRESS] - room.left[RF_BOUND_ADDRESS];
    limit.rlim_cur = (rlim_t)(used + RF_LINALG_BUFFER / 2);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    rf_status st = rf_linalg_reserve(900, &err);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &before), 0);
    ck_assert_int_eq(st, RF_E_NOMEM);
    ck_assert_ptr_nonnull(strstr(err.msg, "for each of 900 threads"));
    RF_CHECK_OK(err, rf_linalg_reserve(2, &err));
    RF_CHECK_OK(err, rf_linalg_reserve(2, &err));
}
END_TEST

START_TEST(blas_names_its_kernels)
{
    const char *better = rf_linalg_better_core();
    ck_assert_str_ne(rf_linalg_core_name(), "");
    ck_assert(better == NULL || strcasecmp(better, rf_linalg_core_name()) != 0);
}
END_TEST

RF_SUITE("kernels", dense_layer_multiplies_a_column_slice, dense_gradients_are_transposed_products_and_add,
         products_without_columns_are_zero, pair_rows_are_gathered, normalisation_agrees_with_plain_loops,
         moments_survive_a_large_offset, running_statistics_use_the_unbiased_variance,
         constant_column_normalises_to_its_bias,
#if RF_REAL_IS_DOUBLE
         normalisation_gradients_are_slopes,
#endif
         dropout_keeps_the_mean_and_its_mask, relu_stops_the_gradient_at_zero, squared_error_and_its_gradient,
         concentration_of_the_error_on_few_rows, structure_row_agrees_with_plain_loops,
         certain_pairs_stay_finite, orthogonal_weights_are_orthonormal,
         orthogonal_weights_survive_refused_memory, threads_without_room_for_a_buffer_are_refused,
         blas_names_its_kernels)
