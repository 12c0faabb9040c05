/* test_bean_conv.c - BEANConv against messages that are really concatenated, and its gradient against
 * differences. */
#include "made_input.h"
#include "naive.h"
#include "rf_bean_conv.h"
#include "whole_conv.h"

#define CLOSE (RF_REAL_IS_DOUBLE ? 1e-11 : 2e-5)

typedef struct conv_case {
    made_input in;
    rf_bean_conv conv, dconv;
    rf_bean_scratch scratch;
    rf_real *out[3];
    rf_real *blocks[64]; /* all memory, to be freed */
    int n_blocks;
} conv_case;

static rf_real *take(conv_case *c, int64_t n, uint64_t seed)
{
    rf_rng rng;
    rf_rng_init(&rng, seed, 5);
    rf_real *x = seed == 0 ? calloc((size_t)n + 1, sizeof *x) : made_normals(&rng, n);
    c->blocks[c->n_blocks++] = x;
    return x;
}

static void take_weights(conv_case *c, rf_bean_conv *conv, uint64_t seed)
{
    conv->w_u = take(c, conv->o_u * rf_bean_conv_k_u(conv), seed);
    conv->w_v = take(c, conv->o_v * rf_bean_conv_k_v(conv), seed == 0 ? 0 : seed + 1);
    conv->w_e = take(c, conv->o_e * rf_bean_conv_k_e(conv), seed == 0 ? 0 : seed + 2);
    conv->b_u = take(c, conv->o_u, seed == 0 ? 0 : seed + 3);
    conv->b_v = take(c, conv->o_v, seed == 0 ? 0 : seed + 4);
    conv->b_e = take(c, conv->o_e, seed == 0 ? 0 : seed + 5);
}

static void case_new(conv_case *c, rf_bean_conv shape, bool parallel)
{
    const int d[3] = {shape.d_u, shape.d_v, shape.d_e};
    *c = (conv_case){.conv = shape, .dconv = shape};
    made_input_new(&c->in, 25, 18, 90, d, 11, parallel);
    const rf_adj *adj = &c->in.adj;
    take_weights(c, &c->conv, 20);
    take_weights(c, &c->dconv, 0);
    const int k = rf_bean_conv_k_u(&shape) + rf_bean_conv_k_v(&shape);
    c->scratch.turned = take(c, (int64_t)k * (shape.o_u + shape.o_v), 0);
    c->scratch.msg = take(c, (int64_t)RF_BEAN_BLOCK * k, 0);
    c->scratch.dmsg = take(c, (int64_t)RF_BEAN_BLOCK * k, 0);
    c->scratch.arg = malloc(sizeof(uint32_t) * (size_t)(RF_BEAN_BLOCK * k));
    c->scratch.sent_u = take(c, adj->n_u * 2 * shape.d_v, 0);
    c->scratch.sent_v = take(c, adj->n_v * 2 * shape.d_u, 0);
    c->scratch.won_u = malloc(sizeof(uint32_t) * (size_t)(adj->n_u * shape.d_v + 1));
    c->scratch.won_v = malloc(sizeof(uint32_t) * (size_t)(adj->n_v * shape.d_u + 1));
    c->scratch.tu = take(c, adj->n_u * shape.o_e, 0);
    c->scratch.tv = take(c, adj->n_v * shape.o_e, 0);
    c->scratch.partial = take(c, RF_SEGMENTS * 40 * 200, 0);
    c->scratch.sums = malloc(sizeof(double) * RF_SEGMENTS * 64);
    c->out[0] = take(c, adj->n_u * shape.o_u, 0);
    c->out[1] = take(c, adj->n_v * shape.o_v, 0);
    c->out[2] = take(c, adj->n_e * shape.o_e, 0);
}

static void case_free(conv_case *c)
{
    for (int i = 0; i < c->n_blocks; i++)
        free(c->blocks[i]);
    free(c->scratch.arg);
    free(c->scratch.won_u);
    free(c->scratch.won_v);
    free(c->scratch.sums);
    made_input_free(&c->in);
}

static void forward(conv_case *c)
{
    whole_conv_forward(c->out, &c->conv, &c->in.adj, (const rf_real *const[]){c->in.xu, c->in.xv, c->in.xe},
                       &c->scratch);
}

static void close_rows(const char *what, const rf_real *got, const double *want, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)got[i] - want[i]) <= CLOSE * (1 + fabs(want[i])), "%s[%d]: %.9g, not %.9g",
                      what, (int)i, (double)got[i], want[i]);
}

static void check_forward(rf_bean_conv shape, bool parallel)
{
    conv_case c;
    case_new(&c, shape, parallel);
    const rf_adj *adj = &c.in.adj;
    rf_real msg[400];
    double want[64];
    forward(&c);
    for (int64_t u = 0; u < adj->n_u; u++) {
        int k = naive_message(msg, adj, adj->e_u, adj->e_v, u, shape.node_self_loop, c.in.xu, shape.d_u,
                              c.in.xv, shape.d_v, c.in.xe, shape.d_e);
        ck_assert_int_eq(k, rf_bean_conv_k_u(&shape));
        naive_dense(want, msg, c.conv.w_u, k, c.conv.b_u, 1, k, shape.o_u);
        close_rows("out_u", c.out[0] + u * shape.o_u, want, shape.o_u);
    }
    for (int64_t v = 0; v < adj->n_v; v++) {
        int k = naive_message(msg, adj, adj->e_v, adj->e_u, v, shape.node_self_loop, c.in.xv, shape.d_v,
                              c.in.xu, shape.d_u, c.in.xe, shape.d_e);
        naive_dense(want, msg, c.conv.w_v, k, c.conv.b_v, 1, k, shape.o_v);
        close_rows("out_v", c.out[1] + v * shape.o_v, want, shape.o_v);
    }
    for (int64_t e = 0; e < adj->n_e && shape.o_e > 0; e++) {
        int k = shape.d_e + shape.d_u + shape.d_v;
        memcpy(msg, c.in.xe + e * shape.d_e, sizeof *msg * (size_t)shape.d_e);
        memcpy(msg + shape.d_e, c.in.xu + adj->e_u[e] * shape.d_u, sizeof *msg * (size_t)shape.d_u);
        memcpy(msg + shape.d_e + shape.d_u, c.in.xv + adj->e_v[e] * shape.d_v,
               sizeof *msg * (size_t)shape.d_v);
        naive_dense(want, msg, c.conv.w_e, k, c.conv.b_e, 1, k, shape.o_e);
        close_rows("out_e", c.out[2] + e * shape.o_e, want, shape.o_e);
    }
    case_free(&c);
}

