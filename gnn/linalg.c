/* linalg.c - the one file that includes cblas.h and lapacke.h.
 *
 * Picks float or double routines by rf_real, and knows which choices of OpenBLAS are wrong for CPUs that are
 * newer than the library. dense.c does the threading.
 */
#include "rf_linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#include "rf_mem.h"
#include "rf_tall_products.h"

#if RF_REAL_IS_DOUBLE
#define GEMM cblas_dgemm
#define GEQRF LAPACKE_dgeqrf
#define ORGQR LAPACKE_dorgqr
#else
#define GEMM cblas_sgemm
#define GEQRF LAPACKE_sgeqrf
#define ORGQR LAPACKE_sorgqr
#endif

void rf_linalg_setup(void)
{
    if (openblas_get_num_threads() != 1)
        openblas_set_num_threads(1);
}

/* OpenBLAS keeps a buffer for each product that runs at the same time, and makes it at the first need. It has
 * no way to say that there is no memory for it. So buffers are made here, by the function that its products
 * call, after looking whether the room is there. Another BLAS lacks the function, and is left alone. */
extern void *blas_memory_alloc(int position);
extern void blas_memory_free(void *buffer);
#pragma weak blas_memory_alloc
#pragma weak blas_memory_free

#define MOST_BUFFERS 1024

static atomic_int n_buffers; /* that OpenBLAS has by now: it never gives one back */

static bool has_room_for_buffer(void)
{
    size_t size = (size_t)RF_LINALG_BUFFER + ((size_t)1 << 16);
    void *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return room != MAP_FAILED && munmap(room, size) == 0;
}

rf_status rf_linalg_reserve(int threads, rf_err *err)
{
    rf_status st = RF_OK;
    void *buffer[MOST_BUFFERS];
    int got = 0, want = threads < MOST_BUFFERS ? threads : MOST_BUFFERS, before = atomic_load(&n_buffers);
    rf_linalg_setup();
    if (want <= before || blas_memory_alloc == NULL || blas_memory_free == NULL)
        return RF_OK;
    while (got < want && (got < before || has_room_for_buffer()))
        buffer[got++] = blas_memory_alloc(0);
    atomic_store(&n_buffers, got);
    for (int i = 0; i < got; i++)
        blas_memory_free(buffer[i]);
    if (got < want)
        RF_FAIL(err, RF_E_NOMEM,
                "out of memory: matrix products reserve 128 MB of address space for each of %d threads, and "
                "there is room for %d; try fewer with --threads, or raise the limit (ulimit -v)",
                threads, got);
done:
    return st;
}

static void scale_rows(rf_real *c, int ldc, int m, int n, rf_real beta)
{
    for (int i = 0; i < m; i++) {
        rf_real *row = c + (int64_t)i * ldc;
        for (int j = 0; j < n; j++)
            row[j] = beta == 0 ? 0 : row[j] * beta;
    }
}

static int at_least_one(int x)
{
    return x > 0 ? x : 1;
}

/* By the kernels for tall blocks, where they are for it: beta 0 or 1. */
static bool is_tall(rf_tall_product p, rf_real beta)
{
    p.add = beta == 1;
    return (beta == 0 || beta == 1) && rf_tall_multiply(&p);
}

void rf_gemm_nt(rf_real *c, int ldc, const rf_real *a, int lda, const rf_real *b, int ldb, int m, int n,
                int k, rf_real beta)
{
    if (k == 0 || m == 0 || n == 0)
        scale_rows(c, ldc, m, n, beta);
    else if (!is_tall((rf_tall_product){c, a, b, ldc, lda, 1, 1, ldb, m, n, k, false}, beta))
        GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1, a, at_least_one(lda), b, at_least_one(ldb),
             beta, c, ldc);
}

