/* align.c - lays a model's columns over a graph: the columns that the model knows, in its order and units.
 *
 * A graph standardises its columns by its own mean and scale and leaves out those that are constant in it, so
 * column 17 of one night is not column 17 of another. With batch statistics only the names must agree: each
 * batch has a mean and a scale of its own. With frozen ones every number must mean what it meant in training.
 * Works on columns alone; edges, ids and labels pass through.
 */
#include "columns_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_idmap.h"
#include "rf_mem.h"
#include "rf_text.h"

#define BLOCK_ROWS 4096

typedef struct column_plan {
    int32_t from;                            /* the graph's column; -1: constant, `constant` in every row */
    bool rescale;                            /* else copied as it is */
    double own_mean, own_scale, mean, scale; /* the graph's; the model's */
    rf_real constant;
} column_plan;

typedef struct alignment {
    const rf_side_columns *want;
    const rf_graph_side *have;
    char kind[RF_KIND_NAME + 8]; /* of the side: "user", "entity", "edge", "device", "device edge" */
    int d;                       /* the model's columns */
    column_plan *plan;           /* [d] */
    bool as_it_is;               /* nothing to copy, nothing to rescale */
    rf_column_fit fit;
} alignment;

/* ---- batch statistics: the same names in the same order ---- */

static bool same_transform(const alignment *a, int j, int own)
{
    return a->want->transform == NULL || a->have->transform == NULL ||
           a->want->transform[j] == a->have->transform[own];
}

static rf_status refuse_transform(const alignment *a, int j, rf_err *err)
{
    return rf_err_set(
        err, RF_E_FORMAT, __FILE__, __LINE__,
        "the %s column %s has another transform than in the graph that the model was trained on: train a "
        "model on this graph",
        a->kind, rf_texts_get(&a->want->name, j));
}

static rf_status compare_names(const alignment *a, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_texts *want = &a->want->name, *have = &a->have->feature_names;
    for (int j = 0; j < a->d || j < a->have->d; j++) {
        const char *wanted = j < a->d ? rf_texts_get(want, j) : NULL;
        const char *found = j < a->have->d ? rf_texts_get(have, j) : NULL;
        if (wanted == NULL || found == NULL || strcmp(wanted, found) != 0)
            RF_FAIL(
                err, RF_E_FORMAT,
                "%s column %d is %.60s in the model, but %.60s in the graph: train a model on this graph, or "
                "score with frozen statistics, which go by name",
                a->kind, j, wanted != NULL ? wanted : "not there", found != NULL ? found : "not there");
        if (!same_transform(a, j, j)) {
            st = refuse_transform(a, j, err);
            goto done;
        }
    }
done:
    return st;
}

/* ---- running statistics: by name ---- */

/* The place of each of the graph's names: its column, or d + its place among the dropped ones. Of equal names
 * the first counts. */
typedef struct name_index {
    rf_idmap *map;
    int32_t *place; /* by number in the map */
    int64_t n;
} name_index;

static rf_status index_texts(name_index *index, const rf_texts *texts, int64_t n, int64_t first, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < n; i++) {
        const char *text = rf_texts_get(texts, i);
        uint32_t id;
        int is_new;
        RF_TRY(rf_idmap_intern(index->map, text, strlen(text), &id, &is_new, err));
        if (is_new)
            index->place[id] = (int32_t)(first + i);
    }
done:
    return st;
}

static int64_t place_of(const name_index *index, const alignment *a, int j)
{
    const char *name = rf_texts_get(&a->want->name, j);
    if (j < a->have->d && strcmp(name, rf_texts_get(&a->have->feature_names, j)) == 0)
        return j;
    uint32_t id = rf_idmap_find(index->map, name, strlen(name));
    return id == RF_NO_ID ? -1 : index->place[id];
}

/* "country=FR", which nobody of the graph has: certain where "country=other", all values without a column of
 * their own, is 0 in every row. */
static rf_status absent_value(bool *out, const name_index *index, const alignment *a, const char *name,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const char *equals = strchr(name, '=');
    rf_text other = {0};
    *out = false;
    if (equals == NULL)
        return RF_OK;
    RF_TRY(rf_text_printf(&other, err, "%.*s=other", (int)(equals - name), name));
    uint32_t id = rf_idmap_find(index->map, other.ptr, other.len);
    int64_t dropped = id == RF_NO_ID ? -1 : index->place[id] - a->have->d;
    *out = dropped >= 0 && a->have->dropped_value[dropped] == 0;
done:
    rf_text_clear(&other);
    return st;
}

static bool same_bits(float a, float b)
{
    uint32_t bits[2];
    memcpy(&bits[0], &a, sizeof a);
    memcpy(&bits[1], &b, sizeof b);
    return bits[0] == bits[1];
}

