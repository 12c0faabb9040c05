/* test_merge_refusals.c - events that several shards hold, and files that do not belong together. */
#include "caught_log.h"
#include "made_shards.h"
#include "rf_h5.h"

/* ---- repeats ---- */

/* Shards that have 40 events in common, those of shard 0 changed by `change`. */
static void write_overlap(const rf_bigraph_options *options, void (*change)(made_event *event))
{
    rf_err err = {0};
    char folder[RF_TEST_PATH];
    split_make(21, 2, ANYHOW);
    rf_remove_tree(rf_tmp_path(folder, "shards"));
    for (int p = 0; p < 2; p++) {
        rf_shard *shard = NULL;
        int64_t next;
        rf_bigraph *graph = split_graph(options);
        RF_CHECK_OK(err, rf_shard_claim(&shard, graph, folder, split_topic, p, "me", 0, &next, &err));
        int n = split_add(graph, p, 0, SPLIT_EVENTS);
        for (int i = 0, common = 0; i < SPLIT_EVENTS && common < 40; i++) {
            made_event kept = made_split.items[i];
            if (made_split.shard[i] == p || kept.time_us < MADE_START + 3 * RF_DAY_US)
                continue;
            if (p == 0 && change != NULL)
                change(&made_split.items[i]);
            if (p == 0)
                n += split_add(graph, -1, i, i + 1);
            common += p == 0;
            made_split.items[i] = kept;
        }
        RF_CHECK_OK(err, rf_shard_save(shard, graph, n, &(rf_topic_origin){0}, &err));
        rf_shard_release(&shard);
        rf_bigraph_free(graph);
    }
}

static rf_status join_overlap(rf_bigraph **out, const rf_bigraph_options *options, bool keep,
                              rf_merge_counts *counts, rf_err *err)
{
    rf_status st = RF_OK;
    char paths[2][RF_TEST_PATH];
    rf_positions positions = {0};
    *out = split_graph(options);
    RF_TRY(split_add_file(*out, split_shard_path(paths[0], 0), keep, &positions, counts, err));
    RF_TRY(split_add_file(*out, split_shard_path(paths[1], 1), keep, &positions, counts, err));
done:
    rf_positions_clear(&positions);
    return st;
}

START_TEST(an_event_that_two_shards_hold_is_taken_once)
{
    rf_err err = {0};
    char a[RF_TEST_PATH], b[RF_TEST_PATH];
    rf_merge_counts counts;
    rf_bigraph *graph = NULL;
    for (int kinds = 0; kinds <= 1; kinds++) {
        rf_bigraph_options options =
            kinds ? made_options_of_kinds(RF_GRANULARITY_EVENT) : made_options(RF_GRANULARITY_EVENT);
        write_overlap(&options, NULL);
        RF_CHECK_OK(err, join_overlap(&graph, &options, false, &counts, &err));
        ck_assert_int_eq(counts.same, 40);
        ck_assert_int_eq(counts.repeats, 0);
        split_publish(graph, rf_tmp_path(b, "b.h5"), NULL);
        graph = split_graph(&options);
        split_add(graph, -1, 0, SPLIT_EVENTS);
        split_publish(graph, rf_tmp_path(a, "a.h5"), NULL);
        ck_assert(rf_files_equal(a, b));
    }
}
END_TEST

static void change_kind(made_event *event)
{
    snprintf(event->kind, sizeof event->kind, "other");
}

static void change_entity(made_event *event)
{
    snprintf(event->entity, sizeof event->entity, "elsewhere");
}

static void change_device(made_event *event)
{
    snprintf(event->device, sizeof event->device, "another");
}

static void drop_card(made_event *event)
{
    snprintf(event->card, sizeof event->card, "%s", event->card[0] == '\0' ? "c" : "");
}

static void change_amount(made_event *event)
{
    event->amount = 4711 * RF_FIXED_ONE;
}

START_TEST(an_id_of_two_different_events_is_refused_or_kept_twice)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_merge_counts counts;
    rf_bigraph *graph = NULL;
    void (*const changes[5])(made_event *) = {change_kind, change_entity, change_amount, change_device,
                                              drop_card};
    for (int i = 0; i < 5; i++) { /* the last ones: of other kinds than the main one */
        rf_bigraph_options options =
            i < 3 ? made_options(RF_GRANULARITY_EVENT) : made_options_of_kinds(RF_GRANULARITY_EVENT);
        options.window_us = 0;
        options.as_of_us = RF_AS_OF_LATEST;
        write_overlap(&options, changes[i]);
        RF_CHECK_FAILS(err, RF_E_INVALID, "t-1.h5: event event-",
                       join_overlap(&graph, &options, false, &counts, &err));
        rf_bigraph_free(graph);
        RF_CHECK_OK(err, join_overlap(&graph, &options, true, &counts, &err));
        ck_assert_int_eq(counts.repeats, 40);
        ck_assert_int_eq(counts.same, 0);
        ck_assert_int_eq(split_publish(graph, rf_tmp_path(path, "both.h5"), NULL).edges, SPLIT_EVENTS + 40);
    }
}
END_TEST

