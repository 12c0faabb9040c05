/* intake_int.h - records are counted, and too many rejects are an error. */
#ifndef RF_INTAKE_INT_H
#define RF_INTAKE_INT_H

#include "decoder_int.h"

typedef struct rf_intake rf_intake;
RF_MUST_CHECK rf_status rf_intake_new(rf_intake **out, const rf_source_options *options, rf_err *err);
void rf_intake_free(rf_intake *intake);
rf_decoder *rf_intake_decoder(rf_intake *intake);
/* Decodes one record and counts it, as rf_decoder_decode. RF_OK: *event (place is the caller's to fill).
 * RF_SKIPPED: the caller puts the record away, then calls rf_intake_rejected. */
RF_MUST_CHECK rf_status rf_intake_decode(rf_intake *intake, rf_source_format format, rf_span value,
                                         const rf_message *message, rf_event **event, rf_reject *reject,
                                         rf_err *err);
/* Counts a record that is longer than RF_MAX_RECORD_BYTES; RF_SKIPPED. */
rf_status rf_intake_too_long(rf_intake *intake, rf_reject *reject);
/* Counts records that were decoded elsewhere. */
void rf_intake_count(rf_intake *intake, int64_t records);
/* Counts a reject; RF_E_REJECTED when that is one too many. `kept_in` (NULL: nowhere) names where they are
 * for the message. */
RF_MUST_CHECK rf_status rf_intake_rejected(rf_intake *intake, const rf_reject *reject, const char *kept_in,
                                           rf_err *err);
/* At the end of all inputs: the limit as a share of everything read. */
RF_MUST_CHECK rf_status rf_intake_end(const rf_intake *intake, const char *kept_in, rf_err *err);
int64_t rf_intake_read(const rf_intake *intake);
int64_t rf_intake_rejects(const rf_intake *intake);

#endif
