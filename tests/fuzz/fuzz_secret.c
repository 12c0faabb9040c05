/* fuzz_secret.c - any bytes as a secret's file, a setting that refers to it, a token, and librdkafka's
 * figures: no secret is printed, and what is no token is refused in words.
 *
 * The input's parts are separated by NULs: file, value of the setting, text to print, token, figures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_file.h"
#include "kafka_jwt_int.h"
#include "kafka_secret_int.h"
#include "kafka_stats_int.h"
#include "rf_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHORTEST 4 /* words of a secret that are hidden */

static void check_hidden(const rf_kafka_secrets *secrets, const char *text)
{
    char shown[512], whole[4096];
    rf_kafka_hide(secrets, shown, sizeof shown, text);
    fuzz_must(strlen(shown) < sizeof shown);
    for (size_t i = 0; i < secrets->n; i++) {
        if (secrets->items[i].len < SHORTEST || secrets->items[i].len > 1000)
            continue;
        snprintf(whole, sizeof whole, "%s", secrets->items[i].text);
        rf_kafka_hide(secrets, shown, sizeof shown, whole);
        fuzz_must(strcmp(shown, whole) != 0 || strcmp(secrets->items[i].shown, whole) == 0);
    }
}

static void expand(const char *path, const char *value, const char *text)
{
    static const char *const keys[] = {"sasl.password", "client.id"};
    char reference[FUZZ_PATH + 16];
    rf_err err = {0};
    snprintf(reference, sizeof reference, "${file:%s}", path);
    for (int i = 0; i < 4; i++) {
        rf_text out = {0};
        rf_kafka_secrets secrets = {0};
        rf_status st = rf_kafka_expand(&out, &secrets, keys[i % 2], i < 2 ? reference : value, &err);
        fuzz_expect(st, &err);
        err = (rf_err){0};
        if (st >= 0) {
            check_hidden(&secrets, text);
            check_hidden(&secrets, value);
        }
        rf_kafka_wipe(&out);
        rf_kafka_secrets_clear(&secrets);
    }
}

static void read_token(const char *token)
{
    char principal[256] = "nobody";
    int64_t ends_ms = 7;
    rf_err err = {0};
    fuzz_expect(rf_kafka_jwt_read(&ends_ms, principal, sizeof principal, token, &err), &err);
    fuzz_must(ends_ms >= 0 && strlen(principal) < sizeof principal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[FUZZ_PATH];
    const char *parts[4] = {"", "", "", ""};
    rf_kafka_figures figures = {0};
    if (path[0] == '\0')
        fuzz_path(path, "secret");
    char *text = malloc(size + 1);
    fuzz_must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    size_t at = strlen(text);
    fuzz_write(path, text, at);
    for (int i = 0; i < 4 && at < size; i++) {
        parts[i] = text + at + 1;
        at += 1 + strlen(parts[i]);
    }
    if (strstr(parts[0], "${file:") == NULL && strstr(parts[0], "${env:") == NULL)
        expand(path, parts[0], parts[1]);
    read_token(parts[2]);
    (void)rf_kafka_stats_read(&figures, parts[3]);
    free(text);
    return 0;
}
