/* publish.c - a finished build becomes graph.h5: state, features, ids, edges, truth, in one rename.
 *
 * Written in the order in which memory can be given back: recent event ids first, then the sorted state, and
 * only then the window's arrays and the feature matrices. docs/FORMATS.md describes every dataset.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "activity_int.h"
#include "bigraph_int.h"
#include "features_int.h"
#include "ids_int.h"
#include "rf_hubs.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "rows_int.h"
#include "window_int.h"

/* One kind on its way into the file. */
typedef struct writer {
    rf_h5 *file;
    const rf_window_view *view;
    rf_h5_spread *edge_rows; /* where they go while they are made */
    rf_h5_park *raw_rows;    /* where they are before */
} writer;

/* The path of what a side of the kind has. */
static const char *object(char out[RF_SIDE_PATH], const writer *w, rf_side side, const char *name)
{
    return rf_view_path(out, w->view, side, name);
}

/* Users are written with the main kind. */
static rf_side first_side(const writer *w)
{
    return w->view->kind == 0 ? RF_USER : RF_ENTITY;
}

/* ---- features ---- */

#define MOST_LISTED 24

static bool is_of_attribute(const char *name, const rf_schema *schema)
{
    const char *plain = strncmp(name, "log1p_", 6) == 0 ? name + 6 : name;
    bool found = false;
    for (int a = 0; a < schema->n_attrs && !found; a++) {
        size_t len = strlen(schema->attrs[a].name);
        found = strncmp(plain, schema->attrs[a].name, len) == 0 && plain[len] == '_';
    }
    return found;
}

static bool is_dropped_before(const rf_feature_matrix made[RF_SIDES], rf_side side, int at)
{
    bool found = false;
    for (rf_side s = 0; s <= side; s++) {
        for (int i = 0; i < (s == side ? at : made[s].n_dropped) && !found; i++)
            found = strcmp(made[s].dropped[i], made[side].dropped[at]) == 0;
    }
    return found;
}

/* Says which columns of attributes hold one value in all rows, and so tell nothing. Of the others there are
 * some in any small graph: `ringfence inspect` lists them. */
static rf_status list_dropped(const writer *w, const rf_feature_matrix made[RF_SIDES], rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = w->view;
    const bool named = view->kind > 0;
    rf_text names = {0};
    int n = 0;
    for (rf_side s = 0; s < RF_SIDES; s++) {
        for (int i = 0; i < made[s].n_dropped; i++) {
            if (!is_of_attribute(made[s].dropped[i], view->schema) || is_dropped_before(made, s, i) ||
                n++ >= MOST_LISTED)
                continue;
            RF_TRY(rf_text_printf(&names, err, "%s%s", n == 1 ? "" : ", ", made[s].dropped[i]));
        }
    }
    if (n > 0)
        rf_log(RF_LOG_INFO, "%s: %s%scolumns left out, the same in all rows: %s%s", rf_h5_path(w->file),
               named ? view->kind_name : "", named ? ": " : "", names.ptr,
               n > MOST_LISTED ? " and more (`ringfence inspect` lists all)" : "");
done:
    rf_text_clear(&names);
    return st;
}

static rf_status write_columns(const writer *w, rf_side side, const rf_feature_matrix *m, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = w->file;
    char name[RF_SIDE_PATH];
    int64_t columns[1] = {m->d}, dropped[1] = {m->n_dropped};
    const char *const *names = (const char *const *)m->name, *const *constant =
                                                                 (const char *const *)m->dropped;
    RF_TRY(rf_h5_write_texts(file, object(name, w, side, "feature_names"), names, m->d, err));
    RF_TRY(rf_h5_write(file, object(name, w, side, "mean"), RF_H5_F32, 1, columns, m->mean, err));
    RF_TRY(rf_h5_write(file, object(name, w, side, "scale"), RF_H5_F32, 1, columns, m->scale, err));
    RF_TRY(rf_h5_write(file, object(name, w, side, "transform"), RF_H5_U8, 1, columns, m->transform, err));
    RF_TRY(rf_h5_write_texts(file, object(name, w, side, "dropped"), constant, m->n_dropped, err));
    RF_TRY(rf_h5_write(file, object(name, w, side, "dropped_value"), RF_H5_F32, 1, dropped, m->dropped_value,
                       err));
done:
    return st;
}

