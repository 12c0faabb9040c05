/* build_one.c - events into one state and that into graph.h5: resume, read, save now and then, publish.
 *
 * The state and the positions of the inputs are always saved together (rf_bigraph_checkpoint), so a killed
 * build reads again exactly what its state has not seen. With Kafka the positions are offsets, and the broker
 * is told of them afterwards.
 */
#include <unistd.h>

#include "build.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_progress.h"
#include "rf_signal.h"
#include "rf_table.h"
#include "rf_time.h"

typedef struct build {
    rf_job *job;
    const char *path;
    rf_source_options source_options;
    rf_bigraph *graph;
    rf_source *source;
    rf_positions resumed_at;
    int resumed;        /* 0 nothing, 1 a completed build, 2 an interrupted one */
    bool published;     /* the graph was used up for that */
    int64_t saved_read; /* records read when last saved, -1: never */
} build;

static bool reads_kafka(const build *work)
{
    return work->source_options.type == RF_SOURCE_KAFKA;
}

/* The half-built state beside the graph; gone after this (or never there). */
static rf_status forget_state(const build *work, rf_err *err)
{
    rf_text name = {0};
    rf_status st = rf_text_printf(&name, err, "%s.building", work->path);
    if (st >= 0)
        (void)unlink(name.ptr);
    rf_text_clear(&name);
    return st;
}

static rf_status resume(build *work, rf_err *err)
{
    rf_status st = RF_OK;
    rf_pool *pool = NULL;
    RF_TRY(rf_job_pool(work->job, &pool, err));
    rf_bigraph_use_threads(work->graph, pool);
    if (work->job->rebuild)
        return forget_state(work, err);
    RF_TRY(rf_bigraph_resume(work->graph, work->path, &work->resumed_at, &work->resumed, err));
    if (work->resumed == 0)
        return RF_OK;
    const rf_counts *counts = rf_bigraph_counts(work->graph);
    work->source_options.read_before = counts->read;
    work->source_options.rejected_before = counts->rejected;
    work->source_options.filtered_before = counts->filtered;
    if (work->resumed == 1)
        rf_log(RF_LOG_INFO, "%s: continuing a completed build", work->path);
    else
        rf_log(RF_LOG_INFO, "%s: continuing an interrupted build, %s into it", work->path,
               RF_THINGS(counts->read, "record"));
    work->source_options.resume = &work->resumed_at;
done:
    return st;
}

/* ---- the loop's work ---- */

static rf_status add(void *context, const rf_event *const *events, size_t n, rf_err *err)
{
    return rf_bigraph_add_events(((build *)context)->graph, events, n, err);
}

static void count(const build *work)
{
    rf_counts *counts = rf_bigraph_counts(work->graph);
    counts->read = rf_source_read(work->source);
    counts->rejected = rf_source_rejected(work->source);
    counts->filtered = rf_source_filtered(work->source);
}

static rf_status save(void *context, rf_err *err)
{
    rf_status st = RF_OK;
    build *work = context;
    rf_positions at = {0};
    rf_source_metrics metrics = {.lag = -1};
    char took[32];
    double began = rf_monotonic_s();
    if (work->saved_read == rf_source_read(work->source))
        return RF_OK;
    count(work);
    RF_TRY(rf_source_positions(work->source, &at, err));
    RF_TRY(rf_bigraph_checkpoint(work->graph, work->path, &at, err));
    rf_source_saved(work->source, &at);
    work->saved_read = rf_bigraph_counts(work->graph)->read;
    rf_seconds_format(took, rf_monotonic_s() - began);
    if (!reads_kafka(work)) {
        rf_log(RF_LOG_DEBUG, "state saved after %s, in %s", RF_THINGS(work->saved_read, "record"), took);
        goto done;
    }
    rf_source_metrics_get(work->source, &metrics);
    rf_log(RF_LOG_INFO, "state saved after %s, in %s; %s behind the end",
           RF_THINGS(work->saved_read, "message"), took,
           metrics.lag < 0 ? "unknown how far" : RF_COUNT(metrics.lag));
done:
    rf_positions_clear(&at);
    return st;
}

static void expect(void *context, int64_t more)
{
    build *work = context;
    rf_bigraph_expect(work->graph, more);
}

static rf_status read_events(build *work, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_build_work loop = {.context = work, .add = add, .save = save, .expect = expect};
    const rf_kafka_source_options *kafka = &work->source_options.kafka;
    bool stopped;
    RF_TRY(rf_build_read(work->job, work->source, &loop, &stopped, err));
    /* where reading began must not be lost when no graph can be made of what was there */
    if (stopped || (reads_kafka(work) && work->resumed == 0 && kafka->from_us != RF_FROM_EARLIEST))
        RF_TRY(save(work, err));
    if (!stopped)
        goto done;
    rf_build_summarise(work->job, work->source);
    const int64_t read = rf_bigraph_counts(work->graph)->read;
    if (reads_kafka(work) && kafka->until_us == RF_UNTIL_NEVER)
        RF_FAIL(err, RF_E_INTERRUPTED,
                "interrupted; the state of %s is saved in %s.building; the same command continues, and "
                "with --until now it writes %s",
                RF_THINGS(read, "message"), work->path, work->path);
    RF_FAIL(err, RF_E_INTERRUPTED,
            "interrupted; the state of %s is saved in %s.building; the same command continues",
            RF_THINGS(read, reads_kafka(work) ? "message" : "record"), work->path);
done:
    return st;
}

