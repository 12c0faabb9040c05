/* fuzz_shard.c - damaged shards and claims: taking over a partition, asking for its offset and joining graphs
 * must say no, or give a graph that goes on.
 *
 * The first byte: odd, the rest is the claim file; even, the rest is damage to the shard's state
 * (fuzz_file.h).
 */
#include <string.h>

#include "feature_whole.h"
#include "fuzz_file.h"
#include "made_events.h"
#include "rf_mem.h"
#include "rf_merge.h"
#include "rf_shard.h"
#include "window_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EVENTS 120
#define TOPIC "t"

static fuzz_file shard_file;
static char folder[FUZZ_PATH], claim[FUZZ_PATH], other[FUZZ_PATH];

static rf_bigraph *new_graph(void)
{
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    options.history_us = 2 * RF_DAY_US;
    fuzz_must(rf_bigraph_new(&graph, &options, NULL) == RF_OK);
    return graph;
}

static rf_status add_events(rf_bigraph *graph, uint64_t seed, int n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rng rng;
    rf_rng_init(&rng, seed, 0);
    for (int i = 0; i < n; i++) {
        made_event made = made_event_at(&rng, i, 14);
        rf_event event = made_rf_event(&made, true);
        RF_TRY(rf_bigraph_add_event(graph, &event, err));
    }
done:
    return st;
}

static void make_files(void)
{
    char name[] = "events.jsonl";
    rf_input_position item = {.name = name, .partition = -1, .offset = 4711, .line = 12, .records = 11};
    const rf_positions positions = {.items = &item, .n = 1};
    rf_published published;
    rf_shard *shard = NULL;
    int64_t next;
    fuzz_path(folder, "shards");
    fuzz_path(claim, "shards/" TOPIC "-0.claim");
    rf_bigraph *graph = new_graph();
    fuzz_must(rf_shard_claim(&shard, graph, folder, TOPIC, 0, "me", 0, &next, NULL) == RF_OK);
    fuzz_must(add_events(graph, 1, EVENTS, NULL) >= 0 &&
              rf_shard_save(shard, graph, EVENTS, &(rf_topic_origin){0}, NULL) == RF_OK);
    rf_shard_release(&shard);
    rf_bigraph_free(graph);
    fuzz_file_take(&shard_file, "shards/" TOPIC "-0.h5");
    graph = new_graph();
    fuzz_must(add_events(graph, 2, EVENTS, NULL) >= 0);
    fuzz_must(rf_bigraph_publish(graph, fuzz_path(other, "other.h5"), &positions, NULL, &published, NULL) ==
              RF_OK);
    rf_bigraph_free(graph);
}

static rf_status take_over(rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = new_graph();
    rf_shard *shard = NULL;
    int64_t next;
    RF_TRY(rf_shard_claim(&shard, graph, folder, TOPIC, 0, "me", 0, &next, err));
    RF_TRY(add_events(graph, 3, 20, err));
    RF_TRY(rf_shard_save(shard, graph, next < INT64_MAX - 20 ? next + 20 : next, &(rf_topic_origin){0}, err));
done:
    rf_shard_release(&shard);
    rf_bigraph_free(graph);
    return st;
}

static rf_status join(rf_err *err)
{
    rf_status st = RF_OK;
    const char *const paths[] = {other, shard_file.path};
    rf_bigraph *graph = new_graph();
    rf_merge_plan plan = {0};
    rf_merge_counts counts;
    rf_positions positions = {0};
    rf_window_view *view = NULL;
    rf_feature_matrix made[RF_SIDES] = {{0}};
    RF_TRY(rf_merge_plan_make(&plan, paths, 2, err));
    for (int i = 0; i < plan.n; i++)
        RF_TRY(rf_bigraph_merge(graph, plan.inputs[i].file, true, &positions, &counts, err));
    RF_TRY(rf_bigraph_freeze(&view, graph, err));
    RF_TRY(feature_whole(made, view, NULL, err));
done:
    for (rf_side s = 0; s < RF_SIDES; s++)
        rf_feature_matrix_clear(&made[s]);
    rf_window_view_free(view);
    rf_positions_clear(&positions);
    rf_merge_plan_clear(&plan);
    rf_bigraph_free(graph);
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_err err = {0};
    int64_t next;
    if (shard_file.n == 0)
        make_files();
    int64_t live = rf_mem_stats_get().live_blocks;
    if (size > 0 && data[0] % 2 == 1)
        fuzz_write(claim, data + 1, size - 1);
    else
        fuzz_file_change(&shard_file, size > 0 ? data + 1 : data, size > 0 ? size - 1 : 0);
    fuzz_expect(rf_shard_offset(folder, TOPIC, 0, &next, &err), &err);
    err = (rf_err){0};
    fuzz_expect(join(&err), &err);
    err = (rf_err){0};
    fuzz_expect(take_over(&err), &err);
    fuzz_must(rf_mem_stats_get().live_blocks == live);
    fuzz_file_change(&shard_file, data, 0);
    return 0;
}
