/* html_amounts.c - what each meeting was about in numbers of the events themselves: mean and sum of the first
 * number attributes, whether or not the model stumbled over them.
 */
#include "html_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME 256

/* The column of the edges that has this name in raw units; -1: none. */
static int find_column(const rf_graph_side *edges, const char *name)
{
    char buffer[32];
    for (int i = 0; i < edges->d; i++) {
        if (strcmp(rf_graph_raw_name(edges, i, buffer), name) == 0)
            return i;
    }
    return -1;
}

/* Which attribute the column says something of, and what: the mean and the sum of a pair, the value of an
 * event. */
static bool read_name(char attribute[NAME], const char **what, const rf_graph_side *edges, const char *name)
{
    static const char *const ends[] = {"_mean", "_sum"};
    char ratio[NAME + 16];
    size_t len = strlen(name);
    if (len >= NAME)
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i]);
        if (len > end && strcmp(name + len - end, ends[i]) == 0) {
            snprintf(attribute, NAME, "%.*s", (int)(len - end), name);
            *what = ends[i] + 1;
            return true;
        }
    }
    snprintf(ratio, sizeof ratio, "user_%s_ratio", name); /* only numbers of events have it */
    snprintf(attribute, NAME, "%s", name);
    *what = "value";
    return find_column(edges, ratio) >= 0;
}

void rf_page_amounts_find(rf_page *page, int kind, const rf_graph_side *edges)
{
    char attribute[NAME], last[NAME] = "", buffer[32];
    const char *what;
    int attributes = 0, *n = &page->amounts[kind].n;
    for (int i = 0; i < edges->d && *n < RF_PAGE_AMOUNTS; i++) {
        if (!read_name(attribute, &what, edges, rf_graph_raw_name(edges, i, buffer)))
            continue;
        attributes += strcmp(attribute, last) != 0; /* columns of an attribute lie together */
        if (attributes > RF_PAGE_ATTRIBUTES)
            break;
        memcpy(last, attribute, sizeof last);
        page->amounts[kind].columns[(*n)++] = i;
    }
}

void rf_page_amounts_head(rf_page *page, int kind, const rf_graph_side *edges)
{
    char attribute[NAME], buffer[32];
    const char *what = "";
    rf_json_array_open(page->js.json);
    for (int i = 0; i < page->amounts[kind].n; i++) {
        if (!read_name(attribute, &what, edges,
                       rf_graph_raw_name(edges, page->amounts[kind].columns[i], buffer)))
            continue;
        rf_json_map_open(page->js.json);
        rf_json_draft_field(&page->js, "attribute", attribute);
        rf_json_draft_field(&page->js, "what", what);
        rf_json_map_close(page->js.json);
    }
    rf_json_array_close(page->js.json);
}

void rf_page_amounts(rf_page *page, int kind, const rf_graph_side *edges, int64_t row)
{
    rf_json_array_open(page->js.json);
    for (int i = 0; i < page->amounts[kind].n; i++)
        rf_page_number(page, rf_raw_observed(edges, row, page->amounts[kind].columns[i]));
    rf_json_array_close(page->js.json);
}
