/* bench_features.c - seconds and memory of the features' steps on a seeded graph with hubs, one JSON line a
 * step.
 *
 *   bench_features [events] [pair|event] [threads]
 *
 * Users and entities are drawn with probabilities that fall like 1 / rank: the busiest entity has a percent
 * of all events. Three attributes: a number, a boolean, a category of 50 values.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "butterflies_int.h"
#include "features_int.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_time.h"

static const rf_attr attrs[] = {
    {.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER, .log1p = true, .required = true},
    {.name = "declined", .field = "declined", .type = RF_ATTR_BOOLEAN, .required = true},
    {.name = "kind", .field = "kind", .type = RF_ATTR_CATEGORY, .required = true, .top = 10}};
static const rf_schema schema = {.attrs = attrs, .n_attrs = 3};

static int draw(rf_rng *rng, double n)
{
    return (int)(pow(n, rf_rng_uniform(rng)) * 0.999) + (int)rf_rng_below(rng, (uint32_t)(n / 20) + 1);
}

static rf_status add_events(rf_bigraph *graph, int64_t n, int64_t as_of, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rng rng;
    char user[16], entity[16], kind[16], id[24];

    rf_rng_init(&rng, 1, 0);
    for (int64_t i = 0; i < n; i++) {
        rf_event event = {.label = -1,
                          .time_us = as_of - 1 - (int64_t)(rf_rng_uniform(&rng) * 30.0 * RF_DAY_US)};
        snprintf(user, sizeof user, "u%d", draw(&rng, (double)n / 3));
        snprintf(entity, sizeof entity, "v%d", draw(&rng, (double)n / 30));
        snprintf(kind, sizeof kind, "k%d", draw(&rng, 50));
        snprintf(id, sizeof id, "%lld", (long long)i);
        event.user = (rf_span){user, strlen(user)};
        event.entity = (rf_span){entity, strlen(entity)};
        event.event_id = (rf_span){id, strlen(id)};
        event.values[0].number = (int64_t)(exp(3 + rf_rng_normal(&rng)) * 100) * 10000;
        event.values[1].number = rf_rng_below(&rng, 20) ? 0 : RF_FIXED_ONE;
        event.values[2].text = (rf_span){kind, strlen(kind)};
        RF_TRY(rf_bigraph_add_event(graph, &event, err));
    }
done:
    return st;
}

typedef struct moment {
    double clock, cpu;
} moment;

static moment now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (moment){.clock = rf_monotonic_s(), .cpu = (double)t.tv_sec + (double)t.tv_nsec / 1e9};
}

static moment report(const char *step, moment since)
{
    const moment end = now();
    printf("{\"case\":\"features\",\"part\":\"%s\",\"seconds\":%.4f,\"cpu_seconds\":%.4f,\"live_bytes\":%lld,"
           "\"peak_bytes\":%lld}\n",
           step, end.clock - since.clock, end.cpu - since.cpu, (long long)rf_mem_stats_get().live_bytes,
           (long long)rf_mem_peak_rss());
    fflush(stdout);
    return now();
}

static rf_status run(const rf_window_view *view, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_features f = {0};
    rf_feature_matrix m[3] = {{0}, {0}, {0}};
    uint64_t *count = rf_mem_new((size_t)view->adj.n_e, sizeof *count, err);
    moment at = now();

    if (!count)
        return RF_E_NOMEM;
    if (view->options->granularity == RF_GRANULARITY_PAIR) {
        RF_TRY(rf_butterflies(count, &view->adj, pool, err));
        at = report("butterflies alone", at);
    }
    RF_TRY(rf_features_prepare(&f, view, pool, err));
    at = report("prepare", at);
    RF_TRY(rf_features_make(&m[0], &f, RF_USER, err));
    at = report("users", at);
    RF_TRY(rf_features_make(&m[1], &f, RF_ENTITY, err));
    at = report("entities", at);
    RF_TRY(rf_features_make(&m[2], &f, RF_EDGE, err));
    at = report("edges", at);
    for (int i = 0; i < 3; i++)
        RF_TRY(rf_standardise(&m[i], pool, err));
    report("standardise", at);
    printf("{\"case\":\"features\",\"part\":\"sizes\",\"n\":[%lld,%lld,%lld],\"d\":[%d,%d,%d]}\n",
           (long long)m[0].n, (long long)m[1].n, (long long)m[2].n, m[0].d, m[1].d, m[2].d);
done:
    rf_mem_free(count);
    if (f.view)
        rf_features_clear(&f);
    for (int i = 0; i < 3; i++)
        rf_feature_matrix_clear(&m[i]);
    return st;
}

int main(int argc, char **argv)
{
    rf_status st = RF_OK;
    rf_err err = {0};
    int64_t n = argc > 1 ? atoll(argv[1]) : 1000000, as_of = INT64_C(1700000000) / 3600 * RF_HOUR_US;
    rf_bigraph_options options = {
        .granularity = argc > 2 && strcmp(argv[2], "event") == 0 ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR,
        .as_of_us = as_of,
        .bucket_us = RF_HOUR_US,
        .label_share = 0.5,
        .schema = &schema,
        .identity = "bench"};
    rf_bigraph *graph = NULL;
    rf_window_view *view = NULL;
    rf_pool *pool = NULL;

    RF_TRY(rf_pool_new(&pool, argc > 3 ? atoi(argv[3]) : 1, &err));
    RF_TRY(rf_bigraph_new(&graph, &options, &err));
    moment at = now();
    RF_TRY(add_events(graph, n, as_of, &err));
    at = report("events", at);
    RF_TRY(rf_bigraph_freeze(&view, graph, &err));
    report("freeze", at);
    RF_TRY(run(view, pool, &err));
done:
    rf_window_view_free(view);
    rf_bigraph_free(graph);
    rf_pool_free(pool);
    if (st < 0)
        fprintf(stderr, "bench_features: %s\n", err.msg);
    return st < 0;
}
