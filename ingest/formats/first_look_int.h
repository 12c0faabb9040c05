/* first_look_int.h - what the first records show to be wrong with the configuration, before much is read.
 *
 * Times in a unit that puts most of them before 1990 or into the future, while another unit would not;
 * numbers of which nothing is left by the decimal places that are kept; JSON keys that no record has.
 */
#ifndef RF_FIRST_LOOK_INT_H
#define RF_FIRST_LOOK_INT_H

#include "event_json_int.h"
#include "field_plan_int.h"

#define RF_FIRST_TIMES 1000
#define RF_FIRST_RECORDS 10000

typedef struct rf_first_look rf_first_look;

/* Borrows the plan. future_us: how long after the clock times may lie. absent: what absent keys are. of_old:
 * reading goes on with a state, and a few records that lack a key are only worth a warning. */
RF_MUST_CHECK rf_status rf_first_look_new(rf_first_look **out, const rf_field_plan *plan, int64_t future_us,
                                          rf_absent_keys absent, bool of_old, rf_err *err);
void rf_first_look_free(rf_first_look *look);

/* One record with its outcome (RF_OK and the event, or RF_SKIPPED and the reject). json: it is JSON, and its
 * decoder. RF_E_INVALID once enough records show a mistake. *more: wants to see the next one, too. */
RF_MUST_CHECK rf_status rf_first_look_at(rf_first_look *look, const rf_raw *raws, const rf_event *event,
                                         const rf_reject *reject, const rf_json_decoder *json, rf_span record,
                                         bool *more, rf_err *err);
/* No record follows, or too many are bad: what do those seen show? Once; cheap after that. */
RF_MUST_CHECK rf_status rf_first_look_end(rf_first_look *look, const rf_json_decoder *json, rf_err *err);

#endif
