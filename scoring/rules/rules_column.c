/* rules_column.c - computes a value for every row of the subject's side.
 *
 * The name's column is looked up on its own side and then led back, step by step, to the subject. Rows are
 * computed each by itself, in edge order and in double, so that no number depends on the number of threads.
 */
#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "rules_judge_int.h"

#define BLOCK 2048 /* rows of a task */
#define FLOAT_STEP 0x1p-23
#define LOG10_OF_2 0.30102
#define AHEAD 16 /* rows that are called from memory before they are looked at */

static int64_t block_tasks(int64_t n)
{
    return (n + BLOCK - 1) / BLOCK;
}

/* ---- the name's own column ---- */

/* A raw value without the digits that float made up: rounded to the decimal that its float reaches. */
static double without_noise(double raw, double reach)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
    if (!(reach > 0) || !(reach < 1e15) || !(fabs(raw) < 1e15))
        return raw;
    if (reach >= 1) {
        double place = pow(10, ceil(log10(reach)));
        return round(raw / place) * place;
    }
    int decimals = (int)((double)-(ilogb(reach) + 1) * LOG10_OF_2); /* or a few more */
    decimals = decimals < 12 ? decimals : 12;
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
    rf_side side; /* of the graph, where the name is looked up */
    rule_column column;
    rf_real *out;
    int64_t n;
} look_up;

static double feature_of(const look_up *task, double x)
{
    bool no_data = signbit(x) && !(x < 0);
    return no_data ? NAN : raw_of(&task->world->graph->side[task->side], task->column.column, x);
}

static double residual_at(const look_up *task, int64_t row)
{
    const rf_score_side *side = &task->world->scores->side[task->side];
    for (int i = 0; i < side->n_reasons && task->column.column >= 0; i++) {
        int64_t at = row * side->n_reasons + i;
        if (side->reason_feature[at] == task->column.column)
            return (double)side->reason_share[at];
    }
    return 0;
}

