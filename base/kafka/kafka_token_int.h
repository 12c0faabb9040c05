/* kafka_token_int.h - tokens for SASL/OAUTHBEARER. */
#ifndef RF_KAFKA_TOKEN_INT_H
#define RF_KAFKA_TOKEN_INT_H

#include <stdbool.h>

#include "rf_kafka.h"

/* For OAUTHBEARER: checks sasl.oauthbearer.config and has tokens made or read as it says. */
RF_MUST_CHECK rf_status rf_kafka_token_conf(rf_kafka_watch *watch, rd_kafka_conf_t *conf, bool unsecured,
                                            rf_err *err);

#endif
