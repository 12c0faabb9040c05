/* kafka_stats_int.h - figures from librdkafka's statistics. */
#ifndef RF_KAFKA_STATS_INT_H
#define RF_KAFKA_STATS_INT_H

#include <stdbool.h>

#include "rf_kafka.h"

/* Reads librdkafka's statistics; false, with *out untouched, when they are not understood. */
bool rf_kafka_stats_read(rf_kafka_figures *out, const char *json);

#endif
