/* rf_rules.h - the fraud-type tagger: declarative rules over features, scores, residuals and the graph.
 *
 * docs/RULES.md describes the language and the shipped rules; this header runs them. Rules never see labels:
 * a name that could be a label is unknown. Kinds of entity are found by their names; "entity" is the main
 * kind, whatever it is called.
 */
#ifndef RF_RULES_H
#define RF_RULES_H

#include "rf_tags.h"
#include "rf_text.h"

typedef struct rf_rules rf_rules;

/* Reads a rule file; NULL is the shipped one, built in. RF_E_INVALID: "FILE:LINE: the mistake", with the
 * nearest right name. Names of features are checked by rf_rules_tag, against the graph. */
RF_MUST_CHECK rf_status rf_rules_load(rf_rules **out, const char *path, rf_err *err);
/* The same from memory; name is the path in messages. */
RF_MUST_CHECK rf_status rf_rules_parse(rf_rules **out, const char *name, const char *bytes, size_t len,
                                       rf_err *err);
void rf_rules_free(rf_rules *rules);
const char *rf_rules_name(const rf_rules *rules);
int64_t rf_rules_version(const rf_rules *rules);

/* graph with features and activity loaded. If the graph lacks a feature (its attribute is not configured), a
 * shipped or optional rule judges by the rest of its evidence, or not at all if too little is left, with a
 * warning that says which attributes would let it; for other rules it is an error.
 * *out is the caller's. O(signals (n_u + n_v + n_e)) and sorting for percentiles. */
RF_MUST_CHECK rf_status rf_rules_tag(rf_tags **out, const rf_rules *rules, const rf_graph *graph,
                                     const rf_scores *scores, rf_pool *pool, rf_err *err);

/* One rule of the file, 0 <= i < rf_rules_count. */
typedef struct rf_rule_info {
    const char *type;
    char subject[RF_KIND_NAME + 6]; /* "user", "edge", "device.edge" */
    int n_signals;
} rf_rule_info;
const char *rf_rules_file(const rf_rules *rules); /* as in messages */
int rf_rules_count(const rf_rules *rules);
rf_rule_info rf_rules_info(const rf_rules *rules, int i);
/* What the graph gives rule i to judge by. */
typedef struct rf_rule_fit {
    bool judges;
    bool stood_in; /* it cannot judge, but a rule of the same type does: about other subjects, or without the
                      kind of entity that this one waits for */
    double share;  /* of the rule's evidence; no confidence is above it */
    double days; /* more than these must the graph have seen, for what the rule lacks; 0: it lacks no time */
    rf_text lacks; /* features that are not there, kinds, and time: "user.amount_mean, device, more than 8
                      days of events" */
} rf_rule_fit;
/* *out needs rf_text_clear of its lacks in any case. RF_E_INVALID as rf_rules_tag. O(n_u). */
RF_MUST_CHECK rf_status rf_rules_check(rf_rule_fit *out, const rf_rules *rules, int i, const rf_graph *graph,
                                       rf_err *err);
typedef struct rf_rule_wish { /* what would let the rules judge that cannot, without those stood in for */
    int n_rules;
    rf_text mapping; /* attributes: "promo: number, refund: boolean"; features that none gives are left out */
    rf_text kinds;   /* of entity: "device, card" */
    bool times;      /* the graph has none, and features of times are wanted */
    double days;     /* more than these must the graph have seen; 0: no time is wanted */
} rf_rule_wish;
/* *out needs rf_rule_wish_clear in any case. The graph with its activity. */
RF_MUST_CHECK rf_status rf_rules_wish(rf_rule_wish *out, const rf_rules *rules, const rf_graph *graph,
                                      rf_err *err);
void rf_rule_wish_clear(rf_rule_wish *wish);

#endif
