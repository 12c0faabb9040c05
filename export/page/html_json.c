/* html_json.c - numbers of a page's data, as JavaScript holds them, and its looks by number. */
#include "html_int.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"

#define WHOLE_DOUBLE INT64_C(9007199254740992) /* 2^53 */

void rf_page_number(rf_page *page, double value)
{
    rf_json_float(page->js.json, (float)value);
}

void rf_page_short(rf_page *page, double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.4g", value);
    rf_json_double(page->js.json, isfinite(value) ? strtod(text, NULL) : value);
}

void rf_page_whole(rf_page *page, int64_t value)
{
    char text[32];
    if (value <= WHOLE_DOUBLE && value >= -WHOLE_DOUBLE) {
        rf_json_int(page->js.json, value);
        return;
    }
    snprintf(text, sizeof text, "%" PRId64, value);
    rf_json_string(page->js.json, text);
}

void rf_page_field(rf_page *page, const char *key, double value)
{
    rf_json_key(page->js.json, key);
    rf_page_number(page, value);
}

void rf_page_count(rf_page *page, const char *key, int64_t value)
{
    rf_json_key(page->js.json, key);
    rf_page_whole(page, value);
}

const char *rf_page_side(char out[RF_PAGE_SIDE], const rf_kinds *kinds, rf_side side)
{
    bool is_edge = rf_side_role(side) == RF_EDGE;
    if (is_edge && kinds->n == 0)
        return rf_side_name(side);
    snprintf(out, RF_PAGE_SIDE, "%s%s", is_edge ? "edge:" : "", rf_side_word(kinds, side));
    return out;
}

rf_status rf_page_look(int *out, rf_page *page, rf_look look, rf_err *err)
{
    rf_status st = RF_OK;
    int i = 0;
    while (i < page->n_looks && strcmp(page->looks[i].name, look.name) != 0)
        i++;
    if (i == page->n_looks) {
        RF_RESERVE(page->looks, page->looks_cap, i + 1, err);
        page->looks[page->n_looks++] = look;
    }
    *out = i;
done:
    return st;
}

void rf_page_palette(rf_page *page)
{
    rf_json *json = page->js.json;
    rf_json_key(json, "palette");
    rf_json_array_open(json);
    for (int i = 0; i < page->n_looks; i++) {
        char text[8];
        rf_json_array_open(json);
        rf_json_string(json, rf_color_format(text, page->looks[i].color));
        rf_json_draft_string(&page->js, page->looks[i].name);
        rf_json_bool(json, page->looks[i].is_tag);
        if (!page->looks[i].is_tag)
            rf_json_int(json, page->looks[i].place);
        rf_json_array_close(json);
    }
    rf_json_array_close(json);
}
