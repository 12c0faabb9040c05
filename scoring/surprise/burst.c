/* burst.c - slides windows over the events of each node. */
#include "burst_int.h"

#include <math.h>
#include <string.h>

#include "rf_burst.h"
#include "rf_mem.h"

#define NODES_A_TASK 256
#define LEAST_EVENTS 3
#define LEAST_EXPECTED 1e-3

static const double lengths[] = {1.0 / 8640, 1.0 / 720, 1.0 / 120, 1.0 / 30}; /* of the span */
enum { LENGTHS = sizeof lengths / sizeof *lengths, BINS = 1 << 16 };

typedef struct bursts {
    const rf_graph_side *edges;
    const rf_time_order *order;
    int64_t *before; /* [BINS + 1] events of all edges before the bin */
    int64_t first_us, span_us;
    int side;
    float *node, *edge; /* edge NULL: only nodes */
} bursts;

static int64_t events_of(const rf_graph_side *edges, uint32_t edge)
{
    return edges->count != NULL ? edges->count[edge] : 1;
}

static int bin_of(const bursts *b, int64_t time)
{
    double at = (double)(time - b->first_us) / (double)b->span_us * BINS;
    return at < 0 ? 0 : at >= BINS ? BINS - 1 : (int)at;
}

/* All events that began before this time. */
static double all_before(const bursts *b, double us_from_first)
{
    double at = us_from_first / (double)b->span_us * BINS;
    if (at >= BINS)
        return (double)b->before[BINS];
    int bin = (int)at;
    return (double)b->before[bin] + (at - bin) * (double)(b->before[bin + 1] - b->before[bin]);
}

/* Events of an edge in a window that begins with it or before it. */
static int64_t events_within(const rf_graph_side *edges, uint32_t edge, double length_us)
{
    int64_t n = events_of(edges, edge);
    double span = edges->last_us != NULL ? (double)(edges->last_us[edge] - edges->first_us[edge]) : 0;
    return span <= length_us ? n : 1 + (int64_t)((double)(n - 1) * length_us / span);
}

static double nats_of(const bursts *b, double found, double of_node, int64_t from_us, int z)
{
    if (found < LEAST_EVENTS)
        return 0;
    double start = (double)(from_us - b->first_us), length = lengths[z] * (double)b->span_us;
    double share = (all_before(b, start + length) - all_before(b, start)) / (double)b->before[BINS];
    double expected = of_node * (share > lengths[z] ? share : lengths[z]);
    expected = expected > LEAST_EXPECTED ? expected : LEAST_EXPECTED;
    if (found <= expected)
        return 0;
    return found * log(found / expected) - (found - expected) + log(lengths[z]);
}

typedef struct window {
    double nats;
    int64_t from, to; /* places in the node's order */
} window;

static window best_window(const bursts *b, int64_t node, double of_node, int z)
{
    const uint32_t *at = b->order->edge[b->side];
    const int64_t from = b->order->ptr[b->side][node], to = b->order->ptr[b->side][node + 1];
    const double length = lengths[z] * (double)b->span_us;
    window best = {.from = from, .to = from};
    int64_t end = from, found = 0;
    for (int64_t i = from; i < to; i++) {
        const int64_t start = b->edges->first_us[at[i]];
        for (; end < to && (double)(b->edges->first_us[at[end]] - start) < length; end++)
            found += events_within(b->edges, at[end], length);
        double nats = nats_of(b, (double)found, of_node, start, z);
        if (nats > best.nats)
            best = (window){.nats = nats, .from = i, .to = end};
        found -= events_within(b->edges, at[i], length);
    }
    return best;
}

static void burst_nodes(void *context, int64_t index, int worker)
{
    (void)worker;
    const bursts *b = context;
    const uint32_t *at = b->order->edge[b->side];
    const int64_t *ptr = b->order->ptr[b->side], n = b->order->n[b->side];
    for (int64_t node = index * NODES_A_TASK; node < (index + 1) * NODES_A_TASK && node < n; node++) {
        double of_node = 0;
        for (int64_t i = ptr[node]; i < ptr[node + 1]; i++)
            of_node += (double)events_of(b->edges, at[i]);
        for (int z = 0; z < LENGTHS; z++) {
            window best = best_window(b, node, of_node, z);
            float nats = (float)best.nats;
            if (nats > b->node[node])
                b->node[node] = nats;
            for (int64_t i = best.from; b->edge != NULL && i < best.to; i++) {
                if (nats > b->edge[at[i]])
                    b->edge[at[i]] = nats;
            }
        }
    }
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
    RF_ZERO(b->before, BINS + 1, err);
    for (int64_t i = 0; i < edges->n; i++)
        b->before[bin_of(b, edges->first_us[i]) + 1] += events_of(edges, (uint32_t)i);
    for (int i = 0; i < BINS; i++)
        b->before[i + 1] += b->before[i];
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
    for (b.side = RF_USER; b.side <= RF_ENTITY; b.side++) {
        b.node = b.side == RF_USER ? user : entity;
        b.edge = b.side == RF_USER ? edge : NULL;
        rf_pool_run(pool, (order->n[b.side] + NODES_A_TASK - 1) / NODES_A_TASK, burst_nodes, &b);
    }
done:
    rf_mem_free(b.before);
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
