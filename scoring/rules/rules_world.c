/* rules_world.c - graph and scores as rules see them: rows, events, degrees, hubs.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "rules_judge_int.h"

#define BLOCK 2048 /* rows of a task */
#define DAY_US 86400e6
#define LEAST_HUB 50 /* partners: small graphs have no hubs */

int64_t rule_rows(const rule_world *world, rf_side side)
{
    return world->graph->side[side].n;
}

double rule_events(const rule_world *world, rf_side side, int64_t row)
{
    const rf_graph_side *of = &world->graph->side[side];
    if (of->count != NULL)
        return (double)of->count[row];
    if (side == RF_EDGE)
        return 1;
    rule_edges edges = rule_edges_of(world, side, row);
    return (double)(edges.to - edges.from);
}

/* ---- ages ---- */

static void find_window(rule_world *world)
{
    const rf_graph *graph = world->graph;
    const rf_graph_side *users = &graph->side[RF_USER];
    if (users->first_us == NULL || users->n == 0)
        return;
    world->from_us = graph->window_from_us;
    world->to_us = graph->window_to_us;
    if (world->to_us > world->from_us)
        return;
    world->from_us = users->first_us[0];
    world->to_us = users->last_us[0];
    for (int64_t i = 0; i < users->n; i++) {
        world->from_us = users->first_us[i] < world->from_us ? users->first_us[i] : world->from_us;
        world->to_us = users->last_us[i] > world->to_us ? users->last_us[i] : world->to_us;
    }
}

double rule_user_age_days(const rule_world *world, int64_t edge)
{
    const rf_graph *graph = world->graph;
    double window = (double)(world->to_us - world->from_us);
    if (!(window > 0) || graph->side[RF_EDGE].last_us == NULL)
        return NAN;
    int64_t first = graph->side[RF_USER].first_us[graph->adj.e_u[edge]];
    double age = (double)(graph->side[RF_EDGE].last_us[edge] - first);
    bool censored = (double)(first - world->from_us) < window / 10;
    return (censored ? window : age) / DAY_US;
}

/* ---- degrees and hubs ---- */

typedef struct degree_task {
    const rule_world *world;
    rf_side side;
    uint32_t *degree;
    int64_t n;
} degree_task;

/* Parallel edges lie side by side: of a user in edge order, of an entity in the order of its users. */
static void count_partners(void *context, int64_t index, int worker)
{
    const degree_task *task = context;
    (void)worker;
    for (int64_t row = index * BLOCK; row < task->n && row < (index + 1) * BLOCK; row++) {
        rule_edges edges = rule_edges_of(task->world, task->side, row);
        uint32_t degree = 0;
        for (int64_t i = edges.from; i < edges.to; i++)
            degree += i == edges.from || rule_partner_at(&edges, i) != rule_partner_at(&edges, i - 1);
        task->degree[row] = degree;
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

rf_status rule_world_init(rule_world *world, const rf_graph *graph, const rf_scores *scores, rf_pool *pool,
                          rf_err *err)
{
    rf_status st = RF_OK;
    *world = (rule_world){.graph = graph, .scores = scores, .pool = pool};
    RF_ZERO(world->cache, 1, err);
    find_window(world);
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        int64_t n = rule_rows(world, side);
        RF_NEW(world->degree[side], n, err);
        RF_NEW(world->sorted[side], n, err);
        degree_task task = {world, side, world->degree[side], n};
        rf_pool_run(pool, (n + BLOCK - 1) / BLOCK, count_partners, &task);
        if (n > 0)
            memcpy(world->sorted[side], world->degree[side], (size_t)n * sizeof *world->sorted[side]);
        qsort(world->sorted[side], (size_t)n, sizeof *world->sorted[side], by_size);
    }
done:
    if (st < 0)
        rule_world_clear(world);
    return st;
}

void rule_world_clear(rule_world *world)
{
    for (rf_side i = RF_USER; i <= RF_ENTITY; i++) {
        rf_mem_free(world->degree[i]);
        rf_mem_free(world->sorted[i]);
    }
    for (int i = 0; i < RULE_KEPT && world->cache != NULL; i++)
        rf_mem_free(world->cache->at[i].column);
    rf_mem_free(world->cache);
    *world = (rule_world){0};
}

uint32_t rule_hub_limit(const rule_world *world, rf_side side, double percentile)
{
    int64_t n = rule_rows(world, side);
    if (n == 0 || percentile >= 1)
        return UINT32_MAX;
    int64_t place = (int64_t)ceil(percentile * (double)n) - 1;
    uint32_t limit = world->sorted[side][place < 0 ? 0 : place];
    return limit < LEAST_HUB - 1 ? LEAST_HUB - 1 : limit;
}
