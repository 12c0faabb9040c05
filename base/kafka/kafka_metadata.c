/* kafka_metadata.c - questions to the cluster: does it answer, which partitions does a topic have, where do
 * they begin and end? Every client of ringfence begins with a look at the partitions, so that wrong
 * addresses, credentials and names end in one clear line at the start.
 *
 * It waits for a cluster that restarts. It does not wait with wrong credentials, except for the moment that a
 * broker needs to learn its users. A broker may not know a topic for a moment after its creation.
 */
#include "rf_kafka.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "kafka_error_int.h"
#include "kafka_watch_int.h"
#include "rf_time.h"

#define ASK_MS 3000.0      /* one request */
#define PAUSE_NS 100000000 /* between two */
#define CREDENTIALS_S 5.0  /* how long they may be refused */
#define MISSING_S 3.0      /* how long a topic may be missing */

static rf_status fail_unreachable(rd_kafka_t *client, const rf_kafka_watch *watch, double waited_s,
                                  rf_err *err)
{
    rf_status st = RF_OK;
    char text[1024] = "", hosts[256], why[256], waited[RF_TIME_TEXT];
    size_t size = sizeof text;
    double for_s;
    rd_kafka_resp_err_t code = rf_kafka_watch_reason(watch, why, &for_s);
    if (rd_kafka_conf_get(rd_kafka_conf(client), "bootstrap.servers", text, &size) != RD_KAFKA_CONF_OK)
        strcpy(text, "the cluster");
    rf_kafka_clean(watch, hosts, 200, text); /* as the user wrote them where they came from outside */
    rf_duration_format(waited, (int64_t)fmax(1.0, round(waited_s)) * RF_SECOND_US);
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL)
        RF_FAIL(err, RF_E_KAFKA, "kafka: cannot log in to any broker of %s: %s; %s", hosts, why,
                rf_kafka_advice(code));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        code = RD_KAFKA_RESP_ERR__TRANSPORT;
        strcpy(why, "no connection came about");
    }
    RF_FAIL(err, RF_E_KAFKA, "kafka: no broker of %s answers for %s: %s; %s", hosts, waited, why,
            rf_kafka_advice(code));
done:
    return st;
}

rf_status rf_kafka_check_down(rd_kafka_t *client, const rf_kafka_watch *watch, int64_t timeout_us,
                              rf_err *err)
{
    double down_s = rf_kafka_down_s(watch, NULL);
    if (down_s * (double)RF_SECOND_US <= (double)timeout_us)
        return RF_OK;
    return fail_unreachable(client, watch, down_s, err);
}

/* Waiting heals a broker that is away, not a password. */
static bool is_hopeless(const rf_kafka_watch *watch)
{
    char why[256];
    double for_s;
    rd_kafka_resp_err_t code = rf_kafka_watch_reason(watch, why, &for_s);
    return (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL) &&
           for_s >= CREDENTIALS_S;
}

/* What the cluster says of the topic. *n is set on NO_ERROR. */
static rd_kafka_resp_err_t ask(int *n, rd_kafka_t *client, rf_kafka_watch *watch, rd_kafka_topic_t *handle,
                               double left_s, bool *answered)
{
    const struct rd_kafka_metadata *metadata = NULL;
    int wait_ms = (int)fmax(1.0, fmin(ASK_MS, left_s * 1000.0));
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, handle, &metadata, wait_ms);
    *answered = code == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!*answered)
        return code;
    rf_kafka_watch_answered(watch);
    code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (metadata->topic_cnt > 0) {
        code = metadata->topics[0].err;
        *n = metadata->topics[0].partition_cnt;
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && *n == 0)
            code = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    }
    rd_kafka_metadata_destroy(metadata);
    return code;
}

rf_status rf_kafka_partitions(int *n, rd_kafka_t *client, rf_kafka_watch *watch, const char *topic,
                              int64_t timeout_us, rf_err *err)
{
    rf_status st = RF_OK;
    const double start_s = rf_monotonic_s(), most_s = (double)timeout_us / (double)RF_SECOND_US;
    double missing_since_s = 0;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    if (handle == NULL)
        RF_KAFKA_FAIL(err, rd_kafka_last_error(), "looking up the topic", topic, -1, -1);
    for (;;) {
        bool answered;
        int found = 0;
        double now_s = rf_monotonic_s(), left_s = start_s + most_s - now_s;
        rd_kafka_resp_err_t code = ask(&found, client, watch, handle, left_s, &answered);
        now_s = rf_monotonic_s();
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            *n = found;
            break;
        }
        if (!answered && (now_s - start_s >= most_s || is_hopeless(watch))) {
            st = fail_unreachable(client, watch, now_s - start_s, err);
            goto done;
        }
        if (answered && rf_kafka_is_missing(code) && missing_since_s == 0)
            missing_since_s = now_s;
        bool passing =
            (rf_kafka_is_missing(code) && now_s - missing_since_s < MISSING_S) || rf_kafka_is_retriable(code);
        if (answered && (!passing || now_s - start_s >= most_s))
            RF_KAFKA_FAIL(err, code, "looking up the topic", topic, -1, -1);
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
done:
    if (handle != NULL)
        rd_kafka_topic_destroy(handle);
    return st;
}

rf_status rf_kafka_offsets(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list, int timeout_ms,
                           rf_err *err)
{
    rf_status st = RF_OK;
    if (list->cnt == 0)
        return RF_OK;
    rd_kafka_topic_partition_list_t *answers = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_resp_err_t all = rd_kafka_offsets_for_times(client, answers, timeout_ms);
    for (int i = 0; i < list->cnt && st == RF_OK; i++) {
        const rd_kafka_topic_partition_t *answer = &answers->elems[i]; /* a copy keeps its order */
        rd_kafka_resp_err_t code = all != RD_KAFKA_RESP_ERR_NO_ERROR ? all : answer->err;
        /* only a question by time may be answered by "none" */
        bool answered =
            answer->offset >= 0 || (list->elems[i].offset >= 0 && answer->offset == RD_KAFKA_OFFSET_END);
        bool open = code == RD_KAFKA_RESP_ERR_NO_ERROR && !answered;
        if (open || rf_kafka_is_retriable(code) || rf_kafka_is_missing(code))
            st = RF_TIMEOUT;
        else if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
            st = rf_kafka_fail(err, __FILE__, __LINE__, code, "asking for offsets", answer->topic,
                               all != RD_KAFKA_RESP_ERR_NO_ERROR ? -1 : answer->partition, -1);
    }
    for (int i = 0; i < list->cnt && st == RF_OK; i++)
        list->elems[i].offset = answers->elems[i].offset;
    rd_kafka_topic_partition_list_destroy(answers);
    return st;
}
