/* test_idmap.c - interned strings against the plain list of them. */
#include "rf_check.h"
#include "rf_idmap.h"
#include "rf_rng.h"

#define MANY 20000

/* The i-th of MANY different strings: short, long, with bytes of every kind. */
static size_t make_text(char out[64], uint32_t i)
{
    rf_rng rng;
    rf_rng_init(&rng, 99, i);
    size_t len = rf_rng_below(&rng, 40);
    for (size_t k = 0; k < len; k++)
        out[k] = (char)rf_rng_u64(&rng);
    memcpy(out + len, &i, sizeof i);
    return len + sizeof i;
}

static rf_status fill(rf_idmap **out, uint32_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *map = NULL;
    RF_TRY(rf_idmap_new(&map, err));
    for (uint32_t i = 0; i < n; i++) {
        char text[64];
        size_t len = make_text(text, i);
        uint32_t id;
        int is_new;
        RF_TRY(rf_idmap_intern(map, text, len, &id, &is_new, err));
        RF_HOLDS(id == i && is_new == 1);
    }
    *out = map;
    map = NULL;
done:
    rf_idmap_free(map);
    return st;
}

START_TEST(each_string_keeps_its_number)
{
    rf_err err = {0};
    rf_idmap *map = NULL;
    char text[64];
    RF_CHECK_OK(err, fill(&map, MANY, &err));
    ck_assert_uint_eq(rf_idmap_count(map), MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        size_t len = make_text(text, i), found;
        uint32_t id;
        int is_new;
        RF_HOLDS(rf_idmap_find(map, text, len) == i);
        RF_CHECK_OK(err, rf_idmap_intern(map, text, len, &id, &is_new, &err));
        RF_HOLDS(id == i && is_new == 0);
        const char *kept = rf_idmap_text(map, i, &found);
        RF_HOLDS(found == len && memcmp(kept, text, len) == 0 && kept[len] == '\0');
        rf_idmap_prefetch(map, rf_idmap_hash(text, len));
    }
    size_t len = make_text(text, MANY);
    ck_assert_uint_eq(rf_idmap_find(map, text, len), RF_NO_ID);
    rf_idmap_free(map);
    rf_idmap_free(NULL);
}
END_TEST

START_TEST(texts_stay_where_they_are_while_the_map_grows)
{
    rf_err err = {0};
    rf_idmap *map = NULL;
    uint32_t id;
    RF_CHECK_OK(err, rf_idmap_new(&map, &err));
    RF_CHECK_OK(err, rf_idmap_intern(map, "first", 5, &id, NULL, &err));
    const char *first = rf_idmap_text(map, id, NULL);
    for (uint32_t i = 0; i < MANY; i++)
        RF_HOLDS(rf_idmap_intern(map, (const char *)&i, sizeof i, &id, NULL, &err) == RF_OK);
    ck_assert_ptr_eq(rf_idmap_text(map, 0, NULL), first);
    ck_assert_str_eq(first, "first");
    rf_idmap_free(map);
}
END_TEST

START_TEST(empty_and_long_strings_are_strings)
{
    rf_err err = {0};
    rf_idmap *map = NULL;
    uint32_t a, b, c;
    char *longest = malloc(3 << 20);
    memset(longest, 'x', 3 << 20);
    RF_CHECK_OK(err, rf_idmap_new(&map, &err));
    RF_CHECK_OK(err, rf_idmap_intern(map, "", 0, &a, NULL, &err));
    RF_CHECK_OK(err, rf_idmap_intern(map, longest, 3 << 20, &b, NULL, &err));
    RF_CHECK_OK(err, rf_idmap_intern(map, "\0", 1, &c, NULL, &err));
    ck_assert(a == 0 && b == 1 && c == 2);
    ck_assert_uint_eq(rf_idmap_find(map, "", 0), 0);
    ck_assert_uint_eq(rf_idmap_find(map, longest, 3 << 20), 1);
    ck_assert_uint_eq(rf_idmap_find(map, longest, (3 << 20) - 1), RF_NO_ID);
    rf_idmap_free(map);
    free(longest);
}
END_TEST

