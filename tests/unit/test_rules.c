/* test_rules.c - values of rules against a naive reading, raw values, percentiles and segments. */
#include "rf_rank.h"
#include "rules_world.h"

#define MOST_ROWS 400

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
    case RULE_USER_AGE: /* the made graph has no times */
        return NAN;
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
            naive_degree(graph, step->to, p) > rule_hub_limit(&of->w->of, 0, step->to, of->ignore_hubs))
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
    rf_rules *rules = world_one_signal(subject, text, "above: 1");
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
    world_forget_columns(w);
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

START_TEST(values_are_what_a_naive_reading_says)
{
    for (int counts = 0; counts < 2; counts++) {
        world w;
        world_open(&w, world_shape, counts == 1);
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
    rf_rules *rules = world_one_signal("user", "user.u_0", "above: 1");
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
    world_forget_columns(w);
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
    world_open(&w, world_shape, false);
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
    world_open(&w, world_shape, false);
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
    rf_rules *rules = world_one_signal("user", "user.amount", "above: 1");
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
    world_open(&w, world_shape, true);
    rf_rules *rules =
        world_rules(WORLD_HEAD "segments: {a: {of: user, value: user.events, cuts: [10, 20]}, b: {of: user, "
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

RF_SUITE("rules", values_are_what_a_naive_reading_says, nodes_without_edges_have_nothing_but_a_count,
         a_three_is_a_three_after_standardising, tamed_columns_go_by_their_raw_name,
         percentiles_are_mid_ranks_within_their_bin,
         a_percentile_threshold_is_reached_by_those_who_stand_there, segments_are_cut_by_their_value)
