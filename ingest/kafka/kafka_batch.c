/* kafka_batch.c - messages that the poll thread has decoded, on their way to the caller's thread.
 *
 * A batch is one block: events with their texts one behind the other, as they are handed out later, so that
 * the caller's thread never looks at a message, which is destroyed here while it is near. Only what did not
 * fit is kept, for the dead letters. Batches go round: what the caller is done with is filled again.
 */
#include "kafka_int.h"

#include "rf_mem.h"

#define ALIGNMENT 16u

rf_status rf_batch_new(rf_batch **out, rf_err *err)
{
    rf_batch *batch = rf_mem_new(1, sizeof *batch, err);
    if (batch == NULL)
        return RF_E_NOMEM;
    batch->next = NULL;
    batch->n = batch->n_bad = batch->used = 0;
    batch->held_bytes = 0;
    *out = batch;
    return RF_OK;
}

void rf_batch_clear(rf_batch *batch)
{
    for (size_t i = 0; i < batch->n && batch->n_bad > 0; i++) {
        if (batch->bad[i] == NULL)
            continue;
        rd_kafka_message_destroy(batch->bad[i]->message);
        batch->n_bad--;
    }
    batch->n = batch->used = 0;
    batch->held_bytes = 0;
}

void rf_batch_free(rf_batch *batch)
{
    if (batch == NULL)
        return;
    rf_batch_clear(batch);
    rf_mem_free(batch);
}

/* ---- one message ---- */

/* The last header of that name. */
static bool find_header(void *headers, const char *name, rf_span *value)
{
    rd_kafka_headers_t *list = NULL;
    const void *bytes = NULL;
    size_t len = 0;
    if (rd_kafka_message_headers(headers, &list) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(list, name, &bytes, &len) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    *value = (rf_span){bytes, len};
    return true;
}

static rf_message beside(rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    int64_t timestamp = rd_kafka_message_timestamp(message, &type);
    return (rf_message){.key = {message->key, message->key_len},
                        .timestamp_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp,
                        .headers = message,
                        .header = find_header};
}

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* An event is filled as the whole struct that it is, though what follows its last value is used otherwise. */
bool rf_batch_has_room(const rf_batch *batch, const rf_decoder *decoder)
{
    size_t event = aligned(sizeof(rf_event)) + rf_decoder_most_text(decoder) + ALIGNMENT;
    size_t bad = aligned(sizeof(rf_event)) + sizeof(rf_bad_message) + ALIGNMENT;
    return batch->n < RF_BATCH_MESSAGES && RF_BATCH_BYTES - batch->used >= (event > bad ? event : bad);
}

static void keep_bad(rf_batch *batch, rd_kafka_message_t *message, const rf_reject *reject)
{
    size_t at = batch->used + aligned(offsetof(rf_event, values));
    rf_bad_message *bad = (rf_bad_message *)(void *)(batch->bytes + at);
    bad->message = message;
    bad->reject = *reject;
    batch->bad[batch->n] = bad;
    batch->n_bad++;
    batch->held_bytes += (int64_t)(message->len + message->key_len);
    batch->used = at + aligned(sizeof *bad);
}

rf_status rf_batch_add(rf_batch *batch, const rf_batch_decoding *how, const char *topic,
                       rd_kafka_message_t *message, rf_err *err)
{
    rf_status st = RF_OK;
    rf_reject reject;
    rf_event *event = (rf_event *)(void *)(batch->bytes + batch->used);
    rf_message extra = {.timestamp_ms = -1};
    if (rf_decoder_wants_message(how->decoder))
        extra = beside(message);
    RF_TRY(rf_decoder_decode(how->decoder, event, how->format, (rf_span){message->payload, message->len},
                             &extra, &reject, err));
    event->place = (rf_place){topic, message->partition, message->offset};
    batch->events[batch->n] = event;
    batch->bad[batch->n] = NULL;
    if (st == RF_SKIPPED) {
        keep_bad(batch, message, &reject);
    } else {
        size_t fixed = rf_decoder_event_bytes(how->decoder);
        size_t texts = rf_decoder_keep_texts(how->decoder, event, (char *)event + fixed);
        batch->used += aligned(fixed + texts);
        rd_kafka_message_destroy(message);
    }
    batch->n++;
    st = RF_OK;
done:
    return st;
}
