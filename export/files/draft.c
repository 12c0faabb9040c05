/* draft.c - a text file written piece by piece through a buffer; the first failure sticks, so that
 * writers read as a list of what they write. */
#include "draft_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FLUSH_BYTES 65536

rf_status rf_draft_open(rf_draft *draft, const char *path, rf_err *err)
{
    return rf_file_create_beside(&draft->file, path, err);
}

static void flush(rf_draft *draft)
{
    if (draft->status < 0 || draft->buffer.len == 0)
        return;
    draft->status = rf_file_write(draft->file, draft->buffer.ptr, draft->buffer.len, &draft->err);
    rf_text_reset(&draft->buffer);
}

void rf_draft_bytes(rf_draft *draft, const char *bytes, size_t len)
{
    if (draft->status < 0)
        return;
    draft->status = rf_text_add(&draft->buffer, bytes, len, &draft->err);
    if (draft->buffer.len >= FLUSH_BYTES)
        flush(draft);
}

void rf_draft_text(rf_draft *draft, const char *text)
{
    rf_draft_bytes(draft, text, strlen(text));
}

void rf_draft_printf(rf_draft *draft, const char *format, ...)
{
    char piece[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof piece) {
        if (draft->status >= 0)
            draft->status = rf_err_set(&draft->err, RF_E_INTERNAL, __FILE__, __LINE__,
                                       "export: a piece of %d bytes is too long to be formatted", n);
        return;
    }
    rf_draft_bytes(draft, piece, (size_t)n);
}

const char *rf_draft_plain(rf_draft *draft, const char *text, unsigned how)
{
    if (draft->status < 0)
        return "";
    rf_text_reset(&draft->plain);
    draft->status = rf_plain_add(&draft->plain, text, how, &draft->err);
    return draft->status < 0 ? "" : draft->plain.ptr;
}

void rf_draft_escaped(rf_draft *draft, rf_escape how, const char *text, size_t len)
{
    char spelled[RF_ESCAPE_MOST];
    for (const char *end = text + len; text < end;) {
        const char *shown;
        size_t n, plain = rf_escape_plain(how, text, (size_t)(end - text));
        rf_draft_bytes(draft, text, plain);
        text += plain;
        if (text == end)
            break;
        text += rf_escape_next(&shown, &n, spelled, how, text, (size_t)(end - text));
        rf_draft_bytes(draft, shown, n);
    }
}

rf_status rf_draft_commit(rf_draft *draft, rf_err *err)
{
    rf_status st = RF_OK;
    flush(draft);
    if (draft->status < 0)
        RF_FAIL(err, draft->status, "%s", draft->err.msg);
    RF_TRY(rf_file_commit(draft->file, err));
done:
    return st;
}

void rf_draft_clear(rf_draft *draft)
{
    rf_file_close(&draft->file);
    rf_text_clear(&draft->buffer);
    rf_text_clear(&draft->plain);
}
