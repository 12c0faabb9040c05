/* test_tags_file.c - tags in scores.h5: save then load is identity, and impossible content is refused.
 */
#include "made_graph.h"
#include "made_tags.h"
#include "rf_check.h"
#include "rf_h5.h"

static const made_shape shape = {12, 7, 30, 5, 4, 6, 21};
static rf_graph *graph;
static rf_scores *scores;
static char path[RF_TEST_PATH];

/* A graph with scores, which are in the file `path`. */
static void begin(made_shape of, const char *name)
{
    rf_err err = {0};
    rf_score_options options;
    rf_score_options_default(&options);
    options.method = RF_METHOD_GRAPHBEAN;
    graph = made_graph(of);
    rf_outputs *outputs = made_outputs(graph, 5);
    scores = NULL;
    RF_CHECK_OK(err, rf_score_outputs(&scores, graph, outputs, &options, NULL, &err));
    rf_scores_name(scores, graph, "00112233aabbccdd", INT64_C(1525132800000000));
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(path, name), NULL, &err));
    made_outputs_free(outputs);
}

static void end(void)
{
    rf_scores_free(scores);
    rf_graph_free(graph);
}

static bool same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || (!(a < b) && !(a > b) && !isnan(a) && !isnan(b));
}

static void assert_same_side(const rf_tag_side *a, const rf_tag_side *b)
{
    ck_assert_int_eq(a->n, b->n);
    ck_assert_int_eq(a->n_evidence, b->n_evidence);
    ck_assert_int_eq(memcmp(a->ptr, b->ptr, (size_t)(a->n + 1) * sizeof *a->ptr), 0);
    for (int64_t i = 0; i < a->ptr[a->n]; i++) {
        ck_assert_int_eq(a->tags[i].rule, b->tags[i].rule);
        ck_assert(same_number(a->tags[i].confidence, b->tags[i].confidence));
        ck_assert_uint_eq(a->tags[i].edge, b->tags[i].edge);
        ck_assert_int_eq(a->tags[i].evidence, b->tags[i].evidence);
        ck_assert_int_eq(a->tags[i].n_evidence, b->tags[i].n_evidence);
    }
    for (int64_t i = 0; i < a->n_evidence; i++) {
        ck_assert_int_eq(a->evidence[i].signal, b->evidence[i].signal);
        ck_assert(same_number(a->evidence[i].strength, b->evidence[i].strength));
        ck_assert(same_number(a->evidence[i].percentile, b->evidence[i].percentile));
        ck_assert(same_number(a->evidence[i].observed, b->evidence[i].observed));
        ck_assert(same_number(a->evidence[i].threshold, b->evidence[i].threshold));
    }
}

static void assert_same_texts(const rf_texts *a, const rf_texts *b)
{
    ck_assert_int_eq(a->n, b->n);
    for (int64_t i = 0; i < a->n; i++)
        ck_assert_str_eq(rf_texts_get(a, i), rf_texts_get(b, i));
}

static void assert_same_tags(const rf_tags *a, const rf_tags *b)
{
    assert_same_side(&a->side[RF_USER], &b->side[RF_USER]);
    assert_same_side(&a->side[RF_ENTITY], &b->side[RF_ENTITY]);
    assert_same_side(&a->side[RF_EDGE], &b->side[RF_EDGE]);
    assert_same_texts(&a->rule_type, &b->rule_type);
    assert_same_texts(&a->rule_about, &b->rule_about);
    assert_same_texts(&a->signal_name, &b->signal_name);
    assert_same_texts(&a->signal_value, &b->signal_value);
    assert_same_texts(&a->signal_about, &b->signal_about);
    for (int64_t i = 0; i < a->signal_name.n; i++) {
        ck_assert_int_eq(a->signal_rule[i], b->signal_rule[i]);
        ck_assert_int_eq(a->signal_above[i], b->signal_above[i]);
    }
    ck_assert_str_eq(a->run_id, b->run_id);
    ck_assert_str_eq(a->rules_name, b->rules_name);
    ck_assert_str_eq(a->rules_hash, b->rules_hash);
    ck_assert_int_eq(a->rules_version, b->rules_version);
}

