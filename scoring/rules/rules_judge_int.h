/* rules_judge_int.h - rules applied to a graph and its scores: from a value to a confidence and to tags.
 *
 *   rules_bind.c     the features that its values name -> columns of this graph
 *   rules_cover.c    a rule -> the signals that this graph feeds, and their share of its evidence
 *   rules_horizon.c  the time that the graph has seen, and what asks for more
 *   rules_world.c    rows, events, hubs             rules_column.c  a value -> one number for each row
 *   rules_rank.c     segments, percentiles, thresholds
 *   rules_judge.c    a rule -> a confidence for each row
 *   rules_spread.c   tags of edges -> tags of users and entities
 *
 * A column has an rf_real for each row; NaN is "no data".
 */
#ifndef RULES_JUDGE_INT_H
#define RULES_JUDGE_INT_H

#include "rf_pool.h"
#include "rules_int.h"

/* ---- rules_horizon.c ---- What a graph has seen: its window, from its first event on, or from its first
 * event to its last one where it has no window; 0, 0: times are not known. O(n_u). */
typedef struct rule_horizon {
    int64_t from_us, to_us;
} rule_horizon;
rule_horizon rule_horizon_of(const rf_graph *graph);
double rule_horizon_days(const rule_horizon *seen);
/* The days that a graph must have seen for the signal to be told: "below 8 days" holds for all in a graph of
 * five. 0: it asks for none. */
double rule_asks_days(const rule_signal *signal);

/* ---- rules_bind.c ---- */
typedef struct rule_graph { /* a graph, as a file of rules speaks of it */
    const rf_rules *rules;
    const rf_graph *graph;
    rf_side
        side[RF_SIDES_MOST]; /* of each of the file's sides: the graph's; RF_NO_SIDE: it has no such kind */
    rule_horizon seen;
} rule_graph;
rule_graph rule_graph_of(const rf_rules *rules, const rf_graph *graph);
/* rules_horizon.c: whether the graph has seen what the signal asks for. */
bool rule_sees(const rule_graph *on, const rule_signal *signal);
/* The first of the operand's sides, the file's, whose kind the graph lacks; RF_NO_SIDE: it has all. */
rf_side rule_lacks_kind(const rule_graph *on, const rule_operand *operand);

typedef struct rule_column { /* where an operand's numbers are */
    int column;              /* of the side's x; -1: it is `constant` in all rows */
    double constant;
} rule_column;
RF_MUST_CHECK rf_status rule_bind(rule_column *out, const rule_operand *operand, const rule_graph *on,
                                  const rule_place *place, rf_err *err);

size_t rule_attribute(const char *feature); /* bytes of the attribute's name that begins it; 0: none does */
/* Whether the side has any feature of the attribute that this one is of. */
bool rule_has_attribute(const rf_graph_side *side, const char *feature);
/* Whether the graph has all features that the value reads, and all kinds that it crosses. */
bool rule_feeds(const rule_graph *on, const rule_value *value);

/* ---- rules_cover.c ---- */
typedef struct rule_cover {
    rule_tree *tree; /* the rule's confidence, cut down to the signals that the graph feeds; NULL: none is */
    rule_tree *nodes;
    bool used[RF_RULE_SIGNALS];  /* in the tree */
    bool wants[RF_RULE_SIGNALS]; /* not fed, and without a substitute; of what it needs, if it lacks that */
    double share;                /* of the rule's evidence that is left */
    double days; /* more than these must the graph have seen for what it wants; 0: it wants no time */
    bool judges; /* that is more than half of it, at least the rule's threshold, and all that it needs */
} rule_cover;
/* *out needs rule_cover_clear. RF_E_INVALID where the rule must not lack a feature and does. */
RF_MUST_CHECK rf_status rule_cover_of(rule_cover *out, const rule *of, const rule_graph *on, rf_err *err);
/* The same of signals that are fed or not, [of->n_signals]. */
RF_MUST_CHECK rf_status rule_cover_fed(rule_cover *out, const rule *of, const bool *fed, rf_err *err);
void rule_cover_clear(rule_cover *cover);
/* rf_rules_check where the graph is known already. */
RF_MUST_CHECK rf_status rule_check(rf_rule_fit *out, const rule_graph *on, int i, rf_err *err);

