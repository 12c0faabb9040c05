/* inspect_hubs.c - `inspect --hubs`: the entities of a graph that so many users share that their edges are
 * left out; `inspect --hub ID`: who these users are. Reads ids and pairs, not the graph.
 */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>

#include "rf_hubs.h"
#include "rf_json.h"
#include "rf_mem.h"
#include "rf_quote.h"
#include "rf_table.h"

typedef struct hub_row {
    int kind;
    uint32_t v, users;
} hub_row;

typedef struct hubs { /* of one file */
    rf_h5 *file;
    rf_graph_size size;
    uint8_t *of[RF_KINDS_MOST]; /* NULL: the kind has none */
    uint32_t *users[RF_KINDS_MOST];
    rf_texts id[RF_KINDS_MOST], user_id;
} hubs;

static void clear(hubs *h)
{
    for (int k = 0; k < RF_KINDS_MOST; k++) {
        rf_mem_free(h->of[k]);
        rf_mem_free(h->users[k]);
        rf_texts_clear(&h->id[k]);
    }
    rf_texts_clear(&h->user_id);
    rf_h5_close(&h->file);
}

static rf_status read_ids(rf_texts *out, const hubs *h, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    RF_TRY(rf_h5_read_texts(h->file, rf_side_path(name, &h->size.kinds, side, "id"), out, err));
    if (out->n != h->size.n[side])
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has not as many entries as there are rows", rf_h5_path(h->file),
                name);
done:
    return st;
}

static rf_status read_kind(hubs *h, int kind, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_side side = rf_entity_side(kind);
    char name[RF_SIDE_PATH];
    rf_side_path(name, &h->size.kinds, side, "hub");
    if (!rf_h5_exists(h->file, name))
        return RF_OK;
    RF_NEW(h->of[kind], h->size.n[side], err);
    RF_TRY(rf_h5_read(h->file, name, RF_H5_U8, 1, &h->size.n[side], h->of[kind], err));
    RF_TRY(read_ids(&h->id[kind], h, side, err));
    RF_TRY(rf_hubs_count(&h->users[kind], h->file, &h->size.kinds, kind, h->size.n[RF_USER], h->of[kind],
                         h->size.n[side], err));
done:
    return st;
}

static rf_status read_hubs(hubs *h, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_h5_open(&h->file, path, err));
    RF_TRY(rf_graph_measure(&h->size, h->file, err));
    for (int k = 0; k < rf_kinds_n(&h->size.kinds); k++)
        RF_TRY(read_kind(h, k, err));
done:
    return st;
}

/* ---- all hubs ---- */

/* The largest first. */
static int by_users(const void *a, const void *b)
{
    const hub_row *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind - y->kind;
    if (x->users != y->users)
        return x->users > y->users ? -1 : 1;
    return (x->v > y->v) - (x->v < y->v);
}

static rf_status list_hubs(hub_row **out, size_t *n, const hubs *h, rf_err *err)
{
    rf_status st = RF_OK;
    size_t cap = 0;
    for (int k = 0; k < rf_kinds_n(&h->size.kinds); k++) {
        for (int64_t v = 0; h->users[k] != NULL && v < h->size.n[rf_entity_side(k)]; v++) {
            if (h->of[k][v] == 0)
                continue;
            RF_RESERVE(*out, cap, *n + 1, err);
            (*out)[(*n)++] = (hub_row){.kind = k, .v = (uint32_t)v, .users = h->users[k][v]};
        }
    }
    if (*n > 0)
        qsort(*out, *n, sizeof **out, by_users);
done:
    return st;
}

static rf_status add_table(rf_text *text, const hubs *h, const hub_row *rows, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    static const char *const heads[] = {"kind", "hub", "users"};
    rf_table *table = NULL;
    rf_text id = {0};
    char users[32];
    RF_TRY(rf_table_new(&table, "llr", heads, err));
    for (size_t i = 0; i < n; i++) {
        const char *name = rf_texts_get(&h->id[rows[i].kind], rows[i].v);
        id.len = 0;
        RF_TRY(rf_quote_add(&id, name, strlen(name), err));
        RF_TRY(rf_table_add(table, rf_kind_name(&h->size.kinds, rows[i].kind), err));
        RF_TRY(rf_table_add(table, id.ptr, err));
        RF_TRY(rf_table_add(table, rf_count_format(users, rows[i].users), err));
    }
    if (n == 0)
        RF_TRY(rf_text_printf(text, err, "%s: no hubs\n", rf_h5_path(h->file)));
    else
        RF_TRY(rf_table_print(text, table, err));
done:
    rf_table_free(table);
    rf_text_clear(&id);
    return st;
}

