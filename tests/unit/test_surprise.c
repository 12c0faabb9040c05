/* test_surprise.c - the parts of the surprise score against obvious versions of their formulas, the sum, ties
 * of time, threads, and failing allocations.
 */
#include "arranged.h"
#include "made_graph.h"
#include "rf_check.h"

#include "lockstep_int.h"
#include "partial_int.h"
#include "rf_pool.h"
#include "rf_rng.h"
#include "rf_score.h"
#include "rf_surprise.h"
#include "surprise_int.h"

#define TIMES 40 /* few enough for ties */

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Times of edges, ascending among those of one pair. */
static void add_times(rf_graph *graph, uint64_t seed)
{
    rf_graph_side *edges = &graph->side[RF_EDGE];
    rf_rng rng;
    rf_rng_init(&rng, seed, 3);
    edges->first_us = rf_mem_zero((size_t)edges->n, sizeof *edges->first_us, NULL);
    edges->last_us = rf_mem_zero((size_t)edges->n, sizeof *edges->last_us, NULL);
    ck_assert(edges->first_us != NULL && edges->last_us != NULL);
    for (int64_t i = 0; i < edges->n; i++)
        edges->first_us[i] = (int64_t)rf_rng_below(&rng, TIMES) * 1000000;
    const rf_adj *adj = &graph->adj;
    for (int64_t from = 0, to; from < edges->n; from = to) {
        for (to = from + 1;
             to < edges->n && adj->e_u[to] == adj->e_u[from] && adj->e_v[to] == adj->e_v[from];)
            to++;
        qsort(edges->first_us + from, (size_t)(to - from), sizeof *edges->first_us, by_time);
    }
    memcpy(edges->last_us, edges->first_us, (size_t)edges->n * sizeof *edges->last_us);
}

static bool is_near(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance * (1 + fabs(a) + fabs(b));
}

/* ---- partial residuals ---- */

/* A row of the result is, up to a factor a column, the residual of a ridge regression on the other columns.
 */
START_TEST(a_copy_of_a_column_leaves_no_partial_residual)
{
    enum { N = 4000, D = 3 };
    static rf_real r[N * D], partial[N * D];
    rf_real factor[D * D];
    rf_rng rng;
    rf_err err = {0};
    double size[D] = {0};
    rf_rng_init(&rng, 3, 0);
    for (int i = 0; i < N; i++) {
        double shared = rf_rng_normal(&rng);
        r[i * D] = (rf_real)(5 + shared);
        r[i * D + 1] = (rf_real)(100 * shared); /* the same in other units */
        r[i * D + 2] = (rf_real)rf_rng_normal(&rng);
    }
    RF_CHECK_OK(err, rf_partial_factor(factor, r, NULL, N, D, NULL, &err));
    for (int i = 0; i < N * D; i++) {
        for (int k = 0; k < D; k++)
            partial[i] += r[i / D * D + k] * factor[k * D + i % D];
    }
    for (int j = 0; j < D; j++) {
        double mean = 0;
        for (int i = 0; i < N; i++)
            mean += (double)partial[i * D + j] / N;
        for (int i = 0; i < N; i++)
            size[j] += pow((double)partial[i * D + j] - mean, 2) / N;
    }
    ck_assert(size[0] < size[2] / 3);
    ck_assert(size[1] < size[2] / 3);
    ck_assert(is_near(size[2], 1 / pow(1.01, 2), 0.05)); /* on its own: divided by 1 + the ridge */
}
END_TEST

/* ---- lockstep ---- */

enum { PLAIN_LEVELS = 7 };
static const struct {
    int nearest;
    double share, price;
} plain_level[PLAIN_LEVELS] = {{4, 1.0 / 8, 0},  {4, 1.0 / 20, 0},  {8, 1.0 / 8, 0}, {8, 1.0 / 20, 0},
                               {16, 1.0 / 8, 0}, {16, 1.0 / 20, 0}, {16, 1.0 / 3, 6}};

