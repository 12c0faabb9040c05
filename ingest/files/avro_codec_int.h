/* avro_codec_int.h - how the blocks of an Avro file are packed. */
#ifndef RF_AVRO_CODEC_INT_H
#define RF_AVRO_CODEC_INT_H

#include <stddef.h>

#include "rf_span.h"
#include "rf_status.h"

typedef enum rf_avro_codec {
    RF_AVRO_CODEC_NONE,
    RF_AVRO_CODEC_DEFLATE,
    RF_AVRO_CODEC_SNAPPY,
    RF_AVRO_CODEC_ZSTD,
    RF_AVRO_CODEC_XZ,
    RF_AVRO_CODEC_LZMA /* libavro's own: LZMA2 without a container */
} rf_avro_codec;

/* By the name in a file's header. RF_E_INVALID: one that is not read; `file` names the file. */
RF_MUST_CHECK rf_status rf_avro_codec_named(rf_avro_codec *codec, rf_span name, const char *file,
                                            rf_err *err);

typedef struct rf_unpacked { /* zero at first; grows and is used again */
    char *bytes;
    size_t len, cap;
} rf_unpacked;

/* Unpacks a block, at most `most` bytes. *why NULL: done; else what is wrong with it. */
RF_MUST_CHECK rf_status rf_avro_unpack(rf_unpacked *out, const char **why, rf_avro_codec codec, rf_span block,
                                       size_t most, rf_err *err);
void rf_unpacked_clear(rf_unpacked *unpacked);

#endif
