/* kafka_error.c - errors of librdkafka: which of them pass by themselves, and each of the others as one line:
 * where, doing what, why, and what to do about it.
 *
 * The advice names the ACL operation, setting or topic option that heals it. Errors that librdkafka repairs
 * by itself never come here, so they have none.
 */
#include "kafka_error_int.h"

#include <stdio.h>
#include <string.h>

#include "kafka_watch_int.h"

/* ---- which errors pass ---- */

bool rf_kafka_is_retriable(rd_kafka_resp_err_t code)
{
    switch (code) {
    /* connections and requests */
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    /* leaders and replicas */
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR: /* another replica takes over */
    /* coordinators and groups: the client joins again */
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
        return true;
    default:
        return false;
    }
}

rd_kafka_resp_err_t rf_kafka_code_of_line(const char *line)
{
    if (strstr(line, "SASL") != NULL || strstr(line, "authentication") != NULL)
        return RD_KAFKA_RESP_ERR__AUTHENTICATION;
    /* the second is what OpenSSL left in its queue; librdkafka reports it when it comes before the first */
    if (strstr(line, "SSL handshake") != NULL || strstr(line, ":SSL routines:") != NULL)
        return RD_KAFKA_RESP_ERR__SSL;
    if (strstr(line, "resolve") != NULL)
        return RD_KAFKA_RESP_ERR__RESOLVE;
    return RD_KAFKA_RESP_ERR__TRANSPORT;
}

bool rf_kafka_is_missing(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

/* ---- what to do about the others ---- */

static const struct {
    rd_kafka_resp_err_t code;
    const char *advice;
} advices[] = {
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
     "create the topic or correct its name; a principal without Describe on it sees it as missing too"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
     "create the topic or correct its name; a principal without Describe on it sees it as missing too"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "the topic has fewer partitions; was it created again?"},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, "a topic's name has letters, digits, dots, _ and - only"},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "allow this principal Describe and Read on the topic to "
                                                   "read from it, Describe and Write to write to it"},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
     "allow this principal Read on the consumer group of kafka.group.id"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
     "allow this principal Write on the topic to write (before Kafka 2.8 IdempotentWrite on the cluster as "
     "well), Create on the cluster to make topics"},
    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
     "allow this principal Describe and Write on the transactional id of kafka.transactional.id"},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION,
     "check kafka.security.protocol, kafka.sasl.mechanism, and user name and password or token"},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
     "check kafka.security.protocol, kafka.sasl.mechanism, and user name and password or token"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, "set kafka.sasl.mechanism to one that the broker offers"},
    {RD_KAFKA_RESP_ERR__SSL, "check kafka.security.protocol, kafka.ssl.ca.location, and that the broker's "
                             "certificate names its host"},
    {RD_KAFKA_RESP_ERR__RESOLVE, "check the host names in kafka.bootstrap.servers"},
    {RD_KAFKA_RESP_ERR__TRANSPORT, "check kafka.bootstrap.servers, the network and the brokers"},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "check kafka.bootstrap.servers, the network and the brokers"},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, "check the brokers' load and the network, then start again"},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
     "the brokers took nothing for kafka.message.timeout.ms; check their load and the network"},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "raise kafka.message.max.bytes and the topic's max.message.bytes"},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, "raise the topic's max.message.bytes"},
    {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, "raise the topic's max.message.bytes"},
    {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE,
     "retention deleted it unread; source.gaps=skip continues after the gap"},
    {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET,
     "retention deleted it unread; source.gaps=skip continues after the gap"},
    {RD_KAFKA_RESP_ERR__FENCED,
     "another process has the same kafka.transactional.id and is newer; run only one, or give each its own"},
    {RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
     "another process has the same kafka.transactional.id and is newer; run only one, or give each its own"},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
     "another process has the same kafka.transactional.id and is newer; run only one, or give each its own"},
    {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
     "another process of the group has the same kafka.group.instance.id; give each its own"},
    {RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, "raise kafka.max.poll.interval.ms"},
    {RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT,
     "set kafka.session.timeout.ms within the broker's group.min.session.timeout.ms and "
     "group.max.session.timeout.ms"},
    {RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
     "set kafka.transaction.timeout.ms to at most the broker's transaction.max.timeout.ms"},
    {RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL,
     "members of another kind share kafka.group.id; give ringfence a group of its own"},
    {RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED, "raise the broker's group.max.size or run fewer processes"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
     "too few replicas are in sync for the topic's min.insync.replicas; repair the brokers"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
     "too few replicas are in sync for the topic's min.insync.replicas; repair the brokers"},
    {RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, "set emit.replication to at most the number of brokers"},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD,
     "the broker refuses the message as it is: a compacted topic takes none without a key"},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, "a policy of the brokers forbids it; ask their operators"},
    {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "start again; what was saved is safe"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, "start again; what was saved is safe"},
    {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, "the broker cannot use its disk; look at its log"},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, "the brokers are too old for it, or it is switched off there"},
};

