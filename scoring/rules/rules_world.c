/* rules_world.c - graph and scores as rules see them: rows, events, degrees, hubs.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "rules_judge_int.h"

#define BLOCK 2048   /* rows of a task */
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
    if (rf_side_role(side) == RF_EDGE)
        return 1;
    rule_edges edges = rule_edges_of(world, rf_side_kind(side), rf_side_role(side), row);
    return (double)(edges.to - edges.from);
}

/* ---- degrees and hubs ---- */

typedef struct degree_task {
    const rule_world *world;
    int kind;
    rf_side end;
    uint32_t *degree;
    int64_t n;
} degree_task;

/* Parallel edges lie side by side: of a user in edge order, of an entity in the order of its users. */
static void count_partners(void *context, int64_t index, int worker)
{
    const degree_task *task = context;
    (void)worker;
    for (int64_t row = index * BLOCK; row < task->n && row < (index + 1) * BLOCK; row++) {
        rule_edges edges = rule_edges_of(task->world, task->kind, task->end, row);
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

static rf_status count_degrees(rule_world *world, int kind, rf_side end, rf_err *err)
{
    rf_status st = RF_OK;
    struct rule_partners *of = &world->kind[kind];
    int64_t n = rule_rows(world, rule_end_side(kind, end));
    RF_NEW(of->degree[end], n, err);
    RF_NEW(of->sorted[end], n, err);
    degree_task task = {world, kind, end, of->degree[end], n};
    rf_pool_run(world->pool, (n + BLOCK - 1) / BLOCK, count_partners, &task);
    if (n > 0)
        memcpy(of->sorted[end], of->degree[end], (size_t)n * sizeof *of->sorted[end]);
    qsort(of->sorted[end], (size_t)n, sizeof *of->sorted[end], by_size);
done:
    return st;
}

rf_status rule_world_init(rule_world *world, const rf_rules *rules, const rf_graph *graph,
                          const rf_scores *scores, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    *world = (rule_world){.on = rule_graph_of(rules, graph), .graph = graph, .scores = scores, .pool = pool};
    RF_ZERO(world->cache, 1, err);
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++) {
        for (rf_side end = RF_USER; end <= RF_ENTITY; end++)
            RF_TRY(count_degrees(world, k, end, err));
    }
done:
    if (st < 0)
        rule_world_clear(world);
    return st;
}

void rule_world_clear(rule_world *world)
{
    for (int k = 0; k < RF_KINDS_MOST; k++) {
        for (rf_side end = RF_USER; end <= RF_ENTITY; end++) {
            rf_mem_free(world->kind[k].degree[end]);
            rf_mem_free(world->kind[k].sorted[end]);
        }
    }
    for (int i = 0; i < RULE_KEPT && world->cache != NULL; i++)
        rf_mem_free(world->cache->at[i].column);
    rf_mem_free(world->cache);
    *world = (rule_world){0};
}

double rule_degree(const rule_world *world, rf_side side, int64_t row)
{
    const uint8_t *hub = world->graph->side[side].hub;
    return hub != NULL && hub[row] != 0
               ? NAN
               : (double)world->kind[rf_side_kind(side)].degree[rf_side_role(side)][row];
}

uint32_t rule_hub_limit(const rule_world *world, int kind, rf_side end, double percentile)
{
    int64_t n = rule_rows(world, rule_end_side(kind, end));
    if (n == 0 || percentile >= 1)
        return UINT32_MAX;
    int64_t place = (int64_t)ceil(percentile * (double)n) - 1;
    uint32_t limit = world->kind[kind].sorted[end][place < 0 ? 0 : place];
    return limit < LEAST_HUB - 1 ? LEAST_HUB - 1 : limit;
}
