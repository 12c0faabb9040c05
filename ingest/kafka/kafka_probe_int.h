/* kafka_probe_int.h - a short-lived client that is no member of the group and sees uncommitted messages. */
#ifndef RF_KAFKA_PROBE_INT_H
#define RF_KAFKA_PROBE_INT_H

#include "rf_kafka.h"
#include "rf_source.h"

typedef struct rf_probe { /* zero at first */
    rf_kafka_watch *watch;
    rd_kafka_t *client;
} rf_probe;

/* Once; one that is open stays. */
RF_MUST_CHECK rf_status rf_probe_open(rf_probe *out, const rf_kafka_source_options *options, rf_err *err);
void rf_probe_close(rf_probe *probe); /* zero: nothing to do */

#endif