static rf_status begin_edge_rows(void *context, const rf_feature_matrix *head, rf_err *err)
{
    writer *w = context;
    char name[RF_SIDE_PATH];
    const int64_t shape[2] = {head->n, head->d};
    return rf_h5_spread_begin(&w->edge_rows, w->file, object(name, w, RF_EDGE, "x"), RF_H5_F32, 2, shape,
                              err);
}

static void put_edge_rows(void *context, int64_t from, int64_t n, const float *rows)
{
    const writer *w = context;
    rf_h5_spread_put(w->edge_rows, from, n, rows);
}

static rf_status end_edge_rows(void *context, rf_err *err)
{
    rf_status st = RF_OK;
    const writer *w = context;
    RF_TRY(rf_h5_spread_end(w->edge_rows, err));
    if (w->raw_rows != NULL)
        RF_TRY(rf_h5_park_end(w->raw_rows, err));
done:
    return st;
}

static rf_status park_edge_rows(void *context, int64_t d, rf_err *err)
{
    writer *w = context;
    return rf_h5_park_begin(&w->raw_rows, w->file, (size_t)d * sizeof(float), err);
}

static void leave_edge_rows(void *context, int64_t from, int64_t n, const float *rows)
{
    const writer *w = context;
    rf_h5_park_put(w->raw_rows, from, n, rows);
}

static void fetch_edge_rows(void *context, int64_t from, int64_t n, float *rows)
{
    const writer *w = context;
    rf_h5_park_get(w->raw_rows, from, n, rows);
}

/* The edges' rows go into the file as they are made, the nodes' afterwards. */
static rf_status write_features(writer *w, rf_users_of_kinds *kinds, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_feature_matrix made[RF_SIDES] = {{0}};
    char name[RF_SIDE_PATH];
    const rf_feature_sink sink = {.context = w,
                                  .begin = begin_edge_rows,
                                  .put = put_edge_rows,
                                  .end = end_edge_rows,
                                  .park = park_edge_rows,
                                  .leave = leave_edge_rows,
                                  .fetch = fetch_edge_rows};
    RF_TRY(rf_features_stream(made, &sink, w->view, kinds, pool, err));
    for (rf_side s = first_side(w); s < RF_SIDES; s++) {
        int64_t shape[2] = {made[s].n, made[s].d};
        if (made[s].x != NULL)
            RF_TRY(rf_h5_write(w->file, object(name, w, s, "x"), RF_H5_F32, 2, shape, made[s].x, err));
        RF_TRY(write_columns(w, s, &made[s], err));
    }
    RF_TRY(list_dropped(w, made, err));
done:
    rf_h5_spread_free(w->edge_rows);
    rf_h5_park_free(w->raw_rows);
    w->edge_rows = NULL;
    w->raw_rows = NULL;
    for (rf_side s = 0; s < RF_SIDES; s++)
        rf_feature_matrix_clear(&made[s]);
    return st;
}

/* ---- ids ---- */

typedef struct id_context {
    const rf_window_view *view;
    char text[RF_MAX_ID_BYTES + 1];
} id_context;

static const char *event_id_at(void *context, int64_t row)
{
    id_context *c = context;
    const rf_store *store = &c->view->relation->store;
    const int64_t cell = rf_view_edge(c->view, row); /* an event's edge is its cell */
    rf_record record;
    size_t len = 0;
    if (rf_record_get(&record, &store->codec, store->log, store->n_log, c->view->cell[cell].head) &&
        record.id != NULL) {
        len = record.id_len;
        memcpy(c->text, record.id, len);
    }
    c->text[len] = '\0';
    return c->text;
}

static const char *node_id_at(void *context, int64_t i)
{
    const rf_view_side *side = context;
    return side->id[i];
}

/* So that who reads the graph without its ids knows whose it is. */
static rf_status write_id_fingerprint(const writer *w, rf_side side, int64_t n,
                                      const char *(*id_at)(void *context, int64_t i), void *context,
                                      rf_err *err)
{
    char fingerprint[RF_IDS_FINGERPRINT], group[RF_SIDE_PATH];
    rf_ids_fingerprint(fingerprint, n, id_at, context);
    return rf_h5_write_attr_text(w->file, object(group, w, side, ""), RF_IDS_ATTRIBUTE, fingerprint, err);
}

