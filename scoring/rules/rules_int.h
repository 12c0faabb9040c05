/* rules_int.h - a rule file in memory, and the steps from it to tags.
 *
 *   rules_parse.c, _read, _signal, _value, _confidence   text -> rf_rules (no graph in sight)
 *   rules_bind.c      the features that its values name -> columns of this graph
 *   rules_world.c     rows, events, hubs            rules_column.c  a value -> one number for each row
 *   rules_rank.c      segments, percentiles, thresholds
 *   rules_judge.c     a rule -> a confidence for each row
 *   rules_run.c       all rules -> tags        rules_explain.c   one subject -> text
 *
 * A column has an rf_real for each row; NaN is "no data".
 */
#ifndef RULES_INT_H
#define RULES_INT_H

#include <stdbool.h>

#include "rf_pool.h"
#include "rf_rules.h"
#include "rf_yaml.h"
#include "tags_int.h"

#define RF_RULE_STEPS 3    /* sides that a value may lead across */
#define RF_RULE_SIGNALS 32 /* of one rule */
#define RF_RULE_CUTS 32    /* of one segment */

/* ---- values ---- */

typedef enum rule_how { RULE_END, RULE_MAX, RULE_MIN, RULE_MEAN, RULE_SUM, RULE_SHARE, RULE_COUNT } rule_how;

typedef struct rule_step { /* from the rows of one side to those of another that belong to them */
    rule_how how;          /* RULE_END: from an edge to its user or entity */
    rf_side from, to;
    bool below; /* RULE_SHARE and RULE_COUNT: of values below `bound` instead of from it on */
    double bound;
} rule_step;

typedef enum rule_name {
    RULE_NUMBER, /* a constant */
    RULE_FEATURE,
    RULE_SCORE,
    RULE_PERCENTILE,
    RULE_X_ERROR,
    RULE_CE,
    RULE_ROBUST_Z,
    RULE_DEGREE,
    RULE_EVENTS,
    RULE_RESIDUAL
} rule_name;

typedef struct rule_operand {
    rule_name name;
    double number;
    int n_steps;
    rule_step steps[RF_RULE_STEPS]; /* from the subject outwards */
    rf_side side;                   /* where the name is looked up */
    const char *feature;            /* RULE_FEATURE, RULE_RESIDUAL */
} rule_operand;

typedef struct rule_value {
    const char *text;
    int n; /* operands: 1 or 2 */
    char op;
    rule_operand operand[2];
} rule_value;

/* ---- rules ---- */

typedef struct rule_place { /* for messages: FILE:LINE: what NAME */
    const char *file;
    int line;
    const char *what, *name;
} rule_place;

typedef struct rule_segment {
    rule_place place;
    const char *name;
    rf_side of;
    rule_value value;
    int n_cuts;
    double cuts[RF_RULE_CUTS]; /* ascending; a value at a cut lies above it */
} rule_segment;

typedef struct rule_signal {
    rule_place place;
    const char *name, *about;
    rule_value value;
    bool above, by_percentile;
    double threshold; /* or the percentile */
    double slope;     /* 0: a step */
    int segment;      /* of rf_rules.segments; -1: all rows of the side */
} rule_signal;

typedef enum rule_join { RULE_LEAF, RULE_ALL, RULE_ANY, RULE_WEIGHTS, RULE_NOT } rule_join;

typedef struct rule_tree rule_tree;
struct rule_tree {
    rule_join join;
    int signal;    /* RULE_LEAF */
    double weight; /* below RULE_WEIGHTS */
    rule_tree *first, *next;
};

typedef struct rule_spread {
    bool on;
    int64_t edges; /* tagged edges that the node needs */
    double share;  /* of its events that they must have */
    int64_t crowd; /* an edge counts if so many distinct partners of its other end have tagged edges there */
} rule_spread;

typedef struct rule {
    rule_place place;
    const char *type, *about;
    rf_side subject;
    bool optional;
    int64_t events, partners; /* support */
    double ignore_hubs, threshold;
    int n_signals;
    rule_signal *signals;
    int first_signal; /* its row of rf_tags.signal_* */
    rule_tree *confidence;
    rule_spread spread[2]; /* of user, of entity */
    bool spread_only;      /* an edge keeps its tag only where it is passed on */
} rule;

