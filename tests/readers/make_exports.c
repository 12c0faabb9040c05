/* make_exports.c - a graph with hostile ids and findings in every format, and beside them the truth that the
 * readers are compared with.
 *
 *   make_exports FOLDER [kinds]      writes FOLDER/all.<format> (neo4j: a folder) and FOLDER/truth.json;
 * kinds: of a graph of three kinds of entity
 *
 * The selection takes every user and entity, so that the truth is the whole graph; it is written from the
 * arrays, not through the export's own table. Texts are in hex: nothing between here and the comparison may
 * change a byte.
 */
#include <inttypes.h>

#include "hostile.h"
#include "made_clusters.h"
#include "made_exports.h"
#include "made_scores.h"
#include "rf_check.h"
#include "rf_export.h"

#define USERS 230
#define ENTITIES 61
#define EDGES 900
#define KINDS 3

static void set_hostile_ids(rf_graph_side *side, const char *prefix)
{
    const char **ids = malloc((size_t)side->n * sizeof *ids);
    char(*buffers)[LONG_TEXT + 1] = malloc((size_t)side->n * sizeof *buffers);
    ck_assert(ids != NULL && buffers != NULL);
    for (int i = 0; i < side->n; i++) {
        ids[i] = hostile_text(buffers[i], i);
        if (i >= HOSTILE) {
            snprintf(buffers[i], sizeof buffers[i], "%s%d", prefix, i);
            ids[i] = buffers[i];
        }
    }
    made_graph_set_ids(side, ids);
    free(buffers);
    free(ids);
}

/* ---- the rest of a graph as build would have made it ---- */

static void *block(int64_t n, size_t size)
{
    void *made = rf_mem_zero((size_t)n, size, NULL);
    ck_assert_ptr_nonnull(made);
    return made;
}

static void add_activity(rf_graph_side *side)
{
    side->count = block(side->n, sizeof *side->count);
    side->first_us = block(side->n, sizeof *side->first_us);
    side->last_us = block(side->n, sizeof *side->last_us);
    for (int64_t i = 0; i < side->n; i++) {
        side->count[i] = i % 17 == 3 ? 0 : i == 5 ? INT64_C(9007199254740993) : 1 + i % 9; /* 2^53 + 1 */
        side->first_us[i] = INT64_C(1522540800000000) + i * INT64_C(3600123456);
        side->last_us[i] = side->first_us[i] + (i % 4) * INT64_C(86400000000);
    }
}

static void add_units(rf_graph_side *side)
{
    side->mean = block(side->d, sizeof *side->mean);
    side->scale = block(side->d, sizeof *side->scale);
    side->transform = block(side->d, 1);
    for (int j = 0; j < side->d; j++) {
        side->mean[j] = (float)(3 * j) + 0.5F;
        side->scale[j] = 0.25F * (float)(j + 1);
        side->transform[j] = j == 1 ? RF_TAME_LOG1P : RF_TAME_NONE;
    }
    side->x[0] = -0.0F; /* no data */
}

static void complete(rf_graph *graph)
{
    static const char *const prefixes[RF_SIDES] = {"user-", "shop-", "event-"};
    static const char *const names[] = {"amount=\"</key>\"", "=cmd()", "log1p_x", "\xF0\x9F\x98\x80"};
    made_graph_set_names(&graph->side[RF_USER], names);
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        set_hostile_ids(&graph->side[s], prefixes[rf_side_role(s)]);
        add_activity(&graph->side[s]);
        add_units(&graph->side[s]);
    }
}

/* Ids of one kind are those of another, too. */
static rf_graph *hostile_kinds(void)
{
    static const made_shape shapes[KINDS] = {
        {USERS, ENTITIES, 400, 3, 2, 2, 2}, {USERS, 90, 300, 3, 2, 1, 12}, {USERS, 30, 200, 3, 1, 2, 13}};
    rf_graph *graph = made_graph_of_kinds(shapes, KINDS);
    complete(graph);
    return graph;
}

static rf_graph *hostile_graph(void)
{
    rf_graph *graph = made_graph((made_shape){USERS, ENTITIES, EDGES, 3, 2, 2, 11});
    complete(graph);
    return graph;
}

static const char *folder_of_all;
static bool of_kinds;

static void write_format(const char *format, const rf_findings *findings)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_export_options options;
    rf_export_result result;
    rf_export_options_default(&options);
    snprintf(path, sizeof path, "%s/all.%s", folder_of_all, format);
    options.format = format;
    options.path = path;
    RF_CHECK_OK(err, rf_selection_parse(&options.select, "percentile=0", &err));
    RF_CHECK_OK(err, rf_export_write(&result, findings, &options, &err));
    int64_t nodes = 0, edges = 0;
    for (rf_side s = 0; s < rf_sides(&findings->graph->kinds); s++)
        *(rf_side_role(s) == RF_EDGE ? &edges : &nodes) += findings->graph->side[s].n;
    ck_assert_int_eq(result.nodes, nodes);
    ck_assert_int_eq(result.edges, edges);
}

START_TEST(everything_is_written_in_every_format)
{
    rf_graph *graph = of_kinds ? hostile_kinds() : hostile_graph();
    rf_scores *scores = made_scores(graph);
    rf_findings findings;
    make_hostile_findings(&findings, graph, scores);
    write_truth(folder_of_all, &findings);
    for (const char *const *format = rf_export_formats(); *format != NULL; format++)
        write_format(*format, &findings);
    free_hostile_findings(&findings);
    rf_scores_free(scores);
    rf_graph_free(graph);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {everything_is_written_in_every_format};
    of_kinds = argc == 3 && strcmp(argv[2], "kinds") == 0;
    if (argc != 2 && !of_kinds) {
        fprintf(stderr, "usage: make_exports FOLDER [kinds]\n");
        return 2;
    }
    folder_of_all = argv[1];
    return rf_check_run("make_exports", tests, 1);
}
