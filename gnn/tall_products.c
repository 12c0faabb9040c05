/* tall_products.c - see rf_tall_products.h. Compiled with fused multiply-adds.
 *
 * One tile does it all: some rows times one or two vectors of columns, over all of k, in registers. The three
 * kinds of product differ in strides alone. What is not contiguous over columns, or ends within a vector, is
 * copied beside zeros first: a weight, or a strip of at most 15 columns.
 */
#include "rf_tall_products.h"

#include "gnn_int.h"

#define ROOM ((int64_t)1 << 16) /* numbers that a thread can copy */
#define TALLEST 12              /* rows of a tile: 24 sums, and 2 vectors of b, in 32 registers */

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw")))

/* n_rows rows of c from `row` on, n_vecs vectors of columns from `column` on. */
RF_INLINE void tile(const rf_tall_product *p, int row, int column, int n_rows, int n_vecs)
{
    const rf_real *a = p->a + row * p->a_row, *b = p->b + column;
    rf_real *c = p->c + row * p->ldc + column;
    rf_vec sum[TALLEST][2], x[2], old;
#pragma GCC unroll 12
    for (int r = 0; r < n_rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < n_vecs; v++)
            sum[r][v] = (rf_vec){0};
    }
    for (int64_t k = 0; k < p->k; k++) {
#pragma GCC unroll 2
        for (int v = 0; v < n_vecs; v++)
            RF_LOAD(x[v], b + k * p->b_row + v * RF_LANES);
#pragma GCC unroll 12
        for (int r = 0; r < n_rows; r++) {
            const rf_real s = a[r * p->a_row + k * p->a_k];
#pragma GCC unroll 2
            for (int v = 0; v < n_vecs; v++)
                sum[r][v] += x[v] * s;
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < n_rows; r++) {
#pragma GCC unroll 2
        for (int v = 0; v < n_vecs; v++) {
            rf_real *out = c + r * p->ldc + v * RF_LANES;
            if (p->add) {
                RF_LOAD(old, out);
                sum[r][v] += old;
            }
            RF_STORE(out, sum[r][v]);
        }
    }
}

/* All rows of a strip of columns. */
RF_INLINE void rows_of_strip(const rf_tall_product *p, int from, int to, int column, int n_vecs)
{
    int row = from;
    for (; row + TALLEST <= to; row += TALLEST)
        tile(p, row, column, TALLEST, n_vecs);
    for (; row + 8 <= to; row += 8)
        tile(p, row, column, 8, n_vecs);
    for (; row + 4 <= to; row += 4)
        tile(p, row, column, 4, n_vecs);
    for (; row < to; row++)
        tile(p, row, column, 1, n_vecs);
}

AVX512 static void strips(const rf_tall_product *p, int from, int to, int columns)
{
    int column = 0;
    for (; column + 2 * RF_LANES <= columns; column += 2 * RF_LANES)
        rows_of_strip(p, from, to, column, 2);
    for (; column + RF_LANES <= columns; column += RF_LANES)
        rows_of_strip(p, from, to, column, 1);
}

/* Rows of a that lie one behind the other stay in the cache while the columns pass; else the columns of b do
 * while a's rows pass. */
static void multiply(const rf_tall_product *p, int columns)
{
    const int step = p->a_k == 1 ? TALLEST : p->m;
    for (int row = 0; row < p->m; row += step)
        strips(p, row, row + step < p->m ? row + step : p->m, columns);
}

/* The last columns, which do not fill a vector: b has them beside zeros. */
static void multiply_rest(const rf_tall_product *p, const rf_real *b, int column)
{
    rf_real out[64 * RF_LANES];
    rf_tall_product part = *p;
    part.b = b;
    part.b_row = part.ldc = RF_LANES;
    part.c = out;
    part.add = false;
    for (int row = 0; row < p->m; row += 64) {
        part.a = p->a + row * p->a_row;
        part.m = p->m - row < 64 ? p->m - row : 64;
        multiply(&part, RF_LANES);
        for (int r = 0; r < part.m; r++) {
            rf_real *c = p->c + (row + r) * p->ldc;
            for (int j = column; j < p->n; j++)
                c[j] = (p->add ? c[j] : 0) + out[r * RF_LANES + j - column];
        }
    }
}

/* Columns [from, to) of b into rows of `width` numbers. */
static void copy_columns(rf_real *out, const rf_tall_product *p, int from, int to, int width)
{
    for (int64_t k = 0; k < p->k; k++) {
        const rf_real *b = p->b + k * p->b_row;
        for (int j = from; j < to; j++)
            out[k * width + j - from] = b[j * p->b_column];
        for (int j = to - from; j < width; j++)
            out[k * width + j] = 0;
    }
}

bool rf_tall_is_for_cpu(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

bool rf_tall_multiply(const rf_tall_product *product)
{
    static _Thread_local rf_real room[ROOM] __attribute__((aligned(64)));
    rf_tall_product p = *product;
    const int whole = p.n / RF_LANES * RF_LANES, rest = p.n - whole;
    if (!rf_tall_is_for_cpu() ||
        (p.b_column == 1 ? (int64_t)p.k * RF_LANES : (int64_t)p.k * (whole + RF_LANES)) > ROOM)
        return false;
    if (p.b_column != 1 && whole > 0) {
        copy_columns(room, product, 0, whole, whole);
        p.b = room;
        p.b_row = whole;
    }
    if (whole > 0)
        multiply(&p, whole);
    if (rest > 0) {
        rf_real *last = room + (p.b_column == 1 ? 0 : (int64_t)p.k * whole);
        copy_columns(last, product, whole, p.n, RF_LANES);
        multiply_rest(&p, last, whole);
    }
    return true;
}
#else
bool rf_tall_is_for_cpu(void)
{
    return false;
}

bool rf_tall_multiply(const rf_tall_product *product)
{
    (void)product;
    return false;
}
#endif
