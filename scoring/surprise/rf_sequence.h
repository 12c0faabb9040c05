/* rf_sequence.h - surprise by the order of a user's events: what it did, after what, and how soon.
 *
 * A step is an edge of a user in order of time. Its action is the value of each category and of each
 * yes-or-no attribute of the edge; where the graph has none, the entity's popularity (log2 of its users). Its
 * gap is the time since the user's step before, in classes from "at once" to "longer than a week".
 *
 *   p(action, gap) = p(action | the two steps before) p(gap | action, the two steps before)
 *   order of a step   max(0, -ln p - H), H the entropy that the same model expects in that place
 *   order of a user   D / 3, D the largest over windows of w = 8, 16, 32 steps and thresholds of order of
 *                     c ln(c / m) - (c - m) - ln(max(1, n / w)), n its steps, c those in the window that
 *                     reach the threshold, m as many as the share of such steps among other users makes
 *   regular           of a user: the cost of its steps to one who learns them from at most 128 steps of this
 *                     user, against the median of users with about as many (128 and more are one length): a
 *                     script that repeats itself costs too little
 *   nats of a user    order + regular
 *   nats of an edge   order + an eighth of the order of the 8 steps on either side
 *                     + regular max(0, 1 - cost to that learner / -ln p)
 *
 * Either factor of p backs off from two steps before to one, to an action alone, to no context (Witten-Bell:
 * a context gives as much weight to the next shorter one as it has different followers). In every context
 * every user counts once, in the shares in which it went on from there, and its own share is left out when
 * its steps are judged: a bot that repeats itself 10,000 times neither makes its pattern usual nor explains
 * itself. Source: Witten, Bell, IEEE Transactions on Information Theory 37 (1991).
 *
 * Counts are integers: no order of rows or threads changes a bit. Cost: O(E). Memory: 56 bytes an edge, and
 * at most 100 for a distinct context and 24 for a distinct follower in one. On shards of users each shard
 * counts its own, the tables are added up and handed round; what is left belongs to one user each, but for
 * the shares of hits (8 sums) and the quantiles by length (one number a user).
 */
#ifndef RF_SEQUENCE_H
#define RF_SEQUENCE_H

#include "rf_graph.h"
#include "rf_pool.h"

/* ---- why ---- */

typedef struct rf_sequences rf_sequences; /* steps and the population's model: as much memory as the part */

/* The graph must outlive it. Graph without times: RF_E_INVALID. The cost is about that of the part, so make
 * it once for all subjects of a run. */
RF_MUST_CHECK rf_status rf_sequences_new(rf_sequences **out, const rf_graph *graph, rf_pool *pool,
                                         rf_err *err);
void rf_sequences_free(rf_sequences *sequences);

#define RF_SEQUENCE_WORDS 6

typedef struct rf_sequence_did {   /* what was done in one step */
    uint32_t edge;                 /* RF_NO_EDGE: there is no such step, and nothing else holds */
    int n;                         /* columns of the edges: values of categories, and what is yes; */
    int column[RF_SEQUENCE_WORDS]; /* none where the graph has neither, or none is set */
    int64_t users;                 /* different users of its entity */
} rf_sequence_did;

typedef struct rf_sequence_evidence {
    rf_sequence_did step, before; /* the most surprising step (of an edge: its own), and the one before it */
    double gap_s;                 /* between them; NaN without one before */
    bool is_gap;                  /* how soon it came is rarer than what was done */
    double one_of;       /* of so many steps of other users in this place, one does that; at most all steps */
    double usual_one_of; /* the same of a step that is as rare as steps in this place usually are */
    int64_t steps;       /* of the user */
    int64_t foretold;    /* of them: more likely than not after the user's own steps before */
} rf_sequence_evidence;

/* Of a user with events, or of an edge. O(d log d) for d edges of the user. */
RF_MUST_CHECK rf_status rf_sequence_explain(rf_sequence_evidence *out, const rf_sequences *sequences,
                                            rf_side side, int64_t row, rf_err *err);

#endif
