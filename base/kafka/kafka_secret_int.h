/* kafka_secret_int.h - texts that must not be printed, and what is printed instead. */
#ifndef RF_KAFKA_SECRET_INT_H
#define RF_KAFKA_SECRET_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "rf_text.h"

typedef struct rf_kafka_secret {
    char *text, *shown; /* owned */
    size_t len;
} rf_kafka_secret;

typedef struct rf_kafka_secrets {
    rf_kafka_secret *items; /* longest first */
    size_t n, cap;
} rf_kafka_secrets;

void rf_kafka_secrets_clear(rf_kafka_secrets *secrets); /* wipes them */
/* Copies `text` to out with every secret in it replaced; what does not fit is cut. Returns out. */
const char *rf_kafka_hide(const rf_kafka_secrets *secrets, char *out, size_t cap, const char *text);

/* The value as librdkafka shall have it, in *out. Whatever came from outside, and all of the value of a
 * setting that holds secrets, is added to the secrets. */
RF_MUST_CHECK rf_status rf_kafka_expand(rf_text *out, rf_kafka_secrets *secrets, const char *key,
                                        const char *value, rf_err *err);
bool rf_kafka_is_secret(const char *key);
void rf_kafka_wipe(rf_text *text); /* overwrites and frees */

#endif
