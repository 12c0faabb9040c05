/* categories.c - which values of a category get columns, and how many users share each value.
 *
 * Values are ranked by their events in the whole window, ties by bytes (categories are numbered that way).
 * One pass over the cells counts those of all attributes, user by user.
 */
#include "feature_row_int.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"

#define MAX_TOP 1024

#define USERS_A_TASK 256

typedef struct tally { /* of one attribute */
    int64_t *events;   /* [categories] */
    uint32_t *users;   /* [categories] */
} tally;

typedef struct tallies {
    const rf_features *f;
    tally of[RF_MAX_ATTRS];
} tallies;

static bool is_category(const rf_features *f, int a)
{
    return f->schema->attrs[a].type == RF_ATTR_CATEGORY;
}

static void add_values(rf_category_sums *sums, const rf_window_view *view, const rf_cell_values *values,
                       int a)
{
    rf_category_count few[RF_CELL_EVENTS];
    const rf_category_count *list;
    int64_t n = rf_view_categories_of(view, values, a, few, &list);
    for (int64_t i = 0; i < n; i++) {
        if (sums->seen[list[i].category] == 0)
            sums->touched[sums->distinct++] = list[i].category;
        sums->seen[list[i].category] += list[i].events;
    }
}

/* What a user's cells held goes to all users'; `seen` is zero again. */
static void add_user(const tally *to, rf_category_sums *sums)
{
    for (uint32_t i = 0; i < sums->distinct; i++) {
        const uint32_t value = sums->touched[i];
        __atomic_fetch_add(&to->events[value], (int64_t)sums->seen[value], __ATOMIC_RELAXED);
        __atomic_fetch_add(&to->users[value], 1, __ATOMIC_RELAXED);
        sums->seen[value] = 0;
    }
    sums->distinct = 0;
}

static void count_user(const tallies *t, rf_scratch *scratch, int64_t user)
{
    const rf_window_view *view = t->f->view;
    const int64_t *ptr = view->adj.u_ptr;
    rf_cell_values values;
    for (int64_t c = view->e_cell[ptr[user]]; c < view->e_cell[ptr[user + 1]]; c++) {
        rf_view_read(&values, view, c);
        for (int a = 0; a < t->f->schema->n_attrs; a++) {
            if (is_category(t->f, a))
                add_values(&scratch->category[a], view, &values, a);
        }
    }
    for (int a = 0; a < t->f->schema->n_attrs; a++) {
        if (is_category(t->f, a))
            add_user(&t->of[a], &scratch->category[a]);
    }
}

static void count_users(void *context, int64_t index, int worker)
{
    const tallies *t = context;
    const int64_t n = t->f->view->adj.n_u, end = (index + 1) * USERS_A_TASK;
    for (int64_t user = index * USERS_A_TASK; user < n && user < end; user++)
        count_user(t, &t->f->scratch[worker], user);
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

int rf_category_most_top(const rf_attr *attr)
{
    return attr->top < 0 ? 0 : attr->top > MAX_TOP ? MAX_TOP : attr->top;
}

static rf_status make_table(rf_category_table *table, const rf_window_view *view, int attr, const tally *t,
                            rf_err *err)
{
    rf_status st = RF_OK;
    const uint32_t n = rf_view_category_count(view, attr);
    const int limit = rf_category_most_top(&view->schema->attrs[attr]);
    RF_NEW(table->top, limit, err);
    RF_NEW(table->slot, n, err);
    RF_NEW(table->shared, n, err);
    choose(table, view, attr, limit, t);
done:
    return st;
}

rf_status rf_category_tables_init(rf_category_table *tables, const rf_features *f, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_window_view *view = f->view;
    tallies t = {.f = f};
    bool any = false;
    for (int a = 0; a < f->schema->n_attrs; a++) {
        if (!is_category(f, a))
            continue;
        any = true;
        RF_ZERO(t.of[a].events, rf_view_category_count(view, a), err);
        RF_ZERO(t.of[a].users, rf_view_category_count(view, a), err);
    }
    if (any)
        rf_pool_run(f->pool, (view->adj.n_u + USERS_A_TASK - 1) / USERS_A_TASK, count_users, &t);
    for (int a = 0; a < f->schema->n_attrs; a++) {
        if (is_category(f, a))
            RF_TRY(make_table(&tables[a], view, a, &t.of[a], err));
    }
done:
    for (int a = 0; a < f->schema->n_attrs; a++) {
        rf_mem_free(t.of[a].events);
        rf_mem_free(t.of[a].users);
    }
    return st;
}

void rf_category_table_clear(rf_category_table *table)
{
    rf_mem_free(table->top);
    rf_mem_free(table->slot);
    rf_mem_free(table->shared);
    *table = (rf_category_table){0};
}
