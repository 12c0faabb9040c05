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

/* The times of the edges of a kind, which are all from `first` to `to`. */
static rf_status read_kind(rf_page *page, const rf_extract *extract, int kind, int64_t to, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *rows = NULL;
    int64_t first = page->first_edge[kind];
    RF_NEW(rows, to - first, err);
    for (int64_t i = first; i < to; i++)
        rows[i - first] = extract->edges[i].row;
    RF_TRY(rf_pair_times_read(&page->times[kind], extract->options->graph_file, extract->graph, kind, rows,
                              to - first, err));
done:
    rf_mem_free(rows);
    return st;
}

static int64_t first_step(const rf_pair_times *times, int64_t step_us)
{
    int64_t first = INT64_MAX, n = times->slot_us > 0 ? times->ptr[times->n] : 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t step = step_of(times->at[i].at_us, step_us);
        first = step < first ? step : first;
    }
    return first;
}

rf_status rf_page_times_read(rf_page *page, const rf_extract *extract, rf_err *err)
{
    static const int64_t steps[] = {RF_HOUR_US, 3 * RF_HOUR_US, 6 * RF_HOUR_US, 12 * RF_HOUR_US,
                                    RF_DAY_US,  7 * RF_DAY_US,  28 * RF_DAY_US};
    rf_status st = RF_OK;
    const int kinds = rf_kinds_n(&extract->graph->kinds);
    int64_t at = 0, n = INT64_MAX;
    bool known = false;
    for (int k = 0; k < kinds; k++) {
        page->first_edge[k] = at;
        while (at < extract->counts.edges && rf_side_kind(extract->edges[at].side) == k)
            at++;
        if (extract->options->graph_file != NULL)
            RF_TRY(read_kind(page, extract, k, at, err));
        known = known || page->times[k].slot_us > 0;
    }
    page->first_step = INT64_MAX;
    for (size_t s = 0; known && s < sizeof steps / sizeof *steps && n > MOST_TIMES; s++) {
        page->step_us = steps[s];
        n = 0;
        for (int k = 0; k < kinds; k++)
            n += page->times[k].slot_us > 0 ? count_steps(&page->times[k], steps[s]) : 0;
    }
    for (int k = 0; k < kinds && known; k++) {
        int64_t first = first_step(&page->times[k], page->step_us);
        page->first_step = first < page->first_step ? first : page->first_step;
    }
done:
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

void rf_page_times(rf_page *page, int kind, int64_t i)
{
    rf_json *json = page->js.json;
    const rf_pair_times *times = &page->times[kind];
    const int64_t edge = i - page->first_edge[kind];
    if (page->step_us == 0 || times->slot_us == 0 || times->ptr[edge] == times->ptr[edge + 1]) {
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
