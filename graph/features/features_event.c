/* features_event.c - the rows of single events: their own attributes, and what came strictly before them.
 *
 * For every node its events, kept history included, are put in order of time; spans slide over them with
 * integer sums, so that an event sees only events with an earlier time, none of the same moment or later. The
 * user's pass writes own columns, the user's and the pair's history, the entity's pass the rest of the same
 * rows.
 */
#include "feature_cells_int.h"
#include "features_int.h"

#include <string.h>

#define N_SPANS 4
#define HOUR_SPAN 0 /* counts only */
#define MONTH_SPAN 3
#define TWO_PI 6.283185307179586

static const int64_t span_us[N_SPANS] = {RF_HOUR_US, RF_DAY_US, 7 * RF_DAY_US, 30 * RF_DAY_US};
static const char *const span_name[N_SPANS] = {"1h", "1d", "7d", "30d"};

typedef struct span_sums { /* events in [t - span, t) */
    int64_t from;          /* first of them in the node's list */
    int64_t events, fresh; /* all; first meetings */
    int64_t n[RF_MAX_ATTRS];
    rf_i128 sum[RF_MAX_ATTRS];
    rf_squares squares[RF_MAX_ATTRS];
    rf_i128 tamed[RF_MAX_ATTRS]; /* sum of the tamed values, in units of their own; of the month */
} span_sums;

typedef struct past { /* what an event sees of one side */
    span_sums span[N_SPANS];
    int64_t previous_us; /* INT64_MIN: none */
} past;

typedef struct event_task {
    int64_t nodes; /* of a task */
    float *x;
    const rf_columns *columns;
    rf_features *f;
    rf_side side;
} event_task;

static bool is_numeric(const rf_attr *attr)
{
    return attr->type == RF_ATTR_NUMBER || attr->type == RF_ATTR_BOOLEAN;
}

static double idle_s(int64_t now_us, int64_t previous_us)
{
    return previous_us == INT64_MIN ? NAN : (double)(now_us - previous_us) / (double)RF_SECOND_US;
}

/* ---- the event's own columns ---- */

static void put_own_category(rf_row *row, int a, int64_t cell)
{
    const rf_category_table *table = &row->f->categories[a];
    rf_category_count few[RF_CELL_EVENTS];
    const rf_category_count *values;
    int slot = -1; /* missing */

    if (row->x && rf_view_categories(row->f->view, cell, a, few, &values) > 0)
        slot = table->slot[values[0].category];
    for (int i = 0; i <= table->n_top; i++)
        rf_put_part(row, RF_F_IS_CATEGORY, a,
                    i < table->n_top ? rf_view_category_text(row->f->view, a, table->top[i]) : "other",
                    slot == i);
}

static void put_own_attrs(rf_row *row, const rf_attr_sums *own, int64_t cell)
{
    const rf_schema *schema = row->f->schema;

    for (int a = 0; a < schema->n_attrs; a++) {
        const rf_attr *attr = &schema->attrs[a];
        if (is_numeric(attr)) {
            rf_put_attr(row, RF_F_VALUE, a, rf_attr_mean(&own[a], &row->f->unit[a]));
        } else if (attr->type == RF_ATTR_CATEGORY) {
            put_own_category(row, a, cell);
        } else {
            rf_put_attr(row, RF_F_VALUE_SIN, a, (double)own[a].sin_sum / 1e9);
            rf_put_attr(row, RF_F_VALUE_COS, a, (double)own[a].cos_sum / 1e9);
        }
        if (rf_attr_optional(attr))
            rf_put_attr(row, RF_F_MISSING, a, own[a].n == 0);
    }
}

/* ---- history ---- */

static double span_mean(const span_sums *s, int a, const rf_number_unit *unit)
{
    return s->n[a] > 0 ? (double)s->sum[a] / (double)s->n[a] / unit->one : NAN;
}

/* The value whose tamed form is the mean of the tamed ones. */
static double typical(const span_sums *s, int a, const rf_number_unit *unit)
{
    if (s->n[a] == 0)
        return NAN;
    double mean = (double)s->tamed[a] / (double)s->n[a] / unit->tamed;
    return copysign(expm1(fabs(mean)), mean);
}

static void put_past_attr(rf_row *row, const past *before, int a, double value)
{
    const span_sums *month = &before->span[MONTH_SPAN];
    const rf_number_unit *unit = &row->f->unit[a];
    double usual = span_mean(month, a, unit), z = 0.0;

    for (int w = HOUR_SPAN + 1; w < N_SPANS; w++)
        rf_put_part(row, RF_F_HIST_MEAN, a, span_name[w], span_mean(&before->span[w], a, unit));
    if (row->f->schema->attrs[a].type != RF_ATTR_NUMBER)
        return;
    if (!isnan(value) && month->n[a] >= 2) {
        double floor = fabs(usual) / 100 > unit->last ? fabs(usual) / 100 : unit->last;
        double deviation = rf_sums_std(month->n[a], month->sum[a], month->squares[a], unit);
        z = rf_limited((value - usual) / (deviation > floor ? deviation : floor));
    }
    rf_put_attr(row, RF_F_HIST_RATIO, a, rf_ratio(value, usual, unit->least));
    rf_put_attr(row, RF_F_HIST_TYPICAL, a, rf_ratio(value, typical(month, a, unit), unit->least));
    rf_put_attr(row, RF_F_HIST_Z, a, z);
}

