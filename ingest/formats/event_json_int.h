/* event_json_int.h - one JSON object to raw values: RF_OK, RF_SKIPPED with *reject filled, or a failure
 * (memory).
 *
 * It fills raws[plan->n_names] at the names of the body, and leaves the others alone. Texts point into the
 * record or into the decoder, until its next call.
 */
#ifndef RF_EVENT_JSON_INT_H
#define RF_EVENT_JSON_INT_H

#include "field_plan_int.h"
#include "rf_text.h"

typedef struct rf_json_decoder rf_json_decoder;
RF_MUST_CHECK rf_status rf_json_decoder_new(rf_json_decoder **out, const rf_field_plan *plan, rf_err *err);
void rf_json_decoder_free(rf_json_decoder *decoder);
/* The first of the plan's names from `from` on that is a key and was in no record yet; -1: none. */
int rf_json_decoder_absent(const rf_json_decoder *decoder, int from);
/* ---- json_nearest.c ---- Adds the key of the record that is nearest to the wanted one, as a path with dots;
 * nothing where none is near. */
RF_MUST_CHECK rf_status rf_json_nearest_key(rf_text *out, const char *wanted, rf_span record, rf_err *err);
/* After rf_json_decode, where a list gives the events of a record (a[*].b): whether the record has it,
 * whether it has another item, and that item's values; those beside the list stay. */
bool rf_json_had_list(const rf_json_decoder *decoder);
bool rf_json_has_item(const rf_json_decoder *decoder);
RF_MUST_CHECK rf_status rf_json_item(rf_raw *raws, rf_json_decoder *decoder, rf_reject *reject, rf_err *err);
/* A key whose value was a list in the last record, though a.b wants keys of it; ptr NULL: none. */
rf_span rf_json_met_list(const rf_json_decoder *decoder);
/* One object. It fills RF_MAX_FIELDS raw values at most. */
RF_MUST_CHECK rf_status rf_json_decode(rf_raw *raws, rf_json_decoder *decoder, rf_span record,
                                       rf_reject *reject, rf_err *err);

#endif
