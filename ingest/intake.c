/* intake.c - one record becomes an event or a reject, the same for every kind of source.
 *
 * Between the kinds of sources, which know where records come from and where rejected ones are put, and the
 * decoders, which know what a record says. Counts both, and holds the limit on rejects.
 */
#include "ingest_int.h"

#include <assert.h>
#include <stdio.h>

#include "rf_mem.h"

#define SHARE_FROM_RECORDS 10000 /* a share of rejects is looked at from here on, and at the end */

struct rf_intake {
    rf_field_plan *plan;
    rf_json_decoder *json;
    rf_csv_decoder *csv;
    rf_protobuf_decoder *protobuf; /* NULL: another format is configured */
    rf_raw raws[RF_MAX_FIELDS];
    char timestamp[RF_TIMESTAMP_DIGITS];
    double max_rejects;
    int64_t n_read, n_rejected, by_code[RF_N_REJECTS];
    rf_event event;
};

static rf_status refuse_message_fields(const rf_field_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < plan->n_names; i++) {
        if (plan->origins[i] != RF_FIELD_BODY)
            RF_FAIL(err, RF_E_INVALID,
                    "fields: \"%s\" is of a Kafka message, and the source is files or stdin; name a column "
                    "or JSON key",
                    plan->names[i]);
    }
done:
    return st;
}

/* What the configuration asks for must fit the kind of source. */
static rf_status prepare(rf_intake *intake, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kafka_source_options *kafka = &options->kafka;
    if (options->type != RF_SOURCE_KAFKA && options->format == RF_FORMAT_PROTOBUF)
        RF_FAIL(err, RF_E_INVALID,
                "source.format protobuf is for Kafka messages; files and stdin hold csv or jsonl");
    if (options->type != RF_SOURCE_KAFKA)
        return refuse_message_fields(intake->plan, err);
    if (options->format == RF_FORMAT_PROTOBUF)
        return rf_protobuf_decoder_open(&intake->protobuf, intake->plan, kafka->descriptors,
                                        kafka->message_type, err);
    if (options->format == RF_FORMAT_CSV && kafka->n_columns == 0)
        RF_FAIL(err, RF_E_INVALID,
                "source.columns is not set: a CSV message has no header; list its columns in order");
    if (options->format == RF_FORMAT_CSV)
        RF_TRY(rf_csv_decoder_columns(intake->csv, kafka->columns, kafka->n_columns, err));
done:
    return st;
}

rf_status rf_intake_new(rf_intake **out, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_intake *intake = rf_mem_zero(1, sizeof *intake, err);
    if (intake == NULL)
        return RF_E_NOMEM;
    intake->max_rejects = options->max_rejects;
    intake->n_read = options->read_before;
    intake->n_rejected = options->rejected_before;
    RF_TRY(rf_field_plan_new(&intake->plan, &options->fields, err));
    RF_TRY(rf_json_decoder_new(&intake->json, intake->plan, err));
    RF_TRY(rf_csv_decoder_new(&intake->csv, intake->plan, err));
    RF_TRY(prepare(intake, options, err));
    *out = intake;
    intake = NULL;
done:
    rf_intake_free(intake);
    return st;
}

void rf_intake_free(rf_intake *intake)
{
    if (intake == NULL)
        return;
    rf_protobuf_decoder_free(intake->protobuf);
    rf_csv_decoder_free(intake->csv);
    rf_json_decoder_free(intake->json);
    rf_field_plan_free(intake->plan);
    rf_mem_free(intake);
}

rf_csv_decoder *rf_intake_csv(rf_intake *intake)
{
    return intake->csv;
}

int64_t rf_intake_read(const rf_intake *intake)
{
    return intake->n_read;
}

int64_t rf_intake_rejects(const rf_intake *intake)
{
    return intake->n_rejected;
}

bool rf_intake_wants_message(const rf_intake *intake)
{
    return intake->plan->of_message;
}

/* ---- one record ---- */

rf_status rf_intake_too_long(rf_intake *intake, rf_reject *reject)
{
    intake->n_read++;
    return rf_reject_set(reject, RF_REJECT_RECORD_TOO_LONG, -1, "the record is longer than %u bytes",
                         RF_MAX_RECORD_BYTES);
}

#define SCHEMA_PREFIX 5 /* a byte 0 and the number of a schema, as registries put before a value */

