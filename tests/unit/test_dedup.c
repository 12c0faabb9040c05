/* test_dedup.c - the table of event ids against a plain list, while it grows, forgets and is sorted. */
#include "dedup_int.h"
#include "rf_check.h"
#include "rf_rng.h"

#define IDS 20000
#define OLD 10 /* slots before it are forgotten */

typedef struct known {
    rf_dedup_entry entry;
    bool in;
} known;

/* Hashes as a hostile sender of few places would make them: `narrow` bits of the place vary. Places at both
 * ends run over the end of the table, or wait when it grows. */
static rf_dedup_entry make_entry(rf_rng *rng, int i, int narrow)
{
    const uint32_t drawn = (uint32_t)rf_rng_u64(rng);
    uint32_t first = drawn;
    if (narrow > 0) /* near the first and the last place of any table */
        first = drawn % 2 == 0 ? drawn >> (32 - narrow) : UINT32_MAX - (drawn >> (32 - narrow));
    return (rf_dedup_entry){.hash = {first, drawn ^ 0x5a5a, (uint32_t)i}, .slot = 5 + (uint32_t)i % 20};
}

static int by_hash(const void *a, const void *b)
{
    const rf_dedup_entry *x = &((const known *)a)->entry, *y = &((const known *)b)->entry;
    for (int i = 0; i < 3; i++) {
        if (x->hash[i] != y->hash[i])
            return x->hash[i] < y->hash[i] ? -1 : 1;
    }
    return 0;
}

static void check_found(const rf_dedup *dedup, const known *all, int n)
{
    for (int i = 0; i < n; i++) {
        const rf_dedup_entry *found = rf_dedup_find(dedup, &all[i].entry);
        ck_assert_msg(found != NULL && found->slot == all[i].entry.slot, "entry %d of %d", i, n);
    }
}

static void check_growing(uint64_t seed, int narrow, int n)
{
    static known all[IDS];
    rf_err err = {0};
    rf_rng rng;
    rf_dedup dedup = {0};
    int bits = 0;
    rf_rng_init(&rng, seed, 0);
    for (int i = 0; i < n; i++) {
        all[i].entry = make_entry(&rng, i, narrow);
        RF_CHECK_OK(err, rf_dedup_add(&dedup, &all[i].entry, 0, &err));
        ck_assert_int_eq(rf_dedup_add(&dedup, &all[i].entry, 0, &err), RF_SKIPPED);
        if (dedup.bits != bits) {
            check_found(&dedup, all, i + 1);
            bits = dedup.bits;
        }
    }
    ck_assert_uint_eq(dedup.n, n);
    check_found(&dedup, all, n);
    rf_dedup_sort(&dedup, 0);
    qsort(all, (size_t)n, sizeof *all, by_hash);
    ck_assert_uint_eq(dedup.n, n);
    for (int i = 0; i < n; i++)
        ck_assert_mem_eq(&dedup.entries[i], &all[i].entry, sizeof all[i].entry);
    rf_dedup_clear(&dedup);
}

START_TEST(a_growing_table_loses_nothing)
{
    for (uint64_t seed = 0; seed < 4; seed++)
        check_growing(seed, 0, rf_short() ? 5000 : IDS);
}
END_TEST

START_TEST(places_at_the_ends_lose_nothing)
{
    for (int narrow = 6; narrow < 32; narrow += 5)
        check_growing((uint64_t)narrow, narrow, 3000);
}
END_TEST

/* Old entries go when the table would grow; what is young stays. */
START_TEST(a_table_that_forgets_keeps_the_young)
{
    static known all[IDS];
    rf_err err = {0};
    rf_rng rng;
    rf_dedup dedup = {0};
    rf_rng_init(&rng, 77, 0);
    for (int i = 0; i < IDS; i++) {
        all[i].entry = make_entry(&rng, i, 0);
        RF_CHECK_OK(err, rf_dedup_add(&dedup, &all[i].entry, OLD, &err));
    }
    for (int i = 0; i < IDS; i++) {
        const rf_dedup_entry *found = rf_dedup_find(&dedup, &all[i].entry);
        if (all[i].entry.slot >= OLD)
            ck_assert(found != NULL && found->slot == all[i].entry.slot);
    }
    rf_dedup_sort(&dedup, OLD);
    size_t young = 0;
    for (int i = 0; i < IDS; i++)
        young += all[i].entry.slot >= OLD;
    ck_assert_uint_eq(dedup.n, young);
    rf_dedup_clear(&dedup);
}
END_TEST

/* Memory that is refused while the table grows leaves it as it was: a state that is saved then is whole. */
START_TEST(a_refused_growth_loses_nothing)
{
    static known all[IDS];
    rf_rng rng;
    rf_dedup dedup = {0};
    rf_err err = {0};
    int n = 0;
    rf_rng_init(&rng, 3, 0);
    for (int refused = 0; refused < 6;) {
        all[n].entry = make_entry(&rng, n, 0);
        rf_mem_fail_after(refused % 2);
        const rf_status st = rf_dedup_add(&dedup, &all[n].entry, 0, &err);
        rf_mem_fail_after(-1);
        if (st == RF_E_NOMEM) {
            refused++;
            check_found(&dedup, all, n);
            RF_CHECK_OK(err, rf_dedup_add(&dedup, &all[n].entry, 0, &err));
        }
        n++;
    }
    check_found(&dedup, all, n);
    rf_dedup_clear(&dedup);
}
END_TEST

RF_SUITE("dedup", a_growing_table_loses_nothing, places_at_the_ends_lose_nothing,
         a_table_that_forgets_keeps_the_young, a_refused_growth_loses_nothing)
