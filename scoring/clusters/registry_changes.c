/* registry_changes.c - compares the members of clusters with those that the registry remembers of the last
 * run. */
#include "rf_cluster_changes.h"

#include <string.h>

#include "registry_int.h"
#include "rf_idmap.h"
#include "rf_mem.h"

typedef struct comparison {
    rf_cluster_changes *out;
    size_t joined_cap, left_cap, key_cap;
    char *key; /* a side's letter and an id */
} comparison;

static rf_status key_of(comparison *c, rf_side side, const char *id, size_t *len, rf_err *err)
{
    rf_status st = RF_OK;
    *len = strlen(id) + 1;
    RF_RESERVE(c->key, c->key_cap, *len + 1, err);
    c->key[0] = rf_side_letter(side);
    memcpy(c->key + 1, id, *len);
done:
    return st;
}

/* Members of cluster b of before: their number in the map; counts them. */
static rf_status know_members(comparison *c, rf_idmap *was, const rf_generation *before, int64_t b,
                              rf_err *err)
{
    rf_status st = RF_OK;
    size_t len;
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        for (int64_t k = before->ptr[s][b]; k < before->ptr[s][b + 1]; k++) {
            RF_TRY(key_of(c, s, before->member[s][k], &len, err));
            uint32_t number;
            RF_TRY(rf_idmap_intern(was, c->key, len, &number, NULL, err));
        }
    }
done:
    return st;
}

static rf_status compare(comparison *c, const rf_clusters *clusters, const rf_cluster *cluster,
                         const rf_graph *graph, const rf_generation *before, int64_t b, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *was = NULL;
    uint8_t *stayed = NULL;
    size_t len;
    int64_t *n_joined = &c->out->joined_from[c->out->n + 1], *n_left = &c->out->left_from[c->out->n + 1];
    RF_TRY(rf_idmap_new(&was, err));
    RF_TRY(know_members(c, was, before, b, err));
    RF_ZERO(stayed, rf_idmap_count(was), err);
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        for (int64_t k = 0; k < cluster->n[s]; k++) {
            uint32_t row = clusters->rows[s][cluster->from[s] + k];
            RF_TRY(key_of(c, s, rf_texts_get(&graph->side[s].id, row), &len, err));
            uint32_t number = rf_idmap_find(was, c->key, len);
            if (number != RF_NO_ID) {
                stayed[number] = 1;
                continue;
            }
            RF_RESERVE(c->out->joined, c->joined_cap, *n_joined + 1, err);
            c->out->joined[(*n_joined)++] = (rf_cluster_joined){s, row};
        }
    }
    uint32_t number = 0; /* a cluster has each member once */
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        for (int64_t k = before->ptr[s][b]; k < before->ptr[s][b + 1] && number < rf_idmap_count(was); k++) {
            if (stayed[number++])
                continue;
            RF_RESERVE(c->out->left, c->left_cap, *n_left + 1, err);
            c->out->left[(*n_left)++] = (rf_cluster_left){s, before->member[s][k]};
        }
    }
done:
    rf_idmap_free(was);
    rf_mem_free(stayed);
    return st;
}

static int64_t find_cluster(const rf_generation *before, const char *id)
{
    int64_t b = before->n - 1;
    while (b >= 0 && strcmp(before->id[b], id) != 0)
        b--;
    return b;
}

static bool has_changed(const rf_cluster *cluster)
{
    return cluster->change == RF_CLUSTER_GROWN || cluster->change == RF_CLUSTER_SHRUNK ||
           cluster->change == RF_CLUSTER_CHANGED;
}

rf_status rf_cluster_changes_load(rf_cluster_changes *out, const rf_clusters *clusters, const rf_graph *graph,
                                  const char *registry_path, rf_err *err)
{
    rf_status st = RF_OK;
    comparison c = {.out = out};
    *out = (rf_cluster_changes){0};
    RF_TRY(rf_registry_load(&out->known, registry_path, err));
    const rf_generation *before = strcmp(out->known->current.run_id, clusters->run_id) == 0
                                      ? &out->known->previous
                                      : &out->known->current;
    bool is_last = clusters->previous_run_id[0] != '\0' &&
                   strcmp(before->run_id, clusters->previous_run_id) == 0 && graph->side[RF_USER].id.n > 0 &&
                   graph->side[RF_ENTITY].id.n > 0;
    RF_ZERO(out->joined_from, clusters->n + 1, err);
    RF_ZERO(out->left_from, clusters->n + 1, err);
    for (; out->n < clusters->n; out->n++) {
        const rf_cluster *cluster = &clusters->at[out->n];
        out->joined_from[out->n + 1] = out->joined_from[out->n];
        out->left_from[out->n + 1] = out->left_from[out->n];
        int64_t b = is_last && has_changed(cluster) ? find_cluster(before, cluster->id) : -1;
        if (b >= 0)
            RF_TRY(compare(&c, clusters, cluster, graph, before, b, err));
    }
done:
    rf_mem_free(c.key);
    if (st < 0)
        rf_cluster_changes_clear(out);
    return st;
}

void rf_cluster_changes_clear(rf_cluster_changes *changes)
{
    rf_mem_free(changes->joined_from);
    rf_mem_free(changes->left_from);
    rf_mem_free(changes->joined);
    rf_mem_free(changes->left);
    rf_registry_free(changes->known);
    *changes = (rf_cluster_changes){0};
}
