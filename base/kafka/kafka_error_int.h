/* kafka_error_int.h - what to do about an error of librdkafka. */
#ifndef RF_KAFKA_ERROR_INT_H
#define RF_KAFKA_ERROR_INT_H

#include "rf_kafka.h"

/* What to do about it, for people; "" where there is nothing to say. */
const char *rf_kafka_advice(rd_kafka_resp_err_t code);

/* What kind of failure a log line about a connection tells of (the log has no codes, only words):
 * __AUTHENTICATION, __SSL or __RESOLVE; else __TRANSPORT. */
rd_kafka_resp_err_t rf_kafka_code_of_line(const char *line);

#endif
