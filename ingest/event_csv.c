/* event_csv.c - one CSV record (RFC 4180) to one event; pure, strict about quotes.
 *
 * The header binds columns to the plan's names once a file. Unquoted fields are borrowed from the record,
 * quoted ones too unless they hold doubled quotes. Where a record ends is file_source's to find.
 */
#include "ingest_int.h"

#include <string.h>

#include "rf_mem.h"

struct rf_csv_decoder {
    const rf_field_plan *plan;
    int *column_name; /* [n_columns] index of the plan's name, -1: not looked at */
    size_t n_columns, cap_columns;
    rf_raw *raws;  /* [plan->n_names] */
    char *scratch; /* fields with doubled quotes, undoubled; as long as the record at least */
    size_t cap_scratch, used_scratch;
};

rf_status rf_csv_decoder_new(rf_csv_decoder **out, const rf_field_plan *plan, rf_err *err)
{
    rf_csv_decoder *decoder = rf_mem_zero(1, sizeof *decoder, err);
    if (decoder == NULL)
        return RF_E_NOMEM;
    decoder->plan = plan;
    decoder->raws = rf_mem_zero((size_t)plan->n_names, sizeof *decoder->raws, err);
    if (decoder->raws == NULL) {
        rf_mem_free(decoder);
        return RF_E_NOMEM;
    }
    *out = decoder;
    return RF_OK;
}

void rf_csv_decoder_free(rf_csv_decoder *decoder)
{
    if (decoder == NULL)
        return;
    rf_mem_free(decoder->column_name);
    rf_mem_free(decoder->raws);
    rf_mem_free(decoder->scratch);
    rf_mem_free(decoder);
}

static rf_status reserve_scratch(rf_csv_decoder *decoder, size_t len, rf_err *err)
{
    void *block = decoder->scratch;
    rf_status st = rf_mem_reserve(&block, &decoder->cap_scratch, len, 1, err);
    decoder->scratch = block;
    decoder->used_scratch = 0;
    return st;
}

/* ---- fields of a record ---- */

/* Copies `raw` (between its outer quotes) without the doubling. */
static rf_span undouble(rf_csv_decoder *decoder, rf_span raw)
{
    char *start = decoder->scratch + decoder->used_scratch, *to = start;
    for (size_t i = 0; i < raw.len; i++) {
        *to++ = raw.ptr[i];
        i += raw.ptr[i] == '"';
    }
    decoder->used_scratch += (size_t)(to - start);
    return (rf_span){start, (size_t)(to - start)};
}

/* The field that starts at *at; *at moves to the comma behind it or to the end. Scratch is used only if
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
    if (doubled && wanted)
        *field = undouble(decoder, *field);
    *at = end + 1;
    return *at == record.len || record.ptr[*at] == ',';
}

static bool take_plain(rf_span *field, rf_span record, size_t *at)
{
    size_t end = *at;
    while (end < record.len && record.ptr[end] != ',' && record.ptr[end] != '"')
        end++;
    *field = (rf_span){record.ptr + *at, end - *at};
    *at = end;
    return end == record.len || record.ptr[end] == ',';
}

static bool take_field(rf_span *field, rf_csv_decoder *decoder, rf_span record, size_t *at, bool wanted)
{
    if (*at < record.len && record.ptr[*at] == '"')
        return take_quoted(field, decoder, record, at, wanted);
    return take_plain(field, record, at);
}

/* ---- the header ---- */

static int name_index(const rf_field_plan *plan, rf_span column)
{
    for (int i = 0; i < plan->n_names; i++) {
        if (strlen(plan->names[i]) == column.len && memcmp(plan->names[i], column.ptr, column.len) == 0)
            return i;
    }
    return -1;
}

static rf_status bind_column(rf_csv_decoder *decoder, rf_span column, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    int name = name_index(decoder->plan, column);
    for (size_t i = 0; name >= 0 && i < decoder->n_columns; i++) {
        if (decoder->column_name[i] == name)
            RF_FAIL(err, RF_E_FORMAT, "%s: the CSV header names column \"%s\" twice; rename one of them",
                    path, decoder->plan->names[name]);
    }
    void *block = decoder->column_name;
    st = rf_mem_reserve(&block, &decoder->cap_columns, decoder->n_columns + 1, sizeof *decoder->column_name,
                        err);
    decoder->column_name = block;
    if (st == RF_OK)
        decoder->column_name[decoder->n_columns++] = name;
done:
    return st;
}

static rf_status check_bound(const rf_csv_decoder *decoder, rf_span header, const char *path, rf_err *err)
{
    char shown[RF_SHOWN_BYTES];
    for (int name = 0; name < decoder->plan->n_names; name++) {
        bool bound = false;
        for (size_t i = 0; !bound && i < decoder->n_columns; i++)
            bound = decoder->column_name[i] == name;
        if (!bound)
            return rf_err_set(
                err, RF_E_FORMAT, __FILE__, __LINE__,
                "%s: the CSV header has no column \"%s\", which the configuration's fields name; the "
                "header is \"%s\"",
                path, decoder->plan->names[name], rf_shown(shown, header));
    }
    return RF_OK;
}

rf_status rf_csv_decoder_header(rf_csv_decoder *decoder, rf_span header, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    decoder->n_columns = 0;
    RF_TRY(reserve_scratch(decoder, header.len, err));
    if (!rf_utf8_valid(header.ptr, header.len))
        RF_FAIL(err, RF_E_FORMAT, "%s: the CSV header is not UTF-8; convert the file", path);
    for (size_t at = 0;; at++) {
        rf_span column;
        if (!take_field(&column, decoder, header, &at, true))
            RF_FAIL(err, RF_E_FORMAT, "%s: broken quotes in the CSV header at byte %zu", path, at);
        RF_TRY(bind_column(decoder, column, path, err));
        if (at == header.len)
            break;
    }
    RF_TRY(check_bound(decoder, header, path, err));
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

static rf_status cut_record(rf_csv_decoder *decoder, rf_span record, rf_reject *reject)
{
    size_t n = 0;
    for (size_t at = 0;; at++) {
        rf_span field;
        int name = n < decoder->n_columns ? decoder->column_name[n] : -1;
        if (!take_field(&field, decoder, record, &at, name >= 0))
            return refuse_quotes(reject, record, at);
        if (name >= 0)
            decoder->raws[name] = (rf_raw){field.len == 0 ? RF_RAW_ABSENT : RF_RAW_TEXT, field};
        n++;
        if (at == record.len)
            break;
    }
    if (n != decoder->n_columns)
        return rf_reject_set(reject, RF_REJECT_FIELD_COUNT, -1, "the record has %zu fields, the header %zu",
                             n, decoder->n_columns);
    return RF_OK;
}

rf_status rf_csv_decode(rf_event *event, rf_csv_decoder *decoder, rf_span record, rf_reject *reject,
                        rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(reserve_scratch(decoder, record.len, err));
    if (!rf_utf8_valid(record.ptr, record.len))
        return rf_reject_set(reject, RF_REJECT_BAD_UTF8, -1, "the record is not UTF-8");
    st = cut_record(decoder, record, reject);
    if (st == RF_OK)
        st = rf_field_plan_fill(event, decoder->plan, decoder->raws, reject);
done:
    return st;
}
