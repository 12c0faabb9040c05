/* sample_json.c - a JSON object as cells: each value at the end of a path, "customer.id", is a cell of the
 * column of that name. What stands in a list of a record has "[*]" in its path, and a cell an item.
 *
 * Paths are written as json_keys.c reads them: dots, brackets and backslashes in keys have a backslash.
 */
#include "sample_int.h"

#include <string.h>

#include "rf_json_scan.h"
#include "rf_mem.h"

#define DEEPEST 12       /* parts of a path */
#define MOST_ITEMS 50000 /* of a list that are looked at */
#define LONGEST_PATH 400 /* bytes */

typedef struct walker {
    rf_json_scan scan;
    rf_cells *cells;
    rf_sample *sample;
    rf_err *err;
    rf_status status;
    int list; /* column of the list that we are in; -1: none */
    int item; /* of the list, from 1; 0: none */
} walker;

void rf_cells_clear(rf_cells *cells)
{
    rf_mem_free(cells->items);
    rf_json_free(cells->json);
    rf_text_clear(&cells->path);
    rf_text_clear(&cells->scratch);
    *cells = (rf_cells){0};
}

rf_status rf_cells_add(rf_cells *cells, rf_cell cell, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(cells->items, cells->cap, cells->n + 1, err);
    cells->items[cells->n++] = cell;
done:
    return st;
}

static void cut_path(rf_text *path, size_t len)
{
    path->len = len;
    if (path->ptr != NULL)
        path->ptr[len] = '\0';
}

/* The column of the path; -1: none. */
static int column_here(walker *w)
{
    int column = -1;
    const rf_text *path = &w->cells->path;
    if (w->status >= 0 && path->len > 0 && path->len < LONGEST_PATH)
        w->status = rf_sample_column_of(&column, w->sample, path->ptr, path->len, path->ptr, w->list, w->err);
    return column;
}

static void add_cell(walker *w, const rf_raw *raw)
{
    int column = column_here(w);
    if (column >= 0 && w->status >= 0)
        w->status = rf_cells_add(w->cells, (rf_cell){column, w->item, *raw}, w->err);
}

/* Escaped texts are written out into the scratch, which must not move: there is room for the whole record. */
static rf_span resolved(walker *w, rf_span text, bool escaped)
{
    rf_text *scratch = &w->cells->scratch;
    if (!escaped || scratch->cap - scratch->len < text.len)
        return text;
    char *to = scratch->ptr + scratch->len;
    size_t len = rf_json_unescape(to, text);
    scratch->len += len;
    return (rf_span){to, len};
}

static void add_key(walker *w, rf_span key)
{
    rf_text *path = &w->cells->path;
    if (path->len > 0 && w->status >= 0)
        w->status = rf_text_add(path, ".", 1, w->err);
    for (size_t i = 0; i < key.len && w->status >= 0; i++) {
        if (key.ptr[i] == '.' || key.ptr[i] == '[' || key.ptr[i] == '\\')
            w->status = rf_text_add(path, "\\", 1, w->err);
        if (w->status >= 0)
            w->status = rf_text_add(path, key.ptr + i, 1, w->err);
    }
}

static bool walk_value(walker *w, int depth);

static bool walk_object(walker *w, int depth)
{
    rf_json_scan *s = &w->scan;
    size_t len = w->cells->path.len;
    s->at++;
    rf_json_pass_space(s);
    if (rf_json_next_is(s, '}'))
        return true;
    do {
        rf_span key;
        bool escaped;
        rf_json_pass_space(s);
        if (!rf_json_expect(s, '"', "a key is due") || !rf_json_read_text(s, &key, &escaped))
            return false;
        key = resolved(w, key, escaped);
        rf_json_pass_space(s);
        if (!rf_json_expect(s, ':', "a colon is due"))
            return false;
        rf_json_pass_space(s);
        /* in front "$" means parts of messages; inside of objects MongoDB writes "$date" and "$oid" */
        bool wanted = key.len > 0 && key.len < 120 && (len > 0 || key.ptr[0] != '$') &&
                      memchr(key.ptr, '\0', key.len) == NULL && rf_utf8_valid(key.ptr, key.len);
        add_key(w, key);
        bool fine = wanted && w->status >= 0 ? walk_value(w, depth + 1) : rf_json_pass_value(s);
        cut_path(&w->cells->path, len);
        if (!fine || w->status < 0)
            return false;
        rf_json_pass_space(s);
    } while (rf_json_next_is(s, ','));
    return rf_json_expect(s, '}', "a brace is due");
}

