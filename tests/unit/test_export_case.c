/* test_export_case.c - what exports say of tags, clusters and suppressions, and how it looks. */
#include "extract_columns_int.h"
#include "style_int.h"
#include "made_clusters.h"
#include "made_scores.h"
#include "made_tags.h"
#include "rf_check.h"

/* Everything that can be known of a small graph; user 2 and entity 1 are suppressed, entity 1 for good. */
typedef struct case_of {
    rf_graph *graph;
    rf_scores *scores;
    rf_tags *tags;
    rf_clusters *clusters;
    rf_suppression at[2];
    int64_t of_u[14], of_v[7];
    rf_suppressions suppressed;
    rf_findings findings;
} case_of;

static case_of *make_case(void)
{
    case_of *c = calloc(1, sizeof *c);
    ck_assert_ptr_nonnull(c);
    c->graph = made_graph((made_shape){14, 7, 60, 3, 2, 2, 7});
    c->scores = made_scores(c->graph);
    c->tags = made_tags(c->graph, c->scores, 3);
    c->clusters = made_clusters(c->graph, c->scores);
    c->at[0] = (rf_suppression){.side = RF_USER,
                                .id = "user-2",
                                .reason = "test account",
                                .author = "jo",
                                .types = "|promo_abuse|collusion|",
                                .expires_us = INT64_C(1798675200000000),
                                .row = 2};
    c->at[1] = (rf_suppression){.side = RF_ENTITY,
                                .id = "shop-1",
                                .reason = "agreed campaign",
                                .author = "kim",
                                .expires_us = INT64_MAX,
                                .row = 1};
    memset(c->of_u, 0xFF, sizeof c->of_u);
    memset(c->of_v, 0xFF, sizeof c->of_v);
    c->of_u[2] = 0;
    c->of_v[1] = 1;
    c->suppressed = (rf_suppressions){.at = c->at, .n = 2, .of[RF_USER] = c->of_u, .of[RF_ENTITY] = c->of_v};
    c->findings = (rf_findings){.graph = c->graph,
                                .scores = c->scores,
                                .tags = c->tags,
                                .clusters = c->clusters,
                                .suppressed = &c->suppressed};
    return c;
}

static void free_case(case_of *c)
{
    rf_clusters_free(c->clusters);
    rf_tags_free(c->tags);
    rf_scores_free(c->scores);
    rf_graph_free(c->graph);
    free(c);
}

static rf_export_options everything(const char *format, const char *path)
{
    rf_err err = {0};
    rf_export_options options;
    rf_export_options_default(&options);
    RF_CHECK_OK(err, rf_selection_parse(&options.select, "percentile=0", &err));
    options.format = format;
    options.path = path;
    return options;
}

/* ---- columns ---- */

typedef struct shown { /* an extract of everything, and its table */
    rf_extract extract;
    rf_export_options options;
} shown;

static void show(shown *s, const case_of *c)
{
    rf_err err = {0};
    s->options = everything("graphml", "-");
    s->extract = (rf_extract){
        .findings = &c->findings, .graph = c->graph, .scores = c->scores, .options = &s->options};
    RF_CHECK_OK(err, rf_extract_select(&s->extract, &err));
    RF_CHECK_OK(err, rf_extract_legend(&s->extract, &err));
    RF_CHECK_OK(err, rf_extract_columns(&s->extract, &err));
}

static void hide(shown *s)
{
    rf_mem_free(s->extract.nodes);
    rf_mem_free(s->extract.edges);
    rf_mem_free(s->extract.node_legend.at);
    rf_mem_free(s->extract.edge_legend.at);
    rf_columns_free(s->extract.node_columns);
    rf_columns_free(s->extract.edge_columns);
}

