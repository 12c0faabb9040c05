/* sample_try.c - records read by a configuration, as a build would read them: the same reader, header,
 * decoder. Of a sample, or of the inputs themselves; nothing is kept of either.
 */
#include "sample_int.h"

#include <stdio.h>
#include <string.h>

#include "csv_start_int.h"
#include "decoder_int.h"
#include "intake_int.h"
#include "rf_kafka_sample.h"
#include "rf_mem.h"
#include "rf_stop.h"
#include "value_mask_int.h"

#define NO_LIMIT 1e15 /* rejects are counted, not judged */

typedef struct trial {
    rf_trial *out;
    rf_decoder *decoder;
    rf_intake intake;
    const rf_schema *schema;
    rf_event event;
    rf_status (*each)(void *context, const rf_event *event, rf_err *err);
    void *context;
    rf_source_format format;     /* of messages */
    int64_t most, messages, all; /* messages: to be read, read, in the topics */
} trial;

static void count_attr(rf_attr_rejects *attr, const rf_reject *reject)
{
    attr->records++;
    attr->lack += reject->about.lacks;
    attr->too_long += reject->code == RF_REJECT_TEXT_TOO_LONG;
}

static rf_status count_event(trial *t, rf_status outcome, const rf_reject *reject, const rf_place *place,
                             rf_err *err)
{
    rf_status st = RF_OK;
    t->out->read++;
    if (outcome == RF_OK) {
        t->event.place = *place;
        t->out->accepted++;
        t->out->odd_labels += t->event.odd_label;
        if (t->each != NULL)
            RF_TRY(t->each(t->context, &t->event, err));
    } else if (reject->code == RF_REJECT_FILTERED) {
        t->out->filtered++;
    } else {
        t->out->rejected++;
        if (reject->about.attr >= 0)
            count_attr(&t->out->attrs[reject->about.attr], reject);
        RF_TRY(rf_intake_rejected(&t->intake, reject, place, NULL, err));
    }
done:
    return st;
}

static rf_status try_record(trial *t, rf_source_format format, rf_span value, const rf_message *message,
                            const rf_place *place, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_decoder_decode(t->decoder, &t->event, format, value, message, reject, err));
    RF_TRY(count_event(t, st, reject, place, err));
    while (rf_decoder_has_more(t->decoder)) {
        rf_reject next;
        RF_TRY(rf_decoder_next(t->decoder, &t->event, &next, err));
        RF_TRY(count_event(t, st, &next, place, err));
    }
done:
    return st;
}

static rf_status try_messages(trial *t, const rf_sample *sample, const rf_sample_input *input, rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t i = 0; i < input->n_messages; i++) {
        const rf_sample_message *at = &input->messages[i];
        rf_reject reject;
        const rf_place place = {input->name, at->partition, at->offset, 0};
        rf_sample_headers headers;
        const rf_message message = rf_sample_beside(&headers, input, at);
        rf_span value = {at->has_value ? input->content.ptr + at->value : NULL, at->value_len};
        RF_TRY(try_record(t, sample->format, value, &message, &place, &reject, err));
    }
done:
    return st;
}

static rf_status try_input(trial *t, const rf_sample *sample, const rf_sample_input *input,
                           const rf_source_options *options, rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    const struct rf_avro_schema *schema = NULL;
    rf_record record;
    RF_TRY(
        rf_records_open_text(records, input->name, (rf_span){input->content.ptr, input->content.len}, err));
    rf_records_set_format(records, sample->format);
    if (sample->format == RF_FORMAT_JSONL)
        RF_TRY(rf_records_look_at_json(records, err));
    if (sample->format == RF_FORMAT_CSV)
        RF_TRY(rf_csv_start(records, rf_decoder_csv(t->decoder), &options->csv, input->name, err));
    if (sample->format == RF_FORMAT_AVRO) {
        RF_TRY(rf_records_look_at_avro(records, &schema, err));
        RF_TRY(rf_decoder_use_schema(t->decoder, schema, input->name, err));
    }
    for (int64_t i = 0; st != RF_EOF && i < input->part_records; i++) {
        rf_reject reject = {.code = RF_REJECT_NONE, .element = -1};
        RF_TRY(rf_sample_next(records, &record, input, err));
        if (st == RF_EOF)
            break;
        const rf_place place = {input->name, -1, record.line, record.block};
        if (record.too_long) {
            RF_TRY(count_event(t, rf_decoder_too_long(t->decoder, &reject), &reject, &place, err));
            continue;
        }
        RF_TRY(try_record(t, sample->format, record.text, NULL, &place, &reject, err));
        if (reject.code == RF_REJECT_BAD_CSV)
            rf_records_keep_first_line(records, &record);
    }
done:
    return st < 0 ? st : RF_OK;
}

