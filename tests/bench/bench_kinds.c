/* bench_kinds.c - what further kinds of entity cost a build, from events to graph.h5, without parsing.
 *
 *   bench_kinds [USERS [FOLDER [carriers]]]      100,000 users, /tmp; carriers: the last part alone
 *
 * Each user has ten events with shops, mostly on an own device, with an own card, from an own address. JSON
 * lines: first with one kind to four, and the time for each cell of all kinds against that of one kind; then
 * with an IP for each user, and all users behind 20 of them, which are hubs, against the same events without
 * the IP. Seconds are processor time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bigraph_int.h"
#include "rf_mem.h"
#include "rf_rng.h"

#define BATCH 64
#define EVENTS_A_USER 10
#define CARRIERS 20
#define N_ATTRS 4

static const rf_attr attrs[N_ATTRS] = {
    {.name = "amount", .type = RF_ATTR_NUMBER, .log1p = true},
    {.name = "channel", .type = RF_ATTR_CATEGORY, .top = 4},
    {.name = "refund", .type = RF_ATTR_BOOLEAN},
    {.name = "rating", .type = RF_ATTR_NUMBER},
};

typedef struct bench {
    rf_kind kinds[RF_KINDS_MOST];
    int n_kinds;
    bool carriers; /* the last kind: 20 IPs for all */
    int64_t users;
    const char *path;
    rf_event events[BATCH];
    char text[BATCH][6][24];
    /* what came out */
    double add_s, publish_s;
    int64_t cells, edges, hubs;
} bench;

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static rf_span put(char text[24], const char *what, uint64_t number)
{
    int len = snprintf(text, 24, "%s%llu", what, (unsigned long long)number);
    return (rf_span){.ptr = text, .len = (size_t)len};
}

/* Event i of the stream: users come in a mixed order. */
static void make(bench *b, int at, int64_t i, rf_rng *rng)
{
    static const char *const names[] = {"d", "c", "a", "ip"};
    const uint64_t user = (uint64_t)i * 7919 % (uint64_t)b->users;
    rf_event *e = &b->events[at];
    *e = (rf_event){.label = -1};
    e->user = put(b->text[at][0], "user-", user);
    e->entity = put(b->text[at][1], "shop-", rf_rng_below(rng, 2000));
    for (int k = 1; k < b->n_kinds; k++) {
        const bool last = k + 1 == b->n_kinds;
        uint64_t own = rf_rng_below(rng, 20) == 0 ? rf_rng_below(rng, (uint32_t)b->users) : user;
        own = last && b->carriers ? rf_rng_below(rng, CARRIERS) : own;
        e->others[k - 1] = put(b->text[at][k + 1], names[k - 1], own);
    }
    e->time_us = INT64_C(1767225600000000) + (int64_t)rf_rng_below(rng, 30 * 86400) * RF_SECOND_US;
    e->values[0].number = (int64_t)rf_rng_below(rng, 100000) * 10000;
    e->values[1].text = rf_rng_below(rng, 2) == 0 ? (rf_span){"app", 3} : (rf_span){"web", 3};
    e->values[2].number = rf_rng_below(rng, 20) == 0 ? RF_FIXED_ONE : 0;
    e->values[3].number =
        rf_rng_below(rng, 3) == 0 ? (int64_t)rf_rng_below(rng, 5) * RF_FIXED_ONE : RF_MISSING;
}

static rf_status add_all(bench *b, rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_event *events[BATCH];
    rf_rng rng;
    rf_rng_init(&rng, 5, 0);
    b->add_s = 0;
    for (int64_t from = 0, n = b->users * EVENTS_A_USER; from < n; from += BATCH) {
        const int batch = n - from < BATCH ? (int)(n - from) : BATCH;
        for (int i = 0; i < batch; i++) {
            make(b, i, from + i, &rng);
            events[i] = &b->events[i];
        }
        double start = cpu_s();
        RF_TRY(rf_bigraph_add_events(graph, events, (size_t)batch, err));
        b->add_s += cpu_s() - start;
    }
done:
    return st;
}

