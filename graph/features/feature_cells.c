/* feature_cells.c - sums over the cells of a pair or a node, and the columns that both kinds of subject
 * share.
 *
 * Cells come in order of time. All sums are integers, or run over cells in that order.
 */
#include "feature_cells_int.h"

#include <string.h>

const int64_t rf_span_us[RF_N_SPANS] = {RF_DAY_US, 7 * RF_DAY_US, 30 * RF_DAY_US};
const char *const rf_span_name[RF_N_SPANS] = {"1d", "7d", "30d"};

#define NIGHT_END_HOUR 6
#define FRIDAY 4
#define CELLS_AHEAD 4 /* whose values are fetched while others are added */

/* ---- time ---- */

/* Events by local day. Where clocks go back over midnight a day is met again: two days stay open. */
typedef struct day_counter {
    int64_t day[2], events[2]; /* current, previous */
    int64_t largest, n;
} day_counter;

static void close_day(day_counter *days, int i)
{
    days->largest = days->events[i] > days->largest ? days->events[i] : days->largest;
    days->n += days->events[i] > 0;
}

static void count_day(day_counter *days, int64_t day, int64_t events)
{
    for (int i = 0; i < 2; i++) {
        if (days->events[i] > 0 && days->day[i] == day) {
            days->events[i] += events;
            return;
        }
    }
    close_day(days, 1);
    days->day[1] = days->day[0];
    days->events[1] = days->events[0];
    days->day[0] = day;
    days->events[0] = events;
}

static rf_moment moment_of(const rf_features *f, uint32_t slot, int64_t slot_us)
{
    const uint32_t i = slot - f->first_slot;
    return i < f->n_moments ? f->moment[i] : rf_calendar_at(&f->calendar, slot_us);
}

/* Slots one after the other, what each holds in one piece or in several. */
typedef struct time_walk {
    const rf_features *f;
    rf_time_sums *sums;
    day_counter days;
    int64_t number_before, hour_before, in_hour;
} time_walk;

static inline time_walk begin_time(rf_time_sums *sums, const rf_features *f)
{
    *sums = (rf_time_sums){.first_us = INT64_MAX, .last_us = INT64_MIN};
    return (time_walk){.f = f, .sums = sums, .number_before = -1, .hour_before = INT64_MIN};
}

static inline void add_gap(rf_time_sums *sums, int64_t gap)
{
    sums->n_gaps++;
    sums->gap_sum += gap;
    sums->gap_sum_sq += (rf_i128)gap * gap;
}

/* Events of one slot, the first and the last of them so many us behind its beginning. */
static inline void add_time(time_walk *w, uint32_t number, int64_t events, uint32_t first, uint32_t last)
{
    const rf_features *f = w->f;
    const int64_t slot = RF_TIME_MIN + (int64_t)number * f->view->slot_us;
    const rf_moment at = moment_of(f, number, slot);
    rf_time_sums *sums = w->sums;
    sums->events += events;
    sums->first_us = slot + first < sums->first_us ? slot + first : sums->first_us;
    sums->last_us = slot + last > sums->last_us ? slot + last : sums->last_us;
    sums->hour[at.hour] += events;
    sums->weekday[at.weekday] += events;
    for (int s = 0; s < RF_N_SPANS; s++)
        sums->within[s] += slot >= f->view->to_us - rf_span_us[s] ? events : 0;
    count_day(&w->days, at.day, events);
    const int64_t hour = (slot - f->base_us + (at.offset_us + RF_DAY_US) % RF_HOUR_US) / RF_HOUR_US;
    w->in_hour = hour == w->hour_before ? w->in_hour + events : events;
    sums->max_hour = w->in_hour > sums->max_hour ? w->in_hour : sums->max_hour;
    if (number != w->number_before) {
        sums->active_slots++;
        if (w->number_before >= 0)
            add_gap(sums, number - w->number_before);
    }
    w->number_before = number;
    w->hour_before = hour;
}

static inline void end_time(time_walk *w)
{
    close_day(&w->days, 0);
    close_day(&w->days, 1);
    w->sums->active_days = w->days.n;
    w->sums->max_day = w->days.largest;
}

