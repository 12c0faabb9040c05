/* write_truth.c - see made_exports.h. */
#include <inttypes.h>

#include "rf_findings.h"
#include "made_exports.h"
#include "rf_why.h"
#include "rf_check.h"

typedef struct truth_side {
    const rf_findings *findings;
    const rf_graph_side *graph;
    const rf_score_side *scores;
    const rf_tag_side *tags;
    rf_side side;
} truth_side;

static truth_side side_of(const rf_findings *findings, rf_side side)
{
    return (truth_side){findings, &findings->graph->side[side], &findings->scores->side[side],
                        &findings->tags->side[side], side};
}

static const char *kind_of(const rf_findings *findings, rf_side side)
{
    return side == RF_USER ? "user" : rf_kind_name(&findings->graph->kinds, rf_side_kind(side));
}

/* ---- one subject ---- */

static void put_hex(FILE *out, const char *key, const char *text)
{
    fprintf(out, "\"%s\":\"", key);
    for (; *text != '\0'; text++)
        fprintf(out, "%02x", (unsigned)(unsigned char)*text);
    fprintf(out, "\"");
}

/* What an evidence says: words, observed, threshold, percentile; null where there is none. */
static void put_evidence(FILE *out, const rf_tags *tags, const rf_evidence *evidence)
{
    const char *words = rf_texts_get(&tags->signal_about, evidence->signal);
    fprintf(out, "{");
    put_hex(out, "words", words[0] != '\0' ? words : "no words");
    fprintf(out, ",\"threshold\":%.17g", evidence->threshold);
    if (isfinite(evidence->observed))
        fprintf(out, ",\"observed\":%.17g", evidence->observed);
    if (isfinite(evidence->percentile))
        fprintf(out, ",\"percentile\":%.9g", (double)evidence->percentile);
    fprintf(out, "}");
}

static void put_tags(FILE *out, const truth_side *side, int64_t i)
{
    const rf_tags *tags = side->findings->tags;
    const rf_graph *graph = side->findings->graph;
    fprintf(out, ",\"tags\":[");
    for (int64_t t = side->tags->ptr[i]; t < side->tags->ptr[i + 1]; t++) {
        const rf_tag *tag = &side->tags->tags[t];
        fprintf(out, "%s{", t > side->tags->ptr[i] ? "," : "");
        put_hex(out, "type", rf_texts_get(&tags->rule_type, tag->rule));
        fprintf(out, ",\"confidence\":%.9g,", (double)tag->confidence);
        if (tag->edge != RF_NO_EDGE) {
            put_hex(out, "on_edge_to", rf_texts_get(&graph->side[RF_ENTITY].id, graph->adj.e_v[tag->edge]));
            fprintf(out, ",");
        }
        fprintf(out, "\"evidence\":[");
        for (int k = 0; k < tag->n_evidence; k++) {
            fprintf(out, k > 0 ? "," : "");
            put_evidence(out, tags, &side->tags->evidence[tag->evidence + k]);
        }
        fprintf(out, "]}");
    }
    fprintf(out, "]");
}

static void put_explanation(FILE *out, const truth_side *side, int64_t i)
{
    rf_explanation why;
    rf_explain(&why, side->findings->graph, side->findings->scores, side->side, i);
    fprintf(out, ",");
    put_hex(out, "why", why.sentence);
    fprintf(out, ",\"share_of_features\":%.17g,\"share_of_structure\":%.17g", why.own_share,
            why.structure_share);
    if (rf_side_role(side->side) != RF_EDGE)
        fprintf(out, ",\"share_of_edges\":%.17g", why.edge_share);
}

/* -0 marks the mean in place of missing data. */
static void put_observed(FILE *out, const rf_graph_side *side, int64_t i, int column)
{
    double x = (double)side->x[i * side->d + column];
    if (x == 0 && signbit(x))
        fprintf(out, "null");
    else
        fprintf(out, "%.9g", rf_raw_value(side, column, x));
}

static void put_subject(FILE *out, const truth_side *all, int64_t i)
{
    const rf_graph_side *side = all->graph;
    const rf_score_side *scores = all->scores;
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
        fprintf(out, ",\"observed\":");
        put_observed(out, side, i, column);
        fprintf(out, ",\"expected\":%.9g,\"share\":%.9g}",
                rf_raw_value(side, column, (double)scores->reason_expected[at]),
                (double)scores->reason_share[at]);
    }
    fprintf(out, "],\"features\":[");
    for (int j = 0; j < side->d; j++) {
        fprintf(out, j > 0 ? "," : "");
        put_observed(out, side, i, j);
    }
    fprintf(out, "]");
    put_explanation(out, all, i);
    put_tags(out, all, i);
    fprintf(out, "}");
}

/* ---- all ---- */

static int64_t degree_of(const rf_graph *graph, rf_side side, int64_t i)
{
    int64_t degree = 0;
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        const rf_adj *adj = rf_graph_adj(graph, k);
        for (int64_t e = 0; e < adj->n_e; e++)
            degree += side == RF_USER ? adj->e_u[e] == i : side == rf_entity_side(k) && adj->e_v[e] == i;
    }
    return degree;
}

