/* kafka_letters.c - dead letters of a Kafka source: each bad message goes to a topic as it was, with its
 * place and reason in headers after its own.
 *
 * The producer is idempotent and waits for every replica in sync, so a letter that was confirmed is there
 * once. What cannot be delivered fails the source before it saves its positions; the next run reads those
 * messages again. A letter that the broker finds too large is tried alone (a batch may have been too large),
 * then without its value, then with our headers only: `left_out` says what is missing, and the place says
 * where the original lies. Callbacks run inside our own polls, on the caller's thread.
 */
#include "kafka_letters_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_time.h"

#define PREFIX "__ringfence.errors."
#define WAIT_MS 100

/* How much of a letter is sent. */
enum { WHOLE, WITHOUT_VALUE, BARE };
#define ALONE 4 /* flag in the message's opaque: no other message was in its batch */

typedef struct letter {
    const void *key, *value; /* NULL: none, which is not the same as an empty one */
    size_t key_len, value_len;
    rd_kafka_headers_t *headers; /* owned */
    int extent;                  /* WHOLE, ... with ALONE */
} letter;

/* One to be sent again, with memory of its own. */
typedef struct held {
    letter letter;
    struct held *next;
    char bytes[]; /* key and value */
} held;

struct rf_letters {
    const char *topic; /* the options' */
    int64_t broker_timeout_us;
    rf_kafka_watch *watch;
    rd_kafka_t *producer;
    int64_t waiting, confirmed;
    double moved_s;      /* when the oldest that waits was sent, or the last one was answered */
    held *first, **last; /* to be sent alone */
    rf_err failure;      /* the first one; nothing is sent after it */
};

/* ---- headers ---- */

static rd_kafka_resp_err_t put_text(rd_kafka_headers_t *headers, const char *name, const char *text)
{
    return rd_kafka_header_add(headers, name, -1, text, (ssize_t)strlen(text));
}

static rd_kafka_resp_err_t put_number(rd_kafka_headers_t *headers, const char *name, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    return put_text(headers, name, text);
}

/* The message's own headers, then ours. */
static rd_kafka_headers_t *headers_for(const rd_kafka_message_t *message, const rf_reject *reject)
{
    rd_kafka_headers_t *own = NULL;
    rd_kafka_timestamp_type_t type;
    char moment[RF_TIME_TEXT];
    bool some = rd_kafka_message_headers(message, &own) == RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_headers_t *all = some ? rd_kafka_headers_copy(own) : rd_kafka_headers_new(8);
    int64_t timestamp = rd_kafka_message_timestamp(message, &type);

    put_text(all, PREFIX "code", rf_reject_name(reject->code));
    put_text(all, PREFIX "message", reject->text);
    put_text(all, PREFIX "topic", rd_kafka_topic_name(message->rkt));
    put_number(all, PREFIX "partition", message->partition);
    put_number(all, PREFIX "offset", message->offset);
    if (reject->element >= 0)
        put_number(all, PREFIX "element", reject->element);
    if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE)
        put_number(all, PREFIX "timestamp", timestamp);
    put_text(all, PREFIX "time", rf_time_format(moment, rf_clock_us()));
    return all;
}

/* Makes the letter smaller; false when there is nothing left to leave out. */
static bool shorten(letter *l)
{
    int extent = l->extent & ~ALONE;
    if (extent == BARE)
        return false;
    if (extent == WHOLE && l->value != NULL) {
        l->value = NULL;
        l->value_len = 0;
        l->extent = WITHOUT_VALUE;
        put_text(l->headers, PREFIX "left_out", "value");
        return true;
    }
    const char *name;
    const void *value;
    size_t len, first = rd_kafka_header_cnt(l->headers); /* ours are the last ones */
    while (first > 0 && rd_kafka_header_get_all(l->headers, first - 1, &name, &value, &len) == 0 &&
           strncmp(name, PREFIX, strlen(PREFIX)) == 0)
        first--;
    rd_kafka_headers_t *ours = rd_kafka_headers_new(8);
    for (size_t i = first; rd_kafka_header_get_all(l->headers, i, &name, &value, &len) == 0; i++)
        rd_kafka_header_add(ours, name, -1, value, (ssize_t)len);
    rd_kafka_headers_destroy(l->headers);
    l->headers = ours;
    rd_kafka_header_remove(l->headers, PREFIX "left_out");
    put_text(l->headers, PREFIX "left_out", "value, key, headers");
    l->key = l->value = NULL;
    l->key_len = l->value_len = 0;
    l->extent = BARE;
    return true;
}

