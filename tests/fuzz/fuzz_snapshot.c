/* fuzz_snapshot.c - damaged graph.h5 files: resuming from them and loading them must say no, never crash.
 *
 * Input that starts like an HDF5 file is taken as one. Any other input is a list of changes to a small valid
 * graph: the first byte chooses pair or event granularity, and one or three kinds of entity, then four bytes
 * each: which dataset, where (16 bits), new byte. If it can be resumed, it continues: more events, the frozen
 * window, its features.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_file.h"
#include "rf_graph.h"
#include "rf_h5.h"
#include "rf_measure.h"
#include "made_events.h"
#include "rf_mem.h"

#define EVENTS 200
#define LARGE 400
#define STRUCTURE 224

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct region {
    size_t at, len;
} region;

typedef struct seed_file { /* a valid graph.h5, and where its datasets' bytes lie */
    fuzz_file file;
    region regions[64];
    int n_regions;
} seed_file;

static const char *const datasets[] = {"/state/cells",
                                       "/state/records",
                                       "/state/full/cells",
                                       "/state/full/sums",
                                       "/state/full/categories",
                                       "/state/event_ids",
                                       "/state/users",
                                       "/state/entities",
                                       "/state/positions/at",
                                       "/state/categories/2",
                                       "/state/categories/6",
                                       "/e/u",
                                       "/e/v",
                                       "/u/x",
                                       "/e/x",
                                       "/e/y",
                                       "/v/mean",
                                       "/v/transform",
                                       "/u/fraud_type",
                                       "/state/full/squares_high",
                                       "/state/kinds/device/cells",
                                       "/state/kinds/device/records",
                                       "/state/kinds/device/entities",
                                       "/state/kinds/card/cells",
                                       "/state/kinds/card/full/cells",
                                       "/state/kinds/card/full/sums",
                                       "/kinds/device/e/u",
                                       "/kinds/device/e/v",
                                       "/kinds/card/v/hub"};

enum { EVENT_GRANULARITY = 1, THREE_KINDS = 2, SEEDS = 4 }; /* bits of the first byte */

static rf_bigraph_options options_of(int which)
{
    const rf_granularity granularity = which & EVENT_GRANULARITY ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR;
    rf_bigraph_options options =
        which & THREE_KINDS ? made_options_of_kinds(granularity) : made_options(granularity);
    options.history_us = 2 * RF_DAY_US;
    return options;
}

static rf_status add_events(rf_bigraph *graph, uint64_t seed, int n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    for (int i = 0; i < n; i++) {
        made_event made = made_event_at(&rng, i, 14);
        rf_event event = made_rf_event(&made, i % 2 == 0);
        RF_TRY(rf_bigraph_add_event(graph, &event, err));
    }
done:
    return st;
}

/* One busy hour of numbers whose squares are longer than 128 bits together. */
static rf_status add_large(rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    made_event made = {.user = "u7",
                       .entity = "shop 3",
                       .amount = RF_FIXED_MAX,
                       .items = -RF_FIXED_MAX,
                       .online = RF_MISSING,
                       .hour = RF_MISSING,
                       .shift = RF_MISSING,
                       .time_us = MADE_START + 11 * RF_DAY_US};
    rf_event event = made_rf_event(&made, false);
    for (int i = 0; i < LARGE; i++)
        RF_TRY(rf_bigraph_add_event(graph, &event, err));
done:
    return st;
}

static rf_status publish_valid(const char *path, int which, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = NULL;
    rf_published published;
    rf_bigraph_options options = options_of(which);
    char name[] = "events.jsonl";
    rf_input_position item = {.name = name, .partition = -1, .offset = 4711, .line = 12, .records = 11};
    const rf_positions positions = {.items = &item, .n = 1, .dead_letter_bytes = 3};
    RF_TRY(rf_bigraph_new(&graph, &options, err));
    RF_TRY(add_events(graph, 1, EVENTS, err));
    if ((which & EVENT_GRANULARITY) == 0)
        RF_TRY(add_large(graph, err));
    RF_TRY(rf_bigraph_publish(graph, path, &positions, NULL, &published, err));
done:
    rf_bigraph_free(graph);
    return st;
}

static const unsigned char *find_bytes(const fuzz_file *file, const unsigned char *bytes, size_t len)
{
    for (size_t at = 0; len >= 4 && at + len <= file->n; at++) {
        if (memcmp(file->bytes + at, bytes, len) == 0)
            return file->bytes + at;
    }
    return NULL;
}

/* Datasets are contiguous, so their bytes are in the file as they are in memory. */
static void find_region(seed_file *seed, rf_h5 *file, const char *name)
{
    rf_err err = {0};
    int rank;
    int64_t dims[4];
    if (!rf_h5_exists(file, name) || rf_h5_shape(file, name, &rank, dims, &err) < 0)
        return;
    bool numbers = strstr(name, "cells") || strstr(name, "event_ids") || strstr(name, "full/cat") ||
                   strstr(name, "/e/u") || strstr(name, "/e/v");
    rf_h5_type type = strstr(name, "sums") || strstr(name, "/at")  ? RF_H5_I64
                      : strstr(name, "squares")                    ? RF_H5_U64
                      : strstr(name, "/x") || strstr(name, "mean") ? RF_H5_F32
                      : strstr(name, "fraud")                      ? RF_H5_U16
                      : numbers                                    ? RF_H5_U32
                                                                   : RF_H5_U8;
    size_t len = rf_h5_type_size(type);
    for (int i = 0; i < rank; i++)
        len *= (size_t)dims[i];
    unsigned char *bytes = malloc(len + 1);
    fuzz_must(bytes != NULL && rf_h5_read(file, name, type, rank, dims, bytes, &err) == RF_OK);
    const unsigned char *found = find_bytes(&seed->file, bytes, len);
    if (found != NULL)
        seed->regions[seed->n_regions++] = (region){(size_t)(found - seed->file.bytes), len};
    free(bytes);
}

