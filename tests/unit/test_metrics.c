/* test_metrics.c - areas and cut-offs against scikit-learn's numbers and against definitions spelled out by
 * brute force. */
#include "metrics_sklearn.h"
#include "rf_check.h"
#include "rf_metrics.h"
#include "rf_rng.h"

#define MOST 300

typedef struct ranking {
    int n;
    rf_real score[MOST];
    uint8_t y[MOST];
} ranking;

static rf_metrics metrics_of(const ranking *r)
{
    static const int64_t k[] = {1, 3, 10, 1000000};
    static const double percentile[] = {0, 0.5, 0.9, 1};
    rf_metrics metrics;
    rf_err err = {0};
    ck_assert_msg(rf_metrics_compute(&metrics, r->n, r->score, r->y, k, 4, percentile, 4, &err) == RF_OK,
                  "%s", err.msg);
    return metrics;
}

/* levels 0: all scores differ; else ties abound. */
static ranking random_ranking(uint64_t seed, int n, uint32_t levels)
{
    ranking r = {.n = n};
    rf_rng rng;
    rf_rng_init(&rng, seed, 1);
    for (int i = 0; i < n; i++) {
        r.score[i] = levels > 0 ? (rf_real)rf_rng_below(&rng, levels) / 4 : (rf_real)rf_rng_normal(&rng);
        r.y[i] = rf_rng_uniform(&rng) < 0.25;
    }
    r.y[0] = 1;
    r.y[n - 1] = 0;
    return r;
}

START_TEST(areas_agree_with_scikit_learn)
{
    for (size_t c = 0; c < sizeof sklearn_cases / sizeof *sklearn_cases; c++) {
        ranking r = {.n = sklearn_cases[c].n};
        for (int i = 0; i < r.n; i++) {
            r.score[i] = (rf_real)sklearn_cases[c].score[i];
            r.y[i] = sklearn_cases[c].y[i];
        }
        rf_metrics m = metrics_of(&r);
        ck_assert(m.defined);
        ck_assert_double_eq_tol(m.roc_auc, sklearn_cases[c].roc_auc, 1e-14);
        ck_assert_double_eq_tol(m.pr_auc, sklearn_cases[c].pr_auc, 1e-14);
        ck_assert_double_eq_tol(m.average_precision, sklearn_cases[c].average_precision, 1e-14);
    }
}
END_TEST

/* ---- brute force ---- */

static double roc_auc_by_pairs(const ranking *r)
{
    double right = 0, pairs = 0;
    for (int i = 0; i < r->n; i++) {
        for (int j = 0; j < r->n; j++) {
            if (r->y[i] == 1 && r->y[j] == 0) {
                pairs++;
                right += r->score[i] > r->score[j] ? 1.0 : r->score[i] == r->score[j] ? 0.5 : 0.0;
            }
        }
    }
    return right / pairs;
}

/* The curve's point when everything at or above a score is flagged. */
static void point_at(const ranking *r, rf_real cut, double *recall, double *precision)
{
    double flagged = 0, hits = 0, positives = 0;
    for (int i = 0; i < r->n; i++) {
        positives += r->y[i];
        flagged += r->score[i] >= cut;
        hits += r->score[i] >= cut && r->y[i] == 1;
    }
    *recall = hits / positives;
    *precision = hits / flagged;
}

static void areas_by_thresholds(const ranking *r, double *trapezoids, double *steps)
{
    double recall = 0, precision = 1;
    rf_real cut = INFINITY;
    *trapezoids = *steps = 0;
    for (;;) {
        rf_real next = -INFINITY;
        for (int i = 0; i < r->n; i++)
            next = r->score[i] < cut && r->score[i] > next ? r->score[i] : next;
        if (isinf(next))
            return;
        double to_recall, to_precision;
        point_at(r, next, &to_recall, &to_precision);
        *trapezoids += (to_recall - recall) * (to_precision + precision) / 2;
        *steps += (to_recall - recall) * to_precision;
        recall = to_recall;
        precision = to_precision;
        cut = next;
    }
}

START_TEST(areas_agree_with_brute_force_on_random_rankings)
{
    static const uint32_t levels[] = {0, 1, 2, 6, 50};
    for (uint64_t seed = 0; seed < 100; seed++) {
        ranking r = random_ranking(seed, 2 + (int)(seed * 17 % 150), levels[seed % 5]);
        double trapezoids, steps;
        areas_by_thresholds(&r, &trapezoids, &steps);
        rf_metrics m = metrics_of(&r);
        ck_assert_msg(fabs(m.roc_auc - roc_auc_by_pairs(&r)) < 1e-12, "seed %d", (int)seed);
        ck_assert_msg(fabs(m.pr_auc - trapezoids) < 1e-12, "seed %d", (int)seed);
        ck_assert_msg(fabs(m.average_precision - steps) < 1e-12, "seed %d", (int)seed);
    }
}
END_TEST

/* The mean over many shuffles of the tied is what "expected value" promises; here each subject's chance of
 * being among the first k is computed instead. */
static double expected_hits(const ranking *r, int64_t k)
{
    double hits = 0;
    for (int i = 0; i < r->n; i++) {
        int64_t above = 0, tied = 0;
        for (int j = 0; j < r->n; j++) {
            above += r->score[j] > r->score[i];
            tied += r->score[j] == r->score[i];
        }
        double chance = (double)(k - above) / (double)tied;
        hits += r->y[i] * (chance < 0 ? 0 : chance > 1 ? 1 : chance);
    }
    return hits;
}

