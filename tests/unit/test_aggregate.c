/* test_aggregate.c - means, maxima and sums over edges, and their gradients, against plain loops. */
#include "kernel_check.h"

/* Values of few kinds make ties; widths of whole vectors and of odd ends. */
static void check_aggregation(int d, bool ties)
{
    const int widths[3] = {1, 1, 1};
    made_input in;
    made_input_new(&in, 60, 45, 500, widths, (uint64_t)d, true);
    const rf_adj *adj = &in.adj;
    rf_spokes by_v = {.n = adj->n_v, .ptr = adj->v_ptr, .edge = adj->v_edge, .row = adj->e_u};
    rf_real *x = normals(6, adj->n_u * d), *mean = zeros(adj->n_v * d), *max = zeros(adj->n_v * d);
    uint32_t *arg = calloc((size_t)(adj->n_v * d), sizeof *arg);
    for (int64_t i = 0; ties && i < adj->n_u * d; i++)
        x[i] = x[i] > 0 ? 1 : 0;
    rf_aggregate_forward(mean, max, d, arg, d, &by_v, x, d, NULL);
    for (int64_t v = 0; v < adj->n_v; v++) {
        for (int j = 0; j < d; j++) {
            double want_mean, want_max;
            uint32_t winner;
            naive_aggregate(&want_mean, &want_max, &winner, adj, adj->e_v, v, adj->e_u, x, d, j);
            near_to("mean", (double)mean[v * d + j], want_mean, CLOSE);
            ck_assert((double)max[v * d + j] == want_max);
            ck_assert_uint_eq(arg[v * d + j], winner);
        }
    }
    made_input_free(&in);
    free(x), free(mean), free(max), free(arg);
}

START_TEST(mean_and_maximum_agree_with_plain_loops)
{
    check_aggregation(3, false);
    check_aggregation(16, false);
    check_aggregation(32, false);
    check_aggregation(53, false);
    check_aggregation(79, false); /* more vectors than are handled at once, in the double build */
    check_aggregation(101, false);
}
END_TEST

START_TEST(equal_maxima_go_to_the_lowest_edge)
{
    check_aggregation(3, true);
    check_aggregation(37, true);
}
END_TEST

/* Rows that are sums of two nodes' rows, or that lie there, normalised: as aggregated from the matrix. */
static void check_made(int d, bool is_sum, bool of_users, bool keeps_winner)
{
    const int widths[3] = {1, 1, 1};
    made_input in;
    made_input_new(&in, 60, 45, 500, widths, (uint64_t)d, true);
    const rf_adj *adj = &in.adj;
    const int64_t n = of_users ? adj->n_u : adj->n_v;
    rf_real *tu = normals(6, adj->n_u * d), *tv = normals(7, adj->n_v * d), *y = normals(8, adj->n_e * d);
    rf_real *scale = normals(9, d), *bias = normals(10, d), *off = normals(11, d), *out[4];
    rf_norm norm = {.d = d, .mean = off, .scale = scale, .bias = bias};
    const rf_activation relu = rf_activation_make(true, 0, 0, 0);
    rf_spokes nodes = {.n = adj->n_u, .ptr = adj->u_ptr, .row = adj->e_v},
              edges = {.n = n, .ptr = adj->u_ptr};
    if (!of_users) {
        nodes = (rf_spokes){.n = n, .ptr = adj->v_ptr, .edge = adj->v_edge, .row = adj->e_u};
        edges = (rf_spokes){.n = n, .ptr = adj->v_ptr, .edge = adj->v_edge};
    }
    uint32_t *winner[2];
    for (int i = 0; i < 2; i++)
        winner[i] = calloc((size_t)(n * d), sizeof **winner);
    for (int i = 0; i < 4; i++)
        out[i] = zeros(n * d);
    const rf_real *self = of_users ? tu : tv, *other = of_users ? tv : tu;
    uint32_t *arg = keeps_winner ? winner[0] : NULL;
    rf_aggregate_made(out[0], out[1], d, arg, d, &nodes, is_sum ? self : NULL, is_sum ? other : y, &norm,
                      NULL);
    if (is_sum)
        rf_gather_pairs(y, tu, tv, adj->e_u, adj->e_v, adj->n_e, d, false);
    rf_norm_rows(y, y, 0, adj->n_e, &norm, &relu);
    arg = keeps_winner ? winner[1] : NULL;
    rf_aggregate_forward(out[2], out[3], d, arg, d, &edges, y, d, NULL);
    for (int i = 0; i < 2; i++)
        ck_assert(memcmp(out[i], out[i + 2], (size_t)(n * d) * sizeof *y) == 0);
    ck_assert(memcmp(winner[0], winner[1], (size_t)(n * d) * sizeof **winner) == 0);
    free(winner[0]), free(winner[1]);
    for (int i = 0; i < 4; i++)
        free(out[i]);
    made_input_free(&in);
    free(tu), free(tv), free(y), free(scale), free(bias), free(off);
}