/* What a message wraps its record in: no JSON begins with a byte 0, and one line end may follow CSV. */
static rf_span unwrapped(rf_source_format format, rf_span value)
{
    if (format == RF_FORMAT_CSV) {
        bool ends = value.len > 0 && value.ptr[value.len - 1] == '\n';
        value.len -= ends;
        value.len -= ends && value.len > 0 && value.ptr[value.len - 1] == '\r';
    } else if (value.len >= SCHEMA_PREFIX && value.ptr[0] == '\0') {
        value.ptr += SCHEMA_PREFIX;
        value.len -= SCHEMA_PREFIX;
    }
    return value;
}

static rf_status cut(rf_intake *intake, rf_source_format format, rf_span value, const rf_message *message,
                     rf_reject *reject, rf_err *err)
{
    assert(format != RF_FORMAT_PROTOBUF || intake->protobuf != NULL); /* what was configured */
    if (format == RF_FORMAT_PROTOBUF)
        return rf_protobuf_decode(intake->raws, intake->protobuf, value, reject);
    if (message != NULL)
        value = unwrapped(format, value);
    if (format == RF_FORMAT_CSV)
        return rf_csv_decode(intake->raws, intake->csv, value, reject, err);
    return rf_json_decode(intake->raws, intake->json, value, reject, err);
}

static rf_status decode(rf_intake *intake, rf_source_format format, rf_span value, const rf_message *message,
                        rf_reject *reject, rf_err *err)
{
    rf_status st = cut(intake, format, value, message, reject, err);
    if (st == RF_OK && intake->plan->of_message)
        st = rf_field_plan_message(intake->raws, intake->plan, message, intake->timestamp, reject);
    if (st == RF_OK)
        st = rf_field_plan_fill(&intake->event, intake->plan, intake->raws, reject);
    return st;
}

rf_status rf_intake_decode(rf_intake *intake, rf_source_format format, rf_span value,
                           const rf_message *message, rf_event **event, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    if (value.len > RF_MAX_RECORD_BYTES)
        return rf_intake_too_long(intake, reject);
    if (value.ptr == NULL)
        st = rf_reject_set(reject, RF_REJECT_NO_VALUE, -1, "the message has no value");
    else
        RF_TRY(decode(intake, format, value, message, reject, err));
    intake->n_read++;
    if (st == RF_OK)
        *event = &intake->event;
done:
    return st;
}

/* ---- the limit on rejects ---- */

static bool too_many(const rf_intake *intake, bool at_end)
{
    double limit = intake->max_rejects;
    if (limit <= 0 || limit >= 1)
        return intake->n_rejected > 0 && (double)intake->n_rejected > limit;
    if (!at_end && intake->n_read < SHARE_FROM_RECORDS)
        return false;
    return (double)intake->n_rejected > limit * (double)intake->n_read;
}

static rf_status check_limit(const rf_intake *intake, bool at_end, const char *kept_in, rf_err *err)
{
    if (!too_many(intake, at_end))
        return RF_OK;
    int most = 0;
    for (int code = 0; code < RF_N_REJECTS; code++) {
        if (intake->by_code[code] > intake->by_code[most])
            most = code;
    }
    char often[96] = ""; /* reasons of rejects before a resume are not known */
    if (intake->by_code[most] > 0)
        snprintf(often, sizeof often, "most often: %s (%lld times); ", rf_reject_name((rf_reject_code)most),
                 (long long)intake->by_code[most]);
    return rf_err_set(err, RF_E_REJECTED, __FILE__, __LINE__,
                      "%lld of %lld records were rejected, more than ingest.max_rejects = %g allows; %s%s%s",
                      (long long)intake->n_rejected, (long long)intake->n_read, intake->max_rejects, often,
                      kept_in == NULL ? "set ingest.dead_letters to a path to see them" : "they are in ",
                      kept_in == NULL ? "" : kept_in);
}

rf_status rf_intake_rejected(rf_intake *intake, const rf_reject *reject, const char *kept_in, rf_err *err)
{
    intake->n_rejected++;
    intake->by_code[reject->code]++;
    return check_limit(intake, false, kept_in, err);
}

rf_status rf_intake_end(const rf_intake *intake, const char *kept_in, rf_err *err)
{
    return check_limit(intake, true, kept_in, err);
}
