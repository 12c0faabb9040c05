/* rules_column.c - what a value is for every row of the subject's side.
 *
 * The name's column is looked up on its own side and then led back, step by step, to the subject. Rows are
 * computed each by itself, in edge order and in double, so that no number depends on the number of threads.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "rules_int.h"

#define BLOCK 2048   /* rows of a task */
#define LEAST_HUB 50 /* partners: small graphs have no hubs */
#define FLOAT_STEP 0x1p-23

static const rf_graph_side *graph_side(const rule_world *world, char side)
{
    return side == 'u' ? &world->graph->u : side == 'v' ? &world->graph->v : &world->graph->e;
}

static const rf_score_side *score_side(const rule_world *world, char side)
{
    return side == 'u' ? &world->scores->u : side == 'v' ? &world->scores->v : &world->scores->e;
}

int64_t rule_rows(const rule_world *world, char side)
{
    return graph_side(world, side)->n;
}

static int64_t block_tasks(int64_t n)
{
    return (n + BLOCK - 1) / BLOCK;
}

double rule_events(const rule_world *world, char side, int64_t row)
{
    const rf_graph_side *of = graph_side(world, side);
    if (of->count != NULL)
        return (double)of->count[row];
    if (side == 'e')
        return 1;
    rule_edges edges = rule_edges_of(world, side, row);
    return (double)(edges.to - edges.from);
}

/* ---- degrees and hubs ---- */

typedef struct degree_task {
    const rule_world *world;
    char side;
    uint32_t *degree;
    int64_t n;
} degree_task;

