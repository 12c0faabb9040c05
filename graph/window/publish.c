/* publish.c - a finished build becomes graph.h5: state, features, ids, edges, truth, in one rename.
 *
 * Written in the order in which memory can be given back: recent event ids first, then the sorted state, and
 * only then the window's arrays and the feature matrices. docs/FORMATS.md describes every dataset.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bigraph_int.h"
#include "publish_int.h"
#include "rf_mem.h"
#include "rows_int.h"

typedef struct side_output {
    rf_h5 *file;
    char side; /* 'u', 'v', 'e' */
} side_output;

static const char *object(char out[40], const side_output *to, const char *name)
{
    snprintf(out, 40, "/%c/%s", to->side, name);
    return out;
}

/* ---- features ---- */

static rf_status write_columns(const side_output *to, const rf_feature_matrix *m, rf_err *err)
{
    rf_status st = RF_OK;
    char name[40];
    int64_t columns[1] = {m->d}, dropped[1] = {m->n_dropped};
    RF_TRY(rf_h5_write_texts(to->file, object(name, to, "feature_names"), (const char *const *)m->name, m->d,
                             err));
    RF_TRY(rf_h5_write(to->file, object(name, to, "mean"), RF_H5_F32, 1, columns, m->mean, err));
    RF_TRY(rf_h5_write(to->file, object(name, to, "scale"), RF_H5_F32, 1, columns, m->scale, err));
    RF_TRY(rf_h5_write(to->file, object(name, to, "transform"), RF_H5_U8, 1, columns, m->transform, err));
    RF_TRY(rf_h5_write_texts(to->file, object(name, to, "dropped"), (const char *const *)m->dropped,
                             m->n_dropped, err));
    RF_TRY(rf_h5_write(to->file, object(name, to, "dropped_value"), RF_H5_F32, 1, dropped, m->dropped_value,
                       err));
done:
    return st;
}