START_TEST(sums_cannot_lose_a_repeat)
{
    rf_err err = {0};
    rf_merge_counts counts;
    rf_bigraph *graph = NULL;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    write_overlap(&options, NULL);
    RF_CHECK_FAILS(err, RF_E_INVALID, "--keep-repeats", join_overlap(&graph, &options, false, &counts, &err));
    rf_bigraph_free(graph);
    RF_CHECK_OK(err, join_overlap(&graph, &options, true, &counts, &err));
    ck_assert_int_eq(counts.repeats, 40);
    rf_bigraph_free(graph);
}
END_TEST

/* ---- what does not belong together ---- */

START_TEST(a_partition_in_two_files_is_refused)
{
    rf_err err = {0};
    char paths[2][RF_TEST_PATH], b[RF_TEST_PATH], folder[RF_TEST_PATH];
    static const int order[1] = {0};
    rf_positions positions = {0};
    rf_merge_counts counts;
    rf_merge_plan plan = {0};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    split_make(3, 2, BY_USER);
    split_write_shards(&options, SPLIT_EVENTS);
    rf_bigraph *graph = split_join(&options, (split_shard_path(paths[0], 0), paths), order, 1, &positions);
    RF_CHECK_FAILS(err, RF_E_INVALID, "t-0.h5: holds t[0]",
                   split_add_file(graph, paths[0], true, &positions, &counts, &err));
    rf_bigraph_free(graph);
    rf_positions_clear(&positions);
    split_publish(split_join(&options, paths, order, 1, &positions), rf_tmp_path(b, "merged.h5"), &positions);
    rf_positions_clear(&positions);
    const char *two[2] = {b, paths[0]};
    RF_CHECK_FAILS(err, RF_E_INVALID, "merged.h5 and ", rf_merge_plan_make(&plan, two, 2, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "t-0.h5 both hold t[0]", rf_merge_plan_make(&plan, two, 2, &err));
    snprintf(paths[1], RF_TEST_PATH, "%s/./t-0.h5", rf_tmp_path(folder, "shards"));
    const char *same[2] = {paths[0], paths[1]};
    RF_CHECK_FAILS(err, RF_E_INVALID, "are the same file", rf_merge_plan_make(&plan, same, 2, &err));
}
END_TEST

static void copy_file(const char *from, const char *to)
{
    size_t len = 0;
    char *bytes = rf_slurp(from, &len);
    rf_spill(to, bytes, len);
    free(bytes);
}

START_TEST(of_two_shards_of_a_partition_the_later_claim_is_taken)
{
    rf_err err = {0};
    char old[RF_TEST_PATH], new[RF_TEST_PATH];
    rf_merge_plan plan = {0};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    split_make(3, 1, BY_USER);
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, "test");
    split_write_shards(&options, SPLIT_EVENTS / 2);
    copy_file(split_shard_path(new, 0), rf_tmp_path(old, "old.h5"));
    rf_shard *shard = NULL;
    int64_t next;
    char folder[RF_TEST_PATH];
    rf_bigraph *graph = split_graph(&options);
    RF_CHECK_OK(err, rf_shard_claim(&shard, graph, rf_tmp_path(folder, "shards"), split_topic, 0, "me", 0,
                                    &next, &err));
    split_add(graph, -1, SPLIT_EVENTS / 2, SPLIT_EVENTS);
    RF_CHECK_OK(err, rf_shard_save(shard, graph, SPLIT_EVENTS, &(rf_topic_origin){0}, &err));
    rf_shard_release(&shard);
    rf_bigraph_free(graph);
    for (int turn = 0; turn < 2; turn++) {
        const char *paths[2] = {turn == 0 ? old : new, turn == 0 ? new : old};
        RF_CHECK_OK(err, rf_merge_plan_make(&plan, paths, 2, &err));
        ck_assert_int_eq(plan.n, 1);
        ck_assert_str_eq(plan.inputs[0].path, new);
        ck_assert_int_eq(plan.inputs[0].next, SPLIT_EVENTS);
        rf_merge_plan_clear(&plan);
    }
}
END_TEST

/* What planning the shards of these partitions says. */
static char *plan_aloud(const int *partitions, int n)
{
    rf_err err = {0};
    char paths[SPLIT_MOST][RF_TEST_PATH];
    const char *list[SPLIT_MOST];
    rf_merge_plan plan = {0};
    for (int i = 0; i < n; i++)
        list[i] = split_shard_path(paths[i], partitions[i]);
    rf_log_setup(RF_LOG_WARN, RF_LOG_TEXT, "test");
    catch_log();
    rf_status st = rf_merge_plan_make(&plan, list, n, &err);
    char *log = caught_log();
    RF_CHECK_OK(err, st);
    rf_merge_plan_clear(&plan);
    return log;
}

