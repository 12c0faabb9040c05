/* decoder.c - one record becomes an event or the reason why not, whatever its format.
 *
 * Between the kinds of sources, which know where records come from, and the decoders of each format. No state
 * passes from one record to the next, so any single thread may decode.
 */
#include "decoder_int.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "avro_records_int.h"
#include "encoding_int.h"
#include "event_csv_int.h"
#include "event_ids_int.h"
#include "event_json_int.h"
#include "event_protobuf_int.h"
#include "first_look_int.h"
#include "rf_json_scan.h"
#include "rf_log.h"
#include "rf_mem.h"

struct rf_decoder {
    rf_field_plan *plan;
    rf_json_decoder *json;
    rf_csv_decoder *csv;
    rf_protobuf_decoder *protobuf; /* NULL: another format is configured */
    rf_avro_records avro;
    rf_raw raws[RF_MAX_FIELDS];
    char timestamp[RF_TIMESTAMP_DIGITS];
    rf_source_format format;   /* of the record that is read */
    const rf_message *message; /* its message, of_message; NULL: none */
    rf_message of_message;
    rf_encoding *encoding; /* of messages; NULL: UTF-8 */
    rf_span text;          /* the value, converted */
    rf_span array, part; /* it is an array: what is left of it, and the element that is read; else ptr NULL */
    int64_t element;     /* which event of the record, -1: the only one */
    bool more;
    int64_t max_record;
    size_t most_text; /* of one event */
    rf_first_look *look;
    bool looks;                   /* the first records are looked at */
    int64_t future_us, latest_us; /* tolerance, and the clock when last read plus it */
    rf_event_ids *ids;
    bool hides;            /* ids: nothing is said that could name one */
    bool pseudonyms;       /* take the place of ids */
    bool looks_for_spaces; /* around ids, of the first events */
    bool told_label, told_lost;
};

/* ---- open and close ---- */

/* What the configuration asks for must fit the kind of source. */
static rf_status prepare(rf_decoder *decoder, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_kafka_source_options *kafka = &options->kafka;
    if (options->type != RF_SOURCE_KAFKA && options->format == RF_FORMAT_PROTOBUF)
        RF_FAIL(err, RF_E_INVALID,
                "source.format protobuf is for Kafka messages; files and stdin hold csv or jsonl");
    for (int i = 0; options->type != RF_SOURCE_KAFKA && i < decoder->plan->n_names; i++) {
        rf_field_origin origin = decoder->plan->origins[i];
        if (origin != RF_FIELD_BODY && origin != RF_FIELD_DERIVED)
            RF_FAIL(err, RF_E_INVALID,
                    "fields: \"%s\" exists in Kafka messages only, but the source is files or stdin; name a "
                    "column or JSON key",
                    decoder->plan->names[i]);
    }
    if (options->n_columns > 0 && (options->type != RF_SOURCE_KAFKA || options->format == RF_FORMAT_CSV))
        RF_TRY(rf_csv_decoder_columns(decoder->csv, options->columns, options->n_columns,
                                      options->type == RF_SOURCE_KAFKA, err));
    if (options->type == RF_SOURCE_KAFKA && options->format != RF_FORMAT_PROTOBUF &&
        options->format != RF_FORMAT_AVRO && !rf_encoding_is_plain(options->encoding))
        RF_TRY(rf_encoding_open(&decoder->encoding, options->encoding, err));
    if (options->type == RF_SOURCE_KAFKA && options->format == RF_FORMAT_PROTOBUF)
        return rf_protobuf_decoder_open(&decoder->protobuf, decoder->plan, kafka->descriptors,
                                        kafka->message_type, err);
    if (options->type == RF_SOURCE_KAFKA && rf_decoder_message_format(options) == RF_FORMAT_AVRO)
        return rf_avro_records_of_messages(&decoder->avro, kafka, err);
    if (options->type == RF_SOURCE_KAFKA && options->format == RF_FORMAT_CSV && options->n_columns == 0)
        RF_FAIL(err, RF_E_INVALID,
                "source.columns is not set: a CSV message has no header; list its columns in order");
done:
    return st;
}

