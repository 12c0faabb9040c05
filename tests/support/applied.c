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

void applied_init(applied *a, rf_graph *graph, const rf_graphbean_shape *shape, int threads, bool frozen,
                  bool is_matrix)
{
    rf_err err = {0};
    const rf_graph_side *u = &graph->side[RF_USER], *v = &graph->side[RF_ENTITY], *e = &graph->side[RF_EDGE];
    *a = (applied){.graph = graph};
    RF_CHECK_OK(err, rf_pool_new(&a->pool, threads, &err));
    RF_CHECK_OK(err, rf_graphbean_new(&a->net, shape, false, &err));
    RF_CHECK_OK(err, rf_graphbean_initialise(a->net, RF_INIT_KAIMING_UNIFORM, 9, &err));
    const rf_graphbean_input input = rf_graphbean_input_of(graph);
    rf_outputs *o = &a->outputs;
    *o = (rf_outputs){.latent_u = shape->latent[RF_USER], .latent_v = shape->latent[RF_ENTITY]};
    RF_CHECK_OK(err, rf_workspace_new(&o->maker, a->net, &input, RF_USE_APPLY, a->pool, &err));
    o->xu = block(u->n * u->d);
    o->xv = block(v->n * v->d);
    o->xe = is_matrix ? block(e->n * e->d) : NULL;
    o->zu = block(u->n * o->latent_u);
    o->zv = block(v->n * o->latent_v);
    o->eprob = block(e->n);
    const rf_graphbean_output output = {.x = {o->xu, o->xv, o->xe}, .z = {o->zu, o->zv}};
    rf_graphbean_forward(o->maker, frozen, &output);
    rf_graphbean_pairs(o->eprob, o->maker, 0, graph->adj.e_u, graph->adj.e_v, e->n);
}

void applied_clear(applied *a)
{
    rf_outputs_clear(&a->outputs);
    rf_graphbean_free(a->net);
    rf_pool_free(a->pool);
    *a = (applied){0};
}
