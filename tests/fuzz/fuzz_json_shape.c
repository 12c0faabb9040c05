/* fuzz_json_shape.c - arbitrary content as JSON in a file: cutting a stream always gets on, and a cut is the
 * same however much lies behind it; records of any shape are read again from every position.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz_events.h"
#include "record_reader_int.h"

#define MAX_RECORD 2048 /* so that inputs reach it */
#define MOST_AGAIN 8    /* positions that are gone on from */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void cut_all(rf_span content)
{
    size_t column = rf_json_column(content), half = content.len / 2, len, early;
    bool unsure;
    rf_json_shape shape = rf_json_shape_of(content, true, &unsure);
    fuzz_check(!unsure && shape <= RF_JSON_EVENTS);
    (void)rf_json_shape_of((rf_span){content.ptr, half}, false, &unsure);
    (void)rf_json_event_data(content);
    (void)rf_json_is_events(content);
    while (content.len > 0) {
        size_t passed = rf_json_pass_separators(content);
        content = (rf_span){content.ptr + passed, content.len - passed};
        if (content.len == 0)
            break;
        fuzz_check(rf_json_cut_value(&len, content, true, column) == RF_JSON_CUT);
        fuzz_check(len > 0 && len <= content.len);
        half = len / 2 + 1;
        if (rf_json_cut_value(&early, (rf_span){content.ptr, half}, false, column) == RF_JSON_CUT)
            fuzz_check(early <= half);
        content = (rf_span){content.ptr + len, content.len - len};
    }
}

/* The bytes may look like gzip or zstd that is broken, or like content of another kind. */
static bool begin(rf_records *records, const char *path)
{
    rf_status st = rf_records_open(records, path, NULL);
    if (st == RF_OK) {
        rf_records_set_format(records, RF_FORMAT_JSONL);
        st = rf_records_look_at_json(records, NULL);
    }
    fuzz_check(st == RF_OK || st == RF_E_FORMAT || st == RF_E_INVALID);
    return st == RF_OK;
}

/* The record at `position` is `record`. */
static void check_again(rf_records *again, const char *path, const rf_input_position *position,
                        const rf_record *record)
{
    rf_record other;
    bool same;
    fuzz_check(begin(again, path));
    fuzz_check(rf_records_same(again, position, &same, NULL) == RF_OK && same);
    fuzz_check(rf_records_skip(again, position, NULL) == RF_OK);
    fuzz_check(rf_records_next(again, &other, NULL) == RF_OK);
    fuzz_check(other.line == record->line && other.text.len == record->text.len &&
               memcmp(other.text.ptr, record->text.ptr, record->text.len) == 0);
}

static void read_all(const uint8_t *data, size_t size)
{
    static rf_records *records, *again;
    static char path[64];
    static int fd;
    if (records == NULL) {
        fd = memfd_create("fuzz", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (fd < 0 || rf_records_new(&records, MAX_RECORD, NULL) != RF_OK ||
            rf_records_new(&again, MAX_RECORD, NULL) != RF_OK)
            abort();
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    rf_record record;
    rf_input_position position = {0}, before;
    if (!begin(records, path))
        return;
    for (int n = 0;; n++) {
        rf_status st;
        rf_records_position(records, &before);
        if ((st = rf_records_next(records, &record, NULL)) != RF_OK) {
            fuzz_check(st == RF_EOF || st == RF_E_FORMAT);
            break;
        }
        rf_records_position(records, &position);
        fuzz_check(position.offset > before.offset && record.line > before.line);
        if (n < MOST_AGAIN && rf_records_json_shape(records) != RF_JSON_STREAM)
            check_again(again, path, &before, &record);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cut_all((rf_span){size == 0 ? "" : (const char *)data, size});
    read_all(data, size);
    return 0;
}
