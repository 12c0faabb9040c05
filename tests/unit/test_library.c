/* test_library.c - ringfence.h against what the rooms say: a whole job, a graph made event by event, and
 * misuse. */
#include <math.h>
#include <stdio.h>

#include "made_tags.h"
#include "made_clusters.h"
#include "rf_check.h"
#include "rf_clusters.h"
#include "rf_why.h"
#include "rf_tags.h"
#include "ringfence.h"

static ringfence_error error;

#define CHECK(call) ck_assert_msg((call) >= 0, "%s", error.message)

static void set(ringfence_job *job, const char *key, const char *value)
{
    CHECK(ringfence_job_set(job, key, value, &error));
}

/* Events of 40 users at 12 shops. */
static void write_events(const char *path)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("who,where,when,amount\n", file);
    for (int i = 0; i < 800; i++)
        fprintf(file, "u%02d,s%02d,%d,%d\n", i * 7 % 40, i * 5 % 12, 1700000000 + i * 600,
                10 + i % 9 * (i % 40));
    ck_assert_int_eq(fclose(file), 0);
}

static ringfence_job *new_job(const char *folder, const char *events)
{
    ringfence_job *job = NULL;
    char paths[RF_TEST_PATH + 8];
    snprintf(paths, sizeof paths, "[%s]", events);
    CHECK(ringfence_job_new(&job, &error));
    set(job, "source.paths", paths);
    set(job, "fields.user", "who");
    set(job, "fields.entity", "where");
    set(job, "fields.time", "{field: when, format: s}");
    set(job, "fields.attributes", "{amount: number}");
    set(job, "train.epochs", "20");
    set(job, "output", folder);
    return job;
}

START_TEST(a_whole_job_gives_the_results_that_the_rooms_read)
{
    char folder[RF_TEST_PATH], events[RF_TEST_PATH], graph_path[RF_TEST_PATH + 16],
        scores_path[RF_TEST_PATH + 16], why[RF_TEST_PATH];
    rf_tmp_path(folder, "library-job");
    rf_tmp_path(events, "library-events.csv");
    write_events(events);
    ringfence_job *job = new_job(folder, events);
    ringfence_results *results = NULL;
    CHECK(ringfence_run(job, &error));
    CHECK(ringfence_results_of(&results, job, &error));
    ringfence_figures did = ringfence_job_figures(job);
    ck_assert_int_eq(did.events_accepted, 800);
    ck_assert_int_eq(did.epochs, 20);
    ck_assert(isfinite(did.loss));

    snprintf(graph_path, sizeof graph_path, "%s/graph.h5", folder);
    snprintf(scores_path, sizeof scores_path, "%s/scores.h5", folder);
    rf_err err = {0};
    rf_graph *graph = NULL;
    rf_scores *scores = NULL;
    rf_tags *tags = NULL;
    rf_clusters *clusters = NULL;
    RF_CHECK_OK(err, rf_graph_load(&graph, graph_path, RF_GRAPH_ALL, &err));
    RF_CHECK_OK(err, rf_scores_load(&scores, scores_path, graph, &err));
    RF_CHECK_OK(err, made_tags_load(&tags, scores_path, scores, &err));
    RF_CHECK_OK(err, made_clusters_load(&clusters, scores_path, scores, &err));
    ck_assert_str_eq(ringfence_results_run_id(results), scores->run_id);
    ck_assert_int_eq(did.users, 40);
    for (ringfence_side side = RINGFENCE_USERS; side <= RINGFENCE_EDGES; side++) {
        ck_assert_int_eq(ringfence_rows(results, side), graph->side[side].n);
        for (int64_t i = 0; i < graph->side[side].n; i++) {
            RF_HOLDS(ringfence_anomaly_score(results, side, i) == (double)scores->side[side].score[i]);
            RF_HOLDS(ringfence_percentile(results, side, i) == (double)scores->side[side].percentile[i]);
            RF_HOLDS(ringfence_tags(results, side, i) ==
                     tags->side[side].ptr[i + 1] - tags->side[side].ptr[i]);
        }
    }
    for (int64_t i = 0; i < 40; i++)
        RF_HOLDS(ringfence_find(results, RINGFENCE_USERS, ringfence_id(results, RINGFENCE_USERS, i)) == i);
    ck_assert_int_eq(ringfence_find(results, RINGFENCE_USERS, "nobody"), -1);
    for (int64_t e = 0; e < graph->adj.n_e; e++) {
        int64_t user, entity;
        ringfence_edge_ends(results, e, &user, &entity);
        RF_HOLDS(user == graph->adj.e_u[e] && entity == graph->adj.e_v[e]);
    }
    int64_t seen = 0;
    for (int64_t v = 0; v < graph->adj.n_v; v++) {
        for (int64_t k = 0; k < ringfence_degree(results, RINGFENCE_ENTITIES, v); k++, seen++)
            RF_HOLDS(graph->adj.e_v[ringfence_edge_of(results, RINGFENCE_ENTITIES, v, k)] == v);
    }
    ck_assert_int_eq(seen, graph->adj.n_e);
    ck_assert_int_eq(ringfence_clusters(results), clusters != NULL ? clusters->n : 0);
    rf_explanation explained;
    rf_explain(&explained, graph, scores, RF_USER, 7);
    ck_assert_uint_eq(ringfence_why(results, RINGFENCE_USERS, 7, why, sizeof why),
                      strlen(explained.sentence));
    ck_assert_str_eq(why, explained.sentence);
    ck_assert_uint_eq(ringfence_why(results, RINGFENCE_USERS, 7, why, 5), strlen(explained.sentence));
    ck_assert_uint_eq(strlen(why), 4);
    rf_clusters_free(clusters);
    rf_tags_free(tags);
    rf_scores_free(scores);
    rf_graph_free(graph);
    ringfence_results_close(results);
    ringfence_job_free(job);
}
END_TEST

