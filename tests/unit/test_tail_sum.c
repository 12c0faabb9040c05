/* test_tail_sum.c - tails of columns and their sums over rows against sorting; forms and weights of columns.
 */
#include "made_graph.h"
#include "rf_check.h"

#include "rf_feature_words.h"
#include "rf_pool.h"
#include "rf_rng.h"
#include "tail_sum_int.h"
#include "tails_int.h"

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static bool is_near(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance * (1 + fabs(a) + fabs(b));
}

/* ---- order statistics and tails ---- */

static void fill_column(float *column, int64_t n, int shape, rf_rng *rng)
{
    for (int64_t i = 0; i < n; i++) {
        double normal = rf_rng_normal(rng);
        column[i] = (float)(shape == 0   ? normal
                            : shape == 1 ? exp(2 * normal)
                            : shape == 2 ? (double)rf_rng_below(rng, 4)
                            : shape == 3 ? (rf_rng_below(rng, 50) == 0 ? normal : 0)
                                         : -exp(normal));
    }
}

START_TEST(selection_agrees_with_sorting)
{
    rf_rng rng;
    rf_rng_init(&rng, 1, 0);
    for (int round = 0; round < 60; round++) {
        int64_t n = 1 + rf_rng_below(&rng, 300);
        float column[300], sorted[300];
        fill_column(column, n, round % 5, &rng);
        memcpy(sorted, column, (size_t)n * sizeof *sorted);
        qsort(sorted, (size_t)n, sizeof *sorted, by_float);
        for (int64_t k = 0; k < n; k++) {
            float found[2];
            rf_select_two(found, column, n, (const int64_t[]){k, n - 1 - k});
            RF_HOLDS(found[0] == sorted[k] && found[1] == sorted[n - 1 - k]);
        }
        double at = 0.95 * (double)(n - 1);
        int64_t low = (int64_t)at, high = low + 1 < n ? low + 1 : low;
        double want = (double)sorted[low] + (at - (double)low) * (double)(sorted[high] - sorted[low]);
        RF_HOLDS(is_near(rf_quantile(column, n, 0.95), want, 1e-6));
    }
}
END_TEST

static double sorted_quantile(const float *sorted, int64_t n, double q)
{
    double at = q * (double)(n - 1);
    int64_t low = (int64_t)at, high = low + 1 < n ? low + 1 : low;
    return (double)sorted[low] + (at - (double)low) * ((double)sorted[high] - (double)sorted[low]);
}

/* t(y) of the header, from a sorted column. */
static double plain_tail(const float *sorted, int64_t n, float y)
{
    float excess[1000];
    int64_t m = 0, at_least = 0;
    float u0 = sorted[n - 1 - (int64_t)((double)n * 0.1)];
    for (int64_t i = 0; i < n; i++) {
        at_least += sorted[i] >= y;
        if (sorted[i] > u0)
            excess[m++] = sorted[i] - u0;
    }
    if (y <= u0 || m < 20)
        return log((double)n / (double)at_least);
    double q1 = sorted_quantile(excess, m, 0.5), q2 = sorted_quantile(excess, m, 0.75);
    double xi = fmin(fmax(q2 > q1 ? log((q2 - q1) / q1) / log(2) : 0, 0.001), 0.6), z = (double)(y - u0);
    double far = log(1 + xi * z / (xi * q1 / (pow(2, xi) - 1))) / xi;
    return fmin(log((double)n / (double)m) + far, RF_TAIL_CAP);
}

static double plain_nats(const float *column, int64_t n, float y)
{
    float sorted[1000], turned[1000];
    memcpy(sorted, column, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, by_float);
    for (int64_t i = 0; i < n; i++)
        turned[i] = -sorted[n - 1 - i];
    return fmax(fmax(plain_tail(sorted, n, y), plain_tail(turned, n, -y)) - log(2), 0);
}

START_TEST(sums_over_columns_agree_with_sorting_them)
{
    enum { D = 5 };
    rf_rng rng;
    rf_err err = {0};
    rf_rng_init(&rng, 2, 0);
    for (int round = 0; round < (rf_short() ? 3 : 12); round++) {
        const int64_t n = round == 0 ? 1 : 1 + rf_rng_below(&rng, 999);
        float column[D][1000];
        rf_real x[1000 * D];
        float out[1000];
        for (int j = 0; j < D; j++)
            fill_column(column[j], n, j, &rng);
        for (int64_t i = 0; i < n * D; i++)
            x[i] = (rf_real)column[i % D][i / D];
        const rf_tail_sum sum = {.x = x, .n = n, .d = D, .threshold = 2};
        RF_CHECK_OK(err, rf_tails_sum(out, &sum, NULL, &err));
        for (int64_t i = 0; i < n; i++) {
            double want = 0;
            for (int j = 0; j < D; j++)
                want += fmax(plain_nats(column[j], n, column[j][i]) - 2, 0);
            ck_assert_msg(is_near((double)out[i], want, 1e-4), "round %d, row %lld: %g, not %g", round,
                          (long long)i, (double)out[i], want);
        }
    }
}
END_TEST

