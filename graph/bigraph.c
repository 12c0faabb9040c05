/* bigraph.c - the growing graph: one event after another becomes numbers and goes into the store.
 *
 * In the flow: ingest hands over rf_event, this file decides whether it is kept (window, then repeated id),
 * interns its texts, and queues it for its cell; snapshot.c saves and publishes. What is kept depends on the
 * events alone: the retained range only ever moves forward, and events at or after as_of wait in the state
 * for a later build.
 */
#include "rf_bigraph.h"

#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"

#define SHORTEST_BUCKET_US RF_MINUTE_US
#define LONGEST_US (RF_TIME_MAX - RF_TIME_MIN)
#define PRUNE_AT_LEAST 65536u

/* ---- setting up ---- */

static int64_t gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* Cells must not straddle a local hour: the slot divides the hour, the bucket, and every offset that the zone
 * has had since 1970. Odd offsets (seconds, of old local times) are left out: their hours are those of the
 * slot's start. */
static int64_t choose_slot(int64_t bucket_us, const rf_zone *zone)
{
    int64_t slot = gcd(RF_HOUR_US, bucket_us);
    for (int64_t day = 0; day < 366 * 80; day += 7) {
        int64_t offset = rf_zone_offset_s(zone, day * RF_DAY_US) * RF_SECOND_US;
        if (offset % (15 * RF_MINUTE_US) == 0)
            slot = gcd(slot, offset);
    }
    return slot;
}

static rf_status check_options(const rf_bigraph_options *o, rf_err *err)
{
    rf_status st = RF_OK;
    char text[RF_TIME_TEXT], bucket[RF_TIME_TEXT];
    int64_t b = o->bucket_us;
    if (b < SHORTEST_BUCKET_US || b > 366 * RF_DAY_US || (RF_HOUR_US % b != 0 && b % RF_HOUR_US != 0))
        RF_FAIL(err, RF_E_INVALID,
                "graph.bucket is %s: it must be at least 1m and divide an hour or be whole hours, as 15m, 1h "
                "or 1d",
                rf_duration_format(text, b));
    rf_duration_format(bucket, b);
    if (o->window_us < 0 || o->window_us > LONGEST_US)
        RF_FAIL(err, RF_E_INVALID, "graph.window must be between 0 (unbounded) and 200 years");
    if (o->window_us % b != 0)
        RF_FAIL(err, RF_E_INVALID, "graph.window is %s: it must be whole buckets of %s (graph.bucket)",
                rf_duration_format(text, o->window_us), bucket);
    if (o->as_of_us != RF_AS_OF_LATEST && (o->as_of_us < RF_TIME_MIN || o->as_of_us > RF_TIME_MAX))
        RF_FAIL(err, RF_E_INVALID, "graph.as_of lies outside the years 1900 to 2100");
    if (o->as_of_us != RF_AS_OF_LATEST && o->as_of_us % b != 0)
        RF_FAIL(err, RF_E_INVALID,
                "graph.as_of is %s: it must lie on a boundary of graph.bucket, which is %s (in UTC)",
                rf_time_format(text, o->as_of_us), bucket);
    if (o->history_us < 0 || o->history_us > LONGEST_US)
        RF_FAIL(err, RF_E_INVALID, "the history before the window must be between 0 and 200 years");
    if (o->schema->n_attrs < 0 || o->schema->n_attrs > RF_MAX_ATTRS)
        RF_FAIL(err, RF_E_INVALID, "%d attributes: at most %d are possible", o->schema->n_attrs,
                RF_MAX_ATTRS);
done:
    return st;
}

static rf_status new_maps(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_idmap_new(&graph->u, err));
    RF_TRY(rf_idmap_new(&graph->v, err));
    for (int i = 0; i < graph->store.codec.n_codes; i++) {
        if (rf_codec_type(&graph->store.codec, i) == RF_ATTR_CATEGORY)
            RF_TRY(rf_idmap_new(&graph->category[i], err));
    }
    graph->queue = rf_mem_new(RF_QUEUE, sizeof *graph->queue, err);
    if (graph->queue == NULL)
        st = RF_E_NOMEM;
done:
    return st;
}

