/* test_export_write.c - what exports say and how they are written; whether tools understand it is for
 * tests/readers. */
#include "extract_text_int.h"
#include "writer_int.h"
#include "made_scores.h"
#include "rf_check.h"
#include "rf_subjects.h"

static rf_export_options options_of(const char *format, const char *select, const char *path)
{
    rf_err err = {0};
    rf_export_options options;
    rf_export_options_default(&options);
    RF_CHECK_OK(err, rf_selection_parse(&options.select, select, &err));
    options.format = format;
    options.path = path;
    return options;
}

/* A folder's files one after the other, a file alone. The text is the caller's to free(). */
static char *slurp_all(const char *path)
{
    char command[3 * RF_TEST_PATH], joined[RF_TEST_PATH];
    snprintf(command, sizeof command, "find '%s' -type f | sort | xargs cat > '%s'", path,
             rf_tmp_path(joined, "joined"));
    ck_assert_int_eq(system(command), 0);
    char *text = rf_slurp(joined, NULL);
    ck_assert_ptr_nonnull(text);
    return text;
}

START_TEST(the_same_graph_and_options_give_the_same_bytes_in_every_format)
{
    made_scored m = made_scored_of((made_shape){60, 20, 300, 3, 2, 2, 7});
    for (const char *const *format = rf_export_formats(); *format != NULL; format++) {
        char path[2][RF_TEST_PATH];
        char *text[2];
        for (int i = 0; i < 2; i++) {
            rf_err err = {0};
            rf_export_result result;
            rf_export_options options =
                options_of(*format, "top-users=5", rf_tmp_path(path[i], i == 0 ? "one" : "two"));
            RF_CHECK_OK(err, rf_export_write(&result, &m.findings, &options, &err));
            text[i] = slurp_all(path[i]);
            rf_remove_tree(path[i]);
        }
        ck_assert_msg(strlen(text[0]) > 1000 && strcmp(text[0], text[1]) == 0, "%s differs", *format);
        free(text[0]);
        free(text[1]);
    }
    made_scored_free(&m);
}
END_TEST

START_TEST(a_cut_is_said_in_every_file)
{
    made_scored m = made_scored_of((made_shape){60, 20, 300, 3, 2, 2, 7});
    for (const char *const *format = rf_export_formats(); *format != NULL; format++) {
        char path[RF_TEST_PATH];
        rf_err err = {0};
        rf_export_result result;
        rf_export_options options = options_of(*format, "top-users=5", rf_tmp_path(path, "cut"));
        options.max_nodes = 10;
        options.max_edges = 6;
        RF_CHECK_OK(err, rf_export_write(&result, &m.findings, &options, &err));
        ck_assert(result.nodes == 10 && result.edges == 6 && result.nodes_cut > 0 && result.edges_cut > 0);
        char *text = slurp_all(path);
        ck_assert_msg(strstr(text, "Cut by score: ") != NULL, "%s does not say so", *format);
        ck_assert_msg(strstr(text, "top-users=5") != NULL, "%s does not name the selection", *format);
        free(text);
        rf_remove_tree(path);
    }
    made_scored_free(&m);
}
END_TEST

START_TEST(a_graph_without_edges_ids_or_names_is_written_too)
{
    made_scored m = made_scored_of((made_shape){3, 1, 0, 1, 1, 1, 7});
    rf_texts_clear(&m.graph->side[RF_USER].id);
    rf_texts_clear(&m.graph->side[RF_ENTITY].id);
    rf_texts_clear(&m.graph->side[RF_USER].feature_names);
    for (const char *const *format = rf_export_formats(); *format != NULL; format++) {
        char path[RF_TEST_PATH];
        rf_err err = {0};
        rf_export_result result;
        rf_export_options options = options_of(*format, "percentile=0", rf_tmp_path(path, "bare"));
        RF_CHECK_OK(err, rf_export_write(&result, &m.findings, &options, &err));
        ck_assert(result.nodes == 4 && result.edges == 0);
        rf_remove_tree(path);
    }
    made_scored_free(&m);
}
END_TEST