static bool attr_names_somebody(const rf_attr *attr)
{
    double words[RF_WORD_ROLES];
    const char *field = attr->field == NULL ? "" : attr->field;
    rf_words_all(words, field);
    return rf_names_somebody(field, words);
}

/* The words of a tally belong to what it was asked of, which goes. */
static void keep_samples(rf_trial *out, const rf_schema *schema)
{
    for (int i = 0; i < out->n_tally; i++) {
        rf_reject_tally *tally = &out->tally[i];
        snprintf(out->samples[i], sizeof out->samples[i], "%s", tally->sample);
        tally->sample = out->samples[i];
        if (tally->about.attr >= 0 && attr_names_somebody(&schema->attrs[tally->about.attr]))
            tally->about.names = true;
    }
}

static void tell(trial *t)
{
    t->out->bad = rf_intake_bad(&t->intake);
    t->out->n_tally = rf_intake_tally(&t->intake, t->out->tally);
    keep_samples(t->out, t->schema);
}

/* Refused configurations are no failure of the trial. */
static rf_status settle(rf_trial *out, rf_status st, const rf_err *why, rf_err *err)
{
    if (st >= 0 || st == RF_E_INVALID || st == RF_E_FORMAT) {
        out->stopped = st < 0 ? st : RF_OK;
        snprintf(out->why, sizeof out->why, "%s", st < 0 ? why->msg : "");
        return RF_OK;
    }
    if (err != NULL)
        *err = *why;
    return st;
}

static rf_status new_trial(trial **t, rf_trial *out, const rf_source_options *options,
                           rf_status (*each)(void *context, const rf_event *event, rf_err *err),
                           void *context, rf_err *err)
{
    rf_status st = RF_OK;
    *out = (rf_trial){0};
    RF_ZERO(*t, 1, err);
    (*t)->out = out;
    (*t)->each = each;
    (*t)->context = context;
    (*t)->schema = options->fields.schema;
    rf_intake_init(&(*t)->intake, options);
    (*t)->intake.max_rejects = NO_LIMIT;
done:
    return st;
}

static void free_trial(trial *t)
{
    if (t != NULL)
        rf_decoder_free(t->decoder);
    rf_mem_free(t);
}

rf_status rf_sample_try(rf_trial *out, const rf_sample *sample, const rf_source_options *options,
                        rf_status (*each)(void *context, const rf_event *event, rf_err *err), void *context,
                        rf_err *err)
{
    rf_status st = RF_OK;
    trial *t = NULL;
    rf_records *records = NULL;
    rf_err why = {0};
    RF_TRY(new_trial(&t, out, options, each, context, err));
    RF_TRY(rf_records_new(&records, RF_MAX_RECORD, err));
    st = rf_decoder_new(&t->decoder, options, &why);
    for (size_t i = 0; st >= 0 && i < sample->n_inputs; i++)
        st = sample->of_topic ? try_messages(t, sample, &sample->inputs[i], &why)
                              : try_input(t, sample, &sample->inputs[i], options, records, &why);
    if (st >= 0)
        st = rf_decoder_end(t->decoder, &why);
    st = settle(out, st, &why, err);
    tell(t);
done:
    rf_records_free(records);
    free_trial(t);
    return st;
}

/* ---- the inputs themselves ---- */

