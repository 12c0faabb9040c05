/* features.c - drives the features of a frozen window: prepares what rows need, makes a matrix a side,
 * standardises.
 *
 * Order: first the structure of the whole graph (butterflies, cores, components), whose working memory is
 * freed; then users and entities, whose counts and means the rows of pairs need; then edges, either into the
 * final matrix or piece by piece to the writer.
 */
#include "features_int.h"

#include <string.h>

#include "butterflies_int.h"
#include "cores_int.h"
#include "node_sums_int.h"
#include "rf_graph.h"
#include "rf_mem.h"

/* ---- preparation ---- */

static int64_t earliest_us(const rf_window_view *view)
{
    int64_t earliest = view->to_us;
    for (int64_t c = 0; c < view->n_cells + view->n_past; c++) {
        int64_t from = c < view->n_cells && rf_view_slot_us(view, c) < rf_view_first_us(view, c)
                           ? rf_view_slot_us(view, c)
                           : rf_view_first_us(view, c);
        earliest = from < earliest ? from : earliest;
    }
    int64_t into_hour = earliest % RF_HOUR_US;
    return earliest - (into_hour < 0 ? into_hour + RF_HOUR_US : into_hour);
}

/* Lists a side's past events by node; those of nodes outside the window are left out. */
static rf_status list_past(rf_features *f, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = f->view;
    const uint32_t *node = view->side[side].past;
    int64_t n = view->side[side].n;
    int64_t *ptr = NULL;
    uint32_t *item = NULL;

    RF_ZERO(ptr, n + 2, err);
    f->node[side].past_ptr = ptr;
    RF_NEW(item, view->n_past, err);
    f->node[side].past_item = item;
    for (int64_t i = 0; i < view->n_past; i++)
        if (node[i] < n)
            ptr[node[i] + 2]++;
    for (int64_t i = 0; i < n; i++)
        ptr[i + 2] += ptr[i + 1];
    for (int64_t i = 0; i < view->n_past; i++)
        if (node[i] < n)
            item[ptr[node[i] + 1]++] = (uint32_t)(view->n_cells + i);
done:
    return st;
}

typedef struct scratch_sizes {
    int64_t items; /* the most cells that a node has, its past events included */
    bool slots;    /* are any node's added up by slot? */
} scratch_sizes;

/* Nodes that are added up by slot need no items, if their events get no rows. */
static void add_sizes(scratch_sizes *sizes, const rf_features *f, rf_side side, bool events)
{
    const rf_window_view *view = f->view;
    const int64_t *ptr = rf_node_ptr(&view->adj, side), *past = f->node[side].past_ptr;

    for (int64_t node = 0; node < view->side[side].n; node++) {
        const bool by_slots = rf_node_by_slots(f, side, node);
        int64_t n = past ? past[node + 1] - past[node] : 0;
        sizes->slots = sizes->slots || by_slots;
        if (by_slots && !events)
            continue;
        for (int64_t i = ptr[node]; i < ptr[node + 1]; i++) {
            int64_t e = rf_node_edge(&view->adj, side, i);
            n += view->e_cell[e + 1] - view->e_cell[e];
        }
        sizes->items = n > sizes->items ? n : sizes->items;
    }
}

static rf_status prepare_categories(rf_scratch *s, const rf_features *f, rf_err *err)
{
    rf_status st = RF_OK;
    if (f->categories == NULL)
        return RF_OK;
    RF_ZERO(s->category, f->schema->n_attrs, err);
    for (int a = 0; a < f->schema->n_attrs; a++) {
        rf_category_sums *sums = &s->category[a];
        const size_t values = rf_view_category_count(f->view, a);
        if (f->schema->attrs[a].type != RF_ATTR_CATEGORY)
            continue;
        RF_NEW(sums->top_events, rf_category_most_top(&f->schema->attrs[a]) + 1, err);
        RF_ZERO(sums->seen, values, err);
        RF_NEW(sums->touched, values, err);
    }
done:
    return st;
}

