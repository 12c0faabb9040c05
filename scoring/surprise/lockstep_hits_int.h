/* lockstep_hits_int.h - who is near a user at several entities (lockstep_int.h says what a hit is).
 *
 * Of a user's near neighbours at all its entities few are met twice: a number a user says where it was first
 * met, and only those met again are counted with.
 */
#ifndef RF_LOCKSTEP_HITS_INT_H
#define RF_LOCKSTEP_HITS_INT_H

#include "lockstep_places_int.h"

typedef uint64_t rf_level_bytes; /* a byte a level, the first the lowest; the eighth is not used */

typedef struct rf_place_hits { /* of the pair at a place, by level */
    rf_level_bytes near, far;  /* only where near is not 0 */
} rf_place_hits;

typedef struct rf_level_sums { /* [0] near, [1] far */
    double of[RF_LOCKSTEP_LEVELS][2];
} rf_level_sums;

typedef struct rf_met_again rf_met_again;

typedef struct rf_hits { /* scratch of one worker */
    uint32_t *mark;      /* [users] from `begin` on: where it was met, or which of those met again it is */
    uint32_t begin;      /* of this user's marks */
    rf_met_again *again; /* scratch, of a user's near neighbours */
    uint32_t *meeting;   /* [, 2] scratch: which of those met again, and where */
    rf_place_hits *of;   /* [pairs of a user] */
    int64_t n_again, n_meetings;
} rf_hits;

/* For users of at most so many pairs. */
RF_MUST_CHECK rf_status rf_hits_init(rf_hits *hits, int64_t n_users, int64_t most_pairs, rf_err *err);
void rf_hits_clear(rf_hits *hits);

/* Fills out[] at the places of user's pairs, where it is 0 yet. Adds to sums those of every step-th place. */
void rf_hits_of_user(rf_place_hits *out, rf_level_sums *sums, rf_hits *hits, const rf_places *places,
                     const rf_adj *pairs, int64_t user, int64_t step);

unsigned rf_level_of(rf_level_bytes bytes, int level);

#endif
