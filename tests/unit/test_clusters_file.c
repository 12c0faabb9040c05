/* test_clusters_file.c - clusters in scores.h5: save then load is identity; impossible content is refused
 * by name. */
#include "made_clusters.h"
#include "made_scores.h"
#include "rf_check.h"
#include "rf_h5.h"

static const made_shape shape = {12, 7, 30, 5, 4, 6, 21};

typedef struct case_of {
    rf_graph *graph;
    rf_scores *scores;
    rf_clusters *clusters;
    char path[RF_TEST_PATH];
} case_of;

static void begin(case_of *c, const char *name)
{
    rf_err err = {0};
    c->graph = made_graph(shape);
    c->scores = made_scores(c->graph);
    c->clusters = made_clusters(c->graph, c->scores);
    RF_CHECK_OK(err, rf_scores_save(c->scores, rf_tmp_path(c->path, name), NULL, &err));
}

static void end(case_of *c)
{
    rf_clusters_free(c->clusters);
    rf_scores_free(c->scores);
    rf_graph_free(c->graph);
}

static void assert_same_cluster(const rf_cluster *a, const rf_cluster *b)
{
    ck_assert_str_eq(a->id, b->id);
    ck_assert(a->method == b->method && a->change == b->change);
    ck_assert(a->from[RF_USER] == b->from[RF_USER] && a->n[RF_USER] == b->n[RF_USER]);
    ck_assert(a->from[RF_ENTITY] == b->from[RF_ENTITY] && a->n[RF_ENTITY] == b->n[RF_ENTITY]);
    ck_assert(a->n_edges == b->n_edges && a->n_events == b->n_events);
    ck_assert(a->density == b->density && a->score_mass == b->score_mass);
    ck_assert(a->suspiciousness == b->suspiciousness);
    ck_assert(a->expected_pairs == b->expected_pairs && a->significance == b->significance);
    ck_assert(a->first_us == b->first_us && a->last_us == b->last_us);
    ck_assert_int_eq(a->n_tags, b->n_tags);
    for (int k = 0; k < a->n_tags; k++)
        ck_assert(a->tag_rule[k] == b->tag_rule[k] && a->tag_members[k] == b->tag_members[k]);
    ck_assert_int_eq(a->n_common, b->n_common);
    for (int k = 0; k < a->n_common; k++)
        ck_assert(a->common[k] == b->common[k] && a->common_users[k] == b->common_users[k]);
    ck_assert(a->previous_members == b->previous_members && a->joined == b->joined && a->left == b->left);
}

START_TEST(save_then_load_is_identity)
{
    case_of c;
    rf_err err = {0};
    rf_clusters *loaded = NULL;
    begin(&c, "scores.h5");
    RF_CHECK_OK(err, made_clusters_save(c.clusters, c.path, &err));
    RF_CHECK_OK(err, made_clusters_load(&loaded, c.path, c.scores, &err));
    ck_assert_int_eq(loaded->n, c.clusters->n);
    for (int64_t i = 0; i < loaded->n; i++)
        assert_same_cluster(&c.clusters->at[i], &loaded->at[i]);
    ck_assert_int_eq(loaded->n_rows[RF_USER], 8);
    ck_assert_int_eq(loaded->n_rows[RF_ENTITY], 5);
    ck_assert(memcmp(loaded->rows[RF_USER], c.clusters->rows[RF_USER], 8 * sizeof(uint32_t)) == 0);
    ck_assert(memcmp(loaded->rows[RF_ENTITY], c.clusters->rows[RF_ENTITY], 5 * sizeof(uint32_t)) == 0);
    ck_assert(memcmp(loaded->of[RF_USER], c.clusters->of[RF_USER], 12 * sizeof(int32_t)) == 0);
    ck_assert(memcmp(loaded->of[RF_ENTITY], c.clusters->of[RF_ENTITY], 7 * sizeof(int32_t)) == 0);
    ck_assert_str_eq(rf_texts_get(&loaded->tag_types, 1), "collusion");
    ck_assert_str_eq(loaded->run_id, c.scores->run_id);
    ck_assert_str_eq(loaded->previous_run_id, c.clusters->previous_run_id);
    ck_assert_ptr_eq(rf_clusters_by_id(loaded, "c-00000000000000c3"), &loaded->at[2]);
    ck_assert_ptr_null(rf_clusters_by_id(loaded, "c-00000000000000c4"));
    rf_clusters_free(loaded);
    end(&c);
}
END_TEST

