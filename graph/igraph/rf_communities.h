/* rf_communities.h - finds which nodes of a weighted graph belong together: Leiden communities, by igraph.
 *
 *   modularity = sum over communities of  w_in / m  -  resolution (w_of / 2m)^2
 *
 * m: all weight, w_in: inside the community, w_of: its nodes' own. Source: Traag, Waltman, van Eck, From
 * Louvain to Leiden, Scientific Reports 2019. Modularity is used instead of the constant Potts
 * model, which requires the same density of every community: a star of a device and its thirty accounts would
 * then fall apart where two shops and their friends hold. On a bipartite graph Barber's null model
 * (users meet entities only) charges w_u w_v / m^2 where this one charges ((w_u + w_v) / 2m)^2: the same for
 * a community whose two sides carry equal weight, as all do but for the links that leave it.
 */
#ifndef RF_COMMUNITIES_H
#define RF_COMMUNITIES_H

#include <stdint.h>

#include "rf_status.h"

/* member[n] becomes each node's community, numbered by their lowest nodes; *n_found how many, *modularity
 * (may be NULL) of resolution 1. Link i joins from[i] and to[i] (below n) with weight[i] > 0. The same input
 * and seed give the same communities. Near-linear in practice: about 2 s for 1,000,000 links. */
RF_MUST_CHECK rf_status rf_communities(int32_t *member, int64_t *n_found, double *modularity, int64_t n,
                                       const uint32_t *from, const uint32_t *to, const double *weight,
                                       int64_t n_links, double resolution, uint64_t seed, rf_err *err);

#endif
