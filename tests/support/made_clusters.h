/* made_clusters.h - clusters of a made graph, for tests that need some to write, show or emit. */
#ifndef RF_MADE_CLUSTERS_H
#define RF_MADE_CLUSTERS_H

#include "rf_clusters.h"
#include "rf_h5.h"

/* Of a graph with at least 12 users and 6 entities: community 0 has users 0 to 2 and entities 0 and 1
 * (grown by a user), community 1 users 4 and 7 and entity 3 (new), a dense block users 1, 2, 3 and entities
 * 1, 2, and a cluster that is gone. Of several kinds community 0 has entities 0 and 2 of kind 1, too, which
 * all of its users share. Tag types promo_abuse, collusion. Free with rf_clusters_free. */
rf_clusters *made_clusters(const rf_graph *graph, const rf_scores *scores);

/* rf_clusters_save and rf_clusters_read of the file at path. */
static inline rf_status made_clusters_save(const rf_clusters *clusters, const char *path, rf_err *err)
{
    rf_h5 *file = NULL;
    rf_status st = rf_h5_open(&file, path, err);
    if (st >= 0)
        st = rf_clusters_save(clusters, &file, err);
    rf_h5_close(&file);
    return st;
}

static inline rf_status made_clusters_load(rf_clusters **out, const char *path, const rf_scores *scores,
                                           rf_err *err)
{
    rf_h5 *file = NULL;
    rf_status st = rf_h5_open(&file, path, err);
    if (st >= 0)
        st = rf_clusters_read(out, file, scores, err);
    rf_h5_close(&file);
    return st;
}

#endif
