/* text_input.c - converts what input_stream reads to UTF-8: by the encoding that is configured, or by what
 * the first bytes say where that is certain (a byte order mark, returns in place of line ends).
 *
 * encoding.c converts. UTF-8 passes through: it is checked where a text is read, not here.
 */
#include "text_input_int.h"

#include <string.h>

#include "avro_blocks_int.h"
#include "content_kind_int.h"
#include "encoding_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_source.h"

#define RAW_BYTES (64u << 10)
#define LOOK_BYTES 8 /* enough for byte order marks and most kinds of files */

struct rf_text_input {
    rf_input *input;
    const char *name;        /* borrowed path, or "stdin" */
    const char *encoding;    /* borrowed; NULL: by its first bytes */
    rf_encoding *conversion; /* NULL: bytes pass through */
    bool looked, by_returns;
    bool first_ends; /* no line end was seen yet */
    bool ended;
    char *raw; /* [RAW_BYTES] not converted yet: [from, to) */
    size_t from, to;
};

/* ---- opening ---- */

rf_status rf_text_input_open(rf_text_input **out, const char *path, const char *encoding, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text_input *text = NULL;
    RF_ZERO(text, 1, err);
    text->name = path == NULL ? "stdin" : path;
    text->encoding = encoding;
    text->first_ends = true;
    RF_NEW(text->raw, RAW_BYTES, err);
    RF_TRY(rf_input_open(&text->input, path, err));
    *out = text;
    text = NULL;
done:
    rf_text_input_close(text);
    return st;
}

void rf_text_input_close(rf_text_input *text)
{
    if (text == NULL)
        return;
    rf_encoding_close(text->conversion);
    rf_input_close(text->input);
    rf_mem_free(text->raw);
    rf_mem_free(text);
}

const rf_input *rf_text_input_stored(const rf_text_input *text)
{
    return text->input;
}

/* ---- the first bytes ---- */

/* The encoding of a byte order mark; NULL: there is none, or that of UTF-8. */
static const char *marked_encoding(const char *raw, size_t n)
{
    if (n >= 4 && memcmp(raw, "\xFF\xFE\0\0", 4) == 0)
        return "UTF-32LE";
    if (n >= 4 && memcmp(raw, "\0\0\xFE\xFF", 4) == 0)
        return "UTF-32BE";
    if (n >= 2 && memcmp(raw, "\xFF\xFE", 2) == 0)
        return "UTF-16LE";
    return n >= 2 && memcmp(raw, "\xFE\xFF", 2) == 0 ? "UTF-16BE" : NULL;
}

/* Two letters, digits or signs in UTF-16 without a mark; NULL: they are not. */
static const char *likely_encoding(const char *raw, size_t n)
{
    if (n < 4 || (unsigned char)(raw[0] | raw[1] | raw[2] | raw[3]) >= 0x80)
        return NULL;
    if (raw[0] != '\0' && raw[1] == '\0' && raw[2] != '\0' && raw[3] == '\0')
        return "utf-16le";
    return raw[0] == '\0' && raw[1] != '\0' && raw[2] == '\0' && raw[3] != '\0' ? "utf-16be" : NULL;
}

static rf_status look_at_start(rf_text_input *text, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = 1;
    while (text->to < LOOK_BYTES && n > 0) {
        RF_TRY(rf_input_read(text->input, text->raw + text->to, RAW_BYTES - text->to, &n, err));
        text->to += n;
    }
    RF_TRY(rf_content_check(text->name, text->raw, text->to, rf_input_packing(text->input), false, err));
    if (text->to >= RF_AVRO_MAGIC_BYTES && memcmp(text->raw, RF_AVRO_MAGIC, RF_AVRO_MAGIC_BYTES) == 0) {
        text->looked = true; /* Avro is no text */
        text->first_ends = false;
        return RF_OK;
    }
    const char *encoding = text->encoding;
    if (encoding != NULL && strcmp(encoding, "auto") == 0)
        encoding = NULL;
    const char *mark = marked_encoding(text->raw, text->to);
    const char *likely = likely_encoding(text->raw, text->to);
    if (encoding == NULL && mark == NULL && likely != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "%s: looks like UTF-16 without a byte order mark; set source.encoding to %s if it is",
                text->name, likely);
    if (encoding == NULL || strcmp(encoding, "utf-16") == 0 || strcmp(encoding, "utf-32") == 0)
        encoding = mark != NULL ? mark : encoding == NULL || likely == NULL ? encoding : likely;
    text->looked = true;
    if (rf_encoding_is_plain(encoding))
        return RF_OK;
    RF_TRY(rf_encoding_open(&text->conversion, encoding, err));
    rf_log(RF_LOG_DEBUG, "%s: is read as %s", text->name, encoding);
done:
    return st;
}

/* ---- reading ---- */

/* As it is stored, what was read to look at it first. */
static rf_status read_plain(rf_text_input *text, char *buffer, size_t cap, size_t *n, rf_err *err)
{
    *n = text->to - text->from;
    if (*n == 0)
        return rf_input_read(text->input, buffer, cap, n, err);
    *n = *n < cap ? *n : cap;
    memcpy(buffer, text->raw + text->from, *n);
    text->from += *n;
    return RF_OK;
}

static rf_status refill(rf_text_input *text, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n;
    memmove(text->raw, text->raw + text->from, text->to - text->from);
    text->to -= text->from;
    text->from = 0;
    RF_TRY(rf_input_read(text->input, text->raw + text->to, RAW_BYTES - text->to, &n, err));
    text->to += n;
    text->ended = n == 0;
done:
    return st;
}

/* At least one byte, unless the content has ended. */
static rf_status read_converted(rf_text_input *text, char *buffer, size_t cap, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    char *to = buffer;
    size_t room = cap;
    bool lacks = text->from == text->to; /* a whole character */
    while (room == cap) {
        if (lacks && !text->ended)
            RF_TRY(refill(text, err));
        if (text->from == text->to && text->ended)
            break;
        const char *from = text->raw + text->from;
        size_t left = text->to - text->from;
        lacks = !rf_encoding_convert(text->conversion, &from, &left, &to, &room, text->ended);
        text->from = text->to - left;
    }
    *n = cap - room;
done:
    return st;
}

/* Whether lines end in returns alone: the first line end is one, and there is none of the others yet. */
static void look_at_line_ends(rf_text_input *text, const char *buffer, size_t n)
{
    const char *cr = memchr(buffer, '\r', n);
    bool has_lf = memchr(buffer, '\n', n) != NULL;
    if (cr == NULL && !has_lf)
        return;
    text->by_returns = !has_lf && cr != NULL && cr + 1 < buffer + n;
    text->first_ends = false;
}

rf_status rf_text_input_read(rf_text_input *text, char *buffer, size_t cap, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    if (!text->looked)
        RF_TRY(look_at_start(text, err));
    if (text->conversion == NULL)
        RF_TRY(read_plain(text, buffer, cap, n, err));
    else
        RF_TRY(read_converted(text, buffer, cap, n, err));
    if (text->first_ends)
        look_at_line_ends(text, buffer, *n);
    for (size_t i = 0; text->by_returns && i < *n; i++)
        buffer[i] = buffer[i] == '\r' ? '\n' : buffer[i];
done:
    return st;
}

bool rf_text_input_is_plain(const rf_text_input *text)
{
    return text->conversion == NULL && !text->by_returns;
}

bool rf_text_input_seek(rf_text_input *text, int64_t offset)
{
    if (text->conversion != NULL || !rf_input_seek(text->input, offset))
        return false;
    text->from = text->to = 0;
    return true;
}
