/* fuzz_findings.c - damaged graph.h5 and scores.h5 with tags and clusters, of one kind of entity and of
 * three: what loads must be fit for every export and for an emission.
 *
 * The first byte chooses which of the two is damaged, the kinds and the format, the rest the damage
 * (fuzz_file.h).
 */
#include <stdio.h>
#include <string.h>

#include "fuzz_file.h"
#include "made_clusters.h"
#include "made_events.h"
#include "made_scores.h"
#include "made_tags.h"
#include "rf_emit.h"
#include "rf_export.h"
#include "rf_mem.h"

#define EVENTS 150

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OF_ONE_KIND, OF_THREE_KINDS, RUNS };

typedef struct run {
    fuzz_file graph, scores;
} run;

static run runs[RUNS];
static char out[FUZZ_PATH], emitted[FUZZ_PATH];

static void publish_graph(const char *name, int kinds)
{
    rf_bigraph *graph = NULL;
    rf_published published;
    rf_bigraph_options options = kinds == OF_THREE_KINDS ? made_options_of_kinds(RF_GRANULARITY_PAIR)
                                                         : made_options(RF_GRANULARITY_PAIR);
    const rf_positions positions = {.items = NULL, .n = 0};
    char path[FUZZ_PATH];
    rf_rng rng;
    rf_rng_init(&rng, 1, 0);
    fuzz_must(rf_bigraph_new(&graph, &options, NULL) == RF_OK);
    for (int i = 0; i < EVENTS; i++) {
        made_event made = made_event_at(&rng, i, 14);
        rf_event event = made_rf_event(&made, true);
        fuzz_must(rf_bigraph_add_event(graph, &event, NULL) >= 0);
    }
    fuzz_must(rf_bigraph_publish(graph, fuzz_path(path, name), &positions, NULL, &published, NULL) == RF_OK);
    rf_bigraph_free(graph);
}

static void make_files(int kinds)
{
    static const char *const names[RUNS][2] = {{"graph.h5", "scores.h5"}, {"kinds.h5", "kinds-scores.h5"}};
    run *made = &runs[kinds];
    rf_graph *graph = NULL;
    rf_h5 *file = NULL;
    char path[FUZZ_PATH];
    publish_graph(names[kinds][0], kinds);
    fuzz_file_take(&made->graph, names[kinds][0]);
    fuzz_must(rf_graph_load(&graph, made->graph.path, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, NULL) == RF_OK);
    rf_scores *scores = made_scores(graph);
    rf_tags *tags = made_tags(graph, scores, 3);
    rf_clusters *clusters = made_clusters(graph, scores);
    fuzz_path(path, names[kinds][1]);
    fuzz_must(rf_scores_save(scores, path, NULL, NULL) == RF_OK && rf_h5_open(&file, path, NULL) == RF_OK);
    fuzz_must(rf_tags_save(tags, &file, NULL) == RF_OK && rf_clusters_save(clusters, &file, NULL) == RF_OK);
    rf_h5_close(&file);
    rf_clusters_free(clusters);
    rf_tags_free(tags);
    rf_scores_free(scores);
    rf_graph_free(graph);
    fuzz_file_take(&made->scores, names[kinds][1]);
    fuzz_path(out, "out");
    fuzz_path(emitted, "actions.jsonl");
}

/* A format writes all it can, or says why not: two subjects may share an id. */
static void show(const rf_findings *findings, uint8_t choice)
{
    static const char *const formats[] = {"cx2", "cytoscapejs", "dot", "gexf", "graphml", "html", "svg"};
    rf_err err = {0};
    rf_export_options options;
    rf_export_result result;
    rf_export_options_default(&options);
    options.format = formats[choice % (sizeof formats / sizeof *formats)];
    options.path = out;
    fuzz_must(rf_selection_parse(&options.select, choice % 2 == 0 ? "percentile=0.5" : "cluster=worst",
                                 NULL) == RF_OK);
    fuzz_expect(rf_export_write(&result, findings, &options, &err), &err);
}

static void emit(const rf_findings *findings)
{
    rf_err err = {0};
    rf_emit_options options;
    rf_emit_result result;
    rf_emit_options_default(&options);
    options.path = emitted;
    options.threshold = 0.5;
    fuzz_expect(rf_emit(&result, findings, &options, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_err err = {0};
    rf_graph *graph = NULL;
    rf_scores *scores = NULL;
    rf_tags *tags = NULL;
    rf_clusters *clusters = NULL;
    rf_h5 *file = NULL;
    rf_status st;
    const uint8_t choice = size > 0 ? data[0] : 0;
    const int kinds = choice / 16 % RUNS;
    run *of = &runs[kinds];
    if (of->graph.n == 0)
        make_files(kinds);
    int64_t live = rf_mem_stats_get().live_blocks;
    if (size > 1)
        fuzz_file_change(choice % 4 == 0 ? &of->graph : &of->scores, data + 1, size - 1);
    st = rf_graph_load(&graph, of->graph.path, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, &err);
    if (st >= 0)
        st = rf_h5_open(&file, of->scores.path, &err);
    if (st >= 0)
        st = rf_scores_read(&scores, file, graph, &err);
    if (st >= 0)
        st = rf_tags_read(&tags, file, scores, &err);
    if (st >= 0)
        st = rf_clusters_read(&clusters, file, scores, &err);
    rf_h5_close(&file);
    fuzz_expect(st, &err);
    if (st >= 0) {
        const rf_findings findings = {.graph = graph, .scores = scores, .tags = tags, .clusters = clusters};
        show(&findings, choice >> 2);
        if (choice % 8 == 1)
            emit(&findings);
    }
    rf_clusters_free(clusters);
    rf_tags_free(tags);
    rf_scores_free(scores);
    rf_graph_free(graph);
    fuzz_must(rf_mem_stats_get().live_blocks == live);
    if (size > 1) /* the other one is whole the next time */
        fuzz_file_change(choice % 4 == 0 ? &of->graph : &of->scores, data, 0);
    return 0;
}
