/* kafka_flow.c - keeps the client fetching while its queue is being emptied.
 *
 * Once librdkafka's queue holds as much as queued.min.messages or queued.max.messages.kbytes allow, a
 * broker's thread stops fetching and looks at the queue again when something else happens to it, or after a
 * second: by then a fast reader has been waiting for long. Larger bounds would only cost memory. A question
 * to the leaders, about offsets that nobody needs, makes each broker's thread look at once.
 */
#include "kafka_int.h"

#define STALL_MESSAGES 2000 /* a queue that never held so many has not been full */
#define WAKE_TIMEOUT_MS 100

void rf_flow_look(rf_flow *flow, rd_kafka_t *client, rd_kafka_queue_t *incoming,
                  const rd_kafka_topic_partition_list_t *assigned)
{
    size_t waiting = rd_kafka_queue_length(incoming);
    if (waiting > flow->peak)
        flow->peak = waiting;
    if (flow->peak < STALL_MESSAGES || waiting > flow->peak / 2 || assigned->cnt == 0)
        return;
    flow->peak = waiting;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_copy(assigned);
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = RD_KAFKA_OFFSET_END;
    (void)rd_kafka_offsets_for_times(client, list, WAKE_TIMEOUT_MS); /* one request a broker */
    rd_kafka_topic_partition_list_destroy(list);
}
