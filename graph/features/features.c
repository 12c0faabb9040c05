/* features.c - drives the features of a frozen window: prepares what rows need, makes three matrices,
 * standardises.
 *
 * Order: structure of the whole graph first (butterflies, igraph), whose working memory is given back; then
 * users and entities, whose counts and means the pairs compare themselves with; then edges, straight into the
 * final matrix, or piece by piece to the writer.
 */
#include "features_int.h"

#include <stdio.h>
#include <string.h>

/* ---- columns ---- */

void rf_columns_clear(rf_columns *columns)
{
    for (size_t j = 0; j < columns->n; j++)
        rf_mem_free(columns->items[j].name);
    rf_mem_free(columns->items);
    *columns = (rf_columns){0};
}

/* The feature's pattern with its placeholders filled in. */
static rf_status column_name(rf_text *name, const rf_row *row, const rf_feature_info *info, int attr,
                             const char *part, bool tame, rf_err *err)
{
    rf_status st = RF_OK;

    if (tame)
        RF_TRY(rf_text_add(name, "log1p_", 6, err));
    for (const char *at = info->pattern; *at;) {
        const char *text = NULL;
        size_t skip = *at == '<' ? strcspn(at, ">") + 1 : 0;
        if (skip == 3 && at[1] == 'a')
            text = row->f->schema->attrs[attr].name;
        else if (skip == 3)
            text = part;
        else if (skip > 0)
            text = row->side;
        if (text)
            RF_TRY(rf_text_add(name, text, strlen(text), err));
        else
            RF_TRY(rf_text_add(name, at, skip = 1, err));
        at += skip;
    }
done:
    return st;
}

static bool name_taken(const rf_columns *columns, const char *name)
{
    for (size_t j = 0; j < columns->n; j++)
        if (strcmp(columns->items[j].name, name) == 0)
            return true;
    return false;
}

/* An attribute may be named like one of our features: later columns of the same name get "_2", "_3" behind
 * it. */
static rf_status make_unique(rf_text *name, const rf_columns *columns, rf_err *err)
{
    rf_status st = RF_OK;
    size_t len = name->len;

    for (int k = 2; name_taken(columns, name->ptr); k++) {
        name->len = len;
        RF_TRY(rf_text_printf(name, err, "_%d", k));
    }
done:
    return st;
}

static rf_status declare(const rf_row *row, rf_feature feature, int attr, const char *part, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_feature_info *info = rf_feature_info_get(feature);
    bool tame = info->tame == RF_TAME_RULE_ALWAYS ||
                (info->tame == RF_TAME_RULE_ASKED && row->f->schema->attrs[attr].log1p);
    rf_columns *plan = row->plan;
    rf_text text = {0};
    char *name = NULL;

    RF_TRY(column_name(&text, row, info, attr, part, tame, err));
    RF_TRY(make_unique(&text, plan, err));
    RF_TRY(rf_mem_reserve((void **)&plan->items, &plan->cap, plan->n + 1, sizeof *plan->items, err));
    name = rf_mem_text(text.ptr, text.len, err);
    if (!name) {
        st = RF_E_NOMEM;
        goto done;
    }
    plan->items[plan->n++] = (rf_column){.name = name, .feature = (uint8_t)feature, .tame = tame};
done:
    rf_text_clear(&text);
    return st;
}

void rf_row_declare(rf_row *row, rf_feature feature, int attr, const char *part)
{
    if (row->st >= 0)
        row->st = declare(row, feature, attr, part, row->err);
}

/* ---- preparation ---- */

static int64_t earliest_us(const rf_window_view *view)
{
    int64_t earliest = view->to_us;
    for (int64_t c = 0; c < view->n_cells + view->n_past; c++) {
        int64_t from =
            c < view->n_cells && view->slot[c] < view->first_us[c] ? view->slot[c] : view->first_us[c];
        earliest = from < earliest ? from : earliest;
    }
    int64_t into_hour = earliest % RF_HOUR_US;
    return earliest - (into_hour < 0 ? into_hour + RF_HOUR_US : into_hour);
}