static double name_at(const look_up *task, int64_t row)
{
    const rf_score_side *scores = &task->world->scores->side[task->side];
    switch (task->operand->name) {
    case RULE_NUMBER:
        return task->operand->number;
    case RULE_FEATURE:
        return task->column.constant; /* others: look_up_feature */
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
        return rule_degree(task->world, task->side, row);
    case RULE_EVENTS:
        return rule_events(task->world, task->side, row);
    case RULE_USER_AGE:
        return rule_user_age_days(task->world, rf_side_kind(task->side), row);
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

/* Many columns have few different values: of each place the last one is remembered. */
enum { MEMO_BITS = 9, MEMO = 1 << MEMO_BITS };

typedef struct memo {
    uint64_t bits[MEMO]; /* of x */
    rf_real value[MEMO];
} memo;

static uint64_t bits_of(rf_real x)
{
    uint64_t bits = 0;
    memcpy(&bits, &x, sizeof x);
    return bits;
}

/* Of the bits of 0 the value is in every place: none is empty. */
static void memo_init(memo *known, const look_up *task)
{
    const rf_real zero = number_or_nothing(feature_of(task, 0));
    for (int i = 0; i < MEMO; i++) {
        known->bits[i] = 0;
        known->value[i] = zero;
    }
}

static void look_up_feature(const look_up *task, int64_t from, int64_t to)
{
    const rf_graph_side *side = &task->world->graph->side[task->side];
    const rf_real *x = side->x + task->column.column;
    memo known;
    memo_init(&known, task);
    for (int64_t row = from; row < to; row++) {
        const rf_real here = x[row * side->d];
        const uint64_t bits = bits_of(here);
        const size_t at = (size_t)((bits * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - MEMO_BITS));
        if (row + AHEAD < to)
            __builtin_prefetch(x + (row + AHEAD) * side->d);
        if (known.bits[at] != bits) {
            known.bits[at] = bits;
            known.value[at] = number_or_nothing(feature_of(task, (double)here));
        }
        task->out[row] = known.value[at];
    }
}

static void look_up_rows(void *context, int64_t index, int worker)
{
    const look_up *task = context;
    const int64_t from = index * BLOCK, to = from + BLOCK < task->n ? from + BLOCK : task->n;
    (void)worker;
    if (task->operand->name == RULE_FEATURE && task->column.column >= 0) {
        look_up_feature(task, from, to);
        return;
    }
    for (int64_t row = from; row < to; row++)
        task->out[row] = number_or_nothing(name_at(task, row));
}

/* ---- one step back towards the subject ---- */

typedef struct lead_back {
    const rule_world *world;
    const rule_step *step;
    int kind;            /* of the graph, whose edges the step follows */
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

/* One value for a row of step->from: of what belongs to it on the step's other side. */
static double led_back(const lead_back *task, int64_t row)
{
    const rule_step *step = task->step;
    const rf_adj *adj = rf_graph_adj(task->world->graph, task->kind);
    const rf_side to = rf_side_role(step->to), edge_side = rf_edge_side(task->kind);
    if (step->how == RULE_END)
        return (double)task->from[to == RF_USER ? adj->e_u[row] : adj->e_v[row]];

    sums s = {0};
    rule_edges edges = rule_edges_of(task->world, task->kind, rf_side_role(step->from), row);
    if (to == RF_EDGE) {
        for (int64_t i = edges.from; i < edges.to; i++) {
            uint32_t edge = rule_edge_at(&edges, i);
            add_item(&s, step, (double)task->from[edge], rule_events(task->world, edge_side, edge));
        }
        return taken(&s, step->how);
    }
    const uint32_t *degree = task->world->kind[task->kind].degree[to];
    for (int64_t i = edges.from; i < edges.to;) { /* a partner weighs what its parallel edges do */
        uint32_t partner = rule_partner_at(&edges, i);
        double weight = 0;
        for (; i < edges.to && rule_partner_at(&edges, i) == partner; i++)
            weight += rule_events(task->world, edge_side, rule_edge_at(&edges, i));
        if (degree[partner] <= task->hub)
            add_item(&s, step, (double)task->from[partner], weight);
    }
    return taken(&s, step->how);
}

static void lead_rows_back(void *context, int64_t index, int worker)
{
    const lead_back *task = context;
    (void)worker;
    for (int64_t row = index * BLOCK; row < task->n && row < (index + 1) * BLOCK; row++)
        task->out[row] = number_or_nothing(led_back(task, row));
}

/* ---- the columns asked for last ---- */

static bool same_operand(const rule_operand *a, const rule_operand *b)
{
    if (a->name != b->name || a->n_steps != b->n_steps || a->side != b->side || a->name == RULE_NUMBER)
        return false;
    for (int i = 0; i < a->n_steps; i++) {
        const rule_step *x = &a->steps[i], *y = &b->steps[i];
        bool has_bound = x->how == RULE_SHARE || x->how == RULE_COUNT;
        if (x->how != y->how || x->from != y->from || x->to != y->to)
            return false;
        if (has_bound && (x->below != y->below || x->bound < y->bound || x->bound > y->bound))
            return false;
    }
    return a->feature == NULL || b->feature == NULL ? a->feature == b->feature
                                                    : strcmp(a->feature, b->feature) == 0;
}

/* A column from before, or NULL; the last two put in are always there. */
static const rf_real *find_kept(const rule_cache *cache, const rule_operand *operand, rf_side subject,
                                double ignore_hubs)
{
    for (int i = 0; i < RULE_KEPT; i++) {
        const rule_kept *kept = &cache->at[i];
        bool same_hubs = !(kept->ignore_hubs < ignore_hubs) && !(kept->ignore_hubs > ignore_hubs);
        if (kept->operand != NULL && kept->subject == subject && same_hubs &&
            same_operand(kept->operand, operand))
            return kept->column;
    }
    return NULL;
}

/* ---- operands and values ---- */

/* The step's rows, from those it leads to: a column of rows of its other side. */
static rf_status step_back(rf_real **out, const rule_world *world, const rule_step *step, const rf_real *from,
                           double ignore_hubs, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_side *side = world->on.side;
    lead_back task = {.world = world, .step = step, .from = from, .n = rule_rows(world, side[step->from])};
    task.kind = rf_side_kind(side[step->from == RF_USER ? step->to : step->from]);
    task.hub = rf_side_role(step->to) == RF_EDGE
                   ? UINT32_MAX
                   : rule_hub_limit(world, task.kind, rf_side_role(step->to), ignore_hubs);
    RF_NEW(task.out, task.n, err);
    rf_pool_run(world->pool, block_tasks(task.n), lead_rows_back, &task);
    *out = task.out;
done:
    return st;
}

/* *out is the cache's. subject: the graph's side. */
static rf_status evaluate_operand(const rf_real **out, const rule_world *world, const rule_operand *operand,
                                  rf_side subject, double ignore_hubs, const rule_place *place, rf_err *err)
{
    rf_status st = RF_OK;
    look_up names = {.world = world, .operand = operand};
    rf_real *column = NULL, *back = NULL;
    *out = find_kept(world->cache, operand, subject, ignore_hubs);
    if (*out != NULL)
        return RF_OK;
    RF_TRY(rule_bind(&names.column, operand, &world->on, place, err));
    names.side = operand->name == RULE_NUMBER ? subject : world->on.side[operand->side];
    names.n = rule_rows(world, names.side);
    RF_NEW(column, names.n, err);
    names.out = column;
    rf_pool_run(world->pool, block_tasks(names.n), look_up_rows, &names);
    for (int i = operand->n_steps - 1; i >= 0; i--) {
        RF_TRY(step_back(&back, world, &operand->steps[i], column, ignore_hubs, err));
        rf_mem_free(column);
        column = back;
    }
    *out = column;
    rule_kept *kept = &world->cache->at[world->cache->next];
    world->cache->next = (world->cache->next + 1) % RULE_KEPT;
    rf_mem_free(kept->column);
    *kept = (rule_kept){operand, subject, ignore_hubs, column};
    column = NULL;
done:
    rf_mem_free(column);
    return st;
}

rf_status rule_evaluate(rf_real **out, const rule_world *world, const rule_value *value, rf_side subject,
                        double ignore_hubs, const rule_place *place, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_real *a = NULL, *b = NULL; /* the cache keeps the last two at least */
    int64_t n = rule_rows(world, subject);
    rf_real *column = NULL;
    RF_NEW(column, n, err);
    RF_TRY(evaluate_operand(&a, world, &value->operand[0], subject, ignore_hubs, place, err));
    if (value->n == 2)
        RF_TRY(evaluate_operand(&b, world, &value->operand[1], subject, ignore_hubs, place, err));
    for (int64_t row = 0; row < n; row++) {
        if (b == NULL) {
            column[row] = a[row];
            continue;
        }
        double x = (double)a[row], y = (double)b[row];
        column[row] = number_or_nothing(value->op == '*'   ? x * y
                                        : value->op == '/' ? x / y /* by 0: not finite, no data */
                                        : value->op == '+' ? x + y
                                                           : x - y);
    }
    *out = column;
    column = NULL;
done:
    rf_mem_free(column);
    return st;
}
