/* fuzz_event_csv.c - arbitrary bytes as a CSV file: cut into records, decoded, and read again from every
 * position; by RFC 4180, and by dialects that use all marks.
 *
 * The bytes are read through a pipe-less path: an anonymous file, opened by name as any input is.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "csv_start_int.h"
#include "fuzz_events.h"
#include "record_reader_int.h"

#define MAX_RECORD 2048 /* so that inputs reach it */

static const rf_csv_dialect dialects[] = {
    {0},
    {.quote = '\'', .escape = '\\', .comment = '#', .trim = true, .short_rows = true, .skip = 1},
    {.escape = '\\', .delimiter = '\t', .header = RF_CSV_HEADER_NONE},
    {.quote = RF_CSV_NO_QUOTE, .delimiter = ';', .header = RF_CSV_HEADER_NONE},
};
enum { N_DIALECTS = sizeof dialects / sizeof *dialects };
static const char *const encodings[N_DIALECTS] = {NULL, "windows-1252", "utf-16", "utf-8"};
static const char *const columns[] = {"i", "t", "u", "m.v", "a", "m.s", "c", "p", "w", "l", "k"};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

typedef struct rig {
    const rf_csv_dialect *dialect;
    rf_field_plan *plan;
    rf_csv_decoder *decoder;
    rf_records *records, *again;
    int fd;
    char path[64];
} rig;

/* Files without a header have columns that are listed. */
static rig *rig_of(int dialect)
{
    static rig rigs[N_DIALECTS];
    rig *r = &rigs[dialect];
    if (r->dialect != NULL)
        return r;
    r->dialect = &dialects[dialect];
    r->plan = fuzz_plan(RF_TIME_ISO8601);
    r->fd = memfd_create("fuzz", 0);
    snprintf(r->path, sizeof r->path, "/proc/self/fd/%d", r->fd);
    if (rf_csv_decoder_new(&r->decoder, r->plan, r->dialect, NULL) != RF_OK ||
        rf_records_new(&r->records, MAX_RECORD, NULL) != RF_OK ||
        rf_records_new(&r->again, MAX_RECORD, NULL) != RF_OK || r->fd < 0)
        abort();
    rf_records_set_encoding(r->records, encodings[dialect]);
    rf_records_set_encoding(r->again, encodings[dialect]);
    if (r->dialect->header == RF_CSV_HEADER_NONE &&
        rf_csv_decoder_columns(r->decoder, columns, N_COLUMNS, false, NULL) != RF_OK)
        abort();
    return r;
}

static void check_decoded(rig *r, rf_record *record)
{
    rf_event event;
    rf_reject reject;
    rf_raw raws[RF_MAX_FIELDS];
    rf_status st = rf_csv_decode(raws, r->decoder, record->text, &reject, NULL);
    if (st == RF_OK)
        st = rf_field_plan_fill(&event, r->plan, raws, &reject);
    if (st == RF_OK) {
        fuzz_check_event(&event);
        return;
    }
    fuzz_check(st == RF_SKIPPED);
    fuzz_check_reject(&reject, record->text.len);
    if (reject.code == RF_REJECT_BAD_CSV)
        rf_records_keep_first_line(r->records, record);
}

/* The record at `position` is `record`. */
static void check_again(rig *r, const rf_input_position *position, const rf_record *record)
{
    rf_record other;
    bool same;
    rf_err err = {0};
    fuzz_check(rf_records_open(r->again, r->path, &err) == RF_OK);
    fuzz_check(rf_records_same(r->again, position, &same, &err) == RF_OK && same);
    rf_records_set_format(r->again, RF_FORMAT_CSV);
    rf_records_set_csv(r->again, rf_csv_decoder_marks(r->decoder), (char)r->dialect->comment);
    fuzz_check(rf_records_skip(r->again, position, &err) == RF_OK);
    fuzz_check(rf_records_next(r->again, &other, &err) == RF_OK);
    fuzz_check(other.line == record->line && other.text.len == record->text.len &&
               memcmp(other.text.ptr, record->text.ptr, record->text.len) == 0);
}

static void read_records(rig *r)
{
    rf_err err = {0};
    rf_record record;
    rf_input_position position = {0};
    rf_status st;
    for (int n = 0;; n++) {
        rf_records_position(r->records, &position);
        st = rf_records_next(r->records, &record, &err);
        if (st != RF_OK)
            break;
        if (n < 8)
            check_again(r, &position, &record);
        check_decoded(r, &record);
        int64_t before = position.offset, line = position.line;
        rf_records_position(r->records, &position);
        fuzz_check(position.offset > before && position.line > line);
    }
    fuzz_check(st == RF_EOF || st == RF_E_FORMAT); /* the bytes may look like broken gzip or zstd */
}

static void read_file(rig *r, const uint8_t *data, size_t size)
{
    rf_err err = {0};
    if (ftruncate(r->fd, 0) != 0 || pwrite(r->fd, data, size, 0) != (ssize_t)size)
        abort();
    rf_status opened = rf_records_open(r->records, r->path, &err), st = opened;
    if (opened == RF_OK) {
        rf_records_set_format(r->records, RF_FORMAT_CSV);
        st = rf_csv_start(r->records, r->decoder, r->dialect, "fuzz.csv", &err);
    }
    if (opened == RF_OK && st < 0) { /* no header: the first record was looked at */
        rf_span usual = {"i,t,u,m.v,a,m.s,c,p,w,l,k", 25};
        char delimiter = rf_csv_decoder_marks(r->decoder)->delimiter == ',' ? ',' : '\0';
        st = rf_csv_decoder_header(r->decoder, usual, delimiter, "fuzz.csv", NULL);
        rf_records_set_csv(r->records, rf_csv_decoder_marks(r->decoder), (char)r->dialect->comment);
    }
    if (st == RF_OK)
        read_records(r);
    rf_records_close(r->records);
    rf_records_close(r->again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int dialect = 0; dialect < N_DIALECTS; dialect++)
        read_file(rig_of(dialect), data, size);
    return 0;
}
