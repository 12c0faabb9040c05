/* made_avro.h - Avro's binary form and container files, written by hand: also as nobody should. */
#ifndef RF_MADE_AVRO_H
#define RF_MADE_AVRO_H

#include <zlib.h>

#include "made_records.h"

#define MADE_AVRO_SYNC "0123456789abcdef"

static inline void made_avro_long(rf_text *out, int64_t value)
{
    uint64_t bits = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
    do {
        char byte = (char)((bits & 0x7F) | (bits > 0x7F ? 0x80 : 0));
        made_add(out, &byte, 1);
        bits >>= 7;
    } while (bits > 0);
}

static inline void made_avro_bytes(rf_text *out, const char *bytes, size_t len)
{
    made_avro_long(out, (int64_t)len);
    made_add(out, bytes, len);
}

static inline void made_avro_text(rf_text *out, const char *text)
{
    made_avro_bytes(out, text, strlen(text));
}

/* Two's complement of `len` bytes, high byte first. */
static inline void made_avro_whole(char *out, size_t len, int64_t value)
{
    for (size_t i = len; i-- > 0; value >>= 8)
        out[i] = (char)(value & 0xFF);
}

/* ---- the events of made_records.h ---- */

#define MADE_AVRO_SCHEMA                                                                                     \
    "{\"type\":\"record\",\"name\":\"Event\",\"namespace\":\"made\",\"fields\":["                            \
    "{\"name\":\"other\",\"type\":{\"type\":\"array\",\"items\":[\"int\",\"string\",\"null\"]}},"            \
    "{\"name\":\"id\",\"type\":\"string\"},"                                                                 \
    "{\"name\":\"meta\",\"type\":[\"null\",{\"type\":\"record\",\"name\":\"Meta\",\"fields\":["              \
    "{\"name\":\"x\",\"type\":\"null\"},"                                                                    \
    "{\"name\":\"shop\",\"type\":{\"type\":\"record\",\"name\":\"Shop\",\"fields\":["                        \
    "{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"name\",\"type\":[\"null\",\"string\"]}]}},"           \
    "{\"name\":\"score\",\"type\":[\"null\",{\"type\":\"fixed\",\"name\":\"Score\",\"size\":9,"              \
    "\"logicalType\":\"decimal\",\"precision\":20,\"scale\":6}]}]}]},"                                       \
    "{\"name\":\"user\",\"type\":\"string\"},"                                                               \
    "{\"name\":\"channel\",\"type\":[\"string\",\"null\"]},"                                                 \
    "{\"name\":\"kind\",\"type\":\"string\"},"                                                               \
    "{\"name\":\"time\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},"                 \
    "{\"name\":\"amount\",\"type\":{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":20,"        \
    "\"scale\":6}},"                                                                                         \
    "{\"name\":\"present\",\"type\":[\"null\",\"boolean\"]},"                                                \
    "{\"name\":\"label\",\"type\":[\"null\",\"int\"]},"                                                      \
    "{\"name\":\"seen\",\"type\":[\"null\",{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}]},"      \
    "{\"name\":\"notes\",\"type\":{\"type\":\"map\",\"values\":\"double\"}}]}"

static inline void made_print_avro(rf_text *out, const made_event *e)
{
    static const char one_double[] = "\x02\x02k\0\0\0\0\0\0\xF0\x3F\0"; /* one key, 1.0, and the end */
    char number[9];
    made_adds(out, "\x04"); /* 2 items: an int, and nothing */
    made_add(out, "\0\x0A\x04\0", 4);
    made_avro_text(out, e->id);
    made_avro_long(out, 1);
    made_avro_text(out, e->shop);
    made_avro_long(out, 0);
    made_avro_long(out, e->score != RF_MISSING);
    if (e->score != RF_MISSING) {
        made_avro_whole(number, 9, e->score);
        made_add(out, number, 9);
    }
    made_avro_text(out, e->user);
    made_avro_long(out, e->channel[0] == '\0');
    if (e->channel[0] != '\0')
        made_avro_text(out, e->channel);
    made_avro_text(out, e->kind);
    made_avro_long(out, e->time_us);
    made_avro_whole(number, 8, e->amount);
    made_avro_bytes(out, number, 8);
    made_avro_long(out, e->present >= 0);
    if (e->present >= 0)
        made_add(out, e->present ? "\x01" : "\0", 1);
    made_avro_long(out, e->label >= 0);
    if (e->label >= 0)
        made_avro_long(out, e->label);
    made_avro_long(out, e->seen_us != RF_MISSING);
    if (e->seen_us != RF_MISSING)
        made_avro_long(out, e->seen_us);
    made_add(out, one_double, sizeof one_double - 1);
}

/* ---- container files ---- */

static inline void made_avro_header(rf_text *out, const char *schema, const char *codec)
{
    made_adds(out, "Obj\x01");
    made_avro_long(out, codec == NULL ? 1 : 2);
    made_avro_text(out, "avro.schema");
    made_avro_text(out, schema);
    if (codec != NULL) {
        made_avro_text(out, "avro.codec");
        made_avro_text(out, codec);
    }
    made_avro_long(out, 0);
    made_adds(out, MADE_AVRO_SYNC);
}

/* packed: as the codec wants it. */
static inline void made_avro_block(rf_text *out, int64_t n, const char *packed, size_t len)
{
    made_avro_long(out, n);
    made_avro_bytes(out, packed, len);
    made_adds(out, MADE_AVRO_SYNC);
}

static inline void made_deflate(rf_text *out, const char *bytes, size_t len)
{
    z_stream stream = {0};
    char packed[1 << 16];
    ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    stream.avail_in = (unsigned)len;
    stream.next_out = (unsigned char *)packed;
    stream.avail_out = sizeof packed;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    made_add(out, packed, sizeof packed - stream.avail_out);
    (void)deflateEnd(&stream);
}

#endif
