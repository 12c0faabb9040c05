/* lockstep_int.h - the same users near each other in time at several entities.
 *
 * Of the distinct pairs (u, v), each with the time of its first meeting, the RF_LOCKSTEP_SCAN pairs of v that
 * are nearest in time are looked at. At level (K, f), u' is near if it is among the K nearest and its gap is
 * at most f times the span of all times, else far; it is a hit if u' is near u at another entity, too.
 *
 *   chance of a pair    lambda = 1 - exp(-(d_u' - 1) x / E), d_u' the partners of u', x the number of near
 *                       neighbours of u at its other entities, E the number of pairs
 *   expected hits       m = max(1e-3, phi lambda max(1, (c_far + 1) / (phi_far lambda_far + 1))), lambda and
 *                       lambda_far summed over the near and the far, phi = sum c / sum lambda over all pairs
 *   nats of a level     c ln(c / m) - (c + 32) ln((c + 32) / (m + 32)) where c > m: a negative binomial of
 *                       size 32, for counts vary more than Poisson's
 *   nats of a pair      the largest over (K, f), K 4, 8, 16 and f 1/8, 1/20, and of (16, 1/3) less 6 nats:
 *                       for rings that take their time, but so wide a level sees chance meetings oftener
 *
 * Beyond 2^18 pairs phi is of the sums over an even choice of 2^16 pairs.
 *
 * Hubs are bounded by the scan. On shards of users the pairs of an entity have to meet once, sorted by time:
 * one exchange of (v, time, u); the look-ups after it belong to one user each.
 */
#ifndef RF_LOCKSTEP_INT_H
#define RF_LOCKSTEP_INT_H

#include "order_int.h"
#include "rf_memory_plan.h"

#define RF_LOCKSTEP_SCAN 64

/* nats[edges]: an edge has those of its pair. 0 everywhere where the graph has no times, or one time only.
 * O(RF_LOCKSTEP_SCAN E) at most; beside what is arranged about 72 bytes a pair. */
RF_MUST_CHECK rf_status rf_lockstep(float *nats, const rf_graph *graph, const rf_arranged *arranged,
                                    rf_pool *pool, rf_err *err);
/* Adds what it takes beside what is arranged, but the marks of the user with most pairs. */
void rf_lockstep_plan(rf_memory_plan *plan, int threads);

#endif
