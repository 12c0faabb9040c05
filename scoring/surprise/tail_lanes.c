/* tail_lanes.c - the arithmetic of a block of rows: no branch but for what is reported. */
#include "tail_lanes_int.h"

#include <math.h>
#include <string.h>

#include "rf_hot.h"

enum { LANES = RF_TAIL_LANES };
#define LN2 0.69314718055994530942
#define ROOT_HALF 0x3F3504F3U /* the bits of sqrt(1/2): mantissas are from there to sqrt(2) */

typedef float lanes_f __attribute__((vector_size(4 * RF_TAIL_LANES)));
typedef int32_t lanes_i __attribute__((vector_size(4 * RF_TAIL_LANES)));
typedef uint32_t lanes_u __attribute__((vector_size(4 * RF_TAIL_LANES)));

#define LOAD(v, p) memcpy(&(v), (p), sizeof(v))
#define PICK(mask, a, b) ((lanes_f)(((mask) & (lanes_i)(a)) | (~(mask) & (lanes_i)(b))))

/* ---- what a column is to its lane ---- */

int rf_tail_lanes_of(int d)
{
    return (d + LANES - 1) / LANES;
}

/* The formula has no place for a share of few rows, for a form, and for tails that are not fitted yet. */
static bool is_said(const rf_tail_column *column, int down)
{
    const rf_tail *tail = down ? &column->tails.down : &column->tails.up;
    return column->form == RF_TAIL_AS_IT_IS && !column->rare[down] &&
           (tail->m == 0 || tail->m >= RF_TAIL_FEW);
}

static void set_direction(rf_tail_lanes *lanes, int k, int down, const rf_tail_column *column,
                          double threshold)
{
    const rf_tail *tail = down ? &column->tails.down : &column->tails.up;
    const float excess = rf_tail_excess_at(tail, threshold);
    const float from =
        down ? nextafterf(tail->u0 - excess, -INFINITY) : nextafterf(tail->u0 + excess, INFINITY);
    const double rate = tail->xi / tail->sigma;
    const double begin = excess > 0 ? 1 + rate * fabs((double)from - (double)tail->u0) : 1;
    const double rounded_off = log(begin / (double)(float)begin) / tail->xi;
    lanes->from[down][k] = excess > 0 ? from : tail->u0;
    lanes->begin[down][k] = (float)begin;
    lanes->rate[down][k] = (float)rate;
    lanes->span[down][k] = (float)(column->weight * LN2 / tail->xi);
    lanes->rest[down][k] = (float)(column->weight * (tail->base - LN2 - threshold + rounded_off));
}

static void set_lane(rf_tail_lanes *lanes, int k, const rf_tail_column *column, double threshold)
{
    for (int down = 0; down < 2; down++) {
        const rf_tail *tail = down ? &column->tails.down : &column->tails.up;
        if (!is_said(column, down))
            lanes->reports = true;
        else if (tail->m > 0)
            set_direction(lanes, k, down, column, threshold);
    }
    lanes->most[k] = (float)(column->weight * (RF_TAIL_CAP - LN2 - threshold));
    lanes->high[k] = is_said(column, 0) ? INFINITY : column->high;
    lanes->low[k] = is_said(column, 1) ? -INFINITY : column->low;
}

/* The last lanes reach back over columns that others have: loads stay within the row. */
void rf_tail_lanes_make(rf_tail_lanes *lanes, const rf_tail_column *columns, int d, double threshold)
{
    for (int group = 0; group < rf_tail_lanes_of(d); group++) {
        rf_tail_lanes *of = &lanes[group];
        const int wanted = group * LANES, last = d - LANES > 0 ? d - LANES : 0;
        *of = (rf_tail_lanes){.first = wanted < last ? wanted : last,
                              .n = d < LANES ? d : LANES,
                              .is_quiet = LANES * exp(-threshold) < 1};
        for (int k = 0; k < LANES; k++) {
            of->from[0][k] = of->high[k] = INFINITY;
            of->from[1][k] = of->low[k] = -INFINITY;
            if (k < of->n && of->first + k >= wanted)
                set_lane(of, k, &columns[of->first + k], threshold);
        }
    }
}

/* ---- rows ---- */

