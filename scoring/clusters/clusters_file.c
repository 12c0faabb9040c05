/* clusters_file.c - clusters in and out of scores.h5: columns under /clusters, and each node's cluster.
 *
 * The content of the file is checked when it is read: lengths, ranges, order, and that members and nodes
 * agree. Clusters are written into a copy of the file, which then replaces it.
 */
#include <stddef.h>
#include <string.h>

#include "cluster_int.h"
#include "rf_h5_rows.h"
#include "rf_idmap.h"
#include "rf_mem.h"

#define GROUP "/clusters"

static const rf_h5_member members[] = {
    {"method", RF_H5_U8, offsetof(rf_cluster, method), 0},
    {"change", RF_H5_U8, offsetof(rf_cluster, change), 0},
    {"edges", RF_H5_I64, offsetof(rf_cluster, n_edges), 0},
    {"events", RF_H5_I64, offsetof(rf_cluster, n_events), 0},
    {"density", RF_H5_F64, offsetof(rf_cluster, density), 0},
    {"score_mass", RF_H5_F64, offsetof(rf_cluster, score_mass), 0},
    {"suspiciousness", RF_H5_F64, offsetof(rf_cluster, suspiciousness), 0},
    {"first_time", RF_H5_I64, offsetof(rf_cluster, first_us), 0},
    {"last_time", RF_H5_I64, offsetof(rf_cluster, last_us), 0},
    {"tag_rule", RF_H5_I32, offsetof(rf_cluster, tag_rule), RF_CLUSTER_TAGS},
    {"tag_members", RF_H5_I32, offsetof(rf_cluster, tag_members), RF_CLUSTER_TAGS},
    {"common", RF_H5_U32, offsetof(rf_cluster, common), RF_CLUSTER_COMMON},
    {"common_users", RF_H5_I32, offsetof(rf_cluster, common_users), RF_CLUSTER_COMMON},
    {"previous_members", RF_H5_I64, offsetof(rf_cluster, previous_members), 0},
    {"joined", RF_H5_I64, offsetof(rf_cluster, joined), 0},
    {"left", RF_H5_I64, offsetof(rf_cluster, left), 0},
};
static const rf_h5_rows cluster_rows = RF_H5_ROWS(rf_cluster, members);

static const char *const ptr_names[] = {GROUP "/user_ptr", GROUP "/entity_ptr"}; /* by side */
static const char *const member_names[] = {GROUP "/user", GROUP "/entity"};

/* ---- writing ---- */

/* Places without a tag or a common entity say so in the file. */
static rf_status write_clusters(rf_h5 *file, const rf_clusters *clusters, rf_err *err)
{
    rf_status st = RF_OK;
    rf_cluster *rows = NULL;
    RF_NEW(rows, clusters->n, err);
    for (int64_t i = 0; i < clusters->n; i++) {
        rf_cluster *c = &rows[i];
        *c = clusters->at[i];
        for (int k = c->n_tags; k < RF_CLUSTER_TAGS; k++) {
            c->tag_rule[k] = -1;
            c->tag_members[k] = 0;
        }
        for (int k = c->n_common; k < RF_CLUSTER_COMMON; k++) {
            c->common[k] = RF_CLUSTER_NOBODY;
            c->common_users[k] = 0;
        }
    }
    RF_TRY(rf_h5_rows_write(file, GROUP "/", &cluster_rows, rows, clusters->n, err));
done:
    rf_mem_free(rows);
    return st;
}

static const char *id_at(void *context, int64_t i)
{
    const rf_clusters *clusters = context;
    return clusters->at[i].id;
}

static const char *type_at(void *context, int64_t i)
{
    const rf_clusters *clusters = context;
    return rf_texts_get(&clusters->tag_types, i);
}

static rf_status write_members(rf_h5 *file, const rf_clusters *clusters, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = clusters->n, n_ptr = n + 1;
    int64_t *ptr = NULL;
    RF_NEW(ptr, n_ptr, err);
    ptr[0] = 0;
    for (int64_t i = 0; i < n; i++)
        ptr[i + 1] = ptr[i] + clusters->at[i].n[side];
    RF_TRY(rf_h5_write(file, ptr_names[side], RF_H5_I64, 1, &n_ptr, ptr, err));
    RF_TRY(rf_h5_write(file, member_names[side], RF_H5_U32, 1, &ptr[n], clusters->rows[side], err));
done:
    rf_mem_free(ptr);
    return st;
}

static rf_status write_nodes(rf_h5 *file, const char *scores, const char *name, const int32_t *of,
                             rf_err *err)
{
    rf_status st = RF_OK;
    int rank = 0;
    int64_t dims[4] = {0};
    RF_TRY(rf_h5_shape(file, scores, &rank, dims, err));
    if (rank != 1)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has rank %d, expected 1; run `ringfence score` again",
                rf_h5_path(file), scores, rank);
    RF_TRY(rf_h5_write(file, name, RF_H5_I32, 1, dims, of, err));
done:
    return st;
}

