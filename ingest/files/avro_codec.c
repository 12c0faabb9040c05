/* avro_codec.c - unpacks the blocks of Avro files. How large a block becomes is bounded here, whatever its
 * bytes say. libavro has the same codecs (but Zstandard and xz), and does not hand them out.
 */
#include "avro_codec_int.h"

#include <lzma.h>
#include <snappy-c.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "rf_mem.h"
#include "rf_quote.h"

#define FIRST_BYTES (64u << 10)
#define CHECK_BYTES 4 /* behind a block of snappy: the CRC-32 of what it holds */
#define MOST_LZMA_MEMORY (UINT64_C(128) << 20)

static const char too_large[] = "holds more than a block may (ingest.max_record)";

rf_status rf_avro_codec_named(rf_avro_codec *codec, rf_span name, const char *file, rf_err *err)
{
    static const struct {
        const char *name;
        rf_avro_codec codec;
    } known[] = {{"null", RF_AVRO_CODEC_NONE},     {"deflate", RF_AVRO_CODEC_DEFLATE},
                 {"snappy", RF_AVRO_CODEC_SNAPPY}, {"zstandard", RF_AVRO_CODEC_ZSTD},
                 {"xz", RF_AVRO_CODEC_XZ},         {"lzma", RF_AVRO_CODEC_LZMA}};
    char shown[64];
    if (name.len == 0) { /* absent or empty means that nothing is packed */
        *codec = RF_AVRO_CODEC_NONE;
        return RF_OK;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i].name) == name.len && memcmp(known[i].name, name.ptr, name.len) == 0) {
            *codec = known[i].codec;
            return RF_OK;
        }
    }
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s: its blocks are packed by \"%s\", which is not read (null, deflate, snappy, "
                      "zstandard, xz and lzma are); write it again with another codec",
                      file, rf_quote_short(shown, sizeof shown, name.ptr, name.len));
}

void rf_unpacked_clear(rf_unpacked *unpacked)
{
    rf_mem_free(unpacked->bytes);
    *unpacked = (rf_unpacked){0};
}

/* Room for more bytes. False, and *why set: there are too many already. */
static bool has_room(rf_unpacked *out, const char **why, size_t most, rf_status *st, rf_err *err)
{
    if (out->len < out->cap)
        return true;
    if (out->len >= most)
        *why = too_large;
    else
        *st = rf_mem_reserve((void **)&out->bytes, &out->cap, out->cap == 0 ? FIRST_BYTES : 2 * out->cap, 1,
                             err);
    return *st == RF_OK && *why == NULL;
}

/* ---- each codec ---- */

static void *take(void *context, unsigned n, unsigned size)
{
    (void)context;
    return rf_mem_new(n, size, NULL);
}

static void give(void *context, void *block)
{
    (void)context;
    rf_mem_free(block);
}

static rf_status unpack_deflate(rf_unpacked *out, const char **why, rf_span block, size_t most, rf_err *err)
{
    rf_status st = RF_OK;
    z_stream stream = {.zalloc = take, .zfree = give};
    int result = inflateInit2(&stream, -MAX_WBITS);
    if (result != Z_OK)
        return rf_err_set(err, result == Z_MEM_ERROR ? RF_E_NOMEM : RF_E_INTERNAL, __FILE__, __LINE__,
                          "zlib cannot start");
    stream.next_in = (unsigned char *)(uintptr_t)block.ptr;
    stream.avail_in = (unsigned)block.len;
    while (result != Z_STREAM_END && has_room(out, why, most, &st, err)) {
        size_t room = out->cap - out->len;
        stream.next_out = (unsigned char *)out->bytes + out->len;
        stream.avail_out = (unsigned)room;
        result = inflate(&stream, Z_NO_FLUSH);
        out->len += room - stream.avail_out;
        if (result == Z_MEM_ERROR) {
            st = rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory for decompression");
            break;
        }
        if (result != Z_OK && result != Z_STREAM_END) {
            *why = stream.msg != NULL ? stream.msg : "its deflate data breaks off";
            break;
        }
    }
    (void)inflateEnd(&stream);
    return st;
}

