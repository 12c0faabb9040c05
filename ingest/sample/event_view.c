/* event_view.c - looks at events as a configuration reads them, for `ringfence check`. */
#include "rf_event_view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "sample_int.h"
#include "value_mask_int.h"

#define FIRST_MARK 500 /* events after which the numbers are noted; then at each doubling */

/* What grows: users, the entities of each kind, and their pairs with users. */
enum { USERS, GROWING = RF_SIDES_MOST };

typedef struct number_view {
    int64_t n, missing;
    int64_t least, most;
    double sum;
} number_view;

struct rf_event_view {
    const rf_fields *fields;
    int n_attrs, n_kinds, n_growing;
    int64_t events, labels[3]; /* innocent, fraud, unknown */
    int64_t odd_labels;
    rf_sample_column user, entities[RF_KINDS_MOST], event_id, fraud_type;
    rf_sample_column *texts;    /* [n_attrs] of categories */
    number_view time, *numbers; /* [n_attrs] of the others */
    rf_idmap *ids[GROWING];     /* [n_growing] by side: an edge's is a pair of the numbers of both */
    int64_t marked_events, marked[GROWING], before_events, before[GROWING], next_mark;
};

static const char *kind_of(const rf_fields *fields, int kind)
{
    return fields->schema->n_kinds > 0 ? fields->schema->kinds[kind].name : "entity";
}

static rf_status start_column(rf_sample_column *column, const char *name, rf_err *err)
{
    *column = (rf_sample_column){.list = -1, .last_record = -1};
    column->name = rf_mem_text(name == NULL ? "" : name, name == NULL ? 0 : strlen(name), err);
    if (column->name == NULL)
        return RF_E_NOMEM;
    rf_words_all(column->words, column->name);
    return RF_OK;
}

rf_status rf_event_view_new(rf_event_view **out, const rf_fields *fields, rf_err *err)
{
    rf_status st = RF_OK;
    rf_event_view *view = NULL;
    RF_ZERO(view, 1, err);
    view->fields = fields;
    view->next_mark = FIRST_MARK;
    RF_ZERO(view->texts, fields->schema->n_attrs, err);
    RF_ZERO(view->numbers, fields->schema->n_attrs, err);
    view->n_growing = 1 + 2 * rf_fields_kinds(fields);
    for (int i = 0; i < view->n_growing; i++)
        RF_TRY(rf_idmap_new(&view->ids[i], err));
    RF_TRY(start_column(&view->user, "user", err));
    for (; view->n_kinds < rf_fields_kinds(fields); view->n_kinds++)
        RF_TRY(start_column(&view->entities[view->n_kinds], kind_of(fields, view->n_kinds), err));
    RF_TRY(start_column(&view->event_id, "event id", err));
    RF_TRY(start_column(&view->fraud_type, "type", err));
    for (; view->n_attrs < fields->schema->n_attrs; view->n_attrs++) {
        const rf_attr *attr = &fields->schema->attrs[view->n_attrs];
        RF_TRY(start_column(&view->texts[view->n_attrs], attr->field, err));
    }
    *out = view;
    view = NULL;
done:
    rf_event_view_free(view);
    return st;
}

void rf_event_view_free(rf_event_view *view)
{
    if (view == NULL)
        return;
    rf_column_clear(&view->user);
    for (int k = 0; k < view->n_kinds; k++)
        rf_column_clear(&view->entities[k]);
    rf_column_clear(&view->event_id);
    rf_column_clear(&view->fraud_type);
    for (int i = 0; i < view->n_attrs; i++)
        rf_column_clear(&view->texts[i]);
    for (int i = 0; i < view->n_growing; i++)
        rf_idmap_free(view->ids[i]);
    rf_mem_free(view->texts);
    rf_mem_free(view->numbers);
    rf_mem_free(view);
}

/* ---- events ---- */

static rf_status add_text(rf_sample_column *column, int64_t event, rf_span text, rf_err *err)
{
    const rf_raw raw = {.kind = text.ptr == NULL ? RF_RAW_ABSENT : RF_RAW_TEXT, .text = text};
    return rf_column_add(column, event, &raw, -1, err);
}