rf_status rf_decoder_new(rf_decoder **out, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    size_t texts = 3; /* user, event id, fraud type */
    rf_decoder *decoder = NULL;
    RF_ZERO(decoder, 1, err);
    decoder->max_record = options->max_record > 0 ? options->max_record : RF_MAX_RECORD;
    RF_TRY(rf_field_plan_new(&decoder->plan, &options->fields, err));
    RF_TRY(rf_event_ids_new(&decoder->ids, options, decoder->plan, err));
    RF_TRY(rf_json_decoder_new(&decoder->json, decoder->plan, err));
    RF_TRY(rf_csv_decoder_new(&decoder->csv, decoder->plan, &options->csv, err));
    RF_TRY(rf_avro_records_init(&decoder->avro, options, decoder->plan, err));
    RF_TRY(prepare(decoder, options, err));
    texts += (size_t)decoder->plan->n_kinds;
    for (int i = 0; i < decoder->plan->n_attrs; i++)
        texts += decoder->plan->attrs[i].type == RF_ATTR_CATEGORY;
    RF_TRY(rf_first_look_new(&decoder->look, decoder->plan, options->future_tolerance_us,
                             options->absent_keys, options->resume != NULL || options->kafka.owner != NULL,
                             err));
    decoder->looks = true;
    decoder->hides = rf_source_hides_ids(options);
    decoder->pseudonyms = options->pseudonym_key != NULL;
    decoder->looks_for_spaces = true;
    decoder->future_us = options->future_tolerance_us;
    decoder->latest_us = decoder->future_us == RF_ANY_FUTURE ? INT64_MAX : INT64_MIN;
    decoder->most_text = texts * RF_MAX_ID_BYTES;
    *out = decoder;
    decoder = NULL;
done:
    rf_decoder_free(decoder);
    return st;
}

void rf_decoder_free(rf_decoder *decoder)
{
    if (decoder == NULL)
        return;
    rf_encoding_close(decoder->encoding);
    rf_protobuf_decoder_free(decoder->protobuf);
    rf_avro_records_clear(&decoder->avro);
    rf_csv_decoder_free(decoder->csv);
    rf_first_look_free(decoder->look);
    rf_json_decoder_free(decoder->json);
    rf_event_ids_free(decoder->ids);
    rf_field_plan_free(decoder->plan);
    rf_mem_free(decoder);
}

rf_csv_decoder *rf_decoder_csv(rf_decoder *decoder)
{
    return decoder->csv;
}

int64_t rf_decoder_max_record(const rf_decoder *decoder)
{
    return decoder->max_record;
}

bool rf_decoder_looks(const rf_decoder *decoder)
{
    return decoder->looks;
}

bool rf_decoder_wants_message(const rf_decoder *decoder)
{
    return decoder->plan->of_message || decoder->avro.messages != NULL; /* headers may name a schema */
}

rf_source_format rf_decoder_message_format(const rf_source_options *options)
{
    const rf_avro_options *avro = &options->kafka.avro;
    bool is_avro = avro->schema != NULL || avro->schemas != NULL || avro->registry != NULL;
    if (options->format != RF_FORMAT_AUTO)
        return options->format;
    return is_avro ? RF_FORMAT_AVRO : RF_FORMAT_JSONL;
}

void rf_decoder_stop(rf_decoder *decoder)
{
    rf_avro_messages_stop(decoder->avro.messages);
}

rf_status rf_decoder_use_schema(rf_decoder *decoder, const rf_avro_schema *schema, const char *name,
                                rf_err *err)
{
    return rf_avro_records_use(&decoder->avro, schema, name, err);
}

/* ---- one record ---- */

rf_status rf_decoder_too_long(const rf_decoder *decoder, rf_reject *reject)
{
    return rf_reject_set(reject, RF_REJECT_RECORD_TOO_LONG, -1,
                         "the record is longer than %lld bytes (ingest.max_record)",
                         (long long)decoder->max_record);
}

/* The text of a message, without what it is wrapped in: no JSON begins with a byte 0, unless its characters
 * are longer, and one line end may follow CSV. */
static rf_status unwrap(rf_decoder *decoder, rf_span value, rf_err *err)
{
    rf_status st = RF_OK;
    bool csv = decoder->format == RF_FORMAT_CSV;
    bool wide = decoder->encoding != NULL && rf_encoding_unit(decoder->encoding) > 1;
    if (!csv && !wide && rf_framing_is_registry(value)) {
        value.ptr += RF_FRAMING_PREFIX;
        value.len -= RF_FRAMING_PREFIX;
    }
    if (decoder->encoding != NULL)
        RF_TRY(rf_encoding_text(&value, decoder->encoding, value, err));
    bool ends = csv && value.len > 0 && value.ptr[value.len - 1] == '\n';
    value.len -= ends;
    value.len -= ends && value.len > 0 && value.ptr[value.len - 1] == '\r';
    decoder->text = value;
done:
    return st;
}

