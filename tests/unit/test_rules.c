/* test_rules.c - what rules make of a graph: values against a naive reading, percentiles, strengths,
 * hubs, and that neither labels nor threads change it.
 */
#include "made_scores.h"
#include "rf_check.h"
#include "rf_rank.h"
#include "rf_rng.h"
#include "rf_report.h"
#include "rf_rules_trace.h"
#include "rules_judge_int.h"

#define HEAD "version: 1\nname: test\n"
#define MOST_ROWS 400

static const made_shape shape = {40, 25, 160, 3, 3, 3, 5};

typedef struct world { /* a graph with scores */
    rf_graph *graph;
    rf_scores *scores;
    rule_world of;
} world;

static void add_counts(rf_graph_side *side, rf_rng *rng)
{
    side->count = rf_mem_zero((size_t)side->n, sizeof *side->count, NULL);
    ck_assert_ptr_nonnull(side->count);
    for (int64_t i = 0; i < side->n; i++)
        side->count[i] = 1 + rf_rng_below(rng, 9);
}

static void count_nodes(rf_graph *graph)
{
    const rf_adj *adj = &graph->adj;
    memset(graph->side[RF_USER].count, 0,
           (size_t)graph->side[RF_USER].n * sizeof *graph->side[RF_USER].count);
    memset(graph->side[RF_ENTITY].count, 0,
           (size_t)graph->side[RF_ENTITY].n * sizeof *graph->side[RF_ENTITY].count);
    for (int64_t e = 0; e < graph->side[RF_EDGE].n; e++) {
        graph->side[RF_USER].count[adj->e_u[e]] += graph->side[RF_EDGE].count[e];
        graph->side[RF_ENTITY].count[adj->e_v[e]] += graph->side[RF_EDGE].count[e];
    }
}

static void leave_cells_without_data(rf_graph_side *side, rf_rng *rng)
{
    for (int64_t i = 0; i < side->n * side->d; i++) {
        if (rf_rng_below(rng, 6) == 0)
            side->x[i] = -(rf_real)0.0;
    }
}

static void world_open(world *w, made_shape of, bool counts)
{
    rf_err err = {0};
    rf_rng rng;
    rf_score_options options;
    rf_rng_init(&rng, of.seed, 9);
    rf_score_options_default(&options);
    options.reasons = 2;
    *w = (world){.graph = made_graph(of)};
    rf_graph_side *sides[3] = {&w->graph->side[RF_USER], &w->graph->side[RF_ENTITY],
                               &w->graph->side[RF_EDGE]};
    for (int i = 0; i < 3; i++) {
        leave_cells_without_data(sides[i], &rng);
        if (counts)
            add_counts(sides[i], &rng);
    }
    if (counts)
        count_nodes(w->graph);
    w->scores = made_scores_by(w->graph, &options);
    RF_CHECK_OK(err, rule_world_init(&w->of, w->graph, w->scores, NULL, &err));
}

/* Columns are kept under the rules that asked for them: other rules need another world. */
static void forget_columns(world *w)
{
    rf_err err = {0};
    rule_world_clear(&w->of);
    RF_CHECK_OK(err, rule_world_init(&w->of, w->graph, w->scores, NULL, &err));
}

static void world_close(world *w)
{
    rule_world_clear(&w->of);
    rf_scores_free(w->scores);
    rf_graph_free(w->graph);
}

static rf_rules *parsed(const char *text)
{
    rf_rules *rules = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_rules_parse(&rules, "my.yaml", text, strlen(text), &err));
    return rules;
}

/* Rules with one signal. */
static rf_rules *one_signal(const char *subject, const char *value, const char *rest)
{
    char text[1024];
    snprintf(text, sizeof text, HEAD "rules:\n- type: a\n  subject: %s\n  signals: {s: {value: '%s', %s}}\n",
             subject, value, rest);
    return parsed(text);
}

/* ---- the naive reading ---- */

typedef struct naive {
    const world *w;
    const rule_operand *operand;
    double ignore_hubs;
} naive;