typedef struct plain_pair {
    uint32_t u, v;
    int64_t time;
    int n; /* of around */
    uint32_t around[RF_LOCKSTEP_SCAN];
    unsigned near[RF_LOCKSTEP_SCAN];
    double hits[PLAIN_LEVELS][2], chance[PLAIN_LEVELS][2];
} plain_pair;

/* Fills around and near of pair p: repeatedly the nearest of the rest. Times differ, so that ties do not
 * matter. */
static void plain_scan(plain_pair *all, int n, int p, double span)
{
    bool *used = calloc((size_t)n, 1);
    all[p].n = 0;
    for (int rank = 0; rank < RF_LOCKSTEP_SCAN; rank++) {
        int best = -1;
        for (int q = 0; q < n; q++) {
            if (q != p && !used[q] && all[q].v == all[p].v &&
                (best < 0 || llabs(all[q].time - all[p].time) < llabs(all[best].time - all[p].time)))
                best = q;
        }
        if (best < 0)
            break;
        used[best] = true;
        all[p].around[rank] = all[best].u;
        all[p].near[rank] = 0;
        for (int z = 0; z < PLAIN_LEVELS; z++) {
            bool near = rank < plain_level[z].nearest &&
                        fabs((double)(all[best].time - all[p].time)) <= plain_level[z].share * span;
            all[p].near[rank] |= near ? 1U << z : 0;
        }
        all[p].n++;
    }
    free(used);
}

static void plain_judge(plain_pair *all, int n, int p)
{
    for (int i = 0; i < all[p].n; i++) {
        const uint32_t other = all[p].around[i];
        for (int z = 0; z < PLAIN_LEVELS; z++) {
            int partners = 0, x = 0, far = !(all[p].near[i] >> z & 1);
            bool hit = false;
            for (int q = 0; q < n; q++) {
                partners += all[q].u == other;
                for (int k = 0; k < all[q].n && all[q].u == all[p].u && q != p; k++) {
                    x += all[q].near[k] >> z & 1;
                    hit = hit || (all[q].around[k] == other && all[q].near[k] >> z & 1);
                }
            }
            all[p].hits[z][far] += hit;
            all[p].chance[z][far] += 1 - exp(-(partners - 1) * (double)x / n);
        }
    }
}

static double plain_lockstep(const plain_pair *pair, double phi[PLAIN_LEVELS][2])
{
    double most = 0;
    for (int z = 0; z < PLAIN_LEVELS; z++) {
        double c = pair->hits[z][0];
        double m = fmax(1e-3, phi[z][0] * pair->chance[z][0] *
                                  fmax(1, (pair->hits[z][1] + 1) / (phi[z][1] * pair->chance[z][1] + 1)));
        double nats = c * log(c / m) - (c + 32) * log((c + 32) / (m + 32)) - plain_level[z].price;
        most = c > m ? fmax(most, nats) : most;
    }
    return most;
}