/* A message that is no JSON may well be none for a reason that its first bytes tell. */
static rf_status hint_at_framing(rf_status st, rf_span value, rf_reject *reject)
{
    bool unreadable =
        st == RF_SKIPPED && (reject->code == RF_REJECT_BAD_JSON || reject->code == RF_REJECT_BAD_UTF8);
    return unreadable && rf_framing_hint(value, reject) ? RF_SKIPPED : st;
}

/* An event of the future is one of a wrong clock. The clock is read again when one seems to be. */
static rf_status check_clock(rf_decoder *decoder, const rf_event *event, rf_reject *reject)
{
    char time[RF_TIME_TEXT], tolerance[RF_TIME_TEXT];
    int64_t clock_us = rf_clock_us(), said_us = rf_time_now_us(); /* SOURCE_DATE_EPOCH may lie ahead */
    decoder->latest_us = (clock_us > said_us ? clock_us : said_us) + decoder->future_us;
    if (event->time_us <= decoder->latest_us)
        return RF_OK;
    return rf_reject_set(reject, RF_REJECT_TIME_IN_FUTURE, -1,
                         "time: %s lies more than %s (ingest.future_tolerance) after the moment of reading",
                         rf_time_format(time, event->time_us),
                         rf_duration_format(tolerance, decoder->future_us));
}

static void warn_of_choice(rf_decoder *decoder, bool at_end)
{
    const rf_derived *idle;
    while ((idle = rf_field_plan_idle_choice(decoder->plan, at_end)) != NULL)
        rf_log(
            RF_LOG_WARN,
            "the first of the fields \"%s\" has a value in each of %lld records, so the others never count; "
            "{join: [...]} in place of the list makes one id of them all",
            decoder->plan->names[idle->name], (long long)idle->records);
}

static rf_status derive(rf_decoder *decoder, rf_err *err)
{
    rf_status st = rf_field_plan_derive(decoder->raws, decoder->plan, err);
    warn_of_choice(decoder, false);
    return st;
}

void rf_decoder_warn(rf_decoder *decoder)
{
    warn_of_choice(decoder, true);
    if (decoder->told_lost)
        return;
    decoder->told_lost = true;
    rf_event_ids_warn(decoder->ids);
    rf_places_warn(decoder->plan->places, decoder->plan->attrs, decoder->plan->n_attrs, decoder->hides);
}

/* ---- the values of a record ---- */

static rf_status filtered(rf_reject *reject, const char *why)
{
    return rf_reject_set(reject, RF_REJECT_FILTERED, -1, "%s", why);
}

/* A message that its headers, key or lack of a value show to be not wanted is not looked into. */
static bool message_is_wanted(rf_decoder *decoder, rf_reject *reject)
{
    rf_status st =
        rf_field_plan_message(decoder->raws, decoder->plan, decoder->message, decoder->timestamp, reject);
    return st != RF_OK || rf_field_plan_wants(decoder->plan, decoder->raws, true);
}

/* A message without value: every field of the value is missing. */
static rf_status no_value(rf_decoder *decoder, rf_reject *reject)
{
    for (int i = 0; i < decoder->plan->n_names; i++) {
        if (decoder->plan->origins[i] == RF_FIELD_BODY)
            decoder->raws[i].kind = RF_RAW_ABSENT;
    }
    if (decoder->plan->n_where > 0 && !rf_field_plan_wants(decoder->plan, decoder->raws, false))
        return filtered(reject, "the message has no value");
    return rf_reject_set(reject, RF_REJECT_NO_VALUE, -1,
                         "the message has no value (source.where: $value exists passes over such messages)");
}

