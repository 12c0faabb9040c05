/* test_graph_kinds.c - a graph of several kinds of entity against sums made the obvious way: whom users met,
 * what they share, whose attributes are whose, and what hubs keep.
 */
#include <math.h>

#include "made_events.h"
#include "rf_check.h"
#include "rf_file.h"
#include "rf_graph.h"
#include "rf_hubs.h"
#include "rf_mem.h"

#define N 1500
#define KINDS 3

static made_event items[N];
static bool inside[N]; /* the window */

static const char *entity_of(const made_event *e, int kind)
{
    return kind == 0 ? e->entity : kind == 1 ? e->device : e->card;
}

static void make(const rf_bigraph_options *options)
{
    rf_rng rng;
    rf_rng_init(&rng, 41, 0);
    for (int i = 0; i < N; i++) {
        items[i] = made_event_at(&rng, i, 20);
        inside[i] = items[i].time_us < options->as_of_us &&
                    items[i].time_us >= options->as_of_us - options->window_us;
    }
}

static rf_graph *build(const rf_bigraph_options *options, const char *path)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    rf_graph *out = NULL;
    rf_published published;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, options, &err));
    for (int i = 0; i < N; i++) {
        rf_event event = made_rf_event(&items[i], true);
        RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
    }
    RF_CHECK_OK(err, rf_bigraph_publish(graph, path, NULL, NULL, &published, &err));
    RF_CHECK_OK(err, rf_graph_load(&out, path, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, &err));
    ck_assert_int_eq(published.kinds.n, KINDS);
    for (rf_side s = 0; s < rf_sides(&published.kinds); s++)
        ck_assert_int_eq(published.n[s], out->side[s].n);
    rf_bigraph_free(graph);
    return out;
}

/* The raw value of a column, or of one that was dropped because all rows have the same. */
static double value_of(const rf_graph_side *side, int64_t row, const char *name)
{
    char buffer[32];
    for (int j = 0; j < side->d; j++) {
        if (strcmp(rf_graph_raw_name(side, j, buffer), name) == 0)
            return rf_raw_observed(side, row, j);
    }
    for (int64_t j = 0; j < side->dropped.n; j++) {
        const char *dropped = rf_texts_get(&side->dropped, j);
        bool tamed = strncmp(dropped, "log1p_", 6) == 0;
        if (strcmp(dropped + (tamed ? 6 : 0), name) == 0)
            return tamed ? expm1((double)side->dropped_value[j]) : (double)side->dropped_value[j];
    }
    ck_abort_msg("no column %s", name);
}

static bool has_columns_of(const rf_graph_side *side, const char *attribute)
{
    bool found = false;
    for (int j = 0; j < side->d; j++)
        found = found || strstr(rf_texts_get(&side->feature_names, j), attribute) != NULL;
    for (int64_t j = 0; j < side->dropped.n; j++)
        found = found || strstr(rf_texts_get(&side->dropped, j), attribute) != NULL;
    return found;
}

/* ---- what events say ---- */

static bool met(int i, const char *user, int kind, const char *entity)
{
    return inside[i] && (user == NULL || strcmp(items[i].user, user) == 0) &&
           (entity == NULL || strcmp(entity_of(&items[i], kind), entity) == 0);
}

/* Is event i the first of its user and entity? */
static bool is_first(int i, int kind)
{
    int k = 0;
    while (k < i && !met(k, items[i].user, kind, entity_of(&items[i], kind)))
        k++;
    return k == i;
}

static int64_t users_of(int kind, const char *entity)
{
    int64_t n = 0;
    for (int i = 0; i < N; i++)
        n += met(i, NULL, kind, entity) && is_first(i, kind);
    return n;
}

static bool is_hub(int kind, const char *entity)
{
    return made_kinds[kind].hub_degree > 0 && users_of(kind, entity) >= made_kinds[kind].hub_degree;
}

static void check_row(const rf_graph_side *side, int64_t row, const char *user, int kind, const char *entity)
{
    int64_t n = 0, known = 0, ones = 0, first_us = INT64_MAX;
    for (int i = 0; i < N; i++) {
        if (!met(i, user, kind, entity))
            continue;
        n++;
        known += items[i].label >= 0;
        ones += items[i].label == 1;
        first_us = items[i].time_us < first_us ? items[i].time_us : first_us;
    }
    ck_assert_int_eq(side->count[row], n);
    ck_assert_int_eq(side->first_us[row], first_us);
    ck_assert_int_eq(side->y[row], known > 0 && 2 * ones > known);
    if (user == NULL) {
        ck_assert_double_eq(round(value_of(side, row, "events")), (double)n);
        ck_assert_double_eq(round(value_of(side, row, "partners")), (double)users_of(kind, entity));
    }
}