START_TEST(two_users_of_one_id_are_refused)
{
    static const char *const ids[] = {"a", "b", "a"};
    made_scored m = made_scored_of((made_shape){3, 1, 2, 1, 1, 1, 7});
    rf_err err = {0};
    rf_export_result result;
    char path[RF_TEST_PATH];
    rf_export_options options = options_of("graphml", "percentile=0", rf_tmp_path(path, "twice"));
    made_graph_set_ids(&m.graph->side[RF_USER], ids);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "two users of the graph have the id a",
                   rf_export_write(&result, &m.findings, &options, &err));
    ck_assert(access(path, F_OK) != 0);
    made_scored_free(&m);
}
END_TEST

START_TEST(a_format_that_is_not_there_is_answered_with_the_nearest)
{
    made_scored m = made_scored_of((made_shape){3, 1, 2, 1, 1, 1, 7});
    rf_err err = {0};
    rf_export_result result;
    rf_export_options options = options_of("grahpml", "percentile=0", "-");
    RF_CHECK_FAILS(err, RF_E_INVALID, "did you mean graphml?",
                   rf_export_write(&result, &m.findings, &options, &err));
    made_scored_free(&m);
}
END_TEST

START_TEST(writing_survives_every_failing_allocation)
{
    made_scored m = made_scored_of((made_shape){6, 3, 9, 2, 1, 1, 7});
    for (const char *const *format = rf_export_formats(); *format != NULL; format++) {
        char path[RF_TEST_PATH], folder[RF_TEST_PATH];
        rf_export_result result;
        ck_assert_int_eq(mkdir(rf_tmp_path(folder, "sweep"), 0700), 0);
        rf_export_options options = options_of(*format, "top-users=2", rf_tmp_path(path, "sweep/out"));
        RF_SWEEP(rf_export_write(&result, &m.findings, &options, sweep_err), );
        ck_assert_int_eq(rf_count_entries(folder), 1); /* nothing half-written beside it */
        rf_remove_tree(folder);
    }
    made_scored_free(&m);
}
END_TEST

/* ---- the table ---- */

/* Of one node, without columns yet. */
static rf_extract extract_of(const made_scored *m, rf_extract_node *node)
{
    return (rf_extract){.findings = &m->findings,
                        .graph = m->graph,
                        .scores = m->scores,
                        .nodes = node,
                        .counts = {.nodes = 1}};
}

static const rf_column *column_of(const rf_columns *columns, const char *key)
{
    for (int i = 0; i < columns->n; i++) {
        if (strcmp(columns->at[i].key, key) == 0)
            return &columns->at[i];
    }
    return NULL;
}

START_TEST(columns_are_there_when_graph_and_scores_hold_them)
{
    made_scored m = made_scored_of((made_shape){3, 1, 2, 1, 1, 1, 7});
    rf_extract_node node = {.row = 0, .role = RF_ROLE_SUBJECT};
    rf_extract extract = extract_of(&m, &node);
    rf_err err = {0};
    RF_CHECK_OK(err, rf_extract_columns(&extract, &err));
    ck_assert_ptr_null(column_of(extract.node_columns, "events"));
    ck_assert_ptr_null(column_of(extract.node_columns, "first_seen"));
    ck_assert_ptr_null(column_of(extract.edge_columns, "event_id"));
    ck_assert_ptr_nonnull(column_of(extract.node_columns, "reason_1_share"));
    rf_columns_free(extract.node_columns);
    rf_columns_free(extract.edge_columns);

    m.graph->side[RF_USER].count = rf_mem_zero(3, sizeof(int64_t), NULL);
    m.scores->side[RF_USER].n_reasons = m.scores->side[RF_ENTITY].n_reasons =
        m.scores->side[RF_EDGE].n_reasons = 0;
    RF_CHECK_OK(err, rf_extract_columns(&extract, &err));
    ck_assert_int_eq(column_of(extract.node_columns, "events")->type, RF_COLUMN_WHOLE);
    ck_assert_ptr_null(column_of(extract.node_columns, "first_seen"));
    ck_assert_ptr_null(column_of(extract.node_columns, "reasons"));
    rf_columns_free(extract.node_columns);
    rf_columns_free(extract.edge_columns);
    made_scored_free(&m);
}
END_TEST