rf_status rf_bigraph_new(rf_bigraph **out, const rf_bigraph_options *options, rf_err *err)
{
    rf_status st = check_options(options, err);
    if (st < 0)
        return st;
    rf_bigraph *graph = rf_mem_zero(1, sizeof *graph, err);
    if (graph == NULL)
        return RF_E_NOMEM;
    bool events = options->granularity == RF_GRANULARITY_EVENT;
    int64_t bucket = options->bucket_us;
    graph->options = *options;
    graph->newest_us = RF_AS_OF_LATEST;
    graph->kept_from_us = INT64_MIN;
    graph->history_us = events ? (options->history_us + bucket - 1) / bucket * bucket : 0;
    RF_TRY(rf_zone_new(&graph->zone, options->zone == NULL ? "UTC" : options->zone, err));
    graph->slot_us = choose_slot(bucket, graph->zone);
    graph->store.codec = (rf_codec){.schema = options->schema,
                                    .n_codes = options->schema->n_attrs + 1,
                                    .ids = events,
                                    .slot_us = graph->slot_us,
                                    .zone = graph->zone};
    RF_TRY(new_maps(graph, err));
    *out = graph;
    graph = NULL;
done:
    rf_bigraph_free(graph);
    return st;
}

void rf_bigraph_free(rf_bigraph *graph)
{
    if (graph == NULL)
        return;
    rf_zone_free(graph->zone);
    rf_idmap_free(graph->u);
    rf_idmap_free(graph->v);
    for (int i = 0; i < RF_MAX_CODES; i++)
        rf_idmap_free(graph->category[i]);
    rf_store_clear(&graph->store);
    rf_dedup_clear(&graph->dedup);
    rf_renumber_clear(&graph->renumber);
    rf_mem_free(graph->queue);
    rf_mem_free(graph);
}

rf_counts *rf_bigraph_counts(rf_bigraph *graph)
{
    return &graph->counts;
}

rf_bigraph_sizes rf_bigraph_sizes_get(const rf_bigraph *graph)
{
    size_t bytes = rf_idmap_bytes(graph->u) + rf_idmap_bytes(graph->v) + rf_store_bytes(&graph->store);
    for (int i = 0; i < graph->store.codec.n_codes; i++)
        bytes += graph->category[i] == NULL ? 0 : rf_idmap_bytes(graph->category[i]);
    bytes += graph->dedup.bits > 0 ? sizeof *graph->dedup.entries << graph->dedup.bits : 0;
    return (rf_bigraph_sizes){.users = rf_idmap_count(graph->u),
                              .entities = rf_idmap_count(graph->v),
                              .cells = (int64_t)graph->store.n_cells + graph->queue_n,
                              .bytes = (int64_t)bytes};
}

/* ---- time ---- */

/* The end of the bucket that holds the newest event. */
static int64_t latest_as_of(const rf_bigraph *graph)
{
    int64_t bucket = graph->options.bucket_us, rest = graph->newest_us % bucket;
    return graph->newest_us - (rest < 0 ? rest + bucket : rest) + bucket;
}

bool rf_bigraph_window(const rf_bigraph *graph, int64_t *from_us, int64_t *to_us)
{
    bool latest = graph->options.as_of_us == RF_AS_OF_LATEST;
    if (latest && graph->newest_us == RF_AS_OF_LATEST)
        return false;
    *to_us = latest ? latest_as_of(graph) : graph->options.as_of_us;
    *from_us = graph->options.window_us == 0 ? INT64_MIN : *to_us - graph->options.window_us;
    return true;
}

int64_t rf_bigraph_floor(const rf_bigraph *graph)
{
    int64_t from, to;
    if (!rf_bigraph_window(graph, &from, &to) || from == INT64_MIN)
        return graph->kept_from_us;
    from -= graph->history_us;
    return from > graph->kept_from_us ? from : graph->kept_from_us;
}

uint32_t rf_bigraph_slot(const rf_bigraph *graph, int64_t time_us)
{
    return (uint32_t)((time_us - RF_TIME_MIN) / graph->slot_us);
}

uint32_t rf_bigraph_floor_slot(const rf_bigraph *graph)
{
    int64_t floor_us = rf_bigraph_floor(graph);
    if (floor_us <= RF_TIME_MIN)
        return 0;
    return rf_bigraph_slot(graph, floor_us < RF_TIME_MAX ? floor_us : RF_TIME_MAX);
}

/* ---- events ---- */

static rf_status add_oldest(rf_bigraph *graph, rf_err *err)
{
    rf_status st = rf_store_add(&graph->store, &graph->queue[graph->queue_first], err);
    if (st < 0)
        return st;
    graph->queue_first = (graph->queue_first + 1) % RF_QUEUE;
    graph->queue_n--;
    return RF_OK;
}

rf_status rf_bigraph_flush(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_store_reserve(&graph->store, graph->queue_n, err));
    while (graph->queue_n > 0)
        RF_TRY(add_oldest(graph, err));
done:
    return st;
}