/* Parallel edges lie side by side: of a user in edge order, of an entity in the order of its users. */
static void count_partners(void *context, int64_t index, int worker)
{
    const degree_task *task = context;
    (void)worker;
    for (int64_t row = index * BLOCK; row < task->n && row < (index + 1) * BLOCK; row++) {
        rule_edges edges = rule_edges_of(task->world, task->side, row);
        uint32_t degree = 0;
        for (int64_t i = edges.from; i < edges.to; i++)
            degree += i == edges.from || rule_partner_at(&edges, i) != rule_partner_at(&edges, i - 1);
        task->degree[row] = degree;
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

rf_status rule_world_init(rule_world *world, const rf_graph *graph, const rf_scores *scores, rf_pool *pool,
                          rf_err *err)
{
    rf_status st = RF_OK;
    *world = (rule_world){.graph = graph, .scores = scores, .pool = pool};
    for (int i = 0; i < 2; i++) {
        char side = "uv"[i];
        int64_t n = rule_rows(world, side);
        world->degree[i] = rf_mem_new((size_t)n, sizeof *world->degree[i], err);
        world->sorted[i] =
            world->degree[i] == NULL ? NULL : rf_mem_new((size_t)n, sizeof *world->sorted[i], err);
        if (world->sorted[i] == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
        degree_task task = {world, side, world->degree[i], n};
        rf_pool_run(pool, block_tasks(n), count_partners, &task);
        if (n > 0)
            memcpy(world->sorted[i], world->degree[i], (size_t)n * sizeof *world->sorted[i]);
        qsort(world->sorted[i], (size_t)n, sizeof *world->sorted[i], by_size);
    }
done:
    if (st < 0)
        rule_world_clear(world);
    return st;
}

void rule_world_clear(rule_world *world)
{
    for (int i = 0; i < 2; i++) {
        rf_mem_free(world->degree[i]);
        rf_mem_free(world->sorted[i]);
    }
    *world = (rule_world){0};
}

uint32_t rule_hub_limit(const rule_world *world, char side, double percentile)
{
    int64_t n = rule_rows(world, side);
    if (n == 0 || percentile >= 1)
        return UINT32_MAX;
    int64_t place = (int64_t)ceil(percentile * (double)n) - 1;
    uint32_t limit = world->sorted[side == 'v'][place < 0 ? 0 : place];
    return limit < LEAST_HUB - 1 ? LEAST_HUB - 1 : limit;
}

/* ---- the name's own column ---- */

/* A raw value without the digits that float made up: rounded to the decimal that its float reaches. */
static double without_noise(double raw, double reach)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
    if (!(reach > 0) || !(reach < 1e15) || !(fabs(raw) < 1e15))
        return raw;
    int decimals = 0;
    if (reach >= 1) {
        double place = pow(10, ceil(log10(reach)));
        return round(raw / place) * place;
    }
    while (decimals < 12 && reach * powers[decimals + 1] < 1)
        decimals++;
    double rounded = round(raw * powers[decimals]) / powers[decimals];
    return rounded + 0.0; /* no minus before a zero */
}

static double raw_of(const rf_graph_side *side, int column, double x)
{
    if (side->mean == NULL || side->scale == NULL)
        return x;
    double raw = rf_graph_raw(side, column, x);
    double scale = (double)side->scale[column], mean = (double)side->mean[column];
    double reach = FLOAT_STEP * (fabs(x * scale) + fabs(mean)); /* of the tamed value */
    if (side->transform != NULL && side->transform[column] == RF_TAME_LOG1P)
        reach *= 1 + fabs(raw);
    return without_noise(raw, reach);
}

typedef struct look_up {
    const rule_world *world;
    const rule_operand *operand;
    rule_column column;
    rf_real *out;
    int64_t n;
} look_up;

static double feature_at(const look_up *task, int64_t row)
{
    const rf_graph_side *side = graph_side(task->world, task->operand->side);
    if (task->column.column < 0)
        return task->column.constant;
    double x = (double)side->x[row * side->d + task->column.column];
    bool no_data = signbit(x) && !(x < 0);
    return no_data ? NAN : raw_of(side, task->column.column, x);
}

static double residual_at(const look_up *task, int64_t row)
{
    const rf_score_side *side = score_side(task->world, task->operand->side);
    for (int i = 0; i < side->n_reasons && task->column.column >= 0; i++) {
        int64_t at = row * side->n_reasons + i;
        if (side->reason_feature[at] == task->column.column)
            return (double)side->reason_share[at];
    }
    return 0;
}

static double name_at(const look_up *task, int64_t row)
{
    const rf_score_side *scores = score_side(task->world, task->operand->side);
    switch (task->operand->name) {
    case RULE_NUMBER:
        return task->operand->number;
    case RULE_FEATURE:
        return feature_at(task, row);
    case RULE_SCORE:
        return (double)scores->score[row];
    case RULE_PERCENTILE:
        return (double)scores->percentile[row];
    case RULE_X_ERROR:
        return (double)scores->x_error[row];
    case RULE_CE:
        return (double)scores->ce[row];
    case RULE_ROBUST_Z:
        return (double)scores->robust_z[row];
    case RULE_DEGREE:
        return (double)task->world->degree[task->operand->side == 'v'][row];
    case RULE_EVENTS:
        return rule_events(task->world, task->operand->side, row);
    case RULE_RESIDUAL:
        return residual_at(task, row);
    }
    return NAN;
}

static rf_real number_or_nothing(double x)
{
    rf_real value = (rf_real)x;
    return isfinite(value) ? value : (rf_real)NAN;
}

static void look_up_rows(void *context, int64_t index, int worker)
{
    const look_up *task = context;
    (void)worker;
    for (int64_t row = index * BLOCK; row < task->n && row < (index + 1) * BLOCK; row++)
        task->out[row] = number_or_nothing(name_at(task, row));
}

/* ---- one step back towards the subject ---- */

typedef struct lead_back {
    const rule_world *world;
    const rule_step *step;
    const rf_real *from; /* of step->to's rows */
    rf_real *out;        /* of step->from's rows */
    int64_t n;
    uint32_t hub; /* partners with more partners than this are left out */
} lead_back;

typedef struct sums { /* over what belongs to one row */
    double max, min, sum, weighted, weight, hit_weight;
    int64_t n, hits;
} sums;

static void add_item(sums *s, const rule_step *step, double value, double weight)
{
    if (isnan(value))
        return;
    bool hit = step->below ? value < (double)(rf_real)step->bound : value >= (double)(rf_real)step->bound;
    s->max = s->n == 0 ? value : fmax(s->max, value);
    s->min = s->n == 0 ? value : fmin(s->min, value);
    s->sum += value;
    s->weighted += value * weight;
    s->weight += weight;
    s->n++;
    if (hit) {
        s->hits++;
        s->hit_weight += weight;
    }
}

static double taken(const sums *s, rule_how how)
{
    if (how == RULE_COUNT)
        return (double)s->hits;
    if (s->n == 0)
        return NAN;
    switch (how) {
    case RULE_MAX:
        return s->max;
    case RULE_MIN:
        return s->min;
    case RULE_MEAN:
        return s->weight > 0 ? s->weighted / s->weight : NAN;
    case RULE_SUM:
        return s->sum;
    case RULE_SHARE:
        return s->weight > 0 ? s->hit_weight / s->weight : NAN;
    case RULE_COUNT:
    case RULE_END:
        break;
    }
    return NAN;
}

static void add_edges(sums *s, const lead_back *task, const rule_edges *edges)
{
    for (int64_t i = edges->from; i < edges->to; i++) {
        uint32_t edge = rule_edge_at(edges, i);
        add_item(s, task->step, (double)task->from[edge], rule_events(task->world, 'e', edge));
    }
}

static void add_partners(sums *s, const lead_back *task, const rule_edges *edges)
{
    const uint32_t *degree = task->world->degree[task->step->to == 'v'];
    for (int64_t i = edges->from; i < edges->to;) {
        uint32_t partner = rule_partner_at(edges, i);
        double weight = 0;
        for (; i < edges->to && rule_partner_at(edges, i) == partner; i++)
            weight += rule_events(task->world, 'e', rule_edge_at(edges, i));
        if (degree[partner] <= task->hub)
            add_item(s, task->step, (double)task->from[partner], weight);
    }
}

static double led_back(const lead_back *task, int64_t row)
{
    const rule_step *step = task->step;
    const rf_adj *adj = &task->world->graph->adj;
    if (step->how == RULE_END)
        return (double)task->from[step->to == 'u' ? adj->e_u[row] : adj->e_v[row]];
    sums s = {0};
    rule_edges edges = rule_edges_of(task->world, step->from, row);
    if (step->to == 'e')
        add_edges(&s, task, &edges);
    else
        add_partners(&s, task, &edges);
    return taken(&s, step->how);
}

static void lead_rows_back(void *context, int64_t index, int worker)
{
    const lead_back *task = context;
    (void)worker;
    for (int64_t row = index * BLOCK; row < task->n && row < (index + 1) * BLOCK; row++)
        task->out[row] = number_or_nothing(led_back(task, row));
}

/* ---- operands and values ---- */

static rf_real *new_column(int64_t n, rf_err *err)
{
    return rf_mem_new((size_t)n, sizeof(rf_real), err);
}

static rf_status evaluate_operand(rf_real **out, const rule_world *world, const rule_operand *operand,
                                  int64_t n_subject, double ignore_hubs, const rule_place *place, rf_err *err)
{
    rf_status st = RF_OK;
    look_up names = {.world = world, .operand = operand};
    rf_real *column = NULL, *back = NULL;
    names.n = operand->name == RULE_NUMBER ? n_subject : rule_rows(world, operand->side);
    RF_TRY(rule_bind(&names.column, operand, world->graph, place, err));
    column = names.out = new_column(names.n, err);
    if (column == NULL)
        return RF_E_NOMEM;
    rf_pool_run(world->pool, block_tasks(names.n), look_up_rows, &names);
    for (int i = operand->n_steps - 1; i >= 0; i--) {
        const rule_step *step = &operand->steps[i];
        lead_back task = {.world = world, .step = step, .from = column, .n = rule_rows(world, step->from)};
        task.hub = step->to == 'e' ? UINT32_MAX : rule_hub_limit(world, step->to, ignore_hubs);
        task.out = back = new_column(task.n, err);
        if (back == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
        rf_pool_run(world->pool, block_tasks(task.n), lead_rows_back, &task);
        rf_mem_free(column);
        column = back;
    }
    *out = column;
    column = NULL;
done:
    rf_mem_free(column);
    return st;
}

static double joined(char op, double a, double b)
{
    switch (op) {
    case '*':
        return a * b;
    case '/':
        return a / b; /* by 0: not finite, no data */
    case '+':
        return a + b;
    default:
        return a - b;
    }
}

rf_status rule_evaluate(rf_real **out, const rule_world *world, const rule_value *value, char subject,
                        double ignore_hubs, const rule_place *place, rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *column[2] = {NULL, NULL};
    int64_t n = rule_rows(world, subject);
    for (int i = 0; i < value->n; i++)
        RF_TRY(evaluate_operand(&column[i], world, &value->operand[i], n, ignore_hubs, place, err));
    for (int64_t row = 0; row < n && value->n == 2; row++)
        column[0][row] = number_or_nothing(joined(value->op, (double)column[0][row], (double)column[1][row]));
    *out = column[0];
    column[0] = NULL;
done:
    rf_mem_free(column[0]);
    rf_mem_free(column[1]);
    return st;
}