/* Users come first, each at its row. */
static rf_value value_of(shown *s, bool of_edge, const char *key, int64_t i)
{
    rf_columns *columns = of_edge ? s->extract.edge_columns : s->extract.node_columns;
    const rf_column *column = rf_columns_find(columns, key);
    rf_value value = {0};
    rf_err err = {0};
    ck_assert_msg(column != NULL, "the column %s is missing", key);
    RF_CHECK_OK(err, rf_columns_read(&value, columns, (int)(column - columns->at), &s->extract, i, &err));
    return value;
}

START_TEST(tags_are_said_the_surest_first)
{
    case_of *c = make_case();
    shown s;
    show(&s, c);
    for (int64_t u = 0; u < 14; u++) {
        int64_t t = c->tags->side[RF_USER].ptr[u], n = c->tags->side[RF_USER].ptr[u + 1] - t;
        rf_value value = value_of(&s, false, "tag", u);
        ck_assert_int_eq(value.there, n > 0);
        if (n == 0)
            continue;
        ck_assert_str_eq(value.text, rf_tag_type(c->tags, &c->tags->side[RF_USER].tags[t]));
        ck_assert_double_eq(value_of(&s, false, "tag_confidence", u).number,
                            (double)c->tags->side[RF_USER].tags[t].confidence);
        value = value_of(&s, false, "tag_types", u);
        ck_assert_int_eq(value.n_list, n);
        for (int64_t k = 0; k < n; k++)
            ck_assert_str_eq(value.list[k], rf_tag_type(c->tags, &c->tags->side[RF_USER].tags[t + k]));
        char expected[128];
        char words[RF_TAG_WORDS];
        snprintf(expected, sizeof expected, "%s (%.2f)",
                 rf_tag_words(words, c->tags, &c->tags->side[RF_USER].tags[t], RF_ANOMALY_NONE),
                 (double)c->tags->side[RF_USER].tags[t].confidence);
        value = value_of(&s, false, "tags", u);
        ck_assert_msg(strncmp(value.text, expected, strlen(expected)) == 0, "%s", value.text);
    }
    hide(&s);
    free_case(c);
}
END_TEST

START_TEST(evidence_says_what_was_found_and_what_it_was_compared_with)
{
    case_of *c = make_case();
    shown s;
    int64_t u = 0;
    while (c->tags->side[RF_USER].ptr[u + 1] - c->tags->side[RF_USER].ptr[u] != 1)
        u++;
    rf_tag *tag = &c->tags->side[RF_USER].tags[c->tags->side[RF_USER].ptr[u]];
    rf_evidence *evidence = &c->tags->side[RF_USER].evidence[tag->evidence];
    tag->rule = 0;
    tag->edge = RF_NO_EDGE;
    tag->n_evidence = 1;
    *evidence = (rf_evidence){.signal = 0, .percentile = 0.998F, .observed = 0.97, .threshold = 0.6};
    show(&s, c);
    ck_assert_str_eq(value_of(&s, false, "evidence", u).text,
                     "promo_abuse: coupons 0.97 (above 0.6, percentile 0.998)");
    evidence->observed = 0.25;
    evidence->percentile = NAN;
    ck_assert_str_eq(value_of(&s, false, "evidence", u).text, "promo_abuse: coupons 0.25 (below 0.6)");
    evidence->observed = NAN;
    ck_assert_str_eq(value_of(&s, false, "evidence", u).text, "promo_abuse: coupons unknown");
    tag->edge = (uint32_t)c->graph->adj.u_ptr[u];
    char expected[128];
    snprintf(expected, sizeof expected, "promo_abuse on an edge to shop-%u: coupons unknown",
             c->graph->adj.e_v[tag->edge]);
    ck_assert_str_eq(value_of(&s, false, "evidence", u).text, expected);
    hide(&s);
    free_case(c);
}
END_TEST

