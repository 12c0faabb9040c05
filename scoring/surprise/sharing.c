/* sharing.c - looks again at what lockstep, overlap and copied counted around one edge. */
#include "rf_sharing.h"

#include <math.h>
#include <string.h>

#include "overlap_int.h"

/* ---- a list of the best few ---- */

typedef struct kept { /* the largest first; equal ones in the order they came */
    double rank;
    double value;
    uint32_t id;
} kept;

/* Puts x into list[n] of at most `most`; returns the new n. */
static int keep(kept *list, int n, int most, kept x)
{
    int at = n < most ? n : most;
    while (at > 0 && x.rank > list[at - 1].rank)
        at--;
    if (at == most)
        return n;
    n += n < most;
    memmove(list + at + 1, list + at, (size_t)(n - 1 - at) * sizeof *list);
    list[at] = x;
    return n;
}

/* ---- both ways through the graph ---- */

/* First edge of this user and entity, or -1. */
static int64_t edge_between(const rf_adj *adj, uint32_t user, uint32_t entity)
{
    int64_t low = adj->u_ptr[user], high = adj->u_ptr[user + 1];
    while (low < high) {
        int64_t mid = low + (high - low) / 2;
        if (adj->e_v[mid] < entity)
            low = mid + 1;
        else
            high = mid;
    }
    return low < adj->u_ptr[user + 1] && adj->e_v[low] == entity ? low : -1;
}

/* The first of several parallel edges: those before it are of another pair. */
static bool is_first(const rf_adj *adj, int64_t edge)
{
    return edge == 0 || adj->e_u[edge - 1] != adj->e_u[edge] || adj->e_v[edge - 1] != adj->e_v[edge];
}

/* Entities that a user met, counted up to `most`. */
static int64_t partners(const rf_adj *adj, uint32_t user, int64_t most)
{
    int64_t met = 0;
    for (int64_t i = adj->u_ptr[user]; i < adj->u_ptr[user + 1] && met < most; i++)
        met += is_first(adj, i);
    return met;
}

/* ---- lockstep ---- */

enum { NEAR = 16, PLACES = 32 }; /* neighbours of a meeting; other meetings of the user that are looked at */

typedef struct meeting { /* an edge and those nearest to it in time at its entity, nearest first */
    uint32_t edge;
    int n;
    kept near[NEAR]; /* id: user, value: gap */
} meeting;

static double gap_between(const rf_graph *graph, uint32_t a, uint32_t b)
{
    const int64_t *time = graph->side[RF_EDGE].first_us;
    return fabs((double)time[a] - (double)time[b]);
}

static void look_around(meeting *m, const rf_graph *graph, uint32_t edge)
{
    const rf_adj *adj = &graph->adj;
    uint32_t v = adj->e_v[edge];
    *m = (meeting){.edge = edge};
    for (int64_t i = adj->v_ptr[v]; i < adj->v_ptr[v + 1]; i++) {
        uint32_t other = adj->v_edge[i];
        double gap = gap_between(graph, edge, other);
        if (adj->e_u[other] != adj->e_u[edge] && is_first(adj, other))
            m->n = keep(m->near, m->n, NEAR, (kept){.rank = -gap, .value = gap, .id = adj->e_u[other]});
    }
}

static int rank_in(const meeting *m, uint32_t user)
{
    for (int k = 0; k < m->n; k++) {
        if (m->near[k].id == user)
            return k;
    }
    return NEAR;
}

typedef struct together { /* the meetings of one user, and who was there twice */
    meeting here, place[PLACES];
    int n_places;
} together;

static bool hit(const together *all, int k, int q, int nearest)
{
    return rank_in(&all->place[q], all->here.near[k].id) < nearest;
}

static double edges_elsewhere(const rf_adj *adj, uint32_t user, uint32_t entity)
{
    double n = 0;
    for (int64_t i = adj->u_ptr[user]; i < adj->u_ptr[user + 1]; i++)
        n += adj->e_v[i] != entity;
    return n;
}

/* Others among the `nearest` here who are so near at another place too, and how many would be by chance. */
static int count_hits(double *by_chance, const together *all, const rf_graph *graph, int nearest)
{
    const uint32_t v = graph->adj.e_v[all->here.edge];
    const double n_edges = (double)graph->adj.n_e;
    int hits = 0;
    double near = 0;
    *by_chance = 0;
    for (int q = 0; q < all->n_places; q++)
        near += all->place[q].n < nearest ? all->place[q].n : nearest;
    for (int k = 0; k < all->here.n && k < nearest; k++) {
        bool twice = false;
        for (int q = 0; q < all->n_places; q++)
            twice = twice || hit(all, k, q, nearest);
        hits += twice;
        *by_chance += -expm1(-edges_elsewhere(&graph->adj, all->here.near[k].id, v) * near / n_edges);
    }
    return hits;
}

