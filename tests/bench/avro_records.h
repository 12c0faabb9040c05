/* avro_records.h - for bench_ingest: simulated events as Avro records, and as a container file. */
#ifndef AVRO_RECORDS_H
#define AVRO_RECORDS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "rf_simulate.h"

#define AVRO_BLOCK 65536 /* bytes of records, as most writers fill blocks */
#define AVRO_SYNC "0123456789abcdef"

static const char avro_schema[] =
    "{\"type\":\"record\",\"name\":\"Event\",\"fields\":["
    "{\"name\":\"event_id\",\"type\":\"string\"},"
    "{\"name\":\"time\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},"
    "{\"name\":\"user\",\"type\":\"string\"},{\"name\":\"entity\",\"type\":\"string\"},"
    "{\"name\":\"amount\",\"type\":{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":12,"
    "\"scale\":2}},"
    "{\"name\":\"promo\",\"type\":\"double\"},{\"name\":\"kind\",\"type\":\"string\"},"
    "{\"name\":\"channel\",\"type\":[\"null\",\"string\"]},{\"name\":\"device\",\"type\":[\"null\","
    "\"string\"]},"
    "{\"name\":\"account_days\",\"type\":\"int\"},"
    "{\"name\":\"country\",\"type\":\"string\"},{\"name\":\"refund\",\"type\":\"boolean\"},"
    "{\"name\":\"declined\",\"type\":\"boolean\"},{\"name\":\"rating\",\"type\":[\"null\",\"int\"]},"
    "{\"name\":\"label\",\"type\":\"int\"},{\"name\":\"fraud_type\",\"type\":\"string\"},"
    "{\"name\":\"ring\",\"type\":\"long\"},{\"name\":\"look_alike\",\"type\":\"string\"}]}";

static inline char *avro_long(char *at, int64_t value)
{
    uint64_t bits = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
    for (; bits > 0x7F; bits >>= 7)
        *at++ = (char)(bits & 0x7F) | (char)0x80;
    *at++ = (char)bits;
    return at;
}

static inline char *avro_text(char *at, const char *text)
{
    size_t len = strlen(text);
    at = avro_long(at, (int64_t)len);
    memcpy(at, text, len);
    return at + len;
}

static inline rf_status avro_record(rf_text *out, const rf_simulated_event *e, rf_err *err)
{
    char record[2048], *at = record;
    double promo = (double)e->promo_cents / 100;
    at = avro_text(at, e->event_id);
    at = avro_long(at, e->time_us);
    at = avro_text(at, e->user);
    at = avro_text(at, e->entity);
    at = avro_long(at, 4);
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (char)(e->amount_cents >> shift & 0xFF);
    memcpy(at, &promo, sizeof promo);
    at = avro_text(at + sizeof promo, e->kind);
    at = avro_text(avro_long(at, 1), e->channel);
    at = avro_text(avro_long(at, 1), e->device);
    at = avro_long(at, e->account_days);
    at = avro_text(at, e->country);
    *at++ = (char)e->is_refund;
    *at++ = (char)e->is_declined;
    at = avro_long(at, e->rating > 0);
    if (e->rating > 0)
        at = avro_long(at, e->rating);
    at = avro_long(at, e->label);
    at = avro_text(at, e->fraud_type);
    at = avro_long(at, e->ring);
    at = avro_text(at, e->look_alike);
    return rf_text_add(out, record, (size_t)(at - record), err);
}

static inline rf_status avro_add_long(rf_text *out, int64_t value, rf_err *err)
{
    char bytes[10];
    return rf_text_add(out, bytes, (size_t)(avro_long(bytes, value) - bytes), err);
}

static inline rf_status avro_header(rf_text *out, const char *codec, rf_err *err)
{
    char start[64], *at = start;
    rf_status st = RF_OK;
    memcpy(at, "Obj\x01", 4);
    at = avro_text(avro_text(avro_long(at + 4, 2), "avro.codec"), codec);
    at = avro_text(at, "avro.schema");
    RF_TRY(rf_text_add(out, start, (size_t)(at - start), err));
    RF_TRY(avro_add_long(out, (int64_t)strlen(avro_schema), err));
    RF_TRY(rf_text_printf(out, err, "%s%c%s", avro_schema, 0, AVRO_SYNC));
done:
    return st;
}

static inline rf_status avro_block(rf_text *out, int64_t n, const char *bytes, size_t len, bool deflated,
                                   rf_err *err)
{
    rf_status st = RF_OK;
    char *packed = malloc(2 * len + 64);
    z_stream stream = {0};
    size_t size = len;
    if (deflated && packed != NULL && deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, 0) == Z_OK) {
        stream.next_in = (unsigned char *)(uintptr_t)bytes;
        stream.avail_in = (unsigned)len;
        stream.next_out = (unsigned char *)packed;
        stream.avail_out = (unsigned)(2 * len + 64);
        (void)deflate(&stream, Z_FINISH);
        size = 2 * len + 64 - stream.avail_out;
        (void)deflateEnd(&stream);
    }
    RF_TRY(avro_add_long(out, n, err));
    RF_TRY(avro_add_long(out, (int64_t)size, err));
    RF_TRY(rf_text_add(out, deflated ? packed : bytes, size, err));
    RF_TRY(rf_text_add(out, AVRO_SYNC, 16, err));
done:
    free(packed);
    return st;
}

#endif