/* Event granularity: several edges a pair. The distinct pairs as a graph of their own. */
static rf_status collapse_pairs(rf_features *f, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &f->view->adj;
    int64_t n = 0;
    uint32_t *u = rf_mem_new((size_t)adj->n_e, sizeof *u, err);
    uint32_t *v = rf_mem_new((size_t)adj->n_e, sizeof *v, err);

    if (!u || !v) {
        st = RF_E_NOMEM;
        goto done;
    }
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (n > 0 && u[n - 1] == adj->e_u[e] && v[n - 1] == adj->e_v[e])
            continue;
        u[n] = adj->e_u[e];
        v[n++] = adj->e_v[e];
    }
    RF_TRY(rf_adj_init(&f->own_pairs, adj->n_u, adj->n_v, n, u, v, err));
    f->pairs = &f->own_pairs;
done:
    rf_mem_free(u);
    rf_mem_free(v);
    return st;
}

static rf_status prepare_structure(rf_features *f, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = (size_t)(f->pairs->n_u + f->pairs->n_v);

    f->butterflies = rf_mem_new((size_t)f->pairs->n_e, sizeof *f->butterflies, err);
    f->core = rf_mem_new(n, sizeof *f->core, err);
    f->component = rf_mem_new(n, sizeof *f->component, err);
    if (!f->butterflies || !f->core || !f->component) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(rf_butterflies(f->butterflies, f->pairs, f->pool, err));
    RF_TRY(rf_igraph_structure(f->core, f->component, f->pairs, err));
done:
    return st;
}

static rf_status prepare_attributes(rf_features *f, rf_err *err)
{
    rf_status st = RF_OK;

    f->categories = rf_mem_zero((size_t)f->schema->n_attrs, sizeof *f->categories, err);
    if (!f->categories)
        return RF_E_NOMEM;
    for (int a = 0; a < f->schema->n_attrs; a++) {
        if (f->schema->attrs[a].type == RF_ATTR_CATEGORY)
            RF_TRY(rf_category_table_init(&f->categories[a], f->view, a, err));
        else if (f->schema->attrs[a].type == RF_ATTR_NUMBER)
            f->number_at[a] = f->n_numbers++;
    }
done:
    return st;
}

/* Lists a side's past events by node; those of nodes outside the window are left out. */
static rf_status list_past(rf_features *f, int side, rf_err *err)
{
    const rf_window_view *view = f->view;
    const uint32_t *node = side == RF_USER ? view->past_u : view->past_v;
    int64_t n = rf_side_nodes(f, side);
    int64_t *ptr = f->past_ptr[side] = rf_mem_zero((size_t)n + 2, sizeof *ptr, err);
    uint32_t *item = f->past_item[side] = rf_mem_new((size_t)view->n_past, sizeof *item, err);

    if (!ptr || !item)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < view->n_past; i++)
        if (node[i] < n)
            ptr[node[i] + 2]++;
    for (int64_t i = 0; i < n; i++)
        ptr[i + 2] += ptr[i + 1];
    for (int64_t i = 0; i < view->n_past; i++)
        if (node[i] < n)
            item[ptr[node[i] + 1]++] = (uint32_t)(view->n_cells + i);
    return RF_OK;
}

/* The most cells that any node has, its past events included. */
static int64_t most_items(const rf_features *f, int side)
{
    const rf_window_view *view = f->view;
    const int64_t *ptr = side == RF_USER ? view->adj.u_ptr : view->adj.v_ptr;
    int64_t most = 0;

    for (int64_t node = 0; node < rf_side_nodes(f, side); node++) {
        int64_t n = f->past_ptr[side] ? f->past_ptr[side][node + 1] - f->past_ptr[side][node] : 0;
        for (int64_t i = ptr[node]; i < ptr[node + 1]; i++) {
            int64_t e = rf_side_edge(&view->adj, side, i);
            n += view->e_cell[e + 1] - view->e_cell[e];
        }
        most = n > most ? n : most;
    }
    return most;
}

