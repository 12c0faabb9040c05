/* clusters_file.c - clusters in and out of scores.h5: columns under /clusters, and each node's cluster.
 *
 * The content of the file is checked when it is read: lengths, ranges, order, and that members and nodes
 * agree. Clusters are written into a copy of the file, which then replaces it.
 */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
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
static const rf_h5_member against_chance[] = {
    {"expected_pairs", RF_H5_F64, offsetof(rf_cluster, expected_pairs), 0},
    {"significance", RF_H5_F64, offsetof(rf_cluster, significance), 0},
};
static const rf_h5_rows chance_rows = RF_H5_ROWS(rf_cluster, against_chance);

/* Only where kinds have names. */
static const rf_h5_member of_kinds[] = {
    {"common_kind", RF_H5_U8, offsetof(rf_cluster, common_kind), RF_CLUSTER_COMMON},
};
static const rf_h5_rows kind_rows = RF_H5_ROWS(rf_cluster, of_kinds);

/* "/clusters/user_ptr", "/clusters/entity", "/clusters/kinds/device/entity". */
static const char *list_path(char out[RF_SIDE_PATH], const rf_kinds *kinds, rf_side side, const char *suffix)
{
    const int kind = rf_side_kind(side);
    snprintf(out, RF_SIDE_PATH, GROUP "/%s%s%s%s%s", kind > 0 ? "kinds/" : "",
             kind > 0 ? kinds->name[kind] : "", kind > 0 ? "/" : "", rf_side_name(side), suffix);
    return out;
}

/* The sides that have members. */
static bool has_members(rf_side side)
{
    return rf_side_role(side) != RF_EDGE;
}

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
    RF_TRY(rf_h5_rows_write(file, GROUP "/", &chance_rows, rows, clusters->n, err));
    if (clusters->kinds.n > 0)
        RF_TRY(rf_h5_rows_write(file, GROUP "/", &kind_rows, rows, clusters->n, err));
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
    char ptr_name[RF_SIDE_PATH], name[RF_SIDE_PATH];
    RF_NEW(ptr, n_ptr, err);
    ptr[0] = 0;
    for (int64_t i = 0; i < n; i++)
        ptr[i + 1] = ptr[i] + clusters->at[i].n[side];
    RF_TRY(rf_h5_write(file, list_path(ptr_name, &clusters->kinds, side, "_ptr"), RF_H5_I64, 1, &n_ptr, ptr,
                       err));
    RF_TRY(rf_h5_write(file, list_path(name, &clusters->kinds, side, ""), RF_H5_U32, 1, &ptr[n],
                       clusters->rows[side], err));
done:
    rf_mem_free(ptr);
    return st;
}

/* The cluster of each of the side's rows. */
static rf_status write_nodes(rf_h5 *file, const rf_clusters *clusters, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    char score[RF_SIDE_PATH], cluster[RF_SIDE_PATH];
    int rank = 0;
    int64_t dims[4] = {0};
    rf_side_path(score, &clusters->kinds, side, "score");
    rf_side_path(cluster, &clusters->kinds, side, "cluster");
    RF_TRY(rf_h5_shape(file, score, &rank, dims, err));
    if (rank != 1)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has rank %d, expected 1; run `ringfence score` again",
                rf_h5_path(file), score, rank);
    RF_TRY(rf_h5_write(file, cluster, RF_H5_I32, 1, dims, clusters->of[side], err));
done:
    return st;
}

