/* arranged.h - what parts of the score look up, for tests that call one part alone. Header only. */
#ifndef RF_TEST_ARRANGED_H
#define RF_TEST_ARRANGED_H

#include "order_int.h"
#include "rf_check.h"

/* Clear with rf_arranged_clear. */
static inline rf_arranged arranged_of(const rf_graph *graph, rf_pool *pool)
{
    rf_arranged arranged = {0};
    rf_err err = {0};
    RF_CHECK_OK(err, rf_arranged_make(&arranged, graph, pool, &err));
    return arranged;
}

#endif
