/* test_cluster_registry.c - clusters keep their ids from run to run while their members change. */
#include "made_clusters.h"
#include "made_scores.h"
#include "registry_int.h"
#include "rf_cluster_changes.h"
#include "rf_check.h"
#include "rf_h5.h"

static const made_shape shape = {40, 30, 60, 1, 1, 1, 4};

typedef struct group { /* users [u, u + n_u) and entities [v, v + n_v) */
    int u, n_u, v, n_v;
    rf_cluster_method method;
} group;

static const char *const runs[] = {"", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2",
                                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa3", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa4"};

/* NULL when memory is refused. */
static rf_clusters *new_clusters(int run, int n, const group *groups, rf_err *err)
{
    rf_clusters *c = rf_mem_zero(1, sizeof *c, err);
    if (c == NULL)
        return NULL;
    c->at = rf_mem_zero((size_t)n, sizeof *c->at, err);
    c->rows[RF_USER] = rf_mem_zero(100, sizeof *c->rows[RF_USER], err);
    c->rows[RF_ENTITY] = rf_mem_zero(100, sizeof *c->rows[RF_ENTITY], err);
    if (c->at == NULL || c->rows[RF_USER] == NULL || c->rows[RF_ENTITY] == NULL) {
        rf_clusters_free(c);
        return NULL;
    }
    for (int i = 0; i < n; i++) {
        c->at[i] = (rf_cluster){.method = (uint8_t)groups[i].method,
                                .from[RF_USER] = c->n_rows[RF_USER],
                                .n[RF_USER] = groups[i].n_u,
                                .from[RF_ENTITY] = c->n_rows[RF_ENTITY],
                                .n[RF_ENTITY] = groups[i].n_v};
        for (int k = 0; k < groups[i].n_u; k++)
            c->rows[RF_USER][c->n_rows[RF_USER]++] = (uint32_t)(groups[i].u + k);
        for (int k = 0; k < groups[i].n_v; k++)
            c->rows[RF_ENTITY][c->n_rows[RF_ENTITY]++] = (uint32_t)(groups[i].v + k);
    }
    c->n = n;
    memcpy(c->run_id, runs[run], 33);
    return c;
}

static rf_clusters *clusters_of(int run, int n, const group *groups)
{
    rf_clusters *c = new_clusters(run, n, groups, NULL);
    ck_assert_ptr_nonnull(c);
    return c;
}

/* One run as the verb does it. */
static rf_clusters *run_of(int run, int n, const group *groups, const rf_graph *graph, const char *path)
{
    rf_err err = {0};
    rf_clusters *c = clusters_of(run, n, groups);
    RF_CHECK_OK(err, rf_clusters_recognise(c, graph, path, &err));
    RF_CHECK_OK(err, rf_clusters_register(c, graph, path, &err));
    return c;
}

static void assert_change(const rf_cluster *c, rf_cluster_change change, int64_t was, int64_t joined,
                          int64_t left)
{
    ck_assert_str_eq(rf_cluster_change_name(c->change), rf_cluster_change_name((uint8_t)change));
    ck_assert_int_eq(c->previous_members, was);
    ck_assert_int_eq(c->joined, joined);
    ck_assert_int_eq(c->left, left);
}

typedef struct two_runs {
    rf_clusters *first, *second;
} two_runs;

/* Two runs and what the second finds. Free with two_runs_free. */
static two_runs two_runs_of(int n1, const group *g1, int n2, const group *g2)
{
    char path[RF_TEST_PATH];
    two_runs r;
    rf_graph *graph = made_graph(shape);
    remove(rf_tmp_path(path, "register.h5"));
    r.first = run_of(1, n1, g1, graph, path);
    r.second = run_of(2, n2, g2, graph, path);
    rf_graph_free(graph);
    return r;
}

static void two_runs_free(two_runs *r)
{
    rf_clusters_free(r->first);
    rf_clusters_free(r->second);
}

