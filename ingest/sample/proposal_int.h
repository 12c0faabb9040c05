/* proposal_int.h - a proposal while it is made: roles.c chooses users and entities, role_time.c the time,
 * role_truth.c event ids and labels, proposal_gaps.c what to do with records that lack something,
 * proposal_attrs.c the attributes, role_kinds.c other kinds of entity.
 */
#ifndef RF_PROPOSAL_INT_H
#define RF_PROPOSAL_INT_H

#include "sample_int.h"

#define RF_CHOICE_COLUMNS 8
#define RF_CHOICE_TEXT 4096
#define RF_CONDITION_TEXT 640
#define RF_DOUBTS 24
#define RF_DOUBT_TEXT 400
#define RF_PROPOSED_WORDS 16 /* for true, and for false */
#define RF_PROPOSED_CONDITIONS 4
#define RF_PROPOSED_NULLS 8

typedef struct rf_choice {
    int columns[RF_CHOICE_COLUMNS];       /* -1: one that is no column of the sample, such as $key */
    const char *names[RF_CHOICE_COLUMNS]; /* of those that are none; borrowed */
    int n;                                /* 0: nothing */
    bool joined, told;
    double score;
    char text[RF_CHOICE_TEXT]; /* as a configuration writes it */
    char seen[RF_COLUMN_SEEN]; /* for people, masked */
} rf_choice;

typedef struct rf_proposed_attr {
    int column;
    char name[64];
    rf_attr_type type;
    bool age, required, log1p;
    int top;
    int decimals; /* -1: as many as numbers have without a word */
    bool ethers;  /* a scale of 10^-18 */
} rf_proposed_attr;

/* A kind of entity beside the one that is proposed. */
typedef struct rf_proposed_kind {
    char name[RF_KIND_NAME];
    int columns[2], n; /* joined where there are two */
    const char *normalise[2];
    int n_normalise, near_bits;
} rf_proposed_kind;
#define RF_PROPOSED_KINDS 12

struct rf_proposal {
    rf_sample *sample; /* borrowed; a joint count may read its rows again */
    rf_told told;
    rf_column_type *types;             /* [n_columns] */
    double *user_score, *entity_score; /* [n_columns] */
    rf_choice roles[RF_ROLES];
    int fraud_type; /* column; -1: none */
    rf_time_notation notation;
    char pattern[RF_TYPE_PATTERNS];
    bool counts_from; /* times are numbers that count from `since` */
    char since[40];
    bool zoned;
    rf_number_style style;
    const char *currency[RF_TYPE_SIGNS];
    char *yes[RF_PROPOSED_WORDS], *no[RF_PROPOSED_WORDS]; /* owned */
    int n_yes, n_no;
    const char *normalise[3];
    int n_normalise;
    char *nulls[RF_PROPOSED_NULLS]; /* words for nothing besides the usual ones; owned */
    int n_nulls;
    char where[RF_PROPOSED_CONDITIONS][RF_CONDITION_TEXT];
    int n_where;
    bool changes;       /* records are changes of rows, of which only the new ones are events */
    double scope_share; /* of the records that have a row */
    char scope[80];     /* change events: what is in front of a row's columns, "payload.after."; "" */
    rf_proposed_attr attrs[RF_MAX_ATTRS];
    int n_attrs;
    char main_kind[RF_KIND_NAME]; /* what the entity would be called among them */
    rf_proposed_kind kinds[RF_PROPOSED_KINDS];
    int n_kinds;
    char aside[600]; /* names of columns that are no attributes, and why */
    bool window_all, absent_keys;
    char doubts[RF_DOUBTS][RF_DOUBT_TEXT];
    int n_doubts;
};

void rf_doubt(rf_proposal *p, const char *format, ...) RF_PRINTF(2, 3);

/* Sets the role to one column; its text and what was seen follow. */
void rf_choose(rf_proposal *p, rf_role role, int column, double score);
bool rf_is_chosen(const rf_proposal *p, int column); /* for some role */
/* The last one of the choice that is a column of the sample; -1: none is. */
int rf_last_column(const rf_choice *choice);
/* The list whose items are events, as users or entities are among them; -1: records are. */
int rf_chosen_list(const rf_proposal *p);
/* Its values are of the record, or of the item that is an event. */
bool rf_is_of_event(const rf_proposal *p, int column);
/* What was seen in one of the sample's columns. Returns out. */
const char *rf_column_seen(char out[RF_COLUMN_SEEN], const rf_proposal *p, int column);
double rf_column_share(const rf_sample *sample, int column); /* of the records that have a value */

/* The same, of the records that have a row, where records are changes of rows. */
double rf_scoped_share(const rf_proposal *p, int column);
bool rf_is_out_of_scope(const rf_proposal *p, int column); /* beside such a row */

/* ---- roles.c ---- */
RF_MUST_CHECK rf_status rf_find_sides(rf_proposal *p, rf_err *err);
/* How many different combinations of values the columns have, and in how many rows. */
RF_MUST_CHECK rf_status rf_joint_distinct(double *distinct, double *rows, rf_proposal *p, const int *columns,
                                          int n, rf_err *err);
/* ---- role_time.c ---- */
/* The first of many columns without names, whose numbers only rise and come again, where no other column has
 * moments: steps of a log. */
bool rf_is_bare_step(const rf_proposal *p, int column);
RF_MUST_CHECK rf_status rf_find_time(rf_proposal *p, rf_err *err);
/* ---- role_truth.c ---- */
RF_MUST_CHECK rf_status rf_find_event_id(rf_proposal *p, rf_err *err);
RF_MUST_CHECK rf_status rf_find_label(rf_proposal *p, rf_err *err);
/* ---- proposal_gaps.c ---- */
void rf_find_scope(rf_proposal *p);
RF_MUST_CHECK rf_status rf_fill_gaps(rf_proposal *p, rf_err *err);
/* ---- role_spelling.c ---- */
RF_MUST_CHECK rf_status rf_find_spelling(rf_proposal *p, rf_err *err);
/* ---- proposal_attrs.c ---- */
RF_MUST_CHECK rf_status rf_find_attrs(rf_proposal *p, rf_err *err);

/* ---- role_kinds.c ---- when all roles are chosen */
void rf_find_kinds(rf_proposal *p);

/* ---- proposal_yaml.c ---- A text as a YAML scalar, in quotes where it needs some. */
RF_MUST_CHECK rf_status rf_yaml_scalar(rf_text *out, const char *text, rf_err *err);
RF_MUST_CHECK rf_status rf_yaml_list(rf_text *out, const char *const *items, int n, rf_err *err);
/* Behind a line, which it ends. */
RF_MUST_CHECK rf_status rf_yaml_comment(rf_text *out, const char *text, rf_err *err);
/* The line of users or entities, called `key`; `before` stands in front of that. */
RF_MUST_CHECK rf_status rf_yaml_side(rf_text *out, const rf_proposal *p, rf_role role, const char *before,
                                     const char *key, rf_err *err);
/* ---- proposal_kinds.c ---- */
RF_MUST_CHECK rf_status rf_yaml_kinds(rf_text *out, const rf_proposal *p, rf_err *err);

#endif
