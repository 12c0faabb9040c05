/* pool.c - a team of threads that takes numbered tasks from one counter.
 *
 * Workers sleep between calls. A call publishes its task under the lock and raises the round's number; the
 * caller works along and then waits until every worker has left the round.
 */
#include "rf_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_thread.h"

typedef struct worker {
    rf_pool *pool;
    int number; /* 1 …; the caller is 0 */
    pthread_t thread;
} worker;

struct rf_pool {
    int n_threads;
    worker *workers; /* [n_threads - 1] */
    int n_started;

    pthread_mutex_t lock;
    pthread_cond_t round_begins, round_ends;
    uint64_t round;
    int working; /* workers still in this round */
    bool closing;

    void (*task)(void *context, int64_t index, int worker);
    void *context;
    int64_t n_tasks;
    _Atomic int64_t next;
};

static void take_tasks(rf_pool *pool, int number)
{
    for (;;) {
        int64_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (index >= pool->n_tasks)
            return;
        pool->task(pool->context, index, number);
    }
}

static void *work(void *argument)
{
    worker *self = argument;
    rf_pool *pool = self->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->round == seen && !pool->closing)
            pthread_cond_wait(&pool->round_begins, &pool->lock);
        if (pool->closing)
            break;
        seen = pool->round;
        pthread_mutex_unlock(&pool->lock);
        take_tasks(pool, self->number);
        pthread_mutex_lock(&pool->lock);
        if (--pool->working == 0)
            pthread_cond_signal(&pool->round_ends);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

rf_status rf_pool_new(rf_pool **out, int n_threads, rf_err *err)
{
    rf_status st = RF_OK;
    rf_pool *pool = rf_mem_zero(1, sizeof *pool, err);
    if (pool == NULL)
        return RF_E_NOMEM;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->round_begins, NULL);
    pthread_cond_init(&pool->round_ends, NULL);
    pool->n_threads = n_threads < 1 ? 1 : n_threads;
    RF_ZERO(pool->workers, pool->n_threads, err);
    for (int i = 0; i + 1 < pool->n_threads; i++) {
        worker *w = &pool->workers[i];
        *w = (worker){.pool = pool, .number = i + 1};
        if (rf_thread_start(&w->thread, work, w) != 0)
            break;
        pool->n_started++;
    }
    pool->n_threads = pool->n_started + 1;
    *out = pool;
    pool = NULL;
done:
    rf_pool_free(pool);
    return st;
}

void rf_pool_free(rf_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->round_begins);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->n_started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->round_ends);
    pthread_cond_destroy(&pool->round_begins);
    pthread_mutex_destroy(&pool->lock);
    rf_mem_free(pool->workers);
    rf_mem_free(pool);
}

int rf_pool_threads(const rf_pool *pool)
{
    return pool == NULL ? 1 : pool->n_threads;
}

static void run_alone(int64_t n_tasks, void (*task)(void *, int64_t, int), void *context)
{
    for (int64_t i = 0; i < n_tasks; i++)
        task(context, i, 0);
}

void rf_pool_run(rf_pool *pool, int64_t n_tasks, void (*task)(void *context, int64_t index, int worker),
                 void *context)
{
    if (pool == NULL || pool->n_started == 0 || n_tasks < 2) {
        run_alone(n_tasks, task, context);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->task = task;
    pool->context = context;
    pool->n_tasks = n_tasks;
    atomic_store(&pool->next, 0);
    pool->working = pool->n_started;
    pool->round++;
    pthread_cond_broadcast(&pool->round_begins);
    pthread_mutex_unlock(&pool->lock);

    take_tasks(pool, 0);

    pthread_mutex_lock(&pool->lock);
    while (pool->working > 0)
        pthread_cond_wait(&pool->round_ends, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- how many CPUs ---- */

/* CPUs' worth of the cgroup's quota (version 2), or 0 where there is none. */
static int cgroup_cpus(void)
{
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (file == NULL)
        return 0;
    char line[64];
    int cpus = 0;
    if (fgets(line, sizeof line, file) != NULL && strncmp(line, "max", 3) != 0) {
        char *rest;
        long long quota = strtoll(line, &rest, 10), period = strtoll(rest, NULL, 10);
        if (quota > 0 && period > 0)
            cpus = (int)((quota + period - 1) / period);
    }
    fclose(file);
    return cpus;
}

/* CPU_COUNT needs _GNU_SOURCE; the online count is capped by the affinity that taskset sets, read from /proc.
 */
static int allowed_cpus(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    if (file == NULL)
        return 0;
    char line[4096];
    int cpus = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "Cpus_allowed:", 13) != 0)
            continue;
        for (const char *p = line + 13; *p != '\0'; p++) {
            int digit = *p >= '0' && *p <= '9' ? *p - '0' : *p >= 'a' && *p <= 'f' ? *p - 'a' + 10 : 0;
            cpus += __builtin_popcount((unsigned)digit);
        }
        break;
    }
    fclose(file);
    return cpus;
}

int rf_cpu_count(void)
{
    int cpus = allowed_cpus(), quota = cgroup_cpus();
    if (quota > 0 && (cpus == 0 || quota < cpus))
        cpus = quota;
    return cpus > 0 ? cpus : 1;
}
