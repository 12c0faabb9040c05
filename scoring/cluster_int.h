/* cluster_int.h - what the files that find, name and keep clusters share. */
#ifndef RF_CLUSTER_INT_H
#define RF_CLUSTER_INT_H

#include <stdbool.h>

#include "rf_adj.h"
#include "rf_clusters.h"

#define RF_CLUSTER_ID_LEN 18         /* "c-" and 16 hex digits */
#define RF_CLUSTER_NOBODY UINT32_MAX /* a place without a common entity */
#define RF_CLUSTER_ANEW "run `ringfence cluster` again"

/* ---- clusters.c ---- Fills of_u [n_u] and of_v [n_v] from the members of the communities. RF_E_FORMAT when
 * two communities have one node. */
RF_MUST_CHECK rf_status rf_clusters_index(rf_clusters *clusters, int64_t n_u, int64_t n_v, rf_err *err);

/* ---- clusters_check.c ---- Of clusters as a file holds them: numbers in range, lists without holes; counts
 * n_tags and n_common. n_entities: of the graph. RF_E_FORMAT names path, column and row. */
RF_MUST_CHECK rf_status rf_clusters_check(rf_clusters *clusters, int64_t n_entities, const char *path,
                                          rf_err *err);

/* ---- fraudar.c ---- Dense blocks, the first found first; later ones may share nodes with earlier ones, but
 * no pair. */
typedef struct rf_dense_block {
    uint32_t *users;    /* [n_users] ascending; owns the entities', too */
    uint32_t *entities; /* [n_entities] ascending */
    int64_t n_users, n_entities;
    double suspiciousness; /* g of the block: weights of its pairs by node */
} rf_dense_block;

/* blocks[n_blocks] is the caller's, *n_found of them are filled: fewer when no pair is left. O(blocks n_e
 * log(n_u + n_v)). */
RF_MUST_CHECK rf_status rf_fraudar(rf_dense_block *blocks, int64_t *n_found, const rf_adj *adj,
                                   int64_t n_blocks, int64_t max_members, rf_err *err);
void rf_dense_blocks_clear(rf_dense_block *blocks, int64_t n);

#endif