static double poisson_nats(double count, double mean)
{
    mean = mean > 1e-3 ? mean : 1e-3;
    return count > mean ? count * log(count / mean) - (count - mean) : 0;
}

/* The users of out are known by now but for their number of places: names the places where at least half as
 * many of them were as where most were, and the longest gap there. */
static void name_places(rf_sharing *out, const together *all, const rf_graph *graph, int nearest)
{
    int most = 0, met[PLACES] = {0};
    for (int q = 0; q < all->n_places; q++) {
        for (int k = 0; k < all->here.n && k < nearest; k++)
            met[q] += hit(all, k, q, nearest);
        most = met[q] > most ? met[q] : most;
    }
    for (int q = 0; q < all->n_places && out->n_entities < RF_SHARING_MOST; q++) {
        const meeting *place = &all->place[q];
        if (met[q] == 0 || 2 * met[q] < most)
            continue;
        out->entity[out->n_entities++] = graph->adj.e_v[place->edge];
        for (int k = 0; k < all->here.n && k < nearest; k++) {
            int at = rank_in(place, all->here.near[k].id);
            if (at >= nearest)
                continue;
            out->within_s = fmax(out->within_s, fmax(all->here.near[k].value, place->near[at].value) / 1e6);
        }
    }
}

static void lockstep_sharing(rf_sharing *out, const rf_graph *graph, uint32_t edge)
{
    const rf_adj *adj = &graph->adj;
    uint32_t u = adj->e_u[edge];
    together all;
    kept places[PLACES];
    int nearest = 0;
    double most = 0;
    if (graph->side[RF_EDGE].first_us == NULL)
        return;
    look_around(&all.here, graph, edge);
    all.n_places = 0;
    for (int64_t i = adj->u_ptr[u]; i < adj->u_ptr[u + 1]; i++) {
        if (adj->e_v[i] != adj->e_v[edge] && is_first(adj, i))
            all.n_places = keep(places, all.n_places, PLACES,
                                (kept){.rank = -gap_between(graph, edge, (uint32_t)i), .id = (uint32_t)i});
    }
    for (int q = 0; q < all.n_places; q++)
        look_around(&all.place[q], graph, places[q].id);
    for (int k = 4; k <= NEAR; k *= 2) { /* the widest circle that is about as surprising as the best */
        double by_chance;
        int hits = count_hits(&by_chance, &all, graph, k);
        double nats = poisson_nats(hits, by_chance);
        most = nats > most ? nats : most;
        nearest = nats > 0 && 2 * nats >= most ? k : nearest;
    }
    if (nearest == 0)
        return;
    out->found = 1 + count_hits(&out->expected, &all, graph, nearest);
    for (int k = 0; k < all.here.n && k < nearest && out->n_users < RF_SHARING_MOST; k++) {
        for (int q = 0; q < all.n_places; q++) {
            if (!hit(&all, k, q, nearest))
                continue;
            out->user[out->n_users++] = all.here.near[k].id;
            break;
        }
    }
    out->within_s = 0;
    name_places(out, &all, graph, nearest);
}

/* ---- overlap and copied ---- */

/* Entities other than v that both users met. */
static int64_t shared_entities(const rf_adj *adj, uint32_t a, uint32_t b, uint32_t v)
{
    int64_t i = adj->u_ptr[a], k = adj->u_ptr[b], shared = 0;
    while (i < adj->u_ptr[a + 1] && k < adj->u_ptr[b + 1]) {
        if (adj->e_v[i] < adj->e_v[k])
            i++;
        else if (adj->e_v[i] > adj->e_v[k])
            k++;
        else {
            shared += adj->e_v[i] != v && is_first(adj, i);
            for (uint32_t w = adj->e_v[i]; i < adj->u_ptr[a + 1] && adj->e_v[i] == w;)
                i++;
            k++;
            while (k < adj->u_ptr[b + 1] && adj->e_v[k] == adj->e_v[k - 1])
                k++;
        }
    }
    return shared;
}

/* More entities than overlap looks at. */
static bool is_hub(const rf_adj *adj, uint32_t user)
{
    return partners(adj, user, RF_OVERLAP_MOST + 1) > RF_OVERLAP_MOST;
}

typedef struct crowd { /* the other entities of a user, ascending, and how many other users of v met each */
    int n;
    uint32_t entity[RF_OVERLAP_MOST];
    int64_t both[RF_OVERLAP_MOST];
    int64_t through; /* other edges of those users */
} crowd;

static void count_crowd(crowd *all, const rf_adj *adj, uint32_t u, uint32_t v)
{
    *all = (crowd){0};
    for (int64_t i = adj->u_ptr[u]; i < adj->u_ptr[u + 1]; i++) {
        if (adj->e_v[i] != v && is_first(adj, i))
            all->entity[all->n++] = adj->e_v[i];
    }
    for (int64_t i = adj->v_ptr[v]; i < adj->v_ptr[v + 1]; i++) {
        uint32_t other = adj->e_u[adj->v_edge[i]];
        if (other == u || !is_first(adj, adj->v_edge[i]) || is_hub(adj, other))
            continue;
        all->through += partners(adj, other, RF_OVERLAP_MOST) - 1;
        int k = 0;
        for (int64_t w = adj->u_ptr[other]; w < adj->u_ptr[other + 1]; w++) {
            while (k < all->n && all->entity[k] < adj->e_v[w])
                k++;
            if (k < all->n && all->entity[k] == adj->e_v[w] && is_first(adj, w))
                all->both[k]++;
        }
    }
}