/* A thread's working memory, large enough for any row. */
static rf_status prepare_scratch(rf_features *f, bool events, rf_err *err)
{
    rf_status st = RF_OK;
    scratch_sizes sizes = {0};
    if (f->view->kind == 0 || events) /* users of other kinds get no rows */
        add_sizes(&sizes, f, RF_USER, events);
    add_sizes(&sizes, f, RF_ENTITY, events);
    const int64_t items = sizes.items;

    RF_ZERO(f->scratch, rf_pool_threads(f->pool), err);
    f->n_scratch = rf_pool_threads(f->pool);
    for (int i = 0; i < f->n_scratch; i++) {
        rf_scratch *s = &f->scratch[i];
        if (sizes.slots)
            RF_ZERO(s->slots, f->n_moments, err);
        RF_NEW(s->items, items, err);
        RF_NEW(s->spare, items, err);
        RF_NEW(s->cells, items, err);
        RF_TRY(prepare_categories(s, f, err));
        if (!events)
            continue;
        RF_NEW(s->by_partner, items, err);
        RF_NEW(s->prior, items, err);
        RF_NEW(s->prior_us, items, err);
    }
done:
    return st;
}

/* Who met whom at all, and without hubs. */
static rf_status find_pairs(rf_features *f, bool events, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = f->view;
    f->pairs = &view->adj;
    f->linked = view->kept;
    if (!events)
        return RF_OK;
    RF_TRY(rf_adj_distinct(&f->own_pairs, NULL, &view->adj, err));
    f->pairs = f->linked = &f->own_pairs;
    if (view->kept == &view->adj)
        return RF_OK;
    RF_TRY(rf_adj_distinct(&f->own_linked, NULL, view->kept, err));
    f->linked = &f->own_linked;
done:
    return st;
}

static rf_status list_degrees(rf_features *f, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t *ptr = rf_node_ptr(f->pairs, side), n = f->view->side[side].n;
    RF_NEW(f->node[side].ln_degree, n, err);
    for (int64_t node = 0; node < n; node++)
        f->node[side].ln_degree[node] = log((double)(ptr[node + 1] - ptr[node]));
done:
    return st;
}

/* Every cell asks for its slot's hour; windows of more slots than this ask the calendar. */
#define MOST_MOMENTS 65536

static rf_status list_moments(rf_features *f, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = f->view;
    const int64_t first = (f->base_us - RF_TIME_MIN) / view->slot_us,
                  end = (view->to_us - RF_TIME_MIN) / view->slot_us;
    const int64_t n = end - first > MOST_MOMENTS ? 0 : end - first;
    f->first_slot = (uint32_t)first;
    RF_NEW(f->moment, n, err);
    for (; f->n_moments < n; f->n_moments++)
        f->moment[f->n_moments] = rf_calendar_at(
            &f->calendar, RF_TIME_MIN + (int64_t)(f->first_slot + f->n_moments) * view->slot_us);
done:
    return st;
}