struct rf_rules {
    rf_keep keep;
    const char *file; /* as in messages */
    bool shipped;
    const char *name;
    int64_t revision;
    char hash[17];
    double unknown; /* NaN: no unknown_pattern */
    int n_rules, n_segments, n_signals;
    rule *rules;
    rule_segment *segments;
};

/* ---- rules_read.c ---- what the parts of the parser share */

#define RULE_MOST_ABOUT 500 /* bytes of a sentence */

typedef struct rule_reader {
    rf_rules *rules;
    rule_place place; /* of what is being read */
} rule_reader;

/* "FILE:LINE: signal coupons" into out; the name is left out where there is none. */
#define RULE_WHERE 160
const char *rule_where(char out[RULE_WHERE], const rule_place *place);
rf_status rule_fail(const rule_reader *r, int line, rf_err *err, const char *format, ...) RF_PRINTF(4, 5);
/* Fails at a line of what is being read. */
#define RULE_FAIL(reader, at, ...)                                                                           \
    do {                                                                                                     \
        st = rule_fail((reader), (at), err, __VA_ARGS__);                                                    \
        goto done;                                                                                           \
    } while (0)
RF_MUST_CHECK rf_status rule_read_number(double *out, const rule_reader *r, const rf_yaml_node *node,
                                         double min, double max, rf_err *err);
RF_MUST_CHECK rf_status rule_read_whole(int64_t *out, const rule_reader *r, const rf_yaml_node *node,
                                        int64_t min, rf_err *err);
/* One line of UTF-8; lives as long as the rules. */
RF_MUST_CHECK rf_status rule_read_text(const char **out, const rule_reader *r, const rf_yaml_node *node,
                                       size_t most, rf_err *err);
RF_MUST_CHECK rf_status rule_read_bool(bool *out, const rule_reader *r, const rf_yaml_node *node,
                                       rf_err *err);
RF_MUST_CHECK rf_status rule_read_side(rf_side *out, const rule_reader *r, const rf_yaml_node *node,
                                       rf_err *err);
/* node is a map, and its keys are all among these (NULL-terminated). */
RF_MUST_CHECK rf_status rule_check_keys(const rule_reader *r, const rf_yaml_node *map, const char *what,
                                        const char *const *keys, rf_err *err);
int rule_count(const rf_yaml_node *node); /* children */

/* ---- rules_signal.c ---- a signal of a rule whose subject and whose file's segments are known. */
RF_MUST_CHECK rf_status rule_read_signal(rule_signal *out, rule_reader *r, const rule *of,
                                         const rf_yaml_node *map, rf_err *err);

/* ---- rules_value.c ---- text of a value, for subjects of this side; place says whose it is. */
RF_MUST_CHECK rf_status rule_read_value(rule_value *out, const rule_reader *r, const rf_yaml_node *node,
                                        rf_side subject, rf_err *err);

/* ---- rules_confidence.c ---- the tree below `confidence`; node NULL: all signals. */
RF_MUST_CHECK rf_status rule_read_confidence(rule *of, const rule_reader *r, const rf_yaml_node *node,
                                             rf_err *err);
/* The lowest confidence that these strengths allow; NaN is a strength that is not known. */
double rule_confidence(const rule_tree *tree, const float *strength);

/* ---- rules_bind.c ---- */
typedef struct rule_column { /* where an operand's numbers are */
    int column;              /* of the side's x; -1: it is `constant` in all rows */
    double constant;
} rule_column;
RF_MUST_CHECK rf_status rule_bind(rule_column *out, const rule_operand *operand, const rf_graph *graph,
                                  const rule_place *place, rf_err *err);
/* Whether a rule (and its segments) can be looked at in this graph. `missing` (may be NULL) takes the first
 * name that the graph has not: then the rule is left out, and that is no error if it may be. */
RF_MUST_CHECK rf_status rule_check(bool *usable, rf_text *missing, const rf_rules *rules, const rule *of,
                                   const rf_graph *graph, rf_err *err);