static void check_lockstep(made_shape shape)
{
    rf_graph *graph = made_graph(shape);
    rf_graph_side *edges = &graph->side[RF_EDGE];
    rf_err err = {0};
    plain_pair *all = calloc((size_t)shape.n_e, sizeof *all);
    float *nats = calloc((size_t)shape.n_e, sizeof *nats);
    double phi[PLAIN_LEVELS][2] = {{0}}, chance[PLAIN_LEVELS][2] = {{0}}, first = INFINITY, last = -INFINITY;
    int n = 0, found = 0;
    add_times(graph, shape.seed);
    for (int64_t i = 0; i < edges->n; i++) /* distinct times, with a gap that differs from all others */
        edges->first_us[i] = edges->first_us[i] * 1000 + (i * i + 7 * i) % 100003;
    for (int64_t i = 0; i < edges->n; i++) {
        const uint32_t u = graph->adj.e_u[i], v = graph->adj.e_v[i];
        if (n > 0 && all[n - 1].u == u && all[n - 1].v == v)
            edges->first_us[i] = edges->first_us[i - 1]; /* repeats of a pair count once, at its first time */
        else
            all[n++] = (plain_pair){.u = u, .v = v, .time = edges->first_us[i]};
        first = fmin(first, (double)edges->first_us[i]);
        last = fmax(last, (double)edges->first_us[i]);
    }
    for (int p = 0; p < n; p++)
        plain_scan(all, n, p, last - first);
    for (int p = 0; p < n; p++)
        plain_judge(all, n, p);
    for (int p = 0; p < n; p++) {
        for (int z = 0; z < 2 * PLAIN_LEVELS; z++) {
            phi[z / 2][z % 2] += all[p].hits[z / 2][z % 2];
            chance[z / 2][z % 2] += all[p].chance[z / 2][z % 2];
        }
    }
    for (int z = 0; z < 2 * PLAIN_LEVELS; z++)
        phi[z / 2][z % 2] /= fmax(chance[z / 2][z % 2], 1e-9);
    rf_arranged arranged = arranged_of(graph, NULL);
    RF_CHECK_OK(err, rf_lockstep(nats, graph, &arranged, NULL, &err));
    rf_arranged_clear(&arranged);
    for (int64_t i = 0, p = -1; i < edges->n; i++) {
        p += i == 0 || graph->adj.e_u[i] != all[p].u || graph->adj.e_v[i] != all[p].v;
        double want = plain_lockstep(&all[p], phi);
        found += want > 0;
        ck_assert_msg(is_near((double)nats[i], want, 1e-4), "edge %lld: %g, not %g", (long long)i,
                      (double)nats[i], want);
    }
    ck_assert_int_gt(found, 0);
    free(all);
    free(nats);
    rf_graph_free(graph);
}

START_TEST(lockstep_agrees_with_all_pairs_of_pairs)
{
    for (uint64_t seed = 0; seed < 4; seed++) {
        check_lockstep((made_shape){25, 8, 110, 1, 1, 1, seed});
        check_lockstep(
            (made_shape){120, 3, 260, 1, 1, 1, seed}); /* more pairs an entity than are looked at */
    }
}
END_TEST

START_TEST(lockstep_needs_times_that_differ)
{
    rf_graph *graph = made_graph((made_shape){20, 5, 80, 1, 1, 1, 3});
    rf_err err = {0};
    float nats[80];
    for (int round = 0; round < 2; round++) { /* no times, then one */
        rf_arranged arranged = arranged_of(graph, NULL);
        memset(nats, 1, sizeof nats);
        RF_CHECK_OK(err, rf_lockstep(nats, graph, &arranged, NULL, &err));
        for (int i = 0; i < 80; i++)
            ck_assert(nats[i] == 0);
        rf_arranged_clear(&arranged);
        if (round == 0)
            add_times(graph, 1);
        for (int i = 0; i < 80; i++)
            graph->side[RF_EDGE].first_us[i] = 5;
    }
    rf_graph_free(graph);
}
END_TEST

/* ---- all parts ---- */

static rf_scores *surprise_of(const rf_graph *graph, uint64_t seed, rf_pool *pool)
{
    rf_scores *scores = NULL;
    rf_err err = {0};
    rf_score_options options;
    rf_outputs *outputs = made_outputs(graph, seed);
    rf_score_options_default(&options);
    ck_assert_int_eq(options.method, RF_METHOD_SURPRISE);
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, outputs, &options, pool, &err));
    made_outputs_free(outputs);
    return scores;
}

static bool has(const rf_score_side *side, int part)
{
    return side->part[part] != NULL && rf_part_table[part].in_total;
}

START_TEST(the_parts_sum_to_the_score_and_name_its_kind)
{
    rf_graph *graph = made_graph((made_shape){300, 60, 1500, 4, 3, 6, 8});
    add_times(graph, 8);
    rf_scores *scores = surprise_of(graph, 8, NULL);
    for (rf_side s = 0; s < RF_SIDES; s++) {
        const rf_score_side *side = &scores->side[s];
        for (int64_t i = 0; i < side->n; i++) {
            double sum = 0, kind[RF_ANOMALIES] = {0};
            for (int p = 0; p < RF_PARTS; p++) {
                sum += has(side, p) ? (double)side->part[p][i] : 0;
                kind[rf_part_table[p].anomaly] += has(side, p) ? (double)side->part[p][i] : 0;
                RF_HOLDS(side->part[p] == NULL || side->part[p][i] >= 0);
            }
            RF_HOLDS(is_near((double)side->score[i], sum, 1e-6));
            rf_anomaly named = rf_score_anomaly(side, i);
            for (int k = RF_ANOMALY_NONE + 1; k < RF_ANOMALIES; k++)
                RF_HOLDS(kind[k] <= kind[named] || named == RF_ANOMALY_NONE);
            RF_HOLDS(named != RF_ANOMALY_NONE || sum == 0 || sum == kind[RF_ANOMALY_NONE]);
        }
    }
    rf_scores_free(scores);
    rf_graph_free(graph);
}
END_TEST

