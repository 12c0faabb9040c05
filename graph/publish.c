/* publish.c - a finished build becomes graph.h5: state, features, ids, edges, truth, in one rename.
 *
 * Written in the order in which memory can be given back: recent event ids first, then the sorted state, and
 * only then the window's arrays and the feature matrices. docs/FORMATS.md describes every dataset.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bigraph_int.h"
#include "features_int.h"
#include "ids_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "rows_int.h"
#include "window_int.h"

static const char *object(char out[40], rf_side side, const char *name)
{
    snprintf(out, 40, "/%c/%s", rf_side_letter(side), name);
    return out;
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
static rf_status list_dropped(const rf_h5 *file, const rf_feature_matrix made[RF_SIDES],
                              const rf_schema *schema, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text names = {0};
    int n = 0;
    for (rf_side s = 0; s < RF_SIDES; s++) {
        for (int i = 0; i < made[s].n_dropped; i++) {
            if (!is_of_attribute(made[s].dropped[i], schema) || is_dropped_before(made, s, i) ||
                n++ >= MOST_LISTED)
                continue;
            RF_TRY(rf_text_printf(&names, err, "%s%s", n == 1 ? "" : ", ", made[s].dropped[i]));
        }
    }
    if (n > 0)
        rf_log(RF_LOG_INFO, "%s: columns left out, the same in all rows: %s%s", rf_h5_path(file), names.ptr,
               n > MOST_LISTED ? " and more (`ringfence inspect` lists all)" : "");
done:
    rf_text_clear(&names);
    return st;
}

static rf_status write_columns(rf_h5 *file, rf_side side, const rf_feature_matrix *m, rf_err *err)
{
    rf_status st = RF_OK;
    char name[40];
    int64_t columns[1] = {m->d}, dropped[1] = {m->n_dropped};
    const char *const *names = (const char *const *)m->name, *const *constant =
                                                                 (const char *const *)m->dropped;
    RF_TRY(rf_h5_write_texts(file, object(name, side, "feature_names"), names, m->d, err));
    RF_TRY(rf_h5_write(file, object(name, side, "mean"), RF_H5_F32, 1, columns, m->mean, err));
    RF_TRY(rf_h5_write(file, object(name, side, "scale"), RF_H5_F32, 1, columns, m->scale, err));
    RF_TRY(rf_h5_write(file, object(name, side, "transform"), RF_H5_U8, 1, columns, m->transform, err));
    RF_TRY(rf_h5_write_texts(file, object(name, side, "dropped"), constant, m->n_dropped, err));
    RF_TRY(
        rf_h5_write(file, object(name, side, "dropped_value"), RF_H5_F32, 1, dropped, m->dropped_value, err));
done:
    return st;
}

static rf_status write_edge_rows(void *context, const rf_feature_matrix *head, int64_t from, int64_t n,
                                 const float *rows, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = context;
    int64_t shape[2] = {head->n, head->d};
    if (from == 0)
        RF_TRY(rf_h5_write_begin(file, "/e/x", RF_H5_F32, 2, shape, err));
    if (head->d > 0)
        RF_TRY(rf_h5_write_rows(file, "/e/x", RF_H5_F32, from, n, rows, err));
done:
    return st;
}

/* The edges' rows go into the file as they are made, the nodes' afterwards. */
static rf_status write_features(rf_h5 *file, const rf_window_view *view, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_feature_matrix made[RF_SIDES] = {{0}};
    char name[40];
    RF_TRY(rf_features_stream(made, write_edge_rows, file, view, pool, err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        int64_t shape[2] = {made[s].n, made[s].d};
        if (made[s].x != NULL)
            RF_TRY(rf_h5_write(file, object(name, s, "x"), RF_H5_F32, 2, shape, made[s].x, err));
        RF_TRY(write_columns(file, s, &made[s], err));
    }
    RF_TRY(list_dropped(file, made, view->options->schema, err));
done:
    for (rf_side s = 0; s < RF_SIDES; s++)
        rf_feature_matrix_clear(&made[s]);
    return st;
}

/* ---- activity, labels, ids ---- */

typedef struct activity { /* of one node or edge inside the window */
    int64_t count, first_us, last_us;
} activity;

static void add_activity(activity *to, const activity *from)
{
    if (to->count == 0 || from->first_us < to->first_us)
        to->first_us = from->first_us;
    if (to->count == 0 || from->last_us > to->last_us)
        to->last_us = from->last_us;
    to->count += from->count;
}

static activity edge_activity(const rf_window_view *view, int64_t e)
{
    activity sum = {0};
    for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++)
        add_activity(&sum, &(activity){view->count[c], view->first_us[c], view->last_us[c]});
    return sum;
}

/* Edges are counted as they are written, nodes before. */
static rf_status write_activity(rf_h5 *file, rf_side side, const rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    static const char *const names[3] = {"count", "first_time", "last_time"};
    const uint32_t *node = rf_adj_row_of_edge(&view->adj, side);
    int64_t n = view->side[side].n;
    activity *nodes = NULL;
    char full[40];
    rf_rows out = {0};
    if (node != NULL)
        RF_ZERO(nodes, n, err);
    for (int64_t e = 0; node != NULL && e < view->adj.n_e; e++) {
        activity edge = edge_activity(view, e);
        add_activity(&nodes[node[e]], &edge);
    }
    for (int k = 0; k < 3; k++) {
        RF_TRY(rf_rows_begin(&out, file, object(full, side, names[k]), RF_H5_I64, n, 0, err));
        for (int64_t r = 0; r < n; r++) {
            activity a = node == NULL ? edge_activity(view, r) : nodes[r];
            RF_TRY(rf_rows_put(&out, k == 0 ? &a.count : k == 1 ? &a.first_us : &a.last_us, err));
        }
        RF_TRY(rf_rows_end(&out, err));
        rf_rows_clear(&out);
    }
done:
    rf_rows_clear(&out);
    rf_mem_free(nodes);
    return st;
}

