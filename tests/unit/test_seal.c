/* test_seal.c - a file that is not what was written is refused, wherever it is damaged; who reads a part
 * checks a part. */
#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>

#include "h5_disk.h"
#include "rf_check.h"
#include "rf_h5.h"
#include "rf_log.h"
#include "rf_rng.h"

#define ROWS 36000 /* of 4 bytes: the file has several blocks */
#define BLOCK 65536

static const char *const ids[] = {"ann", "bob", "cleo"};

static rf_status write_whole(const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    static float x[ROWS];
    int64_t rows = ROWS, n = 3;
    for (int i = 0; i < ROWS; i++)
        x[i] = (float)i / 3;
    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_format(file, "ringfence-graph", 1, err));
    RF_TRY(rf_h5_write(file, "/first/x", RF_H5_F32, 1, &rows, x, err));
    RF_TRY(rf_h5_write_texts(file, "/u/id", ids, n, err));
    RF_TRY(rf_h5_write_attr_text(file, "/u", "note", "users", err));
    RF_TRY(rf_h5_write(file, "/last/x", RF_H5_F32, 1, &rows, x, err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

static rf_status read_x(uint64_t *sum, const char *path, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    static uint32_t x[ROWS];
    int64_t rows = ROWS;
    RF_TRY(rf_h5_open(&file, path, err));
    RF_TRY(rf_h5_read(file, name, RF_H5_F32, 1, &rows, x, err));
    for (int i = 0; i < ROWS; i++)
        *sum = rf_mix64(*sum) + x[i];
done:
    rf_h5_close(&file);
    return st;
}

/* Everything that is in the file, as one number. Optional parts are asked for first, as our readers do. */
static rf_status read_whole(uint64_t *sum, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_texts texts = {0};
    char *note = NULL;
    *sum = 0;
    RF_TRY(rf_h5_open(&file, path, err));
    RF_TRY(rf_h5_check_format(file, "ringfence-graph", 1, NULL, err));
    if (rf_h5_exists(file, "/u/id"))
        RF_TRY(rf_h5_read_texts(file, "/u/id", &texts, err));
    if (rf_h5_has_attr(file, "/u", "note"))
        RF_TRY(rf_h5_read_attr_text(file, "/u", "note", &note, err));
    for (int64_t i = 0; i < texts.n; i++)
        *sum = rf_mix64(*sum) + (uint64_t)rf_texts_get(&texts, i)[0] + strlen(rf_texts_get(&texts, i));
    *sum = rf_mix64(*sum) + (note == NULL ? 0 : strlen(note));
    rf_h5_close(&file);
    RF_TRY(read_x(sum, path, "/first/x", err));
    RF_TRY(read_x(sum, path, "/last/x", err));
done:
    rf_mem_free(note);
    rf_texts_clear(&texts);
    rf_h5_close(&file);
    return st;
}

typedef struct sample {
    char path[RF_TEST_PATH], damaged[RF_TEST_PATH];
    char *bytes;
    size_t len;
    uint64_t sum;
} sample;

static sample make_sample(void)
{
    sample s = {0};
    rf_err err = {0};
    RF_CHECK_OK(err, write_whole(rf_tmp_path(s.path, "whole.h5"), &err));
    RF_CHECK_OK(err, read_whole(&s.sum, s.path, &err));
    rf_tmp_path(s.damaged, "damaged.h5");
    s.bytes = rf_slurp(s.path, &s.len);
    ck_assert_uint_gt(s.len, 4 * BLOCK);
    return s;
}

/* The damaged file is refused with a line that names it, or it reads as the whole one. True: refused. */
static bool is_refused(const sample *s)
{
    uint64_t sum = 0;
    rf_err err = {0};
    rf_status st = read_whole(&sum, s->damaged, &err);
    if (st >= 0) {
        ck_assert_uint_eq(sum, s->sum);
        return false;
    }
    ck_assert_int_eq(st, RF_E_FORMAT);
    ck_assert_msg(strncmp(err.msg, s->damaged, strlen(s->damaged)) == 0, "%s", err.msg);
    ck_assert_msg(strstr(err.msg, "damaged") != NULL || strstr(err.msg, "is not an HDF5 file") != NULL, "%s",
                  err.msg);
    ck_assert_ptr_null(strchr(err.msg, '\n'));
    return true;
}

static bool bytes_are_refused(const sample *s, const char *bytes, size_t len)
{
    rf_spill(s->damaged, bytes, len);
    return is_refused(s);
}

static void patch(const char *path, const char *bytes, size_t at, size_t n)
{
    int fd = open(path, O_WRONLY);
    ck_assert(fd >= 0 && pwrite(fd, bytes, n, (off_t)at) == (ssize_t)n);
    close(fd);
}

START_TEST(every_sector_of_zeros_is_noticed)
{
    sample s = make_sample();
    static const char zeros[512];
    rf_spill(s.damaged, s.bytes, s.len);
    for (size_t at = 0, step = rf_short() ? 16384 : 512; at < s.len; at += step) {
        size_t n = s.len - at < 512 ? s.len - at : 512;
        bool same = memcmp(s.bytes + at, zeros, n) == 0;
        patch(s.damaged, zeros, at, n);
        ck_assert_msg(is_refused(&s) != same, "sector at %zu of %zu", at, s.len);
        patch(s.damaged, s.bytes + at, at, n);
    }
    free(s.bytes);
}
END_TEST

START_TEST(every_flipped_bit_is_noticed)
{
    sample s = make_sample();
    rf_rng rng;
    rf_rng_init(&rng, 5, 5);
    rf_spill(s.damaged, s.bytes, s.len);
    for (size_t i = 0; i < 1000; i += rf_short() ? 50 : 1) { /* start and seal closely, the rest by chance */
        size_t at = i < 200 ? i : i < 400 ? s.len - 1 - (i - 200) : rf_rng_below(&rng, (uint32_t)s.len);
        char flipped = (char)(s.bytes[at] ^ (1 << rf_rng_below(&rng, 8)));
        patch(s.damaged, &flipped, at, 1);
        ck_assert_msg(is_refused(&s), "byte %zu of %zu", at, s.len);
        patch(s.damaged, s.bytes + at, at, 1);
    }
    free(s.bytes);
}
END_TEST

START_TEST(other_lengths_are_noticed)
{
    sample s = make_sample();
    uint64_t content; /* as HDF5's superblock says it */
    memcpy(&content, s.bytes + 28, sizeof content);
    char *longer = calloc(s.len + 4096, 1);
    memcpy(longer, s.bytes, s.len);
    for (size_t more = 1; more <= 4096; more *= 2)
        ck_assert(bytes_are_refused(&s, longer, s.len + more));
    rf_spill(s.damaged, s.bytes, s.len);
    for (size_t len = s.len - 1; len > content - 200;
         len--) { /* the content alone is whole, without a seal */
        ck_assert_int_eq(truncate(s.damaged, (off_t)len), 0);
        ck_assert_msg(is_refused(&s) == (len != content), "%zu bytes of %zu", len, s.len);
    }
    free(longer);
    free(s.bytes);
}
END_TEST

START_TEST(blocks_in_each_others_places_are_noticed)
{
    sample s = make_sample();
    char block[BLOCK];
    memcpy(block, s.bytes + BLOCK, BLOCK);
    memcpy(s.bytes + BLOCK, s.bytes + 2 * (size_t)BLOCK, BLOCK);
    memcpy(s.bytes + 2 * (size_t)BLOCK, block, BLOCK);
    ck_assert(bytes_are_refused(&s, s.bytes, s.len));
    free(s.bytes);
}
END_TEST

START_TEST(what_is_not_read_is_not_checked)
{
    sample s = make_sample();
    uint64_t sum = 0;
    rf_err err = {0};
    s.bytes[BLOCK] ^= 1; /* inside /first/x */
    rf_spill(s.damaged, s.bytes, s.len);
    RF_CHECK_OK(err, read_x(&sum, s.damaged, "/last/x", &err));
    RF_CHECK_FAILS(err, RF_E_FORMAT, "is damaged: its bytes from 65536 on",
                   read_x(&sum, s.damaged, "/first/x", &err));
    free(s.bytes);
}
END_TEST

START_TEST(a_second_damaged_block_does_not_hide_the_first)
{
    sample s = make_sample();
    rf_err err = {0};
    static unsigned char block[RF_SEAL_BLOCK], bytes[2 * RF_SEAL_BLOCK];
    s.bytes[BLOCK] ^= 1;
    s.bytes[3 * (size_t)BLOCK] ^= 1;
    rf_spill(s.damaged, s.bytes, s.len);
    rf_h5_disk disk = {.fd = open(s.damaged, O_RDONLY), .held = UINT64_MAX};
    RF_CHECK_OK(err, rf_seal_load(&disk.seal, &disk, s.damaged, &err));
    disk.size = disk.seal->size;
    disk.block = block;
    ck_assert_int_eq(rf_h5_disk_read(&disk, 0, sizeof bytes, bytes), -1);
    ck_assert_int_eq(rf_h5_disk_read(&disk, 3 * (uint64_t)BLOCK + 7, 1, bytes), -1);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "its bytes from 65536 on", rf_h5_disk_status(&disk, s.damaged, &err));
    rf_seal_free(disk.seal);
    close(disk.fd);
    free(s.bytes);
}
END_TEST

START_TEST(a_damaged_file_is_never_copied)
{
    sample s = make_sample();
    rf_err err = {0};
    rf_h5 *file = NULL;
    s.bytes[2 * (size_t)BLOCK] ^= 1;
    rf_spill(s.damaged, s.bytes, s.len);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "is damaged", rf_h5_update_beside(&file, s.damaged, &err));
    ck_assert_ptr_null(file);
    free(s.bytes);
}
END_TEST

