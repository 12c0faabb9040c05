/* test_erase_state.c - what is left of a state without its users and entities is what a build without their
 * events makes, in graphs, half-built graphs and shards.
 */
#include "rf_erase_state.h"
#include "rf_graph.h"
#include "rf_h5.h"
#include "shard_owner.h"

static rf_hash_key *key;

/* Users and entities of the made events that are erased. */
static bool is_erased(const made_event *event)
{
    return strcmp(event->user, "u3") == 0 || strcmp(event->entity, "shop 5") == 0;
}

static rf_subjects subjects_of(const char *user, const char *entity)
{
    rf_err err = {0};
    rf_subjects subjects = {0};
    if (key == NULL)
        RF_CHECK_OK(err, rf_hash_key_random(&key, &err));
    subjects.key = key;
    RF_CHECK_OK(err, rf_subjects_add(&subjects, RF_USER, user, strlen(user), &err));
    RF_CHECK_OK(err, rf_subjects_add(&subjects, RF_ENTITY, entity, strlen(entity), &err));
    return subjects;
}

static rf_bigraph *graph_of(const rf_bigraph_options *options, bool without)
{
    rf_err err = {0};
    rf_bigraph *graph = NULL;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, options, &err));
    for (int i = 0; i < OWNER_EVENTS; i++) {
        rf_event event = made_rf_event(&owner_items[i], true);
        if (!without || !is_erased(&owner_items[i]))
            RF_HOLDS(rf_bigraph_add_event(graph, &event, &err) >= 0);
    }
    return graph;
}

static void publish(rf_bigraph *graph, const char *path)
{
    rf_err err = {0};
    rf_published published;
    RF_CHECK_OK(err, rf_bigraph_publish(graph, path, NULL, NULL, &published, &err));
    rf_bigraph_free(graph);
}

/* Equal but for the hashes of event ids, which stay. */
static void check_same_graph(const char *path, const char *wanted)
{
    rf_err err = {0};
    static const char *const names[] = {"/u/x", "/v/x", "/e/x"};
    rf_h5 *a = NULL, *b = NULL;
    RF_CHECK_OK(err, rf_h5_open(&a, path, &err));
    RF_CHECK_OK(err, rf_h5_open(&b, wanted, &err));
    for (size_t i = 0; i < 3; i++) {
        int rank;
        int64_t dims[4], other[4];
        RF_CHECK_OK(err, rf_h5_shape(a, names[i], &rank, dims, &err));
        RF_CHECK_OK(err, rf_h5_shape(b, names[i], &rank, other, &err));
        ck_assert(dims[0] == other[0] && dims[1] == other[1]);
        size_t n = (size_t)(dims[0] * dims[1]);
        float *x = calloc(n + 1, sizeof *x), *y = calloc(n + 1, sizeof *y);
        RF_CHECK_OK(err, rf_h5_read(a, names[i], RF_H5_F32, 2, dims, x, &err));
        RF_CHECK_OK(err, rf_h5_read(b, names[i], RF_H5_F32, 2, dims, y, &err));
        ck_assert_msg(memcmp(x, y, n * sizeof *x) == 0, "%s differs", names[i]);
        free(x);
        free(y);
    }
    rf_h5_close(&a);
    rf_h5_close(&b);
}

static rf_erased erase(const char *path, const rf_bigraph_options *options, bool *emptied)
{
    rf_err err = {0};
    rf_erased erased;
    rf_subjects subjects = subjects_of("u3", "shop 5");
    const rf_erase_work work = {.subjects = &subjects, .options = options, .owner = "erase"};
    RF_CHECK_OK(err, rf_erase_state(&erased, emptied, path, &work, &err));
    rf_subjects_clear(&subjects);
    return erased;
}

