/* test_freeze.c - the frozen window against sums made the obvious way, event by event.
 */
#include "features_int.h"
#include "feature_whole.h"
#include "window_int.h"
#include "made_events.h"
#include "rf_check.h"

#define N 2500

typedef struct made {
    made_event items[N];
    bool taken[N];
} made;

static void make(made *m, uint64_t seed, int days)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    *m = (made){0};
    for (int i = 0; i < N; i++)
        m->items[i] = made_event_at(&rng, i, days);
}

static rf_window_view *freeze(rf_bigraph **graph, const rf_bigraph_options *options, const made *m, bool ids)
{
    rf_err err = {0};
    rf_window_view *view = NULL;
    RF_CHECK_OK(err, rf_bigraph_new(graph, options, &err));
    for (int i = 0; i < N; i++) {
        rf_event event = made_rf_event(&m->items[(i * 7919) % N], ids);
        RF_CHECK_OK(err, rf_bigraph_add_event(*graph, &event, &err));
    }
    RF_CHECK_OK(err, rf_bigraph_freeze(&view, *graph, &err));
    return view;
}

static int64_t attr_value(const made_event *e, int a)
{
    const int64_t values[MADE_ATTRS] = {e->amount, e->items, strcmp(e->kind, "k0") == 0 ? RF_MISSING : 0,
                                        e->online, e->hour,  e->shift};
    return values[a];
}

static void naive_add(rf_attr_sums *s, rf_attr_type type, int64_t value, int64_t time_us)
{
    if (value == RF_MISSING)
        return;
    if (type == RF_ATTR_TIME_OF_DAY || type == RF_ATTR_TIME_OF_WEEK) {
        double period = type == RF_ATTR_TIME_OF_DAY ? (double)RF_DAY_US : 7.0 * (double)RF_DAY_US;
        s->sin_sum += llround(1e9 * sin(2 * M_PI * ((double)value / period)));
        s->cos_sum += llround(1e9 * cos(2 * M_PI * ((double)value / period)));
    } else if (type != RF_ATTR_CATEGORY) {
        bool later = s->n == 0 || time_us > s->latest_us || (time_us == s->latest_us && value > s->latest);
        s->min = s->n == 0 || value < s->min ? value : s->min;
        s->max = s->n == 0 || value > s->max ? value : s->max;
        s->sum += value;
        rf_u128 square = (rf_u128)((rf_i128)value * value);
        s->sum_sq += square;
        s->sum_sq_high += s->sum_sq < square;
        s->latest = later ? value : s->latest;
        s->latest_us = later ? time_us : s->latest_us;
    }
    s->n++;
}

static void check_sums(const rf_attr_sums *a, const rf_attr_sums *b)
{
    ck_assert_int_eq(a->n, b->n);
    ck_assert(a->sum == b->sum);
    ck_assert(a->sum_sq == b->sum_sq);
    ck_assert_uint_eq(a->sum_sq_high, b->sum_sq_high);
    ck_assert_int_eq(a->min, b->min);
    ck_assert_int_eq(a->max, b->max);
    ck_assert_int_eq(a->latest, b->latest);
    ck_assert_int_eq(a->latest_us, b->latest_us);
    ck_assert_int_eq(a->sin_sum, b->sin_sum);
    ck_assert_int_eq(a->cos_sum, b->cos_sum);
}

static void check_categories(const rf_window_view *view, int64_t c, const int *members, int n, const made *m)
{
    rf_category_count few[RF_CELL_EVENTS];
    const rf_category_count *list;
    int64_t distinct = rf_view_categories(view, c, 2, few, &list), total = 0;
    for (int64_t i = 0; i < distinct; i++) {
        uint32_t events = 0;
        const char *text = rf_view_category_text(view, 2, list[i].category);
        ck_assert(i == 0 || strcmp(rf_view_category_text(view, 2, list[i - 1].category), text) < 0);
        for (int k = 0; k < n; k++)
            events += strcmp(m->items[members[k]].kind, text) == 0;
        ck_assert_uint_eq(events, list[i].events);
        total += events;
    }
    for (int k = 0; k < n; k++)
        total -= strcmp(m->items[members[k]].kind, "k0") != 0;
    ck_assert_int_eq(total, 0);
}

