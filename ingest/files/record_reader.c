/* record_reader.c - cuts one input's content into records: lines of JSON Lines, records of CSV.
 *
 * Between input_stream (bytes) and the decoders. Counts content bytes and lines, so that reading can continue
 * after any whole record (record_position.c). It does not know the meaning of a record, except for the quotes
 * that let a CSV record span several lines.
 */
#include "record_buffer_int.h"

#include <string.h>

#include "rf_block.h"
#include "rf_mem.h"
#include "rf_stop.h"

#define READ_BYTES (1u << 20)
#define LEAST_ROOM 8 /* of a read: a character that is converted must fit */
#define HASH_ALIGNMENT 64
#define EVENT_LINES 4096 /* bytes within which a stream of events has data */
#define MOST_IN_VAIN 4   /* longest records that are searched in vain over the same place */

typedef enum csv_state { FIELD_START, PLAIN, QUOTED, QUOTE_SEEN, ESCAPED_PLAIN, ESCAPED_QUOTED } csv_state;

rf_status rf_records_new(rf_records **out, size_t max_record, rf_err *err)
{
    rf_status st = RF_OK;
    rf_records *records = NULL;
    RF_ZERO(records, 1, err);
    records->max_record = max_record;
    records->cap = READ_BYTES;
    RF_NEW(records->buffer, records->cap, err);
    RF_NEW(records->head, RF_HEAD_BYTES, err);
    records->hash_memory = rf_mem_new(sizeof *records->hash + HASH_ALIGNMENT, 1, err);
    if (records->hash_memory == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    uintptr_t memory = (uintptr_t)records->hash_memory;
    records->hash =
        (XXH3_state_t *)(void *)((char *)records->hash_memory + HASH_ALIGNMENT - memory % HASH_ALIGNMENT);
    *out = records;
    records = NULL;
done:
    rf_records_free(records);
    return st;
}

void rf_records_set_encoding(rf_records *records, const char *encoding)
{
    records->encoding = encoding;
}

void rf_records_free(rf_records *records)
{
    if (records == NULL)
        return;
    rf_records_close(records);
    rf_avro_blocks_free(&records->avro);
    rf_mem_free(records->buffer);
    rf_mem_free(records->head);
    rf_mem_free(records->hash_memory);
    rf_mem_free(records->joined);
    rf_mem_free(records);
}

void rf_records_close(rf_records *records)
{
    rf_text_input_close(records->input);
    records->input = NULL;
}

const rf_input *rf_records_input(const rf_records *records)
{
    return rf_text_input_stored(records->input);
}

/* ---- the buffer ---- */

static void hash_consumed(rf_records *records)
{
    if (!records->hashes || records->from <= records->hashed)
        return;
    XXH3_64bits_update(records->hash, records->buffer + records->hashed, records->from - records->hashed);
    records->hashed = records->from;
}

/* Reads more after `to`; then either there is more or `ended` is set. Moves the buffer's content. The
 * first read is a short one: a source looks at the beginning of every file before it reads the first. */
rf_status rf_records_fill(rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n;
    if (records->held && records->avro.schema == NULL)
        return RF_E_INTERRUPTED;
    RF_TRY(rf_stop_check(err)); /* little packed content can be very many bytes */
    if (records->from > 0) {
        hash_consumed(records);
        records->hashed = 0;
        memmove(records->buffer, records->buffer + records->from, rf_records_unread(records));
        records->to -= records->from;
        records->from = 0;
    }
    if (records->cap - records->to < LEAST_ROOM)
        RF_RESERVE(records->buffer, records->cap, 2 * records->cap, err);
    char *bytes = records->buffer + records->to;
    size_t room = records->head_len == 0 ? RF_HEAD_BYTES : records->cap - records->to;
    RF_TRY(rf_text_input_read(records->input, bytes, room, &n, err));
    if (records->offset + (int64_t)rf_records_unread(records) ==
        (int64_t)records->head_len) { /* may be of the head */
        size_t left = RF_HEAD_BYTES - records->head_len, kept = n < left ? n : left;
        memcpy(records->head + records->head_len, bytes, kept);
        records->head_len += kept;
    }
    records->to += n;
    records->ended = n == 0;
done:
    return st;
}

rf_status rf_records_fill_to(rf_records *records, size_t need, rf_err *err)
{
    rf_status st = RF_OK;
    while (rf_records_unread(records) < need && !records->ended)
        RF_TRY(rf_records_fill(records, err));
done:
    return st;
}

/* Of all content before `from`; 0: not known. */
uint64_t rf_records_content_hash(rf_records *records)
{
    if (!records->hashes)
        return 0;
    hash_consumed(records);
    uint64_t content = XXH3_64bits_digest(records->hash);
    return content == 0 ? 1 : content;
}

static void begin(rf_records *records, const char *name)
{
    rf_records_close(records);
    records->name = name;
    records->format = RF_FORMAT_JSONL;
    records->marks = (rf_csv_marks){.delimiter = ',', .quote = '"'};
    records->comment = '\0';
    records->shape = RF_JSON_LINES;
    rf_avro_blocks_clear(&records->avro);
    records->from = records->to = records->head_len = records->last_from = 0;
    records->offset = records->line = records->last_line = 0;
    records->hashed = 0;
    records->head_hash = 0;
    records->searched_to = records->in_vain = records->lines_until = 0;
    records->skipping = false;
    records->ended = false;
    records->hashes = true;
    XXH3_64bits_reset(records->hash);
}

/* Files that were joined, or exported twice, have several. */
static rf_status pass_byte_order_marks(rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    for (bool marked = true; marked;) {
        RF_TRY(rf_records_fill_to(records, 3, err));
        const char *start = records->buffer + records->from;
        marked = rf_records_unread(records) >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0;
        rf_records_consume(records, marked ? 3 : 0);
    }
done:
    return st;
}

rf_status rf_records_open(rf_records *records, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    begin(records, path == NULL ? "stdin" : path);
    RF_TRY(rf_text_input_open(&records->input, path, records->encoding, err));
    RF_TRY(pass_byte_order_marks(records, err));
done:
    return st;
}

rf_status rf_records_open_text(rf_records *records, const char *name, rf_span text, rf_err *err)
{
    rf_status st = RF_OK;
    begin(records, name);
    records->ended = true;
    records->hashes = false;
    RF_RESERVE(records->buffer, records->cap, text.len, err);
    if (text.len > 0)
        memcpy(records->buffer, text.ptr, text.len);
    records->to = text.len;
    RF_TRY(pass_byte_order_marks(records, err));
done:
    return st;
}

bool rf_records_at_end(const rf_records *records)
{
    return records->ended && rf_records_unread(records) == 0;
}

rf_status rf_records_guess(rf_records *records, rf_source_format *format, rf_err *err)
{
    rf_status st = RF_OK;
    size_t i = 0;
    for (;;) {
        RF_TRY(rf_records_fill_to(records, i + 1, err));
        if (i >= rf_records_unread(records) || i > records->max_record) {
            *format = RF_FORMAT_JSONL; /* nothing there, or no record: either will do */
            break;
        }
        char c = records->buffer[records->from + i];
        if (c == '\n') { /* blank lines are not kept, however many there are */
            rf_records_consume(records, i + 1);
            records->line++;
            i = 0;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            i++;
        } else {
            RF_TRY(rf_records_fill_to(records, i + EVENT_LINES, err));
            const rf_span rest = {records->buffer + records->from + i, rf_records_unread(records) - i};
            bool json = c == '{' || c == '[' || c == '\x1e' || rf_json_is_events(rest);
            *format = json ? RF_FORMAT_JSONL : RF_FORMAT_CSV;
            break;
        }
    }
done:
    return st;
}

static rf_span left(const rf_records *records)
{
    return (rf_span){records->buffer + records->from, rf_records_unread(records)};
}

rf_status rf_records_look_at_json(rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    bool unsure;
    for (;;) {
        records->shape = rf_json_shape_of(left(records), records->ended, &unsure);
        if (!unsure || records->ended || rf_records_unread(records) > records->max_record)
            break;
        RF_TRY(rf_records_fill(records, err));
    }
    records->column = rf_json_column(left(records));
done:
    return st;
}

rf_json_shape rf_records_json_shape(const rf_records *records)
{
    return records->shape;
}

void rf_records_set_format(rf_records *records, rf_source_format format)
{
    records->format = format;
}

void rf_records_set_csv(rf_records *records, const rf_csv_marks *marks, char comment)
{
    records->marks = *marks;
    records->comment = comment;
}

/* ---- cutting ---- */

/* The first line end at or after from + *seen; *seen is the length searched. False: more must be read. */
static bool find_line_end(const rf_records *records, size_t *seen)
{
    const char *start = records->buffer + records->from;
    const char *end = memchr(start + *seen, '\n', rf_records_unread(records) - *seen);
    *seen = end == NULL ? rf_records_unread(records) : (size_t)(end - start);
    return end != NULL;
}

/* What the byte c makes of the state, outside of quotes. */
static csv_state next_state(const rf_csv_marks *marks, csv_state state, char c)
{
    if (c == marks->delimiter)
        return FIELD_START;
    if (marks->quote != '\0' && c == marks->quote && (state == FIELD_START || state == QUOTE_SEEN))
        return QUOTED;
    if (marks->escape != '\0' && c == marks->escape)
        return ESCAPED_PLAIN;
    return marks->trim && state == FIELD_START && (c == ' ' || c == '\t') ? FIELD_START : PLAIN;
}

/* To the quote that may end the quoted text, or an escape; NULL: neither is there. */
static const char *next_in_quotes(const rf_csv_marks *marks, const char *p, const char *end)
{
    if (marks->escape == '\0')
        return memchr(p, marks->quote, (size_t)(end - p));
    while (p < end && *p != marks->quote && *p != marks->escape)
        p++;
    return p == end ? NULL : p;
}

/* Continues through a record with quotes or escapes. If it returns true, *seen is the place of the line end.
 */
static bool walk_quotes(const rf_records *records, size_t *seen, csv_state *state)
{
    const rf_csv_marks marks = records->marks;
    const char *start = records->buffer + records->from, *end = records->buffer + records->to;
    for (const char *p = start + *seen; p < end; p++) {
        if (*state == QUOTED) {
            p = next_in_quotes(&marks, p, end);
            if (p == NULL)
                break;
            *state = *p == marks.quote ? QUOTE_SEEN : ESCAPED_QUOTED;
        } else if (*state == ESCAPED_QUOTED || *state == ESCAPED_PLAIN) {
            *state = *state == ESCAPED_QUOTED ? QUOTED : PLAIN;
        } else if (*p == '\n') {
            *seen = (size_t)(p - start);
            return true;
        } else {
            *state = next_state(&marks, *state, *p);
        }
    }
    *seen = rf_records_unread(records);
    return false;
}

/* As find_line_end; *marked: quotes or escapes come before it, and then nobody may have looked further. One
 * pass looks for both. */
static bool find_plain_end(const rf_records *records, size_t *seen, bool *marked)
{
    const char *start = records->buffer + records->from, *end = records->buffer + records->to;
    const char *at = start + *seen;
    const rf_csv_marks *marks = &records->marks;
    const char quote = marks->quote == '\0' ? '\n' : marks->quote; /* none: nothing before the line end is */
    const char escape = marks->escape == '\0' ? '\n' : marks->escape;
    for (; end - at >= RF_BLOCK; at += RF_BLOCK) {
        const rf_block block = rf_block_at(at);
        uint64_t line_ends = rf_block_bits(rf_block_equal(block, '\n'));
        uint64_t found =
            rf_block_bits(rf_block_or(rf_block_equal(block, quote), rf_block_equal(block, escape)));
        *marked = *marked || (found & rf_bits_before(line_ends)) != 0;
        if (line_ends != 0) {
            *seen = (size_t)(at - start) + (size_t)__builtin_ctzll(line_ends);
            return true;
        }
        if (*marked)
            return false;
    }
    while (at < end && *at != '\n') {
        *marked = *marked || *at == quote || *at == escape;
        at++;
    }
    *seen = (size_t)(at - start);
    return at < end;
}

/* A line without quotes and escapes is a record; otherwise the walk decides, from the record's start. */
static bool find_csv_end(const rf_records *records, size_t *seen, csv_state *state, bool *walking)
{
    if (!*walking) {
        bool marked = false, found = find_plain_end(records, seen, &marked);
        if (!marked)
            return found;
        *walking = true;
        *seen = 0;
        *state = FIELD_START;
    }
    return walk_quotes(records, seen, state);
}

/* Consumes the line and its end, without keeping it. When it is interrupted, the next call goes on in it. */
static rf_status pass_line(rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    size_t seen = 0;
    while (!find_line_end(records, &seen) && !records->ended) {
        rf_records_consume(records, seen);
        seen = 0;
        RF_TRY(rf_records_fill(records, err));
    }
    rf_records_consume(records, seen + (seen < rf_records_unread(records)));
done:
    return st;
}

/* Passes over a line that is too long to be kept; its beginning becomes the record. When it is interrupted,
 * the position is still before the line, and the next call goes on in it. */
static rf_status skip_long_line(rf_records *records, rf_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    if (!records->skipping) {
        records->skipping = true;
        records->skip_offset = records->offset;
        records->skip_line = records->line;
        records->skip_content = rf_records_content_hash(records);
        records->sample_len =
            rf_records_unread(records) < RF_RECORD_SAMPLE ? rf_records_unread(records) : RF_RECORD_SAMPLE;
        memcpy(records->sample, records->buffer + records->from, records->sample_len);
    }
    RF_TRY(pass_line(records, err));
    records->skipping = false;
    *record = (rf_record){
        .text = {records->sample, records->sample_len}, .line = records->line + 1, .too_long = true};
    records->last_from = records->from;
    records->last_line = records->line;
    records->line++;
done:
    return st;
}

static rf_span without_cr(const char *text, size_t len)
{
    return (rf_span){text, len - (len > 0 && text[len - 1] == '\r')};
}

/* Consumes `len` bytes and the line end after them, if there is one, as a record. */
static void take_record(rf_records *records, rf_record *record, size_t len)
{
    const char *start = records->buffer + records->from;
    bool has_end = len < rf_records_unread(records);
    *record = (rf_record){.text = without_cr(start, len), .line = records->line + 1};
    records->last_from = records->from;
    records->last_line = records->line;
    records->line++;
    if (records->walked || records->shape == RF_JSON_EVENTS) { /* a record may span several lines */
        for (const char *at = start, *end = start + len; (at = memchr(at, '\n', (size_t)(end - at))) != NULL;
             at++)
            records->line++;
    }
    rf_records_consume(records, len + has_end);
}

static bool at_comment(const rf_records *records)
{
    return records->comment != '\0' && records->format == RF_FORMAT_CSV && rf_records_unread(records) > 0 &&
           records->buffer[records->from] == records->comment;
}

/* The length of the record at `from`, line end excluded, when it is whole or the input has ended. */
static rf_status find_record(rf_records *records, size_t *len, bool *too_long, rf_err *err)
{
    rf_status st = RF_OK;
    csv_state state = FIELD_START;
    bool by_quotes = records->format == RF_FORMAT_CSV && records->offset >= records->lines_until;
    bool walking = false, found = false;
    *len = 0;
    *too_long = false;
    if (records->comment != '\0') {
        RF_TRY(rf_records_fill_to(records, 1, err));
        by_quotes = by_quotes && !at_comment(records);
    }
    for (;;) {
        found = by_quotes ? find_csv_end(records, len, &state, &walking) : find_line_end(records, len);
        *too_long = *len > records->max_record;
        if (found || records->ended || *too_long)
            break;
        RF_TRY(rf_records_fill(records, err));
    }
    records->walked = walking;
done:
    return st;
}

/* A line of tabs is a record where tabs separate fields. */
static bool is_blank(const rf_records *records, const rf_record *record)
{
    if (record->text.len > 0 && record->text.ptr[0] > ' ') /* nearly always */
        return false;
    bool tabs = records->format == RF_FORMAT_CSV && records->marks.delimiter == '\t';
    for (size_t i = 0; i < record->text.len; i++) {
        char c = record->text.ptr[i];
        if (c != ' ' && (c != '\t' || tabs) && c != '\r' && c != '\x1A') /* which ends files of DOS */
            return false;
    }
    return true;
}

/* The quotes of the record at `offset` led over `len` bytes to nothing, and its other lines will be looked at
 * again. That is right for a stray quote. Where every line has one, it would never end: so after some such
 * searches the lines up to where they went are records of their own. */
static void search_was_in_vain(rf_records *records, size_t len)
{
    int64_t to = records->offset + (int64_t)len;
    if (records->offset >= records->searched_to)
        records->in_vain = 0;
    records->in_vain += (int64_t)len;
    records->searched_to = to > records->searched_to ? to : records->searched_to;
    if (records->in_vain > MOST_IN_VAIN * (int64_t)records->max_record)
        records->lines_until = records->searched_to;
}

static int64_t lines_in(const char *bytes, size_t n)
{
    int64_t lines = 0;
    for (const char *at = bytes, *end = bytes + n; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        lines++;
    return lines;
}

/* The next value of a stream of JSON. What follows the last one is not consumed: an array may grow. */
static rf_status next_value(rf_records *records, rf_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    size_t len = 0;
    for (;;) {
        size_t passed = rf_json_pass_separators(left(records));
        if (passed < rf_records_unread(records)) {
            records->line += lines_in(records->buffer + records->from, passed);
            rf_records_consume(records, passed);
            break;
        }
        if (records->ended)
            return RF_EOF;
        RF_TRY(rf_records_fill(records, err));
    }
    while (rf_json_cut_value(&len, left(records), records->ended, records->column) == RF_JSON_CUT_MORE &&
           rf_records_unread(records) <= records->max_record)
        RF_TRY(rf_records_fill(records, err));
    const char *start = records->buffer + records->from;
    bool too_long = len > records->max_record;
    *record = (rf_record){.text = {start, too_long && len > RF_RECORD_SAMPLE ? RF_RECORD_SAMPLE : len},
                          .line = records->line + 1,
                          .too_long = too_long};
    records->last_from = records->from;
    records->last_line = records->line;
    records->line += lines_in(start, len);
    rf_records_consume(records, len);
done:
    return st;
}

/* A line of server-sent events that carries nothing is passed over like a blank one. */
static bool carries_nothing(const rf_records *records, rf_record *record, const rf_record *joined)
{
    if (records->shape != RF_JSON_EVENTS)
        return false;
    record->text = joined->text.ptr == NULL ? rf_json_event_data(record->text) : joined->text;
    record->too_long = joined->too_long;
    return record->text.ptr == NULL || is_blank(records, record);
}

/* The next line, where that is a whole record and nothing about it needs a second look. */
static bool take_usual_line(rf_records *records, rf_record *record)
{
    const char *start = records->buffer + records->from;
    bool csv = records->format == RF_FORMAT_CSV, marked = false;
    size_t len = 0;
    if (records->from == records->to || (unsigned char)*start <= ' ' || *start == records->comment ||
        records->shape != RF_JSON_LINES || (csv && records->offset < records->lines_until))
        return false;
    bool found = csv ? find_plain_end(records, &len, &marked) : find_line_end(records, &len);
    if (!found || marked || len > records->max_record)
        return false;
    *record = (rf_record){.text = without_cr(start, len), .line = ++records->line};
    records->last_from = records->from;
    records->last_line = records->line - 1;
    records->walked = false;
    rf_records_consume(records, len + 1);
    return true;
}

rf_status rf_records_next(rf_records *records, rf_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    if (records->avro.schema != NULL)
        return rf_avro_next(records, record, err);
    if (records->shape == RF_JSON_STREAM)
        return next_value(records, record, err);
    if (records->skipping)
        return skip_long_line(records, record, err);
    if (take_usual_line(records, record))
        return RF_OK;
    for (;;) {
        size_t len;
        bool too_long;
        RF_TRY(find_record(records, &len, &too_long, err));
        if (too_long) {
            size_t first = 0;
            if (!find_line_end(records, &first) || first > records->max_record)
                return skip_long_line(records, record, err);
            search_was_in_vain(records, len);
            len = first; /* a quote that is not closed for very long: its first line alone is wrong */
        }
        rf_record taken, joined = {0};
        if (records->shape == RF_JSON_EVENTS)
            RF_TRY(rf_records_join_data(records, &len, &joined, err));
        bool unterminated = len == rf_records_unread(records);
        if (unterminated && len == 0)
            return RF_EOF;
        int64_t line = records->line, offset = records->offset;
        size_t from = records->from;
        bool comment = at_comment(records);
        take_record(records, &taken, len);
        if (!comment && !is_blank(records, &taken) && !carries_nothing(records, &taken, &joined)) {
            *record = taken;
            break;
        }
        if (unterminated) { /* may still grow into a record */
            records->from = from;
            records->line = line;
            records->offset = offset;
            return RF_EOF;
        }
    }
done:
    return st;
}

rf_status rf_records_pass_lines(rf_records *records, int n, rf_err *err)
{
    rf_status st = RF_OK;
    for (; n > 0; n--) {
        RF_TRY(pass_line(records, err));
        records->line++;
    }
done:
    return st;
}

void rf_records_hold(rf_records *records, bool on)
{
    records->held = on;
}

rf_span rf_records_held(const rf_records *records)
{
    return records->avro.schema != NULL ? (rf_span){0} : (rf_span){records->buffer, records->to};
}

void rf_records_give_back(rf_records *records)
{
    records->offset -= (int64_t)(records->from - records->last_from);
    records->from = records->last_from;
    records->line = records->last_line;
}

void rf_records_keep_first_line(rf_records *records, rf_record *record)
{
    const char *start = records->buffer + records->last_from;
    const char *end = memchr(start, '\n', records->from - records->last_from);
    if (record->too_long || end == NULL)
        return;
    size_t whole = records->from - records->last_from, back = whole - (size_t)(end + 1 - start);
    records->line = records->last_line + 1;
    record->text = without_cr(start, (size_t)(end - start));
    if (back == 0)
        return;
    records->from -= back;
    records->offset -= (int64_t)whole;
    search_was_in_vain(records, whole);
    records->offset += (int64_t)(whole - back);
}