static void put_past(rf_row *row, const past *before, const rf_attr_sums *own, int64_t now_us)
{
    const rf_schema *schema = row->f->schema;
    const span_sums *month = &before->span[MONTH_SPAN];

    for (int w = 0; w < N_SPANS; w++)
        rf_put_part(row, RF_F_HIST_EVENTS, -1, span_name[w], (double)before->span[w].events);
    rf_put(row, RF_F_HIST_IDLE, idle_s(now_us, before->previous_us));
    rf_put(row, RF_F_HIST_NEW_PARTNERS, month->events > 0 ? rf_share(month->fresh, month->events) : NAN);
    for (int a = 0; a < schema->n_attrs; a++)
        if (is_numeric(&schema->attrs[a]))
            put_past_attr(row, before, a, rf_attr_mean(&own[a], &row->f->unit[a]));
}

/* ---- one node's events in order of time: scratch->items, key = time - base ---- */

static int64_t gather_events(const event_task *task, rf_scratch *scratch, int64_t node)
{
    const rf_features *f = task->f;
    const rf_window_view *view = f->view;
    const int64_t *ptr = rf_node_ptr(&view->adj, task->side);
    const int64_t *past_ptr = f->node[task->side].past_ptr;
    int64_t n = 0;

    for (int64_t i = past_ptr ? past_ptr[node] : 0; past_ptr && i < past_ptr[node + 1]; i++) {
        uint32_t c = f->node[task->side].past_item[i];
        scratch->items[n++] = (rf_keyed){.key = rf_view_first_us(view, c) - f->base_us, .item = c};
    }
    for (int64_t i = ptr[node]; i < ptr[node + 1]; i++) {
        int64_t c = view->e_cell[rf_node_edge(&view->adj, task->side, i)];
        scratch->items[n++] = (rf_keyed){.key = rf_view_first_us(view, c) - f->base_us, .item = (uint32_t)c};
    }
    rf_sort_keyed(scratch->items, scratch->spare, n);
    return n;
}

/* For each of the n events: how many of the same pair came strictly before it, and when the last of them did.
 */
static void find_prior(const event_task *task, rf_scratch *scratch, int64_t n)
{
    const rf_window_view *view = task->f->view;
    rf_side other = rf_other_end(task->side);
    const uint32_t *partner = rf_adj_row_of_edge(&view->adj, other), *earlier = view->side[other].past;
    rf_keyed *by_partner = scratch->by_partner; /* (partner, place in items), by partner, then time */
    int64_t first = 0, same = 0;                /* of this partner; of this partner and moment */

    for (int64_t i = 0; i < n; i++) { /* one cell an edge: cell and edge have the same number */
        int64_t cell = scratch->items[i].item;
        uint32_t met = cell < view->n_cells ? partner[cell] : earlier[cell - view->n_cells];
        by_partner[i] = (rf_keyed){.key = met, .item = (uint32_t)i};
    }
    rf_sort_keyed(by_partner, scratch->spare, n);
    for (int64_t i = 0; i < n; i++) {
        uint32_t at = by_partner[i].item;
        if (i == 0 || by_partner[i].key != by_partner[i - 1].key)
            first = same = i;
        else if (scratch->items[at].key != scratch->items[by_partner[same].item].key)
            same = i;
        scratch->prior[at] = (uint32_t)(same - first);
        scratch->prior_us[at] =
            same > first ? scratch->items[by_partner[same - 1].item].key + task->f->base_us : INT64_MIN;
    }
}

/* ---- sliding ---- */

static void add_attrs(span_sums *span, int w, const rf_features *f, const rf_attr_sums *own, int64_t sign)
{
    const rf_schema *schema = f->schema;
    for (int a = 0; a < schema->n_attrs; a++) {
        if (own[a].n == 0 || !is_numeric(&schema->attrs[a]))
            continue;
        span->n[a] += sign;
        span->sum[a] += sign * own[a].sum;
        if (sign > 0)
            rf_squares_add(&span->squares[a], rf_squares_of(&own[a]));
        else
            rf_squares_take(&span->squares[a], rf_squares_of(&own[a]));
        if (w == MONTH_SPAN && schema->attrs[a].type == RF_ATTR_NUMBER)
            span->tamed[a] +=
                sign * llround(rf_tame(f, rf_attr_mean(&own[a], &f->unit[a])) * f->unit[a].tamed);
    }
}