START_TEST(missing_partitions_are_warned_of)
{
    static const int some[3] = {5, 1, 4}, most[4] = {0, 1, 2, 3};
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    split_make(3, 6, ANYHOW);
    split_write_shards(&options, 100);
    char *said = plan_aloud(some, 3);
    ck_assert_msg(strstr(said, "t: partition 5 is in the files, but partition 0, 2 to 3 is missing:") != NULL,
                  "%s", said);
    free(said);
    said = plan_aloud(most, 4);
    ck_assert_str_eq(said, "");
    free(said);
}
END_TEST

START_TEST(what_is_no_state_of_ours_is_refused)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], folder[RF_TEST_PATH];
    rf_positions positions = {0};
    rf_merge_counts counts;
    rf_merge_plan plan = {0};
    rf_h5 *h5 = NULL;
    char **paths = NULL;
    int n;
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR), other = options;
    split_make(3, 1, BY_USER);
    split_write_shards(&options, SPLIT_EVENTS);
    other.identity = "made events\nbucket 2h";
    rf_bigraph *graph = split_graph(&other);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "there: \"bucket 1h\"; now: \"bucket 2h\"",
                   split_add_file(graph, split_shard_path(path, 0), false, &positions, &counts, &err));
    rf_bigraph_free(graph);
    RF_CHECK_OK(err, rf_h5_create_beside(&h5, rf_tmp_path(path, "model.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_format(h5, "ringfence-model", 1, &err));
    RF_CHECK_OK(err, rf_h5_commit(h5, &err));
    rf_h5_close(&h5);
    const char *one[1] = {path};
    RF_CHECK_FAILS(err, RF_E_FORMAT, "its format is \"ringfence-model\"",
                   rf_merge_plan_make(&plan, one, 1, &err));
    rf_remove_tree(rf_tmp_path(folder, "shards"));
    RF_CHECK_FAILS(err, RF_E_INVALID, "cannot be read", rf_merge_find(&paths, &n, folder, &err));
}
END_TEST

START_TEST(a_folder_without_shards_is_refused)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH];
    char **paths = NULL;
    int n = 0;
    rf_h5 *h5 = NULL;
    split_make(3, 1, BY_USER);
    rf_remove_tree(rf_tmp_path(folder, "shards"));
    ck_assert_int_eq(mkdir(folder, 0777), 0);
    RF_CHECK_OK(err, rf_h5_create_beside(&h5, rf_tmp_path(path, "shards/model.h5"), &err));
    RF_CHECK_OK(err, rf_h5_write_format(h5, "ringfence-model", 1, &err));
    RF_CHECK_OK(err, rf_h5_commit(h5, &err));
    rf_h5_close(&h5);
    RF_CHECK_FAILS(err, RF_E_INVALID, "holds no shard", rf_merge_find(&paths, &n, folder, &err));
    rf_spill(rf_tmp_path(path, "shards/torn.h5"), "torn", 4); /* it may have been one */
    RF_CHECK_FAILS(err, RF_E_FORMAT, "torn.h5", rf_merge_find(&paths, &n, folder, &err));
}
END_TEST

/* ---- memory ---- */

static rf_status find_plan_and_join(const rf_bigraph_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    char folder[RF_TEST_PATH];
    rf_bigraph *graph = NULL;
    rf_merge_plan plan = {0};
    rf_merge_counts counts;
    rf_positions positions = {0};
    char **paths = NULL;
    int n = 0;
    RF_TRY(rf_bigraph_new(&graph, options, err));
    RF_TRY(rf_merge_find(&paths, &n, rf_tmp_path(folder, "shards"), err));
    RF_TRY(rf_merge_plan_make(&plan, (const char *const *)paths, n, err));
    for (int i = 0; i < plan.n; i++)
        RF_TRY(rf_bigraph_merge(graph, plan.inputs[i].file, false, &positions, &counts, err));
done:
    for (int i = 0; i < n; i++)
        rf_mem_free(paths[i]);
    rf_mem_free(paths);
    rf_merge_plan_clear(&plan);
    rf_positions_clear(&positions);
    rf_bigraph_free(graph);
    return st;
}

START_TEST(every_allocation_may_fail)
{
    rf_bigraph_options options = made_options(RF_GRANULARITY_PAIR);
    split_make(3, 3, ANYHOW);
    split_write_shards(&options, 300);
    RF_SWEEP(find_plan_and_join(&options, sweep_err), (void)0);
    options.granularity = RF_GRANULARITY_EVENT;
    write_overlap(&options, NULL);
    RF_SWEEP(find_plan_and_join(&options, sweep_err), (void)0);
}
END_TEST

RF_SUITE("merge_refusals", an_event_that_two_shards_hold_is_taken_once,
         an_id_of_two_different_events_is_refused_or_kept_twice, sums_cannot_lose_a_repeat,
         a_partition_in_two_files_is_refused, of_two_shards_of_a_partition_the_later_claim_is_taken,
         missing_partitions_are_warned_of, what_is_no_state_of_ours_is_refused,
         a_folder_without_shards_is_refused, every_allocation_may_fail)
