/* bench_shape.h - the shapes of graph that benchmarks of the model run on, and seeded random graphs of them.
 *
 * Entities have a long tail: an entity's share of the edges falls like 1 / sqrt(rank). Features are normal
 * numbers. scripts/bench.sh runs the shapes, docs/PERFORMANCE.md lists them.
 */
#ifndef BENCH_SHAPE_H
#define BENCH_SHAPE_H

#include "rf_graph.h"
#include "rf_graphbean.h"

typedef struct bench_shape {
    const char *name;
    int64_t n_u, n_v, n_e;
    int d_u, d_v, d_e;
} bench_shape;

#define BENCH_USUAL 3 /* the first ones, which are measured where none is named */
#define BENCH_SHAPES 9
extern const bench_shape bench_shapes[BENCH_SHAPES];
/* NULL: there is none of that name. */
const bench_shape *bench_shape_find(const char *name);

/* The graph, always the same. Several kinds share the shape's entities and edges equally. Ends the program
 * where memory is refused. Cleared by bench_graph_clear. */
void bench_graph_make(rf_graph *out, const bench_shape *shape, int kinds);
void bench_graph_clear(rf_graph *graph);
/* Bytes of its features and of its edges' two ends. */
int64_t bench_graph_bytes(const rf_graph *graph);
/* Writes a graph of one kind as graph.h5 at path: features and edges alone. */
RF_MUST_CHECK rf_status bench_graph_write(const rf_graph *graph, const char *path, rf_err *err);

/* The model that `ringfence train` makes of such a graph by default. */
rf_graphbean_shape bench_model_shape(const rf_graph *graph);

/* Ends the program with err's message. */
_Noreturn void bench_die(const rf_err *err);
/* As the command does: OpenBLAS chooses its kernels when it is loaded, and does not know newer processors.
 * Starts the program again where others are better, unless OPENBLAS_CORETYPE is set. */
void bench_choose_core(char **argv);

#endif