void rf_time_sums_collect(rf_time_sums *sums, const rf_features *f, const rf_cell_list *list)
{
    time_walk w = begin_time(sums, f);
    for (int64_t i = 0; i < list->n; i++) {
        const rf_window_cell *cell = &f->view->cell[rf_cell_at(list, i)];
        add_time(&w, cell->slot, cell->count, cell->first, cell->last);
    }
    end_time(&w);
}

void rf_time_sums_of_slots(rf_time_sums *sums, const rf_features *f, rf_slot_sums *slots)
{
    time_walk w = begin_time(sums, f);
    for (uint32_t i = 0; i < f->n_moments; i++) {
        if (slots[i].events == 0)
            continue;
        add_time(&w, f->first_slot + i, slots[i].events, slots[i].first, slots[i].last);
        slots[i] = (rf_slot_sums){0};
    }
    end_time(&w);
}

static double seconds(int64_t us)
{
    return (double)us / (double)RF_SECOND_US;
}

/* What only nodes have: how bursty they are, and how fast now against before. */
static void put_velocity(rf_row *row, const rf_time_sums *sums)
{
    static const char *const rate_name[] = {"1d_7d", "7d_30d"};
    double window_us = (double)(row->f->view->to_us - row->f->view->from_us), burstiness = 0.0;

    if (sums->n_gaps >= 2) {
        double n = (double)sums->n_gaps, mean = (double)sums->gap_sum / n;
        rf_i128 spread = sums->n_gaps * sums->gap_sum_sq - (rf_i128)sums->gap_sum * sums->gap_sum;
        double deviation = sqrt((double)spread) / n;
        burstiness = (deviation - mean) / (deviation + mean);
    }
    rf_put(row, RF_F_BURSTINESS, burstiness);
    for (int w = 0; w < RF_N_SPANS; w++)
        rf_put_part(row, RF_F_EVENTS_LAST, -1, rf_span_name[w], (double)sums->within[w]);
    for (int w = 0; w + 1 < RF_N_SPANS; w++) { /* events a day in a span over those in the next longer one */
        double shorter = fmin((double)rf_span_us[w], window_us);
        double longer = fmin((double)rf_span_us[w + 1], window_us), rate = NAN;
        if (sums->within[w + 1] > 0 && window_us > 0)
            rate = (double)sums->within[w] / shorter / ((double)sums->within[w + 1] / longer);
        rf_put_part(row, RF_F_RATE, -1, rate_name[w], rate);
    }
    rf_put(row, RF_F_MAX_HOUR, (double)sums->max_hour);
}

static int64_t sum_of(const int64_t *counts, int from, int to)
{
    int64_t sum = 0;
    for (int i = from; i < to; i++)
        sum += counts[i];
    return sum;
}

static int64_t largest_of(const int64_t *counts, int n)
{
    int64_t largest = 0;
    for (int i = 0; i < n; i++)
        largest = counts[i] > largest ? counts[i] : largest;
    return largest;
}

void rf_put_time(rf_row *row, const rf_time_sums *sums, bool is_node)
{
    static const char *const part_name[] = {"00_04", "04_08", "08_12", "12_16", "16_20", "20_24"};
    int64_t as_of = row->f->view->to_us, n = sums->events;
    bool any = n > 0;
    double span = any ? seconds(sums->last_us - sums->first_us) : 0.0;

    rf_put(row, RF_F_RECENCY, any ? seconds(as_of - sums->last_us) : NAN);
    if (is_node)
        rf_put(row, RF_F_FIRST_SEEN, any ? seconds(as_of - sums->first_us) : NAN);
    rf_put(row, RF_F_SPAN, span);
    rf_put(row, RF_F_MEAN_GAP, sums->events > 1 ? span / (double)(sums->events - 1) : NAN);
    if (is_node)
        put_velocity(row, sums);
    rf_put(row, RF_F_MAX_DAY, (double)sums->max_day);
    rf_put(row, RF_F_ACTIVE_DAYS, (double)sums->active_days);
    rf_put(row, RF_F_ACTIVE_SLOTS, (double)sums->active_slots);
    rf_put(row, RF_F_PEAK_HOUR_SHARE, rf_share(largest_of(sums->hour, 24), n));
    rf_put(row, RF_F_PEAK_WEEKDAY_SHARE, rf_share(largest_of(sums->weekday, 7), n));
    rf_put(row, RF_F_NIGHT_SHARE, rf_share(sum_of(sums->hour, 0, NIGHT_END_HOUR), n));
    rf_put(row, RF_F_WEEKEND_SHARE, rf_share(sum_of(sums->weekday, FRIDAY + 1, 7), n));
    for (int part = 0; part < 6; part++)
        rf_put_part(row, RF_F_HOURS_SHARE, -1, part_name[part],
                    rf_share(sum_of(sums->hour, 4 * part, 4 * part + 4), n));
}

