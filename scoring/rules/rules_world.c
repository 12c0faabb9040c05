/* rules_world.c - graph and scores as rules look at them: rows, events, degrees, hubs, and the columns that
 * were asked for last, since rules look at the same things again and again.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "rules_int.h"

#define BLOCK 2048   /* rows of a task */
#define LEAST_HUB 50 /* partners: small graphs have no hubs */
#define COLUMNS 24   /* kept */

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

/* ---- the columns asked for last ---- */

typedef struct kept_column {
    const rule_operand *operand; /* NULL: free */
    rf_side subject;
    double ignore_hubs;
    rf_real *column;
} kept_column;

struct rule_cache {
    kept_column at[COLUMNS];
    int next; /* to be replaced: the oldest */
};

static bool same_step(const rule_step *a, const rule_step *b)
{
    bool bound = a->how != RULE_SHARE && a->how != RULE_COUNT;
    return a->how == b->how && a->from == b->from && a->to == b->to &&
           (bound || (a->below == b->below && !(a->bound < b->bound) && !(a->bound > b->bound)));
}

static bool same_operand(const rule_operand *a, const rule_operand *b)
{
    if (a->name != b->name || a->n_steps != b->n_steps || a->side != b->side || a->name == RULE_NUMBER)
        return false;
    for (int i = 0; i < a->n_steps; i++) {
        if (!same_step(&a->steps[i], &b->steps[i]))
            return false;
    }
    return a->feature == NULL || b->feature == NULL ? a->feature == b->feature
                                                    : strcmp(a->feature, b->feature) == 0;
}

const rf_real *rule_cache_get(const rule_cache *cache, const rule_operand *operand, rf_side subject,
                              double ignore_hubs)
{
    for (int i = 0; i < COLUMNS; i++) {
        const kept_column *kept = &cache->at[i];
        bool same_hubs = !(kept->ignore_hubs < ignore_hubs) && !(kept->ignore_hubs > ignore_hubs);
        if (kept->operand != NULL && kept->subject == subject && same_hubs &&
            same_operand(kept->operand, operand))
            return kept->column;
    }
    return NULL;
}

void rule_cache_put(rule_cache *cache, const rule_operand *operand, rf_side subject, double ignore_hubs,
                    rf_real *column)
{
    kept_column *kept = &cache->at[cache->next];
    cache->next = (cache->next + 1) % COLUMNS;
    rf_mem_free(kept->column);
    *kept = (kept_column){operand, subject, ignore_hubs, column};
}

/* ---- degrees and hubs ---- */

static int64_t block_tasks(int64_t n)
{
    return (n + BLOCK - 1) / BLOCK;
}

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
    world->cache = rf_mem_zero(1, sizeof *world->cache, err);
    for (int i = 0; i < 2 && world->cache != NULL; i++) {
        rf_side side = i;
        int64_t n = rule_rows(world, side);
        world->degree[i] = rf_mem_new((size_t)n, sizeof *world->degree[i], err);
        world->sorted[i] =
            world->degree[i] == NULL ? NULL : rf_mem_new((size_t)n, sizeof *world->sorted[i], err);
        if (world->sorted[i] == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
        degree_task task = {world, side, world->degree[i], n};
        rf_pool_run(pool, block_tasks(n), count_partners, &task);
        if (n > 0)
            memcpy(world->sorted[i], world->degree[i], (size_t)n * sizeof *world->sorted[i]);
        qsort(world->sorted[i], (size_t)n, sizeof *world->sorted[i], by_size);
    }
    st = world->cache == NULL ? RF_E_NOMEM : RF_OK;
done:
    if (st < 0)
        rule_world_clear(world);
    return st;
}

void rule_world_clear(rule_world *world)
{
    for (int i = 0; i < 2; i++) {
        rf_mem_free(world->degree[i]);
        rf_mem_free(world->sorted[i]);
    }
    for (int i = 0; i < COLUMNS && world->cache != NULL; i++)
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