START_TEST(features_of_one_key_are_numbered)
{
    static const char *const names[] = {"A b", "a-b", "a_b"};
    made_scored m = made_scored_of((made_shape){2, 1, 1, 3, 1, 1, 7});
    rf_graph_side named = {.n = 3};
    rf_extract_node node = {.row = 0, .role = RF_ROLE_SUBJECT};
    rf_extract extract = extract_of(&m, &node);
    rf_err err = {0};
    made_graph_set_ids(&named, names);
    rf_texts_clear(&m.graph->side[RF_USER].feature_names);
    m.graph->side[RF_USER].feature_names = named.id;
    RF_CHECK_OK(err, rf_extract_columns(&extract, &err));
    ck_assert_int_eq(column_of(extract.node_columns, "user_a_b")->place, 0);
    ck_assert_int_eq(column_of(extract.node_columns, "user_a_b_2")->place, 1);
    ck_assert_int_eq(column_of(extract.node_columns, "user_a_b_3")->place, 2);
    ck_assert_str_eq(column_of(extract.node_columns, "user_a_b_2")->about,
                     "feature a-b of the user, raw units");
    rf_columns_free(extract.node_columns);
    rf_columns_free(extract.edge_columns);
    made_scored_free(&m);
}
END_TEST

START_TEST(the_features_with_the_largest_shares_are_shown)
{
    made_scored m = made_scored_of((made_shape){2, 1, 1, 20, 1, 1, 7});
    rf_extract_node node = {.row = 1, .role = RF_ROLE_SUBJECT};
    rf_extract extract = extract_of(&m, &node);
    rf_err err = {0};
    int chosen[RF_MAIN_FEATURES], n = 0;
    RF_CHECK_OK(err, rf_main_features(chosen, &n, &extract, RF_USER, &err));
    ck_assert_int_eq(n, RF_MAIN_FEATURES);
    for (int r = 0; r < m.scores->side[RF_USER].n_reasons; r++) {
        bool found = false;
        for (int i = 0; i < n; i++)
            found =
                found ||
                chosen[i] == m.scores->side[RF_USER].reason_feature[m.scores->side[RF_USER].n_reasons + r];
        ck_assert_msg(found, "reason %d is not among the main features", r);
    }
    for (int i = 1; i < n; i++)
        ck_assert_int_lt(chosen[i - 1], chosen[i]);
    made_scored_free(&m);
}
END_TEST

/* ---- texts ---- */

static void check_plain(const char *text, unsigned how, const char *expected)
{
    rf_text out = {0};
    rf_err err = {0};
    RF_CHECK_OK(err, rf_plain_add(&out, text, how, &err));
    ck_assert_str_eq(out.ptr, expected);
    rf_text_clear(&out);
}

START_TEST(what_a_format_cannot_hold_is_spelled_and_nothing_else)
{
    check_plain("", RF_PLAIN_XML, "");
    check_plain("DOMAIN\\user \xF0\x9F\x98\x80\n\t\r", RF_PLAIN_XML, "DOMAIN\\user \xF0\x9F\x98\x80\n\t\r");
    check_plain("\x01\x1F", RF_PLAIN_XML, "\\u{1}\\u{1F}");
    check_plain("\x01\x1F", RF_PLAIN_UTF8, "\x01\x1F");
    check_plain("\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD", RF_PLAIN_XML, "\\u{FFFE}\\u{FFFF}\xEF\xBF\xBD");
    check_plain("a\xFF\xC3(\xED\xA0\x80", RF_PLAIN_UTF8, "a\\x{FF}\\x{C3}(\\x{ED}\\x{A0}\\x{80}");
    check_plain("\\u{1} \\x{FF} \\u0001", RF_PLAIN_UTF8, "\\u{5C}u{1} \\u{5C}x{FF} \\u0001");
    check_plain("a\\\"b\\\\c\\\n\\N\\", RF_PLAIN_DOT, "a\\u{5C}\"b\\u{5C}\\c\\u{5C}\\u{A}\\N\\u{5C}");
}
END_TEST