static rf_status write_matrix(const side_output *to, const rf_feature_matrix *m, rf_err *err)
{
    rf_status st = RF_OK;
    char name[40];
    int64_t shape[2] = {m->n, m->d};
    RF_TRY(rf_h5_write(to->file, object(name, to, "x"), RF_H5_F32, 2, shape, m->x, err));
    RF_TRY(write_columns(to, m, err));
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

static rf_status write_features(rf_h5 *file, const rf_window_view *view, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_feature_matrix u = {0}, v = {0}, e = {0};
    RF_TRY(rf_features_stream(&u, &v, &e, write_edge_rows, file, view, pool, err));
    RF_TRY(write_matrix(&(side_output){file, 'u'}, &u, err));
    RF_TRY(write_matrix(&(side_output){file, 'v'}, &v, err));
    RF_TRY(write_columns(&(side_output){file, 'e'}, &e, err));
done:
    rf_feature_matrix_clear(&u);
    rf_feature_matrix_clear(&v);
    rf_feature_matrix_clear(&e);
    return st;
}

/* ---- edges, activity, ids ---- */

static rf_status write_column(const side_output *to, const char *what, rf_h5_type type, int64_t n,
                              const void *data, rf_err *err)
{
    char name[40];
    if (data == NULL)
        return RF_OK;
    return rf_h5_write(to->file, object(name, to, what), type, 1, &n, data, err);
}

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

/* node_of_edge NULL: of the edges themselves, counted as they are written; else of its nodes, counted before.
 */
typedef struct activities {
    const rf_window_view *view;
    activity *of; /* [n], NULL: of the edges */
    int64_t n;
} activities;

static rf_status count_nodes(activities *out, int64_t n, const rf_window_view *view,
                             const uint32_t *node_of_edge, rf_err *err)
{
    *out = (activities){.view = view, .n = n, .of = rf_mem_zero((size_t)n, sizeof *out->of, err)};
    if (out->of == NULL)
        return RF_E_NOMEM;
    for (int64_t e = 0; e < view->adj.n_e; e++) {
        activity edge = edge_activity(view, e);
        add_activity(&out->of[node_of_edge[e]], &edge);
    }
    return RF_OK;
}

static rf_status write_activity(const side_output *to, const activities *rows, rf_err *err)
{
    rf_status st = RF_OK;
    static const char *const names[3] = {"count", "first_time", "last_time"};
    char full[40];
    rf_rows out = {0};
    for (int k = 0; k < 3; k++) {
        RF_TRY(rf_rows_begin(&out, to->file, object(full, to, names[k]), RF_H5_I64, rows->n, 0, err));
        for (int64_t r = 0; r < rows->n; r++) {
            activity a = rows->of == NULL ? edge_activity(rows->view, r) : rows->of[r];
            RF_TRY(rf_rows_put(&out, k == 0 ? &a.count : k == 1 ? &a.first_us : &a.last_us, err));
        }
        RF_TRY(rf_rows_end(&out, err));
        rf_rows_clear(&out);
    }
done:
    rf_rows_clear(&out);
    return st;
}

typedef struct id_context {
    const rf_window_view *view;
    char text[RF_MAX_ID_BYTES + 1];
} id_context;

static const char *event_id_at(void *context, int64_t e)
{
    id_context *c = context;
    const rf_store *store = &((const rf_bigraph *)c->view->store)->store;
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

static bool any_event_id(const rf_window_view *view)
{
    id_context context = {.view = view};
    if (view->options->granularity != RF_GRANULARITY_EVENT)
        return false;
    for (int64_t e = 0; e < view->adj.n_e; e++) {
        if (event_id_at(&context, e)[0] != '\0')
            return true;
    }
    return false;
}

static rf_status write_ids(rf_h5 *file, const rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    id_context context = {.view = view};
    RF_TRY(rf_h5_write_texts(file, "/u/id", view->u_id, view->adj.n_u, err));
    RF_TRY(rf_h5_write_texts(file, "/v/id", view->v_id, view->adj.n_v, err));
    if (any_event_id(view))
        RF_TRY(rf_h5_write_texts_from(file, "/e/id", view->adj.n_e, event_id_at, &context, err));
done:
    return st;
}

static rf_status write_side(const side_output *to, const activities *rows, const uint8_t *y,
                            const uint16_t *fraud, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(write_activity(to, rows, err));
    RF_TRY(write_column(to, "y", RF_H5_U8, rows->n, y, err));
    RF_TRY(write_column(to, "fraud_type", RF_H5_U16, rows->n, fraud, err));
done:
    return st;
}

static rf_status write_sides(rf_h5 *file, const rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &view->adj;
    activities rows = {.view = view, .n = adj->n_e};
    RF_TRY(write_side(&(side_output){file, 'e'}, &rows, view->e_y, view->e_fraud, err));
    RF_TRY(count_nodes(&rows, adj->n_u, view, adj->e_u, err));
    RF_TRY(write_side(&(side_output){file, 'u'}, &rows, view->u_y, view->u_fraud, err));
    rf_mem_free(rows.of);
    RF_TRY(count_nodes(&rows, adj->n_v, view, adj->e_v, err));
    RF_TRY(write_side(&(side_output){file, 'v'}, &rows, view->v_y, view->v_fraud, err));
done:
    rf_mem_free(rows.of);
    return st;
}

static rf_status write_window(rf_h5 *file, const rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &view->adj;
    const side_output e = {file, 'e'};
    bool events = view->options->granularity == RF_GRANULARITY_EVENT;
    RF_TRY(write_column(&e, "u", RF_H5_U32, adj->n_e, adj->e_u, err));
    RF_TRY(write_column(&e, "v", RF_H5_U32, adj->n_e, adj->e_v, err));
    RF_TRY(write_sides(file, view, err));
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

static rf_status write_state(rf_h5 *file, rf_bigraph *graph, const rf_positions *positions, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_bigraph_flush(graph, err));
    rf_bigraph_sort_dedup(graph);
    RF_TRY(rf_state_write_dedup(file, graph, err));
    rf_dedup_clear(&graph->dedup);
    RF_TRY(rf_bigraph_sort(graph, err));
    RF_TRY(rf_state_write(file, graph, positions, true, err));
done:
    return st;
}

rf_status rf_bigraph_publish(rf_bigraph *graph, const char *path, const rf_positions *positions,
                             rf_pool *pool, rf_published *published, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_window_view *view = NULL;
    char *building = rf_building_path(path, err);
    if (building == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_bigraph_check_unspent(graph, err));
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_format(file, RF_GRAPH_FORMAT, 1, err));
    RF_TRY(write_state(file, graph, positions, err));
    RF_TRY(rf_bigraph_freeze(&view, graph, err));
    RF_TRY(write_features(file, view, pool, err));
    RF_TRY(write_window(file, view, err));
    RF_TRY(rf_h5_commit(file, err));
    unlink(building); /* one that stays behind is older, and leads to the same graph again */
    *published = (rf_published){.users = view->adj.n_u,
                                .entities = view->adj.n_v,
                                .edges = view->adj.n_e,
                                .window_from_us = view->from_us,
                                .window_to_us = view->to_us};
done:
    rf_window_view_free(view);
    rf_h5_close(&file);
    rf_mem_free(building);
    return st;
}