static const rf_graph_side *side_of(const rf_graph *graph, rf_side side)
{
    return &graph->side[side];
}

static int64_t end_of(const rf_graph *graph, int64_t edge, rf_side side)
{
    return side == RF_USER ? graph->adj.e_u[edge] : graph->adj.e_v[edge];
}

static double edge_events(const rf_graph *graph, int64_t edge)
{
    return graph->side[RF_EDGE].count != NULL ? (double)graph->side[RF_EDGE].count[edge] : 1;
}

/* Events between the two; negative: they never met. */
static double pair_events(const rf_graph *graph, rf_side side, int64_t row, int64_t partner)
{
    double events = -1;
    for (int64_t e = 0; e < graph->side[RF_EDGE].n; e++) {
        if (end_of(graph, e, side) == row &&
            end_of(graph, e, side == RF_USER ? RF_ENTITY : RF_USER) == partner)
            events = fmax(events, 0) + edge_events(graph, e);
    }
    return events;
}

static int64_t naive_degree(const rf_graph *graph, rf_side side, int64_t row)
{
    int64_t n = 0;
    for (int64_t p = 0; p < side_of(graph, side == RF_USER ? RF_ENTITY : RF_USER)->n; p++)
        n += pair_events(graph, side, row, p) >= 0;
    return n;
}

static double naive_name(const naive *of, int64_t row)
{
    const rule_operand *operand = of->operand;
    const rf_graph *graph = of->w->graph;
    const rf_graph_side *side = side_of(graph, operand->side);
    const rf_score_side *scores = &of->w->scores->side[operand->side];
    double events = 0;
    int column = operand->feature != NULL ? operand->feature[2] - '0' : 0; /* "u_1" */
    switch (operand->name) {
    case RULE_NUMBER:
        return operand->number;
    case RULE_FEATURE:
        if (signbit(side->x[row * side->d + column]) && side->x[row * side->d + column] >= 0)
            return NAN;
        return (double)side->x[row * side->d + column];
    case RULE_SCORE:
        return (double)scores->score[row];
    case RULE_PERCENTILE:
        return (double)scores->percentile[row];
    case RULE_X_ERROR:
        return (double)scores->x_error[row];
    case RULE_CE:
        return (double)scores->ce[row];
    case RULE_ROBUST_Z:
        return (double)scores->robust_z[row];
    case RULE_DEGREE:
        return (double)naive_degree(graph, operand->side, row);
    case RULE_EVENTS:
        for (int64_t e = 0; e < graph->side[RF_EDGE].n; e++)
            events += operand->side == RF_EDGE
                          ? (e == row) * edge_events(graph, e)
                          : (end_of(graph, e, operand->side) == row) * edge_events(graph, e);
        return events;
    case RULE_RESIDUAL:
        for (int i = 0; i < scores->n_reasons; i++) {
            if (scores->reason_feature[row * scores->n_reasons + i] == column)
                return (double)scores->reason_share[row * scores->n_reasons + i];
        }
        return 0;
    }
    return NAN;
}

static double naive_value(const naive *of, int step, int64_t row);

static double naive_aggregate(const rule_step *step, const double *value, const double *weight, int n)
{
    double max = -INFINITY, min = INFINITY, sum = 0, weighted = 0, total = 0, hit = 0;
    int hits = 0, known = 0;
    for (int i = 0; i < n; i++) {
        if (isnan(value[i]))
            continue;
        bool in = step->below ? value[i] < step->bound : value[i] >= step->bound;
        known++;
        max = fmax(max, value[i]);
        min = fmin(min, value[i]);
        sum += value[i];
        weighted += weight[i] * value[i];
        total += weight[i];
        hit += in ? weight[i] : 0;
        hits += in;
    }
    if (step->how == RULE_COUNT)
        return hits;
    if (known == 0)
        return NAN;
    return step->how == RULE_MAX    ? max
           : step->how == RULE_MIN  ? min
           : step->how == RULE_SUM  ? sum
           : step->how == RULE_MEAN ? weighted / total
                                    : hit / total;
}