/* Column `own` of the graph as column j of the model. */
static void plan_column(column_plan *plan, const alignment *a, int j, int32_t own)
{
    *plan = (column_plan){.from = own, .scale = 1, .own_scale = 1};
    if (a->want->mean == NULL)
        return;
    plan->mean = (double)a->want->mean[j];
    plan->scale = (double)a->want->scale[j];
    plan->own_mean = (double)a->have->mean[own];
    plan->own_scale = (double)a->have->scale[own];
    plan->rescale = !same_bits(a->want->mean[j], a->have->mean[own]) ||
                    !same_bits(a->want->scale[j], a->have->scale[own]);
}

/* A column that has the tamed value `value` in every row of the graph; NaN: no row has data. */
static void plan_constant(column_plan *plan, const alignment *a, int j, float value)
{
    *plan = (column_plan){.from = -1, .rescale = true, .scale = 1};
    if (a->want->mean != NULL) {
        plan->mean = (double)a->want->mean[j];
        plan->scale = (double)a->want->scale[j];
    }
    plan->constant = isnan(value) ? (rf_real)-0.0 : (rf_real)(((double)value - plan->mean) / plan->scale);
}

/* A column without a place in the graph: a category's value that nobody has, or refused. */
static rf_status plan_absent(alignment *a, int j, const name_index *index, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = rf_texts_get(&a->want->name, j);
    bool nobody;
    RF_TRY(absent_value(&nobody, index, a, name, err));
    if (!nobody)
        RF_FAIL(
            err, RF_E_FORMAT,
            "the %s column %.60s, which the model was trained on, is not in the graph: build the graph with "
            "the same settings (a category's value: with a larger top), or train a model on it",
            a->kind, name);
    plan_constant(&a->plan[j], a, j, 0);
done:
    return st;
}

static rf_status plan_one(alignment *a, int j, const name_index *index, rf_err *err)
{
    rf_status st = RF_OK;
    column_plan *plan = &a->plan[j];
    int64_t place = place_of(index, a, j);
    if (place >= 0 && place < a->have->d && !same_transform(a, j, (int)place)) {
        st = refuse_transform(a, j, err);
        goto done;
    }
    if (place < 0)
        RF_TRY(plan_absent(a, j, index, err));
    else if (place < a->have->d)
        plan_column(plan, a, j, (int32_t)place);
    else
        plan_constant(plan, a, j, a->have->dropped_value[place - a->have->d]);
    if (plan->rescale && plan->scale == 0)
        RF_FAIL(err, RF_E_FORMAT, "the model's %s column %.80s has the scale 0: train the model again",
                a->kind, rf_texts_get(&a->want->name, j));
    a->fit.constant += plan->from < 0;
    a->as_it_is = a->as_it_is && place == j && !plan->rescale;
done:
    return st;
}

static rf_status plan_side(alignment *a, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph_side *have = a->have;
    name_index index = {0};
    uint8_t *used = NULL;
    int64_t n_dropped = have->dropped_value != NULL ? have->dropped.n : 0;
    bool has_units = have->mean != NULL && have->scale != NULL;
    if (has_units != (a->want->mean != NULL))
        RF_FAIL(err, RF_E_FORMAT,
                "%s stores the mean and scale of its %s columns, but %s does not, so their units cannot be "
                "compared; train a model on this graph",
                has_units ? "the graph" : "the model", a->kind, has_units ? "the model" : "the graph");
    RF_TRY(rf_idmap_new(&index.map, err));
    RF_NEW(index.place, have->d + n_dropped, err);
    RF_TRY(index_texts(&index, &have->feature_names, have->d, 0, err));
    RF_TRY(index_texts(&index, &have->dropped, n_dropped, have->d, err));

    RF_ZERO(a->plan, a->d, err);
    RF_ZERO(used, have->d, err);
    a->as_it_is = a->d == have->d;
    for (int j = 0; j < a->d; j++) {
        RF_TRY(plan_one(a, j, &index, err));
        if (a->plan[j].from >= 0)
            used[a->plan[j].from] = 1;
    }
    for (int j = 0; j < have->d; j++)
        a->fit.unknown += !used[j];
done:
    rf_mem_free(used);
    rf_idmap_free(index.map);
    rf_mem_free(index.place);
    return st;
}

/* ---- rows ---- */

typedef struct fill_task {
    rf_real *out;
    const alignment *a;
} fill_task;

static rf_real aligned_value(const column_plan *plan, const rf_real *row)
{
    if (plan->from < 0)
        return plan->constant;
    rf_real x = row[plan->from];
    if (!plan->rescale || (x == 0 && signbit(x))) /* no data: the mean, whichever it is */
        return x;
    return (rf_real)(((double)x * plan->own_scale + plan->own_mean - plan->mean) / plan->scale);
}

static void fill_block(void *context, int64_t block, int worker)
{
    const fill_task *task = context;
    const alignment *a = task->a;
    int64_t from = block * BLOCK_ROWS;
    int64_t to = from + BLOCK_ROWS < a->have->n ? from + BLOCK_ROWS : a->have->n;
    (void)worker;
    for (int64_t i = from; i < to; i++) {
        for (int j = 0; j < a->d; j++)
            task->out[i * a->d + j] = aligned_value(&a->plan[j], a->have->x + i * a->have->d);
    }
}

/* ---- sides and graphs ---- */

