/* fuzz_registry.c - a damaged clusters.h5, the memory of clusters: refused in words, or fit to recognise this
 * run's clusters by and to be written again. */
#include "fuzz_file.h"
#include "made_clusters.h"
#include "made_scores.h"
#include "registry_int.h"
#include "rf_mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static fuzz_file registry;
static rf_graph *graph;
static rf_scores *scores;

static void make_registry(void)
{
    char path[FUZZ_PATH];
    graph = made_graph((made_shape){14, 7, 60, 3, 2, 2, 7});
    scores = made_scores(graph);
    for (int run = 0; run < 2; run++) {
        rf_clusters *clusters = made_clusters(graph, scores);
        clusters->run_id[0] = run == 0 ? 'a' : 'b';
        fuzz_path(path, "clusters.h5");
        fuzz_must(rf_clusters_recognise(clusters, graph, path, NULL) == RF_OK &&
                  rf_clusters_register(clusters, graph, path, NULL) == RF_OK);
        rf_clusters_free(clusters);
    }
    fuzz_file_take(&registry, "clusters.h5");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_err err = {0};
    rf_registry *known = NULL;
    if (registry.n == 0)
        make_registry();
    int64_t live = rf_mem_stats_get().live_blocks;
    fuzz_file_change(&registry, data, size);
    rf_status st = rf_registry_load(&known, registry.path, &err);
    fuzz_expect(st, &err);
    for (int64_t i = 0; st >= 0 && i < known->current.n; i++)
        fuzz_must(rf_generation_members(&known->current, i) >= 0);
    rf_registry_free(known);
    rf_clusters *clusters = made_clusters(graph, scores);
    rf_status recognised = rf_clusters_recognise(clusters, graph, registry.path, &err);
    fuzz_must((recognised >= 0) == (st >= 0));
    if (recognised >= 0)
        fuzz_expect(rf_clusters_register(clusters, graph, registry.path, &err), &err);
    rf_clusters_free(clusters);
    fuzz_must(rf_mem_stats_get().live_blocks == live);
    return 0;
}
