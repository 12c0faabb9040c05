/* bench_graph.c - how fast the graph takes events in, without parsing, and what it then holds.
 *
 *   bench_graph [EVENTS [pair|event [OUTPUT.h5]]]      one JSON line; simulated events, seed 1, 60 days
 *
 * Events are simulated in batches outside the clock. With OUTPUT the graph is published too.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bigraph_sizes.h"
#include "rf_bigraph.h"
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

typedef struct bench {
    rf_bigraph *graph;
    rf_event events[BATCH];
    char text[BATCH][TEXT_BYTES];
    int n;
    double seconds;
    rf_err err;
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

/* Seconds of processor time: neighbours on the machine do not count, its caches they still share. */
static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static rf_status add_batch(bench *b, rf_err *err)
{
    rf_status st = RF_OK;
    double start = cpu_s();
    for (int i = 0; i < b->n; i++)
        RF_TRY(rf_bigraph_add_event(b->graph, &b->events[i], err));
    b->seconds += cpu_s() - start;
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

static rf_status publish(bench *b, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_published p;
    double start = rf_monotonic_s();
    RF_TRY(rf_bigraph_publish(b->graph, path, NULL, NULL, &p, err));
    printf(", \"publish_s\": %.2f, \"edges\": %lld, \"peak_rss_mb_publish\": %.0f", rf_monotonic_s() - start,
           (long long)p.edges, (double)rf_mem_peak_rss() / 1e6);
done:
    return st;
}

static rf_status run(bench *b, int64_t n, rf_granularity granularity, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_simulate_options options;
    rf_simulate_options_default(&options);
    options.events = n;
    options.seed = 1;
    options.days = 60;
    rf_bigraph_options graph = {.granularity = granularity,
                                .as_of_us = RF_AS_OF_LATEST,
                                .bucket_us = RF_HOUR_US,
                                .history_us = 30 * RF_DAY_US,
                                .features = getenv("FEATURES"),
                                .schema = &schema};
    RF_TRY(rf_bigraph_new(&b->graph, &graph, err));
    RF_TRY(rf_simulate(&options, take, b, err));
    RF_TRY(add_batch(b, err));
    bigraph_sizes sizes = bigraph_sizes_of(b->graph);
    int64_t held = rf_mem_stats_get().live_bytes;
    printf("{\"events\": %lld, \"granularity\": \"%s\", \"cpu_s\": %.3f, \"events_per_s\": %.0f, "
           "\"users\": %lld, "
           "\"entities\": %lld, \"cells\": %lld, \"held_mb\": %.0f, \"peak_rss_mb\": %.0f",
           (long long)n, granularity == RF_GRANULARITY_PAIR ? "pair" : "event", b->seconds,
           (double)n / b->seconds, (long long)sizes.users, (long long)sizes.entities, (long long)sizes.cells,
           (double)held / 1e6, (double)rf_mem_peak_rss() / 1e6);
    fflush(stdout);
    if (path != NULL)
        RF_TRY(publish(b, path, err));
    printf("}\n");
done:
    return st;
}

int main(int argc, char **argv)
{
    static bench b;
    rf_err err = {0};
    int64_t n = argc > 1 ? atoll(argv[1]) : 1000000;
    bool events = argc > 2 && strcmp(argv[2], "event") == 0;
    rf_status st =
        run(&b, n, events ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR, argc > 3 ? argv[3] : NULL, &err);
    rf_bigraph_free(b.graph);
    if (st < 0)
        fprintf(stderr, "bench_graph: %s\n", err.msg);
    return st < 0;
}
