/* test_sequence.c - the order of users' events against an obvious version of every formula; what must not
 * matter (threads, numbering of rows, length); what must be found (a script, a sequence in reverse).
 */
#include "arranged.h"
#include "made_graph.h"
#include "plain_sequence.h"
#include "rf_check.h"

#include "rf_pool.h"
#include "rf_rng.h"
#include "rf_why.h"
#include "sequence_int.h"

#define SECOND INT64_C(1000000)

/* ---- graphs with times and actions ---- */

static void name_columns(rf_graph_side *side, const char *const *names)
{
    rf_graph_side as_ids = {.n = side->d, .id = side->feature_names};
    made_graph_set_ids(&as_ids, names);
    side->feature_names = as_ids.id;
}

static void add_times(rf_graph *graph)
{
    rf_graph_side *edges = &graph->side[RF_EDGE];
    edges->first_us = rf_mem_zero((size_t)edges->n, sizeof *edges->first_us, NULL);
    edges->last_us = rf_mem_zero((size_t)edges->n, sizeof *edges->last_us, NULL);
    ck_assert(edges->first_us != NULL && edges->last_us != NULL);
}

typedef struct world {
    int64_t users, entities, edges;
    bool actions; /* columns kind=a, kind=b, kind=c, refund; else one that is no action */
    uint64_t seed;
} world;

/* Random users, gaps of every class, all times of a user different. */
static rf_graph *random_graph(world is)
{
    static const char *const with[] = {"kind=a", "kind=b", "kind=c", "refund"};
    static const char *const without[] = {"amount"};
    static const int64_t longest[] = {1, 50, 3000, 80000, 500000, 2000000};
    rf_graph *graph =
        made_graph((made_shape){is.users, is.entities, is.edges, 2, 2, is.actions ? 4 : 1, is.seed});
    rf_graph_side *edges = &graph->side[RF_EDGE];
    rf_rng rng;
    rf_rng_init(&rng, is.seed, 5);
    name_columns(edges, is.actions ? with : without);
    add_times(graph);
    for (int64_t i = 0; i < edges->n; i++) {
        const bool same_user = i > 0 && graph->adj.e_u[i] == graph->adj.e_u[i - 1];
        const uint32_t gap = (uint32_t)longest[rf_rng_below(&rng, 6)];
        edges->first_us[i] = (same_user ? edges->first_us[i - 1] : SECOND) + 1 +
                             (gap == 1 ? 0 : (int64_t)rf_rng_below(&rng, gap) * SECOND);
        for (int j = 0; is.actions && j < 4; j++)
            edges->x[i * 4 + j] = 0;
        if (is.actions) {
            if (rf_rng_below(&rng, 6) == 0) { /* no data: the mean, which is -0 */
                for (int j = 0; j < 3; j++)
                    edges->x[i * 4 + j] = (rf_real)-0.0;
            } else {
                edges->x[i * 4 + rf_rng_below(&rng, 3)] = 1;
            }
            edges->x[i * 4 + 3] = rf_rng_below(&rng, 4) == 0 ? 2 : -1;
        }
    }
    return graph;
}

typedef struct nats {
    float *edge, *user;
} nats;

static nats sequence_of(const rf_graph *graph, rf_pool *pool)
{
    rf_err err = {0};
    nats out = {.edge = rf_mem_new((size_t)graph->adj.n_e, sizeof *out.edge, NULL),
                .user = rf_mem_new((size_t)graph->adj.n_u, sizeof *out.user, NULL)};
    ck_assert(out.edge != NULL && out.user != NULL);
    rf_arranged arranged = arranged_of(graph, pool);
    RF_CHECK_OK(err, rf_part_sequence(out.edge, out.user, graph, &arranged, pool, &err));
    rf_arranged_clear(&arranged);
    return out;
}

static void nats_free(nats *of)
{
    rf_mem_free(of->edge);
    rf_mem_free(of->user);
}

/* ---- against the obvious version ---- */

static void assert_near(double got, double want, const char *what, int64_t row)
{
    if (fabs(got - want) > 2e-4 * (1 + fabs(want)))
        ck_abort_msg("%s %lld: %.8g, not %.8g", what, (long long)row, got, want);
}