rf_status rf_clusters_save(const rf_clusters *clusters, rf_h5 **scores_file, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    char *run = NULL;
    void *context = (void *)(uintptr_t)clusters; /* only read */

    RF_TRY(rf_h5_check_format(*scores_file, "ringfence-scores", 1, NULL, err));
    if (rf_h5_has_attr(*scores_file, "/", "run_id"))
        RF_TRY(rf_h5_read_attr_text(*scores_file, "/", "run_id", &run, err));
    if (run != NULL && strcmp(run, clusters->run_id) != 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: holds the scores of run %s, but the clusters are of run %s; " RF_CLUSTER_ANEW,
                rf_h5_path(*scores_file), run, clusters->run_id);
    RF_TRY(rf_h5_update(&file, *scores_file, err));
    RF_TRY(rf_h5_remove(file, GROUP, err));
    RF_TRY(rf_h5_write_texts_from(file, GROUP "/id", clusters->n, id_at, context, err));
    RF_TRY(write_clusters(file, clusters, err));
    for (rf_side side = 0; side < rf_sides(&clusters->kinds); side++) {
        if (has_members(side))
            RF_TRY(write_members(file, clusters, side, err));
    }
    RF_TRY(rf_h5_write_texts_from(file, GROUP "/tag_types", clusters->tag_types.n, type_at, context, err));
    RF_TRY(rf_h5_write_attr_text(file, GROUP, "run_id", clusters->run_id, err));
    RF_TRY(rf_h5_write_attr_text(file, GROUP, "previous_run_id", clusters->previous_run_id, err));
    for (rf_side side = 0; side < rf_sides(&clusters->kinds); side++) {
        if (has_members(side))
            RF_TRY(write_nodes(file, clusters, side, err));
    }
    rf_h5_forget_history(file);
    RF_TRY(rf_h5_commit_over(scores_file, &file, err));
done:
    rf_mem_free(run);
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

static rf_status read_members(rf_h5 *file, rf_clusters *clusters, rf_side side, int64_t n_nodes, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = rf_h5_path(file);
    char ptr_name[RF_SIDE_PATH], name[RF_SIDE_PATH];
    int64_t n = clusters->n, n_ptr = n + 1, n_rows, dims[4] = {0};
    int64_t *ptr = NULL;
    int rank = 0;
    list_path(ptr_name, &clusters->kinds, side, "_ptr");
    list_path(name, &clusters->kinds, side, "");
    RF_NEW(ptr, n_ptr, err);
    RF_TRY(rf_h5_read(file, ptr_name, RF_H5_I64, 1, &n_ptr, ptr, err));
    if (ptr[0] != 0)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s begins with %lld, not 0; " RF_CLUSTER_ANEW, path, ptr_name,
                (long long)ptr[0]);
    for (int64_t i = 0; i < n; i++) {
        if (ptr[i + 1] < ptr[i])
            RF_FAIL(err, RF_E_FORMAT, "%s: %s falls from %lld to %lld at row %lld; " RF_CLUSTER_ANEW, path,
                    ptr_name, (long long)ptr[i], (long long)ptr[i + 1], (long long)i + 1);
    }
    n_rows = ptr[n];
    RF_TRY(rf_h5_shape(file, name, &rank, dims, err));
    if (rank != 1 || dims[0] != n_rows)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has %lld rows, but %s ends with %lld; " RF_CLUSTER_ANEW, path, name,
                (long long)dims[0], ptr_name, (long long)n_rows);
    RF_NEW(clusters->rows[side], n_rows, err);
    RF_TRY(rf_h5_read(file, name, RF_H5_U32, 1, &n_rows, clusters->rows[side], err));
    clusters->n_rows[side] = n_rows;
    for (int64_t i = 0; i < n; i++) {
        const uint32_t *rows = clusters->rows[side];
        for (int64_t k = ptr[i]; k < ptr[i + 1]; k++) {
            if (rows[k] >= n_nodes || (k > ptr[i] && rows[k] <= rows[k - 1]))
                RF_FAIL(err, RF_E_FORMAT,
                        "%s: %s is %lld at row %lld: not ascending, or not below the %lld rows of the "
                        "scores; " RF_CLUSTER_ANEW,
                        path, name, (long long)rows[k], (long long)k, (long long)n_nodes);
        }
        clusters->at[i].from[side] = ptr[i];
        clusters->at[i].n[side] = ptr[i + 1] - ptr[i];
    }