/* ---- what the broker says ---- */

static bool is_too_large(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE ||
           code == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE;
}

/* Names the message as its letter's headers do: "orders[3]@17". */
static rf_status fail(rf_letters *letters, rd_kafka_resp_err_t code, const rd_kafka_headers_t *headers)
{
    static const char *const names[] = {PREFIX "topic", PREFIX "partition", PREFIX "offset"};
    const char *texts[3] = {"?", "?", "?"};
    char what[400];
    for (int i = 0; i < 3; i++) {
        const void *value;
        size_t len;
        if (rd_kafka_header_get_last(headers, names[i], &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR)
            texts[i] = value; /* librdkafka puts a NUL after every value */
    }
    snprintf(what, sizeof what, "ingest.dead_letter_topic does not take the bad message %.249s[%s]@%s",
             texts[0], texts[1], texts[2]);
    return rf_kafka_fail(&letters->failure, __FILE__, __LINE__, code, what, letters->topic, -1, -1);
}

static rf_status hold(rf_letters *letters, letter *l)
{
    held *item = NULL;
    size_t size;
    if (!rf_add_size(&size, l->key_len, l->value_len) || !rf_add_size(&size, size, sizeof *item) ||
        (item = rf_mem_new(size, 1, &letters->failure)) == NULL) {
        rd_kafka_headers_destroy(l->headers);
        return rf_err_set(&letters->failure, RF_E_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    *item = (held){.letter = *l};
    if (l->key != NULL)
        item->letter.key = memcpy(item->bytes, l->key, l->key_len);
    if (l->value != NULL)
        item->letter.value = memcpy(item->bytes + l->key_len, l->value, l->value_len);
    *letters->last = item;
    letters->last = &item->next;
    return RF_OK;
}

static void free_held(held *item)
{
    if (item->letter.headers != NULL)
        rd_kafka_headers_destroy(item->letter.headers);
    rf_mem_free(item);
}

/* One letter's fate. */
static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    rf_letters *letters = rf_kafka_watch_attached(opaque);
    (void)client;
    letters->waiting--;
    letters->moved_s = rf_monotonic_s();
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        letters->confirmed++;
        return;
    }
    if (letters->failure.code < 0)
        return;
    rd_kafka_headers_t *headers = NULL;
    if (rd_kafka_message_detach_headers((rd_kafka_message_t *)(uintptr_t)message, &headers) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        headers = rd_kafka_headers_new(8);
    letter l = {message->key, message->payload, message->key_len,
                message->len, headers,          (int)(intptr_t)message->_private};
    if (is_too_large(message->err) && ((l.extent & ALONE) == 0 || shorten(&l))) {
        rf_status st = hold(letters, &l);
        (void)st; /* kept in letters->failure */
        return;
    }
    rf_status st = fail(letters, message->err, headers);
    (void)st;
    rd_kafka_headers_destroy(headers);
}

/* Serves callbacks for up to wait_ms; fails with what went wrong so far. */
static rf_status serve(rf_letters *letters, int wait_ms, rf_err *err)
{
    rf_status st = RF_OK;
    rd_kafka_poll(letters->producer, wait_ms);
    if (letters->failure.code >= 0) /* the fatal error says more than what it does to the letters */
        st = rf_kafka_check_fatal(letters->producer, letters->watch, &letters->failure);
    if (letters->failure.code >= 0 && letters->waiting > 0 &&
        (rf_monotonic_s() - letters->moved_s) * (double)RF_SECOND_US > (double)letters->broker_timeout_us)
        /* only a wait counts: a producer that had nothing to send may have been disconnected long ago */
        st = rf_kafka_check_down(letters->producer, letters->watch, letters->broker_timeout_us,
                                 &letters->failure);
    if (letters->failure.code < 0) {
        st = letters->failure.code;
        if (err != NULL)
            *err = letters->failure;
    }
    return st;
}

/* ---- sending ---- */

/* Hands the letter to the producer, which copies key and value. Its headers are gone afterwards. */
static rf_status produce(rf_letters *letters, letter *l, rf_err *err)
{
    rf_status st = RF_OK;
    for (;;) {
        rd_kafka_resp_err_t code = rd_kafka_producev(
            letters->producer, RD_KAFKA_V_TOPIC(letters->topic), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
            RD_KAFKA_V_KEY(l->key, l->key_len), RD_KAFKA_V_VALUE((void *)(uintptr_t)l->value, l->value_len),
            RD_KAFKA_V_HEADERS(l->headers), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_OPAQUE((void *)(intptr_t)l->extent), RD_KAFKA_V_END);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            l->headers = NULL;
            if (letters->waiting++ == 0)
                letters->moved_s = rf_monotonic_s();
            break;
        }
        bool again = code == RD_KAFKA_RESP_ERR__QUEUE_FULL || (is_too_large(code) && shorten(l));
        RF_TRY(serve(letters, code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? WAIT_MS : 0, err));
        if (!again) {
            (void)fail(letters, code, l->headers); /* serve says it */
            RF_TRY(serve(letters, 0, err));
        }
    }
done:
    if (l->headers != NULL)
        rd_kafka_headers_destroy(l->headers);
    l->headers = NULL;
    return st;
}

rf_status rf_letters_add(rf_letters *letters, const rd_kafka_message_t *message, const rf_reject *reject,
                         rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(serve(letters, 0, err));
    letter l = {.key = message->key,
                .value = reject->part.ptr == NULL ? message->payload : (void *)(uintptr_t)reject->part.ptr,
                .key_len = message->key_len,
                .value_len = reject->part.ptr == NULL ? message->len : reject->part.len,
                .headers = headers_for(message, reject)};
    RF_TRY(produce(letters, &l, err));
done:
    return st;
}

rf_status rf_letters_flush(rf_letters *letters, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(serve(letters, 0, err));
    while (letters->waiting > 0 || letters->first != NULL) {
        if (letters->waiting == 0) {
            held *item = letters->first;
            letters->first = item->next;
            if (letters->first == NULL)
                letters->last = &letters->first;
            item->letter.extent |= ALONE;
            st = produce(letters, &item->letter, err);
            free_held(item);
            if (st < 0)
                return st;
        }
        RF_TRY(serve(letters, WAIT_MS, err));
    }
done:
    return st;
}

int64_t rf_letters_confirmed(const rf_letters *letters)
{
    return letters->confirmed;
}

int64_t rf_letters_retries(const rf_letters *letters)
{
    rf_kafka_figures figures;
    rf_kafka_figures_get(letters->watch, &figures);
    return figures.retries;
}

/* ---- open and close ---- */

rf_status rf_letters_open(rf_letters **out, const rf_kafka_source_options *options, rf_err *err)
{
    static const rf_setting ours[] = {{"enable.idempotence", "true"},
                                      {"acks", "all"},
                                      {"delivery.report.only.error", "false"},
                                      {"transactional.id", NULL}, /* that is emit's */
                                      {NULL, NULL}};
    static const rf_setting defaults[] = {{"partitioner", "murmur2_random"}, /* as other clients do */
                                          {"message.max.bytes", "20000000"}, /* the topic knows its limit */
                                          {"queue.buffering.max.kbytes", "65536"}, /* then add waits */
                                          {"compression.type", "lz4"},
                                          {NULL, NULL}};
    rf_status st = RF_OK;
    rd_kafka_conf_t *conf = NULL;
    int partitions;
    rf_letters *letters = NULL;
    RF_ZERO(letters, 1, err);
    letters->topic = options->dead_letter_topic;
    letters->broker_timeout_us = options->broker_timeout_us;
    letters->last = &letters->first;
    RF_TRY(rf_kafka_watch_new(&letters->watch, "dead letters", err));
    rf_kafka_watch_attach(letters->watch, letters);
    RF_TRY(rf_kafka_conf(&conf, letters->watch, options->settings, options->n_settings, ours, defaults, err));
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    RF_TRY(rf_kafka_client(&letters->producer, RD_KAFKA_PRODUCER, conf, letters->watch, err));
    RF_TRY(rf_kafka_partitions(&partitions, letters->producer, letters->watch, letters->topic,
                               letters->broker_timeout_us, err));
    *out = letters;
    letters = NULL;
done:
    rf_letters_close(letters);
    return st;
}

void rf_letters_close(rf_letters *letters)
{
    if (letters == NULL)
        return;
    if (letters->producer != NULL) {
        rd_kafka_purge(letters->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_poll(letters->producer, 0);
        rd_kafka_destroy(letters->producer);
    }
    while (letters->first != NULL) {
        held *item = letters->first;
        letters->first = item->next;
        free_held(item);
    }
    rf_kafka_watch_free(letters->watch);
    rf_mem_free(letters);
}