START_TEST(the_first_run_is_all_new_with_ids_of_their_own)
{
    static const group groups[] = {{0, 5, 0, 2, 0}, {10, 3, 5, 1, 0}, {0, 5, 0, 2, 1}};
    two_runs r = two_runs_of(3, groups, 3, groups);
    for (int i = 0; i < 3; i++) {
        assert_change(&r.first->at[i], RF_CLUSTER_NEW, 0, 0, 0);
        assert_change(&r.second->at[i], RF_CLUSTER_SAME, groups[i].n_u + groups[i].n_v, 0, 0);
        ck_assert(rf_cluster_is_id(r.first->at[i].id));
        ck_assert_str_eq(r.first->at[i].id, r.second->at[i].id);
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(r.first->at[i].id, r.first->at[k].id);
    }
    ck_assert_str_eq(r.first->previous_run_id, "");
    ck_assert_str_eq(r.second->previous_run_id, runs[1]);
    two_runs_free(&r);
}
END_TEST

START_TEST(clusters_grow_shrink_change_go_and_come)
{
    static const group before[] = {{0, 5, 0, 2, 0}, {10, 6, 5, 2, 0}, {20, 4, 10, 2, 0}, {30, 4, 20, 1, 0}};
    static const group now[] = {
        {36, 3, 25, 1, 0}, /* new */
        {0, 8, 0, 2, 0},   /* three more */
        {10, 3, 5, 2, 0},  /* three less */
        {21, 4, 10, 2, 0}, /* one left, another came */
    };
    two_runs r = two_runs_of(4, before, 4, now);
    ck_assert_int_eq(r.second->n, 5);
    assert_change(&r.second->at[0], RF_CLUSTER_NEW, 0, 0, 0);
    assert_change(&r.second->at[1], RF_CLUSTER_GROWN, 7, 3, 0);
    assert_change(&r.second->at[2], RF_CLUSTER_SHRUNK, 8, 0, 3);
    assert_change(&r.second->at[3], RF_CLUSTER_CHANGED, 6, 1, 1);
    assert_change(&r.second->at[4], RF_CLUSTER_GONE, 5, 0, 5);
    ck_assert_int_eq(r.second->at[4].n[RF_USER] + r.second->at[4].n[RF_ENTITY], 0);
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(r.second->at[i + 1].id, r.first->at[i].id);
    ck_assert_str_eq(r.second->at[4].id, r.first->at[3].id);
    two_runs_free(&r);
}
END_TEST

START_TEST(of_a_split_the_largest_part_keeps_the_id)
{
    static const group before[] = {{0, 20, 0, 4, 0}};
    static const group now[] = {{0, 8, 0, 1, 0}, {8, 12, 1, 3, 0}};
    two_runs r = two_runs_of(1, before, 2, now);
    ck_assert_int_eq(r.second->n, 2);
    ck_assert_str_eq(r.second->at[1].id, r.first->at[0].id);
    assert_change(&r.second->at[1], RF_CLUSTER_SHRUNK, 24, 0, 9);
    assert_change(&r.second->at[0], RF_CLUSTER_NEW, 0, 0, 0);
    two_runs_free(&r);
}
END_TEST

START_TEST(a_merger_has_the_id_of_its_largest_part)
{
    static const group before[] = {{0, 5, 0, 2, 0}, {5, 12, 2, 2, 0}};
    static const group now[] = {{0, 17, 0, 4, 0}};
    two_runs r = two_runs_of(2, before, 1, now);
    ck_assert_int_eq(r.second->n, 2);
    ck_assert_str_eq(r.second->at[0].id, r.first->at[1].id);
    assert_change(&r.second->at[0], RF_CLUSTER_GROWN, 14, 7, 0);
    assert_change(&r.second->at[1], RF_CLUSTER_GONE, 7, 0, 7);
    two_runs_free(&r);
}
END_TEST

START_TEST(a_chance_member_or_two_make_no_heir)
{
    static const group before[] = {{0, 10, 0, 2, 0}, {20, 2, 10, 1, 0}};
    static const group now[] = {{9, 10, 1, 2, 0},   /* two shared of twelve: 0.09 of all */
                                {21, 9, 20, 1, 0}}; /* one shared */
    two_runs r = two_runs_of(2, before, 2, now);
    ck_assert_int_eq(r.second->n, 4);
    assert_change(&r.second->at[0], RF_CLUSTER_NEW, 0, 0, 0);
    assert_change(&r.second->at[1], RF_CLUSTER_NEW, 0, 0, 0);
    two_runs_free(&r);
}
END_TEST