/* Cell c of edge e holds exactly the events of its pair and slot. */
static void check_cell(const rf_window_view *view, made *m, int64_t e, int64_t c)
{
    static int members[N];
    int n = 0;
    rf_attr_sums want[MADE_ATTRS] = {0}, got[MADE_ATTRS];
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (int i = 0; i < N; i++) {
        const made_event *x = &m->items[i];
        if (strcmp(x->user, view->side[RF_USER].id[view->adj.e_u[e]]) != 0 ||
            strcmp(x->entity, view->side[RF_ENTITY].id[view->adj.e_v[e]]) != 0 ||
            x->time_us < rf_view_slot_us(view, c) || x->time_us >= rf_view_slot_us(view, c) + view->slot_us)
            continue;
        members[n++] = i;
        m->taken[i] = true;
        first = x->time_us < first ? x->time_us : first;
        last = x->time_us > last ? x->time_us : last;
        for (int a = 0; a < MADE_ATTRS; a++)
            naive_add(&want[a], made_attrs[a].type, attr_value(x, a), x->time_us);
    }
    ck_assert_int_eq(view->cell[c].count, n);
    ck_assert_int_eq(rf_view_first_us(view, c), first);
    ck_assert_int_eq(rf_view_last_us(view, c), last);
    rf_view_cell(view, c, got);
    for (int a = 0; a < MADE_ATTRS; a++)
        check_sums(&got[a], &want[a]);
    check_categories(view, c, members, n, m);
}

START_TEST(cells_hold_the_sums_of_their_events)
{
    static made m;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make(&m, 17, 20);
    rf_window_view *view = freeze(&graph, &options, &m, true);
    int full = 0;
    for (int64_t e = 0; e < view->adj.n_e; e++) {
        ck_assert_int_lt(view->e_cell[e], view->e_cell[e + 1]);
        for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++) {
            ck_assert(c == view->e_cell[e] || rf_view_slot_us(view, c) > rf_view_slot_us(view, c - 1));
            check_cell(view, &m, e, c);
            full += view->cell[c].count > RF_CELL_EVENTS;
        }
    }
    ck_assert_int_eq(view->e_cell[view->adj.n_e], view->n_cells);
    ck_assert_int_gt(full, 0);
    for (int i = 0; i < N; i++)
        ck_assert(m.taken[i] == (m.items[i].time_us >= view->from_us && m.items[i].time_us < view->to_us));
    rf_window_view_free(view);
    rf_bigraph_free(graph);
}
END_TEST

START_TEST(ids_and_pairs_are_sorted_bytewise)
{
    static made m;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make(&m, 3, 20);
    rf_window_view *view = freeze(&graph, &options, &m, true);
    for (int64_t u = 1; u < view->adj.n_u; u++)
        ck_assert_str_lt(view->side[RF_USER].id[u - 1], view->side[RF_USER].id[u]);
    for (int64_t v = 1; v < view->adj.n_v; v++)
        ck_assert_str_lt(view->side[RF_ENTITY].id[v - 1], view->side[RF_ENTITY].id[v]);
    for (int64_t e = 1; e < view->adj.n_e; e++)
        ck_assert(view->adj.e_u[e - 1] < view->adj.e_u[e] ||
                  (view->adj.e_u[e - 1] == view->adj.e_u[e] && view->adj.e_v[e - 1] < view->adj.e_v[e]));
    rf_window_view_free(view);
    rf_bigraph_free(graph);
}
END_TEST

/* ---- truth ---- */

START_TEST(labels_and_fraud_types_are_the_majoritys)
{
    static made m;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    make(&m, 23, 20);
    rf_window_view *view = freeze(&graph, &options, &m, true);
    for (int64_t v = 0; v < view->adj.n_v; v++) {
        int known = 0, labelled = 0, of_type[3] = {0};
        for (int i = 0; i < N; i++) {
            const made_event *x = &m.items[i];
            if (strcmp(x->entity, view->side[RF_ENTITY].id[v]) != 0 || x->time_us < view->from_us ||
                x->time_us >= view->to_us)
                continue;
            known += x->label >= 0;
            labelled += x->label == 1;
            if (x->fraud[0] != '\0' && x->label != 0) /* an innocent event's type is none */
                of_type[x->fraud[5] - '0']++;
        }
        ck_assert_int_eq(view->side[RF_ENTITY].y[v], known > 0 && 2 * labelled > known);
        int best = of_type[1] > of_type[0] ? 1 : 0;
        best = of_type[2] > of_type[best] ? 2 : best;
        const char *type = view->fraud_names[view->side[RF_ENTITY].fraud[v]];
        if (of_type[best] == 0)
            ck_assert_str_eq(type, "");
        else
            ck_assert_int_eq(type[5] - '0', best);
    }
    rf_window_view_free(view);
    rf_bigraph_free(graph);
}
END_TEST

