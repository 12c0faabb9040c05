/* intake_int.h - how many records came in and were rejected, and when that is too many; one a source. */
#ifndef RF_INTAKE_INT_H
#define RF_INTAKE_INT_H

#include <stdint.h>

#include "reject_int.h"
#include "rf_source.h"

typedef struct rf_intake {
    double max_rejects;
    int64_t n_read, n_rejected; /* the reader of a record adds it to n_read */
    int64_t n_odd_labels, n_filtered;
    bool mid_record; /* of the last record not all events were handed out */
    int64_t by_code[RF_N_REJECTS];
    char sample[RF_N_REJECTS][RF_REASON_BYTES]; /* of the first reject of each reason */
    rf_reject_about about[RF_N_REJECTS];        /* likewise */
} rf_intake;

void rf_intake_init(rf_intake *intake, const rf_source_options *options);
/* Counts a reject; RF_E_REJECTED when that is one too many. `kept_in` (NULL: nowhere) names where they are
 * for the message. Events of the future are not bad records, and never too many. */
RF_MUST_CHECK rf_status rf_intake_rejected(rf_intake *intake, const rf_reject *reject, const rf_place *place,
                                           const char *kept_in, rf_err *err);
/* Of the rejects those that max_rejects is about. */
int64_t rf_intake_bad(const rf_intake *intake);
/* So many of the records read are more than max_rejects allows: below 1 it is a share of them. */
bool rf_intake_is_beyond(int64_t read, int64_t bad, double max_rejects);
int rf_intake_tally(const rf_intake *intake, rf_reject_tally out[RF_MOST_TALLIES]);
/* At the end of all inputs: the limit as a share of everything read. */
RF_MUST_CHECK rf_status rf_intake_end(const rf_intake *intake, const char *kept_in, rf_err *err);

#endif
