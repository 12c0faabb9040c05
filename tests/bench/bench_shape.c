/* bench_shape.c - see bench_shape.h. */
#include "bench_shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rf_linalg.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_train.h"

const bench_shape bench_shapes[BENCH_SHAPES] = {
    {"wiki", 8227, 1000, 18257, 174, 174, 345},         {"fdh", 4959, 10000, 181969, 20, 20, 19},
    {"million", 300000, 30000, 1000000, 16, 16, 16},    {"foods", 256059, 74258, 560804, 11, 11, 384},
    {"grow-1", 100000, 10000, 1000000, 16, 16, 16}, /* the same, larger and larger */
    {"grow-3", 300000, 30000, 3000000, 16, 16, 16},     {"grow-10", 1000000, 100000, 10000000, 16, 16, 16},
    {"grow-30", 3000000, 300000, 30000000, 16, 16, 16}, {"hundred", 3000000, 300000, 100000000, 4, 4, 4},
};

const bench_shape *bench_shape_find(const char *name)
{
    for (int i = 0; i < BENCH_SHAPES; i++) {
        if (strcmp(bench_shapes[i].name, name) == 0)
            return &bench_shapes[i];
    }
    return NULL;
}

void bench_choose_core(char **argv)
{
    const char *better = rf_linalg_better_core();
    if (better != NULL && getenv("OPENBLAS_CORETYPE") == NULL && setenv("OPENBLAS_CORETYPE", better, 1) == 0)
        (void)execv("/proc/self/exe", argv);
}

_Noreturn void bench_die(const rf_err *err)
{
    fprintf(stderr, "benchmark: %s\n", err->msg);
    exit(1);
}

static void *block(int64_t n, size_t size)
{
    rf_err err = {0};
    void *out = rf_mem_new((size_t)n, size, &err);
    if (out == NULL)
        bench_die(&err);
    return out;
}

static void fill_side(rf_graph_side *side, int64_t n, int d, rf_rng *rng)
{
    side->n = n;
    side->d = d;
    side->x = block(n * d, sizeof *side->x);
    for (int64_t i = 0; i < n * d; i++)
        side->x[i] = (rf_real)rf_rng_normal(rng);
}

static int compare_pairs(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void make_edges(rf_adj *adj, int64_t n_u, int64_t n_v, int64_t n_e, rf_rng *rng)
{
    rf_err err = {0};
    uint64_t *pairs = block(n_e, sizeof *pairs);
    uint32_t *e_u = block(n_e, sizeof *e_u), *e_v = block(n_e, sizeof *e_v);
    for (int64_t e = 0; e < n_e; e++) {
        double tail = rf_rng_uniform(rng);
        pairs[e] = (uint64_t)rf_rng_below(rng, (uint32_t)n_u) << 32 | (uint64_t)(tail * tail * (double)n_v);
    }
    qsort(pairs, (size_t)n_e, sizeof *pairs, compare_pairs);
    for (int64_t e = 0; e < n_e; e++) {
        e_u[e] = (uint32_t)(pairs[e] >> 32);
        e_v[e] = (uint32_t)pairs[e];
    }
    if (rf_adj_init(adj, n_u, n_v, n_e, e_u, e_v, &err) < 0)
        bench_die(&err);
    rf_mem_free(pairs);
    rf_mem_free(e_u);
    rf_mem_free(e_v);
}

void bench_graph_make(rf_graph *out, const bench_shape *shape, int kinds)
{
    rf_rng rng;
    rf_rng_init(&rng, 1, 0);
    *out = (rf_graph){.kinds.n = kinds > 1 ? kinds : 0};
    for (int k = 0; k < kinds; k++) {
        (void)snprintf(out->kinds.name[k], RF_KIND_NAME, "kind%d", k);
        rf_adj *adj = k == 0 ? &out->adj : &out->other_adj[k - 1];
        make_edges(adj, shape->n_u, shape->n_v / kinds, shape->n_e / kinds, &rng);
    }
    fill_side(&out->side[RF_USER], shape->n_u, shape->d_u, &rng);
    for (int k = 0; k < kinds; k++) {
        const rf_adj *adj = rf_graph_adj(out, k);
        fill_side(&out->side[rf_entity_side(k)], adj->n_v, shape->d_v, &rng);
        fill_side(&out->side[rf_edge_side(k)], adj->n_e, shape->d_e, &rng);
    }
}

void bench_graph_clear(rf_graph *graph)
{
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++) {
        rf_mem_free(graph->side[side].x);
        rf_mem_free(graph->side[side].narrow);
    }
    rf_adj_clear(&graph->adj);
    for (int k = 1; k < graph->kinds.n; k++)
        rf_adj_clear(&graph->other_adj[k - 1]);
    *graph = (rf_graph){0};
}

int64_t bench_graph_bytes(const rf_graph *graph)
{
    int64_t bytes = 0;
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++)
        bytes += graph->side[side].n * graph->side[side].d * (int64_t)sizeof(rf_real);
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++)
        bytes += rf_graph_adj(graph, k)->n_e * 2 * (int64_t)sizeof(uint32_t);
    return bytes;
}

rf_status bench_graph_write(const rf_graph *graph, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    char name[RF_SIDE_PATH];
    RF_TRY(rf_h5_create_beside(&file, path, err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        const rf_graph_side *side = &graph->side[s];
        const int64_t dims[2] = {side->n, side->d};
        RF_TRY(
            rf_h5_write(file, rf_side_path(name, &graph->kinds, s, "x"), RF_H5_F32, 2, dims, side->x, err));
    }
    RF_TRY(rf_h5_write(file, "/e/u", RF_H5_U32, 1, &graph->adj.n_e, graph->adj.e_u, err));
    RF_TRY(rf_h5_write(file, "/e/v", RF_H5_U32, 1, &graph->adj.n_e, graph->adj.e_v, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

rf_graphbean_shape bench_model_shape(const rf_graph *graph)
{
    rf_train_options options;
    int columns[RF_SIDES_MOST];
    rf_train_options_default(&options);
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++)
        columns[side] = graph->side[side].d;
    return rf_train_shape(&graph->kinds, columns, &options);
}
