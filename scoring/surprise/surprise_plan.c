/* surprise_plan.c - the memory of the parts at its peaks, known from sizes alone. */
#include "rf_surprise.h"

#include "lockstep_int.h"
#include "partial_int.h"
#include "sequence_int.h"
#include "surprise_int.h"
#include "tail_sum_int.h"

#define VOICE_BYTES 80 /* an edge: lockstep has most, rf_lockstep_plan */

static void plan_arranged(rf_memory_plan *plan, int kind)
{
    const rf_side edges = rf_edge_side(kind);
    const int64_t n = plan->size.n[edges];
    plan->rows[edges] += n * 3 * (int64_t)sizeof(uint32_t);
    /* The distinct pairs, where they are not the edges. */
    plan->reserved += n * 3 * (int64_t)sizeof(uint32_t);
    plan->reserved += (plan->size.n[RF_USER] + plan->size.n[rf_entity_side(kind)]) * (int64_t)sizeof(int64_t);
}

static void plan_parts(rf_memory_plan *plan, rf_side side)
{
    const int n_kinds = rf_kinds_n(&plan->size.kinds);
    int64_t row = side == RF_USER && n_kinds > 1 ? n_kinds : 0;
    for (int p = 0; p < RF_PARTS; p++)
        row += rf_side_has_part(side, p, n_kinds);
    plan->rows[side] += row * plan->size.n[side] * (int64_t)sizeof(float);
}

void rf_surprise_plan_parts(rf_memory_plan *plan)
{
    for (rf_side side = 0; side < rf_sides(&plan->size.kinds); side++)
        plan_parts(plan, side);
}

/* What is kept of the other kinds, which come before the main one: parts, total, voices of users. */
static void plan_others(rf_memory_plan *plan)
{
    const int n_kinds = rf_kinds_n(&plan->size.kinds);
    for (int k = 1; k < n_kinds; k++) {
        plan_parts(plan, rf_entity_side(k));
        plan_parts(plan, rf_edge_side(k));
        plan->rows[rf_edge_side(k)] += plan->size.n[rf_edge_side(k)] * (int64_t)sizeof(float);
    }
    if (n_kinds > 1)
        plan->rows[RF_USER] += plan->size.n[RF_USER] * RF_VOICES_OF_ANY_KIND * (int64_t)sizeof(float);
}

static void plan_columns(rf_memory_plan *plan, int kind, int threads)
{
    const rf_side edges = rf_edge_side(kind);
    const int64_t n = plan->size.n[edges], d = plan->size.d[edges];
    const bool is_made = n > RF_EDGES_KEPT;
    plan_arranged(plan, kind);
    plan->rows[edges] += n * 2 * (int64_t)sizeof(uint32_t); /* before */
    plan->fixed += d * d * (int64_t)sizeof(rf_real);        /* factor */
    rf_memory_plan factor = *plan;
    rf_partial_plan(&factor, edges, is_made, threads);
    rf_tails_sum_plan(plan, edges, 3, is_made, threads);
    rf_memory_plan_raise(plan, &factor);
}

/* The edges' parts of another kind in the total, and its voices with those of its users. */
static void plan_voices(rf_memory_plan *plan, int kind, int threads)
{
    const rf_side edges = rf_edge_side(kind), entities = rf_entity_side(kind);
    plan_arranged(plan, kind);
    plan->rows[RF_USER] += plan->size.n[RF_USER] * (RF_PARTS - RF_PART_OVERLAP) * (int64_t)sizeof(float);
    rf_tails_sum_plan(plan, entities, 1, false, threads);
    plan->rows[edges] += plan->size.n[edges] * VOICE_BYTES;
}

void rf_surprise_plan_columns(rf_memory_plan *plan, int threads)
{
    plan_others(plan);
    const rf_memory_plan others = *plan;
    plan_parts(plan, RF_EDGE);
    plan_columns(plan, 0, threads);
    for (int k = 1; k < rf_kinds_n(&plan->size.kinds); k++) {
        rf_memory_plan columns = others, after = others;
        plan_columns(&columns, k, threads);
        plan_voices(&after, k, threads);
        rf_memory_plan_raise(plan, &columns);
        rf_memory_plan_raise(plan, &after);
    }
}

void rf_surprise_plan_rest(rf_memory_plan *plan, int threads)
{
    plan_others(plan);
    plan_arranged(plan, 0);
    plan_parts(plan, RF_EDGE);
    plan->rows[RF_EDGE] += plan->size.n[RF_EDGE] * (int64_t)sizeof(float); /* total */
    rf_memory_plan lockstep = *plan;
    rf_lockstep_plan(&lockstep, threads);
    plan_parts(plan, RF_USER);
    rf_memory_plan users = *plan;
    rf_tails_sum_plan(&users, RF_USER, 1, false, threads);
    plan_parts(plan, RF_ENTITY);
    rf_memory_plan entities = *plan;
    rf_tails_sum_plan(&entities, RF_ENTITY, 1, false, threads);
    plan->rows[RF_EDGE] += plan->size.n[RF_EDGE] * RF_SEQUENCE_BYTES;
    rf_memory_plan_raise(plan, &lockstep);
    rf_memory_plan_raise(plan, &users);
    rf_memory_plan_raise(plan, &entities);
}