/* e0 of edge i: the parts of the total but `neighbours`. */
static double alone(const rf_score_side *e, int64_t i)
{
    double sum = 0;
    for (int p = 0; p < RF_PARTS; p++)
        sum += has(e, p) && p != RF_PART_NEIGHBOURS ? (double)e->part[p][i] : 0;
    return sum;
}

/* Mean of e0 over the 4 edges before and the 4 after i in time among those where node[] is the same; times
 * differ. */
static double plain_support(const rf_graph *graph, const rf_score_side *e, const uint32_t *node, int64_t i)
{
    const int64_t *time = graph->side[RF_EDGE].first_us;
    double sum = 0;
    for (int64_t k = 0; k < e->n; k++) {
        int between = 0;
        if (k == i || node[k] != node[i])
            continue;
        for (int64_t m = 0; m < e->n; m++)
            between += m != i && node[m] == node[i] && (time[m] > time[i]) == (time[k] > time[i]) &&
                       llabs(time[m] - time[i]) < llabs(time[k] - time[i]);
        sum += between < 4 ? alone(e, k) / 8 : 0;
    }
    return sum;
}

START_TEST(neighbours_and_nodes_follow_their_formulas)
{
    rf_graph *graph = made_graph((made_shape){40, 12, 200, 3, 3, 5, 9});
    rf_graph_side *edges = &graph->side[RF_EDGE];
    add_times(graph, 9);
    for (int64_t i = 0; i < edges->n; i++)
        edges->first_us[i] = edges->first_us[i] * 1000 + i;
    rf_scores *scores = surprise_of(graph, 9, NULL);
    const rf_score_side *e = &scores->side[RF_EDGE], *u = &scores->side[RF_USER];
    for (int64_t i = 0; i < e->n; i++) {
        double own = alone(e, i);
        double want = fmin(own, plain_support(graph, e, graph->adj.e_u, i)) +
                      fmin(own, plain_support(graph, e, graph->adj.e_v, i));
        RF_HOLDS(is_near((double)e->part[RF_PART_NEIGHBOURS][i], want, 1e-5));
    }
    for (int64_t i = 0; i < u->n; i++) {
        float worst[200];
        int n = 0;
        for (int64_t k = graph->adj.u_ptr[i]; k < graph->adj.u_ptr[i + 1]; k++)
            worst[n++] = -(float)e->score[k];
        qsort(worst, (size_t)n, sizeof *worst, by_float);
        double want = (double)u->part[RF_PART_OWN_RESIDUAL][i];
        for (int k = 0; k < 3 && k < n; k++)
            want -= rf_surprise_worst[k] * (double)worst[k];
        RF_HOLDS(is_near((double)u->score[i], want, 1e-5));
    }
    rf_scores_free(scores);
    rf_graph_free(graph);
}
END_TEST

static void assert_equal_scores(const rf_scores *a, const rf_scores *b)
{
    for (rf_side s = 0; s < RF_SIDES; s++) {
        const rf_score_side *x = &a->side[s], *y = &b->side[s];
        ck_assert_mem_eq(x->score, y->score, (size_t)x->n * sizeof *x->score);
        ck_assert_mem_eq(x->p_value, y->p_value, (size_t)x->n * sizeof *x->p_value);
        ck_assert_mem_eq(x->fdr, y->fdr, (size_t)x->n * sizeof *x->fdr);
        ck_assert(memcmp(&x->bulk, &y->bulk, sizeof x->bulk) == 0);
        for (int p = 0; p < RF_PARTS; p++) {
            ck_assert((x->part[p] == NULL) == (y->part[p] == NULL));
            if (x->part[p] != NULL)
                ck_assert_mem_eq(x->part[p], y->part[p], (size_t)x->n * sizeof *x->part[p]);
        }
    }
}