static void compare_with_plain(world is)
{
    rf_graph *graph = random_graph(is);
    plain_user *users = plain_users(graph, is.actions);
    plain_part *part = rf_mem_zero(1, sizeof *part, NULL);
    double threshold[8];
    ck_assert_ptr_nonnull(part);
    nats got = sequence_of(graph, NULL);
    plain_fill(part, threshold, users, is.users);
    for (int64_t u = 0; u < is.users; u++) {
        double want =
            users[u].n > 0 ? part->regular[u] + plain_order(part, users, is.users, u, threshold) : 0;
        assert_near((double)got.user[u], want, "user", u);
        for (int i = 0; i < users[u].n; i++) {
            double around = 0;
            for (int k = i - 8; k <= i + 8; k++)
                around += k >= 0 && k < users[u].n && k != i ? part->order[u][k] : 0;
            want = part->order[u][i] + around / 8 + part->regular[u] * part->repeats[u][i];
            assert_near((double)got.edge[users[u].step[i].edge], want, "edge", users[u].step[i].edge);
        }
    }
    nats_free(&got);
    rf_mem_free(part);
    rf_mem_free(users);
    rf_graph_free(graph);
}

START_TEST(actions_and_gaps_follow_the_formulas)
{
    for (uint64_t seed = 1; seed <= (rf_short() ? 1 : 4); seed++)
        compare_with_plain((world){.users = 30, .entities = 9, .edges = 420, .actions = true, .seed = seed});
}
END_TEST

START_TEST(without_actions_the_popularity_of_the_entity_is_the_action)
{
    for (uint64_t seed = 1; seed <= (rf_short() ? 1 : 4); seed++)
        compare_with_plain(
            (world){.users = 25, .entities = 40, .edges = 300, .actions = false, .seed = seed});
}
END_TEST

START_TEST(few_users_and_users_without_events_are_judged_too)
{
    compare_with_plain((world){.users = 2, .entities = 3, .edges = 300, .actions = true, .seed = 7});
    compare_with_plain((world){.users = 60, .entities = 5, .edges = 40, .actions = true, .seed = 8});
}
END_TEST

/* ---- what must not matter ---- */

START_TEST(the_bytes_are_the_same_at_any_number_of_threads)
{
    rf_graph *graph =
        random_graph((world){.users = 900, .entities = 50, .edges = 9000, .actions = true, .seed = 3});
    rf_err err = {0};
    nats one = sequence_of(graph, NULL);
    for (int threads = 1; threads <= 4; threads *= 2) {
        rf_pool *pool = NULL;
        RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
        nats many = sequence_of(graph, pool);
        ck_assert_mem_eq(one.edge, many.edge, (size_t)graph->adj.n_e * sizeof *one.edge);
        ck_assert_mem_eq(one.user, many.user, (size_t)graph->adj.n_u * sizeof *one.user);
        nats_free(&many);
        rf_pool_free(pool);
    }
    nats_free(&one);
    rf_graph_free(graph);
}
END_TEST

typedef struct event {
    uint32_t user, entity;
    int64_t time;
    int kind;
} event;