typedef struct id_context {
    const rf_window_view *view;
    char text[RF_MAX_ID_BYTES + 1];
} id_context;

static const char *event_id_at(void *context, int64_t e)
{
    id_context *c = context;
    const rf_store *store = &c->view->graph->store;
    rf_record record;
    size_t len = 0;
    if (rf_record_get(&record, &store->codec, store->log, store->n_log, c->view->store_index[e]) &&
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
static rf_status write_id_fingerprint(rf_h5 *file, rf_side side, int64_t n,
                                      const char *(*id_at)(void *context, int64_t i), void *context,
                                      rf_err *err)
{
    char fingerprint[RF_IDS_FINGERPRINT];
    const char group[] = {'/', rf_side_letter(side), '\0'};
    rf_ids_fingerprint(fingerprint, n, id_at, context);
    return rf_h5_write_attr_text(file, group, RF_IDS_ATTRIBUTE, fingerprint, err);
}

static rf_status write_ids(rf_h5 *file, const rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    id_context context = {.view = view};
    char name[40];
    for (rf_side s = 0; s < RF_SIDES; s++) {
        rf_view_side side = view->side[s];
        if (side.id == NULL)
            continue;
        RF_TRY(rf_h5_write_texts(file, object(name, s, "id"), side.id, side.n, err));
        RF_TRY(write_id_fingerprint(file, s, side.n, node_id_at, &side, err));
    }
    bool any = false; /* does any event have an id? */
    if (view->options->granularity == RF_GRANULARITY_EVENT) {
        for (int64_t e = 0; e < view->adj.n_e && !any; e++)
            any = event_id_at(&context, e)[0] != '\0';
    }
    if (any) {
        RF_TRY(rf_h5_write_texts_from(file, "/e/id", view->adj.n_e, event_id_at, &context, err));
        RF_TRY(write_id_fingerprint(file, RF_EDGE, view->adj.n_e, event_id_at, &context, err));
    }
done:
    return st;
}

static rf_status write_window(rf_h5 *file, const rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &view->adj;
    bool events = view->options->granularity == RF_GRANULARITY_EVENT;
    char name[40];
    RF_TRY(rf_h5_write(file, "/e/u", RF_H5_U32, 1, &adj->n_e, adj->e_u, err));
    RF_TRY(rf_h5_write(file, "/e/v", RF_H5_U32, 1, &adj->n_e, adj->e_v, err));
    for (int i = 0; i < RF_SIDES; i++) {
        rf_side s = (i + RF_EDGE) % RF_SIDES; /* the edges' datasets have always come first */
        const rf_view_side *side = &view->side[s];
        RF_TRY(write_activity(file, s, view, err));
        if (side->y != NULL)
            RF_TRY(rf_h5_write(file, object(name, s, "y"), RF_H5_U8, 1, &side->n, side->y, err));
        if (side->fraud != NULL)
            RF_TRY(
                rf_h5_write(file, object(name, s, "fraud_type"), RF_H5_U16, 1, &side->n, side->fraud, err));
    }
    RF_TRY(write_ids(file, view, err));
    if (view->fraud_names != NULL)
        RF_TRY(rf_h5_write_texts(file, "/fraud_types", view->fraud_names, view->n_fraud_names, err));
    RF_TRY(rf_h5_write_attr_int(file, "/", "window_from", &view->from_us, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/", "window_to", &view->to_us, 1, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "granularity", events ? "event" : "pair", err));
done:
    return st;
}

/* ---- the whole ---- */

rf_status rf_bigraph_write(rf_bigraph *graph, const char *path, const rf_positions *positions, rf_pool *pool,
                           rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_window_view *view = NULL;
    RF_TRY(rf_bigraph_check_unspent(graph, err));
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_format(file, RF_GRAPH_FORMAT, 1, err));

    RF_TRY(rf_bigraph_settle(graph, err));
    rf_bigraph_sort_dedup(graph);
    RF_TRY(rf_state_write_dedup(file, graph, err));
    rf_dedup_clear(&graph->dedup);
    RF_TRY(rf_bigraph_sort(graph, err));
    RF_TRY(rf_state_write(file, graph, positions, true, err));

    RF_TRY(rf_bigraph_freeze(&view, graph, err));
    RF_TRY(write_features(file, view, pool, err));
    RF_TRY(write_window(file, view, err));
    RF_TRY(rf_h5_commit(file, err));
    *published = (rf_published){.users = view->adj.n_u,
                                .entities = view->adj.n_v,
                                .edges = view->adj.n_e,
                                .labels = view->known,
                                .labels_one = view->labelled,
                                .window_from_us = view->from_us,
                                .window_to_us = view->to_us};
done:
    rf_window_view_free(view);
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
