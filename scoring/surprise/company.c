/* company.c - see company_int.h. */
#include "company_int.h"

#include <stdlib.h>

#include "rf_mem.h"
#include "row_blocks_int.h"
#include "tails_int.h"

#define WEIGHT 2.0
#define BLOCK_ROWS 1024
#define ORDINARY 0.95

typedef struct bar { /* of an entity: what its users are measured by */
    float low, next; /* the quartile of the others, for a user above low; and for one that is not */
    float factor;    /* (m - 1) / m, 0 where it has one user */
} bar;

typedef struct company_task {
    const rf_adj *adj; /* of the kind at hand */
    const float *main_nats, *own;
    bar *bars;      /* [entities] */
    float **rooms;  /* [workers][most edges of an entity] */
    float *of_kind; /* [users] */
} company_task;

static float nats_of(const company_task *task, int64_t user)
{
    return task->main_nats[user] + task->own[user];
}

static int ascending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void find_bars(void *context, int64_t index, int worker)
{
    const company_task *task = context;
    const rf_adj *adj = task->adj;
    float *nats = task->rooms[worker];
    for (int64_t v = index * BLOCK_ROWS; v < rf_row_block_end(index, BLOCK_ROWS, adj->n_v); v++) {
        int64_t m = 0, last = -1;
        for (int64_t i = adj->v_ptr[v]; i < adj->v_ptr[v + 1]; i++) {
            const int64_t user = adj->e_u[adj->v_edge[i]];
            if (user != last)
                nats[m++] = nats_of(task, user);
            last = user;
        }
        task->bars[v] = (bar){.factor = 0};
        if (m < 2)
            continue;
        qsort(nats, (size_t)m, sizeof *nats, ascending);
        const int64_t at = (m - 2) / 4;
        task->bars[v] = (bar){nats[at], nats[at + 1], (float)(m - 1) / (float)m};
    }
}

static void judge_users(void *context, int64_t index, int worker)
{
    const company_task *task = context;
    const rf_adj *adj = task->adj;
    (void)worker;
    for (int64_t u = index * BLOCK_ROWS; u < rf_row_block_end(index, BLOCK_ROWS, adj->n_u); u++) {
        const float nats = nats_of(task, u);
        for (int64_t i = adj->u_ptr[u]; i < adj->u_ptr[u + 1]; i++) {
            const bar *of = &task->bars[adj->e_v[i]];
            const float others = nats > of->low ? of->low : of->next;
            const float shared = of->factor * (others < nats ? others : nats);
            task->of_kind[u] = shared > task->of_kind[u] ? shared : task->of_kind[u];
        }
    }
}

rf_status rf_part_company(float *company, const float *main_nats, const float *own, const rf_adj *adj,
                          rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    company_task task = {.adj = adj, .main_nats = main_nats, .own = own};
    const int workers = rf_pool_threads(pool);
    int64_t most = 0;
    for (int64_t v = 0; v < adj->n_v; v++)
        most = adj->v_ptr[v + 1] - adj->v_ptr[v] > most ? adj->v_ptr[v + 1] - adj->v_ptr[v] : most;
    RF_ZERO(task.rooms, workers, err);
    for (int w = 0; w < workers; w++)
        RF_NEW(task.rooms[w], most, err);
    RF_NEW(task.bars, adj->n_v, err);
    RF_ZERO(task.of_kind, adj->n_u, err);
    rf_pool_run(pool, rf_row_blocks(adj->n_v, BLOCK_ROWS), find_bars, &task);
    rf_pool_run(pool, rf_row_blocks(adj->n_u, BLOCK_ROWS), judge_users, &task);
    const double ordinary = adj->n_u > 0 ? rf_quantile(task.of_kind, adj->n_u, ORDINARY) : 0;
    for (int64_t u = 0; u < adj->n_u; u++) {
        const double beyond = (double)task.of_kind[u] - ordinary;
        company[u] += beyond > 0 ? (float)(WEIGHT * beyond) : 0;
    }
done:
    for (int w = 0; task.rooms != NULL && w < workers; w++)
        rf_mem_free(task.rooms[w]);
    rf_mem_free(task.rooms);
    rf_mem_free(task.bars);
    rf_mem_free(task.of_kind);
    return st;
}