static void add_number(number_view *view, int64_t number)
{
    if (number == RF_MISSING) {
        view->missing++;
        return;
    }
    view->least = view->n == 0 || number < view->least ? number : view->least;
    view->most = view->n == 0 || number > view->most ? number : view->most;
    view->sum += (double)number;
    view->n++;
}

static rf_status count_ids(rf_event_view *view, const rf_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t pair[2], id;
    RF_TRY(rf_idmap_intern(view->ids[USERS], event->user.ptr, event->user.len, &pair[0], NULL, err));
    for (int k = 0; k < view->n_kinds; k++) {
        const rf_span entity = rf_event_entity(event, k);
        rf_idmap *entities = view->ids[rf_entity_side(k)], *pairs = view->ids[rf_edge_side(k)];
        if (entity.ptr == NULL)
            continue;
        RF_TRY(rf_idmap_intern(entities, entity.ptr, entity.len, &pair[1], NULL, err));
        RF_TRY(rf_idmap_intern(pairs, (const char *)pair, sizeof pair, &id, NULL, err));
    }
    if (view->events < view->next_mark)
        goto done;
    view->before_events = view->marked_events;
    view->marked_events = view->events;
    for (int i = 0; i < view->n_growing; i++) {
        view->before[i] = view->marked[i];
        view->marked[i] = rf_idmap_count(view->ids[i]);
    }
    view->next_mark *= 2;
done:
    return st;
}

rf_status rf_event_view_add(rf_event_view *view, const rf_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_schema *schema = view->fields->schema;
    view->events++;
    RF_TRY(add_text(&view->user, view->events, event->user, err));
    for (int k = 0; k < view->n_kinds; k++)
        RF_TRY(add_text(&view->entities[k], view->events, rf_event_entity(event, k), err));
    RF_TRY(add_text(&view->event_id, view->events, event->event_id, err));
    RF_TRY(add_text(&view->fraud_type, view->events, event->fraud_type, err));
    add_number(&view->time, event->time_us);
    view->labels[event->label < 0 ? 2 : event->label]++;
    view->odd_labels += event->odd_label;
    for (int i = 0; i < schema->n_attrs; i++) {
        if (schema->attrs[i].type == RF_ATTR_CATEGORY)
            RF_TRY(add_text(&view->texts[i], view->events, event->values[i].text, err));
        else
            add_number(&view->numbers[i], event->values[i].number);
    }
    RF_TRY(count_ids(view, event, err));
done:
    return st;
}

/* ---- rows ---- */

/* What a row shows, in their order; of the entities one a kind, of the attributes one each. */
typedef enum row_of {
    ROW_USER,
    ROW_ENTITY,
    ROW_TIME,
    ROW_EVENT_ID,
    ROW_LABEL,
    ROW_FRAUD_TYPE,
    ROW_ATTR
} row_of;

/* How many rows show that. */
static int rows_of(const rf_event_view *view, row_of what)
{
    const rf_fields *fields = view->fields;
    switch (what) {
    case ROW_ENTITY:
        return fields->entity == NULL ? 0 : view->n_kinds;
    case ROW_ATTR:
        return view->n_attrs;
    case ROW_USER:
        return fields->user != NULL;
    case ROW_TIME:
        return fields->time != NULL;
    case ROW_EVENT_ID:
        return fields->event_id != NULL;
    case ROW_LABEL:
        return fields->label != NULL;
    case ROW_FRAUD_TYPE:
        break;
    }
    return fields->fraud_type != NULL;
}

int rf_event_view_rows(const rf_event_view *view)
{
    int n = 0;
    for (row_of what = ROW_USER; what <= ROW_ATTR; what++)
        n += rows_of(view, what);
    return n;
}

static void name_fields(char *out, size_t size, const char *name, const rf_more_names *more)
{
    size_t len = (size_t)snprintf(out, size, "%s", name == NULL ? "" : name);
    for (int i = 0; more != NULL && i < more->n && len < size; i++)
        len +=
            (size_t)snprintf(out + len, size - len, "%s%s", more->joined ? " + " : ", else ", more->names[i]);
}

static double share(int64_t part, int64_t all)
{
    return all == 0 ? 0 : 100.0 * (double)part / (double)all;
}

