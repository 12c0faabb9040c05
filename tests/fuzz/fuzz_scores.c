/* fuzz_scores.c - damaged scores.h5 files: loading must say no, and what is loaded must be fit for evaluate,
 * emit and the picture.
 *
 * Input that starts like an HDF5 file is taken as one. Any other input is a list of changes (five bytes each:
 * which object, what to do, and three arguments) to a small valid file.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "rf_emit.h"
#include "rf_export.h"
#include "rf_evaluate.h"
#include "rf_h5.h"
#include "rf_mem.h"
#include "rf_rules.h"
#include "fuzz_file.h"
#include "made_tags.h"
#include "scoring_int.h"

#define MOST_CHANGES 6
#define N_USERS 3
#define N_ENTITIES 2
#define N_EDGES 4
#define COLUMNS 2

static const char *const objects[] = {
    "/u/score",
    "/v/score",
    "/e/score",
    "/u/x_error",
    "/v/x_error",
    "/e/x_error",
    "/e/ce",
    "/u/percentile",
    "/v/percentile",
    "/e/percentile",
    "/u/robust_z",
    "/u/reason_feature",
    "/v/reason_feature",
    "/e/reason_feature",
    "/u/reason_expected",
    "/e/reason_share",
    "/v/reason_share",
    "/u/z",
    "/v/z",
    "/u",
    "/e",
    "/tags",
    "/tags/rule_type",
    "/tags/signal_rule",
    "/tags/signal_above",
    "/tags/signal_about",
    "/u/tag_ptr",
    "/e/tag_ptr",
    "/u/tag_rule",
    "/e/tag_confidence",
    "/u/tag_edge",
    "/u/tag_evidence_ptr",
    "/e/tag_evidence_ptr",
    "/e/tag_signal",
    "/u/tag_observed",
    "/e/tag_percentile",
};
static const char *const attributes[] = {"run_id", "model_id", "graph_edges",      "graph_features",
                                         "agg",    "eta",      "model_trained_at", "frozen",
                                         "format", "version"};
static const char *const texts[] = {"", "mean", "0123456789abcdef0123456789abcdef0123456789", "\xFF\xFE",
                                    "ringfence-graph"};
static const double values[] = {0, 1, -1, 0.5, 1e30, 65535, 16, 3, 1e-40, -9e18, 1e38, 2};

static fuzz_file scores_file; /* the valid one, which all changes start from */

/* ---- a graph and its scores ---- */

static void fill_side(rf_graph_side *side, int64_t n)
{
    side->n = n;
    side->d = COLUMNS;
    side->x = rf_mem_zero((size_t)(n * COLUMNS), sizeof *side->x, NULL);
    side->y = rf_mem_zero((size_t)n, 1, NULL);
    fuzz_must(side->x != NULL && side->y != NULL);
    side->y[0] = 1;
}

static rf_graph *new_graph(void)
{
    static const uint32_t u[N_EDGES] = {0, 0, 1, 2}, v[N_EDGES] = {0, 1, 1, 1};
    rf_graph *graph = rf_mem_zero(1, sizeof *graph, NULL);
    fuzz_must(graph != NULL);
    fill_side(&graph->side[RF_USER], N_USERS);
    fill_side(&graph->side[RF_ENTITY], N_ENTITIES);
    fill_side(&graph->side[RF_EDGE], N_EDGES);
    fuzz_must(rf_adj_init(&graph->adj, N_USERS, N_ENTITIES, N_EDGES, u, v, NULL) == RF_OK);
    return graph;
}

static void write_valid(const rf_graph *graph, const char *path)
{
    rf_real zeros[N_EDGES * COLUMNS] = {0}, halves[N_EDGES] = {0.5F, 0.5F, 0.5F, 0.5F};
    rf_real ones[N_EDGES * COLUMNS];
    rf_outputs outputs = {.zu = zeros, .zv = zeros, .latent_u = 2, .latent_v = 1, .eprob = halves};
    rf_score_options options;
    rf_scores *scores = NULL;
    for (int i = 0; i < N_EDGES * COLUMNS; i++)
        ones[i] = (rf_real)i;
    outputs.xu = outputs.xv = outputs.xe = ones;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    fuzz_must(rf_score_outputs(&scores, graph, &outputs, &options, NULL, NULL) == RF_OK);
    fuzz_must(rf_scores_save(scores, path, NULL, NULL) == RF_OK);
    rf_scores_free(scores);
}

/* ---- changes ---- */

static double value_of(uint8_t a)
{
    if (a >= 250)
        return a % 2 ? (double)NAN : (double)INFINITY;
    return values[a % (sizeof values / sizeof values[0])];
}

/* Tags of every kind: users' own, of edges, passed on, unknown. */
static void write_tags(const rf_graph *graph, const char *path)
{
    static const char text[] = "version: 1\nname: fuzz\nunknown: {percentile: 0.5}\nrules:\n"
                               "- {type: own, subject: user, signals: {a: {value: user.degree, above: 2}, b: "
                               "{value: user.score, above: 0}}}\n"
                               "- {type: edge, subject: edge, signals: {a: {value: edge.score, "
                               "above_percentile: 0.4}}, spread: {user: {}, entity: {}}}\n";
    rf_rules *rules = NULL;
    rf_scores *scores = NULL;
    rf_tags *tags = NULL;
    fuzz_must(rf_scores_load(&scores, path, graph, NULL) == RF_OK);
    fuzz_must(rf_rules_parse(&rules, "fuzz.yaml", text, sizeof text - 1, NULL) == RF_OK);
    fuzz_must(rf_rules_tag(&tags, rules, graph, scores, NULL, NULL) == RF_OK);
    fuzz_must(made_tags_save(tags, path, NULL) == RF_OK);
    rf_tags_free(tags);
    rf_rules_free(rules);
    rf_scores_free(scores);
}

