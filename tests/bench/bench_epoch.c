/* bench_epoch.c - what an epoch of training and scoring cost, by shape of graph, beside what this machine can
 * do at the same time: one JSON line a shape and case.
 *
 *   bench_epoch [--threads N] [--epochs N] [--kinds N [--each]] [--no-score] [--bf16] [--kept | --remade]
 * [shape …] bench_epoch --plan [--bf16] [--kept | --remade] shape            the memory that training would
 * take bench_epoch --write FILE.h5 shape                                the graph as a file, for other
 * programs
 *
 * Shapes: bench_shape.h (default: all but foods). With several kinds each has its share of the shape's
 * entities and edges, so that the graph has as many of all kinds; with --each it has as many as the shape, as
 * where every event names all kinds. ns_per_edge says what an edge costs.
 *
 * Seconds are medians by the clock, `spread` is between their quartiles; cpu_seconds and cpu_spread are the
 * same of the process's time over all threads. --kept and --remade: train.hidden_edges. `bytes` and `flops`
 * are the least possible work (minimum_work.h); `triad` and `sgemm` what the machine does in a second
 * (roofline.h), `triad_cpu` and `sgemm_cpu` in a second of processor time, measured before and after. Case
 * `score` is the whole of rf_score_compute with the graph and the model in memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench_shape.h"
#include "checkpoint_int.h"
#include "minimum_work.h"
#include "rf_adam.h"
#include "rf_linalg.h"
#include "rf_mem.h"
#include "rf_memory_plan.h"
#include "rf_score.h"
#include "rf_time.h"
#include "rf_train.h"
#include "roofline.h"

#define MOST_RUNS 1000
#define NEGATIVES 5

typedef struct options {
    int threads, epochs, kinds;
    bool score, each, narrow, plan;
    rf_hidden_edges hidden_edges;
    const char *write;
    const bench_shape *shape[BENCH_SHAPES];
    bench_shape grown[BENCH_SHAPES]; /* with --each: as many entities and edges for each kind */
    int n_shapes;
} options;

/* ---- times ---- */

typedef struct times {
    double wall[MOST_RUNS], cpu[MOST_RUNS];
    int n;
    double wall_start, cpu_start;
} times;

static void start(times *t)
{
    t->wall_start = rf_monotonic_s();
    t->cpu_start = cpu_seconds();
}

