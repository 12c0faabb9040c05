/* mem.c - counted allocation, the arena, and the process's peak resident size.
 *
 * Every block carries its size in a 16-byte header, so that live bytes can be counted without the allocator's
 * help and malloc's alignment is kept. The walk that plans an arena and the walk that binds it must take the
 * same slices.
 */
#include "rf_mem.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HEADER 16
#define PAGE ((size_t)4096)
#define LARGE_BLOCK ((size_t)1 << 20) /* from here on blocks ask for huge pages */
#define SLICE_ALIGNMENT 64

static atomic_llong live_blocks, live_bytes, peak_bytes, requests;
static atomic_llong allowance = -1; /* requests that may still succeed; negative: all of them */
static atomic_llong refusals;       /* since the allowance was set */

static bool refused(void)
{
    if (atomic_load_explicit(&allowance, memory_order_relaxed) < 0)
        return false;
    long long left = atomic_fetch_sub(&allowance, 1);
    if (left > 0)
        return false;
    atomic_store(&allowance, 0);
    atomic_fetch_add_explicit(&refusals, 1, memory_order_relaxed);
    return true;
}

static void count_bytes(int64_t delta)
{
    long long now = atomic_fetch_add_explicit(&live_bytes, delta, memory_order_relaxed) + delta;
    long long peak = atomic_load_explicit(&peak_bytes, memory_order_relaxed);
    while (now > peak && !atomic_compare_exchange_weak(&peak_bytes, &peak, now)) {
    }
}

/* Large tables are read at random: with small pages each look also misses the TLB, and each new page costs a
 * fault. The range goes outwards to whole pages, so that a huge page may lie across two such blocks. A hint
 * only: of what is never touched, no more than the rest of a huge page costs anything. */
static void ask_for_huge_pages(char *raw, size_t bytes)
{
    if (bytes < LARGE_BLOCK)
        return;
    uintptr_t from = (uintptr_t)raw & ~(uintptr_t)(PAGE - 1),
              to = ((uintptr_t)raw + bytes + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

static void *block_of(char *raw, size_t bytes)
{
    memcpy(raw, &bytes, sizeof bytes);
    return raw + HEADER;
}

static size_t block_bytes(const void *block)
{
    size_t bytes;
    memcpy(&bytes, (const char *)block - HEADER, sizeof bytes);
    return bytes;
}

static bool total_bytes(size_t *total, size_t n, size_t size, rf_err *err)
{
    size_t with_header;
    if (rf_mul_size(total, n, size) && rf_add_size(&with_header, *total, HEADER))
        return true;
    (void)rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__,
                     "out of memory: %zu items of %zu bytes are more than this machine can address", n, size);
    return false;
}

/* A block of no bytes has one all the same: else nothing would point into it, and leak checkers miss it. */
static size_t raw_bytes(size_t total)
{
    return HEADER + (total > 0 ? total : 1);
}

static void *new_block(size_t n, size_t size, bool zeroed, rf_err *err)
{
    size_t total;
    if (!total_bytes(&total, n, size, err))
        return NULL;
    atomic_fetch_add_explicit(&requests, 1, memory_order_relaxed);
    char *raw = NULL;
    if (!refused())
        raw = zeroed ? calloc(1, raw_bytes(total)) : malloc(raw_bytes(total));
    if (raw == NULL) {
        (void)rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory: %zu bytes were refused", total);
        return NULL;
    }
    atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    count_bytes((int64_t)total);
    ask_for_huge_pages(raw, total + HEADER);
    return block_of(raw, total);
}

void *rf_mem_new(size_t n, size_t size, rf_err *err)
{
    return new_block(n, size, false, err);
}

void *rf_mem_zero(size_t n, size_t size, rf_err *err)
{
    return new_block(n, size, true, err);
}

void *rf_mem_grow(void *block, size_t n, size_t size, rf_err *err)
{
    if (block == NULL)
        return rf_mem_new(n, size, err);
    size_t total;
    if (!total_bytes(&total, n, size, err))
        return NULL;
    atomic_fetch_add_explicit(&requests, 1, memory_order_relaxed);
    size_t before = block_bytes(block);
    char *raw = refused() ? NULL : realloc((char *)block - HEADER, raw_bytes(total));
    if (raw == NULL) {
        (void)rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory: %zu bytes were refused", total);
        return NULL;
    }
    count_bytes((int64_t)total - (int64_t)before);
    ask_for_huge_pages(raw, total + HEADER);
    return block_of(raw, total);
}

void rf_mem_free(void *block)
{
    if (block == NULL)
        return;
    atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
    count_bytes(-(int64_t)block_bytes(block));
    free((char *)block - HEADER);
}

char *rf_mem_text(const char *text, size_t len, rf_err *err)
{
    size_t with_nul;
    if (!rf_add_size(&with_nul, len, 1)) {
        (void)rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory: a text of %zu bytes", len);
        return NULL;
    }
    char *copy = rf_mem_new(with_nul, 1, err);
    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

rf_status rf_mem_reserve(void **block, size_t *cap, size_t need, size_t size, rf_err *err)
{
    if (need <= *cap && *block != NULL)
        return RF_OK;
    size_t room = *cap < 16 ? 16 : *cap;
    while (room < need) {
        if (!rf_mul_size(&room, room, 2))
            room = need;
    }
    void *grown = rf_mem_grow(*block, room, size, err);
    if (grown == NULL)
        return RF_E_NOMEM;
    *block = grown;
    *cap = room;
    return RF_OK;
}

bool rf_mul_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_mul_overflow(a, b, out);
}

bool rf_add_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_add_overflow(a, b, out);
}