static rf_status write_ids(const writer *w, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = w->view;
    id_context context = {.view = view};
    const int64_t n_e = view->kept->n_e;
    char name[RF_SIDE_PATH];
    for (rf_side s = 0; s < RF_SIDES; s++) {
        rf_view_side side = view->side[s];
        if (side.id == NULL)
            continue;
        RF_TRY(rf_h5_write_texts(w->file, object(name, w, s, "id"), side.id, side.n, err));
        RF_TRY(write_id_fingerprint(w, s, side.n, node_id_at, &side, err));
    }
    bool any = false; /* does any event have an id? */
    if (view->options->granularity == RF_GRANULARITY_EVENT) {
        for (int64_t e = 0; e < n_e && !any; e++)
            any = event_id_at(&context, e)[0] != '\0';
    }
    if (any) {
        RF_TRY(
            rf_h5_write_texts_from(w->file, object(name, w, RF_EDGE, "id"), n_e, event_id_at, &context, err));
        RF_TRY(write_id_fingerprint(w, RF_EDGE, n_e, event_id_at, &context, err));
    }
done:
    return st;
}

/* ---- hubs ---- */

/* Is e the first edge of a pair of a hub? */
static bool is_hub_pair(const rf_window_view *view, int64_t e)
{
    const rf_adj *adj = &view->adj;
    return view->hub[adj->e_v[e]] != 0 &&
           (e == 0 || adj->e_u[e] != adj->e_u[e - 1] || adj->e_v[e] != adj->e_v[e - 1]);
}

static rf_status write_hub_column(const writer *w, rf_side side, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = w->view;
    const rf_adj *adj = &view->adj;
    const uint32_t *row = rf_adj_row_of_edge(adj, side);
    char name[RF_SIDE_PATH];
    rf_rows out = {0};
    rf_hubs_path(name, &view->graph->kinds, view->kind, side == RF_USER ? "u" : "v");
    RF_TRY(rf_rows_begin(&out, w->file, name, RF_H5_U32, n, 0, err));
    for (int64_t e = 0; e < adj->n_e; e++) {
        if (is_hub_pair(view, e))
            RF_TRY(rf_rows_put(&out, &row[e], err));
    }
    RF_TRY(rf_rows_end(&out, err));
done:
    rf_rows_clear(&out);
    return st;
}

static rf_status write_hubs(const writer *w, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = w->view;
    int64_t n = 0;
    char name[RF_SIDE_PATH];
    if (view->hub == NULL)
        return RF_OK;
    for (int64_t e = 0; e < view->adj.n_e; e++)
        n += is_hub_pair(view, e);
    RF_TRY(rf_h5_write(w->file, object(name, w, RF_ENTITY, "hub"), RF_H5_U8, 1, &view->side[RF_ENTITY].n,
                       view->hub, err));
    RF_TRY(write_hub_column(w, RF_USER, n, err));
    RF_TRY(write_hub_column(w, RF_ENTITY, n, err));
done:
    return st;
}

/* ---- one kind ---- */

static rf_status write_edges(const writer *w, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = w->view;
    const rf_adj *adj = view->kept;
    char name[RF_SIDE_PATH];
    RF_TRY(rf_h5_write(w->file, object(name, w, RF_EDGE, "u"), RF_H5_U32, 1, &adj->n_e, adj->e_u, err));
    RF_TRY(rf_h5_write(w->file, object(name, w, RF_EDGE, "v"), RF_H5_U32, 1, &adj->n_e, adj->e_v, err));
    for (int i = 0; i < RF_SIDES; i++) {
        rf_side s = (i + RF_EDGE) % RF_SIDES; /* the edges' datasets have always come first */
        const rf_view_side *side = &view->side[s];
        if (s < first_side(w))
            continue;
        RF_TRY(rf_activity_write(w->file, view, s, err));
        if (side->y != NULL)
            RF_TRY(rf_h5_write(w->file, object(name, w, s, "y"), RF_H5_U8, 1, &side->n, side->y, err));
        if (side->fraud != NULL)
            RF_TRY(rf_h5_write(w->file, object(name, w, s, "fraud_type"), RF_H5_U16, 1, &side->n, side->fraud,
                               err));
    }
    RF_TRY(write_ids(w, err));
    RF_TRY(write_hubs(w, err));
done:
    return st;
}

