/* registry_file.c - the registry of clusters as a file: format "ringfence-clusters", docs/FORMATS.md. */
#include <stdio.h>
#include <string.h>

#include "registry_int.h"
#include "rf_file.h"
#include "rf_h5.h"
#include "rf_idmap.h"
#include "rf_mem.h"
#include "rf_time.h"

#define FORMAT "ringfence-clusters"
#define VERSION 1
#define ADVICE "the registry is damaged; remove it and run again (all clusters then count as new)"

typedef struct name {
    char text[RF_SIDE_PATH];
} name;

/* "/current/user_ptr" and the like. */
static name name_of(const char *group, const char *dataset)
{
    name n;
    snprintf(n.text, sizeof n.text, "/%s/%s", group, dataset);
    return n;
}

/* "/current/entity_ptr", "/current/kinds/device/entity_ptr": of a side's members. */
static name members_of(const char *group, const rf_kinds *kinds, rf_side side, const char *suffix)
{
    const int kind = rf_side_kind(side);
    name n;
    snprintf(n.text, sizeof n.text, "/%s/%s%s%s%s%s", group, kind > 0 ? "kinds/" : "",
             kind > 0 ? kinds->name[kind] : "", kind > 0 ? "/" : "", rf_side_name(side), suffix);
    return n;
}

static bool has_members(rf_side side)
{
    return rf_side_role(side) != RF_EDGE;
}

/* ---- generations ---- */

