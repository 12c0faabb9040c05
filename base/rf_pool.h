/* rf_pool.h - a fixed team of threads that runs numbered tasks.
 *
 * The tasks of one call are independent and each writes only its own rows. Any thread may run any task, so
 * results never depend on the number of threads. With one thread everything runs in the caller.
 */
#ifndef RF_POOL_H
#define RF_POOL_H

#include <stdint.h>

#include "rf_status.h"

typedef struct rf_pool rf_pool;

/* n_threads >= 1; the calling thread is one of them. Where the system refuses threads the team has fewer: ask
 * rf_pool_threads. */
RF_MUST_CHECK rf_status rf_pool_new(rf_pool **out, int n_threads, rf_err *err);
void rf_pool_free(rf_pool *pool);
int rf_pool_threads(const rf_pool *pool); /* NULL counts as one thread */

/* task(context, index, worker) for every index in [0, n_tasks); returns when all are done. worker is in
 * [0, threads): the slot of per-thread scratch that the task may use. Not reentrant. pool may be NULL. */
void rf_pool_run(rf_pool *pool, int64_t n_tasks, void (*task)(void *context, int64_t index, int worker),
                 void *context);

/* CPUs that this process may use: affinity and cgroup quota respected. */
int rf_cpu_count(void);

#endif