static void check_graph(rf_granularity granularity)
{
    char path[RF_TEST_PATH], without[RF_TEST_PATH];
    bool emptied;
    owner_make_events();
    rf_bigraph_options options = owner_options(granularity);
    publish(graph_of(&options, false), rf_tmp_path(path, "whole.h5"));
    publish(graph_of(&options, true), rf_tmp_path(without, "without.h5"));
    rf_erased erased = erase(path, &options, &emptied);
    ck_assert(!emptied && erased.users == 1 && erased.entities == 1);
    int64_t events = 0;
    for (int i = 0; i < OWNER_EVENTS; i++)
        events += is_erased(&owner_items[i]);
    ck_assert_int_gt(events, 0);
    ck_assert_int_eq(erased.events, events);
    check_same_graph(path, without);
    erased = erase(path, &options, &emptied); /* done again there is nothing to do */
    ck_assert_int_eq(erased.users + erased.entities + erased.cells, 0);
}

START_TEST(a_graph_of_pairs_is_as_if_they_had_never_been_there)
{
    check_graph(RF_GRANULARITY_PAIR);
}
END_TEST

START_TEST(a_graph_of_events_is_as_if_they_had_never_been_there)
{
    check_graph(RF_GRANULARITY_EVENT);
}
END_TEST

/* ---- several kinds of entity ---- */

static rf_bigraph_options options_of_kinds(rf_granularity granularity)
{
    owner_of_kinds = true;
    rf_bigraph_options options = owner_options(granularity);
    owner_of_kinds = false;
    return options;
}

static void check_same_kinds(const char *path, const char *wanted)
{
    rf_err err = {0};
    rf_graph *a = NULL, *b = NULL;
    RF_CHECK_OK(err, rf_graph_load(&a, path, RF_GRAPH_ALL, &err));
    RF_CHECK_OK(err, rf_graph_load(&b, wanted, RF_GRAPH_ALL, &err));
    ck_assert_int_eq(rf_sides(&a->kinds), 7);
    for (rf_side s = 0; s < rf_sides(&a->kinds); s++) {
        ck_assert(a->side[s].n == b->side[s].n && a->side[s].d == b->side[s].d);
        ck_assert_mem_eq(a->side[s].x, b->side[s].x,
                         (size_t)(a->side[s].n * a->side[s].d) * sizeof *a->side[s].x);
        ck_assert_str_eq(a->side[s].id_fingerprint, b->side[s].id_fingerprint);
    }
    rf_graph_free(a);
    rf_graph_free(b);
}

START_TEST(a_user_leaves_the_graph_in_all_kinds)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], without[RF_TEST_PATH];
    for (int events = 0; events <= 1; events++) {
        rf_bigraph_options options = options_of_kinds(events ? RF_GRANULARITY_EVENT : RF_GRANULARITY_PAIR);
        bool emptied;
        rf_erased erased;
        rf_bigraph *graph = NULL;
        int64_t gone = 0;
        owner_make_events();
        publish(graph_of(&options, false), rf_tmp_path(path, "whole.h5"));
        RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
        for (int i = 0; i < OWNER_EVENTS; i++) {
            rf_event event = made_rf_event(&owner_items[i], true);
            if (strcmp(owner_items[i].user, "u3") == 0)
                gone++;
            else
                RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
        }
        publish(graph, rf_tmp_path(without, "without.h5"));
        rf_subjects subjects = subjects_of("u3", "nobody");
        const rf_erase_work work = {.subjects = &subjects, .options = &options, .owner = "erase"};
        RF_CHECK_OK(err, rf_erase_state(&erased, &emptied, path, &work, &err));
        rf_subjects_clear(&subjects);
        ck_assert_int_eq(erased.users, 1);
        ck_assert_int_eq(erased.events, gone);
        check_same_kinds(path, without);
    }
}
END_TEST

/* Its events stay with the other entities that they named. */
START_TEST(an_entity_leaves_its_kind)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], without[RF_TEST_PATH];
    rf_bigraph_options options = options_of_kinds(RF_GRANULARITY_PAIR);
    bool emptied;
    rf_erased erased;
    rf_bigraph *graph = NULL;
    int64_t gone = 0;
    owner_make_events();
    publish(graph_of(&options, false), rf_tmp_path(path, "whole.h5"));
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    for (int i = 0; i < OWNER_EVENTS; i++) {
        rf_event event = made_rf_event(&owner_items[i], true);
        if (strcmp(owner_items[i].device, "d2") == 0) {
            event.others[0] = (rf_span){0};
            gone++;
        }
        RF_CHECK_OK(err, rf_bigraph_add_event(graph, &event, &err));
    }
    publish(graph, rf_tmp_path(without, "without.h5"));
    rf_subjects subjects = subjects_of("nobody", "d2");
    const rf_erase_work work = {.subjects = &subjects, .options = &options, .owner = "erase"};
    RF_CHECK_OK(err, rf_erase_state(&erased, &emptied, path, &work, &err));
    rf_subjects_clear(&subjects);
    ck_assert_int_eq(erased.entities, 1);
    ck_assert_int_gt(gone, 0);
    ck_assert_int_eq(erased.events, gone);
    check_same_kinds(path, without);
}
END_TEST

