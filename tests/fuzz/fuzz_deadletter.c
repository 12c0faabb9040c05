/* fuzz_deadletter.c - any records and messages as dead letters, behind what an earlier run left: every letter
 * is one line of JSON.
 *
 * First byte: how much of the file is kept; the rest is the file, then the record, parted by its last NUL.
 */
#include <stdio.h>
#include <string.h>

#include "deadletter_int.h"
#include "fuzz_file.h"
#include "rf_json_scan.h"
#include "rf_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(const char *path, size_t from)
{
    char bytes[1 << 17];
    FILE *file = fopen(path, "rb");
    fuzz_must(file != NULL);
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (n == sizeof bytes)
        return;
    int lines = 0;
    for (size_t at = from; at < n; lines++) {
        const char *end = memchr(bytes + at, '\n', n - at);
        fuzz_must(end != NULL);
        const rf_span line = {bytes + at, (size_t)(end - bytes) - at};
        fuzz_must(rf_json_valid(line) && rf_utf8_valid(line.ptr, line.len));
        at += line.len + 1;
    }
    fuzz_must(lines == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[FUZZ_PATH];
    static const uint8_t nothing[1];
    rf_err err = {0};
    rf_deadletter *letters = NULL;
    if (path[0] == '\0')
        fuzz_path(path, "rejects.jsonl");
    if (size == 0)
        data = nothing, size = 1;
    size_t split = size;
    while (split > 1 && data[split - 1] != 0)
        split--;
    const char *bytes = (const char *)data;
    const rf_record record = {.text = {bytes + split, size - split}, .line = 3, .too_long = data[0] % 3 == 0};
    const rf_reject reject = {.code = RF_REJECT_BAD_JSON, .byte = (int64_t)(size - split) / 2};
    int64_t keep = data[0] % 2 == 0 ? (int64_t)(split - 1) : data[0];
    fuzz_write(path, data + 1, split - 1);
    const rf_positions resume = {.dead_letter_bytes = keep};
    const rf_source_options options = {.dead_letters = path, .resume = &resume, .forget_before_us = 1};
    rf_status st = rf_deadletter_open(&letters, &options, &err);
    fuzz_expect(st, &err);
    if (st < 0)
        return 0;
    fuzz_must(rf_deadletter_add(letters, "in/events.jsonl", &record, &reject, &err) == RF_OK);
    fuzz_must(rf_deadletter_add_message(letters, "orders", 2, 77, record.text, &reject, &err) == RF_OK);
    rf_deadletter_close(letters);
    check_lines(path, (size_t)(keep < (int64_t)(split - 1) ? keep : (int64_t)(split - 1)));
    return 0;
}
