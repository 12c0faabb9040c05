/* log.c - log lines on stderr, as text or JSON.
 *
 * An entry is composed in a buffer on the stack and written at once under a lock: logging takes no memory and
 * cannot fail, so it may happen anywhere. The settings are the process's, made once before other threads
 * start.
 */
#include "rf_log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rf_quote.h"
#include "rf_time.h"

#define MESSAGE_BYTES 2048
#define ENTRY_BYTES (MESSAGE_BYTES * 6 + 512) /* every byte escaped, and the rest of the object */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int lowest = RF_LOG_WARN; /* until rf_log_setup: a library is quiet */
static atomic_bool muted;
static rf_log_format entry_format = RF_LOG_TEXT;
static const char *entry_verb;
static void (*entry_curtain)(bool drawing);

typedef struct line {
    char bytes[ENTRY_BYTES];
    size_t len;
} line;

void rf_log_setup(rf_log_level level, rf_log_format format, const char *verb)
{
    pthread_mutex_lock(&lock);
    atomic_store(&lowest, (int)level);
    entry_format = format;
    entry_verb = verb;
    pthread_mutex_unlock(&lock);
}

void rf_log_mute(bool mute)
{
    atomic_store(&muted, mute);
}

bool rf_log_enabled(rf_log_level level)
{
    return (int)level >= atomic_load(&lowest) && level != RF_LOG_SILENT && !atomic_load(&muted);
}

void rf_log_set_curtain(void (*curtain)(bool drawing))
{
    pthread_mutex_lock(&lock);
    entry_curtain = curtain;
    pthread_mutex_unlock(&lock);
}

static void put(line *out, const char *text, size_t len)
{
    if (len > sizeof out->bytes - out->len)
        len = sizeof out->bytes - out->len;
    memcpy(out->bytes + out->len, text, len);
    out->len += len;
}

static void put_text(line *out, const char *text)
{
    put(out, text, strlen(text));
}

/* What a person must not get as it is never reaches the terminal or breaks the line. JSON has its own way to
 * say it, except for what is no character. */
static void put_escaped(line *out, const char *text, bool json)
{
    char spelled[RF_QUOTE_MOST];
    for (size_t left = strlen(text), taken; left > 0; text += taken, left -= taken) {
        const char *shown;
        size_t n;
        taken = rf_quote_next(&shown, &n, spelled, text, left);
        if (json && (*shown == '"' || *shown == '\\') && shown == text)
            put_text(out, "\\");
        if (json && shown == spelled && spelled[1] == 'x') {
            put_text(out, (unsigned char)*text < 0x80 ? "\\u00" : "\\\\x");
            put(out, spelled + 2, 2);
        } else {
            put(out, shown, n);
        }
    }
}

static const char *level_name(rf_log_level level)
{
    switch (level) {
    case RF_LOG_DEBUG:
        return "debug";
    case RF_LOG_INFO:
        return "info";
    case RF_LOG_WARN:
        return "warn";
    case RF_LOG_ERROR:
    case RF_LOG_SILENT:
        break;
    }
    return "error";
}

static void compose_text(line *out, rf_log_level level, const struct timespec *now, const char *message)
{
    char head[64];
    struct tm local;
    localtime_r(&now->tv_sec, &local);
    snprintf(head, sizeof head, "%02d:%02d:%02d %-5s ", local.tm_hour, local.tm_min, local.tm_sec,
             level_name(level));
    put_text(out, head);
    if (entry_verb != NULL) {
        put_escaped(out, entry_verb, false);
        put_text(out, ": ");
    }
    put_escaped(out, message, false);
}

static void compose_json(line *out, rf_log_level level, const struct timespec *now, const char *message)
{
    char moment[RF_TIME_TEXT];
    rf_time_format(moment, (int64_t)now->tv_sec * RF_SECOND_US + now->tv_nsec / 1000);
    put_text(out, "{\"time\":\"");
    put_text(out, moment);
    put_text(out, "\",\"level\":\"");
    put_text(out, level_name(level));
    if (entry_verb != NULL) {
        put_text(out, "\",\"verb\":\"");
        put_escaped(out, entry_verb, true);
    }
    put_text(out, "\",\"message\":\"");
    put_escaped(out, message, true);
    /* an over-long message loses its end, never the closing of the object */
    if (out->len > sizeof out->bytes - 3)
        out->len = sizeof out->bytes - 3;
    put_text(out, "\"}");
}

void rf_log(rf_log_level level, const char *format, ...)
{
    if (!rf_log_enabled(level))
        return;
    char message[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);

    line out;
    out.len = 0;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    pthread_mutex_lock(&lock);
    if (entry_format == RF_LOG_JSON)
        compose_json(&out, level, &now, message);
    else
        compose_text(&out, level, &now, message);
    if (out.len == sizeof out.bytes)
        out.len--;
    out.bytes[out.len++] = '\n';
    if (entry_curtain != NULL)
        entry_curtain(true);
    for (size_t written = 0; written < out.len;) {
        ssize_t n = write(STDERR_FILENO, out.bytes + written, out.len - written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break; /* a closed or full stderr must not stop the work */
        written += (size_t)n;
    }
    if (entry_curtain != NULL)
        entry_curtain(false);
    pthread_mutex_unlock(&lock);
}