/* ---- attributes ---- */

static void begin_categories(rf_scratch *scratch, const rf_features *f)
{
    for (int a = 0; a < f->schema->n_attrs; a++) {
        rf_category_sums *sums = &scratch->category[a];
        if (sums->top_events == NULL)
            continue;
        sums->n = 0;
        sums->distinct = 0;
        sums->shared = 0.0;
        memset(sums->top_events, 0, ((size_t)f->categories[a].n_top + 1) * sizeof *sums->top_events);
    }
}

static void add_category(rf_category_sums *sums, const rf_category_table *table, uint32_t value,
                         uint32_t events)
{
    if (sums->seen[value] == 0)
        sums->touched[sums->distinct++] = value;
    sums->seen[value] += events;
    sums->top_events[table->slot[value]] += events;
    sums->n += events;
    sums->shared += (double)events * (double)table->shared[value];
}

static void add_categories(rf_scratch *scratch, const rf_features *f, const rf_cell_values *values)
{
    rf_category_count few[RF_CELL_EVENTS];
    const rf_category_count *list;
    for (int a = 0; a < f->schema->n_attrs; a++) {
        if (scratch->category[a].top_events == NULL)
            continue;
        int64_t n = rf_view_categories_of(f->view, values, a, few, &list);
        for (int64_t k = 0; k < n; k++)
            add_category(&scratch->category[a], &f->categories[a], list[k].category, list[k].events);
    }
}

void rf_attrs_collect(rf_attr_sums *sums, rf_scratch *scratch, const rf_features *f, const rf_cell_list *list)
{
    const bool categories = scratch != NULL && scratch->category != NULL;
    rf_cell_values values;
    memset(sums, 0, (size_t)f->schema->n_attrs * sizeof *sums);
    if (categories)
        begin_categories(scratch, f);
    for (int64_t i = 0; i < list->n; i++) {
        if (i + CELLS_AHEAD < list->n)
            rf_view_prefetch(f->view, rf_cell_at(list, i + CELLS_AHEAD));
        rf_view_read(&values, f->view, rf_cell_at(list, i));
        rf_view_add_values(sums, f->view, &values);
        if (categories)
            add_categories(scratch, f, &values);
    }
}

typedef struct number_columns {
    double mean, std, min, max, sum, latest;
} number_columns;

/* A single value is all of them: divided once, to the same bits. */
static number_columns number_columns_of(const rf_attr_sums *sums, const rf_number_unit *unit)
{
    if (sums->n == 0)
        return (number_columns){.mean = NAN, .min = NAN, .max = NAN, .latest = NAN};
    const double max = (double)sums->max / unit->one;
    if (sums->n == 1)
        return (number_columns){.mean = max, .min = max, .max = max, .sum = max, .latest = max};
    return (number_columns){.mean = rf_attr_mean(sums, unit),
                            .std = rf_attr_std(sums, unit),
                            .min = (double)sums->min / unit->one,
                            .max = max,
                            .sum = rf_sum_value(sums->sum) / unit->one,
                            .latest = (double)sums->latest / unit->one};
}