START_TEST(no_clusters_found_is_not_the_same_as_not_looked_for)
{
    case_of c;
    rf_err err = {0};
    rf_clusters *loaded = NULL;
    begin(&c, "none.h5");
    RF_CHECK_OK(err, made_clusters_load(&loaded, c.path, c.scores, &err));
    ck_assert_ptr_null(loaded);
    c.clusters->n = c.clusters->n_rows[RF_USER] = c.clusters->n_rows[RF_ENTITY] = 0;
    for (int i = 0; i < 12; i++)
        c.clusters->of[RF_USER][i] = -1;
    for (int i = 0; i < 7; i++)
        c.clusters->of[RF_ENTITY][i] = -1;
    RF_CHECK_OK(err, made_clusters_save(c.clusters, c.path, &err));
    RF_CHECK_OK(err, made_clusters_load(&loaded, c.path, c.scores, &err));
    ck_assert_ptr_nonnull(loaded);
    ck_assert_int_eq(loaded->n, 0);
    rf_clusters_free(loaded);
    end(&c);
}
END_TEST

START_TEST(the_rest_of_the_file_stays_and_saving_again_gives_the_same_bytes)
{
    case_of c;
    rf_err err = {0};
    char once[RF_TEST_PATH];
    rf_scores *scores = NULL;
    size_t len = 0;
    setenv("SOURCE_DATE_EPOCH", "1525132800", 1);
    begin(&c, "again.h5");
    RF_CHECK_OK(err, made_clusters_save(c.clusters, c.path, &err));
    char *bytes = rf_slurp(c.path, &len);
    rf_spill(rf_tmp_path(once, "once.h5"), bytes, len);
    free(bytes);
    RF_CHECK_OK(err, made_clusters_save(c.clusters, c.path, &err));
    unsetenv("SOURCE_DATE_EPOCH");
    ck_assert(rf_files_equal(c.path, once));
    RF_CHECK_OK(err, rf_scores_load(&scores, c.path, c.graph, &err));
    ck_assert(memcmp(scores->side[RF_USER].score, c.scores->side[RF_USER].score,
                     12 * sizeof *scores->side[RF_USER].score) == 0);
    rf_scores_free(scores);
    end(&c);
}
END_TEST

START_TEST(scores_that_were_written_meanwhile_are_left_alone)
{
    case_of c;
    rf_err err = {0};
    rf_clusters *loaded = NULL;
    begin(&c, "meanwhile.h5");
    RF_CHECK_OK(err, made_clusters_save(c.clusters, c.path, &err));
    rf_scores_name(c.scores, c.graph, "ffeeddccbbaa9988", 1);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "the clusters are of run",
                   made_clusters_load(&loaded, c.path, c.scores, &err));
    RF_CHECK_OK(err, rf_scores_save(c.scores, c.path, NULL, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "but the clusters are of run",
                   made_clusters_save(c.clusters, c.path, &err));
    end(&c);
}
END_TEST

/* ---- damage ---- */

typedef struct damage {
    const char *name;
    rf_h5_type type;
    int64_t rows, columns; /* 0: rank 1 */
    int64_t at;            /* this cell */
    double value;          /* becomes this */
    const char *says;
} damage;

