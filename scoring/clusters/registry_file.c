/* registry_file.c - the registry of clusters as a file: format "ringfence-clusters", docs/FORMATS.md. */
#include <stdio.h>
#include <string.h>

#include "registry_int.h"
#include "rf_file.h"
#include "rf_h5.h"
#include "rf_idmap.h"
#include "rf_mem.h"

#define FORMAT "ringfence-clusters"
#define VERSION 1
#define ADVICE "the registry is damaged; remove it and run again (all clusters then count as new)"

typedef struct name {
    char text[40];
} name;

/* "/current/user_ptr" and the like. */
static name name_of(const char *group, const char *dataset)
{
    name n;
    snprintf(n.text, sizeof n.text, "/%s/%s", group, dataset);
    return n;
}

/* ---- generations ---- */

rf_status rf_generation_init(rf_generation *g, int64_t n, int64_t n_users, int64_t n_entities, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n_members[] = {n_users, n_entities};
    g->n = n;
    RF_NEW(g->id, n, err);
    RF_ZERO(g->method, n, err);
    RF_ZERO(g->missed, n, err);
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        RF_ZERO(g->ptr[side], n + 1, err);
        RF_NEW(g->member[side], n_members[side], err);
    }
done:
    return st;
}

void rf_generation_clear(rf_generation *g)
{
    rf_mem_free(g->id);
    rf_mem_free(g->method);
    rf_mem_free(g->missed);
    for (rf_side side = 0; side < RF_SIDES; side++) {
        rf_mem_free(g->ptr[side]);
        rf_mem_free(g->member[side]);
        rf_texts_clear(&g->texts[side]);
    }
    rf_texts_clear(&g->ids);
    *g = (rf_generation){0};
}

int64_t rf_generation_members(const rf_generation *g, int64_t cluster)
{
    int64_t n = 0;
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++)
        n += g->ptr[side][cluster + 1] - g->ptr[side][cluster];
    return n;
}

/* ---- writing ---- */

static rf_status save(rf_h5 *file, const char *group, const rf_generation *g, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = g->n, n_ptr = n + 1;
    name on = name_of(group, "id");
    if (g->run_id[0] == '\0')
        return RF_OK;
    RF_TRY(rf_h5_write_texts(file, on.text, g->id, n, err));
    RF_TRY(rf_h5_write(file, name_of(group, "method").text, RF_H5_U8, 1, &n, g->method, err));
    RF_TRY(rf_h5_write(file, name_of(group, "missed").text, RF_H5_I32, 1, &n, g->missed, err));
    RF_TRY(rf_h5_write(file, name_of(group, "user_ptr").text, RF_H5_I64, 1, &n_ptr, g->ptr[RF_USER], err));
    RF_TRY(
        rf_h5_write(file, name_of(group, "entity_ptr").text, RF_H5_I64, 1, &n_ptr, g->ptr[RF_ENTITY], err));
    RF_TRY(rf_h5_write_texts(file, name_of(group, "user").text, g->member[RF_USER], g->ptr[RF_USER][n], err));
    RF_TRY(rf_h5_write_texts(file, name_of(group, "entity").text, g->member[RF_ENTITY], g->ptr[RF_ENTITY][n],
                             err));
    on.text[strlen(group) + 1] = '\0'; /* "/current" */
    RF_TRY(rf_h5_write_attr_text(file, on.text, "run_id", g->run_id, err));
done:
    return st;
}