/* Takes out what is older than the span; all of [from, end) was added. */
static void slide(span_sums *span, int w, const rf_features *f, const rf_scratch *scratch, int64_t end,
                  int64_t now_key)
{
    rf_attr_sums own[RF_MAX_ATTRS];

    for (; span->from < end && scratch->items[span->from].key < now_key - span_us[w]; span->from++) {
        span->events--;
        span->fresh -= scratch->prior[span->from] == 0;
        if (w == HOUR_SPAN)
            continue;
        rf_view_cell(f->view, scratch->items[span->from].item, own);
        add_attrs(span, w, f, own, -1);
    }
}

static void put_event(rf_row *row, rf_side side, const past *before, const rf_attr_sums *own,
                      const rf_moment *at, int64_t cell, uint32_t prior, int64_t prior_us, int64_t now_us)
{
    unsigned groups = row->f->groups;

    row->side = side;
    if (side == RF_USER) {
        double day = TWO_PI * (double)at->of_day_us / (double)RF_DAY_US;
        double week = TWO_PI * (double)at->of_week_us / (double)(7 * RF_DAY_US);
        rf_put(row, RF_F_CLOCK_SIN, sin(day));
        rf_put(row, RF_F_CLOCK_COS, cos(day));
        if (groups & RF_GROUP_TIME) {
            rf_put(row, RF_F_WEEK_SIN, sin(week));
            rf_put(row, RF_F_WEEK_COS, cos(week));
            rf_put(row, RF_F_NIGHT, at->hour < 6);
            rf_put(row, RF_F_WEEKEND, at->weekday > 4);
        }
        if (groups & RF_GROUP_ATTRIBUTES)
            put_own_attrs(row, own, cell);
    }
    if (!(groups & RF_GROUP_HISTORY))
        return;
    if (side == RF_USER) {
        rf_put(row, RF_F_PAIR_NEW, prior == 0);
        rf_put(row, RF_F_PAIR_EVENTS, prior);
        rf_put(row, RF_F_PAIR_IDLE, idle_s(now_us, prior_us));
    }
    put_past(row, before, own, now_us);
}

static void make_event(const event_task *task, const rf_scratch *scratch, const past *before, int64_t at)
{
    const rf_features *f = task->f;
    int64_t cell = scratch->items[at].item, now_us = rf_view_first_us(f->view, cell);
    rf_moment moment = rf_calendar_at(&f->calendar, now_us);
    rf_attr_sums own[RF_MAX_ATTRS];
    rf_row row = {.f = f,
                  .columns = task->columns,
                  .x = task->x + cell * (int64_t)task->columns->n,
                  .j = task->side == RF_USER ? 0 : f->entity_from};

    rf_view_cell(f->view, cell, own);
    put_event(&row, task->side, before, own, &moment, cell, scratch->prior[at], scratch->prior_us[at],
              now_us);
}

static void make_node_events(const event_task *task, int64_t node, rf_scratch *scratch)
{
    const rf_features *f = task->f;
    int64_t n = gather_events(task, scratch, node);
    rf_attr_sums own[RF_MAX_ATTRS];
    past before;

    find_prior(task, scratch, n);
    memset(&before, 0, sizeof before);
    before.previous_us = INT64_MIN;
    for (int64_t at = 0, next; at < n; at = next) {
        int64_t key = scratch->items[at].key;
        for (int w = 0; w < N_SPANS; w++)
            slide(&before.span[w], w, f, scratch, at, key);
        for (next = at; next < n && scratch->items[next].key == key; next++)
            if (scratch->items[next].item < f->view->n_cells)
                make_event(task, scratch, &before, next);
        for (int64_t i = at; i < next; i++) {
            rf_view_cell(f->view, scratch->items[i].item, own);
            for (int w = 0; w < N_SPANS; w++) {
                before.span[w].events++;
                before.span[w].fresh += scratch->prior[i] == 0;
                if (w != HOUR_SPAN)
                    add_attrs(&before.span[w], w, f, own, 1);
            }
        }
        before.previous_us = key + f->base_us;
    }
}

static void make_events(void *context, int64_t index, int worker)
{
    const event_task *task = context;
    int64_t n = task->f->view->side[task->side].n, end = (index + 1) * task->nodes;
    for (int64_t node = index * task->nodes; node < n && node < end; node++)
        make_node_events(task, node, &task->f->scratch[worker]);
}

rf_status rf_events_plan(rf_columns *columns, rf_features *f, rf_err *err)
{
    rf_row row = {.f = f, .plan = columns, .err = err};
    rf_attr_sums own[RF_MAX_ATTRS] = {0};
    rf_moment moment = {0};
    past before = {0};

    put_event(&row, RF_USER, &before, own, &moment, 0, 0, 0, 0);
    f->entity_from = columns->n;
    put_event(&row, RF_ENTITY, &before, own, &moment, 0, 0, 0, 0);
    return row.st;
}

void rf_events_make(float *x, const rf_columns *columns, rf_features *f)
{
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        event_task task = {
            .x = x, .columns = columns, .f = f, .side = side, .nodes = rf_nodes_a_task(f, side)};
        rf_pool_run(f->pool, (f->view->side[side].n + task.nodes - 1) / task.nodes, make_events, &task);
    }
}
