/* column_plan.c - finds the columns of a model in a graph by name, for scores with running statistics.
 *
 * With these every number must mean what it meant in training, whatever else tonight's graph holds. Columns
 * come in any order, and those that are constant tonight have their value. The values of a category that have
 * a column of their own are the most frequent of a graph, so they change from night to night, and what is
 * left is in "a=other". Here a value that only the graph has a column for is one of the model's others, and
 * one that only the model has a column for is among the graph's others: its own column is 0.
 */
#include "column_plan_int.h"

#include <math.h>
#include <string.h>

#include "rf_idmap.h"
#include "rf_mem.h"
#include "rf_text.h"

#define OTHER "other"

bool rf_same_transform(const rf_side_plan *plan, int j, int own)
{
    return plan->want->transform == NULL || plan->have->transform == NULL ||
           plan->want->transform[j] == plan->have->transform[own];
}

rf_status rf_refuse_transform(const rf_side_plan *plan, int j, rf_err *err)
{
    return rf_err_set(
        err, RF_E_FORMAT, __FILE__, __LINE__,
        "the %s column %s has another transform than in the graph that the model was trained on: train a "
        "model on this graph",
        plan->called, rf_texts_get(&plan->want->name, j));
}

/* ---- the graph's names ---- */

/* A place of the graph is a column, or d + the number of a column that was dropped because it is constant. Of
 * equal names the first counts. */
typedef struct name_index {
    const rf_graph_side *side;
    rf_idmap *map;
    int32_t *place; /* by number in the map */
    int64_t n;      /* places */
    uint8_t *known; /* [n] to the model */
} name_index;

static const char *name_at(const name_index *index, int64_t place)
{
    const rf_graph_side *side = index->side;
    return place < side->d ? rf_texts_get(&side->feature_names, place)
                           : rf_texts_get(&side->dropped, place - side->d);
}

static rf_status index_names(name_index *index, const rf_graph_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    index->side = side;
    index->n = side->d + (side->dropped_value != NULL ? side->dropped.n : 0);
    RF_TRY(rf_idmap_new(&index->map, err));
    RF_NEW(index->place, index->n, err);
    RF_ZERO(index->known, index->n, err);
    for (int64_t i = 0; i < index->n; i++) {
        const char *name = name_at(index, i);
        uint32_t id;
        int is_new;
        RF_TRY(rf_idmap_intern(index->map, name, strlen(name), &id, &is_new, err));
        if (is_new)
            index->place[id] = (int32_t)i;
    }
done:
    return st;
}

static void index_clear(name_index *index)
{
    rf_idmap_free(index->map);
    rf_mem_free(index->place);
    rf_mem_free(index->known);
}

static int64_t place_named(const name_index *index, const char *name, size_t len)
{
    uint32_t id = rf_idmap_find(index->map, name, len);
    return id == RF_NO_ID ? -1 : index->place[id];
}

static int64_t place_of(const name_index *index, const rf_side_plan *plan, int j)
{
    const char *name = rf_texts_get(&plan->want->name, j);
    if (j < plan->have->d && strcmp(name, rf_texts_get(&plan->have->feature_names, j)) == 0)
        return j;
    return place_named(index, name, strlen(name));
}

/* ---- categories ---- */

/* How many bytes of "country=FR" are "country=", a category of the graph; 0: it has no such category. Each
 * has a column of its others, if only a dropped one. Names of attributes may hold a '=', too: the longest
 * counts. */
static rf_status category_of(size_t *out, const name_index *index, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text other = {0};
    *out = 0;
    for (size_t len = strlen(name); len > 0 && *out == 0; len--) {
        if (name[len - 1] != '=')
            continue;
        other.len = 0;
        RF_TRY(rf_text_add(&other, name, len, err));
        RF_TRY(rf_text_add(&other, OTHER, strlen(OTHER), err));
        *out = place_named(index, other.ptr, other.len) >= 0 ? len : 0;
    }
done:
    rf_text_clear(&other);
    return st;
}

/* ---- one column ---- */

static bool same_bits(float a, float b)
{
    uint32_t bits[2];
    memcpy(&bits[0], &a, sizeof a);
    memcpy(&bits[1], &b, sizeof b);
    return bits[0] == bits[1];
}

/* A column that is no column of the graph, in the model's units. */
static rf_column_plan without_column(const rf_side_plan *plan, int j)
{
    rf_column_plan column = {.from = -1, .rescale = true, .scale = 1};
    if (plan->want->mean != NULL) {
        column.mean = (double)plan->want->mean[j];
        column.scale = (double)plan->want->scale[j];
    }
    return column;
}

