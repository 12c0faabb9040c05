/* event_csv.c - one CSV record to raw values; pure, strict about quotes.
 *
 * csv_header.c has bound columns to the plan's names. Fields are borrowed from the record, unless they hold
 * doubled or escaped marks (csv_cut.c). record_reader finds the end of a record.
 */
#include "event_csv_int.h"
#include "rf_count.h"

#include <stdio.h>
#include <string.h>

#include "csv_decoder_int.h"
#include "rf_block.h"
#include "rf_mem.h"
#include "rf_text.h"

rf_status rf_csv_decoder_new(rf_csv_decoder **out, const rf_field_plan *plan, const rf_csv_dialect *dialect,
                             rf_err *err)
{
    rf_status st = RF_OK;
    rf_csv_decoder *decoder = NULL;
    RF_ZERO(decoder, 1, err);
    decoder->plan = plan;
    decoder->dialect = *dialect;
    char quote = dialect->quote == RF_CSV_NO_QUOTE       ? '\0'
                 : dialect->quote == RF_CSV_DOUBLE_QUOTE ? '"'
                                                         : (char)dialect->quote;
    decoder->cutter.marks = (rf_csv_marks){
        .delimiter = dialect->delimiter == RF_CSV_AUTO ? ',' : (char)dialect->delimiter,
        .quote = quote,
        .escape = dialect->escape == quote ? '\0' : (char)dialect->escape,
        .trim = dialect->trim,
    };
    *out = decoder;
done:
    return st;
}

void rf_csv_decoder_free(rf_csv_decoder *decoder)
{
    if (decoder == NULL)
        return;
    rf_csv_cutter_clear(&decoder->cutter);
    rf_csv_columns_clear(&decoder->columns);
    rf_mem_free(decoder->column_name);
    rf_mem_free(decoder);
}

const rf_csv_marks *rf_csv_decoder_marks(const rf_csv_decoder *decoder)
{
    return &decoder->cutter.marks;
}

/* ---- a record ---- */

static rf_status refuse_quotes(rf_reject *reject, const rf_csv_marks *marks, rf_span record, bool quoted,
                               size_t at)
{
    const char *hint = "";
    if (at == record.len)
        return rf_reject_set(reject, RF_REJECT_BAD_CSV, (int64_t)at, "a quoted field is never closed");
    if (!quoted) {
        hint = at > 0 && record.ptr[at - 1] == ' ' ? " (source.csv.trim passes over spaces before it)"
                                                   : " (source.csv.quote: none takes it for text)";
        return rf_reject_set(reject, RF_REJECT_BAD_CSV, (int64_t)at,
                             "byte %zu: a quote inside a field that does not begin with one%s", at, hint);
    }
    if (at > 1 && record.ptr[at - 2] == '\\' && marks->escape == '\0')
        hint = " (source.csv.escape: backslash reads \\\" as a quote)";
    return rf_reject_set(
        reject, RF_REJECT_BAD_CSV, (int64_t)at,
        "byte %zu: a closing quote is followed by neither a delimiter nor the record's end%s", at, hint);
}

/* A plain field of a message may not hold a line end; in a file a record ends there. */
static rf_status check_one_record(rf_span record, size_t from, size_t to, rf_reject *reject)
{
    const char *line_end = memchr(record.ptr + from, '\n', to - from);
    if (line_end == NULL)
        return RF_OK;
    return rf_reject_set(reject, RF_REJECT_BAD_CSV, line_end - record.ptr,
                         "byte %td: a line end outside quotes: a message holds one record",
                         line_end - record.ptr);
}

/* Field number n, if it is mapped. */
static inline void put(rf_raw *raws, const rf_csv_decoder *decoder, size_t n, rf_span field)
{
    int name = n < decoder->n_columns ? decoder->column_name[n] : -1;
    if (name < 0)
        return;
    raws[name].kind = field.len == 0 ? RF_RAW_ABSENT : RF_RAW_FIELD;
    raws[name].text = field;
}

static bool begins_with_quote(const rf_csv_marks *marks, rf_span record, size_t at)
{
    while (marks->trim && at < record.len && record.ptr[at] == ' ')
        at++;
    return marks->quote != '\0' && at < record.len && record.ptr[at] == marks->quote;
}

