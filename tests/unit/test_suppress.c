/* test_suppress.c - lists read and refused, expiry, types, ends of edges, many entries. */
#include "made_graph.h"
#include "made_tags.h"
#include "rf_check.h"
#include "rf_suppress.h"
#include "rf_text.h"
#include "rf_time.h"

static rf_graph *graph_of(void)
{
    return made_graph((made_shape){.n_u = 12, .n_v = 5, .n_e = 40, .d_u = 2, .d_v = 2, .d_e = 2, .seed = 4});
}

static int64_t moment(const char *text)
{
    int64_t us;
    ck_assert(rf_time_parse_iso(&us, text, strlen(text), NULL));
    return us;
}

static rf_suppressions *load(const rf_graph *graph, const char *name, const char *text, const char *now)
{
    char path[RF_TEST_PATH];
    rf_suppressions *out = NULL;
    rf_err err = {0};
    const char *paths[] = {rf_tmp_path(path, name)};
    rf_spill(path, text, strlen(text));
    RF_CHECK_OK(err, rf_suppressions_load(&out, paths, 1, graph, moment(now), &err));
    return out;
}

static const char *const plain =
    "version: 1\n"
    "suppress:\n"
    "  - {user: user-3, reason: a test account, author: jo, expires: 2026-12-31}\n"
    "  - {entity: shop-1, types: [promo_abuse], reason: agreed campaign, author: kim, expires: never}\n"
    "  - {user: nobody, reason: gone, author: jo, expires: never}\n"
    "  - {user: user-5, reason: it was, author: jo, expires: 2026-01-01T12:00:00Z}\n";

START_TEST(who_is_suppressed)
{
    rf_graph *graph = graph_of();
    rf_suppressions *s = load(graph, "plain.yaml", plain, "2026-12-31T23:00:00Z");
    ck_assert_int_eq(s->n, 4);
    for (int64_t i = 0; i < graph->side[RF_USER].n; i++)
        ck_assert_int_eq(rf_suppressed(s, graph, RF_USER, i) != NULL, i == 3);
    const rf_suppression *entry = rf_suppressed(s, graph, RF_USER, 3);
    ck_assert_str_eq(entry->reason, "a test account");
    ck_assert_str_eq(entry->author, "jo");
    ck_assert_int_eq(entry->line, 3);
    ck_assert_int_eq(entry->expires_us, moment("2027-01-01"));
    for (int64_t e = 0; e < graph->side[RF_EDGE].n; e++)
        ck_assert_int_eq(rf_suppression_silences(s, graph, NULL, RF_EDGE, e), graph->adj.e_u[e] == 3);
    ck_assert_int_eq(s->at[2].row, -1);
    ck_assert(s->at[3].expired);
    ck_assert_int_eq(s->at[3].row, 5);
    rf_suppressions_free(s);
    s = load(graph, "plain.yaml", plain, "2027-01-01T00:00:00Z"); /* the 31st is over */
    ck_assert_ptr_null(rf_suppressed(s, graph, RF_USER, 3));
    rf_suppressions_free(s);
    ck_assert_ptr_null(rf_suppressed(NULL, graph, RF_USER, 3));
    rf_graph_free(graph);
}
END_TEST

START_TEST(entities_are_suppressed_by_kind)
{
    static const made_shape shapes[] = {{12, 5, 40, 2, 2, 2, 4}, {12, 5, 20, 2, 2, 2, 5}};
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"version: 1\nsuppress:\n- {entity: a, kind: devise, reason: r, author: a, expires: never}\n",
         "bad.yaml:3: the graph has no kind of entity devise; did you mean device?"},
        {"version: 1\nsuppress:\n- {user: a, kind: device, reason: r, author: a, expires: never}\n",
         "bad.yaml:3: kind says of which kind an entity is"},
        {"version: 1\nsuppress:\n- {entity: a, kind: Device, reason: r, author: a, expires: never}\n",
         "kind must be the name of a kind"},
    };
    rf_graph *graph = made_graph_of_kinds(shapes, 2);
    rf_suppressions *s =
        load(graph, "kinds.yaml",
             "version: 1\nsuppress:\n"
             "- {entity: device-1, kind: device, reason: ours, author: jo, expires: never}\n"
             "- {entity: shop-2, kind: shop, reason: ours, author: jo, expires: never}\n"
             "- {entity: shop-3, reason: ours, author: jo, expires: never}\n"
             "- {entity: device-4, reason: no shop is called so, author: jo, expires: never}\n"
             "- {entity: card-1, kind: card, reason: other graphs have, author: jo, expires: never}\n",
             "2026-01-01");
    for (uint32_t v = 0; v < 5; v++) {
        ck_assert_int_eq(rf_suppressed(s, graph, RF_ENTITY, v) != NULL, v == 2 || v == 3);
        ck_assert_int_eq(rf_suppressed(s, graph, rf_entity_side(1), v) != NULL, v == 1);
    }
    for (int64_t e = 0; e < graph->side[rf_edge_side(1)].n; e++)
        ck_assert_int_eq(rf_suppression_silences(s, graph, NULL, rf_edge_side(1), e),
                         graph->other_adj[0].e_v[e] == 1);
    ck_assert_int_eq(s->at[3].row, -1);
    ck_assert_int_eq(s->at[4].row, -1);
    rf_suppressions_free(s);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char path[RF_TEST_PATH];
        const char *paths[] = {rf_tmp_path(path, "bad.yaml")};
        rf_err err = {0};
        rf_spill(path, bad[i].text, strlen(bad[i].text));
        RF_CHECK_FAILS(err, RF_E_INVALID, bad[i].part, rf_suppressions_load(&s, paths, 1, graph, 0, &err));
    }
    rf_graph_free(graph);
}
END_TEST

