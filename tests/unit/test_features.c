/* test_features.c - every column of every matrix against brute force; the properties that all features share.
 */
#include "rf_check.h"

#include "feature_document.h"
#include "feature_oracle.h"
#include "features_int.h"
#include "feature_whole.h"
#include "node_sums_int.h"
#include "rf_graph.h"
#include "rf_rng.h"

/* ---- worlds, and their three matrices before standardising ---- */

typedef struct made {
    test_world world;
    rf_bigraph *graph;
    rf_window_view *view;
    rf_features f;
    rf_feature_matrix u, v, e;
    int *edges, n_edges;
} made;

static void freeze(made *m, const int *order)
{
    rf_err err = {0};
    RF_CHECK_OK(err, test_world_freeze(&m->graph, &m->view, &m->world, order, &err));
    test_world_note(&m->world, m->view);
    m->edges = test_edges(&m->world, &m->n_edges);
}

static void make(made *m, const int *order, rf_pool *pool)
{
    rf_err err = {0};
    freeze(m, order);
    RF_CHECK_OK(err, rf_features_prepare(&m->f, m->view, pool, &err));
    RF_CHECK_OK(err, rf_features_make(&m->u, &m->f, RF_USER, &err));
    RF_CHECK_OK(err, rf_features_make(&m->v, &m->f, RF_ENTITY, &err));
    RF_CHECK_OK(err, rf_features_make(&m->e, &m->f, RF_EDGE, &err));
}

static void compute(made *m, const int *order, int threads)
{
    rf_err err = {0};
    rf_pool *pool = NULL;
    RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    freeze(m, order);
    rf_feature_matrix whole[RF_SIDES];
    RF_CHECK_OK(err, feature_whole(whole, m->view, pool, &err));
    m->u = whole[RF_USER];
    m->v = whole[RF_ENTITY];
    m->e = whole[RF_EDGE];
    rf_pool_free(pool);
}

static void unmake(made *m)
{
    rf_feature_matrix_clear(&m->u);
    rf_feature_matrix_clear(&m->v);
    rf_feature_matrix_clear(&m->e);
    if (m->f.view)
        rf_features_clear(&m->f);
    rf_window_view_free(m->view);
    rf_bigraph_free(m->graph);
    free(m->edges);
    test_world_clear(&m->world);
}

static void init(made *m, uint64_t seed, int n, int days, rf_granularity granularity, const char *zone)
{
    *m = (made){0};
    test_world_init(&m->world, seed, n, 9, 7, days, granularity, zone);
}

static int user_number(const char *id)
{
    return atoi(id + 1);
}

static int entity_number(const char *id)
{
    return atoi(id + 5);
}

static double tame(const char **name, double value)
{
    if (strncmp(*name, "log1p_", 6) != 0)
        return value;
    *name += 6;
    return copysign(log1p(fabs(value)), value);
}

/* Every value of row i against the oracle. */
static void check_row(const made *m, const rf_feature_matrix *matrix, int64_t i, test_subject subject,
                      int user, int entity, int event)
{
    for (int j = 0; j < matrix->d; j++) {
        const char *name = matrix->name[j];
        bool known, log1p = strncmp(name, "log1p_", 6) == 0;
        double want = test_oracle(&m->world, subject, user, entity, event, log1p ? name + 6 : name, &known);
        double got = matrix->x[i * matrix->d + j];
        ck_assert_msg(known, "the oracle knows no column %s", name);
        ck_assert_int_eq(matrix->transform[j], log1p ? RF_TAME_LOG1P : RF_TAME_NONE);
        want = tame(&name, want);
        bool same = isnan(want) ? isnan(got) : fabs(got - want) <= 2e-6 + 2e-6 * fabs(want);
        ck_assert_msg(same, "row %lld (user %d, entity %d, event %d), %s: %.9g, brute force says %.9g",
                      (long long)i, user, entity, event, matrix->name[j], got, want);
    }
}

