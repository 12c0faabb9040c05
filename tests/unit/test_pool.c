/* test_pool.c - every task runs exactly once, on any number of threads. */
#include "rf_check.h"
#include "rf_pool.h"

#include <stdatomic.h>

#define TASKS 1000

typedef struct job {
    atomic_int runs[TASKS];
    int64_t results[TASKS];
    atomic_int worst_worker;
} job;

static void run_task(void *context, int64_t index, int worker)
{
    job *j = context;
    atomic_fetch_add(&j->runs[index], 1);
    int64_t sum = 0;
    for (int64_t i = 0; i <= index; i++)
        sum += i * i;
    j->results[index] = sum;
    int worst = atomic_load(&j->worst_worker);
    while (worker > worst && !atomic_compare_exchange_weak(&j->worst_worker, &worst, worker)) {
    }
}

static void check_pool(int threads)
{
    rf_err err = {0};
    rf_pool *pool = NULL;
    static job j;
    if (threads > 0)
        RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    ck_assert_int_eq(rf_pool_threads(pool), threads > 0 ? threads : 1);
    for (int round = 1; round <= 50; round++) {
        rf_pool_run(pool, TASKS, run_task, &j);
        for (int64_t i = 0; i < TASKS; i++)
            RF_HOLDS(atomic_load(&j.runs[i]) == round);
    }
    for (int64_t n = 0; n < 3; n++)
        rf_pool_run(pool, n, run_task, &j);
    ck_assert_int_eq(j.results[999], 332833500);
    ck_assert_int_lt(atomic_load(&j.worst_worker), threads > 0 ? threads : 1);
    rf_pool_free(pool);
    memset(&j, 0, sizeof j);
}

START_TEST(every_task_runs_once_a_call)
{
    const int threads[] = {0, 1, 2, 4, 7};
    for (size_t i = 0; i < 5; i++)
        check_pool(threads[i]);
}
END_TEST

START_TEST(pools_survive_failing_allocations)
{
    rf_pool *pool = NULL;
    RF_SWEEP(rf_pool_new(&pool, 3, sweep_err), rf_pool_free(pool));
    rf_pool_free(NULL);
}
END_TEST

START_TEST(there_is_at_least_one_cpu)
{
    ck_assert_int_ge(rf_cpu_count(), 1);
}
END_TEST

RF_SUITE("pool", every_task_runs_once_a_call, pools_survive_failing_allocations, there_is_at_least_one_cpu)