/* The graph may have been scored again since these clusters were found. */
static rf_status check_run(rf_h5 *file, const rf_clusters *clusters, rf_err *err)
{
    rf_status st = RF_OK;
    char *run = NULL;
    if (!rf_h5_has_attr(file, "/", "run_id"))
        return RF_OK;
    RF_TRY(rf_h5_read_attr_text(file, "/", "run_id", &run, err));
    if (strcmp(run, clusters->run_id) != 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: holds the scores of run %s, but the clusters are of run %s: the file was replaced "
                "meanwhile; " RF_CLUSTER_ANEW,
                rf_h5_path(file), run, clusters->run_id);
done:
    rf_mem_free(run);
    return st;
}

rf_status rf_clusters_save(const rf_clusters *clusters, const char *scores_path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    void *context = (void *)(uintptr_t)clusters; /* only read */

    RF_TRY(rf_h5_update_beside(&file, scores_path, err));
    RF_TRY(rf_h5_check_format(file, "ringfence-scores", 1, NULL, err));
    RF_TRY(check_run(file, clusters, err));
    RF_TRY(rf_h5_remove(file, GROUP, err));
    RF_TRY(rf_h5_write_texts_from(file, GROUP "/id", clusters->n, id_at, context, err));
    RF_TRY(write_clusters(file, clusters, err));
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++)
        RF_TRY(write_members(file, clusters, side, err));
    RF_TRY(rf_h5_write_texts_from(file, GROUP "/tag_types", clusters->tag_types.n, type_at, context, err));
    RF_TRY(rf_h5_write_attr_text(file, GROUP, "run_id", clusters->run_id, err));
    RF_TRY(rf_h5_write_attr_text(file, GROUP, "previous_run_id", clusters->previous_run_id, err));
    RF_TRY(write_nodes(file, "/u/score", "/u/cluster", clusters->of[RF_USER], err));
    RF_TRY(write_nodes(file, "/v/score", "/v/cluster", clusters->of[RF_ENTITY], err));
    rf_h5_forget_history(file);
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

/* ---- reading ---- */

static rf_status read_ids(rf_h5 *file, rf_clusters *clusters, rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts ids = {0};
    rf_idmap *seen = NULL;
    uint32_t number;
    int is_new;
    RF_TRY(rf_h5_read_texts(file, GROUP "/id", &ids, err));
    RF_TRY(rf_idmap_new(&seen, err));
    if (ids.n > INT32_MAX)
        RF_FAIL(err, RF_E_FORMAT, "%s: " GROUP "/id has %lld rows, more than there can be; " RF_CLUSTER_ANEW,
                rf_h5_path(file), (long long)ids.n);
    clusters->n = ids.n;
    RF_ZERO(clusters->at, ids.n, err);
    for (int64_t i = 0; i < ids.n; i++) {
        const char *id = rf_texts_get(&ids, i);
        if (!rf_cluster_is_id(id))
            RF_FAIL(err, RF_E_FORMAT, "%s: " GROUP "/id is not a cluster's id at row %lld; " RF_CLUSTER_ANEW,
                    rf_h5_path(file), (long long)i);
        RF_TRY(rf_idmap_intern(seen, id, strlen(id), &number, &is_new, err));
        if (!is_new)
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: " GROUP "/id: %s occurs twice, the second time at row %lld; " RF_CLUSTER_ANEW,
                    rf_h5_path(file), id, (long long)i);
        memcpy(clusters->at[i].id, id, strlen(id) + 1);
    }
done:
    rf_idmap_free(seen);
    rf_texts_clear(&ids);
    return st;
}

static rf_status check_ptr(const rf_h5 *file, const char *name, const int64_t *ptr, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    if (ptr[0] != 0)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s begins with %lld, not 0; " RF_CLUSTER_ANEW, rf_h5_path(file), name,
                (long long)ptr[0]);
    for (int64_t i = 0; i < n; i++) {
        if (ptr[i + 1] < ptr[i])
            RF_FAIL(err, RF_E_FORMAT, "%s: %s falls from %lld to %lld at row %lld; " RF_CLUSTER_ANEW,
                    rf_h5_path(file), name, (long long)ptr[i], (long long)ptr[i + 1], (long long)i + 1);
    }
done:
    return st;
}

static rf_status check_rows(const rf_h5 *file, const char *name, const uint32_t *rows, const int64_t *ptr,
                            int64_t n, int64_t n_nodes, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = ptr[i]; k < ptr[i + 1]; k++) {
            if (rows[k] >= n_nodes || (k > ptr[i] && rows[k] <= rows[k - 1]))
                RF_FAIL(err, RF_E_FORMAT,
                        "%s: %s is %lld at row %lld: not ascending, or not below the %lld rows of the "
                        "scores; " RF_CLUSTER_ANEW,
                        rf_h5_path(file), name, (long long)rows[k], (long long)k, (long long)n_nodes);
        }
    }
done:
    return st;
}