rf_status rf_features_prepare(rf_features *f, const rf_window_view *view, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    bool events = view->options->granularity == RF_GRANULARITY_EVENT;

    *f = (rf_features){.view = view, .schema = view->schema, .pool = pool};
    for (int a = 0; a < RF_MAX_ATTRS; a++)
        f->number_at[a] = -1;
    for (int a = 0; a < f->schema->n_attrs; a++)
        f->unit[a] = rf_number_unit_of(&f->schema->attrs[a]);
    for (int whole = 0; whole < RF_TAMED_WHOLE; whole++)
        f->tamed[whole] = log1p(whole);
    RF_TRY(rf_feature_groups_parse(&f->groups, view->options->features, err));
    if (view->options->timeless)
        f->groups &= ~(unsigned)(RF_GROUP_TIME | RF_GROUP_HISTORY);
    if (f->schema->n_attrs == 0) /* cells are not read for nothing */
        f->groups &= ~(unsigned)RF_GROUP_ATTRIBUTES;
    f->base_us = earliest_us(view);
    RF_TRY(rf_calendar_init(&f->calendar, view->zone, f->base_us, view->to_us, err));
    RF_TRY(list_moments(f, err));
    RF_TRY(find_pairs(f, events, err));
    if (f->groups & RF_GROUP_STRUCTURE) {
        RF_NEW(f->butterflies, f->linked->n_e, err);
        RF_NEW(f->core, f->linked->n_u + f->linked->n_v, err);
        RF_NEW(f->component, f->linked->n_u + f->linked->n_v, err);
        RF_TRY(rf_butterflies(f->butterflies, f->linked, f->pool, err));
        RF_TRY(rf_cores(f->core, f->linked, err));
        RF_TRY(rf_components(f->component, f->linked, err));
    }
    if (f->groups & RF_GROUP_ATTRIBUTES) {
        RF_ZERO(f->categories, f->schema->n_attrs, err);
        for (int a = 0; a < f->schema->n_attrs; a++) {
            if (f->schema->attrs[a].type == RF_ATTR_NUMBER)
                f->number_at[a] = f->n_numbers++;
        }
    }
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        if (events && (f->groups & RF_GROUP_HISTORY))
            RF_TRY(list_past(f, s, err));
        RF_NEW(f->node[s].events, view->side[s].n, err);
        RF_NEW(f->node[s].mean, view->side[s].n * f->n_numbers, err);
        RF_TRY(list_degrees(f, s, err));
    }
    RF_TRY(prepare_scratch(f, events, err));
    if (f->categories != NULL)
        RF_TRY(rf_category_tables_init(f->categories, f, err));
done:
    if (st < 0)
        rf_features_clear(f);
    return st;
}

#define MOST_A_TASK 64
#define TASKS_A_THREAD 16

int64_t rf_nodes_a_task(const rf_features *f, rf_side side)
{
    const int64_t share = f->view->side[side].n / (TASKS_A_THREAD * (int64_t)rf_pool_threads(f->pool));
    return share < 1 ? 1 : share < MOST_A_TASK ? share : MOST_A_TASK;
}

void rf_features_clear(rf_features *f)
{
    for (int i = 0; i < f->n_scratch; i++) {
        rf_scratch *s = &f->scratch[i];
        rf_mem_free(s->slots);
        rf_mem_free(s->items);
        rf_mem_free(s->spare);
        rf_mem_free(s->by_partner);
        rf_mem_free(s->cells);
        for (int a = 0; s->category && a < f->schema->n_attrs; a++) {
            rf_mem_free(s->category[a].top_events);
            rf_mem_free(s->category[a].seen);
            rf_mem_free(s->category[a].touched);
        }
        rf_mem_free(s->category);
        rf_mem_free(s->prior);
        rf_mem_free(s->prior_us);
    }
    rf_mem_free(f->scratch);
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        rf_mem_free(f->node[s].events);
        rf_mem_free(f->node[s].mean);
        rf_mem_free(f->node[s].ln_degree);
        rf_mem_free(f->node[s].past_ptr);
        rf_mem_free(f->node[s].past_item);
    }
    for (int a = 0; f->categories && a < f->schema->n_attrs; a++)
        rf_category_table_clear(&f->categories[a]);
    rf_mem_free(f->categories);
    rf_mem_free(f->butterflies);
    rf_mem_free(f->core);
    rf_mem_free(f->component);
    rf_adj_clear(&f->own_pairs);
    rf_adj_clear(&f->own_linked);
    rf_calendar_clear(&f->calendar);
    rf_mem_free(f->moment);
    *f = (rf_features){0};
}

/* ---- matrices ---- */

rf_status rf_feature_matrix_init(rf_feature_matrix *matrix, int64_t n, int64_t rows, rf_columns *columns,
                                 rf_err *err)
{
    rf_status st = RF_OK;
    rf_feature_matrix made = {.n = n};

    RF_NEW(made.x, rows * (int64_t)columns->n, err);
    RF_ZERO(made.name, columns->n, err);
    RF_NEW(made.transform, columns->n, err);
    made.d = (int)columns->n;
    for (size_t j = 0; j < columns->n; j++) {
        made.name[j] = columns->items[j].name;
        columns->items[j].name = NULL;
        made.transform[j] = columns->items[j].tame ? RF_TAME_LOG1P : RF_TAME_NONE;
    }
    *matrix = made;
    made = (rf_feature_matrix){0};
done:
    rf_feature_matrix_clear(&made);
    return st;
}

