/* burst.c - slides windows over the events of each node. */
#include "burst_int.h"

#include <math.h>
#include <string.h>

#include "rf_burst.h"
#include "rf_hot.h"
#include "rf_mem.h"

#define NODES_A_TASK 64
#define AHEAD 16 /* edges that are called from memory before they are looked at */
#define LEAST_EVENTS 3
#define LEAST_EXPECTED 1e-3
#define ROUNDING 1e-9

static const double lengths[] = {1.0 / 8640, 1.0 / 720, 1.0 / 120, 1.0 / 30}; /* of the span */
enum { LENGTHS = sizeof lengths / sizeof *lengths, BINS = 1 << 16 };

typedef struct edge_events {
    double from_us; /* since the first event of all */
    double pace;    /* events per microsecond after the first one */
    int32_t n;
} edge_events;

typedef struct events { /* of the edges of a task's nodes, by node and in order of time */
    double *from_us, *pace;
    int32_t *n;
    int32_t *within; /* of the edge's events, in a window of one length that begins with it or before it */
} events;

typedef struct bursts {
    const rf_graph_side *edges;
    const rf_time_order *order;
    int64_t *before; /* [BINS + 1] events of all edges before the bin */
    int64_t first_us, span_us;
    double bins_a_us;
    double ln_length[LENGTHS];
    edge_events *of_edge; /* [edges]: they are read in the order of entities, too */
    events *scratch;      /* [threads] */
    int side;
    float *node, *edge; /* edge NULL: only nodes */
} bursts;

static int64_t events_of(const rf_graph_side *edges, uint32_t edge)
{
    return edges->count != NULL ? edges->count[edge] : 1;
}

/* Events of an edge in a window that begins with it or before it. */
static int64_t events_within(const rf_graph_side *edges, uint32_t edge, double length_us)
{
    int64_t n = events_of(edges, edge);
    double span = edges->last_us != NULL ? (double)(edges->last_us[edge] - edges->first_us[edge]) : 0;
    return span <= length_us ? n : 1 + (int64_t)((double)(n - 1) * length_us / span);
}

/* The same, of many edges. */
RF_HOT static void fill_within(const events *of, int64_t n, double length_us)
{
    const double *restrict pace = of->pace;
    const int32_t *restrict most = of->n;
    int32_t *restrict within = of->within;
    for (int64_t i = 0; i < n; i++) {
        const double found = 1 + ROUNDING + pace[i] * length_us;
        within[i] = (int32_t)(found < most[i] ? found : most[i]);
    }
}

/* All events that began before this time. */
static double all_before(const bursts *b, double us_from_first)
{
    double at = us_from_first * b->bins_a_us;
    if (at >= BINS)
        return (double)b->before[BINS];
    int bin = (int)at;
    return (double)b->before[bin] + (at - bin) * (double)(b->before[bin + 1] - b->before[bin]);
}

/* What is expected of a node's events at least, in any window of this length. */
static double least_expected(double of_node, int z)
{
    return fmax(LEAST_EXPECTED, of_node * lengths[z]);
}

static double expected_from(const bursts *b, double of_node, double start_us, int z)
{
    const double end_us = start_us + lengths[z] * (double)b->span_us,
                 share = (all_before(b, end_us) - all_before(b, start_us)) / (double)b->before[BINS];
    return fmax(least_expected(of_node, z), of_node * share);
}

static double nats_of(const bursts *b, double found, double expected, int z)
{
    return found > expected ? found * log(found / expected) - (found - expected) + b->ln_length[z] : 0;
}

/* How many a window must hold for more than `most` nats; more than of_node: none can. An excess of t over an
 * expected m has at most t^2 / 2m and at least t^2 / (2m + 2t / 3): the number is between. */
static double least_found(const bursts *b, double of_node, double most, int z)
{
    const double expected = least_expected(of_node, z), nats = most - ROUNDING - b->ln_length[z],
                 square = 2 * expected * nats;
    double below = fmax(LEAST_EVENTS, floor(expected + sqrt(square))) - 1,
           enough = ceil(expected + nats / 3 + sqrt(nats * nats / 9 + square)) + 1;
    enough = fmin(fmax(enough, LEAST_EVENTS), floor(of_node) + 1);
    while (enough - below > fmax(1, below * 0x1p-50)) { /* numbers farther apart are of damaged counts */
        const double found = below + floor((enough - below) / 2);
        if (nats_of(b, found, expected, z) > most - ROUNDING)
            enough = found;
        else
            below = found;
    }
    return enough;
}

typedef struct window {
    double nats;
    int64_t from, to; /* of the node's edges */
} window;