static rf_status build(bench *b, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_schema schema = {.attrs = attrs, .n_attrs = N_ATTRS, .kinds = b->kinds, .n_kinds = b->n_kinds};
    const rf_bigraph_options options = {.granularity = RF_GRANULARITY_PAIR,
                                        .as_of_us = RF_AS_OF_LATEST,
                                        .bucket_us = RF_HOUR_US,
                                        .schema = &schema};
    rf_bigraph *graph = NULL;
    rf_published published;
    RF_TRY(rf_bigraph_new(&graph, &options, err));
    RF_TRY(add_all(b, graph, err));
    b->cells = 0;
    for (int k = 0; k < graph->n_kinds; k++)
        b->cells += (int64_t)graph->relation[k].store.n_cells + graph->relation[k].queue_n;
    double start = cpu_s();
    RF_TRY(rf_bigraph_publish(graph, b->path, NULL, NULL, &published, err));
    b->publish_s = cpu_s() - start;
    b->edges = b->hubs = 0;
    for (int k = 0; k < b->n_kinds; k++) {
        b->edges += published.n[rf_edge_side(k)];
        b->hubs += published.hubs[k];
    }
done:
    rf_bigraph_free(graph);
    unlink(b->path);
    return st;
}

static void print(const bench *b, const char *what, double against)
{
    printf("{\"bench\":\"kinds\",\"events\":\"%s\",\"kinds\":%d,\"users\":%lld,\"cells\":%lld,\"edges\":%lld,"
           "\"hubs\":%lld,\"add_s\":%.3f,\"publish_s\":%.3f,\"ns_a_cell\":%.0f,\"ratio\":%.2f,"
           "\"peak_rss_mb\":%.0f}\n",
           what, b->n_kinds, (long long)b->users, (long long)b->cells, (long long)b->edges,
           (long long)b->hubs, b->add_s, b->publish_s, 1e9 * (b->add_s + b->publish_s) / (double)b->cells,
           against, (double)rf_mem_peak_rss() / 1e6);
    fflush(stdout);
}

static rf_status run_own(bench *b, rf_err *err)
{
    rf_status st = RF_OK;
    static const rf_kind kinds[4] = {
        {.name = "shop", .required = true}, {.name = "device"}, {.name = "card"}, {.name = "address"}};
    double one = 0;
    memcpy(b->kinds, kinds, sizeof kinds);
    for (b->n_kinds = 1; b->n_kinds <= 4; b->n_kinds++) { /* ratio: time a cell, against one kind */
        RF_TRY(build(b, err));
        double cell = (b->add_s + b->publish_s) / (double)b->cells;
        one = b->n_kinds == 1 ? cell : one;
        print(b, "own entities", cell / one);
    }
done:
    return st;
}

static rf_status run_carriers(bench *b, rf_err *err)
{
    rf_status st = RF_OK;
    b->n_kinds = 1;
    b->kinds[0] = (rf_kind){.name = "shop", .required = true};
    RF_TRY(build(b, err));
    double without = b->add_s + b->publish_s; /* ratio: time of all, against that without the IPs */
    b->n_kinds = 2;
    b->kinds[1] = (rf_kind){.name = "ip", .hub_percentile = 0.999};
    b->carriers = true;
    RF_TRY(build(b, err));
    print(b, "20 carriers", (b->add_s + b->publish_s) / without);
done:
    return st;
}

int main(int argc, char **argv)
{
    static bench b;
    rf_err err = {0};
    char path[4096];
    b.users = argc > 1 ? atoll(argv[1]) : 100000;
    snprintf(path, sizeof path, "%s/bench_kinds.%ld.h5", argc > 2 ? argv[2] : "/tmp", (long)getpid());
    b.path = path;
    bool own = argc <= 3 || strcmp(argv[3], "carriers") != 0;
    rf_status st = b.users < 1 || b.users > 100000000
                       ? rf_err_set(&err, RF_E_INVALID, __FILE__, __LINE__, "1 to 100,000,000 users")
                       : RF_OK;
    if (st >= 0 && own)
        st = run_own(&b, &err);
    if (st >= 0)
        st = run_carriers(&b, &err);
    if (st < 0)
        fprintf(stderr, "bench_kinds: %s\n", err.msg);
    return st < 0;
}
