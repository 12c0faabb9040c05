/* overlap_int.h - nodes that share more partners than their sizes explain, without any time.
 *
 * Two anchors v, w share a member when it met both: entities that share users, or, with the sides of the
 * graph swapped, users that share entities. On distinct pairs (member u, anchor v), d their numbers of
 * partners, E the number of pairs:
 *
 *   found      c, the members of v other than u that met w, too
 *   expected   m = x_v x_w sqrt(T_v (d_v - 1) T_w (d_w - 1)) / E, T_v the sum of d - 1 over the members of v:
 *              what all d_v of them share with w in a graph with the same degrees and no structure, but for
 *              one of them, times
 *   excess     x_v = max(1, sqrt((C_v + 1) / (B_v + 1))), C_v the sum of c (c - 1) over all anchors but the
 *              three that share most with v, and B_v what it is expected to be: where everybody shares with
 *              everybody (a topic, a town), sharing is no surprise, and a ring of few anchors is not
 *              explained by itself. On request only, else 1: many users can be one group of copies
 *   nats       c ln(c / m) - (c + 2) ln((c + 2) / (m + 2)) where c >= 2 and c > m (negative binomial of size
 *              2: large counts vary more than Poisson's), times min(1, q / 10), q = -ln of (d_u / E)^2 d_v
 * d_w, the times that u itself meets both by chance, where they are below 1; else 0 pair       the sum over
 * its three largest w
 *
 * All but q is the same for all members of v and w: the two anchors are judged once. A member of more than
 * RF_OVERLAP_MOST anchors joins everybody with everybody. It tells nothing of a pair of anchors: it is left
 * out, and its pairs have 0. Cost: the sum of d_u^2 over the members, at most RF_OVERLAP_MOST E, twice, with
 * the excess three times; memory 16 bytes an anchor and thread, 8 a pair. On shards of anchors each needs its
 * members' lists: one exchange of (member, anchor), and one of d, T and x an anchor.
 */
#ifndef RF_OVERLAP_INT_H
#define RF_OVERLAP_INT_H

#include <stdbool.h>

#include "rf_adj.h"
#include "rf_pool.h"
#include "rf_side.h"

#define RF_OVERLAP_MOST 128
#define RF_OVERLAP_BEST 3

/* nats[pairs] of distinct pairs. Anchors: RF_ENTITY, their members are users; or RF_USER, the other way
 * round. Same bytes at any number of threads. */
RF_MUST_CHECK rf_status rf_overlap_nats(float *nats, const rf_adj *pairs, rf_side anchors, bool with_excess,
                                        rf_pool *pool, rf_err *err);

#endif