/* The next element of the array that the record is, or has become: what is left of it, *part for now. */
static rf_status next_element(rf_decoder *decoder, rf_reject *reject)
{
    rf_json_scan s = rf_json_scan_of(decoder->array);
    s.not_finite = true;
    rf_json_pass_space(&s);
    const char *from = s.at;
    bool fine = rf_json_pass_value(&s);
    decoder->part = (rf_span){from, (size_t)(s.at - from)};
    rf_json_pass_space(&s);
    bool comma = fine && rf_json_next_is(&s, ',');
    if (fine && (comma || rf_json_next_is(&s, ']'))) {
        rf_json_pass_space(&s);
        bool ends = s.at == s.end;
        decoder->array = ends && !comma ? (rf_span){0} : (rf_span){s.at, (size_t)(s.end - s.at)};
        return RF_OK;
    }
    decoder->part = (rf_span){from, (size_t)(s.end - from)};
    decoder->array = (rf_span){0};
    return rf_reject_set(reject, RF_REJECT_BAD_JSON, s.at - from, "byte %td: %s", s.at - from,
                         fine ? "',' or ']' is due after an element of the array" : s.why);
}

static rf_status read_json(rf_decoder *decoder, rf_span value, rf_reject *reject, rf_err *err)
{
    rf_status st = rf_json_decode(decoder->raws, decoder->json, value, reject, err);
    if (st != RF_OK || !rf_json_had_list(decoder->json))
        return st;
    if (!rf_json_has_item(decoder->json))
        return filtered(reject, "its list has no item");
    return rf_json_item(decoder->raws, decoder->json, reject, err);
}

static rf_status begin_json(rf_decoder *decoder, rf_span value, rf_reject *reject, rf_err *err)
{
    rf_json_scan s = rf_json_scan_of(value);
    rf_json_pass_space(&s);
    if (!rf_json_next_is(&s, '['))
        return read_json(decoder, value, reject, err);
    rf_json_pass_space(&s);
    rf_span left = {s.at, (size_t)(s.end - s.at)};
    if (rf_json_next_is(&s, ']'))
        return filtered(reject, "its array has no element");
    decoder->array = left;
    decoder->element = 0;
    rf_status st = next_element(decoder, reject);
    return st == RF_OK ? read_json(decoder, decoder->part, reject, err) : st;
}

static rf_status begin(rf_decoder *decoder, rf_span value, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source_format format = decoder->format;
    decoder->array = decoder->part = (rf_span){0};
    decoder->text = value;
    decoder->element = -1;
    decoder->avro.plan = NULL;
    if (decoder->plan->where_of_message && !message_is_wanted(decoder, reject))
        return filtered(reject, "the message is not wanted");
    if (value.len > (size_t)decoder->max_record && !decoder->avro.open)
        return rf_decoder_too_long(decoder, reject);
    if (value.ptr == NULL)
        return no_value(decoder, reject);
    assert(format != RF_FORMAT_PROTOBUF || decoder->protobuf != NULL); /* what was configured */
    if (format == RF_FORMAT_AVRO)
        return rf_avro_records_read(decoder->raws, &decoder->avro, value, decoder->message, reject, err);
    if (format == RF_FORMAT_PROTOBUF)
        return rf_protobuf_decode(decoder->raws, decoder->protobuf, value, reject);
    if (decoder->message != NULL)
        RF_TRY(unwrap(decoder, value, err));
    if (format == RF_FORMAT_CSV)
        return rf_csv_decode(decoder->raws, decoder->csv, decoder->text, reject, err);
    st = begin_json(decoder, decoder->text, reject, err);
    return decoder->message == NULL || decoder->encoding != NULL ? st : hint_at_framing(st, value, reject);
done:
    return st;
}

static bool has_more(const rf_decoder *decoder)
{
    if (decoder->format == RF_FORMAT_AVRO)
        return rf_avro_records_more(&decoder->avro);
    return decoder->format == RF_FORMAT_JSONL &&
           (decoder->array.ptr != NULL || rf_json_has_item(decoder->json));
}

/* ---- from values to an event ---- */

/* The first of the ids and the time that a record lacks, where it is one field; NULL: it lacks another.
 * *kind: that of the entity that it is, else 0. */
static const char *lacking(int *kind, const rf_decoder *decoder)
{
    const rf_field_plan *plan = decoder->plan;
    int names[3 + RF_KINDS_MOST] = {plan->user}, n = 1;
    for (int k = 0; k < plan->n_kinds; k++)
        names[n++] = plan->entity_required[k] ? plan->entity[k] : -1;
    names[n++] = plan->event_id;
    names[n++] = plan->time;
    for (int i = 0; i < n; i++) {
        *kind = i > 1 && i <= plan->n_kinds ? i - 1 : 0;
        const rf_raw *raw = names[i] >= 0 ? &decoder->raws[names[i]] : NULL;
        bool empty = raw != NULL && raw->kind == RF_RAW_TEXT && raw->text.len == 0;
        if (raw != NULL && (raw->kind == RF_RAW_ABSENT || empty))
            return plan->origins[names[i]] == RF_FIELD_DERIVED ? NULL : plan->names[names[i]];
    }
    return NULL;
}

