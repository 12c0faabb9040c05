/* packed.h - for the tests of ingest/: content as plain, gzip and zstd files. */
#ifndef RF_PACKED_H
#define RF_PACKED_H

#include <zlib.h>
#include <zstd.h>

#include "rf_check.h"
#include "rf_text.h"

enum packed_kind { PACKED_PLAIN, PACKED_GZIP, PACKED_ZSTD, PACKED_KINDS };

/* Appends `content` to out, as one member or frame. */
static inline void packed_add(rf_text *out, enum packed_kind kind, const char *content, size_t len)
{
    rf_err err = {0};
    size_t cap = len + 4096;
    char *block = malloc(cap);
    size_t n = len;
    if (kind == PACKED_PLAIN) {
        memcpy(block, content, len);
    } else if (kind == PACKED_ZSTD) {
        n = ZSTD_compress(block, cap, content, len, 1);
        ck_assert(!ZSTD_isError(n));
    } else {
        z_stream stream = {0};
        ck_assert(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
        stream.next_in = (unsigned char *)content;
        stream.avail_in = (unsigned)len;
        stream.next_out = (unsigned char *)block;
        stream.avail_out = (unsigned)cap;
        ck_assert(deflate(&stream, Z_FINISH) == Z_STREAM_END);
        n = cap - stream.avail_out;
        deflateEnd(&stream);
    }
    RF_CHECK_OK(err, rf_text_add(out, block, n, &err));
    free(block);
}

/* Writes `content` in `members` members or frames. */
static inline void packed_spill(const char *path, enum packed_kind kind, const char *content, size_t len,
                                size_t members)
{
    rf_text out = {0};
    for (size_t i = 0; i < members; i++) {
        size_t from = len * i / members, to = len * (i + 1) / members;
        packed_add(&out, kind, content + from, to - from);
    }
    rf_spill(path, out.len == 0 ? "" : out.ptr, out.len);
    rf_text_clear(&out);
}

#endif