static rf_status unpack_snappy(rf_unpacked *out, const char **why, rf_span block, size_t most, rf_err *err)
{
    rf_status st = RF_OK;
    size_t len = 0;
    if (block.len < CHECK_BYTES ||
        snappy_uncompressed_length(block.ptr, block.len - CHECK_BYTES, &len) != SNAPPY_OK) {
        *why = "it is no snappy data";
        return RF_OK;
    }
    if (len > most) {
        *why = too_large;
        return RF_OK;
    }
    RF_RESERVE(out->bytes, out->cap, len + 1, err);
    if (snappy_uncompress(block.ptr, block.len - CHECK_BYTES, out->bytes, &len) != SNAPPY_OK) {
        *why = "its snappy data is broken";
        return RF_OK;
    }
    out->len = len;
    const unsigned char *p = (const unsigned char *)block.ptr + block.len - CHECK_BYTES;
    uint32_t said = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    if (crc32(crc32(0, NULL, 0), (const unsigned char *)out->bytes, (unsigned)len) != said)
        *why = "its checksum is wrong";
done:
    return st;
}

static rf_status unpack_zstd(rf_unpacked *out, const char **why, rf_span block, size_t most, rf_err *err)
{
    rf_status st = RF_OK;
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {block.ptr, block.len, 0};
    size_t result = 1;
    if (stream == NULL)
        return rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory for decompression");
    while ((result != 0 || in.pos < in.size) && has_room(out, why, most, &st, err)) {
        ZSTD_outBuffer to = {out->bytes, out->cap, out->len};
        size_t in_before = in.pos, out_before = to.pos;
        result = ZSTD_decompressStream(stream, &to, &in);
        out->len = to.pos;
        if (ZSTD_isError(result))
            *why = ZSTD_getErrorName(result);
        else if (in.pos == in_before && to.pos == out_before && to.pos < to.size)
            *why = "its Zstandard data breaks off";
        if (*why != NULL)
            break;
    }
    (void)ZSTD_freeDStream(stream);
    return st;
}

static void *lzma_take(void *context, size_t n, size_t size)
{
    (void)context;
    return rf_mem_new(n, size, NULL);
}

static rf_status unpack_lzma(rf_unpacked *out, const char **why, bool raw, rf_span block, size_t most,
                             rf_err *err)
{
    rf_status st = RF_OK;
    const lzma_allocator allocator = {lzma_take, give, NULL};
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_options_lzma options;
    (void)lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT); /* as libavro writes */
    const lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    stream.allocator = &allocator;
    lzma_ret result =
        raw ? lzma_raw_decoder(&stream, filters) : lzma_stream_decoder(&stream, MOST_LZMA_MEMORY, 0);
    stream.next_in = (const uint8_t *)block.ptr;
    stream.avail_in = block.len;
    while (result == LZMA_OK && has_room(out, why, most, &st, err)) {
        size_t room = out->cap - out->len;
        stream.next_out = (uint8_t *)out->bytes + out->len;
        stream.avail_out = room;
        result = lzma_code(&stream, LZMA_FINISH);
        out->len += room - stream.avail_out;
    }
    if (result == LZMA_MEM_ERROR)
        st = rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory for decompression");
    else if (result != LZMA_OK && result != LZMA_STREAM_END && *why == NULL)
        *why = "its LZMA data is broken";
    lzma_end(&stream);
    return st;
}

rf_status rf_avro_unpack(rf_unpacked *out, const char **why, rf_avro_codec codec, rf_span block, size_t most,
                         rf_err *err)
{
    *why = NULL;
    out->len = 0;
    switch (codec) {
    case RF_AVRO_CODEC_DEFLATE:
        return unpack_deflate(out, why, block, most, err);
    case RF_AVRO_CODEC_SNAPPY:
        return unpack_snappy(out, why, block, most, err);
    case RF_AVRO_CODEC_ZSTD:
        return unpack_zstd(out, why, block, most, err);
    case RF_AVRO_CODEC_XZ:
    case RF_AVRO_CODEC_LZMA:
        return unpack_lzma(out, why, codec == RF_AVRO_CODEC_LZMA, block, most, err);
    case RF_AVRO_CODEC_NONE:
        break;
    }
    return RF_OK;
}