rf_mem_stats rf_mem_stats_get(void)
{
    return (rf_mem_stats){
        .live_blocks = atomic_load(&live_blocks),
        .live_bytes = atomic_load(&live_bytes),
        .peak_bytes = atomic_load(&peak_bytes),
        .requests = atomic_load(&requests),
    };
}

void rf_mem_peak_bytes_reset(void)
{
    atomic_store(&peak_bytes, atomic_load(&live_bytes));
}

void rf_mem_fail_after(int64_t n)
{
    if (n >= 0)
        atomic_store(&refusals, 0);
    atomic_store(&allowance, n < 0 ? -1 : n);
}

int64_t rf_mem_refusals(void)
{
    return atomic_load(&refusals);
}

int64_t rf_mem_peak_rss(void)
{
    FILE *status = fopen("/proc/self/status", "re");
    if (status == NULL)
        return -1;
    char line[256];
    long long kib = -1;
    while (kib < 0 && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtoll(line + 6, NULL, 10);
    }
    fclose(status);
    return kib < 0 ? -1 : kib * 1024;
}

bool rf_mem_peak_rss_reset(void)
{
    FILE *refs = fopen("/proc/self/clear_refs", "we");
    if (refs == NULL)
        return false;
    bool written = fputs("5", refs) >= 0;
    return fclose(refs) == 0 && written;
}

/* ---- arena ---- */

struct rf_arena {
    size_t planned; /* bytes, SIZE_MAX when they overflowed */
    size_t n_planned;
    size_t used, n_taken;
    size_t share_from, share_to; /* where alternatives begin, and the longest of them ends */
    bool reserved;
    char *block, *start; /* one block, and its first aligned byte */
#ifdef RF_DEBUG
    void **slices; /* each slice an allocation of its own: sanitizers see its ends */
    size_t cap_slices;
    int64_t counted; /* their bytes, among those of live blocks */
#endif
};

rf_status rf_arena_new(rf_arena **out, rf_err *err)
{
    rf_arena *arena = rf_mem_zero(1, sizeof *arena, err);
    if (arena == NULL)
        return RF_E_NOMEM;
    *out = arena;
    return RF_OK;
}

static bool aligned_bytes(size_t *out, size_t n, size_t size)
{
    if (!rf_mul_size(out, n, size) || !rf_add_size(out, *out, SLICE_ALIGNMENT - 1))
        return false;
    *out &= ~(size_t)(SLICE_ALIGNMENT - 1);
    return true;
}

static char *align_up(char *raw)
{
    uintptr_t at = (uintptr_t)raw;
    uintptr_t up = (at + SLICE_ALIGNMENT - 1) & ~(uintptr_t)(SLICE_ALIGNMENT - 1);
    return raw + (up - at);
}

static void plan_slice(rf_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    arena->n_planned++;
    if (arena->planned == SIZE_MAX)
        return;
    if (!aligned_bytes(&bytes, n, size) || !rf_add_size(&arena->planned, arena->planned, bytes))
        arena->planned = SIZE_MAX;
}

