/* test_export_kinds.c - an export of a graph of several kinds of entity: whom a selection brings, and how the
 * kinds look. That every format says all of it, its readers judge (tests/readers).
 */
#include <stdlib.h>
#include <string.h>

#include "made_clusters.h"
#include "made_scores.h"
#include "members_int.h"
#include "rf_check.h"
#include "style_int.h"

#define KINDS 3

typedef struct scene {
    rf_graph *graph;
    rf_scores *scores;
    rf_clusters *clusters;
    rf_findings findings;
    rf_export_options options;
    rf_extract extract;
} scene;

static void begin(scene *s)
{
    static const made_shape shapes[KINDS] = {
        {60, 20, 150, 2, 2, 2, 3}, {60, 40, 90, 2, 2, 1, 4}, {60, 9, 50, 2, 1, 2, 5}};
    *s = (scene){.graph = made_graph_of_kinds(shapes, KINDS)};
    s->scores = made_scores(s->graph);
    s->clusters = made_clusters(s->graph, s->scores);
    s->findings = (rf_findings){.graph = s->graph, .scores = s->scores, .clusters = s->clusters};
    rf_export_options_default(&s->options);
}

static void drop(scene *s)
{
    rf_mem_free(s->extract.nodes);
    rf_mem_free(s->extract.edges);
    rf_mem_free(s->extract.node_legend.at);
    rf_mem_free(s->extract.edge_legend.at);
}

static rf_status select_text(scene *s, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    drop(s);
    s->extract = (rf_extract){
        .findings = &s->findings, .graph = s->graph, .scores = s->scores, .options = &s->options};
    RF_TRY(rf_selection_parse(&s->options.select, text, err));
    RF_TRY(rf_extract_select(&s->extract, err));
    RF_TRY(rf_extract_legend(&s->extract, err));
done:
    return st;
}

static void end(scene *s)
{
    drop(s);
    rf_clusters_free(s->clusters);
    rf_scores_free(s->scores);
    rf_graph_free(s->graph);
}

static int64_t with_role(const scene *s, rf_side side, rf_role role)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s->extract.counts.nodes; i++)
        n += s->extract.nodes[i].side == side && s->extract.nodes[i].role == role;
    return n;
}

/* Ends of every edge are what the graph says, and no edge between two nodes is missing. */
static void check_edges(const scene *s)
{
    int64_t found = 0, i = 0;
    for (; i < s->extract.counts.edges; i++) {
        const rf_extract_edge *edge = &s->extract.edges[i];
        const rf_adj *adj = rf_graph_adj(s->graph, rf_side_kind(edge->side));
        ck_assert_int_eq(s->extract.nodes[edge->from].side, RF_USER);
        ck_assert_int_eq(s->extract.nodes[edge->to].side, rf_entity_side(rf_side_kind(edge->side)));
        ck_assert_uint_eq(s->extract.nodes[edge->from].row, adj->e_u[edge->row]);
        ck_assert_uint_eq(s->extract.nodes[edge->to].row, adj->e_v[edge->row]);
        if (i > 0)
            ck_assert(edge->side > edge[-1].side ||
                      (edge->side == edge[-1].side && edge->row > edge[-1].row));
    }
    for (int64_t a = 0; a < s->extract.counts.nodes; a++) {
        for (int64_t b = 0; b < s->extract.counts.nodes; b++) {
            const rf_extract_node *user = &s->extract.nodes[a], *entity = &s->extract.nodes[b];
            if (user->side != RF_USER || entity->side == RF_USER)
                continue;
            const rf_adj *adj = rf_graph_adj(s->graph, rf_side_kind(entity->side));
            for (int64_t e = 0; e < adj->n_e; e++)
                found += adj->e_u[e] == user->row && adj->e_v[e] == entity->row;
        }
    }
    ck_assert_int_eq(found, s->extract.counts.edges);
}