/* Reads the dataset, changes a cell, writes it back. */
static void hurt(const char *path, const damage *d)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    int64_t dims[2] = {d->rows, d->columns};
    int rank = d->columns > 0 ? 2 : 1;
    double cells[64];
    ck_assert_int_le(d->rows * (d->columns > 0 ? d->columns : 1), 64);
    RF_CHECK_OK(err, rf_h5_update_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_read(file, d->name, RF_H5_F64, rank, dims, cells, &err));
    cells[d->at] = d->value;
    RF_CHECK_OK(err, rf_h5_write(file, d->name, RF_H5_F64, rank, dims, cells, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
}

START_TEST(what_cannot_be_is_refused_by_name)
{
    static const damage all[] = {
        {"/clusters/method", RF_H5_U8, 4, 0, 1, 2, "/clusters/method is 2 at row 1"},
        {"/clusters/change", RF_H5_U8, 4, 0, 0, 6, "/clusters/change is 6 at row 0"},
        {"/clusters/change", RF_H5_U8, 4, 0, 0, 5, "gone, with members"},
        {"/clusters/edges", RF_H5_I64, 4, 0, 0, -1, "/clusters/edges"},
        {"/clusters/events", RF_H5_I64, 4, 0, 0, -1, "/clusters/events"},
        {"/clusters/density", RF_H5_F64, 4, 0, 2, 1.5, "/clusters/density is 1.5 at row 2"},
        {"/clusters/density", RF_H5_F64, 4, 0, 2, NAN, "/clusters/density"},
        {"/clusters/score_mass", RF_H5_F64, 4, 0, 2, -0.5, "/clusters/score_mass"},
        {"/clusters/suspiciousness", RF_H5_F64, 4, 0, 2, INFINITY, "/clusters/suspiciousness"},
        {"/clusters/expected_pairs", RF_H5_F64, 4, 0, 2, -1, "/clusters/expected_pairs"},
        {"/clusters/significance", RF_H5_F64, 4, 0, 2, INFINITY, "/clusters/significance"},
        {"/clusters/last_time", RF_H5_I64, 4, 0, 0, 5, "before first_time"},
        {"/clusters/tag_rule", RF_H5_I32, 4, 3, 1, 2, "/clusters/tag_rule is 2 at row 0"},
        {"/clusters/tag_rule", RF_H5_I32, 4, 3, 0, -1, "/clusters/tag_rule is 0 at row 0"},
        {"/clusters/tag_members", RF_H5_I32, 4, 3, 0, 6, "/clusters/tag_members"},
        {"/clusters/common", RF_H5_U32, 4, 8, 1, 7, "/clusters/common is 7 at row 0"},
        {"/clusters/common_users", RF_H5_I32, 4, 8, 0, 4, "/clusters/common_users"},
        {"/clusters/previous_members", RF_H5_I64, 4, 0, 0, -1, "/clusters/previous_members"},
        {"/clusters/joined", RF_H5_I64, 4, 0, 0, 6, "/clusters/joined"},
        {"/clusters/left", RF_H5_I64, 4, 0, 0, 5, "/clusters/left"},
        {"/clusters/user_ptr", RF_H5_I64, 5, 0, 0, 1, "/clusters/user_ptr begins with 1"},
        {"/clusters/user_ptr", RF_H5_I64, 5, 0, 2, 2, "/clusters/user_ptr falls from 3 to 2 at row 2"},
        {"/clusters/user_ptr", RF_H5_I64, 5, 0, 4, 1e12, "/clusters/user_ptr ends with 1000000000000"},
        {"/clusters/entity_ptr", RF_H5_I64, 5, 0, 4, 6, "/clusters/entity_ptr ends with 6"},
        {"/clusters/user", RF_H5_U32, 8, 0, 4, 12, "/clusters/user is 12 at row 4"},
        {"/clusters/user", RF_H5_U32, 8, 0, 1, 0, "/clusters/user is 0 at row 1: not ascending"},
        {"/clusters/user", RF_H5_U32, 8, 0, 3, 2, "user 2 is a member of clusters 0 and 1"},
        {"/clusters/entity", RF_H5_U32, 5, 0, 2, 4,
         "/v/cluster is 1 at row 3, but by the clusters' members it is -1"},
        {"/u/cluster", RF_H5_I32, 12, 0, 0, 1, "/u/cluster is 1 at row 0"},
        {"/v/cluster", RF_H5_I32, 7, 0, 6, 0, "/v/cluster is 0 at row 6"},
    };
    case_of c;
    begin(&c, "hurt.h5");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        rf_err err = {0};
        rf_clusters *loaded = NULL;
        RF_CHECK_OK(err, made_clusters_save(c.clusters, c.path, &err));
        hurt(c.path, &all[i]);
        RF_CHECK_FAILS(err, RF_E_FORMAT, all[i].says, made_clusters_load(&loaded, c.path, c.scores, &err));
        ck_assert_ptr_null(loaded);
    }
    end(&c);
}
END_TEST