static void show_time(rf_event_row *out, const rf_event_view *view)
{
    static const char *const units[] = {
        [RF_TIME_ISO8601] = "ISO 8601", [RF_TIME_S] = "seconds",      [RF_TIME_MS] = "milliseconds",
        [RF_TIME_US] = "microseconds",  [RF_TIME_NS] = "nanoseconds", [RF_TIME_MINUTES] = "minutes",
        [RF_TIME_HOURS] = "hours",      [RF_TIME_DAYS] = "days",      [RF_TIME_STRPTIME] = "pattern"};
    char from[RF_TIME_TEXT], to[RF_TIME_TEXT];
    const char *pattern = view->fields->time_format == RF_TIME_STRPTIME ? view->fields->time_pattern : NULL;
    size_t len = pattern == NULL ? 0 : strcspn(pattern, "\n");
    snprintf(out->meaning, sizeof out->meaning, "moment: %s%s%.*s, %s", units[view->fields->time_format],
             pattern == NULL ? "" : " ", (int)(len < 60 ? len : 60), pattern == NULL ? "" : pattern,
             view->fields->zone == NULL ? "UTC" : view->fields->zone);
    if (view->time.n > 0)
        snprintf(out->seen, sizeof out->seen, "%s to %s", rf_time_format(from, view->time.least),
                 rf_time_format(to, view->time.most));
}

static void show_label(rf_event_row *out, const rf_event_view *view)
{
    snprintf(out->meaning, sizeof out->meaning, "label");
    snprintf(out->seen, sizeof out->seen, "fraud %.3g %%, innocent %.3g %%, unknown %.3g %%",
             share(view->labels[1], view->events), share(view->labels[0], view->events),
             share(view->labels[2], view->events));
}

/* The least and the largest number: masked where the column's name says that they are somebody's. */
static void show_range(rf_event_row *out, const rf_sample_column *column, const number_view *number,
                       double unit, double missing)
{
    char ends[2][40] = {"-", "-"}, masked[2][RF_MASKED];
    bool hidden = number->n > 0 && rf_names_somebody(column->name, column->words);
    for (int i = 0; i < 2 && number->n > 0; i++)
        snprintf(ends[i], sizeof ends[i], "%.10g", (double)(i == 0 ? number->least : number->most) / unit);
    snprintf(out->seen, sizeof out->seen, "%.3g %% empty, %s to %s", missing,
             hidden ? rf_masked(masked[0], ends[0], strlen(ends[0])) : ends[0],
             hidden ? rf_masked(masked[1], ends[1], strlen(ends[1])) : ends[1]);
}

static void show_attr(rf_event_row *out, const rf_event_view *view, int i)
{
    const rf_attr *attr = &view->fields->schema->attrs[i];
    const number_view *number = &view->numbers[i];
    const rf_column_type text = {.meaning = RF_MEANS_TEXT};
    double missing = share(number->missing, view->events);
    snprintf(out->field, sizeof out->field, "%s", attr->name);
    name_fields(out->from, sizeof out->from, attr->field, &attr->more);
    if (attr->type == RF_ATTR_CATEGORY) {
        snprintf(out->meaning, sizeof out->meaning, "category, %d at most with a column", attr->top);
        (void)rf_view_seen(out->seen, &view->texts[i], view->events, &text);
    } else if (attr->type == RF_ATTR_BOOLEAN) {
        snprintf(out->meaning, sizeof out->meaning, "flag");
        snprintf(out->seen, sizeof out->seen, "%.3g %% empty, true %.3g %%", missing,
                 number->n == 0 ? 0 : 100 * number->sum / RF_FIXED_ONE / (double)number->n);
    } else if (attr->type == RF_ATTR_NUMBER) {
        snprintf(out->meaning, sizeof out->meaning,
                 attr->age     ? "age in days"
                 : attr->log1p ? "number, logarithmic"
                               : "number");
        show_range(out, &view->texts[i], number, pow(10, rf_attr_places(attr)), missing);
    } else {
        snprintf(out->meaning, sizeof out->meaning,
                 attr->type == RF_ATTR_TIME_OF_DAY ? "time of day" : "time of week");
        snprintf(out->seen, sizeof out->seen, "%.3g %% empty", missing);
    }
}