static void check_nodes(const made *m)
{
    ck_assert_int_eq(m->u.n, m->view->adj.n_u);
    ck_assert_int_eq(m->v.n, m->view->adj.n_v);
    for (int64_t i = 0; i < m->u.n; i++)
        check_row(m, &m->u, i, TEST_USER, user_number(m->view->side[RF_USER].id[i]), -1, -1);
    for (int64_t i = 0; i < m->v.n; i++)
        check_row(m, &m->v, i, TEST_ENTITY, -1, entity_number(m->view->side[RF_ENTITY].id[i]), -1);
}

static void check_edges(const made *m)
{
    bool events = m->world.options.granularity == RF_GRANULARITY_EVENT;
    if (events)
        ck_assert_int_eq(m->e.n, m->n_edges);
    for (int64_t i = 0; i < m->e.n; i++) {
        int user = user_number(m->view->side[RF_USER].id[m->view->adj.e_u[i]]);
        int entity = entity_number(m->view->side[RF_ENTITY].id[m->view->adj.e_v[i]]);
        check_row(m, &m->e, i, events ? TEST_EVENT : TEST_PAIR, user, entity, events ? m->edges[i] : -1);
    }
}

/* In Asuncion clocks went back over midnight a week before the end: a local day was met twice. */
static const char *const zones[] = {"UTC", "+05:30", "Europe/Berlin", "America/New_York", "America/Asuncion"};

START_TEST(pairs_and_nodes_equal_brute_force)
{
    for (uint64_t seed = 1; seed <= (rf_short() ? 2 : 10); seed++) {
        made m;
        init(&m, seed, 4 + (int)seed * 17, seed % 2 ? 6 : 45, RF_GRANULARITY_PAIR, zones[seed % 5]);
        m.world.options.window_us = seed % 3 == 0 ? 0 : (int64_t)(seed % 3) * 20 * RF_DAY_US;
        make(&m, NULL, NULL);
        check_nodes(&m);
        check_edges(&m);
        unmake(&m);
    }
}
END_TEST

START_TEST(events_and_their_nodes_equal_brute_force)
{
    for (uint64_t seed = 1; seed <= (rf_short() ? 2 : 10); seed++) {
        made m;
        init(&m, 100 + seed, 4 + (int)seed * 17, seed % 2 ? 5 : 50, RF_GRANULARITY_EVENT, zones[seed % 5]);
        m.world.options.window_us = seed % 3 == 0 ? 0 : (int64_t)(seed % 3) * 9 * RF_DAY_US;
        m.world.options.history_us = seed % 4 == 0 ? 0 : (int64_t)(seed % 4) * 11 * RF_DAY_US;
        make(&m, NULL, NULL);
        check_nodes(&m);
        check_edges(&m);
        unmake(&m);
    }
}
END_TEST

START_TEST(full_cells_equal_brute_force)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        made m;
        init(&m, 400 + seed, 200, 3, RF_GRANULARITY_PAIR, zones[seed]);
        for (int i = 0; i < m.world.n; i++) { /* dozens of events of a pair within an hour */
            test_event *e = &m.world.events[i];
            e->user %= 3;
            e->entity %= 2;
            e->time_us = m.world.options.as_of_us - 1 - (e->time_us / 1000003) % 7000 * RF_SECOND_US;
            e->value[TEST_HOUR] = RF_HOUR_US;
        }
        make(&m, NULL, NULL);
        check_nodes(&m);
        check_edges(&m);
        unmake(&m);
    }
}
END_TEST

/* Entities with more edges than the window has slots, whose values are not asked for, are added up by slot.
 */
