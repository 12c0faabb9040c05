/* applied.c - see applied.h. */
#include "applied.h"

#include "rf_check.h"
#include "rf_mem.h"

static rf_real *block(int64_t n)
{
    rf_err err = {0};
    rf_real *x = rf_mem_new((size_t)n, sizeof *x, &err);
    ck_assert_ptr_nonnull(x);
    return x;
}

void applied_init(applied *a, rf_graph *graph, const rf_graphbean_shape *shape, rf_hidden_edges hidden_edges,
                  int threads, bool frozen, bool is_matrix)
{
    rf_err err = {0};
    *a = (applied){.graph = graph};
    RF_CHECK_OK(err, rf_pool_new(&a->pool, threads, &err));
    RF_CHECK_OK(err, rf_graphbean_new(&a->net, shape, false, &err));
    RF_CHECK_OK(err, rf_graphbean_initialise(a->net, RF_INIT_KAIMING_UNIFORM, 9, &err));
    rf_graphbean_input input = rf_graphbean_input_of(graph);
    input.hidden_edges = hidden_edges;
    rf_outputs *o = &a->outputs;
    *o = (rf_outputs){.latent_u = shape->latent[RF_USER], .latent_v = shape->latent[RF_ENTITY]};
    RF_CHECK_OK(err, rf_workspace_new(&o->maker, a->net, &input, RF_USE_APPLY, a->pool, &err));
    rf_graphbean_output output = {0};
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        const rf_graph_side *side = &graph->side[s];
        const bool is_edge = rf_side_role(s) == RF_EDGE;
        output.x[s] = !is_edge || is_matrix ? block(side->n * side->d) : NULL;
        output.z[s] = block(side->n * (is_edge ? 1 : shape->latent[rf_side_role(s)]));
    }
    o->xu = output.x[RF_USER];
    o->zu = output.z[RF_USER];
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        const rf_side v = rf_entity_side(k), e = rf_edge_side(k);
        const rf_kind_outputs of = {output.x[v], output.x[e], output.z[v], output.z[e]};
        if (k > 0)
            o->other[k - 1] = of;
        else
            o->xv = of.xv, o->xe = of.xe, o->zv = of.zv, o->eprob = of.eprob;
    }
    rf_graphbean_forward(o->maker, frozen, &output);
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++)
        rf_graphbean_pairs(output.z[rf_edge_side(k)], o->maker, k, rf_graph_adj(graph, k)->e_u,
                           rf_graph_adj(graph, k)->e_v, rf_graph_adj(graph, k)->n_e);
}

void applied_clear(applied *a)
{
    rf_outputs_clear(&a->outputs);
    rf_graphbean_free(a->net);
    rf_pool_free(a->pool);
    *a = (applied){0};
}