static void put_nodes(FILE *out, const rf_findings *findings, rf_side s)
{
    const truth_side side = side_of(findings, s);
    for (int64_t i = 0; i < side.graph->n; i++) {
        fprintf(out, "%s\n{\"kind\":\"%s\",", s == RF_USER && i == 0 ? "" : ",", kind_of(findings, s));
        put_hex(out, "name", rf_texts_get(&side.graph->id, i));
        fprintf(out, ",\"degree\":%" PRId64, degree_of(findings->graph, s, i));
        put_subject(out, &side, i);
    }
}

static void put_edges(FILE *out, const rf_findings *findings, int kind)
{
    const rf_graph *graph = findings->graph;
    const rf_adj *adj = rf_graph_adj(graph, kind);
    const truth_side side = side_of(findings, rf_edge_side(kind));
    for (int64_t i = 0; i < adj->n_e; i++) {
        fprintf(out, "%s\n{", kind + i > 0 ? "," : "");
        put_hex(out, "user", rf_texts_get(&graph->side[RF_USER].id, adj->e_u[i]));
        fprintf(out, ",");
        put_hex(out, "entity", rf_texts_get(&graph->side[rf_entity_side(kind)].id, adj->e_v[i]));
        fprintf(out, ",");
        put_hex(out, "event_id", rf_texts_get(&side.graph->id, i));
        fprintf(out, ",\"of\":\"%s\",\"probability\":%.9g", kind_of(findings, side.side),
                exp(-(double)side.scores->ce[i]));
        put_subject(out, &side, i);
    }
}

static void put_members(FILE *out, const char *key, const rf_graph_side *side, const uint32_t *rows,
                        int64_t n)
{
    fprintf(out, ",\"%s\":[", key);
    for (int64_t i = 0; i < n; i++) {
        fprintf(out, "%s{", i > 0 ? "," : "");
        put_hex(out, "name", rf_texts_get(&side->id, rows[i]));
        fprintf(out, "}");
    }
    fprintf(out, "]");
}

static void put_clusters(FILE *out, const rf_findings *findings)
{
    static const char *const changes[] = {"new", "grown", "shrunk", "changed", "same", "gone"};
    const rf_clusters *clusters = findings->clusters;
    for (int64_t c = 0; c < clusters->n; c++) {
        const rf_cluster *cluster = &clusters->at[c];
        fprintf(out, "%s\n{\"id\":\"%s\",\"dense\":%s,\"significance\":%.17g,\"change\":\"%s\"",
                c > 0 ? "," : "", cluster->id, cluster->method == RF_CLUSTER_DENSE ? "true" : "false",
                cluster->significance, changes[cluster->change]);
        for (rf_side s = 0; s < rf_sides(&findings->graph->kinds); s++) {
            if (rf_side_role(s) != RF_EDGE)
                put_members(out, kind_of(findings, s), &findings->graph->side[s],
                            clusters->rows[s] + cluster->from[s], cluster->n[s]);
        }
        fprintf(out, "}");
    }
}

static void put_suppressions(FILE *out, const rf_findings *findings)
{
    const rf_suppressions *list = findings->suppressed;
    for (int64_t i = 0; i < list->n; i++) {
        const rf_suppression *one = &list->at[i];
        fprintf(out, "%s\n{\"kind\":\"%s\",", i > 0 ? "," : "", kind_of(findings, one->side));
        put_hex(out, "name", one->id);
        fprintf(out, ",");
        put_hex(out, "reason", one->reason);
        fprintf(out, ",");
        put_hex(out, "author", one->author);
        if (one->expires_us != INT64_MAX)
            fprintf(out, ",\"expires\":%" PRId64, one->expires_us);
        if (one->types != NULL)
            fprintf(out, ",\"types\":\"%s\"", one->types);
        fprintf(out, "}");
    }
}

void write_truth(const char *folder, const rf_findings *findings)
{
    char path[RF_TEST_PATH];
    const rf_kinds *kinds = &findings->graph->kinds;
    snprintf(path, sizeof path, "%s/truth.json", folder);
    FILE *out = fopen(path, "w");
    ck_assert_msg(out != NULL, "%s cannot be written", path);
    fprintf(out, "{\"kinds\":[");
    for (int k = 0; k < kinds->n; k++)
        fprintf(out, "%s\"%s\"", k > 0 ? "," : "", kinds->name[k]);
    fprintf(out, "],\n\"nodes\":[");
    for (rf_side s = 0; s < rf_sides(kinds); s++) {
        if (rf_side_role(s) != RF_EDGE)
            put_nodes(out, findings, s);
    }
    fprintf(out, "],\n\"edges\":[");
    for (int k = 0; k < rf_kinds_n(kinds); k++)
        put_edges(out, findings, k);
    fprintf(out, "],\n\"clusters\":[");
    put_clusters(out, findings);
    fprintf(out, "],\n\"suppressions\":[");
    put_suppressions(out, findings);
    fprintf(out, "]}\n");
    ck_assert(fclose(out) == 0);
}