/* Who met no other shop is gone with it, with all devices and cards; so is, from the window, who met others
 * only before or behind it. */
static void check_idle(bool others_behind)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_bigraph_options options = options_of_kinds(RF_GRANULARITY_PAIR);
    bool emptied;
    rf_erased erased;
    rf_bigraph *graph = NULL;
    rf_graph *left = NULL;
    int behind = 0;
    owner_make_events();
    options.window_us = 5 * RF_DAY_US;
    options.as_of_us = MADE_START + 8 * RF_DAY_US;
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    for (int i = 0; i < OWNER_EVENTS; i++) {
        made_event item = owner_items[i];
        bool is_behind = others_behind && item.time_us >= options.as_of_us;
        if (strcmp(item.user, "u4") == 0) {
            snprintf(item.entity, sizeof item.entity, is_behind ? "shop 2" : "shop 5");
            snprintf(item.device, sizeof item.device, "own");
            behind += is_behind;
        }
        rf_event event = made_rf_event(&item, true);
        RF_HOLDS(rf_bigraph_add_event(graph, &event, &err) >= 0);
    }
    ck_assert_int_eq(behind > 0, others_behind);
    publish(graph, rf_tmp_path(path, "whole.h5"));
    rf_subjects subjects = subjects_of("nobody", "shop 5");
    const rf_erase_work work = {.subjects = &subjects, .options = &options, .owner = "erase"};
    RF_CHECK_OK(err, rf_erase_state(&erased, &emptied, path, &work, &err));
    rf_subjects_clear(&subjects);
    RF_CHECK_OK(err, rf_graph_load(&left, path, RF_GRAPH_ALL, &err));
    for (int64_t u = 0; u < left->side[RF_USER].n; u++)
        ck_assert_str_ne(rf_texts_get(&left->side[RF_USER].id, u), "u4");
    for (int64_t v = 0; v < left->side[rf_entity_side(1)].n; v++)
        ck_assert_str_ne(rf_texts_get(&left->side[rf_entity_side(1)].id, v), "own");
    rf_graph_free(left);
}

START_TEST(a_user_of_an_erased_entity_alone_leaves_with_it)
{
    check_idle(false);
    check_idle(true);
}
END_TEST

/* ---- half-built graphs, shards ---- */

START_TEST(a_half_built_graph_goes_on_without_them)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], building[RF_TEST_PATH + 16], without[RF_TEST_PATH];
    int resumed;
    bool emptied;
    rf_positions positions = {0};
    rf_bigraph *graph = NULL;
    owner_make_events();
    rf_bigraph_options options = owner_options(RF_GRANULARITY_PAIR);
    unlink(rf_tmp_path(path, "half.h5"));
    graph = graph_of(&options, false);
    RF_CHECK_OK(err, rf_bigraph_checkpoint(graph, path, NULL, &err));
    rf_bigraph_free(graph);
    snprintf(building, sizeof building, "%s.building", path);
    ck_assert_int_eq(erase(building, &options, &emptied).users, 1);
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    RF_CHECK_OK(err, rf_bigraph_resume(graph, path, &positions, &resumed, &err));
    ck_assert_int_eq(resumed, 2);
    publish(graph, path);
    publish(graph_of(&options, true), rf_tmp_path(without, "without.h5"));
    check_same_graph(path, without);
    rf_positions_clear(&positions);
}
END_TEST

