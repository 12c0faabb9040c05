/* memory_plan.c - adds up what a step will hold: see rf_memory_plan.h. */
#include "rf_memory_plan.h"

#include "graphbean_int.h"
#include "rf_linalg.h"
#include "rf_mem.h"

#define PACKED ((int64_t)1 << 20)    /* of a BLAS buffer: what products as tall and thin as ours use */
#define LIBRARIES ((int64_t)1 << 20) /* pages of HDF5 and BLAS that come into memory at work */

#define ACTIVITY ((int64_t)3 * 8) /* of a row: count, first and last time */
#define ID ((int64_t)24)          /* of a node: its place, and a text of usual length */

static int64_t at_most(size_t bytes)
{
    return bytes > INT64_MAX / 8 ? INT64_MAX / 8 : (int64_t)bytes;
}

/* The rows of a side take what they add to the sides before them: edges, users, entities. is_kept: of what
 * forward leaves. */
static rf_status add_workspace(rf_memory_plan *plan, rf_graphbean *model, const rf_workspace_form *form,
                               bool is_kept, rf_err *err)
{
    static const rf_side order[] = {RF_EDGE, RF_USER, RF_ENTITY};
    rf_status st = RF_OK;
    int64_t n[RF_SIDES_MOST] = {0};
    size_t whole, kept, bytes, before;
    RF_TRY(rf_workspace_bytes(&whole, &kept, model, n, form, err));
    before = is_kept ? kept : whole;
    plan->fixed += at_most(before);
    for (int i = 0; i < RF_SIDES; i++) {
        for (rf_side side = order[i]; side < (order[i] == RF_USER ? 1 : model->n_sides); side += 2) {
            n[side] = plan->size.n[side];
            RF_TRY(rf_workspace_bytes(&whole, &kept, model, n, form, err));
            bytes = is_kept ? kept : whole;
            plan->rows[side] += at_most(bytes) - at_most(before);
            before = bytes;
        }
    }
done:
    return st;
}

/* Features and both directions of the adjacency. */
static void add_graph(rf_memory_plan *plan, bool is_narrow)
{
    const rf_graph_size *size = &plan->size;
    const int kinds = rf_kinds_n(&size->kinds);
    for (rf_side side = 0; side < rf_sides(&size->kinds); side++) {
        const rf_side role = rf_side_role(side);
        const int64_t places = role == RF_EDGE ? 3 * (int64_t)sizeof(uint32_t) : (int64_t)sizeof(int64_t);
        const size_t bytes = role == RF_EDGE && is_narrow ? sizeof(rf_bf16) : sizeof(rf_real);
        plan->rows[side] += size->n[side] * size->d[side] * (int64_t)bytes;
        plan->rows[side] += size->n[side] * places * (role == RF_USER ? kinds : 1);
    }
}

static int64_t parameter_bytes(const rf_graphbean *model)
{
    return (int64_t)((model->n_params + model->n_running) * sizeof(rf_real));
}

rf_status rf_plan_train(rf_memory_plan *out, const rf_graph_size *size, const rf_train_options *options,
                        int threads, rf_err *err)
{
    rf_status st = RF_OK;
    rf_memory_plan plan = {.size = *size, .reserved = threads * RF_LINALG_BUFFER};
    const rf_workspace_form form = {RF_USE_TRAIN, options->hidden_edges,
                                    options->precision == RF_PRECISION_BF16, threads};
    rf_graphbean_shape shape = rf_train_shape(&size->kinds, size->d, options);
    rf_graphbean *model = NULL;
    RF_TRY(rf_graphbean_new(&model, &shape, false, err));
    RF_TRY(add_workspace(&plan, model, &form, false, err));
    add_graph(&plan, form.is_narrow);
    /* the samplers' counters */
    plan.rows[RF_USER] += size->n[RF_USER] * rf_kinds_n(&size->kinds) * (int64_t)sizeof(uint32_t);
    /* values, gradients, both moments; a copy while they are saved */
    plan.fixed += 5 * parameter_bytes(model) + threads * PACKED + LIBRARIES;
    *out = plan;
done:
    rf_graphbean_free(model);
    return st;
}