START_TEST(why_is_a_sentence_and_shares_that_add_up)
{
    case_of *c = make_case();
    shown s;
    show(&s, c);
    for (int64_t i = 0; i < 14 + 7; i++) {
        rf_explanation why;
        rf_explain(&why, c->graph, c->scores, i < 14 ? RF_USER : RF_ENTITY, i < 14 ? i : i - 14);
        ck_assert_str_eq(value_of(&s, false, "why", i).text, why.sentence);
        double sum = value_of(&s, false, "share_of_features", i).number +
                     value_of(&s, false, "share_of_edges", i).number +
                     value_of(&s, false, "share_of_structure", i).number;
        ck_assert_double_eq_tol(sum, 1, 1e-6);
    }
    ck_assert_ptr_null(rf_columns_find(s.extract.edge_columns, "share_of_edges"));
    ck_assert(value_of(&s, true, "why", 3).there);
    hide(&s);
    free_case(c);
}
END_TEST

START_TEST(clusters_are_of_members_and_of_edges_between_them)
{
    case_of *c = make_case();
    shown s;
    int between = 0;
    show(&s, c);
    ck_assert_str_eq(value_of(&s, false, "cluster", 0).text, "c-00000000000000a1");
    ck_assert_str_eq(value_of(&s, false, "cluster_change", 0).text, "grown");
    ck_assert(!value_of(&s, false, "dense_block", 0).there);
    ck_assert_str_eq(value_of(&s, false, "dense_block", 3).text, "c-00000000000000c3");
    ck_assert(!value_of(&s, false, "dense_block_significance", 0).there);
    ck_assert_double_eq(value_of(&s, false, "dense_block_significance", 3).number, 12.5);
    ck_assert(!value_of(&s, false, "cluster", 3).there);
    ck_assert_str_eq(value_of(&s, false, "cluster", 14 + 3).text, "c-00000000000000b2"); /* entity 3 */
    for (int64_t e = 0; e < 60; e++) {
        uint32_t u = c->graph->adj.e_u[e], v = c->graph->adj.e_v[e];
        bool inside = (u <= 2 && v <= 1) || ((u == 4 || u == 7) && v == 3);
        ck_assert_int_eq(value_of(&s, true, "cluster", e).there, inside);
        between += inside;
    }
    ck_assert_int_gt(between, 0);
    hide(&s);
    free_case(c);
}
END_TEST

START_TEST(the_suppressed_are_shown_as_such_with_who_and_why)
{
    case_of *c = make_case();
    shown s;
    c->at[0].types = NULL;
    show(&s, c);
    ck_assert(value_of(&s, false, "suppressed", 2).yes);
    ck_assert(value_of(&s, false, "suppressed", 1).there && !value_of(&s, false, "suppressed", 1).yes);
    ck_assert_str_eq(value_of(&s, false, "suppression_reason", 2).text, "test account");
    ck_assert_str_eq(value_of(&s, false, "suppression_author", 2).text, "jo");
    ck_assert(!value_of(&s, false, "suppression_types", 2).there);
    ck_assert_int_eq(value_of(&s, false, "suppression_expires", 2).whole, INT64_C(1798675200000000));
    ck_assert(!value_of(&s, false, "suppression_expires", 14 + 1).there);
    ck_assert_double_gt(rf_node_border(&s.extract, &(rf_extract_node){.row = 2, .role = RF_ROLE_CONTEXT}), 0);
    for (int64_t e = 0; e < 60; e++)
        ck_assert_int_eq(value_of(&s, true, "suppressed", e).yes,
                         c->graph->adj.e_u[e] == 2 || c->graph->adj.e_v[e] == 1);
    hide(&s);
    free_case(c);
}
END_TEST

