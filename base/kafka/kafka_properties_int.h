/* kafka_properties_int.h - the settings that librdkafka knows. */
#ifndef RF_KAFKA_PROPERTIES_INT_H
#define RF_KAFKA_PROPERTIES_INT_H

#include <stddef.h>

#include "rf_status.h"

typedef struct rf_kafka_property {
    const char *name, *canonical, *range; /* canonical: the name that this one is an alias of, or itself */
} rf_kafka_property;

typedef struct rf_kafka_properties {
    char *text; /* owned; the names point into it */
    rf_kafka_property *items;
    size_t n;
} rf_kafka_properties;

RF_MUST_CHECK rf_status rf_kafka_properties_load(rf_kafka_properties *out, rf_err *err);
void rf_kafka_properties_clear(rf_kafka_properties *properties);
const rf_kafka_property *rf_kafka_property_find(const rf_kafka_properties *properties, const char *name);
/* NULL when none is near enough. */
const char *rf_kafka_property_nearest(const rf_kafka_properties *properties, const char *name);

#endif