/* When the cells have doubled since the last look, and a good part of them is too old: drops these. */
static rf_status prune_sometimes(rf_bigraph *graph, rf_err *err)
{
    rf_store *store = &graph->store;
    uint32_t floor_slot = rf_bigraph_floor_slot(graph);
    if (floor_slot == 0 || store->n_cells < PRUNE_AT_LEAST || store->n_cells < 2 * graph->cells_checked)
        return RF_OK;
    size_t old = 0;
    for (size_t c = 0; c < store->n_cells; c++)
        old += store->cells[c].slot < floor_slot;
    if (old > store->n_cells / 4) {
        rf_status st = rf_store_prune(store, floor_slot, err);
        if (st < 0)
            return st;
    }
    graph->cells_checked = store->n_cells;
    return RF_OK;
}

static rf_status bad_value(const rf_attr *attr, rf_err *err)
{
    return rf_err_set(
        err, RF_E_INVALID, __FILE__, __LINE__,
        "attribute %s has a value outside its range: the reader should have rejected this event", attr->name);
}

/* The texts of one event with their hashes: all are fetched at once before anything waits for one of them. */
typedef struct lookup {
    rf_idmap *map; /* NULL: no such text */
    rf_span text;
    uint64_t hash;
} lookup;

enum { LOOKUP_USER, LOOKUP_ENTITY, LOOKUP_CODES };

typedef struct lookups {
    lookup at[LOOKUP_CODES + RF_MAX_CODES]; /* user, entity, then one a code */
    int n;
} lookups;

static void look_for(lookup *l, rf_idmap *map, rf_span text)
{
    l->map = text.ptr == NULL ? NULL : map;
    if (l->map == NULL)
        return;
    l->text = text;
    l->hash = rf_idmap_hash(text.ptr, text.len);
    rf_idmap_prefetch(map, l->hash);
}

static void look_for_all(lookups *l, const rf_bigraph *graph, const rf_event *event)
{
    const rf_schema *schema = graph->options.schema;
    rf_span fraud = event->fraud_type;
    if (fraud.len == 0 || event->label == 0) /* an innocent event's "0" or "none" names no fraud */
        fraud.ptr = NULL;
    look_for(&l->at[LOOKUP_USER], graph->u, event->user);
    look_for(&l->at[LOOKUP_ENTITY], graph->v, event->entity);
    for (int i = 0; i < schema->n_attrs; i++) {
        l->at[LOOKUP_CODES + i].map = NULL;
        if (schema->attrs[i].type == RF_ATTR_CATEGORY)
            look_for(&l->at[LOOKUP_CODES + i], graph->category[i], event->values[i].text);
    }
    look_for(&l->at[LOOKUP_CODES + schema->n_attrs], graph->category[schema->n_attrs], fraud);
    l->n = LOOKUP_CODES + schema->n_attrs + 1;
}

static void fetch_texts(const lookups *l)
{
    for (int i = 0; i < l->n; i++) {
        if (l->at[i].map != NULL)
            rf_idmap_prefetch_text(l->at[i].map, l->at[i].hash);
    }
}

static rf_status intern(uint32_t *number, const lookup *l, rf_err *err)
{
    return rf_idmap_intern_hashed(l->map, l->text.ptr, l->text.len, l->hash, number, NULL, err);
}

static rf_status code_values(uint64_t *code, rf_bigraph *graph, const rf_event *event, rf_err *err)
{
    const rf_codec *codec = &graph->store.codec;
    const rf_schema *schema = graph->options.schema;
    for (int i = 0; i < schema->n_attrs; i++) {
        const rf_attr *attr = &schema->attrs[i];
        bool fine = true;
        if (attr->type == RF_ATTR_NUMBER || attr->type == RF_ATTR_BOOLEAN)
            fine = rf_code_number(&code[i], event->values[i].number);
        else if (attr->type != RF_ATTR_CATEGORY)
            fine = rf_code_cyclic(&code[i], codec, attr->type, event->values[i].number, event->time_us);
        if (!fine)
            return bad_value(attr, err);
    }
    return RF_OK;
}

static rf_status code_categories(uint64_t *code, const rf_bigraph *graph, const lookups *l, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < graph->store.codec.n_codes; i++) {
        uint32_t number = 0;
        if (graph->category[i] == NULL)
            continue;
        code[i] = 0;
        if (l->at[LOOKUP_CODES + i].map == NULL)
            continue;
        RF_TRY(intern(&number, &l->at[LOOKUP_CODES + i], err));
        code[i] = (uint64_t)number + 1;
    }
done:
    return st;
}

