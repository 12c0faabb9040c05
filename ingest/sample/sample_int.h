/* sample_int.h - a sample as the files of this folder see it: contents in memory, columns, and what each
 * holds.
 *
 *   sample_read.c     contents, encoding, format        sample_dialect.c  how its CSV is written
 *   sample_topics.c   messages                          sample_schemas.c  schemas of those in Avro
 *   sample_rows.c     records as rows of named cells    column_stats.c    what the cells of a column are like
 *   column_type.c     what they mean: numbers, times (column_time.c), flags
 *   column_pairs.c    which of them say the same
 *   role_words.c      what a name says                  roles.c, role_time.c ... which column is for what
 *   proposal_yaml.c   as a configuration                sample_try.c      read by it
 */
#ifndef RF_SAMPLE_INT_H
#define RF_SAMPLE_INT_H

#include "csv_columns_int.h"
#include "field_plan_int.h"
#include "record_reader_int.h"
#include "rf_idmap.h"
#include "rf_json.h"
#include "rf_sample.h"

/* ---- role_words.c ---- */
typedef enum rf_word_role {
    RF_WORD_USER,
    RF_WORD_ENTITY,
    RF_WORD_TIME,
    RF_WORD_EVENT_ID,
    RF_WORD_LABEL,
    RF_WORD_AMOUNT,
    RF_WORD_PERSONAL, /* names a person, or says where one lives */
    RF_WORD_DEVICE,   /* device, address, card: who shares one? */
    RF_WORD_OUTCOME,  /* is known long after the event */
    RF_WORD_ASIDE,    /* says something about a user or an entity, but not who it is */
    RF_WORD_ROLES
} rf_word_role;
/* 0 (nothing) to 10. */
double rf_words_score(const char *name, rf_word_role role);
void rf_words_all(double out[RF_WORD_ROLES], const char *name);
bool rf_words_have(const char *name, const char *word); /* as a word of its own */

/* ---- column_stats.c ---- */

#define RF_KEPT_VALUES 256 /* of a column, spread evenly over the sample */
#define RF_TOP_VALUES 64   /* different values that are counted one by one */
#define RF_KEPT_BYTES 256  /* of a value that is kept */

typedef struct rf_kept_value {
    char *text; /* owned */
    size_t len;
    rf_raw_kind kind;
    int64_t count; /* of a top value; of one that is kept, how many were offered before it */
    uint64_t hash; /* of a top value */
} rf_kept_value;

typedef struct rf_sample_column {
    char *name;                  /* as a configuration writes it; owned */
    double words[RF_WORD_ROLES]; /* what its name says */
    char *plain;                 /* as people and programs wrote it; owned */
    size_t inputs;               /* CSV: whose header has it */
    int list;                    /* of the list whose items it belongs to; -1: none */
    int64_t records;             /* that have the column with a value, or several */
    int64_t values, texts, numbers, truths, null_words, nested;
    int64_t empty; /* cells without a value, the absent ones of JSON apart */
    int64_t last_record;
    uint32_t null_mask; /* which of the words for nothing it has: bit i of the i-th */
    uint64_t *seen;     /* a bit a hash: distinct values; NULL while `top` has them all */
    int64_t bits;       /* of `seen` that are set */
    rf_kept_value *top, *kept;
    int n_top, n_kept;
    size_t cap_top, cap_kept;
    bool more_top;                   /* there are other values than those in `top` */
    int64_t n_offered;               /* for `kept` */
    int halvings;                    /* of what is kept */
    int64_t rising, falling, steady; /* steps from value to value, as numbers or texts */
    char last[40];
    double last_number;
    int64_t figures, whole; /* values that are plain numbers; without decimals */
    double least, most;
    size_t shortest, longest;
    int64_t bytes, spaced; /* of all values; values with a space */
} rf_sample_column;

RF_MUST_CHECK rf_status rf_column_add(rf_sample_column *column, int64_t record, const rf_raw *raw,
                                      int null_word, rf_err *err);
void rf_column_clear(rf_sample_column *column);
double rf_column_distinct(const rf_sample_column *column); /* an estimate; exact where few */

/* ---- column_type.c ---- */

typedef enum rf_meaning {
    RF_MEANS_NOTHING, /* always empty */
    RF_MEANS_CONSTANT,
    RF_MEANS_TRUTH,  /* two words, or 0 and 1 */
    RF_MEANS_NUMBER, /* by `style` */
    RF_MEANS_TIME,   /* by `notation` and `pattern` */
    RF_MEANS_TEXT,
    RF_MEANS_ID, /* of a user, an entity, an event: never shown in clear */
    RF_MEANS_NESTED
} rf_meaning;

