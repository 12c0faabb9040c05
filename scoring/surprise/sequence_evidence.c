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
    rf_time_order order;
    rf_steps steps;
    rf_sequence_model *model;
};

rf_status rf_sequences_new(rf_sequences **out, const rf_graph *graph, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sequences *sequences = NULL;
    if (rf_graph_timeless(graph))
        RF_FAIL(err, RF_E_INVALID, "a graph without times has no sequences");
    RF_ZERO(sequences, 1, err);
    sequences->graph = graph;
    RF_TRY(rf_actions_init(&sequences->actions, graph, err));
    RF_TRY(rf_time_order_make(&sequences->order, graph, 1, pool, err));
    RF_TRY(rf_steps_init(&sequences->steps, graph, &sequences->order, pool, err));
    RF_TRY(rf_sequence_model_new(&sequences->model, &sequences->steps, pool, err));
    *out = sequences;
done:
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
    rf_time_order_clear(&sequences->order);
    rf_actions_clear(&sequences->actions);
    rf_mem_free(sequences);
}

static rf_sequence_did did(const rf_sequences *sequences, uint32_t edge)
{
    rf_sequence_did out = {.edge = edge,
                           .users = rf_adj_users_of(&sequences->graph->adj, sequences->graph->adj.e_v[edge])};
    out.n = rf_actions_list(out.column, RF_SEQUENCE_WORDS, &sequences->actions, edge);
    return out;
}

static double excess_of(const rf_expected *expected, int half, int64_t i)
{
    return expected->cost[half][i] - expected->usual[half][i];
}

/* The step of `edge`, or the most surprising one: the first of equal ones. */
static int64_t find_step(const rf_expected *expected, const uint32_t *edges, int64_t n, uint32_t edge)
{
    int64_t worst = 0;
    for (int64_t i = 0; i < n; i++) {
        if (edge == RF_NO_EDGE ? rf_expected_excess(expected, i) > rf_expected_excess(expected, worst)
                               : edges[i] == edge)
            worst = i;
    }
    return worst;
}

static void describe(rf_sequence_evidence *out, const rf_sequences *sequences, const uint32_t *edges,
                     const rf_expected *expected, int64_t i)
{
    const int64_t *time = sequences->graph->side[RF_EDGE].first_us;
    const int half = i > 0 && excess_of(expected, 1, i) > excess_of(expected, 0, i);
    out->step = did(sequences, edges[i]);
    out->before.edge = RF_NO_EDGE;
    out->gap_s = NAN;
    if (i > 0) {
        out->before = did(sequences, edges[i - 1]);
        out->gap_s = (double)(time[edges[i]] - time[edges[i - 1]]) / 1e6;
    }
    out->is_gap = half == 1;
    out->one_of = fmin(exp(expected->cost[half][i]), (double)sequences->steps.n);
    out->usual_one_of = exp(expected->usual[half][i]);
}

rf_status rf_sequence_explain(rf_sequence_evidence *out, const rf_sequences *sequences, rf_side side,
                              int64_t row, rf_err *err)
{
    rf_status st = RF_OK;
    const bool is_edge = rf_side_role(side) == RF_EDGE;
    const rf_steps *steps = &sequences->steps;
    const int64_t u = is_edge ? sequences->graph->adj.e_u[row] : row,
                  n = steps->u_ptr[u + 1] - steps->u_ptr[u];
    const uint32_t *edges = steps->edge + steps->u_ptr[u];
    rf_expected expected = {0};
    rf_tally *tally = NULL;
    rf_own *own = NULL;
    double *cost = NULL;
    *out = (rf_sequence_evidence){.step.edge = RF_NO_EDGE, .before.edge = RF_NO_EDGE, .steps = n};
    if (n == 0)
        goto done;
    RF_TRY(rf_expected_init(&expected, n, err));
    RF_NEW(cost, n, err);
    RF_TRY(rf_tally_new(&tally, steps, n, err));
    RF_TRY(rf_own_new(&own, err));
    rf_sequence_model_judge(&expected, sequences->model, u, u + 1, tally);
    rf_own_costs(cost, steps, u, own);
    for (int64_t i = 0; i < n; i++)
        out->foretold += cost[i] < log(2);
    describe(out, sequences, edges, &expected,
             find_step(&expected, edges, n, is_edge ? (uint32_t)row : RF_NO_EDGE));
done:
    rf_expected_clear(&expected);
    rf_mem_free(cost);
    rf_tally_free(tally);
    rf_own_free(own);
    return st;
}