/* ---- event granularity ---- */

/* made events by (user, entity, time, id), the order that edges have. */
static int compare_events(const void *a, const void *b)
{
    const made_event *x = a, *y = b;
    int order = strcmp(x->user, y->user);
    order = order != 0 ? order : strcmp(x->entity, y->entity);
    if (order == 0)
        order = (x->time_us > y->time_us) - (x->time_us < y->time_us);
    return order != 0 ? order : strcmp(x->id, y->id);
}

START_TEST(events_are_edges_by_user_entity_time_and_id)
{
    static made m, sorted;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_EVENT);
    options.history_us = 2 * RF_DAY_US;
    make(&m, 29, 20);
    sorted = m;
    qsort(sorted.items, N, sizeof sorted.items[0], compare_events);
    rf_window_view *view = freeze(&graph, &options, &m, true);
    int64_t e = 0;
    for (int i = 0; i < N; i++) {
        const made_event *x = &sorted.items[i];
        rf_attr_sums sums[MADE_ATTRS];
        if (x->time_us < view->from_us || x->time_us >= view->to_us)
            continue;
        ck_assert_str_eq(view->side[RF_USER].id[view->adj.e_u[e]], x->user);
        ck_assert_str_eq(view->side[RF_ENTITY].id[view->adj.e_v[e]], x->entity);
        ck_assert_int_eq(rf_view_first_us(view, e), x->time_us);
        ck_assert_int_eq(view->cell[e].count, 1);
        rf_view_cell(view, e, sums);
        ck_assert_int_eq(sums[0].n == 0 ? RF_MISSING : sums[0].latest, x->amount);
        e++;
    }
    ck_assert_int_eq(e, view->adj.n_e);
    int64_t past = 0;
    for (int i = 0; i < N; i++)
        past +=
            m.items[i].time_us < view->from_us && m.items[i].time_us >= view->from_us - options.history_us;
    ck_assert_int_eq(view->n_past, past); /* every entity of these events is in the window */
    for (int64_t i = 0; i < view->n_past; i++) {
        ck_assert_int_lt(rf_view_last_us(view, view->n_cells + i), view->from_us);
        ck_assert(i == 0 || view->side[RF_USER].past[i - 1] < view->side[RF_USER].past[i] ||
                  (view->side[RF_USER].past[i - 1] == view->side[RF_USER].past[i] &&
                   view->side[RF_ENTITY].past[i - 1] <= view->side[RF_ENTITY].past[i]));
    }
    rf_window_view_free(view);
    rf_bigraph_free(graph);
}
END_TEST

/* ---- slots ---- */

static int64_t slot_of(const char *zone, int64_t bucket_us)
{
    static made m;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.zone = zone;
    options.bucket_us = bucket_us;
    make(&m, 1, 12);
    rf_window_view *view = freeze(&graph, &options, &m, false);
    int64_t slot_us = view->slot_us;
    for (int64_t c = 0; c < view->n_cells; c++) { /* no cell straddles a local hour */
        int64_t local =
            rf_view_slot_us(view, c) + rf_zone_offset_s(view->zone, rf_view_slot_us(view, c)) * RF_SECOND_US;
        int64_t end = rf_view_slot_us(view, c) + slot_us - 1;
        int64_t local_end = end + rf_zone_offset_s(view->zone, end) * RF_SECOND_US;
        ck_assert_int_eq(local / RF_HOUR_US, local_end / RF_HOUR_US);
    }
    rf_window_view_free(view);
    rf_bigraph_free(graph);
    return slot_us;
}

START_TEST(slots_divide_the_hour_the_bucket_and_the_zones_offsets)
{
    ck_assert_int_eq(slot_of("UTC", RF_HOUR_US), RF_HOUR_US);
    ck_assert_int_eq(slot_of("UTC", RF_DAY_US), RF_HOUR_US);
    ck_assert_int_eq(slot_of("UTC", 20 * RF_MINUTE_US), 20 * RF_MINUTE_US);
    ck_assert_int_eq(slot_of("+05:30", RF_HOUR_US), 30 * RF_MINUTE_US);
    ck_assert_int_eq(slot_of("Europe/Berlin", RF_HOUR_US), RF_HOUR_US);
    ck_assert_int_eq(slot_of("Asia/Kathmandu", RF_HOUR_US), 15 * RF_MINUTE_US);
}
END_TEST

