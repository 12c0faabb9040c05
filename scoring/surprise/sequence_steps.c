/* sequence_steps.c - the steps of every user in order of time. */
#include <math.h>

#include "rf_mem.h"
#include "rf_rng.h"
#include "sequence_int.h"

#define EDGES_A_TASK 4096
#define SECOND INT64_C(1000000)

uint64_t rf_hash_two(uint64_t a, uint64_t b)
{
    return rf_mix64(a + b * UINT64_C(0x9E3779B97F4A7C15));
}

int rf_gap_class(int64_t gap_us)
{
    static const int64_t from[] = {0, 1, 60 * SECOND, 3600 * SECOND, 86400 * SECOND, 7 * 86400 * SECOND};
    int number = 0;
    while (number < (int)(sizeof from / sizeof *from) && gap_us >= from[number])
        number++;
    return number;
}

int rf_gap_fine(int64_t gap_us)
{
    return gap_us < 0 ? 0 : 1 + (int)floor(2 * log2((double)gap_us / (double)SECOND + 1));
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
    for (int64_t i = index * EDGES_A_TASK; i < (index + 1) * EDGES_A_TASK && i < task->adj->n_e; i++)
        task->out[i] = task->actions->n > 0 ? rf_actions_hash(task->actions, i)
                                            : task->popularity[task->adj->e_v[i]] + 1;
}

/* action[edges] */
static rf_status find_actions(uint64_t *action, const rf_actions *actions, const rf_adj *adj, rf_pool *pool,
                              rf_err *err)
{
    rf_status st = RF_OK;
    hash_task task = {.actions = actions, .adj = adj, .out = action};
    RF_ZERO(task.popularity, adj->n_v, err);
    for (int64_t v = 0; actions->n == 0 && v < adj->n_v; v++) {
        const int64_t users = rf_actions_users(actions, (uint32_t)v);
        while (users >> task.popularity[v] > 1)
            task.popularity[v]++;
    }
    rf_pool_run(pool, (adj->n_e + EDGES_A_TASK - 1) / EDGES_A_TASK, hash_actions, &task);
done:
    rf_mem_free(task.popularity);
    return st;
}

rf_status rf_steps_init(rf_steps *steps, const rf_graph *graph, const rf_time_order *order, rf_pool *pool,
                        rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &graph->adj;
    const int64_t *time = graph->side[RF_EDGE].first_us;
    const uint32_t *at = order->edge[RF_USER];
    uint64_t *action = NULL;
    rf_actions actions = {0};
    *steps = (rf_steps){.n_u = adj->n_u, .n = adj->n_e, .u_ptr = adj->u_ptr};
    RF_NEW(steps->at, adj->n_e, err);
    RF_NEW(action, adj->n_e, err);
    RF_TRY(rf_actions_init(&actions, graph, err));
    RF_TRY(find_actions(action, &actions, adj, pool, err));
    for (int64_t u = 0; u < adj->n_u; u++) {
        const int64_t from = adj->u_ptr[u], to = adj->u_ptr[u + 1];
        steps->longest = to - from > steps->longest ? to - from : steps->longest;
        for (int64_t i = from; i < to; i++) {
            const uint64_t did = action[at[i]];
            const int64_t gap = i > from ? time[at[i]] - time[at[i - 1]] : RF_FIRST_STEP;
            steps->at[i] = (rf_step){.action = did,
                                     .token = rf_hash_two(did, (uint64_t)rf_gap_class(gap)),
                                     .gap_us = gap,
                                     .edge = at[i]};
        }
    }
done:
    rf_actions_clear(&actions);
    rf_mem_free(action);
    if (st < 0)
        rf_steps_clear(steps);
    return st;
}

void rf_steps_clear(rf_steps *steps)
{
    rf_mem_free(steps->at);
    *steps = (rf_steps){0};
}
