/* cmd_check.c - the verb `check`: what would a job with this configuration read, reject, and need?
 *
 * Reads some records as a build would, into a graph in memory that is thrown away. Leaves no state, no dead
 * letters, no offsets. What it says of the whole is an estimate: users, entities and pairs are taken to grow
 * as they did in the records that were read.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli_int.h"
#include "init.h"
#include "rf_event_view.h"
#include "rf_log.h"
#include "rf_measure.h"
#include "rf_memory_plan.h"
#include "rf_table.h"
#include "rf_time.h"

const rf_opt rf_opts_check[] = {
    {"all", NULL, NULL, "Reads all records, not the first 100,000."},
    {"topics", "TOPICS", "source.topics", NULL},
    {"window", "DURATION", "graph.window", NULL},
    {"as-of", "TIME", "graph.as_of", NULL},
    {"granularity", "KIND", "graph.granularity", NULL},
    {0},
};

/* Measured on one core of a cloud machine: `train --threads 1` on 181,969 edges of 30 columns takes 0.27 s an
 * epoch, on 48,534 of 79 columns 0.093 s, with the default widths; a build of 10 million events takes 75 s.
 */
#define EDGE_S 1.2e-6   /* of an edge in an epoch, at the default widths */
#define COLUMN_S 9.0e-9 /* of each of its columns */
#define EVENT_S 7.5e-6  /* of an event, features included */
#define USUAL_WIDTH 32.0
#define USUAL_LAYERS 4.0 /* of encoder and decoder */

typedef struct check_work {
    rf_cli *cli;
    rf_bigraph *graph;
    rf_event_view *view;
    rf_trial trial;
    double all; /* records in the inputs; -1: not known */
} check_work;

static rf_status add_event(void *context, const rf_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    check_work *work = context;
    RF_TRY(rf_event_view_add(work->view, event, err));
    RF_TRY(rf_bigraph_add_event(work->graph, event, err));
done:
    return st;
}

/* ---- fields ---- */

static rf_status add_fields(rf_text *text, const check_work *work, rf_err *err)
{
    static const char *const heads[] = {"field", "column", "read as", "what it holds"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    rf_event_row row;
    RF_TRY(rf_table_new(&table, "llll", heads, err));
    for (int i = 0; i < rf_event_view_rows(work->view); i++) {
        rf_event_view_row(&row, work->view, i);
        RF_TRY(rf_table_add(table, row.field, err));
        RF_TRY(rf_table_add(table, row.from, err));
        RF_TRY(rf_table_add(table, row.meaning, err));
        RF_TRY(rf_table_add(table, row.seen, err));
    }
    RF_TRY(rf_table_print(text, table, err));
done:
    rf_table_free(table);
    return st;
}

static rf_status add_records(rf_text *text, const check_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_trial *trial = &work->trial;
    RF_TRY(rf_text_printf(text, err, "\n%s read: %s accepted, %s rejected, %s filtered\n",
                          RF_THINGS(trial->read, "record"), RF_COUNT(trial->accepted),
                          RF_COUNT(trial->rejected), RF_COUNT(trial->filtered)));
    RF_TRY(rf_trial_report(text, trial, err));
done:
    return st;
}

/* ---- the graph ---- */

/* The events of the whole job that its window holds. */
static double events_of_window(const check_work *work, const rf_growth *seen)
{
    const rf_settings *settings = work->cli->job.settings;
    double read = (double)work->trial.read, share = read > 0 ? (double)seen->events / read : 0;
    double all = work->all < 0 ? (double)seen->events : work->all * share;
    double span = (double)(seen->to_us - seen->from_us),
           whole = (double)seen->events < all ? span * all / (double)seen->events : span;
    double window = (double)settings->graph.window_us;
    return window > 0 && whole > window ? all * window / whole : all;
}

static double width_of(const rf_train_options *train)
{
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += train->hidden[i] / 3.0;
    return sum;
}

/* Of the most epochs that training may take. Products grow with the square of the widths, the rest with them.
 */
static double training_s(const rf_graph_size *size, const rf_train_options *train, int threads)
{
    int64_t edges = 0;
    double seconds = 0;
    double width = width_of(train) / USUAL_WIDTH;
    double layers = (train->layers_encoder + train->layers_decoder) / USUAL_LAYERS;
    for (int k = 0; k < rf_kinds_n(&size->kinds); k++) {
        const rf_side side = rf_edge_side(k);
        double edge =
            EDGE_S * layers * (0.5 * width + 0.5 * width * width) + COLUMN_S * size->d[side] * width;
        seconds += (double)size->n[side] * edge;
        edges += size->n[side];
    }
    return rf_train_most_epochs(train, edges) * seconds / threads;
}

static const char *about(char out[32], double seconds)
{
    if (seconds < 1)
        snprintf(out, 32, "less than a second");
    else if (seconds < 90)
        snprintf(out, 32, "%.0f s", ceil(seconds));
    else
        snprintf(out, 32, "%.0f min", ceil(seconds / 60));
    return out;
}

static rf_status add_size(rf_text *text, const rf_growth *seen, const rf_graph_size *size, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(text, err, "\nThe events read have %s, %s, %s of them\n",
                          RF_THINGS(seen->users, "user"), RF_THINGS(seen->entities[0], "entity"),
                          RF_THINGS(seen->pairs[0], "pair")));
    RF_TRY(rf_text_printf(text, err, "The graph of their window has %s, %s, %s, with %d, %d and %s\n",
                          RF_THINGS(size->n[RF_USER], "user"), RF_THINGS(size->n[RF_ENTITY], "entity"),
                          RF_THINGS(size->n[RF_EDGE], "edge"), size->d[RF_USER], size->d[RF_ENTITY],
                          RF_THINGS(size->d[RF_EDGE], "column")));
done:
    return st;
}