static double naive_step(const naive *of, int at, int64_t row)
{
    const rule_step *step = &of->operand->steps[at];
    const rf_graph *graph = of->w->graph;
    double value[MOST_ROWS], weight[MOST_ROWS];
    int n = 0;
    if (step->how == RULE_END)
        return naive_value(of, at + 1, end_of(graph, row, step->to));
    for (int64_t e = 0; step->to == RF_EDGE && e < graph->side[RF_EDGE].n; e++) {
        if (end_of(graph, e, step->from) != row)
            continue;
        value[n] = naive_value(of, at + 1, e);
        weight[n++] = edge_events(graph, e);
    }
    for (int64_t p = 0; step->to != RF_EDGE && p < side_of(graph, step->to)->n; p++) {
        double events = pair_events(graph, step->from, row, p);
        if (events < 0 ||
            naive_degree(graph, step->to, p) > rule_hub_limit(&of->w->of, step->to, of->ignore_hubs))
            continue;
        value[n] = naive_value(of, at + 1, p);
        weight[n++] = events;
    }
    return naive_aggregate(step, value, weight, n);
}

static double naive_value(const naive *of, int step, int64_t row)
{
    return step == of->operand->n_steps ? naive_name(of, row) : naive_step(of, step, row);
}

static double naive_joined(const world *w, const rule_value *value, int64_t row)
{
    naive first = {w, &value->operand[0], 0.999}, second = {w, &value->operand[1], 0.999};
    double a = naive_value(&first, 0, row);
    if (value->n == 1)
        return a;
    double b = naive_value(&second, 0, row);
    double out = value->op == '*' ? a * b : value->op == '/' ? a / b : value->op == '+' ? a + b : a - b;
    return isfinite(out) ? out : NAN;
}

static void compare_with_naive(world *w, const char *subject, const char *text)
{
    rf_err err = {0};
    rf_real *column = NULL;
    rf_rules *rules = one_signal(subject, text, "above: 1");
    const rule_signal *signal = &rules->rules[0].signals[0];
    rf_side side = rules->rules[0].subject;
    RF_CHECK_OK(err, rule_evaluate(&column, &w->of, &signal->value, side, 0.999, &signal->place, &err));
    for (int64_t row = 0; row < rule_rows(&w->of, side); row++) {
        double expected = naive_joined(w, &signal->value, row), found = (double)column[row];
        bool same =
            (isnan(expected) && isnan(found)) || fabs(expected - found) <= 2e-5 * fmax(1, fabs(expected));
        ck_assert_msg(same, "%s of %s %lld: %.9g, not %.9g", text, subject, (long long)row, found, expected);
    }
    rf_mem_free(column);
    forget_columns(w);
    rf_rules_free(rules);
}