/* Column `own` of the graph as column j of the model. */
static rf_column_plan with_column(const rf_side_plan *plan, int j, int32_t own)
{
    rf_column_plan column = without_column(plan, j);
    column.from = own;
    column.own_scale = 1;
    column.rescale = false;
    if (plan->want->mean == NULL)
        return column;
    column.own_mean = (double)plan->have->mean[own];
    column.own_scale = (double)plan->have->scale[own];
    column.rescale = !same_bits(plan->want->mean[j], plan->have->mean[own]) ||
                     !same_bits(plan->want->scale[j], plan->have->scale[own]);
    return column;
}

/* A column that has the tamed value `value` in every row of the graph; NaN: no row has data. */
static rf_column_plan constant_column(const rf_side_plan *plan, int j, float value)
{
    rf_column_plan column = without_column(plan, j);
    column.constant = isnan(value) ? (rf_real)-0.0 : (rf_real)(((double)value - column.mean) / column.scale);
    return column;
}

/* A column without a place in the graph: a category's value that is among its others tonight, or refused. */
static rf_status plan_absent(rf_side_plan *plan, int j, const name_index *index, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = rf_texts_get(&plan->want->name, j);
    size_t category;
    RF_TRY(category_of(&category, index, name, err));
    if (category == 0)
        RF_FAIL(err, RF_E_FORMAT,
                "the %s column %.60s, which the model was trained on, is not in the graph: build the graph "
                "with the same attributes and settings, or train a model on it",
                plan->called, name);
    plan->column[j] = constant_column(plan, j, 0);
    plan->fit.absent++;
done:
    return st;
}

static rf_status check_scale(const rf_side_plan *plan, int j, const rf_column_plan *column, rf_err *err)
{
    rf_status st = RF_OK;
    if (column->rescale && column->scale == 0)
        RF_FAIL(err, RF_E_FORMAT, "the model's %s column %.80s has the scale 0: train the model again",
                plan->called, rf_texts_get(&plan->want->name, j));
done:
    return st;
}

static rf_status plan_one(rf_side_plan *plan, int j, name_index *index, rf_err *err)
{
    rf_status st = RF_OK;
    rf_column_plan *column = &plan->column[j];
    const int64_t place = place_of(index, plan, j);
    const int d = plan->have->d;
    if (place >= 0 && place < d && !rf_same_transform(plan, j, (int)place)) {
        st = rf_refuse_transform(plan, j, err);
        goto done;
    }
    if (place < 0) {
        RF_TRY(plan_absent(plan, j, index, err));
    } else if (place < d) {
        *column = with_column(plan, j, (int32_t)place);
    } else {
        *column = constant_column(plan, j, plan->have->dropped_value[place - d]);
        plan->fit.constant++;
    }
    if (place >= 0)
        index->known[place] = 1;
    RF_TRY(check_scale(plan, j, column, err));
    plan->as_it_is = plan->as_it_is && place == j && !column->rescale;
done:
    return st;
}

/* ---- the others of a category ---- */

/* What the place has in every row; NaN: it is a column, or no row has data. */
static double same_in_all(const name_index *index, int64_t place)
{
    const int d = index->side->d;
    return place < d ? (double)NAN : (double)index->side->dropped_value[place - d];
}

/* Is this place a value of the category that ends at name[len], which the model does not know, and which
 * somebody has? */
static rf_status is_new_value(bool *out, const name_index *index, int64_t place, const char *name, size_t len,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const char *value = name_at(index, place);
    size_t its;
    *out = false;
    if (index->known[place] || strncmp(value, name, len) != 0 || same_in_all(index, place) == 0)
        return RF_OK;
    RF_TRY(category_of(&its, index, value, err));
    *out = its == len;
done:
    return st;
}

static void add_place(rf_side_plan *plan, rf_column_plan *column, const name_index *index, int64_t place)
{
    const double value = same_in_all(index, place);
    if (place < plan->have->d)
        plan->sum[column->first_sum + column->n_sum++] = (int32_t)place;
    else if (!isnan(value))
        column->base += value;
}

/* Column j of the model, "a=other" at that place of the graph: with the values of a that the model does not
 * know. From then on they are known. */
