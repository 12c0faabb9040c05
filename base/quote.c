/* quote.c - spells what must not reach a person as it is. */
#include "rf_quote.h"

#include <stdio.h>
#include <string.h>

bool rf_code_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           code == 0xFFFE || code == 0xFFFF;
}

bool rf_code_turns(uint32_t code)
{
    return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

size_t rf_quote_next(const char **shown, size_t *n, char spelled[RF_QUOTE_MOST], const char *text,
                     size_t left)
{
    uint32_t code = 0;
    size_t len = rf_utf8_decode(&code, text, left);
    *shown = spelled;
    if (len == 0 || code < 0x80) {
        bool plain = len > 0 && !rf_code_is_control(code);
        *n = 1;
        if (plain)
            *shown = text;
        else
            *n = (size_t)snprintf(spelled, RF_QUOTE_MOST, "\\x%02x", (unsigned)(unsigned char)text[0]);
        return 1;
    }
    *n = len;
    if (rf_code_is_control(code) || rf_code_turns(code))
        *n = (size_t)snprintf(spelled, RF_QUOTE_MOST, "\\u%04x", (unsigned)code);
    else
        *shown = text;
    return len;
}

static rf_status add(rf_text *out, const char *text, size_t len, bool lines, rf_err *err)
{
    rf_status st = RF_OK;
    char spelled[RF_QUOTE_MOST];
    const char *from = text, *end = text + len; /* from: not yet added */
    RF_TRY(rf_text_add(out, "", 0, err));       /* an empty text is a text */
    for (const char *at = text; at < end;) {
        const char *shown;
        size_t n, taken = 1;
        bool plain = lines && (*at == '\n' || *at == '\t');
        if (!plain) {
            taken = rf_quote_next(&shown, &n, spelled, at, (size_t)(end - at));
            plain = shown == at;
        }
        if (!plain) {
            RF_TRY(rf_text_add(out, from, (size_t)(at - from), err));
            RF_TRY(rf_text_add(out, shown, n, err));
            from = at + taken;
        }
        at += taken;
    }
    RF_TRY(rf_text_add(out, from, (size_t)(end - from), err));
done:
    return st;
}

rf_status rf_quote_add(rf_text *out, const char *text, size_t len, rf_err *err)
{
    return add(out, text, len, false, err);
}

rf_status rf_quote_add_lines(rf_text *out, const char *text, size_t len, rf_err *err)
{
    return add(out, text, len, true, err);
}

/* Copies what `size` holds, and returns how many bytes of text are left. */
static size_t copy(char *out, size_t size, const char *text, size_t left)
{
    char spelled[RF_QUOTE_MOST];
    size_t at = 0;
    while (left > 0) {
        const char *shown;
        size_t n, taken = rf_quote_next(&shown, &n, spelled, text, left);
        if (n >= size - at)
            break;
        memcpy(out + at, shown, n);
        at += n;
        text += taken;
        left -= taken;
    }
    out[at] = '\0';
    return left;
}

void rf_quote_copy(char *out, size_t size, const char *text)
{
    (void)copy(out, size, text, strlen(text));
}

const char *rf_quote_short(char *out, size_t size, const char *text, size_t len)
{
    if (copy(out, size, text, len) > 0) {
        (void)copy(out, size - 3, text, len);
        memcpy(out + strlen(out), "...", 4);
    }
    return out;
}

size_t rf_quote_said(const char *text, size_t len)
{
    size_t kept = RF_SAID_ID - strlen(RF_SAID_CUT);
    if (len <= RF_SAID_ID)
        return len;
    while (kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80)
        kept--;
    return kept;
}
