/* fuzz_config.c - arbitrary bytes as a configuration file, and as the right side of --set. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rf_settings.h"

static void as_file(const char *bytes, size_t len)
{
    rf_settings *settings = NULL;
    rf_err err = {0};
    if (rf_settings_new(&settings, &err) < 0)
        abort();
    if (rf_settings_parse(settings, "fuzz.yaml", bytes, len, &err) >= 0 &&
        rf_settings_finish(settings, &err) >= 0) {
        const rf_schema *schema = settings->source.fields.schema;
        for (int i = 0; i < schema->n_attrs; i++) {
            if (schema->attrs[i].name == NULL || schema->attrs[i].top < 1)
                abort();
        }
    } else if (err.msg[0] == '\0') {
        abort(); /* a refusal without a message */
    }
    rf_settings_free(settings);
}

static void as_setting(const char *bytes, size_t len)
{
    rf_settings *settings = NULL;
    char *text = malloc(len + 1);
    if (text == NULL || rf_settings_new(&settings, NULL) < 0)
        abort();
    memcpy(text, bytes, len);
    text[len] = '\0';
    (void)!rf_settings_set(settings, text, NULL);
    (void)!rf_settings_finish(settings, NULL);
    rf_settings_free(settings);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_file((const char *)data, size);
    if (size <= 4096)
        as_setting((const char *)data, size);
    return 0;
}