START_TEST(a_shard_is_claimed_and_written_again_at_its_offset)
{
    rf_err err = {0};
    char folder[RF_TEST_PATH], path[RF_TEST_PATH + 32], a[RF_TEST_PATH], b[RF_TEST_PATH];
    bool emptied;
    owner_make_events();
    rf_bigraph_options options = owner_options(RF_GRANULARITY_PAIR);
    owner o = owner_claim(owner_fresh_folder(folder), "host:1", 0);
    RF_CHECK_OK(err, owner_go_on(&o, OWNER_EVENTS, &err));
    owner_leave(&o);
    snprintf(path, sizeof path, "%s/" OWNER_TOPIC "-2.h5", folder);
    ck_assert_int_eq(erase(path, &options, &emptied).entities, 1);
    ck_assert_int_eq(owner_saved_offset(folder), OWNER_EVENTS);
    rf_bigraph *graph = owner_graph();
    rf_shard *shard = NULL;
    int64_t next;
    RF_CHECK_OK(err, rf_shard_claim(&shard, graph, folder, OWNER_TOPIC, 2, "judge", 0, &next, &err));
    rf_shard_release(&shard);
    publish(graph, rf_tmp_path(a, "a.h5"));
    publish(graph_of(&options, true), rf_tmp_path(b, "b.h5"));
    check_same_graph(a, b);
}
END_TEST

START_TEST(a_graph_of_which_nothing_is_left_keeps_what_was_read)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], building[RF_TEST_PATH + 16];
    bool emptied;
    rf_bigraph *graph = NULL;
    owner_make_events();
    rf_bigraph_options options = owner_options(RF_GRANULARITY_PAIR);
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    for (int i = 0; i < OWNER_EVENTS; i++) {
        rf_event event = made_rf_event(&owner_items[i], true);
        if (is_erased(&owner_items[i]))
            RF_HOLDS(rf_bigraph_add_event(graph, &event, &err) >= 0);
    }
    rf_input_position at = {.name = rf_mem_text("orders", 6, &err), .partition = 2, .offset = 77};
    rf_positions positions = {.items = &at, .n = 1}, read = {0};
    rf_published published;
    RF_CHECK_OK(err,
                rf_bigraph_publish(graph, rf_tmp_path(path, "only.h5"), &positions, NULL, &published, &err));
    rf_bigraph_free(graph);
    rf_mem_free(at.name);
    (void)erase(path, &options, &emptied);
    ck_assert(emptied);
    ck_assert_int_ne(access(path, F_OK), 0);
    snprintf(building, sizeof building, "%s.building", path);
    RF_CHECK_OK(err, rf_bigraph_new(&graph, &options, &err));
    int resumed;
    RF_CHECK_OK(err, rf_bigraph_resume(graph, path, &read, &resumed, &err));
    ck_assert_int_eq(resumed, 2);
    ck_assert_int_eq(read.items[0].offset, 77);
    rf_bigraph_free(graph);
    rf_positions_clear(&read);
    unlink(building);
}
END_TEST

START_TEST(a_state_of_other_settings_is_refused)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    bool emptied;
    rf_erased erased;
    owner_make_events();
    rf_bigraph_options options = owner_options(RF_GRANULARITY_PAIR);
    publish(graph_of(&options, false), rf_tmp_path(path, "whole.h5"));
    options.identity = "another";
    rf_subjects subjects = subjects_of("u3", "shop 5");
    const rf_erase_work work = {.subjects = &subjects, .options = &options, .owner = "erase"};
    RF_CHECK_FAILS(err, RF_E_FORMAT, "other settings", rf_erase_state(&erased, &emptied, path, &work, &err));
    rf_subjects_clear(&subjects);
    rf_hash_key_free(key);
    key = NULL;
}
END_TEST

RF_SUITE("erase_state", a_graph_of_pairs_is_as_if_they_had_never_been_there,
         a_graph_of_events_is_as_if_they_had_never_been_there, a_user_leaves_the_graph_in_all_kinds,
         an_entity_leaves_its_kind, a_user_of_an_erased_entity_alone_leaves_with_it,
         a_half_built_graph_goes_on_without_them, a_shard_is_claimed_and_written_again_at_its_offset,
         a_graph_of_which_nothing_is_left_keeps_what_was_read, a_state_of_other_settings_is_refused)
