/* rf_mem.h - all heap memory of ringfence: counted, checked for overflow, and able to fail on request.
 *
 * Blocks are ordinary malloc blocks with a small header; the counters are atomic, so any thread may allocate.
 * The failure switch serves tests: rf_mem_fail_after(n) lets n requests succeed and refuses all later ones.
 */
#ifndef RF_MEM_H
#define RF_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"

/* n * size bytes, uninitialised / zeroed / grown; NULL with err filled when refused. n == 0 gives a valid
 * block. */
RF_MUST_CHECK void *rf_mem_new(size_t n, size_t size, rf_err *err);
RF_MUST_CHECK void *rf_mem_zero(size_t n, size_t size, rf_err *err);
RF_MUST_CHECK void *rf_mem_grow(void *block, size_t n, size_t size,
                                rf_err *err); /* block stays valid on NULL */
void rf_mem_free(void *block);                /* NULL allowed */

/* A copy of len bytes with a closing NUL. */
RF_MUST_CHECK char *rf_mem_text(const char *text, size_t len, rf_err *err);

/* Makes room for `need` items in *block (of *cap items of `size` bytes), doubling; failure leaves both
 * unchanged. */
RF_MUST_CHECK rf_status rf_mem_reserve(void **block, size_t *cap, size_t need, size_t size, rf_err *err);

/* Typed allocation for functions with a local `rf_status st` and a label `done`: p becomes a block of n items
 * of *p, uninitialised / zeroed / with room for `need` of them (cap is p's size_t of items; p and cap stay on
 * failure). A refusal fills err and jumps to `done` with st = RF_E_NOMEM. */
#define RF_NEW(p, n, err)                                                                                    \
    do {                                                                                                     \
        (p) = rf_mem_new((size_t)(n), sizeof *(p), (err));                                                   \
        if ((p) == NULL) {                                                                                   \
            st = RF_E_NOMEM;                                                                                 \
            goto done;                                                                                       \
        }                                                                                                    \
    } while (0)
#define RF_ZERO(p, n, err)                                                                                   \
    do {                                                                                                     \
        (p) = rf_mem_zero((size_t)(n), sizeof *(p), (err));                                                  \
        if ((p) == NULL) {                                                                                   \
            st = RF_E_NOMEM;                                                                                 \
            goto done;                                                                                       \
        }                                                                                                    \
    } while (0)
#define RF_RESERVE(p, cap, need, err)                                                                        \
    RF_TRY(rf_mem_reserve((void **)&(p), &(cap), (size_t)(need), sizeof *(p), (err)))

/* *out = a * b (or a + b); false on overflow. */
RF_MUST_CHECK bool rf_mul_size(size_t *out, size_t a, size_t b);
RF_MUST_CHECK bool rf_add_size(size_t *out, size_t a, size_t b);

typedef struct rf_mem_stats {
    int64_t live_blocks;
    int64_t live_bytes;
    int64_t peak_bytes;
    int64_t requests; /* since the start: a loop that must not allocate holds this still */
} rf_mem_stats;
rf_mem_stats rf_mem_stats_get(void);
/* From now on peak_bytes is the peak after this call. */
void rf_mem_peak_bytes_reset(void);

/* Tests only: the next n requests succeed, all later ones fail; negative switches the failures off. How many
 * requests were refused since they were switched on last. */
void rf_mem_fail_after(int64_t n);
int64_t rf_mem_refusals(void);

/* Peak resident bytes of this process as the kernel counts them, and a reset of that mark (false where
 * refused). */
int64_t rf_mem_peak_rss(void);
bool rf_mem_peak_rss_reset(void);

/* ---- arena: one block, handed out in slices aligned to 64 bytes
 * --------------------------------------------------
 *
 * Planned first, bound second, by the same walker: with base == NULL every slice is only counted. In debug
 * builds a bound slice is its own allocation filled with 0xFF bytes (NaN for floats), so that sanitizers see
 * each boundary.
 */
typedef struct rf_arena rf_arena;

RF_MUST_CHECK rf_status rf_arena_new(rf_arena **out, rf_err *err);
RF_MUST_CHECK rf_status rf_arena_reserve(rf_arena *arena, rf_err *err); /* ends planning: takes the memory */
/* A slice of n * size bytes. While planning: NULL. After rf_arena_reserve: the slice, never NULL (it asserts
 * that the walk is the planned one). */
void *rf_arena_take(rf_arena *arena, size_t n, size_t size);
/* Slices that are never alive together share their room: first the alternative between begin and next, then
 * the one between next and end, from the same place. Debug builds keep all slices apart. */
void rf_arena_share_begin(rf_arena *arena);
void rf_arena_share_next(rf_arena *arena);
void rf_arena_share_end(rf_arena *arena);
size_t rf_arena_bytes(const rf_arena *arena); /* SIZE_MAX when the plan overflowed */
void rf_arena_free(rf_arena *arena);

#endif
