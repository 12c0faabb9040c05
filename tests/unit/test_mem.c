/* test_mem.c - counted memory, its failures on request, and the arena. */
#include "rf_check.h"

START_TEST(blocks_are_counted)
{
    rf_mem_stats before = rf_mem_stats_get();
    char *a = rf_mem_new(10, 10, NULL), *b = rf_mem_zero(5, 1, NULL), *c = rf_mem_new(0, 8, NULL);
    ck_assert(a != NULL && b != NULL && c != NULL);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(b[i], 0);
    rf_mem_stats now = rf_mem_stats_get();
    ck_assert_int_eq(now.live_blocks - before.live_blocks, 3);
    ck_assert_int_eq(now.live_bytes - before.live_bytes, 105);
    ck_assert_int_eq(now.requests - before.requests, 3);
    ck_assert_int_ge(now.peak_bytes, now.live_bytes);
    ck_assert_uint_eq((uintptr_t)a % 16, 0);
    rf_mem_free(a);
    rf_mem_free(b);
    rf_mem_free(c);
    rf_mem_free(NULL);
    now = rf_mem_stats_get();
    ck_assert_int_eq(now.live_blocks, before.live_blocks);
    ck_assert_int_eq(now.live_bytes, before.live_bytes);
}
END_TEST

START_TEST(growing_keeps_the_content)
{
    unsigned char *block = rf_mem_new(100, 1, NULL);
    for (int i = 0; i < 100; i++)
        block[i] = (unsigned char)i;
    block = rf_mem_grow(block, 100000, 1, NULL);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(block[i], i);
    rf_mem_fail_after(0);
    ck_assert_ptr_null(rf_mem_grow(block, 200000, 1, NULL));
    rf_mem_fail_after(-1);
    ck_assert_uint_eq(block[99], 99);
    rf_mem_free(block);
    block = rf_mem_grow(NULL, 3, 1, NULL);
    ck_assert_ptr_nonnull(block);
    rf_mem_free(block);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused_with_a_message)
{
    rf_err err = {0};
    size_t product;
    ck_assert_ptr_null(rf_mem_new(SIZE_MAX / 2, 3, &err));
    ck_assert_int_eq(err.code, RF_E_NOMEM);
    ck_assert_ptr_nonnull(strstr(err.msg, "address"));
    ck_assert_ptr_null(rf_mem_zero(SIZE_MAX, 1, NULL));
    ck_assert_ptr_null(rf_mem_text("", SIZE_MAX, NULL));
    ck_assert(!rf_mul_size(&product, SIZE_MAX, 2) && !rf_add_size(&product, SIZE_MAX, 1));
    ck_assert(rf_mul_size(&product, 6, 7) && product == 42);
    ck_assert(rf_add_size(&product, 40, 2) && product == 42);
}
END_TEST

START_TEST(requests_fail_when_told_to)
{
    rf_err err = {0};
    rf_mem_fail_after(1);
    void *first = rf_mem_new(1, 1, &err), *second = rf_mem_new(1, 1, &err), *third = rf_mem_zero(1, 1, &err);
    rf_mem_fail_after(-1);
    ck_assert(first != NULL && second == NULL && third == NULL);
    ck_assert_int_eq(err.code, RF_E_NOMEM);
    rf_mem_free(first);
}
END_TEST

START_TEST(reserving_doubles_and_leaves_all_as_it_was_on_failure)
{
    rf_err err = {0};
    void *block = NULL;
    size_t cap = 0;
    RF_CHECK_OK(err, rf_mem_reserve(&block, &cap, 1, 4, &err));
    ck_assert_uint_eq(cap, 16);
    RF_CHECK_OK(err, rf_mem_reserve(&block, &cap, 17, 4, &err));
    ck_assert_uint_eq(cap, 32);
    void *kept = block;
    rf_mem_fail_after(0);
    ck_assert_int_eq(rf_mem_reserve(&block, &cap, 33, 4, &err), RF_E_NOMEM);
    rf_mem_fail_after(-1);
    ck_assert(block == kept && cap == 32);
    ck_assert_int_eq(rf_mem_reserve(&block, &cap, SIZE_MAX / 2, 4, NULL), RF_E_NOMEM);
    ck_assert(block == kept && cap == 32);
    rf_mem_free(block);
}
END_TEST

START_TEST(texts_are_copied_with_a_nul)
{
    char *text = rf_mem_text("abc", 2, NULL);
    ck_assert_str_eq(text, "ab");
    rf_mem_free(text);
    text = rf_mem_text(NULL, 0, NULL);
    ck_assert_str_eq(text, "");
    rf_mem_free(text);
}
END_TEST

static void walk(rf_arena *arena, void *slices[3])
{
    slices[0] = rf_arena_take(arena, 3, 1);
    slices[1] = rf_arena_take(arena, 0, 8);
    slices[2] = rf_arena_take(arena, 100, 8);
}