static rf_status enqueue(rf_bigraph *graph, const rf_event *event, const uint64_t *code, uint32_t u,
                         uint32_t v, uint32_t slot, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_store_reserve(&graph->store, RF_QUEUE, err));
    if (graph->queue_n == RF_QUEUE)
        RF_TRY(add_oldest(graph, err));
    rf_arrival *arrival = &graph->queue[(graph->queue_first + graph->queue_n) % RF_QUEUE];
    arrival->u = u;
    arrival->v = v;
    arrival->slot = slot;
    arrival->hash = rf_cell_hash(u, v, slot);
    rf_store_prefetch(&graph->store, arrival->hash);
    arrival->offset = (uint32_t)(event->time_us - rf_slot_us(&graph->store.codec, slot));
    arrival->label = event->label;
    arrival->typed = code[graph->store.codec.n_codes - 1] != 0;
    arrival->body_len = rf_record_put_body(arrival->body, &graph->store.codec, code, event->event_id.ptr,
                                           event->event_id.len);
    graph->queue_n++;
done:
    return st;
}

static void count_kept(rf_bigraph *graph, int64_t time_us)
{
    if (graph->options.as_of_us != RF_AS_OF_LATEST && time_us >= graph->options.as_of_us) {
        graph->counts.outside_window++;
    } else {
        graph->counts.accepted++;
        graph->counts.late +=
            graph->newest_us != RF_AS_OF_LATEST && time_us < graph->newest_us - graph->options.bucket_us;
    }
    if (time_us > graph->newest_us)
        graph->newest_us = time_us;
}

rf_status rf_bigraph_check_unspent(const rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    if (graph->sorted)
        RF_FAIL(err, RF_E_INVALID, "this graph was published: resume its file in a new one to go on");
done:
    return st;
}

static rf_status check_event(const rf_bigraph *graph, const rf_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_bigraph_check_unspent(graph, err));
    if (event->time_us < RF_TIME_MIN || event->time_us >= RF_TIME_MAX)
        RF_FAIL(err, RF_E_INVALID, "an event's time lies outside the years 1900 to 2100");
    if (event->event_id.len > RF_MAX_ID_BYTES)
        RF_FAIL(err, RF_E_INVALID, "an event id has %zu bytes: at most %d are possible", event->event_id.len,
                RF_MAX_ID_BYTES);
done:
    return st;
}

rf_status rf_bigraph_add_event(rf_bigraph *graph, const rf_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t u = 0, v = 0;
    uint64_t code[RF_MAX_CODES];
    lookups l;
    rf_dedup_entry key = {.slot = RF_NO_SLOT};
    RF_TRY(check_event(graph, event, err));
    uint32_t slot = rf_bigraph_slot(graph, event->time_us), floor_slot = rf_bigraph_floor_slot(graph);
    if (slot < floor_slot) {
        graph->counts.outside_window++;
        return RF_SKIPPED;
    }
    RF_TRY(prune_sometimes(graph, err));
    look_for_all(&l, graph, event);
    if (event->event_id.ptr != NULL) {
        key = rf_dedup_key(event->event_id.ptr, event->event_id.len, slot);
        rf_dedup_prefetch(&graph->dedup, &key);
    }
    RF_TRY(code_values(code, graph, event, err));
    fetch_texts(&l);
    if (event->event_id.ptr != NULL)
        RF_TRY(rf_dedup_add(&graph->dedup, &key, floor_slot, err));
    if (st == RF_SKIPPED) {
        graph->counts.duplicate++;
        return RF_SKIPPED;
    }
    RF_TRY(intern(&u, &l.at[LOOKUP_USER], err));
    RF_TRY(intern(&v, &l.at[LOOKUP_ENTITY], err));
    RF_TRY(code_categories(code, graph, &l, err));
    RF_TRY(enqueue(graph, event, code, u, v, slot, err));
    count_kept(graph, event->time_us);
done:
    return st;
}

/* ---- canonical order ---- */

void rf_bigraph_sort_dedup(rf_bigraph *graph)
{
    rf_dedup_sort(&graph->dedup, rf_bigraph_floor_slot(graph));
}

rf_status rf_bigraph_sort(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    if (graph->sorted)
        return RF_OK;
    RF_TRY(rf_bigraph_flush(graph, err));
    uint32_t floor_slot = rf_bigraph_floor_slot(graph);
    graph->kept_from_us = rf_bigraph_floor(graph);
    rf_mem_free(graph->store.index);
    graph->store.index = NULL;
    RF_TRY(rf_renumber_init(&graph->renumber, &graph->store, floor_slot, graph->u, graph->v, graph->category,
                            err));
    graph->sorted = true;
    RF_TRY(rf_store_sort(&graph->store, floor_slot, &graph->renumber, err));
done:
    return st;
}

const char *rf_bigraph_sorted_text(const rf_idmap *map, const rf_renumber_ids *ids, uint32_t i)
{
    return rf_idmap_text(map, ids->order[i], NULL);
}