static int by_pair_and_time(const void *a, const void *b)
{
    const event *x = a, *y = b;
    if (x->user != y->user)
        return x->user < y->user ? -1 : 1;
    if (x->entity != y->entity)
        return x->entity < y->entity ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

#define KINDS 6

/* The graph of n events, which are sorted, with their kinds as actions. Ids are "user-I" of the row. */
static rf_graph *graph_of(event *events, int64_t n, int64_t users, int64_t entities)
{
    static const char *const names[] = {"kind=0", "kind=1", "kind=2", "kind=3", "kind=4", "kind=5"};
    rf_graph *graph = made_graph((made_shape){users, entities, n, 1, 1, KINDS, 1});
    rf_graph_side *edges = &graph->side[RF_EDGE];
    uint32_t *u = rf_mem_new((size_t)n, sizeof *u, NULL), *v = rf_mem_new((size_t)n, sizeof *v, NULL);
    rf_err err = {0};
    ck_assert(u != NULL && v != NULL);
    qsort(events, (size_t)n, sizeof *events, by_pair_and_time);
    name_columns(edges, names);
    add_times(graph);
    for (int64_t i = 0; i < n; i++) {
        u[i] = events[i].user;
        v[i] = events[i].entity;
        edges->first_us[i] = events[i].time;
        for (int j = 0; j < KINDS; j++)
            edges->x[i * KINDS + j] = j == events[i].kind;
    }
    rf_adj_clear(&graph->adj);
    RF_CHECK_OK(err, rf_adj_adopt(&graph->adj, users, entities, n, u, v, &err));
    return graph;
}

static void set_ids(rf_graph_side *side, const char *prefix, const uint32_t *number)
{
    char(*texts)[32] = rf_mem_new((size_t)side->n, sizeof *texts, NULL);
    const char **list = rf_mem_new((size_t)side->n, sizeof *list, NULL);
    ck_assert(texts != NULL && list != NULL);
    for (int64_t i = 0; i < side->n; i++) {
        snprintf(texts[i], sizeof texts[i], "%s%u", prefix, (unsigned)number[i]);
        list[i] = texts[i];
    }
    made_graph_set_ids(side, list);
    rf_mem_free(texts);
    rf_mem_free(list);
}

START_TEST(the_numbering_of_rows_does_not_matter)
{
    enum { USERS = 80, ENTITIES = 30, EVENTS = 1500 };
    event events[EVENTS];
    uint32_t row[USERS], id[2][USERS], same[ENTITIES], turned[ENTITIES];
    rf_rng rng;
    rf_rng_init(&rng, 4, 0);
    for (uint32_t u = 0; u < USERS; u++) {
        row[u] = (u * 37 + 11) % USERS; /* another order */
        id[0][u] = u;
        id[1][row[u]] = u;
    }
    for (uint32_t v = 0; v < ENTITIES; v++) {
        same[v] = v;
        turned[v] = ENTITIES - 1 - v;
    }
    for (int i = 0; i < EVENTS; i++) { /* times with ties; events alike in user, entity and time are equal */
        events[i] = (event){.user = rf_rng_below(&rng, USERS),
                            .entity = rf_rng_below(&rng, ENTITIES),
                            .time = i / 60 * 500 * SECOND};
        events[i].kind = (int)((events[i].user * 7 + events[i].entity * 5 + (uint32_t)i / 60) % KINDS);
    }
    rf_graph *one = graph_of(events, EVENTS, USERS, ENTITIES);
    set_ids(&one->side[RF_USER], "user-", id[0]);
    set_ids(&one->side[RF_ENTITY], "shop-", same);
    nats first = sequence_of(one, NULL);
    for (int i = 0; i < EVENTS; i++) {
        events[i].user = row[events[i].user];
        events[i].entity = ENTITIES - 1 - events[i].entity;
    }
    rf_graph *other = graph_of(events, EVENTS, USERS, ENTITIES);
    set_ids(&other->side[RF_USER], "user-", id[1]);
    set_ids(&other->side[RF_ENTITY], "shop-", turned);
    nats second = sequence_of(other, NULL);
    for (uint32_t u = 0; u < USERS; u++)
        ck_assert(first.user[u] == second.user[row[u]]);
    nats_free(&first);
    nats_free(&second);
    rf_graph_free(one);
    rf_graph_free(other);
}
END_TEST

/* A sequence of people: mostly the next kind in the circle of KINDS (or, reversed, the one before), with gaps
 * of minutes to days. */
static int64_t add_person(event *out, uint32_t user, int n, int from_reversed, int to_reversed, rf_rng *rng)
{
    int64_t time = (int64_t)rf_rng_below(rng, 86400) * SECOND;
    int kind = (int)rf_rng_below(rng, KINDS);
    for (int i = 0; i < n; i++) {
        const int turn = i >= from_reversed && i < to_reversed ? KINDS - 1 : 1;
        kind = rf_rng_below(rng, 4) > 0 ? (kind + turn) % KINDS : (int)rf_rng_below(rng, KINDS);
        time += (int64_t)exp(rf_rng_uniform(rng) * 8 + 4) * SECOND;
        out[i] = (event){.user = user, .entity = rf_rng_below(rng, 40), .time = time, .kind = kind};
    }
    return n;
}

static int64_t add_script(event *out, uint32_t user, int n, rf_rng *rng)
{
    static const int64_t gaps[] = {40, 600, 41, 7200};
    int64_t time = (int64_t)rf_rng_below(rng, 86400) * SECOND;
    for (int i = 0; i < n; i++) {
        time += gaps[i % 4] * SECOND;
        out[i] = (event){.user = user, .entity = rf_rng_below(rng, 40), .time = time, .kind = (i * 2) % 4};
    }
    return n;
}

/* Among 300 people: users 0 to 9 are scripts, 10 to 19 go backwards for 14 steps, 20 to 29 have ten times as
 * many steps as others. */
static rf_graph *people(int script_steps)
{
    enum { PEOPLE = 300 };
    event *events = rf_mem_new(PEOPLE * 40 + 10 * 400 + 10 * (size_t)script_steps, sizeof *events, NULL);
    ck_assert_ptr_nonnull(events);
    rf_rng rng;
    rf_rng_init(&rng, 5, 0);
    int64_t n = 0;
    for (uint32_t u = 0; u < PEOPLE; u++) {
        const int usual = 30 + (int)rf_rng_below(&rng, 10);
        n += u < 10   ? add_script(events + n, u, script_steps, &rng)
             : u < 20 ? add_person(events + n, u, usual, 10, 24, &rng)
             : u < 30 ? add_person(events + n, u, 10 * usual, 0, 0, &rng)
                      : add_person(events + n, u, usual, 0, 0, &rng);
    }
    rf_graph *graph = graph_of(events, n, PEOPLE, 40);
    rf_mem_free(events);
    return graph;
}

/* The share of users from 30 on that are below user u. */
static double place_of(const nats *of, int64_t u)
{
    int below = 0;
    for (int64_t k = 30; k < 300; k++)
        below += of->user[k] < of->user[u];
    return below / 270.0;
}

static double mean_place(const nats *of, int64_t from, int64_t to)
{
    double sum = 0;
    for (int64_t u = from; u < to; u++)
        sum += place_of(of, u);
    return sum / (double)(to - from);
}

START_TEST(scripts_and_turned_orders_stand_out_and_long_histories_do_not)
{
    rf_graph *graph = people(40);
    nats got = sequence_of(graph, NULL);
    ck_assert_double_gt(mean_place(&got, 0, 10), 0.99);
    ck_assert_double_gt(mean_place(&got, 10, 20), 0.95);
    ck_assert_double_lt(mean_place(&got, 20, 30), 0.8);
    nats_free(&got);
    rf_graph_free(graph);
}
END_TEST

START_TEST(repeating_it_often_does_not_make_it_usual)
{
    rf_graph *few = people(40), *many = people(2000);
    nats a = sequence_of(few, NULL), b = sequence_of(many, NULL);
    for (int64_t u = 0; u < 10; u++)
        ck_assert_msg(b.user[u] > 0.9F * a.user[u], "script %lld: %.2f after %.2f", (long long)u,
                      (double)b.user[u], (double)a.user[u]);
    ck_assert_double_gt(mean_place(&b, 0, 10), 0.99);
    nats_free(&a);
    nats_free(&b);
    rf_graph_free(few);
    rf_graph_free(many);
}
END_TEST

START_TEST(the_steps_that_go_backwards_are_the_surprising_ones)
{
    rf_graph *graph = people(40);
    nats got = sequence_of(graph, NULL);
    const rf_adj *adj = &graph->adj;
    double inside = 0, outside = 0;
    int64_t n[2] = {0, 0};
    for (int64_t u = 10; u < 20; u++) {
        for (int64_t i = adj->u_ptr[u]; i < adj->u_ptr[u + 1]; i++) {
            int64_t before = 0;
            for (int64_t k = adj->u_ptr[u]; k < adj->u_ptr[u + 1]; k++)
                before += graph->side[RF_EDGE].first_us[k] < graph->side[RF_EDGE].first_us[i];
            const bool in = before >= 10 && before < 24;
            inside += in ? (double)got.edge[i] : 0;
            outside += in ? 0 : (double)got.edge[i];
            n[in]++;
        }
    }
    ck_assert_double_gt(inside / (double)n[1], 1.5 * outside / (double)n[0]);
    nats_free(&got);
    rf_graph_free(graph);
}
END_TEST

/* ---- why ---- */

START_TEST(the_evidence_has_the_numbers_of_the_formulas)
{
    const world is = {.users = 20, .entities = 9, .edges = 200, .actions = true, .seed = 6};
    rf_graph *graph = random_graph(is);
    plain_user *users = plain_users(graph, true);
    rf_sequences *sequences = NULL;
    rf_err err = {0};
    RF_CHECK_OK(err, rf_sequences_new(&sequences, graph, NULL, &err));
    for (int64_t u = 0; u < is.users; u++) {
        double worst = 0;
        int64_t foretold = 0;
        for (int i = 0; i < users[u].n; i++) {
            rf_sequence_evidence got;
            double cost[2], usual[2];
            plain_expected(&cost[0], &usual[0], users, is.users, u, i, false);
            plain_expected(&cost[1], &usual[1], users, is.users, u, i, true);
            const int half = cost[1] - usual[1] > cost[0] - usual[0] && i > 0;
            RF_CHECK_OK(err, rf_sequence_explain(&got, sequences, RF_EDGE, users[u].step[i].edge, &err));
            ck_assert_int_eq(got.step.edge, users[u].step[i].edge);
            ck_assert(got.before.edge == (i > 0 ? (uint32_t)users[u].step[i - 1].edge : RF_NO_EDGE));
            ck_assert(i > 0 ? fabs(got.gap_s - users[u].step[i].gap_s) < 1e-3 : isnan(got.gap_s));
            ck_assert_int_eq(got.is_gap, half);
            assert_near(log(got.one_of), fmin(cost[half], log(200)), "one of", got.step.edge);
            assert_near(log(got.usual_one_of), usual[half], "usual one of", got.step.edge);
            const int kind = (users[u].step[i].action - 1) % 4, refund = users[u].step[i].action > 4;
            ck_assert_int_eq(got.step.n, (kind < 3) + refund);
            ck_assert(kind == 3 || got.step.column[0] == kind);
            worst = fmax(worst, cost[0] + cost[1] - usual[0] - usual[1]);
            foretold += plain_own_cost(&users[u], i) < log(2);
        }
        rf_sequence_evidence all;
        RF_CHECK_OK(err, rf_sequence_explain(&all, sequences, RF_USER, u, &err));
        ck_assert_int_eq(all.steps, users[u].n);
        ck_assert_int_eq(all.foretold, foretold);
        for (int i = 0; i < users[u].n; i++) {
            double cost[2], usual[2];
            plain_expected(&cost[0], &usual[0], users, is.users, u, i, false);
            plain_expected(&cost[1], &usual[1], users, is.users, u, i, true);
            if ((uint32_t)users[u].step[i].edge == all.step.edge)
                assert_near(fmax(0, cost[0] + cost[1] - usual[0] - usual[1]), worst, "worst step of user", u);
        }
    }
    rf_sequences_free(sequences);
    rf_mem_free(users);
    rf_graph_free(graph);
}
END_TEST

static void assert_words(const rf_graph *graph, rf_sequence_evidence evidence, const char *want)
{
    rf_text text = {0};
    rf_err err = {0};
    RF_CHECK_OK(err, rf_text_add(&text, "", 0, &err));
    RF_CHECK_OK(err, rf_why_sequence(&text, graph, &evidence, &err));
    ck_assert_str_eq(text.ptr != NULL ? text.ptr : "", want);
    rf_text_clear(&text);
}

START_TEST(a_rare_step_and_a_script_are_put_into_words)
{
    rf_graph *graph =
        random_graph((world){.users = 20, .entities = 9, .edges = 200, .actions = true, .seed = 6});
    rf_sequence_evidence evidence = {.step = {.edge = 5, .n = 2, .column = {2, 3}},
                                     .before = {.edge = 4, .n = 1, .column = {0}},
                                     .gap_s = 3,
                                     .is_gap = true,
                                     .one_of = 4000.4,
                                     .steps = 30,
                                     .foretold = 3};
    assert_words(graph, evidence,
                 "kind c, refund 3 seconds after kind a: 1 of 4000 such steps has such a gap.");
    evidence.before = (rf_sequence_did){.edge = 4, .n = 2, .column = {0, 3}}; /* both are refunds */
    assert_words(graph, evidence, "kind c 3 seconds after kind a: 1 of 4000 such steps has such a gap.");
    evidence.before = evidence.step;
    assert_words(graph, evidence,
                 "kind c, refund 3 seconds after kind c, refund: 1 of 4000 such steps has such a gap.");
    evidence.before = (rf_sequence_did){.edge = 4, .n = 1, .column = {0}};
    evidence.is_gap = false;
    evidence.step = (rf_sequence_did){.edge = 5, .users = 12};
    evidence.foretold = 25;
    assert_words(graph, evidence,
                 "an entity of 12 users 3 seconds after kind a: 1 of 4000 steps in its place is that. "
                 "25 of its 30 steps could be foretold from its own steps before.");
    evidence.one_of = 1.5;
    assert_words(graph, evidence, "25 of its 30 steps could be foretold from its own steps before.");
    assert_words(graph, (rf_sequence_evidence){.step.edge = RF_NO_EDGE}, "");
    rf_graph_free(graph);
}
END_TEST

static rf_status explain_all(const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequences *sequences = NULL;
    rf_sequence_evidence evidence;
    RF_TRY(rf_sequences_new(&sequences, graph, NULL, err));
    RF_TRY(rf_sequence_explain(&evidence, sequences, RF_EDGE, 7, err));
done:
    rf_sequences_free(sequences);
    return st;
}

START_TEST(without_times_there_is_no_sequence)
{
    rf_graph *graph =
        random_graph((world){.users = 20, .entities = 9, .edges = 200, .actions = true, .seed = 2});
    rf_graph_side *edges = &graph->side[RF_EDGE];
    for (int64_t i = 0; i < edges->n; i++)
        edges->first_us[i] = 5;
    for (int round = 0; round < 2; round++) {
        nats got = sequence_of(graph, NULL);
        for (int64_t i = 0; i < graph->adj.n_e; i++)
            RF_HOLDS(got.edge[i] == 0);
        for (int64_t u = 0; u < graph->adj.n_u; u++)
            RF_HOLDS(got.user[u] == 0);
        nats_free(&got);
        rf_mem_free(edges->first_us);
        edges->first_us = NULL;
    }
    rf_sequences *sequences = NULL;
    rf_err err = {0};
    RF_CHECK_FAILS(err, RF_E_INVALID, "without times", rf_sequences_new(&sequences, graph, NULL, &err));
    rf_graph_free(graph);
}
END_TEST

START_TEST(refused_memory_is_an_error)
{
    rf_graph *graph =
        random_graph((world){.users = 20, .entities = 9, .edges = 200, .actions = true, .seed = 2});
    float edge[200], user[20];
    rf_arranged arranged = arranged_of(graph, NULL);
    RF_SWEEP(rf_part_sequence(edge, user, graph, &arranged, NULL, sweep_err), {});
    rf_arranged_clear(&arranged);
    RF_SWEEP(explain_all(graph, sweep_err), {});
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("sequence", actions_and_gaps_follow_the_formulas,
         without_actions_the_popularity_of_the_entity_is_the_action,
         few_users_and_users_without_events_are_judged_too, the_bytes_are_the_same_at_any_number_of_threads,
         the_numbering_of_rows_does_not_matter, scripts_and_turned_orders_stand_out_and_long_histories_do_not,
         repeating_it_often_does_not_make_it_usual, the_steps_that_go_backwards_are_the_surprising_ones,
         the_evidence_has_the_numbers_of_the_formulas, a_rare_step_and_a_script_are_put_into_words,
         without_times_there_is_no_sequence, refused_memory_is_an_error)
