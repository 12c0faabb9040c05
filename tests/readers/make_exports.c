/* make_exports.c - a graph with hostile ids in every format, and beside them the truth that the readers are
 * compared with.
 *
 *   make_exports FOLDER      writes FOLDER/all.<format> (neo4j: a folder) and FOLDER/truth.json
 *
 * The selection takes every user and entity, so that the truth is the whole graph; it is written from the
 * arrays, not through the export's own table. Texts are in hex: nothing between here and the comparison may
 * change a byte.
 */
#include <inttypes.h>

#include "export_int.h"
#include "made_graph.h"
#include "rf_check.h"
#include "rf_export.h"

#define HOSTILE 200
#define USERS 230
#define ENTITIES 61
#define EDGES 900
#define LONG_ID 1000

/* ---- ids that someone might register to hurt a tool ---- */

static const char *const nasty[] = {
    "\"",
    "'",
    "''",
    "\"\"",
    "a\"b'c",
    "\\",
    "\\\\",
    "\\\"",
    "\\n",
    "ends with \\",
    "a\\\\b",
    "\n",
    "\r\n",
    "\r",
    "a\nb\nc\n",
    "\t",
    "a\tb",
    " ",
    "  leading and trailing  ",
    "</script><script>alert(1)</script>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[x]]>",
    "&amp;",
    "&#10;",
    "&",
    "<",
    ">",
    "<b>&</b>",
    "=cmd()",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2-3",
    "@SUM(A1)",
    "=HYPERLINK(\"http://x\",\"y\")",
    ",",
    ";",
    "a,b;c|d",
    ":ID",
    "name:ID(User)",
    "%s%n%x",
    "%00",
    "${jndi:ldap://x/a}",
    "{{7*7}}",
    "$(id)",
    "`id`",
    "; DROP TABLE users; --",
    "' OR 1=1 --",
    "\xE2\x80\xAE"
    "drawkcab",
    "\xE2\x80\x8E"
    "ltr",
    "\xE2\x81\xA6"
    "iso\xE2\x81\xA9",
    "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
    "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7",
    "\xF0\x9F\x98\x80",
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
    "\xF0\xA0\x80\x80",
    "\xF4\x8F\xBF\xBD",
    "e\xCC\x81",
    "\xC3\xA9",
    "\xEF\xBB\xBF"
    "bom",
    "\xEF\xBF\xBD",
    "\xEF\xBF\xBE",
    "\xEF\xBF\xBF",
    "\xC2\x85",
    "\xC2\xA0",
    "\xE2\x80\xA8",
    "\xE2\x80\xA9",
    "\x01",
    "\x02\x03\x04",
    "\x07"
    "bell",
    "\x08",
    "\x0B",
    "\x0C",
    "\x1B[31mred\x1B[0m",
    "\x1F",
    "\x7F",
    "\xFF\xFE",
    "\xC3(",
    "\xED\xA0\x80",
    "half\xF0\x9F",
    "\\u{1}",
    "\\x{FF}",
    "\\u{5C}u{1}",
    "\\u0001",
    "\\N",
    "\\G",
    "\\L\\l\\r",
    "a -- b",
    "a -> b",
    "digraph",
    "graph",
    "node",
    "subgraph",
    "{",
    "}",
    "[",
    "]",
    "[1,2]",
    "{\"a\":1}",
    "null",
    "NULL",
    "true",
    "NaN",
    "Infinity",
    "1e400",
    "0",
    "-0",
    "007",
    "1234567890123456789012",
    "user:x",
    "entity:x",
    "u0",
    "e0",
    "#",
    "# comment",
    "//x",
    "/* x */",
    "../../etc/passwd",
    "C:\\windows\\system32",
    "DOMAIN\\user",
    "http://example.org/?a=b&c=d",
    "javascript:alert(1)",
    "onerror=alert(1)",
    "\" onmouseover=\"x",
    "x\"/><y z=\"",
    "<user id=\"x\">",
    "a\xC2\xAD"
    "b",
    "\xE2\x80\x8B",
    "",
};
enum { NASTY = sizeof nasty / sizeof *nasty };

static const char *hostile_id(char buffer[LONG_ID + 1], int i)
{
    if (i < NASTY)
        return nasty[i];
    if (i == NASTY) { /* 1,000 characters of four bytes would be longer than most ids: mixed ones */
        memset(buffer, 'x', LONG_ID);
        buffer[LONG_ID] = '\0';
        return buffer;
    }
    /* two of them in a row */
    snprintf(buffer, LONG_ID + 1, "%d %s%s", i, nasty[(7 * i) % NASTY], nasty[(11 * i + 5) % NASTY]);
    return buffer;
}

static void set_hostile_ids(rf_graph_side *side, const char *prefix)
{
    const char **ids = malloc((size_t)side->n * sizeof *ids);
    char(*buffers)[LONG_ID + 1] = malloc((size_t)side->n * sizeof *buffers);
    ck_assert(ids != NULL && buffers != NULL);
    for (int i = 0; i < side->n; i++) {
        ids[i] = hostile_id(buffers[i], i);
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

static rf_graph *hostile_graph(void)
{
    static const char *const names[] = {"amount=\"</key>\"", "=cmd()", "log1p_x", "\xF0\x9F\x98\x80"};
    rf_graph *graph = made_graph((made_shape){USERS, ENTITIES, EDGES, 3, 2, 2, 11});
    rf_graph_side named = {.n = graph->u.d};
    set_hostile_ids(&graph->u, "user-");
    set_hostile_ids(&graph->v, "shop-");
    set_hostile_ids(&graph->e, "event-");
    made_graph_set_ids(&named, names);
    rf_texts_clear(&graph->u.feature_names);
    graph->u.feature_names = named.id;
    add_activity(&graph->u);
    add_activity(&graph->v);
    add_activity(&graph->e);
    add_units(&graph->u);
    add_units(&graph->v);
    add_units(&graph->e);
    return graph;
}

static rf_scores *scores_of(const rf_graph *graph)
{
    rf_scores *scores = NULL;
    rf_err err = {0};
    rf_score_options options;
    rf_score_options_default(&options);
    rf_outputs *outputs = made_outputs(graph, 5);
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, outputs, &options, NULL, &err));
    rf_scores_name(scores, graph, "00112233aabbccdd", INT64_C(1525132800000000));
    made_outputs_free(outputs);
    return scores;
}

