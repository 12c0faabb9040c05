/* rf_linalg.h - dense products and factorisations; the only door to BLAS and LAPACK.
 *
 * Row-major. BLAS itself stays on one thread (its own threading changes low bits with the number of threads);
 * callers split rows into fixed blocks and run those on an rf_pool. Leading dimensions allow column slices of
 * wider matrices.
 */
#ifndef RF_LINALG_H
#define RF_LINALG_H

#include <stdint.h>

#include "rf_real.h"
#include "rf_status.h"

/* Keeps BLAS on the calling thread. Idempotent; call before the first product. */
void rf_linalg_setup(void);

/* Setup, and the buffers of so many threads that multiply at the same time. They stay until the program ends;
 * asking again costs nothing. Without this, products that get no buffer try for ever. RF_E_NOMEM says how
 * many threads could have one. One thread calls it at a time; the factorisations below call it themselves. */
RF_MUST_CHECK rf_status rf_linalg_reserve(int threads, rf_err *err);
#define RF_LINALG_BUFFER ((int64_t)128 << 20) /* bytes of address space; products use a few MB of them */

/* C (m,n) = beta C + A (m,k) B (n,k)^T.    Any of m, n, k may be 0. */
void rf_gemm_nt(rf_real *c, int ldc, const rf_real *a, int lda, const rf_real *b, int ldb, int m, int n,
                int k, rf_real beta);
/* C (m,n) = beta C + A (m,k) B (k,n) */
void rf_gemm_nn(rf_real *c, int ldc, const rf_real *a, int lda, const rf_real *b, int ldb, int m, int n,
                int k, rf_real beta);
/* C (m,n) = beta C + A (k,m)^T B (k,n) */
void rf_gemm_tn(rf_real *c, int ldc, const rf_real *a, int lda, const rf_real *b, int ldb, int m, int n,
                int k, rf_real beta);

/* Turns a (rows, cols) of independent normal numbers into a matrix of orthonormal rows (rows <= cols) or
 * columns, uniformly distributed: QR with the signs of R's diagonal made positive. Allocates min(rows, cols)
 * + rows * cols numbers. */
RF_MUST_CHECK rf_status rf_orthogonalise(rf_real *a, int rows, int cols, rf_err *err);

/* Turns the symmetric positive definite a [n, n] into its inverse, by Cholesky. RF_E_NUMERIC where it is not
 * positive definite. */
RF_MUST_CHECK rf_status rf_spd_invert(double *a, int n, rf_err *err);

/* The kernels that BLAS chose ("Zen", "SkylakeX", ...). */
const char *rf_linalg_core_name(void);
/* NULL when that choice suits this CPU; else the value of OPENBLAS_CORETYPE that is faster here. The library
 * chooses when it is loaded, so the program has to start itself again with it. */
const char *rf_linalg_better_core(void);

#endif