static void make_seed(seed_file *seed, int which)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    char path[FUZZ_PATH];
    static const char *const names[SEEDS] = {"pairs.h5", "events.h5", "pairs-kinds.h5", "events-kinds.h5"};
    const char *name = names[which];
    if (publish_valid(fuzz_path(path, name), which, &err) < 0 || rf_h5_open(&file, path, &err) < 0) {
        fprintf(stderr, "fuzz_snapshot: %s\n", err.msg);
        abort();
    }
    fuzz_file_take(&seed->file, name);
    for (size_t i = 0; i < sizeof datasets / sizeof datasets[0]; i++)
        find_region(seed, file, datasets[i]);
    rf_h5_close(&file);
}

static void change_attribute(rf_h5 *file, uint8_t which, uint8_t value)
{
    static const char *const names[] = {"version",   "slot_us", "codes", "kept_from_us",
                                        "newest_us", "counts",  "end_us"};
    static const int64_t values[] = {INT64_MIN,  INT64_MAX,   0,           -1,         1,         7,
                                     MADE_START, RF_TIME_MIN, RF_TIME_MAX, RF_HOUR_US, 1LL << 62, 1LL << 32};
    int64_t number = values[value % (sizeof values / sizeof values[0])];
    const int64_t numbers[6] = {number, 1, 2, 3, 4, number};
    const char *name = names[which % (sizeof names / sizeof names[0])];
    (void)!rf_h5_write_attr_int(file, "/state", name, numbers, strcmp(name, "counts") == 0 ? 6 : 1, NULL);
}

static void change_dataset(rf_h5 *file, const char *name, uint8_t what, uint8_t value)
{
    static const uint8_t zeros[4096];
    const int64_t dims[4] = {value % 16, 1 + value / 16, 1, 1};
    (void)!rf_h5_remove(file, name, NULL);
    if (what % 8 < 4) /* else it stays away */
        (void)!rf_h5_write(file, name, (rf_h5_type)(value % 9), 1 + what % 4, dims, zeros, NULL);
}

/* What changes to bytes cannot do: other shapes, missing datasets, other attributes. */
static void change_structure(const char *path, const uint8_t *data, size_t size)
{
    rf_h5 *file = NULL;
    for (size_t i = 0; i + 4 <= size; i += 4) {
        if (data[i] < STRUCTURE)
            continue;
        if (file == NULL && rf_h5_update_beside(&file, path, NULL) < 0)
            return;
        if (data[i] % 2 == 0)
            change_attribute(file, data[i + 1], data[i + 2]);
        else
            change_dataset(file, datasets[data[i + 1] % (sizeof datasets / sizeof datasets[0])], data[i + 2],
                           data[i + 3]);
    }
    if (file != NULL) {
        rf_h5_keep_history(file);
        (void)!rf_h5_commit(file, NULL);
    }
    rf_h5_close(&file);
}

static void write_changed(const seed_file *seed, const uint8_t *data, size_t size)
{
    unsigned char *bytes = malloc(seed->file.n);
    fuzz_must(bytes != NULL);
    memcpy(bytes, seed->file.bytes, seed->file.n);
    for (size_t i = 0; i + 4 <= size; i += 4) {
        if (data[i] >= STRUCTURE)
            continue;
        const region *r = &seed->regions[data[i] % seed->n_regions];
        bytes[r->at + (data[i + 1] | (size_t)data[i + 2] << 8) % r->len] = data[i + 3];
    }
    fuzz_write(seed->file.path, bytes, seed->file.n);
    free(bytes);
    change_structure(seed->file.path, data, size);
}

static rf_status resume(const char *path, int which, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = NULL;
    rf_positions positions = {0};
    rf_graph_size size;
    int resumed;
    rf_bigraph_options options = options_of(which);
    RF_TRY(rf_bigraph_new(&graph, &options, err));
    RF_TRY(rf_bigraph_resume(graph, path, &positions, &resumed, err));
    RF_TRY(add_events(graph, 2, 60, err));
    RF_TRY(rf_bigraph_measure(&size, graph, NULL, err));
done:
    rf_positions_clear(&positions);
    rf_bigraph_free(graph);
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static seed_file seeds[SEEDS];
    rf_err err = {0};
    rf_graph *loaded = NULL;
    int64_t live = rf_mem_stats_get().live_blocks;
    const int which = size > 0 ? data[0] % SEEDS : 0;
    seed_file *seed = &seeds[which];
    if (seed->file.bytes == NULL)
        make_seed(seed, which);
    if (size > 4 && memcmp(data, RF_H5_SIGNATURE, 4) == 0)
        fuzz_write(seed->file.path, data, size);
    else
        write_changed(seed, data + (size > 0), size > 0 ? size - 1 : 0);
    fuzz_expect(rf_graph_load(&loaded, seed->file.path, RF_GRAPH_ALL, &err), &err);
    rf_graph_free(loaded);
    err = (rf_err){0};
    fuzz_expect(resume(seed->file.path, which, &err), &err);
    fuzz_must(rf_mem_stats_get().live_blocks == live);
    return 0;
}