/* ---- rules_world.c ---- */
typedef struct rule_kept { /* a column of rules_column.c, since rules look at the same things again and again
                            */
    const rule_operand *operand; /* NULL: free; must live as long */
    rf_side subject;
    double ignore_hubs;
    rf_real *column;
} rule_kept;

#define RULE_KEPT 24
typedef struct rule_cache {
    rule_kept at[RULE_KEPT];
    int next; /* to be replaced: the oldest */
} rule_cache;

/* Graph and scores, and what is worked out once for all rules. Its sides and kinds are the graph's. An end of
 * an edge is RF_USER or RF_ENTITY. */
typedef struct rule_world {
    rule_graph on;
    const rf_graph *graph;
    const rf_scores *scores;
    rf_pool *pool;
    struct rule_partners {
        uint32_t *degree[2]; /* distinct partners of users, of entities */
        uint32_t *sorted[2]; /* the same, ascending */
    } kind[RF_KINDS_MOST];
    rule_cache *cache; /* columns asked for last */
} rule_world;
RF_MUST_CHECK rf_status rule_world_init(rule_world *world, const rf_rules *rules, const rf_graph *graph,
                                        const rf_scores *scores, rf_pool *pool, rf_err *err);
void rule_world_clear(rule_world *world);
int64_t rule_rows(const rule_world *world, rf_side side);
/* Events of a row; edges where the graph does not count. */
double rule_events(const rule_world *world, rf_side side, int64_t row);
/* rules_horizon.c. Of an edge: days from its user's first event to its own last one. A user that was there in
 * the first tenth of what the graph has seen may be older than it shows, and is as old as the graph. */
double rule_user_age_days(const rule_world *world, int kind, int64_t edge);
/* Nodes with more partners than this are hubs. */
uint32_t rule_hub_limit(const rule_world *world, int kind, rf_side end, double percentile);
/* Distinct partners of a node: of a user those of the main kind. An entity whose edges the graph left out has
 * no number: NaN. */
double rule_degree(const rule_world *world, rf_side side, int64_t row);
static inline rf_side rule_end_side(int kind, rf_side end)
{
    return end == RF_USER ? RF_USER : rf_entity_side(kind);
}

/* ---- rules_column.c ---- *out: rf_mem block [rows of the subject's side]. O(rows, and edges for each step).
 */
RF_MUST_CHECK rf_status rule_evaluate(rf_real **out, const rule_world *world, const rule_value *value,
                                      rf_side subject, double ignore_hubs, const rule_place *place,
                                      rf_err *err);

/* ---- the edges of a node, whichever side it is on ---- */

typedef struct rule_edges {
    const rf_adj *adj;
    rf_side end;
    int64_t from, to;
} rule_edges;

static inline rule_edges rule_edges_of(const rule_world *world, int kind, rf_side end, int64_t row)
{
    const rf_adj *adj = rf_graph_adj(world->graph, kind);
    const int64_t *ptr = end == RF_USER ? adj->u_ptr : adj->v_ptr;
    return (rule_edges){adj, end, ptr[row], ptr[row + 1]};
}

static inline uint32_t rule_edge_at(const rule_edges *edges, int64_t i)
{
    return edges->end == RF_USER ? (uint32_t)i : edges->adj->v_edge[i];
}

/* Parallel edges lie side by side: of a user in edge order, of an entity in the order of its users. */
static inline uint32_t rule_partner_at(const rule_edges *edges, int64_t i)
{
    uint32_t edge = rule_edge_at(edges, i);
    return edges->end == RF_USER ? edges->adj->e_v[edge] : edges->adj->e_u[edge];
}