/* ---- the graph ---- */

static rf_status publish(build *work, rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    rf_positions at = {0};
    rf_pool *pool = NULL;
    count(work);
    RF_TRY(rf_source_positions(work->source, &at, err));
    RF_TRY(rf_job_pool(work->job, &pool, err));
    rf_progress_begin("features", "events");
    rf_progress_update(0, 0, rf_bigraph_counts(work->graph)->accepted);
    rf_job_forget_graph(work->job);
    RF_TRY(rf_bigraph_publish(work->graph, work->path, &at, pool, published, err));
    rf_source_saved(work->source, &at);
done:
    rf_progress_end();
    rf_positions_clear(&at);
    return st;
}

/* Nothing is done to the graph before it is known that one can be made. */
static rf_status make_graph(build *work, rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    rf_outlook outlook;
    rf_err ignored = {0};
    RF_TRY(rf_build_outlook(&outlook, work->job, work->graph, work->path, err));
    if (outlook.kept == 0) {
        work->job->no_events = true;
        RF_TRY(rf_build_without_events(work->job, work->source, err));
        goto done;
    }
    if (outlook.inside == 0 && reads_kafka(work) && save(work, &ignored) < 0) /* publishing uses it up */
        rf_log(RF_LOG_WARN, "the state could not be saved: %s", ignored.msg);
    work->published = true;
    RF_TRY(publish(work, published, err));
done:
    return st;
}

static rf_status report(const build *work, const rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    rf_summary *summary = &work->job->summary;
    const rf_counts *counts = rf_bigraph_counts(work->graph);
    summary->has_events = true;
    summary->events = *counts;
    rf_summary_graph(summary, published);
    rf_build_summarise(work->job, work->source);
    RF_TRY(rf_counts_print(&text, counts, err));
    rf_log(RF_LOG_INFO, "%s read: %s", RF_THINGS(counts->read, "record"), text.ptr);
    rf_build_say_graph(work->path, published);
    if (counts->rejected > 0 && work->source_options.dead_letters != NULL)
        RF_TRY(rf_summary_add_file(summary, work->source_options.dead_letters, err));
    RF_TRY(rf_summary_add_file(summary, work->path, err));
done:
    rf_text_clear(&text);
    return st;
}

rf_status rf_build_one(rf_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    build work = {.job = job, .path = job->settings->files.graph, .saved_read = -1};
    rf_published published = {0};
    rf_err ignored = {0};
    rf_summary_begin(&job->summary);
    RF_TRY(rf_settings_check_source(job->settings, err));
    if (job->settings->graph.timeless)
        rf_log(RF_LOG_INFO, "fields.time.field is not set: all events count as one moment");
    work.source_options = job->settings->source;
    RF_TRY(rf_job_make_output(job, err));
    RF_TRY(rf_job_lock(job, work.path, err));
    RF_TRY(rf_beside_clean(work.path, err));
    RF_TRY(rf_job_age_audit(job, err));
    RF_TRY(rf_bigraph_new(&work.graph, &job->settings->graph, err));
    RF_TRY(resume(&work, err));
    if (rf_bigraph_forgotten(work.graph) > 0)
        rf_log(RF_LOG_INFO, "retention: %s: %s dropped", work.path,
               RF_THINGS(rf_bigraph_forgotten(work.graph), "event"));
    RF_TRY(rf_build_open(&work.source, &work.source_options, err));
    RF_TRY(read_events(&work, err));
    rf_build_say_rejects(work.source);
    rf_signal_hold(reads_kafka(&work)); /* who leaves the group in the middle keeps others waiting */
    st = make_graph(&work, &published, err);
    /* what was read from a topic is kept even if no graph can be made of it yet: where reading began, above
     * all */
    if ((st < 0 || job->no_events) && reads_kafka(&work) && !work.published && save(&work, &ignored) < 0)
        rf_log(RF_LOG_WARN, "the state could not be saved, either: %s", ignored.msg);
    RF_TRY(st);
    if (job->no_events) {
        job->summary.has_events = true;
        job->summary.events = *rf_bigraph_counts(work.graph);
        rf_build_summarise(job, work.source);
        rf_summary_end(&job->summary, "build");
        goto done;
    }
    RF_TRY(report(&work, &published, err));
    rf_summary_end(&job->summary, "build");
done:
    if (st == RF_E_REJECTED && !reads_kafka(&work)) /* a corrected file has to be read from its start */
        (void)forget_state(&work, NULL);
    rf_source_close(&work.source);
    rf_signal_hold(false);
    rf_bigraph_free(work.graph);
    rf_positions_clear(&work.resumed_at);
    return st;
}
