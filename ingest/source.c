/* source.c - rf_source: one set of calls before every kind of source.
 *
 * Opens the source that the options name, passes each call on, and remembers a failure, so that nothing is
 * read after it. Each kind decodes its records (decoder.c) and counts them (intake.c).
 */
#include "rf_source.h"

#include "intake_int.h"
#include "rf_mem.h"
#include "rf_time.h"
#include "source_kind_int.h"

struct rf_source {
    const rf_source_kind *kind;
    void *self; /* the kind's own */
    rf_intake intake;
    rf_status failed; /* a failure stays */
};

void rf_source_options_default(rf_source_options *options)
{
    *options = (rf_source_options){.type = RF_SOURCE_FILES,
                                   .format = RF_FORMAT_AUTO,
                                   .fields = {.time_format = RF_TIME_ISO8601,
                                              .zone = "UTC",
                                              .null_values = rf_usual_null_values,
                                              .n_null_values = rf_n_usual_null_values},
                                   .max_rejects = 0.01,
                                   .future_tolerance_us = RF_DAY_US,
                                   .max_record = RF_MAX_RECORD,
                                   .kafka = {.from_us = RF_FROM_EARLIEST,
                                             .until_us = RF_UNTIL_NOW,
                                             .broker_timeout_us = 2 * RF_MINUTE_US,
                                             .queue_messages = 50000,
                                             .avro = {.timeout_us = 10 * RF_SECOND_US}}};
}

rf_status rf_source_open(rf_source **out, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source *source = NULL;
    RF_ZERO(source, 1, err);
    source->kind = options->type == RF_SOURCE_KAFKA ? &rf_kafka_kind : &rf_files_kind;
    rf_intake_init(&source->intake, options);
    RF_TRY(source->kind->open(&source->self, &source->intake, options, err));
    *out = source;
    source = NULL;
done:
    rf_source_close(&source);
    return st;
}

void rf_source_close(rf_source **source_at)
{
    if (source_at == NULL)
        return;
    rf_source *source = *source_at;
    *source_at = NULL;
    if (source == NULL)
        return;
    if (source->self != NULL)
        source->kind->close(source->self, source->failed < 0);
    rf_mem_free(source);
}

static rf_status poll_up_to(rf_source *source, size_t max, const rf_event *const **events, size_t *n,
                            rf_err *err)
{
    if (source->failed < 0)
        return rf_err_set(err, source->failed, __FILE__, __LINE__, "the source has failed before: %s",
                          rf_status_name(source->failed));
    rf_status st = source->kind->poll(source->self, events, max, n, err);
    if (st < 0)
        source->failed = st;
    for (size_t i = 0; st == RF_OK && i < *n; i++)
        source->intake.n_odd_labels += (*events)[i]->odd_label;
    return st;
}

rf_status rf_source_poll_many(rf_source *source, const rf_event *const **events, size_t *n, rf_err *err)
{
    return poll_up_to(source, RF_SOURCE_MANY, events, n, err);
}

rf_status rf_source_poll(rf_source *source, const rf_event **event, rf_err *err)
{
    const rf_event *const *events = NULL;
    size_t n = 0;
    rf_status st = poll_up_to(source, 1, &events, &n, err);
    if (st == RF_OK)
        *event = events[0];
    return st;
}

int64_t rf_source_rejected(const rf_source *source)
{
    return source->intake.n_rejected;
}

int64_t rf_source_bad(const rf_source *source)
{
    return rf_intake_bad(&source->intake);
}

int64_t rf_source_read(const rf_source *source)
{
    return source->intake.n_read;
}

int rf_source_tally(const rf_source *source, rf_reject_tally out[RF_MOST_TALLIES])
{
    return rf_intake_tally(&source->intake, out);
}

int64_t rf_source_filtered(const rf_source *source)
{
    return source->intake.n_filtered;
}

bool rf_source_mid_record(const rf_source *source)
{
    return source->intake.mid_record;
}

int64_t rf_source_odd_labels(const rf_source *source)
{
    return source->intake.n_odd_labels;
}

void rf_source_progress(const rf_source *source, int64_t *done, int64_t *total)
{
    source->kind->progress(source->self, done, total);
}

bool rf_source_own_done(const rf_source *source)
{
    return source->kind->own_done != NULL && source->kind->own_done(source->self);
}

rf_status rf_source_positions(rf_source *source, rf_positions *out, rf_err *err)
{
    return source->kind->positions(source->self, out, err);
}

void rf_source_saved(rf_source *source, const rf_positions *saved)
{
    if (source->kind->saved != NULL)
        source->kind->saved(source->self, saved);
}

void rf_source_metrics_get(rf_source *source, rf_source_metrics *out)
{
    *out = (rf_source_metrics){0};
    if (source->kind->metrics != NULL)
        source->kind->metrics(source->self, out);
}
