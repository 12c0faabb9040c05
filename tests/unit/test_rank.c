/* test_rank.c - order, percentiles and robust z of rank.c against definitions spelled out by brute force. */
#include "rf_check.h"
#include "rf_rank.h"
#include "rf_rng.h"

#define MOST 400

typedef struct column {
    int n;
    rf_real score[MOST];
} column;

static column random_column(uint64_t seed, int n, uint32_t levels)
{
    column c = {.n = n};
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    for (int i = 0; i < n; i++)
        c.score[i] =
            levels > 0 ? (rf_real)((int)rf_rng_below(&rng, levels) - 2) : (rf_real)rf_rng_normal(&rng);
    return c;
}

static rf_ranked *sorted_of(const column *c)
{
    rf_ranked *sorted = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_rank_sort(&sorted, c->n, c->score, &err));
    return sorted;
}

START_TEST(order_is_ascending_and_equal_scores_keep_their_rows_order)
{
    static const uint32_t levels[] = {0, 1, 3, 40};
    for (uint64_t seed = 0; seed < 40; seed++) {
        column c = random_column(seed, (int)(seed * 7 % MOST), levels[seed % 4]);
        rf_ranked *sorted = sorted_of(&c);
        for (int i = 0; i < c.n; i++) {
            ck_assert(sorted[i].score == c.score[sorted[i].row]);
            if (i > 0) {
                bool after = sorted[i].score > sorted[i - 1].score ||
                             (sorted[i].score == sorted[i - 1].score && sorted[i].row > sorted[i - 1].row);
                ck_assert_msg(after, "seed %d place %d", (int)seed, i);
            }
        }
        rf_mem_free(sorted);
    }
}
END_TEST

START_TEST(values_alone_have_the_order_of_rows)
{
    static const uint32_t levels[] = {0, 1, 3, 40};
    for (uint64_t seed = 0; seed < 40; seed++) {
        column c = random_column(seed, (int)(seed * 11 % MOST), levels[seed % 4]);
        rf_ranked *sorted = sorted_of(&c);
        rf_real spare[MOST];
        rf_rank_values(c.score, spare, c.n);
        for (int i = 0; i < c.n; i++)
            ck_assert_msg(c.score[i] == sorted[i].score, "seed %d place %d", (int)seed, i);
        rf_mem_free(sorted);
    }
}
END_TEST

START_TEST(infinities_negatives_and_both_zeros_sort)
{
    column c = {.n = 7, .score = {0, -INFINITY, (rf_real)-0.0, 3, INFINITY, -2, (rf_real)1e-30}};
    static const uint32_t rows[] = {1, 5, 0, 2, 6, 3, 4};
    rf_ranked *sorted = sorted_of(&c);
    for (int i = 0; i < c.n; i++)
        ck_assert_uint_eq(sorted[i].row, rows[i]);
    rf_mem_free(sorted);
}
END_TEST

START_TEST(a_score_that_is_not_a_number_is_refused_by_place)
{
    rf_real score[] = {1, 2, (rf_real)NAN, 3};
    rf_ranked *sorted = NULL;
    rf_err err = {0};
    RF_CHECK_FAILS(err, RF_E_NUMERIC, "score 2 of 4", rf_rank_sort(&sorted, 4, score, &err));
    ck_assert_ptr_null(sorted);
}
END_TEST

/* ---- percentiles ---- */

START_TEST(percentile_is_the_share_of_others_below_with_ties_half_counted)
{
    for (uint64_t seed = 0; seed < 30; seed++) {
        column c = random_column(seed, 2 + (int)(seed * 11 % 200), seed % 3 == 0 ? 0 : 4);
        float percentile[MOST], z[MOST];
        rf_ranked *sorted = sorted_of(&c);
        rf_rank_describe(percentile, z, sorted, c.n);
        for (int i = 0; i < c.n; i++) {
            int below = 0, tied = -1;
            for (int j = 0; j < c.n; j++) {
                below += c.score[j] < c.score[i];
                tied += c.score[j] == c.score[i];
            }
            double wanted = (below + 0.5 * tied) / (c.n - 1);
            ck_assert_msg(percentile[i] == (float)wanted, "seed %d row %d: %g, not %g", (int)seed, i,
                          (double)percentile[i], wanted);
        }
        rf_mem_free(sorted);
    }
}
END_TEST