/* What is said of the whole graph; the view is the main kind's. */
static rf_status write_window(const writer *w, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = w->view;
    bool events = view->options->granularity == RF_GRANULARITY_EVENT;
    if (view->fraud_names != NULL)
        RF_TRY(rf_h5_write_texts(w->file, "/fraud_types", view->fraud_names, view->n_fraud_names, err));
    RF_TRY(rf_h5_write_attr_int(w->file, "/", "window_from", &view->from_us, 1, err));
    RF_TRY(rf_h5_write_attr_int(w->file, "/", "window_to", &view->to_us, 1, err));
    RF_TRY(rf_h5_write_attr_text(w->file, "/", "granularity", events ? "event" : "pair", err));
done:
    return st;
}

static rf_status write_kinds(rf_h5 *file, const rf_kinds *kinds, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text list = {0};
    if (kinds->n == 0)
        return RF_OK;
    for (int k = 0; k < kinds->n; k++)
        RF_TRY(rf_text_printf(&list, err, "%s%s", k == 0 ? "" : ",", kinds->name[k]));
    RF_TRY(rf_h5_write_attr_text(file, "/", RF_KINDS_ATTRIBUTE, list.ptr, err));
done:
    rf_text_clear(&list);
    return st;
}

static void count_published(rf_published *to, const rf_window_view *view)
{
    const int kind = view->kind;
    to->n[rf_entity_side(kind)] = view->adj.n_v;
    to->n[rf_edge_side(kind)] = view->kept->n_e;
    for (int64_t v = 0; view->hub != NULL && v < view->adj.n_v; v++)
        to->hubs[kind] += view->hub[v];
    if (kind > 0)
        return;
    to->n[RF_USER] = to->users = view->adj.n_u;
    to->entities = view->adj.n_v;
    to->edges = view->kept->n_e;
    to->labels = view->known;
    to->labels_one = view->labelled;
    to->window_from_us = view->options->timeless ? 0 : view->from_us;
    to->window_to_us = view->options->timeless ? 0 : view->to_us;
}

static rf_status write_kind(rf_h5 *file, rf_bigraph *graph, const rf_window *window, int kind,
                            rf_users_of_kinds *kinds, rf_pool *pool, rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    rf_window_view *view = NULL;
    RF_TRY(rf_window_freeze(&view, window, graph, kind, err));
    writer w = {.file = file, .view = view};
    RF_TRY(write_features(&w, kinds, pool, err));
    RF_TRY(write_edges(&w, err));
    if (kind == 0)
        RF_TRY(write_window(&w, err));
    count_published(published, view);
done:
    rf_window_view_free(view);
    if (kind > 0)
        rf_store_clear(&graph->relation[kind].store); /* nothing of it is read any more */
    return st;
}

/* ---- the whole ---- */

rf_status rf_bigraph_write(rf_bigraph *graph, const char *path, const rf_positions *positions, rf_pool *pool,
                           rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_window window = {0};
    rf_users_of_kinds kinds = {0};
    rf_published out = {.kinds = graph->kinds};
    graph->pool = pool;
    RF_TRY(rf_bigraph_check_unspent(graph, err));
    RF_TRY(rf_h5_create_beside(&file, path, err));
    rf_h5_use_threads(file, pool);
    RF_TRY(rf_h5_write_format(file, RF_GRAPH_FORMAT, 1, err));
    RF_TRY(write_kinds(file, &graph->kinds, err));

    RF_TRY(rf_bigraph_settle(graph, err));
    rf_bigraph_sort_dedup(graph);
    RF_TRY(rf_state_write_dedup(file, graph, err));
    rf_dedup_clear(&graph->dedup);
    RF_TRY(rf_bigraph_sort(graph, err));
    RF_TRY(rf_state_write(file, graph, positions, true, err));

    RF_TRY(rf_window_find(&window, graph, err));
    for (int k = 1; k <= graph->n_kinds; k++) /* the main kind comes last */
        RF_TRY(write_kind(file, graph, &window, k % graph->n_kinds, &kinds, pool, &out, err));
    RF_TRY(rf_h5_commit(file, err));
    *published = out;
done:
    graph->pool = NULL;
    rf_users_of_kinds_clear(&kinds);
    rf_window_clear(&window);
    rf_h5_close(&file);
    return st;
}

rf_status rf_bigraph_publish(rf_bigraph *graph, const char *path, const rf_positions *positions,
                             rf_pool *pool, rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    char *building = rf_building_path(path, err);
    if (building == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_bigraph_write(graph, path, positions, pool, published, err));
    unlink(building); /* if this fails, the old one leads to the same graph again */
done:
    rf_mem_free(building);
    return st;
}
