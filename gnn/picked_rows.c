/* picked_rows.c - rows out of a matrix, or out of a model (apply.c makes them). */
#include "rf_made_rows.h"

#include "graphbean_int.h"

const rf_real *rf_made_rows_at(const rf_made_rows *rows, int64_t first, int64_t *n, int worker)
{
    if (rows->x == NULL && rows->maker != NULL)
        return made_rows(rows->maker, rows->kind, first, n, worker);
    return rows->d > 0 ? rows->x + first * rows->d : rows->x;
}

typedef struct pick_job {
    const rf_made_rows *rows;
    const rf_picked *picked;
    int64_t n;
} pick_job;

static void pick_task(void *context, int64_t block, int worker)
{
    const pick_job *job = context;
    const int64_t from = block * RF_BLOCK;
    make_picked_rows(job->rows->maker, job->rows->kind, job->picked->own + from * job->rows->d,
                     job->picked->at + from, block_rows(job->n, block), worker);
}

rf_status rf_made_rows_pick(rf_picked *out, const rf_made_rows *rows, int64_t *at, int64_t n, rf_pool *pool,
                            rf_err *err)
{
    rf_status st = RF_OK;
    rf_picked picked = {.x = rows->x, .at = at, .d = rows->d};
    if (rows->x == NULL && rows->maker != NULL) {
        RF_NEW(picked.own, (size_t)n * (size_t)rows->d, err);
        picked.x = picked.own;
        pick_job job = {rows, &picked, n};
        rf_pool_run(pool, rf_blocks(n), pick_task, &job);
    }
    *out = picked;
    picked = (rf_picked){0};
done:
    rf_picked_clear(&picked);
    return st;
}

void rf_picked_clear(rf_picked *picked)
{
    rf_mem_free(picked->at);
    rf_mem_free(picked->own);
    *picked = (rf_picked){0};
}
