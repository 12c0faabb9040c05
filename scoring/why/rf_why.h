/* rf_why.h - why a subject's score is what it is, in numbers, phrases and one sentence.
 *
 * The only module that puts scores, reasons and tags into words: the terminal, the actions and all exports
 * call it. Everything is computed from graph, scores and tags when asked; nothing of it is stored. Words for
 * features are a column of the feature table (rf_feature_words.h).
 */
#ifndef RF_WHY_H
#define RF_WHY_H

#include "rf_graph.h"
#include "rf_score.h"
#include "rf_sequence.h"
#include "rf_tags.h"
#include "rf_text.h"

/* ---- numbers ---- */

typedef struct rf_reason {     /* a feature that the model did not expect */
    int column;                /* of the graph's side; rf_graph_raw_name has its name */
    double observed, expected; /* raw units, expected a value that the column can have; observed NaN: no data,
                                  the mean replaces it */
    double share;              /* of the row's squared error, above 0 */
} rf_reason;

/* The reasons of a row, the largest share first, at most `most`. Returns how many; 0 where the graph has no
 * features. */
int rf_reasons_get(rf_reason out[RF_MAX_REASONS], int most, const rf_graph_side *graph,
                   const rf_score_side *scores, int64_t row);

#define RF_EXPLAIN_EDGES 5
#define RF_SENTENCE 512 /* bytes, with the last NUL */

typedef struct rf_explain_edge { /* an edge of the node, its worst first; for an edge subject: none */
    int kind;                    /* of the entity: the edge is a row of rf_edge_side(kind) */
    uint32_t edge, neighbour;    /* row of the edge, and of the node at its other end */
    double score, percentile;
    double share;  /* of the node's score that this edge explains; those listed + rest_edges = edges' part */
    double shared; /* of a user, nats of the entity itself: its part shared, in all kinds together; else 0 */
} rf_explain_edge;

typedef struct rf_explain_part { /* an amount of surprise */
    rf_part_id part;
    double nats;
} rf_explain_part;

typedef struct rf_explanation { /* own_share + edge_share + structure_share = 1 */
    double own_share;           /* of the score: the subject's own features */
    double edge_share;          /* its edges' features; 0 for an edge (they are its own) */
    double structure_share;     /* that these edges exist at all: eta * ce, or the parts structure, lockstep,
                                   shared and company */
    rf_anomaly anomaly;         /* RF_ANOMALY_NONE, and no parts, for scores of graphbean */
    int n_parts;
    rf_explain_part
        parts[RF_PARTS]; /* of the total, above 0, the largest first; their nats sum to the score */
    int n_features;
    rf_reason features[RF_MAX_REASONS];
    double rest_share; /* of the squared error: columns not named; with the features' shares it is 1 */
    int n_edges;
    rf_explain_edge edges[RF_EXPLAIN_EDGES];
    double rest_edges;
    char
        sentence[RF_SENTENCE]; /* plain words, whole UTF-8 characters: "Its largest amount is 812 where 41.2
                          was expected.", "9 users met the same 4 entities within 6 hours of each other, where
                          0.3 would by chance: u12, u77, u80 and 5 more." Ids, if any, are its only names. */
} rf_explanation;

/* Graph with features; ids and activity where others' names and times are to be said. O(degree), for a ring
 * the edges of its entities (rf_sharing.h). */
void rf_explain(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                int64_t row);
/* The same for a subject that stands out by this part or voice: where its evidence can be said, sentence and
 * anomaly are about it. */
void rf_explain_by(rf_explanation *out, const rf_graph *graph, const rf_scores *scores, rf_side side,
                   int64_t row, rf_part_id part);

/* ---- phrases: each is appended to out ---- */

/* What of the order of a user's events is surprising, in one or two sentences: "declined, channel api 3
 * seconds after channel web: 1 of 4000 such steps has such a gap. 112 of its 120 steps could be foretold from
 * its own steps before." Nothing where it has no steps. */
RF_MUST_CHECK rf_status rf_why_sequence(rf_text *out, const rf_graph *graph,
                                        const rf_sequence_evidence *evidence, rf_err *err);

struct rf_cluster;
/* What holds a cluster together: "12 users and 1 device: 12 of their pairs met within 3 days, where 0.2 would
 * by chance. All its 12 users share device d17, which has 15 users in all." common: the entity that is
 * named, of cluster->common; -1: none. */
RF_MUST_CHECK rf_status rf_why_cluster(rf_text *out, const rf_graph *graph, const struct rf_cluster *cluster,
                                       int common, rf_err *err);

/* All reasons of a row: "amount_max 812.5 instead of 41.2 (63 %); count 90 instead of 3 (21 %)". */
RF_MUST_CHECK rf_status rf_why_reasons(rf_text *out, const rf_graph_side *graph, const rf_score_side *scores,
                                       int64_t row, rf_err *err);
/* All tags of a subject with their signals: "promo_abuse: share of orders paid by coupon 0.97 (above 0.6,
 * percentile 0.998); ... | velocity_bot on an edge to ID: ..."; nothing where it has none. */
RF_MUST_CHECK rf_status rf_why_tags(rf_text *out, const rf_graph *graph, const rf_scores *scores,
                                    const rf_tags *tags, rf_side side, int64_t row, rf_err *err);
/* Their types: "promo_abuse (0.97); velocity_bot (0.71)"; and "unknown pattern: ring (0.999)" where none is
 * known. */
RF_MUST_CHECK rf_status rf_why_tag_types(rf_text *out, const rf_scores *scores, const rf_tags *tags,
                                         rf_side side, int64_t row, rf_err *err);

#endif
