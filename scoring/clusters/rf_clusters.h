/* rf_clusters.h - suspicious groups of users and entities of all kinds that belong together; in scores.h5.
 *
 * Two ways to find them. `communities`: nodes above a percentile or tagged, grown along such edges, split by
 * Leiden communities (igraph). `dense`: FRAUDAR's greedy peeling with logarithmic column weights (Hooi and
 * others, KDD 2016), which knows neither model nor features: a second opinion.
 */
#ifndef RF_CLUSTERS_H
#define RF_CLUSTERS_H

#include "rf_graph.h"
#include "rf_score.h"
#include "rf_subjects.h"
#include "rf_tags.h"

typedef enum rf_cluster_method { RF_CLUSTER_COMMUNITY, RF_CLUSTER_DENSE } rf_cluster_method;
typedef enum rf_cluster_change {
    RF_CLUSTER_NEW,
    RF_CLUSTER_GROWN,
    RF_CLUSTER_SHRUNK,
    RF_CLUSTER_CHANGED, /* as many members, but others */
    RF_CLUSTER_SAME,
    RF_CLUSTER_GONE /* of the last run's; it has no members here */
} rf_cluster_change;

#define RF_CLUSTER_TAGS 3   /* most frequent tags kept */
#define RF_CLUSTER_COMMON 8 /* entities that most of its users share */

typedef struct rf_cluster {
    char id[20]; /* "c-" and 16 hex digits: the same from run to run, as long as members recognise it */
    uint8_t method, change;
    int64_t from[RF_SIDES_MOST], n[RF_SIDES_MOST]; /* members of side s, none of edges:
                                            rf_clusters.rows[s][from[s] .. from[s] + n[s]], ascending */
    int64_t n_edges;                               /* between its members, of all kinds */
    int64_t n_events;  /* on them, of the kind that has most: an event may be on an edge of each kind. 0 where
                          the graph does not count */
    double density;    /* distinct pairs / (users x entities) */
    double score_mass; /* sum of the members' scores above their kind's median, as a share of the whole
                          graph's */
    double suspiciousness; /* dense: FRAUDAR's average weight; communities: mean percentile of its members */
    double expected_pairs; /* that would have met if everybody met as many, but whom chance chose */
    double significance;   /* nats: -ln of a bound on the chance that any group of its size has as many pairs.
                              0 or less: no more than chance and search explain; NaN: not known */
    int64_t first_us, last_us; /* of its edges; 0, 0 where the graph does not say */
    int n_tags;
    int32_t tag_rule[RF_CLUSTER_TAGS];    /* rows of rf_tags.rule_type, the most frequent first */
    int32_t tag_members[RF_CLUSTER_TAGS]; /* members (users and entities) that have it */
    int n_common;
    uint32_t common[RF_CLUSTER_COMMON]; /* entities, the most shared first */
    uint8_t common_kind[RF_CLUSTER_COMMON];
    int32_t common_users[RF_CLUSTER_COMMON];
    int64_t previous_members, joined, left; /* against the last run's cluster of this id */
} rf_cluster;

typedef struct rf_clusters {
    rf_kinds kinds;                /* of the graph */
    int64_t n;                     /* gone ones come last */
    rf_cluster *at;                /* communities, the largest score_mass first; then dense blocks, the most
                                      significant first */
    int64_t n_rows[RF_SIDES_MOST]; /* none of edges */
    uint32_t *rows[RF_SIDES_MOST]; /* members of all clusters, one cluster after the other */
    int32_t *of[RF_SIDES_MOST];    /* [rows of the side] the community that has it, or -1; edges: NULL */
    rf_texts tag_types;            /* as rf_tags.rule_type was; empty: not tagged then */
    int64_t
        forget_before_us; /* clusters of the registry that were not there since then are dropped; 0: none */
    int64_t forgotten;    /* how many rf_clusters_recognise dropped */
    char run_id[33];      /* of the scores */
    char previous_run_id[33];  /* "" : nothing to compare with */
    struct rf_registry *known; /* what rf_clusters_recognise read, for rf_clusters_register; NULL before */
} rf_clusters;

typedef struct rf_cluster_options {
    double seed_percentile; /* nodes at or above it start a cluster, besides those that are tagged */
    double grow_percentile; /* edges along which it grows, besides those that are tagged */
    double excess; /* and only through nodes with more such edges than chance gives a node of their degree;
                      in standard deviations */
    int hops;
    double resolution; /* of the Leiden communities */
    int64_t min_members;
    int64_t max_members;   /* hubs do not glue the graph together */
    int64_t max_clusters;  /* the worst */
    double hub_percentile; /* entities of a higher degree (of 50 users or more) are not grown through */
    int64_t dense_blocks;  /* 0: no second opinion */
    uint64_t seed;
    int64_t forget_before_us; /* see rf_clusters */
} rf_cluster_options;
void rf_cluster_options_default(rf_cluster_options *options);

/* tags may be NULL; known types (not unknown_pattern) are seeds. graph with activity, ids not needed. *out is
 * the caller's; ids are provisional until rf_clusters_recognise. */
RF_MUST_CHECK rf_status rf_clusters_find(rf_clusters **out, const rf_graph *graph, const rf_scores *scores,
                                         const rf_tags *tags, const rf_cluster_options *options, rf_err *err);
/* Compares with the clusters of the last run (registry file, members by id; may be absent), gives stable ids,
 * and finds what changed. Repeated for the same run it gives the same result. graph with ids. */
RF_MUST_CHECK rf_status rf_clusters_recognise(rf_clusters *clusters, const rf_graph *graph,
                                              const char *registry_path, rf_err *err);
/* Remembers this run's clusters, which were recognised, for the next one. */
RF_MUST_CHECK rf_status rf_clusters_register(const rf_clusters *clusters, const rf_graph *graph,
                                             const char *registry_path, rf_err *err);

/* Takes subjects out of the registry at this path: *n of its members, once for each cluster and run that has
 * them. write false: only counts. */
RF_MUST_CHECK rf_status rf_registry_erase(int64_t *n, const char *registry_path, const rf_subjects *subjects,
                                          bool write, rf_err *err);

/* Reads a registry as a whole: RF_E_FORMAT says what is wrong with it. */
RF_MUST_CHECK rf_status rf_cluster_registry_check(const char *path, rf_err *err);

/* In and out of scores.h5, as rf_tags_save and rf_tags_read. */
RF_MUST_CHECK rf_status rf_clusters_save(const rf_clusters *clusters, rf_h5 **file, rf_err *err);
RF_MUST_CHECK rf_status rf_clusters_read(rf_clusters **out, rf_h5 *file, const rf_scores *scores,
                                         rf_err *err);
void rf_clusters_free(rf_clusters *clusters);

/* The community that a subject belongs to; an edge is where both of its ends are. NULL: none, or no clusters.
 */
const rf_cluster *rf_clusters_of(const rf_clusters *clusters, const rf_graph *graph, rf_side side,
                                 int64_t row);
int64_t rf_cluster_entities(const rf_cluster *cluster);                           /* of all kinds */
int64_t rf_cluster_members(const rf_cluster *cluster);                            /* users and entities */
const rf_cluster *rf_clusters_by_id(const rf_clusters *clusters, const char *id); /* NULL: none */
const char *rf_cluster_change_name(uint8_t change); /* new, grown, shrunk, changed, same, gone */
const char *rf_cluster_method_name(uint8_t method); /* communities, dense */

#endif