static rf_status scratch_init(rf_scratch *s, size_t items, size_t top, size_t values, bool events,
                              rf_err *err)
{
    s->items = rf_mem_new(items, sizeof *s->items, err);
    s->spare = rf_mem_new(items, sizeof *s->spare, err);
    s->cells = rf_mem_new(items, sizeof *s->cells, err);
    s->top_events = rf_mem_new(top, sizeof *s->top_events, err);
    s->seen = rf_mem_zero(values, sizeof *s->seen, err);
    s->touched = rf_mem_new(values, sizeof *s->touched, err);
    if (!s->items || !s->spare || !s->cells || !s->top_events || !s->seen || !s->touched)
        return RF_E_NOMEM;
    if (!events)
        return RF_OK;
    s->by_partner = rf_mem_new(items, sizeof *s->by_partner, err);
    s->prior = rf_mem_new(items, sizeof *s->prior, err);
    s->prior_us = rf_mem_new(items, sizeof *s->prior_us, err);
    return s->by_partner && s->prior && s->prior_us ? RF_OK : RF_E_NOMEM;
}

static rf_status prepare_scratch(rf_features *f, bool events, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t of_users = most_items(f, RF_USER), of_entities = most_items(f, RF_ENTITY);
    size_t items = (size_t)(of_users > of_entities ? of_users : of_entities), top = 1, values = 0;

    for (int a = 0; f->categories && a < f->schema->n_attrs; a++) {
        if (f->schema->attrs[a].type != RF_ATTR_CATEGORY)
            continue;
        size_t n = rf_view_category_count(f->view, a), columns = (size_t)f->categories[a].n_top + 1;
        values = n > values ? n : values;
        top = columns > top ? columns : top;
    }
    f->scratch = rf_mem_zero((size_t)rf_pool_threads(f->pool), sizeof *f->scratch, err);
    if (!f->scratch)
        return RF_E_NOMEM;
    f->n_scratch = rf_pool_threads(f->pool);
    for (int i = 0; i < f->n_scratch; i++)
        RF_TRY(scratch_init(&f->scratch[i], items, top, values, events, err));
done:
    return st;
}

static rf_status prepare_nodes(rf_features *f, rf_err *err)
{
    for (int side = RF_USER; side <= RF_ENTITY; side++) {
        size_t n = (size_t)rf_side_nodes(f, side);
        f->events[side] = rf_mem_new(n, sizeof *f->events[side], err);
        f->mean[side] = rf_mem_new(n, (size_t)f->n_numbers * sizeof *f->mean[side], err);
        if (!f->events[side] || !f->mean[side])
            return RF_E_NOMEM;
    }
    return RF_OK;
}

static rf_status prepare_parts(rf_features *f, rf_err *err)
{
    rf_status st = RF_OK;
    bool events = f->view->options->granularity == RF_GRANULARITY_EVENT;

    f->base_us = earliest_us(f->view);
    RF_TRY(rf_calendar_init(&f->calendar, f->view->zone, f->base_us, f->view->to_us, err));
    if (events)
        RF_TRY(collapse_pairs(f, err));
    if (events && (f->groups & RF_GROUP_HISTORY)) {
        RF_TRY(list_past(f, RF_USER, err));
        RF_TRY(list_past(f, RF_ENTITY, err));
    }
    if (f->groups & RF_GROUP_STRUCTURE)
        RF_TRY(prepare_structure(f, err));
    if (f->groups & RF_GROUP_ATTRIBUTES)
        RF_TRY(prepare_attributes(f, err));
    RF_TRY(prepare_nodes(f, err));
    RF_TRY(prepare_scratch(f, events, err));
done:
    return st;
}

rf_status rf_features_prepare(rf_features *f, const rf_window_view *view, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;

    *f = (rf_features){.view = view, .schema = view->options->schema, .pairs = &view->adj, .pool = pool};
    for (int a = 0; a < RF_MAX_ATTRS; a++)
        f->number_at[a] = -1;
    RF_TRY(rf_feature_groups_parse(&f->groups, view->options->features, err));
    RF_TRY(prepare_parts(f, err));
done:
    if (st < 0)
        rf_features_clear(f);
    return st;
}

static void scratch_clear(rf_scratch *s)
{
    rf_mem_free(s->items);
    rf_mem_free(s->spare);
    rf_mem_free(s->by_partner);
    rf_mem_free(s->cells);
    rf_mem_free(s->top_events);
    rf_mem_free(s->seen);
    rf_mem_free(s->touched);
    rf_mem_free(s->prior);
    rf_mem_free(s->prior_us);
}