static rf_status read_members(rf_h5 *file, rf_clusters *clusters, rf_side side, int64_t n_nodes, rf_err *err)
{
    rf_status st = RF_OK;
    const char *ptr_name = ptr_names[side], *name = member_names[side];
    int64_t n = clusters->n, n_ptr = n + 1, n_rows, dims[4] = {0};
    int64_t *ptr = NULL;
    int rank = 0;
    RF_NEW(ptr, n_ptr, err);
    RF_TRY(rf_h5_read(file, ptr_name, RF_H5_I64, 1, &n_ptr, ptr, err));
    RF_TRY(check_ptr(file, ptr_name, ptr, n, err));
    n_rows = ptr[n];
    RF_TRY(rf_h5_shape(file, name, &rank, dims, err));
    if (rank != 1 || dims[0] != n_rows)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has %lld rows, but %s ends with %lld; " RF_CLUSTER_ANEW,
                rf_h5_path(file), name, (long long)dims[0], ptr_name, (long long)n_rows);
    RF_NEW(clusters->rows[side], n_rows, err);
    RF_TRY(rf_h5_read(file, name, RF_H5_U32, 1, &n_rows, clusters->rows[side], err));
    RF_TRY(check_rows(file, name, clusters->rows[side], ptr, n, n_nodes, err));
    clusters->n_rows[side] = n_rows;
    for (int64_t i = 0; i < n; i++) {
        clusters->at[i].from[side] = ptr[i];
        clusters->at[i].n[side] = ptr[i + 1] - ptr[i];
    }
done:
    rf_mem_free(ptr);
    return st;
}

/* ---- checks ---- */

/* /u/cluster and /v/cluster are there for others to read; here they are only compared with the members. */
static rf_status check_nodes(rf_h5 *file, const char *name, const int32_t *of, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    int32_t *said = rf_mem_new((size_t)n, sizeof *said, err);
    if (said == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_h5_read(file, name, RF_H5_I32, 1, &n, said, err));
    for (int64_t i = 0; i < n; i++) {
        if (said[i] != of[i])
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: %s is %d at row %lld, but by the clusters' members it is %d; " RF_CLUSTER_ANEW,
                    rf_h5_path(file), name, (int)said[i], (long long)i, (int)of[i]);
    }
done:
    rf_mem_free(said);
    return st;
}

/* ---- the whole ---- */

static rf_status read_run(rf_h5 *file, const char *name, char out[33], rf_err *err)
{
    rf_status st = RF_OK;
    char *text = NULL;
    RF_TRY(rf_h5_read_attr_text(file, GROUP, name, &text, err));
    if (strlen(text) > 32)
        RF_FAIL(err, RF_E_FORMAT, "%s: attribute %s of " GROUP " is longer than 32 digits; " RF_CLUSTER_ANEW,
                rf_h5_path(file), name);
    memcpy(out, text, strlen(text) + 1);
done:
    rf_mem_free(text);
    return st;
}

static rf_status read_all(rf_h5 *file, rf_clusters *clusters, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(read_run(file, "run_id", clusters->run_id, err));
    RF_TRY(read_run(file, "previous_run_id", clusters->previous_run_id, err));
    if (strcmp(clusters->run_id, scores->run_id) != 0)
        RF_FAIL(err, RF_E_FORMAT, "%s: the clusters are of run %s, the scores of run %s; " RF_CLUSTER_ANEW,
                rf_h5_path(file), clusters->run_id, scores->run_id);
    RF_TRY(read_ids(file, clusters, err));
    RF_TRY(rf_h5_read_texts(file, GROUP "/tag_types", &clusters->tag_types, err));
    RF_TRY(rf_h5_rows_read(file, GROUP "/", &cluster_rows, clusters->at, clusters->n, err));
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++)
        RF_TRY(read_members(file, clusters, side, scores->side[side].n, err));
    RF_TRY(rf_clusters_check(clusters, scores->side[RF_ENTITY].n, rf_h5_path(file), err));
    RF_TRY(rf_clusters_index(clusters, scores->side[RF_USER].n, scores->side[RF_ENTITY].n, err));
    RF_TRY(check_nodes(file, "/u/cluster", clusters->of[RF_USER], scores->side[RF_USER].n, err));
    RF_TRY(check_nodes(file, "/v/cluster", clusters->of[RF_ENTITY], scores->side[RF_ENTITY].n, err));
done:
    return st;
}

rf_status rf_clusters_load(rf_clusters **out, const char *scores_path, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_clusters *clusters = NULL;

    RF_TRY(rf_h5_open(&file, scores_path, err));
    RF_TRY(rf_h5_check_format(file, "ringfence-scores", 1, NULL, err));
    if (!rf_h5_exists(file, GROUP)) {
        *out = NULL;
        goto done;
    }
    RF_ZERO(clusters, 1, err);
    RF_TRY(read_all(file, clusters, scores, err));
    *out = clusters;
    clusters = NULL;
done:
    rf_clusters_free(clusters);
    rf_h5_close(&file);
    return st;
}
