/* gnn_int.h - what the kernels share: one vector type.
 */
#ifndef RF_GNN_INT_H
#define RF_GNN_INT_H

#include <stdint.h>
#include <string.h>

#include "rf_bf16.h"
#include "rf_hot.h"
#include "rf_real.h"

#if defined(__GNUC__) && !defined(__clang__)
/* gcc 12 takes arrays of vectors for uninitialised once a clone has unrolled their loops */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define RF_INLINE static inline __attribute__((always_inline))

#define RF_LANES ((int)(64 / sizeof(rf_real)))
typedef rf_real rf_vec __attribute__((vector_size(64)));
#if RF_REAL_IS_DOUBLE
typedef int64_t rf_lane;
#else
typedef int32_t rf_lane;
#endif
typedef rf_lane rf_mask __attribute__((vector_size(64)));

/* Half a vector, and the same lanes as doubles: for sums over rows. */
#define RF_HALF ((int)(32 / sizeof(rf_real)))
typedef rf_real rf_half __attribute__((vector_size(32)));
typedef rf_lane rf_half_mask __attribute__((vector_size(32)));
typedef double rf_wide __attribute__((vector_size(32 / sizeof(rf_real) * 8)));
#define RF_WIDEN(v) __builtin_convertvector((v), rf_wide)

/* As many bfloat16 numbers as a vector has lanes. */
typedef rf_bf16 rf_narrow_vec __attribute__((vector_size(2 * 64 / sizeof(rf_real))));
typedef uint32_t rf_float_bits __attribute__((vector_size(4 * 64 / sizeof(rf_real))));
typedef float rf_float_vec __attribute__((vector_size(4 * 64 / sizeof(rf_real))));
#define RF_FROM_NARROW(v)                                                                                    \
    __builtin_convertvector((rf_float_vec)(__builtin_convertvector((v), rf_float_bits) << 16), rf_vec)

#define RF_LOAD(v, p) memcpy(&(v), (p), sizeof(v))
#define RF_STORE(p, v) memcpy((p), &(v), sizeof(v))

#endif
