/* rf_thread.h - starts threads that take no signals: those are for the main thread, whose waits they end. */
#ifndef RF_THREAD_H
#define RF_THREAD_H

#include <pthread.h>

/* As pthread_create with default attributes: 0, or an error number. */
int rf_thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