static void check_kind(const rf_graph *graph, int kind)
{
    const rf_graph_side *users = &graph->side[RF_USER], *entities = &graph->side[rf_entity_side(kind)],
                        *edges = &graph->side[rf_edge_side(kind)];
    const rf_adj *adj = rf_graph_adj(graph, kind);
    int64_t pairs = 0, hubs = 0;
    for (int i = 0; i < N; i++) {
        const char *entity = entity_of(&items[i], kind);
        if (inside[i] && entity[0] != '\0' && is_first(i, kind))
            pairs += !is_hub(kind, entity);
    }
    ck_assert_int_gt(pairs, 50);
    ck_assert_int_eq(adj->n_e, pairs);
    ck_assert_int_eq(edges->n, pairs);
    for (int64_t v = 0; v < entities->n; v++) {
        const char *entity = rf_texts_get(&entities->id, v);
        ck_assert(v == 0 || strcmp(rf_texts_get(&entities->id, v - 1), entity) < 0);
        check_row(entities, v, NULL, kind, entity);
        bool hub = is_hub(kind, entity);
        hubs += hub;
        ck_assert_int_eq(entities->hub != NULL && entities->hub[v] != 0, hub);
        if (hub)
            ck_assert_int_eq(adj->v_ptr[v + 1] - adj->v_ptr[v], 0);
    }
    ck_assert_int_eq(hubs > 0, kind == 2);
    for (int64_t e = 0; e < adj->n_e; e++)
        check_row(edges, e, rf_texts_get(&users->id, adj->e_u[e]), kind,
                  rf_texts_get(&entities->id, adj->e_v[e]));
}

/* Event granularity: each edge is the event whose id it has, in all that it has. */
static void check_events(const rf_graph *graph, int kind)
{
    const rf_graph_side *edges = &graph->side[rf_edge_side(kind)];
    const rf_adj *adj = rf_graph_adj(graph, kind);
    const bool has_amount = kind != 1;
    int64_t events = 0;
    for (int i = 0; i < N; i++) {
        const char *entity = entity_of(&items[i], kind);
        events += inside[i] && entity[0] != '\0' && !is_hub(kind, entity);
    }
    ck_assert_int_eq(edges->n, events);
    ck_assert_int_eq(edges->id.n, events);
    for (int64_t e = 0; e < edges->n; e++) {
        const made_event *item = &items[atoi(rf_texts_get(&edges->id, e) + strlen("event-"))];
        ck_assert_str_eq(rf_texts_get(&graph->side[RF_USER].id, adj->e_u[e]), item->user);
        ck_assert_str_eq(rf_texts_get(&graph->side[rf_entity_side(kind)].id, adj->e_v[e]),
                         entity_of(item, kind));
        ck_assert_int_eq(edges->y[e], item->label == 1);
        ck_assert_int_eq(edges->first_us[e], item->time_us);
        const char *type = item->label == 0 ? "" : item->fraud;
        ck_assert_str_eq(rf_texts_get(&graph->fraud_types, edges->fraud_type[e]), type);
        if (has_amount && item->amount != RF_MISSING) {
            double want = (double)item->amount / 1e6, got = value_of(edges, e, "amount");
            ck_assert_msg(fabs(got - want) <= 1e-4 * fabs(want) + 1e-4, "%g, not %g", got, want);
        }
    }
}

