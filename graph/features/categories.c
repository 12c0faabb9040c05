/* categories.c - which values of a category get columns, and how many users share each value.
 *
 * Values are ranked by their events in the whole window, ties by bytes (categories are numbered that way).
 */
#include "categories_int.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"

#define MAX_TOP 1024

typedef struct tally {
    int64_t *events;     /* [categories] */
    uint32_t *users;     /* [categories] */
    uint32_t *last_user; /* [categories] user + 1 */
} tally;

static void count_values(tally *t, const rf_window_view *view, int attr)
{
    rf_category_count few[RF_CELL_EVENTS];
    const rf_category_count *list;

    for (int64_t e = 0; e < view->adj.n_e; e++) {
        uint32_t mark = view->adj.e_u[e] + 1;
        for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++) {
            int64_t n = rf_view_categories(view, c, attr, few, &list);
            for (int64_t i = 0; i < n; i++) {
                uint32_t value = list[i].category;
                t->events[value] += list[i].events;
                t->users[value] += t->last_user[value] != mark;
                t->last_user[value] = mark;
            }
        }
    }
}

static void choose(rf_category_table *table, const rf_window_view *view, int attr, int limit, const tally *t)
{
    uint32_t n = rf_view_category_count(view, attr);

    for (uint32_t value = 0; value < n; value++) {
        table->shared[value] = t->users[value] > 0 ? (float)log((double)t->users[value]) : 0.0f;
        if (limit == 0 || t->events[value] == 0 ||
            strcmp(rf_view_category_text(view, attr, value), "other") == 0)
            continue;
        int at = table->n_top; /* top holds the values with most events, in order */
        while (at > 0 && t->events[table->top[at - 1]] < t->events[value])
            at--;
        if (at == limit)
            continue;
        int last = table->n_top < limit ? table->n_top : limit - 1;
        memmove(table->top + at + 1, table->top + at, (size_t)(last - at) * sizeof *table->top);
        table->top[at] = value;
        table->n_top = last + 1;
    }
    for (uint32_t value = 0; value < n; value++)
        table->slot[value] = (int16_t)table->n_top;
    for (int i = 0; i < table->n_top; i++)
        table->slot[table->top[i]] = (int16_t)i;
}

rf_status rf_category_table_init(rf_category_table *table, const rf_window_view *view, int attr, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t n = rf_view_category_count(view, attr);
    int wanted = view->schema->attrs[attr].top;
    int limit = wanted < 0 ? 0 : wanted > MAX_TOP ? MAX_TOP : wanted;
    tally t = {0};
    rf_category_table made = {0};

    RF_ZERO(t.events, n, err);
    RF_ZERO(t.users, n, err);
    RF_ZERO(t.last_user, n, err);
    RF_NEW(made.top, limit, err);
    RF_NEW(made.slot, n, err);
    RF_NEW(made.shared, n, err);
    count_values(&t, view, attr);
    choose(&made, view, attr, limit, &t);
    *table = made;
    made = (rf_category_table){0};
done:
    rf_mem_free(t.events);
    rf_mem_free(t.users);
    rf_mem_free(t.last_user);
    rf_category_table_clear(&made);
    return st;
}

void rf_category_table_clear(rf_category_table *table)
{
    rf_mem_free(table->top);
    rf_mem_free(table->slot);
    rf_mem_free(table->shared);
    *table = (rf_category_table){0};
}
