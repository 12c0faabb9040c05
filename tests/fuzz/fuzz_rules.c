/* fuzz_rules.c - arbitrary bytes as a rule file; what is understood must tag a small graph, explain it, and
 * give tags that pass every check. A refusal says why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rf_log.h"
#include "rf_report.h"
#include "rf_rules_trace.h"
#include "tags_int.h"

#define N_USERS 6
#define N_ENTITIES 3
#define N_EDGES 9

static rf_graph graph;
static rf_scores scores;
static rf_real x[N_EDGES * 2] = {1, -1, 3, (rf_real)-0.0, 5, 2, 2, 8, 0.5F,
                                 1, 1,  4, (rf_real)-0.0, 6, 7, 1, 2, 9};
static rf_real score[N_EDGES] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static float percentile[N_EDGES] = {0, 0.1F, 0.2F, 0.3F, 0.5F, 0.6F, 0.7F, 0.9F, 1}, z[N_EDGES];
static int64_t count[N_EDGES] = {1, 2, 3, 4, 5, 6, 7, 8, 90};
static int64_t name_at[3] = {0, 7, 12};
static char names[] = "amount\0time\0";
static int64_t dropped_at[2] = {0, 6};
static float constant[1] = {3};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void fill_side(rf_graph_side *side, rf_score_side *of, int64_t n)
{
    *side = (rf_graph_side){.n = n, .d = 2, .x = x, .feature_names = {2, name_at, names}, .count = count};
    side->dropped = (rf_texts){1, dropped_at, (char *)"fixed"};
    side->dropped_value = constant;
    *of = (rf_score_side){
        .n = n, .x_error = score, .score = score, .ce = score, .percentile = percentile, .robust_z = z};
}

static void make_world(void)
{
    static const uint32_t u[N_EDGES] = {0, 0, 1, 1, 2, 3, 4, 4, 5}, v[N_EDGES] = {0, 1, 0, 0, 0, 1, 1, 2, 0};
    if (graph.side[RF_USER].n > 0)
        return;
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "fuzz");
    fill_side(&graph.side[RF_USER], &scores.side[RF_USER], N_USERS);
    fill_side(&graph.side[RF_ENTITY], &scores.side[RF_ENTITY], N_ENTITIES);
    fill_side(&graph.side[RF_EDGE], &scores.side[RF_EDGE], N_EDGES);
    must(rf_adj_init(&graph.adj, N_USERS, N_ENTITIES, N_EDGES, u, v, NULL) == RF_OK);
}

static void use(const rf_rules *rules)
{
    rf_err err = {0};
    rf_text text = {0};
    rf_tags *tags = NULL;
    if (rf_rules_tag(&tags, rules, &graph, &scores, NULL, &err) >= 0) {
        must(rf_tags_check(tags, &scores, "fuzz", &err) == RF_OK);
        for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
            rf_rules_trace *trace = NULL;
            must(rf_rules_trace_new(&trace, rules, &graph, &scores, side, side, NULL, &err) == RF_OK);
            must(rf_report_rules(&text, trace, &graph, &scores, &err) == RF_OK);
            rf_rules_trace_free(trace);
        }
    } else {
        must(err.msg[0] != '\0');
    }
    must(rf_report_rule_list(&text, rules, NULL, &err) == RF_OK);
    rf_text_clear(&text);
    rf_tags_free(tags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_rules *rules = NULL;
    rf_err err = {0};
    make_world();
    if (rf_rules_parse(&rules, "fuzz.yaml", (const char *)data, size, &err) >= 0)
        use(rules);
    else
        must(err.msg[0] != '\0');
    rf_rules_free(rules);
    return 0;
}
