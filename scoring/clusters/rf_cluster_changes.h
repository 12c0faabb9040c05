/* rf_cluster_changes.h - who joined and who left the clusters of a run since the run before it, by the
 * registry of clusters.
 */
#ifndef RF_CLUSTER_CHANGES_H
#define RF_CLUSTER_CHANGES_H

#include "rf_clusters.h"

typedef struct rf_cluster_joined {
    rf_side side;
    uint32_t row;
} rf_cluster_joined;

typedef struct rf_cluster_left {
    rf_side side;
    const char *id; /* lives as long as the changes */
} rf_cluster_left;

typedef struct rf_cluster_changes {
    int64_t n;                        /* clusters */
    int64_t *joined_from, *left_from; /* [n + 1]; of cluster i: joined[joined_from[i]] .. */
    rf_cluster_joined *joined;        /* side by side, ascending rows */
    rf_cluster_left *left;
    struct rf_registry *known;
} rf_cluster_changes;

/* Clusters that grew, shrank or changed since the last run; of others, and where the registry does not know
 * that run, nobody. graph with ids. An absent registry knows nothing. */
RF_MUST_CHECK rf_status rf_cluster_changes_load(rf_cluster_changes *out, const rf_clusters *clusters,
                                                const rf_graph *graph, const char *registry_path,
                                                rf_err *err);
void rf_cluster_changes_clear(rf_cluster_changes *changes);

#endif
