/* event_csv_int.h - one CSV record to raw values: RF_OK, RF_SKIPPED with *reject filled, or a failure
 * (memory).
 *
 * It fills raws[plan->n_names] at the names of the body, and leaves the others alone. Texts point into the
 * record or into the decoder, until its next call.
 */
#ifndef RF_EVENT_CSV_INT_H
#define RF_EVENT_CSV_INT_H

#include "csv_cut_int.h"
#include "field_plan_int.h"

typedef struct rf_csv_decoder rf_csv_decoder;
RF_MUST_CHECK rf_status rf_csv_decoder_new(rf_csv_decoder **out, const rf_field_plan *plan,
                                           const rf_csv_dialect *dialect, rf_err *err);
void rf_csv_decoder_free(rf_csv_decoder *decoder);
/* By which the record reader finds ends of records. A header can change the delimiter. */
const rf_csv_marks *rf_csv_decoder_marks(const rf_csv_decoder *decoder);

/* ---- csv_header.c: which column is which ----
 * delimiter: what a line of the file says it is, '\0': nothing does. The dialect's own comes first; where
 * that is RF_CSV_AUTO, it is the comma, or the only other one by which all mapped columns are there. Once a
 * file. RF_E_INVALID naming `path` when a mapped column is lacking or not the only one of its name. */
RF_MUST_CHECK rf_status rf_csv_decoder_header(rf_csv_decoder *decoder, rf_span header, char delimiter,
                                              const char *path, rf_err *err);
/* A file by its first record: a header, as above; or not, where the dialect says so or the configuration
 * lists other columns. */
RF_MUST_CHECK rf_status rf_csv_decoder_start(bool *is_header, rf_csv_decoder *decoder, rf_span first,
                                             char delimiter, const char *path, rf_err *err);
/* Columns that the configuration names in order. one_record: of messages, which hold one record each. The
 * texts must outlive the decoder. */
RF_MUST_CHECK rf_status rf_csv_decoder_columns(rf_csv_decoder *decoder, const char *const *columns, int n,
                                               bool one_record, rf_err *err);
/* One record without its line end; header or columns must have been read. */
RF_MUST_CHECK rf_status rf_csv_decode(rf_raw *raws, rf_csv_decoder *decoder, rf_span record,
                                      rf_reject *reject, rf_err *err);

#endif
