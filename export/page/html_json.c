/* html_json.c - JSON inside a page: nothing in it can end the script element that holds it, whatever ids and
 * names say. */
#include "html_int.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"

#define WHOLE_DOUBLE INT64_C(9007199254740992) /* 2^53 */

/* The characters that mean something to HTML, or end a line to JavaScript, stand in JSON inside strings only,
 * where \uXXXX means the same. Returns the bytes they take, 0 for all others. */
static size_t meaningful(const char *at, const char *end, const char **spelled)
{
    static const char *const of[] = {"\\u003c", "\\u003e", "\\u0026"};
    const char *found = *at != '\0' ? strchr("<>&", *at) : NULL;
    if (found != NULL) {
        *spelled = of[strchr("<>&", *at) - strchr("<>&", '<')];
        return 1;
    }
    if (end - at >= 3 && memcmp(at, "\xE2\x80", 2) == 0 && (at[2] == '\xA8' || at[2] == '\xA9')) {
        *spelled = at[2] == '\xA8' ? "\\u2028" : "\\u2029";
        return 3;
    }
    return 0;
}

static void put_harmless(rf_draft *draft, const char *text, size_t len)
{
    const char *end = text + len, *from = text, *spelled = "";
    for (const char *at = text; at < end;) {
        size_t bytes = meaningful(at, end, &spelled);
        if (bytes == 0) {
            at++;
            continue;
        }
        rf_draft_bytes(draft, from, (size_t)(at - from));
        rf_draft_text(draft, spelled);
        at += bytes;
        from = at;
    }
    rf_draft_bytes(draft, from, (size_t)(end - from));
}

void rf_page_put(rf_page *page, const char *before, const char *after)
{
    const char *text = "";
    size_t len = 0;
    rf_draft *draft = &page->js.draft;
    if (draft->status >= 0)
        draft->status = rf_json_end(page->js.json, &text, &len, &draft->err);
    if (draft->status < 0)
        return;
    rf_draft_text(draft, before);
    put_harmless(draft, text, len);
    rf_draft_text(draft, after);
    rf_json_reset(page->js.json);
}

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

void rf_page_text(rf_page *page, const char *key, const char *text)
{
    rf_json_key(page->js.json, key);
    if (text == NULL)
        rf_json_null(page->js.json);
    else
        rf_json_draft_string(&page->js, text);
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

rf_status rf_page_look(int *out, rf_page *page, rf_look look, rf_err *err)
{
    rf_status st = RF_OK;
    int i = 0;
    while (i < page->n_looks && strcmp(page->looks[i].name, look.name) != 0)
        i++;
    if (i == page->n_looks) {
        RF_TRY(rf_mem_reserve((void **)&page->looks, &page->looks_cap, (size_t)i + 1, sizeof look, err));
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
        rf_json_array_close(json);
    }
    rf_json_array_close(json);
}
