/* bench_products.c - products of blocks as layers have them, by our kernels and by BLAS, in GFLOP/s of one
 * core: a table.
 *
 *   bench_products
 *
 * Best of several tries each, by turns. BLAS is asked for by a factor that our kernels leave to it
 * (rf_linalg.h).
 */
#include <stdio.h>

#include "bench_shape.h"
#include "rf_linalg.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_tall_products.h"
#include "rf_time.h"

#define TRIES 60
#define ROWS 1024 /* as RF_BLOCK */

typedef void product(rf_real *c, int ldc, const rf_real *a, int lda, const rf_real *b, int ldb, int m, int n,
                     int k, rf_real beta);

static const struct form {
    const char *what;
    product *run;
    int m, n, k;
} forms[] = {
    {"outputs of wide rows", rf_gemm_nt, ROWS, 32, 384},
    {"their weights' gradient", rf_gemm_tn, 32, 384, ROWS},
    {"their inputs' gradient", rf_gemm_nn, ROWS, 384, 32},
    {"outputs of messages", rf_gemm_nt, ROWS, 32, 128},
    {"their weights' gradient", rf_gemm_tn, 32, 128, ROWS},
    {"their inputs' gradient", rf_gemm_nn, ROWS, 128, 32},
    {"outputs of hidden rows", rf_gemm_nt, ROWS, 32, 32},
    {"narrow outputs", rf_gemm_nt, ROWS, 19, 32},
};

static rf_real *numbers(rf_rng *rng, int64_t n)
{
    rf_err err = {0};
    rf_real *out = rf_mem_new((size_t)n, sizeof *out, &err);
    if (out == NULL)
        bench_die(&err);
    for (int64_t i = 0; i < n; i++)
        out[i] = (rf_real)rf_rng_normal(rng);
    return out;
}

/* Seconds of one product; a and b lie as their form wants them, without gaps. */
static double once(const struct form *f, rf_real *c, const rf_real *a, const rf_real *b, rf_real beta)
{
    const int lda = f->run == rf_gemm_tn ? f->m : f->k, ldb = f->run == rf_gemm_nt ? f->k : f->n;
    const double start = rf_monotonic_s();
    f->run(c, f->n, a, lda, b, ldb, f->m, f->n, f->k, beta);
    return rf_monotonic_s() - start;
}

static void measure(const struct form *f, rf_rng *rng)
{
    static const rf_real beta[] = {0, (rf_real)0.5};
    rf_real *a = numbers(rng, (int64_t)f->m * f->k), *b = numbers(rng, (int64_t)f->n * f->k);
    rf_real *c = numbers(rng, (int64_t)f->m * f->n);
    double best[2] = {1e9, 1e9};
    for (int i = 0; i < TRIES; i++) {
        for (int which = 0; which < 2; which++) {
            const double seconds = once(f, c, a, b, beta[which]);
            best[which] = seconds < best[which] ? seconds : best[which];
        }
    }
    const double work = 2e-9 * f->m * f->n * f->k;
    printf("%-26s %5d x %4d x %4d  %8.0f %8.0f\n", f->what, f->m, f->k, f->n, work / best[0], work / best[1]);
    rf_mem_free(a);
    rf_mem_free(b);
    rf_mem_free(c);
}

int main(int argc, char **argv)
{
    rf_rng rng;
    (void)argc;
    bench_choose_core(argv);
    rf_linalg_setup();
    rf_rng_init(&rng, 1, 0);
    printf("GFLOP/s of one core               rows         columns      ours   BLAS (%s)%s\n",
           rf_linalg_core_name(),
           rf_tall_is_for_cpu() ? "" : "; this processor is not for ours, so both are BLAS's");
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        measure(&forms[i], &rng);
    return 0;
}