START_TEST(a_hot_pair_in_one_slot_is_one_cell)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    rf_window_view *view = NULL;
    rf_attr_sums sums[MADE_ATTRS];
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    made_event m = {.user = "u",
                    .entity = "v",
                    .amount = RF_FIXED_MAX,
                    .items = -RF_FIXED_ONE,
                    .label = -1,
                    .online = RF_MISSING,
                    .hour = RF_MISSING,
                    .shift = RF_MISSING,
                    .time_us = MADE_START + 5 * RF_DAY_US};
    for (int i = 0; i < 20000; i++) {
        snprintf(m.kind, sizeof m.kind, "c%d", i % 5000);
        rf_event event = made_rf_event(&m, false);
        RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
    }
    RF_CHECK_OK(err, rf_bigraph_freeze(&view, graph, &err));
    ck_assert_int_eq(view->n_cells, 1);
    ck_assert_uint_eq(view->cell[0].count, 20000);
    ck_assert_ptr_null(view->side[RF_EDGE].y); /* no event carries a label */
    rf_view_cell(view, 0, sums);
    ck_assert(sums[0].sum == (rf_i128)20000 * RF_FIXED_MAX);
    rf_u128 square = (rf_u128)RF_FIXED_MAX * (rf_u128)RF_FIXED_MAX, low = (uint64_t)square * (rf_u128)20000;
    rf_u128 high = (square >> 64) * 20000 + (low >> 64); /* 20000 squares, 64 bits further up */
    ck_assert(sums[0].sum_sq == (high << 64 | (uint64_t)low) &&
              sums[0].sum_sq_high == (uint64_t)(high >> 64));
    ck_assert(sums[0].sum_sq_high > 0);
    ck_assert(sums[1].sum_sq == (rf_u128)20000 * RF_FIXED_ONE * RF_FIXED_ONE && sums[1].sum_sq_high == 0);
    rf_category_count few[RF_CELL_EVENTS];
    const rf_category_count *list;
    ck_assert_int_eq(rf_view_categories(view, 0, 2, few, &list), 5000);
    for (int i = 0; i < 5000; i++)
        ck_assert_uint_eq(list[i].events, 4);
    rf_window_view_free(view);
    rf_bigraph_free(graph);
}
END_TEST

START_TEST(an_unbounded_window_begins_with_its_first_slot)
{
    static made m;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.window_us = 0;
    make(&m, 6, 12);
    rf_window_view *view = freeze(&graph, &options, &m, false);
    int64_t earliest = INT64_MAX;
    for (int i = 0; i < N; i++)
        earliest = m.items[i].time_us < earliest ? m.items[i].time_us : earliest;
    ck_assert_int_eq(view->from_us, earliest - earliest % RF_HOUR_US);
    rf_window_view_free(view);
    rf_bigraph_free(graph);
}
END_TEST

START_TEST(wrong_options_are_named)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    rf_bigraph_options o = made_options(RF_GRANULARITY_PAIR), good = o;
    o.bucket_us = 7 * RF_MINUTE_US;
    RF_CHECK_FAILS(err, RF_E_INVALID, "graph.bucket", rf_bigraph_new(&graph, &o, &err));
    o = good;
    o.window_us += 1;
    RF_CHECK_FAILS(err, RF_E_INVALID, "graph.window", rf_bigraph_new(&graph, &o, &err));
    o = good;
    o.as_of_us += RF_MINUTE_US;
    RF_CHECK_FAILS(err, RF_E_INVALID, "graph.as_of", rf_bigraph_new(&graph, &o, &err));
    o = good;
    o.history_us = -1;
    RF_CHECK_FAILS(err, RF_E_INVALID, "history", rf_bigraph_new(&graph, &o, &err));
    o = good;
    o.zone = "Mars/Olympus";
    ck_assert_int_lt(rf_bigraph_new(&graph, &o, &err), 0);
    ck_assert_ptr_null(graph);
}
END_TEST

/* ---- features in pieces ---- */

typedef struct collected {
    float *x;
    uint8_t *came; /* [n] how often each row did */
    int64_t n, d;
    int begun, ended;
} collected;

