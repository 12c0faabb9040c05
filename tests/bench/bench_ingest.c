/* bench_ingest.c - how fast records become events, on one core.
 *
 *   bench_ingest [events] [repeats] [jsonl|csv|avro]
 *
 * Makes `events` records of the simulator's kind in memory, decodes them `repeats` times, and then reads them
 * from a file through rf_source (of Avro also from one with deflated blocks). Prints one JSON line a case:
 * the median over the repeats of events and bytes a second, and nanoseconds an event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "avro_records.h"
#include "avro_schema_int.h"
#include "event_csv_int.h"
#include "event_json_int.h"
#include "decoder_int.h"
#include "rf_mem.h"
#include "rf_simulate.h"

#define MOST_REPEATS 101

static const rf_attr attrs[] = {
    {.name = "amount", .field = "amount", .type = RF_ATTR_NUMBER},
    {.name = "promo", .field = "promo", .type = RF_ATTR_NUMBER},
    {.name = "kind", .field = "kind", .type = RF_ATTR_CATEGORY, .top = 20},
    {.name = "channel", .field = "channel", .type = RF_ATTR_CATEGORY, .top = 20},
    {.name = "device", .field = "device", .type = RF_ATTR_CATEGORY, .top = 20},
    {.name = "country", .field = "country", .type = RF_ATTR_CATEGORY, .top = 20},
    {.name = "hour", .type = RF_ATTR_TIME_OF_DAY},
    {.name = "week", .type = RF_ATTR_TIME_OF_WEEK},
};
static const rf_schema schema = {.attrs = attrs, .n_attrs = sizeof attrs / sizeof attrs[0]};

typedef struct bench {
    rf_fields fields;
    rf_text records; /* lines; Avro: records */
    size_t *ends;    /* [events] Avro: of each record */
    int64_t made;
    rf_text file; /* Avro: a container of them */
    int64_t events;
    int repeats;
    rf_source_format format;
} bench;

static bool is_csv(const bench *b)
{
    return b->format == RF_FORMAT_CSV;
}

static const char *format_name(const bench *b)
{
    return is_csv(b) ? "csv" : b->format == RF_FORMAT_AVRO ? "avro" : "jsonl";
}

static void fail(const char *what, const rf_err *err)
{
    fprintf(stderr, "bench_ingest: %s: %s\n", what, err->msg);
    exit(1);
}

static rf_status keep_event(void *context, const rf_simulated_event *event, rf_err *err)
{
    bench *b = context;
    if (b->format == RF_FORMAT_AVRO) {
        rf_status st = avro_record(&b->records, event, err);
        b->ends[b->made++] = b->records.len;
        return st;
    }
    return is_csv(b) ? rf_simulate_print_csv(&b->records, event, err)
                     : rf_simulate_print_json(&b->records, event, err);
}

static void make_records(bench *b)
{
    rf_err err = {0};
    rf_simulate_options options;
    rf_simulate_options_default(&options);
    options.events = b->events;
    rf_text_reset(&b->records);
    b->made = 0;
    b->ends = realloc(b->ends, (size_t)b->events * sizeof *b->ends);
    if (b->ends == NULL)
        fail("making events", &(rf_err){.msg = "out of memory"});
    const char *header = is_csv(b) ? rf_simulate_csv_header() : "";
    if (rf_text_add(&b->records, header, strlen(header), &err) != RF_OK ||
        rf_simulate(&options, keep_event, b, &err) != RF_OK)
        fail("making events", &err);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const bench *b, const char *name, size_t bytes, double *seconds)
{
    qsort(seconds, (size_t)b->repeats, sizeof *seconds, by_value);
    double median = seconds[b->repeats / 2], spread = seconds[b->repeats - 1] - seconds[0];
    printf("{\"bench\":\"%s\",\"format\":\"%s\",\"events\":%lld,\"bytes\":%zu,\"events_per_s\":%.0f,\"bytes_"
           "per_s\":%.0f,"
           "\"ns_per_event\":%.1f,\"spread\":%.3f}\n",
           name, format_name(b), (long long)b->events, bytes, (double)b->events / median,
           (double)bytes / median, 1e9 * median / (double)b->events, spread / median);
    fflush(stdout);
}

/* Decoding alone: the records lie in memory. */
static void decode_all(const bench *b, rf_decoder *decoder)
{
    rf_event event;
    rf_err err = {0};
    rf_reject reject;
    const char *at = b->records.ptr, *end = at + b->records.len;
    bool header = is_csv(b);
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        rf_span record = {at, (size_t)(stop - at)};
        rf_status st = header ? rf_csv_decoder_header(rf_decoder_csv(decoder), record, '\0', "memory", &err)
                              : rf_decoder_decode(decoder, &event, b->format, record, NULL, &reject, &err);
        if (st == RF_SKIPPED) {
            fprintf(stderr, "bench_ingest: %s\n", reject.text);
            exit(1);
        }
        if (st != RF_OK)
            fail("decoding", &err);
        header = false;
        at = stop + 1;
    }
}