/* Those are told apart by their bytes and their length alone: of three bytes all texts of up to eight. */
START_TEST(short_strings_are_told_apart)
{
    enum { MOST = 8, ALL = (19683 - 1) / 2 };
    static const char bytes[] = {'\0', 'a', '\x80'};
    rf_err err = {0};
    rf_idmap *map = NULL;
    uint32_t id;
    RF_CHECK_OK(err, rf_idmap_new(&map, &err));
    for (int round = 0; round < 2; round++) {
        uint32_t number = 0;
        for (size_t len = 0, texts = 1; len <= MOST; len++, texts *= 3) {
            for (size_t text = 0; text < texts; text++, number++) {
                char part[MOST];
                for (size_t i = 0, rest = text; i < len; i++, rest /= 3)
                    part[i] = bytes[rest % 3];
                RF_HOLDS(rf_idmap_find(map, part, len) == (round == 0 ? RF_NO_ID : number));
                RF_HOLDS(rf_idmap_intern(map, part, len, &id, NULL, &err) == RF_OK && id == number);
            }
        }
        ck_assert_uint_eq(number, ALL);
        ck_assert_uint_eq(rf_idmap_count(map), ALL);
    }
    rf_idmap_free(map);
}
END_TEST

START_TEST(sorting_goes_by_bytes_and_length)
{
    rf_err err = {0};
    rf_idmap *map = NULL;
    uint32_t *order = malloc((MANY + 4) * sizeof *order), id;
    const char *const near[] = {"same prefix", "same prefix!", "same pre", "same prefix\0"};
    RF_CHECK_OK(err, fill(&map, MANY, &err));
    for (size_t i = 0; i < 4; i++)
        RF_CHECK_OK(err, rf_idmap_intern(map, near[i], i == 3 ? 12 : strlen(near[i]), &id, NULL, &err));
    RF_CHECK_OK(err, rf_idmap_sort(map, order, &err));
    bool *seen = calloc(MANY + 4, sizeof *seen);
    for (uint32_t i = 0; i < MANY + 4; i++) {
        RF_HOLDS(order[i] < MANY + 4 && !seen[order[i]]);
        seen[order[i]] = true;
        if (i == 0)
            continue;
        size_t len_a, len_b;
        const char *a = rf_idmap_text(map, order[i - 1], &len_a), *b = rf_idmap_text(map, order[i], &len_b);
        int sign = memcmp(a, b, len_a < len_b ? len_a : len_b);
        RF_HOLDS(sign < 0 || (sign == 0 && len_a < len_b));
    }
    rf_idmap_free(map);
    free(seen);
    free(order);
}
END_TEST

static rf_status fill_and_sort(rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *map = NULL;
    uint32_t order[3000];
    RF_TRY(fill(&map, 3000, err));
    RF_TRY(rf_idmap_sort(map, order, err));
done:
    rf_idmap_free(map);
    return st;
}

START_TEST(maps_survive_failing_allocations)
{
    RF_SWEEP(fill_and_sort(sweep_err), );
}
END_TEST

START_TEST(a_failed_intern_leaves_the_map_usable)
{
    rf_err err = {0};
    rf_idmap *map = NULL;
    uint32_t id, fails = 0;
    RF_CHECK_OK(err, rf_idmap_new(&map, &err));
    for (uint32_t i = 0; i < 5000; i++) {
        char text[64];
        size_t len = make_text(text, i);
        rf_mem_fail_after(0);
        if (rf_idmap_intern(map, text, len, &id, NULL, NULL) < 0) {
            fails++;
            rf_mem_fail_after(-1);
            ck_assert_uint_eq(rf_idmap_find(map, text, len), RF_NO_ID);
            RF_CHECK_OK(err, rf_idmap_intern(map, text, len, &id, NULL, &err));
        }
        rf_mem_fail_after(-1);
        RF_HOLDS(id == i);
    }
    ck_assert_uint_gt(fails, 5);
    rf_idmap_free(map);
}
END_TEST

RF_SUITE("idmap", each_string_keeps_its_number, texts_stay_where_they_are_while_the_map_grows,
         empty_and_long_strings_are_strings, short_strings_are_told_apart, sorting_goes_by_bytes_and_length,
         maps_survive_failing_allocations, a_failed_intern_leaves_the_map_usable)
