/* company_int.h - the part `company`: a user shares things with users who are as surprising as it is.
 *
 *   s(u)        the nats of a user that are of its edges of the main kind and of its own features
 *   q(u, v)     the lower quartile of s over the other users of v, an entity of another kind
 *   c(u)        max over the v of u of (m - 1) / m min(s(u), q(u, v)), where v has m users; of each kind
 *   company(u)  2 times the sum over the kinds of max(0, c(u) - Q95(c))
 *
 * So three fourths of those who share a device, a card or an address have to be odd by themselves, in what
 * they do with the main kind: one odd user makes nobody else odd, and a user who does nothing odd has nothing
 * of it. Where many share by nature, as an address of a network, only what few users reach counts. Entities
 * that are hubs have no edges and are left out.
 */
#ifndef RF_COMPANY_INT_H
#define RF_COMPANY_INT_H

#include "rf_adj.h"
#include "rf_pool.h"

/* Adds the nats of one kind, whose edges are adj, to company[users]. main_nats, own: [users], their sum is s.
 * Each user and entity by itself, so that the bytes are the same at any number of threads. O(E log of the
 * most users of an entity); memory: 4 bytes a user and 12 bytes an entity. */
RF_MUST_CHECK rf_status rf_part_company(float *company, const float *main_nats, const float *own,
                                        const rf_adj *adj, rf_pool *pool, rf_err *err);

#endif