void rf_features_clear(rf_features *f)
{
    for (int i = 0; i < f->n_scratch; i++)
        scratch_clear(&f->scratch[i]);
    rf_mem_free(f->scratch);
    for (int side = RF_USER; side <= RF_ENTITY; side++) {
        rf_mem_free(f->events[side]);
        rf_mem_free(f->mean[side]);
        rf_mem_free(f->past_ptr[side]);
        rf_mem_free(f->past_item[side]);
    }
    for (int a = 0; f->categories && a < f->schema->n_attrs; a++)
        rf_category_table_clear(&f->categories[a]);
    rf_mem_free(f->categories);
    rf_mem_free(f->butterflies);
    rf_mem_free(f->core);
    rf_mem_free(f->component);
    rf_adj_clear(&f->own_pairs);
    rf_calendar_clear(&f->calendar);
    *f = (rf_features){0};
}

/* ---- matrices ---- */

void rf_feature_matrix_clear(rf_feature_matrix *matrix)
{
    for (int j = 0; matrix->name && j < matrix->d; j++)
        rf_mem_free(matrix->name[j]);
    for (int j = 0; j < matrix->n_dropped; j++)
        rf_mem_free(matrix->dropped[j]);
    rf_mem_free(matrix->x);
    rf_mem_free(matrix->name);
    rf_mem_free(matrix->mean);
    rf_mem_free(matrix->scale);
    rf_mem_free(matrix->transform);
    rf_mem_free(matrix->dropped);
    rf_mem_free(matrix->dropped_value);
    *matrix = (rf_feature_matrix){0};
}

/* n rows of the planned columns, whose names move over, with room for `rows` of them. */
static rf_status matrix_init(rf_feature_matrix *matrix, int64_t n, int64_t rows, rf_columns *columns,
                             rf_err *err)
{
    rf_feature_matrix made = {.n = n,
                              .x = rf_mem_new((size_t)rows, columns->n * sizeof *made.x, err),
                              .name = rf_mem_zero(columns->n, sizeof *made.name, err),
                              .transform = rf_mem_new(columns->n, sizeof *made.transform, err)};

    if (!made.x || !made.name || !made.transform) {
        rf_feature_matrix_clear(&made);
        return RF_E_NOMEM;
    }
    made.d = (int)columns->n;
    for (size_t j = 0; j < columns->n; j++) {
        made.name[j] = columns->items[j].name;
        columns->items[j].name = NULL;
        made.transform[j] = columns->items[j].tame ? RF_TAME_LOG1P : RF_TAME_NONE;
    }
    *matrix = made;
    return RF_OK;
}

rf_status rf_features_nodes(rf_feature_matrix *matrix, rf_features *f, int side, rf_err *err)
{
    rf_status st = RF_OK;
    rf_columns columns = {0};

    RF_TRY(rf_nodes_plan(&columns, f, side, err));
    RF_TRY(matrix_init(matrix, rf_side_nodes(f, side), rf_side_nodes(f, side), &columns, err));
    rf_nodes_make(matrix->x, &columns, f, side);
done:
    rf_columns_clear(&columns);
    return st;
}

rf_status rf_features_edges(rf_feature_matrix *matrix, rf_features *f, rf_err *err)
{
    rf_status st = RF_OK;
    bool events = f->view->options->granularity == RF_GRANULARITY_EVENT;
    rf_columns columns = {0};

    RF_TRY(events ? rf_events_plan(&columns, f, err) : rf_pairs_plan(&columns, f, err));
    RF_TRY(matrix_init(matrix, f->view->adj.n_e, f->view->adj.n_e, &columns, err));
    if (events)
        rf_events_make(matrix->x, &columns, f);
    else
        rf_pairs_make(matrix->x, &columns, f, 0, matrix->n);
done:
    rf_columns_clear(&columns);
    return st;
}

/* ---- pairs in pieces ---- */

#define PIECE_ROWS (16 * (int64_t)RF_MOMENT_ROWS)

static int64_t piece_rows(const rf_feature_matrix *e, int64_t from)
{
    return e->n - from < PIECE_ROWS ? e->n - from : PIECE_ROWS;
}

