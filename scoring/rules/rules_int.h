/* rules_int.h - a rule file in memory.
 *
 *   rules_parse.c, _read, _signal, _value     text -> rf_rules (rules_parse_int.h)
 *   rules_run.c, _trace, and what they judge with   rf_rules, graph and scores -> tags, figures
 * (rules_judge_int.h)
 */
#ifndef RULES_INT_H
#define RULES_INT_H

#include <stdbool.h>

#include "rf_rules.h"
#include "rf_yaml.h"
#include "tags_int.h"

#define RF_RULE_STEPS 3    /* sides that a value may lead across */
#define RF_RULE_SIGNALS 32 /* of one rule */
#define RF_RULE_CUTS 32    /* of one segment */

/* ---- values ---- */

typedef enum rule_how { RULE_END, RULE_MAX, RULE_MIN, RULE_MEAN, RULE_SUM, RULE_SHARE, RULE_COUNT } rule_how;

/* A rule file names kinds of entity; the kinds of a graph are known later. So sides in these structs are
 * those of the file: its kinds are rf_rules.kinds. rule_graph_of says which sides of a graph they are. */
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
    RULE_USER_AGE, /* of an edge: from its user's first event to its own last one */
    RULE_RESIDUAL
} rule_name;

typedef struct rule_operand {
    rule_name name;
    double number;
    int n_steps;
    rule_step steps[RF_RULE_STEPS]; /* from the subject outwards */
    rf_side side;                   /* where the name is looked up */
    const char *feature;            /* RULE_FEATURE, RULE_RESIDUAL; else the word itself */
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
/* rules_read.c: "FILE:LINE: signal coupons" into out; the name is left out where there is none. */
#define RULE_WHERE 160
const char *rule_where(char out[RULE_WHERE], const rule_place *place);
/* rules_read.c: what a side of the file is called: "user", "entity", "edge", "device", "device.edge". Returns
 * out. */
#define RULE_SIDE_TEXT (RF_KIND_NAME + 6)
const char *rule_side_text(char out[RULE_SIDE_TEXT], const rf_rules *rules, rf_side side);

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
    double weight;    /* of the rule's evidence; 1 unless the file says otherwise */
    bool needed;      /* without its features the rule cannot judge */
    int segment;      /* of rf_rules.segments; -1: all rows of the side */
} rule_signal;

typedef enum rule_join {
    RULE_LEAF,
    RULE_ALL,
    RULE_ANY,
    RULE_FIRST, /* the first part that the graph can feed; the others are substitutes for it */
    RULE_WEIGHTS,
    RULE_NOT
} rule_join;

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
    int64_t
        crowd; /* an edge counts if at least this many distinct partners of its other end have tagged edges */
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
    rule_spread spread[2]; /* of the edge's user, of its entity */
    bool spread_only;      /* an edge keeps its tag only where it is passed on */
} rule;

struct rf_rules {
    rf_keep keep;
    const char *file; /* as in messages */
    bool shipped;
    const char *name;
    int64_t revision;
    char hash[17];
    rf_kinds
        kinds; /* that its values may name: "entity", which is the main kind, and those of its own list */
    double unknown; /* NaN: no unknown_pattern */
    int n_rules, n_segments, n_signals;
    rule *rules;
    rule_segment *segments;
};

#endif
