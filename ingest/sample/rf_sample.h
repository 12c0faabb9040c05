/* rf_sample.h - the first records of inputs that nobody has described yet: what their columns hold, what each
 * is probably for, and a configuration that reads them.
 *
 *   rf_sample_read -> rf_propose -> rf_proposal_yaml -> (settings) -> rf_sample_try -> rf_proposal_mend ...
 *
 * Reading a sample changes nothing: no position is kept, no group joined, no dead letter written. The texts
 * that a proposal shows are masked (value_mask.c): an id is never seen in clear.
 */
#ifndef RF_SAMPLE_H
#define RF_SAMPLE_H

#include "rf_source.h"
#include "rf_text.h"

#define RF_LOOK_RECORDS 100000
#define RF_LOOK_BYTES (32 << 20)

typedef struct rf_sample rf_sample;

/* The source's kind, paths or topics, and what is known of the format, the encoding and the CSV dialect: what
 * is not set is found. At most so many records, and RF_LOOK_BYTES, evenly of at most 16 inputs.
 * RF_E_INVALID where the content is of a kind that is not read, or holds no record. */
RF_MUST_CHECK rf_status rf_sample_read(rf_sample **out, const rf_source_options *options, int64_t records,
                                       rf_err *err);
void rf_sample_free(rf_sample *sample);
int64_t rf_sample_records(const rf_sample *sample);
/* There is more in the inputs than was read. */
bool rf_sample_is_part(const rf_sample *sample);
/* The inputs as one line for people: "CSV, semicolon, with a header". Returns out. */
#define RF_SAMPLE_WORDS 160
const char *rf_sample_format_words(char out[RF_SAMPLE_WORDS], const rf_sample *sample);

/* ---- proposals ---- */

typedef enum rf_role {
    RF_ROLE_USER,
    RF_ROLE_ENTITY,
    RF_ROLE_TIME,
    RF_ROLE_EVENT_ID,
    RF_ROLE_LABEL,
    RF_ROLES
} rf_role;

typedef struct rf_proposal rf_proposal;

/* What somebody has said already. Where a field of `options->fields` is set it is taken; these say which of
 * the rest is. */
typedef struct rf_told {
    const rf_source_options *options;
    bool time_format, time_since, zone, numbers;
    bool none[RF_ROLES];  /* there is no such field */
    bool keeps[RF_ROLES]; /* it is what `before` proposes, an earlier proposal of the same sample */
    const rf_proposal *before;
} rf_told;

/* RF_E_INVALID where a column that was told is not there (with the nearest), or where no user or entity can
 * be found. The sample and what the told options point to must outlive the proposal; `before` need not. */
RF_MUST_CHECK rf_status rf_propose(rf_proposal **out, rf_sample *sample, const rf_told *told, rf_err *err);
void rf_proposal_free(rf_proposal *proposal);

/* The column or columns of a role as a configuration writes them, "" where there is none; and, masked, what
 * was seen there. Borrowed from the proposal. */
const char *rf_proposal_field(const rf_proposal *proposal, rf_role role);
const char *rf_proposal_seen(const rf_proposal *proposal, rf_role role);
/* The i-th choice that is not sure, with the flag or key that changes it; NULL: there are no more. */
const char *rf_proposal_doubt(const rf_proposal *proposal, int i);
int rf_proposal_attributes(const rf_proposal *proposal);
/* Whether the records have that column, or the messages that part, as a configuration would name it; else the
 * nearest, or NULL. */
bool rf_sample_has_column(const rf_sample *sample, const char *name, const char **nearest);

/* What the file says besides the proposal. */
typedef struct rf_yaml_frame {
    const char *path;   /* of the configuration, for its head */
    const char *output; /* folder of the results */
} rf_yaml_frame;
RF_MUST_CHECK rf_status rf_proposal_yaml(rf_text *out, const rf_proposal *proposal,
                                         const rf_yaml_frame *frame, rf_err *err);

/* ---- trials ---- */

/* Records that were rejected because of one attribute. */
typedef struct rf_attr_rejects {
    int64_t records;
    int64_t lack, too_long; /* of them: it has no value; its text is longer than texts may be */
} rf_attr_rejects;

typedef struct rf_trial {
    int64_t read, accepted, rejected, filtered, odd_labels; /* events */
    int64_t bad;                            /* of those rejected: ingest.max_rejects is about them */
    rf_reject_tally tally[RF_MOST_TALLIES]; /* most frequent first; their samples are in `samples` */
    int n_tally;
    char samples[RF_MOST_TALLIES][RF_REASON_BYTES];
    rf_attr_rejects attrs[RF_MAX_ATTRS]; /* rf_sample_try: of the schema's */
    rf_status stopped;                   /* RF_E_INVALID: the configuration was refused, and why */
    char why[512];
} rf_trial;

/* The sample as these options read it: by the same reader and decoder as a build. each (NULL: nobody) gets
 * every event. A configuration that does not fit is no failure: *out says so. */
RF_MUST_CHECK rf_status rf_sample_try(rf_trial *out, const rf_sample *sample,
                                      const rf_source_options *options,
                                      rf_status (*each)(void *context, const rf_event *event, rf_err *err),
                                      void *context, rf_err *err);
/* The same of at most so many records of the inputs themselves, read as a build reads them; topics without
 * their group. *all: how many there are about; -1: not known. */
RF_MUST_CHECK rf_status rf_source_try(rf_trial *out, double *all, const rf_source_options *options,
                                      int64_t most,
                                      rf_status (*each)(void *context, const rf_event *event, rf_err *err),
                                      void *context, rf_err *err);
/* A build would stop: more records are bad than max_rejects allows. */
bool rf_trial_is_beyond(const rf_trial *trial, double max_rejects);
/* Changes what a trial of the proposal's configuration has shown to be wrong; false: nothing is left to
 * change. Each change leaves less to change, so repeating it ends. */
void rf_proposal_mend(bool *changed, rf_proposal *proposal, const rf_trial *trial);

/* The sample of a tally, such as "e.csv:7: user (field "u"): "u***7" is ...": masked where it names somebody.
 * Returns out. */
const char *rf_reason_masked(char out[RF_REASON_BYTES], const rf_reject_tally *tally);

#endif
