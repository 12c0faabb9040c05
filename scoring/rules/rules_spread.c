/* rules_spread.c - passes tags of edges on to the users and entities that have enough of them. */
#include "rf_mem.h"
#include "rules_judge_int.h"

#define BLOCK 2048

void rule_crowds_clear(rule_crowds *crowds)
{
    rf_mem_free(crowds->tagged);
    for (int i = 0; i < 2; i++) {
        rf_mem_free(crowds->crowd[i]);
        rf_mem_free(crowds->reached[i]);
    }
    *crowds = (rule_crowds){0};
}

typedef struct crowd_task {
    const rule_verdict *verdict;
    const rule_world *world;
    rule_crowds *out;
    rf_side end;
    int64_t n;
} crowd_task;

/* The kind whose edges the rule is about. */
static int kind_of(const rule_verdict *verdict)
{
    return rf_side_kind(verdict->side);
}

static void mark_edges(void *context, int64_t index, int worker)
{
    const crowd_task *task = context;
    (void)worker;
    for (int64_t row = index * BLOCK; row < task->n && row < (index + 1) * BLOCK; row++)
        task->out->tagged[row] = rule_holds(task->verdict, task->world, row);
}

static void count_crowds(void *context, int64_t index, int worker)
{
    const crowd_task *task = context;
    (void)worker;
    for (int64_t row = index * BLOCK; row < task->n && row < (index + 1) * BLOCK; row++) {
        rule_edges edges = rule_edges_of(task->world, kind_of(task->verdict), task->end, row);
        uint32_t crowd = 0, last = UINT32_MAX;
        for (int64_t i = edges.from; i < edges.to; i++) {
            if (!task->out->tagged[rule_edge_at(&edges, i)] || rule_partner_at(&edges, i) == last)
                continue;
            last = rule_partner_at(&edges, i);
            crowd++;
        }
        task->out->crowd[task->end][row] = crowd;
    }
}

static void mark_reached(void *context, int64_t index, int worker)
{
    const crowd_task *task = context;
    (void)worker;
    for (int64_t row = index * BLOCK; row < task->n && row < (index + 1) * BLOCK; row++) {
        rule_reach reach = rule_reach_of(task->verdict, task->world, task->out, task->end, row);
        task->out->reached[task->end][row] = reach.holds;
    }
}

rf_status rule_crowds_init(rule_crowds *out, const rule_verdict *verdict, const rule_world *world,
                           rf_err *err)
{
    rf_status st = RF_OK;
    crowd_task task = {.verdict = verdict, .world = world, .out = out, .n = verdict->n};
    *out = (rule_crowds){0};
    RF_NEW(out->tagged, verdict->n, err);
    for (rf_side end = RF_USER; end <= RF_ENTITY; end++) {
        int64_t n = rule_rows(world, rule_end_side(kind_of(verdict), end));
        RF_NEW(out->crowd[end], n, err);
        RF_NEW(out->reached[end], n, err);
    }
    rf_pool_run(world->pool, (task.n + BLOCK - 1) / BLOCK, mark_edges, &task);
    for (int i = 0; i < 4; i++) { /* crowds of both ends, then who is reached */
        task.end = i % 2;
        task.n = rule_rows(world, rule_end_side(kind_of(verdict), task.end));
        rf_pool_run(world->pool, (task.n + BLOCK - 1) / BLOCK, i < 2 ? count_crowds : mark_reached, &task);
    }
done:
    if (st < 0)
        rule_crowds_clear(out);
    return st;
}

bool rule_edge_keeps_tag(const rule_verdict *verdict, const rule_world *world, const rule_crowds *crowds,
                         int64_t edge)
{
    const rf_adj *adj = rf_graph_adj(world->graph, kind_of(verdict));
    uint32_t user = adj->e_u[edge], entity = adj->e_v[edge];
    if (!crowds->tagged[edge])
        return false;
    if (!verdict->of->spread_only)
        return true;
    return (crowds->reached[0][user] && crowds->crowd[1][entity] >= verdict->of->spread[0].crowd) ||
           (crowds->reached[1][entity] && crowds->crowd[0][user] >= verdict->of->spread[1].crowd);
}

rule_reach rule_reach_of(const rule_verdict *verdict, const rule_world *world, const rule_crowds *crowds,
                         rf_side end, int64_t row)
{
    const rule_spread *spread = &verdict->of->spread[end];
    const uint32_t *crowd = crowds->crowd[end == RF_USER];
    rule_reach reach = {.surest = RF_NO_EDGE};
    rule_edges edges = rule_edges_of(world, kind_of(verdict), end, row);
    double events = 0, tagged = 0;
    const bool any = crowds->crowd[end][row] > 0; /* of its edges is tagged */
    for (int64_t i = edges.from; any && i < edges.to; i++) {
        uint32_t edge = rule_edge_at(&edges, i), partner = rule_partner_at(&edges, i);
        double weight = rule_events(world, verdict->side, edge);
        events += weight;
        if (!crowds->tagged[edge])
            continue;
        if (crowd[partner] > reach.crowd)
            reach.crowd = crowd[partner];
        if (crowd[partner] < spread->crowd)
            continue;
        reach.edges++;
        tagged += weight;
        if (reach.surest == RF_NO_EDGE || verdict->confidence[edge] > verdict->confidence[reach.surest])
            reach.surest = edge;
    }
    reach.share = events > 0 ? tagged / events : 0;
    reach.holds = spread->on && reach.edges >= spread->edges && reach.share >= spread->share;
    return reach;
}