static rf_status begin_rows(void *context, const rf_feature_matrix *head, rf_err *err)
{
    collected *c = context;
    (void)err;
    c->begun++;
    c->n = head->n;
    c->d = head->d;
    c->x = calloc((size_t)(head->n * head->d) + 1, sizeof *c->x);
    c->came = calloc((size_t)head->n + 1, sizeof *c->came);
    ck_assert(c->x != NULL && c->came != NULL);
    return RF_OK;
}

/* Threads put different rows. */
static void put_rows(void *context, int64_t from, int64_t n, const float *rows)
{
    collected *c = context;
    ck_assert(c->begun == 1 && c->ended == 0 && from >= 0 && n >= 0 && from + n <= c->n);
    memcpy(c->x + from * c->d, rows, (size_t)(n * c->d) * sizeof *rows);
    for (int64_t i = from; i < from + n; i++)
        c->came[i]++;
}

static rf_status end_rows(void *context, rf_err *err)
{
    collected *c = context;
    (void)err;
    c->ended++;
    for (int64_t i = 0; i < c->n; i++)
        ck_assert_uint_eq(c->came[i], 1);
    return RF_OK;
}

static void check_stream(rf_granularity granularity, int n_events, uint32_t users)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    rf_window_view *view = NULL;
    rf_feature_matrix a[3] = {{0}, {0}, {0}}, b[3] = {{0}, {0}, {0}};
    rf_bigraph_options options = made_options(granularity);
    collected c = {0};
    const rf_feature_sink sink = {.context = &c, .begin = begin_rows, .put = put_rows, .end = end_rows};
    rf_pool *pool = NULL;
    RF_CHECK_OK(err, rf_pool_new(&pool, 3, &err));
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    for (int i = 0; i < n_events; i++) {
        rf_rng rng;
        rf_rng_init(&rng, 5, (uint64_t)i);
        made_event m = made_event_at(&rng, i, 20);
        snprintf(m.user, sizeof m.user, "u%u", rf_rng_below(&rng, users));
        rf_event event = made_rf_event(&m, true);
        RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
    }
    RF_CHECK_OK(err, rf_bigraph_freeze(&view, graph, &err));
    RF_CHECK_OK(err, feature_whole(a, view, NULL, &err));
    RF_CHECK_OK(err, rf_features_stream(b, &sink, view, NULL, pool, &err));
    ck_assert(c.begun == 1 && c.ended == 1);
    ck_assert_int_eq(c.n, a[2].n);
    for (int k = 0; k < 3; k++) {
        const float *x = k == 2 ? c.x : b[k].x;
        ck_assert_int_eq(a[k].d, b[k].d);
        ck_assert_int_eq(a[k].n_dropped, b[k].n_dropped);
        ck_assert_mem_eq(a[k].x, x, (size_t)(a[k].n * a[k].d) * sizeof *x);
        ck_assert_mem_eq(a[k].mean, b[k].mean, (size_t)a[k].d * sizeof(float));
        ck_assert_mem_eq(a[k].scale, b[k].scale, (size_t)a[k].d * sizeof(float));
        for (int j = 0; j < a[k].d; j++)
            ck_assert_str_eq(a[k].name[j], b[k].name[j]);
        rf_feature_matrix_clear(&a[k]);
        rf_feature_matrix_clear(&b[k]);
    }
    free(c.x);
    free(c.came);
    rf_pool_free(pool);
    rf_window_view_free(view);
    rf_bigraph_free(graph);
}

START_TEST(edge_rows_in_pieces_are_the_matrixs_rows)
{
    check_stream(RF_GRANULARITY_PAIR, 1000, 50);
    if (!rf_short())
        check_stream(RF_GRANULARITY_PAIR, 90000, 40000); /* two pieces */
    check_stream(RF_GRANULARITY_EVENT, 1000, 50);
}
END_TEST

RF_SUITE("freeze", cells_hold_the_sums_of_their_events, ids_and_pairs_are_sorted_bytewise,
         labels_and_fraud_types_are_the_majoritys, events_are_edges_by_user_entity_time_and_id,
         slots_divide_the_hour_the_bucket_and_the_zones_offsets, a_hot_pair_in_one_slot_is_one_cell,
         an_unbounded_window_begins_with_its_first_slot, edge_rows_in_pieces_are_the_matrixs_rows,
         wrong_options_are_named)