done:
    rf_mem_free(ptr);
    return st;
}

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

static rf_status refuse(const char *path, const char *name, int64_t row, double value, rf_err *err)
{
    return rf_err_set(err, RF_E_FORMAT, __FILE__, __LINE__,
                      "%s: /clusters/%s is %g at row %lld, which is impossible; " RF_CLUSTER_ANEW, path, name,
                      value, (long long)row);
}

/* Are a cluster's figures possible? */
static rf_status check_numbers(const char *path, const rf_cluster *c, int64_t row, rf_err *err)
{
    if (c->method > RF_CLUSTER_DENSE)
        return refuse(path, "method", row, c->method, err);
    if (c->change > RF_CLUSTER_GONE)
        return refuse(path, "change", row, c->change, err);
    if (c->change == RF_CLUSTER_GONE && rf_cluster_members(c) > 0)
        return refuse(path, "change (gone, with members)", row, c->change, err);
    if (c->n_edges < 0)
        return refuse(path, "edges", row, (double)c->n_edges, err);
    if (c->n_events < 0)
        return refuse(path, "events", row, (double)c->n_events, err);
    if (!(c->density >= 0 && c->density <= 1))
        return refuse(path, "density", row, c->density, err);
    if (!(c->score_mass >= 0 && c->score_mass <= 1))
        return refuse(path, "score_mass", row, c->score_mass, err);
    if (!(c->suspiciousness >= 0 && isfinite(c->suspiciousness)))
        return refuse(path, "suspiciousness", row, c->suspiciousness, err);
    if (!(c->expected_pairs >= 0 && isfinite(c->expected_pairs)))
        return refuse(path, "expected_pairs", row, c->expected_pairs, err);
    if (isinf(c->significance))
        return refuse(path, "significance", row, c->significance, err);
    if (c->last_us < c->first_us)
        return refuse(path, "last_time (before first_time)", row, (double)c->last_us, err);
    if (c->previous_members < 0)
        return refuse(path, "previous_members", row, (double)c->previous_members, err);
    if (c->joined < 0 || c->joined > rf_cluster_members(c))
        return refuse(path, "joined", row, (double)c->joined, err);
    if (c->left < 0 || c->left > c->previous_members)
        return refuse(path, "left", row, (double)c->left, err);
    return RF_OK;
}

/* Counts the tags and common entities that are there; after the first empty place there must be none. */
static rf_status check_lists(const char *path, rf_cluster *c, int64_t row, const rf_clusters *clusters,
                             const rf_scores *scores, rf_err *err)
{
    for (int k = 0; k < RF_CLUSTER_TAGS; k++) {
        bool behind_end = c->n_tags < k;
        if (c->tag_rule[k] == -1)
            continue;
        if (behind_end || c->tag_rule[k] < 0 || c->tag_rule[k] >= clusters->tag_types.n)
            return refuse(path, "tag_rule", row, c->tag_rule[k], err);
        if (c->tag_members[k] < 1 || c->tag_members[k] > rf_cluster_members(c))
            return refuse(path, "tag_members", row, c->tag_members[k], err);
        c->n_tags++;
    }
    for (int k = 0; k < RF_CLUSTER_COMMON; k++) {
        bool behind_end = c->n_common < k;
        if (c->common[k] == RF_CLUSTER_NOBODY)
            continue;
        if (c->common_kind[k] >= rf_kinds_n(&clusters->kinds))
            return refuse(path, "common_kind", row, c->common_kind[k], err);
        if (behind_end || c->common[k] >= scores->side[rf_entity_side(c->common_kind[k])].n)
            return refuse(path, "common", row, c->common[k], err);
        if (c->common_users[k] < 1 || c->common_users[k] > c->n[RF_USER])
            return refuse(path, "common_users", row, c->common_users[k], err);
        c->n_common++;
    }
    return RF_OK;
}