/* Brokers from 4.0 on are strict about a field of SCRAM that older clients left out, and call that wrong
 * credentials. */
static bool scram_is_old(void)
{
    return rd_kafka_version() < 0x020601ff;
}

const char *rf_kafka_advice(rd_kafka_resp_err_t code)
{
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION && scram_is_old())
        return "check kafka.security.protocol, kafka.sasl.mechanism, and user name and password or token "
               "(SCRAM "
               "with Kafka 4 takes librdkafka 2.6.1 or later, and this one is older)";
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++)
        if (advices[i].code == code)
            return advices[i].advice;
    return "";
}

/* "orders[3]@17: " and its shorter forms. */
static void print_place(char out[320], const char *topic, int32_t partition, int64_t offset)
{
    if (topic == NULL)
        snprintf(out, 320, "kafka: ");
    else if (partition < 0)
        snprintf(out, 320, "%s: ", topic);
    else if (offset < 0)
        snprintf(out, 320, "%s[%d]: ", topic, (int)partition);
    else
        snprintf(out, 320, "%s[%d]@%lld: ", topic, (int)partition, (long long)offset);
}

rf_status rf_kafka_fail(rf_err *err, const char *file, int line, rd_kafka_resp_err_t code, const char *what,
                        const char *topic, int32_t partition, int64_t offset)
{
    const char *advice = rf_kafka_advice(code);
    char place[320];
    print_place(place, topic, partition, offset);
    return rf_err_set(err, RF_E_KAFKA, file, line, "%s%s: %s%s%s", place, what, rd_kafka_err2str(code),
                      advice[0] != '\0' ? "; " : "", advice);
}

rf_status rf_kafka_fail_error(rf_err *err, const char *file, int line, const rf_kafka_watch *watch,
                              const rd_kafka_error_t *error, const char *what, const char *topic)
{
    const char *advice = rf_kafka_advice(rd_kafka_error_code(error));
    char place[320], clean[256];
    print_place(place, topic, -1, -1);
    rf_kafka_clean(watch, clean, sizeof clean, rd_kafka_error_string(error));
    return rf_err_set(err, RF_E_KAFKA, file, line, "%s%s: %s%s%s", place, what, clean,
                      advice[0] != '\0' ? "; " : "", advice);
}

rf_status rf_kafka_check_fatal(rd_kafka_t *client, const rf_kafka_watch *watch, rf_err *err)
{
    char text[256], clean[256];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(client, text, sizeof text);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return RF_OK;
    const char *advice = rf_kafka_advice(code);
    rf_kafka_clean(watch, clean, sizeof clean, text);
    return rf_err_set(err, RF_E_KAFKA, __FILE__, __LINE__, "kafka %s stopped for good: %s (%s)%s%s",
                      watch->role, rd_kafka_err2str(code), clean, advice[0] != '\0' ? "; " : "", advice);
}
