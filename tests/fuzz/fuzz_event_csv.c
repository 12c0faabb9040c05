/* fuzz_event_csv.c - arbitrary bytes as a CSV file: cut into records, decoded, and read again from every
 * position.
 *
 * The bytes are read through a pipe-less path: an anonymous file, opened by name as any input is.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz_events.h"
#include "record_reader_int.h"

#define MAX_RECORD 2048 /* so that inputs reach it */

typedef struct rig {
    rf_field_plan *plan;
    rf_csv_decoder *decoder;
    rf_records *records, *again;
    int fd;
    char path[64];
} rig;

static rig *the_rig(void)
{
    static rig r = {.fd = -1};
    if (r.fd >= 0)
        return &r;
    r.plan = fuzz_plan(RF_TIME_ISO8601);
    r.fd = memfd_create("fuzz", 0);
    snprintf(r.path, sizeof r.path, "/proc/self/fd/%d", r.fd);
    if (rf_csv_decoder_new(&r.decoder, r.plan, NULL) != RF_OK ||
        rf_records_new(&r.records, MAX_RECORD, NULL) != RF_OK ||
        rf_records_new(&r.again, MAX_RECORD, NULL) != RF_OK || r.fd < 0)
        abort();
    return &r;
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rig *r = the_rig();
    rf_err err = {0};
    rf_record header;
    if (ftruncate(r->fd, 0) != 0 || pwrite(r->fd, data, size, 0) != (ssize_t)size)
        abort();
    rf_status st = rf_records_open(r->records, r->path, &err);
    if (st == RF_OK) {
        rf_records_set_format(r->records, RF_FORMAT_CSV);
        st = rf_records_next(r->records, &header, &err);
    }
    if (st == RF_OK && rf_csv_decoder_header(r->decoder, header.text, "fuzz.csv", NULL) != RF_OK) {
        rf_span usual = {"i,t,u,m.v,a,m.s,c,p,w,l,k", 25};
        fuzz_check(rf_csv_decoder_header(r->decoder, usual, "fuzz.csv", NULL) == RF_OK);
    }
    if (st == RF_OK)
        read_records(r);
    rf_records_close(r->records);
    rf_records_close(r->again);
    return 0;
}
