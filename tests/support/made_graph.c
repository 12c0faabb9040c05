/* made_graph.c - see made_graph.h. */
#include "made_graph.h"

#include "rf_check.h"

#include "rf_rng.h"

static void *zeroed(int64_t n, size_t size)
{
    void *block = rf_mem_zero((size_t)n, size, NULL);
    ck_assert_ptr_nonnull(block);
    return block;
}

static void set_texts(rf_texts *texts, const char *const *from, int64_t n)
{
    size_t bytes = 1;
    for (int64_t i = 0; i < n; i++)
        bytes += strlen(from[i]) + 1;
    rf_texts_clear(texts);
    *texts = (rf_texts){.n = n, .at = zeroed(n + 1, sizeof *texts->at), .bytes = zeroed((int64_t)bytes, 1)};
    for (int64_t i = 0; i < n; i++) {
        memcpy(texts->bytes + texts->at[i], from[i], strlen(from[i]) + 1);
        texts->at[i + 1] = texts->at[i] + (int64_t)strlen(from[i]) + 1;
    }
}

void made_graph_set_ids(rf_graph_side *side, const char *const *ids)
{
    set_texts(&side->id, ids, side->n);
}

void made_graph_set_names(rf_graph_side *side, const char *const *names)
{
    set_texts(&side->feature_names, names, side->d);
}

static void number_texts(rf_texts *texts, const char *prefix, int64_t n)
{
    char(*names)[32] = zeroed(n, sizeof *names);
    const char **list = zeroed(n, sizeof *list);
    for (int64_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "%s%lld", prefix, (long long)i);
        list[i] = names[i];
    }
    set_texts(texts, list, n);
    rf_mem_free(list);
    rf_mem_free(names);
}

static void fill_side(rf_graph_side *side, int64_t n, int d, const char *column, const char *id, rf_rng *rng)
{
    side->n = n;
    side->d = d;
    side->x = zeroed(n * d, sizeof *side->x);
    side->y = zeroed(n, 1);
    side->fraud_type = zeroed(n, sizeof *side->fraud_type);
    number_texts(&side->feature_names, column, d);
    if (id != NULL)
        number_texts(&side->id, id, n);
    for (int64_t i = 0; i < n * d; i++)
        side->x[i] = (rf_real)rf_rng_normal(rng);
    for (int64_t i = 0; i < n; i++) {
        side->y[i] = rf_rng_below(rng, 5) == 0;
        side->fraud_type[i] = side->y[i] ? (uint16_t)(1 + rf_rng_below(rng, 2)) : 0;
    }
}