/* Another shape, or the same one with other numbers. */
static rf_status change_numbers(rf_h5 *file, const char *name, const uint8_t *arguments)
{
    float numbers[64];
    int rank = arguments[0] % 3;
    int64_t dims[4] = {arguments[1] % 6, arguments[1] / 6 % 5, 1, 1};
    for (int i = 0; i < 64; i++)
        numbers[i] = (float)value_of((uint8_t)(arguments[2] + (arguments[0] / 3) * (i % 3)));
    if (arguments[0] >= 128 && rf_h5_shape(file, name, &rank, dims, NULL) < 0)
        return RF_E_FORMAT;
    if (dims[0] * (rank > 1 ? dims[1] : 1) > 64)
        return RF_E_FORMAT;
    rf_status st = rf_h5_remove(file, name, NULL);
    return st < 0 ? st : rf_h5_write(file, name, RF_H5_F32, rank, dims, numbers, NULL);
}

static rf_status change_attribute(rf_h5 *file, const uint8_t *arguments)
{
    const char *name = attributes[arguments[0] % (sizeof attributes / sizeof attributes[0])];
    double value = value_of(arguments[2]);
    int64_t number = fabs(value) < 9.1e18 ? (int64_t)value : INT64_MAX;
    if (arguments[1] % 3 == 0)
        return rf_h5_write_attr_double(file, "/", name, value, NULL);
    if (arguments[1] % 3 == 1)
        return rf_h5_write_attr_int(file, "/", name, &number, 1, NULL);
    return rf_h5_write_attr_text(file, "/", name, texts[arguments[2] % (sizeof texts / sizeof texts[0])],
                                 NULL);
}

static void make_valid(const rf_graph *graph)
{
    char path[FUZZ_PATH];
    if (scores_file.bytes != NULL)
        return;
    fuzz_path(path, "scores.h5");
    write_valid(graph, path);
    write_tags(graph, path);
    fuzz_file_take(&scores_file, "scores.h5");
}

/* Makes the changes one after the other; one that HDF5 refuses is left out. */
static void write_changed(const uint8_t *data, size_t size)
{
    rf_h5 *file = NULL;
    fuzz_write(scores_file.path, scores_file.bytes, scores_file.n);
    fuzz_must(rf_h5_update_beside(&file, scores_file.path, NULL) == RF_OK);
    for (size_t at = 0; at + 5 <= size && at < 5 * MOST_CHANGES; at += 5) {
        const char *name = objects[data[at] % (sizeof objects / sizeof objects[0])];
        if (data[at + 1] % 4 == 0)
            (void)!rf_h5_remove(file, name, NULL);
        else if (data[at + 1] % 4 == 1)
            (void)!change_attribute(file, data + at + 2);
        else
            (void)!change_numbers(file, name, data + at + 2);
    }
    rf_h5_keep_history(file);
    (void)!rf_h5_commit(file, NULL);
    rf_h5_close(&file);
}

/* ---- reading ---- */

/* Follows every index in the tags, as their readers do. */
static void use_tags(const rf_scores *scores)
{
    rf_tags *tags = NULL;
    rf_err err = {0};
    size_t seen = 0;
    rf_status st = made_tags_load(&tags, scores_file.path, scores, &err);
    fuzz_must(st >= 0 || (err.msg[0] != '\0' && tags == NULL));
    for (int i = 0; i < 3 && tags != NULL; i++) {
        const rf_tag_side *side = &tags->side[i];
        for (int64_t k = 0; k < side->ptr[side->n]; k++) {
            const rf_tag *tag = &side->tags[k];
            seen += strlen(rf_tag_type(tags, tag)) + strlen(rf_texts_get(&tags->rule_about, tag->rule));
            seen += tag->edge == RF_NO_EDGE ? 0 : (size_t)(scores->side[RF_EDGE].score[tag->edge] > 0);
            for (int32_t s = 0; s < tag->n_evidence; s++)
                seen += strlen(rf_texts_get(&tags->signal_name, side->evidence[tag->evidence + s].signal));
        }
    }
    fuzz_must(tags == NULL || seen < SIZE_MAX);
    rf_tags_free(tags);
}

static void use(const rf_graph *graph, const rf_scores *scores)
{
    rf_evaluation *evaluation = NULL;
    rf_emit_options options;
    rf_emit_result result;
    rf_err err = {0};
    char out_path[FUZZ_PATH];
    rf_emit_options_default(&options);
    options.path = fuzz_path(out_path, "out");
    options.threshold = 0;
    fuzz_must(rf_evaluate(&evaluation, graph, scores, NULL, &err) == RF_OK);
    rf_evaluation_free(evaluation);
    const rf_findings findings = {.graph = graph, .scores = scores};
    fuzz_must(rf_emit(&result, &findings, &options, &err) == RF_OK);
    fuzz_must(rf_export_ring(&findings, out_path, &err) == RF_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_err err = {0};
    rf_scores *scores = NULL, *alone = NULL;
    rf_graph *graph = new_graph();
    make_valid(graph);
    if (size >= 4 && memcmp(data, RF_H5_SIGNATURE, 4) == 0)
        fuzz_write(scores_file.path, data, size);
    else
        write_changed(data, size);
    rf_status st = rf_scores_load(&scores, scores_file.path, graph, &err);
    fuzz_expect(st, &err);
    if (st >= 0) {
        use(graph, scores);
        use_tags(scores);
    }
    st = rf_scores_load(&alone, scores_file.path, NULL, NULL);
    fuzz_must(st >= 0 || scores == NULL);
    rf_scores_free(alone);
    rf_scores_free(scores);
    rf_graph_free(graph);
    return 0;
}