/* Items of a list inside of a list are not looked at: only one list of a record can give its events. */
static bool walk_list(walker *w, int depth)
{
    rf_json_scan *s = &w->scan;
    size_t len = w->cells->path.len;
    const rf_raw nested = {.kind = RF_RAW_NESTED};
    if (w->list >= 0)
        return rf_json_pass_value(s);
    add_cell(w, &nested);
    w->list = column_here(w);
    s->at++;
    rf_json_pass_space(s);
    bool fine = true, ends = rf_json_next_is(s, ']');
    for (int i = 0; fine && !ends; i++) {
        w->item = i + 1;
        if (w->status >= 0)
            w->status = rf_text_add(&w->cells->path, "[*]", 3, w->err);
        rf_json_pass_space(s);
        fine = w->status >= 0 && (i < MOST_ITEMS ? walk_value(w, depth + 1) : rf_json_pass_value(s));
        cut_path(&w->cells->path, len);
        rf_json_pass_space(s);
        ends = fine && rf_json_next_is(s, ']');
        fine = fine && (ends || rf_json_expect(s, ',', "a comma is due"));
    }
    w->list = -1;
    w->item = 0;
    return fine;
}

static bool walk_value(walker *w, int depth)
{
    rf_json_scan *s = &w->scan;
    rf_raw raw = {.kind = RF_RAW_NUMBER};
    bool escaped = false, fine;
    switch (s->at < s->end ? *s->at : '\0') {
    case '{':
        return depth < DEEPEST ? walk_object(w, depth) : rf_json_pass_value(s);
    case '[':
        return depth < DEEPEST ? walk_list(w, depth) : rf_json_pass_value(s);
    case '"':
        s->at++;
        raw.kind = RF_RAW_TEXT;
        fine = rf_json_read_text(s, &raw.text, &escaped);
        raw.text = fine ? resolved(w, raw.text, escaped) : raw.text;
        break;
    case 't':
        raw.kind = RF_RAW_TRUE;
        fine = rf_json_read_word(s, "true", 4);
        break;
    case 'f':
        raw.kind = RF_RAW_FALSE;
        fine = rf_json_read_word(s, "false", 5);
        break;
    case 'n':
        raw.kind = RF_RAW_ABSENT;
        fine = rf_json_read_word(s, "null", 4);
        break;
    default:
        if (rf_json_pass_not_finite(s, &raw.text)) {
            raw.kind = RF_RAW_ABSENT;
            fine = true;
        } else {
            fine = rf_json_expect_number(s) && rf_json_read_number(s, &raw.text);
        }
    }
    if (fine)
        add_cell(w, &raw);
    return fine;
}

rf_status rf_sample_json_cells(rf_cells *cells, rf_sample *sample, rf_span record, bool *fine, rf_err *err)
{
    rf_status st = RF_OK;
    walker w = {.scan = rf_json_scan_of(record), .cells = cells, .sample = sample, .err = err, .list = -1};
    w.scan.not_finite = true;
    cut_path(&cells->path, 0);
    rf_text_reset(&cells->scratch);
    RF_RESERVE(cells->scratch.ptr, cells->scratch.cap, record.len + 1, err);
    rf_json_pass_space(&w.scan);
    *fine = w.scan.at < w.scan.end && *w.scan.at == '{' && walk_object(&w, 0);
    RF_TRY(w.status);
done:
    return st;
}
