/* model.c - a trained model as scoring sees it: loaded, named, and applied to a graph. */
#include "rf_model.h"

#include <string.h>

#include "checkpoint_int.h"
#include "columns_int.h"
#include "rf_mem.h"
#include "rf_memory_plan.h"

struct rf_model {
    rf_graphbean *net;
    rf_model_columns columns;
    char id[17];
    int64_t trained_at_us;
};

rf_status rf_model_read(rf_model **out, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    rf_model *model = NULL;

    RF_TRY(rf_h5_check_format(file, RF_MODEL_FORMAT, RF_MODEL_VERSION, "/model", err));
    RF_ZERO(model, 1, err);
    RF_TRY(rf_checkpoint_read_model(&model->net, file, false, 0, err));
    RF_TRY(rf_model_columns_read(&model->columns, file, rf_graphbean_shape_get(model->net), err));
    RF_TRY(rf_h5_read_created_at(file, &model->trained_at_us, err));
    rf_checkpoint_model_id(model->id, model->net);
    *out = model;
    model = NULL;
done:
    rf_model_free(model);
    return st;
}

rf_status rf_model_load(rf_model **out, const char *path, rf_err *err)
{
    rf_h5 *file = NULL;
    rf_status st = rf_h5_open(&file, path, err);
    if (st >= 0)
        st = rf_model_read(out, file, err);
    rf_h5_close(&file);
    return st;
}

void rf_model_free(rf_model *model)
{
    if (model == NULL)
        return;
    rf_graphbean_free(model->net);
    rf_model_columns_clear(&model->columns);
    rf_mem_free(model);
}

rf_status rf_model_plan(rf_memory_plan out[RF_APPLY_STAGES], const rf_model *model, const rf_graph_size *size,
                        int threads, rf_err *err)
{
    return rf_plan_apply(out, size, model->net, threads, err);
}

const rf_graphbean_shape *rf_model_shape(const rf_model *model)
{
    return rf_graphbean_shape_get(model->net);
}

const char *rf_model_id(const rf_model *model)
{
    return model->id;
}

int64_t rf_model_trained_at_us(const rf_model *model)
{
    return model->trained_at_us;
}

rf_status rf_model_align(rf_aligned *out, const rf_model *model, const rf_graph *graph, bool frozen,
                         rf_pool *pool, rf_err *err)
{
    return rf_columns_align(out, &model->columns, rf_graphbean_shape_get(model->net), graph, frozen, pool,
                            err);
}

static rf_status new_matrix(rf_real **out, int64_t n, int d, rf_err *err)
{
    size_t size;
    if (!rf_mul_size(&size, (size_t)n, (size_t)d))
        size = SIZE_MAX;
    *out = rf_mem_new(size, sizeof **out, err);
    return *out == NULL ? RF_E_NOMEM : RF_OK;
}

/* Where the outputs of a side lie: z of edges is their probability. */
typedef struct places {
    rf_real **x, **z;
} places;

static places places_of(rf_outputs *out, rf_side side)
{
    const int kind = rf_side_kind(side);
    rf_kind_outputs *other = kind > 0 ? &out->other[kind - 1] : NULL;
    if (side == RF_USER)
        return (places){&out->xu, &out->zu};
    if (rf_side_role(side) == RF_ENTITY)
        return other == NULL ? (places){&out->xv, &out->zv} : (places){&other->xv, &other->zv};
    return other == NULL ? (places){&out->xe, &out->eprob} : (places){&other->xe, &other->eprob};
}

static rf_status new_outputs(rf_outputs *out, const rf_graphbean_shape *shape, const rf_graph *graph,
                             rf_err *err)
{
    rf_status st = RF_OK;
    out->latent_u = shape->latent[RF_USER];
    out->latent_v = shape->latent[RF_ENTITY];
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++) {
        const bool is_edge = rf_side_role(side) == RF_EDGE;
        const int64_t n = graph->side[side].n;
        const places to = places_of(out, side);
        if (!is_edge || n <= RF_EDGES_KEPT)
            RF_TRY(new_matrix(to.x, n, shape->in[side], err));
        RF_TRY(new_matrix(to.z, n, is_edge ? 1 : shape->latent[rf_side_role(side)], err));
    }