static int by_pair(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void fill_edges(rf_adj *adj, made_shape shape, rf_rng *rng)
{
    uint64_t *pairs = zeroed(shape.n_e, sizeof *pairs);
    uint32_t *u = zeroed(shape.n_e, sizeof *u), *v = zeroed(shape.n_e, sizeof *v);
    for (int64_t i = 0; i < shape.n_e; i++)
        pairs[i] =
            (uint64_t)rf_rng_below(rng, (uint32_t)shape.n_u) << 32 | rf_rng_below(rng, (uint32_t)shape.n_v);
    qsort(pairs, (size_t)shape.n_e, sizeof *pairs, by_pair);
    for (int64_t i = 0; i < shape.n_e; i++) {
        u[i] = (uint32_t)(pairs[i] >> 32);
        v[i] = (uint32_t)pairs[i];
    }
    rf_err err = {0};
    ck_assert_msg(rf_adj_init(adj, shape.n_u, shape.n_v, shape.n_e, u, v, &err) == RF_OK, "%s", err.msg);
    rf_mem_free(pairs);
    rf_mem_free(u);
    rf_mem_free(v);
}

rf_graph *made_graph(made_shape shape)
{
    static const char *const types[] = {"", "ring", "bot"};
    rf_graph *graph = zeroed(1, sizeof *graph);
    rf_rng rng;
    rf_rng_init(&rng, shape.seed, 0);
    fill_side(&graph->side[RF_USER], shape.n_u, shape.d_u, "u_", "user-", &rng);
    fill_side(&graph->side[RF_ENTITY], shape.n_v, shape.d_v, "v_", "shop-", &rng);
    fill_side(&graph->side[RF_EDGE], shape.n_e, shape.d_e, "e_", NULL, &rng);
    fill_edges(&graph->adj, shape, &rng);
    set_texts(&graph->fraud_types, types, 3);
    graph->window_from_us = INT64_C(1522540800000000);
    graph->window_to_us = INT64_C(1525132800000000);
    return graph;
}

rf_graph *made_graph_of_kinds(const made_shape *shapes, int n_kinds)
{
    static const char *const names[] = {"shop", "device", "card", "ip"};
    ck_assert_int_le(n_kinds, 4);
    rf_graph *graph = made_graph(shapes[0]);
    graph->kinds.n = n_kinds;
    for (int k = 0; k < n_kinds; k++)
        snprintf(graph->kinds.name[k], RF_KIND_NAME, "%s", names[k]);
    for (int k = 1; k < n_kinds; k++) {
        made_shape shape = shapes[k];
        char id[RF_KIND_NAME + 1];
        rf_rng rng;
        shape.n_u = shapes[0].n_u;
        rf_rng_init(&rng, shape.seed, (uint64_t)k);
        snprintf(id, sizeof id, "%s-", names[k]);
        fill_side(&graph->side[rf_entity_side(k)], shape.n_v, shape.d_v, "v_", id, &rng);
        fill_side(&graph->side[rf_edge_side(k)], shape.n_e, shape.d_e, "e_", NULL, &rng);
        fill_edges(&graph->other_adj[k - 1], shape, &rng);
    }
    return graph;
}

rf_graph *made_graph_of(rf_adj adj)
{
    rf_graph *graph = zeroed(1, sizeof *graph);
    graph->side[RF_USER].n = adj.n_u;
    graph->side[RF_ENTITY].n = adj.n_v;
    graph->side[RF_EDGE].n = adj.n_e;
    number_texts(&graph->side[RF_USER].id, "user-", adj.n_u);
    number_texts(&graph->side[RF_ENTITY].id, "shop-", adj.n_v);
    graph->adj = adj;
    return graph;
}

static rf_real *near(const rf_real *x, int64_t n, rf_rng *rng)
{
    rf_real *out = zeroed(n, sizeof *out);
    for (int64_t i = 0; i < n; i++)
        out[i] = (x != NULL ? x[i] : 0) + (rf_real)(0.5 * rf_rng_normal(rng));
    return out;
}

static rf_real *uniform(int64_t n, rf_rng *rng)
{
    rf_real *out = zeroed(n, sizeof *out);
    for (int64_t i = 0; i < n; i++)
        out[i] = (rf_real)rf_rng_uniform(rng);
    return out;
}

rf_outputs *made_outputs(const rf_graph *graph, uint64_t seed)
{
    rf_outputs *out = zeroed(1, sizeof *out);
    rf_rng rng;
    rf_rng_init(&rng, seed, 1);
    out->xu = near(graph->side[RF_USER].x, graph->side[RF_USER].n * graph->side[RF_USER].d, &rng);
    out->xv = near(graph->side[RF_ENTITY].x, graph->side[RF_ENTITY].n * graph->side[RF_ENTITY].d, &rng);
    out->xe = near(graph->side[RF_EDGE].x, graph->side[RF_EDGE].n * graph->side[RF_EDGE].d, &rng);
    out->latent_u = 3;
    out->latent_v = 2;
    out->zu = near(NULL, graph->side[RF_USER].n * 3, &rng);
    out->zv = near(NULL, graph->side[RF_ENTITY].n * 2, &rng);
    out->eprob = uniform(graph->side[RF_EDGE].n, &rng);
    for (int k = 1; k < rf_kinds_n(&graph->kinds); k++) {
        const rf_graph_side *v = &graph->side[rf_entity_side(k)], *e = &graph->side[rf_edge_side(k)];
        rf_rng_init(&rng, seed, (uint64_t)k + 1);
        out->other[k - 1] = (rf_kind_outputs){.xv = near(v->x, v->n * v->d, &rng),
                                              .xe = near(e->x, e->n * e->d, &rng),
                                              .zv = near(NULL, v->n * 2, &rng),
                                              .eprob = uniform(e->n, &rng)};
    }
    return out;
}

void made_outputs_free(rf_outputs *outputs)
{
    if (outputs != NULL)
        rf_outputs_clear(outputs);
    rf_mem_free(outputs);
}