START_TEST(made_rows_are_aggregated_as_if_they_were_kept)
{
    static const int d[] = {1, 5, 8, 16, 20, 32, 41, 79, 100};
    for (size_t i = 0; i < sizeof d / sizeof d[0]; i++) {
        for (int kind = 0; kind < 8; kind++)
            check_made(d[i], kind % 2 == 0, kind / 2 % 2 == 0, kind / 4 == 0);
    }
}
END_TEST

/* Rows in the order of a side's list, in parts of `step` edges, against all at once. */
static void check_parts(int d, bool of_users, bool keeps_winner, bool has_shares, int64_t step)
{
    const int widths[3] = {1, 1, 1};
    made_input in;
    made_input_new(&in, 60, 45, 500, widths, (uint64_t)d, true);
    const rf_adj *adj = &in.adj;
    const int64_t n = of_users ? adj->n_u : adj->n_v, size = n * d;
    rf_real *y = normals(8, adj->n_e * d), *listed = zeros(adj->n_e * d), *out[4],
            *share = normals(5, adj->n_e);
    rf_real *scale = normals(9, d), *bias = normals(10, d), *off = normals(11, d);
    rf_norm norm = {.d = d, .mean = off, .scale = scale, .bias = bias};
    const rf_spokes edges = {.n = n,
                             .ptr = of_users ? adj->u_ptr : adj->v_ptr,
                             .edge = of_users ? NULL : adj->v_edge,
                             .share = has_shares ? share : NULL};
    uint32_t *winner[2];
    for (int i = 0; i < 2; i++)
        winner[i] = calloc((size_t)size, sizeof **winner);
    for (int i = 0; i < 4; i++)
        out[i] = normals(20 + (uint64_t)i, size); /* nothing that stood there counts */
    for (int64_t k = 0; k < adj->n_e; k++)
        memcpy(listed + k * d, y + (of_users ? k : (int64_t)adj->v_edge[k]) * d, (size_t)d * sizeof *y);
    rf_aggregate_made(out[0], out[1], d, keeps_winner ? winner[0] : NULL, d, &edges, NULL, y, &norm, NULL);
    int64_t node = 0;
    for (int64_t at = 0; at < adj->n_e; at += step) {
        const int64_t part = at + step < adj->n_e ? step : adj->n_e - at;
        node = rf_aggregate_part(out[2], out[3], d, keeps_winner ? winner[1] : NULL, d, &edges,
                                 listed + at * d, &norm, at, part, node);
    }
    ck_assert_int_eq(node, n);
    for (int i = 0; i < 2; i++)
        ck_assert(memcmp(out[i], out[i + 2], (size_t)size * sizeof *y) == 0);
    ck_assert(memcmp(winner[0], winner[1], (size_t)size * sizeof **winner) == 0);
    free(winner[0]), free(winner[1]);
    for (int i = 0; i < 4; i++)
        free(out[i]);
    made_input_free(&in);
    free(y), free(listed), free(share), free(scale), free(bias), free(off);
}

START_TEST(rows_may_come_in_parts)
{
    static const int d[] = {1, 5, 16, 20, 32, 41, 70, 100};
    static const int64_t step[] = {1, 7, 64, 1000};
    for (size_t i = 0; i < sizeof d / sizeof d[0]; i++) {
        for (size_t s = 0; s < sizeof step / sizeof step[0]; s++) {
            for (int kind = 0; kind < 8; kind++)
                check_parts(d[i], kind % 2 == 0, kind / 2 % 2 == 0, kind / 4 == 0, step[s]);
        }
    }
}
END_TEST

START_TEST(isolated_node_gets_zeros_and_no_edge)
{
    const int widths[3] = {1, 1, 1};
    made_input in;
    made_input_new(&in, 9, 7, 20, widths, 4, false);
    rf_spokes by_u = {.n = 9, .ptr = in.adj.u_ptr};
    rf_real *x = normals(1, in.adj.n_e * 18), mean[9 * 18], max[9 * 18];
    uint32_t arg[9 * 18];
    memset(mean, 0xFF, sizeof mean);
    rf_aggregate_forward(mean, max, 18, arg, 18, &by_u, x, 18, NULL);
    for (int j = 8 * 18; j < 9 * 18; j++) { /* the last user has no edge */
        ck_assert(mean[j] == 0 && max[j] == 0);
        ck_assert_uint_eq(arg[j], RF_NO_EDGE);
    }
    made_input_free(&in);
    free(x);
}
END_TEST

