/* made_clusters.h - clusters of a made graph, for tests that need some to write, show or emit. */
#ifndef RF_MADE_CLUSTERS_H
#define RF_MADE_CLUSTERS_H

#include "rf_clusters.h"

/* Of a graph with at least 12 users and 6 entities: community 0 has users 0 to 2 and entities 0 and 1
 * (grown by a user), community 1 users 4 and 7 and entity 3 (new), a dense block users 1, 2, 3 and entities
 * 1, 2, and a cluster that is gone. Tag types promo_abuse, collusion. Free with rf_clusters_free. */
rf_clusters *made_clusters(const rf_graph *graph, const rf_scores *scores);

#endif