static void round_trip(made_shape of)
{
    rf_err err = {0};
    rf_tags *loaded = NULL;
    rf_scores *again = NULL;
    begin(of, "round.h5");
    rf_tags *tags = made_tags(graph, scores, 3);
    RF_CHECK_OK(err, made_tags_save(tags, path, &err));
    RF_CHECK_OK(err, made_tags_load(&loaded, path, scores, &err));
    ck_assert_ptr_nonnull(loaded);
    assert_same_tags(tags, loaded);
    RF_CHECK_OK(err, rf_scores_load(&again, path, graph, &err)); /* the scores are still there */
    ck_assert_str_eq(again->run_id, scores->run_id);
    rf_scores_free(again);
    rf_tags_free(loaded);
    rf_tags_free(tags);
    end();
}

START_TEST(save_then_load_is_identity)
{
    round_trip(shape);
    round_trip((made_shape){300, 200, 2000, 2, 2, 2, 3});
}
END_TEST

START_TEST(graphs_without_edges_or_nodes_round_trip)
{
    round_trip((made_shape){3, 2, 0, 2, 2, 2, 1});
    round_trip((made_shape){0, 4, 0, 1, 1, 1, 1});
}
END_TEST

START_TEST(without_tags_there_are_none)
{
    rf_err err = {0};
    begin(shape, "none.h5");
    rf_tags *tags = made_tags(graph, scores, 3), *loaded = tags;
    RF_CHECK_OK(err, made_tags_load(&loaded, path, scores, &err));
    ck_assert_ptr_null(loaded);
    RF_CHECK_OK(err, made_tags_save(tags, path, &err));
    RF_CHECK_OK(err, rf_scores_save(scores, path, NULL, &err)); /* scoring again removes them */
    RF_CHECK_OK(err, made_tags_load(&loaded, path, scores, &err));
    ck_assert_ptr_null(loaded);
    rf_tags_free(tags);
    end();
}
END_TEST

START_TEST(no_rules_and_no_tags_are_kept_as_such)
{
    rf_err err = {0};
    begin(shape, "norules.h5");
    rf_tags tags = {.rules_name = "empty"}, *loaded = NULL;
    int64_t zeros[31] = {0};
    rf_tag_side *sides[3] = {&tags.side[RF_USER], &tags.side[RF_ENTITY], &tags.side[RF_EDGE]};
    const int64_t n[3] = {12, 7, 30};
    for (int i = 0; i < 3; i++)
        *sides[i] = (rf_tag_side){.n = n[i], .ptr = zeros};
    memcpy(tags.run_id, scores->run_id, sizeof tags.run_id);
    RF_CHECK_OK(err, made_tags_save(&tags, path, &err));
    RF_CHECK_OK(err, made_tags_load(&loaded, path, scores, &err));
    ck_assert_ptr_nonnull(loaded);
    ck_assert_int_eq(loaded->rule_type.n, 0);
    ck_assert_int_eq(loaded->side[RF_USER].ptr[12], 0);
    rf_tags_free(loaded);
    end();
}
END_TEST

START_TEST(the_bytes_do_not_tell_whether_there_were_tags_before)
{
    char once[RF_TEST_PATH], twice[RF_TEST_PATH];
    rf_err err = {0};
    setenv("SOURCE_DATE_EPOCH", "1525132800", 1);
    begin(shape, "x.h5");
    rf_tags *other = made_tags(graph, scores, 4), *tags = made_tags(graph, scores, 3);
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(once, "once.h5"), NULL, &err));
    RF_CHECK_OK(err, rf_scores_save(scores, rf_tmp_path(twice, "twice.h5"), NULL, &err));
    unsetenv("SOURCE_DATE_EPOCH");
    RF_CHECK_OK(err, made_tags_save(tags, once, &err));
    RF_CHECK_OK(err, made_tags_save(other, twice, &err));
    ck_assert(!rf_files_equal(once, twice));
    RF_CHECK_OK(err, made_tags_save(tags, twice, &err));
    ck_assert(rf_files_equal(once, twice));
    rf_tags_free(tags);
    rf_tags_free(other);
    end();
}
END_TEST

START_TEST(what_an_analyst_asks_for_first_has_a_function)
{
    begin(shape, "ask.h5");
    rf_tags *tags = made_tags(graph, scores, 3);
    rf_tag tag = {.rule = 1};
    ck_assert_str_eq(rf_tag_type(tags, &tag), "collusion");
    rf_tags_free(tags);
    end();
}
END_TEST