static const char *const of_user[] = {
    "user.u_0",
    "user.score",
    "user.percentile",
    "user.x_error",
    "user.robust_z",
    "user.degree",
    "user.events",
    "user.residual(u_1)",
    "max edge.e_0",
    "min edge.e_1",
    "mean edge.e_2",
    "sum edge.e_0",
    "share(0.3) edge.e_1",
    "share(<-0.2) edge.e_1",
    "count(0) edge.e_2",
    "count(<0.5) edge.score",
    "max edge.ce",
    "max entity.v_0",
    "min entity.v_1",
    "mean entity.v_2",
    "sum entity.v_0",
    "share(0.1) entity.v_1",
    "count(0.1) entity.v_1",
    "mean entity.degree",
    "max entity.mean user.u_2",
    "min entity.max edge.e_0",
    "mean entity.sum user.events",
    "max entity.min user.mean edge.e_1",
    "user.u_0 / user.u_1",
    "max edge.e_0 - user.u_1",
    "1 - user.u_0",
    "user.events * user.u_2",
    "user.u_0 + 2.5",
    "user.u_0 / 0",
};
static const char *const of_entity[] = {
    "entity.v_0",    "mean user.u_0",          "max user.u_1",
    "mean edge.e_0", "count(0) user.u_1",      "share(0) user.u_1",
    "max edge.e_2",  "mean user.max edge.e_0", "max user.mean entity.v_1",
    "entity.events", "entity.degree",          "sum user.score",
};
static const char *const of_edge[] = {
    "edge.e_0",
    "edge.ce",
    "edge.score",
    "edge.events",
    "user.u_0",
    "entity.v_1",
    "entity.mean user.u_2",
    "user.max edge.e_0",
    "edge.events / user.events",
    "edge.residual(e_0)",
    "entity.degree",
    "user.max entity.mean user.u_0",
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

START_TEST(values_are_what_a_naive_reading_says)
{
    for (int counts = 0; counts < 2; counts++) {
        world w;
        world_open(&w, shape, counts == 1);
        for (size_t i = 0; i < COUNT(of_user); i++)
            compare_with_naive(&w, "user", of_user[i]);
        for (size_t i = 0; i < COUNT(of_entity); i++)
            compare_with_naive(&w, "entity", of_entity[i]);
        for (size_t i = 0; i < COUNT(of_edge); i++)
            compare_with_naive(&w, "edge", of_edge[i]);
        world_close(&w);
    }
}
END_TEST

START_TEST(nodes_without_edges_have_nothing_but_a_count)
{
    world w;
    world_open(&w, (made_shape){3, 2, 0, 3, 3, 3, 1}, true);
    for (size_t i = 0; i < COUNT(of_user); i++)
        compare_with_naive(&w, "user", of_user[i]);
    world_close(&w);
}
END_TEST

/* ---- raw values ---- */

/* Raw values as features.c would store them in column 0. */
static void store_raw(rf_graph_side *side, const double *raw)
{
    double sum = 0, squares = 0;
    static float mean[1], scale[1];
    for (int64_t i = 0; i < side->n; i++) {
        sum += raw[i];
        squares += raw[i] * raw[i];
    }
    mean[0] = (float)(sum / (double)side->n);
    scale[0] = (float)sqrt(squares / (double)side->n - (double)mean[0] * (double)mean[0]);
    for (int64_t i = 0; i < side->n; i++) {
        side->x[i * side->d] = (rf_real)(float)((raw[i] - (double)mean[0]) / (double)scale[0]);
    }
    side->mean = mean;
    side->scale = scale;
}

static void check_raw(world *w, const double *raw)
{
    rf_err err = {0};
    rf_graph_side *side = &w->graph->side[RF_USER];
    rf_real *column = NULL;
    rf_rules *rules = one_signal("user", "user.u_0", "above: 1");
    const rule_signal *signal = &rules->rules[0].signals[0];
    side->d = 1;
    store_raw(side, raw);
    RF_CHECK_OK(err, rule_evaluate(&column, &w->of, &signal->value, RF_USER, 1, &signal->place, &err));
    for (int64_t row = 0; row < side->n; row++)
        ck_assert_msg(column[row] >= (rf_real)raw[row] && column[row] <= (rf_real)raw[row], "%.9g, not %.9g",
                      (double)column[row], raw[row]);
    side->mean = side->scale = NULL;
    side->transform = NULL;
    rf_mem_free(column);
    forget_columns(w);
    rf_rules_free(rules);
}

START_TEST(a_three_is_a_three_after_standardising)
{
    world w;
    double whole[40], shares[40], negative[40];
    for (int i = 0; i < 40; i++) {
        whole[i] = i < 30 ? i : 7 * i;
        shares[i] = (double)(i % 21) / 20; /* 0.05, 0.1 ... */
        negative[i] = i - 20;
    }
    world_open(&w, shape, false);
    check_raw(&w, whole);
    check_raw(&w, shares);
    check_raw(&w, negative);
    world_close(&w);
}
END_TEST

/* "log1p_" in front of a name is not said in rules. */
START_TEST(tamed_columns_go_by_their_raw_name)
{
    world w;
    rf_err err = {0};
    rf_real *column = NULL;
    double raw[40];
    static const char *const names[] = {"log1p_amount", "log1p_plain", "u_2"};
    for (int i = 0; i < 40; i++)
        raw[i] = i % 5 == 0 ? -i : 3 * i;
    world_open(&w, shape, false);
    rf_graph_side *side = &w.graph->side[RF_USER];
    char *bytes = side->feature_names.bytes;
    int64_t at[4] = {0, 13, 25, 29}, *old = side->feature_names.at;
    char text[32] = "";
    for (int i = 0; i < 3; i++)
        strcpy(text + at[i], names[i]);
    side->feature_names = (rf_texts){3, at, text};
    float mean[3] = {2, 0, 0}, scale[3] = {1.5F, 1, 1};
    uint8_t transform[3] = {RF_TAME_LOG1P, RF_TAME_NONE, RF_TAME_NONE};
    for (int i = 0; i < 40; i++)
        side->x[i * 3] = (rf_real)(float)((copysign(log1p(fabs(raw[i])), raw[i]) - 2) / 1.5);
    side->mean = mean;
    side->scale = scale;
    side->transform = transform;
    rf_rules *rules = one_signal("user", "user.amount", "above: 1");
    const rule_signal *signal = &rules->rules[0].signals[0];
    RF_CHECK_OK(err, rule_evaluate(&column, &w.of, &signal->value, RF_USER, 1, &signal->place, &err));
    for (int i = 0; i < 40; i++)
        ck_assert_msg(fabs((double)column[i] - raw[i]) < 1e-9, "%.9g, not %.9g", (double)column[i], raw[i]);
    side->feature_names = (rf_texts){3, old, bytes};
    side->mean = side->scale = NULL;
    side->transform = NULL;
    rf_mem_free(column);
    rf_rules_free(rules);
    world_close(&w);
}
END_TEST

/* ---- percentiles ---- */

static double naive_percentile(const rf_real *values, const uint8_t *bin, int64_t n, int64_t row)
{
    int64_t below = 0, equal = 0, all = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(values[i]) || (bin != NULL && bin[i] != bin[row]))
            continue;
        all++;
        below += values[i] < values[row];
        equal += !(values[i] < values[row]) && !(values[i] > values[row]);
    }
    return all < 2 ? 0.5 : ((double)below + 0.5 * (double)(equal - 1)) / (double)(all - 1);
}

