/* json_draft.c - a JSON document too large for one piece: values made by rf_json, joined on a draft. */
#include "draft_int.h"

#include <string.h>

#include "extract_text_int.h"

rf_status rf_json_draft_open(rf_json_draft *js, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_json_new(&js->json, err));
    RF_TRY(rf_draft_open(&js->draft, path, err));
done:
    return st;
}

void rf_json_draft_string(rf_json_draft *js, const char *text)
{
    if (text == NULL)
        rf_json_null(js->json);
    else
        rf_json_string(js->json, rf_draft_plain(&js->draft, text, RF_PLAIN_UTF8));
}

void rf_json_draft_field(rf_json_draft *js, const char *key, const char *text)
{
    rf_json_key(js->json, key);
    rf_json_draft_string(js, text);
}

void rf_json_draft_value(rf_json_draft *js, const rf_value *value, rf_column_type type)
{
    char buffer[RF_TIME_TEXT];
    switch (type) {
    case RF_COLUMN_NUMBER:
        rf_json_float(js->json, (float)value->number);
        break;
    case RF_COLUMN_WHOLE:
        rf_json_int(js->json, value->whole);
        break;
    case RF_COLUMN_BOOL:
        rf_json_bool(js->json, value->yes);
        break;
    case RF_COLUMN_LIST:
        rf_json_array_open(js->json);
        for (int i = 0; i < value->n_list; i++)
            rf_json_draft_string(js, value->list[i]);
        rf_json_array_close(js->json);
        break;
    case RF_COLUMN_TEXT:
    case RF_COLUMN_TIME:
        rf_json_draft_string(js, rf_value_text(value, type, buffer));
        break;
    }
}

rf_status rf_json_draft_columns(rf_json_draft *js, rf_columns *columns, const rf_extract *extract, int64_t i,
                                rf_err *err)
{
    rf_status st = RF_OK;
    rf_value value;
    for (int c = 0; c < columns->n; c++) {
        RF_TRY(rf_columns_read(&value, columns, c, extract, i, err));
        if (!value.there)
            continue;
        rf_json_key(js->json, columns->at[c].key);
        rf_json_draft_value(js, &value, columns->at[c].type);
    }
done:
    return st;
}

void rf_json_draft_put(rf_json_draft *js, const char *before, const char *after)
{
    const char *text = "";
    size_t len = 0;
    if (js->draft.status >= 0)
        js->draft.status = rf_json_end(js->json, &text, &len, &js->draft.err);
    if (js->draft.status < 0)
        return;
    rf_draft_text(&js->draft, before);
    rf_draft_escaped(&js->draft, js->in_page ? RF_ESCAPE_PAGE : RF_ESCAPE_SCRIPT, text, len);
    rf_draft_text(&js->draft, after);
    rf_json_reset(js->json);
}

void rf_json_draft_clear(rf_json_draft *js)
{
    rf_json_free(js->json);
    rf_draft_clear(&js->draft);
}
