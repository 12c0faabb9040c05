/* bench_build.c - what a build's time goes into: reading and parsing, interning ids, folding into aggregates.
 *
 *   bench_build EVENTS.jsonl|EVENTS.csv [RUNS [STAGE]]
 *
 * Three nested stages over one file of simulated events, each run RUNS times (3): parse alone; parse and
 * intern both ids; parse and add to the graph (which interns too, drops repeated ids and updates every
 * aggregate). They read standard input, as `ringfence build < EVENTS` does, because that takes one thread.
 * The fourth stage is the third from a file, where a second thread reads ahead. STAGE (0 to 3) runs that one
 * alone, for a profile. One JSON line a stage on stdout: the median, the fastest and the slowest run, events
 * and bytes a second, and the process's peak so far. The features and graph.h5 at the end of a build are not
 * part of it: scripts/bench-build.sh shows them as the rest.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rf_bigraph.h"
#include "rf_idmap.h"
#include "rf_mem.h"
#include "rf_source.h"
#include "rf_time.h"

enum { MOST_RUNS = 25 };

/* The attributes that configs/simulated-orders.yaml maps, but for the device's id. */
static const rf_attr attrs[] = {
    {.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER, .log1p = true, .required = true},
    {.name = "promo", .field = "promo", .type = RF_ATTR_NUMBER, .log1p = true, .required = true},
    {.name = "refund", .field = "refund", .type = RF_ATTR_BOOLEAN, .required = true},
    {.name = "declined", .field = "declined", .type = RF_ATTR_BOOLEAN, .required = true},
    {.name = "rating", .field = "rating", .type = RF_ATTR_CATEGORY, .top = 5},
    {.name = "account_days",
     .field = "account_days",
     .type = RF_ATTR_NUMBER,
     .log1p = true,
     .required = true},
    {.name = "channel", .field = "channel", .type = RF_ATTR_CATEGORY, .top = 4, .required = true},
    {.name = "country", .field = "country", .type = RF_ATTR_CATEGORY, .top = 6, .required = true},
};
static const rf_schema schema = {.attrs = attrs, .n_attrs = sizeof attrs / sizeof attrs[0]};

typedef struct stage {
    rf_idmap *users, *entities; /* interning */
    rf_bigraph *graph;          /* aggregating */
    bool ahead;
} stage;

/* As the graph does it: the waits for memory overlap. */
static rf_status intern(rf_idmap *map, const rf_span *texts, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    uint64_t hashes[RF_SOURCE_MANY];
    uint32_t id = 0;
    for (size_t i = 0; i < n; i++) {
        hashes[i] = rf_idmap_hash(texts[i].ptr, texts[i].len);
        rf_idmap_prefetch(map, hashes[i]);
    }
    for (size_t i = 0; i < n; i++)
        rf_idmap_prefetch_text(map, texts[i].len, hashes[i]);
    for (size_t i = 0; i < n; i++)
        RF_TRY(rf_idmap_intern_hashed(map, texts[i].ptr, texts[i].len, hashes[i], &id, NULL, err));
done:
    return st;
}

static rf_status take(stage *to, const rf_event *const *events, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_span users[RF_SOURCE_MANY], entities[RF_SOURCE_MANY];
    if (to->graph != NULL)
        return rf_bigraph_add_events(to->graph, events, n, err);
    if (to->users == NULL)
        return RF_OK;
    for (size_t i = 0; i < n; i++) {
        users[i] = events[i]->user;
        entities[i] = events[i]->entity;
    }
    RF_TRY(intern(to->users, users, n, err));
    RF_TRY(intern(to->entities, entities, n, err));
done:
    return st;
}

/* As a build does. */
static void expect(stage *to, const rf_source *source, int64_t events)
{
    int64_t done, total;
    rf_source_progress(source, &done, &total);
    if (to->graph != NULL && done > 0 && total > done)
        rf_bigraph_expect(to->graph, (int64_t)((double)events * ((double)(total - done) / (double)done)));
}

static rf_status take_all(stage *to, rf_source *source, int64_t *events, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_event *const *many = NULL;
    size_t n = 0;
    for (*events = 0; st != RF_EOF;) {
        RF_TRY(rf_source_poll_many(source, &many, &n, err));
        if (st != RF_OK)
            continue;
        RF_TRY(take(to, many, n, err));
        *events += (int64_t)n;
        expect(to, source, *events);
    }
done:
    return st;
}