START_TEST(all_kinds_are_around_a_user)
{
    scene s;
    rf_err err = {0};
    begin(&s);
    s.options.hops = 1;
    RF_CHECK_OK(err, select_text(&s, "around=user-7", &err));
    ck_assert_int_eq(with_role(&s, RF_USER, RF_ROLE_SUBJECT), 1);
    for (int k = 0; k < KINDS; k++) {
        const rf_adj *adj = rf_graph_adj(s.graph, k);
        int64_t met = 0;
        for (int64_t v = 0; v < adj->n_v; v++) {
            bool any = false;
            for (int64_t e = adj->u_ptr[7]; e < adj->u_ptr[8]; e++)
                any = any || adj->e_v[e] == v;
            met += any;
        }
        ck_assert_int_eq(with_role(&s, rf_entity_side(k), RF_ROLE_NEIGHBOUR), met);
    }
    check_edges(&s);
    end(&s);
}
END_TEST

START_TEST(a_kind_is_selected_by_its_name)
{
    scene s;
    rf_err err = {0};
    begin(&s);
    RF_CHECK_OK(err, select_text(&s, "around-device=device-3", &err));
    ck_assert_int_eq(with_role(&s, rf_entity_side(1), RF_ROLE_SUBJECT), 1);
    check_edges(&s);
    RF_CHECK_OK(err, select_text(&s, "top-card=4", &err));
    ck_assert_int_eq(with_role(&s, rf_entity_side(2), RF_ROLE_SUBJECT), 4);
    ck_assert_int_eq(s.extract.counts.subjects, 4);
    RF_CHECK_OK(err, select_text(&s, "around-entity=shop-2", &err)); /* the main kind */
    ck_assert_int_eq(with_role(&s, RF_ENTITY, RF_ROLE_SUBJECT), 1);
    RF_CHECK_OK(err, select_text(&s, "percentile=0", &err));
    ck_assert_int_eq(s.extract.counts.subjects, 60 + 20 + 40 + 9);
    RF_CHECK_FAILS(err, RF_E_INVALID, "no entities of a kind devise; did you mean device?",
                   select_text(&s, "around-devise=device-3", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "that is a card; select around-card=card-1",
                   select_text(&s, "around-device=card-1", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "that is a device; select around-device=device-3",
                   select_text(&s, "around=device-3", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "no device of this id", select_text(&s, "around-device=x", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "--select around-A=x", select_text(&s, "around-A=x", &err));
    end(&s);
}
END_TEST

START_TEST(a_cluster_brings_its_members_of_all_kinds)
{
    scene s;
    rf_err err = {0};
    begin(&s);
    RF_CHECK_OK(err, select_text(&s, "cluster=worst", &err));
    ck_assert_int_eq(with_role(&s, RF_USER, RF_ROLE_SUBJECT), 3);
    ck_assert_int_eq(with_role(&s, RF_ENTITY, RF_ROLE_SUBJECT), 2);
    ck_assert_int_eq(with_role(&s, rf_entity_side(1), RF_ROLE_SUBJECT), 2);
    check_edges(&s);
    RF_CHECK_OK(err, rf_extract_describe(&s.extract, &err));
    ck_assert(strstr(s.extract.note.ptr, ": 3 users, 2 shops and 2 devices, 5 edges among them") != NULL);
    rf_text_clear(&s.extract.title);
    rf_text_clear(&s.extract.note);
    end(&s);
}
END_TEST

START_TEST(the_ring_of_the_worst_user_has_all_kinds)
{
    scene s;
    rf_err err = {0};
    char path[RF_TEST_PATH];
    begin(&s);
    for (int64_t e = 0; e < s.graph->side[rf_edge_side(1)].n; e++) /* devices stand out */
        s.scores->side[rf_edge_side(1)].percentile[e] = 0.999F;
    RF_CHECK_OK(err, rf_export_ring(&s.findings, rf_tmp_path(path, "ring.svg"), &err));
    char *text = rf_slurp(path, NULL);
    ck_assert(strstr(text, "Users are circles, shops squares, devices triangles, cards diamonds;") != NULL);
    ck_assert(strstr(text, "<polygon") != NULL);
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_picture_says_shapes_of_long_names_in_lines_that_fit)
{
    scene s;
    rf_err err = {0};
    char path[RF_TEST_PATH];
    begin(&s);
    for (int k = 0; k < KINDS; k++)
        snprintf(s.graph->kinds.name[k], RF_KIND_NAME, "%c_kind_with_a_quite_long_name", 'a' + k);
    s.scores->kinds = s.graph->kinds;
    RF_CHECK_OK(err, rf_export_ring(&s.findings, rf_tmp_path(path, "ring.svg"), &err));
    char *text = rf_slurp(path, NULL), *at = strstr(text, "Users are circles");
    ck_assert_ptr_nonnull(at);
    ck_assert_uint_lt(strcspn(at, "<"), 140);
    ck_assert_ptr_nonnull(strstr(at, "dotted one.</text>"));
    free(text);
    end(&s);
}
END_TEST

START_TEST(a_hub_is_said_to_be_one)
{
    scene s;
    rf_err err = {0};
    char path[RF_TEST_PATH];
    begin(&s);
    rf_export_options_default(&s.options);
    s.options.format = "cytoscapejs";
    s.options.path = rf_tmp_path(path, "hub.json");
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "around-card=card-2", &err));
    for (int known = 0; known <= 1; known++) {
        rf_export_result result;
        if (known) {
            s.graph->side[rf_entity_side(2)].hub = rf_mem_zero(9, 1, NULL);
            ck_assert_ptr_nonnull(s.graph->side[rf_entity_side(2)].hub);
            s.graph->side[rf_entity_side(2)].hub[2] = 1;
        }
        RF_CHECK_OK(err, rf_export_write(&result, &s.findings, &s.options, &err));
        char *text = rf_slurp(path, NULL);
        ck_assert_int_eq(rf_count_of(text, "\"hub\":true"), known);
        free(text);
    }
    end(&s);
}
END_TEST

START_TEST(each_kind_has_a_look_of_its_own)
{
    scene s;
    rf_err err = {0};
    begin(&s);
    RF_CHECK_OK(err, select_text(&s, "percentile=0", &err));
    for (int k = 0; k < KINDS; k++) {
        char name[32];
        rf_look look = rf_look_of(&s.extract, rf_entity_side(k), 0);
        snprintf(name, sizeof name, "%s", rf_kind_name(&s.graph->kinds, k));
        ck_assert(strncmp(look.name, name, strlen(name)) == 0);
        ck_assert_int_eq(look.place, 1 + k);
    }
    end(&s);
}
END_TEST

/* By its shape or by its hue. */
START_TEST(no_two_of_many_kinds_look_the_same)
{
    rf_graph graph = {.kinds.n = RF_KINDS_MOST};
    rf_scores scores = {.kinds.n = RF_KINDS_MOST};
    float middling[1] = {0.5F};
    rf_findings findings = {.graph = &graph, .scores = &scores};
    rf_extract extract = {.findings = &findings, .graph = &graph, .scores = &scores};
    for (rf_side s = 0; s < RF_SIDES_MOST; s++)
        scores.side[s].percentile = middling;
    for (int a = 0; a < RF_KINDS_MOST; a++) {
        for (int b = 0; b < a; b++) {
            rf_side one = rf_entity_side(a), other = rf_entity_side(b);
            rf_color x = rf_look_of(&extract, one, 0).color, y = rf_look_of(&extract, other, 0).color;
            ck_assert(rf_side_shape(one) != rf_side_shape(other) || x.r != y.r || x.g != y.g || x.b != y.b);
        }
    }
}
END_TEST

RF_SUITE("export_kinds", all_kinds_are_around_a_user, a_kind_is_selected_by_its_name,
         a_cluster_brings_its_members_of_all_kinds, the_ring_of_the_worst_user_has_all_kinds,
         a_picture_says_shapes_of_long_names_in_lines_that_fit, a_hub_is_said_to_be_one,
         each_kind_has_a_look_of_its_own, no_two_of_many_kinds_look_the_same)