/* Where something is lacking: a path that ends at a list on its way finds nothing, and records of another
 * kind can be passed over. */
static void hint_at_lack(const rf_decoder *decoder, rf_reject *reject)
{
    char shown[RF_SHOWN_BYTES];
    rf_span list = decoder->format == RF_FORMAT_JSONL ? rf_json_met_list(decoder->json) : (rf_span){0};
    int kind = 0;
    const char *name = lacking(&kind, decoder);
    size_t len = strlen(reject->text);
    if (list.ptr != NULL)
        snprintf(reject->text + len, sizeof reject->text - len,
                 "; \"%s\" is a list: %s[*] makes an event of each of its items, %s[0] takes the first",
                 rf_shown(shown, list), shown, shown);
    else if (name != NULL && kind > 0)
        snprintf(reject->text + len, sizeof reject->text - len,
                 " (fields.entities.%s.required: false lets it be missing)",
                 rf_kind_name(&decoder->plan->kinds, kind));
    else if (name != NULL)
        snprintf(reject->text + len, sizeof reject->text - len,
                 " (source.where: %s exists passes over such records)",
                 rf_shown(shown, (rf_span){name, strlen(name)}));
}

static rf_status make_event(rf_decoder *decoder, rf_event *event, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    if (decoder->plan->of_message)
        st =
            rf_field_plan_message(decoder->raws, decoder->plan, decoder->message, decoder->timestamp, reject);
    if (st == RF_OK && decoder->plan->n_where > 0 &&
        !rf_field_plan_wants(decoder->plan, decoder->raws, false))
        return filtered(reject, "the record is not wanted");
    if (st == RF_OK && decoder->plan->n_derived > 0)
        st = derive(decoder, err);
    if (st == RF_OK)
        st = rf_field_plan_fill(event, decoder->plan, decoder->raws, reject);
    if (st == RF_SKIPPED && (reject->code == RF_REJECT_MISSING_FIELD || reject->code == RF_REJECT_EMPTY_ID))
        hint_at_lack(decoder, reject);
    if (st == RF_OK)
        st = rf_event_ids_spell(decoder->ids, event, reject, err);
    if (st == RF_OK && event->time_us > decoder->latest_us)
        st = check_clock(decoder, event, reject);
    return st;
}

static rf_status look_at_first(rf_decoder *decoder, const rf_event *event, const rf_reject *reject,
                               rf_span value, rf_err *err)
{
    bool json = decoder->format == RF_FORMAT_JSONL && value.ptr != NULL;
    if (event == NULL && (reject->code == RF_REJECT_FILTERED || reject->code == RF_REJECT_RECORD_TOO_LONG ||
                          reject->code == RF_REJECT_NO_VALUE)) /* nothing of it was read */
        return RF_OK;
    rf_status st = rf_first_look_at(decoder->look, decoder->raws, event, reject, json ? decoder->json : NULL,
                                    decoder->part.ptr == NULL ? value : decoder->part, &decoder->looks, err);
    if (st == RF_OK && !decoder->looks)
        st = rf_avro_records_judge(&decoder->avro, false, err);
    return st;
}

static void warn_of_label(rf_decoder *decoder, const rf_reject *reject)
{
    decoder->told_label = true;
    rf_log(RF_LOG_WARN, "%s; it counts as unknown, and so do others like it",
           !decoder->hides ? reject->text : "a label is none of the words for true and false");
}

