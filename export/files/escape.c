/* escape.c - any bytes as text of an XML document, shortened to what a label can hold. */
#include "export_int.h"

#include <string.h>

/* Bytes of the well-formed UTF-8 character at text, 0 when there is none. */
static size_t character_at(const char *text, size_t left)
{
    for (size_t len = 1; len <= 4 && len <= left; len++) {
        if (rf_utf8_valid(text, len))
            return len;
    }
    return 0;
}

/* What XML 1.0 cannot hold even escaped: control characters, U+FFFE and U+FFFF. */
static bool is_forbidden(const char *text, size_t len)
{
    unsigned char first = (unsigned char)text[0];
    if (len == 1)
        return (first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7F;
    return len == 3 && first == 0xEF && (unsigned char)text[1] == 0xBF && (unsigned char)text[2] >= 0xBE;
}

static const char *entity_of(char c)
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
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
    case '\r':
        return " ";
    default:
        return NULL;
    }
}

static rf_status add_character(rf_text *out, const char *text, size_t len, rf_err *err)
{
    const char *entity = len == 1 ? entity_of(text[0]) : NULL;
    if (len == 0 || is_forbidden(text, len))
        entity = "\xEF\xBF\xBD"; /* the replacement character */
    if (entity != NULL)
        return rf_text_add(out, entity, strlen(entity), err);
    return rf_text_add(out, text, len, err);
}

rf_status rf_xml_add(rf_text *out, const char *text, int most, rf_err *err)
{
    rf_status st = RF_OK;
    size_t left = strlen(text);
    for (int n = 1; left > 0; n++) {
        size_t len = character_at(text, left);
        size_t step = len > 0 ? len : 1;
        if (n == most && left > step) {
            RF_TRY(rf_text_add(out, "\xE2\x80\xA6", 3, err)); /* an ellipsis for the rest */
            break;
        }
        RF_TRY(add_character(out, text, len, err));
        text += step;
        left -= step;
    }
done:
    return st;
}
