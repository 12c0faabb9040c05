/* escape.c - spells and escapes texts for files.
 *
 * XML 1.0 cannot hold most control characters, JSON and CSV readers refuse broken UTF-8, and DOT has no
 * escape for a backslash before a quote. Instead of replacing these by a question mark, which would make two
 * ids one, they are spelled: \u{1B} for a character, \x{FF} for a byte. Nearly all ids are unchanged.
 */
#include "rf_escape.h"

#include <stdio.h>
#include <string.h>

#include "rf_quote.h"

/* ---- what a format cannot hold ---- */

/* True for characters that the format cannot hold or would misread. Surrogates are not valid UTF-8 and do not
 * come here. */
static bool must_spell(uint32_t code, const char *text, size_t left, unsigned how)
{
    bool xml_cannot_hold =
        (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code == 0xFFFE || code == 0xFFFF;
    bool looks_spelled = left >= 3 && text[0] == '\\' && (text[1] == 'u' || text[1] == 'x') && text[2] == '{';
    /* DOT's only escape is \"; a lone line break is lost */
    bool dot_misreads =
        code == '\n' || code == '\r' || (code == '\\' && (left == 1 || strchr("\"\\\n\r", text[1]) != NULL));
    bool misleads = (rf_code_is_control(code) && code != '\n' && code != '\t') || rf_code_turns(code);
    return ((how & RF_PLAIN_XML) != 0 && xml_cannot_hold) || looks_spelled ||
           ((how & RF_PLAIN_PEOPLE) != 0 && misleads) || ((how & RF_PLAIN_DOT) != 0 && dot_misreads) ||
           ((how & RF_PLAIN_LIST) != 0 && code == ';');
}

rf_status rf_plain_add(rf_text *out, const char *text, unsigned how, rf_err *err)
{
    rf_status st = RF_OK;
    size_t left = strlen(text);
    RF_TRY(rf_text_add(out, "", 0, err)); /* an empty text is a text */
    while (left > 0) {
        uint32_t code = 0;
        size_t len = rf_utf8_decode(&code, text, left);
        if (len == 0)
            RF_TRY(rf_text_printf(out, err, "\\x{%02X}", (unsigned)(unsigned char)text[0]));
        else if (must_spell(code, text, left, how))
            RF_TRY(rf_text_printf(out, err, "\\u{%X}", (unsigned)code));
        else
            RF_TRY(rf_text_add(out, text, len, err));
        text += len > 0 ? len : 1;
        left -= len > 0 ? len : 1;
    }
done:
    return st;
}

/* ---- what a format escapes ---- */

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Line breaks and tabs: a reader of attributes would turn them into spaces. */
static const char *xml_reference(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

/* Also a reference: what a terminal would obey, though XML allows it. */
static const char *in_xml(size_t *taken, char spelled[RF_ESCAPE_MOST], const char *text, size_t left)
{
    uint32_t code = 0;
    const char *reference = xml_reference(*text);
    size_t len = reference != NULL ? 1 : rf_utf8_decode(&code, text, left);
    *taken = len > 0 ? len : 1;
    if (reference != NULL || len == 0 || (!rf_code_is_control(code) && !rf_code_turns(code)))
        return reference;
    snprintf(spelled, RF_ESCAPE_MOST, "&#x%X;", (unsigned)code);
    return spelled;
}

static const char *in_page(size_t *taken, const char *text, size_t left)
{
    switch (*text) {
    case '<':
        return "\\u003c";
    case '>':
        return "\\u003e";
    case '&':
        return "\\u0026";
    default:
        if (left < 3 || memcmp(text, "\xE2\x80", 2) != 0 || (text[2] != '\xA8' && text[2] != '\xA9'))
            return NULL;
        *taken = 3;
        return text[2] == '\xA8' ? "\\u2028" : "\\u2029"; /* line separators */
    }
}

/* NULL: the character stays. */
static const char *spelling_of(size_t *taken, char spelled[RF_ESCAPE_MOST], rf_escape how, const char *text,
                               size_t left)
{
    *taken = 1;
    switch (how) {
    case RF_ESCAPE_XML:
        return in_xml(taken, spelled, text, left);
    case RF_ESCAPE_CSV:
        return *text == '"' ? "\"\"" : NULL;
    case RF_ESCAPE_DOT:
        return *text == '"' ? "\\\"" : NULL;
    case RF_ESCAPE_SCRIPT:
        *taken = left >= 2 && text[0] == '<' && text[1] == '/' ? 2 : 1;
        return *taken == 2 ? "<\\/" : NULL;
    case RF_ESCAPE_PAGE:
        return in_page(taken, text, left);
    case RF_ESCAPE_TOKEN:
        break;
    }
    if (is_alphanumeric(*text) || *text == '_' || *text == '-' || *text == '.')
        return NULL;
    snprintf(spelled, RF_ESCAPE_MOST, ":%02X", (unsigned)(unsigned char)*text);
    return spelled;
}

size_t rf_escape_plain(rf_escape how, const char *text, size_t left)
{
    char spelled[RF_ESCAPE_MOST];
    size_t at = 0, taken = 1;
    for (; at < left; at += taken) {
        taken = 1;
        if (!is_alphanumeric(text[at]) && spelling_of(&taken, spelled, how, text + at, left - at) != NULL)
            break;
    }
    return at;
}

size_t rf_escape_next(const char **shown, size_t *n, char spelled[RF_ESCAPE_MOST], rf_escape how,
                      const char *text, size_t left)
{
    size_t taken;
    const char *spelling = spelling_of(&taken, spelled, how, text, left);
    *shown = spelling != NULL ? spelling : text;
    *n = spelling != NULL ? strlen(spelling) : taken;
    return taken;
}

rf_status rf_escape_add(rf_text *out, rf_escape how, const char *text, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    char spelled[RF_ESCAPE_MOST];
    RF_TRY(rf_text_add(out, "", 0, err)); /* an empty text is a text */
    for (const char *end = text + len; text < end;) {
        const char *shown;
        size_t n, plain = rf_escape_plain(how, text, (size_t)(end - text));
        RF_TRY(rf_text_add(out, text, plain, err));
        text += plain;
        if (text == end)
            break;
        text += rf_escape_next(&shown, &n, spelled, how, text, (size_t)(end - text));
        RF_TRY(rf_text_add(out, shown, n, err));
    }
done:
    return st;
}
