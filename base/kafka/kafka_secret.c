/* kafka_secret.c - values of Kafka settings that come from outside the configuration, and keeping them and
 * all passwords out of logs and errors.
 *
 * ${env:NAME} and ${file:PATH} may occur anywhere inside a value. If a text contains the value of a
 * reference, the reference is printed instead; a password that was written out is printed as "(hidden)".
 * librdkafka quotes parts of some values, so their words are hidden one by one as well. Other ${...} are left
 * alone.
 */
#include "kafka_secret_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_secret.h"

#define FILE_BYTES (1 << 20) /* keys and certificates are far shorter */
#define SHORTEST_WORD 4      /* shorter parts of a value tell nothing and would garble every log line */
#define HIDDEN "(hidden)"

/* ---- the list ---- */

void rf_kafka_wipe(rf_text *text)
{
    if (text->ptr != NULL)
        rf_wipe(text->ptr, text->cap);
    rf_text_clear(text);
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

static rf_status add_file(rf_text *out, const char *key, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char *bytes = NULL;
    size_t n = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        RF_FAIL(err, RF_E_INVALID, "kafka.%s: the file of ${file:%s} cannot be opened: %s", key, path,
                strerror(errno));
    RF_NEW(bytes, FILE_BYTES, err);
    setvbuf(file, NULL, _IONBF, 0); /* no second copy of a secret in freed memory */
    n = fread(bytes, 1, FILE_BYTES, file);
    if (ferror(file))
        RF_FAIL(err, RF_E_INVALID, "kafka.%s: the file of ${file:%s} cannot be read: %s", key, path,
                strerror(errno));
    if (n == FILE_BYTES || memchr(bytes, '\0', n) != NULL)
        RF_FAIL(err, RF_E_INVALID, "kafka.%s: the file of ${file:%s} is not a short text file", key, path);
    size_t len = n; /* without its last line end */
    len -= len > 0 && bytes[len - 1] == '\n';
    len -= len > 0 && bytes[len - 1] == '\r';
    st = rf_text_add(out, bytes, len, err);
done:
    if (bytes != NULL)
        rf_wipe(bytes, n);
    rf_mem_free(bytes);
    if (file != NULL)
        fclose(file);
    return st;
}

/* One reference, from its `$` up to and with its `}`; len counts both. */
static rf_status add_reference(rf_text *out, rf_kafka_secrets *secrets, const char *key, const char *text,
                               size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    char *shown = rf_mem_text(text, len, err), *name = NULL;
    size_t start = out->len;
    if (shown != NULL) {
        const char *colon = strchr(shown, ':');
        name = rf_mem_text(colon + 1, strlen(colon + 1) - 1, err);
    }
    if (name == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    if (name[0] == '\0')
        RF_FAIL(err, RF_E_INVALID, "kafka.%s: %s has no name in it", key, shown);
    if (strncmp(shown, "${env:", 6) == 0) {
        const char *value = getenv(name);
        if (value == NULL)
            RF_FAIL(err, RF_E_INVALID,
                    "kafka.%s: the environment variable %s of ${env:%s} is not set; set it for this process",
                    key, name, name);
        RF_TRY(rf_text_add(out, value, strlen(value), err));
    } else {
        RF_TRY(add_file(out, key, name, err));
    }
    if (out->len - start >= SHORTEST_WORD)
        RF_TRY(add_words(secrets, out->ptr + start, out->len - start, shown, err));
done:
    rf_mem_free(name);
    rf_mem_free(shown);
    return st;
}

rf_status rf_kafka_expand(rf_text *out, rf_kafka_secrets *secrets, const char *key, const char *value,
                          rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_add(out, "", 0, err));
    for (const char *at = value; *at != '\0';) {
        bool reference = strncmp(at, "${env:", 6) == 0 || strncmp(at, "${file:", 7) == 0;
        size_t len = reference ? strcspn(at, "}") : 1;
        if (reference && at[len] == '\0')
            RF_FAIL(err, RF_E_INVALID, "kafka.%s: a ${env:NAME} or ${file:PATH} has no closing }", key);
        if (reference)
            RF_TRY(add_reference(out, secrets, key, at, ++len, err));
        else
            RF_TRY(rf_text_add(out, at, 1, err));
        at += len;
    }
    if (rf_kafka_is_secret(key) && out->len > 0)
        RF_TRY(add_words(secrets, out->ptr, out->len, HIDDEN, err));
done:
    return st;
}
