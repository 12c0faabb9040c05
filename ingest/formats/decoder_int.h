/* decoder_int.h - one record becomes an event or a reject, whatever its format. */
#ifndef RF_DECODER_INT_H
#define RF_DECODER_INT_H

#include <stdbool.h>

#include "field_plan_int.h"
#include "rf_source.h"

struct rf_csv_decoder; /* event_csv_int.h */

typedef struct rf_decoder rf_decoder;
RF_MUST_CHECK rf_status rf_decoder_new(rf_decoder **out, const rf_source_options *options, rf_err *err);
void rf_decoder_free(rf_decoder *decoder);
/* RF_OK: *event is filled, place and share apart; of its values only as many as there are attributes. Its
 * texts lie in value, message or the decoder, until the next call. RF_SKIPPED: *reject says why not. message
 * NULL: no message, $fields are absent. A message without value (value.ptr NULL) is RF_REJECT_NO_VALUE. */
RF_MUST_CHECK rf_status rf_decoder_decode(rf_decoder *decoder, rf_event *event, rf_source_format format,
                                          rf_span value, const rf_message *message, rf_reject *reject,
                                          rf_err *err);
/* An Avro record of a file that begins in `value`, which goes on behind it. Then its length; 0: not found. */
RF_MUST_CHECK rf_status rf_decoder_decode_open(rf_decoder *decoder, rf_event *event, rf_span value,
                                               rf_reject *reject, rf_err *err);
size_t rf_decoder_used(const rf_decoder *decoder);
/* No record follows, or too many are bad: RF_E_INVALID where those seen show that the configuration is wrong.
 */
RF_MUST_CHECK rf_status rf_decoder_end(rf_decoder *decoder, rf_err *err);
/* The record that was decoded last has another event: an element of the array that it is, an item of a list
 * that gives its events. The record and its message must still be there. */
bool rf_decoder_has_more(const rf_decoder *decoder);
RF_MUST_CHECK rf_status rf_decoder_next(rf_decoder *decoder, rf_event *event, rf_reject *reject, rf_err *err);
/* Of a record that is longer than max_record and so was never held as a whole; RF_SKIPPED. */
rf_status rf_decoder_too_long(const rf_decoder *decoder, rf_reject *reject);
int64_t rf_decoder_max_record(const rf_decoder *decoder); /* bytes */
bool rf_decoder_looks(const rf_decoder *decoder); /* at first records, which may show wrong settings */
/* Some field is of the message beside its value: key, headers or timestamp must be filled in. */
/* After the last record, on the thread that decodes: says what is odd about all of them. Once. */
void rf_decoder_warn(rf_decoder *decoder);
bool rf_decoder_wants_message(const rf_decoder *decoder);
struct rf_csv_decoder *rf_decoder_csv(rf_decoder *decoder); /* files read their header with it */
/* Avro records of files have this schema from now on, which is the caller's, as long as records of it are
 * decoded. RF_E_INVALID: it lacks what `fields` name. `name` is the file. */
RF_MUST_CHECK rf_status rf_decoder_use_schema(rf_decoder *decoder, const struct rf_avro_schema *schema,
                                              const char *name, rf_err *err);
/* From another thread: a decoder that waits (for a registry of schemas) gives up, with RF_E_INTERRUPTED. */
void rf_decoder_stop(rf_decoder *decoder);
/* What RF_FORMAT_AUTO means for messages. */
rf_source_format rf_decoder_message_format(const rf_source_options *options);

/* For events that outlive their record: the bytes of an event up to its last value, the most that its texts
 * can have, and their move to `into`, which returns how many they were. Texts that lie in `stays` are not
 * moved. */
size_t rf_decoder_event_bytes(const rf_decoder *decoder);
size_t rf_decoder_most_text(const rf_decoder *decoder);
size_t rf_decoder_keep_texts(const rf_decoder *decoder, rf_event *event, rf_span stays, char *into);

#endif