START_TEST(who_has_another_tag_than_a_list_takes_is_no_longer_suppressed)
{
    case_of *c = make_case();
    rf_tag_side *users = &c->tags->side[RF_USER];
    const rf_extract_node node = {.row = 2};
    shown s;
    for (int64_t t = users->ptr[2]; t < users->ptr[3]; t++)
        users->tags[t].rule = 1;
    ck_assert_int_lt(users->ptr[2], users->ptr[3]);
    show(&s, c);
    ck_assert(value_of(&s, false, "suppressed", 2).yes && rf_node_suppression(&s.extract, &node) != NULL);
    ck_assert_str_eq(value_of(&s, false, "suppression_types", 2).text, "promo_abuse; collusion");
    users->tags[users->ptr[2]].rule = 2; /* unknown_pattern */
    ck_assert(!value_of(&s, false, "suppressed", 2).yes && rf_node_suppression(&s.extract, &node) == NULL);
    ck_assert_str_eq(value_of(&s, false, "suppression_reason", 2).text, "test account");
    hide(&s);
    free_case(c);
}
END_TEST

START_TEST(without_findings_there_are_no_columns_of_them)
{
    static const char *const keys[] = {"tag", "tags", "tag_types", "evidence", "cluster", "suppressed"};
    case_of *c = make_case();
    shown s;
    c->findings.tags = NULL;
    c->findings.clusters = NULL;
    c->findings.suppressed = NULL;
    show(&s, c);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        ck_assert_ptr_null(rf_columns_find(s.extract.node_columns, keys[i]));
        ck_assert_ptr_null(rf_columns_find(s.extract.edge_columns, keys[i]));
    }
    ck_assert_ptr_nonnull(rf_columns_find(s.extract.node_columns, "look"));
    hide(&s);
    free_case(c);
}
END_TEST

/* ---- looks ---- */

START_TEST(the_legend_counts_every_look_tags_first)
{
    case_of *c = make_case();
    shown s;
    show(&s, c);
    const rf_legend *legend = &s.extract.node_legend;
    int64_t n = 0;
    for (int i = 0; i < legend->n; i++) {
        n += legend->at[i].n;
        if (i > 0)
            ck_assert(legend->at[i - 1].look.is_tag || !legend->at[i].look.is_tag);
        if (i > 0 && legend->at[i].look.is_tag)
            ck_assert_int_ge(legend->at[i - 1].n, legend->at[i].n);
    }
    ck_assert_int_eq(n, 21);
    ck_assert(legend->at[0].look.is_tag);
    for (int64_t i = 0; i < 21; i++) {
        const rf_look look = rf_node_look(&s.extract, &s.extract.nodes[i]);
        ck_assert_str_eq(value_of(&s, false, "look", i).text, look.name);
        rf_value tag = value_of(&s, false, "tag", i);
        ck_assert(look.is_tag == tag.there);
        if (tag.there)
            ck_assert_str_eq(look.name, tag.text);
    }
    hide(&s);
    free_case(c);
}
END_TEST

START_TEST(no_two_shipped_types_share_a_colour)
{
    static const char *const types[] = {"promo_abuse",      "collusion",
                                        "account_farm",     "card_testing",
                                        "velocity_bot",     "account_takeover",
                                        "refund_abuse",     "review_farm",
                                        "device_farm",      "mule_fan_in_out",
                                        "self_dealing",     RF_UNKNOWN_PATTERN,
                                        "a_type_of_my_own", ""};
    enum { N = sizeof types / sizeof *types };
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < i; k++) {
            rf_color a = rf_tag_color(types[i]), b = rf_tag_color(types[k]);
            ck_assert_msg(abs(a.r - b.r) + abs(a.g - b.g) + abs(a.b - b.b) > 30, "%s and %s", types[i],
                          types[k]);
        }
    }
}
END_TEST

/* ---- files ---- */

