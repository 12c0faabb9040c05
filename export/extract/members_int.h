/* members_int.h - how an extract's nodes are selected: who is in so far, and lists of who may come in.
 *
 *   extract_select.c     the story: subjects, neighbours, context, edges
 *   extract_subjects.c   whom the selection chooses
 *   extract_bridges.c    who met several members of the selected cluster
 *   extract_context.c    ordinary nodes for comparison
 *   extract_ring.c       the few around the worst user that make one picture
 *   extract_members.c    lists and roles, which all of these use
 */
#ifndef RF_MEMBERS_INT_H
#define RF_MEMBERS_INT_H

#include "extract_int.h"

typedef struct rf_candidate {
    rf_side side;
    uint32_t row;
} rf_candidate;

typedef struct rf_candidates { /* a growing list */
    rf_candidate *at;
    int64_t n;
    size_t cap;
} rf_candidates;

typedef struct rf_members {
    const rf_graph *graph;
    const rf_scores *scores;
    uint8_t *role[RF_SIDES_MOST];    /* [rows]: rf_role; NULL of edges */
    int64_t n, most;                 /* members, and how many there may be */
    int64_t subjects[RF_SIDES_MOST]; /* of each side */
    bool some_were_cut;              /* neighbours, by the cap or because they are no bridges */
    int64_t partners_left;           /* of a cluster's members: not bridges */
} rf_members;

/* ---- extract_members.c ---- */
RF_MUST_CHECK rf_status rf_candidates_add(rf_candidates *list, rf_side side, int64_t row, rf_err *err);
/* Only the `most` lowest keys stay, equal ones in the order of the list; the list is then in ascending order
 * of key. key: [list->n], free to be any finite numbers. O(n). */
RF_MUST_CHECK rf_status rf_candidates_keep(rf_candidates *list, const rf_real *key, int64_t most,
                                           rf_err *err);
/* Only the `most` of highest percentile stay, the highest first. */
RF_MUST_CHECK rf_status rf_candidates_keep_highest(rf_candidates *list, const rf_scores *scores, int64_t most,
                                                   rf_err *err);
RF_MUST_CHECK rf_status rf_members_init(rf_members *members, const rf_extract *extract, rf_err *err);
void rf_members_clear(rf_members *members);
/* All of the list get this role; does not count them. */
void rf_members_set(rf_members *members, const rf_candidates *list, rf_role role);
/* A node's k-th edge, 0 <= k < its degree over all kinds, leads to this neighbour. */
int64_t rf_members_degree(const rf_members *members, rf_candidate node);
rf_candidate rf_members_neighbour(const rf_members *members, rf_candidate node, int64_t k);
rf_candidate rf_members_edge(const rf_members *members, rf_candidate node, int64_t k);

/* ---- extract_subjects.c ---- whom the selection chooses: at least one. */
RF_MUST_CHECK rf_status rf_subjects_choose(rf_candidates *list, const rf_extract *extract, rf_err *err);
/* Only `most` of them stay: those with the highest percentile, for a tag the surest. */
RF_MUST_CHECK rf_status rf_subjects_keep(rf_candidates *list, const rf_extract *extract, int64_t most,
                                         rf_err *err);
/* The cluster that was selected; NULL when something else was. */
const rf_cluster *rf_subjects_cluster(const rf_extract *extract);

/* ---- extract_bridges.c ---- adds up to `room` nodes that met two of the cluster's members or more, those
 * that met most first; at most as many as members, or 20. O(n_u + n_v + edges of the members). */
RF_MUST_CHECK rf_status rf_members_add_bridges(rf_members *members, const rf_candidates *cluster,
                                               int64_t room, rf_err *err);

/* ---- extract_context.c ---- adds up to `most` ordinary nodes for each side that has subjects. Those that
 * are neighbours count, unless some were cut, because then only the highest are left. */
RF_MUST_CHECK rf_status rf_members_add_context(rf_members *members, int64_t most, rf_err *err);

/* ---- extract_ring.c ---- RF_SELECT_RING: the highest user that has edges, and up to 39 nodes that stand out
 * with it; none where the graph has no edges. O(n_u + n_v + edges of the chosen). */
RF_MUST_CHECK rf_status rf_members_add_ring(rf_members *members, rf_err *err);

#endif