static rf_status poll_source(trial *t, rf_source *source, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_event *event;
    while (rf_source_read(source) < most || rf_source_mid_record(source)) {
        RF_TRY(rf_source_poll(source, &event, err));
        if (st == RF_EOF)
            break;
        if (st == RF_TIMEOUT)
            RF_TRY(rf_stop_check(err));
        t->out->accepted += st == RF_OK;
        if (st == RF_OK && t->each != NULL)
            RF_TRY(t->each(t->context, event, err));
    }
done:
    return st;
}

static rf_status try_files(trial *t, double *all, const rf_source_options *options, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source *source = NULL;
    rf_source_options mine = *options;
    rf_trial *out = t->out;
    int64_t done, total;
    mine.max_rejects = NO_LIMIT;
    mine.dead_letters = NULL;
    mine.resume = NULL;
    RF_TRY(rf_source_open(&source, &mine, err));
    st = poll_source(t, source, most, err);
    out->read = rf_source_read(source);
    out->rejected = rf_source_rejected(source);
    out->bad = rf_source_bad(source);
    out->filtered = rf_source_filtered(source);
    out->odd_labels = rf_source_odd_labels(source);
    rf_source_progress(source, &done, &total);
    *all = st == RF_EOF                ? (double)out->read
           : done > 0 && total >= done ? (double)out->read * (double)total / (double)done
                                       : -1;
    out->n_tally = rf_source_tally(source, out->tally);
    keep_samples(out, t->schema);
done:
    rf_source_close(&source);
    return st;
}

static rf_status try_message(void *context, const rf_sampled_message *message, rf_err *err)
{
    rf_status st = RF_OK;
    trial *t = context;
    rf_reject reject;
    const rf_place place = {message->topic, message->partition, message->offset, 0};
    const rf_message beside = {.key = message->key,
                               .timestamp_ms = message->timestamp_ms,
                               .has_value = message->value.ptr != NULL,
                               .headers = message->headers,
                               .header = message->header};
    RF_TRY(try_record(t, t->format, message->value, &beside, &place, &reject, err));
    t->all = message->all;
    st = ++t->messages < t->most ? RF_OK : RF_EOF;
done:
    return st;
}

static rf_status try_topics(trial *t, double *all, const rf_source_options *options, int64_t most,
                            rf_err *err)
{
    rf_status st = RF_OK;
    t->most = most;
    t->format = rf_decoder_message_format(options);
    RF_TRY(rf_decoder_new(&t->decoder, options, err));
    RF_TRY(rf_kafka_sample(&options->kafka, most, try_message, t, err));
    RF_TRY(rf_decoder_end(t->decoder, err));
    *all = t->messages == 0 ? 0 : (double)t->out->read * (double)t->all / (double)t->messages;
done:
    tell(t);
    return st;
}

rf_status rf_source_try(rf_trial *out, double *all, const rf_source_options *options, int64_t most,
                        rf_status (*each)(void *context, const rf_event *event, rf_err *err), void *context,
                        rf_err *err)
{
    rf_status st = RF_OK;
    trial *t = NULL;
    rf_err why = {0};
    *all = -1;
    RF_TRY(new_trial(&t, out, options, each, context, err));
    st = options->type == RF_SOURCE_KAFKA ? try_topics(t, all, options, most, &why)
                                          : try_files(t, all, options, most, &why);
    st = settle(out, st, &why, err);
done:
    free_trial(t);
    return st < 0 ? st : RF_OK;
}

/* ---- what it says ---- */

bool rf_trial_is_beyond(const rf_trial *seen, double max_rejects)
{
    return rf_intake_is_beyond(seen->read, seen->bad, max_rejects);
}

const char *rf_reason_masked(char out[RF_REASON_BYTES], const rf_reject_tally *tally)
{
    char masked[RF_MASKED];
    const rf_reject_about *about = &tally->about;
    const char *value = tally->sample + about->at;
    if (!about->names || about->len == 0)
        snprintf(out, RF_REASON_BYTES, "%s", tally->sample);
    else
        snprintf(out, RF_REASON_BYTES, "%.*s%s%s", about->at, tally->sample,
                 rf_masked(masked, value, (size_t)about->len), value + about->len);
    return out;
}
