/* rf_kafka_setting.h - one setting of the Kafka client as text: the options of a source and of an
 * emission hold a list of them. It does not include librdkafka's header.
 */
#ifndef RF_KAFKA_SETTING_H
#define RF_KAFKA_SETTING_H

typedef struct rf_setting {
    const char *key, *value; /* "bootstrap.servers", "127.0.0.1:9092" */
} rf_setting;

/* The value as it was given (secrets not replaced), or NULL. */
const char *rf_kafka_setting(const rf_setting *settings, int n, const char *key);

#endif