START_TEST(the_two_ways_to_find_clusters_do_not_inherit_from_each_other)
{
    static const group before[] = {{0, 10, 0, 2, RF_CLUSTER_COMMUNITY}};
    static const group now[] = {{0, 10, 0, 2, RF_CLUSTER_DENSE}};
    two_runs r = two_runs_of(1, before, 1, now);
    assert_change(&r.second->at[0], RF_CLUSTER_NEW, 0, 0, 0);
    ck_assert_int_eq(r.second->at[1].change, RF_CLUSTER_GONE);
    ck_assert_int_eq(r.second->at[1].method, RF_CLUSTER_COMMUNITY);
    two_runs_free(&r);
}
END_TEST

/* The same people in another order: rows say nothing. */
START_TEST(members_are_recognised_by_their_ids)
{
    static const group before[] = {{0, 4, 0, 2, 0}}, now[] = {{3, 4, 2, 2, 0}};
    static char names[2][40][16];
    const char *ids[2][40];
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape), *later = made_graph(shape);
    for (int i = 0; i < 40; i++) {
        snprintf(names[0][i], 16, "user-%d", i < 3 ? 100 + i : i - 3);
        snprintf(names[1][i], 16, "shop-%d", i < 2 ? 100 + i : i - 2);
        ids[0][i] = names[0][i];
        ids[1][i] = names[1][i];
    }
    made_graph_set_ids(&later->side[RF_USER], ids[0]);
    made_graph_set_ids(&later->side[RF_ENTITY], ids[1]);
    remove(rf_tmp_path(path, "rows.h5"));
    rf_clusters *first = run_of(1, 1, before, graph, path), *second = run_of(2, 1, now, later, path);
    assert_change(&second->at[0], RF_CLUSTER_SAME, 6, 0, 0);
    ck_assert_str_eq(second->at[0].id, first->at[0].id);
    rf_clusters_free(first);
    rf_clusters_free(second);
    rf_graph_free(graph);
    rf_graph_free(later);
}
END_TEST

static void assert_equal(const rf_clusters *a, const rf_clusters *b)
{
    ck_assert_int_eq(a->n, b->n);
    ck_assert_str_eq(a->previous_run_id, b->previous_run_id);
    for (int64_t i = 0; i < a->n; i++) {
        ck_assert_str_eq(a->at[i].id, b->at[i].id);
        assert_change(&a->at[i], b->at[i].change, b->at[i].previous_members, b->at[i].joined, b->at[i].left);
    }
}

START_TEST(a_run_done_again_says_the_same_wherever_it_was_killed)
{
    static const group before[] = {{0, 5, 0, 2, 0}, {10, 6, 5, 2, 0}};
    static const group now[] = {{0, 6, 0, 2, 0}, {20, 6, 10, 2, 0}};
    char path[RF_TEST_PATH], copy[RF_TEST_PATH];
    rf_err err = {0};
    rf_graph *graph = made_graph(shape);
    setenv("SOURCE_DATE_EPOCH", "1525132800", 1);
    remove(rf_tmp_path(path, "again.h5"));
    rf_clusters_free(run_of(1, 2, before, graph, path));
    rf_clusters *killed = clusters_of(2, 2, now); /* before it could register */
    RF_CHECK_OK(err, rf_clusters_recognise(killed, graph, path, &err));
    rf_clusters *second = run_of(2, 2, now, graph, path);
    assert_equal(killed, second);
    size_t len = 0;
    char *bytes = rf_slurp(path, &len);
    rf_spill(rf_tmp_path(copy, "copy.h5"), bytes, len);
    free(bytes);
    rf_clusters *third = run_of(2, 2, now, graph, path); /* after it had */
    assert_equal(second, third);
    ck_assert(rf_files_equal(path, copy));
    RF_CHECK_OK(err, rf_clusters_recognise(third, graph, path, &err)); /* of the same clusters, too */
    assert_equal(second, third);
    unsetenv("SOURCE_DATE_EPOCH");
    rf_clusters_free(killed);
    rf_clusters_free(second);
    rf_clusters_free(third);
    rf_graph_free(graph);
}
END_TEST

