/* made_files.h - files of made records, and what a source reads from them. */
#ifndef RF_MADE_FILES_H
#define RF_MADE_FILES_H

#include "made_records.h"
#include "rf_source.h"

#define MADE_FILE_EVENTS 60

/* Events (and some broken records) as the lines of a file, one text a record. */
typedef struct made_file {
    rf_text records[MADE_FILE_EVENTS];
    bool good[MADE_FILE_EVENTS];
    rf_text want; /* what is read, described */
} made_file;

static inline void made_file_make(made_file *file, bool csv, bool with_bad)
{
    rf_rng rng;
    *file = (made_file){0};
    rf_rng_init(&rng, 21, 4);
    for (int i = 0; i < MADE_FILE_EVENTS; i++) {
        made_event e = made_random(&rng);
        rf_event expected = made_expected(&e);
        file->good[i] = !with_bad || i % 7 != 3;
        if (!file->good[i])
            made_adds(&file->records[i], i % 2 == 0 ? "1,2" : "{\"user\":");
        else if (csv)
            made_print_csv(&file->records[i], &e);
        else
            made_print_json(&file->records[i], &e);
        if (file->good[i])
            made_describe(&file->want, &expected, &made_schema);
        made_adds(&file->records[i], csv && i % 5 == 0 ? "\r\n" : "\n");
    }
}

static inline void made_file_drop(made_file *file)
{
    for (int i = 0; i < MADE_FILE_EVENTS; i++)
        rf_text_clear(&file->records[i]);
    rf_text_clear(&file->want);
}

/* Records [from, to), with a header for CSV. */
static inline void made_file_join(rf_text *out, const made_file *file, bool csv, int from, int to)
{
    rf_text_reset(out);
    made_adds(out, csv ? MADE_CSV_HEADER "\n" : "");
    for (int i = from; i < to; i++)
        made_add(out, file->records[i].ptr, file->records[i].len);
}

static inline rf_source_options made_source_options(const char *const *paths, int n)
{
    return (rf_source_options){.paths = paths, .n_paths = n, .fields = made_fields(), .max_rejects = 1e9};
}

/* Records of three fields u, v and t, without attributes. */
static inline rf_source_options made_plain_options(const char *const *paths, int n)
{
    rf_source_options options = made_source_options(paths, n);
    options.fields = (rf_fields){.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};
    return options;
}

/* Polls to the end, or `most` records; describes the events. */
static inline rf_status made_drain(rf_text *out, rf_source *source, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_event *event;
    for (int64_t n = 0; st >= 0 && st != RF_EOF && n < most; n++) {
        st = rf_source_poll(source, &event, err);
        if (st == RF_OK)
            made_describe(out, event, &made_schema);
    }
    return st;
}

static inline void made_spill_lines(const char *path, int good, int bad)
{
    rf_text text = {0};
    for (int i = 0; i < good + bad; i++)
        made_adds(&text, i < good ? "{\"u\":1,\"v\":2,\"t\":3}\n" : "{\"u\":1,\"v\":2,\"t\":\"x\"}\n");
    rf_spill(path, text.ptr, text.len);
    rf_text_clear(&text);
}

#endif
