/* extract_text.c - keys and labels of nodes. Keys are name tokens that tell all ids apart. Labels are for
 * reading only, so they lose the characters that cannot be read.
 */
#include "extract_text_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_quote.h"

#define LABEL_CHARACTERS 40

rf_status rf_node_key(rf_text *out, const rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    char number[32];
    const rf_extract_node *node = &extract->nodes[i];
    rf_text_reset(out);
    RF_TRY(rf_text_printf(out, err, "%s:", rf_side_word(&extract->graph->kinds, node->side)));
    const char *id = rf_graph_id(&extract->graph->side[node->side], node->row, number);
    RF_TRY(rf_escape_add(out, RF_ESCAPE_TOKEN, id, strlen(id), err));
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

const char *rf_edge_id(char out[RF_EDGE_ID], const rf_extract *extract, const rf_extract_edge *edge)
{
    int kind = rf_side_kind(edge->side);
    snprintf(out, RF_EDGE_ID, "%s%se%u", kind > 0 ? rf_kind_name(&extract->graph->kinds, kind) : "",
             kind > 0 ? "_" : "", edge->row);
    return out;
}
