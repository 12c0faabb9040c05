/* tail_lanes_int.h - what blocks of rows say in nats, sixteen columns at once.
 *
 *   min(rest + span log2(begin + rate (x - from)), most)    beyond `from`, where N reaches the threshold
 *
 * which is w (N - threshold) of tails_int.h to 5e-5 of N: the logarithm is a polynomial. Columns and
 * directions that this cannot say are left out, and reported where x is beyond a limit.
 */
#ifndef RF_TAIL_LANES_INT_H
#define RF_TAIL_LANES_INT_H

#include "tail_columns_int.h"

#define RF_TAIL_LANES 16
#define RF_TAIL_ROWS 64 /* at once: all their columns stay in the nearest cache */

typedef struct rf_tail_lanes { /* of so many columns from `first` on; [0] up, [1] down */
    float from[2][RF_TAIL_LANES], begin[2][RF_TAIL_LANES], rate[2][RF_TAIL_LANES], span[2][RF_TAIL_LANES],
        rest[2][RF_TAIL_LANES];
    float most[RF_TAIL_LANES];
    float high[RF_TAIL_LANES], low[RF_TAIL_LANES]; /* beyond them a value is reported */
    int first, n;                                  /* n < RF_TAIL_LANES only where there are fewer columns */
    bool is_quiet;                                 /* few rows have any lane beyond its `from` */
    bool reports;
} rf_tail_lanes;

typedef struct rf_tail_alone { /* a value that is reported */
    int row, column;
} rf_tail_alone;

typedef struct rf_tail_block { /* scratch */
    float sum[RF_TAIL_ROWS][RF_TAIL_LANES];
    rf_tail_alone alone[RF_TAIL_ROWS * RF_TAIL_LANES];
} rf_tail_block;

/* How many lanes d columns take. */
int rf_tail_lanes_of(int d);
void rf_tail_lanes_make(rf_tail_lanes *lanes, const rf_tail_column *columns, int d, double threshold);

/* Adds to block->sum of rows x[0..rows), rows <= RF_TAIL_ROWS, and lists in block->alone what is reported.
 * Returns how many. */
int rf_tail_lanes_add(rf_tail_block *block, const rf_tail_lanes *lanes, const rf_real *x, int d, int rows);

#endif