/* Older files do not compare with chance, and only kinds with names are numbered. */
static rf_status read_figures(rf_h5 *file, rf_clusters *clusters, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_h5_rows_read(file, GROUP "/", &cluster_rows, clusters->at, clusters->n, err));
    if (rf_h5_exists(file, GROUP "/significance"))
        RF_TRY(rf_h5_rows_read(file, GROUP "/", &chance_rows, clusters->at, clusters->n, err));
    else
        for (int64_t i = 0; i < clusters->n; i++)
            clusters->at[i].significance = NAN;
    if (clusters->kinds.n > 0)
        RF_TRY(rf_h5_rows_read(file, GROUP "/", &kind_rows, clusters->at, clusters->n, err));
done:
    return st;
}

/* Each node's cluster, which is there for others to read, must be the one that has it. */
static rf_status check_nodes(rf_h5 *file, const rf_clusters *clusters, rf_side side, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    int32_t *said = NULL;
    rf_side_path(name, &clusters->kinds, side, "cluster");
    RF_NEW(said, n, err);
    RF_TRY(rf_h5_read(file, name, RF_H5_I32, 1, &n, said, err));
    for (int64_t i = 0; i < n; i++) {
        if (said[i] != clusters->of[side][i])
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: %s is %d at row %lld, but by the clusters' members it is %d; " RF_CLUSTER_ANEW,
                    rf_h5_path(file), name, (int)said[i], (long long)i, (int)clusters->of[side][i]);
    }
done:
    rf_mem_free(said);
    return st;
}

/* The content of the group, compared with itself, with the scores and with each node's cluster. */
static rf_status read_group(rf_h5 *file, rf_clusters *clusters, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = rf_h5_path(file);
    int64_t rows[RF_SIDES_MOST] = {0};
    RF_TRY(rf_graph_kinds(&clusters->kinds, file, err));
    RF_TRY(read_run(file, "run_id", clusters->run_id, err));
    RF_TRY(read_run(file, "previous_run_id", clusters->previous_run_id, err));
    if (strcmp(clusters->run_id, scores->run_id) != 0)
        RF_FAIL(err, RF_E_FORMAT, "%s: the clusters are of run %s, the scores of run %s; " RF_CLUSTER_ANEW,
                path, clusters->run_id, scores->run_id);
    RF_TRY(read_ids(file, clusters, err));
    RF_TRY(rf_h5_read_texts(file, GROUP "/tag_types", &clusters->tag_types, err));
    RF_TRY(read_figures(file, clusters, err));
    for (rf_side side = 0; side < rf_sides(&clusters->kinds); side++) {
        rows[side] = scores->side[side].n;
        if (has_members(side))
            RF_TRY(read_members(file, clusters, side, rows[side], err));
    }
    for (int64_t i = 0; i < clusters->n; i++) {
        RF_TRY(check_numbers(path, &clusters->at[i], i, err));
        RF_TRY(check_lists(path, &clusters->at[i], i, clusters, scores, err));
    }
    RF_TRY(rf_clusters_index(clusters, rows, err));
    for (rf_side side = 0; side < rf_sides(&clusters->kinds); side++) {
        if (has_members(side))
            RF_TRY(check_nodes(file, clusters, side, rows[side], err));
    }
done:
    return st;
}

rf_status rf_clusters_read(rf_clusters **out, rf_h5 *file, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    rf_clusters *clusters = NULL;

    RF_TRY(rf_h5_check_format(file, "ringfence-scores", 1, NULL, err));
    if (!rf_h5_exists(file, GROUP)) {
        *out = NULL;
        goto done;
    }
    RF_ZERO(clusters, 1, err);
    RF_TRY(read_group(file, clusters, scores, err));
    *out = clusters;
    clusters = NULL;
done:
    rf_clusters_free(clusters);
    return st;
}
