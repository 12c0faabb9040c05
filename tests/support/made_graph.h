/* made_graph.h - seeded graphs and model outputs for tests that need any, without files and without a model.
 */
#ifndef RF_MADE_GRAPH_H
#define RF_MADE_GRAPH_H

#include "rf_graph.h"
#include "rf_model.h"

typedef struct made_shape {
    int64_t n_u, n_v, n_e;
    int d_u, d_v, d_e;
    uint64_t seed;
} made_shape;

/* Random edges (parallel ones possible), features of any sign, names "u_0" and so on, ids "user-0", "shop-0",
 * labels (about one in five) and fraud types "ring" and "bot" for the labelled. Checks with ck_assert. Free
 * with rf_graph_free. */
rf_graph *made_graph(made_shape shape);

/* A graph of several kinds, each with the shape's numbers of entities, edges and columns (the users are those
 * of the first): kinds "shop", "device", "card", "ip" in this order, entities "shop-0", "device-0" and so on,
 * else as made_graph. n_kinds <= 4. */
rf_graph *made_graph_of_kinds(const made_shape *shapes, int n_kinds);

/* A graph of these edges, whose adjacency becomes the graph's, with ids as above, without columns and times.
 * Free with rf_graph_free. */
rf_graph *made_graph_of(rf_adj adj);

/* Replaces a side's ids (n texts). */
void made_graph_set_ids(rf_graph_side *side, const char *const *ids);
/* Replaces a side's feature names (d texts). */
void made_graph_set_names(rf_graph_side *side, const char *const *names);

/* Reconstructions near the features, probabilities in (0, 1), latents 3 and 2 wide, of all kinds. Free with
 * made_outputs_free. */
rf_outputs *made_outputs(const rf_graph *graph, uint64_t seed);
void made_outputs_free(rf_outputs *outputs);

#endif
