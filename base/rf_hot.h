/* rf_hot.h - compiling a hot function for several CPUs.
 *
 * RF_HOT clones a function for AVX-512 and AVX2; the loader takes the best one. All clones do the same
 * operations in the same order (no contraction to fused multiply-adds), so they also agree in every bit.
 * RF_HOT is for static functions: clang gives clones names that other files do not find.
 */
#ifndef RF_HOT_H
#define RF_HOT_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define RF_NO_CLONES 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__x86_64__) ||                 \
    !defined(__OPTIMIZE__)
#define RF_NO_CLONES 1 /* sanitizers cannot run the loader's choice */
#endif
#ifdef RF_NO_CLONES
#define RF_HOT
#else
#define RF_HOT __attribute__((target_clones("avx512f", "avx2", "default")))
#endif

#endif