START_TEST(crowded_entities_equal_brute_force)
{
    for (uint64_t seed = 1; seed <= (rf_short() ? 3 : 5); seed++) {
        made m = {0};
        test_world_init(&m.world, 700 + seed, 800, 60, 2, 1,
                        seed % 3 ? RF_GRANULARITY_PAIR : RF_GRANULARITY_EVENT, zones[seed % 5]);
        m.world.options.window_us = RF_DAY_US / 2;
        m.world.options.features = "time,structure";
        make(&m, NULL, NULL);
        ck_assert_int_eq(m.v.n, 2);
        for (int64_t i = 0; i < m.v.n; i++) {
            ck_assert(rf_node_by_slots(&m.f, RF_ENTITY, i));
            check_row(&m, &m.v, i, TEST_ENTITY, -1, entity_number(m.view->side[RF_ENTITY].id[i]), -1);
        }
        unmake(&m);
    }
}
END_TEST

static void check_finite(const rf_feature_matrix *x)
{
    for (int64_t i = 0; i < x->n; i++)
        for (int j = 0; j < x->d; j++)
            ck_assert_msg(isfinite(x->x[i * x->d + j]), "row %lld, %s: %g", (long long)i, x->name[j],
                          x->x[i * x->d + j]);
}

START_TEST(extreme_values_and_times_stay_finite)
{
    static const int64_t amounts[] = {RF_FIXED_MAX, -RF_FIXED_MAX, 0, 1, -1, RF_FIXED_ONE};
    for (int k = 0; k < 6; k++) {
        made m;
        init(&m, 500 + (uint64_t)k, 300, 40, k % 2 ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR,
             zones[k % 5]);
        for (int i = 0; i < m.world.n; i++) {
            test_event *e = &m.world.events[i];
            e->value[TEST_AMOUNT] = amounts[(i * 7 + e->user) % 6];
            e->value[TEST_TIP] = k < 2 ? RF_MISSING : k < 4 ? RF_FIXED_MAX : amounts[i % 2];
            if (k > 2 && i % 3 == 0)
                e->time_us = RF_TIME_MIN + (e->time_us / 977) % (150 * 365) * RF_DAY_US;
        }
        compute(&m, NULL, 1);
        check_finite(&m.u);
        check_finite(&m.v);
        check_finite(&m.e);
        unmake(&m);
    }
}
END_TEST

START_TEST(one_event_makes_finite_rows)
{
    for (int events = 0; events <= 1; events++) {
        made m;
        init(&m, 5, 1, 3, events ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR, "UTC");
        make(&m, NULL, NULL);
        check_nodes(&m);
        check_edges(&m);
        rf_err err = {0};
        RF_CHECK_OK(err, rf_standardise(&m.e, NULL, &err));
        ck_assert_int_eq(m.e.d, 0); /* one row: every column is constant */
        ck_assert_int_gt(m.e.n_dropped, 5);
        unmake(&m);
    }
}
END_TEST

/* ---- properties ---- */

static void check_same(const rf_feature_matrix *a, const rf_feature_matrix *b)
{
    ck_assert_int_eq(a->n, b->n);
    ck_assert_int_eq(a->d, b->d);
    ck_assert_int_eq(a->n_dropped, b->n_dropped);
    ck_assert(memcmp(a->x, b->x, (size_t)(a->n * a->d) * sizeof *a->x) == 0);
    for (int j = 0; j < a->d; j++)
        ck_assert_str_eq(a->name[j], b->name[j]);
    if (a->mean) {
        ck_assert(memcmp(a->mean, b->mean, (size_t)a->d * sizeof *a->mean) == 0);
        ck_assert(memcmp(a->scale, b->scale, (size_t)a->d * sizeof *a->scale) == 0);
    }
}