static void show_id(rf_event_row *out, const rf_event_view *view, const rf_sample_column *column)
{
    const rf_column_type id = {.meaning = RF_MEANS_ID};
    snprintf(out->meaning, sizeof out->meaning, "id");
    (void)rf_view_seen(out->seen, column, view->events, &id);
}

static void show_fraud_type(rf_event_row *out, const rf_event_view *view)
{
    const rf_column_type text = {.meaning = RF_MEANS_TEXT};
    snprintf(out->meaning, sizeof out->meaning, "truth, for evaluate");
    (void)rf_view_seen(out->seen, &view->fraud_type, view->events, &text);
}

static void name_row(rf_event_row *out, const char *field, const char *from, const rf_more_names *more)
{
    snprintf(out->field, sizeof out->field, "%s", field);
    name_fields(out->from, sizeof out->from, from, more);
}

static void show_entity(rf_event_row *out, const rf_event_view *view, int kind)
{
    rf_more_names more;
    const char *from = rf_fields_entity(&more, view->fields, kind);
    name_row(out, kind_of(view->fields, kind), from, &more);
    show_id(out, view, &view->entities[kind]);
}

void rf_event_view_row(rf_event_row *out, const rf_event_view *view, int i)
{
    const rf_fields *fields = view->fields;
    row_of what = ROW_USER;
    for (; i >= rows_of(view, what); what++)
        i -= rows_of(view, what);
    *out = (rf_event_row){0};
    switch (what) {
    case ROW_USER:
        name_row(out, "user", fields->user, &fields->user_more);
        show_id(out, view, &view->user);
        break;
    case ROW_ENTITY:
        show_entity(out, view, i);
        break;
    case ROW_TIME:
        name_row(out, "time", fields->time, &fields->time_more);
        show_time(out, view);
        break;
    case ROW_EVENT_ID:
        name_row(out, "event id", fields->event_id, &fields->event_id_more);
        show_id(out, view, &view->event_id);
        break;
    case ROW_LABEL:
        name_row(out, "label", fields->label, NULL);
        show_label(out, view);
        break;
    case ROW_FRAUD_TYPE:
        name_row(out, "fraud type", fields->fraud_type, NULL);
        show_fraud_type(out, view);
        break;
    case ROW_ATTR:
        show_attr(out, view, i);
        break;
    }
}

/* ---- growth ---- */

rf_growth rf_event_view_growth(const rf_event_view *view)
{
    rf_growth growth = {.events = view->events,
                        .users = rf_idmap_count(view->ids[USERS]),
                        .from_us = view->time.n > 0 ? view->time.least : 0,
                        .to_us = view->time.n > 0 ? view->time.most : 0};
    for (int k = 0; k < view->n_kinds; k++) {
        growth.entities[k] = rf_idmap_count(view->ids[rf_entity_side(k)]);
        growth.pairs[k] = rf_idmap_count(view->ids[rf_edge_side(k)]);
    }
    return growth;
}

static int64_t expect(const rf_event_view *view, int what, double events)
{
    double now = rf_idmap_count(view->ids[what]), before = (double)view->before[what];
    double power = 1;
    if (view->before_events > 0 && before > 0)
        power = log(now / before) / log((double)view->events / (double)view->before_events);
    else if (now > 0 && view->events > 0)
        power = 0.5 + 0.5 * now / (double)view->events;
    power = power < 0 ? 0 : power > 1 ? 1 : power;
    return (int64_t)llround(now * pow(events / (double)view->events, power));
}

rf_growth rf_event_view_expect(const rf_event_view *view, double events)
{
    rf_growth growth = rf_event_view_growth(view);
    if (view->events == 0 || events <= (double)view->events)
        return growth;
    growth.events = (int64_t)llround(events);
    growth.users = expect(view, USERS, events);
    for (int k = 0; k < view->n_kinds; k++) {
        growth.entities[k] = expect(view, rf_entity_side(k), events);
        growth.pairs[k] = expect(view, rf_edge_side(k), events);
    }
    return growth;
}