static void fill_ties(rf_real *values, uint8_t *bin, int64_t n, uint64_t seed)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 3);
    for (int64_t i = 0; i < n; i++) {
        values[i] = rf_rng_below(&rng, 7) == 0 ? (rf_real)NAN : (rf_real)(rf_rng_below(&rng, 12) * 0.25 - 1);
        bin[i] = (uint8_t)rf_rng_below(&rng, 3);
    }
}

START_TEST(percentiles_are_mid_ranks_within_their_bin)
{
    rf_err err = {0};
    rf_real values[200];
    uint8_t bin[200];
    for (int round = 0; round < 20; round++) {
        rule_ranking ranking;
        int64_t n = 1 + round * 10;
        bool bins = round % 2 == 0;
        fill_ties(values, bin, n, (uint64_t)round);
        RF_CHECK_OK(err, rule_rank(&ranking, values, n, bins ? bin : NULL, bins ? 3 : 1, &err));
        for (int64_t i = 0; i < n; i++) {
            double found = rule_percentile(&ranking, bins ? bin[i] : 0, values[i]);
            if (isnan(values[i]))
                ck_assert(isnan(found));
            else
                ck_assert(fabs(found - naive_percentile(values, bins ? bin : NULL, n, i)) < 1e-12);
        }
        rule_ranking_clear(&ranking);
    }
}
END_TEST

