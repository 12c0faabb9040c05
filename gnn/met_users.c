/* met_users.c - the users that a kind of entity meets, by themselves.
 *
 * Every user meets the main kind, but of five kinds few users may meet one: without an edge a user neither
 * hears the kind nor is heard by it. So a kind's convolutions run on its own users alone, numbered in their
 * order; their rows are gathered from, and added to, those of all users.
 */
#include "graphbean_int.h"

#include <string.h>

int64_t count_met(const rf_adj *adj)
{
    int64_t n = 0;
    for (int64_t u = 0; u < adj->n_u; u++)
        n += adj->u_ptr[u + 1] > adj->u_ptr[u];
    return n;
}

void find_met(kind_memory *kind, const rf_adj *adj)
{
    int64_t n = 0;
    for (int64_t u = 0; u < adj->n_u; u++) {
        if (adj->u_ptr[u] == adj->u_ptr[u + 1])
            continue;
        for (int64_t e = adj->u_ptr[u]; e < adj->u_ptr[u + 1]; e++)
            kind->edge_user[e] = (uint32_t)n;
        kind->users_ptr[n] = adj->u_ptr[u];
        kind->users[n++] = (uint32_t)u;
    }
    kind->users_ptr[n] = adj->n_e;
    kind->met = *adj;
    kind->met.n_u = n;
    kind->met.e_u = kind->edge_user;
    kind->met.u_ptr = kind->users_ptr;
    kind->adj = &kind->met;
}

typedef struct move {
    const uint32_t *users;
    rf_real *all, *own;
    const rf_real *from;
    int64_t n;
    int d;
} move;

static void gather_task(void *context, int64_t block, int worker)
{
    const move *job = context;
    const size_t bytes = (size_t)job->d * sizeof *job->own;
    (void)worker;
    for (int64_t i = block * RF_BLOCK; i < (block + 1) * RF_BLOCK && i < job->n; i++)
        memcpy(job->own + i * job->d, job->from + (int64_t)job->users[i] * job->d, bytes);
}

static void add_task(void *context, int64_t block, int worker)
{
    const move *job = context;
    (void)worker;
    for (int64_t i = block * RF_BLOCK; i < (block + 1) * RF_BLOCK && i < job->n; i++) {
        rf_real *to = job->all + (int64_t)job->users[i] * job->d;
        for (int j = 0; j < job->d; j++)
            to[j] += job->own[i * job->d + j];
    }
}

const rf_real *met_rows(rf_workspace *ws, int kind, rf_real *room, const rf_real *x, int d)
{
    const kind_memory *of = &ws->kind[kind];
    move job = {.users = of->users, .from = x, .own = room, .n = of->n_users, .d = d};
    if (of->users == NULL || d == 0)
        return x;
    rf_pool_run(ws->pool, rf_blocks(job.n), gather_task, &job);
    return room;
}

rf_real *begin_met(rf_workspace *ws, int kind, rf_real *to, int d)
{
    const kind_memory *of = &ws->kind[kind];
    if (of->users == NULL)
        return to;
    memset(ws->users_out, 0, (size_t)of->n_users * (size_t)d * sizeof *ws->users_out);
    return ws->users_out;
}

void end_met(rf_workspace *ws, int kind, rf_real *to, int d)
{
    const kind_memory *of = &ws->kind[kind];
    move job = {.users = of->users, .all = to, .own = ws->users_out, .n = of->n_users, .d = d};
    if (of->users != NULL)
        rf_pool_run(ws->pool, rf_blocks(job.n), add_task, &job);
}
