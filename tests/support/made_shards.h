/* made_shards.h - events split over shards, and the graphs of the shards, of some or of all. */
#ifndef RF_MADE_SHARDS_H
#define RF_MADE_SHARDS_H

#include "made_events.h"
#include "rf_check.h"
#include "rf_file.h"
#include "rf_graph.h"
#include "rf_log.h"
#include "rf_merge.h"
#include "rf_shard.h"

#define SPLIT_EVENTS 1500
#define SPLIT_MOST 6 /* shards */

typedef struct split { /* events, and the shard of each */
    made_event items[SPLIT_EVENTS];
    int shard[SPLIT_EVENTS];
    int n, shards;
} split;

static split made_split;

typedef enum split_kind { BY_USER, ANYHOW } split_kind;

static inline void split_make(uint64_t seed, int shards, split_kind how)
{
    rf_rng rng;
    setenv("SOURCE_DATE_EPOCH", "1", 1); /* files are compared byte for byte */
    rf_log_setup(RF_LOG_ERROR, RF_LOG_TEXT, "test");
    rf_rng_init(&rng, seed, 0);
    made_split.n = SPLIT_EVENTS;
    made_split.shards = shards;
    for (int i = 0; i < SPLIT_EVENTS; i++)
        made_split.items[i] = made_event_at(&rng, i, 20);
    for (int i = 0; i < SPLIT_EVENTS; i++) {
        uint32_t drawn = rf_rng_below(&rng, (uint32_t)shards);
        made_split.shard[i] = how == BY_USER ? atoi(made_split.items[i].user + 1) % shards : (int)drawn;
    }
}

static inline rf_bigraph *split_graph(const rf_bigraph_options *options)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, options, &err));
    return graph;
}

/* shard -1: all events. Returns how many. */
static inline int split_add(rf_bigraph *graph, int shard, int from, int to)
{
    rf_err err = {0};
    int n = 0;
    for (int i = from; i < to; i++) {
        rf_event event = made_rf_event(&made_split.items[i], true);
        if (shard >= 0 && made_split.shard[i] != shard)
            continue;
        RF_HOLDS(rf_bigraph_add_event(graph, &event, &err) >= 0);
        n++;
    }
    return n;
}

static char split_topic[] = "t";

/* Where partition p was read up to that offset. */
static inline rf_topic_origin split_origin(int p, int64_t offset)
{
    static char cluster[] = "Q7";
    return offset == 0 ? (rf_topic_origin){.cluster = cluster}
                       : (rf_topic_origin){.cluster = cluster,
                                           .last_offset = offset - 1,
                                           .last_ms = 1000 + p,
                                           .last_hash = (uint64_t)offset};
}

static inline rf_published split_publish(rf_bigraph *graph, const char *path, const rf_positions *positions)
{
    rf_err err = {0};
    rf_published published = {0};
    RF_CHECK_OK(err, rf_bigraph_publish(graph, path, positions, NULL, &published, &err));
    rf_bigraph_free(graph);
    return published;
}

static inline char *split_shard_path(char out[RF_TEST_PATH], int p)
{
    char name[32];
    snprintf(name, sizeof name, "shards/t-%d.h5", p);
    return rf_tmp_path(out, name);
}

static inline void split_write_shard(const rf_bigraph_options *options, int p, int to)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    rf_shard *shard = NULL;
    int64_t next;
    rf_bigraph *graph = split_graph(options);
    RF_CHECK_OK(err, rf_shard_claim(&shard, graph, rf_tmp_path(folder, "shards"), split_topic, p, "me", 0,
                                    &next, &err));
    int n = split_add(graph, p, 0, to);
    const rf_topic_origin origin = split_origin(p, n);
    RF_CHECK_OK(err, rf_shard_save(shard, graph, n, &origin, &err));
    rf_shard_release(&shard);
    rf_bigraph_free(graph);
}

static inline void split_write_shards(const rf_bigraph_options *options, int to)
{
    char folder[RF_TEST_PATH];
    rf_remove_tree(rf_tmp_path(folder, "shards"));
    for (int p = 0; p < made_split.shards; p++)
        split_write_shard(options, p, to);
}

/* rf_bigraph_merge of the file at path. */
static inline rf_status split_add_file(rf_bigraph *graph, const char *path, bool keep_repeats,
                                       rf_positions *positions, rf_merge_counts *counts, rf_err *err)
{
    rf_h5 *file = NULL;
    rf_status st = rf_h5_open(&file, path, err);
    if (st >= 0)
        st = rf_bigraph_merge(graph, file, keep_repeats, positions, counts, err);
    rf_h5_close(&file);
    return st;
}

static inline rf_bigraph *split_join(const rf_bigraph_options *options, char paths[][RF_TEST_PATH],
                                     const int *order, int n, rf_positions *positions)
{
    rf_err err = {0};
    rf_merge_counts counts;
    rf_bigraph *graph = split_graph(options);
    for (int i = 0; i < n; i++)
        RF_CHECK_OK(err, split_add_file(graph, paths[order[i]], false, positions, &counts, &err));
    return graph;
}

#endif