START_TEST(surprise_is_the_same_at_any_number_of_threads)
{
    rf_graph *graph = made_graph((made_shape){900, 90, 12000, 4, 3, 6, 10});
    rf_err err = {0};
    add_times(graph, 10);
    rf_scores *one = surprise_of(graph, 10, NULL);
    for (int threads = 2; threads <= 4; threads += 2) {
        rf_pool *pool = NULL;
        RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
        rf_scores *many = surprise_of(graph, 10, pool);
        assert_equal_scores(one, many);
        rf_scores_free(many);
        rf_pool_free(pool);
    }
    rf_scores_free(one);
    rf_graph_free(graph);
}
END_TEST

START_TEST(surprise_survives_odd_shapes)
{
    static const made_shape shapes[] = {{1, 1, 1, 1, 1, 1, 1},
                                        {3, 2, 0, 2, 2, 2, 2},
                                        {4, 3, 9, 0, 0, 0, 3},
                                        {0, 0, 0, 1, 1, 1, 4},
                                        {2, 2, 30, 1, 0, 2, 5}};
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        rf_graph *graph = made_graph(shapes[k]);
        if (k % 2 == 0)
            add_times(graph, k);
        rf_scores_free(surprise_of(graph, k, NULL));
        rf_graph_free(graph);
    }
}
END_TEST

/* A column that is badly explained in every row is no reason; one that is for once is. */
/* A sure meeting's structure is -ln(1 + 1e-12): such rounding is no ground to divide by. */
START_TEST(what_a_kind_has_of_a_user_is_a_number_where_nothing_is_surprising)
{
    float structure[] = {0, -1e-12F, -1e-12F}, of_users[3] = {0}, shared[3] = {0}, all[3];
    const int64_t ptr[] = {0, 1, 2, 3};
    float *parts[RF_PARTS] = {[RF_PART_STRUCTURE] = structure};
    float *node[RF_PARTS] = {[RF_PART_STRUCTURE] = of_users, [RF_PART_SHARED] = shared};
    const rf_node_edges edges = {.part = parts, .total = structure, .ptr = ptr, .n = 3};
    rf_pool *pool = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_pool_new(&pool, 1, &err));
    RF_CHECK_OK(err, rf_node_parts_beyond(node, all, &edges, pool, &err));
    for (int i = 0; i < 3; i++) {
        ck_assert_float_eq(of_users[i], 0);
        ck_assert_float_eq(all[i], 0);
    }
    rf_pool_free(pool);
}
END_TEST

START_TEST(a_reason_is_a_residual_that_is_large_for_its_column)
{
    rf_graph *graph = made_graph((made_shape){30, 10, 200, 2, 2, 2, 13});
    rf_outputs *outputs = made_outputs(graph, 13);
    rf_graph_side *edges = &graph->side[RF_EDGE];
    rf_score_options options;
    rf_scores *scores = NULL;
    rf_err err = {0};
    for (int64_t i = 0; i < edges->n; i++) {
        outputs->xe[2 * i] = edges->x[2 * i] + (rf_real)(i % 2 == 0 ? 5 : -5);
        outputs->xe[2 * i + 1] = edges->x[2 * i + 1] + (rf_real)(i == 77 ? 1 : 0.01);
    }
    rf_score_options_default(&options);
    options.reasons = 2;
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, outputs, &options, NULL, &err));
    for (int64_t i = 0; i < edges->n; i++) {
        const float *share = scores->side[RF_EDGE].reason_share + 2 * i;
        ck_assert(is_near((double)share[0] + (double)share[1], 1, 1e-6));
        ck_assert(i == 77 ? share[0] > 0.99F : share[0] > 0.5F);
    }
    ck_assert_int_eq(scores->side[RF_EDGE].reason_feature[2 * 77], 1);
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