/* ---- the truth ---- */

static void put_hex(FILE *out, const char *key, const char *text)
{
    fprintf(out, "\"%s\":\"", key);
    for (; *text != '\0'; text++)
        fprintf(out, "%02x", (unsigned)(unsigned char)*text);
    fprintf(out, "\"");
}

static void put_subject(FILE *out, const rf_graph_side *side, const rf_score_side *scores, int64_t i)
{
    fprintf(out, ",\"score\":%.9g,\"percentile\":%.9g,\"robust_z\":%.9g,\"x_error\":%.9g,\"events\":%" PRId64,
            (double)scores->score[i], (double)scores->percentile[i], (double)scores->robust_z[i],
            (double)scores->x_error[i], side->count[i]);
    if (side->count[i] > 0)
        fprintf(out, ",\"first_seen\":%" PRId64 ",\"last_seen\":%" PRId64, side->first_us[i],
                side->last_us[i]);
    fprintf(out, ",\"reasons\":[");
    for (int r = 0; r < scores->n_reasons; r++) {
        char buffer[32];
        int64_t at = i * scores->n_reasons + r;
        int column = scores->reason_feature[at];
        fprintf(out, "%s{", r > 0 ? "," : "");
        put_hex(out, "feature", rf_graph_raw_name(side, column, buffer));
        fprintf(out, ",\"observed\":%.9g,\"expected\":%.9g,\"share\":%.9g}",
                rf_raw_value(side, column, (double)side->x[i * side->d + column]),
                rf_raw_value(side, column, (double)scores->reason_expected[at]),
                (double)scores->reason_share[at]);
    }
    fprintf(out, "],\"features\":[");
    for (int j = 0; j < side->d; j++) {
        double x = (double)side->x[i * side->d + j];
        fprintf(out, j > 0 ? "," : "");
        if (x == 0 && signbit(x))
            fprintf(out, "null");
        else
            fprintf(out, "%.9g", rf_raw_value(side, j, x));
    }
    fprintf(out, "]}");
}

static void put_nodes(FILE *out, const rf_graph_side *side, const rf_score_side *scores, const int64_t *ptr,
                      const char *kind, bool first)
{
    for (int64_t i = 0; i < side->n; i++) {
        fprintf(out, "%s\n{\"kind\":\"%s\",", first && i == 0 ? "" : ",", kind);
        put_hex(out, "name", rf_texts_get(&side->id, i));
        fprintf(out, ",\"degree\":%" PRId64, ptr[i + 1] - ptr[i]);
        put_subject(out, side, scores, i);
    }
}

static void write_truth(const char *folder, const rf_graph *graph, const rf_scores *scores)
{
    char path[RF_TEST_PATH];
    snprintf(path, sizeof path, "%s/truth.json", folder);
    FILE *out = fopen(path, "w");
    ck_assert_msg(out != NULL, "%s cannot be written", path);
    fprintf(out, "{\"nodes\":[");
    put_nodes(out, &graph->u, &scores->u, graph->adj.u_ptr, "user", true);
    put_nodes(out, &graph->v, &scores->v, graph->adj.v_ptr, "entity", false);
    fprintf(out, "],\n\"edges\":[");
    for (int64_t i = 0; i < graph->e.n; i++) {
        fprintf(out, "%s\n{", i > 0 ? "," : "");
        put_hex(out, "user", rf_texts_get(&graph->u.id, graph->adj.e_u[i]));
        fprintf(out, ",");
        put_hex(out, "entity", rf_texts_get(&graph->v.id, graph->adj.e_v[i]));
        fprintf(out, ",");
        put_hex(out, "event_id", rf_texts_get(&graph->e.id, i));
        fprintf(out, ",\"probability\":%.9g", exp(-(double)scores->e.ce[i]));
        put_subject(out, &graph->e, &scores->e, i);
    }
    fprintf(out, "]}\n");
    ck_assert(fclose(out) == 0);
}

static const char *folder_of_all;

static void write_format(const char *format, const rf_graph *graph, const rf_scores *scores)
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
    RF_CHECK_OK(err,
                rf_export_write(&result, &(rf_findings){.graph = graph, .scores = scores}, &options, &err));
    ck_assert_int_eq(result.nodes, USERS + ENTITIES);
    ck_assert_int_eq(result.edges, EDGES);
}

START_TEST(everything_is_written_in_every_format)
{
    rf_graph *graph = hostile_graph();
    rf_scores *scores = scores_of(graph);
    write_truth(folder_of_all, graph, scores);
    for (const char *const *format = rf_export_formats(); *format != NULL; format++)
        write_format(*format, graph, scores);
    rf_scores_free(scores);
    rf_graph_free(graph);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {everything_is_written_in_every_format};
    if (argc != 2) {
        fprintf(stderr, "usage: make_exports FOLDER\n");
        return 2;
    }
    folder_of_all = argv[1];
    return rf_check_run("make_exports", tests, 1);
}