static rf_status plan_and_bind(rf_arena **out, void *slices[3], rf_err *err)
{
    rf_status st = RF_OK;
    rf_arena *arena = NULL;
    RF_TRY(rf_arena_new(&arena, err));
    walk(arena, slices);
    ck_assert(slices[0] == NULL && slices[2] == NULL);
    ck_assert_uint_eq(rf_arena_bytes(arena), 64 + 832);
    RF_TRY(rf_arena_reserve(arena, err));
    walk(arena, slices);
    *out = arena;
    arena = NULL;
done:
    rf_arena_free(arena);
    return st;
}

START_TEST(arena_slices_are_aligned_and_apart)
{
    rf_err err = {0};
    rf_arena *arena = NULL;
    void *slices[3];
    RF_CHECK_OK(err, plan_and_bind(&arena, slices, &err));
    for (int i = 0; i < 3; i++)
        ck_assert(slices[i] != NULL && (uintptr_t)slices[i] % 64 == 0);
    memset(slices[0], 1, 3);
    memset(slices[2], 2, 800);
    ck_assert_int_eq(*(char *)slices[0], 1);
    rf_arena_free(arena);
    rf_arena_free(NULL);
}
END_TEST

enum { FIRST, LONG, SHORT, AFTER, N_SHARED };

static void walk_shared(rf_arena *arena, char *slices[N_SHARED])
{
    slices[FIRST] = rf_arena_take(arena, 64, 1);
    rf_arena_share_begin(arena);
    slices[LONG] = rf_arena_take(arena, 128, 8);
    rf_arena_share_next(arena);
    slices[SHORT] = rf_arena_take(arena, 64, 8);
    rf_arena_share_end(arena);
    slices[AFTER] = rf_arena_take(arena, 64, 1);
}

/* Only a release build shares: what a debug build cannot see, its plan does not have. */
START_TEST(alternatives_share_their_room)
{
    rf_err err = {0};
    rf_arena *arena = NULL;
    char *slices[N_SHARED];
    RF_CHECK_OK(err, rf_arena_new(&arena, &err));
    walk_shared(arena, slices);
    size_t planned = rf_arena_bytes(arena);
    RF_CHECK_OK(err, rf_arena_reserve(arena, &err));
    walk_shared(arena, slices);
    memset(slices[FIRST], 1, 64);
    memset(slices[AFTER], 3, 64);
    memset(slices[LONG], 2, (size_t)128 * 8);
    ck_assert_int_eq(slices[FIRST][63], 1);
    ck_assert_int_eq(slices[AFTER][0], 3);
#ifdef RF_DEBUG
    ck_assert_uint_eq(planned, 64 + 1024 + 512 + 64);
    ck_assert_ptr_ne(slices[SHORT], slices[LONG]);
#else
    ck_assert_uint_eq(planned, 64 + 1024 + 64);
    ck_assert_ptr_eq(slices[SHORT], slices[LONG]);
    ck_assert_ptr_eq(slices[AFTER], slices[LONG] + 1024);
#endif
    rf_arena_free(arena);
}
END_TEST

START_TEST(a_plan_that_overflows_is_refused)
{
    rf_err err = {0};
    rf_arena *arena = NULL;
    RF_CHECK_OK(err, rf_arena_new(&arena, &err));
    rf_arena_take(arena, SIZE_MAX / 4, 8);
    rf_arena_take(arena, 1, 1);
    ck_assert_uint_eq(rf_arena_bytes(arena), SIZE_MAX);
    RF_CHECK_FAILS(err, RF_E_NOMEM, "plan", rf_arena_reserve(arena, &err));
    rf_arena_free(arena);
}
END_TEST

START_TEST(the_arena_survives_failing_allocations)
{
    rf_arena *arena = NULL;
    void *slices[3];
    RF_SWEEP(plan_and_bind(&arena, slices, sweep_err), rf_arena_free(arena));
}
END_TEST

START_TEST(peak_memory_is_known)
{
    ck_assert_int_gt(rf_mem_peak_rss(), 1 << 20);
    (void)rf_mem_peak_rss_reset(); /* refused in some containers */
}
END_TEST

START_TEST(the_first_failure_fills_the_message)
{
    rf_err err = {0};
    ck_assert_int_eq(rf_err_set(&err, RF_E_IO, "a.c", 1, "%s: %d", "first", 1), RF_E_IO);
    ck_assert_int_eq(rf_err_set(&err, RF_E_PARSE, "b.c", 2, "second"), RF_E_PARSE);
    ck_assert_str_eq(err.msg, "first: 1");
    ck_assert_int_eq(err.code, RF_E_IO);
    ck_assert_int_eq(rf_err_set(NULL, RF_E_IO, "a.c", 1, "nobody listens"), RF_E_IO);
    for (int status = -12; status <= 5; status++)
        ck_assert_uint_gt(strlen(rf_status_name((rf_status)status)), 1);
}
END_TEST

RF_SUITE("mem", blocks_are_counted, growing_keeps_the_content, sizes_that_overflow_are_refused_with_a_message,
         requests_fail_when_told_to, reserving_doubles_and_leaves_all_as_it_was_on_failure,
         texts_are_copied_with_a_nul, arena_slices_are_aligned_and_apart, alternatives_share_their_room,
         a_plan_that_overflows_is_refused, the_arena_survives_failing_allocations, peak_memory_is_known,
         the_first_failure_fills_the_message)
