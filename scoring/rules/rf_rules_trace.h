/* rf_rules_trace.h - why each rule did or did not hold for one user or entity, as figures.
 *
 * Every rule is judged for all rows, as for tagging, because percentiles and spread need the others. The
 * terminal prints it (cli/terminal/report_rules.c).
 */
#ifndef RF_RULES_TRACE_H
#define RF_RULES_TRACE_H

#include "rf_rules.h"

typedef struct rf_signal_trace {
    const char *name, *about, *value; /* the rules' texts; about may be "" */
    bool above;                       /* suspicious from the threshold on, not up to it */
    bool in_seconds;                  /* observed and threshold are */
    rf_evidence found;                /* threshold NaN: no value can reach it */
} rf_signal_trace;

typedef struct rf_spread_trace { /* a rule about edges: what comes over to the node, and what it needs */
    bool on;                     /* the rule passes tags on to this side */
    int64_t edges, need_edges;   /* edges that count */
    double share, need_share;    /* of the node's events on them */
    int64_t crowd, need_crowd;   /* partners of the other end with tagged edges: the most, and what an edge
                                    needs to count */
} rf_spread_trace;

typedef enum rf_rule_state {
    RF_RULE_JUDGED,
    RF_RULE_SKIPPED,   /* the graph lacks too many of the features that it reads */
    RF_RULE_STOOD_IN,  /* likewise, but another rule of its type judges in its place */
    RF_RULE_OTHER_SIDE /* it is about other nodes, or edges that lead to others */
} rf_rule_state;

typedef struct rf_rule_trace {
    const char *type, *about; /* the rules' texts; about may be "" */
    rf_rule_state state;
    rf_text lacks; /* features that it reads and the graph has not: "user.amount_mean, edge.refund_share" */
    double share;  /* of its evidence that the graph gives; what follows is of judged ones */
    bool holds;
    double confidence, threshold;
    bool of_edges; /* the rule is about edges: the figures below are those of the node's surest one */
    int kind;      /* of entity, which those edges lead to */
    uint32_t edge; /* that edge; RF_NO_EDGE: the node has none, and there is nothing below */
    rf_spread_trace spread;
    double events; /* support */
    int64_t need_events, partners, need_partners;
    int64_t hubs; /* partners that aggregates leave out, for they have more than hub_limit partners */
    uint32_t hub_limit;
    rf_text missing; /* signals that the confidence lacks: "coupons and one of (young, no night)" */
    int n_signals;
    rf_signal_trace *signals;
} rf_rule_trace;

typedef struct rf_rules_trace {
    rf_side side; /* of users, or of entities of any kind */
    int64_t row;
    double events;
    uint32_t partners;
    double unknown; /* percentile from which a score without a rule is unknown_pattern; NaN: never */
    int n;
    rf_rule_trace *rules; /* [n] as in the file */
} rf_rules_trace;

/* graph and scores as for rf_rules_tag. *out is the caller's; rules must outlive it. */
RF_MUST_CHECK rf_status rf_rules_trace_new(rf_rules_trace **out, const rf_rules *rules, const rf_graph *graph,
                                           const rf_scores *scores, rf_side side, int64_t row, rf_pool *pool,
                                           rf_err *err);
void rf_rules_trace_free(rf_rules_trace *trace);

#endif