/* Can a window hold `need` events? Not where no edges, as many as that takes of the largest, are so near. */
RF_HOT static bool may_hold(const events *of, int64_t n, int64_t need, double length_us)
{
    const double *restrict us = of->from_us;
    const int32_t *restrict within = of->within;
    int32_t largest = 1;
    int any = 0;
    for (int64_t i = 0; i < n; i++)
        largest = within[i] > largest ? within[i] : largest;
    const int64_t apart = (need - 1) / largest;
    for (int64_t i = 0; i < n - apart; i++)
        any |= us[i + apart] - us[i] < length_us;
    return any;
}

/* The window of more than `most` nats that has the most of them; to = 0: none. */
static window best_window(const bursts *b, const events *of, int64_t n, double of_node, double most, int z)
{
    const double length = lengths[z] * (double)b->span_us;
    window best = {.nats = most};
    double need = least_found(b, of_node, most, z);
    int64_t found = 0;
    if (need > of_node || !may_hold(of, n, (int64_t)need, length))
        return best;
    for (int64_t i = 0, end = 0; i < n; i++) {
        for (; end < n && of->from_us[end] - of->from_us[i] < length; end++)
            found += of->within[end];
        if ((double)found >= need) {
            const double nats = nats_of(b, (double)found, expected_from(b, of_node, of->from_us[i], z), z);
            if (nats > best.nats) {
                best = (window){.nats = nats, .from = i, .to = end};
                need = least_found(b, of_node, nats, z);
            }
        }
        found -= of->within[i];
    }
    return best;
}

/* Copies what the edges at from.. of the order say to scratch. */
static void copy_events(const bursts *b, const events *out, int64_t from, int64_t n)
{
    const uint32_t *at = b->order->edge[b->side] + from;
    for (int64_t i = 0; i < n; i++) {
        const edge_events *edge = &b->of_edge[at[i]];
        if (i + AHEAD < n)
            __builtin_prefetch(&b->of_edge[at[i + AHEAD]]);
        out->from_us[i] = edge->from_us;
        out->pace[i] = edge->pace;
        out->n[i] = edge->n;
    }
}

/* Windows of one length. of: the node's events, the first of them at `from` in the order. */
static void burst_node(const bursts *b, const events *of, int64_t node, double of_node, int z)
{
    const int64_t from = b->order->ptr[b->side][node], n = b->order->ptr[b->side][node + 1] - from;
    const uint32_t *at = b->order->edge[b->side] + from;
    const window best = best_window(b, of, n, of_node, b->edge != NULL ? 0 : (double)b->node[node], z);
    const float nats = (float)best.nats;
    b->node[node] = nats > b->node[node] ? nats : b->node[node];
    for (int64_t i = best.from; b->edge != NULL && i < best.to; i++)
        b->edge[at[i]] = nats > b->edge[at[i]] ? nats : b->edge[at[i]];
}

static void burst_nodes(void *context, int64_t index, int worker)
{
    const bursts *b = context;
    const int64_t *ptr = b->order->ptr[b->side], n = b->order->n[b->side], first = index * NODES_A_TASK,
                  last = first + NODES_A_TASK < n ? first + NODES_A_TASK : n, from = ptr[first];
    const events all = b->scratch[worker];
    double of_node[NODES_A_TASK] = {0};
    copy_events(b, &all, from, ptr[last] - from);
    for (int64_t node = first; node < last; node++) {
        for (int64_t i = ptr[node] - from; i < ptr[node + 1] - from; i++)
            of_node[node - first] += all.n[i];
    }
    for (int z = 0; z < LENGTHS; z++) {
        fill_within(&all, ptr[last] - from, lengths[z] * (double)b->span_us);
        for (int64_t node = first; node < last; node++) {
            const int64_t at = ptr[node] - from;
            const events own = {.from_us = all.from_us + at, .within = all.within + at};
            burst_node(b, &own, node, of_node[node - first], z);
        }
    }
}

static rf_status make_scratch(bursts *b, int threads, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t most = 0;
    for (int s = RF_USER; s <= RF_ENTITY; s++) {
        const int64_t *ptr = b->order->ptr[s], n = b->order->n[s];
        for (int64_t i = 0; i < n; i += NODES_A_TASK) {
            const int64_t own = ptr[i + NODES_A_TASK < n ? i + NODES_A_TASK : n] - ptr[i];
            most = own > most ? own : most;
        }
    }
    RF_ZERO(b->scratch, threads, err);
    for (int i = 0; i < threads; i++) {
        RF_NEW(b->scratch[i].from_us, most, err);
        RF_NEW(b->scratch[i].pace, most, err);
        RF_NEW(b->scratch[i].n, most, err);
        RF_NEW(b->scratch[i].within, most, err);
    }
done:
    return st;
}

static void clear_scratch(bursts *b, int threads)
{
    for (int i = 0; b->scratch != NULL && i < threads; i++) {
        rf_mem_free(b->scratch[i].from_us);
        rf_mem_free(b->scratch[i].pace);
        rf_mem_free(b->scratch[i].n);
        rf_mem_free(b->scratch[i].within);
    }
    rf_mem_free(b->scratch);
}