START_TEST(types_take_tags)
{
    rf_graph *graph = graph_of();
    rf_scores scores = {.run_id = "run"};
    rf_tags *tags = made_tags(graph, &scores, 3);
    const char *type = rf_texts_get(&tags->rule_type, 0);
    rf_text text = {0};
    rf_err err = {0};
    RF_CHECK_OK(err, rf_text_printf(&text, &err, "version: 1\nsuppress:\n"));
    for (int64_t i = 0; i < graph->side[RF_USER].n; i++)
        RF_CHECK_OK(
            err,
            rf_text_printf(&text, &err,
                           "- {user: user-%lld, types: [%s, other], reason: r, author: a, expires: never}\n",
                           (long long)i, type));
    rf_suppressions *s = load(graph, "types.yaml", text.ptr, "2026-01-01");
    int64_t silenced = 0, spared = 0;
    for (int64_t i = 0; i < graph->side[RF_USER].n; i++) {
        const rf_tag_side *u = &tags->side[RF_USER];
        bool others = false;
        ck_assert(rf_suppression_takes(s, graph, RF_USER, i, type));
        ck_assert(rf_suppression_takes(s, graph, RF_USER, i, "other"));
        ck_assert(!rf_suppression_takes(s, graph, RF_USER, i, "othe"));
        for (int64_t k = u->ptr[i]; k < u->ptr[i + 1]; k++)
            others = others || strcmp(rf_tag_type(tags, &u->tags[k]), type) != 0;
        bool want = u->ptr[i] < u->ptr[i + 1] && !others;
        ck_assert_int_eq(rf_suppression_silences(s, graph, tags, RF_USER, i), want);
        ck_assert(!rf_suppression_silences(s, graph, NULL, RF_USER, i));
        silenced += want;
        spared += !want;
    }
    ck_assert_int_gt(silenced, 0);
    ck_assert_int_gt(spared, 0);
    rf_suppressions_free(s);
    rf_text_clear(&text);
    rf_tags_free(tags);
    rf_graph_free(graph);
}
END_TEST

START_TEST(entries_of_one_subject_add_up)
{
    rf_graph *graph = graph_of();
    rf_suppressions *s = load(graph, "two.yaml",
                              "version: 1\nsuppress:\n"
                              "- {user: user-1, types: [a], reason: r, author: a, expires: never}\n"
                              "- {user: user-1, types: b, reason: r, author: a, expires: never}\n"
                              "- {user: user-2, types: [a], reason: r, author: a, expires: never}\n"
                              "- {user: user-2, reason: all, author: a, expires: never}\n"
                              "- {user: user-2, types: [c], reason: r, author: a, expires: never}\n",
                              "2026-01-01");
    ck_assert(rf_suppression_takes(s, graph, RF_USER, 1, "a"));
    ck_assert(rf_suppression_takes(s, graph, RF_USER, 1, "b"));
    ck_assert(!rf_suppression_takes(s, graph, RF_USER, 1, "c"));
    ck_assert(rf_suppression_silences(s, graph, NULL, RF_USER, 2));
    ck_assert_str_eq(rf_suppressed(s, graph, RF_USER, 2)->reason, "all");
    rf_suppressions_free(s);
    rf_text text = {0}; /* a type that every entry repeats is kept once */
    rf_err err = {0};
    RF_CHECK_OK(err, rf_text_printf(&text, &err, "version: 1\nsuppress:\n"));
    for (int i = 0; i < 3000; i++)
        RF_CHECK_OK(
            err, rf_text_printf(&text, &err,
                                "- {user: user-1, types: [%s, ab], reason: r, author: a, expires: never}\n",
                                i == 1500 ? "abc" : "a"));
    s = load(graph, "same.yaml", text.ptr, "2026-01-01");
    ck_assert_str_eq(rf_suppressed(s, graph, RF_USER, 1)->types, "|a|ab|abc|");
    rf_text_clear(&text);
    rf_suppressions_free(s);
    rf_graph_free(graph);
}
END_TEST