/* Beyond RF_TAIL_ALL rows: near what fitting to all rows gives, and the same where few rows are far out. */
START_TEST(many_rows_are_fitted_to_a_sample)
{
    enum { N = 200000, D = 3 };
    float *column[D], *out = calloc(N, sizeof *out);
    uint32_t *scratch = calloc(2 * N, sizeof *scratch);
    rf_real *x = calloc((size_t)N * D, sizeof *x);
    rf_tails exact[D];
    rf_rng rng;
    rf_err err = {0};
    double worst = 0;
    int far_out = 0;
    rf_rng_init(&rng, 7, 0);
    for (int j = 0; j < D; j++) {
        column[j] = calloc(N, sizeof *column[j]);
        if (j < 2)
            fill_column(column[j], N, j, &rng);
        for (int i = 0; i < 300 && j == 2; i++) /* 0 but for 300 rows: few of them are in the sample */
            column[j][(i * 661 + 5) % N] = (float)(1 + i);
        for (int64_t i = 0; i < N; i++)
            x[i * D + j] = (rf_real)column[j][i];
        rf_tails_fit(&exact[j], scratch, column[j], N);
    }
    const rf_tail_sum sum = {.x = x, .n = N, .d = D, .threshold = 2};
    RF_CHECK_OK(err, rf_tails_sum(out, &sum, NULL, &err));
    for (int64_t i = 0; i < N; i++) {
        double want = 0;
        for (int j = 0; j < D; j++)
            want += fmax(rf_tails_nats(&exact[j], column[j][i]) - 2, 0);
        worst = fmax(worst, fabs((double)out[i] - want) / (1 + want));
        if (column[2][i] > 0 &&
            fmax(rf_tails_nats(&exact[0], column[0][i]), rf_tails_nats(&exact[1], column[1][i])) < 1.5) {
            RF_HOLDS(is_near((double)out[i], want, 1e-4)); /* the rare column alone */
            far_out++;
        }
    }
    ck_assert_msg(worst < 0.06, "%g", worst);
    ck_assert_int_gt(far_out, 100);
    for (int j = 0; j < D; j++)
        free(column[j]);
    free(scratch);
    free(out);
    free(x);
}
END_TEST

/* Every third of 19 excesses: they stand for all. */
START_TEST(few_excesses_of_which_some_are_kept_stand_for_all)
{
    enum { M = 19, KEPT = 7 };
    float excess[M] = {3, 1, 7, 2, 5, 4, 6, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};
    rf_tail tail = {.u0 = 1};
    rf_tail_fit_excesses(&tail, excess, KEPT, M, 1000000);
    ck_assert_int_eq(tail.m, M);
    ck_assert(tail.few[0] == 1 && tail.few[M - 1] == KEPT);
    for (int k = 1; k < M; k++)
        ck_assert(tail.few[k - 1] <= tail.few[k]);
}
END_TEST

/* x, x - minus and (x - minus) factor in one pass over many rows, some of their tails rare: as each of them
 * alone, and the same bytes at any number of threads. */