/* ---- refusals ---- */

static bool refused(const char *part)
{
    rf_err err = {0};
    rf_tags *loaded = NULL;
    rf_status st = made_tags_load(&loaded, path, scores, &err);
    rf_tags_free(loaded);
    return st == RF_E_FORMAT && loaded == NULL && strstr(err.msg, part) != NULL;
}

static void assert_refused(const char *part)
{
    ck_assert_msg(refused(part), "%s", part);
}

/* Changes tags in memory to what they cannot be, saves them, and expects the words. */
#define REFUSE(part, change)                                                                                 \
    do {                                                                                                     \
        rf_err err_ = {0};                                                                                   \
        rf_tags *tags = made_tags(graph, scores, 3);                                                         \
        change;                                                                                              \
        RF_CHECK_OK(err_, made_tags_save(tags, path, &err_));                                                \
        ck_assert_msg(refused(part), "%s", #change);                                                         \
        rf_tags_free(tags);                                                                                  \
    } while (0)

START_TEST(what_cannot_be_is_refused)
{
    begin(shape, "broken.h5");
    rf_tags *probe = made_tags(graph, scores, 3);
    int64_t n = probe->side[RF_USER].ptr[12];
    int64_t several = -1; /* the second tag of a row that has two */
    for (int64_t row = 0; row < 12; row++) {
        if (probe->side[RF_USER].ptr[row + 1] - probe->side[RF_USER].ptr[row] >= 2)
            several = probe->side[RF_USER].ptr[row] + 1;
    }
    ck_assert_int_gt(n, 2);
    ck_assert_int_ge(several, 0);
    rf_tags_free(probe);
    REFUSE("impossible at row 1", tags->side[RF_USER].tags[1].rule = 3);
    REFUSE("impossible at row 1", tags->side[RF_USER].tags[1].confidence = 1.01F);
    REFUSE("impossible at row 1", tags->side[RF_USER].tags[1].confidence = NAN);
    REFUSE("impossible at row 1", tags->side[RF_USER].tags[1].confidence = -0.1F);
    REFUSE("impossible at row 1", tags->side[RF_USER].tags[1].edge = 30);
    REFUSE("/u/tag_rule", tags->side[RF_USER].tags[several].confidence = 1);
    REFUSE("the evidence of /u is impossible at row 0", tags->side[RF_USER].evidence[0].signal = 6);
    REFUSE("the evidence of /u is impossible at row 0",
           tags->side[RF_USER].evidence[0].signal = tags->side[RF_USER].tags[0].rule == 2 ? 0 : 5);
    REFUSE("the evidence of /v is impossible at row 0", tags->side[RF_ENTITY].evidence[0].strength = 2);
    REFUSE("the evidence of /e is impossible at row 0", tags->side[RF_EDGE].evidence[0].percentile = -1);
    REFUSE("the evidence of /e is impossible at row 0", tags->side[RF_EDGE].evidence[0].observed = INFINITY);
    REFUSE("the evidence of /e is impossible at row 0",
           tags->side[RF_EDGE].evidence[0].threshold = -INFINITY);
    REFUSE("/tags/signal_rule or signal_above is impossible at row 2", tags->signal_rule[2] = 3);
    REFUSE("/tags/signal_rule or signal_above is impossible at row 2", tags->signal_above[2] = 2);
    REFUSE("/tags/rule_type is not a name at row 0", tags->rule_type.bytes[0] = 'P');
    REFUSE("/tags/rule_type is not a name at row 0", tags->rule_type.bytes[0] = '\0');
    REFUSE("/tags/rule_about is not plain text at row 0", tags->rule_about.bytes[3] = '\033');
    REFUSE("/tags/signal_name is not plain text at row 0", tags->signal_name.bytes[0] = '\n');
    REFUSE("of run 0", tags->run_id[0] = '0'; tags->run_id[1] = '\0');
    REFUSE("/u/tag_evidence_ptr is", tags->side[RF_USER].tags[1].evidence = -1);
    REFUSE("/u/tag_evidence_ptr is", tags->side[RF_USER].tags[1].evidence = 1000);
    REFUSE("/u/tag_evidence_ptr is 1 at row 0", tags->side[RF_USER].tags[0].evidence = 1);
    REFUSE("/u/tag_ptr is -1 at row 1", tags->side[RF_USER].ptr[1] = -1);
    REFUSE("/u/tag_ptr is 1 at row 0", tags->side[RF_USER].ptr[0] = 1);
    REFUSE("/u/tag_ptr is", tags->side[RF_USER].ptr[6] = n + 1);
    end();
}
END_TEST

/* Replaces a dataset of the tagged file by n numbers, or takes it away. */
static void replace(const char *name, rf_h5_type type, int64_t n, const void *data)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_tags *tags = made_tags(graph, scores, 3);
    RF_CHECK_OK(err, made_tags_save(tags, path, &err));
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_remove(file, name, &err));
    if (data != NULL)
        RF_CHECK_OK(err, rf_h5_write(file, name, type, 1, &n, data, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    rf_tags_free(tags);
}

START_TEST(datasets_of_other_lengths_and_kinds_are_refused)
{
    static const char *const names[] = {
        "/u/tag_ptr",          "/u/tag_rule",      "/v/tag_confidence", "/e/tag_edge",
        "/u/tag_evidence_ptr", "/e/tag_signal",    "/u/tag_observed",   "/u/tag_threshold",
        "/v/tag_percentile",   "/e/tag_strength",  "/tags/signal_rule", "/tags/signal_above",
        "/tags/rule_type",     "/tags/rule_about", "/tags/signal_name", "/tags/signal_value",
        "/tags/signal_about",
    };
    int64_t numbers[100] = {0};
    begin(shape, "kinds.h5");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        replace(names[i], RF_H5_I64, 0, NULL);
        assert_refused(names[i]);
        replace(names[i], RF_H5_I64, 100, numbers);
        assert_refused("");
    }
    replace("/u/tag_ptr", RF_H5_I64, 0, numbers);
    assert_refused("/u has -1 rows");
    replace("/u/tag_ptr", RF_H5_I64, 1, numbers);
    assert_refused("/u has 0 rows");
    end();
}
END_TEST

