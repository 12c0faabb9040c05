/* fuzz_config.c - arbitrary bytes as a configuration file, and as the right side of --set. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rf_config.h"

static void as_file(const char *bytes, size_t len)
{
    rf_config *config = NULL;
    rf_err err = {0};
    if (rf_config_new(&config, &err) < 0)
        abort();
    if (rf_config_parse(config, "fuzz.yaml", bytes, len, &err) >= 0 && rf_config_finish(config, &err) >= 0) {
        const rf_schema *schema = &config->fields.schema;
        for (int i = 0; i < schema->n_attrs; i++) {
            if (schema->attrs[i].name == NULL || schema->attrs[i].top < 1)
                abort();
        }
    } else if (err.msg[0] == '\0') {
        abort(); /* a refusal without a message */
    }
    rf_config_free(config);
}

static void as_setting(const char *bytes, size_t len)
{
    rf_config *config = NULL;
    char *text = malloc(len + 1);
    if (text == NULL || rf_config_new(&config, NULL) < 0)
        abort();
    memcpy(text, bytes, len);
    text[len] = '\0';
    (void)!rf_config_set(config, text, NULL);
    (void)!rf_config_finish(config, NULL);
    rf_config_free(config);
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
