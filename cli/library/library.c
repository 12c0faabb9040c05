/* library.c - jobs, steps, events and growing graphs for an embedding program: ringfence.h over the rooms. */
#include "library_int.h"

#include <math.h>
#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"
#include "rf_job.h"
#include "rf_stop.h"
#include "ringfence.h"

_Static_assert((int)RINGFENCE_NO_MEMORY == RF_E_NOMEM && (int)RINGFENCE_REJECTED == RF_E_REJECTED &&
                   (int)RINGFENCE_SKIPPED == RF_SKIPPED && (int)RINGFENCE_LOG_SILENT == RF_LOG_SILENT,
               "the library's numbers are the rooms'");

struct ringfence_job {
    rf_job job;
    bool finished; /* the settings: nothing can be set any more */
};

/* ---- version and log ---- */

const char *ringfence_version(void)
{
    return RF_VERSION;
}

const char *ringfence_status_name(ringfence_status status)
{
    return rf_status_name((rf_status)status);
}

void ringfence_set_log_level(ringfence_log_level level)
{
    rf_log_setup((rf_log_level)level, RF_LOG_TEXT, "library");
}

void ringfence_interrupt(bool on)
{
    rf_stop_ask(on);
}

/* ---- a job ---- */

ringfence_status ringfence_job_new(ringfence_job **out, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    ringfence_job *job = NULL;
    RF_ZERO(job, 1, err);
    RF_TRY(rf_settings_new(&job->job.settings, err));
    *out = job;
    job = NULL;
done:
    ringfence_job_free(job);
    return rf_library_status(error, st, err);
}

void ringfence_job_free(ringfence_job *job)
{
    if (job == NULL)
        return;
    rf_job_clear(&job->job);
    rf_mem_free(job);
}

/* Settings are open until the first step. */
static rf_status check_open(const ringfence_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    if (job->finished)
        RF_FAIL(err, RF_E_INVALID, "the job has begun: its settings cannot be changed any more");
done:
    return st;
}

ringfence_status ringfence_job_load(ringfence_job *job, const char *path, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    RF_TRY(check_open(job, err));
    RF_TRY(rf_settings_load(job->job.settings, path, err));
done:
    return rf_library_status(error, st, err);
}

ringfence_status ringfence_job_set(ringfence_job *job, const char *key, const char *value,
                                   ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_text assignment = {0};
    RF_TRY(check_open(job, err));
    RF_TRY(rf_text_printf(&assignment, err, "%s=%s", key, value));
    RF_TRY(rf_settings_set(job->job.settings, assignment.ptr, err));
done:
    rf_text_clear(&assignment);
    return rf_library_status(error, st, err);
}

/* The job that steps work on, its settings complete. */
static rf_status begin(rf_job **out, ringfence_job *job, rf_err *err)
{
    rf_status st = RF_OK;
    if (!job->finished)
        RF_TRY(rf_settings_finish(job->job.settings, err));
    job->finished = true;
    rf_job_forget_graph(&job->job); /* each call works on the graph as it is then */
    *out = &job->job;
done:
    return st;
}

/* ---- steps ---- */

ringfence_status ringfence_build(ringfence_job *job, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_job *own;
    RF_TRY(begin(&own, job, err));
    RF_TRY(rf_step_build(own, err));
done:
    return rf_library_status(error, st, err);
}

ringfence_status ringfence_train(ringfence_job *job, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_job *own;
    RF_TRY(begin(&own, job, err));
    RF_TRY(rf_step_train(own, false, err));
done:
    return rf_library_status(error, st, err);
}

ringfence_status ringfence_score(ringfence_job *job, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_job *own;
    RF_TRY(begin(&own, job, err));
    RF_TRY(rf_step_score(own, err));
done:
    return rf_library_status(error, st, err);
}

typedef rf_status (*case_step)(rf_job *job, rf_loaded *scored, rf_err *err);

/* tag and cluster work on the scored graph. */
static ringfence_status find_cases(ringfence_job *job, case_step step, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_loaded loaded = {0};
    rf_job *own;
    RF_TRY(begin(&own, job, err));
    RF_TRY(rf_job_lock(own, own->settings->files.scores, err));
    RF_TRY(rf_load_scored(&loaded, own, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, err));
    RF_TRY(step(own, &loaded, err));
done:
    rf_loaded_clear(&loaded);
    return rf_library_status(error, st, err);
}

ringfence_status ringfence_tag(ringfence_job *job, ringfence_error *error)
{
    return find_cases(job, rf_step_tag, error);
}

ringfence_status ringfence_cluster(ringfence_job *job, ringfence_error *error)
{
    return find_cases(job, rf_step_cluster, error);
}

ringfence_status ringfence_emit(ringfence_job *job, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_loaded loaded = {0};
    rf_job *own;
    RF_TRY(begin(&own, job, err));
    RF_TRY(rf_load_scored(&loaded, own, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, err));
    RF_TRY(rf_load_cases(&loaded, own, err));
    const rf_findings findings = rf_loaded_findings(&loaded);
    RF_TRY(rf_step_emit(own, &findings, own->settings->files.picture, false, err));
done:
    rf_loaded_clear(&loaded);
    return rf_library_status(error, st, err);
}

