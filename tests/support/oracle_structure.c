/* oracle_structure.c - degrees, butterflies, cores and components, by brute force. */
#include "feature_oracle_int.h"

#include <math.h>

static bool met(const test_world *w, int user, int entity)
{
    for (int i = 0; i < w->n; i++)
        if (w->events[i].user == user && w->events[i].entity == entity && in_window(w, &w->events[i]))
            return true;
    return false;
}

int oracle_degree(const test_world *w, int user, int entity)
{
    int n = 0;
    for (int i = 0; i < MOST_NODES; i++)
        n += user >= 0 ? met(w, user, i) : met(w, i, entity);
    return n;
}

double oracle_butterflies(const test_world *w, int user, int entity)
{
    int n = 0;
    for (int u = 0; u < MOST_NODES; u++)
        for (int v = 0; v < MOST_NODES; v++)
            n += u != user && v != entity && met(w, u, entity) && met(w, user, v) && met(w, u, v);
    return n;
}

/* Core number (peeling) of every node, users first; -1 where there is no such node. */
static void peel(const test_world *w, int core[2 * MOST_NODES])
{
    bool alive[2 * MOST_NODES];
    for (int i = 0; i < 2 * MOST_NODES; i++) {
        core[i] = -1;
        alive[i] = oracle_degree(w, i < MOST_NODES ? i : -1, i - MOST_NODES) > 0;
    }
    for (int k = 0, changed; k < MOST_NODES; k++) {
        do {
            changed = 0;
            for (int i = 0; i < 2 * MOST_NODES; i++) {
                int d = 0;
                for (int j = 0; alive[i] && j < MOST_NODES; j++)
                    d += i < MOST_NODES ? alive[MOST_NODES + j] && met(w, i, j)
                                        : alive[j] && met(w, j, i - MOST_NODES);
                if (alive[i] && d <= k) {
                    alive[i] = false;
                    core[i] = k;
                    changed = 1;
                }
            }
        } while (changed);
    }
}

static int component_size(const test_world *w, int node)
{
    bool in[2 * MOST_NODES] = {0};
    int n = 1;
    in[node] = true;
    for (bool grew = true; grew;) {
        grew = false;
        for (int u = 0; u < MOST_NODES; u++)
            for (int v = 0; v < MOST_NODES; v++)
                if (in[u] != in[MOST_NODES + v] && met(w, u, v)) {
                    in[u] = in[MOST_NODES + v] = grew = true;
                    n++;
                }
    }
    return n;
}

static double node_clustering(const test_world *w, int user, int entity, double *through)
{
    double paths = 0;
    *through = 0;
    for (int i = 0; i < MOST_NODES; i++) {
        int u = user >= 0 ? user : i, v = user >= 0 ? i : entity;
        if (!met(w, u, v))
            continue;
        *through += oracle_butterflies(w, u, v) / 2;
        paths += (oracle_degree(w, u, -1) - 1.0) * (oracle_degree(w, -1, v) - 1.0);
    }
    return paths > 0 ? 2 * *through / paths : 0;
}

double oracle_place_feature(const test_world *w, int user, int entity, const char *name, bool *known)
{
    int core[2 * MOST_NODES], node = user >= 0 ? user : MOST_NODES + entity;
    double through, closed;

    if (named(name, "core_number", known)) {
        peel(w, core);
        return core[node];
    }
    if (named(name, "component_size", known))
        return component_size(w, node);
    if (named(name, "butterflies", known)) {
        node_clustering(w, user, entity, &through);
        return through;
    }
    if (named(name, "clustering", known)) {
        closed = node_clustering(w, user, entity, &through);
        return closed;
    }
    return NAN;
}