static void check_order_and_threads(rf_granularity granularity)
{
    enum { N = 700 };
    int order[N];
    rf_rng rng;
    made first;

    rf_rng_init(&rng, 3, 1);
    for (int threads = 1; threads <= 4; threads *= 2) {
        made m;
        *(threads == 1 ? &first : &m) = (made){0};
        made *now = threads == 1 ? &first : &m;
        test_world_init(&now->world, 77, N, 200, 60, 30, granularity, "Europe/Berlin");
        now->world.options.window_us = 20 * RF_DAY_US;
        now->world.options.history_us = 5 * RF_DAY_US;
        for (int i = 0; i < N; i++) { /* shuffled each time */
            int at = (int)rf_rng_below(&rng, (uint32_t)i + 1);
            order[i] = order[at];
            order[at] = i;
        }
        compute(now, order, threads);
        if (threads > 1) {
            check_same(&m.u, &first.u);
            check_same(&m.v, &first.v);
            check_same(&m.e, &first.e);
            unmake(&m);
        }
    }
    unmake(&first);
}

START_TEST(order_of_arrival_and_threads_change_no_byte)
{
    check_order_and_threads(RF_GRANULARITY_PAIR);
    check_order_and_threads(RF_GRANULARITY_EVENT);
}
END_TEST

/* Row of `matrix` whose id is `id`. */
static const float *row_of(const rf_feature_matrix *matrix, const char *const *ids, const char *id)
{
    for (int64_t i = 0; i < matrix->n; i++)
        if (strcmp(ids[i], id) == 0)
            return matrix->x + i * matrix->d;
    ck_abort_msg("no node %s", id);
}

START_TEST(renaming_users_permutes_their_rows)
{
    made a, b;
    init(&a, 11, 150, 20, RF_GRANULARITY_PAIR, "UTC");
    init(&b, 11, 150, 20, RF_GRANULARITY_PAIR, "UTC");
    for (int i = 0; i < b.world.n; i++)
        b.world.events[i].user = 30 - b.world.events[i].user;
    make(&a, NULL, NULL);
    make(&b, NULL, NULL);
    ck_assert_int_eq(a.u.n, b.u.n);
    ck_assert_int_eq(a.u.d, b.u.d);
    for (int64_t i = 0; i < a.u.n; i++) {
        char id[16];
        test_user_id(id, 30 - user_number(a.view->side[RF_USER].id[i]));
        const float *x = a.u.x + i * a.u.d, *y = row_of(&b.u, b.view->side[RF_USER].id, id);
        for (int j = 0; j < a.u.d; j++)
            ck_assert_msg(isnan(x[j]) ? isnan(y[j]) : fabsf(x[j] - y[j]) <= 1e-6f * (1 + fabsf(x[j])),
                          "%s: %g, %g", a.u.name[j], x[j], y[j]);
    }
    unmake(&a);
    unmake(&b);
}
END_TEST

/* The event's row of a, found in b by the event's number. */
static int64_t edge_of(const made *m, int number)
{
    for (int i = 0; i < m->n_edges; i++)
        if (m->world.events[m->edges[i]].number == number)
            return i;
    return -1;
}

START_TEST(later_events_change_no_earlier_history)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        made all, early;
        init(&all, 200 + seed, 160, 25, RF_GRANULARITY_EVENT, "UTC");
        init(&early, 200 + seed, 160, 25, RF_GRANULARITY_EVENT, "UTC");
        int64_t cut = all.world.options.as_of_us - 5 * RF_DAY_US;
        int kept = 0;
        for (int i = 0; i < early.world.n; i++)
            if (early.world.events[i].time_us < cut)
                early.world.events[kept++] = early.world.events[i];
        early.world.n = kept;
        all.world.options.window_us = early.world.options.window_us = 15 * RF_DAY_US;
        all.world.options.history_us = early.world.options.history_us = 10 * RF_DAY_US;
        make(&all, NULL, NULL);
        make(&early, NULL, NULL);
        int same = 0;
        for (int64_t i = 0; i < early.e.n; i++) {
            int64_t other = edge_of(&all, early.world.events[early.edges[i]].number);
            ck_assert_int_ge(other, 0);
            for (int j = 0; j < early.e.d; j++) {
                const char *name = early.e.name[j];
                if (strncmp(name, "device=", 7) == 0)
                    continue; /* which values have columns depends on the whole window */
                int k = 0;
                while (k < all.e.d && strcmp(all.e.name[k], name) != 0)
                    k++;
                ck_assert_msg(k < all.e.d, "%s is gone", name);
                ck_assert_msg(
                    memcmp(&early.e.x[i * early.e.d + j], &all.e.x[other * all.e.d + k], sizeof(float)) == 0,
                    "%s knows the future", name);
                same++;
            }
        }
        ck_assert_int_gt(same, 1000);
        unmake(&all);
        unmake(&early);
    }
}
END_TEST