static rf_status add_others(rf_side_plan *plan, int j, int64_t place, int32_t *n_sum, name_index *index,
                            rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = rf_texts_get(&plan->want->name, j);
    rf_column_plan sum = without_column(plan, j);
    int found = 0;
    sum.first_sum = *n_sum;
    for (int64_t i = 0; i < index->n; i++) {
        bool is_new;
        RF_TRY(is_new_value(&is_new, index, i, name, strlen(name) - strlen(OTHER), err));
        if (!is_new)
            continue;
        add_place(plan, &sum, index, i);
        index->known[i] = 1;
        found++;
    }
    if (found == 0)
        goto done;
    add_place(plan, &sum, index, place);
    RF_TRY(check_scale(plan, j, &sum, err));
    sum.constant = (rf_real)((sum.base - sum.mean) / sum.scale);
    *n_sum += sum.n_sum;
    plan->fit.others += found;
    plan->column[j] = sum;
done:
    return st;
}

static bool ends_in_other(const char *name)
{
    static const char end[] = "=" OTHER;
    const size_t len = strlen(name);
    return len >= sizeof end - 1 && strcmp(name + len - (sizeof end - 1), end) == 0;
}

static rf_status plan_others(rf_side_plan *plan, name_index *index, rf_err *err)
{
    rf_status st = RF_OK;
    int32_t n_sum = 0;
    if (plan->as_it_is)
        return RF_OK;
    RF_NEW(plan->sum, plan->have->d, err);
    for (int j = 0; j < plan->d; j++) {
        const int64_t place = place_of(index, plan, j);
        if (place >= 0 && ends_in_other(rf_texts_get(&plan->want->name, j)))
            RF_TRY(add_others(plan, j, place, &n_sum, index, err));
    }
done:
    return st;
}

/* ---- a side ---- */

/* Both or neither know how their columns were standardised; of no columns there is nothing to know. */
static rf_status check_units(const rf_side_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *have = plan->have;
    const bool has_units = have->mean != NULL && have->scale != NULL;
    if (plan->d > 0 && have->d > 0 && has_units != (plan->want->mean != NULL))
        RF_FAIL(err, RF_E_FORMAT,
                "%s stores the mean and scale of its %s columns, but %s does not, so their units cannot be "
                "compared; train a model on this graph",
                has_units ? "the graph" : "the model", plan->called, has_units ? "the model" : "the graph");
done:
    return st;
}

rf_status rf_side_plan_make(rf_side_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    name_index index = {0};
    RF_TRY(check_units(plan, err));
    RF_TRY(index_names(&index, plan->have, err));
    RF_ZERO(plan->column, plan->d, err);
    plan->as_it_is = plan->d == plan->have->d;
    for (int j = 0; j < plan->d; j++)
        RF_TRY(plan_one(plan, j, &index, err));
    RF_TRY(plan_others(plan, &index, err));
    for (int i = 0; i < plan->have->d; i++)
        plan->fit.unknown += !index.known[i];
done:
    index_clear(&index);
    return st;
}

void rf_side_plan_clear(rf_side_plan *plan)
{
    rf_mem_free(plan->column);
    rf_mem_free(plan->sum);
    plan->column = NULL;
    plan->sum = NULL;
}

/* ---- rows ---- */

static rf_real summed(const rf_side_plan *plan, const rf_column_plan *column, const rf_real *row)
{
    const rf_graph_side *have = plan->have;
    double sum = column->base;
    for (int32_t i = column->first_sum; i < column->first_sum + column->n_sum; i++) {
        const int32_t own = plan->sum[i];
        sum += plan->want->mean == NULL
                   ? (double)row[own]
                   : (double)row[own] * (double)have->scale[own] + (double)have->mean[own];
    }
    return (rf_real)((sum - column->mean) / column->scale);
}

static rf_real value_of(const rf_side_plan *plan, const rf_column_plan *column, const rf_real *row)
{
    if (column->n_sum > 0)
        return summed(plan, column, row);
    if (column->from < 0)
        return column->constant;
    const rf_real x = row[column->from];
    if (!column->rescale || (x == 0 && signbit(x))) /* no data: the mean, whichever it is */
        return x;
    return (rf_real)(((double)x * column->own_scale + column->own_mean - column->mean) / column->scale);
}

void rf_side_plan_row(rf_real *out, const rf_side_plan *plan, const rf_real *row)
{
    for (int j = 0; j < plan->d; j++)
        out[j] = value_of(plan, &plan->column[j], row);
}