static rf_status cut_quoted_record(size_t *n, rf_raw *raws, rf_csv_decoder *decoder, rf_span record,
                                   rf_reject *reject)
{
    for (size_t at = 0;; at++) {
        size_t from = at;
        rf_span field;
        const rf_csv_marks *marks = &decoder->cutter.marks;
        bool quoted = begins_with_quote(marks, record, at);
        bool wanted = *n < decoder->n_columns && decoder->column_name[*n] >= 0;
        if (!rf_csv_take_field(&field, &decoder->cutter, record, &at, wanted))
            return refuse_quotes(reject, marks, record, quoted, at);
        if (decoder->one_record && !quoted && check_one_record(record, from, at, reject) != RF_OK)
            return RF_SKIPPED;
        put(raws, decoder, (*n)++, field);
        if (at == record.len)
            return RF_OK;
    }
}

/* What one pass over a record has seen besides its fields. */
typedef struct plain_cut {
    size_t n;     /* fields */
    bool quoted;  /* it holds a quote: what was cut means nothing */
    bool unclear; /* bytes that are not ASCII, or 0: perhaps no UTF-8 */
} plain_cut;

/* One that is shorter than a block. */
static plain_cut cut_short_record(rf_raw *raws, const rf_csv_decoder *decoder, rf_span record)
{
    const rf_csv_marks *marks = &decoder->cutter.marks;
    plain_cut cut = {0};
    size_t from = 0;
    for (size_t at = 0; at < record.len; at++) {
        const char c = record.ptr[at];
        cut.quoted = cut.quoted || (c == marks->quote && c != '\0');
        cut.unclear = cut.unclear || c == '\0' || (unsigned char)c >= 0x80;
        if (c != marks->delimiter)
            continue;
        put(raws, decoder, cut.n++, (rf_span){record.ptr + from, at - from});
        from = at + 1;
    }
    put(raws, decoder, cut.n++, (rf_span){record.ptr + from, record.len - from});
    return cut;
}

/* What blocks of a record hold. */
typedef struct block_marks {
    rf_block_choice delimiter, quote; /* the byte wanted, in each byte */
    rf_block_choice quotes, odd;      /* of all blocks so far; odd: not ASCII, or 0 */
} block_marks;

/* The bits of its delimiters. */
static inline uint64_t look_at_block(block_marks *marks, const char *at)
{
    const rf_block block = rf_block_at(at);
    marks->quotes = rf_block_or(marks->quotes, rf_block_same(block, marks->quote));
    marks->odd = rf_block_or(marks->odd, rf_block_or(block, rf_block_equal(block, '\0')));
    return rf_block_bits(rf_block_same(block, marks->delimiter));
}

/* A record without quotes, as nearly all are: only its delimiters matter. They are looked for in 64 bytes at
 * once; at the end in a block of its last bytes, some of which were looked at before. */
static plain_cut cut_plain_record(rf_raw *raws, const rf_csv_decoder *decoder, rf_span record)
{
    const char quote = decoder->cutter.marks.quote;
    block_marks marks = {.delimiter = rf_block_filled(decoder->cutter.marks.delimiter),
                         .quote = rf_block_filled(quote),
                         .quotes = rf_block_filled('\0'),
                         .odd = rf_block_filled('\0')};
    plain_cut cut = {0};
    size_t from = 0;
    if (record.len < RF_BLOCK)
        return cut_short_record(raws, decoder, record);
    for (size_t at = 0; at < record.len; at += 64) {
        size_t len = record.len - at < 64 ? record.len - at : 64, done = 0;
        uint64_t ends = 0;
        for (; len - done >= RF_BLOCK; done += RF_BLOCK)
            ends |= look_at_block(&marks, record.ptr + at + done) << done;
        if (done < len)
            ends |= look_at_block(&marks, record.ptr + record.len - RF_BLOCK) >> (RF_BLOCK - (len - done))
                                                                                     << done;
        for (; ends != 0; ends &= ends - 1) {
            size_t end = at + (size_t)__builtin_ctzll(ends);
            put(raws, decoder, cut.n++, (rf_span){record.ptr + from, end - from});
            from = end + 1;
        }
    }
    put(raws, decoder, cut.n++, (rf_span){record.ptr + from, record.len - from});
    cut.quoted = quote != '\0' && rf_block_bits(marks.quotes) != 0;
    cut.unclear = rf_block_bits(marks.odd) != 0;
    return cut;
}

