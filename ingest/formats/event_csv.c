/* event_csv.c - one CSV record (RFC 4180) to raw values; pure, strict about quotes.
 *
 * The header binds columns to the plan's names, once for each file. Messages have no header: the
 * configuration names their columns. Fields are borrowed from the record, unless they hold doubled quotes.
 * record_reader finds the end of a record.
 */
#include "event_csv_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_text.h"

struct rf_csv_decoder {
    const rf_field_plan *plan;
    int *column_name; /* [n_columns] index of the plan's name, -1: not looked at */
    size_t n_columns, cap_columns;
    bool one_record; /* of a message: a line end outside quotes does not end the record, it is one too many */
    char *scratch;   /* fields with doubled quotes, undoubled; as long as the record at least */
    size_t cap_scratch, used_scratch;
};

rf_status rf_csv_decoder_new(rf_csv_decoder **out, const rf_field_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    rf_csv_decoder *decoder = NULL;
    RF_ZERO(decoder, 1, err);
    decoder->plan = plan;
    *out = decoder;
done:
    return st;
}

void rf_csv_decoder_free(rf_csv_decoder *decoder)
{
    if (decoder == NULL)
        return;
    rf_mem_free(decoder->column_name);
    rf_mem_free(decoder->scratch);
    rf_mem_free(decoder);
}

static rf_status reserve_scratch(rf_csv_decoder *decoder, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    decoder->used_scratch = 0;
    RF_RESERVE(decoder->scratch, decoder->cap_scratch, len, err);
done:
    return st;
}

/* ---- fields of a record ---- */

/* The field that starts at *at; *at moves to the comma after it or to the end. Scratch is used only if
 * wanted. */
static bool take_quoted(rf_span *field, rf_csv_decoder *decoder, rf_span record, size_t *at, bool wanted)
{
    size_t from = *at + 1, end = from;
    bool doubled = false;
    for (;;) {
        const char *quote = end < record.len ? memchr(record.ptr + end, '"', record.len - end) : NULL;
        if (quote == NULL) {
            *at = record.len;
            return false;
        }
        end = (size_t)(quote - record.ptr);
        if (end + 1 == record.len || record.ptr[end + 1] != '"')
            break;
        doubled = true;
        end += 2;
    }
    *field = (rf_span){record.ptr + from, end - from};
    if (doubled && wanted) {
        char *start = decoder->scratch + decoder->used_scratch, *to = start;
        for (size_t i = from; i < end; i++) {
            *to++ = record.ptr[i];
            i += record.ptr[i] == '"';
        }
        *field = (rf_span){start, (size_t)(to - start)};
        decoder->used_scratch += field->len;
    }
    *at = end + 1;
    return *at == record.len || record.ptr[*at] == ',';
}

static bool take_field(rf_span *field, rf_csv_decoder *decoder, rf_span record, size_t *at, bool wanted)
{
    size_t end = *at;
    if (end < record.len && record.ptr[end] == '"')
        return take_quoted(field, decoder, record, at, wanted);
    while (end < record.len && record.ptr[end] != ',' && record.ptr[end] != '"')
        end++;
    *field = (rf_span){record.ptr + *at, end - *at};
    *at = end;
    return end == record.len || record.ptr[end] == ',';
}

/* ---- the header ---- */

/* `where` is the header's file, or what named the columns. */
static rf_status bind_column(rf_csv_decoder *decoder, rf_span column, rf_status code, const char *where,
                             rf_err *err)
{
    rf_status st = RF_OK;
    const rf_field_plan *plan = decoder->plan;
    int name = -1;
    for (int i = 0; name < 0 && i < plan->n_names; i++) {
        if (plan->origins[i] == RF_FIELD_BODY && strlen(plan->names[i]) == column.len &&
            memcmp(plan->names[i], column.ptr, column.len) == 0)
            name = i;
    }
    for (size_t i = 0; name >= 0 && i < decoder->n_columns; i++) {
        if (decoder->column_name[i] == name)
            RF_FAIL(err, code, "%s names column \"%s\" twice; rename one of them", where, plan->names[name]);
    }
    RF_RESERVE(decoder->column_name, decoder->cap_columns, decoder->n_columns + 1, err);
    decoder->column_name[decoder->n_columns++] = name;
done:
    return st;
}

/* The plan's first name of the body that no column has, -1: none. */
static int unbound_name(const rf_csv_decoder *decoder)
{
    for (int name = 0; name < decoder->plan->n_names; name++) {
        bool bound = decoder->plan->origins[name] != RF_FIELD_BODY;
        for (size_t i = 0; !bound && i < decoder->n_columns; i++)
            bound = decoder->column_name[i] == name;
        if (!bound)
            return name;
    }
    return -1;
}