#define RF_TYPE_PATTERNS 160
#define RF_TYPE_SIGNS 4    /* of currencies */
#define RF_TYPE_SURE 0.98  /* of the values a meaning reads, so that it is the column's */
#define RF_TYPE_LIKELY 0.8 /* the rest needs another pattern, or is dirt */

typedef struct rf_column_type {
    rf_meaning meaning;
    bool plain_number;  /* needs no style */
    bool styled;        /* only a style reads it */
    bool may_be_epoch;  /* numbers in the range of seconds, ms ... since 1970: in `notation` */
    bool may_be_serial; /* numbers in the range of the days that spreadsheets count */
    rf_time_notation notation;
    char pattern[RF_TYPE_PATTERNS]; /* RF_TIME_STRPTIME: a format a line */
    bool day_first_unsure;          /* 03/04/2020 */
    bool date_only, clock_only;     /* half of a moment; clock_only has a pattern, too */
    bool gaps;                      /* a word for nothing is among the values */
    bool zoned;                     /* says its offset */
    bool of_event;                  /* the event's own time */
    double fits;                    /* share of the kept values that the meaning reads */
} rf_column_type;

/* The style by which most of the numbers of all columns are read that are not plain ones. */
RF_MUST_CHECK rf_status rf_columns_style(rf_number_style *out, const char **currency, int *n_currency,
                                         const rf_sample_column *columns, int n, rf_err *err);
void rf_column_type_find(rf_column_type *out, const rf_sample_column *column, const rf_number_style *style);

/* ---- column_time.c: what rf_column_type_find asks about times; false: they are none ---- */
bool rf_column_time_find(rf_column_type *out, const rf_sample_column *column);
/* A kept value of a column that was found to hold moments; one without an offset counts as of UTC. */
bool rf_kept_moment(int64_t *us, const rf_column_type *type, const rf_kept_value *value);
void rf_column_epoch_find(rf_column_type *out, const rf_sample_column *column);
void rf_column_serial_find(rf_column_type *out, const rf_sample_column *column);

/* ---- column_words.c ---- "0 % empty, 12,345 different, such as u***7". Returns out. */
#define RF_COLUMN_SEEN 240
const char *rf_view_seen(char out[RF_COLUMN_SEEN], const rf_sample_column *column, int64_t records,
                         const rf_column_type *type);
/* By its name a column says who somebody is, where one lives, what one has: its values are masked. */
bool rf_names_somebody(const char *name, const double words[RF_WORD_ROLES]);

/* ---- the sample ---- */

typedef struct rf_sample_header {
    size_t name, value, value_len; /* in the content; the name ends with a NUL */
    bool has_value;
} rf_sample_header;

typedef struct rf_sample_message {
    size_t value, value_len, key, key_len; /* in the content */
    size_t first_header, n_headers;
    bool has_value, has_key;
    int64_t timestamp_ms, offset;
    int32_t partition;
} rf_sample_message;

typedef struct rf_sample_input {
    char *name; /* owned */
    rf_text content;
    rf_sample_message *messages; /* [n_messages] of a topic */
    size_t n_messages, cap_messages;
    rf_sample_header *headers; /* [n_headers] of all messages */
    size_t n_headers, cap_headers;
    int64_t part_records; /* of the sample at most */
    bool part;            /* there is more than was read */
} rf_sample_input;

typedef struct rf_sample_schemas rf_sample_schemas;

struct rf_sample {
    rf_sample_input *inputs;
    size_t n_inputs, n_all; /* all: inputs that there are */
    bool of_topic;
    rf_sample_schemas *schemas; /* of Avro messages */
    bool part;
    rf_source_format format;
    bool says_format;     /* its name would say another one */
    const char *encoding; /* NULL: needs none */
    bool found_encoding;
    rf_csv_dialect csv;
    char named_delimiter; /* by a line sep=; */
    bool header;
    bool lists_columns; /* options->columns */
    size_t n_fields;    /* of a CSV record */
    int64_t records;
    int64_t too_long; /* records, which are passed over */
    const rf_source_options *options;
    rf_null_words null_words;
    rf_idmap *names;
    rf_sample_column *columns;
    size_t n_columns, cap_columns;
    rf_csv_columns first_columns; /* of the first CSV input */
    int *first_places;            /* [first_columns.n] which of `columns` each is */
    bool looked;
    bool left_out_columns; /* there were too many */
};

/* ---- sample_read.c ---- The content of one input that is in memory. */
RF_MUST_CHECK rf_status rf_sample_of_text(rf_sample **out, const rf_source_options *options, const char *name,
                                          rf_span content, rf_err *err);

