/* extract_columns_int.h - the attribute table: what every format says of a node and of an edge, each column
 * with its type.
 *
 *   extract_columns.c      the table: adding, finding and reading columns
 *   extract_attributes.c   its columns: what graph and scores hold
 *   extract_hubs.c         its columns: hubs and who met them
 *   extract_case.c         its columns: what tagging, clustering and suppressing found
 */
#ifndef RF_EXTRACT_COLUMNS_INT_H
#define RF_EXTRACT_COLUMNS_INT_H

#include "extract_int.h"
#include "rf_why.h"
#include "rf_time.h"

typedef enum rf_column_type {
    RF_COLUMN_TEXT,
    RF_COLUMN_NUMBER, /* a float, as all scores and features are */
    RF_COLUMN_WHOLE,
    RF_COLUMN_TIME, /* microseconds since the epoch, UTC */
    RF_COLUMN_BOOL,
    RF_COLUMN_LIST /* of texts */
} rf_column_type;

typedef struct rf_value {
    bool there; /* an absent value is left out, or empty where the format has no other way */
    double number;
    int64_t whole; /* also a time */
    bool yes;
    const char *text;        /* also a list, joined: see rf_value_text */
    const char *const *list; /* texts and lists live until the next value is read */
    int n_list;
} rf_value;

typedef struct rf_subject { /* a node or an edge of the extract, as the graph and the scores know it */
    rf_side side;
    int64_t row;
    const rf_graph_side *graph;
    const rf_score_side *scores;
    const rf_tag_side *tags; /* or NULL */
    uint8_t role;            /* of a node */
} rf_subject;

typedef struct rf_scratch { /* where values live until the next one is read */
    rf_text text;
    const char **list;
    int n_list;
    size_t cap;
    rf_explanation explained; /* of the subject last explained: several columns tell of it */
    rf_side explained_side;
    int64_t explained_row; /* -1: none yet */
} rf_scratch;

typedef struct rf_column rf_column;
struct rf_column {
    char key[64];    /* lower-case letters, digits and _: good everywhere; unlike any other of its table */
    char about[256]; /* plain text */
    rf_column_type type;
    bool is_id; /* the very text that the events had: no format may change a byte that it need not */
    rf_status (*read)(rf_value *out, const rf_column *column, const rf_extract *extract,
                      const rf_subject *subject, rf_scratch *scratch, rf_err *err);
    bool is_feature;
    rf_side side; /* features: whose */
    int place;    /* features: column of x; reasons: which of them */
};

typedef struct rf_columns {
    rf_column *at;
    int n;
    size_t cap;
    bool of_edges;
    rf_scratch scratch;
} rf_columns;

/* ---- extract_columns.c ---- */
rf_subject rf_extract_subject(const rf_extract *extract, bool is_edge, int64_t i);
RF_MUST_CHECK rf_status rf_columns_new(rf_columns **out, bool of_edges, rf_err *err);
void rf_columns_free(rf_columns *columns);
/* One more column; key in any letters, made unlike the others. */
RF_MUST_CHECK rf_status rf_columns_add(rf_columns *columns, const char *key, const char *about,
                                       rf_column column, rf_err *err);
/* The column of this key, or NULL. */
const rf_column *rf_columns_find(const rf_columns *columns, const char *key);
/* Value of column c for node or edge i. A number that is not finite is absent. */
RF_MUST_CHECK rf_status rf_columns_read(rf_value *out, rf_columns *columns, int c, const rf_extract *extract,
                                        int64_t i, rf_err *err);
/* The same as text (rf_value_text); NULL: absent. Lives until the next value is read. */
RF_MUST_CHECK rf_status rf_columns_text(const char **out, char buffer[RF_TIME_TEXT], rf_columns *columns,
                                        int c, const rf_extract *extract, int64_t i, rf_err *err);
/* A value as text in its type's usual form: shortest float, decimal, ISO 8601, true or false, a list's texts
 * (each spelled by RF_PLAIN_LIST) joined by ;. */
const char *rf_value_text(const rf_value *value, rf_column_type type, char buffer[RF_TIME_TEXT]);

/* Readers of columns begin like this, and give a value. NULL, and a number that is not finite, mean absent.
 */
#define RF_READER(name)                                                                                      \
    static rf_status name(rf_value *out, const rf_column *column, const rf_extract *extract,                 \
                          const rf_subject *subject, rf_scratch *scratch, rf_err *err)
#define RF_READER_UNUSED ((void)column, (void)extract, (void)scratch, (void)err)
rf_status rf_give_text(rf_value *out, const char *text);
rf_status rf_give_number(rf_value *out, double number);

/* Within a function with `columns`, `err` and a label `done`. */
#define RF_ADD_COLUMN(key, about, type_, read_)                                                              \
    RF_TRY(rf_columns_add(columns, key, about, (rf_column){.type = type_, .read = read_}, err))

/* ---- extract_attributes.c ---- the n columns of x that matter here, in ascending order: those with the
 * largest share of the error among the extract's rows of this side; the first ones where the scores have no
 * reasons. */
#define RF_MAIN_FEATURES 8
RF_MUST_CHECK rf_status rf_main_features(int out[RF_MAIN_FEATURES], int *n, const rf_extract *extract,
                                         rf_side side, rf_err *err);

/* ---- extract_hubs.c ---- */
RF_MUST_CHECK rf_status rf_columns_add_hubs(rf_columns *columns, const rf_extract *extract, rf_err *err);

/* ---- extract_case.c ---- */
RF_MUST_CHECK rf_status rf_columns_add_tags(rf_columns *columns, const rf_extract *extract, rf_err *err);
RF_MUST_CHECK rf_status rf_columns_add_case(rf_columns *columns, const rf_extract *extract, rf_err *err);

#endif