START_TEST(matrices_of_one_pass_are_summed_as_if_alone)
{
    enum { N = 140000, D = 3, MATRICES = 3 };
    static const rf_real factor[D * D] = {2, 0, 1, 0, 1, -1, 0, 0, 3};
    rf_real *x = calloc((size_t)N * D, sizeof *x), *minus = calloc((size_t)N * D, sizeof *minus);
    rf_real *made[MATRICES] = {x, calloc((size_t)N * D, sizeof *x), calloc((size_t)N * D, sizeof *x)};
    float *out[2][MATRICES], *alone = calloc(N, sizeof *alone);
    rf_pool *pool = NULL;
    rf_err err = {0};
    rf_rng rng;
    int far_out = 0;
    rf_rng_init(&rng, 8, 0);
    for (int64_t i = 0; i < (int64_t)N * D; i++) { /* one column is 0 but for a few rows */
        x[i] = (rf_real)(i % D == 2 ? (rf_rng_below(&rng, 400) == 0 ? rf_rng_normal(&rng) : 0)
                                    : rf_rng_normal(&rng));
        minus[i] = (rf_real)(i % D == 2 ? 0 : rf_rng_normal(&rng));
        made[1][i] = x[i] - minus[i];
    }
    for (int64_t i = 0; i < (int64_t)N * D; i++) {
        for (int k = 0; k < D; k++)
            made[2][i] += made[1][i / D * D + k] * factor[k * D + i % D];
    }
    const rf_made_rows minus_rows = rf_made_rows_of(minus, N, D);
    const rf_tail_sum sums[MATRICES] = {
        {.x = x, .n = N, .d = D, .threshold = 3},
        {.x = x, .minus = &minus_rows, .n = N, .d = D, .threshold = 2},
        {.x = x, .minus = &minus_rows, .factor = factor, .n = N, .d = D, .threshold = 2}};
    RF_CHECK_OK(err, rf_pool_new(&pool, 4, &err));
    for (int threads = 0; threads < 2; threads++) {
        for (int m = 0; m < MATRICES; m++)
            out[threads][m] = calloc(N, sizeof *out[threads][m]);
        RF_CHECK_OK(err, rf_tails_sum_all(out[threads], sums, MATRICES, threads == 0 ? NULL : pool, &err));
    }
    for (int m = 0; m < MATRICES; m++) {
        const rf_tail_sum sum = {.x = made[m], .n = N, .d = D, .threshold = sums[m].threshold};
        RF_CHECK_OK(err, rf_tails_sum(alone, &sum, NULL, &err));
        ck_assert_mem_eq(out[0][m], out[1][m], N * sizeof *alone);
        for (int64_t i = 0; i < N; i++) {
            RF_HOLDS(is_near((double)out[0][m][i], (double)alone[i], 1e-4));
            far_out += x[i * D + 2] != 0 && out[0][m][i] > 0;
        }
        free(out[0][m]);
        free(out[1][m]);
    }
    ck_assert_int_gt(far_out, 300);
    for (int m = 0; m < MATRICES; m++)
        free(made[m]);
    rf_pool_free(pool);
    free(minus);
    free(alone);
}
END_TEST

/* ---- columns that last ---- */

/* The row before row i in time at the same node; times differ. */
static int64_t plain_before(const rf_graph *graph, const uint32_t *node, int64_t i)
{
    const int64_t *time = graph->side[RF_EDGE].first_us;
    int64_t best = -1;
    for (int64_t k = 0; k < graph->adj.n_e; k++) {
        if (node[k] == node[i] && time[k] < time[i] && (best < 0 || time[k] > time[best]))
            best = k;
    }
    return best;
}

static double plain_weight(const rf_graph *graph, const double *nats, double threshold)
{
    double most = 0;
    for (int s = 0; s < 2; s++) {
        const uint32_t *node = s == 0 ? graph->adj.e_u : graph->adj.e_v;
        double followers = 20, lasting = 0;
        for (int64_t i = 0; i < graph->adj.n_e; i++) {
            int64_t before = plain_before(graph, node, i);
            followers += before >= 0 && nats[i] > threshold;
            lasting += before >= 0 && nats[i] > threshold && nats[before] > threshold;
        }
        most = fmax(most, lasting / followers);
    }
    return 1 - most * most;
}

START_TEST(a_column_that_stays_far_out_at_a_node_counts_less)
{
    enum { N = 1000, D = 3 };
    rf_graph *graph = made_graph((made_shape){20, 20, N, 1, 1, D, 5});
    rf_graph_side *edges = &graph->side[RF_EDGE];
    rf_time_order order = {0};
    rf_err err = {0};
    rf_rng rng;
    uint32_t before[2][N];
    float column[D][N], out[N];
    double nats[D][N], weight[D];
    rf_rng_init(&rng, 5, 1);
    edges->first_us = rf_mem_zero(N, sizeof *edges->first_us, NULL);
    ck_assert(edges->first_us != NULL);
    for (int64_t i = 0; i < N; i++) { /* ones of the user, of the entity, of the edge */
        uint32_t u = graph->adj.e_u[i], v = graph->adj.e_v[i];
        edges->first_us[i] = (i * 7919) % N;
        column[0][i] = (float)((u == 0 ? 40 : 0) + rf_rng_normal(&rng));
        column[1][i] = (float)((v == 0 ? 40 : 0) + rf_rng_normal(&rng));
        column[2][i] = (float)((rf_rng_below(&rng, 30) == 0 ? 40 : 0) + rf_rng_normal(&rng));
        for (int j = 0; j < D; j++)
            edges->x[i * D + j] = (rf_real)column[j][i];
    }
    RF_CHECK_OK(err, rf_time_order_make(&order, graph, 2, NULL, &err));
    for (int s = 0; s < 2; s++) {
        rf_edges_before(before[s], &order, s);
        for (int64_t i = 0; i < N; i++) {
            int64_t want = plain_before(graph, s == 0 ? graph->adj.e_u : graph->adj.e_v, i);
            RF_HOLDS(before[s][i] == (want < 0 ? RF_NO_EDGE : (uint32_t)want));
        }
    }
    for (int j = 0; j < D; j++) {
        for (int64_t i = 0; i < N; i++)
            nats[j][i] = plain_nats(column[j], N, column[j][i]);
        weight[j] = plain_weight(graph, nats[j], 2);
    }
    ck_assert_msg(weight[0] < 0.92 && weight[1] < 0.92 && weight[2] > 0.97, "%g %g %g", weight[0], weight[1],
                  weight[2]);
    const rf_tail_sum sum = {.x = edges->x, .n = N, .d = D, .threshold = 2, .before = {before[0], before[1]}};
    RF_CHECK_OK(err, rf_tails_sum(out, &sum, NULL, &err));
    for (int64_t i = 0; i < N; i++) {
        double want = 0;
        for (int j = 0; j < D; j++)
            want += weight[j] * fmax(nats[j][i] - 2, 0);
        RF_HOLDS(is_near((double)out[i], want, 1e-4));
    }
    rf_time_order_clear(&order);
    rf_graph_free(graph);
}
END_TEST