static rf_status count_all(bursts *b, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *edges = b->edges;
    int64_t last = edges->first_us[0];
    b->first_us = last;
    for (int64_t i = 0; i < edges->n; i++) {
        b->first_us = edges->first_us[i] < b->first_us ? edges->first_us[i] : b->first_us;
        last = edges->first_us[i] > last ? edges->first_us[i] : last;
    }
    b->span_us = last - b->first_us;
    b->bins_a_us = BINS / (double)b->span_us;
    RF_ZERO(b->before, BINS + 1, err);
    RF_NEW(b->of_edge, edges->n, err);
    for (int64_t i = 0; i < edges->n; i++) {
        const int64_t start = edges->first_us[i], n = events_of(edges, (uint32_t)i),
                      lasts =
                          edges->last_us != NULL && edges->last_us[i] > start ? edges->last_us[i] - start : 1;
        const double from_us = (double)(start - b->first_us);
        const int bin = (int)(from_us * b->bins_a_us);
        b->before[(bin < BINS ? bin : BINS - 1) + 1] += n;
        b->of_edge[i] = (edge_events){.from_us = from_us,
                                      .pace = (double)(n - 1) / (double)lasts,
                                      .n = (int32_t)(n < INT32_MAX ? n : INT32_MAX)};
    }
    for (int i = 0; i < BINS; i++)
        b->before[i + 1] += b->before[i];
    for (int z = 0; z < LENGTHS; z++)
        b->ln_length[z] = log(lengths[z]);
done:
    return st;
}

rf_status rf_part_burst(float *edge, float *user, float *entity, const rf_graph *graph,
                        const rf_arranged *arranged, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *edges = &graph->side[RF_EDGE];
    const rf_time_order *order = &arranged->order;
    bursts b = {.edges = edges, .order = order};
    memset(edge, 0, (size_t)edges->n * sizeof *edge);
    memset(user, 0, (size_t)graph->adj.n_u * sizeof *user);
    memset(entity, 0, (size_t)graph->adj.n_v * sizeof *entity);
    if (arranged->timeless)
        return RF_OK;
    RF_TRY(count_all(&b, err));
    RF_TRY(make_scratch(&b, rf_pool_threads(pool), err));
    for (b.side = RF_USER; b.side <= RF_ENTITY; b.side++) {
        b.node = b.side == RF_USER ? user : entity;
        b.edge = b.side == RF_USER ? edge : NULL;
        rf_pool_run(pool, (order->n[b.side] + NODES_A_TASK - 1) / NODES_A_TASK, burst_nodes, &b);
    }
done:
    clear_scratch(&b, rf_pool_threads(pool));
    rf_mem_free(b.before);
    rf_mem_free(b.of_edge);
    return st;
}

/* ---- one node ---- */

typedef struct own_edges {
    const rf_graph_side *edges;
    const uint32_t *id; /* NULL: they are from, from + 1 and on */
    int64_t from, n;
} own_edges;

static uint32_t own_edge(const own_edges *of, int64_t i)
{
    return of->id != NULL ? of->id[i] : (uint32_t)(of->from + i);
}

/* Events of the node in a window that begins with its i-th edge. */
static int64_t count_from(const own_edges *of, int64_t i, double length)
{
    const int64_t *time = of->edges->first_us, start = time[own_edge(of, i)];
    int64_t found = 0;
    for (int64_t k = 0; k < of->n; k++) {
        uint32_t edge = own_edge(of, k);
        if (time[edge] >= start && (double)(time[edge] - start) < length)
            found += events_within(of->edges, edge, length);
    }
    return found;
}

void rf_burst_of(rf_burst *out, const rf_graph *graph, rf_side side, int64_t node)
{
    const rf_adj *adj = &graph->adj;
    const int64_t *ptr = side == RF_USER ? adj->u_ptr : adj->v_ptr;
    const own_edges of = {.edges = &graph->side[RF_EDGE],
                          .id = side == RF_USER ? NULL : adj->v_edge + ptr[node],
                          .from = ptr[node],
                          .n = ptr[node + 1] - ptr[node]};
    double span = (double)(graph->window_to_us - graph->window_from_us), most = 0;
    *out = (rf_burst){0};
    if (of.edges->first_us == NULL || span <= 0 || of.n > RF_BURST_MOST)
        return;
    for (int64_t i = 0; i < of.n; i++)
        out->events += events_of(of.edges, own_edge(&of, i));
    for (int z = 0; z < LENGTHS; z++) {
        double expected = (double)out->events * lengths[z];
        for (int64_t i = 0; i < of.n; i++) {
            double found = (double)count_from(&of, i, lengths[z] * span);
            double nats = found * log(found / expected) - (found - expected) + log(lengths[z]);
            if (found < LEAST_EVENTS || found <= expected || nats <= most)
                continue;
            most = nats;
            out->found = (int64_t)found;
            out->expected = expected;
            out->within_s = lengths[z] * span / 1e6;
        }
    }
}