static const rf_bean_conv whole = {
    .d_u = 3, .d_v = 4, .d_e = 5, .o_u = 6, .o_v = 2, .o_e = 7, .node_self_loop = 1};
static const rf_bean_conv last_encoder = {.d_u = 3, .d_v = 4, .d_e = 5, .o_u = 6, .o_v = 2};
static const rf_bean_conv first_decoder = {
    .d_u = 3, .d_v = 4, .o_u = 6, .o_v = 2, .o_e = 7, .node_self_loop = 1};
static const rf_bean_conv wide = {
    .d_u = 17, .d_v = 16, .d_e = 33, .o_u = 32, .o_v = 19, .o_e = 40, .node_self_loop = 1};

START_TEST(forward_agrees_with_concatenated_messages)
{
    check_forward(whole, false);
    check_forward(last_encoder, false);
    check_forward(first_decoder, false);
    check_forward(wide, false);
}
END_TEST

START_TEST(parallel_edges_count_each)
{
    check_forward(whole, true);
}
END_TEST

#if RF_REAL_IS_DOUBLE
static double weighted_output(conv_case *c, rf_real *const weights[3])
{
    const int64_t n[3] = {c->in.adj.n_u * c->conv.o_u, c->in.adj.n_v * c->conv.o_v,
                          c->in.adj.n_e * c->conv.o_e};
    double sum = 0;
    forward(c);
    for (int side = 0; side < 3; side++) {
        for (int64_t i = 0; i < n[side]; i++)
            sum += weights[side][i] * c->out[side][i];
    }
    return sum;
}

static void probe(conv_case *c, rf_real *const weights[3], rf_real *x, const rf_real *dx, int64_t n,
                  const char *what)
{
    const double step = 1e-6;
    for (int64_t k = 0; k < n; k += n / 25 + 1) {
        double at = x[k];
        x[k] = at + step;
        double above = weighted_output(c, weights);
        x[k] = at - step;
        double below = weighted_output(c, weights);
        x[k] = at;
        double slope = (above - below) / (2 * step);
        ck_assert_msg(fabs(dx[k] - slope) <= 1e-6 * (1 + fabs(slope)), "%s[%d]: gradient %.9g, slope %.9g",
                      what, (int)k, dx[k], slope);
    }
}

static void check_backward(rf_bean_conv shape)
{
    conv_case c;
    case_new(&c, shape, true);
    const rf_adj *adj = &c.in.adj;
    rf_real *const weights[3] = {take(&c, adj->n_u * shape.o_u, 31), take(&c, adj->n_v * shape.o_v, 32),
                                 take(&c, adj->n_e * shape.o_e, 33)};
    rf_real *dxu = take(&c, adj->n_u * shape.d_u, 0), *dxv = take(&c, adj->n_v * shape.d_v, 0);
    rf_real *dxe = take(&c, adj->n_e * shape.d_e, 0);
    forward(&c);
    whole_conv_backward((rf_real *const[]){dxu, dxv, dxe}, &c.dconv,
                        (const rf_real *const[]){weights[0], weights[1], weights[2]}, &c.conv, &c.in.adj,
                        (const rf_real *const[]){c.in.xu, c.in.xv, c.in.xe}, &c.scratch);
    probe(&c, weights, c.in.xu, dxu, adj->n_u * shape.d_u, "dxu");
    probe(&c, weights, c.in.xv, dxv, adj->n_v * shape.d_v, "dxv");
    probe(&c, weights, c.in.xe, dxe, adj->n_e * shape.d_e, "dxe");
    probe(&c, weights, c.conv.w_u, c.dconv.w_u, shape.o_u * rf_bean_conv_k_u(&shape), "dw_u");
    probe(&c, weights, c.conv.w_v, c.dconv.w_v, shape.o_v * rf_bean_conv_k_v(&shape), "dw_v");
    probe(&c, weights, c.conv.b_u, c.dconv.b_u, shape.o_u, "db_u");
    probe(&c, weights, c.conv.b_v, c.dconv.b_v, shape.o_v, "db_v");
    if (shape.o_e > 0) {
        probe(&c, weights, c.conv.w_e, c.dconv.w_e, shape.o_e * rf_bean_conv_k_e(&shape), "dw_e");
        probe(&c, weights, c.conv.b_e, c.dconv.b_e, shape.o_e, "db_e");
    }
    case_free(&c);
}

START_TEST(gradients_are_slopes)
{
    check_backward(whole);
    check_backward(last_encoder);
    check_backward(first_decoder);
    check_backward(wide);
}
END_TEST
#endif

RF_SUITE("bean_conv", forward_agrees_with_concatenated_messages,
#if RF_REAL_IS_DOUBLE
         gradients_are_slopes,
#endif
         parallel_edges_count_each)
