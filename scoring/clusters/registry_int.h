/* registry_int.h - the registry of clusters: who was in which cluster in the last two runs.
 *
 * The run before the last is kept too, so that a repeated run is compared with the same run as the first
 * time.
 */
#ifndef RF_REGISTRY_INT_H
#define RF_REGISTRY_INT_H

#include "cluster_int.h"

#define RF_REGISTRY_KEEP 30 /* runs that a cluster is remembered for after it was gone */

typedef struct rf_generation { /* the clusters of one run, and those that it remembered */
    char run_id[33];           /* "": there is none */
    rf_kinds kinds;            /* of the run's graph */
    int64_t n;
    const char **id;                    /* [n] */
    uint8_t *method;                    /* [n] */
    int32_t *missed;                    /* [n] runs that it has been gone for; 0: it was there */
    int64_t *seen;                      /* [n] when it was there last */
    int64_t *ptr[RF_SIDES_MOST];        /* [n + 1] members of side s in cluster i: member[s][ptr[s][i]] .. */
    const char **member[RF_SIDES_MOST]; /* their ids; edges: NULL, as ptr */
    rf_texts ids, texts[RF_SIDES_MOST]; /* what the ids point into, where they were read */
} rf_generation;

typedef struct rf_registry { /* as it was read; empty without a file */
    rf_generation previous, current;
} rf_registry;
void rf_registry_free(rf_registry *registry); /* NULL allowed */

/* ---- registry_file.c ---- Arrays of n clusters and n_members[side], of these kinds. */
RF_MUST_CHECK rf_status rf_generation_init(rf_generation *g, const rf_kinds *kinds, int64_t n,
                                           const int64_t n_members[RF_SIDES_MOST], rf_err *err);
void rf_generation_clear(rf_generation *g);
/* Takes out the clusters that `drop` says; how many. */
int64_t rf_generation_filter(rf_generation *g,
                             bool (*drop)(const void *context, const rf_generation *g, int64_t c),
                             const void *context);
int64_t rf_generation_members(const rf_generation *g, int64_t cluster);
/* RF_E_FORMAT for impossible content. */
RF_MUST_CHECK rf_status rf_registry_load(rf_registry **out, const char *path, rf_err *err);
/* Beside, fsync, rename. */
RF_MUST_CHECK rf_status rf_registry_save(const rf_generation *previous, const rf_generation *current,
                                         const char *path, rf_err *err);

#endif