done:
    return st;
}

rf_status rf_model_apply(rf_outputs *out, const rf_model *model, const rf_graph *graph, bool frozen,
                         rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int kinds = rf_kinds_n(&graph->kinds);
    rf_aligned seen = {0};
    rf_outputs made = {0};
    rf_graphbean_output output = {0};
    bool are_matrices = true;

    RF_TRY(rf_model_align(&seen, model, graph, frozen, pool, err));
    rf_graphbean_input input = rf_graphbean_input_of(graph); /* whose adjacency outlives this call */
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++)
        input.x[side] = seen.graph.side[side].x;
    RF_TRY(rf_workspace_new(&made.maker, model->net, &input, RF_USE_APPLY, pool, err));
    RF_TRY(new_outputs(&made, rf_graphbean_shape_get(model->net), graph, err));
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++) {
        const places to = places_of(&made, side);
        output.x[side] = *to.x;
        output.z[side] = *to.z;
        are_matrices = are_matrices && *to.x != NULL;
    }
    rf_graphbean_forward(made.maker, frozen, &output);
    for (int k = 0; k < kinds; k++)
        rf_graphbean_pairs(output.z[rf_edge_side(k)], made.maker, k, input.adj[k]->e_u, input.adj[k]->e_v,
                           input.adj[k]->n_e);
    if (are_matrices)
        rf_outputs_end_edges(&made);
    *out = made;
    made = (rf_outputs){0};
done:
    rf_outputs_clear(&made);
    rf_aligned_clear(&seen);
    return st;
}

rf_outputs rf_outputs_of_kind(const rf_outputs *outputs, int kind)
{
    rf_outputs view = *outputs;
    view.is_view = true;
    view.kind = outputs->kind + kind;
    memset(view.other, 0, sizeof view.other);
    if (kind > 0) {
        const rf_kind_outputs *of = &outputs->other[kind - 1];
        view.xv = of->xv;
        view.xe = of->xe;
        view.zv = of->zv;
        view.eprob = of->eprob;
    }
    return view;
}

rf_made_rows rf_outputs_rows(const rf_outputs *outputs, rf_side side, int64_t n, int d)
{
    const rf_outputs of = rf_outputs_of_kind(outputs, rf_side_kind(side));
    const rf_real *const x[RF_SIDES] = {of.xu, of.xv, of.xe};
    const rf_side role = rf_side_role(side);
    rf_made_rows rows = rf_made_rows_of(x[role], n, d);
    if (role == RF_EDGE) {
        rows.maker = of.maker;
        rows.kind = of.kind;
    }
    return rows;
}

void rf_outputs_end_edges(rf_outputs *outputs)
{
    if (!outputs->is_view)
        rf_workspace_free(outputs->maker);
    outputs->maker = NULL;
}

void rf_outputs_clear(rf_outputs *outputs)
{
    rf_outputs_end_edges(outputs);
    for (int k = 0; k < RF_KINDS_MOST - 1 && !outputs->is_view; k++) {
        rf_kind_outputs *of = &outputs->other[k];
        rf_mem_free(of->xv);
        rf_mem_free(of->xe);
        rf_mem_free(of->zv);
        rf_mem_free(of->eprob);
    }
    if (!outputs->is_view) {
        rf_mem_free(outputs->xu);
        rf_mem_free(outputs->xv);
        rf_mem_free(outputs->xe);
        rf_mem_free(outputs->zu);
        rf_mem_free(outputs->zv);
        rf_mem_free(outputs->eprob);
    }
    *outputs = (rf_outputs){0};
}