/* The columns of a user that another kind gives. */
static void check_shared(const rf_graph *graph, int64_t row, int kind)
{
    const rf_graph_side *side = &graph->side[RF_USER];
    const char *user = rf_texts_get(&side->id, row), *name = made_kinds[kind].name;
    double degree = 0, hubs = 0, sharers = 0, most = 0, fresh = 0;
    char column[64];
    for (int i = 0; i < N; i++) {
        const char *entity = entity_of(&items[i], kind);
        if (!met(i, user, kind, NULL) || entity[0] == '\0' || !is_first(i, kind))
            continue;
        int64_t first_us = INT64_MAX;
        for (int k = 0; k < N; k++)
            first_us =
                met(k, user, kind, entity) && items[k].time_us < first_us ? items[k].time_us : first_us;
        degree++;
        fresh += first_us >= graph->window_to_us - 7 * RF_DAY_US;
        if (is_hub(kind, entity)) {
            hubs++;
            continue;
        }
        sharers += (double)users_of(kind, entity) - 1;
        most = fmax(most, (double)users_of(kind, entity) - 1);
    }
    const double want[] = {degree, hubs, sharers, most, degree > 0 ? fresh / degree : 0};
    static const char *const names[] = {"degree", "hubs", "sharers", "sharers_max", "first_met_share"};
    for (int c = 0; c < 5; c++) {
        snprintf(column, sizeof column, "%s_%s", name, names[c]);
        double got = value_of(side, row, column);
        ck_assert_msg(fabs(got - want[c]) < 1e-3, "%s, %s: %g, not %g", user, column, got, want[c]);
    }
}

static void check_graph(rf_granularity granularity)
{
    char path[RF_TEST_PATH];
    rf_bigraph_options options = made_options_of_kinds(granularity);
    options.history_us = 3 * RF_DAY_US;
    make(&options);
    rf_graph *graph = build(&options, rf_tmp_path(path, "kinds.h5"));
    ck_assert_int_eq(graph->kinds.n, KINDS);
    ck_assert_str_eq(graph->kinds.name[2], "card");
    for (int k = 0; k < KINDS; k++) {
        if (granularity == RF_GRANULARITY_PAIR)
            check_kind(graph, k);
        else
            check_events(graph, k);
    }
    for (int64_t u = 0; u < graph->side[RF_USER].n; u++) {
        for (int k = 1; k < KINDS; k++)
            check_shared(graph, u, k);
    }
    for (int k = 0; k < KINDS; k++) {
        for (int a = 0; a < MADE_ATTRS; a++)
            ck_assert_int_eq(has_columns_of(&graph->side[rf_edge_side(k)], made_attrs[a].name),
                             rf_attr_is_of(&options.schema->attrs[a], k));
    }
    rf_graph_free(graph);
}

START_TEST(a_graph_of_pairs_says_what_its_events_say)
{
    check_graph(RF_GRANULARITY_PAIR);
}
END_TEST

START_TEST(a_graph_of_events_says_what_its_events_say)
{
    check_graph(RF_GRANULARITY_EVENT);
}
END_TEST

/* ---- the main kind by itself ---- */

static void check_same_side(const rf_graph_side *a, const rf_graph_side *b)
{
    ck_assert_int_eq(a->n, b->n);
    ck_assert_int_eq(a->d, b->d);
    ck_assert_mem_eq(a->x, b->x, (size_t)(a->n * a->d) * sizeof *a->x);
    ck_assert_str_eq(a->id_fingerprint, b->id_fingerprint);
}

/* Other kinds change nothing of the main one, and each is what it would be as the main one of users who all
 * have it. */
START_TEST(kinds_do_not_change_each_other)
{
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    rf_err err = {0};
    rf_graph *one = NULL;
    rf_bigraph *graph = NULL;
    rf_published published;
    rf_bigraph_options options = made_options_of_kinds(RF_GRANULARITY_PAIR), alone = options;
    rf_schema schema = *options.schema;
    rf_attr attrs[MADE_ATTRS];
    make(&options);
    rf_graph *all = build(&options, rf_tmp_path(a, "all.h5"));
    for (int kind = 0; kind < 2; kind++) {
        int n = 0;
        for (int i = 0; i < MADE_ATTRS; i++) {
            if (rf_attr_is_of(&options.schema->attrs[i], kind))
                attrs[n++] = made_attrs[i];
        }
        schema = (rf_schema){.attrs = attrs, .n_attrs = n};
        alone.schema = &schema;
        RF_CHECK_OK(err, rf_bigraph_new(&graph, &alone, &err));
        for (int i = 0; i < N; i++) {
            rf_event event = made_rf_event(&items[i], true);
            event.entity = rf_event_entity(&event, kind);
            for (int at = 0, from = 0; from < MADE_ATTRS; from++) {
                if (rf_attr_is_of(&options.schema->attrs[from], kind))
                    event.values[at++] = event.values[from];
            }
            if (event.entity.ptr != NULL)
                RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
        }
        RF_CHECK_OK(err, rf_bigraph_publish(graph, rf_tmp_path(b, "one.h5"), NULL, NULL, &published, &err));
        RF_CHECK_OK(err, rf_graph_load(&one, b, RF_GRAPH_ALL, &err));
        ck_assert_int_eq(one->side[RF_USER].n, all->side[RF_USER].n);
        check_same_side(&one->side[RF_ENTITY], &all->side[rf_entity_side(kind)]);
        check_same_side(&one->side[RF_EDGE], &all->side[rf_edge_side(kind)]);
        rf_graph_free(one);
        rf_bigraph_free(graph);
    }
    rf_graph_free(all);
}
END_TEST