/* Makes every row twice, once for the moments and once to hand it over: cheaper than holding them all. */
static rf_status stream_pairs(rf_feature_matrix *e, rf_features *f, const rf_columns *columns,
                              rf_feature_sink sink, void *context, rf_err *err)
{
    rf_status st = RF_OK;
    rf_moments m = {0};

    RF_TRY(rf_moments_init(&m, e->n, e->d, err));
    for (int64_t from = 0; from < e->n; from += PIECE_ROWS) {
        rf_pairs_make(e->x, columns, f, from, piece_rows(e, from));
        rf_moments_add(&m, e->x, from, piece_rows(e, from), f->pool);
    }
    rf_moments_finish(&m);
    RF_TRY(rf_moments_columns(e, &m, err));
    for (int64_t from = 0; from < e->n; from += PIECE_ROWS) {
        rf_pairs_make(e->x, columns, f, from, piece_rows(e, from));
        rf_moments_apply(&m, e->x, piece_rows(e, from), f->pool);
        RF_TRY(sink(context, e, from, piece_rows(e, from), e->x, err));
    }
done:
    rf_moments_clear(&m);
    return st;
}

static rf_status stream_edges(rf_feature_matrix *e, rf_features *f, rf_feature_sink sink, void *context,
                              rf_err *err)
{
    rf_status st = RF_OK;
    rf_columns columns = {0};
    int64_t n_e = f->view->adj.n_e;

    if (f->view->options->granularity == RF_GRANULARITY_EVENT) { /* rows of events are made node by node */
        RF_TRY(rf_features_edges(e, f, err));
        RF_TRY(rf_standardise(e, f->pool, err));
        RF_TRY(sink(context, e, 0, e->n, e->x, err));
    } else {
        RF_TRY(rf_pairs_plan(&columns, f, err));
        RF_TRY(matrix_init(e, n_e, n_e < PIECE_ROWS ? n_e : PIECE_ROWS, &columns, err));
        RF_TRY(stream_pairs(e, f, &columns, sink, context, err));
    }
done:
    rf_mem_free(e->x);
    e->x = NULL;
    rf_columns_clear(&columns);
    return st;
}

rf_status rf_features_stream(rf_feature_matrix *u, rf_feature_matrix *v, rf_feature_matrix *e,
                             rf_feature_sink sink, void *context, const rf_window_view *view, rf_pool *pool,
                             rf_err *err)
{
    rf_status st = RF_OK;
    rf_features f;
    rf_feature_matrix made[3] = {{0}, {0}, {0}};

    RF_TRY(rf_features_prepare(&f, view, pool, err));
    st = rf_features_nodes(&made[0], &f, RF_USER, err);
    if (st >= 0)
        st = rf_features_nodes(&made[1], &f, RF_ENTITY, err);
    if (st >= 0)
        st = stream_edges(&made[2], &f, sink, context, err);
    rf_features_clear(&f);
    for (int i = 0; st >= 0 && i < 2; i++)
        st = rf_standardise(&made[i], pool, err);
    RF_TRY(st);
    *u = made[0];
    *v = made[1];
    *e = made[2];
done:
    for (int i = 0; st < 0 && i < 3; i++)
        rf_feature_matrix_clear(&made[i]);
    return st;
}

/* ---- everything in memory ---- */

rf_status rf_features_compute(rf_feature_matrix *u, rf_feature_matrix *v, rf_feature_matrix *e,
                              const rf_window_view *view, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_features f;
    rf_feature_matrix made[3] = {{0}, {0}, {0}};

    RF_TRY(rf_features_prepare(&f, view, pool, err));
    st = rf_features_nodes(&made[0], &f, RF_USER, err);
    if (st >= 0)
        st = rf_features_nodes(&made[1], &f, RF_ENTITY, err);
    if (st >= 0)
        st = rf_features_edges(&made[2], &f, err);
    rf_features_clear(&f);
    for (int i = 0; st >= 0 && i < 3; i++)
        st = rf_standardise(&made[i], pool, err);
    RF_TRY(st);
    *u = made[0];
    *v = made[1];
    *e = made[2];
done:
    for (int i = 0; st < 0 && i < 3; i++)
        rf_feature_matrix_clear(&made[i]);
    return st;
}