START_TEST(what_is_wrong_is_named)
{
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"", "begins with"},
        {"version: 2\nsuppress: []\n", "bad.yaml:1: version must be 1"},
        {"version: 1\nsupress: []\n", "bad.yaml:2: unknown key \"supress\"; did you mean suppress?"},
        {"version: 1\nsuppress: {a: b}\n", "bad.yaml:2: suppress must be a list"},
        {"version: 1\nsuppress:\n- {user: a, reasn: r, author: a, expires: never}\n",
         "bad.yaml:3: unknown key \"reasn\"; did you mean reason?"},
        {"version: 1\nsuppress:\n- {reason: r, author: a, expires: never}\n",
         "bad.yaml:3: an entry names a user or an entity"},
        {"version: 1\nsuppress:\n- {user: a, entity: b, reason: r, author: a, expires: never}\n",
         "one of the two"},
        {"version: 1\nsuppress:\n- {user: a, author: a, expires: never}\n", "bad.yaml:3: reason is missing"},
        {"version: 1\nsuppress:\n- {user: a, reason: r, author: a}\n", "bad.yaml:3: expires is missing"},
        {"version: 1\nsuppress:\n- user: a\n  reason: r\n  author: a\n  expires: tomorrow\n",
         "bad.yaml:6: expires tomorrow: it must be a day"},
        {"version: 1\nsuppress:\n- {user: a, reason: r, author: a, expires: 9999-12-31}\n",
         "bad.yaml:3: expires 9999-12-31: it lies outside the years 1900 to 2099; write never"},
        {"version: 1\nsuppress:\n- {user: a, types: [], reason: r, author: a, expires: never}\n",
         "types must be a list"},
        {"version: 1\nsuppress:\n- {user: a, types: [\"x|y\"], reason: r, author: a, expires: never}\n",
         "types must be names"},
        {"version: 1\nsuppress:\n- user-1\n", "bad.yaml:3: an entry is {user:"},
        {"version: 1\nsuppress: [\n", "not YAML"},
    };
    rf_graph *graph = graph_of();
    rf_suppressions *out = NULL;
    rf_err err = {0};
    char path[RF_TEST_PATH];
    const char *paths[] = {rf_tmp_path(path, "bad.yaml")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rf_spill(path, bad[i].text, strlen(bad[i].text));
        RF_CHECK_FAILS(err, RF_E_INVALID, bad[i].part, rf_suppressions_load(&out, paths, 1, graph, 0, &err));
    }
    paths[0] = rf_tmp_path(path, "not-there-*.yaml");
    RF_CHECK_FAILS(err, RF_E_IO, "no such suppression list",
                   rf_suppressions_load(&out, paths, 1, graph, 0, &err));
    rf_graph_free(graph);
}
END_TEST

START_TEST(many_entries_of_several_lists)
{
    rf_graph *graph = graph_of();
    rf_text text = {0};
    rf_err err = {0};
    char path[RF_TEST_PATH];
    RF_CHECK_OK(err, rf_text_printf(&text, &err, "version: 1\nsuppress:\n"));
    for (int i = 0; i < (rf_short() ? 1000 : 100000); i++)
        RF_CHECK_OK(err,
                    rf_text_printf(&text, &err, "- {user: x%d, reason: r, author: a, expires: never}\n", i));
    rf_spill(rf_tmp_path(path, "many-1.yaml"), text.ptr, text.len);
    rf_spill(rf_tmp_path(path, "many-2.yaml"), plain, strlen(plain));
    rf_suppressions *s = NULL;
    const char *paths[] = {rf_tmp_path(path, "many-*.yaml")};
    RF_CHECK_OK(err, rf_suppressions_load(&s, paths, 1, graph, moment("2026-02-01"), &err));
    ck_assert_int_gt(s->n, 1000);
    ck_assert_ptr_nonnull(rf_suppressed(s, graph, RF_USER, 3));
    rf_suppressions_free(s);
    rf_text_clear(&text);
    rf_graph_free(graph);
}
END_TEST

START_TEST(refused_memory_is_reported)
{
    rf_graph *graph = graph_of();
    rf_suppressions *s = NULL;
    char path[RF_TEST_PATH];
    const char *paths[] = {rf_tmp_path(path, "plain.yaml")};
    rf_spill(path, plain, strlen(plain));
    RF_SWEEP(rf_suppressions_load(&s, paths, 1, graph, 0, sweep_err), rf_suppressions_free(s));
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("suppress", who_is_suppressed, entities_are_suppressed_by_kind, types_take_tags,
         entries_of_one_subject_add_up, what_is_wrong_is_named, many_entries_of_several_lists,
         refused_memory_is_reported)