/* ---- rules_rank.c ---- */
typedef struct rule_ranking { /* one column's values, sorted within each bin of its segment */
    int n_bins;
    int64_t start[RF_RULE_CUTS + 3]; /* of bin b: values[start[b]] .. values[start[b + 1]] */
    rf_real *values;
    double threshold[RF_RULE_CUTS + 2]; /* of each bin; NaN: nothing can reach it */
} rule_ranking;
/* bin of each row, NULL: one bin of all; rows without data are ranked nowhere. */
RF_MUST_CHECK rf_status rule_rank(rule_ranking *out, const rf_real *column, int64_t n, const uint8_t *bin,
                                  int n_bins, rf_err *err);
void rule_ranking_clear(rule_ranking *ranking);
/* Mid-rank percentile of a value in its bin; NaN where there is nothing to rank it in. */
double rule_percentile(const rule_ranking *ranking, int bin, rf_real value);
/* The threshold that `percentile` is in each bin. */
void rule_rank_thresholds(rule_ranking *ranking, double percentile, bool above);
/* The segment's bin of each row: rf_mem block [rows]; the last bin is that of rows without data. */
RF_MUST_CHECK rf_status rule_bins(uint8_t **out, const rule_world *world, const rule_segment *segment,
                                  rf_err *err);

/* ---- rules_judge.c ---- */
/* The lowest confidence that these strengths allow; NaN is a strength that is not known. */
double rule_confidence(const rule_tree *tree, const float *strength);

typedef struct rule_verdict { /* a rule, judged for all rows of its subject's side */
    const rule *of;
    rf_side side; /* of the graph: the rule's subject */
    rule_cover cover;
    int64_t n;
    rf_real *column[RF_RULE_SIGNALS]; /* NULL: not used */
    rule_ranking ranking[RF_RULE_SIGNALS];
    bool ranked[RF_RULE_SIGNALS];
    uint8_t *bin[RF_RULE_SIGNALS]; /* of the signal's segment, or NULL */
    float *confidence;             /* [n]; without support; at most cover.share */
} rule_verdict;
RF_MUST_CHECK rf_status rule_judge(rule_verdict *out, const rule_world *world, const rf_rules *rules,
                                   const rule *of, rf_err *err);
void rule_verdict_clear(rule_verdict *verdict);
/* Ranks the columns that no threshold needed yet, so that evidence has percentiles. */
RF_MUST_CHECK rf_status rule_verdict_rank(rule_verdict *verdict, const rule_world *world, rf_err *err);
double rule_threshold(const rule_verdict *verdict, int signal, int64_t row);
/* NaN: no data */
float rule_strength(const rule_verdict *verdict, int signal, int64_t row);
bool rule_supported(const rule_verdict *verdict, const rule_world *world, int64_t row);
bool rule_holds(const rule_verdict *verdict, const rule_world *world, int64_t row);
/* The finding of one signal that is used. */
rf_evidence rule_evidence(const rule_verdict *verdict, int signal, int64_t row);

/* ---- rules_spread.c ---- how a rule's tags of edges go over to the nodes at one of their ends. */
typedef struct rule_reach {
    int64_t edges, crowd; /* tagged edges that count; the largest crowd on one of its tagged edges */
    double share;         /* of its events on them */
    uint32_t surest;      /* of them; RF_NO_EDGE: none */
    bool holds;
} rule_reach;
typedef struct rule_crowds {
    uint8_t *tagged;     /* [edges] 1: the rule holds */
    uint32_t *crowd[2];  /* of users, of entities: distinct partners with a tagged edge */
    uint8_t *reached[2]; /* of users, of entities: 1 where the tag comes over */
} rule_crowds;
RF_MUST_CHECK rf_status rule_crowds_init(rule_crowds *out, const rule_verdict *verdict,
                                         const rule_world *world, rf_err *err);
void rule_crowds_clear(rule_crowds *crowds);
/* Whether a tagged edge keeps its tag. */
bool rule_edge_keeps_tag(const rule_verdict *verdict, const rule_world *world, const rule_crowds *crowds,
                         int64_t edge);
rule_reach rule_reach_of(const rule_verdict *verdict, const rule_world *world, const rule_crowds *crowds,
                         rf_side end, int64_t row);

#endif
