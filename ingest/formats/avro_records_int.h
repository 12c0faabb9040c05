/* avro_records_int.h - Avro records of files and messages: by which schema, where they end, what follows. */
#ifndef RF_AVRO_RECORDS_INT_H
#define RF_AVRO_RECORDS_INT_H

#include "avro_messages_int.h"
#include "event_avro_int.h"

typedef struct rf_avro_records {
    const rf_field_plan *names;
    rf_absent_keys absent;
    bool goes_on; /* with a state of earlier records: those of now may well lack a field */
    rf_avro_decoder *decoder;
    rf_avro_messages *messages; /* NULL: records are those of files */
    rf_avro_plan *file;         /* of the file that is read; NULL: none */
    bool open;                  /* values go on behind the record */

    /* of the record that was read last */
    const rf_avro_plan *plan; /* NULL: not known */
    size_t before;            /* bytes before it in its message */
    size_t used;              /* open: its length; 0: not found */
} rf_avro_records;

RF_MUST_CHECK rf_status rf_avro_records_init(rf_avro_records *records, const rf_source_options *options,
                                             const rf_field_plan *names, rf_err *err);
/* Messages have Avro records: RF_E_INVALID where options do not say by which schemas. */
RF_MUST_CHECK rf_status rf_avro_records_of_messages(rf_avro_records *records,
                                                    const rf_kafka_source_options *kafka, rf_err *err);
void rf_avro_records_clear(rf_avro_records *records);
/* Files have records of that schema from now on, which is the caller's; see rf_decoder_use_schema. */
RF_MUST_CHECK rf_status rf_avro_records_use(rf_avro_records *records, const rf_avro_schema *schema,
                                            const char *name, rf_err *err);
/* The values of the record, or of its first item where a list gives its events. message NULL: of a file. */
RF_MUST_CHECK rf_status rf_avro_records_read(rf_raw *raws, rf_avro_records *records, rf_span value,
                                             const rf_message *message, rf_reject *reject, rf_err *err);
bool rf_avro_records_more(const rf_avro_records *records); /* the record has another item */
/* After the first records, and at the end: does any schema have each field? */
RF_MUST_CHECK rf_status rf_avro_records_judge(rf_avro_records *records, bool at_end, rf_err *err);

#endif