START_TEST(who_was_gone_for_a_while_gets_the_id_back)
{
    static const group both[] = {{0, 5, 0, 2, 0}, {10, 6, 5, 2, 0}}, one[] = {{0, 5, 0, 2, 0}},
                       back[] = {{0, 5, 0, 2, 0}, {10, 7, 5, 2, 0}};
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    remove(rf_tmp_path(path, "back.h5"));
    rf_clusters *first = run_of(1, 2, both, graph, path), *second = run_of(2, 1, one, graph, path);
    rf_clusters *third = run_of(3, 1, one, graph, path), *fourth = run_of(4, 2, back, graph, path);
    ck_assert_int_eq(second->n, 2);
    ck_assert_int_eq(second->at[1].change, RF_CLUSTER_GONE);
    ck_assert_int_eq(third->n, 1); /* it was gone already */
    ck_assert_str_eq(fourth->at[1].id, first->at[1].id);
    assert_change(&fourth->at[1], RF_CLUSTER_NEW, 0, 0, 0);
    rf_clusters_free(first);
    rf_clusters_free(second);
    rf_clusters_free(third);
    rf_clusters_free(fourth);
    rf_graph_free(graph);
}
END_TEST

START_TEST(nobody_is_remembered_for_ever)
{
    static const group both[] = {{0, 5, 0, 2, 0}, {10, 6, 5, 2, 0}}, one[] = {{0, 5, 0, 2, 0}};
    char path[RF_TEST_PATH], run[33];
    rf_err err = {0};
    rf_registry *registry = NULL;
    rf_graph *graph = made_graph(shape);
    remove(rf_tmp_path(path, "ever.h5"));
    rf_clusters_free(run_of(1, 2, both, graph, path));
    for (int i = 0; i <= RF_REGISTRY_KEEP; i++) {
        rf_clusters *c = clusters_of(2, 1, one);
        snprintf(run, sizeof run, "%032d", i);
        memcpy(c->run_id, run, sizeof run);
        RF_CHECK_OK(err, rf_clusters_recognise(c, graph, path, &err));
        RF_CHECK_OK(err, rf_clusters_register(c, graph, path, &err));
        rf_clusters_free(c);
    }
    RF_CHECK_OK(err, rf_registry_load(&registry, path, &err));
    ck_assert_int_eq(registry->previous.n, 2);
    ck_assert_int_eq(registry->previous.missed[1], RF_REGISTRY_KEEP);
    ck_assert_int_eq(registry->current.n, 1);
    rf_registry_free(registry);
    rf_graph_free(graph);
}
END_TEST

/* ---- damage ---- */

static void assert_refused(const rf_graph *graph, const char *path, const char *part)
{
    static const group groups[] = {{0, 5, 0, 2, 0}};
    rf_err err = {0};
    rf_clusters *c = clusters_of(3, 1, groups);
    RF_CHECK_FAILS(err, RF_E_FORMAT, part, rf_clusters_recognise(c, graph, path, &err));
    rf_clusters_free(c);
}

static void replace(const char *path, const char *name, int64_t n, const int64_t *values)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_write(file, name, RF_H5_I64, 1, &n, values, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
}

START_TEST(a_damaged_register_is_refused)
{
    static const group groups[] = {{0, 5, 0, 2, 0}, {10, 6, 5, 2, 0}};
    static const struct {
        const char *name;
        int64_t n, values[3];
        const char *says;
    } all[] = {
        {"/current/method", 2, {0, 2}, "/current/method is out of range at row 1"},
        {"/current/missed", 2, {0, -1}, "/current/missed is out of range at row 1"},
        {"/current/user_ptr", 3, {0, 12, 11}, "/current/user_ptr does not rise"},
        {"/current/user_ptr", 3, {1, 5, 11}, "/current/user_ptr does not rise"},
        {"/current/entity_ptr", 3, {0, 2, 5}, "/current/entity_ptr does not rise from 0 to the 4 members"},
        {"/previous/method", 3, {0, 0, 0}, "/previous/method"},
    };
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        remove(rf_tmp_path(path, "damaged.h5"));
        rf_clusters_free(run_of(1, 2, groups, graph, path));
        rf_clusters_free(run_of(2, 2, groups, graph, path));
        replace(path, all[i].name, all[i].n, all[i].values);
        assert_refused(graph, path, all[i].says);
    }
    rf_err err = {0};
    rf_scores *scores = made_scores(graph);
    RF_CHECK_OK(err, rf_scores_save(scores, path, NULL, &err));
    assert_refused(graph, path, "ringfence-scores");
    rf_scores_free(scores);
    rf_graph_free(graph);
}
END_TEST

