/* number_units.c - from integer sums in an attribute's last decimal place to its own units: the only
 * roundings on the way from events to features.
 */
#include "number_units_int.h"

#include <math.h>

/* Powers of ten as the compiler reads them: pow() need not give these. */
#define BY_PLACES(sign)                                                                                      \
    {                                                                                                        \
        1e##sign##0, 1e##sign##1, 1e##sign##2, 1e##sign##3, 1e##sign##4, 1e##sign##5, 1e##sign##6,           \
            1e##sign##7, 1e##sign##8, 1e##sign##9, 1e##sign##10, 1e##sign##11, 1e##sign##12, 1e##sign##13,   \
            1e##sign##14, 1e##sign##15, 1e##sign##16, 1e##sign##17, 1e##sign##18, 1e##sign##19,              \
            1e##sign##20, 1e##sign##21                                                                       \
    }

#define FEWEST_TAMED                                                                                         \
    9 /* places of tamed values: three more than the number's, as far as 64 bits hold them                   \
       */
#define MOST_TAMED 18

rf_number_unit rf_number_unit_of(const rf_attr *attr)
{
    static const double power[] = BY_PLACES(+), fraction[] = BY_PLACES(-);
    int places = rf_attr_places(attr), tamed = places + 3;
    tamed = tamed < FEWEST_TAMED ? FEWEST_TAMED : tamed > MOST_TAMED ? MOST_TAMED : tamed;
    return (rf_number_unit){
        .one = power[places], .last = fraction[places], .least = fraction[places + 3], .tamed = power[tamed]};
}

double rf_attr_mean(const rf_attr_sums *sums, const rf_number_unit *unit)
{
    return sums->n > 0 ? rf_sum_value(sums->sum) / (double)sums->n / unit->one : NAN;
}

/* a * b modulo 2^192. */
static rf_squares product(rf_i128 a, int64_t b)
{
    rf_u128 size_a = a < 0 ? 0 - (rf_u128)a : (rf_u128)a;
    uint64_t size_b = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
    rf_u128 low = (rf_u128)(uint64_t)size_a * size_b, high = (size_a >> 64) * size_b;
    rf_squares out = {.low = high << 64, .high = (uint64_t)(high >> 64)};
    rf_squares_add(&out, (rf_squares){.low = low});
    if ((a < 0) != (b < 0)) {
        rf_squares size = out;
        out = (rf_squares){0};
        rf_squares_take(&out, size);
    }
    return out;
}

/* Squares are summed about the integer next to the mean: no digits cancel. Arithmetic modulo 2^192 is exact
 * here, since the result is neither negative nor greater than the squares. */
double rf_sums_std(int64_t n, rf_i128 sum, rf_squares squares, const rf_number_unit *unit)
{
    if (n < 2)
        return 0.0;
    rf_i128 centre = rf_sum_over(sum, n);
    rf_squares about = squares;
    rf_squares_take(&about, product(2 * sum - centre * n, (int64_t)centre));
    if (about.high > squares.high || (about.high == squares.high && about.low > squares.low))
        about = squares; /* an earlier version's sum, which ended at 2^127 - 1 */
    double rest = rf_sum_value(sum - centre * n) / (double)n;
    double variance = ((double)about.high * 0x1p128 + (double)about.low) / (double)n - rest * rest;
    return variance > 0 ? sqrt(variance) / unit->one : 0.0;
}

double rf_attr_std(const rf_attr_sums *sums, const rf_number_unit *unit)
{
    return rf_sums_std(sums->n, sums->sum, rf_squares_of(sums), unit);
}
