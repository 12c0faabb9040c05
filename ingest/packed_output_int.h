/* packed_output_int.h - bytes into a file beside another one, packed as that one is. */
#ifndef RF_PACKED_OUTPUT_INT_H
#define RF_PACKED_OUTPUT_INT_H

#include "input_stream_int.h"
#include "rf_file.h"

typedef struct rf_packed rf_packed;

/* A new file for `path`, which appears when it is committed. */
RF_MUST_CHECK rf_status rf_packed_create(rf_packed **out, const char *path, rf_packing packing, rf_err *err);
RF_MUST_CHECK rf_status rf_packed_write(rf_packed *packed, const char *bytes, size_t len, rf_err *err);
RF_MUST_CHECK rf_status rf_packed_commit(rf_packed *packed, rf_err *err);
void rf_packed_close(rf_packed **packed); /* NULL allowed; drops what was not committed */

#endif