START_TEST(all_equal_scores_stand_in_the_middle_with_z_zero)
{
    column c = random_column(1, 5, 1);
    float percentile[MOST], z[MOST];
    rf_ranked *sorted = sorted_of(&c);
    rf_rank_describe(percentile, z, sorted, c.n);
    for (int i = 0; i < c.n; i++) {
        ck_assert(percentile[i] == 0.5F);
        ck_assert(z[i] == 0.0F);
    }
    rf_mem_free(sorted);
}
END_TEST

START_TEST(one_score_alone_is_neither_high_nor_low)
{
    column c = {.n = 1, .score = {7}};
    float percentile[1], z[1];
    rf_ranked *sorted = sorted_of(&c);
    rf_rank_describe(percentile, z, sorted, 1);
    ck_assert(percentile[0] == 0.5F);
    ck_assert(z[0] == 0.0F);
    rf_mem_free(sorted);
}
END_TEST

START_TEST(no_scores_at_all_are_fine)
{
    column c = {.n = 0};
    rf_ranked *sorted = sorted_of(&c);
    rf_rank_describe(NULL, NULL, sorted, 0);
    rf_mem_free(sorted);
}
END_TEST

/* ---- robust z ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double middle(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, by_value);
    return n % 2 != 0 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

START_TEST(robust_z_agrees_with_a_median_and_mad_by_sorting)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        column c = random_column(seed, 1 + (int)(seed * 13 % 90), seed % 2 == 0 ? 0 : 9);
        double values[MOST], distances[MOST], mean = 0;
        float percentile[MOST], z[MOST];
        for (int i = 0; i < c.n; i++)
            values[i] = (double)c.score[i];
        double median = middle(values, c.n);
        for (int i = 0; i < c.n; i++) {
            distances[i] = fabs((double)c.score[i] - median);
            mean += distances[i] / c.n;
        }
        double mad = middle(distances, c.n);
        double spread = mad > 0 ? 1.4826 * mad : 1.2533141 * mean;
        rf_ranked *sorted = sorted_of(&c);
        rf_rank_describe(percentile, z, sorted, c.n);
        for (int i = 0; i < c.n; i++) {
            double wanted = spread > 0 ? ((double)c.score[i] - median) / spread : 0;
            ck_assert_msg(fabs((double)z[i] - wanted) <= 1e-6 * (1 + fabs(wanted)),
                          "seed %d row %d: %g, not %g", (int)seed, i, (double)z[i], wanted);
        }
        rf_mem_free(sorted);
    }
}
END_TEST

START_TEST(a_mad_of_zero_falls_back_to_the_mean_distance)
{
    column c = {.n = 5, .score = {1, 1, 1, 1, 6}};
    float percentile[5], z[5];
    rf_ranked *sorted = sorted_of(&c);
    rf_rank_describe(percentile, z, sorted, c.n);
    ck_assert(z[0] == 0.0F);
    ck_assert_double_eq_tol((double)z[4], 5 / 1.2533141, 1e-6); /* mean distance 1 */
    rf_mem_free(sorted);
}
END_TEST

START_TEST(sorting_survives_every_failing_allocation)
{
    column c = random_column(3, 50, 0);
    rf_ranked *sorted = NULL;
    RF_SWEEP(rf_rank_sort(&sorted, c.n, c.score, sweep_err), rf_mem_free(sorted));
}
END_TEST

RF_SUITE("rank", order_is_ascending_and_equal_scores_keep_their_rows_order,
         values_alone_have_the_order_of_rows, infinities_negatives_and_both_zeros_sort,
         a_score_that_is_not_a_number_is_refused_by_place,
         percentile_is_the_share_of_others_below_with_ties_half_counted,
         all_equal_scores_stand_in_the_middle_with_z_zero, one_score_alone_is_neither_high_nor_low,
         no_scores_at_all_are_fine, robust_z_agrees_with_a_median_and_mad_by_sorting,
         a_mad_of_zero_falls_back_to_the_mean_distance, sorting_survives_every_failing_allocation)