START_TEST(the_worst_are_the_highest_scores_in_order)
{
    char folder[RF_TEST_PATH], events[RF_TEST_PATH];
    rf_tmp_path(folder, "library-worst");
    rf_tmp_path(events, "library-worst.csv");
    write_events(events);
    ringfence_job *job = new_job(folder, events);
    ringfence_results *results = NULL;
    CHECK(ringfence_build(job, &error));
    CHECK(ringfence_train(job, &error));
    CHECK(ringfence_score(job, &error));
    CHECK(ringfence_results_of(&results, job, &error));
    ck_assert_int_eq(ringfence_tags(results, RINGFENCE_USERS, 0), 0); /* not tagged */
    ck_assert_int_eq(ringfence_clusters(results), 0);
    int64_t all = ringfence_rows(results, RINGFENCE_EDGES), rows[1000];
    ck_assert_int_le(all, 1000);
    for (int64_t n = 0; n <= all; n += 1 + n / 3) {
        ck_assert_int_eq(ringfence_worst(results, RINGFENCE_EDGES, n, rows), n);
        for (int64_t i = 0; i < n; i++) {
            double own = ringfence_anomaly_score(results, RINGFENCE_EDGES, rows[i]);
            int64_t above = 0;
            for (int64_t k = 0; k < all; k++) {
                double other = ringfence_anomaly_score(results, RINGFENCE_EDGES, k);
                above += other > own || (other == own && k < rows[i]);
            }
            RF_HOLDS(above == i);
        }
    }
    ck_assert_int_eq(ringfence_worst(results, RINGFENCE_USERS, 1000, rows), 40);
    ck_assert(ringfence_percentile(results, RINGFENCE_USERS, rows[0]) == 1);
    ringfence_results_close(results);
    ringfence_job_free(job);
}
END_TEST

