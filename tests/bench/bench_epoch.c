/* bench_epoch.c - how long one training epoch takes, by shape of graph: one JSON line each.
 *
 *   bench_epoch [--threads N] [--epochs N] [--kinds N] [shape …]
 *
 * Shapes: wiki, fdh, million, foods (default: the first three), seeded random graphs with long-tailed
 * entities. With several kinds each has its share of the shape's entities and edges, so that the graph has as
 * many of all kinds: ns_per_edge says what an edge costs. Seconds are wall time; cpu is the process's time
 * over all threads. GFLOP/s counts the products that the model's formulas need, not those that are made, so
 * that it falls when work is repeated.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rf_adam.h"
#include "rf_linalg.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_time.h"

#define MOST_EPOCHS 1000

typedef struct bench_shape {
    const char *name;
    int64_t n_u, n_v, n_e;
    int d_u, d_v, d_e;
} bench_shape;

static const bench_shape shapes[] = {
    {"wiki", 8227, 1000, 18257, 174, 174, 345},
    {"fdh", 4959, 10000, 181969, 20, 20, 19},
    {"million", 300000, 30000, 1000000, 16, 16, 16},
    {"foods", 256059, 74258, 560804, 11, 11, 384},
};

static void die(const rf_err *err)
{
    fprintf(stderr, "bench_epoch: %s\n", err->msg);
    exit(1);
}

static void *block(int64_t n, size_t size)
{
    rf_err err = {0};
    void *out = rf_mem_new((size_t)n, size, &err);
    if (out == NULL)
        die(&err);
    return out;
}

static rf_real *normals(rf_rng *rng, int64_t n)
{
    rf_real *x = block(n, sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = (rf_real)rf_rng_normal(rng);
    return x;
}

static int compare_pairs(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
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
        die(&err);
    rf_mem_free(pairs);
    rf_mem_free(e_u);
    rf_mem_free(e_v);
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Multiplications and additions of an epoch's products, node tables instead of gathered edges: of users alone
 * (no entities and no edges), or of the entities and edges of a kind with what they send to users. */
static double flops(const rf_graphbean_shape *m, int kind, int64_t n_u, int64_t n_v, int64_t n_e)
{
    double total = 0;
    int n_convs = m->layers_encoder + m->layers_decoder;
    const int ends[3] = {m->in[RF_USER], m->in[rf_entity_side(kind)], m->in[rf_edge_side(kind)]};
    const int latent[3] = {m->latent[0], m->latent[1], 0};
    for (int i = 0; i < n_convs; i++) {
        const int *in = i == 0 ? ends : i == m->layers_encoder ? latent : m->hidden;
        const int *out = i == m->layers_encoder - 1 ? latent : i == n_convs - 1 ? ends : m->hidden;
        int self = i != m->layers_encoder - 1;
        double products = i == 0 ? 2 : 3; /* forward, weights, and inputs but for the first layer */
        double k_u = (kind == 0) * self * in[0] + 2.0 * in[1] + 2.0 * in[2];
        double k_v = self * in[1] + 2.0 * in[0] + 2.0 * in[2];
        double nodes = (double)n_u * (k_u * out[0] + (double)in[0] * out[2]) +
                       (double)n_v * (k_v * out[1] + (double)in[1] * out[2]);
        total += 2 * products * (nodes + (double)n_e * in[2] * out[2]);
    }
    return total + 6.0 * (double)n_e * 6 * m->edge_latent; /* pairs: logit and two gradients */
}

/* A graph of some kinds, and a model in training on it. */
typedef struct bench {
    int kinds;
    rf_adj adj[RF_KINDS_MOST];
    rf_real *x[RF_SIDES_MOST];
    rf_graphbean_shape shape;
    rf_graphbean_input input;
    rf_loss_weights weights;
    uint32_t *drawn;
    double flops;
    rf_graphbean *model;
    rf_workspace *ws;
    rf_adam adam;
    int64_t workspace_bytes;
} bench;

static void make_graph(bench *b, const bench_shape *s)
{
    rf_rng rng;
    rf_rng_init(&rng, 1, 0);
    for (int k = 0; k < b->kinds; k++)
        make_edges(&b->adj[k], s->n_u, s->n_v / b->kinds, s->n_e / b->kinds, &rng);
    b->x[RF_USER] = normals(&rng, s->n_u * s->d_u);
    for (int k = 0; k < b->kinds; k++) {
        b->x[rf_entity_side(k)] = normals(&rng, b->adj[k].n_v * s->d_v);
        b->x[rf_edge_side(k)] = normals(&rng, b->adj[k].n_e * s->d_e);
    }
}

static void make_shape(bench *b, const bench_shape *s)
{
    b->shape = (rf_graphbean_shape){.hidden = {32, 32, 32},
                                    .latent = {32, 32},
                                    .edge_latent = 32,
                                    .layers_encoder = 2,
                                    .layers_decoder = 2,
                                    .layers_mlp = 2};
    b->shape.kinds.n = b->kinds > 1 ? b->kinds : 0;
    b->shape.in[RF_USER] = s->d_u;
    for (int k = 0; k < b->kinds; k++) {
        snprintf(b->shape.kinds.name[k], RF_KIND_NAME, "kind%d", k);
        b->shape.in[rf_entity_side(k)] = s->d_v;
        b->shape.in[rf_edge_side(k)] = s->d_e;
        b->flops += flops(&b->shape, k, s->n_u, b->adj[k].n_v, b->adj[k].n_e);
    }
}

