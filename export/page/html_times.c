/* html_times.c - when the events of each pair happened, for the page's timeline: by the hour, or by more
 * where that would be too much to carry. */
#include "html_int.h"

#include "rf_mem.h"
#include "rf_time.h"

#define MOST_TIMES 60000 /* of all edges */

/* The begin of the step in which the time lies: whole steps since a Monday, so that days and weeks are such.
 */
static int64_t step_of(int64_t at_us, int64_t step_us)
{
    return (at_us - RF_TIME_MIN) / step_us;
}

static int64_t count_steps(const rf_pair_times *times, int64_t step_us)
{
    int64_t n = 0;
    for (int64_t i = 0; i < times->n; i++) {
        int64_t last = -1;
        for (int64_t k = times->ptr[i]; k < times->ptr[i + 1]; k++) {
            int64_t step = step_of(times->at[k].at_us, step_us);
            n += step != last;
            last = step;
        }
    }
    return n;
}

rf_status rf_page_times_read(rf_page *page, const rf_extract *extract, rf_err *err)
{
    static const int64_t steps[] = {RF_HOUR_US, 3 * RF_HOUR_US, 6 * RF_HOUR_US, 12 * RF_HOUR_US,
                                    RF_DAY_US,  7 * RF_DAY_US,  28 * RF_DAY_US};
    rf_status st = RF_OK;
    uint32_t *rows = NULL;
    int64_t n = extract->counts.edges;
    size_t s = 0;
    if (extract->options->graph_file == NULL)
        goto done;
    RF_NEW(rows, n, err);
    for (int64_t i = 0; i < n; i++)
        rows[i] = extract->edges[i].row;
    RF_TRY(rf_pair_times_read(&page->times, extract->options->graph_file, extract->graph, 0, rows, n, err));
    if (page->times.slot_us == 0)
        goto done;
    while (s + 1 < sizeof steps / sizeof *steps && count_steps(&page->times, steps[s]) > MOST_TIMES)
        s++;
    page->step_us = steps[s];
    page->first_step = INT64_MAX;
    for (int64_t i = 0; i < page->times.ptr[n]; i++) {
        int64_t step = step_of(page->times.at[i].at_us, page->step_us);
        page->first_step = step < page->first_step ? step : page->first_step;
    }
done:
    rf_mem_free(rows);
    return st;
}

void rf_page_times_head(rf_page *page)
{
    rf_json_key(page->js.json, "times");
    if (page->step_us == 0 || page->first_step == INT64_MAX) {
        rf_json_null(page->js.json);
        return;
    }
    rf_json_map_open(page->js.json);
    rf_page_count(page, "from", RF_TIME_MIN + page->first_step * page->step_us);
    rf_page_count(page, "step", page->step_us);
    rf_json_map_close(page->js.json);
}

void rf_page_times(rf_page *page, int64_t edge)
{
    rf_json *json = page->js.json;
    const rf_pair_times *times = &page->times;
    if (page->step_us == 0 || times->ptr[edge] == times->ptr[edge + 1]) {
        rf_json_null(json);
        return;
    }
    int64_t last = page->first_step, events = 0, step = last;
    rf_json_array_open(json);
    for (int64_t k = times->ptr[edge]; k < times->ptr[edge + 1]; k++) {
        int64_t next = step_of(times->at[k].at_us, page->step_us);
        if (events > 0 && next != step) {
            rf_json_int(json, step - last);
            rf_json_int(json, events);
            last = step;
            events = 0;
        }
        step = next;
        events += times->at[k].events;
    }
    rf_json_int(json, step - last);
    rf_json_int(json, events);
    rf_json_array_close(json);
}