START_TEST(tags_of_other_scores_are_refused)
{
    rf_err err = {0};
    begin(shape, "other.h5");
    rf_tags *tags = made_tags(graph, scores, 3);
    RF_CHECK_OK(err, made_tags_save(tags, path, &err));
    scores->side[RF_ENTITY].n--;
    assert_refused("run `ringfence tag` again");
    scores->side[RF_ENTITY].n++;
    scores->run_id[0] = scores->run_id[0] == 'a' ? 'b' : 'a';
    assert_refused("run `ringfence tag` again");
    rf_tags_free(tags);
    end();
}
END_TEST

START_TEST(attributes_are_checked)
{
    static const char *const names[] = {"run_id", "rules_name", "rules_hash"};
    char longer[200];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    begin(shape, "attributes.h5");
    for (size_t i = 0; i < 3; i++) {
        rf_err err = {0};
        rf_h5 *file = NULL;
        rf_tags *tags = made_tags(graph, scores, 3);
        RF_CHECK_OK(err, made_tags_save(tags, path, &err));
        RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
        RF_CHECK_OK(err, rf_h5_write_attr_text(file, "/tags", names[i], longer, &err));
        RF_CHECK_OK(err, rf_h5_commit(file, &err));
        rf_h5_close(&file);
        assert_refused(names[i]);
        rf_tags_free(tags);
    }
    end();
}
END_TEST

START_TEST(saving_and_loading_survive_every_failing_allocation)
{
    rf_tags *loaded = NULL;
    begin(shape, "sweep.h5");
    rf_tags *tags = made_tags(graph, scores, 3);
    RF_SWEEP(made_tags_save(tags, path, sweep_err), (void)0);
    RF_SWEEP(made_tags_load(&loaded, path, scores, sweep_err), rf_tags_free(loaded));
    rf_tags_free(tags);
    end();
}
END_TEST

RF_SUITE("tags_file", save_then_load_is_identity, graphs_without_edges_or_nodes_round_trip,
         without_tags_there_are_none, no_rules_and_no_tags_are_kept_as_such,
         the_bytes_do_not_tell_whether_there_were_tags_before, what_an_analyst_asks_for_first_has_a_function,
         what_cannot_be_is_refused, datasets_of_other_lengths_and_kinds_are_refused,
         tags_of_other_scores_are_refused, attributes_are_checked,
         saving_and_loading_survive_every_failing_allocation)