/* The mapped fields without the spaces around them. */
static void trim_fields(rf_raw *raws, const rf_csv_decoder *decoder)
{
    for (size_t i = 0; i < decoder->n_columns; i++) {
        rf_raw *raw = decoder->column_name[i] < 0 ? NULL : &raws[decoder->column_name[i]];
        if (raw == NULL || raw->kind != RF_RAW_FIELD)
            continue;
        raw->text = rf_csv_trimmed(raw->text, decoder->cutter.marks.delimiter);
        raw->kind = raw->text.len == 0 ? RF_RAW_ABSENT : RF_RAW_FIELD;
    }
}

/* Rows that end in more delimiters than the header has columns say nothing more by that. */
static bool ends_in_delimiters(const rf_csv_marks *marks, rf_span record, size_t n)
{
    if (n >= record.len || (marks->escape != '\0' && record.ptr[record.len - n - 1] == marks->escape))
        return false;
    for (size_t i = record.len - n; i < record.len; i++) {
        if (record.ptr[i] != marks->delimiter)
            return false;
    }
    return true;
}

/* Too few or too many fields: a record that can be read all the same, or not. */
static rf_status check_count(rf_raw *raws, const rf_csv_decoder *decoder, rf_span record, size_t n,
                             rf_reject *reject)
{
    size_t wanted = decoder->n_columns;
    bool is_short = n < wanted;
    if (!is_short && ends_in_delimiters(&decoder->cutter.marks, record, n - wanted))
        return RF_OK;
    for (; is_short && decoder->dialect.short_rows && n < wanted; n++) {
        if (decoder->column_name[n] >= 0)
            raws[decoder->column_name[n]].kind = RF_RAW_ABSENT;
    }
    if (n == wanted)
        return RF_OK;
    return rf_reject_set(reject, RF_REJECT_FIELD_COUNT, -1, "the record has %s, %s %zu%s",
                         RF_THINGS((int64_t)n, "field"), decoder->counted_by, wanted,
                         is_short ? " (source.csv.short_rows: fill takes the others for empty)" : "");
}

/* Only what is mapped must be a text: other columns may be of another encoding. */
static rf_status check_texts(const rf_raw *raws, const rf_csv_decoder *decoder, rf_reject *reject)
{
    char what[RF_SHOWN_BYTES + 16], shown[RF_SHOWN_BYTES];
    for (size_t i = 0; i < decoder->n_columns; i++) {
        int name = decoder->column_name[i];
        if (name < 0 || raws[name].kind != RF_RAW_FIELD ||
            rf_utf8_valid(raws[name].text.ptr, raws[name].text.len))
            continue;
        const char *column = decoder->plan->names[name];
        snprintf(what, sizeof what, "column \"%s\"", rf_shown(shown, (rf_span){column, strlen(column)}));
        return rf_reject_text(reject, what, raws[name].text, -1);
    }
    return RF_OK;
}

/* Looks closely at a record with quotes or escapes. */
static rf_status decode_marked(size_t *n, rf_raw *raws, rf_csv_decoder *decoder, rf_span record,
                               rf_reject *reject, rf_err *err)
{
    rf_status st = rf_csv_cutter_start(&decoder->cutter, record, err);
    return st == RF_OK ? cut_quoted_record(n, raws, decoder, record, reject) : st;
}

rf_status rf_csv_decode(rf_raw *raws, rf_csv_decoder *decoder, rf_span record, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    const char escape = decoder->cutter.marks.escape;
    bool marked = escape != '\0' && memchr(record.ptr, escape, record.len) != NULL;
    plain_cut cut = {.unclear = true};
    if (!marked) {
        cut = cut_plain_record(raws, decoder, record);
        marked = cut.quoted;
    }
    size_t n = marked ? 0 : cut.n;
    if (marked)
        st = decode_marked(&n, raws, decoder, record, reject, err);
    else if (decoder->one_record)
        st = check_one_record(record, 0, record.len, reject);
    if (st != RF_OK)
        return st;
    if (n != decoder->n_columns && check_count(raws, decoder, record, n, reject) != RF_OK)
        return RF_SKIPPED;
    if (cut.unclear && !rf_utf8_valid(record.ptr, record.len) && check_texts(raws, decoder, reject) != RF_OK)
        return RF_SKIPPED;
    if (decoder->cutter.marks.trim)
        trim_fields(raws, decoder);
    for (int i = 0; i < decoder->n_aliases; i++)
        raws[decoder->aliases[i].name] = raws[decoder->aliases[i].same_as];
    return RF_OK;
}
