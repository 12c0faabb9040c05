/* hubs_file.c - who met the hubs of a graph.h5, pair by pair. window/hubs.c finds hubs, publish.c writes
 * them.
 */
#include "rf_hubs.h"

#include <inttypes.h>
#include <stdio.h>

#include "rf_mem.h"

#define AT_ONCE 8192

const char *rf_hubs_path(char out[RF_SIDE_PATH], const rf_kinds *kinds, int kind, const char *column)
{
    if (kind == 0)
        snprintf(out, RF_SIDE_PATH, "/hub/%s", column);
    else
        snprintf(out, RF_SIDE_PATH, "/kinds/%s/hub/%s", kinds->name[kind], column);
    return out;
}

/* 0 where the file has none. */
static rf_status count_pairs(int64_t *n, rf_h5 *file, const rf_kinds *kinds, int kind, rf_err *err)
{
    rf_status st = RF_OK;
    char u[RF_SIDE_PATH], v[RF_SIDE_PATH];
    int rank_u, rank_v;
    int64_t of_u[4], of_v[4];
    *n = 0;
    if (!rf_h5_exists(file, rf_hubs_path(u, kinds, kind, "u")) ||
        !rf_h5_exists(file, rf_hubs_path(v, kinds, kind, "v")))
        return RF_OK;
    RF_TRY(rf_h5_shape(file, u, &rank_u, of_u, err));
    RF_TRY(rf_h5_shape(file, v, &rank_v, of_v, err));
    if (rank_u != 1 || rank_v != 1 || of_u[0] != of_v[0])
        RF_FAIL(err, RF_E_FORMAT, "%s: %s and %s are no columns of the same length", rf_h5_path(file), u, v);
    *n = of_u[0];
done:
    return st;
}

rf_status rf_hubs_each(rf_h5 *file, const rf_kinds *kinds, int kind, int64_t n_u, const uint8_t *hub,
                       int64_t n_v, rf_take_hub_pair *take, void *to, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *u = NULL, *v = NULL;
    int64_t n, before = -1;
    char name[RF_SIDE_PATH];
    RF_TRY(count_pairs(&n, file, kinds, kind, err));
    RF_NEW(u, AT_ONCE, err);
    RF_NEW(v, AT_ONCE, err);
    for (int64_t from = 0; from < n; from += AT_ONCE) {
        int64_t some = n - from < AT_ONCE ? n - from : AT_ONCE;
        RF_TRY(rf_h5_read_rows(file, rf_hubs_path(name, kinds, kind, "u"), RF_H5_U32, from, some, u, err));
        RF_TRY(rf_h5_read_rows(file, rf_hubs_path(name, kinds, kind, "v"), RF_H5_U32, from, some, v, err));
        for (int64_t i = 0; i < some; i++) {
            int64_t here = (int64_t)u[i] * n_v + v[i];
            if (u[i] >= n_u || v[i] >= n_v || hub == NULL || hub[v[i]] == 0 || here <= before)
                RF_FAIL(err, RF_E_FORMAT,
                        "%s: pair %" PRId64 " of %s is (%u, %u), which is out of range or order, or no hub's",
                        rf_h5_path(file), from + i, rf_hubs_path(name, kinds, kind, ""), u[i], v[i]);
            before = here;
            RF_TRY(take(to, u[i], v[i], err));
        }
    }
done:
    rf_mem_free(u);
    rf_mem_free(v);
    return st;
}

static rf_status count(void *to, uint32_t u, uint32_t v, rf_err *err)
{
    uint32_t *users = to;
    (void)u;
    (void)err;
    users[v]++;
    return RF_OK;
}

rf_status rf_hubs_count(uint32_t **users, rf_h5 *file, const rf_kinds *kinds, int kind, int64_t n_u,
                        const uint8_t *hub, int64_t n_v, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *counted = NULL;
    char name[RF_SIDE_PATH];
    *users = NULL;
    if (hub == NULL || !rf_h5_exists(file, rf_hubs_path(name, kinds, kind, "v")))
        return RF_OK;
    RF_ZERO(counted, n_v, err);
    RF_TRY(rf_hubs_each(file, kinds, kind, n_u, hub, n_v, count, counted, err));
    *users = counted;
    counted = NULL;
done:
    rf_mem_free(counted);
    return st;
}