START_TEST(files_from_before_significance_can_be_read)
{
    case_of c;
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_clusters *loaded = NULL;
    begin(&c, "older.h5");
    RF_CHECK_OK(err, made_clusters_save(c.clusters, c.path, &err));
    RF_CHECK_OK(err, rf_h5_update_beside(&file, c.path, &err));
    RF_CHECK_OK(err, rf_h5_remove(file, "/clusters/expected_pairs", &err));
    RF_CHECK_OK(err, rf_h5_remove(file, "/clusters/significance", &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    RF_CHECK_OK(err, made_clusters_load(&loaded, c.path, c.scores, &err));
    ck_assert_int_eq(loaded->n, c.clusters->n);
    for (int64_t i = 0; i < loaded->n; i++)
        ck_assert(isnan(loaded->at[i].significance));
    rf_clusters_free(loaded);
    end(&c);
}
END_TEST

START_TEST(a_missing_dataset_is_named)
{
    static const char *const names[] = {"/clusters/id", "/clusters/density", "/clusters/user", "/u/cluster",
                                        "/clusters/tag_types"};
    case_of c;
    begin(&c, "missing.h5");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        rf_err err = {0};
        rf_h5 *file = NULL;
        rf_clusters *loaded = NULL;
        RF_CHECK_OK(err, made_clusters_save(c.clusters, c.path, &err));
        RF_CHECK_OK(err, rf_h5_update_beside(&file, c.path, &err));
        RF_CHECK_OK(err, rf_h5_remove(file, names[i], &err));
        RF_CHECK_OK(err, rf_h5_commit(file, &err));
        rf_h5_close(&file);
        RF_CHECK_FAILS(err, RF_E_FORMAT, names[i], made_clusters_load(&loaded, c.path, c.scores, &err));
    }
    end(&c);
}
END_TEST

START_TEST(ids_are_checked)
{
    static const char *const wrong[][2] = {
        {"c-00000000000000a", "not a cluster's id at row 0"},
        {"C-00000000000000a1", "not a cluster's id at row 0"},
        {"c-00000000000000g1", "not a cluster's id at row 0"},
        {"c-00000000000000b2", "c-00000000000000b2 occurs twice, the second time at row 1"},
    };
    case_of c;
    begin(&c, "ids.h5");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        rf_err err = {0};
        rf_clusters *loaded = NULL;
        snprintf(c.clusters->at[0].id, sizeof c.clusters->at[0].id, "%s", wrong[i][0]);
        RF_CHECK_OK(err, made_clusters_save(c.clusters, c.path, &err));
        RF_CHECK_FAILS(err, RF_E_FORMAT, wrong[i][1], made_clusters_load(&loaded, c.path, c.scores, &err));
    }
    end(&c);
}
END_TEST

START_TEST(saving_and_loading_survive_every_failing_allocation)
{
    case_of c;
    rf_clusters *loaded = NULL;
    begin(&c, "sweep.h5");
    RF_SWEEP(made_clusters_save(c.clusters, c.path, sweep_err), (void)0);
    RF_SWEEP(made_clusters_load(&loaded, c.path, c.scores, sweep_err), rf_clusters_free(loaded));
    end(&c);
}
END_TEST

RF_SUITE("clusters_file", save_then_load_is_identity, no_clusters_found_is_not_the_same_as_not_looked_for,
         the_rest_of_the_file_stays_and_saving_again_gives_the_same_bytes,
         scores_that_were_written_meanwhile_are_left_alone, what_cannot_be_is_refused_by_name,
         files_from_before_significance_can_be_read, a_missing_dataset_is_named, ids_are_checked,
         saving_and_loading_survive_every_failing_allocation)