rf_status rf_generation_init(rf_generation *g, const rf_kinds *kinds, int64_t n,
                             const int64_t n_members[RF_SIDES_MOST], rf_err *err)
{
    rf_status st = RF_OK;
    g->kinds = *kinds;
    g->n = n;
    RF_NEW(g->id, n, err);
    RF_ZERO(g->method, n, err);
    RF_ZERO(g->missed, n, err);
    RF_ZERO(g->seen, n, err);
    for (rf_side side = 0; side < rf_sides(kinds); side++) {
        if (!has_members(side))
            continue;
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
    rf_mem_free(g->seen);
    for (rf_side side = 0; side < RF_SIDES_MOST; side++) {
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
    for (rf_side side = 0; side < rf_sides(&g->kinds); side++) {
        if (has_members(side))
            n += g->ptr[side][cluster + 1] - g->ptr[side][cluster];
    }
    return n;
}

int64_t rf_generation_filter(rf_generation *g,
                             bool (*drop)(const void *context, const rf_generation *g, int64_t c),
                             const void *context)
{
    int64_t kept = 0, before = g->n, from[RF_SIDES_MOST] = {0}, at[RF_SIDES_MOST] = {0};
    const int sides = rf_sides(&g->kinds);
    for (int64_t c = 0; c < before; c++) {
        bool stays = !drop(context, g, c);
        for (rf_side side = 0; side < sides; side++) {
            if (!has_members(side))
                continue;
            int64_t to = g->ptr[side][c + 1];
            for (int64_t m = from[side]; stays && m < to; m++)
                g->member[side][at[side]++] = g->member[side][m];
            from[side] = to;
        }
        if (!stays)
            continue;
        g->id[kept] = g->id[c];
        g->method[kept] = g->method[c];
        g->missed[kept] = g->missed[c];
        g->seen[kept++] = g->seen[c];
        for (rf_side side = 0; side < sides; side++) {
            if (has_members(side))
                g->ptr[side][kept] = at[side];
        }
    }
    g->n = kept;
    return before - kept;
}

/* ---- writing ---- */

static rf_status save(rf_h5 *file, const char *group, const rf_generation *g, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = g->n, n_ptr = n + 1;
    char kinds[RF_KINDS_LIST];
    name on = name_of(group, "");
    on.text[strlen(group) + 1] = '\0'; /* "/current" */
    if (g->run_id[0] == '\0')
        return RF_OK;
    RF_TRY(rf_h5_write_texts(file, name_of(group, "id").text, g->id, n, err));
    RF_TRY(rf_h5_write(file, name_of(group, "method").text, RF_H5_U8, 1, &n, g->method, err));
    RF_TRY(rf_h5_write(file, name_of(group, "missed").text, RF_H5_I32, 1, &n, g->missed, err));
    RF_TRY(rf_h5_write(file, name_of(group, "last_seen").text, RF_H5_I64, 1, &n, g->seen, err));
    for (rf_side s = 0; s < rf_sides(&g->kinds); s++) {
        if (has_members(s))
            RF_TRY(rf_h5_write(file, members_of(group, &g->kinds, s, "_ptr").text, RF_H5_I64, 1, &n_ptr,
                               g->ptr[s], err));
    }
    for (rf_side s = 0; s < rf_sides(&g->kinds); s++) {
        if (has_members(s))
            RF_TRY(rf_h5_write_texts(file, members_of(group, &g->kinds, s, "").text, g->member[s],
                                     g->ptr[s][n], err));
    }
    RF_TRY(rf_h5_write_attr_text(file, on.text, "run_id", g->run_id, err));
    if (g->kinds.n > 0)
        RF_TRY(
            rf_h5_write_attr_text(file, on.text, RF_KINDS_ATTRIBUTE, rf_kinds_list(kinds, &g->kinds), err));
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

/* Files of before say when they were written, not when each cluster was there. */
static rf_status read_seen(rf_generation *g, rf_h5 *file, const char *group, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = g->n, written = rf_time_now_us();
    name seen = name_of(group, "last_seen");
    if (rf_h5_exists(file, seen.text))
        return rf_h5_read(file, seen.text, RF_H5_I64, 1, &n, g->seen, err);
    RF_TRY(rf_h5_read_created_at(file, &written, err));
    for (int64_t i = 0; i < n; i++)
        g->seen[i] = written;
done:
    return st;
}

/* Files of before have no kinds. */
static rf_status read_kinds(rf_kinds *out, rf_h5 *file, const char *group, rf_err *err)
{
    rf_status st = RF_OK;
    char *list = NULL;
    *out = (rf_kinds){0};
    if (!rf_h5_has_attr(file, group, RF_KINDS_ATTRIBUTE))
        goto done;
    RF_TRY(rf_h5_read_attr_text(file, group, RF_KINDS_ATTRIBUTE, &list, err));
    if (!rf_kinds_parse(out, list))
        RF_FAIL(err, RF_E_FORMAT, "%s: %s of %s does not list kinds of entity: " ADVICE, rf_h5_path(file),
                RF_KINDS_ATTRIBUTE, group);
done:
    rf_mem_free(list);
    return st;
}

/* The clusters' ids and the members', and room for the rest. */
static rf_status load_ids(rf_generation *g, const rf_kinds *kinds, rf_h5 *file, const char *group,
                          rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts ids = {0}, members[RF_SIDES_MOST] = {0};
    int64_t n_members[RF_SIDES_MOST] = {0};
    RF_TRY(rf_h5_read_texts(file, name_of(group, "id").text, &ids, err));
    for (rf_side s = 0; s < rf_sides(kinds); s++) {
        if (has_members(s))
            RF_TRY(rf_h5_read_texts(file, members_of(group, kinds, s, "").text, &members[s], err));
        n_members[s] = members[s].n;
    }
    RF_TRY(rf_generation_init(g, kinds, ids.n, n_members, err));
    g->ids = ids; /* they are the generation's from here on */
    memcpy(g->texts, members, sizeof members);
    ids = (rf_texts){0};
    memset(members, 0, sizeof members);
    for (int64_t i = 0; i < g->n; i++)
        g->id[i] = rf_texts_get(&g->ids, i);
    for (rf_side s = 0; s < rf_sides(kinds); s++) {
        for (int64_t i = 0; i < g->texts[s].n; i++)
            g->member[s][i] = rf_texts_get(&g->texts[s], i);
    }
done:
    rf_texts_clear(&ids);
    for (rf_side s = 0; s < RF_SIDES_MOST; s++)
        rf_texts_clear(&members[s]);
    return st;
}

static rf_status check_ptr(const rf_h5 *file, const char *group, const rf_generation *g, rf_side side,
                           rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t *ptr = g->ptr[side], n = g->texts[side].n;
    bool right = ptr[0] == 0 && ptr[g->n] == n;
    for (int64_t i = 0; i < g->n; i++)
        right = right && ptr[i] <= ptr[i + 1];
    if (!right)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s does not rise from 0 to the %lld members: " ADVICE,
                rf_h5_path(file), members_of(group, &g->kinds, side, "_ptr").text, (long long)n);
done:
    return st;
}

static rf_status load(rf_generation *g, rf_h5 *file, const char *group, rf_err *err)
{
    rf_status st = RF_OK;
    rf_kinds kinds;
    char *run = NULL;
    name on = name_of(group, "");
    on.text[strlen(group) + 1] = '\0'; /* "/current" */
    RF_TRY(read_kinds(&kinds, file, on.text, err));
    RF_TRY(load_ids(g, &kinds, file, group, err));
    int64_t n = g->n, n_ptr = n + 1;
    RF_TRY(rf_h5_read(file, name_of(group, "method").text, RF_H5_U8, 1, &n, g->method, err));
    RF_TRY(rf_h5_read(file, name_of(group, "missed").text, RF_H5_I32, 1, &n, g->missed, err));
    RF_TRY(read_seen(g, file, group, err));
    for (rf_side s = 0; s < rf_sides(&kinds); s++) {
        if (has_members(s))
            RF_TRY(rf_h5_read(file, members_of(group, &kinds, s, "_ptr").text, RF_H5_I64, 1, &n_ptr,
                              g->ptr[s], err));
    }
    RF_TRY(check_ids(file, group, g, err));
    for (rf_side s = 0; s < rf_sides(&kinds); s++) {
        if (has_members(s))
            RF_TRY(check_ptr(file, group, g, s, err));
    }
    RF_TRY(rf_h5_read_attr_text(file, on.text, "run_id", &run, err));
    if (run[0] == '\0' || strlen(run) >= sizeof g->run_id)
        RF_FAIL(err, RF_E_FORMAT, "%s: run_id of %s is not a run's: " ADVICE, rf_h5_path(file), on.text);
    memcpy(g->run_id, run, strlen(run) + 1);
done:
    rf_mem_free(run);
    return st;
}

static rf_status init_empty(rf_generation *g, rf_err *err)
{
    static const int64_t none[RF_SIDES_MOST];
    return rf_generation_init(g, &(rf_kinds){0}, 0, none, err);
}

static rf_status load_both(rf_registry *registry, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    bool has_previous = false;
    if (!rf_path_exists(path)) {
        RF_TRY(init_empty(&registry->current, err));
    } else {
        RF_TRY(rf_h5_open(&file, path, err));
        RF_TRY(rf_h5_check_format(file, FORMAT, VERSION, NULL, err));
        RF_TRY(load(&registry->current, file, "current", err));
        has_previous = rf_h5_exists(file, "/previous");
    }
    if (has_previous)
        RF_TRY(load(&registry->previous, file, "previous", err));
    else
        RF_TRY(init_empty(&registry->previous, err));
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_registry_load(rf_registry **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_registry *registry = NULL;
    RF_ZERO(registry, 1, err);
    RF_TRY(load_both(registry, path, err));
    *out = registry;
    registry = NULL;
done:
    rf_registry_free(registry);
    return st;
}

rf_status rf_cluster_registry_check(const char *path, rf_err *err)
{
    rf_registry *registry = NULL;
    rf_status st = rf_registry_load(&registry, path, err);
    rf_registry_free(registry);
    return st;
}

void rf_registry_free(rf_registry *registry)
{
    if (registry == NULL)
        return;
    rf_generation_clear(&registry->previous);
    rf_generation_clear(&registry->current);
    rf_mem_free(registry);
}