START_TEST(an_update_has_a_seal_of_its_own)
{
    sample s = make_sample();
    rf_err err = {0};
    rf_h5 *file = NULL;
    size_t len = 0;
    RF_CHECK_OK(err, rf_h5_update_beside(&file, s.path, &err));
    RF_CHECK_OK(err, rf_h5_write_attr_double(file, "/u", "rate", 0.5, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
    char *bytes = rf_slurp(s.path, &len);
    ck_assert(!bytes_are_refused(&s, bytes, len));
    bytes[len / 2] ^= 1;
    ck_assert(bytes_are_refused(&s, bytes, len));
    free(bytes);
    free(s.bytes);
}
END_TEST

/* A program that knows nothing of seals: it reads the file, and what it changes has none afterwards. */
START_TEST(other_programs_cut_it_off)
{
    sample s = make_sample();
    float x[ROWS];
    uint64_t sum = 0;
    rf_err err = {0};
    size_t len = 0;
    hid_t file = H5Fopen(s.path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t set = H5Dopen2(file, "/first/x", H5P_DEFAULT);
    ck_assert(H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
    x[7] = 1;
    ck_assert(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
    H5Dclose(set);
    ck_assert(H5Fclose(file) >= 0);
    RF_CHECK_OK(err, read_whole(&sum, s.path, &err));
    ck_assert(sum != s.sum);
    free(rf_slurp(s.path, &len));
    ck_assert_uint_lt(len, s.len);
    free(s.bytes);
}
END_TEST

START_TEST(sealing_and_checking_survive_failing_allocations)
{
    sample s = make_sample();
    uint64_t sum;
    rf_err err = {0};
    RF_SWEEP(read_whole(&sum, s.path, sweep_err), );
    s.bytes[s.len / 2] ^= 1;
    rf_spill(s.damaged, s.bytes, s.len);
    int64_t live = rf_mem_stats_get().live_blocks;
    RF_CHECK_FAILS(err, RF_E_FORMAT, "is damaged", read_whole(&sum, s.damaged, &err));
    ck_assert_int_eq(rf_mem_stats_get().live_blocks, live);
    free(s.bytes);
}
END_TEST

/* ---- several threads ---- */

enum { MANY = 5000000 }; /* values of 4 bytes: more than one thread reads at once */

static rf_status read_many(float *x, const char *path, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    const int64_t rows = MANY;
    RF_TRY(rf_h5_open(&file, path, err));
    rf_h5_use_threads(file, pool);
    RF_TRY(rf_h5_read(file, "/many/x", RF_H5_F32, 1, &rows, x, err));
done:
    rf_h5_close(&file);
    return st;
}

static void write_many(const char *path, const float *x)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    const int64_t rows = MANY;
    RF_CHECK_OK(err, rf_h5_create_beside(&file, path, &err));
    RF_CHECK_OK(err, rf_h5_write(file, "/many/x", RF_H5_F32, 1, &rows, x, &err));
    RF_CHECK_OK(err, rf_h5_commit(file, &err));
    rf_h5_close(&file);
}

static void flip(const char *path, off_t at)
{
    unsigned char byte;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10U;
    ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

START_TEST(threads_read_and_check_as_one_does)
{
    rf_err err = {0}, alone = {0};
    char path[RF_TEST_PATH];
    rf_pool *pool = NULL;
    float *x = malloc(MANY * sizeof *x), *got = calloc(MANY, sizeof *got);
    for (int64_t i = 0; i < MANY; i++)
        x[i] = (float)i * 3;
    write_many(rf_tmp_path(path, "many.h5"), x);
    RF_CHECK_OK(err, rf_pool_new(&pool, 3, &err));
    RF_CHECK_OK(err, read_many(got, path, pool, &err));
    ck_assert(memcmp(got, x, MANY * sizeof *x) == 0);
    flip(path, 17000001); /* the later one is read first, maybe, but the earlier one is named */
    flip(path, 9000001);
    ck_assert_int_eq(read_many(got, path, NULL, &alone), RF_E_FORMAT);
    ck_assert_int_eq(read_many(got, path, pool, &err), RF_E_FORMAT);
    ck_assert_str_eq(err.msg, alone.msg);
    ck_assert_ptr_nonnull(strstr(err.msg, "its bytes from 8978432 on"));
    rf_pool_free(pool);
    free(x), free(got);
}
END_TEST

RF_SUITE("seal", every_sector_of_zeros_is_noticed, every_flipped_bit_is_noticed, other_lengths_are_noticed,
         blocks_in_each_others_places_are_noticed, what_is_not_read_is_not_checked,
         a_second_damaged_block_does_not_hide_the_first, a_damaged_file_is_never_copied,
         an_update_has_a_seal_of_its_own, other_programs_cut_it_off,
         sealing_and_checking_survive_failing_allocations, threads_read_and_check_as_one_does)
