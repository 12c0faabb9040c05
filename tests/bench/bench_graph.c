/* bench_graph.c - a graph's life without parsing: events go in, its state is saved and read again, it is
 * published with its features, and read as the model reads it. One JSON line a part.
 *
 *   bench_graph [EVENTS [pair|event [FOLDER]]]      simulated events, seed 1, 60 days
 *
 * Events are simulated in batches outside the clock. Files come and go in FOLDER; without one, events go in
 * and that is all. FEATURES in the environment names feature groups. scripts/bench.sh runs it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rf_bigraph.h"
#include "rf_graph.h"
#include "rf_mem.h"
#include "rf_simulate.h"
#include "rf_time.h"

#define BATCH 64       /* stays in the nearest caches, as one event at a time does */
#define TEXT_BYTES 512 /* of one event */
#define N_ATTRS 9

static const rf_attr attrs[N_ATTRS] = {
    {.name = "amount", .type = RF_ATTR_NUMBER, .log1p = true},
    {.name = "promo", .type = RF_ATTR_NUMBER, .log1p = true},
    {.name = "kind", .type = RF_ATTR_CATEGORY, .top = 8},
    {.name = "channel", .type = RF_ATTR_CATEGORY, .top = 8},
    {.name = "device", .type = RF_ATTR_CATEGORY, .top = 2},
    {.name = "country", .type = RF_ATTR_CATEGORY, .top = 8},
    {.name = "refund", .type = RF_ATTR_BOOLEAN},
    {.name = "declined", .type = RF_ATTR_BOOLEAN},
    {.name = "rating", .type = RF_ATTR_NUMBER},
};
static const rf_schema schema = {.attrs = attrs, .n_attrs = N_ATTRS};

typedef struct part { /* of a graph's life, while it is measured */
    double clock, cpu;
} part;

typedef struct bench {
    int64_t n_events;
    const char *granularity;
    rf_bigraph_options options;
    rf_bigraph *graph;
    rf_event events[BATCH];
    char text[BATCH][TEXT_BYTES];
    int n;
    part adding;
} bench;

static rf_span keep(char **to, const char *text)
{
    size_t len = strlen(text);
    if (len == 0)
        return (rf_span){0};
    memcpy(*to, text, len);
    rf_span span = {.ptr = *to, .len = len};
    *to += len;
    return span;
}

static part now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (part){.clock = rf_monotonic_s(), .cpu = (double)t.tv_sec + (double)t.tv_nsec / 1e9};
}

static void print(const bench *b, const char *name, part took)
{
    printf("{\"case\":\"graph\",\"part\":\"%s\",\"granularity\":\"%s\",\"events\":%lld,\"seconds\":%.4f,"
           "\"cpu_seconds\":%.4f,\"live_bytes\":%lld,\"peak_bytes\":%lld}\n",
           name, b->granularity, (long long)b->n_events, took.clock, took.cpu,
           (long long)rf_mem_stats_get().live_bytes, (long long)rf_mem_peak_rss());
    fflush(stdout);
}

static void print_since(const bench *b, const char *name, part start)
{
    const part end = now();
    print(b, name, (part){end.clock - start.clock, end.cpu - start.cpu});
}

static rf_status add_batch(bench *b, rf_err *err)
{
    rf_status st = RF_OK;
    const part at = now();
    for (int i = 0; i < b->n; i++)
        RF_TRY(rf_bigraph_add_event(b->graph, &b->events[i], err));
    const part end = now();
    b->adding.clock += end.clock - at.clock;
    b->adding.cpu += end.cpu - at.cpu;
    b->n = 0;
done:
    return st;
}

