/* lines.c - judges the lines of a text file, and writes the file without those that a judge takes out. */
#include "rf_lines.h"

#include <string.h>

#include "avro_blocks_int.h"
#include "content_kind_int.h"
#include "packed_output_int.h"
#include "record_reader_int.h"
#include "rf_mem.h"

#define READ_BYTES ((size_t)1 << 16)

typedef struct pass {
    const char *path;
    const rf_line_judge *judge;
    rf_packed *out; /* NULL: only judges */
    rf_text line, replacement;
    int64_t number, changed;
} pass;

static rf_status put(const pass *p, const char *bytes, size_t len, rf_err *err)
{
    return p->out == NULL ? RF_OK : rf_packed_write(p->out, bytes, len, err);
}

/* A whole line with its end: "\n", "\r\n", or none at the end of the file. */
static rf_status take_line(pass *p, rf_err *err)
{
    rf_status st = RF_OK;
    rf_line_fate fate = RF_LINE_KEEP;
    size_t len = p->line.len;
    len -= len > 0 && p->line.ptr[len - 1] == '\n';
    len -= len > 0 && len < p->line.len && p->line.ptr[len - 1] == '\r';
    rf_text_reset(&p->replacement);
    RF_TRY(p->judge->judge(p->judge->context, ++p->number, (rf_span){p->line.ptr, len}, &fate,
                           &p->replacement, err));
    p->changed += fate != RF_LINE_KEEP;
    if (fate == RF_LINE_DROP)
        goto done;
    if (fate == RF_LINE_BLANK)
        memset(p->line.ptr, ' ', len);
    if (fate == RF_LINE_REPLACE)
        RF_TRY(put(p, p->replacement.ptr, p->replacement.len, err));
    else
        RF_TRY(put(p, p->line.ptr, len, err));
    RF_TRY(put(p, p->line.ptr + len, p->line.len - len, err));
done:
    rf_text_reset(&p->line);
    return st;
}

static rf_status take_bytes(pass *p, const char *bytes, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    while (n > 0) {
        const char *end = memchr(bytes, '\n', n);
        size_t len = end == NULL ? n : (size_t)(end - bytes) + 1;
        RF_TRY(rf_text_add(&p->line, bytes, len, err));
        if (end != NULL)
            RF_TRY(take_line(p, err));
        bytes += len;
        n -= len;
    }
done:
    return st;
}

static rf_status run(pass *p, bool writes, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input *input = NULL;
    char *buffer = NULL;
    size_t n = 1;
    RF_NEW(buffer, READ_BYTES, err);
    RF_TRY(rf_input_open(&input, p->path, err));
    for (bool first = true; n > 0; first = false) {
        RF_TRY(rf_input_read(input, buffer, READ_BYTES, &n, err));
        if (first)
            RF_TRY(rf_content_check(p->path, buffer, n, rf_input_packing(input), true, err));
        if (writes && p->out == NULL)
            RF_TRY(rf_packed_create(&p->out, p->path, rf_input_packing(input), err));
        RF_TRY(take_bytes(p, buffer, n, err));
    }
    if (p->line.len > 0)
        RF_TRY(take_line(p, err));
    if (p->out != NULL && p->changed > 0)
        RF_TRY(rf_packed_commit(p->out, err));
done:
    rf_packed_close(&p->out);
    rf_input_close(input);
    rf_mem_free(buffer);
    rf_text_clear(&p->line);
    rf_text_clear(&p->replacement);
    return st;
}

rf_status rf_lines_are_as_stored(bool *out, const char *path, const char *encoding, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text_input *text = NULL;
    char *buffer = NULL;
    size_t n;
    RF_NEW(buffer, READ_BYTES, err);
    RF_TRY(rf_text_input_open(&text, path, encoding, err));
    RF_TRY(rf_text_input_read(text, buffer, READ_BYTES, &n, err));
    if (n >= RF_AVRO_MAGIC_BYTES && memcmp(buffer, RF_AVRO_MAGIC, RF_AVRO_MAGIC_BYTES) == 0)
        RF_FAIL(err, RF_E_INVALID,
                "%s: is an Avro file, whose records cannot be blanked; convert or move it first", path);
    *out = rf_text_input_is_plain(text);
done:
    rf_text_input_close(text);
    rf_mem_free(buffer);
    return st;
}

rf_status rf_lines_judge(int64_t *changed, const char *path, const rf_line_judge *judge, rf_err *err)
{
    rf_status st = RF_OK;
    pass p = {.path = path, .judge = judge};
    RF_TRY(run(&p, false, err));
    *changed = p.changed;
done:
    return st;
}

rf_status rf_lines_rewrite(int64_t *changed, const char *path, const rf_line_judge *judge, rf_err *err)
{
    rf_status st = RF_OK;
    pass p = {.path = path, .judge = judge};
    RF_TRY(run(&p, true, err));
    *changed = p.changed;
done:
    return st;
}

/* Data of server-sent events goes over several lines where it says so. */
static rf_status each_in_a_line(bool *are, rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record record;
    while (*are) {
        RF_TRY(rf_records_next(records, &record, err));
        if (st == RF_EOF)
            return RF_OK;
        *are = memchr(record.text.ptr, '\n', record.text.len) == NULL;
    }
done:
    return st;
}

rf_status rf_lines_are_json_records(bool *are, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_records *records = NULL;
    RF_TRY(rf_records_new(&records, RF_MAX_RECORD, err));
    RF_TRY(rf_records_open(records, path, err));
    RF_TRY(rf_records_look_at_json(records, err));
    *are = rf_records_json_shape(records) != RF_JSON_STREAM;
    if (rf_records_json_shape(records) == RF_JSON_EVENTS)
        RF_TRY(each_in_a_line(are, records, err));
done:
    rf_records_free(records);
    return st;
}

rf_status rf_position_refresh(rf_input_position *position, rf_err *err)
{
    rf_status st = RF_OK;
    rf_records *records = NULL;
    RF_TRY(rf_records_new(&records, 1, err));
    RF_TRY(rf_records_open(records, position->name, err));
    RF_TRY(rf_records_refresh(records, position, err));
done:
    rf_records_free(records);
    return st;
}
