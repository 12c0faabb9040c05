/* event_protobuf_int.h - one Protobuf message to raw values: RF_OK or RF_SKIPPED with *reject filled.
 *
 * It fills raws[plan->n_names] at the names of the body, and leaves the others alone. Texts point into the
 * record or into the decoder, until its next call.
 */
#ifndef RF_EVENT_PROTOBUF_INT_H
#define RF_EVENT_PROTOBUF_INT_H

#include "field_plan_int.h"

typedef struct rf_protobuf_decoder rf_protobuf_decoder;
struct rf_descriptor_set; /* descriptor_set_int.h */
/* For messages of one type, by the descriptor set in a file (NULL: not configured, which is an error).
 * RF_E_INVALID, RF_E_IO or RF_E_FORMAT when the file is none, or lacks the type or a field that the plan
 * maps. */
RF_MUST_CHECK rf_status rf_protobuf_decoder_open(rf_protobuf_decoder **out, const rf_field_plan *plan,
                                                 const char *descriptors, const char *message_type,
                                                 rf_err *err);
/* The same by a set, which is the decoder's from here on, even on failure. */
RF_MUST_CHECK rf_status rf_protobuf_decoder_new(rf_protobuf_decoder **out, const rf_field_plan *plan,
                                                struct rf_descriptor_set *set, const char *message_type,
                                                rf_err *err);
void rf_protobuf_decoder_free(rf_protobuf_decoder *decoder);
/* One message, with or without a schema registry's prefix. RF_OK or RF_SKIPPED. */
rf_status rf_protobuf_decode(rf_raw *raws, rf_protobuf_decoder *decoder, rf_span record, rf_reject *reject);

#endif
