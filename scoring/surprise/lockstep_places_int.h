/* lockstep_places_int.h - the distinct pairs of each entity in order of time, and what lies around each.
 *
 * The pairs of an entity that are nearest in time to one of them stand together, before it and after it: a
 * number each way says which they are. The sums of an entity's pairs up to each place give the sum over any
 * of these windows in one subtraction.
 */
#ifndef RF_LOCKSTEP_PLACES_INT_H
#define RF_LOCKSTEP_PLACES_INT_H

#include "order_int.h"

#define RF_LOCKSTEP_LEVELS                                                                                   \
    7 /* (K, f): (4, 1/8), (4, 1/20), (8, 1/8), (8, 1/20), (16, 1/8), (16, 1/20), (16, 1/3) */
#define RF_LOCKSTEP_NEAREST 16 /* the largest K */
#define RF_LOCKSTEP_WINDOWS 8  /* of a place: one a level, the near; and one of all that are looked at */

typedef struct rf_place_around { /* how many places each way, by window */
    uint8_t before[RF_LOCKSTEP_WINDOWS], after[RF_LOCKSTEP_WINDOWS];
} rf_place_around;

/* Sums over an entity's pairs up to a place, this one included, of the other partners of their users and of
 * their squares. */
typedef struct rf_powers {
    double sum[2];
} rf_powers;

typedef struct rf_places {
    int64_t n;
    uint32_t *of_pair;       /* [n] place of a pair */
    uint32_t *user;          /* [n] by place */
    float *partners;         /* [n] other partners of that user */
    rf_place_around *around; /* [n] */
    rf_powers *powers;       /* [n] */
    float *most_partners;    /* [entities] */
} rf_places;

/* Graph with times that differ. O(E), 44 bytes a pair, and while it works 8 a thread and pair of the entity
 * that has most. */
RF_MUST_CHECK rf_status rf_places_make(rf_places *out, const rf_graph *graph, const rf_arranged *arranged,
                                       rf_pool *pool, rf_err *err);
void rf_places_clear(rf_places *places);

#endif
