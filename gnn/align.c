/* align.c - lays a model's columns over a graph: the columns that the model knows, in its order and units.
 *
 * A graph standardises its columns by its own mean and scale and leaves out those that are constant in it, so
 * column 17 of one night is not column 17 of another. With batch statistics only the names must agree: each
 * batch has a mean and a scale of its own. With frozen ones column_plan.c says what each column is made of.
 * Works on columns alone; edges, ids and labels pass through.
 */
#include "column_plan_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

#define BLOCK_ROWS 4096

/* ---- batch statistics: the same names in the same order ---- */

static rf_status compare_names(const rf_side_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_texts *want = &plan->want->name, *have = &plan->have->feature_names;
    for (int j = 0; j < plan->d || j < plan->have->d; j++) {
        const char *wanted = j < plan->d ? rf_texts_get(want, j) : NULL;
        const char *found = j < plan->have->d ? rf_texts_get(have, j) : NULL;
        if (wanted == NULL || found == NULL || strcmp(wanted, found) != 0)
            RF_FAIL(
                err, RF_E_FORMAT,
                "%s column %d is %.60s in the model, but %.60s in the graph: train a model on this graph, or "
                "score with frozen statistics, which go by name",
                plan->called, j, wanted != NULL ? wanted : "not there", found != NULL ? found : "not there");
        if (!rf_same_transform(plan, j, j)) {
            st = rf_refuse_transform(plan, j, err);
            goto done;
        }
    }
done:
    return st;
}

/* ---- rows ---- */

typedef struct fill_task {
    rf_real *out;
    const rf_side_plan *plan;
} fill_task;

static void fill_block(void *context, int64_t block, int worker)
{
    const fill_task *task = context;
    const rf_side_plan *plan = task->plan;
    const rf_graph_side *have = plan->have;
    int64_t from = block * BLOCK_ROWS;
    int64_t to = from + BLOCK_ROWS < have->n ? from + BLOCK_ROWS : have->n;
    (void)worker;
    for (int64_t i = from; i < to; i++)
        rf_side_plan_row(task->out + i * plan->d, plan, have->x + i * have->d);
}

/* ---- sides and graphs ---- */

static void add_fit(rf_column_fit *all, const rf_column_fit *side)
{
    all->unknown += side->unknown;
    all->others += side->others;
    all->constant += side->constant;
    all->absent += side->absent;
}

/* The view's side becomes a copy in the model's columns, unless it is as in training. */
static rf_status copy_side(rf_aligned *out, rf_side side, const rf_side_plan *plan, rf_pool *pool,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_graph_side *view = &out->graph.side[side];
    const int64_t n = plan->have->n;
    size_t cells;
    add_fit(&out->fit, &plan->fit);
    if (plan->as_it_is)
        return RF_OK;
    if (!rf_mul_size(&cells, (size_t)n, (size_t)plan->d))
        cells = SIZE_MAX; /* which rf_mem refuses */
    RF_NEW(out->x[side], cells, err);
    RF_NEW(out->column[side], plan->d, err);
    fill_task task = {.out = out->x[side], .plan = plan};
    rf_pool_run(pool, (n + BLOCK_ROWS - 1) / BLOCK_ROWS, fill_block, &task);
    for (int j = 0; j < plan->d; j++)
        out->column[side][j] = plan->column[j].from;
    view->d = plan->d;
    view->x = out->x[side];
    view->feature_names = plan->want->name;
    view->mean = plan->want->mean;
    view->scale = plan->want->scale;
    view->transform = plan->want->transform;
    view->dropped = (rf_texts){0};
    view->dropped_value = NULL;
done:
    return st;
}

/* No columns need no names: of a kind that nobody has tonight all are constant. */
static bool are_named(const rf_texts *names, int d)
{
    return d == 0 || names->n > 0;
}

static bool is_named(const rf_side_columns *want, int d, const rf_graph_side *have)
{
    return are_named(&want->name, d) && are_named(&have->feature_names, have->d);
}

static rf_status align_side(rf_aligned *out, rf_side side, const rf_side_columns *want, int d,
                            const rf_graph *graph, bool frozen, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    const int kind = rf_side_kind(side);
    char called[RF_KIND_NAME + 8];
    rf_side_plan plan = {.want = want, .have = &graph->side[side], .called = called, .d = d};
    if (kind == 0)
        (void)snprintf(called, sizeof called, "%s", rf_side_name(side));
    else
        (void)snprintf(called, sizeof called, "%s%s", rf_kind_name(&graph->kinds, kind),
                       rf_side_role(side) == RF_EDGE ? " edge" : "");
    if (plan.have->x == NULL && plan.have->n * plan.have->d > 0)
        RF_FAIL(err, RF_E_INVALID, "the graph was loaded without its features");
    if (!is_named(want, d, plan.have)) {
        out->fit.unnamed++;
        return RF_OK;
    }
    if (!frozen)
        return compare_names(&plan, err);
    RF_TRY(rf_side_plan_make(&plan, err));
    RF_TRY(copy_side(out, side, &plan, pool, err));
done:
    rf_side_plan_clear(&plan);
    return st;
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
    RF_TRY(rf_graphbean_check_kinds(shape, &graph->kinds, err));
    for (rf_side s = 0; s < sides; s++) {
        const rf_graph_side *side = &graph->side[s];
        if (!is_named(&columns->side[s], shape->in[s], side) && shape->in[s] != side->d) {
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
