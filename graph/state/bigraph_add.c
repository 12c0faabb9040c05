/* bigraph_add.c - events become numbers and go into the store.
 *
 * In the flow: ingest hands over rf_event, this file decides whether it is kept (window, then repeated id),
 * interns its texts, and queues it for its cell. All of that waits mostly for memory, because the tables are
 * far larger than caches. So events are handled in groups, step by step: first the table slots of each text
 * and id are prefetched, then the memory that they point to, and only then the events are added, in their
 * order. A table that grows wastes the prefetch and changes nothing else.
 */
#include "rf_bigraph.h"

#include "bigraph_int.h"
#include "rf_mem.h"

#define PRUNE_AT_LEAST 65536u

static bool has_doubled(const rf_relation *relation)
{
    size_t n = relation->store.n_cells;
    return n >= PRUNE_AT_LEAST && n >= 2 * relation->cells_checked;
}

static rf_status prune(rf_relation *relation, uint32_t floor_slot, rf_err *err)
{
    rf_status st = RF_OK;
    rf_store *store = &relation->store;
    size_t old = 0;
    for (size_t c = 0; c < store->n_cells; c++)
        old += store->cells[c].slot < floor_slot;
    if (old > store->n_cells / 4)
        RF_TRY(rf_store_keep(store, floor_slot, NULL, NULL, err));
    relation->cells_checked = store->n_cells;
done:
    return st;
}

/* When the cells have doubled since the last look, and a good part of them is too old: drops these. */
static rf_status prune_sometimes(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    for (int k = 0; k < graph->n_kinds; k++) {
        if (!has_doubled(&graph->relation[k]))
            continue;
        RF_TRY(rf_bigraph_see_certain(graph, err));
        RF_TRY(prune(&graph->relation[k], rf_bigraph_floor_slot(graph), err));
    }
done:
    return st;
}

/* ---- looking ahead ---- */

/* What is known of an event before its turn. */
typedef struct ahead {
    const rf_event *event;
    rf_lookup *texts; /* user, an entity of each kind, one a category */
    rf_dedup_entry id;
    uint32_t slot;
} ahead;

enum { TEXT_USER, TEXT_ENTITIES };
enum { EVENTS_AHEAD = 4, LINE = 64, EVENT_LINES = 8 };

static void look_for(rf_lookup *l, rf_span text)
{
    l->text = text;
    l->hash = text.ptr == NULL ? 0 : rf_idmap_hash(text.ptr, text.len);
}

static rf_status look_ahead(ahead *a, const rf_bigraph *graph, const rf_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    if (event->time_us < RF_TIME_MIN || event->time_us >= RF_TIME_MAX)
        RF_FAIL(err, RF_E_INVALID, "an event's time lies outside the years 1900 to 2100");
    if (event->event_id.len > RF_MAX_ID_BYTES)
        RF_FAIL(err, RF_E_INVALID, "an event id has %zu bytes: at most %d are possible", event->event_id.len,
                RF_MAX_ID_BYTES);
    a->event = event;
    a->slot = rf_bigraph_slot(graph, event->time_us);
    look_for(&a->texts[TEXT_USER], event->user);
    for (int k = 0; k < graph->n_kinds; k++)
        look_for(&a->texts[TEXT_ENTITIES + k], rf_event_entity(event, k));
    rf_lookup *categories = a->texts + TEXT_ENTITIES + graph->n_kinds;
    for (int i = 0; i < graph->n_categories; i++) {
        int code = graph->category_codes[i];
        rf_span text = {0};
        if (code < graph->options.schema->n_attrs)
            text = event->values[code].text;
        else if (event->fraud_type.len > 0 &&
                 event->label != 0) /* an innocent event's "none" names no fraud */
            text = event->fraud_type;
        look_for(&categories[i], text);
    }
    a->id.slot = RF_NO_SLOT;
    if (event->event_id.ptr != NULL)
        a->id = rf_dedup_key(event->event_id.ptr, event->event_id.len, a->slot);
done:
    return st;
}

/* ---- one event ---- */

static rf_status intern(uint32_t *number, rf_idmap *map, const rf_lookup *l, rf_err *err)
{
    return rf_idmap_intern_hashed(map, l->text.ptr, l->text.len, l->hash, number, NULL, err);
}

static rf_status code_values(uint64_t *code, const rf_bigraph *graph, const rf_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_codec *codec = &rf_main_store(graph)->codec; /* zone and slot are those of all */
    const rf_schema *schema = graph->options.schema;
    for (int i = 0; i < schema->n_attrs; i++) {
        const rf_attr *attr = &schema->attrs[i];
        bool fine = true;
        if (attr->type == RF_ATTR_NUMBER || attr->type == RF_ATTR_BOOLEAN)
            fine = rf_code_number(&code[i], rf_attr_places(attr), event->values[i].number);
        else if (attr->type != RF_ATTR_CATEGORY)
            fine = rf_code_cyclic(&code[i], codec, attr->type, event->values[i].number, event->time_us);
        if (!fine)
            RF_FAIL(err, RF_E_INVALID,
                    "attribute %s has a value outside its range: the reader should have rejected this event",
                    attr->name);
    }
done:
    return st;
}

/* The numbers of its categories, in the places of their codes. */
static rf_status code_categories(uint64_t *code, rf_bigraph *graph, const ahead *a, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_lookup *texts = a->texts + TEXT_ENTITIES + graph->n_kinds;
    for (int i = 0; i < graph->n_categories; i++) {
        uint32_t number = 0;
        int at = graph->category_codes[i];
        code[at] = 0;
        if (texts[i].text.ptr == NULL)
            continue;
        RF_TRY(intern(&number, graph->category[at], &texts[i], err));
        code[at] = (uint64_t)number + 1;
    }
done:
    return st;
}

