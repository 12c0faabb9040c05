/* test_minimum_work.c - the least work of an epoch (tests/bench/minimum_work.c), counted by hand for small
 * models. */
#include "rf_check.h"

#include "../bench/minimum_work.h"

static const rf_graphbean_shape one_kind = {.in = {3, 5, 7},
                                            .hidden = {4, 4, 4},
                                            .latent = {2, 2},
                                            .edge_latent = 2,
                                            .layers_encoder = 2,
                                            .layers_decoder = 2,
                                            .layers_mlp = 1};

START_TEST(numbers_of_one_kind_are_those_of_the_formula)
{
    const int64_t n[RF_SIDES_MOST] = {10, 20, 100};
    const minimum_work work = minimum_work_of(&one_kind, n, 6);
    /* messages of users: 3 + 2 5 + 2 7, 2 4 + 2 4 (no self), 2 + 2 2, 4 + 2 4 + 2 4 */
    const double k_u[] = {27, 16, 6, 20}, k_v[] = {5 + 6 + 14, 16, 6, 20};
    const double features = 3 * (100 * 7 + 10 * 3 + 20 * 5);
    double messages = 0;
    for (int i = 0; i < 4; i++)
        messages += 2 * (10 * k_u[i] + 20 * k_v[i]);
    /* hidden outputs: first layer with edges, latents without, decoder's first with edges */
    const double outputs = 3 * (30 * 4 + 100 * 4) + 3 * (30 * 2) + 3 * (30 * 4 + 100 * 4);
    const double ends = 4 * 4 * 100, latents = 4 * 30 * 2;
    ck_assert_double_eq(work.bytes, 4 * (features + messages + outputs + ends + latents));
}
END_TEST

START_TEST(products_of_one_kind_are_those_of_the_formula)
{
    const int64_t n[RF_SIDES_MOST] = {10, 20, 100};
    const minimum_work work = minimum_work_of(&one_kind, n, 6);
    const double first = 2 * ((10 * 27 + 20 * 25) * 4 + (10 * 3 + 20 * 5) * 4 + 100 * 7 * 4);
    const double latent = 3 * (10 * 16 + 20 * 16) * 2;
    const double decoded = 3 * ((10 * 6 + 20 * 6) * 4 + (10 * 2 + 20 * 2) * 4);
    const double last = 3 * (10 * 20 * 3 + 20 * 20 * 5 + (10 * 4 + 20 * 4) * 7 + 100 * 4 * 7);
    const double structure = 3 * (30 * 2 * 2 + 600 * 2);
    ck_assert_double_eq(work.flops, 2 * (first + latent + decoded + last + structure));
}
END_TEST

/* Edges divided among kinds are as many edges; what users have for themselves is counted once. */
START_TEST(users_of_several_kinds_are_counted_once)
{
    rf_graphbean_shape two = one_kind;
    two.kinds.n = 2;
    two.in[3] = 5;
    two.in[4] = 7;
    const int64_t n[RF_SIDES_MOST] = {10, 20, 100}, m[RF_SIDES_MOST] = {10, 20, 100, 0, 0};
    const minimum_work alone = minimum_work_of(&one_kind, n, 6), with = minimum_work_of(&two, m, 6);
    /* the other kind's blocks of users' messages: 2 5 + 2 7, 16, 4, 16; its own latents of users */
    ck_assert_double_eq(with.bytes - alone.bytes, 4 * (2 * 10 * (24 + 16 + 4 + 16) + 4 * 10 * 2));
}
END_TEST

RF_SUITE("minimum_work", numbers_of_one_kind_are_those_of_the_formula,
         products_of_one_kind_are_those_of_the_formula, users_of_several_kinds_are_counted_once)