START_TEST(aggregation_does_not_depend_on_threads)
{
    enum { D = 32 };
    const int widths[3] = {1, 1, 1};
    made_input in;
    made_input_new(&in, 3000, 900, 9000, widths, 4, false);
    rf_spokes by_v = {.n = in.adj.n_v, .ptr = in.adj.v_ptr, .edge = in.adj.v_edge};
    rf_real *x = normals(1, in.adj.n_e * D), *one = zeros(900 * D), *four = zeros(900 * D);
    rf_pool *pool = new_pool(4);
    rf_aggregate_sum(one, false, &by_v, x, D, D, NULL);
    rf_aggregate_sum(four, false, &by_v, x, D, D, pool);
    ck_assert(memcmp(one, four, sizeof *one * 900 * D) == 0);
    rf_pool_free(pool);
    made_input_free(&in);
    free(x), free(one), free(four);
}
END_TEST

/* The gradient is the transposed map: <dmean, mean(x)> + <dmax, max(x)> has slope dx in x. */
static void check_aggregate_gradient(int d)
{
    const int widths[3] = {1, 1, 1};
    made_input in;
    made_input_new(&in, 30, 20, 200, widths, (uint64_t)d, true);
    const rf_adj *adj = &in.adj;
    rf_spokes by_u = {.n = adj->n_u, .ptr = adj->u_ptr, .row = adj->e_v},
              by_u_edges = {.n = adj->n_u, .ptr = adj->u_ptr};
    rf_spokes to_v = {.n = adj->n_v, .ptr = adj->v_ptr, .edge = adj->v_edge, .row = adj->e_u};
    int64_t size = adj->n_u * d;
    rf_real *xv = normals(1, adj->n_v * d), *xe = normals(2, adj->n_e * d), *mean = zeros(size),
            *max = zeros(size);
    rf_real *dmean = normals(3, size), *dmax = normals(4, size), *dxv = zeros(adj->n_v * d),
            *dxe = zeros(adj->n_e * d);
    uint32_t *arg = calloc((size_t)size, sizeof *arg);

    rf_aggregate_forward(mean, max, d, arg, d, &by_u, xv, d, NULL);
    rf_aggregate_backward_nodes(dxv, &to_v, adj->u_ptr, NULL, dmean, dmax, d, arg, d, d, NULL);
    near_to("sum over entities", dot(dxv, xv, adj->n_v * d), dot(dmean, mean, size) + dot(dmax, max, size),
            CLOSE * 10);
    rf_aggregate_forward(mean, max, d, arg, d, &by_u_edges, xe, d, NULL);
    rf_aggregate_backward_edges(dxe, true, &by_u_edges, dmean, dmax, d, arg, d, d);
    near_to("sum over edges", dot(dxe, xe, adj->n_e * d), dot(dmean, mean, size) + dot(dmax, max, size),
            CLOSE * 10);
    for (int64_t i = 0; i < adj->n_e * d; i++) {
        int64_t e = i / d, u = adj->e_u[e], j = i % d;
        double want = (double)dmean[u * d + j] / (double)(adj->u_ptr[u + 1] - adj->u_ptr[u]);
        want += arg[u * d + j] == e ? (double)dmax[u * d + j] : 0;
        near_to("dxe", (double)dxe[i], want, CLOSE);
    }
    memcpy(xe, dxe, (size_t)(adj->n_e * d) * sizeof *xe);
    rf_aggregate_backward_edges(dxe, false, &by_u_edges, dmean, dmax, d, arg, d, d);
    for (int64_t i = 0; i < adj->n_e * d; i++)
        near_to("added to", (double)dxe[i], 2 * (double)xe[i], CLOSE);
    made_input_free(&in);
    free(xv), free(xe), free(mean), free(max), free(dmean), free(dmax), free(dxv), free(dxe), free(arg);
}

START_TEST(aggregate_gradient_is_the_transposed_map)
{
    check_aggregate_gradient(5);
    check_aggregate_gradient(32);
    check_aggregate_gradient(45);
}
END_TEST

RF_SUITE("aggregate", mean_and_maximum_agree_with_plain_loops, equal_maxima_go_to_the_lowest_edge,
         made_rows_are_aggregated_as_if_they_were_kept, rows_may_come_in_parts,
         isolated_node_gets_zeros_and_no_edge, aggregation_does_not_depend_on_threads,
         aggregate_gradient_is_the_transposed_map)