/* A cell of each kind of entity that the event names. */
static rf_status enqueue(rf_bigraph *graph, const ahead *a, const uint64_t *code, uint32_t u, rf_err *err)
{
    rf_status st = RF_OK;
    for (int k = 0; k < graph->n_kinds; k++) {
        const rf_lookup *text = &a->texts[TEXT_ENTITIES + k];
        uint32_t v = 0;
        if (text->text.ptr == NULL)
            continue;
        RF_TRY(intern(&v, graph->relation[k].entities, text, err));
        RF_TRY(rf_relation_enqueue(&graph->relation[k], a->event, code, u, v, a->slot, err));
    }
done:
    return st;
}

static rf_status add(rf_bigraph *graph, const ahead *a, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t u = 0, floor_slot = rf_bigraph_floor_slot(graph);
    uint64_t code[RF_MAX_CODES];
    if (a->event->time_us < graph->late_before_us) {
        graph->counts.late++;
        return RF_SKIPPED;
    }
    if (a->slot < floor_slot) {
        graph->counts.expired++;
        RF_TRY(rf_timeline_count(&graph->fresh, a->slot, 1, err));
        return RF_SKIPPED;
    }
    RF_TRY(prune_sometimes(graph, err));
    RF_TRY(code_values(code, graph, a->event, err));
    if (a->id.slot != RF_NO_SLOT)
        RF_TRY(rf_dedup_add(&graph->dedup, &a->id, floor_slot, err));
    if (st == RF_SKIPPED) {
        graph->counts.duplicate++;
        RF_TRY(rf_timeline_count(&graph->repeats, a->slot, 1, err));
        return RF_SKIPPED;
    }
    RF_TRY(intern(&u, graph->users, &a->texts[TEXT_USER], err));
    RF_TRY(code_categories(code, graph, a, err));
    RF_TRY(enqueue(graph, a, code, u, err));
    int64_t time_us = a->event->time_us;
    bool waits = graph->options.as_of_us != RF_AS_OF_LATEST && time_us >= graph->options.as_of_us;
    graph->counts.waiting += waits;
    graph->counts.accepted += !waits;
    RF_TRY(rf_timeline_count(&graph->fresh, a->slot, 1, err));
    if (time_us > graph->newest_us)
        graph->newest_us = time_us;
done:
    return st;
}

/* ---- many ---- */

/* Another core may have written the event, with its texts behind it. */
static void prefetch_event(const rf_event *event)
{
    const char *bytes = (const char *)event;
    for (int line = 0; line < EVENT_LINES; line++)
        __builtin_prefetch(bytes + (ptrdiff_t)line * LINE);
}

static void prefetch_text(const rf_idmap *map, const rf_lookup *l)
{
    rf_idmap_prefetch_text(map, l->text.len, l->hash);
}

/* The last one's status. */
static rf_status add_together(rf_bigraph *graph, const rf_event *const *events, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    ahead all[RF_AHEAD];
    for (size_t i = 0; i < n && i < EVENTS_AHEAD; i++)
        prefetch_event(events[i]);
    for (size_t i = 0; i < n; i++) {
        if (i + EVENTS_AHEAD < n)
            prefetch_event(events[i + EVENTS_AHEAD]);
        all[i].texts = graph->ahead + i * rf_bigraph_texts(graph);
        RF_TRY(look_ahead(&all[i], graph, events[i], err));
    }
    /* Short loops, so that the processor has many of these under way at once: a look at a large table waits
     * for its address to be translated, too. The categories' few texts are near anyway. */
    for (size_t i = 0; i < n; i++) {
        if (all[i].id.slot != RF_NO_SLOT)
            rf_dedup_prefetch(&graph->dedup, &all[i].id);
    }
    for (size_t i = 0; i < n; i++) {
        rf_idmap_prefetch(graph->users, all[i].texts[TEXT_USER].hash);
        for (int k = 0; k < graph->n_kinds; k++)
            rf_idmap_prefetch(graph->relation[k].entities, all[i].texts[TEXT_ENTITIES + k].hash);
    }
    for (size_t i = 0; i < n; i++) {
        prefetch_text(graph->users, &all[i].texts[TEXT_USER]);
        for (int k = 0; k < graph->n_kinds; k++)
            prefetch_text(graph->relation[k].entities, &all[i].texts[TEXT_ENTITIES + k]);
    }
    for (size_t i = 0; i < n; i++)
        RF_TRY(add(graph, &all[i], err));
done:
    return st;
}

rf_status rf_bigraph_add_events(rf_bigraph *graph, const rf_event *const *events, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_bigraph_check_unspent(graph, err));
    for (size_t from = 0; from < n; from += RF_AHEAD)
        RF_TRY(add_together(graph, events + from, n - from < RF_AHEAD ? n - from : RF_AHEAD, err));
    st = RF_OK;
done:
    return st;
}

void rf_bigraph_expect(rf_bigraph *graph, int64_t more)
{
    for (int k = 0; k < graph->n_kinds; k++)
        graph->relation[k].store.more = more;
}

rf_status rf_bigraph_add_event(rf_bigraph *graph, const rf_event *event, rf_err *err)
{
    rf_status st = rf_bigraph_check_unspent(graph, err);
    return st < 0 ? st : add_together(graph, &event, 1, err);
}
