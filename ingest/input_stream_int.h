/* input_stream_int.h - the bytes of one input, decompressed. */
#ifndef RF_INPUT_STREAM_INT_H
#define RF_INPUT_STREAM_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

typedef struct rf_input rf_input;

typedef enum rf_packing { RF_PACKING_UNKNOWN, RF_PACKING_PLAIN, RF_PACKING_GZIP, RF_PACKING_ZSTD } rf_packing;

/* path NULL is standard input. Plain, gzip or zstd, told apart by their first bytes. */
RF_MUST_CHECK rf_status rf_input_open(rf_input **out, const char *path, rf_err *err);
/* Up to cap (> 0) bytes; *n == 0 at the end. Truncated or corrupt compressed data is RF_E_FORMAT. */
RF_MUST_CHECK rf_status rf_input_read(rf_input *input, char *buffer, size_t cap, size_t *n, rf_err *err);
/* Moves a plain, seekable file to `offset`; false when that cannot be done (read on and drop instead). */
bool rf_input_seek(rf_input *input, int64_t offset);
rf_packing rf_input_packing(const rf_input *input); /* unknown before the first read */
int64_t rf_input_stored(const rf_input *input);     /* bytes consumed, as stored */
void rf_input_close(rf_input *input);               /* NULL allowed */

#endif
