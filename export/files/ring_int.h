/* ring_int.h - a ring small enough to draw: who is in it, who met whom, in which order they stand. */
#ifndef RF_RING_INT_H
#define RF_RING_INT_H

#include "rf_graph.h"
#include "rf_score.h"

#define RF_RING_USERS 25
#define RF_RING_ENTITIES 15

typedef struct rf_ring_link {
    int user, entity; /* numbers within the ring */
    int64_t edge;     /* the highest of the pair's edges */
    int parallel;     /* how many there are */
} rf_ring_link;

typedef struct rf_ring {
    int n_users, n_entities, n_links;
    uint32_t users[RF_RING_USERS]; /* rows of the graph; the worst user first */
    uint32_t entities[RF_RING_ENTITIES];
    int user_place[RF_RING_USERS], entity_place[RF_RING_ENTITIES]; /* from the top, by rf_ring_arrange */
    rf_ring_link links[RF_RING_USERS * RF_RING_ENTITIES];
} rf_ring;

/* No users when the graph has no edges. O(n_u + n_v + edges of the chosen). */
RF_MUST_CHECK rf_status rf_ring_pick(rf_ring *ring, const rf_graph *graph, const rf_scores *scores,
                                     rf_err *err);
void rf_ring_arrange(rf_ring *ring);

#endif
