/* kafka_watch.c - receives what a Kafka client reports by itself: log lines, connection errors, statistics.
 *
 * Log lines come on the client's own threads, as they happen; errors and statistics on the thread that polls
 * the client. Lines about a lost connection also tell why nobody answers, which is how a caller that waits
 * for the first answer, and polls nothing, can give the reason.
 */
#include "kafka_watch_int.h"

#include <stdio.h>
#include <string.h>

#include "kafka_error_int.h"
#include "kafka_stats_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_time.h"

#define TEXT_BYTES 1024

rf_status rf_kafka_watch_new(rf_kafka_watch **out, const char *role, rf_err *err)
{
    rf_status st = RF_OK;
    rf_kafka_watch *watch = NULL;
    RF_ZERO(watch, 1, err);
    pthread_mutex_init(&watch->mutex, NULL); /* cannot fail with default attributes on Linux */
    watch->lock = &watch->mutex;
    watch->figures = (rf_kafka_figures){.lag = -1, .brokers_up = -1};
    watch->answered_s = rf_monotonic_s();
    snprintf(watch->role, sizeof watch->role, "%s", role);
    *out = watch;
done:
    return st;
}

void rf_kafka_watch_free(rf_kafka_watch *watch)
{
    if (watch == NULL)
        return;
    rf_kafka_secrets_clear(&watch->secrets);
    pthread_mutex_destroy(&watch->mutex);
    rf_mem_free(watch);
}

void rf_kafka_watch_attach(rf_kafka_watch *watch, void *owner)
{
    watch->attached = owner;
}

void *rf_kafka_watch_attached(const rf_kafka_watch *watch)
{
    return watch->attached;
}

const char *rf_kafka_clean(const rf_kafka_watch *watch, char *out, size_t cap, const char *text)
{
    return rf_kafka_hide(&watch->secrets, out, cap, text);
}

/* ---- connections ---- */

static bool is_connection(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__RESOLVE ||
           code == RD_KAFKA_RESP_ERR__SSL || code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
}

/* Notes the cause, in one line: without the broker before it ("sasl_ssl://HOST:PORT/bootstrap: ",
 * "HOST:PORT/1: ") and without the count after it. False when it is the failure that was noted last. */
static bool note_failure(rf_kafka_watch *watch, rd_kafka_resp_err_t code, char *clean)
{
    char *end = strstr(clean, " (after ");
    if (end != NULL)
        *end = '\0';
    for (char *at = clean; *at != '\0'; at++)
        *at = *at == '\n' || *at == '\r' ? ' ' : *at;
    size_t word = strcspn(clean, " ");
    bool named = word > 1 && clean[word - 1] == ':' && clean[word] == ' ' && memchr(clean, '/', word) != NULL;
    const char *why = named ? clean + word + 1 : clean;
    pthread_mutex_lock(watch->lock);
    bool news = !watch->failed || strncmp(watch->why, why, sizeof watch->why - 1) != 0;
    if (!watch->failed || watch->reason != code)
        watch->reason_since_s = rf_monotonic_s();
    watch->failed = true;
    watch->reason = code;
    snprintf(watch->why, sizeof watch->why, "%s", why);
    pthread_mutex_unlock(watch->lock);
    return news;
}

void rf_kafka_watch_no_token(rf_kafka_watch *watch, const char *why)
{
    char text[TEXT_BYTES];
    snprintf(text, sizeof text, "%s", why);
    if (note_failure(watch, RD_KAFKA_RESP_ERR__AUTHENTICATION, text))
        rf_log(RF_LOG_WARN, "kafka %s: no token to log in with: %s", watch->role, text);
}

/* Under the lock. */
static void note_answer(rf_kafka_watch *watch)
{
    watch->answered_s = rf_monotonic_s();
    watch->failed = false;
}

void rf_kafka_watch_answered(rf_kafka_watch *watch)
{
    pthread_mutex_lock(watch->lock);
    note_answer(watch);
    pthread_mutex_unlock(watch->lock);
}

