/* test_h5_map.c - large datasets where they lie in the file: the same numbers, or none where they cannot be
 * mapped.
 */
#include <fcntl.h>
#include <unistd.h>

#include "rf_check.h"
#include "rf_h5.h"

enum { MANY = (1 << 20) + 12345, FEW = 1000 };

static float value(int64_t i)
{
    return (float)(i * 2654435761 % 1000003) - 7;
}

static rf_status write_file(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    float *x = NULL;
    const int64_t few = FEW, rows[2] = {MANY / 5, 5};
    RF_NEW(x, MANY, err);
    for (int64_t i = 0; i < MANY; i++)
        x[i] = value(i);
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write(file, "/few", RF_H5_F32, 1, &few, x, err));
    RF_TRY(rf_h5_write(file, "/many", RF_H5_F32, 2, rows, x, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_mem_free(x);
    rf_h5_close(&file);
    return st;
}

/* The file at path, with threads if there are any. */
static void map(rf_h5_mapping *out, const char *path, const char *name, rf_h5_type type, int64_t n,
                int threads)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_pool *pool = NULL;
    RF_CHECK_OK(err, rf_pool_new(&pool, threads, &err));
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    rf_h5_use_threads(file, pool);
    RF_CHECK_OK(err, rf_h5_map(out, file, name, type, n, &err));
    rf_h5_close(&file);
    rf_pool_free(pool);
}

static const int64_t n_many = MANY / 5 * 5;

static void check_values(const rf_h5_mapping *mapping)
{
    const float *x = mapping->data;
    ck_assert_ptr_nonnull(x);
    ck_assert_uint_eq((uintptr_t)x % 64, 0);
    for (int64_t i = 0; i < n_many; i++)
        ck_assert_msg(x[i] == value(i), "number %lld is %g, not %g", (long long)i, (double)x[i],
                      (double)value(i));
}

START_TEST(a_large_dataset_is_mapped_and_outlives_its_file)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_h5_mapping one, two;
    RF_CHECK_OK(err, write_file(rf_tmp_path(path, "map.h5"), &err));
    map(&one, path, "/many", RF_H5_F32, n_many, 1);
    map(&two, path, "/many", RF_H5_F32, n_many, 3);
    check_values(&one);
    ((float *)one.data)[17] = 1e9F; /* a copy of the page, for this mapping alone */
    ck_assert_int_eq(unlink(path), 0);
    check_values(&two);
    rf_h5_mapping_drop(two.data, (size_t)n_many * sizeof(float) / 2);
    rf_h5_mapping_drop((char *)two.data + 100, 50); /* no whole page */
    check_values(&two);
    rf_h5_unmap(&one);
    rf_h5_unmap(&two);
    ck_assert_ptr_null(one.data);
    rf_h5_unmap(&one);
}
END_TEST

START_TEST(what_cannot_be_mapped_is_left_to_be_read)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_h5_mapping mapping;
    RF_CHECK_OK(err, write_file(rf_tmp_path(path, "unmapped.h5"), &err));
    map(&mapping, path, "/few", RF_H5_F32, FEW, 1);
    ck_assert_ptr_null(mapping.data);
    map(&mapping, path, "/many", RF_H5_F64, n_many, 1);
    ck_assert_ptr_null(mapping.data);
    map(&mapping, path, "/many", RF_H5_F32, n_many + 1, 1);
    ck_assert_ptr_null(mapping.data);
    rf_h5_trust(true); /* without hashes */
    map(&mapping, path, "/many", RF_H5_F32, n_many, 1);
    rf_h5_trust(false);
    ck_assert_ptr_null(mapping.data);
    unlink(path);
}
END_TEST

START_TEST(damaged_numbers_are_not_mapped_and_reading_says_so)
{
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_h5_mapping mapping;
    const int64_t rows[2] = {MANY / 5, 5};
    RF_CHECK_OK(err, write_file(rf_tmp_path(path, "damaged.h5"), &err));
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(pwrite(fd, "\x55\xaa\x55", 3, 3000000), 3);
    close(fd);
    map(&mapping, path, "/many", RF_H5_F32, n_many, 2);
    ck_assert_ptr_null(mapping.data);
    float *x = rf_mem_new(MANY, sizeof *x, &err);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "is damaged", rf_h5_read(file, "/many", RF_H5_F32, 2, rows, x, &err));
    rf_h5_close(&file);
    rf_mem_free(x);
    unlink(path);
}
END_TEST

RF_SUITE("h5 map", a_large_dataset_is_mapped_and_outlives_its_file, what_cannot_be_mapped_is_left_to_be_read,
         damaged_numbers_are_not_mapped_and_reading_says_so)