static void put_number(rf_row *row, int a, const rf_attr_sums *sums, const rf_attr_context *context)
{
    const rf_number_unit *unit = &row->f->unit[a];
    const number_columns n = number_columns_of(sums, unit);
    const double mean = n.mean, max = n.max;

    rf_put_attr(row, RF_F_MEAN, a, mean);
    rf_put_attr(row, RF_F_STD, a, n.std);
    rf_put_attr(row, RF_F_MIN, a, n.min);
    rf_put_attr(row, RF_F_MAX, a, max);
    rf_put_attr(row, RF_F_SUM, a, n.sum);
    if (context->is_node) {
        rf_put_attr(row, RF_F_MAX_RATIO, a, rf_ratio(max, mean, unit->least));
        return;
    }
    int k = row->f->number_at[a];
    double user = context->user_mean ? (double)context->user_mean[k] : NAN;
    double entity = context->entity_mean ? (double)context->entity_mean[k] : NAN;
    rf_put_attr(row, RF_F_LATEST, a, n.latest);
    rf_put_attr(row, RF_F_RATIO_USER, a, rf_ratio(mean, user, unit->least));
    rf_put_attr(row, RF_F_RATIO_ENTITY, a, rf_ratio(mean, entity, unit->least));
    rf_put_attr(row, RF_F_MAX_RATIO_USER, a, rf_ratio(max, user, unit->least));
}

/* -sum p ln p, p the values' shares. Leaves `seen` zero. */
static double take_entropy(rf_category_sums *sums)
{
    double weighted = 0.0;
    for (uint32_t i = 0; i < sums->distinct; i++) {
        double events = sums->seen[sums->touched[i]];
        sums->seen[sums->touched[i]] = 0;
        weighted += sums->distinct > 1 ? events * log(events) : 0.0;
    }
    double entropy = sums->distinct > 1 ? log((double)sums->n) - weighted / (double)sums->n : 0.0;
    return entropy > 0 ? entropy : 0.0;
}

static void put_category(rf_row *row, int a, bool is_node, rf_scratch *scratch)
{
    const rf_category_table *table = &row->f->categories[a];
    rf_category_sums *sums = row->x ? &scratch->category[a] : NULL;
    const double entropy = row->x ? take_entropy(sums) : 0.0;

    for (int i = 0; i <= table->n_top; i++) {
        const char *text = NULL; /* of a column's name, which is made while planning */
        if (row->x == NULL)
            text = i < table->n_top ? rf_view_category_text(row->f->view, a, table->top[i]) : "other";
        rf_put_part(row, RF_F_CATEGORY_SHARE, a, text, row->x ? rf_share(sums->top_events[i], sums->n) : 0.0);
    }
    if (is_node) {
        rf_put_attr(row, RF_F_DISTINCT, a, row->x ? sums->distinct : 0.0);
        rf_put_attr(row, RF_F_ENTROPY, a, entropy);
    }
    rf_put_attr(row, RF_F_SHARED, a, row->x && sums->n > 0 ? sums->shared / (double)sums->n : NAN);
}

void rf_put_attrs(rf_row *row, const rf_attr_sums *sums, int64_t events, const rf_attr_context *context,
                  rf_scratch *scratch)
{
    const rf_schema *schema = row->f->schema;

    for (int a = 0; a < schema->n_attrs; a++) {
        double n, sine, cosine;
        switch (schema->attrs[a].type) {
        case RF_ATTR_NUMBER:
            put_number(row, a, &sums[a], context);
            break;
        case RF_ATTR_BOOLEAN:
            rf_put_attr(row, RF_F_SHARE, a, rf_attr_mean(&sums[a], &row->f->unit[a]));
            break;
        case RF_ATTR_CATEGORY:
            put_category(row, a, context->is_node, scratch);
            break;
        case RF_ATTR_TIME_OF_DAY:
        case RF_ATTR_TIME_OF_WEEK:
            n = sums[a].n > 0 ? (double)sums[a].n * 1e9 : 1.0;
            sine = (double)sums[a].sin_sum / n;
            cosine = (double)sums[a].cos_sum / n;
            rf_put_attr(row, RF_F_SIN, a, sine);
            rf_put_attr(row, RF_F_COS, a, cosine);
            rf_put_attr(row, RF_F_CONCENTRATION, a, sqrt(sine * sine + cosine * cosine));
            break;
        }
        if (rf_attr_optional(&schema->attrs[a]))
            rf_put_attr(row, RF_F_MISSING_SHARE, a, 1.0 - rf_share(sums[a].n, events > 0 ? events : 1));
    }
}
