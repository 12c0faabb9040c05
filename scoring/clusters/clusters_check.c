/* clusters_check.c - checks each cluster of a file by itself: are its figures possible? */
#include <math.h>

#include "cluster_int.h"

static rf_status refuse(const char *path, const char *name, int64_t row, double value, rf_err *err)
{
    return rf_err_set(err, RF_E_FORMAT, __FILE__, __LINE__,
                      "%s: /clusters/%s is %g at row %lld, which is impossible; " RF_CLUSTER_ANEW, path, name,
                      value, (long long)row);
}

static rf_status check_numbers(const char *path, const rf_cluster *c, int64_t row, rf_err *err)
{
    if (c->method > RF_CLUSTER_DENSE)
        return refuse(path, "method", row, c->method, err);
    if (c->change > RF_CLUSTER_GONE)
        return refuse(path, "change", row, c->change, err);
    if (c->change == RF_CLUSTER_GONE && c->n[RF_USER] + c->n[RF_ENTITY] > 0)
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
    if (c->last_us < c->first_us)
        return refuse(path, "last_time (before first_time)", row, (double)c->last_us, err);
    if (c->previous_members < 0)
        return refuse(path, "previous_members", row, (double)c->previous_members, err);
    if (c->joined < 0 || c->joined > c->n[RF_USER] + c->n[RF_ENTITY])
        return refuse(path, "joined", row, (double)c->joined, err);
    if (c->left < 0 || c->left > c->previous_members)
        return refuse(path, "left", row, (double)c->left, err);
    return RF_OK;
}

/* Counts the tags and common entities that are there; after the first empty place there must be none. */
static rf_status check_lists(const char *path, rf_cluster *c, int64_t row, int64_t n_types,
                             int64_t n_entities, rf_err *err)
{
    for (int k = 0; k < RF_CLUSTER_TAGS; k++) {
        bool behind_end = c->n_tags < k;
        if (c->tag_rule[k] == -1)
            continue;
        if (behind_end || c->tag_rule[k] < 0 || c->tag_rule[k] >= n_types)
            return refuse(path, "tag_rule", row, c->tag_rule[k], err);
        if (c->tag_members[k] < 1 || c->tag_members[k] > c->n[RF_USER] + c->n[RF_ENTITY])
            return refuse(path, "tag_members", row, c->tag_members[k], err);
        c->n_tags++;
    }
    for (int k = 0; k < RF_CLUSTER_COMMON; k++) {
        bool behind_end = c->n_common < k;
        if (c->common[k] == RF_CLUSTER_NOBODY)
            continue;
        if (behind_end || c->common[k] >= n_entities)
            return refuse(path, "common", row, c->common[k], err);
        if (c->common_users[k] < 1 || c->common_users[k] > c->n[RF_USER])
            return refuse(path, "common_users", row, c->common_users[k], err);
        c->n_common++;
    }
    return RF_OK;
}

rf_status rf_clusters_check(rf_clusters *clusters, int64_t n_entities, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < clusters->n; i++) {
        RF_TRY(check_numbers(path, &clusters->at[i], i, err));
        RF_TRY(check_lists(path, &clusters->at[i], i, clusters->tag_types.n, n_entities, err));
    }
done:
    return st;
}
