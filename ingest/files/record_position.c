/* record_position.c - where the reading of an input ended, whether a file is the one that was read, and going
 * on behind what was read.
 *
 * The hash of the first 64 KiB detects a replaced file; the hash of all content before a position knows it by
 * another name.
 */
#include "record_buffer_int.h"

#define PASS_BYTES                                                                                           \
    (INT64_C(64) << 20) /* up to here, content before a position is read rather than left out */

static size_t head_part(int64_t offset)
{
    return offset < RF_HEAD_BYTES ? (size_t)offset : RF_HEAD_BYTES;
}

rf_status rf_records_head(rf_records *records, int64_t offset, uint64_t *fingerprint, bool *whole,
                          rf_err *err)
{
    rf_status st = RF_OK;
    size_t need = head_part(offset);
    while (records->head_len < need && !records->ended)
        RF_TRY(rf_records_fill(records, err));
    *whole = records->head_len >= need;
    *fingerprint = XXH3_64bits(records->head, *whole ? need : records->head_len);
done:
    return st;
}

rf_status rf_records_same(rf_records *records, const rf_input_position *position, bool *same, rf_err *err)
{
    rf_status st = RF_OK;
    uint64_t fingerprint;
    bool whole;
    RF_TRY(rf_records_head(records, position->offset, &fingerprint, &whole, err));
    *same = position->offset == 0 || (whole && fingerprint == position->fingerprint);
done:
    return st;
}

/* Consumes content up to the offset. RF_EOF: it ends before. */
static rf_status pass_to(rf_records *records, int64_t offset, rf_err *err)
{
    rf_status st = RF_OK;
    while (records->offset < offset) {
        int64_t left = offset - records->offset;
        RF_TRY(rf_records_fill_to(records, 1, err));
        if (rf_records_unread(records) == 0)
            return RF_EOF;
        rf_records_consume(records, left < (int64_t)rf_records_unread(records) ? (size_t)left
                                                                               : rf_records_unread(records));
    }
done:
    return st;
}

rf_status rf_records_holds(rf_records *records, const rf_input_position *position, bool *holds, bool *more,
                           rf_err *err)
{
    rf_status st = RF_OK;
    *holds = false;
    RF_TRY(pass_to(records, position->offset, err));
    if (st == RF_EOF)
        return RF_OK;
    *holds = records->offset == position->offset &&
             (position->content == 0 || rf_records_content_hash(records) == position->content);
    RF_TRY(rf_records_fill_to(records, 1, err));
    *more = rf_records_unread(records) > 0;
done:
    return st;
}

rf_status rf_records_refresh(rf_records *records, rf_input_position *position, rf_err *err)
{
    rf_status st = RF_OK;
    size_t need = head_part(position->offset);
    while (records->head_len < need && !records->ended)
        RF_TRY(rf_records_fill(records, err));
    position->fingerprint = XXH3_64bits(records->head, need < records->head_len ? need : records->head_len);
    position->content = 0;
done:
    return st;
}

static rf_status ends_before(const rf_records *records, const rf_input_position *position, rf_err *err)
{
    return rf_err_set(
        err, RF_E_FORMAT, __FILE__, __LINE__,
        "%s: its content ends before byte %lld, up to which it was read earlier: it shrank or was "
        "replaced; rebuild the state (--rebuild)",
        records->name, (long long)position->offset);
}

/* Drops content up to `offset` - 1, so that the byte before the position can be looked at. */
static rf_status drop_to_last_byte(rf_records *records, const rf_input_position *position, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t target = position->offset - 1;
    if (target > records->offset + (int64_t)rf_records_unread(records) && target > PASS_BYTES &&
        rf_text_input_seek(records->input, target)) {
        records->hashes = false;
        records->from = records->to = records->hashed = 0;
        records->offset = target;
        records->ended = false;
    }
    RF_TRY(pass_to(records, target, err));
    if (st == RF_EOF)
        return ends_before(records, position, err);
    RF_TRY(rf_records_fill_to(records, 1, err));
    if (rf_records_unread(records) == 0)
        return ends_before(records, position, err);
done:
    return st;
}

/* The last line had no end then. Its end may have come since, but nothing else. */
static rf_status pass_late_line_end(rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_records_fill_to(records, 2, err));
    const char *next = records->buffer + records->from;
    if (rf_records_unread(records) == 0)
        return RF_OK;
    if (next[0] == '\n')
        rf_records_consume(records, 1);
    else if (rf_records_unread(records) >= 2 && next[0] == '\r' && next[1] == '\n')
        rf_records_consume(records, 2);
    else
        RF_FAIL(err, RF_E_FORMAT,
                "%s: line %lld had no end when it was read and has grown since; rebuild the state "
                "(--rebuild), and append whole lines only",
                records->name, (long long)records->line);
done:
    return st;
}

rf_status rf_records_skip(rf_records *records, const rf_input_position *position, rf_err *err)
{
    rf_status st = RF_OK;
    bool avro = records->avro.schema != NULL;
    if (avro && position->offset == records->offset)
        records->line = position->line; /* in the first block */
    if (position->offset <= records->offset)
        return RF_OK;
    RF_TRY(drop_to_last_byte(records, position, err));
    bool whole = avro || records->shape == RF_JSON_STREAM || records->buffer[records->from] == '\n';
    rf_records_consume(records, 1);
    records->line = position->line;
    if (!whole)
        st = pass_late_line_end(records, err);
done:
    return st;
}

/* Of the beginning of the content up to the offset. That of a long one is always the same. */
static uint64_t head_hash(rf_records *records, int64_t offset)
{
    if (offset < RF_HEAD_BYTES)
        return XXH3_64bits(records->head, (size_t)offset);
    if (records->head_hash == 0)
        records->head_hash = XXH3_64bits(records->head, RF_HEAD_BYTES);
    return records->head_hash;
}

void rf_records_position(rf_records *records, rf_input_position *position)
{
    position->offset = records->skipping ? records->skip_offset : records->offset;
    position->line = records->skipping ? records->skip_line : records->line;
    position->fingerprint = head_hash(records, position->offset);
    position->content = records->skipping ? records->skip_content : rf_records_content_hash(records);
}