static void begin(bench *b, const bench_shape *s, rf_pool *pool)
{
    rf_err err = {0};
    make_graph(b, s);
    make_shape(b, s);
    b->drawn = block(s->n_u * b->kinds, sizeof *b->drawn);
    b->weights.eta = 0.2;
    memcpy(b->input.x, b->x, sizeof b->x);
    for (int k = 0; k < b->kinds; k++) {
        b->input.adj[k] = &b->adj[k];
        b->weights.kind[k] = 1.0 / b->kinds;
    }
    if (rf_graphbean_new(&b->model, &b->shape, true, &err) < 0 ||
        rf_graphbean_initialise(b->model, RF_INIT_KAIMING_UNIFORM, 1, &err) < 0 ||
        rf_adam_init(&b->adam, b->model, &err) < 0)
        die(&err);
    b->workspace_bytes = -rf_mem_stats_get().live_bytes;
    if (rf_workspace_new(&b->ws, b->model, &b->input, RF_USE_TRAIN, pool, &err) < 0)
        die(&err);
    b->workspace_bytes += rf_mem_stats_get().live_bytes;
}

static void end(bench *b)
{
    rf_workspace_free(b->ws);
    rf_adam_clear(&b->adam);
    rf_graphbean_free(b->model);
    for (int k = 0; k < b->kinds; k++)
        rf_adj_clear(&b->adj[k]);
    for (rf_side side = 0; side < 1 + 2 * b->kinds; side++)
        rf_mem_free(b->x[side]);
    rf_mem_free(b->drawn);
    (void)rf_mem_peak_rss_reset();
}

/* One epoch; returns its loss. */
static double step(bench *b, int epoch)
{
    rf_edge_sampler samples[RF_KINDS_MOST];
    rf_losses losses;
    for (int k = 0; k < b->kinds; k++)
        rf_edge_sampler_start(&samples[k], &b->adj[k], 1 + (uint64_t)k, epoch, 5 * b->adj[k].n_e,
                              b->drawn + k * b->adj[k].n_u);
    rf_graphbean_step(&losses, b->ws, samples, &b->weights, 1, epoch);
    rf_adam_step(&b->adam, b->model, 0.01);
    return losses.total;
}

static void measure(const bench_shape *s, int kinds, int epochs, rf_pool *pool)
{
    bench b = {.kinds = kinds};
    double seconds[MOST_EPOCHS], cpu = 0, loss = 0;
    begin(&b, s, pool);
    for (int epoch = -1; epoch < epochs; epoch++) { /* the first one only warms up */
        double start = rf_monotonic_s();
        if (epoch == 0)
            cpu = cpu_seconds();
        loss = step(&b, epoch);
        if (epoch >= 0)
            seconds[epoch] = rf_monotonic_s() - start;
    }
    cpu = (cpu_seconds() - cpu) / epochs;
    qsort(seconds, (size_t)epochs, sizeof *seconds, compare_doubles);
    double median = seconds[epochs / 2];
    printf("{\"bench\":\"epoch\",\"shape\":\"%s\",\"kinds\":%d,\"n_u\":%lld,\"n_v\":%lld,\"n_e\":%lld,"
           "\"d_e\":%d,\"threads\":%d,\"epochs\":%d,\"seconds\":%.5f,\"spread\":%.5f,\"fastest\":%.5f,"
           "\"cpu_seconds\":%.5f,\"ns_per_edge\":%.1f,\"peak_bytes\":%lld,\"workspace_bytes\":%lld,"
           "\"gflops\":%.2f,\"blas\":\"%s\",\"loss\":%.6f}\n",
           s->name, kinds, (long long)s->n_u, (long long)s->n_v, (long long)s->n_e, s->d_e,
           rf_pool_threads(pool), epochs, median, seconds[epochs * 3 / 4] - seconds[epochs / 4], seconds[0],
           cpu, median / (double)s->n_e * 1e9, (long long)rf_mem_peak_rss(), (long long)b.workspace_bytes,
           b.flops / median * 1e-9, rf_linalg_core_name(), loss);
    fflush(stdout);
    end(&b);
}

int main(int argc, char **argv)
{
    enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };
    rf_err err = {0};
    rf_pool *pool = NULL;
    int threads = rf_cpu_count(), epochs = 10, kinds = 1;
    bool named = false, wanted[N_SHAPES] = {true, true, true, false};
    for (int i = 1; i < argc; i++) {
        int found = -1;
        if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc) {
            threads = atoi(argv[++i]);
            continue;
        }
        if (strcmp(argv[i], "--epochs") == 0 && i + 1 < argc) {
            epochs = atoi(argv[++i]);
            continue;
        }
        if (strcmp(argv[i], "--kinds") == 0 && i + 1 < argc) {
            kinds = atoi(argv[++i]);
            continue;
        }
        for (int k = 0; k < N_SHAPES; k++)
            found = strcmp(argv[i], shapes[k].name) == 0 ? k : found;
        if (found < 0) {
            fprintf(stderr, "bench_epoch: unknown shape %s\n", argv[i]);
            return 2;
        }
        if (!named)
            memset(wanted, 0, sizeof wanted);
        named = wanted[found] = true;
    }
    if (threads < 1 || epochs < 1 || epochs > MOST_EPOCHS || kinds < 1 || kinds > RF_KINDS_MOST)
        return 2;
    if (rf_pool_new(&pool, threads, &err) < 0)
        die(&err);
    for (int k = 0; k < N_SHAPES; k++) {
        if (wanted[k])
            measure(&shapes[k], kinds, epochs, pool);
    }
    rf_pool_free(pool);
    return 0;
}
