/* rf_tags.h - which types of fraud a subject looks like, how sure that is, and the evidence; in scores.h5.
 *
 * Rules (rf_rules.h) make them from graph and scores, without labels. A tag can be read without the rule
 * file, because the names and texts of rules and signals are stored beside the tags.
 */
#ifndef RF_TAGS_H
#define RF_TAGS_H

#include <stdbool.h>

#include "rf_graph.h"
#include "rf_score.h"

/* A high score that no rule explains. What stands out about it is its kind of anomaly, which the scores'
 * parts say (rf_score_anomaly): the tag itself does not repeat it. */
#define RF_UNKNOWN_PATTERN "unknown_pattern"

typedef struct rf_evidence { /* one signal of the rule, as it was found */
    uint16_t signal;         /* row of rf_tags.signal_* */
    float strength;          /* [0, 1] */
    float percentile;        /* of the observed value in its segment, [0, 1]; NaN: not ranked */
    double observed;         /* raw units; NaN: the subject has no such value */
    double threshold;        /* raw units: what the observed value was compared with */
} rf_evidence;

typedef struct rf_tag {
    uint16_t rule;    /* row of rf_tags.rule_* */
    float confidence; /* [0, 1] */
    uint32_t edge;    /* the edge that the tag was taken over from (it has the evidence's values), a row of
                         rf_tag_edge_side; RF_NO_EDGE: none */
    int64_t evidence; /* its first place among the side's evidence */
    int32_t n_evidence;
} rf_tag;

typedef struct rf_tag_side {
    int64_t n;             /* users, entities or edges */
    int64_t *ptr;          /* [n + 1] tags of row i: tags[ptr[i]] .. tags[ptr[i + 1]], the surest first */
    rf_tag *tags;          /* [ptr[n]] */
    rf_evidence *evidence; /* [n_evidence], in the order of the tags, then of the rule's signals */
    int64_t n_evidence;
} rf_tag_side;

typedef struct rf_tags {
    rf_kinds kinds;                  /* of the graph */
    rf_tag_side side[RF_SIDES_MOST]; /* rf_sides(&kinds) of them */
    rf_texts rule_type;              /* [rules] "promo_abuse"; several rules may give one type */
    rf_texts rule_about;             /* [rules] what the rule looks for, a sentence */
    uint8_t *rule_kind; /* [rules] the kind of entity whose entities or edges the rule is about, 0 where it is
                           about users; NULL: 0 of all */
    rf_texts signal_name;  /* [signals] "coupons" */
    rf_texts signal_value; /* [signals] what is looked at: "max edge.amount_mean" */
    rf_texts signal_about; /* [signals] in words: "share of orders paid by coupon" */
    uint16_t *signal_rule; /* [signals] the rule that looks at it */
    int8_t *signal_above;  /* [signals] 1: suspicious above the threshold, 0: below */
    char run_id[33];       /* of the scores that were tagged */
    char rules_name[64];   /* of the rule file */
    int64_t rules_version;
    char rules_hash[17]; /* of its bytes, hex */
} rf_tags;

/* Writes the tags into scores.h5 and replaces earlier ones; the rest of the file does not change. Beside,
 * fsync, rename. The same tags give the same bytes. *file is scores.h5 as its scores were read, and
 * afterwards as it was written; RF_E_IO if another file has taken its place meanwhile. */
RF_MUST_CHECK rf_status rf_tags_save(const rf_tags *tags, rf_h5 **file, rf_err *err);
/* RF_OK with *out NULL when the file has no tags. Everything read is checked, also against
 * scores, those of the same file: RF_E_FORMAT. */
RF_MUST_CHECK rf_status rf_tags_read(rf_tags **out, rf_h5 *file, const rf_scores *scores, rf_err *err);
void rf_tags_free(rf_tags *tags);

/* The tags of a subject, the surest first; none where tags are NULL, or side is RF_NO_SIDE. */
const rf_tag *rf_tags_of(int64_t *n, const rf_tags *tags, rf_side side, int64_t row);
const char *rf_tag_type(const rf_tags *tags, const rf_tag *tag);
/* The side of the edge that a tag was taken over from. */
rf_side rf_tag_edge_side(const rf_tags *tags, const rf_tag *tag);
bool rf_tag_is_unknown(const rf_tags *tags, const rf_tag *tag);
/* For people to read: the type, but "unknown pattern: ring" where the type says nothing. */
#define RF_TAG_WORDS 48
const char *rf_tag_words(char out[RF_TAG_WORDS], const rf_tags *tags, const rf_tag *tag, rf_anomaly anomaly);
/* Several rules may give one type: the first of them. O(rules); for a table of all
 * rules, not for every tag. */
int64_t rf_tags_first_rule(const rf_tags *tags, int64_t rule);

#endif