static void decode_avro(const bench *b, rf_decoder *decoder)
{
    rf_event event;
    rf_err err = {0};
    rf_reject reject;
    size_t from = 0;
    for (int64_t i = 0; i < b->events; from = b->ends[i++]) {
        rf_span record = {b->records.ptr + from, b->ends[i] - from};
        if (rf_decoder_decode(decoder, &event, RF_FORMAT_AVRO, record, NULL, &reject, &err) != RF_OK) {
            fprintf(stderr, "bench_ingest: %s%s\n", reject.text, err.msg);
            exit(1);
        }
    }
}

static void bench_decode(const bench *b)
{
    rf_avro_schema *avro = NULL;
    rf_err err = {0};
    rf_decoder *decoder;
    rf_source_options options = {.fields = b->fields};
    options.fields.null_values = rf_usual_null_values;
    options.fields.n_null_values = rf_n_usual_null_values;
    double seconds[MOST_REPEATS];
    if (rf_decoder_new(&decoder, &options, &err) != RF_OK)
        fail("preparing", &err);
    if (b->format == RF_FORMAT_AVRO &&
        (rf_avro_schema_read(&avro, (rf_span){avro_schema, strlen(avro_schema)}, false, "memory", &err) !=
             RF_OK ||
         rf_decoder_use_schema(decoder, avro, "memory", &err) != RF_OK))
        fail("preparing", &err);
    for (int i = 0; i < b->repeats; i++) {
        double start = cpu_seconds();
        (avro != NULL ? decode_avro : decode_all)(b, decoder);
        seconds[i] = cpu_seconds() - start;
    }
    report(b, "decode", b->records.len, seconds);
    rf_decoder_free(decoder);
    rf_avro_schema_free(avro);
}

static void read_all(const bench *b, const char *path)
{
    rf_err err = {0};
    rf_source *source;
    const rf_event *event;
    int64_t n = 0;
    rf_source_options options = {.paths = &path, .n_paths = 1, .fields = b->fields};
    rf_status st = rf_source_open(&source, &options, &err);
    while (st == RF_OK && (st = rf_source_poll(source, &event, &err)) == RF_OK)
        n++;
    if (st != RF_EOF || n != b->events)
        fail("reading", &err);
    rf_source_close(&source);
}

static void make_container(bench *b, bool deflated)
{
    rf_err err = {0};
    size_t from = 0;
    int64_t first = 0;
    rf_text_reset(&b->file);
    rf_status st = avro_header(&b->file, deflated ? "deflate" : "null", &err);
    for (int64_t i = 0; st == RF_OK && i < b->events; i++) {
        if (b->ends[i] - from < AVRO_BLOCK && i < b->events - 1)
            continue;
        st = avro_block(&b->file, i + 1 - first, b->records.ptr + from, b->ends[i] - from, deflated, &err);
        from = b->ends[i];
        first = i + 1;
    }
    if (st != RF_OK)
        fail("making a container", &err);
}

static void bench_source(const bench *b, const char *name, const rf_text *content)
{
    char path[64] = "/tmp/bench_ingest_XXXXXX";
    double seconds[MOST_REPEATS];
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (file == NULL || fwrite(content->ptr, 1, content->len, file) != content->len || fclose(file) != 0) {
        fprintf(stderr, "bench_ingest: cannot write %s\n", path);
        exit(1);
    }
    for (int i = 0; i < b->repeats; i++) {
        double start = cpu_seconds();
        read_all(b, path);
        seconds[i] = cpu_seconds() - start;
    }
    report(b, name, content->len, seconds);
    unlink(path);
}

int main(int argc, char **argv)
{
    bench b = {.events = argc > 1 ? atoll(argv[1]) : 200000, .repeats = argc > 2 ? atoi(argv[2]) : 9};
    b.fields = (rf_fields){.user = "user",
                           .entity = "entity",
                           .time = "time",
                           .event_id = "event_id",
                           .label = "label",
                           .fraud_type = "fraud_type",
                           .schema = &schema};
    if (b.events < 1 || b.repeats < 1 || b.repeats > MOST_REPEATS)
        return 2;
    static const rf_source_format formats[] = {RF_FORMAT_JSONL, RF_FORMAT_CSV, RF_FORMAT_AVRO};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        b.format = formats[i];
        if (argc > 3 && strcmp(argv[3], format_name(&b)) != 0)
            continue;
        make_records(&b);
        bench_decode(&b);
        if (b.format == RF_FORMAT_AVRO)
            make_container(&b, false);
        bench_source(&b, "source", b.format == RF_FORMAT_AVRO ? &b.file : &b.records);
        if (b.format != RF_FORMAT_AVRO)
            continue;
        make_container(&b, true);
        bench_source(&b, "source, deflated", &b.file);
    }
    rf_text_clear(&b.records);
    rf_text_clear(&b.file);
    free(b.ends);
    return 0;
}