rd_kafka_resp_err_t rf_kafka_watch_reason(const rf_kafka_watch *watch, char why[256], double *for_s)
{
    pthread_mutex_lock(watch->lock);
    rd_kafka_resp_err_t code = watch->failed ? watch->reason : RD_KAFKA_RESP_ERR_NO_ERROR;
    *for_s = watch->failed ? rf_monotonic_s() - watch->reason_since_s : 0;
    memcpy(why, watch->why, sizeof watch->why);
    pthread_mutex_unlock(watch->lock);
    return code;
}

double rf_kafka_down_s(const rf_kafka_watch *watch, char why[256])
{
    pthread_mutex_lock(watch->lock);
    bool down = watch->failed && watch->figures.brokers_up <= 0;
    double since_s = watch->answered_s;
    if (why != NULL)
        memcpy(why, watch->why, sizeof watch->why);
    pthread_mutex_unlock(watch->lock);
    return down ? rf_monotonic_s() - since_s : 0;
}

/* ---- callbacks ---- */

static rf_log_level level_of(int syslog, const char *text)
{
    if (strncmp(text, "Fatal ", 6) == 0) /* the owner's to report: rf_kafka_check_fatal */
        return RF_LOG_DEBUG;
    if (syslog <= 2)
        return RF_LOG_ERROR;
    if (syslog <=
        4) /* errors as well: the client goes on trying, and what it gives up is reported as failure */
        return RF_LOG_WARN;
    return syslog == 5 ? RF_LOG_INFO : RF_LOG_DEBUG;
}

/* "[thrd:app]: " before the text. */
static const char *behind_thread(const char *text)
{
    const char *end = strncmp(text, "[thrd:", 6) == 0 ? strstr(text, "]: ") : NULL;
    return end != NULL ? end + 3 : text;
}

/* One `kafka` in the configuration serves consumers and producers: warnings about the other role's settings
 * are dropped. */
static bool is_of_other_role(const char *facility, const char *text)
{
    return strcmp(facility, "CONFWARN") == 0 && strstr(text, "will be ignored by this") != NULL;
}

static void on_log(const rd_kafka_t *client, int syslog, const char *facility, const char *text)
{
    rf_kafka_watch *watch = client == NULL ? NULL : rd_kafka_opaque(client);
    char clean[TEXT_BYTES];
    if (watch == NULL || is_of_other_role(facility, text))
        return;
    rf_kafka_clean(watch, clean, sizeof clean, behind_thread(text));
    if (strcmp(facility, "FAIL") == 0 && syslog <= 6)
        (void)note_failure(watch, rf_kafka_code_of_line(clean), clean);
    rf_log(level_of(syslog, clean), "kafka %s: %s", watch->role, clean);
}

static void on_error(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
    rf_kafka_watch *watch = opaque;
    char clean[TEXT_BYTES];
    (void)client;
    rf_kafka_clean(watch, clean, sizeof clean, reason);
    if (is_connection((rd_kafka_resp_err_t)code)) {
        if (note_failure(watch, (rd_kafka_resp_err_t)code,
                         clean)) /* most have been logged as they happened */
            rf_log(RF_LOG_WARN, "kafka %s: %s", watch->role, clean);
    } else if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        rf_log(RF_LOG_WARN, "kafka %s: no broker answers (%s); still trying", watch->role, clean);
    else if (code != RD_KAFKA_RESP_ERR__FATAL) /* that one is the owner's to report */
        rf_log(RF_LOG_WARN, "kafka %s: %s: %s", watch->role, rd_kafka_err2str((rd_kafka_resp_err_t)code),
               clean);
}

static int on_stats(rd_kafka_t *client, char *json, size_t len, void *opaque)
{
    rf_kafka_watch *watch = opaque;
    rf_kafka_figures figures;
    (void)client;
    (void)len;
    if (!rf_kafka_stats_read(&figures, json))
        return 0;
    pthread_mutex_lock(watch->lock);
    watch->figures = figures;
    if (figures.brokers_up > 0)
        note_answer(watch);
    pthread_mutex_unlock(watch->lock);
    return 0; /* librdkafka frees the text */
}

void rf_kafka_watch_conf(rf_kafka_watch *watch, rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_opaque(conf, watch);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_stats_cb(conf, on_stats);
}

void rf_kafka_figures_get(const rf_kafka_watch *watch, rf_kafka_figures *out)
{
    pthread_mutex_lock(watch->lock);
    *out = watch->figures;
    pthread_mutex_unlock(watch->lock);
}