/* ---- forms ---- */

START_TEST(figures_of_numbers_are_those_that_log1p_may_tame)
{
    static const char *const asked[] = {"amount",           "amount_mean",   "amount_max_ratio_user",
                                        "night_sum",        "user_amount_z", "entity_amount_mean_30d",
                                        "user_amount_ratio"};
    static const char *const never[] = {"events",    "night",       "user_events_1d",         "hour_sin",
                                        "span_s",    "channel=app", "user_new_partner_share", "butterflies",
                                        "paid_share"};
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++)
        ck_assert_msg(rf_feature_tamed_if_asked(asked[k]), "%s", asked[k]);
    for (size_t k = 0; k < sizeof never / sizeof *never; k++)
        ck_assert_msg(!rf_feature_tamed_if_asked(never[k]), "%s", never[k]);
}
END_TEST

/* One column in the graph's form: raw or tamed, then standardised. */
static void set_column(rf_graph_side *side, int j, const double *raw, int64_t n, bool tame)
{
    side->transform[j] = tame ? RF_TAME_LOG1P : RF_TAME_NONE;
    side->mean[j] = 3;
    side->scale[j] = 0.5F;
    for (int64_t i = 0; i < n; i++) {
        double value = tame ? copysign(log1p(fabs(raw[i])), raw[i]) : raw[i];
        side->x[i * side->d + j] = (rf_real)((value - 3) / 0.5);
    }
}

START_TEST(the_form_of_an_amount_is_chosen_by_its_tail)
{
    enum { N = 1000, D = 2 };
    static const char *const names[2][D] = {{"amount_mean", "paid_max"},
                                            {"log1p_amount_mean", "log1p_paid_max"}};
    rf_graph *graph = made_graph((made_shape){10, 10, N, 1, 1, D, 6});
    rf_graph_side *side = &graph->side[RF_EDGE];
    double raw[D][N];
    float form[D][N], out[N];
    rf_err err = {0};
    rf_rng rng;
    rf_rng_init(&rng, 6, 0);
    side->mean = rf_mem_zero(D, sizeof *side->mean, NULL);
    side->scale = rf_mem_zero(D, sizeof *side->scale, NULL);
    side->transform = rf_mem_zero(D, sizeof *side->transform, NULL);
    ck_assert(side->mean != NULL && side->scale != NULL && side->transform != NULL);
    for (int i = 0; i < N; i++) {
        raw[0][i] = fabs(10 + 4 * rf_rng_normal(&rng)); /* light */
        raw[1][i] = exp(2 * rf_rng_normal(&rng));       /* heavy */
        form[0][i] = (float)raw[0][i];
        form[1][i] = (float)log1p(raw[1][i]);
    }
    for (int tame = 0; tame < 2; tame++) { /* as configured: not, and log1p */
        made_graph_set_names(side, names[tame]);
        for (int j = 0; j < D; j++)
            set_column(side, j, raw[j], N, tame == 1);
        const rf_tail_sum sum = {.x = side->x, .n = N, .d = D, .threshold = 2, .forms = side};
        RF_CHECK_OK(err, rf_tails_sum(out, &sum, NULL, &err));
        for (int i = 0; i < N; i++) {
            double want = 0;
            for (int j = 0; j < D; j++)
                want += fmax(plain_nats(form[j], N, form[j][i]) - 2, 0);
            ck_assert_msg(is_near((double)out[i], want, 1e-3), "row %d: %g, not %g", i, (double)out[i], want);
        }
    }
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("tail_sum", selection_agrees_with_sorting, sums_over_columns_agree_with_sorting_them,
         many_rows_are_fitted_to_a_sample, few_excesses_of_which_some_are_kept_stand_for_all,
         matrices_of_one_pass_are_summed_as_if_alone, a_column_that_stays_far_out_at_a_node_counts_less,
         figures_of_numbers_are_those_that_log1p_may_tame, the_form_of_an_amount_is_chosen_by_its_tail)