rf_status rf_csv_decoder_header(rf_csv_decoder *decoder, rf_span header, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char where[256], shown[RF_SHOWN_BYTES];
    snprintf(where, sizeof where, "%s: the CSV header", path);
    decoder->n_columns = 0;
    RF_TRY(reserve_scratch(decoder, header.len, err));
    if (!rf_utf8_valid(header.ptr, header.len))
        RF_FAIL(err, RF_E_FORMAT, "%s: the CSV header is not UTF-8; convert the file", path);
    for (size_t at = 0;; at++) {
        rf_span column;
        if (!take_field(&column, decoder, header, &at, true))
            RF_FAIL(err, RF_E_FORMAT, "%s: broken quotes in the CSV header at byte %zu", path, at);
        RF_TRY(bind_column(decoder, column, RF_E_FORMAT, where, err));
        if (at == header.len)
            break;
    }
    int lacking = unbound_name(decoder);
    if (lacking >= 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: the CSV header has no column \"%s\", which the configuration's fields name; the "
                "header is \"%s\"",
                path, decoder->plan->names[lacking], rf_shown(shown, header));
done:
    return st;
}

rf_status rf_csv_decoder_columns(rf_csv_decoder *decoder, const char *const *columns, int n, rf_err *err)
{
    rf_status st = RF_OK;
    decoder->n_columns = 0;
    decoder->one_record = true;
    for (int i = 0; i < n; i++) {
        rf_span column = {columns[i], strlen(columns[i])};
        RF_TRY(bind_column(decoder, column, RF_E_INVALID, "source.columns", err));
    }
    int lacking = unbound_name(decoder);
    if (lacking >= 0)
        RF_FAIL(err, RF_E_INVALID,
                "source.columns has no \"%s\", which fields name; list the columns of a message in their "
                "order",
                decoder->plan->names[lacking]);
done:
    return st;
}

/* ---- a record ---- */

static rf_status refuse_quotes(rf_reject *reject, rf_span record, size_t at)
{
    if (at == record.len)
        return rf_reject_set(reject, RF_REJECT_BAD_CSV, (int64_t)at, "a quoted field is never closed");
    if (record.ptr[at] == '"')
        return rf_reject_set(reject, RF_REJECT_BAD_CSV, (int64_t)at,
                             "byte %zu: a quote inside a field that does not begin with one", at);
    return rf_reject_set(reject, RF_REJECT_BAD_CSV, (int64_t)at,
                         "byte %zu: a closing quote is followed by neither a comma nor the record's end", at);
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
static void put(rf_raw *raws, const rf_csv_decoder *decoder, size_t n, rf_span field)
{
    int name = n < decoder->n_columns ? decoder->column_name[n] : -1;
    if (name < 0)
        return;
    raws[name].kind = field.len == 0 ? RF_RAW_ABSENT : RF_RAW_TEXT;
    raws[name].text = field;
}

static rf_status cut_quoted_record(size_t *n, rf_raw *raws, rf_csv_decoder *decoder, rf_span record,
                                   rf_reject *reject)
{
    for (size_t at = 0;; at++) {
        size_t from = at;
        rf_span field;
        bool quoted = at < record.len && record.ptr[at] == '"';
        bool wanted = *n < decoder->n_columns && decoder->column_name[*n] >= 0;
        if (!take_field(&field, decoder, record, &at, wanted))
            return refuse_quotes(reject, record, at);
        if (decoder->one_record && !quoted && check_one_record(record, from, at, reject) != RF_OK)
            return RF_SKIPPED;
        put(raws, decoder, (*n)++, field);
        if (at == record.len)
            return RF_OK;
    }
}

/* The top bit of each byte of `word` that is a comma. */
static uint64_t commas_in(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), low = UINT64_C(0x7F7F7F7F7F7F7F7F);
    word ^= ones * ',';
    return ~(((word & low) + low) | word | low);
}

/* A record without quotes, as nearly all are: only its commas matter, and eight bytes are looked at at once.
 */
static size_t cut_plain_record(rf_raw *raws, const rf_csv_decoder *decoder, rf_span record)
{
    size_t n = 0, from = 0, at = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (uint64_t word; record.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, record.ptr + at, sizeof word);
        for (uint64_t commas = commas_in(word); commas != 0; commas &= commas - 1) {
            size_t end = at + (size_t)__builtin_ctzll(commas) / 8;
            put(raws, decoder, n++, (rf_span){record.ptr + from, end - from});
            from = end + 1;
        }
    }
#endif
    for (; at < record.len; at++) {
        if (record.ptr[at] != ',')
            continue;
        put(raws, decoder, n++, (rf_span){record.ptr + from, at - from});
        from = at + 1;
    }
    put(raws, decoder, n++, (rf_span){record.ptr + from, record.len - from});
    return n;
}

rf_status rf_csv_decode(rf_raw *raws, rf_csv_decoder *decoder, rf_span record, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = 0;
    RF_TRY(reserve_scratch(decoder, record.len, err));
    if (!rf_utf8_valid(record.ptr, record.len))
        return rf_reject_set(reject, RF_REJECT_BAD_UTF8, -1, "the record is not UTF-8");
    if (memchr(record.ptr, '"', record.len) != NULL)
        st = cut_quoted_record(&n, raws, decoder, record, reject);
    else if (decoder->one_record)
        st = check_one_record(record, 0, record.len, reject);
    if (st != RF_OK)
        return st;
    if (n == 0) /* even an empty record has a field */
        n = cut_plain_record(raws, decoder, record);
    if (n != decoder->n_columns)
        return rf_reject_set(reject, RF_REJECT_FIELD_COUNT, -1, "the record has %zu fields, %s %zu", n,
                             decoder->one_record ? "source.columns" : "the header", decoder->n_columns);
done:
    return st;
}