static void stop(times *t)
{
    t->wall[t->n] = rf_monotonic_s() - t->wall_start;
    t->cpu[t->n++] = cpu_seconds() - t->cpu_start;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(times *t)
{
    qsort(t->wall, (size_t)t->n, sizeof *t->wall, compare_doubles);
    qsort(t->cpu, (size_t)t->n, sizeof *t->cpu, compare_doubles);
    printf("\"runs\":%d,\"seconds\":%.5f,\"spread\":%.5f,\"fastest\":%.5f,\"cpu_seconds\":%.5f,"
           "\"cpu_spread\":%.5f",
           t->n, t->wall[t->n / 2], t->wall[t->n * 3 / 4] - t->wall[t->n / 4], t->wall[0], t->cpu[t->n / 2],
           t->cpu[t->n * 3 / 4] - t->cpu[t->n / 4]);
}

/* ---- a graph, and a model in training on it ---- */

typedef struct bench {
    const options *options;
    const bench_shape *shape;
    rf_pool *pool;
    rf_graph graph;
    rf_loss_weights weights;
    uint32_t *drawn;
    rf_graphbean *model;
    rf_workspace *workspace;
    rf_adam adam;
    int64_t workspace_bytes;
    roofline roof;
} bench;

static void begin(bench *b)
{
    rf_err err = {0};
    bench_graph_make(&b->graph, b->shape, b->options->kinds);
    if (b->options->narrow && rf_graph_narrow_edges(&b->graph, &err) < 0)
        bench_die(&err);
    const rf_graphbean_shape shape = bench_model_shape(&b->graph);
    rf_graphbean_input input = rf_graphbean_input_of(&b->graph);
    input.hidden_edges = b->options->hidden_edges;
    b->weights.eta = 0.2;
    for (int k = 0; k < b->options->kinds; k++)
        b->weights.kind[k] = 1.0 / b->options->kinds;
    b->drawn = rf_mem_new((size_t)(b->graph.adj.n_u * b->options->kinds), sizeof *b->drawn, &err);
    if (b->drawn == NULL || rf_graphbean_new(&b->model, &shape, true, &err) < 0 ||
        rf_graphbean_initialise(b->model, RF_INIT_KAIMING_UNIFORM, 1, &err) < 0 ||
        rf_adam_init(&b->adam, b->model, &err) < 0)
        bench_die(&err);
    b->workspace_bytes = -rf_mem_stats_get().live_bytes;
    if (rf_workspace_new(&b->workspace, b->model, &input, RF_USE_TRAIN, b->pool, &err) < 0)
        bench_die(&err);
    b->workspace_bytes += rf_mem_stats_get().live_bytes;
}

static void end(bench *b)
{
    rf_workspace_free(b->workspace);
    rf_adam_clear(&b->adam);
    rf_graphbean_free(b->model);
    bench_graph_clear(&b->graph);
    rf_mem_free(b->drawn);
}

/* One epoch; returns its loss. */
static double step(bench *b, int epoch)
{
    rf_edge_sampler samples[RF_KINDS_MOST];
    rf_losses losses;
    for (int k = 0; k < b->options->kinds; k++) {
        const rf_adj *adj = rf_graph_adj(&b->graph, k);
        rf_edge_sampler_start(&samples[k], adj, 1 + (uint64_t)k, epoch, NEGATIVES * adj->n_e,
                              b->drawn + k * adj->n_u);
    }
    rf_graphbean_step(&losses, b->workspace, samples, &b->weights, 1, epoch);
    rf_adam_step(&b->adam, b->model, 0.01);
    return losses.total;
}

static void print_shape(const bench *b, const char *what)
{
    const bench_shape *s = b->shape;
    printf("{\"case\":\"%s\",\"shape\":\"%s\",\"kinds\":%d,\"n_u\":%lld,\"n_v\":%lld,\"n_e\":%lld,\"d_e\":%d,"
           "\"precision\":\"%s\",\"threads\":%d,",
           what, s->name, b->options->kinds, (long long)s->n_u, (long long)s->n_v, (long long)s->n_e, s->d_e,
           b->options->narrow ? "bf16" : "float32", rf_pool_threads(b->pool));
}

static void print_epoch(const bench *b, times *t, int64_t peak, double loss)
{
    int64_t n[RF_SIDES_MOST];
    for (rf_side side = 0; side < rf_sides(&b->graph.kinds); side++)
        n[side] = b->graph.side[side].n;
    const minimum_work work = minimum_work_of(rf_graphbean_shape_get(b->model), n, 1 + NEGATIVES);
    print_shape(b, "epoch");
    print_times(t);
    printf(",\"ns_per_edge\":%.1f,\"peak_bytes\":%lld,\"workspace_bytes\":%lld,\"graph_bytes\":%lld,"
           "\"blas\":\"%s\",\"loss\":%.6f,\"bytes\":%.0f,\"flops\":%.0f,\"triad\":%.4g,\"sgemm\":%.4g,"
           "\"triad_cpu\":%.4g,\"sgemm_cpu\":%.4g}\n",
           t->wall[t->n / 2] / (double)b->shape->n_e * 1e9, (long long)peak, (long long)b->workspace_bytes,
           (long long)bench_graph_bytes(&b->graph), rf_linalg_core_name(), loss, work.bytes, work.flops,
           b->roof.bytes.by_clock, b->roof.flops.by_clock, b->roof.bytes.by_cpu, b->roof.flops.by_cpu);
    fflush(stdout);
}

static void measure_epochs(bench *b)
{
    static times t;
    double loss = 0;
    t.n = 0;
    roofline_raise(&b->roof, b->pool);
    (void)rf_mem_peak_rss_reset();
    for (int epoch = -1; epoch < b->options->epochs; epoch++) { /* the first one only warms up */
        start(&t);
        loss = step(b, epoch);
        if (epoch >= 0)
            stop(&t);
    }
    const int64_t peak = rf_mem_peak_rss();
    roofline_raise(&b->roof, b->pool);
    print_epoch(b, &t, peak, loss);
}

/* ---- scoring ---- */

/* The model as a file and back: scoring takes no other. */
static rf_model *settle(bench *b)
{
    rf_err err = {0};
    rf_model *model = NULL;
    char folder[] = "/tmp/bench_epoch.XXXXXX", path[sizeof folder + 16];
    const rf_progress_state state = {.epoch = 1};
    if (mkdtemp(folder) == NULL) {
        fprintf(stderr, "bench_epoch: cannot write to /tmp\n");
        exit(1);
    }
    (void)snprintf(path, sizeof path, "%s/model.h5", folder);
    if (rf_checkpoint_save(path, b->model, &b->graph, &b->adam, &state, "epochs", "benchmark", "benchmark",
                           &err) < 0 ||
        rf_model_load(&model, path, &err) < 0)
        bench_die(&err);
    (void)unlink(path);
    (void)rmdir(folder);
    rf_workspace_free(b->workspace);
    b->workspace = NULL;
    return model;
}

static void measure_score(bench *b, const rf_model *model, rf_score_method method)
{
    static times t;
    rf_err err = {0};
    rf_score_options how;
    rf_score_options_default(&how);
    how.method = method;
    t.n = 0;
    (void)rf_mem_peak_rss_reset();
    while (t.n < 1 + b->options->epochs / 3) {
        rf_scores *scores = NULL;
        start(&t);
        if (rf_score_compute(&scores, &b->graph, model, &how, b->pool, &err) < 0)
            bench_die(&err);
        stop(&t);
        rf_scores_free(scores);
    }
    print_shape(b, "score");
    printf("\"method\":\"%s\",", method == RF_METHOD_GRAPHBEAN ? "graphbean" : "surprise");
    print_times(&t);
    printf(",\"peak_bytes\":%lld}\n", (long long)rf_mem_peak_rss());
    fflush(stdout);
}

static void measure(const options *o, const bench_shape *shape, rf_pool *pool)
{
    bench b = {.options = o, .shape = shape, .pool = pool};
    begin(&b);
    measure_epochs(&b);
    if (o->score) {
        rf_model *model = settle(&b);
        measure_score(&b, model, RF_METHOD_GRAPHBEAN);
        measure_score(&b, model, RF_METHOD_SURPRISE);
        rf_model_free(model);
    }
    end(&b);
}

/* What training would take, without a graph. */
static void print_plan(const options *o, const bench_shape *shape)
{
    rf_err err = {0};
    rf_train_options train;
    rf_memory_plan plan;
    const rf_graph_size size = {.n = {shape->n_u, shape->n_v, shape->n_e},
                                .d = {shape->d_u, shape->d_v, shape->d_e}};
    rf_train_options_default(&train);
    train.hidden_edges = o->hidden_edges;
    train.precision = o->narrow ? RF_PRECISION_BF16 : RF_PRECISION_FLOAT32;
    if (rf_plan_train(&plan, &size, &train, o->threads, &err) < 0)
        bench_die(&err);
    printf("{\"case\":\"plan\",\"shape\":\"%s\",\"kinds\":1,\"precision\":\"%s\",\"n_e\":%lld,\"planned_"
           "bytes\":%lld}\n",
           shape->name, o->narrow ? "bf16" : "float32", (long long)shape->n_e,
           (long long)rf_memory_plan_bytes(&plan));
}

/* ---- the command ---- */

static bool parse(options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const struct {
            const char *name;
            int *number;
        } numbers[] = {{"--threads", &o->threads}, {"--epochs", &o->epochs}, {"--kinds", &o->kinds}};
        int *number = NULL;
        for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
            number = strcmp(argv[i], numbers[k].name) == 0 ? numbers[k].number : number;
        if (number != NULL && i + 1 < argc) {
            *number = atoi(argv[++i]);
        } else if (strcmp(argv[i], "--write") == 0 && i + 1 < argc) {
            o->write = argv[++i];
        } else if (strcmp(argv[i], "--no-score") == 0) {
            o->score = false;
        } else if (strcmp(argv[i], "--bf16") == 0) {
            o->narrow = true;
            o->score = false; /* reads float32 */
        } else if (strcmp(argv[i], "--kept") == 0) {
            o->hidden_edges = RF_HIDDEN_EDGES_KEPT;
        } else if (strcmp(argv[i], "--remade") == 0) {
            o->hidden_edges = RF_HIDDEN_EDGES_REMADE;
        } else if (strcmp(argv[i], "--plan") == 0) {
            o->plan = true;
        } else if (strcmp(argv[i], "--each") == 0) {
            o->each = true;
        } else if (bench_shape_find(argv[i]) == NULL || o->n_shapes == BENCH_SHAPES) {
            fprintf(stderr, "bench_epoch: unknown option or shape %s\n", argv[i]);
            return false;
        } else {
            o->shape[o->n_shapes++] = bench_shape_find(argv[i]);
        }
    }
    if (o->n_shapes == 0) {
        for (; o->n_shapes < BENCH_USUAL; o->n_shapes++)
            o->shape[o->n_shapes] = &bench_shapes[o->n_shapes];
    }
    for (int i = 0; i < o->n_shapes && o->each; i++) {
        o->grown[i] = *o->shape[i];
        o->grown[i].n_v *= o->kinds;
        o->grown[i].n_e *= o->kinds;
        o->shape[i] = &o->grown[i];
    }
    return o->threads >= 1 && o->epochs >= 1 && o->epochs <= MOST_RUNS && o->kinds >= 1 &&
           o->kinds <= RF_KINDS_MOST;
}

int main(int argc, char **argv)
{
    rf_err err = {0};
    rf_pool *pool = NULL;
    options o = {.threads = rf_cpu_count(), .epochs = 10, .kinds = 1, .score = true};
    bench_choose_core(argv);
    if (!parse(&o, argc, argv))
        return 2;
    if (o.write != NULL) {
        rf_graph graph;
        bench_graph_make(&graph, o.shape[0], 1);
        if (bench_graph_write(&graph, o.write, &err) < 0)
            bench_die(&err);
        bench_graph_clear(&graph);
        return 0;
    }
    if (rf_pool_new(&pool, o.threads, &err) < 0)
        bench_die(&err);
    for (int i = 0; i < o.n_shapes; i++) {
        if (o.plan)
            print_plan(&o, o.shape[i]);
        else
            measure(&o, o.shape[i], pool);
    }
    rf_pool_free(pool);
    return 0;
}
