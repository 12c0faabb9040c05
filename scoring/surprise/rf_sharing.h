/* rf_sharing.h - what a part without columns rests on, for one subject: who met the same, where, how
 * closely, and how many would have by chance.
 *
 * Recomputed from the graph when asked, without memory of its own and around one edge only: numbers are those
 * of a graph with the same degrees, before the corrections that the parts make for the graph as a whole.
 */
#ifndef RF_SHARING_H
#define RF_SHARING_H

#include "rf_graph.h"
#include "rf_part.h"

#define RF_SHARING_MOST 8

typedef struct rf_sharing {
    rf_part_id part; /* RF_PART_LOCKSTEP, RF_PART_OVERLAP or RF_PART_COPIED */
    int64_t found;   /* lockstep, overlap: users who met the same, the subject's included; copied: entities
                        that the first two users share. 0: nothing shared */
    double expected; /* of the others, by chance; copied: of the shared entities */
    double within_s; /* lockstep: their meetings are at most so far apart; else NaN */
    int n_users, n_entities;          /* listed */
    uint32_t user[RF_SHARING_MOST];   /* the edge's own first, then those who share most */
    uint32_t entity[RF_SHARING_MOST]; /* the edge's own first */
} rf_sharing;

/* Of one edge. found is 0 for other parts, for lockstep of a graph without times, and where nobody shares
 * anything. Cost: lockstep the edges of 33 entities; overlap and copied the sum of the degrees of the
 * entity's users. */
void rf_sharing_of(rf_sharing *out, const rf_graph *graph, rf_part_id part, uint32_t edge);

#endif