static void overlap_sharing(rf_sharing *out, const rf_graph *graph, uint32_t edge)
{
    const rf_adj *adj = &graph->adj;
    const uint32_t u = adj->e_u[edge], v = adj->e_v[edge];
    crowd all;
    kept with[RF_OVERLAP_BEST], others[RF_SHARING_MOST - 1];
    int n_with = 0, n_others = 0;
    if (is_hub(adj, u))
        return;
    count_crowd(&all, adj, u, v);
    for (int k = 0; k < all.n; k++) {
        uint32_t w = all.entity[k];
        double both = (double)all.both[k];
        double mean = (double)all.through * (double)(adj->v_ptr[w + 1] - adj->v_ptr[w]) / (double)adj->n_e;
        if (both >= 2 && both > mean)
            n_with = keep(with, n_with, RF_OVERLAP_BEST,
                          (kept){.rank = poisson_nats(both, mean), .value = mean, .id = w});
    }
    if (n_with == 0)
        return;
    for (int k = 0; k < n_with; k++)
        out->entity[out->n_entities++] = with[k].id;
    out->expected = with[0].value;
    out->found = 1;
    for (int64_t i = adj->v_ptr[v]; i < adj->v_ptr[v + 1]; i++) {
        uint32_t other = adj->e_u[adj->v_edge[i]];
        int met = 0;
        if (other == u || !is_first(adj, adj->v_edge[i]) || edge_between(adj, other, with[0].id) < 0 ||
            is_hub(adj, other))
            continue;
        for (int k = 0; k < n_with; k++)
            met += edge_between(adj, other, with[k].id) >= 0;
        out->found++;
        n_others = keep(others, n_others, RF_SHARING_MOST - 1, (kept){.rank = met, .id = other});
    }
    for (int k = 0; k < n_others; k++)
        out->user[out->n_users++] = others[k].id;
}

static void copied_sharing(rf_sharing *out, const rf_graph *graph, uint32_t edge)
{
    const rf_adj *adj = &graph->adj;
    const uint32_t u = adj->e_u[edge], v = adj->e_v[edge];
    kept others[RF_OVERLAP_BEST];
    int n_others = 0;
    double reach = 0; /* edges of u's other entities */
    for (int64_t i = adj->u_ptr[u]; i < adj->u_ptr[u + 1]; i++) {
        uint32_t w = adj->e_v[i];
        reach += w != v && is_first(adj, i) ? (double)(adj->v_ptr[w + 1] - adj->v_ptr[w]) : 0;
    }
    for (int64_t i = adj->v_ptr[v]; i < adj->v_ptr[v + 1]; i++) {
        uint32_t other = adj->e_u[adj->v_edge[i]];
        if (other == u || !is_first(adj, adj->v_edge[i]))
            continue;
        double shared = (double)shared_entities(adj, u, other, v);
        double mean = (double)(partners(adj, other, INT64_MAX) - 1) * reach / (double)adj->n_e;
        if (shared >= 2 && shared > mean)
            n_others = keep(others, n_others, RF_OVERLAP_BEST,
                            (kept){.rank = poisson_nats(shared, mean), .value = mean, .id = other});
    }
    if (n_others == 0)
        return;
    out->expected = others[0].value;
    out->found = 1;
    for (int64_t i = adj->u_ptr[u]; i < adj->u_ptr[u + 1]; i++) {
        if (adj->e_v[i] == v || !is_first(adj, i) || edge_between(adj, others[0].id, adj->e_v[i]) < 0)
            continue;
        out->found++;
        if (out->n_entities < RF_SHARING_MOST)
            out->entity[out->n_entities++] = adj->e_v[i];
    }
    for (int k = 0; k < n_others; k++)
        out->user[out->n_users++] = others[k].id;
}

void rf_sharing_of(rf_sharing *out, const rf_graph *graph, rf_part_id part, uint32_t edge)
{
    *out = (rf_sharing){.part = part,
                        .within_s = NAN,
                        .n_users = 1,
                        .n_entities = 1,
                        .user = {graph->adj.e_u[edge]},
                        .entity = {graph->adj.e_v[edge]}};
    if (part == RF_PART_LOCKSTEP)
        lockstep_sharing(out, graph, edge);
    else if (part == RF_PART_OVERLAP)
        overlap_sharing(out, graph, edge);
    else if (part == RF_PART_COPIED)
        copied_sharing(out, graph, edge);
}