START_TEST(threads_change_no_byte)
{
    rf_err err = {0};
    char first[RF_TEST_PATH], path[RF_TEST_PATH];
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    for (int i = 0; i < 4; i++) {
        const bool events = i >= 2, many = (i & 1) != 0;
        rf_bigraph_options options =
            made_options_of_kinds(events ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR);
        rf_bigraph *graph = NULL;
        rf_published published;
        rf_pool *pool = NULL;
        make(&options);
        RF_CHECK_OK(err, rf_pool_new(&pool, many ? 4 : 1, &err));
        RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
        for (int k = 0; k < N; k++) {
            rf_event event = made_rf_event(&items[k], true);
            RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
        }
        RF_CHECK_OK(err, rf_bigraph_publish(graph, rf_tmp_path(path, many ? "many.h5" : "one.h5"), NULL, pool,
                                            &published, &err));
        ck_assert(!many || rf_files_equal(rf_tmp_path(first, "one.h5"), path));
        rf_bigraph_free(graph);
        rf_pool_free(pool);
    }
}
END_TEST

/* ---- hubs ---- */

static int64_t count_hubs(const rf_kind *kind, int crowd, int entities)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    const rf_kind kinds[2] = {{.name = "shop", .required = true}, *kind};
    const rf_schema schema = {.kinds = kinds, .n_kinds = 2};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    rf_bigraph *graph = NULL;
    rf_published published;
    options.schema = &schema;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    for (int i = 0; i < 2000; i++) { /* the first `crowd` users share entity 0, the others a few each */
        char user[16], ip[16];
        snprintf(user, sizeof user, "u%d", i);
        snprintf(ip, sizeof ip, "ip %d", i < crowd ? 0 : 1 + i % (entities - 1));
        const rf_event event = {.user = made_span(user),
                                .entity = made_span("shop"),
                                .others = {made_span(ip)},
                                .time_us = MADE_START + 5 * RF_DAY_US,
                                .label = -1};
        RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
    }
    RF_CHECK_OK(err, rf_bigraph_publish(graph, rf_tmp_path(path, "hubs.h5"), NULL, NULL, &published, &err));
    rf_bigraph_free(graph);
    ck_assert_int_eq(published.n[rf_entity_side(1)], entities);
    if (published.hubs[1] == 1)
        ck_assert_int_eq(published.n[rf_edge_side(1)], 2000 - crowd);
    return published.hubs[1];
}

START_TEST(bounds_tell_hubs_from_crowds)
{
    const rf_kind none = {.name = "ip"}, share = {.name = "ip", .hub_percentile = 0.999},
                  degree = {.name = "ip", .hub_degree = 60};
    ck_assert_int_eq(count_hubs(&none, 500, 1000), 0);
    ck_assert_int_eq(count_hubs(&share, 500, 1000), 1);
    ck_assert_int_eq(count_hubs(&share, 40, 1000), 0); /* more than all others have, but no crowd */
    ck_assert_int_eq(count_hubs(&share, 200, 10), 10); /* each has one in ten of all users */
    ck_assert_int_eq(count_hubs(&degree, 60, 1000), 1);
    ck_assert_int_eq(count_hubs(&degree, 59, 1000), 0);
}
END_TEST

/* The pairs of hubs, which have no edges, as the events have them. */
typedef struct hub_pairs {
    const rf_graph *graph;
    int64_t n;
} hub_pairs;

