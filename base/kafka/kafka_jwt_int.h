/* kafka_jwt_int.h - what a JWT says of itself. */
#ifndef RF_KAFKA_JWT_INT_H
#define RF_KAFKA_JWT_INT_H

#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

/* When the token ends and whose it is, from its middle part; what that does not say stays as it is. Its
 * signature is the broker's to check. RF_E_PARSE: it is no JWT. */
RF_MUST_CHECK rf_status rf_kafka_jwt_read(int64_t *ends_ms, char *principal, size_t cap, const char *token,
                                          rf_err *err);

#endif