/* ---- standardising ---- */

static void check_standard(const rf_feature_matrix *raw, const rf_feature_matrix *x)
{
    for (int j = 0; j < x->d; j++) {
        double sum = 0, square = 0;
        int k = 0;
        while (strcmp(raw->name[k], x->name[j]) != 0)
            k++;
        ck_assert_int_eq(raw->transform[k], x->transform[j]);
        for (int64_t i = 0; i < x->n; i++) {
            double value = x->x[i * x->d + j], tamed = raw->x[i * raw->d + k];
            ck_assert_msg(isfinite(value), "%s is not finite", x->name[j]);
            sum += value, square += value * value;
            double back = value * x->scale[j] + x->mean[j];
            if (isnan(tamed))
                ck_assert(value == 0);
            else
                ck_assert_msg(fabs(back - tamed) <=
                                  1e-5 * (fabs(x->mean[j]) + fabs(value) * x->scale[j]) + 1e-6,
                              "%s: %g gives back %g", x->name[j], tamed, back);
        }
        ck_assert_msg(fabs(sum / (double)x->n) < 1e-5, "mean of %s: %g", x->name[j], sum / (double)x->n);
        ck_assert_msg(fabs(square / (double)x->n - 1) < 1e-4, "variance of %s: %g", x->name[j],
                      square / (double)x->n);
    }
}

START_TEST(standardised_columns_have_mean_0_and_variance_1)
{
    for (int events = 0; events <= 1; events++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            made raw, x;
            rf_granularity granularity = events ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR;
            init(&raw, 300 + seed, 40 * (int)seed, 20, granularity, "UTC");
            init(&x, 300 + seed, 40 * (int)seed, 20, granularity, "UTC");
            make(&raw, NULL, NULL);
            compute(&x, NULL, 1);
            check_standard(&raw.u, &x.u);
            check_standard(&raw.v, &x.v);
            check_standard(&raw.e, &x.e);
            ck_assert_int_eq(raw.e.d, x.e.d + x.e.n_dropped);
            unmake(&raw);
            unmake(&x);
        }
}
END_TEST

static void fill_matrix(rf_feature_matrix *matrix, int64_t n, int d)
{
    *matrix = (rf_feature_matrix){.n = n, .d = d};
    matrix->x = rf_mem_new((size_t)(n * d), sizeof *matrix->x, NULL);
    matrix->name = rf_mem_zero((size_t)d, sizeof *matrix->name, NULL);
    matrix->transform = rf_mem_zero((size_t)d, 1, NULL);
    for (int j = 0; j < d; j++) {
        char name[8];
        snprintf(name, sizeof name, "c%d", j);
        matrix->name[j] = rf_mem_text(name, strlen(name), NULL);
    }
}