#ifdef RF_DEBUG

rf_status rf_arena_reserve(rf_arena *arena, rf_err *err)
{
    rf_status st = RF_OK;
    size_t total;
    if (arena->planned == SIZE_MAX ||
        !rf_add_size(&total, arena->planned, arena->n_planned * 2 * SLICE_ALIGNMENT))
        RF_FAIL(err, RF_E_NOMEM, "out of memory: the arena's plan is more than this machine can address");
    /* Slices are taken here in spirit: the plan's sum is claimed once, so that a refusal shows before
     * binding. */
    void *probe = rf_mem_new(total, 1, err);
    if (probe == NULL)
        return RF_E_NOMEM;
    rf_mem_free(probe);
    arena->slices = rf_mem_zero(arena->n_planned, sizeof *arena->slices, err);
    if (arena->slices == NULL)
        return RF_E_NOMEM;
    arena->cap_slices = arena->n_planned;
    arena->counted = (int64_t)total;
    count_bytes(arena->counted);
    arena->reserved = true;
done:
    return st;
}

static void *bind_slice(rf_arena *arena, size_t bytes)
{
    assert(arena->n_taken < arena->cap_slices);
    char *raw = malloc(bytes + SLICE_ALIGNMENT);
    assert(raw != NULL);
    arena->slices[arena->n_taken] = raw;
    char *slice = align_up(raw);
    memset(slice, 0xFF, bytes);
    return slice;
}

#else

rf_status rf_arena_reserve(rf_arena *arena, rf_err *err)
{
    rf_status st = RF_OK;
    size_t total;
    if (arena->planned == SIZE_MAX || !rf_add_size(&total, arena->planned, SLICE_ALIGNMENT))
        RF_FAIL(err, RF_E_NOMEM, "out of memory: the arena's plan is more than this machine can address");
    arena->block = rf_mem_new(total, 1, err);
    if (arena->block == NULL)
        return RF_E_NOMEM;
    arena->start = align_up(arena->block);
    arena->reserved = true;
done:
    return st;
}

static void *bind_slice(rf_arena *arena, size_t bytes)
{
    assert(arena->used + bytes <= arena->planned);
    (void)bytes;
    return arena->start + arena->used;
}

#endif

void *rf_arena_take(rf_arena *arena, size_t n, size_t size)
{
    if (!arena->reserved) {
        plan_slice(arena, n, size);
        return NULL;
    }
    size_t bytes;
    bool fits = aligned_bytes(&bytes, n, size);
    assert(fits && arena->n_taken < arena->n_planned);
    (void)fits;
    void *slice = bind_slice(arena, bytes);
    arena->used += bytes;
    arena->n_taken++;
    return slice;
}

#ifdef RF_DEBUG

void rf_arena_share_begin(rf_arena *arena)
{
    (void)arena;
}

void rf_arena_share_next(rf_arena *arena)
{
    (void)arena;
}

void rf_arena_share_end(rf_arena *arena)
{
    (void)arena;
}

#else

static size_t *arena_place(rf_arena *arena)
{
    return arena->reserved ? &arena->used : &arena->planned;
}

static size_t later(size_t a, size_t b)
{
    return a > b ? a : b;
}

void rf_arena_share_begin(rf_arena *arena)
{
    arena->share_from = arena->share_to = *arena_place(arena);
}

void rf_arena_share_next(rf_arena *arena)
{
    size_t *place = arena_place(arena);
    arena->share_to = later(arena->share_to, *place);
    if (*place != SIZE_MAX) /* an overflow stays one */
        *place = arena->share_from;
}

void rf_arena_share_end(rf_arena *arena)
{
    size_t *place = arena_place(arena);
    *place = later(arena->share_to, *place);
}

#endif

size_t rf_arena_bytes(const rf_arena *arena)
{
    return arena->planned;
}

void rf_arena_free(rf_arena *arena)
{
    if (arena == NULL)
        return;
#ifdef RF_DEBUG
    for (size_t i = 0; i < arena->n_taken; i++)
        free(arena->slices[i]);
    count_bytes(-arena->counted);
    rf_mem_free(arena->slices);
#endif
    rf_mem_free(arena->block);
    rf_mem_free(arena);
}
