/* sequence_evidence.c - which step of a user is the most surprising one, in numbers that can be put into
 * words.
 */
#include <math.h>

#include "rf_mem.h"
#include "rf_sequence.h"
#include "sequence_int.h"

struct rf_sequences {
    const rf_graph *graph;
    rf_actions actions;
    rf_steps steps;
    rf_sequence_model *model;
};

rf_status rf_sequences_new(rf_sequences **out, const rf_graph *graph, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequences *sequences = NULL;
    rf_time_order order = {0};
    if (rf_graph_timeless(graph))
        RF_FAIL(err, RF_E_INVALID, "a graph without times has no sequences");
    RF_ZERO(sequences, 1, err);
    sequences->graph = graph;
    RF_TRY(rf_actions_init(&sequences->actions, graph, err));
    RF_TRY(rf_time_order_make(&order, graph, 1, pool, err));
    RF_TRY(rf_steps_init(&sequences->steps, graph, &order, pool, err));
    RF_TRY(rf_sequence_model_new(&sequences->model, &sequences->steps, pool, err));
    *out = sequences;
done:
    rf_time_order_clear(&order);
    if (st < 0)
        rf_sequences_free(sequences);
    return st;
}

void rf_sequences_free(rf_sequences *sequences)
{
    if (sequences == NULL)
        return;
    rf_sequence_model_free(sequences->model);
    rf_steps_clear(&sequences->steps);
    rf_actions_clear(&sequences->actions);
    rf_mem_free(sequences);
}

static rf_sequence_did did(const rf_sequences *sequences, uint32_t edge)
{
    rf_sequence_did out = {.edge = edge,
                           .users = rf_actions_users(&sequences->actions, sequences->graph->adj.e_v[edge])};
    out.n = rf_actions_list(out.column, RF_SEQUENCE_WORDS, &sequences->actions, edge);
    return out;
}

static double excess_of(const rf_expected *expected, int half)
{
    return expected->cost[half] - expected->usual[half];
}

/* The step of `edge`, or the most surprising one: the first of equal ones. */
static int64_t find_step(const rf_expected *expected, const rf_step *step, int64_t n, uint32_t edge)
{
    int64_t worst = 0;
    for (int64_t i = 0; i < n; i++) {
        if (edge == RF_NO_EDGE ? rf_expected_excess(&expected[i]) > rf_expected_excess(&expected[worst])
                               : step[i].edge == edge)
            worst = i;
    }
    return worst;
}

static void describe(rf_sequence_evidence *out, const rf_sequences *sequences, const rf_step *step,
                     const rf_expected *expected, int64_t i)
{
    const int half = i > 0 && excess_of(&expected[i], 1) > excess_of(&expected[i], 0);
    out->step = did(sequences, step[i].edge);
    out->before.edge = RF_NO_EDGE;
    out->gap_s = NAN;
    if (i > 0) {
        out->before = did(sequences, step[i - 1].edge);
        out->gap_s = (double)step[i].gap_us / 1e6;
    }
    out->is_gap = half == 1;
    out->one_of = fmin(exp(expected[i].cost[half]), (double)sequences->steps.n);
    out->usual_one_of = exp(expected[i].usual[half]);
}

rf_status rf_sequence_explain(rf_sequence_evidence *out, const rf_sequences *sequences, rf_side side,
                              int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    const bool is_edge = rf_side_role(side) == RF_EDGE;
    const int64_t u = is_edge ? sequences->graph->adj.e_u[row] : row, from = sequences->steps.u_ptr[u],
                  n = sequences->steps.u_ptr[u + 1] - from;
    const rf_step *step = sequences->steps.at + from;
    rf_expected *expected = NULL;
    rf_tally *tally = NULL;
    rf_own_cell *cells = NULL;
    double *cost = NULL;
    *out = (rf_sequence_evidence){.step.edge = RF_NO_EDGE, .before.edge = RF_NO_EDGE, .steps = n};
    if (n == 0)
        goto done;
    RF_NEW(expected, n, err);
    RF_NEW(cost, n, err);
    RF_TRY(rf_tally_new(&tally, n, err));
    cells = rf_own_cells_new(err);
    if (cells == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    rf_sequence_model_judge(expected, sequences->model, step, n, tally);
    rf_own_costs(cost, step, n, cells);
    for (int64_t i = 0; i < n; i++)
        out->foretold += cost[i] < log(2);
    describe(out, sequences, step, expected,
             find_step(expected, step, n, is_edge ? (uint32_t)row : RF_NO_EDGE));
done:
    rf_mem_free(expected);
    rf_mem_free(cost);
    rf_tally_free(tally);
    rf_mem_free(cells);
    return st;
}