START_TEST(a_percentile_threshold_is_reached_by_those_who_stand_there)
{
    static const double percentiles[] = {0, 0.1, 0.5, 0.77, 0.99, 1};
    rf_err err = {0};
    rf_real values[200];
    uint8_t bin[200];
    for (int round = 0; round < 60; round++) {
        rule_ranking ranking;
        double p = percentiles[round % 6];
        bool above = round % 4 < 2;
        fill_ties(values, bin, 200, (uint64_t)round);
        RF_CHECK_OK(err, rule_rank(&ranking, values, 200, bin, 3, &err));
        rule_rank_thresholds(&ranking, p, above);
        for (int64_t i = 0; i < 200; i++) {
            if (isnan(values[i]))
                continue;
            double rank = naive_percentile(values, bin, 200, i), threshold = ranking.threshold[bin[i]];
            bool expected = above ? rank >= p : rank <= p;
            bool found = above ? (double)values[i] >= threshold : (double)values[i] <= threshold;
            ck_assert_int_eq(found, expected);
        }
        rule_ranking_clear(&ranking);
    }
}
END_TEST

START_TEST(segments_are_cut_by_their_value)
{
    rf_err err = {0};
    world w;
    uint8_t *bin = NULL;
    world_open(&w, shape, true);
    rf_rules *rules =
        parsed(HEAD "segments: {a: {of: user, value: user.events, cuts: [10, 20]}, b: {of: user, "
                    "value: user.u_0, cuts: [0]}}\n");
    RF_CHECK_OK(err, rule_bins(&bin, &w.of, &rules->segments[0], &err));
    for (int64_t i = 0; i < w.graph->side[RF_USER].n; i++) {
        int64_t events = w.graph->side[RF_USER].count[i];
        ck_assert_int_eq(bin[i], events < 10 ? 0 : events < 20 ? 1 : 2);
    }
    rf_mem_free(bin);
    RF_CHECK_OK(err, rule_bins(&bin, &w.of, &rules->segments[1], &err));
    for (int64_t i = 0; i < w.graph->side[RF_USER].n; i++) {
        rf_real x = w.graph->side[RF_USER].x[i * 3];
        ck_assert_int_eq(bin[i], x < 0 ? 0 : x > 0 || !signbit(x) ? 1 : 2); /* 2: without data */
    }
    rf_mem_free(bin);
    rf_rules_free(rules);
    world_close(&w);
}
END_TEST

/* ---- strengths and confidence ---- */

static void judge(rule_verdict *verdict, const world *w, const rf_rules *rules)
{
    rf_err err = {0};
    RF_CHECK_OK(err, rule_judge(verdict, &w->of, rules, &rules->rules[0], &err));
}

START_TEST(strengths_are_steps_or_sigmoids)
{
    world w;
    world_open(&w, shape, false);
    static const char *const rests[] = {"above: 0.25", "below: 0.25", "above: 0.25, slope: 0.5",
                                        "below: 0.25, slope: 0.5"};
    for (int i = 0; i < 4; i++) {
        rule_verdict verdict;
        rf_rules *rules = one_signal("user", "user.u_0", rests[i]);
        judge(&verdict, &w, rules);
        for (int64_t row = 0; row < w.graph->side[RF_USER].n; row++) {
            double x = (double)w.graph->side[RF_USER].x[row * 3], over = i % 2 == 0 ? x - 0.25 : 0.25 - x;
            bool known = !(signbit(x) && x >= 0);
            double expected = !known ? 0 : i >= 2 ? 1 / (1 + exp(-over / 0.5)) : over >= 0;
            ck_assert(isnan(rule_strength(&verdict, 0, row)) == !known);
            ck_assert(fabs((double)verdict.confidence[row] - expected) < 1e-6);
        }
        rule_verdict_clear(&verdict);
        forget_columns(&w);
        rf_rules_free(rules);
    }
    world_close(&w);
}
END_TEST

