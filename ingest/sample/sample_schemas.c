/* sample_schemas.c - the schemas of a topic's Avro messages, as a build finds them: in a registry, a folder,
 * a file. No field is named yet, so none is lacking.
 */
#include "sample_int.h"

#include "avro_messages_int.h"
#include "rf_mem.h"

struct rf_sample_schemas {
    rf_field_plan *names;
    rf_avro_decoder *decoder;
    rf_avro_messages *messages;
};

rf_status rf_sample_schemas_open(rf_sample_schemas **out, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sample_schemas *schemas = NULL;
    const rf_fields of_message = {.user = "$key", .entity = "$key", .schema = options->fields.schema};
    RF_ZERO(schemas, 1, err);
    RF_TRY(rf_field_plan_new(&schemas->names, &of_message, err));
    RF_TRY(rf_avro_decoder_new(&schemas->decoder, schemas->names, err));
    RF_TRY(rf_avro_messages_new(&schemas->messages, &options->kafka.avro, schemas->names, schemas->decoder,
                                options->absent_keys, options->kafka.broker_timeout_us, err));
    *out = schemas;
    schemas = NULL;
done:
    rf_sample_schemas_free(schemas);
    return st;
}

void rf_sample_schemas_free(rf_sample_schemas *schemas)
{
    if (schemas == NULL)
        return;
    rf_avro_messages_free(schemas->messages);
    rf_avro_decoder_free(schemas->decoder);
    rf_field_plan_free(schemas->names);
    rf_mem_free(schemas);
}

rf_status rf_sample_schemas_find(const struct rf_avro_schema **schema, rf_span *record,
                                 rf_sample_schemas *schemas, rf_span value, rf_err *err)
{
    rf_status st = RF_OK;
    rf_reject reject;
    const rf_avro_plan *plan;
    const rf_message message = {.timestamp_ms = -1, .has_value = true};
    size_t before;
    RF_TRY(rf_avro_messages_find(&plan, &before, schemas->messages, value, &message, &reject, err));
    if (st != RF_OK)
        goto done;
    *schema = plan->schema;
    *record = (rf_span){value.ptr + before, value.len - before};
done:
    return st;
}
