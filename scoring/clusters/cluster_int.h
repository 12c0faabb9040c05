/* cluster_int.h - shared by the files that find, name and keep clusters. */
#ifndef RF_CLUSTER_INT_H
#define RF_CLUSTER_INT_H

#include <stdbool.h>

#include "rf_adj.h"
#include "rf_clusters.h"

#define RF_CLUSTER_ID_LEN 18         /* "c-" and 16 hex digits */
#define RF_CLUSTER_NOBODY UINT32_MAX /* a place without a common entity */
#define RF_CLUSTER_ANEW "run `ringfence cluster` again"

/* ---- clusters.c ---- */
bool rf_cluster_is_id(const char *id);
int rf_by_u32(const void *a, const void *b); /* for qsort */
/* Fills `of` of all sides but edges, which have n[side] rows, from the members of the communities.
 * RF_E_FORMAT when two communities have one node. */
RF_MUST_CHECK rf_status rf_clusters_index(rf_clusters *clusters, const int64_t n[RF_SIDES_MOST], rf_err *err);

/* ---- cluster_whole.c ---- Users and the entities of all kinds as one bipartite graph, in which entity v of
 * kind k is entity first[k] + v. Its edges are those of user 0, kind after kind, of user 1, and so on. The
 * graph is borrowed; of one kind, so are the edges.
 *
 * Its nodes: node i < n_u is user i, else entity i - n_u. */
typedef struct rf_whole {
    const rf_graph *graph;
    int n_kinds;
    int64_t n_u;
    int64_t first[RF_KINDS_MOST + 1];
    const rf_adj *adj;
    rf_adj joined; /* of several kinds */
} rf_whole;
/* RF_E_INVALID: 2^32 nodes or more. *whole needs rf_whole_clear in any case. */
RF_MUST_CHECK rf_status rf_whole_init(rf_whole *whole, const rf_graph *graph, rf_err *err);
void rf_whole_clear(rf_whole *whole);
/* What each edge of kind k has, of_kind[k], in the order of the whole's edges; items of `size` bytes. */
void rf_whole_line_up(void *out, const rf_whole *whole, const void *const of_kind[], size_t size);
int rf_whole_kind(const rf_whole *whole, int64_t entity); /* of an entity of the whole */
/* The side of a node, and its row there. */
rf_side rf_whole_place(uint32_t *row, const rf_whole *whole, int64_t node);

/* ---- fraudar.c ---- Dense blocks, the first found first; later ones may share nodes with earlier ones, but
 * no pair. */
typedef struct rf_dense_block {
    double suspiciousness; /* g of the block: weights of its pairs by node */
    int64_t n[RF_SIDES];
    uint32_t
        *rows[RF_SIDES]; /* [n[s]] ascending; one block of memory, which the users begin; none of edges */
} rf_dense_block;

/* blocks[n_blocks] is the caller's, *n_found of them are filled: fewer when
 * nothing is left that is half as dense as the densest part of the graph, or after 2 n_blocks searches.
 * O(blocks n_e log(n_u + n_v)). */
RF_MUST_CHECK rf_status rf_fraudar(rf_dense_block *blocks, int64_t *n_found, const rf_adj *adj,
                                   int64_t n_blocks, int64_t max_members, rf_err *err);
void rf_dense_blocks_clear(rf_dense_block *blocks, int64_t n);

/* ---- groups of nodes of the whole, as they are found. */
typedef struct rf_groups {
    int64_t n, n_nodes;
    int64_t *end;       /* [n] group i is node[end[i - 1] .. end[i]) */
    uint32_t *node;     /* ascending within a group */
    double *suspicious; /* [n] */
    uint8_t *method;    /* [n] */
    size_t end_cap, node_cap, suspicious_cap, method_cap;
} rf_groups;
/* ---- clusters.c ---- Sorts node[n] in place and keeps a copy. */
RF_MUST_CHECK rf_status rf_groups_add(rf_groups *groups, uint32_t *node, int64_t n, rf_cluster_method method,
                                      double suspicious, rf_err *err);
void rf_groups_clear(rf_groups *groups);

enum { RF_SUSPECT_ODD = 1, RF_SUSPECT_TAGGED = 2 /* of a known type */ };
/* The suspicious part of a graph: nodes reached from seeds, and the pairs among them along which it grew. */
typedef struct rf_suspects {
    int64_t n_u, n_v; /* of the whole */
    int64_t n_links;
    uint32_t *from, *to;             /* [n_links] nodes: a user and an entity */
    double *weight;                  /* [n_links] > 0: how suspicious the pair is */
    uint8_t *seed;                   /* [n_u + n_v] RF_SUSPECT bits; 0: reached only */
    uint8_t *holds;                  /* [n_v] 1: the users of its links stay in one group, if it has room */
    uint32_t *hub_user, *hub_entity; /* [n_hub_links] pairs of a user in links and an entity that is a seed
                                        and a hub: it may be a member, but joins nobody */
    double *hub_weight;
    int64_t n_hub_links;
} rf_suspects;
/* ---- cluster_grow.c ---- *out needs rf_suspects_clear in any case. O(n_e + hops links). */
RF_MUST_CHECK rf_status rf_suspects_grow(rf_suspects *out, const rf_whole *whole, const rf_scores *scores,
                                         const rf_tags *tags, const rf_cluster_options *options, rf_err *err);
void rf_suspects_clear(rf_suspects *suspects);

/* ---- cluster_split.c ---- Communities of the suspicious part, each with a seed. */
RF_MUST_CHECK rf_status rf_suspects_split(rf_groups *groups, const rf_suspects *suspects,
                                          const rf_whole *whole, const rf_scores *scores,
                                          const rf_cluster_options *options, rf_err *err);

/* ---- cluster_figures.c ---- Fills a cluster's figures from its members, rows[side][n[side]]. */
typedef struct rf_figures rf_figures;
RF_MUST_CHECK rf_status rf_figures_new(rf_figures **out, const rf_graph *graph, const rf_scores *scores,
                                       const rf_tags *tags, rf_err *err);
void rf_figures_free(rf_figures *figures);
void rf_figures_of(rf_cluster *cluster, rf_figures *figures, const uint32_t *const rows[]);

#endif