/* What became of one event's values, and whether others follow. */
static rf_status settle(rf_decoder *decoder, rf_event *event, rf_status st, rf_span value, rf_reject *reject,
                        rf_err *err)
{
    if (st == RF_OK)
        st = make_event(decoder, event, reject, err);
    if (decoder->looks && st >= 0) {
        rf_status fine = look_at_first(decoder, st == RF_OK ? event : NULL, reject, value, err);
        st = fine < 0 ? fine : st;
    }
    decoder->more = st >= 0 && has_more(decoder);
    if (decoder->more && decoder->element < 0)
        decoder->element = 0;
    event->element = reject->element = decoder->element;
    event->more = decoder->more;
    reject->part = decoder->encoding == NULL ? decoder->part : (rf_span){0}; /* the buffer does not last */
    reject->schema = decoder->avro.plan == NULL ? NULL : decoder->avro.plan->schema;
    reject->before = decoder->avro.before;
    if (decoder->looks_for_spaces && st == RF_OK)
        decoder->looks_for_spaces =
            rf_event_ids_look_for_spaces(decoder->ids, event, decoder->format == RF_FORMAT_CSV);
    if (st == RF_OK && event->odd_label && !decoder->told_label)
        warn_of_label(decoder, reject);
    if (st == RF_OK && decoder->pseudonyms)
        return rf_event_ids_hide(decoder->ids, event, err);
    if (st == RF_SKIPPED && decoder->hides) /* its words quote the record */
        return rf_reject_set(reject, reject->code, reject->byte, "not shown, because ids are pseudonymised");
    return st;
}

rf_status rf_decoder_decode(rf_decoder *decoder, rf_event *event, rf_source_format format, rf_span value,
                            const rf_message *message, rf_reject *reject, rf_err *err)
{
    decoder->format = format;
    decoder->message = NULL;
    if (message != NULL) {
        decoder->of_message = *message;
        decoder->of_message.has_value = value.ptr != NULL;
        decoder->message = &decoder->of_message;
    }
    rf_status st = begin(decoder, value, reject, err);
    return settle(decoder, event, st, decoder->text, reject, err);
}

rf_status rf_decoder_decode_open(rf_decoder *decoder, rf_event *event, rf_span value, rf_reject *reject,
                                 rf_err *err)
{
    decoder->avro.open = true;
    decoder->avro.used = 0;
    rf_status st = rf_decoder_decode(decoder, event, RF_FORMAT_AVRO, value, NULL, reject, err);
    decoder->avro.open = false;
    return st;
}

size_t rf_decoder_used(const rf_decoder *decoder)
{
    return decoder->avro.used;
}

bool rf_decoder_has_more(const rf_decoder *decoder)
{
    return decoder->more;
}

rf_status rf_decoder_next(rf_decoder *decoder, rf_event *event, rf_reject *reject, rf_err *err)
{
    rf_status st;
    decoder->element++;
    if (decoder->format == RF_FORMAT_AVRO) {
        st = rf_avro_item(decoder->raws, decoder->avro.decoder, reject, err);
    } else if (rf_json_has_item(decoder->json)) {
        st = rf_json_item(decoder->raws, decoder->json, reject, err);
    } else {
        st = next_element(decoder, reject);
        if (st == RF_OK)
            st = read_json(decoder, decoder->part, reject, err);
    }
    return settle(decoder, event, st, decoder->part, reject, err);
}

rf_status rf_decoder_end(rf_decoder *decoder, rf_err *err)
{
    rf_status st = rf_first_look_end(decoder->look, decoder->json, err);
    if (st == RF_OK)
        st = rf_avro_records_judge(&decoder->avro, true, err);
    return st;
}

/* ---- events that outlive their record ---- */

size_t rf_decoder_event_bytes(const rf_decoder *decoder)
{
    return offsetof(rf_event, values) + (size_t)decoder->plan->n_attrs * sizeof(rf_value);
}

size_t rf_decoder_most_text(const rf_decoder *decoder)
{
    return decoder->most_text;
}

static bool lies_in(rf_span text, rf_span whole)
{
    return (uintptr_t)text.ptr - (uintptr_t)whole.ptr < whole.len;
}

static char *keep(rf_span *text, rf_span stays, char *at)
{
    if (text->ptr == NULL || lies_in(*text, stays))
        return at;
    memcpy(at, text->ptr, text->len);
    text->ptr = at;
    return at + text->len;
}

size_t rf_decoder_keep_texts(const rf_decoder *decoder, rf_event *event, rf_span stays, char *into)
{
    char *at = keep(&event->user, stays, into);
    at = keep(&event->entity, stays, at);
    for (int k = 1; k < decoder->plan->n_kinds; k++)
        at = keep(&event->others[k - 1], stays, at);
    at = keep(&event->event_id, stays, at);
    at = keep(&event->fraud_type, stays, at);
    for (int i = 0; i < decoder->plan->n_attrs; i++) {
        if (decoder->plan->attrs[i].type == RF_ATTR_CATEGORY)
            at = keep(&event->values[i].text, stays, at);
    }
    return (size_t)(at - into);
}
