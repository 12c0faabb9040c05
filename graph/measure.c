/* measure.c - makes the features of a graph as publishing does, and keeps nothing but their number. */
#include "rf_measure.h"

#include "bigraph_int.h"
#include "features_int.h"
#include "window_int.h"

static rf_status begin_nothing(void *context, const rf_feature_matrix *head, rf_err *err)
{
    (void)context;
    (void)head;
    (void)err;
    return RF_OK;
}

static void put_nothing(void *context, int64_t from, int64_t n, const float *rows)
{
    (void)context;
    (void)from;
    (void)n;
    (void)rows;
}

static rf_status end_nothing(void *context, rf_err *err)
{
    (void)context;
    (void)err;
    return RF_OK;
}

static rf_status measure_kind(rf_graph_size *out, rf_bigraph *graph, const rf_window *window, int kind,
                              rf_users_of_kinds *kinds, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_window_view *view = NULL;
    rf_feature_matrix made[RF_SIDES] = {{0}};
    const rf_feature_sink nowhere = {.begin = begin_nothing, .put = put_nothing, .end = end_nothing};
    RF_TRY(rf_window_freeze(&view, window, graph, kind, err));
    RF_TRY(rf_features_stream(made, &nowhere, view, kinds, pool, err));
    for (rf_side s = kind == 0 ? RF_USER : RF_ENTITY; s < RF_SIDES; s++) {
        const rf_side to = s == RF_USER ? s : s + 2 * kind;
        out->n[to] = made[s].n;
        out->d[to] = made[s].d;
    }
done:
    for (rf_side s = 0; s < RF_SIDES; s++)
        rf_feature_matrix_clear(&made[s]);
    rf_window_view_free(view);
    return st;
}

rf_status rf_bigraph_measure(rf_graph_size *out, rf_bigraph *graph, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_window window = {0};
    rf_users_of_kinds kinds = {0};
    graph->pool = pool;
    RF_TRY(rf_window_find(&window, graph, err));
    out->kinds = graph->kinds;
    for (int k = 1; k <= graph->n_kinds; k++) /* the main kind comes last */
        RF_TRY(measure_kind(out, graph, &window, k % graph->n_kinds, &kinds, pool, err));
done:
    graph->pool = NULL;
    rf_users_of_kinds_clear(&kinds);
    rf_window_clear(&window);
    return st;
}