/* The rows of all events are made, node by node, and those of hubs are left out then. */
static void make_events(rf_feature_matrix *matrix, const rf_columns *columns, rf_features *f)
{
    const rf_window_view *view = f->view;
    const size_t row = columns->n * sizeof *matrix->x;
    rf_events_make(matrix->x, columns, f);
    for (int64_t i = 0; view->kept_edge != NULL && i < view->kept->n_e; i++)
        memmove(matrix->x + i * (int64_t)columns->n, matrix->x + view->kept_edge[i] * columns->n, row);
    matrix->n = view->kept->n_e;
}

rf_status rf_features_make(rf_feature_matrix *matrix, rf_features *f, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    bool nodes = rf_side_role(side) != RF_EDGE;
    bool events = !nodes && f->view->options->granularity == RF_GRANULARITY_EVENT;
    int64_t n = events ? f->view->adj.n_e : f->view->side[side].n;
    rf_columns columns = {0};

    RF_TRY(nodes    ? rf_nodes_plan(&columns, f, side, err)
           : events ? rf_events_plan(&columns, f, err)
                    : rf_pairs_plan(&columns, f, err));
    RF_TRY(rf_feature_matrix_init(matrix, n, n, &columns, err));
    if (nodes)
        rf_nodes_make(matrix->x, &columns, f, side);
    else if (events)
        make_events(matrix, &columns, f);
    else
        rf_pairs_make(matrix->x, &columns, f, 0, n);
done:
    rf_columns_clear(&columns);
    return st;
}

/* Before the edges' rows, which compare with their ends' events and means. */
static rf_status make_nodes(rf_feature_matrix made[RF_SIDES], rf_features *f, rf_users_of_kinds *kinds,
                            rf_err *err)
{
    rf_status st = RF_OK;
    if (f->view->kind == 0) {
        f->kinds = kinds;
        RF_TRY(rf_features_make(&made[RF_USER], f, RF_USER, err));
    } else {
        RF_TRY(rf_users_of_kinds_add(kinds, f, err));
    }
    RF_TRY(rf_features_make(&made[RF_ENTITY], f, RF_ENTITY, err));
done:
    return st;
}

rf_status rf_features_stream(rf_feature_matrix out[RF_SIDES], const rf_feature_sink *sink,
                             const rf_window_view *view, rf_users_of_kinds *kinds, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_features f = {0};
    rf_feature_matrix made[RF_SIDES] = {{0}}, *e = &made[RF_EDGE];

    RF_TRY(rf_features_prepare(&f, view, pool, err));
    RF_TRY(make_nodes(made, &f, kinds, err));
    if (view->options->granularity == RF_GRANULARITY_EVENT) { /* rows of events are made node by node */
        RF_TRY(rf_features_make(e, &f, RF_EDGE, err));
        RF_TRY(rf_standardise(e, pool, err));
        RF_TRY(sink->begin(sink->context, e, err));
        sink->put(sink->context, 0, e->n, e->x);
        RF_TRY(sink->end(sink->context, err));
    } else {
        RF_TRY(rf_pairs_stream(e, &f, sink, err));
    }
    rf_mem_free(e->x);
    e->x = NULL;
    rf_features_clear(&f);
    for (rf_side s = view->kind == 0 ? RF_USER : RF_ENTITY; s <= RF_ENTITY; s++)
        RF_TRY(rf_standardise(&made[s], pool, err));
    memcpy(out, made, sizeof made);
    memset(made, 0, sizeof made);
done:
    rf_features_clear(&f);
    for (rf_side s = 0; s < RF_SIDES; s++)
        rf_feature_matrix_clear(&made[s]);
    return st;
}