/* ---- sample_topics.c ---- */
RF_MUST_CHECK rf_status rf_sample_read_topics(rf_sample *sample, int64_t records, rf_err *err);
typedef struct rf_sample_headers {
    const rf_sample_input *input;
    const rf_sample_message *message;
} rf_sample_headers;
/* A message beside its value; *headers must last as long. */
rf_message rf_sample_beside(rf_sample_headers *headers, const rf_sample_input *input,
                            const rf_sample_message *message);
/* $key, $timestamp, or a header that some message has. */
bool rf_sample_has_beside(const rf_sample *sample, const char *name);

/* ---- sample_dialect.c: what is not told of sample->csv, by the first input ---- */
RF_MUST_CHECK rf_status rf_sample_find_dialect(rf_sample *sample, rf_err *err);

/* ---- sample_rows.c ---- */

typedef struct rf_cell {
    int column;
    int item; /* of its list, from 1; 0: the record's own */
    rf_raw raw;
} rf_cell;

typedef struct rf_row_reader {
    rf_status (*row)(void *context, const rf_cell *cells, size_t n, rf_err *err);
    void *context;
} rf_row_reader;
/* Each record of the sample as the cells that it has; of an item of a list each has a cell of the same
 * column. Columns that are new get a place. Records that cannot be read are passed over. */
RF_MUST_CHECK rf_status rf_sample_rows(rf_sample *sample, const rf_row_reader *reader, rf_err *err);
/* Where the cells end that are of the same item of the same list as cells[from]. */
size_t rf_item_end(const rf_cell *cells, size_t n, size_t from, const rf_sample *sample);
/* Of every column what its cells are like. */
RF_MUST_CHECK rf_status rf_sample_look(rf_sample *sample, rf_err *err);
/* From here on the records of an input follow. *schema: of Avro records, until the next opening. */
RF_MUST_CHECK rf_status rf_sample_begin(rf_records *records, const struct rf_avro_schema **schema,
                                        const rf_sample *sample, const rf_sample_input *input, rf_err *err);
/* The next record; RF_EOF where there is none, or it was cut where the sample ends. */
RF_MUST_CHECK rf_status rf_sample_next(rf_records *records, rf_record *record, const rf_sample_input *input,
                                       rf_err *err);
rf_csv_marks rf_sample_marks(const rf_sample *sample);
/* A CSV column that a header lacks stops a build. */
bool rf_sample_everywhere(const rf_sample *sample, int column);
int rf_sample_find(const rf_sample *sample, const char *name); /* -1: no column is called so */
/* The column that a build would take for `name`, however it is called here. */
int rf_sample_find_told(const rf_sample *sample, const char *name);

/* ---- column_pairs.c ---- */
typedef struct rf_column_pair {
    int a, b;
    bool equal, a_tells_b, b_tells_a; /* in each row of the sample */
} rf_column_pair;
RF_MUST_CHECK rf_status rf_compare_columns(rf_column_pair *pairs, int n_pairs, rf_sample *sample,
                                           rf_err *err);

/* ---- sample_json.c ---- */
typedef struct rf_cells {
    rf_cell *items;
    size_t n, cap;
    rf_text path, scratch;
    rf_json *json; /* of Avro records, which become JSON first */
} rf_cells;
void rf_cells_clear(rf_cells *cells);
RF_MUST_CHECK rf_status rf_cells_add(rf_cells *cells, rf_cell cell, rf_err *err);
/* The values of an object, or of one element of an array, and their paths. False in *fine: it is no JSON. */
RF_MUST_CHECK rf_status rf_sample_json_cells(rf_cells *cells, rf_sample *sample, rf_span record, bool *fine,
                                             rf_err *err);
/* The column of that name, made where it is new; -1: there are too many. */
RF_MUST_CHECK rf_status rf_sample_column_of(int *out, rf_sample *sample, const char *name, size_t len,
                                            const char *plain, int list, rf_err *err);

/* ---- sample_schemas.c: of Avro messages ---- */
RF_MUST_CHECK rf_status rf_sample_schemas_open(rf_sample_schemas **out, const rf_source_options *options,
                                               rf_err *err);
void rf_sample_schemas_free(rf_sample_schemas *schemas);
/* The schema of a message and its record; RF_SKIPPED where it has none that can be found. */
RF_MUST_CHECK rf_status rf_sample_schemas_find(const struct rf_avro_schema **schema, rf_span *record,
                                               rf_sample_schemas *schemas, rf_span value, rf_err *err);

#endif
