/* sequence_steps.c - the steps of every user in order of time. */
#include <math.h>

#include "rf_mem.h"
#include "rf_rng.h"
#include "sequence_int.h"

#define EDGES_A_TASK 4096
#define USERS_A_TASK 256
#define ROWS_AHEAD 24
#define SECOND INT64_C(1000000)
#define HALF_ROOT 0.70710678118654752440

uint64_t rf_hash_two(uint64_t a, uint64_t b)
{
    return rf_mix64(a + b * UINT64_C(0x9E3779B97F4A7C15));
}

/* ---- gaps ---- */

static uint32_t gap_class(int64_t gap_us)
{
    static const int64_t from[RF_GAP_CLASSES - 1] = {
        0, 1, 60 * SECOND, 3600 * SECOND, 86400 * SECOND, 7 * 86400 * SECOND};
    uint32_t number = 0;
    for (int k = 0; k < RF_GAP_CLASSES - 1; k++)
        number += gap_us >= from[k];
    return number;
}

/* 1 + floor(2 log2(gap in seconds + 1)) */
static uint8_t gap_fine(int64_t gap_us)
{
    int power;
    const double part = frexp((double)gap_us / (double)SECOND + 1, &power); /* from 1/2 on */
    return (uint8_t)(2 * power - 1 + (part >= HALF_ROOT));
}

/* ---- all steps ---- */

typedef struct hash_task {
    const rf_actions *actions;
    const rf_adj *adj;
    uint64_t *popularity; /* [n_v] log2 of the users of each entity, where no column says what was done */
    uint64_t *out;        /* [n_e] */
} hash_task;

static void hash_actions(void *context, int64_t index, int worker)
{
    (void)worker;
    const hash_task *task = context;
    for (int64_t i = index * EDGES_A_TASK; i < (index + 1) * EDGES_A_TASK && i < task->adj->n_e; i++) {
        if (i + ROWS_AHEAD < task->adj->n_e)
            rf_actions_fetch(task->actions, i + ROWS_AHEAD);
        task->out[i] = task->actions->n > 0 ? rf_actions_hash(task->actions, i)
                                            : task->popularity[task->adj->e_v[i]] + 1;
    }
}

/* action[edges] */
static rf_status find_actions(uint64_t *action, const rf_actions *actions, const rf_adj *adj, rf_pool *pool,
                              rf_err *err)
{
    rf_status st = RF_OK;
    hash_task task = {.actions = actions, .adj = adj, .out = action};
    RF_ZERO(task.popularity, adj->n_v, err);
    for (int64_t v = 0; actions->n == 0 && v < adj->n_v; v++) {
        const int64_t users = rf_adj_users_of(adj, v);
        while (users >> task.popularity[v] > 1)
            task.popularity[v]++;
    }
    rf_pool_run(pool, (adj->n_e + EDGES_A_TASK - 1) / EDGES_A_TASK, hash_actions, &task);
done:
    rf_mem_free(task.popularity);
    return st;
}

typedef struct gap_task {
    rf_steps *steps;
    const int64_t *time;
} gap_task;

static void class_gaps(void *context, int64_t index, int worker)
{
    (void)worker;
    const gap_task *task = context;
    const rf_steps *steps = task->steps;
    for (int64_t u = index * USERS_A_TASK; u < (index + 1) * USERS_A_TASK && u < steps->n_u; u++) {
        for (int64_t i = steps->u_ptr[u]; i < steps->u_ptr[u + 1]; i++) {
            const bool is_first = i == steps->u_ptr[u];
            const int64_t gap = is_first ? 0 : task->time[steps->edge[i]] - task->time[steps->edge[i - 1]];
            steps->gram[RF_GRAM_GAP][i] = is_first ? 0 : gap_class(gap);
            steps->fine[i] = is_first ? 0 : gap_fine(gap);
        }
    }
}

rf_status rf_steps_init(rf_steps *steps, const rf_graph *graph, const rf_time_order *order, rf_pool *pool,
                        rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &graph->adj;
    uint64_t *action = NULL;
    rf_actions actions = {0};
    *steps = (rf_steps){.n_u = adj->n_u, .n = adj->n_e, .u_ptr = adj->u_ptr, .edge = order->edge[RF_USER]};
    steps->n_grams[RF_GRAM_GAP] = RF_GAP_CLASSES;
    for (int k = 0; k < RF_GRAMS; k++)
        RF_NEW(steps->gram[k], adj->n_e, err);
    RF_NEW(steps->fine, adj->n_e, err);
    RF_NEW(action, adj->n_e, err);
    for (int64_t u = 0; u < adj->n_u; u++) {
        const int64_t n = adj->u_ptr[u + 1] - adj->u_ptr[u];
        steps->longest = n > steps->longest ? n : steps->longest;
    }
    RF_TRY(rf_actions_init(&actions, graph, err));
    RF_TRY(find_actions(action, &actions, adj, pool, err));
    gap_task task = {.steps = steps, .time = graph->side[RF_EDGE].first_us};
    rf_pool_run(pool, (adj->n_u + USERS_A_TASK - 1) / USERS_A_TASK, class_gaps, &task);
    RF_TRY(rf_grams_number(steps, action, pool, err));
done:
    rf_actions_clear(&actions);
    rf_mem_free(action);
    if (st < 0)
        rf_steps_clear(steps);
    return st;
}

void rf_steps_clear(rf_steps *steps)
{
    for (int k = 0; k < RF_GRAMS; k++)
        rf_mem_free(steps->gram[k]);
    rf_mem_free(steps->fine);
    *steps = (rf_steps){0};
}