static bool is_matrix(const rf_graph_size *size, rf_side edges)
{
    return size->n[edges] <= RF_EDGES_KEPT;
}

/* Numbers of a row that forward hands out. */
static int outputs_of(const rf_graph_size *size, const rf_graphbean_shape *shape, rf_side side)
{
    const rf_side role = rf_side_role(side);
    if (role == RF_EDGE)
        return 1 /* the probability */ + (is_matrix(size, side) ? shape->in[side] : 0);
    return shape->in[side] + shape->latent[role];
}

/* Outputs, and what the structure decoder needs, are reserved before the encoder runs, and used after it.
 * That has room for the entities of one kind, the largest. */
static void use_later(rf_memory_plan *encoding, const rf_graphbean_shape *shape)
{
    const rf_graph_size *size = &encoding->size;
    const int mlp = shape->edge_latent * (shape->layers_mlp < 2 ? shape->layers_mlp : 2);
    rf_side largest = RF_ENTITY;
    for (rf_side side = RF_ENTITY; side < rf_sides(&size->kinds); side += 2)
        largest = size->n[side] > size->n[largest] ? side : largest;
    for (rf_side side = 0; side < rf_sides(&size->kinds); side++) {
        const rf_side role = rf_side_role(side);
        int later = outputs_of(size, shape, side);
        if (role != RF_EDGE) /* latents are there already */
            later += (side == RF_USER || side == largest ? mlp : 0) - shape->latent[role];
        const int64_t bytes = size->n[side] * later * (int64_t)sizeof(rf_real);
        encoding->rows[side] -= bytes;
        encoding->reserved += bytes;
    }
}

rf_status rf_plan_apply(rf_memory_plan out[RF_APPLY_STAGES], const rf_graph_size *size, rf_graphbean *net,
                        int threads, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graphbean_shape *shape = rf_graphbean_shape_get(net);
    const rf_workspace_form form = {.use = RF_USE_APPLY, .threads = threads};
    bool are_matrices = true;
    rf_memory_plan base = {.size = *size, .reserved = threads * RF_LINALG_BUFFER};
    RF_TRY(rf_graphbean_check_kinds(shape, &size->kinds, err));
    add_graph(&base, false);
    for (rf_side side = 0; side < rf_sides(&size->kinds); side++) {
        const bool is_edge = rf_side_role(side) == RF_EDGE;
        base.rows[side] += size->n[side] * outputs_of(size, shape, side) * (int64_t)sizeof(rf_real);
        base.rows[side] += size->n[side] * (ACTIVITY + (is_edge ? 0 : ID));
        are_matrices = are_matrices && (!is_edge || is_matrix(size, side));
    }
    base.fixed += threads * PACKED + LIBRARIES;
    for (rf_apply_stage stage = 0; stage < RF_APPLY_STAGES; stage++)
        out[stage] = base;
    RF_TRY(add_workspace(&out[RF_ENCODING], net, &form, false, err));
    use_later(&out[RF_ENCODING], shape);
    RF_TRY(add_workspace(&out[RF_RECONSTRUCTING], net, &form, true, err));
    if (!are_matrices)
        RF_TRY(add_workspace(&out[RF_READING_EDGES], net, &form, true, err));
done:
    return st;
}

int64_t rf_memory_plan_bytes(const rf_memory_plan *plan)
{
    int64_t sum = plan->fixed;
    for (rf_side side = 0; side < rf_sides(&plan->size.kinds); side++)
        sum += plan->rows[side];
    return sum;
}

void rf_memory_plan_raise(rf_memory_plan *most, const rf_memory_plan *stage)
{
    const int64_t used[2] = {rf_memory_plan_bytes(most), rf_memory_plan_bytes(stage)};
    const int64_t all[2] = {used[0] + most->reserved, used[1] + stage->reserved};
    if (used[1] > used[0])
        *most = *stage;
    most->reserved = (all[1] > all[0] ? all[1] : all[0]) - (used[1] > used[0] ? used[1] : used[0]);
}
