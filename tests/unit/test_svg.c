/* test_svg.c - which nodes get into the picture of the worst ring, what the SVG says, and that it is
 * well-formed for any ids. */
#include "made_scores.h"
#include "rf_check.h"
#include "rf_export.h"

#include <ctype.h>

static char *drawn(const made_scored *m)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    RF_CHECK_OK(err, rf_export_ring(&m->findings, rf_tmp_path(path, "ring.svg"), &err));
    char *svg = rf_slurp(path, NULL);
    ck_assert_ptr_nonnull(svg);
    return svg;
}

/* Tags nest and close, attributes are quoted, every & begins a reference: enough XML for what we write. */
static void assert_well_formed(const char *svg)
{
    char open[32][16];
    int depth = 0;
    for (const char *at = svg; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        ck_assert_msg(c >= 0x20 || c == '\n', "control character %d", c);
        if (c == '&')
            ck_assert_msg(strncmp(at, "&lt;", 4) == 0 || strncmp(at, "&gt;", 4) == 0 ||
                              strncmp(at, "&amp;", 5) == 0 || strncmp(at, "&quot;", 6) == 0 ||
                              strncmp(at, "&#10;", 5) == 0,
                          "bare & at %.20s", at);
        if (c != '<' || at[1] == '?')
            continue;
        const char *end = strchr(at, '>');
        ck_assert_ptr_nonnull(end);
        bool closes = at[1] == '/';
        size_t len = 0;
        const char *name = at + 1 + closes;
        while (isalpha((unsigned char)name[len]))
            len++;
        ck_assert(len > 0 && len < sizeof open[0]);
        if (closes) {
            ck_assert_int_gt(depth, 0);
            depth--;
            ck_assert_msg(strlen(open[depth]) == len && strncmp(open[depth], name, len) == 0,
                          "</%.*s> closes <%s>", (int)len, name, open[depth]);
        } else if (end[-1] != '/') {
            ck_assert_int_lt(depth, 32);
            snprintf(open[depth++], sizeof open[0], "%.*s", (int)len, name);
        }
        at = end;
    }
    ck_assert_int_eq(depth, 0);
}

/* Scores by hand: everybody is ordinary but users 0..9 and their edges to the first three entities. */
static void plant_ring(const rf_graph *graph, rf_scores *scores)
{
    for (int64_t i = 0; i < graph->side[RF_USER].n; i++)
        scores->side[RF_USER].percentile[i] = i < 10 ? 0.999F : 0.3F;
    for (int64_t i = 0; i < graph->side[RF_USER].n; i++)
        scores->side[RF_USER].score[i] = i == 4 ? 9 : 1;
    for (int64_t i = 0; i < graph->side[RF_EDGE].n; i++) {
        bool planted = graph->adj.e_u[i] < 10 && graph->adj.e_v[i] < 3;
        scores->side[RF_EDGE].percentile[i] = planted ? 0.9995F : 0.4F;
    }
}

START_TEST(the_ring_around_the_worst_user_is_drawn_and_nobody_else)
{
    made_scored m = made_scored_of((made_shape){100, 6, 6000, 2, 2, 2, 6});
    plant_ring(m.graph, m.scores);
    char *svg = drawn(&m);
    assert_well_formed(svg);
    ck_assert_ptr_nonnull(strstr(svg, "Around user user-4, the highest score"));
    ck_assert_int_eq(rf_count_of(svg, "id=\"user:"), 10);
    ck_assert_int_eq(rf_count_of(svg, "id=\"entity:"), 3);
    ck_assert_int_eq(rf_count_of(svg, "<circle"), 10); /* users are round, entities square */
    ck_assert_int_eq(rf_count_of(svg, "id=\"entity:shop-0\""), 1);
    ck_assert_int_eq(rf_count_of(svg, "id=\"entity:shop-1\""), 1);
    ck_assert_int_eq(rf_count_of(svg, "id=\"entity:shop-2\""), 1);
    ck_assert_int_eq(rf_count_of(svg, "id=\"entity:shop-3\""), 0);
    ck_assert_ptr_nonnull(strstr(svg, "2018-04-01T00:00:00Z to 2018-05-01T00:00:00Z"));
    ck_assert_ptr_nonnull(strstr(svg, "The highest edges, and what the model did not expect of them"));
    free(svg);
    made_scored_free(&m);
}
END_TEST

