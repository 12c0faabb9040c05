/* fingerprint.c - which graph scores belong to, and the name of a run. The only file here that knows xxHash.
 */
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "rf_fingerprint.h"
#include "scoring_int.h"

static uint64_t chain(uint64_t seed, const void *bytes, size_t len)
{
    return XXH3_64bits_withSeed(len > 0 ? bytes : "", len, seed);
}

static void write_hex(char out[17], uint64_t hash)
{
    snprintf(out, 17, "%016llx", (unsigned long long)hash);
}

static uint64_t chain_edges(uint64_t hash, const rf_adj *adj)
{
    int64_t sizes[3] = {adj->n_u, adj->n_v, adj->n_e};
    hash = chain(hash, sizes, sizeof sizes);
    hash = chain(hash, adj->e_u, (size_t)adj->n_e * sizeof *adj->e_u);
    return chain(hash, adj->e_v, (size_t)adj->n_e * sizeof *adj->e_v);
}

/* The main kind's name changes nothing. */
void rf_graph_edges_fingerprint(char out[17], const rf_graph *graph)
{
    uint64_t hash = chain_edges(0, &graph->adj);
    for (int k = 1; k < rf_kinds_n(&graph->kinds); k++) {
        const char *name = rf_kind_name(&graph->kinds, k);
        hash = chain(hash, name, strlen(name));
        hash = chain_edges(hash, rf_graph_adj(graph, k));
    }
    write_hex(out, hash);
}

void rf_graph_features_fingerprint(char out[17], const rf_graph *graph)
{
    uint64_t hash = 0;
    for (rf_side i = 0; i < rf_sides(&graph->kinds); i++) {
        int64_t shape[2] = {graph->side[i].n, graph->side[i].d};
        hash = chain(hash, shape, sizeof shape);
        hash = chain(hash, graph->side[i].x, (size_t)(graph->side[i].n * graph->side[i].d) * sizeof(rf_real));
    }
    write_hex(out, hash);
}

void rf_fingerprint_texts(char out[33], const char *const *texts, int n)
{
    XXH128_hash_t hash = {0, 0};
    for (int i = 0; i < n; i++) { /* each text hashed whole and chained, so that no two lists run together */
        const char *text = texts[i] != NULL ? texts[i] : "";
        XXH128_hash_t own = XXH3_128bits(text, strlen(text));
        uint64_t words[5] = {hash.low64, hash.high64, own.low64, own.high64, texts[i] != NULL};
        hash = XXH3_128bits(words, sizeof words);
    }
    snprintf(out, 33, "%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}
