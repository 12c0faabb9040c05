/* html_population.c - how the scores of all users, entities and edges of the graph are distributed, so that
 * one of them can be seen against all the others. */
#include "html_int.h"

#include <math.h>

enum { BINS = 48 };
#define LOG_FROM 12 /* highest to lowest: scores that spread wider than this are shown by their logarithm */

typedef struct spread {
    double low, high;
    bool is_log;
    int64_t count[BINS];
} spread;

static void count_scores(spread *bins, const rf_score_side *side)
{
    bins->low = bins->high = side->n > 0 ? (double)side->score[0] : 0;
    for (int64_t i = 1; i < side->n; i++) {
        bins->low = fmin(bins->low, (double)side->score[i]);
        bins->high = fmax(bins->high, (double)side->score[i]);
    }
    bins->is_log = bins->low > 0 && bins->high > LOG_FROM * bins->low;
    for (int64_t i = 0; i < side->n; i++) {
        double score = (double)side->score[i], at = 0;
        if (bins->high > bins->low)
            at = bins->is_log ? BINS * (log(score / bins->low) / log(bins->high / bins->low))
                              : BINS * ((score - bins->low) / (bins->high - bins->low));
        int bin = at >= BINS ? BINS - 1 : at > 0 ? (int)at : 0;
        bins->count[bin]++;
    }
}

void rf_page_population(rf_page *page, const rf_extract *extract)
{
    rf_json *json = page->js.json;
    char name[RF_PAGE_SIDE];
    rf_json_key(json, "population");
    rf_json_map_open(json);
    for (rf_side side = 0; side < rf_sides(&extract->graph->kinds); side++) {
        spread bins = {0};
        count_scores(&bins, &extract->scores->side[side]);
        rf_json_key(json, rf_page_side(name, &extract->graph->kinds, side));
        rf_json_map_open(json);
        rf_page_count(page, "n", extract->scores->side[side].n);
        rf_page_field(page, "low", bins.low);
        rf_page_field(page, "high", bins.high);
        rf_json_put_bool(json, "log", bins.is_log);
        rf_json_key(json, "counts");
        rf_json_array_open(json);
        for (int i = 0; i < BINS; i++)
            rf_json_int(json, bins.count[i]);
        rf_json_array_close(json);
        rf_json_map_close(json);
    }
    rf_json_map_close(json);
}