static rf_status take_pair(void *to, uint32_t u, uint32_t v, rf_err *err)
{
    hub_pairs *pairs = to;
    const char *user = rf_texts_get(&pairs->graph->side[RF_USER].id, u),
               *entity = rf_texts_get(&pairs->graph->side[rf_entity_side(2)].id, v);
    int meetings = 0;
    (void)err;
    for (int i = 0; i < N; i++)
        meetings += met(i, user, 2, entity);
    ck_assert_int_gt(meetings, 0);
    pairs->n++;
    return RF_OK;
}

START_TEST(a_file_says_who_met_its_hubs)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_bigraph_options options = made_options_of_kinds(RF_GRANULARITY_PAIR);
    uint32_t *users = NULL;
    rf_h5 *file = NULL;
    int64_t n = 0;
    make(&options);
    rf_graph *graph = build(&options, rf_tmp_path(path, "met.h5"));
    const rf_graph_side *cards = &graph->side[rf_entity_side(2)];
    hub_pairs pairs = {.graph = graph};
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err,
                rf_hubs_count(&users, file, &graph->kinds, 1, graph->side[RF_USER].n,
                              graph->side[rf_entity_side(1)].hub, graph->side[rf_entity_side(1)].n, &err));
    ck_assert_ptr_null(users); /* a kind without hubs */
    RF_CHECK_OK(err, rf_hubs_count(&users, file, &graph->kinds, 2, graph->side[RF_USER].n, cards->hub,
                                   cards->n, &err));
    for (int64_t v = 0; v < cards->n; v++) {
        const char *card = rf_texts_get(&cards->id, v);
        ck_assert_int_eq(users[v], is_hub(2, card) ? users_of(2, card) : 0);
        n += users[v];
    }
    ck_assert_int_gt(n, 0);
    RF_CHECK_OK(err, rf_hubs_each(file, &graph->kinds, 2, graph->side[RF_USER].n, cards->hub, cards->n,
                                  take_pair, &pairs, &err));
    ck_assert_int_eq(pairs.n, n);
    /* of a graph in which these users are too many, or these hubs none */
    RF_CHECK_FAILS(err, RF_E_FORMAT, "out of range or order, or no hub's",
                   rf_hubs_each(file, &graph->kinds, 2, 1, cards->hub, cards->n, take_pair, &pairs, &err));
    memset(cards->hub, 0, (size_t)cards->n);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "or no hub's",
                   rf_hubs_each(file, &graph->kinds, 2, graph->side[RF_USER].n, cards->hub, cards->n,
                                take_pair, &pairs, &err));
    rf_mem_free(users);
    rf_h5_close(&file);
    rf_graph_free(graph);
}
END_TEST

/* No event of the window names a kind, or all that they name are hubs. */
START_TEST(a_kind_may_have_no_edges)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    const rf_kind kinds[2] = {{.name = "shop", .required = true}, {.name = "card", .hub_degree = 2}};
    rf_schema schema = made_schema;
    schema.kinds = kinds;
    schema.n_kinds = 2;
    for (int i = 0; i < 4; i++) {
        const bool events = (i & 1) != 0, hubs = (i & 2) != 0;
        rf_bigraph_options options = made_options(events ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR);
        rf_bigraph *graph = NULL;
        rf_graph *loaded = NULL;
        rf_published published;
        options.schema = &schema;
        make(&options);
        RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
        for (int k = 0; k < N; k++) {
            rf_event event = made_rf_event(&items[k], true);
            event.others[0] = hubs ? made_span("one card of all") : (rf_span){0};
            RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
        }
        RF_CHECK_OK(err,
                    rf_bigraph_publish(graph, rf_tmp_path(path, "none.h5"), NULL, NULL, &published, &err));
        RF_CHECK_OK(err, rf_graph_load(&loaded, path, RF_GRAPH_ALL, &err));
        ck_assert_int_eq(loaded->side[rf_entity_side(1)].n, hubs);
        ck_assert_int_eq(loaded->other_adj[0].n_e, 0);
        ck_assert_int_gt(loaded->side[RF_EDGE].n, 50);
        rf_graph_free(loaded);
        rf_bigraph_free(graph);
    }
}
END_TEST

RF_SUITE("graph_kinds", a_graph_of_pairs_says_what_its_events_say, a_graph_of_events_says_what_its_events_say,
         kinds_do_not_change_each_other, threads_change_no_byte, bounds_tell_hubs_from_crowds,
         a_file_says_who_met_its_hubs, a_kind_may_have_no_edges)