START_TEST(confidence_is_the_least_that_the_known_allow)
{
    static const struct {
        const char *tree;
        float strength[3];
        double confidence;
    } cases[] = {
        {"{all: [a, b, c]}", {0.9F, 0.4F, 0.6F}, 0.4},
        {"{any: [a, b, c]}", {0.9F, 0.4F, 0.6F}, 0.9},
        {"{weights: {a: 2, b: 1, c: 1}}", {0.9F, 0.4F, 0.6F}, 0.7},
        {"{all: [a, {any: [b, {not: c}]}]}", {0.9F, 0.2F, 0.3F}, 0.7},
        {"{all: [a, b, c]}", {0.9F, NAN, 0.6F}, 0},
        {"{any: [a, b, c]}", {0.9F, NAN, 0.6F}, 0.9},
        {"{any: [a, b, {not: c}]}", {0.1F, 0.2F, NAN}, 0.2},
        {"{all: [a, b, {not: c}]}", {1, 1, NAN}, 0},
        {"{all: [a, {not: {all: [b, c]}}]}", {1, NAN, NAN}, 0},
        {"{all: [a, {not: {all: [b, c]}}]}", {1, 0.25F, NAN}, 0.75},
        {"{not: {not: {all: [a, b, c]}}}", {1, 1, NAN}, 0},
        {"{weights: {a: 2, b: 1, c: 1}}", {1, NAN, NAN}, 0.5},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512];
        snprintf(text, sizeof text,
                 HEAD "rules:\n- type: t\n  subject: user\n  signals:\n    a: {value: user.x, above: 1}\n"
                      "    b: {value: user.x, above: 1}\n    c: {value: user.x, above: 1}\n"
                      "  confidence: %s\n",
                 cases[i].tree);
        rf_rules *rules = parsed(text);
        double found = rule_confidence(rules->rules[0].confidence, cases[i].strength);
        ck_assert_msg(fabs(found - cases[i].confidence) < 1e-6, "%s: %g, not %g", cases[i].tree, found,
                      cases[i].confidence);
        rf_rules_free(rules);
    }
}
END_TEST

/* ---- hubs ---- */

START_TEST(hubs_are_left_out_of_steps_to_partners)
{
    rf_err err = {0};
    world w;
    rf_real *column = NULL;
    world_open(&w, (made_shape){300, 40, 3000, 1, 1, 1, 2}, false);
    uint32_t limit = rule_hub_limit(&w.of, RF_ENTITY, 0.5);
    int64_t hubs = 0;
    ck_assert_uint_ge(limit, 49);
    for (int64_t v = 0; v < 40; v++)
        hubs += w.of.degree[1][v] > limit;
    ck_assert_int_gt(hubs, 5);
    ck_assert_int_le(hubs, 20);
    rf_rules *rules = one_signal("user", "max entity.degree", "above: 1");
    const rule_signal *signal = &rules->rules[0].signals[0];
    RF_CHECK_OK(err, rule_evaluate(&column, &w.of, &signal->value, RF_USER, 0.5, &signal->place, &err));
    for (int64_t u = 0; u < 300; u++)
        ck_assert(!(column[u] > (rf_real)limit));
    rf_mem_free(column);
    rf_rules_free(rules);
    ck_assert_uint_eq(rule_hub_limit(&w.of, RF_ENTITY, 1), UINT32_MAX);
    world_close(&w);
    world_open(&w, shape, false); /* nobody has 50 partners */
    ck_assert_uint_eq(rule_hub_limit(&w.of, RF_USER, 0), 49);
    world_close(&w);
}
END_TEST

/* ---- the whole ---- */

static const char whole[] = HEAD "unknown: {percentile: 0.95}\nsegments: {activity: {of: user, value: "
                                 "user.events, cuts: [5, 20]}}\nrules:\n"
                                 "- {type: one, subject: user, signals: {a: {value: user.u_0, above: 0.5, "
                                 "slope: 1}, b: {value: mean entity.v_1, "
                                 "above_percentile: 0.4, segment: activity}}, confidence: {any: [a, b]}}\n"
                                 "- {type: two, subject: edge, signals: {a: {value: edge.e_0 * user.u_1, "
                                 "above: 0.3}}, spread: {user: {edges: 1}, "
                                 "entity: {edges: 2, share: 0.3}}}\n"
                                 "- {type: three, subject: entity, signals: {a: {value: max user.mean "
                                 "edge.e_2, below_percentile: 0.3}}}\n";