START_TEST(constant_and_empty_columns_are_dropped_by_name)
{
    rf_feature_matrix m;
    rf_err err = {0};
    fill_matrix(&m, 10, 5);
    for (int i = 0; i < 10; i++) {
        m.x[5 * i] = 3.5f; /* constant */
        m.x[5 * i + 1] = (float)i;
        m.x[5 * i + 2] = NAN;                           /* nobody has data */
        m.x[5 * i + 3] = i < 4 ? 1e5f + (float)i : NAN; /* missing here and there */
        m.x[5 * i + 4] = i < 4 ? 7.0f : NAN;            /* constant where there is data */
    }
    RF_CHECK_OK(err, rf_standardise(&m, NULL, &err));
    ck_assert_int_eq(m.d, 2);
    ck_assert_str_eq(m.name[0], "c1");
    ck_assert_str_eq(m.name[1], "c3");
    ck_assert_int_eq(m.n_dropped, 3);
    ck_assert_str_eq(m.dropped[0], "c0");
    ck_assert_str_eq(m.dropped[1], "c2");
    ck_assert_str_eq(m.dropped[2], "c4");
    ck_assert(m.dropped_value[0] == 3.5f && isnan(m.dropped_value[1]) && m.dropped_value[2] == 7.0f);
    ck_assert(fabsf(m.mean[0] - 4.5f) < 1e-6f && fabsf(m.scale[0] - sqrtf(8.25f)) < 1e-6f);
    ck_assert(fabsf(m.mean[1] - 100001.5f) < 0.1f && fabsf(m.scale[1] - sqrtf(0.5f)) < 1e-6f);
    ck_assert(m.x[2 * 7 + 1] == 0.0f && signbit(m.x[2 * 7 + 1]));
    rf_feature_matrix_clear(&m);
}
END_TEST

START_TEST(missing_rows_become_the_mean)
{
    rf_feature_matrix m;
    rf_err err = {0};
    fill_matrix(&m, 3000, 1);
    for (int i = 0; i < 3000; i++)
        m.x[i] = i % 3 == 0 ? NAN : (float)(i % 2);
    RF_CHECK_OK(err, rf_standardise(&m, NULL, &err));
    for (int i = 0; i < 3000; i += 3)
        ck_assert(m.x[i] == 0.0f && signbit(m.x[i]));
    ck_assert(fabsf(m.mean[0] - 0.5f) < 1e-6f);
    rf_feature_matrix_clear(&m);
}
END_TEST

/* ---- choice, names, documents ---- */

