/* extract_text.c - untrusted texts as formats and readers can take them: ids, keys, labels.
 *
 * XML 1.0 cannot hold most control characters, JSON and CSV readers refuse broken UTF-8, and
 * DOT has no escape for a backslash before a quote. Instead of replacing these by a question mark, which
 * would make two ids one, they are spelled: \u{1B} for a character, \x{FF} for a byte. Nearly all ids
 * are unchanged. Labels are for reading only, so they lose the characters that cannot be read.
 */
#include "extract_text_int.h"

#include <string.h>

#include "rf_quote.h"

#define LABEL_CHARACTERS 40

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

rf_status rf_node_key(rf_text *out, const rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    char number[32];
    const rf_extract_node *node = &extract->nodes[i];
    rf_text_reset(out);
    RF_TRY(rf_text_printf(out, err, "%s:", rf_side_name(node->side)));
    for (const char *at = rf_graph_id(&extract->graph->side[node->side], node->row, number); *at != '\0';
         at++) {
        bool is_safe = (*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') ||
                       (*at >= 'a' && *at <= 'z') || *at == '_' || *at == '-' || *at == '.';
        if (is_safe)
            RF_TRY(rf_text_add(out, at, 1, err));
        else
            RF_TRY(rf_text_printf(out, err, ":%02X", (unsigned)(unsigned char)*at));
    }
done:
    return st;
}

/* ---- labels ---- */

rf_status rf_short_text(rf_text *out, const char *text, int most, rf_err *err)
{
    rf_status st = RF_OK;
    size_t left = strlen(text);
    rf_text_reset(out);
    RF_TRY(rf_text_add(out, "", 0, err)); /* an empty text is a text */
    for (int n = 0; left > 0; n++) {
        uint32_t code = 0;
        size_t len = rf_utf8_decode(&code, text, left), step = len > 0 ? len : 1;
        if (n == most) {
            RF_TRY(rf_text_add(out, "\xE2\x80\xA6", 3, err)); /* an ellipsis */
            break;
        }
        if (len == 0)
            RF_TRY(rf_text_add(out, "\xEF\xBF\xBD", 3, err)); /* the replacement character */
        else if (rf_code_is_control(code))
            RF_TRY(rf_text_add(out, " ", 1, err));
        else if (!rf_code_turns(code))
            RF_TRY(rf_text_add(out, text, len, err));
        text += step;
        left -= step;
    }
done:
    return st;
}

rf_status rf_node_label(rf_text *out, const rf_extract *extract, const rf_extract_node *node, rf_err *err)
{
    char number[32];
    return rf_short_text(out, rf_graph_id(&extract->graph->side[node->side], node->row, number),
                         LABEL_CHARACTERS, err);
}
