/* avro_blocks.c - reads Avro object container files: the header with the schema, then blocks of records.
 *
 * The reader's buffer holds a whole block, so its position is always the beginning of a block, and `line` how
 * many records of that block were taken. Whatever does not fit (a length, the marker behind a block, a record
 * that the schema does not describe) fails the file, as broken gzip data does: nobody knows then which
 * records are lost. libavro's own reader is not used: it takes lengths on trust.
 */
#include "avro_blocks_int.h"

#include <string.h>

#include "avro_wire_int.h"
#include "record_buffer_int.h"
#include "rf_mem.h"

#define MOST_HEADER (RF_AVRO_MOST_SCHEMA + (256u << 10))
#define MOST_NUMBERS 20                /* bytes: of records, and of bytes, before a block */
#define LEAST_BLOCK ((size_t)64 << 20) /* may be held, however short records must be */
#define MOST_BLOCK ((size_t)2 << 30)   /* lengths of zlib's have 32 bits */

void rf_avro_blocks_clear(rf_avro_blocks *blocks)
{
    rf_avro_schema_free(blocks->schema);
    *blocks = (rf_avro_blocks){.unpacked = blocks->unpacked, .open = blocks->open};
}

void rf_avro_blocks_free(rf_avro_blocks *blocks)
{
    rf_avro_blocks_clear(blocks);
    rf_unpacked_clear(&blocks->unpacked);
}

static rf_status corrupt(const rf_records *records, const char *why, rf_err *err)
{
    return rf_err_set(
        err, RF_E_FORMAT, __FILE__, __LINE__,
        "%s: the Avro data is broken: the block at byte %lld of the content, record %lld: %s; make "
        "or copy the file again",
        records->name, (long long)records->offset, (long long)records->line + 1, why);
}

static rf_avro_cursor unread(const rf_records *records)
{
    return rf_avro_cursor_of((rf_span){records->buffer + records->from, rf_records_unread(records)});
}

/* ---- the header ---- */

static bool is_key(rf_span key, const char *name)
{
    return key.len == strlen(name) && memcmp(key.ptr, name, key.len) == 0;
}

/* Behind the magic: the map of what is said about the file, and the marker. */
static bool read_header(rf_avro_cursor *c, rf_span *schema, rf_span *codec, rf_span *sync)
{
    *schema = *codec = (rf_span){"", 0};
    for (;;) {
        int64_t n, bytes;
        rf_span key, value;
        if (!rf_avro_block(&n, &bytes, c))
            return false;
        if (n == 0)
            return rf_avro_fixed(sync, c, RF_AVRO_SYNC);
        for (; n > 0; n--) {
            if (!rf_avro_bytes(&key, c) || !rf_avro_bytes(&value, c))
                return false;
            if (is_key(key, "avro.schema"))
                *schema = value;
            else if (is_key(key, "avro.codec"))
                *codec = value;
        }
    }
}

rf_status rf_records_is_avro(rf_records *records, bool *is, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_records_fill_to(records, RF_AVRO_MAGIC_BYTES, err));
    *is = rf_records_unread(records) >= RF_AVRO_MAGIC_BYTES &&
          memcmp(records->buffer + records->from, RF_AVRO_MAGIC, RF_AVRO_MAGIC_BYTES) == 0;
done:
    return st;
}

rf_status rf_records_look_at_avro(rf_records *records, const struct rf_avro_schema **schema, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_blocks *blocks = &records->avro;
    rf_span json, codec, sync = {0};
    rf_avro_cursor c;
    bool is;
    RF_TRY(rf_records_is_avro(records, &is, err));
    if (!is)
        RF_FAIL(err, RF_E_INVALID,
                "%s: is no Avro file, though source.format is avro: it does not begin with "
                "Obj and a byte 1",
                records->name);
    for (;;) {
        c = unread(records);
        c.at += RF_AVRO_MAGIC_BYTES;
        if (read_header(&c, &json, &codec, &sync))
            break;
        if (records->ended || rf_records_unread(records) > MOST_HEADER)
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: the Avro data is broken in the file's header: %s; make or copy the "
                    "file again",
                    records->name, c.why);
        RF_TRY(rf_records_fill(records, err));
    }
    rf_avro_blocks_clear(blocks);
    RF_TRY(rf_avro_codec_named(&blocks->codec, codec, records->name, err));
    RF_TRY(rf_avro_schema_read(&blocks->schema, json, false, records->name, err));
    if (rf_avro_type_at(blocks->schema, blocks->schema->root)->empty)
        RF_FAIL(err, RF_E_INVALID, "%s: its schema describes no values, so there are no events in it",
                records->name);
    memcpy(blocks->sync, sync.ptr, RF_AVRO_SYNC);
    rf_records_consume(records, (size_t)(c.at - unread(records).at));
    *schema = blocks->schema;
done:
    return st;
}

/* ---- blocks ---- */

static size_t most_bytes(const rf_records *records)
{
    size_t most = 4 * records->max_record;
    return most < LEAST_BLOCK ? LEAST_BLOCK : most > MOST_BLOCK ? MOST_BLOCK : most;
}

