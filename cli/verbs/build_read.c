/* build_read.c - the loop of every build: it polls, passes events on, and between events checks the clock,
 * the signals and the line on the terminal. The callers decide what is read and kept.
 */
#include "build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_log.h"
#include "rf_progress.h"
#include "rf_signal.h"
#include "rf_stop.h"
#include "rf_table.h"
#include "rf_time.h"

#define CLOCK_EVERY 16 /* events between looks at the clock: a slow topic must not hold up a save */
#define LOOK_S 0.1     /* between looks at everything else */
#define MOST_EXPECTED 1e15
#define OWN_DONE_SAVE_S 1.0 /* between saves while others read on */

typedef struct reading {
    rf_source *source;
    const rf_build_work *work;
    const rf_settings *settings;
    bool kafka;
    int64_t polled, saved_at;
    double saved_s;
} reading;

static bool due(const reading *r, double now)
{
    if (r->polled - r->saved_at >= r->settings->checkpoint_events) /* behind the end all is saved anyway */
        return r->work->shared || !rf_source_own_done(r->source);
    if (!r->kafka)
        return false;
    double since = now - r->saved_s;
    return since * 1e6 >= (double)r->settings->checkpoint_interval_us ||
           (r->work->shared && since >= OWN_DONE_SAVE_S && rf_source_own_done(r->source));
}

/* How many events are still to come, at the pace of those that were polled; 0: nobody knows. */
static int64_t expected(int64_t polled, int64_t done, int64_t total)
{
    if (done <= 0 || total <= done)
        return 0;
    return (int64_t)fmin((double)polled * ((double)(total - done) / (double)done), MOST_EXPECTED);
}

static void show(const reading *r)
{
    int64_t done, total;
    rf_source_progress(r->source, &done, &total);
    if (r->work->expect != NULL)
        r->work->expect(r->work->context, expected(r->polled, done, total));
    if (r->kafka) {
        rf_source_metrics metrics;
        char note[48] = "", lag[32];
        rf_source_metrics_get(r->source, &metrics);
        if (metrics.lag >= 0)
            snprintf(note, sizeof note, "lag %s", rf_count_format(lag, metrics.lag));
        rf_progress_note(note);
    }
    rf_progress_update(done, total, rf_source_read(r->source));
}

rf_status rf_build_read(rf_job *job, rf_source *source, const rf_build_work *work, bool *stopped, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_event *const *events = NULL;
    size_t n = 0;
    int64_t looked_at = 0;
    double looked_s = 0;
    reading r = {.source = source,
                 .work = work,
                 .settings = job->settings,
                 .kafka = job->settings->source.type == RF_SOURCE_KAFKA,
                 .saved_s = rf_monotonic_s()};
    *stopped = false;
    rf_signal_hold(true);
    rf_progress_begin("build", r.kafka ? "messages" : "events");
    while (!rf_stop_asked() || rf_source_mid_record(source)) {
        rf_status got = rf_source_poll_many(source, &events, &n, err);
        if (got == RF_EOF)
            break;
        RF_TRY(got);
        if (got == RF_OK)
            RF_TRY(work->add(work->context, events, n, err));
        r.polled += got == RF_OK ? (int64_t)n : got != RF_TIMEOUT;
        if (got != RF_TIMEOUT && r.polled - looked_at < CLOCK_EVERY)
            continue;
        looked_at = r.polled;
        double now = rf_monotonic_s();
        if (due(&r, now) && !rf_source_mid_record(source)) {
            RF_TRY(work->save(work->context, err));
            r.saved_at = r.polled;
            r.saved_s = looked_s = rf_monotonic_s(); /* saving took time, too */
        } else if (now - looked_s >= LOOK_S) {
            looked_s = now;
            show(&r);
        }
    }
    *stopped = rf_stop_asked();
done:
    rf_progress_end();
    job->summary.kafka.reading_s = rf_monotonic_s() - job->summary.step_began_s;
    return st < 0 ? st : RF_OK;
}

rf_status rf_build_open(rf_source **out, const rf_source_options *options, rf_err *err)
{
    const rf_kafka_source_options *kafka = &options->kafka;
    if (options->type != RF_SOURCE_KAFKA)
        return rf_source_open(out, options, err);
    const char *group = rf_kafka_setting(kafka->settings, kafka->n_settings, "group.id");
    char until[RF_TIME_TEXT + 8] = "to its present end", time[RF_TIME_TEXT];
    if (kafka->until_us == RF_UNTIL_NEVER)
        snprintf(until, sizeof until, "without end");
    else if (kafka->until_us != RF_UNTIL_NOW)
        snprintf(until, sizeof until, "up to %s", rf_time_format(time, kafka->until_us));
    rf_log(RF_LOG_INFO, "reading topic %s%s as group %s, %s", kafka->topics[0],
           kafka->n_topics > 1 ? " and others" : "", group == NULL ? "" : group, until);
    return rf_source_open(out, options, err);
}

void rf_build_summarise(rf_job *job, rf_source *source)
{
    rf_source_metrics metrics = {0};
    int64_t odd = rf_source_odd_labels(source);
    if (odd > 0)
        rf_log(RF_LOG_WARN, "%s %s as unlabelled", RF_THINGS(odd, "event"),
               odd == 1 ? "has a label that nobody can read; it counts"
                        : "have a label that nobody can read; they count");
    rf_source_metrics_get(source, &metrics);
    if (!metrics.kafka)
        return;
    job->summary.kafka.in = true;
    job->summary.kafka.consumed = metrics.consumed;
    job->summary.kafka.rejected = metrics.rejected;
    job->summary.kafka.dead_letters = metrics.produced;
    job->summary.kafka.rebalances = metrics.rebalances;
    job->summary.kafka.queue_peak = metrics.queue_peak;
    job->summary.kafka.pauses = metrics.pauses;
    job->summary.kafka.lag = metrics.lag;
    job->summary.kafka.retried += metrics.retried;
}
