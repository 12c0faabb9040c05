/* kafka_secret.c - keeps values of Kafka settings that come from outside the configuration (secret_value.c),
 * and all passwords, out of logs and errors.
 *
 * If a text contains the value of a
 * reference, the reference is printed instead; a password that was written out is printed as "(hidden)".
 * librdkafka quotes parts of some values, so their words are hidden one by one as well.
 */
#include "kafka_secret_int.h"

#include <string.h>

#include "rf_mem.h"
#include "rf_secret.h"

#define SHORTEST_WORD 4 /* shorter parts of a value tell nothing and would garble every log line */
#define HIDDEN "(hidden)"

/* ---- the list ---- */

void rf_kafka_wipe(rf_text *text)
{
    rf_secret_wipe(text);
}

void rf_kafka_secrets_clear(rf_kafka_secrets *secrets)
{
    for (size_t i = 0; i < secrets->n; i++) {
        rf_wipe(secrets->items[i].text, secrets->items[i].len);
        rf_mem_free(secrets->items[i].text);
        rf_mem_free(secrets->items[i].shown);
    }
    rf_mem_free(secrets->items);
    *secrets = (rf_kafka_secrets){0};
}

/* Longest first: a secret that is part of another one must not break that up. */
static rf_status add_secret(rf_kafka_secrets *secrets, const char *text, size_t len, const char *shown,
                            rf_err *err)
{
    rf_status st = RF_OK;
    rf_kafka_secret secret = {.len = len};
    if (len == 0)
        return RF_OK;
    rf_secret_no_dumps();
    for (size_t i = 0; i < secrets->n; i++)
        if (secrets->items[i].len == len && memcmp(secrets->items[i].text, text, len) == 0)
            return RF_OK;
    RF_RESERVE(secrets->items, secrets->cap, secrets->n + 1, err);
    secret.text = rf_mem_text(text, len, err);
    if (secret.text != NULL)
        secret.shown = rf_mem_text(shown, strlen(shown), err);
    if (secret.shown == NULL) {
        rf_mem_free(secret.text);
        return RF_E_NOMEM;
    }
    size_t at = secrets->n++;
    for (; at > 0 && secrets->items[at - 1].len < len; at--)
        secrets->items[at] = secrets->items[at - 1];
    secrets->items[at] = secret;
done:
    return st;
}

/* The text, its words, and what follows the `=` of a word. */
static rf_status add_words(rf_kafka_secrets *secrets, const char *text, size_t len, const char *shown,
                           rf_err *err)
{
    static const char *const between = " \t\r\n,;\"'";
    rf_status st = RF_OK;
    RF_TRY(add_secret(secrets, text, len, shown, err));
    for (size_t at = 0, end; at < len; at = end + 1) {
        end = at;
        while (end < len && strchr(between, text[end]) == NULL)
            end++;
        const char *equals = memchr(text + at, '=', end - at);
        size_t value = equals == NULL ? at : (size_t)(equals - text) + 1;
        if (end - at >= SHORTEST_WORD)
            RF_TRY(add_secret(secrets, text + at, end - at, shown, err));
        if (end - value >= SHORTEST_WORD)
            RF_TRY(add_secret(secrets, text + value, end - value, shown, err));
    }
done:
    return st;
}

const char *rf_kafka_hide(const rf_kafka_secrets *secrets, char *out, size_t cap, const char *text)
{
    size_t len = 0, left = strlen(text);
    while (left > 0 && len + 1 < cap) {
        const rf_kafka_secret *found = NULL;
        for (size_t i = 0; i < secrets->n && found == NULL; i++) {
            const rf_kafka_secret *secret = &secrets->items[i];
            size_t n = secret->len; /* a text that was cut inside a secret ends with the secret's beginning */
            if (left < n)
                n = left >= SHORTEST_WORD ? left : 0;
            if (n > 0 && memcmp(text, secret->text, n) == 0)
                found = secret;
        }
        size_t taken = found == NULL ? 1 : found->len < left ? found->len : left;
        if (found == NULL)
            out[len++] = *text;
        for (const char *shown = found == NULL ? "" : found->shown; *shown != '\0' && len + 1 < cap; shown++)
            out[len++] = *shown;
        text += taken;
        left -= taken;
    }
    if (cap > 0)
        out[len] = '\0';
    return out;
}

/* ---- which settings hold secrets by themselves ---- */

bool rf_kafka_is_secret(const char *key)
{
    size_t len = strlen(key);
    return strstr(key, "password") != NULL || strstr(key, "secret") != NULL ||
           strcmp(key, "sasl.oauthbearer.config") == 0 || (len > 4 && strcmp(key + len - 4, ".pem") == 0);
}

/* ---- references ---- */

static rf_status note(void *context, const char *text, size_t len, const char *reference, rf_err *err)
{
    return len < SHORTEST_WORD ? RF_OK : add_words(context, text, len, reference, err);
}

rf_status rf_kafka_expand(rf_text *out, rf_kafka_secrets *secrets, const char *key, const char *value,
                          rf_err *err)
{
    rf_status st = RF_OK;
    const rf_secret_note hidden = {note, secrets};
    rf_text name = {0};
    RF_TRY(rf_text_printf(&name, err, "kafka.%s", key));
    RF_TRY(rf_secret_expand(out, name.ptr, value, &hidden, err));
    if (rf_kafka_is_secret(key) && out->len > 0)
        RF_TRY(add_words(secrets, out->ptr, out->len, HIDDEN, err));
done:
    rf_text_clear(&name);
    return st;
}