/* Brings the block at `from` into the buffer: *data is what its header announces. RF_EOF: there is none. */
static rf_status load(rf_records *records, int64_t *n, rf_span *data, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_blocks *blocks = &records->avro;
    int64_t bytes;
    RF_TRY(rf_records_fill_to(records, MOST_NUMBERS, err));
    if (rf_records_unread(records) == 0)
        return RF_EOF;
    rf_avro_cursor c = unread(records);
    if (!rf_avro_long(n, &c) || !rf_avro_long(&bytes, &c))
        return corrupt(records, "the file ends early, or the block has no length", err);
    size_t before = (size_t)(c.at - unread(records).at);
    if (*n < 0 || bytes < 0)
        return corrupt(records, "its number of records or bytes is negative", err);
    if ((uint64_t)bytes > most_bytes(records))
        RF_FAIL(err, RF_E_FORMAT,
                "%s: the block at byte %lld of the content has %lld bytes, more than four times "
                "ingest.max_record; raise that, or write the file with smaller blocks",
                records->name, (long long)records->offset, (long long)bytes);
    blocks->stored = before + (size_t)bytes + RF_AVRO_SYNC;
    RF_TRY(rf_records_fill_to(records, blocks->stored, err));
    if (rf_records_unread(records) < blocks->stored)
        return corrupt(records, "the file ends early, inside the block", err);
    *data = (rf_span){records->buffer + records->from + before, (size_t)bytes};
    if (memcmp(data->ptr + bytes, blocks->sync, RF_AVRO_SYNC) != 0)
        return corrupt(records, "behind it stands another sync marker than the file's", err);
done:
    return st;
}

static bool pass_record(const rf_records *records, rf_avro_cursor *c)
{
    return rf_avro_pass(c, rf_avro_type_at(records->avro.schema, records->avro.schema->root), 0);
}

/* Opens the block at `from`, behind the records that were taken already. */
static rf_status enter_block(rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_blocks *blocks = &records->avro;
    const char *why;
    RF_TRY(load(records, &blocks->records, &blocks->left, err));
    if (st == RF_EOF)
        return RF_EOF;
    if (blocks->codec != RF_AVRO_CODEC_NONE) {
        RF_TRY(
            rf_avro_unpack(&blocks->unpacked, &why, blocks->codec, blocks->left, most_bytes(records), err));
        if (why != NULL)
            return corrupt(records, why, err);
        blocks->left = (rf_span){blocks->unpacked.bytes, blocks->unpacked.len};
    }
    if ((uint64_t)blocks->records > blocks->left.len)
        return corrupt(records, "it has fewer bytes than records", err);
    if (records->line > blocks->records)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: the block at byte %lld of the content has fewer records than were read earlier: it was "
                "replaced; rebuild the state (--rebuild)",
                records->name, (long long)records->offset);
    rf_avro_cursor c = rf_avro_cursor_of(blocks->left);
    for (int64_t i = 0; i < records->line; i++) {
        if (!pass_record(records, &c))
            return corrupt(records, c.why, err);
    }
    blocks->left.ptr = (const char *)c.at;
    blocks->left.len = (size_t)(c.end - c.at);
    blocks->inside = true;
done:
    return st;
}

/* The buffer keeps the block's bytes until it is filled again: the last record may lie there. */
static void leave_block(rf_records *records)
{
    rf_records_consume(records, records->avro.stored);
    records->avro.inside = false;
    records->line = 0;
}

/* The record at the beginning of what is left has that length: reading goes on behind it. */
static void take(rf_records *records, rf_record *record, size_t len)
{
    rf_avro_blocks *blocks = &records->avro;
    bool too_long = len > records->max_record;
    *record =
        (rf_record){.text = {blocks->left.ptr, too_long && len > RF_RECORD_SAMPLE ? RF_RECORD_SAMPLE : len},
                    .line = records->line + 1,
                    .too_long = too_long,
                    .block = records->offset};
    blocks->left.ptr += len;
    blocks->left.len -= len;
    blocks->waits = false;
    records->line++;
    if (records->line == blocks->records && blocks->left.len == 0)
        leave_block(records);
}

void rf_records_set_open(rf_records *records, bool open)
{
    records->avro.open = open;
}

void rf_records_end_told(rf_records *records, rf_record *record, size_t len)
{
    take(records, record, len);
}

rf_status rf_records_find_end(rf_records *records, rf_record *record, rf_err *err)
{
    rf_avro_cursor c = rf_avro_cursor_of(records->avro.left);
    if (!pass_record(records, &c))
        return corrupt(records, c.why, err);
    take(records, record, records->avro.left.len - (size_t)(c.end - c.at));
    return RF_OK;
}

rf_status rf_avro_next(rf_records *records, rf_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_blocks *blocks = &records->avro;
    if (blocks->waits)
        RF_TRY(rf_records_find_end(records, record, err));
    while (!blocks->inside || records->line == blocks->records) {
        if (blocks->inside && blocks->left.len > 0)
            return corrupt(records, "it has bytes behind its last record", err);
        if (blocks->inside)
            leave_block(records);
        RF_TRY(enter_block(records, err));
        if (st == RF_EOF)
            return RF_EOF;
    }
    blocks->waits = blocks->open;
    if (!blocks->open)
        return rf_records_find_end(records, record, err);
    *record =
        (rf_record){.text = blocks->left, .line = records->line + 1, .block = records->offset, .open = true};
done:
    return st;
}