static void save(char path[RF_TEST_PATH], const char *name, const world *w, rf_pool *pool)
{
    rf_err err = {0};
    rf_tags *tags = NULL, *loaded = NULL;
    rf_rules *rules = parsed(whole);
    setenv("SOURCE_DATE_EPOCH", "1525132800", 1);
    RF_CHECK_OK(err, rf_scores_save(w->scores, rf_tmp_path(path, name), &err));
    unsetenv("SOURCE_DATE_EPOCH");
    RF_CHECK_OK(err, rf_rules_tag(&tags, rules, w->graph, w->scores, pool, &err));
    RF_CHECK_OK(err, rf_tags_save(tags, path, &err));
    RF_CHECK_OK(err, rf_tags_load(&loaded, path, w->scores, &err)); /* what is made passes every check */
    for (int i = 0; i < 3; i++)
        ck_assert_int_gt(loaded->side[i].n_evidence, 0);
    rf_tags_free(loaded);
    rf_tags_free(tags);
    rf_rules_free(rules);
}

START_TEST(any_number_of_threads_gives_the_same_bytes)
{
    rf_err err = {0};
    world w;
    char one[RF_TEST_PATH], other[RF_TEST_PATH];
    world_open(&w, (made_shape){5000, 300, 9000, 3, 3, 3, 11}, true);
    save(one, "one.h5", &w, NULL);
    for (int threads = 1; threads <= 4; threads++) {
        rf_pool *pool = NULL;
        RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
        save(other, "other.h5", &w, pool);
        ck_assert(rf_files_equal(one, other));
        rf_pool_free(pool);
    }
    world_close(&w);
}
END_TEST

START_TEST(labels_have_no_part_in_it)
{
    world w;
    char with[RF_TEST_PATH], without[RF_TEST_PATH];
    world_open(&w, shape, true);
    ck_assert_ptr_nonnull(w.graph->side[RF_USER].y);
    save(with, "with.h5", &w, NULL);
    rf_graph_side *sides[3] = {&w.graph->side[RF_USER], &w.graph->side[RF_ENTITY], &w.graph->side[RF_EDGE]};
    for (int i = 0; i < 3; i++) {
        rf_mem_free(sides[i]->y);
        rf_mem_free(sides[i]->fraud_type);
        sides[i]->y = NULL;
        sides[i]->fraud_type = NULL;
    }
    save(without, "without.h5", &w, NULL);
    ck_assert(rf_files_equal(with, without));
    world_close(&w);
}
END_TEST

static rf_status explain_user(const world *w, const rf_rules *rules, rf_err *err)
{
    rf_text text = {0};
    rf_rules_trace *trace = NULL;
    rf_status st = rf_rules_trace_new(&trace, rules, w->graph, w->scores, RF_USER, 3, NULL, err);
    if (st >= 0)
        st = rf_report_rules(&text, trace, w->graph, w->scores, err);
    rf_rules_trace_free(trace);
    rf_text_clear(&text);
    return st;
}

START_TEST(tagging_survives_every_failing_allocation)
{
    world w;
    rf_tags *tags = NULL;
    rf_rules *rules = parsed(whole);
    world_open(&w, shape, true);
    RF_SWEEP(rf_rules_tag(&tags, rules, w.graph, w.scores, NULL, sweep_err), rf_tags_free(tags));
    RF_SWEEP(explain_user(&w, rules, sweep_err), (void)0);
    rf_rules_free(rules);
    world_close(&w);
}
END_TEST

RF_SUITE("rules", values_are_what_a_naive_reading_says, nodes_without_edges_have_nothing_but_a_count,
         a_three_is_a_three_after_standardising, tamed_columns_go_by_their_raw_name,
         percentiles_are_mid_ranks_within_their_bin,
         a_percentile_threshold_is_reached_by_those_who_stand_there, segments_are_cut_by_their_value,
         strengths_are_steps_or_sigmoids, confidence_is_the_least_that_the_known_allow,
         hubs_are_left_out_of_steps_to_partners, any_number_of_threads_gives_the_same_bytes,
         labels_have_no_part_in_it, tagging_survives_every_failing_allocation)