START_TEST(groups_leave_columns_out)
{
    static const struct {
        const char *features, *there, *not_there;
    } cases[] = {{"time", "night_share", "clustering"},
                 {"structure", "clustering", "night_share"},
                 {" attributes , time", "log1p_amount_mean", "clustering"},
                 {"all", "clustering", "none"},
                 {"history", "log1p_events", "night_share"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        made m;
        bool there = false;
        init(&m, 9, 60, 20, RF_GRANULARITY_PAIR, "UTC");
        m.world.options.features = cases[i].features;
        make(&m, NULL, NULL);
        for (int j = 0; j < m.e.d; j++) {
            there |= strcmp(m.e.name[j], cases[i].there) == 0;
            ck_assert_str_ne(m.e.name[j], cases[i].not_there);
        }
        ck_assert_msg(there, "%s has no %s", cases[i].features, cases[i].there);
        check_edges(&m);
        check_nodes(&m);
        unmake(&m);

        init(&m, 9, 60, 20, RF_GRANULARITY_EVENT, "UTC");
        m.world.options.features = cases[i].features;
        make(&m, NULL, NULL);
        check_edges(&m);
        unmake(&m);
    }
}
END_TEST

START_TEST(unknown_group_is_refused_by_name)
{
    rf_err err = {0};
    unsigned groups = 0;
    RF_CHECK_FAILS(err, RF_E_INVALID, "\"rhythm\"", rf_feature_groups_parse(&groups, "time, rhythm", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "graph.features", rf_feature_groups_parse(&groups, "", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "\"\"", rf_feature_groups_parse(&groups, "time,", &err));
}
END_TEST

START_TEST(equal_names_are_told_apart)
{
    static const rf_attr attr = {
        .name = "clock", .field = "x", .type = RF_ATTR_TIME_OF_DAY, .required = true};
    static const rf_schema schema = {.attrs = &attr, .n_attrs = 1};
    made m;
    int found = 0;
    init(&m, 4, 30, 9, RF_GRANULARITY_EVENT, "UTC");
    for (int i = 0; i < m.world.n; i++)
        m.world.events[i].value[0] = m.world.events[i].value[TEST_HOUR];
    m.world.options.schema = &schema;
    make(&m, NULL, NULL);
    for (int j = 0; j < m.e.d; j++) {
        found += strcmp(m.e.name[j], "clock_sin") == 0 || strcmp(m.e.name[j], "clock_sin_2") == 0;
        for (int k = 0; k < j; k++)
            ck_assert_str_ne(m.e.name[j], m.e.name[k]);
    }
    ck_assert_int_eq(found, 2);
    unmake(&m);
}
END_TEST

/* docs/FEATURES.md holds the table between two marks. RF_UPDATE_DOCS=1 rewrites it. */
START_TEST(every_feature_is_documented)
{
    char path[RF_TEST_PATH];
    rf_text table = {0};
    rf_err err = {0};
    ck_assert_msg(getenv("RF_SOURCE_DIR") != NULL, "RF_SOURCE_DIR is not set");
    snprintf(path, sizeof path, "%s/docs/FEATURES.md", getenv("RF_SOURCE_DIR"));
    RF_CHECK_OK(err, feature_document(&table, &err));
    char *text = rf_slurp(path, NULL);
    ck_assert_msg(text != NULL, "%s cannot be read", path);
    char *begin = strstr(text, "<!-- table -->\n"), *end = strstr(text, "<!-- end -->");
    ck_assert(begin && end);
    begin += strlen("<!-- table -->\n");
    bool same = (size_t)(end - begin) == table.len && memcmp(begin, table.ptr, table.len) == 0;
    if (!same && getenv("RF_UPDATE_DOCS")) {
        rf_text whole = {0};
        RF_CHECK_OK(err, rf_text_add(&whole, text, (size_t)(begin - text), &err));
        RF_CHECK_OK(err, rf_text_add(&whole, table.ptr, table.len, &err));
        RF_CHECK_OK(err, rf_text_add(&whole, end, strlen(end), &err));
        rf_spill(path, whole.ptr, whole.len);
        rf_text_clear(&whole);
        same = true;
    }
    ck_assert_msg(same, "%s differs from the table in the code: run this test with RF_UPDATE_DOCS=1", path);
    free(text);
    rf_text_clear(&table);
}
END_TEST

/* ---- failing allocations ---- */

static rf_status compute_once(const rf_window_view *view, rf_err *err)
{
    rf_feature_matrix whole[RF_SIDES] = {{0}};
    rf_status st = feature_whole(whole, view, NULL, err);
    for (rf_side s = 0; s < RF_SIDES; s++)
        rf_feature_matrix_clear(&whole[s]);
    return st;
}

START_TEST(every_failing_allocation_is_reported_and_leaks_nothing)
{
    for (int events = 0; events <= 1; events++) {
        made m;
        init(&m, 6, 50, 12, events ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR, "UTC");
        m.world.options.window_us = 8 * RF_DAY_US;
        m.world.options.history_us = 4 * RF_DAY_US;
        freeze(&m, NULL);
        RF_SWEEP(compute_once(m.view, sweep_err), (void)0);
        unmake(&m);
    }
}
END_TEST

RF_SUITE("features", pairs_and_nodes_equal_brute_force, events_and_their_nodes_equal_brute_force,
         full_cells_equal_brute_force, crowded_entities_equal_brute_force,
         extreme_values_and_times_stay_finite, one_event_makes_finite_rows,
         order_of_arrival_and_threads_change_no_byte, renaming_users_permutes_their_rows,
         later_events_change_no_earlier_history, standardised_columns_have_mean_0_and_variance_1,
         constant_and_empty_columns_are_dropped_by_name, missing_rows_become_the_mean,
         groups_leave_columns_out, unknown_group_is_refused_by_name, equal_names_are_told_apart,
         every_feature_is_documented, every_failing_allocation_is_reported_and_leaks_nothing)
