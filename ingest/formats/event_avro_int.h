/* event_avro_int.h - one Avro record to raw values: RF_OK, RF_SKIPPED with *reject filled, or a failure
 * (memory).
 *
 * It fills raws[plan->n_names] at the names of the body, and leaves the others alone. Texts point into the
 * record or into the decoder, until its next call.
 */
#ifndef RF_EVENT_AVRO_INT_H
#define RF_EVENT_AVRO_INT_H

#include "avro_plan_int.h"

typedef struct rf_avro_decoder rf_avro_decoder;
RF_MUST_CHECK rf_status rf_avro_decoder_new(rf_avro_decoder **out, const rf_field_plan *names, rf_err *err);
void rf_avro_decoder_free(rf_avro_decoder *decoder);
/* The mapped names as a tree, for the plans of all schemas. */
const rf_json_keys *rf_avro_decoder_keys(const rf_avro_decoder *decoder);
/* One record, whose bytes begin `before` bytes into what the reject's byte is counted from. used NULL: there
 * must be no bytes behind it; else *used is its length, 0 where it was rejected. The plan must be there until
 * the record's last item was read. */
RF_MUST_CHECK rf_status rf_avro_decode(rf_raw *raws, rf_avro_decoder *decoder, const rf_avro_plan *plan,
                                       rf_span record, size_t before, size_t *used, rf_reject *reject,
                                       rf_err *err);
/* Then, where a list gives the events of a record (a[*].b): whether the record has it, whether it has another
 * item, and that item's values; those beside the list stay. */
bool rf_avro_had_list(const rf_avro_decoder *decoder);
bool rf_avro_has_item(const rf_avro_decoder *decoder);
RF_MUST_CHECK rf_status rf_avro_item(rf_raw *raws, rf_avro_decoder *decoder, rf_reject *reject, rf_err *err);

#endif