START_TEST(an_id_is_found_again_in_every_format)
{
    static const char *const ids[] = {"a\tb\xE2\x80\xAE\x63", "<x>&\x1B\\u{2}\"",
                                      "caf\xC3\xA9 \xE2\x80\xA8;"};
    made_scored m = made_scored_of((made_shape){3, 1, 2, 1, 1, 1, 7});
    rf_err err = {0};
    rf_subjects subjects = {0};
    RF_CHECK_OK(err, rf_hash_key_random(&subjects.key, &err));
    made_graph_set_ids(&m.graph->side[RF_USER], ids);
    for (size_t i = 0; i < 3; i++)
        RF_CHECK_OK(err, rf_subjects_add(&subjects, RF_USER, ids[i], strlen(ids[i]), &err));
    for (const char *const *format = rf_export_formats(); *format != NULL; format++) {
        char path[RF_TEST_PATH];
        rf_export_result result;
        rf_export_options options = options_of(*format, "percentile=0", rf_tmp_path(path, "found"));
        RF_CHECK_OK(err, rf_export_write(&result, &m.findings, &options, &err));
        char *text = slurp_all(path);
        for (size_t i = 0; i < 3; i++) {
            const rf_subjects one = {.at = &subjects.at[i], .n = 1};
            const char *at;
            size_t len;
            ck_assert_msg(rf_subjects_in_text(&one, (rf_span){text, strlen(text)}, &at, &len) != NULL,
                          "%s: id %zu", *format, i);
        }
        free(text);
        rf_remove_tree(path);
    }
    rf_hash_key_free(subjects.key);
    rf_subjects_clear(&subjects);
    made_scored_free(&m);
}
END_TEST

START_TEST(labels_are_short_and_cannot_turn_the_direction_of_writing)
{
    static const char *const ids[] = {"\xE2\x80\xAE\x65vil\n\x01x\xFF",
                                      "0123456789012345678901234567890123456789",
                                      "\303\2510123456789012345678901234567890123456789"};
    static const char *const labels[] = {"evil  x\xEF\xBF\xBD", "0123456789012345678901234567890123456789",
                                         "\303\251012345678901234567890123456789012345678\xE2\x80\xA6"};
    rf_graph *graph = made_graph((made_shape){3, 1, 2, 1, 1, 1, 7});
    rf_extract extract = {.graph = graph};
    rf_text label = {0};
    rf_err err = {0};
    made_graph_set_ids(&graph->side[RF_USER], ids);
    for (uint32_t i = 0; i < 3; i++) {
        RF_CHECK_OK(err, rf_node_label(&label, &extract, &(rf_extract_node){.row = i}, &err));
        ck_assert_str_eq(label.ptr, labels[i]);
    }
    rf_text_clear(&label);
    rf_graph_free(graph);
}
END_TEST

START_TEST(keys_are_name_tokens_that_tell_all_ids_apart)
{
    static const char *const ids[] = {"cust_1.7-x", "a b:20", "a:20b"};
    static const char *const keys[] = {"user:cust_1.7-x", "user:a:20b:3A20", "user:a:3A20b"};
    rf_graph *graph = made_graph((made_shape){3, 1, 2, 1, 1, 1, 7});
    rf_extract_node nodes[] = {{.row = 0}, {.row = 1}, {.row = 2}, {.row = 0, .side = RF_ENTITY}};
    rf_extract extract = {.graph = graph, .nodes = nodes};
    rf_text key = {0};
    rf_err err = {0};
    made_graph_set_ids(&graph->side[RF_USER], ids);
    for (int i = 0; i < 3; i++) {
        RF_CHECK_OK(err, rf_node_key(&key, &extract, i, &err));
        ck_assert_str_eq(key.ptr, keys[i]);
    }
    RF_CHECK_OK(err, rf_node_key(&key, &extract, 3, &err));
    ck_assert_str_eq(key.ptr, "entity:shop-0");
    rf_text_clear(&key);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("export_write", the_same_graph_and_options_give_the_same_bytes_in_every_format,
         a_cut_is_said_in_every_file, a_graph_without_edges_ids_or_names_is_written_too,
         two_users_of_one_id_are_refused, a_format_that_is_not_there_is_answered_with_the_nearest,
         writing_survives_every_failing_allocation, columns_are_there_when_graph_and_scores_hold_them,
         features_of_one_key_are_numbered, the_features_with_the_largest_shares_are_shown,
         what_a_format_cannot_hold_is_spelled_and_nothing_else, an_id_is_found_again_in_every_format,
         labels_are_short_and_cannot_turn_the_direction_of_writing,
         keys_are_name_tokens_that_tell_all_ids_apart)
