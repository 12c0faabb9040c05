/* kafka_batch.c - puts what was consumed into the queue: batches of decoded messages, and news between them.
 *
 * A batch is one block: events with their texts one after the other, in the order in which the caller gets
 * them. So the caller's thread never reads a message, and messages are destroyed here while they are in the
 * cache. Only rejected messages are kept, for the dead letters. A full batch is handed over at once, so that
 * the caller's thread has work while the next one is decoded. The last batch of each fetch is handed over
 * too, so that no event waits for later messages.
 */
#include "kafka_batch_int.h"

#include <string.h>

#include "rf_mem.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define ALIGNMENT 16u

struct rf_topic_name {
    rf_topic_name *next;
    char *text;
};

/* Our copy: events name their topic, and the client forgets topics. */
static rf_status name_of(rf_filler *filler, const rd_kafka_message_t *message, const char **name, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text = rd_kafka_topic_name(message->rkt);
    for (rf_topic_name *known = filler->names; known != NULL; known = known->next) {
        if (strcmp(known->text, text) == 0) {
            *name = known->text;
            return RF_OK;
        }
    }
    rf_topic_name *added = NULL;
    RF_ZERO(added, 1, err);
    added->text = rf_mem_text(text, strlen(text), err);
    if (added->text == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    added->next = filler->names;
    filler->names = added;
    *name = added->text;
    added = NULL;
done:
    rf_mem_free(added);
    return st;
}

/* ---- into the queue ---- */

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

/* ---- one message ---- */

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* Makes sure of a batch with room for one more: for an event, which is filled as the whole struct that it is,
 * though what follows its last value is used otherwise, or for a message that does not fit. */
static rf_status ready_batch(rf_filler *filler, rf_err *err)
{
    rf_status st = RF_OK;
    size_t event = aligned(sizeof(rf_event)) + rf_decoder_most_text(filler->decoder) + ALIGNMENT;
    size_t bad = aligned(sizeof(rf_event)) + sizeof(rf_bad_message) + ALIGNMENT;
    size_t need = event > bad ? event : bad;
    if (filler->batch != NULL &&
        (filler->batch->n == RF_BATCH_MESSAGES || RF_BATCH_BYTES - filler->batch->used < need))
        RF_TRY(hand_on(filler, err));
    if (filler->batch == NULL)
        filler->batch = rf_queue_spare(filler->queue);
    if (filler->batch == NULL)
        RF_TRY(rf_batch_new(&filler->batch, err));
done:
    return st;
}

/* The last header of that name. */
bool rf_kafka_find_header(void *headers, const char *name, rf_span *value)
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

static rf_message parts_of(const rf_filler *filler, rd_kafka_message_t *message)
{
    rf_message beside = {.timestamp_ms = -1};
    if (!rf_decoder_wants_message(filler->decoder))
        return beside;
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    int64_t timestamp = rd_kafka_message_timestamp(message, &type);
    return (rf_message){.key = {message->key, message->key_len},
                        .timestamp_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp,
                        .headers = message,
                        .header = rf_kafka_find_header};
}

/* Another holder of a message with several events. */
static rf_status hold(rf_kept_message **kept, rd_kafka_message_t *message, rf_err *err)
{
    rf_status st = RF_OK;
    if (*kept == NULL) {
        RF_NEW(*kept, 1, err);
        (*kept)->message = message;
        atomic_init(&(*kept)->holders, 1); /* who decodes */
    }
    atomic_fetch_add(&(*kept)->holders, 1);
done:
    return st;
}

/* A message, or one of its events, that is no event of ours. */
static rf_status put_bad(rf_filler *filler, const rf_event *event, rd_kafka_message_t *message,
                         rf_kept_message **kept, const rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    rf_batch *batch = filler->batch;
    size_t at = batch->used + aligned(offsetof(rf_event, values));
    rf_bad_message *bad = (rf_bad_message *)(void *)(batch->bytes + at);
    bool wanted = reject->code != RF_REJECT_FILTERED;
    if (wanted && event->element >= 0)
        RF_TRY(hold(kept, message, err));
    *bad = (rf_bad_message){wanted ? message : NULL, wanted && event->element >= 0 ? *kept : NULL, *reject};
    batch->bad[batch->n] = bad;
    batch->n_bad++;
    batch->held_bytes += wanted ? (int64_t)(message->len + message->key_len) : 0;
    batch->used = at + aligned(sizeof *bad);
done:
    return st;
}

rf_message_mark rf_message_mark_of(const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    const uint64_t parts[3] = {XXH3_64bits(message->key, message->key_len),
                               XXH3_64bits(message->payload, message->len), message->payload == NULL};
    uint64_t hash = XXH3_64bits(parts, sizeof parts);
    return (rf_message_mark){.ms = rd_kafka_message_timestamp(message, &type), .hash = hash == 0 ? 1 : hash};
}

/* The decoder's outcome into the batch. */
static rf_status put_outcome(rf_filler *filler, const char *topic, rd_kafka_message_t *message,
                             rf_kept_message **kept, rf_event *event, rf_status outcome,
                             const rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    rf_batch *batch = filler->batch;
    event->place = (rf_place){topic, message->partition, message->offset, 0};
    batch->events[batch->n] = event;
    batch->bad[batch->n] = NULL;
    if (!event->more)
        batch->marks[batch->n] = rf_message_mark_of(message);
    if (outcome == RF_SKIPPED) {
        RF_TRY(put_bad(filler, event, message, kept, reject, err));
    } else {
        size_t fixed = rf_decoder_event_bytes(filler->decoder);
        size_t texts = rf_decoder_keep_texts(filler->decoder, event, (rf_span){0}, (char *)event + fixed);
        batch->used += aligned(fixed + texts);
    }
    batch->n++;
done:
    return st;
}

/* Decodes a message of that topic into the batch and destroys it, or keeps it with the reason why it does not
 * fit. On failure it stays the caller's, if no batch holds it. */
static rf_status decode(rf_filler *filler, const char *topic, rd_kafka_message_t *message, bool *taken,
                        rf_err *err)
{
    rf_reject reject;
    rf_kept_message *kept = NULL;
    rf_batch *batch = filler->batch;
    rf_event *event = (rf_event *)(void *)(batch->bytes + batch->used);
    const rf_message beside = parts_of(filler, message);
    rf_status st = rf_decoder_decode(filler->decoder, event, filler->format,
                                     (rf_span){message->payload, message->len}, &beside, &reject, err);
    for (;;) {
        rf_status outcome = st;
        RF_TRY(st);
        RF_TRY(put_outcome(filler, topic, message, &kept, event, outcome, &reject, err));
        st = outcome;
        if (!rf_decoder_has_more(filler->decoder))
            break;
        RF_TRY(ready_batch(filler, err));
        event = (rf_event *)(void *)(filler->batch->bytes + filler->batch->used);
        st = rf_decoder_next(filler->decoder, event, &reject, err);
    }
    *taken = true;
    if (kept == NULL && (st == RF_OK || reject.code == RF_REJECT_FILTERED || event->element >= 0))
        rd_kafka_message_destroy(message);
    rf_kept_message_drop(kept);
    return RF_OK;
done:
    *taken = kept != NULL;
    rf_kept_message_drop(kept);
    return st;
}

/* The message is taken over, or on failure destroyed. */
static rf_status take_in(rf_filler *filler, rd_kafka_message_t *message, rf_err *err)
{
    rf_status st = RF_OK;
    const char *topic = NULL;
    bool taken = false;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rf_fetched news = {.kind = RF_FETCHED_NEWS, .messages = 1, .message = message};
        RF_TRY(hand_on(filler, err));
        return put(filler, &news, err);
    }
    RF_TRY(name_of(filler, message, &topic, err));
    RF_TRY(ready_batch(filler, err));
    RF_TRY(decode(filler, topic, message, &taken, err));
done:
    if (st < 0 && !taken)
        rd_kafka_message_destroy(message);
    return st;
}

/* ---- all that was consumed ---- */

rf_status rf_filler_take_in(rf_filler *filler, rd_kafka_message_t *const *messages, size_t n, rf_err *err)
{
    /* another core has written these messages: they are asked for some messages before their turn */
    enum { MESSAGES_AHEAD = 8, VALUES_AHEAD = 4, LINE = 64, LINES = 4 };
    rf_status st = RF_OK;
    rf_err ignored = {0};
    size_t at = 0;
    while (at < n && st >= 0) {
        if (at + MESSAGES_AHEAD < n)
            __builtin_prefetch(messages[at + MESSAGES_AHEAD]);
        if (at + VALUES_AHEAD < n) {
            const char *bytes = messages[at + VALUES_AHEAD]->payload;
            for (int line = 0; line < LINES; line++)
                __builtin_prefetch(bytes + (ptrdiff_t)line * LINE);
        }
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
