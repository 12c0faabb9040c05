/* feature_oracle.h - the reference for the features: recomputes every column, by its name, from a plain list
 * of events.
 *
 * Slow on purpose: each value walks the whole list.
 */
#ifndef RF_FEATURE_ORACLE_H
#define RF_FEATURE_ORACLE_H

#include "feature_world.h"

typedef enum test_subject { TEST_USER, TEST_ENTITY, TEST_PAIR, TEST_EVENT } test_subject;

/* Raw value of the column (its name without "log1p_") for a user, an entity, a pair or the event number
 * `event`; NaN where there is no data. *known is false for a name that the oracle has never heard of. */
double test_oracle(const test_world *world, test_subject subject, int user, int entity, int event,
                   const char *name, bool *known);

/* The window's events as edges have them: sorted by (user id, entity id, time, event id); *n of them. malloc.
 */
int *test_edges(const test_world *world, int *n);

#endif
