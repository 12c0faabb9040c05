/* avro_records.c - between the decoder of all formats and what knows Avro: finds the schema of a record,
 * reads it, and goes on to its items.
 */
#include "avro_records_int.h"

#include <limits.h>
#include <string.h>

#include "rf_decimal.h"

#define USUAL_POLL_MS 300000 /* librdkafka's max.poll.interval.ms */

rf_status rf_avro_records_init(rf_avro_records *records, const rf_source_options *options,
                               const rf_field_plan *names, rf_err *err)
{
    *records = (rf_avro_records){.names = names,
                                 .absent = options->absent_keys,
                                 .goes_on = options->resume != NULL || options->kafka.owner != NULL};
    return rf_avro_decoder_new(&records->decoder, names, err);
}

/* How long a registry is awaited. Who decodes also polls: the group must not take it for dead meanwhile. */
static int64_t patience_us(const rf_kafka_source_options *kafka)
{
    const char *text = rf_kafka_setting(kafka->settings, kafka->n_settings, "max.poll.interval.ms");
    int64_t poll_ms;
    if (text == NULL || !rf_int_parse(&poll_ms, text, strlen(text)) || poll_ms < 1 || poll_ms > INT_MAX)
        poll_ms = USUAL_POLL_MS; /* what is no number, librdkafka refuses */
    int64_t half_us = poll_ms * 1000 / 2;
    return kafka->broker_timeout_us < half_us ? kafka->broker_timeout_us : half_us;
}

rf_status rf_avro_records_of_messages(rf_avro_records *records, const rf_kafka_source_options *kafka,
                                      rf_err *err)
{
    return rf_avro_messages_new(&records->messages, &kafka->avro, records->names, records->decoder,
                                records->absent, patience_us(kafka), err);
}

void rf_avro_records_clear(rf_avro_records *records)
{
    rf_avro_messages_free(records->messages);
    rf_avro_plan_free(records->file);
    rf_avro_decoder_free(records->decoder);
    *records = (rf_avro_records){0};
}

rf_status rf_avro_records_use(rf_avro_records *records, const rf_avro_schema *schema, const char *name,
                              rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_plan_free(records->file);
    records->file = NULL;
    RF_TRY(rf_avro_plan_new(&records->file, schema, records->names, rf_avro_decoder_keys(records->decoder),
                            err));
    RF_TRY(rf_avro_plan_check(records->file, records->absent, name, err));
done:
    return st;
}

rf_status rf_avro_records_read(rf_raw *raws, rf_avro_records *records, rf_span value,
                               const rf_message *message, rf_reject *reject, rf_err *err)
{
    const rf_avro_plan *plan = records->file;
    rf_status st = RF_OK;
    records->before = 0;
    if (message != NULL)
        st = rf_avro_messages_find(&plan, &records->before, records->messages, value, message, reject, err);
    if (st != RF_OK)
        return st;
    value.ptr += records->before;
    value.len -= records->before;
    records->plan = plan;
    st = rf_avro_decode(raws, records->decoder, plan, value, records->before,
                        records->open ? &records->used : NULL, reject, err);
    if (st == RF_SKIPPED && reject->code == RF_REJECT_BAD_AVRO && message != NULL)
        rf_avro_messages_hint(records->messages, value, reject);
    if (st != RF_OK || !rf_avro_had_list(records->decoder))
        return st;
    if (!rf_avro_has_item(records->decoder))
        return rf_reject_set(reject, RF_REJECT_FILTERED, -1, "its list has no item");
    return rf_avro_item(raws, records->decoder, reject, err);
}

bool rf_avro_records_more(const rf_avro_records *records)
{
    return records->plan != NULL && rf_avro_has_item(records->decoder);
}

rf_status rf_avro_records_judge(rf_avro_records *records, bool at_end, rf_err *err)
{
    bool tolerated = records->absent == RF_ABSENT_KEYS_WARN || (at_end && records->goes_on);
    return records->messages == NULL ? RF_OK : rf_avro_messages_judge(records->messages, tolerated, err);
}