START_TEST(precision_and_recall_at_k_are_expected_values_under_ties)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        ranking r = random_ranking(seed, 2 + (int)(seed * 7 % 60), seed % 2 == 0 ? 3 : 0);
        rf_metrics m = metrics_of(&r);
        ck_assert_int_eq(m.n_at_k, 4);
        for (int i = 0; i < m.n_at_k; i++) {
            int64_t k = m.at_k[i].k < r.n ? m.at_k[i].k : r.n;
            double hits = expected_hits(&r, k);
            ck_assert_double_eq_tol(m.at_k[i].precision, hits / (double)k, 1e-12);
            ck_assert_double_eq_tol(m.at_k[i].recall, hits / (double)m.positives, 1e-12);
        }
    }
}
END_TEST

START_TEST(a_percentile_flags_who_stands_at_or_above_it)
{
    ranking r = {.n = 11};
    for (int i = 0; i < 11; i++) {
        r.score[i] = (rf_real)i;
        r.y[i] = i == 4 || i >= 9;
    }
    rf_metrics m = metrics_of(&r);
    ck_assert_int_eq(m.at_percentile[0].flagged, 11);
    ck_assert_double_eq_tol(m.at_percentile[0].precision, 3.0 / 11, 1e-15);
    ck_assert_double_eq_tol(m.at_percentile[0].recall, 1, 1e-15);
    ck_assert_int_eq(m.at_percentile[1].flagged, 6);
    ck_assert_double_eq_tol(m.at_percentile[1].precision, 2.0 / 6, 1e-15);
    ck_assert_int_eq(m.at_percentile[2].flagged, 2); /* 0.9 and 1.0, though 0.9 is no exact number */
    ck_assert_double_eq_tol(m.at_percentile[2].recall, 2.0 / 3, 1e-15);
    ck_assert_int_eq(m.at_percentile[3].flagged, 1);
    ck_assert_double_eq_tol(m.at_percentile[3].precision, 1, 1e-15);
}
END_TEST

START_TEST(nobody_at_a_percentile_has_no_precision_and_no_recall)
{
    ranking r = {.n = 4, .score = {1, 1, 1, 1}, .y = {0, 1, 0, 1}};
    rf_metrics m = metrics_of(&r);
    ck_assert_int_eq(m.at_percentile[2].flagged, 0);
    ck_assert(isnan(m.at_percentile[2].precision));
    ck_assert(m.at_percentile[2].recall == 0);
}
END_TEST

START_TEST(areas_do_not_change_under_monotone_maps)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        ranking r = random_ranking(seed, 120, 12), mapped = r;
        for (int i = 0; i < r.n; i++)
            mapped.score[i] = (rf_real)exp((double)r.score[i]) * 3 - 8;
        rf_metrics a = metrics_of(&r), b = metrics_of(&mapped);
        ck_assert(a.roc_auc == b.roc_auc);
        ck_assert(a.pr_auc == b.pr_auc);
        ck_assert(a.average_precision == b.average_precision);
    }
}
END_TEST

START_TEST(one_class_or_no_labels_leave_metrics_undefined)
{
    ranking r = {.n = 3, .score = {1, 2, 3}, .y = {1, 1, 1}};
    rf_metrics m = metrics_of(&r);
    ck_assert(!m.defined);
    ck_assert_int_eq(m.positives, 3);
    ranking innocent = {.n = 3, .score = {1, 2, 3}};
    ck_assert(!metrics_of(&innocent).defined);
    ranking nobody = {.n = 0};
    ck_assert(!metrics_of(&nobody).defined);
    ck_assert_int_eq(rf_metrics_compute(&m, 3, r.score, NULL, NULL, 0, NULL, 0, NULL), RF_OK);
    ck_assert(!m.defined);
    ck_assert_int_eq(m.n, 3);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
    rf_real score[] = {1, (rf_real)NAN, 2};
    uint8_t y[] = {0, 1, 0}, odd[] = {0, 2, 1};
    int64_t k = 0;
    double percentile = 1.5;
    rf_metrics m;
    rf_err err = {0};
    RF_CHECK_FAILS(err, RF_E_NUMERIC, "score 1 of 3",
                   rf_metrics_compute(&m, 3, score, y, NULL, 0, NULL, 0, &err));
    score[1] = 0;
    RF_CHECK_FAILS(err, RF_E_FORMAT, "label 1 is 2",
                   rf_metrics_compute(&m, 3, score, odd, NULL, 0, NULL, 0, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "k is 0", rf_metrics_compute(&m, 3, score, y, &k, 1, NULL, 0, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "percentile is 1.5",
                   rf_metrics_compute(&m, 3, score, y, NULL, 0, &percentile, 1, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "at most 8",
                   rf_metrics_compute(&m, 3, score, y, &k, RF_METRICS_AT + 1, NULL, 0, &err));
}
END_TEST

START_TEST(metrics_survive_every_failing_allocation)
{
    ranking r = random_ranking(5, 30, 4);
    rf_metrics m;
    RF_SWEEP(rf_metrics_compute(&m, r.n, r.score, r.y, NULL, 0, NULL, 0, sweep_err), (void)0);
}
END_TEST

RF_SUITE("metrics", areas_agree_with_scikit_learn, areas_agree_with_brute_force_on_random_rankings,
         precision_and_recall_at_k_are_expected_values_under_ties,
         a_percentile_flags_who_stands_at_or_above_it, nobody_at_a_percentile_has_no_precision_and_no_recall,
         areas_do_not_change_under_monotone_maps, one_class_or_no_labels_leave_metrics_undefined,
         what_makes_no_sense_is_refused, metrics_survive_every_failing_allocation)
