/* measure.c - makes the features of a graph as publishing does, and keeps nothing but their number. */
#include "rf_measure.h"

#include "features_int.h"
#include "window_int.h"

static rf_status pass_over(void *context, const rf_feature_matrix *head, int64_t from, int64_t n,
                           const float *rows, rf_err *err)
{
    (void)context;
    (void)head;
    (void)from;
    (void)n;
    (void)rows;
    (void)err;
    return RF_OK;
}

rf_status rf_bigraph_measure(rf_graph_size *out, rf_bigraph *graph, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_window_view *view = NULL;
    rf_feature_matrix made[RF_SIDES] = {{0}};
    RF_TRY(rf_bigraph_freeze(&view, graph, err));
    RF_TRY(rf_features_stream(made, pass_over, NULL, view, pool, err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        out->n[s] = made[s].n;
        out->d[s] = made[s].d;
    }
done:
    for (rf_side s = 0; s < RF_SIDES; s++)
        rf_feature_matrix_clear(&made[s]);
    rf_window_view_free(view);
    return st;
}