static rf_status take(void *context, const rf_simulated_event *s, rf_err *err)
{
    bench *b = context;
    rf_event *e = &b->events[b->n];
    char *to = b->text[b->n];
    *e = (rf_event){.time_us = s->time_us, .label = (int8_t)s->label};
    e->user = keep(&to, s->user);
    e->entity = keep(&to, s->entity);
    e->event_id = keep(&to, s->event_id);
    e->fraud_type = keep(&to, s->fraud_type);
    e->values[0].number = s->amount_cents * 10000;
    e->values[1].number = s->promo_cents * 10000;
    e->values[2].text = keep(&to, s->kind);
    e->values[3].text = keep(&to, s->channel);
    e->values[4].text = keep(&to, s->device);
    e->values[5].text = keep(&to, s->country);
    e->values[6].number = s->is_refund ? RF_FIXED_ONE : 0;
    e->values[7].number = s->is_declined ? RF_FIXED_ONE : 0;
    e->values[8].number = s->rating == 0 ? RF_MISSING : s->rating * RF_FIXED_ONE;
    return ++b->n == BATCH ? add_batch(b, err) : RF_OK;
}

static rf_status add(bench *b, rf_err *err)
{
    rf_status st = RF_OK;
    rf_simulate_options simulated;
    rf_simulate_options_default(&simulated);
    simulated.events = b->n_events;
    simulated.seed = 1;
    simulated.days = 60;
    RF_TRY(rf_bigraph_new(&b->graph, &b->options, err));
    RF_TRY(rf_simulate(&simulated, take, b, err));
    RF_TRY(add_batch(b, err));
    print(b, "add", b->adding);
done:
    return st;
}

/* The state goes to path + ".building", and comes back as another graph. */
static rf_status save_and_resume(bench *b, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_positions nowhere = {0};
    rf_positions positions = {0};
    int resumed = 0;
    part start = now();
    RF_TRY(rf_bigraph_checkpoint(b->graph, path, &nowhere, err));
    print_since(b, "snapshot_write", start);
    rf_bigraph_free(b->graph);
    b->graph = NULL;
    RF_TRY(rf_bigraph_new(&b->graph, &b->options, err));
    start = now();
    RF_TRY(rf_bigraph_resume(b->graph, path, &positions, &resumed, err));
    print_since(b, "snapshot_read", start);
    if (resumed != 2)
        RF_FAIL(err, RF_E_INTERNAL, "%s.building was not taken", path);
done:
    rf_positions_clear(&positions);
    return st;
}

static rf_status publish_and_load(bench *b, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_published p;
    rf_graph *graph = NULL;
    part start = now();
    RF_TRY(rf_bigraph_publish(b->graph, path, NULL, NULL, &p, err));
    print_since(b, "publish", start);
    start = now();
    RF_TRY(rf_graph_load(&graph, path, RF_GRAPH_FEATURES | RF_GRAPH_IDS | RF_GRAPH_ACTIVITY, err));
    print_since(b, "graph_read", start);
done:
    rf_graph_free(graph);
    return st;
}

static rf_status run(bench *b, const char *folder, rf_err *err)
{
    rf_status st = RF_OK;
    char path[4096];
    RF_TRY(add(b, err));
    if (folder == NULL)
        return RF_OK;
    (void)snprintf(path, sizeof path, "%s/bench_graph.h5", folder);
    (void)unlink(path);
    RF_TRY(save_and_resume(b, path, err));
    RF_TRY(publish_and_load(b, path, err));
    (void)unlink(path);
done:
    return st;
}

int main(int argc, char **argv)
{
    static bench b;
    rf_err err = {0};
    const bool events = argc > 2 && strcmp(argv[2], "event") == 0;
    b.n_events = argc > 1 ? atoll(argv[1]) : 1000000;
    b.granularity = events ? "event" : "pair";
    b.options = (rf_bigraph_options){.granularity = events ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR,
                                     .as_of_us = RF_AS_OF_LATEST,
                                     .bucket_us = RF_HOUR_US,
                                     .history_us = 30 * RF_DAY_US,
                                     .features = getenv("FEATURES"),
                                     .schema = &schema,
                                     .identity = "benchmark"};
    rf_status st = run(&b, argc > 3 ? argv[3] : NULL, &err);
    rf_bigraph_free(b.graph);
    if (st < 0)
        fprintf(stderr, "bench_graph: %s\n", err.msg);
    return st < 0;
}