START_TEST(a_graph_made_event_by_event_is_the_one_that_build_makes)
{
    char folders[2][RF_TEST_PATH], events[RF_TEST_PATH], paths[2][RF_TEST_PATH + 16];
    rf_tmp_path(events, "library-grown.csv");
    write_events(events);
    for (int way = 0; way < 2; way++) {
        rf_tmp_path(folders[way], way == 0 ? "library-built" : "library-grown");
        ringfence_job *job = new_job(folders[way], events);
        snprintf(paths[way], sizeof paths[way], "%s/graph.h5", folders[way]);
        if (way == 0) {
            CHECK(ringfence_build(job, &error));
        } else {
            ringfence_source *source = NULL;
            ringfence_graph *graph = NULL;
            const ringfence_event *event = NULL;
            ringfence_status st;
            size_t len;
            CHECK(ringfence_source_open(&source, job, &error));
            CHECK(ringfence_graph_new(&graph, job, &error));
            while ((st = ringfence_source_next(&event, source, &error)) == RINGFENCE_OK) {
                RF_HOLDS(ringfence_event_user(event, &len)[0] == 'u' && len == 3);
                RF_HOLDS(ringfence_event_entity(event, &len)[0] == 's' && len == 3);
                RF_HOLDS(ringfence_event_time(event) >= INT64_C(1700000000000000));
                CHECK(ringfence_graph_add(graph, event, &error));
            }
            ck_assert_int_eq(st, RINGFENCE_END);
            CHECK(ringfence_graph_publish(graph, &error));
            ck_assert_int_eq(ringfence_job_figures(job).events_accepted, 800);
            ringfence_graph_free(graph);
            ringfence_source_close(source);
        }
        ringfence_job_free(job);
    }
    rf_graph *graph[2] = {NULL, NULL};
    rf_err err = {0};
    for (int way = 0; way < 2; way++)
        RF_CHECK_OK(err, rf_graph_load(&graph[way], paths[way], RF_GRAPH_ALL, &err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        const rf_graph_side *a = &graph[0]->side[s], *b = &graph[1]->side[s];
        ck_assert(a->n == b->n && a->d == b->d);
        ck_assert_mem_eq(a->x, b->x, (size_t)(a->n * a->d) * sizeof *a->x);
    }
    rf_graph_free(graph[0]);
    rf_graph_free(graph[1]);
}
END_TEST

START_TEST(misuse_is_a_clear_error)
{
    char folder[RF_TEST_PATH], events[RF_TEST_PATH];
    rf_tmp_path(folder, "library-misuse");
    rf_tmp_path(events, "library-misuse.csv");
    write_events(events);
    ringfence_job *job = new_job(folder, events);
    ringfence_results *results = NULL;
    ck_assert_int_eq(ringfence_job_set(job, "train.epoch", "5", &error), RINGFENCE_INVALID);
    ck_assert_msg(strstr(error.message, "train.epochs") != NULL, "%s", error.message);
    ck_assert_int_eq(ringfence_job_set(job, "train.epochs", "many", NULL), RINGFENCE_INVALID);
    ck_assert_int_eq(ringfence_train(job, &error), RINGFENCE_IO); /* nothing was built */
    ck_assert_int_eq(ringfence_job_set(job, "train.epochs", "5", &error), RINGFENCE_INVALID);
    ck_assert_msg(strstr(error.message, "has begun") != NULL, "%s", error.message);
    ck_assert_int_lt(ringfence_results_of(&results, job, &error), 0);
    ck_assert_ptr_null(results);
    ck_assert_int_eq(ringfence_job_figures(job).users, -1);
    ringfence_interrupt(true);
    ck_assert_int_eq(ringfence_build(job, &error), RINGFENCE_INTERRUPTED);
    ringfence_interrupt(false);
    CHECK(ringfence_build(job, &error)); /* goes on */
    ck_assert_int_eq(ringfence_job_figures(job).events_accepted, 800);
    ringfence_job_free(job);
    ringfence_job_free(NULL);
    ringfence_results_close(NULL);
    ck_assert_str_eq(ringfence_status_name(RINGFENCE_NO_MEMORY), "out of memory");
}
END_TEST

RF_SUITE("library", a_whole_job_gives_the_results_that_the_rooms_read,
         the_worst_are_the_highest_scores_in_order, a_graph_made_event_by_event_is_the_one_that_build_makes,
         misuse_is_a_clear_error)