/* The lanes that are set, ascending. Returns how many there are then. */
static inline __attribute__((always_inline)) int list_alone(rf_tail_alone *alone, int n, const lanes_i *set,
                                                            int row, int first)
{
    uint64_t pair[LANES / 2];
    memcpy(pair, set, sizeof pair);
    for (int k = 0; k < LANES / 2; k++) {
        if (pair[k] == 0)
            continue;
        const int even = (int)((pair[k] & 1) == 0);
        alone[n++] = (rf_tail_alone){row, first + 2 * k + even};
        if (pair[k] == UINT64_MAX)
            alone[n++] = (rf_tail_alone){row, first + 2 * k + 1};
    }
    return n;
}

static inline __attribute__((always_inline)) void load_row(lanes_f *out, const rf_real *x, int n)
{
    if (sizeof *x == sizeof(float) && n == LANES) {
        memcpy(out, x, sizeof *out);
        return;
    }
    float some[LANES] = {0};
    for (int k = 0; k < n; k++)
        some[k] = (float)x[k];
    memcpy(out, some, sizeof *out);
}

static inline __attribute__((always_inline)) bool is_any(const lanes_i *set)
{
    typedef int32_t eight __attribute__((vector_size(2 * LANES)));
    typedef int32_t four __attribute__((vector_size(LANES)));
    eight halves[2];
    four quarters[2];
    uint64_t pair[2];
    memcpy(halves, set, sizeof halves);
    halves[0] |= halves[1];
    memcpy(quarters, &halves[0], sizeof quarters);
    quarters[0] |= quarters[1];
    memcpy(pair, &quarters[0], sizeof pair);
    return (pair[0] | pair[1]) != 0;
}

RF_HOT static int add_rows(rf_tail_block *block, const rf_tail_lanes *lanes, const rf_real *x, int d,
                           int rows)
{
    lanes_f from[2], begin[2], rate[2], span[2], rest[2], most, high, low;
    int n = 0;
    for (int k = 0; k < 2; k++) {
        LOAD(from[k], lanes->from[k]);
        LOAD(begin[k], lanes->begin[k]);
        LOAD(rate[k], lanes->rate[k]);
        LOAD(span[k], lanes->span[k]);
        LOAD(rest[k], lanes->rest[k]);
    }
    LOAD(most, lanes->most);
    LOAD(high, lanes->high);
    LOAD(low, lanes->low);
    for (int i = 0; i < rows; i++) {
        lanes_f seen, sum;
        load_row(&seen, x + (int64_t)i * d + lanes->first, lanes->n);
        if (lanes->reports) {
            const lanes_f over = seen - high, under = low - seen;
            const lanes_i is_over = over > under, set = PICK(is_over, over, under) > 0;
            if (is_any(&set))
                n = list_alone(block->alone, n, &set, i, lanes->first);
        }
        const lanes_f up = seen - from[0], down = from[1] - seen;
        const lanes_i is_up = up > down;
        const lanes_f excess = PICK(is_up, up, down);
        const lanes_i is_beyond = excess > 0;
        if (lanes->is_quiet && !is_any(&is_beyond))
            continue;
        const lanes_f at = PICK(is_up, begin[0], begin[1]) + PICK(is_up, rate[0], rate[1]) * excess;
        const lanes_i power = (lanes_i)((lanes_u)at - ROOT_HALF) >> 23;
        const lanes_f m = (lanes_f)((lanes_u)at - ((lanes_u)power << 23)) - 1.0F;
        lanes_f log2_m = m * 0.25475163F - 0.39089241F;
        log2_m = log2_m * m + 0.48530655F;
        log2_m = log2_m * m - 0.72055497F;
        log2_m = log2_m * m + 1.44264625F;
        log2_m = log2_m * m + __builtin_convertvector(power, lanes_f);
        lanes_f nats = PICK(is_up, rest[0], rest[1]) + PICK(is_up, span[0], span[1]) * log2_m;
        const lanes_i below = nats < most;
        nats = PICK(below, nats, most);
        LOAD(sum, block->sum[i]);
        sum += (lanes_f)((lanes_i)nats & is_beyond);
        memcpy(block->sum[i], &sum, sizeof sum);
    }
    return n;
}

int rf_tail_lanes_add(rf_tail_block *block, const rf_tail_lanes *lanes, const rf_real *x, int d, int rows)
{
    return add_rows(block, lanes, x, d, rows);
}