static rf_status add_number(rf_table *table, int64_t number, rf_err *err)
{
    char n[32];
    return rf_table_add(table, rf_count_format(n, number), err);
}

/* The same of several kinds, a line each. */
static rf_status add_kinds(rf_text *text, const rf_growth *seen, const rf_graph_size *size, rf_err *err)
{
    static const char *const heads[] = {"kind", "entities", "pairs", "in the window", "edges", "columns"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    char columns[32];
    RF_TRY(rf_text_printf(
        text, err, "\nThe events read have %s, and %s in the graph of their window, with %s\n\n",
        RF_THINGS(seen->users, "user"), RF_COUNT(size->n[RF_USER]), RF_THINGS(size->d[RF_USER], "column")));
    RF_TRY(rf_table_new(&table, "lrrrrr", heads, err));
    for (int k = 0; k < rf_kinds_n(&size->kinds); k++) {
        const rf_side entity = rf_entity_side(k), edge = rf_edge_side(k);
        RF_TRY(rf_table_add(table, rf_kind_name(&size->kinds, k), err));
        RF_TRY(add_number(table, seen->entities[k], err));
        RF_TRY(add_number(table, seen->pairs[k], err));
        RF_TRY(add_number(table, size->n[entity], err));
        RF_TRY(add_number(table, size->n[edge], err));
        snprintf(columns, sizeof columns, "%d, %d", size->d[entity], size->d[edge]);
        RF_TRY(rf_table_add(table, columns, err));
    }
    RF_TRY(rf_table_print(text, table, err));
done:
    rf_table_free(table);
    return st;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The sample's graph, grown to all events. */
static rf_graph_size grown(const rf_graph_size *size, const rf_growth *all, bool of_events)
{
    rf_graph_size large = *size;
    large.n[RF_USER] = larger(all->users, size->n[RF_USER]);
    for (int k = 0; k < rf_kinds_n(&size->kinds); k++) {
        const rf_side entity = rf_entity_side(k), edge = rf_edge_side(k);
        large.n[entity] = larger(all->entities[k], size->n[entity]);
        large.n[edge] = larger(of_events ? all->events : all->pairs[k], size->n[edge]);
    }
    return large;
}

/* Of all kinds. */
static int64_t rows_of(const rf_graph_size *size, rf_side role)
{
    int64_t n = 0;
    for (int k = 0; k < rf_kinds_n(&size->kinds); k++)
        n += size->n[role == RF_EDGE ? rf_edge_side(k) : rf_entity_side(k)];
    return n;
}

/* The graph of all events, as the sample's grows, and what it takes to make and to train. */
static rf_status add_estimate(rf_text *text, check_work *work, const rf_growth *seen,
                              const rf_graph_size *size, rf_err *err)
{
    rf_status st = RF_OK;
    rf_job *job = &work->cli->job;
    rf_pool *pool = NULL;
    rf_memory_plan plan;
    char memory[32], build[32], train[32];
    double events = events_of_window(work, seen);
    const rf_growth all = rf_event_view_expect(work->view, events);
    const rf_graph_size large = grown(size, &all, job->settings->graph.granularity == RF_GRANULARITY_EVENT);
    RF_TRY(rf_job_pool(job, &pool, err));
    int threads = rf_pool_threads(pool);
    RF_TRY(rf_plan_train(&plan, &large, &job->settings->train, threads, err));
    double build_s = (work->all > (double)work->trial.read ? work->all : (double)work->trial.read) * EVENT_S;
    RF_TRY(rf_text_printf(text, err,
                          "\nEstimate for the whole job, as these numbers grow:\n"
                          "  about %s in the window: %s, %s, %s\n",
                          RF_THINGS((int64_t)llround(events), "event"), RF_THINGS(large.n[RF_USER], "user"),
                          RF_THINGS(rows_of(&large, RF_ENTITY), "entity"),
                          RF_THINGS(rows_of(&large, RF_EDGE), "edge")));
    RF_TRY(rf_text_printf(
        text, err, "  building: %s; training: at most %s on %s, and %s of memory\n", about(build, build_s),
        about(train, training_s(&large, &job->settings->train, threads)), RF_THINGS(threads, "thread"),
        rf_bytes_format(memory, rf_memory_plan_bytes(&plan))));
done:
    return st;
}

static rf_status add_graph(rf_text *text, check_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    rf_pool *pool = NULL;
    rf_graph_size size = {0};
    rf_outlook outlook;
    rf_growth seen = rf_event_view_growth(work->view);
    if (seen.events == 0)
        return rf_text_printf(text, err, "\nNo event is left to make a graph of\n");
    RF_TRY(rf_bigraph_look_out(&outlook, work->graph, err));
    if (outlook.inside == 0)
        return rf_text_printf(text, err, "\nNo event lies in the window (graph.window, graph.as_of)\n");
    RF_TRY(rf_job_pool(&work->cli->job, &pool, err));
    RF_TRY(rf_bigraph_measure(&size, work->graph, pool, err));
    if (size.kinds.n > 0)
        RF_TRY(add_kinds(text, &seen, &size, err));
    else
        RF_TRY(add_size(text, &seen, &size, err));
    RF_TRY(add_estimate(text, work, &seen, &size, err));
done:
    return st;
}

static rf_status check(check_work *work, rf_text *text, rf_err *err)
{
    rf_status st = RF_OK;
    rf_settings *settings = work->cli->job.settings;
    int64_t most = rf_args_has(&work->cli->args, "all") ? INT64_MAX : RF_LOOK_RECORDS;
    RF_TRY(rf_settings_check_source(settings, err));
    RF_TRY(rf_bigraph_new(&work->graph, &settings->graph, err));
    RF_TRY(rf_event_view_new(&work->view, &settings->source.fields, err));
    RF_TRY(rf_source_try(&work->trial, &work->all, &settings->source, most, add_event, work, err));
    if (work->trial.stopped != RF_OK && work->trial.read == 0)
        RF_FAIL(err, work->trial.stopped, "%s", work->trial.why);
    RF_TRY(add_fields(text, work, err));
    RF_TRY(add_records(text, work, err));
    RF_TRY(add_graph(text, work, err));
done:
    return st;
}

/* What a build would end with. */
static rf_status verdict(const check_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_trial *trial = &work->trial;
    double limit = work->cli->job.settings->source.max_rejects;
    if (trial->stopped != RF_OK)
        RF_FAIL(err, trial->stopped, "%s", trial->why);
    if (rf_trial_is_beyond(trial, limit))
        RF_FAIL(err, RF_E_REJECTED, "%s of %s would be rejected, more than ingest.max_rejects = %g allows",
                RF_COUNT(trial->bad), RF_THINGS(trial->read, "record"), limit);
done:
    return st;
}

rf_status rf_cmd_check(rf_cli *cli, rf_err *err)
{
    check_work work = {.cli = cli};
    rf_text text = {0};
    rf_status st = check(&work, &text, err);
    if (st >= 0)
        st = rf_cli_print(&text, err);
    if (st >= 0)
        st = verdict(&work, err);
    rf_text_clear(&text);
    rf_bigraph_free(work.graph);
    rf_event_view_free(work.view);
    return st;
}
