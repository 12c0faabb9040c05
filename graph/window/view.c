/* view.c - reads the cells of a frozen window: expands packed records into sums, returns sums, lists
 * categories.
 */
#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"
#include "window_int.h"

void rf_window_view_free(rf_window_view *view)
{
    if (view == NULL)
        return;
    for (rf_side s = 0; s < RF_SIDES; s++) {
        rf_mem_free((void *)(uintptr_t)view->side[s].id);
        rf_mem_free(view->side[s].past);
        rf_mem_free(view->side[s].y);
        rf_mem_free(view->side[s].fraud);
    }
    rf_adj_clear(&view->adj);
    rf_adj_clear(&view->own_kept);
    rf_mem_free(view->hub);
    rf_mem_free(view->kept_edge);
    rf_mem_free(view->e_cell);
    rf_mem_free(view->cell);
    rf_mem_free((void *)(uintptr_t)view->fraud_names);
    rf_mem_free(view);
}

void rf_view_read(rf_cell_values *out, const rf_window_view *view, int64_t c)
{
    out->cell = c;
    out->n_records = 0;
    if (view->cell[c].count <= RF_CELL_EVENTS)
        out->n_records =
            rf_cell_records(out->records, &view->relation->store, view->cell[c].head, view->cell[c].count);
}

void rf_view_prefetch(const rf_window_view *view, int64_t c)
{
    if (view->cell[c].count <= RF_CELL_EVENTS)
        __builtin_prefetch(view->relation->store.log + (size_t)view->cell[c].head * RF_RECORD_UNIT);
}

void rf_view_add_values(rf_attr_sums *sums, const rf_window_view *view, const rf_cell_values *values)
{
    const rf_store *store = &view->relation->store;
    const rf_codec *codec = &store->codec;
    const int64_t c = values->cell;
    int n_attrs = codec->schema->n_attrs;
    if (view->cell[c].count > RF_CELL_EVENTS) {
        const rf_attr_sums *full = &store->sums[(size_t)view->cell[c].head * (size_t)codec->n_codes];
        for (int a = 0; a < n_attrs; a++)
            rf_attr_sums_merge(&sums[a], &full[a]);
        return;
    }
    for (int i = 0; i < values->n_records; i++)
        rf_record_sum(sums, n_attrs, codec, &values->records[i],
                      rf_view_slot_us(view, c) + values->records[i].offset);
}

void rf_view_cell(const rf_window_view *view, int64_t c, rf_attr_sums *sums)
{
    rf_cell_values values;
    memset(sums, 0, (size_t)view->schema->n_attrs * sizeof *sums);
    rf_view_read(&values, view, c);
    rf_view_add_values(sums, view, &values);
}

/* First entry of the sorted list whose owner is not below `owner`. */
static size_t find_owner(const rf_store *store, uint32_t owner)
{
    size_t low = 0, high = store->n_owned;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->owned[middle].owner < owner)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t rf_view_categories_of(const rf_window_view *view, const rf_cell_values *values, int a,
                              rf_category_count few[RF_CELL_EVENTS], const rf_category_count **list)
{
    const rf_store *store = &view->relation->store;
    if (view->cell[values->cell].count > RF_CELL_EVENTS) {
        uint32_t owner = view->cell[values->cell].head * (uint32_t)store->codec.n_codes + (uint32_t)a;
        size_t from = find_owner(store, owner);
        *list = store->owned_counts + from;
        return (int64_t)(find_owner(store, owner + 1) - from);
    }
    int64_t n = 0;
    *list = few;
    for (int i = 0; i < values->n_records; i++) {
        if (values->records[i].code[a] == 0)
            continue;
        uint32_t category = (uint32_t)(values->records[i].code[a] - 1);
        int64_t at = 0;
        while (at < n && few[at].category < category)
            at++;
        if (at < n && few[at].category == category) {
            few[at].events++;
            continue;
        }
        memmove(&few[at + 1], &few[at], (size_t)(n - at) * sizeof *few);
        few[at] = (rf_category_count){.category = category, .events = 1};
        n++;
    }
    return n;
}

int64_t rf_view_categories(const rf_window_view *view, int64_t c, int a,
                           rf_category_count few[RF_CELL_EVENTS], const rf_category_count **list)
{
    rf_cell_values values;
    rf_view_read(&values, view, c);
    return rf_view_categories_of(view, &values, a, few, list);
}

uint32_t rf_view_category_count(const rf_window_view *view, int a)
{
    return view->graph->renumber.category[view->relation->code_of[a]].n;
}

const char *rf_view_category_text(const rf_window_view *view, int a, uint32_t category)
{
    const int of_all = view->relation->code_of[a];
    return rf_bigraph_sorted_text(view->graph->category[of_all], &view->graph->renumber.category[of_all],
                                  category);
}