/* The view's side becomes a copy in the model's columns, unless it is as in training. */
static rf_status copy_side(rf_aligned *out, rf_side side, const alignment *a, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graph_side *view = &out->graph.side[side];
    size_t cells;
    out->fit.unknown += a->fit.unknown;
    out->fit.constant += a->fit.constant;
    if (a->as_it_is)
        return RF_OK;
    if (!rf_mul_size(&cells, (size_t)a->have->n, (size_t)a->d))
        cells = SIZE_MAX; /* which rf_mem refuses */
    RF_NEW(out->x[side], cells, err);
    RF_NEW(out->column[side], a->d, err);
    fill_task task = {.out = out->x[side], .a = a};
    rf_pool_run(pool, (a->have->n + BLOCK_ROWS - 1) / BLOCK_ROWS, fill_block, &task);
    for (int j = 0; j < a->d; j++)
        out->column[side][j] = a->plan[j].from;
    view->d = a->d;
    view->x = out->x[side];
    view->feature_names = a->want->name;
    view->mean = a->want->mean;
    view->scale = a->want->scale;
    view->transform = a->want->transform;
    view->dropped = (rf_texts){0};
    view->dropped_value = NULL;
done:
    return st;
}

static rf_status align_side(rf_aligned *out, rf_side side, const rf_side_columns *want, int d,
                            const rf_graph *graph, bool frozen, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int kind = rf_side_kind(side);
    alignment a = {.want = want, .have = &graph->side[side], .d = d};
    if (kind == 0)
        (void)snprintf(a.kind, sizeof a.kind, "%s", rf_side_name(side));
    else
        (void)snprintf(a.kind, sizeof a.kind, "%s%s", rf_kind_name(&graph->kinds, kind),
                       rf_side_role(side) == RF_EDGE ? " edge" : "");
    if (a.have->x == NULL && a.have->n * a.have->d > 0)
        RF_FAIL(err, RF_E_INVALID, "the graph was loaded without its features");
    if (want->name.n == 0 || a.have->feature_names.n == 0) {
        out->fit.unnamed += d > 0;
        return RF_OK;
    }
    if (!frozen)
        return compare_names(&a, err);
    RF_TRY(plan_side(&a, err));
    RF_TRY(copy_side(out, side, &a, pool, err));
done:
    rf_mem_free(a.plan);
    return st;
}

static rf_status refuse_kinds(const rf_graphbean_shape *shape, const rf_kinds *kinds, rf_err *err)
{
    char list[2][RF_KINDS_LIST];
    const rf_kinds *const of[2] = {&shape->kinds, kinds};
    for (int i = 0; i < 2; i++) {
        if (of[i]->n > 0)
            rf_kinds_list(list[i], of[i]);
        else
            (void)snprintf(list[i], sizeof list[i], "one without a name");
    }
    return rf_err_set(err, RF_E_FORMAT, __FILE__, __LINE__,
                      "the model was trained on these kinds of entity: %s; the graph has: %s; train a model "
                      "on this graph",
                      list[0], list[1]);
}

/* Columns without names can only be counted. */
static rf_status refuse_counts(const rf_graphbean_shape *shape, const rf_graph *graph, int kind, rf_err *err)
{
    const rf_side v = rf_entity_side(kind), e = rf_edge_side(kind);
    return rf_err_set(
        err, RF_E_FORMAT, __FILE__, __LINE__,
        "the model was trained on %d user, %d %s and %d edge features, the graph has %d, %d and %d: score it "
        "with a model trained on such a graph",
        shape->in[RF_USER], shape->in[v], rf_kind_name(&graph->kinds, kind), shape->in[e],
        graph->side[RF_USER].d, graph->side[v].d, graph->side[e].d);
}

rf_status rf_columns_align(rf_aligned *out, const rf_model_columns *columns, const rf_graphbean_shape *shape,
                           const rf_graph *graph, bool frozen, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_side sides = rf_sides(&graph->kinds);
    rf_aligned aligned = {.graph = *graph};
    if (!rf_graphbean_has_kinds(shape, &graph->kinds)) {
        st = refuse_kinds(shape, &graph->kinds, err);
        goto done;
    }
    for (rf_side s = 0; s < sides; s++) {
        const rf_graph_side *side = &graph->side[s];
        bool named = columns->side[s].name.n > 0 && side->feature_names.n > 0;
        if (!named && shape->in[s] != side->d) {
            st = refuse_counts(shape, graph, rf_side_kind(s), err);
            goto done;
        }
    }
    for (rf_side s = 0; s < sides; s++)
        RF_TRY(align_side(&aligned, s, &columns->side[s], shape->in[s], graph, frozen, pool, err));
    *out = aligned;
    return RF_OK;
done:
    rf_aligned_clear(&aligned);
    return st;
}

void rf_aligned_clear(rf_aligned *aligned)
{
    for (rf_side s = 0; s < RF_SIDES_MOST; s++) {
        rf_mem_free(aligned->x[s]);
        rf_mem_free(aligned->column[s]);
    }
    *aligned = (rf_aligned){0};
}
