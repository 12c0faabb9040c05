/* test_tall_products.c - products of blocks against plain loops: every remainder of rows and columns, slices
 * of wider matrices, with and without what was there before. */
#include "made_input.h"
#include "rf_linalg.h"
#include "rf_tall_products.h"

#define CLOSE (RF_REAL_IS_DOUBLE ? 1e-12 : 2e-5)

typedef enum form { NT, NN, TN } form;

typedef struct factors {
    int m, n, k;
    form form_of;
    int lda, ldb, ldc;
    rf_real *a, *b, *c, *before;
} factors;

static double element(const rf_real *x, int ld, bool is_turned, int i, int j)
{
    return (double)(is_turned ? x[j * ld + i] : x[i * ld + j]);
}

static void multiply(const factors *f, rf_real beta)
{
    if (f->form_of == NT)
        rf_gemm_nt(f->c, f->ldc, f->a, f->lda, f->b, f->ldb, f->m, f->n, f->k, beta);
    else if (f->form_of == NN)
        rf_gemm_nn(f->c, f->ldc, f->a, f->lda, f->b, f->ldb, f->m, f->n, f->k, beta);
    else
        rf_gemm_tn(f->c, f->ldc, f->a, f->lda, f->b, f->ldb, f->m, f->n, f->k, beta);
}

static void check(const factors *f, rf_real beta)
{
    for (int i = 0; i < f->m; i++) {
        for (int j = 0; j < f->ldc; j++) {
            const double old = (double)f->before[i * f->ldc + j];
            double want = j < f->n ? (double)beta * old : old, size = 1;
            for (int k = 0; k < f->k && j < f->n; k++) {
                const double term = element(f->a, f->lda, f->form_of == TN, i, k) *
                                    element(f->b, f->ldb, f->form_of == NT, k, j);
                want += term;
                size += fabs(term);
            }
            ck_assert_msg(fabs((double)f->c[i * f->ldc + j] - want) <= CLOSE * size,
                          "%d x %d x %d, form %d, beta %g: c[%d][%d] is %.9g, not %.9g", f->m, f->n, f->k,
                          (int)f->form_of, (double)beta, i, j, (double)f->c[i * f->ldc + j], want);
        }
    }
}

static void try_product(int m, int n, int k, form form_of, rf_real beta)
{
    factors f = {.m = m, .n = n, .k = k, .form_of = form_of, .ldc = n + 3};
    f.lda = (form_of == TN ? m : k) + 2;
    f.ldb = (form_of == NT ? k : n) + 5;
    const int size_a = f.lda * (form_of == TN ? k : m), size_b = f.ldb * (form_of == NT ? n : k);
    rf_rng rng;
    rf_rng_init(&rng, (uint64_t)(m * 1000 + n), (uint64_t)k);
    f.a = made_normals(&rng, size_a);
    f.b = made_normals(&rng, size_b);
    f.c = made_normals(&rng, m * f.ldc);
    f.before = malloc((size_t)(m * f.ldc) * sizeof *f.before);
    memcpy(f.before, f.c, (size_t)(m * f.ldc) * sizeof *f.before);
    multiply(&f, beta);
    check(&f, beta);
    free(f.a), free(f.b), free(f.c), free(f.before);
}

START_TEST(every_remainder_of_rows_and_columns)
{
    for (int m = 1; m <= 29; m += 3) {
        for (int n = 1; n <= 50; n += n < 18 ? 1 : 7) {
            for (form f = NT; f <= TN; f++)
                try_product(m, n, 1 + (m * n) % 13, f, (rf_real)(n % 2));
        }
    }
}
END_TEST

START_TEST(blocks_as_layers_have_them)
{
    for (form f = NT; f <= TN; f++) {
        try_product(1024, 32, 96, f, 0);
        try_product(77, 345, 32, f, 1);
        try_product(32, 131, 1024, f, 1);
        try_product(5, 40, 3000, f, 0);           /* too wide to be copied: BLAS's */
        try_product(70, 33, 64, f, (rf_real)0.5); /* neither new nor added */
    }
}
END_TEST

START_TEST(what_suits_this_cpu_is_done)
{
    rf_real a[4] = {1, 2, 3, 4}, b[2] = {5, 6}, c[2] = {7, 7};
    const rf_tall_product p = {.c = c,
                               .a = a,
                               .b = b,
                               .ldc = 1,
                               .a_row = 2,
                               .a_k = 1,
                               .b_row = 1,
                               .b_column = 1,
                               .m = 2,
                               .n = 1,
                               .k = 2};
    const bool is_done = rf_tall_multiply(&p);
    ck_assert_int_eq(is_done, rf_tall_is_for_cpu());
    ck_assert(c[0] == (rf_real)(is_done ? 17 : 7) && c[1] == (rf_real)(is_done ? 39 : 7));
}
END_TEST

RF_SUITE("tall products", every_remainder_of_rows_and_columns, blocks_as_layers_have_them,
         what_suits_this_cpu_is_done)
