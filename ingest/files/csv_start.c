/* csv_start.c - reads what stands before the first record of a CSV file: a line that names the delimiter,
 * lines that are not of the table, the header.
 */
#include "csv_start_int.h"

#include <stdio.h>
#include <string.h>

#define MOST_BEFORE 50 /* records that may stand before the header */

/* Excel's first line: "sep=;", perhaps in quotes. '\0': it is another line. */
static char named_delimiter(rf_span line)
{
    if (line.len == 7 && line.ptr[0] == '"' && line.ptr[6] == '"')
        line = (rf_span){line.ptr + 1, 5};
    if (line.len != 5 || (memcmp(line.ptr, "sep=", 4) != 0 && memcmp(line.ptr, "SEP=", 4) != 0) ||
        (unsigned char)line.ptr[4] >= 0x80)
        return '\0';
    return line.ptr[4];
}

/* Banks and reports write lines before the table. Where one of the next ones has all columns, the error says
 * so. */
static void hint_at_header(rf_records *records, rf_csv_decoder *csv, rf_err *err)
{
    rf_record record;
    bool is_header = false;
    for (int i = 0; err != NULL && i < MOST_BEFORE; i++) {
        if (rf_records_next(records, &record, NULL) != RF_OK || record.too_long)
            return;
        size_t len = strlen(err->msg);
        rf_status st = rf_csv_decoder_start(&is_header, csv, record.text, '\0', "", NULL);
        if (st != RF_OK || !is_header)
            continue;
        snprintf(err->msg + len, sizeof err->msg - len,
                 "; line %lld has all columns: source.csv.skip: %lld passes over those before it",
                 (long long)record.line, (long long)record.line - 1);
        return;
    }
}

rf_status rf_csv_start(rf_records *records, rf_csv_decoder *csv, const rf_csv_dialect *dialect,
                       const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record first;
    bool is_header = false;
    rf_records_set_csv(records, rf_csv_decoder_marks(csv), (char)dialect->comment);
    RF_TRY(rf_records_pass_lines(records, dialect->skip, err));
    RF_TRY(rf_records_next(records, &first, err));
    char delimiter = st == RF_OK && dialect->skip == 0 ? named_delimiter(first.text) : '\0';
    if (delimiter != '\0')
        RF_TRY(rf_records_next(records, &first, err));
    if (st == RF_EOF)
        return RF_EOF;
    if (first.too_long)
        RF_FAIL(
            err, RF_E_FORMAT,
            "%s: the first CSV record is longer than ingest.max_record allows; is it CSV (source.format), "
            "and are its quotes as source.csv.quote says?",
            name);
    st = rf_csv_decoder_start(&is_header, csv, first.text, delimiter, name, err);
    if (st == RF_E_INVALID)
        hint_at_header(records, csv, err);
    RF_TRY(st);
    if (!is_header)
        rf_records_give_back(records);
    rf_records_set_csv(records, rf_csv_decoder_marks(csv), (char)dialect->comment);
done:
    return st;
}