static void put_rows(rf_json *json, const hubs *h, const hub_row *rows, size_t n)
{
    rf_json_key(json, "hubs");
    rf_json_array_open(json);
    for (size_t i = 0; i < n; i++) {
        rf_json_map_open(json);
        rf_json_put_string(json, "kind", rf_kind_name(&h->size.kinds, rows[i].kind));
        rf_json_put_string(json, "id", rf_texts_get(&h->id[rows[i].kind], rows[i].v));
        rf_json_put_int(json, "users", rows[i].users);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

static rf_status show_all(rf_text *text, rf_json *json, const hubs *h, rf_err *err)
{
    rf_status st = RF_OK;
    hub_row *rows = NULL;
    size_t n = 0;
    RF_TRY(list_hubs(&rows, &n, h, err));
    if (json != NULL)
        put_rows(json, h, rows, n);
    else
        RF_TRY(add_table(text, h, rows, n, err));
done:
    rf_mem_free(rows);
    return st;
}

/* ---- one hub ---- */

typedef struct members {
    rf_text *text;
    rf_json *json; /* or NULL */
    const hubs *of;
    uint32_t hub;
} members;

static rf_status take_member(void *to, uint32_t u, uint32_t v, rf_err *err)
{
    rf_status st = RF_OK;
    const members *m = to;
    const char *id = rf_texts_get(&m->of->user_id, u);
    if (v != m->hub)
        return RF_OK;
    if (m->json != NULL) {
        rf_json_string(m->json, id);
        return RF_OK;
    }
    RF_TRY(rf_quote_add(m->text, id, strlen(id), err));
    RF_TRY(rf_text_add(m->text, "\n", 1, err));
done:
    return st;
}

/* Of every kind that has a hub of this id. */
static rf_status show_members(rf_text *text, rf_json *json, hubs *h, const char *id, rf_err *err)
{
    rf_status st = RF_OK;
    bool found = false;
    RF_TRY(read_ids(&h->user_id, h, RF_USER, err));
    if (json != NULL) {
        rf_json_put_string(json, "hub", id);
        rf_json_key(json, "users");
        rf_json_map_open(json);
    }
    for (int k = 0; k < rf_kinds_n(&h->size.kinds); k++) {
        const int64_t n_v = h->size.n[rf_entity_side(k)];
        int64_t v = 0;
        while (h->users[k] != NULL && v < n_v &&
               (h->of[k][v] == 0 || strcmp(rf_texts_get(&h->id[k], v), id) != 0))
            v++;
        if (h->users[k] == NULL || v == n_v)
            continue;
        members m = {.text = text, .json = json, .of = h, .hub = (uint32_t)v};
        found = true;
        if (json != NULL) {
            rf_json_key(json, rf_kind_name(&h->size.kinds, k));
            rf_json_array_open(json);
        }
        RF_TRY(rf_hubs_each(h->file, &h->size.kinds, k, h->size.n[RF_USER], h->of[k], n_v, take_member, &m,
                            err));
        if (json != NULL)
            rf_json_array_close(json);
    }
    if (json != NULL)
        rf_json_map_close(json);
    if (!found)
        RF_FAIL(err, RF_E_INVALID, "%s has no hub %s; `ringfence inspect --hubs` lists them",
                rf_h5_path(h->file), id);
done:
    return st;
}

static rf_status inspect_file(rf_text *text, rf_json *json, const rf_args *args, const char *path,
                              rf_err *err)
{
    rf_status st = RF_OK;
    hubs h = {0};
    const char *id = rf_args_value(args, "hub");
    RF_TRY(read_hubs(&h, path, err));
    if (json != NULL) {
        rf_json_map_open(json);
        rf_json_put_string(json, "file", path);
    }
    if (id != NULL)
        RF_TRY(show_members(text, json, &h, id, err));
    else
        RF_TRY(show_all(text, json, &h, err));
    if (json != NULL) {
        rf_json_map_close(json);
        RF_TRY(rf_cli_add_json(text, json, err));
    }
done:
    clear(&h);
    return st;
}

rf_status rf_inspect_hubs(rf_text *text, const rf_args *args, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    for (int i = 0; i < args->n_rest; i++) {
        rf_json_free(json);
        json = NULL;
        if (rf_args_has(args, "json"))
            RF_TRY(rf_json_new(&json, err));
        RF_TRY(inspect_file(text, json, args, args->rest[i], err));
    }
done:
    rf_json_free(json);
    return st;
}