START_TEST(a_crowd_is_cut_to_what_can_be_read)
{
    made_scored m = made_scored_of((made_shape){300, 60, 9000, 2, 2, 2, 6});
    for (int64_t i = 0; i < m.graph->side[RF_USER].n; i++)
        m.scores->side[RF_USER].percentile[i] = 0.99F;
    for (int64_t i = 0; i < m.graph->side[RF_EDGE].n; i++)
        m.scores->side[RF_EDGE].percentile[i] = 0.99F;
    char *svg = drawn(&m);
    assert_well_formed(svg);
    ck_assert_int_eq(rf_count_of(svg, "id=\"user:"), 25);
    ck_assert_int_eq(rf_count_of(svg, "id=\"entity:"), 15);
    ck_assert_int_le(rf_count_of(svg, "<path"), 300);
    free(svg);
    made_scored_free(&m);
}
END_TEST

START_TEST(hostile_ids_are_escaped_and_shortened)
{
    static const char *const ids[] = {
        "<script>alert('x') & \"y\"</script>",
        "line\nfeed\x01\x1F",
        "\xF0\x9F\x92\xB3\xF0\x9F\x92\xB3 caf\xC3\xA9 of a name that goes on and on and on",
        "broken \xFF\xC3( utf-8 \xEF\xBF\xBF",
        "",
        "]]>--"};
    made_scored m = made_scored_of((made_shape){6, 6, 36, 2, 2, 2, 6});
    made_graph_set_ids(&m.graph->side[RF_USER], ids);
    made_graph_set_ids(&m.graph->side[RF_ENTITY], ids);
    for (int64_t i = 0; i < 6; i++)
        m.scores->side[RF_USER].percentile[i] = 0.99F;
    for (int64_t i = 0; i < 36; i++)
        m.scores->side[RF_EDGE].percentile[i] = 0.99F;
    char *svg = drawn(&m);
    assert_well_formed(svg);
    ck_assert_ptr_null(strstr(svg, "<script"));
    ck_assert_ptr_null(strchr(svg, '\xFF'));
    ck_assert_ptr_nonnull(strstr(svg, "&lt;script&gt;"));
    ck_assert_ptr_nonnull(strstr(svg, "caf\xC3\xA9 of a name that goe\xE2\x80\xA6<"));
    free(svg);
    made_scored_free(&m);
}
END_TEST

START_TEST(graphs_without_edges_say_so)
{
    static const made_shape shapes[] = {{0, 0, 0, 1, 1, 1, 1}, {4, 3, 0, 1, 1, 1, 1}};
    for (size_t i = 0; i < 2; i++) {
        made_scored m = made_scored_of(shapes[i]);
        char *svg = drawn(&m);
        assert_well_formed(svg);
        ck_assert_ptr_nonnull(strstr(svg, "no edges"));
        free(svg);
        made_scored_free(&m);
    }
}
END_TEST

START_TEST(one_edge_alone_is_a_picture)
{
    made_scored m = made_scored_of((made_shape){1, 1, 1, 1, 1, 0, 1});
    char *svg = drawn(&m);
    assert_well_formed(svg);
    ck_assert_ptr_nonnull(strstr(svg, "1 user and 1 entity"));
    free(svg);
    made_scored_free(&m);
}
END_TEST

START_TEST(parallel_edges_are_lines_of_their_own)
{
    made_scored m = made_scored_of((made_shape){1, 1, 3, 1, 1, 1, 1});
    char *svg = drawn(&m), lines[3][80];
    const char *at = svg;
    for (int i = 0; i < 3; i++) {
        at = strstr(at, " d=\"");
        ck_assert_ptr_nonnull(at);
        snprintf(lines[i], sizeof lines[i], "%.*s", (int)strcspn(at + 4, "\""), at + 4);
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(lines[i], lines[k]);
        at++;
    }
    ck_assert_ptr_null(strstr(at, " d=\""));
    free(svg);
    made_scored_free(&m);
}
END_TEST

START_TEST(equal_runs_give_equal_pictures)
{
    made_scored m = made_scored_of((made_shape){200, 20, 1600, 2, 2, 2, 6});
    char *a = drawn(&m), *b = drawn(&m);
    ck_assert_str_eq(a, b);
    free(a);
    free(b);
    made_scored_free(&m);
}
END_TEST

START_TEST(drawing_survives_every_failing_allocation)
{
    char path[RF_TEST_PATH];
    made_scored m = made_scored_of((made_shape){30, 10, 100, 2, 2, 2, 6});
    rf_tmp_path(path, "sweep.svg");
    RF_SWEEP(rf_export_ring(&m.findings, path, sweep_err), (void)0);
    made_scored_free(&m);
}
END_TEST

RF_SUITE("svg", the_ring_around_the_worst_user_is_drawn_and_nobody_else, a_crowd_is_cut_to_what_can_be_read,
         hostile_ids_are_escaped_and_shortened, graphs_without_edges_say_so, one_edge_alone_is_a_picture,
         parallel_edges_are_lines_of_their_own, equal_runs_give_equal_pictures,
         drawing_survives_every_failing_allocation)