START_TEST(without_ids_nobody_is_recognised)
{
    static const group groups[] = {{0, 5, 0, 2, 0}};
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_graph *graph = made_graph(shape);
    rf_clusters *c = clusters_of(1, 1, groups);
    rf_texts_clear(&graph->side[RF_USER].id);
    RF_CHECK_FAILS(err, RF_E_INVALID, "no ids",
                   rf_clusters_recognise(c, graph, rf_tmp_path(path, "x.h5"), &err));
    rf_clusters_free(c);
    rf_graph_free(graph);
}
END_TEST

static rf_status recognised_and_registered(const group *groups, int n, const rf_graph *graph,
                                           const char *path, rf_err *err)
{
    rf_status st;
    rf_clusters *c = new_clusters(2, n, groups, err);
    if (c == NULL)
        return RF_E_NOMEM;
    st = rf_clusters_recognise(c, graph, path, err);
    if (st >= 0)
        st = rf_clusters_register(c, graph, path, err);
    rf_clusters_free(c);
    return st;
}

START_TEST(recognising_survives_every_failing_allocation)
{
    static const group before[] = {{0, 5, 0, 2, 0}, {10, 6, 5, 2, 0}},
                       now[] = {{0, 6, 0, 2, 0}, {20, 6, 10, 2, 0}};
    char path[RF_TEST_PATH];
    rf_graph *graph = made_graph(shape);
    remove(rf_tmp_path(path, "sweep.h5"));
    rf_clusters_free(run_of(1, 2, before, graph, path));
    RF_SWEEP(recognised_and_registered(now, 2, graph, path, sweep_err), (void)0);
    rf_graph_free(graph);
}
END_TEST

START_TEST(who_joined_and_who_left_is_known_by_name)
{
    static const group before[] = {{0, 5, 0, 2, 0}, {21, 4, 10, 2, 0}, {30, 4, 20, 1, 0}};
    static const group now[] = {{0, 5, 0, 2, 0}, {20, 4, 10, 3, 0}, {36, 3, 25, 1, 0}};
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_cluster_changes changes;
    rf_graph *graph = made_graph(shape);
    remove(rf_tmp_path(path, "changes.h5"));
    rf_clusters *first = run_of(1, 3, before, graph, path), *second = run_of(2, 3, now, graph, path);
    RF_CHECK_OK(err, rf_cluster_changes_load(&changes, second, graph, path, &err));
    ck_assert_int_eq(changes.n, second->n);
    ck_assert_int_eq(changes.joined_from[1], 0); /* the same */
    ck_assert_int_eq(changes.joined_from[2], 2);
    ck_assert_int_eq(changes.joined_from[changes.n], 2); /* of a new one and of one that is gone nobody */
    ck_assert(changes.joined[0].side == RF_USER && changes.joined[0].row == 20);
    ck_assert(changes.joined[1].side == RF_ENTITY && changes.joined[1].row == 12);
    ck_assert_int_eq(changes.left_from[changes.n], 1);
    ck_assert_str_eq(changes.left[changes.left_from[1]].id, "user-24");
    rf_cluster_changes_clear(&changes);
    memcpy(second->previous_run_id, runs[4], 33); /* compared with a run that the registry does not know */
    RF_CHECK_OK(err, rf_cluster_changes_load(&changes, second, graph, path, &err));
    ck_assert_int_eq(changes.joined_from[changes.n] + changes.left_from[changes.n], 0);
    rf_cluster_changes_clear(&changes);
    memcpy(second->previous_run_id, runs[1], 33);
    RF_SWEEP(rf_cluster_changes_load(&changes, second, graph, path, sweep_err),
             rf_cluster_changes_clear(&changes));
    rf_clusters_free(first);
    rf_clusters_free(second);
    rf_graph_free(graph);
}
END_TEST

RF_SUITE("cluster_registry", the_first_run_is_all_new_with_ids_of_their_own,
         clusters_grow_shrink_change_go_and_come, of_a_split_the_largest_part_keeps_the_id,
         a_merger_has_the_id_of_its_largest_part, a_chance_member_or_two_make_no_heir,
         the_two_ways_to_find_clusters_do_not_inherit_from_each_other, members_are_recognised_by_their_ids,
         a_run_done_again_says_the_same_wherever_it_was_killed, who_was_gone_for_a_while_gets_the_id_back,
         nobody_is_remembered_for_ever, a_damaged_register_is_refused, without_ids_nobody_is_recognised,
         who_joined_and_who_left_is_known_by_name, recognising_survives_every_failing_allocation)