/* ---- rules_world.c ---- */
typedef struct rule_cache rule_cache;
typedef struct rule_world { /* graph and scores, and what is worked out once for all rules */
    const rf_graph *graph;
    const rf_scores *scores;
    rf_pool *pool;
    uint32_t *degree[2]; /* distinct partners of users, of entities */
    uint32_t *sorted[2]; /* the same, ascending */
    rule_cache *cache;   /* of operands' columns; operands must live as long */
} rule_world;
RF_MUST_CHECK rf_status rule_world_init(rule_world *world, const rf_graph *graph, const rf_scores *scores,
                                        rf_pool *pool, rf_err *err);
void rule_world_clear(rule_world *world);
int64_t rule_rows(const rule_world *world, rf_side side);
/* Events of a row; edges where the graph does not count. */
double rule_events(const rule_world *world, rf_side side, int64_t row);
/* Nodes with more partners than this are hubs; side RF_USER or RF_ENTITY. */
uint32_t rule_hub_limit(const rule_world *world, rf_side side, double percentile);
/* A column kept from before, or NULL; the last two put in are always kept. put takes the column over. */
const rf_real *rule_cache_get(const rule_cache *cache, const rule_operand *operand, rf_side subject,
                              double ignore_hubs);
void rule_cache_put(rule_cache *cache, const rule_operand *operand, rf_side subject, double ignore_hubs,
                    rf_real *column);

/* ---- rules_column.c ---- *out: rf_mem block [rows of the subject's side]. O(rows, and edges for each step).
 */
RF_MUST_CHECK rf_status rule_evaluate(rf_real **out, const rule_world *world, const rule_value *value,
                                      rf_side subject, double ignore_hubs, const rule_place *place,
                                      rf_err *err);

/* ---- the edges of a node, whichever side it is on ---- */

typedef struct rule_edges {
    const rf_adj *adj;
    rf_side side;
    int64_t from, to;
} rule_edges;

static inline rule_edges rule_edges_of(const rule_world *world, rf_side side, int64_t row)
{
    const rf_adj *adj = &world->graph->adj;
    const int64_t *ptr = side == RF_USER ? adj->u_ptr : adj->v_ptr;
    return (rule_edges){adj, side, ptr[row], ptr[row + 1]};
}

static inline uint32_t rule_edge_at(const rule_edges *edges, int64_t i)
{
    return edges->side == RF_USER ? (uint32_t)i : edges->adj->v_edge[i];
}

/* Parallel edges lie side by side: of a user in edge order, of an entity in the order of its users. */
static inline uint32_t rule_partner_at(const rule_edges *edges, int64_t i)
{
    uint32_t edge = rule_edge_at(edges, i);
    return edges->side == RF_USER ? edges->adj->e_v[edge] : edges->adj->e_u[edge];
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
typedef struct rule_verdict { /* a rule, looked at for all rows of its subject's side */
    const rule *of;
    int64_t n;
    rf_real *column[RF_RULE_SIGNALS];
    rule_ranking ranking[RF_RULE_SIGNALS];
    bool ranked[RF_RULE_SIGNALS];
    uint8_t *bin[RF_RULE_SIGNALS]; /* of the signal's segment, or NULL */
    float *confidence;             /* [n]; support not looked at */
} rule_verdict;
RF_MUST_CHECK rf_status rule_judge(rule_verdict *out, const rule_world *world, const rf_rules *rules,
                                   const rule *of, rf_err *err);
void rule_verdict_clear(rule_verdict *verdict);
/* Ranks the columns that no threshold needed yet, so that evidence has percentiles. */
RF_MUST_CHECK rf_status rule_verdict_rank(rule_verdict *verdict, const rule_world *world, rf_err *err);
double rule_threshold(const rule_verdict *verdict, int signal, int64_t row);
float rule_strength(const rule_verdict *verdict, int signal, int64_t row); /* NaN: no data */
bool rule_supported(const rule_world *world, const rule *of, int64_t row);
bool rule_holds(const rule_verdict *verdict, const rule_world *world, int64_t row);
/* What was found of one signal. */
rf_evidence rule_evidence(const rule_verdict *verdict, int signal, int64_t row);

/* ---- rules_spread.c ---- how a rule's tags of edges go over to one side's nodes. */
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
bool rule_edge_stands(const rule_verdict *verdict, const rule_world *world, const rule_crowds *crowds,
                      int64_t edge);
rule_reach rule_reach_of(const rule_verdict *verdict, const rule_world *world, const rule_crowds *crowds,
                         rf_side side, int64_t row);

#endif
