/* rf_company.h - the part `company`: a user shares a thing with users who are as surprising as it is.
 *
 *   s(u)        the nats of a user without this part, of its edges of the main kind and its own features
 *   q(u, v)     the lower quartile of s over the other users of v, an entity of another kind
 *   company(u)  2 max over the v of u of (m - 1) / m min(s(u), q(u, v)), where v has m users
 *
 * So three fourths of those who share a device, a card or an address have to be odd by themselves, in what
 * they do with the main kind: one odd user makes nobody else odd, and a user who does nothing odd has nothing
 * of it. Entities that are hubs have no edges and are left out.
 */
#ifndef RF_COMPANY_H
#define RF_COMPANY_H

#include "rf_graph.h"
#include "rf_pool.h"

/* Adds to company[users], of the entities of one kind, whose edges are adj: what is there already is kept
 * where it is more. main_nats, own: [users], their sum is s. Sums in fixed order: the same bytes at
 * any number of threads. O(E log of the most users of an entity); memory: 12 bytes an entity. */
RF_MUST_CHECK rf_status rf_part_company(float *company, const float *main_nats, const float *own,
                                        const rf_adj *adj, rf_pool *pool, rf_err *err);

typedef struct rf_company {
    int kind; /* 0: none */
    uint32_t entity;
    int64_t others, alike; /* users of the entity besides, and those of them that are as surprising */
} rf_company;
/* The entity that company's nats in row `user` are of. O(users of its entities). */
rf_company rf_company_of(const rf_graph *graph, const float *company, const float *main_nats,
                         const float *own, int64_t user);

#endif
