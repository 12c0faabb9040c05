/* number_units_int.h - from integer sums in an attribute's last decimal place to its own units. */
#ifndef RF_NUMBER_UNITS_INT_H
#define RF_NUMBER_UNITS_INT_H

#include "window_int.h"

typedef struct rf_number_unit {
    double one;   /* 10^places: last places in one */
    double last;  /* 10^-places: the smallest difference of two values */
    double least; /* a thousandth of that: means below it are 0 */
    double tamed; /* what tamed values are counted in when they are added up: as many to one */
} rf_number_unit;

rf_number_unit rf_number_unit_of(const rf_attr *attr);

/* Sums of squares over 128 bits: added and taken away modulo 2^192, which no sum of 2^64 numbers reaches. */
typedef struct rf_squares {
    rf_u128 low;
    uint64_t high;
} rf_squares;

static inline rf_squares rf_squares_of(const rf_attr_sums *sums)
{
    return (rf_squares){sums->sum_sq, sums->sum_sq_high};
}

static inline void rf_squares_add(rf_squares *to, rf_squares more)
{
    to->low += more.low;
    to->high += more.high + (to->low < more.low);
}

static inline void rf_squares_take(rf_squares *from, rf_squares less)
{
    from->high -= less.high + (from->low < less.low);
    from->low -= less.low;
}

/* Most sums fit into 64 bits, which convert and divide much faster, to the same values. */
static inline double rf_sum_value(rf_i128 sum)
{
    const int64_t narrow = (int64_t)sum;
    return narrow == sum ? (double)narrow : (double)sum;
}

/* n >= 1 */
static inline rf_i128 rf_sum_over(rf_i128 sum, int64_t n)
{
    const int64_t narrow = (int64_t)sum;
    return narrow == sum ? narrow / n : sum / n;
}

/* Mean and population deviation in units of the attribute; NaN (0) without data. Exact up to the last
 * rounding. */
double rf_attr_mean(const rf_attr_sums *sums, const rf_number_unit *unit);
double rf_attr_std(const rf_attr_sums *sums, const rf_number_unit *unit);
double rf_sums_std(int64_t n, rf_i128 sum, rf_squares squares, const rf_number_unit *unit);

#endif