void rf_gemm_nn(rf_real *c, int ldc, const rf_real *a, int lda, const rf_real *b, int ldb, int m, int n,
                int k, rf_real beta)
{
    if (k == 0 || m == 0 || n == 0)
        scale_rows(c, ldc, m, n, beta);
    else if (!is_tall((rf_tall_product){c, a, b, ldc, lda, 1, ldb, 1, m, n, k, false}, beta))
        GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

void rf_gemm_tn(rf_real *c, int ldc, const rf_real *a, int lda, const rf_real *b, int ldb, int m, int n,
                int k, rf_real beta)
{
    if (k == 0 || m == 0 || n == 0)
        scale_rows(c, ldc, m, n, beta);
    else if (!is_tall((rf_tall_product){c, a, b, ldc, 1, lda, ldb, 1, m, n, k, false}, beta))
        GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

/* Column-major view: the row-major (rows, cols) is (cols, rows); a tall or square matrix is factored in
 * place. */
static rf_status orthonormal_columns(rf_real *a, int tall, int narrow, rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *tau = NULL;
    RF_TRY(rf_linalg_reserve(1, err));
    RF_NEW(tau, (size_t)narrow * 2, err);
    rf_real *sign = tau + narrow;
    int info = (int)GEQRF(LAPACK_COL_MAJOR, tall, narrow, a, tall, tau);
    for (int j = 0; j < narrow; j++)
        sign[j] = a[(int64_t)j * tall + j] < 0 ? (rf_real)-1 : (rf_real)1;
    if (info == 0)
        info = (int)ORGQR(LAPACK_COL_MAJOR, tall, narrow, narrow, a, tall, tau);
    if (info != 0)
        RF_FAIL(err, info == LAPACK_WORK_MEMORY_ERROR ? RF_E_NOMEM : RF_E_INTERNAL,
                "orthogonal initial weights: LAPACK's QR of a %d x %d matrix failed (%d)", tall, narrow,
                info);
    for (int j = 0; j < narrow; j++) {
        for (int i = 0; i < tall; i++)
            a[(int64_t)j * tall + i] *= sign[j];
    }
done:
    rf_mem_free(tau);
    return st;
}

rf_status rf_orthogonalise(rf_real *a, int rows, int cols, rf_err *err)
{
    if (rows == 0 || cols == 0)
        return RF_OK;
    if (rows <= cols) /* its rows are the columns of the column-major (cols, rows) */
        return orthonormal_columns(a, cols, rows, err);
    rf_real *turned = rf_mem_new((size_t)rows * (size_t)cols, sizeof *turned, err);
    if (turned == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < cols; j++)
            turned[j * rows + i] = a[i * cols + j];
    }
    rf_status st = orthonormal_columns(turned, rows, cols, err);
    if (st == RF_OK) {
        for (int64_t i = 0; i < rows; i++) {
            for (int64_t j = 0; j < cols; j++)
                a[i * cols + j] = turned[j * rows + i];
        }
    }
    rf_mem_free(turned);
    return st;
}

rf_status rf_spd_invert(double *a, int n, rf_err *err)
{
    rf_status st = RF_OK;
    if (n == 0)
        return RF_OK;
    RF_TRY(rf_linalg_reserve(1, err));
    if (LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', n, a, n) != 0 ||
        LAPACKE_dpotri(LAPACK_ROW_MAJOR, 'L', n, a, n) != 0)
        RF_FAIL(err, RF_E_NUMERIC, "a matrix of %d rows is not positive definite", n);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = i + 1; j < n; j++)
            a[i * n + j] = a[j * n + i];
    }
done:
    return st;
}

const char *rf_linalg_core_name(void)
{
    return openblas_get_corename();
}

#if defined(__x86_64__)
static int is_avx512_core(const char *name)
{
    return strcasecmp(name, "SkylakeX") == 0 || strcasecmp(name, "Cooperlake") == 0 ||
           strcasecmp(name, "SapphireRapids") == 0;
}
#endif

const char *rf_linalg_better_core(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        !is_avx512_core(openblas_get_corename()))
        return "SKYLAKEX";
#endif
    return NULL;
}
