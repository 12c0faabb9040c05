/* event_csv_int.h - one CSV record to raw values: RF_OK, RF_SKIPPED with *reject filled, or a failure
 * (memory).
 *
 * It fills raws[plan->n_names] at the names of the body, and leaves the others alone. Texts point into the
 * record or into the decoder, until its next call.
 */
#ifndef RF_EVENT_CSV_INT_H
#define RF_EVENT_CSV_INT_H

#include "field_plan_int.h"

typedef struct rf_csv_decoder rf_csv_decoder;
RF_MUST_CHECK rf_status rf_csv_decoder_new(rf_csv_decoder **out, const rf_field_plan *plan, rf_err *err);
void rf_csv_decoder_free(rf_csv_decoder *decoder);
/* Reads the header record (without line end): which column is which. RF_E_FORMAT naming `path` when a mapped
 * column is lacking or named twice. Once a file. */
RF_MUST_CHECK rf_status rf_csv_decoder_header(rf_csv_decoder *decoder, rf_span header, const char *path,
                                              rf_err *err);
/* Columns that no header names: those of messages, which hold one record each. RF_E_INVALID as above. */
RF_MUST_CHECK rf_status rf_csv_decoder_columns(rf_csv_decoder *decoder, const char *const *columns, int n,
                                               rf_err *err);
/* One record without its line end; header or columns must have been read. */
RF_MUST_CHECK rf_status rf_csv_decode(rf_raw *raws, rf_csv_decoder *decoder, rf_span record,
                                      rf_reject *reject, rf_err *err);

#endif
