/* bigraph.c - the growing graph: what it is made of, which time it keeps, and its canonical order.
 *
 * In the flow: bigraph_add.c queues events, snapshot.c saves, publish.c freezes and writes the result. What
 * is kept depends on the events alone: the retained range only ever moves forward, and events at or after
 * as_of wait in the state for a later build.
 */
#include "rf_bigraph.h"

#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"

#define SHORTEST_BUCKET_US RF_MINUTE_US
#define LONGEST_US (RF_TIME_MAX - RF_TIME_MIN)

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

void rf_bigraph_options_default(rf_bigraph_options *options)
{
    *options = (rf_bigraph_options){.granularity = RF_GRANULARITY_PAIR,
                                    .window_us = 30 * RF_DAY_US,
                                    .as_of_us = RF_AS_OF_LATEST,
                                    .bucket_us = RF_HOUR_US,
                                    .history_us = 30 * RF_DAY_US,
                                    .features = "all"};
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
    if (o->schema->n_kinds < 0 || o->schema->n_kinds > RF_KINDS_MOST)
        RF_FAIL(err, RF_E_INVALID, "%d kinds of entity: at most %d are possible", o->schema->n_kinds,
                RF_KINDS_MOST);
done:
    return st;
}

static rf_status new_maps(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_schema *schema = graph->options.schema;
    RF_TRY(rf_idmap_new(&graph->users, err));
    for (int i = 0; i <= schema->n_attrs; i++) { /* the last one: fraud types */
        if (i < schema->n_attrs && schema->attrs[i].type != RF_ATTR_CATEGORY)
            continue;
        RF_TRY(rf_idmap_new(&graph->category[i], err));
        graph->category_codes[graph->n_categories++] = i;
    }
    RF_NEW(graph->ahead, RF_AHEAD * rf_bigraph_texts(graph), err);
done:
    return st;
}

static rf_status new_relations(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_schema *schema = graph->options.schema;
    const rf_codec codec = {.ids = graph->options.granularity == RF_GRANULARITY_EVENT,
                            .slot_us = graph->slot_us,
                            .zone = graph->zone};
    graph->n_kinds = rf_schema_kinds(schema);
    graph->kinds.n = schema->n_kinds;
    for (int k = 0; k < schema->n_kinds; k++)
        memcpy(graph->kinds.name[k], schema->kinds[k].name, RF_KIND_NAME);
    for (int k = 0; k < graph->n_kinds; k++)
        RF_TRY(rf_relation_init(&graph->relation[k], schema, k, &codec, err));
done:
    return st;
}

rf_status rf_bigraph_new(rf_bigraph **out, const rf_bigraph_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = NULL;
    bool events = options->granularity == RF_GRANULARITY_EVENT;
    int64_t bucket = options->bucket_us;
    RF_TRY(check_options(options, err));
    RF_ZERO(graph, 1, err);
    graph->options = *options;
    graph->newest_us = graph->end_us = graph->was_end_us = RF_AS_OF_LATEST;
    graph->kept_from_us = graph->late_before_us = INT64_MIN;
    graph->history_us = events ? (options->history_us + bucket - 1) / bucket * bucket : 0;
    RF_TRY(rf_zone_new(&graph->zone, options->zone == NULL ? "UTC" : options->zone, err));
    graph->slot_us = choose_slot(bucket, graph->zone);
    RF_TRY(new_relations(graph, err));
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
    rf_idmap_free(graph->users);
    for (int i = 0; i < RF_MAX_CODES; i++)
        rf_idmap_free(graph->category[i]);
    for (int k = 0; k < graph->n_kinds; k++)
        rf_relation_clear(&graph->relation[k]);
    rf_dedup_clear(&graph->dedup);
    rf_timeline_clear(&graph->resumed);
    rf_timeline_clear(&graph->fresh);
    rf_timeline_clear(&graph->repeats);
    rf_renumber_clear(&graph->renumber);
    rf_mem_free(graph->ahead);
    rf_mem_free(graph);
}

rf_counts *rf_bigraph_counts(rf_bigraph *graph)
{
    return &graph->counts;
}

void rf_bigraph_use_threads(rf_bigraph *graph, rf_pool *pool)
{
    graph->pool = pool;
}

int64_t rf_bigraph_forgotten(const rf_bigraph *graph)
{
    return graph->forgotten;
}

/* ---- time ---- */

bool rf_bigraph_window_at(const rf_bigraph *graph, int64_t end_us, int64_t *from_us, int64_t *to_us)
{
    bool latest = graph->options.as_of_us == RF_AS_OF_LATEST;
    if (latest && end_us == RF_AS_OF_LATEST)
        return false;
    *to_us = graph->options.as_of_us;
    if (latest) { /* the end of the bucket that holds it */
        int64_t bucket = graph->options.bucket_us, rest = end_us % bucket;
        *to_us = end_us - (rest < 0 ? rest + bucket : rest) + bucket;
    }
    *from_us = graph->options.window_us == 0 ? INT64_MIN : *to_us - graph->options.window_us;
    return true;
}

static int64_t known_end(const rf_bigraph *graph)
{
    return graph->options.jump_us == 0 ? graph->newest_us : graph->end_us;
}

bool rf_bigraph_window(const rf_bigraph *graph, int64_t *from_us, int64_t *to_us)
{
    return rf_bigraph_window_at(graph, known_end(graph), from_us, to_us);
}

int64_t rf_bigraph_floor_at(const rf_bigraph *graph, int64_t end_us)
{
    int64_t from = INT64_MIN, to = 0, forget = graph->options.forget_before_us;
    int64_t kept = forget != 0 && forget > graph->kept_from_us ? forget : graph->kept_from_us;
    if (!rf_bigraph_window_at(graph, end_us, &from, &to) || from == INT64_MIN)
        return kept;
    from -= graph->history_us;
    return from > kept ? from : kept;
}

int64_t rf_bigraph_floor(const rf_bigraph *graph)
{
    return rf_bigraph_floor_at(graph, known_end(graph));
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

rf_status rf_bigraph_check_unspent(const rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    if (graph->sorted)
        RF_FAIL(err, RF_E_INVALID, "this graph was published: resume its file in a new one to go on");
done:
    return st;
}

/* ---- into the store, and its canonical order ---- */

rf_status rf_bigraph_flush(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    for (int k = 0; k < graph->n_kinds; k++)
        RF_TRY(rf_relation_flush(&graph->relation[k], err));
done:
    return st;
}

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
    for (int k = 0; k < graph->n_kinds; k++) {
        rf_mem_free(graph->relation[k].store.index);
        graph->relation[k].store.index = NULL;
    }
    RF_TRY(rf_bigraph_renumber(&graph->renumber, graph, floor_slot, err));
    graph->sorted = true;
    for (int k = 0; k < graph->n_kinds; k++) {
        const rf_store_numbers numbers = rf_renumber_of_kind(&graph->renumber, &graph->relation[k], k);
        RF_TRY(rf_store_sort(&graph->relation[k].store, floor_slot, &numbers, graph->pool, err));
    }
done:
    return st;
}

const char *rf_bigraph_sorted_text(const rf_idmap *map, const rf_renumber_ids *ids, uint32_t i)
{
    return rf_idmap_text(map, ids->order[i], NULL);
}
