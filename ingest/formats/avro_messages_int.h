/* avro_messages_int.h - which schema an Avro message has. */
#ifndef RF_AVRO_MESSAGES_INT_H
#define RF_AVRO_MESSAGES_INT_H

#include "event_avro_int.h"
#include "schema_framing_int.h"

typedef struct rf_avro_messages rf_avro_messages;
/* Borrows the texts of the options, names and decoder. patience_us: how long a registry may be away. */
RF_MUST_CHECK rf_status rf_avro_messages_new(rf_avro_messages **out, const rf_avro_options *options,
                                             const rf_field_plan *names, const rf_avro_decoder *decoder,
                                             rf_absent_keys absent, int64_t patience_us, rf_err *err);
void rf_avro_messages_free(rf_avro_messages *messages);
/* RF_OK: the record begins `before` bytes into the value, and has the plan, which lives as long as messages.
 * RF_SKIPPED: *reject says why there is none. A registry that is away is a failure. */
RF_MUST_CHECK rf_status rf_avro_messages_find(const rf_avro_plan **plan, size_t *before,
                                              rf_avro_messages *messages, rf_span value,
                                              const rf_message *message, rf_reject *reject, rf_err *err);
/* After the first records, and once more at the end, perhaps on another thread: RF_E_INVALID where a field
 * that is mapped is in no schema of all that were met. Only the first call judges; tolerated: it says nothing
 * (the warnings for each schema have). */
RF_MUST_CHECK rf_status rf_avro_messages_judge(rf_avro_messages *messages, bool tolerated, rf_err *err);
/* Adds to the reason of a record that could not be read what else the value may be. */
void rf_avro_messages_hint(const rf_avro_messages *messages, rf_span record, rf_reject *reject);
/* From another thread: a wait for the registry ends. NULL allowed. */
void rf_avro_messages_stop(rf_avro_messages *messages);

#endif
