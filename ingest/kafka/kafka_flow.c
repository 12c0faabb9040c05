/* kafka_flow.c - keeps the client fetching while its queue is being emptied.
 *
 * Once librdkafka's queue holds as much as queued.min.messages or queued.max.messages.kbytes allow, a
 * broker's thread stops fetching and looks at the queue again when something else happens to it, or after a
 * second: by then a fast reader has been waiting for long. Larger bounds would only cost memory. A question
 * to the leaders, about offsets that nobody needs, makes each broker's thread look at once. A thread of its
 * own asks, because the answer may have to wait until a running fetch has ended, and the poll thread must not
 * wait for it.
 */
#include "kafka_flow_int.h"

#include <pthread.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_thread.h"

#define STALL_MESSAGES 2000 /* a queue that never held this many has not been full */
#define WAKE_TIMEOUT_MS 100

struct rf_flow {
    rd_kafka_t *client;
    pthread_t thread;
    size_t peak; /* of the poll thread: messages in the client's queue, the most since it asked last */

    pthread_mutex_t lock; /* over the next ones */
    pthread_cond_t asked;
    rd_kafka_topic_partition_list_t *about; /* the question to be asked or under way; NULL: none */
    bool stop;
};

static void *ask(void *argument)
{
    rf_flow *flow = argument;
    pthread_mutex_lock(&flow->lock);
    for (;;) {
        while (flow->about == NULL && !flow->stop)
            pthread_cond_wait(&flow->asked, &flow->lock);
        if (flow->stop)
            break;
        rd_kafka_topic_partition_list_t *about = flow->about;
        pthread_mutex_unlock(&flow->lock);
        (void)rd_kafka_offsets_for_times(flow->client, about, WAKE_TIMEOUT_MS); /* one request a broker */
        rd_kafka_topic_partition_list_destroy(about);
        pthread_mutex_lock(&flow->lock);
        flow->about = NULL;
    }
    pthread_mutex_unlock(&flow->lock);
    return NULL;
}

rf_status rf_flow_start(rf_flow **out, rd_kafka_t *client, rf_err *err)
{
    rf_status st = RF_OK;
    rf_flow *flow = NULL;
    RF_ZERO(flow, 1, err);
    flow->client = client;
    pthread_mutex_init(&flow->lock, NULL);
    pthread_cond_init(&flow->asked, NULL);
    int failure = rf_thread_start(&flow->thread, ask, flow);
    if (failure != 0) {
        pthread_cond_destroy(&flow->asked);
        pthread_mutex_destroy(&flow->lock);
        rf_mem_free(flow);
        RF_FAIL(err, RF_E_IO, "a thread for the consumer could not be started: %s", strerror(failure));
    }
    *out = flow;
done:
    return st;
}

void rf_flow_stop(rf_flow *flow)
{
    if (flow == NULL)
        return;
    pthread_mutex_lock(&flow->lock);
    flow->stop = true;
    pthread_cond_signal(&flow->asked);
    pthread_mutex_unlock(&flow->lock);
    pthread_join(flow->thread, NULL);
    if (flow->about != NULL)
        rd_kafka_topic_partition_list_destroy(flow->about);
    pthread_cond_destroy(&flow->asked);
    pthread_mutex_destroy(&flow->lock);
    rf_mem_free(flow);
}

void rf_flow_look(rf_flow *flow, rd_kafka_queue_t *incoming, const rd_kafka_topic_partition_list_t *assigned)
{
    size_t waiting = rd_kafka_queue_length(incoming);
    if (waiting > flow->peak)
        flow->peak = waiting;
    if (flow->peak < STALL_MESSAGES || waiting > flow->peak / 4 * 3 || assigned->cnt == 0)
        return;
    pthread_mutex_lock(&flow->lock);
    if (flow->about == NULL) { /* no question is under way */
        flow->about = rd_kafka_topic_partition_list_copy(assigned);
        for (int i = 0; i < flow->about->cnt; i++)
            flow->about->elems[i].offset = RD_KAFKA_OFFSET_END;
        pthread_cond_signal(&flow->asked);
        flow->peak = waiting;
    }
    pthread_mutex_unlock(&flow->lock);
}