START_TEST(parts_come_back_from_the_file)
{
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph((made_shape){60, 20, 200, 3, 3, 4, 11});
    rf_err err = {0};
    add_times(graph, 11);
    rf_scores *scores = surprise_of(graph, 11, NULL), *again = NULL;
    rf_tmp_path(path, "scores.h5");
    RF_CHECK_OK(err, rf_scores_save(scores, path, NULL, &err));
    RF_CHECK_OK(err, rf_scores_load(&again, path, graph, &err));
    ck_assert_int_eq(again->method, RF_METHOD_SURPRISE);
    assert_equal_scores(scores, again);
    rf_scores_free(scores);
    rf_scores_free(again);
    rf_graph_free(graph);
}
END_TEST

START_TEST(a_later_window_takes_its_p_values_from_an_earlier_file)
{
    char path[RF_TEST_PATH], later_path[RF_TEST_PATH];
    rf_graph *graph = made_graph((made_shape){200, 60, 900, 3, 3, 4, 11});
    rf_graph *later_graph = made_graph((made_shape){150, 40, 800, 3, 3, 4, 12});
    rf_err err = {0};
    rf_calibration calibration;
    rf_scores *scores = surprise_of(graph, 11, NULL), *later = NULL;
    rf_outputs *outputs = made_outputs(later_graph, 5);
    rf_score_options options;
    rf_scores_name(scores, graph, "0011223344556677", 0);
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(path, "scores.h5"), NULL, &err));
    RF_CHECK_OK(err, rf_calibration_load(&calibration, path, &err));
    ck_assert_str_eq(calibration.run_id, scores->run_id);
    rf_score_options_default(&options);
    options.calibration = &calibration;
    RF_CHECK_OK(err, rf_score_outputs(&later, later_graph, outputs, &options, NULL, &err));
    for (rf_side s = 0; s < RF_SIDES; s++)
        ck_assert(memcmp(&later->side[s].bulk, &scores->side[s].bulk, sizeof(rf_bulk)) == 0);
    ck_assert_str_eq(later->calibration, scores->run_id);

    /* a third window may take the second's file: it leads back to the first */
    RF_CHECK_OK(err, rf_scores_save(later, rf_tmp_path(later_path, "later.h5"), NULL, &err));
    RF_CHECK_OK(err, rf_calibration_load(&calibration, later_path, &err));
    ck_assert_str_eq(calibration.run_id, scores->run_id);
    rf_scores_free(later);
    rf_scores_free(scores);
    made_outputs_free(outputs);

    outputs = made_outputs(graph, 5);
    options = (rf_score_options){.method = RF_METHOD_GRAPHBEAN};
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, outputs, &options, NULL, &err));
    RF_CHECK_OK(err, rf_scores_save(scores, path, NULL, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "only scores by surprise",
                   rf_calibration_load(&calibration, path, &err));
    rf_scores_free(scores);
    made_outputs_free(outputs);
    rf_graph_free(graph);
    rf_graph_free(later_graph);
}
END_TEST

START_TEST(surprise_survives_every_failing_allocation)
{
    rf_graph *graph = made_graph((made_shape){6, 5, 12, 3, 2, 4, 7});
    rf_outputs *outputs = made_outputs(graph, 5);
    rf_score_options options;
    rf_scores *scores = NULL;
    add_times(graph, 7);
    rf_score_options_default(&options);
    RF_SWEEP(rf_score_outputs(&scores, graph, outputs, &options, NULL, sweep_err), rf_scores_free(scores));
    made_outputs_free(outputs);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("surprise", a_copy_of_a_column_leaves_no_partial_residual, lockstep_agrees_with_all_pairs_of_pairs,
         lockstep_needs_times_that_differ, the_parts_sum_to_the_score_and_name_its_kind,
         neighbours_and_nodes_follow_their_formulas, surprise_is_the_same_at_any_number_of_threads,
         surprise_survives_odd_shapes, what_a_kind_has_of_a_user_is_a_number_where_nothing_is_surprising,
         parts_come_back_from_the_file, a_reason_is_a_residual_that_is_large_for_its_column,
         a_later_window_takes_its_p_values_from_an_earlier_file, surprise_survives_every_failing_allocation)