static rf_status read_all(const char *path, stage *to, int64_t *events, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source *source = NULL;
    rf_source_options options = {
        .type = to->ahead ? RF_SOURCE_FILES : RF_SOURCE_STDIN,
        .paths = &path,
        .n_paths = to->ahead ? 1 : 0,
        .absent_keys = RF_ABSENT_KEYS_WARN, /* few events have a rating */
        .csv = {.delimiter = RF_CSV_AUTO, .quote = RF_CSV_DOUBLE_QUOTE},
        .fields = {.user = "user",
                   .entity = "entity",
                   .time = "time",
                   .time_format = RF_TIME_ISO8601,
                   .event_id = "event_id",
                   .label = "label",
                   .fraud_type = "fraud_type",
                   .schema = &schema},
    };
    if (!to->ahead && freopen(path, "rb", stdin) == NULL)
        RF_FAIL(err, RF_E_IO, "%s: cannot be opened", path);
    RF_TRY(rf_source_open(&source, &options, err));
    RF_TRY(take_all(to, source, events, err));
done:
    rf_source_close(&source);
    return st;
}

static rf_status start(stage *s, int what, rf_err *err)
{
    rf_status st = RF_OK;
    if (what == 1) {
        RF_TRY(rf_idmap_new(&s->users, err));
        RF_TRY(rf_idmap_new(&s->entities, err));
    } else if (what >= 2) {
        s->ahead = what == 3;
        rf_bigraph_options options = {.granularity = RF_GRANULARITY_PAIR,
                                      .as_of_us = RF_AS_OF_LATEST,
                                      .bucket_us = RF_HOUR_US,
                                      .label_share = 0.02,
                                      .schema = &schema,
                                      .identity = "bench"};
        RF_TRY(rf_bigraph_new(&s->graph, &options, err));
    }
done:
    return st;
}

static void finish(stage *s)
{
    rf_idmap_free(s->users);
    rf_idmap_free(s->entities);
    rf_bigraph_free(s->graph);
    *s = (stage){0};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int64_t file_bytes(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        return 0;
    int64_t bytes = ftell(file);
    fclose(file);
    return bytes;
}

static double cpu_s(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static rf_status bench(const char *path, int what, int runs, rf_err *err)
{
    static const char *const names[] = {"parse", "parse+intern", "parse+intern+aggregate", "read ahead"};
    rf_status st = RF_OK;
    double seconds[MOST_RUNS], cpu[MOST_RUNS];
    int64_t events = 0;
    stage s = {0};
    for (int run = 0; run < runs; run++) {
        RF_TRY(start(&s, what, err));
        double from = rf_monotonic_s(), cpu_from = cpu_s();
        RF_TRY(read_all(path, &s, &events, err));
        seconds[run] = rf_monotonic_s() - from;
        cpu[run] = cpu_s() - cpu_from;
        finish(&s);
    }
    qsort(seconds, (size_t)runs, sizeof *seconds, by_value);
    qsort(cpu, (size_t)runs, sizeof *cpu, by_value);
    double median = seconds[runs / 2];
    printf("{\"bench\":\"build\",\"stage\":\"%s\",\"events\":%" PRId64 ",\"seconds\":%.3f,\"fastest\":%.3f,"
           "\"slowest\":%.3f,\"cpu_seconds\":%.3f,\"events_per_second\":%.0f,\"events_per_cpu_second\":%.0f,"
           "\"mb_per_second\":%.1f,\"peak_rss_bytes\":%" PRId64 "}\n",
           names[what], events, median, seconds[0], seconds[runs - 1], cpu[runs / 2], (double)events / median,
           (double)events / cpu[runs / 2], (double)file_bytes(path) / median / 1e6, rf_mem_peak_rss());
    fflush(stdout);
done:
    finish(&s);
    return st;
}

int main(int argc, char **argv)
{
    rf_err err = {0};
    int runs = argc > 2 ? atoi(argv[2]) : 3;
    int only = argc > 3 ? atoi(argv[3]) : -1;
    if (argc < 2 || runs < 1 || runs > MOST_RUNS) {
        fprintf(stderr, "usage: bench_build EVENTS.jsonl|EVENTS.csv [RUNS, at most %d [STAGE]]\n", MOST_RUNS);
        return 2;
    }
    for (int what = only < 0 ? 0 : only; what < (only < 0 ? 4 : only + 1); what++) {
        if (bench(argv[1], what, runs, &err) < 0) {
            fprintf(stderr, "bench_build: %s\n", err.msg);
            return 1;
        }
    }
    return 0;
}
