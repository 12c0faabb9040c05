/* kafka_fill.c - what was consumed goes into the queue: messages decoded, in batches, and news between them.
 *
 * A batch goes as soon as it is full, so that the caller's thread has work while the next one is decoded, and
 * at the end of what was consumed at once, so that nothing waits for messages to come.
 */
#include "kafka_int.h"

#include <string.h>

#include "rf_mem.h"

struct rf_topic_name {
    rf_topic_name *next;
    char *text;
};

/* Our copy: events name their topic, and the client forgets topics. */
static rf_status name_of(rf_filler *filler, const rd_kafka_message_t *message, const char **name, rf_err *err)
{
    const char *text = rd_kafka_topic_name(message->rkt);
    rf_topic_name *known = filler->names;
    while (known != NULL && strcmp(known->text, text) != 0)
        known = known->next;
    if (known == NULL) {
        known = rf_mem_zero(1, sizeof *known, err);
        if (known == NULL)
            return RF_E_NOMEM;
        known->text = rf_mem_text(text, strlen(text), err);
        if (known->text == NULL) {
            rf_mem_free(known);
            return RF_E_NOMEM;
        }
        known->next = filler->names;
        filler->names = known;
    }
    *name = known->text;
    return RF_OK;
}

static rf_status put(rf_filler *filler, rf_fetched *item, rf_err *err)
{
    rf_status st = rf_queue_put(filler->queue, item, err);
    if (st < 0)
        rf_fetched_free(item);
    return st;
}

static rf_status hand_on(rf_filler *filler, rf_err *err)
{
    rf_batch *batch = filler->batch;
    if (batch == NULL || batch->n == 0)
        return RF_OK;
    rf_fetched item = {.kind = RF_FETCHED_BATCH,
                       .messages = batch->n,
                       .bytes = (int64_t)sizeof *batch + batch->held_bytes,
                       .batch = batch};
    filler->batch = NULL;
    return put(filler, &item, err);
}

/* Makes sure of room for one more. */
static rf_status ready_batch(rf_filler *filler, rf_err *err)
{
    rf_status st = RF_OK;
    if (filler->batch != NULL && !rf_batch_has_room(filler->batch, filler->how.decoder))
        RF_TRY(hand_on(filler, err));
    if (filler->batch == NULL)
        filler->batch = rf_queue_spare(filler->queue);
    if (filler->batch == NULL)
        RF_TRY(rf_batch_new(&filler->batch, err));
done:
    return st;
}

/* The message is taken over, or on failure destroyed. */
static rf_status take_in(rf_filler *filler, rd_kafka_message_t *message, rf_err *err)
{
    rf_status st = RF_OK;
    const char *topic = NULL;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rf_fetched news = {.kind = RF_FETCHED_NEWS, .messages = 1, .message = message};
        RF_TRY(hand_on(filler, err));
        return put(filler, &news, err);
    }
    RF_TRY(name_of(filler, message, &topic, err));
    RF_TRY(ready_batch(filler, err));
    RF_TRY(rf_batch_add(filler->batch, &filler->how, topic, message, err));
done:
    if (st < 0)
        rd_kafka_message_destroy(message);
    return st;
}

/* Another core has written these messages: they are asked for some messages before their turn. */
static void look_ahead(rd_kafka_message_t *const *messages, size_t at, size_t n)
{
    enum { MESSAGES_AHEAD = 8, VALUES_AHEAD = 4, LINE = 64, LINES = 4 };
    if (at + MESSAGES_AHEAD < n)
        __builtin_prefetch(messages[at + MESSAGES_AHEAD]);
    if (at + VALUES_AHEAD >= n)
        return;
    const char *bytes = messages[at + VALUES_AHEAD]->payload;
    for (int line = 0; line < LINES; line++)
        __builtin_prefetch(bytes + (ptrdiff_t)line * LINE);
}

rf_status rf_filler_take_in(rf_filler *filler, rd_kafka_message_t *const *messages, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err ignored = {0};
    size_t at = 0;
    while (at < n && st >= 0) {
        look_ahead(messages, at, n);
        st = take_in(filler, messages[at++], err);
    }
    if (st >= 0)
        return hand_on(filler, err);
    for (; at < n; at++)
        rd_kafka_message_destroy(messages[at]);
    rf_status handed = hand_on(filler, &ignored); /* what could be decoded comes before the failure */
    (void)handed;
    return st;
}

void rf_filler_clear(rf_filler *filler)
{
    rf_batch_free(filler->batch);
    filler->batch = NULL;
    while (filler->names != NULL) {
        rf_topic_name *first = filler->names;
        filler->names = first->next;
        rf_mem_free(first->text);
        rf_mem_free(first);
    }
}