START_TEST(a_cluster_introduces_itself)
{
    case_of *c = make_case();
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_export_result result;
    rf_export_options options = everything("dot", rf_tmp_path(path, "cluster.dot"));
    RF_CHECK_OK(err, rf_selection_parse(&options.select, "cluster=worst", &err));
    RF_CHECK_OK(err, rf_export_write(&result, &c->findings, &options, &err));
    char *text = rf_slurp(path, NULL);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(
        strstr(text, "Cluster c-00000000000000a1 (communities, grown since the last run): 3 users "
                     "and 2 entities, 5 edges among them"));
    ck_assert_ptr_nonnull(strstr(text, "1 joined and 0 left since"));
    ck_assert_ptr_nonnull(strstr(text, "Tags by the rules made, revision 3."));
    ck_assert_ptr_nonnull(strstr(text, "Suppressed nodes, which never become actions: 2."));
    ck_assert_ptr_nonnull(strstr(text, "Colours of nodes: "));
    free(text);
    free_case(c);
}
END_TEST

START_TEST(labels_for_neo4j_are_names_whatever_the_types_are)
{
    static const char *const types[] = {"user", "42;x\"\n:Admin", "\xC3\xA9"};
    case_of *c = make_case();
    char path[RF_TEST_PATH], users[RF_TEST_PATH];
    rf_err err = {0};
    rf_export_result result;
    rf_export_options options = everything("neo4j", rf_tmp_path(path, "labels"));
    rf_graph_side named = {.n = 3};
    c->at[0].types = NULL;
    made_graph_set_ids(&named, types);
    rf_texts_clear(&c->tags->rule_type);
    c->tags->rule_type = named.id;
    RF_CHECK_OK(err, rf_export_write(&result, &c->findings, &options, &err));
    snprintf(users, sizeof users, "%.1000s/users.csv", path);
    char *text = rf_slurp(users, NULL);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(strstr(text, ";TagUser;"));
    ck_assert_ptr_nonnull(strstr(text, ";Tag42XAdmin;"));
    ck_assert_ptr_nonnull(strstr(text, ";Tag;"));
    ck_assert_ptr_nonnull(strstr(text, ";Subject;Suppressed,user:user-2,"));
    free(text);
    rf_remove_tree(path);
    free_case(c);
}
END_TEST

START_TEST(tags_of_another_graph_are_refused)
{
    case_of *c = make_case();
    rf_err err = {0};
    rf_export_result result;
    rf_export_options options = everything("graphml", "-");
    c->tags->side[RF_ENTITY].n--;
    RF_CHECK_FAILS(err, RF_E_FORMAT, "the tags are of 14 users, 6 entities",
                   rf_export_write(&result, &c->findings, &options, &err));
    c->tags->side[RF_ENTITY].n++;
    free_case(c);
}
END_TEST

START_TEST(writing_all_findings_survives_every_failing_allocation)
{
    case_of *c = make_case();
    for (const char *const *format = rf_export_formats(); *format != NULL; format++) {
        char path[RF_TEST_PATH], folder[RF_TEST_PATH];
        rf_export_result result;
        ck_assert_int_eq(mkdir(rf_tmp_path(folder, "sweep"), 0700), 0);
        rf_export_options options = everything(*format, rf_tmp_path(path, "sweep/out"));
        options.max_nodes = 5;
        RF_SWEEP(rf_export_write(&result, &c->findings, &options, sweep_err), );
        ck_assert_int_eq(rf_count_entries(folder), 1);
        rf_remove_tree(folder);
    }
    free_case(c);
}
END_TEST

RF_SUITE("export_case", tags_are_said_the_surest_first,
         evidence_says_what_was_found_and_what_it_was_compared_with, why_is_a_sentence_and_shares_that_add_up,
         clusters_are_of_members_and_of_edges_between_them, the_suppressed_are_shown_as_such_with_who_and_why,
         who_has_another_tag_than_a_list_takes_is_no_longer_suppressed,
         without_findings_there_are_no_columns_of_them, the_legend_counts_every_look_tags_first,
         no_two_shipped_types_share_a_colour, a_cluster_introduces_itself,
         labels_for_neo4j_are_names_whatever_the_types_are, tags_of_another_graph_are_refused,
         writing_all_findings_survives_every_failing_allocation)
