/* feature_oracle_int.h - what the files of the oracle share: its parts about the graph's structure. */
#ifndef RF_FEATURE_ORACLE_INT_H
#define RF_FEATURE_ORACLE_INT_H

#include "feature_oracle.h"

#include <string.h>

#define MOST_NODES 64

static inline bool in_window(const test_world *w, const test_event *e)
{
    return e->time_us >= w->from_us && e->time_us < w->to_us;
}

/* name is exactly `is`, which makes the answer known. */
static inline bool named(const char *name, const char *is, bool *known)
{
    bool yes = strcmp(name, is) == 0;
    *known = *known || yes;
    return yes;
}

/* Of the side that is not -1. */
int oracle_degree(const test_world *w, int user, int entity);
double oracle_butterflies(const test_world *w, int user, int entity); /* through the pair */
double oracle_place_feature(const test_world *w, int user, int entity, const char *name, bool *known);

#endif