rf_status rf_registry_save(const rf_generation *previous, const rf_generation *current, const char *path,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_format(file, FORMAT, VERSION, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "run_id", current->run_id, err));
    RF_TRY(save(file, "current", current, err));
    RF_TRY(save(file, "previous", previous, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

/* ---- reading ---- */

static rf_status check_ids(const rf_h5 *file, const char *group, const rf_generation *g, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *seen = NULL;
    uint32_t number;
    int is_new;
    RF_TRY(rf_idmap_new(&seen, err));
    for (int64_t i = 0; i < g->n; i++) {
        if (!rf_cluster_is_id(g->id[i]))
            RF_FAIL(err, RF_E_FORMAT, "%s: /%s/id is not a cluster's id at row %lld: " ADVICE,
                    rf_h5_path(file), group, (long long)i);
        RF_TRY(rf_idmap_intern(seen, g->id[i], strlen(g->id[i]), &number, &is_new, err));
        if (!is_new)
            RF_FAIL(err, RF_E_FORMAT, "%s: /%s/id: %s occurs twice, the second time at row %lld: " ADVICE,
                    rf_h5_path(file), group, g->id[i], (long long)i);
        if (g->method[i] > RF_CLUSTER_DENSE || g->missed[i] < 0)
            RF_FAIL(err, RF_E_FORMAT, "%s: /%s/%s is out of range at row %lld: " ADVICE, rf_h5_path(file),
                    group, g->missed[i] < 0 ? "missed" : "method", (long long)i);
    }
done:
    rf_idmap_free(seen);
    return st;
}

static rf_status check_ptr(const rf_h5 *file, const char *dataset, const int64_t *ptr, int64_t n,
                           int64_t n_members, rf_err *err)
{
    rf_status st = RF_OK;
    bool right = ptr[0] == 0 && ptr[n] == n_members;
    for (int64_t i = 0; i < n; i++)
        right = right && ptr[i] <= ptr[i + 1];
    if (!right)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s does not rise from 0 to the %lld members: " ADVICE,
                rf_h5_path(file), dataset, (long long)n_members);
done:
    return st;
}

static void point(const char **out, const rf_texts *texts)
{
    for (int64_t i = 0; i < texts->n; i++)
        out[i] = rf_texts_get(texts, i);
}

static rf_status read_run(rf_h5 *file, const char *group, rf_generation *g, rf_err *err)
{
    rf_status st = RF_OK;
    char *run = NULL;
    name on = name_of(group, "");
    on.text[strlen(group) + 1] = '\0';
    RF_TRY(rf_h5_read_attr_text(file, on.text, "run_id", &run, err));
    if (run[0] == '\0' || strlen(run) >= sizeof g->run_id)
        RF_FAIL(err, RF_E_FORMAT, "%s: run_id of %s is not a run's: " ADVICE, rf_h5_path(file), on.text);
    memcpy(g->run_id, run, strlen(run) + 1);
done:
    rf_mem_free(run);
    return st;
}

static rf_status load(rf_generation *g, rf_h5 *file, const char *group, rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts ids = {0}, users = {0}, entities = {0};
    int64_t n, n_ptr;
    RF_TRY(rf_h5_read_texts(file, name_of(group, "id").text, &ids, err));
    RF_TRY(rf_h5_read_texts(file, name_of(group, "user").text, &users, err));
    RF_TRY(rf_h5_read_texts(file, name_of(group, "entity").text, &entities, err));
    n = ids.n;
    n_ptr = n + 1;
    RF_TRY(rf_generation_init(g, n, users.n, entities.n, err));
    point(g->id, &ids);
    point(g->member[RF_USER], &users);
    point(g->member[RF_ENTITY], &entities);
    RF_TRY(rf_h5_read(file, name_of(group, "method").text, RF_H5_U8, 1, &n, g->method, err));
    RF_TRY(rf_h5_read(file, name_of(group, "missed").text, RF_H5_I32, 1, &n, g->missed, err));
    RF_TRY(rf_h5_read(file, name_of(group, "user_ptr").text, RF_H5_I64, 1, &n_ptr, g->ptr[RF_USER], err));
    RF_TRY(rf_h5_read(file, name_of(group, "entity_ptr").text, RF_H5_I64, 1, &n_ptr, g->ptr[RF_ENTITY], err));
    RF_TRY(check_ids(file, group, g, err));
    RF_TRY(check_ptr(file, name_of(group, "user_ptr").text, g->ptr[RF_USER], n, users.n, err));
    RF_TRY(check_ptr(file, name_of(group, "entity_ptr").text, g->ptr[RF_ENTITY], n, entities.n, err));
    RF_TRY(read_run(file, group, g, err));
    g->ids = ids;
    g->texts[RF_USER] = users;
    g->texts[RF_ENTITY] = entities;
    ids = users = entities = (rf_texts){0};
done:
    rf_texts_clear(&ids);
    rf_texts_clear(&users);
    rf_texts_clear(&entities);
    return st;
}

rf_status rf_registry_load(rf_generation *previous, rf_generation *current, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    if (!rf_path_exists(path)) {
        RF_TRY(rf_generation_init(previous, 0, 0, 0, err));
        RF_TRY(rf_generation_init(current, 0, 0, 0, err));
        goto done;
    }
    RF_TRY(rf_h5_open(&file, path, err));
    RF_TRY(rf_h5_check_format(file, FORMAT, VERSION, NULL, err));
    RF_TRY(load(current, file, "current", err));
    if (rf_h5_exists(file, "/previous"))
        RF_TRY(load(previous, file, "previous", err));
    else
        RF_TRY(rf_generation_init(previous, 0, 0, 0, err));
done:
    rf_h5_close(&file);
    return st;
}