ringfence_status ringfence_run(ringfence_job *job, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_text report = {0};
    rf_job *own;
    RF_TRY(begin(&own, job, err));
    RF_TRY(rf_step_run(own, &report, err));
done:
    rf_text_clear(&report);
    return rf_library_status(error, st, err);
}

ringfence_figures ringfence_job_figures(const ringfence_job *job)
{
    const rf_summary *did = &job->job.summary;
    ringfence_figures out = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, NAN, -1};
    if (did->has_events) {
        out.events_read = did->events.read;
        out.events_accepted = did->events.accepted;
        out.events_rejected = did->events.rejected;
        out.events_duplicate = did->events.duplicate;
        out.events_late = did->events.late;
        out.events_outside_window = rf_counts_outside(&did->events);
    }
    if (did->has_graph) {
        out.users = did->rows[RF_USER];
        out.entities = did->rows[RF_ENTITY];
        out.edges = did->rows[RF_EDGE];
    }
    if (did->has_training) {
        out.epochs = did->epochs;
        out.loss = did->loss;
    }
    if (did->has_actions)
        out.actions = did->actions;
    return out;
}

ringfence_status ringfence_results_of(ringfence_results **out, ringfence_job *job, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_job *own;
    RF_TRY(begin(&own, job, err));
    return ringfence_results_open(out, own->settings->files.graph, own->settings->files.scores, error);
done:
    return rf_library_status(error, st, err);
}

/* ---- events ---- */

struct ringfence_source {
    rf_source *source;
};

ringfence_status ringfence_source_open(ringfence_source **out, ringfence_job *job, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    ringfence_source *source = NULL;
    rf_job *own;
    RF_TRY(begin(&own, job, err));
    RF_TRY(rf_settings_check_source(own->settings, err));
    RF_TRY(rf_job_make_output(own, err)); /* the dead letters are there */
    RF_ZERO(source, 1, err);
    RF_TRY(rf_source_open(&source->source, &own->settings->source, err));
    *out = source;
    source = NULL;
done:
    ringfence_source_close(source);
    return rf_library_status(error, st, err);
}

ringfence_status ringfence_source_next(const ringfence_event **event, ringfence_source *source,
                                       ringfence_error *error)
{
    rf_err failure = {0};
    const rf_event *next = NULL;
    rf_status st = rf_source_poll(source->source, &next, &failure);
    if (st == RF_OK)
        *event = (const ringfence_event *)next;
    return rf_library_status(error, st, &failure);
}

void ringfence_source_close(ringfence_source *source)
{
    if (source == NULL)
        return;
    rf_source_close(&source->source);
    rf_mem_free(source);
}

const char *ringfence_event_user(const ringfence_event *event, size_t *len)
{
    const rf_event *own = (const rf_event *)event;
    *len = own->user.len;
    return own->user.ptr;
}

const char *ringfence_event_entity(const ringfence_event *event, size_t *len)
{
    const rf_event *own = (const rf_event *)event;
    *len = own->entity.len;
    return own->entity.ptr;
}

int64_t ringfence_event_time(const ringfence_event *event)
{
    return ((const rf_event *)event)->time_us;
}

/* ---- a graph that grows ---- */

struct ringfence_graph {
    rf_job *job;
    rf_bigraph *graph;
};

ringfence_status ringfence_graph_new(ringfence_graph **out, ringfence_job *job, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    ringfence_graph *graph = NULL;
    rf_job *own;
    RF_TRY(begin(&own, job, err));
    RF_ZERO(graph, 1, err);
    graph->job = own;
    RF_TRY(rf_bigraph_new(&graph->graph, &own->settings->graph, err));
    *out = graph;
    graph = NULL;
done:
    ringfence_graph_free(graph);
    return rf_library_status(error, st, err);
}

ringfence_status ringfence_graph_add(ringfence_graph *graph, const ringfence_event *event,
                                     ringfence_error *error)
{
    rf_err failure = {0};
    rf_status st = rf_bigraph_add_event(graph->graph, (const rf_event *)event, &failure);
    if (st >= 0)
        rf_bigraph_counts(graph->graph)->read++;
    return rf_library_status(error, st, &failure);
}

ringfence_status ringfence_graph_publish(ringfence_graph *graph, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    const rf_positions nowhere = {0};
    rf_published published;
    rf_pool *pool = NULL;
    RF_TRY(rf_job_pool(graph->job, &pool, err));
    RF_TRY(rf_job_make_output(graph->job, err));
    RF_TRY(rf_job_lock(graph->job, graph->job->settings->files.graph, err));
    RF_TRY(
        rf_bigraph_publish(graph->graph, graph->job->settings->files.graph, &nowhere, pool, &published, err));
    graph->job->summary.has_events = graph->job->summary.has_graph = true;
    graph->job->summary.events = *rf_bigraph_counts(graph->graph);
    rf_summary_graph(&graph->job->summary, &published);
done:
    return rf_library_status(error, st, err);
}

void ringfence_graph_free(ringfence_graph *graph)
{
    if (graph == NULL)
        return;
    rf_bigraph_free(graph->graph);
    rf_mem_free(graph);
}
