/* encoding.c - texts of another encoding become UTF-8, by iconv: the content of a file in parts, or a message
 * as a whole.
 */
#include "encoding_int.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_source.h"

#define NO_ICONV ((iconv_t)-1)
#define NEVER_UTF8 '\xFF'

struct rf_encoding {
    iconv_t iconv;
    iconv_t marked; /* of whole texts that begin with a byte order mark; NO_ICONV: they are like the others */
    size_t unit;
    char *buffer; /* [cap] of a whole text */
    size_t cap;
};

/* As iconv calls it. Windows writes UTF-16 with the low byte first, where no mark says which. */
static const char *iconv_name(const char *name)
{
    static const char *const names[][2] = {
        {"latin-1", "ISO-8859-1"}, {"latin1", "ISO-8859-1"}, {"windows-1252", "CP1252"},
        {"utf-16", "UTF-16LE"},    {"utf-16le", "UTF-16LE"}, {"utf-16be", "UTF-16BE"},
        {"utf-32", "UTF-32LE"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i][0], name) == 0)
            return names[i][1];
    }
    return name;
}

bool rf_encoding_is_plain(const char *name)
{
    return name == NULL || strcmp(name, "utf-8") == 0 || strcmp(name, "UTF-8") == 0 ||
           strcmp(name, "utf8") == 0 || strcmp(name, "auto") == 0;
}

bool rf_encoding_is_known(const char *name)
{
    if (rf_encoding_is_plain(name))
        return true;
    iconv_t conversion = iconv_open("UTF-8", iconv_name(name));
    if (conversion == NO_ICONV)
        return false;
    (void)iconv_close(conversion);
    return true;
}

/* ---- open and close ---- */

rf_status rf_encoding_open(rf_encoding **out, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    rf_encoding *encoding = NULL;
    const char *called = iconv_name(name);
    RF_ZERO(encoding, 1, err);
    encoding->iconv = encoding->marked = NO_ICONV;
    encoding->unit = strncmp(called, "UTF-16", 6) == 0 ? 2 : strncmp(called, "UTF-32", 6) == 0 ? 4 : 1;
    encoding->iconv = iconv_open("UTF-8", called);
    if (encoding->iconv == NO_ICONV)
        RF_FAIL(err, RF_E_INVALID, "source.encoding: \"%s\" is not known here; `iconv -l` lists what is",
                name);
    if (strcmp(name, "utf-16") == 0 || strcmp(name, "utf-32") == 0)
        encoding->marked = iconv_open("UTF-8", encoding->unit == 2 ? "UTF-16" : "UTF-32");
    *out = encoding;
    encoding = NULL;
done:
    rf_encoding_close(encoding);
    return st;
}

void rf_encoding_close(rf_encoding *encoding)
{
    if (encoding == NULL)
        return;
    if (encoding->iconv != NO_ICONV)
        (void)iconv_close(encoding->iconv);
    if (encoding->marked != NO_ICONV)
        (void)iconv_close(encoding->marked);
    rf_mem_free(encoding->buffer);
    rf_mem_free(encoding);
}

size_t rf_encoding_unit(const rf_encoding *encoding)
{
    return encoding->unit;
}

/* ---- converting ---- */

/* *full: what is left needs more room. */
static bool convert(const rf_encoding *encoding, iconv_t by, const char **from, size_t *left, char **to,
                    size_t *room, bool ended, bool *full)
{
    char *at = (char *)(uintptr_t)*from;
    size_t result = iconv(by, &at, left, to, room);
    int why = result == (size_t)-1 ? errno : 0;
    *from = at;
    if (why == 0 && ended && iconv(by, NULL, NULL, to, room) == (size_t)-1) /* a character was held back */
        why = errno;
    *full = why == E2BIG;
    if (why == EINVAL && !ended)
        return false;
    if (why != EILSEQ && why != EINVAL)
        return *left > 0 || *full;
    *full = *room == 0;
    if (*full)
        return true;
    size_t passed = *left < encoding->unit ? *left : encoding->unit;
    *(*to)++ = NEVER_UTF8;
    (*room)--;
    *from += passed;
    *left -= passed;
    return *left > 0;
}

bool rf_encoding_convert(rf_encoding *encoding, const char **from, size_t *left, char **to, size_t *room,
                         bool ended)
{
    bool full;
    return convert(encoding, encoding->iconv, from, left, to, room, ended, &full);
}

static bool has_mark(const rf_encoding *encoding, rf_span text)
{
    static const char *const marks[] = {"\xFF\xFE", "\xFE\xFF", "\xFF\xFE\0\0", "\0\0\xFE\xFF"};
    const char *const *two = marks + (encoding->unit == 2 ? 0 : 2);
    return text.len >= encoding->unit &&
           (memcmp(text.ptr, two[0], encoding->unit) == 0 || memcmp(text.ptr, two[1], encoding->unit) == 0);
}

rf_status rf_encoding_text(rf_span *out, rf_encoding *encoding, rf_span text, rf_err *err)
{
    rf_status st = RF_OK;
    iconv_t by =
        encoding->marked != NO_ICONV && has_mark(encoding, text) ? encoding->marked : encoding->iconv;
    size_t len = 0, need = text.len * 2 + 16;
    bool more = true;
    (void)iconv(by, NULL, NULL, NULL, NULL);
    while (more) {
        bool full;
        RF_RESERVE(encoding->buffer, encoding->cap, need, err);
        char *to = encoding->buffer + len;
        size_t room = encoding->cap - len;
        more = convert(encoding, by, &text.ptr, &text.len, &to, &room, true, &full);
        len = (size_t)(to - encoding->buffer);
        need = full ? encoding->cap * 2 : need;
    }
    bool marked = len >= 3 && memcmp(encoding->buffer, "\xEF\xBB\xBF", 3) == 0;
    *out = (rf_span){encoding->buffer + (marked ? 3 : 0), len - (marked ? 3 : 0)};
done:
    return st;
}
